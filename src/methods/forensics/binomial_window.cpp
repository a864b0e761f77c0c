#include "binomial_window.hpp"

#include <algorithm>
#include <array>

#include "cotejo/base/vector_math.hpp"

namespace cotejo {

namespace {

namespace vm = vector_math;

constexpr std::int32_t table_size = 1 << 14;

const std::vector<double>& log_factorials() {
  static const auto table = [] {
    std::vector<double> out(table_size);
    for (std::int32_t i = 2; i < table_size; ++i)
      out[static_cast<std::size_t>(i)] = out[static_cast<std::size_t>(i - 1)] + std::log(i);
    return out;
  }();
  return table;
}

constexpr std::size_t together = 64;

COTEJO_CLONES
void chances_of(const double* log_factorial_of, std::int32_t n, double log_p, double log_q, const std::int32_t* k,
                double* out) {
  const double top = log_factorial_of[n];
  for (std::size_t i = 0; i < together; ++i)
    out[i] = vm::exp(top - log_factorial_of[k[i]] - log_factorial_of[n - k[i]] + k[i] * log_p + (n - k[i]) * log_q);
}

// The normal law and its density in steps of 1/256, from -6 to 6.
struct NormalLaw {
  static constexpr int steps = 256, reach = 6;
  std::array<double, 2 * reach * steps + 2> below{}, density{};
  NormalLaw() {
    for (std::size_t i = 0; i < below.size(); ++i) {
      const double z = static_cast<double>(i) / steps - reach;
      below[i] = 0.5 * std::erfc(-z / std::sqrt(2.0));
      density[i] = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
    }
  }
  // Edgeworth's first correction, for a law with this skewness.
  double operator()(double z, double skewness) const {
    if (z <= -reach) return 0;
    if (z >= reach) return 1;
    const double at = (z + reach) * steps;
    const auto i = static_cast<std::size_t>(at);
    const double part = at - static_cast<double>(i);
    const double phi = density[i] + part * (density[i + 1] - density[i]);
    return below[i] + part * (below[i + 1] - below[i]) - phi * (z * z - 1) * skewness / 6;
  }
};

}  // namespace

// log n!, by table and Stirling's series beyond it.
double log_factorial(std::int32_t n) {
  if (n < table_size) return log_factorials()[static_cast<std::size_t>(n)];
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

double binomial_chance_of_any(std::int32_t n, std::int32_t x, std::span<const std::int32_t> counts) {
  double sum = 0;
  if (n >= table_size) {
    for (const auto k : counts) sum += binomial_chance(n, x, k);
    return sum;
  }
  const double p = static_cast<double>(x) / n, log_p = std::log(p), log_q = std::log1p(-p);
  std::int32_t some[together] = {};
  double chances[together];
  for (std::size_t begin = 0; begin < counts.size(); begin += together) {
    const std::size_t here = std::min(together, counts.size() - begin);
    std::copy_n(counts.begin() + static_cast<std::ptrdiff_t>(begin), here, some);
    chances_of(log_factorials().data(), n, log_p, log_q, some, chances);
    for (std::size_t i = 0; i < here; ++i) sum += chances[i];
  }
  return sum;
}

std::size_t second_digit_of(std::int32_t votes) {
  while (votes >= 100) votes /= 10;
  return static_cast<std::size_t>(votes % 10);
}

void add_last_digit_chances(std::int32_t n, std::int32_t x, std::span<double, 10> sum) {
  const auto one_by_one = [](std::int32_t trials, std::int32_t successes, std::span<double, 10> out) {
    for_each_chance(trials, successes, [&](std::int32_t k, double chance) {
      if (k >= least_count_of_last_digit) out[static_cast<std::size_t>(k % 10)] += chance;
    });
  };
  static const PairTable<10> table(one_by_one);
  if (table.holds(n, x)) {
    const auto chances = table.of(n, x);
    for (std::size_t d = 0; d < 10; ++d) sum[d] += chances[d];
    return;
  }
  const double p = n > 0 ? static_cast<double>(x) / n : 0, variance = n * p * (1 - p);
  if (variance > 144 && x - 6 * std::sqrt(variance) > least_count_of_last_digit) {
    for (auto& s : sum) s += 0.1;
    return;
  }
  one_by_one(n, x, sum);
}

void add_second_digit_chances(std::int32_t n, std::int32_t x, std::span<double, 10> sum) {
  const auto one_by_one = [](std::int32_t trials, std::int32_t successes, std::span<double, 10> out) {
    for_each_chance(trials, successes, [&](std::int32_t k, double chance) {
      if (k >= 10) out[second_digit_of(k)] += chance;
    });
  };
  static const PairTable<10> table(one_by_one);
  if (table.holds(n, x)) {
    const auto chances = table.of(n, x);
    for (std::size_t d = 0; d < 10; ++d) sum[d] += chances[d];
    return;
  }
  const double p = n > 0 ? static_cast<double>(x) / n : 0, variance = n * p * (1 - p), sd = std::sqrt(variance);
  if (variance < 64 || x - 6 * sd < 100) {
    one_by_one(n, x, sum);
    return;
  }
  static const NormalLaw law;
  const double skewness = (1 - 2 * p) / sd;
  const auto low = static_cast<std::int32_t>(x - 5 * sd), high = static_cast<std::int32_t>(x + 5 * sd) + 1;
  std::int32_t width = 10;
  while (low >= 100 * width) width *= 10;
  double before = 0;
  for (std::int32_t edge = low / width * width; edge <= high;) {
    // The second digit changes every `width`, ten times as seldom from the next power of ten on.
    if (edge >= 100 * width) width *= 10;
    const std::int32_t next = edge + width;
    const double until = next > high ? 1 : law((next - 0.5 - x) / sd, skewness);
    sum[second_digit_of(edge)] += until - before;
    before = until;
    edge = next;
  }
}

}  // namespace cotejo
