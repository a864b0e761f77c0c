#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/discontinuity.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

constexpr double normal_975 = 1.959963984540054;

Table table_of_jumps(const DiscontinuityResult& result) {
  const Text points = arrival_unit("points"), units = of_unit("units");
  Table table{.id = "jumps",
              .title = Message{"discontinuity.jumps"},
              .columns = {{"outcome"},
                          {"jump_points", points},
                          {"error", points},
                          {"bandwidth_percent", of_unit("percent_of_units")},
                          {"units_before", units},
                          {"units_after", units},
                          {"placebos", arrival_unit("cuts")},
                          {"p_value", "", Message{"discontinuity.jumps.p_value"}},
                          {"placebo_5_percent", points, Message{"discontinuity.jumps.placebo_5_percent"}}},
              .rows = {}};
  for (const auto& outcome : result.outcomes) {
    if (!outcome.at_cut) continue;
    const auto& [jump, error, bandwidth, before, after] = *outcome.at_cut;
    const auto& placebos = outcome.placebos;
    table.rows.push_back({words_for(outcome), jump, error, bandwidth, before, after, placebos.cuts,
                          placebos.enough() ? Cell{placebos.p_value()} : Cell{},
                          placebos.five_percent ? Cell{*placebos.five_percent} : Cell{}});
  }
  return table;
}

Table table_of_bandwidths(const DiscontinuityResult& result) {
  const Text points = arrival_unit("points"), units = of_unit("units");
  Table table{
      .id = "bandwidths",
      .title = Message{"discontinuity.bandwidths"},
      .columns = {{"bandwidth_percent", of_unit("percent_of_units")},
                  {"jump_points", points},
                  {"error", points},
                  {"units_before", units},
                  {"units_after", units},
                  {"placebos", arrival_unit("cuts"), Message{"discontinuity.bandwidths.placebos"}},
                  {"placebos_rejected_percent", of_unit("percent"), Message{"discontinuity.bandwidths.rejected"}}},
      .rows = {}};
  for (const auto& [at_cut, placebos, rejected] : result.by_bandwidth)
    table.rows.push_back(
        {at_cut.bandwidth, at_cut.jump, at_cut.error, at_cut.before, at_cut.after, placebos,
         placebos > 0 ? Cell{100 * static_cast<double>(rejected) / static_cast<double>(placebos)} : Cell{}});
  return table;
}

Figure figure_of(const DiscontinuityResult& result) {
  nlohmann::ordered_json data{{"cut", result.cut_percent},
                              {"columns", {"cut_percent", "jump_points", "error"}},
                              {"placebos", nlohmann::ordered_json::array()}};
  for (const auto& [cut, jump, error] : result.placebo_jumps) data["placebos"].push_back({cut, jump, error});
  if (const auto& at_cut = result.margin().at_cut) data["jump"] = {result.cut_percent, at_cut->jump, at_cut->error};
  return {"placebo-jumps", "placebo-jumps", Message{"discontinuity.figure"}, data.dump()};
}

void add_estimates(Finding& finding, const DiscontinuityResult& result) {
  const auto& at_cut = *result.margin().at_cut;
  Estimate jump{"jump_points", at_cut.jump, of_unit("points_of_valid_votes"), Message{"discontinuity.jump"}};
  if (result.errors_believed()) {
    jump.low = at_cut.jump - normal_975 * at_cut.error;
    jump.high = at_cut.jump + normal_975 * at_cut.error;
    jump.level = 0.95;
  }
  finding.estimates.push_back(std::move(jump));
  finding.estimates.push_back({"placebos_rejected_percent", 100 * result.margin().placebos.rejected_share(),
                               arrival_unit("percent_of_placebo_cuts"), Message{"discontinuity.rejected"}});
  const Text units = of_unit("percent_of_units");
  finding.estimates.push_back({"bandwidth_percent", at_cut.bandwidth, units, Message{"discontinuity.bandwidth"}});
  finding.estimates.push_back({"cut_percent", result.cut_percent, units, Message{"discontinuity.cut"}});
}

