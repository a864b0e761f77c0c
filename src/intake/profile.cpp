#include "cotejo/intake/profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <limits>
#include <map>
#include <set>

#include "cell_pattern.hpp"
#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/rule_reader.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "gdal_files.hpp"
#include "times.hpp"

namespace cotejo {

namespace {

using Slash = TomlKeys::Slash;

// What a profile may ask for at most.
constexpr std::size_t largest_profile = 1'000'000;  // bytes
constexpr std::size_t most_options = 1'000, most_fields = 1'000, most_checks = 200, most_places = 20,
                      most_filters = 100, most_filter_values = 1'000, most_placeholders = 50, most_caveats = 100,
                      most_columns_joined = 50, most_separators = 6, most_time_formats = 10, most_fixed_columns = 1'000,
                      most_lengths = 50, most_characters = 100'000, most_optional = 5'000;
constexpr std::int64_t longest_text = 10'000;  // characters that a filter may ask for

// Names that mean something beside the profile's own, in a check or as a column of an exported count.
const std::set<std::string, std::less<>> reserved_names = {"unit",      "registered", "cast",      "valid",
                                                           "blank",     "null",       "options",   "latitude",
                                                           "longitude", "leader",     "runner_up", "constant"};

TextExpression text_expression(TomlKeys& keys, std::string_view key) {
  TextExpression out;
  const auto* node = keys.find(key);
  if (node == nullptr) {
    keys.refuse("", fmt::format("the key `{}` is missing", key), {},
                "Name a column, or see \"text expression\" in docs/formats/profile.md.");
    return out;
  }
  if (node->is_string()) {
    out.columns.push_back(keys.needed_text(key));
    return out;
  }
  if (!node->is_table()) {
    keys.refuse(key, "expected a column's name or a table such as { column = \"ID_MESA\", drop_last = 2 }");
    return out;
  }
  auto inner = *keys.table(key);
  const int ways = int{inner.has("column")} + int{inner.has("columns")} + int{inner.has("constant")};
  if (ways != 1)
    inner.refuse("", "expected exactly one of `column`, `columns` and `constant`", {},
                 "See \"text expression\" in docs/formats/profile.md.");
  if (inner.has("column")) out.columns.push_back(inner.needed_text("column"));
  if (inner.has("columns")) {
    out.columns = inner.texts("columns", most_columns_joined);
    if (out.columns.empty() || std::find(out.columns.begin(), out.columns.end(), "") != out.columns.end())
      inner.refuse("columns", "expected one or more names of columns");
    if (const auto* join = inner.find("join")) {
      if (const auto* text = join->as_string())
        out.join = text->get();  // blanks count here
      else
        inner.text("join");
    }
  }
  if (inner.has("widths")) {
    if (const auto* widths = inner.find("widths")->as_array())
      for (const auto& width : *widths)
        if (const auto value = width.value<std::int64_t>(); value && *value >= 0 && *value <= 100)
          out.widths.push_back(static_cast<std::size_t>(*value));
    if (out.widths.size() != out.columns.size())
      inner.refuse("widths", "expected one width from 0 to 100 per column", {},
                   "A shorter cell gets leading zeros; 0 leaves it as it is.");
  }
  out.prefix = inner.text("prefix");
  if (const auto* fill = inner.find("fill")) {
    const auto* text = fill->as_string();
    out.fill_down = text != nullptr && text->get() == "down";
    if (!out.fill_down || inner.has("constant"))
      inner.refuse("fill", "expected \"down\", beside `column` or `columns`", text != nullptr ? text->get() : "",
                   "An empty cell then takes the last text above it in its column.");
  }
  if (inner.has("constant"))
    out.constant = inner.needed_text("constant");
  else
    out.drop_last = static_cast<std::size_t>(inner.whole("drop_last", 0, 1'000, 0));
  inner.finish();
  return out;
}

NumberExpression number_expression(TomlKeys& keys, std::string_view key) {
  NumberExpression out;
  const auto* node = keys.find(key);
  if (node != nullptr && !node->is_table()) {
    out.plus.push_back(keys.needed_text(key));
    return out;
  }
  auto inner = keys.table(key);
  if (!inner) {
    keys.refuse("", fmt::format("the key `{}` is missing", key), {},
                "Name a column, or see \"number expression\" in docs/formats/profile.md.");
    return out;
  }
  const auto names = [&](std::string_view part) {
    auto all = inner->texts(part, most_columns_joined);
    if (all.empty() || std::find(all.begin(), all.end(), "") != all.end())
      inner->refuse(part, "expected one or more names of columns");
    return all;
  };
  if (int{inner->has("column")} + int{inner->has("sum")} + int{inner->has("percent")} + int{inner->has("constant")} !=
      1)
    inner->refuse("", "expected exactly one of `column`, `sum`, `percent` and `constant`", {},
                  "See \"number expression\" in docs/formats/profile.md.");
  if (inner->has("column")) {
    out.plus.push_back(inner->needed_text("column"));
    out.of_column = true;
  }
  if (inner->has("sum")) out.plus = names("sum");
  if (inner->has("minus")) out.minus = names("minus");
  if (inner->has("percent")) {
    out.percent = inner->needed_text("percent");
    out.plus = names("of");
  }
  if (inner->has("constant"))
    out.constant = static_cast<std::int32_t>(inner->whole("constant", 0, std::numeric_limits<std::int32_t>::max(), 0));
  if (!out.minus.empty() && !inner->has("sum")) inner->refuse("minus", "`minus` goes with `sum`");
  inner->finish();
  return out;
}

// What may stand between cells: no letter, digit, quotation mark, blank or line break.
bool is_separator(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte > ' ' && byte < 0x7F && c != '"' && !std::isalnum(byte));
}

// "2019-10-20"
bool is_date(std::string_view text) {
  const auto part = [&](std::size_t at, std::size_t size, int& out) {
    const auto [end, status] = std::from_chars(text.data() + at, text.data() + at + size, out);
    return status == std::errc{} && end == text.data() + at + size && text[at] != '-';
  };
  int year = 0, month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !part(0, 4, year) || !part(5, 2, month) ||
      !part(8, 2, day))
    return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

// "2019-10-25T21:09:30", perhaps with "Z" or "-04:00" behind it.
bool is_instant(std::string_view text) {
  const auto in_form = [](std::string_view value, std::string_view form) {
    return value.size() == form.size() && std::equal(value.begin(), value.end(), form.begin(), [](char c, char f) {
             return f == '0' ? c >= '0' && c <= '9' : c == f;
           });
  };
  if (text.size() < 19 || !is_date(text.substr(0, 10)) || !in_form(text.substr(10, 9), "T00:00:00")) return false;
  if (text.substr(11, 2) > "23" || text[14] > '5' || text.substr(17, 2) > "60") return false;
  const auto zone = text.substr(19);
  return zone.empty() || zone == "Z" || in_form(zone, "+00:00") || in_form(zone, "-00:00");
}

class ProfileReader {
 public:
  explicit ProfileReader(TomlKeys root) : root_(std::move(root)) {}

  Profile read() {
    root_.needed_text("schema");
    root_.choice<int>("schema", {{"cotejo.profile/1", 1}});
    out_.kind = root_.choice<ProfileKind>("kind", {{"count", ProfileKind::count},
                                                   {"register", ProfileKind::count},
                                                   {"crosswalk", ProfileKind::crosswalk},
                                                   {"arrival", ProfileKind::arrival}});
    out_.is_register = root_.text("kind") == "register";
    source();
    file();
    numbers();
    if (out_.kind == ProfileKind::count)
      count();
    else if (out_.kind == ProfileKind::crosswalk)
      crosswalk();
    else
      arrival();
    filters();
    root_.finish();
    if (!root_.problem().first) optional_columns();
    return std::move(out_);
  }

 private:
  void source() {
    auto keys = root_.table("source");
    if (!keys) return;
    out_.source_title = keys->text("title");
    out_.publisher = keys->text("publisher");
    out_.url = keys->text("url");
    out_.caveats = keys->texts("caveats", most_caveats);
    keys->finish();
  }

  std::optional<TomlKeys> needed_table(std::string_view key) {
    auto keys = root_.table(key);
    if (!keys) root_.refuse("", fmt::format("the table [{}] is missing", key), {}, "See docs/formats/profile.md.");
    return keys;
  }

  void file() {
    auto keys = needed_table("file");
    if (!keys) return;
    out_.path = keys->needed_text("path");
    if (is_database(out_.path) && out_.path != database_prefix)
      keys->refuse("path", "the address of a database does not belong into a profile, which anybody may have written",
                   {},
                   "Write path = \"postgresql:\" and give the address on the command line: --input "
                   "\"postgresql:host=... dbname=...\".");
    auto& format = out_.format;
    for (const auto& [key, to] : {std::pair{"member", &format.member}, std::pair{"table", &format.table},
                                  std::pair{"section", &format.section}})
      if (const auto* node = keys->find(key)) {
        if (const auto* text = node->as_string())
          *to = text->get();  // blanks are part of a name
        else
          keys->text(key);
      }
    if (is_database(out_.path) && format.table.empty())
      keys->refuse("", "the key `table` is missing", {}, "Name the database's table, as in \"public.returns\".");
    if (const auto* separator = keys->find("separator")) {
      const auto* text = separator->as_string();
      if (text == nullptr || text->get().size() != 1 || !is_separator(text->get()[0]))
        keys->refuse("separator", R"(expected one character such as ",", ";", "|" or "\t")",
                     text != nullptr ? text->get() : "", "It is not a letter, a digit, a quotation mark or a blank.");
      else
        format.separator = text->get()[0];
    }
    std::vector<std::pair<std::string, std::string>> encodings;
    for (const auto& name : gdal::encodings()) encodings.emplace_back(name, name);
    format.encoding = keys->choice<std::string>("encoding", encodings);
    fixed_width(*keys);
    const bool fixed = !format.fixed.empty();
    format.header_row = keys->whole("header", 0, last_header_row, fixed ? 0 : 1);
    format.header_rows = keys->whole("header_rows", 1, most_header_rows, 1);
    if (format.header_row == 0 && keys->has("header_rows"))
      keys->refuse("header_rows", "a file without a header has no rows of it", std::to_string(format.header_rows));
    format.transposed = keys->flag("transposed", false);
    if (!format.section.empty() && (fixed || is_database(out_.path)))
      keys->refuse("section", "only a sheet or delimited text has rows below a title", format.section);
    if (format.transposed && is_database(out_.path))
      keys->refuse("transposed", "the rows and columns of a database's table do not change places");
    out_.bad_rows = keys->choice<BadRows>("bad_rows", {{"refuse", BadRows::refuse}, {"set-aside", BadRows::set_aside}});
    if (out_.kind != ProfileKind::count && out_.bad_rows == BadRows::set_aside)
      keys->refuse("bad_rows", "only a count has a place for rows that are set aside", "set-aside",
                   "Correct the file.");
    out_.optional_columns = keys->texts("optional", most_optional);
    file_ = keys;
    keys->finish();
  }

  // Lines of fixed width: layout = "fixed" and the columns as [[file.column]].
  void fixed_width(TomlKeys& keys) {
    const bool fixed = keys.has("layout") && keys.choice<bool>("layout", {{"delimited", false}, {"fixed", true}});
    auto columns = keys.tables("column", most_fixed_columns);
    if (fixed && columns.empty())
      keys.refuse("layout", "lines of fixed width have no columns of their own", "fixed",
                  "Name them as [[file.column]] with name, from and length.");
    if (!fixed && !columns.empty())
      keys.refuse("column", "columns are named only of lines of fixed width", {},
                  "Write layout = \"fixed\" under [file].");
    if (fixed && (keys.has("separator") || keys.has("header_rows") || keys.has("transposed")))
      keys.refuse("layout", "lines of fixed width have no `separator`, `header_rows` or `transposed`", "fixed");
    for (auto& column : columns) {
      FixedColumn out{.name = column.needed_text("name"),
                      .from = static_cast<std::size_t>(column.whole("from", 1, most_characters, 0)),
                      .length = static_cast<std::size_t>(column.whole("length", 1, most_characters, 0))};
      for (const auto* key : {"from", "length"})
        if (!column.has(key))
          column.refuse("", fmt::format("the key `{}` is missing", key), {}, "Characters are counted from 1.");
      for (const auto& other : out_.format.fixed)
        if (other.name == out.name)
          column.refuse("name", "two columns have this name", out.name, "Each column has a name of its own.");
      column.finish();
      out_.format.fixed.push_back(std::move(out));
    }
  }

  void numbers() {
    auto keys = root_.table("numbers");
    if (!keys) return;
    auto& format = out_.numbers;
    if (keys->has("decimal")) format.decimal = keys->choice<char>("decimal", {{".", '.'}, {",", ','}});
    format.round = keys->flag("round", false);
    if (format.round && format.decimal == '\0') format.decimal = '.';
    thousands(*keys);
    format.empty_is_zero = keys->has("empty") && keys->choice<bool>("empty", {{"missing", false}, {"zero", true}});
    format.negative_is_correction =
        keys->has("negative") && keys->choice<bool>("negative", {{"refuse", false}, {"correction", true}});
    format.empty = keys->texts("missing", most_placeholders);
    format.zero = keys->texts("zero", most_placeholders);
    for (const auto& text : format.zero)
      if (text.empty() || std::find(format.empty.begin(), format.empty.end(), text) != format.empty.end())
        keys->refuse("zero", "this text stands for a missing number", text, "One text has one meaning.");
    keys->finish();
  }

  // One separator, or an array of those that the file mixes.
  void thousands(TomlKeys& keys) {
    auto& format = out_.numbers;
    const auto* node = keys.find("thousands");
    if (node == nullptr) return;
    std::vector<std::string> separators;
    const auto take = [&](const toml::node& entry) {
      // A blank stands for every kind of blank; "" for none.
      static const std::vector<std::string> known = {"", ",", ".", "'", "\u2019", " ", "_"};
      const auto* text = entry.as_string();
      if (text == nullptr || std::find(known.begin(), known.end(), text->get()) == known.end())
        keys.refuse("thousands", R"(expected one of ",", ".", "'", " " and "_", or an array of them)",
                    text != nullptr ? text->get() : "");
      else
        separators.push_back(text->get());
    };
    if (const auto* array = node->as_array()) {
      if (array->empty() || array->size() > most_separators)
        keys.refuse("thousands", fmt::format("expected 1 to {} separators", most_separators));
      for (const auto& entry : *array) take(entry);
    } else {
      take(*node);
    }
    for (const auto& separator : separators)
      if (separator == std::string(1, format.decimal))
        keys.refuse("thousands", "the thousands separator is also the decimal separator", separator,
                    format.round && !keys.has("decimal") ? "With `round` the decimal separator is \".\" unless "
                                                           "`decimal` names another one."
                                                         : "Set `decimal` to the other one.");
    if (separators.empty()) return;
    format.thousands = separators.front();
    format.other_thousands.assign(separators.begin() + 1, separators.end());
  }

  // `value`: a column, or { sum = [columns] }.
  static std::vector<std::string> value_columns(TomlKeys& keys) {
    const auto* node = keys.find("value");
    if (node == nullptr || !node->is_table()) return {keys.needed_text("value")};
    auto inner = *keys.table("value");
    auto out = inner.texts("sum", most_columns_joined);
    if (out.empty() || std::find(out.begin(), out.end(), "") != out.end())
      inner.refuse(inner.has("sum") ? "sum" : "", "expected `sum` with one or more names of columns", {},
                   "As in value = { sum = [\"early\", \"day\", \"mail\"] }.");
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::find(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i), out[i]) !=
          out.begin() + static_cast<std::ptrdiff_t>(i))
        inner.refuse("sum", "this column stands in the sum twice", out[i], "Name each column once.");
    inner.finish();
    return out;
  }

