#include "propose_places.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tsl/robin_map.h>
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "propose_roles.hpp"

namespace cotejo::proposing {

namespace {

constexpr std::size_t most_key_columns = 6;
constexpr double nearly = 0.995;
constexpr double nested_names = 0.5;  // of the finer names, those that lie in one coarser place

bool has(const std::vector<std::size_t>& all, std::size_t c) {
  return std::find(all.begin(), all.end(), c) != all.end();
}

std::string number(std::size_t n) {
  return with_thousands(static_cast<long long>(n));
}

// One number for the texts of a row in these columns; 0 when all are empty.
std::uint64_t texts_of(const Table& table, std::uint32_t row, const std::vector<std::size_t>& columns) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL;
  bool any = false;
  for (const auto c : columns) {
    const auto id = table.columns[c].ids[row];
    hash = (hash ^ id) * 0xBF58476D1CE4E5B9ULL;
    hash ^= hash >> 29U;
    any = any || id != 0;
  }
  return any ? (hash == 0 ? 1 : hash) : 0;
}

using Seen = tsl::robin_map<std::uint64_t, std::uint32_t>;

}  // namespace

// Four digits at the beginning or the end that are a year of this age.
static bool has_year(std::string_view text) {
  if (text.size() < 8) return false;
  const auto is_year = [](std::string_view year) {
    return (year.starts_with("19") || year.starts_with("20")) &&
           year.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return is_year(text.substr(0, 4)) || is_year(text.substr(text.size() - 4));
}

bool is_time(const TableColumn& column) {
  std::size_t looked = 0, instants = 0;
  for (TextId id = 1; id < std::min<std::size_t>(column.texts.size(), 200); ++id) {
    const auto text = column.texts[id];
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    ++looked;
    const bool clock = text.find(':') != std::string_view::npos && digits >= 3;
    const auto separators =
        std::count_if(text.begin(), text.end(), [](char c) { return c == '-' || c == '/' || c == '.'; });
    const bool date = separators == 2 && text.size() <= 10 && has_year(text);  // "00.01.01" is a code
    instants += text.size() <= 40 && digits * 2 >= static_cast<long>(text.size()) && (clock || date) ? 1U : 0U;
  }
  const bool named =
      column.words.role == Role::other &&
      (column.words.words == "date" || column.words.words == "time" || column.words.words == "timestamp" ||
       column.words.words == "fecha" || column.words.words == "hora" || column.words.words == "updated");
  return looked > 0 && (instants * 10 >= looked * 9 || (named && instants * 2 >= looked));
}

bool is_share(const TableColumn& column) {
  if (column.filled == 0 || column.leading_zeros) return false;  // "00.01" is a code
  const auto fractions = column.real - column.whole - column.noisy;
  return column.percent * 2 > column.filled || (column.words.is_share && !column.is_whole()) ||
         (fractions * 2 > column.filled && !column.words.is_code && column.words.role != Role::unit &&
          column.words.role != Role::place);
}

bool is_flag(const TableColumn& column) {
  if (column.distinct == 0 || column.distinct > 3) return false;
  for (TextId id = 1; id < column.texts.size(); ++id)
    if (!is_flag_word(column.texts[id])) return false;
  return true;
}

bool is_ordered(const TableColumn& column, const std::vector<std::uint32_t>& rows) {
  if (rows.size() < 3) return false;
  std::size_t changes = 0, rises = 0, breaks = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto before = column.number(rows[i - 1]), now = column.number(rows[i]);
    if (before == missing || now == missing || before == now) continue;
    ++changes;
    rises += now == before + 1 ? 1U : 0U;
    breaks += now < before ? 1U : 0U;
  }
  // Long runs of one number, or numbers that mostly rise.
  return changes * 3 <= rows.size() || breaks * 8 <= changes || rises * 2 >= changes;
}

std::size_t distinct_rows(const Table& table, const std::vector<std::uint32_t>& rows,
                          const std::vector<std::size_t>& columns) {
  Seen seen;
  seen.reserve(std::min<std::size_t>(rows.size(), 1u << 20));
  std::size_t empty = 0;
  for (const auto row : rows) {
    const auto hash = texts_of(table, row, columns);
    if (hash == 0)
      ++empty;
    else
      seen.try_emplace(hash, row);
  }
  return seen.size() + empty;
}

