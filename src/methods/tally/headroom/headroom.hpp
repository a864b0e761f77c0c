// How wrong must the count be before the outcome changes?
//
// votes_void, votes_transfer: the largest x such that the outcome is the same when x of the leader's votes are voided
// (M - x, V - x) or moved to the runner-up (M - x, C + x). Exact: between the x at which two options tie or a clause is
// zero nothing can change, so the rule is applied at those integers only. votes_gain, votes_gain_transfer: the same
// with x votes added to the leader, or moved to it from the runner-up. An x that the votes at hand cannot reach is
// absent.
// Table `pairs`: for every two options, of the twelve with most votes, the fewest votes moved from one to the other that
// change the outcome (vote/stakes.hpp).
// units_minimum: the smallest number of units whose removal changes the outcome; and of places on every level. A change
// is a set of linear conditions on the units removed: one condition is solved exactly by taking the largest
// contributions first; several at once are bounded from below by weighted sums of them (any removal that meets all
// meets every weighted sum) and from above by a set found; where the bounds differ and there are few sets, all are
// tried. Where the bounds meet, the number is exact, and the table says so.
// Shapes: any count. Missing cells count as 0. A tie as counted: votes_void is 0, and the sets break the tie.
// Errors: input_insufficient (no rule, no units), profile_invalid.
// No randomness. Cost: linear in units x options, and a partial sort.
// Does not show: that anything is wrong. Source: linear rules (rule.hpp); the audit literature's "diluted margin"
// (Stark 2010) asks the same.
// Verified in src/methods/tally/headroom/headroom_test.cpp (against enumeration of all subsets) and
// tests/bolivia_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

struct HeadroomRequest {
  const Rule* rule = nullptr;
  std::int64_t list_limit = 500;      // rows of the lists
  std::int64_t sets_to_try = 20'000;  // one by one on a level, where the bounds alone prove no minimum

  static MethodInfo info();
  static const OptionTable<HeadroomRequest>& table();
};

// What may happen to votes of the leader.
enum class Shift { voided, transferred, gained, gained_from_second };

struct HeadroomResult {
  Tally counted;
  Outcome outcome;                     // as counted
  std::size_t leader = 0, second = 0;  // the same of a contest with one option

  // One way for votes to change: the most that leave the outcome as it is, and what one more makes of it.
  struct Reach {
    Shift shift = Shift::voided;
    std::optional<std::int64_t> harmless;
    Outcome becomes;
  };
  std::vector<Reach> reaches;  // in the order of Shift

  struct Fewest {
    Mechanism mechanism = Mechanism::unknown;
    std::optional<std::size_t> from, to;  // options; none: any
    FewestVotes votes;
  };
  std::vector<Fewest> mechanisms;               // of any options
  std::vector<Fewest> pairs;                    // moved, between two options; fewest votes first
  std::optional<std::size_t> options_in_pairs;  // where not all are compared

  struct Removed {
    std::uint32_t member = 0;  // unit or place (no_place: the units outside the hierarchy)
    std::int64_t leader_votes = 0, second_votes = 0;
  };
  // The removals of one level: of units, or of the places of a level of the hierarchy.
  struct Level {
    std::optional<std::size_t> level;  // none: units
    std::size_t members = 0;
    std::size_t minimum = 0;  // 0: no removal was found
    std::size_t lower_bound = 1;
    bool impossible = false;  // no removal changes the outcome
    bool proved = false;      // no smaller removal does, or none at all
    Outcome becomes;
    std::vector<Removed> removed;  // what weighs most first; at most list_limit
  };
  std::vector<Level> levels;  // units, then places from the lowest level up

  const Reach& reach(Shift shift) const { return reaches[static_cast<std::size_t>(shift)]; }
};

Result<HeadroomResult> compute(const Count& count, const HeadroomRequest& request, const Context& context);
Finding present(const HeadroomResult& result, const Count& count, const HeadroomRequest& request,
                const Context& context);

}  // namespace cotejo
