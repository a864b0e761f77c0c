#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/dispute/contested_ballots.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"

namespace cotejo {

namespace {

double number_or_nan(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : std::nan("");
}

Table table_of_directions(const ContestedResult& result, const Contest& contest) {
  Table out{.id = "readings",
            .title = "The rule applied again, by whom the contested ballots were for",
            .columns = {{"reading"},
                        {"of_leader", "ballots", "contested ballots for the leader"},
                        {"leader_votes", "votes"},
                        {"runner_up_votes", "votes"},
                        {"valid", "votes"},
                        {"slack_votes", "votes", "value of the binding clause; negative: not met"},
                        {"outcome"},
                        {"survives", "", "same outcome as counted"}},
            .rows = {},
            .brief = {"reading", "of_leader", "slack_votes", "outcome"}};
  for (const auto& direction : result.directions)
    out.rows.push_back({direction.name, direction.of_leader, direction.after.options[result.leader],
                        direction.after.options[result.runner_up], direction.after.valid,
                        direction.outcome.slack.value(), describe(direction.outcome, contest),
                        direction.outcome.same_as(result.base)});
  return out;
}

Table table_of_odds(const ContestedResult& result) {
  Table out{.id = "odds",
            .title = "How the probability grows when the contested ballots favour one side",
            .columns = {{"odds", "", "by which a ballot of that side is contested rather than another"},
                        {"reversed_percent", "%", "probability of another outcome, ties apart"},
                        {"tied_percent", "%", "probability of a tie"}},
            .rows = {}};
  for (const auto& at : result.curve) out.rows.push_back({at.odds, 100 * at.reversed, 100 * at.tied});
  return out;
}

Figure figure_of_odds(const ContestedResult& result) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& at : result.curve) rows.push_back({at.odds, 100 * at.reversed});
  const nlohmann::ordered_json data{{"columns", {"x", "y"}},
                                    {"rows", rows},
                                    {"x_label", "odds by which one side's ballots are contested rather than the other's"},
                                    {"unit", "probability of another outcome, %"},
                                    {"log", true},
                                    {"references", {5, 50}}};
  return {"probability-by-odds", "line", "How the probability grows when the contested ballots favour one side", data.dump()};
}

Table table_of_places(const ContestedResult& result, const Contest& contest) {
  Table out{.id = "places",
            .title = "The contested ballots by place, and the votes that they are among",
            .columns = {{"place"},
                        {"ballots", "ballots", "contested"},
                        {"leader_votes", "votes", contest.options[result.leader].id.text},
                        {"runner_up_votes", "votes", contest.options[result.runner_up].id.text},
                        {"valid", "votes"}},
            .rows = {}};
  for (const auto& stratum : result.strata)
    out.rows.push_back({stratum.place, stratum.ballots, stratum.all.options[result.leader],
                        stratum.all.options[result.runner_up], stratum.all.valid});
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const auto& a, const auto& b) { return std::get<std::int64_t>(a[1]) > std::get<std::int64_t>(b[1]); });
  return out;
}

std::string probability_text(double p) { return p < 1e-6 ? "< 0.000001" : fixed(p, 6); }

}  // namespace

MethodInfo ContestedBallotsRequest::info() {
  return {.id = "contested-ballots",
          .family = "dispute",
          .title = "Ballots of which nobody knows for whom they were cast",
          .question = "Could the contested ballots change the outcome, and how likely do they?",
          .assumes = "Nothing for the bounds; for a probability, that the ballots came to be contested without regard to "
                     "the vote.",
          .cost = "about 200 k terms for k contested ballots",
          .references = {"Finkelstein, M. O. and Robbins, H. E. (1973). Mathematical Probability in Election Challenges. "
                         "Columbia Law Review 73, 241-248."},
          .see_also = {"headroom", "strike"}};
}