// ---- the key ----

namespace {

class KeyFinder {
 public:
  KeyFinder(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& candidates)
      : table_(table), rows_(rows), candidates_(candidates) {
    std::vector<std::size_t> all(table.columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    different_ = distinct_rows(table, rows, all);
  }

  Key find(const std::vector<std::size_t>& given) {
    if (!given.empty()) {
      out_.columns = given;
    } else if (!one_column() && !several_columns()) {
      return std::move(out_);
    }
    count_repeats();
    const auto found = distinct_rows(table_, rows_, out_.columns);
    std::string evidence =
        fmt::format("{} in {}", counted(found, out_.columns.size() == 1 ? "different text" : "different combination"),
                    counted(rows_.size(), "row"));
    double doubt = out_.columns.size() == 1 ? 0.05 : 0.15;
    if (out_.identical > 0) evidence += fmt::format("; copies of another: {}", counted(out_.identical, "row"));
    if (out_.conflicting > 0) {
      evidence += fmt::format("; with the key of another row and other figures: {}", counted(out_.conflicting, "row"));
      doubt = 0.5;
    }
    if (const auto mangled = mangled_codes(table_, out_.columns); !mangled.empty()) {
      evidence += "; " + mangled;
      doubt = 0.6;
    }
    out_.guesses.push_back({"unit key", fmt::format("{}", fmt::join(names(out_.columns), " / ")), evidence, doubt});
    return std::move(out_);
  }

 private:
  const TableColumn& at(std::size_t c) const { return table_.columns[c]; }
  std::vector<std::string> names(const std::vector<std::size_t>& columns) const {
    std::vector<std::string> out;
    for (const auto c : columns) out.push_back(at(c).name);
    return out;
  }
  int rank(std::size_t c) const {
    const auto& words = at(c).words;
    return (words.role == Role::unit ? 4 : 0) + (words.is_code ? 2 : 0) + (words.role == Role::place ? 1 : 0) -
           (words.role == Role::other ? 3 : 0);
  }
  // As many as rows that differ at all, but for one in two hundred.
  bool tells_apart(std::size_t distinct) const {
    return distinct == different_ || static_cast<double>(distinct) >= nearly * static_cast<double>(different_) ||
           (different_ >= 20 && distinct + 1 >= different_);
  }

  bool one_column() {
    std::optional<std::size_t> best;
    std::size_t best_distinct = 0;
    for (const auto c : candidates_) {
      if (static_cast<double>(at(c).distinct + 1) < static_cast<double>(different_) * nearly) continue;
      const auto distinct = distinct_rows(table_, rows_, {c});
      if (!tells_apart(distinct)) continue;
      if (best && (rank(c) < rank(*best) || (rank(c) == rank(*best) && distinct <= best_distinct))) continue;
      best = c;
      best_distinct = distinct;
    }
    if (best) out_.columns = {*best};
    return best.has_value();
  }

  // The fewest columns that do together, those that are called units first.
  bool several_columns() {
    auto order = candidates_;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(rank(a) >= 4, at(a).distinct) > std::pair(rank(b) >= 4, at(b).distinct);
    });
    std::vector<std::size_t> key;
    std::size_t distinct = 0;
    while (key.size() < most_key_columns && !tells_apart_all(distinct)) {
      std::optional<std::size_t> best;
      std::size_t best_distinct = distinct;
      for (const auto c : order) {
        if (has(key, c)) continue;
        auto with = key;
        with.push_back(c);
        const auto found = distinct_rows(table_, rows_, with);
        if (found > best_distinct || (best && found == best_distinct && rank(c) > rank(*best))) {
          best = c;
          best_distinct = found;
        }
        if (key.empty() && best) break;
      }
      if (!best) break;
      key.push_back(*best);
      distinct = best_distinct;
    }
    for (std::size_t i = 0; key.size() > 1 && i < key.size();) {  // what is not needed goes
      auto without = key;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      if (distinct_rows(table_, rows_, without) == distinct)
        key = without;
      else
        ++i;
    }
    std::sort(key.begin(), key.end());
    if (!key.empty() && tells_apart(distinct)) {
      out_.columns = key;
      return true;
    }
    ask(key, distinct);
    return false;
  }
  bool tells_apart_all(std::size_t distinct) const { return distinct == different_; }

