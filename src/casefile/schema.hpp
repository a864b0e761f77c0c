// The tables of a case, whether a file has them and nothing else, and how a case of an earlier version becomes one of this
// version.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/casefile/casefile.hpp"

namespace cotejo {

inline constexpr int case_application_id = 0x436F7465;  // "Cote"

using Views = std::map<std::string, std::string>;  // name -> definition

inline std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Inside a transaction, in a file without tables. An earlier version only to compare with.
void make_schema(SQLite::Database& db, int version = case_schema_version);

// The version of the case, 0 for a file that has no tables yet (a first command that was ended before its end).
// Errors: case_invalid (not a case, or newer than this program).
Result<int> schema_version_of(SQLite::Database& db, const std::filesystem::path& path);

// Within a transaction: keeps a copy of the case as it is (NAME.schema1.cotejo, or with a number when that is taken) and
// makes the tables those of this version. `views`: those of the case as it is, which go: one may have the name of a new
// table. New views and links are the caller's. Errors: file_write, case_invalid.
Result<std::filesystem::path> migrate(SQLite::Database& db, const std::filesystem::path& path, int from,
                                      const Views& views);

// A column of a table returns_N: an option (o3) or a field of columns_of (f0).
struct StoredColumn {
  bool is_option;
  std::size_t index;
};
std::optional<StoredColumn> stored_column(std::string_view name);

// The names of the case's own tables and indexes but those of the returns.
std::vector<std::string> schema_names(int version);

// What of the file's schema is not the case's own. With `views` everything has to be: these views and no other, no table
// beside ours. Without, only what could run or stand in for something of ours: triggers, virtual tables, our tables and
// their indexes redefined.
std::vector<std::string> foreign_schema(SQLite::Database& db, int version, const Views* views);
// SHA-256 over the tables, indexes and triggers of the file but for the returns, and what it is in a version.
std::string schema_hash(SQLite::Database& db);
std::string_view known_schema_hash(int version);
// Errors: case_invalid.
Result<void> refuse_foreign(SQLite::Database& db, const std::filesystem::path& path, int version);

// No triggers, no extensions, no functions in a schema but harmless ones; bounded lengths.
void harden(SQLite::Database& db);

}  // namespace cotejo
