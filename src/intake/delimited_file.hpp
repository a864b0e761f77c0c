// Records of a delimited text file, plain or in a zip, each checked before anyone sees it.
//
// GDAL parses: every record comes from CSVReadParseLine3L, the parser under GDAL's own CSV driver. The driver's layer
// is not used; why is in docs/decisions/0003-delimited-text-through-gdal.md. This class adds what a recount needs: a
// wrong number of cells, an unclosed quotation mark, a byte that is not of the encoding, NUL, a damaged zip are named,
// never read over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/result.hpp"
#include "gdal_files.hpp"

namespace cotejo {

inline constexpr std::size_t largest_record = 4u << 20;  // bytes of one record
inline constexpr std::size_t most_columns = 10'000;

struct DelimitedFormat {
  std::string_view member = {};  // in a zip; may be empty
  char separator = ',';
  std::string_view encoding = "UTF-8";
};

// Why one record cannot be used; `column` and `value` may be empty.
struct RowFault {
  ErrorCode code = ErrorCode::value_invalid;
  std::string message, column, value, remedy;
};

class DelimitedFile {
 public:
  // Reads the header. Errors: file_missing, file_damaged (empty, not text, not of the encoding, too large a record, too
  // many columns). `scope` must outlive the file.
  static Result<DelimitedFile> open(const gdal::Scope& scope, const std::filesystem::path& path,
                                    const DelimitedFormat& format);
  DelimitedFile(DelimitedFile&&) noexcept;
  DelimitedFile& operator=(DelimitedFile&&) noexcept;
  ~DelimitedFile();

  // Column names from left to right, without blanks at the ends; may repeat and may be empty.
  const std::vector<std::string>& header() const;

  // The column that `name` means (docs/formats/profile.md): the name as it stands in the header; else `NAME#2`, the
  // second column of that name, or `#7`, the seventh column; else the one column that has this name when runs of blanks
  // and line breaks count as one blank. Errors: column_missing (with the nearest name; or several columns have the
  // name).
  Result<std::size_t> column(std::string_view name) const;

  // Goes to the next record that is not blank (no cell, or only empty cells). False at the end of the file.
  // Errors: file_damaged for what makes the rest of the file unreadable.
  Result<bool> next();

  // The record's cells, quotation marks removed, blanks kept; valid until the next call of next(). After a fault there
  // may be too few.
  std::span<const std::string_view> cells() const;
  // What is wrong with the record as a record.
  std::optional<RowFault> fault() const;
  // Number of the record, the header being 1; blank records count.
  std::int64_t row() const;
  // How much of the file has been read, 0..1.
  double fraction() const;

  // "FOLDER/FILE.zip/MEMBER", for errors, and "FILE.zip/MEMBER", for what is kept.
  const std::string& name() const;
  const std::string& short_name() const;

 private:
  struct State;
  explicit DelimitedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo
