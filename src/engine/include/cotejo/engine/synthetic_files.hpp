// A synthetic election (sim) written as the files that the demo profiles read: official.csv, quick.csv, next.csv,
// objected.csv.
#pragma once

#include <filesystem>

#include "cotejo/base/context.hpp"
#include "cotejo/engine/registry.hpp"
#include "cotejo/sim/planted.hpp"

namespace cotejo {

struct SyntheticUnits {
  std::size_t official = 0, quick = 0, next = 0, objected = 0;
};

// The options of an election that can be drawn.
std::vector<OptionInfo> synthetic_options();

// Draws by `options` and context.seed; the folder must exist. A file of one of these names is never overwritten.
// Errors: option_invalid, conflict, file_write, cancelled.
Result<SyntheticUnits> write_synthetic(const OptionTexts& options, const std::filesystem::path& folder,
                                       const Context& context);

// A fair election drawn from a count, and what is planted in it.
struct FairElectionSpec {
  Depth depth = Depth::places;
  Generator generator = Generator::model;
  std::optional<PlantSpec> planted{};
  std::uint64_t replicate = 0;
};

// Writes election.csv (the count's units and places; the first two options and the others together), election.toml (the
// profile that reads it) and, where something is planted, truth.csv (unit, touched, leader_change, ballots_added).
// Errors: as fair_election.hpp and planted.hpp; conflict, file_write.
Result<std::size_t> write_fair_election(const Count& count, const FairElectionSpec& spec,
                                        const std::filesystem::path& folder, const Context& context);

}  // namespace cotejo
