// One SELECT over the case: what it may read, how long, and with how much memory.
#include <algorithm>
#include <set>

#include "cotejo/base/context.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int operations_between_looks = 10'000;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

// The tables and views that stand in docs/formats/case.md, in lower case as SQL compares names.
std::set<std::string> documented_names(SQLite::Database& db) {
  std::set<std::string> out;
  SQLite::Statement names(
      db, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
  while (names.executeStep()) out.insert(lower(names.getColumn(0).getString()));
  return out;
}

struct Watch {
  std::stop_token cancel;
  Clock::time_point end;
  bool out_of_time = false;
};

int look(void* context) {
  auto& watch = *static_cast<Watch*>(context);
  watch.out_of_time = Clock::now() >= watch.end;
  return watch.out_of_time || watch.cancel.stop_requested() ? 1 : 0;
}

// Selecting from what is documented, by functions that are SQLite's own and reach no file.
int authorize(void* context, int action, const char* first, const char* second, const char*, const char*) {
  static const std::set<std::string, std::less<>> refused{"load_extension", "readfile", "writefile", "edit",
                                                          "fts3_tokenizer"};
  if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE) return SQLITE_OK;
  if (action == SQLITE_FUNCTION) return refused.contains(lower(second ? second : "")) ? SQLITE_DENY : SQLITE_OK;
  if (action != SQLITE_READ) return SQLITE_DENY;
  const std::string table = lower(first ? first : "");
  if (static_cast<const std::set<std::string>*>(context)->contains(table) || table == "json_each" ||
      table == "json_tree")
    return SQLITE_OK;
  // A name of the query itself (WITH ...), of which no column is read.
  const bool no_column = second == nullptr || *second == 0;
  return no_column && !table.starts_with("sqlite_") && !table.starts_with("pragma_") && !table.starts_with("dbstat")
             ? SQLITE_OK
             : SQLITE_DENY;
}

// Watches a connection and bounds the memory of SQLite as long as it lives.
class Bounds {
 public:
  Bounds(SQLite::Database& db, const QueryLimits& limits, const std::stop_token& cancel)
      : handle_(db.getHandle()),
        names_(documented_names(db)),
        watch_{cancel, Clock::now() +
                           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits.seconds))} {
    // A query that is bounded in memory writes nothing to the disk; where SQLite does not count, what is large goes to a
    // temporary file.
    db.exec(sqlite3_memory_used() > 0 ? "PRAGMA temp_store = MEMORY" : "PRAGMA temp_store = FILE");
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    heap_before_ = sqlite3_hard_heap_limit64(sqlite3_memory_used() + limits.memory);
    sqlite3_set_authorizer(handle_, &authorize, &names_);
    sqlite3_progress_handler(handle_, operations_between_looks, &look, &watch_);
  }
  ~Bounds() {
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    sqlite3_set_authorizer(handle_, nullptr, nullptr);
    // 0: there was none.
    sqlite3_hard_heap_limit64(heap_before_);
  }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;
  const Watch& watch() const { return watch_; }
  const std::set<std::string>& names() const { return names_; }

 private:
  sqlite3* handle_;
  std::set<std::string> names_;
  Watch watch_;
  sqlite3_int64 heap_before_ = 0;
};

Error refused(std::string message, const std::string& sql, std::string remedy) {
  return {
      .code = ErrorCode::usage, .message = std::move(message), .value = printable(sql), .remedy = std::move(remedy)};
}

