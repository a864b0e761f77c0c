#include "assembly_support.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "cotejo/base/text.hpp"

namespace cotejo {

Result<std::optional<std::int32_t>> day_option(const std::string& name, const std::string& value) {
  if (value.empty()) return std::optional<std::int32_t>{};
  const auto date = parse_date(value);
  if (!date || !date->is_day())
    return Error{.code = ErrorCode::option_invalid,
                 .message = "expected a day such as 2020-10-21",
                 .column = name,
                 .value = value,
                 .remedy = "Write year, month and day."};
  return std::optional<std::int32_t>{date->first};
}

Result<std::vector<std::int64_t>> numbers_option(const std::string& name, const std::string& value) {
  std::vector<std::int64_t> out;
  std::string_view rest = value;
  while (!trimmed(rest).empty()) {
    const auto comma = rest.find(',');
    const auto part = trimmed(rest.substr(0, comma));
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (status != std::errc{} || end != part.data() + part.size() || number < 1 || number > 1'000'000'000 ||
        out.size() == 20)
      return Error{.code = ErrorCode::option_invalid,
                   .message = "expected at most 20 whole numbers above 0, with commas between them",
                   .column = name,
                   .value = value,
                   .remedy = "As in 35,34,33."};
    out.push_back(number);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return out;
}

const Assembly& known_on(const Assembly& assembly, const std::optional<std::int32_t>& day,
                         std::optional<Assembly>& kept) {
  if (!day) return assembly;
  return kept.emplace(as_known(assembly, *day));
}

std::string mark_text(Mark mark) {
  switch (mark) {
    case Mark::sourced:
      return "";
    case Mark::recall:
      return "by recall";
    case Mark::elimination:
      return "by elimination";
  }
  return "";
}

std::string day_words(const CivilDate& date) {
  static constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
  const std::string text = to_text(date);
  int day = 0, month = 0;
  if (text.size() != 10 && text.size() != 7) return text;
  month = std::stoi(text.substr(5, 2));
  if (text.size() == 10) day = std::stoi(text.substr(8, 2));
  return fmt::format("{}{} {}", day ? fmt::format("{} ", day) : "", months[static_cast<std::size_t>(month - 1)],
                     text.substr(0, 4));
}

}  // namespace cotejo
