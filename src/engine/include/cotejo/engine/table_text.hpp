// A finding's table, or any other, as text for other programs: CSV, Markdown, JSON rows.
//
// Cells are as they are stored: whole numbers without thousands, fractions with the fewest digits that read back the same;
// missing cells and what is no number are empty (null in JSON); true and false in words.
// CSV: RFC 4180, UTF-8, CR LF, cells by csv_cell() (intake/writer.hpp).
// Markdown: a pipe table (CommonMark with the tables of GitHub); a column of numbers alone is flushed right; what would be
// markup is escaped, a line break is a blank.
// Cost: linear in cells. Verified in src/engine/tests/table_text_test.cpp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "cotejo/finding/finding.hpp"

namespace cotejo {

std::string csv_of(const Table& table);
// Of a table in a finding that was kept as JSON.
std::string csv_of(const nlohmann::ordered_json& table);

std::string markdown_of(const Table& table);
// A text of data between other Markdown: as it is, with nothing that would be markup.
std::string markdown_text(std::string_view text);

// An array of one object a row, keyed by the names of the columns.
nlohmann::ordered_json rows_of(const Table& table);

}  // namespace cotejo
