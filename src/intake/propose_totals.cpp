#include "propose_totals.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tsl/robin_map.h>

#include <algorithm>
#include <map>
#include <set>

#include "cotejo/base/text.hpp"
#include "propose_roles.hpp"

namespace cotejo::proposing {

namespace {

constexpr double pure = 0.9;                   // of the rows that a condition picks, those that are sums
constexpr std::size_t most_groups_tried = 24;  // conditions, those with the most sums first
constexpr std::size_t most_listed = 200;       // texts in one condition
constexpr int most_levels = 6;
constexpr std::size_t most_texts = 2'000;        // of a column whose texts are added up one by one
constexpr std::size_t most_read_words = 20'000;  // texts of a column whose words are looked at

// Rows that one condition picks.
struct Group {
  enum class By { text, empty, length, first_word, last_word } by = By::text;
  std::size_t column = 0;
  std::string value;              // the text, the length, the word
  std::vector<std::size_t> rows;  // of the matrix' rows, by position
  std::size_t hits = 0;
};

std::string word_of(std::string_view text, bool first) {
  const std::string all = folded(text);
  if (all.find(' ') == std::string::npos) return {};
  return first ? all.substr(0, all.find(' ')) : all.substr(all.rfind(' ') + 1);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class TotalFinder {
 public:
  TotalFinder(const Table& table, const Matrix& matrix, const std::vector<std::uint32_t>& table_row,
              const std::vector<std::size_t>& votes, const std::vector<std::size_t>& text_columns,
              const std::vector<std::string>& keep)
      : table_(table), matrix_(matrix), table_row_(table_row), votes_(votes), texts_(text_columns), keep_(keep) {
    out_.is_total.assign(matrix.rows.size(), false);
    hashes_.assign(matrix.rows.size(), 0);
    for (std::size_t i = 0; i < matrix.rows.size(); ++i) hashes_[i] = hash_of(matrix.rows[i]);
  }

  TotalRows find() {
    if (votes_.empty() || matrix_.rows.size() < 4) return std::move(out_);
    for (int level = 0; level < most_levels; ++level)
      if (!accept_value_of_a_column() && !accept_blocks() && !accept_last_codes()) break;
    if (!accept_nearly_levels()) accept_nearly_grand_total();
    accept_called_totals();
    write_conditions();
    return std::move(out_);
  }

 private:
  std::uint64_t hash_of(std::uint32_t row) const {
    std::uint64_t out = 0;
    for (std::size_t k = 0; k < votes_.size(); ++k) {
      const auto value = matrix_.quantities[votes_[k]][row];
      if (value != missing)
        out +=
            static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) * (0x9E3779B97F4A7C15ULL * (2 * k + 3) | 1U);
    }
    return out;
  }
  TextId id(std::size_t position, std::size_t column) const { return table_.columns[column].ids[table_row(position)]; }
  std::uint32_t table_row(std::size_t position) const {
    const auto row = matrix_.rows[position];
    return table_row_.empty() ? row : table_row_[row];
  }
  std::string_view text(std::size_t position, std::size_t column) const {
    return table_.columns[column].texts[id(position, column)];
  }
  bool active(std::size_t position) const { return !out_.is_total[position] && hashes_[position] != 0; }
  const std::string& name(std::size_t column) const { return table_.columns[column].name; }

  // ---- a value of a text column whose rows add up all others, in whatever order ----

  bool accept_value_of_a_column() {
    std::uint64_t all = 0;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (active(i)) {
        all += hashes_[i];
        ++rows;
      }
    if (rows < 4) return false;
    for (const bool by_length : {false, true}) {
      for (const auto column : texts_) {
        const auto groups = sums_by(column, by_length);
        if (groups.size() < 2 || groups.size() > most_texts) continue;
        if (accept_half(column, by_length, groups, all, rows) || accept_levels(column, by_length, groups, all))
          return true;
      }
    }
    return false;
  }

  using Groups = std::map<std::size_t, std::pair<std::uint64_t, std::size_t>>;

  // The sum and the rows of every text of a column (by its id), or of every length; none when there are too many.
  Groups sums_by(std::size_t column, bool by_length) const {
    const auto& texts = table_.columns[column].texts;
    if (!by_length && texts.size() > most_texts) return {};
    std::vector<std::uint32_t> of(texts.size());
    for (TextId t = 0; t < texts.size(); ++t)
      of[t] = by_length ? static_cast<std::uint32_t>(std::min<std::size_t>(characters(texts[t]), 999)) : t;
    std::vector<std::pair<std::uint64_t, std::size_t>> sums(by_length ? 1'000 : texts.size());
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      if (!active(i)) continue;
      auto& [sum, rows] = sums[of[id(i, column)]];
      sum += hashes_[i];
      ++rows;
    }
    Groups out;
    for (std::size_t key = 0; key < sums.size(); ++key)
      if (sums[key].second > 0) out[key] = sums[key];
    return out;
  }

  Group group_of(std::size_t column, bool by_length, std::size_t value) const {
    Group out{.by = by_length    ? Group::By::length
                    : value == 0 ? Group::By::empty
                                 : Group::By::text,
              .column = column,
              .value = by_length ? std::to_string(value)
                                 : std::string(table_.columns[column].texts[static_cast<TextId>(value)]),
              .rows = {}};
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (!out_.is_total[i] && (by_length ? characters(text(i, column)) : id(i, column)) == value)
        out.rows.push_back(i);
    return out;
  }

  // One value has as much as all others together, in fewer rows.
  bool accept_half(std::size_t column, bool by_length, const Groups& groups, std::uint64_t all, std::size_t rows) {
    for (const auto& [value, group] : groups) {
      if (group.first == 0 || group.first * 2 != all) continue;
      const auto others = rows - group.second;
      const bool named = !by_length && has_total_word(table_.columns[column].texts[static_cast<TextId>(value)]);
      if (group.second > others || (group.second == others && !named)) continue;
      auto found = group_of(column, by_length, value);
      if (is_kept(found)) continue;
      accept(found, "all other rows together");
      return true;
    }
    return false;
  }

  // A column of levels: every value has the same sum; the one with the most rows are the units.
  bool accept_levels(std::size_t column, bool by_length, const Groups& groups, std::uint64_t all) {
    if (groups.size() > 6) return false;
    std::size_t most = 0, with_most = 0;
    for (const auto& [value, group] : groups) {
      if (group.first == 0 || group.first * groups.size() != all) return false;
      with_most = group.second == most ? with_most + 1 : group.second > most ? 1 : with_most;
      most = std::max(most, group.second);
    }
    if (with_most != 1) return false;
    for (const auto& [value, group] : groups)
      if (group.second != most) accept(group_of(column, by_length, value), "the rows of another level");
    return true;
  }

  // ---- blocks ----

  // Whether a row is the sum of the active rows right before it or right after it (two at least, or the one beside it).
  class Blocks {
   public:
    Blocks(const std::vector<std::uint64_t>& hashes, const std::vector<bool>& inside) {
      prefix_.reserve(hashes.size() + 1);
      prefix_.push_back(0);
      before_.reserve(hashes.size() + 1);
      before_.push_back(0);
      where_.reserve(hashes.size());
      where_[0] = {0, 0};
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        if (inside[i]) {
          prefix_.push_back(prefix_.back() + hashes[i]);
          const auto at = prefix_.size() - 1;
          auto [place, fresh] = where_.try_emplace(prefix_.back(), std::pair{at, at});
          if (!fresh) place.value().second = at;
        }
        before_.push_back(prefix_.size() - 1);
      }
    }
    // Rows of the block, 0 when there is none. The row itself may be inside or not.
    std::size_t of(std::size_t row, std::uint64_t hash, bool inside) const {
      const auto at = before_[row];
      const auto behind = where_.find(prefix_[at] - hash);
      if (behind != where_.end() && behind->second.first < at) {
        const auto from = behind->second.second < at ? behind->second.second : behind->second.first;
        return at - from;
      }
      const auto next = inside ? at + 1 : at;
      const auto ahead = where_.find(prefix_[next] + hash);
      if (ahead != where_.end() && ahead->second.second > next)
        return (ahead->second.first > next ? ahead->second.first : ahead->second.second) - next;
      return 0;
    }
    std::uint64_t all() const { return prefix_.back(); }
    std::size_t rows() const { return prefix_.size() - 1; }

   private:
    std::vector<std::uint64_t> prefix_;
    std::vector<std::size_t> before_;  // active rows before each row
    tsl::robin_map<std::uint64_t, std::pair<std::size_t, std::size_t>> where_;
  };

