// Two counts that share no unit, one of them totals only: what no content of the units that the other lacks can repair.
//
// p_o: votes of option o in the count with units (a part, or all); t_o: in the totals. The units that the part lacks can
// only add votes, so t_o >= p_o in every option, or the two contradict each other by
//   impossible_votes = sum over options of max(0, p_o - t_o),
// whatever the missing units hold. Otherwise they would have to hold t_o - p_o.
// Units: votes. Options that only one count has are left out, and named.
// Verified in src/methods/checks/collate/collate_test.cpp.
#pragma once

#include "cotejo/methods/checks/collate.hpp"

namespace cotejo {

// Exactly one of the two has a single unit, or the second has. second_is_totals is the caller's.
CollateResult::WithTotals compare_with_totals(const Count& part, const Count& totals);

}  // namespace cotejo
