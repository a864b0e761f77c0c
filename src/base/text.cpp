#include "cotejo/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cwchar>
#include <numeric>
#include <vector>

namespace cotejo {

namespace {

constexpr std::uint32_t broken = 0xFFFFFFFF;

// The code point at text[i] and the bytes it takes; `broken` and 1 for a byte that is not UTF-8.
std::pair<std::uint32_t, std::size_t> decode(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned first = byte(i);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || i + length > text.size()) return {broken, 1};
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0U) != 0x80U) return {broken, 1};
    point = point << 6 | (byte(i + k) & 0x3FU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return {broken, 1};
  return {point, length};
}

bool is_hidden(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

bool is_wide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1FAFF);
}

bool is_combining(std::uint32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0483 && c <= 0x0489) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size() && count < limit; ++count) {
    const auto [point, length] = decode(text, i);
    if (point == broken) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[i]));
    } else if (is_hidden(point)) {
      out += point < 0x100 ? fmt::format("\\x{:02X}", point) : fmt::format("\\u{{{:04X}}}", point);
    } else {
      out += text.substr(i, length);
    }
    i += length;
    if (count + 1 == limit && i < text.size()) out += "…";
  }
  return out;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [point, length] = decode(text, i);
    if (point == broken) return false;
    i += length;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  const auto blank_front = [&]() -> std::size_t {
    if (text.starts_with("\xC2\xA0")) return 2;
    return !text.empty() && std::string_view(" \t\r\n\v\f").find(text.front()) != std::string_view::npos ? 1 : 0;
  };
  const auto blank_back = [&]() -> std::size_t {
    if (text.ends_with("\xC2\xA0")) return 2;
    return !text.empty() && std::string_view(" \t\r\n\v\f").find(text.back()) != std::string_view::npos ? 1 : 0;
  };
  while (const auto n = blank_front()) text.remove_prefix(n);
  while (const auto n = blank_back()) text.remove_suffix(n);
  return text;
}

std::string with_thousands(long long value) {
  std::string digits = fmt::format("{}", value);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (value < 0 ? 1 : 0); i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string readable(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (value == std::floor(value) && size < 1e15) return with_thousands(static_cast<long long>(value));
  if (size >= 1000 && size < 1e15) {  // one decimal, after rounding
    const double tenths = std::round(value * 10);
    const auto whole = static_cast<long long>(tenths / 10);
    return fmt::format("{}.{}", with_thousands(whole), std::abs(static_cast<long long>(tenths)) % 10);
  }
  return size >= 0.001 ? fmt::format("{:.6g}", value) : fmt::format("{:.3g}", value);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto [point, length] = decode(text, i);
    width += is_combining(point) ? 0 : is_wide(point) ? 2 : 1;
    i += length;
  }
  return width;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace cotejo
