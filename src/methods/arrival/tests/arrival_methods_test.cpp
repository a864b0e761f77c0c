#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

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

ArrivalRequest with_arrival(const Made& m) {
  return {.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"};
}

TEST(Curve, EveryComponentHasAnErrorThatHoldsTheTruthOfAFairCount) {
  const Made m = made(0, 21);
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}}}, {.seed = 3});
  ASSERT_TRUE(finding) << describe(finding.error());
  for (const char* name : {"composition_points", "within_points", "without_early_points", "within_votes"}) {
    const Estimate* e = finding->estimate(name);
    ASSERT_TRUE(e && e->low && e->high) << name;
    if (std::abs(e->value) < 1e-9) continue;  // every place has the same share of late units: no composition at all
    EXPECT_LT(*e->low, e->value) << name;
    EXPECT_GT(*e->high, e->value) << name;
  }
  // Nothing was planted within places.
  EXPECT_LT(*finding->estimate("within_points")->low, 0.5);
  EXPECT_GT(*finding->estimate("within_points")->high, -0.5);
  EXPECT_GT(std::get<double>(test::cell(*finding, "decomposition", "precinct", "within_error")), 0);
}

TEST(Shift, FindsAPlantedShiftWithinPlaces) {
  const Made m = made(20, 3);  // large enough that a few noisy cuts beside it do not hide it
  const auto finding = run(m.count, ShiftRequest{with_arrival(m)}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  const bool a_leads = tally(m.count).options[0] > tally(m.count).options[1];
  EXPECT_NEAR(value(*finding, "late_precinct_points"), a_leads ? 20 : -20, 2.5);
  EXPECT_EQ(finding->answer, Answer::yes);
  EXPECT_DOUBLE_EQ(finding->test->statistic, value(*finding, "within_places_points"));
  EXPECT_NEAR(value(*finding, "within_places_points"), a_leads ? 20 : -20, 2.5);
}

TEST(Shift, WithoutAnOrderOfArrivalThereAreNoPlacebosAndNoAnswer) {
  const Made m = made(10, 3);
  const auto finding = run(m.count, ShiftRequest{{.others = {&m.snapshot}}}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(finding->answer, Answer::undetermined);
  EXPECT_FALSE(finding->test);
  EXPECT_TRUE(finding->estimate("permutation_p"));  // shown, and decides nothing
  EXPECT_THAT(finding->conditions,
              testing::Contains(testing::AllOf(testing::Field(&Condition::text, testing::HasSubstr("order of arrival")),
                                               testing::Field(&Condition::met, false))));
}

// A count whose units lean further and further as they come in, within every place, as in Bolivia 2019: no cut is
// special.
Made drifting(std::uint64_t seed) {
  Made m = made(0, seed);
  Stream stream(seed, Purpose::hold_out);
  const UnitLookup lookup(m.count);
  for (std::size_t i = 0; i < m.arrival.units(); ++i) {
    const UnitIndex u = *lookup.find(m.arrival.unit_keys[i]);
    const double position = 2000 * stream.uniform();
    m.arrival.from[i] = m.arrival.to[i] = position;
    const auto moved =
        static_cast<std::int32_t>(std::floor(position / 2000 * 8 + stream.uniform()));  // up to 8 of 200 votes
    auto& a = m.count.votes[u];
    auto& b = m.count.votes[m.count.units() + u];
    const auto can = std::min(moved, b);
    a += can, b -= can;
  }
  m.count.sha256 = m.count.content_hash();
  return m;
}

TEST(Shift, OnADriftNoCutAnswersYesMoreOftenThanOneInTwenty) {
  const Made m = drifting(31);
  int yes = 0, rejected = 0;
  for (int i = 0; i < 20; ++i) {
    const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = std::to_string(200 + 80 * i)};
    const auto finding = run(m.count, ShiftRequest{request, {}, {}, 199, 400}, {.seed = 1});
    ASSERT_TRUE(finding) << describe(finding.error());
    yes += finding->answer == Answer::yes;
    rejected += value(*finding, "permutation_p") <= 0.05;
    EXPECT_GT(value(*finding, "permutation_rejects_percent"), 50);
  }
  EXPECT_LE(yes, 1);
  EXPECT_GT(rejected, 10);  // the permutation test takes the drift for a shift at every cut
}

TEST(Shift, ItsAnswerIsTheSameOverTwentySeeds) {
  const Made m = drifting(32);
  const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = "1700"};
  std::set<Answer> answers;
  std::set<double> p;
  for (Seed seed = 1; seed <= 20; ++seed) {
    const auto finding = run(m.count, ShiftRequest{request, {}, {}, 99, 400}, {.seed = seed});
    ASSERT_TRUE(finding);
    answers.insert(finding->answer);
    p.insert(finding->test->p_value);
  }
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(p.size(), 1U);  // the rank among placebo cuts draws nothing
}

