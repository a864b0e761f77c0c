#include "cotejo/methods/forensics/battery.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "cotejo/base/text.hpp"
#include "cotejo/stats/multiplicity.hpp"
#include "cotejo/vote/stakes.hpp"
#include "false_alarm_rates.hpp"
#include "neighbours.hpp"

namespace cotejo {

namespace {

constexpr double most_false_alarms = 8, least_false_alarms = 4;  // percent, at a nominal 5
constexpr std::int64_t fit_replicates = 39;

}  // namespace

Result<Finding> run(const Count& count, const BatteryRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  given.building = request.building;
  COTEJO_CHECK(find_neighbours(given,
                               {.others = request.others,
                                .crosswalk = request.crosswalk,
                                .leader_elsewhere = request.leader_elsewhere,
                                .runner_up_elsewhere = request.runner_up_elsewhere,
                                .level = {},
                                .group_level = request.group_level},
                               context));
  const auto& tests = forensic_tests();
  const FairModel model(given.electorate, given.observed);
  auto rates = false_alarm_rates(given.electorate, model, Generator::model, nullptr, request.elections, request.inner,
                                 request.kept, context);
  if (!rates) return cancelled_error();
  const auto own_rates =
      own_false_alarm_rates(given, model, Generator::model, nullptr, request.elections, request.kept, context);
  if (!own_rates) return cancelled_error();
  std::vector<std::string> refused(tests.size());
  std::vector<OwnAnswer> own(tests.size());

  std::vector<Calibration> calibrations(tests.size());
  std::size_t width = 0;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    auto& c = calibrations[t];
    c.width = tests[t].components.size();
    c.observed.assign(c.width, NAN);
    if (tests[t].own) {
      (*rates)[t] = (*own_rates)[t];
      refused[t] = tests[t].own->refused(given);
      if (refused[t].empty())
        own[t] =
            tests[t].own->observed(given, std::max<std::int64_t>(999, request.replicates), context.seed, c.observed);
      continue;
    }
    width += c.width;
    if (!tests[t].needs_registered || !given.electorate.registered.empty())
      tests[t].measure(given.electorate, given.observed, c.observed);
  }
  const auto rows = kept_rows_over_ranks(
      context, request.kept, static_cast<std::size_t>(request.replicates), width, "drawing fair elections",
      [&](std::size_t b, std::span<double> row) {
        const Returns units = model.draw(Depth::units, context.seed, Purpose::fair_election, b);
        std::optional<Returns> places;
        if (static_cast<std::int64_t>(b) < elections_of_places(request.replicates))
          places = model.draw(Depth::places, context.seed, Purpose::fair_election, b);
        std::size_t at = 0;
        for (std::size_t t = 0; t < tests.size(); ++t) {
          if (tests[t].own) continue;
          const auto mine = row.subspan(at, calibrations[t].width);
          std::fill(mine.begin(), mine.end(), NAN);
          const Returns* drawn = tests[t].depth == Depth::units ? &units : places ? &*places : nullptr;
          if (drawn && !std::isnan(calibrations[t].observed[0])) tests[t].measure(given.electorate, *drawn, mine);
          at += mine.size();
        }
      });
  if (!rows) return cancelled_error();
  std::size_t at = 0;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    if (tests[t].own) continue;
    auto& c = calibrations[t];
    for (std::size_t b = 0; b < static_cast<std::size_t>(request.replicates); ++b)
      c.fair.insert(c.fair.end(), rows->begin() + static_cast<std::ptrdiff_t>(b * width + at),
                    rows->begin() + static_cast<std::ptrdiff_t>(b * width + at + c.width));
    at += c.width;
  }

  Finding finding = open_finding(BatteryRequest::info(), count, context);
  for (const Count* other : request.others) add_input(finding, *other);
  if (request.crosswalk) finding.inputs.push_back(input_of(*request.crosswalk));
  Table fit{.id = "fit",
            .title =
                "Do the fair elections resemble this one? Distances between distributions over the units "
                "(Kolmogorov-Smirnov)",
            .columns = {{"drawn_anew"},
                        {"distribution"},
                        {"observed_distance"},
                        {"fair_distance"},
                        {"p_value", "", "fair elections that lie as far"},
                        {"at_most", "", "none does: the p-value is at most this"},
                        {"limit"},
                        {"resembles", "", "no farther than the limit: a large count tells any model from itself"}},
            .rows = {}};
  bool resembles[2] = {true, true};
  for (const Depth depth : {Depth::units, Depth::places}) {
    const auto checks = fit_of(given.electorate, given.observed, model, depth, fit_replicates, context);
    if (checks.empty()) return cancelled_error();
    for (const auto& check : checks) {
      fit.rows.push_back({std::string(depth == Depth::units ? "the units" : "units in their places"), check.what,
                          check.observed, check.expected, check.p_value, check.at_most, check.limit,
                          check.resembles()});
      auto& all = resembles[depth == Depth::places];
      all = all && check.resembles();
    }
  }

  Table alarms{.id = "false_alarms",
               .title = "How often each test flags fair elections of these very units",
               .columns = {{"method"},
                           {"presented_as", "",
                            "calibrated: flags about as many fair elections as its level; conservative: fewer, so that "
                            "a small p counts and a large one is nothing"},
                           {"flagged_percent_at_5", "%"},
                           {"flagged_low", "%", "of fair elections at 5 %, exact binomial 95 %"},
                           {"flagged_high", "%", "of fair elections at 5 %, exact binomial 95 %"},
                           {"flagged_percent_at_1", "%"},
                           {"replicates", "fair elections"},
                           {"why"}},
               .rows = {}};
  std::vector<double> p(tests.size(), NAN);
  std::vector<std::string> why(tests.size());
  std::vector<char> conservative(tests.size(), 0);
  const double chance = 100 * 2 * std::sqrt(0.08 * 0.92 / static_cast<double>(request.elections));
  for (std::size_t t = 0; t < tests.size(); ++t) {
    const auto& rate = (*rates)[t];
    if (!refused[t].empty())
      why[t] = refused[t];
    else if (!tests[t].own && std::isnan(calibrations[t].observed[0]))
      why[t] = tests[t].needs_registered && given.electorate.registered.empty()
                   ? "the count reports no registered voters"
                   : "too few units for the statistic";
    else if (tests[t].descriptive_because)
      why[t] = tests[t].descriptive_because;
    else if (rate.at_5_percent > most_false_alarms + chance)
      why[t] = "it flags too many fair elections of these units";
    else if (tests[t].own)
      p[t] = own[t].p_value;
    else if (!resembles[tests[t].depth == Depth::places])
      why[t] = "the fair elections do not resemble this one (table fit)";
    else
      p[t] = calibrations[t].p_value();
    const auto range = binomial_interval(rate.at_5_percent, rate.elections);
    // A rank among fair elections is at its level unless it is seen not to be; a null of a test's own has to show it.
    conservative[t] = !std::isnan(p[t]) && (tests[t].own ? rate.at_5_percent : range.high) < least_false_alarms;
    if (conservative[t])
      why[t] = "it flags fewer fair elections of these units than its level: a large p-value shows nothing";
    alarms.rows.push_back({std::string(tests[t].id),
                           std::string(std::isnan(p[t])  ? "descriptive"
                                       : conservative[t] ? "conservative"
                                                         : "calibrated"),
                           std::isnan(rate.at_5_percent) ? Cell{} : Cell{rate.at_5_percent},
                           std::isnan(range.low) ? Cell{} : Cell{range.low},
                           std::isnan(range.high) ? Cell{} : Cell{range.high},
                           std::isnan(rate.at_1_percent) ? Cell{} : Cell{rate.at_1_percent}, rate.elections, why[t]});
  }
  finding.tables.push_back(std::move(alarms));

  const auto holm = holm_adjusted(p), bh = benjamini_hochberg_adjusted(p);
  Table table{
      .id = "tests",
      .title = "What each test gives for this election",
      .columns = {{"method"},
                  {"statistic"},
                  {"observed"},
                  {"fair_mean"},
                  {"fair_95", "", "95 % of the fair elections have less"},
                  {"p_value"},
                  {"p_holm"},
                  {"p_bh"},
                  {"implicated_votes", "votes", "beyond the mean of the fair elections, as the test counts them"},
                  {"decisive", "", "whether so many votes could change the outcome"},
                  {"replicates", "fair elections", "those that the fair figures are from"}},
      .rows = {}};
  std::size_t calibrated_tests = 0, conservative_tests = 0;
  double votes_of_disagreeing = 0;
  // The fewest votes that change the outcome if they were moved to the leader: the cheapest reading.
  std::optional<double> needed;
  if (request.rule) {
    COTEJO_CHECK(validate(*request.rule, count));
    const auto fewest =
        fewest_votes(*request.rule, count.contest, tally(count), Mechanism::moved, {.from = given.electorate.leader});
    needed = static_cast<double>(fewest.votes.value_or(fewest.proved ? no_upper_bound : fewest.at_least));
  }
  std::vector<std::string> disagree;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    const auto cell = [](double x) { return std::isnan(x) ? Cell{} : Cell{x}; };
    const auto& c = calibrations[t];
    const std::int64_t replicates = tests[t].own                     ? own[t].replicates
                                    : tests[t].depth == Depth::units ? request.replicates
                                                                     : elections_of_places(request.replicates);
    table.rows.push_back({std::string(tests[t].id), std::string(tests[t].components[0].name), cell(c.observed[0]),
                          cell(tests[t].own ? own[t].expected : c.mean(0)), cell(c.quantile(0, 0.95)), cell(p[t]),
                          cell(holm[t]), cell(bh[t]), Cell{}, Cell{}, replicates});
    if (tests[t].own ? refused[t].empty() : !std::isnan(c.observed[0])) {
      const double votes = tests[t].own ? c.observed[tests[t].votes] : c.votes_beyond_fair(tests[t]);
      table.rows.back()[8] = votes;
      if (needed) table.rows.back()[9] = votes >= *needed;
      if (!std::isnan(p[t]) && holm[t] <= 0.05) votes_of_disagreeing = std::max(votes_of_disagreeing, votes);
    }
    calibrated_tests += !std::isnan(p[t]) && !conservative[t];
    conservative_tests += conservative[t];
    if (!std::isnan(p[t]) && holm[t] <= 0.05) disagree.emplace_back(tests[t].id);
  }
  finding.tables.push_back(std::move(table));
  finding.tables.push_back(std::move(fit));
  finding.estimates.push_back({"tests_calibrated", static_cast<double>(calibrated_tests), "tests",
                               "that flag about as many fair elections of these units as their level"});
  finding.estimates.push_back({"tests_conservative", static_cast<double>(conservative_tests), "tests",
                               "with a p-value, that flag fewer fair elections of these units than their level"});
  finding.estimates.push_back({"tests_disagreeing", static_cast<double>(disagree.size()), "tests",
                               "whose p-value, corrected by Holm over all that were run, is at most 0.05"});
  if (given.electorate.left_out > 0)
    finding.caveats.push_back(
        given.electorate.left_out == 1
            ? std::string("1 unit whose votes exceed its ballots, or ballots its voters, is left out.")
            : fmt::format("{} units whose votes exceed their ballots, or ballots their voters, are left out.",
                          with_thousands(given.electorate.left_out)));
  finding.conditions.push_back(
      {"The fair elections resemble this one, unit by unit (for digits and round figures)", resembles[0]});
  finding.conditions.push_back(
      {"The fair elections resemble this one, units around their places (for comparisons within places)",
       resembles[1]});
  const std::size_t with_p = calibrated_tests + conservative_tests;
  if (with_p > 0) {
    const auto least = static_cast<std::size_t>(
        std::min_element(p.begin(), p.end(),
                         [](double a, double b) { return !(std::isnan(a)) && (std::isnan(b) || a < b); }) -
        p.begin());
    finding.test =
        Test{.statistic = calibrations[least].observed[0],
             .p_value = p[least],
             .kind = tests[least].own ? own[least].kind : TestKind::calibrated,
             .null = fmt::format("a fair election of these units ({}, the smallest of {})", tests[least].id, with_p),
             .replicates = request.replicates,
             .p_adjusted = holm[least]};
  }
  if (votes_of_disagreeing > 0) COTEJO_CHECK(put_at_stake(finding, given, request, votes_of_disagreeing));
  finding.answer = with_p == 0 ? Answer::undetermined : disagree.empty() ? Answer::no : Answer::yes;
  const std::string of_tests = conservative_tests == 0
                                   ? fmt::format("{} calibrated tests", calibrated_tests)
                                   : fmt::format("{} tests with a p-value ({} calibrated, {} conservative)", with_p,
                                                 calibrated_tests, conservative_tests);
  finding.headline = with_p == 0
                         ? "Undetermined: no test is calibrated for this election; see the table false_alarms for why."
                     : disagree.empty() ? fmt::format(
                                              "None of the {} disagrees with a fair election of these units once "
                                              "corrected for their number (smallest p {:.3f}, corrected {:.3f}).",
                                              of_tests, finding.test->p_value, *finding.test->p_adjusted)
                                        : fmt::format(
                                              "{} of {} disagree with a fair election of these units, corrected for "
                                              "their number: {}.",
                                              disagree.size(), of_tests, fmt::join(disagree, ", "));
  if (with_p > 0)
    finding.in_short = {
        disagree.empty()
            ? fmt::format("none of the {} disagrees with a fair election of these units, corrected for their number",
                          of_tests)
            : fmt::format("{} of {} disagree with a fair election of these units, corrected for their number",
                          disagree.size(), of_tests)};
  finding.does_not_show = {"Fraud: each test has other explanations, on its page.",
                           "That an election without a finding was fair: much manipulation leaves no trace in these "
                           "figures (the power table of docs/methods/battery.md)."};
  return finding;
}

}  // namespace cotejo
