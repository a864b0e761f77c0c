#include <algorithm>
#include <cmath>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/shift.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

using Fitted = ShiftResult::Regression;

constexpr double normal_975 = 1.959963984540054;
constexpr std::size_t most_rows = 45;  // about, of placebo cuts

std::string effects_of(const ShiftResult& result, const Fitted& fitted) {
  return fitted.effects ? result.late->level_name(*fitted.effects) : "none";
}

Table table_of_regressions(const ShiftResult& result) {
  const Text points = arrival_unit("points");
  Table table{.id = "regressions",
              .title = Message{"shift.regressions"},
              .columns = {{"outcome"},
                          {"effects"},
                          {"late_points", points, Message{"shift.regressions.late"}},
                          {"error", points, Message{"shift.regressions.error"}},
                          {"low_95", points},
                          {"high_95", points},
                          {"units", of_unit("units")},
                          {"groups", arrival_unit("groups")},
                          {"of_all_valid_points", points, Message{"shift.regressions.of_all_valid"}}},
              .rows = {}};
  for (const Fitted& f : result.regressions)
    table.rows.push_back({outcome_of(result, f), effects_of(result, f), f.late_points, f.error, f.low(), f.high(),
                          f.units, f.groups, f.late_points * result.late_share});
  return table;
}

Table table_of_placebos(const ShiftResult::Placebos& placebos) {
  Table table{.id = "placebo_cuts",
              .title = Message{"shift.placebos"},
              .columns = {{"units_percent", of_unit("percent"), Message{"shift.placebos.units"}},
                          {"within_places_points", arrival_unit("points")},
                          {"as_large", "", Message{"shift.placebos.as_large"}}},
              .rows = {}};
  const auto step = std::max<std::size_t>(1, placebos.cuts.size() / most_rows);
  for (std::size_t i = 0; i < placebos.cuts.size(); i += step) {
    const auto& [percent, points, as_large] = placebos.cuts[i];
    table.rows.push_back({percent, points, as_large});
  }
  return table;
}

// With a 95 % interval, where the error is known.
Estimate estimate(std::string name, double value, Text unit, Message definition, double error) {
  Estimate out{std::move(name), value, std::move(unit), std::move(definition)};
  if (std::isfinite(error)) {
    out.low = value - normal_975 * error;
    out.high = value + normal_975 * error;
    out.level = 0.95;
  }
  return out;
}

void add_coefficients(std::vector<Estimate>& out, const ShiftResult& result) {
  const Text points = of_unit("points_of_valid_votes");
  const Fitted& plain = result.plain();
  out.push_back(estimate("late_none_points", plain.late_points, points, {"shift.late_none"}, plain.error));
  out.push_back({"margin_early_mean_points", plain.intercept, points, Message{"shift.margin_early_mean"}});
  for (const Fitted& f : result.regressions) {
    if (!f.election && f.effects) {
      const std::string level = effects_of(result, f);
      out.push_back(estimate("late_" + level + "_points", f.late_points, points,
                             {"shift.late_level", {{"level", level}}}, f.error));
    } else if (f.election && !f.effects) {
      const auto& election = result.elections[*f.election];
      out.push_back(estimate(
          "late_did_" + election.id + "_points", f.late_points, points,
          {"shift.late_did", {{"election", election.id}, {"linked", election.places_linked}, {"n", election.places}}},
          f.error));
    }
  }
}

void add_permutation(std::vector<Estimate>& out, const ShiftResult& result) {
  if (!result.permutation) return;
  const auto& [split_places, p, p_low, p_high, rejects_percent] = *result.permutation;
  const LateCount& late = *result.late;
  out.push_back({"split_places", static_cast<double>(split_places), of_unit("places"),
                 Message{"shift.split_places", {{"level", late.level_name(late.levels() - 1)}}}});
  if (p)
    out.push_back({"permutation_p", *p, of_unit("probability"), Message{"shift.permutation_p"}, p_low, p_high, 0.95});
  if (rejects_percent)
    out.push_back({"permutation_rejects_percent", *rejects_percent, arrival_unit("percent_of_placebo_cuts"),
                   Message{"shift.permutation_rejects"}});
}

std::vector<Estimate> estimates_of(const ShiftResult& result) {
  const Text points = of_unit("points_of_valid_votes");
  std::vector<Estimate> out;
  add_coefficients(out, result);
  add_permutation(out, result);
  const auto& within = result.within;
  if (within.places > 0) {
    out.push_back(estimate("within_places_points", within.points, points, {"shift.within_points"}, within.error));
    out.push_back(
        estimate("within_places_votes", within.votes, of_unit("votes"), {"shift.within_votes"}, within.votes_error));
  }
  if (result.p())
    out.push_back({"placebo_points", result.placebos->middle, points, Message{"shift.placebo_points"},
                   result.placebos->low, result.placebos->high, 0.9});
  return out;
}

void add_conditions(Finding& finding, const ShiftResult& result) {
  for (const auto& election : result.not_comparable) finding.conditions.push_back({comparable(election), false});
  if (!result.late->arrival) finding.conditions.push_back({Message{"shift.condition.order"}, false});
  if (result.placebos)
    finding.conditions.push_back({Message{"shift.condition.placebos",
                                          {{"least", ShiftResult::least_places},
                                           {"n", result.placebos->cuts.size()},
                                           {"split", result.within.places}}},
                                  result.placebos->enough});
  finding.conditions.push_back({Message{"shift.condition.split"}, result.within.places > 0});
}

