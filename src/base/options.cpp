#include "cotejo/base/options.hpp"

#include <algorithm>
#include <cmath>

namespace cotejo {

std::string to_text(const OptionValue& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

Result<OptionValue> parse_option(const OptionInfo& info, std::string_view value) {
  const auto refuse = [&](std::string expected) {
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("option '{}' must be {}", info.name, expected),
                 .value = std::string(value),
                 .remedy = fmt::format("Its default is {}.", to_text(info.initial))};
  };
  const auto number = [&](auto parsed) -> Result<OptionValue> {
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    const double as_double = static_cast<double>(parsed);
    if (status != std::errc{} || end != value.data() + value.size() || !std::isfinite(as_double) ||
        as_double < info.low || as_double > info.high)
      return refuse(fmt::format("a{} number from {} to {}", std::is_integral_v<decltype(parsed)> ? " whole" : "",
                                info.low, info.high));
    return OptionValue{parsed};
  };
  if (std::holds_alternative<std::int64_t>(info.initial)) return number(std::int64_t{});
  if (std::holds_alternative<double>(info.initial)) return number(double{});
  if (std::holds_alternative<bool>(info.initial)) {
    if (value == "true" || value == "yes") return OptionValue{true};
    if (value == "false" || value == "no") return OptionValue{false};
    return refuse("true or false");
  }
  if (!info.choices.empty() && std::find(info.choices.begin(), info.choices.end(), value) == info.choices.end())
    return refuse(fmt::format("one of: {}", fmt::join(info.choices, ", ")));
  return OptionValue{std::string(value)};
}

}  // namespace cotejo
