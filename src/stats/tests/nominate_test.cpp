#include "cotejo/stats/nominate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

double phi(double t) {
  return 0.5 * std::erfc(-t / std::sqrt(2.0));
}

struct Planted {
  ResponseMatrix responses;
  std::vector<double> x;
  double log_likelihood = 0;  // at the truth
};

// Answers drawn from the model itself in one dimension, beta = 15, w = 0.5.
Planted planted(std::size_t n, std::size_t items, Seed seed) {
  Stream stream(seed, Purpose::planted);
  Planted out{.responses = {.subjects = n, .items = items, .cells = std::vector<std::int8_t>(n * items)}, .x = {}};
  for (std::size_t i = 0; i < n; ++i) out.x.push_back(1.8 * stream.uniform() - 0.9);
  for (std::size_t j = 0; j < items; ++j) {
    const double middle = 1.4 * stream.uniform() - 0.7, half = (stream.uniform() < 0.5 ? -1 : 1) * 0.4;
    for (std::size_t i = 0; i < n; ++i) {
      const auto near = [&](double z) { return std::exp(-0.125 * (out.x[i] - z) * (out.x[i] - z)); };
      const double u = 15 * (near(middle - half) - near(middle + half));
      const bool yes = stream.uniform() < phi(u);
      out.responses.cells[i * items + j] = yes ? 1 : -1;
      out.log_likelihood += std::log(phi(yes ? u : -u));
    }
  }
  return out;
}

double order_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& v) {
    std::vector<std::size_t> order(v.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) { return v[i] < v[k]; });
    std::vector<double> out(v.size());
    for (std::size_t r = 0; r < order.size(); ++r) out[order[r]] = static_cast<double>(r);
    return out;
  };
  const auto ra = ranks(a), rb = ranks(b);
  double squares = 0;
  for (std::size_t i = 0; i < ra.size(); ++i) squares += (ra[i] - rb[i]) * (ra[i] - rb[i]);
  const auto n = static_cast<double>(ra.size());
  return 1 - 6 * squares / (n * (n * n - 1));
}

const Context two_threads{.seed = 1, .threads = 2};

TEST(Nominate, FindsPlantedPositionsAtALikelihoodAboveTheTruths) {
  const auto truth = planted(50, 300, 2);
  const auto right = static_cast<std::size_t>(std::max_element(truth.x.begin(), truth.x.end()) - truth.x.begin());
  const auto fit = nominate(truth.responses, {.dimensions = 1, .starts = 2, .polarity = {right}}, two_threads);
  ASSERT_TRUE(fit);
  EXPECT_TRUE(fit->converged);
  EXPECT_GT(order_correlation(fit->coordinates, truth.x), 0.98);
  EXPECT_GT(fit->log_likelihood, truth.log_likelihood);
  EXPECT_EQ(fit->log_likelihood, *std::max_element(fit->log_likelihoods.begin(), fit->log_likelihoods.end()));
  for (std::size_t i = 0; i < 50; ++i) EXPECT_LE(std::abs(fit->coordinates[i]), 1 + 1e-12);
}

// No step of any one subject to either side is better: the returned point is a maximum in every subject.
TEST(Nominate, StopsWhereNoSubjectGainsByMoving) {
  const auto truth = planted(20, 120, 3);
  const auto fit = nominate(truth.responses, {.dimensions = 1, .starts = 1}, two_threads);
  ASSERT_TRUE(fit);
  const auto value = [&](std::size_t i, double x) {
    double sum = 0;
    for (std::size_t j = 0; j < 120; ++j) {
      const auto near = [&](double z) {
        const double w = fit->weights[0] * (x - z);
        return std::exp(-0.5 * w * w);
      };
      sum += std::log(phi(truth.responses.at(i, j) * fit->beta * (near(fit->yea[j]) - near(fit->nay[j]))));
    }
    return sum;
  };
  for (std::size_t i = 0; i < 20; ++i)
    for (const double step : {-0.1, 0.1}) {
      const double moved = fit->coordinates[i] + step;
      if (std::abs(moved) > 1) continue;
      EXPECT_GT(value(i, fit->coordinates[i]), value(i, moved)) << i;
    }
}

TEST(Nominate, IsTheSameForAnyNumberOfThreads) {
  const auto truth = planted(15, 40, 4);
  const auto one = nominate(truth.responses, {.dimensions = 2, .starts = 2}, {.seed = 1, .threads = 1});
  const auto four = nominate(truth.responses, {.dimensions = 2, .starts = 2}, {.seed = 1, .threads = 4});
  ASSERT_TRUE(one && four);
  EXPECT_EQ(one->coordinates, four->coordinates);
  EXPECT_EQ(one->yea, four->yea);
}

TEST(Nominate, RefusesWhatHasNoPositions) {
  const auto none = nominate({.subjects = 3, .items = 1, .cells = {1, 1, 1}}, {.dimensions = 1}, two_threads);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::input_insufficient);
}

}  // namespace
}  // namespace cotejo
