#include "mixture_surrogate.hpp"

#include <algorithm>
#include <cmath>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr double stands_out = 10;     // a component that is so many times likelier than the clean one: no moments do
constexpr double wanted_error = 0.3;  // of the picture, in log density
constexpr double settled = 0.25;      // change of any standard deviation between two fits, as a logarithm
constexpr int most_rounds = 10, rounds_of_few = 3;  // few units: chains walk under the exact density too
constexpr double held_linear = 0.3, held_square = 3, held_cube = 30;  // inverse variances of the coefficients beforehand
constexpr double far = 25;  // points whose density is so far below the best say nothing of the neighbourhood
constexpr double edge = 4;  // standard deviations from the mode within which the quadratic is believed
constexpr std::size_t cheap_points = 4;  // for every point of the shape parameters
constexpr double flatness_tried = 0.8;   // of the picture where weights alone are tried: as the chains have it

Eigen::MatrixXd root_of(const Eigen::MatrixXd& precision) {
  const Eigen::MatrixXd covariance = precision.inverse();
  return covariance.llt().matrixL();
}

}  // namespace

Surrogate::Part Surrogate::part_of(const std::vector<std::size_t>& positions) const {
  const std::vector<Eigen::Index> kept(positions.begin(), positions.end());
  Part out{.positions = positions, .sd = {}, .root = root_of(precision_(kept, kept))};
  for (Eigen::Index i = 0; i < out.root.rows(); ++i) out.sd.push_back(out.root.row(i).norm());
  return out;
}

void Surrogate::take_parts() {
  std::vector<std::size_t> all, cheap, weights;
  for (std::size_t i = 0; i < mode_.free.size(); ++i) {
    all.push_back(i);
    if (!shapes_units(mode_.free[i])) cheap.push_back(i);
    if (mode_.free[i] < at::weights) weights.push_back(i);
  }
  all_ = part_of(all);
  cheap_ = part_of(cheap);
  weights_ = part_of(weights);
  std::vector<Eigen::Index> shapes;
  for (std::size_t i = 0; i < mode_.free.size(); ++i)
    if (!weights_alone_ && mode_.free[i] >= at::weights) shapes.push_back(static_cast<Eigen::Index>(i));
  normal_ = precision_(shapes, shapes);
  for (Eigen::Index i = 0; i < normal_.rows(); ++i)
    for (Eigen::Index j = 0; j < normal_.cols(); ++j)
      normal_(i, j) *= all_.sd[static_cast<std::size_t>(shapes[static_cast<std::size_t>(i)])] *
                       all_.sd[static_cast<std::size_t>(shapes[static_cast<std::size_t>(j)])];
}

// Centre and scales from draws of the picture; how much a standard deviation changed, as a logarithm.
double Surrogate::take_shape(Stream& stream) {
  constexpr std::size_t draws = 600, moves = 60;
  const auto size = static_cast<Eigen::Index>(mode_.free.size());
  Eigen::MatrixXd drawn(draws, size);
  Eigen::MatrixXd weights(draws, at::weights);
  Parameters x = centre_;
  const Moving moving = weights_alone_ || !fitted() ? Moving::weights : Moving::all;
  wander(x, 10 * moves, moving, stream);
  for (Eigen::Index d = 0; d < drawn.rows(); ++d) {
    wander(x, moves, moving, stream);
    const auto of = of_weights(x);
    for (std::size_t i = 0; i < at::weights; ++i) weights(d, static_cast<Eigen::Index>(i)) = of[i];
    for (Eigen::Index i = 0; i < size; ++i) drawn(d, i) = x[mode_.free[static_cast<std::size_t>(i)]];
  }
  const Eigen::RowVectorXd mean = drawn.colwise().mean();
  for (std::size_t i = 0; i < at::weights; ++i) {
    const auto column = weights.col(static_cast<Eigen::Index>(i)).array();
    weights_sd_[i] = std::sqrt((column - column.mean()).square().mean()) + 1e-9;
  }
  if (!fitted()) return 0;
  drawn.rowwise() -= mean;
  for (Eigen::Index i = 0; i < size; ++i) centre_[mode_.free[static_cast<std::size_t>(i)]] = mean[i];
  Eigen::MatrixXd covariance = drawn.transpose() * drawn / static_cast<double>(draws);
  covariance.diagonal() *= 1.01;
  if (weights_alone_) return take_weights(covariance);
  precision_ = covariance.inverse();
  const std::vector<double> before = all_.sd;
  take_parts();
  double change = 0;
  for (std::size_t i = at::weights; i < before.size(); ++i)
    change = std::max(change, std::abs(std::log(all_.sd[i] / before[i])));
  return change;
}

