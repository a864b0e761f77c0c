// Links by codes, and which places the linking by names is left with.
#pragma once

#include <vector>

#include "sides.hpp"

namespace cotejo::linkage {

struct CodeLinks {
  std::vector<char> dead_first, dead_second;  // take no part in the linking by names
  std::vector<Index> fixed;                   // first -> second by code, or none
  std::vector<Index> why_first, why_second;   // a WhyUnlinked that the codes decided, or none
};

CodeLinks link_codes(const Sides& sides, LinkBy by);

}  // namespace cotejo::linkage
