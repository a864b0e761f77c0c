#include "delimited_file.hpp"

#include <cpl_csv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

// Why a stream ends before its source does.
enum class Stop { none, nul_byte, utf16, record_too_large };

// The bytes of the file as GDAL's parser gets them: in UTF-8, free of NUL (at which the parser would cut a line without
// a word), and no more than `largest_record` of them since the record began.
class CheckedText final : public gdal::Bytes {
 public:
  CheckedText(std::unique_ptr<gdal::Bytes> source, std::vector<std::string> upper_half)
      : source_(std::move(source)), upper_half_(std::move(upper_half)), raw_(chunk) {}

  std::size_t read(void* to, std::size_t bytes) override {
    std::size_t done = 0;
    while (done < bytes) {
      const std::size_t offset = at_ - begin_;
      if (offset == text_.size()) {
        if (!refill()) break;
        continue;
      }
      const std::size_t part = std::min(bytes - done, text_.size() - offset);
      std::memcpy(static_cast<char*>(to) + done, text_.data() + offset, part);
      done += part;
      at_ += part;
    }
    return done;
  }
  // The parser steps back by less than a line's chunk; the last `kept` bytes are there for it.
  bool seek(std::uint64_t offset) override {
    if (offset < begin_ || offset > begin_ + text_.size()) return false;
    at_ = offset;
    return true;
  }
  std::uint64_t tell() const override { return at_; }
  std::uint64_t size() const override { return ended_ ? begin_ + text_.size() : UINT64_MAX; }

  void begin_record() { record_begin_ = at_; }
  // The bytes since begin_record().
  std::string_view record() const {
    return std::string_view(text_).substr(record_begin_ - begin_, at_ - record_begin_);
  }
  // Every byte that there will be has been read.
  bool exhausted() const { return ended_ && at_ == begin_ + text_.size(); }
  Stop stop() const { return stop_; }
  bool ends_within_a_line() const { return !text_.empty() && text_.back() != '\n' && text_.back() != '\r'; }
  bool odd_quotation_marks() const { return odd_quotes_; }
  std::uint64_t source_read() const { return source_read_; }
  std::uint64_t source_size() const { return source_->size(); }

 private:
  static constexpr std::size_t chunk = 1u << 16, kept = 1u << 12;

  bool refill() {
    if (ended_) return false;
    if (begin_ + text_.size() - record_begin_ > largest_record) return end(Stop::record_too_large);
    std::size_t got = source_->read(raw_.data(), raw_.size());
    if (source_read_ == 0 && got >= 2 &&
        (std::memcmp(raw_.data(), "\xFF\xFE", 2) == 0 || std::memcmp(raw_.data(), "\xFE\xFF", 2) == 0))
      return end(Stop::utf16);
    source_read_ += got;
    if (got == 0) return end(Stop::none);
    if (const void* nul = std::memchr(raw_.data(), '\0', got)) {
      got = static_cast<std::size_t>(static_cast<const char*>(nul) - raw_.data());
      end(Stop::nul_byte);
    }
    if (text_.size() > kept) {  // the record so far stays
      const auto past = std::min<std::uint64_t>(text_.size() - kept, record_begin_ - begin_);
      text_.erase(0, past);
      begin_ += past;
    }
    const std::string_view raw(raw_.data(), got);
    odd_quotes_ ^= std::count(raw.begin(), raw.end(), '"') % 2 != 0;
    if (upper_half_.empty()) {
      text_ += raw;
    } else {
      for (const char byte : raw) {
        const auto value = static_cast<unsigned char>(byte);
        if (value < 0x80)
          text_ += byte;
        else
          text_ += upper_half_[value - 0x80U];
      }
    }
    return got > 0;
  }
  bool end(Stop why) {
    stop_ = why;
    ended_ = true;
    return false;
  }

  std::unique_ptr<gdal::Bytes> source_;
  std::vector<std::string> upper_half_;
  std::vector<char> raw_;
  std::string text_;  // what lies from begin_ on
  std::uint64_t begin_ = 0, at_ = 0, record_begin_ = 0, source_read_ = 0;
  bool ended_ = false, odd_quotes_ = false;
  Stop stop_ = Stop::none;
};

bool is_ascii(std::string_view text) {
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
  return (bits & 0x8080808080808080U) == 0;
}

