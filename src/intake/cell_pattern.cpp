#include "cell_pattern.hpp"

#include <unicode/regex.h>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

constexpr std::int32_t most_time = 10;               // ICU's unit is about a millisecond
constexpr std::int32_t most_backtracking = 1 << 20;  // bytes
constexpr std::size_t longest_cell = 10'000;

}  // namespace

struct CellPattern::Icu {
  std::string pattern;
  std::unique_ptr<icu::RegexMatcher> matcher;
  icu::UnicodeString text;
};

std::string pattern_problem(std::string_view pattern) {
  const auto text = icu::UnicodeString::fromUTF8({pattern.data(), static_cast<std::int32_t>(pattern.size())});
  if (static_cast<std::size_t>(text.countChar32()) > longest_pattern) return "a pattern has at most 200 characters";
  UErrorCode status = U_ZERO_ERROR;
  const icu::RegexMatcher matcher(text, 0, status);
  return U_FAILURE(status) ? "this is no regular expression" : "";
}

CellPattern::CellPattern(std::string_view pattern) : icu_(std::make_unique<Icu>()) {
  UErrorCode status = U_ZERO_ERROR;
  icu_->pattern = pattern;
  icu_->matcher = std::make_unique<icu::RegexMatcher>(
      icu::UnicodeString::fromUTF8({pattern.data(), static_cast<std::int32_t>(pattern.size())}), 0, status);
  icu_->matcher->setTimeLimit(most_time, status);
  icu_->matcher->setStackLimit(most_backtracking, status);
}
CellPattern::~CellPattern() = default;
CellPattern::CellPattern(CellPattern&&) noexcept = default;
CellPattern& CellPattern::operator=(CellPattern&&) noexcept = default;

Result<bool> CellPattern::matches(std::string_view cell) const {
  UErrorCode status = U_ZERO_ERROR;
  bool found = false;
  if (cell.size() <= longest_cell) {
    icu_->text = icu::UnicodeString::fromUTF8({cell.data(), static_cast<std::int32_t>(cell.size())});
    icu_->matcher->reset(icu_->text);
    found = icu_->matcher->matches(status) != 0;
  }
  if (cell.size() <= longest_cell && U_SUCCESS(status)) return found;
  return Error{.code = ErrorCode::value_invalid,
               .message = "the pattern takes too long on this cell: " + printable(icu_->pattern),
               .value = printable(cell),
               .remedy = "Write it without repetitions inside repetitions, or use starts_with, ends_with or length."};
}

}  // namespace cotejo
