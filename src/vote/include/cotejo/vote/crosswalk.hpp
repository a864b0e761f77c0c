// A crosswalk: from the unit keys of one count to the codes of places in another, as a commission or a researcher
// published it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/ids.hpp"

namespace cotejo {

struct Crosswalk {
  CrosswalkId id;
  std::string source;
  std::vector<std::pair<std::string, std::string>> rows;  // unit key, place code; unit keys are unique
  int revision = 1;                                       // of the case that holds it, and how many it has there
  int revisions = 1;

  std::string content_hash() const;
};

}  // namespace cotejo
