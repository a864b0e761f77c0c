#include "cotejo/methods/arrival/early_late.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "../split_places.hpp"
#include "../within_places.hpp"
#include "cotejo/stats/kolmogorov_smirnov.hpp"

namespace cotejo {

namespace {

using Comparison = EarlyLateResult::Comparison;
using Margins = EarlyLateResult::Margins;

constexpr std::array choices = {PrecinctChoice::all, PrecinctChoice::early_negative, PrecinctChoice::sum_negative};
constexpr std::size_t least_places = 20;  // split places, for a placebo cut to count
constexpr std::int64_t least_cuts = 39;

bool chosen(PrecinctChoice choice, const Margins& m) {
  switch (choice) {
    case PrecinctChoice::all:
      return true;
    case PrecinctChoice::early_negative:
      return m.early < 0;
    case PrecinctChoice::sum_negative:
      break;
  }
  return m.early + m.late < 0;
}

// Of every split place with valid votes on both sides.
std::vector<Margins> margins_of(const SplitPlaces& split, const std::vector<char>& marks) {
  std::vector<double> early, late;
  split.margins(marks, early, late);
  std::vector<Margins> out;
  for (std::size_t i = 0; i < early.size(); ++i)
    if (!std::isnan(early[i]) && !std::isnan(late[i])) out.push_back({early[i], late[i]});
  return out;
}

struct Distances {
  std::array<double, 3> distance{};
  std::array<std::int64_t, 3> places{};
};

Distances distances(const std::vector<Margins>& margins) {
  Distances out;
  for (std::size_t c = 0; c < choices.size(); ++c) {
    std::vector<double> early, late;
    for (const Margins& m : margins)
      if (chosen(choices[c], m)) {
        early.push_back(m.early);
        late.push_back(m.late);
      }
    out.places[c] = static_cast<std::int64_t>(early.size());
    out.distance[c] = ks_distance(std::move(early), std::move(late));
  }
  return out;
}

bool is_near(double p, std::int64_t draws) {
  return std::abs(p - EarlyLateResult::threshold) <= 2 * std::sqrt(p * (1 - p) / static_cast<double>(draws));
}

// Draws on where the p-value of the first comparison is within two Monte-Carlo errors of the threshold, up to sixteen
// times as many: `drawn` grows.
Result<void> draw_relabellings(const SplitPlaces& split, double observed, const Context& context,
                               std::vector<Distances>& drawn) {
  const std::size_t most = 16 * drawn.size();
  std::size_t done = 0;
  for (;;) {
    if (!parallel_for(context, drawn.size() - done, "permuting early and late", [&](std::size_t i) {
          Stream stream(context.seed, Purpose::permutation_test, done + i);
          drawn[done + i] = distances(margins_of(split, split.relabelled(stream)));
        }))
      return cancelled_error();
    done = drawn.size();
    const auto as_far =
        std::count_if(drawn.begin(), drawn.end(), [&](const Distances& d) { return d.distance[0] >= observed; });
    const double p = static_cast<double>(1 + as_far) / static_cast<double>(done + 1);
    if (!is_near(p, static_cast<std::int64_t>(done)) || 2 * done > most) return {};
    drawn.resize(2 * done);
  }
}

Comparison compare(std::size_t choice, const Distances& observed, const std::vector<Distances>& drawn) {
  Comparison out{
      .choice = choices[choice], .precincts = observed.places[choice], .distance = observed.distance[choice]};
  std::int64_t as_far = 0, usable = 0;
  for (const Distances& d : drawn) {
    if (std::isnan(d.distance[choice])) continue;
    ++usable;
    out.by_chance += d.distance[choice];
    as_far += d.distance[choice] >= out.distance;
  }
  out.by_chance /= static_cast<double>(std::max<std::int64_t>(usable, 1));
  out.p_value = static_cast<double>(1 + as_far) / static_cast<double>(usable + 1);
  const auto places = static_cast<std::size_t>(out.precincts);
  if (places > 0) out.p_asymptotic = ks_asymptotic_p(out.distance, places, places);
  return out;
}

double correlation_of(const std::vector<Margins>& margins) {
  double early = 0, late = 0;
  for (const Margins& m : margins) early += m.early, late += m.late;
  const auto n = static_cast<double>(margins.size());
  double early_squares = 0, late_squares = 0, products = 0;
  for (const Margins& m : margins) {
    early_squares += (m.early - early / n) * (m.early - early / n);
    late_squares += (m.late - late / n) * (m.late - late / n);
    products += (m.early - early / n) * (m.late - late / n);
  }
  return products / std::sqrt(early_squares * late_squares);
}

// The rank of the distance at the cut among placebo cuts, scaled by the number of places: sqrt(places) D.
std::optional<EarlyLateResult::Placebos> rank_among_placebos(const LateCount& late, const Comparison& observed) {
  if (late.from.empty() || late.parts) return std::nullopt;
  const ArrivalOrder order = arrival_order(late);
  LateCount moved = late;
  const double scaled = observed.distance * std::sqrt(static_cast<double>(observed.precincts));
  EarlyLateResult::Placebos out;
  for (std::size_t percent = 5; percent <= 95; ++percent) {
    moved.late = late_after(order, order.units.size() * percent / 100);
    const SplitPlaces split(moved, late.levels() - 1);
    if (split.places() < least_places) continue;
    const Distances d = distances(margins_of(split, split.as_reported()));
    ++out.cuts;
    out.as_far += d.distance[0] * std::sqrt(static_cast<double>(d.places[0])) >= scaled;
  }
  if (out.cuts < least_cuts) return std::nullopt;
  return out;
}

}  // namespace

const OptionTable<EarlyLateRequest>& EarlyLateRequest::table() {
  static const OptionTable<EarlyLateRequest> options = [] {
    OptionTable<EarlyLateRequest> t;
    add_arrival_options(t);
    t.add(&EarlyLateRequest::replicates, {.name = "replicates",
                                          .unit = "relabellings",
                                          .text = "How many times early and late are permuted within precincts.",
                                          .low = 99,
                                          .high = 1e6});
    return t;
  }();
  return options;
}

bool EarlyLateResult::near_threshold() const {
  return is_near(all().p_value, relabellings);
}

Result<EarlyLateResult> compute(const Count& count, const EarlyLateRequest& request, const Context& context) {
  COTEJO_TRY(late, shared_late_count(count, request));
  if (late->levels() == 0) return needs("places", "The count has none; its profile may name them.");
  const SplitPlaces split(*late, late->levels() - 1);
  if (split.places() < 5) return needs("precincts with units on both sides of the cut", "There are fewer than five.");
  EarlyLateResult out;
  out.late = late;
  out.margins = margins_of(split, split.as_reported());
  const Distances observed = distances(out.margins);
  std::vector<Distances> drawn(static_cast<std::size_t>(request.replicates));
  COTEJO_CHECK(draw_relabellings(split, observed.distance[0], context, drawn));
  out.relabellings = static_cast<std::int64_t>(drawn.size());
  for (std::size_t c = 0; c < choices.size(); ++c) out.comparisons[c] = compare(c, observed, drawn);
  out.correlation = correlation_of(out.margins);
  out.placebos = rank_among_placebos(*late, out.all());
  return out;
}

}  // namespace cotejo
