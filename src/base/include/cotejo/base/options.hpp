// One description of a method's options: name, unit, bounds, text, and the member of the request struct that holds it.
// The default is the member's own initial value, so it is written once. The command line, the plan reader, the
// documents and the server all read this table and nothing else.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cotejo/base/result.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo {

using OptionValue = std::variant<std::int64_t, double, bool, std::string>;

std::string to_text(const OptionValue& value);

// The description of one option, without its place in a struct.
struct OptionInfo {
  std::string name;
  std::string unit;  // "replicates", "share 0..1", "" for text
  std::string text;  // one sentence
  OptionValue initial{};
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices{};  // for text options: the allowed values; empty = any
};

// Reads `value` as the type of info.initial and checks bounds and choices. Errors: option_invalid.
Result<OptionValue> parse_option(const OptionInfo& info, std::string_view value);

template <class Request>
class OptionTable {
 public:
  using Member = std::variant<std::int64_t Request::*, double Request::*, bool Request::*, std::string Request::*>;

  template <class T>
  OptionTable& add(T Request::*member, OptionInfo info) {
    info.initial = Request{}.*member;
    rows_.emplace_back(std::move(info), Member{member});
    return *this;
  }

  std::vector<OptionInfo> infos() const {
    std::vector<OptionInfo> out;
    for (const auto& [info, member] : rows_) out.push_back(info);
    return out;
  }

  // Errors: option_invalid (no such option, with the nearest name; wrong type; out of bounds).
  Result<void> set(Request& request, std::string_view name, std::string_view value) const {
    for (const auto& [info, member] : rows_) {
      if (info.name != name) continue;
      COTEJO_TRY(parsed, parse_option(info, value));
      std::visit(
          [&](auto pointer) {
            using T = std::remove_reference_t<decltype(request.*pointer)>;
            request.*pointer = std::get<T>(parsed);
          },
          member);
      return {};
    }
    std::vector<std::string> names;
    for (const auto& [info, member] : rows_) names.push_back(info.name);
    const auto near = nearest_name(name, names);
    return Error{
        .code = ErrorCode::option_invalid,
        .message = "no such option",
        .value = std::string(name),
        .remedy = near.empty()
                      ? fmt::format("Options: {}.", names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))
                      : fmt::format("Did you mean '{}'?", near)};
  }

  // Every option as it stands in `request`, in the table's order.
  std::vector<std::pair<std::string, OptionValue>> values(const Request& request) const {
    std::vector<std::pair<std::string, OptionValue>> out;
    for (const auto& [info, member] : rows_)
      std::visit([&, &name = info.name](auto pointer) { out.emplace_back(name, OptionValue{request.*pointer}); },
                 member);
    return out;
  }

 private:
  std::vector<std::pair<OptionInfo, Member>> rows_;
};

}  // namespace cotejo
