// What the totals printed in a return prove of its empty cells: that they stand for 0.
//
// The totals are those that the profile states: valid = sum of the options; cast = valid (or, where it is not reported,
// the sum) + blank + null, as far as they are reported; and each [[check]] with "=". An empty cell is proved to be 0
// when such an equality holds with 0 for every empty cell, and the cell stands on one of its sides only: the parts are
// not negative, so that nothing is left for them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "number_slots.hpp"

namespace cotejo {

enum class Proof { none, holds, contradicted };  // none: no total with all its other parts is printed

class PrintedTotals {
 public:
  PrintedTotals(const Profile& profile, const NumberSlots& slots);

  // `results` are the values of the numbers with 0 in the slots of empty cells, `missing` where they are not known.
  Proof of_slot(std::uint32_t slot, std::span<const std::int32_t> results) const;

 private:
  struct Equality {
    std::vector<std::uint32_t> left, right;       // numbers
    std::vector<std::uint8_t> on_left, on_right;  // per slot: does a number of this side have it?
  };
  void add(std::vector<std::uint32_t> left, std::vector<std::uint32_t> right);

  const NumberSlots* slots_;
  std::vector<Equality> equalities_;
};

}  // namespace cotejo
