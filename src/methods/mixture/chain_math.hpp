// Random draws of the chains, one at a time, made of additions, multiplications, divisions and base's own logarithm: the
// same bits on every machine.
#pragma once

#include <cmath>
#include <cstdint>

#include "cotejo/base/random.hpp"
#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace vm = vector_math;

struct NormalPair {
  double first, second;
};
// Two standard normals by Marsaglia's polar method.
inline NormalPair normal_pair(Stream& stream) {
  for (;;) {
    const double u = 2 * stream.uniform() - 1, v = 2 * stream.uniform() - 1, square = u * u + v * v;
    if (square >= 1 || square < 1e-300) continue;
    const double scale = std::sqrt(-2 * vm::log(square) / square);
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
      sum -= vm::log(product);
      product = 1;
    }
  }
  return sum - vm::log(product);
}

// One draw from exp(log_density) by slice sampling with stepping out and shrinkage (Neal 2003, Annals of Statistics
// 31:705), started at x; x lies within low..high.
template <class LogDensity>
double slice_draw(Stream& stream, double x, double width, double low, double high, const LogDensity& log_density) {
  const double level = log_density(x) + vm::log(positive_uniform(stream));
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
