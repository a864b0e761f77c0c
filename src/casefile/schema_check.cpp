// Whether the tables of a case are its own: a file may come from a stranger, and what its schema holds would run with
// everything that is stored.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>

#include "cotejo/base/hash.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "schema.hpp"

namespace cotejo {

namespace {

constexpr std::string_view returns_begin = "returns_";

std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t out = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (digits.empty() || status != std::errc{} || end != digits.data() + digits.size() || out < 1) return std::nullopt;
  return out;
}

// The definition of the returns of the count with this row id, whichever columns they have.
bool are_returns(std::string_view sql, std::int64_t row) {
  const std::string begin = fmt::format(
      "CREATE TABLE returns_{} (unit INTEGER PRIMARY KEY, key TEXT NOT NULL, place INTEGER, latitude REAL, longitude "
      "REAL",
      row);
  if (!sql.starts_with(begin) || !sql.ends_with(")")) return false;
  sql = sql.substr(begin.size(), sql.size() - begin.size() - 1);
  constexpr std::string_view type = " INTEGER";
  while (!sql.empty()) {
    if (!sql.starts_with(", ")) return false;
    sql.remove_prefix(2);
    const auto end = sql.find(type);
    if (end == std::string_view::npos || !stored_column(sql.substr(0, end))) return false;
    sql.remove_prefix(end + type.size());
  }
  return true;
}

struct Entry {
  std::string type, name, table, sql;

  // Of which count this is the table of returns, by its row id.
  std::optional<std::int64_t> returns_of() const {
    if (type != "table" || !name.starts_with(returns_begin)) return std::nullopt;
    const auto row = whole(std::string_view(name).substr(returns_begin.size()));
    return row && are_returns(sql, *row) ? row : std::nullopt;
  }
  bool is_returns_index() const {
    return type == "index" && table.starts_with(returns_begin) &&
           whole(std::string_view(table).substr(returns_begin.size())) &&
           sql == fmt::format("CREATE UNIQUE INDEX {0}_key ON {0} (key)", table);
  }
  std::string described() const {
    return fmt::format("the {} '{}'{}", type, name,
                       type == "table" || type == "view" ? "" : fmt::format(" on '{}'", table));
  }
};

std::vector<Entry> entries_of(SQLite::Database& db) {
  std::vector<Entry> out;
  SQLite::Statement query(db, "SELECT type, name, tbl_name, sql FROM sqlite_master");
  while (query.executeStep()) {
    const auto text = [&](int i) { return query.getColumn(i).getString(); };
    out.push_back({text(0), text(1), text(2), text(3)});
  }
  return out;
}

// SHA-256 of the tables and indexes of each version, by name: opening a case compares this alone, and makes the schema to
// compare with only where it differs. Held against the schema in src/casefile/tests/chain_test.cpp.
constexpr std::array<std::string_view, case_schema_version> hashes{
    "5c31975b27bb2685369d930e5d3a7f9626644aef76434bf36a005d213fec4753",
    "265ed109582d78bce16502c03c4c92dbe765521ec5868dfa761dad3afe19e22f",
    "72855e7b3618e56bb311816f77ff92b1ac3bd2c694e3f32b0e9cb74c7a277dc4",
    "91303f8bb6eb85379b83968f37d4a59ff787dbe3c5d2cac82c798349e988442a",
    "c13d8b925dcf2042727158ad69c61b24cd0df39a28689fa8adfd0fd0a9df1e4d",
    "661701786d6d2bafdf2768d5a2debfe02733393595a5ff269358360dd8762a78"};

bool is_count(SQLite::Database& db, std::int64_t row) {
  SQLite::Statement query(db, "SELECT 1 FROM count WHERE id = ?");
  query.bind(1, row);
  return query.executeStep();
}

const std::map<std::string, Entry>& expected_of(int version) {
  static std::mutex lock;
  static std::array<std::map<std::string, Entry>, case_schema_version + 1> known;
  const std::lock_guard guard(lock);
  auto& out = known[static_cast<std::size_t>(version)];
  if (out.empty()) {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    make_schema(db, version);
    for (auto& entry : entries_of(db)) out.emplace(entry.name, entry);
  }
  return out;
}

}  // namespace

