// Corrections of returns.
#include <algorithm>
#include <set>

#include "state.hpp"

namespace cotejo {

namespace {

// The column of a field by its name, whether or not the count has it; the span is empty where it has not.
std::span<std::int32_t> column_named(Count& count, std::string_view field) {
  const auto option = count.contest.index_of(OptionId{std::string(field)});
  if (option >= 0)
    return std::span(count.votes).subspan(static_cast<std::size_t>(option) * count.units(), count.units());
  for (auto& [name, column] : columns_of(count))
    if (name == field) return *column;
  return {};
}

std::vector<std::string> fields_of(Count& count) {
  std::vector<std::string> out;
  for (const auto& option : count.contest.options) out.push_back(option.id.text);
  for (const auto& [name, column] : columns_of(count))
    if (!column->empty()) out.push_back(name);
  return out;
}

}  // namespace

Result<Added> CaseFile::add_correction(const CountId& id, const Correction& correction) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    COTEJO_TRY(base, s.find("count", id.text));
    COTEJO_TRY(count, s.read_count(base, id.text));
    const UnitLookup lookup(count);
    std::set<std::pair<std::string, std::string>> seen;
    struct Change {
      const CellChange* cell;
      std::int32_t old, fresh;
    };
    std::vector<Change> changes;
    for (const auto& cell : correction.cells) {
      const auto unit = lookup.find(cell.unit);
      if (!unit) return no_such_unit(count, cell.unit);
      const auto column = column_named(count, cell.field);
      if (column.empty()) {
        const auto names = fields_of(count);
        const auto near = nearest_name(cell.field, names);
        return Error{.code = ErrorCode::column_missing,
                     .message = "the count has no such field or option",
                     .column = cell.field,
                     .remedy = near.empty() ? fmt::format("It has: {}.", fmt::join(names, ", "))
                                            : fmt::format("Did you mean '{}'?", near)};
      }
      if (!seen.emplace(cell.unit, cell.field).second)
        return Error{.code = ErrorCode::unit_duplicate,
                     .message = "the correction names this cell twice",
                     .column = cell.field,
                     .value = cell.unit,
                     .remedy = "Leave one of the two out."};
      if (!cell.value && count.contest.index_of(OptionId{cell.field}) >= 0)
        return Error{.code = ErrorCode::value_invalid,
                     .message = "the votes of an option cannot be missing",
                     .column = cell.field,
                     .value = cell.unit,
                     .remedy = "Give a number."};
      auto& value = column[*unit];
      const std::int32_t fresh = cell.value.value_or(missing);
      if (value == fresh) continue;
      changes.push_back({&cell, value, fresh});
      value = fresh;
    }
    if (changes.empty()) return Added::already_there;

    SQLite::Statement latest(*s.db, "SELECT revision, source_file FROM count WHERE id = ?");
    latest.bind(1, base);
    latest.executeStep();
    const int revision = latest.getColumn(0).getInt() + 1;
    count.caveats.push_back(
        fmt::format("{} {} of the published returns {} corrected in revision {} by {} ({}; {}): see `cotejo history`.",
                    changes.size(), changes.size() == 1 ? "cell" : "cells", changes.size() == 1 ? "was" : "were",
                    revision, correction.by, correction.reason, correction.source));
    count.sha256 = count.content_hash();
    count.id.text = s.stored_name("count", count.id.text);
    const auto row = s.insert_count(count, {count.id.text, revision}, latest.getColumn(1).getInt64(), base);
    for (const auto& change : changes) {
      SQLite::Statement insert(*s.db,
                               "INSERT INTO correction (count, unit, field, old, new, by, reason, source, command) "
                               "VALUES (?,?,?,?,?,?,?,?,?)");
      insert.bind(1, row);
      insert.bind(2, change.cell->unit);
      insert.bind(3, change.cell->field);
      if (change.old != missing) insert.bind(4, change.old);
      if (change.fresh != missing) insert.bind(5, change.fresh);
      insert.bind(6, correction.by);
      insert.bind(7, correction.reason);
      insert.bind(8, correction.source);
      insert.bind(9, s.command);
      insert.exec();
    }
    return Added::yes;
  });
}

}  // namespace cotejo
