#include "coherent_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "chain_math.hpp"
#include "coherent_lanes.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {

namespace {

constexpr std::size_t block_units = 512;  // units of one block, a multiple of lanes: the order of sums depends on it
constexpr std::size_t most_nodes = 128;
constexpr std::size_t many_units = 1000;   // below, all places jump, and all units try their class in both ways
constexpr std::size_t candidates = 16;     // points (a, o) of a doubtful unit beside the current one
constexpr int shrinking = 3;               // towards the middle, of some of them
constexpr double doubtful = 0.01;          // probability of manipulation
constexpr std::uint32_t tiny_place = 3;    // units of places that may hide that all of them are manipulated
constexpr std::uint32_t small_place = 12;  // units of places that jump with their units' classes summed out

// What every stream of a step is for; what it is keyed by lies below.
enum class Use : std::uint64_t { unit = 0, place = 1, whole = 2, point = 3, truth = 4, lanes = 5 };
Stream stream_of(Seed seed, std::uint64_t chain, std::uint64_t iteration, Use use, std::uint64_t index) {
  return {seed, Purpose::posterior_draw, ((chain + 1) << 40) | iteration,
          (static_cast<std::uint64_t>(use) << 40) | index};
}

double kernel_of(double z, int doublings) {
  double base = 1 + z * z / ((2 << doublings) - 1);
  for (int k = 0; k < doublings; ++k) base *= base;
  return 1 / base;
}

struct Probabilities {
  double turnout, absent, share, others;  // tau, 1 - tau, nu, 1 - nu
  double a, o, w;
};

Probabilities probabilities(double logit_turnout, double logit_share, double m, double s) {
  Probabilities p;
  const double q = vm::exp(-logit_turnout), r = vm::exp(-logit_share);
  p.turnout = 1 / (1 + q);
  p.absent = q / (1 + q);
  p.share = 1 / (1 + r);
  p.others = r / (1 + r);
  p.a = p.absent * (1 - m);
  p.o = p.turnout * p.others * (1 - s);
  p.w = p.turnout * p.share + p.turnout * p.others * s + p.absent * m;
  return p;
}

// log of the prior of pi and the Jacobian of (log pi_1 / pi_0, log pi_2 / pi_0).
double log_prior_of_pi(const std::array<double, 3>& pi, double skeptic) {
  return (1 + skeptic) * vm::log(pi[0]) + vm::log(pi[1]) + vm::log(pi[2]);
}

std::array<double, 3> pi_of(double first, double second) {
  const double e1 = vm::exp(first), e2 = vm::exp(second), sum = 1 + e1 + e2;
  return {1 / sum, e1 / sum, e2 / sum};
}

// p(log sd) for n deviations with this sum of squares, half-normal prior.
double log_density_of_sd(double log_sd, double n, double squares, double prior_sd) {
  const double sd = vm::exp(log_sd);
  return (1 - n) * log_sd - 0.5 * squares / (sd * sd) - 0.5 * sd * sd / (prior_sd * prior_sd);
}

class CoherentChain final : public Chain {
 public:
  CoherentChain(const MixtureData& data, const CoherentPrior& prior, Seed seed, std::uint64_t chain, Blocks blocks)
      : data_(data),
        prior_(prior),
        lattice_(lattice_of(prior)),
        doublings_(doublings_of(prior.tail)),
        seed_(seed),
        chain_(chain),
        blocks_(std::move(blocks)) {
    const std::size_t n = data.size(), places = data.places.size();
    node_.assign(n, 0);
    doubt_.assign(n, 0);
    for (int j = 0; j < lattice_.nodes(); ++j) {
      const double m = lattice_.m(j), s = lattice_.s(j);
      const int cls = lattice_.class_of(j);
      const double in_class = cls == 0 ? 1.0 : static_cast<double>(lattice_.values[cls - 1].size() * lattice_.values[cls - 1].size());
      nodes_.m.push_back(m);
      nodes_.s.push_back(s);
      nodes_.log_stay.push_back(vm::log(1 - m));
      nodes_.log_keep.push_back(vm::log(1 - s));
      nodes_.share.push_back(1 / in_class);
      nodes_.cls.push_back(static_cast<std::size_t>(cls));
    }
    for (auto& column : class_) column.assign(n, 0);
    tried_class_ = class_;
    for (auto* column : {&sums_.incremental, &sums_.extreme, &sums_.manufactured, &sums_.stolen}) column->assign(n, 0);
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
      unit_sd_[d] = 0.1 * vm::exp(1.8 * stream.uniform());
      for (double& sd : place_sd_[d]) sd = 0.1 * vm::exp(1.8 * stream.uniform());
    }
    const double manipulated = vm::exp(-5 + 4 * stream.uniform());
    pi_ = {1 - manipulated, 0.7 * manipulated, 0.3 * manipulated};
    for (std::size_t u = 0; u < n; ++u) {
      const double absent = data.abstained[u] + 0.5, other = data.other[u] + 0.5, leader = data.leader[u] + 0.5;
      eta_[0][u] = vm::log((other + leader) / absent);
      eta_[1][u] = vm::log(leader / other);
    }
    by_level_.resize(data.places.levels);
    places_below_.assign(places, 0);
    for (std::size_t p = 0; p < places; ++p) {
      by_level_[data.places.level[p]].push_back(static_cast<std::uint32_t>(p));
      if (data.places.parent[p] != NestedPlaces::top) ++places_below_[data.places.parent[p]];
    }
    tree(0, 0, nullptr);
    tree(1, 0, nullptr);
    means();
    find_doubtful();
  }

