#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/dispute/grounds.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_in_lattice = 4;  // 6 sets of one size beside each other
constexpr std::size_t most_drawn = 32;  // bars of a picture

// The names of a set's objections, in their order.
std::string names_of(GroundSet set, const std::vector<const Challenge*>& challenges) {
  std::vector<std::string> names;
  for (std::size_t g = 0; g < challenges.size(); ++g)
    if (((set >> g) & 1U) != 0) names.push_back(challenges[g]->id.text);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, " + "));
}

std::vector<GroundSet> by_size(std::size_t sets) {
  std::vector<GroundSet> out(sets);
  for (GroundSet set = 0; set < sets; ++set) out[set] = set;
  std::stable_sort(out.begin(), out.end(), [](GroundSet a, GroundSet b) { return std::popcount(a) < std::popcount(b); });
  return out;
}

// One row of a set under a reading: what both tables of sets show.
class SetRows {
 public:
  SetRows(const GroundsResult& result, const Count& count, const GroundsRequest& request)
      : result_(result), count_(count), request_(request) {}
  static std::vector<TableColumn> columns() {
    return {{"grounds", "", "the objections accepted"},
            {"reading"},
            {"accepted", "objections"},
            {"units_struck", "units"},
            {"slack_votes", "votes", "value of the binding clause; negative: not met"},
            {"outcome"},
            {"survives", "", "same outcome as counted"}};
  }
  std::vector<Cell> row(GroundSet set, const GroundsReading& reading) const {
    const GroundSet every = (GroundSet{1} << result_.grounds) - 1;
    const Outcome outcome = apply(*request_.rule, count_.contest, result_.after(set, reading.name));
    return {names_of(set, request_.challenges),
            std::string(reading.name),
            std::int64_t{std::popcount(set)},
            result_.units[every] - result_.units[every ^ set],
            outcome.slack.value(),
            describe(outcome, count_.contest),
            reading.outcome[set] == 0};
  }

 private:
  const GroundsResult& result_;
  const Count& count_;
  const GroundsRequest& request_;
};

Table table_of_sets(const GroundsResult& result, const SetRows& rows, std::size_t limit) {
  Table out{.id = "subsets",
            .title = "The outcome under every set of objections that may be accepted",
            .columns = SetRows::columns(),
            .rows = {},
            .brief = {"grounds", "reading", "slack_votes", "outcome"}};
  for (const GroundSet set : by_size(result.units.size()))
    for (const auto& reading : result.readings)
      if (out.rows.size() < limit) out.rows.push_back(rows.row(set, reading));
  return out;
}

Table table_of_minimal(const GroundsResult& result, const SetRows& rows, std::size_t limit) {
  Table out{.id = "minimal",
            .title = "The smallest sets that change the outcome: without any one of their objections it stands",
            .columns = SetRows::columns(),
            .rows = {},
            .brief = {"grounds", "reading", "slack_votes", "outcome"}};
  for (const auto& reading : result.readings)
    for (const GroundSet set : reading.minimal)
      if (out.rows.size() < limit) out.rows.push_back(rows.row(set, reading));
  return out;
}

Table table_of_each(const GroundsResult& result, const GroundsRequest& request) {
  Table out{.id = "each",
            .title = "What each objection adds, in votes by which another outcome comes closer",
            .columns = {{"ground", "", "the objection"},
                        {"reading"},
                        {"alone_votes", "votes", "accepted alone"},
                        {"last_votes", "votes", "accepted when all others are"},
                        {"shapley_votes", "votes", "on average over all orders; they add up to all objections together"},
                        {"decisive_alone"},
                        {"in_minimal_sets", "sets", "smallest decisive sets that it is in"}},
            .rows = {},
            .brief = {"ground", "reading", "alone_votes", "shapley_votes", "decisive_alone"}};
  const GroundSet every = (GroundSet{1} << result.grounds) - 1;
  for (std::size_t g = 0; g < result.grounds; ++g) {
    const GroundSet alone = GroundSet{1} << g;
    for (const auto& reading : result.readings) {
      const auto in = std::count_if(reading.minimal.begin(), reading.minimal.end(),
                                    [&](GroundSet set) { return (set & alone) != 0; });
      out.rows.push_back({request.challenges[g]->id.text, std::string(reading.name), reading.loss[alone],
                          reading.loss[every] - reading.loss[every ^ alone], reading.shapley[g],
                          reading.outcome[alone] != 0, std::int64_t{in}});
    }
  }
  return out;
}

