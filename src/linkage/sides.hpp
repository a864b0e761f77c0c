// The two files of places that are linked, each in canonical order: sorted by what its records contain, so that the order of
// the rows cannot matter. Names, words and places are numbered by the texts that both sides share.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "cotejo/linkage/link.hpp"

namespace cotejo::linkage {

using Index = std::uint32_t;
inline constexpr Index none = std::numeric_limits<Index>::max();

class Interner {
 public:
  Index operator()(const std::string& text) {
    return map_.try_emplace(text, static_cast<Index>(map_.size())).first->second;
  }
  std::size_t size() const { return map_.size(); }

 private:
  std::unordered_map<std::string, Index> map_;
};

// Numbers pairs of numbers in the order in which they are met.
class PairInterner {
 public:
  Index operator()(Index a, Index b) {
    return map_.try_emplace(static_cast<std::uint64_t>(a) << 32 | b, static_cast<Index>(map_.size())).first->second;
  }
  std::size_t size() const { return map_.size(); }

 private:
  std::unordered_map<std::uint64_t, Index> map_;
};

struct Point {
  double x = 0, y = 0, z = 0;
};

// In km, on a sphere of radius 6,371 km: through it, and along its surface for a chord.
double chord_km(const Point& a, const Point& b);
double arc_km(double chord);

struct Side {
  std::size_t n = 0;
  std::vector<Index> original;            // canonical -> row
  std::vector<Index> name;                // normalised name
  std::vector<std::vector<Index>> words;  // ascending, each once
  std::vector<std::vector<Index>> own;    // per level: the place's own name; 0 = unknown
  std::vector<std::vector<Index>> path;   // per level: the place with those above it
  std::vector<Point> point;
  std::vector<char> has_point;
};

struct Texts {
  Interner names, words;
  std::vector<Interner> places;     // per level
  std::vector<PairInterner> paths;  // per level
  std::unordered_map<std::string, std::string> normalised;
  std::vector<std::string> word_text;

  const std::string& normal(const std::string& raw) {
    const auto [entry, is_new] = normalised.try_emplace(raw);
    if (is_new) entry->second = normalised_name(raw);
    return entry->second;
  }
};

// The words of a normalised text.
std::vector<std::string> split(const std::string& text);
// The numbers of its words, ascending, each once.
std::vector<Index> words_of(const std::string& text, Texts& texts);

Side make_side(const LinkPlaces& in, Texts& texts);

// Both sides of one linking.
struct Sides {
  Sides(const LinkPlaces& in_first, const LinkPlaces& in_second);
  const LinkPlaces& in_first;
  const LinkPlaces& in_second;
  std::size_t levels;
  Texts texts;
  Side first, second;
  bool has_points = false;  // each has a place with coordinates
};

}  // namespace cotejo::linkage
