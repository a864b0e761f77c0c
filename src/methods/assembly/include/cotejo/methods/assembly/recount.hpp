// Was it adopted? The rule applied to one recorded vote, or to all of them, under every reading of the rule, of every
// contested credential and membership, and of every record of the vote.
//
// needed = the least whole number of votes that the threshold asks of the denominator; slack_seats = yes - needed.
// Readings (column `reading`): what the majority is a majority of: members on the roll, in good standing, represented,
// present, present and voting, members less the parties; and `of-N` for every N of the option `of`.
// Column `credential`, where a seat is contested: `counted`; `not-counted` (the vote leaves, the seat stays on the
// roll, and is not represented); `rival-yes`, `rival-no`, `rival-abstain` (the seat is the rival delegate's, who could
// vote in each of these ways); `not-a-member` (the vote leaves and so does the member, where the membership is
// disputed). Several contested seats: all combinations up to 500, beyond that each of the first 40 alone, and all at once.
// Column `record`: `listed` (member by member), `as-reported` (totals, where there is no whole list or the two differ),
// and the versions that other sources give, or that stood before a correction.
// Shapes: m members x r votes in int8. Weighted votes, vetoes, several majorities, consensus, quorum: as the rule says.
// Missing: a member that is not listed counts in the denominators of the roll and votes for nothing. Secret ballots are
// recounted from their totals; a contested vote in them is taken off the yes side, the worst case.
// Answer: yes (adopted under all readings), no (under none), depends.
// Errors: input_insufficient (no rule, no totals, empty denominator), option_invalid (no such vote or rule; a date).
// No randomness, one thread. Cost: readings x members per vote.
// Does not show: which reading is right in law; whether a vote was cast freely, or meant what it is taken for.
// Source: the rule's article, in the tables. Verified in src/methods/assembly/tests/assembly_methods_test.cpp and
// tests/assemblies_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct RecountRequest {
  std::string roll_call{};   // empty: all
  std::string rule_id{};     // option `rule`; empty: each vote's own
  std::string of{};          // "35, 34": further denominators to try
  std::string from{}, to{};  // with all votes: only those of these days
  std::string known{};       // as known on this day; empty: all that is known

  static MethodInfo info();
  static const OptionTable<RecountRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const RecountRequest& request, const Context& context);

}  // namespace cotejo
