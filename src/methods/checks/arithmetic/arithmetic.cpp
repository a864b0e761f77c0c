#include "cotejo/methods/checks/arithmetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <set>
#include <span>

#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "repeated_votes.hpp"

namespace cotejo {

namespace {

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

bool holds(std::int64_t left, Relation relation, std::int64_t right) {
  return relation == Relation::equal ? left == right : relation == Relation::at_most ? left <= right : left >= right;
}

// An identity, and which of the rules it is.
struct Judged {
  ArithmeticRule kind;
  Identity identity;
};

// The rules that follow from the columns themselves, then those that the profile declares.
std::vector<Judged> identities_of(const Count& count) {
  std::vector<Judged> out;
  std::vector<std::string> spoilt;
  for (const auto& [name, column] : {std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
    if (!column->empty()) spoilt.emplace_back(name);
  const auto with_spoilt = [&](const char* first) {
    std::vector<std::string> names{first};
    names.insert(names.end(), spoilt.begin(), spoilt.end());
    return names;
  };
  const auto add = [&](ArithmeticRule kind, std::string id, std::vector<std::string> left, Relation relation,
                       std::vector<std::string> right) {
    out.push_back({kind, {std::move(id), std::move(left), relation, std::move(right), ""}});
  };
  if (!count.valid.empty())
    add(ArithmeticRule::options_equal_valid, "options-equal-valid", {"options"}, Relation::equal, {"valid"});
  if (!count.cast.empty() && !spoilt.empty())
    add(ArithmeticRule::parts_equal_cast, "parts-equal-cast", with_spoilt(count.valid.empty() ? "options" : "valid"),
        Relation::equal, {"cast"});
  if (!count.registered.empty()) {
    const bool reported = count.valid_basis == ValidBasis::reported;
    add(count.cast.empty() && !count.knows_cast() ? ArithmeticRule::valid_within_registered
                                                  : ArithmeticRule::cast_within_registered,
        "cast-within-registered",
        count.cast.empty() ? with_spoilt(reported ? "valid" : "options") : std::vector<std::string>{"cast"},
        Relation::at_most, {"registered"});
  }
  for (const Identity& check : count.checks) out.push_back({ArithmeticRule::declared, check});
  return out;
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
  for (std::size_t option = 0; option < count.options(); ++option) known += std::max(0, count.vote(option, unit));
  const auto cell = [&](const Column& column) -> std::int64_t {
    return column.empty() || column[unit] == missing ? 0 : column[unit];
  };
  const std::int64_t spoilt = cell(count.blank) + cell(count.null);
  for (const auto& [total, others] : {std::pair{cell(count.valid), known}, std::pair{cell(count.cast), known + spoilt},
                                      std::pair{cell(count.registered), known + spoilt}})
    if (total > 0) return std::max<std::int64_t>(0, total - others);
  return 0;
}

using Sum = ArithmeticResult::Sum;

// The rules applied one after the other; each closes with its sums.
class Check {
 public:
  Check(const Count& count, std::int64_t defect_limit, ArithmeticResult& out)
      : count_(count), limit_(defect_limit), out_(out), defective_(count.units()), hidden_(count.units()) {
    for (const auto& cell : count.unreadable) unread_.emplace(cell.unit, cell.field);
    without_list_ = units_without_list(count, unread_);
  }

  Result<void> judge(const Judged& rule) {
    const Identity& identity = rule.identity;
    const Side left(count_, identity.left), right(count_, identity.right);
    if (!left.known() || !right.known())
      return Error{.code = ErrorCode::profile_invalid,
                   .message = fmt::format("check '{}' names a field that the count does not have", identity.id),
                   .value = identity.text,
                   .remedy = "Correct the [[check]] in the profile."};
    Sum sum;
    for (UnitIndex unit = 0; unit < count_.units(); ++unit) {
      if (without_list_[unit] && names_registered(identity)) continue;
      const auto a = left(unit), b = right(unit);
      if (!a || !b) continue;
      ++sum.judged;
      if (holds(*a, identity.relation, *b)) continue;
      mark(sum, unit, std::abs(*a - *b));
      report({.unit = key(unit), .sides = std::pair{*a, *b}, .place = place(unit)});
    }
    out_.rules.push_back({rule.kind, identity, sum});
    return {};
  }

  void look_for_votes() {
    Sum sum;
    for (UnitIndex unit = 0; unit < count_.units(); ++unit) {
      ++sum.judged;
      if (count_.valid_of(unit) > 0) continue;
      mark(sum, unit, most_votes_missing(count_, unit));
      report({.unit = key(unit), .field = "valid", .value = "0", .place = place(unit)});
    }
    out_.units_without_valid_votes = sum.defects;
    close(ArithmeticRule::no_valid_votes, "no-valid-votes", sum);
  }

  void look_for_gaps() {
    std::vector<std::pair<std::string, std::span<const std::int32_t>>> columns;
    for (std::size_t i = 0; i < count_.options(); ++i)
      columns.emplace_back(count_.contest.options[i].id.text, count_.option(i));
    const std::size_t votes_end = columns.size();
    for (const char* name : {"registered", "cast", "valid", "blank", "null"})
      columns.emplace_back(name, count_.column(name));
    for (const auto& field : count_.fields) columns.emplace_back(field.id, field.values);
    Sum sum{.judged = static_cast<std::int64_t>(count_.units())};
    std::vector<bool> has_gap(count_.units());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& [name, column] = columns[c];
      for (UnitIndex unit = 0; unit < column.size(); ++unit) {
        if (column[unit] != missing || (name == "registered" && without_list_[unit]) ||
            unread_.contains({key(unit), name}))
          continue;
        if (!has_gap[unit]) mark(sum, unit, c < votes_end ? most_votes_missing(count_, unit) : 0);
        has_gap[unit] = true;
        report({.unit = key(unit), .field = name, .place = place(unit)});
      }
    }
    close(ArithmeticRule::empty_cell, "missing", sum);
  }

  void list_unreadable() {
    if (count_.unreadable.empty()) return;
    Sum sum{.judged = static_cast<std::int64_t>(count_.units())};
    const UnitLookup units(count_);
    for (const auto& cell : count_.unreadable) {
      if (const auto unit = units.find(cell.unit)) mark(sum, *unit, 0);
      report({.unit = cell.unit, .field = cell.field, .value = cell.value, .reason = cell.reason});
    }
    close(ArithmeticRule::unreadable, "unreadable", sum);
  }

  void look_for_places() {
    if (count_.unit_place.empty()) return;
    Sum sum;
    const auto places = count_.hierarchy.places();
    for (UnitIndex unit = 0; unit < count_.units(); ++unit) {
      ++sum.judged;
      std::string level = count_.unit_place[unit] == no_place ? "place" : "";
      for (PlaceIndex p = count_.unit_place[unit]; level.empty() && p != no_place; p = places[p].parent)
        if (places[p].name.empty()) level = count_.hierarchy.levels()[places[p].level];
      if (level.empty()) continue;
      mark(sum, unit, 0);
      report({.unit = key(unit), .field = level, .place = place(unit)});
    }
    close(ArithmeticRule::outside_hierarchy, "outside-hierarchy", sum);
  }

  void list_rows_set_aside(const Rule* rule) {
    const auto rows = rows_set_aside(count_);
    out_.rows_set_aside = static_cast<std::int64_t>(rows.size());
    for (const auto* row : rows)
      report({.row = row->row, .field = row->column, .value = row->value, .reason = row->reason});
    close(ArithmeticRule::unusable_row, "unusable-row",
          {.judged = static_cast<std::int64_t>(count_.units()) + out_.rows_set_aside,
           .defects = out_.rows_set_aside,
           .hidden = set_aside_of(count_, rule).votes.most});
  }

  void count_units_without_list() {
    Sum sum;
    for (UnitIndex unit = 0; unit < count_.units(); ++unit)
      if (without_list_[unit]) {
        ++sum.judged;
        sum.valid += count_.valid_of(unit);
      }
    out_.without_list = sum;
  }

  void add_up() {
    for (UnitIndex unit = 0; unit < count_.units(); ++unit)
      if (defective_[unit]) {
        ++out_.units_defective;
        out_.valid_votes_there += count_.valid_of(unit);
      }
    out_.votes_hidden = std::accumulate(hidden_.begin(), hidden_.end(), std::int64_t{0});
  }

 private:
  std::string key(UnitIndex unit) const { return std::string(count_.unit_keys[unit]); }
  PlaceIndex place(UnitIndex unit) const { return count_.unit_place.empty() ? no_place : count_.unit_place[unit]; }

  void mark(Sum& sum, UnitIndex unit, std::int64_t hides) {
    ++sum.defects;
    sum.hidden += hides;
    sum.valid += count_.valid_of(unit);
    hidden_[unit] = std::max(hidden_[unit], hides);
    defective_[unit] = true;
  }

  // Of the rule that closes next.
  void report(ArithmeticResult::Defect defect) {
    ++out_.found;
    if (static_cast<std::int64_t>(out_.defects.size()) >= limit_) return;
    defect.rule = out_.rules.size();
    out_.defects.push_back(std::move(defect));
  }

  void close(ArithmeticRule kind, std::string id, const Sum& sum) {
    out_.rules.push_back({kind, {.id = std::move(id), .left = {}, .right = {}, .text = {}}, sum});
  }

  const Count& count_;
  std::int64_t limit_;
  ArithmeticResult& out_;
  std::set<std::pair<std::string, std::string>> unread_;  // unit and field
  std::vector<bool> without_list_;
  std::vector<bool> defective_;
  std::vector<std::int64_t> hidden_;  // the largest difference of each unit
};

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

Result<ArithmeticResult> compute(const Count& count, const ArithmeticRequest& request, const Context& context) {
  if (count.units() == 0 && count.rejected.empty())
    return needs("at least one unit", "Import a count that has returns.");
  ArithmeticResult out;
  Check check(count, request.defect_limit, out);
  for (const Judged& rule : identities_of(count)) {
    if (context.cancelled()) return cancelled_error();
    COTEJO_CHECK(check.judge(rule));
  }
  check.look_for_votes();
  check.look_for_gaps();
  check.list_unreadable();
  check.look_for_places();
  check.list_rows_set_aside(request.rule);
  check.count_units_without_list();
  check.add_up();
  const auto& levels = count.hierarchy.levels();
  if (const auto place_of = levels.empty() ? std::vector<PlaceIndex>{} : places_on_level(count, levels.back());
      !place_of.empty()) {
    RepeatedVotes repeated = repeated_votes(count, place_of);
    out.repeated = {.level = levels.back(),
                    .pairs = repeated.pairs,
                    .expected = repeated.expected,
                    .units = std::move(repeated.units),
                    .left_out = repeated.left_out,
                    .most_votes = most_votes_compared};
  }
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  return out;
}

}  // namespace cotejo
