// What units of a count can be filtered, sorted, binned and fetched by; and selections of units.
//
// Columns: registered, cast, valid, blank, null and further fields and options by their ids, as far as the count
// reports them; `turnout_percent` = 100 cast / registered; `share_percent:OPTION` = 100 votes / valid votes;
// `latitude`, `longitude`. A missing cell, a division by zero and an unknown coordinate have no value (NaN).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "body.hpp"
#include "shelf.hpp"

namespace cotejo::server {

enum class ColumnKind { whole, percent, degrees };
std::string_view to_text(ColumnKind kind);

struct ColumnInfo {
  std::string name;
  ColumnKind kind = ColumnKind::whole;
  std::string title;
};

std::vector<ColumnInfo> columns_of(const Shelved& shelved);
// Errors: column_missing, with the nearest name.
Result<ColumnInfo> column_named(const Shelved& shelved, const std::string& name);
// n values, NaN where there is none. Errors: column_missing.
Result<std::vector<double>> values_of(const Shelved& shelved, const std::string& name);

struct Bound {
  std::string column;
  std::optional<double> at_least, at_most;
  bool is_missing = false;
};

struct Selection {
  std::optional<std::int64_t> place;
  std::string challenge, not_challenge, text;
  bool by_keys = false, by_units = false;
  std::vector<std::string> keys;
  std::vector<UnitIndex> units;
  std::vector<Bound> where;
};

Selection read_selection(std::optional<Body> body);

// Ascending. Errors: count_unknown (no such challenge), unit_unknown (a key or number the count does not have),
// column_missing, value_invalid (no such place).
Result<std::vector<UnitIndex>> select(const CaseFile& file, const Shelved& shelved, const Selection& selection);

struct Axis {
  std::string column;
  std::size_t bins = 100;
  std::optional<double> low, high;
};

struct Bins {
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
  std::vector<std::int64_t> counts;
  std::int64_t outside = 0, missing = 0;
};

// Units of a selection in a grid of equal cells; the highest value belongs to the last cell. Errors: column_missing;
// input_insufficient (no unit has both values, and a bound is not given).
Result<Bins> bin(const Shelved& shelved, const std::vector<UnitIndex>& units, const Axis& x, const Axis& y);

// `limit` of the units from `offset` on in the order of a column ("" the count's, "key" the keys'); units without a
// value last, equal ones in the count's order.
Result<std::vector<UnitIndex>> page(const Shelved& shelved, std::vector<UnitIndex> units, const std::string& sort,
                                    bool descending, std::size_t offset, std::size_t limit);

}  // namespace cotejo::server
