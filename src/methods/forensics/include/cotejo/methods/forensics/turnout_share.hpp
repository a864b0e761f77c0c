// Does the leader's share rise with turnout among units of the same place?
//
//   b_within: slope of M / V on T / N, both less their place's mean, over units in places with two or more; t = b / its
//   error (robust to clusters of places); b_between: the slope between place means. Statistic: |t|.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no registered voters; no place with two units).
// A small p does NOT show stuffing: within a place, units may be drawn up by age or by quarter, and both go together.
// Source: Myagkov, Ordeshook & Shakin (2009), The Forensics of Election Fraud (the association); ours within places.
// Verified in src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct TurnoutShareRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<TurnoutShareRequest>& table();
};

Result<Finding> run(const Count& count, const TurnoutShareRequest& request, const Context& context);

}  // namespace cotejo
