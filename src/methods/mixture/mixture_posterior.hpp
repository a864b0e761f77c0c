// The posterior of the mixture's few parameters, every unit and place effect integrated out; and its mode.
//
// A unit's likelihood is a sum over 1 + 6 components (clean; added, moved, both, each incremental and extreme). What the components
// are depends on the shape parameters (spreads, tails, alpha, covariates) and costs about a microsecond a unit; how they are weighed
// costs a tenth of that, and so does the spread of places.
// Seed: none. Threads: blocks of units; the same bits for any number. Verified in tests/mixture_model_test.cpp.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "chain.hpp"
#include "place_effects.hpp"

namespace cotejo::mixture {

// Units sorted by place, as numbers to compute with.
struct UnitTable {
  explicit UnitTable(const MixtureData& data);
  std::size_t size() const { return order.size(); }
  std::vector<std::uint32_t> order;  // of the data
  std::vector<double> absent, leader, other;
  std::vector<std::uint32_t> place;
  std::vector<std::vector<double>> covariates;
  std::vector<std::uint32_t> with_units;  // the places that units lie in
};

// The components of every unit at given shape parameters.
struct Components {
  std::vector<double> clean;  // 9 P: sums of log likelihoods of clean units
  std::vector<float> ratio;   // blocks of `lanes` units, as in UnitLikelihood
};

class MixturePosterior {
 public:
  MixturePosterior(const MixtureData& data, const MixturePrior& prior, Blocks blocks);

  const MixtureData& data() const { return data_; }
  const MixturePrior& prior() const { return prior_; }
  const UnitTable& units() const { return units_; }
  const PlaceGrid& grid() const { return grid_; }
  const Blocks& blocks() const { return blocks_; }
  void set_blocks(Blocks blocks) { blocks_ = std::move(blocks); }
  // Puts the grid where places are at these parameters.
  void recentre(const Parameters& x);

  void components_at(const Parameters& x, Components& out) const;
  // Log posterior up to a constant; `parts` are those of x's shape parameters.
  double log_density(const Parameters& x, const Components& parts, PlaceEvidence& evidence) const;
  double log_density(const Parameters& x) const;
  // The point of a unit's place: its two logits before its own effect.
  std::array<double, 2> mean_at(const Parameters& x, std::size_t unit, std::size_t point) const;
  // Probabilities of the components of the units of one block of lanes, each at its own place's drawn point: 7 x lanes.
  void component_weights(const Weights& weights, const Components& parts, std::size_t block,
                         const std::uint8_t* point_of_place, std::vector<double>& out) const;

 private:
  std::array<double, 2> shift(const Parameters& x, std::size_t unit) const;
  const MixtureData& data_;
  MixturePrior prior_;
  Blocks blocks_;
  UnitTable units_;
  PlaceGrid grid_;
};

struct Mode {
  Parameters x;
  std::vector<std::size_t> free;
  Eigen::MatrixXd precision;  // of the free parameters: the negative Hessian, positive definite
  double log_density = 0;
  double left = 0;  // of log density, that the last step of Newton's method was to gain: small at a mode
  bool found() const { return left < 0.5; }
};
// The same mode with some parameters held fixed where they are.
Mode without(const Mode& mode, const std::vector<std::size_t>& fixed);
// Newton's method with differences; `from` an earlier mode of like data, or nothing. Recentres the grid.
Mode find_mode(MixturePosterior& posterior, const Mode* from);

}  // namespace cotejo::mixture
