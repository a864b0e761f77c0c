#include "unit_likelihood.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace {

namespace vm = vector_math;

constexpr double root_three = 1.7320508075688772;
constexpr double most_in_single = 4096;  // registered voters up to which numbers of seven digits do

template <class R>
COTEJO_INLINE R bounded(R x, double low, double high) {
  return x < static_cast<R>(low) ? static_cast<R>(low) : x > static_cast<R>(high) ? static_cast<R>(high) : x;
}

// The least of it is nothing beside 1 with seven digits, and clear of numbers too small for full speed.
template <class R>
COTEJO_INLINE R likelihood_from(R log_ratio) {
  return vm::exp(log_ratio < -36 ? static_cast<R>(-36) : log_ratio);
}

// k of n, thinned by f; the logit of q lies around `mean` with weight 1 / variance there.
template <class R>
struct Thinned {
  R k, n, f, mean;
};

// What of q is needed at one logit. `rest` = 1 - q and `kept` = 1 - f q without the digits that subtracting would lose.
template <class R>
struct Chance {
  R q, rest, p, kept;
};

template <class R>
COTEJO_INLINE Chance<R> chance_of(R f, R odds_against) {
  const R q = 1 / (1 + odds_against), rest = odds_against * q;
  return {q, rest, f * q, bounded((1 - f) + f * rest, 1e-12, 1)};
}

// Near where the counts alone would put it, and how precisely.
template <class R>
COTEJO_INLINE R first_guess(const Thinned<R>& t, R weight) {
  const R half = static_cast<R>(0.5), near = (t.k + half) / (t.n + 1) / t.f, most = 1 - half / (t.n + 1);
  const R q = near < static_cast<R>(1e-6) ? static_cast<R>(1e-6) : near > most ? most : near, p = t.f * q;
  const R precision = t.n * p * (1 - q) * (1 - q) / (1 - p) + static_cast<R>(1e-3);
  return (precision * vm::log(q / (1 - q)) + weight * t.mean) / (precision + weight);
}

// Minus the curvature of the binomial.
template <class R>
COTEJO_INLINE R observed_precision(const Thinned<R>& t, R odds_against) {
  const auto [q, rest, p, kept] = chance_of(t.f, odds_against);
  return bounded(q * rest * (t.k + (t.n - t.k) * t.f * (rest * rest - q * q * (1 - t.f)) / (kept * kept)), 0, 1e9);
}

// A step of Newton's method with the curvature that is expected: always positive.
template <class R>
COTEJO_INLINE R towards_mode(const Thinned<R>& t, R logit, R weight) {
  const auto [q, rest, p, kept] = chance_of(t.f, vm::exp(-logit));
  const R per = rest / kept;
  return logit +
         bounded(((t.k - t.n * p) * per - weight * (logit - t.mean)) / (t.n * p * rest * per + weight), -1.5, 1.5);
}

// In theta: F(theta + d) = factor exp(log_integral + slope d - bend d^2 / 2).
template <class R>
struct Laplace {
  R log_integral, factor, slope, bend;
  R logit, precision;       // mean of the effect's posterior, and its precision
  R keep_slope, keep_bend;  // of log F in log f, the effect integrated out
};

// The integral over a normal effect, from near its mode: Laplace, and the next order (third and fourth derivatives, by differences of the
// curvature one standard deviation to either side).
template <class R>
COTEJO_INLINE Laplace<R> laplace_near(const Thinned<R>& t, R sd, R logit) {
  const R half = static_cast<R>(0.5), weight = 1 / (sd * sd), odds_against = vm::exp(-logit);
  const auto [q, rest, p, kept] = chance_of(t.f, odds_against);
  const R from_mean = logit - t.mean, of_counts = (t.k - t.n * p) / kept,
          gradient = of_counts * rest - weight * from_mean;
  const R counts = observed_precision(t, odds_against);
  const R precision = counts + weight, deviation = 1 / std::sqrt(precision),
          by = vm::exp(deviation < 20 ? deviation : 20);
  const R above = observed_precision(t, odds_against / by), below = observed_precision(t, odds_against * by);
  const R third = half * (above - below) / precision, fourth = (above - 2 * counts + below) / precision;
  const R next = bounded(static_cast<R>(5.0 / 24) * third * third - fourth / 8, -0.5, 0.5);
  const R mean = logit + gradient / precision - half * third * deviation;
  const R joint =
      t.k * vm::log(bounded(p, 1e-30, 1)) + (t.n - t.k) * vm::log(kept) - half * weight * from_mean * from_mean;
  const R of_share = t.n * p / kept;
  return {joint + half * gradient * gradient / precision + next,
          deviation / sd,
          -weight * (mean - t.mean),
          weight * counts / precision,
          mean,
          precision,
          of_counts,
          of_share * weight / (of_share * rest * rest + weight)};
}

