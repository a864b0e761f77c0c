// Rows that correct a return: they add to the unit that their key names, whatever their place in the file.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "cotejo/vote/total_correction.hpp"
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
  Correction out{.row = row.row(), .key = {}};
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

// Adds the amounts to the unit's numbers, all of them or none.
std::optional<RowFault> CountBuilder::correct(const Correction& correction, UnitIndex unit) {
  const auto fits = [](std::int64_t value) { return value >= 0 && value <= std::numeric_limits<std::int32_t>::max(); };
  for (std::size_t i = 0; i < slots_->options; ++i)
    if (const auto amount = correction.amounts[i]; !fits(columns_[i][unit] + amount))
      return RowFault{.message = fmt::format("a correction by {} of '{}', which has {}", signed_number(amount),
                                             slots_->numbers[i].what, with_thousands(columns_[i][unit])),
                      .column = {},
                      .value = correction.key,
                      .remedy = {}};
  for (std::size_t i = 0; i < correction.amounts.size(); ++i) {
    const auto amount = correction.amounts[i];
    auto& number = columns_[i][unit];
    if (amount == 0 || number == missing) continue;
    const std::int64_t sum = number + amount;
    number = fits(sum) ? static_cast<std::int32_t>(sum) : missing;
  }
  return std::nullopt;
}

// Whether the amounts can be added to the whole count. Only rows that the profile calls corrections may take votes from
// it: another row with a negative number and a key of its own is a mistake.
std::optional<RowFault> CountBuilder::fault_of_total(const Correction& correction,
                                                     const std::vector<std::int64_t>& before) const {
  const auto fault = [&](std::string message, std::string remedy = {}) {
    return RowFault{.message = std::move(message), .column = {}, .value = correction.key, .remedy = std::move(remedy)};
  };
  for (std::size_t i = slots_->options; i < correction.amounts.size(); ++i) {
    const auto& what = slots_->numbers[i].what;
    if (correction.amounts[i] != 0 && (what == "registered" || what == "blank" || what == "null"))
      return fault(fmt::format("a correction of '{}' that names no unit of the file", what));
  }
  for (std::size_t i = 0; i < slots_->options; ++i) {
    const auto amount = correction.amounts[i];
    if (amount >= 0) continue;
    if (correction_rows_.empty())
      return fault("a correction that takes votes away and names no unit of the file",
                   "Name the unit that it takes votes from, or say with [[correction]] which rows are corrections.");
    std::int64_t have = before[i];
    for (const auto votes : columns_[i]) have += votes == missing ? 0 : votes;
    if (have + amount < 0)
      return fault(fmt::format("a correction by {} of '{}', which has {} in all", signed_number(amount),
                               slots_->numbers[i].what, with_thousands(have)));
  }
  return std::nullopt;
}

Result<void> CountBuilder::make_corrections(const ProfiledRows& rows, std::vector<RejectedRow>& rejected) {
  std::vector<std::int64_t> changed(slots_->options, 0);
  std::vector<RejectedRow> apart;  // refused, or of the whole count
  std::vector<std::int64_t> of_whole(slots_->options, 0);
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
    const auto unit = index_.find(correction.key);
    const auto fault = unit ? correct(correction, *unit) : fault_of_total(correction, of_whole);
    if (fault && profile_->bad_rows == BadRows::refuse) return rows.error_of(*fault, correction.row);
    if (!fault && unit) {
      ++made;
      for (std::size_t i = 0; i < changed.size(); ++i) changed[i] += correction.amounts[i];
      continue;
    }
    const RowFault whole{.message = "a correction of the whole count: it is part of the total and of no unit",
                         .column = std::string(of_the_whole),
                         .value = correction.key,
                         .remedy = {}};
    auto& row = apart.emplace_back(rows.rejected_row(fault ? *fault : whole, correction.row, correction.text));
    for (std::size_t i = 0; i < slots_->options; ++i) {
      const auto amount = correction.amounts[i];
      row.votes.push_back(fault ? VoteRange{std::min<std::int64_t>(0, amount), std::max<std::int64_t>(0, amount)}
                                : VoteRange{amount, amount});
      if (!fault) of_whole[i] += amount;
    }
  }
  tell_total_corrections(apart);
  std::move(apart.begin(), apart.end(), std::back_inserter(rejected));
  tell_corrections(made, changed);
  return {};
}

// "Ana +4, Ben -7".
std::string CountBuilder::changes_of(const std::vector<std::int64_t>& amounts) const {
  std::vector<std::string> out;
  std::size_t others = 0;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    if (amounts[i] == 0) continue;
    if (out.size() < shown)
      out.push_back(fmt::format("{} {}", profile_->options[i].name, signed_number(amounts[i])));
    else
      ++others;
  }
  if (out.empty()) return "no option's votes changed in sum";
  return fmt::format("{}{}", fmt::join(out, ", "), others > 0 ? fmt::format(" and {} more", others) : "");
}

void CountBuilder::tell_corrections(std::size_t made, const std::vector<std::int64_t>& changed) {
  if (made == 0) return;
  count_.caveats.push_back(fmt::format("{}: {}.",
                                       made == 1
                                           ? "One correction in the file was added to the unit that it names"
                                           : with_thousands(static_cast<long long>(made)) +
                                                 " corrections in the file were added to the units that they name",
                                       changes_of(changed)));
}

void CountBuilder::tell_total_corrections(const std::vector<RejectedRow>& apart) {
  std::vector<std::string> keys;
  std::vector<std::int64_t> sum(slots_->options, 0);
  std::size_t found = 0;
  for (const auto& row : apart) {
    if (!corrects_the_whole(row)) continue;
    ++found;
    const auto key = fmt::format("'{}'", printable(row.value, 60));
    if (keys.size() < shown && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += row.votes[i].least;
  }
  if (found == 0) return;
  count_.caveats.push_back(fmt::format("{} {}, which is no unit of the file: {} part of the total and of no unit ({}).",
                                       found == 1 ? std::string("One correction names")
                                                  : with_thousands(static_cast<long long>(found)) + " corrections name",
                                       fmt::join(keys, ", "), found == 1 ? "it is" : "they are", changes_of(sum)));
}

}  // namespace cotejo
