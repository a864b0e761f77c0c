// The units of a count for which a condition over its cells holds: `cast > registered`, `null > margin`.
//
// The condition is an SQL expression, evaluated by SQLite over one row for each unit. Columns: `unit` (the key), one for each
// level of the places, `registered`, `cast`, `valid`, `blank`, `null` (the column, unless behind IS or NOT), `margin` (first
// less second option of the unit), the fields and the options by their ids. A name that occurs twice, whatever the
// case of its letters, is `field:NAME` or `option:NAME` the second time. A missing cell is NULL; a unit for which the
// condition is NULL is not selected. `valid` and `cast` are what tally() counts.
// With a second count of the same units (by their keys) each of its columns is `other:NAME`, and `difference` is the sum over the
// options that both have of |votes - other votes|: `difference > margin`. They are NULL where it lacks the unit.
// The expression reads this one table and nothing else; it is bounded in depth, in size and, by the context, in time.
// Errors: option_invalid (column `where`: not an expression over these columns; the remedy lists them), cancelled.
// Cost: units x columns, about a microsecond each.
// Verified in src/engine/tests/units_where_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

// Keys of the selected units, in the order of the count.
Result<std::vector<std::string>> units_where(const Count& count, const std::string& condition, const Context& context,
                                             const Count* beside = nullptr);

struct UnitsRequest {
  std::string condition{};             // empty: every unit
  std::vector<std::string> columns{};  // by name, in this order; empty: all of them
  std::string sort{};             // an SQL term over the columns, as in "margin DESC"; empty: the order of the count
  std::int64_t most = -1;         // rows; negative: all
  const Count* beside = nullptr;  // a second count of the same units
};

// The selected units with their columns. Errors also: option_invalid (column `columns`, with the nearest name; column `sort`).
Result<Table> units_table(const Count& count, const UnitsRequest& request, const Context& context);

}  // namespace cotejo
