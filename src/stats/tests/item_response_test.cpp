#include "cotejo/stats/item_response.hpp"

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
  std::vector<double> x;  // subjects x dimensions, mean 0 and variance 1 in every dimension
};

// Subjects drawn from N(0, I), items with |beta| about `sharp`, a share of the cells unanswered.
Planted planted(std::size_t n, std::size_t items, std::size_t d, double sharp, double missing, Seed seed) {
  Stream stream(seed, Purpose::planted);
  Planted out{.responses = {.subjects = n, .items = items, .cells = std::vector<std::int8_t>(n * items)}, .x = {}};
  for (std::size_t k = 0; k < n * d; ++k) out.x.push_back(stream.normal());
  for (std::size_t k = 0; k < d; ++k) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < n; ++i) mean += out.x[i * d + k] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) square += std::pow(out.x[i * d + k] - mean, 2) / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) out.x[i * d + k] = (out.x[i * d + k] - mean) / std::sqrt(square);
  }
  for (std::size_t j = 0; j < items; ++j) {
    std::vector<double> beta(d);
    for (std::size_t k = 0; k < d; ++k) beta[k] = sharp * stream.normal() / (k ? 1.5 : 1);
    const double alpha = 0.7 * stream.normal();
    for (std::size_t i = 0; i < n; ++i) {
      double u = -alpha;
      for (std::size_t k = 0; k < d; ++k) u += beta[k] * out.x[i * d + k];
      const bool yes = stream.uniform() < phi(u);
      out.responses.cells[i * items + j] = stream.uniform() < missing ? 0 : yes ? 1 : -1;
    }
  }
  return out;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double ma = std::accumulate(a.begin(), a.end(), 0.0) / n, mb = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

const Context two_threads{.seed = 20191020, .threads = 2};

