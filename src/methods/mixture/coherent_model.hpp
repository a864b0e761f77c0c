// Our model of manipulation, coherent: probabilities stay probabilities, and abstentions, votes for the leader and votes
// for others add up to the registered voters in every draw.
//
//   (A, W, O) ~ Multinomial(N; a, 1 - a - o, o),  a = (1 - tau)(1 - m),  o = tau (1 - nu)(1 - s)
//   class ~ Categorical(pi), pi uniform on the simplex where pi_none is the largest (times pi_none^skeptic)
//   none: m = s = 0;  incremental: m, s on a lattice of `incremental` midpoints in (0, k);  extreme: of `extreme` in (k, 1);
//   both independent and uniform
//   logit tau = theta_p + x'beta + sigma e,  e ~ Student t(tail)  (one e per unit; nu likewise, with its own parameters)
//   theta_p ~ N(theta_parent(p), kappa_level^2),  top ~ N(0, top_sd^2),  beta ~ N(0, 1)
//   sigma ~ half-normal(unit_sd),  kappa ~ half-normal(place_sd)
// Sampler, one iteration: (1) at a point (a, o) the likelihood no longer depends on class, m and s. Every unit has its
// current point, a doubtful one (manipulated with a chance of 1 % or more in the warm-up, or in a tiny place whose effect
// could hide that) 16 more, drawn around what it counted and weighted. With points, classes and t scales summed out, small
// places of doubtful units move (independent draws from where they come from, from what their units counted and from between,
// the places between them and the next branching summed out too; and small steps), pi is drawn (slice sampling), then a
// point, a class, m and s;
// (2), (3) logit tau, logit nu of every unit by one Newton-preconditioned Metropolis step against the multinomial and the
// t densities, the t scales, then class, m and s again with the logits held fixed (the two ways of holding mix where sigma
// is large and where it is small); (4) kappa of every level with all places integrated out (slice sampling), then the whole
// tree of places exactly, by one pass up and one down; (5) beta; (6) sigma by slice sampling; (7) sigma again with the units'
// standardised deviations held fixed, and kappa of the lowest level with the places' (Yu & Meng 2011), each against the
// multinomial by a Newton-preconditioned step.
// Shapes: n units, P places in parent-before-child order. Seed, threads: streams keyed by (seed, chain, iteration, unit);
// sums over units are taken block by block in order: the same bits for any number of threads. Cost: linear; 0.7 to
// 1 us of one core a unit and iteration. Which units are doubtful is settled by the warm-up and decides only what they try.
// Does NOT know of anything that pushes turnout and the leader's share up together in a unit and is no manipulation.
// Sources: the model is ours, after Mebane's (2016) classes. Yu, Y., & Meng, X.-L. (2011). Journal of Computational and
// Graphical Statistics 20:531. Verified in tests/coherent_model_test.cpp and
// tests/calibration_test.cpp.
#pragma once

#include <array>
#include <functional>

#include "chain.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"

namespace cotejo::mixture {

struct CoherentPrior {
  double k = 0.7;
  int incremental = 7, extreme = 3;  // lattice midpoints
  int tail = 7;                      // degrees of freedom: 3, 7, 15 or 31
  double top_sd = 2, place_sd = 1, unit_sd = 0.5;
  double skeptic = 0;
};

struct Lattice {
  std::vector<double> values[2];  // of incremental, of extreme
  int nodes() const {
    return 1 + static_cast<int>(values[0].size() * values[0].size() + values[1].size() * values[1].size());
  }
  double m(int node) const { return at(node, 0); }
  double s(int node) const { return at(node, 1); }
  int class_of(int node) const {
    return node == 0 ? 0 : node <= static_cast<int>(values[0].size() * values[0].size()) ? 1 : 2;
  }

 private:
  double at(int node, int which) const;
};
Lattice lattice_of(const CoherentPrior& prior);

// Densities of (a, o) under the three classes, for units in columns, up to the factor 1 / (a o) and the normalising
// constants of the t densities, which all classes share.
struct ClassDensities {
  std::vector<double> none, incremental, extreme;
};
void class_densities(const Lattice& lattice, int tail, std::span<const double> a, std::span<const double> o,
                     std::span<const double> mean_turnout, std::span<const double> mean_share, double sd_turnout,
                     double sd_share, ClassDensities& out);

// What a draw from the prior fixes, and what the data then are; for simulation-based calibration.
struct CoherentTruth {
  std::array<double, 3> pi{};
  double sd_turnout = 0, sd_share = 0;
  std::vector<double> quantities;  // in the order of coherent_names()
};
CoherentTruth draw_prior(const CoherentPrior& prior, MixtureData& data, Seed seed, std::uint64_t replicate);

std::vector<std::string> coherent_names();

// Runs body(block) for every block, on as many threads as the chain may use.
using Blocks = std::function<void(std::size_t blocks, const std::function<void(std::size_t)>& body)>;

std::unique_ptr<Chain> coherent_chain(const MixtureData& data, const CoherentPrior& prior, Seed seed,
                                      std::uint64_t chain, Blocks blocks);

}  // namespace cotejo::mixture
