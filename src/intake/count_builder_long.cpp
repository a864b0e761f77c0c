// The long layout: one row per unit and quantity.
#include <algorithm>
#include <limits>

#include "count_builder.hpp"

namespace cotejo {

namespace {

// In a slot: the unit had no row for this name; its number could not be read.
constexpr std::int32_t absent = missing + 1, unread = missing + 2;

bool is_number(std::int32_t value) {
  return value > unread;
}

}  // namespace

std::optional<RowFault> CountBuilder::use_long(const Records& row) {
  if (!last_unit_ || (*keys_)[*last_unit_] != key_text_) last_unit_ = index_.find(key_text_);
  if (!last_unit_) {
    unread_.clear();
    unread_places_.clear();
    if (has_coordinates_) read_coordinates(row);
    last_unit_ = take_unit(row);
    for (auto& column : columns_) column.push_back(absent);
    if (!unread_places_.empty()) note_unread(key_text_, row.row());
  } else if (!same_places(*last_unit_)) {
    std::int32_t value = missing;
    UnusedRow unused{.row = row.row(), .key = key_text_};
    if (!evaluate(quantity_, row, quantity_text_))
      if (const auto named = named_slots_.find(quantity_text_); named != named_slots_.end())
        unused.slot = named->second;
    if (!read_value(row, value)) unused.votes = VoteRange{0, value == missing ? 0 : value};
    unused_.push_back(std::move(unused));
    return RowFault{.message = fmt::format("row {} has the same unit in another place", row_of(*last_unit_)),
                    .column = row.header()[key_.columns.back()],
                    .value = key_text_,
                    .remedy = "If the key is unique only within a place, make the place a part of [unit] key."};
  }
  if (!column_slots_.empty()) read_beside(row, *last_unit_);
  return add_quantity(row, *last_unit_);
}

// The columns that have the unit's number in each of its rows.
void CountBuilder::read_beside(const Records& row, UnitIndex unit) {
  for (const auto& [slot, column, may_be_empty] : column_slots_) {
    const auto cell = trimmed(row.cells()[column]);
    const auto value = reader_.whole(cell, &rounded_);
    auto& known = columns_[slot][unit];
    if (known == unread || (value && (*value == missing || *value == known))) continue;
    if (value && known == absent) {
      known = *value;
      continue;
    }
    auto fault = reader_.not_whole(cell, row.header()[column]);
    if (value) fault.message = fmt::format("the rows of this unit have {} and {}", known, *value);
    known = unread;
    long_odd_.push_back(
        {unit, {.kind = OddCell::Kind::unreadable, .slot = slot, .fault = std::move(fault), .row = row.row()}});
  }
}

// One row: a name and its number.
std::optional<RowFault> CountBuilder::add_quantity(const Records& row, UnitIndex unit) {
  const auto refused = [&](std::string message, std::string value, std::string remedy) {
    return RowFault{.message = std::move(message),
                    .column = row.header()[quantity_.columns.back()],
                    .value = std::move(value),
                    .remedy = std::move(remedy)};
  };
  std::int32_t value = 0;
  if (auto fault = evaluate(quantity_, row, quantity_text_)) {
    UnusedRow unused{.row = row.row(), .key = key_text_};
    if (!read_value(row, value)) unused.votes = VoteRange{0, value == missing ? 0 : value};
    unused_.push_back(std::move(unused));
    return fault;
  }
  const auto named = named_slots_.find(quantity_text_);
  if (named == named_slots_.end()) {
    if (profile_->long_layout->others == LongLayout::Others::ignore) return std::nullopt;
    UnusedRow unused{.row = row.row(), .key = key_text_};
    if (!read_value(row, value)) unused.votes = VoteRange{0, value == missing ? 0 : value};
    unused_.push_back(std::move(unused));
    return refused("the profile has no option, column or field of this name", quantity_text_,
                   "Add it, or pass over such rows with others = \"ignore\" under [long].");
  }
  const auto slot = named->second;
  auto& known = columns_[slot][unit];
  if (auto fault = read_value(row, value)) {
    const bool of_option = slots_->slots[slot].of_option;
    known = unread;
    long_odd_.push_back({unit, {.kind = OddCell::Kind::unreadable, .slot = slot, .fault = *fault, .row = row.row()}});
    if (!of_option) return std::nullopt;  // the return stays, without this number
    unused_.push_back({.row = row.row(), .key = key_text_, .covered = true});
    return fault;
  }
  if (value == missing) {
    const bool may_be_empty =
        std::find(value_may_be_empty_.begin(), value_may_be_empty_.end(), false) == value_may_be_empty_.end();
    if (!may_be_empty || slots_->slots[slot].of_option)
      long_odd_.push_back({unit,
                           {.kind = OddCell::Kind::empty,
                            .slot = slot,
                            .fault = reader_.not_whole({}, row.header()[value_columns_.front()]),
                            .row = row.row()}});
  }
  if (known == absent) {
    known = value;
    return std::nullopt;
  }
  if (known == unread) return std::nullopt;
  if (profile_->long_layout->repeated == LongLayout::Repeated::refuse) return repeated_name(row, slot, known, value);
  if (known == missing || value == missing) {
    known = missing;
  } else if (known > std::numeric_limits<std::int32_t>::max() - value) {
    auto fault = refused("the sum of the rows of this name is over 2,147,483,647", quantity_text_, {});
    known = unread;
    long_odd_.push_back({unit, {.kind = OddCell::Kind::unreadable, .slot = slot, .fault = fault, .row = row.row()}});
    unused_.push_back({.row = row.row(), .key = key_text_, .covered = true});
    return fault;
  } else {
    known += value;
  }
  return std::nullopt;
}

// A name that the unit has a row for: a copy of that row, or another reading of its number.
std::optional<RowFault> CountBuilder::repeated_name(const Records& row, std::uint32_t slot, std::int32_t first,
                                                    std::int32_t value) {
  const bool copies = profile_->duplicates == Duplicates::drop_identical;
  if (copies && first == value) {
    ++copies_;
    return std::nullopt;
  }
  const std::int64_t other = value == missing ? 0 : value, counted = first == missing ? 0 : first;
  unused_.push_back({.row = row.row(),
                     .key = key_text_,
                     .slot = slot,
                     .votes = VoteRange{std::min<std::int64_t>(0, other - counted),
                                        copies ? std::max<std::int64_t>(0, other - counted) : other}});
  return RowFault{
      .message = "expected each name once per unit",
      .column = row.header()[quantity_.columns.back()],
      .value = quantity_text_,
      .remedy = first == value
                    ? "Copies are dropped with duplicates = \"drop-identical\" under [unit]; parts of one "
                      "number are added up with repeated = \"sum\" under [long]."
                    : "If such rows are parts of one number, add them up with repeated = \"sum\" under [long]."};
}

// The number of a row; a sum with an empty part is missing.
std::optional<RowFault> CountBuilder::read_value(const Records& row, std::int32_t& out) {
  std::int64_t sum = 0;
  bool is_missing = false;
  for (const auto column : value_columns_) {
    const auto cell = trimmed(row.cells()[column]);
    const auto value = reader_.whole(cell, &rounded_);
    if (!value) return reader_.not_whole(cell, row.header()[column]);
    is_missing = is_missing || *value == missing;
    sum += *value == missing ? 0 : *value;
  }
  if (sum > std::numeric_limits<std::int32_t>::max())
    return RowFault{
        .message = fmt::format("the sum of the columns is {}; expected at most 2,147,483,647", with_thousands(sum)),
        .column = row.header()[value_columns_.front()],
        .value = std::to_string(sum),
        .remedy = {}};
  out = is_missing ? missing : static_cast<std::int32_t>(sum);
  return std::nullopt;
}

// What is wrong with a unit, all its rows being read; `values` become its slots. `odd_` holds its odd cells.
std::optional<RowFault> CountBuilder::fault_of_unit(UnitIndex unit, std::vector<std::int32_t>& values) {
  using Absent = LongLayout::Absent;
  const auto rule = profile_->long_layout->absent;
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    values[i] = columns_[i][unit];
    const auto& slot = slots_->slots[i];
    if (values[i] == absent && !slot.is_column && rule == Absent::refuse)
      odd_.push_back(
          {.kind = OddCell::Kind::unreadable,
           .slot = i,
           .fault = {.message = fmt::format("the unit has no row for '{}'", printable(slot.name)),
                     .column = {},
                     .value = {},
                     .remedy = "If a row is left out when its number is 0, say absent = \"zero\" under [long]."}});
    if (!is_number(values[i])) values[i] = values[i] == absent && !slot.is_column && rule == Absent::zero ? 0 : missing;
  }
  unread_.clear();
  bool odd = !odd_.empty();
  for (std::size_t i = 0; !odd && i < slots_->numbers.size(); ++i)
    odd = evaluate(slots_->numbers[i], values, {}, results_[i]).has_value() ||
          (results_[i] == missing && slots_->numbers[i].is_option);
  if (!odd) return std::nullopt;
  auto fault = odd_cells_.resolve(odd_, values, {}, results_, unread_);
  if (fault) return fault;
  for (const auto& cell : odd_) columns_[cell.slot][unit] = values[cell.slot];  // zeros that were proved
  if (!unread_.empty()) {
    unread_places_.clear();
    note_unread((*keys_)[unit], row_of(unit));
  }
  return std::nullopt;
}

