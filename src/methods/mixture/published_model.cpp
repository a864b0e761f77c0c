#include "published_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr double k = 0.7;
constexpr std::size_t block_units = 512;
constexpr double farthest = 35;
constexpr std::array<std::size_t, 3> slots = {1, 5, 3};  // candidates of each class
constexpr std::size_t all_slots = 9;
constexpr double impossible = -std::numeric_limits<double>::infinity();

enum class Use : std::uint64_t { unit = 8, candidates = 9, whole = 10 };
Stream stream_of(Seed seed, std::uint64_t chain, std::uint64_t iteration, Use use, std::uint64_t index) {
  return {seed, Purpose::posterior_draw, ((chain + 1) << 40) | iteration,
          (static_cast<std::uint64_t>(use) << 40) | index};
}

double logistic(double x) {
  return 1 / (1 + vm::exp(-std::clamp(x, -farthest, farthest)));
}

// log Gamma(x), x >= 1, by Stirling's series behind a shift.
double log_gamma(double x) {
  double product = 1;
  while (x < 10) {
    product *= x;
    x += 1;
  }
  const double r = 1 / (x * x);
  return (x - 0.5) * vm::log(x) - x + 0.9189385332046727 +
         (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)) * r) * r) / x - vm::log(product);
}

double log_choose(double n, double x) {
  return log_gamma(n + 1) - log_gamma(x + 1) - log_gamma(n - x + 1);
}

// x log p + (n - x) log(1 - p), with 0 log 0 = 0.
double log_bernoullis(double x, double n, double p) {
  if (p < 0 || p > 1 || (p == 0 && x > 0) || (p == 1 && x < n)) return impossible;
  return (x > 0 ? x * vm::log(p) : 0) + (x < n ? (n - x) * vm::log(1 - p) : 0);
}

double fraction_m(double count, double registered) {
  const double m = count / registered;
  return m == 1 ? 0.999 : m;
}

// p = c0 + c1 nu.
struct Line {
  double c0, c1;
};
Line line_of(double m, double s, double a) {
  return {a * (m - s) / (1 - m) + s, (1 - s) / (1 - m) * (1 - m - a)};
}

struct Candidate {
  double count_m = 0, count_s = 0;    // n_b
  double effect_m = 0, effect_s = 0;  // eta (qbl)
  double weight = 0;
};

// One Newton-preconditioned Metropolis step in one dimension; `at` gives log density, gradient and information.
struct Slope {
  double log_density, gradient, information;
};
template <class At>
double newton_step(Stream& stream, double x, const At& at) {
  const Slope here = at(x);
  const auto [z, unused] = normal_pair(stream);
  (void)unused;
  const double to = x + here.gradient / here.information + z / std::sqrt(here.information);
  const double luck = vm::log(positive_uniform(stream));
  if (!(std::abs(to) < farthest)) return x;
  const Slope there = at(to);
  if (there.log_density == impossible || !(there.information > 0)) return x;
  const auto log_q = [](const Slope& from, double difference) {
    const double r = difference - from.gradient / from.information;
    return 0.5 * vm::log(from.information) - 0.5 * from.information * r * r;
  };
  const double ratio = there.log_density - here.log_density + log_q(there, x - to) - log_q(here, to - x);
  return luck < ratio ? to : x;
}

