#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "cotejo/base/units.hpp"
#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/dispute/grounds.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_in_lattice = 4;  // 6 sets of one size beside each other
constexpr std::size_t most_drawn = 32;      // bars of a picture

// The names of a set's objections, in their order: "a + b".
Text names_of(GroundSet set, const std::vector<const Challenge*>& challenges) {
  std::vector<std::string> names;
  for (std::size_t g = 0; g < challenges.size(); ++g)
    if (((set >> g) & 1U) != 0) names.push_back(challenges[g]->id.text);
  if (names.empty()) return Message{"grounds.none"};
  return fmt::format("{}", fmt::join(names, " + "));
}

std::vector<GroundSet> by_size(std::size_t sets) {
  std::vector<GroundSet> out(sets);
  for (GroundSet set = 0; set < sets; ++set) out[set] = set;
  std::stable_sort(out.begin(), out.end(),
                   [](GroundSet a, GroundSet b) { return std::popcount(a) < std::popcount(b); });
  return out;
}

// What the tables of sets share: the columns, and the row of a set under a reading.
class SetTable {
 public:
  SetTable(const GroundsResult& result, const Count& count, const GroundsRequest& request, std::string id, Text title)
      : result_(result), count_(count), request_(request) {
    table_ = {.id = std::move(id),
              .title = std::move(title),
              .columns = {{"grounds", "", Message{"grounds.accepted"}},
                          {"reading"},
                          {"accepted", Message{"grounds.unit"}},
                          {"units_struck", of_unit("units")},
                          {"slack_votes", of_unit("votes"), Message{"support.slack_votes"}},
                          {"outcome"},
                          {"survives", "", Message{"support.survives"}}},
              .rows = {},
              .brief = {"grounds", "reading", "slack_votes", "outcome"}};
  }
  void add(GroundSet set, const GroundsReading& reading) {
    if (table_.rows.size() >= static_cast<std::size_t>(request_.list_limit)) return;
    const Outcome outcome = apply(*request_.rule, count_.contest, result_.after(set, reading.name));
    table_.rows.push_back({cell_of(names_of(set, request_.challenges)), std::string(reading.name),
                           std::int64_t{std::popcount(set)}, result_.units_struck(set), outcome.slack.value(),
                           outcome_message(outcome, count_.contest), reading.outcome[set] == 0});
  }
  Table take() { return std::move(table_); }

 private:
  const GroundsResult& result_;
  const Count& count_;
  const GroundsRequest& request_;
  Table table_;
};

Table table_of_sets(const GroundsResult& result, const Count& count, const GroundsRequest& request) {
  SetTable out(result, count, request, "subsets", Message{"grounds.subsets"});
  for (const GroundSet set : by_size(result.units.size()))
    for (const auto& reading : result.readings) out.add(set, reading);
  return out.take();
}

Table table_of_minimal(const GroundsResult& result, const Count& count, const GroundsRequest& request) {
  SetTable out(result, count, request, "minimal", Message{"grounds.minimal"});
  for (const auto& reading : result.readings)
    for (const GroundSet set : reading.minimal) out.add(set, reading);
  return out.take();
}

Table table_of_each(const GroundsResult& result, const GroundsRequest& request) {
  const Text votes = of_unit("votes");
  Table table{.id = "each",
              .title = Message{"grounds.each"},
              .columns = {{"ground", "", Message{"grounds.ground"}},
                          {"reading"},
                          {"alone_votes", votes, Message{"grounds.each.alone"}},
                          {"last_votes", votes, Message{"grounds.each.last"}},
                          {"shapley_votes", votes, Message{"grounds.each.shapley"}},
                          {"decisive_alone"},
                          {"in_minimal_sets", of_unit("sets"), Message{"grounds.each.in_minimal_sets"}}},
              .rows = {},
              .brief = {"ground", "reading", "alone_votes", "shapley_votes", "decisive_alone"}};
  const GroundSet every = result.every();
  for (std::size_t g = 0; g < result.grounds; ++g) {
    const GroundSet alone = GroundSet{1} << g;
    for (const auto& reading : result.readings) {
      const auto in = std::count_if(reading.minimal.begin(), reading.minimal.end(),
                                    [&](GroundSet set) { return (set & alone) != 0; });
      table.rows.push_back({request.challenges[g]->id.text, std::string(reading.name), reading.loss[alone],
                            reading.loss[every] - reading.loss[every ^ alone], reading.shapley[g],
                            reading.outcome[alone] != 0, std::int64_t{in}});
    }
  }
  return table;
}

