// The tables of a case, and how a case of an earlier version becomes one of this version.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

#include "cotejo/base/result.hpp"

namespace cotejo {

inline constexpr int case_application_id = 0x436F7465;  // "Cote"

// Inside a transaction, in a file without tables.
void make_schema(SQLite::Database& db);

// The version of the case, 0 for a file that has no tables yet (a first command that was ended before its end).
// Errors: case_invalid (not a case, or newer than this program).
Result<int> schema_version_of(SQLite::Database& db, const std::filesystem::path& path);

// Keeps a copy of the case as it is (NAME.schema1.cotejo, or with a number when that is taken) and brings it to this
// version in one transaction. Errors: file_write, case_invalid.
Result<std::filesystem::path> migrate(SQLite::Database& db, const std::filesystem::path& path, int from);

}  // namespace cotejo
