#include "number_slots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

std::uint32_t index_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::uint32_t>(names.size() - 1);
}

std::uint32_t slot_of(std::vector<Slot>& slots, const std::string& name, bool is_column) {
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const Slot& slot) { return slot.name == name && slot.is_column == is_column; });
  if (found != slots.end()) return static_cast<std::uint32_t>(found - slots.begin());
  slots.push_back({.name = name, .is_column = is_column});
  return static_cast<std::uint32_t>(slots.size() - 1);
}

}  // namespace

NumberSlots::NumberSlots(const Profile& profile) {
  enum class Kind { option, register_, total, part };
  const auto add = [&](const NumberExpression& expression, std::string what, Kind kind) {
    const bool is_option = kind == Kind::option;
    const bool has_names = profile.long_layout ? !expression.of_column : profile.groups && is_option;
    BoundNumber bound{.expression = &expression, .what = std::move(what), .plus = {}, .minus = {}, .percentage = {}};
    bound.is_option = is_option;
    const auto take = [&](const std::vector<std::string>& names, std::vector<std::uint32_t>& to) {
      for (const auto& name : names) {
        to.push_back(slot_of(slots, name, !has_names));
        auto& slot = slots[to.back()];
        slot.of_option = slot.of_option || is_option;
        slot.of_part = slot.of_part || is_option || kind == Kind::part;
        slot.only_register = slot.only_register && kind == Kind::register_;
      }
    };
    take(expression.plus, bound.plus);
    take(expression.minus, bound.minus);
    if (!expression.percent.empty()) bound.percentage = index_of(percentages, expression.percent);
    numbers.push_back(std::move(bound));
  };
  for (const auto& option : profile.options) add(option.column, option.id, Kind::option);
  options = numbers.size();
  for (const auto& [name, number] : standard_numbers(profile))
    if (number->given())
      add(*number, std::string(name),
          name == "registered"                ? Kind::register_
          : name == "cast" || name == "valid" ? Kind::total
                                              : Kind::part);
  for (const auto& field : profile.fields) add(field.column, field.id, Kind::part);
}

std::optional<std::uint32_t> NumberSlots::named(std::string_view name) const {
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (!slots[i].is_column && slots[i].name == name) return static_cast<std::uint32_t>(i);
  return std::nullopt;
}

std::optional<RowFault> evaluate(const BoundNumber& number, std::span<const std::int32_t> values,
                                 std::span<const std::optional<Percentage>> percentages, std::int32_t& out) {
  if (number.is_one_slot()) {
    out = values[number.plus[0]];
    return std::nullopt;
  }
  if (number.expression->constant) {
    out = *number.expression->constant;
    return std::nullopt;
  }
  std::int64_t sum = 0;
  for (const auto slot : number.plus) {
    if (values[slot] == missing) {
      out = missing;
      return std::nullopt;
    }
    sum += values[slot];
  }
  for (const auto slot : number.minus) {
    if (values[slot] == missing) {
      out = missing;
      return std::nullopt;
    }
    sum -= values[slot];
  }
  const auto fault = [&](std::string message, std::string column, std::string value) {
    return RowFault{
        .message = std::move(message), .column = std::move(column), .value = std::move(value), .remedy = {}};
  };
  if (number.percentage) {
    const auto& percentage = percentages[*number.percentage];
    if (!percentage) {
      out = missing;
      return std::nullopt;
    }
    const auto votes = votes_of(*percentage, sum);
    if (votes.low != votes.high)
      return fault(
          votes.low > votes.high
              ? fmt::format("'{}' is computed from a percentage, and no number of votes out of {} rounds to it",
                            number.what, with_thousands(sum))
              : fmt::format("'{}' is computed from a percentage, and it may be any of {} to {} votes out of {}",
                            number.what, with_thousands(votes.low), with_thousands(votes.high), with_thousands(sum)),
          number.expression->percent, fmt::format("{} / 10^{} %", percentage->value, percentage->digits));
    sum = votes.low;
  }
  if (sum < 0 || sum > std::numeric_limits<std::int32_t>::max())
    return fault(fmt::format("the sum for '{}' is {}; expected 0 to 2,147,483,647", number.what, with_thousands(sum)),
                 number.expression->plus.front(), std::to_string(sum));
  out = static_cast<std::int32_t>(sum);
  return std::nullopt;
}

}  // namespace cotejo
