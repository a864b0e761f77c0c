#include "cotejo/vote/tally.hpp"

#include <algorithm>
#include <numeric>

#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

namespace {

// Branch-free so that the compiler vectorises it.
std::int64_t sum(std::span<const std::int32_t> column) {
  std::int64_t total = 0;
  for (const std::int32_t value : column) total += value == missing ? 0 : value;
  return total;
}

std::int64_t sum(std::span<const std::int32_t> column, std::span<const UnitIndex> units) {
  if (column.empty()) return 0;
  std::int64_t total = 0;
  for (const UnitIndex unit : units) total += column[unit] == missing ? 0 : column[unit];
  return total;
}

// Where `valid` is reported with gaps, a gap is the sum of that unit's options: its votes stay in the count.
std::int64_t valid_in_gaps(const Count& count, UnitIndex unit) {
  return !count.valid.empty() && count.valid[unit] == missing ? count.valid_of(unit) : 0;
}

// Where `cast` is reported with gaps, a gap is valid + blank + null of that unit.
std::int64_t cast_in_gaps(const Count& count, UnitIndex unit) {
  return count.cast[unit] == missing ? count.cast_of(unit) : 0;
}

template <class Sum, class Gaps>
Tally sums(const Count& count, Sum sum_of, Gaps sum_gaps) {
  Tally out;
  out.options.reserve(count.options());
  for (std::size_t i = 0; i < count.options(); ++i) out.options.push_back(sum_of(count.option(i)));
  out.valid = count.valid_basis == ValidBasis::reported
                  ? sum_of(count.valid) + sum_gaps(valid_in_gaps)
                  : std::accumulate(out.options.begin(), out.options.end(), std::int64_t{0});
  out.registered = sum_of(count.registered);
  out.blank = sum_of(count.blank);
  out.null = sum_of(count.null);
  out.cast = !count.knows_cast()  ? 0
             : count.cast.empty() ? out.valid + out.blank + out.null
                                  : sum_of(count.cast) + sum_gaps(cast_in_gaps);
  return out;
}

void add(const Count& count, const RejectedRow& correction, Tally& to) {
  std::int64_t valid = 0;
  for (std::size_t i = 0; i < to.options.size(); ++i) {
    to.options[i] += correction.votes[i].least;
    valid += correction.votes[i].least;
  }
  to.valid += valid;
  if (count.knows_cast()) to.cast += valid;
}

}  // namespace

Tally& Tally::operator-=(const Tally& other) {
  for (std::size_t i = 0; i < options.size(); ++i) options[i] -= other.options[i];
  units -= other.units;
  valid -= other.valid;
  cast -= other.cast;
  registered -= other.registered;
  blank -= other.blank;
  null -= other.null;
  return *this;
}

Tally tally(const Count& count) {
  Tally out = sums(
      count, [](std::span<const std::int32_t> column) { return sum(column); },
      [&](auto gap) {
        std::int64_t total = 0;
        for (UnitIndex unit = 0; unit < count.units(); ++unit) total += gap(count, unit);
        return total;
      });
  out.units = static_cast<std::int64_t>(count.units());
  for (const auto& row : count.rejected)
    if (corrects_the_whole(row)) add(count, row, out);
  return out;
}

Tally tally(const Count& count, std::span<const UnitIndex> units) {
  Tally out = sums(
      count, [&](std::span<const std::int32_t> column) { return sum(column, units); },
      [&](auto gap) {
        std::int64_t total = 0;
        for (const UnitIndex unit : units) total += gap(count, unit);
        return total;
      });
  out.units = static_cast<std::int64_t>(units.size());
  return out;
}

std::vector<std::size_t> ranking(const Tally& tally) {
  std::vector<std::size_t> order(tally.options.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return tally.options[a] > tally.options[b]; });
  return order;
}

}  // namespace cotejo
