// What the rows of a count's file that were set aside can mean for its result.
//
// Every such row has, for each option, the fewest and the most votes that it can mean (RejectedRow::votes); summed over
// the rows they are the votes by which the count can be short. Of a row without that range nothing is known: it is
// taken to hold from 0 to the valid votes of the largest unit, for any option.
// could_decide: some votes within the ranges, added to the count, give another outcome under the rule. Without a rule,
// or where the count does not report what the rule looks at: under "most votes wins".
// An import that loses more than 1 % of its rows to the rows that can hold votes, or whose rows set aside could decide,
// needs a reason (Count::set_aside_accepted), and stops without one.
// Errors: conflict (accept_set_aside, without a reason where one is needed). No randomness. Cost: linear in units x
// options when rows are set aside, else none.
// Does not show: what the rows did mean.
// Verified in src/methods/support/tests/set_aside_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

inline constexpr double most_set_aside = 0.01;  // share of the rows

struct SetAsideVotes {
  std::int64_t rows = 0;
  std::int64_t rows_with_votes = 0;  // that can hold a vote
  std::int64_t rows_unknown = 0;     // of which nothing is known
  std::vector<VoteRange> options;    // one per option of the contest: fewest and most, over all rows
  VoteRange votes;                   // valid votes, over all rows
  bool could_decide = false;
  bool needs_reason = false;
  std::string rule;  // the title of the rule that could_decide was judged by

  SetAside summary() const { return {rows, votes.least, votes.most, could_decide}; }
};

SetAsideVotes set_aside_of(const Count& count, const Rule* rule);

// "7 rows of bo-2019/computo were set aside; they can mean 0 to 1,234 votes".
Text describe(const SetAsideVotes& votes, const Count& count);

// Keeps the reason in the count where rows were set aside. Errors: conflict, when a reason is needed and empty.
Result<void> accept_set_aside(Count& count, const Rule* rule, const std::string& reason);

// Puts what was set aside into the finding's inputs that are `count`, and a sentence into its headline where it could
// decide the outcome.
void show_set_aside(Finding& finding, const Count& count, const Rule* rule);

}  // namespace cotejo