  bool accept_blocks() {
    std::vector<bool> inside(hashes_.size());
    for (std::size_t i = 0; i < hashes_.size(); ++i) inside[i] = active(i);
    const Blocks blocks(hashes_, inside);
    std::vector<std::size_t> hits;
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (inside[i] && (blocks.of(i, hashes_[i], true) >= 2 || hashes_[i] * 2 == blocks.all())) hits.push_back(i);
    if (hits.empty()) return false;
    for (auto& group : groups_around(hits))
      if (!is_kept(group) && is_pure(group)) {
        accept(group, "the rows beside them");
        return true;
      }
    return false;
  }

  // The conditions that pick some of the hits, those with the most of them first; among equals the simplest.
  std::vector<Group> groups_around(const std::vector<std::size_t>& hits) const {
    std::map<std::tuple<std::size_t, int, std::string>, Group> found;
    for (const auto column : texts_)
      for (std::size_t h = 0; h < hits.size(); h += std::max<std::size_t>(1, hits.size() / 2'000)) {
        const auto cell = text(hits[h], column);
        const auto add = [&](Group::By by, std::string value) {
          if (value.empty() && by != Group::By::empty) return;
          auto& group = found[{column, static_cast<int>(by), value}];
          group.by = by;
          group.column = column;
          group.value = std::move(value);
          ++group.hits;
        };
        add(cell.empty() ? Group::By::empty : Group::By::text, std::string(cell));
        if (!cell.empty()) add(Group::By::length, std::to_string(characters(cell)));
        if (table_.columns[column].texts.size() > most_read_words) continue;
        add(Group::By::first_word, word_of(cell, true));
        add(Group::By::last_word, word_of(cell, false));
      }
    std::vector<Group> out;
    for (auto& [key, group] : found)
      if (is_worth_a_try(group, hits.size())) out.push_back(std::move(group));
    const auto rank = [](const Group& group) {
      return group.by == Group::By::empty ? 0 : group.by == Group::By::text ? 1 : group.by == Group::By::length ? 3 : 2;
    };
    std::stable_sort(out.begin(), out.end(), [&](const Group& a, const Group& b) {
      return a.hits != b.hits ? a.hits > b.hits : rank(a) < rank(b);
    });
    if (out.size() > most_groups_tried) out.resize(most_groups_tried);
    for (auto& group : out) {
      const auto& texts = table_.columns[group.column].texts;
      std::vector<bool> picked(texts.size());
      for (TextId t = 0; t < texts.size(); ++t) picked[t] = picks(group, texts[t]);
      for (std::size_t i = 0; i < hashes_.size(); ++i)
        if (!out_.is_total[i] && picked[id(i, group.column)]) group.rows.push_back(i);
    }
    return out;
  }

  // One hit among many rows of a text is an accident; a single row must be the sum of all others, or be called a total.
  bool is_worth_a_try(const Group& group, std::size_t hits) const {
    if (group.hits >= 2 || has_total_word(group.value) || hits <= 50) {
      if (group.by != Group::By::text && group.by != Group::By::empty) return true;
      const auto& texts = table_.columns[group.column].texts;
      for (TextId t = 0; t < texts.size() && texts.size() <= most_texts; ++t)
        if (texts[t] == group.value) return group.hits * 4 >= texts.times(t);
      return true;
    }
    return false;
  }

  bool picks(const Group& group, std::string_view cell) const {
    switch (group.by) {
      case Group::By::empty:
        return cell.empty();
      case Group::By::text:
        return cell == group.value;
      case Group::By::length:
        return std::to_string(characters(cell)) == group.value;
      case Group::By::first_word:
        return word_of(cell, true) == group.value;
      case Group::By::last_word:
        return word_of(cell, false) == group.value;
    }
    return false;
  }

  // Without its rows, nearly each of them is the sum of a block of the others, or of all others.
  bool is_pure(const Group& group) const {
    std::vector<bool> inside(hashes_.size());
    for (std::size_t i = 0; i < hashes_.size(); ++i) inside[i] = active(i);
    std::size_t rows = 0, sums = 0, of_all = 0, of_several = 0;
    for (const auto i : group.rows) inside[i] = false;
    const Blocks blocks(hashes_, inside);
    for (const auto i : group.rows) {
      if (hashes_[i] == 0) continue;
      ++rows;
      const auto block = blocks.of(i, hashes_[i], false);
      const bool all = hashes_[i] == blocks.all();
      sums += block > 0 || all ? 1U : 0U;
      of_several += block >= 2 ? 1U : 0U;
      of_all += all && blocks.rows() >= 3 ? 1U : 0U;
    }
    if (rows == 0 || rows * 2 > rows + blocks.rows()) return false;
    if (static_cast<double>(sums) < pure * static_cast<double>(rows)) return false;
    return of_all > 0 || of_several >= 2 || (of_several == 1 && has_total_word(group.value));
  }

  void accept(const Group& group, const std::string& of) {
    std::size_t rows = 0;
    for (const auto i : group.rows) {
      rows += out_.is_total[i] ? 0U : 1U;
      out_.is_total[i] = true;
    }
    out_.found += rows;
    accepted_.push_back(group);
    out_.guesses.push_back({"total rows", described(group),
                            fmt::format("{}, in all columns of votes at once, the sum of {}: left out",
                                        rows == 1 ? std::string("a row that is")
                                                  : with_thousands(static_cast<long long>(rows)) + " rows that are",
                                        of),
                            0.05});
  }

  bool is_kept(const Group& group) const {
    return (group.by == Group::By::text || group.by == Group::By::empty) &&
           std::find(keep_.begin(), keep_.end(), name(group.column) + "=" + group.value) != keep_.end();
  }

  std::string described(const Group& group) const {
    const auto column = printable(name(group.column), 40);
    switch (group.by) {
      case Group::By::empty:
        return fmt::format("{} is empty", column);
      case Group::By::text:
        return fmt::format("{} = {}", column, printable(group.value, 60));
      case Group::By::length:
        return fmt::format("{} has {} characters", column, group.value);
      case Group::By::first_word:
        return fmt::format("{} begins with '{}'", column, printable(group.value, 60));
      case Group::By::last_word:
        return fmt::format("{} ends with '{}'", column, printable(group.value, 60));
    }
    return {};
  }

  // ---- printed totals that do not add ----

  // The first or last rows, where every column is within a few per cent of the sum of all other rows.
  void accept_nearly_grand_total() {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (active(i)) rows.push_back(i);
    if (rows.size() < 5) return;
    std::vector<std::size_t> edge{rows[0], rows[1], rows[rows.size() - 2], rows.back()};
    for (const auto i : edge)
      if (const auto differences = nearly_sum(i, rows); !differences.empty()) {
        accept_one(i, fmt::format("nearly the sum of all other rows ({}): left out; the figures of the units are taken",
                                  differences));
        return;
      }
  }

  // A row has a third of all votes, and the rows whose codes come last another third: the total of all, and totals of
  // districts whose units stand elsewhere in the file (991 to 998, and 999).
  bool accept_last_codes() {
    std::uint64_t all = 0;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (active(i)) {
        all += hashes_[i];
        rows.push_back(i);
      }
    if (rows.size() < 8) return false;
    const auto whole = std::find_if(rows.begin(), rows.end(), [&](std::size_t i) { return hashes_[i] * 3 == all; });
    if (whole == rows.end()) return false;
    const auto total = *whole;
    if (accept_two_grand_totals(rows, hashes_[total])) return true;
    for (const auto column : texts_) {
      auto order = rows;
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return text(a, column) > text(b, column); });
      std::vector<std::size_t> last{total};
      std::uint64_t sum = 0;
      for (const auto i : order) {
        if (i == total) continue;
        sum += hashes_[i];
        last.push_back(i);
        if (sum == hashes_[total] || last.size() * 2 > rows.size()) break;
      }
      if (sum != hashes_[total] || last.size() * 2 > rows.size()) continue;
      for (const auto i : last) {
        out_.is_total[i] = true;
        accepted_.push_back(
            {.by = Group::By::text, .column = column, .value = std::string(text(i, column)), .rows = {i}});
      }
      out_.found += last.size();
      out_.guesses.push_back(
          {"total rows",
           fmt::format("{} from {} on", printable(name(column), 40), printable(text(last.back(), column), 40)),
           fmt::format("one row is the sum of {} others, and of all rows that are left: left out", last.size() - 1),
           0.2});
      return true;
    }
    return false;
  }

