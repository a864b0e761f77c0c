// The pieces of normal_lanes.cpp that other vectorised files of this module use: expressions without calls, so that the
// loops over them vectorise.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#define COTEJO_LANE __attribute__((always_inline)) inline

namespace cotejo::lane {

// (k + 1/2) / 2^52 for the upper 52 bits k: in (0, 1). The bits are read as a double in [1, 2), which needs no conversion
// from integers.
COTEJO_LANE double open_unit(std::uint64_t word) {
  return std::bit_cast<double>(word >> 12 | 0x3FF0000000000000) - (1 - 0x1p-53);
}

// log x for normal positive x: x = m 2^e with m in [sqrt 1/2, sqrt 2), log m = 2 artanh((m - 1) / (m + 1)).
COTEJO_LANE double log_of(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t shifted = bits - 0x3FE6A09E667F3BCD;  // sqrt 1/2
  const std::uint64_t exponent = shifted >> 52;             // two's complement in 12 bits
  const double m = std::bit_cast<double>((shifted & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD);
  // The 12 bits, biased by 2^11, as a double: 2^52 + biased, less 2^52 + 2^11.
  const double e = std::bit_cast<double>(((exponent + 2048) & 4095) | 0x4330000000000000) - (0x1p52 + 2048);
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double series = 1.0 / 11;
  series = series * s2 + 1.0 / 9;
  series = series * s2 + 1.0 / 7;
  series = series * s2 + 1.0 / 5;
  series = series * s2 + 1.0 / 3;
  return e * 0.693147180559945309 + 2 * (s + s * s2 * series);
}

// exp x for -708 <= x <= 0: 2^k exp(r), |r| <= log(2) / 2, by its series.
COTEJO_LANE double exp_of(double x) {
  constexpr double round = 0x1.8p52;
  const double shifted = x * 1.44269504088896341 + round;
  const double k = shifted - round;
  const double r = (x - k * 0x1.62E42FEFA0000p-1) - k * 0x1.CF79ABC9E3B3Ap-40;
  double series = 1.0 / 40320;
  series = series * r + 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 0.5;
  series = series * r + 1;
  series = series * r + 1;
  const std::uint64_t power = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return series * std::bit_cast<double>(power);
}

// (1 - Phi(a)) / (density at a) for 0 <= a <= 40, relative error 4.2e-10.
COTEJO_LANE double mills_ratio(double a) {
  double n = 0.0028285233269583258;
  n = n * a + 0.03472415221654678;
  n = n * a + 0.20269512002673984;
  n = n * a + 0.6834491878147271;
  n = n * a + 1.3328426060636582;
  n = n * a + 1.2533141367965743;
  double d = 0.002828523601336129;
  d = d * a + 0.034724121152915254;
  d = d * a + 0.20552507692503635;
  d = d * a + 0.7181371912623093;
  d = d * a + 1.5304477593394696;
  d = d * a + 1.86133906199948;
  d = d * a + 1;
  return n / d;
}

// The e >= 0 with P(N(0, 1) > e) = exp(-y), for log 2 <= y <= 1600, relative error 1.4e-10.
COTEJO_LANE double upper_quantile(double y) {
  constexpr double root_log_2 = 0.832554611157697756;
  const double s = std::sqrt(y) - root_log_2;
  double n = 0.00019905443667950454;
  n = n * s + 0.015467446649323393;
  n = n * s + 0.2915584922879654;
  n = n * s + 1.9027630324502254;
  n = n * s + 5.016426391928182;
  n = n * s + 5.497941612818064;
  n = n * s + 2.086904929009916;
  double d = 0.00014075201591697548;
  d = d * s + 0.010820346944171298;
  d = d * s + 0.19761744043478616;
  d = d * s + 1.2065817380820387;
  d = d * s + 2.8808097308666683;
  d = d * s + 2.866488913513281;
  d = d * s + 1;
  return s * n / d;
}

constexpr double density_at_0 = 0.398942280401432678;

}  // namespace cotejo::lane
