// The mixture fitted to the units of one election: the mode of its parameters, then chains around it.
//
// Seed and threads: as run_chains. Errors: cancelled; conflict (a checkpoint of another run).
#pragma once

#include "mixture_chain.hpp"
#include "run_chains.hpp"

namespace cotejo::mixture {

struct MixtureFit {
  ChainDraws draws;
  Mode mode;
};

// `like`: the mode of an election of the same shape, to start from.
Result<MixtureFit> fit_mixture(const MixtureData& data, const MixturePrior& prior, const ChainPlan& plan,
                               const Context& context, const Mode* like = nullptr, const RunControl* control = nullptr,
                               bool weights_alone = false);

}  // namespace cotejo::mixture
