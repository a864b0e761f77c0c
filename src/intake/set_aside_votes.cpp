#include "set_aside_votes.hpp"

#include <algorithm>

namespace cotejo {

namespace {

constexpr std::int64_t code_above = 10;  // times the largest figure of a counted return

std::int64_t known(std::int32_t value) {
  return value == missing ? 0 : value;
}

// What a percentage may stand for, where it and its base were read.
std::optional<VoteRange> of_percentage(const BoundNumber& number, std::span<const std::int32_t> values,
                                       std::span<const std::optional<Percentage>> percentages) {
  if (!number.percentage || !percentages[*number.percentage]) return std::nullopt;
  std::int64_t base = 0;
  for (const auto slot : number.plus) {
    if (values[slot] == missing) return std::nullopt;
    base += values[slot];
  }
  const auto votes = votes_of(*percentages[*number.percentage], base);
  if (votes.low > votes.high) return std::nullopt;
  return VoteRange{votes.low, votes.high};
}

}  // namespace

SetAsideVotes::SetAsideVotes(const Profile& profile, const NumberSlots& slots, std::span<const Column> counted)
    : slots_(&slots), duplicates_are_copies_(profile.duplicates == Duplicates::drop_identical), counted_(counted) {
  std::optional<std::size_t> valid, cast, registered, blank, null;
  for (std::size_t i = slots.options; i < slots.numbers.size(); ++i)
    for (const auto& [name, to] :
         {std::pair{"valid", &valid}, std::pair{"cast", &cast}, std::pair{"registered", &registered},
          std::pair{"blank", &blank}, std::pair{"null", &null}})
      if (slots.numbers[i].what == name) *to = i;
  if (valid) figures_.push_back({.number = *valid, .less = {}});
  if (cast) {
    figures_.push_back({.number = *cast, .less = {}});
    for (const auto& part : {blank, null})
      if (part) figures_.back().less.push_back(*part);
  }
  if (registered) figures_.push_back({.number = *registered, .less = {}, .excess = 0, .zero_bounds = false});

  const std::size_t units = counted.empty() ? 0 : counted[0].size();
  for (std::size_t unit = 0; unit < units; ++unit) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < slots.options; ++i) sum += known(counted[i][unit]);
    largest_ = std::max(largest_, sum);
    for (auto& figure : figures_) {
      const auto printed = counted[figure.number][unit];
      if (printed == missing || (printed == 0 && !figure.zero_bounds)) continue;
      std::int64_t holds = sum;
      for (const auto part : figure.less) holds += known(counted[part][unit]);
      figure.excess = std::max(figure.excess, holds - printed);
      if (figure.zero_bounds) largest_ = std::max<std::int64_t>(largest_, printed);
    }
  }
}

// How many votes there can be beside those that were read; nothing where no printed figure bounds them.
std::optional<std::int64_t> SetAsideVotes::room(std::int64_t read, std::span<const std::int32_t> results) const {
  std::optional<std::int64_t> out;
  for (const auto& figure : figures_) {
    const auto printed = results[figure.number];
    if (printed == missing || (printed == 0 && !figure.zero_bounds)) continue;
    std::int64_t left = printed + figure.excess - read;
    for (const auto part : figure.less) left -= known(results[part]);
    if (left >= 0) out = std::min(out.value_or(left), left);
  }
  return out;
}

std::vector<VoteRange> SetAsideVotes::of_cells(std::span<const std::int32_t> values,
                                               std::span<const std::optional<Percentage>> percentages) const {
  std::vector<std::int32_t> results(slots_->numbers.size(), missing);
  std::vector<VoteRange> votes(slots_->options);
  std::vector<bool> open(slots_->options, false);
  std::int64_t read = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& number = slots_->numbers[i];
    if (evaluate(number, values, percentages, results[i])) results[i] = missing;
    if (!number.is_option) continue;
    auto& [least, most] = votes[i];
    open[i] = results[i] == missing;
    if (!open[i])
      least = most = results[i];
    else if (number.minus.empty() && !number.percentage)  // the parts of a sum that were read
      for (const auto slot : number.plus) least += known(values[slot]);
    if (const auto range = open[i] ? of_percentage(number, values, percentages) : std::nullopt) {
      votes[i] = *range;
      open[i] = false;
    }
    read += least;
  }
  const auto most = room(read, results).value_or(largest_);
  for (std::size_t i = 0; i < votes.size(); ++i)
    if (open[i]) votes[i].most = votes[i].least + most;
  return votes;
}

std::vector<VoteRange> SetAsideVotes::of_unknown(std::span<const std::int32_t> figures, std::int64_t rows) const {
  std::int64_t most = largest_;
  for (const auto figure : figures)
    if (figure != missing && figure <= code_above * largest_) most = std::max<std::int64_t>(most, figure);
  return std::vector<VoteRange>(slots_->options, VoteRange{0, most * rows});
}

std::vector<VoteRange> SetAsideVotes::of_named(std::optional<std::uint32_t> slot,
                                               std::optional<VoteRange> votes) const {
  const auto range = votes.value_or(VoteRange{0, largest_});
  const auto has = [&](const std::vector<std::uint32_t>& part) {
    return std::find(part.begin(), part.end(), *slot) != part.end();
  };
  std::vector<VoteRange> out(slots_->options);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto& number = slots_->numbers[i];
    if (!slot || has(number.plus))
      out[i] = range;
    else if (has(number.minus))
      out[i] = {-range.most, -range.least};
  }
  return out;
}

void SetAsideVotes::against_counted(std::vector<VoteRange>& votes, UnitIndex unit) const {
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const std::int64_t counted = known(counted_[i][unit]);
    auto& [least, most] = votes[i];
    least = std::min<std::int64_t>(0, least - counted);
    most = std::max<std::int64_t>(0, duplicates_are_copies_ ? most - counted : most);
  }
}

void SetAsideVotes::may_be_none(std::vector<VoteRange>& votes) {
  for (auto& [least, most] : votes) {
    least = std::min<std::int64_t>(least, 0);
    most = std::max<std::int64_t>(most, 0);
  }
}

}  // namespace cotejo
