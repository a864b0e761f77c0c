#include <algorithm>

#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/dispute/tally_chain.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

const std::string& id_of(const TallyChainResult& result, std::size_t level) {
  return result.levels[level].count.text;
}

Table table_of_levels(const TallyChainResult& result, const Contest& contest) {
  const Text votes = of_unit("votes"), sheets = of_unit("sheets");
  const bool has_rule = result.outcome.has_value();
  Table table{.id = "levels",
              .title = Message{"tally_chain.levels"},
              .columns = {{"count"},
                          {"level"},
                          {"sheets", sheets, Message{"tally_chain.levels.sheets"}},
                          {"without", of_unit("places"), Message{"tally_chain.levels.without"}},
                          {"unplaced", sheets, Message{"tally_chain.levels.unplaced"}},
                          {"valid", votes}},
              .rows = {},
              .brief = {"count", "level", "sheets", "unplaced", has_rule ? "outcome" : "valid"}};
  for (const auto& option : contest.options) table.columns.push_back({option.id.text, votes});
  if (has_rule) {
    table.columns.push_back({"slack_votes", votes, Message{"support.slack_votes"}});
    table.columns.push_back({"outcome"});
  }
  for (const auto& level : result.levels) {
    std::vector<Cell> row = {level.count.text,     level.level,    level.sheets,
                             level.places_without, level.unplaced, level.counted.valid};
    for (const auto n : level.counted.options) row.emplace_back(n);
    if (level.outcome) {
      row.emplace_back(level.outcome->slack.value());
      row.emplace_back(outcome_message(*level.outcome, contest));
    }
    row.resize(table.columns.size());  // of a rule whose outcomes cannot be compared
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table table_of_links(const TallyChainResult& result) {
  const Text votes = of_unit("votes"), sheets = of_unit("sheets");
  Table table{.id = "links",
              .title = Message{"tally_chain.links"},
              .columns = {{"count"},
                          {"sheets", sheets, Message{"tally_chain.links.sheets"}},
                          {"differing", sheets, Message{"tally_chain.differing"}},
                          {"appear", votes, Message{"tally_chain.links.appear"}},
                          {"vanish", votes, Message{"tally_chain.links.vanish"}},
                          {"moved", votes, Message{"tally_chain.moved"}}},
              .rows = {}};
  for (std::size_t l = 1; l < result.levels.size(); ++l) {
    const auto& level = result.levels[l];
    table.rows.push_back({id_of(result, l), level.sheets, level.differing, level.appear, level.vanish, level.moved});
  }
  return table;
}

Table table_of_gains(const TallyChainResult& result) {
  const Text votes = of_unit("votes");
  Table table{.id = "gains",
              .title = Message{"tally_chain.gains"},
              .columns = {{"count"},
                          {"field"},
                          {"net", votes, Message{"tally_chain.gains.net"}},
                          {"gained", votes},
                          {"lost", votes},
                          {"sheets", of_unit("sheets"), Message{"tally_chain.gains.sheets"}}},
              .rows = {}};
  for (std::size_t l = 1; l < result.levels.size(); ++l)
    for (const auto& change : result.levels[l].changes)
      table.rows.push_back(
          {id_of(result, l), change.field, change.gained - change.lost, change.gained, change.lost, change.sheets});
  return table;
}

Table table_of_differences(const TallyChainResult& result, std::size_t limit) {
  const Text votes = of_unit("votes");
  const std::size_t shown = std::min(limit, result.differences.size());
  Table table{.id = "differences",
              .title = first_of(Message{"tally_chain.differences"}, shown, result.differences.size()),
              .columns = {{"count"}, {"place"}, {"field"}, {"below", votes}, {"sheet", votes}, {"difference", votes}},
              .rows = {}};
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& d = result.differences[i];
    table.rows.push_back({id_of(result, d.level), d.place, d.field, d.below, d.sheet, d.sheet - d.below});
  }
  return table;
}

Table table_of_lone(const TallyChainResult& result, std::size_t limit) {
  Table table{.id = "one-level-only",
              .title = Message{"tally_chain.lone"},
              .columns = {{"count"}, {"place"}, {"what"}, {"valid", of_unit("votes")}},
              .rows = {}};
  for (std::size_t i = 0; i < std::min(limit, result.lone.size()); ++i) {
    const auto& lone = result.lone[i];
    table.rows.push_back({id_of(result, lone.level), lone.place,
                          Message{lone.sheet ? "tally_chain.lone.sheet" : "tally_chain.lone.place"}, lone.votes});
  }
  return table;
}

// A ladder of levels: the lead of the first option over the second, both as the lowest level ranks them.
std::vector<Figure> figures_of(const TallyChainResult& result) {
  const auto order = ranking(result.levels[0].counted);
  if (order.size() < 2) return {};
  BarsFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const auto& level : result.levels)
    data.rows.push_back(
        {level.count.text, static_cast<double>(level.counted.options[order[0]] - level.counted.options[order[1]])});
  return {figure("ladder", Message{"tally_chain.ladder"}, data)};
}

