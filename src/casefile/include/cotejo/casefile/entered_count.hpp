// A count whose figures somebody typed: totals that were announced, a register of the units expected, contested ballots.
//
// Shapes: n units, the distinct `unit` of the cells in the order of their first cell; the columns that some cell names.
//   totals      options are those of `like` that some cell names, with their names; same contest, therefore the same rule
//   units       no option: a register; `registered` is needed
//   contested   one option, `contested`; a contest of its own, ID/contested
// Units and ranges: votes, ballots, voters; 0 to 2,147,483,647.
// Missing: a cell without a value is missing; votes of an option cannot be, and every unit has every option that one unit has.
// Valid votes are as reported where a cell names `valid`, else the sum of the options. No places: keys of units, or codes, paths or
// names of places, are for the method that lays the count beside another (methods/dispute/sheet_places.hpp).
// Errors: value_invalid (no cells, votes missing, a part that exceeds its whole: options > valid > cast > registered), column_missing (no such field or option, with the nearest name), unit_duplicate
// (a cell twice), input_insufficient (a register without `registered`).
// Verified in src/casefile/tests/entered_count_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/casefile/casefile.hpp"

namespace cotejo {

enum class Entered { totals, units, contested };

struct EnteredCount {
  CountId id;
  std::string title;  // empty: a title by kind
  Entered kind = Entered::totals;
  std::string by, reason, source;  // who typed it, why, from which document
  std::vector<CellChange> cells;
};

Result<Count> entered_count(const EnteredCount& entered, const Count& like);
// What the case keeps in the place of a file: the cells as text, and their hash.
SourceFile source_of(const EnteredCount& entered);

}  // namespace cotejo