  void step(std::uint64_t iteration, bool warming, bool kept) override {
    const std::size_t n = data_.size();
    // (1) what the classes give at the points (a, o) of every unit; the lowest places and pi with points and classes summed out
    if (warming && iteration % 10 == 0) suspect_tiny_places();
    if (warming || !settled_) find_doubtful();
    settled_ = !warming;
    draw_points(iteration);
    evaluate(all_points_, mean_, points_.f);
    gather(all_points_, points_.f, class_);
    jump(iteration, Jump::anew);
    if (n < many_units && iteration % 2 == 0)
      jump_alike(iteration);
    else
      jump(iteration, Jump::step);
    Stream whole = stream_of(seed_, chain_, iteration, Use::whole, 1);
    draw_pi(whole);

    // (2), (3) the units, each alone
    const std::size_t number = blocks();
    std::vector<Part> parts(number);
    blocks_(number, [&](std::size_t block) {
      for (std::size_t u = block * block_units; u < std::min(n, (block + 1) * block_units); u += lanes)
        units(u, std::min(n, u + lanes), iteration, warming, kept, parts[block]);
    });
    manufactured_ = stolen_ = 0;
    for (const Part& part : parts) {
      manufactured_ += part.manufactured;
      stolen_ += part.stolen;
    }

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
    rescale(whole, unit_sd_, prior_.unit_sd, mean_);
    rescale_places(whole);
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
    put(top_);
    out.insert(out.end(), {manufactured_, stolen_, unit_sd_[0], unit_sd_[1]});
    for (std::size_t d = 0; d < 2; ++d) {
      put(eta_[d]);
      put(theta_[d]);
      put(beta_[d]);
      put(place_sd_[d]);
    }
    put(node_);
    put(doubt_);
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
    take(top_);
    manufactured_ = state[at++];
    stolen_ = state[at++];
    unit_sd_[0] = state[at++];
    unit_sd_[1] = state[at++];
    for (std::size_t d = 0; d < 2; ++d) {
      take(eta_[d]);
      take(theta_[d]);
      take(beta_[d]);
      take(place_sd_[d]);
    }
    take(node_);
    take(doubt_);
    take(sums_.incremental);
    take(sums_.extreme);
    take(sums_.manufactured);
    take(sums_.stolen);
    means();
    find_doubtful();
  }

 private:
  using Columns = std::array<std::vector<double>, 3>;  // none, incremental, extreme
  struct Part {
    double manufactured = 0, stolen = 0, moved = 0;
  };

  std::size_t blocks() const { return (data_.size() + block_units - 1) / block_units; }

  // Doubtful units, and the small lowest places that hold one (or all places), with all units of those.
  void find_doubtful() {
    const std::size_t n = data_.size();
    std::vector<std::uint32_t> units_of(data_.places.size(), 0);
    std::vector<char> jumps(data_.places.size(), n < many_units);
    for (std::size_t u = 0; u < n; ++u) ++units_of[data_.place[u]];
    doubtful_units_.clear();
    first_candidate_.assign(n, 0);
    for (std::size_t u = 0; u < n; ++u) {
      if (doubt_[u] < doubtful) continue;
      first_candidate_[u] = static_cast<std::uint32_t>(n + candidates * doubtful_units_.size());
      doubtful_units_.push_back(static_cast<std::uint32_t>(u));
      if (units_of[data_.place[u]] <= small_place) jumps[data_.place[u]] = 1;
    }
    const std::size_t number = n + candidates * doubtful_units_.size();
    points_.a.resize(number);
    points_.o.resize(number);
    points_.weight.resize(number);
    points_.unit.resize(number);
    for (auto& column : points_.f) column.resize(number);
    all_points_.resize(number);
    jumping_points_.clear();
    jumping_units_.clear();
    jumping_places_.clear();
    for (std::size_t u = 0; u < n; ++u) points_.unit[u] = static_cast<std::uint32_t>(u);
    for (std::size_t r = 0; r < doubtful_units_.size(); ++r)
      for (std::size_t k = 0; k < candidates; ++k) points_.unit[n + candidates * r + k] = doubtful_units_[r];
    for (std::size_t i = 0; i < number; ++i) {
      all_points_[i] = static_cast<std::uint32_t>(i);
      if (!jumps[data_.place[points_.unit[i]]]) continue;
      jumping_points_.push_back(static_cast<std::uint32_t>(i));
      if (i < n) jumping_units_.push_back(static_cast<std::uint32_t>(i));
    }
    for (std::size_t p = 0; p < data_.places.size(); ++p)
      if (jumps[p] && data_.places.level[p] + 1 == data_.places.levels) jumping_places_.push_back(static_cast<std::uint32_t>(p));
  }

