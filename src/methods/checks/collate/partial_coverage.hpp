// Two counts that share no unit, one of them totals only: what no content of the units that the other lacks can repair.
//
// p_o: votes of option o in the count with units (a part, or all); t_o: in the totals. The units that the part lacks can
// only add votes, so t_o >= p_o in every option, or the two contradict each other by
//   impossible_votes = sum over options of max(0, p_o - t_o),
// whatever the missing units hold. Otherwise they would have to hold t_o - p_o.
// Units: votes. Options that only one count has are left out, and a condition names them.
// Verified in src/methods/checks/collate/collate_test.cpp.
#pragma once

#include "cotejo/methods/support/support.hpp"

namespace cotejo {

// `finding` is open, with both counts as inputs. Exactly one of them has a single unit, or the second has.
void compare_with_totals(Finding& finding, const Count& part, const Count& totals, const Rule* rule);

}  // namespace cotejo
