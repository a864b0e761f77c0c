// The ways in which a changed tally can have another outcome, as lists of linear conditions.
//
// The outcome changes exactly when one event of the list happens; an event is a set of conditions that hold together, and
// a condition asks that what is taken from the tally sums to at least `need` in some form:
//   sum over c of form[c] (amount_before[c] - amount_after[c]) >= need.
// Shapes: a Form has one coefficient per option of the contest, then valid, cast, registered, blank, null. Everything is
// exact: 64-bit coefficients, 128-bit sums. Cost: options x alternatives, and the ways in which clauses combine.
// Verified in src/vote/tests/stakes_test.cpp and src/methods/tally/headroom/headroom_test.cpp against full enumeration.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "cotejo/vote/rule.hpp"

namespace cotejo {

using Form = std::vector<std::int64_t>;

// What is taken away must sum to at least `need`.
struct Requirement {
  Form form;
  Slack::Wide need = 0;
};
using Event = std::vector<Requirement>;  // all of them together change the outcome

struct Events {
  std::vector<Event> list;
  bool complete = true;  // false: the outcome may change in other ways too
};

// |form| x amounts stays below this, so that 64 bits hold every contribution and their sums.
inline constexpr Slack::Wide largest_event_sum = Slack::Wide{1} << 61;

// Every way in which `base`, the outcome of `all`, can turn into another. Not complete for ties (only the ways that break
// the tie are listed), where the alternatives of the rule combine in more than some thousands of ways, and where sums
// would not fit 64 bits.
Events events_that_change(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base);

// The amounts that a Form weighs, in its order.
std::vector<std::int64_t> amounts_of(const Tally& tally);

// Does any clause use one of these quantities?
bool looks_at(const Rule& rule, std::initializer_list<Quantity> quantities);

}  // namespace cotejo
