#include <algorithm>
#include <cmath>

#include "cotejo/base/units.hpp"
#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/dispute/contested_ballots.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

using Stratum = ContestedBallotsResult::Stratum;

double number_or_nan(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : std::nan("");
}

bool is_added(const ContestedBallotsRequest& request) {
  return request.kind == "shut-out";
}
bool is_moved(const ContestedBallotsRequest& request) {
  return request.kind == "misread";
}

Table table_of_directions(const ContestedBallotsResult& result, const Contest& contest) {
  const Text votes = of_unit("votes");
  Table table{.id = "readings",
              .title = Message{"contested_ballots.readings"},
              .columns = {{"reading"},
                          {"of_leader", of_unit("ballots"), Message{"contested_ballots.readings.of_leader"}},
                          {"leader_votes", votes},
                          {"runner_up_votes", votes},
                          {"valid", votes},
                          {"slack_votes", votes, Message{"support.slack_votes"}},
                          {"outcome"},
                          {"survives", "", Message{"support.survives"}}},
              .rows = {},
              .brief = {"reading", "of_leader", "slack_votes", "outcome"}};
  for (const auto& direction : result.directions)
    table.rows.push_back({direction.name, direction.of_leader, direction.after.options[result.leader],
                          direction.after.options[result.runner_up], direction.after.valid,
                          direction.outcome.slack.value(), outcome_message(direction.outcome, contest),
                          direction.outcome.same_as(result.base)});
  return table;
}

Table table_of_odds(const ContestedBallotsResult& result) {
  const Text percent = of_unit("percent");
  Table table{.id = "odds",
              .title = Message{"contested_ballots.odds"},
              .columns = {{"odds", "", Message{"contested_ballots.odds.odds"}},
                          {"reversed_percent", percent, Message{"contested_ballots.odds.reversed"}},
                          {"tied_percent", percent, Message{"contested_ballots.odds.tied"}}},
              .rows = {}};
  for (const auto& at : result.curve) table.rows.push_back({at.odds, 100 * at.reversed, 100 * at.tied});
  return table;
}

Figure figure_of_odds(const ContestedBallotsResult& result) {
  LineFigure data{.points = {},
                  .x_label = Message{"contested_ballots.figure.x"},
                  .unit = Message{"contested_ballots.figure.unit"},
                  .logarithmic = true,
                  .references = {5, 50}};
  for (const auto& at : result.curve) data.points.push_back({at.odds, 100 * at.reversed});
  return figure("probability-by-odds", Message{"contested_ballots.odds"}, data);
}

Table table_of_places(const ContestedBallotsResult& result, const Contest& contest) {
  const Text votes = of_unit("votes");
  Table table{.id = "places",
              .title = Message{"contested_ballots.places"},
              .columns = {{"place"},
                          {"ballots", of_unit("ballots"), Message{"contested_ballots.contested"}},
                          {"leader_votes", votes, contest.options[result.leader].id.text},
                          {"runner_up_votes", votes, contest.options[result.runner_up].id.text},
                          {"valid", votes}},
              .rows = {}};
  std::vector<const Stratum*> most_first;
  for (const Stratum& stratum : result.strata) most_first.push_back(&stratum);
  std::stable_sort(most_first.begin(), most_first.end(),
                   [](const Stratum* a, const Stratum* b) { return a->ballots > b->ballots; });
  for (const Stratum* stratum : most_first)
    table.rows.push_back({stratum->place, stratum->ballots, stratum->all.options[result.leader],
                          stratum->all.options[result.runner_up], stratum->all.valid});
  return table;
}

