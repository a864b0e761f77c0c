#include "mixture_posterior.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cotejo::mixture {

namespace {

constexpr std::size_t ratio_block = components * place_points * lanes;
// Of a place's grid, in standard deviations of what its own units leave open; and the widest that this makes it, as where they say nothing.
constexpr double narrowest = 0.5, widest_for_own = 0.5;

}  // namespace

UnitTable::UnitTable(const MixtureData& data) : order(data.size()) {
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return data.place[a] < data.place[b]; });
  covariates.resize(data.covariates.size());
  for (const auto u : order) {
    absent.push_back(data.abstained[u]);
    leader.push_back(data.leader[u]);
    other.push_back(data.other[u]);
    if (place.empty() || place.back() != data.place[u]) with_units.push_back(data.place[u]);
    place.push_back(data.place[u]);
    for (std::size_t c = 0; c < covariates.size(); ++c) covariates[c].push_back(data.covariates[c][u]);
  }
}

MixturePosterior::MixturePosterior(const MixtureData& data, const MixturePrior& prior, Blocks blocks)
    : data_(data), prior_(prior), blocks_(std::move(blocks)), units_(data) {
  // A first grid: every place at the pooled logits of its units.
  const std::size_t number = data.places.size();
  std::vector<std::array<double, 3>> sums(number, {0.5, 0.5, 0.5});
  for (std::size_t u = 0; u < units_.size(); ++u) {
    auto& sum = sums[units_.place[u]];
    sum[0] += units_.absent[u];
    sum[1] += units_.leader[u];
    sum[2] += units_.other[u];
  }
  for (std::size_t d = 0; d < 2; ++d) {
    grid_.centre[d].resize(number);
    grid_.scale[d].assign(number, 0.15);
  }
  for (std::size_t p = 0; p < number; ++p) {
    grid_.centre[0][p] = std::log((sums[p][1] + sums[p][2]) / sums[p][0]);
    grid_.centre[1][p] = std::log(sums[p][1] / sums[p][2]);
  }
}

std::array<double, 2> MixturePosterior::shift(const Parameters& x, std::size_t unit) const {
  std::array<double, 2> out{0, 0};
  for (std::size_t c = 0; c < units_.covariates.size(); ++c)
    for (std::size_t d = 0; d < 2; ++d) out[d] += x[at::covariates + 2 * c + d] * units_.covariates[c][unit];
  return out;
}

std::array<double, 2> MixturePosterior::mean_at(const Parameters& x, std::size_t unit, std::size_t point) const {
  auto out = shift(x, unit);
  const auto p = units_.place[unit];
  out[0] += grid_.centre[0][p] + axis_offset[point / axis_points] * grid_.scale[0][p];
  out[1] += grid_.centre[1][p] + axis_offset[point % axis_points] * grid_.scale[1][p];
  return out;
}

void MixturePosterior::components_at(const Parameters& x, Components& out) const {
  const std::size_t n = units_.size(), number = (n + lanes - 1) / lanes;
  const UnitModel model = model_of(x);
  out.ratio.resize(number * ratio_block);
  std::vector<double> clean(2 * axis_points * n);
  blocks_(number, [&](std::size_t block) {
    const std::size_t begin = block * lanes, count = std::min(lanes, n - begin);
    double centre[2][lanes], scale[2][lanes];
    for (std::size_t i = 0; i < count; ++i) {
      const auto p = units_.place[begin + i];
      const auto moved = shift(x, begin + i);
      for (std::size_t d = 0; d < 2; ++d) {
        centre[d][i] = grid_.centre[d][p] + moved[d];
        scale[d][i] = grid_.scale[d][p];
      }
    }
    UnitLikelihood unit;
    unit_likelihood({.count = count,
                     .absent = &units_.absent[begin],
                     .leader = &units_.leader[begin],
                     .other = &units_.other[begin],
                     .centre_turnout = centre[0],
                     .centre_share = centre[1],
                     .scale_turnout = scale[0],
                     .scale_share = scale[1]},
                    model, unit);
    std::copy(unit.ratio.begin(), unit.ratio.end(),
              out.ratio.begin() + static_cast<std::ptrdiff_t>(block * ratio_block));
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < axis_points; ++k) {
        clean[2 * axis_points * (begin + i) + k] = unit.turnout[k][i];
        clean[2 * axis_points * (begin + i) + axis_points + k] = unit.share[k][i];
      }
  });
  out.clean.assign(place_points * data_.places.size(), 0);
  for (std::size_t u = 0; u < n; ++u) {
    double* const sum = &out.clean[place_points * units_.place[u]];
    const double* const turnout = &clean[2 * axis_points * u];
    for (std::size_t i = 0; i < axis_points; ++i)
      for (std::size_t j = 0; j < axis_points; ++j) sum[axis_points * i + j] += turnout[i] + turnout[axis_points + j];
  }
}

