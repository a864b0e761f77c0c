#include "cotejo/methods/forensics/false_alarms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cotejo/base/text.hpp"
#include "false_alarm_rates.hpp"
#include "neighbours.hpp"

namespace cotejo {

namespace {

// The rates of the tests asked for, of both kinds.
std::optional<std::vector<FalseAlarmRate>> rates_of(const ForensicCase& given, const FairModel& model,
                                                    Generator generator, const PlantSpec* planted,
                                                    std::int64_t elections, const FalseAlarmsRequest& request,
                                                    const Context& context) {
  std::vector<FalseAlarmRate> out(forensic_tests().size(), {NAN, NAN, 0});
  const auto take = [&](const std::optional<std::vector<FalseAlarmRate>>& rates, bool own) {
    for (std::size_t t = 0; rates && t < out.size(); ++t)
      if ((forensic_tests()[t].own != nullptr) == own) out[t] = (*rates)[t];
    return rates.has_value();
  };
  if (request.tests != "own" && !take(false_alarm_rates(given.electorate, model, generator, planted, elections,
                                                        request.inner, request.kept, context),
                                      false))
    return std::nullopt;
  if (request.tests != "ranked" &&
      !take(own_false_alarm_rates(given, model, generator, planted, elections, request.kept, context), true))
    return std::nullopt;
  return out;
}

// Whether a test is among those asked for.
bool asked_for(const FalseAlarmsRequest& request, const ForensicTest& test) {
  return request.tests.empty() || (request.tests == "own") == (test.own != nullptr);
}

}  // namespace

Result<Finding> run(const Count& count, const FalseAlarmsRequest& request, const Context& context) {
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
  const FairModel model(given.electorate, given.observed);
  const auto& tests = forensic_tests();
  Finding finding = open_finding(FalseAlarmsRequest::info(), count, context);
  Table table{.id = "false_alarms",
              .title = "Fair elections that each test flags",
              .columns = {{"method"},
                          {"generator"},
                          {"flagged_percent_at_5", "%"},
                          {"flagged_percent_at_1", "%"},
                          {"replicates", "fair elections"},
                          {"flagged_low", "%", "of fair elections at 5 %, exact binomial 95 %"},
                          {"flagged_high", "%", "of fair elections at 5 %, exact binomial 95 %"}},
              .rows = {}};
  // At a nominal 5 %, in percent; beyond what chance allows a rate of two samples of this size (the elections and the inner
  // ones they are ranked among).
  constexpr double least_own = 4, most_own = 6, most_unlike = 8;
  const auto chance = [](double rate, std::int64_t n) {
    return 2 * std::sqrt(2 * rate * (100 - rate) / static_cast<double>(n));
  };
  std::vector<std::string> why(tests.size());
  for (std::size_t t = 0; t < tests.size(); ++t)
    if (tests[t].descriptive_because)
      why[t] = tests[t].descriptive_because;
    else if (tests[t].own)
      why[t] = tests[t].own->refused(given);
  std::vector<char> conservative(tests.size(), 0);
  double worst_own = 0, worst_unlike = 0;
  std::string worst;
  for (const Generator generator : all_generators) {
    const bool own = generator == Generator::model;
    const std::int64_t elections = own ? request.elections : request.unlike;
    if (elections == 0) continue;
    const auto rates = rates_of(given, model, generator, nullptr, elections, request, context);
    if (!rates) return cancelled_error();
    for (std::size_t t = 0; t < tests.size(); ++t) {
      const auto& rate = (*rates)[t];
      if (std::isnan(rate.at_5_percent)) continue;
      const auto range = binomial_interval(rate.at_5_percent, rate.elections);
      table.rows.push_back({std::string(tests[t].id), std::string(to_text(generator)), rate.at_5_percent,
                            rate.at_1_percent, rate.elections, range.low, range.high});
      if (tests[t].descriptive_because) continue;
      if (own) worst_own = std::max(worst_own, rate.at_5_percent);
      if (!own && rate.at_5_percent > worst_unlike) {
        worst_unlike = rate.at_5_percent;
        worst = fmt::format("{} under {}", tests[t].id, to_text(generator));
      }
      // A test with a discrete null of its own may flag fewer than the nominal share: that is no fault.
      const double low = own && !tests[t].own ? least_own - chance(least_own, rate.elections) : 0,
                   high = own ? most_own + chance(most_own, rate.elections)
                              : most_unlike + chance(most_unlike, rate.elections);
      if (own && tests[t].own && rate.at_5_percent < least_own) conservative[t] = 1;
      if (why[t].empty() && !(rate.at_5_percent >= low && rate.at_5_percent <= high))
        why[t] = fmt::format("flags {:.1f} % of fair elections from {}", rate.at_5_percent, to_text(generator));
    }
  }
  Table presented{.id = "presented",
                  .title = "How each test may be presented for these units",
                  .columns = {{"method"}, {"presented_as"}, {"why"}},
                  .rows = {}};
  for (std::size_t t = 0; t < tests.size(); ++t)
    if (asked_for(request, tests[t]))
      presented.rows.push_back({std::string(tests[t].id),
                                std::string(!why[t].empty()   ? "descriptive"
                                            : conservative[t] ? "conservative"
                                                              : "calibrated"),
                                why[t]});
  finding.tables.push_back(std::move(table));
  finding.tables.push_back(std::move(presented));
  if (request.planted > 0) {
    Table power{.id = "power",
                .title = "Planted irregularities that each calibrated test finds, at p <= 0.05",
                .columns = {{"method"},
                            {"planted"},
                            {"where"},
                            {"dose_percent", "% of units"},
                            {"intensity"},
                            {"found_percent", "%"},
                            {"elections"}},
                .rows = {}};
    struct Kind {
      Plant plant;
      double intensity;
    };
    for (const Kind kind :
         {Kind{Plant::added_ballots, 0.3}, Kind{Plant::moved_votes, 0.3}, Kind{Plant::rounded_percentages, 5},
          Kind{Plant::invented_tallies, 0}, Kind{Plant::copied_returns, 0}, Kind{Plant::fingerprint, 0.3},
          Kind{Plant::repeated_returns, 0}})
      for (const bool whole : {false, true})
        for (const double dose : {0.01, 0.05, 0.2}) {
          if (given.electorate.registered.empty() && kind.plant != Plant::moved_votes &&
              kind.plant != Plant::copied_returns && kind.plant != Plant::repeated_returns)
            continue;
          const PlantSpec spec{.kind = kind.plant, .dose = dose, .intensity = kind.intensity, .whole_places = whole};
          const auto rates = rates_of(given, model, Generator::model, &spec, request.planted, request, context);
          if (!rates) return cancelled_error();
          for (std::size_t t = 0; t < tests.size(); ++t)
            if (!tests[t].descriptive_because && !std::isnan((*rates)[t].at_5_percent))
              power.rows.push_back({std::string(tests[t].id), std::string(to_text(kind.plant)),
                                    std::string(whole ? "whole places" : "scattered"), 100 * dose, kind.intensity,
                                    (*rates)[t].at_5_percent, (*rates)[t].elections});
        }
    finding.tables.push_back(std::move(power));
  }
  finding.estimates.push_back(
      {"worst_own_percent", worst_own, "% of fair elections",
       "the largest share of the model's own fair elections that a calibrated test flags at 5 %"});
  if (request.unlike > 0)
    finding.estimates.push_back(
        {"worst_unlike_percent", worst_unlike, "% of fair elections",
         "the largest share of fair elections from another generator that a calibrated test flags at 5 %"});
  finding.answer = Answer::descriptive;
  finding.headline =
      fmt::format("At a nominal 5 % the calibrated tests flag at most {:.1f} % of {} fair elections from the model",
                  worst_own, with_thousands(request.elections));
  finding.headline += request.unlike > 0
                          ? fmt::format(", and at most {:.1f} % of {} from each generator that it does not know ({}).",
                                        worst_unlike, with_thousands(request.unlike), worst)
                          : ".";
  finding.does_not_show = {
      "How often a real election that was manipulated would be flagged: planted irregularities are simple.",
      "False alarms on elections that are fair in ways no generator here knows."};
  return finding;
}

}  // namespace cotejo
