#include "candidates.hpp"

#include <algorithm>

namespace cotejo::linkage {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t h = a * 0x9E3779B97F4A7C15ULL ^ (b + 0x9E3779B97F4A7C15ULL + (a << 6) + (a >> 2));
  h ^= h >> 31;
  h *= 0xBF58476D1CE4E5B9ULL;
  return h ^ h >> 29;
}

void Candidates::add_block(std::vector<Keyed> first, std::vector<Keyed> second, std::size_t most) {
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  for (std::size_t a = 0, b = 0; a < first.size() && b < second.size();) {
    if (first[a].key < second[b].key) {
      ++a;
    } else if (second[b].key < first[a].key) {
      ++b;
    } else {
      const std::uint64_t key = first[a].key;
      std::size_t a_end = a, b_end = b;
      while (a_end < first.size() && first[a_end].key == key) ++a_end;
      while (b_end < second.size() && second[b_end].key == key) ++b_end;
      if (a_end - a <= most && b_end - b <= most)
        for (std::size_t i = a; i < a_end; ++i)
          for (std::size_t j = b; j < b_end; ++j) add(first[i].place, second[j].place);
      a = a_end;
      b = b_end;
    }
  }
  settle();
}

void Candidates::settle() {
  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
}

}  // namespace cotejo::linkage
