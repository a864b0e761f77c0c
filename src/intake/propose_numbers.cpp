// How a file writes its numbers, found in the different texts of its columns, and what each text is as a number.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "cotejo/base/text.hpp"
#include "numbers.hpp"
#include "propose_table.hpp"

namespace cotejo::proposing {

namespace {

constexpr double rounding_noise = 1e-6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How a column writes its numbers: cells by the separator that they have.
struct Writing {
  std::map<char, std::size_t> grouped;       // 1,234 or 1,234,567
  std::map<char, std::size_t> unmistakable;  // 1,234,567
  std::map<char, std::size_t> fraction;      // 12,5 or 1234,56
  std::size_t long_plain = 0;                // 1234 and longer without a separator
};

// Every blank and apostrophe that stands between thousands as ' ' and '\''.
std::string with_plain_separators(std::string_view cell) {
  std::string text(cell);
  const std::pair<std::string_view, std::string_view> plain[] = {
      {"\xC2\xA0", " "}, {"\xE2\x80\xAF", " "}, {"\xE2\x80\x89", " "}, {"\xE2\x80\x99", "'"}};
  for (const auto& [special, common] : plain)
    for (auto at = text.find(special); at != std::string::npos; at = text.find(special))
      text.replace(at, special.size(), common);
  return text;
}

void note(std::string_view cell, std::size_t times, Writing& writing) {
  const std::string text = with_plain_separators(cell);
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
    writing.long_plain += groups[0] >= 4 ? times : 0U;
    return;
  }
  const char first = separators.front(), last = separators.back();
  const bool one_kind = separators.find_first_not_of(first) == std::string::npos;
  const bool threes = std::all_of(groups.begin() + 1, groups.end(), [](auto g) { return g == 3; });
  const bool lakhs = groups.size() > 2 && groups.back() == 3 &&
                     std::all_of(groups.begin() + 1, groups.end() - 1, [](auto g) { return g == 2; });
  if (one_kind && (threes || lakhs) && groups[0] >= 1 && groups[0] <= 3 && text[0] != '0') {
    writing.grouped[first] += times;
    if (separators.size() > 1) writing.unmistakable[first] += times;
  } else if (separators.size() == 1 && (last == ',' || last == '.')) {
    writing.fraction[last] += times;
  } else if (last != first && (last == ',' || last == '.')) {
    writing.grouped[first] += times;
    writing.unmistakable[first] += times;
    writing.fraction[last] += times;
  }
}

struct Notation {
  std::map<char, std::size_t> thousands, decimals;
};

Notation notation_of(const std::vector<Writing>& columns) {
  Notation out;
  std::map<char, std::size_t> unmistakable;
  for (const auto& column : columns)
    for (const auto& [separator, cells] : column.unmistakable) unmistakable[separator] += cells;
  for (const auto& column : columns) {
    for (const auto& [separator, cells] : column.fraction) out.decimals[separator] += cells;
    for (const auto& [separator, cells] : column.grouped) {
      // "52.505" beside "52.5": a point, not a thousand; 1234 beside 1,234: no thousands either.
      const bool mixed = column.fraction.contains(separator) || column.long_plain > cells;
      const bool is_mark = separator == ' ' || separator == '\'';
      if (is_mark || unmistakable.contains(separator) || !mixed)
        out.thousands[separator] += cells;
      else
        out.decimals[separator] += cells;
    }
  }
  // A point cannot be both. Columns of percentages are not read, so that a column of thousands decides.
  for (const char separator : {'.', ','})
    if (out.thousands.contains(separator) && out.decimals.contains(separator)) {
      const bool points = !unmistakable.contains(separator) && out.decimals[separator] > out.thousands[separator];
      (points ? out.thousands : out.decimals).erase(separator);
    }
  if (out.thousands.contains('.') && out.thousands.contains(','))
    out.thousands.erase(out.thousands['.'] < out.thousands[','] ? '.' : ',');
  return out;
}

void take_notation(const Notation& notation, Table& table) {
  auto& format = table.numbers;
  std::vector<std::string> shown;
  for (const auto& [separator, cells] : notation.thousands) {
    const std::string text(1, separator);
    if (format.thousands.empty())
      format.thousands = text;
    else
      format.other_thousands.push_back(text);
    shown.push_back(separator == ' ' ? "a blank" : fmt::format("\"{}\"", separator));
  }
  std::size_t most = 0;
  for (const auto& [separator, cells] : notation.decimals)
    if (cells > most && !notation.thousands.contains(separator)) {
      format.decimal = separator;
      most = cells;
    }
  if (!shown.empty())
    table.guesses.push_back({"thousands", fmt::format("{}", fmt::join(shown, ", ")),
                             "cells like 1" + format.thousands + "234 and no fractions beside them", 0.1});
  if (format.decimal != '\0')
    table.guesses.push_back({"decimal", std::string(1, format.decimal), "cells with a fraction behind it", 0.1});
}

// Reads one text; `readers` are one for each separator of thousands that the file has.
class CellReader {
 public:
  explicit CellReader(const NumberFormat& format) {
    formats_.push_back(format);
    formats_.back().other_thousands.clear();
    for (const auto& other : format.other_thousands) {
      formats_.push_back(formats_.front());
      formats_.back().thousands = other;
    }
    for (const auto& one : formats_) readers_.emplace_back(one);
  }

