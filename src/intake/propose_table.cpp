#include "propose_table.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "cotejo/base/text.hpp"

namespace cotejo::proposing {

void CompactIds::push_wide(TextId id) {
  if (wide_.empty()) {
    wide_.reserve(std::max<std::size_t>(narrow_.capacity(), 16));
    wide_.assign(narrow_.begin(), narrow_.end());
    std::vector<std::uint16_t>().swap(narrow_);
  }
  wide_.push_back(id);
}

Texts::Texts() : ends_{0, 0}, times_{0}, slots_(16) {}

TextId Texts::add(std::string_view text) {
  if (text.empty()) {
    ++times_[0];
    return 0;
  }
  if (last_ != 0 && (*this)[last_] == text) {
    ++times_[last_];
    return last_;
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = std::hash<std::string_view>{}(text)&mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    last_ = slots_[at] - 1;
    if ((*this)[last_] == text) {
      ++times_[last_];
      return last_;
    }
  }
  last_ = static_cast<TextId>(times_.size());
  slots_[at] = last_ + 1;
  bytes_ += text;
  ends_.push_back(bytes_.size());
  times_.push_back(1);
  if (times_.size() * 2 > slots_.size()) grow();
  return last_;
}

void Texts::grow() {
  slots_.assign(slots_.size() * 4, 0);
  const std::size_t mask = slots_.size() - 1;
  for (TextId id = 1; id < times_.size(); ++id) {
    std::size_t at = std::hash<std::string_view>{}((*this)[id]) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = id + 1;
  }
}

namespace {

constexpr std::size_t rows_between_reports = 4'096;

std::vector<TableColumn> columns_of(const std::vector<std::string>& header) {
  std::vector<TableColumn> out;
  std::map<std::string, std::size_t> repeats, seen;
  for (const auto& title : header) ++repeats[title];
  for (std::size_t c = 0; c < header.size(); ++c) {
    auto& column = out.emplace_back();
    column.title = header[c];
    const auto number = ++seen[header[c]];
    column.name = header[c].empty()        ? "#" + std::to_string(c + 1)
                  : repeats[header[c]] > 1 ? header[c] + "#" + std::to_string(number)
                                           : header[c];
    column.words = words_of(header[c]);
  }
  return out;
}

std::size_t bytes_of(const Table& table) {
  std::size_t out = 0;
  for (const auto& column : table.columns) out += column.ids.bytes() + column.texts.bytes();
  return out;
}

bool is_header_again(const std::vector<TableColumn>& columns, std::span<const std::string_view> cells) {
  bool any = false;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (trimmed(cells[c]) != columns[c].title) return false;
    any = any || !columns[c].title.empty();
  }
  return any;
}

}  // namespace

Result<Table> read_table(const std::filesystem::path& file, const SourceFormat& format, const Context& context) {
  COTEJO_TRY(records, Records::open(file, format));
  Table out;
  out.columns = columns_of(records.header());
  for (;;) {
    COTEJO_TRY(more, records.next());
    if (!more) break;
    if (out.rows % rows_between_reports == 0) {
      if (context.cancelled()) return cancelled_error();
      context.report("looking at " + records.short_name(), records.fraction());
      if (bytes_of(out) > most_bytes) {
        out.all_rows = false;
        break;
      }
    }
    if (records.fault()) {  // the import will name it
      ++out.broken;
      continue;
    }
    const auto cells = records.cells();
    if (is_header_again(out.columns, cells)) {
      ++out.repeated_headers;
      continue;
    }
    ++out.rows;
    for (std::size_t c = 0; c < out.columns.size(); ++c) {
      auto& column = out.columns[c];
      column.ids.push_back(column.texts.add(trimmed(cells[c])));
    }
  }
  if (out.rows == 0)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file has a header and no rows that can be read",
                 .file = records.name(),
                 .remedy = "Check --separator, --encoding and --header."};
  understand_numbers(out);
  if (!format.fixed.empty())  // there every number is filled with zeros
    for (auto& column : out.columns) column.leading_zeros = false;
  return out;
}

}  // namespace cotejo::proposing
