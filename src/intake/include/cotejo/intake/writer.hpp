// Counts and unit lists as CSV (RFC 4180, UTF-8, CR LF) that a profile can read back. A file is written beside its
// place (NAME.part) and moved there when it is whole. Verified in src/intake/tests/writer_test.cpp: what is written is
// read back with the same content hash, except that csv_cell() puts an apostrophe before some texts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo {

// Columns: unit, one per level of the hierarchy (and LEVEL_code where its places have codes), latitude, longitude,
// registered, cast, valid, blank, null (those that the count has), one per option, one per field. Missing cells are
// empty. Errors: file_write.
Result<void> write_count_csv(const Count& count, const std::filesystem::path& file);
Result<void> write_unit_list(const std::vector<std::string>& keys, const std::filesystem::path& file);

// One CSV cell: quoted where needed, and a cell that a spreadsheet would run (=, +, -, @, tab, return first) prefixed
// with an apostrophe unless it is a number.
std::string csv_cell(std::string_view text);

}  // namespace cotejo
