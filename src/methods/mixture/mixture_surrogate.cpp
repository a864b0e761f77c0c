#include "mixture_surrogate.hpp"

#include <algorithm>
#include <cmath>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr double stands_out = 1.5;      // a component that is likelier than the clean one by so much
constexpr double wanted_error = 0.5;    // of the picture, in log density
constexpr int most_rounds = 8;
constexpr double far = 25;              // points whose density is so far below the best say nothing of the neighbourhood
constexpr double edge = 6;              // standard deviations from the mode within which the quadratic is believed
constexpr std::size_t cheap_points = 4; // for every point of the shape parameters

Eigen::MatrixXd root_of(const Eigen::MatrixXd& precision) {
  const Eigen::MatrixXd covariance = precision.inverse();
  return covariance.llt().matrixL();
}

}  // namespace

Surrogate::Part Surrogate::part_of(const std::vector<std::size_t>& positions) const {
  const std::vector<Eigen::Index> kept(positions.begin(), positions.end());
  Part out{.positions = positions, .sd = {}, .root = root_of(mode_.precision(kept, kept))};
  for (Eigen::Index i = 0; i < out.root.rows(); ++i) out.sd.push_back(out.root.row(i).norm());
  return out;
}

Surrogate::Surrogate(const MixturePosterior& posterior, const Mode& mode, Seed seed, bool weights_alone)
    : mode_(mode), prior_(posterior.prior()) {
  std::vector<std::size_t> all, cheap, weights;
  for (std::size_t i = 0; i < mode.free.size(); ++i) {
    all.push_back(i);
    if (!shapes_units(mode.free[i])) cheap.push_back(i);
    if (mode.free[i] < at::weights) weights.push_back(i);
  }
  all_ = part_of(all);
  cheap_ = part_of(cheap);
  weights_ = part_of(weights);
  gather_units(posterior);
  if (weights_alone) return;
  Stream stream(seed, Purpose::posterior_draw, std::uint64_t{0xFFFE} << 40, 0);
  const std::size_t number = features(mode.x).size(), wanted = number * 5 / 2 / cheap_points + 1;
  try_points(posterior, true, wanted, stream);
  fit();
  for (int round = 0; round < most_rounds; ++round) {
    const std::size_t before = tried_.size();
    try_points(posterior, false, wanted / 2, stream);
    double sum = 0, square = 0;
    for (std::size_t i = before; i < tried_.size(); ++i) {
      const double off = tried_[i].exact - log_density(tried_[i].x);
      sum += off;
      square += off * off;
    }
    const auto tries = static_cast<double>(tried_.size() - before);
    error_ = std::sqrt(std::max(0.0, square / tries - sum * sum / tries / tries));
    fit();
    if (error_ < wanted_error) break;
  }
}

// Units whose components stand out one by one, all others by their first two moments.
void Surrogate::gather_units(const MixturePosterior& posterior) {
  Components here;
  PlaceEvidence evidence;
  posterior.components_at(mode_.x, here);
  posterior.log_density(mode_.x, here, evidence);
  const UnitTable& units = posterior.units();
  std::array<std::vector<double>, components> standing;
  for (std::size_t u = 0; u < units.size(); ++u) {
    const double* const point = &evidence.weight[place_points * units.place[u]];
    const float* const ratio = &here.ratio[u / lanes * components * place_points * lanes + u % lanes];
    std::array<double, components> mean{};
    double most = 0;
    for (std::size_t c = 0; c < components; ++c) {
      for (std::size_t k = 0; k < place_points; ++k) mean[c] += point[k] * static_cast<double>(ratio[(c * place_points + k) * lanes]);
      most = std::max(most, mean[c]);
    }
    if (most > stands_out) {
      for (std::size_t c = 0; c < components; ++c) standing[c].push_back(mean[c]);
      continue;
    }
    for (std::size_t c = 0; c < components; ++c) {
      first_[c] += mean[c] - 1;
      for (std::size_t b = 0; b < components; ++b)
        second_(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(b)) += (mean[c] - 1) * (mean[b] - 1);
    }
  }
  standing_ = standing[0].size();
  for (const auto& row : standing) ratio_.insert(ratio_.end(), row.begin(), row.end());
}

double Surrogate::of_units(const Parameters& x) const {
  const auto weight = weights_of(x).all();
  double linear = 0, square = 0;
  for (std::size_t c = 0; c < components; ++c) {
    linear += weight[1 + c] * first_[c];
    for (std::size_t b = 0; b < components; ++b)
      square += weight[1 + c] * weight[1 + b] * second_(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(b));
  }
  return linear - 0.5 * square + sum_of_logs(ratio_.data(), standing_, weight.data());
}

