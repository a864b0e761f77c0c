#include "mixture_chain.hpp"

#include <algorithm>
#include <cmath>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr double proposal_df = 6;
constexpr std::size_t few_units = 4000;  // up to here the posterior may be far from normal: random walks too
constexpr int weight_rounds = 3;  // over the four weights

enum class Use : std::uint64_t { parameters = 0, place = 1, unit = 2 };
Stream stream_of(Seed seed, std::uint64_t chain, std::uint64_t iteration, Use use, std::uint64_t index) {
  return {seed, Purpose::posterior_draw, ((chain + 1) << 40) | iteration, (static_cast<std::uint64_t>(use) << 40) | index};
}

// The free parameters beside the weights: where the quadratic at the mode puts them given the weights, and how far around.
class Proposal {
 public:
  explicit Proposal(const Mode& mode) : mode_(mode) {
    for (std::size_t i = 0; i < mode.free.size(); ++i) (mode.free[i] < at::weights ? weights_ : others_).push_back(static_cast<Eigen::Index>(i));
    const auto precision = [&](const std::vector<Eigen::Index>& rows, const std::vector<Eigen::Index>& columns) {
      Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(columns.size()));
      for (Eigen::Index i = 0; i < out.rows(); ++i)
        for (Eigen::Index j = 0; j < out.cols(); ++j)
          out(i, j) = mode.precision(rows[static_cast<std::size_t>(i)], columns[static_cast<std::size_t>(j)]);
      return out;
    };
    factor_ = precision(others_, others_).llt().matrixL();
    pull_ = -precision(others_, others_).ldlt().solve(precision(others_, weights_));
    const Eigen::MatrixXd covariance = mode.precision.inverse();
    for (const auto w : weights_) weight_sd_.push_back(std::sqrt(covariance(w, w)));
    for (const auto o : others_) sd_.push_back(std::sqrt(covariance(o, o)));
  }

  std::size_t size() const { return others_.size(); }
  std::size_t index(std::size_t i) const { return mode_.free[static_cast<std::size_t>(others_[i])]; }
  double sd(std::size_t i) const { return sd_[i]; }
  double weight_sd(std::size_t i) const { return weight_sd_[i]; }

  void draw(Stream& stream, Parameters& x) const {
    Eigen::VectorXd z(static_cast<Eigen::Index>(size()));
    for (auto& v : z) v = stream.normal();
    z *= 1 / std::sqrt(gamma_rng(stream, proposal_df / 2) / (proposal_df / 2));
    const Eigen::VectorXd step = factor_.transpose().triangularView<Eigen::Upper>().solve(z);
    const Eigen::VectorXd middle = centre(x);
    for (std::size_t i = 0; i < size(); ++i) x[index(i)] = middle[static_cast<Eigen::Index>(i)] + step[static_cast<Eigen::Index>(i)];
  }
  double log_density(const Parameters& x) const {
    const Eigen::VectorXd middle = centre(x);
    Eigen::VectorXd from(static_cast<Eigen::Index>(size()));
    for (std::size_t i = 0; i < size(); ++i) from[static_cast<Eigen::Index>(i)] = x[index(i)] - middle[static_cast<Eigen::Index>(i)];
    const double square = (factor_.transpose() * from).squaredNorm();
    return -0.5 * (proposal_df + static_cast<double>(size())) * std::log(1 + square / proposal_df);
  }

 private:
  Eigen::VectorXd centre(const Parameters& x) const {
    Eigen::VectorXd away(static_cast<Eigen::Index>(weights_.size())), out(static_cast<Eigen::Index>(size()));
    for (std::size_t w = 0; w < weights_.size(); ++w) {
      const std::size_t f = mode_.free[static_cast<std::size_t>(weights_[w])];
      away[static_cast<Eigen::Index>(w)] = std::clamp(x[f] - mode_.x[f], -2 * weight_sd_[w], 2 * weight_sd_[w]);
    }
    const Eigen::VectorXd shift = pull_ * away;
    for (std::size_t i = 0; i < size(); ++i) out[static_cast<Eigen::Index>(i)] = mode_.x[index(i)] + shift[static_cast<Eigen::Index>(i)];
    return out;
  }
  const Mode& mode_;
  std::vector<Eigen::Index> weights_, others_;
  Eigen::MatrixXd factor_, pull_;
  std::vector<double> weight_sd_, sd_;
};