// The exact posterior of a tiny case by weighting positions drawn from the prior with their likelihood, every item's
// (beta, alpha) being integrated out on a grid (trapezoids, which converge exponentially under a normal), and identified in
// the same way.
TEST(ItemResponse, AgreesWithThePosteriorByWeightedPriorDraws) {
  const ResponseMatrix tiny{.subjects = 4, .items = 3, .cells = {1, 1, -1, 1, -1, 1, -1, 0, 1, -1, -1, 1}};
  const auto reference = scaled_agreement(agreement_of(tiny), 1);
  constexpr double item_sd = 1.5;
  std::vector<double> mean(4), square(4);
  double weights = 0, squares_of_weights = 0;
  Stream stream(7, Purpose::planted);
  for (int draw = 0; draw < 12'000; ++draw) {
    double x[4], weight = 1;
    for (double& value : x) value = stream.normal();
    for (std::size_t j = 0; j < 3; ++j) {
      double integral = 0;
      for (int a = -8; a <= 8; ++a)
        for (int b = -8; b <= 8; ++b) {
          double term = std::exp(-0.125 * (a * a + b * b));
          for (std::size_t i = 0; i < 4; ++i)
            if (const auto cell = tiny.at(i, j)) term *= phi(cell * item_sd * 0.5 * (b * x[i] - a));
          integral += term;
        }
      weight *= integral / 25;
    }
    double m = 0, s = 0, along = 0;
    for (const double value : x) m += value / 4;
    for (const double value : x) s += (value - m) * (value - m) / 4;
    for (std::size_t i = 0; i < 4; ++i) along += (x[i] - m) * reference[i];
    for (std::size_t i = 0; i < 4; ++i) {
      const double y = (x[i] - m) / std::sqrt(s) * (along < 0 ? -1 : 1);
      mean[i] += weight * y;
      square[i] += weight * y * y;
    }
    weights += weight;
    squares_of_weights += weight * weight;
  }
  const auto fit = item_response(
      tiny, {.chains = 4, .warmup = 500, .draws = 20'000, .item_sd = item_sd, .polarity = {0}}, two_threads);
  ASSERT_TRUE(fit);
  const double turned = mean[0] < 0 ? -1 : 1;
  const double effective = weights * weights / squares_of_weights;
  EXPECT_GT(effective, 2'000);
  for (std::size_t i = 0; i < 4; ++i) {
    const double exact = turned * mean[i] / weights, sd = std::sqrt(square[i] / weights - exact * exact);
    // Both sides are estimates: 0.04 is three standard errors of the weighted draws.
    EXPECT_NEAR(fit->mean[i], exact, 0.04) << i;
    EXPECT_NEAR(fit->sd[i], sd, 0.04) << i;
  }
}

TEST(ItemResponse, FindsPlantedPositionsAndItsIntervalsCoverThem) {
  const auto truth = planted(60, 200, 1, 1.0, 0.2, 3);
  const auto right = static_cast<std::size_t>(std::max_element(truth.x.begin(), truth.x.end()) - truth.x.begin());
  const auto fit = item_response(truth.responses, {.draws = 500, .polarity = {right}}, two_threads);
  ASSERT_TRUE(fit);
  EXPECT_GT(correlation(fit->mean, truth.x), 0.98);
  int covered = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    auto draws = fit->coordinate_draws[i];
    std::sort(draws.begin(), draws.end());
    covered += draws[draws.size() / 20] <= truth.x[i] && truth.x[i] <= draws[draws.size() - 1 - draws.size() / 20];
  }
  EXPECT_GE(covered, 46);  // of 60 at 90 %: 54 expected; fewer than 46 has a chance of 0.0007
  EXPECT_LT(covered, 61);
}

TEST(ItemResponse, FindsTwoPlantedDimensionsUpToARotation) {
  const auto truth = planted(80, 300, 2, 1.2, 0.1, 4);
  const auto fit = item_response(truth.responses, {.dimensions = 2, .draws = 300}, two_threads);
  ASSERT_TRUE(fit);
  // Distances between subjects do not depend on the rotation.
  std::vector<double> ours, theirs;
  for (std::size_t i = 0; i < 80; ++i)
    for (std::size_t k = 0; k < i; ++k) {
      ours.push_back(std::hypot(fit->mean[2 * i] - fit->mean[2 * k], fit->mean[2 * i + 1] - fit->mean[2 * k + 1]));
      theirs.push_back(std::hypot(truth.x[2 * i] - truth.x[2 * k], truth.x[2 * i + 1] - truth.x[2 * k + 1]));
    }
  EXPECT_GT(correlation(ours, theirs), 0.95);
}

// A fault that must be seen: positions that have nothing to do with the answers are not recovered.
TEST(ItemResponse, DoesNotRecoverPositionsFromAnswersThatAreCoinFlips) {
  auto truth = planted(60, 200, 1, 1.0, 0, 5);
  Stream stream(6, Purpose::planted);
  for (auto& cell : truth.responses.cells) cell = stream.uniform() < 0.5 ? 1 : -1;
  const auto fit = item_response(truth.responses, {.draws = 200}, two_threads);
  ASSERT_TRUE(fit);
  EXPECT_LT(std::abs(correlation(fit->mean, truth.x)), 0.4);
}

TEST(ItemResponse, IsTheSameForAnyNumberOfThreads) {
  const auto truth = planted(20, 37, 2, 1.0, 0.3, 8);
  const ItemResponseOptions options{.dimensions = 2, .warmup = 20, .draws = 30};
  const auto one = item_response(truth.responses, options, {.seed = 5, .threads = 1});
  const auto four = item_response(truth.responses, options, {.seed = 5, .threads = 4});
  const auto other = item_response(truth.responses, options, {.seed = 6, .threads = 1});
  ASSERT_TRUE(one && four && other);
  EXPECT_EQ(one->coordinate_draws, four->coordinate_draws);
  EXPECT_EQ(one->discrimination_sd, four->discrimination_sd);
  EXPECT_NE(one->coordinate_draws, other->coordinate_draws);
}

TEST(ItemResponse, PutsThePolesOnThePositiveSideAndMovesItemsAlong) {
  const auto truth = planted(30, 80, 2, 1.0, 0, 9);
  for (const std::size_t pole : {3U, 17U}) {
    const auto fit = item_response(truth.responses,
                                   {.dimensions = 2, .warmup = 50, .draws = 50, .polarity = {pole, pole}}, two_threads);
    ASSERT_TRUE(fit);
    EXPECT_GT(fit->mean[2 * pole], 0);
    EXPECT_GT(fit->mean[2 * pole + 1], 0);
    EXPECT_GT(answer_fit(truth.responses, utilities(*fit)).right_share, 0.75);
    for (std::size_t k = 0; k < 2; ++k) {
      double mean = 0, square = 0;
      for (std::size_t i = 0; i < 30; ++i) mean += fit->coordinate_draws[2 * i + k][7] / 30;
      for (std::size_t i = 0; i < 30; ++i) square += std::pow(fit->coordinate_draws[2 * i + k][7] - mean, 2) / 30;
      EXPECT_NEAR(mean, 0, 1e-9);
      EXPECT_NEAR(square, 1, 1e-9);
    }
  }
}

TEST(ItemResponse, RefusesWhatHasNoPositions) {
  const auto code = [](const ResponseMatrix& responses, const ItemResponseOptions& options = {}) {
    const auto fit = item_response(responses, options, two_threads);
    EXPECT_FALSE(fit);
    return fit ? ErrorCode::internal : fit.error().code;
  };
  EXPECT_EQ(code({.subjects = 2, .items = 1, .cells = {1, -1}}), ErrorCode::input_insufficient);
  EXPECT_EQ(code({.subjects = 3, .items = 0, .cells = {}}), ErrorCode::input_insufficient);
  EXPECT_EQ(code({.subjects = 3, .items = 1, .cells = {1, 1, 1}}), ErrorCode::input_insufficient);
  const ResponseMatrix three{.subjects = 3, .items = 2, .cells = {1, 1, 1, -1, -1, -1}};
  EXPECT_EQ(code(three, {.dimensions = 2}), ErrorCode::input_insufficient);
  EXPECT_EQ(code(three, {.dimensions = 7}), ErrorCode::option_invalid);
  EXPECT_EQ(code(three, {.polarity = {3}}), ErrorCode::option_invalid);
  EXPECT_EQ(code(three, {.item_sd = 0}), ErrorCode::option_invalid);
}

TEST(AnswerFit, CountsAgainstTheMajorityOfEveryItem) {
  const ResponseMatrix two{.subjects = 3, .items = 2, .cells = {1, 1, 1, -1, -1, 0}};
  // Majorities err 1 + 1 times; this errs once, on the last subject's first answer.
  const auto fit = answer_fit(two, {1, 1, 1, -1, 1, 5});
  EXPECT_EQ(fit.answers, 5U);
  EXPECT_EQ(fit.right, 4U);
  EXPECT_DOUBLE_EQ(fit.proportional_reduction, 0.5);
  EXPECT_NEAR(fit.geometric_mean, std::pow(std::pow(phi(1), 4) * phi(-1), 0.2), 1e-12);
}

}  // namespace
}  // namespace cotejo
