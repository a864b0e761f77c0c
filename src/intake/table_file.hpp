// Tables and views of an SQLite or GeoPackage file that a stranger wrote, read through a connection of our own.
//
// The file is never written and nothing beside it is opened: read-only, immutable, one file, no extension. Its schema is
// read first and not trusted: virtual tables and triggers are refused but for those that every GeoPackage has, which are
// never used. A view may read the file's tables with the functions that SQLite calls harmless and that end soon
// (`view_functions` in the source). Every statement has an allowance of steps and of memory, and ends when it is
// cancelled. Why GDAL's own drivers do not open these files: docs/decisions/0024-strangers-tables.md.
//
// Cells are text as in the source: whole numbers as digits, NULL as "", bytes as hexadecimal digits. Points of a
// registered layer are two more columns, "@longitude" and "@latitude" (degrees, WGS 84); the geometry's own column is
// left out. Rows come in the table's own order.
//
// Errors: file_missing (no such table, or several to choose from), file_damaged (no such file, a schema that is refused,
// over the bounds, a log beside the file with changes that it lacks), cancelled.
// Verified in src/intake/tests/table_file_test.cpp and formats_test.cpp; fuzzed by fuzz/layer.cpp.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "cotejo/intake/records.hpp"
#include "layer_file.hpp"

namespace cotejo {

// The file itself, or its bytes where it was packed.
using TableBytes = std::variant<std::filesystem::path, std::shared_ptr<const std::string>>;

// SQLite opens no bytes in memory whose header announces a write-ahead log: the header then announces none. What the
// log held is in the file, for a log that is packed with it cannot be seen here.
void leave_log_mode(std::string& bytes);

Result<std::unique_ptr<RawRecords>> open_table_file(LayerKind kind, TableBytes bytes, std::string name,
                                                    std::string short_name, const SourceFormat& format);

}  // namespace cotejo