Table table_of_objections(const GroundsResult& result, const GroundsRequest& request) {
  const Text units = of_unit("units");
  Table table{.id = "objections",
              .title = Message{"grounds.objections"},
              .columns = {{"ground", "", Message{"grounds.ground"}},
                          {"units", units},
                          {"own_units", units, Message{"grounds.objections.own_units"}},
                          {"by"},
                          {"reason"},
                          {"source"}},
              .rows = {}};
  for (std::size_t g = 0; g < result.grounds; ++g) {
    const Challenge& challenge = *request.challenges[g];
    table.rows.push_back({challenge.id.text, static_cast<std::int64_t>(challenge.unit_keys.size()), result.own[g],
                          challenge.by, challenge.reason, challenge.source});
  }
  return table;
}

// Every set with its slack, joined by the sets with one objection more; of few objections, so that the sets can be read.
Figure figure_of_sets(const GroundsResult& result, const GroundsRequest& request, const GroundsReading& reading) {
  LatticeFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const GroundSet set : by_size(result.units.size()))
    data.rows.push_back({names_of(set, request.challenges), set, result.slack(set, reading), reading.outcome[set] == 0,
                         std::find(reading.minimal.begin(), reading.minimal.end(), set) != reading.minimal.end()});
  return figure("sets", Message{"grounds.figure.sets", {{"reading", reading.name}}}, data);
}

// How far the sets are from another outcome, the smallest sets first.
Figure figure_of_distance(const GroundsResult& result, const GroundsRequest& request, const GroundsReading& reading) {
  OutcomeFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const GroundSet set : by_size(result.units.size())) {
    if (data.rows.size() == most_drawn) break;
    data.rows.push_back(
        {names_of(set, request.challenges), result.slack(set, reading), reading.outcome[set] == 0, reading.name});
  }
  return figure("distance", Message{"grounds.figure.distance", {{"reading", reading.name}}}, data);
}

std::vector<Estimate> estimates_of(const GroundsResult& result) {
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  std::vector<Estimate> out{
      {"objections", static_cast<double>(result.grounds), Message{"grounds.unit"},
       Message{"grounds.estimate.objections"}},
      {"sets", number(result.sets()), of_unit("sets"), Message{"grounds.estimate.sets"}},
      {"units_named", number(result.units[result.every()]), of_unit("units"), Message{"grounds.units_named"}}};
  for (const auto& reading : result.readings) {
    std::string id(reading.name);
    std::replace(id.begin(), id.end(), '-', '_');
    out.push_back({"decisive_sets_" + id, number(reading.decisive), of_unit("sets"),
                   Message{"grounds.decisive_sets", {{"reading", reading.name}}}});
  }
  return out;
}

void hold_objected_votes(Finding& finding, const GroundsResult& result, const Count& count, const Rule& rule) {
  const auto objected = [&](Mechanism mechanism, Direction direction) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = static_cast<double>(result.leader_votes_named()),
                           .direction = direction,
                           .what = Message{"support.objected_votes"}};
  };
  std::vector<VotesInQuestion> stakes{objected(Mechanism::voided, {.from = result.leader}),
                                      objected(Mechanism::voided_valid_kept, {.from = result.leader})};
  const auto order = ranking(result.all);
  if (order.size() > 1) stakes.push_back(objected(Mechanism::moved, {.from = result.leader, .to = order[1]}));
  hold_against_rule(finding, rule, count.contest, result.all, stakes);
  // The rule was applied to every set: that is what decides.
  finding.at_stake->decisive = !result.stands();
  finding.for_outcome = result.stands()  ? ForOutcome::holds
                        : result.falls() ? ForOutcome::changes
                                         : ForOutcome::depends;
}

