#include "late_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace cotejo {

namespace {

// How large a place of the lowest level is goes with how it votes; the middle of the logarithms is 0.
std::vector<double> covariate_of(const NestedPlaces& places) {
  const auto is_lowest = [&](std::size_t p) { return places.level[p] + 1 == places.levels; };
  double middle = 0, lowest = 0;
  for (std::size_t p = 0; p < places.size(); ++p)
    if (is_lowest(p)) {
      middle += std::log(places.place_size[p]);
      ++lowest;
    }
  std::vector<double> out;
  for (std::size_t p = 0; p < places.size(); ++p)
    out.push_back(is_lowest(p) ? std::log(places.place_size[p]) - middle / lowest : 0);
  return out;
}

}  // namespace

PlaceTree tree_of(const LateCount& late) {
  const auto all = late.count->hierarchy.places();
  PlaceTree out;
  out.places.levels = static_cast<std::uint32_t>(late.levels());
  out.places.place_size.assign(all.size(), 0);
  for (const auto& place : all) {
    out.places.parent.push_back(place.parent == no_place ? NestedPlaces::top : place.parent);
    out.places.level.push_back(place.level);
  }
  for (std::size_t u = 0; u < late.units(); ++u) {
    const PlaceIndex place = late.count->unit_place[u];
    out.of_unit.push_back(place == no_place ? NestedPlaces::top : place);
    for (PlaceIndex p = place; p != no_place; p = all[p].parent)
      out.places.place_size[p] += static_cast<double>(late.registered[u]);
  }
  for (auto& size : out.places.place_size) size = std::max(size, 1.0);
  out.places.covariate = covariate_of(out.places);
  return out;
}

Drawer::Drawer(const LateCount& late, const PlaceTree& tree, const std::vector<std::vector<std::uint32_t>>& groups)
    : tree_(&tree), marked_(tree.places.size(), 0), groups_(groups.size()) {
  std::vector<double> size(tree.places.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::fill(size.begin(), size.end(), 0);
    for (const auto u : groups[g]) {
      if (tree.of_unit[u] == NestedPlaces::top || late.registered[u] <= 0) continue;
      const auto n = static_cast<double>(late.registered[u]);
      size[tree.of_unit[u]] += n;
      groups_[g].squares += n * n;
      groups_[g].linear += n;
      for (auto p = tree.of_unit[u]; p != NestedPlaces::top && !marked_[p]; p = tree.places.parent[p]) marked_[p] = 1;
    }
    for (std::uint32_t p = 0; p < size.size(); ++p)
      if (size[p] > 0) groups_[g].sums.emplace_back(p, size[p]);
  }
}

void Drawer::draw(const NestedPosterior& posterior, const NestedVariances& variances, Stream& stream,
                  std::vector<double>& theta, std::vector<double>& out) const {
  posterior.draw(stream, marked_, theta);
  out.clear();
  for (const auto& group : groups_) {
    double sum = 0;
    for (const auto& [place, size] : group.sums)
      sum += size * (theta[place] + variances.slope * tree_->places.covariate[place]);
    // Unit errors: variance N^2 (s^2 + k / N) each.
    out.push_back(sum +
                  std::sqrt(group.squares * variances.unit + group.linear * variances.sampling) * stream.normal());
  }
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

Result<FittedModel> fit_model(const LateCount& late, const Context& context) {
  FittedModel out{
      .tree = tree_of(late), .early = std::vector<char>(late.units()), .late_units = {}, .lead = {}, .valid = {}};
  for (std::uint32_t u = 0; u < late.units(); ++u) {
    out.early[u] = !late.late[u];
    if (late.late[u]) out.late_units.push_back(u);
  }
  const LeadAndValid known(late, out.tree, out.early);
  context.report("fitting the nested model", 0.1);
  std::array<std::optional<Result<NestedVariances>>, 2> fits;
  if (!parallel_for(context, 2, "fitting the nested model", [&](std::size_t i) {
        fits[i] = fit_nested(out.tree.places, (i == 0 ? known.lead : known.valid).data());
      }))
    return cancelled_error();
  for (auto& fit : fits)
    if (!*fit) return std::move(*fit).error();
  out.lead = **fits[0];
  out.valid = **fits[1];
  return out;
}

}  // namespace cotejo
