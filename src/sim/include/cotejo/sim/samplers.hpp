// Draws from discrete distributions: exact, and the same bits wherever the stream is the same.
//
// binomial_rng: X ~ Bin(n, p) by inversion from the mode m = floor((n + 1) p): one uniform number is used up by the
//   probabilities of m, m + 1, m - 1, m + 2, ..., each from its neighbour's by
//     P(k + 1) / P(k) = (n - k) / (k + 1) p / (1 - p).
//   Exact up to the rounding of doubles (about 1e-11 of each probability). An n over 4,095 is drawn as a sum of parts.
//   Where the variance is over 100: transformed rejection with squeeze (Hormann 1993), as exact and of constant cost.
// multinomial_rng: X ~ Mult(n, w / sum w) as binomials one after the other,
//     X_k ~ Bin(n - X_1 - ... - X_{k-1}, w_k / (w_k + ... + w_K)).
// gamma_rng: X ~ Gamma(shape, 1) by Marsaglia & Tsang's squeeze, exact; a shape below 1 by X ~ Gamma(shape + 1) U^(1/shape).
// beta_binomial_rng: X ~ Bin(n, P), P ~ Beta(a, b) as Gamma(a) / (Gamma(a) + Gamma(b)).
// dirichlet_multinomial_rng: X ~ Mult(n, P), P ~ Dirichlet(a); one alpha > 0 per category.
// Ranges: n >= 0; p in 0..1, values beyond (rounding) count as 0 or 1; weights >= 0, finite, with a positive sum when
//   n > 0 (else our bug: assert). n = 0 gives 0. A weight of 0 gets nothing.
// Cost: about two standard deviations of X in steps per binomial; K^2 / 2 additions for K categories. No state but the
//   stream's.
// Source: Hormann, W. (1993). Journal of Statistical Computation and Simulation 46:101. Marsaglia, G., & Tsang, W. W. (2000). ACM Transactions on Mathematical Software 26:363. Devroye, L. (1986). Non-Uniform Random Variate Generation, III.2 and X.4 (inversion), XI.1.4 (multinomial).
// Verified in src/sim/tests/samplers_test.cpp, by chi-square at a stated level.
#pragma once

#include <cstdint>
#include <span>

#include "cotejo/base/random.hpp"

namespace cotejo {

std::int64_t binomial_rng(Stream& stream, std::int64_t n, double p);

double gamma_rng(Stream& stream, double shape);
std::int64_t beta_binomial_rng(Stream& stream, std::int64_t n, double a, double b);
void dirichlet_multinomial_rng(Stream& stream, std::int64_t n, std::span<const double> alpha,
                               std::span<std::int32_t> out);

// One weight per category, and one place in `out` for each.
void multinomial_rng(Stream& stream, std::int64_t n, std::span<const double> weights, std::span<std::int32_t> out);

}  // namespace cotejo
