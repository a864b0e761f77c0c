#include "cotejo/intake/reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_set>

#include "cotejo/base/text.hpp"
#include "delimited_file.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t rows_between_reports = 4'096;
// A file whose first rows are all unusable is the wrong file or has the wrong profile; it is not kept row by row.
constexpr std::int64_t rejected_without_a_use = 10'000;

constexpr std::string_view whole_number = "expected a whole number from 0 to 2,147,483,647";

// ---- cells ----

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool parse_whole(std::string_view text, std::int32_t& out) {
  if (text.empty() || text[0] == '-') return false;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
  return status == std::errc{} && end == text.data() + text.size();
}

RowFault not_whole(std::string_view text, std::string column) {
  RowFault fault{
      .message = std::string(whole_number), .column = std::move(column), .value = std::string(text), .remedy = {}};
  const auto digits_but_for = [&](std::string_view others) {
    return text.find_first_not_of("0123456789") != std::string_view::npos &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos; }) &&
           text[0] >= '0' && text[0] <= '9';
  };
  if (text.empty()) {
    fault.message += ", found an empty cell";
    fault.remedy = "If the cells of this column may be empty, list it as `optional` under [file].";
  } else if (all_digits(text)) {
    fault.message += ", found a larger one";
  } else if (text[0] == '-' && all_digits(text.substr(1))) {
    fault.message += ", found a negative one";
  } else if (digits_but_for(".,' \xC2\xA0\xE2\x80\xAF")) {
    fault.message += ", found a fraction or a number with thousands separators";
    fault.remedy = "Write it with digits only.";
  } else {
    fault.message += ", found text";
  }
  return fault;
}

std::optional<RowFault> parse_degrees(std::string_view text, double limit, const std::string& column, double& out) {
  out = std::numeric_limits<double>::quiet_NaN();
  if (text.empty()) return std::nullopt;
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || std::abs(value) > limit)
    return RowFault{
        .message = fmt::format("expected degrees from -{0} to {0}, with a decimal point, or an empty cell", limit),
        .column = column,
        .value = std::string(text),
        .remedy = {}};
  out = value;
  return std::nullopt;
}

// A text expression with its columns found.
struct BoundText {
  const TextExpression* expression = nullptr;
  std::vector<std::size_t> columns;
  std::vector<bool> may_be_empty;  // per column
};

std::optional<RowFault> evaluate(const BoundText& bound, const DelimitedFile& file, std::string& out) {
  const auto& expression = *bound.expression;
  out.clear();
  if (bound.columns.empty()) {
    out = expression.constant;
    return std::nullopt;
  }
  bool any = false;
  for (std::size_t i = 0; i < bound.columns.size(); ++i) {
    const auto cell = trimmed(file.cells()[bound.columns[i]]);
    if (cell.empty() && !bound.may_be_empty[i])
      return RowFault{.message = "expected text, found an empty cell",
                      .column = file.header()[bound.columns[i]],
                      .value = {},
                      .remedy = "If the cells of this column may be empty, list it as `optional` under [file]."};
    any = any || !cell.empty();
    if (i > 0) out += expression.join;
    out += cell;
  }
  if (!any) out.clear();
  if (expression.drop_last == 0 || out.empty()) return std::nullopt;
  std::size_t size = out.size();
  for (std::size_t dropped = 0; dropped < expression.drop_last && size > 0; ++dropped) do
      --size;
    while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xC0U) == 0x80U);
  if (size == 0)
    return RowFault{.message = fmt::format("expected more than {} characters, of which the last {} are dropped",
                                           expression.drop_last, expression.drop_last),
                    .column = file.header()[bound.columns.back()],
                    .value = out,
                    .remedy = {}};
  out.resize(size);
  return std::nullopt;
}

struct BoundFilter {
  const RowFilter* filter;
  std::size_t column;

  bool keeps(const DelimitedFile& file) const {
    const auto cell = trimmed(file.cells()[column]);
    return (!filter->equals || cell == *filter->equals) && (!filter->not_equals || cell != *filter->not_equals) &&
           (!filter->at_least || cell >= *filter->at_least) && (!filter->at_most || cell <= *filter->at_most);
  }
};

// ---- the file with its profile ----

