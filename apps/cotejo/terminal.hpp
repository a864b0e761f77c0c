// The terminal that stdout and stderr lead to: its width, and whether it takes colour.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cotejo::app {

// Columns of a line: COLUMNS where it is a whole number, else the terminal's width, else 80; from 40 to 300.
std::size_t line_width();

// Lines of prose are no longer than this on a wide terminal, where long lines are hard to read.
std::size_t prose_width();

enum class Stream { out, err };

// NO_COLOR (not empty): never. CLICOLOR_FORCE (not empty, not 0): always. CLICOLOR=0, TERM=dumb or no terminal: not.
bool has_colour(Stream stream);

enum class Style { heading, good, warning, wrong };

// The text in the style, or as it is where the stream takes no colour.
std::string styled(Style style, std::string_view text, Stream stream = Stream::out);

}  // namespace cotejo::app
