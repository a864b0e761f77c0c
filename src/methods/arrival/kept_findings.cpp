#include "cotejo/methods/arrival/kept_findings.hpp"

#include <fmt/format.h>

namespace cotejo {

std::string key_of(const Count& count, const ArrivalRequest& request, std::string_view method,
                   const std::vector<std::pair<std::string, OptionValue>>& options, Seed seed, Looks looks,
                   OtherCounts uses) {
  std::string out = fmt::format("{} {} {} rule {}", method, seed, static_cast<const void*>(&count),
                                static_cast<const void*>(request.rule));
  if (looks == Looks::at_everything || uses == OtherCounts::elections)  // codes link other elections, and nothing else
    out += fmt::format(" codes {}", static_cast<const void*>(request.crosswalk));
  std::size_t snapshots = 0;
  for (const Count* other : request.others) {
    const bool snapshot = other->contest.id == count.contest.id;
    snapshots += snapshot;
    const bool used = looks == Looks::at_everything    ? true
                      : !snapshot                      ? uses == OtherCounts::elections
                      : uses == OtherCounts::snapshots ? true
                                                       : snapshots == 1;
    if (used) out += fmt::format(" {}", static_cast<const void*>(other));
  }
  for (const Arrival* arrival : request.arrivals) out += fmt::format(" at {}", static_cast<const void*>(arrival));
  for (const auto& [name, value] : options)
    out += std::visit([&, &key = name](const auto& v) { return fmt::format(" {}={};", key, v); }, value);
  return out;
}

}  // namespace cotejo
