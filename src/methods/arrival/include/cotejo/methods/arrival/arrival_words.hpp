// Words that the methods of the late count share, as messages: the catalogue arrival.LANGUAGE.json.
// Verified by the findings of every method of the family (test::expect_messages).
#pragma once

#include <string_view>

#include "cotejo/finding/finding.hpp"
#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

// The unit of a figure or a column that only this family has: arrival_unit("cuts") is "cuts".
Text arrival_unit(std::string_view name);

// A p-value as p_text writes it: "0.187", "at most 0.001" at the floor, "below 0.001".
Message p_message(const Test& test);

// The condition that another election can be compared with.
Message comparable(const NotComparable& election);

}  // namespace cotejo