const OptionTable<ContestedBallotsRequest>& ContestedBallotsRequest::table() {
  static const OptionTable<ContestedBallotsRequest> options = [] {
    OptionTable<ContestedBallotsRequest> t;
    t.add(&ContestedBallotsRequest::ballots,
          {.name = "ballots", .unit = "ballots", .text = "How many ballots are contested, of the whole count; by place they are a second count (--against).", .low = 0, .high = 1e9});
    t.add(&ContestedBallotsRequest::kind,
          {.name = "kind",
           .unit = "",
           .text = "Irregular or surplus ballots would be withdrawn, shut-out ones added, misread ones read otherwise.",
           .choices = {"irregular", "surplus", "shut-out", "misread"}});
    t.add(&ContestedBallotsRequest::pool,
          {.name = "pool",
           .unit = "",
           .text = "What irregular ballots are among: the valid votes, or all ballots cast.",
           .choices = {"valid", "cast"}});
    t.add(&ContestedBallotsRequest::contested,
          {.name = "contested",
           .unit = "",
           .text = "How the ballots came to be contested: at random, without regard to the vote, or not known.",
           .choices = {"unknown", "at-random"}});
    t.add(&ContestedBallotsRequest::correlation,
          {.name = "correlation",
           .unit = "share 0..1",
           .text = "Of ballots that were shut out: how much more alike their votes are than those of all voters.",
           .low = 0,
           .high = .99});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const ContestedBallotsRequest& request, const Context& context) {
  COTEJO_TRY(result, compute_contested_ballots(count, request, context));
  Finding finding = open_finding(ContestedBallotsRequest::info(), count, context);
  for (const Count* other : request.others) add_input(finding, *other);
  for (const Challenge* challenge : request.within) finding.inputs.push_back(input_of(*challenge));
  name_shared_places(finding, count.contest, result.all);
  const auto& leader = count.contest.options[result.leader].id.text;
  const auto k = static_cast<double>(result.ballots);
  const bool has_probability = result.without_probability.empty();
  // Whether they change it depends on whom they were for: no number of ballots of unknown direction decides by itself.
  const bool stands = result.could == CouldChange::no, unknown = result.could == CouldChange::unknown;
  finding.answer = stands ? Answer::no : unknown ? Answer::undetermined : Answer::depends;
  finding.estimates = {
      {"ballots", k, "ballots", "contested"},
      {"least_voided", number_or_nan(result.least_voided), "ballots",
       fmt::format("of them must have been for {}, the others for the second, so that withdrawing all changes the outcome",
                   leader)},
      {"least_voided_percent", percent_of(number_or_nan(result.least_voided), k).value, "% of contested ballots",
       "the same as a share"},
      {"least_moved", number_or_nan(result.least_moved), "votes",
       "the fewest that change the outcome when read for one option instead of another"},
      {"least_added", number_or_nan(result.least_added), "votes", "the fewest that change the outcome when added"}};
  const auto add = [&](std::string name, std::optional<double> value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value.value_or(std::nan("")), std::move(unit), std::move(definition)});
  };
  if (has_probability) {
    add("probability_reversed", result.reversed, "probability", "of another outcome, ties apart");
    add("probability_tied", result.tied, "probability", "of a tie");
    add("probability_reversed_or_tied", result.reversed + result.tied, "probability", "of any other outcome");
    const std::string of = "the odds by which the contested ballots would have to favour one side";
    add("odds_5_percent", result.odds_5, "odds", of + " for a probability of 5 % of another outcome");
    add("odds_50_percent", result.odds_50, "odds", of + " for a probability of 50 % of another outcome");
  }

  const bool added = request.kind == "shut-out", moved = request.kind == "misread";
  const VotesInQuestion stake{
      .mechanism = added ? Mechanism::added : moved ? Mechanism::moved : Mechanism::withdrawn,
      .votes = k,
      .what = "the contested ballots, whomever they were for"};
  hold_against_rule(finding, *request.rule, count.contest, result.all, stake);
  finding.for_outcome = stands ? ForOutcome::holds : unknown ? ForOutcome::unknown : ForOutcome::depends;
  finding.conditions = {{has_probability ? "The ballots came to be contested without regard to the vote: as stated by "
                                           "option contested = at-random"
                                         : result.without_probability,
                         has_probability}};
  finding.tables = {table_of_directions(result, count.contest)};
  if (!result.curve.empty()) {
    finding.tables.push_back(table_of_odds(result));
    finding.figures.push_back(figure_of_odds(result));
  }
  if (!result.strata.empty()) finding.tables.push_back(table_of_places(result, count.contest));
  finding.does_not_show = {"That the ballots came to be contested without regard to the vote.",
                           "For whom any of them was cast."};

  const std::string ballots = with_thousands(result.ballots), verdict = describe(result.base, count.contest);
  std::string text;
  if (unknown) {
    text = fmt::format("Undetermined: the search for a direction of the {} contested ballots that changes \"{}\" was cut off.",
                       ballots, verdict);
  } else if (stands) {
    text = fmt::format("\"{}\" stands whomever the {} contested ballots were for.", verdict, ballots);
  } else if (added || moved) {
    const auto& least = added ? result.least_added : result.least_moved;
    text = fmt::format("\"{}\" changes if {} of the {} contested ballots {}.", verdict, with_thousands(least.value_or(0)),
                       ballots, added ? "were for one side" : "were misread in one direction");
  } else if (result.least_voided) {
    text = fmt::format("\"{}\" changes if {} of the {} contested ballots ({} %) were for {} and all are withdrawn.", verdict,
                       with_thousands(*result.least_voided), ballots,
                       fixed(100 * static_cast<double>(*result.least_voided) / k, 2), leader);
  } else {
    text = fmt::format("\"{}\" changes under some direction of the {} contested ballots.", verdict, ballots);
  }
  finding.in_short = {stands    ? fmt::format("whomever the {} contested ballots were for, {}", ballots,
                                              came_to(result.base, count.contest, result.all, *request.rule))
                      : unknown ? fmt::format("whether some direction of the {} contested ballots changes the outcome is not known", ballots)
                      : !added && !moved && result.least_voided
                          ? fmt::format("the outcome changes if {} of the {} contested ballots were for {} and all are withdrawn",
                                        with_thousands(*result.least_voided), ballots, name_of(count.contest, result.leader))
                          : fmt::format("the outcome changes under some direction of the {} contested ballots", ballots)};
  if (has_probability && !stands)
    finding.in_short.push_back(fmt::format("if they came to be contested at random, it changes with probability {}",
                                           probability_text(result.reversed + result.tied)));
  if (has_probability && !stands)
    text += fmt::format(" If they came to be contested at random: with probability {}, a tie included {}.",
                        probability_text(result.reversed), probability_text(result.reversed + result.tied));
  finding.headline = std::move(text);
  return finding;
}

}  // namespace cotejo
