#include "coherent_lanes.hpp"

#include <bit>
#include <cassert>
#include <cmath>

#include "cotejo/base/vector_math.hpp"

namespace cotejo::mixture {

namespace {

namespace vm = vector_math;

// The kernel of Student's t, (1 + z^2 / tail)^-((tail + 1) / 2).
template <int doublings>
COTEJO_INLINE double kernel(double z) {
  constexpr double tail = (2 << doublings) - 1;
  double base = 1 + z * z / tail;
  for (int k = 0; k < doublings; ++k) base *= base;
  return 1 / base;
}

// The sum over the nodes of one class, lane by lane.
template <int doublings>
COTEJO_INLINE void add_class(const DensityLanes& in, const double* values, std::size_t number, double* out) {
  double turned[lanes], left[lanes];
  for (std::size_t i = 0; i < in.count; ++i) out[i] = 0;
  const double node_share = 1 / static_cast<double>(number * number);
  for (std::size_t j = 0; j < number; ++j) {
    const double scale = 1 / (1 - values[j]);
    for (std::size_t i = 0; i < in.count; ++i) {
      const double x = in.a[i] * scale, stay = 1 - x;
      const bool possible = stay > 1e-12;
      const double safe = possible ? stay : 0.5;
      const double z = (vm::log(safe / x) - in.mean_turnout[i]) * in.inverse_turnout;
      turned[i] = possible ? kernel<doublings>(z) / safe * node_share : 0.0;
      left[i] = in.o[i] / safe;
    }
    for (std::size_t k = 0; k < number; ++k) {
      const double share_scale = 1 / (1 - values[k]);
      for (std::size_t i = 0; i < in.count; ++i) {
        const double y = left[i] * share_scale, share = 1 - y;
        const bool possible = share > 1e-12;
        const double safe = possible ? share : 0.5;
        const double z = (vm::log(safe / y) - in.mean_share[i]) * in.inverse_share;
        out[i] += possible ? turned[i] * (kernel<doublings>(z) / safe) : 0.0;
      }
    }
  }
}

template <int doublings>
COTEJO_INLINE void three_classes(const DensityLanes& in, const Lattice& lattice) {
  const double nothing[1] = {0};
  add_class<doublings>(in, nothing, 1, in.none);
  add_class<doublings>(in, lattice.values[0].data(), lattice.values[0].size(), in.incremental);
  add_class<doublings>(in, lattice.values[1].data(), lattice.values[1].size(), in.extreme);
}

// The quadratic picture of the log likelihood of one unit's two logits, at one point. Constants in m and s alone are left
// out.
struct Picture {
  double log_likelihood, gradient_turnout, gradient_share, h11, h12, h22;
};

COTEJO_INLINE Picture picture(double turnout, double share, double m, double s, double absent, double leader, double other) {
  const double q = vm::exp(-turnout), r = vm::exp(-share);
  const double tau = 1 / (1 + q), nu = 1 / (1 + r), stays = q * tau, others = r * nu;
  const double a = stays * (1 - m), o = tau * others * (1 - s), w = tau * nu + tau * others * s + stays * m;
  const double registered = absent + leader + other, inverse = 1 / w;
  const double dw_turnout = a * tau - o * stays, dw_share = o * nu;
  Picture out;
  out.log_likelihood = leader * vm::log(w) - absent * turnout - other * share - (absent + other) * vm::log(1 + q) -
                       other * vm::log(1 + r);
  out.gradient_turnout = other * stays - absent * tau + leader * dw_turnout * inverse;
  out.gradient_share = leader * dw_share * inverse - other * nu;
  out.h11 = registered * (a * tau * tau + o * stays * stays + dw_turnout * dw_turnout * inverse);
  out.h12 = registered * (dw_turnout * dw_share * inverse - o * stays * nu);
  out.h22 = registered * (o * nu * nu + dw_share * dw_share * inverse);
  return out;
}

COTEJO_INLINE double clamped(double x) {
  return x < -farthest ? -farthest : x > farthest ? farthest : x;
}

// (0, 1), 52 bits.
COTEJO_INLINE double open_unit(std::uint64_t word) {
  return std::bit_cast<double>(word >> 12 | 0x3FF0000000000000ULL) - (1 - 0x1p-53);
}

struct Ends {
  double turnout[lanes], share[lanes], log_density[lanes], step_turnout[lanes], step_share[lanes], h11[lanes], h12[lanes],
      h22[lanes];
};

// Log posterior, Newton step and precision at one point of every lane.
template <int doublings>
COTEJO_INLINE void look(const UnitLanes& in, Ends& at) {
  constexpr double tail = (2 << doublings) - 1;
  const double inverse[2] = {1 / in.sd_turnout, 1 / in.sd_share};
  for (std::size_t i = 0; i < in.count; ++i) {
    const Picture p = picture(at.turnout[i], at.share[i], in.m[i], in.s[i], in.absent[i], in.leader[i], in.other[i]);
    const double z = (at.turnout[i] - in.mean_turnout[i]) * inverse[0], y = (at.share[i] - in.mean_share[i]) * inverse[1];
    const double precision_z = (tail + 1) / (tail + z * z) * inverse[0], precision_y = (tail + 1) / (tail + y * y) * inverse[1];
    const double gradient[2] = {p.gradient_turnout - precision_z * z, p.gradient_share - precision_y * y};
    const double h11 = p.h11 + precision_z * inverse[0], h22 = p.h22 + precision_y * inverse[1];
    const double per_determinant = 1 / (h11 * h22 - p.h12 * p.h12);
    at.step_turnout[i] = (h22 * gradient[0] - p.h12 * gradient[1]) * per_determinant;
    at.step_share[i] = (h11 * gradient[1] - p.h12 * gradient[0]) * per_determinant;
    at.h11[i] = h11;
    at.h12[i] = p.h12;
    at.h22[i] = h22;
    at.log_density[i] = p.log_likelihood - 0.5 * (tail + 1) * vm::log((1 + z * z / tail) * (1 + y * y / tail));
  }
}

template <int doublings>
COTEJO_INLINE void move(const UnitLanes& in, const std::uint64_t* words, double* scale_turnout, double* scale_share,
                        double* moved) {
  constexpr double tail = (2 << doublings) - 1;
  Ends here, there;
  double inside[lanes], took[lanes];
  for (std::size_t i = 0; i < in.count; ++i) {
    here.turnout[i] = in.turnout[i];
    here.share[i] = in.share[i];
  }
  look<doublings>(in, here);
  for (std::size_t i = 0; i < in.count; ++i) {
    // N(step, H^-1) by the factor of H.
    const double radius = std::sqrt(-2 * vm::log(open_unit(words[i]))), turn = open_unit(words[lanes + i]);
    const double g = radius * vm::cosine_of_turn(turn), h = radius * vm::sine_of_turn(turn);
    const double l11 = std::sqrt(here.h11[i]), l21 = here.h12[i] / l11, l22 = std::sqrt(here.h22[i] - l21 * l21);
    const double d_share = h / l22, d_turnout = (g - l21 * d_share) / l11;
    const double to[2] = {in.turnout[i] + here.step_turnout[i] + d_turnout, in.share[i] + here.step_share[i] + d_share};
    there.turnout[i] = clamped(to[0]);
    there.share[i] = clamped(to[1]);
    inside[i] = (there.turnout[i] == to[0]) & (there.share[i] == to[1]) ? 1.0 : 0.0;
  }
  look<doublings>(in, there);
  for (std::size_t i = 0; i < in.count; ++i) {
    const double d[2] = {there.turnout[i] - here.turnout[i], there.share[i] - here.share[i]};
    const double x = d[0] - here.step_turnout[i], y = d[1] - here.step_share[i];
    const double back_x = -d[0] - there.step_turnout[i], back_y = -d[1] - there.step_share[i];
    const double forth = here.h11[i] * x * x + 2 * here.h12[i] * x * y + here.h22[i] * y * y;
    const double back = there.h11[i] * back_x * back_x + 2 * there.h12[i] * back_x * back_y + there.h22[i] * back_y * back_y;
    const double determinants = (there.h11[i] * there.h22[i] - there.h12[i] * there.h12[i]) /
                                (here.h11[i] * here.h22[i] - here.h12[i] * here.h12[i]);
    const double ratio = there.log_density[i] - here.log_density[i] + 0.5 * (vm::log(determinants) + forth - back);
    const bool take = (inside[i] > 0) & (vm::log(open_unit(words[2 * lanes + i])) < ratio);
    in.turnout[i] = take ? there.turnout[i] : here.turnout[i];
    in.share[i] = take ? there.share[i] : here.share[i];
    took[i] = take ? 1.0 : 0.0;
  }
  for (std::size_t i = 0; i < in.count; ++i) *moved += took[i];
  // Gamma(2^doublings) / ((tail + z^2) / 2).
  const std::uint64_t* next = words + 3 * lanes;
  for (int d = 0; d < 2; ++d) {
    const double inverse = 1 / (d == 0 ? in.sd_turnout : in.sd_share);
    const double* const logit = d == 0 ? in.turnout : in.share;
    const double* const mean = d == 0 ? in.mean_turnout : in.mean_share;
    double* const scale = d == 0 ? scale_turnout : scale_share;
    double product[lanes];
    for (std::size_t i = 0; i < lanes; ++i) product[i] = 1;
    for (int k = 0; k < 1 << doublings; ++k, next += lanes)
      for (std::size_t i = 0; i < lanes; ++i) product[i] *= open_unit(next[i]);
    for (std::size_t i = 0; i < in.count; ++i) {
      const double z = (logit[i] - mean[i]) * inverse;
      scale[i] = -vm::log(product[i]) / (0.5 * (tail + z * z));
    }
  }
}

}  // namespace

int doublings_of(int tail) {
  assert(tail == 3 || tail == 7 || tail == 15 || tail == 31);
  return tail == 3 ? 1 : tail == 7 ? 2 : tail == 15 ? 3 : 4;
}

COTEJO_CLONES void densities_of(const DensityLanes& in, const Lattice& lattice, int doublings) {
  switch (doublings) {
    case 1: three_classes<1>(in, lattice); break;
    case 2: three_classes<2>(in, lattice); break;
    case 3: three_classes<3>(in, lattice); break;
    default: three_classes<4>(in, lattice); break;
  }
}

COTEJO_CLONES void log_mixture(const std::array<const double*, 3>& f, std::size_t n, const std::array<double, 3>& pi,
                               double* parts) {
  // Eight of them under one logarithm.
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    double product[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    for (std::size_t row = 0; row < 64; row += 8)
      for (std::size_t l = 0; l < 8; ++l)
        product[l] *= pi[0] * f[0][i + row + l] + pi[1] * f[1][i + row + l] + pi[2] * f[2][i + row + l];
    for (std::size_t l = 0; l < 8; ++l) parts[l] += vm::log(product[l]);
  }
  for (; i < n; ++i) parts[i % 8] += vm::log(pi[0] * f[0][i] + pi[1] * f[1][i] + pi[2] * f[2][i]);
}

std::size_t words_of_move(int doublings) {
  return 3 + (std::size_t{2} << doublings);
}

COTEJO_CLONES void move_units(const UnitLanes& in, const std::uint64_t* words, int doublings, double* scale_turnout,
                              double* scale_share, double* moved) {
  switch (doublings) {
    case 1: move<1>(in, words, scale_turnout, scale_share, moved); break;
    case 2: move<2>(in, words, scale_turnout, scale_share, moved); break;
    case 3: move<3>(in, words, scale_turnout, scale_share, moved); break;
    default: move<4>(in, words, scale_turnout, scale_share, moved); break;
  }
}

COTEJO_CLONES void classes_given_logits(const UnitLanes& in, const Lattice& lattice, double* incremental, double* extreme) {
  double stayed[lanes], taken[lanes];  // absent over genuine voters of the leader, others' over them
  for (std::size_t i = 0; i < in.count; ++i) {
    taken[i] = vm::exp(-in.share[i]);
    stayed[i] = vm::exp(-in.turnout[i]) * (1 + taken[i]);
    incremental[i] = extreme[i] = 0;
  }
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& values = lattice.values[c];
    double* const sum = c == 0 ? incremental : extreme;
    const double node_share = 1 / static_cast<double>(values.size() * values.size());
    for (const double m : values) {
      const double log_stay = vm::log(1 - m);
      for (const double s : values) {
        const double log_keep = vm::log(1 - s);
        for (std::size_t i = 0; i < in.count; ++i)
          sum[i] += node_share * vm::exp(in.absent[i] * log_stay + in.other[i] * log_keep +
                                         in.leader[i] * vm::log(1 + s * taken[i] + m * stayed[i]));
      }
    }
  }
}