class MixtureChain final : public Chain {
 public:
  MixtureChain(const MixturePosterior& posterior, const Mode& mode, Seed seed, std::uint64_t chain)
      : posterior_(posterior), proposal_(mode), seed_(seed), chain_(chain), x_(mode.x) {
    const std::size_t n = posterior.units().size();
    for (auto* column : {&sums_.incremental, &sums_.extreme, &sums_.manufactured, &sums_.stolen}) column->assign(n, 0);
    // Starting points that lie apart: two to three standard deviations off, where the posterior still is something.
    Stream stream = stream_of(seed, chain, 0, Use::parameters, 0);
    for (int attempt = 0; attempt < 20; ++attempt) {
      Parameters to = mode.x;
      for (std::size_t w = 0; w < at::weights; ++w) to[w] += 2 * proposal_.weight_sd(w) * stream.normal() / (1 + attempt / 4);
      proposal_.draw(stream, to);
      if (enter(to)) return;
    }
    enter(mode.x);
  }

  void step(std::uint64_t iteration, bool, bool kept) override {
    Stream stream = stream_of(seed_, chain_, iteration, Use::parameters, 1);
    Parameters to = x_;
    proposal_.draw(stream, to);
    consider(stream, to, proposal_.log_density(x_) - proposal_.log_density(to));
    if (posterior_.units().size() <= few_units)
      for (int round = 0; round < 3; ++round) walk_one(stream);
    walk_weights(stream);
    if (kept) draw_votes(iteration);
  }

  std::vector<double> quantities() const override { return quantities_of(x_, manufactured_, stolen_); }
  const UnitSums& sums() const override { return sums_; }

  std::vector<double> state() const override {
    std::vector<double> out = x_;
    out.insert(out.end(), {manufactured_, stolen_});
    for (const auto* column : {&sums_.incremental, &sums_.extreme, &sums_.manufactured, &sums_.stolen})
      out.insert(out.end(), column->begin(), column->end());
    return out;
  }
  void restore(std::span<const double> state) override {
    std::size_t at = 0;
    Parameters x = x_;
    for (double& v : x) v = state[at++];
    manufactured_ = state[at++];
    stolen_ = state[at++];
    for (auto* column : {&sums_.incremental, &sums_.extreme, &sums_.manufactured, &sums_.stolen})
      for (double& v : *column) v = state[at++];
    enter(x);
  }

 private:
  bool enter(const Parameters& x) {
    posterior_.components_at(x, components_);
    const double density = posterior_.log_density(x, components_, evidence_);
    if (!std::isfinite(density)) return false;
    x_ = x;
    log_density_ = density;
    return true;
  }

  bool accepts(Stream& stream, double log_ratio) { return std::log(positive_uniform(stream)) < log_ratio; }

  // Metropolis and Hastings for parameters that change the components.
  void consider(Stream& stream, const Parameters& to, double log_backward_over_forward) {
    if (!std::isfinite(log_prior(to, posterior_.prior()))) return;
    posterior_.components_at(to, tried_);
    const double density = posterior_.log_density(to, tried_, tried_evidence_);
    if (!accepts(stream, density - log_density_ + log_backward_over_forward)) return;
    x_ = to;
    log_density_ = density;
    std::swap(components_, tried_);
    std::swap(evidence_, tried_evidence_);
  }

  static double some_scale(Stream& stream) {
    constexpr double scales[4] = {0.3, 1, 2, 5};
    return scales[stream.below(4)];
  }

  void walk_one(Stream& stream) {
    const std::size_t i = stream.below(proposal_.size());
    Parameters to = x_;
    to[proposal_.index(i)] += some_scale(stream) * proposal_.sd(i) * stream.normal();
    consider(stream, to, 0);
  }

  void walk_weights(Stream& stream) {
    for (std::size_t move = 0; move < weight_rounds * at::weights; ++move) {
      Parameters to = x_;
      const std::size_t w = move % at::weights;
      to[w] += some_scale(stream) * proposal_.weight_sd(w) * stream.normal();
      const double density = posterior_.log_density(to, components_, tried_evidence_);
      if (!accepts(stream, density - log_density_)) continue;
      x_ = to;
      log_density_ = density;
      std::swap(evidence_, tried_evidence_);
    }
  }

