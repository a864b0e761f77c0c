#include "cotejo/methods/checks/arithmetic.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t most_compared = 100'000;  // votes of a unit; the work grows with their square

// log n!: summed up to a million, by Stirling's series beyond (error below 1e-20 of it).
class LogFactorial {
 public:
  void reach(std::int64_t largest) {
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(largest, 1'000'000)) + 1;
    while (table_.size() < size) table_.push_back(table_.back() + std::log(static_cast<double>(table_.size())));
  }
  double operator()(std::int64_t n) const {
    if (static_cast<std::size_t>(n) < table_.size()) return table_[static_cast<std::size_t>(n)];
    const auto x = static_cast<double>(n);
    return x * std::log(x) - x + .5 * std::log(2 * std::numbers::pi * x) + 1 / (12 * x);
  }

 private:
  std::vector<double> table_{0.0};
};

// The chance that two units of `total` votes each hold the same votes, when the place's votes (sums per column, of all
// its units) are dealt at random among its units: see the header. Terms beyond 9 standard deviations (below 1e-17) are
// left out.
double chance_of_repeat(const std::vector<std::int64_t>& sums, std::int64_t all, std::int64_t total,
                        const LogFactorial& log_factorial) {
  const double q = static_cast<double>(total) / static_cast<double>(all);
  const double log_q = std::log(q), log_rest = all > 2 * total ? std::log1p(-2 * q) : 0;
  // The trinomial chance that n of s votes fall to the first unit, n to the second, the rest elsewhere.
  const auto term = [&](std::int64_t s, std::int64_t n) {
    const std::int64_t rest = s - 2 * n;
    if (all == 2 * total && rest > 0) return 0.0;
    return std::exp(log_factorial(s) - 2 * log_factorial(n) - log_factorial(rest) + 2 * static_cast<double>(n) * log_q +
                    static_cast<double>(rest) * log_rest);
  };
  const auto within = [&](std::int64_t s) {  // the n that matter for s votes
    const auto centre = static_cast<double>(s) * q, width = 9 * std::sqrt(centre) + 9;
    return std::pair{std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - width)),
                     std::min(s / 2, static_cast<std::int64_t>(centre + width))};
  };
  std::vector<double> product{1}, next, factor;
  std::int64_t offset = 0, so_far = 0;  // product[i] stands for `offset + i` of the votes so far
  for (const std::int64_t s : sums) {
    if (s == 0) continue;
    const auto [low, high] = within(s);
    if (low > high) return 0;
    factor.clear();
    for (std::int64_t n = low; n <= high; ++n) factor.push_back(term(s, n));
    next.assign(product.size() + factor.size() - 1, 0);
    for (std::size_t i = 0; i < product.size(); ++i)
      for (std::size_t j = 0; j < factor.size(); ++j) next[i + j] += product[i] * factor[j];
    offset += low;
    so_far += s;
    const auto [first, last] = within(so_far);
    const auto skip = std::clamp<std::int64_t>(first - offset, 0, static_cast<std::int64_t>(next.size()));
    const auto stop = std::clamp<std::int64_t>(last + 1 - offset, skip, static_cast<std::int64_t>(next.size()));
    product.assign(next.begin() + skip, next.begin() + stop);
    offset += skip;
  }
  const std::int64_t at = total - offset;
  return at < 0 || at >= static_cast<std::int64_t>(product.size())
             ? 0
             : product[static_cast<std::size_t>(at)] / term(all, total);
}

struct Repeats {
  std::int64_t pairs = 0;
  double expected = 0;
  std::vector<std::pair<UnitIndex, UnitIndex>> units;
  std::int64_t left_out = 0;  // units too large to be compared
};

