// Items of one group with identical rows, against the number that dealing gives: each group's sums are dealt at random
// among its items, each item keeping its total.
//
//   pairs    = #{ (i, j) of one group, total > 0 : row i = row j }
//   expected = sum over pairs of equal total of the chance that dealing makes them identical (chance_of_equal_rows)
// Dealing: an item with total t takes t of the group's things at random. Only items with an equal total matter, and the
// rest need not be dealt: any items of a group may be dealt first. Columns are dealt one after the other, and only items
// that are still equal to another go on, so that a dealing costs about one draw an item.
// Shapes: `values` holds k columns one after the other, values[c * n + i]; `group` has n entries below `groups`.
// Null: values >= 0; a total of 0 is no item. No pair of equal total: 0 pairs, always.
// Cost: building n log n; pairs linear; a dealing linear in the items with an equal total. No allocation while dealing.
// Source: the multivariate hypergeometric law; the statistic is ours.
// Verified in src/stats/tests/dealt_repeats_test.cpp against full enumeration.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cotejo/base/random.hpp"

namespace cotejo {

// The chance that two items of `total` each hold the same row, when the group's things (sums per column, of all its
// items: `all`) are dealt. Terms beyond 9 standard deviations (below 1e-17) are left out.
double chance_of_equal_rows(std::span<const std::int64_t> sums, std::int64_t all, std::int64_t total);

class DealtRepeats {
 public:
  DealtRepeats(std::span<const std::int32_t> values, std::size_t columns, std::span<const std::uint32_t> group,
               std::size_t groups);

  std::int64_t pairs() const { return pairs_; }
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& which() const { return which_; }  // the first 100,000
  std::int64_t comparable() const { return comparable_; }  // pairs of one group with an equal total
  // Exact. Items with a total above `most_total` are left out (the work grows with its square), and counted.
  double expected(std::int64_t most_total, std::int64_t* left_out = nullptr) const;

  // The pairs of one dealing. `room` is filled anew and keeps its memory.
  struct Room {
    std::vector<std::int64_t> remaining;
    std::vector<std::uint32_t> order, next;
    std::vector<std::int32_t> drawn;
    std::vector<std::uint32_t> cls;
  };
  std::int64_t deal(Stream& stream, Room& room) const;

 private:
  struct Group {
    std::size_t begin = 0, end = 0;  // of items_
    std::size_t sums = 0;            // begin of its sums in sums_, columns_ of them
    std::int64_t all = 0;
  };
  std::int64_t deal_group(const Group& group, Stream& stream, Room& room) const;

  std::size_t columns_ = 0;
  std::int64_t pairs_ = 0, comparable_ = 0;
  std::vector<Group> groups_;         // with two items of an equal total
  std::vector<std::int64_t> totals_;  // of the items in them, equal ones side by side
  std::vector<std::int64_t> sums_;    // per group, the column with most things first
  std::vector<std::pair<std::uint32_t, std::uint32_t>> which_;
};

// The p-value of `pairs` among dealings: (1 + as many or more) / (1 + dealings); no dealing is needed where there are none.
// Stops early at `enough` dealings with as many (Besag & Clifford 1991): p = enough / dealings made.
struct DealtP {
  double p_value = 1;
  std::int64_t dealings = 0;
  bool at_floor = false;  // no dealing had as many: p is at most this
};
DealtP dealt_p(const DealtRepeats& repeats, Seed seed, std::uint64_t replicate, std::int64_t dealings,
               std::int64_t enough);

}  // namespace cotejo
