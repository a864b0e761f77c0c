#include "count_builder.hpp"

#include <cmath>
#include <limits>

#include "projection.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_unreadable = 1'000'000;  // cells that are kept one by one
constexpr std::size_t most_groups = 1'000;
// A column of so many cells none of which is a number is the wrong column, or numbers are written in another way.
constexpr std::int64_t wrong_column = 10;

// "Votes #" -> "Votes 3": the last "#".
std::string numbered(const std::string& column, std::size_t number) {
  auto out = column;
  return out.replace(out.rfind('#'), 1, std::to_string(number));
}

}  // namespace

CountBuilder::CountBuilder(const Profile& profile)
    : profile_(&profile),
      keys_(std::make_unique<TextColumn>()),
      index_(*keys_),
      reader_(profile.numbers),
      slots_(std::make_unique<NumberSlots>(profile)),
      odd_cells_(profile, *slots_) {
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
  for (const auto& number : slots_->numbers)
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

Result<CountBuilder> CountBuilder::bind(const Profile& profile, ProfiledRows& rows) {
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
  COTEJO_CHECK(out.bind_numbers(profile, rows));
  for (const auto& filter : profile.correction_rows) {
    COTEJO_TRY(bound, BoundFilter::bind(filter, rows.file()));
    out.correction_rows_.push_back(std::move(bound));
  }
  if (!profile.latitude.empty()) {
    COTEJO_TRY(latitude, rows.file().column(profile.latitude));
    COTEJO_TRY(longitude, rows.file().column(profile.longitude));
    out.latitude_column_ = latitude;
    out.longitude_column_ = longitude;
    out.has_coordinates_ = true;
  }
  return out;
}

Result<void> CountBuilder::bind_numbers(const Profile& profile, ProfiledRows& rows) {
  for (std::uint32_t i = 0; i < slots_->slots.size(); ++i) {
    const auto& slot = slots_->slots[i];
    if (!slot.is_column) {
      named_slots_.emplace(slot.name, i);
      continue;
    }
    COTEJO_TRY(column, rows.file().column(slot.name));
    // Votes that were not reported are not zero votes, under whatever name the column goes; a unit without registered
    // voters is one without a list of its own.
    column_slots_.push_back({i, column, !slot.of_option && (slot.only_register || rows.is_optional(column))});
  }
  for (const auto& name : slots_->percentages) {
    COTEJO_TRY(column, rows.file().column(name));
    percentage_columns_.push_back(column);
    percentage_may_be_empty_.push_back(rows.is_optional(column));
  }
  if (profile.long_layout) {
    COTEJO_TRY(quantity, rows.bind(profile.long_layout->name));
    quantity_ = std::move(quantity);
    for (const auto& name : profile.long_layout->values) {
      COTEJO_TRY(column, rows.file().column(name));
      value_columns_.push_back(column);
      value_may_be_empty_.push_back(rows.is_optional(column));
    }
  }
  if (profile.groups) COTEJO_CHECK(bind_groups(rows));
  columns_.resize(profile.long_layout ? slots_->slots.size() : slots_->numbers.size());
  values_.resize(slots_->slots.size());
  percentages_.resize(slots_->percentages.size());
  results_.resize(slots_->numbers.size());
  return {};
}

// The groups 1, 2, ... as far as the file has a column of votes.
Result<void> CountBuilder::bind_groups(ProfiledRows& rows) {
  const auto& groups = *profile_->groups;
  for (std::size_t number = 1; number <= most_groups; ++number) {
    auto value = rows.file().column(numbered(groups.value, number));
    if (!value && number > 1) break;
    if (!value) return std::move(value).error();
    Group group{.name = {.expression = &groups.name, .columns = {}, .may_be_empty = {}, .above = {}}, .value = *value};
    for (const auto& name : groups.name.columns) {
      COTEJO_TRY(column, rows.file().column(numbered(name, number)));
      group.name.columns.push_back(column);
      group.name.may_be_empty.push_back(true);
    }
    groups_.push_back(std::move(group));
  }
  return {};
}

std::optional<RowFault> CountBuilder::use(const Records& row) {
  if (profile_->numbers.negative_is_correction) {
    auto corrects = is_correction(row);
    if (!corrects) {
      auto& error = corrects.error();
      return RowFault{error.code, error.message, error.column, error.value, error.remedy};
    }
    if (*corrects) return use_correction(row);
  }
  if (auto fault = read_unit(row)) return fault;
  if (profile_->long_layout) {
    auto fault = use_long(row);
    if (fault) ++rows_with_unit_;
    return fault;
  }
  auto fault = use_wide(row);
  if (fault && profile_->bad_rows == BadRows::set_aside) unused_.push_back({.row = row.row(), .key = key_text_});
  return fault;
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

// A coordinate; nothing, and a cell that could not be read, where it is none.
std::optional<double> CountBuilder::coordinate(const Records& row, std::size_t column, double limit,
                                               std::string_view field) {
  const auto cell = trimmed(row.cells()[column]);
  const auto value = reader_.real(cell);
  if (value && (!profile_->crs.empty() || !(std::abs(*value) > limit))) return value;
  unread_places_.emplace_back(
      field, RowFault{.message = profile_->crs.empty()
                                     ? fmt::format("expected degrees from -{0} to {0}, with a decimal {1}", limit,
                                                   profile_->numbers.decimal == ',' ? "comma" : "point")
                                     : std::string("expected a coordinate"),
                      .column = row.header()[column],
                      .value = std::string(cell),
                      .remedy = {}});
  return std::nullopt;
}

// Half a position is none.
void CountBuilder::read_coordinates(const Records& row) {
  const auto latitude = coordinate(row, latitude_column_, 90, "latitude");
  const auto longitude = coordinate(row, longitude_column_, 180, "longitude");
  const bool both = latitude && longitude;
  latitude_ = both ? *latitude : std::numeric_limits<double>::quiet_NaN();
  longitude_ = both ? *longitude : std::numeric_limits<double>::quiet_NaN();
}

std::optional<RowFault> CountBuilder::use_wide(const Records& row) {
  odd_.clear();
  unread_.clear();
  unread_places_.clear();
  read_columns(row);
  if (!groups_.empty())
    if (auto fault = read_groups(row)) return fault;
  if (!percentage_columns_.empty()) read_percentages(row);
  bool odd = !odd_.empty();
  for (std::size_t i = 0; !odd && i < slots_->numbers.size(); ++i)
    odd = evaluate(slots_->numbers[i], values_, percentages_, results_[i]).has_value();
  if (odd)
    if (auto fault = odd_cells_.resolve(odd_, values_, percentages_, results_, unread_)) return fault;
  if (has_coordinates_) read_coordinates(row);
  if (const auto first = index_.find(key_text_)) return second_row(row, *first);
  take_unit(row);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].push_back(results_[i]);
  if (!unread_.empty() || !unread_places_.empty()) note_unread(key_text_, row.row());
  return std::nullopt;
}

void CountBuilder::read_columns(const Records& row) {
  const auto cells = row.cells();
  for (const auto& [slot, column, may_be_empty] : column_slots_) {
    const auto cell = trimmed(cells[column]);
    const auto value = reader_.whole(cell, &rounded_);
    values_[slot] = value.value_or(missing);
    if (values_[slot] == missing && (!value || !may_be_empty)) note_odd(row, slot, cell, column, value.has_value());
  }
}

void CountBuilder::note_odd(const Records& row, std::uint32_t slot, std::string_view cell, std::size_t column,
                            bool empty) {
  odd_.push_back({.kind = empty ? OddCell::Kind::empty : OddCell::Kind::unreadable,
                  .slot = slot,
                  .fault = reader_.not_whole(cell, row.header()[column])});
}

void CountBuilder::read_percentages(const Records& row) {
  for (std::uint32_t i = 0; i < percentage_columns_.size(); ++i) {
    const auto cell = trimmed(row.cells()[percentage_columns_[i]]);
    percentages_[i].reset();
    if (cell.empty() && percentage_may_be_empty_[i]) continue;
    percentages_[i] = reader_.percentage(cell);
    if (percentages_[i]) continue;
    odd_.push_back({.kind = OddCell::Kind::unreadable,
                    .slot = i,
                    .is_percentage = true,
                    .fault = {.message = "expected a percentage from 0 to 1000 with at most six decimals",
                              .column = row.header()[percentage_columns_[i]],
                              .value = std::string(cell),
                              .remedy = {}}});
  }
}

// The votes of the row's groups into the slots of their names.
std::optional<RowFault> CountBuilder::read_groups(const Records& row) {
  const auto& layout = *profile_->groups;
  const auto refused = [&](const Group& group, std::string message, std::string value, std::string remedy) {
    return RowFault{.message = std::move(message),
                    .column = row.header()[group.name.columns.back()],
                    .value = std::move(value),
                    .remedy = std::move(remedy)};
  };
  std::vector<bool> given(slots_->slots.size(), false);
  for (const auto& group : groups_) {
    if (auto fault = evaluate(group.name, row, quantity_text_)) return fault;
    const auto cell = trimmed(row.cells()[group.value]);
    const auto value = reader_.whole(cell, &rounded_);
    if (quantity_text_.empty()) {
      if (value && (*value == missing || *value == 0)) continue;
      return refused(group, "the group has votes and no name", std::string(cell), {});
    }
    const auto named = named_slots_.find(quantity_text_);
    if (named == named_slots_.end()) {
      if (layout.others == LongLayout::Others::ignore) continue;
      return refused(group, "the profile has no option of this name", quantity_text_,
                     "Add it, or pass over such groups with others = \"ignore\" under [groups].");
    }
    const auto slot = named->second;
    if (given[slot] && layout.repeated == LongLayout::Repeated::refuse)
      return refused(group, "expected each name once in a row", quantity_text_,
                     "If such groups are parts of one number, add them up with repeated = \"sum\" under [groups].");
    if (!value || *value == missing) {
      note_odd(row, slot, cell, group.value, value.has_value());
      values_[slot] = missing;
    } else if (!given[slot]) {
      values_[slot] = *value;
    } else if (values_[slot] != missing) {
      if (values_[slot] > std::numeric_limits<std::int32_t>::max() - *value)
        return refused(group, "the sum of the groups of this name is over 2,147,483,647", quantity_text_, {});
      values_[slot] += *value;
    }
    given[slot] = true;
  }
  for (const auto& [name, slot] : named_slots_) {
    if (given[slot]) continue;
    if (layout.absent == LongLayout::Absent::refuse)
      return RowFault{
          .message = fmt::format("the row has no group for '{}'", printable(name)),
          .column = {},
          .value = {},
          .remedy = "If an option without a group has 0 votes there, say absent = \"zero\" under [groups]."};
    values_[slot] = 0;
  }
  return std::nullopt;
}

// A further row of a unit: a copy, or another reading of its return.
std::optional<RowFault> CountBuilder::second_row(const Records& row, UnitIndex first) {
  if (profile_->duplicates == Duplicates::sum) return add_to_unit(row, first);
  const bool same = says_the_same(first);
  if (same && profile_->duplicates == Duplicates::drop_identical) {
    ++copies_;
    return std::nullopt;
  }
  return RowFault{.code = ErrorCode::unit_duplicate,
                  .message = fmt::format("expected each unit once; row {} is the same unit, with {} numbers",
                                         row_of(first), same ? "the same" : "other"),
                  .column = row.header()[key_.columns.back()],
                  .value = key_text_,
                  .remedy = same ? "Copies are dropped with duplicates = \"drop-identical\" under [unit]." : ""};
}

// A further part of a unit: all its numbers, or none.
std::optional<RowFault> CountBuilder::add_to_unit(const Records& row, UnitIndex unit) {
  const auto refused = [&](std::string message) {
    return RowFault{.code = ErrorCode::unit_duplicate,
                    .message = std::move(message),
                    .column = row.header()[key_.columns.back()],
                    .value = key_text_,
                    .remedy = {}};
  };
  if (!same_places(unit)) return refused(fmt::format("row {} is the same unit in another place", row_of(unit)));
  const auto sum_of = [&](std::size_t i) { return std::int64_t{columns_[i][unit]} + results_[i]; };
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i][unit] != missing && results_[i] != missing && sum_of(i) > std::numeric_limits<std::int32_t>::max())
      return refused("the sum of the rows of this unit is over 2,147,483,647");
  for (std::size_t i = 0; i < columns_.size(); ++i)
    columns_[i][unit] =
        columns_[i][unit] == missing || results_[i] == missing ? missing : static_cast<std::int32_t>(sum_of(i));
  ++parts_;
  return std::nullopt;
}

