// Does every return add up?
//
// Rules, each applied where the columns it needs are reported:
//   options-equal-valid      sum of the options = valid                    (valid reported)
//   parts-equal-cast         valid + blank + null = cast                   (cast and at least one of blank, null reported)
//   cast-within-registered   cast <= registered                            (registered reported)
//   no-valid-votes           at least one valid vote
//   missing                  no empty cell among the columns the count reports
//   unreadable               every cell could be read (Count::unreadable: those of fields that are not options)
//   outside-hierarchy        the unit lies in a place with a name on every level
//   unusable-row             the row of the file could be used (kept aside by the import, with its reason)
//   and every identity that the count's profile declares, under its id.
// A missing cell counts as 0 in a sum and is a defect of its own; a sum with a missing part is not judged.
// A unit with 0 registered voters, or none stated, where other units have some, has no list of its own (postal votes,
// special units, abroad): no defect, rules on registered voters do not judge it, and it is counted apart with its votes.
// votes_hidden, which is put at stake: sum over units of the largest |left - right| of the rules that the unit breaks, or
// of the votes for which a missing cell of an option leaves room (up to valid, else cast, else registered).
// Repeated vectors: pairs of units of one lowest place with the same votes in every option, blank and null (units
// without votes left out). The number expected by chance deals the place's votes s_k (k over the columns, N in all) at
// random among its units, each keeping its total; two units of equal total T then coincide with probability
//   P = [z^T] prod_k sum_n ( s_k! / (n!^2 (s_k - 2n)!) ) z^n  /  ( N! / (T!^2 (N - 2T)!) ),
// exact, no share estimated; computed by convolution with terms tilted by T/N so that nothing overflows. Units of more
// than 100,000 votes are not compared (a condition says so).
// Errors: input_insufficient (no units). No randomness. Cost: linear in units x columns, plus the pairs within
// precincts.
// Does not show: why a return does not add up; most are slips of the pen.
// Source: the closed form is ours (random dealing, a multivariate hypergeometric). Verified in
// src/methods/checks/arithmetic/arithmetic_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct ArithmeticRequest {
  const Rule* rule = nullptr;          // optional: the votes concerned are held against its slack
  std::int64_t defect_limit = 100000;  // rows of the table `defects`

  static MethodInfo info();
  static const OptionTable<ArithmeticRequest>& table();
};

enum class ArithmeticRule {
  options_equal_valid,
  parts_equal_cast,
  cast_within_registered,
  valid_within_registered,  // where ballots cast are not reported
  declared,                 // by the profile
  no_valid_votes,
  empty_cell,
  unreadable,
  outside_hierarchy,
  unusable_row
};

struct ArithmeticResult {
  struct Sum {
    std::int64_t judged = 0, defects = 0, hidden = 0, valid = 0;  // units; votes
  };
  struct RuleSum {
    ArithmeticRule kind;
    Identity identity;  // of a rule that is none, the id alone
    Sum sum;
  };
  struct Defect {
    std::size_t rule = 0;  // index into rules
    std::string unit{};    // its key; empty: a row of the file
    std::int64_t row = 0;  // of the file, where there is no unit
    std::string field{};   // a column, or a level of places; empty: of an identity
    std::string value{};   // the cell's text
    std::optional<std::pair<std::int64_t, std::int64_t>> sides{};  // of an identity that does not hold
    PlaceIndex place = no_place;
    std::string reason{};  // why the import could not read the cell or use the row
  };
  struct Repeated {
    std::string level;  // of the places
    std::int64_t pairs = 0;
    double expected = 0;
    std::vector<std::pair<UnitIndex, UnitIndex>> units;  // the first 1000 pairs
    std::int64_t left_out = 0, most_votes = 0;           // units with more votes than these
  };
  std::vector<RuleSum> rules;
  std::int64_t found = 0;       // defects
  std::vector<Defect> defects;  // the first defect_limit
  std::int64_t units_defective = 0, votes_hidden = 0, valid_votes_there = 0;
  std::int64_t units_without_valid_votes = 0, rows_set_aside = 0;
  Sum without_list;                    // units without a list of their own: how many, and their valid votes
  std::optional<Repeated> repeated{};  // nothing: the count has no places
};

Result<ArithmeticResult> compute(const Count& count, const ArithmeticRequest& request, const Context& context);
Finding present(const ArithmeticResult& result, const Count& count, const ArithmeticRequest& request,
                const Context& context);

}  // namespace cotejo
