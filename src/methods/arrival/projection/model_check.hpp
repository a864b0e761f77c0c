// How often the model's intervals hold what is hidden: early units hidden as the late ones are missing (hold_out.hpp), and
// predicted from the rest with the variances as fitted.
#pragma once

#include <array>

#include "cotejo/methods/arrival/projection.hpp"
#include "late_model.hpp"

namespace cotejo {

// Of all hidden units, of whole places, of parts of places. Errors: cancelled.
Result<std::array<ProjectionResult::Coverage, 3>> check_model(const LateCount& late, const FittedModel& model,
                                                              std::int64_t hold_outs, const Context& context);

}  // namespace cotejo
