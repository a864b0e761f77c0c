#include "delimited_file.hpp"

#include <cpl_csv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <cstring>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

// Why a stream ends before its source does.
enum class Stop { none, nul_byte, utf16, record_too_large };

// Streams one encoding into UTF-8 through ICU. Byte sequences that the encoding does not have become U+FFFD.
class Decoder {
 public:
  explicit Decoder(const std::string& encoding) {
    UErrorCode status = U_ZERO_ERROR;
    from_.reset(ucnv_open(encoding.c_str(), &status));
    to_.reset(ucnv_open("UTF-8", &status));
    if (U_FAILURE(status)) from_.reset();
  }
  explicit operator bool() const { return from_ != nullptr; }

  // Appends what the bytes say; an unfinished sequence at their end waits for the next call.
  void append(std::string_view bytes, bool last, std::string& out) {
    const char* source = bytes.data();
    char to[4096];
    for (;;) {
      char* target = to;
      UErrorCode status = U_ZERO_ERROR;
      ucnv_convertEx(to_.get(), from_.get(), &target, to + sizeof to, &source, bytes.data() + bytes.size(), pivot_,
                     &pivot_from_, &pivot_to_, pivot_ + std::size(pivot_), false, last, &status);
      out.append(to, target);
      if (status != U_BUFFER_OVERFLOW_ERROR) break;
    }
  }

 private:
  struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  std::unique_ptr<UConverter, Close> from_, to_;
  UChar pivot_[1024];
  UChar *pivot_from_ = pivot_, *pivot_to_ = pivot_;
};

// The bytes of the file as GDAL's parser gets them: in UTF-8, free of NUL (at which the parser would cut a line without
// a word), and no more than `largest_record` of them since the record began.
class CheckedText final : public gdal::Bytes {
 public:
  CheckedText(std::unique_ptr<gdal::Bytes> source, const std::string& encoding)
      : source_(std::move(source)), upper_half_(gdal::upper_half_of(encoding)), raw_(chunk) {
    if (upper_half_.empty() && encoding != "UTF-8") decoder_ = std::make_unique<Decoder>(encoding);
  }

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
    const std::size_t got = source_->read(raw_.data(), raw_.size());
    const std::string_view raw(raw_.data(), got);
    if (source_read_ == 0 && !decoder_ && (raw.starts_with("\xFF\xFE") || raw.starts_with("\xFE\xFF")))
      return end(Stop::utf16);
    source_read_ += got;
    if (got == 0 && !decoder_) return end(Stop::none);
    if (text_.size() > kept) {  // the record so far stays
      const auto past = std::min<std::uint64_t>(text_.size() - kept, record_begin_ - begin_);
      text_.erase(0, past);
      begin_ += past;
    }
    const std::size_t before = text_.size();
    if (decoder_) {
      decoder_->append(raw, got == 0, text_);
    } else if (upper_half_.empty()) {
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
    if (got == 0) end(Stop::none);
    if (const auto nul = text_.find('\0', before); nul != std::string::npos) {
      text_.resize(nul);
      end(Stop::nul_byte);
    }
    odd_quotes_ ^= std::count(text_.begin() + static_cast<std::ptrdiff_t>(before), text_.end(), '"') % 2 != 0;
    return text_.size() > before || !ended_;
  }
  bool end(Stop why) {
    stop_ = why;
    ended_ = true;
    return false;
  }

