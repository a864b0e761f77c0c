// Does the outcome stand whichever of the objections a court accepts?
//
// n objections (challenges), whose lists may overlap; every set S of them may be accepted, and the units named by any of S
// are dealt with once, under each reading of `strike`:
//   whole                   the units leave the count
//   winner-void             the winner's votes there leave, valid votes fall with them
//   winner-void-valid-kept  the winner's votes there leave, valid votes stay
//   transfer                the winner's votes there go to the runner-up
// The units fall into cells by the exact set of objections that name them; with Z(T) the sum of the cells within T,
//   struck(S) = Z(all) - Z(all without S),
// so that one pass over the units and one subset-sum transform give all 2^n tallies exactly.
//   decisive(S)   the rule has another outcome than as counted; minimal: no smaller set within S is decisive
//   v(S)          votes by which S shortens the distance to another outcome: slack(none) - slack(S), the slack of the rule
//                 for the leader as counted against the strongest other option (negative once the rule is not met for it)
//   alone(g) = v({g}), last(g) = v(all) - v(all without g),
//   shapley(g) = sum over S without g of |S|! (n - |S| - 1)! / n! (v(S + g) - v(S))
// The Shapley values of all objections add up to v(all).
// Shapes: 1 to 20 challenges on one count; (options + 5) x 2^n sums of 64 bits must fit 1 GiB. Units: votes.
// Null: missing cells count as 0. Ties are outcomes of their own. No randomness. Exact in integers; v and the Shapley value
// are doubles (relative error below 1e-12).
// Errors: unit_unknown, unit_duplicate, challenge_invalid (a list that does not fit the count), option_invalid (more than
// 20 objections, a name given twice, sums that do not fit), input_insufficient (no rule).
// Cost: linear in units, n (options + 5) 2^n additions, readings x 2^n applications of the rule.
// Does NOT show whether an objection is justified, or which reading is right in law.
// Source: Shapley (1953), A Value for n-Person Games; the enumeration is ours.
// Verified in src/methods/dispute/grounds/grounds_test.cpp against the plain enumeration.
#pragma once

#include <array>
#include <string_view>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct GroundsRequest {
  const Rule* rule = nullptr;
  std::vector<const Challenge*> challenges{};
  double trigger_percent = 0;  // of all units: a law that annuls when so many are struck; 0: there is none
  std::int64_t list_limit = 4096;

  static MethodInfo info();
  static const OptionTable<GroundsRequest>& table();
};

inline constexpr std::size_t most_grounds = 20;
using GroundSet = std::uint32_t;  // bit g: objection g is accepted
inline constexpr std::array<std::string_view, 4> grounds_readings{"whole", "winner-void", "winner-void-valid-kept",
                                                                  "transfer"};

// What one reading makes of every set.
struct GroundsReading {
  std::string_view name;
  std::vector<std::uint16_t> outcome;  // 2^n: index into GroundsResult::outcomes
  std::vector<double> loss;            // 2^n: v(S)
  std::vector<GroundSet> minimal;      // the minimal decisive sets, by size, then by the order of the objections
  std::int64_t decisive = 0;           // how many sets change the outcome
  std::vector<double> shapley;         // n
};

struct GroundsResult {
  std::size_t grounds = 0;
  std::vector<Outcome> outcomes;    // the distinct ones; the first is that as counted
  std::vector<std::int64_t> units;  // 2^n: struck under the set
  std::vector<std::int64_t> own;    // n: units that no other objection names
  Tally all;
  std::size_t leader = 0;
  std::vector<GroundsReading> readings;  // without a second option there is no `transfer`
  // The tally after a set is struck, under one reading.
  Tally after(GroundSet set, std::string_view reading) const;
  GroundSet every() const { return (GroundSet{1} << grounds) - 1; }
  std::int64_t sets() const { return std::int64_t{1} << grounds; }
  std::int64_t units_struck(GroundSet set) const { return units[every()] - units[every() ^ set]; }
  std::int64_t leader_votes_named() const { return sums[every() * width + leader]; }
  const GroundsReading& most_decisive() const;  // the reading that most sets change the outcome under
  double slack(GroundSet set, const GroundsReading& reading) const;  // of the leader as counted
  bool stands() const;                                               // under every set and reading
  bool falls() const;  // under every set but the empty one, and every reading

  std::vector<std::int64_t>
      sums;  // 2^n x width: options, valid, cast, registered, blank, null of the cells within a set
  std::size_t width = 0;
};

Result<GroundsResult> compute(const Count& count, const GroundsRequest& request, const Context& context);
Finding present(const GroundsResult& result, const Count& count, const GroundsRequest& request, const Context& context);

}  // namespace cotejo
