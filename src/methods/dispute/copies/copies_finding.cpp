#include <algorithm>
#include <array>
#include <cmath>

#include "cotejo/methods/dispute/copies.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

bool is_random(const CopiesRequest& request) {
  return request.drawn == "at-random";
}

std::vector<Estimate> estimates_of(const CopiesResult& result, const Contest& contest, const CopiesRequest& request) {
  const Text copies = of_unit("copies"), units = of_unit("units"), votes = of_unit("votes");
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  std::vector<Estimate> out{
      {"copies", number(result.copies), copies, Message{"copies.copies"}},
      {"discrepancies", number(result.discrepancies), copies, Message{"copies.discrepancies"}},
      {"altered_percent",
       result.percent_of_units(result.discrepancies) * number(result.counted.units) / number(result.copies),
       of_unit("percent_of_units"), Message{"copies.altered_percent"}, result.percent_of_units(result.least),
       result.percent_of_units(result.most), request.confidence},
      {"altered_units_most", number(result.most), units, Message{"copies.altered_units_most"}},
      {"altered_units_least", number(result.least), units, Message{"copies.altered_units_least"}},
      {"votes_most", number(result.votes_most), votes,
       Message{"copies.votes_most", {{"leader", contest.options[result.leader].id.text}}}}};
  for (std::size_t o = 0; o < result.net.size(); ++o)
    out.push_back({"net_" + contest.options[o].id.text, number(result.net[o]), votes, Message{"copies.net"}});
  return out;
}

Table table_of_needed(const CopiesResult& result) {
  Table table{.id = "copies_needed",
              .title = Message{"copies.needed"},
              .columns = {{"altered_percent", of_unit("percent")},
                          {"altered_units", of_unit("units")},
                          {"copies", of_unit("copies")}},
              .rows = {}};
  for (const auto& needed : result.needed)
    table.rows.push_back({needed.altered_percent, needed.altered, needed.copies});
  return table;
}

Table table_of_differences(const CopiesResult& result, const Contest& contest, const Count& copies) {
  const Text votes = of_unit("votes");
  Table table{.id = "differences",
              .title = Message{"copies.differences"},
              .columns = {{"unit"}, {"option"}, {"copy", votes}, {"official", votes}, {"difference", votes}},
              .rows = {}};
  for (const auto& [copy, option, in_copy, official] : result.differences)
    table.rows.push_back(
        {std::string(copies.unit_keys[copy]), contest.options[option].id.text, in_copy, official, in_copy - official});
  return table;
}

// What so many altered units can hide, against the rule; nothing is implied without a random sample.
void hold_hidden_votes(Finding& finding, const CopiesResult& result, const Contest& contest,
                       const CopiesRequest& request) {
  const auto hidden = [&](Mechanism mechanism) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = static_cast<double>(result.votes_most),
                           .low = 0,
                           .high = static_cast<double>(result.votes_most),
                           .direction = {.from = result.leader},
                           .what = Message{"copies.in_question"}};
  };
  const std::array entries{hidden(Mechanism::moved), hidden(Mechanism::withdrawn)};
  hold_against_rule(finding, *request.rule, contest, result.counted, entries);
  if (!is_random(request)) finding.for_outcome = ForOutcome::unknown;
}

Answer answer_of(const Finding& finding, const CopiesRequest& request) {
  if (!is_random(request)) return Answer::undetermined;
  if (!request.rule) return Answer::descriptive;
  return finding.at_stake->decisive ? Answer::yes : Answer::no;
}

Message headline_of(const CopiesResult& result, const Contest& contest, const CopiesRequest& request,
                    const std::optional<AtStake>& at_stake) {
  const bool has_needed = at_stake && at_stake->needed;
  return {"copies.headline",
          {{"random", is_random(request) ? "yes" : "no"},
           {"copies", result.copies},
           {"discrepancies", result.discrepancies},
           {"most", decimal(result.percent_of_units(result.most), 2)},
           {"units", result.counted.units},
           {"confidence", as_given(100 * request.confidence)},
           {"votes", result.votes_most},
           {"leader", contest.options[result.leader].id.text},
           {"against", has_needed ? "yes" : "no"},
           {"needed", has_needed ? std::llround(*at_stake->needed) : 0}}};
}

}  // namespace

MethodInfo CopiesRequest::info() {
  return {.id = "copies",
          .family = "dispute",
          .title = Message{"copies.title"},
          .question = Message{"copies.question"},
          .assumes = Message{"copies.assumes"},
          .cost = Message{"copies.cost"},
          .references = {"Wright, T. (1991). Exact Confidence Bounds when Sampling from Small Finite Universes. "
                         "Springer."},
          .see_also = {"collate", "headroom"}};
}

Finding present(const CopiesResult& result, const Count& count, const CopiesRequest& request, const Context& context) {
  Finding finding = open_finding(CopiesRequest::info(), count, context);
  for (const Count* other : request.others) add_input(finding, *other);
  finding.estimates = estimates_of(result, count.contest, request);
  finding.tables = {table_of_needed(result)};
  if (!request.others.empty())
    finding.tables.push_back(table_of_differences(result, count.contest, *request.others[0]));
  finding.conditions = {
      {Message{"copies.condition.random", {{"drawn", request.drawn}, {"random", is_random(request) ? "yes" : "no"}}},
       is_random(request)},
      {Message{"copies.condition.units", {{"n", result.unknown_units}}}, result.unknown_units == 0}};
  finding.does_not_show = {Message{"copies.not_shown.sample"}, Message{"copies.not_shown.right"},
                           Message{"copies.not_shown.before"}};
  if (request.rule) hold_hidden_votes(finding, result, count.contest, request);
  finding.answer = answer_of(finding, request);
  finding.headline = headline_of(result, count.contest, request, finding.at_stake);
  return finding;
}

}  // namespace cotejo
