// What a finding puts in question, held against the rule: sets `at_stake` and `for_outcome` and adds the table `stakes`.
//
// Each entry says how many votes are in question and by which mechanism (vote/stakes.hpp); the rule is applied again at
// its lower and its upper bound. for_outcome: `holds` when not even the upper bound could change the outcome under any
// entry, `changes` when the lower bound of every entry could, `depends` between, `unknown` where a search was cut off.
// at_stake.decisive: some entry could at its upper bound. Where several mechanisms are possible at_stake.needed is that
// of the entry that comes closest to changing the outcome, and the table has all of them.
// Fractions of a vote are rounded so that the bounds widen. An entry without votes (0) holds.
// Verified in src/methods/support/tests/at_stake_test.cpp.
#pragma once

#include <span>
#include <string>

#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

struct VotesInQuestion {
  Mechanism mechanism = Mechanism::unknown;
  double votes = 0;                     // the estimate, >= 0
  std::optional<double> low{}, high{};  // its bounds; without: `votes` itself
  Direction direction{};                // whose votes
  Text what{};                          // "late votes within places", for the table
};

void hold_against_rule(Finding& finding, const Rule& rule, const Contest& contest, const Tally& tally,
                       std::span<const VotesInQuestion> entries);
void hold_against_rule(Finding& finding, const Rule& rule, const Contest& contest, const Tally& tally,
                       const VotesInQuestion& entry);

// A lead of so many votes in question, whatever made it: half as many moved from `leader` to `runner_up`, or as many
// voided of the leader's, or added to the runner-up's. A negative lead: the other way round, to the leader's benefit.
std::vector<VotesInQuestion> lead_in_question(double lead, std::optional<double> low, std::optional<double> high,
                                              std::size_t leader, std::size_t runner_up);

// For a finding that compares outcomes itself: nothing put in question, or an outcome that was computed.
ForOutcome for_outcome_of(CouldChange could);

}  // namespace cotejo
