// Proposes an import profile for a published file by looking at it.
//
// The whole file is read once, column by column (propose_table.hpp). Then, in this order: the encoding (byte-order mark,
// strict decoding, ICU's detector), the separator (the number of cells must be the same from row to row), the header (the
// last row of texts above the numbers), how numbers are written; whether rows are units, names (the long layout) or
// groups of names, or rows and columns have changed places; which sums hold between columns of whole numbers, over all
// of them (propose_sums.hpp), and what follows from them for options, valid, cast, blank and null votes and the register
// (propose_roles.hpp); which rows are sums of other rows (propose_totals.hpp); what tells units apart and which places
// they lie in (propose_places.hpp). Words of headers and names, in some twenty languages, decide only between readings
// that hold alike.
//
// Every guess carries its evidence and a doubt (above 0.25 it is shown with "?"). Where no guess is safe there is a
// question instead, with the choices and the option that answers it. An answer that is of no use is an error. A proposal
// never contains a rule. Nothing is asked of the network, the clock or the environment: the same file gives the same
// proposal.
//
// Errors: those of Records (file_missing, file_damaged, column_missing), option_invalid.
// Cost: one pass over the file; two to four bytes a cell, at most 800 MiB (what is over it is said, and the import then
// refuses what the part did not show). Verified in src/intake/tests/propose_test.cpp and cases_test.cpp and, against the
// profiles written by hand, tests/propose_real_files_test.cpp.
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
  std::string member{}, table{}, section{}, encoding{}, separator{};
  std::optional<std::int64_t> header{}, header_rows{};
  std::vector<std::string> key{}, not_options{};  // columns
  std::vector<std::string> options{};             // columns (or names of a long file) that count votes for an option
  std::string contest_value{};                    // of several contests in one file
  std::string registered{}, cast{}, valid{}, blank{}, null{};  // columns, or names of a long file
  std::vector<std::string> leave_out{}, keep{};                // "COLUMN=TEXT": rows that do not count, or do
  std::vector<std::string> only{};                             // "COLUMN=TEXT": the rows that count, and no others
  std::string names{};                                         // the column of names of a long file
  std::string transposed{};                                    // do units stand in columns: "yes", "no"
  std::string empty{};                                         // empty cells of votes: "zero" or "missing"
  std::string repeated{};              // a name twice in a unit with two numbers: "sum" or "set-aside"
  std::vector<std::string> columns{};  // "NAME=FROM-TO" of lines of fixed width
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
