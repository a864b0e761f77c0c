#include "cotejo/base/error.hpp"

#include <fmt/format.h>

#include "cotejo/base/http_status.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {
struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code, http_status;
};
// The one table that maps codes to names, exit codes and HTTP statuses; faces add their columns (Python, R) here.
constexpr Row table[] = {
    {ErrorCode::file_missing, "file_missing", 3, 404},
    {ErrorCode::file_damaged, "file_damaged", 3, 422},
    {ErrorCode::file_write, "file_write", 3, 500},
    {ErrorCode::column_missing, "column_missing", 3, 422},
    {ErrorCode::value_invalid, "value_invalid", 3, 422},
    {ErrorCode::unit_duplicate, "unit_duplicate", 3, 422},
    {ErrorCode::unit_unknown, "unit_unknown", 3, 404},
    {ErrorCode::profile_invalid, "profile_invalid", 3, 422},
    {ErrorCode::plan_invalid, "plan_invalid", 3, 422},
    {ErrorCode::method_unknown, "method_unknown", 3, 404},
    {ErrorCode::option_invalid, "option_invalid", 3, 422},
    {ErrorCode::count_unknown, "count_unknown", 3, 404},
    {ErrorCode::challenge_invalid, "challenge_invalid", 3, 422},
    {ErrorCode::case_invalid, "case_invalid", 3, 422},
    {ErrorCode::conflict, "conflict", 3, 409},
    {ErrorCode::input_insufficient, "input_insufficient", 3, 422},
    {ErrorCode::verification_failed, "verification_failed", 3, 422},
    {ErrorCode::cancelled, "cancelled", 5, 409},
    {ErrorCode::usage, "usage", 2, 400},
    {unauthorized, "unauthorized", 3, 401},
    {forbidden, "forbidden", 3, 403},
    {too_large, "too_large", 3, 413},
    {busy, "busy", 3, 429},
    {path_unknown, "path_unknown", 3, 404},
    {ErrorCode::internal, "internal", 4, 500},
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
int http_status_of(ErrorCode code) {
  return row_of(code).http_status;
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
