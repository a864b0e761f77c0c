#include "neighbours.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "cotejo/base/text.hpp"
#include "cotejo/linkage/link.hpp"

namespace cotejo {

namespace {

constexpr std::uint32_t least_places = 5;  // of a group
constexpr double most_places = 0.9;        // of places in such groups, for a level to be taken

std::int32_t known(std::int32_t value) {
  return value == missing ? 0 : value;
}

// The option of the same id, else the first of the ids listed that the election has, or -1.
int option_elsewhere(const Count& other, const OptionId& id, const std::string& listed) {
  if (const int same = other.contest.index_of(id); same >= 0) return same;
  std::size_t begin = 0;
  while (begin < listed.size()) {
    const auto end = std::min(listed.find(',', begin), listed.size());
    const OptionId candidate{std::string(trimmed(std::string_view(listed).substr(begin, end - begin)))};
    if (const int found = other.contest.index_of(candidate); found >= 0) return found;
    begin = end + 1;
  }
  return -1;
}

// The group of every place on a level above: index of a place, no_place where it has none.
std::vector<PlaceIndex> groups_on(const Count& count, const PlaceSet& set, const std::string& level) {
  std::vector<PlaceIndex> out(set.places.size(), no_place);
  const auto place = places_on_level(count, level);
  for (UnitIndex u = 0; u < count.units() && !place.empty(); ++u)
    if (set.of_unit[u] != UnlinkedPlace::nobody) out[set.of_unit[u]] = place[u];
  return out;
}

// The lowest level above the places on which nine in ten of the linked ones have four others or more; empty: there is none.
std::string group_level_of(const Count& count, const PlaceSet& set, int linked_level, const std::vector<char>& linked) {
  for (int level = linked_level - 1; level >= 0; --level) {
    const std::string& name = count.hierarchy.levels()[static_cast<std::size_t>(level)];
    const auto group = groups_on(count, set, name);
    std::map<PlaceIndex, std::uint32_t> size;
    double all = 0, large = 0;
    for (std::size_t p = 0; p < group.size(); ++p)
      if (linked[p] && group[p] != no_place) ++size[group[p]];
    for (const auto& [place, n] : size) {
      all += n;
      large += n >= least_places ? n : 0;
    }
    if (all > 0 && large >= most_places * all) return name;
  }
  return "";
}

struct Linked {
  std::optional<Neighbour> neighbour{};
  std::string why_not{};
};

Result<Linked> link(const ForensicCase& given, const Count& other, const NeighbourRequest& request,
                    const Context& context) {
  const Count& count = *given.count;
  const Electorate& e = given.electorate;
  const auto lacking = [&](std::string why) { return Linked{.neighbour = {}, .why_not = std::move(why)}; };
  const int leader = option_elsewhere(other, count.contest.options[e.leader].id, request.leader_elsewhere),
            runner_up = option_elsewhere(other, count.contest.options[e.runner_up].id, request.runner_up_elsewhere);
  if (leader < 0 || runner_up < 0)
    return lacking(
        fmt::format("'{}' has no option that stands for {} (options leader_elsewhere and "
                    "runner_up_elsewhere name them)",
                    other.id.text, count.contest.options[leader < 0 ? e.leader : e.runner_up].id.text));
  auto shared = shared_levels(count, other);
  if (shared.empty())
    return lacking(fmt::format("'{}' has no level of places in common with the count", other.id.text));
  const std::string level = shared.back();
  const int linked_level = count.hierarchy.level_index(level);
  std::erase_if(shared, [&](const std::string& name) { return count.hierarchy.level_index(name) >= linked_level; });
  const PlaceSet ours = places_to_link(count, level, shared, request.crosswalk),
                 theirs = places_to_link(other, level, shared);
  COTEJO_TRY(linkage, link_places(ours.places, theirs.places, {}, context));

  const std::size_t places = ours.places.size();
  std::vector<char> linked(places, 0);
  std::vector<std::uint32_t> to(places, UnlinkedPlace::nobody);
  for (const auto& l : linkage.links) {
    linked[l.first] = 1;
    to[l.first] = l.second;
  }
  std::string group_level = request.group_level;
  if (group_level.empty()) group_level = group_level_of(count, ours, linked_level, linked);
  if (group_level.empty())
    return lacking(fmt::format("no level above {} groups nine places in ten with four others", level));
  if (const int at = count.hierarchy.level_index(group_level); at < 0 || at >= linked_level)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("the count has no such level above {}", level),
                 .column = "group_level",
                 .value = group_level,
                 .remedy = fmt::format("It has: {}.", fmt::join(count.hierarchy.levels(), ", "))};

