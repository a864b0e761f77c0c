#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/projection.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

using Interval = ProjectionResult::Interval;

std::string lowest_level(const ProjectionResult& result) {
  return result.late->level_name(result.late->levels() - 1);
}

Cell low_of(const std::optional<Interval>& interval) {
  return interval ? Cell{interval->low} : Cell{};
}
Cell high_of(const std::optional<Interval>& interval) {
  return interval ? Cell{interval->high} : Cell{};
}
Cell held(const std::optional<Interval>& interval, double value) {
  return interval ? Cell{interval->holds(value)} : Cell{};
}

Table table_of_projections(const ProjectionResult& result) {
  const Text points = arrival_unit("points");
  Table table{.id = "projections",
              .title = Message{"projection.projections"},
              .columns = {{"projection"},
                          {"margin_points", points},
                          {"low_95", points},
                          {"high_95", points},
                          {"outcome"},
                          {"uses_late_votes"},
                          {"assumes"}},
              .rows = {}};
  for (const auto& p : result.projections)
    table.rows.push_back({name_of(p.kind), p.margin, low_of(p.interval), high_of(p.interval),
                          p.outcome ? Cell{outcome_message(*p.outcome, result.late->count->contest)} : Cell{},
                          uses_late_votes(p.kind), assumption_of(p.kind, result)});
  return table;
}

Table table_of_rate_levels(const ProjectionResult& result) {
  Table table{.id = "rate_levels",
              .title = Message{"projection.rate_levels"},
              .columns = {{"level"}, {"units", of_unit("units")}},
              .rows = {}};
  const std::size_t levels = result.late->levels();
  for (std::size_t l = levels; l-- > 0;) table.rows.push_back({result.late->level_name(l), result.rate_levels[l]});
  table.rows.push_back({Message{"projection.whole_count"}, result.rate_levels[levels]});
  return table;
}

Table table_of_origins(const ProjectionResult::Stops& stops, const Arrival& arrival) {
  const Text points = arrival_unit("points");
  Table table{.id = "origins",
              .title = Message{"projection.origins"},
              .columns = {{"stopped_at"},
                          {"units", of_unit("units")},
                          {"projected_points", points, Message{"projection.origins.projected"}},
                          {"with_drift_points", points, Message{"projection.origins.with_drift"}},
                          {"low_95", points},
                          {"high_95", points},
                          {"held", "", Message{"projection.origins.held"}},
                          {"model_low_95", points, Message{"projection.origins.model"}},
                          {"model_high_95", points},
                          {"model_held"},
                          {"at_cut_points", points, Message{"projection.origins.at_cut"}}},
              .rows = {},
              .brief = {"stopped_at", "with_drift_points", "low_95", "high_95", "held"}};
  for (const auto& s : stops.stops)
    table.rows.push_back({describe_arrival(arrival.kind, s.arrival), s.units, s.projected,
                          s.drift ? Cell{s.with_drift} : Cell{}, low_of(s.drift), high_of(s.drift),
                          held(s.drift, stops.at_cut), low_of(s.model), high_of(s.model), held(s.model, stops.at_cut),
                          stops.at_cut});
  return table;
}

Table table_of_options(const ProjectionResult& result) {
  const Text percent = of_unit("percent");
  Table table{.id = "model_options",
              .title = Message{"projection.options"},
              .columns = {{"quantity"},
                          {"predicted_percent", arrival_unit("percent_of_registered_voters")},
                          {"low_95", percent},
                          {"high_95", percent},
                          {"counted_percent", percent}},
              .rows = {}};
  const Contest& contest = result.late->count->contest;
  for (const auto& o : result.model->options)
    table.rows.push_back({o.option ? Cell{contest.options[*o.option].id.text} : Cell{Message{"projection.valid_votes"}},
                          o.predicted, o.interval.low, o.interval.high, o.counted});
  return table;
}

Table table_of_coverage(const ProjectionResult::Model& model) {
  const Text percent = of_unit("percent");
  Table table{.id = "coverage",
              .title = Message{"projection.coverage"},
              .columns = {{"hidden"},
                          {"hold_outs"},
                          {"reached_50", percent},
                          {"reached_80", percent},
                          {"reached_95", percent},
                          {"mean_error_points", arrival_unit("points"), Message{"projection.coverage.mean_error"}},
                          {"error_over_sd", "", Message{"projection.coverage.error_over_sd"}}},
              .rows = {}};
  const char* hidden[] = {"projection.hidden.both", "projection.hidden.whole_places", "projection.hidden.parts"};
  for (std::size_t k = 0; k < model.coverage.size(); ++k) {
    const auto& c = model.coverage[k];
    if (c.hold_outs > 0)
      table.rows.push_back(
          {Message{hidden[k]}, c.hold_outs, c.reached[0], c.reached[1], c.reached[2], c.mean_error, c.error_over_sd});
  }
  return table;
}

