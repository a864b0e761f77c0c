#include "cotejo/methods/forensics/small_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests_of_the_family.hpp"
#include "within_slope.hpp"

namespace cotejo {

namespace {

// The place above the lowest one, where there is one.
std::vector<std::uint32_t> wider_places(const Electorate& e) {
  std::vector<std::uint32_t> out(e.place);
  for (auto& p : out)
    if (e.places.parent[p] != NestedPlaces::top) p = e.places.parent[p];
  return out;
}

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  const auto place = wider_places(e);
  std::vector<double> x(r.size(), NAN), y(r.size(), NAN);
  for (std::size_t i = 0; i < r.size(); ++i) {
    // Sizes are those of the registered voters, which a fair election does not change; else of the valid votes.
    const std::int32_t size = e.registered.empty() ? r.valid[i] : e.registered[i];
    if (size <= 0 || r.valid[i] <= 0) continue;
    x[i] = std::log2(size);
    y[i] = 100.0 * r.leader[i] / r.valid[i];
  }
  const WithinSlope s = within_slope(x, y, place, e.places.size());
  out[0] = std::abs(s.t);
  out[1] = -s.slope;
  out[2] = votes_above_mean(s, x, r.valid, place, e.places.size());
}

}  // namespace

ForensicTest small_units_test() {
  return {.id = "small-units",
          .depth = Depth::places,
          .needs_registered = false,
          .descriptive_because = "small units are often rural and vote otherwise, fairly",
          .components = {{"t_size", "",
                          "size of the slope on log2 of the unit's voters over its error (clusters of places)"},
                         {"per_halving_points", "points of the leader's share",
                          "per halving of the unit's voters, within the place above the lowest"},
                         {"implicated_votes", "votes of the leader",
                          "that the slope moves in units larger (or, falling, smaller) than their place's mean"}},
          .votes = 2,
          .measure = measure};
}

MethodInfo SmallUnitsRequest::info() {
  return {
      .id = "small-units",
      .family = "forensics",
      .title = "Small units against large ones nearby",
      .question = "Do small units differ from large ones nearby?",
      .assumes =
          "Within the place above the lowest, size says nothing of how units vote, beyond what their own place does.",
      .cost = "linear in units x replicates",
      .references = {"Jimenez, R., Hidalgo, M., & Klimek, P. (2017). Testing for voter rigging in small polling "
                     "stations. Science Advances 3:e1602363 (the idea; the statistic is ours)."}};
}

const OptionTable<SmallUnitsRequest>& SmallUnitsRequest::table() {
  static const OptionTable<SmallUnitsRequest> options = [] {
    OptionTable<SmallUnitsRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const SmallUnitsRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(SmallUnitsRequest::info(), forensic_test("small-units"), given, request, context));
  Finding& finding = made.finding;
  finding.headline = fmt::format(
      "Per halving of a unit's voters the leader's share changes by {:.2f} points among units nearby; in fair "
      "elections of the same places {:.2f} [{:.2f}, {:.2f}]",
      made.calibration.observed[1], made.calibration.mean(1), made.calibration.quantile(1, 0.025),
      made.calibration.quantile(1, 0.975));
  finding.headline += finding.test ? fmt::format("; p = {:.3f}.", finding.test->p_value) : ".";
  finding.does_not_show = {"Coercion: in many countries small units are rural and vote otherwise, fairly."};
  return std::move(made.finding);
}

}  // namespace cotejo
