// The records of one published file, whatever its format, as rows of text cells under one header.
//
// Formats, known by content: delimited text (plain, gzip, or a member of a zip), XLSX and ODS sheets, SQLite and
// GeoPackage tables; and PostgreSQL tables, known by a path that begins with "postgresql:". Sheets and delimited text
// may have title rows above the header and a header of several rows; merged cells of the upper ones hold for the
// columns to the right until the next text. Layers with points have two more columns, "@longitude" and "@latitude"
// (degrees, WGS 84).
//
// Lines of fixed width have their columns from the profile. Where rows and columns change places, the file's columns are
// the rows, counted from 1, and the file is held in memory: at most 10,000 rows, 4,000,000 cells and 64 MiB.
//
// Row numbers count records from 1, blank ones too; in a database table the first row is 1, elsewhere the header counts.
//
// Errors of open and next: cancelled, usage (a database where none is allowed), file_missing, file_damaged (empty, not of
// its format, not of the encoding, truncated, over the bounds below), column_missing. A row that cannot be used as a row is no error but a fault().
//
// One at a time on a thread, or closed in the reverse order of opening (GDAL keeps its error handlers as a stack).
// Verified in src/intake/tests: reader_test, damage_test, formats_test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/error.hpp"
#include "cotejo/base/result.hpp"

namespace cotejo {

inline constexpr std::size_t largest_record = 4u << 20;  // bytes of one record
inline constexpr std::size_t most_columns = 10'000;
inline constexpr std::int64_t most_header_rows = 10, last_header_row = 1'000;

// A column of a file of fixed width: `length` characters from the character `from` on, the first being 1.
struct FixedColumn {
  std::string name;
  std::size_t from = 1, length = 1;
};

// Whether a path may be the address of a database. Only a person who types an address may allow it; no document can.
// `address` connects with what the address says and nothing else; `address_and_credentials` also with the environment
// (PGPASSWORD and its like) and ~/.pgpass.
enum class DatabaseUse { refused, address, address_and_credentials };

// How a file is to be opened: the profile's [file], and what only the caller can say.
struct SourceFormat {
  std::string member;                // in a zip; may be empty when there is one
  std::string table;                 // sheet, layer or table; may be empty when there is one; "*": all sheets
  std::vector<std::string> order{};  // columns that a database is asked to sort by
  std::string encoding = "UTF-8";    // of delimited text
  char separator = ',';
  // The first row of the header, and how many it has; 0: the file has none, and its columns are #1, #2, ...
  std::int64_t header_row = 1, header_rows = 1;
  std::vector<FixedColumn> fixed{};  // not empty: lines of fixed width, of which the first `header_row` are passed over
  std::string section{};             // the rows below this title of a sheet made for print; "*": all, with their title
  bool transposed = false;           // rows and columns change places before anything else
  DatabaseUse database = DatabaseUse::refused;
  std::stop_token cancel{};  // ends the reading within a second (Error: cancelled)
};

// Why one record cannot be used; `column` and `value` may be empty.
struct RowFault {
  ErrorCode code = ErrorCode::value_invalid;
  std::string message, column, value, remedy;
};

// The rows of one format, before anyone knows which of them is the header.
class RawRecords {
 public:
  virtual ~RawRecords() = default;
  // Goes to the next record; false at the end. A record's cells stay until the next call.
  virtual Result<bool> read() = 0;
  virtual std::span<const std::string_view> cells() const = 0;
  // What is wrong with the record as a record (not its number of cells); `column` is left empty, `cell` says which.
  virtual std::optional<RowFault> fault(std::size_t& cell) const = 0;
  virtual std::int64_t row() const = 0;
  virtual double fraction() const = 0;
  // "FOLDER/FILE.zip/MEMBER", for errors, and "FILE.zip/MEMBER", for what is kept.
  virtual const std::string& name() const = 0;
  virtual const std::string& short_name() const = 0;
  // Column names that the format itself has (a database); empty: they are in the rows.
  virtual std::vector<std::string> names() const { return {}; }
  // Rows may be shorter than the header (a sheet): the missing cells are empty ones.
  virtual bool ragged() const { return false; }
};

// True for "postgresql:...", which is no file.
inline constexpr std::string_view database_prefix = "postgresql:";
bool is_database(std::string_view path);

// Opens a file and finds its format. Nothing is taken for the header yet.
Result<std::unique_ptr<RawRecords>> open_raw(const std::filesystem::path& path, const SourceFormat& format);

class Records {
 public:
  // Reads the header.
  static Result<Records> open(const std::filesystem::path& path, const SourceFormat& format);

  // Column names from left to right, without blanks at the ends; may repeat and may be empty. A header of several rows
  // is joined with " / ".
  const std::vector<std::string>& header() const { return header_; }
  // The column that `name` means (docs/formats/profile.md): the name as it stands in the header; else `NAME#2`, the
  // second column of that name, or `#7`, the seventh column; else the one column that has this name when runs of blanks
  // and line breaks count as one blank. Errors: column_missing (with the nearest name; or several columns have the
  // name).
  Result<std::size_t> column(std::string_view name) const;

  // Goes to the next record that is not blank (no cell, or only empty cells). False at the end of the file.
  Result<bool> next();
  // The record's cells, blanks kept; valid until the next call of next(). After a fault there may be too few.
  std::span<const std::string_view> cells() const { return cells_; }
  std::optional<RowFault> fault() const;
  std::int64_t row() const { return raw_->row(); }
  // How much of the file has been read, 0..1.
  double fraction() const { return raw_->fraction(); }
  const std::string& name() const { return raw_->name(); }
  const std::string& short_name() const { return raw_->short_name(); }

 private:
  Records(std::unique_ptr<RawRecords> raw, const SourceFormat& format)
      : raw_(std::move(raw)), separator_(format.separator), cancel_(format.cancel) {}
  Error error(std::string message, std::string remedy) const;
  Result<void> read_header(const SourceFormat& format);
  Result<void> number_columns();

  std::unique_ptr<RawRecords> raw_;
  char separator_;
  std::stop_token cancel_;
  std::vector<std::string> header_, plain_header_;
  std::span<const std::string_view> cells_;
  std::vector<std::string_view> padded_;
  bool first_is_read_ = false;  // the first row of a file without a header, not yet given by next()
};

}  // namespace cotejo
