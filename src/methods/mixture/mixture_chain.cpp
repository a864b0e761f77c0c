#include "mixture_chain.hpp"

#include <algorithm>
#include <cmath>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr std::size_t moves_on_picture = 700;  // between two exact densities
constexpr std::size_t moves_to_start = 2000;
constexpr double flatness =
    0.8;  // of the picture, as its exponent: what it leaves out of the tails would hold a chain there
constexpr int cheap_rounds = 2;  // over weights and spreads of places alone

enum class Use : std::uint64_t { parameters = 0, place = 1, unit = 2 };
Stream stream_of(Seed seed, std::uint64_t chain, std::uint64_t iteration, Use use, std::uint64_t index) {
  return {seed, Purpose::posterior_draw, ((chain + 1) << 40) | iteration,
          (static_cast<std::uint64_t>(use) << 40) | index};
}

class MixtureChain final : public Chain {
 public:
  MixtureChain(const MixturePosterior& posterior, const Mode& mode, const Surrogate& picture, Seed seed,
               std::uint64_t chain)
      : posterior_(posterior), picture_(picture), mode_(mode), seed_(seed), chain_(chain), x_(mode.x) {
    const std::size_t n = posterior.units().size();
    for (auto* column : {&sums_.incremental, &sums_.extreme, &sums_.manufactured, &sums_.stolen}) column->assign(n, 0);
    const Eigen::MatrixXd covariance = mode.precision.inverse();
    for (Eigen::Index i = 0; i < covariance.rows(); ++i) sd_.push_back(std::sqrt(covariance(i, i)));
    // Starting points that lie apart: two standard deviations off, then wherever the picture leads from there. Where the picture is far
    // off, two standard deviations from the mode, a chain would stay for hundreds of iterations.
    Stream stream = stream_of(seed, chain, 0, Use::parameters, 0);
    const auto moving = picture.weights_alone() ? Surrogate::Moving::weights : Surrogate::Moving::all;
    for (int attempt = 0; attempt < 20; ++attempt) {
      Parameters to = mode.x;
      for (std::size_t i = 0; i < mode.free.size(); ++i)
        if (!picture.weights_alone() || mode.free[i] < at::weights)
          to[mode.free[i]] += 2 * sd_[i] * stream.normal() / (1 + attempt / 2);
      if (!std::isfinite(log_prior(to, posterior.prior()))) continue;
      picture.wander(to, moves_to_start, moving, stream);
      if (enter(to)) return;
    }
    enter(mode.x);
  }

  void step(std::uint64_t iteration, bool, bool kept) override {
    Stream stream = stream_of(seed_, chain_, iteration, Use::parameters, 1);
    Parameters to = x_;
    if (picture_.weights_alone()) {
      // Far and near: where the picture is off by more, short ways are taken all the same.
      for (const std::size_t moves : {moves_on_picture / 3, std::size_t{30}}) {
        to = x_;
        picture_.wander(to, moves, Surrogate::Moving::weights, stream, flatness);
        consider_cheap(stream, to, flatness * (picture_.log_density(x_) - picture_.log_density(to)));
      }
      if (kept) draw_votes(iteration);
      return;
    }
    picture_.wander(to, moves_on_picture, Surrogate::Moving::all, stream, flatness);
    consider(stream, to, flatness * (picture_.log_density(x_) - picture_.log_density(to)));
    for (int round = 0; round < cheap_rounds; ++round) {
      to = x_;
      picture_.wander(to, moves_on_picture / 3, Surrogate::Moving::weights_and_spreads, stream, flatness);
      consider_cheap(stream, to, flatness * (picture_.log_density(x_) - picture_.log_density(to)));
    }
    if (posterior_.units().size() <= few_units) walk(stream);
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

  // The same where the components stay as they are.
  void consider_cheap(Stream& stream, const Parameters& to, double log_backward_over_forward) {
    if (!std::isfinite(log_prior(to, posterior_.prior()))) return;
    const double density = posterior_.log_density(to, components_, tried_evidence_);
    if (!accepts(stream, density - log_density_ + log_backward_over_forward)) return;
    x_ = to;
    log_density_ = density;
    std::swap(evidence_, tried_evidence_);
  }

  // One shape parameter, then every other one, by random walks.
  void walk(Stream& stream) {
    constexpr double reaches[4] = {0.3, 1, 2, 5};
    const std::size_t chosen = stream.below(mode_.free.size());
    for (std::size_t i = 0; i < mode_.free.size(); ++i) {
      const bool shape = shapes_units(mode_.free[i]);
      if (shape && i != chosen) continue;
      Parameters to = x_;
      to[mode_.free[i]] += reaches[stream.below(4)] * sd_[i] * stream.normal();
      shape ? consider(stream, to, 0) : consider_cheap(stream, to, 0);
    }
  }

  // A point of every place's grid, then a component of every unit and its votes.
  void draw_votes(std::uint64_t iteration) {
    const UnitTable& units = posterior_.units();
    std::vector<std::uint8_t> point(posterior_.data().places.size(), 0);
    Stream places = stream_of(seed_, chain_, iteration, Use::place, 0);
    for (const auto p : units.with_units)
      point[p] = drawn_from(&evidence_.weight[place_points * p], place_points, places.uniform());
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
  const Surrogate& picture_;
  const Mode& mode_;
  std::vector<double> sd_;
  Seed seed_;
  std::uint64_t chain_;
  Parameters x_;
  double log_density_ = 0, manufactured_ = 0, stolen_ = 0;
  Components components_{}, tried_{};
  PlaceEvidence evidence_{}, tried_evidence_{};
  UnitSums sums_{};
};

}  // namespace

std::unique_ptr<Chain> mixture_chain(const MixturePosterior& posterior, const Mode& mode, const Surrogate& picture,
                                     Seed seed, std::uint64_t chain) {
  return std::make_unique<MixtureChain>(posterior, mode, picture, seed, chain);
}

}  // namespace cotejo::mixture
