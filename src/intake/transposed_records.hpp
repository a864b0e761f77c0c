// The records of a file with rows and columns in each other's place: units in columns, quantities in rows.
//
// The file is held in memory: at most 10,000 rows (they become columns), 4,000,000 cells and 64 MiB of text. Rows may
// have different lengths; a cell that a row does not have is empty. A row number is then that of the file's column.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cotejo/intake/records.hpp"

namespace cotejo {

class TransposedRecords final : public RawRecords {
 public:
  explicit TransposedRecords(std::unique_ptr<RawRecords> raw) : raw_(std::move(raw)) {}

  // Errors besides those of the file: file_damaged, a cell that cannot be read as text, or the bounds above.
  Result<bool> read() override;
  std::span<const std::string_view> cells() const override { return cells_; }
  std::optional<RowFault> fault(std::size_t&) const override { return std::nullopt; }
  std::int64_t row() const override { return static_cast<std::int64_t>(next_); }
  double fraction() const override;
  const std::string& name() const override { return raw_->name(); }
  const std::string& short_name() const override { return raw_->short_name(); }

 private:
  Result<void> read_all();
  Result<void> take(std::span<const std::string_view> cells);
  Error damaged(std::string message, std::string remedy) const;

  std::unique_ptr<RawRecords> raw_;
  bool is_read_ = false;
  std::string text_;                 // of all cells, row after row
  std::vector<std::uint32_t> ends_;  // of the cells in it
  std::vector<std::size_t> rows_;    // the first cell of each row
  std::size_t width_ = 0, next_ = 0;
  std::vector<std::string_view> cells_;
};

}  // namespace cotejo
