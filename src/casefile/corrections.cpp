// Corrections of returns, and what became of a unit.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "encode.hpp"
#include "rows.hpp"
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

// Why rows that may be this unit's were set aside. A second row of a unit is known by its key; a row of a unit that is
// not in the count, by a cell that is the key.
std::vector<std::string> rows_set_aside(SQLite::Statement& query, std::int64_t count, std::string_view unit,
                                        bool is_there) {
  std::vector<std::string> out;
  query.bind(1, count);
  while (query.executeStep()) {
    const auto cells = nlohmann::json::parse(query.getColumn(3).getString(), nullptr, false);
    const bool names_it =
        !is_there && cells.is_array() && std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
          return cell.is_string() && trimmed(cell.template get_ref<const std::string&>()) == unit;
        });
    const bool repeats_it =
        query.getColumn(4).getString() == unit && query.getColumn(2).getString().starts_with("expected each unit once");
    if (names_it || repeats_it)
      out.push_back(fmt::format("row {}, column '{}': {}", query.getColumn(0).getInt64(),
                                query.getColumn(1).getString(), query.getColumn(2).getString()));
  }
  return out;
}

using Cells = std::map<std::string, std::optional<std::int64_t>>;

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
      if (!unit) {
        std::vector<std::string> keys;
        for (UnitIndex u = 0; u < count.units(); ++u) keys.emplace_back(count.unit_keys[u]);
        const auto near = nearest_name(cell.unit, keys);
        return Error{.code = ErrorCode::unit_unknown,
                     .message = fmt::format("the count '{}' has no such unit", id.text),
                     .value = cell.unit,
                     .remedy = near.empty() ? "Check the unit's key." : fmt::format("Did you mean '{}'?", near)};
      }
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

