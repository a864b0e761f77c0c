#include "cotejo/methods/arrival/shift.hpp"
#include "cotejo/base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "../linked_margin.hpp"
#include "../split_places.hpp"
#include "../within_places.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/stats/absorbed_regression.hpp"

namespace cotejo {

namespace {

constexpr double normal_975 = 1.959963984540054;
constexpr std::int64_t least_places = 20;  // split places, for a cut to count

struct Fit {
  std::string outcome, effects;
  Regression regression;
};

// y on late, with the effects of one level (or none), over the units that have all of it.
Result<Fit> fit(const LateCount& late, const std::vector<double>& y, std::string outcome, int level) {
  std::vector<double> values, is_late;
  std::vector<std::uint32_t> group, cluster;
  const auto& lowest = late.place.empty() ? std::vector<PlaceIndex>{} : late.place.back();
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (std::isnan(y[u])) continue;
    if (level >= 0 && late.place[static_cast<std::size_t>(level)][u] == no_place) continue;
    values.push_back(y[u]);
    is_late.push_back(late.late[u]);
    if (level >= 0) group.push_back(late.place[static_cast<std::size_t>(level)][u]);
    // A unit without a place is a cluster of its own.
    if (!lowest.empty())
      cluster.push_back(lowest[u] == no_place ? static_cast<std::uint32_t>(late.count->hierarchy.places().size() + u)
                                              : lowest[u]);
  }
  RegressionData data{.y = values, .x = {is_late}, .clusters = cluster};
  if (level >= 0) data.factors.emplace_back(group);
  COTEJO_TRY(regression, absorbed_regression(data));
  return Fit{std::move(outcome), level < 0 ? "none" : late.level_name(static_cast<std::size_t>(level)),
             std::move(regression)};
}

// Permuting within places which units are late: what its p-value would be if units of a place arrived at random, and how often it
// would reject at placebo cuts, where nothing happened. It is shown, and decides nothing.
struct Dealt {
  double coefficient = 0, variance = 0;  // of late, and of it over permutations
};

class Dealing {
 public:
  Dealing(const LateCount& late, const std::vector<double>& y) : late_(late), y_(y) {}

