// The rows of a count: into the case and out of it.
#include <cmath>
#include <limits>
#include <span>

#include "encode.hpp"
#include "rows.hpp"
#include "state.hpp"

namespace cotejo {

void CaseFile::State::write_returns(const Count& count, std::int64_t row) const {
  std::string columns = "unit INTEGER PRIMARY KEY, key TEXT NOT NULL, place INTEGER, latitude REAL, longitude REAL";
  std::vector<std::span<const std::int32_t>> stored;
  const auto add = [&](char prefix, std::size_t i, std::span<const std::int32_t> values) {
    columns += fmt::format(", {}{} INTEGER", prefix, i);
    stored.push_back(values);
  };
  const auto standard = columns_of(count);
  for (std::size_t i = 0; i < standard.size(); ++i)
    if (!standard[i].second->empty()) add('f', i, *standard[i].second);
  for (std::size_t i = 0; i < count.options(); ++i) add('o', i, count.option(i));
  db->exec(fmt::format("CREATE TABLE returns_{} ({})", row, columns));

  std::string marks = "?,?,?,?,?";
  for (std::size_t i = 0; i < stored.size(); ++i) marks += ",?";
  Rows insert(db->getHandle(), fmt::format("INSERT INTO returns_{} VALUES ({})", row, marks));
  for (UnitIndex unit = 0; unit < count.units(); ++unit) {
    insert.bind(1, static_cast<std::int64_t>(unit));
    insert.bind(2, count.unit_keys[unit]);
    if (count.unit_place.empty() || count.unit_place[unit] == no_place)
      insert.bind_null(3);
    else
      insert.bind(3, static_cast<std::int64_t>(count.unit_place[unit]));
    int at = 4;
    for (const auto* coordinate : {&count.latitude, &count.longitude}) {
      if (coordinate->empty() || std::isnan((*coordinate)[unit]))
        insert.bind_null(at++);
      else
        insert.bind(at++, (*coordinate)[unit]);
    }
    for (const auto& column : stored) {
      if (column[unit] == missing)
        insert.bind_null(at++);
      else
        insert.bind(at++, static_cast<std::int64_t>(column[unit]));
    }
    insert.run();
  }
  // What history asks for: one unit among all, at once.
  db->exec(fmt::format("CREATE UNIQUE INDEX returns_{0}_key ON returns_{0} (key)", row));
}

Result<Count> CaseFile::load_count(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Count> {
    COTEJO_TRY(row, s.find("count", id));
    return s.read_count(row, id);
  });
}

