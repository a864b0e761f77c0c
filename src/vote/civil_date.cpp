#include "cotejo/vote/civil_date.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace cotejo {

namespace {

using std::chrono::sys_days, std::chrono::year_month_day, std::chrono::year, std::chrono::month, std::chrono::day;

std::int32_t days_of(const year_month_day& date) {
  return static_cast<std::int32_t>(sys_days(date).time_since_epoch().count());
}

std::optional<unsigned> digits(std::string_view text, std::size_t wanted) {
  unsigned value = 0;
  if (text.size() != wanted || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

year_month_day date_of(std::int32_t days) {
  return year_month_day(sys_days(std::chrono::days(days)));
}

}  // namespace

Passed passed(const CivilDate& date, std::int32_t on) {
  if (!date || date.first > on) return Passed::no;
  return date.last <= on ? Passed::yes : Passed::perhaps;
}

std::optional<CivilDate> parse_date(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return std::nullopt;
  const auto y = digits(text.substr(0, 4), 4);
  if (!y || *y < 1000) return std::nullopt;
  const year in(static_cast<int>(*y));
  if (text.size() == 4) return CivilDate{days_of(in / 1 / 1), days_of(in / 12 / 31)};
  const auto m = text[4] == '-' ? digits(text.substr(5, 2), 2) : std::nullopt;
  if (!m || *m < 1 || *m > 12) return std::nullopt;
  if (text.size() == 7)
    return CivilDate{days_of(in / month(*m) / 1), days_of(year_month_day(in / month(*m) / std::chrono::last))};
  const auto d = text[7] == '-' ? digits(text.substr(8, 2), 2) : std::nullopt;
  if (!d) return std::nullopt;
  const year_month_day date = in / month(*m) / day(*d);
  if (!date.ok()) return std::nullopt;
  return CivilDate{days_of(date), days_of(date)};
}

std::string day_text(std::int32_t days) {
  const auto date = date_of(days);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string to_text(const CivilDate& date) {
  if (!date) return "";
  const std::string first = day_text(date.first);
  if (date.is_day()) return first;
  for (const std::size_t length : {7u, 4u})
    if (parse_date(first.substr(0, length)) == date) return first.substr(0, length);
  return first + "/" + day_text(date.last);
}

}  // namespace cotejo
