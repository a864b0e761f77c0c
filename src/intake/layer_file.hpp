// Rows of a sheet (XLSX, ODS) or of a database (PostgreSQL), through GDAL's drivers; tables in files: table_file.hpp. Only the one driver that is wanted may open the source, and what it reads lies under a mount of ours
// (gdal_files.hpp), so that nothing beside the file is looked at.
//
// Cells are text as in the source: whole numbers as digits, dates ISO 8601, formulas as their stored results, NULL and
// empty cells as "". Points of a layer are two more columns, "@longitude" and "@latitude".
//
// A sheet is held in memory while it is read (GDAL's way): its XML may have 1 GiB, 1,048,576 rows, 10,000 columns,
// 50,000,000 cells as rows times the widest row, and 20,000,000 texts.
// Why these bounds: docs/decisions/0010-formats.md.
#pragma once

#include <memory>

#include "cotejo/intake/records.hpp"
#include "gdal_files.hpp"

namespace cotejo {

enum class LayerKind { xlsx, ods, sqlite, geopackage };

// The kind of a file that is no delimited text, from its first bytes (at least 100 where the file has them); a zip is
// looked into.
std::optional<LayerKind> layer_kind_of(std::string_view first_bytes);

// `open` gives the file's bytes as often as it is asked; `names` are for errors and for what is kept.
Result<std::unique_ptr<RawRecords>> open_layer(LayerKind kind, std::uint64_t size, gdal::Mount::Open open,
                                               std::string name, std::string short_name, const SourceFormat& format);

// `path` is "postgresql:" and libpq's connection string.
Result<std::unique_ptr<RawRecords>> open_database(std::string_view path, const SourceFormat& format);

}  // namespace cotejo
