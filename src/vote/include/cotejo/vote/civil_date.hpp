// A date as it was published: a day, or a month or year of which the day is not known.
//
// Days are counted from 1970-01-01 in the proleptic Gregorian calendar; a reduced date is the interval of days that it
// may mean (2019-03 is 2019-03-01 to 2019-03-31). A date that is not given is false. No time of day, no time zone.
// Verified in src/vote/tests/assembly_test.cpp.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cotejo {

struct CivilDate {
  static constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();
  std::int32_t first = none, last = none;

  explicit operator bool() const { return first != none; }
  bool is_day() const { return first == last && first != none; }
  friend auto operator<=>(const CivilDate&, const CivilDate&) = default;
};

// Has it come by the end of `day`? `perhaps` when only a part of a reduced date has.
enum class Passed { no, perhaps, yes };
Passed passed(const CivilDate& date, std::int32_t day);

// "2020-10-21", "2020-10" or "2020", years 1000 to 9999; nothing for anything else.
std::optional<CivilDate> parse_date(std::string_view text);
// The shortest of the three forms that says the same; "" for a date that is not given.
std::string to_text(const CivilDate& date);
std::string day_text(std::int32_t day);

}  // namespace cotejo
