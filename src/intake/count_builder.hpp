// Rows into the columns of a count: one unit per row (cells or groups of cells), or one quantity per row.
#pragma once

#include <tsl/robin_set.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "number_slots.hpp"
#include "odd_cells.hpp"
#include "profiled_rows.hpp"
#include "set_aside_votes.hpp"

namespace cotejo {

// Units by key over the keys' own memory, so that the file's keys are stored once.
class KeyIndex {
 public:
  explicit KeyIndex(const TextColumn& keys) : units_(0, Hash{&keys}, Equal{&keys}) {
    units_.max_load_factor(0.8F);  // eight bytes a slot: ten to twenty a unit
  }
  std::optional<UnitIndex> find(std::string_view key) const {
    const auto found = units_.find(key);
    return found == units_.end() ? std::nullopt : std::optional<UnitIndex>(*found);
  }
  void insert(UnitIndex unit) { units_.insert(unit); }
  void reserve(std::size_t units) { units_.reserve(units); }
  void clear() { units_.clear(); }

 private:
  struct Hash {
    const TextColumn* keys;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    std::size_t operator()(UnitIndex unit) const { return (*this)((*keys)[unit]); }
  };
  struct Equal {
    using is_transparent = void;
    const TextColumn* keys;
    std::string_view text(std::string_view key) const { return key; }
    std::string_view text(UnitIndex unit) const { return (*keys)[unit]; }
    bool operator()(auto a, auto b) const { return text(a) == text(b); }
  };
  tsl::robin_set<UnitIndex, Hash, Equal> units_;
};

class CountBuilder {
 public:
  static Result<CountBuilder> bind(const Profile& profile, ProfiledRows& rows);

  // Takes a row whole or not at all.
  std::optional<RowFault> use(const Records& row);
  // `rows` is for errors. Errors: in the long layout, the first unit that cannot be used (BadRows::refuse), or none can;
  // a correction that cannot be made (BadRows::refuse); a column of which no cell is a number.
  Result<Count> finish(const ProfiledRows& rows, std::vector<RejectedRow> rejected) &&;

 private:
  struct PlaceText {
    BoundText name;
    std::optional<BoundText> code;
    std::string name_text{}, code_text{}, last_name{}, last_code{};
    PlaceIndex last = no_place;
  };
  struct ColumnSlot {
    std::uint32_t slot;
    std::size_t column;
    bool may_be_empty;  // and is missing then
  };
  struct Group {
    BoundText name;
    std::size_t value;
  };
  // What is known of a row that cannot be used, for its votes.
  struct UnusedRow {
    std::int64_t row;
    std::string key;
    // In the long layout: whose votes it holds, and how many; covered: they are in the record of its unit.
    std::optional<std::uint32_t> slot{};
    std::optional<VoteRange> votes{};
    bool covered = false;
    bool is_correction = false;  // whose amounts were not read
  };
  // In the long layout: a slot without a number, and whether the unit cannot be used for it.
  struct LongOdd {
    UnitIndex unit;
    OddCell cell;
  };
  // A row that adds to a unit: amounts per number (of one slot in the long layout).
  struct Correction {
    std::int64_t row;
    std::string key;
    std::optional<std::uint32_t> slot{};
    std::vector<std::int64_t> amounts{};
    std::string text{};  // as in RejectedRow
  };

  explicit CountBuilder(const Profile& profile);
  Result<void> bind_numbers(const Profile& profile, ProfiledRows& rows);
  Result<void> bind_groups(ProfiledRows& rows);
  std::optional<RowFault> read_unit(const Records& row);
  void read_coordinates(const Records& row);
  std::optional<double> coordinate(const Records& row, std::size_t column, double limit, std::string_view field);

  std::optional<RowFault> use_wide(const Records& row);
  void read_columns(const Records& row);
  void read_percentages(const Records& row);
  std::optional<RowFault> read_groups(const Records& row);
  void note_odd(const Records& row, std::uint32_t slot, std::string_view cell, std::size_t column, bool empty);
  std::optional<RowFault> second_row(const Records& row, UnitIndex first);
  std::optional<RowFault> add_to_unit(const Records& row, UnitIndex unit);
  bool says_the_same(UnitIndex unit) const;

  std::optional<RowFault> use_long(const Records& row);
  void read_beside(const Records& row, UnitIndex unit);
  std::optional<RowFault> add_quantity(const Records& row, UnitIndex unit);
  std::optional<RowFault> read_value(const Records& row, std::int32_t& out);
  std::optional<RowFault> repeated_name(const Records& row, std::uint32_t slot, std::int32_t first, std::int32_t value);
  bool same_places(UnitIndex unit) const;

