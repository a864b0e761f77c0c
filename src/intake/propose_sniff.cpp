// Encoding, separator and header of a file, by looking at its beginning.
#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>

#include "cotejo/base/text.hpp"
#include "layer_file.hpp"
#include "propose_parts.hpp"
#include "published_bytes.hpp"

namespace cotejo::proposing {

namespace {

constexpr std::size_t looked_at = 1u << 20;  // bytes
constexpr std::size_t first_rows = 400;

using Rows = std::vector<std::vector<std::string>>;

std::string read_beginning(gdal::Bytes& stream) {
  std::string out(looked_at, '\0');
  std::size_t got = 0;
  while (got < out.size()) {
    const auto part = stream.read(out.data() + got, out.size() - got);
    if (part == 0) break;
    got += part;
  }
  out.resize(got);
  return out;
}

// Without a sequence that the end of the sample cuts.
std::string_view whole_characters(std::string_view text) {
  for (int i = 0; i < 4 && !text.empty(); ++i) {
    if ((static_cast<unsigned char>(text.back()) & 0x80U) == 0) break;
    const bool begins = (static_cast<unsigned char>(text.back()) & 0xC0U) == 0xC0U;
    text.remove_suffix(1);
    if (begins) break;
  }
  return text;
}

Guess guess_encoding(std::string_view bytes, std::vector<std::string>& alternatives) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return {"encoding", "UTF-16", "the file begins with a UTF-16 byte-order mark"};
  std::size_t zeros[2] = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == '\0' ? 1U : 0U;
  if (zeros[1] * 10 > bytes.size() && zeros[0] * 20 < zeros[1])
    return {"encoding", "UTF-16LE", "every second byte is zero", 0.05};
  if (zeros[0] * 10 > bytes.size() && zeros[1] * 20 < zeros[0])
    return {"encoding", "UTF-16BE", "every second byte is zero", 0.05};
  if (bytes.starts_with("\xEF\xBB\xBF")) return {"encoding", "UTF-8", "the file begins with a UTF-8 byte-order mark"};
  const bool ascii =
      std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return {"encoding", "UTF-8", "the beginning of the file is plain ASCII", 0.02};
  if (is_utf8(whole_characters(bytes))) return {"encoding", "UTF-8", "the beginning of the file is valid UTF-8"};

  // Not UTF-8: ICU's statistics of letters, among the encodings that a profile may name.
  UErrorCode status = U_ZERO_ERROR;
  UCharsetDetector* detector = ucsdet_open(&status);
  ucsdet_setText(detector, bytes.data(), static_cast<std::int32_t>(std::min<std::size_t>(bytes.size(), 1u << 17)),
                 &status);
  std::int32_t found = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector, &found, &status);
  Guess best{"encoding", "windows-1252", "it is not UTF-8, and Western European is the most common other encoding",
             0.5};
  bool any = false;
  for (std::int32_t i = 0; U_SUCCESS(status) && i < found; ++i) {
    UErrorCode ignored = U_ZERO_ERROR;
    std::string name = ucsdet_getName(matches[i], &ignored);
    if (name == "ISO-8859-1") name = "windows-1252";  // a superset where texts differ in practice
    const auto confidence = ucsdet_getConfidence(matches[i], &ignored);
    const auto& known = gdal::encodings();
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const std::string& other) { return folded(other) == folded(name); });
    if (same == known.end() || *same == "UTF-8" || same->starts_with("UTF-16")) continue;
    if (!any) {
      best = {"encoding", *same,
              fmt::format("it is not UTF-8; the letters look like {} ({} of 100)", *same, confidence),
              1.0 - confidence / 100.0};
      any = true;
    } else if (alternatives.size() < 3 && *same != best.value) {
      alternatives.push_back(*same);
    }
  }
  ucsdet_close(detector);
  best.alternatives = alternatives;
  return best;
}

