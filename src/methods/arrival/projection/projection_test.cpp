#include "cotejo/methods/arrival/projection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"

namespace cotejo {
namespace {

using test::drifting;
using test::made;
using test::Made;
using test::value;
using test::with_arrival;

TEST(Projection, OfAFairLateCountCoversAndIsNotFarOff) {
  const Made m = made(0, 6);
  const auto finding = run(m.count, ProjectionRequest{{.others = {&m.snapshot}}, 400, 200}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
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
    test::expect_messages(*finding);
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
  test::expect_messages(*finding);
  EXPECT_EQ(finding->table("origins")->rows.size(), 3U);
  request.origins = "half past five";
  const auto refused = run(m.count, request, {.seed = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::option_invalid);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("origins"));
}

TEST(Projection, WithoutARegisterOnlyImputationIsGivenAndTheConditionSaysSo) {
  Made m = made(0, 51, 60);
  m.count.registered.clear();
  m.snapshot.registered.clear();
  const auto finding = run(m.count, ProjectionRequest{with_arrival(m), 200, 40}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  EXPECT_FALSE(finding->estimate("rate_margin_points"));
  EXPECT_TRUE(finding->estimate("impute_margin_points"));
  EXPECT_THAT(finding->conditions, testing::Contains(testing::AllOf(
                                       testing::Field(&Condition::text, testing::HasSubstr("registered voters")),
                                       testing::Field(&Condition::met, false))));
}

}  // namespace
}  // namespace cotejo
