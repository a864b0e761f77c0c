// A snapshot whose units are parts of the count's: polling tables of which the count has only the precincts.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

// The unit of the count that each unit of the snapshot is a part of; no_place: of none.
using PartsOf = std::vector<UnitIndex>;

// The code of a place of theirs is the unit's key or code. Nothing where the units of both are the same.
std::optional<PartsOf> parts_of(const Count& count, const UnitLookup& lookup, const Count& snapshot);

// The count with early parts and remainders as units; fills late, vanished and left_out of `late`. Options of the
// snapshot are matched by id; one that it lacks has no early votes.
std::shared_ptr<const Count> split_into_parts(const Count& count, const Count& snapshot, const PartsOf& parts,
                                              LateCount& late);

}  // namespace cotejo
