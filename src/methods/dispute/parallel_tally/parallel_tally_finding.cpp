#include <algorithm>
#include <cmath>

#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/dispute/parallel_tally.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

using By = ParallelTallyResult::By;

double number_or_nan(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : std::nan("");
}

Table table_of_bounds(const ParallelTallyResult& result) {
  const Text votes = of_unit("votes");
  Table table{.id = "bounds",
              .title = Message{"parallel_tally.bounds"},
              .columns = {{"option"},
                          {"low", votes, Message{"parallel_tally.bounds.low"}},
                          {"high", votes, Message{"parallel_tally.bounds.high"}},
                          {"proclaimed", votes},
                          {"over", votes, Message{"parallel_tally.over"}},
                          {"possible", "", Message{"parallel_tally.bounds.possible"}}},
              .rows = {}};
  for (const auto& option : result.options) {
    const bool bounded = result.voters_missing.has_value();
    const std::int64_t high = option.copied + result.voters_missing.value_or(0);
    table.rows.push_back({option.id, option.copied, bounded ? Cell(high) : Cell(), option.proclaimed, option.over,
                          option.over == 0 && (!bounded || option.proclaimed <= high)});
  }
  return table;
}

constexpr std::size_t most_drawn = 16;  // options

// What was proclaimed for each option, and what the copies leave possible: a proclaimed figure outside cannot be.
Figure figure_of_bounds(const ParallelTallyResult& result) {
  IntervalsFigure data{.rows = {}, .unit = of_unit("votes")};
  for (std::size_t i = 0; i < std::min(most_drawn, result.options.size()); ++i) {
    const auto& option = result.options[i];
    data.rows.push_back({option.id, static_cast<double>(option.proclaimed), static_cast<double>(option.copied),
                         static_cast<double>(option.copied + *result.voters_missing)});
  }
  return figure("bounds", Message{"parallel_tally.figure.bounds"}, data);
}

// Where the voters of the units without a copy are not known: the copies beside the proclaimed figures.
Figure figure_of_figures(const ParallelTallyResult& result) {
  BarsFigure data{.rows = {}, .unit = of_unit("votes")};
  for (std::size_t i = 0; i < std::min(most_drawn, result.options.size()); ++i) {
    const auto& option = result.options[i];
    data.rows.push_back(
        {Message{"parallel_tally.figure.copied", {{"option", option.id}}}, static_cast<double>(option.copied)});
    data.rows.push_back(
        {Message{"parallel_tally.figure.proclaimed", {{"option", option.id}}}, static_cast<double>(option.proclaimed)});
  }
  return figure("bounds", Message{"parallel_tally.figure.figures"}, data);
}

Table table_of_readings(const ParallelTallyResult& result, const Contest& contest) {
  const Text votes = of_unit("votes");
  Table table{.id = "readings",
              .title = Message{"parallel_tally.readings"},
              .columns = {{"reading"},
                          {"valid", votes},
                          {"slack_votes", votes, Message{"support.slack_votes"}},
                          {"outcome"},
                          {"survives", "", Message{"parallel_tally.readings.survives"}}},
              .rows = {}};
  for (const auto& [name, after, outcome] : result.readings)
    table.rows.push_back({name, after.valid, outcome->slack.value(), outcome_message(*outcome, contest),
                          outcome->same_as(*result.readings[0].outcome)});
  return table;
}

Table table_of_differences(const ParallelTallyResult& result, const Count& copies) {
  const Text votes = of_unit("votes");
  Table table{.id = "differences",
              .title = Message{"parallel_tally.differences"},
              .columns = {{"unit"}, {"option"}, {"copied", votes}, {"proclaimed", votes}, {"difference", votes}},
              .rows = {}};
  for (const auto& [unit, option, copied, proclaimed] : result.differences)
    table.rows.push_back(
        {std::string(copies.unit_keys[unit]), result.options[option].id, copied, proclaimed, proclaimed - copied});
  return table;
}

