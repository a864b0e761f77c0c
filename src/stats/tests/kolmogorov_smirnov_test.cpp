#include "cotejo/stats/kolmogorov_smirnov.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace cotejo {
namespace {

TEST(KsDistance, OfSmallSamplesByHand) {
  EXPECT_DOUBLE_EQ(ks_distance({1, 2, 3}, {4, 5}), 1.0);
  EXPECT_DOUBLE_EQ(ks_distance({1, 2, 3, 4}, {2.5}), 0.5);
  EXPECT_DOUBLE_EQ(ks_distance({3, 1, 2}, {2, 3, 1}), 0.0);
  EXPECT_DOUBLE_EQ(ks_distance({0, 0, 0, 1}, {0, 1, 1, 1}), 0.5) << "ties within and between";
  EXPECT_TRUE(std::isnan(ks_distance({}, {1})));
}

// Kolmogorov's distribution: Smirnov (1948), table: P(z) = 0.05 at z = 1.3581, 0.01 at 1.6276.
TEST(KsAsymptoticP, HasTheTabulatedQuantiles) {
  const std::size_t n = 4'000'000;
  const double root = std::sqrt(n / 2.0);
  EXPECT_NEAR(ks_asymptotic_p(1.3581 / root, n, n), 0.05, 1e-4);
  EXPECT_NEAR(ks_asymptotic_p(1.6276 / root, n, n), 0.01, 2e-5);
  EXPECT_EQ(ks_asymptotic_p(0, 10, 10), 1);
}

}  // namespace
}  // namespace cotejo
