#include "unit_likelihood.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace {

namespace vm = vector_math;

constexpr double largest_ratio = 1e30;
constexpr double root_three = 1.7320508075688772;

// sinh(k / 2) / (1 / 2) and its derivative, k = -6 .. 6: points in standard deviations from the mode, and their weights.
constexpr std::size_t clean_points = 13;
constexpr double reach[clean_points] = {-20.035749854819805, -12.100408962079575, -7.253720815694038, -4.258558910189635, -2.3504023872876028,
                                        -1.0421906109874948, 0, 1.0421906109874948, 2.3504023872876028, 4.258558910189635,
                                        7.253720815694038, 12.100408962079575, 20.035749854819805};
constexpr double width[clean_points] = {10.067661995777765, 6.132289479663686, 3.7621956910836314, 2.3524096152432472, 1.5430806348152437,
                                        1.1276259652063807, 1, 1.1276259652063807, 1.5430806348152437, 2.3524096152432472,
                                        3.7621956910836314, 6.132289479663686, 10.067661995777765};

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

COTEJO_INLINE double t_weight(const UnitSpread& s, double from) {
  return (s.df + 1) / (s.df * s.sd * s.sd + from * from);
}

COTEJO_INLINE Peak clean_peak(const Thinned& t, const UnitSpread& s) {
  const Peak start = start_of(t);
  const double far = (start.logit - t.mean) * (start.logit - t.mean);
  const double first = (s.df + 1) / (s.df * s.sd * s.sd + far / (1 + 1 / (start.precision * s.sd * s.sd)));
  double logit = (start.precision * start.logit + first * t.mean) / (start.precision + first);
  Peak at{};
  for (int step = 0; step < 2; ++step) {
    at = of_counts(t, logit);
    const double weight = t_weight(s, logit - t.mean);
    logit += bounded((at.gradient - weight * (logit - t.mean)) / (at.precision + weight), -1.5, 1.5);
  }
  at.precision += t_weight(s, logit - t.mean);
  at.logit = logit;
  return at;
}

// Clean units along one axis: log F at the three points, on points around the mode that belongs to the centre.
COTEJO_INLINE void clean_axis(std::size_t count, const double* k, const double* n, const double* centre, const double* scale,
                              const UnitSpread& spread, std::array<std::array<double, lanes>, axis_points>& out) {
  double mode[lanes], sd[lanes], top[lanes], sum[axis_points][lanes];
  for (std::size_t i = 0; i < count; ++i) {
    const Peak at = clean_peak({k[i], n[i], 1, -centre[i]}, spread);
    mode[i] = at.logit;
    sd[i] = 1 / std::sqrt(at.precision);
    const double q = 1 / (1 + vm::exp(-at.logit));
    top[i] = k[i] * vm::log(q) + (n[i] - k[i]) * vm::log(1 - q > 1e-300 ? 1 - q : 1e-300);
    for (std::size_t point = 0; point < axis_points; ++point) sum[point][i] = 0;
  }
  const double power = 0.5 * (spread.df + 1), per_scale = 1 / (spread.df * spread.sd * spread.sd);
  for (std::size_t j = 0; j < clean_points; ++j)
    for (std::size_t i = 0; i < count; ++i) {
      const double logit = bounded(mode[i] + reach[j] * sd[i], -600.0, 600.0), e = vm::exp(-logit);
      // log q = -log(1 + e), log(1 - q) = -logit - log(1 + e)
      const double counts = -n[i] * vm::log(1 + e) - (n[i] - k[i]) * logit - top[i];
      for (std::size_t point = 0; point < axis_points; ++point) {
        const double from = logit + centre[i] + axis_offset[point] * scale[i];
        sum[point][i] += width[j] * vm::exp(counts - power * vm::log(1 + from * from * per_scale));
      }
    }
  for (std::size_t point = 0; point < axis_points; ++point)
    for (std::size_t i = 0; i < count; ++i)
      out[point][i] = top[i] + vm::log((sum[point][i] > 1e-300 ? sum[point][i] : 1e-300) * sd[i]) + spread.log_constant;
}

struct Laplace {
  double log_integral, slope, bend;  // in theta: log F(theta + d) = log_integral + slope d - bend d^2 / 2
  double logit, precision;
};

// The integral over a normal effect, from two steps towards the mode.
COTEJO_INLINE Laplace laplace_of(const Thinned& t, double sd) {
  const double weight = 1 / (sd * sd);
  const Peak start = start_of(t);
  double logit = (start.precision * start.logit + weight * t.mean) / (start.precision + weight);
  Peak at{};
  for (int step = 0; step < 2; ++step) {
    at = of_counts(t, logit);
    logit += bounded((at.gradient - weight * (logit - t.mean)) / (at.precision + weight), -1.5, 1.5);
  }
  const double q = 1 / (1 + vm::exp(-logit)), p = t.f * q, kept = bounded(1 - p, 1e-12, 1.0);
  const double gradient = (t.k - t.n * p) * (1 - q) / kept - weight * (logit - t.mean);
  const double observed = q * (1 - q) * (t.k + (t.n - t.k) * t.f * (1 - 2 * q + p * q) / (kept * kept));
  const double counts = bounded(observed, 0.0, 1e9), precision = counts + weight;
  const double mode = logit + gradient / precision;
  const double joint = t.k * vm::log(bounded(p, 1e-300, 1.0)) + (t.n - t.k) * vm::log(kept) - 0.5 * weight * (logit - t.mean) * (logit - t.mean);
  return {joint + 0.5 * gradient * gradient / precision - 0.5 * vm::log(precision * sd * sd), -weight * (mode - t.mean),
          weight * counts / precision, mode, precision};
}

