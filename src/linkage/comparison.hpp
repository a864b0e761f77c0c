// The candidate pairs of places, and in what each of them agrees.
#pragma once

#include <array>
#include <vector>

#include "candidates.hpp"
#include "code_links.hpp"
#include "cotejo/base/context.hpp"
#include "name_match.hpp"
#include "place_names.hpp"

namespace cotejo::linkage {

// A place of the first side and one of the second, as some candidate pair has them.
struct Correspondence {
  Index first_path = 0;
  PlaceClass kind = unknown_place;
  double chance = 1;  // the second place's share of its parent
};

struct Pairs {
  std::vector<Index> first, second;
  std::vector<std::uint8_t> name, distance;  // classes; distance: no_distance when unknown
  std::vector<double> name_chance, distance_chance;
  std::vector<float> similarity;
  std::vector<std::vector<Index>> correspondence;            // per level, per pair
  std::vector<std::vector<Correspondence>> correspondences;  // per level
  std::size_t size() const { return first.size(); }
};
inline constexpr std::uint8_t no_distance = 255;

class Comparison {
 public:
  // Finds the candidates. `by`: whether names and coordinates are looked at, or the pairs of the codes alone.
  Comparison(Sides& sides, const CodeLinks& codes, LinkBy by, const Context& context);

  // Compares the candidates; false: cancelled.
  bool compare();
  // New candidates: places whose lowest shared place corresponds, as two links or more show. `linked` (a score a pair)
  // moves with the pairs. Returns whether there are any; they are to be compared.
  bool follow_correspondences(std::vector<double>& linked);

  const Pairs& pairs() const { return pairs_; }
  double places_of_first() const { return counts_.n_first; }
  double places_of_second() const { return counts_.n_second; }

 private:
  void count_names();
  void find_candidates();
  void find_neighbours();
  void find_correspondences();
  double others_at(Index i, std::uint8_t distance, double km) const;

  const Sides& sides_;
  const CodeLinks& codes_;
  LinkBy by_;
  const Context& context_;
  PlaceNames place_names_;
  WordCounts counts_;
  std::vector<double> name_count_;  // of the second side
  double seen_once_ = 1;
  std::vector<std::vector<double>> path_count_;  // per level: places of the second side
  // Of each place of the first side: how far and how many the nearest are, the farthest looked at, how many a class.
  std::vector<double> reach_km_, found_, farthest_km_;
  std::vector<std::array<double, 10>> near_;
  std::array<double, 10> usual_near_{};
  Candidates candidates_;
  Pairs pairs_;
};

}  // namespace cotejo::linkage
