// Are the last digits of the counts as a fair election leaves them?
//
//   chi2 = sum over options (the first two) sum_d (n_d - e_d)^2 / e_d,  d the last digit of counts >= 20,
//   e_d = sum over units of P(last digit d, count >= 20), count ~ Bin(V, M / V): what chance around each count gives
// and the last two digits (Beber & Scacco 2012): repeats (00, 11, ...), adjacent (01, 12, 09, ...), distant, as shares.
// The uniform null is wrong where units are small: e is not 1/10 of them, and the statistic is ranked among fair elections,
// not compared with chi-square. Statistic: chi2 of both options together.
// Shapes, null, seed, threads, cost: as forensic_test.hpp. Errors: input_insufficient (fewer than 50 counts of 20 or more).
// A small p does NOT show invention: rounding, copying errors and the merging of returns leave digits too.
// Source: Beber, B., & Scacco, A. (2012). Political Analysis 20:211. Verified in
// src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct LastDigitRequest : ForensicRequest {
  static MethodInfo info();
  static const OptionTable<LastDigitRequest>& table();
};

Result<Finding> run(const Count& count, const LastDigitRequest& request, const Context& context);

}  // namespace cotejo