Result<Rows> read_rows(const std::filesystem::path& file, const SourceFormat& format) {
  COTEJO_TRY(raw, open_raw(file, format));
  Rows rows;
  while (rows.size() < first_rows) {
    auto more = raw->read();
    if (!more) {
      if (rows.size() < 2) return std::move(more).error();
      break;
    }
    if (!*more) break;
    auto& row = rows.emplace_back();
    for (const auto cell : raw->cells()) row.emplace_back(trimmed(cell));
  }
  return rows;
}

std::size_t filled(const std::vector<std::string>& row) {
  return static_cast<std::size_t>(
      std::count_if(row.begin(), row.end(), [](const auto& cell) { return !cell.empty(); }));
}

// How well a separator cuts the rows: the share of rows of the most common width, for the widths of two and more.
std::pair<double, std::size_t> regularity(const Rows& rows) {
  std::map<std::size_t, std::size_t> widths;
  std::size_t counted = 0;
  for (const auto& row : rows)
    if (filled(row) > 0) {
      ++widths[row.size()];
      ++counted;
    }
  std::pair<double, std::size_t> best{0, 1};
  for (const auto& [width, times] : widths)
    if (width > 1 && counted > 0 && static_cast<double>(times) / static_cast<double>(counted) > best.first)
      best = {static_cast<double>(times) / static_cast<double>(counted), width};
  return best;
}

// Digits of any script with the marks that stand in numbers.
bool looks_numeric(const std::string& cell) {
  const auto text = icu::UnicodeString::fromUTF8(cell);
  bool digit = false;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    if (u_charDigitValue(c) >= 0)
      digit = true;
    else if (u_isalpha(c))
      return false;
  }
  return digit;
}

// The first row of the header and how many it has. The body is where the columns that hold numbers begin to hold them.
void find_header(const Rows& rows, const ProposeOptions& options, Opening& opening) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.size());
  const std::size_t half = rows.size() / 2;
  std::vector<bool> numeric(width);
  std::size_t columns_of_numbers = 0;
  for (std::size_t c = 0; c < width; ++c) {
    std::size_t numbers = 0, cells = 0;
    for (std::size_t r = half; r < rows.size(); ++r)
      if (c < rows[r].size() && !rows[r][c].empty()) {
        ++cells;
        numbers += looks_numeric(rows[r][c]) ? 1U : 0U;
      }
    numeric[c] = cells > 0 && numbers * 10 >= cells * 8;
    columns_of_numbers += numeric[c] ? 1U : 0U;
  }
  // The first row from the top in which most of these columns hold numbers.
  std::size_t body = rows.size();
  for (std::size_t r = 0; r < rows.size() && body == rows.size(); ++r) {
    std::size_t hits = 0, texts = 0;
    for (std::size_t c = 0; c < std::min(width, rows[r].size()); ++c) {
      if (!numeric[c] || rows[r][c].empty()) continue;
      (looks_numeric(rows[r][c]) ? hits : texts) += 1;
    }
    if (hits > texts && (hits * 2 >= columns_of_numbers || hits >= 3)) body = r;
  }
  std::size_t first = 0, last = 0;
  Guess guess{"header", "1", "", 0.0};
  if (columns_of_numbers == 0 || body == rows.size() || body == 0) {
    while (first + 1 < rows.size() && filled(rows[first]) * 2 < width) ++first;
    last = first;
    guess.evidence = columns_of_numbers == 0 ? "no column holds numbers; the first full row is taken"
                                             : "the first row holds numbers already";
    guess.doubt = body == 0 ? 0.6 : 0.3;
  } else {
    last = body - 1;
    while (last > 0 && filled(rows[last]) == 0) --last;  // a blank row below the header
    first = last;
    // Rows right above that have two cells and more belong to the header as well: merged titles of its columns.
    while (first > 0 && filled(rows[first - 1]) >= 2 && first + 1 > last - 2) {
      std::size_t texts = 0;
      for (const auto& cell : rows[first - 1]) texts += !cell.empty() && !looks_numeric(cell) ? 1U : 0U;
      if (texts < 2) break;
      --first;
    }
    guess.evidence = fmt::format("row {} is the last above the numbers", last + 1);
  }
  opening.format.header_row = options.header.value_or(static_cast<std::int64_t>(first) + 1);
  opening.format.header_rows =
      options.header_rows.value_or(options.header ? 1 : static_cast<std::int64_t>(last - first) + 1);
  guess.value = std::to_string(opening.format.header_row);
  if (opening.format.header_rows > 1) guess.value += fmt::format(", {} rows", opening.format.header_rows);
  if (options.header) guess = {"header", guess.value, "as given", 0.0};
  opening.guesses.push_back(std::move(guess));
}

}  // namespace

