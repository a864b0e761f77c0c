// Do late units differ once place is held fixed?
//
//   y_u = 100 (M_u - C_u) / V_u = a_place(u) + b late_u + e_u,   unweighted, for no effects and for every level of places
//   difference in differences: the same with y_u - (the margin that the unit's place had in another election)
//   b of the lowest level is also  sum over split places of sum_late (y_u - mean_place) / sum k (n - k) / n
// Errors of b are robust to clusters (the lowest level), with the correction of absorbed_regression.hpp.
// The answer is the rank of one statistic, declared beforehand, at the cut among placebo cuts: votes within places,
//   S = 100 sum_p (D_l - V_l D_e / V_e) / sum_p V_l,  D = M - C, over places p of the lowest level with early (e) and late (l) votes,
// at `placebos` cuts evenly over 5 to 95 % of the order of arrival; p = (1 + cuts with |S| as large) / (1 + cuts). Without an
// order of arrival the answer is undetermined.
// permutation_p: in every split place the same number of units, drawn at random, is called late; the rank of |b| of the
// lowest level among B of them. It supposes that units of a place arrive at random, which they do not: the share of
// placebo cuts at which it would reject (normal approximation) stands beside it, and it decides nothing.
// Shapes: units with a valid vote. Null: units without a place on a level are left out of its regression, counted.
// Ties: none can arise. Errors: as late_count.hpp. Seed: context.seed, purpose permutation_test. Cost: linear in units x
// (levels + replicates).
// A small p does NOT show manipulation: within a place, units are often numbered by surname or by age of registration,
// and may report in the order of their numbers; a change of that order at the cut would show too.
// Source: Escobari, D., & Hoover, G. A. (2019, 2024, World Development 173:106407) for the regressions and the
// difference in differences (recipe inferred; they divide by the valid total stated on the return, and lose 26 units);
// the permutation is Fisher's (1935); within-place comparison of late votes: Idrobo, Kronick &
// Rodriguez (2022), Journal of Politics 84:2202; ranking among placebos: Ganong & Jaeger (2018). Verified in tests/bolivia_test.cpp and
// src/methods/arrival/shift/shift_test.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

struct ShiftRequest : ArrivalRequest {
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::int64_t replicates = 1000;
  std::int64_t placebos = 1000;
  double level = 0.05;

  static constexpr OtherCounts uses = OtherCounts::elections;
  static MethodInfo info();
  static const OptionTable<ShiftRequest>& table();
};

struct ShiftResult {
  std::shared_ptr<const LateCount> late;
  std::int64_t units_without_votes = 0;  // left out: they have no margin
  double late_share = 0;                 // of the valid votes

  // Another election whose margins are taken from the count's, unit by unit.
  struct Election {
    std::string id, leader, runner_up;
    std::int64_t places = 0, places_linked = 0;
  };
  std::vector<Election> elections{};
  std::vector<NotComparable> not_comparable{};

  // b of the margin on late.
  struct Regression {
    std::optional<std::size_t> election{};  // index into elections; nothing: the margin itself
    std::optional<std::size_t> effects{};   // level of the place effects; nothing: none
    double late_points = 0, error = 0, intercept = 0;
    std::int64_t units = 0, groups = 0;

    double low() const;  // of the 95 % interval
    double high() const;
  };
  std::vector<Regression> regressions;  // the margin itself first, without effects, then by level
  const Regression& plain() const { return regressions.front(); }
  const Regression* lowest() const;  // of the margin, with effects of the lowest level that could be fitted

  // Early and late permuted within places of the lowest level.
  struct Permutation {
    std::int64_t split_places = 0;
    std::optional<double> p{};  // nothing without a split place
    double p_low = 0, p_high = 0;
    std::optional<double> rejects_percent{};  // of placebo cuts, at 5 %; nothing without an order of arrival
  };
  std::optional<Permutation> permutation{};  // nothing without places, or where units are parts

  // S, the statistic declared beforehand, at the cut.
  struct Within {
    std::int64_t places = 0;  // split; without one the rest is NaN
    double points = 0, error = 0, votes = 0, votes_error = 0;
  };
  Within within;

  // S at placebo cuts, in their order.
  struct Placebo {
    double percent = 0, points = 0;  // of the units that had arrived; S
    bool as_large = false;           // in size, as at the cut
  };
  struct Placebos {
    std::vector<Placebo> cuts;
    bool enough = false;  // 39 or more, and 20 split places at the cut
    std::int64_t as_large = 0;
    double middle = 0, low = 0, high = 0;  // sizes: the 50th, 5th and 95th of a hundred

    double as_large_share() const { return static_cast<double>(as_large) / static_cast<double>(cuts.size()); }
    double p_value() const { return static_cast<double>(1 + as_large) / static_cast<double>(1 + cuts.size()); }
  };
  std::optional<Placebos> placebos{};  // nothing without an order of arrival or a split place
  std::optional<double> p() const;     // nothing where there are not enough placebo cuts

  static constexpr std::int64_t least_places = 20;  // split places, for a cut to count
};

Result<ShiftResult> compute(const Count& count, const ShiftRequest& request, const Context& context);
Finding present(const ShiftResult& result, const Count& count, const ShiftRequest& request, const Context& context);

// In words, as its table has them, and that of `rivals`.
Message outcome_of(const ShiftResult& result, const ShiftResult::Regression& regression);

}  // namespace cotejo
