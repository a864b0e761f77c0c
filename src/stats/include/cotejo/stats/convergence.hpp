// Have several Markov chains of one quantity mixed, how many independent draws are they worth, and how exact is the mean?
//
//   R-hat = sqrt(((n - 1) / n W + B / n) / W),  W the mean variance within chains, B / n the variance of their means;
//   ESS   = m n / (1 + 2 sum_t rho_t),  rho_t = 1 - (W - mean autocovariance at lag t) / ((n - 1) / n W + B / n),
//           summed over Geyer's initial monotone positive pairs, and at most m n log10(m n).
// Every chain is split in half first. `rhat` is the larger of R-hat of the rank-normalised draws and of those folded at
// their median; `ess_bulk` is the ESS of the rank-normalised draws; `ess_tail` the smaller one of the indicators
// x <= 5 % and x <= 95 % quantile; `ess_mean` of the draws themselves; `mcse_mean` = sd / sqrt(ess_mean).
// Rank normalisation: z = Phi^-1((r - 3/8) / (S + 1/4)), ties share their average rank, S draws in all.
// Shapes: m chains of n draws each, chain-major (draws[chain * n + t]). An odd n loses its middle draw.
// NaN comes back where there is nothing to say: fewer than 4 draws a chain, a draw that is not finite, draws that are all
// the same (for `ess_tail`: an indicator that is constant).
// Errors: none. No randomness. Cost: n log n for ranks, n times the lags that Geyer's rule needs.
// A small R-hat does NOT show convergence: chains that all missed the same part of the posterior agree.
// Source: Vehtari, A., Gelman, A., Simpson, D., Carpenter, B., & Burkner, P.-C. (2021). Bayesian Analysis 16:667, eq. 1-14;
// Geyer, C. J. (1992). Statistical Science 7:473. Verified in src/stats/tests/convergence_test.cpp against the values that
// the authors' R package gives.
#pragma once

#include <cstddef>
#include <span>

namespace cotejo {

double rhat(std::span<const double> draws, std::size_t chains);
double ess_bulk(std::span<const double> draws, std::size_t chains);
double ess_tail(std::span<const double> draws, std::size_t chains);
double ess_mean(std::span<const double> draws, std::size_t chains);
double mcse_mean(std::span<const double> draws, std::size_t chains);

}  // namespace cotejo