  void long_layout() {
    auto keys = root_.table("long");
    if (!keys) return;
    LongLayout out;
    out.name = text_expression(*keys, "name");
    if (out.name.columns.empty()) keys->refuse("name", "the name of a quantity cannot be a constant");
    out.values = value_columns(*keys);
    using L = LongLayout;
    out.repeated = keys->choice<L::Repeated>("repeated", {{"refuse", L::Repeated::refuse}, {"sum", L::Repeated::sum}});
    out.absent = keys->choice<L::Absent>(
        "absent", {{"refuse", L::Absent::refuse}, {"zero", L::Absent::zero}, {"missing", L::Absent::empty}});
    out.others = keys->choice<L::Others>("others", {{"refuse", L::Others::refuse}, {"ignore", L::Others::ignore}});
    keys->finish();
    out_.long_layout = std::move(out);
  }

  void groups() {
    auto keys = root_.table("groups");
    if (!keys) return;
    if (out_.long_layout) keys->refuse("", "a file has [long] or [groups], not both");
    using L = LongLayout;
    ColumnGroups out;
    out.name = text_expression(*keys, "name");
    out.value = keys->needed_text("value");
    const auto numbered = [&](std::string_view key, const std::string& column) {
      if (column.find('#') == std::string::npos)
        keys->refuse(key, "expected \"#\" where the group's number stands", column, "As in \"Votes #\".");
    };
    for (const auto& column : out.name.columns) numbered("name", column);
    if (out.name.columns.empty()) keys->refuse("name", "the name of an option cannot be a constant");
    if (out.name.fill_down) keys->refuse("name", "the cells of a group are not merged with those above");
    numbered("value", out.value);
    out.repeated = keys->choice<L::Repeated>("repeated", {{"refuse", L::Repeated::refuse}, {"sum", L::Repeated::sum}});
    out.absent = keys->choice<L::Absent>("absent", {{"zero", L::Absent::zero}, {"refuse", L::Absent::refuse}});
    out.others = keys->choice<L::Others>("others", {{"refuse", L::Others::refuse}, {"ignore", L::Others::ignore}});
    keys->finish();
    out_.groups = std::move(out);
  }