COTEJO_CLONES void add_stretch(const UnitLanes& in, double factor_turnout, double factor_share, Stretch& sum) {
  double column[7][lanes];
  for (std::size_t i = 0; i < in.count; ++i) {
    const double deviation[2] = {factor_turnout * (in.turnout[i] - in.mean_turnout[i]),
                                 factor_share * (in.share[i] - in.mean_share[i])};
    const double to[2] = {in.mean_turnout[i] + deviation[0], in.mean_share[i] + deviation[1]};
    const double turnout = clamped(to[0]), share = clamped(to[1]);
    const Picture p = picture(turnout, share, in.m[i], in.s[i], in.absent[i], in.leader[i], in.other[i]);
    column[0][i] = p.log_likelihood;
    column[1][i] = p.gradient_turnout * deviation[0];
    column[2][i] = p.gradient_share * deviation[1];
    column[3][i] = p.h11 * deviation[0] * deviation[0];
    column[4][i] = p.h12 * deviation[0] * deviation[1];
    column[5][i] = p.h22 * deviation[1] * deviation[1];
    column[6][i] = (turnout == to[0]) & (share == to[1]) ? 0.0 : 1.0;
  }
  for (std::size_t i = 0; i < in.count; ++i) {
    sum.log_likelihood += column[0][i];
    sum.gradient[0] += column[1][i];
    sum.gradient[1] += column[2][i];
    for (std::size_t k = 0; k < 3; ++k) sum.information[k] += column[3 + k][i];
    sum.outside += column[6][i];
  }
}

}  // namespace cotejo::mixture
