#include "cotejo/stats/multiplicity.hpp"

#include <algorithm>
#include <cmath>

namespace cotejo {

namespace {

std::vector<std::size_t> ascending(const std::vector<double>& p) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) out.push_back(i);
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return out;
}

}  // namespace

std::vector<double> holm_adjusted(const std::vector<double>& p) {
  const auto order = ascending(p);
  std::vector<double> out = p;
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - i) * p[order[i]]));
    out[order[i]] = largest;
  }
  return out;
}

std::vector<double> benjamini_hochberg_adjusted(const std::vector<double>& p) {
  const auto order = ascending(p);
  std::vector<double> out = p;
  double least = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    least = std::min(least, static_cast<double>(order.size()) * p[order[i]] / static_cast<double>(i + 1));
    out[order[i]] = least;
  }
  return out;
}

}  // namespace cotejo
