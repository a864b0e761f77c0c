// What every count that was read keeps to, whatever the file.
#pragma once

#include "cotejo/vote/count.hpp"
#include "fuzz.hpp"

namespace cotejo::fuzz {

inline void check(const Count& count) {
  require(count.sha256 == count.content_hash(), "the hash is that of the content");
  require(count.votes.size() == count.units() * count.options(), "every unit has every option");
  for (const auto votes : count.votes) require(votes >= 0, "votes are not negative and never missing");
  for (const auto voters : count.registered) require(voters >= 0 || voters == missing, "a number or missing");
  for (const auto& row : count.rejected) require(!row.reason.empty(), "a row set aside has its reason");
  const UnitLookup lookup(count);
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    require(lookup.find(count.unit_keys[unit]) == unit, "keys are unique");
}

}  // namespace cotejo::fuzz
