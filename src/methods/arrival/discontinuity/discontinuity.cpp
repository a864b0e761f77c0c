#include "cotejo/methods/arrival/discontinuity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "../linked_margin.hpp"
#include "cotejo/stats/local_linear.hpp"

namespace cotejo {

namespace {

using Estimated = DiscontinuityResult::Estimated;
using Placebos = DiscontinuityResult::Placebos;
using ByBandwidth = DiscontinuityResult::ByBandwidth;
using PlaceboJump = DiscontinuityResult::PlaceboJump;

constexpr double normal_975 = 1.959963984540054;
constexpr double most_rejected = 0.075;   // of placebo cuts at 5 %, for an asymptotic interval to be printed
constexpr std::size_t least_units = 100;  // with an arrival, on each side of the cut

// One outcome along the order of arrival.
struct Series {
  std::vector<double> x, y;
  std::vector<std::uint32_t> cluster;

  JumpData data() const { return {.x = x, .y = y, .clusters = cluster}; }
  // How far the order reaches on the shorter side of the cut.
  double support(double cut) const { return std::min(cut - x.front(), x.back() - cut); }
};

Result<Estimated> jump_with(const Series& s, double cut, double bandwidth) {
  COTEJO_TRY(jump, jump_at(s.data(), cut, bandwidth));
  return Estimated{jump.jump, jump.error, jump.bandwidth, static_cast<std::int64_t>(jump.left),
                   static_cast<std::int64_t>(jump.right)};
}

Result<Estimated> jump_of(const Series& s, double cut) {
  COTEJO_TRY(bandwidth, ik_bandwidth(s.data(), cut));
  return jump_with(s, cut, std::min(bandwidth, s.support(cut)));
}

// Units with an arrival and a valid vote, in their order; x: percent of units before, batches in the middle of
// themselves.
struct Positions {
  std::vector<std::size_t> units;
  std::vector<double> x;
  std::size_t before_cut = 0;
  // The point of x between what arrived up to the cut and what came after.
  double cut() const { return 100 * static_cast<double>(before_cut) / static_cast<double>(units.size()); }
};

Positions positions_of(const LateCount& late) {
  Positions out;
  for (std::size_t u = 0; u < late.units(); ++u)
    if (std::isfinite(late.to[u]) && late.valid[u] > 0) out.units.push_back(u);
  const auto at = [&](std::size_t u) { return (late.from[u] + late.to[u]) / 2; };
  std::stable_sort(out.units.begin(), out.units.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
  const std::size_t n = out.units.size();
  out.x.resize(n);
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && at(out.units[j]) == at(out.units[i])) ++j;
    for (std::size_t k = i; k < j; ++k) out.x[k] = 100 * static_cast<double>(i + j) / 2 / static_cast<double>(n);
    if (at(out.units[i]) <= late.cut) out.before_cut = j;
    i = j;
  }
  return out;
}

// `value` of each unit along the order; units without one (NaN) are left out. A unit without a place is a cluster of its
// own.
template <class Value>
Series series_of(const LateCount& late, const Positions& positions, const Value& value) {
  Series out;
  for (std::size_t i = 0; i < positions.units.size(); ++i) {
    const std::size_t unit = positions.units[i];
    const double y = value(unit);
    if (std::isnan(y)) continue;
    out.x.push_back(positions.x[i]);
    out.y.push_back(y);
    if (late.place.empty()) continue;
    const auto place = late.place.back()[unit];
    out.cluster.push_back(place == no_place ? static_cast<std::uint32_t>(late.count->hierarchy.places().size() + unit)
                                            : place);
  }
  return out;
}

// Placebo cuts evenly over 5 to 95 % of the order, but for those nearer to the cut than its bandwidth.
Result<std::vector<PlaceboJump>> jumps_at_placebos(const Series& s, double cut, double bandwidth, std::int64_t cuts,
                                                   const Context& context) {
  std::vector<std::optional<PlaceboJump>> tried(static_cast<std::size_t>(cuts));
  if (!parallel_for(context, tried.size(), "placebo cuts", [&](std::size_t i) {
        const double at = 5 + 90 * (static_cast<double>(i) + 0.5) / static_cast<double>(tried.size());
        if (std::abs(at - cut) < bandwidth) return;
        if (const auto jump = jump_of(s, at)) tried[i] = PlaceboJump{at, jump->jump, jump->error};
      }))
    return cancelled_error();
  std::vector<PlaceboJump> out;
  for (const auto& one : tried)
    if (one) out.push_back(*one);
  return out;
}

Placebos rank_among(const std::vector<PlaceboJump>& jumps, const Estimated& at_cut) {
  Placebos out;
  std::vector<double> sizes;
  for (const auto& placebo : jumps) {
    const double z = Estimated{.jump = placebo.jump, .error = placebo.error}.z();
    ++out.cuts;
    out.as_clear += z >= at_cut.z();
    out.rejected += z > normal_975;
    sizes.push_back(std::abs(placebo.jump));
  }
  std::sort(sizes.begin(), sizes.end());
  if (!sizes.empty()) out.five_percent = sizes[static_cast<std::size_t>(0.95 * static_cast<double>(sizes.size() - 1))];
  return out;
}

// 1, 2, 3, 5, 8 % of the units where the order reaches so far, and the bandwidth used.
std::vector<double> bandwidths_to_try(double support, double used) {
  std::vector<double> out;
  for (const double h : {1., 2., 3., 5., 8.})
    if (h < support) out.push_back(h);
  out.push_back(used);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// The jump at the cut with every bandwidth, and how often the same bandwidth finds one at placebo cuts.
Result<std::vector<ByBandwidth>> over_bandwidths(const Series& s, double cut, double used, const Context& context) {
  std::vector<ByBandwidth> out;
  constexpr std::size_t placebo_cuts = 180;  // every half percent from 5 to 95
  for (const double h : bandwidths_to_try(s.support(cut), used)) {
    const auto jump = jump_with(s, cut, h);
    if (!jump) continue;
    std::vector<char> result(placebo_cuts, 0);  // 1: tried, 2: rejected
    if (!parallel_for(context, placebo_cuts, "placebo cuts by bandwidth", [&](std::size_t i) {
          const double at = 5.25 + 0.5 * static_cast<double>(i);
          if (std::abs(at - cut) < h || s.support(at) < h) return;
          if (const auto placebo = jump_with(s, at, h)) result[i] = placebo->z() > normal_975 ? 2 : 1;
        }))
      return cancelled_error();
    const auto rejected = std::count(result.begin(), result.end(), 2);
    ByBandwidth row{*jump, rejected + std::count(result.begin(), result.end(), 1), rejected};
    row.at_cut.bandwidth = h;
    out.push_back(row);
  }
  return out;
}

// Where an estimate is clear of its error on one side and another on the other, the sign is not identified.
bool have_one_sign(const std::vector<ByBandwidth>& rows) {
  bool up = false, down = false;
  for (const auto& row : rows)
    if (row.at_cut.z() > 1) (row.at_cut.jump > 0 ? up : down) = true;
  return !(up && down);
}

// What the request asks about one outcome; of the margin, what else there is to see.
Result<void> look_at(DiscontinuityResult& out, DiscontinuityResult::Outcome outcome, const Series& s,
                     const DiscontinuityRequest& request, const Context& context) {
  const double cut = out.cut_percent;
  const bool is_margin = outcome.what == JumpOutcome::margin;
  const auto at_cut = jump_of(s, cut);
  if (!at_cut) {
    outcome.problem = at_cut.error().message;
    out.outcomes.push_back(std::move(outcome));
    return {};
  }
  outcome.at_cut = *at_cut;
  COTEJO_TRY(jumps, jumps_at_placebos(s, cut, at_cut->bandwidth, request.placebos, context));
  outcome.placebos = rank_among(jumps, *at_cut);
  out.outcomes.push_back(std::move(outcome));
  if (!is_margin) return {};
  out.placebo_jumps = std::move(jumps);
  out.support = s.support(cut);
  COTEJO_TRY(from_data, ik_bandwidth(s.data(), cut));
  out.bandwidth_from_data = from_data;
  COTEJO_TRY(rows, over_bandwidths(s, cut, std::min(from_data, out.support), context));
  out.by_bandwidth = std::move(rows);
  out.one_sign = have_one_sign(out.by_bandwidth);
  return {};
}

}  // namespace

double Estimated::z() const {
  return error > 0 ? std::abs(jump) / error : 0;
}

double Placebos::rejected_share() const {
  return cuts > 0 ? static_cast<double>(rejected) / static_cast<double>(cuts) : 1;
}

bool DiscontinuityResult::errors_believed() const {
  return margin().placebos.rejected_share() <= most_rejected;
}

std::optional<double> DiscontinuityResult::p() const {
  if (!margin().at_cut || !margin().placebos.enough()) return std::nullopt;
  return margin().placebos.p_value();
}

const OptionTable<DiscontinuityRequest>& DiscontinuityRequest::table() {
  static const OptionTable<DiscontinuityRequest> options = [] {
    OptionTable<DiscontinuityRequest> t;
    add_arrival_options(t);
    add_linked_options(t);
    t.add(&DiscontinuityRequest::placebos, {.name = "placebos",
                                            .unit = "cuts",
                                            .text = "How many placebo cuts the whole order is given.",
                                            .low = 50,
                                            .high = 100000});
    t.add(&DiscontinuityRequest::level, {.name = "level",
                                         .unit = "share 0..1",
                                         .text = "The p-value at which the answer is \"yes\".",
                                         .low = 0.0001,
                                         .high = 0.5});
    return t;
  }();
  return options;
}

Result<DiscontinuityResult> compute(const Count& count, const DiscontinuityRequest& request, const Context& context) {
  DiscontinuityResult out;
  COTEJO_TRY(late, shared_late_count(count, request));
  out.late = late;
  if (!late->arrival) return needs("an arrival", "Name one with --arrival: times, an order or percentiles.");
  const Positions positions = positions_of(*late);
  const std::size_t after_cut = positions.units.size() - positions.before_cut;
  if (positions.before_cut < least_units || after_cut < least_units)
    return needs("a hundred units with an arrival on both sides of the cut",
                 fmt::format("{} arrived up to it, {} after it.", positions.before_cut, after_cut));
  out.cut_percent = positions.cut();
  const auto own = [&](std::size_t u) { return margin_of(*late, u); };
  COTEJO_CHECK(look_at(out, {}, series_of(*late, positions, own), request, context));
  COTEJO_TRY(elections, linked_margins(*late, request, context));
  out.not_comparable = std::move(elections.not_comparable);
  for (const LinkedMargin& linked : elections.linked) {
    const auto there = [&](std::size_t u) { return linked.margin[u]; };
    const auto less = [&](std::size_t u) { return own(u) - linked.margin[u]; };
    COTEJO_CHECK(look_at(out, {.what = JumpOutcome::placebo_election, .election = linked.election},
                         series_of(*late, positions, there), request, context));
    COTEJO_CHECK(look_at(out, {.what = JumpOutcome::margin_less_election, .election = linked.election},
                         series_of(*late, positions, less), request, context));
  }
  return out;
}

}  // namespace cotejo
