#include "code_links.hpp"

#include <string_view>
#include <unordered_map>

namespace cotejo::linkage {

namespace {

const std::string& code_of(const LinkPlaces& in, const Side& side, Index i) {
  static const std::string empty;
  return in.codes.empty() ? empty : in.codes[side.original[i]];
}

}  // namespace

CodeLinks link_codes(const Sides& sides, LinkBy by) {
  CodeLinks out{.dead_first = std::vector<char>(sides.first.n, 0),
                .dead_second = std::vector<char>(sides.second.n, 0),
                .fixed = std::vector<Index>(sides.first.n, none),
                .why_first = std::vector<Index>(sides.first.n, none),
                .why_second = std::vector<Index>(sides.second.n, none)};
  if (by == LinkBy::names) return out;
  const auto by_code = [&](const LinkPlaces& in, const Side& side) {
    std::unordered_map<std::string_view, std::vector<Index>> places;
    for (Index i = 0; i < side.n; ++i)
      if (const auto& c = code_of(in, side, i); !c.empty()) places[c].push_back(i);
    return places;
  };
  const auto of_first = by_code(sides.in_first, sides.first), of_second = by_code(sides.in_second, sides.second);
  for (Index i = 0; i < sides.first.n; ++i) {
    const auto& c = code_of(sides.in_first, sides.first, i);
    if (c.empty()) {
      if (by != LinkBy::codes) continue;
      out.dead_first[i] = 1;
      out.why_first[i] = static_cast<Index>(WhyUnlinked::no_code);
      continue;
    }
    if (of_second.empty() && by != LinkBy::codes) continue;  // the other side has no codes at all: names
    out.dead_first[i] = 1;
    const auto found = of_second.find(c);
    if (found == of_second.end()) {
      out.why_first[i] = static_cast<Index>(WhyUnlinked::code_not_found);
    } else if (found->second.size() > 1 || of_first.at(c).size() > 1) {
      out.why_first[i] = static_cast<Index>(WhyUnlinked::ambiguous);
      for (const Index j : found->second) {
        out.dead_second[j] = 1;
        out.why_second[j] = static_cast<Index>(WhyUnlinked::ambiguous);
      }
    } else {
      out.fixed[i] = found->second.front();
      out.dead_second[found->second.front()] = 1;
    }
  }
  if (by != LinkBy::codes) return out;
  for (Index j = 0; j < sides.second.n; ++j) {
    if (!out.dead_second[j])
      out.why_second[j] = static_cast<Index>(
          code_of(sides.in_second, sides.second, j).empty() ? WhyUnlinked::no_code : WhyUnlinked::code_not_found);
    out.dead_second[j] = 1;
  }
  return out;
}

}  // namespace cotejo::linkage
