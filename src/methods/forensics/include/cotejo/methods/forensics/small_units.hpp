// Do small units differ from large ones nearby?
//
//   slope of the leader's share M / V on log2 V, both less the mean of the place above the lowest; t = slope / its error
//   (clusters of that place); and the mean difference of the smaller from the larger half of each place. Statistic: |t|.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no place with two units).
// A small p does NOT show coercion: in many countries small units are rural and vote otherwise, fairly.
// Source: the idea is Jimenez, R., Hidalgo, M., & Klimek, P. (2017), Science Advances 3:e1602363; the statistic is ours.
// Verified in src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct SmallUnitsRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<SmallUnitsRequest>& table();
};

Result<Finding> run(const Count& count, const SmallUnitsRequest& request, const Context& context);

}  // namespace cotejo
