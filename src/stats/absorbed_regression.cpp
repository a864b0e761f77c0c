#include "cotejo/stats/absorbed_regression.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

namespace cotejo {

namespace {

constexpr double settled = 1e-12;
constexpr int most_rounds = 10'000;
constexpr double singular = 1e-10;

// A grouping with its members numbered 0..groups-1 in the order of their first row.
struct Factor {
  std::vector<std::uint32_t> group;
  std::vector<double> weight;  // of each group
  std::size_t groups() const { return weight.size(); }
};

std::vector<std::uint32_t> numbered(std::span<const std::uint32_t> labels, std::size_t& groups) {
  const std::uint32_t top = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end());
  constexpr auto none = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> out(labels.size());
  if (top < 16 * labels.size() + 1024) {
    std::vector<std::uint32_t> number(static_cast<std::size_t>(top) + 1, none);
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      auto& mine = number[labels[i]];
      if (mine == none) mine = next++;
      out[i] = mine;
    }
    groups = next;
    return out;
  }
  std::vector<std::uint32_t> sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (std::size_t i = 0; i < labels.size(); ++i)
    out[i] = static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), labels[i]) - sorted.begin());
  groups = sorted.size();
  return out;
}

Factor factor_of(std::span<const std::uint32_t> labels, std::span<const double> weights) {
  Factor out;
  std::size_t groups = 0;
  out.group = numbered(labels, groups);
  out.weight.assign(groups, 0);
  for (std::size_t i = 0; i < out.group.size(); ++i) out.weight[out.group[i]] += weights.empty() ? 1 : weights[i];
  return out;
}

// Takes the weighted means of the groups out of a column; the largest mean that was taken out.
double subtract_means(std::vector<double>& column, const Factor& factor, std::span<const double> weights,
                      std::vector<double>& mean) {
  mean.assign(factor.groups(), 0);
  if (weights.empty())
    for (std::size_t i = 0; i < column.size(); ++i) mean[factor.group[i]] += column[i];
  else
    for (std::size_t i = 0; i < column.size(); ++i) mean[factor.group[i]] += weights[i] * column[i];
  double largest = 0;
  for (std::size_t g = 0; g < mean.size(); ++g) {
    mean[g] /= factor.weight[g];
    largest = std::max(largest, std::abs(mean[g]));
  }
  for (std::size_t i = 0; i < column.size(); ++i) column[i] -= mean[factor.group[i]];
  return largest;
}

bool absorb(std::vector<double>& column, const std::vector<Factor>& factors, std::span<const double> weights) {
  double size = 0;
  for (const double value : column) size = std::max(size, std::abs(value));
  if (size == 0) return true;
  std::vector<double> mean;
  for (int round = 0; round < most_rounds; ++round) {
    double moved = 0;
    for (const auto& factor : factors) moved = std::max(moved, subtract_means(column, factor, weights, mean));
    // One factor needs one round; a second one takes out what rounding left.
    if (factors.size() == 1 ? round == 1 : moved <= settled * size) return true;
  }
  return false;
}

// Is every group of the factor within one cluster?
bool nested(const Factor& factor, const std::vector<std::uint32_t>& clusters) {
  constexpr auto none = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> of(factor.groups(), none);
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    auto& mine = of[factor.group[i]];
    if (mine == none)
      mine = clusters[i];
    else if (mine != clusters[i])
      return false;
  }
  return true;
}

Error insufficient(std::string message, std::string value = {}) {
  return {.code = ErrorCode::input_insufficient, .message = std::move(message), .value = std::move(value)};
}

}  // namespace

