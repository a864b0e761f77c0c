// A rule of an assembly applied to one vote: adopted or not, by how many seats.
//
// For a majority with threshold t of a denominator D: needed = the least whole v with v >= t D (v > t D when strict);
// slack = yes - needed. A way holds when all its majorities do; the rule adopts when any way holds, no member with a
// veto said no, nobody objected where consensus is asked, and the quorum is there.
// D by Denominator: members = on the roll; good_standing = those not suspended, excluded or inactive; represented =
// those whose seat is filled besides; present = yes + no + abstain + present; present_and_voting = yes + no;
// less_parties = members without the parties to the dispute, whose votes do not count either; fixed = a given number.
// Members count 1 each, or their weight; weights are whole numbers.
// Errors: input_insufficient when a denominator is empty (0), or a weight is asked of a vote known by its totals only.
// Verified in src/vote/tests/assembly_test.cpp by enumeration.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/vote/assembly.hpp"

namespace cotejo {

// Who counts for what in one vote, under one reading; one entry per member of the assembly.
struct Chamber {
  std::vector<Ballot> ballots;
  std::vector<bool> on_roll, good_standing, represented, party;
};

// What one majority is computed from: sums of 1, or of one weight.
struct VoteSums {
  std::int64_t yes = 0, no = 0, abstain = 0, absent = 0, present = 0;  // present: there, without an option
  std::int64_t members = 0, good_standing = 0, represented = 0, parties = 0;
  std::int64_t party_yes = 0, party_no = 0;

  std::int64_t denominator(Denominator kind, std::int64_t fixed) const;
};

// `weight` has one entry per member, or is empty (1 each).
VoteSums sums_of(const Chamber& chamber, std::span<const std::int64_t> weight = {});

std::int64_t needed(const Rational& threshold, bool strict, std::int64_t denominator);

struct MajorityState {
  std::string way, name;
  std::int64_t yes = 0, needed = 0, denominator = 0;
  std::int64_t slack() const { return yes - needed; }
};

struct AssemblyDecision {
  bool adopted = false;
  std::string binding;                 // what decided: a majority's name, "veto of X", "consensus", "quorum"
  std::int64_t needed = 0, slack = 0;  // of the binding majority; 0 needed where no majority is asked
  std::vector<MajorityState> majorities;
};

// What a reading puts in the place of the rule's own denominators.
struct DenominatorReading {
  std::optional<Denominator> of{};  // none: the rule's own
  std::int64_t fixed = 0;
};

// The weights of every member on a day, by name; missing weights are 0.
std::vector<std::int64_t> weights_on(const Assembly& assembly, std::string_view name, std::int32_t day);

// A vote known member by member.
Result<AssemblyDecision> decide(const Assembly& assembly, const AssemblyRule& rule, const Chamber& chamber,
                                std::int32_t day, const DenominatorReading& reading = {});
// A vote known by its totals; vetoes cannot be seen in it.
Result<AssemblyDecision> decide(const AssemblyRule& rule, const VoteSums& sums, const DenominatorReading& reading = {});

}  // namespace cotejo
