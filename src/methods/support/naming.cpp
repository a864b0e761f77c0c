#include "cotejo/methods/support/naming.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cotejo/base/text.hpp"
#include "cotejo/vote/tally.hpp"

namespace cotejo {

Result<std::size_t> option_or_leader(const Count& count, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& option : count.contest.options) names.push_back(option.id.text);
  if (names.empty()) return needs("at least one option", "Import a count that has options.");
  if (!name.empty()) {
    const int index = count.contest.index_of(OptionId{std::string(name)});
    if (index >= 0) return static_cast<std::size_t>(index);
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("count '{}' has no option of this id", count.id.text),
                 .value = std::string(name),
                 .remedy = fmt::format("It has: {}.", fmt::join(names, ", "))};
  }
  const Tally total = tally(count);
  const auto order = ranking(total);
  if (order.size() > 1 && total.options[order[0]] == total.options[order[1]])
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("count '{}' has no single leader: {} and {} have equal votes", count.id.text,
                                        names[order[0]], names[order[1]]),
                 .remedy = "Name the option to look at with --option option=ID."};
  return order[0];
}

std::int64_t size_of(const Count& count, UnitIndex unit) {
  const std::int64_t registered = count.registered_of(unit);
  return registered > 0 ? registered : count.valid_of(unit);
}

Result<std::uint32_t> level_named(const Count& count, std::string_view option, std::string_view level) {
  const int index = count.hierarchy.level_index(level);
  if (index >= 0) return static_cast<std::uint32_t>(index);
  return Error{.code = ErrorCode::option_invalid,
               .message = fmt::format("option '{}': count '{}' has no such level of places", option, count.id.text),
               .value = std::string(level),
               .remedy = count.hierarchy.levels().empty()
                             ? "The count has no places."
                             : fmt::format("It has: {}.", fmt::join(count.hierarchy.levels(), ", "))};
}

std::int64_t votes_of(const Count& count, std::size_t option, UnitIndex unit) {
  const std::int32_t votes = count.vote(option, unit);
  return votes == missing ? 0 : votes;
}

}  // namespace cotejo
