#include "cotejo/methods/arrival/discontinuity.hpp"

#include <gtest/gtest.h>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"

namespace cotejo {
namespace {

using test::made;
using test::Made;
using test::value;

TEST(Discontinuity, TheBandwidthIsAtMostTheSupportAndTheJumpIsShownForSeveral) {
  const Made m = made(0, 7, 240);
  const ArrivalRequest request{.arrivals = {&m.arrival}, .cut = "1800"};  // 5 % or so of the units come later
  const auto finding = run(m.count, DiscontinuityRequest{request, {}, {}, 200}, {.seed = 1});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
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
    test::expect_messages(*finding);
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

}  // namespace
}  // namespace cotejo
