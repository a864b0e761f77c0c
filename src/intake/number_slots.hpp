// The numbers that a profile reads: one slot per column (or per name, in layouts that have names), and the expressions
// over them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cotejo/intake/profile.hpp"
#include "numbers.hpp"

namespace cotejo {

// A number expression with its slots found.
struct BoundNumber {
  const NumberExpression* expression = nullptr;
  std::string what;                         // "registered", an option's or a field's id, for messages
  std::vector<std::uint32_t> plus, minus;   // slots
  std::optional<std::uint32_t> percentage;  // index into NumberSlots::percentages
  bool is_option = false;

  bool is_one_slot() const { return plus.size() == 1 && minus.empty() && !percentage && !expression->constant; }
};

// Where the number of a slot comes from, and what an empty cell of it may mean.
struct Slot {
  std::string name;
  bool is_column = true;      // of the file; else a name in the long layout or in groups of columns
  bool of_option = false;     // some option's number has it
  bool of_part = false;       // an option, blank or null votes or a field has it: an empty cell may be proved to be 0
  bool only_register = true;  // nothing but the number of registered voters has it
};

struct NumberSlots {
  explicit NumberSlots(const Profile& profile);

  std::vector<Slot> slots;
  std::vector<std::string> percentages;  // columns of percentages
  std::vector<BoundNumber> numbers;      // options, then the standard ones that are given, then fields
  std::size_t options = 0;               // how many of the numbers are options

  // The slot of a name in the long layout or in groups; nothing when the profile does not use it.
  std::optional<std::uint32_t> named(std::string_view name) const;
};

// The value of an expression, `values` being those of the slots (or `missing`); a sum with a missing part is missing.
// A fault when it is negative, too large, or not what exactly one number of votes rounds to.
std::optional<RowFault> evaluate(const BoundNumber& number, std::span<const std::int32_t> values,
                                 std::span<const std::optional<Percentage>> percentages, std::int32_t& out);

}  // namespace cotejo
