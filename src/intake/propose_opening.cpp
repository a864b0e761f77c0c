// Encoding, separator and header of a file, by looking at its beginning.
#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "cotejo/base/text.hpp"
#include "layer_file.hpp"
#include "propose_meaning.hpp"
#include "published_bytes.hpp"
#include "sheet_parts.hpp"

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

// Columns that hold numbers in the second half of the rows.
std::vector<bool> columns_of_numbers(const Rows& rows, std::size_t width) {
  std::vector<bool> out(width);
  for (std::size_t c = 0; c < width; ++c) {
    std::size_t numbers = 0, cells = 0;
    for (std::size_t r = rows.size() / 2; r < rows.size(); ++r)
      if (c < rows[r].size() && !rows[r][c].empty()) {
        ++cells;
        numbers += looks_numeric(rows[r][c]) ? 1U : 0U;
      }
    out[c] = cells > 0 && numbers * 10 >= cells * 8;
  }
  return out;
}

// Numbers and texts of a row in the columns of numbers.
std::pair<std::size_t, std::size_t> numbers_and_texts(const std::vector<std::string>& row,
                                                      const std::vector<bool>& numeric) {
  std::pair<std::size_t, std::size_t> out{0, 0};
  for (std::size_t c = 0; c < std::min(numeric.size(), row.size()); ++c)
    if (numeric[c] && !row[c].empty() && !says_unknown(row[c])) ++(looks_numeric(row[c]) ? out.first : out.second);
  return out;
}

// The last row of the header: the last one, near the top, in which most columns of numbers have texts; a row of the body
// has numbers there. Nothing when the first row is of the body already.
std::optional<std::size_t> last_header_row_of(const Rows& rows, const std::vector<bool>& numeric) {
  std::optional<std::size_t> last;
  for (std::size_t r = 0; r < std::min<std::size_t>(rows.size(), 60); ++r) {
    const auto [numbers, texts] = numbers_and_texts(rows[r], numeric);
    if (texts == 0 || numbers * 4 > texts || filled(rows[r]) < std::min<std::size_t>(2, numeric.size())) continue;
    // Behind rows of the body it is the header again (printed on every page), unless it has more texts.
    if (last && texts <= numbers_and_texts(rows[*last], numeric).second && r > *last + 3) continue;
    last = r;
  }
  return last;
}

// Rows above the header that belong to it: merged titles of its columns. A row with a text of the body does not.
std::size_t first_header_row_of(const Rows& rows, std::size_t last) {
  std::size_t first = last;
  while (first > 0 && filled(rows[first - 1]) >= 2 && first + 1 > last - std::min<std::size_t>(last, 2)) {
    std::size_t texts = 0, numbers = 0;
    for (const auto& cell : rows[first - 1]) ++(looks_numeric(cell) ? numbers : cell.empty() ? numbers : texts);
    numbers = 0;
    for (const auto& cell : rows[first - 1]) numbers += !cell.empty() && looks_numeric(cell) ? 1U : 0U;
    if (texts < 2 || numbers > 0) break;
    --first;
  }
  return first;
}

// The first row of the header and how many it has.
void find_header(const Rows& rows, const ProposeOptions& options, Opening& opening) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.size());
  const auto numeric = columns_of_numbers(rows, width);
  const bool any_numbers = std::find(numeric.begin(), numeric.end(), true) != numeric.end();
  std::size_t first = 0, last = 0;
  Guess guess{"header", "1", "", 0.0};
  const auto found = any_numbers ? last_header_row_of(rows, numeric) : std::nullopt;
  if (found) {
    last = *found;
    first = first_header_row_of(rows, last);
    guess.evidence = fmt::format("row {} is the last above the numbers", last + 1);
  } else {
    while (first + 1 < rows.size() && filled(rows[first]) * 2 < width) ++first;
    last = first;
    guess.evidence = any_numbers ? "the first row holds numbers already: without a header its first unit would be lost"
                                 : "no column holds numbers; the first full row is taken";
    guess.doubt = any_numbers ? 0.6 : 0.3;
    if (any_numbers && !options.header)
      opening.questions.push_back(
          {.text = "The first row holds numbers: has the file no header (answer 0), or are these the names of the "
                   "columns (answer 1)? If the header stands in another row, answer with its number.",
           .option = "--header",
           .choices = {"0", "1"}});
  }
  opening.format.header_row = options.header.value_or(static_cast<std::int64_t>(first) + 1);
  opening.format.header_rows =
      options.header_rows.value_or(options.header ? 1 : static_cast<std::int64_t>(last - first) + 1);
  guess.value = std::to_string(opening.format.header_row);
  if (opening.format.header_rows > 1) guess.value += fmt::format(", {} rows", opening.format.header_rows);
  if (options.header) guess = {"header", guess.value, "as given", 0.0};
  opening.guesses.push_back(std::move(guess));
}

