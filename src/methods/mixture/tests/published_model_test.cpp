#include "../published_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "../chain_math.hpp"
#include "../published_fit.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {
namespace {

double log_binomial(double x, double n, double p) {
  return std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) + x * std::log(p) + (n - x) * std::log1p(-p);
}

TEST(PublishedModel, LogDensitiesAtFixedPointsAreTheSpecificationsTo1e10) {
  for (const double registered : {87.0, 210.0, 2500.0})
    for (const double m : {0.0, 0.2, 0.65, 0.9})
      for (const double s : {0.0, 0.3, 0.85}) {
        const double tau = 0.83, nu = 0.47, abstained = std::floor(0.05 * registered),
                     leader = std::floor(0.55 * registered);
        const double a = abstained / registered;
        const double p = nu * (1 - s) / (1 - m) * (1 - m - a) + a * (m - s) / (1 - m) + s;
        if (p <= 0 || p >= 1) continue;
        const double expected =
            log_binomial(abstained, registered, (1 - tau) * (1 - m)) + log_binomial(leader, registered, p);
        EXPECT_NEAR(published_log_likelihood(registered, abstained, leader, tau, nu, m, s), expected,
                    1e-10 * std::max(1.0, std::abs(expected)))
            << registered << " " << m << " " << s;
      }
}

TEST(PublishedModel, ClassProbabilitiesAtAFixedPointFollowBayesRule) {
  const std::array<double, 3> pi = {0.7, 0.2, 0.1};
  const auto got = published_class_probabilities(pi, 210, 12, 130, 0.83, 0.47, 0.35, 0.25, 0.85, 0.8);
  double weight[3], sum = 0;
  const double m[3] = {0, 0.35, 0.85}, s[3] = {0, 0.25, 0.8};
  for (int c = 0; c < 3; ++c)
    sum += weight[c] =
        pi[static_cast<std::size_t>(c)] * std::exp(published_log_likelihood(210, 12, 130, 0.83, 0.47, m[c], s[c]));
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got[c], weight[c] / sum, 1e-10);
}

// Its faults, each by an example. None of them can happen in our model.
TEST(PublishedModelFaults, TheSuccessProbabilityOfTheLeadersVotesLeavesTheUnitInterval) {
  // p is linear in nu; at nu = 1 it is 1 - a, at nu = 0 it is (a m + s (1 - m - a)) / (1 - m): never negative, since
  // a + m - 1 <= a m, but without an upper bound.
  EXPECT_NEAR(published_p(0.2, 0.8, 0.0, 0.9), 2.9, 1e-12);  // nearly everybody stayed away although m = 0.8
  EXPECT_EQ(published_log_likelihood(100, 90, 5, 0.9, 0.2, 0.8, 0.0), -INFINITY);
}

TEST(PublishedModelFaults, AbstentionsAndTheLeadersVotesExceedTheRegisteredVoters) {
  Stream stream(3, Purpose::synthetic_election);
  std::int64_t exceed = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t absent = binomial_rng(stream, 200, 0.3);
    const double p = published_p(0.97, 0, 0, static_cast<double>(absent) / 200);
    exceed += absent + binomial_rng(stream, 200, p) > 200;
  }
  EXPECT_GT(exceed, 100);  // of 1,000 units drawn from the model
}

// The prior of pi as it is fitted: E[pi_none] = 3 log 3 - 4 log 2.
TEST(PublishedModelFaults, ItsPriorExpectsNearlyHalfOfTheUnitsToBeFraudulent) {
  double sum = 0;
  constexpr int cells = 1000;
  for (int i = 0; i < cells; ++i)
    for (int j = 0; j < cells; ++j) sum += 1 / (1 + (i + 0.5) / cells + (j + 0.5) / cells);
  EXPECT_NEAR(sum / cells / cells, 3 * std::log(3.0) - 4 * std::log(2.0), 1e-6);
  EXPECT_NEAR(3 * std::log(3.0) - 4 * std::log(2.0), 0.523, 5e-4);
}

MixtureData small_election(std::uint64_t replicate, bool effects) {
  MixtureData data;
  data.places.levels = 1;
  data.places.parent = {NestedPlaces::top};
  data.places.level = {0};
  Stream stream(17, Purpose::synthetic_election, replicate);
  for (int u = 0; u < 143; ++u) {
    const auto n = static_cast<std::int32_t>(100 + stream.below(150));
    const double e = effects ? 0.35 : 0, tau = 1 / (1 + std::exp(-1.2 - e * stream.normal())),
                 nu = 1 / (1 + std::exp(-0.1 - e * stream.normal()));
    const double m = u < 25 ? 0.3 : u < 35 ? 0.85 : 0, s = u < 25 ? 0.3 : u < 35 ? 0.85 : 0;
    const auto absent = static_cast<std::int32_t>(binomial_rng(stream, n, (1 - tau) * (1 - m)));
    const double p = published_p(nu, m, s, static_cast<double>(absent) / n);
    const auto leader = static_cast<std::int32_t>(std::min<std::int64_t>(n - absent, binomial_rng(stream, n, p)));
    data.registered.push_back(n);
    data.abstained.push_back(absent);
    data.leader.push_back(leader);
    data.other.push_back(n - absent - leader);
    data.place.push_back(0);
  }
  return data;
}

TEST(PublishedModelFaults, TotalsHaveNotMixedWhereTheClassSharesPass) {
  const MixtureData data = small_election(1, true);
  const ChainPlan plan{.chains = 4, .warmup = 300, .iterations = 600, .block = 600, .until_mixed = false};
  const auto draws = fit_published(data, Published::qbl, plan, 7, {.threads = 2});
  ASSERT_TRUE(draws);
  EXPECT_LT(draws->diagnostic("pi_extreme").rhat, 1.01);
  EXPECT_GT(draws->diagnostic("manufactured_votes").rhat, draws->diagnostic("pi_extreme").rhat);
  EXPECT_FALSE(draws->mixed());
}

TEST(PublishedModel, OneThreadAndEightGiveTheSameBits) {
  const MixtureData data = small_election(2, true);
  const ChainPlan plan{.chains = 2, .warmup = 20, .iterations = 40, .block = 40, .until_mixed = false};
  for (const Published model : {Published::bl, Published::qbl})
    EXPECT_EQ(fit_published(data, model, plan, 7, {.threads = 1})->draws,
              fit_published(data, model, plan, 7, {.threads = 8})->draws);
}

}  // namespace
}  // namespace cotejo::mixture
