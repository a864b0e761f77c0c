// The sign test: are there more plus than minus signs than chance gives?
//
//   p = min(1, 2 P(X <= min(plus, minus))),  X ~ Binomial(plus + minus, 1/2)
// Ties (zeros) are left out by the caller, as usual. plus + minus = 0: p = 1. Both counts must be >= 0. Exact, through
// Boost.Math's binomial distribution. A small p does NOT show that somebody changed the figures: errors can lean to one
// side for many reasons. Source: Dixon, W. J., & Mood, A. M. (1946). The statistical sign test. JASA 41:557.
// Verified in src/stats/tests/sign_test_test.cpp against full enumeration.
#pragma once

#include <cstdint>

namespace cotejo {

double sign_test_p(std::int64_t plus, std::int64_t minus);

}  // namespace cotejo