class ProfiledFile {
 public:
  static Result<ProfiledFile> open(const gdal::Scope& scope, const Profile& profile,
                                   const std::filesystem::path& path) {
    COTEJO_TRY(file, DelimitedFile::open(
                         scope, path,
                         {.member = profile.member, .separator = profile.separator, .encoding = profile.encoding}));
    ProfiledFile out(profile, std::move(file));
    for (const auto& name : profile.optional_columns) {
      COTEJO_TRY(column, out.file_.column(name));
      out.optional_.push_back(column);
    }
    for (const auto& filter : profile.where) {
      COTEJO_TRY(column, out.file_.column(filter.column));
      out.filters_.push_back({&filter, column});
    }
    return out;
  }

  Result<BoundText> bind(const TextExpression& expression) const {
    BoundText out{.expression = &expression, .columns = {}, .may_be_empty = {}};
    for (const auto& name : expression.columns) {
      COTEJO_TRY(column, file_.column(name));
      out.columns.push_back(column);
      out.may_be_empty.push_back(is_optional(column));
    }
    return out;
  }
  bool is_optional(std::size_t column) const {
    return std::find(optional_.begin(), optional_.end(), column) != optional_.end();
  }
  DelimitedFile& file() { return file_; }
  const DelimitedFile& file() const { return file_; }

  // Calls use(row) -> optional<RowFault> for every row that the filters keep; a row with a fault leaves no trace in
  // what `use` fills. Returns the rows that were set aside. Errors: the first unusable row with how many more there are
  // (BadRows::refuse), or no usable row at all.
  template <class Use>
  Result<std::vector<RejectedRow>> for_each_row(const Context& context, Use use) {
    const std::string stage = "reading " + file_.short_name();
    std::vector<RejectedRow> rejected;
    std::optional<Error> first;
    std::int64_t rows = 0, kept = 0, bad = 0;
    for (;;) {
      COTEJO_TRY(more, file_.next());
      if (!more) break;
      if (rows++ % rows_between_reports == 0) {
        if (context.cancelled()) return cancelled_error();
        context.report(stage, file_.fraction());
      }
      auto fault = file_.fault();
      if (!fault) {
        if (!std::all_of(filters_.begin(), filters_.end(),
                         [&](const BoundFilter& filter) { return filter.keeps(file_); }))
          continue;
        fault = use(std::as_const(file_));
      }
      ++kept;
      if (!fault) continue;
      ++bad;
      if (!first) first = error_of(*fault);
      if (profile_->bad_rows == BadRows::set_aside) rejected.push_back(rejected_row(*fault));
      if (bad == kept && bad >= rejected_without_a_use) {
        first->message += fmt::format("; none of the first {} rows can be used", with_thousands(bad));
        return std::move(*first);
      }
    }
    context.report(stage, 1.0);
    if (rows == 0) return nothing("the file has a header and no rows", "Get the file again.");
    if (kept == 0)
      return nothing(fmt::format("none of the {} rows satisfies [[where]]", with_thousands(rows)),
                     "Check [[where]] in the profile.");
    if (bad == kept || (first && profile_->bad_rows == BadRows::refuse)) {
      if (bad > 1)
        first->message += fmt::format(" (and {} more unusable {})", with_thousands(bad - 1), bad == 2 ? "row" : "rows");
      return std::move(*first);
    }
    return rejected;
  }

 private:
  ProfiledFile(const Profile& profile, DelimitedFile file) : profile_(&profile), file_(std::move(file)) {}

  Error nothing(std::string message, std::string remedy) const {
    return {.code = ErrorCode::file_damaged,
            .message = std::move(message),
            .file = file_.name(),
            .remedy = std::move(remedy)};
  }

  Error error_of(const RowFault& fault) const {
    Error error{.code = fault.code,
                .message = fault.message,
                .file = file_.name(),
                .row = file_.row(),
                .column = fault.column,
                .value = shortened(fault.value),
                .remedy = fault.remedy};
    if (error.remedy.empty())
      error.remedy = profile_->kind == ProfileKind::count
                         ? "Correct the file, or keep such rows apart with bad_rows = \"set-aside\" under [file]."
                         : "Correct the file.";
    return error;
  }

  RejectedRow rejected_row(const RowFault& fault) const {
    auto cells = nlohmann::json::array();
    for (const auto cell : file_.cells())
      cells.push_back(is_utf8(cell) ? std::string(cell) : printable(cell, cell.size()));
    return {.file = file_.short_name(),
            .row = file_.row(),
            .column = fault.column,
            .value = shortened(fault.value),
            .reason = fault.message,
            .text = cells.dump()};
  }

  // An error shows a cell, it does not carry megabytes of it.
  static std::string shortened(const std::string& value) {
    return value.size() <= 1'000 && is_utf8(value) ? value : printable(value, 200);
  }

