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

#include "cotejo/methods/arrival/kept_findings.hpp"

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

Result<Finding> run(const Count& count, const ShiftRequest& request, const Context& context);

}  // namespace cotejo
