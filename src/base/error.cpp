#include "cotejo/base/error.hpp"

#include <fmt/format.h>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {
struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code;
};
// The one table that maps codes to names and exit codes; faces add their columns (HTTP, Python, R) here.
constexpr Row table[] = {
    {ErrorCode::file_missing, "file_missing", 3},
    {ErrorCode::file_damaged, "file_damaged", 3},
    {ErrorCode::file_write, "file_write", 3},
    {ErrorCode::column_missing, "column_missing", 3},
    {ErrorCode::value_invalid, "value_invalid", 3},
    {ErrorCode::unit_duplicate, "unit_duplicate", 3},
    {ErrorCode::unit_unknown, "unit_unknown", 3},
    {ErrorCode::profile_invalid, "profile_invalid", 3},
    {ErrorCode::plan_invalid, "plan_invalid", 3},
    {ErrorCode::method_unknown, "method_unknown", 3},
    {ErrorCode::option_invalid, "option_invalid", 3},
    {ErrorCode::count_unknown, "count_unknown", 3},
    {ErrorCode::challenge_invalid, "challenge_invalid", 3},
    {ErrorCode::case_invalid, "case_invalid", 3},
    {ErrorCode::conflict, "conflict", 3},
    {ErrorCode::input_insufficient, "input_insufficient", 3},
    {ErrorCode::verification_failed, "verification_failed", 3},
    {ErrorCode::cancelled, "cancelled", 5},
    {ErrorCode::usage, "usage", 2},
    {ErrorCode::internal, "internal", 4},
};
const Row& row_of(ErrorCode code) {
  for (const auto& row : table)
    if (row.code == code) return row;
  return table[std::size(table) - 1];
}
}  // namespace

std::string_view name_of(ErrorCode code) {
  return row_of(code).name;
}
int exit_code_of(ErrorCode code) {
  return row_of(code).exit_code;
}

std::string describe(const Error& error) {
  std::string where;
  const auto add = [&](std::string part) {
    if (!where.empty()) where += ", ";
    where += part;
  };
  if (!error.file.empty()) add(printable(error.file));
  if (error.row > 0) add(fmt::format("row {}", error.row));
  if (!error.column.empty()) add(fmt::format("column '{}'", printable(error.column)));
  std::string out = where.empty() ? "" : where + ": ";
  constexpr std::size_t sentence = 2000;  // messages quote names from the data
  out += printable(error.message, sentence);
  if (!error.value.empty()) out += fmt::format(" (value: '{}')", printable(error.value));
  const bool ended = out.ends_with('?') || out.ends_with('.');
  if (!error.remedy.empty()) out += fmt::format("{} {}", ended ? "" : ".", printable(error.remedy, sentence));
  return out;
}

}  // namespace cotejo
