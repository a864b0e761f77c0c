#include "fingerprint_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cotejo/base/vector_math.hpp"
#include "cotejo/sim/planted.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo {

namespace {

namespace vm = vector_math;

constexpr std::uint32_t least_in_place = 4;
constexpr std::int64_t least_units = 20;
constexpr std::int32_t least_registered = 20;
constexpr std::size_t steps = 20, extreme_steps = 7;
constexpr double extreme_sd = 0.075;
constexpr std::array<double, extreme_steps> from_one = {0.01, 0.03, 0.05, 0.08, 0.11, 0.15, 0.20};
constexpr std::array<double, 7> thetas = {0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50};
constexpr std::array<double, 4> alphas = {0.5, 1, 2, 4};
constexpr std::size_t block = 256;

double node(std::size_t k) {
  return k < steps ? (static_cast<double>(k) + 0.5) / steps : 1 - from_one[k - steps];
}

// What the loops read of each unit that is used.
struct Columns {
  std::vector<double> d, o, b, c1, c2, var1, var2;
  std::vector<std::size_t> unit;
  std::size_t size() const { return unit.size(); }
};

// Ratios to x = 0, at one node, of `block` units from `first` on; the columns are padded to whole blocks.
COTEJO_CLONES
void ratios(const double* d0, const double* o0, const double* b, const double* c1, const double* c2, const double* var1,
            const double* var2, double keep_d, double keep_o, double nu1, double nu2, double* out) {
  const double each_d = 1 / keep_d, each_o = 1 / keep_o, power1 = -(nu1 + 1) / 2, power2 = -(nu2 + 1) / 2;
  for (std::size_t i = 0; i < block; ++i) {
    const double d = d0[i] * each_d, o = o0[i] * each_o, t = 1 - d, m = t - b[i] - o;
    const bool possible = t > 1e-6 && m > 1e-6;
    const double some_t = possible ? t : 0.5, some_m = possible ? m : 0.5;
    const double z1 = vm::log(some_t / d) - c1[i], z2 = vm::log(some_m / o) - c2[i];
    const double exponent =
        power1 * vm::log(1 + z1 * z1 / (nu1 * var1[i])) + power2 * vm::log(1 + z2 * z2 / (nu2 * var2[i]));
    out[i] = possible ? vm::exp(exponent) * (some_m + o) / (some_t * some_m) : 0;
  }
}

double logit(double yes, double no) {
  return std::log((yes + 0.5) / (no + 0.5));
}

// For every unit the place its neighbours are taken from.
std::vector<std::uint32_t> places_of(const Electorate& e, const std::vector<char>& used) {
  std::vector<std::uint32_t> units(e.places.size(), 0), out(e.size(), NestedPlaces::top);
  for (std::size_t i = 0; i < e.size(); ++i)
    if (used[i])
      for (auto p = e.place[i]; p != NestedPlaces::top; p = e.places.parent[p]) ++units[p];
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (!used[i]) continue;
    auto p = e.place[i];
    while (p != NestedPlaces::top && units[p] < least_in_place) p = e.places.parent[p];
    out[i] = p;
  }
  return out;
}

// The median of the others of its place, for every unit.
void centres_of(const Electorate& e, const std::vector<char>& used, const std::vector<std::uint32_t>& place,
                const std::vector<double>& y, std::vector<double>& centre) {
  std::vector<char> needed(e.places.size(), 0);
  for (const auto p : place)
    if (p != NestedPlaces::top) needed[p] = 1;
  std::vector<std::uint32_t> begin(e.places.size() + 1, 0);
  const auto each_place = [&](auto use) {
    for (std::size_t i = 0; i < e.size(); ++i)
      if (used[i])
        for (auto p = e.place[i]; p != NestedPlaces::top; p = e.places.parent[p])
          if (needed[p]) use(p, static_cast<std::uint32_t>(i));
  };
  each_place([&](std::uint32_t p, std::uint32_t) { ++begin[p + 1]; });
  for (std::size_t p = 0; p < e.places.size(); ++p) begin[p + 1] += begin[p];
  std::vector<double> sorted(begin.back());
  auto next = begin;
  each_place([&](std::uint32_t p, std::uint32_t i) { sorted[next[p]++] = y[i]; });
  for (std::size_t p = 0; p < e.places.size(); ++p)
    if (needed[p])
      std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(begin[p]),
                sorted.begin() + static_cast<std::ptrdiff_t>(begin[p + 1]));
  centre.assign(e.size(), NAN);
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto p = place[i];
    if (p == NestedPlaces::top) continue;
    const double* values = sorted.data() + begin[p];
    const std::size_t n = begin[p + 1] - begin[p];
    const auto own = static_cast<std::size_t>(std::lower_bound(values, values + n, y[i]) - values);
    // Of the other n - 1: entry k of them is values[k], or values[k + 1] from the unit's own on.
    const auto other = [&](std::size_t k) { return values[k < own ? k : k + 1]; };
    centre[i] = (other((n - 2) / 2) + other((n - 1) / 2)) / 2;
  }
}

