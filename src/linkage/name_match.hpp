// How alike two names are, by the words that they share and how rare those are.
#pragma once

#include <string>
#include <vector>

#include "sides.hpp"

namespace cotejo::linkage {

struct WordCounts {
  std::vector<double> first, second;  // how many names of each side hold a word
  double n_first = 0, n_second = 0;
  const std::vector<std::string>* text = nullptr;
};

struct NameMatch {
  double similarity =
      0;  // shared weight of the words that both sides know: 2 S / (A + B), weights -log(share of names with it)
  double chance = 1;  // of a name that shares as much
};

// The words of both names, ascending. Words of five letters or more that are one edit apart agree too.
NameMatch match(const std::vector<Index>& a, const std::vector<Index>& b, const WordCounts& counts);

}  // namespace cotejo::linkage