  void ask(const std::vector<std::size_t>& key, std::size_t distinct) {
    std::vector<std::string> choices = names(candidates_);
    std::string text = "Which columns tell the units apart? ";
    if (key.empty())
      text += "No column is left for it that is not a number of votes, a time or a share.";
    else
      text += fmt::format(
          "{} together are different in {} of {} rows, and counts of votes, times and shares tell no "
          "units apart. If several rows are parts of one unit, or some are totals, leave those out "
          "(--leave-out COLUMN=TEXT); rows with a key that another has are set aside.",
          listed(names(key)), number(distinct), number(rows_.size()));
    out_.questions.push_back({.text = text, .option = "--key", .choices = choices});
  }

  // Rows whose key another row has: copies of that row, or not.
  void count_repeats() {
    Seen first;
    std::vector<std::size_t> all(table_.columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (const auto row : rows_) {
      const auto hash = texts_of(table_, row, out_.columns);
      const auto [place, fresh] = first.try_emplace(hash, row);
      if (fresh) continue;
      const bool same = texts_of(table_, row, all) == texts_of(table_, place->second, all);
      ++(same ? out_.identical : out_.conflicting);
      if (!same && out_.conflicts.size() < 3) {
        std::string key;
        for (const auto c : out_.columns) key += (key.empty() ? "" : "/") + std::string(at(c).text(row));
        out_.conflicts.push_back(printable(key, 40));
      }
    }
  }

  const Table& table_;
  const std::vector<std::uint32_t>& rows_;
  const std::vector<std::size_t>& candidates_;
  std::size_t different_ = 0;
  Key out_;
};

}  // namespace

Key find_key(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& candidates,
             const std::vector<std::size_t>& given) {
  return KeyFinder(table, rows, candidates).find(given);
}

std::string mangled_codes(const Table& table, const std::vector<std::size_t>& key) {
  static const std::set<std::string> months = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
                                               "nov", "dec", "ene", "abr", "ago", "dic", "mai", "okt", "dez", "fev",
                                               "avr", "gen", "mag", "giu", "lug", "set", "ott", "maj", "mrt", "mei"};
  std::size_t dates = 0, exponents = 0, texts = 0;
  std::string example;
  for (const auto c : key)
    for (TextId id = 1; id < table.columns[c].texts.size(); ++id) {
      const auto text = table.columns[c].texts[id];
      ++texts;
      const auto words = folded(text);
      const auto blank = words.find(' ');
      const auto month = blank == std::string::npos ? "" : words.substr(blank + 1, 3);
      const bool day_month = text.size() <= 9 && (text[0] >= '0' && text[0] <= '9') && months.contains(month);
      const bool month_day = text.size() <= 9 && blank == 3 && months.contains(words.substr(0, 3)) &&
                             words.find_last_not_of("0123456789 ") == 2;
      const bool exponent = text.size() <= 12 && text.find("E+") != std::string_view::npos && text[0] >= '0' &&
                            text[0] <= '9' && text.find_first_not_of("0123456789.,E+") == std::string_view::npos;
      if (!day_month && !month_day && !exponent) continue;
      ++(exponent ? exponents : dates);
      if (example.empty()) example = text;
    }
  if (dates + exponents == 0) return {};
  return fmt::format(
      "{} of {} codes look as a spreadsheet leaves them ({}; '{}'), and zeros at the beginning may be lost "
      "as well: totals do not suffer, but other files of these units will not match by this key",
      dates + exponents, number(texts),
      exponents == 0 ? "dates"
      : dates == 0   ? "powers of ten"
                     : "dates, powers of ten",
      printable(example, 20));
}

// ---- merged cells ----

