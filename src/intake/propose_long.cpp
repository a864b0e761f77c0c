// One row per unit and name: which column holds the names, which the votes, which contest, and what the names are.
//
// The rows are brought together into units and names; what holds for columns of a file with one row per unit (sums,
// roles, rows that are totals) is then found in the same way.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tsl/robin_map.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "propose_meaning.hpp"

namespace cotejo::proposing {

namespace {

constexpr std::string_view all_contests = "*";
constexpr std::size_t most_names = 1'000, most_names_in_sums = 250;  // a profile has at most 1,000 options

bool has(const std::vector<std::size_t>& all, std::size_t c) {
  return std::find(all.begin(), all.end(), c) != all.end();
}
std::string number(std::size_t n) {
  return with_thousands(static_cast<long long>(n));
}

class LongReader {
 public:
  LongReader(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options, Meaning& meaning)
      : table_(table), rows_(rows), options_(options), meaning_(meaning) {}

  Result<bool> read() {
    COTEJO_CHECK(take_given_columns());
    if (!find_names() || !find_values()) return !meaning_.questions.empty();
    COTEJO_TRY(given, given_key());
    given_key_ = given;
    find_contests();
    COTEJO_TRY(chosen, choose_contest());
    if (!chosen) return true;  // there is a question
    take_corrections_apart();
    leave_out_unnamed();
    find_swapped();
    find_unit_columns();
    drop_numbers_of_rows();
    ask_about_elections();
    if (!meaning_.questions.empty()) return true;
    bring_together();
    COTEJO_CHECK(find_quantities());
    if (!meaning_.questions.empty()) return true;
    find_units_of_rows();
    find_numbers_beside();
    find_repeated();
    std::vector<std::size_t> votes = values_;
    auto texts = text_columns(table_, values_);
    std::erase_if(texts, [&](std::size_t c) { return has(meaning_.name_columns, c) || has(contests_, c); });
    ask_about_status(table_, rows_, texts, votes, options_, meaning_);
    note_special_numbers();
    return true;
  }

 private:
  const TableColumn& at(std::size_t c) const { return table_.columns[c]; }
  std::string name(std::size_t c) const { return printable(at(c).name, 40); }

  // ---- which columns ----

  // --names, and --option where it names the column of votes: with --names, or alone (no contest has one option).
  Result<void> take_given_columns() {
    if (!options_.names.empty()) {
      COTEJO_TRY(c, find_column(table_, options_.names));
      given_names_ = c;
    }
    if (!given_names_ && options_.options.size() != 1) return {};
    for (const auto& option : options_.options) {
      const auto c = find_column(table_, option);
      if (!c || !at(*c).is_whole()) {
        values_.clear();
        break;
      }
      values_.push_back(*c);
    }
    values_are_given_ = !values_.empty();
    return {};
  }

  bool find_names() {
    if (given_names_) {
      meaning_.name_columns = {*given_names_};
      return true;
    }
    std::optional<std::size_t> best;
    double best_points = 0;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (column.is_whole() || column.distinct < 2 || column.words.role != Role::candidate || is_share(column))
        continue;
      if (column.distinct * 2 > column.filled && column.filled > 6 && !values_are_given_ && !named_votes()) {
        if (column.words.whole && !summary_names_) summary_names_ = c;
        continue;
      }
      const std::string title = folded(column.title);
      double points = 1;
      for (const auto word : {"candidat", "choice", "option", "opcion", "kandidat", "selection", "response"})
        if (title.find(word) != std::string::npos) points += 2;
      for (const auto word : {"party", "partido", "partei", "parti"})
        if (title.find(word) != std::string::npos) points -= 0.5;
      if (title.find("name") != std::string::npos || title.find("nom") != std::string::npos) points += 0.5;
      if (column.filled * 2 < rows_.size()) points -= 2;
      if (!column.words.whole)  // what a candidate is, not who
        for (const auto word :
             {"sex", "gender", "age", "category", "caste", "type", "status", "education", "profession"})
          if ((" " + title + " ").find(fmt::format(" {} ", word)) != std::string::npos) points -= 10;
      if (points > best_points) {
        best = c;
        best_points = points;
      }
    }
    if (!best && values_are_given_) {
      ask_for_names();
      return false;
    }
    if (!best) best = names_by_structure();
    if (!best && summary_names_) {  // each name once: votes only if the answer says so
      meaning_.name_columns = {*summary_names_};
      std::vector<std::string> all;
      for (std::size_t c = 0; c < table_.columns.size(); ++c)
        if (counts(c) && at(c).distinct > 1) all.push_back(at(c).name);
      if (!all.empty()) offer_values(all);
    }
    if (!best) return false;
    meaning_.name_columns = {*best};
    if (values_are_given_) return true;
    // Without the names the rows must not be told apart, else they stand beside one row per unit.
    const auto others = columns_beside_names(*best);
    return others.empty() || distinct_rows(table_, rows_, others) * 10 <= rows_.size() * 9;
  }

  void ask_for_names() {
    std::vector<std::string> choices;
    for (std::size_t c = 0; c < table_.columns.size(); ++c)
      if (!has(values_, c) && at(c).distinct >= 2 && !is_time(at(c)) && !is_share(at(c))) choices.push_back(at(c).name);
    if (choices.empty()) return;
    meaning_.ask(
        fmt::format("{} is the only column of votes, so that each row is of one option: which column names the "
                    "options?",
                    listed({at(values_.front()).name})),
        "--names", choices);
  }

  bool named_votes() const {
    return std::any_of(table_.columns.begin(), table_.columns.end(), [](const TableColumn& column) {
      const auto& words = column.words;  // "total votes" is a word for ballots cast where there are no names
      const bool votes =
          words.role == Role::votes || (words.role == Role::cast && words.words.find("vot") != std::string::npos);
      return votes && words.whole && column.is_whole() && column.distinct > 1;
    });
  }

  // Texts that come again in every unit, each once, where one number differs from text to text and all others are the
  // unit's own; of several such columns the one with the fewest texts.
  std::optional<std::size_t> names_by_structure() {
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      const auto role = column.words.role;
      if (column.is_whole() || column.distinct < 2 || column.distinct > most_names ||
          column.distinct * 2 > rows_.size() || column.filled * 10 < rows_.size() * 9 || is_flag(column) ||
          is_time(column) || is_share(column) || !has_letters(column) || role == Role::place || role == Role::unit ||
          role == Role::contest || role == Role::code || is_mode(c))
        continue;
      const auto others = columns_beside_names(c);
      const auto units = others.empty() ? 0 : distinct_rows(table_, rows_, others);
      if (units < 2 || rows_.size() < units * 2) continue;
      auto with = others;
      with.push_back(c);
      if (distinct_rows(table_, rows_, with) * 100 < rows_.size() * 98) continue;
      std::size_t differing = 0, called_votes = 0;
      for (std::size_t v = 0; v < table_.columns.size(); ++v) {
        if (!counts(v) || !differs_within(v, others)) continue;
        ++differing;
        called_votes += at(v).words.role == Role::votes && at(v).words.whole ? 1U : 0U;
      }
      if (differing != 1 && called_votes != 1) continue;
      if (!best || at(*best).distinct > column.distinct) best = c;
    }
    if (best)
      meaning_.guess("names", name(*best), "each of its texts comes again, once in every unit; no word of the header",
                     0.3);
    return best;
  }

