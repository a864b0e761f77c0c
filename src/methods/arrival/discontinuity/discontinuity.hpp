// Is there a jump of the margin at the cut?
//
// x_u is the share of units (percent) that had arrived before unit u, half of its own batch included; y_u the unit's
// margin. The jump is that of local_linear.hpp at the cut, with the bandwidth of Imbens & Kalyanaraman (2012), at most what
// the order reaches on the shorter side of the cut, and errors robust to clusters of the lowest level. Table `bandwidths` has the jump
// for 1, 2, 3, 5, 8 % of the units and the one used, and how often each rejects at placebo cuts. Where placebo cuts reject more often
// than 7.5 % at 5 % no interval is given; where the sign depends on the bandwidth a "yes" becomes "undetermined". Placebo cuts lie evenly over the whole order (5 to 95 %, where there is room),
// each with its own bandwidth, except those nearer to the cut than its bandwidth. p = the rank of |jump / error| among
// them: an order of arrival that is full of jumps makes any one of them common.
// Placebo elections: the margin that each unit's place had in another election, over the same order; what jumps there
// too is the places, not the count. `margin - that of ...` is the margin with its place's history taken out.
// Shapes: units with an arrival and a valid vote. Ties: a batch shares one x; the cut never divides it.
// Guard: an order that is that of its times sorted as text on a 12-hour clock is refused (late_count.hpp).
// Errors: as late_count.hpp; input_insufficient without an arrival. Deterministic. Cost: linear in units x placebos.
// A small p does NOT show manipulation: other places begin to report at an interruption, and places jump with them.
// Source: Idrobo, Kronick & Rodriguez (2022), Journal of Politics 84:2202, for the question whether the trend of late-counted votes jumps; the use on Bolivia 2019 is the observation mission's and its critics' (recipe inferred); the ranking among
// placebos is that of Ganong, P., & Jaeger, S. (2018), JASA 113:494. Verified in
// src/methods/arrival/discontinuity/discontinuity_test.cpp.
#pragma once

#include "cotejo/methods/arrival/kept_findings.hpp"

namespace cotejo {

struct DiscontinuityRequest : ArrivalRequest {
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::int64_t placebos = 1000;
  double level = 0.05;

  static constexpr OtherCounts uses = OtherCounts::elections;
  static MethodInfo info();
  static const OptionTable<DiscontinuityRequest>& table();
};

Result<Finding> run(const Count& count, const DiscontinuityRequest& request, const Context& context);

}  // namespace cotejo
