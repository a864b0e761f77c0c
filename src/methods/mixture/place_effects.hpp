// Place effects integrated out: what the units of every place say at nine points of its two effects, put together on the tree.
//
//   theta_p = (theta of turnout, of share) of place p ~ N(theta_parent, diag(kappa_level^2)),  top ~ N(0, top_sd^2)
// S_p(k) = sum over p's units of log L at point k = 3 i + j of its grid, theta = centre + offset scale. The quadratic through the five
// points on the axes makes every place a normal observation of its effects; then the tree is integrated exactly, each dimension alone,
// by one pass up, and every place is corrected by
//   r_p = sum_k W_k exp(S_p(k) - quadratic_p(k)) / sum_k W_k,  W the grid's weights for p's posterior on the tree.
// The grid is put where the posterior is once (recentre); only its weights move with the parameters. It is as wide as the posterior, and no
// narrower than half of what the place's own units leave open: where places hardly differ the posterior is narrow, and over its width the
// units' bend could not be seen.
// Shapes: P places, parents before children; S has 9 P numbers. Verified in tests/mixture_model_test.cpp against brute force.
#pragma once

#include <array>
#include <vector>

#include "mixture_prior.hpp"

namespace cotejo::mixture {

struct PlaceGrid {
  std::array<std::vector<double>, 2> centre, scale;  // P each
};

struct PlaceEvidence {
  double log_evidence = 0;
  std::array<std::vector<double>, 2> mean, variance;  // P: posterior of every place
  std::array<std::vector<double>, 2>
      own_precision;           // P: of its effects, from its own units alone; of places with units
  std::vector<double> weight;  // 9 P: posterior of the grid's points, summing to 1; of places with units
};

// `with_units`: the places that units lie in.
void place_evidence(const NestedPlaces& places, const std::vector<std::uint32_t>& with_units, const PlaceGrid& grid,
                    const std::vector<double>& sums, const Parameters& x, double top_sd, PlaceEvidence& out);

}  // namespace cotejo::mixture