  // A point of every place's grid, then a component of every unit and its votes.
  void draw_votes(std::uint64_t iteration) {
    const UnitTable& units = posterior_.units();
    std::vector<std::uint8_t> point(posterior_.data().places.size(), 0);
    Stream places = stream_of(seed_, chain_, iteration, Use::place, 0);
    for (const auto p : units.with_units) point[p] = drawn_from(&evidence_.weight[place_points * p], place_points, places.uniform());
    const UnitModel model = model_of(x_);
    const Weights weights = weights_of(x_);
    std::vector<double> probability;
    manufactured_ = stolen_ = 0;
    for (std::size_t begin = 0; begin < units.size(); begin += lanes) {
      posterior_.component_weights(weights, components_, begin / lanes, point.data(), probability);
      Stream stream = stream_of(seed_, chain_, iteration, Use::unit, begin);
      for (std::size_t i = 0; i < std::min(lanes, units.size() - begin); ++i) {
        const std::uint32_t unit = units.order[begin + i];
        double at = stream.uniform() - probability[i];
        for (std::size_t k = 0; k < kinds; ++k) {
          sums_.incremental[unit] += probability[(1 + k) * lanes + i];
          sums_.extreme[unit] += probability[(1 + kinds + k) * lanes + i];
        }
        if (at < 0) continue;
        std::size_t component = 0;
        while (component + 1 < components && (at -= probability[(1 + component) * lanes + i]) >= 0) ++component;
        draw_unit(stream, model, begin + i, point[units.place[begin + i]], component);
      }
    }
  }

  static std::uint8_t drawn_from(const double* weights, std::size_t number, double at) {
    std::size_t k = 0;
    while (k + 1 < number && (at -= weights[k]) >= 0) ++k;
    return static_cast<std::uint8_t>(k);
  }

  // The leader's votes of one manipulated unit, split into genuine, manufactured and stolen.
  void draw_unit(Stream& stream, const UnitModel& model, std::size_t at, std::size_t point, std::size_t component) {
    const UnitTable& units = posterior_.units();
    const auto mean = posterior_.mean_at(x_, at, point);
    const auto nodes = node_likelihoods(units.absent[at], units.leader[at], units.other[at], mean[0], mean[1], model);
    const std::size_t kind = component % kinds, first = component < kinds ? 0 : incremental_nodes,
                      last = component < kinds ? incremental_nodes : fractions;
    double sum = 0;
    for (std::size_t j = first; j < last; ++j) sum += nodes[kind * fractions + j].ratio;
    double left = stream.uniform() * sum;
    std::size_t j = first;
    while (j + 1 < last && (left -= nodes[kind * fractions + j].ratio) >= 0) ++j;
    const NodeLikelihood& node = nodes[kind * fractions + j];
    const auto drawn = [&](double logit, double sd) { return 1 / (1 + std::exp(-(logit + sd * stream.normal()))); };
    const double absent = drawn(node.logit_absent, node.sd_absent), other = drawn(node.logit_other, node.sd_other);
    const double x = fraction_nodes[j], voted = 1 - absent;
    const double split[3] = {voted * (1 - other), kind == 1 ? 0 : absent * x,
                             kind == 0 ? 0 : voted * other * (kind == 1 ? x : model.stolen_of_both[j])};
    std::int32_t counts[3] = {0, 0, 0};
    multinomial_rng(stream, static_cast<std::int64_t>(units.leader[at]), split, counts);
    const std::uint32_t unit = units.order[at];
    manufactured_ += counts[1];
    stolen_ += counts[2];
    sums_.manufactured[unit] += counts[1];
    sums_.stolen[unit] += counts[2];
  }

  const MixturePosterior& posterior_;
  Proposal proposal_;
  Seed seed_;
  std::uint64_t chain_;
  Parameters x_;
  double log_density_ = 0, manufactured_ = 0, stolen_ = 0;
  Components components_{}, tried_{};
  PlaceEvidence evidence_{}, tried_evidence_{};
  UnitSums sums_{};
};

}  // namespace

std::unique_ptr<Chain> mixture_chain(const MixturePosterior& posterior, const Mode& mode, Seed seed, std::uint64_t chain) {
  return std::make_unique<MixtureChain>(posterior, mode, seed, chain);
}

}  // namespace cotejo::mixture
