#include "coherent_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "chain_math.hpp"
#include "cotejo/sim/samplers.hpp"

// One copy of the hot loop per instruction set; the bits are the same, as no operations are fused.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define COTEJO_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define COTEJO_CLONES
#endif

namespace cotejo::mixture {

namespace {

constexpr std::size_t lanes = 64;         // units that the densities take at a time
constexpr std::size_t block_units = 512;  // units of one block: the order of sums depends on it
constexpr double farthest = 35;           // of a logit
constexpr std::size_t most_nodes = 128;
constexpr int restless_rounds = 6;  // of units that the warm-up took for manipulated with a chance of 1 in 1,000 or more
constexpr std::size_t many_units = 5000;  // from here on places and classes move together in one iteration of four

// What every stream of a step is for; units lie below.
enum class Use : std::uint64_t { unit = 0, place = 1, whole = 2, votes = 3, truth = 4 };
Stream stream_of(Seed seed, std::uint64_t chain, std::uint64_t iteration, Use use, std::uint64_t index) {
  return {seed, Purpose::posterior_draw, ((chain + 1) << 40) | iteration,
          (static_cast<std::uint64_t>(use) << 40) | index};
}

// The kernel of Student's t, (1 + z^2 / tail)^-((tail + 1) / 2), (tail + 1) / 2 = 2^doublings.
template <int doublings>
COTEJO_INLINE double kernel(double z) {
  constexpr double tail = (2 << doublings) - 1;
  double base = 1 + z * z / tail;
  for (int k = 0; k < doublings; ++k) base *= base;
  return 1 / base;
}

int doublings_of(int tail) {
  assert(tail == 3 || tail == 7 || tail == 15 || tail == 31);
  return tail == 3 ? 1 : tail == 7 ? 2 : tail == 15 ? 3 : 4;
}

struct Lanes {
  std::size_t count = 0;
  const double *a, *o, *mean_turnout, *mean_share;
  double inverse_turnout, inverse_share;
  double *none, *incremental, *extreme;
};

// The sum over the nodes of one class, lane by lane.
template <int doublings>
COTEJO_INLINE void add_class(const Lanes& in, const double* values, std::size_t number, double* out) {
  double turned[lanes], left[lanes];
  for (std::size_t i = 0; i < in.count; ++i) out[i] = 0;
  const double node_share = 1 / static_cast<double>(number * number);
  for (std::size_t j = 0; j < number; ++j) {
    const double scale = 1 / (1 - values[j]);
    for (std::size_t i = 0; i < in.count; ++i) {
      const double x = in.a[i] * scale, stay = 1 - x;
      const bool possible = stay > 1e-12;
      const double safe = possible ? stay : 0.5;
      const double z = (log_of(safe / x) - in.mean_turnout[i]) * in.inverse_turnout;
      turned[i] = possible ? kernel<doublings>(z) / safe * node_share : 0.0;
      left[i] = in.o[i] / safe;
    }
    for (std::size_t k = 0; k < number; ++k) {
      const double share_scale = 1 / (1 - values[k]);
      for (std::size_t i = 0; i < in.count; ++i) {
        const double y = left[i] * share_scale, share = 1 - y;
        const bool possible = share > 1e-12;
        const double safe = possible ? share : 0.5;
        const double z = (log_of(safe / y) - in.mean_share[i]) * in.inverse_share;
        out[i] += possible ? turned[i] * (kernel<doublings>(z) / safe) : 0.0;
      }
    }
  }
}

template <int doublings>
COTEJO_INLINE void three_classes(const Lanes& in, const Lattice& lattice) {
  const double nothing[1] = {0};
  add_class<doublings>(in, nothing, 1, in.none);
  add_class<doublings>(in, lattice.values[0].data(), lattice.values[0].size(), in.incremental);
  add_class<doublings>(in, lattice.values[1].data(), lattice.values[1].size(), in.extreme);
}

COTEJO_CLONES void densities_of(const Lanes& in, const Lattice& lattice, int doublings) {
  switch (doublings) {
    case 1: three_classes<1>(in, lattice); break;
    case 2: three_classes<2>(in, lattice); break;
    case 3: three_classes<3>(in, lattice); break;
    default: three_classes<4>(in, lattice); break;
  }
}

double kernel_of(double z, int doublings) {
  switch (doublings) {
    case 1: return kernel<1>(z);
    case 2: return kernel<2>(z);
    case 3: return kernel<3>(z);
    default: return kernel<4>(z);
  }
}

// sum of log(pi_0 + pi_1 r_1 + pi_2 r_2).
COTEJO_CLONES void log_mixture(const double* first, const double* second, std::size_t n, double p0, double p1, double p2,
                               double* partial) {
  for (std::size_t i = 0; i < n; ++i) partial[i % 8] += log_of(p0 + p1 * first[i] + p2 * second[i]);
}

struct Probabilities {
  double turnout, absent, share, others;  // tau, 1 - tau, nu, 1 - nu
  double a, o, w;
};

COTEJO_INLINE Probabilities probabilities(double logit_turnout, double logit_share, double m, double s) {
  Probabilities p;
  const double q = exp_of(-logit_turnout), r = exp_of(-logit_share);
  p.turnout = 1 / (1 + q);
  p.absent = q / (1 + q);
  p.share = 1 / (1 + r);
  p.others = r / (1 + r);
  p.a = p.absent * (1 - m);
  p.o = p.turnout * p.others * (1 - s);
  p.w = p.turnout * p.share + p.turnout * p.others * s + p.absent * m;
  return p;
}

COTEJO_INLINE double log_likelihood(const Probabilities& p, double absent, double leader, double other) {
  return absent * log_of(p.a) + leader * log_of(p.w) + other * log_of(p.o);
}

// The quadratic picture of the log posterior of one unit's two logits, at one point.
struct Picture {
  double log_density, step_turnout, step_share;  // and the Newton step from here
  double h11, h12, h22;                          // precision
};

Picture picture(const Probabilities& p, double absent, double leader, double other, double registered,
                double from_turnout, double from_share, double precision_turnout, double precision_share) {
  const double dw_turnout = p.a * p.turnout - p.o * p.absent, dw_share = p.o * p.share;
  const double gradient_turnout = -absent * p.turnout + other * p.absent + leader * dw_turnout / p.w -
                                  precision_turnout * from_turnout;
  const double gradient_share = -other * p.share + leader * dw_share / p.w - precision_share * from_share;
  Picture out;
  out.h11 = registered * (p.a * p.turnout * p.turnout + p.o * p.absent * p.absent + dw_turnout * dw_turnout / p.w) +
            precision_turnout;
  out.h22 = registered * (p.o * p.share * p.share + dw_share * dw_share / p.w) + precision_share;
  out.h12 = registered * (-p.o * p.absent * p.share + dw_turnout * dw_share / p.w);
  const double determinant = out.h11 * out.h22 - out.h12 * out.h12;
  out.step_turnout = (out.h22 * gradient_turnout - out.h12 * gradient_share) / determinant;
  out.step_share = (out.h11 * gradient_share - out.h12 * gradient_turnout) / determinant;
  out.log_density = log_likelihood(p, absent, leader, other) -
                    0.5 * (precision_turnout * from_turnout * from_turnout + precision_share * from_share * from_share);
  return out;
}

// log density of a proposal d away from where the picture was taken.
double log_proposal(const Picture& from, double d_turnout, double d_share) {
  const double x = d_turnout - from.step_turnout, y = d_share - from.step_share;
  return 0.5 * log_of(from.h11 * from.h22 - from.h12 * from.h12) -
         0.5 * (from.h11 * x * x + 2 * from.h12 * x * y + from.h22 * y * y);
}

// log of the prior of pi and the Jacobian of (log pi_1 / pi_0, log pi_2 / pi_0).
double log_prior_of_pi(const std::array<double, 3>& pi, double skeptic) {
  return (1 + skeptic) * log_of(pi[0]) + log_of(pi[1]) + log_of(pi[2]);
}

std::array<double, 3> pi_of(double first, double second) {
  const double e1 = exp_of(first), e2 = exp_of(second), sum = 1 + e1 + e2;
  return {1 / sum, e1 / sum, e2 / sum};
}

// p(log sd) for n deviations with this sum of squares, half-normal prior.
double log_density_of_sd(double log_sd, double n, double squares, double prior_sd) {
  const double sd = exp_of(log_sd);
  return (1 - n) * log_sd - 0.5 * squares / (sd * sd) - 0.5 * sd * sd / (prior_sd * prior_sd);
}

class CoherentChain final : public Chain {
 public:
  CoherentChain(const MixtureData& data, const CoherentPrior& prior, Seed seed, std::uint64_t chain, Blocks blocks)
      : data_(data),
        prior_(prior),
        lattice_(lattice_of(prior)),
        nodes_(),
        doublings_(doublings_of(prior.tail)),
        seed_(seed),
        chain_(chain),
        blocks_(std::move(blocks)) {
    const std::size_t n = data.size(), places = data.places.size();
    node_.assign(n, 0);
    restless_.assign(n, 0);
    for (int j = 0; j < lattice_.nodes(); ++j) {
      const double m = lattice_.m(j), s = lattice_.s(j);
      const int cls = lattice_.class_of(j);
      const double in_class = cls == 0 ? 1.0 : static_cast<double>(lattice_.values[cls - 1].size() * lattice_.values[cls - 1].size());
      nodes_.m.push_back(m);
      nodes_.s.push_back(s);
      nodes_.log_stay.push_back(log_of(1 - m));
      nodes_.log_keep.push_back(log_of(1 - s));
      nodes_.log_share.push_back(-log_of(in_class));
      nodes_.cls.push_back(static_cast<std::size_t>(cls));
    }
    for (auto& column : scratch_) column.assign(n, 0);
    class_.none.assign(n, 0);
    class_.incremental.assign(n, 0);
    class_.extreme.assign(n, 0);
    tried_class_ = class_;
    for (auto& column : tried_) column.assign(n, 0);
    sums_.incremental.assign(n, 0);
    sums_.extreme.assign(n, 0);
    sums_.manufactured.assign(n, 0);
    sums_.stolen.assign(n, 0);
    for (std::size_t d = 0; d < 2; ++d) {
      eta_[d].resize(n);
      scale_[d].assign(n, 1);
      mean_[d].assign(n, 0);
      theta_[d].assign(places, 0);
      beta_[d].assign(data.covariates.size(), 0);
      place_sd_[d].resize(data.places.levels);
    }
    // Starting points that lie apart: sds from 0.1 to 0.6, pi from nearly clean to a third manipulated.
    Stream stream = stream_of(seed_, chain_, 0, Use::whole, 0);
    for (std::size_t d = 0; d < 2; ++d) {
      unit_sd_[d] = 0.1 * exp_of(1.8 * stream.uniform());
      for (double& sd : place_sd_[d]) sd = 0.1 * exp_of(1.8 * stream.uniform());
    }
    const double manipulated = exp_of(-5 + 4 * stream.uniform());
    pi_ = {1 - manipulated, 0.7 * manipulated, 0.3 * manipulated};
    for (std::size_t u = 0; u < n; ++u) {
      const double absent = data.abstained[u] + 0.5, other = data.other[u] + 0.5, leader = data.leader[u] + 0.5;
      eta_[0][u] = log_of((other + leader) / absent);
      eta_[1][u] = log_of(leader / other);
    }
    by_level_.resize(data.places.levels);
    for (std::size_t p = 0; p < places; ++p) by_level_[data.places.level[p]].push_back(static_cast<std::uint32_t>(p));
    tree(0, 0, nullptr);
    tree(1, 0, nullptr);
    means();
  }

