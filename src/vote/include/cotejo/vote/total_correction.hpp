// Corrections of the whole count: rows of the file that add votes to the total, or take them, and name no unit ("ALL").
//
// Such a row stands among the rows that became no unit (Count::rejected), with its exact votes per option, so that it is
// kept and shown with them. Its votes are part of tally(count), of its valid votes and of its ballots cast (where they
// are known), of content_hash(), and of nothing that is said of a unit or a place; it is not set aside.
#pragma once

#include <cstdint>

#include "cotejo/vote/count.hpp"

namespace cotejo {

// In RejectedRow::column, where no column of a file has this name.
inline constexpr std::string_view of_the_whole = "@total";

bool corrects_the_whole(const RejectedRow& row);

// The rows that became no unit and whose votes are not in the count.
std::vector<const RejectedRow*> rows_set_aside(const Count& count);

}  // namespace cotejo
