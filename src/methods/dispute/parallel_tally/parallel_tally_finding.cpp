#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/dispute/parallel_tally.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

namespace {

using By = ParallelTally::By;

Table table_of_bounds(const ParallelTally& result) {
  Table out{.id = "bounds",
            .title = "What the copies leave possible for each option",
            .columns = {{"option"},
                        {"low", "votes", "in the copies: no completion takes them away"},
                        {"high", "votes", "and every voter of the units without a copy"},
                        {"proclaimed", "votes"},
                        {"over", "votes", "by which the copies alone exceed what was proclaimed"},
                        {"possible", "", "the proclaimed figure lies within the bounds"}},
            .rows = {}};
  for (const auto& option : result.options) {
    const bool bounded = result.voters_missing.has_value();
    const std::int64_t high = option.copied + result.voters_missing.value_or(0);
    out.rows.push_back({option.id, option.copied, bounded ? Cell(high) : Cell(), option.proclaimed, option.over,
                        option.over == 0 && (!bounded || option.proclaimed <= high)});
  }
  return out;
}

// What was proclaimed for each option, and what the copies leave possible: a proclaimed figure outside cannot be. Where the
// voters of the units without a copy are not known, the copies beside the proclaimed figures.
Figure figure_of_bounds(const ParallelTally& result) {
  constexpr std::size_t most_drawn = 16;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  const bool bounded = result.voters_missing.has_value();
  for (std::size_t i = 0; i < std::min(most_drawn, result.options.size()); ++i) {
    const auto& option = result.options[i];
    if (bounded) {
      rows.push_back({option.id, option.proclaimed, option.copied, option.copied + *result.voters_missing});
    } else {
      rows.push_back({option.id + ", in the copies", option.copied});
      rows.push_back({option.id + ", proclaimed", option.proclaimed});
    }
  }
  nlohmann::ordered_json data{{"columns", {"label", "value"}}, {"rows", std::move(rows)}, {"unit", "votes"}};
  if (bounded) data["columns"] = {"label", "value", "low", "high"};
  return {"bounds", bounded ? "intervals" : "bars",
          bounded ? "The proclaimed figures, and what the copies leave possible" : "The copies beside the proclaimed figures",
          data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

Table table_of_readings(const ParallelTally& result, const Count& copies, const Rule& rule) {
  Table out{.id = "readings",
            .title = "The outcome of the copies, of what was proclaimed, and of completions of the missing units",
            .columns = {{"reading"},
                        {"valid", "votes"},
                        {"slack_votes", "votes", "value of the binding clause; negative: not met"},
                        {"outcome"},
                        {"survives", "", "same outcome as the copies alone"}},
            .rows = {}};
  const Outcome base = apply(rule, copies.contest, result.readings[0].after);
  for (const auto& reading : result.readings) {
    const Outcome outcome = apply(rule, copies.contest, reading.after);
    out.rows.push_back({reading.name, reading.after.valid, outcome.slack.value(), describe(outcome, copies.contest),
                        outcome.same_as(base)});
  }
  return out;
}

Table table_of_places(const ParallelTally& result) {
  Table out{.id = "places",
            .title = "Places, the largest contradictions first",
            .columns = {{"place"},
                        {"units", "units", "with a copy"},
                        {"copied", "votes"},
                        {"proclaimed", "votes"},
                        {"over", "votes", "by which the copies alone exceed what was proclaimed"},
                        {"voters_missing", "voters", "registered in the units without a copy"},
                        {"unreachable", "votes", "proclaimed beyond the copies and beyond every voter of the units without one"}},
            .rows = {}};
  for (const auto& p : result.places)
    out.rows.push_back({p.place, p.units, p.copied, p.proclaimed, p.over, result.voters_missing ? Cell(p.voters_missing) : Cell(),
                        result.unreachable ? Cell(p.unreachable) : Cell()});
  return out;
}

double number_or_nan(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : std::nan("");
}

// `holds` only where no votes of the missing voters, whichever options they go to, and no mixture of readings could change the
// outcome of the copies.
ForOutcome for_outcome_of(const ParallelTally& result, const Count& copies, const Rule& rule) {
  if (!result.voters_missing || result.unknown_units > 0) return ForOutcome::unknown;
  std::vector<VoteRange> added(copies.options(), VoteRange{0, *result.voters_missing});
  for (std::size_t i = 0; i < result.least.size(); ++i) {
    auto& range = added[static_cast<std::size_t>(copies.contest.index_of(OptionId{result.options[i].id}))];
    range.least += result.least[i], range.most += result.most[i];
  }
  return could_decide(rule, copies.contest, result.readings[0].after, added) ? ForOutcome::depends : ForOutcome::holds;
}

// In clauses, with names: what cannot be repaired, and who won by the copies and as proclaimed where that differs.
std::vector<Text> in_short(const ParallelTally& result, const Count& copies, const Rule* rule) {
  std::vector<Text> out;
  const auto largest = std::max_element(result.options.begin(), result.options.end(),
                                        [](const auto& a, const auto& b) { return a.over < b.over; });
  const auto name = [&](const ParallelTally::Option& option) {
    return name_of(copies.contest, static_cast<std::size_t>(copies.contest.index_of(OptionId{option.id})));
  };
  const std::string number = counted(result.copies, "copy", "copies");
  if (result.by == By::unit && result.differing > 0)
    out.push_back(fmt::format("{} of the {} differ from the proclaimed figures, by {} together", with_thousands(result.differing),
                              number, counted(result.impossible, "vote")));
  else if (largest->over > 0)
    out.push_back(fmt::format("the {} have {} for {}, {} more than were proclaimed, which no completion repairs", number,
                              counted(largest->copied, "vote"), name(*largest), with_thousands(largest->over)));
  else if (result.unreachable.value_or(0) > 0)
    out.push_back(fmt::format("{} were proclaimed beyond the {} and every voter of the other units",
                              counted(*result.unreachable, "vote"), number));
  else
    out.push_back(fmt::format("the {} do not contradict the proclaimed figures", number));
  if (!rule || !result.proclaimed_whole) return out;
  const Outcome copied = apply(*rule, copies.contest, result.readings[0].after);
  const Outcome proclaimed = apply(*rule, copies.contest, result.readings[1].after);
  if (!proclaimed.same_as(copied))
    out.push_back(fmt::format("by the copies {}, as proclaimed {}", came_to(copied, copies.contest, result.readings[0].after, *rule),
                              came_to(proclaimed, copies.contest, result.readings[1].after, *rule)));
  return out;
}

}  // namespace

MethodInfo ParallelTallyRequest::info() {
  return {.id = "parallel-tally",
          .family = "dispute",
          .title = "Copies of part of the returns against what was proclaimed",
          .question = "Can the units without a copy reconcile the copies with the proclaimed figures?",
          .assumes = "The copies are of the returns that they name, and no unit has more votes than registered voters.",
          .cost = "linear in units",
          .references = {},
          .see_also = {"copies", "collate"}};
}

const OptionTable<ParallelTallyRequest>& ParallelTallyRequest::table() {
  static const OptionTable<ParallelTallyRequest> options = [] {
    OptionTable<ParallelTallyRequest> t;
    t.add(&ParallelTallyRequest::units_in_all,
          {.name = "units_in_all",
           .unit = "units",
           .text = "How many units there are in all, where the proclaimed figures are totals; 0: not known.",
           .low = 0,
           .high = 1e9});
    t.add(&ParallelTallyRequest::registered_in_all,
          {.name = "registered_in_all",
           .unit = "voters",
           .text = "How many registered voters there are in all, where the proclaimed figures are totals; 0: not known.",
           .low = 0,
           .high = 1e11});
    t.add(&ParallelTallyRequest::list_limit, {.name = "list_limit",
                                              .unit = "rows",
                                              .text = "How many differences the table lists; all are counted.",
                                              .low = 0,
                                              .high = 1e7});
    t.add(&ParallelTallyRequest::level, {.name = "level",
                                         .unit = "level",
                                         .text = "The level of the places whose own copies the units without one are compared with, where the proclaimed figures are unit by unit or there is a register; empty: the lowest."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& copies, const ParallelTallyRequest& request, const Context& context) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, copies));
  COTEJO_TRY(result, compute_parallel_tally(copies, request));
  Finding finding = open_finding(ParallelTallyRequest::info(), copies, context);
  for (const Count* other : request.others) add_input(finding, *other);
  if (request.expected) add_input(finding, *request.expected);
  const std::int64_t contradiction = result.impossible + result.unreachable.value_or(0);
  finding.answer = contradiction > 0 ? Answer::no : result.voters_missing ? Answer::yes : Answer::undetermined;
  finding.estimates = {
      {"copies", static_cast<double>(result.copies), "units", "with a copy"},
      {"units_missing", number_or_nan(result.units_missing), "units", "without a copy"},
      {"voters_missing", number_or_nan(result.voters_missing), "voters", "registered in the units without a copy"},
      {"impossible_votes", static_cast<double>(result.impossible), "votes",
       result.by == By::unit ? "by which copies and proclaimed figures of the same units differ: no completion repairs them"
                      : "by which the copies alone exceed the proclaimed figures: no completion takes votes away"}};
  if (result.unreachable)
    finding.estimates.push_back({"unreachable_votes", static_cast<double>(*result.unreachable), "votes",
                                 "proclaimed beyond the copies and beyond every voter of the units without one"});
  if (result.by == By::unit) {
    finding.estimates.push_back(
        {"units_differing", static_cast<double>(result.differing), "units", "whose copy differs from the proclaimed figure"});
    for (const auto& option : result.options)
      finding.estimates.push_back({"net_" + option.id, static_cast<double>(option.net), "votes",
                                   "proclaimed less copied, over the units that both have"});
  }
  if (result.needed_share_percent)
    finding.estimates.push_back(
        {"needed_share_percent", *result.needed_share_percent, "% of the votes for the two",
         "that the second of the copies would need in the units without one to draw level; over 100: cannot"});
  if (result.own_share_percent)
    finding.estimates.push_back({"own_share_percent", *result.own_share_percent, "% of the votes for the two",
                                 "of the second, if the missing voters of each place voted as its copies did"});
  if (result.by == By::place) {
    finding.estimates.push_back({"places_contradicted", static_cast<double>(result.places_contradicted), "places",
                                 "where no completion reconciles copies and proclaimed figures"});
    finding.estimates.push_back({"places_without_copy", static_cast<double>(result.places_without_copy), "places", "proclaimed, without any copy"});
  }
  if (result.sheets_agreed + result.sheets_disputed > 0) {
    finding.estimates.push_back({"sheets_agreed", static_cast<double>(result.sheets_agreed), "sheets", "with the same votes in every reading"});
    finding.estimates.push_back({"sheets_disputed", static_cast<double>(result.sheets_disputed), "sheets", "whose readings differ"});
  }
  finding.conditions = {
      {fmt::format("Every copy is of a unit that was proclaimed ({} are not)", result.unknown_units),
       result.unknown_units == 0},
      {"The registered voters of the units without a copy are known", result.voters_missing.has_value()}};
  if (request.rule)
    finding.conditions.push_back({"The votes of every option, or the valid votes, were proclaimed, so that the rule can be applied to them",
                                  result.proclaimed_whole});
  finding.in_short = in_short(result, copies, request.rule);
  finding.tables = {table_of_bounds(result)};
  finding.figures = {figure_of_bounds(result)};
  if (request.rule) {
    finding.tables.insert(finding.tables.begin(), table_of_readings(result, copies, *request.rule));
    finding.for_outcome = for_outcome_of(result, copies, *request.rule);
  }
  if (result.by == By::unit) finding.tables.push_back(std::move(result.differences));
  if (result.by == By::place) finding.tables.push_back(table_of_places(result));
  finding.does_not_show = {"Whether the copies or the proclaimed figures are wrong.",
                           "Whether the copies are authentic, or who chose which units have one.",
                           "How the votes of the units without a copy were cast."};

  const auto largest = std::max_element(result.options.begin(), result.options.end(),
                                        [](const auto& a, const auto& b) { return a.over < b.over; });
  const std::string copied = with_thousands(result.copies);
  if (result.by == By::unit && result.differing > 0)
    finding.headline = fmt::format(
        "Of the units that both have, {} differ, by {} together: no completion of the units without a copy repairs that.",
        with_thousands(result.differing), counted(result.impossible, "vote"));
  else if (result.by == By::place && result.places_contradicted > 0)
    finding.headline = fmt::format(
        "In {} the copies contradict the proclaimed figures, by {} together: no completion of the other units repairs that.",
        counted(result.places_contradicted, "place"), counted(contradiction, "vote"));
  else if (largest->over > 0)
    finding.headline = fmt::format(
        "The {} copies alone have {} of {}, {} more than the {} proclaimed: no completion of the other units repairs that.",
        copied, counted(largest->copied, "vote"), largest->id, with_thousands(largest->over),
        with_thousands(largest->proclaimed));
  else if (result.unreachable.value_or(0) > 0)
    finding.headline = fmt::format(
        "The proclaimed figures need {} more than the units without a copy have registered voters.",
        counted(*result.unreachable, "vote"));
  else if (result.voters_missing)
    finding.headline = fmt::format(
        "The {} copies do not contradict the proclaimed figures: the units without one have {} registered voters.", copied,
        with_thousands(*result.voters_missing));
  else
    finding.headline = fmt::format(
        "The {} copies do not exceed the proclaimed figures; the registered voters of the other units are not known.", copied);
  return finding;
}

}  // namespace cotejo
