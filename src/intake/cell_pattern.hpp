// A pattern that a whole cell must match: a regular expression as ICU writes it, with bounded effort.
//
// Bounds: 200 characters of pattern, 10,000 bytes of cell, and about ten milliseconds a cell: a pattern that needs more
// is an error of the profile, not a row that is passed over.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

inline constexpr std::size_t longest_pattern = 200;

// Empty, or what is wrong with the pattern.
std::string pattern_problem(std::string_view pattern);

class CellPattern {
 public:
  // `pattern` has no pattern_problem.
  explicit CellPattern(std::string_view pattern);
  ~CellPattern();
  CellPattern(CellPattern&&) noexcept;
  CellPattern& operator=(CellPattern&&) noexcept;

  // Errors: value_invalid (the effort, with the cell).
  Result<bool> matches(std::string_view cell) const;

 private:
  struct Icu;
  std::unique_ptr<Icu> icu_;
};

}  // namespace cotejo