  // The current (a, o) of every unit, and of a doubtful one draws from Dirichlet(A + 1 + i, O + 1 + j, W + 1), i and j 0 or
  // `shrinking` as a coin says: i = j = 0 is what the likelihood is proportional to, the others reach what a place makes of a
  // unit where nobody stayed away, or nobody voted for others. A point's weight is its likelihood over the density of
  // these draws; with the classes summed out, its chance is that times its density under the classes.
  void draw_points(std::uint64_t iteration) {
    const std::size_t n = data_.size();
    blocks_(blocks(), [&](std::size_t block) {
      for (std::size_t u = block * block_units; u < std::min(n, (block + 1) * block_units); ++u) {
        const Probabilities p = probabilities(eta_[0][u], eta_[1][u], nodes_.m[node_[u]], nodes_.s[node_[u]]);
        points_.a[u] = p.a;
        points_.o[u] = p.o;
        points_.weight[u] = 1;
        if (first_candidate_[u] == 0) continue;
        // Ratios of the four densities' constants: products of `shrinking` factors each.
        double of_a = 1, of_o = 1, of_both = 1;
        for (int k = 1; k <= shrinking; ++k) {
          of_a *= (data_.registered[u] + 2 + k) / (data_.abstained[u] + static_cast<double>(k));
          of_o *= (data_.registered[u] + 2 + k) / (data_.other[u] + static_cast<double>(k));
          of_both *= (data_.registered[u] + 2 + shrinking + k) / (data_.other[u] + static_cast<double>(k));
        }
        const auto weigh = [&](std::size_t i) {
          double a = 1, o = 1;
          for (int k = 0; k < shrinking; ++k) {
            a *= points_.a[i];
            o *= points_.o[i];
          }
          points_.weight[i] = 1 / (points_.a[i] * points_.o[i] * (1 + of_a * a + of_o * o + of_a * of_both * a * o));
        };
        weigh(u);
        Stream stream = stream_of(seed_, chain_, iteration, Use::point, u);
        for (std::size_t i = first_candidate_[u]; i < first_candidate_[u] + candidates; ++i) {
          const auto coins = stream.below(4);
          const double a = gamma_rng(stream, data_.abstained[u] + 1.0 + (coins & 1 ? shrinking : 0)),
                       o = gamma_rng(stream, data_.other[u] + 1.0 + (coins & 2 ? shrinking : 0)),
                       sum = a + o + gamma_rng(stream, data_.leader[u] + 1.0);
          points_.a[i] = std::max(a / sum, 1e-15);
          points_.o[i] = std::max(o / sum, 1e-15);
          weigh(i);
        }
      }
    });
  }

  // Densities under the classes at the named points, in the order of their names.
  void evaluate(const std::vector<std::uint32_t>& which, const std::array<std::vector<double>, 2>& mean, Columns& out) const {
    for (auto& column : out) column.resize(which.size());
    blocks_((which.size() + block_units - 1) / block_units, [&](std::size_t block) {
      const std::size_t end = std::min(which.size(), (block + 1) * block_units);
      for (std::size_t begin = block * block_units; begin < end; begin += lanes) {
        const std::size_t count = std::min(lanes, end - begin);
        double a[lanes], o[lanes], weight[lanes], turnout[lanes], share[lanes];
        for (std::size_t i = 0; i < count; ++i) {
          const auto at = which[begin + i], u = points_.unit[at];
          a[i] = points_.a[at];
          o[i] = points_.o[at];
          weight[i] = points_.weight[at];
          turnout[i] = mean[0][u];
          share[i] = mean[1][u];
        }
        densities_of({.count = count,
                      .a = a,
                      .o = o,
                      .mean_turnout = turnout,
                      .mean_share = share,
                      .inverse_turnout = 1 / unit_sd_[0],
                      .inverse_share = 1 / unit_sd_[1],
                      .none = &out[0][begin],
                      .incremental = &out[1][begin],
                      .extreme = &out[2][begin]},
                     lattice_, doublings_);
        for (auto& column : out)
          for (std::size_t i = 0; i < count; ++i) column[begin + i] = column[begin + i] * weight[i] + 1e-300;
      }
    });
  }

