// Options, levels, sizes and votes as methods name them.
#pragma once

#include <string_view>

#include "cotejo/methods/support/support.hpp"

namespace cotejo {

// The option named, or the only one with most votes. Errors: option_invalid (no such option; tied leaders).
Result<std::size_t> option_or_leader(const Count& count, std::string_view name);

// Registered voters when the count reports them for this unit, else valid votes.
std::int64_t size_of(const Count& count, UnitIndex unit);

// The level's index. Errors: option_invalid, with the levels there are.
Result<std::uint32_t> level_named(const Count& count, std::string_view option, std::string_view level);

// Missing cells count as 0.
std::int64_t votes_of(const Count& count, std::size_t option, UnitIndex unit);

}  // namespace cotejo