class PublishedChain final : public Chain {
 public:
  PublishedChain(const MixtureData& data, Published model, Seed seed, std::uint64_t chain, Blocks blocks)
      : data_(data), qbl_(model == Published::qbl), seed_(seed), chain_(chain), blocks_(std::move(blocks)) {
    const std::size_t n = data.size();
    cls_.assign(n, 0);
    now_.assign(n, {});
    candidates_.assign(n * all_slots, {});
    for (auto& column : class_weight_) column.assign(n, 0);
    for (std::size_t b = 0; b < 6; ++b) {
      slope_[b].assign(data.covariates.size(), 0);
      line_[b].assign(n, 0);
    }
    sums_ = {std::vector<double>(n, 0), std::vector<double>(n, 0), std::vector<double>(n, 0),
             std::vector<double>(n, 0)};
    Stream stream = stream_of(seed, chain, 0, Use::whole, 0);
    ratio_ = {0.02 + 0.5 * stream.uniform(), 0.02 + 0.5 * stream.uniform()};
    variance_.fill(0.3);
    center_.fill(0);
    double absent = 0, leader = 0, cast = 0, registered = 0;
    for (std::size_t u = 0; u < n; ++u) {
      absent += data.abstained[u];
      leader += data.leader[u];
      registered += data.registered[u];
    }
    cast = registered - absent;
    center_[0] = vm::log((cast + 1) / (absent + 1)) + 0.3 * normal_pair(stream).first;
    center_[1] = vm::log((leader + 1) / (cast - leader + 1)) + 0.3 * normal_pair(stream).first;
    for (std::size_t b = 2; b < 6; ++b) center_[b] = normal_pair(stream).first;
    lines();
    for (std::size_t d = 0; d < 2; ++d) {
      eta_[d].resize(n);
      for (std::size_t u = 0; u < n; ++u)
        eta_[d][u] = !qbl_    ? line_[d][u]
                     : d == 0 ? vm::log((data.leader[u] + data.other[u] + 0.5) / (data.abstained[u] + 0.5))
                              : vm::log((data.leader[u] + 0.5) / (data.other[u] + 0.5));
    }
  }

  void step(std::uint64_t iteration, bool, bool kept) override {
    const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
    blocks_(number, [&](std::size_t block) {
      const std::size_t end = std::min(n, (block + 1) * block_units);
      for (std::size_t u = block * block_units; u < end; ++u) propose(u, iteration);
    });
    Stream whole = stream_of(seed_, chain_, iteration, Use::whole, 1);
    draw_pi(whole);
    struct Part {
      double manufactured = 0, stolen = 0;
    };
    std::vector<Part> parts(number);
    blocks_(number, [&](std::size_t block) {
      const std::size_t end = std::min(n, (block + 1) * block_units);
      for (std::size_t u = block * block_units; u < end; ++u)
        unit(u, iteration, kept, parts[block].manufactured, parts[block].stolen);
    });
    manufactured_ = stolen_ = 0;
    for (const Part& part : parts) {
      manufactured_ += part.manufactured;
      stolen_ += part.stolen;
    }
    for (std::size_t b = 0; b < 6; ++b) qbl_ ? normal_parameters(b, whole) : logistic_parameters(b, whole);
    lines();
    if (!qbl_)
      for (std::size_t d = 0; d < 2; ++d) eta_[d] = line_[d];
  }

  std::vector<double> quantities() const override {
    const auto pi = shares();
    return {pi[0], pi[1], pi[2], manufactured_, stolen_, manufactured_ + stolen_};
  }
  const UnitSums& sums() const override { return sums_; }

  std::vector<double> state() const override {
    std::vector<double> out;
    const auto put = [&](const auto& column) { out.insert(out.end(), column.begin(), column.end()); };
    put(ratio_);
    put(center_);
    put(variance_);
    out.insert(out.end(), {manufactured_, stolen_});
    for (const auto& s : slope_) put(s);
    put(eta_[0]);
    put(eta_[1]);
    put(cls_);
    for (const Candidate& c : now_) out.insert(out.end(), {c.count_m, c.count_s, c.effect_m, c.effect_s});
    put(sums_.incremental);
    put(sums_.extreme);
    put(sums_.manufactured);
    put(sums_.stolen);
    return out;
  }
  void restore(std::span<const double> state) override {
    std::size_t at = 0;
    const auto take = [&](auto& column) {
      for (auto& x : column) x = static_cast<std::decay_t<decltype(x)>>(state[at++]);
    };
    take(ratio_);
    take(center_);
    take(variance_);
    manufactured_ = state[at++];
    stolen_ = state[at++];
    for (auto& s : slope_) take(s);
    take(eta_[0]);
    take(eta_[1]);
    take(cls_);
    for (Candidate& c : now_) {
      c.count_m = state[at++];
      c.count_s = state[at++];
      c.effect_m = state[at++];
      c.effect_s = state[at++];
    }
    take(sums_.incremental);
    take(sums_.extreme);
    take(sums_.manufactured);
    take(sums_.stolen);
    lines();
  }