  void step(std::uint64_t iteration, bool warming, bool kept) override {
    const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
    // (1) what the classes give, and pi with the classes summed out
    blocks_(number, [&](std::size_t block) {
      const std::size_t begin = block * block_units, end = std::min(n, begin + block_units);
      for (std::size_t u = begin; u < end; ++u) {
        const Probabilities p =
            probabilities(eta_[0][u], eta_[1][u], lattice_.m(node_[u]), lattice_.s(node_[u]));
        scratch_[0][u] = p.a;
        scratch_[1][u] = p.o;
      }
      densities(begin, end, mean_, class_);
    });
    if (n < many_units || iteration % 4 == 0) jump(iteration);
    for (std::size_t u = 0; u < n; ++u) {
      scratch_[2][u] = class_.incremental[u] / class_.none[u];
      scratch_[3][u] = class_.extreme[u] / class_.none[u];
    }
    Stream whole = stream_of(seed_, chain_, iteration, Use::whole, 1);
    draw_pi(whole);

    // (2), (3) the units, each alone
    struct Part {
      double manufactured = 0, stolen = 0, moved = 0;
    };
    std::vector<Part> parts(number);
    blocks_(number, [&](std::size_t block) {
      Part part;
      const std::size_t begin = block * block_units, end = std::min(n, begin + block_units);
      for (std::size_t u = begin; u < end; ++u) unit(u, iteration, warming, kept, part.manufactured, part.stolen, part.moved);
      parts[block] = part;
    });
    manufactured_ = stolen_ = 0;
    double moved = 0;
    for (const Part& part : parts) {
      manufactured_ += part.manufactured;
      stolen_ += part.stolen;
      moved += part.moved;
    }
    accepted_ = moved / static_cast<double>(n);

    // (4) .. (6)
    for (std::size_t d = 0; d < 2; ++d) {
      tree(d, iteration, &whole);
      effects(d, whole);
    }
    means();
    for (std::size_t d = 0; d < 2; ++d) {
      double squares = 0;
      for (std::size_t u = 0; u < n; ++u) {
        const double r = eta_[d][u] - mean_[d][u];
        squares += scale_[d][u] * r * r;
      }
      unit_sd_[d] = draw_sd(whole, unit_sd_[d], static_cast<double>(n), squares, prior_.unit_sd);
    }
    // (7)
    rescale(iteration, warming);
  }

