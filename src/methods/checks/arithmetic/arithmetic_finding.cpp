#include <fmt/ranges.h>

#include <algorithm>

#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/checks/arithmetic.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

// The names of columns are what they are: "valid + blank = cast".
std::string formula(const Identity& identity) {
  const char* sign = identity.relation == Relation::equal ? "=" : identity.relation == Relation::at_most ? "<=" : ">=";
  return fmt::format("{} {} {}", fmt::join(identity.left, " + "), sign, fmt::join(identity.right, " + "));
}

std::string broken(const Identity& identity, const std::pair<std::int64_t, std::int64_t>& sides) {
  const char* sign = identity.relation == Relation::equal ? "≠" : identity.relation == Relation::at_most ? ">" : "<";
  return fmt::format("{} {} {}", sides.first, sign, sides.second);
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Text words_of_rule(const ArithmeticResult::RuleSum& rule) {
  const auto yes_or_no = [&](std::string_view part) { return has(rule.identity.left, part) ? "yes" : "no"; };
  switch (rule.kind) {
    case ArithmeticRule::options_equal_valid:
      return Message{"arithmetic.rule.options_equal_valid"};
    case ArithmeticRule::parts_equal_cast:
      return Message{"arithmetic.rule.parts_equal_cast", {{"blank", yes_or_no("blank")}, {"null", yes_or_no("null")}}};
    case ArithmeticRule::cast_within_registered:
      return Message{"arithmetic.rule.cast_within_registered"};
    case ArithmeticRule::valid_within_registered:
      return Message{"arithmetic.rule.valid_within_registered"};
    case ArithmeticRule::declared:
      return rule.identity.text;
    case ArithmeticRule::no_valid_votes:
      return Message{"arithmetic.rule.no_valid_votes"};
    case ArithmeticRule::empty_cell:
      return Message{"arithmetic.rule.missing"};
    case ArithmeticRule::unreadable:
      return Message{"arithmetic.rule.unreadable"};
    case ArithmeticRule::outside_hierarchy:
      return Message{"arithmetic.rule.outside_hierarchy"};
    case ArithmeticRule::unusable_row:
      break;
  }
  return Message{"arithmetic.rule.unusable_row"};
}

Table table_of_rules(const ArithmeticResult& result) {
  const Text units = of_unit("units"), votes = of_unit("votes");
  Table table{.id = "rules",
              .title = Message{"arithmetic.rules"},
              .columns = {{"rule"},
                          {"text"},
                          {"units_judged", units},
                          {"defects", units},
                          {"votes_hidden", votes, Message{"arithmetic.rules.votes_hidden"}},
                          {"valid_votes_there", votes}},
              .rows = {},
              .brief = {"rule", "units_judged", "defects", "votes_hidden", "valid_votes_there"}};
  const auto add = [&](std::string id, const Text& text, const ArithmeticResult::Sum& sum) {
    table.rows.push_back({std::move(id), cell_of(text), sum.judged, sum.defects, sum.hidden, sum.valid});
  };
  for (const auto& rule : result.rules) add(rule.identity.id, words_of_rule(rule), rule.sum);
  if (result.without_list.judged > 0)
    add("no-list-of-its-own", Message{"arithmetic.rule.without_list"}, result.without_list);
  return table;
}

std::string path_of(const Count& count, PlaceIndex place) {
  return place == no_place ? std::string() : count.hierarchy.path(place);
}

Table table_of_defects(const ArithmeticResult& result, const Count& count) {
  Table table{.id = "defects",
              .title = first_of(Message{"arithmetic.defects_listed"}, result.defects.size(),
                                static_cast<std::size_t>(result.found)),
              .columns = {{"unit"}, {"field"}, {"value"}, {"rule"}, {"place"}},
              .rows = {}};
  for (const auto& defect : result.defects) {
    const Identity& identity = result.rules[defect.rule].identity;
    table.rows.push_back({defect.unit.empty() ? Cell{Message{"arithmetic.row", {{"row", std::to_string(defect.row)}}}}
                                              : Cell{defect.unit},
                          defect.sides ? formula(identity) : defect.field,
                          defect.sides ? broken(identity, *defect.sides) : defect.value, identity.id,
                          defect.reason.empty() ? path_of(count, defect.place) : defect.reason});
  }
  return table;
}

Table table_of_repeated(const ArithmeticResult::Repeated& repeated, const Count& count) {
  Table table{.id = "repeated",
              .title = Message{"arithmetic.repeated"},
              .columns = {{"unit"}, {"other_unit"}, {"valid", of_unit("votes")}, {"place"}},
              .rows = {}};
  for (const auto& [a, b] : repeated.units)
    table.rows.push_back({std::string(count.unit_keys[a]), std::string(count.unit_keys[b]), count.valid_of(a),
                          path_of(count, count.unit_place.empty() ? no_place : count.unit_place[a])});
  return table;
}

// How many units or rows break each rule, the most first; where none is broken, how many each could be judged of.
Figure figure_of_rules(const ArithmeticResult& result) {
  const bool broken = result.found > 0;
  std::vector<const ArithmeticResult::RuleSum*> rules;
  for (const auto& rule : result.rules)
    if (!broken || rule.sum.defects > 0) rules.push_back(&rule);
  if (broken)
    std::stable_sort(rules.begin(), rules.end(),
                     [](const auto* a, const auto* b) { return a->sum.defects > b->sum.defects; });
  BarsFigure data{.rows = {}, .unit = Message{"arithmetic.figure.unit"}};
  for (const auto* rule : rules)
    data.rows.push_back({rule->identity.id, static_cast<double>(broken ? rule->sum.defects : rule->sum.judged)});
  return figure("rules", Message{broken ? "arithmetic.figure.broken" : "arithmetic.figure.kept"}, data);
}

std::vector<Estimate> estimates_of(const ArithmeticResult& result) {
  const Text units = of_unit("units"), votes = of_unit("votes"), pairs = of_unit("pairs");
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  std::vector<Estimate> out{
      {"defects", number(result.found), Message{"arithmetic.unit"}, Message{"arithmetic.defects"}},
      {"units_defective", number(result.units_defective), units, Message{"arithmetic.units_defective"}},
      {"votes_hidden", number(result.votes_hidden), votes, Message{"arithmetic.votes_hidden"}},
      {"valid_votes_there", number(result.valid_votes_there), votes, Message{"arithmetic.valid_votes_there"}},
      {"units_without_valid_votes", number(result.units_without_valid_votes), units,
       Message{"arithmetic.units_without_valid_votes"}},
      {"rows_set_aside", number(result.rows_set_aside), of_unit("rows"), Message{"arithmetic.rows_set_aside"}}};
  if (result.without_list.judged > 0) {
    out.push_back(
        {"units_without_list", number(result.without_list.judged), units, Message{"arithmetic.units_without_list"}});
    out.push_back(
        {"votes_without_list", number(result.without_list.valid), votes, Message{"arithmetic.valid_votes_there"}});
  }
  if (!result.repeated) return out;
  out.push_back({"repeated_pairs", number(result.repeated->pairs), pairs,
                 Message{"arithmetic.repeated_pairs", {{"level", result.repeated->level}}}});
  out.push_back(
      {"repeated_pairs_expected", result.repeated->expected, pairs, Message{"arithmetic.repeated_pairs_expected"}});
  return out;
}

void add_conditions(Finding& finding, const ArithmeticResult& result) {
  if (!result.repeated)
    finding.conditions.push_back({Message{"arithmetic.condition.hierarchy"}, false});
  else if (result.repeated->left_out > 0)
    finding.conditions.push_back({Message{"arithmetic.condition.small",
                                          {{"n", result.repeated->left_out}, {"most", result.repeated->most_votes}}},
                                  false});
}

Message headline_of(const ArithmeticResult& result, const Count& count) {
  if (result.found == 0) return {"arithmetic.headline.all", {{"units", count.units()}, {"rules", result.rules.size()}}};
  return {"arithmetic.headline.defects",
          {{"n", result.found},
           {"defective", result.units_defective},
           {"units", count.units()},
           {"votes", result.votes_hidden},
           {"aside", result.rows_set_aside > 0 ? "yes" : "no"},
           {"rows", result.rows_set_aside}}};
}

}  // namespace

