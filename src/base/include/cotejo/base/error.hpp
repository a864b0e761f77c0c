// What went wrong with the user's data, where, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cotejo {

// Append-only: other programs rely on the numbers and on the names that `name_of` gives.
enum class ErrorCode : int {
  file_missing = 1,     // a named file does not exist or cannot be read
  file_damaged = 2,     // a file is truncated, empty, or not of its format
  file_write = 3,       // a file or folder cannot be written
  column_missing = 4,   // a column that the profile names is not in the file
  value_invalid = 5,    // a cell is not what was expected
  unit_duplicate = 6,   // one unit twice
  unit_unknown = 7,     // a unit that the count does not have
  profile_invalid = 8,  // a profile, rule or plan that cannot be read or contradicts itself
  plan_invalid = 9,
  method_unknown = 10,  // no such method
  option_invalid = 11,  // no such option of a method, or a value out of bounds
  count_unknown = 12,   // no such count, challenge or crosswalk in the case
  challenge_invalid = 13,
  case_invalid = 14,         // not a case file, or of a newer version
  conflict = 15,             // would change or overwrite something that must stay
  input_insufficient = 16,   // the data lack what the method needs
  verification_failed = 17,  // a dossier does not match its manifest, signature or re-run
  cancelled = 18,            // stopped by the user
  usage = 19,                // the command line is off
  internal = 20,             // our own fault
};

std::string_view name_of(ErrorCode code);

// Exit code of the program for an error: 2 usage, 3 bad input, 4 internal, 5 cancelled (see docs/exit-codes.md).
int exit_code_of(ErrorCode code);

// All fields but `code` and `message` may be empty. `row` counts records from 1, the header being row 1; 0 means none.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // what is wrong and what was expected, one sentence
  std::string file{};
  std::int64_t row = 0;
  std::string column{};
  std::string value{};
  std::string remedy{};  // what the user can do, one sentence
};

// "FILE, row 7, column X: MESSAGE (value: V). REMEDY" with control characters of the data made visible.
std::string describe(const Error& error);

}  // namespace cotejo