template <class R>
COTEJO_INLINE Laplace<R> laplace_of(const Thinned<R>& t, R sd) {
  const R weight = 1 / (sd * sd);
  R logit = first_guess(t, weight);
  for (int step = 0; step < 2; ++step) logit = towards_mode(t, logit, weight);
  return laplace_near(t, sd, logit);
}

template <class R>
struct Points {
  R value[axis_points][lanes];
};

// Clean units along one axis: log F at the three points, a sum over the scales of Student's t, from the narrowest to the widest.
template <class R>
COTEJO_INLINE void clean_axis(std::size_t count, const R* k, const R* n, const R* centre, const R* scale,
                              const UnitSpread& spread, Points<R>& out) {
  R logit[lanes], most[lanes], height[scales][lanes], factor[scales][lanes], step[scales][lanes], bent[scales][lanes];
  const auto first_weight = static_cast<R>(1 / (spread.scale_sd[0] * spread.scale_sd[0]));
  for (std::size_t i = 0; i < count; ++i) {
    const Thinned<R> t{k[i], n[i], 1, -centre[i]};
    logit[i] = towards_mode(t, first_guess(t, first_weight), first_weight);
    most[i] = static_cast<R>(-1e30);
  }
  for (std::size_t j = 0; j < scales; ++j) {
    const auto sd = static_cast<R>(spread.scale_sd[j]), weight = 1 / (sd * sd),
               share = static_cast<R>(std::exp(spread.log_weight[j]));
    for (std::size_t i = 0; i < count; ++i) {
      const Thinned<R> t{k[i], n[i], 1, -centre[i]};
      logit[i] = towards_mode(t, logit[i], weight);
      const Laplace<R> at = laplace_near(t, sd, logit[i]);
      const R to = static_cast<R>(root_three) * scale[i];
      height[j][i] = at.log_integral;
      factor[j][i] = at.factor * share;
      step[j][i] = at.slope * to;
      bent[j][i] = static_cast<R>(-0.5) * at.bend * to * to;
      most[i] = height[j][i] > most[i] ? height[j][i] : most[i];
    }
  }
  R sum[axis_points][lanes];
  for (auto& row : sum)
    for (std::size_t i = 0; i < count; ++i) row[i] = 0;
  for (std::size_t j = 0; j < scales; ++j)
    for (std::size_t i = 0; i < count; ++i) {
      const R value = height[j][i] - most[i];
      sum[0][i] += factor[j][i] * likelihood_from(value);
      sum[1][i] += factor[j][i] * likelihood_from(value + bent[j][i] + step[j][i]);
      sum[2][i] += factor[j][i] * likelihood_from(value + bent[j][i] - step[j][i]);
    }
  for (std::size_t point = 0; point < axis_points; ++point)
    for (std::size_t i = 0; i < count; ++i)
      out.value[point][i] = most[i] + vm::log(bounded(sum[point][i], 1e-30, 1e30));
}

// What is left of others' genuine votes among the ballots, when of q who would stay away the fraction m was cast.
template <class R>
COTEJO_INLINE R genuine_share(R logit_absent, R m) {
  const auto [q, rest, p, kept] = chance_of(1 - m, vm::exp(-logit_absent));
  return rest / kept;
}

// Variance of its logarithm, as far as that of the effect on turnout carries into it.
template <class R>
COTEJO_INLINE R genuine_variance(const Laplace<R>& turnout, R m) {
  const auto [q, rest, p, kept] = chance_of(1 - m, vm::exp(-turnout.logit));
  const R slope = q * m / kept;
  return slope * slope / turnout.precision;
}

