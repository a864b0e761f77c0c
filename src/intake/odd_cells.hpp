// The cells of one return that gave no number, and what becomes of them and of the return.
//
// An empty cell of an option, of blank or null votes or of a field is 0 where a printed total of the return proves it
// (printed_totals.hpp), or where the profile states it (`empty = "zero"`) and no printed total contradicts it. Whatever
// else gave no number is missing: in an option's number it makes the return unusable, elsewhere it is a cell that could
// not be read, and the return stays.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "printed_totals.hpp"

namespace cotejo {

// A slot without a number. `fault` is why; its `value` is the cell's text.
struct OddCell {
  enum class Kind { empty, unreadable } kind = Kind::empty;
  std::uint32_t slot = 0;  // of a percentage: its index
  bool is_percentage = false;
  RowFault fault;
  std::int64_t row = 0;  // 0: the row of the return
};

// A number, not of an option, that is missing because of a cell that could not be read.
struct UnreadNumber {
  std::uint32_t number = 0;
  RowFault fault;
  std::int64_t row = 0;
};

class OddCells {
 public:
  OddCells(const Profile& profile, const NumberSlots& slots)
      : empty_is_zero_(profile.numbers.empty_is_zero), slots_(&slots), totals_(profile, slots) {}

  // Fills `results` (one per number) from the slots' `values`, in which the odd ones are `missing`; zeros that are
  // proved or stated are written into `values`. Returns why the return cannot be used, if so. `unread` gets what is
  // missing for no fault of the votes.
  std::optional<RowFault> resolve(std::span<const OddCell> odd, std::vector<std::int32_t>& values,
                                  std::span<const std::optional<Percentage>> percentages,
                                  std::vector<std::int32_t>& results, std::vector<UnreadNumber>& unread);

  // One sentence for each way in which empty cells were read as 0.
  std::vector<std::string> caveats() const;

 private:
  void write_zeros(std::span<const OddCell> odd, std::vector<std::int32_t>& values,
                   std::span<const std::optional<Percentage>> percentages);
  RowFault fault_of_option(const OddCell& cell) const;

  bool empty_is_zero_;
  const NumberSlots* slots_;
  PrintedTotals totals_;
  std::int64_t proved_ = 0, stated_ = 0;  // cells
  std::vector<std::int32_t> trial_, trial_results_;
};

}  // namespace cotejo
