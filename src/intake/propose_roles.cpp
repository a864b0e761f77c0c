// What the columns of a file mean: the sums that hold, the words of the headers, what tells rows apart, what nests.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "cotejo/base/text.hpp"
#include "propose_parts.hpp"

namespace cotejo::proposing {

std::string in_rows(std::size_t good, std::size_t of) {
  if (good == of) return fmt::format("in all {} rows", with_thousands(static_cast<long long>(of)));
  return fmt::format("in {} of {} rows", with_thousands(static_cast<long long>(good)),
                     with_thousands(static_cast<long long>(of)));
}

namespace {

constexpr std::size_t sample_rows = 400, most_counts = 200, most_key_columns = 6;
constexpr double holds = 0.9;  // a sum that holds in so many rows is one
constexpr double nests = 0.5;  // of the rows, that a finer place's most common coarser place accounts for
constexpr double nearly = 0.995;

std::string listed(const std::vector<std::string>& names, std::size_t most = 6) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    shown.push_back(fmt::format("'{}'", printable(names[i], 40)));
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

// Sum of a run of neighbouring columns = another column.
struct SumIdentity {
  std::vector<std::size_t> parts;  // columns
  std::size_t total = 0;
  std::size_t good = 0, rows = 0;  // over all rows looked at
};

class Interpreter {
 public:
  Interpreter(const Facts& facts, const ProposeOptions& options)
      : facts_(facts), options_(options), columns_(facts.columns) {}

  Result<Meaning> run() {
    COTEJO_CHECK(take_given());
    find_coordinates();
    find_counts();
    total_rows();
    if (!options_.options.empty()) {
      out_.options = given_options_;
      complete_from_options();
    } else if (is_long()) {
      return std::move(out_);
    } else if (!find_options()) {
      return std::move(out_);
    }
    find_registered();
    find_places();
    find_key();
    leave_the_rest();
    return std::move(out_);
  }

 private:
  const ColumnFacts& at(std::size_t c) const { return columns_[c]; }
  std::vector<std::string> names(const std::vector<std::size_t>& columns) const {
    std::vector<std::string> out;
    for (const auto c : columns) out.push_back(at(c).name);
    return out;
  }
  void guess(std::string what, std::string value, std::string evidence, double doubt = 0,
             std::vector<std::string> alternatives = {}) {
    out_.guesses.push_back({std::move(what), std::move(value), std::move(evidence), doubt, std::move(alternatives)});
  }
  void ask(std::string text, std::string option, std::vector<std::string> choices = {}) {
    out_.questions.push_back({std::move(text), std::move(option), std::move(choices)});
  }
  std::string said(std::size_t c) const {
    const auto& words = at(c).words;
    return words.words.empty() ? std::string() : fmt::format("the header says '{}' ({})", words.words, words.language);
  }
  static bool has(const std::vector<std::size_t>& columns, std::size_t c) {
    return std::find(columns.begin(), columns.end(), c) != columns.end();
  }

  Result<std::size_t> column(const std::string& name) const {
    std::vector<std::string> all;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (at(c).name == name || at(c).title == name) return c;
      all.push_back(at(c).name);
    }
    const auto near = nearest_name(name, all);
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the file has no such column",
                 .column = name,
                 .remedy = near.empty() ? fmt::format("It has {}.", listed(all, 12))
                                        : fmt::format("Did you mean '{}'?", printable(near))};
  }

  Result<void> take_given() {
    for (const auto& name : options_.options) {
      COTEJO_TRY(c, column(name));
      if (!at(c).is_whole())
        return Error{
            .code = ErrorCode::option_invalid, .message = "this column does not hold whole numbers", .column = name};
      given_options_.push_back(c);
    }
    for (const auto& name : options_.not_options) {
      COTEJO_TRY(c, column(name));
      not_options_.push_back(c);
    }
    for (const auto& name : options_.key) {
      COTEJO_TRY(c, column(name));
      given_key_.push_back(c);
    }
    return {};
  }

