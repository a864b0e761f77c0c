// Partial pooling over nested places: a normal model on a tree, fitted and drawn from exactly.
//
//   y_i = theta[p_i] + b x[p_i] + e_i,   e_i ~ N(0, s^2 + k / size_i)
//   theta[p] = theta[parent(p)] + u_p,   u_p ~ N(0, tau_level(p)^2 (size_p / mean size)^-g_level)   (flat at the top)
// x is a covariate of places (none: b = 0). The variances s^2, k, tau^2, the exponent g of the lowest level (others 0)
// and b maximise the likelihood (coordinate-wise, golden sections on the log scale; b exactly); given them, means and draws are exact, by one pass up the tree and one down (Chou, Willsky & Nikoukhah 1994).
// Shapes: `parent` has one entry per place, parents before children, `top` for those at the top (joined under one more
// node); `level` numbers 0..levels-1 from the top; `place_size` and `size` > 0. y, place and size: one entry per
// observation.
// Errors: input_insufficient (no observation). Seed: given streams; draws depend on nothing else. Cost: linear in
// places and observations per pass; a fit takes some hundred passes up.
// Does NOT show that the places without observations are like those with them; that is what it assumes.
// Source: Chou, K. C., Willsky, A. S., & Nikoukhah, R. (1994). IEEE Transactions on Automatic Control 39:479.
// Verified in src/stats/tests/nested_effects_test.cpp against the dense normal posterior.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/base/result.hpp"

namespace cotejo {

struct NestedPlaces {
  static constexpr std::uint32_t top = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> parent;
  std::vector<std::uint32_t> level;
  std::vector<double> place_size;
  std::uint32_t levels = 0;
  std::vector<double> covariate{};  // of each place, or none

  std::size_t size() const { return parent.size(); }
};

struct NestedObservations {
  std::span<const double> y;
  std::span<const std::uint32_t> place;
  std::span<const double> size;
};

struct NestedVariances {
  double unit = 0;             // s^2
  double sampling = 0;         // k
  std::vector<double> effect;  // tau^2 per level
  std::vector<double> shrink;  // g per level
  double slope = 0;            // b
};

// What the observations say of every place: the state after the pass up. Reused for means and draws.
class NestedPosterior {
 public:
  NestedPosterior(const NestedPlaces& places, const NestedObservations& data, const NestedVariances& variances);

  double log_likelihood() const { return log_likelihood_; }
  // The mean of theta of every place, without b x.
  std::vector<double> means() const;
  // One joint draw of theta, of the places marked (and it needs all above them marked too), into `theta`.
  void draw(Stream& stream, std::span<const char> marked, std::vector<double>& theta) const;

 private:
  const NestedPlaces* places_;
  std::vector<double> prior_;             // variance of u_p
  std::vector<double> precision_, pull_;  // of what lies at and below each place
  double top_precision_ = 0, top_pull_ = 0;
  double log_likelihood_ = 0;
};

double variance_of_place(const NestedVariances& variances, const NestedPlaces& places, std::size_t place,
                         double mean_size);

Result<NestedVariances> fit_nested(const NestedPlaces& places, const NestedObservations& data);

}  // namespace cotejo