Repeats repeated_vectors(const Count& count, const std::vector<PlaceIndex>& precinct_of) {
  std::vector<std::span<const std::int32_t>> columns;
  for (std::size_t i = 0; i < count.options(); ++i) columns.push_back(count.option(i));
  for (const Column* column : {&count.blank, &count.null})
    if (!column->empty()) columns.emplace_back(*column);
  const auto cell = [&](std::size_t column, UnitIndex unit) {
    return columns[column][unit] == missing ? 0 : columns[column][unit];
  };

  std::vector<std::int64_t> total(count.units());
  for (std::size_t c = 0; c < columns.size(); ++c)
    for (UnitIndex u = 0; u < count.units(); ++u) total[u] += cell(c, u);
  std::vector<UnitIndex> order;
  for (UnitIndex u = 0; u < count.units(); ++u)
    if (precinct_of[u] != no_place && total[u] > 0) order.push_back(u);
  std::sort(order.begin(), order.end(), [&](UnitIndex a, UnitIndex b) {
    if (precinct_of[a] != precinct_of[b]) return precinct_of[a] < precinct_of[b];
    return total[a] != total[b] ? total[a] < total[b] : a < b;
  });

  Repeats out;
  LogFactorial log_factorial;
  std::vector<std::int64_t> sums(columns.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && precinct_of[order[end]] == precinct_of[order[begin]]) ++end;
    std::int64_t votes = 0;
    for (std::size_t i = begin; i < end; ++i) votes += total[order[i]];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      sums[c] = 0;
      for (std::size_t i = begin; i < end; ++i) sums[c] += cell(c, order[i]);
    }
    for (std::size_t i = begin; i < end;) {  // units with equal totals
      std::size_t last = i + 1;
      while (last < end && total[order[last]] == total[order[i]]) ++last;
      if (total[order[i]] > most_compared) {
        out.left_out += static_cast<std::int64_t>(last - i);
      } else if (const auto equal = static_cast<double>(last - i); equal > 1) {
        log_factorial.reach(votes);
        out.expected += equal * (equal - 1) / 2 * chance_of_repeat(sums, votes, total[order[i]], log_factorial);
        for (std::size_t a = i; a < last; ++a)
          for (std::size_t b = a + 1; b < last; ++b) {
            bool same = true;
            for (std::size_t c = 0; same && c < columns.size(); ++c) same = cell(c, order[a]) == cell(c, order[b]);
            if (!same) continue;
            ++out.pairs;
            if (out.units.size() < 1000) out.units.emplace_back(order[a], order[b]);
          }
      }
      i = last;
    }
    begin = end;
  }
  return out;
}

// The sum of named columns over one unit; nothing when a part is missing.
class Side {
 public:
  Side(const Count& count, const std::vector<std::string>& names) : count_(count) {
    for (const auto& name : names) {
      if (name == "options")
        all_options_ = true;
      else
        columns_.push_back(count.column(name));
    }
  }
  bool known() const {
    return std::none_of(columns_.begin(), columns_.end(), [](const auto& column) { return column.empty(); });
  }
  std::optional<std::int64_t> operator()(UnitIndex unit) const {
    std::int64_t sum = 0;
    const auto add = [&](std::int32_t value) {
      sum += value;
      return value != missing;
    };
    for (const auto& column : columns_)
      if (!add(column[unit])) return std::nullopt;
    if (all_options_)
      for (std::size_t i = 0; i < count_.options(); ++i)
        if (!add(count_.vote(i, unit))) return std::nullopt;
    return sum;
  }

 private:
  const Count& count_;
  std::vector<std::span<const std::int32_t>> columns_;
  bool all_options_ = false;
};

std::string_view sign_of(Relation relation) {
  return relation == Relation::equal ? "=" : relation == Relation::at_most ? "<=" : ">=";
}

bool holds(std::int64_t left, Relation relation, std::int64_t right) {
  return relation == Relation::equal ? left == right : relation == Relation::at_most ? left <= right : left >= right;
}

