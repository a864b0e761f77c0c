#include "cotejo/sim/unit_draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cotejo/base/vector_math.hpp"
#include "cotejo/sim/samplers.hpp"
#include "rejection.hpp"

namespace cotejo {

namespace {

namespace vm = vector_math;

constexpr std::size_t block = 256;    // units at a time: what is in between stays in the cache
constexpr std::size_t lanes = 16;     // units that invert together
constexpr double most_inverted = 25;  // of n min(p, 1 - p): from here on rejection is faster

struct Words {
  std::array<std::uint64_t, block> w[4];
};

COTEJO_INLINE double unit_interval(std::uint64_t word) {
  // 52 bits behind the mantissa of 1: vectors of 64-bit numbers have no conversion on older machines.
  return std::bit_cast<double>((word >> 12) | 0x3ff0000000000000ULL) - 1;
}

COTEJO_INLINE std::uint64_t rotated(std::uint64_t x, int by) {
  return (x << by) | (x >> (64 - by));
}

// Threefry's key with its parity word.
struct Key {
  std::uint64_t k0, k1, k2, k3, k4;
  explicit Key(const UnitStream& s)
      : k0(s.seed),
        k1(static_cast<std::uint64_t>(s.purpose)),
        k2(s.replicate),
        k3(s.step),
        k4(0x1BD11BDAA9FC1A22ULL ^ k0 ^ k1 ^ k2 ^ k3) {}
};

struct Block {
  std::uint64_t a, b, c, d;
  // Four rounds with these rotations, then a part of the key.
  template <int r0, int r1, int r2, int r3, int r4, int r5, int r6, int r7>
  COTEJO_INLINE void rounds(std::uint64_t ka, std::uint64_t kb, std::uint64_t kc, std::uint64_t kd) {
    mix<r0, r1>();
    cross<r2, r3>();
    mix<r4, r5>();
    cross<r6, r7>();
    a += ka;
    b += kb;
    c += kc;
    d += kd;
  }
  template <int x, int y>
  COTEJO_INLINE void mix() {
    a += b;
    b = rotated(b, x) ^ a;
    c += d;
    d = rotated(d, y) ^ c;
  }
  template <int x, int y>
  COTEJO_INLINE void cross() {
    a += d;
    d = rotated(d, x) ^ a;
    c += b;
    b = rotated(b, y) ^ c;
  }
};

COTEJO_INLINE Block words_of(const Key& k, std::uint64_t part, std::uint64_t unit) {
  Block x{unit + k.k0, part + k.k1, k.k2, k.k3};
  x.rounds<14, 16, 52, 57, 23, 40, 5, 37>(k.k1, k.k2, k.k3, k.k4 + 1);
  x.rounds<25, 33, 46, 12, 58, 22, 32, 32>(k.k2, k.k3, k.k4, k.k0 + 2);
  x.rounds<14, 16, 52, 57, 23, 40, 5, 37>(k.k3, k.k4, k.k0, k.k1 + 3);
  x.rounds<25, 33, 46, 12, 58, 22, 32, 32>(k.k4, k.k0, k.k1, k.k2 + 4);
  x.rounds<14, 16, 52, 57, 23, 40, 5, 37>(k.k0, k.k1, k.k2, k.k3 + 5);
  return x;
}

COTEJO_CLONES
void fill_words(const UnitStream& stream, std::uint64_t part, std::size_t first, Words& out) {
  const Key key(stream);
  for (std::size_t i = 0; i < block; ++i) {
    const Block x = words_of(key, part, first + i);
    out.w[0][i] = x.a;
    out.w[1][i] = x.b;
    out.w[2][i] = x.c;
    out.w[3][i] = x.d;
  }
}

COTEJO_CLONES
void normals_of(const Words& words, std::array<double, block>& out) {
  for (std::size_t i = 0; i < block; ++i) {
    const double radius = std::sqrt(-2 * vm::log(1 - unit_interval(words.w[0][i])));
    out[i] = radius * vm::cosine_of_turn(unit_interval(words.w[1][i]));
  }
}

COTEJO_CLONES
void logistic_of(std::array<double, block>& theta) {
  for (std::size_t i = 0; i < block; ++i) theta[i] = 1 / (1 + vm::exp(-theta[i]));
}

// By inversion from 0, p <= 1/2, n p <= most_inverted; u uniform.
COTEJO_CLONES
void invert(const double* n, const double* p, const double* u, double* out) {
  double chance[lanes], sum[lanes], x[lanes], odds[lanes];
  double longest = 0;
  for (std::size_t i = 0; i < lanes; ++i) longest = std::max(longest, n[i]);
  for (std::size_t i = 0; i < lanes; ++i) {
    chance[i] = sum[i] = vm::exp(n[i] * vm::log(1 - p[i]));
    odds[i] = p[i] / (1 - p[i]);
    x[i] = 0;
  }
  for (double k = 0; k < longest;) {
    double beyond = 0;
    for (int step = 0; step < 8; ++step) {
      const double each = 1 / (k + 1);
      for (std::size_t i = 0; i < lanes; ++i) {
        x[i] += u[i] > sum[i] ? 1.0 : 0.0;
        chance[i] *= (odds[i] * each) * (n[i] - k);
        chance[i] = chance[i] > 0 ? chance[i] : 0;
        sum[i] += chance[i];
      }
      ++k;
    }
    for (std::size_t i = 0; i < lanes; ++i) beyond += u[i] > sum[i] ? 1.0 : 0.0;
    if (beyond == 0) break;
  }
  for (std::size_t i = 0; i < lanes; ++i) out[i] = std::min(x[i], n[i]);
}

// The squeeze of the rejection for a whole block: k where it decides, -1 where it does not.
COTEJO_CLONES
void squeeze(const std::array<double, block>& n, const std::array<double, block>& p, const Words& words,
             std::array<double, block>& out) {
  for (std::size_t i = 0; i < block; ++i) {
    const double u = unit_interval(words.w[2][i]) - 0.5, v = unit_interval(words.w[3][i]);
    const double mean = n[i] * p[i], sd = std::sqrt(mean * (1 - p[i])), b = 1.15 + 2.53 * sd,
                 a = -0.0873 + 0.0248 * b + 0.01 * p[i], within = 0.92 - 4.2 / b;
    const double us = 0.5 - (u < 0 ? -u : u);
    const double at = (2 * a / us + b) * u + (mean + 0.5);
    // The whole part of a number >= 0, without an instruction that older machines lack.
    double k = (at + vm::magic) - vm::magic;
    k = k > at ? k - 1 : k;
    out[i] = us >= 0.07 && v <= within && at >= 0 ? k : -1;
  }
}

// What the squeeze left, packed together: n, p, u and v of each.
struct Left {
  std::array<double, block> n, p, u, v, k;
  std::array<std::uint32_t, block> unit;
  std::size_t size = 0;
};

COTEJO_INLINE double tail_of(double k) {
  const double next = 1 / (k + 1), square = next * next;
  return (1.0 / 12 - (1.0 / 360 - square / 1260) * square) * next;
}

// The full test of the rejection: k where it accepts, -1 where it does not, -2 where the series is not good enough.
COTEJO_CLONES
void full_test(Left& left) {
  for (std::size_t i = 0; i < block; ++i) {
    const double n = left.n[i], p = left.p[i], u = left.u[i];
    const double sd = std::sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double us = 0.5 - (u < 0 ? -u : u), at = (2 * a / us + b) * u + (n * p + 0.5);
    double k = (at + vm::magic) - vm::magic;
    k = k > at ? k - 1 : k;
    double m = ((n + 1) * p + vm::magic) - vm::magic;
    m = m > (n + 1) * p ? m - 1 : m;
    const double inside = k >= 10 && k <= n - 10 ? k : m;  // keeps the logarithms below defined
    const double odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * sd;
    const double limit = (m + 0.5) * vm::log((m + 1) / (odds * (n - m + 1))) +
                         (n + 1) * vm::log((n - m + 1) / (n - inside + 1)) +
                         (inside + 0.5) * vm::log(odds * (n - inside + 1) / (inside + 1)) + tail_of(m) +
                         tail_of(n - m) - tail_of(inside) - tail_of(n - inside);
    const double height = vm::log(left.v[i] * alpha / (a / (us * us) + b) + 1e-300);
    const double decided = height <= limit ? k : -1;
    left.k[i] = k < 0 || k > n ? -1 : inside == k ? decided : -2;
  }
}

// Of a block: n and p <= 1/2 (mirrored where it is larger), u and v in the words 2 and 3.
void binomials_of(const UnitStream& stream, std::size_t first, std::size_t count, const std::int32_t* trials,
                  const std::array<double, block>& chance, const Words& words, std::int32_t* out) {
  std::array<double, block> n, p, drawn;
  std::array<char, block> mirrored;
  std::array<std::uint32_t, block> inverted;
  std::size_t number = 0;
  bool any_large = false;
  for (std::size_t i = 0; i < block; ++i) {
    n[i] = i < count ? trials[i] : 0;
    mirrored[i] = chance[i] > 0.5;
    p[i] = mirrored[i] ? 1 - chance[i] : chance[i];
    if (n[i] * p[i] <= most_inverted)
      inverted[number++] = static_cast<std::uint32_t>(i);
    else
      any_large = true;
  }
  if (any_large) {
    squeeze(n, p, words, drawn);
    Left left;
    for (std::size_t i = 0; i < count; ++i) {
      if (n[i] * p[i] <= most_inverted || drawn[i] >= 0) continue;
      left.n[left.size] = n[i];
      left.p[left.size] = p[i];
      left.u[left.size] = unit_interval(words.w[2][i]) - 0.5;
      left.v[left.size] = unit_interval(words.w[3][i]);
      left.unit[left.size++] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t j = left.size; j < block; ++j) {
      left.n[j] = 100;
      left.p[j] = 0.5;
      left.u[j] = left.v[j] = 0;
    }
    if (left.size > 0) full_test(left);
    for (std::size_t j = 0; j < left.size; ++j) {
      const auto i = left.unit[j];
      double k = left.k[j];
      if (k < 0) {
        const BinomialRejection rejection(n[i], p[i]);
        if (k == -1 || !rejection.attempt(left.u[j], left.v[j], k)) {
          Stream more(stream.seed, stream.purpose, stream.replicate, ((stream.step + 1) << 48) + first + i);
          double u = 0, v = 0;
          do {
            u = more.uniform() - 0.5;
            v = more.uniform();
          } while (!rejection.attempt(u, v, k));
        }
      }
      drawn[i] = k;
    }
  }
  for (std::size_t begin = 0; begin < number; begin += lanes) {
    double some_n[lanes] = {}, some_p[lanes] = {}, some_u[lanes] = {}, some_x[lanes];
    const std::size_t here = std::min(lanes, number - begin);
    for (std::size_t k = 0; k < here; ++k) {
      const auto i = inverted[begin + k];
      some_n[k] = n[i];
      some_p[k] = p[i];
      some_u[k] = unit_interval(words.w[2][i]);
    }
    invert(some_n, some_p, some_u, some_x);
    for (std::size_t k = 0; k < here; ++k) drawn[inverted[begin + k]] = some_x[k];
  }
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int32_t>(mirrored[i] ? n[i] - drawn[i] : drawn[i]);
}

}  // namespace

void unit_words(const UnitStream& stream, std::size_t i, std::span<std::uint64_t, 4> out) {
  const Block x = words_of(Key(stream), 1, i);
  out[0] = x.a;
  out[1] = x.b;
  out[2] = x.c;
  out[3] = x.d;
}

void uniform_units(const UnitStream& stream, std::span<double> first_of_each, std::span<double> second_of_each) {
  Words words;
  for (std::size_t first = 0; first < first_of_each.size(); first += block) {
    fill_words(stream, 1, first, words);
    const std::size_t count = std::min(block, first_of_each.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      first_of_each[first + i] = unit_interval(words.w[0][i]);
      second_of_each[first + i] = unit_interval(words.w[1][i]);
    }
  }
}

void binomial_units(const UnitStream& stream, std::span<const std::int32_t> n, std::span<const double> mean,
                    std::span<const double> sd, std::span<const double> residuals, std::span<std::int32_t> out) {
  Words words;
  std::array<double, block> theta{};
  for (std::size_t first = 0; first < n.size(); first += block) {
    const std::size_t count = std::min(block, n.size() - first);
    fill_words(stream, 1, first, words);
    if (residuals.empty()) {
      normals_of(words, theta);
      for (std::size_t i = 0; i < count; ++i) theta[i] = mean[first + i] + sd[first + i] * theta[i];
    } else {
      for (std::size_t i = 0; i < count; ++i)
        theta[i] =
            mean[first + i] +
            residuals[static_cast<std::size_t>(unit_interval(words.w[0][i]) * static_cast<double>(residuals.size()))];
    }
    for (std::size_t i = count; i < block; ++i) theta[i] = 0;
    logistic_of(theta);
    binomials_of(stream, first, count, n.data() + first, theta, words, out.data() + first);
  }
}

namespace {

// Gamma(shape, 1) for a block of shapes >= 1 from normals x and uniforms u; -1 where the squeeze does not decide.
COTEJO_CLONES
void gammas_of(const std::array<double, block>& shape, const std::array<double, block>& x,
               const std::array<double, block>& u, std::array<double, block>& out) {
  for (std::size_t i = 0; i < block; ++i) {
    const double d = shape[i] - 1.0 / 3, v = 1 + x[i] / std::sqrt(9 * d), cube = v * v * v, square = x[i] * x[i];
    out[i] = v > 0 && u[i] < 1 - 0.0331 * square * square ? d * cube : -1;
  }
}

COTEJO_CLONES
void both_normals_of(const Words& words, std::array<double, block>& x, std::array<double, block>& y,
                     std::array<double, block>& u, std::array<double, block>& v) {
  for (std::size_t i = 0; i < block; ++i) {
    const double radius = std::sqrt(-2 * vm::log(1 - unit_interval(words.w[0][i]))),
                 turn = unit_interval(words.w[1][i]);
    x[i] = radius * vm::cosine_of_turn(turn);
    y[i] = radius * vm::sine_of_turn(turn);
    u[i] = unit_interval(words.w[2][i]);
    v[i] = unit_interval(words.w[3][i]);
  }
}

// What the squeeze left: its full test, and if that fails, a gamma from `more`.
double gamma_after_squeeze(double shape, double x, double u, Stream& more) {
  if (shape >= 1) {
    const double d = shape - 1.0 / 3, v = 1 + x / std::sqrt(9 * d), cube = v * v * v;
    if (v > 0 && u > 0 && std::log(u) < 0.5 * x * x + d * (1 - cube + std::log(cube))) return d * cube;
  }
  return gamma_rng(more, shape);
}

}  // namespace

void beta_binomial_units(const UnitStream& stream, std::span<const std::int32_t> n, std::span<const double> a,
                         std::span<const double> b, std::span<std::int32_t> out) {
  Words words;
  std::array<double, block> x, y, u, v, shape, gamma_a, gamma_b, chance{};
  for (std::size_t first = 0; first < n.size(); first += block) {
    const std::size_t count = std::min(block, n.size() - first);
    fill_words(stream, 2, first, words);
    both_normals_of(words, x, y, u, v);
    for (std::size_t i = 0; i < block; ++i) shape[i] = i < count ? std::max(1.0, a[first + i]) : 1;
    gammas_of(shape, x, u, gamma_a);
    for (std::size_t i = 0; i < block; ++i) shape[i] = i < count ? std::max(1.0, b[first + i]) : 1;
    gammas_of(shape, y, v, gamma_b);
    for (std::size_t i = 0; i < count; ++i) {
      const double of_a = a[first + i], of_b = b[first + i];
      if (gamma_a[i] >= 0 && gamma_b[i] >= 0 && of_a >= 1 && of_b >= 1) continue;
      Stream more(stream.seed, stream.purpose, stream.replicate, ((stream.step + 257) << 48) + first + i);
      if (gamma_a[i] < 0 || of_a < 1) gamma_a[i] = gamma_after_squeeze(of_a, x[i], u[i], more);
      if (gamma_b[i] < 0 || of_b < 1) gamma_b[i] = gamma_after_squeeze(of_b, y[i], v[i], more);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double sum = gamma_a[i] + gamma_b[i];
      chance[i] = sum > 0 ? gamma_a[i] / sum : 0.5;
    }
    for (std::size_t i = count; i < block; ++i) chance[i] = 0.5;
    fill_words(stream, 1, first, words);
    binomials_of(stream, first, count, n.data() + first, chance, words, out.data() + first);
  }
}

}  // namespace cotejo
