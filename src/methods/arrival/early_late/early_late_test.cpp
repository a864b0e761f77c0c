#include "cotejo/methods/arrival/early_late.hpp"

#include <gtest/gtest.h>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"

namespace cotejo {
namespace {

using test::made;
using test::Made;
using test::value;

TEST(EarlyLate, ConditioningOnTheEarlyMarginAloneIsRegressionToTheMean) {
  const Made m = made(0, 5);
  const EarlyLateRequest request{{.others = {&m.snapshot}}, 499};
  const auto finding = run(m.count, request, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  // Nothing was planted: the distance is large for e < 0, and chance alone makes it so.
  EXPECT_GT(value(*finding, "distance_early_negative"), 2 * value(*finding, "distance_all"));
  const auto result = compute(m.count, request, {.seed = 1});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->comparisons[1].choice, PrecinctChoice::early_negative);
  EXPECT_GT(result->comparisons[1].p_value, 0.01);
  EXPECT_EQ(test::whole(*finding, "comparisons", "all", "precincts"), 100);
}

}  // namespace
}  // namespace cotejo