  Dealt at(std::span<const char> is_late) const {
    struct Sum {
      double n = 0, late = 0, y = 0, squares = 0, late_y = 0;
    };
    const auto& place = late_.place.back();
    std::vector<Sum> sums(late_.count->hierarchy.places().size());
    for (std::size_t u = 0; u < late_.units(); ++u) {
      if (place[u] == no_place || std::isnan(y_[u])) continue;
      Sum& s = sums[place[u]];
      s.n += 1, s.y += y_[u], s.squares += y_[u] * y_[u];
      if (is_late[u]) s.late += 1, s.late_y += y_[u];
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

 private:
  const LateCount& late_;
  const std::vector<double>& y_;
};

Result<void> add_permutation(Finding& finding, const LateCount& late, const std::vector<double>& y,
                             const ShiftRequest& request, const Context& context) {
  if (late.levels() == 0) return {};
  const SplitPlaces split(late, late.levels() - 1);
  std::vector<double> deviation;  // every unit's margin less the mean of its place; the coefficient sums the late ones
  double denominator = 0;
  for (std::size_t place = 0; place < split.places(); ++place) {
    double mean = 0;
    const auto n = static_cast<double>(split.end(place) - split.begin(place));
    for (std::size_t i = split.begin(place); i < split.end(place); ++i) mean += y[split.units()[i]] / n;
    for (std::size_t i = split.begin(place); i < split.end(place); ++i) deviation.push_back(y[split.units()[i]] - mean);
    const auto k = static_cast<double>(split.late_units(place));
    denominator += k * (n - k) / n;
  }
  finding.estimates.push_back(
      {"split_places", static_cast<double>(split.places()), "places",
       fmt::format("{}s with early and late units that have valid votes", late.level_name(late.levels() - 1))});
  if (split.places() == 0 || !(denominator > 0)) return {};
  const auto coefficient = [&](const std::vector<char>& marks) {
    double sum = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) sum += marks[i] ? deviation[i] : 0;
    return sum / denominator;
  };
  const double observed = coefficient(split.as_reported());
  std::vector<char> as_far(static_cast<std::size_t>(request.replicates));
  if (!parallel_for(context, as_far.size(), "permuting early and late", [&](std::size_t replicate) {
        Stream stream(context.seed, Purpose::permutation_test, replicate);
        as_far[replicate] = std::abs(coefficient(split.relabelled(stream))) >= std::abs(observed) * (1 - 1e-12);
      }))
    return cancelled_error();
  const double p = static_cast<double>(1 + std::count(as_far.begin(), as_far.end(), 1)) /
                   static_cast<double>(request.replicates + 1);
  const double error = std::sqrt(p * (1 - p) / static_cast<double>(request.replicates));
  finding.estimates.push_back({"permutation_p", p, "probability",
                               "share of random relabellings of early and late within places with as large a "
                               "coefficient; units of a place do not "
                               "arrive at random, so that it is no test of the cut; bounds: two Monte-Carlo errors",
                               std::max(0., p - 2 * error), std::min(1., p + 2 * error), 0.95});
  if (late.from.empty()) return {};
  const Dealing dealing(late, y);
  const ArrivalOrder order = arrival_order(late);
  constexpr int cuts = 91;  // every percent from 5 to 95
  std::vector<char> rejects(cuts);
  if (!parallel_for(context, cuts, "permuting at placebo cuts", [&](std::size_t i) {
        const auto units = order.units.size() * (i + 5) / 100;
        const Dealt dealt = dealing.at(late_after(order, units));
        rejects[i] = dealt.variance > 0 && std::abs(dealt.coefficient) > normal_975 * std::sqrt(dealt.variance);
      }))
    return cancelled_error();
  finding.estimates.push_back({"permutation_rejects_percent",
                               100 * static_cast<double>(std::count(rejects.begin(), rejects.end(), 1)) / cuts,
                               "% of placebo cuts",
                               "placebo cuts, every percent of the order from 5 to 95, at which the permutation test "
                               "rejects at 5 %: about 5 if units of a "
                               "place arrived at random"});
  return {};
}

struct PlaceboRank {
  std::optional<double> p;
  double as_large = 0;
  std::int64_t placebos = 0;
};

PlaceboRank rank_among_placebos(Finding& finding, const LateCount& late, const WithinPlaces& within,
                                const ShiftRequest& request) {
  PlaceboRank out;
  if (!late.arrival) {
    finding.conditions.push_back({"There is an order of arrival, so that placebo cuts can be laid over it", false});
    return out;
  }
  if (late.parts || within.places == 0) return out;
  const auto placebos = within_places_at_cuts(late, request.placebos, 5, 95, least_places);
  std::int64_t as_large = 0;
  std::vector<double> sizes;
  Table table{.id = "placebo_cuts",
              .title = "The same statistic at cuts over the whole order of arrival",
              .columns = {{"units_percent", "%", "units that had arrived"},
                          {"within_places_points", "points"},
                          {"as_large", "", "as large in size as at the cut, or larger"}},
              .rows = {}};
  const auto step = std::max<std::size_t>(1, placebos.size() / 45);
  for (std::size_t i = 0; i < placebos.size(); ++i) {
    const bool large = std::abs(placebos[i].points) >= std::abs(within.points) * (1 - 1e-12);
    as_large += large;
    sizes.push_back(std::abs(placebos[i].points));
    if (i % step == 0) table.rows.push_back({placebos[i].percent, placebos[i].points, large});
  }
  out.placebos = static_cast<std::int64_t>(placebos.size());
  const bool enough = out.placebos >= 39 && within.places >= least_places;
  finding.conditions.push_back(
      {fmt::format("There are placebo cuts enough to rank among (39 or more with {} split places; {}), "
                   "and {} split places at the cut ({})",
                   least_places, out.placebos, least_places, within.places),
       enough});
  finding.tables.push_back(std::move(table));
  if (!enough) return out;
  out.as_large = static_cast<double>(as_large) / static_cast<double>(out.placebos);
  out.p = static_cast<double>(1 + as_large) / static_cast<double>(1 + out.placebos);
  finding.test =
      Test{.statistic = within.points,
           .p_value = *out.p,
           .kind = TestKind::calibrated,
           .null =
               "late units differ from early ones of their place at the cut as they do at other points of the "
               "order of arrival",
           .replicates = out.placebos};
  std::sort(sizes.begin(), sizes.end());
  const auto at = [&](double share) {
    return sizes[static_cast<std::size_t>(share * static_cast<double>(sizes.size() - 1))];
  };
  finding.estimates.push_back({"placebo_points", at(0.5), "points of valid votes",
                               "middle size of the statistic at the placebo cuts, with the 5th and 95th of a hundred",
                               at(0.05), at(0.95), 0.9});
  finding.caveats.emplace_back(
      "Neighbouring placebo cuts share most of their units: they are many fewer than their number in independent "
      "ones.");
  return out;
}

}  // namespace

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

Result<Finding> run(const Count& count, const ShiftRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  Finding finding = open_arrival_finding(ShiftRequest::info(), count, late, request, context);
  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition,
                            double error = NAN) {
    Estimate e{std::move(name), value, std::move(unit), std::move(definition)};
    if (std::isfinite(error)) {
      e.low = value - normal_975 * error;
      e.high = value + normal_975 * error;
      e.level = 0.95;
    }
    finding.estimates.push_back(std::move(e));
  };
  std::vector<double> y(late.units());
  std::int64_t without_votes = 0;
  for (std::size_t u = 0; u < late.units(); ++u) {
    y[u] = margin_of(late, u);
    without_votes += std::isnan(y[u]);
  }
  if (without_votes > 0)
    finding.caveats.push_back(fmt::format("{} without a valid vote {} left out: {} no margin.",
                                          counted(without_votes, "unit"), without_votes == 1 ? "is" : "are",
                                          without_votes == 1 ? "it has" : "they have"));

