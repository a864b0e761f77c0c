#include "cotejo/vote/arrival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numeric>

#include "cotejo/base/hash.hpp"

namespace cotejo {

std::string_view to_text(ArrivalKind kind) {
  switch (kind) {
    case ArrivalKind::time:
      return "time";
    case ArrivalKind::order:
      return "order";
    case ArrivalKind::percentile:
      return "percentile";
  }
  return "";
}

std::string Arrival::content_hash() const {
  std::vector<std::size_t> order(units());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return unit_keys[a] < unit_keys[b]; });
  Sha256 hash;
  hash.update(id.text);
  hash.update(to_text(kind));
  for (const auto i : order) {
    hash.update(unit_keys[i]);
    hash.update(fmt::format("{} {}", from[i], to[i]));
  }
  return hash.hex();
}

std::optional<double> seconds_of(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) -> std::optional<int> {
    int value = 0;
    const char* end = text.data() + at + digits;
    const auto [stop, status] = std::from_chars(text.data() + at, end, value);
    if (status != std::errc{} || stop != end || value < 0) return std::nullopt;
    return value;
  };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2), hour = number(11, 2),
             minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return 86400.0 * static_cast<double>(days) + 3600 * *hour + 60 * *minute + *second;
}

std::string describe_arrival(ArrivalKind kind, double value) {
  if (kind != ArrivalKind::time) return fmt::format("{:.6g}", value);
  const auto days = std::floor(value / 86400);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  const auto rest = static_cast<int>(value - 86400 * days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                     rest / 60 % 60, rest % 60);
}

}  // namespace cotejo