// The scales of the weights alone, which are all that moves.
double Surrogate::take_weights(const Eigen::MatrixXd& covariance) {
  const std::vector<Eigen::Index> kept(weights_.positions.begin(), weights_.positions.end());
  weights_.root = Eigen::MatrixXd(covariance(kept, kept)).llt().matrixL();
  double change = 0;
  for (std::size_t i = 0; i < weights_.sd.size(); ++i) {
    const double sd = weights_.root.row(static_cast<Eigen::Index>(i)).norm();
    change = std::max(change, std::abs(std::log(sd / weights_.sd[i])));
    weights_.sd[i] = sd;
  }
  return change;
}

Surrogate::Surrogate(const MixturePosterior& posterior, const Mode& mode, Seed seed, bool weights_alone)
    : mode_(mode),
      prior_(posterior.prior()),
      weights_alone_(weights_alone),
      centre_(mode.x),
      precision_(mode.precision) {
  take_parts();
  gather_units(posterior);
  Stream stream(seed, Purpose::posterior_draw, std::uint64_t{0xFFFE} << 40, 0);
  const std::size_t number = features(scaled(mode.x)).size(), wanted = number * 5 / 2 / cheap_points + 1;
  take_shape(stream);
  weights_alone ? try_weights(posterior, 0.5, wanted, stream) : try_points(posterior, true, wanted, stream);
  fit();
  take_shape(stream);
  fit();
  const int rounds = posterior.units().size() <= few_units ? rounds_of_few : most_rounds;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t before = tried_.size();
    weights_alone ? try_weights(posterior, flatness_tried, wanted / 2, stream)
                  : try_points(posterior, false, wanted / 2, stream);
    error_ = error_since(before);
    fit();
    const double change = take_shape(stream);
    fit();
    if (error_ < wanted_error && change < settled) break;
  }
}

