#include "cotejo/sim/samplers.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

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

}  // namespace

std::int64_t binomial_rng(Stream& stream, std::int64_t n, double p) {
  assert(n >= 0 && !std::isnan(p));
  if (n == 0 || p <= 0) return 0;
  if (p >= 1) return n;
  std::int64_t out = 0;
  for (; n > largest_n; n -= largest_n) out += from_the_mode(stream, largest_n, p);
  return out + from_the_mode(stream, n, p);
}

void multinomial_rng(Stream& stream, std::int64_t n, std::span<const double> weights, std::span<std::int32_t> out) {
  assert(weights.size() == out.size());
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t k = 0; n > 0; ++k) {
    assert(k < weights.size());
    // Summed anew from the end, not by subtraction: small weights behind a large one keep their digits.
    double rest = 0;
    for (std::size_t j = weights.size(); j-- > k;) rest += weights[j];
    out[k] = static_cast<std::int32_t>(binomial_rng(stream, n, weights[k] / rest));
    n -= out[k];
  }
}

}  // namespace cotejo