// What is left of others' genuine votes among the ballots, when of q who would stay away the fraction m was cast.
COTEJO_INLINE double genuine_share(double logit_absent, double m) {
  const double q = 1 / (1 + vm::exp(-logit_absent));
  return (1 - q) / bounded(1 - q * (1 - m), 1e-12, 1.0);
}

struct Columns {
  double value[axis_points][lanes];
};

// One fraction along one axis: F over that of the clean unit.
COTEJO_INLINE void thinned_axis(std::size_t count, const double* k, const double* n, const double* f, const double* centre,
                                const double* scale, double sd, const std::array<std::array<double, lanes>, axis_points>& clean,
                                Columns& out, double* mode) {
  for (std::size_t i = 0; i < count; ++i) {
    const Laplace at = laplace_of({k[i], n[i], f[i], -centre[i]}, sd);
    const double step = root_three * scale[i], bent = -0.5 * at.bend * step * step;
    out.value[0][i] = vm::exp(at.log_integral - clean[0][i]);
    out.value[1][i] = vm::exp(at.log_integral + at.slope * step + bent - clean[1][i]);
    out.value[2][i] = vm::exp(at.log_integral - at.slope * step + bent - clean[2][i]);
    mode[i] = at.logit;
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

UnitSpread unit_spread(double sd, double df) {
  return {sd, df, std::lgamma(0.5 * (df + 1)) - std::lgamma(0.5 * df) - 0.5 * std::log(df * 3.14159265358979324) - std::log(sd)};
}

UnitModel unit_model(double sd_turnout, double df_turnout, double sd_share, double df_share, double alpha) {
  UnitModel out{unit_spread(sd_turnout, df_turnout), unit_spread(sd_share, df_share), {}};
  for (std::size_t j = 0; j < fractions; ++j) out.stolen_of_both[j] = std::pow(fraction_nodes[j], alpha);
  return out;
}

COTEJO_CLONES void unit_likelihood(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  const std::size_t count = in.count;
  double registered[lanes], ballots[lanes], keep[lanes], genuine[lanes], mode[lanes];
  for (std::size_t i = 0; i < count; ++i) {
    ballots[i] = in.leader[i] + in.other[i];
    registered[i] = ballots[i] + in.absent[i];
  }
  clean_axis(count, in.absent, registered, in.centre_turnout, in.scale_turnout, model.turnout, out.turnout);
  clean_axis(count, in.other, ballots, in.centre_share, in.scale_share, model.share, out.share);
  Columns turnout, share, clean;  // `clean`: of a normal effect that is not thinned, over that of a clean unit
  double sums[components * place_points * lanes];
  for (double& sum : sums) sum = 0;
  for (double& f : keep) f = 1;
  thinned_axis(count, in.absent, registered, keep, in.centre_turnout, in.scale_turnout, model.turnout.sd, out.turnout, clean, mode);
  for (std::size_t j = 0; j < fractions; ++j) {
    const double x = fraction_nodes[j];
    const std::size_t first = j < incremental_nodes ? 0 : kinds;
    for (std::size_t i = 0; i < count; ++i) keep[i] = 1 - x;
    thinned_axis(count, in.other, ballots, keep, in.centre_share, in.scale_share, model.share.sd, out.share, share, mode);
    add_component(count, clean, share, node_weight[j], first + 1, sums);
    thinned_axis(count, in.absent, registered, keep, in.centre_turnout, in.scale_turnout, model.turnout.sd, out.turnout, turnout, mode);
    for (std::size_t i = 0; i < count; ++i) genuine[i] = genuine_share(mode[i], x);
    thinned_axis(count, in.other, ballots, genuine, in.centre_share, in.scale_share, model.share.sd, out.share, share, mode);
    add_component(count, turnout, share, node_weight[j], first, sums);
    for (std::size_t i = 0; i < count; ++i) keep[i] = genuine[i] * (1 - model.stolen_of_both[j]);
    thinned_axis(count, in.other, ballots, keep, in.centre_share, in.scale_share, model.share.sd, out.share, share, mode);
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
      const double log_ratio = turnout.log_integral - clean[0][0][0] + share.log_integral - clean[1][0][0];
      out[kind * fractions + j] = {std::min(std::exp(log_ratio), largest_ratio), turnout.logit, 1 / std::sqrt(turnout.precision),
                                   share.logit, 1 / std::sqrt(share.precision)};
    }
  }
  return out;
}

}  // namespace cotejo::mixture