  void count() {
    if (auto keys = needed_table("count")) {
      out_.count_id = CountId{keys->needed_id("id", Slash::allowed)};
      out_.title = keys->text("title", out_.count_id.text);
      out_.contest = ContestId{keys->needed_id("contest", Slash::allowed)};
      out_.contest_title = keys->text("contest_title");
      out_.date = keys->text("date");
      if (keys->has("date") && !is_date(out_.date))
        keys->refuse("date", "expected a date such as \"2019-10-20\"", out_.date);
      out_.official = keys->flag("official", false);
      out_.as_of = keys->text("as_of");
      if (keys->has("as_of") && !is_instant(out_.as_of))
        keys->refuse("as_of", "expected an instant such as \"2019-10-25T21:09:30\"", out_.as_of);
      out_.snapshot_of = CountId{keys->id("snapshot_of", Slash::allowed)};
      if (!out_.snapshot_of.text.empty() && out_.snapshot_of == out_.count_id)
        keys->refuse("snapshot_of", "a count cannot be a snapshot of itself", out_.snapshot_of.text);
      out_.valid_basis =
          keys->choice<ValidBasis>("valid", {{"sum", ValidBasis::sum_of_options}, {"reported", ValidBasis::reported}});
      count_ = keys;
      keys->finish();
    }
    if (auto keys = needed_table("unit")) {
      out_.unit_name = keys->text("name", out_.unit_name);
      out_.unit_key = text_expression(*keys, "key");
      if (out_.unit_key.columns.empty() && !root_.has("long"))
        keys->refuse("key", "a unit's key cannot be a constant: it must tell the units apart");
      out_.duplicates = keys->choice<Duplicates>(
          "duplicates",
          {{"refuse", Duplicates::refuse}, {"drop-identical", Duplicates::drop_identical}, {"sum", Duplicates::sum}});
      if (out_.duplicates == Duplicates::sum && root_.has("long"))
        keys->refuse("duplicates", "rows of one name are added up with repeated = \"sum\" under [long]", "sum");
      keys->finish();
    }
    places();
    long_layout();
    groups();
    columns();
    named_columns();
    if (out_.long_layout) no_percentages();
    names_are_no_columns();
    corrections();
    checks();
    rule();
  }

