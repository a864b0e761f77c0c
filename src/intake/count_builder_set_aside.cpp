// The fewest and the most votes of the rows that were set aside (set_aside_votes.hpp).
#include <algorithm>
#include <cstdlib>

#include "count_builder.hpp"

namespace cotejo {

namespace {

struct Cells {
  std::vector<std::string> texts;
  std::vector<std::string_view> views;

  // `text` is RejectedRow::text.
  explicit Cells(const std::string& text) {
    const auto cells = nlohmann::json::parse(text, nullptr, false);
    if (cells.is_array())
      for (const auto& cell : cells) texts.push_back(cell.is_string() ? cell.get<std::string>() : std::string());
    views.assign(texts.begin(), texts.end());
  }
  // A cell with a line break may hold further rows.
  std::int64_t rows() const {
    std::int64_t breaks = 0;
    for (const auto& text : texts) breaks += std::count(text.begin(), text.end(), '\n');
    return 1 + breaks;
  }
  bool holds(char separator) const {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return text.find(separator) != std::string::npos; });
  }
};

}  // namespace

void CountBuilder::give_votes(const ProfiledRows& rows, std::vector<RejectedRow>& rejected) {
  const SetAsideVotes bounds(*profile_, *slots_, columns_);
  const auto& damaged = rows.damaged();
  const std::size_t options = std::max<std::size_t>(slots_->options, 1);
  auto known = unused_.begin();
  auto unit = unused_units_.begin();
  for (std::size_t i = 0; i < rejected.size() && (i + 1) * options <= most_ranges; ++i) {
    auto& row = rejected[i];
    if (!row.votes.empty()) continue;  // a correction
    if (i < damaged.size()) {
      while (known != unused_.end() && known->row < row.row) ++known;
      const bool is_known = known != unused_.end() && known->row == row.row;
      row.votes = votes_of(bounds, rows, row, damaged[i], is_known ? &*known : nullptr);
      continue;
    }
    while (unit != unused_units_.end() && unit->first < i) ++unit;
    if (unit != unused_units_.end() && unit->first == i) row.votes = bounds.of_cells(unit->second, {});
  }
}

// Of one row as it stands in the file.
std::vector<VoteRange> CountBuilder::votes_of(const SetAsideVotes& bounds, const ProfiledRows& rows,
                                              const RejectedRow& row, bool damaged, const UnusedRow* known) const {
  const auto& header = rows.file().header();
  const Cells cells(row.text);
  if (known != nullptr && known->covered) return std::vector<VoteRange>(slots_->options);
  const bool is_long = profile_->long_layout.has_value();
  const bool in_place =
      cells.views.size() == header.size() &&
      !(damaged && (cells.rows() > 1 || cells.holds(profile_->format.separator) || !profile_->format.fixed.empty()));
  if (!in_place || (is_long && known == nullptr)) {
    std::vector<std::int32_t> figures;
    for (const auto cell : cells.views) figures.push_back(reader_.whole(trimmed(cell)).value_or(missing));
    return bounds.of_unknown(figures, cells.rows());
  }
  if (is_long) return bounds.of_named(known->slot, known->votes);
  if (known != nullptr && known->is_correction) {
    std::vector<std::int32_t> amounts;
    for (const auto cell : cells.views)
      if (const auto amount = reader_.signed_whole(trimmed(cell)); amount && *amount != missing)
        amounts.push_back(std::abs(*amount));
    auto votes = bounds.of_unknown(amounts, 1);
    for (auto& range : votes) range.least = -range.most;
    return votes;
  }
  auto votes = votes_of_cells(bounds, cells.views, header);
  std::string key = known != nullptr ? known->key : std::string();
  if (damaged && profile_->where.empty() && !key_.expression->fill_down && evaluate(key_, cells.views, header, key))
    key.clear();
  if (key.empty())
    SetAsideVotes::may_be_none(votes);
  else if (const auto counted = index_.find(key))
    bounds.against_counted(votes, *counted);
  return votes;
}

// Of a row of the wide layout or of groups, whose cells are where they belong.
std::vector<VoteRange> CountBuilder::votes_of_cells(const SetAsideVotes& bounds,
                                                    std::span<const std::string_view> cells,
                                                    const std::vector<std::string>& header) const {
  std::vector<std::int32_t> values(slots_->slots.size(), missing);
  for (const auto& [slot, column, may_be_empty] : column_slots_)
    values[slot] = reader_.whole(trimmed(cells[column])).value_or(missing);
  std::vector<std::optional<Percentage>> percentages(percentage_columns_.size());
  for (std::size_t i = 0; i < percentages.size(); ++i)
    percentages[i] = reader_.percentage(trimmed(cells[percentage_columns_[i]]));

  std::int64_t of_nobody = 0;  // votes of groups without a name that an option has
  bool all_read = true;
  std::vector<bool> given(slots_->slots.size(), false);
  for (const auto& group : groups_) {
    std::string name;
    const auto fault = evaluate(group.name, cells, header, name);
    const auto value = reader_.whole(trimmed(cells[group.value]));
    const auto named = fault ? named_slots_.end() : named_slots_.find(name);
    const auto votes = value && *value != missing ? *value : 0;
    if (named == named_slots_.end()) {
      of_nobody += votes;
      all_read = all_read && (value || name.empty());
    } else if (given[named->second]) {
      of_nobody += votes;  // the name again: another part, or another option's group
    } else {
      given[named->second] = true;
      values[named->second] = value.value_or(missing);
    }
  }
  for (const auto& [name, slot] : named_slots_)
    if (!groups_.empty() && !given[slot]) values[slot] = all_read ? 0 : missing;
  auto votes = bounds.of_cells(values, percentages);
  for (auto& range : votes) range.most += of_nobody;
  return votes;
}

}  // namespace cotejo
