#include "cotejo/stats/kolmogorov_smirnov.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cotejo {

double ks_distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return ks_distance_sorted(a, b);
}

double ks_distance_sorted(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::size_t i = 0, j = 0;
  double largest = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

double ks_asymptotic_p(double distance, std::size_t a, std::size_t b) {
  const double root = std::sqrt(static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(a + b));
  const double z = distance * (root + 0.12 + 0.11 / root);
  if (z < 0.2) return 1;  // the series is 1 to 12 digits there
  double sum = 0;
  for (int j = 1; j <= 100; ++j) {
    const double term = std::exp(-2.0 * j * j * z * z);
    sum += j % 2 == 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

}  // namespace cotejo