Result<void> CountBuilder::finish_long(const ProfiledRows& rows, std::vector<RejectedRow>& rejected) {
  if (profile_->long_layout->absent == LongLayout::Absent::zero && rejected.size() > rows_with_unit_)
    return Error{
        .code = ErrorCode::value_invalid,
        .message = fmt::format("{} unusable rows cannot be told to belong to a unit; they may hold the numbers "
                               "that absent = \"zero\" would take for 0",
                               with_thousands(static_cast<long long>(rejected.size() - rows_with_unit_))),
        .file = rows.file().name(),
        .row = rejected.front().row,
        .value = rejected.front().reason,
        .remedy = "Correct these rows, or say absent = \"refuse\" under [long]."};
  std::stable_sort(long_odd_.begin(), long_odd_.end(), [](const auto& a, const auto& b) { return a.unit < b.unit; });
  const auto units = static_cast<UnitIndex>(keys_->size());
  std::vector<UnitIndex> usable;
  usable.reserve(units);
  std::vector<std::int32_t> values(slots_->slots.size());
  std::optional<Error> first;
  std::size_t bad = 0, kept_values = 0;
  auto next_odd = long_odd_.begin();
  for (UnitIndex unit = 0; unit < units; ++unit) {
    odd_.clear();
    for (; next_odd != long_odd_.end() && next_odd->unit == unit; ++next_odd) odd_.push_back(std::move(next_odd->cell));
    auto fault = fault_of_unit(unit, values);
    if (!fault) {
      usable.push_back(unit);
      continue;
    }
    ++bad;
    for (const auto& cell : odd_)
      if (cell.row > 0 && cell.fault.message == fault->message) {
        fault->message = fmt::format("row {} of this unit cannot be used: {}", cell.row, fault->message);
        break;
      }
    fault->value = std::string((*keys_)[unit]);
    if (!first) first = rows.error_of(*fault, row_of(unit));
    if (profile_->bad_rows != BadRows::set_aside) continue;
    if ((kept_values += values.size()) <= most_ranges) unused_units_.emplace_back(rejected.size(), values);
    rejected.push_back(
        rows.rejected_row(*fault, row_of(unit), nlohmann::json::array({std::string((*keys_)[unit])}).dump()));
  }
  if (first && (usable.empty() || profile_->bad_rows == BadRows::refuse)) {
    if (bad > 1)
      first->message += fmt::format(" (and {} more unusable units)", with_thousands(static_cast<long long>(bad - 1)));
    return std::move(*first);
  }
  if (bad > 0) keep_units(usable);
  numbers_of_slots();
  return {};
}