double MixturePosterior::log_density(const Parameters& x, const Components& parts, PlaceEvidence& evidence) const {
  const double before = log_prior(x, prior_);
  if (!std::isfinite(before)) return before;
  const auto weight = weights_of(x).all();
  const std::size_t n = units_.size(), number = (n + lanes - 1) / lanes;
  std::vector<float> log_mixture(number * place_points * lanes);
  constexpr std::size_t together = 8;  // blocks of lanes
  blocks_((number + together - 1) / together, [&](std::size_t part) {
    for (std::size_t block = part * together; block < std::min(number, (part + 1) * together); ++block)
      log_of_mixture(&parts.ratio[block * ratio_block], weight.data(), &log_mixture[block * place_points * lanes]);
  });
  std::vector<double> sums = parts.clean;
  for (std::size_t u = 0; u < n; ++u) {
    double* const sum = &sums[place_points * units_.place[u]];
    const float* const from = &log_mixture[u / lanes * place_points * lanes + u % lanes];
    for (std::size_t k = 0; k < place_points; ++k) sum[k] += static_cast<double>(from[k * lanes]);
  }
  place_evidence(data_.places, units_.with_units, grid_, sums, x, prior_.top_sd, evidence);
  return before + evidence.log_evidence;
}

double MixturePosterior::log_density(const Parameters& x) const {
  Components parts;
  PlaceEvidence evidence;
  components_at(x, parts);
  return log_density(x, parts, evidence);
}

void MixturePosterior::recentre(const Parameters& x) {
  Components parts;
  PlaceEvidence evidence;
  components_at(x, parts);
  log_density(x, parts, evidence);
  for (std::size_t d = 0; d < 2; ++d)
    for (const auto p : units_.with_units) {
      const double step = evidence.mean[d][p] - grid_.centre[d][p], most = 3 * grid_.scale[d][p];
      const double own = std::min(narrowest / std::sqrt(evidence.own_precision[d][p]), widest_for_own);
      const double wanted = std::max(std::sqrt(evidence.variance[d][p]), own) / grid_.scale[d][p];
      grid_.centre[d][p] += 0.7 * std::clamp(step, -most, most);  // damped: places of two minds would swing
      grid_.scale[d][p] *= std::pow(std::clamp(wanted, 0.3, 3.0), 0.7);
    }
}

void MixturePosterior::component_weights(const Weights& weights, const Components& parts, std::size_t block,
                                         const std::uint8_t* point_of_place, std::vector<double>& out) const {
  const auto weight = weights.all();
  const std::size_t begin = block * lanes, count = std::min(lanes, units_.size() - begin);
  out.resize((1 + components) * lanes);
  const float* const ratio = &parts.ratio[block * ratio_block];
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t point = point_of_place[units_.place[begin + i]];
    double sum = out[i] = weight[0];
    for (std::size_t c = 0; c < components; ++c)
      sum += out[(1 + c) * lanes + i] =
          weight[1 + c] * static_cast<double>(ratio[(c * place_points + point) * lanes + i]);
    for (std::size_t c = 0; c <= components; ++c) out[c * lanes + i] /= sum;
  }
}