Result<Opening> sniff(const std::filesystem::path& file, const ProposeOptions& options) {
  Opening out;
  out.format.member = options.member;
  out.format.table = options.table;
  out.format.database = options.database;
  const auto asked = [&](const Error& error, const char* option) {
    out.questions.push_back({.text = fmt::format("Which part of the file? {}", error.message), .option = option});
  };
  if (!is_database(file.string())) {
    auto bytes = open_published(file, options.member);
    if (!bytes) {
      if (bytes.error().code != ErrorCode::file_missing || bytes.error().message.find("holds") == std::string::npos)
        return std::move(bytes).error();
      asked(bytes.error(), "--member");
      return out;
    }
    out.is_text = bytes->zip == gdal::ZipKind::other && !layer_kind_of(bytes->first) &&
                  !(bytes->packed && bytes->first.starts_with("PK\3\4"));
    if (out.is_text) {
      const std::string beginning = read_beginning(*bytes->stream);
      std::vector<std::string> alternatives;
      Guess encoding = options.encoding.empty() ? guess_encoding(beginning, alternatives)
                                                : Guess{"encoding", options.encoding, "as given"};
      out.format.encoding = encoding.value;
      out.guesses.push_back(std::move(encoding));
    }
  } else {
    out.is_text = false;
  }

  Rows rows;
  if (out.is_text) {
    double best = -1;
    std::vector<std::string> others;
    for (const char separator : {',', ';', '\t', '|'}) {
      if (!options.separator.empty() && options.separator[0] != separator) continue;
      SourceFormat format = out.format;
      format.separator = separator;
      auto read = read_rows(file, format);
      if (!read) continue;
      const auto [share, width] = regularity(*read);
      const double score =
          share * (1.0 + std::min(3.0, static_cast<double>(width) / 10.0)) + (width > 1 ? 1 : 0) * share;
      if (score > best + 1e-9) {
        best = score;
        out.format.separator = separator;
        rows = std::move(*read);
      }
    }
    if (rows.empty() && !options.separator.empty()) {
      SourceFormat format = out.format;
      format.separator = options.separator[0];
      out.format.separator = format.separator;
      COTEJO_TRY(read, read_rows(file, format));
      rows = std::move(read);
    }
    if (rows.empty()) {
      COTEJO_TRY(read, read_rows(file, out.format));
      rows = std::move(read);
    }
    const auto [share, width] = regularity(rows);
    const char separator = out.format.separator;
    out.guesses.push_back({"separator", separator == '\t' ? "\\t" : std::string(1, separator),
                           width > 1 ? fmt::format("{:.0f} % of the first rows have {} cells", 100 * share, width)
                                     : "the rows have one cell each under every usual separator",
                           width > 1 ? 1 - share : 0.5});
  } else {
    auto read = read_rows(file, out.format);
    if (!read) {
      if (read.error().code != ErrorCode::file_missing ||
          read.error().message.find("the file has ") == std::string::npos)
        return std::move(read).error();
      asked(read.error(), "--table");
      return out;
    }
    rows = std::move(*read);
  }
  COTEJO_TRY(opened, open_raw(file, out.format));
  if (opened->names().empty()) find_header(rows, options, out);  // a table has its header already
  return out;
}

}  // namespace cotejo::proposing
