// Plain output: short tables that fit 80 columns. Everything that came from a file is made printable first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cotejo/finding/finding.hpp"

namespace cotejo::app {

inline constexpr std::size_t line_width = 80;

// Lines of at most `width` columns, broken at blanks, each begun with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t width = line_width);

// Rows of text under a header; columns whose header ends in '>' are flushed right. What does not fit is cut with "…".
std::string text_table(std::vector<std::string> header, std::vector<std::vector<std::string>> rows);

// A finding as a person reads it on a terminal.
std::string plain(const Finding& finding);

}  // namespace cotejo::app
