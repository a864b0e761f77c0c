// One contest of a long file, row by row. What a name counts ("Over Votes", "Total Ballots", a candidate) is decided by
// the shared words (cotejo/intake/role_words.hpp) and by the sums of the rows, when all rows are there:
//   - registered, cast, valid, blank (under votes), null (over votes, spoilt) are columns, never options;
//   - one candidate under several parties is one option; its lines are kept as fields, with a check that they add up;
//   - an option that is the sum of others in every unit is a subtotal and left out; the ballots cast confirm it;
//   - a unit that is named as a total and is the sum of the units before it is left out;
//   - a total of write-ins beside itemised ones keeps only what they leave of it;
//   - the same row twice in a precinct counts once, and its copy is set aside with the votes that it could mean;
//   - a number that cannot be read sets its row aside with its range, and takes no other along.
// Every such step that was taken stands in the count's caveats.
// Cost: rows x log rows. Verified in src/exchange/tests/openelections_test.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo::exchange {

// A number as volunteers write it: "1,234", "456.0", "-3" (a correction). "<10" and "*" are no numbers.
std::optional<std::int64_t> whole_number(std::string_view text);

struct NamedVotes {
  std::string unit, name, party;
  std::string text;           // the cell, as it was
  std::int64_t row = 0;       // of the file
  bool of_all_modes = false;  // the row adds up the modes of voting that stand beside it
};

class ContestRows {
 public:
  // `primary`: candidates of one name under two parties are two.
  ContestRows(std::string file, bool primary) : file_(std::move(file)), primary_(primary) {}

  void add(const NamedVotes& row);
  // A row of a name that no unit has, for a place above the units: it is set aside with its votes.
  void set_aside(const NamedVotes& row);
  std::size_t names() const { return lines_.size(); }
  const std::vector<std::string>& units() const { return units_; }

  // Registered voters and ballots cast of whole units, that the contest's own rows do not state.
  using OfUnits = std::map<std::string, std::int64_t>;
  // Fills options, votes, columns, fields, checks, caveats and rejected rows of `count`, with its units in the order in
  // which they were met.
  void finish(Count& count, const OfUnits& registered, const OfUnits& cast);

 private:
  struct Line {
    std::string name, party, folded_name;
  };
  struct Entry {
    std::uint32_t unit, line;
    std::int64_t value, row;
    bool readable, of_all_modes;
    std::string text;
  };
  std::string file_;
  bool primary_;
  std::map<std::string, std::uint32_t> unit_index_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> line_index_;
  std::vector<std::string> units_;
  std::vector<Line> lines_;
  std::vector<Entry> entries_;
  std::vector<std::pair<std::uint32_t, NamedVotes>> above_;  // line, row: of no unit

  std::uint32_t line_of(const NamedVotes& row);

  friend class ContestResult;
};

}  // namespace cotejo::exchange
