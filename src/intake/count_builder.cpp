#include "count_builder.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "projection.hpp"

namespace cotejo {

namespace {

// In a slot of the long layout: the unit had no row for this name.
constexpr std::int32_t absent = missing + 1;

}  // namespace

CountBuilder::CountBuilder(const Profile& profile)
    : profile_(&profile),
      keys_(std::make_unique<TextColumn>()),
      index_(*keys_),
      reader_(profile.numbers),
      slots_(profile) {
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
  for (const auto& number : slots_.numbers)
    if (number.percentage)
      count_.caveats.push_back(fmt::format(
          "The numbers of '{}' were computed from the published percentages '{}'; the file does not state them.",
          number.what, printable(number.expression->percent)));
  for (const auto* part : {&profile.publisher, &profile.source_title, &profile.url})
    if (!part->empty()) count_.source += (count_.source.empty() ? "" : "; ") + *part;
  std::vector<std::string> levels;
  for (const auto& place : profile.places) levels.push_back(place.level);
  count_.hierarchy = Hierarchy(std::move(levels));
  count_.checks = profile.checks;
}

Result<CountBuilder> CountBuilder::bind(const Profile& profile, const ProfiledRows& rows) {
  CountBuilder out(profile);
  COTEJO_TRY(key, rows.bind(profile.unit_key));
  out.key_ = std::move(key);
  for (const auto& place : profile.places) {
    COTEJO_TRY(name, rows.bind(place.name));
    PlaceText bound{.name = std::move(name), .code = {}};
    if (place.code) {
      COTEJO_TRY(code, rows.bind(*place.code));
      bound.code = std::move(code);
    }
    out.places_.push_back(std::move(bound));
  }
  if (profile.long_layout) {
    COTEJO_TRY(quantity, rows.bind(profile.long_layout->name));
    COTEJO_TRY(value, rows.file().column(profile.long_layout->value));
    out.quantity_ = std::move(quantity);
    out.value_column_ = value;
    out.value_may_be_empty_ = rows.is_optional(value);
    out.columns_.resize(out.slots_.names.size());
  } else {
    for (const auto& name : out.slots_.names) {
      COTEJO_TRY(column, rows.file().column(name));
      out.slot_columns_.push_back(column);
      out.slot_may_be_empty_.push_back(rows.is_optional(column));
    }
    // Votes that were not reported are not zero votes, under whatever name the column goes.
    for (const auto& number : out.slots_.numbers)
      if (number.is_option) {
        for (const auto slot : number.plus) out.slot_may_be_empty_[slot] = false;
        for (const auto slot : number.minus) out.slot_may_be_empty_[slot] = false;
      }
    for (const auto& name : out.slots_.percentages) {
      COTEJO_TRY(column, rows.file().column(name));
      out.percentage_columns_.push_back(column);
      out.percentage_may_be_empty_.push_back(rows.is_optional(column));
    }
    out.columns_.resize(out.slots_.numbers.size());
  }
  out.values_.resize(out.slots_.names.size());
  out.percentages_.resize(out.slots_.percentages.size());
  out.results_.resize(out.slots_.numbers.size());
  if (!profile.latitude.empty()) {
    COTEJO_TRY(latitude, rows.file().column(profile.latitude));
    COTEJO_TRY(longitude, rows.file().column(profile.longitude));
    out.latitude_column_ = latitude;
    out.longitude_column_ = longitude;
    out.has_coordinates_ = true;
  }
  return out;
}

std::optional<RowFault> CountBuilder::use(const Records& row) {
  if (auto fault = read_unit(row)) return fault;
  return profile_->long_layout ? use_long(row) : use_wide(row);
}

// The row's key and places.
std::optional<RowFault> CountBuilder::read_unit(const Records& row) {
  if (auto fault = evaluate(key_, row, key_text_)) return fault;
  if (key_text_.empty())
    return RowFault{.message = "expected the unit's key, found an empty cell",
                    .column = row.header()[key_.columns.back()],
                    .value = {},
                    .remedy = {}};
  for (auto& place : places_) {
    if (auto fault = evaluate(place.name, row, place.name_text)) return fault;
    if (place.code)
      if (auto fault = evaluate(*place.code, row, place.code_text)) return fault;
  }
  return std::nullopt;
}

std::optional<RowFault> CountBuilder::read_coordinates(const Records& row) {
  const auto read = [&](std::size_t column, double limit, double& out) -> std::optional<RowFault> {
    const auto cell = trimmed(row.cells()[column]);
    const auto value = reader_.real(cell);
    if (value && (!profile_->crs.empty() || !(std::abs(*value) > limit))) {
      out = *value;
      return std::nullopt;
    }
    return RowFault{
        .message = profile_->crs.empty()
                       ? fmt::format("expected degrees from -{0} to {0}, with a decimal {1}, or an empty cell", limit,
                                     profile_->numbers.decimal == ',' ? "comma" : "point")
                       : std::string("expected a coordinate, or an empty cell"),
        .column = row.header()[column],
        .value = std::string(cell),
        .remedy = {}};
  };
  if (auto fault = read(latitude_column_, 90, latitude_)) return fault;
  return read(longitude_column_, 180, longitude_);
}

std::optional<RowFault> CountBuilder::use_wide(const Records& row) {
  const auto cells = row.cells();
  for (std::size_t i = 0; i < slot_columns_.size(); ++i) {
    const auto cell = trimmed(cells[slot_columns_[i]]);
    const auto value = reader_.whole(cell);
    if (!value || (*value == missing && !slot_may_be_empty_[i]))
      return reader_.not_whole(cell, row.header()[slot_columns_[i]]);
    values_[i] = *value;
  }
  for (std::size_t i = 0; i < percentage_columns_.size(); ++i) {
    const auto cell = trimmed(cells[percentage_columns_[i]]);
    percentages_[i].reset();
    if (cell.empty() && percentage_may_be_empty_[i]) continue;
    percentages_[i] = reader_.percentage(cell);
    if (!percentages_[i])
      return RowFault{.message = "expected a percentage from 0 to 1000 with at most six decimals",
                      .column = row.header()[percentage_columns_[i]],
                      .value = std::string(cell),
                      .remedy = {}};
  }
  for (std::size_t i = 0; i < slots_.numbers.size(); ++i)
    if (auto fault = evaluate(slots_.numbers[i], values_, percentages_, results_[i])) return fault;
  if (has_coordinates_)
    if (auto fault = read_coordinates(row)) return fault;
  if (const auto same = index_.find(key_text_))
    return RowFault{.code = ErrorCode::unit_duplicate,
                    .message = fmt::format("expected each unit once; row {} is the same unit", row_of(*same)),
                    .column = row.header()[key_.columns.back()],
                    .value = key_text_,
                    .remedy = {}};
  take_unit(row);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].push_back(results_[i]);
  return std::nullopt;
}

