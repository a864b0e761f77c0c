// Words that methods share, as messages: the catalogue support.LANGUAGE.json.
// Verified in src/methods/support/tests/outcome_words_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include "cotejo/finding/finding.hpp"

namespace cotejo {

// "226 polling tables", "1 unit": a number of units by what the count calls one (Count::unit_name).
Message units_of(std::size_t units, const std::string& unit_name);

// "polling table".
Message one_unit(const std::string& unit_name);

// The unit of a figure or a column: of_unit("votes") is "votes", of_unit("points_of_valid_votes") "points of valid votes".
Text of_unit(std::string_view name);

// "Every defect (the first 20 of 31)": the title of a table that does not show all its rows; as it is where it does.
Text first_of(Text title, std::size_t shown, std::size_t all);

// A number in the digits that it was given in: 95, 99.5. For an option or a threshold, not for a result.
Decimal as_given(double value);

// A text in a table: words where it is a message, else a name.
Cell cell_of(const Text& text);

}  // namespace cotejo