  std::vector<double> quantities() const override {
    return {pi_[0],       pi_[1],      pi_[2],      manufactured_, stolen_, manufactured_ + stolen_,
            unit_sd_[0],  unit_sd_[1], place_sd_[0].back(), place_sd_[1].back()};
  }
  const UnitSums& sums() const override { return sums_; }

  std::vector<double> state() const override {
    std::vector<double> out;
    const auto put = [&](const auto& column) { out.insert(out.end(), column.begin(), column.end()); };
    put(pi_);
    put(step_);
    put(top_);
    out.insert(out.end(), {manufactured_, stolen_, unit_sd_[0], unit_sd_[1]});
    for (std::size_t d = 0; d < 2; ++d) {
      put(eta_[d]);
      put(scale_[d]);
      put(theta_[d]);
      put(beta_[d]);
      put(place_sd_[d]);
    }
    put(node_);
    put(restless_);
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
    take(pi_);
    take(step_);
    take(top_);
    manufactured_ = state[at++];
    stolen_ = state[at++];
    unit_sd_[0] = state[at++];
    unit_sd_[1] = state[at++];
    for (std::size_t d = 0; d < 2; ++d) {
      take(eta_[d]);
      take(scale_[d]);
      take(theta_[d]);
      take(beta_[d]);
      take(place_sd_[d]);
    }
    take(node_);
    take(restless_);
    take(sums_.incremental);
    take(sums_.extreme);
    take(sums_.manufactured);
    take(sums_.stolen);
    means();
  }

