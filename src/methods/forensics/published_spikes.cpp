#include "published_spikes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <mutex>
#include <numeric>

#include "binomial_window.hpp"
#include "cotejo/sim/unit_draws.hpp"

namespace cotejo {

namespace {

constexpr std::uint32_t whole = 1 << 12;  // of a unit's weight, split between two points: whole numbers add up exactly
constexpr std::size_t units_together = 64;

double log_beta(double a, double b) {
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}
double log_beta_binomial(std::int32_t n, std::int32_t x, double a, double b) {
  return log_factorial(n) - log_factorial(x) - log_factorial(n - x) + log_beta(x + a, n - x + b) - log_beta(a, b);
}

// The chance of each component, given x of n.
void posterior_weights(const BetaMixture& mixture, std::int32_t n, std::int32_t x, std::vector<double>& out) {
  out.resize(mixture.weight.size());
  double largest = -INFINITY, sum = 0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = std::log(mixture.weight[k]) + log_beta_binomial(n, x, mixture.alpha[k], mixture.beta[k]);
    largest = std::max(largest, out[k]);
  }
  for (auto& w : out) sum += w = std::exp(w - largest);
  for (auto& w : out) w /= sum;
}

// A law of whole numbers, drawn from with one uniform number: cumulative chances, and where to begin to look.
class Law {
 public:
  // Of n trials, x of them seen, under the mixture: sum over components of its weight times the beta-binomial with n trials and
  // x + alpha, n - x + beta.
  void make(const BetaMixture& mixture, std::span<const double> weights, std::int32_t n, std::int32_t x) {
    const double p = (x + 1.0) / (n + 2.0), sd = std::sqrt(2 * (n + 2.0) * p * (1 - p)) + 2;
    double alpha = 0, beta = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      alpha = std::max(alpha, mixture.alpha[k]);
      beta = std::max(beta, mixture.beta[k]);
    }
    // What the components can pull the share away by is on top of seven standard deviations.
    const double pull = n * (alpha + beta) / (n + alpha + beta);
    first_ = static_cast<std::int32_t>(std::max(0.0, x - 7 * sd - pull));
    const auto last = static_cast<std::int32_t>(std::min<double>(n, x + 7 * sd + pull));
    sum_.assign(static_cast<std::size_t>(last - first_ + 1), 0.0);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (weights[k] < 1e-12) continue;
      const double a = x + mixture.alpha[k], b = n - x + mixture.beta[k];
      const auto middle = std::clamp(static_cast<std::int32_t>(n * a / (a + b)), first_, last);
      const double at_middle = weights[k] * std::exp(log_beta_binomial(n, middle, a, b));
      double chance = at_middle;
      for (std::int32_t i = middle; i <= last; ++i) {
        sum_[static_cast<std::size_t>(i - first_)] += chance;
        chance *= static_cast<double>(n - i) * (i + a) / ((i + 1.0) * (n - i - 1 + b));
      }
      chance = at_middle;
      for (std::int32_t i = middle; i > first_;) {
        chance *= static_cast<double>(i) * (n - i + b) / ((n - i + 1.0) * (i - 1 + a));
        sum_[static_cast<std::size_t>(--i - first_)] += chance;
      }
    }
    std::partial_sum(sum_.begin(), sum_.end(), sum_.begin());
    for (auto& s : sum_) s /= sum_.back();
    std::size_t at = 0;
    for (std::size_t g = 0; g < guide_.size(); ++g) {
      while (sum_[at] < static_cast<double>(g) / guides) ++at;
      guide_[g] = static_cast<std::uint32_t>(at);
    }
  }
  std::int32_t draw(double u) const {
    std::size_t at = guide_[static_cast<std::size_t>(u * guides)];
    while (sum_[at] < u) ++at;
    return first_ + static_cast<std::int32_t>(at);
  }

 private:
  std::int32_t first_ = 0;
  std::vector<double> sum_;
  static constexpr double guides = 256;
  std::array<std::uint32_t, 256> guide_{};
};

