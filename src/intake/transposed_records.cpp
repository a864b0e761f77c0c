#include "transposed_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_cells = 4'000'000;
constexpr std::size_t most_text = 64u << 20;  // bytes

}  // namespace

Error TransposedRecords::damaged(std::string message, std::string remedy) const {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = name(),
          .row = raw_->row(),
          .remedy = std::move(remedy)};
}

Result<void> TransposedRecords::take(std::span<const std::string_view> cells) {
  rows_.push_back(ends_.size());
  if (rows_.size() > most_columns || ends_.size() + cells.size() > most_cells)
    return damaged(fmt::format("more than {} rows or {} cells, which is more than can change places",
                               with_thousands(most_columns), with_thousands(most_cells)),
                   "A file of units in columns is smaller: check `transposed` under [file].");
  for (const auto cell : cells) {
    text_ += cell;
    if (text_.size() > most_text)
      return damaged("more than 64 MiB of text, which is more than can change places",
                     "A file of units in columns is smaller: check `transposed` under [file].");
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  }
  width_ = std::max(width_, cells.size());
  if (width_ * rows_.size() > most_cells)
    return damaged(fmt::format("a row of {} cells beside {} others, which is more than can change places",
                               with_thousands(static_cast<long long>(width_)),
                               with_thousands(static_cast<long long>(rows_.size() - 1))),
                   "A file of units in columns is smaller: check `transposed` under [file].");
  return {};
}

Result<void> TransposedRecords::read_all() {
  if (const auto names = raw_->names(); !names.empty())
    COTEJO_CHECK(take(std::vector<std::string_view>(names.begin(), names.end())));
  for (;;) {
    COTEJO_TRY(more, raw_->read());
    if (!more) break;
    std::size_t cell = 0;
    if (auto fault = raw_->fault(cell)) {
      auto error = damaged(fault->message, fault->remedy);
      error.value = printable(fault->value);
      return error;
    }
    COTEJO_CHECK(take(raw_->cells()));
  }
  is_read_ = true;
  return {};
}

Result<bool> TransposedRecords::read() {
  if (!is_read_) COTEJO_CHECK(read_all());
  if (next_ == width_) return false;
  cells_.clear();
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const auto at = rows_[row] + next_;
    const auto end = row + 1 < rows_.size() ? rows_[row + 1] : ends_.size();
    if (at >= end) {
      cells_.emplace_back();
      continue;
    }
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    cells_.push_back(std::string_view(text_).substr(begin, ends_[at] - begin));
  }
  ++next_;
  return true;
}

double TransposedRecords::fraction() const {
  return width_ == 0 ? 0.0 : static_cast<double>(next_) / static_cast<double>(width_);
}

}  // namespace cotejo
