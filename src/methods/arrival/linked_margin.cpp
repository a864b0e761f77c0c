#include "linked_margin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "cotejo/base/text.hpp"
#include "cotejo/linkage/link.hpp"
#include "cotejo/methods/support/naming.hpp"

namespace cotejo {

namespace {

constexpr auto nobody = UnlinkedPlace::nobody;

Result<std::size_t> stand_in(const Count& election, const std::string& same, const std::string& listed) {
  std::vector<std::string> ids{same};
  std::size_t begin = 0;
  while (begin <= listed.size()) {
    const auto end = std::min(listed.find(',', begin), listed.size());
    ids.emplace_back(trimmed(std::string_view(listed).substr(begin, end - begin)));
    begin = end + 1;
  }
  for (const auto& id : ids)
    if (const int at = election.contest.index_of(OptionId{id}); at >= 0) return static_cast<std::size_t>(at);
  std::vector<std::string> known;
  for (const auto& option : election.contest.options) known.push_back(option.id.text);
  return needs(fmt::format("the option of '{}' that stands for {}", election.id.text, same),
               fmt::format("Name it with option leader_elsewhere or runner_up_elsewhere; there are: {}.",
                           fmt::join(known, ", ")));
}

}  // namespace

Result<LinkedMargin> linked_margin(const LateCount& late, const Count& election, const ArrivalRequest& request,
                                   const std::string& leader_elsewhere, const std::string& runner_up_elsewhere,
                                   const Context& context) {
  COTEJO_TRY(leader, stand_in(election, late.leader_id(), leader_elsewhere));
  COTEJO_TRY(runner_up, stand_in(election, late.runner_up_id(), runner_up_elsewhere));
  auto shared = shared_levels(*late.count, election);
  if (shared.empty())
    return needs(fmt::format("a level of places that '{}' and '{}' both have", late.count->id.text, election.id.text),
                 "Give the levels the same names in both profiles.");
  const std::string level = shared.back();
  shared.pop_back();
  const PlaceSet here = places_to_link(*late.count, level, shared, request.crosswalk);
  const PlaceSet there = places_to_link(election, level, shared);
  COTEJO_TRY(linkage, link_places(here.places, there.places, {}, context));
  struct Sum {
    std::int64_t leader = 0, runner_up = 0, valid = 0;
  };
  std::vector<Sum> sums(there.places.size());
  for (UnitIndex u = 0; u < election.units(); ++u) {
    if (there.of_unit[u] == nobody) continue;
    Sum& sum = sums[there.of_unit[u]];
    sum.leader += votes_of(election, leader, u);
    sum.runner_up += votes_of(election, runner_up, u);
    sum.valid += election.valid_of(u);
  }
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  LinkedMargin out{.election = election.id.text,
                   .leader = election.contest.options[leader].id.text,
                   .runner_up = election.contest.options[runner_up].id.text,
                   .margin = {},
                   .places = static_cast<std::int64_t>(here.places.size())};
  std::vector<double> of_place(here.places.size(), unknown);
  for (const auto& link : linkage.links) {
    const Sum& sum = sums[link.second];
    if (sum.valid <= 0) continue;
    of_place[link.first] = 100 * static_cast<double>(sum.leader - sum.runner_up) / static_cast<double>(sum.valid);
    ++out.places_linked;
  }
  for (std::size_t u = 0; u < late.units(); ++u)
    out.margin.push_back(here.of_unit[u] == nobody ? unknown : of_place[here.of_unit[u]]);
  if (out.places_linked == 0)
    return needs(fmt::format("places of '{}' that '{}' has", late.count->id.text, election.id.text),
                 "A crosswalk (--crosswalk) gives units the codes of its places.");
  return out;
}

}  // namespace cotejo
