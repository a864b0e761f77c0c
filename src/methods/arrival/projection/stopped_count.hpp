// The count stopped at earlier instants: what was projected of the state at the cut then, by the rate with the drift
// (rolling_origin.hpp) and by the model without it.
#pragma once

#include "cotejo/methods/arrival/projection.hpp"
#include "late_model.hpp"

namespace cotejo {

// With an order of arrival. Errors: option_invalid (an origin that cannot be read), cancelled.
Result<ProjectionResult::Stops> stop_count(const LateCount& late, const PlaceTree& tree,
                                           const ProjectionRequest& request, const Context& context);

// The drift of the whole early count; nothing with fewer than three earlier states of it.
std::optional<ProjectionResult::Drift> drift_of_the_count(const LateCount& late);

}  // namespace cotejo