void add_trigger(Finding& finding, const GroundsResult& result, const Count& count, double trigger_percent) {
  if (trigger_percent <= 0) return;
  const double share =
      percent_of(static_cast<double>(result.units[result.every()]), static_cast<double>(count.units())).value;
  finding.conditions.push_back(
      {Message{"grounds.condition.trigger", {{"share", decimal(share, 2)}, {"trigger", as_given(trigger_percent)}}},
       share < trigger_percent});
}

Message headline_of(const GroundsResult& result, const Contest& contest, const GroundsRequest& request) {
  const Message outcome = outcome_message(result.outcomes[0], contest);
  if (result.stands())
    return {"grounds.headline.stands", {{"outcome", outcome}, {"sets", result.sets()}, {"n", result.grounds}}};
  const GroundsReading& worst = result.most_decisive();
  List counts{.items = {}, .join = Join::commas};
  for (const auto& reading : result.readings)
    counts.items.push_back(Message{"grounds.decisive_under", {{"reading", reading.name}, {"n", reading.decisive}}});
  return {"grounds.headline.changes",
          {{"outcome", outcome},
           {"decisive", worst.decisive},
           {"sets", result.sets()},
           {"n", result.grounds},
           {"reading", worst.name},
           {"smallest", argument(names_of(worst.minimal.front(), request.challenges))},
           {"counts", std::move(counts)}}};
}

Text in_short(const GroundsResult& result, const Contest& contest, const Rule& rule) {
  if (result.stands())
    return Message{"grounds.in_short.stands",
                   {{"n", result.grounds}, {"came", argument(came_to(result.outcomes[0], contest, result.all, rule))}}};
  const GroundsReading& worst = result.most_decisive();
  return Message{
      "grounds.in_short.changes",
      {{"n", result.grounds}, {"decisive", worst.decisive}, {"sets", result.sets()}, {"reading", worst.name}}};
}

}  // namespace

MethodInfo GroundsRequest::info() {
  return {.id = "grounds",
          .family = "dispute",
          .title = Message{"grounds.title"},
          .question = Message{"grounds.question"},
          .assumes = Message{"grounds.assumes"},
          .cost = Message{"grounds.cost"},
          .references = {"Shapley, L. S. (1953). A Value for n-Person Games. Contributions to the Theory of Games II, "
                         "307-317."},
          .see_also = {"strike", "contested-ballots"}};
}

Finding present(const GroundsResult& result, const Count& count, const GroundsRequest& request,
                const Context& context) {
  Finding finding = open_finding(GroundsRequest::info(), count, context);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));
  name_shared_places(finding, count.contest, result.all);
  finding.answer = result.stands() ? Answer::yes : result.falls() ? Answer::no : Answer::depends;
  finding.estimates = estimates_of(result);
  hold_objected_votes(finding, result, count, *request.rule);
  add_trigger(finding, result, count, request.trigger_percent);
  finding.tables = {table_of_minimal(result, count, request), table_of_each(result, request),
                    table_of_sets(result, count, request), table_of_objections(result, request)};
  const GroundsReading& worst = result.most_decisive();
  finding.figures = {result.grounds <= most_in_lattice ? figure_of_sets(result, request, worst)
                                                       : figure_of_distance(result, request, worst)};
  finding.headline = headline_of(result, count.contest, request);
  finding.in_short = {in_short(result, count.contest, *request.rule)};
  finding.does_not_show = {Message{"grounds.not_shown.justified"}, Message{"grounds.not_shown.law"}};
  return finding;
}

}  // namespace cotejo