// Spread and tails of the units below their centre.
FairSpread spread_below(const std::vector<double>& y, const std::vector<double>& centre,
                        const std::vector<double>& variance) {
  std::vector<double> below, sampling;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(centre[i])) continue;
    sampling.push_back(variance[i]);
    if (y[i] < centre[i]) below.push_back(centre[i] - y[i]);
  }
  FairSpread out{.s = 0.01, .nu = 100};
  if (below.empty()) return out;
  const auto quantile = [](std::vector<double>& values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
  };
  const double noise = quantile(sampling, 0.5), half = quantile(below, 0.5);
  // How far out 90 % lie, in medians, tells the degrees of freedom: Student's law, 1 / nu and that ratio.
  constexpr std::array<std::array<double, 3>, 8> law = {{{0.01, 2.45, 0.677},
                                                         {0.05, 2.51, 0.687},
                                                         {0.1, 2.59, 0.700},
                                                         {1.0 / 6, 2.71, 0.718},
                                                         {0.25, 2.88, 0.741},
                                                         {1.0 / 3, 3.08, 0.765},
                                                         {0.5, 3.58, 0.816},
                                                         {1, 6.31, 1}}};
  const double ratio = half > 0 ? quantile(below, 0.9) / half : 0;
  double inverse = law[0][0], middle = law[0][2];
  for (std::size_t k = 1; k < law.size() && ratio > law[k - 1][1]; ++k) {
    const double part = std::min(1.0, (ratio - law[k - 1][1]) / (law[k][1] - law[k - 1][1]));
    inverse = law[k - 1][0] + part * (law[k][0] - law[k - 1][0]);
    middle = law[k - 1][2] + part * (law[k][2] - law[k - 1][2]);
  }
  out.nu = 1 / inverse;
  out.s = std::sqrt(std::max(1e-4, half * half / (middle * middle) - noise));
  return out;
}

// The largest of sum log(1 + f_i (a - 1) + f_e (b - 1)) over f_i, f_e >= 0, f_i + f_e <= 1.
struct Shares {
  double incremental = 0, extreme = 0, log_likelihood = 0;
};
Shares likeliest(const std::vector<double>& a, const std::vector<double>& b, std::size_t units) {
  const auto log_likelihood = [&](double fi, double fe) {
    double sum = 0, product = 1;
    for (std::size_t u = 0; u < units; ++u) {
      product *= 1 + fi * (a[u] - 1) + fe * (b[u] - 1);
      if (product > 1e100 || product < 1e-100) {
        sum += std::log(product);
        product = 1;
      }
    }
    return sum + std::log(product);
  };
  Shares out{.incremental = 0.01, .extreme = 0.005};
  out.log_likelihood = log_likelihood(out.incremental, out.extreme);
  constexpr double most = 0.999;
  for (int step = 0; step < 30; ++step) {
    double gi = 0, ge = 0, hii = 0, hie = 0, hee = 0;
    for (std::size_t u = 0; u < units; ++u) {
      const double i = a[u] - 1, e = b[u] - 1, each = 1 / (1 + out.incremental * i + out.extreme * e);
      const double x = i * each, y = e * each;
      gi += x;
      ge += y;
      hii += x * x;
      hie += x * y;
      hee += y * y;
    }
    const bool hold_i = out.incremental <= 0 && gi <= 0, hold_e = out.extreme <= 0 && ge <= 0;
    double di = 0, de = 0;
    const double determinant = hii * hee - hie * hie;
    if (!hold_i && !hold_e && determinant > 1e-9 * hii * hee) {
      di = (hee * gi - hie * ge) / determinant;
      de = (hii * ge - hie * gi) / determinant;
    } else {
      if (!hold_i && hii > 0) di = gi / hii;
      if (!hold_e && hee > 0) de = ge / hee;
    }
    bool better = false;
    for (double part = 1; part > 1e-4; part /= 2) {
      double fi = std::max(0.0, out.incremental + part * di), fe = std::max(0.0, out.extreme + part * de);
      if (fi + fe > most) {
        const double scale = most / (fi + fe);
        fi *= scale;
        fe *= scale;
      }
      const double now = log_likelihood(fi, fe);
      if (now > out.log_likelihood + 1e-9) {
        better = now > out.log_likelihood + 1e-5;
        out = {fi, fe, now};
        break;
      }
    }
    if (!better) break;
  }
  return out;
}