  // A percentage is of other numbers of the same row; in the long layout they stand in other rows.
  void no_percentages() {
    const auto refuse = [&](const NumberExpression& number, const std::string& id) {
      if (!number.percent.empty())
        root_.refuse("long", "percentages can be read only where a unit is one row", id,
                     "Leave out [long], or name a column of votes.");
    };
    for (const auto& [name, number] : standard_numbers(out_)) refuse(*number, std::string(name));
    for (const auto* all : {&out_.options, &out_.fields})
      for (const auto& named : *all) refuse(named.column, named.id);
  }

  // The number of an option is that of its name, wherever names stand in the rows.
  void names_are_no_columns() {
    if (!out_.long_layout && !out_.groups) return;
    const char* layout = out_.groups ? "groups" : "long";
    for (const auto& option : out_.options)
      if (option.column.of_column || (out_.groups && !option.column.percent.empty()))
        root_.refuse(layout, "the votes of an option are those of its name here", option.id,
                     fmt::format("Write the name as it stands in the cells, or leave out [{}].", layout));
  }

  void corrections() {
    for (auto& keys : root_.tables("correction", most_filters)) {
      if (!out_.numbers.negative_is_correction)
        keys.refuse("", "[[correction]] names rows that are corrections, and negative numbers are refused", {},
                    "Write negative = \"correction\" under [numbers].");
      out_.correction_rows.push_back(filter(keys));
    }
    if (out_.groups && out_.numbers.negative_is_correction)
      root_.refuse("groups", "corrections cannot be read where groups of columns repeat");
    for (const auto& option : out_.options)
      if (out_.numbers.negative_is_correction && !option.column.percent.empty())
        root_.refuse("option", "corrections cannot be read where votes are computed from percentages", option.id);
  }

