#include "unit_likelihood.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace {

namespace vm = vector_math;

constexpr double largest_ratio = 1e30;
constexpr double root_three = 1.7320508075688772;

COTEJO_INLINE double bounded(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// k of n, thinned by f; the logit of q lies around `mean` with weight 1 / variance there.
struct Peak {
  double logit, gradient, precision;  // near the mode of the log joint density: its gradient, and minus its curvature
};

struct Thinned {
  double k, n, f, mean;
};

// Curvature of the binomial alone, as it is expected: always positive.
COTEJO_INLINE Peak of_counts(const Thinned& t, double logit) {
  const double q = 1 / (1 + vm::exp(-logit)), p = t.f * q, per = (1 - q) / bounded(1 - p, 1e-12, 1.0);
  return {logit, (t.k - t.n * p) * per, t.n * p * (1 - q) * per};
}

// Where the counts alone would put it.
COTEJO_INLINE Peak start_of(const Thinned& t) {
  const double q = bounded((t.k + 0.5) / (t.n + 1) / t.f, 1e-6, 1 - 0.5 / (t.n + 1)), p = t.f * q;
  return {vm::log(q / (1 - q)), 0, t.n * p * (1 - q) * (1 - q) / (1 - p) + 1e-3};
}

struct Laplace {
  double log_integral, slope, bend;  // in theta: log F(theta + d) = log_integral + slope d - bend d^2 / 2
  double logit, precision;           // mean of the effect's posterior, and its precision
  double keep_slope, keep_bend;      // of log F in log f, the effect integrated out
};

COTEJO_INLINE double observed_precision(const Thinned& t, double logit) {
  const double q = 1 / (1 + vm::exp(-logit)), p = t.f * q, kept = bounded(1 - p, 1e-12, 1.0);
  return bounded(q * (1 - q) * (t.k + (t.n - t.k) * t.f * (1 - 2 * q + p * q) / (kept * kept)), 0.0, 1e9);
}

COTEJO_INLINE double towards_mode(const Thinned& t, double logit, double weight) {
  const Peak at = of_counts(t, logit);
  return logit + bounded((at.gradient - weight * (logit - t.mean)) / (at.precision + weight), -1.5, 1.5);
}

// The integral over a normal effect, from near its mode: Laplace, and the next order (third and fourth derivatives, by differences of the
// curvature one standard deviation to either side).
COTEJO_INLINE Laplace laplace_near(const Thinned& t, double sd, double logit) {
  const double weight = 1 / (sd * sd);
  const double q = 1 / (1 + vm::exp(-logit)), p = t.f * q, kept = bounded(1 - p, 1e-12, 1.0);
  const double gradient = (t.k - t.n * p) * (1 - q) / kept - weight * (logit - t.mean);
  const double counts = bounded(q * (1 - q) * (t.k + (t.n - t.k) * t.f * (1 - 2 * q + p * q) / (kept * kept)), 0.0, 1e9);
  const double precision = counts + weight, deviation = 1 / std::sqrt(precision);
  const double above = observed_precision(t, logit + deviation), below = observed_precision(t, logit - deviation);
  const double third = 0.5 * (above - below) / precision, fourth = (above - 2 * counts + below) / precision;
  const double next = bounded(5.0 / 24 * third * third - fourth / 8, -0.5, 0.5);
  const double mean = logit + gradient / precision - 0.5 * third * deviation;
  const double joint = t.k * vm::log(bounded(p, 1e-300, 1.0)) + (t.n - t.k) * vm::log(kept) - 0.5 * weight * (logit - t.mean) * (logit - t.mean);
  const double of_share = t.n * p / kept;
  return {joint + 0.5 * gradient * gradient / precision + next - 0.5 * vm::log(precision * sd * sd),
          -weight * (mean - t.mean),
          weight * counts / precision,
          mean,
          precision,
          (t.k - t.n * p) / kept,
          of_share * weight / (of_share * (1 - q) * (1 - q) + weight)};
}

COTEJO_INLINE Laplace laplace_of(const Thinned& t, double sd) {
  const double weight = 1 / (sd * sd);
  const Peak start = start_of(t);
  double logit = (start.precision * start.logit + weight * t.mean) / (start.precision + weight);
  for (int step = 0; step < 2; ++step) logit = towards_mode(t, logit, weight);
  return laplace_near(t, sd, logit);
}

// Clean units along one axis: log F at the three points, a sum over the scales of Student's t, from the narrowest to the widest.
COTEJO_INLINE void clean_axis(std::size_t count, const double* k, const double* n, const double* centre, const double* scale,
                              const UnitSpread& spread, std::array<std::array<double, lanes>, axis_points>& out) {
  double logit[lanes], top[lanes], sum[axis_points][lanes];
  for (std::size_t i = 0; i < count; ++i) {
    const Peak start = start_of({k[i], n[i], 1, -centre[i]});
    const double weight = 1 / (spread.scale_sd[0] * spread.scale_sd[0]), q = 1 / (1 + vm::exp(-start.logit));
    logit[i] = (start.precision * start.logit - weight * centre[i]) / (start.precision + weight);
    top[i] = k[i] * vm::log(q) + (n[i] - k[i]) * vm::log(1 - q);
    for (std::size_t point = 0; point < axis_points; ++point) sum[point][i] = 0;
  }
  for (std::size_t j = 0; j < scales; ++j) {
    const double sd = spread.scale_sd[j], weight = 1 / (sd * sd), share = spread.log_weight[j];
    for (std::size_t i = 0; i < count; ++i) {
      const Thinned t{k[i], n[i], 1, -centre[i]};
      double near = towards_mode(t, logit[i], weight);
      if (j == 0) near = towards_mode(t, near, weight);
      const Laplace at = laplace_near(t, sd, near);
      logit[i] = near;
      const double step = root_three * scale[i], bent = -0.5 * at.bend * step * step, value = at.log_integral + share - top[i];
      sum[0][i] += vm::exp(value);
      sum[1][i] += vm::exp(value + at.slope * step + bent);
      sum[2][i] += vm::exp(value - at.slope * step + bent);
    }
  }
  for (std::size_t point = 0; point < axis_points; ++point)
    for (std::size_t i = 0; i < count; ++i) out[point][i] = top[i] + vm::log(sum[point][i] > 1e-300 ? sum[point][i] : 1e-300);
}

// What is left of others' genuine votes among the ballots, when of q who would stay away the fraction m was cast.
COTEJO_INLINE double genuine_share(double logit_absent, double m) {
  const double q = 1 / (1 + vm::exp(-logit_absent));
  return (1 - q) / bounded(1 - q * (1 - m), 1e-12, 1.0);
}

// Variance of its logarithm, as far as that of the effect on turnout carries into it.
COTEJO_INLINE double genuine_variance(const Laplace& turnout, double m) {
  const double q = 1 / (1 + vm::exp(-turnout.logit)), slope = q * m / bounded(1 - q * (1 - m), 1e-12, 1.0);
  return slope * slope / turnout.precision;
}

// log of the mean of exp(keep_slope d - keep_bend d^2 / 2) over d ~ N(0, variance).
COTEJO_INLINE double over_genuine(const Laplace& share, double variance) {
  const double spread = 1 + share.keep_bend * variance;
  return bounded(0.5 * share.keep_slope * share.keep_slope * variance / spread, 0.0, 2.0) - 0.5 * vm::log(spread);
}

struct Columns {
  double value[axis_points][lanes];
};

// The effects on turnout of the fraction m: what the share needs of them.
struct Genuine {
  double share[lanes], variance[lanes];
};

// One fraction along one axis: F over that of the clean unit. `of`: where f is known through turnout, its variance; `into`: what the share
// needs of this axis.
COTEJO_INLINE void thinned_axis(std::size_t count, const double* k, const double* n, const double* f, const double* centre,
                                const double* scale, double sd, const std::array<std::array<double, lanes>, axis_points>& clean,
                                Columns& out, const double* variance, double m, Genuine* into) {
  for (std::size_t i = 0; i < count; ++i) {
    const Laplace at = laplace_of({k[i], n[i], f[i], -centre[i]}, sd);
    const double step = root_three * scale[i], bent = -0.5 * at.bend * step * step;
    const double integral = at.log_integral + (variance ? over_genuine(at, variance[i]) : 0.0);
    out.value[0][i] = vm::exp(integral - clean[0][i]);
    out.value[1][i] = vm::exp(integral + at.slope * step + bent - clean[1][i]);
    out.value[2][i] = vm::exp(integral - at.slope * step + bent - clean[2][i]);
    if (into) {
      into->share[i] = genuine_share(at.logit, m);
      into->variance[i] = genuine_variance(at, m);
    }
  }
}

COTEJO_INLINE void add_component(std::size_t count, const Columns& turnout, const Columns& share, double weight, std::size_t component,
                                 double* sums) {
  for (std::size_t i = 0; i < axis_points; ++i)
    for (std::size_t j = 0; j < axis_points; ++j) {
      double* const sum = sums + (component * place_points + i * axis_points + j) * lanes;
      for (std::size_t u = 0; u < count; ++u) sum[u] += weight * turnout.value[i][u] * share.value[j][u];
    }
}

}  // namespace