 private:
  void draw_pi(Stream& stream) {
    double x = log_of(pi_[1] / pi_[0]), y = log_of(pi_[2] / pi_[0]);
    const auto density = [&](double first, double second) {
      const auto pi = pi_of(first, second);
      const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
      std::vector<double> parts(number);
      blocks_(number, [&](std::size_t block) {
        const std::size_t begin = block * block_units, end = std::min(n, begin + block_units);
        double partial[8] = {};
        log_mixture(&scratch_[2][begin], &scratch_[3][begin], end - begin, pi[0], pi[1], pi[2], partial);
        for (const double p : partial) parts[block] += p;
      });
      double sum = log_prior_of_pi(pi, prior_.skeptic);
      for (const double p : parts) sum += p;
      return sum;
    };
    // pi_1, pi_2 <= pi_0; what lies below e^-40 is nothing.
    for (int round = 0; round < 2; ++round) {
      x = slice_draw(stream, x, 1, -40, 0, [&](double to) { return density(to, y); });
      y = slice_draw(stream, y, 1, -40, 0, [&](double to) { return density(x, to); });
    }
    pi_ = pi_of(x, y);
  }

  void densities(std::size_t begin, std::size_t end, const std::array<std::vector<double>, 2>& mean,
                 ClassDensities& out) const {
    for (std::size_t u = begin; u < end; u += lanes)
      densities_of({.count = std::min(lanes, end - u),
                    .a = &scratch_[0][u],
                    .o = &scratch_[1][u],
                    .mean_turnout = &mean[0][u],
                    .mean_share = &mean[1][u],
                    .inverse_turnout = 1 / unit_sd_[0],
                    .inverse_share = 1 / unit_sd_[1],
                    .none = &out.none[u],
                    .incremental = &out.incremental[u],
                    .extreme = &out.extreme[u]},
                   lattice_, doublings_);
  }

  // Places with the classes of their units summed out, so that a place and its units' classes can change together: each
  // lowest place moves by a random walk, or to a draw from its prior, or everything moves alike.
  void jump(std::uint64_t iteration) {
    const auto& places = data_.places;
    const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
    const auto kind = n < many_units ? iteration % 3 : iteration / 4 % 3;
    const bool all_alike = kind == 2;
    std::array<std::vector<double>, 2> change;
    std::vector<double> log_ratio(places.size(), 0);
    for (auto& column : change) column.assign(places.size(), 0);
    Stream whole = stream_of(seed_, chain_, iteration, Use::whole, 8);
    const auto [shift, other_shift] = normal_pair(whole);
    const double reach = whole.uniform() < 0.5 ? 0.5 : 0.05;
    for (std::size_t p = 0; p < places.size(); ++p) {
      if (all_alike) {
        change[0][p] = reach * shift;
        change[1][p] = reach * other_shift;
        continue;
      }
      if (places.level[p] + 1 != places.levels) continue;
      Stream stream = stream_of(seed_, chain_, iteration, Use::place, (std::uint64_t{2} << 36) | p);
      const auto [x, y] = normal_pair(stream);
      for (std::size_t d = 0; d < 2; ++d) {
        const double above = places.parent[p] == NestedPlaces::top ? top_[d] : theta_[d][places.parent[p]];
        const double sd = place_sd_[d][places.level[p]], z = d == 0 ? x : y;
        const double to = kind == 1 ? above + sd * z : theta_[d][p] + 0.5 * unit_sd_[d] * z;
        change[d][p] = to - theta_[d][p];
        if (kind == 0)
          log_ratio[p] -= 0.5 * ((to - above) * (to - above) - (theta_[d][p] - above) * (theta_[d][p] - above)) / (sd * sd);
      }
    }
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t u = 0; u < n; ++u) tried_[d][u] = mean_[d][u] + change[d][data_.place[u]];
    blocks_(number, [&](std::size_t block) {
      densities(block * block_units, std::min(n, (block + 1) * block_units), tried_, tried_class_);
    });
    double all = 0;
    for (std::size_t u = 0; u < n; ++u) {
      const auto mixed = [&](const ClassDensities& c) {
        return pi_[0] * c.none[u] + pi_[1] * c.incremental[u] + pi_[2] * c.extreme[u] + 1e-300;
      };
      const double gain = log_of(mixed(tried_class_) / mixed(class_) + 1e-300);
      log_ratio[data_.place[u]] += gain;
      all += gain;
    }
    if (all_alike)
      for (std::size_t d = 0; d < 2; ++d) {
        const double to = top_[d] + reach * (d == 0 ? shift : other_shift);
        all -= 0.5 * (to * to - top_[d] * top_[d]) / (prior_.top_sd * prior_.top_sd);
      }
    std::vector<char> accepted(places.size(), 0);
    const bool all_accepted = all_alike && log_of(positive_uniform(whole)) < all;
    for (std::size_t p = 0; p < places.size(); ++p) {
      Stream stream = stream_of(seed_, chain_, iteration, Use::place, (std::uint64_t{3} << 36) | p);
      accepted[p] = all_alike ? all_accepted
                              : places.level[p] + 1 == places.levels && log_of(positive_uniform(stream)) < log_ratio[p];
      if (accepted[p])
        for (std::size_t d = 0; d < 2; ++d) theta_[d][p] += change[d][p];
    }
    if (all_accepted)
      for (std::size_t d = 0; d < 2; ++d) top_[d] += reach * (d == 0 ? shift : other_shift);
    for (std::size_t u = 0; u < n; ++u) {
      if (!accepted[data_.place[u]]) continue;
      for (std::size_t d = 0; d < 2; ++d) mean_[d][u] = tried_[d][u];
      class_.none[u] = tried_class_.none[u];
      class_.incremental[u] = tried_class_.incremental[u];
      class_.extreme[u] = tried_class_.extreme[u];
    }
  }

