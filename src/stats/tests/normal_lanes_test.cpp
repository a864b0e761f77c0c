#include "cotejo/stats/normal_lanes.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

using Exact = boost::math::normal_distribution<long double>;

// The same 52 bits as a number in (0, 1).
long double unit_of(std::uint64_t word) {
  return (static_cast<long double>(word >> 12) + 0.5L) * 0x1p-52L;
}

TEST(NormalLanes, GivesTheQuantilesOfTheNormal) {
  std::vector<std::uint64_t> words(5000);
  Stream(1, Purpose::posterior_draw).fill(words);
  words[0] = 0;
  words[1] = ~std::uint64_t{0};
  words[2] = std::uint64_t{1} << 63;
  words[3] = (std::uint64_t{1} << 63) - 1;
  std::vector<double> out(words.size());
  normals_from(words, out);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto exact = static_cast<double>(boost::math::quantile(Exact(), unit_of(words[i])));
    EXPECT_NEAR(out[i], exact, 2e-9 * std::max(1.0, std::abs(exact))) << words[i];
  }
}

// z = mean + sign * H(u Phi(sign * mean)), from the formula in the header, also far outside the usual range.
TEST(NormalLanes, CutsNormalsAtZeroByInversion) {
  for (const double range : {1.0, 6.0, 35.0}) {
    std::vector<std::uint64_t> words(3001);
    Stream stream(2, Purpose::posterior_draw);
    Stream(3, Purpose::posterior_draw).fill(words);
    std::vector<double> mean(words.size()), sign(words.size()), out(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      mean[i] = (2 * stream.uniform() - 1) * range;
      sign[i] = static_cast<double>(i % 3) - 1;
    }
    truncated_normals_from(words, mean, sign, out);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (sign[i] == 0) {
        EXPECT_EQ(out[i], 0);
        continue;
      }
      const long double t = sign[i] * mean[i];
      const long double p = unit_of(words[i]) * boost::math::cdf(Exact(), t);
      const auto noise = static_cast<double>(boost::math::quantile(boost::math::complement(Exact(), p)));
      EXPECT_GT(sign[i] * out[i], 0);
      EXPECT_NEAR(sign[i] * out[i], static_cast<double>(t) + noise, 2e-9 * std::max(1.0, std::abs(noise)))
          << "mean " << mean[i] << " sign " << sign[i] << " word " << words[i];
    }
  }
}

}  // namespace
}  // namespace cotejo
