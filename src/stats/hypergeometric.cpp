#include "cotejo/stats/hypergeometric.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

namespace cotejo {

double log_factorial(std::int64_t n) {
  static const auto table = [] {
    std::vector<double> out{0.0};
    for (std::size_t i = 1; i < std::size_t{1} << 17; ++i) out.push_back(out.back() + std::log(static_cast<double>(i)));
    return out;
  }();
  return static_cast<std::size_t>(n) < table.size() ? table[static_cast<std::size_t>(n)]
                                                    : boost::math::lgamma(static_cast<double>(n) + 1);
}

namespace {

double log_choose(std::int64_t n, std::int64_t k) {
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

// P(k + 1) / P(k).
double ratio(std::int64_t k, std::int64_t all, std::int64_t marked, std::int64_t drawn) {
  return static_cast<double>(marked - k) * static_cast<double>(drawn - k) /
         (static_cast<double>(k + 1) * static_cast<double>(all - marked - drawn + k + 1));
}

std::int64_t mode_of(std::int64_t all, std::int64_t marked, std::int64_t drawn, std::int64_t low, std::int64_t high) {
  const double at =
      (static_cast<double>(drawn) + 1) * (static_cast<double>(marked) + 1) / (static_cast<double>(all) + 2);
  return std::clamp(static_cast<std::int64_t>(at), low, high);
}

}  // namespace

double hypergeometric_lpmf(std::int64_t k, std::int64_t all, std::int64_t marked, std::int64_t drawn) {
  if (k < std::max<std::int64_t>(0, drawn - (all - marked)) || k > std::min(marked, drawn)) return -INFINITY;
  return log_choose(marked, k) + log_choose(all - marked, drawn - k) - log_choose(all, drawn);
}

double hypergeometric_cdf(std::int64_t k, std::int64_t all, std::int64_t marked, std::int64_t drawn) {
  const std::int64_t low = std::max<std::int64_t>(0, drawn - (all - marked)), high = std::min(marked, drawn);
  if (k < low) return 0;
  if (k >= high) return 1;
  // From k away from the mode: the smaller tail, and its terms fall.
  const bool lower = k < mode_of(all, marked, drawn, low, high);
  double term = std::exp(hypergeometric_lpmf(lower ? k : k + 1, all, marked, drawn)), sum = 0;
  if (lower) {
    for (std::int64_t i = k; i >= low && term > sum * 1e-18; --i) {
      sum += term;
      if (i > low) term /= ratio(i - 1, all, marked, drawn);
    }
    return sum;
  }
  for (std::int64_t i = k + 1; i <= high && term > sum * 1e-18; ++i) {
    sum += term;
    term *= ratio(i, all, marked, drawn);
  }
  return std::max(0.0, 1 - sum);
}

std::int64_t hypergeometric_rng(Stream& stream, std::int64_t all, std::int64_t marked, std::int64_t drawn) {
  const std::int64_t low = std::max<std::int64_t>(0, drawn - (all - marked)), high = std::min(marked, drawn);
  if (low >= high) return low;
  const std::int64_t mode = mode_of(all, marked, drawn, low, high);
  double left = stream.uniform();
  double up = std::exp(hypergeometric_lpmf(mode, all, marked, drawn)), down = up;
  if ((left -= up) < 0) return mode;
  for (std::int64_t above = mode, below = mode; above < high || below > low;) {
    if (above < high) {
      up *= ratio(above++, all, marked, drawn);
      if ((left -= up) < 0) return above;
    }
    if (below > low) {
      down /= ratio(--below, all, marked, drawn);
      if ((left -= down) < 0) return below;
    }
  }
  return mode;  // what rounding left over
}

MarkedBounds marked_bounds(std::int64_t all, std::int64_t drawn, std::int64_t found, double alpha) {
  MarkedBounds out{found, all - (drawn - found)};
  // P(X <= found) falls with the number marked, P(X >= found) rises with it.
  for (std::int64_t low = found, high = out.most; low < high;) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (hypergeometric_cdf(found, all, middle, drawn) > alpha)
      low = middle;
    else
      high = middle - 1;
    out.most = low;
  }
  for (std::int64_t low = found, high = all - (drawn - found); low < high;) {
    const std::int64_t middle = low + (high - low) / 2;
    if (found == 0 || 1 - hypergeometric_cdf(found - 1, all, middle, drawn) > alpha)
      high = middle;
    else
      low = middle + 1;
    out.least = low;
  }
  return out;
}

}  // namespace cotejo
