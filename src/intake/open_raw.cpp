// Finds the format of a published file by its content and opens it.
#include "delimited_file.hpp"
#include "layer_file.hpp"
#include "published_bytes.hpp"
#include "sheet_parts.hpp"
#include "table_file.hpp"
#include "transposed_records.hpp"

namespace cotejo {

namespace {

constexpr std::uint64_t largest_in_memory = 512u << 20;

Result<std::unique_ptr<RawRecords>> open_as_it_stands(const std::filesystem::path& path, const SourceFormat& format) {
  if (is_database(path.string())) return open_database(path.string(), format);
  COTEJO_TRY(bytes, open_published(path, format.member, format.cancel));
  const auto layer = [&](LayerKind kind, std::uint64_t size, gdal::Mount::Open open) {
    return open_layer(kind, size, std::move(open), bytes.name, bytes.short_name, format);
  };
  const auto sheet = [](gdal::ZipKind kind) { return kind == gdal::ZipKind::ods ? LayerKind::ods : LayerKind::xlsx; };
  const auto from_file = [path, cancel = format.cancel] { return reopened(path, cancel); };
  if (bytes.zip != gdal::ZipKind::other) return layer(sheet(bytes.zip), bytes.stream->size(), from_file);
  const auto kind = layer_kind_of(bytes.first);
  const bool is_zip_inside = bytes.packed && bytes.first.starts_with("PK\3\4");
  if (!kind && !is_zip_inside) return DelimitedFile::open(std::move(bytes), format);
  if (!bytes.packed) return open_table_file(*kind, path, bytes.name, bytes.short_name, format);

  // Sheets and tables are read at random, which a packed file does not allow.
  COTEJO_TRY(memory, read_into_memory(bytes, largest_in_memory));
  if (kind) leave_log_mode(*memory);
  const auto open = [memory, cancel = format.cancel]() { return stream_of(memory, cancel); };
  if (kind) return open_table_file(*kind, memory, bytes.name, bytes.short_name, format);
  const bool too_many = gdal::lists_too_many(*open());
  const auto inner = too_many ? gdal::ZipKind::other : gdal::zip_kind_of(memory->size(), open);
  if (inner == gdal::ZipKind::other)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file inside is a zip again, and no spreadsheet",
                 .file = bytes.name,
                 .remedy = "Unpack the outer file and name the inner one."};
  return layer(sheet(inner), memory->size(), open);
}

}  // namespace

Result<std::unique_ptr<RawRecords>> open_raw(const std::filesystem::path& path, const SourceFormat& format) {
  COTEJO_TRY(as_it_stands, open_as_it_stands(path, format));
  std::unique_ptr<RawRecords> raw = std::move(as_it_stands);
  if (!format.section.empty() || format.table == all_parts) raw = std::make_unique<SheetParts>(std::move(raw), format);
  if (format.transposed) return std::unique_ptr<RawRecords>(std::make_unique<TransposedRecords>(std::move(raw)));
  return raw;
}

}  // namespace cotejo
