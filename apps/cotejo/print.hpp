// What is printed: text that fits the terminal's width, or tables as CSV, Markdown or JSON. Everything that came from a file is
// made printable first.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"
#include "terminal.hpp"

namespace cotejo::app {

enum class Format { text, csv, markdown, json };

// --format text|csv|md|json, and --json for short. `format` holds the default.
void add_format(CLI::App& command, Format& format);
// Errors: usage, with the nearest of the four.
Result<Format> format_named(std::string_view name);

// Lines of at most `width` columns, broken at blanks, each begun with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t width = prose_width());

// Rows of text under a header; columns whose header ends in '>' are flushed right. What does not fit is cut with "…".
std::string text_table(std::vector<std::string> header, std::vector<std::vector<std::string>> rows);

// A table in the format: text has as many columns as fit and at most `most` rows, and says what it leaves out; the others
// have all of it. Markdown has the title, where there is one, before it.
enum class Digits { grouped, plain };
std::string in_format(const Table& table, Format format, Digits digits = Digits::grouped, std::size_t most = SIZE_MAX);

// The rows of a count's file that were set aside: how many, the votes that they can mean, in all and per option, and the
// first of them with their reasons. Empty where there are none.
std::string set_aside(const Count& count, const Rule* rule);

// A finding as a person reads it on a terminal.
// Texts that are messages are in the language.
std::string plain(const Finding& finding, std::string_view language);
// The same as Markdown, with every row and column of every table.
std::string markdown(const Finding& finding);
// The figures of a finding as a table.
Table figures_of(const Finding& finding);

}  // namespace cotejo::app
