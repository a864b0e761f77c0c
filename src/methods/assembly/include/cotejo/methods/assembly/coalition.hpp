// Can this motion reach its threshold? From declared positions: for, against, undeclared, short by how many, and the
// smallest sets of undeclared members that would do, exactly.
//
// needed = least v with v >= t D (v > t D when strict); short_by = max(0, needed - declared_for). A member's position is
// the last it took by the day `on` that is not neutral; "leans" counts as undeclared, or with `leaning` = "count" as
// declared. A member that belongs but cannot vote (suspended, excluded, inactive, vacant) is not among the undeclared.
// Smallest sets: of the undeclared, taken as single members or as blocs that vote together (all or none), with their
// weights for every majority of the rule: the least number of members whose weights reach every shortfall, how many such
// sets there are (counted by polynomials in whole numbers of any size, never listed one by one), and in how many of them
// each member is. Readings: as in `recount`, members / good-standing / represented, each contested membership in or out,
// each contested position as the seated and as another holder gave it.
// Scenarios: the sets of members that the tables describe (who voted so then), with what each lacks under every reading.
// Missing: a member without a position is undeclared. Ties do not arise.
// Errors: input_insufficient (no such kind of motion, no rule), option_invalid. When the sums of weights are too many to
// count (10,000,000 formed) the count is left out, with several majorities the least number too, with a condition that says so.
// No randomness, one thread. Cost: members^2 for seats, times the distinct sums of weights otherwise.
// Does not show: that anybody would vote as it spoke.
// Source: the rule's article. Verified in src/methods/assembly/tests/assembly_methods_test.cpp against full enumeration.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct CoalitionRequest {
  std::string motion{};  // empty: the only one
  std::string on{};      // the day; empty: that of the last position
  std::string leaning = "undeclared";
  std::string known{};

  static MethodInfo info();
  static const OptionTable<CoalitionRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const CoalitionRequest& request, const Context& context);

}  // namespace cotejo
