#include "cotejo/stats/nested_effects.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

namespace cotejo {
namespace {

// Two places at the top, three below, four at the bottom; one without observations.
struct Tree {
  NestedPlaces places{.parent = {NestedPlaces::top, NestedPlaces::top, 0, 0, 1, 2, 2, 3, 4},
                      .level = {0, 0, 1, 1, 1, 2, 2, 2, 2},
                      .place_size = {8, 2, 5, 3, 2, 4, 1, 3, 2},
                      .levels = 3};
  std::vector<double> y{0.3, 0.35, 0.1, 0.6, 0.2}, size{100, 200, 150, 50, 220};
  std::vector<std::uint32_t> place{5, 5, 6, 7, 5};
  NestedVariances variances{.unit = 0.01, .sampling = 0.2, .effect = {0.04, 0.02, 0.03}, .shrink = {0, 0, 0.7}};
  NestedObservations data() const { return {y, place, size}; }
};

// The dense normal posterior of all thetas, the flat top being a very wide normal.
struct Dense {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
  double log_density;
};
Dense dense(const Tree& t) {
  constexpr double wide = 1e3;  // wider, and the dense inverse loses the digits that are compared
  const auto n = static_cast<Eigen::Index>(t.places.size());
  double mean_size = 0;
  for (const double s : t.places.place_size) mean_size += s / static_cast<double>(n);
  Eigen::MatrixXd load = Eigen::MatrixXd::Zero(n, n + 1);  // of (top, u_1..u_n)
  Eigen::VectorXd prior(n + 1);
  prior(0) = wide;
  for (Eigen::Index p = 0; p < n; ++p) {
    const auto at = static_cast<std::size_t>(p);
    const auto parent = t.places.parent[at];
    if (parent == NestedPlaces::top)
      load(p, 0) = 1;
    else
      load.row(p) = load.row(parent);
    load(p, p + 1) = 1;
    prior(p + 1) = variance_of_place(t.variances, t.places, at, mean_size);
  }
  const Eigen::MatrixXd theta = load * prior.asDiagonal() * load.transpose();
  const auto m = static_cast<Eigen::Index>(t.y.size());
  Eigen::MatrixXd pick = Eigen::MatrixXd::Zero(m, n), noise = Eigen::MatrixXd::Zero(m, m);
  Eigen::VectorXd y(m);
  for (Eigen::Index i = 0; i < m; ++i) {
    const auto at = static_cast<std::size_t>(i);
    pick(i, t.place[at]) = 1;
    noise(i, i) = t.variances.unit + t.variances.sampling / t.size[at];
    y(i) = t.y[at];
  }
  const Eigen::MatrixXd total = pick * theta * pick.transpose() + noise;
  const Eigen::MatrixXd gain = theta * pick.transpose() * total.inverse();
  return {gain * y, theta - gain * pick * theta,
          -0.5 * (std::log(total.determinant()) + y.dot(total.inverse() * y)) + 0.5 * std::log(wide)};
}

TEST(NestedPosterior, MeansAndLikelihoodAreThoseOfTheDenseNormal) {
  const Tree t;
  const NestedPosterior posterior(t.places, t.data(), t.variances);
  const auto means = posterior.means();
  const auto exact = dense(t);
  for (std::size_t p = 0; p < means.size(); ++p)
    EXPECT_NEAR(means[p], exact.mean(static_cast<Eigen::Index>(p)), 1e-4) << p;
  EXPECT_NEAR(posterior.log_likelihood(), exact.log_density, 1e-3);
}

TEST(NestedPosterior, DrawsHaveTheDenseNormalsMeanAndCovariance) {
  const Tree t;
  const NestedPosterior posterior(t.places, t.data(), t.variances);
  const auto exact = dense(t);
  const std::vector<char> all(t.places.size(), 1);
  constexpr int draws = 40'000;
  const auto n = static_cast<Eigen::Index>(t.places.size());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(n);
  Eigen::MatrixXd square = Eigen::MatrixXd::Zero(n, n);
  std::vector<double> theta;
  for (int d = 0; d < draws; ++d) {
    Stream stream(11, Purpose::posterior_draw, static_cast<std::uint64_t>(d));
    posterior.draw(stream, all, theta);
    const Eigen::Map<const Eigen::VectorXd> v(theta.data(), n);
    mean += v / draws;
    square += v * v.transpose() / draws;
  }
  const Eigen::MatrixXd covariance = square - mean * mean.transpose();
  for (Eigen::Index p = 0; p < n; ++p) {
    EXPECT_NEAR(mean(p), exact.mean(p), 5 * std::sqrt(exact.covariance(p, p) / draws)) << p;
    for (Eigen::Index q = 0; q < n; ++q)
      EXPECT_NEAR(covariance(p, q), exact.covariance(p, q),
                  6 * std::sqrt(exact.covariance(p, p) * exact.covariance(q, q) * 2 / draws));
  }
}

TEST(FitNested, FindsTheVariancesItWasDrawnFrom) {
  NestedPlaces places{.parent = {}, .level = {}, .place_size = {}, .levels = 2};
  std::vector<double> y, size;
  std::vector<std::uint32_t> place;
  Stream stream(5, Purpose::synthetic_election);
  for (std::uint32_t a = 0; a < 150; ++a) {
    const auto top = static_cast<std::uint32_t>(places.parent.size());
    places.parent.push_back(NestedPlaces::top);
    places.level.push_back(0);
    places.place_size.push_back(12);
    const double above = 0.5 + 0.2 * stream.normal();
    for (int b = 0; b < 6; ++b) {
      const auto p = static_cast<std::uint32_t>(places.parent.size());
      places.parent.push_back(top);
      places.level.push_back(1);
      places.place_size.push_back(3);
      const double theta = above + 0.1 * stream.normal();
      for (int i = 0; i < 3; ++i) {
        size.push_back(50 + 400 * stream.uniform());
        place.push_back(p);
        y.push_back(theta + std::sqrt(0.0009 + 0.2 / size.back()) * stream.normal());
      }
    }
  }
  const auto fit = fit_nested(places, {y, place, size});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(std::sqrt(fit->effect[0]), 0.2, 0.03);
  EXPECT_NEAR(std::sqrt(fit->effect[1]), 0.1, 0.01);
  EXPECT_NEAR(fit->unit + fit->sampling / 200, 0.0009 + 0.2 / 200, 0.0002);
}

// A parabola's top in closed form: with one level and equal variances, generalised least squares.
TEST(FitNested, FindsTheSlopeOfACovariate) {
  NestedPlaces places{.parent = {}, .level = {}, .place_size = {}, .levels = 1, .covariate = {}};
  std::vector<double> y, size;
  std::vector<std::uint32_t> place;
  Stream stream(9, Purpose::synthetic_election);
  for (std::uint32_t p = 0; p < 800; ++p) {
    places.parent.push_back(NestedPlaces::top);
    places.level.push_back(0);
    places.place_size.push_back(1);
    places.covariate.push_back(stream.normal());
    const double theta = 0.4 - 0.15 * places.covariate.back() + 0.1 * stream.normal();
    for (int i = 0; i < 3; ++i) {
      place.push_back(p);
      size.push_back(200);
      y.push_back(theta + 0.05 * stream.normal());
    }
  }
  const auto fit = fit_nested(places, {y, place, size});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->slope, -0.15, 0.012);
  EXPECT_NEAR(std::sqrt(fit->effect[0]), 0.1, 0.01);
}

TEST(FitNested, WithoutVariationThereIsNoVariance) {
  const NestedPlaces places{.parent = {NestedPlaces::top}, .level = {0}, .place_size = {1}, .levels = 1};
  const std::vector<double> y{0.4, 0.4, 0.4}, size{10, 10, 10};
  const std::vector<std::uint32_t> place{0, 0, 0};
  const auto fit = fit_nested(places, {y, place, size});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(NestedPosterior(places, {y, place, size}, *fit).means()[0], 0.4, 1e-12);
}

}  // namespace
}  // namespace cotejo
