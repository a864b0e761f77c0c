// The samplers against their distributions. Random tests have a fixed seed; the false-alarm level of all chi-square
// tests of this file together is 0.1 %, each has 1 - (1 - 0.001)^(1 / number of tests).
#include "cotejo/sim/samplers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

namespace cotejo {
namespace {

constexpr Seed seed = 41;
constexpr double suite_level = 0.001, tests_in_suite = 20;
const double level = 1 - std::pow(1 - suite_level, 1 / tests_in_suite);

// The p-value of Pearson's chi-square; cells are joined, in order, until each expects at least 10.
double chi_square_p(const std::vector<double>& expected, const std::vector<double>& observed) {
  double statistic = 0, e = 0, o = 0, last_e = 0, last_o = 0;
  int cells = 0;
  const auto close = [&] {
    statistic += (o - e) * (o - e) / e;
    ++cells;
    last_e = e, last_o = o;
    e = o = 0;
  };
  for (std::size_t i = 0; i < expected.size(); ++i) {
    e += expected[i];
    o += observed[i];
    if (e >= 10) close();
  }
  if (e > 0 && cells > 0) {  // what is left joins the last cell
    statistic -= (last_o - last_e) * (last_o - last_e) / last_e;
    --cells;
    e += last_e, o += last_o;
    close();
  }
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(cells - 1), statistic));
}

double p_of_draws(std::int64_t n, double claimed_p, const std::function<std::int64_t(Stream&)>& draw) {
  constexpr int draws = 100'000;
  std::vector<double> expected(n + 1), observed(n + 1);
  const boost::math::binomial distribution(static_cast<double>(n), claimed_p);
  for (std::int64_t k = 0; k <= n; ++k) expected[k] = draws * boost::math::pdf(distribution, static_cast<double>(k));
  Stream stream(seed, Purpose::synthetic_election, n, static_cast<std::uint64_t>(1e6 * claimed_p));
  for (int i = 0; i < draws; ++i) observed[draw(stream)] += 1;
  return chi_square_p(expected, observed);
}

struct BinomialCase {
  std::int64_t n;
  double p;
};

class Binomial : public testing::TestWithParam<BinomialCase> {};

TEST_P(Binomial, DrawsFollowItsDistribution) {
  const auto [n, p] = GetParam();
  EXPECT_GT(p_of_draws(n, p, [&](Stream& stream) { return binomial_rng(stream, n, p); }), level)
      << "n " << n << ", p " << p << ", seed " << seed;
}

