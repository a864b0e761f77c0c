#include "cotejo/stats/absorbed_regression.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

struct Sample {
  std::vector<double> y, x1, x2, w;
  std::vector<std::uint32_t> group, other, cluster;
};

Sample sample(std::size_t n, std::uint64_t seed) {
  Stream stream(seed, Purpose::bootstrap);
  Sample out;
  for (std::size_t i = 0; i < n; ++i) {
    out.group.push_back(static_cast<std::uint32_t>(1000 + stream.below(9)));
    out.other.push_back(static_cast<std::uint32_t>(stream.below(4)));
    out.cluster.push_back(out.group.back() / 2);
    out.x1.push_back(stream.normal() + 0.3 * out.group.back());
    out.x2.push_back(stream.uniform() < 0.4);
    out.w.push_back(0.5 + stream.uniform());
    out.y.push_back(2 * out.x1.back() - out.x2.back() + 0.1 * out.group.back() + out.other.back() + stream.normal());
  }
  return out;
}

// The same regression with one dummy variable per group, solved densely.
struct Dense {
  Eigen::VectorXd b;
  Eigen::MatrixXd variance;  // uncorrected, clustered
};
Dense with_dummies(const Sample& s, bool two_factors) {
  const auto n = static_cast<Eigen::Index>(s.y.size());
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(n, 2 + 9 + (two_factors ? 3 : 0));
  Eigen::VectorXd y(n), w(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    y(i) = s.y[at];
    w(i) = s.w[at];
    x(i, 0) = s.x1[at];
    x(i, 1) = s.x2[at];
    x(i, 2 + (s.group[at] - 1000)) = 1;
    if (two_factors && s.other[at] > 0) x(i, 10 + s.other[at]) = 1;
  }
  const Eigen::MatrixXd moments = x.transpose() * w.asDiagonal() * x;
  const Eigen::MatrixXd inverse = moments.inverse();
  Dense out;
  out.b = inverse * (x.transpose() * w.asDiagonal() * y);
  const Eigen::VectorXd e = y - x * out.b;
  Eigen::MatrixXd middle = Eigen::MatrixXd::Zero(x.cols(), x.cols());
  for (std::uint32_t g = 500; g < 505; ++g) {
    Eigen::VectorXd score = Eigen::VectorXd::Zero(x.cols());
    for (Eigen::Index i = 0; i < n; ++i)
      if (s.cluster[static_cast<std::size_t>(i)] == g) score += w(i) * e(i) * x.row(i).transpose();
    middle += score * score.transpose();
  }
  out.variance = inverse * middle * inverse;
  return out;
}

TEST(AbsorbedRegression, IsTheRegressionOnDummyVariables) {
  for (const bool two : {false, true}) {
    const auto s = sample(300, 7);
    RegressionData data{.y = s.y, .x = {s.x1, s.x2}, .weights = s.w, .factors = {s.group}, .clusters = s.cluster};
    if (two) data.factors.emplace_back(s.other);
    const auto fit = absorbed_regression(data);
    ASSERT_TRUE(fit) << describe(fit.error());
    const auto dense = with_dummies(s, two);
    for (int k = 0; k < 2; ++k) {
      EXPECT_NEAR(fit->coefficients[k], dense.b(k), 1e-9) << two;
      EXPECT_NEAR(fit->errors_uncorrected[k], std::sqrt(dense.variance(k, k)), 1e-9) << two;
    }
    EXPECT_EQ(fit->groups, two ? 12U : 9U);
    EXPECT_EQ(fit->clusters, 5U);
    // Groups lie within clusters and cost no freedom; the second factor does.
    const double unknowns = two ? 6 : 2;
    EXPECT_NEAR(fit->errors[0] / fit->errors_uncorrected[0], std::sqrt(5.0 / 4 * 299 / (300 - unknowns)), 1e-12);
  }
}

TEST(AbsorbedRegression, WithoutFactorsFitsAnIntercept) {
  const std::vector<double> y{1, 3, 2, 6}, x{0, 1, 0, 1};
  const auto fit = absorbed_regression({.y = y, .x = {x}});
  ASSERT_TRUE(fit);
  EXPECT_DOUBLE_EQ(fit->coefficients[0], 3.0);
  EXPECT_DOUBLE_EQ(fit->intercept, 1.5);
  // By hand: residuals -.5, -1.5, .5, 1.5; HC0 variance sum e^2 (x - .5)^2 / 1 = 1.25; HC1 times 4 / 2.
  EXPECT_DOUBLE_EQ(fit->errors_uncorrected[0], std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(fit->errors[0], std::sqrt(2.5));
}

TEST(AbsorbedRegression, RefusesWhatCannotBeTold) {
  const std::vector<double> y{1, 3, 2, 6, 5, 7}, x{0, 1, 0, 1, 0, 1}, twice{0, 2, 0, 2, 0, 2};
  const std::vector<std::uint32_t> same{1, 2, 1, 2, 1, 2};
  EXPECT_EQ(absorbed_regression({.y = y, .x = {x}, .factors = {same}}).error().value, "0");
  EXPECT_EQ(absorbed_regression({.y = y, .x = {x, twice}}).error().value, "1");
  EXPECT_EQ(absorbed_regression({.y = {}, .x = {x}}).error().code, ErrorCode::input_insufficient);
}

TEST(AbsorbedRegression, DoesNotDependOnTheNamesOfGroups) {
  auto s = sample(200, 3);
  const auto fit = absorbed_regression({.y = s.y, .x = {s.x1}, .factors = {s.group}, .clusters = s.group});
  for (auto& g : s.group) g = 4'000'000'000U - 7 * g;
  const auto renamed = absorbed_regression({.y = s.y, .x = {s.x1}, .factors = {s.group}, .clusters = s.group});
  ASSERT_TRUE(fit);
  ASSERT_TRUE(renamed);
  EXPECT_NEAR(fit->coefficients[0], renamed->coefficients[0], 1e-12);
  EXPECT_NEAR(fit->errors[0], renamed->errors[0], 1e-12);
}

}  // namespace
}  // namespace cotejo