Table table_of_places(const ParallelTallyResult& result) {
  const Text votes = of_unit("votes");
  Table table{.id = "places",
              .title = Message{"parallel_tally.places"},
              .columns = {{"place"},
                          {"units", of_unit("units"), Message{"parallel_tally.with_copy"}},
                          {"copied", votes},
                          {"proclaimed", votes},
                          {"over", votes, Message{"parallel_tally.over"}},
                          {"voters_missing", of_unit("voters"), Message{"parallel_tally.voters_missing"}},
                          {"unreachable", votes, Message{"parallel_tally.unreachable"}}},
              .rows = {}};
  for (const auto& p : result.places)
    table.rows.push_back({p.place, p.units, p.copied, p.proclaimed, p.over,
                          result.voters_missing ? Cell(p.voters_missing) : Cell(),
                          result.unreachable ? Cell(p.unreachable) : Cell()});
  return table;
}

class Estimates {
 public:
  void add(std::string name, double value, std::string_view unit, std::string_view definition) {
    all_.push_back({std::move(name), value, of_unit(unit), Message{"parallel_tally." + std::string(definition)}});
  }
  void add(std::string name, std::int64_t value, std::string_view unit, std::string_view definition) {
    add(std::move(name), static_cast<double>(value), unit, definition);
  }
  void add_share(std::string name, const std::optional<double>& percent, std::string_view definition) {
    if (!percent) return;
    all_.push_back({std::move(name), *percent, Message{"parallel_tally.percent"},
                    Message{"parallel_tally." + std::string(definition)}});
  }
  std::vector<Estimate> take() { return std::move(all_); }

 private:
  std::vector<Estimate> all_;
};

std::vector<Estimate> estimates_of(const ParallelTallyResult& result) {
  Estimates out;
  out.add("copies", result.copies, "units", "with_copy");
  out.add("units_missing", number_or_nan(result.units_missing), "units", "without_copy");
  out.add("voters_missing", number_or_nan(result.voters_missing), "voters", "voters_missing");
  out.add("impossible_votes", result.impossible, "votes",
          result.by == By::unit ? "impossible.by_unit" : "impossible.of_totals");
  if (result.unreachable) out.add("unreachable_votes", *result.unreachable, "votes", "unreachable");
  if (result.by == By::unit) {
    out.add("units_differing", result.differing, "units", "units_differing");
    for (const auto& option : result.options) out.add("net_" + option.id, option.net, "votes", "net");
  }
  out.add_share("needed_share_percent", result.needed_share_percent, "needed_share");
  out.add_share("own_share_percent", result.own_share_percent, "own_share");
  if (result.by == By::place) {
    out.add("places_contradicted", result.places_contradicted, "places", "places_contradicted");
    out.add("places_without_copy", result.places_without_copy, "places", "places_without_copy");
  }
  if (result.sheets_agreed + result.sheets_disputed > 0) {
    out.add("sheets_agreed", result.sheets_agreed, "sheets", "sheets_agreed");
    out.add("sheets_disputed", result.sheets_disputed, "sheets", "sheets_disputed");
  }
  return out.take();
}

std::vector<Condition> conditions_of(const ParallelTallyResult& result, bool has_rule) {
  std::vector<Condition> out{
      {Message{"parallel_tally.condition.units", {{"n", result.unknown_units}}}, result.unknown_units == 0},
      {Message{"parallel_tally.condition.voters"}, result.voters_missing.has_value()}};
  if (has_rule) out.push_back({Message{"parallel_tally.condition.whole"}, result.proclaimed_whole});
  return out;
}

