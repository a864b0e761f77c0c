#include "cotejo/intake/records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "cotejo/base/context.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

// A sheet saved as text may end with all the rows that it did not use, 1,048,576.
constexpr std::int64_t most_blank_rows = 2'000'000;

// Runs of blanks, no-break spaces and line breaks as one blank, none at the ends.
std::string with_single_blanks(std::string_view text) {
  std::string out;
  bool blank = false;
  text = trimmed(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\xC2\xA0")) {
      blank = true;
      ++i;
    } else if (std::string_view(" \t\r\n\v\f").find(text[i]) != std::string_view::npos) {
      blank = true;
    } else {
      if (blank) out += ' ';
      blank = false;
      out += text[i];
    }
  }
  return out;
}

std::string ordinal_list(std::string_view name, std::size_t n) {
  return fmt::format("Write '{}#1' for the first of them from the left, up to '{}#{}'.", printable(name),
                     printable(name), n);
}

bool is_blank(std::span<const std::string_view> cells) {
  return std::all_of(cells.begin(), cells.end(), [](std::string_view cell) { return trimmed(cell).empty(); });
}

std::string title_of(const std::vector<std::string>& header, std::size_t i) {
  return i < header.size() && !header[i].empty() ? header[i] : fmt::format("#{}", i + 1);
}

}  // namespace

bool is_database(std::string_view path) {
  return path.starts_with(database_prefix);
}

Error Records::error(std::string message, std::string remedy) const {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = name(),
          .row = row(),
          .remedy = std::move(remedy)};
}

Result<Records> Records::open(const std::filesystem::path& path, const SourceFormat& format) {
  auto raw = open_raw(path, format);
  if (format.cancel.stop_requested()) return cancelled_error();
  if (!raw) return std::move(raw).error();
  Records out(std::move(*raw), format);
  if (auto header = out.read_header(format); !header)
    return format.cancel.stop_requested() ? cancelled_error() : std::move(header).error();
  return out;
}

Result<void> Records::read_header(const SourceFormat& format) {
  header_ = raw_->names();
  for (std::int64_t i = 0; !format.fixed.empty() && i < format.header_row; ++i) {
    COTEJO_TRY(more, raw_->read());
    if (!more) return error("the file ends within the lines that are passed over", "Check `header` under [file].");
  }
  if (header_.empty() && format.header_row == 0) {
    COTEJO_CHECK(number_columns());
  } else if (header_.empty()) {
    for (std::int64_t i = 1; i < format.header_row; ++i) {
      COTEJO_TRY(more, raw_->read());
      if (!more) return error("the file ends above its header", "Check `header` under [file].");
    }
    std::vector<std::vector<std::string>> rows;
    for (std::int64_t i = 0; i < format.header_rows; ++i) {
      COTEJO_TRY(more, raw_->read());
      const auto cells = raw_->cells();
      if (!more || (is_blank(cells) && format.header_rows == 1 && cells.size() <= 1))
        return error("the file has no header: its header row is empty",
                     "Name the row of the header as `header` under [file].");
      if (cells.size() > most_columns)
        return error(fmt::format("{} columns; at most {} are read",
                                 with_thousands(static_cast<long long>(cells.size())), with_thousands(most_columns)),
                     "Check `separator` under [file].");
      std::size_t cell = 0;
      if (auto fault = raw_->fault(cell)) {
        Error out = error("in the header: " + fault->message, fault->remedy);
        out.code = fault->code;
        out.column = title_of({}, cell);
        out.value = fault->value;
        return out;
      }
      auto& row = rows.emplace_back();
      for (const auto text : cells) row.emplace_back(trimmed(text));
    }
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row.size());
    header_.resize(width);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& row = rows[i];
      row.resize(width);
      std::string merged;
      for (std::size_t c = 0; c < width; ++c) {
        if (i + 1 < rows.size() && row[c].empty()) row[c] = merged;
        merged = row[c];
        if (row[c].empty() || (i > 0 && row[c] == rows[i - 1][c])) continue;
        header_[c] += (header_[c].empty() ? "" : " / ") + row[c];
      }
    }
  }
  if (header_.size() > most_columns)
    return error(fmt::format("{} columns; at most {} are read", with_thousands(static_cast<long long>(header_.size())),
                             with_thousands(most_columns)),
                 "Name a table with fewer columns.");
  for (const auto& title : header_) plain_header_.push_back(with_single_blanks(title));
  return {};
}

// A file without a header: its columns are #1, #2, ..., as many as its first row has.
Result<void> Records::number_columns() {
  for (std::int64_t blank = 0;; ++blank) {
    COTEJO_TRY(more, raw_->read());
    if (!more || blank == most_blank_rows) return error("the file has no rows", "Get the file again.");
    if (!is_blank(raw_->cells())) break;
  }
  first_is_read_ = true;
  for (std::size_t i = 1; i <= std::min(raw_->cells().size(), most_columns + 1); ++i)
    header_.push_back(fmt::format("#{}", i));
  return {};
}