// The mean of exp(keep_slope d - keep_bend d^2 / 2) over d ~ N(0, variance): its logarithm is log_mean, but for the factor.
template <class R>
struct OverGenuine {
  R log_mean, factor;
};
template <class R>
COTEJO_INLINE OverGenuine<R> over_genuine(const Laplace<R>& share, R variance) {
  const R spread = 1 + share.keep_bend * variance;
  return {bounded(static_cast<R>(0.5) * share.keep_slope * share.keep_slope * variance / spread, 0, 2),
          1 / std::sqrt(spread)};
}

// The effects on turnout of the fraction m: what the share needs of them.
template <class R>
struct Genuine {
  R share[lanes], variance[lanes];
};

// The units along one axis.
template <class R>
struct Axis {
  R k[lanes], n[lanes], centre[lanes], scale[lanes], sd;
  Points<R> clean;
};

// One fraction along one axis: factor exp(log_value) is F over that of the clean unit.
template <class R>
struct Thinning {
  R log_value[axis_points][lanes], factor[lanes];
};

// `variance`: where f is known through turnout; `into`: what the share
// needs of this axis.
template <class R>
COTEJO_INLINE void thinned_axis(std::size_t count, const Axis<R>& axis, const R* f, Thinning<R>& out, const R* variance,
                                R m, Genuine<R>* into) {
  for (std::size_t i = 0; i < count; ++i) {
    const Laplace<R> at = laplace_of<R>({axis.k[i], axis.n[i], f[i], -axis.centre[i]}, axis.sd);
    const R to = static_cast<R>(root_three) * axis.scale[i], step = at.slope * to,
            bent = static_cast<R>(-0.5) * at.bend * to * to;
    R integral = at.log_integral, factor = at.factor;
    if (variance) {
      const auto over = over_genuine(at, variance[i]);
      integral += over.log_mean;
      factor *= over.factor;
    }
    out.log_value[0][i] = integral - axis.clean.value[0][i];
    out.log_value[1][i] = integral + bent + step - axis.clean.value[1][i];
    out.log_value[2][i] = integral + bent - step - axis.clean.value[2][i];
    out.factor[i] = factor;
    if (into) {
      into->share[i] = genuine_share(at.logit, m);
      into->variance[i] = genuine_variance(at, m);
    }
  }
}

template <class R>
COTEJO_INLINE void add_component(std::size_t count, const Thinning<R>& turnout, const Thinning<R>& share, double weight,
                                 std::size_t component, float* sums) {
  for (std::size_t i = 0; i < axis_points; ++i)
    for (std::size_t j = 0; j < axis_points; ++j) {
      float* const sum = sums + (component * place_points + i * axis_points + j) * lanes;
      for (std::size_t u = 0; u < count; ++u) {
        const R most = 69, log_term = turnout.log_value[i][u] + share.log_value[j][u];
        sum[u] += static_cast<float>(static_cast<R>(weight) * turnout.factor[u] * share.factor[u] *
                                     likelihood_from(log_term < most ? log_term : most));
      }
    }
}