Message headline_of(const ParallelTallyResult& result) {
  const auto& option = result.most_exceeded();
  if (result.by == By::unit && result.differing > 0)
    return {"parallel_tally.headline.units", {{"n", result.differing}, {"votes", result.impossible}}};
  if (result.by == By::place && result.places_contradicted > 0)
    return {"parallel_tally.headline.places", {{"n", result.places_contradicted}, {"votes", result.contradiction()}}};
  if (option.over > 0)
    return {"parallel_tally.headline.over",
            {{"copies", result.copies},
             {"copied", option.copied},
             {"option", option.id},
             {"over", option.over},
             {"proclaimed", option.proclaimed}}};
  if (result.unreachable.value_or(0) > 0)
    return {"parallel_tally.headline.unreachable", {{"votes", *result.unreachable}}};
  if (result.voters_missing)
    return {"parallel_tally.headline.reconciled", {{"copies", result.copies}, {"voters", *result.voters_missing}}};
  return {"parallel_tally.headline.open", {{"copies", result.copies}}};
}

// What cannot be repaired, with names.
Message contradiction_of(const ParallelTallyResult& result, const Contest& contest) {
  const auto& option = result.most_exceeded();
  const std::pair<std::string, Argument> copies{"copies", result.copies};
  if (result.by == By::unit && result.differing > 0)
    return {"parallel_tally.in_short.units", {copies, {"n", result.differing}, {"votes", result.impossible}}};
  if (option.over > 0)
    return {"parallel_tally.in_short.over",
            {copies,
             {"copied", option.copied},
             {"option", name_of(contest, static_cast<std::size_t>(contest.index_of(OptionId{option.id})))},
             {"over", option.over}}};
  if (result.unreachable.value_or(0) > 0)
    return {"parallel_tally.in_short.unreachable", {copies, {"votes", *result.unreachable}}};
  return {"parallel_tally.in_short.no_contradiction", {copies}};
}

// In clauses: the contradiction, and who won by the copies and as proclaimed where that differs.
std::vector<Text> in_short(const ParallelTallyResult& result, const Contest& contest, const Rule* rule) {
  std::vector<Text> out{contradiction_of(result, contest)};
  if (!rule || !result.proclaimed_whole) return out;
  const auto &copied = result.readings[0], &proclaimed = result.readings[1];
  if (proclaimed.outcome->same_as(*copied.outcome)) return out;
  const auto came = [&](const ParallelTallyResult::Reading& reading) {
    return argument(came_to(*reading.outcome, contest, reading.after, *rule));
  };
  out.push_back(
      Message{"parallel_tally.in_short.outcomes", {{"copied", came(copied)}, {"proclaimed", came(proclaimed)}}});
  return out;
}

}  // namespace

MethodInfo ParallelTallyRequest::info() {
  return {.id = "parallel-tally",
          .family = "dispute",
          .title = Message{"parallel_tally.title"},
          .question = Message{"parallel_tally.question"},
          .assumes = Message{"parallel_tally.assumes"},
          .cost = Message{"parallel_tally.cost"},
          .references = {},
          .see_also = {"copies", "collate"}};
}

Finding present(const ParallelTallyResult& result, const Count& copies, const ParallelTallyRequest& request,
                const Context& context) {
  Finding finding = open_finding(ParallelTallyRequest::info(), copies, context);
  for (const Count* other : request.others) add_input(finding, *other);
  if (request.expected) add_input(finding, *request.expected);
  finding.answer = result.contradiction() > 0 ? Answer::no : result.voters_missing ? Answer::yes : Answer::undetermined;
  finding.estimates = estimates_of(result);
  finding.conditions = conditions_of(result, request.rule != nullptr);
  finding.in_short = in_short(result, copies.contest, request.rule);
  if (request.rule) {
    finding.tables = {table_of_readings(result, copies.contest)};
    finding.for_outcome = for_outcome_of(result.could);
  }
  finding.tables.push_back(table_of_bounds(result));
  finding.figures = {result.voters_missing ? figure_of_bounds(result) : figure_of_figures(result)};
  if (result.by == By::unit) finding.tables.push_back(table_of_differences(result, copies));
  if (result.by == By::place) finding.tables.push_back(table_of_places(result));
  finding.does_not_show = {Message{"parallel_tally.not_shown.wrong"}, Message{"parallel_tally.not_shown.authentic"},
                           Message{"parallel_tally.not_shown.missing"}};
  finding.headline = headline_of(result);
  return finding;
}

}  // namespace cotejo