std::optional<RowFault> CountBuilder::use_long(const Records& row) {
  if (!last_unit_ || (*keys_)[*last_unit_] != key_text_) last_unit_ = index_.find(key_text_);
  if (!last_unit_) {
    if (has_coordinates_)
      if (auto fault = read_coordinates(row)) return fault;
    last_unit_ = take_unit(row);
    for (auto& column : columns_) column.push_back(absent);
  } else if (!same_places(*last_unit_)) {
    RowFault fault{.message = fmt::format("row {} has the same unit in another place", row_of(*last_unit_)),
                   .column = row.header()[key_.columns.back()],
                   .value = key_text_,
                   .remedy = "If the key is unique only within a place, make the place a part of [unit] key."};
    spoiled_.emplace_back(*last_unit_, Spoiled{row.row(), fault});
    return fault;
  }
  auto fault = add_quantity(row, *last_unit_);
  if (fault) spoiled_.emplace_back(*last_unit_, Spoiled{row.row(), *fault});
  return fault;
}

// One row of the long layout: a name and its number.
std::optional<RowFault> CountBuilder::add_quantity(const Records& row, UnitIndex unit) {
  if (auto fault = evaluate(quantity_, row, quantity_text_)) return fault;
  const auto named = std::find(slots_.names.begin(), slots_.names.end(), quantity_text_);
  const auto refused = [&](std::string message, std::string remedy) {
    return RowFault{.message = std::move(message),
                    .column = row.header()[quantity_.columns.back()],
                    .value = quantity_text_,
                    .remedy = std::move(remedy)};
  };
  if (named == slots_.names.end()) {
    if (profile_->long_layout->others == LongLayout::Others::ignore) return std::nullopt;
    return refused("the profile has no option, column or field of this name",
                   "Add it, or pass over such rows with others = \"ignore\" under [long].");
  }
  const auto cell = trimmed(row.cells()[value_column_]);
  const auto value = reader_.whole(cell);
  if (!value || (*value == missing && !value_may_be_empty_))
    return reader_.not_whole(cell, row.header()[value_column_]);
  auto& slot = columns_[static_cast<std::size_t>(named - slots_.names.begin())][unit];
  if (slot == absent) {
    slot = *value;
    return std::nullopt;
  }
  if (profile_->long_layout->repeated == LongLayout::Repeated::refuse)
    return refused("expected each name once per unit",
                   "If such rows are parts of one number, add them up with repeated = \"sum\" under [long].");
  if (slot == missing || *value == missing) {
    slot = missing;
  } else if (slot > std::numeric_limits<std::int32_t>::max() - *value) {
    return refused("the sum of the rows of this name is over 2,147,483,647", {});
  } else {
    slot += *value;
  }
  return std::nullopt;
}

