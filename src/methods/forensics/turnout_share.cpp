#include "cotejo/methods/forensics/turnout_share.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

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
}

}  // namespace

ForensicTest turnout_share_test() {
  return {.id = "turnout-share",
          .depth = Depth::places,
          .needs_registered = true,
          .descriptive = true,
          .components = {{"t_within", "", "size of the slope within places over its error (clusters of places)"},
                         {"slope_within", "points of share per point of turnout", "among units of the same place"},
                         {"slope_between", "points of share per point of turnout", "among places"}},
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
  // The fingerprint's plane: units by turnout and the leader's share, in cells of 1 %.
  std::vector<std::vector<std::int64_t>> plane(101, std::vector<std::int64_t>(101, 0));
  for (std::size_t i = 0; i < given.electorate.size(); ++i)
    if (given.electorate.registered[i] > 0 && given.observed.valid[i] > 0)
      ++plane[static_cast<std::size_t>(100.0 * given.observed.turnout[i] / given.electorate.registered[i])]
             [static_cast<std::size_t>(100.0 * given.observed.leader[i] / given.observed.valid[i])];
  finding.figures.push_back({"plane", "fingerprint",
                             "Units by turnout (rows) and the leader's share (columns), cells of 1 %",
                             nlohmann::ordered_json{{"counts", plane}}.dump()});
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
