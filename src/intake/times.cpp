#include "times.hpp"

#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <cmath>

#include "cotejo/vote/arrival.hpp"

namespace cotejo {

namespace {

// "p. m.", "p.m.", "PM" and with other blanks: ICU's English pattern reads "PM".
std::string with_plain_marks(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = static_cast<char>(text[i] | 0x20);
    const bool begins =
        (letter == 'a' || letter == 'p') && (i == 0 || !std::isalpha(static_cast<unsigned char>(text[i - 1])));
    if (begins) {
      std::size_t j = i + 1;
      const auto skip = [&] {
        while (j < text.size() && (text[j] == '.' || text[j] == ' ' || text[j] == '\xC2' || text[j] == '\xA0')) ++j;
      };
      skip();
      if (j < text.size() && (text[j] | 0x20) == 'm' &&
          (j + 1 == text.size() || !std::isalpha(static_cast<unsigned char>(text[j + 1])))) {
        out += letter == 'a' ? "AM" : "PM";
        i = j;
        if (i + 1 < text.size() && text[i + 1] == '.') ++i;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace

struct TimeReader::Icu {
  std::vector<std::unique_ptr<icu::SimpleDateFormat>> formats;
};

bool has_half_day_mark(std::string_view text) {
  const std::string plain = with_plain_marks(text);
  return plain.find("AM") != std::string::npos || plain.find("PM") != std::string::npos;
}

std::string time_format_problem(const std::string& format) {
  if (format.empty()) return {};
  const auto has = [&](char c) { return format.find(c) != std::string::npos; };
  UErrorCode status = U_ZERO_ERROR;
  const icu::SimpleDateFormat made(icu::UnicodeString::fromUTF8(format), icu::Locale::getEnglish(), status);
  if (U_FAILURE(status) || format.size() > 100) return "this is no pattern of a time";
  if (!has('H') && !has('h') && !has('k') && !has('K')) return "the pattern has no hour";
  if ((has('h') || has('K')) && !has('a'))
    return "an hour on the 12-hour clock (hh) needs the half of the day (a): 01:00 is then twice a day";
  if (has('H') && has('a')) return "HH is the hour of 24; with a half of the day (a) it is hh";
  return {};
}

TimeReader::TimeReader(const std::vector<std::string>& formats) : icu_(std::make_unique<Icu>()) {
  for (const auto& format : formats) {
    UErrorCode status = U_ZERO_ERROR;
    auto& made = icu_->formats.emplace_back(std::make_unique<icu::SimpleDateFormat>(
        icu::UnicodeString::fromUTF8(format), icu::Locale::getEnglish(), status));
    made->setLenient(false);
    made->adoptTimeZone(icu::TimeZone::getGMT()->clone());
  }
}
TimeReader::~TimeReader() = default;
TimeReader::TimeReader(TimeReader&&) noexcept = default;

std::optional<double> TimeReader::read(std::string_view text) const {
  if (icu_->formats.empty()) {
    std::string iso(text);
    if (iso.size() > 10 && iso[10] == ' ') iso[10] = 'T';
    return seconds_of(iso);
  }
  const auto unicode = icu::UnicodeString::fromUTF8(with_plain_marks(text));
  std::optional<double> found;
  for (const auto& format : icu_->formats) {
    icu::ParsePosition position(0);
    const UDate date = format->parse(unicode, position);
    if (position.getErrorIndex() >= 0 || position.getIndex() != unicode.length() || !std::isfinite(date)) continue;
    const double time = std::floor(date / 1000);
    if (found && *found != time) return {};
    found = time;
  }
  return found;
}

std::optional<std::size_t> sorted_as_text(const std::vector<std::string>& texts, const std::vector<double>& times,
                                          double tolerance) {
  std::size_t back_in_time = 0, back_in_text = 0;
  std::optional<std::size_t> example;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const bool earlier = times[i] < times[i - 1];
    back_in_time += earlier;
    back_in_text += texts[i] < texts[i - 1];
    if (earlier && texts[i] >= texts[i - 1] && !example) example = i;
  }
  const auto share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(times.size()); };
  if (times.size() < 2 || share(back_in_time) <= tolerance || back_in_text * 2 >= back_in_time) return {};
  return example;
}

}  // namespace cotejo