TEST(Shift, ItsStatisticDoesNotDependOnTheOrderOfTheOptions) {
  const Made m = made(6, 33);
  Count swapped = m.count;
  std::swap(swapped.contest.options[0], swapped.contest.options[1]);
  std::rotate(swapped.votes.begin(), swapped.votes.begin() + static_cast<std::ptrdiff_t>(swapped.units()),
              swapped.votes.end());
  const auto one = run(m.count, ShiftRequest{with_arrival(m)}, {.seed = 1});
  ASSERT_TRUE(one);
  const auto placebo = run(swapped, ShiftRequest{{.arrivals = {&m.arrival}, .cut = "1000"}}, {.seed = 1});
  ASSERT_TRUE(placebo);
  EXPECT_NEAR(value(*one, "within_places_points"), value(*placebo, "within_places_points"), 1e-9)
      << "the leader is the leader in whatever order the options stand";
}

// Over 100 fair late counts at most 5 % and 3.3 standard errors: cuts near the ends are noisier than the one asked, so that the rank
// among them is on the safe side.
TEST(Shift, RaisesNoMoreAlarmsThanItSays) {
  int alarms = 0;
  constexpr int counts = 100;
  for (std::uint64_t i = 0; i < counts; ++i) {
    const Made m = made(0, 1000 + i, 30);
    const auto finding = run(m.count, ShiftRequest{with_arrival(m), {}, {}, 99, 200}, {.seed = i});
    ASSERT_TRUE(finding);
    ASSERT_TRUE(finding->test) << finding->headline;
    alarms += finding->test->p_value <= 0.05;
  }
  EXPECT_LE(alarms, 0.05 * counts + 3.3 * std::sqrt(counts * 0.05 * 0.95));
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

TEST(Projection, OnADriftTheIntervalThatIsPrintedHeldAtEarlierInstantsOrThereIsNone) {
  int printed = 0, held = 0;
  for (std::uint64_t seed = 41; seed < 47; ++seed) {
    const Made m = drifting(seed);
    const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = "1500"};
    const auto finding = run(m.count, ProjectionRequest{request, 200, 40}, {.seed = 1});
    ASSERT_TRUE(finding) << describe(finding.error());
    const Table* origins = finding->table("origins");
    ASSERT_TRUE(origins);
    ASSERT_EQ(origins->rows.size(), 5U);
    int at_origins = 0;
    for (const auto& row : origins->rows)
      at_origins += row[static_cast<std::size_t>(origins->column("held"))] == Cell{true};
    const Estimate* interval = finding->estimate("drift_margin_points");
    EXPECT_EQ(interval != nullptr, at_origins >= 4) << seed;
    if (!interval) continue;
    ++printed;
    const double truth = value(*finding, "margin_points");
    held += *interval->low <= truth && truth <= *interval->high;
  }
  EXPECT_GE(printed, 3);
  EXPECT_GE(held, printed - 1);
}

TEST(Projection, WithoutAnOrderOfArrivalThereIsNoInterval) {
  const Made m = made(0, 6);
  const auto finding = run(m.count, ProjectionRequest{{.others = {&m.snapshot}}, 200, 40}, {.seed = 1});
  ASSERT_TRUE(finding);
  EXPECT_FALSE(finding->estimate("drift_margin_points"));
  EXPECT_FALSE(finding->estimate("model_margin_points")->low);
  EXPECT_THAT(finding->headline, testing::HasSubstr("No interval"));
}