  // The node within a class, given a and o.
  int draw_node(Stream& stream, std::size_t u, int cls) const {
    const auto& values = lattice_.values[cls - 1];
    std::vector<double> weight;
    double total = 0;
    for (const double m : values) {
      const double x = scratch_[0][u] / (1 - m), stay = 1 - x;
      for (const double s : values) {
        const double y = stay > 1e-12 ? scratch_[1][u] / stay / (1 - s) : 1, share = 1 - y;
        double w = 0;
        if (stay > 1e-12 && share > 1e-12)
          w = kernel_of((log_of(stay / x) - mean_[0][u]) / unit_sd_[0], doublings_) / stay *
              kernel_of((log_of(share / y) - mean_[1][u]) / unit_sd_[1], doublings_) / share;
        weight.push_back(total += w);
      }
    }
    const double at = stream.uniform() * total;
    const auto found = std::upper_bound(weight.begin(), weight.end(), at);
    const auto index = static_cast<int>(std::min<std::ptrdiff_t>(found - weight.begin(), std::ssize(weight) - 1));
    return (cls == 1 ? 1 : 1 + static_cast<int>(lattice_.values[0].size() * lattice_.values[0].size())) + index;
  }

  // The node given both logits, whatever a and o then are: moves where sigma is small against the multinomial's noise.
  int node_given_logits(Stream& stream, std::size_t u, const Probabilities& p) const {
    double weight[most_nodes], largest = -1e300;
    const auto number = static_cast<std::size_t>(lattice_.nodes());
    const double genuine = p.turnout * p.share, takeable = p.turnout * p.others;
    const double absent = data_.abstained[u], leader = data_.leader[u], other = data_.other[u];
    for (std::size_t j = 0; j < number; ++j) {
      weight[j] = absent * nodes_.log_stay[j] + other * nodes_.log_keep[j] +
                  leader * log_of(genuine + takeable * nodes_.s[j] + p.absent * nodes_.m[j]) + nodes_.log_share[j];
      largest = std::max(largest, weight[j]);
    }
    double sum = 0;
    for (std::size_t j = 0; j < number; ++j) {
      const double w = weight[j] - largest;
      weight[j] = sum += w > -60 ? pi_[nodes_.cls[j]] * exp_of(w) : 0;
    }
    const double at = stream.uniform() * sum;
    std::size_t j = 0;
    while (j + 1 < number && weight[j] <= at) ++j;
    return static_cast<int>(j);
  }

  void unit(std::size_t u, std::uint64_t iteration, bool warming, bool kept, double& manufactured, double& stolen, double& moved) {
    Stream stream = stream_of(seed_, chain_, iteration, Use::unit, u);
    const double first = pi_[1] * scratch_[2][u], second = pi_[2] * scratch_[3][u], sum = pi_[0] + first + second;
    const double at = stream.uniform() * sum;
    const int cls = at < pi_[0] ? 0 : at < pi_[0] + first ? 1 : 2;
    node_[u] = static_cast<std::uint8_t>(cls == 0 ? 0 : draw_node(stream, u, cls));
    if (warming && first + second > 1e-3 * sum) restless_[u] = 1;
    if (kept) {
      sums_.incremental[u] += first / sum;
      sums_.extreme[u] += second / sum;
    }
    double m = lattice_.m(node_[u]), s = lattice_.s(node_[u]);
    const double x = scratch_[0][u] / (1 - m), y = scratch_[1][u] / ((1 - s) * (1 - x));
    double eta[2] = {log_of((1 - x) / x), log_of((1 - y) / y)};

    const double absent = data_.abstained[u], leader = data_.leader[u], other = data_.other[u],
                 registered = data_.registered[u];
    const bool few = data_.size() < many_units;
    const int rounds = !few && restless_[u] ? restless_rounds : 1;
    Probabilities p{};
    for (int round = 0; round < rounds; ++round) {
      double precision[2];
      for (std::size_t d = 0; d < 2; ++d) {
        const double z = (eta[d] - mean_[d][u]) / unit_sd_[d];
        scale_[d][u] = gamma_draw(stream, 1 << doublings_) / (0.5 * (prior_.tail + z * z));
        precision[d] = scale_[d][u] / (unit_sd_[d] * unit_sd_[d]);
      }
      p = probabilities(eta[0], eta[1], m, s);
      const Picture here = picture(p, absent, leader, other, registered, eta[0] - mean_[0][u], eta[1] - mean_[1][u],
                                   precision[0], precision[1]);
      const auto [g, h] = normal_pair(stream);
      // N(step, H^-1) by the factor of H.
      const double l11 = std::sqrt(here.h11), l21 = here.h12 / l11, l22 = std::sqrt(here.h22 - l21 * l21);
      const double d_share = h / l22, d_turnout = (g - l21 * d_share) / l11;
      const double to[2] = {eta[0] + here.step_turnout + d_turnout, eta[1] + here.step_share + d_share};
      const double luck = log_of(positive_uniform(stream));
      if (std::abs(to[0]) < farthest && std::abs(to[1]) < farthest) {
        const Probabilities q = probabilities(to[0], to[1], m, s);
        const Picture there = picture(q, absent, leader, other, registered, to[0] - mean_[0][u], to[1] - mean_[1][u],
                                      precision[0], precision[1]);
        const double ratio = there.log_density - here.log_density +
                             log_proposal(there, eta[0] - to[0], eta[1] - to[1]) -
                             log_proposal(here, to[0] - eta[0], to[1] - eta[1]);
        if (luck < ratio) {
          eta[0] = to[0];
          eta[1] = to[1];
          p = q;
          moved += round == 0;
        }
      }
      if (few || restless_[u] || iteration % 4 == 1) {
        node_[u] = static_cast<std::uint8_t>(node_given_logits(stream, u, p));
        m = lattice_.m(node_[u]);
        s = lattice_.s(node_[u]);
        p = probabilities(eta[0], eta[1], m, s);
      }
    }
    for (std::size_t d = 0; d < 2; ++d) eta_[d][u] = eta[d];
    if (node_[u] != 0) {
      const auto made = static_cast<double>(binomial_rng(stream, data_.leader[u], p.absent * m / p.w));
      const double rest = p.turnout * p.share + p.turnout * p.others * s;
      const auto taken = static_cast<double>(binomial_rng(stream, data_.leader[u] - static_cast<std::int64_t>(made),
                                                          p.turnout * p.others * s / rest));
      manufactured += made;
      stolen += taken;
      if (kept) {
        sums_.manufactured[u] += made;
        sums_.stolen[u] += taken;
      }
    }
  }

