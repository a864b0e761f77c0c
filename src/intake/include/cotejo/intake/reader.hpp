// Published files into counts, crosswalks, arrivals and unit lists, through GDAL's parser of delimited text, plain or in a zip.
//
// Cells: numbers are whole, 0..2,147,483,647; coordinates are degrees, NaN where the cell is empty. A cell that cannot be
// read is `missing` (NaN) and listed in Count::unreadable where it is not an option's; it never takes the votes of its
// row along. An empty cell that a printed total of the return proves to be 0 is 0 (docs/formats/profile.md).
//
// Rows: those that cannot be used are an error (BadRows::refuse: the first one, with how many more there are) or kept
// in Count::rejected with the fewest and the most votes that they can mean (BadRows::set_aside; the formulas are in
// set_aside_votes.hpp). A duplicate unit key is an unusable row under both, unless the profile drops copies; the first
// row with the key stays counted, and the range of the other is the difference that its reading makes. A file of which
// no row can be used is an error under both, and so is a column, not of an option, of which all of ten or more cells are
// no numbers. Records without any text are skipped, but counted.
//
// Files: a zip is known by its content; its only file is taken, or the profile's `member`. Nothing is read from, or
// looked up, beside the file itself. No GDAL driver is registered, GDAL prints nothing, no option is taken from the
// environment.
//
// Errors, each with file, row, column, value and remedy as far as they exist:
//
//   file_missing: no such file, a folder, not readable; no such member of the zip, or several to choose from (listed).
//
//   file_damaged, the file: empty, no rows, zip truncated or damaged, NUL byte, UTF-16, gzip, spreadsheet, a record
//   over 4 MiB, more than 10,000 columns, a quotation mark never closed.
//
//   file_damaged, a row: bytes that are not of the encoding, more or fewer cells than the header, quotation marks that
//   take in separators or line breaks.
//
//   column_missing (with the nearest name; or several columns have the name), value_invalid, unit_duplicate, cancelled.
//
// What cannot be told: a flipped byte in a zip member that is stored unpacked (GDAL compares the checksum of packed
// members only); a text file cut exactly at the end of a row. The plan's hash of the file tells both.
//
// Cost: linear in the file, about 0.1 s for 34,555 rows of 23 columns; memory: the columns. Safe on several threads.
// Verified in src/intake/tests: reader_test, damage_test, profile_vocabulary_test, set_aside_test, real_files_test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

// The count's sha256 is set.
Result<Count> read_count(const Profile& profile, const std::filesystem::path& file, const Context& context);
Result<Crosswalk> read_crosswalk(const Profile& profile, const std::filesystem::path& file, const Context& context);

// Errors besides: value_invalid with the two rows where an order is that of its times sorted as text.
Result<Arrival> read_arrival(const Profile& profile, const std::filesystem::path& file, const Context& context);

// The column `unit` of a CSV file (or its only column), in order, duplicates kept (resolving a challenge names them).
// The separator is "," or, where the header shows it, ";", tab or "|". Errors: as above; column_missing also for a list
// without a header.
Result<std::vector<std::string>> read_unit_list(const std::filesystem::path& file);

}  // namespace cotejo
