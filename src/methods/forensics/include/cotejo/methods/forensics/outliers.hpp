// Which units differ from their neighbours of the same place more than chance allows?
//
// For every unit with two or more others in its place, on the logit scale of the leader's share:
//   z_u = (y_u - mean of the others) / sqrt(v_u + s^2 + variance of that mean),  v = 1 / (n q (1 - q)),
// s robust: 1.4826 times the median absolute deviation of what is left. Units are flagged by Benjamini & Hochberg at 5 %
// over all units (normal tail). Statistic: the number flagged.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no place with three units).
// A flag does NOT show manipulation: barracks, hospitals and new quarters vote apart from their neighbours.
// Source: Benjamini, Y., & Hochberg, Y. (1995). JRSS B 57:289; the residual is ours. Verified in
// src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct OutliersRequest : ForensicRequest {
  std::int64_t list_limit = 10000;

  static MethodInfo info();
  static const OptionTable<OutliersRequest>& table();
};

Result<Finding> run(const Count& count, const OutliersRequest& request, const Context& context);

}  // namespace cotejo