// The logarithm x of the precision has density exp(a (x - e^x)), a = df / 2: from where it is e^-6 of its top, on the right, to e^-11.
UnitSpread unit_spread(double sd, double df) {
  UnitSpread out{.sd = sd, .df = df};
  const double a = df / 2;
  const auto below_top = [&](double x) { return a * (x - std::exp(x) + 1); };
  const auto edge = [&](double x, double drop) {
    for (int step = 0; step < 60; ++step) x -= (below_top(x) + drop) / (a * (1 - std::exp(x)));
    return x;
  };
  const double right = edge(2.5, 6), left = edge(-1 - 11 / a, 11), step = (right - left) / (scales - 1);
  double sum = 0;
  for (std::size_t j = 0; j < scales; ++j) {
    const double x = right - static_cast<double>(j) * step;
    out.scale_sd[j] = sd * std::exp(-0.5 * x);
    out.log_weight[j] = below_top(x);
    sum += std::exp(out.log_weight[j]);
  }
  for (double& w : out.log_weight) w -= std::log(sum);
  return out;
}

UnitModel unit_model(double sd_turnout, double df_turnout, double sd_share, double df_share, double alpha) {
  UnitModel out{unit_spread(sd_turnout, df_turnout), unit_spread(sd_share, df_share), {}};
  for (std::size_t j = 0; j < fractions; ++j) out.stolen_of_both[j] = std::pow(fraction_nodes[j], alpha);
  return out;
}

