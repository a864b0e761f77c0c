#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"
#include "cotejo/methods/arrival/curve.hpp"
#include "cotejo/methods/arrival/discontinuity.hpp"
#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/arrival/projection.hpp"
#include "cotejo/methods/arrival/rivals.hpp"
#include "cotejo/methods/arrival/shift.hpp"

namespace cotejo {
namespace {

using test::small_count;
using test::value;

// A count that comes in in the order of its units, its first half early. Late units of every precinct lean to A by
// `shift` points more than its early ones; whole precincts of the last town are late.
struct Made {
  Count count;
  Count snapshot;
  Arrival arrival;
};
Made made(double shift, std::uint64_t seed, int precincts = 120) {
  Stream stream(seed, Purpose::synthetic_election);
  std::vector<test::SmallUnit> units, early;
  Made out;
  out.arrival.id = ArrivalId{"x/order"};
  out.arrival.kind = ArrivalKind::order;
  int key = 0;
  for (int p = 0; p < precincts; ++p) {
    const double here = 0.5 + 0.1 * stream.normal();
    const bool whole = p % 6 == 5;  // wholly late
    for (int t = 0; t < 8; ++t) {
      const bool late = whole || t >= 6;
      const double a = std::clamp(here + (late ? shift / 200 : 0), 0.05, 0.95);
      std::int32_t votes = 0;
      for (int v = 0; v < 200; ++v) votes += stream.uniform() < a;
      const test::SmallUnit unit{
          std::to_string(++key), {"T" + std::to_string(p / 10), "P" + std::to_string(p)}, {votes, 200 - votes}, 230};
      units.push_back(unit);
      if (!late) early.push_back(unit);
      out.arrival.unit_keys.push_back(unit.key);
      const double at = (late ? 1000 : 0) + 1000 * stream.uniform();
      out.arrival.from.push_back(at);
      out.arrival.to.push_back(at);
    }
  }
  out.count = small_count("x/final", {"town", "precinct"}, {"A", "B"}, units);
  out.snapshot = small_count("x/quick", {"town", "precinct"}, {"A", "B"}, early);
  return out;
}

TEST(Curve, ItsPartsAddUpToTheChangeOnEveryLevel) {
  const Made m = made(5, 1);
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}}}, {});
  ASSERT_TRUE(finding) << describe(finding.error());
  const auto* table = finding->table("decomposition");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2U);
  for (const auto& row : table->rows)
    EXPECT_NEAR(std::get<double>(row[1]) + std::get<double>(row[2]) + std::get<double>(row[3]),
                value(*finding, "change_points"), 1e-9);
}

TEST(Curve, NeededMarginBringsTheBindingClauseToZero) {
  Made m = made(0, 2);
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}, .rule = &rule}}, {});
  ASSERT_TRUE(finding) << describe(finding.error());
  const auto* needed = finding->estimate("margin_needed_points");
  const auto* share = finding->estimate("leader_share_needed_percent");
  ASSERT_TRUE(needed || share);
  // Two options: 50 % for the leader is a margin of 0.
  double early_lead = 0, early_valid = 0, valid = 0;
  for (UnitIndex u = 0; u < m.snapshot.units(); ++u) {
    early_lead += m.snapshot.vote(0, u) - m.snapshot.vote(1, u);
    early_valid += 200;
  }
  valid = 200.0 * static_cast<double>(m.count.units());
  const double sign = tally(m.count).options[0] >= tally(m.count).options[1] ? 1 : -1;
  const double late_valid = valid - early_valid;
  if (share)
    EXPECT_NEAR(share->value, 100 * (valid / 2 - (early_valid + sign * early_lead) / 2) / late_valid, 1e-9);
  else
    EXPECT_NEAR(needed->value, 100 * (0.1 * valid - sign * early_lead) / late_valid, 1e-9);
}

