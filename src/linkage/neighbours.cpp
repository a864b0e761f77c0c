#include "neighbours.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace cotejo::linkage {

namespace {

TreePoint tree_point(const Point& p) {
  return {p.x, p.y, p.z};
}

}  // namespace

Tree make_tree(const Side& side) {
  std::vector<TreeEntry> entries;
  for (Index i = 0; i < side.n; ++i)
    if (side.has_point[i]) entries.emplace_back(tree_point(side.point[i]), i);
  return Tree(entries.begin(), entries.end());
}

Near nearest(const Tree& tree, const Side& side, const Point& at, std::size_t count) {
  std::vector<TreeEntry> found;
  tree.query(boost::geometry::index::nearest(tree_point(at), static_cast<unsigned>(2 * count)),
             std::back_inserter(found));
  std::vector<std::pair<double, Index>> sorted;
  sorted.reserve(found.size());
  for (const auto& entry : found) sorted.emplace_back(chord_km(at, side.point[entry.second]), entry.second);
  std::sort(sorted.begin(), sorted.end());
  const double last = sorted.size() <= count ? std::numeric_limits<double>::infinity() : sorted[count - 1].first;
  const bool cut = sorted.size() == 2 * count && sorted.back().first == last;
  Near out;
  for (const auto& [km, place] : sorted) {
    out.km.push_back(km);
    if (cut ? km < last : km <= last) out.places.push_back(place);
  }
  return out;
}

}  // namespace cotejo::linkage