COTEJO_CLONES void unit_likelihood(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  const std::size_t count = in.count;
  double registered[lanes], ballots[lanes], keep[lanes];
  for (std::size_t i = 0; i < count; ++i) {
    ballots[i] = in.leader[i] + in.other[i];
    registered[i] = ballots[i] + in.absent[i];
  }
  clean_axis(count, in.absent, registered, in.centre_turnout, in.scale_turnout, model.turnout, out.turnout);
  clean_axis(count, in.other, ballots, in.centre_share, in.scale_share, model.share, out.share);
  Columns turnout, share, clean;  // `clean`: of a normal effect that is not thinned, over that of a clean unit
  Genuine genuine;
  double sums[components * place_points * lanes];
  for (double& sum : sums) sum = 0;
  for (double& f : keep) f = 1;
  const auto turnout_axis = [&](double m, Columns& to, Genuine* into) __attribute__((always_inline)) {
    thinned_axis(count, in.absent, registered, keep, in.centre_turnout, in.scale_turnout, model.turnout.sd, out.turnout, to, nullptr, m, into);
  };
  const auto share_axis = [&](const double* variance) __attribute__((always_inline)) {
    thinned_axis(count, in.other, ballots, keep, in.centre_share, in.scale_share, model.share.sd, out.share, share, variance, 0, nullptr);
  };
  turnout_axis(0, clean, nullptr);
  for (std::size_t j = 0; j < fractions; ++j) {
    const double x = fraction_nodes[j];
    const std::size_t first = j < incremental_nodes ? 0 : kinds;
    for (std::size_t i = 0; i < count; ++i) keep[i] = 1 - x;
    share_axis(nullptr);
    add_component(count, clean, share, node_weight[j], first + 1, sums);
    turnout_axis(x, turnout, &genuine);
    for (std::size_t i = 0; i < count; ++i) keep[i] = genuine.share[i];
    share_axis(genuine.variance);
    add_component(count, turnout, share, node_weight[j], first, sums);
    for (std::size_t i = 0; i < count; ++i) keep[i] = genuine.share[i] * (1 - model.stolen_of_both[j]);
    share_axis(genuine.variance);
    add_component(count, turnout, share, node_weight[j], first + 2, sums);
  }
  for (std::size_t i = 0; i < components * place_points * lanes; ++i)
    out.ratio[i] = static_cast<float>(sums[i] < largest_ratio ? sums[i] : largest_ratio);
}