TEST(Projection, OriginsCanBeNamedAndOneThatCannotBeReadIsAnError) {
  const Made m = made(0, 6);
  ProjectionRequest request{with_arrival(m), 200, 40, "300, 500,700"};
  const auto finding = run(m.count, request, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(finding->table("origins")->rows.size(), 3U);
  request.origins = "half past five";
  const auto refused = run(m.count, request, {.seed = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::option_invalid);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("origins"));
}

TEST(Discontinuity, TheBandwidthIsAtMostTheSupportAndTheJumpIsShownForSeveral) {
  const Made m = made(0, 7, 240);
  const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = "1800"};  // 5 % or so of the units come later
  const auto finding = run(m.count, DiscontinuityRequest{request, {}, {}, 200}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_LE(value(*finding, "bandwidth_percent"), 100 - value(*finding, "cut_percent") + 0.1);
  const Table* table = finding->table("bandwidths");
  ASSERT_TRUE(table);
  EXPECT_GE(table->rows.size(), 3U);
  const bool believed = value(*finding, "placebos_rejected_percent") <= 7.5;
  EXPECT_EQ(finding->estimate("jump_points")->low.has_value(), believed);
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

TEST(Rivals, TakesWhatTheRunHasComputedAlready) {
  const Made m = made(2, 10, 60);
  KeptFindings kept;
  ArrivalRequest shared = with_arrival(m);
  shared.kept_findings = &kept;
  const Context context{.seed = 4};
  const RivalsRequest rivals{shared, {}, {}, 99, 40};
  ShiftRequest shift{shared, {}, {}, 99, 99};
  auto marked = run(m.count, shift, context);
  ASSERT_TRUE(marked);
  marked->test->p_value = 0.123456;
  kept.keep(key_of(m.count, shift, "shift", ShiftRequest::table().values(shift), 4, Looks::at_what_it_uses,
                   ShiftRequest::uses),
            *marked);
  const auto finding = run(m.count, rivals, context);
  ASSERT_TRUE(finding);
  EXPECT_EQ(std::get<double>(test::cell(*finding, "rivals", "votes within places, among placebo cuts", "p_value")),
            0.123456);
  // Another seed is another result.
  EXPECT_NE(std::get<double>(test::cell(*run(m.count, rivals, {.seed = 5}), "rivals",
                                        "votes within places, among placebo cuts", "p_value")),
            0.123456);
}

// ---------------------------------------------------------------------------------------------------------------------
// Bad input: every method names the condition that fails, and none answers.

struct Bad {
  const char* name;
  Count count, snapshot;
  Arrival arrival;
};

Arrival order_of(const Count& count) {
  Arrival out;
  out.id = ArrivalId{"x/order"};
  out.kind = ArrivalKind::order;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    out.unit_keys.push_back(count.unit_keys[u]);
    out.from.push_back(u + 1.);
    out.to.push_back(u + 1.);
  }
  return out;
}

Bad bad(const char* name, const std::vector<std::string>& options, const std::vector<test::SmallUnit>& units,
        std::size_t early) {
  Bad out{name,
          small_count("x/final", {"town", "precinct"}, options, units),
          small_count("x/quick", {"town", "precinct"}, options,
                      {units.begin(), units.begin() + static_cast<std::ptrdiff_t>(early)}),
          {}};
  out.arrival = order_of(out.count);
  return out;
}

std::vector<Bad> bad_inputs() {
  std::vector<test::SmallUnit> one_each, few;
  for (int i = 0; i < 200; ++i)
    one_each.push_back(
        {std::to_string(i), {"T" + std::to_string(i / 20), "P" + std::to_string(i)}, {60 + i % 20, 40}, 120});
  std::vector<test::SmallUnit> two{{"1", {"T", "P"}, {60, 40}, 120}, {"2", {"T", "P"}, {50, 50}, 120}};
  std::vector<test::SmallUnit> one_option;
  for (int i = 0; i < 40; ++i) one_option.push_back({std::to_string(i), {"T", "P" + std::to_string(i / 8)}, {60}, 120});
  return {bad("one unit per place", {"A", "B"}, one_each, 150), bad("all units early", {"A", "B"}, one_each, 200),
          bad("one option", {"A"}, one_option, 30), bad("two units", {"A", "B"}, two, 1)};
}

template <class Request>
void expect_no_claim(const Bad& b) {
  Request request;
  static_cast<ArrivalRequest&>(request) = {.others = {&b.snapshot}, .arrivals = {&b.arrival}};
  const auto finding = run(b.count, request, {.seed = 1});
  const std::string where = std::string(b.name) + ", " + Request::info().id;
  if (!finding) {
    EXPECT_EQ(finding.error().code, ErrorCode::input_insufficient) << where;
    EXPECT_FALSE(finding.error().message.empty()) << where;
    return;
  }
  EXPECT_FALSE(finding->test) << where;
  EXPECT_NE(finding->answer, Answer::yes) << where;
  EXPECT_NE(finding->answer, Answer::no) << where;
  if (finding->answer != Answer::descriptive) {
    EXPECT_THAT(finding->conditions, testing::Contains(testing::Field(&Condition::met, false))) << where;
  }
}

TEST(ArrivalMethods, OnBadInputEachNamesTheConditionThatFails) {
  for (const Bad& b : bad_inputs()) {
    expect_no_claim<CurveRequest>(b);
    expect_no_claim<ProjectionRequest>(b);
    expect_no_claim<ShiftRequest>(b);
    expect_no_claim<DiscontinuityRequest>(b);
    expect_no_claim<EarlyLateRequest>(b);
    expect_no_claim<RivalsRequest>(b);
  }
}

TEST(Projection, WithoutARegisterOnlyImputationIsGivenAndTheConditionSaysSo) {
  Made m = made(0, 51, 60);
  m.count.registered.clear();
  m.snapshot.registered.clear();
  const auto finding = run(m.count, ProjectionRequest{with_arrival(m), 200, 40}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_FALSE(finding->estimate("rate_margin_points"));
  EXPECT_TRUE(finding->estimate("impute_margin_points"));
  EXPECT_THAT(finding->conditions, testing::Contains(testing::AllOf(
                                       testing::Field(&Condition::text, testing::HasSubstr("registered voters")),
                                       testing::Field(&Condition::met, false))));
}

}  // namespace
}  // namespace cotejo
