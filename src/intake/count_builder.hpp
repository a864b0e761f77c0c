// Rows into the columns of a count, one unit per row or one quantity per row.
#pragma once

#include <tsl/robin_set.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "number_slots.hpp"
#include "profiled_rows.hpp"

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
  static Result<CountBuilder> bind(const Profile& profile, const ProfiledRows& rows);

  // Takes a row whole or not at all.
  std::optional<RowFault> use(const Records& row);
  // `rows` is for errors. Errors: in the long layout, the first unit that cannot be used (BadRows::refuse), or none can.
  Result<Count> finish(const ProfiledRows& rows, std::vector<RejectedRow> rejected) &&;

 private:
  struct PlaceText {
    BoundText name;
    std::optional<BoundText> code;
    std::string name_text{}, code_text{}, last_name{}, last_code{};
    PlaceIndex last = no_place;
  };
  // What is wrong with a unit of the long layout, found in its rows.
  struct Spoiled {
    std::int64_t row;
    RowFault fault;
  };

  explicit CountBuilder(const Profile& profile);
  std::optional<RowFault> read_unit(const Records& row);
  std::optional<RowFault> read_coordinates(const Records& row);
  std::optional<RowFault> use_wide(const Records& row);
  std::optional<RowFault> use_long(const Records& row);
  std::optional<RowFault> add_quantity(const Records& row, UnitIndex unit);
  bool same_places(UnitIndex unit) const;
  UnitIndex take_unit(const Records& row);
  PlaceIndex place();
  void reserve(double fraction);
  std::int64_t row_of(UnitIndex unit) const;
  Result<void> finish_long(const ProfiledRows& rows, std::vector<RejectedRow>& rejected);
  std::optional<RowFault> fault_of_unit(UnitIndex unit, std::vector<std::int32_t>& values) const;
  void keep_units(const std::vector<UnitIndex>& usable);
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
  NumberSlots slots_;
  std::vector<std::size_t> slot_columns_, percentage_columns_;  // wide layout
  std::vector<bool> slot_may_be_empty_, percentage_may_be_empty_;
  std::vector<std::int32_t> values_;  // of the slots, in this row
  std::vector<std::optional<Percentage>> percentages_;
  std::vector<std::int32_t> results_;  // of the expressions, in this row
  std::vector<Column> columns_;        // wide: one per expression; long: one per slot, then per expression

  BoundText quantity_;  // long layout
  std::string quantity_text_;
  std::size_t value_column_ = 0;
  bool value_may_be_empty_ = false;
  std::optional<UnitIndex> last_unit_;
  std::vector<std::pair<UnitIndex, Spoiled>> spoiled_;

  std::size_t latitude_column_ = 0, longitude_column_ = 0;
  double latitude_ = 0, longitude_ = 0;
  bool has_coordinates_ = false;
};

}  // namespace cotejo
