#include "cotejo/stats/sign_test.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace cotejo {
namespace {

TEST(SignTest, AgreesWithEnumerationOfEverySignPattern) {
  for (unsigned n = 1; n <= 12; ++n)
    for (unsigned plus = 0; plus <= n; ++plus) {
      unsigned as_far = 0;
      for (unsigned pattern = 0; pattern < 1U << n; ++pattern) {
        const auto k = static_cast<unsigned>(std::popcount(pattern));
        if (std::min(k, n - k) <= std::min(plus, n - plus)) ++as_far;
      }
      EXPECT_NEAR(sign_test_p(plus, n - plus), static_cast<double>(as_far) / (1U << n), 1e-12)
          << "n=" << n << " plus=" << plus;
    }
}

TEST(SignTest, SaysNothingOfNoSigns) {
  EXPECT_EQ(sign_test_p(0, 0), 1);
}

}  // namespace
}  // namespace cotejo
