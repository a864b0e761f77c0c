#include "cotejo/methods/forensics/turnout_share.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tests_of_the_family.hpp"
#include "within_slope.hpp"

namespace cotejo {

namespace {

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  std::vector<double> x(r.size(), NAN), y(r.size(), NAN);
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (e.registered.empty() || e.registered[i] <= 0 || r.valid[i] <= 0) continue;
    x[i] = 100.0 * r.turnout[i] / e.registered[i];
    y[i] = 100.0 * r.leader[i] / r.valid[i];
  }
  const WithinSlope s = within_slope(x, y, e.place, e.places.size());
  out[0] = std::abs(s.t);
  out[1] = s.slope;
  out[2] = s.between;
  out[3] = votes_above_mean(s, x, r.valid, e.place, e.places.size());
}

}  // namespace

ForensicTest turnout_share_test() {
  return {.id = "turnout-share",
          .depth = Depth::places,
          .needs_registered = true,
          .descriptive_because =
              "units of a place may be drawn up by age or quarter, and turnout and votes go with "
              "both: fair elections without that are no measure",
          .components = {{"t_within", "", "size of the slope within places over its error (clusters of places)"},
                         {"slope_within", "points of share per point of turnout", "among units of the same place"},
                         {"slope_between", "points of share per point of turnout", "among places"},
                         {"implicated_votes", "votes of the leader",
                          "that the slope within places moves in units above their place's mean turnout"}},
          .votes = 3,
          .measure = measure};
}

MethodInfo TurnoutShareRequest::info() {
  return {.id = "turnout-share",
          .family = "forensics",
          .title = "Turnout and the leader's share within places",
          .question = "Does the leader's share go with turnout among units of the same place?",
          .assumes = "Within a place, turnout and shares of units vary independently.",
          .cost = "linear in units x replicates",
          .references = {"Myagkov, M., Ordeshook, P. C., & Shakin, D. (2009). The Forensics of Election Fraud (the "
                         "association; within places is ours)."}};
}

const OptionTable<TurnoutShareRequest>& TurnoutShareRequest::table() {
  static const OptionTable<TurnoutShareRequest> options = [] {
    OptionTable<TurnoutShareRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const TurnoutShareRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(TurnoutShareRequest::info(), forensic_test("turnout-share"), given, request, context));
  Finding& finding = made.finding;
  finding.headline = fmt::format(
      "Within places the leader's share changes by {:.3f} points per point of turnout (between places {:.3f})",
      made.calibration.observed[1], made.calibration.observed[2]);
  finding.headline += finding.test ? fmt::format("; p = {:.3f}.", finding.test->p_value) : ".";
  finding.does_not_show = {
      "Stuffing: within a place units may be drawn up by age or by quarter, and turnout and votes go with both.",
      "Anything between places."};
  return std::move(made.finding);
}

}  // namespace cotejo
