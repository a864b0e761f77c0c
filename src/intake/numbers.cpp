#include "numbers.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool parse(std::string_view text, auto& out) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
  return status == std::errc{} && end == text.data() + text.size();
}

// Digits of every script as ASCII digits, the Arabic separators as "," and ".", every kind of blank and apostrophe as
// " " and "'". Other characters stay.
std::string in_ascii(std::string_view text) {
  std::string out;
  const auto characters = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  for (std::int32_t at = 0; at < characters.length(); at = characters.moveIndex32(at, 1)) {
    const UChar32 c = characters.char32At(at);
    const std::int32_t digit = u_charDigitValue(c);
    if (digit >= 0)
      out += static_cast<char>('0' + digit);
    else if (c == 0x066B)  // Arabic decimal separator
      out += '.';
    else if (c == 0x066C)  // Arabic thousands separator
      out += ',';
    else if (c == 0x066A)  // Arabic percent sign
      out += '%';
    else if (c == 0x2019)
      out += '\'';
    else if (u_isUWhiteSpace(c))
      out += ' ';
    else
      icu::UnicodeString(c).toUTF8String(out);
  }
  return out;
}

// "12,345,678" or "1,23,45,678" without its separators; nothing when they do not stand where thousands, lakhs or crores
// end.
std::optional<std::string> ungrouped(std::string_view text, char separator) {
  if (text.find(separator) == std::string_view::npos) return std::string(text);
  std::string out;
  std::size_t begin = 0, first_size = 0, middle_size = 0;
  for (bool first = true;; first = false) {
    const auto end = text.find(separator, begin);
    const bool last = end == std::string_view::npos;
    const auto group = text.substr(begin, last ? std::string_view::npos : end - begin);
    if (!all_digits(group)) return std::nullopt;
    if (first) {
      first_size = group.size();
    } else if (last) {
      if (group.size() != 3) return std::nullopt;
    } else {
      if (middle_size != 0 && group.size() != middle_size) return std::nullopt;
      middle_size = group.size();
    }
    out += group;
    if (last) break;
    begin = end + 1;
  }
  const bool lakhs = middle_size == 2;
  if ((middle_size != 0 && middle_size != 2 && middle_size != 3) || first_size > (lakhs ? 2U : 3U)) return std::nullopt;
  return out;
}

}  // namespace

bool NumberReader::stands_for_missing(std::string_view cell) const {
  return cell.empty() || std::find(format_->empty.begin(), format_->empty.end(), cell) != format_->empty.end();
}

bool NumberReader::separates_thousands(char separator) const {
  const auto is = [&](const std::string& text) { return text.size() == 1 && text[0] == separator; };
  return is(format_->thousands) || std::any_of(format_->other_thousands.begin(), format_->other_thousands.end(), is);
}

// The cell as digits with at most one "." (which stands for `decimal`; '\0': none is allowed), thousands separators gone.
std::optional<std::string> NumberReader::plain_digits(std::string_view cell, char decimal) const {
  std::string text = in_ascii(cell);
  std::string fraction;
  if (const auto point = text.rfind(decimal); point != std::string::npos) {
    fraction = text.substr(point + 1);
    if (!all_digits(fraction)) return std::nullopt;
    text.resize(point);
  }
  const auto plain = [&](const std::string& thousands) -> std::optional<std::string> {
    if (thousands.empty()) return all_digits(text) ? std::optional(text) : std::nullopt;
    auto out = ungrouped(text, thousands == "\u2019" ? '\'' : thousands[0]);
    return out && all_digits(*out) ? out : std::nullopt;
  };
  auto whole = plain(format_->thousands);
  for (std::size_t i = 0; !whole && i < format_->other_thousands.size(); ++i)
    whole = plain(format_->other_thousands[i]);
  if (!whole) return std::nullopt;
  return fraction.empty() ? whole : *whole + "." + fraction;
}

// "456.0" -> "456" where no key says what the point is and it cannot separate thousands: not three zeros.
std::string_view NumberReader::without_zero_fraction(std::string_view cell) const {
  if (format_->decimal != '\0') return cell;
  const auto zeros = cell.size() - (cell.find_last_not_of('0') + 1);
  if (zeros == 0 || zeros == 3 || zeros + 1 >= cell.size()) return cell;
  const char point = cell[cell.size() - zeros - 1];
  if ((point != '.' && point != ',') || separates_thousands(point)) return cell;
  return cell.substr(0, cell.size() - zeros - 1);
}

namespace {

// A fraction ("00000000001") that is 0 or 1 but for the noise of a computation with floating numbers.
std::optional<int> rounded_fraction(std::string_view digits) {
  constexpr double noise = 1e-6;
  double value = 0;
  if (!parse("0." + std::string(digits), value)) return std::nullopt;
  if (value <= noise) return 0;
  return value >= 1 - noise ? std::optional(1) : std::nullopt;
}

}  // namespace