bool CountBuilder::says_the_same(UnitIndex unit) const {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i][unit] != results_[i]) return false;
  const auto equal = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  if (has_coordinates_ && (!equal(count_.latitude[unit], latitude_) || !equal(count_.longitude[unit], longitude_)))
    return false;
  return same_places(unit);
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
  return take_unit(row.row(), row.fraction());
}

UnitIndex CountBuilder::take_unit(std::int64_t row, double fraction) {
  const auto unit = static_cast<UnitIndex>(keys_->size());
  if (unit == 1'000) reserve(fraction);
  keys_->push_back(key_text_);
  index_.insert(unit);
  if (row_runs_.empty() || row != row_runs_.back().second + (unit - row_runs_.back().first))
    row_runs_.emplace_back(unit, row);
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

// Keeps what could not be read of a unit that is used.
void CountBuilder::note_unread(std::string_view unit, std::int64_t row) {
  const auto keep = [&](const std::string& field, const RowFault& fault, std::int64_t at) {
    UnreadableCell cell{.unit = std::string(unit),
                        .field = field,
                        .value = printable(fault.value),
                        .reason = fault.message,
                        .row = at > 0 ? at : row};
    auto& known = unread_fields_[field];
    if (known.cells++ == 0) known.first = cell;
    known.texts += !fault.value.empty();
    if (count_.unreadable.size() < most_unreadable) count_.unreadable.push_back(std::move(cell));
  };
  for (const auto& [number, fault, at] : unread_) keep(slots_->numbers[number].what, fault, at);
  for (const auto& [field, fault] : unread_places_) keep(field, fault, row);
}

Result<Count> CountBuilder::finish(const ProfiledRows& rows, std::vector<RejectedRow> rejected) && {
  if (profile_->long_layout) COTEJO_CHECK(finish_long(rows, rejected));
  if (!corrections_.empty()) COTEJO_CHECK(make_corrections(rows, rejected));
  COTEJO_CHECK(every_column_has_numbers(rows));
  if (!rejected.empty()) give_votes(rows, rejected);
  if (has_coordinates_ && !profile_->crs.empty()) {
    auto projected = to_degrees(profile_->crs, count_.longitude, count_.latitude);
    if (!projected) {
      Error error = std::move(projected).error();
      error.file = error.code == ErrorCode::profile_invalid ? profile_->file_name : rows.file().name();
      return error;
    }
  }
  tell_what_was_read();
  count_.unit_keys = std::move(*keys_);
  count_.rejected = std::move(rejected);
  give_numbers();
  count_.sha256 = count_.content_hash();
  return std::move(count_);
}

Result<void> CountBuilder::every_column_has_numbers(const ProfiledRows& rows) const {
  for (const auto& [field, unread] : unread_fields_) {
    if (unread.texts < wrong_column || unread.texts < static_cast<std::int64_t>(keys_->size())) continue;
    return Error{.code = ErrorCode::value_invalid,
                 .message = fmt::format("none of the {} cells for '{}' can be read: {}", with_thousands(unread.texts),
                                        field, unread.first.reason),
                 .file = rows.file().name(),
                 .row = unread.first.row,
                 .column = field,
                 .value = unread.first.value,
                 .remedy = "Name another column for it, say how numbers are written under [numbers], or leave it out."};
  }
  return {};
}

// The caveats of the reading itself.
void CountBuilder::tell_what_was_read() {
  auto& caveats = count_.caveats;
  const auto add = [&](std::int64_t n, std::string one, std::string several) {
    if (n > 0) caveats.push_back(n == 1 ? std::move(one) : with_thousands(n) + std::move(several));
  };
  add(rounded_,
      "One number in the file is not whole but for a computer's rounding (within 0.000001), and was read as "
      "the nearest whole number.",
      " numbers in the file are not whole but for a computer's rounding (within 0.000001), and were read as the "
      "nearest "
      "whole numbers.");
  for (auto& caveat : odd_cells_.caveats()) caveats.push_back(std::move(caveat));
  add(parts_, "One row was added to another of its unit, as a part of it.",
      " rows were added to others of their units, as parts of them.");
  add(copies_, "One row is an identical copy of another, and was counted once.",
      " rows are identical copies of others, and were counted once.");
  for (const auto& [field, unread] : unread_fields_) {
    const auto first =
        fmt::format("row {}, {}", unread.first.row,
                    unread.first.value.empty() ? "an empty cell" : fmt::format("\"{}\"", unread.first.value));
    add(unread.cells, fmt::format("One cell of '{}' could not be read and is missing ({}).", field, first),
        fmt::format(" cells of '{}' could not be read and are missing (the first: {}).", field, first));
  }
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