  // Two rows have a third each: the total stands twice.
  bool accept_two_grand_totals(const std::vector<std::size_t>& rows, std::uint64_t hash) {
    std::vector<std::size_t> both;
    for (const auto i : rows)
      if (hashes_[i] == hash) both.push_back(i);
    if (both.size() != 2) return false;
    for (const auto column : texts_) {
      std::vector<Group> groups;
      for (const auto i : both) {
        auto group = group_of(column, false, id(i, column));
        if (group.rows.size() == 1) groups.push_back(std::move(group));
      }
      if (groups.size() != 2 || is_kept(groups[0]) || is_kept(groups[1])) continue;
      for (auto& group : groups) accept(group, "all other rows together");
      return true;
    }
    return false;
  }

  // One row is nearly the sum of the rows whose code has some other length, in every column (shares that were rounded):
  // these are taken.
  bool accept_nearly_levels() {
    for (const auto column : texts_) {
      const auto groups = sums_by(column, true);
      if (groups.size() < 2 || groups.size() > 4) continue;
      for (const auto& [length, whole] : groups)
        for (const auto& [units, level] : groups) {
          if (whole.second != 1 || level.second < 3 || units <= length) continue;
          const auto total = group_of(column, true, length), taken = group_of(column, true, units);
          if (total.rows.size() != 1 || is_kept(total) || !is_nearly(total.rows.front(), taken.rows)) continue;
          std::size_t left_out = 0;
          for (const auto& [other, group] : groups) {
            if (other == units) continue;
            auto rows = group_of(column, true, other);
            for (const auto i : rows.rows) out_.is_total[i] = true;
            left_out += rows.rows.size();
            accepted_.push_back(std::move(rows));
          }
          out_.found += left_out;
          out_.guesses.push_back(
              {"total rows", fmt::format("{} has not {} characters", printable(name(column), 40), units),
               fmt::format(
                   "'{}' is nearly the sum of the {} rows with {} characters in every column, and these are taken; "
                   "{} of other lengths are left out",
                   printable(text(total.rows.front(), column), 40), taken.rows.size(), units, left_out),
               0.5});
          return true;
        }
    }
    return false;
  }
  bool is_nearly(std::size_t total, const std::vector<std::size_t>& rows) const {
    std::size_t several = 0;
    for (const auto q : votes_) {
      const auto& quantity = matrix_.quantities[q];
      std::int64_t sum = 0;
      for (const auto i : rows) sum += quantity[matrix_.rows[i]] == missing ? 0 : quantity[matrix_.rows[i]];
      const std::int64_t printed = quantity[matrix_.rows[total]] == missing ? 0 : quantity[matrix_.rows[total]];
      if (std::abs(printed - sum) > std::max<std::int64_t>(static_cast<std::int64_t>(rows.size()), printed / 500))
        return false;
      several += printed >= 1'000 ? 1U : 0U;
    }
    return several >= 2;
  }

