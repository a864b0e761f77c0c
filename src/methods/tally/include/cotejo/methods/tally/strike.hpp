// Does the outcome survive the objection? The rule applied again without what the challenges name, under every reading.
//
// Let S be the units of the challenges (united: a unit named twice counts once), L the leader of the whole count.
// Readings:
//   whole                  the units of S leave the count
//   winner-void            L's votes in S leave; valid votes fall with them (the ballots become null)
//   winner-void-valid-kept L's votes in S leave; valid votes stay
//   transfer               L's votes in S go to the runner-up of the whole count
//   precinct               every unit of the precincts of S leaves
// margin_points = 100 (M - C) / V with M the votes of L, C those of the strongest other option after the strike.
// Shapes: any count; `precinct` needs a hierarchy (else it is absent and a condition says so).
// Missing cells count as 0. V = 0 after a strike: shares are null and the outcome is what the rule says of no votes.
// Errors: input_insufficient (no rule, no challenge), unit_unknown, unit_duplicate, challenge_invalid.
// No randomness. Cost: one pass over the count, then linear in the challenged units and their precincts.
// Does not show: that the objection is justified. Source: the rule itself, applied to the
// count of each reading (strike.md).
// Verified in src/methods/tally/tests/strike_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct StrikeRequest {
  const Rule* rule = nullptr;
  std::vector<const Challenge*> challenges;
  std::string precinct_level{};  // empty: the lowest level

  static MethodInfo info();
  static const OptionTable<StrikeRequest>& table();
};

Result<Finding> run(const Count& count, const StrikeRequest& request, const Context& context);

}  // namespace cotejo
