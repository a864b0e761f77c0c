// One vote of an assembly under every reading; what `recount` prints and `coalition` and `seats` build on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/vote/assembly_rule.hpp"
#include "cotejo/vote/seats.hpp"

namespace cotejo {

// The seats of a body on a day as columns over the assembly's members.
struct BodyRoll {
  std::vector<SeatState> seats;  // those that are members under some reading; empty when the body has no events
  std::vector<bool> on_roll, good_standing, represented;
  std::vector<MemberIndex> contested;  // membership disputed
};

// From the membership events of the body; where it has none, from who could vote in `row`.
Result<BodyRoll> roll_of(const Assembly& assembly, std::string_view body, std::int32_t day,
                         std::span<const std::int8_t> row);

struct RecountRow {
  std::string reading, credential, record;
  VoteSums sums;
  std::optional<AssemblyDecision> decision;  // none: the denominator is empty
  std::int64_t denominator = 0;
  bool by_rule = false;
};

struct ContestedSeat {
  MemberIndex member = 0;
  bool membership = false, credential = false;
  std::optional<Ballot> ballot;  // none: unknown (a secret ballot)
  std::string cast_by, why;
};

struct Recounted {
  RollCallIndex index = 0;
  const AssemblyRule* rule = nullptr;
  std::vector<RecountRow> rows;
  std::vector<ContestedSeat> contested;
  std::vector<std::string> records;   // that were computed, the listed or reported one first
  std::vector<std::string> problems;  // totals that do not match, and the like
  std::vector<MemberIndex> pivotal;   // whose vote alone changes the outcome as recorded, under the rule's own reading
  bool by_member = true;
  BodyRoll roll;

  const RecountRow& own() const;  // the rule's own reading of the record, everything counted
  std::size_t adopted() const, rejected() const;
};

// `rule` empty: the roll call's own. `fixed`: further denominators to try.
// Errors: input_insufficient (no rule, no totals, the rule's own denominator empty), value_invalid.
Result<Recounted> recount_one(const Assembly& assembly, RollCallIndex index, std::string_view rule,
                              const std::vector<std::int64_t>& fixed);

}  // namespace cotejo