// The row's places are those of the unit.
bool CountBuilder::same_places(UnitIndex unit) const {
  if (places_.empty()) return true;
  PlaceIndex at = count_.unit_place[unit];
  for (auto level = places_.rbegin(); level != places_.rend(); ++level) {
    const auto& place = count_.hierarchy[at];
    if (place.name != level->name_text || place.code != level->code_text) return false;
    at = place.parent;
  }
  return true;
}

UnitIndex CountBuilder::take_unit(const Records& row) {
  const auto unit = static_cast<UnitIndex>(keys_->size());
  if (unit == 1'000) reserve(row.fraction());
  keys_->push_back(key_text_);
  index_.insert(unit);
  if (row_runs_.empty() || row.row() != row_runs_.back().second + (unit - row_runs_.back().first))
    row_runs_.emplace_back(unit, row.row());
  if (!places_.empty()) count_.unit_place.push_back(place());
  if (has_coordinates_) {
    count_.latitude.push_back(latitude_);
    count_.longitude.push_back(longitude_);
  }
  return unit;
}

std::int64_t CountBuilder::row_of(UnitIndex unit) const {
  const auto after = std::upper_bound(row_runs_.begin(), row_runs_.end(), unit,
                                      [](UnitIndex u, const auto& run) { return u < run.first; });
  return std::prev(after)->second + (unit - std::prev(after)->first);
}

// Files are sorted by place: as long as the texts are those of the row before, so is the place.
PlaceIndex CountBuilder::place() {
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
void CountBuilder::reserve(double fraction) {
  if (fraction <= 0.0) return;
  const auto units = static_cast<std::size_t>(std::min(1'000 / fraction * 1.1, 5e7));
  keys_->reserve(units, units * (key_text_.size() + 1));
  index_.reserve(units);
  if (!places_.empty()) count_.unit_place.reserve(units);
  for (auto& column : columns_) column.reserve(units);
  if (has_coordinates_) {
    count_.latitude.reserve(units);
    count_.longitude.reserve(units);
  }
}

// What is wrong with a unit of the long layout, all its rows being read.
std::optional<RowFault> CountBuilder::fault_of_unit(UnitIndex unit, std::vector<std::int32_t>& values) const {
  using Absent = LongLayout::Absent;
  const auto rule = profile_->long_layout->absent;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = columns_[i][unit];
    if (values[i] != absent) continue;
    if (rule == Absent::refuse)
      return RowFault{.message = fmt::format("the unit has no row for '{}'", printable(slots_.names[i])),
                      .column = {},
                      .value = std::string((*keys_)[unit]),
                      .remedy = "If a row is left out when its number is 0, say absent = \"zero\" under [long]."};
    values[i] = rule == Absent::zero ? 0 : missing;
  }
  std::int32_t result = 0;
  for (const auto& number : slots_.numbers) {
    if (auto fault = evaluate(number, values, {}, result)) return fault;
    if (result == missing && number.is_option)
      return RowFault{.message = fmt::format("the unit has no number for the option '{}'", number.what),
                      .column = {},
                      .value = std::string((*keys_)[unit]),
                      .remedy = {}};
  }
  return std::nullopt;
}

Result<void> CountBuilder::finish_long(const ProfiledRows& rows, std::vector<RejectedRow>& rejected) {
  if (profile_->long_layout->absent == LongLayout::Absent::zero && rejected.size() > spoiled_.size())
    return Error{
        .code = ErrorCode::value_invalid,
        .message = fmt::format("{} unusable rows cannot be told to belong to a unit; they may hold the numbers "
                               "that absent = \"zero\" would take for 0",
                               with_thousands(static_cast<long long>(rejected.size() - spoiled_.size()))),
        .file = rows.file().name(),
        .row = rejected.front().row,
        .value = rejected.front().reason,
        .remedy = "Correct these rows, or say absent = \"refuse\" under [long]."};
  std::stable_sort(spoiled_.begin(), spoiled_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto units = static_cast<UnitIndex>(keys_->size());
  std::vector<UnitIndex> usable;
  usable.reserve(units);
  std::vector<std::int32_t> values(slots_.names.size());
  std::optional<Error> first;
  std::size_t bad = 0, next_spoiled = 0;
  for (UnitIndex unit = 0; unit < units; ++unit) {
    std::optional<RowFault> fault;
    if (next_spoiled < spoiled_.size() && spoiled_[next_spoiled].first == unit) {
      const auto& [row, cause] = spoiled_[next_spoiled].second;
      fault = RowFault{cause.code, fmt::format("row {} of this unit cannot be used: {}", row, cause.message),
                       cause.column, std::string((*keys_)[unit]), cause.remedy};
      while (next_spoiled < spoiled_.size() && spoiled_[next_spoiled].first == unit) ++next_spoiled;
    } else {
      fault = fault_of_unit(unit, values);
    }
    if (!fault) {
      usable.push_back(unit);
      continue;
    }
    ++bad;
    if (!first) first = rows.error_of(*fault, row_of(unit));
    if (profile_->bad_rows == BadRows::set_aside)
      rejected.push_back(
          rows.rejected_row(*fault, row_of(unit), nlohmann::json::array({std::string((*keys_)[unit])}).dump()));
  }
  if (first && (usable.empty() || profile_->bad_rows == BadRows::refuse)) {
    if (bad > 1)
      first->message += fmt::format(" (and {} more unusable units)", with_thousands(static_cast<long long>(bad - 1)));
    return std::move(*first);
  }
  if (bad > 0) keep_units(usable);

  // Slots become numbers, one after the other; a slot that one number alone takes is moved.
  std::vector<std::size_t> uses(columns_.size(), 0);
  for (const auto& number : slots_.numbers)
    for (const auto* part : {&number.plus, &number.minus})
      for (const auto slot : *part) ++uses[slot];
  const std::int32_t when_absent = profile_->long_layout->absent == LongLayout::Absent::zero ? 0 : missing;
  for (auto& column : columns_) std::replace(column.begin(), column.end(), absent, when_absent);
  std::vector<Column> numbers;
  for (const auto& number : slots_.numbers) {
    if (number.is_one_slot() && uses[number.plus[0]] == 1) {
      numbers.push_back(std::move(columns_[number.plus[0]]));
      continue;
    }
    Column& out = numbers.emplace_back(usable.size());
    for (std::size_t unit = 0; unit < out.size(); ++unit) {
      for (const auto* part : {&number.plus, &number.minus})
        for (const auto slot : *part) values[slot] = columns_[slot][unit];
      evaluate(number, values, {}, out[unit]);
    }
  }
  columns_ = std::move(numbers);
  return {};
}

// Drops every unit but these, which are ascending.
void CountBuilder::keep_units(const std::vector<UnitIndex>& usable) {
  TextColumn keys;
  for (const auto unit : usable) keys.push_back((*keys_)[unit]);
  *keys_ = std::move(keys);
  const auto keep = [&](auto& column) {
    if (column.empty()) return;
    for (std::size_t i = 0; i < usable.size(); ++i) column[i] = column[usable[i]];
    column.resize(usable.size());
  };
  keep(count_.unit_place);
  keep(count_.latitude);
  keep(count_.longitude);
  for (auto& column : columns_) keep(column);
}

Result<Count> CountBuilder::finish(const ProfiledRows& rows, std::vector<RejectedRow> rejected) && {
  if (profile_->long_layout) COTEJO_CHECK(finish_long(rows, rejected));
  if (has_coordinates_ && !profile_->crs.empty()) {
    auto projected = to_degrees(profile_->crs, count_.longitude, count_.latitude);
    if (!projected) {
      Error error = std::move(projected).error();
      error.file = error.code == ErrorCode::profile_invalid ? profile_->file_name : rows.file().name();
      return error;
    }
  }
  count_.unit_keys = std::move(*keys_);
  count_.rejected = std::move(rejected);
  give_numbers();
  count_.sha256 = count_.content_hash();
  return std::move(count_);
}

void CountBuilder::give_numbers() {
  auto next = columns_.begin();
  count_.votes.reserve(profile_->options.size() * count_.units());
  for (std::size_t option = 0; option < profile_->options.size(); ++option, ++next) {
    count_.votes.insert(count_.votes.end(), next->begin(), next->end());
    Column().swap(*next);
  }
  Column* standard[] = {&count_.registered, &count_.cast, &count_.valid, &count_.blank, &count_.null};
  const auto given = standard_numbers(*profile_);
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i].second->given()) *standard[i] = std::move(*next++);
  for (const auto& field : profile_->fields)
    count_.fields.push_back({.id = field.id, .name = field.name, .values = std::move(*next++)});
  for (auto* column : {&count_.registered, &count_.cast, &count_.valid, &count_.blank, &count_.null})
    column->shrink_to_fit();
  for (auto& field : count_.fields) field.values.shrink_to_fit();
  count_.unit_place.shrink_to_fit();
  count_.latitude.shrink_to_fit();
  count_.longitude.shrink_to_fit();
}

}  // namespace cotejo
