// The hypergeometric distribution: of N things K are marked, n are drawn without replacement, X of the drawn are marked.
//
//   P(X = k) = C(K, k) C(N - K, n - k) / C(N, n)
// hypergeometric_cdf: P(X <= k). hypergeometric_rng: one draw, by inversion from the mode.
// marked_bounds: the numbers of marked things that x marked among n drawn do not rule out, each side at level alpha:
//   most  = max{ K : P(X <= x | K) > alpha },   least = min{ K : P(X >= x | K) > alpha }     (exact, by bisection)
// With x = 0 and alpha = .05: K = d is ruled out when C(N - d, n) / C(N, n) <= .05 (299 drawn rule out 1 %, 59 rule out
// 5 %, of many).
// Ranges: 0 <= K, n <= N; x <= n. Exact to the rounding of doubles (log n! by Boost.Math beyond a table).
// Cost: the cdf is linear in the standard deviation; bounds take log N of them; a draw about two standard deviations.
// Source: Wright, T. (1991). Exact Confidence Bounds when Sampling from Small Finite Universes. Springer.
// Verified in src/stats/tests/hypergeometric_test.cpp against full enumeration.
#pragma once

#include <cstdint>

#include "cotejo/base/random.hpp"

namespace cotejo {

double log_factorial(std::int64_t n);

double hypergeometric_lpmf(std::int64_t k, std::int64_t all, std::int64_t marked, std::int64_t drawn);
double hypergeometric_cdf(std::int64_t k, std::int64_t all, std::int64_t marked, std::int64_t drawn);
std::int64_t hypergeometric_rng(Stream& stream, std::int64_t all, std::int64_t marked, std::int64_t drawn);

struct MarkedBounds {
  std::int64_t least = 0, most = 0;
};
MarkedBounds marked_bounds(std::int64_t all, std::int64_t drawn, std::int64_t found, double alpha);

}  // namespace cotejo