  void places() {
    for (auto& keys : root_.tables("place", most_places)) {
      PlaceColumns place{.level = keys.needed_id("level", Slash::refused),
                         .name = text_expression(keys, "name"),
                         .code = std::nullopt};
      if (keys.has("code")) place.code = text_expression(keys, "code");
      if (reserved_names.contains(place.level))
        keys.refuse("level", "this name has a meaning of its own", place.level, "Choose another level name.");
      for (const auto& other : out_.places)
        if (other.level == place.level)
          keys.refuse("level", "two places have this level", place.level, "Each level of the hierarchy has one name.");
      keys.finish();
      out_.places.push_back(std::move(place));
    }
  }

  void columns() {
    auto keys = root_.table("columns");
    if (!keys) return;
    for (const auto& [key, number] : standard_numbers(out_))
      if (keys->has(key)) *number = number_expression(*keys, key);
    for (const auto& [key, column] : {std::pair{"latitude", &out_.latitude}, std::pair{"longitude", &out_.longitude}})
      if (keys->has(key)) *column = keys->needed_text(key);
    out_.crs = keys->text("crs");
    if (!out_.crs.empty() && out_.latitude.empty())
      keys->refuse("crs", "there are no coordinates that it could be about", out_.crs);
    if (out_.latitude.empty() != out_.longitude.empty())
      keys->refuse("", "`latitude` and `longitude` go together, and one is missing");
    keys->finish();
  }

