// An import profile: how the columns of one published file become one count or one crosswalk (docs/formats/profile.md).
//
// A column is named as it stands in the header, blanks at the ends dropped. Where that is not one column:
//
//   "NAME#2" is the second column from the left of that name (a name that several columns have needs a number);
//
//   "#7" is the seventh column, for a header cell that is empty;
//
//   a name that is not found is compared once more with runs of blanks and line breaks as one blank, so that a header
//   cell with a line break is named with "\n" or with a blank.
//
// Bounds: 1,000 options, 1,000 fields, 200 checks, 20 places, 100 filters, 1,000,000 bytes. Ids are letters (a-z, A-Z),
// digits, "-", "_", "." and, for counts, contests and crosswalks, "/" between parts; at most 100 characters. Options,
// fields and levels share one set of names with the standard columns, because an exported count has them side by side.
// Every key that is not documented is an error.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// The text of one or more columns, joined, without its last characters; or a constant.
struct TextExpression {
  std::vector<std::string> columns;  // empty: `constant`
  std::string join = "/";
  std::size_t drop_last = 0;  // characters
  std::string constant;
};

enum class ProfileKind { count, crosswalk };
enum class BadRows { refuse, set_aside };

struct PlaceColumns {
  std::string level;
  TextExpression name;
  std::optional<TextExpression> code;
};

struct NamedColumn {
  std::string id, name, column;
};

struct RowFilter {
  std::string column;
  std::optional<std::string> equals, not_equals, at_least, at_most;  // compared as text
};

struct Profile {
  ProfileKind kind = ProfileKind::count;
  std::string file_name;  // of the profile itself, for errors
  std::string sha256;     // of the profile's text
  std::string source_title, publisher, url;
  std::vector<std::string> caveats;

  std::string path, member,
      encoding = "UTF-8";  // or a single-byte encoding: "ISO-8859-1", "windows-1251", "CP850", ...
  char separator = ',';
  BadRows bad_rows = BadRows::refuse;
  std::vector<std::string> optional_columns;  // whose cells may be empty; none of an option

  // kind count
  CountId count_id;
  std::string title, date, as_of, unit_name = "unit";
  ContestId contest;
  std::string contest_title;
  bool official = false;
  CountId snapshot_of;
  ValidBasis valid_basis = ValidBasis::sum_of_options;
  TextExpression unit_key;
  std::vector<PlaceColumns> places;
  std::string registered, cast, valid, blank, null, latitude, longitude;  // column names; empty = not reported
  std::vector<NamedColumn> options, fields;
  std::vector<Identity> checks;
  std::vector<RowFilter> where;
  std::optional<Rule> rule;

  // kind crosswalk
  CrosswalkId crosswalk_id;
  TextExpression from, to;
};

// `file_name` is for errors. Errors: profile_invalid with file, row (the TOML line), column (the key), value.
Result<Profile> parse_profile(std::string_view toml, std::string_view file_name);
// Errors: file_missing, profile_invalid.
Result<Profile> read_profile(const std::filesystem::path& path);

}  // namespace cotejo