std::optional<StoredColumn> stored_column(std::string_view name) {
  if (name.size() < 2 || (name[0] != 'f' && name[0] != 'o')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, status] = std::from_chars(name.data() + 1, name.data() + name.size(), index);
  if (status != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return StoredColumn{name[0] == 'o', index};
}

std::vector<std::string> schema_names(int version) {
  std::vector<std::string> out;
  for (const auto& [name, entry] : expected_of(version)) out.push_back(name);
  return out;
}

std::vector<std::string> foreign_schema(SQLite::Database& db, int version, const Views* views) {
  const auto& expected = expected_of(version);
  const bool strict = views != nullptr;
  std::vector<std::string> out;
  std::size_t ours = 0;
  const auto foreign = [&](const Entry& e) { out.push_back(e.described() + " is not of the case"); };
  const auto entries = entries_of(db);
  for (const auto& e : entries) {
    if (const auto own = expected.find(e.name); own != expected.end()) {
      ++ours;
      if (own->second.type != e.type || own->second.table != e.table || own->second.sql != e.sql)
        out.push_back(fmt::format("{} is not defined as schema {} has it", e.described(), version));
    } else if (const auto row = e.returns_of()) {
      if (strict && !is_count(db, *row)) foreign(e);
    } else if (e.is_returns_index()) {
      continue;
    } else if (e.type == "view") {
      if (!strict) continue;  // no query reads a view
      const auto view = views->find(e.name);
      if (view == views->end())
        foreign(e);
      else if (view->second != e.sql)
        out.push_back(e.described() + " does not show what the count holds");
    } else if (e.type == "table" && !e.name.starts_with(returns_begin)) {
      // A further ordinary table does no harm; a virtual table runs code.
      if (strict || e.sql.size() < 13 || sqlite3_strnicmp(e.sql.c_str(), "CREATE TABLE ", 13) != 0) foreign(e);
    } else if (strict || e.type != "index" || expected.contains(e.table) || e.table.starts_with(returns_begin)) {
      foreign(e);
    }
  }
  if (strict)
    for (const auto& [name, sql] : *views) {
      const auto is_there = [&name = name](const Entry& e) { return e.type == "view" && e.name == name; };
      if (std::none_of(entries.begin(), entries.end(), is_there))
        out.push_back(fmt::format("count '{}': its view is not there", name));
    }
  if (ours < expected.size())
    out.push_back(fmt::format("{} of the {} tables of schema {} are not there", expected.size() - ours, expected.size(),
                              version));
  return out;
}

std::string schema_hash(SQLite::Database& db) {
  auto entries = entries_of(db);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  std::string text;
  for (const auto& e : entries)
    if (e.type != "view" && !e.returns_of() && !e.is_returns_index())
      text += fmt::format("{}\n{}\n{}\n{}\n", e.type, e.name, e.table, e.sql);
  return sha256_of(text);
}

std::string_view known_schema_hash(int version) {
  return hashes[static_cast<std::size_t>(version - 1)];
}

Result<void> refuse_foreign(SQLite::Database& db, const std::filesystem::path& path, int version) {
  if (schema_hash(db) == known_schema_hash(version)) return {};
  const auto found = foreign_schema(db, version, nullptr);
  if (found.empty()) return {};
  return Error{.code = ErrorCode::case_invalid,
               .message = fmt::format("the case was changed from outside: {}{}", found.front(),
                                      found.size() > 1 ? fmt::format(", and {} more", found.size() - 1) : ""),
               .file = path.string(),
               .remedy = "Take the case from whoever made it, or import the published files into a new one."};
}

void harden(SQLite::Database& db) {
  sqlite3* handle = db.getHandle();
  for (const auto& [setting, on] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}})
    sqlite3_db_config(handle, setting, on, nullptr);
  for (const auto& [limit, most] :
       {std::pair{SQLITE_LIMIT_LENGTH, 512 << 20}, std::pair{SQLITE_LIMIT_ATTACHED, 0},
        std::pair{SQLITE_LIMIT_EXPR_DEPTH, 100}, std::pair{SQLITE_LIMIT_COMPOUND_SELECT, 20},
        std::pair{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000}, std::pair{SQLITE_LIMIT_WORKER_THREADS, 0}})
    sqlite3_limit(handle, limit, most);
}

}  // namespace cotejo
