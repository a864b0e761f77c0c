// Rules from TOML (docs/formats/rule.md).
#pragma once

#include <toml++/toml.h>
#include <string_view>

#include "cotejo/base/result.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// Errors: profile_invalid with file, row and key.
Result<Rule> parse_rule(const toml::table& table, std::string_view file_name);

}  // namespace cotejo
