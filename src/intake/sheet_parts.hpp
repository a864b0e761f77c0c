// Parts of a sheet made for print: the rows below one title, or all of them with their title; and the rows of several
// sheets, one sheet below the other.
//
// A title is a row with a text in one cell alone, at the beginning, below a blank row or below another title; of titles in
// succession the first names the part. Titles are no rows of the part. With `section` a title, only the rows below it (in
// each sheet) are given; with "*" all rows are, and a column "section" in front holds the title that they stand below. With
// all sheets a column "sheet" before it holds the sheet's name. The header stands in the first part; where it comes again
// at the beginning of another part it is passed over, and another sheet must begin with the same header.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cotejo/intake/records.hpp"

namespace cotejo {

inline constexpr const char* all_parts = "*";

// The one text of a row that is a title; empty if it is none. The first `skipped` cells do not count.
std::string_view title_of_part(std::span<const std::string_view> cells, std::size_t skipped = 0);

class SheetParts final : public RawRecords {
 public:
  // `format.table` is "*" (then the first cell of `raw` is the sheet's name), or `format.section` is not empty.
  SheetParts(std::unique_ptr<RawRecords> raw, const SourceFormat& format);

  // Errors besides those of the file: file_missing (no part has this title), file_damaged (sheets with different headers).
  Result<bool> read() override;
  std::span<const std::string_view> cells() const override { return cells_; }
  std::optional<RowFault> fault(std::size_t& cell) const override { return raw_->fault(cell); }
  std::int64_t row() const override { return raw_->row(); }
  double fraction() const override { return raw_->fraction(); }
  const std::string& name() const override { return raw_->name(); }
  const std::string& short_name() const override { return raw_->short_name(); }
  bool ragged() const override { return true; }  // cells at the end of a row for print may be missing

 private:
  bool begins_sheet();
  bool is_wanted();
  Result<bool> is_header_again();
  void give();

  std::unique_ptr<RawRecords> raw_;
  std::string section_;
  bool all_sheets_;
  std::int64_t header_row_, header_rows_;
  std::string sheet_, title_;
  bool begun_ = false, is_first_part_ = true, inside_ = false, found_ = false, after_blank_ = true,
       after_title_ = false;
  std::int64_t given_ = 0, in_part_ = 0;  // rows given in all, and since the last sheet or title
  std::vector<std::vector<std::string>> header_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> cells_;
};

}  // namespace cotejo