  NamedColumn named_column(TomlKeys& keys) {
    NamedColumn out{.id = keys.needed_id("id", Slash::refused),
                    .name = keys.text("name"),
                    .column = number_expression(keys, "column")};
    if (out.name.empty()) out.name = out.id;
    if (reserved_names.contains(out.id))
      keys.refuse("id", "this name has a meaning of its own", out.id, "Choose another id.");
    for (const auto* others : {&out_.options, &out_.fields})
      for (const auto& other : *others)
        if (other.id == out.id)
          keys.refuse("id", "two options or fields have this id", out.id, "Each id is used once.");
    for (const auto& place : out_.places)
      if (place.level == out.id)
        keys.refuse("id", "this is the name of a level of the hierarchy", out.id, "Choose another id.");
    keys.finish();
    return out;
  }

  void named_columns() {
    auto options = root_.tables("option", most_options);
    if (out_.is_register && !options.empty())
      root_.refuse("kind", "a register of units has no votes, and the profile has an [[option]]", "register",
                   "Leave the options out, or write kind = \"count\".");
    if (out_.is_register && !out_.registered.given())
      root_.refuse("columns", "a register names the column of the registered voters", {},
                   "Add `registered = ...` under [columns].");
    if (options.empty() && !out_.is_register)
      root_.refuse("", "the profile has no [[option]]", {},
                   "Name the column of each option; see docs/formats/profile.md.");
    for (auto& keys : options) {
      auto option = named_column(keys);
      for (const auto& other : out_.options)
        if (other.column.plus == option.column.plus && other.column.minus == option.column.minus &&
            other.column.percent == option.column.percent && !option.column.constant)
          keys.refuse("column", fmt::format("the options '{}' and '{}' have the same column", other.id, option.id),
                      fmt::format("{}", fmt::join(option.column.plus, ", ")));
      out_.options.push_back(std::move(option));
    }
    for (auto& keys : root_.tables("field", most_fields)) out_.fields.push_back(named_column(keys));
    if (count_ && out_.valid_basis == ValidBasis::reported && !out_.valid.given())
      count_->refuse("valid", "valid votes are to be read from the file, and [columns] names no column `valid`",
                     "reported", "Add `valid = ...` under [columns].");
  }

  void checks() {
    // Every name that a check may use.
    std::vector<std::string> names = {"options"};
    for (const auto& [name, number] : standard_numbers(out_))
      if (number->given()) names.emplace_back(name);
    for (const auto* all : {&out_.fields, &out_.options})
      for (const auto& named : *all) names.push_back(named.id);

    for (auto& keys : root_.tables("check", most_checks)) {
      Identity check{.id = keys.needed_id("id", Slash::refused),
                     .left = side(keys, "left", names),
                     .right = side(keys, "right", names),
                     .text = keys.text("text")};
      keys.needed_text("is");
      check.relation =
          keys.choice<Relation>("is", {{"=", Relation::equal}, {"<=", Relation::at_most}, {">=", Relation::at_least}});
      for (const auto& other : out_.checks)
        if (other.id == check.id) keys.refuse("id", "two checks have this id", check.id, "Each id is used once.");
      keys.finish();
      out_.checks.push_back(std::move(check));
    }
  }

  static std::vector<std::string> side(TomlKeys& keys, std::string_view key, const std::vector<std::string>& names) {
    auto out = keys.texts(key, most_options + most_fields);
    if (!keys.has(key))
      keys.refuse("", fmt::format("the key `{}` is missing", key));
    else if (out.empty())
      keys.refuse(key, "expected one or more ids of fields, found none");
    for (const auto& name : out) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const auto near = nearest_name(name, names);
      keys.refuse(key,
                  reserved_names.contains(name) ? "[columns] names no column for this"
                                                : "no field, option or column of the profile has this id",
                  name,
                  near.empty() ? "Declare it under [columns], [[field]] or [[option]]."
                               : fmt::format("Did you mean '{}'?", near));
    }
    return out;
  }