 private:
  std::array<double, 3> shares() const {
    const double sum = 1 + ratio_[0] + ratio_[1];
    return {1 / sum, ratio_[0] / sum, ratio_[1] / sum};
  }

  void lines() {
    for (std::size_t b = 0; b < 6; ++b)
      for (std::size_t u = 0; u < data_.size(); ++u) {
        double line = center_[b];
        for (std::size_t c = 0; c < slope_[b].size(); ++c) line += slope_[b][c] * data_.covariates[c][u];
        line_[b][u] = line;
      }
  }

  static double mean_of(int cls, double eta) { return cls == 1 ? k * logistic(eta) : k + (1 - k) * logistic(eta); }

  Candidate from_prior(Stream& stream, std::size_t u, int cls) const {
    const std::size_t b = cls == 1 ? 2 : 4;
    Candidate out;
    const auto [first, second] = normal_pair(stream);
    out.effect_m = line_[b][u] + (qbl_ ? std::sqrt(variance_[b]) * first : 0);
    out.effect_s = line_[b + 1][u] + (qbl_ ? std::sqrt(variance_[b + 1]) * second : 0);
    out.count_m = static_cast<double>(binomial_rng(stream, data_.registered[u], mean_of(cls, out.effect_m)));
    out.count_s = static_cast<double>(binomial_rng(stream, data_.registered[u], mean_of(cls, out.effect_s)));
    return out;
  }

  // What tau and nu must be for the success probabilities to stay as they are, and the density of these; 0: impossible.
  struct Implied {
    double eta_turnout, eta_share, density;
  };
  Implied implied(std::size_t u, double pa, double pw, double m, double s) const {
    const double absent = pa / (1 - m), a = data_.abstained[u] / static_cast<double>(data_.registered[u]);
    const Line line = line_of(m, s, a);
    const double nu = (pw - line.c0) / line.c1;
    if (!(absent < 1 - 1e-14) || !(absent > 1e-14) || !(nu > 1e-14) || !(nu < 1 - 1e-14)) return {0, 0, 0};
    Implied out{vm::log((1 - absent) / absent), vm::log(nu / (1 - nu)), 0};
    const double x = out.eta_turnout - line_[0][u], y = out.eta_share - line_[1][u];
    out.density = vm::exp(std::max(-600.0, -0.5 * (x * x / variance_[0] + y * y / variance_[1]))) /
                  (absent * (1 - absent) * nu * (1 - nu) * (1 - m) * std::abs(line.c1));
    return out;
  }

