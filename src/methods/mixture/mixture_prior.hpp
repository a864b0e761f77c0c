// What the mixture holds before it sees the counts, and its parameters as one vector on unbounded scales.
//
//   (pi_none, pi_incremental, pi_extreme) ~ Dirichlet(1 / rho - 1, 1/2, 1/2), none the largest; rho: the expected share of manipulated units
//   (added, moved, both) ~ Dirichlet(1, 1, 1): by which mechanism a manipulated unit was
//   s = x^alpha where both, log alpha ~ N(0, 0.7^2)
//   sigma ~ half-normal(0.5), log df ~ N(log 8, 0.75^2), each of turnout and of the leader's share
//   places: spread of the lowest level and of all levels above it ~ half-normal(1); the country ~ N(0, 2^2); covariates ~ N(0, 1)
// Verified in tests/mixture_model_test.cpp; in words and numbers: docs/methods/mixture.md.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"
#include "unit_likelihood.hpp"

namespace cotejo::mixture {

struct MixturePrior {
  double manipulated = 0.1;  // rho
  double unit_sd = 0.5, place_sd = 1, top_sd = 2;
  double fixed_df = 0;  // 0: estimated
};

// Where each parameter stands. Turnout's and share's of a pair lie side by side; a covariate's two effects stand behind all others.
namespace at {
inline constexpr std::size_t incremental = 0, extreme = 1, moved = 2, both = 3,
                             weights = 4;  // log odds against none, against added
inline constexpr std::size_t log_sd = 4, log_df = 6, log_place_sd = 8, log_above_sd = 10, log_alpha = 12,
                             covariates = 13;
}  // namespace at
using Parameters = std::vector<double>;
// Whether the components of the units depend on it (spreads, tails, alpha, covariates), which are what costs.
bool shapes_units(std::size_t parameter);

struct Weights {
  std::array<double, 3> pi{};                      // none, incremental, extreme
  std::array<double, kinds> kind{};                // added, moved, both
  std::array<double, 1 + components> all() const;  // of the clean unit and of every component
};
Weights weights_of(const Parameters& x);
UnitModel model_of(const Parameters& x);

// Which parameters are estimated: without a level above the lowest its spread is not, nor are tails that are held fixed.
std::vector<std::size_t> free_parameters(const MixturePrior& prior, const NestedPlaces& places, std::size_t covariates);
Parameters starting_point(const MixturePrior& prior, std::size_t covariates);
// With the Jacobians of the scales; -infinity outside.
double log_prior(const Parameters& x, const MixturePrior& prior);

std::vector<std::string> quantity_names();
// Of parameters and of the votes drawn with them, in the order of quantity_names().
std::vector<double> quantities_of(const Parameters& x, double manufactured, double stolen);

// An election drawn from the prior, for simulation-based calibration: fills `data`, gives the true quantities.
std::vector<double> draw_from_prior(const MixturePrior& prior, MixtureData& data, Seed seed, std::uint64_t replicate);

// The votes that the prior expects to be manufactured and stolen in these units, at their observed turnout and shares.
double votes_expected_before(const MixturePrior& prior, const MixtureData& data);

}  // namespace cotejo::mixture
