// Does every return add up?
//
// Rules, each applied where the columns it needs are reported:
//   options-equal-valid      sum of the options = valid                    (valid reported)
//   parts-equal-cast         valid + blank + null = cast                   (cast and at least one of blank, null reported)
//   cast-within-registered   cast <= registered                            (registered reported)
//   no-valid-votes           at least one valid vote
//   missing                  no empty cell among the columns the count reports
//   unreadable               every cell could be read (Count::unreadable: those of fields that are not options)
//   outside-hierarchy        the unit lies in a place with a name on every level
//   unusable-row             the row of the file could be used (kept aside by the import, with its reason)
//   and every identity that the count's profile declares, under its id.
// A missing cell counts as 0 in a sum and is a defect of its own; a sum with a missing part is not judged.
// A unit with 0 registered voters, or none stated, where other units have some, has no list of its own (postal votes,
// special units, abroad): no defect, rules on registered voters do not judge it, and it is counted apart with its votes.
// votes_hidden, which is put at stake: sum over units of the largest |left - right| of the rules that the unit breaks, or
// of the votes for which a missing cell of an option leaves room (up to valid, else cast, else registered).
// Repeated vectors: pairs of units of one lowest place with the same votes in every option, blank and null (units
// without votes left out). The number expected by chance deals the place's votes s_k (k over the columns, N in all) at
// random among its units, each keeping its total; two units of equal total T then coincide with probability
//   P = [z^T] prod_k sum_n ( s_k! / (n!^2 (s_k - 2n)!) ) z^n  /  ( N! / (T!^2 (N - 2T)!) ),
// exact, no share estimated; computed by convolution with terms tilted by T/N so that nothing overflows. Units of more
// than 100,000 votes are not compared (a condition says so).
// Errors: input_insufficient (no units). No randomness. Cost: linear in units x columns, plus the pairs within
// precincts.
// Does not show: why a return does not add up; most are slips of the pen.
// Source: the closed form is ours (random dealing, a multivariate hypergeometric). Verified in
// src/methods/checks/arithmetic/arithmetic_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct ArithmeticRequest {
  const Rule* rule = nullptr;          // optional: the votes concerned are held against its slack
  std::int64_t defect_limit = 100000;  // rows of the table `defects`

  static MethodInfo info();
  static const OptionTable<ArithmeticRequest>& table();
};

Result<Finding> run(const Count& count, const ArithmeticRequest& request, const Context& context);

}  // namespace cotejo