TEST(Shift, FindsAPlantedShiftWithinPlaces) {
  const Made m = made(10, 3);
  const auto finding = run(m.count, ShiftRequest{{.others = {&m.snapshot}}}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  const bool a_leads = tally(m.count).options[0] > tally(m.count).options[1];
  EXPECT_NEAR(value(*finding, "late_precinct_points"), a_leads ? 10 : -10, 2.5);
  EXPECT_EQ(finding->answer, Answer::yes);
  EXPECT_DOUBLE_EQ(finding->test->statistic, value(*finding, "late_precinct_points"));
}

// The test's level, over 200 fair late counts: 5 % of them, give or take 3.3 standard errors (a false alarm of this
// test itself once in a thousand).
TEST(Shift, RaisesTheAlarmAsOftenAsItSays) {
  int alarms = 0;
  constexpr int counts = 200;
  for (std::uint64_t i = 0; i < counts; ++i) {
    const Made m = made(0, 1000 + i, 24);
    const auto finding = run(m.count, ShiftRequest{{.others = {&m.snapshot}}, {}, {}, 199}, {.seed = i});
    ASSERT_TRUE(finding);
    alarms += finding->test->p_value <= 0.05;
  }
  EXPECT_NEAR(alarms, 0.05 * counts, 3.3 * std::sqrt(counts * 0.05 * 0.95));
}

TEST(EarlyLate, ConditioningOnTheEarlyMarginAloneIsRegressionToTheMean) {
  const Made m = made(0, 5);
  const auto finding = run(m.count, EarlyLateRequest{{.others = {&m.snapshot}}, 499}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  // Nothing was planted: the distance is large for e < 0, and chance alone makes it so.
  EXPECT_GT(value(*finding, "distance_early_negative"), 2 * value(*finding, "distance_all"));
  EXPECT_GT(std::get<double>(test::cell(*finding, "comparisons", "early < 0", "p_value")), 0.01);
  EXPECT_EQ(test::whole(*finding, "comparisons", "all", "precincts"), 100);
}

TEST(Projection, OfAFairLateCountCoversAndIsNotFarOff) {
  const Made m = made(0, 6);
  const auto finding = run(m.count, ProjectionRequest{{.others = {&m.snapshot}}, 400, 200}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  for (const char* name : {"rate_margin_points", "model_margin_points", "impute_margin_points"})
    EXPECT_NEAR(value(*finding, name), value(*finding, "margin_points"), 3) << name;
  // 3.3 standard errors of 200 hold-outs.
  EXPECT_NEAR(value(*finding, "coverage_80_percent"), 80, 3.3 * 100 * std::sqrt(0.16 / 200));
  EXPECT_NEAR(value(*finding, "coverage_95_percent"), 95, 3.3 * 100 * std::sqrt(0.0475 / 200));
}

TEST(Discontinuity, FindsAJumpAndNotWhereThereIsNone) {
  for (const double shift : {0.0, 30.0}) {
    const Made m = made(shift, 7, 240);
    const auto finding =
        run(m.count, DiscontinuityRequest{{.arrivals = {&m.arrival}, .cut = "1000"}, {}, {}, 200}, {.seed = 1});
    ASSERT_TRUE(finding) << describe(finding.error());
    EXPECT_EQ(finding->answer, shift > 0 ? Answer::yes : Answer::no) << finding->headline;
    const bool a_leads = tally(m.count).options[0] > tally(m.count).options[1];
    EXPECT_NEAR(value(*finding, "jump_points"), a_leads ? shift : -shift, 12);
  }
}

TEST(Discontinuity, NeedsAnArrival) {
  const Made m = made(0, 8, 12);
  const auto finding = run(m.count, DiscontinuityRequest{{.others = {&m.snapshot}}}, {});
  ASSERT_FALSE(finding);
  EXPECT_EQ(finding.error().code, ErrorCode::input_insufficient);
}

TEST(ArrivalMethods, GiveTheSameBitsOnOneThreadAndOnSeveral) {
  const Made m = made(2, 9, 60);
  const auto run_all = [&](unsigned threads) {
    const Context context{.seed = 4, .threads = threads};
    std::vector<std::string> out;
    const ArrivalRequest shared{.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"};
    for (auto finding :
         {run(m.count, CurveRequest{shared}, context), run(m.count, ProjectionRequest{shared, 200, 40}, context),
          run(m.count, ShiftRequest{shared}, context), run(m.count, EarlyLateRequest{shared, 99}, context),
          run(m.count, DiscontinuityRequest{shared, {}, {}, 60}, context)}) {
      EXPECT_TRUE(finding) << describe(finding.error());
      finding->runtime = {};
      out.push_back(to_json(*finding).dump());
    }
    return out;
  };
  EXPECT_EQ(run_all(1), run_all(3));
}

TEST(Rivals, LaysEveryAnalysisSideBySideWithItsAssumption) {
  const Made m = made(2, 10, 60);
  const auto finding =
      run(m.count, RivalsRequest{{.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"}, {}, {}, 99, 40},
          {.seed = 4});
  ASSERT_TRUE(finding) << describe(finding.error());
  const auto* table = finding->table("rivals");
  ASSERT_NE(table, nullptr);
  EXPECT_GE(table->rows.size(), 12U);
  const int assumes = table->column("assumes");
  for (const auto& row : table->rows)
    EXPECT_FALSE(std::get<std::string>(row[static_cast<std::size_t>(assumes)]).empty());
}

}  // namespace
}  // namespace cotejo