std::array<double, steps> incremental_weights(double theta) {
  std::array<double, steps> out{};
  double sum = 0;
  for (std::size_t k = 0; k < steps; ++k) sum += out[k] = std::exp(-node(k) * node(k) / (2 * theta * theta));
  for (auto& w : out) w /= sum;
  return out;
}
std::array<double, extreme_steps> extreme_weights() {
  std::array<double, extreme_steps> out{};
  double sum = 0;
  for (std::size_t k = 0; k < extreme_steps; ++k) {
    // Each node stands for the fractions up to half-way to its neighbours.
    const double low = k == 0 ? 0 : (from_one[k - 1] + from_one[k]) / 2,
                 high = k + 1 == extreme_steps ? 0.25 : (from_one[k] + from_one[k + 1]) / 2;
    sum += out[k] = std::erf(high / extreme_sd / std::sqrt(2.0)) - std::erf(low / extreme_sd / std::sqrt(2.0));
  }
  for (auto& w : out) w /= sum;
  return out;
}

// Of every unit, the weighted sum of its ratios at the nodes from `first` on; block by block, so that sums stay in the cache.
template <std::size_t nodes>
void weighted_sums(const std::vector<float>& ratio, std::size_t padded, std::size_t first,
                   const std::array<double, nodes>& weights, std::vector<double>& out) {
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t begin = 0; begin < padded; begin += block)
    for (std::size_t k = 0; k < nodes; ++k) {
      const float* values = ratio.data() + (first + k) * padded + begin;
      for (std::size_t i = 0; i < block; ++i) out[begin + i] += weights[k] * values[i];
    }
}

}  // namespace

FingerprintFit fingerprint_fit(const Electorate& e, const Returns& r, double alpha) {
  FingerprintFit out;
  const std::size_t n = e.size();
  if (e.registered.empty()) return out;
  std::vector<char> used(n, 0);
  std::vector<double> y1(n, NAN), y2(n, NAN), v1(n, NAN), v2(n, NAN);
  for (std::size_t i = 0; i < n; ++i) {
    if (e.registered[i] < least_registered || r.valid[i] <= 0 || r.turnout[i] < r.valid[i]) continue;
    used[i] = 1;
    const double absent = e.registered[i] - r.turnout[i], others = r.valid[i] - r.leader[i];
    y1[i] = logit(r.turnout[i], absent);
    y2[i] = logit(r.leader[i], others);
    v1[i] = 1 / (r.turnout[i] + 0.5) + 1 / (absent + 0.5);
    v2[i] = 1 / (r.leader[i] + 0.5) + 1 / (others + 0.5);
  }
  const auto place = places_of(e, used);
  centres_of(e, used, place, y1, out.turnout_centre);
  centres_of(e, used, place, y2, out.share_centre);
  out.turnout = spread_below(y1, out.turnout_centre, v1);
  out.share = spread_below(y2, out.share_centre, v2);
  Columns c;
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isnan(out.turnout_centre[i])) c.unit.push_back(i);
  out.units = static_cast<std::int64_t>(c.size());
  if (out.units < least_units) return out;
  const std::size_t padded = (c.size() + block - 1) / block * block;
  for (auto* column : {&c.d, &c.o, &c.b, &c.c1, &c.c2, &c.var1, &c.var2}) column->assign(padded, 0.25);
  for (std::size_t k = 0; k < c.size(); ++k) {
    const std::size_t i = c.unit[k];
    const double each = 1 / (e.registered[i] + 1.0);
    c.d[k] = (e.registered[i] - r.turnout[i] + 0.5) * each;
    c.o[k] = (r.valid[i] - r.leader[i] + 0.5) * each;
    c.b[k] = (r.turnout[i] - r.valid[i] - 0.5) * each;
    c.c1[k] = out.turnout_centre[i];
    c.c2[k] = out.share_centre[i];
    c.var1[k] = out.turnout.s * out.turnout.s + v1[i];
    c.var2[k] = out.share.s * out.share.s + v2[i];
  }
  // Ratios to a fair unit, by node and unit; float is enough for sums of them.
  std::vector<float> ratio((steps + extreme_steps) * padded);
  std::vector<double> fair(padded), values(block), a(padded), b(padded);
  const auto at_node = [&](std::size_t first, double keep_d, double keep_o, double* into) {
    ratios(c.d.data() + first, c.o.data() + first, c.b.data() + first, c.c1.data() + first, c.c2.data() + first,
           c.var1.data() + first, c.var2.data() + first, keep_d, keep_o, out.turnout.nu, out.share.nu, into);
  };
  for (std::size_t first = 0; first < padded; first += block) at_node(first, 1, 1, fair.data() + first);
  const auto of_extreme = extreme_weights();
  double best = -INFINITY;
  std::vector<float> best_ratio;
  const bool choose = !(alpha > 0);
  for (const double power : alphas) {
    if (!choose && power != alphas[0]) break;
    const double exponent = choose ? power : alpha;
    for (std::size_t k = 0; k < steps + extreme_steps; ++k) {
      const double keep_d = 1 - node(k), keep_o = 1 - std::pow(node(k), exponent);
      for (std::size_t first = 0; first < padded; first += block) {
        at_node(first, keep_d, std::max(keep_o, 1e-9), values.data());
        for (std::size_t i = 0; i < block; ++i)
          ratio[k * padded + first + i] = static_cast<float>(std::min(1e30, values[i] / fair[first + i]));
      }
    }
    weighted_sums(ratio, padded, steps, of_extreme, b);
    for (const double theta : thetas) {
      const auto weights = incremental_weights(theta);
      weighted_sums(ratio, padded, 0, weights, a);
      const Shares shares = likeliest(a, b, c.size());
      if (shares.log_likelihood <= best) continue;
      best = shares.log_likelihood;
      out.incremental = shares.incremental;
      out.extreme = shares.extreme;
      out.theta = theta;
      out.alpha = exponent;
      if (choose) best_ratio = ratio;
    }
  }
  out.likelihood_ratio = 2 * std::max(0.0, best);
  // The votes that the fit explains: of each unit, over the fractions x, those added and moved, given what was reported.
  const auto& chosen = choose ? best_ratio : ratio;
  const auto weights = incremental_weights(out.theta);
  std::array<double, steps + extreme_steps> of_others{};
  for (std::size_t k = 0; k < of_others.size(); ++k) of_others[k] = std::pow(node(k), out.alpha);
  for (std::size_t u = 0; u < c.size(); ++u) {
    const std::size_t i = c.unit[u];
    double all = 1 - out.incremental - out.extreme, added = 0, moved = 0;
    for (std::size_t k = 0; k < steps + extreme_steps; ++k) {
      const double chance = (k < steps ? out.incremental * weights[k] : out.extreme * of_extreme[k - steps]) *
                            static_cast<double>(chosen[k * padded + u]);
      const double x = node(k);
      all += chance;
      added += chance * x / (1 - x) * (e.registered[i] - r.turnout[i]);
      moved += chance * of_others[k] / (1 - of_others[k]) * (r.valid[i] - r.leader[i]);
    }
    out.added_votes += added / all;
    out.moved_votes += moved / all;
  }
  return out;
}