  Table table{.id = "regressions",
              .title = "The coefficient of late, points of valid votes",
              .columns = {{"outcome"},
                          {"effects"},
                          {"late_points", "points", "coefficient of late, unweighted least squares"},
                          {"error", "points", "robust to clusters of the lowest level"},
                          {"low_95", "points"},
                          {"high_95", "points"},
                          {"units", "units"},
                          {"groups", "groups"},
                          {"of_all_valid_points", "points", "coefficient x late valid votes / all valid votes"}},
              .rows = {}};
  std::int64_t late_valid = 0, all_valid = 0;
  for (std::size_t u = 0; u < late.units(); ++u) {
    all_valid += late.valid[u];
    if (late.late[u]) late_valid += late.valid[u];
  }
  const double late_share = static_cast<double>(late_valid) / static_cast<double>(all_valid);
  const auto add = [&](const Fit& f) {
    const double b = f.regression.coefficients[0], error = f.regression.errors[0];
    table.rows.push_back({f.outcome, f.effects, b, error, b - normal_975 * error, b + normal_975 * error,
                          static_cast<std::int64_t>(f.regression.rows), static_cast<std::int64_t>(f.regression.groups),
                          b * late_share});
  };
  const std::string outcome = "margin";
  std::optional<Fit> lowest;
  COTEJO_TRY(plain, fit(late, y, outcome, -1));
  add(plain);
  estimate("late_none_points", plain.regression.coefficients[0], "points of valid votes",
           "coefficient of late in the unit's margin, unweighted, no place effects", plain.regression.errors[0]);
  estimate("margin_early_mean_points", plain.regression.intercept, "points of valid votes",
           "mean margin of the early units, each counting the same");
  for (std::size_t level = 0; level < late.levels(); ++level) {
    auto with = fit(late, y, outcome, static_cast<int>(level));
    if (!with) continue;  // no place of this level was split
    add(*with);
    estimate(fmt::format("late_{}_points", with->effects), with->regression.coefficients[0], "points of valid votes",
             fmt::format("the same with one effect per {}", with->effects), with->regression.errors[0]);
    lowest = std::move(*with);
  }
  for (const Count* election : late.elections) {
    const auto linked =
        linked_margin(late, *election, request, request.leader_elsewhere, request.runner_up_elsewhere, context);
    if (!linked) {
      if (linked.error().code == ErrorCode::cancelled) return linked.error();
      finding.conditions.push_back({fmt::format("{} can be compared with ({} {})", election->id.text,
                                                linked.error().message, linked.error().remedy),
                                    false});
      continue;
    }
    std::vector<double> change(late.units());
    for (std::size_t u = 0; u < late.units(); ++u) change[u] = y[u] - linked->margin[u];
    const std::string name =
        fmt::format("margin - that of {} ({} - {})", election->id.text, linked->leader, linked->runner_up);
    for (int level = -1; level < static_cast<int>(late.levels()); ++level) {
      const auto with = fit(late, change, name, level);
      if (!with) continue;
      // Effects of the lowest level take the other election out altogether: the same as without it.
      if (level + 1 == static_cast<int>(late.levels()) && level >= 0) continue;
      add(*with);
      if (level < 0)
        estimate(
            "late_did_" + election->id.text + "_points", with->regression.coefficients[0], "points of valid votes",
            fmt::format(
                "difference in differences against {} in the same places ({} of {} places linked), recipe inferred",
                election->id.text, linked->places_linked, linked->places),
            with->regression.errors[0]);
    }
  }
  finding.tables.push_back(std::move(table));
  finding.caveats.emplace_back(
      "The published regressions divide by the valid total stated on the return, which is not always in the file: "
      "recipe inferred.");

