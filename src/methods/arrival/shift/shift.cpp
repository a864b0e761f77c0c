#include "cotejo/methods/arrival/shift.hpp"

#include <algorithm>
#include <cmath>

#include "../linked_margin.hpp"
#include "../split_places.hpp"
#include "../within_places.hpp"
#include "cotejo/stats/absorbed_regression.hpp"

namespace cotejo {

namespace {

using Fitted = ShiftResult::Regression;
using Level = std::optional<std::size_t>;

constexpr double normal_975 = 1.959963984540054;
constexpr std::size_t least_cuts = 39;

// y on late, with the effects of one level (or none), over the units that have all of it.
Result<Fitted> fit(const LateCount& late, const std::vector<double>& y, Level level) {
  std::vector<double> values, is_late;
  std::vector<std::uint32_t> group, cluster;
  const auto& lowest = late.place.empty() ? std::vector<PlaceIndex>{} : late.place.back();
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (std::isnan(y[u])) continue;
    if (level && late.place[*level][u] == no_place) continue;
    values.push_back(y[u]);
    is_late.push_back(late.late[u]);
    if (level) group.push_back(late.place[*level][u]);
    // A unit without a place is a cluster of its own.
    if (!lowest.empty())
      cluster.push_back(lowest[u] == no_place ? static_cast<std::uint32_t>(late.count->hierarchy.places().size() + u)
                                              : lowest[u]);
  }
  RegressionData data{.y = values, .x = {is_late}, .clusters = cluster};
  if (level) data.factors.emplace_back(group);
  COTEJO_TRY(regression, absorbed_regression(data));
  return Fitted{.effects = level,
                .late_points = regression.coefficients[0],
                .error = regression.errors[0],
                .intercept = regression.intercept,
                .units = static_cast<std::int64_t>(regression.rows),
                .groups = static_cast<std::int64_t>(regression.groups)};
}

// Of the margin itself: without effects, then with those of every level of which some place was split.
Result<void> fit_margin(ShiftResult& out, const std::vector<double>& y) {
  COTEJO_TRY(plain, fit(*out.late, y, {}));
  out.regressions.push_back(plain);
  for (std::size_t level = 0; level < out.late->levels(); ++level)
    if (const auto with = fit(*out.late, y, level)) out.regressions.push_back(*with);
  return {};
}

// Difference in differences. Effects of the lowest level take the other election out altogether: the same as without it.
void fit_change(ShiftResult& out, const std::vector<double>& y, const LinkedMargin& linked) {
  std::vector<double> change(y.size());
  for (std::size_t u = 0; u < y.size(); ++u) change[u] = y[u] - linked.margin[u];
  const auto add = [&](Level level) {
    auto with = fit(*out.late, change, level);
    if (!with) return;
    with->election = out.elections.size();
    out.regressions.push_back(*with);
  };
  add({});
  for (std::size_t level = 0; level + 1 < out.late->levels(); ++level) add(level);
  out.elections.push_back({linked.election, linked.leader, linked.runner_up, linked.places, linked.places_linked});
}

// The coefficient of late with effects of the lowest level, and its variance over permutations within places.
struct Permuted {
  double coefficient = 0, variance = 0;
};

Permuted permuted_at(const LateCount& late, const std::vector<double>& y, std::span<const char> is_late) {
  struct Sum {
    double n = 0, late = 0, y = 0, squares = 0, late_y = 0;
  };
  const auto& place = late.place.back();
  std::vector<Sum> sums(late.count->hierarchy.places().size());
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (place[u] == no_place || std::isnan(y[u])) continue;
    Sum& s = sums[place[u]];
    s.n += 1, s.y += y[u], s.squares += y[u] * y[u];
    if (is_late[u]) s.late += 1, s.late_y += y[u];
  }
  double numerator = 0, denominator = 0, variance = 0;
  for (const Sum& s : sums) {
    if (!(s.late > 0 && s.late < s.n)) continue;
    const double weight = s.late * (s.n - s.late) / s.n;
    numerator += s.late_y - s.late * s.y / s.n;
    denominator += weight;
    variance += weight * std::max(0., s.squares - s.y * s.y / s.n) / (s.n - 1);
  }
  if (!(denominator > 0)) return {};
  return {numerator / denominator, variance / (denominator * denominator)};
}