// What SQLite says of the query, with the nearest name where one is unknown.
Error query_error(sqlite3* handle, const Bounds& bounds, const QueryLimits& limits, const std::string& sql) {
  if (bounds.watch().out_of_time)
    return refused(fmt::format("the query took longer than {} seconds", limits.seconds), sql,
                   "Ask for less, or allow more with --seconds.");
  if (bounds.watch().cancel.stop_requested()) return cancelled_error();
  const int code = sqlite3_errcode(handle) & 0xff;
  if (code == SQLITE_NOMEM)
    return refused(fmt::format("the query needs more than {} MiB", limits.memory >> 20U), sql,
                   "Ask for less: fewer rows, or no sorting of all of them.");
  if (code == SQLITE_AUTH)
    return refused(fmt::format("only SELECT on the case's tables and views is allowed: {}", sqlite3_errmsg(handle)),
                   sql, "`cotejo query CASE` lists them.");
  const std::string message = sqlite3_errmsg(handle);
  const std::string unknown_table = "no such table: ";
  std::string remedy = "`cotejo query CASE` lists the tables, the views and their columns.";
  if (message.starts_with(unknown_table))
    if (const auto near = nearest_name(lower(message.substr(unknown_table.size())), bounds.names()); !near.empty())
      remedy = fmt::format("Did you mean \"{}\"?", near);
  return refused("not a query over this case: " + message, sql, remedy);
}

Cell cell_of(sqlite3_stmt* statement, int column) {
  const auto bytes = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, column)); };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text ? text : "", bytes());
    }
    case SQLITE_BLOB: {
      std::string out;
      const auto* data = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
      for (std::size_t i = 0; i < bytes(); ++i) out += fmt::format("{:02x}", data[i]);
      return out;
    }
    default:
      return {};
  }
}

Result<Table> rows_of(sqlite3* handle, sqlite3_stmt* statement, const Bounds& bounds, const QueryLimits& limits,
                      const std::string& sql) {
  Table out{.id = "query", .title = "", .columns = {}, .rows = {}};
  const int columns = sqlite3_column_count(statement);
  for (int c = 0; c < columns; ++c) out.columns.push_back({sqlite3_column_name(statement, c)});
  std::int64_t held = 0;
  int status = SQLITE_DONE;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    std::vector<Cell> row;
    for (int c = 0; c < columns; ++c) {
      row.push_back(cell_of(statement, c));
      if (const auto* text = std::get_if<std::string>(&row.back())) held += static_cast<std::int64_t>(text->size());
    }
    held += static_cast<std::int64_t>(sizeof(Cell)) * columns;
    out.rows.push_back(std::move(row));
    if (held > limits.memory)
      return refused(fmt::format("the answer is larger than {} MiB", limits.memory >> 20U), sql,
                     "Ask for fewer rows: LIMIT.");
  }
  if (status != SQLITE_DONE) return query_error(handle, bounds, limits, sql);
  return out;
}

}  // namespace

Result<Table> CaseFile::query(const std::string& sql, const QueryLimits& limits, const std::stop_token& cancel) const {
  return state_->guarded([&]() -> Result<Table> {
    sqlite3* const handle = state_->db->getHandle();
    const Bounds bounds(*state_->db, limits, cancel);
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int status = sqlite3_prepare_v2(handle, sql.c_str(), static_cast<int>(sql.size()), &raw, &rest);
    const Prepared statement(raw);
    if (status != SQLITE_OK) return query_error(handle, bounds, limits, sql);
    if (!statement) return refused("there is no query", sql, "As in: SELECT unit FROM \"bo-2019/computo\" LIMIT 5");
    if (sqlite3_column_count(raw) == 0 || sqlite3_stmt_readonly(raw) == 0)
      return refused("only SELECT is allowed", sql, "`cotejo query CASE` lists what there is to select from.");
    if (rest && !trimmed(rest).empty() && trimmed(rest) != ";")
      return refused("one query at a time", std::string(trimmed(rest)), "Leave out what stands behind the first `;`.");
    return rows_of(handle, raw, bounds, limits, sql);
  });
}

Result<Table> CaseFile::queryable() const {
  return state_->guarded([&]() -> Result<Table> {
    Table out{.id = "queryable", .title = "", .columns = {{"name"}, {"kind"}, {"columns"}}, .rows = {}};
    SQLite::Statement all(*state_->db,
                          "SELECT m.name, m.type, group_concat('\"' || replace(c.name, '\"', '\"\"') || '\"', ', ') "
                          "FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
                          "WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                          "GROUP BY m.rowid ORDER BY m.type DESC, m.rowid");
    while (all.executeStep())
      out.rows.push_back({all.getColumn(0).getString(), all.getColumn(1).getString(), all.getColumn(2).getString()});
    return out;
  });
}

}  // namespace cotejo
