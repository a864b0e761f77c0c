// What the methods of this family do in the same way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/vote/assembly.hpp"

namespace cotejo {

// The day of an option, or nothing when it is empty. Errors: option_invalid.
Result<std::optional<std::int32_t>> day_option(const std::string& name, const std::string& value);

// "35, 34" as numbers from 1 to 10^9, at most 20. Errors: option_invalid.
Result<std::vector<std::int64_t>> numbers_option(const std::string& name, const std::string& value);

// The assembly as known on a day; the assembly itself when no day is given. `kept` holds what is made.
const Assembly& known_on(const Assembly& assembly, const std::optional<std::int32_t>& day,
                         std::optional<Assembly>& kept);

// The mark of a fact in words that stand beside it: "", "by recall", "by elimination".
std::string mark_text(Mark mark);

// "21 October 2020"; a month or a year where no more is known, else both ends.
std::string day_words(const CivilDate& date);

}  // namespace cotejo
