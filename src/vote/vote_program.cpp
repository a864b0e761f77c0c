#include "vote_program.hpp"

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace cotejo {

namespace {

constexpr std::int64_t none_at_all = std::numeric_limits<std::int64_t>::max();
constexpr int most_branches = 4000;  // for one event
// A row is scaled to coefficients of at most 1 and relaxed by this, so that rounding never excludes a true solution.
constexpr double row_slack = 1e-6;
constexpr double cost_slack = 1e-3;
constexpr double whole = 1e-6;

struct Box {
  std::vector<std::int64_t> least, most;
};

// One event as a linear program; bounds are set for each branch.
class Relaxation {
 public:
  Relaxation(const VoteProgram& program, const Event& event) : columns_(program.changes.size()), rows_(false, 0, 0) {
    rows_.setDimensions(0, static_cast<int>(columns_));
    for (const Limit& limit : program.limits) add(limit);
    for (const Requirement& requirement : event) add(program, requirement);
    std::vector<double> cost, least(columns_, 0.0);
    for (const Change& change : program.changes) cost.push_back(static_cast<double>(change.cost));
    model_.setLogLevel(0);
    model_.loadProblem(rows_, least.data(), nullptr, cost.data(), low_.data(), high_.data());
  }

  // The cheapest point of the box, whole or not; nothing when there is none.
  std::optional<double> solve(const Box& box, std::vector<double>& point) {
    for (std::size_t k = 0; k < columns_; ++k)
      model_.setColumnBounds(static_cast<int>(k), bound(box.least[k]), bound(box.most[k]));
    model_.dual();
    if (model_.status() == 1) return std::nullopt;
    const double* values = model_.primalColumnSolution();
    point.assign(values, values + columns_);
    return model_.status() == 0 ? model_.objectiveValue() : 0;  // not solved: bounded by nothing, branching goes on
  }

 private:
  static double bound(std::int64_t value) {
    return value >= no_bound ? COIN_DBL_MAX : value <= -no_bound ? -COIN_DBL_MAX : static_cast<double>(value);
  }

  void add(const std::vector<int>& index, std::vector<double>& value, double low, double high) {
    double scale = 0;
    for (const double v : value) scale = std::max(scale, std::abs(v));
    if (scale == 0) scale = 1;
    for (double& v : value) v /= scale;
    rows_.appendRow(static_cast<int>(index.size()), index.data(), value.data());
    low_.push_back(low <= -COIN_DBL_MAX ? low : low / scale - row_slack);
    high_.push_back(high >= COIN_DBL_MAX ? high : high / scale + row_slack);
  }

  void add(const Limit& limit) {
    std::vector<int> index;
    std::vector<double> value;
    for (const auto& [column, coefficient] : limit.terms) {
      index.push_back(static_cast<int>(column));
      value.push_back(static_cast<double>(coefficient));
    }
    add(index, value, bound(limit.low), bound(limit.high));
  }

  // What is taken away is minus the effect: sum of form x effect x times <= -need.
  void add(const VoteProgram& program, const Requirement& requirement) {
    std::vector<int> index;
    std::vector<double> value;
    for (std::size_t k = 0; k < program.changes.size(); ++k) {
      std::int64_t per_time = 0;
      for (const auto& [amount, effect] : program.changes[k].effect) per_time += requirement.form[amount] * effect;
      if (per_time == 0) continue;
      index.push_back(static_cast<int>(k));
      value.push_back(static_cast<double>(per_time));
    }
    add(index, value, -COIN_DBL_MAX, -static_cast<double>(requirement.need));
  }

  std::size_t columns_;
  CoinPackedMatrix rows_;
  std::vector<double> low_, high_;
  ClpSimplex model_;
};

class Search {
 public:
  Search(const VoteProgram& program, const std::function<bool(const std::vector<std::int64_t>&)>& accepts,
         VoteSolution& best)
      : program_(program), accepts_(accepts), best_(best) {}

  // Improves `best`; returns what no solution of this event undercuts.
  std::int64_t run(const Event& event) {
    Relaxation relaxation(program_, event);
    Box all;
    for (const Change& change : program_.changes) {
      all.least.push_back(change.least);
      all.most.push_back(change.most);
    }
    // The branch with the least bound first: without it a search may follow ever dearer branches beside a solution. Of
    // branches with one bound the latest, which is nearest to whole numbers.
    std::vector<Open> open{{0, 0, std::move(all)}};
    for (int branches = 0; !open.empty(); ++branches) {
      std::pop_heap(open.begin(), open.end());
      const Open next = std::move(open.back());
      open.pop_back();
      if (next.bound >= best_.cost) return none_at_all;  // and so are all others
      if (branches >= most_branches) return next.bound;
      const auto cost = relaxation.solve(next.box, point_);
      if (!cost) continue;
      const auto bound = std::max(next.bound, static_cast<std::int64_t>(std::ceil(*cost - cost_slack)));
      if (bound < best_.cost) branch(next.box, bound, open);
    }
    return none_at_all;
  }

 private:
  struct Open {
    std::int64_t bound;
    int order;
    Box box;
    bool operator<(const Open& other) const {  // a heap's front is the largest
      return bound != other.bound ? bound > other.bound : order < other.order;
    }
  };

  void branch(const Box& box, std::int64_t bound, std::vector<Open>& open) {
    const std::size_t columns = point_.size();
    std::vector<std::int64_t> rounded(columns);
    std::size_t farthest = columns, widest = columns;
    double distance = whole;
    for (std::size_t k = 0; k < columns; ++k) {
      rounded[k] = std::clamp(static_cast<std::int64_t>(std::llround(point_[k])), box.least[k], box.most[k]);
      const double off = std::abs(point_[k] - static_cast<double>(rounded[k]));
      if (off > distance) distance = off, farthest = k;
      if (box.least[k] < box.most[k] &&
          (widest == columns || box.most[k] - box.least[k] > box.most[widest] - box.least[widest]))
        widest = k;
    }
    take(rounded);
    if (farthest < columns) {
      const auto below = static_cast<std::int64_t>(std::floor(point_[farthest]));
      push(box, bound, farthest, box.least[farthest], below, open);
      push(box, bound, farthest, below + 1, box.most[farthest], open);
    } else if (widest < columns) {  // whole, yet refused by exact arithmetic: go around it
      push(box, bound, widest, box.least[widest], rounded[widest] - 1, open);
      push(box, bound, widest, rounded[widest] + 1, box.most[widest], open);
      push(box, bound, widest, rounded[widest], rounded[widest], open);
    }
  }

  void push(const Box& box, std::int64_t bound, std::size_t column, std::int64_t least, std::int64_t most,
            std::vector<Open>& open) {
    if (least > most) return;
    open.push_back({bound, ++pushed_, box});
    open.back().box.least[column] = least;
    open.back().box.most[column] = most;
    std::push_heap(open.begin(), open.end());
  }

  void take(const std::vector<std::int64_t>& times) {
    std::int64_t cost = 0;
    for (std::size_t k = 0; k < times.size(); ++k) cost += program_.changes[k].cost * times[k];
    if (cost >= best_.cost || !within_limits(times) || !accepts_(times)) return;
    best_.cost = cost;
    best_.times = times;
  }

  bool within_limits(const std::vector<std::int64_t>& times) const {
    return std::all_of(program_.limits.begin(), program_.limits.end(), [&](const Limit& limit) {
      std::int64_t sum = 0;
      for (const auto& [column, coefficient] : limit.terms) sum += coefficient * times[column];
      return sum >= limit.low && sum <= limit.high;
    });
  }

  const VoteProgram& program_;
  const std::function<bool(const std::vector<std::int64_t>&)>& accepts_;
  VoteSolution& best_;
  std::vector<double> point_;
  int pushed_ = 0;
};

}  // namespace

VoteSolution cheapest(const VoteProgram& program, const Events& events,
                      const std::function<bool(const std::vector<std::int64_t>& times)>& accepts) {
  VoteSolution best;
  std::int64_t lower = none_at_all;
  Search search(program, accepts, best);
  for (const Event& event : events.list) {
    lower = std::min(lower, search.run(event));
    if (best.cost == 0) break;
  }
  best.lower = events.complete ? std::min(lower, best.cost) : 0;
  return best;
}

}  // namespace cotejo
