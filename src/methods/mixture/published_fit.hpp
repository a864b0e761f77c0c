// The published models fitted to the units of a count, for the method of their own and for the one laid beside them.
#pragma once

#include "published_model.hpp"
#include "run_chains.hpp"

namespace cotejo::mixture {

// Units where nobody voted leave: the published p then does not depend on nu at all.
std::vector<std::size_t> units_that_voted(const MixtureData& data);

Result<ChainDraws> fit_published(const MixtureData& data, Published model, const ChainPlan& plan, Seed seed,
                                 const Context& context, const RunControl* control = nullptr);

}  // namespace cotejo::mixture