// How often the permutation would reject at placebo cuts, where nothing happened (normal approximation), in percent.
Result<double> rejects_at_placebos(const LateCount& late, const std::vector<double>& y, const Context& context) {
  const ArrivalOrder order = arrival_order(late);
  constexpr int cuts = 91;  // every percent from 5 to 95
  std::vector<char> rejects(cuts);
  if (!parallel_for(context, cuts, "permuting at placebo cuts", [&](std::size_t i) {
        const auto units = order.units.size() * (i + 5) / 100;
        const Permuted at = permuted_at(late, y, late_after(order, units));
        rejects[i] = at.variance > 0 && std::abs(at.coefficient) > normal_975 * std::sqrt(at.variance);
      }))
    return cancelled_error();
  return 100 * static_cast<double>(std::count(rejects.begin(), rejects.end(), 1)) / cuts;
}

// The coefficient of late with effects of the lowest level, as a sum over the late units of split places.
struct WithinCoefficient {
  std::vector<double> deviation;  // every unit's margin less the mean of its place
  double denominator = 0;

  WithinCoefficient(const SplitPlaces& split, const std::vector<double>& y) {
    for (std::size_t place = 0; place < split.places(); ++place) {
      double mean = 0;
      const auto n = static_cast<double>(split.end(place) - split.begin(place));
      for (std::size_t i = split.begin(place); i < split.end(place); ++i) mean += y[split.units()[i]] / n;
      for (std::size_t i = split.begin(place); i < split.end(place); ++i)
        deviation.push_back(y[split.units()[i]] - mean);
      const auto k = static_cast<double>(split.late_units(place));
      denominator += k * (n - k) / n;
    }
  }
  double of(const std::vector<char>& marks) const {
    double sum = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) sum += marks[i] ? deviation[i] : 0;
    return sum / denominator;
  }
};

// Permuting within places which units are late: what its p-value would be if units of a place arrived at random. It is
// shown, and decides nothing.
Result<ShiftResult::Permutation> permute(const LateCount& late, const std::vector<double>& y, std::int64_t replicates,
                                         const Context& context) {
  const SplitPlaces split(late, late.levels() - 1);
  ShiftResult::Permutation out{.split_places = static_cast<std::int64_t>(split.places())};
  const WithinCoefficient coefficient(split, y);
  if (split.places() == 0 || !(coefficient.denominator > 0)) return out;
  const double observed = coefficient.of(split.as_reported());
  std::vector<char> as_far(static_cast<std::size_t>(replicates));
  if (!parallel_for(context, as_far.size(), "permuting early and late", [&](std::size_t replicate) {
        Stream stream(context.seed, Purpose::permutation_test, replicate);
        as_far[replicate] = std::abs(coefficient.of(split.relabelled(stream))) >= std::abs(observed) * (1 - 1e-12);
      }))
    return cancelled_error();
  const double p =
      static_cast<double>(1 + std::count(as_far.begin(), as_far.end(), 1)) / static_cast<double>(replicates + 1);
  const double error = std::sqrt(p * (1 - p) / static_cast<double>(replicates));
  out.p = p;
  out.p_low = std::max(0., p - 2 * error);
  out.p_high = std::min(1., p + 2 * error);
  if (late.from.empty()) return out;
  COTEJO_TRY(rejects, rejects_at_placebos(late, y, context));
  out.rejects_percent = rejects;
  return out;
}

