// Proposes an import profile for a published file by looking at it.
//
// What is looked at: the encoding (byte-order mark, strict decoding, ICU's detector), the separator (the number of cells
// must be the same from row to row), the header (the last text rows above the numbers), then up to 200,000 rows: which
// columns are whole numbers, which sums of neighbouring columns equal another column in nearly every row (options =
// valid; valid + null + blank = cast), which columns nest in which (places), and the smallest set of columns that tells
// all rows apart (the unit's key). Words of the headers, in eleven languages, name what the arithmetic finds and fill in
// where there is none.
//
// Every guess carries its evidence and a doubt. Where no guess is safe there is a question instead, with the choices and
// the option that answers it. A proposal never contains a rule. Nothing is asked of the network, the clock or the
// environment: the same file gives the same proposal.
//
// Errors: those of Records (file_missing, file_damaged, column_missing), option_invalid.
// Cost: two passes over the file, memory for 200,000 rows. Verified in src/intake/tests/propose_test.cpp and, against
// the profiles written by hand, tests/propose_real_files_test.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/intake/records.hpp"

namespace cotejo {

// What the user already knows; empty: to be guessed.
struct ProposeOptions {
  std::string id{};  // of the count, "bo-2024/final"; empty: from the file's name
  std::string member{}, table{}, encoding{}, separator{};
  std::optional<std::int64_t> header{}, header_rows{};
  std::vector<std::string> key{}, options{}, not_options{};  // columns
  std::string contest_value{};                               // of several contests in one file
  // What to say under [file] path; empty: the file's name.
  std::string path{};
  DatabaseUse database = DatabaseUse::refused;  // may the file be an address?
};

struct Guess {
  std::string what;      // "encoding", "unit key", "valid"
  std::string value;     // as it stands in the profile
  std::string evidence;  // what was seen
  double doubt = 0;      // 0 (certain) to 1
  std::vector<std::string> alternatives{};
};

struct Question {
  std::string text;
  std::string option;  // that answers it: "--member"
  std::vector<std::string> choices{};
};

struct Proposal {
  std::vector<Guess> guesses;
  std::vector<Question> questions;  // when there are any, `toml` may be empty
  std::string toml;
};

Result<Proposal> propose(const std::filesystem::path& file, const ProposeOptions& options, const Context& context);

}  // namespace cotejo
