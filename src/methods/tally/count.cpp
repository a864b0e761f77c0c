#include "cotejo/methods/tally/count.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/outcome_words.hpp"

namespace cotejo {

MethodInfo CountRequest::info() {
  return {.id = "count",
          .family = "tally",
          .title = "The count",
          .question = "What does this count say, under this rule?",
          .assumes = "The returns are taken as they were published.",
          .cost = "linear in units x options",
          .references = {}};
}

const OptionTable<CountRequest>& CountRequest::table() {
  static const OptionTable<CountRequest> options;
  return options;
}

Result<Finding> run(const Count& count, const CountRequest& request, const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.units() == 0) return needs("at least one unit", "Import a count that has returns.");

  const Tally total = tally(count);
  const auto order = ranking(total);
  const Outcome outcome = apply(*request.rule, count.contest, total);
  const double votes_first = static_cast<double>(total.options[order[0]]);
  const double votes_second = order.size() > 1 ? static_cast<double>(total.options[order[1]]) : 0;
  const double valid = static_cast<double>(total.valid);

  Finding finding = open_finding(CountRequest::info(), count, context);
  finding.references.push_back(request.rule->source.empty() ? request.rule->title
                                                            : request.rule->title + " (" + request.rule->source + ")");
  const double margin = percent_of(votes_first - votes_second, valid).value;
  const double turnout = percent_of(static_cast<double>(total.cast), static_cast<double>(total.registered)).value;
  finding.estimates = {
      {"margin_points", margin, "points of valid votes",
       "100 (M - C) / V: first option's votes minus the second's, of all valid votes"},
      {"margin_votes", votes_first - votes_second, "votes", "M - C"},
      {"turnout_percent", turnout, "% of registered", "100 T / N: ballots cast of registered voters"},
      {"slack_votes", outcome.slack.value(), "votes", "value of the binding clause's linear form; negative: not met"},
      {"units", static_cast<double>(total.units), "units", "returns in the count"},
      {"units_with_valid_votes", 0, "units", "returns with at least one valid vote"},
      {"valid", valid, "votes", "V"},
      {"cast", static_cast<double>(total.cast), "ballots", "T: reported, or else valid + blank + null"},
      {"registered", static_cast<double>(total.registered), "voters", "N"},
      {"blank", static_cast<double>(total.blank), "ballots", "blank ballots"},
      {"null", static_cast<double>(total.null), "ballots", "null ballots"}};
  const auto valid_there = valid_of_units(count);
  finding.estimates[5].value =
      static_cast<double>(std::count_if(valid_there.begin(), valid_there.end(), [](std::int64_t v) { return v > 0; }));
  // What the commission did not report is absent, not zero.
  const auto drop = [&](std::string_view name) {
    std::erase_if(finding.estimates, [&](const Estimate& e) { return e.name == name; });
  };
  if (count.registered.empty()) drop("registered");
  if (!count.knows_cast()) drop("cast");
  if (count.registered.empty() || !count.knows_cast()) drop("turnout_percent");
  if (count.blank.empty()) drop("blank");
  if (count.null.empty()) drop("null");

  Table table{.id = "tally",
              .title = "Votes per option",
              .columns = {{"option"}, {"name"}, {"votes", "votes"}, {"share_percent", "% of valid votes"}},
              .rows = {}};
  for (const auto option : order)
    table.rows.push_back({count.contest.options[option].id.text, count.contest.options[option].name,
                          total.options[option], percent_of(static_cast<double>(total.options[option]), valid).value});
  finding.tables.push_back(std::move(table));

  Table clauses{.id = "clauses",
                .title = "The rule, clause by clause",
                .columns = {{"alternative"}, {"clause"}, {"slack_votes", "votes"}, {"holds"}, {"on_the_edge"}},
                .rows = {}};
  for (const auto& state : outcome.clauses)
    clauses.rows.push_back({state.alternative, state.clause, state.slack.value(), state.holds, state.on_the_edge});
  finding.tables.push_back(std::move(clauses));

  Table places{
      .id = "places", .title = "Places, level by level", .columns = {{"level"}, {"places", "places"}}, .rows = {}};
  std::vector<std::int64_t> on_level(count.hierarchy.levels().size());
  for (const auto& place : count.hierarchy.places()) ++on_level[place.level];
  for (std::size_t i = 0; i < on_level.size(); ++i) places.rows.push_back({count.hierarchy.levels()[i], on_level[i]});
  finding.tables.push_back(std::move(places));

  finding.headline = fmt::format(
      "{}. {} has {} of {} valid votes and leads by {} points; the clause that binds ({}) has a slack of {} votes.",
      capitalised(describe(outcome, count.contest)), count.contest.options[order[0]].id.text,
      with_thousands(total.options[order[0]]), with_thousands(total.valid), fixed(margin, 4), outcome.binding,
      fixed(outcome.slack.value(), 1));
  finding.in_short = {came_to(outcome, count.contest, total, *request.rule)};
  if (!count.snapshot_of.text.empty())
    finding.in_short[0] = fmt::format("in \"{}\", {}", count.title, finding.in_short[0]);
  finding.does_not_show = {"That the returns are right: this adds up what was published."};
  finding.for_outcome = outcome.verdict == Verdict::tie        ? ForOutcome::depends
                        : !count.snapshot_of.text.empty()      ? ForOutcome::unknown
                                                               : ForOutcome::holds;
  if (!count.snapshot_of.text.empty())
    finding.conditions.push_back(
        {fmt::format("The count is complete (it is a snapshot of {} as of {})", count.snapshot_of.text, count.as_of),
         false});
  return finding;
}

}  // namespace cotejo
