// Rows that correct a return: they add to the unit that their key names, whatever their place in the file.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "count_builder.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_corrections = 1'000'000;
constexpr std::size_t shown = 8;  // options or keys in a caveat

std::string cells_of(const Records& row) {
  auto cells = nlohmann::json::array();
  for (const auto cell : row.cells()) cells.push_back(is_utf8(cell) ? std::string(cell) : printable(cell, cell.size()));
  return cells.dump();
}

std::string signed_number(std::int64_t value) {
  return (value > 0 ? "+" : "") + with_thousands(value);
}

}  // namespace

// The rows that the profile names; without such names, those with a negative number where votes are read.
Result<bool> CountBuilder::is_correction(const Records& row) {
  if (!correction_rows_.empty()) {
    for (const auto& filter : correction_rows_) {
      auto kept = filter.keeps(row);
      if (!kept || !*kept) return kept;
    }
    return true;
  }
  const auto negative = [&](std::size_t column) {
    const auto value = reader_.signed_whole(trimmed(row.cells()[column]));
    return value && *value < 0;
  };
  return profile_->long_layout ? std::any_of(value_columns_.begin(), value_columns_.end(), negative)
                               : std::any_of(column_slots_.begin(), column_slots_.end(),
                                             [&](const ColumnSlot& slot) { return negative(slot.column); });
}

std::optional<RowFault> CountBuilder::use_correction(const Records& row) {
  Correction out{.row = row.row(), .key = {}, .places = {}};
  std::optional<RowFault> fault = evaluate(key_, row, key_text_);
  if (!fault && key_text_.empty())
    fault = RowFault{.message = "expected the key of the unit that is corrected, found an empty cell",
                     .column = row.header()[key_.columns.back()],
                     .value = {},
                     .remedy = {}};
  if (fault) return fault;
  out.key = key_text_;
  fault = profile_->long_layout ? read_long_amount(row, out) : read_amounts(row, out);
  if (fault) {
    ++rows_with_unit_;
    if (profile_->bad_rows == BadRows::set_aside)
      unused_.push_back({.row = row.row(), .key = key_text_, .is_correction = true});
    return fault;
  }
  if (corrections_.size() == most_corrections)
    return RowFault{.message = fmt::format("more than {} corrections", with_thousands(most_corrections)),
                    .column = {},
                    .value = {},
                    .remedy = {}};
  for (auto& place : places_) {
    const auto text = [&](const BoundText& bound, std::string& to) {
      if (evaluate(bound, row, to)) to.clear();  // a correction of no unit has no place
    };
    text(place.name, place.name_text);
    place.code_text.clear();
    if (place.code) text(*place.code, place.code_text);
    out.places.emplace_back(place.name_text, place.code_text);
  }
  out.text = cells_of(row);
  corrections_.push_back(std::move(out));
  return std::nullopt;
}

std::optional<RowFault> CountBuilder::read_amounts(const Records& row, Correction& correction) {
  std::vector<std::int64_t> amounts(slots_->slots.size(), 0);
  unread_.clear();
  unread_places_.clear();
  for (const auto& [slot, column, may_be_empty] : column_slots_) {
    const auto cell = trimmed(row.cells()[column]);
    const auto value = reader_.signed_whole(cell);
    if (!value && slots_->slots[slot].of_option) return reader_.not_whole(cell, row.header()[column]);
    if (value && *value != missing) amounts[slot] = *value;
  }
  for (const auto& number : slots_->numbers) {
    std::int64_t sum = 0;
    for (const auto slot : number.plus) sum += amounts[slot];
    for (const auto slot : number.minus) sum -= amounts[slot];
    correction.amounts.push_back(sum);
  }
  return std::nullopt;
}

std::optional<RowFault> CountBuilder::read_long_amount(const Records& row, Correction& correction) {
  if (auto fault = evaluate(quantity_, row, quantity_text_)) return fault;
  const auto named = named_slots_.find(quantity_text_);
  if (named == named_slots_.end()) {
    if (profile_->long_layout->others == LongLayout::Others::ignore) return std::nullopt;
    return RowFault{.message = "the profile has no option, column or field of this name",
                    .column = row.header()[quantity_.columns.back()],
                    .value = quantity_text_,
                    .remedy = "Add it, or pass over such rows with others = \"ignore\" under [long]."};
  }
  correction.slot = named->second;
  std::int64_t sum = 0;
  for (const auto column : value_columns_) {
    const auto cell = trimmed(row.cells()[column]);
    const auto value = reader_.signed_whole(cell);
    if (!value) return reader_.not_whole(cell, row.header()[column]);
    if (*value != missing) sum += *value;
  }
  correction.amounts = {sum};
  return std::nullopt;
}

// The unit that the key names; a new one where there is none: the correction belongs to the total alone.
UnitIndex CountBuilder::unit_of_correction(const Correction& correction, bool& is_new) {
  if (const auto unit = index_.find(correction.key)) return *unit;
  is_new = true;
  key_text_ = correction.key;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto& [name, code] = correction.places[i];
    places_[i].name_text = name.empty() ? correction.key : name;
    places_[i].code_text = code;
  }
  latitude_ = longitude_ = std::numeric_limits<double>::quiet_NaN();
  const auto unit = take_unit(correction.row, 0.0);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].push_back(slots_->numbers[i].is_option ? 0 : missing);
  return unit;
}

