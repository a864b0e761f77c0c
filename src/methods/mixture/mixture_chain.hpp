// A chain over the few parameters of the mixture, every unit and place effect integrated out (mixture_posterior.hpp).
//
// One iteration: (1) hundreds of moves of all parameters on the cheap picture (mixture_surrogate.hpp), then the exact density takes or
// leaves where they end (Liu 2001, surrogate transition); (2) the same twice for weights and spreads of places alone, which cost a tenth;
// (3) with few units also random walks under the exact density; (4) when kept: a point of every place's grid, a component of every unit,
// and the whole votes manufactured and stolen.
// On a picture of the weights alone only these move: for controls, at the mode of all other parameters.
// Seed: streams keyed by (seed, chain, iteration, use, unit). Source: Liu, J. S. (2001), Monte Carlo Strategies in Scientific Computing,
// section 9.4.3. Verified in tests/mixture_model_test.cpp, tests/calibration_test.cpp and tests/against_jags_test.cpp.
#pragma once

#include <memory>

#include "chain.hpp"
#include "mixture_surrogate.hpp"

namespace cotejo::mixture {

// `posterior`, `mode` and `picture` outlive the chain.
std::unique_ptr<Chain> mixture_chain(const MixturePosterior& posterior, const Mode& mode, const Surrogate& picture,
                                     Seed seed, std::uint64_t chain);

}  // namespace cotejo::mixture
