// The nested model of the late units (nested_effects.hpp): a tree of places with their registered voters as sizes, one
// response per registered voter, and joint draws of the sums of groups of units.
// Verified in src/methods/arrival/projection/projection_test.cpp.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/methods/arrival/late_count.hpp"
#include "cotejo/stats/nested_effects.hpp"

namespace cotejo {

struct PlaceTree {
  NestedPlaces places;
  std::vector<std::uint32_t> of_unit;  // the lowest place of each unit; NestedPlaces::top: none
};
PlaceTree tree_of(const LateCount& late);

// One response over the units that are marked as known: y per registered voter.
struct Response {
  std::vector<double> y, size;
  std::vector<std::uint32_t> place;
  NestedObservations data() const { return {y, place, size}; }
};
template <class Value>
Response response(const LateCount& late, const PlaceTree& tree, std::span<const char> known, Value value) {
  Response out;
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!known[u] || late.registered[u] <= 0 || tree.of_unit[u] == NestedPlaces::top) continue;
    const auto size = static_cast<double>(late.registered[u]);
    out.y.push_back(value(u) / size);
    out.size.push_back(size);
    out.place.push_back(tree.of_unit[u]);
  }
  return out;
}

// The lead and the valid votes of a unit, as the snapshot has them.
inline double lead_of(const LateCount& late, std::size_t unit) {
  return static_cast<double>(late.snapshot_leader[unit] - late.snapshot_runner_up[unit]);
}
inline double valid_of(const LateCount& late, std::size_t unit) {
  return static_cast<double>(late.snapshot_valid[unit]);
}

// The responses of both over the known units.
struct LeadAndValid {
  LeadAndValid(const LateCount& late, const PlaceTree& tree, std::span<const char> known)
      : lead(response(late, tree, known, [&](std::size_t u) { return lead_of(late, u); })),
        valid(response(late, tree, known, [&](std::size_t u) { return valid_of(late, u); })) {}
  Response lead, valid;
};

// Sums of N (theta + b x) + unit errors over groups of units, drawn together.
class Drawer {
 public:
  Drawer(const LateCount& late, const PlaceTree& tree, const std::vector<std::vector<std::uint32_t>>& groups);

  // `theta` is room to work in; the sums of every group into `out`.
  void draw(const NestedPosterior& posterior, const NestedVariances& variances, Stream& stream,
            std::vector<double>& theta, std::vector<double>& out) const;

 private:
  struct Group {
    std::vector<std::pair<std::uint32_t, double>> sums;
    double squares = 0, linear = 0;
  };
  const PlaceTree* tree_;
  std::vector<char> marked_;
  std::vector<Group> groups_;
};

// Draws of the lead and of the valid votes of groups of units, from what is known.
class MarginDrawer {
 public:
  MarginDrawer(const LateCount& late, const PlaceTree& tree, const LeadAndValid& known, const NestedVariances& lead,
               const NestedVariances& valid, const std::vector<std::vector<std::uint32_t>>& groups)
      : lead_variances_(lead),
        valid_variances_(valid),
        lead_(tree.places, known.lead.data(), lead),
        valid_(tree.places, known.valid.data(), valid),
        drawer_(late, tree, groups) {}

  // By group; the vectors are reused.
  struct Drawn {
    std::vector<double> lead{}, valid{}, theta{};
  };
  void draw(Stream& stream, Drawn& out) const {
    drawer_.draw(lead_, lead_variances_, stream, out.theta, out.lead);
    drawer_.draw(valid_, valid_variances_, stream, out.theta, out.valid);
  }

 private:
  const NestedVariances& lead_variances_;
  const NestedVariances& valid_variances_;
  NestedPosterior lead_, valid_;
  Drawer drawer_;
};

// The value below which a share of them lies, between neighbours by interpolation.
double quantile(std::vector<double> values, double share);

// What the model was fitted to: the early units.
struct FittedModel {
  PlaceTree tree;
  std::vector<char> early;  // by unit
  std::vector<std::uint32_t> late_units;
  NestedVariances lead, valid;
};
// Errors: those of fit_nested; cancelled.
Result<FittedModel> fit_model(const LateCount& late, const Context& context);

}  // namespace cotejo