  // What differs, when all columns are near; nothing when they are not.
  std::string nearly_sum(std::size_t position, const std::vector<std::size_t>& rows) const {
    std::vector<std::string> differences;
    std::size_t near = 0, exact = 0;
    for (const auto q : votes_) {
      const auto& quantity = matrix_.quantities[q];
      std::int64_t sum = 0;
      for (const auto i : rows)
        if (i != position && quantity[matrix_.rows[i]] != missing) sum += quantity[matrix_.rows[i]];
      const std::int64_t printed = quantity[matrix_.rows[position]] == missing ? 0 : quantity[matrix_.rows[position]];
      if (std::abs(printed - sum) * 20 > std::max<std::int64_t>(sum, 20)) return {};
      near += sum > 0 ? 1U : 0U;
      exact += sum > 0 && printed == sum ? 1U : 0U;
      if (printed != sum)
        differences.push_back(fmt::format("{}: printed {}, the rows add up to {}", printable(quantity.name, 40),
                                          with_thousands(printed), with_thousands(sum)));
    }
    // A capital may have as many votes as the rest of the country; it is not called a total, and nothing is equal.
    const bool called = std::any_of(texts_.begin(), texts_.end(),
                                    [&](std::size_t column) { return has_total_word(text(position, column)); });
    if (near == 0 || (near == 1 && votes_.size() > 1) || (exact == 0 && !called)) return {};
    return differences.empty() ? "exactly" : fmt::format("{}", fmt::join(differences, "; "));
  }