void add_tables(Finding& finding, const ProjectionResult& result) {
  finding.tables.push_back(table_of_projections(result));
  if (result.has_registered) finding.tables.push_back(table_of_rate_levels(result));
  if (result.stops) finding.tables.push_back(table_of_origins(*result.stops, *result.late->arrival));
  if (!result.model) return;
  finding.tables.push_back(table_of_options(result));
  finding.tables.push_back(table_of_coverage(*result.model));
}

void add_projections(std::vector<Estimate>& out, const ProjectionResult& result) {
  const std::string level = lowest_level(result);
  const auto add = [&](const char* name, ProjectionKind kind, Message definition) {
    if (const auto* p = result.find(kind))
      out.push_back({name, p->margin, of_unit("points_of_valid_votes"), std::move(definition)});
  };
  add("margin_points", ProjectionKind::count, {"projection.margin"});
  add("rate_margin_points", ProjectionKind::rate, {"projection.rate"});
  add("rate_margin_final_votes_points", ProjectionKind::rate_final_votes, {"projection.rate_final_votes"});
  if (std::isfinite(result.imputed_split_late))
    out.push_back({"impute_split_late_margin_points", result.imputed_split_late, of_unit("points_of_valid_votes"),
                   Message{"projection.impute_split_late", {{"n", result.imputed_units}, {"level", level}}}});
  add("impute_margin_points", ProjectionKind::impute, {"projection.impute"});
  add("impute_margin_snapshot_votes_points", ProjectionKind::impute_snapshot_votes,
      {"projection.impute_snapshot_votes"});
}

Estimate with_interval(Estimate estimate, const Interval& interval) {
  estimate.low = interval.low;
  estimate.high = interval.high;
  estimate.level = 0.95;
  return estimate;
}

void add_drift(std::vector<Estimate>& out, const ProjectionResult::Drift& drift) {
  out.push_back(with_interval({"drift_points", drift.points, arrival_unit("points_late"), Message{"projection.drift"}},
                              drift.points_interval));
  out.push_back(with_interval({"drift_margin_points", drift.margin, of_unit("points_of_valid_votes"),
                               Message{"projection.drift_margin", {{"drift", decimal(drift.points, 2)}}}},
                              drift.margin_interval));
}

void add_model(std::vector<Estimate>& out, const ProjectionResult& result) {
  const auto& model = *result.model;
  const Text points = of_unit("points_of_valid_votes");
  const auto add = [&](Estimate estimate, const Interval& interval) {
    out.push_back(result.model_interval_given() ? with_interval(std::move(estimate), interval) : std::move(estimate));
  };
  add({"model_margin_points", model.margin, points, Message{"projection.model"}}, model.interval);
  add({"model_late_margin_points", model.late_margin, points, Message{"projection.model_late"}}, model.late_interval);
  const auto& all = model.coverage[0];
  if (all.hold_outs == 0) return;
  for (std::size_t q = 0; q < all.reached.size(); ++q) {
    const auto percent = static_cast<std::int64_t>(std::lround(100 * ProjectionResult::levels_checked[q]));
    out.push_back(with_interval(
        {fmt::format("coverage_{}_percent", percent), all.reached[q], arrival_unit("percent_of_hold_outs"),
         Message{"projection.covered", {{"percent", percent}, {"n", all.hold_outs}}}},
        {std::max(0., all.reached[q] - all.bound(q)), std::min(100., all.reached[q] + all.bound(q))}));
  }
}

void add_conditions(Finding& finding, const ProjectionResult& result) {
  finding.conditions.push_back({Message{"projection.condition.registered"}, result.has_registered});
  if (!result.model) return;
  for (auto& condition : conditions_of_stops(result)) finding.conditions.push_back(std::move(condition));
  const auto& all = result.model->coverage[0];
  if (all.hold_outs == 0) return;
  double widest = 0;
  for (std::size_t q = 0; q < all.reached.size(); ++q) widest = std::max(widest, all.standard_error(q));
  finding.conditions.push_back({Message{"projection.condition.coverage",
                                        {{"reached_50", decimal(all.reached[0], 1)},
                                         {"reached_80", decimal(all.reached[1], 1)},
                                         {"reached_95", decimal(all.reached[2], 1)},
                                         {"n", all.hold_outs},
                                         {"error", decimal(widest, 1)}}},
                                all.calibrated()});
}

// Only what was shown to hold is drawn.
Figure figure_of(const ProjectionResult& result) {
  const auto& drift = *result.drift;
  const nlohmann::ordered_json fan{
      {"early", result.margin_of(ProjectionKind::early)},
      {"count", result.margin_of(ProjectionKind::count)},
      {"quantiles", {{0.025, drift.margin_interval.low}, {0.5, drift.margin}, {0.975, drift.margin_interval.high}}}};
  return {"projection", "projection", Message{"projection.figure"}, fan.dump()};
}

// With what interval, or why without one.
Message headline_of_drift(const ProjectionResult& result) {
  if (!result.drift) return {"projection.headline.no_interval"};
  return {"projection.headline.drift",
          {{"margin", decimal(result.drift->margin, 2)},
           {"low", decimal(result.drift->margin_interval.low, 2)},
           {"high", decimal(result.drift->margin_interval.high, 2)},
           {"n", result.stops->stops.size()},
           {"held", result.stops->held()}}};
}

