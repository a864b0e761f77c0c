// Do more places swing far above their municipality than far below, against the elections before and after?
//
//   y_p = logit((M_p + 1/2) / (V_p + 1)) in this election less the same in the other, for each linked place p
//   d_p = y_p less the same of the other places of its group (municipality) together
//   above = #{z > 3}, below = #{z < -3} with z as in stats/robust_tails.hpp;  p = P(X >= above), X ~ Bin(above + below, 1/2)
// Against the nearest election before and the nearest after: what was done to this election lifts its places against both, so
// the p-value is the larger of the two. Where there is one neighbour, its own (a condition says so). One-sided, for the
// leader; the runner-up's tails stand beside. With two neighbours the test is conservative: both must agree.
// Shapes: other counts (others) with a date, linked by codes or names (link.hpp); groups of 5 places or more.
// Errors: as forensic_test.hpp; undetermined without a neighbour. Seed: none. Cost: linking, then linear.
// A small p does NOT show manipulation: places that change their mind as one, by an order or a leader's word, do it too.
// Source: Dixon & Mood (1946), JASA 41:557 (the sign test); the residual is ours.
// Verified in src/methods/forensics/tests/own_null_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

struct SwingRequest : ForensicRequest {
  std::vector<const Count*> others{};
  const Crosswalk* crosswalk = nullptr;
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::string group_level{};
  std::int64_t list_limit = 1000;

  static MethodInfo info();
  static const OptionTable<SwingRequest>& table();
};

Result<Finding> run(const Count& count, const SwingRequest& request, const Context& context);

}  // namespace cotejo