// Linear binning over points low, low + step, ...
struct Binning {
  double low, each_step;
  void add(double y, std::uint32_t* to) const {
    const double at = (y - low) * each_step;
    const auto k = static_cast<std::size_t>(at);
    const auto upper = static_cast<std::uint32_t>((at - static_cast<double>(k)) * whole + 0.5);
    to[k] += whole - upper;
    to[k + 1] += upper;
  }
};

// The bin of width 1 / (grid - 1) around each grid point, half-open to the left.
std::size_t bin_of(double y, std::size_t grid) {
  return static_cast<std::size_t>(y * static_cast<double>(grid - 1) + (0.5 - 1e-9));
}

}  // namespace

BetaMixture fitted_mixture(std::span<const std::int32_t> n, std::span<const std::int32_t> x, std::size_t components) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < n.size(); ++i)
    if (n[i] > 0) shares.push_back(static_cast<double>(x[i]) / n[i]);
  std::sort(shares.begin(), shares.end());
  BetaMixture out;
  for (std::size_t k = 0; k < components; ++k) {
    const double mean =
        std::clamp(shares[static_cast<std::size_t>((static_cast<double>(k) + 0.5) / static_cast<double>(components) *
                                                   static_cast<double>(shares.size()))],
                   0.02, 0.98);
    out.alpha.push_back(10 * mean);
    out.beta.push_back(10 * (1 - mean));
    out.weight.push_back(1.0 / static_cast<double>(components));
  }
  std::vector<double> weights;
  for (int step = 0; step < 40; ++step) {
    struct Moments {
      double w = 0, n = 0, share = 0, square = 0, sampling = 0;
    };
    std::vector<Moments> of(components);
    for (std::size_t i = 0; i < n.size(); ++i) {
      if (n[i] <= 0) continue;
      posterior_weights(out, n[i], x[i], weights);
      const double share = static_cast<double>(x[i]) / n[i];
      for (std::size_t k = 0; k < components; ++k) {
        of[k].w += weights[k];
        of[k].share += weights[k] * share;
        of[k].square += weights[k] * share * share;
        of[k].sampling += weights[k] / n[i];
      }
    }
    double all = 0;
    for (const auto& m : of) all += m.w;
    for (std::size_t k = 0; k < components; ++k) {
      if (of[k].w < 1) continue;
      const double mean = std::clamp(of[k].share / of[k].w, 1e-3, 1 - 1e-3), spread = mean * (1 - mean),
                   sampling = of[k].sampling / of[k].w;
      const double variance = of[k].square / of[k].w - mean * mean;
      // variance = spread (rho (1 - sampling) + sampling), rho = 1 / (alpha + beta + 1).
      const double rho = std::clamp((variance / spread - sampling) / (1 - sampling), 1e-4, 0.9), size = 1 / rho - 1;
      out.alpha[k] = mean * size;
      out.beta[k] = (1 - mean) * size;
      out.weight[k] = of[k].w / all;
    }
  }
  return out;
}