  const Profile* profile_;
  DelimitedFile file_;
  std::vector<std::size_t> optional_;
  std::vector<BoundFilter> filters_;
};

// ---- counts ----

// Units by key over the keys' own memory, so that the file's keys are stored once.
struct KeyHash {
  using is_transparent = void;
  const TextColumn* keys;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  std::size_t operator()(UnitIndex unit) const { return (*this)((*keys)[unit]); }
};
struct KeyEqual {
  using is_transparent = void;
  const TextColumn* keys;
  std::string_view text(std::string_view key) const { return key; }
  std::string_view text(UnitIndex unit) const { return (*keys)[unit]; }
  bool operator()(auto a, auto b) const { return text(a) == text(b); }
};

struct NumberColumn {
  std::size_t column = 0;
  bool may_be_empty = false;
  std::int32_t current = 0;
  Column values{};
};

// Reads one row after the other into the columns of a count. A row is taken whole or not at all.
class CountBuilder {
 public:
  static Result<CountBuilder> bind(const Profile& profile, const ProfiledFile& profiled) {
    CountBuilder out(profile);
    COTEJO_TRY(key, profiled.bind(profile.unit_key));
    out.key_ = std::move(key);
    for (const auto& place : profile.places) {
      COTEJO_TRY(name, profiled.bind(place.name));
      PlaceText bound{.name = std::move(name), .code = {}};
      if (place.code) {
        COTEJO_TRY(code, profiled.bind(*place.code));
        bound.code = std::move(code);
      }
      out.places_.push_back(std::move(bound));
    }
    // The order of `numbers_` is that of give_numbers().
    std::vector<std::string_view> names;
    for (const auto& option : profile.options) names.push_back(option.column);
    for (const auto* column : standard_columns(profile))
      if (!column->empty()) names.push_back(*column);
    for (const auto& field : profile.fields) names.push_back(field.column);
    for (std::size_t i = 0; i < names.size(); ++i) {
      COTEJO_TRY(column, profiled.file().column(names[i]));
      out.numbers_.push_back(
          {.column = column, .may_be_empty = i >= profile.options.size() && profiled.is_optional(column)});
    }
    if (!profile.latitude.empty()) {
      COTEJO_TRY(latitude, profiled.file().column(profile.latitude));
      COTEJO_TRY(longitude, profiled.file().column(profile.longitude));
      out.latitude_column_ = latitude;
      out.longitude_column_ = longitude;
      out.has_coordinates_ = true;
    }
    return out;
  }

  std::optional<RowFault> use(const DelimitedFile& file) {
    if (auto fault = evaluate(key_, file, key_text_)) return fault;
    if (key_text_.empty())
      return RowFault{.message = "expected the unit's key, found an empty cell",
                      .column = file.header()[key_.columns.back()],
                      .value = {},
                      .remedy = {}};
    for (auto& place : places_) {
      if (auto fault = evaluate(place.name, file, place.name_text)) return fault;
      if (place.code)
        if (auto fault = evaluate(*place.code, file, place.code_text)) return fault;
    }
    for (auto& number : numbers_) {
      const auto cell = trimmed(file.cells()[number.column]);
      if (parse_whole(cell, number.current)) continue;
      if (!cell.empty() || !number.may_be_empty) return not_whole(cell, file.header()[number.column]);
      number.current = missing;
    }
    double latitude = 0, longitude = 0;
    if (has_coordinates_) {
      const auto cells = file.cells();
      if (auto fault = parse_degrees(trimmed(cells[latitude_column_]), 90, file.header()[latitude_column_], latitude))
        return fault;
      if (auto fault =
              parse_degrees(trimmed(cells[longitude_column_]), 180, file.header()[longitude_column_], longitude))
        return fault;
    }
    // The unit goes in before it is looked up by its number; it is taken only if it is new.
    if (const auto same = by_key_.find(std::string_view(key_text_)); same != by_key_.end())
      return RowFault{.code = ErrorCode::unit_duplicate,
                      .message = fmt::format("expected each unit once; row {} is the same unit", row_of_unit_[*same]),
                      .column = file.header()[key_.columns.back()],
                      .value = key_text_,
                      .remedy = {}};
    take(file, latitude, longitude);
    return std::nullopt;
  }

  Count finish(std::vector<RejectedRow> rejected) && {
    count_.unit_keys = std::move(*keys_);
    count_.rejected = std::move(rejected);
    give_numbers();
    count_.sha256 = count_.content_hash();
    return std::move(count_);
  }

