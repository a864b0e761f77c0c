// The numbers that a profile reads: one slot per column (or per name, in the long layout), and the expressions over them.
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

struct NumberSlots {
  explicit NumberSlots(const Profile& profile);

  std::vector<std::string> names;        // of the slots: columns or names of the long layout
  std::vector<std::string> percentages;  // columns of percentages
  std::vector<BoundNumber> numbers;      // options, then the standard ones that are given, then fields
};

// The value of an expression, `values` being those of the slots (or `missing`); a sum with a missing part is missing.
// A fault when it is negative, too large, or not what exactly one number of votes rounds to.
std::optional<RowFault> evaluate(const BoundNumber& number, std::span<const std::int32_t> values,
                                 std::span<const std::optional<Percentage>> percentages, std::int32_t& out);

}  // namespace cotejo
