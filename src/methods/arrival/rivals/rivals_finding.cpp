#include <algorithm>
#include <cmath>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/rivals.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

// What one analysis finds.
struct Row {
  Message analysis;
  Cell says{}, low{}, high{}, p{};
  const char* of = "";  // ids of messages
  Cell holds_fixed{};
  Cell assumes{};
};

using Rows = std::vector<Row>;

Argument argument_of(const Cell& cell) {
  if (const auto* words = std::get_if<Message>(&cell)) return *words;
  return words_of(cell);
}

void add_curve(Rows& rows, const CurveResult& curve) {
  const auto add = [&](const char* analysis, double says, const char* of, const char* fixed, const char* assumes) {
    rows.push_back(
        {.analysis = {analysis}, .says = says, .of = of, .holds_fixed = Message{fixed}, .assumes = Message{assumes}});
  };
  if (curve.needed && curve.needed->of_margin)
    add("rivals.needed", curve.needed->value, "rivals.of.late_votes", "rivals.fixed.nothing", "rivals.assumes.rule");
  add("rivals.late", curve.rest.margin(), "rivals.of.late_votes", "rivals.fixed.nothing", "rivals.assumes.counted");
  if (curve.lowest())
    add("rivals.within", curve.lowest()->value.within, "rivals.of.final_margin", "rivals.fixed.place",
        "rivals.assumes.like_early");
}

void add_projections(Rows& rows, const ProjectionResult& projection) {
  for (const auto& p : projection.projections)
    rows.push_back({.analysis = {"rivals.projection", {{"name", argument_of(name_of(p.kind))}}},
                    .says = p.margin,
                    .low = p.interval ? Cell{p.interval->low} : Cell{},
                    .high = p.interval ? Cell{p.interval->high} : Cell{},
                    .of = "rivals.of.final_margin",
                    .holds_fixed = Message{uses_late_votes(p.kind) ? "rivals.fixed.late_votes" : "rivals.fixed.early"},
                    .assumes = assumption_of(p.kind, projection)});
}

Message assumption_of(const ShiftResult::Regression& regression, const std::string& level) {
  if (regression.election) return {"rivals.assumes.moved_alike"};
  if (!regression.effects) return {"rivals.assumes.alike"};
  return {"rivals.assumes.like_early_of", {{"level", level}}};
}

void add_shift(Rows& rows, const ShiftResult& shift) {
  for (const auto& r : shift.regressions) {
    const std::string level = r.effects ? shift.late->level_name(*r.effects) : "";
    const Cell nothing = Message{r.election ? "rivals.fixed.earlier_margin" : "rivals.fixed.nothing"};
    rows.push_back(
        {.analysis = {"rivals.regression",
                      {{"outcome", outcome_of(shift, r)}, {"effects", r.effects ? "yes" : "no"}, {"level", level}}},
         .says = r.late_points,
         .low = r.low(),
         .high = r.high(),
         .of = "rivals.of.units",
         .holds_fixed = r.effects ? Cell{level} : nothing,
         .assumes = assumption_of(r, level)});
  }
}

// S at the cut among the placebo cuts: as the finding of shift has it.
void add_placebos(Rows& rows, const Finding& shift) {
  const Estimate* within = shift.estimate("within_places_points");
  if (!shift.test || !within) return;
  rows.push_back({.analysis = {"rivals.placebos"},
                  .says = within->value,
                  .low = within->low ? Cell{*within->low} : Cell{},
                  .high = within->high ? Cell{*within->high} : Cell{},
                  .p = shift.test->p_value,
                  .of = "rivals.of.votes",
                  .holds_fixed = Message{"rivals.fixed.place"},
                  .assumes = Message{"rivals.assumes.like_other_cuts"}});
}

void add_jumps(Rows& rows, const DiscontinuityResult& discontinuity) {
  for (const auto& outcome : discontinuity.outcomes)
    if (outcome.at_cut)
      rows.push_back({.analysis = {"rivals.jump", {{"outcome", words_for(outcome)}}},
                      .says = outcome.at_cut->jump,
                      .p = outcome.placebos.enough() ? Cell{outcome.placebos.p_value()} : Cell{},
                      .of = "rivals.of.both_sides",
                      .holds_fixed = Message{"rivals.fixed.trend"},
                      .assumes = Message{"rivals.assumes.no_difference"}});
}

void add_distances(Rows& rows, const EarlyLateResult& early_late) {
  for (const auto& c : early_late.comparisons)
    rows.push_back({.analysis = {"rivals.distance", {{"choice", argument_of(cell_for(c.choice))}}},
                    .says = std::isnan(c.distance) ? Cell{} : Cell{100 * c.distance},
                    .p = c.precincts > 0 ? Cell{c.p_value} : Cell{},
                    .of = "rivals.of.split_places",
                    .holds_fixed = Message{"rivals.fixed.place"},
                    .assumes = Message{c.choice == PrecinctChoice::early_negative ? "rivals.assumes.as_low"
                                                                                  : "rivals.assumes.chance"}});
}

