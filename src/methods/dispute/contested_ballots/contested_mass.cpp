#include "contested_mass.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/stats/hypergeometric.hpp"

namespace cotejo {

namespace {

constexpr double negligible = 1e-18;

}  // namespace

LogMass without_replacement(std::int64_t marked, std::int64_t others) {
  return [=](std::int64_t x, std::int64_t n) {
    if (x < 0 || x > marked || n - x > others || n > marked + others) return -HUGE_VAL;
    return hypergeometric_lpmf(x, marked + others, marked, n);
  };
}

LogMass by_share(double share, double total, double correlation) {
  // `total` is the share that this class and the rest have together.
  const double a = share * (1 / correlation - 1), b = (total - share) * (1 / correlation - 1);
  return [=](std::int64_t x, std::int64_t n) {
    if (x < 0 || x > n) return -HUGE_VAL;
    const double choose = log_factorial(n) - log_factorial(x) - log_factorial(n - x);
    const auto dx = static_cast<double>(x), dn = static_cast<double>(n);
    if (correlation == 0) {
      const double p = total > 0 ? share / total : 0;
      if ((p == 0 && x > 0) || (p == 1 && x < n)) return -HUGE_VAL;
      return choose + (x > 0 ? dx * std::log(p) : 0) + (x < n ? (dn - dx) * std::log1p(-p) : 0);
    }
    if (a == 0 || b == 0) return (a == 0 ? x == 0 : x == n) ? 0 : -HUGE_VAL;
    return choose + std::lgamma(a + dx) + std::lgamma(b + dn - dx) - std::lgamma(a + b + dn) + std::lgamma(a + b) -
           std::lgamma(a) - std::lgamma(b);
  };
}

std::pair<std::int64_t, std::int64_t> window(const LogMass& mass, std::int64_t n, std::int64_t near) {
  // From the middle outwards: first the mode by climbing, then the ends by doubling and bisection.
  std::int64_t low = 0, high = n;
  while (low < high && mass(low, n) == -HUGE_VAL) ++low;
  while (high > low && mass(high, n) == -HUGE_VAL) --high;
  std::int64_t mode = std::clamp(near, low, high);
  while (mode < high && mass(mode + 1, n) > mass(mode, n)) ++mode;
  while (mode > low && mass(mode - 1, n) > mass(mode, n)) --mode;
  const double floor = std::max({mass(mode, n), mass(low, n), mass(high, n)}) + std::log(negligible);
  if (mass(low, n) <= floor) {  // left of the mode it rises
    std::int64_t below = low, above = mode;
    while (above - below > 1) (mass((below + above) / 2, n) > floor ? above : below) = (below + above) / 2;
    low = above;
  }
  if (mass(high, n) <= floor) {
    std::int64_t above = high, below = mode;
    while (above - below > 1) (mass((below + above) / 2, n) > floor ? below : above) = (below + above) / 2;
    high = below;
  }
  return {low, high};
}

}  // namespace cotejo