  // Candidates of every class, weighted; the state itself is one of them.
  void propose(std::size_t u, std::uint64_t iteration) {
    Stream stream = stream_of(seed_, chain_, iteration, Use::candidates, u);
    const double registered = data_.registered[u], absent = data_.abstained[u], leader = data_.leader[u];
    const double a = absent / registered;
    const double tau = logistic(eta_[0][u]), nu = logistic(eta_[1][u]);
    const double m_now = cls_[u] == 0 ? 0 : fraction_m(now_[u].count_m, registered);
    const double s_now = cls_[u] == 0 ? 0 : now_[u].count_s / registered;
    const double pa = (1 - tau) * (1 - m_now);
    const Line line = line_of(m_now, s_now, a);
    const double pw = line.c0 + line.c1 * nu;
    Candidate* own = &candidates_[u * all_slots];
    std::size_t at = 0;
    double log_weight[all_slots], largest = impossible;
    for (int cls = 0; cls < 3; ++cls)
      for (std::size_t j = 0; j < slots[static_cast<std::size_t>(cls)]; ++j, ++at) {
        own[at] = cls == 0 ? Candidate{} : cls == cls_[u] && j == 0 ? now_[u] : from_prior(stream, u, cls);
        const double m = cls == 0 ? 0 : fraction_m(own[at].count_m, registered), s = own[at].count_s / registered;
        if (qbl_) {
          const double density = implied(u, pa, pw, m, s).density;
          log_weight[at] = density > 0 ? vm::log(density) : impossible;
        } else {
          log_weight[at] = log_bernoullis(absent, registered, (1 - tau) * (1 - m)) +
                           log_bernoullis(leader, registered, published_p(nu, m, s, a));
        }
        largest = std::max(largest, log_weight[at]);
      }
    at = 0;
    for (std::size_t cls = 0; cls < 3; ++cls) {
      double sum = 0;
      for (std::size_t j = 0; j < slots[cls]; ++j, ++at) {
        own[at].weight = log_weight[at] > largest - 600 ? vm::exp(log_weight[at] - largest) : 0;
        sum += own[at].weight;
      }
      class_weight_[cls][u] = sum / static_cast<double>(slots[cls]);
    }
  }

  void draw_pi(Stream& stream) {
    const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
    const auto density = [&](double first, double second) {
      const double sum = 1 + first + second;
      std::vector<double> parts(number, 0);
      blocks_(number, [&](std::size_t block) {
        const std::size_t end = std::min(n, (block + 1) * block_units);
        for (std::size_t u = block * block_units; u < end; ++u)
          parts[block] += vm::log(
              (class_weight_[0][u] + first * class_weight_[1][u] + second * class_weight_[2][u]) / sum + 1e-290);
      });
      double out = 0;
      for (const double p : parts) out += p;
      return out;
    };
    // On the log scale: r = e^x, uniform on (0, 1), density e^x.
    const auto draw = [&](double& r, const auto& of) {
      r = vm::exp(slice_draw(stream, vm::log(r), 0.5, -40, 0, [&](double x) { return x + of(vm::exp(x)); }));
    };
    for (int round = 0; round < 2; ++round) {
      draw(ratio_[0], [&](double to) { return density(to, ratio_[1]); });
      draw(ratio_[1], [&](double to) { return density(ratio_[0], to); });
    }
  }

