#include "cotejo/methods/arrival/shift.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"

namespace cotejo {
namespace {

using test::drifting;
using test::made;
using test::Made;
using test::value;
using test::with_arrival;

TEST(Shift, FindsAPlantedShiftWithinPlaces) {
  const Made m = made(20, 3);  // large enough that a few noisy cuts beside it do not hide it
  const auto finding = run(m.count, ShiftRequest{with_arrival(m)}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
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
  test::expect_messages(*finding);
  EXPECT_EQ(finding->answer, Answer::undetermined);
  EXPECT_FALSE(finding->test);
  EXPECT_TRUE(finding->estimate("permutation_p"));  // shown, and decides nothing
  EXPECT_THAT(finding->conditions,
              testing::Contains(testing::AllOf(testing::Field(&Condition::text, testing::HasSubstr("order of arrival")),
                                               testing::Field(&Condition::met, false))));
}

TEST(Shift, OnADriftNoCutAnswersYesMoreOftenThanOneInTwenty) {
  const Made m = drifting(31);
  int yes = 0, rejected = 0;
  for (int i = 0; i < 20; ++i) {
    const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = std::to_string(200 + 80 * i)};
    const auto finding = run(m.count, ShiftRequest{request, {}, {}, 199, 400}, {.seed = 1});
    ASSERT_TRUE(finding) << describe(finding.error());
    test::expect_messages(*finding);
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

}  // namespace
}  // namespace cotejo
