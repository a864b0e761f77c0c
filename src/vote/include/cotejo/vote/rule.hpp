// A rule turns a tally into an outcome; rules are data (docs/formats/rule.md).
//
// met <=> some alternative holds; an alternative <=> all its clauses hold; a clause is a linear form
//   f = sum of coefficient x quantity   compared with 0 by > or >=.
// Everything is exact: coefficients are rationals, sums are 128-bit integers over a common denominator.
// slack(clause) = f; slack(alternative) = smallest of its clauses; slack(rule) = largest of its alternatives.
// Ties are named, never broken by order: where options with equal votes share the first place (or, when it decides who
// is in the runoff, the second), the outcome is `tie` with their ids; a strict clause with f = 0 is not met and says
// so.
// Verified in src/vote/tests/rule_test.cpp.
#pragma once

#include <boost/rational.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/vote/tally.hpp"

namespace cotejo {

using Rational = boost::rational<std::int64_t>;

// "-2/5", "0.4", "3". Numerator and denominator at most 10^6 in size. Errors: profile_invalid.
Result<Rational> parse_rational(std::string_view text);
std::string to_text(const Rational& value);

enum class Quantity { leader, runner_up, option, valid, cast, registered, blank, null, constant };

struct Term {
  Quantity quantity = Quantity::constant;
  Rational coefficient{0};
  OptionId option{};  // for Quantity::option
};

enum class Comparison { greater, at_least };

struct Clause {
  std::string name;
  std::vector<Term> terms;
  Comparison comparison = Comparison::at_least;
};

struct Alternative {
  std::string name;
  std::vector<Clause> clauses;
};

enum class Verdict { winner, runoff, adopted, rejected, none, tie };
std::string_view to_text(Verdict verdict);

struct Rule {
  std::string id;
  std::string title;
  std::string source;
  Verdict met = Verdict::winner;        // winner or adopted
  Verdict otherwise = Verdict::runoff;  // runoff, rejected or none
  std::vector<Alternative> alternatives;

  // The common rules, as data.
  static Rule plurality();
  static Rule majority_with_runoff();                         // more than half of the valid votes, else a runoff
  static Rule share_and_lead(Rational share, Rational lead);  // or more than half
  static Rule referendum(OptionId yes, OptionId no, Rational quorum_of_registered);
};

// The value of a linear form as an exact fraction.
struct Slack {
  __extension__ using Wide = __int128;
  Wide numerator = 0;
  std::int64_t denominator = 1;
  double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
  friend bool operator<(const Slack& a, const Slack& b) {
    return a.numerator * b.denominator < b.numerator * a.denominator;
  }
};

struct ClauseState {
  std::string alternative, clause;
  Slack slack;
  bool holds = false;
  bool on_the_edge = false;  // the form is exactly 0
};

struct Outcome {
  Verdict verdict = Verdict::none;
  std::vector<std::size_t> options;  // the winner; the two of a runoff; the tied; empty otherwise
  Slack slack;                       // of the binding clause; negative: not met
  std::string binding;               // "alternative: clause"
  std::vector<ClauseState> clauses;  // every clause, in the rule's order

  // Same verdict and same options, whatever the slack.
  bool same_as(const Outcome& other) const { return verdict == other.verdict && options == other.options; }
};

// Errors: profile_invalid for a term whose option the contest does not have, or a rule without alternatives.
Result<void> validate(const Rule& rule, const Contest& contest);
// As above, and the count reports what the rule looks at (valid, cast, registered, blank, null). Errors:
// input_insufficient too.
Result<void> validate(const Rule& rule, const Count& count);
// `rule` must be valid for the contest.
Outcome apply(const Rule& rule, const Contest& contest, const Tally& tally);

// "winner: MAS", "runoff: MAS and CC", "tie: A and B", "adopted".
std::string describe(const Outcome& outcome, const Contest& contest);

// The value of one clause's form when `leader` and `runner_up` are those options; used to see what each unit
// contributes.
Slack value_of(const Clause& clause, const Contest& contest, const Tally& tally, std::size_t leader,
               std::size_t runner_up);

}  // namespace cotejo
