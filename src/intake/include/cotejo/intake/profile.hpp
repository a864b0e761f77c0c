// An import profile: how the columns of one published file become one count or one crosswalk (docs/formats/profile.md).
//
// A column is named as it stands in the header, blanks at the ends dropped. Where that is not one column:
//
//   "NAME#2" is the second column from the left of that name (a name that several columns have needs a number);
//
//   "#7" is the seventh column, for a header cell that is empty;
//
//   in [groups], "#" in a name is the group's number (the last "#", where there are several);
//
//   a name that is not found is compared once more with runs of blanks and line breaks as one blank, so that a header
//   cell with a line break is named with "\n" or with a blank.
//
// Bounds: 1,000 options, 1,000 fields, 200 checks, 20 places, 100 filters, 1,000 groups of columns, 1,000,000 bytes. Ids are letters (a-z, A-Z),
// digits, "-", "_", "." and, for counts, contests and crosswalks, "/" between parts; at most 100 characters. Options,
// fields and levels share one set of names with the standard columns, because an exported count has them side by side.
// Every key that is not documented is an error.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/vote/arrival.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// The text of one or more columns, joined, without its last characters; or a constant.
struct TextExpression {
  std::vector<std::string> columns;  // empty: `constant`
  std::string join = "/";
  std::size_t drop_last = 0;          // characters
  std::vector<std::size_t> widths{};  // per column, or none: shorter cells get leading zeros
  std::string prefix{};               // stands before it all
  std::string constant{};
  bool fill_down = false;  // an empty cell takes the last text above it in its column
};

// Votes or voters: one column, a sum of columns less others, a constant, or a published percentage of a sum.
struct NumberExpression {
  std::vector<std::string> plus, minus;
  std::string percent;  // a column of percentages of the sum of `plus`; empty: the sum itself
  std::optional<std::int32_t> constant;
  bool of_column = false;  // `plus` is a column of the file also where names stand in the rows ([long])

  bool given() const { return !plus.empty() || constant; }
};

// How numbers are written besides plain digits.
struct NumberFormat {
  char decimal = '\0';             // '.' or ','; not said: '.' in coordinates and percentages, none in votes
  std::string thousands;           // the separator, one character; empty: none
  std::vector<std::string> empty;  // texts that stand for an empty cell
  std::vector<std::string> zero;   // texts that stand for 0
  std::vector<std::string> other_thousands{};  // further separators; a cell has one kind
  bool round = false;                          // numbers within 1e-6 of a whole number are that number
  bool empty_is_zero = false;  // an empty cell of an option, blank, null or a field, unless a printed total contradicts
  bool negative_is_correction = false;  // see Profile::correction_rows
};

// One row per unit and quantity. The columns of numbers are then names that `name` gives.
struct LongLayout {
  TextExpression name;
  std::vector<std::string> values;                                    // the columns whose sum is the number
  enum class Repeated { refuse, sum } repeated = Repeated::refuse;    // a name twice in a unit
  enum class Absent { refuse, zero, empty } absent = Absent::refuse;  // a unit without a row for a name
  enum class Others { refuse, ignore } others = Others::refuse;       // a name that the profile does not use
};

// Groups of columns that repeat: the name of what is counted in one cell, its votes in another. "#" in the names of
// columns is the group's number, 1, 2, ...; the columns of options are then names in the cells.
struct ColumnGroups {
  TextExpression name;
  std::string value;
  LongLayout::Repeated repeated = LongLayout::Repeated::refuse;  // a name in two groups of a row
  LongLayout::Absent absent = LongLayout::Absent::zero;          // an option in no group of a row: zero or refuse
  LongLayout::Others others = LongLayout::Others::refuse;        // a name that no option has
};

enum class ProfileKind { count, crosswalk, arrival };

