#include "cotejo/stats/robust_tails.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

TEST(OneSidedSignP, AgreesWithEnumeration) {
  for (int n = 1; n <= 12; ++n)
    for (int above = 0; above <= n; ++above) {
      unsigned as_many = 0;
      for (unsigned pattern = 0; pattern < 1U << n; ++pattern) as_many += std::popcount(pattern) >= above;
      EXPECT_NEAR(one_sided_sign_p(above, n - above), as_many / std::pow(2, n), 1e-12) << n << " " << above;
    }
  EXPECT_EQ(one_sided_sign_p(0, 0), 1);
  EXPECT_NEAR(one_sided_sign_p(142, 119), .0867, 5e-4);  // docs/methods/share-tails.md: p .09
}

struct Made {
  std::vector<double> d, v;
  std::vector<std::uint32_t> k;
};
Made normal_items(std::size_t n, double spread, double sampling) {
  Made out;
  Stream stream(9, Purpose::planted);
  for (std::size_t i = 0; i < n; ++i) {
    out.d.push_back(std::sqrt(spread * spread * (1 + 1 / 9.0) + sampling) * stream.normal());
    out.v.push_back(sampling);
    out.k.push_back(10);
  }
  return out;
}

TEST(RobustTails, FindTheSpreadAndTheTailsOfANormal) {
  const auto made = normal_items(100'000, .2, .02);
  const auto tails = robust_tails(made.d, made.v, made.k, 3);
  EXPECT_NEAR(tails.spread, .2, .005);
  // 0.135 % on either side: 135 of 100,000, four standard errors of 11.6.
  EXPECT_NEAR(static_cast<double>(tails.above), 135, 47);
  EXPECT_NEAR(static_cast<double>(tails.below), 135, 47);
}

TEST(RobustTails, AreNotMovedByTheTailsTheyCount) {
  auto made = normal_items(10'000, .2, .02);
  const double before = robust_tails(made.d, made.v, made.k, 3).spread;
  for (std::size_t i = 0; i < 100; ++i) made.d[i] = 5;
  const auto tails = robust_tails(made.d, made.v, made.k, 3);
  EXPECT_NEAR(tails.spread, before, .01);
  EXPECT_GE(tails.above, 100);
  EXPECT_LT(tails.p_above, 1e-12);
}

TEST(RobustTails, OfNothingAreNone) {
  const auto tails = robust_tails({}, {}, {}, 3);
  EXPECT_EQ(tails.above + tails.below, 0);
  EXPECT_EQ(tails.p_above, 1);
}

}  // namespace
}  // namespace cotejo
