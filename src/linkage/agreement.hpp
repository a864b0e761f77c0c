// The classes in which names, distances and places agree, and the numbers of the model that are set by hand.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace cotejo::linkage {

// The only numbers that are set by hand. Starting values of m are worth `damping` of the places of the first side.
inline constexpr std::array<double, 6> name_start = {.70, .10, .06, .04, .04, .06};
inline constexpr std::array<double, 5> name_edges = {1, .8, .6, .4, 0};
inline constexpr std::array<double, 10> distance_start = {.25, .10, .10, .15, .15, .10, .08, .04, .02, .01};
inline constexpr std::array<double, 9> distance_edges_km = {.002, .01, .03, .1, .3, 1, 3, 10, 30};
inline constexpr std::array<double, 3> place_start = {.90, .05, .05};
inline constexpr double partner_start = .8;
inline constexpr double damping = 1.0 / 20;
inline constexpr double fewest_damping = 10;
inline constexpr double place_damping = 2;  // links that a starting m(a -> b) is worth
inline constexpr int rounds = 6;
inline constexpr double learning_threshold = .5 + 1e-9;
inline constexpr std::size_t neighbours = 8;
inline constexpr std::size_t largest_block = 64;  // places a side that may share a key before the key says too little
inline constexpr double similar_place = .6;

constexpr std::array<double, 10> distance_start_normalised() {
  std::array<double, 10> out = distance_start;
  double sum = 0;
  for (const double v : out) sum += v;
  for (double& v : out) v /= sum;
  return out;
}

inline std::uint8_t name_class(double similarity, bool same) {
  if (same) return 0;
  for (std::uint8_t k = 1; k < name_edges.size() - 1; ++k)
    if (similarity >= name_edges[k]) return k;
  return similarity > 0 ? 4 : 5;
}

inline std::uint8_t distance_class(double km) {
  return static_cast<std::uint8_t>(std::lower_bound(distance_edges_km.begin(), distance_edges_km.end(), km) -
                                   distance_edges_km.begin());
}

}  // namespace cotejo::linkage
