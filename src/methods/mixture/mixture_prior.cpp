#include "mixture_prior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr double log_df_mean = 2.0794415416798357, log_df_sd = 0.75;
constexpr double log_alpha_sd = 0.7;

double half_normal_on_log_scale(double log_sd, double scale) {
  const double sd = std::exp(log_sd);
  return log_sd - 0.5 * sd * sd / (scale * scale);
}

std::array<double, 3> softmax(double second, double third) {
  const double most = std::max({0.0, second, third});
  const double e0 = std::exp(-most), e1 = std::exp(second - most), e2 = std::exp(third - most), sum = e0 + e1 + e2;
  return {e0 / sum, e1 / sum, e2 / sum};
}

}  // namespace

std::array<double, 1 + components> Weights::all() const {
  std::array<double, 1 + components> out{pi[0]};
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t k = 0; k < kinds; ++k) out[1 + c * kinds + k] = pi[1 + c] * kind[k];
  return out;
}

bool shapes_units(std::size_t parameter) {
  return parameter >= at::weights && !(parameter >= at::log_place_sd && parameter < at::log_alpha);
}

Weights weights_of(const Parameters& x) {
  return {softmax(x[at::incremental], x[at::extreme]), softmax(x[at::moved], x[at::both])};
}

UnitModel model_of(const Parameters& x) {
  return unit_model(std::exp(x[at::log_sd]), std::exp(x[at::log_df]), std::exp(x[at::log_sd + 1]),
                    std::exp(x[at::log_df + 1]), std::exp(x[at::log_alpha]));
}

std::vector<std::size_t> free_parameters(const MixturePrior& prior, const NestedPlaces& places,
                                         std::size_t covariates) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < at::covariates + 2 * covariates; ++i) {
    if (prior.fixed_df > 0 && (i == at::log_df || i == at::log_df + 1)) continue;
    if (places.levels < 2 && (i == at::log_above_sd || i == at::log_above_sd + 1)) continue;
    out.push_back(i);
  }
  return out;
}

Parameters starting_point(const MixturePrior& prior, std::size_t covariates) {
  Parameters x(at::covariates + 2 * covariates, 0);
  x[at::incremental] = -3;
  x[at::extreme] = -5;
  for (std::size_t d = 0; d < 2; ++d) {
    x[at::log_sd + d] = std::log(0.2);
    x[at::log_df + d] = prior.fixed_df > 0 ? std::log(prior.fixed_df) : log_df_mean;
    x[at::log_place_sd + d] = std::log(0.3);
    x[at::log_above_sd + d] = std::log(0.4);
  }
  return x;
}

double log_prior(const Parameters& x, const MixturePrior& prior) {
  const Weights w = weights_of(x);
  constexpr double none = -std::numeric_limits<double>::infinity();
  if (!(w.pi[0] > w.pi[1]) || !(w.pi[0] > w.pi[2])) return none;
  for (const double v : x)
    if (!(std::abs(v) < 200)) return none;
  double sum = (1 / prior.manipulated - 1) * std::log(w.pi[0]) + 0.5 * std::log(w.pi[1]) + 0.5 * std::log(w.pi[2]);
  for (const double k : w.kind) sum += std::log(k);
  for (std::size_t d = 0; d < 2; ++d) {
    sum += half_normal_on_log_scale(x[at::log_sd + d], prior.unit_sd) +
           half_normal_on_log_scale(x[at::log_place_sd + d], prior.place_sd) +
           half_normal_on_log_scale(x[at::log_above_sd + d], prior.place_sd);
    if (prior.fixed_df > 0) continue;
    const double z = (x[at::log_df + d] - log_df_mean) / log_df_sd;
    sum -= 0.5 * z * z;
  }
  sum -= 0.5 * x[at::log_alpha] * x[at::log_alpha] / (log_alpha_sd * log_alpha_sd);
  for (std::size_t i = at::covariates; i < x.size(); ++i) sum -= 0.5 * x[i] * x[i];
  return sum;
}

std::vector<std::string> quantity_names() {
  return {"pi_none",           "pi_incremental",  "pi_extreme",    "manufactured_votes", "stolen_votes",
          "votes_in_question", "unit_sd_turnout", "unit_sd_share", "tail_turnout",       "tail_share",
          "place_sd_turnout",  "place_sd_share",  "alpha"};
}

std::vector<double> quantities_of(const Parameters& x, double manufactured, double stolen) {
  const Weights w = weights_of(x);
  return {w.pi[0],
          w.pi[1],
          w.pi[2],
          manufactured,
          stolen,
          manufactured + stolen,
          std::exp(x[at::log_sd]),
          std::exp(x[at::log_sd + 1]),
          std::exp(x[at::log_df]),
          std::exp(x[at::log_df + 1]),
          std::exp(x[at::log_place_sd]),
          std::exp(x[at::log_place_sd + 1]),
          std::exp(x[at::log_alpha])};
}