  void unit(std::size_t u, std::uint64_t iteration, bool kept, double& manufactured, double& stolen) {
    Stream stream = stream_of(seed_, chain_, iteration, Use::unit, u);
    const double registered = data_.registered[u], absent = data_.abstained[u], leader = data_.leader[u];
    const double a = absent / registered;
    const auto pi = shares();
    double w[3], sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += w[c] = pi[c] * class_weight_[c][u];
    const double m_before = cls_[u] == 0 ? 0 : fraction_m(now_[u].count_m, registered);
    const double s_before = cls_[u] == 0 ? 0 : now_[u].count_s / registered;
    const double pa = (1 - logistic(eta_[0][u])) * (1 - m_before);
    const double pw = published_p(logistic(eta_[1][u]), m_before, s_before, a);
    if (sum > 0) {
      double at = stream.uniform() * sum;
      std::size_t cls = 0, slot = 0;
      for (std::size_t c = 0; c < 3; slot += slots[c++]) {
        cls = c;
        if (at < w[c] || c == 2) break;
        at -= w[c];
      }
      double within = stream.uniform() * class_weight_[cls][u] * static_cast<double>(slots[cls]);
      std::size_t j = 0;
      while (j + 1 < slots[cls] && (within -= candidates_[u * all_slots + slot + j].weight) >= 0) ++j;
      const Candidate& chosen = candidates_[u * all_slots + slot + j];
      if (chosen.weight > 0) {
        cls_[u] = static_cast<std::uint8_t>(cls);
        now_[u] = chosen;
        if (qbl_) {
          const double m = cls == 0 ? 0 : fraction_m(chosen.count_m, registered), s = chosen.count_s / registered;
          const Implied to = implied(u, pa, pw, m, s);
          eta_[0][u] = to.eta_turnout;
          eta_[1][u] = to.eta_share;
        }
      }
      if (kept) {
        sums_.incremental[u] += w[1] / sum;
        sums_.extreme[u] += w[2] / sum;
      }
    }
    double m = cls_[u] == 0 ? 0 : fraction_m(now_[u].count_m, registered),
           s = cls_[u] == 0 ? 0 : now_[u].count_s / registered;
    if (qbl_) {
      eta_[0][u] = newton_step(stream, eta_[0][u], [&](double eta) -> Slope {
        const double tau = logistic(eta), p = (1 - tau) * (1 - m), d = -p * tau, away = eta - line_[0][u];
        return {log_bernoullis(absent, registered, p) - 0.5 * away * away / variance_[0],
                (absent / p - (registered - absent) / (1 - p)) * d - away / variance_[0],
                registered * d * d / (p * (1 - p)) + 1 / variance_[0]};
      });
      const Line line = line_of(m, s, a);
      eta_[1][u] = newton_step(stream, eta_[1][u], [&](double eta) -> Slope {
        const double nu = logistic(eta), p = line.c0 + line.c1 * nu, d = line.c1 * nu * (1 - nu),
                     away = eta - line_[1][u];
        if (!(p > 0) || !(p < 1)) return {impossible, 0, 1};
        return {log_bernoullis(leader, registered, p) - 0.5 * away * away / variance_[1],
                (leader / p - (registered - leader) / (1 - p)) * d - away / variance_[1],
                registered * d * d / (p * (1 - p)) + 1 / variance_[1]};
      });
    }
    if (cls_[u] != 0) {
      const int cls = cls_[u];
      const std::size_t b = cls == 1 ? 2 : 4;
      Candidate& c = now_[u];
      const double tau = logistic(eta_[0][u]), nu = logistic(eta_[1][u]);
      const auto density = [&](double count_m, double count_s) {
        if (count_m < 0 || count_s < 0 || count_m > registered || count_s > registered) return impossible;
        const double fm = fraction_m(count_m, registered), fs = count_s / registered;
        const double p = published_p(nu, fm, fs, a);
        const double likelihood =
            log_bernoullis(absent, registered, (1 - tau) * (1 - fm)) + log_bernoullis(leader, registered, p);
        if (likelihood == impossible) return impossible;
        return likelihood + log_choose(registered, count_m) + log_choose(registered, count_s) +
               log_bernoullis(count_m, registered, mean_of(cls, c.effect_m)) +
               log_bernoullis(count_s, registered, mean_of(cls, c.effect_s));
      };
      double here = density(c.count_m, c.count_s);
      for (int turn = 0; turn < 6; ++turn) {
        const double reach = 1 + std::floor((turn % 3 == 0 ? 0.12 : turn % 3 == 1 ? 0.04 : 0.01) * registered);
        double jump = 1 + static_cast<double>(stream.below(static_cast<std::uint64_t>(reach)));
        if (stream.uniform() < 0.5) jump = -jump;
        const double to_m = c.count_m + (turn < 3 ? jump : 0), to_s = c.count_s + (turn < 3 ? 0 : jump);
        const double there = density(to_m, to_s);
        if (vm::log(positive_uniform(stream)) < there - here) {
          c.count_m = to_m;
          c.count_s = to_s;
          here = there;
        }
      }
      if (qbl_) {
        const double from = cls == 1 ? 0 : k, width = cls == 1 ? k : 1 - k;
        const auto effect = [&](double eta0, double count, std::size_t which) {
          return newton_step(stream, eta0, [&](double eta) -> Slope {
            const double l = logistic(eta), p = from + width * l, d = width * l * (1 - l), away = eta - line_[which][u];
            return {log_bernoullis(count, registered, p) - 0.5 * away * away / variance_[which],
                    (count / p - (registered - count) / (1 - p)) * d - away / variance_[which],
                    registered * d * d / (p * (1 - p)) + 1 / variance_[which]};
          });
        };
        c.effect_m = effect(c.effect_m, c.count_m, b);
        c.effect_s = effect(c.effect_s, c.count_s, b + 1);
      }
      m = fraction_m(c.count_m, registered);
      s = c.count_s / registered;
      const double made = m * (1 - tau) * registered, taken = s * tau * (1 - nu) * registered;
      manufactured += made;
      stolen += taken;
      if (kept) {
        sums_.manufactured[u] += made;
        sums_.stolen[u] += taken;
      }
    }
  }