void add_caveats(Finding& finding, const ShiftResult& result) {
  if (result.units_without_votes > 0)
    finding.caveats.emplace_back(Message{"shift.caveat.without_votes", {{"n", result.units_without_votes}}});
  finding.caveats.emplace_back(Message{"shift.caveat.recipe"});
  if (result.p()) finding.caveats.emplace_back(Message{"shift.caveat.neighbours"});
}

void add_test(Finding& finding, const ShiftResult& result) {
  finding.test = Test{.statistic = result.within.points,
                      .p_value = *result.p(),
                      .kind = TestKind::calibrated,
                      .null = Message{"shift.null"},
                      .replicates = static_cast<std::int64_t>(result.placebos->cuts.size())};
}

void hold_votes(Finding& finding, const ShiftResult& result, const Rule& rule) {
  const auto& within = result.within;
  const auto bound = [&](double sign) {  // one split place has no error
    return std::isfinite(within.votes_error) ? std::optional(within.votes + sign * normal_975 * within.votes_error)
                                             : std::nullopt;
  };
  const LateCount& late = *result.late;
  hold_against_rule(finding, rule, late.count->contest, tally(*late.count),
                    lead_in_question(within.votes, bound(-1), bound(1), late.leader, late.runner_up));
}

const char* stands_out(const ShiftResult& result, const ShiftRequest& request) {
  return *result.p() <= request.level ? "yes" : "no";
}

Message end_of_headline(const ShiftResult& result, const ShiftRequest& request, const std::optional<Test>& test) {
  if (result.late->parts) return {"shift.headline.end"};
  if (result.within.places == 0) return {"shift.headline.no_place"};
  if (!result.p()) return {"shift.headline.untold"};
  return {"shift.headline.placebos",
          {{"n", result.placebos->cuts.size()},
           {"percent", decimal(100 * result.placebos->as_large_share(), 1)},
           {"p", p_message(*test)},
           {"stands_out", stands_out(result, request)}}};
}

Message headline_of(const ShiftResult& result, const ShiftRequest& request, const std::optional<Test>& test) {
  Argument within = "", per_vote = "";
  if (const Fitted* lowest = result.lowest())
    within = Message{"shift.headline.within",
                     {{"level", effects_of(result, *lowest)}, {"points", decimal(lowest->late_points, 2)}}};
  if (result.within.places > 0)
    per_vote = Message{"shift.headline.per_vote", {{"points", decimal(result.within.points, 2)}}};
  return {"shift.headline",
          {{"points", decimal(result.plain().late_points, 2)},
           {"within", std::move(within)},
           {"per_vote", std::move(per_vote)},
           {"end", end_of_headline(result, request, test)}}};
}

std::vector<Text> in_short(const ShiftResult& result, const ShiftRequest& request) {
  const Fitted* lowest = result.lowest();
  if (!lowest || result.late->parts) return {};
  const Message margins{"shift.in_short.margins",
                        {{"points", decimal(result.plain().late_points, 1)},
                         {"within", decimal(lowest->late_points, 1)},
                         {"level", effects_of(result, *lowest)}}};
  if (!result.p()) return {margins, Message{"shift.in_short.untold"}};
  return {margins, Message{"shift.in_short.placebos",
                           {{"n", result.placebos->cuts.size()},
                            {"percent", decimal(100 * result.placebos->as_large_share(), 1)},
                            {"stands_out", stands_out(result, request)}}}};
}

}  // namespace

Message outcome_of(const ShiftResult& result, const Fitted& fitted) {
  if (!fitted.election) return {"shift.outcome.margin"};
  const auto& election = result.elections[*fitted.election];
  return {"shift.outcome.less",
          {{"election", election.id}, {"leader", election.leader}, {"runner_up", election.runner_up}}};
}

MethodInfo ShiftRequest::info() {
  return {
      .id = "shift",
      .family = "arrival",
      .title = Message{"shift.title"},
      .question = Message{"shift.question"},
      .assumes = Message{"shift.assumes"},
      .cost = Message{"shift.cost"},
      .references = {"Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? "
                     "Evidence from Bolivia. Journal of Politics 84:2202.",
                     "Ganong, P., & Jaeger, S. (2018). JASA 113:494 (ranking among placebos).",
                     "Escobari, D., & Hoover, G. A. (2024). World Development 173:106407 (recipe inferred).",
                     "Arellano, M. (1987). Oxford Bulletin of Economics and Statistics 49:431.",
                     "Fisher, R. A. (1935). The Design of Experiments, section 21."}};
}

Finding present(const ShiftResult& result, const Count& count, const ShiftRequest& request, const Context& context) {
  Finding finding = open_arrival_finding(ShiftRequest::info(), count, *result.late, request, context);
  auto estimates = estimates_of(result);
  finding.estimates.insert(finding.estimates.end(), estimates.begin(), estimates.end());
  finding.tables.push_back(table_of_regressions(result));
  if (result.placebos) finding.tables.push_back(table_of_placebos(*result.placebos));
  add_caveats(finding, result);
  add_conditions(finding, result);
  if (result.p()) add_test(finding, result);
  if (request.rule && result.within.places > 0) hold_votes(finding, result, *request.rule);
  finding.answer = !result.p() ? Answer::undetermined : *result.p() <= request.level ? Answer::yes : Answer::no;
  finding.headline = headline_of(result, request, finding.test);
  finding.in_short = in_short(result, request);
  if (result.late->parts) withhold_test(finding);
  finding.does_not_show = {Message{"shift.not_shown.order"}, Message{"shift.not_shown.whole"},
                           Message{"shift.not_shown.elsewhere"}, Message{"shift.not_shown.differences"}};
  return finding;
}

}  // namespace cotejo
