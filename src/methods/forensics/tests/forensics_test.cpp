#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "../../support/tests/figures.hpp"
#include "../binomial_window.hpp"
#include "cotejo/methods/forensics/battery.hpp"
#include "cotejo/methods/forensics/excess_turnout.hpp"
#include "cotejo/methods/forensics/false_alarms.hpp"
#include "cotejo/methods/forensics/integer_percent.hpp"
#include "cotejo/methods/forensics/last_digit.hpp"
#include "cotejo/methods/forensics/outliers.hpp"
#include "cotejo/methods/forensics/second_digit.hpp"
#include "cotejo/methods/forensics/small_units.hpp"
#include "cotejo/methods/forensics/spikes.hpp"
#include "cotejo/methods/forensics/turnout_share.hpp"
#include "cotejo/sim/planted.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {
namespace {

using test::value;

const Count& fair() {
  static const Count count = [] {
    auto drawn = draw_synthetic({.units = 3000}, {.seed = 1, .threads = 2});
    for (std::uint64_t seed = 2; !drawn; ++seed) drawn = draw_synthetic({.units = 3000}, {.seed = seed, .threads = 2});
    return drawn->official;
  }();
  return count;
}

// The same count with planted returns in it.
Count with(const PlantSpec& spec, std::uint64_t replicate) {
  Count out = fair();
  const auto electorate = electorate_of(out);
  const auto planted = plant(*electorate, returns_of(out, *electorate), spec, 9, replicate);
  const std::size_t n = out.units();
  for (std::size_t i = 0; i < electorate->size(); ++i) {
    if (!planted->touched[i]) continue;
    const UnitIndex u = electorate->units[i];
    const auto& r = planted->returns;
    std::int32_t rest = r.valid[i] - r.leader[i] - r.runner_up[i];
    for (std::size_t o = 0; o < out.options(); ++o)
      out.votes[o * n + u] = o == electorate->leader      ? r.leader[i]
                             : o == electorate->runner_up ? r.runner_up[i]
                                                          : std::exchange(rest, 0);
    if (!out.valid.empty()) out.valid[u] = r.valid[i];
    if (!out.cast.empty()) out.cast[u] = r.cast[i];
    if (!out.blank.empty()) out.blank[u] = r.cast[i] - r.valid[i];
    if (!out.null.empty()) out.null[u] = 0;
  }
  out.sha256 = out.content_hash();
  return out;
}

TEST(BinomialWindow, AddsUpToOneAndIsTheBinomial) {
  for (const auto& [n, x] : {std::pair{240, 211}, std::pair{20, 3}, std::pair{3000, 1500}}) {
    double sum = 0, mean = 0;
    for_each_chance(n, x, [&](std::int32_t k, double chance) {
      sum += chance;
      mean += k * chance;
      EXPECT_NEAR(chance, binomial_chance(n, x, k), 1e-6) << n << " " << k;
    });
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_NEAR(mean, x, 1e-4);
  }
  for_each_chance(10, 10, [](std::int32_t k, double chance) {
    EXPECT_EQ(k, 10);
    EXPECT_EQ(chance, 1);
  });
}

template <class Request>
double p_of(const Count& count, std::int64_t replicates = 199) {
  const auto finding = run(count, Request{{.replicates = replicates}}, {.seed = 3, .threads = 2});
  EXPECT_TRUE(finding) << describe(finding.error());
  EXPECT_TRUE(finding->test) << finding->headline;
  return finding && finding->test ? finding->test->p_value : NAN;
}

TEST(IntegerPercent, FindsRoundedPercentagesAndNotAFairElection) {
  EXPECT_LT(p_of<IntegerPercentRequest>(with({.kind = Plant::rounded_percentages, .dose = 0.3, .intensity = 5}, 0)),
            0.02);
  EXPECT_GT(p_of<IntegerPercentRequest>(fair()), 0.02);
}

TEST(Spikes, FindsCoarseFractionsAndNotAFairElection) {
  EXPECT_LT(p_of<SpikesRequest>(with({.kind = Plant::rounded_percentages, .dose = 0.05, .intensity = 5}, 0)), 0.02);
  EXPECT_GT(p_of<SpikesRequest>(fair()), 0.02);
}

TEST(LastDigit, FindsInventedTalliesAndNotAFairElection) {
  EXPECT_LT(p_of<LastDigitRequest>(with({.kind = Plant::invented_tallies, .dose = 0.3, .intensity = 0}, 0)), 0.02);
  EXPECT_GT(p_of<LastDigitRequest>(fair()), 0.02);
}

TEST(SecondDigit, CarriesTheWarningOfTheLiterature) {
  const auto finding = run(fair(), SecondDigitRequest{{.replicates = 99}}, {.seed = 3});
  ASSERT_TRUE(finding);
  EXPECT_TRUE(std::any_of(finding->caveats.begin(), finding->caveats.end(),
                          [](const auto& c) { return c.find("Deckert") != std::string::npos; }));
}

TEST(ExcessTurnout, FairElectionsHaveAnExcessToo) {
  const auto finding = run(fair(), ExcessTurnoutRequest{{.replicates = 99}, 99}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_FALSE(finding->test) << "descriptive: no p-value";
  EXPECT_EQ(finding->answer, Answer::descriptive);
  EXPECT_LT(*finding->estimates[0].low, *finding->estimates[0].high);
}

TEST(Outliers, NamesTheUnitsThatWereTamperedWith) {
  Count count = fair();
  const std::size_t n = count.units();
  const auto order = ranking(tally(count));
  std::map<PlaceIndex, int> in_place;
  for (const auto p : count.unit_place) ++in_place[p];
  std::vector<UnitIndex> tampered;
  for (UnitIndex u = 0; u < n && tampered.size() < 3; u += 7)
    if (in_place[count.unit_place[u]] >= 5 && 5 * count.vote(order[0], u) > 2 * count.valid_of(u)) {
      count.votes[order[0] * n + u] = 0;
      tampered.push_back(u);
    }
  const auto finding = run(count, OutliersRequest{{.replicates = 99}}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  for (const UnitIndex u : tampered)
    EXPECT_NE(finding->table("flagged")->row(std::string(count.unit_keys[u])), nullptr) << u;
}

TEST(TurnoutShareAndSmallUnits, AreDescriptive) {
  EXPECT_FALSE(run(fair(), TurnoutShareRequest{{.replicates = 99}}, {.seed = 3})->test);
  EXPECT_FALSE(run(fair(), SmallUnitsRequest{{.replicates = 99}}, {.seed = 3})->test);
}

TEST(Battery, OpensWithFalseAlarmsAndCorrectsOverAllThatWasRun) {
  const auto finding = run(fair(), BatteryRequest{{.replicates = 199}, 100}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  ASSERT_EQ(finding->tables[0].id, "false_alarms");
  EXPECT_EQ(finding->tables[0].rows.size(), forensic_tests().size());
  EXPECT_EQ(finding->answer, Answer::no) << finding->headline;
  for (const auto& row : finding->table("tests")->rows) {
    const auto p = row[5], holm = row[6];
    if (std::holds_alternative<double>(p)) {
      EXPECT_GE(std::get<double>(holm), std::get<double>(p));
    }
  }
  const auto planted = run(with({.kind = Plant::rounded_percentages, .dose = 0.3, .intensity = 5}, 0),
                           BatteryRequest{{.replicates = 199}, 100}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(planted);
  EXPECT_EQ(planted->answer, Answer::yes) << planted->headline;
}

TEST(Battery, GivesTheSameBitsOnOneThreadOnSeveralAndOnRanks) {
  const BatteryRequest request{{.replicates = 99}, 100};
  const auto text = [](Result<Finding> finding) {
    EXPECT_TRUE(finding);
    finding->runtime = {};
    return to_json(*finding).dump();
  };
  const std::string one = text(run(fair(), request, {.seed = 3, .threads = 1}));
  EXPECT_EQ(one, text(run(fair(), request, {.seed = 3, .threads = 3})));
  // Two ranks, one after the other: the first round gathers what each adds, the second hands the sums out.
  std::vector<std::vector<double>> sums;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::vector<double>> gathered;
    for (unsigned rank = 0; rank < 2; ++rank) {
      std::size_t call = 0;
      Context context{.seed = 3, .threads = 1};
      context.rank = rank;
      context.ranks = 2;
      context.add_over_ranks = [&](std::span<double> rows) {
        if (gathered.size() <= call) gathered.emplace_back(rows.size(), 0.0);
        for (std::size_t i = 0; i < rows.size(); ++i) gathered[call][i] += rows[i];
        if (round == 1) std::copy(sums[call].begin(), sums[call].end(), rows.begin());
        ++call;
      };
      auto finding = run(fair(), request, context);
      if (round == 1) {
        EXPECT_EQ(one, text(std::move(finding))) << "rank " << rank;
      }
    }
    sums = gathered;
  }
}

TEST(FalseAlarms, TellsEveryGeneratorAndThePower) {
  const auto finding = run(fair(), FalseAlarmsRequest{{.replicates = 99}, 100, 20, 4}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  const auto calibrated =
      static_cast<std::size_t>(std::count_if(forensic_tests().begin(), forensic_tests().end(), [](const auto& t) {
        return !t.descriptive_because && std::string_view(t.id) != "swing";
      }));
  EXPECT_GE(calibrated, 6u);
  EXPECT_EQ(finding->table("power")->rows.size(), 7U * 2 * 3 * calibrated);
  EXPECT_EQ(finding->table("false_alarms")->rows.size(), 6 * (forensic_tests().size() - 1))
      << "no other election: no swing";
}

// Their own p-values from 19 inner elections each, against pooled ones: the same rates within chance (100 elections,
// 3.3 standard errors).
TEST(FalseAlarms, PooledInnerElectionsGiveTheRatesOfInnerElectionsOfTheirOwn) {
  const auto rates = [](std::int64_t inner) {
    const auto finding =
        run(fair(), FalseAlarmsRequest{{.replicates = 99}, 100, 0, 0, inner}, {.seed = 3, .threads = 2});
    EXPECT_TRUE(finding);
    std::vector<double> out;
    for (const auto& row : finding->table("false_alarms")->rows)
      if (!forensic_test(std::get<std::string>(row[0])).descriptive_because) out.push_back(std::get<double>(row[2]));
    return out;
  };
  const auto pooled = rates(1), own = rates(19);
  ASSERT_EQ(pooled.size(), own.size());
  for (std::size_t t = 0; t < own.size(); ++t) {
    EXPECT_NEAR(own[t], 5, 3.3 * 100 * std::sqrt(0.05 * 0.95 / 100)) << t;
    EXPECT_NEAR(pooled[t], own[t], 3.3 * 100 * std::sqrt(2 * 0.05 * 0.95 / 100)) << t;
  }
}

TEST(Forensics, AnswersUndeterminedOrRefusesWhereDataLack) {
  Count count = fair();
  count.registered.clear();
  EXPECT_EQ(run(count, IntegerPercentRequest{{.replicates = 99}}, {}).error().code, ErrorCode::input_insufficient);
  EXPECT_EQ(run(Count{}, BatteryRequest{}, {}).error().code, ErrorCode::input_insufficient);
  const auto finding = run(count, BatteryRequest{{.replicates = 99}, 100}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(test::text(*finding, "false_alarms", "integer-percent", "why"), "the count reports no registered voters");
}

// A count of `units` units in places of five, two options, with or without registered voters.
Count made_of(std::size_t units, std::int32_t voters, double share, bool registered = true) {
  Count out;
  out.id = CountId{"made/final"};
  out.hierarchy = Hierarchy({"place"});
  out.contest.options = {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}};
  std::vector<std::int32_t> a, b;
  for (std::size_t u = 0; u < units; ++u) {
    Stream stream(7, Purpose::synthetic_election, u);
    out.unit_keys.push_back(std::to_string(u));
    out.unit_place.push_back(out.hierarchy.add(no_place, "P" + std::to_string(u / 5)));
    if (registered) out.registered.push_back(voters);
    const auto cast = static_cast<std::int32_t>(voters * (0.5 + 0.2 * stream.uniform()));
    a.push_back(static_cast<std::int32_t>(cast * share * (0.8 + 0.4 * stream.uniform())));
    b.push_back(cast - a.back());
  }
  out.votes = a;
  out.votes.insert(out.votes.end(), b.begin(), b.end());
  return out;
}

TEST(BadInput, IsRefusedWithAReasonOrAnswered) {
  const BatteryRequest request{{.replicates = 99}, 100};
  const Context context{.seed = 3, .threads = 2};
  // Two units, and nineteen: too few.
  for (const std::size_t units : {2U, 19U}) {
    const auto finding = run(made_of(units, 200, 0.5), request, context);
    ASSERT_FALSE(finding) << units;
    EXPECT_EQ(finding.error().code, ErrorCode::input_insufficient);
    EXPECT_NE(describe(finding.error()).find("20 units"), std::string::npos) << describe(finding.error());
  }
  // One option.
  Count one = made_of(100, 200, 0.5);
  one.contest.options.pop_back();
  one.votes.resize(100);
  EXPECT_EQ(run(one, request, context).error().code, ErrorCode::input_insufficient);
  // All zero.
  EXPECT_EQ(run(made_of(100, 0, 0.5), request, context).error().code, ErrorCode::input_insufficient);
  // Twenty units: some tests have too few counts, and say so.
  const auto few = run(made_of(20, 200, 0.5), request, context);
  ASSERT_TRUE(few) << describe(few.error());
  EXPECT_EQ(test::text(*few, "false_alarms", "last-digit", "why"), "too few units for the statistic");
  // One place, and none at all.
  Count place = made_of(200, 200, 0.5);
  place.hierarchy = Hierarchy({"place"});
  const auto only = place.hierarchy.add(no_place, "P");
  std::fill(place.unit_place.begin(), place.unit_place.end(), only);
  EXPECT_TRUE(run(place, request, context));
  place.unit_place.clear();
  place.hierarchy = Hierarchy{};
  EXPECT_TRUE(run(place, request, context));
  // No registered voters: what needs turnout says so, the others are run.
  const auto without = run(made_of(200, 200, 0.5, false), request, context);
  ASSERT_TRUE(without) << describe(without.error());
  for (const char* id : {"integer-percent", "excess-turnout", "turnout-share", "fingerprint"})
    EXPECT_EQ(test::text(*without, "false_alarms", id, "why"), "the count reports no registered voters") << id;
  for (const char* id : {"last-digit", "spikes"})
    EXPECT_NE(test::text(*without, "false_alarms", id, "why"), "the count reports no registered voters") << id;
}

TEST(Battery, SaysHowManyVotesEachTestImplicatesAndWhetherTheyAreDecisive) {
  const auto finding = run(fair(), BatteryRequest{{.replicates = 99}, 100}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding);
  const auto* tests = finding->table("tests");
  ASSERT_EQ(tests->columns[8].name, "implicated_votes");
  for (const auto& row : tests->rows) {
    const auto& id = std::get<std::string>(row[0]);
    const auto* implicated = std::get_if<double>(&row[8]);
    EXPECT_EQ(implicated == nullptr, id == "swing")
        << id << ": only a test that is refused, here for want of another election";
    EXPECT_GE(implicated ? *implicated : 0, 0) << id;
  }
  const auto planted = run(with({.kind = Plant::rounded_percentages, .dose = 0.2, .intensity = 5}, 0),
                           BatteryRequest{{.replicates = 99}, 100}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(planted);
  const auto votes = [](const Finding& f, const char* id) {
    return std::get<double>(f.table("tests")->row(id)->at(8));
  };
  for (const char* id : {"integer-percent", "spikes"})
    EXPECT_GT(votes(*planted, id), 5 * votes(*finding, id) + 100) << id;
}

TEST(BinomialWindow, DigitChancesAreThoseOfTheLaw) {
  // Tabulated, from the normal law, and one by one: the chances of every digit add up to those of the counts they are of.
  for (const auto& [n, x] : {std::pair{200, 90}, std::pair{300, 7}, std::pair{900, 400}, std::pair{2500, 1000},
                             std::pair{2500, 240}, std::pair{40000, 9990}}) {
    std::array<double, 10> last{}, second{}, exact_last{}, exact_second{};
    add_last_digit_chances(n, x, last);
    add_second_digit_chances(n, x, second);
    for (std::int32_t k = std::max(0, x - 2000); k <= std::min(n, x + 2000); ++k) {
      const double chance = binomial_chance(n, x, k);
      if (k >= 20) exact_last[static_cast<std::size_t>(k % 10)] += chance;
      if (k >= 10) exact_second[second_digit_of(k)] += chance;
    }
    for (std::size_t d = 0; d < 10; ++d) {
      EXPECT_NEAR(last[d], exact_last[d], 2e-6) << n << " " << x << " digit " << d;
      EXPECT_NEAR(second[d], exact_second[d], 1e-3) << n << " " << x << " digit " << d;
    }
  }
}

// Five million units: memory and time stay in proportion (some 200 bytes and 2 microseconds a unit for a draw and a statistic).
// Two minutes: the test forensics_of_five_million_units, a validation.
TEST(BadInput, DISABLED_FiveMillionUnitsAreWorkedThrough) {
  const Count count = made_of(5'000'000, 300, 0.5);
  const auto finding = run(count, IntegerPercentRequest{{.replicates = 99}}, {.seed = 3, .threads = 2});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(finding->answer, Answer::no) << finding->headline;
}

}  // namespace
}  // namespace cotejo