std::vector<Estimate> estimates_of(const ContestedBallotsResult& result, const Contest& contest) {
  const Text ballots = of_unit("ballots"), votes = of_unit("votes");
  const double voided = number_or_nan(result.least_voided), k = static_cast<double>(result.ballots);
  std::vector<Estimate> out{
      {"ballots", k, ballots, Message{"contested_ballots.contested"}},
      {"least_voided", voided, ballots,
       Message{"contested_ballots.least_voided", {{"leader", contest.options[result.leader].id.text}}}},
      {"least_voided_percent", percent_of(voided, k).value, Message{"contested_ballots.percent"},
       Message{"contested_ballots.least_voided_percent"}},
      {"least_moved", number_or_nan(result.least_moved), votes, Message{"contested_ballots.least_moved"}},
      {"least_added", number_or_nan(result.least_added), votes, Message{"contested_ballots.least_added"}}};
  if (result.without_probability) return out;
  const Text probability = of_unit("probability"), odds = Message{"contested_ballots.unit.odds"};
  const auto odds_of = [](int percent) { return Message{"contested_ballots.odds_of", {{"percent", percent}}}; };
  out.push_back({"probability_reversed", result.reversed, probability, Message{"contested_ballots.reversed"}});
  out.push_back({"probability_tied", result.tied, probability, Message{"contested_ballots.tied"}});
  out.push_back({"probability_reversed_or_tied", result.reversed + result.tied, probability,
                 Message{"contested_ballots.reversed_or_tied"}});
  out.push_back({"odds_5_percent", result.odds_5.value_or(std::nan("")), odds, odds_of(5)});
  out.push_back({"odds_50_percent", result.odds_50.value_or(std::nan("")), odds, odds_of(50)});
  return out;
}

Message why(NoProbability reason) {
  switch (reason) {
    case NoProbability::not_assumed:
      return {"contested_ballots.without.not_assumed"};
    case NoProbability::misread:
      return {"contested_ballots.without.misread"};
    case NoProbability::blank_or_null:
      return {"contested_ballots.without.blank_or_null"};
    case NoProbability::other_option:
      return {"contested_ballots.without.other_option"};
    case NoProbability::third_option:
      return {"contested_ballots.without.third_option"};
    case NoProbability::too_many:
      return {"contested_ballots.without.too_many"};
    case NoProbability::no_valid_votes:
      break;
  }
  return {"contested_ballots.without.no_valid_votes"};
}

Condition condition_of(const ContestedBallotsResult& result) {
  if (result.without_probability) return {why(*result.without_probability), false};
  return {Message{"contested_ballots.condition.at_random"}, true};
}

// A small one is bounded, not rounded to none.
Message probability_text(double p) {
  const bool small = p < 1e-6;
  return {"contested_ballots.probability", {{"small", small ? "yes" : "no"}, {"p", decimal(small ? 1e-6 : p, 6)}}};
}

// What the bounds come to, without the probability.
Message bounds_of(const ContestedBallotsResult& result, const Contest& contest,
                  const ContestedBallotsRequest& request) {
  Message out{"contested_ballots.headline.direction",
              {{"outcome", outcome_message(result.base, contest)}, {"ballots", result.ballots}}};
  if (result.could == CouldChange::unknown) {
    out.id = "contested_ballots.headline.unknown";
  } else if (result.could == CouldChange::no) {
    out.id = "contested_ballots.headline.stands";
  } else if (is_added(request) || is_moved(request)) {
    out.id = is_added(request) ? "contested_ballots.headline.added" : "contested_ballots.headline.moved";
    const auto& least = is_added(request) ? result.least_added : result.least_moved;
    out.arguments.emplace_back("least", least.value_or(0));
  } else if (result.least_voided) {
    out.id = "contested_ballots.headline.voided";
    const double percent = 100 * static_cast<double>(*result.least_voided) / static_cast<double>(result.ballots);
    out.arguments.emplace_back("least", *result.least_voided);
    out.arguments.emplace_back("percent", decimal(percent, 2));
    out.arguments.emplace_back("leader", contest.options[result.leader].id.text);
  }
  return out;
}

Text headline_of(const ContestedBallotsResult& result, const Contest& contest, const ContestedBallotsRequest& request) {
  Text out = bounds_of(result, contest, request);
  if (!result.without_probability && result.could != CouldChange::no)
    out.append(Message{"contested_ballots.headline.probability",
                       {{"reversed", probability_text(result.reversed)},
                        {"with_ties", probability_text(result.reversed + result.tied)}}});
  return out;
}

