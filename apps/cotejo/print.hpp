// Plain output: short tables that fit 80 columns. Everything that came from a file is made printable first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo::app {

inline constexpr std::size_t line_width = 80;

// Lines of at most `width` columns, broken at blanks, each begun with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t width = line_width);

// Rows of text under a header; columns whose header ends in '>' are flushed right. What does not fit is cut with "…".
std::string text_table(std::vector<std::string> header, std::vector<std::vector<std::string>> rows);

// The rows of a count's file that were set aside: how many, the votes that they can mean, in all and per option, and the
// first of them with their reasons. Empty where there are none.
std::string set_aside(const Count& count, const Rule* rule);

// A finding as a person reads it on a terminal.
std::string plain(const Finding& finding);

}  // namespace cotejo::app