  // What the units say of every place, then kappa of every level with all thetas integrated out, then theta exactly.
  void tree(std::size_t d, std::uint64_t iteration, Stream* stream) {
    const auto& places = data_.places;
    const std::size_t count = places.size();
    std::vector<double> precision(count, 0), pull(count, 0);
    const double of_unit = 1 / (unit_sd_[d] * unit_sd_[d]);
    for (std::size_t u = 0; u < data_.size(); ++u) {
      double explained = 0;
      for (std::size_t c = 0; c < beta_[d].size(); ++c) explained += beta_[d][c] * data_.covariates[c][u];
      const double w = scale_[d][u] * of_unit;
      precision[data_.place[u]] += w;
      pull[data_.place[u]] += w * (eta_[d][u] - explained);
    }
    double top_precision = 1 / (prior_.top_sd * prior_.top_sd), top_pull = 0;
    // The level below is done; takes the places of one level into the level above. Gives the log of the integral.
    const auto up = [&](std::size_t level, double sd, std::vector<double>& precisions, std::vector<double>& pulls,
                        double& at_top, double& pull_at_top) {
      const double v = sd * sd;
      double log_integral = 0;
      for (const auto p : by_level_[level]) {
        const double shrink = 1 / (1 + v * precisions[p]);
        log_integral += 0.5 * log_of(shrink) + 0.5 * v * pulls[p] * pulls[p] * shrink;
        const bool is_top = places.parent[p] == NestedPlaces::top;
        (is_top ? at_top : precisions[places.parent[p]]) += precisions[p] * shrink;
        (is_top ? pull_at_top : pulls[places.parent[p]]) += pulls[p] * shrink;
      }
      return log_integral;
    };
    for (std::size_t level = places.levels; level-- > 0;) {
      if (stream) {
        std::vector<double> precisions(precision), pulls(pull);
        const auto density = [&](double log_sd) {
          const double sd = exp_of(log_sd);
          for (std::size_t above = 0; above < level; ++above)
            for (const auto p : by_level_[above]) {
              precisions[p] = precision[p];
              pulls[p] = pull[p];
            }
          double at_top = top_precision, pull_at_top = top_pull, sum = 0;
          for (std::size_t l = level + 1; l-- > 0;)
            sum += up(l, l == level ? sd : place_sd_[d][l], precisions, pulls, at_top, pull_at_top);
          sum += 0.5 * pull_at_top * pull_at_top / at_top - 0.5 * log_of(at_top);
          return sum + log_sd - 0.5 * sd * sd / (prior_.place_sd * prior_.place_sd);
        };
        const double width = 2 / std::sqrt(1 + static_cast<double>(by_level_[level].size()));
        place_sd_[d][level] = exp_of(slice_draw(*stream, log_of(place_sd_[d][level]), width, -14, 5, density));
      }
      up(level, place_sd_[d][level], precision, pull, top_precision, top_pull);
    }
    Stream top_stream = stream_of(seed_, chain_, iteration, Use::place, (d << 36) | count);
    top_[d] = top_pull / top_precision + normal_pair(top_stream).first / std::sqrt(top_precision);
    for (std::size_t p = 0; p < count; ++p) {
      const double above = places.parent[p] == NestedPlaces::top ? top_[d] : theta_[d][places.parent[p]];
      const double sd = place_sd_[d][places.level[p]], total = precision[p] + 1 / (sd * sd);
      Stream place_stream = stream_of(seed_, chain_, iteration, Use::place, (d << 36) | p);
      theta_[d][p] = (pull[p] + above / (sd * sd)) / total + normal_pair(place_stream).first / std::sqrt(total);
    }
  }

