// Logarithm, exponential and random draws made of additions, multiplications and divisions only: the same bits on every
// machine, and loops over them vectorise. Errors below 2e-15 of the value (log: of max(1, |log x|)).
// Verified in tests/coherent_model_test.cpp.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "cotejo/base/random.hpp"

namespace cotejo::mixture {

#define COTEJO_INLINE inline __attribute__((always_inline))

// x > 0, finite, not denormal.
COTEJO_INLINE double log_of(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // The exponent as a double: its bits under the exponent of 2^52, and 2^52 taken off.
  double e = std::bit_cast<double>((bits >> 52) | 0x4330000000000000ULL) - (4503599627370496.0 + 1023.0);
  double f = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  const bool upper = f > 1.4142135623730951;
  f = upper ? 0.5 * f : f;
  e = upper ? e + 1 : e;
  const double s = (f - 1) / (f + 1), z = s * s;
  double p = 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return e * 0.6931471805599453 + 2 * (s + s * z * p);
}

// -700 < x < 700.
COTEJO_INLINE double exp_of(double x) {
  const double shifted = x * 1.4426950408889634 + 6755399441055744.0;  // the nearest integer in the low bits
  const double k = shifted - 6755399441055744.0;
  const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  const std::uint64_t scale = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return p * std::bit_cast<double>(scale);
}

struct NormalPair {
  double first, second;
};
// Two standard normals by Marsaglia's polar method.
inline NormalPair normal_pair(Stream& stream) {
  for (;;) {
    const double u = 2 * stream.uniform() - 1, v = 2 * stream.uniform() - 1, square = u * u + v * v;
    if (square >= 1 || square < 1e-300) continue;
    const double scale = std::sqrt(-2 * log_of(square) / square);
    return {u * scale, v * scale};
  }
}

inline double positive_uniform(Stream& stream) {
  const double u = stream.uniform();
  return u > 0 ? u : 0x1.0p-54;
}

// Gamma(shape, 1) for a whole shape.
inline double gamma_draw(Stream& stream, int shape) {
  double product = 1, sum = 0;
  for (int k = 0; k < shape; ++k) {
    product *= positive_uniform(stream);
    if (product < 1e-200) {
      sum -= log_of(product);
      product = 1;
    }
  }
  return sum - log_of(product);
}

// One draw from exp(log_density) by slice sampling with stepping out and shrinkage (Neal 2003, Annals of Statistics
// 31:705), started at x; x lies within low..high.
template <class LogDensity>
double slice_draw(Stream& stream, double x, double width, double low, double high, const LogDensity& log_density) {
  const double level = log_density(x) + log_of(positive_uniform(stream));
  double left = x - width * stream.uniform(), right = left + width;
  for (int step = 0; step < 50 && left > low && log_density(left) > level; ++step) left -= width;
  for (int step = 0; step < 50 && right < high && log_density(right) > level; ++step) right += width;
  left = left > low ? left : low;
  right = right < high ? right : high;
  for (int step = 0; step < 200; ++step) {
    const double to = left + (right - left) * stream.uniform();
    if (log_density(to) > level) return to;
    (to < x ? left : right) = to;
  }
  return x;
}

}  // namespace cotejo::mixture
