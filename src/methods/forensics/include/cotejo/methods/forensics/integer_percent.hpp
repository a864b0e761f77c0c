// Are there more units with a whole percentage of turnout or of the leader's share than chance gives?
//
// T: voters (option `ballots`, else ballots cast), B: ballots cast, found in the boxes. Units with N >= 100, B > 0, turnout
// T / N <= 99 %, leader's share M / B <= 99 %: counted when 100 T / N or 100 M / B lies within 0.05 of a whole number;
// anomaly = counted - expected, the exact expectation of T ~ Bin(N, T / N), M ~ Bin(B, M / B):
//   sum over units of 1 - (1 - P_turnout)(1 - P_share).
// Published: Russia 2011 1003.477 and 2018 1708.839 with 1,000 Monte Carlo runs (turnout by ballots
// issued: `ballots=issued_early+issued_inside+issued_outside`).
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (no registered voters; no unit that qualifies).
// A small p does NOT show who rounded, or that the votes behind a round figure were invented.
// Source: Kobak, D., Shpilkin, S., & Pshenichnikov, M. S. (2016). Annals of Applied Statistics 10:54. Verified in
// tests/elections_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct IntegerPercentRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<IntegerPercentRequest>& table();
};

Result<Finding> run(const Count& count, const IntegerPercentRequest& request, const Context& context);

}  // namespace cotejo
