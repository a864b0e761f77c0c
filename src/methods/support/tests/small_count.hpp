// Counts written by hand, one line per unit, for the tests of this family.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo::test {

struct SmallUnit {
  std::string key;
  std::vector<std::string> places{};  // from the top level down
  std::vector<std::int32_t> votes{};
  std::int32_t registered = missing, cast = missing;
  std::string code{};  // of the lowest place
  double latitude = NAN, longitude = NAN;
};

inline Count small_count(std::string id, std::vector<std::string> levels, std::vector<std::string> options,
                         const std::vector<SmallUnit>& units) {
  Count count;
  count.id = CountId{std::move(id)};
  count.hierarchy = Hierarchy(std::move(levels));
  for (auto& option : options) count.contest.options.push_back({OptionId{option}, option});
  count.votes.resize(options.size() * units.size());
  const auto reported = [&](auto&& member) { return std::any_of(units.begin(), units.end(), member); };
  const bool has_registered = reported([](const SmallUnit& u) { return u.registered != missing; });
  const bool has_cast = reported([](const SmallUnit& u) { return u.cast != missing; });
  const bool has_points = reported([](const SmallUnit& u) { return !std::isnan(u.latitude); });
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto& unit = units[i];
    count.unit_keys.push_back(unit.key);
    PlaceIndex place = no_place;
    for (std::size_t l = 0; l < unit.places.size(); ++l)
      place = count.hierarchy.add(place, unit.places[l], l + 1 == unit.places.size() ? unit.code : "");
    if (!count.hierarchy.levels().empty()) count.unit_place.push_back(place);
    for (std::size_t o = 0; o < options.size(); ++o) count.votes[o * units.size() + i] = unit.votes[o];
    if (has_registered) count.registered.push_back(unit.registered);
    if (has_cast) count.cast.push_back(unit.cast);
    if (has_points) {
      count.latitude.push_back(unit.latitude);
      count.longitude.push_back(unit.longitude);
    }
  }
  return count;
}

inline Challenge small_challenge(std::vector<std::string> keys, std::string id = "list") {
  Challenge challenge;
  challenge.id = ChallengeId{std::move(id)};
  challenge.unit_keys = std::move(keys);
  return challenge;
}

// The same items in another order, drawn from a fixed stream.
template <class T>
std::vector<T> shuffled(std::vector<T> items, std::uint64_t seed) {
  Stream stream(seed, Purpose::permutation_test);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[stream.below(i)]);
  return items;
}

}  // namespace cotejo::test
