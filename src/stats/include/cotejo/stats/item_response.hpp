// Where do subjects stand, judged by their two-valued answers? A Bayesian probit model of several dimensions.
//
//   P(y_ij = +1) = Phi(beta_j . x_i - alpha_j),   x_i ~ N(0, I),   (beta_j, alpha_j) ~ N(0, item_sd^2 I)
// One iteration: x_i given the items by a Metropolis step; then Gibbs with latent normals (Albert & Chib 1993): z_ij from
// normals cut at zero; each item's (beta_j, alpha_j), and then each x_i, after the scale of its z with them integrated out
// (parameter expansion: Liu & Wu 1999). Without the first and the last the same sampler is worth a fifth of the draws.
// Identified by what is reported, draw by draw: the coordinates of all subjects have mean 0 and covariance I, and are
// turned (Procrustes) to the scaled agreement that chains also start near, at random; after the last draw one rotation
// for all draws makes dimension 1 the direction in which items discriminate most, and so on; the subjects of `polarity`
// are on the positive side of their dimensions (without one: the subject farthest out is). Items move along.
// Shapes: `responses` subjects x items; coordinates subjects x dimensions by rows. `draws[i * dimensions + k]` has
// chains * draws values, chain-major. Missing answers carry no information; ties do not occur.
// Ranges: 3..3,000 subjects, 1..6 dimensions, at most 1e8 cells, 2^28 kept coordinates.
// Errors: input_insufficient (fewer than 3 subjects, no items, or no more dimensions than the agreement supports);
// option_invalid (ranges; a polarity that names nobody).
// Seed: Stream(seed, posterior_draw, chain, unit). Chains run on threads; the result is the same bits for any number.
// Cost: about 9 ns x cells x iterations x chains where registers hold eight doubles.
// Does NOT show what a dimension means, nor that answers follow from positions: it is the best summary of who answers
// with whom. An item that all answer alike says nothing of positions.
// Source: Clinton, J., Jackman, S., & Rivers, D. (2004). APSR 98:355; Albert, J. H., & Chib, S. (1993). JASA 88:669; Liu,
// J. S., & Wu, Y. N. (1999). JASA 94:1264; Jackman, S. (2001). Political Analysis 9:227 (identification by the output).
// Verified in src/stats/tests/item_response_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/stats/response_matrix.hpp"

namespace cotejo {

struct ItemResponseOptions {
  std::size_t dimensions = 1;
  std::size_t chains = 4;
  std::size_t warmup = 300;  // iterations thrown away, per chain
  std::size_t draws = 1000;  // kept, per chain
  std::size_t thin = 1;      // iterations per kept draw
  double item_sd = 2;
  std::vector<std::size_t> polarity{};  // subject k is on the positive side of dimension k
  std::uint64_t unit = 0;               // of the streams: one per data set of a series
};

struct ItemResponseFit {
  std::size_t subjects = 0, items = 0, dimensions = 0, chains = 0, draws = 0;
  std::vector<std::vector<double>> coordinate_draws;  // subjects x dimensions rows
  std::vector<double> mean, sd;                       // subjects x dimensions
  std::vector<double> discrimination;                 // items x dimensions, posterior means
  std::vector<double> difficulty;                     // items: alpha
  std::vector<double> discrimination_sd, difficulty_sd;
};

Result<ItemResponseFit> item_response(const ResponseMatrix& responses, const ItemResponseOptions& options,
                                      const Context& context);

// The errors that item_response and nominate share.
Result<void> check_spatial(const ResponseMatrix& responses, std::size_t dimensions,
                           const std::vector<std::size_t>& polarity);

// How well a fit tells the answers: share told right, proportional reduction of error over every item's majority
// (APRE), geometric mean of the chance given to what was answered (GMP).
struct AnswerFit {
  std::size_t answers = 0, right = 0;
  double right_share = 0;
  double proportional_reduction = 0;
  double geometric_mean = 0;
};

// `utility`: subjects x items, positive where +1 is more likely; chance Phi(utility).
AnswerFit answer_fit(const ResponseMatrix& responses, const std::vector<double>& utility);

// beta_j . x_i - alpha_j at the posterior means.
std::vector<double> utilities(const ItemResponseFit& fit);

}  // namespace cotejo