Message bounds_in_short(const ContestedBallotsResult& result, const Contest& contest,
                        const ContestedBallotsRequest& request) {
  const std::pair<std::string, Argument> ballots{"ballots", result.ballots};
  if (result.could == CouldChange::no)
    return {"contested_ballots.in_short.stands",
            {ballots, {"came", argument(came_to(result.base, contest, result.all, *request.rule))}}};
  if (result.could == CouldChange::unknown) return {"contested_ballots.in_short.unknown", {ballots}};
  if (!is_added(request) && !is_moved(request) && result.least_voided)
    return {"contested_ballots.in_short.voided",
            {ballots, {"least", *result.least_voided}, {"leader", name_of(contest, result.leader)}}};
  return {"contested_ballots.in_short.direction", {ballots}};
}

std::vector<Text> in_short(const ContestedBallotsResult& result, const Contest& contest,
                           const ContestedBallotsRequest& request) {
  std::vector<Text> out{bounds_in_short(result, contest, request)};
  if (!result.without_probability && result.could != CouldChange::no)
    out.push_back(Message{"contested_ballots.in_short.probability",
                          {{"probability", probability_text(result.reversed + result.tied)}}});
  return out;
}

void hold_contested_ballots(Finding& finding, const ContestedBallotsResult& result, const Count& count,
                            const ContestedBallotsRequest& request) {
  const VotesInQuestion stake{.mechanism = is_added(request)   ? Mechanism::added
                                           : is_moved(request) ? Mechanism::moved
                                                               : Mechanism::withdrawn,
                              .votes = static_cast<double>(result.ballots),
                              .what = Message{"contested_ballots.in_question"}};
  hold_against_rule(finding, *request.rule, count.contest, result.all, stake);
  // Whether they change it depends on whom they were for: no number of ballots of unknown direction decides by itself.
  finding.for_outcome = result.could == CouldChange::no        ? ForOutcome::holds
                        : result.could == CouldChange::unknown ? ForOutcome::unknown
                                                               : ForOutcome::depends;
  finding.answer = result.could == CouldChange::no        ? Answer::no
                   : result.could == CouldChange::unknown ? Answer::undetermined
                                                          : Answer::depends;
}

}  // namespace

MethodInfo ContestedBallotsRequest::info() {
  return {
      .id = "contested-ballots",
      .family = "dispute",
      .title = Message{"contested_ballots.title"},
      .question = Message{"contested_ballots.question"},
      .assumes = Message{"contested_ballots.assumes"},
      .cost = Message{"contested_ballots.cost"},
      .references = {"Finkelstein, M. O. and Robbins, H. E. (1973). Mathematical Probability in Election Challenges. "
                     "Columbia Law Review 73, 241-248."},
      .see_also = {"headroom", "strike"}};
}

Finding present(const ContestedBallotsResult& result, const Count& count, const ContestedBallotsRequest& request,
                const Context& context) {
  Finding finding = open_finding(ContestedBallotsRequest::info(), count, context);
  for (const Count* other : request.others) add_input(finding, *other);
  for (const Challenge* challenge : request.within) finding.inputs.push_back(input_of(*challenge));
  finding.estimates = estimates_of(result, count.contest);
  hold_contested_ballots(finding, result, count, request);
  finding.conditions = {condition_of(result)};
  finding.tables = {table_of_directions(result, count.contest)};
  if (!result.curve.empty()) {
    finding.tables.push_back(table_of_odds(result));
    finding.figures.push_back(figure_of_odds(result));
  }
  if (!result.strata.empty()) finding.tables.push_back(table_of_places(result, count.contest));
  finding.does_not_show = {Message{"contested_ballots.not_shown.at_random"},
                           Message{"contested_ballots.not_shown.for_whom"}};
  finding.headline = headline_of(result, count.contest, request);
  finding.in_short = in_short(result, count.contest, request);
  return finding;
}

}  // namespace cotejo
