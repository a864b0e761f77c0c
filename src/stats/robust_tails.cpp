#include "cotejo/stats/robust_tails.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

namespace cotejo {

namespace {

// The mean of the two middle ones where their number is even.
double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

double one_sided_sign_p(std::int64_t above, std::int64_t below) {
  if (above == 0) return 1;
  const boost::math::binomial_distribution<double> even(static_cast<double>(above + below), 0.5);
  return boost::math::cdf(boost::math::complement(even, static_cast<double>(above - 1)));
}

RobustTails robust_tails(std::span<const double> deviation, std::span<const double> variance,
                         std::span<const std::uint32_t> group_size, double limit) {
  RobustTails out;
  if (deviation.empty()) return out;
  std::vector<double> room(deviation.size());
  for (std::size_t i = 0; i < room.size(); ++i) room[i] = std::abs(deviation[i]);
  const double scale = 1.4826 * median_of(room);
  room.assign(variance.begin(), variance.end());
  const double s2 = std::max(0.0, scale * scale - median_of(room)) / 1.1;
  out.spread = std::sqrt(s2);
  out.z.resize(deviation.size());
  for (std::size_t i = 0; i < deviation.size(); ++i) {
    out.z[i] = deviation[i] / std::sqrt(variance[i] + s2 * (1 + 1 / (static_cast<double>(group_size[i]) - 1)));
    out.above += out.z[i] > limit;
    out.below += out.z[i] < -limit;
  }
  out.p_above = one_sided_sign_p(out.above, out.below);
  return out;
}

}  // namespace cotejo
