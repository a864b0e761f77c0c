#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/curve.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

Cell number_or_nothing(double value) {
  return std::isfinite(value) ? Cell{value} : Cell{};
}

Cell margin_or_nothing(const LateSum& sum) {
  return sum.valid > 0 ? Cell{sum.margin()} : Cell{};
}

std::string name_of_needed(const CurveResult& result) {
  return result.needed && result.needed->of_margin ? "margin_needed_points" : "leader_share_needed_percent";
}

Estimate estimate_of_needed(const CurveResult& result) {
  return {name_of_needed(result), result.needed->value,
          arrival_unit(result.needed->of_margin ? "points_out" : "percent_out"),
          Message{"curve.needed", {{"clause", result.needed->clause}}}};
}

void add_margins(std::vector<Estimate>& out, const CurveResult& result) {
  const LateCount& late = *result.late;
  const Text points = of_unit("points_of_valid_votes");
  const auto defined = [&](const char* id) {
    return Message{id, {{"leader", late.leader_id()}, {"runner_up", late.runner_up_id()}}};
  };
  out.push_back({"margin_points", result.whole.margin(), points, defined("curve.margin")});
  out.push_back({"margin_early_points", result.early.margin(), points, defined("curve.margin_early")});
  if (late.snapshot && !late.parts) {
    Message of_snapshot = defined("curve.margin_early_snapshot");
    of_snapshot.arguments.emplace_back("snapshot", late.snapshot->id.text);
    out.push_back({"margin_early_snapshot_points", result.early_snapshot.margin(), points, std::move(of_snapshot)});
  }
  out.push_back({"margin_late_points", result.rest.margin(), points, defined("curve.margin_late")});
  out.push_back({"change_points", result.change_points(), points, Message{"curve.change"}});
}

void add_components(std::vector<Estimate>& out, const CurveResult& result) {
  const auto* lowest = result.lowest();
  if (!lowest) return;
  const std::string level = result.late->level_name(lowest->level);
  const Text points = of_unit("points_of_valid_votes");
  const auto add = [&](std::string name, double CurveResult::Components::*component, Text unit, const char* id) {
    out.push_back({std::move(name), lowest->value.*component, std::move(unit), Message{id, {{"level", level}}},
                   lowest->low.*component, lowest->high.*component, 0.95});
  };
  using Components = CurveResult::Components;
  add("composition_points", &Components::composition, points, "curve.composition");
  add("within_points", &Components::within, points, "curve.within");
  add("without_early_points", &Components::without, points, "curve.without");
  add("within_votes", &Components::within_votes, of_unit("votes"), "curve.within_votes");
}

Table table_of_decomposition(const CurveResult& result) {
  const Text points = arrival_unit("points"), votes = of_unit("votes");
  Table table{.id = "decomposition",
              .title = Message{"curve.decomposition"},
              .columns = {{"level"},
                          {"composition_points", points, Message{"curve.decomposition.composition"}},
                          {"within_points", points, Message{"curve.decomposition.within"}},
                          {"without_early_points", points, Message{"curve.decomposition.without"}},
                          {"within_votes", votes, Message{"curve.decomposition.votes"}},
                          {"late_valid", votes},
                          {"late_valid_without_early", votes},
                          {"places_split", of_unit("places")},
                          {"composition_error", points, Message{"curve.decomposition.error"}},
                          {"within_error", points, Message{"curve.decomposition.same"}},
                          {"without_early_error", points, Message{"curve.decomposition.same"}}},
              .rows = {},
              .brief = {"level", "composition_points", "within_points", "without_early_points"}};
  for (const auto& l : result.levels)
    table.rows.push_back({result.late->level_name(l.level), l.value.composition, l.value.within, l.value.without,
                          l.value.within_votes, l.late_valid, l.late_valid_without, l.places_split, l.error.composition,
                          l.error.within, l.error.without});
  return table;
}

Table table_of_classes(const CurveResult& result) {
  Table table{.id = "classes",
              .title = Message{"curve.classes"},
              .columns = {{"class"},
                          {"units", of_unit("units")},
                          {"places", of_unit("places")},
                          {"registered", of_unit("voters")},
                          {"valid", of_unit("votes")},
                          {"margin_points", arrival_unit("points"), Message{"curve.classes.margin"}}},
              .rows = {}};
  const char* names[] = {"Early", "Split-early", "Split-late", "Late"};
  for (std::size_t c = 0; c < result.classes.size(); ++c) {
    const auto& [sum, places] = result.classes[c];
    table.rows.push_back({std::string(names[c]), sum.units, places, sum.registered, sum.valid, margin_or_nothing(sum)});
  }
  return table;
}

