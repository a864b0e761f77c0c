// Contested ballots of several places: which, and the exact distribution of the sums over all of them.
//
// Within a stratum s, with k_s contested ballots among its own votes, (l, r) of the leader and of the runner-up have the
// probability of contested_ballots.hpp; strata are independent, so that the sums over them have the convolution. With odds
// delta each stratum's distribution is multiplied by delta^l (or delta^r) before. Where the rule looks at the two options' lead
// and at nothing else, the convolution is of the lead alone. Masses below 1e-18 of the largest are left out.
// Cost: the sizes of the windows (about 18 standard deviations) multiplied; no probability beyond 8 x 10^9 terms.
// Verified in contested_ballots_test.cpp against every way to draw.
#pragma once

#include "contested_rows.hpp"
#include "cotejo/base/context.hpp"

namespace cotejo {

// One stratum for each unit or place of `contested`, a count whose votes are the numbers of contested ballots.
// Errors: option_invalid, with the place (no unit or place of the count; more ballots than there are).
Result<std::vector<ContestedBallotsResult::Stratum>> strata_of(const Count& count, const Count& contested,
                                                               const ContestedBallotsRequest& request);

// One stratum: the units that the challenges name, each once; all ballots there where no number is given.
Result<ContestedBallotsResult::Stratum> stratum_within(const Count& count, const ContestedBallotsRequest& request);

// Fills in the probability, the curve and the odds of `out`; without_probability where there are too many terms.
Result<void> convolve_strata(const Count& count, const ContestedBallotsRequest& request, const Context& context,
                             const Changes& changes, ContestedBallotsResult& out);

}  // namespace cotejo
