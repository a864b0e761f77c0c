// An invented country: places down to the precinct, how many units each precinct has, how rural it is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cotejo/base/random.hpp"

namespace cotejo {

inline constexpr std::array<const char*, 6> country_levels = {"country",      "department", "province",
                                                              "municipality", "locality",   "precinct"};

// What one stream of Purpose::synthetic_election is for (its `replicate`). Append-only.
enum class Part : std::uint64_t {
  shape,
  places,
  registered,
  effects,
  turnout,
  votes,
  arrival,
  slips,
  next_places,
  next_registered,
  next_effects,
  next_turnout,
  next_votes
};

inline Stream stream_for(Seed seed, Part part, std::uint64_t unit = 0) {
  return {seed, Purpose::synthetic_election, static_cast<std::uint64_t>(part), unit};
}

struct InventedPlace {
  std::uint32_t parent = 0;  // index on the level above
  std::uint32_t children = 0;
  std::string name, code;
  double latitude = 0, longitude = 0;
};

// Places of one level in the order of their parents; the first country is the country itself, the others are abroad.
struct InventedCountry {
  std::array<std::vector<InventedPlace>, country_levels.size()> level;
  std::vector<std::uint32_t> units;  // of each precinct, at least 1
  std::vector<double> rural;         // of each precinct; mean 0 and variance 1 over the units at home, 0 abroad
};

// Numbers of places grow with the number of units from those of Bolivia 2019 (33,048 units at home, 1,507 abroad).
InventedCountry invent_country(std::uint32_t units_at_home, std::uint32_t units_abroad, Seed seed);

// `total` things for takers with these weights: at least one each, the rest in proportion, by largest remainders (equal
// ones: the earlier taker). total >= weights.size().
std::vector<std::uint32_t> share_out(std::uint32_t total, const std::vector<double>& weights);

}  // namespace cotejo
