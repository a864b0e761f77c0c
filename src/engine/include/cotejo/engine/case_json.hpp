// What a case holds and what the registry says, as the JSON that every face shows: one place for the command line and
// the server.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/registry.hpp"
#include "cotejo/intake/propose.hpp"

namespace cotejo {

// "a count, challenges (--challenge), the contest's rule"
std::string takes(const MethodEntry& method);

nlohmann::ordered_json to_json(const MethodEntry& method);
nlohmann::ordered_json to_json(const CountEntry& entry);
nlohmann::ordered_json to_json(const ChallengeEntry& entry);
nlohmann::ordered_json to_json(const AssemblyEntry& entry);
nlohmann::ordered_json to_json(const FindingEntry& entry);
nlohmann::ordered_json to_json(const ObjectEntry& entry);
nlohmann::ordered_json to_json(const ObjectEvent& event);
nlohmann::ordered_json to_json(const UnitEvent& event);
nlohmann::ordered_json to_json(const Activity& activity);
nlohmann::ordered_json to_json(const Proposal& proposal);

// What `cotejo list CASE --json` prints.
Result<nlohmann::ordered_json> contents_of(const CaseFile& file);

}  // namespace cotejo
