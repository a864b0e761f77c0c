#include "cotejo/stats/local_linear.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "cotejo/stats/absorbed_regression.hpp"

namespace cotejo {

namespace {

Error too_few(std::string_view where) {
  return {.code = ErrorCode::input_insufficient,
          .message = std::string("there are too few points ") + std::string(where)};
}

// The points with low <= x < high.
std::pair<std::size_t, std::size_t> between(std::span<const double> x, double low, double high) {
  const auto begin = std::lower_bound(x.begin(), x.end(), low);
  const auto end = std::lower_bound(begin, x.end(), high);
  return {static_cast<std::size_t>(begin - x.begin()), static_cast<std::size_t>(end - x.begin())};
}

double variance_of(std::span<const double> y) {
  double mean = 0, squares = 0;
  for (const double value : y) mean += value / static_cast<double>(y.size());
  for (const double value : y) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(y.size() - 1);
}

// The last coefficient of a least-squares polynomial with the terms that `row` writes.
template <int terms, class Row>
double last_coefficient(std::size_t begin, std::size_t end, std::span<const double> y, Row row) {
  Eigen::Matrix<double, terms, terms> moments = Eigen::Matrix<double, terms, terms>::Zero();
  Eigen::Matrix<double, terms, 1> right = Eigen::Matrix<double, terms, 1>::Zero();
  for (std::size_t i = begin; i < end; ++i) {
    const Eigen::Matrix<double, terms, 1> z = row(i);
    moments.template selfadjointView<Eigen::Lower>().rankUpdate(z);
    right += y[i] * z;
  }
  const Eigen::Matrix<double, terms, terms> full = moments.template selfadjointView<Eigen::Lower>();
  return full.colPivHouseholderQr().solve(right)(terms - 1);
}

}  // namespace

Result<double> ik_bandwidth(const JumpData& data, double cut) {
  const auto x = data.x, y = data.y;
  const std::size_t n = x.size();
  if (n < 40) return too_few("for a bandwidth");
  const auto count = static_cast<double>(n);
  const double range = x[n - 1] - x[0];
  const double pilot = 1.84 * std::sqrt(variance_of(x)) * std::pow(count, -0.2);
  const auto [l0, l1] = between(x, cut - pilot, cut);
  const auto [r0, r1] = between(x, cut, std::nextafter(cut + pilot, INFINITY));
  if (l1 - l0 < 10 || r1 - r0 < 10) return too_few("beside the cut");
  const double density = static_cast<double>(l1 - l0 + r1 - r0) / (2 * count * pilot);
  const double variance[2] = {variance_of(y.subspan(l0, l1 - l0)), variance_of(y.subspan(r0, r1 - r0))};
  if (!(variance[0] + variance[1] > 0)) return range;

  // Scaled by the range, so that powers of seconds stay in reach; derivatives are scaled back.
  const double cubic = last_coefficient<5>(0, n, y, [&](std::size_t i) {
    const double z = (x[i] - cut) / range;
    return Eigen::Matrix<double, 5, 1>(1, x[i] >= cut, z, z * z, z * z * z);
  });
  const double third = 6 * cubic / (range * range * range);
  double second[2], regularisation = 0;
  const std::size_t split = between(x, cut, cut).first;
  for (int side = 0; side < 2; ++side) {
    const auto points = static_cast<double>(side == 0 ? split : n - split);
    const double wide =
        3.56 * std::pow(variance[side] / (density * third * third), 1.0 / 7) * std::pow(points, -1.0 / 7);
    const double h = std::isfinite(wide) ? std::min(wide, range) : range;
    const auto [begin, end] = side == 0 ? between(x, cut - h, cut) : between(x, cut, std::nextafter(cut + h, INFINITY));
    if (end - begin < 10) return too_few("beside the cut");
    const double curve = last_coefficient<3>(begin, end, y, [&](std::size_t i) {
      const double z = (x[i] - cut) / h;
      return Eigen::Matrix<double, 3, 1>(1, z, z * z);
    });
    second[side] = 2 * curve / (h * h);
    regularisation += 2160 * variance[side] / (static_cast<double>(end - begin) * h * h * h * h);
  }
  const double bend = (second[1] - second[0]) * (second[1] - second[0]) + regularisation;
  const double h = 3.4375 * std::pow((variance[0] + variance[1]) / (density * bend), 0.2) * std::pow(count, -0.2);
  return std::isfinite(h) ? std::min(h, range) : range;
}

Result<Jump> jump_at(const JumpData& data, double cut, double bandwidth) {
  const auto [begin, end] = between(data.x, cut - bandwidth, cut + bandwidth);
  std::vector<double> right, slope, slope_right, y, weights;
  std::vector<std::uint32_t> clusters;
  std::size_t distinct[2] = {0, 0}, points[2] = {0, 0};
  double last = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = begin; i < end; ++i) {
    const double z = (data.x[i] - cut) / bandwidth, kernel = 1 - std::abs(z);
    if (!(kernel > 0)) continue;
    const int side = data.x[i] >= cut;
    ++points[side];
    distinct[side] += data.x[i] != last;
    last = data.x[i];
    right.push_back(side);
    slope.push_back(z);
    slope_right.push_back(side ? z : 0);
    y.push_back(data.y[i]);
    weights.push_back(kernel * (data.weights.empty() ? 1 : data.weights[i]));
    if (!data.clusters.empty()) clusters.push_back(data.clusters[i]);
  }
  if (std::min(points[0], points[1]) < 20 || std::min(distinct[0], distinct[1]) < 5)
    return too_few("within the bandwidth");
  COTEJO_TRY(fit,
             absorbed_regression(
                 {.y = y, .x = {right, slope, slope_right}, .weights = weights, .factors = {}, .clusters = clusters}));
  return Jump{fit.coefficients[0], fit.errors[0], bandwidth, points[0], points[1]};
}

}  // namespace cotejo
