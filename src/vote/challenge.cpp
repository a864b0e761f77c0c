#include "cotejo/vote/challenge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/hash.hpp"

namespace cotejo {

std::string Challenge::content_hash() const {
  auto sorted = unit_keys;
  std::sort(sorted.begin(), sorted.end());
  Sha256 hash;
  hash.update(id.text);
  for (const auto& key : sorted) hash.update(key);
  return hash.hex();
}

Result<std::vector<UnitIndex>> resolve(const Challenge& challenge, const Count& count) {
  if (challenge.unit_keys.empty())
    return Error{.code = ErrorCode::challenge_invalid,
                 .message = "the challenge lists no unit",
                 .value = challenge.id.text,
                 .remedy = "Give it the keys of the units objected to."};
  // The list is short and the count is long: index the list, walk the count.
  std::unordered_map<std::string_view, std::size_t> listed_at;
  for (std::size_t i = 0; i < challenge.unit_keys.size(); ++i) {
    const auto [entry, is_new] = listed_at.emplace(challenge.unit_keys[i], i);
    if (!is_new)
      return Error{.code = ErrorCode::unit_duplicate,
                   .message = fmt::format("challenge '{}' lists a unit twice, first in row {}", challenge.id.text,
                                          entry->second + 2),
                   .row = static_cast<std::int64_t>(i + 2),
                   .column = "unit",
                   .value = challenge.unit_keys[i],
                   .remedy = "Remove one of the two rows."};
  }
  std::vector<UnitIndex> out;
  std::vector<bool> found(challenge.unit_keys.size());
  for (UnitIndex unit = 0; unit < count.units(); ++unit) {
    const auto entry = listed_at.find(count.unit_keys[unit]);
    if (entry == listed_at.end()) continue;
    found[entry->second] = true;
    out.push_back(unit);
  }
  if (const auto lost = std::find(found.begin(), found.end(), false); lost != found.end()) {
    const auto i = static_cast<std::size_t>(lost - found.begin());
    return Error{
        .code = ErrorCode::unit_unknown,
        .message =
            fmt::format("challenge '{}' lists {} that count '{}' does not have", challenge.id.text,
                        out.size() + 1 == found.size() ? "a unit" : fmt::format("{} units", found.size() - out.size()),
                        count.id.text),
        .row = static_cast<std::int64_t>(i + 2),
        .column = "unit",
        .value = challenge.unit_keys[i],
        .remedy = "Check that the list and the count use the same unit numbers, or remove the unit from the list."};
  }
  return out;
}

Result<std::vector<UnitIndex>> resolve_union(const std::vector<const Challenge*>& challenges, const Count& count) {
  std::vector<UnitIndex> out;
  for (const Challenge* challenge : challenges) {
    COTEJO_TRY(units, resolve(*challenge, count));
    out.insert(out.end(), units.begin(), units.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace cotejo