Table table_of(const Rows& rows) {
  const Text points = arrival_unit("points");
  Table table{.id = "rivals",
              .title = Message{"rivals.table"},
              .columns = {{"analysis"},
                          {"says", of_unit("points_of_valid_votes")},
                          {"low_95", points},
                          {"high_95", points},
                          {"p_value"},
                          {"of"},
                          {"holds_fixed"},
                          {"assumes"}},
              .rows = {},
              .brief = {"analysis", "says", "p_value", "of"}};
  for (const Row& r : rows)
    table.rows.push_back({r.analysis, r.says, r.low, r.high, r.p, Message{r.of}, r.holds_fixed, r.assumes});
  return table;
}

// The findings that rivals takes estimates, a test and what follows for the outcome from; nothing of what was not run.
struct Findings {
  std::optional<Finding> curve, projection, shift;

  Findings(const RivalsResult& result, const Count& count, const Context& context)
      : curve(of(result.curve, count, context)),
        projection(of(result.projection, count, context)),
        shift(of(result.shift, count, context)) {}

  // What all of them give, or that it depends.
  std::optional<ForOutcome> for_outcome() const {
    std::optional<ForOutcome> out;
    for (const auto* finding : {&curve, &projection, &shift}) {
      if (!*finding || !(*finding)->for_outcome) continue;
      if (out && *out != *(*finding)->for_outcome) return ForOutcome::depends;
      out = (*finding)->for_outcome;
    }
    return out;
  }

 private:
  template <class Request>
  static std::optional<Finding> of(const RivalsResult::Analysis<Request>& analysis, const Count& count,
                                   const Context& context) {
    if (!analysis) return std::nullopt;
    return present(*analysis, count, analysis.request, context);
  }
};

template <class Request>
void add_problem(Finding& finding, const RivalsResult::Analysis<Request>& analysis) {
  if (analysis) return;
  finding.conditions.push_back(
      {Message{"rivals.condition.run",
               {{"analysis", Request::info().id}, {"problem", analysis.problem}, {"remedy", analysis.remedy}}},
       false});
}

void add_conditions(Finding& finding, const RivalsResult& result) {
  add_problem(finding, result.curve);
  add_problem(finding, result.projection);
  if (result.projection)
    for (auto& condition : conditions_of_stops(*result.projection)) finding.conditions.push_back(std::move(condition));
  add_problem(finding, result.shift);
  add_problem(finding, result.discontinuity);
  add_problem(finding, result.early_late);
}

Rows rows_of(const RivalsResult& result, const Findings& findings) {
  Rows out;
  if (result.curve) add_curve(out, *result.curve);
  if (result.projection) add_projections(out, *result.projection);
  if (result.shift) add_shift(out, *result.shift);
  if (findings.shift) add_placebos(out, *findings.shift);
  if (result.discontinuity) add_jumps(out, *result.discontinuity);
  if (result.early_late) add_distances(out, *result.early_late);
  return out;
}

Message shift_in_headline(const ShiftResult& shift, const Finding& finding) {
  Argument place = "";
  if (finding.test)
    place = Message{"rivals.headline.place",
                    {{"points", decimal(finding.test->statistic, 2)}, {"p", p_message(*finding.test)}}};
  return {"rivals.headline.none", {{"points", decimal(shift.plain().late_points, 2)}, {"place", std::move(place)}}};
}

Text headline_of(const RivalsResult& result, const Findings& findings) {
  Text out = Message{"rivals.headline"};
  if (result.curve && result.curve->lowest()) {
    const auto& components = result.curve->lowest()->value;
    out.append(Message{"rivals.headline.within",
                       {{"within", decimal(components.within, 2)}, {"without", decimal(components.without, 2)}}});
  }
  if (result.shift) out.append(shift_in_headline(*result.shift, *findings.shift));
  return out;
}

}  // namespace

MethodInfo RivalsRequest::info() {
  return {.id = "rivals",
          .family = "arrival",
          .title = Message{"rivals.title"},
          .question = Message{"rivals.question"},
          .assumes = Message{"rivals.assumes"},
          .cost = Message{"rivals.cost"},
          .references = {"The sources of curve, projection, shift, discontinuity and early-late."}};
}

Finding present(const RivalsResult& result, const Count& count, const RivalsRequest& request, const Context& context) {
  Finding finding = open_arrival_finding(RivalsRequest::info(), count, *result.late, request, context);
  const Findings findings(result, count, context);
  if (findings.curve)
    for (const auto* name :
         {"within_points", "composition_points", "without_early_points", "margin_needed_points", "margin_late_points"})
      if (const auto* estimate = findings.curve->estimate(name)) finding.estimates.push_back(*estimate);
  add_conditions(finding, result);
  finding.tables.push_back(table_of(rows_of(result, findings)));
  finding.answer = Answer::depends;
  finding.headline = headline_of(result, findings);
  finding.for_outcome = findings.for_outcome();
  finding.does_not_show = {Message{"rivals.not_shown.assumptions"}, Message{"rivals.not_shown.manipulation"}};
  return finding;
}

}  // namespace cotejo