// The standard deviation of what the picture is off by at the points from `first` on.
double Surrogate::error_since(std::size_t first) const {
  double sum = 0, square = 0;
  for (std::size_t i = first; i < tried_.size(); ++i) {
    const double off = tried_[i].exact - log_density(tried_[i].x);
    sum += off;
    square += off * off;
  }
  const auto tries = static_cast<double>(tried_.size() - first);
  return std::sqrt(std::max(0.0, square / tries - sum * sum / tries / tries));
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
      for (std::size_t k = 0; k < place_points; ++k)
        mean[c] += point[k] * static_cast<double>(ratio[(c * place_points + k) * lanes]);
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

std::array<double, at::weights> Surrogate::of_weights(const Parameters& x) {
  const Weights w = weights_of(x);
  return {std::sqrt(w.pi[1]), std::sqrt(w.pi[2]), w.kind[1], w.kind[2]};
}

// In standard deviations from the centre; weights as square roots of pi, and mechanisms as their shares.
std::vector<double> Surrogate::scaled(const Parameters& x) const {
  std::vector<double> y;
  const auto here = of_weights(x), there = of_weights(centre_);
  for (std::size_t i = 0; i < at::weights; ++i)
    y.push_back(std::clamp((here[i] - there[i]) / weights_sd_[i], -edge, edge));
  if (weights_alone_) return y;
  for (std::size_t i = 0; i < mode_.free.size(); ++i)
    if (mode_.free[i] >= at::weights)
      y.push_back(std::clamp((x[mode_.free[i]] - centre_[mode_.free[i]]) / all_.sd[i], -edge, edge));
  return y;
}

std::vector<double> Surrogate::features(const std::vector<double>& y) {
  std::vector<double> out = {1};
  for (std::size_t i = 0; i < y.size(); ++i) {
    out.push_back(y[i]);
    for (std::size_t j = 0; j <= i; ++j) out.push_back(y[i] * y[j]);
  }
  for (const double v : y) out.push_back(v * v * v);
  return out;
}

double Surrogate::normal_part(const std::vector<double>& y) const {
  if (weights_alone_) return 0;
  const Eigen::Map<const Eigen::VectorXd> shapes(y.data() + at::weights,
                                                 static_cast<Eigen::Index>(y.size() - at::weights));
  return -0.5 * shapes.dot(normal_ * shapes);
}

double Surrogate::residual(const Tried& tried, const std::vector<double>& y) const {
  return tried.exact - log_prior(tried.x, prior_) - of_units(tried.x) - normal_part(y);
}

void Surrogate::fit() {
  double best = -1e300;
  for (const auto& t : tried_) best = std::max(best, t.exact);
  const auto size = static_cast<Eigen::Index>(features(scaled(mode_.x)).size());
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (const auto& t : tried_) {
    if (t.exact < best - far) continue;
    const auto y = scaled(t.x);
    const auto f = features(y);
    const Eigen::Map<const Eigen::VectorXd> row(f.data(), size);
    const double weight = 1 / (1 + 0.02 * (best - t.exact) * (best - t.exact));
    normal += weight * row * row.transpose();
    right += weight * (residual(t, y) - mode_.log_density) * row;
  }
  // What the points do not show stays as the normal part has it. The level is free; squares and above all cubes are held down: where few
  // points lie, they would rise above the mode, and the walk on the picture would lead there.
  const auto dimensions = static_cast<Eigen::Index>(scaled(mode_.x).size());
  normal(0, 0) += 1e-6;
  Eigen::Index at = 1;
  for (Eigen::Index i = 0; i < dimensions; ++i) {
    normal(at, at) += held_linear;
    for (++at; at <= (i + 1) * (i + 4) / 2; ++at) normal(at, at) += held_square;
  }
  for (; at < size; ++at) normal(at, at) += held_cube;
  coefficients_ = normal.ldlt().solve(right);
  gather_quadratic();
}

// The normal part and the fitted features as one quadratic.
void Surrogate::gather_quadratic() {
  const auto size = static_cast<Eigen::Index>(at::weights) + normal_.rows();
  linear_.resize(size);
  square_ = Eigen::MatrixXd::Zero(size, size);
  if (!weights_alone_) square_.bottomRightCorner(normal_.rows(), normal_.cols()) = -0.5 * normal_;
  Eigen::Index at = 1;
  for (Eigen::Index i = 0; i < size; ++i) {
    linear_[i] = coefficients_[at++];
    for (Eigen::Index j = 0; j <= i; ++j) square_(i, j) += coefficients_[at++];
  }
  cubic_ = coefficients_.tail(size);
}

double Surrogate::beside_units(const Parameters& x) const {
  const double before = log_prior(x, prior_);
  if (!std::isfinite(before)) return before;
  if (!fitted()) return before;
  const auto scaled_x = scaled(x);
  const Eigen::Map<const Eigen::VectorXd> y(scaled_x.data(), linear_.size());
  const double sum = before + mode_.log_density + coefficients_[0] + linear_.dot(y) + y.dot(square_ * y) +
                     cubic_.dot(y.array().cube().matrix());
  double beyond = 0;
  for (std::size_t i = 0; i < mode_.free.size(); ++i) {
    if (weights_alone_ || mode_.free[i] < at::weights) continue;
    const double over = std::abs(x[mode_.free[i]] - centre_[mode_.free[i]]) / all_.sd[i] - edge;
    if (over > 0) beyond += over * over;
  }
  return sum - beyond;
}

double Surrogate::log_density(const Parameters& x) const {
  const double beside = beside_units(x);
  return std::isfinite(beside) ? beside + of_units(x) : beside;
}

void Surrogate::wander(Parameters& x, std::size_t moves, Moving moving, Stream& stream, double flatness) const {
  const Part& part = moving == Moving::all ? all_ : moving == Moving::weights ? weights_ : cheap_;
  const auto size = static_cast<Eigen::Index>(part.positions.size());
  constexpr double reaches[4] = {0.3, 1, 2.4, 5};
  double units = of_units(x), here = beside_units(x) + units;
  for (std::size_t move = 0; move < moves; ++move) {
    Parameters to = x;
    const double reach = reaches[stream.below(4)];
    if (stream.uniform() < 0.5) {
      Eigen::VectorXd z(size);
      for (double& v : z) v = stream.normal();
      const Eigen::VectorXd by = part.root * z;
      for (Eigen::Index i = 0; i < size; ++i)
        to[mode_.free[part.positions[static_cast<std::size_t>(i)]]] += reach * 0.5 * by[i];
    } else {
      const std::size_t i = stream.below(part.positions.size());
      to[mode_.free[part.positions[i]]] += reach * part.sd[i] * stream.normal();
    }
    const double beside = beside_units(to);
    if (!std::isfinite(beside)) continue;
    const double of_them = std::equal(to.begin(), to.begin() + at::weights, x.begin()) ? units : of_units(to);
    if (!(vm::log(positive_uniform(stream)) < flatness * (beside + of_them - here))) continue;
    x = to;
    units = of_them;
    here = beside + of_them;
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
      wander(x, 1000, Moving::all, stream);
    }
    if (!std::isfinite(log_prior(x, prior_))) continue;
    posterior.components_at(x, there);
    Parameters y = x;
    for (std::size_t i = 0; i < cheap_points; ++i) {
      const double exact = posterior.log_density(y, there, evidence);
      if (std::isfinite(exact)) tried_.push_back({y, exact});
      y = x;
      if (from_mode) {
        for (std::size_t c = 0; c < cheap_.sd.size(); ++c)
          y[mode_.free[cheap_.positions[c]]] += 0.8 * cheap_.sd[c] * stream.normal();
      } else {
        wander(y, 60, Moving::weights_and_spreads, stream);
      }
    }
  }
}

// The same where the weights alone move: the components stay as they are.
void Surrogate::try_weights(const MixturePosterior& posterior, double flatness, std::size_t number, Stream& stream) {
  Components here;
  PlaceEvidence evidence;
  posterior.components_at(mode_.x, here);
  Parameters x = mode_.x;
  for (std::size_t point = 0; point < number * cheap_points; ++point) {
    wander(x, 200, Moving::weights, stream, flatness);
    const double exact = posterior.log_density(x, here, evidence);
    if (std::isfinite(exact)) tried_.push_back({x, exact});
  }
}

}  // namespace cotejo::mixture
