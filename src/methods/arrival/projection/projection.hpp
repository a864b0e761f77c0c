// What would the early units alone have predicted? Three ways, side by side.
//
// rate:   each late unit gets, per registered voter, the votes of the early units of its smallest place that has early
//         registered voters:  M_u = N_u sum_e M / sum_e N, so too C and V. Needs no late data but N.
// impute: each late unit of a split precinct keeps its valid votes and gets its precinct's early margin; wholly late
//         precincts keep their own result. Uses late data: it is no forecast (the recipe is inferred from published figures).
// model:  per registered voter, d = (M - C) / N and v = V / N (and every option) follow nested_effects.hpp over all
//         levels of places; the late units' sums are drawn from the posterior, with unit errors:
//         margin = 100 sum N d / sum N v over early (as reported) and late (drawn).
// The model's interval is checked: B times some early units are hidden as the late ones are missing: for every wholly
// late precinct an early one of its smallest shared place is hidden whole, for every split precinct as many units of an early
// precinct nearby; the rest predicts them, with the variances as fitted. The share of intervals that hold the hidden
// margin is the coverage; a share off by more than two of its standard errors is a condition not met.
// Drift: hiding early units cannot show that units still out lean further than their neighbours. So the count is stopped at
// earlier instants and the state at the cut is projected from what was known then (rolling origin, rolling_origin.hpp in
// the sources): `drift_margin_points` is `rate` with the drift that the early units showed, and its interval is printed only if
// an interval made the same way held the state at the cut in at least four of five origins; else the finding has none. The
// model's own interval is printed under the same condition. Without an order of arrival there is no interval.
// Votes: those of the snapshot for early units (the rate and model with the count's own votes are given besides).
// Shapes: see late_count.hpp. Null: N = 0 gives no votes in rate and model; without a registered column only `impute` is given.
// Errors: as late_count.hpp; input_insufficient without places. Seed: context.seed, purposes posterior_draw, hold_out.
// Cost: linear in units x (options + draws + hold-outs).
// Does NOT show that late places are like early ones; all three assume it, of different neighbours. A result outside
// an interval does NOT show manipulation.
// Source: the rate projection is that of the public re-analyses (CEPR 2019, without its random part); the imputation
// reproduces Williams & Curiel (2020), recipe inferred; the model is ours. Verified in tests/bolivia_test.cpp and
// src/methods/arrival/projection/projection_test.cpp.
#pragma once

#include "cotejo/methods/arrival/kept_findings.hpp"

namespace cotejo {

struct ProjectionRequest : ArrivalRequest {
  std::int64_t draws = 2000;
  std::int64_t holdouts = 400;
  std::string origins{};

  static constexpr OtherCounts uses = OtherCounts::first_snapshot;
  static MethodInfo info();
  static const OptionTable<ProjectionRequest>& table();
};

Result<Finding> run(const Count& count, const ProjectionRequest& request, const Context& context);

}  // namespace cotejo
