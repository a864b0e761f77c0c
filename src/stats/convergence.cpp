#include "cotejo/stats/convergence.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

namespace cotejo {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// Half chains, one after the other.
struct Halves {
  std::vector<double> draws;
  std::size_t chains = 0, length = 0;
  std::span<const double> chain(std::size_t c) const { return std::span(draws).subspan(c * length, length); }
};

bool says_something(std::span<const double> draws, std::size_t chains) {
  if (chains == 0 || draws.size() / chains < 4) return false;
  if (!std::all_of(draws.begin(), draws.end(), [](double x) { return std::isfinite(x); })) return false;
  return std::any_of(draws.begin(), draws.end(), [&](double x) { return x != draws[0]; });
}

Halves split(std::span<const double> draws, std::size_t chains) {
  assert(draws.size() % chains == 0);
  const std::size_t n = draws.size() / chains, half = n / 2;
  Halves out{.draws = {}, .chains = 2 * chains, .length = half};
  out.draws.reserve(2 * chains * half);
  for (std::size_t c = 0; c < chains; ++c) {
    const auto chain = draws.subspan(c * n, n);
    out.draws.insert(out.draws.end(), chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(half));
    out.draws.insert(out.draws.end(), chain.end() - static_cast<std::ptrdiff_t>(half), chain.end());
  }
  return out;
}

void rank_normalise(std::vector<double>& draws) {
  std::vector<std::size_t> order(draws.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return draws[a] < draws[b]; });
  const auto count = static_cast<double>(draws.size());
  std::vector<double> out(draws.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && draws[order[last]] == draws[order[first]]) ++last;
    const double rank = (static_cast<double>(first) + 1 + static_cast<double>(last)) / 2;
    const double p = (rank - 0.375) / (count + 0.25);
    const double z = std::numbers::sqrt2 * boost::math::erf_inv(2 * p - 1);
    for (; first < last; ++first) out[order[first]] = z;
  }
  draws = std::move(out);
}

double mean_of(std::span<const double> x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance_of(std::span<const double> x) {
  const double mean = mean_of(x);
  double sum = 0;
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(x.size() - 1);
}

double plain_rhat(const Halves& halves) {
  std::vector<double> means;
  double within = 0;
  for (std::size_t c = 0; c < halves.chains; ++c) {
    means.push_back(mean_of(halves.chain(c)));
    within += variance_of(halves.chain(c)) / static_cast<double>(halves.chains);
  }
  const auto n = static_cast<double>(halves.length);
  const double between = n * variance_of(means);
  return std::sqrt((between / within + n - 1) / n);
}

double plain_ess(const Halves& halves) {
  const std::size_t n = halves.length, m = halves.chains;
  const auto length = static_cast<double>(n);
  std::vector<double> means;
  for (std::size_t c = 0; c < m; ++c) means.push_back(mean_of(halves.chain(c)));
  // The mean over chains of the autocovariance at one lag, divisor n.
  const auto autocovariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t c = 0; c < m; ++c) {
      const auto x = halves.chain(c);
      double part = 0;
      for (std::size_t t = 0; t + lag < n; ++t) part += (x[t] - means[c]) * (x[t + lag] - means[c]);
      sum += part / length;
    }
    return sum / static_cast<double>(m);
  };
  const double within = autocovariance(0) * length / (length - 1);
  const double total = within * (length - 1) / length + (m > 1 ? variance_of(means) : 0);
  const auto correlation = [&](std::size_t lag) { return 1 - (within - autocovariance(lag)) / total; };

  // Pairs (even, odd) as long as their sum is positive, none larger than the one before.
  std::vector<double> rho{1, correlation(1)};
  double even = rho[0], odd = rho[1];
  std::size_t last = 0;
  while (last + 5 < n && even + odd > 0) {
    last += 2;
    even = correlation(last);
    odd = correlation(last + 1);
    rho.resize(last + 2, 0.0);
    if (even + odd >= 0) {
      rho[last] = even;
      rho[last + 1] = odd;
    }
  }
  if (even > 0) rho[last] = even;
  for (std::size_t t = 2; t + 2 <= last; t += 2)
    if (rho[t] + rho[t + 1] > rho[t - 2] + rho[t - 1]) rho[t] = rho[t + 1] = (rho[t - 2] + rho[t - 1]) / 2;
  const double draws = static_cast<double>(m) * length;
  double time = -1 + rho[last];
  for (std::size_t t = 0; t < last; ++t) time += 2 * rho[t];
  return draws / std::max(time, 1 / std::log10(draws));
}

// The quantile that interpolates between order statistics at (S - 1) p.
double quantile_of(std::span<const double> draws, double p) {
  std::vector<double> sorted(draws.begin(), draws.end());
  std::sort(sorted.begin(), sorted.end());
  const double at = static_cast<double>(sorted.size() - 1) * p, below = std::floor(at);
  const auto i = static_cast<std::size_t>(below);
  return i + 1 < sorted.size() ? sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

double ess_of_indicator(std::span<const double> draws, std::size_t chains, double p) {
  const double limit = quantile_of(draws, p);
  std::vector<double> indicator(draws.size());
  std::transform(draws.begin(), draws.end(), indicator.begin(), [&](double x) { return x <= limit ? 1.0 : 0.0; });
  return says_something(indicator, chains) ? plain_ess(split(indicator, chains)) : nothing;
}

}  // namespace

double rhat(std::span<const double> draws, std::size_t chains) {
  if (!says_something(draws, chains)) return nothing;
  Halves bulk = split(draws, chains);
  std::vector<double> folded(draws.begin(), draws.end());
  const double median = quantile_of(draws, 0.5);
  for (double& x : folded) x = std::abs(x - median);
  Halves tail = split(folded, chains);
  rank_normalise(bulk.draws);
  rank_normalise(tail.draws);
  const double of_bulk = plain_rhat(bulk), of_tail = plain_rhat(tail);
  return std::isnan(of_tail) ? of_bulk : std::max(of_bulk, of_tail);
}

double ess_bulk(std::span<const double> draws, std::size_t chains) {
  if (!says_something(draws, chains)) return nothing;
  Halves halves = split(draws, chains);
  rank_normalise(halves.draws);
  return plain_ess(halves);
}

double ess_tail(std::span<const double> draws, std::size_t chains) {
  if (!says_something(draws, chains)) return nothing;
  const double low = ess_of_indicator(draws, chains, 0.05), high = ess_of_indicator(draws, chains, 0.95);
  return std::isnan(low) || std::isnan(high) ? nothing : std::min(low, high);
}

double ess_mean(std::span<const double> draws, std::size_t chains) {
  return says_something(draws, chains) ? plain_ess(split(draws, chains)) : nothing;
}

double mcse_mean(std::span<const double> draws, std::size_t chains) {
  return std::sqrt(variance_of(draws) / ess_mean(draws, chains));
}

}  // namespace cotejo