Returns draw_fingerprint(const Electorate& e, const Returns& observed, const FingerprintFit& fit, Seed seed,
                         std::uint64_t replicate) {
  Returns out = observed;
  Stream stream(seed, Purpose::bootstrap, replicate);
  const auto student = [&](const FairSpread& spread) {
    return spread.s * stream.normal() / std::sqrt(gamma_rng(stream, spread.nu / 2) * 2 / spread.nu);
  };
  const auto share_of = [](double logit_of_it) { return 1 / (1 + std::exp(-logit_of_it)); };
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (std::isnan(fit.turnout_centre[i])) continue;
    const auto turnout = static_cast<std::int32_t>(
        binomial_rng(stream, e.registered[i], share_of(fit.turnout_centre[i] + student(fit.turnout))));
    const double valid_share =
        observed.turnout[i] > 0 ? static_cast<double>(observed.valid[i]) / observed.turnout[i] : 1;
    const auto valid = static_cast<std::int32_t>(binomial_rng(stream, turnout, valid_share));
    const auto leader =
        static_cast<std::int32_t>(binomial_rng(stream, valid, share_of(fit.share_centre[i] + student(fit.share))));
    out.turnout[i] = out.cast[i] = turnout;
    out.valid[i] = valid;
    out.leader[i] = leader;
    const double kind = stream.uniform(), z = std::abs(stream.normal());
    double x = 0;
    if (kind < fit.incremental)
      x = fit.theta * z;
    else if (kind < fit.incremental + fit.extreme)
      x = 1 - extreme_sd * z;
    give_fraction(std::clamp(x, 0.0, 1.0), fit.alpha, e.registered[i], out.turnout[i], out.cast[i], out.valid[i],
                  out.leader[i]);
    out.runner_up[i] = std::min(out.runner_up[i], out.valid[i] - out.leader[i]);
  }
  return out;
}

}  // namespace cotejo