  void rule() {
    const auto keys = root_.table("rule");
    if (!keys || root_.problem().first) return;
    auto rule = parse_rule(keys->raw(), root_.problem().file);
    if (!rule) {
      root_.problem().first = std::move(rule).error();
      return;
    }
    Contest contest{.id = out_.contest, .title = {}, .options = {}};
    for (const auto& option : out_.options) contest.options.push_back({OptionId{option.id}, option.name});
    if (auto valid = validate(*rule, contest); !valid) {
      root_.refuse("rule", valid.error().message, valid.error().value, valid.error().remedy);
      return;
    }
    out_.rule = std::move(*rule);
  }

  void crosswalk() {
    auto keys = needed_table("crosswalk");
    if (!keys) return;
    out_.crosswalk_id = CrosswalkId{keys->needed_id("id", Slash::allowed)};
    out_.from = text_expression(*keys, "from");
    out_.to = text_expression(*keys, "to");
    if (out_.from.columns.empty()) keys->refuse("from", "a unit's key cannot be a constant");
    if (out_.to.columns.empty()) keys->refuse("to", "a place's code cannot be a constant");
    keys->finish();
  }

  void arrival() {
    auto keys = needed_table("arrival");
    if (!keys) return;
    auto& out = out_.arrival;
    out.id = ArrivalId{keys->needed_id("id", Slash::allowed)};
    out.title = keys->text("title", out.id.text);
    out.unit = text_expression(*keys, "unit");
    if (out.unit.columns.empty()) keys->refuse("unit", "a unit's key cannot be a constant");
    out.kind = keys->choice<ArrivalKind>(
        "kind", {{"time", ArrivalKind::time}, {"order", ArrivalKind::order}, {"percentile", ArrivalKind::percentile}});
    const bool rows = out.kind == ArrivalKind::order && !keys->has("at");
    if (!rows) out.value = keys->needed_text("at");
    out.until = keys->text("until");
    if (rows && keys->has("until")) keys->refuse("until", "the order of the rows has no second column", out.until);
    out.time_column = keys->text("time");
    if (keys->has("time") && out.kind != ArrivalKind::order)
      keys->refuse("time", "only an order is held against times", out.time_column,
                   "For kind = \"time\" the column is `at`.");
    const auto* format = keys->find("time_format");
    if (format != nullptr && format->is_array())
      out.time_formats = keys->texts("time_format", most_time_formats);
    else if (format != nullptr)
      out.time_formats.push_back(keys->needed_text("time_format"));
    if (format != nullptr && out.kind != ArrivalKind::time && out.time_column.empty())
      keys->refuse("time_format", "the profile reads no time", fmt::format("{}", fmt::join(out.time_formats, ", ")));
    for (const auto& pattern : out.time_formats)
      if (const auto problem = time_format_problem(pattern); !problem.empty())
        keys->refuse("time_format", problem, pattern,
                     "As ICU writes it: yyyy MM dd, HH (0-23) or hh with a (AM/PM), mm, ss.");
    keys->finish();
  }

  // A number of characters, or an array of them.
  static std::vector<std::size_t> lengths(TomlKeys& keys, std::string_view key) {
    const auto* node = keys.find(key);
    if (node == nullptr) return {};
    const auto* array = node->as_array();
    if (array == nullptr) return {static_cast<std::size_t>(keys.whole(key, 0, longest_text, 0))};
    std::vector<std::size_t> out;
    for (const auto& entry : *array)
      if (const auto value = entry.value<std::int64_t>(); value && *value >= 0 && *value <= longest_text)
        out.push_back(static_cast<std::size_t>(*value));
    if (out.empty() || out.size() != array->size() || out.size() > most_lengths)
      keys.refuse(key, fmt::format("expected a whole number from 0 to {}, or an array of at most {} of them",
                                   with_thousands(longest_text), most_lengths));
    return out;
  }