Result<bool> Records::next() {
  for (std::int64_t blank = 0;; ++blank) {
    if (!std::exchange(first_is_read_, false)) {
      auto more = raw_->read();
      // A stopped stream ends early: what it looks like then is not what the file is.
      if (cancel_.stop_requested()) return cancelled_error();
      if (!more || !*more) return more;
    }
    cells_ = raw_->cells();
    if (is_blank(cells_)) {
      if (blank < most_blank_rows) continue;
      return error(fmt::format("more than {} blank rows in succession", with_thousands(most_blank_rows)),
                   "Remove them: no list of results has so many.");
    }
    if (cells_.size() != header_.size() && raw_->ragged()) {
      // A sheet has no widths: cells to the right of the header belong to no column.
      padded_.assign(cells_.begin(),
                     cells_.begin() + static_cast<std::ptrdiff_t>(std::min(cells_.size(), header_.size())));
      padded_.resize(header_.size());
      cells_ = padded_;
    }
    return true;
  }
}

std::optional<RowFault> Records::fault() const {
  std::size_t cell = 0;
  if (auto fault = raw_->fault(cell)) {
    fault->column = title_of(header_, cell);
    return fault;
  }
  if (cells_.size() == header_.size()) return std::nullopt;
  return RowFault{
      ErrorCode::file_damaged,
      fmt::format("expected {}, as in the header, found {}", counted(header_.size(), "cell"), cells_.size()),
      {},
      {},
      cells_.size() > header_.size() ? "A separator may stand in a cell that is not quoted."
                                     : "The row may be cut short."};
}

Result<std::size_t> Records::column(std::string_view name) const {
  const auto& header = header_;
  const auto wanted = trimmed(name);
  const auto all_of = [](const std::vector<std::string>& titles, std::string_view title) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < titles.size(); ++i)
      if (titles[i] == title) found.push_back(i);
    return found;
  };
  const auto missing = [&](std::string message, std::string remedy) {
    return Error{.code = ErrorCode::column_missing,
                 .message = std::move(message),
                 .file = this->name(),
                 .row = 1,
                 .column = std::string(name),
                 .remedy = std::move(remedy)};
  };

  const auto exact = all_of(header, wanted);
  if (exact.size() == 1) return exact[0];
  if (exact.size() > 1)
    return missing(fmt::format("{} columns have this name", exact.size()), ordinal_list(wanted, exact.size()));

  if (const auto mark = wanted.rfind('#'); mark != std::string_view::npos && mark + 1 < wanted.size()) {
    std::size_t number = 0;
    const auto [end, status] = std::from_chars(wanted.data() + mark + 1, wanted.data() + wanted.size(), number);
    if (status == std::errc{} && end == wanted.data() + wanted.size() && number > 0) {
      const auto title = trimmed(wanted.substr(0, mark));
      if (title.empty() && number <= header.size()) return number - 1;
      auto found = all_of(header, title);
      if (found.empty()) found = all_of(plain_header_, with_single_blanks(title));
      if (!title.empty() && number <= found.size()) return found[number - 1];
    }
  }

  const auto plain = all_of(plain_header_, with_single_blanks(wanted));
  if (plain.size() == 1) return plain[0];
  if (plain.size() > 1)
    return missing(fmt::format("{} columns have this name when runs of blanks count as one", plain.size()),
                   ordinal_list(wanted, plain.size()));

  std::vector<std::string> candidates;
  for (const auto& title : plain_header_)
    if (!title.empty() && title.size() <= 300) candidates.push_back(title);
  const auto near = wanted.size() <= 300 ? nearest_name(wanted, candidates) : "";
  if (!near.empty()) return missing("the file has no such column", fmt::format("Did you mean '{}'?", printable(near)));
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min<std::size_t>(candidates.size(), 12); ++i)
    shown.push_back(fmt::format("'{}'", printable(candidates[i], 60)));
  std::string remedy =
      fmt::format("It has {}{}.", fmt::join(shown, ", "),
                  header.size() > shown.size() ? fmt::format(" and {} more", header.size() - shown.size()) : "");
  if (header.size() == 1)
    for (const char separator : {';', '|', '\t', ','})
      if (separator != separator_ && header[0].find(separator) != std::string::npos) {
        remedy = fmt::format("The header is one cell; write separator = \"{}\" under [file].",
                             separator == '\t' ? std::string("\\t") : std::string(1, separator));
        break;
      }
  return missing("the file has no such column", std::move(remedy));
}

}  // namespace cotejo