MethodInfo ArithmeticRequest::info() {
  return {
      .id = "arithmetic",
      .family = "checks",
      .title = Message{"arithmetic.title"},
      .question = Message{"arithmetic.question"},
      .assumes = Message{"arithmetic.assumes"},
      .cost = Message{"arithmetic.cost"},
      .references = {"Challu, C., Seira, E., & Simpser, A. (2020). The quality of vote tallies: causes and "
                     "consequences. American Political Science Review 114:1071.",
                     "Cantu, F. (2019). The fingerprints of fraud: evidence from Mexico's 1988 presidential election. "
                     "American Political Science Review 113:710."}};
}

Finding present(const ArithmeticResult& result, const Count& count, const ArithmeticRequest& request,
                const Context& context) {
  Finding finding = open_finding(ArithmeticRequest::info(), count, context);
  finding.answer = result.found == 0 ? Answer::yes : Answer::no;
  finding.estimates = estimates_of(result);
  add_conditions(finding, result);
  finding.tables = {table_of_rules(result), table_of_defects(result, count)};
  if (result.repeated) finding.tables.push_back(table_of_repeated(*result.repeated, count));
  finding.figures = {figure_of_rules(result)};
  if (request.rule)
    hold_against_rule(finding, *request.rule, count.contest, tally(count),
                      {.mechanism = Mechanism::unknown,
                       .votes = static_cast<double>(result.votes_hidden),
                       .low = 0,
                       .what = Message{"arithmetic.in_question"}});
  finding.headline = headline_of(result, count);
  finding.does_not_show = {Message{"arithmetic.not_shown.why"}};
  if (result.repeated) finding.does_not_show.push_back(Message{"arithmetic.not_shown.copied"});
  return finding;
}

}  // namespace cotejo
