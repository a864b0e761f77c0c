// Could votes in question change the outcome? Decided by the rule, under a mechanism, and by nothing else.
//
// A mechanism says what happens to the tally for each vote in question (a: an option that loses it, b: one that gains it):
//   moved               x_a - 1, x_b + 1                         from any option to any other
//   voided              x_a - 1, valid - 1, null + 1             the ballot stays in the urn, its vote does not count
//   voided_valid_kept   x_a - 1                                  the valid total is kept as the base of every share
//   added               x_b + 1, valid + 1, cast + 1             a ballot comes in
//   withdrawn           x_a - 1, valid - 1, cast - 1             a ballot leaves (it was stuffed, or is one too many)
//   miscounted          as moved, between two stated options, in either direction
//   unknown             each vote by any of these
// `fewest_votes` is the least v such that some v votes under the mechanism change the outcome; v votes could change it
// exactly when v >= fewest. No option falls below 0, so that more votes than an option has cannot leave it.
// Shapes: options are indices of the contest. Units: votes. Null: without `from` or `to` any option may lose or gain;
// `miscounted` without both is any pair. Ties are outcomes of their own: to make or to break one is a change.
// Exactness: every event that changes the outcome (outcome_events.hpp) is an integer program over the votes that each
// option loses and gains; its relaxation (dual simplex, Clp) bounds it from below, branching closes the gap, and every
// candidate is applied to the rule in integer arithmetic before it counts. Where the search is cut off (a tie to begin
// with, thousands of ways to combine clauses, 4,000 branches) `proved` is false and the answer between the bounds is `unknown`.
// Errors: none; `rule` must be valid for the contest. No randomness. Cost: one small linear program for each event.
// Source: the margin of plurality as in Stark (2010), super-simple simultaneous single-ballot risk-limiting audits; here
// for any rule whose clauses are linear.
// Verified in src/vote/tests/stakes_test.cpp against full enumeration for random rules and elections.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cotejo/vote/rule.hpp"

namespace cotejo {

enum class Mechanism { moved, voided, voided_valid_kept, added, withdrawn, miscounted, unknown };
std::string_view to_text(Mechanism mechanism);  // "moved", ..., with hyphens

// Whose votes: `from` loses them, `to` gains them; without, any option.
struct Direction {
  std::optional<std::size_t> from{}, to{};
};

struct FewestVotes {
  std::optional<std::int64_t> votes{};  // some change of so many votes changes the outcome; none: none was found
  std::int64_t at_least = 1;            // no change of fewer votes does
  bool proved = true;                   // votes == at_least, or no number of votes changes the outcome
  std::optional<Outcome> becomes{};     // the outcome after that change
};

FewestVotes fewest_votes(const Rule& rule, const Contest& contest, const Tally& tally, Mechanism mechanism,
                         const Direction& direction = {});

// Votes in question under one mechanism: at least `low`, at most `high`.
struct Stake {
  Mechanism mechanism = Mechanism::unknown;
  std::int64_t low = 0, high = 0;  // 0 <= low <= high
  Direction direction{};
};

enum class CouldChange {
  no,       // not even `high` votes could change the outcome
  depends,  // `high` votes could, `low` votes could not
  yes,      // even `low` votes could
  unknown   // the search was cut off between the bounds
};

CouldChange could_change(const Rule& rule, const Contest& contest, const Tally& tally, const Stake& stake);
CouldChange could_change(const FewestVotes& fewest, const Stake& stake);  // where the fewest are known already
// All of them together: each up to its own number of votes.
CouldChange could_change(const Rule& rule, const Contest& contest, const Tally& tally, std::span<const Stake> together);

// Could votes that were set aside change the outcome if they came into the count? `added` has one range per option; any
// combination within the ranges may be true, and nothing is known of the registered voters, blank and null ballots
// there. Without an upper bound: `no_upper_bound`. True, too, where the search is cut off: nobody may rely on the outcome.
inline constexpr std::int64_t no_upper_bound = std::int64_t{1} << 60;
bool could_decide(const Rule& rule, const Contest& contest, const Tally& tally, std::span<const VoteRange> added);

}  // namespace cotejo
