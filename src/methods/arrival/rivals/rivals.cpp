#include "cotejo/methods/arrival/rivals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/arrival/curve.hpp"
#include "cotejo/methods/arrival/discontinuity.hpp"
#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/arrival/projection.hpp"
#include "cotejo/methods/arrival/shift.hpp"

namespace cotejo {

namespace {

template <class Request>
Request request_of(const RivalsRequest& given) {
  Request out;
  static_cast<ArrivalRequest&>(out) = given;
  if constexpr (requires { out.leader_elsewhere; }) {
    out.leader_elsewhere = given.leader_elsewhere;
    out.runner_up_elsewhere = given.runner_up_elsewhere;
  }
  if constexpr (requires { out.replicates; }) out.replicates = given.replicates;
  if constexpr (requires { out.placebos; }) out.placebos = given.replicates;  // cuts
  if constexpr (requires { out.holdouts; }) out.holdouts = given.holdouts;
  if constexpr (requires { out.origins; }) out.origins = given.origins;
  return out;
}

class Rivals {
 public:
  explicit Rivals(Finding& finding) : finding_(&finding) {
    table_ = {.id = "rivals",
              .title = "What each analysis says of the late units, and the assumption that parts it from the others",
              .columns = {{"analysis"},
                          {"says", "points of valid votes"},
                          {"low_95", "points"},
                          {"high_95", "points"},
                          {"p_value"},
                          {"of"},
                          {"holds_fixed"},
                          {"assumes"}},
              .rows = {},
              .brief = {"analysis", "says", "p_value", "of"}};
  }

  void row(std::string analysis, Cell says, Cell low, Cell high, Cell p, std::string of, std::string fixed,
           std::string assumes) {
    table_.rows.push_back({std::move(analysis), std::move(says), std::move(low), std::move(high), std::move(p),
                           std::move(of), std::move(fixed), std::move(assumes)});
  }
  void cannot(std::string analysis, const Error& error) {
    finding_->conditions.push_back(
        {fmt::format("`{}` could be run ({} {})", analysis, error.message, error.remedy), false});
  }
  void finish() { finding_->tables.insert(finding_->tables.begin(), std::move(table_)); }
  bool empty() const { return table_.rows.empty(); }

