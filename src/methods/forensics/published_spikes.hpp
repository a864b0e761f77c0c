// The resampled kernel density of Rozenas (2017) as published: a null of two stages, kept to be compared with, not used.
//
// Given mixtures of beta laws for turnout (t of N) and votes (v of t), resample b of unit u is
//   t* ~ Bin(N, P), P ~ Beta(t + alpha_k, N - t + beta_k);  v* ~ Bin(t*, Q), Q ~ Beta(v + alpha_m, t - v + beta_m);  y* = v* / t*
// with k and m drawn by their posterior weights (beta-binomial). The density of y* at `grid` points of 0..1, here as there a
// linear binning (its bandwidth of 0.0001 is narrower than a bin), has an upper envelope over the resamples; where the
// observed density is above it, the units in that bin beyond the resamples' mean are called fraudulent:
//   fraud = 100 sum_{bins with observed > envelope} max(0, w_observed - mean w*).
// t* is the same law in every resample: it is drawn from a table made once per unit; resamples of a unit are drawn
// together (unit_draws.hpp). Sums are of whole numbers: the same bits for any number of threads.
// Source: Rozenas, A. (2017). Political Analysis 25:41. Verified in tests/published_spikes_test.cpp, where it flags fair
// elections; bench/spikes.py lays it beside the R package `spikes`.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"

namespace cotejo {

struct BetaMixture {
  std::vector<double> alpha, beta, weight;
};
// By expectation and maximisation, moments of the weighted shares in each step; from quantiles of the shares.
BetaMixture fitted_mixture(std::span<const std::int32_t> n, std::span<const std::int32_t> x, std::size_t components);

struct PublishedSpikes {
  double fraud_percent = 0;
  std::vector<double> observed, envelope;  // densities at the grid points
  std::vector<double> excess;              // of the units, by bin
};
// Units with t = 0 count as y = 0. Errors: cancelled.
Result<PublishedSpikes> published_spikes(std::span<const std::int32_t> n, std::span<const std::int32_t> t,
                                         std::span<const std::int32_t> v, const BetaMixture& turnout,
                                         const BetaMixture& votes, std::size_t resamples, std::size_t grid,
                                         double bandwidth, const Context& context);

}  // namespace cotejo
