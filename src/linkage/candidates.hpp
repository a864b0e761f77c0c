// Which pairs of places are compared at all: those that share a key (a name, a word in a place) that not too many have.
#pragma once

#include <cstdint>
#include <vector>

#include "sides.hpp"

namespace cotejo::linkage {

struct Keyed {
  std::uint64_t key;
  Index place;
  friend bool operator<(const Keyed& a, const Keyed& b) { return a.key != b.key ? a.key < b.key : a.place < b.place; }
};

// One key of two.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

class Candidates {
 public:
  void add(Index first, Index second) { pairs_.push_back(static_cast<std::uint64_t>(first) << 32 | second); }

  // Every pair that shares a key, unless more than `most` places of a side have it.
  void add_block(std::vector<Keyed> first, std::vector<Keyed> second, std::size_t most);
  // Ascending, each once.
  void settle();
  const std::vector<std::uint64_t>& pairs() const { return pairs_; }

 private:
  std::vector<std::uint64_t> pairs_;
};

}  // namespace cotejo::linkage