namespace {

struct Local {
  double value = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd precision;
};

// Gradient and negative Hessian by differences over steps[i]; with `precision_known` the gradient alone.
Local look(const MixturePosterior& posterior, const Parameters& x, const std::vector<std::size_t>& free,
           const Eigen::VectorXd& steps, bool precision_known) {
  const auto size = static_cast<Eigen::Index>(free.size());
  Local out{.value = 0, .gradient = Eigen::VectorXd::Zero(size), .precision = Eigen::MatrixXd::Zero(size, size)};
  Components here, moved;
  PlaceEvidence evidence;
  posterior.components_at(x, here);
  out.value = posterior.log_density(x, here, evidence);
  const auto is_shape = [&](Eigen::Index i) { return shapes_units(free[static_cast<std::size_t>(i)]); };
  // Beyond the prior's edge: far below.
  const auto density = [&](const Parameters& to, const Components& parts) {
    const double value = posterior.log_density(to, parts, evidence);
    return std::isfinite(value) ? value : out.value - 20;
  };
  std::vector<double> above(free.size()), below(free.size());
  const auto at_step = [&](Eigen::Index i, double sign, Parameters& to) {
    to[free[static_cast<std::size_t>(i)]] += sign * steps[i];
  };
  for (Eigen::Index i = 0; i < size; ++i) {
    for (const double sign : {1.0, -1.0}) {
      Parameters to = x;
      at_step(i, sign, to);
      if (is_shape(i)) posterior.components_at(to, moved);
      const Components& there = is_shape(i) ? moved : here;
      (sign > 0 ? above : below)[static_cast<std::size_t>(i)] = density(to, there);
      if (precision_known || sign < 0) continue;
      // Mixed differences with every parameter that costs little, and with the shape parameters before this one.
      for (Eigen::Index j = 0; j < size; ++j) {
        if (is_shape(j) ? !is_shape(i) || j >= i : !is_shape(i) && j >= i) continue;
        Parameters both = to;
        at_step(j, 1, both);
        if (is_shape(j)) {
          posterior.components_at(both, moved);
          out.precision(i, j) = out.precision(j, i) = density(both, moved);
        } else {
          out.precision(i, j) = out.precision(j, i) = density(both, there);
        }
      }
    }
  }
  for (Eigen::Index i = 0; i < size; ++i) {
    const double up = above[static_cast<std::size_t>(i)], down = below[static_cast<std::size_t>(i)];
    out.gradient[i] = (up - down) / (2 * steps[i]);
    if (precision_known) continue;
    for (Eigen::Index j = 0; j < i; ++j) {
      const double other = above[static_cast<std::size_t>(j)];
      out.precision(i, j) = out.precision(j, i) =
          -(out.precision(i, j) - up - other + out.value) / (steps[i] * steps[j]);
    }
    out.precision(i, i) = (2 * out.value - up - down) / (steps[i] * steps[i]);
  }
  return out;
}

// Positive definite: every direction as bent as it is, whichever way, and none known worse than to a standard deviation of 2.
Eigen::MatrixXd made_definite(const Eigen::MatrixXd& precision) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(precision);
  const Eigen::VectorXd values = solver.eigenvalues().cwiseAbs().cwiseMax(0.25);
  return solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose();
}

Eigen::VectorXd steps_for(const Eigen::MatrixXd& precision) {
  Eigen::VectorXd out(precision.rows());
  const Eigen::MatrixXd covariance = precision.inverse();
  for (Eigen::Index i = 0; i < out.size(); ++i) out[i] = std::clamp(0.4 * std::sqrt(covariance(i, i)), 1e-3, 0.25);
  return out;
}

// The precision after a step along which the gradient changed by `change` (Broyden, Fletcher, Goldfarb, Shanno); as it is where the way is
// bent upwards.
void learn_from(Eigen::MatrixXd& precision, const Eigen::VectorXd& step, const Eigen::VectorXd& change) {
  const double bend = -change.dot(step);
  const Eigen::VectorXd expected = precision * step;
  if (!(bend > 0.1 * step.dot(expected))) return;
  precision += change * change.transpose() / bend - expected * expected.transpose() / step.dot(expected);
}

