#include "place_effects.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace {

constexpr double least_bend =
    0.02;  // of a place's quadratic, in units of its grid: a flat or hollow one counts as nearly flat

// `lanes` places side by side.
struct PlaceLanes {
  double sums[place_points][lanes], centre[2][lanes], scale[2][lanes], mean[2][lanes], variance[2][lanes];
  double slope[2][lanes], bend[2][lanes];                 // height + slope z - bend z^2 / 2, in units of the grid
  double weight[place_points][lanes], correction[lanes];  // correction: of the integral, as a factor
};

// The quadratic through the five points on the axes: points 0, 3, 6 of turnout and 0, 1, 2 of the share.
COTEJO_CLONES void fit_quadratics(PlaceLanes& at) {
  for (std::size_t d = 0; d < 2; ++d) {
    const double* const above = at.sums[d == 0 ? 3 : 1];
    const double* const below = at.sums[d == 0 ? 6 : 2];
    for (std::size_t p = 0; p < lanes; ++p) {
      const double bend = (2 * at.sums[0][p] - above[p] - below[p]) / 3;
      at.slope[d][p] = (above[p] - below[p]) / (2 * axis_offset[1]);
      at.bend[d][p] = bend > least_bend ? bend : least_bend;
    }
  }
}

// Weights of the grid's points for the posterior on the tree, times what the quadratic is off by there.
COTEJO_CLONES void weigh_points(PlaceLanes& at) {
  double axis[2][axis_points][lanes], plain[lanes], corrected[lanes];
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t i = 0; i < axis_points; ++i)
      for (std::size_t p = 0; p < lanes; ++p) {
        const double from = at.centre[d][p] + axis_offset[i] * at.scale[d][p] - at.mean[d][p];
        axis[d][i][p] = axis_weight[i] *
                        vector_math::exp(0.5 * axis_offset[i] * axis_offset[i] - 0.5 * from * from / at.variance[d][p]);
      }
  for (std::size_t p = 0; p < lanes; ++p) plain[p] = corrected[p] = 0;
  for (std::size_t i = 0; i < axis_points; ++i)
    for (std::size_t j = 0; j < axis_points; ++j)
      for (std::size_t p = 0; p < lanes; ++p) {
        const double x = axis_offset[i], y = axis_offset[j], weight = axis[0][i][p] * axis[1][j][p];
        const double off = at.sums[axis_points * i + j][p] - at.sums[0][p] - at.slope[0][p] * x +
                           0.5 * at.bend[0][p] * x * x - at.slope[1][p] * y + 0.5 * at.bend[1][p] * y * y;
        const double w = weight * vector_math::exp(off < 50 ? off : 50);
        at.weight[axis_points * i + j][p] = w;
        plain[p] += weight;
        corrected[p] += w;
      }
  for (std::size_t k = 0; k < place_points; ++k)
    for (std::size_t p = 0; p < lanes; ++p) at.weight[k][p] /= corrected[p];
  for (std::size_t p = 0; p < lanes; ++p) at.correction[p] = corrected[p] / plain[p];
}

// A product of many factors as its logarithm: one logarithm in many multiplications.
class LogProduct {
 public:
  void times(double factor) {
    product_ *= factor;
    if (product_ > 1e200 || product_ < 1e-200) settle();
  }
  double log() {
    settle();
    return sum_;
  }

 private:
  void settle() {
    sum_ += vector_math::log(product_);
    product_ = 1;
  }
  double product_ = 1, sum_ = 0;
};

struct TreePass {
  std::vector<double> precision, pull, prior;  // P: of what lies at and below each place; variance of its effect
};

