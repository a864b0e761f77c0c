#include "hold_out.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace cotejo {

namespace {

constexpr std::size_t least_places = 10;

struct Known {
  PlaceIndex place = no_place;
  std::int64_t registered = 0;
  std::size_t late = 0, size_class = 0;
  std::vector<std::uint32_t> early;
};

}  // namespace

HoldOut::HoldOut(const LateCount& late) {
  const auto all = late.count->hierarchy.places();
  const auto& lowest = late.place.back();
  std::vector<Known> known(all.size());
  for (std::uint32_t u = 0; u < late.units(); ++u) {
    if (lowest[u] == no_place) continue;
    Known& k = known[lowest[u]];
    k.place = lowest[u];
    k.registered += late.registered[u];
    if (late.late[u])
      ++k.late;
    else
      k.early.push_back(u);
  }
  std::erase_if(known, [](const Known& k) { return k.place == no_place; });
  std::vector<std::int64_t> sizes;
  for (const auto& k : known) sizes.push_back(k.registered);
  std::sort(sizes.begin(), sizes.end());
  for (auto& k : known)
    k.size_class = (k.registered > sizes[sizes.size() / 3]) + (k.registered > sizes[2 * sizes.size() / 3]);

  // How many places of each size class lie below every place; the top of all is no_place.
  std::map<std::pair<PlaceIndex, std::size_t>, std::size_t> below;
  for (const auto& k : known)
    for (PlaceIndex p = k.place;;) {
      p = p == no_place ? no_place : all[p].parent;
      ++below[{p, k.size_class}];
      if (p == no_place) break;
    }
  std::map<std::pair<PlaceIndex, std::size_t>, std::size_t> number;
  const auto cell_of = [&](const Known& k) {
    PlaceIndex p = all[k.place].parent;
    while (p != no_place && below[{p, k.size_class}] < least_places) p = all[p].parent;
    return number.try_emplace({p, k.size_class}, number.size()).first->second;
  };
  std::vector<std::size_t> cell;
  for (const auto& k : known) cell.push_back(cell_of(k));
  cells_.resize(number.size());
  std::vector<double> places_in(cells_.size(), 0);
  for (std::size_t i = 0; i < known.size(); ++i) {
    Cell& c = cells_[cell[i]];
    ++places_in[cell[i]];
    if (known[i].early.empty()) {
      ++c.wholly_late;
    } else if (known[i].late > 0) {
      ++c.split;
      c.late_shares.push_back(static_cast<double>(known[i].late) /
                              static_cast<double>(known[i].late + known[i].early.size()));
    }
  }
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    cells_[c].wholly_late /= places_in[c];
    cells_[c].split /= places_in[c];
  }
  for (std::size_t i = 0; i < known.size(); ++i)
    if (!known[i].early.empty()) places_.push_back({std::move(known[i].early), cell[i]});
}

Hidden HoldOut::draw(Stream& stream) const {
  Hidden out;
  for (const auto& place : places_) {
    const Cell& cell = cells_[place.cell];
    const double u = stream.uniform();
    if (u < cell.wholly_late) {
      out.whole_places.insert(out.whole_places.end(), place.early.begin(), place.early.end());
      continue;
    }
    if (u >= cell.wholly_late + cell.split || place.early.size() < 2) continue;
    auto mine = place.early;
    const double share = cell.late_shares[stream.below(cell.late_shares.size())];
    const auto hide = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::lround(share * static_cast<double>(mine.size()))), 1, mine.size() - 1);
    for (std::size_t i = 0; i < hide; ++i) {
      std::swap(mine[i], mine[i + stream.below(mine.size() - i)]);
      out.parts.push_back(mine[i]);
    }
  }
  return out;
}

}  // namespace cotejo
