#include "printed_totals.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace cotejo {

namespace {

// The sum of these numbers; nothing when one of them is missing.
std::optional<std::int64_t> sum_of(std::span<const std::uint32_t> numbers, std::span<const std::int32_t> results) {
  std::int64_t sum = 0;
  for (const auto number : numbers) {
    if (results[number] == missing) return std::nullopt;
    sum += results[number];
  }
  return sum;
}

}  // namespace

PrintedTotals::PrintedTotals(const Profile& profile, const NumberSlots& slots) : slots_(&slots) {
  const auto number_of = [&](std::string_view name) -> std::optional<std::uint32_t> {
    for (std::size_t i = 0; i < slots.numbers.size(); ++i)
      if (slots.numbers[i].what == name) return static_cast<std::uint32_t>(i);
    return std::nullopt;
  };
  std::vector<std::uint32_t> options(slots.options);
  std::iota(options.begin(), options.end(), 0U);

  const auto valid = number_of("valid"), cast = number_of("cast");
  if (valid) add({*valid}, options);
  if (cast) {
    auto parts = valid ? std::vector{*valid} : options;
    for (const auto* name : {"blank", "null"})
      if (const auto number = number_of(name)) parts.push_back(*number);
    add({*cast}, std::move(parts));
  }
  for (const auto& check : profile.checks) {
    if (check.relation != Relation::equal) continue;
    const auto side = [&](const std::vector<std::string>& names) {
      std::vector<std::uint32_t> out;
      for (const auto& name : names) {
        if (name == "options")
          out.insert(out.end(), options.begin(), options.end());
        else if (const auto number = number_of(name))
          out.push_back(*number);
      }
      return out;
    };
    add(side(check.left), side(check.right));
  }
}

void PrintedTotals::add(std::vector<std::uint32_t> left, std::vector<std::uint32_t> right) {
  const auto slots_of = [&](const std::vector<std::uint32_t>& numbers) {
    std::vector<std::uint8_t> has(slots_->slots.size(), 0);
    for (const auto number : numbers)
      for (const auto* part : {&slots_->numbers[number].plus, &slots_->numbers[number].minus})
        for (const auto slot : *part) has[slot] = 1;
    return has;
  };
  equalities_.push_back({std::move(left), std::move(right), {}, {}});
  equalities_.back().on_left = slots_of(equalities_.back().left);
  equalities_.back().on_right = slots_of(equalities_.back().right);
}

Proof PrintedTotals::of_slot(std::uint32_t slot, std::span<const std::int32_t> results) const {
  Proof proof = Proof::none;
  for (const auto& equality : equalities_) {
    if (equality.on_left[slot] == equality.on_right[slot]) continue;
    const auto left = sum_of(equality.left, results), right = sum_of(equality.right, results);
    if (!left || !right) continue;
    if (*left == *right) return Proof::holds;
    proof = Proof::contradicted;
  }
  return proof;
}

}  // namespace cotejo