COTEJO_CLONES void log_of_mixture(const float* ratio, const double* weight, double* out) {
  constexpr std::size_t numbers = place_points * lanes;
  for (std::size_t i = 0; i < numbers; ++i) {
    double sum = weight[0];
    for (std::size_t c = 0; c < components; ++c) sum += weight[1 + c] * static_cast<double>(ratio[c * numbers + i]);
    out[i] = vm::log(sum);
  }
}

COTEJO_CLONES double sum_of_logs(const double* ratio, std::size_t number, const double* weight) {
  double sums[lanes];
  for (double& sum : sums) sum = 0;
  for (std::size_t begin = 0; begin < number; begin += lanes) {
    const std::size_t count = number - begin < lanes ? number - begin : lanes;
    for (std::size_t i = 0; i < count; ++i) {
      double sum = weight[0];
      for (std::size_t c = 0; c < components; ++c) sum += weight[1 + c] * ratio[c * number + begin + i];
      sums[i] += vm::log(sum);
    }
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

std::array<NodeLikelihood, kinds * fractions> node_likelihoods(double absent, double leader, double other, double mean_turnout,
                                                               double mean_share, const UnitModel& model) {
  std::array<NodeLikelihood, kinds * fractions> out;
  const double ballots = leader + other, registered = ballots + absent, none[1] = {0};
  std::array<std::array<double, lanes>, axis_points> clean[2];
  clean_axis(1, &absent, &registered, &mean_turnout, none, model.turnout, clean[0]);
  clean_axis(1, &other, &ballots, &mean_share, none, model.share, clean[1]);
  for (std::size_t j = 0; j < fractions; ++j) {
    const double x = fraction_nodes[j];
    const Laplace whole = laplace_of({absent, registered, 1, -mean_turnout}, model.turnout.sd),
                  thinned = laplace_of({absent, registered, 1 - x, -mean_turnout}, model.turnout.sd);
    const double genuine = genuine_share(thinned.logit, x);
    const double keep[kinds] = {genuine, 1 - x, genuine * (1 - model.stolen_of_both[j])};
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      const Laplace& turnout = kind == 1 ? whole : thinned;
      const Laplace share = laplace_of({other, ballots, keep[kind], -mean_share}, model.share.sd);
      const double over = kind == 1 ? 0 : over_genuine(share, genuine_variance(thinned, x));
      const double log_ratio = turnout.log_integral - clean[0][0][0] + share.log_integral + over - clean[1][0][0];
      out[kind * fractions + j] = {std::min(std::exp(log_ratio), largest_ratio), turnout.logit, 1 / std::sqrt(turnout.precision),
                                   share.logit, 1 / std::sqrt(share.precision)};
    }
  }
  return out;
}

}  // namespace cotejo::mixture
