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

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

struct ProjectionRequest : ArrivalRequest {
  std::int64_t draws = 2000;
  std::int64_t holdouts = 400;
  std::string origins{};

  static constexpr OtherCounts uses = OtherCounts::first_snapshot;
  static MethodInfo info();
  static const OptionTable<ProjectionRequest>& table();
};

// What stands beside the count; those of `final votes` take the count's votes of the early units, `snapshot votes` the
// snapshot's.
enum class ProjectionKind { count, early, rate, rate_final_votes, impute, impute_snapshot_votes, model };

struct ProjectionResult {
  std::shared_ptr<const LateCount> late;
  bool has_registered = false;  // else there is neither rate nor model

  struct Totals {
    double leader = 0, runner_up = 0, valid = 0;
    double margin() const { return 100 * (leader - runner_up) / valid; }
  };
  struct Interval {
    double low = 0, high = 0;
    bool holds(double value) const { return low <= value && value <= high; }
  };
  // One row; of the model `totals` has the count's valid votes and those of the two at its margin.
  struct Projection {
    ProjectionKind kind = ProjectionKind::count;
    double margin = 0;
    std::optional<Interval> interval{};
    std::optional<Outcome> outcome{};  // by the rule, where there is one
  };
  std::vector<Projection> projections{};
  const Projection* find(ProjectionKind kind) const;  // nullptr: there is none
  double margin_of(ProjectionKind kind) const { return find(kind)->margin; }

  // rate: late units by the level of the place that they were projected from; the last is the whole count.
  std::vector<std::int64_t> rate_levels{};
  // impute: late units of split places, and their margin (NaN without votes).
  std::int64_t imputed_units = 0;
  double imputed_split_late = 0;

  // The count stopped at earlier instants, and the state at the cut as projected then.
  struct Stop {
    double arrival = 0;
    std::int64_t units = 0;
    double projected = 0;
    double with_drift = 0;
    std::optional<Interval> drift{};  // nothing: too few earlier states, and no drift
    std::optional<Interval> model{};  // partial pooling without the drift
  };
  struct Stops {
    std::vector<Stop> stops{};
    double at_cut = 0;  // what it was
    std::int64_t held() const;
    std::int64_t model_tried() const;
    std::int64_t model_held() const;
    bool supported() const;        // five stops or more, four of five held
    bool model_supported() const;  // the same of the model
  };
  std::optional<Stops> stops{};  // nothing without an order of arrival

  // `rate` with the drift that the early units showed; nothing where the stops do not support it.
  struct Drift {
    double points = 0;  // of the late votes
    Interval points_interval{};
    double margin = 0;
    Interval margin_interval{};
    std::optional<Outcome> low_outcome{}, high_outcome{};
  };
  std::optional<Drift> drift{};

  struct OptionShare {
    std::optional<std::size_t> option{};  // of the contest; nothing: valid votes
    double predicted = 0;                 // percent of the late units' registered voters
    Interval interval{};
    double counted = 0;
  };
  // How often the model's intervals held the margin of hidden early units: all, whole places, parts of places.
  struct Coverage {
    std::int64_t hold_outs = 0;
    std::array<double, 3> reached{};  // percent, by levels_checked
    double mean_error = 0;            // hidden - predicted, points
    double error_over_sd = 0;

    double standard_error(std::size_t level) const;  // of a share of so many hold-outs, points
    double bound(std::size_t level) const { return 2 * standard_error(level); }
    bool calibrated() const;
  };
  static constexpr std::array<double, 3> levels_checked = {0.50, 0.80, 0.95};

  struct Model {
    double margin = 0, late_margin = 0;  // posterior means
    Interval interval{}, late_interval{};
    std::vector<OptionShare> options{};
    std::array<Coverage, 3> coverage{};
  };
  std::optional<Model> model{};
  // The model's interval is given where it held at earlier instants.
  bool model_interval_given() const { return stops && stops->model_supported(); }
};

Result<ProjectionResult> compute(const Count& count, const ProjectionRequest& request, const Context& context);
Finding present(const ProjectionResult& result, const Count& count, const ProjectionRequest& request,
                const Context& context);

// In words, as the table of projections has them, and that of `rivals`.
Cell name_of(ProjectionKind kind);
bool uses_late_votes(ProjectionKind kind);
Message assumption_of(ProjectionKind kind, const ProjectionResult& result);
std::vector<Condition> conditions_of_stops(const ProjectionResult& result);  // of the model; without one, none

}  // namespace cotejo
