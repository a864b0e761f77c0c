#include "cotejo/stats/nested_effects.hpp"

#include <algorithm>
#include <cmath>

namespace cotejo {

namespace {

constexpr int sweeps = 3;
constexpr int wide_steps = 11, narrow_steps = 7;  // of the golden section, over the whole range and near the last value
constexpr double least_share = 1e-7;              // a variance below this share of the whole is none

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 1 : sum / static_cast<double>(values.size());
}

// The x in [low, high] with the largest f, for an f with one hill.
template <class F>
double hill_top(double low, double high, int steps, F f) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double a = high - ratio * (high - low), b = low + ratio * (high - low);
  double fa = f(a), fb = f(b);
  for (int i = 0; i < steps; ++i) {
    if (fa > fb) {
      high = b;
      b = a;
      fb = fa;
      a = high - ratio * (high - low);
      fa = f(a);
    } else {
      low = a;
      a = b;
      fa = fb;
      b = low + ratio * (high - low);
      fb = f(b);
    }
  }
  return fa > fb ? a : b;
}

}  // namespace

double variance_of_place(const NestedVariances& variances, const NestedPlaces& places, std::size_t place,
                         double mean_size) {
  const auto level = places.level[place];
  const double shrink = variances.shrink[level];
  const double effect = variances.effect[level];
  return shrink == 0 ? effect : effect * std::pow(places.place_size[place] / mean_size, -shrink);
}

NestedPosterior::NestedPosterior(const NestedPlaces& places, const NestedObservations& data,
                                 const NestedVariances& variances)
    : places_(&places), prior_(places.size()), precision_(places.size()), pull_(places.size()) {
  const double mean_size = mean_of(places.place_size);
  for (std::size_t p = 0; p < places.size(); ++p) prior_[p] = variance_of_place(variances, places, p, mean_size);
  double sum = 0;
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    const double variance = variances.unit + variances.sampling / data.size[i];
    const double y =
        places.covariate.empty() ? data.y[i] : data.y[i] - variances.slope * places.covariate[data.place[i]];
    precision_[data.place[i]] += 1 / variance;
    pull_[data.place[i]] += y / variance;
    sum += std::log(variance) + y * y / variance;
  }
  for (std::size_t p = places.size(); p-- > 0;) {
    if (precision_[p] == 0) continue;
    const double spread = 1 + prior_[p] * precision_[p];
    sum += std::log(spread) - prior_[p] * pull_[p] * pull_[p] / spread;
    const auto parent = places.parent[p];
    double& precision = parent == NestedPlaces::top ? top_precision_ : precision_[parent];
    double& pull = parent == NestedPlaces::top ? top_pull_ : pull_[parent];
    precision += precision_[p] / spread;
    pull += pull_[p] / spread;
  }
  log_likelihood_ = -0.5 * (sum + std::log(top_precision_) - top_pull_ * top_pull_ / top_precision_);
}

std::vector<double> NestedPosterior::means() const {
  std::vector<double> out(places_->size());
  const double top = top_pull_ / top_precision_;
  for (std::size_t p = 0; p < out.size(); ++p) {
    const auto parent = places_->parent[p];
    const double above = parent == NestedPlaces::top ? top : out[parent];
    out[p] = (above + prior_[p] * pull_[p]) / (1 + prior_[p] * precision_[p]);
  }
  return out;
}

void NestedPosterior::draw(Stream& stream, std::span<const char> marked, std::vector<double>& theta) const {
  theta.resize(places_->size());
  const double top = top_pull_ / top_precision_ + stream.normal() / std::sqrt(top_precision_);
  for (std::size_t p = 0; p < theta.size(); ++p) {
    if (!marked[p]) continue;
    const auto parent = places_->parent[p];
    const double above = parent == NestedPlaces::top ? top : theta[parent];
    const double spread = 1 + prior_[p] * precision_[p];
    theta[p] = (above + prior_[p] * pull_[p]) / spread + std::sqrt(prior_[p] / spread) * stream.normal();
  }
}

Result<NestedVariances> fit_nested(const NestedPlaces& places, const NestedObservations& data) {
  if (data.y.size() < 2)
    return Error{.code = ErrorCode::input_insufficient, .message = "a nested model needs two observations"};
  // Around the mean, so that little is lost in the sums of squares.
  const double mean = mean_of(data.y);
  std::vector<double> centred(data.y.begin(), data.y.end());
  double whole = 0;
  for (auto& value : centred) {
    value -= mean;
    whole += value * value / static_cast<double>(centred.size());
  }
  NestedVariances out{.unit = whole / 4,
                      .sampling = 0.25,
                      .effect = std::vector<double>(places.levels, whole / (2.0 * std::max(1U, places.levels))),
                      .shrink = std::vector<double>(places.levels, 0.0)};
  if (!(whole > 0)) {
    out.unit = 1e-12;
    std::fill(out.effect.begin(), out.effect.end(), 0.0);
    out.sampling = 0;
    return out;
  }
  const NestedObservations around{centred, data.place, data.size};
  const auto likelihood = [&] { return NestedPosterior(places, around, out).log_likelihood(); };
  const double mean_size = mean_of(data.size);
  const auto fit_variance = [&](double& variance, double scale, bool near) {
    double low = std::log(least_share * whole * scale), high = std::log(4 * whole * scale);
    if (near) {
      const double now = std::log(variance);
      low = std::max(low, now - 1);
      high = std::min(high, now + 1);
    }
    variance = std::exp(hill_top(low, high, near ? narrow_steps : wide_steps, [&](double x) {
      variance = std::exp(x);
      return likelihood();
    }));
  };
  double spread = 0;
  if (!places.covariate.empty()) {
    const double middle = mean_of(places.covariate);
    for (const double x : places.covariate)
      spread += (x - middle) * (x - middle) / static_cast<double>(places.covariate.size());
  }
  // Given the variances the likelihood is a parabola in the slope.
  const auto fit_slope = [&] {
    if (!(spread > 0)) return;
    const double step = std::sqrt(whole / spread), from = out.slope;
    const auto at = [&](double slope) {
      out.slope = slope;
      return likelihood();
    };
    const double below = at(from - step), here = at(from), above = at(from + step);
    const double bend = below - 2 * here + above;
    out.slope = bend < 0 ? from + step * (below - above) / (2 * bend) : from;
  };
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const bool near = sweep > 0;
    fit_slope();
    fit_variance(out.unit, 1, near);
    fit_variance(out.sampling, mean_size, near);
    for (std::size_t level = places.levels; level-- > 0;) fit_variance(out.effect[level], 1, near);
    if (places.levels > 0) {
      double& shrink = out.shrink[places.levels - 1];
      shrink = hill_top(-1.0, 2.0, narrow_steps, [&](double x) {
        shrink = x;
        return likelihood();
      });
    }
  }
  return out;
}

}  // namespace cotejo
