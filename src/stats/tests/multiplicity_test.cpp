#include "cotejo/stats/multiplicity.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace cotejo {
namespace {

// By hand: m = 4, sorted .01 .02 .03 .20; Holm 4 x .01, 3 x .02, 2 x .03, .20; BH 4 x .01, 4/2 x .02, 4/3 x .03, .20.
TEST(Multiplicity, ByHand) {
  const std::vector<double> p{.03, .01, NAN, .20, .02};
  const auto holm = holm_adjusted(p), bh = benjamini_hochberg_adjusted(p);
  EXPECT_DOUBLE_EQ(holm[1], .04);
  EXPECT_DOUBLE_EQ(holm[4], .06);
  EXPECT_DOUBLE_EQ(holm[0], .06);
  EXPECT_DOUBLE_EQ(holm[3], .20);
  EXPECT_TRUE(std::isnan(holm[2]));
  EXPECT_DOUBLE_EQ(bh[1], .04);
  EXPECT_DOUBLE_EQ(bh[4], .04);
  EXPECT_DOUBLE_EQ(bh[0], .04);
  EXPECT_DOUBLE_EQ(bh[3], .20);
}

}  // namespace
}  // namespace cotejo