  // The covariates' effects one after the other, each exactly given the others.
  void effects(std::size_t d, Stream& stream) {
    if (beta_[d].empty()) return;
    const double of_unit = 1 / (unit_sd_[d] * unit_sd_[d]);
    std::vector<double> rest(data_.size());
    for (std::size_t u = 0; u < rest.size(); ++u) {
      rest[u] = eta_[d][u] - theta_[d][data_.place[u]];
      for (std::size_t c = 0; c < beta_[d].size(); ++c) rest[u] -= beta_[d][c] * data_.covariates[c][u];
    }
    for (std::size_t c = 0; c < beta_[d].size(); ++c) {
      const auto& x = data_.covariates[c];
      double precision = 1, pull = 0;
      for (std::size_t u = 0; u < rest.size(); ++u) {
        const double w = scale_[d][u] * of_unit * x[u];
        precision += w * x[u];
        pull += w * (rest[u] + beta_[d][c] * x[u]);
      }
      const double to = pull / precision + normal_pair(stream).first / std::sqrt(precision);
      for (std::size_t u = 0; u < rest.size(); ++u) rest[u] -= (to - beta_[d][c]) * x[u];
      beta_[d][c] = to;
    }
  }

  void means() {
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t u = 0; u < data_.size(); ++u) {
        double mean = theta_[d][data_.place[u]];
        for (std::size_t c = 0; c < beta_[d].size(); ++c) mean += beta_[d][c] * data_.covariates[c][u];
        mean_[d][u] = mean;
      }
  }

  static double draw_sd(Stream& stream, double sd, double n, double squares, double prior_sd) {
    const double width = 2 / std::sqrt(n + 1);
    return exp_of(slice_draw(stream, log_of(sd), width, -14, 5,
                             [&](double log_sd) { return log_density_of_sd(log_sd, n, squares, prior_sd); }));
  }

  // sigma and all deviations together: eta = mean + (sigma' / sigma)(eta - mean).
  void rescale(std::uint64_t iteration, bool warming) {
    const std::size_t n = data_.size(), number = (n + block_units - 1) / block_units;
    for (std::size_t d = 0; d < 2; ++d) {
      Stream stream = stream_of(seed_, chain_, iteration, Use::whole, 2 + d);
      const double change = step_[d] * normal_pair(stream).first, factor = exp_of(change);
      const double to = unit_sd_[d] * factor;
      std::vector<double> parts(number, 0);
      blocks_(number, [&](std::size_t block) {
        const std::size_t begin = block * block_units, end = std::min(n, begin + block_units);
        for (std::size_t u = begin; u < end; ++u) {
          const double m = lattice_.m(node_[u]), s = lattice_.s(node_[u]);
          double logit[2] = {eta_[0][u], eta_[1][u]};
          const auto at = [&] {
            return log_likelihood(probabilities(logit[0], logit[1], m, s), data_.abstained[u], data_.leader[u],
                                  data_.other[u]);
          };
          const double before = at();
          logit[d] = mean_[d][u] + factor * (eta_[d][u] - mean_[d][u]);
          parts[block] += std::abs(logit[d]) < farthest ? at() - before : -1e300;
        }
      });
      double ratio = change - 0.5 * (to * to - unit_sd_[d] * unit_sd_[d]) / (prior_.unit_sd * prior_.unit_sd);
      for (const double part : parts) ratio += part;
      const bool accept = log_of(positive_uniform(stream)) < ratio;
      if (accept) {
        unit_sd_[d] = to;
        for (std::size_t u = 0; u < n; ++u) eta_[d][u] = mean_[d][u] + factor * (eta_[d][u] - mean_[d][u]);
      }
      if (warming) step_[d] = std::clamp(step_[d] * (accept ? 1.15 : 0.93), 1e-4, 1.0);
    }
  }

  struct Nodes {
    std::vector<double> m, s, log_stay, log_keep, log_share;
    std::vector<std::size_t> cls;
  };
  const MixtureData& data_;
  CoherentPrior prior_;
  Lattice lattice_;
  Nodes nodes_;
  int doublings_;
  Seed seed_;
  std::uint64_t chain_;
  Blocks blocks_;

  std::array<double, 3> pi_{};
  std::array<double, 2> step_{0.1, 0.1}, unit_sd_{}, top_{};
  std::array<std::vector<double>, 2> eta_, scale_, mean_, theta_, beta_, place_sd_;
  std::vector<std::uint8_t> node_, restless_;
  std::vector<std::vector<std::uint32_t>> by_level_;  // places of each level
  std::array<std::vector<double>, 4> scratch_;  // a, o, ratios of incremental and extreme to none
  ClassDensities class_, tried_class_;
  std::array<std::vector<double>, 2> tried_;
  UnitSums sums_;
  double manufactured_ = 0, stolen_ = 0, accepted_ = 0;
};

}  // namespace

double Lattice::at(int node, int which) const {
  if (node == 0) return 0;
  const auto first = values[0].size() * values[0].size();
  auto index = static_cast<std::size_t>(node) - 1;
  const auto& of_class = index < first ? values[0] : values[1];
  if (index >= first) index -= first;
  return which == 0 ? of_class[index / of_class.size()] : of_class[index % of_class.size()];
}

Lattice lattice_of(const CoherentPrior& prior) {
  Lattice out;
  for (int j = 0; j < prior.incremental; ++j) out.values[0].push_back(prior.k * (j + 0.5) / prior.incremental);
  for (int j = 0; j < prior.extreme; ++j) out.values[1].push_back(prior.k + (1 - prior.k) * (j + 0.5) / prior.extreme);
  return out;
}

