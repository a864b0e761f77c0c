// The view of every count: its latest revision under its own name, with readable column names. Views are recomputed from
// the counts, so that a check can tell a view that somebody redefined.
#include <algorithm>

#include "encode.hpp"
#include "rows.hpp"
#include "schema.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

bool same_to_sql(std::string_view a, std::string_view b) {
  return sqlite3_stricmp(std::string(a).c_str(), std::string(b).c_str()) == 0;
}

// A name that is not taken: SQL folds case, keeps tables, indexes and views in one list, and ends a name at a NUL, which
// only a name put in by hand has.
std::string free_name(const std::string& stored, std::vector<std::string>& taken) {
  const std::string wanted = stored.substr(0, stored.find('\0'));
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(taken.begin(), taken.end(), [&](const auto& other) { return same_to_sql(other, name); });
  };
  std::string name = wanted;
  for (int i = 2; is_taken(name); ++i) name = fmt::format("{} ({})", wanted, i);
  taken.push_back(name);
  return name;
}

}  // namespace

std::string CaseFile::State::select_of_returns(std::int64_t row, const Count& described) const {
  std::vector<std::string> taken;
  std::string out = fmt::format("SELECT key AS {}", quoted_name(free_name("unit", taken)));
  const auto show = [&](const std::string& name, const std::string& column) {
    out += fmt::format(", {} AS {}", column, quoted_name(free_name(name, taken)));
  };
  const auto standard = columns_of(described);
  Rows columns(db->getHandle(), fmt::format("SELECT * FROM returns_{} LIMIT 0", row));
  for (int i = 5; i < columns.columns(); ++i) {
    const std::string column = columns.column_name(i);
    const auto stored = stored_column(column);
    if (!stored || stored->index >= (stored->is_option ? described.options() : standard.size()))
      throw std::runtime_error(fmt::format("returns_{} has a column of no meaning", row));
    show(stored->is_option ? described.contest.options[stored->index].id.text : standard[stored->index].first, column);
  }
  const auto& levels = described.hierarchy.levels();
  if (!levels.empty())
    show(levels.back(), fmt::format("(SELECT name FROM place WHERE place.count = {} AND place.place = r.place)", row));
  return out + fmt::format(" FROM returns_{} AS r", row);
}

Views CaseFile::State::expected_views() const {
  Views out;
  std::vector<std::string> taken = schema_names(version);
  for (const auto& name : stored_names("count")) {
    if (retired("count", name)) continue;
    const auto newest = latest("count", name);
    SQLite::Statement description(*db, "SELECT description FROM count WHERE id = ?");
    description.bind(1, newest->row);
    description.executeStep();
    std::string shown = shown_name("count", name);
    std::string lower = shown;
    for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    // SQLite keeps the first of these for itself, the case the second.
    if (lower.starts_with("sqlite_") || lower.starts_with("returns_")) shown = "count " + shown;
    const std::string view = free_name(shown, taken);
    out[view] = fmt::format("CREATE VIEW {} AS {}", quoted_name(view),
                            select_of_returns(newest->row, decode_description(description.getColumn(0).getString())));
  }
  return out;
}

void CaseFile::State::keep_views() {
  if (!views_before) views_before = expected_views();
}

void CaseFile::State::renew_views() {
  if (!views_before) return;
  const Views before = *std::exchange(views_before, std::nullopt), after = expected_views();
  for (const auto& [name, sql] : before)
    if (const auto now = after.find(name); now == after.end() || now->second != sql)
      db->exec(fmt::format("DROP VIEW IF EXISTS {}", quoted_name(name)));
  for (const auto& [name, sql] : after)
    if (const auto earlier = before.find(name); earlier == before.end() || earlier->second != sql) db->exec(sql);
}

}  // namespace cotejo
