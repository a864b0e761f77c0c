#include "stopped_count.hpp"

#include <algorithm>
#include <cmath>

#include "../within_places.hpp"
#include "cotejo/base/text.hpp"
#include "rolling_origin.hpp"

namespace cotejo {

namespace {

using Interval = ProjectionResult::Interval;

constexpr std::size_t least_at_origin = 30;  // early units

UnitVotes votes_of_snapshot(const LateCount& late) {
  return {&late.snapshot_leader, &late.snapshot_runner_up, &late.snapshot_valid};
}

// Early units in their order of arrival; those without one are left out.
std::vector<std::uint32_t> early_in_order(const LateCount& late) {
  std::vector<std::uint32_t> out;
  for (const auto u : arrival_order(late).units)
    if (!late.late[u] && std::isfinite(late.to[u])) out.push_back(u);
  return out;
}

// How many early units there are at each origin: the instants asked for, or 1/6 to 5/6 of the early units.
Result<std::vector<std::size_t>> origins_of(const LateCount& late, const std::vector<std::uint32_t>& order,
                                            const std::string& asked) {
  std::vector<std::size_t> out;
  if (asked.empty())
    for (std::size_t j = 1; j <= 5; ++j) out.push_back(order.size() * j / 6);
  std::string_view rest = asked;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    COTEJO_TRY(at, arrival_point(*late.arrival, "origins", std::string(trimmed(rest.substr(0, comma)))));
    out.push_back(static_cast<std::size_t>(std::count_if(
        order.begin(), order.end(), [&](std::uint32_t u) { return (late.from[u] + late.to[u]) / 2 <= at; })));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  std::erase_if(out, [&](std::size_t units) { return units < least_at_origin || units >= order.size(); });
  return out;
}

// The model's own interval at an origin: what the first version printed.
Result<Interval> model_at_origin(const LateCount& late, const PlaceTree& tree, const std::vector<std::uint32_t>& order,
                                 std::size_t units, const ProjectionRequest& request, const Context& context) {
  std::vector<char> known(late.units(), 0);
  const std::vector<std::uint32_t> asked(order.begin() + static_cast<std::ptrdiff_t>(units), order.end());
  ProjectionResult::Totals sums;
  for (std::size_t i = 0; i < units; ++i) {
    known[order[i]] = 1;
    sums.leader += static_cast<double>(late.snapshot_leader[order[i]]);
    sums.runner_up += static_cast<double>(late.snapshot_runner_up[order[i]]);
    sums.valid += static_cast<double>(late.snapshot_valid[order[i]]);
  }
  const LeadAndValid responses(late, tree, known);
  COTEJO_TRY(lead, fit_nested(tree.places, responses.lead.data()));
  COTEJO_TRY(valid, fit_nested(tree.places, responses.valid.data()));
  const MarginDrawer drawer(late, tree, responses, lead, valid, {asked});
  std::vector<double> margins;
  MarginDrawer::Drawn drawn;
  Stream stream(context.seed, Purpose::posterior_draw, (std::uint64_t{1} << 40) + units);
  for (std::int64_t i = 0; i < request.draws; ++i) {
    drawer.draw(stream, drawn);
    margins.push_back(100 * (sums.leader - sums.runner_up + drawn.lead[0]) / (sums.valid + drawn.valid[0]));
  }
  return Interval{quantile(margins, 0.025), quantile(margins, 0.975)};
}

double margin_of_units(const LateCount& late, const std::vector<std::uint32_t>& units) {
  double lead = 0, valid = 0;
  for (const auto u : units) {
    lead += lead_of(late, u);
    valid += valid_of(late, u);
  }
  return 100 * lead / valid;
}

}  // namespace

std::int64_t ProjectionResult::Stops::held() const {
  return std::count_if(stops.begin(), stops.end(), [&](const Stop& s) { return s.drift && s.drift->holds(at_cut); });
}

std::int64_t ProjectionResult::Stops::model_tried() const {
  return std::count_if(stops.begin(), stops.end(), [](const Stop& s) { return s.model.has_value(); });
}

std::int64_t ProjectionResult::Stops::model_held() const {
  return std::count_if(stops.begin(), stops.end(), [&](const Stop& s) { return s.model && s.model->holds(at_cut); });
}

bool ProjectionResult::Stops::supported() const {
  return stops.size() >= 5 && 5 * held() >= 4 * static_cast<std::int64_t>(stops.size());
}

bool ProjectionResult::Stops::model_supported() const {
  return model_tried() >= 5 && 5 * model_held() >= 4 * model_tried();
}

Result<ProjectionResult::Stops> stop_count(const LateCount& late, const PlaceTree& tree,
                                           const ProjectionRequest& request, const Context& context) {
  const auto order = early_in_order(late);
  COTEJO_TRY(origins, origins_of(late, order, request.origins));
  ProjectionResult::Stops out{.stops = std::vector<ProjectionResult::Stop>(origins.size()),
                              .at_cut = margin_of_units(late, order)};
  if (!parallel_for(context, origins.size(), "stopping the count at earlier instants", [&](std::size_t i) {
        if (auto fitted = model_at_origin(late, tree, order, origins[i], request, context))
          out.stops[i].model = *fitted;
      }))
    return cancelled_error();
  for (std::size_t i = 0; i < origins.size(); ++i) {
    const Origin origin = at_origin(late, votes_of_snapshot(late), order, origins[i], out.at_cut);
    auto& stop = out.stops[i];
    stop.arrival = origin.arrival;
    stop.units = static_cast<std::int64_t>(origin.units);
    stop.projected = origin.projected;
    stop.with_drift = origin.centre;
    if (origin.has_interval) stop.drift = Interval{origin.low, origin.high};
  }
  return out;
}

std::optional<ProjectionResult::Drift> drift_of_the_count(const LateCount& late) {
  const auto order = early_in_order(late);
  const auto drift = drift_of(late, votes_of_snapshot(late), order, order.size());
  if (!drift) return std::nullopt;
  std::vector<char> marks(late.units(), 2);
  for (std::size_t u = 0; u < late.units(); ++u)
    if (!late.late[u]) marks[u] = 1;
  const RateSums sums = rate_projection(late, votes_of_snapshot(late), marks);
  const double low = drift->mean - drift->half_width, high = drift->mean + drift->half_width;
  return ProjectionResult::Drift{.points = drift->mean,
                                 .points_interval = {low, high},
                                 .margin = sums.margin_with(drift->mean),
                                 .margin_interval = {sums.margin_with(low), sums.margin_with(high)}};
}

}  // namespace cotejo
