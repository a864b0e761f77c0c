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

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

struct CurveRequest : ArrivalRequest {
  std::int64_t points = 1000;
  std::int64_t draws = 400;

  static constexpr OtherCounts uses = OtherCounts::snapshots;
  static MethodInfo info();
  static const OptionTable<CurveRequest>& table();
};

struct CurveResult {
  std::shared_ptr<const LateCount> late;
  LateSum early, rest, whole;  // votes of the count
  LateSum early_snapshot;      // votes of the early units as the snapshot has them (units and registered: 0)
  double change_points() const { return whole.margin() - early.margin(); }

  // What the votes not yet in had to show for the binding clause of the rule to be met exactly.
  struct Needed {
    bool of_margin = true;  // else the leader's share
    std::string clause{};
    double value = 0;  // at the snapshot: points, or percent
  };
  std::optional<Needed> needed{};  // nothing without a rule whose clause is one of the two

  // The change of the margin on one level of places, in points of the valid votes; and `within` in votes.
  struct Components {
    double composition = 0, within = 0, without = 0, within_votes = 0;
  };
  struct Decomposition {
    std::size_t level = 0;
    Components value{};
    std::int64_t late_valid = 0, late_valid_without = 0, places_split = 0;
    Components error{}, low{}, high{};  // when places are drawn anew; the bounds are the 2.5th and 97.5th of a hundred
  };
  std::vector<Decomposition> levels{};  // the lowest first
  const Decomposition* lowest() const { return levels.empty() ? nullptr : &levels.front(); }

  // Early, Split-early, Split-late, Late: `places` of the lowest level that have such a unit.
  struct Class {
    LateSum sum{};
    std::int64_t places = 0;
  };
  std::array<Class, 4> classes{};

  struct Snapshot {
    const Count* count = nullptr;
    std::int64_t units = 0, valid = 0;
    double margin = 0, needed = 0;  // needed: NaN where nothing is out, or no clause tells
    std::int64_t not_in_the_count = 0;
    std::optional<std::int64_t> not_in_the_next{};  // nothing: the last
  };
  std::vector<Snapshot> snapshots{};  // by their instant

  // Units that are early or late by the snapshot, and early or late by an arrival.
  struct Source {
    const Arrival* arrival = nullptr;
    bool late_by_snapshot = false, late_by_arrival = false;
    LateSum sum{};
    std::optional<double> first{}, middle{}, last{};  // when they arrived; nothing: none did
    std::optional<std::int64_t> in_next_snapshot{};   // nothing: there is none
    std::int64_t places = 0;                          // of the lowest level
  };
  struct Differing {
    const Arrival* arrival = nullptr;
    UnitIndex unit = 0;
    bool late_by_snapshot = false;
    double at = 0;  // infinite: never
  };
  std::vector<Source> sources{};
  std::vector<Differing> differing{};  // the first 5,000

  // The running sums after every batch of arrivals.
  struct Point {
    double arrival = 0;  // infinite: after all others
    std::int64_t units = 0, valid = 0, leader = 0, runner_up = 0;
    double needed = 0;  // NaN: as for a snapshot
    double margin() const { return 100 * static_cast<double>(leader - runner_up) / static_cast<double>(valid); }
  };
  std::vector<Point> running{};  // with an arrival
};

Result<CurveResult> compute(const Count& count, const CurveRequest& request, const Context& context);
Finding present(const CurveResult& result, const Count& count, const CurveRequest& request, const Context& context);

}  // namespace cotejo