namespace {

// The parameters of one election drawn from the prior.
Parameters parameters_from_prior(const MixturePrior& prior, std::size_t covariates, Stream& stream) {
  Parameters x = starting_point(prior, covariates);
  const auto log_half_normal = [&](double scale) { return std::log(scale * std::abs(stream.normal()) + 1e-12); };
  do {
    const double none = gamma_rng(stream, 1 / prior.manipulated - 1);
    x[at::incremental] = std::log(gamma_rng(stream, 0.5) / none);
    x[at::extreme] = std::log(gamma_rng(stream, 0.5) / none);
  } while (x[at::incremental] >= 0 || x[at::extreme] >= 0);
  const double added = gamma_rng(stream, 1);
  x[at::moved] = std::log(gamma_rng(stream, 1) / added);
  x[at::both] = std::log(gamma_rng(stream, 1) / added);
  for (std::size_t d = 0; d < 2; ++d) {
    x[at::log_sd + d] = log_half_normal(prior.unit_sd);
    x[at::log_place_sd + d] = log_half_normal(prior.place_sd);
    x[at::log_above_sd + d] = log_half_normal(prior.place_sd);
    if (prior.fixed_df == 0) x[at::log_df + d] = log_df_mean + log_df_sd * stream.normal();
  }
  x[at::log_alpha] = log_alpha_sd * stream.normal();
  for (std::size_t i = at::covariates; i < x.size(); ++i) x[i] = stream.normal();
  return x;
}

struct Node {
  double added = 0, moved = 0;  // m, s
};

Node node_from_prior(const Weights& weights, double alpha, Stream& stream) {
  double at_class = stream.uniform();
  if (at_class < weights.pi[0]) return {};
  const bool extreme = at_class >= weights.pi[0] + weights.pi[1];
  const std::size_t j = extreme ? incremental_nodes : stream.below(incremental_nodes);
  const double x = fraction_nodes[j], at_kind = stream.uniform();
  if (at_kind < weights.kind[0]) return {x, 0};
  if (at_kind < weights.kind[0] + weights.kind[1]) return {0, x};
  return {x, std::pow(x, alpha)};
}

}  // namespace

std::vector<double> draw_from_prior(const MixturePrior& prior, MixtureData& data, Seed seed, std::uint64_t replicate) {
  Stream stream(seed, Purpose::posterior_draw, (std::uint64_t{0xFFFF} << 40) | replicate, 0);
  const Parameters x = parameters_from_prior(prior, data.covariates.size(), stream);
  const Weights weights = weights_of(x);
  std::array<std::vector<double>, 2> theta;
  for (std::size_t d = 0; d < 2; ++d) {
    const double top = prior.top_sd * stream.normal(), lowest = std::exp(x[at::log_place_sd + d]),
                 above = std::exp(x[at::log_above_sd + d]);
    for (std::size_t p = 0; p < data.places.size(); ++p) {
      const double sd = data.places.level[p] + 1 == data.places.levels ? lowest : above;
      theta[d].push_back((data.places.parent[p] == NestedPlaces::top ? top : theta[d][data.places.parent[p]]) +
                         sd * stream.normal());
    }
  }
  double manufactured = 0, stolen = 0;
  for (std::size_t u = 0; u < data.size(); ++u) {
    const Node node = node_from_prior(weights, std::exp(x[at::log_alpha]), stream);
    double q[2];  // stays away; votes for another
    for (std::size_t d = 0; d < 2; ++d) {
      const double df = std::exp(x[at::log_df + d]), z = stream.normal(),
                   t = node.added > 0 || node.moved > 0 ? z : z / std::sqrt(gamma_rng(stream, df / 2) / (df / 2));
      double logit = theta[d][data.place[u]] + std::exp(x[at::log_sd + d]) * t;
      for (std::size_t c = 0; c < data.covariates.size(); ++c)
        logit += x[at::covariates + 2 * c + d] * data.covariates[c][u];
      q[d] = 1 / (1 + std::exp(std::clamp(logit, -30.0, 30.0)));
    }
    const double voted = 1 - q[0], split[5] = {q[0] * (1 - node.added), voted * q[1] * (1 - node.moved),
                                               voted * (1 - q[1]), q[0] * node.added, voted * q[1] * node.moved};
    std::int32_t counts[5];
    multinomial_rng(stream, data.registered[u], split, counts);
    data.abstained[u] = counts[0];
    data.other[u] = counts[1];
    data.leader[u] = counts[2] + counts[3] + counts[4];
    manufactured += counts[3];
    stolen += counts[4];
  }
  return quantities_of(x, manufactured, stolen);
}

double votes_expected_before(const MixturePrior& prior, const MixtureData& data) {
  double absent = 0, other = 0, mean = 0;  // of the fractions, each class as likely
  for (std::size_t u = 0; u < data.size(); ++u) {
    absent += data.abstained[u];
    other += data.other[u];
  }
  for (std::size_t j = 0; j < fractions; ++j) mean += 0.5 * node_weight[j] * fraction_nodes[j];
  return prior.manipulated * mean * 2 / 3 * (absent + other);
}

}  // namespace cotejo::mixture
