// Do late units differ once place is held fixed?
//
//   y_u = 100 (M_u - C_u) / V_u = a_place(u) + b late_u + e_u,   unweighted, for no effects and for every level of places
//   difference in differences: the same with y_u - (the margin that the unit's place had in another election)
//   b of the lowest level is also  sum over split places of sum_late (y_u - mean_place) / sum k (n - k) / n
// Errors of b are robust to clusters (the lowest level), with the correction of absorbed_regression.hpp.
// Permutation test: in every split place the same number of units, drawn at random, is called late; the p-value is the
// rank of |b| of the lowest level among B of them.
// Shapes: units with a valid vote. Null: units without a place on a level are left out of its regression, counted.
// Ties: none can arise. Errors: as late_count.hpp. Seed: context.seed, purpose permutation_test. Cost: linear in units x
// (levels + replicates).
// A small p does NOT show manipulation: within a place, units are often numbered by surname or by age of registration,
// and may report in the order of their numbers.
// Source: Escobari, D., & Hoover, G. A. (2019, 2024, World Development 173:106407) for the regressions and the
// difference in differences (recipe inferred; they divide by the valid total stated on the return, and lose 26 units);
// the permutation is Fisher's (1935). Verified in tests/bolivia_test.cpp.
#pragma once

#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

struct ShiftRequest : ArrivalRequest {
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::int64_t replicates = 1000;
  double level = 0.05;

  static MethodInfo info();
  static const OptionTable<ShiftRequest>& table();
};

Result<Finding> run(const Count& count, const ShiftRequest& request, const Context& context);

}  // namespace cotejo
