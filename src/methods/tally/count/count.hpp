// What does this count say, under this rule?
//
//   margin_points = 100 (M - C) / V        turnout_percent = 100 T / N
// M, C: votes of the first and the second option; V valid; T cast; N registered, all summed over the units.
// Shapes: any count with at least one option. Missing cells count as 0 (method `arithmetic` lists them).
// V = 0 or N not reported: the estimate is NaN, written null. Ties are named by the outcome.
// Errors: input_insufficient (no units, no rule), profile_invalid (the rule does not fit the contest).
// No randomness. Cost: linear in units x options.
// Does not show: that the returns are right.
// Source: the rule's own article. Verified in src/methods/tally/count/count_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct CountRequest {
  const Rule* rule = nullptr;

  static MethodInfo info();
  static const OptionTable<CountRequest>& table();
};

struct CountResult {
  Tally total;
  std::vector<std::size_t> order;  // of the options, most votes first
  Outcome outcome;
  double margin_points = 0, margin_votes = 0, turnout_percent = 0;  // NaN where there is nothing to divide by
  std::int64_t units_with_valid_votes = 0;
  std::vector<std::int64_t> places;  // on each level of the hierarchy

  double share_percent(std::size_t option) const;  // of the valid votes
};

Result<CountResult> compute(const Count& count, const CountRequest& request, const Context& context);
Finding present(const CountResult& result, const Count& count, const CountRequest& request, const Context& context);

}  // namespace cotejo
