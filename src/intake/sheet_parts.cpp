#include "sheet_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

bool is_blank(std::span<const std::string_view> cells) {
  return std::all_of(cells.begin(), cells.end(), [](std::string_view cell) { return trimmed(cell).empty(); });
}

// Without blanks at the ends, and without empty cells at the end of the row.
std::vector<std::string> plain(std::span<const std::string_view> cells) {
  std::vector<std::string> out;
  for (const auto cell : cells) out.emplace_back(trimmed(cell));
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

}  // namespace

std::string_view title_of_part(std::span<const std::string_view> cells, std::size_t skipped) {
  std::string_view title;
  for (std::size_t i = skipped; i < cells.size(); ++i) {
    const auto cell = trimmed(cells[i]);
    if (cell.empty()) continue;
    if (!title.empty()) return {};
    title = cell;
  }
  const bool letters = std::any_of(title.begin(), title.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80U;
  });
  return letters ? title : std::string_view();
}

SheetParts::SheetParts(std::unique_ptr<RawRecords> raw, const SourceFormat& format)
    : raw_(std::move(raw)),
      section_(trimmed(format.section)),
      all_sheets_(format.table == all_parts),
      header_row_(format.header_row),
      header_rows_(format.header_rows) {}

bool SheetParts::begins_sheet() {
  if (!all_sheets_ || (begun_ && raw_->cells().front() == sheet_)) return false;
  sheet_ = raw_->cells().front();
  return std::exchange(begun_, true);
}

// Keeps account of titles; false for a row that is one, or stands in no part that is wanted.
bool SheetParts::is_wanted() {
  const std::size_t skipped = all_sheets_ ? 1 : 0;
  if (is_blank(raw_->cells().subspan(std::min(skipped, raw_->cells().size())))) {
    after_blank_ = true;
    after_title_ = false;
    return section_.empty();
  }
  const auto title = section_.empty() ? std::string_view() : title_of_part(raw_->cells(), skipped);
  if (!title.empty() && (after_blank_ || after_title_)) {
    if (!after_title_) {
      title_ = title;
      in_part_ = 0;
      if (section_ == all_parts) is_first_part_ = given_ == 0;
      inside_ = section_ == all_parts || title_ == section_;
      found_ = found_ || inside_;
    }
    after_title_ = true;
    after_blank_ = false;
    return false;
  }
  after_title_ = after_blank_ = false;
  return section_.empty() || section_ == all_parts || inside_;
}

// In a later part: a row of the header, or one above it. Another sheet must have the same header; what stands below
// another title may have none.
Result<bool> SheetParts::is_header_again() {
  const auto header_end = header_row_ - 1 + header_rows_;
  if (header_row_ == 0 || is_first_part_ || in_part_ > header_end) return false;
  const auto now = plain(raw_->cells().subspan(all_sheets_ ? 1 : 0));
  if (section_ == all_parts) return std::find(header_.begin(), header_.end(), now) != header_.end();
  if (in_part_ < header_row_ || now == header_[static_cast<std::size_t>(in_part_ - header_row_)]) return true;
  return Error{.code = ErrorCode::file_damaged,
               .message = fmt::format("sheet '{}' has another header than the first sheet", printable(sheet_, 60)),
               .file = name(),
               .row = row(),
               .remedy = "Name one sheet as `table` under [file]."};
}

void SheetParts::give() {
  const auto cells = raw_->cells();
  const bool names_columns = header_row_ > 0 && given_ + 1 == header_row_ - 1 + header_rows_;
  const bool above_header = header_row_ > 0 && given_ + 1 < header_row_ - 1 + header_rows_;
  if (header_row_ > 0 && given_ + 1 >= header_row_ && (above_header || names_columns))
    header_.push_back(plain(cells.subspan(all_sheets_ ? 1 : 0)));
  cells_.clear();
  const bool blank = is_blank(cells.subspan(std::min<std::size_t>(all_sheets_ ? 1 : 0, cells.size())));
  if (blank && !names_columns) {
    ++given_;
    return;  // stays a blank row
  }
  const auto front = [&](std::string_view name, std::string_view value) {
    cells_.push_back(names_columns ? name : above_header ? std::string_view() : value);
  };
  if (all_sheets_) front("sheet", sheet_);
  if (section_ == all_parts) front("section", title_);
  for (std::size_t i = all_sheets_ ? 1 : 0; i < cells.size(); ++i) cells_.push_back(cells[i]);
  ++given_;
}

Result<bool> SheetParts::read() {
  for (;;) {
    COTEJO_TRY(more, raw_->read());
    if (!more) {
      if (section_.empty() || section_ == all_parts || found_) return false;
      return Error{.code = ErrorCode::file_missing,
                   .message = "no rows stand below a title of this text",
                   .file = name(),
                   .value = section_,
                   .remedy = "Name a title as it stands in the sheet as `section` under [file]."};
    }
    if (begins_sheet()) {
      is_first_part_ = is_first_part_ && given_ == 0;
      title_.clear();
      in_part_ = 0;
      inside_ = false;
      after_blank_ = true;
      after_title_ = false;
    }
    if (!is_wanted()) continue;
    ++in_part_;
    COTEJO_TRY(again, is_header_again());
    if (again) continue;
    give();
    return true;
  }
}

}  // namespace cotejo