 private:
  struct PlaceText {
    BoundText name;
    std::optional<BoundText> code;
    std::string name_text{}, code_text{}, last_name{}, last_code{};
    PlaceIndex last = no_place;
  };

  explicit CountBuilder(const Profile& profile)
      : profile_(&profile),
        keys_(std::make_unique<TextColumn>()),
        by_key_(0, KeyHash{keys_.get()}, KeyEqual{keys_.get()}) {
    count_.id = profile.count_id;
    count_.title = profile.title;
    count_.contest = {.id = profile.contest, .title = profile.contest_title, .options = {}};
    for (const auto& option : profile.options) count_.contest.options.push_back({OptionId{option.id}, option.name});
    count_.unit_name = profile.unit_name;
    count_.date = profile.date;
    count_.as_of = profile.as_of;
    count_.snapshot_of = profile.snapshot_of;
    count_.official = profile.official;
    count_.valid_basis = profile.valid_basis;
    count_.caveats = profile.caveats;
    for (const auto* part : {&profile.publisher, &profile.source_title, &profile.url})
      if (!part->empty()) count_.source += (count_.source.empty() ? "" : "; ") + *part;
    std::vector<std::string> levels;
    for (const auto& place : profile.places) levels.push_back(place.level);
    count_.hierarchy = Hierarchy(std::move(levels));
    count_.checks = profile.checks;
  }

  static std::array<const std::string*, 5> standard_columns(const Profile& profile) {
    return {&profile.registered, &profile.cast, &profile.valid, &profile.blank, &profile.null};
  }

