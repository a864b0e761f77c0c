// What the columns of a file hold: one pass to see how numbers are written, one to read them.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "cotejo/base/text.hpp"
#include "numbers.hpp"
#include "propose_parts.hpp"

namespace cotejo::proposing {

namespace {

constexpr std::size_t rows_for_numbers = 20'000;
constexpr std::int64_t rows_between_reports = 4'096;
constexpr std::size_t longest_placeholder = 12;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How a column writes its numbers, as far as one cell tells.
struct Writing {
  std::map<char, std::size_t> grouped;   // separator -> cells like 1,234 or 1,234,567
  std::map<char, std::size_t> fraction;  // separator -> cells like 12,5 or 1234,56
  std::size_t long_plain = 0;            // 1234 and longer without a separator
};

void note(std::string_view cell, Writing& writing) {
  std::string text(cell);
  for (std::string_view blank : {"\xC2\xA0", "\xE2\x80\xAF"})
    for (auto at = text.find(blank); at != std::string::npos; at = text.find(blank))
      text.replace(at, blank.size(), " ");
  if (text.empty() || !is_digit(text[0])) return;
  std::string separators;
  std::vector<std::size_t> groups{0};
  for (const char c : text) {
    if (is_digit(c)) {
      ++groups.back();
    } else if (c == ',' || c == '.' || c == ' ' || c == '\'') {
      separators += c;
      groups.push_back(0);
    } else {
      return;
    }
  }
  if (separators.empty()) {
    writing.long_plain += groups[0] >= 4 ? 1U : 0U;
    return;
  }
  const char last = separators.back();
  const bool one_kind = separators.find_first_not_of(separators[0]) == std::string::npos;
  const bool threes = std::all_of(groups.begin() + 1, groups.end(), [](auto g) { return g == 3; });
  const bool lakhs = groups.size() > 2 && groups.back() == 3 &&
                     std::all_of(groups.begin() + 1, groups.end() - 1, [](auto g) { return g == 2; });
  if (one_kind && (threes || lakhs) && groups[0] <= 3)
    ++writing.grouped[separators[0]];
  else if (separators.size() == 1 && (last == ',' || last == '.'))
    ++writing.fraction[last];
  else if (last != separators[0] && (last == ',' || last == '.')) {
    ++writing.grouped[separators[0]];
    ++writing.fraction[last];
  }
}

NumberFormat format_of(const std::vector<Writing>& columns, std::vector<Guess>& guesses) {
  std::map<char, std::size_t> thousands, decimals;
  for (const auto& column : columns) {
    for (const auto& [separator, cells] : column.fraction) decimals[separator] += cells;
    for (const auto& [separator, cells] : column.grouped) {
      const auto fraction = column.fraction.find(separator);
      // "52.505" beside "52.5": a point, not a thousand; 1234 beside 1,234: no thousands either.
      if (fraction != column.fraction.end() || column.long_plain > cells)
        decimals[separator] += cells;
      else
        thousands[separator] += cells;
    }
  }
  const auto most = [](const std::map<char, std::size_t>& counts) {
    char best = '\0';
    std::size_t cells = 0;
    for (const auto& [separator, n] : counts)
      if (n > cells) {
        best = separator;
        cells = n;
      }
    return std::pair{best, cells};
  };
  NumberFormat out;
  const auto [group, grouped] = most(thousands);
  if (grouped > 0) {
    out.thousands = std::string(1, group);
    guesses.push_back({"thousands", out.thousands,
                       fmt::format("{} cells such as 1{}234", with_thousands(static_cast<long long>(grouped)), group),
                       0.1});
  }
  const auto [point, pointed] = most(decimals);
  if (pointed > 0 && point == ',' && group != ',') {
    out.decimal = ',';
    guesses.push_back(
        {"decimal", ",", fmt::format("{} cells such as 12,5", with_thousands(static_cast<long long>(pointed))), 0.1});
  }
  return out;
}

}  // namespace

Result<Facts> examine(const std::filesystem::path& file, const SourceFormat& format, const Context& context) {
  Facts out;
  {
    COTEJO_TRY(records, Records::open(file, format));
    std::vector<Writing> writing(records.header().size());
    for (std::size_t row = 0; row < rows_for_numbers; ++row) {
      auto more = records.next();
      if (!more || !*more) break;
      const auto cells = records.cells();
      for (std::size_t c = 0; c < std::min(cells.size(), writing.size()); ++c) note(trimmed(cells[c]), writing[c]);
    }
    out.numbers = format_of(writing, out.guesses);
  }
  COTEJO_TRY(records, Records::open(file, format));
  const auto& header = records.header();
  std::map<std::string, std::size_t> times, seen;
  for (const auto& title : header) ++times[title];
  for (std::size_t c = 0; c < header.size(); ++c) {
    ColumnFacts column;
    column.title = header[c];
    column.name = header[c].empty()      ? fmt::format("#{}", c + 1)
                  : times[header[c]] > 1 ? fmt::format("{}#{}", header[c], ++seen[header[c]])
                                         : header[c];
    column.words = words_of(header[c]);
    out.columns.push_back(std::move(column));
  }
  std::vector<std::unordered_map<std::string, std::uint32_t>> known(header.size());
  const NumberReader reader(out.numbers);
  for (std::int64_t row = 0;; ++row) {
    COTEJO_TRY(more, records.next());
    if (!more) break;
    if (out.rows == most_rows) {
      out.all_rows = false;
      break;
    }
    if (row % rows_between_reports == 0) {
      if (context.cancelled()) return cancelled_error();
      context.report("looking at " + records.short_name(), records.fraction());
    }
    if (records.fault()) continue;  // the import will name it
    ++out.rows;
    const auto cells = records.cells();
    for (std::size_t c = 0; c < header.size(); ++c) {
      auto& column = out.columns[c];
      const auto cell = trimmed(cells[c]);
      std::uint32_t id = 0;
      if (!cell.empty()) {
        ++column.filled;
        const auto [place, fresh] =
            known[c].try_emplace(std::string(cell), static_cast<std::uint32_t>(known[c].size() + 1));
        id = place->second;
        if (fresh) {
          ++column.distinct;
          if (column.texts.size() < most_texts) column.texts.emplace_back(cell);
        }
        if (is_total_word(cell)) {
          const std::string total = column.name + "\n" + std::string(cell);
          if (std::find(out.total_cells.begin(), out.total_cells.end(), total) == out.total_cells.end() &&
              out.total_cells.size() < 20)
            out.total_cells.push_back(total);
        }
      }
      column.ids.push_back(id);
      std::int32_t value = missing;
      if (!cell.empty()) {
        if (const auto whole = reader.whole(cell); whole && *whole != missing) {
          value = *whole;
          column.least = column.whole == 0 ? value : std::min(column.least, value);
          column.largest = std::max(column.largest, value);
          column.sum += value;
          ++column.whole;
          column.leading_zeros = column.leading_zeros || (cell.size() > 1 && cell[0] == '0');
        }
        if (const auto real = reader.real(cell)) {
          column.least_real = column.real == 0 ? *real : std::min(column.least_real, *real);
          column.largest_real = column.real == 0 ? *real : std::max(column.largest_real, *real);
          ++column.real;
        }
        if (cell.ends_with('%')) ++column.percent;
        if (value == missing && cell.size() <= longest_placeholder && column.placeholders.size() < 50)
          ++column.placeholders[std::string(cell)];
      }
      column.values.push_back(value);
    }
  }
  if (out.rows == 0)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file has a header and no rows that can be read",
                 .file = records.name(),
                 .remedy = "Check --separator, --encoding and --header."};
  for (auto& column : out.columns)
    if (!column.is_whole()) std::vector<std::int32_t>().swap(column.values);
  return out;
}

}  // namespace cotejo::proposing