template <class R>
COTEJO_INLINE void likelihood_in(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  const std::size_t count = in.count;
  Axis<R> turnout, share;
  for (std::size_t i = 0; i < count; ++i) {
    turnout.k[i] = static_cast<R>(in.absent[i]);
    share.k[i] = static_cast<R>(in.other[i]);
    share.n[i] = static_cast<R>(in.leader[i] + in.other[i]);
    turnout.n[i] = share.n[i] + turnout.k[i];
    turnout.centre[i] = static_cast<R>(in.centre_turnout[i]);
    share.centre[i] = static_cast<R>(in.centre_share[i]);
    turnout.scale[i] = static_cast<R>(in.scale_turnout[i]);
    share.scale[i] = static_cast<R>(in.scale_share[i]);
  }
  turnout.sd = static_cast<R>(model.turnout.sd);
  share.sd = static_cast<R>(model.share.sd);
  clean_axis(count, turnout.k, turnout.n, turnout.centre, turnout.scale, model.turnout, turnout.clean);
  clean_axis(count, share.k, share.n, share.centre, share.scale, model.share, share.clean);
  for (std::size_t point = 0; point < axis_points; ++point)
    for (std::size_t i = 0; i < count; ++i) {
      out.turnout[point][i] = static_cast<double>(turnout.clean.value[point][i]);
      out.share[point][i] = static_cast<double>(share.clean.value[point][i]);
    }
  Thinning<R> whole, thinned, other;  // `whole`: of a normal effect that is not thinned
  Genuine<R> genuine;
  R keep[lanes];
  out.ratio.fill(0);
  for (R& f : keep) f = 1;
  thinned_axis<R>(count, turnout, keep, whole, nullptr, 0, nullptr);
  for (std::size_t j = 0; j < fractions; ++j) {
    const auto x = static_cast<R>(fraction_nodes[j]), stolen = static_cast<R>(model.stolen_of_both[j]);
    const std::size_t first = j < incremental_nodes ? 0 : kinds;
    for (R& f : keep) f = 1 - x;
    thinned_axis<R>(count, share, keep, other, nullptr, 0, nullptr);
    add_component(count, whole, other, node_weight[j], first + 1, out.ratio.data());
    thinned_axis<R>(count, turnout, keep, thinned, nullptr, x, &genuine);
    thinned_axis<R>(count, share, genuine.share, other, genuine.variance, 0, nullptr);
    add_component(count, thinned, other, node_weight[j], first, out.ratio.data());
    for (std::size_t i = 0; i < count; ++i) keep[i] = genuine.share[i] * (1 - stolen);
    thinned_axis<R>(count, share, keep, other, genuine.variance, 0, nullptr);
    add_component(count, thinned, other, node_weight[j], first + 2, out.ratio.data());
  }
}

COTEJO_CLONES void likelihood_in_single(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  likelihood_in<float>(in, model, out);
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

COTEJO_CLONES void unit_likelihood_in_double(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  likelihood_in<double>(in, model, out);
}

void unit_likelihood(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out) {
  double most = 0;
  for (std::size_t i = 0; i < in.count; ++i) most = std::max(most, in.absent[i] + in.leader[i] + in.other[i]);
  most <= most_in_single ? likelihood_in_single(in, model, out) : unit_likelihood_in_double(in, model, out);
}

COTEJO_CLONES void log_of_mixture(const float* ratio, const double* weight, float* out) {
  float float_weight[1 + components];
  for (std::size_t c = 0; c <= components; ++c) float_weight[c] = static_cast<float>(weight[c]);
  constexpr std::size_t numbers = place_points * lanes;
  for (std::size_t i = 0; i < numbers; ++i) {
    float sum = float_weight[0];
    for (std::size_t c = 0; c < components; ++c) sum += float_weight[1 + c] * ratio[c * numbers + i];
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

std::array<NodeLikelihood, kinds * fractions> node_likelihoods(double absent, double leader, double other,
                                                               double mean_turnout, double mean_share,
                                                               const UnitModel& model) {
  std::array<NodeLikelihood, kinds * fractions> out;
  const double ballots = leader + other, registered = ballots + absent, none = 0;
  Points<double> clean[2];
  clean_axis(1, &absent, &registered, &mean_turnout, &none, model.turnout, clean[0]);
  clean_axis(1, &other, &ballots, &mean_share, &none, model.share, clean[1]);
  for (std::size_t j = 0; j < fractions; ++j) {
    const double x = fraction_nodes[j];
    const auto whole = laplace_of<double>({absent, registered, 1, -mean_turnout}, model.turnout.sd),
               thinned = laplace_of<double>({absent, registered, 1 - x, -mean_turnout}, model.turnout.sd);
    const double genuine = genuine_share(thinned.logit, x);
    const double keep[kinds] = {genuine, 1 - x, genuine * (1 - model.stolen_of_both[j])};
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      const Laplace<double>& turnout = kind == 1 ? whole : thinned;
      const auto share = laplace_of<double>({other, ballots, keep[kind], -mean_share}, model.share.sd);
      const auto over = kind == 1 ? OverGenuine<double>{0, 1} : over_genuine(share, genuine_variance(thinned, x));
      const double log_ratio =
          turnout.log_integral - clean[0].value[0][0] + share.log_integral + over.log_mean - clean[1].value[0][0];
      out[kind * fractions + j] = {std::min(std::exp(log_ratio) * turnout.factor * share.factor * over.factor, 1e30),
                                   turnout.logit, 1 / std::sqrt(turnout.precision), share.logit,
                                   1 / std::sqrt(share.precision)};
    }
  }
  return out;
}

}  // namespace cotejo::mixture