  bool uses(std::size_t b, std::size_t u) const { return b < 2 || cls_[u] == (b < 4 ? 1 : 2); }
  double effect_of(std::size_t b, std::size_t u) const {
    return b < 2 ? eta_[b][u] : b % 2 == 0 ? now_[u].effect_m : now_[u].effect_s;
  }

  // qbl: eta ~ N(center + x'slope, v) of the units that use it; center ~ N(0, 1 + 0.01^2).
  void normal_parameters(std::size_t b, Stream& stream) {
    const std::size_t n = data_.size(), d = slope_[b].size();
    for (std::size_t j = 0; j <= d; ++j) {
      double precision = j == 0 ? 1 / 1.0001 : 1, pull = 0;
      for (std::size_t u = 0; u < n; ++u) {
        if (!uses(b, u)) continue;
        double rest = effect_of(b, u) - (j == 0 ? 0 : center_[b]);
        for (std::size_t c = 0; c < d; ++c)
          if (c + 1 != j) rest -= slope_[b][c] * data_.covariates[c][u];
        const double x = j == 0 ? 1 : data_.covariates[j - 1][u];
        precision += x * x / variance_[b];
        pull += x * rest / variance_[b];
      }
      (j == 0 ? center_[b] : slope_[b][j - 1]) = pull / precision + normal_pair(stream).first / std::sqrt(precision);
    }
    double squares = 0, number = 0;
    for (std::size_t u = 0; u < n; ++u) {
      if (!uses(b, u)) continue;
      double r = effect_of(b, u) - center_[b];
      for (std::size_t c = 0; c < d; ++c) r -= slope_[b][c] * data_.covariates[c][u];
      squares += r * r;
      number += 1;
    }
    variance_[b] = vm::exp(slice_draw(stream, vm::log(variance_[b]), 3 / std::sqrt(number + 2), -30, 5, [&](double x) {
      const double v = vm::exp(x);
      return (1 - 0.5 * number) * x - 0.5 * squares / v - 5 * v;
    }));
  }

