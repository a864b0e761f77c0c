#include <algorithm>
#include <tuple>
#include <utility>

#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"
#include "cotejo/methods/tally/headroom.hpp"

namespace cotejo {

namespace {

using Reach = HeadroomResult::Reach;
using Level = HeadroomResult::Level;

struct ShiftWords {
  const char* estimate;
  const char* change;
};

ShiftWords words_of_shift(Shift shift) {
  switch (shift) {
    case Shift::voided:
      return {"votes_void", "headroom.change.voided"};
    case Shift::transferred:
      return {"votes_transfer", "headroom.change.transferred"};
    case Shift::gained:
      return {"votes_gain", "headroom.change.gained"};
    case Shift::gained_from_second:
      break;
  }
  return {"votes_gain_transfer", "headroom.change.gained_from_second"};
}

// What the tables and sentences of one finding share.
struct Shown {
  const HeadroomResult& result;
  const Count& count;

  const std::string& id(std::size_t option) const { return count.contest.options[option].id.text; }
  const std::string& leader() const { return id(result.leader); }
  Message outcome(const Outcome& outcome) const { return outcome_message(outcome, count.contest); }
  std::string level(const Level& level) const {
    return level.level ? count.hierarchy.levels()[*level.level] : std::string("unit");
  }
  Cell member(const Level& level, std::uint32_t member) const {
    if (!level.level) return std::string(count.unit_keys[member]);
    if (member == no_place) return Message{"headroom.outside"};
    return count.hierarchy.path(member);
  }
};

Table table_of_reaches(const Shown& s) {
  Table table{
      .id = "votes",
      .title = Message{"headroom.votes", {{"leader", s.leader()}}},
      .columns = {{"change"}, {"most_without_effect", of_unit("votes")}, {"then", "", Message{"headroom.votes.then"}}},
      .rows = {}};
  for (const Reach& reach : s.result.reaches)
    table.rows.push_back({Message{words_of_shift(reach.shift).change}, reach.harmless ? Cell{*reach.harmless} : Cell{},
                          reach.harmless ? Cell{s.outcome(reach.becomes)} : Cell{}});
  return table;
}

Table table_of_mechanisms(const Shown& s) {
  Table table{.id = "mechanisms",
              .title = Message{"headroom.mechanisms"},
              .columns = {{"mechanism"},
                          {"votes", of_unit("votes"), Message{"headroom.fewest"}},
                          {"then", "", Message{"headroom.then"}},
                          {"proved", "", Message{"headroom.proved"}}},
              .rows = {}};
  for (const auto& [mechanism, from, to, fewest] : s.result.mechanisms)
    table.rows.push_back({std::string(to_text(mechanism)), fewest.votes ? Cell{*fewest.votes} : Cell{},
                          fewest.becomes ? Cell{s.outcome(*fewest.becomes)} : Cell{}, fewest.proved});
  return table;
}

Table table_of_pairs(const Shown& s) {
  const auto& limit = s.result.options_in_pairs;
  Table table{.id = "pairs",
              .title = limit ? Message{"headroom.pairs_of_largest", {{"n", *limit}}} : Message{"headroom.pairs"},
              .columns = {{"from"},
                          {"to"},
                          {"votes", of_unit("votes"), Message{"headroom.fewest_of_pair"}},
                          {"then", "", Message{"headroom.then"}},
                          {"proved", "", Message{"headroom.proved"}}},
              .rows = {}};
  for (const auto& [mechanism, from, to, fewest] : s.result.pairs)
    table.rows.push_back({s.id(*from), s.id(*to), *fewest.votes, s.outcome(*fewest.becomes), fewest.proved});
  return table;
}

Table table_of_levels(const Shown& s) {
  const Text places = of_unit("places");
  Table table{.id = "levels",
              .title = Message{"headroom.levels"},
              .columns = {{"level"},
                          {"places", places},
                          {"minimum", places, Message{"headroom.levels.minimum"}},
                          {"lower_bound", places, Message{"headroom.levels.lower_bound"}},
                          {"proved", "", Message{"headroom.levels.proved"}},
                          {"then", "", Message{"headroom.levels.then"}}},
              .rows = {},
              .brief = {"level", "places", "minimum", "then"}};
  const auto number = [](std::size_t n) { return Cell{static_cast<std::int64_t>(n)}; };
  for (const Level& level : s.result.levels)
    table.rows.push_back({s.level(level), number(level.members), level.minimum > 0 ? number(level.minimum) : Cell{},
                          level.impossible ? Cell{} : number(level.lower_bound), level.proved,
                          level.minimum > 0 ? Cell{s.outcome(level.becomes)} : Cell{}});
  return table;
}

Figure figure_of_levels(const Shown& s) {
  BarsFigure data{.rows = {}, .unit = of_unit("places")};
  for (const Level& level : s.result.levels)
    data.rows.push_back(
        {s.level(level), level.minimum > 0 ? std::optional(static_cast<double>(level.minimum)) : std::nullopt});
  return figure("levels", Message{"headroom.levels"}, data);
}

Table list_of_removed(const Shown& s, const Level& level) {
  const std::string name = s.level(level);
  const bool all = level.removed.size() == level.minimum;
  Message title{all ? "headroom.removed" : "headroom.removed_first",
                {{"n", level.minimum}, {"level", name}, {"outcome", s.outcome(level.becomes)}}};
  if (!all) title.arguments.emplace_back("shown", level.removed.size());
  const Text votes = of_unit("votes");
  Table table{.id = "smallest_set_" + name,
              .title = std::move(title),
              .columns = {{"rank"},
                          {name},
                          {"leader_votes", votes, s.leader()},
                          {"runner_up_votes", votes, s.id(s.result.second)},
                          {"lead", votes, Message{"headroom.removed.lead"}}},
              .rows = {}};
  for (const auto& [member, leader_votes, second_votes] : level.removed)
    table.rows.push_back({static_cast<std::int64_t>(table.rows.size() + 1), s.member(level, member), leader_votes,
                          second_votes, leader_votes - second_votes});
  return table;
}

void add_estimates(Finding& finding, const Shown& s) {
  for (const Reach& reach : s.result.reaches) {
    if (!reach.harmless) continue;
    const auto [name, change] = words_of_shift(reach.shift);
    finding.estimates.push_back(
        {name, static_cast<double>(*reach.harmless), of_unit("votes"),
         Message{"headroom.harmless",
                 {{"leader", s.leader()}, {"change", Message{change}}, {"outcome", s.outcome(reach.becomes)}}}});
  }
  for (const Level& level : s.result.levels) {
    if (level.minimum == 0) continue;
    const auto minimum = static_cast<double>(level.minimum);
    const Argument outcome = s.outcome(level.becomes);
    if (!level.level)
      finding.estimates.push_back(
          {"units_minimum", minimum, of_unit("units"), Message{"headroom.units_minimum", {{"outcome", outcome}}}});
    else if (*level.level + 1 == s.count.hierarchy.levels().size())
      finding.estimates.push_back(
          {"precincts_minimum", minimum, of_unit("places"),
           Message{"headroom.precincts_minimum", {{"level", s.level(level)}, {"outcome", outcome}}}});
  }
}

void add_conditions(Finding& finding, const Shown& s) {
  name_shared_places(finding, s.count.contest, s.result.counted);
  if (s.result.outcome.verdict == Verdict::tie)
    finding.conditions.push_back({Message{"headroom.condition.tie"}, false});
  for (const Level& level : s.result.levels)
    if (!level.proved)
      finding.conditions.push_back({Message{"headroom.condition.open", {{"level", s.level(level)}}}, false});
}

const Level* units_of_result(const HeadroomResult& result) {
  const Level& units = result.levels.front();
  return units.minimum > 0 ? &units : nullptr;
}

// What the outcome as counted lacks, or can lose, in one sentence.
Message headline_of(const Shown& s, const Rule& rule) {
  const auto& [voided, moved, gained, from_second] =
      std::tie(s.result.reach(Shift::voided), s.result.reach(Shift::transferred), s.result.reach(Shift::gained),
               s.result.reach(Shift::gained_from_second));
  const Level* units = units_of_result(s.result);
  const Outcome& base = s.result.outcome;
  Message out{"", {{"leader", s.leader()}, {"counted", s.outcome(base)}}};
  const auto add = [&](const char* name, Argument argument) { out.arguments.emplace_back(name, std::move(argument)); };
  add("removal", units ? "yes" : "no");
  add("units", units ? units->minimum : 0);
  add("without", units ? Argument(s.outcome(units->becomes)) : Argument(""));
  const auto votes = [&](const char* number, const char* then, const Reach& reach) {
    add(number, *reach.harmless);
    add(then, s.outcome(reach.becomes));
  };
  const bool lacks = base.verdict != rule.met && base.verdict != Verdict::tie;
  if (lacks && gained.harmless && gained.becomes.verdict == rule.met) {
    const bool also_moved = from_second.harmless && from_second.becomes.verdict == rule.met;
    out.id = "headroom.headline.lacks";
    votes("gained", "becomes", gained);
    add("moves", also_moved ? "yes" : "no");
    add("moved", also_moved ? *from_second.harmless : 0);
  } else if (voided.harmless && moved.harmless) {
    out.id = "headroom.headline.voided_or_moved";
    votes("voided", "then_voided", voided);
    votes("moved", "then_moved", moved);
  } else if (voided.harmless) {
    out.id = "headroom.headline.voided";
    votes("voided", "then_voided", voided);
  } else if (moved.harmless) {
    out.id = "headroom.headline.moved";
    votes("moved", "then_moved", moved);
  } else if (gained.harmless) {
    out.id = "headroom.headline.gained";
    votes("gained", "becomes", gained);
  } else {
    out.id = units ? "headroom.headline.units_only" : "headroom.headline.nothing";
  }
  return out;
}

// The same in clauses; empty where the outcome as counted lacks votes, or no number of votes changes it.
std::vector<Text> in_short(const Shown& s) {
  const Reach& voided = s.result.reach(Shift::voided);
  const Reach& moved = s.result.reach(Shift::transferred);
  if (!voided.harmless || !moved.harmless) return {};
  std::vector<Text> out{Message{"headroom.in_short.votes",
                                {{"voided", *voided.harmless},
                                 {"leader", name_of(s.count.contest, s.result.leader)},
                                 {"moved", *moved.harmless},
                                 {"second", name_of(s.count.contest, s.result.second)}}}};
  if (const Level* units = units_of_result(s.result))
    out.push_back(Message{"headroom.in_short.units", {{"units", units_of(units->minimum, s.count.unit_name)}}});
  return out;
}

}  // namespace

MethodInfo HeadroomRequest::info() {
  return {.id = "headroom",
          .family = "tally",
          .title = Message{"headroom.title"},
          .question = Message{"headroom.question"},
          .assumes = Message{"headroom.assumes"},
          .cost = Message{"headroom.cost"},
          .references = {"Stark, P. B. (2010). Super-simple simultaneous single-ballot risk-limiting audits. EVT/WOTE "
                         "(diluted margin)."},
          .see_also = {"strike", "contested-ballots"}};
}

Finding present(const HeadroomResult& result, const Count& count, const HeadroomRequest& request,
                const Context& context) {
  const Shown shown{result, count};
  Finding finding = open_finding(HeadroomRequest::info(), count, context);
  finding.references.push_back(request.rule->title);
  add_conditions(finding, shown);
  add_estimates(finding, shown);
  finding.tables = {table_of_levels(shown), table_of_reaches(shown), table_of_mechanisms(shown), table_of_pairs(shown)};
  for (const Level& level : result.levels)
    if (level.minimum > 0) finding.tables.push_back(list_of_removed(shown, level));
  finding.figures = {figure_of_levels(shown)};
  finding.for_outcome = ForOutcome::depends;  // on how many votes are wrong: that is what is asked
  finding.headline = headline_of(shown, *request.rule);
  finding.in_short = in_short(shown);
  finding.does_not_show = {Message{"headroom.not_shown.wrong"}, Message{"headroom.not_shown.suspicious"},
                           Message{"headroom.not_shown.direction"}};
  return finding;
}

}  // namespace cotejo