 private:
  Finding* finding_;
  Table table_;
};

// The named cell of every row of a table of another finding.
Cell at(const Table& table, const std::vector<Cell>& row, std::string_view column) {
  const int index = table.column(column);
  return index < 0 ? Cell{} : row[static_cast<std::size_t>(index)];
}
std::string text_at(const Table& table, const std::vector<Cell>& row, std::string_view column) {
  const Cell cell = at(table, row, column);
  const auto* text = std::get_if<std::string>(&cell);
  return text ? *text : std::string();
}

}  // namespace

const OptionTable<RivalsRequest>& RivalsRequest::table() {
  static const OptionTable<RivalsRequest> options = [] {
    OptionTable<RivalsRequest> t;
    add_arrival_options(t);
    t.add(&RivalsRequest::leader_elsewhere, {.name = "leader_elsewhere",
                                             .unit = "option ids",
                                             .text = "What stands for the leader in elections that lack its id."});
    t.add(&RivalsRequest::runner_up_elsewhere,
          {.name = "runner_up_elsewhere",
           .unit = "option ids",
           .text = "What stands for the runner-up in elections that lack its id."});
    t.add(&RivalsRequest::replicates, {.name = "replicates",
                                       .unit = "relabellings, placebo cuts",
                                       .text = "Of the permutation tests and of the placebo cuts.",
                                       .low = 99,
                                       .high = 100000});
    t.add(&RivalsRequest::holdouts, {.name = "holdouts",
                                     .unit = "hold-outs",
                                     .text = "How often the model's intervals are checked.",
                                     .low = 40,
                                     .high = 100000});
    t.add(&RivalsRequest::origins, {.name = "origins", .unit = "", .text = "As in `projection`."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const RivalsRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  Finding finding = open_arrival_finding(RivalsRequest::info(), count, late, request, context);
  Rivals rivals(finding);
  const auto whole = [](double value) { return Cell{value}; };
  std::string told;

  auto curve = run_once(count, request_of<CurveRequest>(request), context, Looks::at_what_it_uses);
  if (!curve && curve.error().code == ErrorCode::cancelled) return curve;
  if (!curve) {
    rivals.cannot("curve", curve.error());
  } else {
    const auto value = [&](const char* name) { return curve->estimate(name) ? curve->estimate(name)->value : NAN; };
    if (curve->estimate("margin_needed_points"))
      rivals.row("needed margin", whole(value("margin_needed_points")), {}, {}, {}, "the late votes", "nothing",
                 "none: arithmetic of the rule");
    rivals.row("late units", whole(value("margin_late_points")), {}, {}, {}, "the late votes", "nothing",
               "none: what was counted");
    if (curve->estimate("within_points")) {
      rivals.row("change within places", whole(value("within_points")), {}, {}, {}, "the final margin", "place",
                 "late units of a place would have been like its early ones");
      told = fmt::format(
          "Within places that reported on both sides the late units moved the final margin by {} points; {} points "
          "lie in places without an early unit.",
          fixed(value("within_points"), 2), fixed(value("without_early_points"), 2));
    }
    for (const auto* name :
         {"within_points", "composition_points", "without_early_points", "margin_needed_points", "margin_late_points"})
      if (const auto* e = curve->estimate(name)) finding.estimates.push_back(*e);
  }
  auto projection = run_once(count, request_of<ProjectionRequest>(request), context, Looks::at_what_it_uses);
  if (!projection && projection.error().code == ErrorCode::cancelled) return projection;
  if (!projection) {
    rivals.cannot("projection", projection.error());
  } else if (const auto* table = projection->table("projections")) {
    for (const auto& row : table->rows)
      rivals.row("projection: " + text_at(*table, row, "projection"), at(*table, row, "margin_points"),
                 at(*table, row, "low_95"), at(*table, row, "high_95"), {}, "the final margin",
                 std::get<bool>(at(*table, row, "uses_late_votes")) ? "late votes are used" : "early votes only",
                 text_at(*table, row, "assumes"));
    for (const auto& condition : projection->conditions)
      if (condition.text.find("earlier instants") != std::string::npos) finding.conditions.push_back(condition);
  }
  auto shift = run_once(count, request_of<ShiftRequest>(request), context, Looks::at_what_it_uses);
  if (!shift && shift.error().code == ErrorCode::cancelled) return shift;
  if (!shift) {
    rivals.cannot("shift", shift.error());
  } else if (const auto* table = shift->table("regressions")) {
    for (const auto& row : table->rows) {
      const std::string outcome = text_at(*table, row, "outcome"), effects = text_at(*table, row, "effects");
      rivals.row(
          fmt::format("regression: {}, {}", outcome, effects == "none" ? "no effects" : effects + " effects"),
          at(*table, row, "late_points"), at(*table, row, "low_95"), at(*table, row, "high_95"), Cell{},
          "late against early units",
          effects == "none" ? (outcome == "margin" ? "nothing" : "the place's earlier margin") : effects,
          outcome == "margin"
              ? (effects == "none" ? "early and late places are alike"
                                   : fmt::format("late units of a {} would have been like its early ones", effects))
              : "early and late places would have moved alike between the two elections");
    }
  }
  if (shift && shift->test && shift->estimate("within_places_points")) {
    const Estimate& within = *shift->estimate("within_places_points");
    const auto bound = [](const std::optional<double>& b) { return b ? Cell{*b} : Cell{}; };
    rivals.row("votes within places, among placebo cuts", whole(within.value), bound(within.low), bound(within.high),
               Cell{shift->test->p_value}, "late against early votes", "place",
               "without an intervention the cut is like other points of the order of arrival");
  }
  auto jump = late.arrival ? run_once(count, request_of<DiscontinuityRequest>(request), context, Looks::at_what_it_uses)
                           : Result<Finding>(needs("an arrival", "Name one with --arrival."));
  if (!jump && jump.error().code == ErrorCode::cancelled) return jump;
  if (!jump) {
    rivals.cannot("discontinuity", jump.error());
  } else if (const auto* table = jump->table("jumps")) {
    for (const auto& row : table->rows)
      rivals.row("jump at the cut: " + text_at(*table, row, "outcome"), at(*table, row, "jump_points"), {}, {},
                 at(*table, row, "p_value"), "units on both sides of the cut", "the trend on both sides",
                 "places that report before and after the cut do not differ, beyond what placebo cuts show");
  }
  auto early_late = run_once(count, request_of<EarlyLateRequest>(request), context, Looks::at_what_it_uses);
  if (!early_late && early_late.error().code == ErrorCode::cancelled) return early_late;
  if (!early_late) {
    rivals.cannot("early-late", early_late.error());
  } else if (const auto* table = early_late->table("comparisons")) {
    for (const auto& row : table->rows) {
      const std::string condition = text_at(*table, row, "condition");
      rivals.row("early against late margins (D x 100): " + condition,
                 std::holds_alternative<double>(at(*table, row, "distance"))
                     ? Cell{100 * std::get<double>(at(*table, row, "distance"))}
                     : Cell{},
                 {}, {}, at(*table, row, "p_value"), "split places", "place",
                 condition == "early < 0"
                     ? "a place chosen by its early margin has as low a late one: regression to the mean says no"
                     : "which units of a place were late was by chance");
    }
  }
  if (rivals.empty())
    return needs("an analysis that can be run",
                 "See the conditions of curve, projection, shift, discontinuity and early-late.");
  rivals.finish();
  finding.answer = Answer::depends;
  finding.headline = fmt::format("It depends on what is held fixed. {}", told);
  if (shift && shift->estimate("late_none_points"))
    finding.headline += fmt::format(" Late units were {} points higher when nothing is held fixed",
                                    fixed(shift->estimate("late_none_points")->value, 2));
  if (shift && shift->test)
    finding.headline += fmt::format(", {} for each late vote when the place is (placebo cuts show as much with p {})",
                                    fixed(shift->test->statistic, 2), p_text(*shift->test));
  finding.headline += ".";
  std::vector<ForOutcome> for_outcomes;
  for (const auto* one : {&curve, &projection, &shift})
    if (*one && (*one)->for_outcome) for_outcomes.push_back(*(*one)->for_outcome);
  if (!for_outcomes.empty())
    finding.for_outcome =
        std::all_of(for_outcomes.begin(), for_outcomes.end(), [&](ForOutcome o) { return o == for_outcomes.front(); })
            ? for_outcomes.front()
            : ForOutcome::depends;
  finding.does_not_show = {"Which of the assumptions holds: that is not in the data of one election.",
                           "That a difference between two analyses is manipulation."};
  return finding;
}

}  // namespace cotejo