void add_conditions_of_the_margin(Finding& finding, const DiscontinuityResult& result) {
  const auto& placebos = result.margin().placebos;
  const bool believed = result.errors_believed(), fits = result.bandwidth_from_data <= result.support;
  finding.conditions.push_back(
      {Message{"discontinuity.condition.believed",
               {{"percent", decimal(100 * placebos.rejected_share(), 1)}, {"believed", believed ? "yes" : "no"}}},
       believed});
  finding.conditions.push_back({Message{"discontinuity.condition.bandwidth",
                                        {{"from_data", decimal(result.bandwidth_from_data, 2)},
                                         {"support", decimal(result.support, 2)},
                                         {"fits", fits ? "yes" : "no"}}},
                                fits});
  finding.conditions.push_back({Message{"discontinuity.condition.one_sign"}, result.one_sign});
  finding.conditions.push_back(
      {Message{"discontinuity.condition.placebos", {{"n", placebos.cuts}}}, placebos.enough()});
}

void add_conditions(Finding& finding, const DiscontinuityResult& result) {
  for (const auto& election : result.not_comparable) finding.conditions.push_back({comparable(election), false});
  for (const auto& outcome : result.outcomes) {
    if (!outcome.at_cut)
      finding.conditions.push_back(
          {Message{"discontinuity.condition.enough", {{"outcome", words_for(outcome)}, {"problem", outcome.problem}}},
           false});
    else if (outcome.what == JumpOutcome::margin)
      add_conditions_of_the_margin(finding, result);
  }
}

void add_test(Finding& finding, const DiscontinuityResult& result) {
  const auto& at_cut = *result.margin().at_cut;
  finding.test = Test{.statistic = at_cut.error > 0 ? at_cut.jump / at_cut.error : 0,
                      .p_value = *result.p(),
                      .kind = TestKind::calibrated,
                      .null = Message{"discontinuity.null"},
                      .replicates = result.margin().placebos.cuts};
}

Message headline_of(const DiscontinuityResult& result) {
  if (!result.p()) return {"discontinuity.headline.undetermined"};
  const double jump = result.margin().at_cut->jump;
  return {"discontinuity.headline",
          {{"up", jump >= 0 ? "yes" : "no"},
           {"points", decimal(std::abs(jump), 2)},
           {"percent", decimal(100 * *result.p(), 1)},
           {"p", decimal(*result.p(), 3)}}};
}

}  // namespace

Message words_for(const DiscontinuityResult::Outcome& outcome) {
  switch (outcome.what) {
    case JumpOutcome::margin:
      return {"discontinuity.outcome.margin"};
    case JumpOutcome::placebo_election:
      return {"discontinuity.outcome.placebo_election", {{"election", outcome.election}}};
    case JumpOutcome::margin_less_election:
      break;
  }
  return {"discontinuity.outcome.less", {{"election", outcome.election}}};
}

MethodInfo DiscontinuityRequest::info() {
  return {.id = "discontinuity",
          .family = "arrival",
          .title = Message{"discontinuity.title"},
          .question = Message{"discontinuity.question"},
          .assumes = Message{"discontinuity.assumes"},
          .cost = Message{"discontinuity.cost"},
          .references = {
              "Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? Evidence "
              "from Bolivia. Journal of Politics 84:2202.",
              "Imbens, G., & Kalyanaraman, K. (2012). Review of Economic Studies 79:933.",
              "Ganong, P., & Jaeger, S. (2018). JASA 113:494.",
              "Rosnick, D. (2019). Unnatural Claims in a Natural Experiment. Center for Economic and Policy Research.",
              "Chumacero, R. (2019), on the Bolivian count (by recall)."}};
}

Finding present(const DiscontinuityResult& result, const Count& count, const DiscontinuityRequest& request,
                const Context& context) {
  Finding finding = open_arrival_finding(DiscontinuityRequest::info(), count, *result.late, request, context);
  add_conditions(finding, result);
  if (result.margin().at_cut) add_estimates(finding, result);
  if (result.p()) add_test(finding, result);
  finding.figures.push_back(figure_of(result));
  finding.tables.push_back(table_of_jumps(result));
  if (result.margin().at_cut) finding.tables.push_back(table_of_bandwidths(result));
  finding.caveats.emplace_back(Message{"discontinuity.caveat.neighbours"});
  finding.answer = !result.p()                   ? Answer::undetermined
                   : *result.p() > request.level ? Answer::no
                   : result.one_sign             ? Answer::yes
                                                 : Answer::undetermined;
  if (request.rule) finding.for_outcome = ForOutcome::unknown;  // a jump at a point is no number of votes
  finding.headline = headline_of(result);
  finding.does_not_show = {Message{"discontinuity.not_shown.counting"}, Message{"discontinuity.not_shown.far"},
                           Message{"discontinuity.not_shown.order"}};
  return finding;
}

}  // namespace cotejo