  void take(const DelimitedFile& file, double latitude, double longitude) {
    const auto unit = static_cast<UnitIndex>(keys_->size());
    if (unit == 1'000) reserve(file.fraction());
    keys_->push_back(key_text_);
    by_key_.insert(unit);
    row_of_unit_.push_back(file.row());
    if (!places_.empty()) count_.unit_place.push_back(place());
    for (auto& number : numbers_) number.values.push_back(number.current);
    if (has_coordinates_) {
      count_.latitude.push_back(latitude);
      count_.longitude.push_back(longitude);
    }
  }

  // Files are sorted by place: as long as the texts are those of the row before, so is the place.
  PlaceIndex place() {
    PlaceIndex parent = no_place;
    bool same = true;
    for (auto& level : places_) {
      same = same && level.last != no_place && level.name_text == level.last_name && level.code_text == level.last_code;
      if (!same) {
        level.last = count_.hierarchy.add(parent, level.name_text, level.code_text);
        level.last_name = level.name_text;
        level.last_code = level.code_text;
      }
      parent = level.last;
    }
    return parent;
  }

  // Room for as many units as the file is likely to have, from how much of it the first thousand took.
  void reserve(double fraction) {
    if (fraction <= 0.0) return;
    const auto units = static_cast<std::size_t>(std::min(1'000 / fraction * 1.1, 5e7));
    keys_->reserve(units, units * (key_text_.size() + 1));
    by_key_.reserve(units);
    row_of_unit_.reserve(units);
    if (!places_.empty()) count_.unit_place.reserve(units);
    for (auto& number : numbers_) number.values.reserve(units);
    if (has_coordinates_) {
      count_.latitude.reserve(units);
      count_.longitude.reserve(units);
    }
  }

  void give_numbers() {
    auto next = numbers_.begin();
    count_.votes.reserve(profile_->options.size() * count_.units());
    for (std::size_t option = 0; option < profile_->options.size(); ++option, ++next) {
      count_.votes.insert(count_.votes.end(), next->values.begin(), next->values.end());
      Column().swap(next->values);
    }
    Column* standard[] = {&count_.registered, &count_.cast, &count_.valid, &count_.blank, &count_.null};
    const auto names = standard_columns(*profile_);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!names[i]->empty()) *standard[i] = std::move((next++)->values);
    for (const auto& field : profile_->fields)
      count_.fields.push_back({.id = field.id, .name = field.name, .values = std::move((next++)->values)});
    for (auto* column : {&count_.registered, &count_.cast, &count_.valid, &count_.blank, &count_.null})
      column->shrink_to_fit();
    for (auto& field : count_.fields) field.values.shrink_to_fit();
    count_.unit_place.shrink_to_fit();
    count_.latitude.shrink_to_fit();
    count_.longitude.shrink_to_fit();
  }

  const Profile* profile_;
  Count count_;
  std::unique_ptr<TextColumn> keys_;  // at a fixed address, for by_key_
  std::unordered_set<UnitIndex, KeyHash, KeyEqual> by_key_;
  std::vector<std::int64_t> row_of_unit_;
  BoundText key_;
  std::string key_text_;
  std::vector<PlaceText> places_;
  std::vector<NumberColumn> numbers_;
  std::size_t latitude_column_ = 0, longitude_column_ = 0;
  bool has_coordinates_ = false;
};

}  // namespace

Result<Count> read_count(const Profile& profile, const std::filesystem::path& file, const Context& context) {
  const gdal::Scope scope;
  COTEJO_TRY(profiled, ProfiledFile::open(scope, profile, file));
  COTEJO_TRY(builder, CountBuilder::bind(profile, profiled));
  COTEJO_TRY(rejected, profiled.for_each_row(context, [&](const DelimitedFile& row) { return builder.use(row); }));
  return std::move(builder).finish(std::move(rejected));
}

Result<Crosswalk> read_crosswalk(const Profile& profile, const std::filesystem::path& file, const Context& context) {
  const gdal::Scope scope;
  Profile strict = profile;  // a crosswalk has no place for rows that are set aside
  strict.bad_rows = BadRows::refuse;
  COTEJO_TRY(profiled, ProfiledFile::open(scope, strict, file));
  COTEJO_TRY(from, profiled.bind(strict.from));
  COTEJO_TRY(to, profiled.bind(strict.to));
  Crosswalk out{.id = profile.crosswalk_id, .source = {}, .rows = {}};
  for (const auto* part : {&profile.publisher, &profile.source_title, &profile.url})
    if (!part->empty()) out.source += (out.source.empty() ? "" : "; ") + *part;
  std::unordered_set<std::string> seen;
  std::string unit, place;
  auto rows = profiled.for_each_row(context, [&](const DelimitedFile& row) -> std::optional<RowFault> {
    if (auto fault = evaluate(from, row, unit)) return fault;
    if (auto fault = evaluate(to, row, place)) return fault;
    if (unit.empty() || place.empty())
      return RowFault{.message = "expected a unit's key and a place's code, found an empty cell",
                      .column = row.header()[(unit.empty() ? from : to).columns.back()],
                      .value = {},
                      .remedy = {}};
    if (!seen.insert(unit).second)
      return RowFault{.code = ErrorCode::unit_duplicate,
                      .message = "expected each unit once",
                      .column = row.header()[from.columns.back()],
                      .value = unit,
                      .remedy = {}};
    out.rows.emplace_back(unit, place);
    return std::nullopt;
  });
  if (!rows) return std::move(rows).error();
  return out;
}

Result<std::vector<std::string>> read_unit_list(const std::filesystem::path& path) {
  const gdal::Scope scope;
  COTEJO_TRY(commas, DelimitedFile::open(scope, path, {}));
  DelimitedFile file = std::move(commas);
  if (file.header().size() == 1 && file.header()[0] != "unit") {
    // One cell: perhaps another separator.
    for (const char separator : {';', '\t', '|'}) {
      if (file.header()[0].find(separator) == std::string::npos) continue;
      COTEJO_TRY(other, DelimitedFile::open(scope, path, {.separator = separator}));
      file = std::move(other);
      break;
    }
  }
  std::size_t column = 0;
  if (file.header().size() > 1) {
    COTEJO_TRY(unit, file.column("unit"));
    column = unit;
  } else if (all_digits(file.header()[0])) {
    return Error{.code = ErrorCode::column_missing,
                 .message = "expected the header 'unit' in the first row, found what looks like a unit",
                 .file = file.name(),
                 .row = 1,
                 .column = "unit",
                 .value = file.header()[0],
                 .remedy = "Write a first line with the word unit."};
  }
  std::vector<std::string> out;
  for (;;) {
    COTEJO_TRY(more, file.next());
    if (!more) break;
    auto fault = file.fault();
    if (!fault && trimmed(file.cells()[column]).empty())
      fault = RowFault{.message = "expected a unit's key, found an empty cell",
                       .column = file.header()[column],
                       .value = {},
                       .remedy = "Remove the row or fill the cell in."};
    if (fault)
      return Error{.code = fault->code,
                   .message = fault->message,
                   .file = file.name(),
                   .row = file.row(),
                   .column = fault->column,
                   .value = printable(fault->value),
                   .remedy = fault->remedy};
    out.emplace_back(trimmed(file.cells()[column]));
  }
  if (out.empty())
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the list has a header and no units",
                 .file = file.name(),
                 .remedy = "Write one unit's key per line."};
  return out;
}

}  // namespace cotejo