Result<Regression> absorbed_regression(const RegressionData& data) {
  const std::size_t n = data.y.size(), k = data.x.size();
  if (n == 0 || k == 0) return insufficient("a regression needs rows and a regressor");
  std::vector<Factor> factors;
  for (const auto& labels : data.factors) factors.push_back(factor_of(labels, data.weights));
  const bool intercept = factors.empty();
  if (intercept) {
    const std::vector<std::uint32_t> all(n, 0);
    factors.push_back(factor_of(all, data.weights));
  }
  std::vector<std::vector<double>> columns;
  for (const auto& x : data.x) columns.emplace_back(x.begin(), x.end());
  std::vector<double> y(data.y.begin(), data.y.end());
  std::vector<double> before;
  for (const auto& column : columns) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += (data.weights.empty() ? 1 : data.weights[i]) * column[i] * column[i];
    before.push_back(sum);
  }
  for (auto* column : {&y})
    if (!absorb(*column, factors, data.weights)) return insufficient("the fixed effects do not settle");
  for (auto& column : columns)
    if (!absorb(column, factors, data.weights)) return insufficient("the fixed effects do not settle");

  const auto size = static_cast<Eigen::Index>(k);
  Eigen::MatrixXd moments = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (std::size_t a = 0; a < k; ++a) {
    const auto row = static_cast<Eigen::Index>(a);
    for (std::size_t b = a; b < k; ++b) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i)
        sum += (data.weights.empty() ? 1 : data.weights[i]) * columns[a][i] * columns[b][i];
      moments(row, static_cast<Eigen::Index>(b)) = moments(static_cast<Eigen::Index>(b), row) = sum;
    }
    for (std::size_t i = 0; i < n; ++i)
      right(row) += (data.weights.empty() ? 1 : data.weights[i]) * columns[a][i] * y[i];
  }
  // A regressor that the effects and the regressors before it explain leaves nothing of itself.
  Eigen::MatrixXd left = moments;
  for (Eigen::Index a = 0; a < size; ++a) {
    if (!(left(a, a) > singular * before[static_cast<std::size_t>(a)]))
      return insufficient("a regressor does not vary within the groups, or is a sum of others", std::to_string(a));
    for (Eigen::Index b = a + 1; b < size; ++b) left.row(b) -= left(b, a) / left(a, a) * left.row(a);
  }
  const Eigen::LDLT<Eigen::MatrixXd> solver(moments);
  const Eigen::VectorXd b = solver.solve(right);
  const Eigen::MatrixXd inverse = solver.solve(Eigen::MatrixXd::Identity(size, size));

  Regression out;
  out.rows = n;
  out.intercept = std::numeric_limits<double>::quiet_NaN();
  std::size_t groups = 0;
  for (const auto& factor : factors) groups += factor.groups();
  groups -= factors.size() - 1;  // each further factor repeats the constant
  out.groups = intercept ? 0 : groups;
  if (n <= k + groups) return insufficient("there are no more rows than unknowns");

  std::vector<double> residual = y;
  for (std::size_t a = 0; a < k; ++a)
    for (std::size_t i = 0; i < n; ++i) residual[i] -= b(static_cast<Eigen::Index>(a)) * columns[a][i];
  double squares = 0, weight = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = data.weights.empty() ? 1 : data.weights[i];
    squares += w * residual[i] * residual[i];
    weight += w;
  }
  out.residual_variance = squares / static_cast<double>(n - k - groups);
  if (intercept) {
    out.intercept = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double rest = data.y[i];
      for (std::size_t a = 0; a < k; ++a) rest -= b(static_cast<Eigen::Index>(a)) * data.x[a][i];
      out.intercept += (data.weights.empty() ? 1 : data.weights[i]) * rest / weight;
    }
  }

  std::size_t clusters = n;
  std::vector<std::uint32_t> cluster;
  if (!data.clusters.empty()) cluster = numbered(data.clusters, clusters);
  std::vector<double> scores(clusters * k, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double e = (data.weights.empty() ? 1 : data.weights[i]) * residual[i];
    double* score = &scores[(cluster.empty() ? i : cluster[i]) * k];
    for (std::size_t a = 0; a < k; ++a) score[a] += e * columns[a][i];
  }
  Eigen::MatrixXd middle = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t g = 0; g < clusters; ++g) {
    const Eigen::Map<const Eigen::VectorXd> s(&scores[g * k], size);
    middle.noalias() += s * s.transpose();
  }
  const Eigen::MatrixXd variance = inverse * middle * inverse;
  std::size_t unknowns = k;
  for (const auto& factor : factors)
    if (intercept)
      unknowns += 1;
    else if (cluster.empty() || !nested(factor, cluster))
      unknowns += factor.groups();
  if (n <= unknowns || (!cluster.empty() && clusters < 2)) return insufficient("there are too few clusters");
  const auto count = static_cast<double>(n);
  const double correction = cluster.empty() ? count / static_cast<double>(n - unknowns)
                                            : static_cast<double>(clusters) / static_cast<double>(clusters - 1) *
                                                  (count - 1) / static_cast<double>(n - unknowns);
  out.clusters = clusters;
  for (Eigen::Index a = 0; a < size; ++a) {
    out.coefficients.push_back(b(a));
    out.errors_uncorrected.push_back(std::sqrt(std::max(0.0, variance(a, a))));
    out.errors.push_back(std::sqrt(correction) * out.errors_uncorrected.back());
  }
  return out;
}

}  // namespace cotejo