// Adds the amounts to the unit's numbers, all of them or none.
std::optional<RowFault> CountBuilder::correct(const Correction& correction, UnitIndex unit, bool is_new) {
  const auto fits = [](std::int64_t value) { return value >= 0 && value <= std::numeric_limits<std::int32_t>::max(); };
  for (std::size_t i = 0; i < slots_->options; ++i)
    if (const auto amount = correction.amounts[i]; !fits(columns_[i][unit] + amount))
      return RowFault{.message = fmt::format("a correction by {} of '{}', which has {}", signed_number(amount),
                                             slots_->numbers[i].what, with_thousands(columns_[i][unit])),
                      .column = {},
                      .value = correction.key,
                      .remedy = is_new ? "It names no unit of the file: name the unit that it takes votes from." : ""};
  for (std::size_t i = 0; i < correction.amounts.size(); ++i) {
    const auto amount = correction.amounts[i];
    auto& number = columns_[i][unit];
    if (amount == 0 || (number == missing && !is_new)) continue;
    const std::int64_t sum = (number == missing ? 0 : number) + amount;
    number = fits(sum) ? static_cast<std::int32_t>(sum) : missing;
  }
  return std::nullopt;
}

Result<void> CountBuilder::make_corrections(const ProfiledRows& rows, std::vector<RejectedRow>& rejected) {
  std::vector<std::int64_t> changed(slots_->options, 0);
  std::vector<std::string> without_unit;
  std::vector<RejectedRow> refused;
  std::size_t made = 0;
  for (auto& correction : corrections_) {
    if (correction.slot) {  // of one name: the numbers that have it
      const auto slot = *correction.slot;
      const auto amount = correction.amounts[0];
      correction.amounts.clear();
      for (const auto& number : slots_->numbers)
        correction.amounts.push_back(amount * (std::count(number.plus.begin(), number.plus.end(), slot) -
                                               std::count(number.minus.begin(), number.minus.end(), slot)));
    } else if (correction.amounts.empty()) {
      continue;  // of a name that the profile passes over
    }
    bool is_new = false;
    const bool takes = std::any_of(correction.amounts.begin(),
                                   correction.amounts.begin() + static_cast<std::ptrdiff_t>(slots_->options),
                                   [](std::int64_t amount) { return amount < 0; });
    std::optional<RowFault> fault;
    if (takes && !index_.find(correction.key)) {
      fault = RowFault{.message = "a correction that takes votes away and names no unit of the file",
                       .column = {},
                       .value = correction.key,
                       .remedy = "Name the unit that it takes votes from."};
    } else {
      const auto unit = unit_of_correction(correction, is_new);
      fault = correct(correction, unit, is_new);
      if (is_new) without_unit.push_back(correction.key);
    }
    if (!fault) {
      ++made;
      for (std::size_t i = 0; i < changed.size(); ++i) changed[i] += correction.amounts[i];
      continue;
    }
    if (profile_->bad_rows == BadRows::refuse) return rows.error_of(*fault, correction.row);
    auto& row = refused.emplace_back(rows.rejected_row(*fault, correction.row, correction.text));
    for (std::size_t i = 0; i < slots_->options; ++i)
      row.votes.push_back(
          {std::min<std::int64_t>(0, correction.amounts[i]), std::max<std::int64_t>(0, correction.amounts[i])});
  }
  std::move(refused.begin(), refused.end(), std::back_inserter(rejected));
  tell_corrections(made, changed, without_unit);
  return {};
}

void CountBuilder::tell_corrections(std::size_t made, const std::vector<std::int64_t>& amounts,
                                    const std::vector<std::string>& without_unit) {
  const auto some = [](const std::vector<std::string>& all) {
    const auto first =
        std::vector<std::string>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), shown)));
    return fmt::format("{}{}", fmt::join(first, ", "),
                       all.size() > shown ? fmt::format(" and {} more", all.size() - shown) : "");
  };
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < amounts.size(); ++i)
    if (amounts[i] != 0) changes.push_back(fmt::format("{} {}", profile_->options[i].name, signed_number(amounts[i])));
  if (made > 0)
    count_.caveats.push_back(
        fmt::format("{}: {}.",
                    made == 1 ? "One correction in the file was added to the unit that it names"
                              : with_thousands(static_cast<long long>(made)) +
                                    " corrections in the file were added to the units that they name",
                    changes.empty() ? std::string("no option's votes changed in sum") : some(changes)));
  std::vector<std::string> keys;
  for (const auto& key : without_unit) keys.push_back(fmt::format("'{}'", printable(key, 60)));
  if (!keys.empty())
    count_.caveats.push_back(
        fmt::format("A correction names {}, which is no other row's unit: it belongs to the total "
                    "alone, and is shown as a unit of that name.",
                    some(keys)));
}

}  // namespace cotejo
