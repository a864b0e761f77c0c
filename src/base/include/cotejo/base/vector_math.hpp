// exp, log, sine and cosine as plain arithmetic, so that loops over many units become vector instructions: the same
// bits on every machine, with vectors or without (the files that use it are compiled without fused operations).
// Errors below 4e-15 of the value. COTEJO_CLONES compiles a function of such loops for several instruction sets, of which
// the best is chosen when the program starts; what it calls must be COTEJO_INLINE. Verified in src/sim/tests/unit_draws_test.cpp against the standard library.
#pragma once

#include <bit>
#include <cstdint>

// Not with sanitizers, which the choosing comes before.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define COTEJO_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define COTEJO_CLONES
#endif
#define COTEJO_INLINE inline __attribute__((always_inline))

namespace cotejo::vector_math {

inline constexpr double magic = 0x1.8p52;  // adding it leaves the nearest whole number in the lowest bits

// -700 <= x <= 700; values beyond count as those.
COTEJO_INLINE double exp(double x) {
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  const double shifted = x * 1.4426950408889634 + magic;
  const double k = shifted - magic;
  const double r = (x - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b3ap-40;
  double sum = 1.0 / 6227020800;
  sum = sum * r + 1.0 / 479001600;
  sum = sum * r + 1.0 / 39916800;
  sum = sum * r + 1.0 / 3628800;
  sum = sum * r + 1.0 / 362880;
  sum = sum * r + 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  sum = sum * r + 1;
  const auto power = std::bit_cast<std::uint64_t>(shifted) << 52;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(sum) + power);
}

// The same with seven digits: -87 <= x <= 87, error below 2e-7 of the value.
COTEJO_INLINE float exp(float x) {
  constexpr float magic_float = 0x1.8p23F;
  x = x < -87.0F ? -87.0F : x > 87.0F ? 87.0F : x;
  const float shifted = x * 1.44269504F + magic_float;
  const float k = shifted - magic_float;
  const float r = (x - k * 0x1.62e4p-1F) - k * 0x1.7f7d1cp-20F;
  float sum = 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1;
  sum = sum * r + 1;
  const auto power = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(sum) + power);
}

// x > 0 and not subnormal.
COTEJO_INLINE double log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // The mantissa in sqrt(1/2)..sqrt(2), the exponent to go with it.
  const std::uint64_t offset = bits - 0x3fe6a09e667f3bcdULL;
  const auto exponent = static_cast<std::int64_t>(offset) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));
  const double e = std::bit_cast<double>(static_cast<std::uint64_t>(exponent) + 0x4338000000000000ULL) - magic;
  const double f = (m - 1) / (m + 1), s = f * f;
  double sum = 1.0 / 21;
  sum = sum * s + 1.0 / 19;
  sum = sum * s + 1.0 / 17;
  sum = sum * s + 1.0 / 15;
  sum = sum * s + 1.0 / 13;
  sum = sum * s + 1.0 / 11;
  sum = sum * s + 1.0 / 9;
  sum = sum * s + 1.0 / 7;
  sum = sum * s + 1.0 / 5;
  sum = sum * s + 1.0 / 3;
  return (e * 0x1.62e42fefa3800p-1 + (2 * f + 2 * f * s * sum)) + e * 0x1.ef35793c76730p-45;
}

// The same with seven digits: error below 2e-7 of the value, or of 1 near 1.
COTEJO_INLINE float log(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t offset = bits - 0x3f3504f3U;
  const auto exponent = static_cast<std::int32_t>(offset) >> 23;
  const float m = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(exponent) << 23));
  const auto e = static_cast<float>(exponent);
  const float f = (m - 1) / (m + 1), s = f * f;
  float sum = 1.0F / 9;
  sum = sum * s + 1.0F / 7;
  sum = sum * s + 1.0F / 5;
  sum = sum * s + 1.0F / 3;
  return (e * 0x1.62e4p-1F + (2 * f + 2 * f * s * sum)) + e * 0x1.7f7d1cp-20F;
}

// sin(2 pi y), |y| <= 1/4.
COTEJO_INLINE double sine_of_quarter(double y) {
  const double x = y * 6.283185307179586, s = x * x;
  double sum = -1.0 / 25852016738884976640000.0;
  sum = sum * s + 1.0 / 51090942171709440000.0;
  sum = sum * s - 1.0 / 121645100408832000.0;
  sum = sum * s + 1.0 / 355687428096000.0;
  sum = sum * s - 1.0 / 1307674368000.0;
  sum = sum * s + 1.0 / 6227020800.0;
  sum = sum * s - 1.0 / 39916800.0;
  sum = sum * s + 1.0 / 362880.0;
  sum = sum * s - 1.0 / 5040.0;
  sum = sum * s + 1.0 / 120.0;
  sum = sum * s - 1.0 / 6.0;
  return x + x * s * sum;
}

// Of a turn u in [0, 1): cos(2 pi u) and sin(2 pi u).
COTEJO_INLINE double cosine_of_turn(double u) {
  const double t = u - 0.5;
  return -sine_of_quarter(0.25 - (t < 0 ? -t : t));
}
COTEJO_INLINE double sine_of_turn(double u) {
  const double t = u - 0.5, a = t < 0 ? -t : t;
  const double y = a > 0.25 ? 0.5 - a : a;
  return t < 0 ? sine_of_quarter(y) : -sine_of_quarter(y);
}

}  // namespace cotejo::vector_math
