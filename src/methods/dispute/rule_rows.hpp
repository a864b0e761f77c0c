// A rule applied to millions of tallies of one contest: rows of numbers instead of Tally objects, no allocation.
//
// A row holds the options, valid, cast, registered, blank, null, then three numbers that judge() writes: one, the leader's
// votes, the runner-up's. The arithmetic is that of rule.hpp's apply(): integer forms over a common denominator, 128-bit
// sums. Where options share the first or the second place the code is `shared_place`, and apply() decides.
// Verified in grounds/grounds_test.cpp and contested_ballots/contested_ballots_test.cpp, which compare every row with apply().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cotejo/vote/rule.hpp"

namespace cotejo {

struct RowLayout {
  std::size_t options = 0;
  std::size_t valid() const { return options; }
  std::size_t cast() const { return options + 1; }
  std::size_t null() const { return options + 4; }
  std::size_t totals() const { return options + 5; }  // how many numbers of a row are sums over units
  std::size_t one() const { return options + 5; }
  std::size_t leader() const { return options + 6; }
  std::size_t runner_up() const { return options + 7; }
  std::size_t size() const { return options + 8; }
};

void write_row(const Tally& tally, std::int64_t* row);  // layout.totals() numbers
Tally tally_of_row(const Tally& like, const std::int64_t* row);

inline constexpr std::uint64_t shared_place = ~std::uint64_t{0};

class RuleRows {
 public:
  RuleRows(const Rule& rule, const Contest& contest);

  struct Judged {
    std::uint64_t outcome = shared_place;  // verdict and options in one number
    double slack = 0;                      // of the rule with `leader` as the leader, whether it leads or not
  };
  // `row` has layout.size() numbers, of which the last three are written.
  Judged judge(std::int64_t* row, std::size_t leader) const;
  // Who is first and second, whether they share the place, and the sign of every clause: rows with one signature have one
  // outcome. Along a line of rows each part of it changes at most once while no third option comes first or second.
  // Nothing for a rule of more than 24 clauses.
  std::optional<std::uint64_t> signature(std::int64_t* row) const;

 private:
  struct Form {
    std::vector<std::pair<std::size_t, std::int64_t>> parts;
    std::int64_t denominator;
    Comparison comparison;
    Slack::Wide value(const std::int64_t* row) const;
  };
  struct Places {
    std::size_t first, second;  // second past the end: nobody
    bool shared;                // the first or the second place
  };
  Places places(const std::int64_t* row) const;
  void set_roles(std::int64_t* row, std::size_t first, std::size_t second) const;
  bool met(const std::int64_t* row) const;
  double slack(const std::int64_t* row) const;

  const Rule& rule_;
  RowLayout layout_;
  std::vector<std::vector<Form>> alternatives_;
};

}  // namespace cotejo