  Neighbour out;
  out.election = other.id.text;
  out.date = other.date;
  out.level = level;
  out.group_level = group_level;
  out.before = other.date < count.date;
  out.places = static_cast<std::int64_t>(places);
  std::vector<std::int64_t> m(theirs.places.size(), 0), c(m), v(m);
  const auto valid = valid_of_units(other);
  for (UnitIndex u = 0; u < other.units(); ++u)
    if (const auto p = theirs.of_unit[u]; p != UnlinkedPlace::nobody) {
      m[p] += known(other.vote(static_cast<std::size_t>(leader), u));
      c[p] += known(other.vote(static_cast<std::size_t>(runner_up), u));
      v[p] += valid[u];
    }
  const auto group = groups_on(count, ours, group_level);
  std::vector<std::uint32_t> number(places, Neighbour::nobody);
  std::map<PlaceIndex, std::uint32_t> group_number;
  for (std::size_t p = 0; p < places; ++p) {
    if (!linked[p] || group[p] == no_place || v[to[p]] <= 0 || m[to[p]] > v[to[p]]) continue;
    number[p] = static_cast<std::uint32_t>(out.valid.size());
    out.leader.push_back(static_cast<std::int32_t>(m[to[p]]));
    out.runner_up.push_back(static_cast<std::int32_t>(std::min(c[to[p]], v[to[p]])));
    out.valid.push_back(static_cast<std::int32_t>(v[to[p]]));
    out.group.push_back(
        group_number.try_emplace(group[p], static_cast<std::uint32_t>(group_number.size())).first->second);
  }
  for (const UnitIndex u : e.units)
    out.place.push_back(ours.of_unit[u] == UnlinkedPlace::nobody ? Neighbour::nobody : number[ours.of_unit[u]]);
  if (2 * out.valid.size() < places)
    return lacking(fmt::format("fewer than half of the places are linked to '{}' ({} of {})", other.id.text,
                               out.valid.size(), places));
  return Linked{.neighbour = std::move(out), .why_not = {}};
}

}  // namespace

Result<void> find_neighbours(ForensicCase& given, const NeighbourRequest& request, const Context& context) {
  std::vector<std::string> why;
  std::vector<Neighbour> found;
  for (const Count* other : request.others) {
    if (!other->snapshot_of.text.empty()) continue;
    if (other->date.empty() || given.count->date.empty() || other->date == given.count->date)
      continue;  // not another election
    COTEJO_TRY(linked, link(given, *other, request, context));
    if (linked.neighbour)
      found.push_back(std::move(*linked.neighbour));
    else
      why.push_back(std::move(linked.why_not));
  }
  // The nearest on each side.
  for (const bool before : {true, false}) {
    const Neighbour* nearest = nullptr;
    for (const auto& n : found)
      if (n.before == before && (!nearest || (before ? n.date > nearest->date : n.date < nearest->date))) nearest = &n;
    if (nearest) given.neighbours.push_back(*nearest);
  }
  given.why_no_neighbours = why.empty()
                                ? "no other election of another date is given to compare places with (--against)"
                                : fmt::format("{}", fmt::join(why, "; "));
  return {};
}

}  // namespace cotejo