std::vector<std::size_t> fill_down(Table& table, const std::vector<std::uint32_t>& rows,
                                   const std::vector<std::size_t>& candidates, std::vector<Guess>& guesses) {
  std::vector<std::size_t> out;
  for (const auto c : candidates) {
    auto& column = table.columns[c];
    std::size_t empty = 0;
    for (const auto row : rows) empty += column.is_empty(row) ? 1U : 0U;
    // Blocks have two rows or more, else they are cells that are empty for themselves.
    if (empty * 5 < rows.size() || empty < column.distinct || column.distinct < 2 || column.is_whole() ||
        is_flag(column) || is_time(column))
      continue;
    const auto role = column.words.role;
    if (role == Role::other || role == Role::candidate || role == Role::contest) continue;
    // Each text once at the head of its block; nothing above the first row is missing.
    std::size_t first_filled = 0, runs = 0, repeats = 0;
    while (first_filled < table.rows && column.is_empty(first_filled)) ++first_filled;
    TextId last = 0;
    for (std::size_t row = 0; row < table.rows; ++row) {
      const auto id = column.ids[row];
      repeats += row > 0 && id != 0 && id == column.ids[row - 1] ? 1U : 0U;  // a merged cell stands once
      runs += id != 0 && id != last ? 1U : 0U;
      if (id != 0) last = id;
    }
    if (first_filled > rows.front() || runs > column.distinct * 2 + 2 || repeats > 0) continue;
    CompactIds filled;
    TextId above = 0;
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (!column.is_empty(row)) above = column.ids[row];
      filled.push_back(above);
    }
    column.ids = std::move(filled);
    out.push_back(c);
    guesses.push_back({"merged cells", column.name,
                       fmt::format("a text stands at the head of its block, and {} of {} rows below have none: it is "
                                   "taken from above",
                                   number(empty), number(rows.size())),
                       0.15});
  }
  return out;
}

// ---- places ----

namespace {

class PlaceFinder {
 public:
  PlaceFinder(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& candidates,
              std::vector<Guess>& guesses)
      : table_(table), rows_(rows), guesses_(guesses) {
    for (const auto c : candidates)
      if (may_be_place(c)) candidates_.push_back(c);
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [&](std::size_t a, std::size_t b) { return here(a) < here(b); });
  }

  std::vector<Level> find(const std::vector<std::size_t>& all) {
    std::vector<std::size_t> chain;
    std::vector<std::string> told;
    for (const auto c : candidates_) {
      if (!chain.empty()) {
        const auto above = distinct_rows(table_, rows_, chain);
        auto with = chain;
        with.push_back(c);
        const auto paths = distinct_rows(table_, rows_, with);
        if (paths == above) continue;  // the same places under another name
        if (!lies_within(c, chain)) continue;
      }
      const auto level = level_of(c, out_.size());
      if (std::any_of(out_.begin(), out_.end(), [&](const Level& other) { return other.level == level; })) continue;
      chain.push_back(c);
      const auto paths = distinct_rows(table_, rows_, chain);
      out_.push_back({level, c, code_of(c, all)});
      told.push_back(fmt::format("{} ({}{})", printable(table_.columns[c].name, 30), number(paths),
                                 paths == here(c) ? "" : fmt::format(" places of {} names", number(here(c)))));
    }
    if (!told.empty())
      guesses_.push_back({"places", fmt::format("{}", fmt::join(told, " > ")),
                          "each lies within the one before; places of one name are told apart by the one above", 0.15});
    return std::move(out_);
  }

 private:
  std::size_t here(std::size_t c) {
    auto [place, fresh] = distinct_.try_emplace(c, 0);
    if (fresh) place->second = distinct_rows(table_, rows_, {c});
    return place->second;
  }

