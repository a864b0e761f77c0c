// The likelihood of one unit's counts with its own effects integrated out, for up to `lanes` units side by side.
//
//   (A, W, O) ~ Multinomial(N; a, 1 - a - o, o),  a = q_t (1 - m),  o = (1 - q_t) q_n (1 - s),
//   logit q_t = -(theta_t + sigma_t e_t),  logit q_n = -(theta_n + sigma_n e_n)   (q_t = 1 - tau, q_n = 1 - nu)
//   e ~ Student t(df) of a clean unit, e ~ N(0, 1) of a manipulated one
// written as A ~ Bin(N, q_t f) with f = 1 - m and O | A ~ Bin(N - A, q_n g) with g = (1 - s) (1 - q_t) / (1 - q_t f): both are a
// binomial thinned by a known factor, and of each the effect is integrated out alone:
//   F(k, n, f; theta) = integral Bin(k; n, q f) dP(q)
// Normal effects: Laplace with the next order (third and fourth derivatives), and its quadratic at the other points of the place; g stands at the mean of
// q_t's logit, and is corrected for its spread. Binomial coefficients are left out.
// Verified in tests/mixture_model_test.cpp against quadrature of the multinomial in both dimensions.
#pragma once

#include <array>
#include <cstddef>

namespace cotejo::mixture {

inline constexpr std::size_t lanes = 64;

// Student's t on the logit scale, as normals of several spreads and weights.
inline constexpr std::size_t scales = 9;
struct UnitSpread {
  double sd = 0.2, df = 8;
  std::array<double, scales> scale_sd{}, log_weight{};
};
UnitSpread unit_spread(double sd, double df);

// Fractions that manipulation takes: of the abstentions (added), of the others' votes (moved), of both (s = x^alpha).
inline constexpr std::size_t kinds = 3;  // added, moved, both
inline constexpr std::size_t incremental_nodes = 3, fractions = 4;
inline constexpr std::array<double, fractions> fraction_nodes = {0.7 / 6, 0.7 / 2, 0.7 * 5 / 6,
                                                                 0.85};  // midpoints; the last is extreme
inline constexpr std::array<double, fractions> node_weight = {1.0 / 3, 1.0 / 3, 1.0 / 3, 1};  // within their class
inline constexpr std::size_t components = 2 * kinds;  // incremental of the three kinds, then extreme

struct UnitModel {
  UnitSpread turnout, share;
  std::array<double, fractions> stolen_of_both{};  // x^alpha
};
UnitModel unit_model(double sd_turnout, double df_turnout, double sd_share, double df_share, double alpha);

// Three points on either axis of a place, with weights of Gauss and Hermite.
inline constexpr std::size_t axis_points = 3, place_points = axis_points * axis_points;
inline constexpr std::array<double, axis_points> axis_offset = {0, 1.7320508075688772, -1.7320508075688772};
inline constexpr std::array<double, axis_points> axis_weight = {2.0 / 3, 1.0 / 6, 1.0 / 6};

// Every pointer leads to `count` numbers, one a unit; at point i of an axis a unit's mean logit is centre + axis_offset[i] * scale.
struct UnitLanes {
  std::size_t count = 0;
  const double *absent, *leader, *other;
  const double *centre_turnout, *centre_share, *scale_turnout, *scale_share;
};

// log F of the clean unit at the points of each axis, and the likelihood of each component over that of the clean unit at the points of
// the place (point = 3 * turnout's + share's): ratio[(component * place_points + point) * lanes + unit].
struct UnitLikelihood {
  std::array<std::array<double, lanes>, axis_points> turnout, share;
  std::array<float, components * place_points * lanes> ratio;
};
// With numbers of seven digits where no unit has more than 4,096 registered voters, of sixteen where one has.
void unit_likelihood(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out);
void unit_likelihood_in_double(const UnitLanes& in, const UnitModel& model, UnitLikelihood& out);

// Weighing the components of `lanes` units: out[point * lanes + unit] = log(weight[0] + sum over components of weight[1 + c] ratio_c).
void log_of_mixture(const float* ratio, const double* weight, float* out);

// The same of `number` units that have one point each, summed: ratio[component * number + unit].
double sum_of_logs(const double* ratio, std::size_t number, const double* weight);

// One manipulated unit: likelihood of every kind and fraction over that of the clean unit, with the modes of both effects (as logits of
// q) and their standard deviations.
struct NodeLikelihood {
  double ratio = 0, logit_absent = 0, sd_absent = 0, logit_other = 0, sd_other = 0;
};
std::array<NodeLikelihood, kinds * fractions> node_likelihoods(double absent, double leader, double other,
                                                               double mean_turnout, double mean_share,
                                                               const UnitModel& model);

}  // namespace cotejo::mixture
