#include "propose_roles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::proposing {

std::string in_rows(std::size_t good, std::size_t of) {
  if (good == of && of == 1) return "in the only row";
  if (good == of) return fmt::format("in all {} rows", with_thousands(static_cast<long long>(of)));
  return fmt::format("in {} of {} rows", with_thousands(static_cast<long long>(good)),
                     with_thousands(static_cast<long long>(of)));
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    shown.push_back(fmt::format("'{}'", printable(names[i], 40)));
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

std::vector<std::string> names_of(const Matrix& matrix, const std::vector<std::size_t>& quantities) {
  std::vector<std::string> out;
  for (const auto q : quantities) out.push_back(matrix.quantities[q].name);
  return out;
}

std::string equation(const Matrix& matrix, const Sum& sum) {
  const auto names = names_of(matrix, sum.parts);
  std::string left = fmt::format("{}", fmt::join(names, " + "));
  if (names.size() > 3) left = fmt::format("{} + ... + {}", names.front(), names.back());
  return fmt::format("{} = {} {}", printable(left, 80), printable(matrix.quantities[sum.total].name, 40),
                     in_rows(sum.good, sum.rows));
}

namespace {

constexpr double holds = 0.9;        // a sum that holds in so many rows is one
constexpr double small_share = 0.1;  // of the ballots, that one bare word for blank or null votes may have
constexpr std::int64_t columns_of_codes = 9;

bool is_form_role(Role role) {
  return role == Role::registered || role == Role::cast || role == Role::valid || role == Role::blank ||
         role == Role::null || role == Role::over || role == Role::under || role == Role::abstention ||
         role == Role::papers || role == Role::mode;
}

bool has(const std::vector<std::size_t>& all, std::size_t q) {
  return std::find(all.begin(), all.end(), q) != all.end();
}

}  // namespace

int form_strength(const Quantity& quantity) {
  const auto& words = quantity.words;
  if (!is_form_role(words.role)) return 0;
  if (words.whole) return 2;
  if (words.role == Role::mode) return 1;  // "Peel early": votes of Peel
  // A party's name is short; a sentence with such words is a line of a protocol.
  const std::string text = folded(quantity.title);
  const auto blanks = std::count(text.begin(), text.end(), ' ');
  return blanks >= 4 || words.words.size() * 10 >= text.size() * 7 ? 2 : 1;
}

bool is_strong(const Quantity& quantity, Role role) {
  return quantity.words.role == role && form_strength(quantity) == 2;
}

namespace {

class RoleFinder {
 public:
  RoleFinder(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given)
      : matrix_(matrix), sums_(sums), given_(given) {}

  Roles find() {
    out_.registered = given_.registered;
    out_.cast = given_.cast;
    out_.valid = given_.valid;
    if (given_.blank) out_.blank = {*given_.blank};
    if (given_.null) out_.null = {*given_.null};
    if (!given_.options.empty())
      take_given_options();
    else
      options_from_sums();
    if (!out_.questions.empty()) return std::move(out_);
    if (!out_.found()) options_from_words();
    if (!out_.found()) return std::move(out_);
    blank_and_null_by_words();
    cast_from_sums();
    cast_from_a_balance();
    cast_from_words();
    check_valid();
    find_registered();
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q)
      if (!used(q)) out_.others.push_back(q);
    return std::move(out_);
  }

 private:
  const Quantity& at(std::size_t q) const { return matrix_.quantities[q]; }
  std::string name(std::size_t q) const { return printable(at(q).name, 60); }
  void guess(std::string what, std::string value, std::string evidence, double doubt = 0) {
    out_.guesses.push_back({std::move(what), std::move(value), std::move(evidence), doubt});
  }
  bool used(std::size_t q) const {
    return has(out_.options, q) || has(out_.blank, q) || has(out_.null, q) || out_.valid == q || out_.cast == q ||
           out_.registered == q || has(out_.cast_parts, q);
  }
  std::string words_said(std::size_t q) const {
    const auto& words = at(q).words;
    return words.words.empty() ? std::string("no word of the header")
                               : fmt::format("the header has '{}' ({})", words.words, words.language);
  }

  // ---- the options ----

  void take_given_options() {
    out_.options = given_.options;
    for (const auto& sum : sums_)
      if (!out_.valid && sum.parts == sorted(given_.options)) out_.valid = sum.total;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q)
      if (!out_.valid && is_strong(at(q), Role::valid) && !used(q)) out_.valid = q;
  }
  static std::vector<std::size_t> sorted(std::vector<std::size_t> all) {
    std::sort(all.begin(), all.end());
    return all;
  }

  void options_from_sums() {
    const auto choice = choose_options(matrix_, sums_, given_);
    if (!choice.rivals.empty()) return ask_which_sum(*choice.sum, choice.rivals);
    if (!choice.options.empty()) {
      out_.options = choice.options;
      out_.from_a_sum = true;
      guess("options", listed(names_of(matrix_, out_.options), 30),
            "each is the sum of its own columns, one a way of voting, which are not read", 0.1);
      if (!choice.sum) return;
    }
    if (!choice.sum) return;
    take_sum(*choice.sum);
  }

  void ask_which_sum(const Sum& best, const std::vector<Sum>& rivals) {
    std::vector<std::string> totals{at(best.total).name}, said{equation(matrix_, best)};
    for (const auto& rival : rivals) {
      totals.push_back(at(rival.total).name);
      said.push_back(equation(matrix_, rival));
    }
    out_.questions.push_back(
        {.text = fmt::format("Several sums hold that may each be the votes of a contest: {}. Which total is it?",
                             fmt::join(said, "; ")),
         .option = "--valid",
         .choices = totals});
  }

  // A total is part of a larger one with little beside it: valid votes in ballots cast.
  bool goes_on(std::size_t total) const {
    return std::any_of(sums_.begin(), sums_.end(), [&](const Sum& outer) {
      return outer.share() >= holds && outer.has(total) && at(total).sum * 5 >= at(outer.total).sum * 4;
    });
  }

  void take_sum(const Sum& sum) {
    const auto parts = with_columns_of_zeros(sum);
    out_.from_a_sum = true;
    out_.with_empty = sum.with_empty;
    out_.proved_zero = sum.filled_good;
    const bool total_is_valid =
        is_strong(at(sum.total), Role::valid) || goes_on(sum.total) || given_.valid == sum.total;
    if (!total_is_valid && asked_about_the_tail(sum, parts)) return;
    std::vector<std::size_t> options;
    for (const auto q : parts) {
      if (total_is_valid || !stands_aside(q, sum)) {
        options.push_back(q);
        continue;
      }
      const auto role = at(q).words.role;
      (role == Role::blank || role == Role::under ? out_.blank : out_.null).push_back(q);
    }
    // "Valid + rejected = polled" has no option.
    if (given_.options.empty() && options.size() == 1 && is_strong(at(options.front()), Role::valid)) {
      out_.from_a_sum = false;
      if (!out_.cast) out_.cast = sum.total;
      if (!out_.valid) out_.valid = options.front();
      guess("ballots cast", name(sum.total), equation(matrix_, sum), 1 - sum.share());
      return;
    }
    if (given_.options.empty() && !given_.valid && is_unnamed(sum.total) && asked_about_one_part(sum, options)) return;
    out_.options = options;
    // Without a header nothing tells options from blank, null and the like.
    const double doubt = std::max(1 - sum.share(), is_unnamed(sum.total) ? 0.5 : 0.0);
    const bool with_others = !out_.blank.empty() || !out_.null.empty();
    if (with_others && given_.cast.value_or(sum.total) == sum.total) {
      out_.cast = sum.total;
      guess("ballots cast", name(sum.total), equation(matrix_, sum), doubt);
    } else {
      out_.valid = sum.total;
      guess("valid votes", name(sum.total), equation(matrix_, sum), doubt + (total_is_valid ? 0 : 0.1));
    }
    guess("options", listed(names_of(matrix_, options), 30), fmt::format("{} columns that add up so", options.size()),
          doubt);
  }

  // "#7": the file has no header.
  bool is_unnamed(std::size_t q) const {
    const auto& title = at(q).title;
    return title.find_first_not_of("#0123456789") == std::string::npos && (title.empty() || title[0] == '#');
  }

  // Without a header, one part with nine tenths of its total may be the valid votes, and the others blank, null and the like.
  bool asked_about_one_part(const Sum& sum, const std::vector<std::size_t>& parts) {
    const bool one =
        std::any_of(parts.begin(), parts.end(), [&](std::size_t q) { return at(q).sum * 10 >= at(sum.total).sum * 9; });
    if (!one) return false;
    out_.questions.push_back(
        {.text = fmt::format(
             "{}, and one of these columns has nine tenths of it: without a header nothing tells whether they "
             "are options, or the valid, blank and null votes of a form. Which columns count the votes of an "
             "option? If they are the form's, the file has no votes per option",
             equation(matrix_, sum)),
         .option = "--option",
         .choices = names_of(matrix_, parts)});
    return true;
  }

  // What stands above a column in a header of several rows: "Candidates" of "Candidates / Ana".
  static std::string group_of(const std::string& title) {
    const auto bar = title.find(" / ");
    return bar == std::string::npos ? std::string() : title.substr(0, bar);
  }

  // Columns of zeros between the parts of a sum, or beside them, belong to it unless a word says otherwise.
  std::vector<std::size_t> with_columns_of_zeros(const Sum& sum) const {
    auto parts = sum.parts;
    const auto is_zeros = [&](std::size_t q) {
      return at(q).filled > 0 && at(q).filled == at(q).zeros && q != sum.total && !has(parts, q) && !used(q);
    };
    const auto first = parts.front(), last = parts.back();
    for (std::size_t q = first; q < last; ++q)
      if (is_zeros(q) && form_strength(at(q)) == 0) parts.push_back(q);
    const auto belongs = [&](std::size_t q) {
      return is_zeros(q) && group_of(at(q).title) == group_of(at(first).title);
    };
    for (std::size_t q = last + 1; q < matrix_.quantities.size() && belongs(q); ++q) parts.push_back(q);
    for (std::size_t q = first; q-- > 0 && belongs(q);) parts.push_back(q);
    return sorted(parts);
  }

  // Called blank, null, over or under votes, and so few that they are no candidate of that name.
  bool stands_aside(std::size_t q, const Sum& sum) {
    const auto role = at(q).words.role;
    if (role != Role::blank && role != Role::null && role != Role::over && role != Role::under) return false;
    if (form_strength(at(q)) < 2) return false;
    const bool bare = folded(at(q).title).find(' ') == std::string::npos;
    const double share =
        static_cast<double>(at(q).sum) / static_cast<double>(std::max<std::int64_t>(1, at(sum.total).sum));
    if (!bare || share <= small_share) return true;
    guess("options", name(q),
          fmt::format(
              "called like {} votes, but it has {:.0f} % of '{}': taken for an option (--not-option takes it out)",
              role == Role::blank ? "blank" : "null", 100 * share, name(sum.total)),
          0.5);
    return false;
  }

  // "p1, p2 | x, y": the tail of the parts is called otherwise than its numbered head, by words that are not known.
  bool asked_about_the_tail(const Sum& sum, const std::vector<std::size_t>& parts) {
    const auto stem = [&](std::size_t q) {
      std::string text = at(q).title;
      const auto digits = text.find_last_not_of("0123456789");
      return digits == std::string::npos || digits + 1 == text.size() ? std::string() : text.substr(0, digits + 1);
    };
    const auto head = stem(parts.front());
    std::size_t same = 0;
    while (same < parts.size() && !head.empty() && stem(parts[same]) == head) ++same;
    if (same < 2 || same == parts.size()) return false;
    std::vector<std::string> tail;
    for (auto at_part = same; at_part < parts.size(); ++at_part)
      if (form_strength(at(parts[at_part])) < 2) tail.push_back(at(parts[at_part]).name);
    if (tail.empty()) return false;
    out_.questions.push_back(
        {.text = fmt::format("{}. {} are called otherwise than '{}' and the columns beside it. Are they options, or "
                             "blank and null votes (--blank, --null)? Name all that are options",
                             equation(matrix_, sum), listed(tail), name(parts.front())),
         .option = "--option",
         .choices = names_of(matrix_, parts)});
    return true;
  }

  // No sum: what the headers do not name otherwise.
  void options_from_words() {
    std::vector<std::size_t> candidates;
    bool any_form = false;  // of votes; a register alone is none
    std::optional<std::size_t> list;
    std::int64_t largest = 0;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
      if (has(given_.not_options, q) || used(q)) continue;
      const int strength = form_strength(at(q));
      const auto role = at(q).words.role;
      any_form = any_form || (strength == 2 && role != Role::registered && role != Role::mode && role != Role::papers);
      if (strength == 2 && role == Role::registered) list = q;
      if (strength == 2 || is_identifier(q) || at(q).filled == 0) continue;
      candidates.push_back(q);
      largest = std::max<std::int64_t>(largest, at(q).largest);
    }
    if (candidates.size() < 2 || largest <= columns_of_codes) return;
    if (!any_form && (!list || !are_within(candidates, *list))) return;
    if (are_few_of_valid(candidates)) return;
    out_.options = candidates;
    guess("options", listed(names_of(matrix_, candidates), 30),
          fmt::format("{} columns of whole numbers that the headers do not name otherwise; no sum confirms them",
                      candidates.size()),
          0.4);
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q)
      if (!out_.valid && is_strong(at(q), Role::valid)) out_.valid = q;
  }

  // Together less than a twentieth of the column called valid votes: seats, ranks.
  bool are_few_of_valid(const std::vector<std::size_t>& candidates) const {
    std::int64_t sum = 0;
    for (const auto q : candidates) sum += at(q).sum;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q)
      if (is_strong(at(q), Role::valid) && sum * 20 < at(q).sum) return true;
    return false;
  }

  // Together not more than the register in nearly all rows, and a turnout that elections have.
  bool are_within(const std::vector<std::size_t>& candidates, std::size_t list) const {
    std::int64_t sum = 0;
    for (const auto q : candidates) sum += at(q).sum;
    const bool parts_of_it = rows_where(candidates, list, true) * 2 >= rows_with(list);  // men and women
    return !parts_of_it && rows_where(candidates, list, false) * 10 >= rows_with(list) * 9 && sum * 5 >= at(list).sum;
  }

  bool is_identifier(std::size_t q) const {
    const auto& words = at(q).words;
    if (words.role == Role::unit || words.role == Role::code || words.role == Role::place ||
        words.role == Role::other || words.role == Role::election_date || words.is_code || words.is_share)
      return true;
    const auto* column = at(q).file_column;
    if (column == nullptr) return false;
    if (column->leading_zeros || (matrix_.rows.size() >= 200 && column->distinct * 100 >= column->filled * 95))
      return true;
    if (column->distinct * 2 >= matrix_.rows.size() && never_falls(q)) return true;  // a running number
    return at(q).least == at(q).largest && at(q).largest != 0;
  }
  bool never_falls(std::size_t q) const {
    std::int32_t last = missing;
    for (const auto row : matrix_.rows) {
      const auto value = at(q)[row];
      if (value != missing && last != missing && value < last) return false;
      if (value != missing) last = value;
    }
    return true;
  }

  // ---- what stands beside them ----

  void blank_and_null_by_words() {
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
      if (used(q) || form_strength(at(q)) < 2 || at(q).words.is_share) continue;
      const auto role = at(q).words.role;
      if (role == Role::blank && out_.blank.empty() && !given_.blank) {
        out_.blank = {q};
        guess("blank votes", name(q), words_said(q), 0.1);
      } else if (role == Role::null && out_.null.empty() && !given_.null) {
        out_.null = {q};
        guess("null votes", name(q), words_said(q), 0.1);
      }
    }
    if (given_.blank || given_.null) return;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {  // where there are no others
      if (used(q)) continue;
      if (is_strong(at(q), Role::under) && out_.blank.empty()) out_.blank = {q};
      if (is_strong(at(q), Role::over) && out_.null.empty()) out_.null = {q};
    }
  }

  // Valid votes, or what they are the sum of.
  std::vector<std::size_t> valid_parts() const {
    return out_.valid ? std::vector<std::size_t>{*out_.valid} : sorted(out_.options);
  }

  // The sums of valid votes (or all options) and a few other columns.
  std::vector<std::pair<const Sum*, std::vector<std::size_t>>> larger_sums(std::vector<std::size_t> inner) const {
    std::vector<std::pair<const Sum*, std::vector<std::size_t>>> out;
    for (const auto& sum : sums_) {
      if (sum.share() < holds || !std::includes(sum.parts.begin(), sum.parts.end(), inner.begin(), inner.end()))
        continue;
      std::vector<std::size_t> beside;
      std::set_difference(sum.parts.begin(), sum.parts.end(), inner.begin(), inner.end(), std::back_inserter(beside));
      if (beside.empty() || beside.size() > 4 || has(out_.options, sum.total)) continue;
      if (std::any_of(beside.begin(), beside.end(), [&](std::size_t q) { return has(out_.options, q); })) continue;
      out.emplace_back(&sum, beside);
    }
    return out;
  }

  // Words break ties between sums that hold in as many rows.
  double points(const Sum& sum, const std::vector<std::size_t>& beside) const {
    double out = 10 * sum.share() + (is_strong(at(sum.total), Role::cast) ? 1 : 0) -
                 (is_strong(at(sum.total), Role::registered) ? 2 : 0);
    for (const auto q : beside) {
      const auto role = at(q).words.role;
      if (form_strength(at(q)) == 0) out -= 0.5;  // the fewest that do
      if (role == Role::blank || role == Role::null || role == Role::over || role == Role::under) out += 0.6;
      if (role == Role::abstention || role == Role::registered || role == Role::papers) out -= 2;
    }
    return out;
  }

  void cast_from_sums() {
    const std::pair<const Sum*, std::vector<std::size_t>>* best = nullptr;
    auto all = larger_sums(valid_parts());
    if (all.empty() && out_.valid && out_.from_a_sum) all = larger_sums(sorted(out_.options));
    for (const auto& candidate : all)
      if (!out_.cast && candidate.first->total != out_.valid && plausible(*candidate.first, candidate.second) &&
          (best == nullptr || points(*candidate.first, candidate.second) > points(*best->first, best->second)))
        best = &candidate;
    if (best == nullptr || given_.cast) return;
    const auto& [sum, beside] = *best;
    const bool not_voted =
        std::any_of(beside.begin(), beside.end(), [&](std::size_t q) { return is_strong(at(q), Role::abstention); });
    if (not_voted) return;  // those are the registered, below
    if (is_strong(at(sum->total), Role::registered) && beside.size() == 1 && form_strength(at(beside[0])) == 0) return;
    out_.cast = sum->total;
    guess("ballots cast", name(sum->total), equation(matrix_, *sum), 1 - sum->share());
    take_beside(beside);
  }

  // Blank and null votes are few, unless a word says that they are such.
  bool plausible(const Sum& sum, const std::vector<std::size_t>& beside) const {
    std::int64_t unnamed = 0;
    for (const auto q : beside) unnamed += form_strength(at(q)) == 2 ? 0 : at(q).sum;
    return unnamed * 4 <= at(sum.total).sum;
  }

  // Valid votes + one column = a sum of neighbouring columns: null votes, and ballots cast in parts.
  void cast_from_a_balance() {
    if (out_.cast || given_.cast || !out_.valid || !out_.from_a_sum || !out_.null.empty() || !out_.blank.empty())
      return;
    const auto n = matrix_.quantities.size();
    if (n > 60) return;
    for (std::size_t x = 0; x < n; ++x) {
      if (used(x) || at(x).sum * 4 > at(*out_.valid).sum || at(x).filled == at(x).zeros) continue;
      for (std::size_t begin = 0; begin < n; ++begin)
        for (std::size_t end = begin + 2; end <= std::min(n, begin + 5); ++end) {
          std::vector<std::size_t> run;
          for (std::size_t q = begin; q < end; ++q)
            if (!used(q) && q != x) run.push_back(q);
          if (run.size() != end - begin) continue;
          const auto good = balance_rows(run, {*out_.valid, x});
          if (static_cast<double>(good) < holds * static_cast<double>(matrix_.rows.size()) || good < 5) continue;
          out_.cast_parts = run;
          out_.null = {x};
          guess("ballots cast", fmt::format("{}", fmt::join(names_of(matrix_, run), " + ")),
                fmt::format("they are {} + {} {}", name(*out_.valid), name(x), in_rows(good, matrix_.rows.size())),
                0.2);
          guess("null votes", name(x), "it makes up the ballots cast with the valid votes", 0.2);
          return;
        }
    }
  }
  std::size_t balance_rows(const std::vector<std::size_t>& left, const std::vector<std::size_t>& right) const {
    std::size_t good = 0, busy = 0, telling = 0, told = 0;  // telling: the last column of the right is not 0
    for (const auto row : matrix_.rows) {
      std::int64_t difference = 0;
      std::size_t not_zero = 0;
      for (const auto q : left) {
        const auto value = at(q)[row] == missing ? 0 : at(q)[row];
        difference += value;
        not_zero += value != 0 ? 1U : 0U;
      }
      for (const auto q : right) difference -= at(q)[row] == missing ? 0 : at(q)[row];
      good += difference == 0 ? 1U : 0U;
      busy += not_zero >= 2 ? 1U : 0U;
      const auto last = at(right.back())[row];
      telling += last != missing && last != 0 ? 1U : 0U;
      told += last != missing && last != 0 && difference == 0 ? 1U : 0U;
      if (good * 4 + 40 < busy) return 0;  // hopeless
    }
    return busy >= 3 && telling >= 3 && told * 10 >= telling * 9 ? good : 0;
  }

  void take_beside(const std::vector<std::size_t>& beside) {
    for (const auto q : beside) {
      if (has(out_.blank, q) || has(out_.null, q) || used(q)) continue;
      const auto role = at(q).words.role;
      const bool blank = role == Role::blank || role == Role::under;
      (blank ? out_.blank : out_.null).push_back(q);
      guess(blank ? "blank votes" : "null votes", name(q),
            form_strength(at(q)) == 2 ? words_said(q) : "it makes up the ballots cast with the valid votes",
            form_strength(at(q)) == 2 ? 0.1 : 0.2);
    }
  }

  std::size_t rows_where(const std::vector<std::size_t>& parts, std::size_t total, bool equal) const {
    std::size_t good = 0;
    for (const auto row : matrix_.rows) {
      std::int64_t sum = 0;
      bool known = at(total)[row] != missing;
      for (const auto q : parts) {
        const auto value = at(q)[row];
        sum += value == missing ? 0 : value;
      }
      good += known && (equal ? sum == at(total)[row] : sum <= at(total)[row]) ? 1U : 0U;
    }
    return good;
  }
  std::size_t rows_with(std::size_t q) const { return std::max<std::size_t>(1, at(q).filled); }

  std::vector<std::size_t> parts_of_cast() const {
    auto parts = valid_parts();
    parts.insert(parts.end(), out_.blank.begin(), out_.blank.end());
    parts.insert(parts.end(), out_.null.begin(), out_.null.end());
    return parts;
  }

  // A column called ballots cast, where no sum contradicts it; of several the one that valid, blank and null votes make up
  // in the most rows.
  void cast_from_words() {
    if (out_.cast || !out_.cast_parts.empty()) return;
    const auto parts = parts_of_cast();
    const bool whole = !out_.null.empty();  // nothing is left that would make the difference
    std::optional<std::size_t> best;
    std::size_t best_equal = 0, best_within = 0;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
      if (used(q) || !is_strong(at(q), Role::cast)) continue;
      const auto equal = rows_where(parts, q, true), within = rows_where(parts, q, false);
      if (whole && static_cast<double>(equal) < 0.5 * static_cast<double>(rows_with(q))) continue;
      if (within * 100 < rows_with(q) * 90) continue;
      if (best && std::pair(equal, within) <= std::pair(best_equal, best_within)) continue;
      best = q;
      best_equal = equal;
      best_within = within;
    }
    if (!best) return;
    out_.cast = best;
    guess("ballots cast", name(*best),
          fmt::format("{}; valid, blank and null votes are equal to it {} and not more {}", words_said(*best),
                      in_rows(best_equal, rows_with(*best)), in_rows(best_within, rows_with(*best))),
          whole ? 1 - static_cast<double>(best_equal) / static_cast<double>(rows_with(*best)) : 0.2);
  }

  void check_valid() {
    if (!out_.valid) return;
    const auto equal = rows_where(out_.options, *out_.valid, true);
    out_.valid_is_reported = static_cast<double>(equal) < 0.6 * static_cast<double>(rows_with(*out_.valid));
    if (out_.valid_is_reported)
      guess(
          "valid votes", name(*out_.valid),
          fmt::format("{}; the options add up to it only {}: other options are not in the file, and its own number is "
                      "taken",
                      words_said(*out_.valid), in_rows(equal, rows_with(*out_.valid))),
          0.3);
  }

  // ---- the register ----

  void find_registered() {
    if (out_.registered) return;
    const auto ballots = out_.cast                  ? std::vector<std::size_t>{*out_.cast}
                         : !out_.cast_parts.empty() ? out_.cast_parts
                                                    : parts_of_cast();
    if (registered_from_sums(ballots)) return;
    std::optional<std::size_t> best;
    double best_points = 0;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
      if (used(q) || at(q).words.role != Role::registered) continue;
      // 0 is no list of its own (postal votes, special tables): it says nothing of the others.
      const auto listed_rows = std::max<std::size_t>(1, at(q).filled - at(q).zeros);
      const double within = static_cast<double>(rows_where(ballots, q, false)) / static_cast<double>(listed_rows);
      const double points = within + 0.3 * form_strength(at(q));
      if (within >= 0.5 && points > best_points) {
        best = q;
        best_points = points;
      }
    }
    if (best) {
      const auto lists = std::max<std::size_t>(1, at(*best).filled - at(*best).zeros);
      const auto within = std::min(lists, rows_where(ballots, *best, false));
      out_.registered = best;
      guess("registered voters", name(*best),
            fmt::format("{}; ballots are not more {}{}", words_said(*best), in_rows(within, lists),
                        lists < matrix_.rows.size()
                            ? fmt::format(", and {} no list of their own",
                                          counted(matrix_.rows.size() - lists, "row has", "rows have"))
                            : ""),
            (within * 100 < lists * 80 ? 0.5 : 0.05) + (form_strength(at(*best)) == 2 ? 0 : 0.3));
      return;
    }
    called_voters_but_not_cast(ballots);
  }

  // Ballots cast + those who did not vote = the register.
  bool registered_from_sums(const std::vector<std::size_t>& ballots) {
    for (const auto& [sum, beside] : larger_sums(sorted(ballots))) {
      const bool named =
          is_strong(at(sum->total), Role::registered) ||
          std::any_of(beside.begin(), beside.end(), [&](std::size_t q) { return is_strong(at(q), Role::abstention); });
      if (!named || used(sum->total)) continue;
      out_.registered = sum->total;
      guess("registered voters", name(sum->total), equation(matrix_, *sum), 1 - sum->share());
      return true;
    }
    return false;
  }

  // "Votantes" that valid, blank and null votes do not make up, and never exceed: those who may vote.
  void called_voters_but_not_cast(const std::vector<std::size_t>& ballots) {
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q) {
      if (out_.registered || used(q) || at(q).words.role != Role::cast) continue;
      if (out_.cast && rows_where({*out_.cast}, q, true) == rows_with(q)) continue;  // ballots cast, told twice
      const auto within = rows_where(ballots, q, false);
      if (within * 100 < rows_with(q) * 98) continue;
      out_.registered = q;
      guess("registered voters", name(q),
            fmt::format("{}, but valid, blank and null votes make it up {}; they are not more {}", words_said(q),
                        in_rows(rows_where(ballots, q, true), rows_with(q)), in_rows(within, rows_with(q))),
            0.5);
    }
  }

  const Matrix& matrix_;
  const std::vector<Sum>& sums_;
  const GivenRoles& given_;
  Roles out_;
};

}  // namespace

Roles find_roles(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given) {
  return RoleFinder(matrix, sums, given).find();
}

}  // namespace cotejo::proposing