Result<std::vector<UnitEvent>> CaseFile::history(std::string_view unit, const std::optional<CountId>& only) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::vector<UnitEvent>> {
    if (only)
      COTEJO_CHECK([&]() -> Result<void> {
        auto row = s.find("count", only->text);
        if (!row) return std::move(row).error();
        return {};
      }());
    const bool corrected = s.version >= 2;
    struct Found {
      std::int64_t command;
      UnitEvent event;
    };
    std::vector<Found> found;
    std::map<std::string, Cells> before;  // by count
    // Stored kind and name of what has the unit -> its count, as shown.
    std::map<std::pair<std::string, std::string>, std::string> concerned;
    const auto asked_counts = s.asked_often(
        fmt::format("SELECT c.id, c.name, c.revision, c.description, k.id, k.at, f.name, f.sha256, {} FROM count c "
                    "JOIN command k ON k.id = c.command JOIN source_file f ON f.id = c.source_file ORDER BY c.id",
                    corrected ? "c.base" : "NULL"));
    auto& counts = *asked_counts;
    while (counts.executeStep()) {
      const auto text = [&](int i) { return counts.getColumn(i).getString(); };
      const std::string shown = s.shown_name("count", text(1));
      if (only && shown != only->text && text(1) != only->text) continue;
      const auto row = counts.getColumn(0).getInt64();
      UnitEvent event{.count = CountId{shown},
                      .revision = counts.getColumn(2).getInt(),
                      .at = text(5),
                      .how = {},
                      .file = {},
                      .sha256 = {},
                      .by = {},
                      .reason = {},
                      .source = {},
                      .cells = {}};

      const auto asked_returns = s.asked_often(fmt::format("SELECT * FROM returns_{} WHERE key = ?", row));
      auto& returns = *asked_returns;
      returns.bind(1, std::string(unit));
      const bool is_there = returns.executeStep();
      const bool is_import = counts.getColumn(8).isNull();
      if (is_import) {
        const auto asked_aside = s.asked_often(
            "SELECT row, \"column\", reason, text, value FROM rejected_row WHERE count = ? ORDER BY rowid");
        for (auto& aside : rows_set_aside(*asked_aside, row, unit, is_there)) {
          UnitEvent out = event;
          out.how = "set aside";
          out.file = text(6);
          out.reason = std::move(aside);
          found.push_back({counts.getColumn(4).getInt64(), std::move(out)});
          concerned[{"count", text(1)}] = shown;
        }
      }
      if (!is_there) continue;
      concerned[{"count", text(1)}] = shown;
      Count description = decode_description(text(3));
      const auto standard = columns_of(description);
      Cells now;
      for (int i = 5; i < returns.getColumnCount(); ++i) {
        const std::string column = returns.getColumnName(i);
        const auto index = static_cast<std::size_t>(std::stoul(column.substr(1)));
        const std::string name =
            column[0] == 'o' ? description.contest.options.at(index).id.text : standard.at(index).first;
        now[name] = returns.isColumnNull(i) ? std::nullopt : std::optional(returns.getColumn(i).getInt64());
      }
      const auto known = before.find(text(1));
      for (const auto& [field, after] : now) {
        const auto earlier = known == before.end() ? Cells::const_iterator() : known->second.find(field);
        const bool had = known != before.end() && earlier != known->second.end();
        if (had && earlier->second == after) continue;
        event.cells.push_back({field, had ? earlier->second : std::nullopt, after});
      }
      const bool is_first = known == before.end();
      before[text(1)] = std::move(now);
      if (event.cells.empty() && !is_first) continue;
      if (is_import) {
        event.how = "import";
        event.file = text(6);
        event.sha256 = text(7);
      } else {
        event.how = "correction";
        SQLite::Statement who(*s.db, "SELECT by, reason, source FROM correction WHERE count = ? AND unit = ? LIMIT 1");
        who.bind(1, row);
        who.bind(2, std::string(unit));
        if (who.executeStep()) {
          event.by = who.getColumn(0).getString();
          event.reason = who.getColumn(1).getString();
          event.source = who.getColumn(2).getString();
        }
      }
      found.push_back({counts.getColumn(4).getInt64(), std::move(event)});
    }
    const auto asked_challenges = s.asked_often(
        "SELECT c.count, c.revision, k.id, k.at, c.by, c.reason, c.source, c.name FROM "
        "challenge c JOIN command k ON k.id = "
        "c.command WHERE EXISTS (SELECT 1 FROM challenge_unit u WHERE u.challenge = c.id AND "
        "u.unit = ?) ORDER BY c.id");
    auto& challenges = *asked_challenges;
    challenges.bind(1, std::string(unit));
    while (challenges.executeStep()) {
      const auto text = [&](int i) { return challenges.getColumn(i).getString(); };
      const std::string shown = s.name_now("count", text(0));
      if (only && shown != only->text && text(0) != only->text) continue;
      concerned[{"challenge", text(7)}] = shown;
      found.push_back({challenges.getColumn(2).getInt64(),
                       {.count = CountId{shown},
                        .revision = challenges.getColumn(1).getInt(),
                        .at = text(3),
                        .how = "challenge",
                        .file = s.shown_name("challenge", text(7)),
                        .sha256 = {},
                        .by = text(4),
                        .reason = text(5),
                        .source = text(6),
                        .cells = {}}});
    }
    if (found.empty())
      return Error{.code = ErrorCode::unit_unknown,
                   .message = only ? fmt::format("the count '{}' never had this unit", only->text)
                                   : std::string("no count of the case ever had this unit"),
                   .file = s.path.string(),
                   .value = std::string(unit),
                   .remedy = "Keys are as in the file; a key of several columns is joined with the profile's `join`."};
    if (s.version >= State::first_version_with_events) {
      SQLite::Statement events(*s.db,
                               "SELECT e.kind, e.name, e.event, e.revision, e.by, e.reason, k.id, k.at FROM "
                               "object_event e JOIN command k ON k.id = e.command WHERE e.event IN ('retire', "
                               "'restore') AND e.kind IN ('count', 'challenge') ORDER BY e.id");
      while (events.executeStep()) {
        const auto text = [&](int i) { return events.getColumn(i).getString(); };
        const auto count = concerned.find({text(0), text(1)});
        if (count == concerned.end()) continue;
        found.push_back({events.getColumn(6).getInt64(),
                         {.count = CountId{count->second},
                          .revision = events.getColumn(3).getInt(),
                          .at = text(7),
                          .how = text(0) + (text(2) == "retire" ? " retired" : " restored"),
                          .file = text(0) == "challenge" ? s.shown_name("challenge", text(1)) : std::string(),
                          .sha256 = {},
                          .by = text(4),
                          .reason = text(5),
                          .source = {},
                          .cells = {}}});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.command < b.command; });
    std::vector<UnitEvent> out;
    for (auto& one : found) out.push_back(std::move(one.event));
    return out;
  });
}

}  // namespace cotejo