  void accept_one(std::size_t position, const std::string& evidence) {
    std::optional<Group> best;
    for (const auto column : texts_) {
      const auto cell = text(position, column);
      Group group{.by = cell.empty() ? Group::By::empty : Group::By::text,
                  .column = column,
                  .value = std::string(cell),
                  .rows = {}};
      for (std::size_t i = 0; i < hashes_.size(); ++i)
        if (!out_.is_total[i] && picks(group, text(i, column))) group.rows.push_back(i);
      const bool better = !best || (has_total_word(cell) && !has_total_word(best->value));
      if (group.rows.size() == 1 && is_kept(group)) return;
      if (group.rows.size() == 1 && better) best = std::move(group);
    }
    if (!best) {
      out_.questions.push_back(
          {.text = fmt::format("Row {} is {}, and no cell tells it from the others. Correct the file, or answer "
                               "with a cell that it has",
                               table_row(position) + 1, evidence),
           .option = "--leave-out"});
      return;
    }
    out_.is_total[position] = true;
    ++out_.found;
    accepted_.push_back(*best);
    out_.guesses.push_back({"total rows", described(*best), evidence, 0.4});
  }

  // Rows that are called a total and add up nothing that was found.
  void accept_called_totals() {
    std::map<std::pair<std::size_t, std::string>, std::vector<std::size_t>> called;
    for (const auto column : texts_) {
      const auto& texts = table_.columns[column].texts;
      std::vector<bool> total(texts.size());
      bool any = false;
      for (TextId t = 1; t < texts.size(); ++t) {
        total[t] = table_.columns[column].kinds[t] == CellKind::text && is_called_total(texts[t]);
        any = any || total[t];
      }
      if (!any) continue;
      for (std::size_t i = 0; i < hashes_.size(); ++i)
        if (!out_.is_total[i] && total[id(i, column)]) called[{column, std::string(text(i, column))}].push_back(i);
    }
    for (auto& [key, rows] : called) {
      if (rows.size() * 2 > hashes_.size()) continue;
      std::erase_if(rows, [&](std::size_t i) { return out_.is_total[i]; });
      if (rows.empty()) continue;
      Group group{.by = Group::By::text, .column = key.first, .value = key.second, .rows = rows};
      if (is_kept(group)) continue;
      for (const auto i : rows) out_.is_total[i] = true;
      out_.found += rows.size();
      accepted_.push_back(group);
      out_.guesses.push_back({"total rows", described(group),
                              fmt::format("{} with this word, which add up no block of rows exactly: left out "
                                          "(--keep '{}={}' keeps them)",
                                          rows.size() == 1 ? std::string("a row") : fmt::format("{} rows", rows.size()),
                                          printable(name(key.first), 40), printable(key.second, 60)),
                              0.5});
    }
  }
  static bool is_called_total(std::string_view text) {
    if (text.size() > 40 || text.find_first_of("0123456789/_") != std::string_view::npos) return false;
    return is_total_word(text) && folded(text) != "all" && folded(text) != "sum";
  }

