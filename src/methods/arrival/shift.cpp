#include "cotejo/methods/arrival/shift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cotejo/base/text.hpp"
#include "cotejo/stats/absorbed_regression.hpp"
#include "linked_margin.hpp"
#include "split_places.hpp"

namespace cotejo {

namespace {

constexpr double normal_975 = 1.959963984540054;

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

}  // namespace

MethodInfo ShiftRequest::info() {
  return {.id = "shift",
          .family = "arrival",
          .title = "Late units against early ones of the same place",
          .question = "Do late units differ once place is held fixed?",
          .assumes = "Within a place, which units were late was by chance.",
          .cost = "linear in units x (levels + replicates)",
          .references = {"Escobari, D., & Hoover, G. A. (2024). World Development 173:106407 (recipe inferred).",
                         "Arellano, M. (1987). Oxford Bulletin of Economics and Statistics 49:431.",
                         "Fisher, R. A. (1935). The Design of Experiments, section 21."}};
}

const OptionTable<ShiftRequest>& ShiftRequest::table() {
  static const OptionTable<ShiftRequest> options = [] {
    OptionTable<ShiftRequest> t;
    add_arrival_options(t);
    add_linked_options(t);
    t.add(&ShiftRequest::replicates, {.name = "replicates",
                                      .unit = "relabellings",
                                      .text = "How many times early and late are dealt anew within places.",
                                      .low = 99,
                                      .high = 1e6});
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
    finding.caveats.push_back(
        fmt::format("{} units without a valid vote are left out: they have no margin.", without_votes));

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

  std::optional<double> p;
  if (late.levels() > 0) {
    const SplitPlaces split(late, late.levels() - 1);
    // Every unit's margin less the mean of its place; the coefficient is a sum over the late ones.
    std::vector<double> deviation;
    double denominator = 0;
    for (std::size_t place = 0; place < split.places(); ++place) {
      double mean = 0;
      const auto n = static_cast<double>(split.end(place) - split.begin(place));
      for (std::size_t i = split.begin(place); i < split.end(place); ++i) mean += y[split.units()[i]] / n;
      for (std::size_t i = split.begin(place); i < split.end(place); ++i)
        deviation.push_back(y[split.units()[i]] - mean);
      const auto k = static_cast<double>(split.late_units(place));
      denominator += k * (n - k) / n;
    }
    if (split.places() > 0 && denominator > 0) {
      const auto coefficient = [&](const std::vector<char>& marks) {
        double sum = 0;
        for (std::size_t i = 0; i < marks.size(); ++i) sum += marks[i] ? deviation[i] : 0;
        return sum / denominator;
      };
      const double observed = coefficient(split.as_reported());
      std::vector<char> as_far(static_cast<std::size_t>(request.replicates));
      if (!parallel_for(context, as_far.size(), "dealing early and late anew", [&](std::size_t replicate) {
            Stream stream(context.seed, Purpose::permutation_test, replicate);
            as_far[replicate] = std::abs(coefficient(split.relabelled(stream))) >= std::abs(observed) * (1 - 1e-12);
          }))
        return cancelled_error();
      p = static_cast<double>(1 + std::count(as_far.begin(), as_far.end(), 1)) /
          static_cast<double>(request.replicates + 1);
      estimate("split_places", static_cast<double>(split.places()), "places",
               fmt::format("{}s with early and late units that have valid votes", late.level_name(late.levels() - 1)));
      finding.test = Test{.statistic = observed,
                          .p_value = *p,
                          .kind = TestKind::calibrated,
                          .null = "within every place of the lowest level, which units were late was by chance",
                          .replicates = request.replicates};
    }
  }
  finding.conditions.push_back({"Some places have units on both sides of the cut", p.has_value()});
  if (request.rule && lowest) {
    COTEJO_CHECK(validate(*request.rule, late.count->contest));
    finding.at_stake = against_slack(lowest->regression.coefficients[0] / 100 * static_cast<double>(late_valid),
                                     apply(*request.rule, late.count->contest, tally(*late.count)));
  }
  finding.answer = !p ? Answer::undetermined : *p <= request.level ? Answer::yes : Answer::no;
  if (late.parts) withhold_test(finding);
  finding.headline = fmt::format("Late units had a margin {} points higher than early ones",
                                 fixed(plain.regression.coefficients[0], 2));
  if (lowest)
    finding.headline +=
        fmt::format("; within the same {}, {} points", lowest->effects, fixed(lowest->regression.coefficients[0], 2));
  finding.headline += late.parts ? "."
                      : p ? fmt::format(" (dealing late anew within places gives as much in {:.3f} of cases).", *p)
                          : ": no place has units on both sides, nothing can be held fixed.";
  finding.does_not_show = {
      "That a difference within places is manipulation: units of one place need not report in random order.",
      "Anything of places that were wholly late: with place effects they say nothing.",
      "With a difference in differences, that the places would have moved alike between the two elections."};
  return finding;
}

}  // namespace cotejo