std::vector<double> Surrogate::features(const Parameters& x) const {
  std::vector<double> y;
  const Weights w = weights_of(x), at_mode = weights_of(mode_.x);
  y.push_back(4 * (std::sqrt(w.pi[1]) - std::sqrt(at_mode.pi[1])));
  y.push_back(4 * (std::sqrt(w.pi[2]) - std::sqrt(at_mode.pi[2])));
  y.push_back(w.kind[1] - at_mode.kind[1]);
  y.push_back(w.kind[2] - at_mode.kind[2]);
  for (std::size_t i = 0; i < mode_.free.size(); ++i)
    if (mode_.free[i] >= at::weights) y.push_back(std::clamp((x[mode_.free[i]] - mode_.x[mode_.free[i]]) / all_.sd[i], -edge, edge));
  std::vector<double> out = {1};
  for (std::size_t i = 0; i < y.size(); ++i) {
    out.push_back(y[i]);
    for (std::size_t j = 0; j <= i; ++j) out.push_back(y[i] * y[j]);
  }
  return out;
}

double Surrogate::residual(const Tried& tried) const { return tried.exact - log_prior(tried.x, prior_) - of_units(tried.x); }

void Surrogate::fit() {
  double best = -1e300;
  for (const auto& t : tried_) best = std::max(best, t.exact);
  const auto size = static_cast<Eigen::Index>(features(mode_.x).size());
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (const auto& t : tried_) {
    if (t.exact < best - far) continue;
    const auto f = features(t.x);
    const Eigen::Map<const Eigen::VectorXd> row(f.data(), size);
    const double weight = 1 / (1 + 0.02 * (best - t.exact) * (best - t.exact));
    normal += weight * row * row.transpose();
    right += weight * (residual(t) - mode_.log_density) * row;
  }
  normal.diagonal().array() += 1e-3;
  coefficients_ = normal.ldlt().solve(right);
}

double Surrogate::log_density(const Parameters& x) const {
  const double before = log_prior(x, prior_);
  if (!std::isfinite(before)) return before;
  if (weights_alone()) return before + of_units(x);
  const auto f = features(x);
  double sum = before + of_units(x) + mode_.log_density, beyond = 0;
  for (std::size_t i = 0; i < f.size(); ++i) sum += coefficients_[static_cast<Eigen::Index>(i)] * f[i];
  for (std::size_t i = 0; i < mode_.free.size(); ++i) {
    if (mode_.free[i] < at::weights) continue;
    const double over = std::abs(x[mode_.free[i]] - mode_.x[mode_.free[i]]) / all_.sd[i] - edge;
    if (over > 0) beyond += over * over;
  }
  return sum - beyond;
}

void Surrogate::wander(Parameters& x, std::size_t moves, Moving moving, Stream& stream) const {
  const Part& part = moving == Moving::all ? all_ : moving == Moving::weights ? weights_ : cheap_;
  const auto size = static_cast<Eigen::Index>(part.positions.size());
  constexpr double reaches[4] = {0.3, 1, 2.4, 5};
  double here = log_density(x);
  for (std::size_t move = 0; move < moves; ++move) {
    Parameters to = x;
    const double reach = reaches[stream.below(4)];
    if (stream.uniform() < 0.5) {
      Eigen::VectorXd z(size);
      for (double& v : z) v = stream.normal();
      const Eigen::VectorXd by = part.root * z;
      for (Eigen::Index i = 0; i < size; ++i) to[mode_.free[part.positions[static_cast<std::size_t>(i)]]] += reach * 0.5 * by[i];
    } else {
      const std::size_t i = stream.below(part.positions.size());
      to[mode_.free[part.positions[i]]] += reach * part.sd[i] * stream.normal();
    }
    const double there = log_density(to);
    if (!(vm::log(positive_uniform(stream)) < there - here)) continue;
    x = to;
    here = there;
  }
}

void Surrogate::try_points(const MixturePosterior& posterior, bool from_mode, std::size_t number, Stream& stream) {
  Components there;
  PlaceEvidence evidence;
  Parameters x = mode_.x;
  for (std::size_t point = 0; point < number; ++point) {
    if (from_mode) {
      Eigen::VectorXd z(all_.root.rows());
      for (double& v : z) v = 1.3 * stream.normal();
      const Eigen::VectorXd by = all_.root * z;
      x = mode_.x;
      for (std::size_t i = 0; i < mode_.free.size(); ++i)
        x[mode_.free[i]] += std::clamp(by[static_cast<Eigen::Index>(i)], -2.5 * all_.sd[i], 2.5 * all_.sd[i]);
    } else {
      wander(x, 400, Moving::all, stream);
    }
    if (!std::isfinite(log_prior(x, prior_))) continue;
    posterior.components_at(x, there);
    Parameters y = x;
    for (std::size_t i = 0; i < cheap_points; ++i) {
      const double exact = posterior.log_density(y, there, evidence);
      if (std::isfinite(exact)) tried_.push_back({y, exact});
      y = x;
      if (from_mode) {
        for (std::size_t c = 0; c < cheap_.sd.size(); ++c) y[mode_.free[cheap_.positions[c]]] += 0.8 * cheap_.sd[c] * stream.normal();
      } else {
        wander(y, 60, Moving::weights_and_spreads, stream);
      }
    }
  }
}

}  // namespace cotejo::mixture
