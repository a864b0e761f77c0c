// The fewest and the most votes that a row set aside can mean, per option.
//
// A row that has every cell, some of them unread:
//   option read          v .. v
//   option not read      0 .. room, the least of
//                          valid - S, cast - S - blank - null, registered - S   (S: the options that were read)
//                        each enlarged by the most that any counted return exceeds the same figure. A figure of 0
//                        (a unit without a list of its own) and one smaller than S bound nothing; without any that
//                        does, room is the largest figure of a counted return.
// A row whose cells cannot be told apart (too few, too many, a quotation mark that took in separators or rows): every
// option 0 .. the largest figure of a counted return, or a larger one in the row itself, if it is at most ten times
// that (more is taken for a code); times the rows that it may hold.
//
// The row may not be what it seems, and the fewest votes are then less:
//   its unit is counted from another row (u votes)    min(0, fewest - u) .. most: another reading of that return
//                                                     (the difference), a copy (0), or a unit whose key was
//                                                     damaged (all). Where the profile states that such rows are
//                                                     copies (`duplicates`), .. max(0, most - u).
//   its key or place is not known, or a filter was    0 .. most: it may be a row of totals, or of another contest
//   not asked
//
// So counted + fewest <= truth <= counted + most holds for a file of which cells were made unreadable, rows were cut,
// lengthened, doubled, or given the key of another. It does not where a readable number was replaced by another one.
// Verified in tests/set_aside_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cotejo/vote/count.hpp"
#include "number_slots.hpp"

namespace cotejo {

// More ranges than this are not kept; what is beyond has none, which is "nothing is known".
inline constexpr std::size_t most_ranges = 10'000'000;

class SetAsideVotes {
 public:
  // `counted` holds one column per number, the counted returns.
  SetAsideVotes(const Profile& profile, const NumberSlots& slots, std::span<const Column> counted);

  // Of a row (or unit) whose cells are where they belong; `missing` and empty percentages were not read.
  std::vector<VoteRange> of_cells(std::span<const std::int32_t> values,
                                  std::span<const std::optional<Percentage>> percentages) const;
  // Of a row whose cells cannot be told apart. `figures` are the numbers in it, `rows` how many rows it may hold.
  std::vector<VoteRange> of_unknown(std::span<const std::int32_t> figures, std::int64_t rows) const;
  // Of a row of one name, as in the long layout: `votes` for each option that has its slot, or 0 .. the largest figure
  // where they were not read. No slot: it may be any option's.
  std::vector<VoteRange> of_named(std::optional<std::uint32_t> slot, std::optional<VoteRange> votes) const;

  // Its unit is counted as `unit`, from another row.
  void against_counted(std::vector<VoteRange>& votes, UnitIndex unit) const;
  static void may_be_none(std::vector<VoteRange>& votes);

 private:
  struct Figure {
    std::size_t number;             // of valid, cast or registered
    std::vector<std::size_t> less;  // numbers that it holds besides the options
    std::int64_t excess = 0;        // the most that a counted return exceeds it
    bool zero_bounds = true;
  };
  std::optional<std::int64_t> room(std::int64_t read, std::span<const std::int32_t> results) const;

  const NumberSlots* slots_;
  bool duplicates_are_copies_;
  std::span<const Column> counted_;
  std::vector<Figure> figures_;
  std::int64_t largest_ = 0;  // figure of a counted return: its options together, valid, cast
};

}  // namespace cotejo