  CellKind read(std::string_view text, std::int32_t& number, double& real) const {
    number = missing;
    if (text.empty()) return CellKind::empty;
    const char first = text.front();
    if ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')) return CellKind::text;
    if (const auto value = whole(text)) {
      number = *value;
      real = number;
      return CellKind::whole;
    }
    if (const auto value = negative(text)) {
      number = -*value;
      real = number;
      return CellKind::whole;
    }
    if (const auto value = readers_.front().real(text); value && std::isfinite(*value)) {
      real = *value;
      const double nearest = std::round(real);
      if (std::abs(real - nearest) <= rounding_noise && std::abs(nearest) < 2e9 && !is_written_whole(text)) {
        number = static_cast<std::int32_t>(nearest);
        return CellKind::noisy;
      }
      if (is_written_whole(text) && std::abs(nearest) < 2e9) {
        number = static_cast<std::int32_t>(nearest);
        return CellKind::whole;
      }
      return CellKind::real;
    }
    if (text.ends_with('%')) return CellKind::percent;
    return CellKind::text;
  }

 private:
  std::optional<std::int32_t> whole(std::string_view text) const {
    for (const auto& reader : readers_)
      if (const auto value = reader.whole(text); value && *value != missing) return value;
    return std::nullopt;
  }
  std::optional<std::int32_t> negative(std::string_view text) const {
    for (const std::string_view minus : {"-", "\xE2\x88\x92"})
      if (text.starts_with(minus)) return whole(trimmed(text.substr(minus.size())));
    return std::nullopt;
  }
  // "456.0", "456,00": one zero or two behind the point, no thousands.
  static bool is_written_whole(std::string_view text) {
    const auto point = text.find_first_of(".,");
    if (point == std::string_view::npos) return false;
    const auto zeros = text.substr(point + 1);
    return !zeros.empty() && zeros.size() != 3 && zeros.find_first_not_of('0') == std::string_view::npos;
  }

  std::vector<NumberFormat> formats_;
  std::vector<NumberReader> readers_;
};

void read_column(TableColumn& column, const CellReader& reader) {
  const auto size = column.texts.size();
  column.numbers.assign(size, missing);
  column.kinds.assign(size, CellKind::empty);
  column.distinct = size - 1;
  bool any_real = false;
  for (TextId id = 1; id < size; ++id) {
    const auto text = column.texts[id];
    const auto times = column.texts.times(id);
    column.filled += times;
    double real = 0;
    const auto kind = reader.read(text, column.numbers[id], real);
    column.kinds[id] = kind;
    if (kind == CellKind::percent) column.percent += times;
    if (kind == CellKind::text && says_unknown(text)) column.unknown += times;
    if (kind == CellKind::whole) column.whole += times;
    if (kind == CellKind::noisy) column.noisy += times;
    if (kind != CellKind::whole && kind != CellKind::noisy && kind != CellKind::real) continue;
    column.real += times;
    if (column.numbers[id] != missing && column.numbers[id] < 0) column.negative += times;
    column.leading_zeros = column.leading_zeros || (text.size() > 1 && text[0] == '0' && is_digit(text[1]));
    column.least_real = any_real ? std::min(column.least_real, real) : real;
    column.largest_real = any_real ? std::max(column.largest_real, real) : real;
    any_real = true;
  }
}

}  // namespace

bool says_unknown(std::string_view text) {
  static constexpr std::string_view all[] = {
      "NA",  "N/A", "n/a", "na",  "nan", "NaN", "NULL", "null", "None", "\\N",          "-",           "--",
      "---", ".",   "..",  "...", "*",   "**",  "x",    "X",    "#N/A", "\xE2\x80\x93", "\xE2\x80\x94"};
  return std::find(std::begin(all), std::end(all), text) != std::end(all);
}

void understand_numbers(Table& table) {
  std::vector<Writing> writings;
  for (const auto& column : table.columns) {
    auto& writing = writings.emplace_back();
    if (column.words.role == Role::latitude || column.words.role == Role::longitude) continue;
    for (TextId id = 1; id < column.texts.size(); ++id) note(column.texts[id], column.texts.times(id), writing);
  }
  take_notation(notation_of(writings), table);
  const CellReader reader(table.numbers);
  for (auto& column : table.columns) read_column(column, reader);
}

void count_cells(Table& table, const std::vector<std::uint32_t>& rows) {
  for (auto& column : table.columns) {
    std::vector<std::size_t> times(column.texts.size());
    for (const auto row : rows) ++times[column.ids[row]];
    column.distinct = column.filled = column.whole = column.noisy = column.real = column.percent = column.negative =
        column.unknown = 0;
    const bool zeros = std::exchange(column.leading_zeros, false);
    for (TextId id = 1; id < column.texts.size(); ++id) {
      if (times[id] == 0) continue;
      const auto kind = column.kinds[id];
      const auto text = column.texts[id];
      const bool number = kind == CellKind::whole || kind == CellKind::noisy || kind == CellKind::real;
      ++column.distinct;
      column.filled += times[id];
      column.percent += kind == CellKind::percent ? times[id] : 0U;
      column.unknown += kind == CellKind::text && says_unknown(text) ? times[id] : 0U;
      column.whole += kind == CellKind::whole ? times[id] : 0U;
      column.noisy += kind == CellKind::noisy ? times[id] : 0U;
      column.real += number ? times[id] : 0U;
      column.negative += number && column.numbers[id] != missing && column.numbers[id] < 0 ? times[id] : 0U;
      column.leading_zeros =
          column.leading_zeros || (zeros && number && text.size() > 1 && text[0] == '0' && is_digit(text[1]));
    }
  }
}

}  // namespace cotejo::proposing