  // Most of its texts are more letters than digits: names, not codes.
  static bool has_letters(const TableColumn& column) {
    std::size_t letters = 0, texts = 0;
    for (TextId id = 1; id < column.texts.size(); ++id) {
      const auto text = column.texts[id];
      const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
      const auto marks =
          std::count_if(text.begin(), text.end(), [](char c) { return c == '-' || c == '.' || c == '/' || c == ' '; });
      ++texts;
      letters += static_cast<std::ptrdiff_t>(text.size()) - digits - marks > digits ? 1U : 0U;
    }
    return letters * 2 > texts;
  }

  // What tells units apart, as far as is known before the names are: no number of votes, nothing that follows from names.
  std::vector<std::size_t> columns_beside_names(std::size_t names) const {
    std::vector<std::size_t> out;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (c == names || has(values_, c) || counts(c) || column.distinct < 1 || column.words.role == Role::candidate ||
          is_time(column) || is_share(column) || (column.words.role == Role::contest && is_rank(c)) ||
          follows_from(names, c) || (column.distinct == rows_.size() && rows_.size() > 2))
        continue;  // a number of its own for every row is a line's, not a unit's
      out.push_back(c);
    }
    return out;
  }
  // Nearly every text of `names` stands beside one text of `c` alone.
  bool follows_from(std::size_t names, std::size_t c) const {
    if (at(c).distinct < 2) return false;
    std::vector<TextId> first(at(names).texts.size());
    std::vector<bool> met(first.size()), several(first.size());
    for (const auto row : rows_) {
      const auto text = at(names).ids[row];
      several[text] = several[text] || (met[text] && first[text] != at(c).ids[row]);
      first[text] = at(c).ids[row];
      met[text] = true;
    }
    std::size_t texts = 0, one = 0;
    for (std::size_t text = 0; text < first.size(); ++text) {
      texts += met[text] ? 1U : 0U;
      one += met[text] && !several[text] ? 1U : 0U;
    }
    return one * 10 >= texts * 9;
  }
  // The rows of a unit have several numbers in this column, in more than one of twenty units with several rows.
  bool differs_within(std::size_t c, const std::vector<std::size_t>& units) const {
    struct Unit {
      std::int32_t value;
      std::uint8_t kind;  // 0: one row, 1: all alike, 2: several
    };
    tsl::robin_map<std::uint64_t, Unit> seen;
    std::size_t several = 0, differ = 0;
    for (const auto row : rows_) {
      const auto value = at(c).number(row);
      auto [place, fresh] = seen.try_emplace(hash_of(row, units), Unit{value, 0});
      if (fresh) continue;
      auto& unit = place.value();
      if (unit.kind == 0) {
        ++several;
        unit.kind = 1;
      }
      if (unit.kind == 1 && unit.value != value) {
        ++differ;
        unit.kind = 2;
      }
    }
    return differ * 20 > several;
  }

  bool counts(std::size_t c) const {
    const auto& column = at(c);
    const auto role = column.words.role;
    if (!column.is_whole() || column.leading_zeros || column.words.is_code || column.words.is_share) return false;
    if (role == Role::unit || role == Role::place || role == Role::contest || role == Role::code ||
        role == Role::other || role == Role::election_date)
      return false;
    const bool form = role == Role::valid || role == Role::blank || role == Role::null || role == Role::over ||
                      role == Role::under || role == Role::abstention || role == Role::papers;
    if (role == Role::votes || role == Role::cast || role == Role::mode || role == Role::registered) return true;
    if (form && column.words.whole) return true;
    return !is_ordered(column, rows_);
  }

  bool find_values() {
    if (values_are_given_) {
      take_values();
      return true;
    }
    auto matrix = matrix_of_columns(table_, rows_);
    std::vector<std::size_t> numbers;
    for (std::size_t q = 0; q < matrix.quantities.size(); ++q) {
      const auto& quantity = matrix.quantities[q];
      if (!counts(quantity.column)) continue;
      if (quantity.words.role == Role::registered || at(quantity.column).filled * 4 < rows_.size()) continue;
      if (at(quantity.column).distinct < 2 && rows_.size() > 3) continue;  // 100 in every row
      numbers.push_back(q);
    }
    // A number that all rows of a unit have is the unit's, not a name's.
    const auto units = columns_beside_names(meaning_.name_columns.front());
    if (const auto own = [&](std::size_t q) { return !differs_within(matrix.quantities[q].column, units); };
        !std::all_of(numbers.begin(), numbers.end(), own))
      std::erase_if(numbers, own);
    const auto is_votes = [&](std::size_t q) {  // "total votes" is a word for ballots cast where there are no names
      const auto& words = matrix.quantities[q].words;
      return words.role == Role::votes || (words.role == Role::cast && words.words.find("vot") != std::string::npos);
    };
    std::optional<std::size_t> best;
    for (const auto q : numbers)
      if (is_votes(q) && (!best || (matrix.quantities[q].words.whole && !matrix.quantities[*best].words.whole)))
        best = q;
    const auto sums = find_sums(matrix);
    const Sum* total = nullptr;
    for (const auto& sum : sums)
      if (sum.share() > 0.9 && has(numbers, sum.total) && (!best || *best == sum.total) && total == nullptr)
        total = &sum;
    if (total != nullptr) {
      best = total->total;
      meaning_.guess("votes", matrix.quantities[*best].name, equation(matrix, *total), 0.05);
    }
    if (!best && numbers.size() == 1) best = numbers.front();
    if (best) {
      values_ = {matrix.quantities[*best].column};
    } else {
      std::vector<std::string> names, others;
      for (const auto q : numbers) {
        const auto& quantity = matrix.quantities[q];
        (quantity.words.role == Role::mode ? names : others).push_back(quantity.name);
        if (quantity.words.role == Role::mode) values_.push_back(quantity.column);
      }
      if (values_.size() < 2) {
        std::vector<std::string> all = names;
        all.insert(all.end(), others.begin(), others.end());
        values_.clear();
        if (!all.empty()) offer_values(all);
        return false;
      }
      meaning_.guess("votes", fmt::format("{}", fmt::join(names, " + ")),
                     "each is a way of voting, and no column is their sum: they are added up",
                     others.empty() ? 0.1 : 0.4);
    }
    take_values();
    return true;
  }
  void offer_values(const std::vector<std::string>& columns) {
    Question question{
        .text =
            fmt::format("Each row is of one name in '{}', and no word or sum tells which column counts its votes: {}. "
                        "Which? (--option COLUMN; several are added up)",
                        name(meaning_.name_columns.front()), listed(columns)),
        .option = "--option",
        .choices = columns};
    if (given_names_)
      meaning_.questions.push_back(std::move(question));
    else
      meaning_.if_not_wide = std::move(question);
  }
  void take_values() {
    for (const auto c : values_) {
      meaning_.values.push_back(at(c).name);
      meaning_.number_columns.push_back(c);
      meaning_.used.insert(c);
    }
    meaning_.layout = Meaning::Layout::names_in_rows;
    meaning_.used.insert(meaning_.name_columns.begin(), meaning_.name_columns.end());
    meaning_.guess("layout", "one row per unit and name",
                   fmt::format("the names are in '{}', the votes in {}", name(meaning_.name_columns.front()),
                               listed(meaning_.values)),
                   0.1);
  }

  Result<std::vector<std::size_t>> given_key() const {
    std::vector<std::size_t> out;
    for (const auto& given : options_.key) {
      COTEJO_TRY(c, find_column(table_, given));
      out.push_back(c);
    }
    return out;
  }

  // ---- contests ----

  // "Position" with 1, 2, 3, 1, 2: a rank, no contest.
  bool is_rank(std::size_t c) const {
    if (!at(c).is_whole() || at(c).distinct < 3) return false;
    std::size_t changes = 0, rises = 0;
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      const auto before = at(c).number(rows_[i - 1]), now = at(c).number(rows_[i]);
      changes += before != now ? 1U : 0U;
      rises += before != missing && now == before + 1 ? 1U : 0U;
    }
    return changes > 0 && rises * 2 >= changes && changes * 2 >= rows_.size();
  }

  void find_contests() {
    for (std::size_t c = 0; c < table_.columns.size(); ++c)
      if (at(c).words.role == Role::contest && !is_rank(c) && !has(meaning_.name_columns, c) && !has(values_, c) &&
          at(c).distinct > 0 && (contests_.empty() || at(c).distinct > 1))
        contests_.push_back(c);
    if (contests_.size() > 1)  // names before their numbers; then the one with the most, and no column of the same
      contests_ = {*std::max_element(contests_.begin(), contests_.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [&](std::size_t c) {
          return std::pair(!at(c).is_whole() && !at(c).words.is_code, at(c).distinct);
        };
        return rank(a) < rank(b);
      })};
    if (contests_.empty() || (contests_.size() == 1 && at(contests_.front()).distinct == 1)) {
      const auto one = std::exchange(contests_, {});  // one office for all: countries may still have names of their own
      find_constituencies();
      if (contests_.empty()) contests_ = one;
      if (one.empty() || contests_ != one) return;
    }
    // A district beside the office, with candidates of its own, is a part of the contest.
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& words = at(c).words;
      if (words.level != "district" && words.level != "constituency") continue;
      if (at(c).distinct > 1 && at(c).filled < rows_.size() && has_own_names(c)) contests_.push_back(c);
    }
  }

  // Most votes go to names that one text of this column has alone.
  bool has_own_names(std::size_t column) const {
    struct Of {
      TextId text = 0;
      bool several = false;
      std::int64_t votes = 0;
    };
    std::map<std::pair<TextId, TextId>, Of> of_name;  // contest, name
    for (const auto row : rows_) {
      const auto text = at(column).ids[row], contest = contests_.empty() ? 0 : at(contests_.front()).ids[row];
      if (text == 0 || at(meaning_.name_columns.front()).is_empty(row)) continue;
      if (name_kind(at(meaning_.name_columns.front()).text(row)) != NameKind::option) continue;
      auto& of = of_name[{contest, at(meaning_.name_columns.front()).ids[row]}];
      of.several = of.several || (of.text != 0 && of.text != text);
      of.text = text;
      of.votes += value(row);
    }
    std::int64_t own = 0, all = 0;
    for (const auto& [names, of] : of_name) {
      own += of.several ? 0 : of.votes;
      all += of.votes;
    }
    return all > 0 && own * 100 >= all * 85;  // people of one name stand in several
  }

  // Each unit has rows of several of its texts: it tells kinds of names apart ("party", "independent"), not constituencies.
  bool tells_names_apart(std::size_t c) const {
    for (std::size_t u = 0; u < table_.columns.size(); ++u) {
      if (u == c || has(meaning_.name_columns, u) || has(values_, u) || counts(u) || is_time(at(u)) ||
          at(u).distinct <= at(c).distinct || at(u).filled < rows_.size())
        continue;
      std::size_t blocks = 0, several = 0;
      TextId first = 0;
      bool counted_block = false;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        const auto row = rows_[i];
        if (i == 0 || at(u).ids[row] != at(u).ids[rows_[i - 1]]) {
          ++blocks;
          first = at(c).ids[row];
          counted_block = false;
        } else if (!counted_block && at(c).ids[row] != first) {
          ++several;
          counted_block = true;
        }
      }
      if (blocks * 10 <= at(u).distinct * 11 && several * 2 > blocks && blocks * 2 <= rows_.size()) return true;
    }
    return false;
  }

  // Without a column of contests: the coarsest column of places with names of its own in each.
  void find_constituencies() {
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (has(meaning_.name_columns, c) || has(values_, c) || column.words.role == Role::candidate ||
          column.distinct < 2 || column.filled < rows_.size() || counts(c) ||
          column.distinct * 2 > at(meaning_.name_columns.front()).distinct || is_time(column) || is_flag(column))
        continue;
      if (best && at(*best).distinct <= column.distinct) continue;
      if (has_own_names(c) && !tells_names_apart(c)) best = c;
    }
    if (best) contests_ = {*best};
  }

  std::string contest_of(std::uint32_t row) const {
    std::string out;
    for (const auto c : contests_) {
      const auto text = at(c).text(row);
      if (text.empty()) continue;
      if (!out.empty()) out += " / ";
      out += text;
    }
    return out;
  }
  // "Registered Voters" in the place of an office: a number of the unit, for every contest.
  bool is_form(std::uint32_t row) const {
    return at(meaning_.name_columns.front()).is_empty(row) &&
           name_kind(at(contests_.front()).text(row)) != NameKind::option;
  }

  Result<bool> choose_contest() {
    if (contests_.empty()) {
      if (!options_.contest_value.empty())
        return Error{.code = ErrorCode::option_invalid,
                     .message = "no column of contests was found, so that this answer is of no use",
                     .column = "--contest",
                     .value = options_.contest_value,
                     .remedy = "Leave it out, or pick the rows with --leave-out COLUMN=TEXT."};
      return true;
    }
    std::map<std::string, std::size_t> all;
    std::vector<std::string> order;
    for (const auto row : rows_) {
      if (is_form(row)) continue;
      const auto contest = contest_of(row);
      if (++all[contest] == 1) order.push_back(contest);
    }
    std::string chosen = options_.contest_value;
    if (chosen.empty() && order.size() > 1) {
      const bool called = at(contests_.front()).words.role == Role::contest;
      meaning_.ask(
          called
              ? fmt::format("The file has {} contests in {}. Which one?", number(order.size()), listed(contest_names()))
              : fmt::format("Each of {} texts in {} has names of its own in '{}', as constituencies have: "
                            "which contest? (--contest '*' takes all names of all of them; --names COLUMN "
                            "takes those of another column, such as the parties)",
                            number(order.size()), listed(contest_names()), name(meaning_.name_columns.front())),
          "--contest", order);
      return false;
    }
    if (chosen.empty() && order.size() == 1) chosen = order.front();
    if (chosen == all_contests && order.size() > 1) {
      meaning_.guess("contests", number(order.size()), "all are added up, as the answer says", 0);
      if (at(contests_.front()).words.role != Role::contest) units_ = contests_;  // booths are numbered anew in each
      contests_.clear();
      return true;
    }
    if (!all.contains(chosen)) {
      const auto near = nearest_name(chosen, order);
      meaning_.ask(
          fmt::format("There is no contest '{}' in {}{}. Which one?", printable(chosen), listed(contest_names()),
                      near.empty() ? "" : fmt::format(" (did you mean '{}'?)", printable(near))),
          "--contest", order);
      return false;
    }
    keep_contest(chosen, order.size() > 1);
    return true;
  }
  std::vector<std::string> contest_names() const {
    std::vector<std::string> out;
    for (const auto c : contests_) out.push_back(at(c).name);
    return out;
  }

  void keep_contest(const std::string& chosen, bool of_several) {
    std::set<std::string> forms;
    std::map<std::size_t, std::string> texts;
    std::vector<std::uint32_t> kept;
    for (const auto row : rows_) {
      const bool form = is_form(row);
      if (!form && contest_of(row) != chosen) continue;
      kept.push_back(row);
      if (form) forms.insert(std::string(at(contests_.front()).text(row)));
      if (!form)
        for (const auto c : contests_) texts[c] = std::string(at(c).text(row));
    }
    if (of_several) meaning_.contest = chosen;
    if (of_several || !forms.empty() || kept.size() < rows_.size()) {
      std::vector<std::string> values{texts[contests_.front()]};
      if (!forms.empty()) name_in_contest_column(forms, values);
      meaning_.where.push_back(
          {.column = at(contests_.front()).name,
           .key = values.size() == 1 ? "equals" : "one_of",
           .values = values,
           .comment = "one contest" + std::string(forms.empty() ? "" : ", and the numbers of the unit")});
      for (std::size_t i = 1; i < contests_.size(); ++i) {
        std::vector<std::string> district{texts[contests_[i]]};
        if (!forms.empty()) district.emplace_back();
        meaning_.where.push_back({.column = at(contests_[i]).name,
                                  .key = district.size() == 1 ? "equals" : "one_of",
                                  .values = district,
                                  .comment = ""});
      }
    }
    rows_ = std::move(kept);
  }

  void name_in_contest_column(const std::set<std::string>& forms, std::vector<std::string>& values) {
    meaning_.name_columns.insert(meaning_.name_columns.begin(), contests_.front());
    meaning_.used.insert(contests_.front());
    values.insert(values.end(), forms.begin(), forms.end());
    meaning_.guess("names", fmt::format("'{}' and '{}'", name(contests_.front()), name(meaning_.name_columns.back())),
                   fmt::format("{} stand in the column of contests", listed({forms.begin(), forms.end()})), 0.1);
  }

  // Rows of a kind that has negative numbers tell nothing of units.
  void take_corrections_apart() {
    const auto is_negative = [&](std::uint32_t row) {
      return std::any_of(values_.begin(), values_.end(), [&](std::size_t c) {
        const auto number = at(c).number(row);
        return number != missing && number < 0;
      });
    };
    if (std::none_of(rows_.begin(), rows_.end(), is_negative)) return;
    meaning_.negative_is_correction = true;
    auto texts = text_columns(table_, values_);
    std::erase_if(texts, [&](std::size_t c) { return has(meaning_.name_columns, c) || has(contests_, c); });
    find_corrections(table_, rows_, texts, meaning_);
    std::erase_if(rows_, [&](std::uint32_t row) {
      if (meaning_.correction_rows.empty()) return is_negative(row);
      const auto& [column, text] = meaning_.correction_rows.front();
      return at(column).text(row) == text;
    });
  }

  // ---- names ----

  // Rows without a name count for no option.
  void leave_out_unnamed() {
    if (meaning_.name_columns.size() > 1) return;
    const auto c = meaning_.name_columns.front();
    std::size_t unnamed = 0;
    std::int64_t votes = 0;
    std::vector<std::uint32_t> kept;
    for (const auto row : rows_) {
      if (!at(c).is_empty(row)) {
        kept.push_back(row);
        continue;
      }
      ++unnamed;
      votes += value(row);
    }
    if (unnamed == 0) return;
    meaning_.where.push_back(
        {.column = at(c).name, .key = "not_equals", .values = {""}, .comment = "rows without a name"});
    meaning_.guess("rows without a name", number(unnamed),
                   fmt::format("'{}' is empty there; they hold {}, not read", name(c), counted(votes, "vote")), 0.5);
    rows_ = std::move(kept);
  }

  std::int64_t value(std::uint32_t row) const {
    std::int64_t out = 0;
    for (const auto c : values_)
      if (const auto number = at(c).number(row); number != missing) out += number;
    return out;
  }

  std::string name_of(std::uint32_t row) const {
    std::string out;
    for (std::size_t i = 0; i < meaning_.name_columns.size(); ++i) {
      if (i > 0) out += "/";
      out += at(meaning_.name_columns[i]).text(row);
    }
    return out;
  }
  // The part of it that a person reads: without the office, unless it is the name.
  static std::string title_of(const std::string& name, std::size_t columns) {
    if (columns < 2) return name;
    const auto bar = name.find('/');
    return bar + 1 == name.size() ? name.substr(0, bar) : name.substr(bar + 1);
  }

  // In some rows the name stands in another column, and that column's text in its place.
  void find_swapped() {
    if (meaning_.name_columns.size() != 1) return;
    const auto n = meaning_.name_columns.front();
    const auto names = rows_of_texts(n);
    for (std::size_t p = 0; p < table_.columns.size(); ++p) {
      if (p == n || at(p).is_whole() || has(values_, p) || has(contests_, p) || at(p).distinct < 2) continue;
      const auto others = rows_of_texts(p);
      // Texts that stand more often in the other column, and the other way round.
      std::vector<bool> foreign_name(at(n).texts.size()), foreign_other(at(p).texts.size());
      std::map<std::string_view, TextId> of_name;
      for (TextId id = 1; id < names.size(); ++id)
        if (names[id] > 0) of_name[at(n).texts[id]] = id;
      bool any = false;
      for (TextId id = 1; id < others.size(); ++id) {
        const auto same = of_name.find(at(p).texts[id]);
        if (others[id] == 0 || same == of_name.end()) continue;
        any = true;
        foreign_name[same->second] = others[id] > names[same->second];
        foreign_other[id] = names[same->second] > others[id];
      }
      if (!any) continue;
      std::vector<std::uint32_t> swapped;
      for (const auto row : rows_)
        if (foreign_name[at(n).ids[row]] && foreign_other[at(p).ids[row]]) swapped.push_back(row);
      if (swapped.empty() || swapped.size() * 2 > rows_.size()) continue;
      take_swapped(n, p, swapped);
      return;
    }
  }
  std::vector<std::size_t> rows_of_texts(std::size_t c) const {
    std::vector<std::size_t> out(at(c).texts.size());
    for (const auto row : rows_) ++out[at(c).ids[row]];
    return out;
  }

  void take_swapped(std::size_t n, std::size_t p, const std::vector<std::uint32_t>& swapped) {
    meaning_.name_columns = {n, p};
    meaning_.used.insert(p);
    swapped_.insert(swapped.begin(), swapped.end());
    std::string at_rows;
    for (std::size_t c = 0; c < table_.columns.size() && at_rows.empty(); ++c) {
      std::set<TextId> inside, outside;
      for (const auto row : rows_) (swapped_.contains(row) ? inside : outside).insert(at(c).ids[row]);
      if (c != n && c != p && inside.size() == 1 && !outside.contains(*inside.begin()))
        at_rows = fmt::format(", all of {} = '{}'", name(c), printable(at(c).texts[*inside.begin()], 40));
    }
    meaning_.guess("swapped columns", fmt::format("{} and {}", name(n), name(p)),
                   fmt::format("in {}{} the texts of the two columns have changed places: both orders are added up "
                               "(check the file)",
                               counted(swapped.size(), "row"), at_rows),
                   0.5);
  }
  std::string unswapped(std::uint32_t row) const {
    if (swapped_.empty() && meaning_.name_columns.size() < 2) return name_of(row);
    if (swapped_.empty()) return name_of(row);
    return std::string(at(meaning_.name_columns[swapped_.contains(row) ? 1 : 0]).text(row));
  }

  // ---- units ----

  // The columns that say where a row belongs: not what it counts, and nothing that follows from the name.
  void find_unit_columns() {
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (has(meaning_.name_columns, c) || has(values_, c) || has(contests_, c) || has(units_, c)) continue;
      if (counts(c) && !is_few_codes(c)) continue;
      if (!meaning_.correction_rows.empty() && meaning_.correction_rows.front().first == c) continue;
      if (column.words.role == Role::candidate || column.words.role == Role::contest || column.distinct < 1) continue;
      if (column.words.role != Role::election_date && (is_time(column) || is_share(column) || is_flag(column)))
        continue;
      if (is_mode(c)) {
        modes_.push_back(c);
        continue;
      }
      if (column.words.role == Role::other || follows_from_name(c)) continue;
      if (rows_.size() > 2 && column.words.role != Role::unit && distinct_rows(table_, rows_, {c}) == rows_.size())
        continue;  // of lines
      units_.push_back(c);
    }
  }

  // Numbers without a word that no name needs to stand once in its unit are the rows', not the unit's: seats, ranks,
  // percentages without a point.
  void drop_numbers_of_rows() {
    std::set<std::string> names;
    for (const auto row : rows_) names.insert(name_of(row));
    if (rows_.size() * 2 < names.size() * 3) return;  // names of one unit each are unique without any column
    auto order = units_;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return at(a).distinct > at(b).distinct; });
    const auto with_names = [&](std::vector<std::size_t> columns) {
      columns.insert(columns.end(), meaning_.name_columns.begin(), meaning_.name_columns.end());
      columns.insert(columns.end(), modes_.begin(), modes_.end());
      return distinct_rows(table_, rows_, columns);
    };
    const auto all = with_names(units_);
    for (const auto c : order) {
      if (!at(c).is_whole() || at(c).words.role != Role::none || at(c).words.is_code || at(c).distinct < 2) continue;
      if (follows_from(meaning_.name_columns.back(), c)) continue;  // a constituency's
      auto without = units_;
      std::erase(without, c);
      if (!without.empty() && with_names(without) == all) units_ = std::move(without);
    }
  }

  // A column of years, or a number of few texts of which every unit has several with the same names: several elections or
  // contests, which nobody may add up unasked.
  void ask_about_elections() {
    if (!given_key_.empty()) return;
    for (const auto c : units_) {
      const auto& column = at(c);
      const auto& words = column.words;
      const bool year = words.role == Role::election_date;
      const bool code =
          column.is_whole() && (words.role == Role::none || words.role == Role::votes) && column.distinct <= 12;
      if ((!year && !code) || column.distinct < 2 || (code && follows_from(meaning_.name_columns.back(), c))) continue;
      auto others = units_;
      std::erase(others, c);
      if (others.empty()) continue;
      const auto units = distinct_rows(table_, rows_, others), with = distinct_rows(table_, rows_, units_);
      std::set<TextId> texts;
      for (const auto row : rows_) texts.insert(column.ids[row]);
      if (texts.size() < 2 || (!year && (with * 10 < units * 19 || with * 10 < units * texts.size() * 6))) continue;
      if (!year && !every_unit_has_two(c, others, units)) continue;
      std::vector<std::string> choices;
      for (const auto text : texts) choices.push_back(fmt::format("{}={}", column.name, column.texts[text]));
      meaning_.ask(
          fmt::format("{} has {} texts, and the same units and names come again under each: are they several elections "
                      "or contests? Pick one with --only, or name it with the other columns as --key when each is "
                      "of a unit of its own",
                      listed({column.name}), number(texts.size())),
          "--only", choices);
      return;
    }
  }
  bool every_unit_has_two(std::size_t c, const std::vector<std::size_t>& others, std::size_t units) const {
    tsl::robin_map<std::uint64_t, std::pair<TextId, bool>> of_unit;
    std::size_t several = 0;
    for (const auto row : rows_) {
      const auto text = at(c).ids[row];
      auto [place, fresh] = of_unit.try_emplace(hash_of(row, others), text, false);
      if (fresh || place->second.second || place->second.first == text) continue;
      place.value().second = true;
      ++several;
    }
    return several * 20 >= units * 19;
  }

  // Most of its texts are ways of voting.
  bool is_mode(std::size_t c) const {
    const auto& column = at(c);
    if (column.is_whole() || column.distinct < 2 || column.distinct > 20) return false;
    std::size_t known = 0, totals = 0;
    for (TextId id = 1; id < column.texts.size(); ++id) {
      known += words_of(column.texts[id]).role == Role::mode ? 1U : 0U;
      totals += has_total_word(column.texts[id]) ? 1U : 0U;
    }
    return known > 0 && (known + totals) * 2 >= column.distinct && known >= totals;
  }

  bool follows_from_name(std::size_t c) const {
    std::map<std::string, std::set<TextId>> of_name;
    std::size_t rows = 0;
    const auto columns = swapped_.empty() ? meaning_.name_columns.size() : 1;
    for (const auto row : rows_) {
      auto text = unswapped(row);
      if (columns > 1 && name_kind(title_of(text, columns)) != NameKind::option) continue;  // those of all contests
      of_name[std::move(text)].insert(at(c).ids[row]);
      if (++rows > 20'000) break;
    }
    std::size_t one = 0;
    for (const auto& [text, others] : of_name) one += others.size() == 1 ? 1U : 0U;
    // One text, and none in the rows of the form, is no place either: it tells the votes from the form.
    const auto in_some_rows = [&] {
      return std::any_of(rows_.begin(), rows_.end(), [&](std::uint32_t row) { return at(c).is_empty(row); });
    };
    return of_name.size() >= 2 && one * 10 >= of_name.size() * 9 && (at(c).distinct > 1 || in_some_rows());
  }

  std::uint64_t hash_of(std::uint32_t row, const std::vector<std::size_t>& columns) const {
    std::uint64_t hash = 0x9E3779B97F4A7C15ULL;
    for (const auto c : columns) {
      hash = (hash ^ at(c).ids[row]) * 0xBF58476D1CE4E5B9ULL;
      hash ^= hash >> 29U;
    }
    return hash;
  }

  // Units and names: a matrix with one row per unit (and way of voting) and one column per name.
  void bring_together() {
    auto columns = units_;
    columns.insert(columns.end(), modes_.begin(), modes_.end());
    if (columns.empty()) columns = given_key_;
    tsl::robin_map<std::uint64_t, std::uint32_t> unit_at;
    std::map<std::string, std::size_t> name_at;
    std::vector<std::uint32_t> unit_of(rows_.size()), name_of_row(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto row = rows_[i];
      const auto [unit, fresh] =
          unit_at.try_emplace(hash_of(row, columns), static_cast<std::uint32_t>(first_row_.size()));
      if (fresh) first_row_.push_back(row);
      unit_of[i] = unit->second;
      const auto [place, fresh_name] = name_at.try_emplace(unswapped(row), name_at.size());
      if (fresh_name) {
        names_.push_back(place->first);
        raw_names_.emplace_back();
      }
      name_of_row[i] = static_cast<std::uint32_t>(place->second);
      if (!swapped_.empty()) raw_names_[place->second].insert(this->name_of(row));
    }
    too_many_ = names_.size() > most_names || names_.size() * first_row_.size() > 200'000'000;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      Quantity quantity;
      quantity.name = names_[i];
      quantity.title = title_of(names_[i], swapped_.empty() ? meaning_.name_columns.size() : 1);
      quantity.words = words_of(quantity.title);
      if (name_kind(quantity.title) == NameKind::option || quantity.words.role == Role::mode)
        quantity.words = {};  // a candidate, whatever the words
      if (!too_many_) quantity.own.assign(first_row_.size(), missing);
      matrix_.quantities.push_back(std::move(quantity));
    }
    for (std::uint32_t u = 0; u < first_row_.size(); ++u) matrix_.rows.push_back(u);
    if (too_many_) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      auto& cell = matrix_.quantities[name_of_row[i]].own[unit_of[i]];
      const auto sum = (cell == missing ? 0 : cell) + value(rows_[i]);
      cell = static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, -2'000'000'000, 2'000'000'000));
    }
    matrix_.summarise();
  }

  // "COLUMN=TEXT" of the column that parts the names best: the fewest names under its texts, of columns with few texts.
  std::vector<std::string> parts_with_fewer_names() const {
    std::optional<std::size_t> best;
    std::size_t fewest = 0;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (has(values_, c) || has(meaning_.name_columns, c) || counts(c) || column.distinct < 2 ||
          column.distinct > 200 || column.filled < rows_.size() || column.words.role == Role::candidate)
        continue;
      std::set<std::pair<TextId, TextId>> pairs;
      for (const auto row : rows_) pairs.insert({column.ids[row], at(meaning_.name_columns.back()).ids[row]});
      const auto most = pairs.size() / column.distinct;
      if (!best || most < fewest) {
        best = c;
        fewest = most;
      }
    }
    std::vector<std::string> out;
    if (best)
      for (TextId id = 1; id < at(*best).texts.size() && out.size() < 200; ++id)
        if (has_row(*best, id)) out.push_back(fmt::format("{}={}", at(*best).name, at(*best).texts[id]));
    return out;
  }

  // Roles of the names, and units that are totals.
  Result<void> find_quantities() {
    if (too_many_) {
      meaning_.ask(fmt::format("{} different names are more than the {} that are looked at. Is '{}' the column of "
                               "options? If contests have names of their own, pick the rows of one",
                               number(names_.size()), number(most_names), name(meaning_.name_columns.back())),
                   "--only", parts_with_fewer_names());
      return {};
    }
    auto said = options_;
    if (values_are_given_) said.options.clear();  // they are columns, not names
    COTEJO_TRY(given, given_roles(matrix_, said));
    auto roles = roles_of(given);
    if (!roles.questions.empty()) {
      meaning_.questions.insert(meaning_.questions.end(), roles.questions.begin(), roles.questions.end());
      return {};
    }
    if (!roles.found()) {
      meaning_.ask(fmt::format("All names in '{}' are words of a form, and none is an option's. Which are options?",
                               name(meaning_.name_columns.back())),
                   "--option", names_);
      return {};
    }
    auto votes = roles.options;
    auto texts = units_;
    texts.insert(texts.end(), modes_.begin(), modes_.end());
    const auto totals = find_total_rows(table_, matrix_, first_row_, votes, texts, options_.keep);
    if (totals.found > 0) {
      leave_out_totals(totals, matrix_.rows, meaning_);
      matrix_.summarise();
      roles = roles_of(given);
      drop_total_rows(totals);
    }
    meaning_.guesses.insert(meaning_.guesses.end(), roles.guesses.begin(), roles.guesses.end());
    take_roles(matrix_, roles, meaning_, true);
    if (!swapped_.empty()) write_both_orders();
    return {};
  }

  // The rows of units that are totals.
  void drop_total_rows(const TotalRows& totals) {
    auto columns = units_;
    columns.insert(columns.end(), modes_.begin(), modes_.end());
    std::set<std::uint64_t> gone;
    for (std::size_t u = 0; u < first_row_.size(); ++u)
      if (totals.is_total[u]) gone.insert(hash_of(first_row_[u], columns));
    std::erase_if(rows_, [&](std::uint32_t row) { return gone.contains(hash_of(row, columns)); });
  }

  Roles roles_of(const GivenRoles& given) const {
    const auto sums = matrix_.quantities.size() <= most_names_in_sums ? find_sums(matrix_) : std::vector<Sum>{};
    GivenRoles named = given;
    std::set<std::size_t> subtotals;
    if (named.options.empty()) {
      // Every name is an option but for the words of a form, and sums of others that are called so.
      std::vector<std::size_t> options;
      for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
        const auto kind = name_kind(matrix_.quantities[q].title);
        if (has(given.not_options, q)) continue;
        if (kind == NameKind::option && !adds_up_all(q, sums)) options.push_back(q);
        if (kind == NameKind::write_in_total && !adds_up_others(q, sums)) options.push_back(q);
      }
      if (options.empty()) return {};
      named.options = options;
    }
    auto out = find_roles(matrix_, sums, named);
    // "BLANCO" alone, without null votes beside it, may be a list of that name.
    if (!given.blank && out.blank.size() == 1 && out.null.empty() &&
        folded(matrix_.quantities[out.blank.front()].title).find(' ') == std::string::npos)
      for (auto& guess : out.guesses)
        if (guess.what == "blank votes") {
          guess.evidence +=
              "; no name speaks of null votes, and a list may be called so: then make it an option of the profile";
          guess.doubt = 0.5;
        }
    if (given.options.empty())
      out.guesses.push_back({"options",
                             listed(names_of(matrix_, out.options), 30),
                             fmt::format("the names in '{}'", name(meaning_.name_columns.back())),
                             0.1,
                             {}});
    return out;
  }
  bool adds_up_others(std::size_t q, const std::vector<Sum>& sums) const {
    return std::any_of(sums.begin(), sums.end(), [&](const Sum& sum) { return sum.total == q && sum.share() > 0.9; });
  }
  // An option that is the sum of all others that are no words of a form is a total under another name.
  bool adds_up_all(std::size_t q, const std::vector<Sum>& sums) const {
    std::size_t others = 0;
    for (std::size_t o = 0; o < matrix_.quantities.size(); ++o)
      others += o != q && name_kind(matrix_.quantities[o].title) == NameKind::option &&
                        matrix_.quantities[o].filled > matrix_.quantities[o].zeros
                    ? 1U
                    : 0U;
    return std::any_of(sums.begin(), sums.end(), [&](const Sum& sum) {
      return sum.total == q && sum.share() > 0.95 && others >= 2 && sum.parts.size() >= others;
    });
  }

  // "Ana / DEM" and "DEM / Ana" are one option.
  void write_both_orders() {
    const auto both = [&](Number& number) {
      std::vector<std::string> columns;
      for (const auto& name : number.columns) {
        const auto at_name = std::find(names_.begin(), names_.end(), name);
        const auto& raw = raw_names_[static_cast<std::size_t>(at_name - names_.begin())];
        columns.insert(columns.end(), raw.begin(), raw.end());
      }
      number.columns = columns;
    };
    for (auto& option : meaning_.options) both(option);
    for (auto& field : meaning_.fields) both(field);
    for (auto& [key, number] : meaning_.standard) both(number);
    meaning_.absent_is_zero = true;
  }

  // The fewest columns that tell as many units apart as all of them.
  void find_units_of_rows() {
    for (const auto c : fill_down(table_, rows_, units_, meaning_.guesses)) meaning_.filled_down.insert(c);
    if (!given_key_.empty()) {
      meaning_.key = given_key_;
    } else {
      if (units_.empty()) return take_one_unit();
      auto order = units_;
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [&](std::size_t c) { return at(c).words.role == Role::unit ? 1 : 0; };
        return std::pair(rank(a), at(a).distinct) > std::pair(rank(b), at(b).distinct);
      });
      const auto all = distinct_rows(table_, rows_, units_);
      std::vector<std::size_t> key;
      std::size_t have = 0;
      for (const auto c : order) {
        auto with = key;
        with.push_back(c);
        const auto found = distinct_rows(table_, rows_, with);
        if (found > have) {
          key = with;
          have = found;
        }
        if (have == all) break;
      }
      for (std::size_t i = 0; key.size() > 1 && i < key.size();) {
        auto without = key;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        if (distinct_rows(table_, rows_, without) == have)
          key = without;
        else
          ++i;
      }
      std::sort(key.begin(), key.end());
      meaning_.key = key;
      std::vector<std::string> names;
      for (const auto c : key) names.push_back(at(c).name);
      const auto mangled = mangled_codes(table_, key);
      meaning_.guess("unit key", fmt::format("{}", fmt::join(names, " / ")),
                     fmt::format("{}{}{}", counted(have, "unit"), mangled.empty() ? "" : "; ", mangled),
                     mangled.empty() ? 0.15 : 0.6);
    }
    meaning_.places = find_places(table_, rows_, units_, meaning_.guesses);
    std::erase_if(meaning_.places, [&](const Level& place) { return !fixed_in_unit(place.name); });
    for (const auto c : meaning_.key) meaning_.used.insert(c);
    for (const auto& place : meaning_.places) meaning_.used.insert(place.name);
  }
  // A summary: each name once, and nothing tells rows apart but the name.
  void take_one_unit() {
    std::set<std::string> names;
    for (const auto row : rows_) names.insert(name_of(row));
    const std::string what = "nothing tells rows apart but the names: the file is taken for the sum of one unit";
    std::vector<std::size_t> one;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      if (has(values_, c) || has(meaning_.name_columns, c) || at(c).words.role == Role::candidate) continue;
      const bool same = std::all_of(rows_.begin(), rows_.end(), [&](std::uint32_t row) {
        return at(c).ids[row] != 0 && at(c).ids[row] == at(c).ids[rows_[0]];
      });
      if (same) one.push_back(c);
    }
    if (names.size() == rows_.size() && one.empty()) {
      meaning_.one_unit = true;
      return meaning_.guess("unit key", "the file", what, 0.4);
    }
    if (names.size() < rows_.size())
      return meaning_.ask("Which columns tell the units apart?", "--key", column_names());
    const auto contest = std::find_if(one.begin(), one.end(), [&](std::size_t c) { return has(contests_, c); });
    meaning_.key = {contest != one.end() ? *contest : one.front()};
    meaning_.used.insert(meaning_.key.front());
    meaning_.guess("unit key", at(meaning_.key.front()).name, what, 0.4);
  }
  std::vector<std::string> column_names() const {
    std::vector<std::string> out;
    for (std::size_t c = 0; c < table_.columns.size(); ++c)
      if (!has(values_, c) && !has(meaning_.name_columns, c)) out.push_back(at(c).name);
    return out;
  }
  bool fixed_in_unit(std::size_t c) const {
    auto with = meaning_.key;
    with.push_back(c);
    return distinct_rows(table_, rows_, with) == distinct_rows(table_, rows_, meaning_.key);
  }

  // ---- numbers of the unit, in each of its rows ----

  // "Stimme" with 1 and 2: a word for votes, and no number of them.
  bool is_few_codes(std::size_t c) const {
    const auto& column = at(c);
    if (!column.is_whole() || column.words.role != Role::votes || column.distinct > 5 || rows_.size() < 50)
      return false;
    for (TextId id = 1; id < column.texts.size(); ++id)
      if (column.numbers[id] != missing && (column.numbers[id] < 0 || column.numbers[id] > 9)) return false;
    return true;
  }

  void find_numbers_beside() {
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const auto& column = at(c);
      if (!column.is_whole() || has(values_, c) || has(meaning_.key, c) || !column.words.whole ||
          column.words.is_share || column.negative > 0)
        continue;
      const auto role = column.words.role;
      const std::string key = role == Role::registered                     ? "registered"
                              : role == Role::cast                         ? "cast"
                              : role == Role::valid                        ? "valid"
                              : role == Role::blank || role == Role::under ? "blank"
                              : role == Role::null || role == Role::over   ? "null"
                                                                           : "";
      const auto same = [&](const auto& pair) { return pair.first == key; };
      if (key.empty() || std::any_of(meaning_.standard.begin(), meaning_.standard.end(), same)) continue;
      static const std::map<std::string, std::string> titles{{"registered", "registered voters"},
                                                             {"cast", "ballots cast"},
                                                             {"valid", "valid votes"},
                                                             {"blank", "blank votes"},
                                                             {"null", "null votes"}};
      if (!is_fixed_in_unit(c)) {
        if (!differs_within(c, meaning_.key))
          meaning_.guess(titles.at(key), column.name,
                         "nearly all units have one number in all of their rows, but not all: it is not read", 0.4);
        continue;
      }
      if (std::all_of(rows_.begin(), rows_.end(), [&](std::uint32_t row) { return column.number(row) == 0; })) continue;
      meaning_.standard.push_back({key, {.title = column.title, .columns = {column.name}, .beside = true}});
      meaning_.number_columns.push_back(c);
      meaning_.used.insert(c);
      meaning_.guess(titles.at(key), column.name,
                     fmt::format("the header has '{}' ({}), and all rows of a unit have one number", column.words.words,
                                 column.words.language),
                     0.15);
    }
    drop_what_does_not_add_up();
    drop_repeated_forms();
  }
  // A register that stands in a unit several times (per party, and once for all) is no number of the unit.
  void drop_repeated_forms() {
    for (const auto key : {"registered", "cast"}) {
      const auto found = std::find_if(meaning_.standard.begin(), meaning_.standard.end(),
                                      [&](const auto& pair) { return pair.first == key && !pair.second.beside; });
      if (found == meaning_.standard.end()) continue;
      const auto& names = found->second.columns;
      std::size_t rows = 0;
      std::set<std::uint64_t> units;
      for (const auto row : rows_)
        if (std::find(names.begin(), names.end(), name_of(row)) != names.end()) {
          ++rows;
          units.insert(hash_of(row, meaning_.key) ^ std::hash<std::string>{}(name_of(row)));
        }
      if (rows <= units.size() || !modes_.empty()) continue;
      meaning_.guess(
          key == std::string("cast") ? "ballots cast" : "registered voters", names.front(),
          fmt::format("it stands {} times in {}, and some of these numbers may be the sum of others: it is kept "
                      "as a further number",
                      number(rows), counted(units.size(), "unit")),
          0.4);
      meaning_.fields.push_back(found->second);
      meaning_.standard.erase(found);
    }
  }
  bool is_fixed_in_unit(std::size_t c) const {
    tsl::robin_map<std::uint64_t, TextId> first;
    return std::all_of(rows_.begin(), rows_.end(), [&](std::uint32_t row) {
      const auto [place, fresh] = first.try_emplace(hash_of(row, meaning_.key), at(c).ids[row]);
      return fresh || place->second == at(c).ids[row];
    });
  }
  // Where voters have several votes, over- and undervotes are votes, not ballots: they are left out when the names, blank
  // and null do not make up the ballots cast.
  void drop_what_does_not_add_up() {
    const auto beside = [&](const char* key) {
      return std::find_if(meaning_.standard.begin(), meaning_.standard.end(),
                          [&](const auto& pair) { return pair.first == key && pair.second.beside; });
    };
    const auto cast = beside("cast");
    if (cast == meaning_.standard.end() ||
        (beside("blank") == meaning_.standard.end() && beside("null") == meaning_.standard.end()))
      return;
    struct Unit {
      std::uint32_t row;
      std::int64_t sum = 0;
    };
    tsl::robin_map<std::uint64_t, Unit> units;
    for (const auto row : rows_)
      units.try_emplace(hash_of(row, meaning_.key), Unit{row}).first.value().sum += value(row);
    const auto cell_of = [&](const char* key, std::uint32_t row) -> std::int64_t {
      const auto found = beside(key);
      if (found == meaning_.standard.end()) return 0;
      const auto column = find_column(table_, found->second.columns.front());
      const auto cell = column ? at(*column).number(row) : missing;
      return cell == missing ? 0 : cell;
    };
    std::size_t good = 0;
    for (const auto& [key, unit] : units)
      good += unit.sum + cell_of("blank", unit.row) + cell_of("null", unit.row) == cell_of("cast", unit.row) ? 1U : 0U;
    if (good * 2 >= units.size()) return;
    meaning_.guess("ballots cast", cast->second.columns.front(),
                   fmt::format("votes, over- and undervotes make it up in {} of {} alone, as where voters have several "
                               "votes: over- and undervotes are not read",
                               number(good), counted(units.size(), "unit")),
                   0.3);
    std::erase_if(meaning_.standard, [](const auto& pair) {
      return pair.second.beside && (pair.first == "blank" || pair.first == "null");
    });
  }

  // ---- a name several times in a unit ----

  void find_repeated() {
    struct First {
      std::uint32_t row;
      bool repeated;
    };
    auto columns = meaning_.key;
    columns.insert(columns.end(), meaning_.name_columns.begin(), meaning_.name_columns.end());
    std::vector<std::size_t> all;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) all.push_back(c);
    auto without_values = all;
    std::erase_if(without_values, [&](std::size_t c) { return has(values_, c); });
    tsl::robin_map<std::uint64_t, std::uint32_t> first;
    std::set<std::uint64_t> copied;
    std::size_t copies = 0, parts = 0;
    std::vector<std::string> conflicts;
    for (const auto row : rows_) {
      const auto [place, fresh] = first.try_emplace(hash_of(row, columns), row);
      if (fresh) continue;
      const auto other = place->second;
      if (hash_of(row, all) == hash_of(other, all)) {
        ++copies;
        copied.insert(hash_of(row, meaning_.key));
      } else if (hash_of(row, without_values) != hash_of(other, without_values)) {
        ++parts;
      } else {
        conflicts.push_back(fmt::format("{} of {} is {} and {}", printable(title_of(name_of(row), 1), 30), key_of(row),
                                        value(other), value(row)));
      }
    }
    const auto units = distinct_rows(table_, rows_, meaning_.key);
    // A unit that lacks a name has no votes for it, as files of results write it.
    meaning_.absent_is_zero = meaning_.absent_is_zero || some_absent();
    if (copies > 0 && copied.size() * 5 <= units * 4 && parts == 0) {
      meaning_.drop_identical = true;
      meaning_.guess("repeated rows", number(copies),
                     fmt::format("they are copies of other rows, in {} of {}: dropped", number(copied.size()),
                                 counted(units, "unit")),
                     0.3);
    }
    if (!conflicts.empty() && options_.repeated.empty()) {
      meaning_.ask(
          fmt::format("{} the same name of the same unit as another row and another number: {}. Are they parts of "
                      "one number (--repeated sum adds them up), or does nothing say which holds (--repeated "
                      "set-aside: the first stands, the others are set aside with what they would change)? Leave a "
                      "wrong row out with --leave-out COLUMN=TEXT",
                      counted(conflicts.size(), "row") + (conflicts.size() == 1 ? " has" : " have"),
                      listed(conflicts, 3)),
          "--repeated", {"sum", "set-aside"});
      return;
    }
    if (options_.repeated == "sum") {
      parts += conflicts.size();
      conflicts.clear();
    }
    if (options_.repeated != "set-aside" && (parts > 0 || (copies > 0 && !meaning_.drop_identical))) {
      meaning_.repeated_is_sum = true;
      meaning_.guess(
          "repeated names", number(parts + copies),
          "rows have a name that their unit has already, and differ in other columns (lines of a ballot, ways "
          "of voting): they are added up",
          parts > 0 && copies == 0 ? 0.2 : 0.5);
    }
    if (conflicts.empty()) return;
    meaning_.guess(
        "conflicting rows", number(conflicts.size()),
        fmt::format("{}: nothing says which holds; the first stands, the others are set aside with what they would "
                    "change, as the answer says",
                    listed(conflicts, 3)),
        0.3);
    meaning_.drop_identical = true;
  }
  std::string key_of(std::uint32_t row) const {
    std::string out;
    for (const auto c : meaning_.key) out += (out.empty() ? "" : "/") + std::string(at(c).text(row));
    return printable(out, 40);
  }
  bool some_absent() const {
    return std::any_of(matrix_.quantities.begin(), matrix_.quantities.end(), [&](const Quantity& quantity) {
      return std::any_of(matrix_.rows.begin(), matrix_.rows.end(),
                         [&](std::uint32_t row) { return quantity[row] == missing; });
    });
  }

  void note_special_numbers() {
    std::size_t noisy = 0, empty = 0, dashes = 0;
    for (const auto c : values_) {
      for (const auto dash : {"-", "--", "–", "—"})
        for (TextId id = 1; id < at(c).texts.size(); ++id)
          if (at(c).texts[id] == dash && has_row(c, id)) {
            ++dashes;
            if (std::find(meaning_.dashes.begin(), meaning_.dashes.end(), dash) == meaning_.dashes.end())
              meaning_.dashes.emplace_back(dash);
          }
      noisy += at(c).noisy;
      for (const auto row : rows_) empty += at(c).is_empty(row) ? 1U : 0U;
    }
    if (noisy > 0) {
      meaning_.round = true;
      meaning_.guess("rounding", number(noisy), "cells are within a millionth of a whole number: they are rounded",
                     0.15);
    }
    if (meaning_.absent_is_zero)
      meaning_.guess("absent names", "0", "units without a row for a name have no votes for it", 0.2);
    if (dashes > 0)
      meaning_.guess("dashes", "0",
                     fmt::format("{} beside a name, where its votes stand: read as 0", listed(meaning_.dashes)), 0.4);
    if (empty == 0) return;
    meaning_.empty_is_zero = true;
    meaning_.guess("empty cells", "0", counted(empty, "row") + " with a name and no number", 0.4);
  }

  bool has_row(std::size_t c, TextId id) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](std::uint32_t row) { return at(c).ids[row] == id; });
  }

  Table& table_;
  std::vector<std::uint32_t> rows_;
  const ProposeOptions& options_;
  Meaning& meaning_;
  std::optional<std::size_t> given_names_, summary_names_;
  bool values_are_given_ = false;
  std::vector<std::size_t> values_, contests_, units_, modes_, given_key_;
  std::set<std::uint32_t> swapped_;
  std::vector<std::uint32_t> first_row_;  // of each unit, of the table
  std::vector<std::string> names_;
  std::vector<std::set<std::string>> raw_names_;  // as the profile names them, where columns were swapped
  Matrix matrix_;
  bool too_many_ = false;
};

}  // namespace

Result<bool> read_as_long(Table& table, const std::vector<std::uint32_t>& rows, const ProposeOptions& options,
                          Meaning& meaning) {
  auto attempt = meaning;
  COTEJO_TRY(is_long, LongReader(table, rows, options, attempt).read());
  if (is_long)
    meaning = std::move(attempt);
  else
    meaning.if_not_wide = std::move(attempt.if_not_wide);
  return is_long;
}

bool looks_transposed(const Table& table) {
  std::size_t numbers = 0;
  for (const auto& column : table.columns) numbers += column.is_whole() ? 1U : 0U;
  if (numbers < 3 || table.rows > 5'000) return false;
  for (const auto& column : table.columns) {
    if (column.is_whole() || column.filled * 3 < table.rows || column.distinct * 10 < column.filled * 9) continue;
    std::set<NameKind> kinds;
    for (TextId id = 1; id < column.texts.size(); ++id)
      if (const auto kind = name_kind(column.texts[id]); kind != NameKind::option && kind != NameKind::total)
        kinds.insert(kind);
    if (kinds.size() >= 2) return true;
  }
  return false;
}

}  // namespace cotejo::proposing
