// Cells into numbers, as a profile's [numbers] says they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cotejo/intake/profile.hpp"

namespace cotejo {

// A percentage as it was printed: 45.30 is value 4530 with 2 digits.
struct Percentage {
  std::int64_t value = 0;
  int digits = 0;
};

class NumberReader {
 public:
  explicit NumberReader(const NumberFormat& format) : format_(&format) {}

  // 0..2,147,483,647, or `missing` for an empty cell and for texts that stand for one; nothing when the cell is neither.
  // A fraction of zeros is none: "456.0" is 456, but "1.000" may be a thousand and is read only where `decimal` or
  // `thousands` says what the point is. `rounded` counts the numbers that were rounded (NumberFormat::round).
  std::optional<std::int32_t> whole(std::string_view cell, std::int64_t* rounded = nullptr) const;
  // The same, with a minus sign before it allowed.
  std::optional<std::int32_t> signed_whole(std::string_view cell) const;
  // Why whole() gave nothing, or gave `missing` where the profile does not allow it.
  RowFault not_whole(std::string_view cell, std::string column) const;

  // With or without a percent sign; 0 to 1000 with at most six decimals. Nothing when the cell is not one.
  std::optional<Percentage> percentage(std::string_view cell) const;
  // With the profile's decimal separator. NaN for an empty cell; nothing when the cell is no finite number.
  std::optional<double> real(std::string_view cell) const;

 private:
  std::optional<std::string> plain_digits(std::string_view cell, char decimal) const;
  bool stands_for_missing(std::string_view cell) const;
  bool separates_thousands(char separator) const;
  std::string_view without_zero_fraction(std::string_view cell) const;

  const NumberFormat* format_;
};

// The one whole number of which `percentage` of `base` is the rounded share; nothing when there is none. `low` and
// `high` are the least and the largest that it could be.
struct VotesOfPercentage {
  std::int64_t low = 0, high = -1;
};
VotesOfPercentage votes_of(const Percentage& percentage, std::int64_t base);

}  // namespace cotejo
