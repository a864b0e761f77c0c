// Every level's sheets against the sum of the level below: where votes appear, vanish or move, who gains, and the outcome as
// counted at each level.
//
// The count holds the lowest sheets (one for each unit); each of `others` the sheets of one level above: another reading of
// the units' sheets (the same keys), one sheet for each place of a level (its key is the place's code, path or name, the
// latter two without regard to case and accents), or one for the whole (any count of one unit). They are ordered from the units up; readings of one level in the order given.
// With s_p the sheet of a place p, b_p the sum below it, d = s - b for each option:
//   value_p   s_p where p has a sheet, else b_p; b_p adds value over the places of the level below that lie in p
//   gained, lost   sums of max(0, d), of max(0, -d) over the sheets of a level, for each option and for the fields that both have
//   appear    sum over p of max(0, sum over options of d)      vanish   of max(0, - that sum)
//   moved     sum over p of min(sum of max(0, d), sum of max(0, -d)), over the options of one sheet
// so that each difference is found at the one level where it arises, and a sheet that is missing neither hides nor makes one.
// The outcome at a level is the rule applied to the sum of value over its places. for_outcome: `depends` where it differs
// between levels, or where resolving some differences one way and others the other way could change it; `holds` where not;
// `unknown` where a level has sheets that are in no sum.
// Shapes: at least one other count that shares an option with the lowest level. Units: votes.
// Null: a cell that a sheet lacks takes the sum below; a missing cell of the lowest level is 0. A sheet's valid votes are the
// printed ones where it has them, else the sum below plus the differences of its options. A sheet whose key is no place of
// the count is in no sum, and listed.
// Errors: input_insufficient (no second count, no shared option, no key that is a unit or a place). No randomness. Exact.
// Cost: linear in units x options for each level.
// Does NOT show which sheet is right, or whether a difference is a slip or intended.
// Source: the calculation is ours; the chain of sheets as commissions publish it (station, constituency, national centre).
// Verified in src/methods/dispute/tally_chain/tally_chain_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct TallyChainRequest {
  const Rule* rule = nullptr;
  std::vector<const Count*> others{};  // the sheets of the levels above
  std::int64_t list_limit = 10000;

  static MethodInfo info();
  static const OptionTable<TallyChainRequest>& table();
};

// What the rule makes of the levels.
enum class OutcomeByLevel { not_comparable, differs, same_but_differences_could_change_it, same };

struct TallyChainResult {
  struct Change {       // of one field between a level's sheets and the sums below
    std::string field;  // an option's id, "registered", "cast", "blank" or "null"
    std::int64_t sheets = 0, gained = 0, lost = 0;
  };
  struct Level {
    std::string level;  // "unit", a level of the hierarchy, or "whole"
    CountId count;
    std::int64_t sheets = 0;          // that belong to a unit or place
    std::int64_t places_without = 0;  // a sheet
    std::int64_t unplaced = 0;        // sheets that belong to none
    std::int64_t differing = 0;       // sheets that differ in some option or field from the sum below
    std::int64_t appear = 0, vanish = 0, moved = 0;
    std::vector<Change> changes{};               // the options first
    std::vector<std::string> strange_options{};  // that the lowest level does not have
    Tally counted{};
    std::optional<Outcome> outcome{};  // by the rule, where there is one and the levels can be compared
  };
  struct Difference {
    std::size_t level;  // index into levels
    std::string place, field;
    std::int64_t below, sheet;
  };
  struct Lone {  // a sheet, or a place, at one level only
    std::size_t level;
    std::string place;
    std::int64_t votes;
    bool sheet;  // a sheet of no place; else a place without a sheet
  };
  std::vector<Level> levels;            // the lowest first
  std::vector<Difference> differences;  // the largest first
  std::vector<Lone> lone;
  std::optional<OutcomeByLevel> outcome{};  // where there is a rule

  // Over the levels above the lowest.
  struct Sums {
    std::int64_t sheets = 0, differing = 0, unplaced = 0, places_without = 0, appear = 0, vanish = 0, moved = 0;
    std::vector<std::string> strange_options;
    bool comparable() const { return unplaced == 0 && strange_options.empty(); }  // no vote is left out of the sums
  };
  Sums sums() const;
};

Result<TallyChainResult> compute(const Count& lowest, const TallyChainRequest& request, const Context& context);
Finding present(const TallyChainResult& result, const Count& lowest, const TallyChainRequest& request,
                const Context& context);

}  // namespace cotejo
