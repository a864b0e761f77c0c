#include "binomial_window.hpp"

#include <vector>

namespace cotejo {

namespace {

constexpr std::int32_t table_size = 1 << 14;

}  // namespace

// log n!, by table and Stirling's series beyond it.
double log_factorial(std::int32_t n) {
  static const auto table = [] {
    std::vector<double> out(table_size);
    for (std::int32_t i = 2; i < table_size; ++i)
      out[static_cast<std::size_t>(i)] = out[static_cast<std::size_t>(i - 1)] + std::log(i);
    return out;
  }();
  if (n < table_size) return table[static_cast<std::size_t>(n)];
  const double x = n;
  return x * std::log(x) - x + 0.5 * std::log(2 * M_PI * x) + 1 / (12 * x) - 1 / (360 * x * x * x);
}

double binomial_chance(std::int32_t n, std::int32_t x, std::int32_t k) {
  if (k < 0 || k > n) return 0;
  if (x <= 0 || x >= n) return k == x;
  const double p = static_cast<double>(x) / n;
  return std::exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k * std::log(p) +
                  (n - k) * std::log1p(-p));
}

}  // namespace cotejo
