// Groups of columns that repeat, each with a name in one cell and its votes in another.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cotejo/base/text.hpp"
#include "propose_meaning.hpp"

namespace cotejo::proposing {

namespace {

constexpr std::size_t most_names = 900;

// "Voix 3" is "Voix #", group 3; "Voix#3" (a repeated title) is "Voix##".
struct Numbered {
  std::string pattern;
  std::size_t number = 0;
};
std::optional<Numbered> numbered(const std::string& name) {
  const auto end = name.find_last_not_of("0123456789");
  if (end == std::string::npos || end + 1 == name.size() || name.size() - end > 4) return std::nullopt;
  const auto number = static_cast<std::size_t>(std::stoul(name.substr(end + 1)));
  if (number == 0 || name[end + 1] == '0') return std::nullopt;
  return Numbered{name.substr(0, end + 1) + "#", number};
}

struct Family {
  std::map<std::size_t, std::size_t> columns;  // group -> column
  bool texts = true, wholes = true;
};

class GroupReader {
 public:
  GroupReader(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options, Meaning& meaning)
      : table_(table), rows_(rows), options_(options), meaning_(meaning) {}

  Result<bool> read() {
    find_families();
    if (!choose()) return false;
    collect_names();
    if (matrix_.quantities.empty() || matrix_.quantities.size() > most_names) return false;
    const auto names = matrix_.quantities.size();
    add_columns();
    COTEJO_CHECK(take(names));
    return true;
  }

 private:
  void find_families() {
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = table_.columns[c];
      const auto parts = numbered(column.name);
      if (!parts) continue;
      auto& family = families_[parts->pattern];
      family.columns[parts->number] = c;
      if (column.filled == 0) continue;
      family.texts = family.texts && column.whole * 20 < column.filled && column.percent * 20 < column.filled &&
                     column.real * 20 < column.filled;
      family.wholes = family.wholes && column.is_whole();
    }
  }

  static bool is_complete(const Family& family) {
    return family.columns.size() >= 2 && family.columns.begin()->first == 1 &&
           family.columns.rbegin()->first == family.columns.size();
  }