// Slots become numbers, one after the other; a slot that one number alone takes is moved.
void CountBuilder::numbers_of_slots() {
  std::vector<std::size_t> uses(columns_.size(), 0);
  for (const auto& number : slots_->numbers)
    for (const auto* part : {&number.plus, &number.minus})
      for (const auto slot : *part) ++uses[slot];
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool zero = profile_->long_layout->absent == LongLayout::Absent::zero && !slots_->slots[i].is_column;
    for (auto& value : columns_[i])
      if (!is_number(value)) value = value == absent && zero ? 0 : missing;
  }
  std::vector<Column> numbers;
  const std::size_t units = keys_->size();
  std::vector<std::int32_t> values(slots_->slots.size());
  for (const auto& number : slots_->numbers) {
    if (number.is_one_slot() && uses[number.plus[0]] == 1) {
      numbers.push_back(std::move(columns_[number.plus[0]]));
      continue;
    }
    Column& out = numbers.emplace_back(units);
    for (std::size_t unit = 0; unit < out.size(); ++unit) {
      for (const auto* part : {&number.plus, &number.minus})
        for (const auto slot : *part) values[slot] = columns_[slot][unit];
      if (evaluate(number, values, {}, out[unit])) out[unit] = missing;
    }
  }
  columns_ = std::move(numbers);
}

// Drops every unit but these, which are ascending.
void CountBuilder::keep_units(const std::vector<UnitIndex>& usable) {
  TextColumn keys;
  for (const auto unit : usable) keys.push_back((*keys_)[unit]);
  *keys_ = std::move(keys);
  index_.clear();
  for (UnitIndex unit = 0; unit < keys_->size(); ++unit) index_.insert(unit);
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

}  // namespace cotejo
