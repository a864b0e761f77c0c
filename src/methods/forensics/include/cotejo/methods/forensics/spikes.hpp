// Do shares pile up on coarse fractions?
//
//   excess = #{|x - c| <= 0.0005 for some c} - sum over units of the chance of that, T ~ Bin(N, T / N), M ~ Bin(V, M / V)
// c: the multiples of 0.05 and the thirds; x: turnout T / N and the leader's share M / V, not 0 nor 1; units with 50 voters
// or votes. Fair elections of the same units have the same few possible shares, so that what their
// sizes make common is in the null. (The published two-stage null is beta-binomial over all units; it misses the tails
// and takes common fractions for false ones: docs/methods/spikes.md.)
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no unit of 50 ballots or more).
// A small p does NOT show invention: officials round, and small units share few possible fractions.
// Source: Rozenas, A. (2017). Political Analysis 25:41 (the idea; the statistic and the null are ours). Verified in
// src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct SpikesRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<SpikesRequest>& table();
};

Result<Finding> run(const Count& count, const SpikesRequest& request, const Context& context);

}  // namespace cotejo