// Takes the quotation marks off a cell as the parser gives it. False when they stand where they swallow separators or
// line breaks, which may have ended a cell or a record. Marks in the middle of an unquoted cell (ESC. "SOROMA") are
// text and stay.
bool unquote(std::string_view& cell, char separator) {
  if (cell.find('"') == std::string_view::npos) return true;
  const std::string_view inner = trimmed(cell);
  const auto swallows = [&](std::string_view text) {
    return text.find(separator) != std::string_view::npos || text.find('\n') != std::string_view::npos;
  };
  if (inner.size() < 2 || inner.front() != '"' || inner.back() != '"') return !swallows(cell);
  cell = inner.substr(1, inner.size() - 2);
  return true;
}

}  // namespace

struct DelimitedFile::State {
  gdal::Scope scope;
  std::string name, short_name;
  std::string encoding;
  bool zipped = false;
  CheckedText* text = nullptr;  // owned by `file`
  std::unique_ptr<gdal::Mount> mount;
  gdal::File file;
  char separator[2] = {',', '\0'};

  CPLStringList tokens;
  std::vector<std::string_view> cells;
  std::int64_t row = 0;
  std::optional<RowFault> fault;
  std::size_t fault_cell = 0;

  Error damaged(std::string message, std::string remedy) const {
    return {.code = ErrorCode::file_damaged,
            .message = std::move(message),
            .file = name,
            .row = row,
            .remedy = std::move(remedy)};
  }

  // The error that the end of the stream stands for, if it is not the end of the file.
  std::optional<Error> early_end() const {
    switch (text->stop()) {
      case Stop::nul_byte:
        return damaged("a NUL byte, which no text file has",
                       "The file is damaged, or is not text: a spreadsheet or UTF-16. Save it as CSV in UTF-8.");
      case Stop::utf16:
        return damaged("the file is UTF-16", "Save it as CSV in UTF-8.");
      case Stop::record_too_large:
        return damaged(fmt::format("a record of more than {} bytes", with_thousands(largest_record)),
                       "A quotation mark may be opened and not closed, or the file may not be delimited text.");
      case Stop::none:
        break;
    }
    if (zipped && (!scope.failure().empty() || text->source_read() != text->source_size()))
      return damaged(
          fmt::format("the zip's member cannot be unpacked to its end: {} of {} bytes{}",
                      with_thousands(static_cast<long long>(text->source_read())),
                      with_thousands(static_cast<long long>(text->source_size())),
                      scope.failure().empty() ? "" : fmt::format(" (GDAL: {})", printable(scope.failure()))),
          "The zip is damaged, protected by a password, or packed by another method than deflate. Get it again and "
          "compare its SHA-256.");
    if (!zipped && text->source_read() < text->source_size())
      return damaged("the file cannot be read to its end", "Copy it to another disk and try again.");
    if (!scope.failure().empty())
      return damaged(fmt::format("GDAL cannot read it: {}", printable(scope.failure())), "Check the file.");
    if (text->odd_quotation_marks()) {
      auto error = damaged("a quotation mark is opened and never closed",
                           "Close it, or double it where it is part of the text.");
      --error.row;  // it took in the rest of the file, so that the record before the end is the one
      return error;
    }
    return std::nullopt;
  }

  // One record into `cells`; false at the end.
  Result<bool> read() {
    text->begin_record();
    const bool keep_quotation_marks = true;
    tokens = CPLStringList(CSVReadParseLine3L(file.get(), 0, separator, true, keep_quotation_marks, false, true), TRUE);
    ++row;
    fault.reset();
    cells.clear();
    if (tokens.List() == nullptr) {
      if (auto error = early_end()) return std::move(*error);
      return false;
    }
    if (text->exhausted() &&
        (text->stop() == Stop::record_too_large || (text->stop() != Stop::none && text->ends_within_a_line())))
      return std::move(*early_end());
    for (char** token = tokens.List(); *token != nullptr; ++token) cells.emplace_back(*token);
    return true;
  }

