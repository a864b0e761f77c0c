// The places nearest to a point.
#pragma once

#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <utility>
#include <vector>

#include "sides.hpp"

namespace cotejo::linkage {

using TreePoint = boost::geometry::model::point<double, 3, boost::geometry::cs::cartesian>;
using TreeEntry = std::pair<TreePoint, Index>;
using Tree = boost::geometry::index::rtree<TreeEntry, boost::geometry::index::linear<16>>;

// Of the places that have coordinates.
Tree make_tree(const Side& side);

struct Near {
  std::vector<double> km;  // to the 2 x `count` nearest, ascending
  std::vector<Index>
      places;  // the `count` nearest; a tie at the end is taken whole or, when it is larger than the list, left out
};

Near nearest(const Tree& tree, const Side& side, const Point& at, std::size_t count);

}  // namespace cotejo::linkage
