#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

using Comparison = EarlyLateResult::Comparison;

Message words_for(PrecinctChoice choice) {
  switch (choice) {
    case PrecinctChoice::all:
      return {"early_late.choice.all"};
    case PrecinctChoice::early_negative:
      return {"early_late.choice.early_negative"};
    case PrecinctChoice::sum_negative:
      break;
  }
  return {"early_late.choice.sum_negative"};
}

Table table_of(const EarlyLateResult& result) {
  Table table{.id = "comparisons",
              .title = Message{"early_late.comparisons"},
              .columns = {{"condition"},
                          {"precincts", arrival_unit("precincts")},
                          {"distance", "", Message{"early_late.comparisons.distance"}},
                          {"p_asymptotic", "", Message{"early_late.comparisons.p_asymptotic"}},
                          {"expected_by_chance", "", Message{"early_late.comparisons.expected_by_chance"}},
                          {"p_value", "", Message{"early_late.comparisons.p_value"}}},
              .rows = {}};
  for (const Comparison& c : result.comparisons)
    table.rows.push_back({cell_for(c.choice), c.precincts, std::isnan(c.distance) ? Cell{} : Cell{c.distance},
                          c.p_asymptotic ? Cell{*c.p_asymptotic} : Cell{}, c.by_chance,
                          c.precincts > 0 ? Cell{c.p_value} : Cell{}});
  return table;
}

Figure figure_of(const EarlyLateResult& result) {
  nlohmann::ordered_json data{{"columns", {"early_points", "late_points"}}, {"rows", nlohmann::ordered_json::array()}};
  for (const auto& m : result.margins) data["rows"].push_back({m.early, m.late});
  return {"early-late", "early-late", Message{"early_late.figure"}, data.dump()};
}

std::vector<Estimate> estimates_of(const EarlyLateResult& result) {
  const char* names[] = {"distance_all", "distance_early_negative", "distance_sum_negative"};
  std::vector<Estimate> out;
  for (const Comparison& c : result.comparisons)
    out.push_back({names[out.size()], c.distance, arrival_unit("distance"),
                   Message{"early_late.distance", {{"choice", words_for(c.choice)}, {"n", c.precincts}}}});
  out.push_back({"correlation", result.correlation, arrival_unit("correlation"), Message{"early_late.correlation"}});
  if (result.placebos)
    out.push_back({"relabelling_p", result.all().p_value, of_unit("probability"), Message{"early_late.relabelling_p"}});
  return out;
}

// With an order of arrival other cuts of it decide, and not the relabellings, which suppose a random order.
void add_test(Finding& finding, const EarlyLateResult& result) {
  const Comparison& all = result.all();
  const bool by_placebos = result.placebos.has_value();
  finding.test = Test{.statistic = all.distance,
                      .p_value = by_placebos ? result.placebos->p_value() : all.p_value,
                      .kind = TestKind::calibrated,
                      .null = Message{by_placebos ? "early_late.null.placebos" : "early_late.null.relabellings"},
                      .replicates = by_placebos ? result.placebos->cuts : result.relabellings};
  finding.answer = finding.test->p_value <= EarlyLateResult::threshold ? Answer::no : Answer::yes;
  if (by_placebos) return;
  const bool near = result.near_threshold();
  if (near) finding.answer = Answer::undetermined;
  finding.conditions.push_back({Message{"early_late.condition.clear",
                                        {{"threshold", as_given(EarlyLateResult::threshold)},
                                         {"p", decimal(all.p_value, 4)},
                                         {"n", result.relabellings}}},
                                !near});
}

Text headline_of(const EarlyLateResult& result, const Test& of_placebos) {
  const auto& [all, early_negative, sum_negative] = result.comparisons;
  Text out = Message{"early_late.headline",
                     {{"n", all.precincts},
                      {"differ", all.p_value <= EarlyLateResult::threshold ? "yes" : "no"},
                      {"d", decimal(all.distance, 5)},
                      {"chance", decimal(all.by_chance, 5)},
                      {"p", decimal(all.p_value, 3)},
                      {"d_early", decimal(early_negative.distance, 5)},
                      {"chance_early", decimal(early_negative.by_chance, 5)},
                      {"d_sum", decimal(sum_negative.distance, 5)}}};
  if (!result.placebos) return out;
  const auto& [cuts, as_far] = *result.placebos;
  return out.append(Message{"early_late.headline.placebos",
                            {{"n", cuts},
                             {"percent", decimal(100 * static_cast<double>(as_far) / static_cast<double>(cuts), 1)},
                             {"p", p_message(of_placebos)}}});
}

}  // namespace

Cell cell_for(PrecinctChoice choice) {
  if (choice == PrecinctChoice::all) return std::string("all");
  return words_for(choice);
}

MethodInfo EarlyLateRequest::info() {
  return {.id = "early-late",
          .family = "arrival",
          .title = Message{"early_late.title"},
          .question = Message{"early_late.question"},
          .assumes = Message{"early_late.assumes"},
          .cost = Message{"early_late.cost"},
          .references = {"Newman, G. (2020). Preprint, osf.io/26fme (recipe inferred).",
                         "Galton, F. (1886). Regression towards mediocrity in hereditary stature.",
                         "Smirnov, N. (1948). Annals of Mathematical Statistics 19:279."}};
}

Finding present(const EarlyLateResult& result, const Count& count, const EarlyLateRequest& request,
                const Context& context) {
  Finding finding = open_arrival_finding(EarlyLateRequest::info(), count, *result.late, request, context);
  auto estimates = estimates_of(result);
  finding.estimates.insert(finding.estimates.end(), estimates.begin(), estimates.end());
  finding.tables.push_back(table_of(result));
  finding.figures.push_back(figure_of(result));
  add_test(finding, result);
  if (request.rule) finding.for_outcome = ForOutcome::unknown;  // a distance is no number of votes
  finding.headline = headline_of(result, *finding.test);
  if (result.late->parts) withhold_test(finding);
  finding.does_not_show = {Message{"early_late.not_shown.whole"}, Message{"early_late.not_shown.order"},
                           Message{"early_late.not_shown.both_ways"}};
  return finding;
}

}  // namespace cotejo