ShiftResult::Placebos rank_among_placebos(const LateCount& late, const ShiftResult::Within& within,
                                          std::int64_t placebos) {
  ShiftResult::Placebos out;
  std::vector<double> sizes;
  for (const auto& cut : within_places_at_cuts(late, placebos, 5, 95, ShiftResult::least_places)) {
    const bool as_large = std::abs(cut.points) >= std::abs(within.points) * (1 - 1e-12);
    out.cuts.push_back({cut.percent, cut.points, as_large});
    out.as_large += as_large;
    sizes.push_back(std::abs(cut.points));
  }
  out.enough = out.cuts.size() >= least_cuts && within.places >= ShiftResult::least_places;
  if (!out.enough) return out;
  std::sort(sizes.begin(), sizes.end());
  const auto at = [&](double share) {
    return sizes[static_cast<std::size_t>(share * static_cast<double>(sizes.size() - 1))];
  };
  out.middle = at(0.5);
  out.low = at(0.05);
  out.high = at(0.95);
  return out;
}

double late_share_of(const LateCount& late) {
  std::int64_t late_valid = 0, all_valid = 0;
  for (std::size_t u = 0; u < late.units(); ++u) {
    all_valid += late.valid[u];
    if (late.late[u]) late_valid += late.valid[u];
  }
  return static_cast<double>(late_valid) / static_cast<double>(all_valid);
}

}  // namespace

double Fitted::low() const {
  return late_points - normal_975 * error;
}
double Fitted::high() const {
  return late_points + normal_975 * error;
}

const Fitted* ShiftResult::lowest() const {
  const Fitted* out = nullptr;
  for (const Fitted& one : regressions)
    if (!one.election && one.effects) out = &one;
  return out;
}

std::optional<double> ShiftResult::p() const {
  if (!placebos || !placebos->enough) return std::nullopt;
  return placebos->p_value();
}

const OptionTable<ShiftRequest>& ShiftRequest::table() {
  static const OptionTable<ShiftRequest> options = [] {
    OptionTable<ShiftRequest> t;
    add_arrival_options(t);
    add_linked_options(t);
    t.add(&ShiftRequest::replicates, {.name = "replicates",
                                      .unit = "relabellings",
                                      .text = "How many times early and late are permuted within places.",
                                      .low = 99,
                                      .high = 1e6});
    t.add(&ShiftRequest::placebos, {.name = "placebos",
                                    .unit = "cuts",
                                    .text = "How many placebo cuts lie over the whole order of arrival.",
                                    .low = 99,
                                    .high = 100000});
    t.add(&ShiftRequest::level, {.name = "level",
                                 .unit = "share 0..1",
                                 .text = "The p-value at which the answer is \"yes\".",
                                 .low = 0.0001,
                                 .high = 0.5});
    return t;
  }();
  return options;
}

Result<ShiftResult> compute(const Count& count, const ShiftRequest& request, const Context& context) {
  COTEJO_TRY(late, shared_late_count(count, request));
  if (request.rule) COTEJO_CHECK(validate(*request.rule, late->count->contest));
  ShiftResult out;
  out.late = late;
  out.late_share = late_share_of(*late);
  std::vector<double> y;
  for (std::size_t u = 0; u < late->units(); ++u) y.push_back(margin_of(*late, u));
  out.units_without_votes = std::count_if(y.begin(), y.end(), [](double margin) { return std::isnan(margin); });
  COTEJO_CHECK(fit_margin(out, y));
  COTEJO_TRY(elections, linked_margins(*late, request, context));
  out.not_comparable = std::move(elections.not_comparable);
  for (const LinkedMargin& linked : elections.linked) fit_change(out, y, linked);
  if (!late->parts && late->levels() > 0) {
    COTEJO_TRY(permutation, permute(*late, y, request.replicates, context));
    out.permutation = permutation;
  }
  const WithinPlaces within = within_places(*late, late->late);
  out.within = {within.places, within.points, within.error, within.votes,
                within.error / 100 * static_cast<double>(within.late_valid)};
  if (late->arrival && !late->parts && within.places > 0)
    out.placebos = rank_among_placebos(*late, out.within, request.placebos);
  return out;
}

}  // namespace cotejo