  std::unique_ptr<gdal::Bytes> source_;
  std::vector<std::string> upper_half_;
  std::unique_ptr<Decoder> decoder_;
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
  std::function<double()> progress;
  std::string name, short_name;
  std::string encoding;
  bool packed = false;
  CheckedText* text = nullptr;  // owned by `file`
  std::unique_ptr<gdal::Mount> mount;
  gdal::File file;
  char separator[2] = {',', '\0'};
  std::vector<FixedColumn> fixed;  // empty: delimited
  std::string line;                // of fixed width

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
        return damaged(
            "a NUL byte, which no text file has",
            "The file is damaged, is not text, or is UTF-16 without a byte-order mark (encoding = \"UTF-16LE\" "
            "under [file]).");
      case Stop::utf16:
        return damaged("the file is UTF-16", "Write encoding = \"UTF-16\" under [file].");
      case Stop::record_too_large:
        return damaged(fmt::format("a record of more than {} bytes", with_thousands(largest_record)),
                       "A quotation mark may be opened and not closed, or the file may not be delimited text.");
      case Stop::none:
        break;
    }
    if (packed &&
        (!scope.failure().empty() || (text->source_size() != UINT64_MAX && text->source_read() != text->source_size())))
      return damaged(
          fmt::format("the file cannot be unpacked to its end: {}{} bytes{}",
                      with_thousands(static_cast<long long>(text->source_read())),
                      text->source_size() == UINT64_MAX
                          ? ""
                          : fmt::format(" of {}", with_thousands(static_cast<long long>(text->source_size()))),
                      scope.failure().empty() ? "" : fmt::format(" (GDAL: {})", printable(scope.failure()))),
          "The archive is damaged, protected by a password, or packed by another method than deflate. Get it again and "
          "compare its SHA-256.");
    if (!packed && text->source_read() < text->source_size())
      return damaged("the file cannot be read to its end", "Copy it to another disk and try again.");
    if (!scope.failure().empty())
      return damaged(fmt::format("GDAL cannot read it: {}", printable(scope.failure())), "Check the file.");
    if (fixed.empty() && text->odd_quotation_marks()) {
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

  // One line of fixed width into `cells`; false at the end.
  Result<bool> read_line() {
    text->begin_record();
    ++row;
    fault.reset();
    cells.clear();
    const char* read = CPLReadLine2L(file.get(), static_cast<int>(largest_record), nullptr);
    if (read == nullptr) {
      if (auto error = early_end()) return std::move(*error);
      return false;
    }
    if (text->exhausted() &&
        (text->stop() == Stop::record_too_large || (text->stop() != Stop::none && text->ends_within_a_line())))
      return std::move(*early_end());
    line = read;
    if (row == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    cut_line();
    return true;
  }

  // Characters, not bytes, are counted.
  void cut_line() {
    std::vector<std::size_t> begins;  // of characters, where some have several bytes
    if (!is_ascii(line))
      for (std::size_t i = 0; i < line.size(); ++i)
        if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U) begins.push_back(i);
    const std::size_t characters = begins.empty() ? line.size() : begins.size();
    const auto byte = [&](std::size_t character) {
      return character >= characters ? line.size() : begins.empty() ? character : begins[character];
    };
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      const auto& column = fixed[i];
      const auto begin = byte(column.from - 1), end = byte(column.from - 1 + column.length);
      cells.push_back(std::string_view(line).substr(begin, end - begin));
      const auto cell = trimmed(cells.back());
      if (has_foreign_bytes(cell))
        refuse_cell(i, fmt::format("expected text in {}, found bytes that are not", encoding),
                    "Check `encoding` under [file].");
      const bool is_cut = column.from <= characters && column.from - 1 + column.length > characters;
      if (is_cut && !cell.empty() && cell.find_first_not_of("0123456789") == std::string_view::npos)
        refuse_cell(i, fmt::format("the line has {} characters and ends within a number", characters),
                    "The line may be cut short; check `from` and `length` of the column.");
    }
  }

  // What is not of the encoding: not UTF-8, or what ICU puts in its place (U+FFFD; U+001A for a single byte).
  bool has_foreign_bytes(std::string_view cell) const {
    if (encoding != "UTF-8" && cell.find('\x1A') != std::string_view::npos) return true;
    if (is_ascii(cell)) return false;
    return !is_utf8(cell) || (encoding != "UTF-8" && cell.find("\xEF\xBF\xBD") != std::string_view::npos);
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
      } else if (has_foreign_bytes(cells[i])) {
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
  if (!state_->fixed.empty()) return state_->read_line();
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
std::vector<std::string> DelimitedFile::names() const {
  std::vector<std::string> out;
  for (const auto& column : state_->fixed) out.push_back(column.name);
  return out;
}
double DelimitedFile::fraction() const {
  return state_->progress ? state_->progress() : 0.0;
}

Result<std::unique_ptr<RawRecords>> DelimitedFile::open(PublishedBytes bytes, const SourceFormat& format) {
  const auto& known = gdal::encodings();
  if (std::find(known.begin(), known.end(), format.encoding) == known.end()) {
    const auto near = nearest_name(format.encoding, known);
    return Error{
        .code = ErrorCode::option_invalid,
        .message = "no such encoding",
        .file = bytes.name,
        .column = "encoding",
        .value = format.encoding,
        .remedy = near.empty() ? "One of those in docs/formats/profile.md." : fmt::format("Did you mean '{}'?", near)};
  }
  auto state = std::make_unique<State>();
  state->encoding = format.encoding;
  state->separator[0] = format.separator;
  state->fixed = format.fixed;
  state->packed = bytes.packed;
  state->name = std::move(bytes.name);
  state->short_name = std::move(bytes.short_name);
  state->progress = std::move(bytes.progress);
  auto text = std::make_unique<CheckedText>(std::move(bytes.stream), format.encoding);
  state->text = text.get();
  state->mount = std::make_unique<gdal::Mount>(UINT64_MAX, [text = text.release()]() -> std::unique_ptr<gdal::Bytes> {
    return std::unique_ptr<gdal::Bytes>(text);
  });
  state->file.reset(VSIFOpenL(state->mount->path().c_str(), "rb"));
  if (!state->file)
    return Error{.code = ErrorCode::internal, .message = "GDAL does not open a mounted stream", .file = state->name};
  return std::unique_ptr<RawRecords>(new DelimitedFile(std::move(state)));
}

}  // namespace cotejo
