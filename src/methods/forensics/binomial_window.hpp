// The counts that chance gives a unit: X ~ Bin(n, x / n), for expectations that need no draws.
#pragma once

#include <atomic>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace cotejo {

double log_factorial(std::int32_t n);
// P(X = k), X ~ Bin(n, x / n).
double binomial_chance(std::int32_t n, std::int32_t x, std::int32_t k);
// The same, of several k together, each 0..n; 0 < x < n.
double binomial_chance_of_any(std::int32_t n, std::int32_t x, std::span<const std::int32_t> counts);

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

// Chances of every (n, x) with 0 <= x <= n <= largest, worked out once: units are small, and thousands of fair elections
// ask for the same ones.
template <std::size_t width>
class PairTable {
 public:
  static constexpr std::int32_t largest = 300;

  // chances(n, x, out) fills `width` numbers.
  template <class Chances>
  explicit PairTable(Chances chances) : values_((largest + 1) * (largest + 2) / 2 * width) {
    for (std::int32_t n = 0; n <= largest; ++n)
      for (std::int32_t x = 0; x <= n; ++x) chances(n, x, std::span<double, width>(values_.data() + at(n, x), width));
  }
  static bool holds(std::int32_t n, std::int32_t x) { return n >= 0 && n <= largest && x >= 0 && x <= n; }
  std::span<const double, width> of(std::int32_t n, std::int32_t x) const {
    return std::span<const double, width>(values_.data() + at(n, x), width);
  }

 private:
  static std::size_t at(std::int32_t n, std::int32_t x) {
    return (static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 1) / 2 + static_cast<std::size_t>(x)) * width;
  }
  std::vector<double> values_;
};

// One chance of every (n, x) with 0 <= x <= n <= largest, worked out when it is first asked for: stations of some thousand
// voters ask for few of the pairs, and thousands of fair elections for the same ones. Threads that ask at once work out
// the same number. Beyond `largest` it is worked out each time.
template <class Chance>
class PairMemo {
 public:
  static constexpr std::int32_t largest = 3000;

  explicit PairMemo(Chance chance)
      : chance_(chance), values_(std::size_t{largest + 1} * std::size_t{largest + 2} / 2) {}
  double of(std::int32_t n, std::int32_t x) {
    if (n < 0 || n > largest || x < 0 || x > n) return chance_(n, x);
    auto& value =
        values_[static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 1) / 2 + static_cast<std::size_t>(x)];
    const double known = value.load(std::memory_order_relaxed);
    if (known != 0) return known - 1;
    const double stored = 1 + chance_(n, x);
    value.store(stored, std::memory_order_relaxed);
    return stored - 1;
  }

 private:
  Chance chance_;
  std::vector<std::atomic<double>> values_;  // 1 + the chance; 0: not asked for yet
};

// Adds the chance of each last digit of counts of 20 or more (the digit of X, X >= 20), and of each second digit of
// counts of 10 or more. Units of more than 300: the last digits of a count with a standard deviation over 12 are
// equal to 1e-12; the second digits of one over 8, from the normal law with its skewness (to 1e-3).
void add_last_digit_chances(std::int32_t n, std::int32_t x, std::span<double, 10> sum);
void add_second_digit_chances(std::int32_t n, std::int32_t x, std::span<double, 10> sum);

inline constexpr std::int32_t least_count_of_last_digit = 20;
std::size_t second_digit_of(std::int32_t votes);  // votes >= 10

}  // namespace cotejo
