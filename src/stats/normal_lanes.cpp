#include "cotejo/stats/normal_lanes.hpp"

#include <cstddef>

#include "cotejo/base/vector_clones.hpp"
#include "normal_lane.hpp"

namespace cotejo {

namespace {

COTEJO_LANE double normal_lane(std::uint64_t word) {
  const double u = lane::open_unit(word);
  const double q = u < 0.5 ? u : 1 - u;
  const double e = lane::upper_quantile(-lane::log_of(q));
  return u < 0.5 ? -e : e;
}

COTEJO_LANE double truncated_lane(std::uint64_t word, double mean, double sign) {
  const double u = lane::open_unit(word);
  const double t = sign * mean;
  const double a = t < 0 ? -t : t;
  const double half_square = 0.5 * a * a;
  const double ratio = lane::density_at_0 * lane::mills_ratio(a);
  const double tail = ratio * lane::exp_of(half_square > 700 ? -700 : -half_square);  // 1 - Phi(a)
  const double p = u * (1 - tail);                                                    // t >= 0
  const double q = p < 0.5 ? p : 1 - p;
  const double y_inside = t < 0 ? half_square : 0;
  const double y = y_inside - lane::log_of(t < 0 ? u * ratio : q);
  const double e = lane::upper_quantile(y);
  const double noise = t >= 0 && p >= 0.5 ? -e : e;
  return sign * (t + noise);
}

COTEJO_VECTOR_CLONES
void all_normals(const std::uint64_t* __restrict words, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = normal_lane(words[i]);
}

COTEJO_VECTOR_CLONES
void all_truncated(const std::uint64_t* words, const double* mean, const double* sign, double* out, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) out[i] = truncated_lane(words[i], mean[i], sign[i]);
}

}  // namespace

void normals_from(std::span<const std::uint64_t> words, std::span<double> out) {
  all_normals(words.data(), out.data(), out.size());
}

void truncated_normals_from(std::span<const std::uint64_t> words, std::span<const double> mean,
                            std::span<const double> sign, std::span<double> out) {
  all_truncated(words.data(), mean.data(), sign.data(), out.data(), out.size());
}

}  // namespace cotejo