Table table_of_objections(const GroundsResult& result, const GroundsRequest& request) {
  Table out{.id = "objections",
            .title = "The objections",
            .columns = {{"ground", "", "the objection"},
                        {"units", "units"},
                        {"own_units", "units", "that no other objection names"},
                        {"by"},
                        {"reason"},
                        {"source"}},
            .rows = {}};
  for (std::size_t g = 0; g < result.grounds; ++g) {
    const Challenge& challenge = *request.challenges[g];
    out.rows.push_back({challenge.id.text, static_cast<std::int64_t>(challenge.unit_keys.size()), result.own[g],
                        challenge.by, challenge.reason, challenge.source});
  }
  return out;
}

double slack_of(const GroundsResult& result, const GroundsReading& reading, GroundSet set) {
  return reading.loss[0] - reading.loss[set] + result.outcomes[0].slack.value();
}

// Every set with its slack, joined by the sets with one objection more; of few objections, so that the sets can be read.
Figure figure_of_sets(const GroundsResult& result, const GroundsRequest& request, const GroundsReading& reading) {
  auto rows = nlohmann::ordered_json::array();
  for (const GroundSet set : by_size(result.units.size()))
    rows.push_back({names_of(set, request.challenges), set, slack_of(result, reading, set), reading.outcome[set] == 0,
                    std::find(reading.minimal.begin(), reading.minimal.end(), set) != reading.minimal.end()});
  const nlohmann::ordered_json data{
      {"columns", {"set", "members", "slack", "survives", "minimal"}}, {"rows", std::move(rows)}, {"unit", "votes"}};
  return {.id = "sets",
          .kind = "lattice",
          .title = fmt::format("Every set of objections and its slack, under the reading {}", reading.name),
          .data_json = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

// How far every set is from another outcome, under the reading that most sets change it under.
Figure picture(const GroundsResult& result, const GroundsRequest& request, const GroundsReading& reading) {
  auto rows = nlohmann::ordered_json::array();
  for (const GroundSet set : by_size(result.units.size())) {
    if (rows.size() == most_drawn) break;
    rows.push_back({names_of(set, request.challenges), slack_of(result, reading, set), reading.outcome[set] == 0, std::string(reading.name)});
  }
  const nlohmann::ordered_json data{
      {"columns", {"reading", "slack", "survives", "outcome"}}, {"rows", std::move(rows)}, {"unit", "votes"}};
  return {.id = "distance",
          .kind = "outcome",
          .title = fmt::format("How far each set of objections is from another outcome, under the reading {}", reading.name),
          .data_json = data.dump()};
}

}  // namespace

MethodInfo GroundsRequest::info() {
  return {.id = "grounds",
          .family = "dispute",
          .title = "The outcome under every set of objections",
          .question = "Does the outcome stand whichever of the objections are accepted, under every reading?",
          .assumes = "Nothing about whether an objection is justified; the other units are taken as published.",
          .cost = "one pass over the count, then 2^n applications of the rule for n objections (at most 20)",
          .references = {"Shapley, L. S. (1953). A Value for n-Person Games. Contributions to the Theory of Games II, "
                         "307-317."},
          .see_also = {"strike", "contested-ballots"}};
}

const OptionTable<GroundsRequest>& GroundsRequest::table() {
  static const OptionTable<GroundsRequest> options = [] {
    OptionTable<GroundsRequest> t;
    t.add(&GroundsRequest::trigger_percent,
          {.name = "trigger_percent",
           .unit = "% of units",
           .text = "The share of units struck at which the law annuls the election; 0: there is none.",
           .low = 0,
           .high = 100});
    t.add(&GroundsRequest::list_limit, {.name = "list_limit",
                                        .unit = "rows",
                                        .text = "How many rows the tables of sets have; all sets are counted.",
                                        .low = 0,
                                        .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const GroundsRequest& request, const Context& context) {
  COTEJO_TRY(result, compute_grounds(count, request, context));
  const GroundSet every = (GroundSet{1} << result.grounds) - 1;
  const std::int64_t sets = std::int64_t{every} + 1;
  Finding finding = open_finding(GroundsRequest::info(), count, context);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));
  name_shared_places(finding, count.contest, result.all);

  const auto worst = std::max_element(result.readings.begin(), result.readings.end(),
                                      [](const auto& a, const auto& b) { return a.decisive < b.decisive; });
  const bool stands = worst->decisive == 0;
  const bool falls = std::all_of(result.readings.begin(), result.readings.end(),
                                 [&](const auto& reading) { return reading.decisive == sets - 1; });
  finding.answer = stands ? Answer::yes : falls ? Answer::no : Answer::depends;
  finding.for_outcome = stands ? ForOutcome::holds : falls ? ForOutcome::changes : ForOutcome::depends;

  finding.estimates = {
      {"objections", static_cast<double>(result.grounds), "objections", "each accepted or not"},
      {"sets", static_cast<double>(sets), "sets", "of objections, none and all among them"},
      {"units_named", static_cast<double>(result.units[every]), "units", "named by any objection, each once"}};
  for (const auto& reading : result.readings) {
    std::string id(reading.name);
    std::replace(id.begin(), id.end(), '-', '_');
    finding.estimates.push_back({"decisive_sets_" + id, static_cast<double>(reading.decisive), "sets",
                                 fmt::format("that change the outcome under the reading {}", reading.name)});
  }

  const std::int64_t winner_votes =
      result.sums[every * result.width + result.leader];
  const auto order = ranking(result.all);
  const auto objected = [&](Mechanism mechanism, Direction direction) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = static_cast<double>(winner_votes),
                           .direction = direction,
                           .what = "the leader's votes in the units objected to"};
  };
  std::vector<VotesInQuestion> stakes{objected(Mechanism::voided, {.from = result.leader}),
                                      objected(Mechanism::voided_valid_kept, {.from = result.leader})};
  if (order.size() > 1) stakes.push_back(objected(Mechanism::moved, {.from = result.leader, .to = order[1]}));
  const auto for_outcome = finding.for_outcome;
  hold_against_rule(finding, *request.rule, count.contest, result.all, stakes);
  // The rule was applied to every set: that is what decides.
  finding.at_stake->decisive = !stands;
  finding.for_outcome = for_outcome;

  if (request.trigger_percent > 0) {
    const double share = percent_of(static_cast<double>(result.units[every]), static_cast<double>(count.units())).value;
    finding.conditions.push_back(
        {fmt::format("All objections together strike {} % of the units, fewer than the {:g} % at which the law annuls",
                     fixed(share, 2), request.trigger_percent),
         share < request.trigger_percent});
  }

  const SetRows rows(result, count, request);
  const auto limit = static_cast<std::size_t>(request.list_limit);
  finding.tables = {table_of_minimal(result, rows, limit), table_of_each(result, request),
                    table_of_sets(result, rows, limit), table_of_objections(result, request)};
  finding.figures = {result.grounds <= most_in_lattice ? figure_of_sets(result, request, *worst) : picture(result, request, *worst)};

  const std::string verdict = describe(result.outcomes[0], count.contest);
  if (stands) {
    finding.headline = fmt::format("\"{}\" stands under each of the {} sets of the {} objections and every reading.",
                                   verdict, with_thousands(sets), result.grounds);
  } else {
    std::vector<std::string> counts;
    for (const auto& reading : result.readings)
      counts.push_back(fmt::format("{} {}", reading.name, with_thousands(reading.decisive)));
    finding.headline = fmt::format(
        "\"{}\" changes under {} of the {} sets of the {} objections (reading {}); the smallest such set is {}. By "
        "reading: {}.",
        verdict, with_thousands(worst->decisive), with_thousands(sets), result.grounds, worst->name,
        names_of(worst->minimal.front(), request.challenges), fmt::join(counts, ", "));
  }
  finding.in_short = {stands ? fmt::format("whichever of the {} objections are accepted, {}", result.grounds,
                                           came_to(result.outcomes[0], count.contest, tally(count), *request.rule))
                             : fmt::format("the outcome depends on which of the {} objections are accepted: {} of {} sets change it "
                                           "under the reading {}",
                                           result.grounds, with_thousands(worst->decisive), with_thousands(sets), worst->name)};
  finding.does_not_show = {"That an objection is justified, or that it is not: this only asks which could matter.",
                           "Which reading of an objection is right in law."};
  return finding;
}

}  // namespace cotejo
