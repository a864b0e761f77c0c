// Names that cannot be mixed up: a CountId is not a ChallengeId.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace cotejo {

template <class Tag>
struct StrongId {
  std::string text{};
  StrongId() = default;
  explicit StrongId(std::string id) : text(std::move(id)) {}
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
};

using CountId = StrongId<struct CountTag>;          // "bo-2019/computo"
using ContestId = StrongId<struct ContestTag>;      // "bo-2019/president"
using OptionId = StrongId<struct OptionTag>;        // "MAS"
using ChallengeId = StrongId<struct ChallengeTag>;  // "oas-226"
using CrosswalkId = StrongId<struct CrosswalkTag>;  // "bo-2019/codes"
using ArrivalId = StrongId<struct ArrivalTag>;      // "bo-2019/trep-times"

}  // namespace cotejo

template <class Tag>
struct std::hash<cotejo::StrongId<Tag>> {
  std::size_t operator()(const cotejo::StrongId<Tag>& id) const { return std::hash<std::string>{}(id.text); }
};