Result<PublishedSpikes> published_spikes(std::span<const std::int32_t> n, std::span<const std::int32_t> t,
                                         std::span<const std::int32_t> v, const BetaMixture& turnout,
                                         const BetaMixture& votes, std::size_t resamples, std::size_t grid,
                                         double bandwidth, const Context& context) {
  const std::size_t units = n.size(), points = std::bit_ceil(std::max<std::size_t>(grid, 512));
  const double low = -4 * bandwidth, high = 1 + 4 * bandwidth;
  const Binning binning{low, static_cast<double>(points - 1) / (high - low)};
  // A row is a cache line longer than it must be: rows of a power of two would fight for the same lines.
  const std::size_t width = points + 16;

  std::vector<std::uint32_t> counts(resamples * width, 0);
  std::vector<std::uint64_t> in_bins(grid, 0);
  std::mutex adding;
  const std::size_t parts = std::min<std::size_t>(std::max(1U, context.threads), units);
  const bool finished = parallel_for(context, parts, "resampling", [&](std::size_t part) {
    std::vector<std::uint32_t> mine(resamples * width, 0);
    std::vector<std::uint64_t> my_bins(grid, 0);
    Law law;
    std::vector<double> weights, a(resamples), b(resamples), at(resamples), which(resamples);
    std::vector<std::int32_t> trials(resamples), drawn(resamples);
    for (std::size_t u = part * units / parts; u < (part + 1) * units / parts; ++u) {
      if (u % units_together == 0 && context.cancelled()) return;
      posterior_weights(turnout, n[u], t[u], weights);
      law.make(turnout, weights, n[u], t[u]);
      posterior_weights(votes, t[u], v[u], weights);
      std::partial_sum(weights.begin(), weights.end(), weights.begin());
      const UnitStream stream{.seed = context.seed, .purpose = Purpose::bootstrap, .replicate = u, .step = 1};
      const UnitStream choice{.seed = context.seed, .purpose = Purpose::bootstrap, .replicate = u, .step = 2};
      uniform_units(choice, at, which);
      for (std::size_t r = 0; r < resamples; ++r) {
        trials[r] = law.draw(at[r]);
        std::size_t k = 0;
        while (k + 1 < weights.size() && weights[k] <= which[r]) ++k;
        a[r] = v[u] + votes.alpha[k];
        b[r] = t[u] - v[u] + votes.beta[k];
      }
      beta_binomial_units(stream, trials, a, b, drawn);
      for (std::size_t r = 0; r < resamples; ++r) {
        const double y = trials[r] > 0 ? static_cast<double>(drawn[r]) / trials[r] : 0;
        binning.add(y, mine.data() + r * width);
        ++my_bins[bin_of(y, grid)];
      }
    }
    const std::scoped_lock lock(adding);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += mine[i];
    for (std::size_t i = 0; i < grid; ++i) in_bins[i] += my_bins[i];
  });
  if (!finished) return cancelled_error();

  // Densities at the grid points, between the points of the binning.
  const auto density = [&](const std::uint32_t* binned, std::vector<double>& out) {
    const double scale = 1 / (static_cast<double>(units) * whole * bandwidth * std::sqrt(2 * M_PI));
    out.resize(grid);
    for (std::size_t g = 0; g < grid; ++g) {
      const double at = (static_cast<double>(g) / static_cast<double>(grid - 1) - low) * binning.each_step;
      const auto k = static_cast<std::size_t>(at);
      const double part = at - static_cast<double>(k);
      out[g] = scale * ((1 - part) * binned[k] + part * binned[k + 1]);
    }
  };
  PublishedSpikes out;
  std::vector<std::uint32_t> seen(width, 0);
  std::vector<double> seen_bins(grid, 0), one;
  for (std::size_t u = 0; u < units; ++u) {
    const double y = t[u] > 0 ? static_cast<double>(v[u]) / t[u] : 0;
    binning.add(y, seen.data());
    ++seen_bins[bin_of(y, grid)];
  }
  density(seen.data(), out.observed);
  out.envelope.assign(grid, 0.0);
  for (std::size_t r = 0; r < resamples; ++r) {
    density(counts.data() + r * width, one);
    for (std::size_t g = 0; g < grid; ++g) out.envelope[g] = std::max(out.envelope[g], one[g]);
  }
  out.excess.assign(grid, 0.0);
  for (std::size_t g = 1; g < grid; ++g) {
    const double mean = static_cast<double>(in_bins[g]) / static_cast<double>(resamples);
    out.excess[g] = std::max(0.0, (seen_bins[g] - mean) / static_cast<double>(units));
    if (out.envelope[g] < out.observed[g]) out.fraud_percent += 100 * out.excess[g];
  }
  return out;
}

}  // namespace cotejo