// The arrival of units: a time, a position (a column, or the order of the rows), or a percentile.
struct ArrivalColumns {
  ArrivalId id;
  std::string title;
  TextExpression unit;
  ArrivalKind kind = ArrivalKind::time;
  std::string value;        // the column; empty: the order of the rows
  std::string until;        // the column with the interval's end; empty: a point
  std::string time_column;  // beside an order: the times it is held against
  // As ICU writes them, "dd/MM/yyyy hh:mm:ss a"; each cell is of exactly one of them; none: ISO 8601.
  std::vector<std::string> time_formats;
};

enum class BadRows { refuse, set_aside };

// Rows whose unit has been read: all unusable; or, where they say the same, copies that are dropped; or parts, added up.
enum class Duplicates { refuse, drop_identical, sum };

struct PlaceColumns {
  std::string level;
  TextExpression name;
  std::optional<TextExpression> code;
};

struct NamedColumn {
  std::string id, name;
  NumberExpression column;
};

// What a cell must be for its row to be kept: all that is given, compared as text.
struct RowFilter {
  std::string column;
  std::optional<std::string> equals{}, not_equals{}, at_least{}, at_most{};
  std::vector<std::string> one_of{}, not_one_of{};  // empty: not asked
  std::vector<std::size_t> length{}, not_length{};  // characters, any of these; empty: not asked
  std::optional<std::string> starts_with{}, not_starts_with{}, ends_with{}, not_ends_with{};
  std::string matches{}, not_matches{};  // patterns of the whole cell (cell_pattern.hpp); empty: not asked
};

struct Profile {
  ProfileKind kind = ProfileKind::count;
  std::string file_name;  // of the profile itself, for errors
  std::string sha256;     // of the profile's text
  std::string source_title, publisher, url;
  std::vector<std::string> caveats;

  std::string path;  // relative to the data folder, or "postgresql:..."
  SourceFormat format;
  NumberFormat numbers;
  std::optional<LongLayout> long_layout;
  std::optional<ColumnGroups> groups;
  BadRows bad_rows = BadRows::refuse;
  std::vector<std::string> optional_columns;  // whose cells may be empty; none of an option

  // kind count, and register: the same without options
  bool is_register = false;
  CountId count_id;
  std::string title, date, as_of, unit_name = "unit";
  ContestId contest;
  std::string contest_title;
  bool official = false;
  CountId snapshot_of;
  ValidBasis valid_basis = ValidBasis::sum_of_options;
  TextExpression unit_key;
  Duplicates duplicates = Duplicates::refuse;
  std::vector<PlaceColumns> places;
  NumberExpression registered, cast, valid, blank, null;  // not given: not reported
  std::string latitude, longitude;                        // columns; empty: not reported
  std::string crs;  // what the coordinates are in ("EPSG:32719"; latitude is the northing); empty: degrees, WGS 84
  std::vector<NamedColumn> options, fields;
  std::vector<Identity> checks;
  std::vector<RowFilter> where;
  // Where negative numbers are corrections: the rows that are; none: those with a negative number.
  std::vector<RowFilter> correction_rows;
  std::optional<Rule> rule;

  // kind crosswalk
  CrosswalkId crosswalk_id;
  TextExpression from, to;

  // kind arrival
  ArrivalColumns arrival;
};

// The standard numbers of a return with their keys, in the order that counts keep them in.
template <class P>  // Profile or const Profile
auto standard_numbers(P& profile) {
  return std::array{
      std::pair{std::string_view("registered"), &profile.registered},
      std::pair{std::string_view("cast"), &profile.cast}, std::pair{std::string_view("valid"), &profile.valid},
      std::pair{std::string_view("blank"), &profile.blank}, std::pair{std::string_view("null"), &profile.null}};
}

// `file_name` is for errors. Errors: profile_invalid with file, row (the TOML line), column (the key), value.
Result<Profile> parse_profile(std::string_view toml, std::string_view file_name);
// Errors: file_missing, profile_invalid.
Result<Profile> read_profile(const std::filesystem::path& path);

}  // namespace cotejo
