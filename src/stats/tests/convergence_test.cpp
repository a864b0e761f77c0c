#include "cotejo/stats/convergence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

// Three chains of 60 draws that anyone can make again, in any language; the expected values are those of the R package
// `posterior` 1.4.0 (rhat, ess_bulk, ess_tail, mcse_mean), by the authors of Vehtari et al. (2021).
std::vector<double> made_chains(double shift_of_second) {
  std::vector<double> out;
  for (int chain = 1; chain <= 3; ++chain)
    for (int i = 1; i <= 60; ++i)
      out.push_back(std::sin(i * chain * 0.7) + 0.01 * i * chain + (i * 37 * chain % 11) / 11.0 +
                    (chain == 2 ? shift_of_second : 0));
  return out;
}

TEST(Convergence, ThreeChainsGiveThePublishedPackagesValues) {
  const auto draws = made_chains(0);
  EXPECT_NEAR(rhat(draws, 3), 1.1343922751034834, 1e-12);
  EXPECT_NEAR(ess_bulk(draws, 3), 25.2995596143685120, 1e-10);
  EXPECT_NEAR(ess_tail(draws, 3), 29.7776441702613823, 1e-10);
  EXPECT_NEAR(mcse_mean(draws, 3), 0.1638195331781581, 1e-12);
}

TEST(Convergence, AChainThatStandsApartGivesThePublishedPackagesValues) {
  const auto draws = made_chains(1.5);
  EXPECT_NEAR(rhat(draws, 3), 1.4751346723722374, 1e-12);
  EXPECT_NEAR(ess_bulk(draws, 3), 7.1323045387484676, 1e-10);
  EXPECT_NEAR(ess_tail(draws, 3), 109.0423371837494813, 1e-9);
  EXPECT_NEAR(mcse_mean(draws, 3), 0.4341252757074775, 1e-12);
}

TEST(Convergence, TiesShareTheirRankAsInThePublishedPackage) {
  auto draws = made_chains(0);
  for (double& x : draws) x = std::nearbyint(x);
  EXPECT_NEAR(rhat(draws, 3), 1.1112747700118881, 1e-12);
  EXPECT_NEAR(ess_bulk(draws, 3), 34.1102806430952725, 1e-10);
  EXPECT_TRUE(std::isnan(ess_tail(draws, 3)));  // no draw is above the 95 % quantile
  EXPECT_NEAR(mcse_mean(draws, 3), 0.1601365654187002, 1e-12);
}

TEST(Convergence, NothingIsSaidOfConstantsOfInfinitiesAndOfThreeDraws) {
  EXPECT_TRUE(std::isnan(rhat(std::vector<double>(40, 2.5), 4)));
  std::vector<double> infinite = made_chains(0);
  infinite[7] = INFINITY;
  EXPECT_TRUE(std::isnan(ess_bulk(infinite, 3)));
  EXPECT_TRUE(std::isnan(ess_tail(std::vector<double>{1, 2, 3, 4, 5, 6}, 2)));
}

// An autoregression of known autocorrelation time: ESS = draws (1 - r) / (1 + r).
TEST(Convergence, TheEssOfAnAutoregressionIsWhatTheorySays) {
  constexpr std::size_t chains = 4, n = 4000;
  constexpr double r = 0.6;
  std::vector<double> draws;
  for (std::size_t c = 0; c < chains; ++c) {
    Stream stream(20210521, Purpose::synthetic_election, c);
    double x = stream.normal();
    for (std::size_t t = 0; t < n; ++t) draws.push_back(x = r * x + std::sqrt(1 - r * r) * stream.normal());
  }
  const double expected = chains * n * (1 - r) / (1 + r);
  EXPECT_NEAR(ess_bulk(draws, chains) / expected, 1, 0.1);
  EXPECT_LT(rhat(draws, chains), 1.01);
}

}  // namespace
}  // namespace cotejo