// ---- lines of one length ----

// "NAME=FROM-TO" of --columns.
Result<std::vector<FixedColumn>> fixed_columns(const std::vector<std::string>& given) {
  std::vector<FixedColumn> out;
  for (const auto& text : given) {
    const auto equals = text.rfind('='), dash = text.rfind('-');
    std::size_t from = 0, to = 0;
    const auto number = [](std::string_view digits, std::size_t& value) {
      const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return status == std::errc{} && end == digits.data() + digits.size();
    };
    const std::string_view all = text;
    const bool good = equals != std::string::npos && dash != std::string::npos && dash > equals && equals > 0 &&
                      number(all.substr(equals + 1, dash - equals - 1), from) && number(all.substr(dash + 1), to) &&
                      from >= 1 && to >= from;
    if (!good)
      return Error{.code = ErrorCode::option_invalid,
                   .message = "expected NAME=FROM-TO, the first character of a line being 1",
                   .column = "--columns",
                   .value = text,
                   .remedy = "For example --columns key=1-18 --columns registered=23-29."};
    out.push_back({text.substr(0, equals), from, to - from + 1});
  }
  return out;
}

// Where the columns of lines of one length seem to begin and end: the kind of character changes there for all lines, or
// zeros begin that fill a number up.
std::vector<std::pair<std::size_t, std::size_t>> cuts_of(const std::vector<std::string>& lines) {
  const auto kind = [&](std::size_t at) {
    bool digit = true, blank = true, zero = true, letter = true;
    for (const auto& line : lines) {
      const char c = line[at];
      const bool is_digit = c >= '0' && c <= '9';
      digit = digit && is_digit;
      blank = blank && c == ' ';
      zero = zero && c == '0';
      letter = letter && !is_digit && c != ' ';
    }
    return blank ? 'b' : zero ? 'z' : digit ? 'd' : letter ? 'l' : 't';
  };
  std::vector<std::pair<std::size_t, std::size_t>> out;
  const auto size = lines.front().size();
  std::size_t begin = 0;
  char last = 'b';
  for (std::size_t at = 0; at <= size; ++at) {
    const char now = at < size ? kind(at) : 'b';
    const bool number_before = last == 'd' || last == 'z', number_now = now == 'd' || now == 'z';
    const bool cut = (last == 'b') != (now == 'b') || (number_before != number_now) || (last == 'd' && now == 'z');
    if (cut) {
      if (last != 'b' && at > begin) out.emplace_back(begin + 1, at);
      begin = at;
    }
    last = now;
  }
  return out;
}

// The first whole lines, with the blanks that fill them up.
std::vector<std::string> lines_of(std::string_view beginning) {
  std::vector<std::string> out;
  while (out.size() < first_rows) {
    const auto end = beginning.find('\n');
    if (end == std::string_view::npos && out.size() > 3) break;  // it may be cut
    auto line = beginning.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) out.emplace_back(line);
    if (end == std::string_view::npos) break;
    beginning.remove_prefix(end + 1);
  }
  return out;
}

