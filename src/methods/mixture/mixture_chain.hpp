// A chain over the few parameters of the mixture, every unit and place effect integrated out (mixture_posterior.hpp).
//
// One iteration: (1) the shape parameters, spreads of places and covariates together, drawn from Student's t with 6 degrees of freedom
// around where the mode's quadratic puts them given the weights, and taken or not (Metropolis and Hastings: independent of where they
// were); with few units also one of them alone by a random walk; (2) the four weights by random walks of several sizes, which cost
// a tenth; (3) when kept: a point of every place's grid, a component of every unit, and the whole votes manufactured and stolen.
// Seed: streams keyed by (seed, chain, iteration, use, unit). Verified in tests/mixture_model_test.cpp, tests/calibration_test.cpp and
// tests/against_jags_test.cpp.
#pragma once

#include <memory>

#include "chain.hpp"
#include "mixture_posterior.hpp"

namespace cotejo::mixture {

// `posterior` and `mode` outlive the chain.
std::unique_ptr<Chain> mixture_chain(const MixturePosterior& posterior, const Mode& mode, Seed seed, std::uint64_t chain);

}  // namespace cotejo::mixture
