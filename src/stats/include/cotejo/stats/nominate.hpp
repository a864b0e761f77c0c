// Where do subjects stand? The spatial model of NOMINATE by maximum likelihood: comparable with the published W-NOMINATE.
//
//   P(y_ij = +1) = Phi(u_ij),  u_ij = beta [exp(-1/2 sum_k w_k^2 (x_ik - yea_jk)^2) - exp(-1/2 sum_k w_k^2 (x_ik - nay_jk)^2)]
//   |x_i| <= 1,  |(yea_j + nay_j) / 2| <= 1,  beta in 1..60,  w_1 = 0.5,  w_k in 0.05..0.5 for the others
// (without bounds on w the unit circle bounds nothing). Alternates: every item's two points, every subject's point, then beta and w, each by Levenberg-Marquardt steps that are kept
// only where the likelihood rises, until a round gains less than 1e-5 of it. The best of `starts` is returned: the scaled
// agreement, then the same with noise.
// Shapes: as item_response.hpp; `yea` and `nay` items x dimensions. `error`: standard errors of the coordinates given the
// items (the inverse of the information), NaN where the bound |x| = 1 binds; those of a joint fit are larger.
// Missing answers carry no information. Axes are those of the scaled agreement that the first start has; `polarity` as there.
// Errors: as item_response.hpp. Seed: Stream(seed, generator, start, unit); the same bits for any number of threads.
// Cost: about 0.3 us x answers x rounds x starts, rounds about 50.
// Does NOT show what a dimension means; more dimensions always tell more answers right.
// Source: Poole, K. T., & Rosenthal, H. (1985). AJPS 29:357; Poole, K., Lewis, J., Lo, J., & Carroll, R. (2011). Journal of
// Statistical Software 42(14), sec. 2 (the normal kernel and its constraints); own optimiser.
// Verified in src/stats/tests/nominate_test.cpp, and on the 90th US Senate in tests/roll_calls_test.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/stats/item_response.hpp"

namespace cotejo {

struct NominateOptions {
  std::size_t dimensions = 2;
  std::size_t starts = 3;
  std::size_t rounds = 200;  // at most
  std::vector<std::size_t> polarity{};
  std::uint64_t unit = 0;
};

struct NominateFit {
  std::size_t subjects = 0, items = 0, dimensions = 0;
  std::vector<double> coordinates, error;  // subjects x dimensions
  std::vector<double> yea, nay;            // items x dimensions
  double beta = 0;
  std::vector<double> weights;
  double log_likelihood = 0;
  std::vector<double> log_likelihoods;  // of every start
  std::size_t rounds = 0;
  bool converged = false;
  AnswerFit fit;
};

Result<NominateFit> nominate(const ResponseMatrix& responses, const NominateOptions& options, const Context& context);

}  // namespace cotejo