Table table_of_snapshots(const CurveResult& result) {
  const Text points = arrival_unit("points"), units = of_unit("units");
  Table table{.id = "snapshots",
              .title = Message{"curve.snapshots"},
              .columns = {{"snapshot"},
                          {"as_of"},
                          {"units", units},
                          {"valid", of_unit("votes")},
                          {"margin_points", points},
                          {"needed_points", points, Message{"curve.snapshots.needed"}},
                          {"units_not_in_the_count", units},
                          {"units_not_in_the_next", units}},
              .rows = {}};
  for (const auto& s : result.snapshots)
    table.rows.push_back({s.count->id.text, s.count->as_of, s.units, s.valid, s.margin, number_or_nothing(s.needed),
                          s.not_in_the_count, s.not_in_the_next ? Cell{*s.not_in_the_next} : Cell{}});
  return table;
}

Cell side(bool late) {
  return Message{late ? "curve.late" : "curve.early"};
}

// An instant or a position; never, where there is none.
Cell when(const Arrival& arrival, const std::optional<double>& at) {
  if (!at || !std::isfinite(*at)) return Message{"curve.never"};
  return describe_arrival(arrival.kind, *at);
}

Table table_of_sources(const CurveResult& result) {
  const Text units = of_unit("units");
  Table table{.id = "sources",
              .title = Message{"curve.sources"},
              .columns = {{"arrival"},
                          {"snapshot"},
                          {"by_arrival"},
                          {"units", units},
                          {"valid", of_unit("votes")},
                          {"margin_points", arrival_unit("points")},
                          {"first"},
                          {"middle"},
                          {"last"},
                          {"in_next_snapshot", units},
                          {"places", of_unit("places"), Message{"curve.sources.places"}}},
              .rows = {}};
  for (const auto& s : result.sources)
    table.rows.push_back({s.arrival->id.text, side(s.late_by_snapshot), side(s.late_by_arrival), s.sum.units,
                          s.sum.valid, margin_or_nothing(s.sum), when(*s.arrival, s.first), when(*s.arrival, s.middle),
                          when(*s.arrival, s.last), s.in_next_snapshot ? Cell{*s.in_next_snapshot} : Cell{}, s.places});
  return table;
}

Table table_of_differing(const CurveResult& result) {
  Table table{.id = "sources_differ",
              .title = Message{"curve.sources_differ"},
              .columns = {{"unit"}, {"arrival"}, {"snapshot"}, {"at"}, {"place"}},
              .rows = {}};
  const Count& count = *result.late->count;
  for (const auto& d : result.differing) {
    const bool placed = !count.unit_place.empty() && count.unit_place[d.unit] != no_place;
    table.rows.push_back({std::string(count.unit_keys[d.unit]), d.arrival->id.text, side(d.late_by_snapshot),
                          when(*d.arrival, d.at),
                          placed ? count.hierarchy.path(count.unit_place[d.unit]) : std::string()});
  }
  return table;
}

// The last point up to the cut: it is shown, whatever else is.
bool at_cut(const CurveResult& result, std::size_t i) {
  const auto& all = result.running;
  return all[i].arrival <= result.late->cut && (i + 1 == all.size() || all[i + 1].arrival > result.late->cut);
}

Figure figure_of_running(const CurveResult& result, std::int64_t points) {
  const auto& all = result.running;
  nlohmann::ordered_json data{{"kind", std::string(to_text(result.late->arrival->kind))},
                              {"cut", result.late->cut},
                              {"rows", nlohmann::ordered_json::array()}};
  const auto number = [](double x) { return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(); };
  const auto step = std::max<std::size_t>(1, all.size() / static_cast<std::size_t>(points));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& p = all[i];
    if (p.valid == 0) continue;
    if (i % step == 0 || at_cut(result, i) || i + 1 == all.size())
      data["rows"].push_back({number(p.arrival), p.units, p.valid, p.margin(), number(p.needed)});
  }
  data["columns"] = {"arrival", "units", "valid", "margin_points", name_of_needed(result)};
  return {"running-margin", "running-margin", Message{"curve.figure"}, data.dump()};
}

