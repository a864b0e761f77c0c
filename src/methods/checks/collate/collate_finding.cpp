#include <algorithm>
#include <cstdlib>

#include "cotejo/base/units.hpp"
#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/checks/collate.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

// The two counts, and which units are expected to be in the second only: of a snapshot, those that came later.
struct Counts {
  const Count& first;
  const Count& second;
  bool expected_partial() const { return first.snapshot_of == second.id; }
  const Option& option(std::size_t index) const { return second.contest.options[index]; }
};

Table table_of_fields(const CollateResult& result) {
  const Text units = of_unit("units"), votes = of_unit("votes");
  Table table{.id = "fields",
              .title = Message{"collate.fields"},
              .columns = {{"field"},
                          {"units_differing", units},
                          {"increases", units},
                          {"decreases", units},
                          {"net", votes, Message{"collate.change"}},
                          {"gross", votes, Message{"collate.fields.gross"}}},
              .rows = {}};
  for (const auto& f : result.fields) table.rows.push_back({f.name, f.differing, f.up, f.down, f.net, f.gross});
  return table;
}

Figure figure_of_net(const CollateResult& result) {
  BarsFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const auto& field : result.fields)
    if (field.is_option) data.rows.push_back({field.name, static_cast<double>(field.net)});
  return figure("net", Message{"collate.figure.net"}, data);
}

Table table_of_differences(const CollateResult& result, const Count& first) {
  const Text votes = of_unit("votes");
  Table table{.id = "differences",
              .title = first_of(Message{"collate.differences"}, result.differences.size(),
                                static_cast<std::size_t>(result.cells_differing)),
              .columns = {{"unit"},
                          {"field"},
                          {"first", votes},
                          {"second", votes},
                          {"change", votes, Message{"collate.change"}}},
              .rows = {}};
  const auto cell = [](const std::optional<std::int64_t>& value) { return value ? Cell{*value} : Cell{}; };
  for (const auto& [unit, field, before, after] : result.differences)
    table.rows.push_back({std::string(first.unit_keys[unit]), result.fields[field].name, cell(before), cell(after),
                          before && after ? Cell{*after - *before} : Cell{}});
  return table;
}

Table table_of_unmatched(const CollateResult& result, const Counts& counts, std::int64_t limit) {
  Table table{.id = "unmatched",
              .title = Message{"collate.unmatched"},
              .columns = {{"unit"}, {"in"}, {"valid", of_unit("votes")}},
              .rows = {}};
  const auto add = [&](const Count& count, const std::vector<UnitIndex>& units) {
    for (const UnitIndex unit : units) {
      if (static_cast<std::int64_t>(table.rows.size()) >= limit) return;
      table.rows.push_back({std::string(count.unit_keys[unit]), count.id.text, count.valid_of(unit)});
    }
  };
  add(counts.first, result.only_first);
  if (!counts.expected_partial()) add(counts.second, result.only_second);
  return table;
}

void add_test(Finding& finding, const CollateResult& result, const Counts& counts, std::int64_t replicates) {
  if (!result.p_permutation) {
    finding.conditions.push_back({Message{"collate.condition.test"}, false});
    return;
  }
  const auto net = static_cast<double>(result.net), toward = static_cast<double>(result.toward);
  finding.test = Test{.statistic = net,
                      .p_value = *result.p_permutation,
                      .kind = TestKind::calibrated,
                      .null = Message{"collate.null"},
                      .replicates = replicates};
  const Message permutation{"collate.tests.permutation", {{"n", result.units_changed()}, {"replicates", replicates}}};
  const Message sign{
      "collate.tests.sign",
      {{"toward", result.toward}, {"leader", counts.option(result.leader).id.text}, {"away", result.away}}};
  finding.tables.push_back(
      {.id = "tests",
       .title = Message{"collate.tests"},
       .columns = {{"test"}, {"kind"}, {"statistic"}, {"p_value"}, {"what"}},
       .rows = {{std::string("permutation"), std::string("calibrated"), net, *result.p_permutation, permutation},
                {std::string("sign"), std::string("exact"), toward, *result.p_sign, sign}}});
}

