// Are the second digits of the leader's and the runner-up's counts as a fair election of these units leaves them?
//
//   the law: P(second digit = d) = sum_{k=1..9} log10(1 + 1 / (10 k + d)); mean digit 4.187
// Election counts do not follow it (Deckert, Myagkov & Ordeshook 2011). The statistic is therefore chi2 against
//   e_d = sum over units of P(second digit d, count >= 10), count ~ Bin(V, M / V): what chance around each count gives,
// ranked among fair elections; the mean digit and chi2 against the law are given besides.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (fewer than 50 counts of 10 or more).
// A small p does NOT show manipulation: strategic voting and the sizes of units change second digits as well.
// Source: Mebane, W. R. (2006); Deckert, J., Myagkov, M., & Ordeshook, P. C. (2011). Political Analysis 19:245 (the
// warning). Verified in src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct SecondDigitRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<SecondDigitRequest>& table();
};

Result<Finding> run(const Count& count, const SecondDigitRequest& request, const Context& context);

}  // namespace cotejo