Result<Count> CaseFile::State::read_count(std::int64_t row, std::string_view id) const {
  SQLite::Statement head(
      *db, fmt::format("SELECT description, (SELECT count(*) FROM returns_{}) FROM count WHERE id = ?", row));
  head.bind(1, row);
  head.executeStep();
  Count count = decode_description(head.getColumn(0).getString());
  // What the rows themselves say: a case may come from a stranger.
  const auto n = static_cast<std::size_t>(head.getColumn(1).getInt64());
  const auto damaged = [&](std::string what) {
    return Error{.code = ErrorCode::case_invalid,
                 .message = fmt::format("the rows of this count {}: the case was changed from outside", what),
                 .file = path.string(),
                 .value = std::string(id),
                 .remedy = "Import the published file into a new case."};
  };

  Rows place(db->getHandle(),
             fmt::format("SELECT parent, name, code, place, level FROM place WHERE count = {} ORDER BY place", row));
  std::int64_t places = 0;
  for (; place.next(); ++places) {
    const bool top = place.is_null(0);
    const std::int64_t parent = top ? 0 : place.whole(0);
    if (place.whole(3) != places || (!top && (parent < 0 || parent >= places)) || count.hierarchy.levels().empty() ||
        (!top && count.hierarchy[static_cast<PlaceIndex>(parent)].level + 1 >= count.hierarchy.levels().size()))
      return damaged("have places that are not nested");
    const auto added =
        count.hierarchy.add(top ? no_place : static_cast<PlaceIndex>(parent), place.text(1), place.text(2));
    if (added != static_cast<PlaceIndex>(places)) return damaged("have one place twice");
    if (place.whole(4) != static_cast<std::int64_t>(count.hierarchy[added].level))
      return damaged("have places on other levels than they were");
  }

  // Which columns this count has is told by the table itself.
  Rows returns(db->getHandle(), fmt::format("SELECT * FROM returns_{} ORDER BY unit", row));
  auto standard = columns_of(count);
  std::vector<StoredColumn> columns;
  std::size_t option_columns = 0;
  for (int i = 5; i < returns.columns(); ++i) {
    const auto column = stored_column(returns.column_name(i));
    if (!column || column->index >= (column->is_option ? count.options() : standard.size()))
      return damaged("have a column of no meaning");
    columns.push_back(*column);
    option_columns += column->is_option ? 1 : 0;
  }
  if (returns.columns() < 5 || option_columns != count.options()) return damaged("lack columns");
  count.votes.assign(n * count.options(), missing);
  std::vector<std::int32_t*> target;
  for (const auto& column : columns) {
    if (!column.is_option) standard[column.index].second->assign(n, missing);
    target.push_back(column.is_option ? count.votes.data() + column.index * n : standard[column.index].second->data());
  }
  if (places > 0) count.unit_place.assign(n, no_place);
  std::vector<double> latitude, longitude;
  count.unit_keys.reserve(n, 8 * n);
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  std::size_t unit = 0;
  for (; unit < n && returns.next(); ++unit) {
    if (returns.whole(0) != static_cast<std::int64_t>(unit) || returns.type(1) != SQLITE_TEXT)
      return damaged("are not numbered as they were");
    count.unit_keys.push_back(returns.text(1));
    if (!returns.is_null(2)) {
      if (returns.type(2) != SQLITE_INTEGER || returns.whole(2) < 0 || returns.whole(2) >= places)
        return damaged("name places that the case does not have");
      count.unit_place[unit] = static_cast<PlaceIndex>(returns.whole(2));
    }
    for (const auto& [at, values] : {std::pair{3, &latitude}, std::pair{4, &longitude}}) {
      if (returns.is_null(at)) continue;
      if (returns.type(at) != SQLITE_FLOAT && returns.type(at) != SQLITE_INTEGER)
        return damaged("have a coordinate that is no number");
      if (latitude.empty()) {
        latitude.assign(n, unknown);
        longitude = latitude;
      }
      (*values)[unit] = returns.real(at);
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
      const int at = static_cast<int>(i) + 5, type = returns.type(at);
      if (type == SQLITE_NULL) continue;
      const auto value = returns.whole(at);
      if (type != SQLITE_INTEGER || value <= missing || value > std::numeric_limits<std::int32_t>::max())
        return damaged("have a cell that is no whole number");
      target[i][unit] = static_cast<std::int32_t>(value);
    }
  }
  count.latitude = std::move(latitude);
  count.longitude = std::move(longitude);
  read_what_was_not_used(row, count);
  tell_revision("count", row, count);
  if (unit != n || count.content_hash() != count.sha256) return damaged("do not match the hash stored with it");
  count.id.text = shown_name("count", count.id.text);
  if (!count.snapshot_of.text.empty()) count.snapshot_of.text = name_now("count", count.snapshot_of.text);
  return count;
}

// Rows set aside, and cells that could not be read.
void CaseFile::State::read_what_was_not_used(std::int64_t row, Count& count) const {
  SQLite::Statement rejected(*db, fmt::format("SELECT file, row, \"column\", value, reason, text, {} FROM rejected_row "
                                              "WHERE count = ? ORDER BY rowid",
                                              version < 5 ? "NULL" : "votes"));
  rejected.bind(1, row);
  while (rejected.executeStep()) {
    const auto text = [&](int i) { return rejected.getColumn(i).getString(); };
    count.rejected.push_back(
        {text(0), rejected.getColumn(1).getInt64(), text(2), text(3), text(4), text(5), decode_votes(text(6))});
  }
  if (version < 5) return;
  SQLite::Statement cells(*db,
                          "SELECT unit, field, value, reason, row FROM unreadable_cell WHERE count = ? ORDER BY rowid");
  cells.bind(1, row);
  while (cells.executeStep()) {
    const auto text = [&](int i) { return cells.getColumn(i).getString(); };
    count.unreadable.push_back({text(0), text(1), text(2), text(3), cells.getColumn(4).getInt64()});
  }
  SQLite::Statement accepted(*db, "SELECT set_aside_accepted FROM count WHERE id = ?");
  accepted.bind(1, row);
  if (accepted.executeStep()) count.set_aside_accepted = accepted.getColumn(0).getString();
}

}  // namespace cotejo