Text headline_of(const ProjectionResult& result) {
  Text out = Message{"projection.headline", {{"margin", decimal(result.margin_of(ProjectionKind::count), 2)}}};
  if (result.model) {
    out.append(Message{
        "projection.headline.early",
        {{"rate", decimal(result.margin_of(ProjectionKind::rate), 2)}, {"model", decimal(result.model->margin, 2)}}});
    out.append(headline_of_drift(result));
  }
  return out.append(Message{"projection.headline.impute",
                            {{"n", result.imputed_units},
                             {"level", lowest_level(result)},
                             {"margin", decimal(result.margin_of(ProjectionKind::impute), 2)}}});
}

ForOutcome for_outcome_of(const ProjectionResult& result) {
  if (!result.drift) return ForOutcome::unknown;
  const Outcome& counted = *result.find(ProjectionKind::count)->outcome;
  const bool low = result.drift->low_outcome->same_as(counted), high = result.drift->high_outcome->same_as(counted);
  return low && high ? ForOutcome::holds : low || high ? ForOutcome::depends : ForOutcome::changes;
}

}  // namespace

std::vector<Condition> conditions_of_stops(const ProjectionResult& result) {
  if (!result.model) return {};
  if (!result.stops) return {{Message{"projection.condition.order"}, false}};
  const auto& stops = *result.stops;
  return {{Message{"projection.condition.origins",
                   {{"held", stops.held()}, {"n", stops.stops.size()}, {"given", stops.supported() ? "yes" : "no"}}},
           stops.supported()},
          {Message{"projection.condition.model_origins", {{"held", stops.model_held()}, {"n", stops.model_tried()}}},
           stops.model_supported()}};
}

Cell name_of(ProjectionKind kind) {
  switch (kind) {
    case ProjectionKind::count:
      return std::string("count");
    case ProjectionKind::early:
      return std::string("early");
    case ProjectionKind::rate:
      return std::string("rate");
    case ProjectionKind::rate_final_votes:
      return Message{"projection.name.rate_final_votes"};
    case ProjectionKind::impute:
      return std::string("impute");
    case ProjectionKind::impute_snapshot_votes:
      return Message{"projection.name.impute_snapshot_votes"};
    case ProjectionKind::model:
      break;
  }
  return std::string("model");
}

bool uses_late_votes(ProjectionKind kind) {
  return kind == ProjectionKind::count || kind == ProjectionKind::impute ||
         kind == ProjectionKind::impute_snapshot_votes;
}

Message assumption_of(ProjectionKind kind, const ProjectionResult& result) {
  switch (kind) {
    case ProjectionKind::count:
      return {"projection.assumes.count"};
    case ProjectionKind::early:
      return {"projection.assumes.early"};
    case ProjectionKind::rate:
      return {"projection.assumes.rate"};
    case ProjectionKind::rate_final_votes:
      return {"projection.assumes.rate_final_votes"};
    case ProjectionKind::impute:
      return {"projection.assumes.impute", {{"level", lowest_level(result)}}};
    case ProjectionKind::impute_snapshot_votes:
      return {"projection.assumes.impute_snapshot_votes"};
    case ProjectionKind::model:
      break;
  }
  return {"projection.assumes.model"};
}

MethodInfo ProjectionRequest::info() {
  return {
      .id = "projection",
      .family = "arrival",
      .title = Message{"projection.title"},
      .question = Message{"projection.question"},
      .assumes = Message{"projection.assumes"},
      .cost = Message{"projection.cost"},
      .references = {
          "Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? Evidence "
          "from Bolivia. Journal of Politics 84:2202.",
          "Williams, J. R., & Curiel, J. (2020). Analysis of the quick count of the 2019 Bolivia election (recipe "
          "inferred).",
          "CEPR (2019). What happened in Bolivia's 2019 vote count? (the rate projection, without its random part).",
          "Chou, K. C., Willsky, A. S., & Nikoukhah, R. (1994). IEEE Transactions on Automatic Control 39:479."}};
}

Finding present(const ProjectionResult& result, const Count& count, const ProjectionRequest& request,
                const Context& context) {
  Finding finding = open_arrival_finding(ProjectionRequest::info(), count, *result.late, request, context);
  add_projections(finding.estimates, result);
  if (result.drift) add_drift(finding.estimates, *result.drift);
  if (result.model) add_model(finding.estimates, result);
  add_tables(finding, result);
  add_conditions(finding, result);
  finding.caveats.emplace_back(Message{"projection.caveat.recipe"});
  if (result.drift) finding.figures.push_back(figure_of(result));
  finding.answer = Answer::descriptive;
  finding.headline = headline_of(result);
  if (request.rule) finding.for_outcome = for_outcome_of(result);
  finding.does_not_show = {Message{"projection.not_shown.late_places"}, Message{"projection.not_shown.manipulation"},
                           Message{"projection.not_shown.whole"}};
  return finding;
}

}  // namespace cotejo
