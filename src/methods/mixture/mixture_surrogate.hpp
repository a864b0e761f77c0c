// A cheap picture of the posterior, to propose from: the chain wanders on it and the exact density takes or leaves where it ends.
//
//   log density ~ log prior + sum over units of log(weight of its components, at the mode's shape parameters) + a normal density of shape
//   parameters and spreads + a quadratic, with cubes, in (those, in standard deviations; square roots of pi; mechanisms' shares)
// It is fitted by least squares to exact densities at points drawn around the mode, then at points of the picture itself, until
// it is off by less than `wanted_error` there. After each fit the picture's own mean and covariance are the new scales: differences at
// the mode miss the width of a direction along which two parameters make up for one another. It is for speed alone: whatever it is off by, the chain's acceptance makes good.
// Seed: streams of Purpose::posterior_draw that no chain has. Verified in tests/mixture_model_test.cpp.
#pragma once

#include <array>

#include "mixture_posterior.hpp"

namespace cotejo::mixture {

inline constexpr std::size_t few_units = 4000;  // up to here the posterior may be far from normal

class Surrogate {
 public:
  enum class Moving { all, weights_and_spreads, weights };
  // `weights_alone`: a picture of the weights at the mode's other parameters, which stay where they are.
  Surrogate(const MixturePosterior& posterior, const Mode& mode, Seed seed, bool weights_alone = false);

  double log_density(const Parameters& x) const;
  // `moves` Metropolis moves from x, reversible with respect to exp(flatness log_density), of all parameters or of some.
  void wander(Parameters& x, std::size_t moves, Moving moving, Stream& stream, double flatness = 1) const;
  bool weights_alone() const { return weights_alone_; }
  double error() const { return error_; }  // standard deviation of what it was off by where it was tried last

 private:
  struct Tried {
    Parameters x;
    double exact = 0;
  };
  static std::array<double, at::weights> of_weights(const Parameters& x);
  std::vector<double> scaled(const Parameters& x) const;
  static std::vector<double> features(const std::vector<double>& scaled);
  double normal_part(const std::vector<double>& scaled) const;
  double of_units(const Parameters& x) const;
  double beside_units(const Parameters& x) const;
  void gather_units(const MixturePosterior& posterior);
  void try_points(const MixturePosterior& posterior, bool from_mode, std::size_t number, Stream& stream);
  void try_weights(const MixturePosterior& posterior, double flatness, std::size_t number, Stream& stream);
  bool fitted() const { return coefficients_.size() > 0; }
  double error_since(std::size_t first) const;
  double take_weights(const Eigen::MatrixXd& covariance);
  void fit();
  void gather_quadratic();
  double residual(const Tried& tried, const std::vector<double>& scaled) const;
  double take_shape(Stream& stream);

  const Mode& mode_;
  MixturePrior prior_;
  bool weights_alone_ = false;
  Parameters centre_;                   // of the picture, and its precision there: the mode's at first
  Eigen::MatrixXd precision_, normal_;  // normal_: of shapes and spreads, scaled
  struct Part {                         // of the free parameters, given the others
    std::vector<std::size_t> positions;
    std::vector<double> sd;
    Eigen::MatrixXd root;  // of the covariance
  };
  Part part_of(const std::vector<std::size_t>& positions) const;
  void take_parts();
  Part all_, cheap_, weights_;
  std::array<double, at::weights> weights_sd_ = {1, 1, 1, 1};
  std::size_t standing_ = 0;                // units whose components stand out: summed exactly
  std::vector<double> ratio_;               // 6 rows of them
  std::array<double, components> first_{};  // of all others: sums of (ratio - 1), of their products
  Eigen::Matrix<double, 6, 6> second_ = Eigen::Matrix<double, 6, 6>::Zero();
  std::vector<Tried> tried_;
  Eigen::VectorXd coefficients_, linear_, cubic_;
  Eigen::MatrixXd square_;
  double error_ = 0;
};

}  // namespace cotejo::mixture
