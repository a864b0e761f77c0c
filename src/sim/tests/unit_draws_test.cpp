#include "cotejo/sim/unit_draws.hpp"

#include <Random123/threefry.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "cotejo/base/vector_math.hpp"

namespace cotejo {
namespace {

namespace vm = vector_math;

TEST(VectorMath, IsTheStandardLibraryWithinAFewRoundings) {
  Stream stream(1, Purpose::hold_out);
  for (int i = 0; i < 200'000; ++i) {
    const double x = 1400 * stream.uniform() - 700, u = stream.uniform(), y = std::exp(x);
    EXPECT_NEAR(vm::exp(x) / y, 1, 4e-15) << x;
    EXPECT_NEAR(vm::log(y), x, 1e-15 + 4e-16 * std::abs(x)) << x;
    EXPECT_NEAR(vm::log(1 - u), std::log(1 - u), 2e-15 * std::max(0.1, std::abs(std::log(1 - u)))) << u;
    EXPECT_NEAR(vm::cosine_of_turn(u), std::cos(2 * M_PI * u), 2e-15) << u;
    EXPECT_NEAR(vm::sine_of_turn(u), std::sin(2 * M_PI * u), 2e-15) << u;
    if (HasFailure()) return;
  }
  EXPECT_EQ(vm::exp(0.0), 1);
  EXPECT_EQ(vm::log(1.0), 0);
}

TEST(VectorMath, WithSevenDigitsIsTheStandardLibraryWithinAFewRoundings) {
  Stream stream(2, Purpose::hold_out);
  for (int i = 0; i < 200'000; ++i) {
    const auto x = static_cast<float>(170 * stream.uniform() - 85), u = static_cast<float>(0.5 + stream.uniform());
    const double y = std::exp(static_cast<double>(x));
    EXPECT_NEAR(static_cast<double>(vm::exp(x)) / y, 1, 2e-7) << x;
    EXPECT_NEAR(static_cast<double>(vm::log(static_cast<float>(y))),
                std::log(static_cast<double>(static_cast<float>(y))), 2e-7 + 2e-7 * std::abs(static_cast<double>(x)))
        << x;
    EXPECT_NEAR(static_cast<double>(vm::log(u)), std::log(static_cast<double>(u)), 2e-7) << u;
    if (HasFailure()) return;
  }
}

TEST(UnitDraws, BlocksAreThoseOfRandom123) {
  const UnitStream stream{.seed = 20191020, .purpose = Purpose::fair_election, .replicate = 7, .step = 3};
  for (const std::size_t unit : {0U, 1U, 255U, 256U, 1'000'003U}) {
    std::array<std::uint64_t, 4> words{};
    unit_words(stream, unit, words);
    const r123::Threefry4x64::ctr_type counter = {{unit, 1, 0, 0}};
    const r123::Threefry4x64::key_type key = {
        {stream.seed, static_cast<std::uint64_t>(stream.purpose), stream.replicate, stream.step}};
    const auto expected = r123::Threefry4x64{}(counter, key);
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(words[k], expected[k]) << unit << " " << k;
  }
}

// Chi-square of draws against a distribution; one in 10,000 fair samplers is rejected.
void expect_distribution(const std::vector<std::int32_t>& drawn, std::int32_t n,
                         const std::function<double(int)>& chance, const std::string& what) {
  std::vector<double> seen(static_cast<std::size_t>(n) + 1, 0);
  for (const auto x : drawn) {
    ASSERT_GE(x, 0) << what;
    ASSERT_LE(x, n) << what;
    ++seen[static_cast<std::size_t>(x)];
  }
  double chi_square = 0, cells = 0, observed = 0, expected = 0;
  for (int k = 0; k <= n; ++k) {
    observed += seen[static_cast<std::size_t>(k)];
    expected += static_cast<double>(drawn.size()) * chance(k);
    if (expected < 10 && k < n) continue;
    if (expected > 0) chi_square += (observed - expected) * (observed - expected) / std::max(expected, 1.0);
    ++cells;
    observed = expected = 0;
  }
  if (cells < 2) return;
  const boost::math::chi_squared law(cells - 1);
  EXPECT_GT(boost::math::cdf(boost::math::complement(law, chi_square)), 1e-4) << what << ", chi-square " << chi_square;
}

TEST(UnitDraws, BinomialsAreBinomial) {
  constexpr std::size_t draws = 200'000;
  std::uint64_t step = 0;
  for (const auto& [n, p] : std::initializer_list<std::pair<std::int32_t, double>>{
           {1, 0.3}, {20, 0.05}, {200, 0.43}, {200, 0.97}, {220, 0.45}, {1000, 0.5}, {3000, 0.07}, {3000, 0.61}}) {
    const std::vector<std::int32_t> trials(draws, n);
    const std::vector<double> mean(draws, std::log(p / (1 - p))), sd(draws, 0.0);
    std::vector<std::int32_t> out(draws);
    binomial_units({.seed = 5, .step = step++}, trials, mean, sd, {}, out);
    const boost::math::binomial law(n, p);
    expect_distribution(
        out, n, [&](int k) { return boost::math::pdf(law, k); }, "n " + std::to_string(n) + " p " + std::to_string(p));
    // The same through residuals: all are 0.
    const std::vector<double> none{0.0, 0.0};
    std::vector<std::int32_t> again(draws);
    binomial_units({.seed = 5, .step = step - 1}, trials, mean, {}, none, again);
    EXPECT_EQ(out, again);
  }
}

TEST(UnitDraws, LogitsAreNormal) {
  // P(X = 1), X ~ Bin(1, lambda(N(0.3, 1.5^2))), by a sum over the normal's density.
  constexpr std::size_t draws = 400'000;
  std::vector<std::int32_t> out(draws);
  binomial_units({.seed = 6}, std::vector<std::int32_t>(draws, 1), std::vector<double>(draws, 0.3),
                 std::vector<double>(draws, 1.5), {}, out);
  double expected = 0, seen = 0;
  for (double z = -9; z <= 9; z += 0.001)
    expected += 0.001 * std::exp(-z * z / 2) / std::sqrt(2 * M_PI) / (1 + std::exp(-0.3 - 1.5 * z));
  for (const auto x : out) seen += x;
  EXPECT_NEAR(seen / draws, expected, 4 * 0.5 / std::sqrt(draws));
}

TEST(UnitDraws, BetaBinomialsAreBetaBinomial) {
  constexpr std::size_t draws = 200'000;
  std::uint64_t step = 0;
  for (const auto& [n, a, b] : std::initializer_list<std::tuple<std::int32_t, double, double>>{
           {30, 0.5, 0.8}, {200, 3.0, 1.2}, {200, 80.0, 120.0}, {600, 300.0, 200.0}}) {
    std::vector<std::int32_t> out(draws);
    beta_binomial_units({.seed = 7, .step = step++}, std::vector<std::int32_t>(draws, n), std::vector<double>(draws, a),
                        std::vector<double>(draws, b), out);
    expect_distribution(
        out, n,
        [&](int k) {
          const auto log_beta = [](double x, double y) { return std::lgamma(x) + std::lgamma(y) - std::lgamma(x + y); };
          return std::exp(log_beta(k + a, n - k + b) - log_beta(a, b) + std::lgamma(n + 1.0) - std::lgamma(k + 1.0) -
                          std::lgamma(n - k + 1.0));
        },
        "n " + std::to_string(n) + " a " + std::to_string(a));
  }
}

TEST(UnitDraws, AUnitsDrawDependsOnNoOtherUnit) {
  constexpr std::size_t units = 700;
  std::vector<std::int32_t> n(units, 250), all(units), first(300);
  std::vector<double> mean(units, 0.2), sd(units, 0.4);
  binomial_units({.seed = 8}, n, mean, sd, {}, all);
  n[5] = 3000;
  binomial_units({.seed = 8}, std::span(n).first(300), std::span(mean).first(300), std::span(sd).first(300), {}, first);
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (i != 5) {
      EXPECT_EQ(first[i], all[i]) << i;
    }
  }
}

}  // namespace
}  // namespace cotejo