// The rules that follow from the columns themselves, then those that the profile declares.
std::vector<Identity> rules_of(const Count& count) {
  std::vector<Identity> rules;
  if (!count.valid.empty())
    rules.push_back(
        {"options-equal-valid", {"options"}, Relation::equal, {"valid"}, "sum of the options = valid votes"});
  if (!count.cast.empty() && (!count.blank.empty() || !count.null.empty())) {
    Identity parts{"parts-equal-cast", {count.valid.empty() ? "options" : "valid"}, Relation::equal, {"cast"}, "valid"};
    for (const auto& [name, column] : {std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
      if (!column->empty()) {
        parts.left.emplace_back(name);
        parts.text += std::string(" + ") + name;
      }
    parts.text += " = ballots cast";
    rules.push_back(std::move(parts));
  }
  if (!count.registered.empty()) {
    Identity within{
        "cast-within-registered", {"cast"}, Relation::at_most, {"registered"}, "ballots cast <= registered voters"};
    if (count.cast.empty()) {
      within.left = {"options"};
      for (const auto& [name, column] : {std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
        if (!column->empty()) within.left.emplace_back(name);
      if (count.valid_basis == ValidBasis::reported) within.left[0] = "valid";
      if (!count.knows_cast()) within.text = "valid votes <= registered voters (ballots cast are not reported)";
    }
    rules.push_back(std::move(within));
  }
  rules.insert(rules.end(), count.checks.begin(), count.checks.end());
  return rules;
}

bool names_registered(const Identity& rule) {
  const auto named = [](const std::vector<std::string>& side) {
    return std::find(side.begin(), side.end(), "registered") != side.end();
  };
  return named(rule.left) || named(rule.right);
}

// A unit that votes on the lists of others (postal, special, abroad) is published with 0 registered voters, or none.
// Where no unit has any, the count does not report them.
std::vector<bool> units_without_list(const Count& count, const std::set<std::pair<std::string, std::string>>& unread) {
  std::vector<bool> out(count.units());
  const auto stated = [](std::int32_t n) { return n != missing && n > 0; };
  if (std::none_of(count.registered.begin(), count.registered.end(), stated)) return out;
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    out[unit] = !stated(count.registered[unit]) && !unread.contains({std::string(count.unit_keys[unit]), "registered"});
  return out;
}

// The most votes that can hide in a unit of which votes are missing: what its total leaves room for, or its voters.
std::int64_t most_votes_missing(const Count& count, UnitIndex unit) {
  std::int64_t known = 0;
  for (std::size_t option = 0; option < count.options(); ++option)
    known += std::max(0, count.vote(option, unit));
  const auto cell = [&](const Column& column) -> std::int64_t {
    return column.empty() || column[unit] == missing ? 0 : column[unit];
  };
  const std::int64_t spoilt = cell(count.blank) + cell(count.null);
  for (const auto& [total, others] : {std::pair{cell(count.valid), known}, std::pair{cell(count.cast), known + spoilt},
                                      std::pair{cell(count.registered), known + spoilt}})
    if (total > 0) return std::max<std::int64_t>(0, total - others);
  return 0;
}

}  // namespace

const OptionTable<ArithmeticRequest>& ArithmeticRequest::table() {
  static const OptionTable<ArithmeticRequest> options = [] {
    OptionTable<ArithmeticRequest> t;
    t.add(&ArithmeticRequest::defect_limit, {.name = "defect_limit",
                                             .unit = "rows",
                                             .text = "How many defects the table lists; all are counted.",
                                             .low = 0,
                                             .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const ArithmeticRequest& request, const Context& context) {
  if (count.units() == 0 && count.rejected.empty())
    return needs("at least one unit", "Import a count that has returns.");
  Finding finding = open_finding(ArithmeticRequest::info(), count, context);
  Table defects{.id = "defects",
                .title = "Every defect",
                .columns = {{"unit"}, {"field"}, {"value"}, {"rule"}, {"place"}},
                .rows = {}};
  Table rules{
      .id = "rules",
      .title = "The rules, and how many returns break them",
      .columns = {{"rule"},
                  {"text"},
                  {"units_judged", "units"},
                  {"defects", "units"},
                  {"votes_hidden", "votes", "the most votes that the defects can hide: absolute differences"},
                  {"valid_votes_there", "votes"}},
      .rows = {},
      .brief = {"rule", "units_judged", "defects", "votes_hidden", "valid_votes_there"}};
  std::vector<bool> defective(count.units());
  std::vector<std::int64_t> hidden(count.units());  // the largest difference of each unit
  std::set<std::pair<std::string, std::string>> unread;
  for (const auto& cell : count.unreadable) unread.emplace(cell.unit, cell.field);
  const auto without_list = units_without_list(count, unread);
  std::int64_t found = 0;
  const auto place = [&](UnitIndex unit) {
    return count.unit_place.empty() || count.unit_place[unit] == no_place
               ? std::string()
               : count.hierarchy.path(count.unit_place[unit]);
  };
  const auto report = [&](std::string unit, std::string field, std::string value, std::string rule, std::string where) {
    ++found;
    if (static_cast<std::int64_t>(defects.rows.size()) < request.defect_limit)
      defects.rows.push_back({std::move(unit), std::move(field), std::move(value), std::move(rule), std::move(where)});
  };
  struct Sum {
    std::int64_t judged = 0, defects = 0, hidden = 0, valid = 0;
  };
  const auto mark = [&](Sum& sum, UnitIndex unit, std::int64_t hides) {
    ++sum.defects;
    sum.hidden += hides;
    sum.valid += count.valid_of(unit);
    hidden[unit] = std::max(hidden[unit], hides);
    defective[unit] = true;
  };
  const auto close = [&](const std::string& id, const std::string& text, const Sum& sum) {
    rules.rows.push_back({id, text, sum.judged, sum.defects, sum.hidden, sum.valid});
  };

  for (const Identity& rule : rules_of(count)) {
    if (context.cancelled()) return cancelled_error();
    const Side left(count, rule.left), right(count, rule.right);
    if (!left.known() || !right.known())
      return Error{.code = ErrorCode::profile_invalid,
                   .message = fmt::format("check '{}' names a field that the count does not have", rule.id),
                   .value = rule.text,
                   .remedy = "Correct the [[check]] in the profile."};
    Sum sum;
    for (UnitIndex unit = 0; unit < count.units(); ++unit) {
      if (without_list[unit] && names_registered(rule)) continue;
      const auto a = left(unit), b = right(unit);
      if (!a || !b) continue;
      ++sum.judged;
      if (holds(*a, rule.relation, *b)) continue;
      mark(sum, unit, std::abs(*a - *b));
      report(std::string(count.unit_keys[unit]),
             fmt::format("{} {} {}", fmt::join(rule.left, " + "), sign_of(rule.relation), fmt::join(rule.right, " + ")),
             fmt::format("{} {} {}", *a,
                         rule.relation == Relation::equal     ? "≠"
                         : rule.relation == Relation::at_most ? ">"
                                                              : "<",
                         *b),
             rule.id, place(unit));
    }
    close(rule.id, rule.text, sum);
  }

  Sum empty;
  std::vector<std::string> zero_valid;
  for (UnitIndex unit = 0; unit < count.units(); ++unit) {
    ++empty.judged;
    if (count.valid_of(unit) > 0) continue;
    mark(empty, unit, most_votes_missing(count, unit));
    zero_valid.emplace_back(count.unit_keys[unit]);
    report(zero_valid.back(), "valid", "0", "no-valid-votes", place(unit));
  }
  close("no-valid-votes", "at least one valid vote", empty);

  Sum gaps, unreadable;
  std::vector<std::pair<std::string, std::span<const std::int32_t>>> columns;
  for (std::size_t i = 0; i < count.options(); ++i)
    columns.emplace_back(count.contest.options[i].id.text, count.option(i));
  const std::size_t votes_end = columns.size();
  for (const char* name : {"registered", "cast", "valid", "blank", "null"})
    columns.emplace_back(name, count.column(name));
  for (const auto& field : count.fields) columns.emplace_back(field.id, field.values);
  gaps.judged = unreadable.judged = static_cast<std::int64_t>(count.units());
  std::vector<bool> has_gap(count.units());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto& [name, column] = columns[c];
    for (UnitIndex unit = 0; unit < column.size(); ++unit) {
      if (column[unit] != missing || (name == "registered" && without_list[unit]) ||
          unread.contains({std::string(count.unit_keys[unit]), name}))
        continue;
      if (!has_gap[unit]) mark(gaps, unit, c < votes_end ? most_votes_missing(count, unit) : 0);
      has_gap[unit] = true;
      report(std::string(count.unit_keys[unit]), name, "", "missing", place(unit));
    }
  }
  close("missing", "no empty cell", gaps);

  const UnitLookup units(count);
  for (const auto& cell : count.unreadable) {
    const auto unit = units.find(cell.unit);
    if (unit) mark(unreadable, *unit, 0);
    report(cell.unit, cell.field, cell.value, "unreadable", cell.reason);
  }
  if (!count.unreadable.empty()) close("unreadable", "every cell could be read", unreadable);

  if (!count.unit_place.empty()) {
    Sum outside;
    const auto places = count.hierarchy.places();
    for (UnitIndex unit = 0; unit < count.units(); ++unit) {
      ++outside.judged;
      std::string level = count.unit_place[unit] == no_place ? "place" : "";
      for (PlaceIndex p = count.unit_place[unit]; level.empty() && p != no_place; p = places[p].parent)
        if (places[p].name.empty()) level = count.hierarchy.levels()[places[p].level];
      if (level.empty()) continue;
      mark(outside, unit, 0);
      report(std::string(count.unit_keys[unit]), level, "", "outside-hierarchy", place(unit));
    }
    close("outside-hierarchy", "the unit lies in a named place on every level", outside);
  }

  const auto rows_aside = rows_set_aside(count);
  const auto rejected = static_cast<std::int64_t>(rows_aside.size());
  for (const auto* row : rows_aside)
    report(fmt::format("(row {})", row->row), row->column, row->value, "unusable-row", row->reason);
  rules.rows.push_back({std::string("unusable-row"), std::string("the row of the file could be used"),
                        static_cast<std::int64_t>(count.units()) + rejected, rejected,
                        set_aside_of(count, request.rule).votes.most, std::int64_t{0}});
  Sum listless;
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    if (without_list[unit]) {
      ++listless.judged;
      listless.valid += count.valid_of(unit);
    }
  if (listless.judged > 0)
    close("no-list-of-its-own", "units without a list of their own (0 registered voters, or none stated): no defect",
          listless);

  const auto units_defective = std::count(defective.begin(), defective.end(), true);
  std::int64_t votes_there = 0;
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    if (defective[unit]) votes_there += count.valid_of(unit);
  const std::int64_t votes_hidden = std::accumulate(hidden.begin(), hidden.end(), std::int64_t{0});
  finding.estimates = {
      {"defects", static_cast<double>(found), "defects", "rules broken, summed over units and rows"},
      {"units_defective", static_cast<double>(units_defective), "units", "units with at least one defect"},
      {"votes_hidden", static_cast<double>(votes_hidden), "votes",
       "the most votes that the defects can hide: over the units with a defect, the largest difference by which a rule "
       "is broken, or the votes for which a missing cell leaves room"},
      {"valid_votes_there", static_cast<double>(votes_there), "votes", "valid votes in those units"},
      {"units_without_valid_votes", static_cast<double>(zero_valid.size()), "units", "units with no valid vote"},
      {"rows_set_aside", static_cast<double>(rejected), "rows",
       "rows of the file that could not be used and are kept with their reason"}};
  if (listless.judged > 0) {
    finding.estimates.push_back({"units_without_list", static_cast<double>(listless.judged), "units",
                                 "units without a list of their own: 0 registered voters, or none stated"});
    finding.estimates.push_back(
        {"votes_without_list", static_cast<double>(listless.valid), "votes", "valid votes in those units"});
  }

  const auto& levels = count.hierarchy.levels();
  if (const auto precinct_of = levels.empty() ? std::vector<PlaceIndex>{} : places_on_level(count, levels.back());
      !precinct_of.empty()) {
    const Repeats repeats = repeated_vectors(count, precinct_of);
    finding.estimates.push_back(
        {"repeated_pairs", static_cast<double>(repeats.pairs), "pairs",
         fmt::format("pairs of units of one place ('{}') with the same votes in every option, blank and null",
                     levels.back())});
    finding.estimates.push_back(
        {"repeated_pairs_expected", repeats.expected, "pairs",
         "expected if the votes of a place were dealt at random among its units, each keeping its total (exact)"});
    if (repeats.left_out > 0)
      finding.conditions.push_back({fmt::format("Units are small enough to be compared with each other ({} hold more "
                                                "than {} votes and are left out of the repeats)",
                                                repeats.left_out, with_thousands(most_compared)),
                                    false});
    Table pairs{.id = "repeated",
                .title = "Units of one place with identical votes",
                .columns = {{"unit"}, {"other_unit"}, {"valid", "votes"}, {"place"}},
                .rows = {}};
    for (const auto& [a, b] : repeats.units)
      pairs.rows.push_back(
          {std::string(count.unit_keys[a]), std::string(count.unit_keys[b]), count.valid_of(a), place(a)});
    finding.tables.push_back(std::move(pairs));
    finding.does_not_show.push_back(
        "That repeated votes were copied: the expectation assumes that units of one place are alike, and a repeat may "
        "be a slip of transcription.");
  } else {
    finding.conditions.push_back({"The count has a hierarchy, so that units of one place can be compared", false});
  }

  if (request.rule) {
    COTEJO_CHECK(validate(*request.rule, count));
    hold_against_rule(finding, *request.rule, count.contest, tally(count),
                      {.mechanism = Mechanism::unknown,
                       .votes = static_cast<double>(votes_hidden),
                       .low = 0,
                       .what = "what the defects can hide"});
  }
  finding.answer = found == 0 ? Answer::yes : Answer::no;
  finding.headline =
      found == 0 ? fmt::format("All {} add up under {}.", counted(count.units(), "return"),
                               counted(rules.rows.size() - (listless.judged > 0), "rule"))
                 : fmt::format("{} in {} of {}, which can hide {} at most{}.", counted(found, "defect"),
                               with_thousands(units_defective), counted(count.units(), "return"),
                               counted(votes_hidden, "vote"),
                               rejected ? fmt::format("; {} could not be used", counted(rejected, "row")) : "");
  if (static_cast<std::int64_t>(defects.rows.size()) < found)
    defects.title += fmt::format(" (the first {} of {})", defects.rows.size(), found);
  finding.tables.insert(finding.tables.begin(), {std::move(rules), std::move(defects)});
  finding.does_not_show.insert(
      finding.does_not_show.begin(),
      "Why a return does not add up: most are slips of the pen, and votes are counted as published.");
  return finding;
}

}  // namespace cotejo