  RowFilter filter(TomlKeys& keys) {
    RowFilter out;
    out.column = keys.needed_text("column");
    bool any = false;
    const std::pair<std::string_view, std::optional<std::string>*> texts[] = {
        {"equals", &out.equals},       {"not_equals", &out.not_equals},      {"at_least", &out.at_least},
        {"at_most", &out.at_most},     {"starts_with", &out.starts_with},    {"not_starts_with", &out.not_starts_with},
        {"ends_with", &out.ends_with}, {"not_ends_with", &out.not_ends_with}};
    for (const auto& [key, value] : texts) {
      if (!keys.has(key)) continue;
      any = true;
      *value = keys.text(key);
    }
    for (const auto& [key, value] : {std::pair{"length", &out.length}, std::pair{"not_length", &out.not_length}}) {
      *value = lengths(keys, key);
      any = any || !value->empty();
    }
    for (const auto& [key, value] : {std::pair{"matches", &out.matches}, std::pair{"not_matches", &out.not_matches}}) {
      if (!keys.has(key)) continue;
      any = true;
      *value = keys.needed_text(key);
      if (const auto problem = pattern_problem(*value); !problem.empty())
        keys.refuse(key, problem, *value,
                    "A regular expression that the whole cell matches, as in \"[A-Z]{2}-[0-9]+\".");
    }
    for (const auto& [key, value] : {std::pair{"one_of", &out.one_of}, std::pair{"not_one_of", &out.not_one_of}}) {
      *value = keys.texts(key, most_filter_values);
      any = any || !value->empty();
    }
    if (!any)
      keys.refuse("",
                  "expected one of `equals`, `one_of`, `length`, `starts_with`, `ends_with` and `matches` (each also "
                  "with `not_` before it), `at_least` and `at_most`");
    keys.finish();
    return out;
  }

  void filters() {
    for (auto& keys : root_.tables("where", most_filters)) out_.where.push_back(filter(keys));
  }

  // `optional` names columns that the profile reads, and no option's: votes that were not reported are not zero votes.
  void optional_columns() {
    std::vector<std::string> names;
    const auto add = [&](const TextExpression& expression) {
      names.insert(names.end(), expression.columns.begin(), expression.columns.end());
    };
    for (const auto& place : out_.places) {
      add(place.name);
      if (place.code) add(*place.code);
    }
    add(out_.unit_key);
    const auto add_number = [&](const NumberExpression& number) {
      if (out_.long_layout && !number.of_column) return;  // these are names, not columns
      for (const auto* part : {&number.plus, &number.minus}) names.insert(names.end(), part->begin(), part->end());
      if (!number.percent.empty()) names.push_back(number.percent);
    };
    for (const auto& [name, number] : standard_numbers(out_)) add_number(*number);
    for (const auto* column : {&out_.latitude, &out_.longitude})
      if (!column->empty()) names.push_back(*column);
    for (const auto& field : out_.fields) add_number(field.column);
    if (out_.long_layout) {
      add(out_.long_layout->name);
      names.insert(names.end(), out_.long_layout->values.begin(), out_.long_layout->values.end());
    }
    add(out_.from);
    add(out_.to);
    add(out_.arrival.unit);
    for (const auto& name : out_.optional_columns) {
      for (const auto& option : out_.options)
        if (!out_.long_layout && !out_.groups &&
            (std::count(option.column.plus.begin(), option.column.plus.end(), name) > 0 ||
             std::count(option.column.minus.begin(), option.column.minus.end(), name) > 0 ||
             option.column.percent == name))
          file_->refuse("optional",
                        fmt::format("this is the column of the option '{}', whose votes cannot be left out", option.id),
                        name, "Rows without votes can be set aside: bad_rows = \"set-aside\".");
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const auto near = nearest_name(name, names);
      file_->refuse("optional", "the profile reads no such column", name,
                    near.empty() ? "Leave it out." : fmt::format("Did you mean '{}'?", printable(near)));
    }
  }

  TomlKeys root_;
  std::optional<TomlKeys> file_, count_;
  Profile out_;
};

}  // namespace

Result<Profile> parse_profile(std::string_view toml, std::string_view file_name) {
  const std::string file(file_name);
  if (toml.size() > largest_profile)
    return Error{
        .code = ErrorCode::profile_invalid,
        .message = fmt::format("the profile has {} bytes; at most {} are read",
                               with_thousands(static_cast<long long>(toml.size())), with_thousands(largest_profile)),
        .file = file,
        .remedy = "A profile describes a file and does not hold its data."};
  COTEJO_TRY(table, parse_toml(toml, file, "docs/formats/profile.md"));
  TomlProblem problem{.file = file};
  Profile profile = ProfileReader(TomlKeys(table, "", problem)).read();
  if (problem.first) return std::move(*problem.first);
  profile.file_name = file;
  profile.sha256 = sha256_of(toml);
  return profile;
}

Result<Profile> read_profile(const std::filesystem::path& path) {
  auto text = read_regular(path, largest_profile);
  if (text) return parse_profile(*text, path.string());
  Error error = std::move(text).error();
  if (error.code == ErrorCode::file_damaged) error.code = ErrorCode::profile_invalid;
  return error;
}

}  // namespace cotejo