  Result<bool> is_correction(const Records& row);
  std::optional<RowFault> use_correction(const Records& row);
  std::optional<RowFault> read_amounts(const Records& row, Correction& correction);
  std::optional<RowFault> read_long_amount(const Records& row, Correction& correction);

  UnitIndex take_unit(const Records& row);
  UnitIndex take_unit(std::int64_t row, double fraction);
  PlaceIndex place();
  void reserve(double fraction);
  std::int64_t row_of(UnitIndex unit) const;
  void note_unread(std::string_view unit, std::int64_t row);

  Result<void> finish_long(const ProfiledRows& rows, std::vector<RejectedRow>& rejected);
  std::optional<RowFault> fault_of_unit(UnitIndex unit, std::vector<std::int32_t>& values);
  void numbers_of_slots();
  void keep_units(const std::vector<UnitIndex>& usable);

  Result<void> make_corrections(const ProfiledRows& rows, std::vector<RejectedRow>& rejected);
  std::optional<RowFault> correct(const Correction& correction, UnitIndex unit);
  std::optional<RowFault> fault_of_total(const Correction& correction, const std::vector<std::int64_t>& before) const;
  std::string changes_of(const std::vector<std::int64_t>& amounts) const;
  void tell_total_corrections(const std::vector<RejectedRow>& apart);
  void tell_corrections(std::size_t made, const std::vector<std::int64_t>& changed);

  void give_votes(const ProfiledRows& rows, std::vector<RejectedRow>& rejected);
  std::vector<VoteRange> votes_of(const SetAsideVotes& bounds, const ProfiledRows& rows, const RejectedRow& row,
                                  bool damaged, const UnusedRow* known) const;
  std::vector<VoteRange> votes_of_cells(const SetAsideVotes& bounds, std::span<const std::string_view> cells,
                                        const std::vector<std::string>& header) const;
  Result<void> every_column_has_numbers(const ProfiledRows& rows) const;
  void tell_what_was_read();
  void give_numbers();

  const Profile* profile_;
  Count count_;
  std::unique_ptr<TextColumn> keys_;  // at a fixed address, for index_
  KeyIndex index_;
  std::vector<std::pair<UnitIndex, std::int64_t>>
      row_runs_;  // first unit of a run of rows one after the other, its row
  BoundText key_;
  std::string key_text_;
  std::vector<PlaceText> places_;

  NumberReader reader_;
  std::int64_t rounded_ = 0;                  // numbers
  std::unique_ptr<const NumberSlots> slots_;  // at a fixed address, for odd_cells_
  OddCells odd_cells_;
  std::vector<ColumnSlot> column_slots_;  // columns of the file: all of the wide layout, those beside in the long one
  std::vector<std::size_t> percentage_columns_;
  std::vector<bool> percentage_may_be_empty_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::uint32_t> named_slots_;  // long layout and groups

  std::vector<std::int32_t> values_;  // of the slots, in this row
  std::vector<std::optional<Percentage>> percentages_;
  std::vector<OddCell> odd_;
  std::vector<UnreadNumber> unread_;
  std::vector<std::pair<std::string, RowFault>> unread_places_;  // coordinates
  std::vector<std::int32_t> results_;                            // of the expressions, in this row
  std::vector<Column> columns_;  // wide: one per expression; long: one per slot, then per expression

  BoundText quantity_;  // long layout
  std::string quantity_text_;
  std::vector<std::size_t> value_columns_;
  std::vector<bool> value_may_be_empty_;
  std::optional<UnitIndex> last_unit_;
  std::vector<LongOdd> long_odd_;
  std::size_t rows_with_unit_ = 0;  // unusable ones whose unit is known

  std::vector<BoundFilter> correction_rows_;
  std::vector<Correction> corrections_;
  std::vector<UnusedRow> unused_;
  std::vector<std::pair<std::size_t, std::vector<std::int32_t>>> unused_units_;  // long: index in rejected, slots
  std::int64_t copies_ = 0, parts_ = 0;  // rows that are copies of another of their unit, or were added to it
  // Per field: cells that could not be read, those of them that are no numbers, and one of them.
  struct Unread {
    std::int64_t cells = 0, texts = 0;
    UnreadableCell first;
  };
  std::map<std::string, Unread> unread_fields_;

  std::size_t latitude_column_ = 0, longitude_column_ = 0;
  double latitude_ = 0, longitude_ = 0;
  bool has_coordinates_ = false;
};

}  // namespace cotejo