  // bl: beta ~ N(0, 100), the likelihood of the units that use it.
  void logistic_parameters(std::size_t b, Stream& stream) {
    const std::size_t n = data_.size(), d = slope_[b].size(), number = (n + block_units - 1) / block_units;
    for (std::size_t j = 0; j <= d; ++j) {
      double& own = j == 0 ? center_[b] : slope_[b][j - 1];
      const double before = own;
      std::size_t users = 0;
      for (std::size_t u = 0; u < n; ++u) users += uses(b, u);
      const auto density = [&](double to) {
        std::vector<double> parts(number, 0);
        blocks_(number, [&](std::size_t block) {
          const std::size_t end = std::min(n, (block + 1) * block_units);
          for (std::size_t u = block * block_units; u < end; ++u) {
            if (!uses(b, u)) continue;
            const double x = j == 0 ? 1 : data_.covariates[j - 1][u];
            const double l = logistic(line_[b][u] + (to - before) * x), registered = data_.registered[u];
            const double m = cls_[u] == 0 ? 0 : fraction_m(now_[u].count_m, registered);
            const double s = cls_[u] == 0 ? 0 : now_[u].count_s / registered;
            parts[block] += b == 0   ? log_bernoullis(data_.abstained[u], registered, (1 - l) * (1 - m))
                            : b == 1 ? log_bernoullis(data_.leader[u], registered,
                                                      published_p(l, m, s, data_.abstained[u] / registered))
                                     : log_bernoullis(b % 2 == 0 ? now_[u].count_m : now_[u].count_s, registered,
                                                      b < 4 ? k * l : k + (1 - k) * l);
          }
        });
        double out = -0.5 * to * to / 100;
        for (const double p : parts) out += p;
        return out;
      };
      const double width = users == 0 ? 20 : std::max(0.003, 2 / std::sqrt(10.0 * static_cast<double>(users)));
      own = slice_draw(stream, before, width, -farthest, farthest, density);
      for (std::size_t u = 0; u < n; ++u) line_[b][u] += (own - before) * (j == 0 ? 1 : data_.covariates[j - 1][u]);
    }
    // The effects of the units that use it are the lines themselves.
    if (b >= 2)
      for (std::size_t u = 0; u < n; ++u)
        if (uses(b, u)) (b % 2 == 0 ? now_[u].effect_m : now_[u].effect_s) = line_[b][u];
  }

  const MixtureData& data_;
  bool qbl_;
  Seed seed_;
  std::uint64_t chain_;
  Blocks blocks_;
  std::array<double, 2> ratio_{};
  std::array<double, 6> center_{}, variance_{};
  std::array<std::vector<double>, 6> slope_, line_;
  std::array<std::vector<double>, 2> eta_;
  std::array<std::vector<double>, 3> class_weight_;
  std::vector<std::uint8_t> cls_;
  std::vector<Candidate> now_, candidates_;
  UnitSums sums_;
  double manufactured_ = 0, stolen_ = 0;
};

}  // namespace

double published_p(double nu, double m, double s, double a) {
  return nu * (1 - s) / (1 - m) * (1 - m - a) + a * (m - s) / (1 - m) + s;
}

double published_log_likelihood(double registered, double abstained, double leader, double tau, double nu, double m,
                                double s) {
  const double p = published_p(nu, m, s, abstained / registered);
  const double sum = log_bernoullis(abstained, registered, (1 - tau) * (1 - m)) + log_bernoullis(leader, registered, p);
  return sum == impossible ? sum : sum + log_choose(registered, abstained) + log_choose(registered, leader);
}

std::array<double, 3> published_class_probabilities(const std::array<double, 3>& pi, double registered,
                                                    double abstained, double leader, double tau, double nu,
                                                    double iota_m, double iota_s, double chi_m, double chi_s) {
  const double l[3] = {published_log_likelihood(registered, abstained, leader, tau, nu, 0, 0),
                       published_log_likelihood(registered, abstained, leader, tau, nu, iota_m, iota_s),
                       published_log_likelihood(registered, abstained, leader, tau, nu, chi_m, chi_s)};
  const double largest = std::max({l[0], l[1], l[2]});
  std::array<double, 3> out{};
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += out[c] = l[c] > largest - 700 ? pi[c] * std::exp(l[c] - largest) : 0;
  for (double& x : out) x /= sum;
  return out;
}

std::vector<std::string> published_names() {
  return {"pi_none", "pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes", "votes_in_question"};
}

std::unique_ptr<Chain> published_chain(const MixtureData& data, Published model, Seed seed, std::uint64_t chain,
                                       Blocks blocks) {
  return std::make_unique<PublishedChain>(data, model, seed, chain, std::move(blocks));
}

}  // namespace cotejo::mixture
