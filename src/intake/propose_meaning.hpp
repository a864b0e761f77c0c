// What a file means, as a profile writes it down.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/intake/propose.hpp"
#include "propose_places.hpp"
#include "propose_roles.hpp"
#include "propose_table.hpp"
#include "propose_totals.hpp"

namespace cotejo::proposing {

// ---- how the file is to be opened ----

struct Opening {
  SourceFormat format;
  bool is_text = true;  // delimited text: encoding and separator matter
  std::vector<Guess> guesses;
  std::vector<Question> questions;
};
Result<Opening> sniff(const std::filesystem::path& file, const ProposeOptions& options);

// ---- what its columns mean ----

// A number: one column (or name of a long file), or the sum of several.
struct Number {
  std::string title;
  std::vector<std::string> columns;
  bool beside = false;  // in a long file: a column beside the names, not a name
};

struct Meaning {
  enum class Layout { wide, names_in_rows, names_in_groups, crosswalk } layout = Layout::wide;
  std::vector<Number> options, fields;
  std::vector<std::pair<std::string, Number>> standard;  // "registered", ...
  bool valid_is_reported = false;
  std::optional<std::size_t> latitude, longitude;
  // Names in rows.
  std::vector<std::size_t> name_columns;  // joined with "/"
  std::vector<std::string> values;        // columns of votes
  bool repeated_is_sum = false, absent_is_zero = false;
  // Names in groups of columns.
  std::string group_name, group_value;
  // Units.
  std::vector<std::size_t> key;
  bool one_unit = false;  // no column tells units apart: the file is one
  std::vector<Level> places;
  std::set<std::size_t> filled_down, used;  // columns; `used` are read somewhere
  bool drop_identical = false;
  // Numbers.
  bool round = false, empty_is_zero = false, negative_is_correction = false;
  std::vector<std::pair<std::size_t, std::string>> correction_rows;  // column, text
  std::vector<std::string> dashes;                                   // that stand for 0 in a long file
  std::vector<std::size_t> number_columns;                           // of the table, that are read
  std::vector<Where> where;
  std::string contest;                  // chosen of several
  std::optional<std::size_t> from, to;  // of a crosswalk
  std::vector<Guess> guesses;
  std::vector<Question> questions;
  std::optional<Question> if_not_wide;  // of a file of one row per name, if it does not read as one row per unit

  void guess(std::string what, std::string value, std::string evidence, double doubt = 0) {
    guesses.push_back({std::move(what), std::move(value), std::move(evidence), doubt, {}});
  }
  void ask(std::string text, std::string option, std::vector<std::string> choices = {}) {
    questions.push_back({std::move(text), std::move(option), std::move(choices)});
  }
};

// The table's rows that are looked at, after what the user leaves out. Errors: option_invalid for an answer that names
// no column, or a text that no row has.
Result<std::vector<std::uint32_t>> chosen_rows(const Table& table, const ProposeOptions& options, Meaning& meaning);

// The column of this name. Errors: option_invalid with the nearest.
Result<std::size_t> find_column(const Table& table, const std::string& name);

// One row per unit; may change the table (cells filled down).
Result<void> read_as_wide(Table& table, std::vector<std::uint32_t> rows, const ProposeOptions& options,
                          Meaning& meaning);
// One row per unit and name. False when the file is not of that kind.
Result<bool> read_as_long(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options,
                          Meaning& meaning);
// Groups of columns with a name and a number each. False when the file has none.
Result<bool> read_as_groups(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options,
                            Meaning& meaning);

// What the names of a long file are when rows and columns have changed places: each name once, forms among them.
bool looks_transposed(const Table& table);

// ---- parts that the layouts share ----

// Columns of whole numbers that may count, as a matrix over `rows`.
Matrix matrix_of_columns(const Table& table, const std::vector<std::uint32_t>& rows);
Result<GivenRoles> given_roles(const Matrix& matrix, const ProposeOptions& options);
// Moves the roles into the meaning: options, standard numbers, further fields.
void take_roles(const Matrix& matrix, const Roles& roles, Meaning& meaning, bool beside_fields);
// Columns whose texts may be the cause of a condition, tell units apart, or name places.
std::vector<std::size_t> text_columns(const Table& table, const std::vector<std::size_t>& without);
// Asks about a column that says of some rows that they may not count, with the votes of each text.
void ask_about_status(const Table& table, const std::vector<std::uint32_t>& rows,
                      const std::vector<std::size_t>& columns, const std::vector<std::size_t>& votes,
                      const ProposeOptions& options, Meaning& meaning);
// Rows with negative numbers, and the text that their kind of row has alone: into `meaning`.
void find_corrections(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& texts,
                      Meaning& meaning);
void leave_out_totals(const TotalRows& totals, std::vector<std::uint32_t>& rows, Meaning& meaning);
// Key, places, merged cells.
void find_units(Table& table, const std::vector<std::uint32_t>& rows, std::vector<std::size_t> candidates,
                const std::vector<std::size_t>& given_key, const ProposeOptions& options, Meaning& meaning);

std::string write_profile(const std::filesystem::path& file, const ProposeOptions& options, const Opening& opening,
                          const Table& table, const Meaning& meaning, const std::vector<Guess>& guesses);

}  // namespace cotejo::proposing