  // Sums over the points of every unit.
  void gather(const std::vector<std::uint32_t>& which, const Columns& from, Columns& to) const {
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < which.size(); ++i) {
        if (which[i] < data_.size())
          to[c][which[i]] = from[c][i];
        else
          to[c][points_.unit[which[i]]] += from[c][i];
      }
  }

  void draw_pi(Stream& stream) {
    const std::size_t n = data_.size();
    blocks_(blocks(), [&](std::size_t block) {
      for (std::size_t u = block * block_units; u < std::min(n, (block + 1) * block_units); ++u) {
        const double scale = 1 / std::max({class_[0][u], class_[1][u], class_[2][u]});
        for (auto& column : class_) column[u] *= scale;
      }
    });
    double x = vm::log(pi_[1] / pi_[0]), y = vm::log(pi_[2] / pi_[0]);
    const auto density = [&](double first, double second) {
      const auto pi = pi_of(first, second);
      std::vector<double> parts(blocks());
      blocks_(parts.size(), [&](std::size_t block) {
        const std::size_t begin = block * block_units, end = std::min(n, begin + block_units);
        double partial[8] = {};
        log_mixture({&class_[0][begin], &class_[1][begin], &class_[2][begin]}, end - begin, pi, partial);
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

  double mixed(const Columns& f, std::size_t i) const { return pi_[0] * f[0][i] + pi_[1] * f[1][i] + pi_[2] * f[2][i]; }

  // Where a lowest place comes from: the nearest place above with other places below it, the places between summed out.
  struct Origin {
    double mean[2], variance[2];
  };
  Origin origin_of(std::uint32_t place) const {
    const auto& places = data_.places;
    Origin out{{0, 0}, {0, 0}};
    for (;;) {
      for (std::size_t d = 0; d < 2; ++d) out.variance[d] += place_sd_[d][places.level[place]] * place_sd_[d][places.level[place]];
      const auto above = places.parent[place];
      const bool is_top = above == NestedPlaces::top;
      if (is_top || places_below_[above] > 1) {
        for (std::size_t d = 0; d < 2; ++d) out.mean[d] = is_top ? top_[d] : theta_[d][above];
        return out;
      }
      place = above;
    }
  }

  // What units' counts say of their place if they are of none, or of a typical node of either manipulation: weights, and
  // weighted logits.
  static constexpr std::size_t readings = 3;
  struct Readings {
    std::array<std::array<std::vector<double>, 2>, readings> weight{}, counted{};
    double center(std::size_t k, std::size_t d, std::size_t p) const { return counted[k][d][p] / weight[k][d][p]; }
  };
  Readings read_places(const std::vector<std::uint32_t>& units) const {
    const double taken[readings] = {0, lattice_.values[0][lattice_.values[0].size() / 2], lattice_.values[1][0]};
    Readings out;
    for (auto* both : {&out.weight, &out.counted})
      for (auto& reading : *both)
        for (auto& column : reading) column.assign(data_.places.size(), 0);
    for (const auto u : units) {
      const double absent = data_.abstained[u] + 0.5, other = data_.other[u] + 0.5, leader = data_.leader[u] + 0.5;
      const double noise[2] = {1 / absent + 1 / (other + leader), 1 / leader + 1 / other}, all = absent + other + leader;
      for (std::size_t k = 0; k < readings; ++k) {
        const double x = std::min(absent / all / (1 - taken[k]), 0.95), y = std::min(other / all / ((1 - taken[k]) * (1 - x)), 0.95);
        const double logit[2] = {vm::log((1 - x) / x), vm::log((1 - y) / y)};
        for (std::size_t d = 0; d < 2; ++d) {
          const double w = 1 / (unit_sd_[d] * unit_sd_[d] + noise[d]);
          out.weight[k][d][data_.place[u]] += w;
          out.counted[k][d][data_.place[u]] += w * logit[d];
        }
      }
    }
    return out;
  }

  // Units of tiny places whose place effect could hide that all of them are manipulated: their place would lie much nearer
  // to where it comes from. Which units are doubtful decides only how often they try what.
  void suspect_tiny_places() {
    std::vector<std::uint32_t> units_of(data_.places.size(), 0), tiny;
    for (const auto p : data_.place) ++units_of[p];
    for (std::size_t u = 0; u < data_.size(); ++u)
      if (units_of[data_.place[u]] <= tiny_place) tiny.push_back(static_cast<std::uint32_t>(u));
    const Readings read = read_places(tiny);
    for (const auto u : tiny) {
      const auto p = data_.place[u];
      const Origin origin = origin_of(p);
      double log_density[readings] = {0, 0, 0};
      for (std::size_t k = 0; k < readings; ++k) {
        log_density[k] = units_of[p] * vm::log(std::max(pi_[k], 1e-4));
        for (std::size_t d = 0; d < 2; ++d) {
          const double away = read.center(k, d, p) - origin.mean[d];
          log_density[k] -= 0.5 * away * away / (origin.variance[d] + 1 / read.weight[k][d][p]);
        }
      }
      if (std::max(log_density[1], log_density[2]) > log_density[0] - 8) doubt_[u] = std::max(doubt_[u], 2 * doubtful);
    }
  }

  // Places with the classes of their units summed out, so that a place and its units' classes can change together: each
  // lowest place tries a draw from where it comes from, from around what its units counted, or from between (`anew`), or a
  // small step.
  // The places between it and its origin wait for the tree to be drawn.
  enum class Jump { anew, step };
  void jump(std::uint64_t iteration, Jump kind) {
    const auto& places = data_.places;
    std::array<std::vector<double>, 2> change;
    std::vector<double> log_ratio(places.size(), 0);
    for (auto& column : change) column.assign(places.size(), 0);
    Readings read;
    if (kind == Jump::anew) read = read_places(jumping_units_);
    const std::uint64_t row = kind == Jump::anew ? 2 : 4;
    for (const auto p : jumping_places_) {
      const Origin origin = origin_of(p);
      Stream stream = stream_of(seed_, chain_, iteration, Use::place, (row << 36) | p);
      const auto [x, y] = normal_pair(stream);
      // Ways to propose: from the origin, from the counts alone, and from both under each reading.
      constexpr std::size_t ways = 2 + readings;
      const auto way = stream.below(ways);
      double here[ways] = {}, there[ways] = {};  // log densities
      for (std::size_t d = 0; d < 2; ++d) {
        double mean[ways] = {origin.mean[d]}, variance[ways] = {origin.variance[d]};
        if (kind == Jump::anew) {
          mean[1] = read.center(0, d, p);
          variance[1] = 1.5 / read.weight[0][d][p];
        }
        for (std::size_t k = 0; k < readings && kind == Jump::anew; ++k) {
          const double both = read.weight[k][d][p] + 1 / origin.variance[d];
          mean[2 + k] = (read.counted[k][d][p] + origin.mean[d] / origin.variance[d]) / both;
          variance[2 + k] = 1.5 / both;
        }
        const double now = theta_[d][p], z = d == 0 ? x : y;
        const double to = kind == Jump::step ? now + 0.5 * unit_sd_[d] * z : mean[way] + std::sqrt(variance[way]) * z;
        change[d][p] = to - now;
        const auto log_normal = [](double at, double m, double v) { return -0.5 * ((at - m) * (at - m) / v + vm::log(v)); };
        log_ratio[p] += log_normal(to, mean[0], variance[0]) - log_normal(now, mean[0], variance[0]);
        if (kind == Jump::step) continue;
        for (std::size_t k = 0; k < ways; ++k) {
          here[k] += log_normal(now, mean[k], variance[k]);
          there[k] += log_normal(to, mean[k], variance[k]);
        }
      }
      const auto log_sum = [](const double* logs) {
        const double largest = *std::max_element(logs, logs + ways);
        double sum = 0;
        for (std::size_t k = 0; k < ways; ++k) sum += vm::exp(logs[k] - largest);
        return largest + vm::log(sum);
      };
      if (kind == Jump::anew) log_ratio[p] += log_sum(here) - log_sum(there);
    }
    try_change(change);
    for (const auto u : jumping_units_) log_ratio[data_.place[u]] += vm::log(mixed(tried_class_, u) / mixed(class_, u) + 1e-300);
    std::vector<char> accepted(places.size(), 0);
    for (const auto p : jumping_places_) {
      Stream stream = stream_of(seed_, chain_, iteration, Use::place, ((row + 1) << 36) | p);
      accepted[p] = vm::log(positive_uniform(stream)) < log_ratio[p];
      if (accepted[p])
        for (std::size_t d = 0; d < 2; ++d) theta_[d][p] += change[d][p];
    }
    accept_change(accepted);
  }

  // All places and the top alike, with the classes summed out.
  void jump_alike(std::uint64_t iteration) {
    Stream stream = stream_of(seed_, chain_, iteration, Use::whole, 8);
    const auto [x, y] = normal_pair(stream);
    const double reach = stream.uniform() < 0.5 ? 0.5 : 0.05, step[2] = {reach * x, reach * y};
    const std::size_t count = data_.places.size();
    try_change({std::vector<double>(count, step[0]), std::vector<double>(count, step[1])});
    double log_ratio = 0;
    for (const auto u : jumping_units_) log_ratio += vm::log(mixed(tried_class_, u) / mixed(class_, u) + 1e-300);
    for (std::size_t d = 0; d < 2; ++d)
      log_ratio -= (step[d] * top_[d] + 0.5 * step[d] * step[d]) / (prior_.top_sd * prior_.top_sd);
    if (vm::log(positive_uniform(stream)) >= log_ratio) return;
    for (std::size_t d = 0; d < 2; ++d) {
      top_[d] += step[d];
      for (double& theta : theta_[d]) theta += step[d];
    }
    accept_change(std::vector<char>(count, 1));
  }

  void try_change(const std::array<std::vector<double>, 2>& change) {
    for (std::size_t d = 0; d < 2; ++d) {
      tried_[d].resize(data_.size());
      for (const auto u : jumping_units_) tried_[d][u] = mean_[d][u] + change[d][data_.place[u]];
    }
    evaluate(jumping_points_, tried_, tried_points_);
    gather(jumping_points_, tried_points_, tried_class_);
  }

  void accept_change(const std::vector<char>& accepted) {
    for (const auto u : jumping_units_) {
      if (!accepted[data_.place[u]]) continue;
      for (std::size_t d = 0; d < 2; ++d) mean_[d][u] = tried_[d][u];
      for (std::size_t c = 0; c < 3; ++c) class_[c][u] = tried_class_[c][u];
    }
    for (std::size_t i = 0; i < jumping_points_.size(); ++i)
      if (accepted[data_.place[points_.unit[jumping_points_[i]]]])
        for (std::size_t c = 0; c < 3; ++c) points_.f[c][jumping_points_[i]] = tried_points_[c][i];
  }

  // The node within a class, given a and o.
  int draw_node(Stream& stream, std::size_t u, double a, double o, int cls) const {
    const auto& values = lattice_.values[cls - 1];
    double weight[most_nodes], total = 0;
    std::size_t number = 0;
    for (const double m : values) {
      const double x = a / (1 - m), stay = 1 - x;
      for (const double s : values) {
        const double y = stay > 1e-12 ? o / stay / (1 - s) : 1, share = 1 - y;
        double w = 0;
        if (stay > 1e-12 && share > 1e-12)
          w = kernel_of((vm::log(stay / x) - mean_[0][u]) / unit_sd_[0], doublings_) / stay *
              kernel_of((vm::log(share / y) - mean_[1][u]) / unit_sd_[1], doublings_) / share;
        weight[number++] = total += w;
      }
    }
    const double at = stream.uniform() * total;
    std::size_t j = 0;
    while (j + 1 < number && weight[j] <= at) ++j;
    return (cls == 1 ? 1 : 1 + static_cast<int>(lattice_.values[0].size() * lattice_.values[0].size())) + static_cast<int>(j);
  }

  // The node within those of manipulation, given both logits.
  int node_given_logits(Stream& stream, std::size_t u) const {
    double weight[most_nodes], largest = -1e300;
    const auto number = nodes_.m.size();
    const double taken = vm::exp(-eta_[1][u]), stayed = vm::exp(-eta_[0][u]) * (1 + taken);
    for (std::size_t j = 1; j < number; ++j) {
      weight[j] = data_.abstained[u] * nodes_.log_stay[j] + data_.other[u] * nodes_.log_keep[j] +
                  data_.leader[u] * vm::log(1 + taken * nodes_.s[j] + stayed * nodes_.m[j]);
      largest = std::max(largest, weight[j]);
    }
    double sum = 0;
    for (std::size_t j = 1; j < number; ++j) {
      const double w = weight[j] - largest;
      weight[j] = sum += w > -60 ? pi_[nodes_.cls[j]] * nodes_.share[j] * vm::exp(w) : 0;
    }
    const double at = stream.uniform() * sum;
    std::size_t j = 1;
    while (j + 1 < number && weight[j] <= at) ++j;
    return static_cast<int>(j);
  }

  // Units begin..end, within one group of lanes: a point and a class of every unit with everything summed out, then its
  // logits given the class, then the class given the logits.
  void units(std::size_t begin, std::size_t end, std::uint64_t iteration, bool warming, bool kept, Part& part) {
    const std::size_t count = end - begin, own_words = words_of_move(doublings_) * lanes;
    thread_local std::vector<std::uint64_t> words;
    words.resize(own_words + 2 * lanes);
    stream_of(seed_, chain_, iteration, Use::lanes, begin / lanes).fill(words);
    const auto uniform = [&](std::size_t row, std::size_t i) {
      return static_cast<double>(words[own_words + row * lanes + i] >> 11) * 0x1.0p-53;
    };
    double a[lanes], o[lanes], m[lanes], s[lanes], absent[lanes], leader[lanes], other[lanes];
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t u = begin + i;
      const double first = pi_[1] * class_[1][u], second = pi_[2] * class_[2][u], sum = pi_[0] * class_[0][u] + first + second;
      const double manipulated = (first + second) / sum;
      if (warming) doubt_[u] += 0.05 * (manipulated - doubt_[u]);
      if (kept) {
        sums_.incremental[u] += first / sum;
        sums_.extreme[u] += second / sum;
      }
      node_[u] = 0;
      a[i] = points_.a[u];
      o[i] = points_.o[u];
      double at = uniform(0, i);
      if (first_candidate_[u] != 0 || at < manipulated) {
        Stream stream = stream_of(seed_, chain_, iteration, Use::unit, u);
        std::size_t point = u;
        if (first_candidate_[u] != 0) {
          double weight[candidates + 1], total = 0;
          weight[0] = total = mixed(points_.f, u);
          for (std::size_t k = 0; k < candidates; ++k) weight[k + 1] = total += mixed(points_.f, first_candidate_[u] + k);
          const double chosen = at * total;
          std::size_t k = 0;
          while (k < candidates && weight[k] <= chosen) ++k;
          if (k > 0) point = first_candidate_[u] + k - 1;
          a[i] = points_.a[point];
          o[i] = points_.o[point];
          at = stream.uniform();
        }
        const double of_first = pi_[1] * points_.f[1][point], of_second = pi_[2] * points_.f[2][point],
                     total = pi_[0] * points_.f[0][point] + of_first + of_second;
        at *= total;
        const int cls = at < of_first ? 1 : at < of_first + of_second ? 2 : 0;
        if (cls != 0) node_[u] = static_cast<std::uint8_t>(draw_node(stream, u, a[i], o[i], cls));
      }
      m[i] = nodes_.m[node_[u]];
      s[i] = nodes_.s[node_[u]];
    }
    const auto convert = [&](const std::vector<std::int32_t>& from, double* to) {
      for (std::size_t i = 0; i < count; ++i) to[i] = from[begin + i];
    };
    convert(data_.abstained, absent);
    convert(data_.leader, leader);
    convert(data_.other, other);
    for (std::size_t i = 0; i < count; ++i) {
      const double x = a[i] / (1 - m[i]), y = o[i] / ((1 - s[i]) * (1 - x));
      eta_[0][begin + i] = vm::log((1 - x) / x);
      eta_[1][begin + i] = vm::log((1 - y) / y);
    }
    const UnitLanes lane{.count = count,
                         .absent = absent,
                         .leader = leader,
                         .other = other,
                         .m = m,
                         .s = s,
                         .mean_turnout = &mean_[0][begin],
                         .mean_share = &mean_[1][begin],
                         .sd_turnout = unit_sd_[0],
                         .sd_share = unit_sd_[1],
                         .turnout = &eta_[0][begin],
                         .share = &eta_[1][begin]};
    move_units(lane, words.data(), doublings_, &scale_[0][begin], &scale_[1][begin], &part.moved);
    const bool everyone = data_.size() < many_units || iteration % 4 == 1;
    bool anyone = everyone;
    for (std::size_t i = 0; i < count; ++i) anyone = anyone || first_candidate_[begin + i] != 0;
    if (anyone) {
      double incremental[lanes], extreme[lanes];
      classes_given_logits(lane, lattice_, incremental, extreme);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t u = begin + i;
        if (!everyone && first_candidate_[u] == 0) continue;
        node_[u] = 0;
        if (uniform(1, i) * (pi_[0] + pi_[1] * incremental[i] + pi_[2] * extreme[i]) < pi_[0]) continue;
        Stream stream = stream_of(seed_, chain_, iteration, Use::unit, (std::uint64_t{1} << 36) | u);
        node_[u] = static_cast<std::uint8_t>(node_given_logits(stream, u));
      }
    }
    for (std::size_t u = begin; u < end; ++u) {
      if (node_[u] == 0) continue;
      Stream stream = stream_of(seed_, chain_, iteration, Use::unit, (std::uint64_t{2} << 36) | u);
      const double to_m = nodes_.m[node_[u]], to_s = nodes_.s[node_[u]];
      const Probabilities p = probabilities(eta_[0][u], eta_[1][u], to_m, to_s);
      const double taken = p.turnout * p.others * to_s;
      const auto made = binomial_rng(stream, data_.leader[u], p.absent * to_m / p.w);
      const auto stolen = binomial_rng(stream, data_.leader[u] - made, taken / (p.turnout * p.share + taken));
      part.manufactured += static_cast<double>(made);
      part.stolen += static_cast<double>(stolen);
      if (kept) {
        sums_.manufactured[u] += static_cast<double>(made);
        sums_.stolen[u] += static_cast<double>(stolen);
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
      double squares = 0, logs = 0, product = 1;
      for (const auto p : by_level_[level]) {
        const double stretch = 1 + v * precisions[p], shrink = 1 / stretch;
        squares += pulls[p] * pulls[p] * shrink;
        product *= stretch;
        if (product > 1e100) {  // one logarithm for many
          logs += vm::log(product);
          product = 1;
        }
        const bool is_top = places.parent[p] == NestedPlaces::top;
        (is_top ? at_top : precisions[places.parent[p]]) += precisions[p] * shrink;
        (is_top ? pull_at_top : pulls[places.parent[p]]) += pulls[p] * shrink;
      }
      return 0.5 * (v * squares - logs - vm::log(product));
    };
    std::vector<double> precisions, pulls;
    for (std::size_t level = places.levels; level-- > 0;) {
      if (stream) {
        precisions = precision;
        pulls = pull;
        const auto density = [&](double log_sd) {
          const double sd = vm::exp(log_sd);
          for (std::size_t above = 0; above < level; ++above)
            for (const auto p : by_level_[above]) {
              precisions[p] = precision[p];
              pulls[p] = pull[p];
            }
          double at_top = top_precision, pull_at_top = top_pull, sum = 0;
          for (std::size_t l = level + 1; l-- > 0;)
            sum += up(l, l == level ? sd : place_sd_[d][l], precisions, pulls, at_top, pull_at_top);
          sum += 0.5 * pull_at_top * pull_at_top / at_top - 0.5 * vm::log(at_top);
          return sum + log_sd - 0.5 * sd * sd / (prior_.place_sd * prior_.place_sd);
        };
        const double width = 2 / std::sqrt(1 + static_cast<double>(by_level_[level].size()));
        place_sd_[d][level] = vm::exp(slice_draw(*stream, vm::log(place_sd_[d][level]), width, -14, 5, density));
      }
      up(level, place_sd_[d][level], precision, pull, top_precision, top_pull);
    }
    Stream normals = stream_of(seed_, chain_, iteration, Use::place, d << 36);
    top_[d] = top_pull / top_precision + normal_pair(normals).first / std::sqrt(top_precision);
    for (std::size_t p = 0; p < count; ++p) {
      const double above = places.parent[p] == NestedPlaces::top ? top_[d] : theta_[d][places.parent[p]];
      const double sd = place_sd_[d][places.level[p]], total = precision[p] + 1 / (sd * sd);
      theta_[d][p] = (pull[p] + above / (sd * sd)) / total + normal_pair(normals).first / std::sqrt(total);
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
    return vm::exp(slice_draw(stream, vm::log(sd), width, -14, 5,
                             [&](double log_sd) { return log_density_of_sd(log_sd, n, squares, prior_sd); }));
  }

  // Two spreads, of turnout and of share, with all the deviations they are spreads of, eta = base + (sd' / sd)(eta - base):
  // one Metropolis step in the logs of both, proposed from the quadratic picture at each end. True where it was taken.
  bool rescale(Stream& stream, std::array<double, 2>& sd, double prior_sd, const std::array<std::vector<double>, 2>& base) {
    struct Picture {
      double log_density, step[2], h[3], log_root;
    };
    const auto picture = [&](double first, double second) {
      const double change[2] = {first, second}, factor[2] = {vm::exp(first), vm::exp(second)};
      std::vector<Stretch> parts(blocks());
      blocks_(parts.size(), [&](std::size_t block) {
        const std::size_t end = std::min(data_.size(), (block + 1) * block_units);
        for (std::size_t begin = block * block_units; begin < end; begin += lanes) {
          const std::size_t count = std::min(lanes, end - begin);
          double m[lanes], s[lanes], absent[lanes], leader[lanes], other[lanes];
          for (std::size_t i = 0; i < count; ++i) {
            m[i] = nodes_.m[node_[begin + i]];
            s[i] = nodes_.s[node_[begin + i]];
            absent[i] = data_.abstained[begin + i];
            leader[i] = data_.leader[begin + i];
            other[i] = data_.other[begin + i];
          }
          add_stretch({.count = count,
                       .absent = absent,
                       .leader = leader,
                       .other = other,
                       .m = m,
                       .s = s,
                       .mean_turnout = &base[0][begin],
                       .mean_share = &base[1][begin],
                       .sd_turnout = 1,
                       .sd_share = 1,
                       .turnout = &eta_[0][begin],
                       .share = &eta_[1][begin]},
                      factor[0], factor[1], parts[block]);
        }
      });
      Stretch sum;
      for (const Stretch& part : parts) {
        sum.log_likelihood += part.log_likelihood;
        sum.outside += part.outside;
        for (std::size_t d = 0; d < 2; ++d) sum.gradient[d] += part.gradient[d];
        for (std::size_t k = 0; k < 3; ++k) sum.information[k] += part.information[k];
      }
      Picture out{sum.outside > 0 ? -1e300 : sum.log_likelihood, {}, {}, 0};
      double gradient[2];
      for (std::size_t d = 0; d < 2; ++d) {
        const double square = sd[d] * factor[d] * sd[d] * factor[d] / (prior_sd * prior_sd);
        out.log_density += change[d] - 0.5 * square;
        gradient[d] = sum.gradient[d] + 1 - square;
        sum.information[2 * d] += 2 * square + 1;  // at least 1: no proposal reaches much further than a factor e
      }
      std::copy(sum.information, sum.information + 3, out.h);
      const double determinant = out.h[0] * out.h[2] - out.h[1] * out.h[1];
      out.step[0] = std::clamp((out.h[2] * gradient[0] - out.h[1] * gradient[1]) / determinant, -1.0, 1.0);
      out.step[1] = std::clamp((out.h[0] * gradient[1] - out.h[1] * gradient[0]) / determinant, -1.0, 1.0);
      out.log_root = 0.5 * vm::log(determinant);
      return out;
    };
    const auto log_proposal = [](const Picture& from, double first, double second) {
      const double x = first - from.step[0], y = second - from.step[1];
      return from.log_root - 0.5 * (from.h[0] * x * x + 2 * from.h[1] * x * y + from.h[2] * y * y);
    };
    const Picture here = picture(0, 0);
    const auto [g, h] = normal_pair(stream);
    const double l11 = std::sqrt(here.h[0]), l21 = here.h[1] / l11, l22 = std::sqrt(here.h[2] - l21 * l21);
    const double second = h / l22 + here.step[1], first = (g - l21 * (h / l22)) / l11 + here.step[0];
    const Picture there = picture(first, second);
    const double ratio = there.log_density - here.log_density + log_proposal(there, -first, -second) - log_proposal(here, first, second);
    if (vm::log(positive_uniform(stream)) >= ratio) return false;
    for (std::size_t d = 0; d < 2; ++d) {
      const double factor = vm::exp(d == 0 ? first : second);
      sd[d] *= factor;
      for (std::size_t u = 0; u < data_.size(); ++u) eta_[d][u] = base[d][u] + factor * (eta_[d][u] - base[d][u]);
    }
    return true;
  }

  // The spread of the lowest places with their deviations; what their units deviate by stays.
  void rescale_places(Stream& stream) {
    const auto& places = data_.places;
    const std::size_t lowest = places.levels - 1;
    const auto above = [&](std::size_t d, std::uint32_t p) {
      return places.parent[p] == NestedPlaces::top ? top_[d] : theta_[d][places.parent[p]];
    };
    std::array<std::vector<double>, 2> base = eta_;
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t u = 0; u < data_.size(); ++u)
        if (const auto p = data_.place[u]; places.level[p] == lowest) base[d][u] -= theta_[d][p] - above(d, p);
    std::array<double, 2> sd{place_sd_[0][lowest], place_sd_[1][lowest]};
    const auto before = sd;
    if (!rescale(stream, sd, prior_.place_sd, base)) return;
    for (std::size_t d = 0; d < 2; ++d) {
      place_sd_[d][lowest] = sd[d];
      for (const auto p : by_level_[lowest]) theta_[d][p] = above(d, p) + sd[d] / before[d] * (theta_[d][p] - above(d, p));
    }
    means();
  }

  struct Nodes {
    std::vector<double> m, s, log_stay, log_keep, share;
    std::vector<std::size_t> cls;
  };
  struct Points {  // first the current ones of all units, then the candidates of the doubtful
    std::vector<double> a, o, weight;
    std::vector<std::uint32_t> unit;
    Columns f;
  };
  const MixtureData& data_;
  CoherentPrior prior_;
  Lattice lattice_;
  Nodes nodes_{};
  int doublings_;
  Seed seed_;
  std::uint64_t chain_;
  Blocks blocks_;

  std::array<double, 3> pi_{};
  std::array<double, 2> unit_sd_{}, top_{};
  std::array<std::vector<double>, 2> eta_, scale_, mean_, theta_, beta_, place_sd_;
  std::vector<std::uint8_t> node_;
  std::vector<double> doubt_;  // of every unit, the probability of manipulation, smoothed over the warm-up
  std::vector<std::vector<std::uint32_t>> by_level_;  // places of each level
  std::vector<std::uint32_t> places_below_;           // how many places lie right below each
  std::vector<std::uint32_t> doubtful_units_, first_candidate_, all_points_, jumping_points_, jumping_units_, jumping_places_;
  Points points_{};
  Columns class_, tried_points_, tried_class_;  // sums over a unit's points; at points; sums
  std::array<std::vector<double>, 2> tried_;
  UnitSums sums_;
  double manufactured_ = 0, stolen_ = 0;
  bool settled_ = false;  // the doubtful units are those that the warm-up left
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
    for (double& x : e) sum += x = -vm::log(positive_uniform(stream));
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