  // ---- conditions ----

  // One condition for all of them where there is one, else one for each group.
  void write_conditions() {
    if (accepted_.empty()) return;
    if (accepted_.size() > 1)
      for (const auto column : texts_)
        if (auto where = one_condition(column)) {
          out_.where.push_back(std::move(*where));
          return;
        }
    for (const auto& group : accepted_) out_.where.push_back(condition(group));
  }

  std::optional<Where> one_condition(std::size_t column) const {
    std::set<std::string> totals, units;
    std::set<std::size_t> total_lengths, unit_lengths;
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      const auto cell = text(i, column);
      (out_.is_total[i] ? total_lengths : unit_lengths).insert(characters(cell));
      if (out_.is_total[i] && totals.size() <= most_listed) totals.insert(std::string(cell));
    }
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (!out_.is_total[i] && totals.contains(std::string(text(i, column)))) return std::nullopt;
    if (totals.size() == 1)
      return Where{.column = name(column), .key = "not_equals", .values = {*totals.begin()}, .comment = why_};
    if (unit_lengths.size() == 1 && !total_lengths.contains(*unit_lengths.begin()) && *unit_lengths.begin() > 0)
      return Where{.column = name(column),
                   .key = "length",
                   .values = {std::to_string(*unit_lengths.begin())},
                   .numbers = true,
                   .comment = why_};
    if (totals.size() > most_listed) return std::nullopt;
    return Where{
        .column = name(column), .key = "not_one_of", .values = {totals.begin(), totals.end()}, .comment = why_};
  }

  Where condition(const Group& group) const {
    Where out{.column = name(group.column), .key = "not_equals", .values = {group.value}, .comment = why_};
    if (group.by == Group::By::length) {
      out.key = "not_length";
      out.numbers = true;
    }
    if (group.by == Group::By::first_word || group.by == Group::By::last_word) {
      // The words as they are written, which folding has changed.
      std::set<std::string> ends, whole;
      for (const auto i : group.rows) {
        const auto cell = text(i, group.column);
        const auto blank = group.by == Group::By::first_word ? cell.find(' ') : cell.rfind(' ');
        whole.insert(std::string(cell));
        if (blank != std::string_view::npos)
          ends.insert(std::string(group.by == Group::By::first_word ? cell.substr(0, blank + 1) : cell.substr(blank)));
      }
      if (ends.size() == 1 && whole.size() > 1) {
        out.key = group.by == Group::By::first_word ? "not_starts_with" : "not_ends_with";
        out.values = {*ends.begin()};
        if (group.by == Group::By::last_word) out.values = {std::string(trimmed(*ends.begin()))};
        if (group.by == Group::By::first_word) out.values = {std::string(trimmed(*ends.begin()))};
      } else {
        out.key = "not_one_of";
        out.values.assign(whole.begin(), whole.end());
      }
    }
    return out;
  }

  const Table& table_;
  const Matrix& matrix_;
  const std::vector<std::uint32_t>& table_row_;
  const std::vector<std::size_t>& votes_;
  const std::vector<std::size_t>& texts_;
  const std::vector<std::string>& keep_;
  const std::string why_ = "rows that add up others";
  std::vector<std::uint64_t> hashes_;
  std::vector<Group> accepted_;
  TotalRows out_;
};

}  // namespace

TotalRows find_total_rows(const Table& table, const Matrix& matrix, const std::vector<std::uint32_t>& table_row,
                          const std::vector<std::size_t>& votes, const std::vector<std::size_t>& text_columns,
                          const std::vector<std::string>& keep) {
  return TotalFinder(table, matrix, table_row, votes, text_columns, keep).find();
}

}  // namespace cotejo::proposing