// Asks for the columns when all lines have one length and no separator cuts them.
bool asked_about_fixed_width(const Rows& rows, const std::vector<std::string>& lines, Opening& out) {
  const auto [share, width] = regularity(rows);
  if (lines.size() < 3 || (width > 1 && share >= 0.9) || lines.front().size() < 12) return false;
  if (std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.size() != lines.front().size(); }))
    return false;
  std::vector<std::string> cuts;
  for (const auto& [from, to] : cuts_of(lines)) cuts.push_back(fmt::format("{}-{}", from, to));
  out.questions.push_back(
      {.text = fmt::format("All lines have {} characters and no separator cuts them: is the file of fixed width? The "
                           "first line is '{}'; columns seem to stand at {}. Name those that are to be read: --columns "
                           "key=1-18 --columns registered=23-29 ...",
                           lines.front().size(), printable(lines.front(), 120), fmt::join(cuts, ", ")),
       .option = "--columns",
       .choices = cuts});
  return true;
}

// Asks for a part of a sheet made for print: at least two titles with rows of two cells and a number below each.
bool asked_about_sections(const Rows& rows, const ProposeOptions& options, Opening& out) {
  if (!options.section.empty()) return false;
  std::vector<std::string> titles;
  std::size_t below = 0;
  bool after_blank = true, after_title = false;
  const bool all_sheets = options.table == all_parts;
  const auto end_part = [&] {
    if (!titles.empty() && below < 2) titles.pop_back();
    below = 0;
  };
  for (const auto& row : rows) {
    const std::vector<std::string_view> cells(row.begin() + (all_sheets && !row.empty() ? 1 : 0), row.end());
    const bool blank = std::all_of(cells.begin(), cells.end(), [](std::string_view cell) { return cell.empty(); });
    const auto title = title_of_part(cells);
    if (!title.empty() && (after_blank || after_title)) {
      if (!after_title) {
        end_part();
        titles.emplace_back(title);
      }
      after_title = true;
    } else if (!blank) {
      after_title = false;
      below += filled(row) >= 2 && std::any_of(row.begin(), row.end(), looks_numeric) ? 1U : 0U;
    }
    after_blank = blank;
    if (blank) after_title = false;
  }
  end_part();
  std::vector<std::string> different;
  for (const auto& title : titles)
    if (std::find(different.begin(), different.end(), title) == different.end()) different.push_back(title);
  if (different.size() < 2) return false;
  const auto first = different.front();
  different.emplace_back(all_parts);
  out.questions.push_back(
      {.text = fmt::format(
           "The file looks made for print: parts of it stand below titles of their own, such as '{}'. Which "
           "part? (--section '*' reads all, with the title as a column)",
           printable(first, 60)),
       .option = "--section",
       .choices = different});
  return true;
}

}  // namespace

Result<Opening> sniff(const std::filesystem::path& file, const ProposeOptions& options) {
  Opening out;
  out.format.member = options.member;
  out.format.table = options.table;
  out.format.section = options.section;
  out.format.database = options.database;
  const auto asked = [&](const Error& error, const char* option) {
    out.questions.push_back({.text = fmt::format("Which part of the file? {}{}", error.message,
                                                 option == std::string_view("--table") && !out.is_text
                                                     ? " (--table '*' reads all sheets, one below the other)"
                                                     : ""),
                             .option = option});
  };
  std::vector<std::string> lines;
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
      lines = lines_of(beginning);
      std::vector<std::string> alternatives;
      Guess encoding = options.encoding.empty() ? guess_encoding(beginning, alternatives)
                                                : Guess{"encoding", options.encoding, "as given"};
      out.format.encoding = encoding.value;
      out.guesses.push_back(std::move(encoding));
    }
  } else {
    out.is_text = false;
  }

  if (!options.columns.empty()) {
    COTEJO_TRY(fixed, fixed_columns(options.columns));
    out.format.fixed = std::move(fixed);
    out.format.header_row = options.header.value_or(0);
    return out;
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
    if (asked_about_fixed_width(rows, lines, out)) return out;
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
  if (asked_about_sections(rows, options, out)) return out;
  COTEJO_TRY(opened, open_raw(file, out.format));
  if (opened->names().empty()) find_header(rows, options, out);  // a table has its header already
  return out;
}

}  // namespace cotejo::proposing