  void find_coordinates() {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& f = at(c);
      if (f.filled == 0 || f.real * 100 < f.filled * 95) continue;
      if (f.words.role == Role::latitude && f.least_real >= -90 && f.largest_real <= 90 && !out_.latitude)
        out_.latitude = c;
      if (f.words.role == Role::longitude && f.least_real >= -180 && f.largest_real <= 180 && !out_.longitude)
        out_.longitude = c;
    }
    if (!out_.latitude || !out_.longitude) {
      out_.latitude.reset();
      out_.longitude.reset();
    } else {
      guess("coordinates", fmt::format("{}, {}", at(*out_.latitude).name, at(*out_.longitude).name),
            "named so, and within 90 and 180 degrees");
    }
  }

  // Grows from row to row: a running number, or running totals of published states.
  bool only_grows(const ColumnFacts& f) const {
    if (f.distinct < 20) return false;
    std::size_t falls = 0;
    std::int32_t last = -1;
    for (const auto value : f.values) {
      if (value == missing) continue;
      falls += value < last ? 1U : 0U;
      last = value;
    }
    return falls * 50 <= f.values.size();
  }

  bool is_identifier(std::size_t c) const {
    const auto& f = at(c);
    const auto role = f.words.role;
    if (role == Role::unit || role == Role::code || role == Role::place || f.words.is_code || f.leading_zeros)
      return true;
    if (facts_.rows >= 200 && f.distinct * 100 >= f.filled * 95) return true;
    return only_grows(f);
  }

  // The columns that may count votes or voters.
  void find_counts() {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& f = at(c);
      if (!f.is_whole() || f.words.is_share || has(not_options_, c)) continue;
      const auto role = f.words.role;
      if (role == Role::latitude || role == Role::longitude || role == Role::other || role == Role::contest) continue;
      if (f.distinct == 1 && f.largest != 0) continue;
      const bool named = role == Role::registered || role == Role::cast || role == Role::valid || role == Role::blank ||
                         role == Role::null || role == Role::papers || role == Role::votes;
      if (!named && only_grows(f)) ++growing_;
      if (named ? only_grows(f) && role != Role::registered : is_identifier(c)) continue;
      counts_.push_back(c);
    }
    if (counts_.size() > most_counts) counts_.resize(most_counts);
    for (std::size_t row = 0; row < facts_.rows; ++row)
      if (std::all_of(counts_.begin(), counts_.end(), [&](std::size_t c) { return at(c).values[row] != missing; }))
        complete_.push_back(row);
    if (complete_.size() * 2 < facts_.rows) {  // some column is mostly empty: without those
      std::erase_if(counts_, [&](std::size_t c) { return at(c).filled * 10 < facts_.rows * 9; });
      complete_.clear();
      for (std::size_t row = 0; row < facts_.rows; ++row)
        if (std::all_of(counts_.begin(), counts_.end(), [&](std::size_t c) { return at(c).values[row] != missing; }))
          complete_.push_back(row);
    }
  }

  // Rows that add up others are no units.
  void total_rows() {
    for (const auto& cell : facts_.total_cells) {
      const auto line = cell.find('\n');
      out_.filters.emplace_back(cell.substr(0, line), cell.substr(line + 1));
      guess("total rows", fmt::format("{} = {}", cell.substr(0, line), cell.substr(line + 1)),
            "rows with this word add up others and are left out", 0.1);
    }
    if (facts_.total_cells.empty()) return;
    // They stay out of the sums below, too.
    std::erase_if(complete_, [&](std::size_t row) {
      return std::any_of(columns_.begin(), columns_.end(), [&](const ColumnFacts& f) {
        const auto id = f.ids[row];
        return id != 0 && id < f.texts.size() && is_total_word(f.texts[id]);
      });
    });
  }

  std::int64_t value(std::size_t c, std::size_t row) const { return at(c).values[row]; }

  std::size_t rows_where_sum(const std::vector<std::size_t>& parts, std::size_t total) const {
    std::size_t good = 0;
    for (const auto row : complete_) {
      std::int64_t sum = 0;
      for (const auto c : parts) sum += value(c, row);
      good += sum == value(total, row) ? 1U : 0U;
    }
    return good;
  }

  // Every run of neighbouring counts whose sum is another count: found in one busy row through its prefix sums, checked
  // in a sample, confirmed in all rows.
  std::vector<SumIdentity> find_sums() const {
    std::vector<SumIdentity> out;
    if (complete_.size() < 3 || counts_.size() < 3) return out;
    std::vector<std::size_t> sample;
    for (std::size_t i = 0; i < std::min(sample_rows, complete_.size()); ++i)
      sample.push_back(complete_[i * complete_.size() / std::min(sample_rows, complete_.size())]);
    const std::size_t n = counts_.size();
    // The rows with the most columns that are not zero tell runs apart best; three of them, against chance and faults.
    auto busy = sample;
    std::stable_sort(busy.begin(), busy.end(), [&](std::size_t a, std::size_t b) {
      const auto nonzero = [&](std::size_t row) {
        return std::count_if(counts_.begin(), counts_.end(), [&](std::size_t c) { return value(c, row) > 0; });
      };
      return nonzero(a) > nonzero(b);
    });
    busy.resize(std::min<std::size_t>(3, busy.size()));
    std::vector<std::vector<std::int64_t>> prefix;
    for (const auto row : sample) {
      auto& sums = prefix.emplace_back(n + 1, 0);
      for (std::size_t k = 0; k < n; ++k) sums[k + 1] = sums[k] + value(counts_[k], row);
    }
    std::vector<std::vector<std::int64_t>> busy_prefix;
    for (const auto row : busy) {
      auto& sums = busy_prefix.emplace_back(n + 1, 0);
      for (std::size_t k = 0; k < n; ++k) sums[k + 1] = sums[k] + value(counts_[k], row);
    }
    for (std::size_t t = 0; t < n; ++t)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 2; j <= n; ++j) {
          const bool inside = t >= i && t < j;
          if (inside && j - i < 3) continue;
          const auto sum_in = [&](const std::vector<std::int64_t>& sums, std::int64_t total) {
            return sums[j] - sums[i] - (inside ? total : 0);
          };
          std::size_t hits = 0;
          for (std::size_t b = 0; b < busy.size(); ++b) {
            const auto total = value(counts_[t], busy[b]);
            hits += sum_in(busy_prefix[b], total) == total ? 1U : 0U;
          }
          if (hits * 2 <= busy.size()) continue;
          std::size_t good = 0;
          for (std::size_t s = 0; s < sample.size(); ++s) {
            const auto total = value(counts_[t], sample[s]);
            good += sum_in(prefix[s], total) == total ? 1U : 0U;
          }
          if (static_cast<double>(good) < holds * static_cast<double>(sample.size())) continue;
          SumIdentity identity;
          identity.total = counts_[t];
          for (std::size_t k = i; k < j; ++k)
            if (k != t) identity.parts.push_back(counts_[k]);
          if (!says_something(identity, sample)) continue;
          identity.rows = complete_.size();
          identity.good = rows_where_sum(identity.parts, identity.total);
          out.push_back(std::move(identity));
        }
    return out;
  }

  // At least two parts are more than zero somewhere: else one column is a copy of another.
  bool says_something(const SumIdentity& identity, const std::vector<std::size_t>& sample) const {
    std::size_t busy = 0;
    for (const auto c : identity.parts)
      busy += std::any_of(sample.begin(), sample.end(), [&](std::size_t row) { return value(c, row) > 0; }) ? 1U : 0U;
    return busy >= 2;
  }

  bool named(std::size_t c, Role role) const { return at(c).words.role == role; }
  bool named_count(std::size_t c) const {
    return named(c, Role::registered) || named(c, Role::cast) || named(c, Role::valid) || named(c, Role::papers);
  }

  // Options and valid votes; false when there is a question instead.
  bool find_options() {
    const auto sums = find_sums();
    const SumIdentity* best = nullptr;
    double best_score = 0;
    for (const auto& identity : sums) {
      double score = static_cast<double>(identity.parts.size());
      score += named(identity.total, Role::valid) ? 8 : named(identity.total, Role::cast) ? 3 : 0;
      score -=
          named(identity.total, Role::null) || named(identity.total, Role::papers) || named(identity.total, Role::blank)
              ? 12
              : 0;
      score -= named(identity.total, Role::registered) ? 6 : 0;
      for (const auto c : identity.parts) {
        if (named_count(c)) score -= 8;
        if (named(c, Role::blank) || named(c, Role::null)) score -= 1.5;
      }
      if (score > best_score + 1e-9) {
        best_score = score;
        best = &identity;
      }
    }
    if (best != nullptr) {
      const bool names_valid = named(best->total, Role::valid);
      bool others = false;
      for (const auto c : best->parts) {
        if (!names_valid && named(c, Role::blank) && !out_.blank) {
          out_.blank = c;
          others = true;
        } else if (!names_valid && named(c, Role::null) && !out_.null) {
          out_.null = c;
          others = true;
        } else {
          out_.options.push_back(c);
        }
      }
      const double doubt =
          1.0 - static_cast<double>(best->good) / static_cast<double>(std::max<std::size_t>(1, best->rows));
      const std::string equation = fmt::format("{} + ... + {} = {} {}", printable(at(best->parts.front()).name, 30),
                                               printable(at(best->parts.back()).name, 30),
                                               printable(at(best->total).name, 40), in_rows(best->good, best->rows));
      if (others || (named(best->total, Role::cast) && !any_named(Role::valid) && others)) {
        out_.cast = best->total;
        guess("ballots cast", at(best->total).name, equation, doubt);
      } else {
        out_.valid = best->total;
        guess("valid votes", at(best->total).name, equation, doubt + (names_valid ? 0 : 0.1));
      }
      guess("options", listed(names(out_.options), 30), fmt::format("{} columns that add up so", out_.options.size()),
            doubt);
      complete_from_options();
      return true;
    }

    // No sum: the words must do.
    std::vector<std::size_t> candidates;
    for (const auto c : counts_)
      if (!named_count(c) && !named(c, Role::blank) && !named(c, Role::null)) candidates.push_back(c);
    const bool any_vote_word =
        any_named(Role::valid) || any_named(Role::cast) || any_named(Role::blank) || any_named(Role::null);
    std::int32_t largest = 0;
    for (const auto c : candidates) largest = std::max(largest, at(c).largest);
    if (candidates.size() >= 2 && any_vote_word && largest > 9) {
      out_.options = candidates;
      guess("options", listed(names(candidates), 30),
            fmt::format("{} columns of whole numbers that the headers do not name otherwise; no sum confirms them",
                        candidates.size()),
            0.35);
      for (const auto c : counts_)
        if (named(c, Role::valid) && !out_.valid) out_.valid = c;
      complete_from_options();
      return true;
    }
    no_count(candidates, largest);
    return false;
  }

  bool any_named(Role role) const {
    return std::any_of(counts_.begin(), counts_.end(), [&](std::size_t c) { return named(c, role); });
  }

  void no_count(const std::vector<std::size_t>& candidates, std::int32_t largest) {
    if (find_crosswalk()) return;
    if (columns_.size() == 1 || (columns_.size() == 2 && counts_.empty() && facts_.columns[0].title == "unit"))
      return ask(
          "The file is a list, not a count: one column and no votes. If it lists units objected to, add it with "
          "`cotejo challenge CASE add`. "
          "If a column does hold votes, which?",
          "--option", names(candidates));
    std::string why = "No columns of votes were found";
    if (const auto roll = roll_call(); !roll.empty())
      why += fmt::format(": {}, as in a roll call, and a profile is for votes counted per unit", roll);
    else if (!candidates.empty() && largest <= 9)
      why +=
          fmt::format(": the whole numbers in {} go from 0 to {}, as codes do", listed(names(candidates), 4), largest);
    else if (growing_ > 0)
      why += fmt::format(": {} columns only grow from row to row, as running totals or numbers of rows do", growing_);
    else if (candidates.empty())
      why += ": no column holds whole numbers that may be votes";
    else
      why += fmt::format(
          ": no sum of columns equals another, and no header speaks of valid, blank, null or cast votes (whole "
          "numbers: {})",
          listed(names(candidates), 8));
    ask(why + ". Which columns count the votes of an option?", "--option", names(candidates));
  }

  // "'vote' holds yes, no, abstain", or nothing.
  std::string roll_call() const {
    static const std::vector<std::string> words = {"yes",    "no", "yea", "nay", "aye",        "abstain", "abstention",
                                                   "absent", "si", "oui", "non", "abstencion", "for",     "against"};
    for (const auto& f : columns_) {
      if (f.is_whole() || f.distinct < 2 || f.distinct > 12) continue;
      std::size_t known = 0;
      for (std::size_t id = 1; id < f.texts.size(); ++id)
        known += std::find(words.begin(), words.end(), folded(f.texts[id])) != words.end() ? 1U : 0U;
      if (known >= 2)
        return fmt::format("'{}' holds {}", printable(f.name, 40), listed({f.texts.begin() + 1, f.texts.end()}, 4));
    }
    return {};
  }

  // Null, blank and cast, once the options are known.
  void complete_from_options() {
    const auto used = [&](std::size_t c) {
      return has(out_.options, c) || out_.valid == c || out_.cast == c || out_.blank == c || out_.null == c;
    };
    const auto named_best = [&](Role role, std::optional<std::size_t>& to, const char* what) {
      for (const auto c : counts_)
        if (!to && named(c, role) && !used(c)) {
          to = c;
          guess(what, at(c).name, said(c), 0.1);
        }
    };
    if (!options_.options.empty() && !out_.valid)
      for (const auto c : counts_)
        if (named(c, Role::valid) && !used(c)) out_.valid = c;
    named_best(Role::blank, out_.blank, "blank votes");
    named_best(Role::null, out_.null, "null votes");
    // Valid + blank + null = cast: any column that is that sum.
    const auto parts_of_cast = [&] {
      std::vector<std::size_t> parts;
      if (out_.valid)
        parts.push_back(*out_.valid);
      else
        parts = out_.options;
      if (out_.blank) parts.push_back(*out_.blank);
      if (out_.null) parts.push_back(*out_.null);
      return parts;
    };
    const auto holds_in = [&](const std::vector<std::size_t>& parts, std::size_t total) {
      return static_cast<double>(rows_where_sum(parts, total)) >= holds * static_cast<double>(complete_.size());
    };
    if (!out_.cast && (out_.null || out_.blank)) {
      std::optional<std::size_t> best;
      for (const auto c : counts_)
        if (!used(c) && !named(c, Role::registered) && holds_in(parts_of_cast(), c) &&
            (!best || (named(c, Role::cast) && !named(*best, Role::cast))))
          best = c;
      if (best) {
        out_.cast = best;
        guess("ballots cast", at(*best).name,
              fmt::format("{} {}", fmt::join(names(parts_of_cast()), " + "),
                          in_rows(rows_where_sum(parts_of_cast(), *best), complete_.size())));
      }
    }
    if (!out_.null && out_.valid) {  // valid + N = C for two columns without a name
      for (const auto n : counts_)
        for (const auto c : counts_) {
          if (out_.null || used(n) || used(c) || n == c || named(n, Role::registered) || named(c, Role::registered))
            continue;
          if (at(n).sum >= at(*out_.valid).sum || at(c).sum <= at(*out_.valid).sum || !holds_in({*out_.valid, n}, c))
            continue;
          out_.null = n;
          if (!out_.cast) out_.cast = c;
          guess("null votes", at(n).name,
                fmt::format("valid + {} = {} {}", at(n).name, at(c).name,
                            in_rows(rows_where_sum({*out_.valid, n}, c), complete_.size())),
                0.2);
        }
    }
    if (!out_.cast)
      for (const auto c : counts_)
        if (named(c, Role::cast) && !used(c) && !out_.cast &&
            at_most(parts_of_cast(), c) * 100 >= complete_.size() * 98) {
          out_.cast = c;
          guess("ballots cast", at(c).name,
                fmt::format("{}; valid, blank and null votes are not more {}", said(c),
                            in_rows(at_most(parts_of_cast(), c), complete_.size())),
                0.2);
        }
    if (out_.valid) {
      const auto equal = rows_where_sum(out_.options, *out_.valid);
      out_.valid_is_reported = static_cast<double>(equal) < holds * static_cast<double>(complete_.size());
      if (out_.valid_is_reported)
        guess(
            "valid votes", at(*out_.valid).name,
            fmt::format(
                "{}; the options add up to it only {}: other options are not in the file, and its own number is taken",
                said(*out_.valid), in_rows(equal, complete_.size())),
            0.3);
    }
  }

  // Rows in which the sum of the parts is at most the total.
  std::size_t at_most(const std::vector<std::size_t>& parts, std::size_t total) const {
    std::size_t good = 0;
    for (const auto row : complete_) {
      std::int64_t sum = 0;
      for (const auto c : parts) sum += value(c, row);
      good += sum <= value(total, row) ? 1U : 0U;
    }
    return good;
  }

  void find_registered() {
    std::vector<std::size_t> ballots;
    if (out_.cast)
      ballots = {*out_.cast};
    else {
      if (out_.valid)
        ballots = {*out_.valid};
      else
        ballots = out_.options;
      if (out_.blank) ballots.push_back(*out_.blank);
      if (out_.null) ballots.push_back(*out_.null);
    }
    std::size_t best_good = 0;
    for (const auto c : counts_) {
      if (!named(c, Role::registered) || has(out_.options, c)) continue;
      const auto good = at_most(ballots, c);
      if (out_.registered && good <= best_good) continue;
      out_.registered = c;
      best_good = good;
    }
    if (out_.registered)
      guess("registered voters", at(*out_.registered).name,
            fmt::format("{}; ballots are not more {}", said(*out_.registered), in_rows(best_good, complete_.size())),
            best_good * 100 < complete_.size() * 90 ? 0.5 : 0.05);
    if (out_.registered || complete_.empty()) return;
    // Without a word: the one column that ballots never exceed, at a turnout that elections have.
    for (const auto c : counts_) {
      if (has(out_.options, c) || out_.valid == c || out_.cast == c || out_.blank == c || out_.null == c ||
          named(c, Role::papers))
        continue;
      const auto good = at_most(ballots, c);
      std::int64_t sum = 0;
      for (const auto b : ballots) sum += at(b).sum;
      const double turnout = at(c).sum > 0 ? static_cast<double>(sum) / static_cast<double>(at(c).sum) : 0;
      if (good * 1000 < complete_.size() * 995 || turnout < 0.15 || turnout > 0.999 || out_.registered) continue;
      out_.registered = c;
      guess("registered voters", at(c).name,
            fmt::format("ballots are not more {}, {:.0f} % of it altogether; the header does not say so",
                        in_rows(good, complete_.size()), 100 * turnout),
            0.5);
    }
  }

  bool in_use(std::size_t c) const {
    return has(out_.options, c) || out_.registered == c || out_.valid == c || out_.cast == c || out_.blank == c ||
           out_.null == c || out_.latitude == c || out_.longitude == c;
  }

  // Share of rows that the most common coarse place of each fine place accounts for.
  double nesting(const ColumnFacts& fine, const ColumnFacts& coarse) const {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> pairs;
    for (std::size_t row = 0; row < facts_.rows; ++row) ++pairs[{fine.ids[row], coarse.ids[row]}];
    std::size_t rows = 0, best = 0;
    std::uint32_t last = 0;
    for (const auto& [pair, times] : pairs) {
      if (pair.first != last) {
        rows += best;
        best = 0;
        last = pair.first;
      }
      best = std::max(best, times);
    }
    return static_cast<double>(rows + best) / static_cast<double>(std::max<std::size_t>(1, facts_.rows));
  }

  // "2019-10-20T..." is when, not where.
  static bool is_instant(const ColumnFacts& f) {
    const auto& text = f.texts.size() > 1 ? f.texts[1] : f.texts[0];
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits >= 6 && text.size() <= 40 && text.find_first_of("-:/.") != std::string::npos &&
           digits * 2 >= static_cast<long>(text.size());
  }

  void find_places() {
    std::vector<std::size_t> candidates;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& f = at(c);
      const auto role = f.words.role;
      if (in_use(c) || has(counts_, c) || f.filled * 100 < facts_.rows * 95 || f.distinct == 0) continue;
      if (role != Role::place && role != Role::none) continue;
      if (f.is_whole() || f.words.is_code) continue;
      if (is_instant(f)) continue;
      if (role == Role::none && (f.distinct < 2 || f.distinct * 10 > facts_.rows * 9 || f.real * 2 > f.filled))
        continue;
      candidates.push_back(c);
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](std::size_t a, std::size_t b) { return at(a).distinct < at(b).distinct; });
    std::vector<std::string> told, used;
    for (const auto c : candidates) {
      const auto& f = at(c);
      double share = 1;
      if (!out_.places.empty()) {
        const auto& above = at(out_.places.back().name);
        share = nesting(f, above);
        if (f.distinct == above.distinct && share > nearly) continue;  // the same places under another spelling
        if (share < (f.words.role == Role::place ? nests : nearly)) continue;
      }
      std::string level = f.words.level;
      if (level.empty()) {
        for (const char ch : folded(f.title))
          if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
            level += ch;
          else if (ch == ' ' && !level.empty())
            level += '-';
        if (level.empty() || level.size() > 40) level = fmt::format("level-{}", out_.places.size() + 1);
      }
      if (std::find(used.begin(), used.end(), level) != used.end()) continue;
      used.push_back(level);
      Meaning::Level place{level, c, {}};
      for (std::size_t code = 0; code < columns_.size() && f.words.role == Role::place; ++code)
        if (at(code).words.role == Role::place && at(code).words.level == f.words.level && at(code).words.is_code &&
            code != c && !place.code && at(code).filled * 1000 >= facts_.rows * 999 && nesting(at(code), f) > nearly)
          place.code = code;
      out_.places.push_back(place);
      told.push_back(fmt::format("{} ({})", printable(f.name, 30), with_thousands(static_cast<long long>(f.distinct))));
    }
    if (!told.empty())
      guess("places", fmt::format("{}", fmt::join(told, " > ")),
            "each has more names than the one before and lies within it", 0.15);
  }

  std::size_t distinct_rows(const std::vector<std::size_t>& columns) const {
    std::unordered_set<std::uint64_t> seen;
    seen.reserve(facts_.rows * 2);
    std::size_t empty = 0;
    for (std::size_t row = 0; row < facts_.rows; ++row) {
      std::uint64_t hash = 0x9E3779B97F4A7C15U;
      bool any = false;
      for (const auto c : columns) {
        hash = (hash ^ at(c).ids[row]) * 0xBF58476D1CE4E5B9U;
        hash ^= hash >> 29U;
        any = any || at(c).ids[row] != 0;
      }
      if (!any)
        ++empty;
      else
        seen.insert(hash);
    }
    return seen.size() + empty;
  }

  void find_key() {
    if (!given_key_.empty()) {
      out_.key = given_key_;
      return;
    }
    std::vector<std::size_t> candidates;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (!in_use(c) && at(c).filled * 100 >= facts_.rows * 90 && at(c).distinct > 1 &&
          at(c).words.role != Role::other && !(has(counts_, c) && at(c).words.role == Role::papers) &&
          (at(c).real * 2 < at(c).filled || at(c).is_whole() || at(c).words.is_code || at(c).words.role == Role::unit ||
           at(c).words.role == Role::place || at(c).leading_zeros || at(c).distinct == facts_.rows))
        candidates.push_back(c);
    const auto rank = [&](std::size_t c) {
      const auto& words = at(c).words;
      return (words.role == Role::unit ? 4 : 0) + (words.is_code ? 2 : 0) + (words.role == Role::place ? 1 : 0) -
             (has(counts_, c) ? 3 : 0);
    };
    // One column that tells all rows apart, best the one that is called so.
    std::optional<std::size_t> single;
    for (const auto c : candidates)
      if (static_cast<double>(at(c).distinct) >= nearly * static_cast<double>(facts_.rows) &&
          (!single || rank(c) > rank(*single)))
        single = c;
    if (single) {
      out_.key = {*single};
      const auto dup = at(*single).filled - at(*single).distinct;
      guess("unit key", at(*single).name,
            fmt::format("{} different texts {}", with_thousands(static_cast<long long>(at(*single).distinct)),
                        fmt::format("in {} rows", with_thousands(static_cast<long long>(facts_.rows)))),
            dup == 0 ? 0.05 : 0.2);
      return;
    }
    // Else the fewest columns that do together.
    std::vector<std::size_t> key;
    std::size_t distinct = 0;
    std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(rank(a) >= 4, at(a).distinct) > std::pair(rank(b) >= 4, at(b).distinct);
    });
    while (key.size() < most_key_columns && distinct < facts_.rows) {
      std::optional<std::size_t> best;
      std::size_t best_distinct = distinct;
      for (const auto c : candidates) {
        if (has(key, c)) continue;
        if (key.empty()) {
          best = c;
          best_distinct = at(c).distinct;
          break;
        }
        auto with = key;
        with.push_back(c);
        const auto found = distinct_rows(with);
        if (found > best_distinct || (best && found == best_distinct && rank(c) > rank(*best))) {
          best = c;
          best_distinct = found;
        }
      }
      if (!best) break;
      key.push_back(*best);
      distinct = best_distinct;
    }
    for (std::size_t i = 0; key.size() > 1 && i < key.size();) {  // what is not needed goes
      auto without = key;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      if (distinct_rows(without) == distinct)
        key = without;
      else
        ++i;
    }
    std::sort(key.begin(), key.end());
    if (static_cast<double>(distinct) >= nearly * static_cast<double>(facts_.rows)) {
      out_.key = key;
      guess("unit key", fmt::format("{}", fmt::join(names(key), " / ")),
            fmt::format("together {} different texts in {} rows", with_thousands(static_cast<long long>(distinct)),
                        with_thousands(static_cast<long long>(facts_.rows))),
            0.2);
      return;
    }
    ask(fmt::format("Which columns tell the units apart? No set of up to {} columns does; {} together are different in "
                    "{} of {} rows",
                    most_key_columns, listed(names(key)), with_thousands(static_cast<long long>(distinct)),
                    with_thousands(static_cast<long long>(facts_.rows))),
        "--key", names(candidates));
  }

  void leave_the_rest() {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool is_place = std::any_of(out_.places.begin(), out_.places.end(),
                                        [&](const auto& place) { return place.name == c || place.code == c; });
      if (in_use(c) || is_place || has(out_.key, c)) continue;
      if (has(counts_, c) && at(c).filled * 100 >= facts_.rows * 90 && at(c).words.role != Role::votes)
        out_.fields.push_back(c);
      else
        out_.unused.push_back(c);
    }
  }

  // One row per unit and option: a column of names beside one column of votes.
  bool is_long() {
    std::vector<std::size_t> votes;
    for (const auto c : counts_)
      if (!named(c, Role::registered)) votes.push_back(c);
    std::optional<std::size_t> value;
    for (const auto c : votes)
      if (named(c, Role::votes) && !value) value = c;
    if (!value && votes.size() == 1) value = votes[0];
    std::optional<std::size_t> candidate, contest;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& f = at(c);
      if (f.is_whole() || f.distinct < 2) continue;
      if (f.words.role == Role::candidate && f.distinct <= 2'000 &&
          (!candidate || folded(f.title).find("candidat") != std::string::npos))
        candidate = c;
      if (f.words.role == Role::contest && f.distinct <= 500) contest = c;
    }
    if (!value || !candidate || votes.size() > 6) return false;
    if (at(*candidate).distinct * 3 > facts_.rows) return false;
    out_.votes = value;
    out_.candidate = candidate;
    guess("layout", "long",
          fmt::format("one row per unit and '{}'; the votes are in '{}'", printable(at(*candidate).name),
                      printable(at(*value).name)),
          0.1);
    if (contest && at(*contest).distinct > 1) {
      const auto& texts = at(*contest).texts;
      if (options_.contest_value.empty()) {
        ask(fmt::format("The file has {} contests in '{}'. Which one?", at(*contest).distinct,
                        printable(at(*contest).name)),
            "--contest", {texts.begin() + 1, texts.end()});
        return true;
      }
      if (std::find(texts.begin() + 1, texts.end(), options_.contest_value) == texts.end()) {
        ask(fmt::format("There is no contest '{}' in '{}'. Which one?", printable(options_.contest_value),
                        printable(at(*contest).name)),
            "--contest", {texts.begin() + 1, texts.end()});
        return true;
      }
      out_.contest = contest;
      out_.contest_value = options_.contest_value;
    }
    // The names that this contest has.
    std::vector<bool> seen(at(*candidate).texts.size());
    for (std::size_t row = 0; row < facts_.rows; ++row) {
      const auto id = at(*candidate).ids[row];
      if (id == 0 || id >= seen.size()) continue;
      if (out_.contest && at(*out_.contest).texts[at(*out_.contest).ids[row]] != out_.contest_value) continue;
      if (!seen[id]) {
        seen[id] = true;
        const auto& name = at(*candidate).texts[id];
        if (is_total_word(name)) continue;
        const auto role = words_of(name).role;
        const char* standard = role == Role::registered ? "registered"
                               : role == Role::cast     ? "cast"
                               : role == Role::valid    ? "valid"
                               : role == Role::blank    ? "blank"
                               : role == Role::null     ? "null"
                                                        : nullptr;
        const bool taken = standard == nullptr || std::any_of(out_.long_standard.begin(), out_.long_standard.end(),
                                                              [&](const auto& pair) { return pair.first == standard; });
        if (taken)
          out_.names.push_back(name);
        else
          out_.long_standard.emplace_back(standard, name);
      }
    }
    guess("options", listed(out_.names, 30), fmt::format("the names in '{}'", printable(at(*candidate).name)), 0.2);
    find_long_key();
    return true;
  }

  void find_long_key() {
    std::vector<std::size_t> around;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (c != *out_.candidate && c != *out_.votes && out_.contest != c && at(c).words.role != Role::contest &&
          at(c).words.role != Role::candidate && at(c).words.role != Role::other && !has(counts_, c) &&
          at(c).distinct > 1 && at(c).filled * 100 >= facts_.rows * 95)
        around.push_back(c);
    if (!given_key_.empty())
      out_.key = given_key_;
    else {
      // The places from coarse to fine: a unit is all of them; those that do not add anything go.
      std::stable_sort(around.begin(), around.end(),
                       [&](std::size_t a, std::size_t b) { return at(a).distinct > at(b).distinct; });
      if (around.empty()) return ask("Which columns tell the units apart?", "--key", {});
      const auto all = distinct_rows(around);
      std::vector<std::size_t> key;
      std::size_t have = 0;
      for (const auto c : around) {
        auto with = key;
        with.push_back(c);
        const auto found = distinct_rows(with);
        if (found > have) {
          key = with;
          have = found;
        }
        if (have == all) break;
      }
      std::sort(key.begin(), key.end());
      out_.key = key;
      guess("unit key", fmt::format("{}", fmt::join(names(key), " / ")),
            fmt::format("{} units with up to {} rows each", with_thousands(static_cast<long long>(have)),
                        at(*out_.candidate).distinct),
            0.25);
    }
    std::vector<std::size_t> places;
    for (const auto c : around)
      if (at(c).words.role == Role::place && !at(c).words.is_code && !at(c).is_whole()) places.push_back(c);
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t a, std::size_t b) { return at(a).distinct < at(b).distinct; });
    for (const auto c : places)
      if (std::none_of(out_.places.begin(), out_.places.end(),
                       [&](const auto& place) { return place.level == at(c).words.level; }))
        out_.places.push_back({at(c).words.level, c, {}});
  }

  // Unit keys beside codes, no votes.
  bool find_crosswalk() {
    if (!counts_.empty()) return false;
    std::optional<std::size_t> from, to;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& f = at(c);
      if (f.filled < facts_.rows) continue;
      if (f.words.role == Role::unit && f.distinct == facts_.rows && !f.words.words.empty() && !from)
        from = c;
      else if (f.words.is_code && !to)
        to = c;
    }
    if (!from || !to) return false;
    out_.from = from;
    out_.to = to;
    guess("kind", "crosswalk",
          fmt::format("'{}' tells all rows apart, '{}' is called a code, and there are no votes",
                      printable(at(*from).name), printable(at(*to).name)),
          0.4);
    return true;
  }

  const Facts& facts_;
  const ProposeOptions& options_;
  const std::vector<ColumnFacts>& columns_;
  Meaning out_;
  std::vector<std::size_t> counts_, complete_, given_options_, not_options_, given_key_;
  std::size_t growing_ = 0;
};

}  // namespace

Result<Meaning> interpret(const Facts& facts, const ProposeOptions& options) {
  return Interpreter(facts, options).run();
}

}  // namespace cotejo::proposing
