// The counts that chance gives a unit: X ~ Bin(n, x / n), for expectations that need no draws.
#pragma once

#include <cmath>
#include <cstdint>

namespace cotejo {

double log_factorial(std::int32_t n);
// P(X = k), X ~ Bin(n, x / n).
double binomial_chance(std::int32_t n, std::int32_t x, std::int32_t k);

// Calls use(k, P(X = k)) for the k within 5 standard deviations of x (the rest has less than 1e-6 of the chance), each
// from its neighbour's probability, which are scaled to add up to 1. x = 0 and x = n are certain.
template <class Use>
void for_each_chance(std::int32_t n, std::int32_t x, Use use) {
  if (n <= 0 || x <= 0 || x >= n) {
    use(x, 1.0);
    return;
  }
  const double p = static_cast<double>(x) / n, odds = p / (1 - p), sd = std::sqrt(n * p * (1 - p));
  const auto reach = static_cast<std::int32_t>(5 * sd + 2);
  const std::int32_t low = x > reach ? x - reach : 0, high = x + reach < n ? x + reach : n;
  // Twice over: first the sum, from the mode outwards, then the values.
  double sum = 1, value = 1;
  for (std::int32_t k = x; k < high; ++k) {
    value *= odds * (n - k) / (k + 1);
    sum += value;
  }
  value = 1;
  for (std::int32_t k = x; k > low; --k) {
    value *= k / (odds * (n - k + 1));
    sum += value;
  }
  const double at_x = 1 / sum;
  use(x, at_x);
  value = at_x;
  for (std::int32_t k = x; k < high; ++k) {
    value *= odds * (n - k) / (k + 1);
    use(k + 1, value);
  }
  value = at_x;
  for (std::int32_t k = x; k > low; --k) {
    value *= k / (odds * (n - k + 1));
    use(k - 1, value);
  }
}

}  // namespace cotejo