std::vector<Estimate> estimates_of(const TallyChainResult& result, const TallyChainResult::Sums& sums) {
  const Text votes = of_unit("votes"), sheets = of_unit("sheets");
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  return {
      {"levels", static_cast<double>(result.levels.size()), of_unit("levels"), Message{"tally_chain.estimate.levels"}},
      {"sheets", number(sums.sheets), sheets, Message{"tally_chain.estimate.sheets"}},
      {"sheets_differing", number(sums.differing), sheets, Message{"tally_chain.differing"}},
      {"appear", number(sums.appear), votes, Message{"tally_chain.appear"}},
      {"vanish", number(sums.vanish), votes, Message{"tally_chain.vanish"}},
      {"moved", number(sums.moved), votes, Message{"tally_chain.moved"}},
      {"places_without_sheet", number(sums.places_without), of_unit("places"),
       Message{"tally_chain.places_without_sheet"}},
      {"sheets_of_no_place", number(sums.unplaced), sheets, Message{"tally_chain.sheets_of_no_place"}}};
}

std::vector<Condition> conditions_of(const TallyChainResult::Sums& sums) {
  const bool strange = !sums.strange_options.empty();
  return {
      {Message{"tally_chain.condition.sheets", {{"n", sums.unplaced}}}, sums.unplaced == 0},
      {Message{"tally_chain.condition.places", {{"n", sums.places_without}}}, sums.places_without == 0},
      {Message{"tally_chain.condition.options",
               {{"options", list_of(strange ? sums.strange_options : std::vector<std::string>{"0"}, Join::commas)}}},
       !strange}};
}

Message clause_of(OutcomeByLevel outcome) {
  switch (outcome) {
    case OutcomeByLevel::not_comparable:
      return {"tally_chain.outcome.not_comparable"};
    case OutcomeByLevel::differs:
      return {"tally_chain.outcome.differs"};
    case OutcomeByLevel::same_but_differences_could_change_it:
      return {"tally_chain.outcome.could_change"};
    case OutcomeByLevel::same:
      break;
  }
  return {"tally_chain.outcome.same"};
}

ForOutcome for_outcome_of(OutcomeByLevel outcome) {
  return outcome == OutcomeByLevel::not_comparable ? ForOutcome::unknown
         : outcome == OutcomeByLevel::same         ? ForOutcome::holds
                                                   : ForOutcome::depends;
}

Text headline_of(const TallyChainResult& result, const TallyChainResult::Sums& sums) {
  Message differ{sums.differing > 0 ? "tally_chain.headline.differ" : "tally_chain.headline.agree",
                 {{"sheets", sums.sheets}}};
  if (sums.differing > 0)
    for (const auto& [name, n] : {std::pair{"differing", sums.differing}, std::pair{"appear", sums.appear},
                                  std::pair{"vanish", sums.vanish}, std::pair{"moved", sums.moved}})
      differ.arguments.emplace_back(name, n);
  Text out = std::move(differ);
  if (sums.unplaced > 0) out.append(Message{"tally_chain.headline.unplaced", {{"n", sums.unplaced}}});
  if (result.outcome)
    out.append(Message{"tally_chain.headline.outcome", {{"clause", Capitalised{clause_of(*result.outcome)}}}});
  return out;
}

std::vector<Text> in_short(const TallyChainResult& result, const TallyChainResult::Sums& sums) {
  std::vector<Text> out;
  if (sums.differing > 0)
    out.push_back(Message{"tally_chain.in_short.differ", {{"differing", sums.differing}, {"sheets", sums.sheets}}});
  else
    out.push_back(Message{"tally_chain.in_short.agree"});
  if (result.outcome) out.push_back(clause_of(*result.outcome));
  return out;
}

}  // namespace

MethodInfo TallyChainRequest::info() {
  return {.id = "tally-chain",
          .family = "dispute",
          .title = Message{"tally_chain.title"},
          .question = Message{"tally_chain.question"},
          .assumes = Message{"tally_chain.assumes"},
          .cost = Message{"tally_chain.cost"},
          .references = {},
          .see_also = {"arithmetic", "collate"}};
}

Finding present(const TallyChainResult& result, const Count& lowest, const TallyChainRequest& request,
                const Context& context) {
  Finding finding = open_finding(TallyChainRequest::info(), lowest, context);
  for (const Count* other : request.others) add_input(finding, *other);
  const auto sums = result.sums();
  finding.answer = sums.differing > 0                                                  ? Answer::no
                   : sums.sheets > 0 && sums.unplaced == 0 && sums.places_without == 0 ? Answer::yes
                                                                                       : Answer::undetermined;
  finding.estimates = estimates_of(result, sums);
  finding.conditions = conditions_of(sums);
  const auto limit = static_cast<std::size_t>(request.list_limit);
  finding.tables = {table_of_levels(result, lowest.contest), table_of_links(result), table_of_gains(result),
                    table_of_differences(result, limit), table_of_lone(result, limit)};
  finding.figures = figures_of(result);
  finding.does_not_show = {Message{"tally_chain.not_shown.right"}, Message{"tally_chain.not_shown.intended"},
                           Message{"tally_chain.not_shown.voted"}};
  finding.headline = headline_of(result, sums);
  finding.in_short = in_short(result, sums);
  if (result.outcome) finding.for_outcome = for_outcome_of(*result.outcome);
  return finding;
}

}  // namespace cotejo
