#include <algorithm>

#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"
#include "cotejo/methods/tally/count.hpp"

namespace cotejo {

namespace {

// What the commission did not report is absent, not zero.
void drop_unreported(std::vector<Estimate>& estimates, const Count& count) {
  const auto drop = [&](std::string_view name) {
    std::erase_if(estimates, [&](const Estimate& e) { return e.name == name; });
  };
  if (count.registered.empty()) drop("registered");
  if (!count.knows_cast()) drop("cast");
  if (count.registered.empty() || !count.knows_cast()) drop("turnout_percent");
  if (count.blank.empty()) drop("blank");
  if (count.null.empty()) drop("null");
}

std::vector<Estimate> estimates_of(const CountResult& result, const Count& count) {
  const Text votes = of_unit("votes"), units = of_unit("units"), ballots = of_unit("ballots");
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const Tally& total = result.total;
  std::vector<Estimate> out{
      {"margin_points", result.margin_points, of_unit("points_of_valid_votes"), Message{"count.margin_points"}},
      {"margin_votes", result.margin_votes, votes, Message{"count.margin_votes"}},
      {"turnout_percent", result.turnout_percent, of_unit("percent_of_registered"), Message{"count.turnout_percent"}},
      {"slack_votes", result.outcome.slack.value(), votes, Message{"count.slack_votes"}},
      {"units", number(total.units), units, Message{"count.units"}},
      {"units_with_valid_votes", number(result.units_with_valid_votes), units, Message{"count.units_with_valid_votes"}},
      {"valid", number(total.valid), votes, Message{"count.valid"}},
      {"cast", number(total.cast), ballots, Message{"count.cast"}},
      {"registered", number(total.registered), of_unit("voters"), Message{"count.registered"}},
      {"blank", number(total.blank), ballots, Message{"count.blank"}},
      {"null", number(total.null), ballots, Message{"count.null"}}};
  drop_unreported(out, count);
  return out;
}

Table table_of_votes(const CountResult& result, const Contest& contest) {
  Table table{.id = "tally",
              .title = Message{"count.tally"},
              .columns = {{"option"},
                          {"name"},
                          {"votes", of_unit("votes")},
                          {"share_percent", of_unit("percent_of_valid_votes")}},
              .rows = {}};
  for (const auto option : result.order)
    table.rows.push_back({contest.options[option].id.text, contest.options[option].name, result.total.options[option],
                          result.share_percent(option)});
  return table;
}

Figure figure_of_votes(const CountResult& result, const Contest& contest) {
  BarsFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const auto option : result.order)
    data.rows.push_back({contest.options[option].id.text, static_cast<double>(result.total.options[option]),
                         result.share_percent(option)});
  return figure("tally", Message{"count.tally"}, data);
}

Table table_of_clauses(const Outcome& outcome) {
  Table table{.id = "clauses",
              .title = Message{"count.clauses"},
              .columns = {{"alternative"},
                          {"clause"},
                          {"slack_votes", of_unit("votes"), Message{"count.clause_slack"}},
                          {"holds"},
                          {"on_the_edge"}},
              .rows = {}};
  for (const auto& state : outcome.clauses)
    table.rows.push_back({state.alternative, state.clause, state.slack.value(), state.holds, state.on_the_edge});
  return table;
}

Table table_of_places(const CountResult& result, const Count& count) {
  Table table{.id = "places",
              .title = Message{"count.places"},
              .columns = {{"level"}, {"places", of_unit("places")}},
              .rows = {}};
  for (std::size_t level = 0; level < result.places.size(); ++level)
    table.rows.push_back({count.hierarchy.levels()[level], result.places[level]});
  return table;
}

Message headline_of(const CountResult& result, const Contest& contest) {
  return {"count.headline",
          {{"outcome", Capitalised{outcome_message(result.outcome, contest)}},
           {"leader", contest.options[result.order[0]].id.text},
           {"votes", result.total.options[result.order[0]]},
           {"valid", result.total.valid},
           {"margin", decimal(result.margin_points, 4)},
           {"clause", result.outcome.binding},
           {"met", result.outcome.slack.numerator < 0 ? "no" : "yes"},
           {"slack", whole_votes(result.outcome.slack)}}};
}

}  // namespace

MethodInfo CountRequest::info() {
  return {.id = "count",
          .family = "tally",
          .title = Message{"count.title"},
          .question = Message{"count.question"},
          .assumes = Message{"count.assumes"},
          .cost = Message{"count.cost"},
          .references = {},
          .see_also = {"headroom"}};
}

Finding present(const CountResult& result, const Count& count, const CountRequest& request, const Context& context) {
  const Rule& rule = *request.rule;
  const bool snapshot = !count.snapshot_of.text.empty();
  Finding finding = open_finding(CountRequest::info(), count, context);
  finding.references.push_back(rule.source.empty() ? rule.title : rule.title + " (" + rule.source + ")");
  finding.estimates = estimates_of(result, count);
  finding.tables = {table_of_votes(result, count.contest), table_of_clauses(result.outcome),
                    table_of_places(result, count)};
  finding.figures = {figure_of_votes(result, count.contest)};
  finding.headline = headline_of(result, count.contest);
  const Text came = came_to(result.outcome, count.contest, result.total, rule);
  finding.in_short = {
      snapshot ? Text(Message{"count.in_snapshot", {{"title", count.title}, {"outcome", argument(came)}}}) : came};
  finding.does_not_show = {Message{"count.not_shown"}};
  finding.for_outcome = result.outcome.verdict == Verdict::tie ? ForOutcome::depends
                        : snapshot                             ? ForOutcome::unknown
                                                               : ForOutcome::holds;
  if (snapshot)
    finding.conditions.push_back(
        {Message{"count.complete", {{"count", count.snapshot_of.text}, {"instant", count.as_of}}}, false});
  return finding;
}

}  // namespace cotejo
