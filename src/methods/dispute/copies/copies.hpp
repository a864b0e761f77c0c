// Could returns that a random sample of copies did not show to be altered change the outcome?
//
// Of U units, n are checked: somebody's copy (a party agent's, a photograph) against the official figure; x differ. If the n
// are a random sample without replacement, the units altered in all lie, at level confidence each side, in
//   most = max{ d : P(X <= x | d) > alpha },  least = min{ d : P(X >= x | d) > alpha },  X ~ Hypergeometric(U, d, n)
// (stats/hypergeometric.hpp). Without a discrepancy: P(X = 0 | d) = C(U - d, n) / C(U, n); 299 copies rule out 1 %, 59
// rule out 5 % of many units. The votes that so many altered units can hide: at most all votes of the leader in the `most`
// units where it has most. A unit differs when any option that both report differs.
// Shapes: the copies are a second count with the official unit keys (--against), or two numbers (options copies and
// discrepancies). Null: missing cells differ from nothing. Copies of units that the official count lacks are counted apart.
// Errors: input_insufficient (neither copies nor numbers; no copy of an official unit), option_invalid (more copies than
// units, more discrepancies than copies). No randomness. Cost: linear in units, log U sums.
// Does NOT show anything without the random sample: agents who are absent where something is altered are no sample.
// Source: Wright (1991), Exact Confidence Bounds when Sampling from Small Finite Universes; the use is ours.
// Verified in src/methods/dispute/copies/copies_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct CopiesRequest {
  const Rule* rule = nullptr;
  std::vector<const Count*> others{};  // none or one: the copies
  std::int64_t copies = 0;             // instead of a count of copies
  std::int64_t discrepancies = 0;
  std::string drawn = "unknown";  // how the checked units were chosen: unknown, at-random
  double confidence = 0.95;
  std::int64_t list_limit = 10000;

  static MethodInfo info();
  static const OptionTable<CopiesRequest>& table();
};

struct CopiesResult {
  std::int64_t copies = 0, discrepancies = 0;
  std::int64_t unknown_units = 0;    // copies of units that the count lacks
  std::int64_t least = 0, most = 0;  // altered units, each bound at the confidence
  Tally counted;
  std::size_t leader = 0;       // of the official count
  std::int64_t votes_most = 0;  // all that the leader has in the `most` units where it has most
  std::vector<std::int64_t>
      net;  // copies - official, per option of the official count; empty without a count of copies

  struct Difference {
    UnitIndex copy = 0;  // unit of the count of copies
    std::size_t option = 0;
    std::int64_t in_copy = 0, official = 0;
  };
  std::vector<Difference> differences;  // the first list_limit

  struct Needed {
    double altered_percent = 0;
    std::int64_t altered = 0, copies = 0;
  };
  std::vector<Needed> needed;  // copies without a discrepancy that rule out a share of altered units

  double percent_of_units(std::int64_t altered) const;
};

Result<CopiesResult> compute(const Count& count, const CopiesRequest& request, const Context& context);
Finding present(const CopiesResult& result, const Count& count, const CopiesRequest& request, const Context& context);

}  // namespace cotejo
