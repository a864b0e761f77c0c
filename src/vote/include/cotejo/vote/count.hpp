// A count: one named, complete set of returns of one contest, as columns.
//
// Shapes: n units, m options. Columns have n entries; `votes` holds m columns one after the other (option-major), so
// votes[option * n + unit]. A column that the commission does not report is empty, not zero. `missing` marks a cell
// that was left empty. Places and coordinates may be absent. Sized once, no allocation per unit.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/vote/hierarchy.hpp"

namespace cotejo {

using UnitIndex = std::uint32_t;
using Column = std::vector<std::int32_t>;
inline constexpr std::int32_t missing = std::numeric_limits<std::int32_t>::min();

struct Option {
  OptionId id;
  std::string name;
};

struct Contest {
  ContestId id;
  std::string title;
  std::vector<Option> options;

  // The index of an option, or -1.
  int index_of(const OptionId& id) const;
};

// Many short texts in one block of memory.
class TextColumn {
 public:
  void reserve(std::size_t texts, std::size_t bytes);
  void push_back(std::string_view text);
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

// A further protocol field beside the standard ones.
struct Field {
  std::string id;
  std::string name;
  Column values;
};

enum class Relation { equal, at_most, at_least };

// What every return must satisfy: the sum of `left` is = / <= / >= the sum of `right`. Names are "registered", "cast",
// "valid", "blank", "null", a Field id, an option id, or "options" for the sum of all options.
struct Identity {
  std::string id;
  std::vector<std::string> left;
  Relation relation = Relation::equal;
  std::vector<std::string> right;
  std::string text;
};

// Votes that are not known exactly.
struct VoteRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
  friend bool operator==(const VoteRange&, const VoteRange&) = default;
};

// A row of the file that could not be used, as it was. `votes` has one range per option of the contest: the fewest and
// the most votes that the row can mean; empty where nothing is known of them.
struct RejectedRow {
  std::string file;
  std::int64_t row = 0;  // the header is row 1
  std::string column;
  std::string value;
  std::string reason;
  std::string text;  // the row's cells, as JSON array text
  std::vector<VoteRange> votes{};
};

// A cell of a used row that could not be read in a field that is not an option: missing in the column, and a defect.
struct UnreadableCell {
  std::string unit, field;  // the unit's key; "registered", "cast", "valid", "blank", "null" or a Field id
  std::string value;        // the cell's text
  std::string reason;
  std::int64_t row = 0;  // of the file; the header is row 1
};

enum class ValidBasis { sum_of_options, reported };

struct Count {
  CountId id;
  std::string title;
  Contest contest;
  std::string unit_name = "unit";  // "polling table"
  std::string date;                // ISO 8601
  std::string as_of;               // the instant of a snapshot, else empty
  CountId snapshot_of;             // the count this one is a partial, earlier state of, else empty
  bool official = false;
  ValidBasis valid_basis = ValidBasis::sum_of_options;
  std::vector<std::string> caveats;
  std::string source;  // publisher, title, address

  Hierarchy hierarchy;
  TextColumn unit_keys;                         // n, unique
  std::vector<PlaceIndex> unit_place;           // n, the lowest place; empty when the count has no places
  std::vector<std::int32_t> votes;              // m x n, option-major
  Column registered, cast, valid, blank, null;  // n or empty
  std::vector<Field> fields;
  std::vector<double> latitude, longitude;  // n or empty, degrees; NaN = unknown
  std::vector<Identity> checks;
  std::vector<RejectedRow> rejected;
  std::vector<UnreadableCell> unreadable;
  std::string set_aside_accepted;  // why the import went on without the rows set aside; empty: nobody was asked
  int revision = 1;                // of the case that holds the count, and how many it has there; not in the hash
  int revisions = 1;
  std::string sha256;  // content_hash() of the count as it was read; kept so that it is computed once

  std::size_t units() const { return unit_keys.size(); }
  std::size_t options() const { return contest.options.size(); }
  std::span<const std::int32_t> option(std::size_t index) const {
    return std::span(votes).subspan(index * units(), units());
  }
  std::int32_t vote(std::size_t option_index, UnitIndex unit) const { return votes[option_index * units() + unit]; }

  // Valid votes of one unit, by valid_basis; the sum where `valid` has a gap. Missing cells of options count as 0.
  std::int64_t valid_of(UnitIndex unit) const;
  // Are ballots cast reported, or derivable from blank or null ballots? Without it, cast is unknown, not equal to
  // valid.
  bool knows_cast() const { return !cast.empty() || !blank.empty() || !null.empty(); }
  // Ballots cast: the reported cell where there is one, else valid + blank + null (as far as reported); 0 unless
  // knows_cast().
  std::int64_t cast_of(UnitIndex unit) const;
  std::int64_t registered_of(UnitIndex unit) const;  // 0 when not reported

  // The column that a name of an Identity means; empty span when the count has none. "options" is not a column.
  std::span<const std::int32_t> column(std::string_view name) const;

  // SHA-256 over everything that a result can depend on: contest, keys, places, columns, checks.
  std::string content_hash() const;
};

// Unit key -> index, built once and kept as long as needed. Refers to the count's memory.
class UnitLookup {
 public:
  explicit UnitLookup(const Count& count);
  std::optional<UnitIndex> find(std::string_view key) const;

 private:
  std::unordered_map<std::string_view, UnitIndex> index_;
};

// Valid votes, and ballots cast, of every unit: what valid_of and cast_of say, column by column and therefore fast.
std::vector<std::int64_t> valid_of_units(const Count& count);
std::vector<std::int64_t> cast_of_units(const Count& count);

// The place of every unit on one level (no_place where it has none); empty when the count lacks the level.
std::vector<PlaceIndex> places_on_level(const Count& count, std::string_view level);

}  // namespace cotejo