Table table_of_running(const CurveResult& result) {
  const LateCount& late = *result.late;
  const Text points = arrival_unit("points");
  Table table{.id = "running",
              .title = Message{"curve.running"},
              .columns = {{"arrival"},
                          {"units", of_unit("units")},
                          {"units_percent", of_unit("percent")},
                          {"valid", of_unit("votes")},
                          {"margin_points", points},
                          {name_of_needed(result), points}},
              .rows = {}};
  std::size_t next_row = 0;  // a row every twentieth of the units
  for (std::size_t i = 0; i < result.running.size(); ++i) {
    const auto& p = result.running[i];
    if (p.valid == 0) continue;
    const auto units = static_cast<std::size_t>(p.units);
    if (20 * units < next_row * late.units() && !at_cut(result, i) && i + 1 != result.running.size()) continue;
    while (20 * units >= next_row * late.units()) ++next_row;
    table.rows.push_back({std::isfinite(p.arrival) ? Cell{describe_arrival(late.arrival->kind, p.arrival)}
                                                   : Cell{Message{"curve.after_all_others"}},
                          p.units, 100 * static_cast<double>(p.units) / static_cast<double>(late.units()), p.valid,
                          p.margin(), number_or_nothing(p.needed)});
  }
  return table;
}

void add_tables(Finding& finding, const CurveResult& result, const CurveRequest& request) {
  finding.tables.push_back(table_of_decomposition(result));
  if (result.lowest()) finding.tables.push_back(table_of_classes(result));
  if (!result.snapshots.empty()) finding.tables.push_back(table_of_snapshots(result));
  if (!result.sources.empty()) finding.tables.push_back(table_of_sources(result));
  if (!result.differing.empty()) finding.tables.push_back(table_of_differing(result));
  if (!result.late->arrival) return;
  finding.tables.push_back(table_of_running(result));
  finding.figures.push_back(figure_of_running(result, request.points));
}

Text headline_of(const CurveResult& result) {
  Argument needed = "";
  if (result.needed && result.needed->of_margin)
    needed = Message{"curve.headline.needed", {{"points", decimal(result.needed->value, 2)}}};
  Text out = Message{"curve.headline",
                     {{"early", decimal(result.early.margin(), 2)},
                      {"n_early", result.early.units},
                      {"whole", decimal(result.whole.margin(), 2)},
                      {"n_late", result.rest.units},
                      {"late", decimal(result.rest.margin(), 2)},
                      {"needed", std::move(needed)}}};
  const auto* lowest = result.lowest();
  if (!lowest) return out;
  return out.append(Message{"curve.headline.change",
                            {{"change", decimal(result.change_points(), 2)},
                             {"composition", decimal(lowest->value.composition, 2)},
                             {"within", decimal(lowest->value.within, 2)},
                             {"low", decimal(lowest->low.within, 2)},
                             {"high", decimal(lowest->high.within, 2)},
                             {"level", result.late->level_name(lowest->level)},
                             {"without", decimal(lowest->value.without, 2)}}});
}

std::vector<Text> in_short(const CurveResult& result) {
  const auto* lowest = result.lowest();
  if (!lowest) return {};
  return {Message{"curve.in_short",
                  {{"change", decimal(result.change_points(), 2)},
                   {"composition", decimal(lowest->value.composition, 2)},
                   {"within", decimal(lowest->value.within, 2)},
                   {"level", result.late->level_name(lowest->level)},
                   {"without", decimal(lowest->value.without, 2)}}}};
}

void hold_votes(Finding& finding, const CurveResult& result, const Rule& rule) {
  const auto* lowest = result.lowest();
  if (!lowest) return;
  const LateCount& late = *result.late;
  hold_against_rule(finding, rule, late.count->contest, tally(*late.count),
                    lead_in_question(lowest->value.within_votes, lowest->low.within_votes, lowest->high.within_votes,
                                     late.leader, late.runner_up));
}

}  // namespace

MethodInfo CurveRequest::info() {
  return {.id = "curve",
          .family = "arrival",
          .title = Message{"curve.title"},
          .question = Message{"curve.question"},
          .assumes = Message{"curve.assumes"},
          .cost = Message{"curve.cost"},
          .references = {"Kitagawa, E. M. (1955). Components of a difference between two rates. JASA 50:1168."}};
}

Finding present(const CurveResult& result, const Count& count, const CurveRequest& request, const Context& context) {
  Finding finding = open_arrival_finding(CurveRequest::info(), count, *result.late, request, context);
  add_margins(finding.estimates, result);
  if (result.needed) finding.estimates.push_back(estimate_of_needed(result));
  add_components(finding.estimates, result);
  finding.conditions.push_back({Message{"curve.condition.clause"}, result.needed.has_value()});
  finding.conditions.push_back({Message{"curve.condition.places"}, result.lowest() != nullptr});
  add_tables(finding, result, request);
  if (request.rule) hold_votes(finding, result, *request.rule);
  finding.answer = Answer::descriptive;
  finding.headline = headline_of(result);
  finding.in_short = in_short(result);
  finding.does_not_show = {Message{"curve.not_shown.intent"}, Message{"curve.not_shown.whole"},
                           Message{"curve.not_shown.chance"}};
  return finding;
}

}  // namespace cotejo
