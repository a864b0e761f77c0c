// How many of the leader's votes lie above the turnout where the others' votes end?
//
// Votes by turnout in bins of 1 %: W(t) the leader's, O(t) the others'. t* is the bin with most ballots, up to the bin with
// the median turnout of ballots; kappa = sum W / sum O over bins up to t*; F = sum_{t > t*} [W(t) - kappa O(t)].
// The bootstrap interval resamples units. Heterogeneity alone makes F > 0: the fair elections, which keep the places, show
// how much of it.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no registered voters).
// F does NOT count fraudulent votes: places with high turnout may favour the leader, everywhere and fairly.
// Source: Shpilkin, S., as in Kobak, Shpilkin & Pshenichnikov (2012), arXiv:1205.0741. Verified in
// src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct ExcessTurnoutRequest : ForensicRequest {
  std::int64_t bootstrap = 500;

  static MethodInfo info();
  static const OptionTable<ExcessTurnoutRequest>& table();
};

Result<Finding> run(const Count& count, const ExcessTurnoutRequest& request, const Context& context);

}  // namespace cotejo