std::vector<Estimate> estimates_of(const CollateResult& result, const Counts& counts) {
  const Text units = of_unit("units"), votes = of_unit("votes"), points = of_unit("points_of_valid_votes");
  const auto number = [](auto n) { return static_cast<double>(n); };
  const std::string &first = counts.first.id.text, &second = counts.second.id.text;
  const auto lacks = [](const char* id, const std::string& in, const std::string& without) {
    return Message{id, {{"in", in}, {"without", without}}};
  };
  std::vector<Estimate> out{
      {"units_in_both", number(result.units_in_both), units, Message{"collate.units_in_both"}},
      {"units_in_both_percent", percent_of(number(result.units_in_both), number(counts.second.units())).value,
       of_unit("percent_of_units"), Message{"collate.units_in_both_percent", {{"count", second}}}},
      {"units_differing", number(result.units_differing), units, Message{"collate.units_differing"}},
      {"units_only_first", number(result.only_first.size()), units, lacks("collate.units_only", first, second)},
      {"units_only_second", number(result.only_second.size()), units, lacks("collate.units_only", second, first)},
      {"votes_only_first", number(result.votes_only_first), votes, lacks("collate.votes_only", first, second)},
      {"votes_only_second", number(result.votes_only_second), votes, lacks("collate.votes_only", second, first)}};
  for (const auto& field : result.fields)
    if (field.is_option) out.push_back({"net_" + field.name, number(field.net), votes, Message{"collate.net"}});
  out.push_back(
      {"margin_first_points", result.margin_first_points, points, Message{"collate.margin_first", {{"count", first}}}});
  out.push_back({"margin_second_points", result.margin_second_points, points,
                 Message{"collate.margin_second", {{"count", second}}}});
  out.push_back({"margin_votes_change", number(result.net), votes,
                 Message{"collate.margin_change", {{"leader", counts.option(result.leader).id.text}}}});
  if (result.units_place_differs)
    out.push_back(
        {"units_place_differs", number(*result.units_place_differs), units, Message{"collate.units_place_differs"}});
  return out;
}

bool agree(const CollateResult& result, const Counts& counts) {
  return result.units_differing == 0 && result.only_first.empty() &&
         (result.only_second.empty() || counts.expected_partial());
}

Message headline_of(const CollateResult& result, const Counts& counts) {
  if (agree(result, counts)) return {"collate.headline.agree", {{"n", result.units_in_both}}};
  const auto lacking = [](std::size_t units, std::int64_t votes, const Count& with, const Count& without) -> Argument {
    if (units == 0) return "";
    return Message{"collate.lacking",
                   {{"n", units}, {"with", with.id.text}, {"votes", votes}, {"without", without.id.text}}};
  };
  return {"collate.headline.differ",
          {{"differing", result.units_differing},
           {"shared", result.units_in_both},
           {"leader", counts.option(result.leader).id.text},
           {"net", result.net},
           {"toward", result.toward},
           {"away", result.away},
           {"only_first", lacking(result.only_first.size(), result.votes_only_first, counts.first, counts.second)},
           {"only_second", counts.expected_partial() ? Argument("")
                                                     : lacking(result.only_second.size(), result.votes_only_second,
                                                               counts.second, counts.first)}}};
}

Message in_short(const CollateResult& result, const Counts& counts) {
  Message out{"collate.in_short.agree",
              {{"first", counts.first.title}, {"second", counts.second.title}, {"shared", result.units_in_both}}};
  if (agree(result, counts)) return out;
  out.id = result.net == 0 ? "collate.in_short.same_lead" : "collate.in_short.lead_changes";
  out.arguments.emplace_back("differing", result.units_differing);
  out.arguments.emplace_back("leader", name_of(counts.second.contest, result.leader));
  if (result.net == 0) return out;
  out.arguments.emplace_back("votes", std::abs(result.net));
  out.arguments.emplace_back("larger", result.net > 0 ? "yes" : "no");
  return out;
}

// Units of a later, fuller state are expected; all other unmatched ones put their votes in question.
void hold_changes(Finding& finding, const CollateResult& result, const Counts& counts, const Rule& rule) {
  const auto unmatched = result.votes_only_first + (counts.expected_partial() ? 0 : result.votes_only_second);
  hold_against_rule(finding, rule, counts.second.contest, tally(counts.second),
                    {.mechanism = Mechanism::unknown,
                     .votes = static_cast<double>(std::abs(result.net) + unmatched),
                     .what = Message{"collate.in_question"}});
}

void show_units(Finding& finding, const CollateResult& result, const Counts& counts, const CollateRequest& request) {
  finding.answer = agree(result, counts) ? Answer::yes : Answer::no;
  finding.estimates = estimates_of(result, counts);
  finding.tables = {table_of_fields(result)};
  finding.figures = {figure_of_net(result)};
  add_test(finding, result, counts, request.replicates);
  if (request.rule) hold_changes(finding, result, counts, *request.rule);
  finding.tables.push_back(table_of_differences(result, counts.first));
  finding.tables.push_back(table_of_unmatched(result, counts, request.list_limit));
  finding.headline = headline_of(result, counts);
  finding.in_short = {in_short(result, counts)};
  finding.does_not_show = {Message{"collate.not_shown.right"}, Message{"collate.not_shown.intent"}};
}