  // Takes the quotation marks off and finds what is wrong with the cells.
  void check_cells() {
    constexpr auto swallowed =
        "a quotation mark inside the cell takes in separators or line breaks, and perhaps other rows";
    constexpr auto double_them = "Quote the whole cell and double the marks inside it.";
    std::size_t with_break = cells.size();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!unquote(cells[i], separator[0])) {
        refuse_cell(i, swallowed, double_them);
      } else if (!is_ascii(cells[i]) && !is_utf8(cells[i])) {
        refuse_cell(i, fmt::format("expected text in {}, found bytes that are not", encoding),
                    encoding == "UTF-8"
                        ? "Name the file's encoding as `encoding` under [file], for example \"windows-1252\"."
                        : "Check `encoding` under [file].");
      }
      if (with_break == cells.size() && std::memchr(cells[i].data(), '\n', cells[i].size()) != nullptr) with_break = i;
    }
    if (with_break == cells.size() || fault) return;
    // A cell may hold line breaks. Where the record has fewer marks than these cells have when each mark inside is
    // doubled, rows have run together in it instead.
    const auto marks = [](std::string_view in) {
      return static_cast<std::size_t>(std::count(in.begin(), in.end(), '"'));
    };
    std::size_t expected = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool was_quoted = std::strlen(tokens[static_cast<int>(i)]) != cells[i].size();
      expected += was_quoted ? 2 + 2 * marks(cells[i]) : marks(cells[i]);
    }
    if (marks(text->record()) != expected) refuse_cell(with_break, swallowed, double_them);
  }
  void refuse_cell(std::size_t i, std::string message, std::string remedy) {
    if (fault) return;
    fault = RowFault{ErrorCode::file_damaged, std::move(message), {}, std::string(cells[i]), std::move(remedy)};
    fault_cell = i;
  }
};

DelimitedFile::DelimitedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
DelimitedFile::~DelimitedFile() = default;

Result<bool> DelimitedFile::read() {
  auto more = state_->read();
  if (more && *more) state_->check_cells();
  return more;
}
std::span<const std::string_view> DelimitedFile::cells() const {
  return state_->cells;
}
std::optional<RowFault> DelimitedFile::fault(std::size_t& cell) const {
  cell = state_->fault_cell;
  return state_->fault;
}
std::int64_t DelimitedFile::row() const {
  return state_->row;
}
const std::string& DelimitedFile::name() const {
  return state_->name;
}
const std::string& DelimitedFile::short_name() const {
  return state_->short_name;
}
double DelimitedFile::fraction() const {
  const auto size = static_cast<double>(state_->text->source_size());
  return size > 0 ? std::min(1.0, static_cast<double>(state_->text->source_read()) / size) : 1.0;
}

Result<std::unique_ptr<RawRecords>> DelimitedFile::open(const std::filesystem::path& path, const SourceFormat& format) {
  auto state = std::make_unique<State>();
  state->encoding = format.encoding;
  state->separator[0] = format.separator;
  state->name = path.string();
  state->short_name = path.filename().string();

  COTEJO_TRY(plain, gdal::open_file(path));
  std::unique_ptr<gdal::Bytes> bytes = std::move(plain);
  char magic[4] = {};
  const std::size_t got = bytes->read(magic, sizeof magic);
  bytes->seek(0);
  if (got == 0) return state->damaged("the file is empty", "Get the file again.");
  if (got >= 2 && std::memcmp(magic, "\x1F\x8B", 2) == 0)
    return state->damaged("the file is packed with gzip", "Unpack it, or pack it as zip.");
  if (got == 4 && (std::memcmp(magic, "PK\3\4", 4) == 0 || std::memcmp(magic, "PK\5\6", 4) == 0)) {
    bytes.reset();
    COTEJO_TRY(member, gdal::open_member(path, format.member));
    state->zipped = true;
    state->name += "/" + member.name;
    state->short_name += "/" + member.name;
    bytes = std::move(member.bytes);
    if (bytes->size() == 0) return state->damaged("the file in the zip is empty", "Get the file again.");
  }

  auto text = std::make_unique<CheckedText>(std::move(bytes), gdal::upper_half_of(format.encoding));
  state->text = text.get();
  state->mount = std::make_unique<gdal::Mount>(UINT64_MAX, [text = text.release()]() -> std::unique_ptr<gdal::Bytes> {
    return std::unique_ptr<gdal::Bytes>(text);
  });
  state->file.reset(VSIFOpenL(state->mount->path().c_str(), "rb"));
  if (!state->file)
    return Error{.code = ErrorCode::internal, .message = "GDAL does not open a mounted stream", .file = state->name};
  return std::unique_ptr<RawRecords>(new DelimitedFile(std::move(state)));
}

Result<std::unique_ptr<RawRecords>> open_raw(const std::filesystem::path& path, const SourceFormat& format) {
  return DelimitedFile::open(path, format);
}

}  // namespace cotejo