// Newton steps, damped (Levenberg and Marquardt), until one was to gain little: its square is what is left. `precision` is computed anew
// in every step, or learnt from how the gradient changes. It ends where more than `too_far` of log density is left: the precision is of
// another neighbourhood.
void climb(MixturePosterior& posterior, Mode& mode, bool keep_precision, int most_steps, double too_far = INFINITY) {
  constexpr double little = 0.5;  // of log density
  double damping = keep_precision ? 0 : 1;
  Eigen::VectorXd taken, gradient;
  for (int step = 0; step < most_steps; ++step) {
    const Local local = look(posterior, mode.x, mode.free, steps_for(mode.precision), keep_precision);
    if (!keep_precision) mode.precision = made_definite(local.precision);
    if (keep_precision && taken.size() > 0) learn_from(mode.precision, taken, local.gradient - gradient);
    mode.log_density = local.value;
    mode.left = 0.5 * local.gradient.dot(mode.precision.ldlt().solve(local.gradient));
    if (mode.left < 0.02 || mode.left > too_far) return;
    if (mode.left < little) damping = 0;
    taken.resize(0);
    gradient = local.gradient;
    for (int attempt = 0; attempt < 8; ++attempt) {
      Eigen::MatrixXd damped = mode.precision;
      damped.diagonal() *= 1 + damping;
      Eigen::VectorXd direction = damped.ldlt().solve(local.gradient);
      for (double& d : direction) d = std::clamp(d, -1.0, 1.0);
      Parameters to = mode.x;
      for (std::size_t i = 0; i < mode.free.size(); ++i) to[mode.free[i]] += direction[static_cast<Eigen::Index>(i)];
      if (posterior.log_density(to) > local.value) {
        mode.x = to;
        taken = direction;
        damping = damping < 0.05 ? 0 : damping / 5;
        break;
      }
      damping = damping == 0 ? 0.3 : damping * 4;
    }
    posterior.recentre(mode.x);
    if (mode.left < little) return;
  }
}

}  // namespace

Mode without(const Mode& mode, const std::vector<std::size_t>& fixed) {
  std::vector<Eigen::Index> kept;
  Mode out{.x = mode.x, .free = {}, .precision = {}, .log_density = mode.log_density};
  for (std::size_t i = 0; i < mode.free.size(); ++i) {
    if (std::find(fixed.begin(), fixed.end(), mode.free[i]) != fixed.end()) continue;
    kept.push_back(static_cast<Eigen::Index>(i));
    out.free.push_back(mode.free[i]);
  }
  out.precision = mode.precision(kept, kept);
  return out;
}

namespace {

// The units of every so many-th of the places that have any.
MixtureData thinned_out(const MixtureData& data, const std::vector<std::uint32_t>& with_units, std::size_t every) {
  std::vector<char> chosen(data.places.size(), 0);
  for (std::size_t i = 0; i < with_units.size(); i += every) chosen[with_units[i]] = 1;
  std::vector<std::size_t> units;
  for (std::size_t u = 0; u < data.size(); ++u)
    if (chosen[data.place[u]]) units.push_back(u);
  return only(data, units);
}

}  // namespace

namespace {

constexpr int settled_rounds = 12;

Mode climbed(MixturePosterior& posterior, const Mode* from) {
  constexpr std::size_t many = 6000, every = 4;  // a part of the units comes close, for little
  constexpr double far_off = 1000;               // of log density
  const auto& data = posterior.data();
  Mode mode;
  if (from) {
    mode = *from;
    for (int round = 0; round < 2; ++round) posterior.recentre(mode.x);
    climb(posterior, mode, true, 6, far_off);
    if (mode.found()) return mode;
    // Another election may lie far off: then the precision of this one is needed.
  }
  if (data.size() > many) {
    const MixtureData part = thinned_out(data, posterior.units().with_units, every);
    if (part.size() > many / 6 && part.size() < data.size() / 2) {  // smaller each time: this ends
      const double more = static_cast<double>(data.size()) / static_cast<double>(part.size());
      MixturePosterior few(part, posterior.prior(), posterior.blocks());
      mode.precision /= more;
      mode = climbed(few, from ? &mode : nullptr);
      mode.precision *= more;
      for (int round = 0; round < 4; ++round) posterior.recentre(mode.x);
      climb(posterior, mode, true, 6, far_off);
      if (!mode.found()) climb(posterior, mode, false, 20);
      return mode;
    }
  }
  if (!from) {
    mode.x = starting_point(posterior.prior(), data.covariates.size());
    mode.free = free_parameters(posterior.prior(), data.places, data.covariates.size());
    mode.precision = Eigen::MatrixXd::Identity(static_cast<Eigen::Index>(mode.free.size()),
                                               static_cast<Eigen::Index>(mode.free.size())) *
                     4;
    for (int round = 0; round < 3; ++round) posterior.recentre(mode.x);
  }
  climb(posterior, mode, false, 20);
  return mode;
}

}  // namespace

Mode find_mode(MixturePosterior& posterior, const Mode* from) {
  Mode mode = climbed(posterior, from);
  // The grids of the places stand where the mode has them, not where the way to it left them.
  for (int round = 0; round < settled_rounds; ++round) posterior.recentre(mode.x);
  return mode;
}

}  // namespace cotejo::mixture
