// How much does each member's vote weigh under a rule, before any opinion is known?
//
//   Banzhaf (share of all decisive votes, chance of being decisive), Shapley-Shubik, Coleman (power to prevent and to initiate; the
//   assembly's power to act); Owen and Banzhaf-Owen where members are bound in unions: as stats/voting_power.hpp.
// A rule with several ways to adopt (this double majority, or else so many members) is worked out exactly: every index is linear in
// "this set wins", so the ways are added and their intersections taken off.
// Needed votes are the rule's, of the members on the roll on the day: suspended, excluded, inactive and vacant seats count in the
// denominator and have power 0. Before a vote everybody is taken to be present, so that a majority of those present or voting is
// one of those who can come. A veto is a vote that must be yes: where abstaining does not block, members with a veto who abstain are
// not in the model.
// Disputed memberships: every pattern of who is a member, up to 2^8, the denominator and the needed votes with it: the table gives
// the value with all of them in, and the lowest and highest over the patterns.
// Shapes: one row per member on the roll. Ties and missing: a weight that is missing is 0. Powers are exact (integers) up to 127 members.
// Errors: input_insufficient (no members, no rule, nothing can be adopted), option_invalid, count_unknown (no such body).
// No randomness, one thread. Cost: members x cells of the weights x patterns.
// Does not show: who decides in fact; opinions, blocs and the order of talks are not in it.
// Source: as stats/voting_power.hpp. Verified in src/methods/assembly/tests/power_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct PowerRequest {
  std::string rule_id{};  // option `rule`
  std::string body{};
  std::string on{};
  std::string majority{"rule"};  // "rule", or a fraction such as "2/3" or ">1/2"
  std::string weight{};
  std::string unions{"none"};

  static MethodInfo info();
  static const OptionTable<PowerRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const PowerRequest& request, const Context& context);

}  // namespace cotejo