  if (!late.parts) COTEJO_CHECK(add_permutation(finding, late, y, request, context));
  const WithinPlaces within = within_places(late, late.late);
  const double votes_error = within.error / 100 * static_cast<double>(within.late_valid);
  if (within.places > 0) {
    estimate("within_places_points", within.points, "points of valid votes",
             "the statistic declared beforehand: late votes against the early ones of their place, every vote counting "
             "the same",
             within.error);
    estimate("within_places_votes", within.votes, "votes", "the same as votes of M - C", votes_error);
  }
  const PlaceboRank rank = rank_among_placebos(finding, late, within, request);
  finding.conditions.push_back({"Some places have units on both sides of the cut", within.places > 0});
  if (request.rule && within.places > 0) {
    COTEJO_CHECK(validate(*request.rule, late.count->contest));
    const auto bound = [&](double sign) {  // one split place has no error
      return std::isfinite(votes_error) ? std::optional(within.votes + sign * normal_975 * votes_error) : std::nullopt;
    };
    hold_against_rule(finding, *request.rule, late.count->contest, tally(*late.count),
                      lead_in_question(within.votes, bound(-1), bound(1), late.leader, late.runner_up));
  }
  finding.answer = !rank.p ? Answer::undetermined : *rank.p <= request.level ? Answer::yes : Answer::no;
  if (late.parts) withhold_test(finding);
  finding.headline = fmt::format("Late units had a margin {} points higher than early ones",
                                 fixed(plain.regression.coefficients[0], 2));
  if (lowest)
    finding.headline +=
        fmt::format("; within the same {}, {} points", lowest->effects, fixed(lowest->regression.coefficients[0], 2));
  if (within.places > 0) finding.headline += fmt::format(" ({} for each late vote)", fixed(within.points, 2));
  finding.headline += late.parts           ? "."
                      : within.places == 0 ? ": no place has units on both sides, nothing can be held fixed."
                      : rank.p
                          ? fmt::format(
                                ". Of {} placebo cuts over the whole order of arrival {} % show as much (p {}): "
                                "the cut {}.",
                                with_thousands(rank.placebos), fixed(100 * rank.as_large, 1), p_text(*finding.test),
                                *rank.p <= request.level ? "stands out" : "does not stand out")
                          : ". Whether that is more than at other points of the order cannot be told: see conditions.";
  if (lowest && !late.parts)
    finding.in_short = {
        fmt::format("late units had a margin {} points higher than early ones, and {} points within the same {}",
                    fixed(plain.regression.coefficients[0], 1), fixed(lowest->regression.coefficients[0], 1),
                    lowest->effects),
        rank.p ? fmt::format("of {} other cuts of the order of arrival {} % show as much: this one {}",
                             with_thousands(rank.placebos), fixed(100 * rank.as_large, 1),
                             *rank.p <= request.level ? "stands out" : "does not stand out")
               : std::string("whether that is more than at other points of the order of arrival cannot be told")};
  finding.does_not_show = {
      "That a difference within places is manipulation: units of one place need not report in random order.",
      "Anything of places that were wholly late: with place effects they say nothing.",
      "With a cut that does not stand out, that nothing was done: a change that also shows at other cuts is not seen.",
      "With a difference in differences, that the places would have moved alike between the two elections."};
  return finding;
}

}  // namespace cotejo
