// The arithmetic of the coherent model (coherent_model.hpp) for up to `lanes` units side by side.
//
// Every pointer leads to `count` numbers, one a unit, count <= lanes. Log odds stay within -farthest..farthest.
// The same bits with any width of vector registers. Verified in tests/coherent_model_test.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "coherent_model.hpp"

namespace cotejo::mixture {

inline constexpr std::size_t lanes = 64;
inline constexpr double farthest = 35;  // of a logit

// (tail + 1) / 2 = 2^doublings.
int doublings_of(int tail);

// Densities of (a, o) under the three classes, up to the factor 1 / (a o) and what all classes share.
struct DensityLanes {
  std::size_t count = 0;
  const double *a, *o, *mean_turnout, *mean_share;
  double inverse_turnout, inverse_share;  // 1 / sd
  double *none, *incremental, *extreme;
};
void densities_of(const DensityLanes& in, const Lattice& lattice, int doublings);

// Adds sum of log(pi_0 f_0 + pi_1 f_1 + pi_2 f_2) in eight parts; f within 0..1, one of the three at least 1e-6 where the
// pi is not small.
void log_mixture(const std::array<const double*, 3>& f, std::size_t n, const std::array<double, 3>& pi, double* parts);

struct UnitLanes {
  std::size_t count = 0;
  const double *absent, *leader, *other;
  const double *m, *s, *mean_turnout, *mean_share;
  double sd_turnout, sd_share;
  double *turnout, *share;  // logit tau, logit nu
};

// One Metropolis step of both logits against the multinomial and the t densities, proposed from the Newton picture at
// each end; then the t scales given the logits. `words`: words_of_move(doublings) * lanes random words, lane by lane.
// `moved` counts the steps taken.
std::size_t words_of_move(int doublings);
void move_units(const UnitLanes& in, const std::uint64_t* words, int doublings, double* scale_turnout, double* scale_share,
                double* moved);

// The multinomial with both logits held fixed: likelihood of the incremental and of the extreme nodes over that of none,
// averaged over the nodes.
void classes_given_logits(const UnitLanes& in, const Lattice& lattice, double* incremental, double* extreme);

// Log likelihood, its gradient in (log sd_turnout, log sd_share) and its expected information, summed over the units, when
// logit = mean + factor * (logit - mean); `outside` counts logits beyond farthest.
struct Stretch {
  double log_likelihood = 0, gradient[2] = {0, 0}, information[3] = {0, 0, 0}, outside = 0;  // 11, 12, 22
};
void add_stretch(const UnitLanes& in, double factor_turnout, double factor_share, Stretch& sum);

}  // namespace cotejo::mixture
