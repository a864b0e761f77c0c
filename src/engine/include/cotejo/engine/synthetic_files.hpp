// A synthetic election (sim) written as the files that the demo profiles read: official.csv, quick.csv, next.csv,
// objected.csv.
#pragma once

#include <filesystem>

#include "cotejo/base/context.hpp"
#include "cotejo/engine/registry.hpp"

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

}  // namespace cotejo