// One dimension: from the places' own quadratics (in `pass`) to the evidence; means and variances of every place.
double integrate_tree(const NestedPlaces& places, TreePass& pass, double top_variance, std::vector<double>& mean,
                      std::vector<double>& variance) {
  double total = 0, top_precision = 0, top_pull = 0;
  LogProduct spreads;
  for (std::size_t p = places.size(); p-- > 0;) {
    if (pass.precision[p] == 0) continue;
    const double spread = 1 + pass.prior[p] * pass.precision[p], per = 1 / spread;
    total += 0.5 * pass.prior[p] * pass.pull[p] * pass.pull[p] * per;
    spreads.times(spread);
    const auto parent = places.parent[p];
    (parent == NestedPlaces::top ? top_precision : pass.precision[parent]) += pass.precision[p] * per;
    (parent == NestedPlaces::top ? top_pull : pass.pull[parent]) += pass.pull[p] * per;
  }
  const double top_spread = 1 + top_variance * top_precision, top_mean = top_variance * top_pull / top_spread;
  spreads.times(top_spread);
  total += 0.5 * top_variance * top_pull * top_pull / top_spread - 0.5 * spreads.log();
  mean.resize(places.size());
  variance.resize(places.size());
  for (std::size_t p = 0; p < places.size(); ++p) {
    const auto parent = places.parent[p];
    const double per = 1 / (1 + pass.prior[p] * pass.precision[p]);
    mean[p] = ((parent == NestedPlaces::top ? top_mean : mean[parent]) + pass.prior[p] * pass.pull[p]) * per;
    variance[p] =
        (pass.prior[p] + (parent == NestedPlaces::top ? top_variance / top_spread : variance[parent]) * per) * per;
  }
  return total;
}

}  // namespace

void place_evidence(const NestedPlaces& places, const std::vector<std::uint32_t>& with_units, const PlaceGrid& grid,
                    const std::vector<double>& sums, const Parameters& x, double top_sd, PlaceEvidence& out) {
  const std::size_t number = places.size(), groups = (with_units.size() + lanes - 1) / lanes;
  std::vector<PlaceLanes> all(groups);
  std::array<TreePass, 2> pass;
  for (std::size_t d = 0; d < 2; ++d) {
    const double lowest = std::exp(2 * x[at::log_place_sd + d]), above = std::exp(2 * x[at::log_above_sd + d]);
    pass[d].precision.assign(number, 0);
    pass[d].pull.assign(number, 0);
    pass[d].prior.resize(number);
    for (std::size_t p = 0; p < number; ++p) pass[d].prior[p] = places.level[p] + 1 == places.levels ? lowest : above;
  }
  for (auto& precision : out.own_precision) precision.assign(number, 0);
  double total = 0;
  // Lanes beyond the last place repeat it; they count for nothing.
  const auto place_at = [&](std::size_t g, std::size_t i) {
    return with_units[std::min(g * lanes + i, with_units.size() - 1)];
  };
  for (std::size_t g = 0; g < groups; ++g) {
    PlaceLanes& at = all[g];
    for (std::size_t i = 0; i < lanes; ++i) {
      const auto p = place_at(g, i);
      for (std::size_t k = 0; k < place_points; ++k) at.sums[k][i] = sums[place_points * p + k];
      for (std::size_t d = 0; d < 2; ++d) {
        at.centre[d][i] = grid.centre[d][p];
        at.scale[d][i] = grid.scale[d][p];
      }
    }
    fit_quadratics(at);
    for (std::size_t i = 0; i < std::min(lanes, with_units.size() - g * lanes); ++i) {
      const auto p = place_at(g, i);
      total += at.sums[0][i];
      for (std::size_t d = 0; d < 2; ++d) {
        const double scale = at.scale[d][i], centre = at.centre[d][i], precision = at.bend[d][i] / (scale * scale);
        pass[d].precision[p] = out.own_precision[d][p] = precision;
        pass[d].pull[p] = at.slope[d][i] / scale + precision * centre;
        total -= at.slope[d][i] * centre / scale + 0.5 * precision * centre * centre;
      }
    }
  }
  for (std::size_t d = 0; d < 2; ++d)
    total += integrate_tree(places, pass[d], top_sd * top_sd, out.mean[d], out.variance[d]);
  out.weight.resize(place_points * number);
  LogProduct corrections;
  for (std::size_t g = 0; g < groups; ++g) {
    PlaceLanes& at = all[g];
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t d = 0; d < 2; ++d) {
        at.mean[d][i] = out.mean[d][place_at(g, i)];
        at.variance[d][i] = out.variance[d][place_at(g, i)];
      }
    weigh_points(at);
    for (std::size_t i = 0; i < std::min(lanes, with_units.size() - g * lanes); ++i) {
      corrections.times(at.correction[i]);
      for (std::size_t k = 0; k < place_points; ++k) out.weight[place_points * place_at(g, i) + k] = at.weight[k][i];
    }
  }
  out.log_evidence = total + corrections.log();
}

}  // namespace cotejo::mixture