  // A family of texts and one of whole numbers with the same groups; names that change their group.
  bool choose() {
    double best = 0;
    for (const auto& [name_pattern, names] : families_) {
      if (!names.texts || !is_complete(names)) continue;
      std::map<std::string_view, std::set<std::size_t>> groups_of_name;
      for (const auto& [group, c] : names.columns)
        for (TextId id = 1; id < table_.columns[c].texts.size(); ++id)
          groups_of_name[table_.columns[c].texts[id]].insert(group);
      std::size_t moving = 0;
      for (const auto& [name, groups] : groups_of_name) moving += groups.size() > 1 ? 1U : 0U;
      if (groups_of_name.size() < 2 || (moving == 0 && groups_of_name.size() <= names.columns.size())) continue;
      for (const auto& [value_pattern, values] : families_) {
        if (!values.wholes || values.columns.size() != names.columns.size() || !is_complete(values)) continue;
        const auto words = words_of(value_pattern);
        const auto name_words = words_of(name_pattern);
        double points = 1 + (words.role == Role::votes ? 4 : 0) - (words.is_share || words.is_code ? 3 : 0);
        points += name_words.role == Role::candidate ? 1 : 0;
        const auto folded_name = folded(name_pattern);
        if (folded_name.find("prenom") != std::string::npos || folded_name.find("sexe") != std::string::npos)
          points -= 2;
        points += static_cast<double>(std::min<std::size_t>(groups_of_name.size(), 50)) / 100.0;
        points += 0.001 * static_cast<double>(largest(values));
        if (points <= best) continue;
        best = points;
        name_pattern_ = name_pattern;
        value_pattern_ = value_pattern;
      }
    }
    return best > 0;
  }
  std::int32_t largest(const Family& family) const {
    std::int32_t out = 0;
    const auto& column = table_.columns[family.columns.begin()->second];
    for (TextId id = 1; id < column.texts.size(); ++id)
      if (column.numbers[id] != missing) out = std::max(out, std::min(column.numbers[id], 1'000));
    return out;
  }

  void collect_names() {
    std::map<std::string, std::size_t> at;
    const auto& names = families_[name_pattern_].columns;
    const auto& values = families_[value_pattern_].columns;
    for (const auto row : rows_)
      for (const auto& [group, c] : names) {
        const auto text = table_.columns[c].text(row);
        if (text.empty()) continue;
        const auto [place, fresh] = at.try_emplace(std::string(text), matrix_.quantities.size());
        if (fresh) {
          if (at.size() > most_names) return;
          Quantity quantity;
          quantity.name = quantity.title = place->first;
          quantity.own.assign(table_.rows, missing);
          matrix_.quantities.push_back(std::move(quantity));
        }
        auto& cell = matrix_.quantities[place->second].own[row];
        const auto value = table_.columns[values.at(group)].number(row);
        if (value == missing) continue;
        repeated_ = repeated_ || cell != missing;
        cell = (cell == missing ? 0 : cell) + value;
      }
  }

  void add_columns() {
    auto others = matrix_of_columns(table_, rows_);
    for (auto& quantity : others.quantities)
      if (const auto parts = numbered(quantity.name); !parts || !is_complete(families_[parts->pattern]))
        matrix_.quantities.push_back(std::move(quantity));
    matrix_.rows = rows_;
    matrix_.summarise();
  }

  Result<void> take(std::size_t names) {
    meaning_.layout = Meaning::Layout::names_in_groups;
    meaning_.group_name = name_pattern_;
    meaning_.group_value = value_pattern_;
    meaning_.repeated_is_sum = repeated_;
    COTEJO_TRY(given, given_roles(matrix_, options_));
    if (given.options.empty())
      for (std::size_t q = 0; q < names; ++q)
        if (!std::count(given.not_options.begin(), given.not_options.end(), q)) given.options.push_back(q);
    std::vector<Sum> sums;
    // All names together, held against each column beside them.
    for (std::size_t t = names; t < matrix_.quantities.size(); ++t) {
      Sum sum{.total = t, .parts = given.options};
      count_rows(matrix_, sum);
      if (sum.share() > 0.6) sums.push_back(sum);
    }
    Matrix beside;
    beside.rows = rows_;
    for (std::size_t q = names; q < matrix_.quantities.size(); ++q) beside.quantities.push_back(matrix_.quantities[q]);
    beside.summarise();
    for (auto sum : find_sums(beside)) {
      sum.total += names;
      for (auto& part : sum.parts) part += names;
      sums.push_back(sum);
    }
    const auto roles = find_roles(matrix_, sums, given);
    meaning_.guess("layout", fmt::format("'{}' and '{}'", name_pattern_, value_pattern_),
                   fmt::format("{} groups of columns, each with a name and its votes; {} names",
                               families_[name_pattern_].columns.size(), names),
                   0.1);
    for (const auto& sum : sums)
      if (sum.parts.size() == given.options.size() && roles.valid == sum.total)
        meaning_.guess("valid votes", matrix_.quantities[sum.total].name, equation(matrix_, sum), 1 - sum.share());
    meaning_.guesses.insert(meaning_.guesses.end(), roles.guesses.begin(), roles.guesses.end());
    take_roles(matrix_, roles, meaning_, false);
    for (const auto& [number, c] : families_[name_pattern_].columns) meaning_.used.insert(c);
    for (const auto& [number, c] : families_[value_pattern_].columns) meaning_.used.insert(c);
    auto without = meaning_.number_columns;
    for (const auto& [pattern, family] : families_)
      if (is_complete(family))
        for (const auto& [group, c] : family.columns) without.push_back(c);
    for (const auto q : roles.others)
      if (const auto& quantity = matrix_.quantities[q];
          quantity.file_column != nullptr && form_strength(quantity) > 0 && !quantity.words.is_code)
        without.push_back(quantity.column);
    std::vector<std::size_t> given_key;
    for (const auto& name : options_.key) {
      COTEJO_TRY(c, find_column(table_, name));
      given_key.push_back(c);
    }
    find_units(table_, rows_, text_columns(table_, without), given_key, options_, meaning_);
    return {};
  }

  Table& table_;
  const std::vector<std::uint32_t>& rows_;
  const ProposeOptions& options_;
  Meaning& meaning_;
  std::map<std::string, Family> families_;
  std::string name_pattern_, value_pattern_;
  Matrix matrix_;
  bool repeated_ = false;
};

}  // namespace

Result<bool> read_as_groups(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options,
                            Meaning& meaning) {
  auto attempt = meaning;
  COTEJO_TRY(is_groups, GroupReader(table, rows, options, attempt).read());
  if (is_groups) meaning = std::move(attempt);
  return is_groups;
}

}  // namespace cotejo::proposing
