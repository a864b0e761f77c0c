// Do two counts of the same election agree, unit by unit? (the cotejo itself)
//
// Units are matched by key, options by id. A unit differs when any field that both counts report differs (options,
// registered, cast, valid, blank, null); where one of the two cells is missing, that is a difference.
//   net_OPTION = sum over the units in both of (votes in the second - votes in the first)
// Let d_u be the change of (M - C) in unit u, M and C the first two options of the second count. Under the null
// "whatever made unit u differ was as likely to lean the other way", every sign pattern of the d_u is equally likely:
// the permutation p is (1 + #{|sum of random signs x d_u| >= |sum d_u|}) / (B + 1); the sign test looks at the signs
// alone, exactly.
// Shapes: any two counts with a common option. No common unit: error. Ties d_u = 0 leave the tests. No differing unit:
// no test.
// Errors: input_insufficient (no second count, no common unit or option). Seed: context.seed, purpose permutation_test;
// the same bits for any thread count. Cost: linear in units, plus replicates x differing units.
// A small p does NOT show intent: a clerk who corrects one kind of slip leaves differences that lean to one side.
// Source: Fisher, R. A. (1935). The Design of Experiments, section 21 (randomised signs). Verified in
// src/methods/checks/collate/collate_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct CollateRequest {
  const Count* other = nullptr;  // the second count
  const Rule* rule = nullptr;    // optional: the net change is held against its slack
  std::int64_t replicates = 9999;
  std::int64_t list_limit = 100000;

  static MethodInfo info();
  static const OptionTable<CollateRequest>& table();
};

Result<Finding> run(const Count& first, const CollateRequest& request, const Context& context);

}  // namespace cotejo
