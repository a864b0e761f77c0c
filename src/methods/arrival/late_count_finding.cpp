#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/arrival/arrival_words.hpp"
#include "cotejo/methods/arrival/late_count.hpp"
#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

Message how_early(const LateCount& late) {
  if (late.snapshot) return {"arrival.units_early.snapshot", {{"snapshot", late.snapshot->id.text}}};
  return {"arrival.units_early.cut", {{"at", describe_arrival(late.arrival->kind, late.cut)}}};
}

// The first of several units by its key, and whether there are more.
void name_first(Message& message, const std::vector<std::string>& units) {
  message.arguments.emplace_back("n", units.size());
  message.arguments.emplace_back("unit", units.empty() ? std::string() : printable(units[0]));
  message.arguments.emplace_back("more", units.size() > 1 ? "yes" : "no");
}

void add_conditions(Finding& finding, const LateCount& late, const Count& count) {
  if (late.snapshot) {
    Message in_count{"arrival.condition.in_count", {{"snapshot", late.snapshot->id.text}, {"count", count.id.text}}};
    name_first(in_count, late.vanished);
    finding.conditions.push_back({std::move(in_count), late.vanished.empty()});
  }
  if (late.left_out.empty()) return;
  Message grew{"arrival.condition.left_out"};
  name_first(grew, late.left_out);
  finding.conditions.push_back({std::move(grew), false});
}

void add_caveats_of_the_order(Finding& finding, const LateCount& late) {
  const std::string& arrival = late.arrival->id.text;
  if (late.units_without_arrival > 0)
    finding.caveats.emplace_back(Message{
        "arrival.without_arrival", {{"n", late.units_without_arrival}, {"all", late.units()}, {"arrival", arrival}}});
  if (late.batches > 0)
    finding.caveats.emplace_back(
        Message{"arrival.batches", {{"n", late.batches}, {"arrival", arrival}, {"largest", late.largest_batch}}});
  if (late.intervals_cut > 0)
    finding.caveats.emplace_back(Message{"arrival.intervals_cut", {{"n", late.intervals_cut}}});
  if (late.cut_was_found)
    finding.caveats.emplace_back(Message{
        "arrival.cut_was_found", {{"arrival", arrival}, {"at", describe_arrival(late.arrival->kind, late.cut)}}});
}

}  // namespace

Finding open_arrival_finding(const MethodInfo& info, const Count& count, const LateCount& late,
                             const ArrivalRequest& request, const Context& context) {
  Finding finding = open_finding(info, count, context);
  for (const auto* other : request.others) add_input(finding, *other);
  for (const auto* arrival : request.arrivals) {
    finding.inputs.push_back(input_of(*arrival));
    for (const auto& caveat : arrival->caveats) finding.caveats.push_back(arrival->id.text + ": " + caveat);
  }
  name_shared_places(finding, count.contest, tally(count));
  const auto late_units = std::count(late.late.begin(), late.late.end(), 1);
  const auto early_units = static_cast<std::ptrdiff_t>(late.units()) - late_units;
  finding.estimates.push_back({"units_early", static_cast<double>(early_units), of_unit("units"), how_early(late)});
  finding.estimates.push_back(
      {"units_late", static_cast<double>(late_units), of_unit("units"), Message{"arrival.units_late"}});
  if (late.parts)
    finding.caveats.emplace_back(
        Message{"arrival.parts", {{"snapshot", late.snapshot->id.text}, {"count", count.id.text}}});
  add_conditions(finding, late, count);
  if (late.arrival) add_caveats_of_the_order(finding, late);
  return finding;
}

void withhold_test(Finding& finding) {
  finding.test.reset();
  finding.answer = Answer::undetermined;
  finding.conditions.push_back({Message{"arrival.condition.one_kind"}, false});
}

Text arrival_unit(std::string_view name) {
  return Message{"arrival.unit." + std::string(name)};
}

Message comparable(const NotComparable& election) {
  return {"arrival.condition.comparable",
          {{"election", election.election}, {"problem", election.problem}, {"remedy", election.remedy}}};
}

Message p_message(const Test& test) {
  if (at_floor(test)) return {"arrival.p", {{"kind", "floor"}, {"p", Decimal{fmt::format("{:.2g}", test.p_value)}}}};
  if (test.p_value < 0.001) return {"arrival.p", {{"kind", "below"}, {"p", decimal(0.001, 3)}}};
  return {"arrival.p", {{"kind", "value"}, {"p", decimal(test.p_value, 3)}}};
}

}  // namespace cotejo