  bool may_be_place(std::size_t c) {
    const auto& column = table_.columns[c];
    const auto role = column.words.role;
    std::size_t filled = 0;
    for (const auto row : rows_) filled += column.is_empty(row) ? 0U : 1U;
    if (filled * 100 < rows_.size() * 95 || column.distinct == 0) return false;
    if (role != Role::place && role != Role::none && role != Role::contest) return false;
    if (role == Role::contest && column.words.whole && column.words.words != "seat") return false;
    if (column.is_whole() || column.words.is_code || is_time(column) || is_share(column) || is_flag(column))
      return false;
    if (role == Role::place) return true;
    // Without a word for it: in blocks, as lists are sorted by their places.
    return in_blocks({c}) && here(c) >= 2 && here(c) * 10 <= rows_.size() * 9 && column.real * 2 <= column.filled;
  }

  // Most of the finer names lie in one coarser place each; or the file is in blocks of the coarser places.
  bool lies_within(std::size_t fine, const std::vector<std::size_t>& chain) {
    const auto& column = table_.columns[fine];
    std::vector<std::uint64_t> above(column.texts.size());  // by text: the place that it was met in, 0 before
    std::vector<bool> several(column.texts.size());
    for (const auto row : rows_) {
      const auto text = column.ids[row];
      const auto place = hash_of(row, chain) | 1U;
      if (above[text] != 0 && above[text] != place) several[text] = true;
      above[text] = place;
    }
    std::size_t in_one = 0, names = 0;
    for (std::size_t text = 0; text < above.size(); ++text) {
      names += above[text] != 0 ? 1U : 0U;
      in_one += above[text] != 0 && !several[text] ? 1U : 0U;
    }
    const double share = static_cast<double>(in_one) / static_cast<double>(std::max<std::size_t>(1, names));
    const bool is_place = table_.columns[fine].words.role == Role::place;
    if (share >= (is_place ? nested_names : 0.95)) return true;
    return is_place && in_blocks(chain) && in_blocks(with(chain, fine));
  }
  static std::vector<std::size_t> with(std::vector<std::size_t> chain, std::size_t fine) {
    chain.push_back(fine);
    return chain;
  }
  std::uint64_t hash_of(std::uint32_t row, const std::vector<std::size_t>& columns) const {
    return texts_of(table_, row, columns);
  }
  bool in_blocks(const std::vector<std::size_t>& columns) const {
    std::size_t runs = 0;
    std::uint64_t last = 0;
    for (const auto row : rows_) {
      const auto hash = hash_of(row, columns);
      runs += runs == 0 || hash != last ? 1U : 0U;
      last = hash;
    }
    const auto different = distinct_rows(table_, rows_, columns);
    return runs * 10 <= different * 12 && different * 2 <= rows_.size();
  }

  std::string level_of(std::size_t c, std::size_t number) const {
    const auto& column = table_.columns[c];
    if (!column.words.level.empty()) return column.words.level;
    std::string level;
    for (const char ch : folded(column.title))
      if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
        level += ch;
      else if (ch == ' ' && !level.empty())
        level += '-';
    return level.empty() || level.size() > 40 ? fmt::format("level-{}", number + 1) : level;
  }

  // The published code of the same places, where there is one for each.
  std::optional<std::size_t> code_of(std::size_t c, const std::vector<std::size_t>& all) {
    const auto& column = table_.columns[c];
    if (column.words.role != Role::place) return std::nullopt;
    for (const auto code : all) {
      const auto& other = table_.columns[code];
      if (code == c || other.words.role != Role::place || other.words.level != column.words.level ||
          !other.words.is_code || other.filled * 1000 < table_.rows * 999)
        continue;
      const auto codes = distinct_rows(table_, rows_, {code});
      if (static_cast<double>(distinct_rows(table_, rows_, {code, c})) <= static_cast<double>(codes) * 1.005)
        return code;
    }
    return std::nullopt;
  }

  const Table& table_;
  const std::vector<std::uint32_t>& rows_;
  std::vector<Guess>& guesses_;
  std::vector<std::size_t> candidates_;
  std::map<std::size_t, std::size_t> distinct_;
  std::vector<Level> out_;
};

}  // namespace

std::vector<Level> find_places(const Table& table, const std::vector<std::uint32_t>& rows,
                               const std::vector<std::size_t>& candidates, std::vector<Guess>& guesses) {
  return PlaceFinder(table, rows, candidates, guesses).find(candidates);
}

}  // namespace cotejo::proposing