// ---------------------------------------------------------------------------------------------------------------------
// A part held against totals.

using WithTotals = CollateResult::WithTotals;

Table table_of_bounds(const WithTotals& result, const Count& part, const Count& totals) {
  const Text votes = of_unit("votes");
  Table table{.id = "bounds",
              .title = Message{"collate.totals.bounds"},
              .columns = {{"option"},
                          {"in_units", votes, Message{"collate.totals.in_units", {{"count", part.id.text}}}},
                          {"in_totals", votes, Message{"collate.totals.in_totals", {{"count", totals.id.text}}}},
                          {"missing_would_hold", votes, Message{"collate.totals.missing_would_hold"}},
                          {"impossible", votes, Message{"collate.totals.excess"}}},
              .rows = {}};
  for (const auto& c : result.compared) table.rows.push_back({c.id, c.part, c.total, c.total - c.part, c.excess()});
  return table;
}

std::vector<Estimate> estimates_of(const WithTotals& result) {
  const Text votes = of_unit("votes");
  std::vector<Estimate> out{
      {"impossible_votes", static_cast<double>(result.impossible), votes, Message{"collate.totals.impossible"}}};
  for (const auto& c : result.compared)
    if (!c.is_valid())
      out.push_back(
          {"missing_" + c.id, static_cast<double>(c.total - c.part), votes, Message{"collate.totals.missing"}});
  return out;
}

Text headline_of(const WithTotals& result, const Count& part, const Count& totals) {
  List contradictions{.items = {}, .join = Join::commas}, needed{.items = {}, .join = Join::commas};
  for (const auto& c : result.compared) {
    if (c.is_valid() || c.part == c.total) continue;
    List& list = c.excess() > 0 ? contradictions : needed;
    list.items.push_back(Message{"collate.totals.amount", {{"option", c.name}, {"n", std::abs(c.total - c.part)}}});
  }
  Message held{"collate.totals.headline.open",
               {{"units", part.units()}, {"part", part.id.text}, {"totals", totals.id.text}}};
  if (result.impossible > 0) {
    held.id = "collate.totals.headline.contradiction";
    held.arguments.emplace_back("options", std::move(contradictions));
  }
  Text out = std::move(held);
  if (!needed.items.empty()) out.append(Message{"collate.totals.headline.needed", {{"options", std::move(needed)}}});
  return out;
}

void show_totals(Finding& finding, const WithTotals& result, const Counts& counts, const Rule* rule) {
  const Count& part = result.second_is_totals ? counts.first : counts.second;
  const Count& totals = result.second_is_totals ? counts.second : counts.first;
  finding.answer = result.impossible > 0 ? Answer::no : Answer::undetermined;
  finding.estimates = estimates_of(result);
  finding.tables = {table_of_bounds(result, part, totals)};
  if (!result.alone.empty())
    finding.conditions.push_back(
        {Message{"collate.totals.condition.options", {{"options", list_of(result.alone, Join::commas)}}}, false});
  finding.conditions.push_back({Message{"collate.totals.condition.units"}, false});
  finding.headline = headline_of(result, part, totals);
  if (rule != nullptr && validate(*rule, totals))
    hold_against_rule(finding, *rule, totals.contest, tally(totals),
                      {.mechanism = Mechanism::unknown,
                       .votes = static_cast<double>(result.impossible),
                       .what = Message{"collate.totals.in_question"}});
  finding.does_not_show = {Message{"collate.not_shown.right"}, Message{"collate.totals.not_shown.missing"}};
}

}  // namespace

MethodInfo CollateRequest::info() {
  return {.id = "collate",
          .family = "checks",
          .title = Message{"collate.title"},
          .question = Message{"collate.question"},
          .assumes = Message{"collate.assumes"},
          .cost = Message{"collate.cost"},
          .references = {"Fisher, R. A. (1935). The Design of Experiments, section 21.",
                         "Dixon, W. J., & Mood, A. M. (1946). The statistical sign test. JASA 41:557."}};
}

Finding present(const CollateResult& result, const Count& first, const CollateRequest& request,
                const Context& context) {
  const Counts counts{first, *request.other};
  Finding finding = open_finding(CollateRequest::info(), first, context);
  add_input(finding, counts.second);
  if (result.with_totals)
    show_totals(finding, *result.with_totals, counts, request.rule);
  else
    show_units(finding, result, counts, request);
  return finding;
}

}  // namespace cotejo