INSTANTIATE_TEST_SUITE_P(SmallMiddleLargeAndSkewed, Binomial,
                         testing::Values(BinomialCase{1, 0.3}, BinomialCase{2, 0.5}, BinomialCase{10, 0.01},
                                         BinomialCase{10, 0.99}, BinomialCase{240, 0.88}, BinomialCase{240, 0.5},
                                         BinomialCase{240, 0.004}, BinomialCase{240, 0.998}, BinomialCase{4095, 0.2},
                                         BinomialCase{4096, 0.7}, BinomialCase{20'000, 0.4}, BinomialCase{500, 0.35},
                                         BinomialCase{2500, 0.65}));

TEST(Binomial, ASamplerThatIsOffByLittleIsCaught) {
  // The planted fault: a probability of 0.502 instead of 0.5.
  EXPECT_LT(p_of_draws(240, 0.5, [](Stream& stream) { return binomial_rng(stream, 240, 0.502); }), level);
}

TEST(Binomial, CertainAndImpossibleEventsTakeNoChance) {
  Stream stream(seed, Purpose::synthetic_election);
  EXPECT_EQ(binomial_rng(stream, 0, 0.5), 0);
  EXPECT_EQ(binomial_rng(stream, 17, 0), 0);
  EXPECT_EQ(binomial_rng(stream, 17, -1e-17), 0);
  EXPECT_EQ(binomial_rng(stream, 17, 1), 17);
  EXPECT_EQ(binomial_rng(stream, 17, 1 + 1e-15), 17);
  EXPECT_EQ(binomial_rng(stream, 1'000'000, 1), 1'000'000);
}

TEST(Binomial, StaysWithinItsRangeAtTheEdgesOfDoubles) {
  Stream stream(seed, Purpose::synthetic_election);
  for (const double p : {1e-300, 1e-17, 1e-9, 1 - 1e-9, 1 - 0x1p-53})
    for (const std::int64_t n : {1, 240, 4095, 100'000})
      for (int i = 0; i < 100; ++i) {
        const auto draw = binomial_rng(stream, n, p);
        ASSERT_GE(draw, 0) << "n " << n << ", p " << p;
        ASSERT_LE(draw, n) << "n " << n << ", p " << p;
        ASSERT_LE(std::abs(static_cast<double>(draw) - static_cast<double>(n) * p), 2) << "n " << n << ", p " << p;
      }
}

TEST(BetaBinomial, DrawsFollowItsDistribution) {
  // P(k) = C(n, k) B(k + a, n - k + b) / B(a, b).
  constexpr int n = 40, draws = 100'000;
  for (const auto& [a, b] : {std::pair{2.0, 5.0}, std::pair{0.5, 0.7}}) {
    std::vector<double> expected(n + 1), observed(n + 1);
    for (int k = 0; k <= n; ++k)
      expected[k] = draws * std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                                     std::lgamma(k + a) + std::lgamma(n - k + b) - std::lgamma(n + a + b) -
                                     std::lgamma(a) - std::lgamma(b) + std::lgamma(a + b));
    Stream stream(seed, Purpose::synthetic_election, 11, static_cast<std::uint64_t>(10 * a));
    for (int i = 0; i < draws; ++i) observed[beta_binomial_rng(stream, n, a, b)] += 1;
    EXPECT_GT(chi_square_p(expected, observed), level) << a << ", " << b;
  }
}

TEST(DirichletMultinomial, EveryCategoryIsBetaBinomialAndAllAddUp) {
  constexpr std::array<double, 3> alpha = {1.5, 3, 0.8};
  constexpr int n = 25, draws = 100'000;
  std::vector<double> expected(n + 1), observed(n + 1);
  const double a = alpha[1], b = alpha[0] + alpha[2];
  for (int k = 0; k <= n; ++k)
    expected[k] = draws * std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                                   std::lgamma(k + a) + std::lgamma(n - k + b) - std::lgamma(n + a + b) -
                                   std::lgamma(a) - std::lgamma(b) + std::lgamma(a + b));
  Stream stream(seed, Purpose::synthetic_election, 12);
  for (int i = 0; i < draws; ++i) {
    std::array<std::int32_t, 3> out{};
    dirichlet_multinomial_rng(stream, n, alpha, out);
    ASSERT_EQ(out[0] + out[1] + out[2], n);
    observed[out[1]] += 1;
  }
  EXPECT_GT(chi_square_p(expected, observed), level);
}

TEST(Multinomial, EveryCategoryIsBinomialAndAllAddUp) {
  constexpr std::array<double, 4> weights = {6, 3, 0, 1};  // need not add up to 1
  constexpr std::int64_t n = 30;
  for (const std::size_t k : {0U, 1U, 3U}) {
    EXPECT_GT(p_of_draws(n, weights[k] / 10,
                         [&](Stream& stream) {
                           std::array<std::int32_t, 4> out{};
                           multinomial_rng(stream, n, weights, out);
                           EXPECT_EQ(std::accumulate(out.begin(), out.end(), 0), n);
                           EXPECT_EQ(out[2], 0);
                           return out[k];
                         }),
              level)
        << "category " << k;
  }
}

TEST(Multinomial, TheJointDistributionOfATinyCaseIsItsFullEnumeration) {
  constexpr std::array<double, 3> p = {0.5, 0.3, 0.2};
  constexpr int n = 3, draws = 100'000;
  const std::array<double, 4> factorial = {1, 1, 2, 6};
  std::map<std::array<std::int32_t, 3>, double> expected, observed;
  for (int a = 0; a <= n; ++a)
    for (int b = 0; a + b <= n; ++b) {
      const int c = n - a - b;
      expected[{a, b, c}] = draws * 6 / (factorial[a] * factorial[b] * factorial[c]) * std::pow(p[0], a) *
                            std::pow(p[1], b) * std::pow(p[2], c);
    }
  Stream stream(seed, Purpose::synthetic_election, 7);
  for (int i = 0; i < draws; ++i) {
    std::array<std::int32_t, 3> out{};
    multinomial_rng(stream, n, p, out);
    observed[out] += 1;
  }
  std::vector<double> e, o;
  for (const auto& [cell, value] : expected) {
    e.push_back(value);
    o.push_back(observed[cell]);
  }
  EXPECT_EQ(observed.size(), expected.size()) << "an impossible outcome was drawn";
  EXPECT_GT(chi_square_p(e, o), level);
}

TEST(Multinomial, SmallWeightsBehindALargeOneKeepTheirProportion) {
  // By subtraction from the sum the last two would be lost in rounding; here they share what the first leaves.
  constexpr std::array<double, 3> weights = {0, 1e-18, 3e-18};
  Stream stream(seed, Purpose::synthetic_election, 8);
  std::array<std::int64_t, 3> sum{};
  for (int i = 0; i < 1000; ++i) {
    std::array<std::int32_t, 3> out{};
    multinomial_rng(stream, 100, weights, out);
    for (std::size_t k = 0; k < 3; ++k) sum[k] += out[k];
  }
  EXPECT_EQ(sum[0], 0);
  EXPECT_NEAR(static_cast<double>(sum[1]), 25'000, 5 * std::sqrt(100'000 * 0.25 * 0.75));
}

TEST(Multinomial, NothingToShareOutIsNothing) {
  Stream stream(seed, Purpose::synthetic_election, 9);
  std::array<std::int32_t, 2> out = {5, 5};
  multinomial_rng(stream, 0, std::array<double, 2>{0, 0}, out);
  EXPECT_EQ(out, (std::array<std::int32_t, 2>{0, 0}));
}

}  // namespace
}  // namespace cotejo
