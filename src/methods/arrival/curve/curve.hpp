// How did the margin move while the count came in, and how much of it is which places came late?
//
// With d_u = M_u - C_u, V_u valid votes of unit u; e early, l late units; m = 100 d / V:
//   m - m_e = (V_l / V)(m_l - m_e), and for every level of places exactly
//           = composition  100 sum_l V_u (m_e(place of u) - m_e) / 100 / V     late units at their place's early margin
//           + within       100 sum_l (d_u - V_u m_e(place of u) / 100) / V     late units against their place's early ones
//           + without      100 sum_l (d_u - V_u m_e / 100) / V                 late units of places without an early one
//   needed(t) = 100 d / V_rest: the margin of what is still out at t that brings the binding clause of the rule to 0,
//           at the valid votes of the final count.
// Classes: Early, Late: precincts (lowest level) with early or late units only; Split-early, Split-late: the units of
// the others.
// Shapes: see late_count.hpp. Votes: of the count; `needed`, `margin_early_snapshot_points`: of the snapshot.
// Null: units without valid votes count with 0. Places: a unit without a place on a level has no early neighbour there.
// Errors of every component: the places of the lowest level, each with all its units, are drawn anew `draws` times with
// replacement; the intervals are the 2.5th and 97.5th of a hundred.
// Errors: as late_count.hpp. Seed: context.seed, purpose bootstrap, for the errors only. Cost: linear in units x levels, a sort by
// arrival, and levels x places x draws.
// A large `within` does NOT show manipulation: late returns of a place can differ by chance (`shift` asks that) or
// because the order of returns within a place is not random. A small one does NOT show that nothing was done: places
// that were wholly late cannot be compared with themselves.
// Source: the classes and figures of the public re-analyses of Bolivia 2019 (docs/published-figures.md); the decomposition is
// Kitagawa, E. M. (1955), JASA 50:1168, with places as groups. Verified in tests/bolivia_test.cpp and
// src/methods/arrival/curve/curve_test.cpp.
#pragma once

#include "cotejo/methods/arrival/kept_findings.hpp"

namespace cotejo {

struct CurveRequest : ArrivalRequest {
  std::int64_t points = 1000;
  std::int64_t draws = 400;

  static constexpr OtherCounts uses = OtherCounts::snapshots;
  static MethodInfo info();
  static const OptionTable<CurveRequest>& table();
};

Result<Finding> run(const Count& count, const CurveRequest& request, const Context& context);

}  // namespace cotejo
