// What somebody's copies of part of the returns, set against the proclaimed figures, leave possible.
//
// The count holds the copies; the first of `others` what was proclaimed: unit by unit (the same keys), by place (its keys are
// the codes, paths or names of the places of one level), or as totals (a count of one unit). With c_o the copied votes of option
// o, p_o the proclaimed ones, R the registered voters of the units without a copy, all of one place where there are totals by place:
//   over_o         max(0, c_o - p_o): the copies alone exceed the proclaimed figure; no completion takes votes away
//   unreachable    max(0, sum over o of max(0, p_o - c_o) - R): more than the missing units have voters
//   bounds         c_o <= votes of o <= c_o + R
// each added up over the places. Unit by unit: of units that both have, |copy - proclaimed| for every option (no completion
// repairs these either), and who gains. impossible_votes is the sum of over_o, or of these differences.
// The outcome is computed for the copies alone, for what was proclaimed, and for three completions of the missing units:
// every voter for the leader of the copies; every voter for their runner-up; valid votes as frequent and as divided as in the
// copies. needed_share_percent: the share of the valid votes of the missing units (as frequent as in the copies), of those for
// the two, that the runner-up would need to draw level: 100 (1/2 + lead / (2 R v)), v the valid votes per registered voter.
// own_share_percent: that share if the missing voters of each place voted as its copies did (where none has, as all copies).
// Several readings of one form: the copies, each further one of `others`, and the proclaimed figures unit by unit. A sheet is
// agreed where all have the same votes; best-for-leader and best-for-runner-up take of every disputed sheet the whole reading
// with the largest or smallest lead. for_outcome `holds` where neither the missing voters nor any mixture of readings changes
// the outcome of the copies.
// Shapes: counts that share at least one option id. R is, first of these: the voters of the units of the register without a
// copy; those of the proclaimed count (unit by unit, by place); `registered_in_all` less those of the copies, where the
// proclaimed figures are totals. Without R bounds have no upper end.
// Null: missing cells count as 0; a cell that either lacks differs from nothing. No randomness. Exact in integers.
// Errors: input_insufficient (no proclaimed figures, no shared option, a unit of the register without its voters), unit_unknown
// (copies of units that the register lacks), option_invalid (fewer units or voters in all than in the copies; both numbers in
// all and a register).
// Cost: linear in units.
// Does NOT show whether the copies or the proclamation are wrong, or whether the copies are authentic.
// Source: the calculation is ours; bounds from registered voters as in election petitions that counted missing forms.
// Verified in src/methods/dispute/parallel_tally/parallel_tally_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

struct ParallelTallyRequest {
  const Rule* rule = nullptr;
  std::vector<const Count*> others{};  // the proclaimed figures, then further readings of the copies' sheets
  const Count* expected = nullptr;     // the register: every unit expected, with its voters, no option
  std::string level{};            // of the units' own places, by the register or what was proclaimed; empty: the lowest
  std::int64_t units_in_all = 0;  // 0: not known
  std::int64_t registered_in_all = 0;  // 0: not known
  std::int64_t list_limit = 10000;

  static MethodInfo info();
  static const OptionTable<ParallelTallyRequest>& table();
};

struct ParallelTallyResult {
  struct Option {
    std::string id;
    std::int64_t copied = 0, proclaimed = 0;
    std::int64_t over = 0;  // the copies exceed it
    std::int64_t net = 0;   // unit by unit: proclaimed less copied, over the units that both have
  };
  struct Place {
    std::string place;
    std::int64_t units = 0, copied = 0, proclaimed = 0, over = 0, voters_missing = 0, unreachable = 0;
  };
  enum class By { unit, place, whole };  // how the proclaimed figures are divided
  std::vector<Option> options;           // that both have
  By by = By::whole;
  std::string level{};          // of the places
  std::vector<Place> places{};  // by place: the largest contradictions first
  std::int64_t places_contradicted = 0, places_without_copy = 0;
  std::int64_t sheets_agreed = 0, sheets_disputed = 0;  // of sheets with several readings
  std::vector<std::int64_t> least{}, most{};  // by option: what readings other than the copies take away or add
  std::int64_t copies = 0;                    // units with a copy
  std::int64_t unknown_units = 0;             // copies of units, or in places, that were not proclaimed
  std::int64_t differing = 0;                 // unit by unit: units that differ
  std::optional<std::int64_t> units_missing{}, voters_missing{};
  std::int64_t impossible = 0;
  std::optional<std::int64_t> unreachable{};
  std::optional<double> needed_share_percent{}, own_share_percent{};
  struct Reading {
    std::string name;
    Tally after;
    std::optional<Outcome> outcome{};  // where there is a rule
  };
  std::vector<Reading> readings{};  // over the options of the copies' contest; the copies alone first
  bool proclaimed_whole = false;    // all options, or valid votes, were proclaimed: the rule can be applied to them
  // Unit by unit: one option of one unit that differs.
  struct Difference {
    UnitIndex unit = 0;      // of the copies
    std::size_t option = 0;  // index into options
    std::int64_t copied = 0, proclaimed = 0;
  };
  std::vector<Difference> differences{};  // the first list_limit
  // Where there is a rule: no votes of the missing voters and no mixture of readings change the outcome of the copies, or
  // some could; unknown where these voters are not known.
  CouldChange could = CouldChange::unknown;

  // All votes by which the copies and the proclaimed figures cannot both be right.
  std::int64_t contradiction() const { return impossible + unreachable.value_or(0); }
  const Option& most_exceeded() const;  // the option whose copies exceed the proclaimed figure by most
};

Result<ParallelTallyResult> compute(const Count& copies, const ParallelTallyRequest& request, const Context& context);
Finding present(const ParallelTallyResult& result, const Count& copies, const ParallelTallyRequest& request,
                const Context& context);

}  // namespace cotejo