std::optional<std::int32_t> NumberReader::whole(std::string_view cell, std::int64_t* rounded) const {
  std::int32_t out = 0;
  if (!cell.empty() && cell[0] != '-' && parse(cell, out)) return out;
  if (stands_for_missing(cell)) return missing;
  if (std::find(format_->zero.begin(), format_->zero.end(), cell) != format_->zero.end()) return 0;
  if (const auto plain = without_zero_fraction(cell); plain.size() < cell.size()) {
    if (plain[0] != '-' && parse(plain, out)) return out;
    cell = plain;
  }
  // "1.000" is one or a thousand: such a fraction is read only where the profile says what the point is.
  auto digits = plain_digits(cell, format_->decimal);
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  int up = 0;
  if (const auto point = digits->find('.'); point != std::string::npos) {
    const auto fraction = digits->substr(point + 1);
    if (fraction.find_first_not_of('0') != std::string::npos) {
      const auto near = format_->round ? rounded_fraction(fraction) : std::nullopt;
      if (!near) return std::nullopt;
      up = *near;
      if (rounded != nullptr) ++*rounded;
    }
    digits->resize(point);
  }
  if (!parse(*digits, value) || value + up > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return static_cast<std::int32_t>(value + up);
}

std::optional<std::int32_t> NumberReader::signed_whole(std::string_view cell) const {
  if (auto value = whole(cell)) return value;
  for (const std::string_view minus : {"-", "\u2212"})
    if (cell.starts_with(minus)) {
      const auto value = whole(trimmed(cell.substr(minus.size())));
      return value && *value != missing ? std::optional(-*value) : std::nullopt;
    }
  return std::nullopt;
}

RowFault NumberReader::not_whole(std::string_view cell, std::string column) const {
  RowFault fault{.message = "expected a whole number from 0 to 2,147,483,647",
                 .column = std::move(column),
                 .value = std::string(cell),
                 .remedy = {}};
  const auto only = [&](std::string_view others) {
    return is_digit(cell[0]) && std::all_of(cell.begin(), cell.end(), [&](char c) {
             return is_digit(c) || others.find(c) != std::string_view::npos;
           });
  };
  if (cell.empty()) {
    fault.message += ", found an empty cell";
    fault.remedy = "If the cells of this column may be empty, list it as `optional` under [file].";
  } else if (stands_for_missing(cell)) {
    fault.message += ", found a text that stands for a missing number";
    fault.remedy = "If the cells of this column may be empty, list it as `optional` under [file].";
  } else if (all_digits(cell)) {
    fault.message += ", found a larger one";
  } else if (cell[0] == '-' && all_digits(cell.substr(1))) {
    fault.message += ", found a negative one";
  } else if (only(".,'_ \xC2\xA0\xE2\x80\xAF")) {
    fault.message += ", found a fraction or a number with thousands separators";
    fault.remedy = "Say how numbers are written under [numbers]: `thousands` and `decimal`.";
  } else if (cell.ends_with('%')) {
    fault.message += ", found a percentage";
    fault.remedy = "Votes can be computed from it: { percent = \"...\", of = [\"...\"] }.";
  } else {
    fault.message += ", found text";
    if (cell.size() <= 10)
      fault.remedy = "If it stands for a missing number or for 0, list it under [numbers] as `missing` or `zero`.";
  }
  return fault;
}

std::optional<Percentage> NumberReader::percentage(std::string_view cell) const {
  std::string text = in_ascii(trimmed(cell));
  if (text.ends_with('%')) text.pop_back();
  const auto digits = plain_digits(trimmed(text), format_->decimal == '\0' ? '.' : format_->decimal);
  if (!digits) return std::nullopt;
  Percentage out;
  std::string all = *digits;
  if (const auto point = all.find('.'); point != std::string::npos) {
    out.digits = static_cast<int>(all.size() - point - 1);
    all.erase(point, 1);
  }
  if (out.digits > 6 || all.size() > 12 || !parse(all, out.value)) return std::nullopt;
  std::int64_t hundred = 1000;
  for (int i = 0; i < out.digits; ++i) hundred *= 10;
  if (out.value > hundred) return std::nullopt;
  return out;
}

std::optional<double> NumberReader::real(std::string_view cell) const {
  if (stands_for_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  double out = 0;
  if (format_->decimal != ',') {
    if (parse(cell, out) && std::isfinite(out)) return out;
    return std::nullopt;
  }
  std::string text = in_ascii(cell);
  if (text.find('.') != std::string::npos) return std::nullopt;
  std::replace(text.begin(), text.end(), ',', '.');
  if (parse(text, out) && std::isfinite(out)) return out;
  return std::nullopt;
}

VotesOfPercentage votes_of(const Percentage& percentage, std::int64_t base) {
  // v rounds to p with d digits when (2p - 1) b <= 2 v 100 10^d <= (2p + 1) b. Either way of rounding a half is allowed.
  VotesOfPercentage out;
  if (base > std::numeric_limits<std::int32_t>::max()) return out;
  std::int64_t whole = 200;
  for (int i = 0; i < percentage.digits; ++i) whole *= 10;
  const std::int64_t low = (2 * percentage.value - 1) * base, high = (2 * percentage.value + 1) * base;
  out.low = low <= 0 ? 0 : (low + whole - 1) / whole;
  out.high = high / whole;
  return out;
}

}  // namespace cotejo
