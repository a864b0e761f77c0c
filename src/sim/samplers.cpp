#include "cotejo/sim/samplers.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include "rejection.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t largest_n = 4095;

// log n! for n = 0..4095.
const std::array<double, largest_n + 1>& log_factorials() {
  static const auto table = [] {
    std::array<double, largest_n + 1> out{};
    long double sum = 0;
    for (std::size_t n = 2; n < out.size(); ++n) {
      sum += std::log(static_cast<long double>(n));
      out[n] = static_cast<double>(sum);
    }
    return out;
  }();
  return table;
}

// 0 < p < 1, 0 < n <= largest_n.
std::int64_t from_the_mode(Stream& stream, std::int64_t n, double p) {
  const auto& log_factorial = log_factorials();
  const auto mode = std::min(n, static_cast<std::int64_t>(static_cast<double>(n + 1) * p));
  const double up = p / (1 - p);
  double left = stream.uniform();
  double above = std::exp(log_factorial[n] - log_factorial[mode] - log_factorial[n - mode] +
                          static_cast<double>(mode) * std::log(p) + static_cast<double>(n - mode) * std::log1p(-p));
  double below = above;
  left -= above;
  if (left < 0) return mode;
  for (std::int64_t high = mode, low = mode; high < n || low > 0;) {
    if (high < n) {
      above *= up * static_cast<double>(n - high) / static_cast<double>(high + 1);
      ++high;
      left -= above;
      if (left < 0) return high;
    }
    if (low > 0) {
      below *= static_cast<double>(low) / (up * static_cast<double>(n - low + 1));
      --low;
      left -= below;
      if (left < 0) return low;
    }
  }
  return mode;  // the probabilities sum to 1 but for rounding
}

std::int64_t by_rejection(Stream& stream, std::int64_t trials, double p) {
  const BinomialRejection rejection(static_cast<double>(trials), p);
  for (;;) {
    const double u = stream.uniform() - 0.5, v = stream.uniform();
    double k = 0;
    if (rejection.attempt(u, v, k)) return static_cast<std::int64_t>(k);
  }
}

}  // namespace

double stirling_tail(double k) {
  static constexpr std::array<double, 10> first = {
      0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509,  0.01664469118982119,
      0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871};
  if (k < 10) return first[static_cast<std::size_t>(k)];
  const double next = k + 1, square = next * next;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / next;
}

std::int64_t binomial_rng(Stream& stream, std::int64_t n, double p) {
  assert(n >= 0 && !std::isnan(p));
  if (n == 0 || p <= 0) return 0;
  if (p >= 1) return n;
  constexpr double wide = 100;  // of the variance: from here on rejection is faster than inversion
  if (static_cast<double>(n) * p * (1 - p) > wide)
    return p <= 0.5 ? by_rejection(stream, n, p) : n - by_rejection(stream, n, 1 - p);
  std::int64_t out = 0;
  for (; n > largest_n; n -= largest_n) out += from_the_mode(stream, largest_n, p);
  return out + from_the_mode(stream, n, p);
}

double gamma_rng(Stream& stream, double shape) {
  assert(shape > 0);
  if (shape < 1) {
    double u = stream.uniform();
    while (u == 0) u = stream.uniform();
    return gamma_rng(stream, shape + 1) * std::pow(u, 1 / shape);
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = stream.normal(), v = 1 + c * x;
    if (v <= 0) continue;
    const double cube = v * v * v, u = stream.uniform();
    if (u > 0 && std::log(u) < 0.5 * x * x + d * (1 - cube + std::log(cube))) return d * cube;
  }
}

std::int64_t beta_binomial_rng(Stream& stream, std::int64_t n, double a, double b) {
  const double x = gamma_rng(stream, a), y = gamma_rng(stream, b);
  return binomial_rng(stream, n, x + y > 0 ? x / (x + y) : a / (a + b));
}

void dirichlet_multinomial_rng(Stream& stream, std::int64_t n, std::span<const double> alpha,
                               std::span<std::int32_t> out) {
  std::vector<double> weights;
  double sum = 0;
  for (const double a : alpha) {
    weights.push_back(gamma_rng(stream, a));
    sum += weights.back();
  }
  multinomial_rng(stream, n, sum > 0 ? std::span<const double>(weights) : alpha, out);
}

void multinomial_rng(Stream& stream, std::int64_t n, std::span<const double> weights, std::span<std::int32_t> out) {
  assert(weights.size() == out.size());
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t k = 0; n > 0; ++k) {
    assert(k < weights.size());
    // Summed again from the end, not by subtraction: small weights behind a large one keep their digits.
    double rest = 0;
    for (std::size_t j = weights.size(); j-- > k;) rest += weights[j];
    out[k] = static_cast<std::int32_t>(binomial_rng(stream, n, weights[k] / rest));
    n -= out[k];
  }
}

}  // namespace cotejo