void class_densities(const Lattice& lattice, int tail, std::span<const double> a, std::span<const double> o,
                     std::span<const double> mean_turnout, std::span<const double> mean_share, double sd_turnout,
                     double sd_share, ClassDensities& out) {
  out.none.resize(a.size());
  out.incremental.resize(a.size());
  out.extreme.resize(a.size());
  for (std::size_t u = 0; u < a.size(); u += lanes)
    densities_of({.count = std::min(lanes, a.size() - u),
                  .a = &a[u],
                  .o = &o[u],
                  .mean_turnout = &mean_turnout[u],
                  .mean_share = &mean_share[u],
                  .inverse_turnout = 1 / sd_turnout,
                  .inverse_share = 1 / sd_share,
                  .none = &out.none[u],
                  .incremental = &out.incremental[u],
                  .extreme = &out.extreme[u]},
                 lattice, doublings_of(tail));
}

CoherentTruth draw_prior(const CoherentPrior& prior, MixtureData& data, Seed seed, std::uint64_t replicate) {
  Stream stream = stream_of(seed, 0xFFFF, replicate, Use::truth, 0);
  const Lattice lattice = lattice_of(prior);
  CoherentTruth out;
  // pi: uniform on the simplex, none the largest; thinned by pi_none^skeptic.
  do {
    double e[3], sum = 0;
    for (double& x : e) sum += x = -log_of(positive_uniform(stream));
    out.pi = {e[0] / sum, e[1] / sum, e[2] / sum};
  } while (out.pi[0] < out.pi[1] || out.pi[0] < out.pi[2] ||
           positive_uniform(stream) > std::pow(out.pi[0], prior.skeptic));
  const auto half_normal = [&](double sd) { return sd * std::abs(normal_pair(stream).first); };
  const std::size_t n = data.size();
  std::array<std::vector<double>, 2> theta, place_sd;
  std::array<double, 2> sd{};
  for (std::size_t d = 0; d < 2; ++d) {
    const double top = prior.top_sd * normal_pair(stream).first;
    for (std::uint32_t level = 0; level < data.places.levels; ++level)
      place_sd[d].push_back(half_normal(prior.place_sd));
    for (std::size_t p = 0; p < data.places.size(); ++p)
      theta[d].push_back((data.places.parent[p] == NestedPlaces::top ? top : theta[d][data.places.parent[p]]) +
                         place_sd[d][data.places.level[p]] * normal_pair(stream).first);
    sd[d] = half_normal(prior.unit_sd);
  }
  std::vector<double> beta[2];
  for (auto& effects : beta)
    for (std::size_t c = 0; c < data.covariates.size(); ++c) effects.push_back(normal_pair(stream).first);
  double manufactured = 0, stolen = 0;
  for (std::size_t u = 0; u < n; ++u) {
    double eta[2];
    for (std::size_t d = 0; d < 2; ++d) {
      double square = 0;
      for (int j = 0; j < prior.tail; ++j) {
        const double z = normal_pair(stream).first;
        square += z * z;
      }
      eta[d] = theta[d][data.place[u]] + sd[d] * normal_pair(stream).first / std::sqrt(square / prior.tail);
      for (std::size_t c = 0; c < beta[d].size(); ++c) eta[d] += beta[d][c] * data.covariates[c][u];
      eta[d] = std::clamp(eta[d], -30.0, 30.0);
    }
    const double at = stream.uniform();
    int node = 0;
    if (at >= out.pi[0]) {
      const bool is_extreme = at >= out.pi[0] + out.pi[1];
      const auto size = lattice.values[is_extreme].size();
      node = 1 + static_cast<int>(is_extreme ? lattice.values[0].size() * lattice.values[0].size() : 0) +
             static_cast<int>(stream.below(size * size));
    }
    const double m = lattice.m(node), s = lattice.s(node);
    const Probabilities p = probabilities(eta[0], eta[1], m, s);
    const auto number = data.registered[u];
    const double weights[5] = {p.a, p.o, p.turnout * p.share, p.absent * m, p.turnout * p.others * s};
    std::int32_t counts[5];
    multinomial_rng(stream, number, weights, counts);
    data.abstained[u] = counts[0];
    data.other[u] = counts[1];
    data.leader[u] = counts[2] + counts[3] + counts[4];
    manufactured += counts[3];
    stolen += counts[4];
  }
  out.sd_turnout = sd[0];
  out.sd_share = sd[1];
  out.quantities = {out.pi[0], out.pi[1], out.pi[2], manufactured, stolen, manufactured + stolen,
                    sd[0],     sd[1],     place_sd[0].back(), place_sd[1].back()};
  return out;
}

std::vector<std::string> coherent_names() {
  return {"pi_none",       "pi_incremental", "pi_extreme",       "manufactured_votes", "stolen_votes",
          "votes_in_question", "unit_sd_turnout", "unit_sd_share", "place_sd_turnout",   "place_sd_share"};
}

std::unique_ptr<Chain> coherent_chain(const MixtureData& data, const CoherentPrior& prior, Seed seed,
                                      std::uint64_t chain, Blocks blocks) {
  return std::make_unique<CoherentChain>(data, prior, seed, chain, std::move(blocks));
}

}  // namespace cotejo::mixture
