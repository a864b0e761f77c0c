#include "cotejo/vote/crosswalk.hpp"

#include <algorithm>

#include "cotejo/base/hash.hpp"

namespace cotejo {

std::string Crosswalk::content_hash() const {
  auto sorted = rows;
  std::sort(sorted.begin(), sorted.end());
  Sha256 hash;
  hash.update(id.text);
  for (const auto& [from, to] : sorted) {
    hash.update(from);
    hash.update(to);
  }
  return hash.hex();
}

}  // namespace cotejo
