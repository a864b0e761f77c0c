// Are there more identical returns within a place than chance gives?
//
//   pairs = pairs of units of one lowest place with the same votes for every option, and the same blank and null ballots
//   null: the votes of each place are dealt at random among its units, each unit keeping its total
//   p = (1 + #{dealings with as many pairs}) / (replicates + 1); no pair: p = 1
// The expectation is exact, the p-value simulated (stats/dealt_repeats.hpp). Units of a place that differ from each other
// more than dealing gives, as real ones do, repeat less: the test is conservative, and discrete.
// Shapes: any count with places. Null: missing cells count as 0; units without votes or place are left out.
// Errors: undetermined where no place has two units with an equal total. Seed: context.seed, purpose permutation_test.
// Cost: linear in units x columns, and in replicates where there is a pair.
// A small p does NOT show which return is the copy, nor who copied it: a clerk who types a sheet twice leaves a pair too.
// Source: the statistic is ours. Verified in src/methods/forensics/tests/own_null_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct RepeatedReturnsRequest : ForensicRequest {
  std::int64_t list_limit = 1000;

  static MethodInfo info();
  static const OptionTable<RepeatedReturnsRequest>& table();
};

Result<Finding> run(const Count& count, const RepeatedReturnsRequest& request, const Context& context);

}  // namespace cotejo
