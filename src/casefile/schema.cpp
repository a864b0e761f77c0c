#include "schema.hpp"

#include <SQLiteCpp/Backup.h>
#include <fmt/format.h>

namespace cotejo {

namespace {

namespace fs = std::filesystem;

// Version 1, as it was; later versions are steps on it, so that a new case and a migrated one are the same.
constexpr const char* version_1 = R"sql(
CREATE TABLE command (id INTEGER PRIMARY KEY, at TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE source_file (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  profile_name TEXT NOT NULL, profile_sha256 TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
CREATE TABLE rule (id INTEGER PRIMARY KEY, contest TEXT NOT NULL, json TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
CREATE TABLE count (id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL,
  contest TEXT NOT NULL, title TEXT NOT NULL, unit_name TEXT NOT NULL, snapshot_of TEXT NOT NULL, as_of TEXT NOT NULL,
  official INTEGER NOT NULL, units INTEGER NOT NULL, rejected INTEGER NOT NULL, description TEXT NOT NULL,
  source_file INTEGER NOT NULL REFERENCES source_file(id), command INTEGER NOT NULL REFERENCES command(id), UNIQUE (name, revision));
CREATE TABLE place (count INTEGER NOT NULL REFERENCES count(id), place INTEGER NOT NULL, parent INTEGER, level INTEGER NOT NULL,
  name TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (count, place)) WITHOUT ROWID;
CREATE TABLE rejected_row (count INTEGER NOT NULL REFERENCES count(id), file TEXT NOT NULL, row INTEGER NOT NULL,
  "column" TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE challenge (id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, count TEXT NOT NULL, by TEXT NOT NULL,
  reason TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, source_file INTEGER NOT NULL REFERENCES source_file(id),
  command INTEGER NOT NULL REFERENCES command(id), UNIQUE (name, revision));
CREATE TABLE challenge_unit (challenge INTEGER NOT NULL REFERENCES challenge(id), position INTEGER NOT NULL, unit TEXT NOT NULL,
  PRIMARY KEY (challenge, position)) WITHOUT ROWID;
CREATE TABLE crosswalk (id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL, source TEXT NOT NULL,
  source_file INTEGER NOT NULL REFERENCES source_file(id), command INTEGER NOT NULL REFERENCES command(id), UNIQUE (name, revision));
CREATE TABLE crosswalk_row (crosswalk INTEGER NOT NULL REFERENCES crosswalk(id), unit TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (crosswalk, unit)) WITHOUT ROWID;
CREATE TABLE finding (id INTEGER PRIMARY KEY, name TEXT NOT NULL, method TEXT NOT NULL, answer TEXT NOT NULL, headline TEXT NOT NULL,
  json TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
)sql";

// Step i brings version i + 1 to version i + 2. Steps are only ever added.
constexpr const char* steps[] = {
    // Corrections: a revision of a count made from an earlier one, cell by cell.
    R"sql(
ALTER TABLE count ADD COLUMN base INTEGER REFERENCES count(id);
CREATE TABLE correction (id INTEGER PRIMARY KEY, count INTEGER NOT NULL REFERENCES count(id), unit TEXT NOT NULL, field TEXT NOT NULL,
  old INTEGER, new INTEGER, by TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
)sql",
    // When the returns of a count were published.
    R"sql(
CREATE TABLE arrival (id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
  kind TEXT NOT NULL, source TEXT NOT NULL, caveats TEXT NOT NULL, source_file INTEGER NOT NULL REFERENCES source_file(id),
  command INTEGER NOT NULL REFERENCES command(id), UNIQUE (name, revision));
CREATE TABLE arrival_row (arrival INTEGER NOT NULL REFERENCES arrival(id), unit TEXT NOT NULL, "from" REAL NOT NULL, "to" REAL NOT NULL,
  PRIMARY KEY (arrival, unit)) WITHOUT ROWID;
)sql",
    // Assemblies: everything but the votes as JSON (SQLite's own functions read it), the votes as rows.
    R"sql(
CREATE TABLE assembly (id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
  members INTEGER NOT NULL, bodies INTEGER NOT NULL, roll_calls INTEGER NOT NULL, description TEXT NOT NULL,
  source_file INTEGER NOT NULL REFERENCES source_file(id), command INTEGER NOT NULL REFERENCES command(id), UNIQUE (name, revision));
CREATE TABLE assembly_vote (assembly INTEGER NOT NULL REFERENCES assembly(id), roll_call INTEGER NOT NULL, member INTEGER NOT NULL,
  ballot INTEGER NOT NULL, PRIMARY KEY (assembly, roll_call, member)) WITHOUT ROWID;
)sql",
    // What a row that was set aside can mean in votes; cells of used rows that could not be read; why the import went on.
    // Replacements, retirements and names of objects, with who and why. One link of the hash chain per command.
    R"sql(
ALTER TABLE rejected_row ADD COLUMN votes TEXT;
ALTER TABLE count ADD COLUMN set_aside_accepted TEXT NOT NULL DEFAULT '';
CREATE TABLE unreadable_cell (count INTEGER NOT NULL REFERENCES count(id), unit TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
  reason TEXT NOT NULL, row INTEGER NOT NULL);
CREATE TABLE object_event (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, event TEXT NOT NULL, revision INTEGER NOT NULL,
  new_name TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
CREATE TABLE link (command INTEGER PRIMARY KEY REFERENCES command(id), schema INTEGER NOT NULL, head TEXT NOT NULL);
)sql",
    // Notes on returns, and their sign-off.
    R"sql(
CREATE TABLE note (id INTEGER PRIMARY KEY, count TEXT NOT NULL, revision INTEGER NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
  by TEXT NOT NULL, text TEXT NOT NULL, command INTEGER NOT NULL REFERENCES command(id));
)sql",
};
static_assert(std::size(steps) + 1 == case_schema_version);

void apply_steps(SQLite::Database& db, int from, int to) {
  for (int version = from; version < to; ++version) db.exec(steps[version - 1]);
  db.exec(fmt::format("PRAGMA user_version = {}", to));
}

fs::path copy_name(const fs::path& path, int version) {
  fs::path copy = path;
  copy.replace_extension(fmt::format("schema{}.cotejo", version));
  for (int i = 2; fs::exists(copy); ++i)
    copy.replace_extension().replace_extension(fmt::format("schema{}-{}.cotejo", version, i));
  return copy;
}

}  // namespace

void make_schema(SQLite::Database& db, int version) {
  db.exec(version_1);
  db.exec(fmt::format("PRAGMA application_id = {}", case_application_id));
  apply_steps(db, 1, version);
}

Result<int> schema_version_of(SQLite::Database& db, const fs::path& path) {
  const int application = db.execAndGet("PRAGMA application_id").getInt();
  const int version = db.execAndGet("PRAGMA user_version").getInt();
  if (application == 0 && version == 0 && db.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) return 0;
  if (application != case_application_id || version < 1)
    return Error{.code = ErrorCode::case_invalid,
                 .message = "this is not a case file",
                 .file = path.string(),
                 .remedy = "Name a .cotejo file made by `cotejo import`."};
  if (version > case_schema_version)
    return Error{.code = ErrorCode::case_invalid,
                 .message = fmt::format("this case has schema {}, newer than the {} that this program reads", version,
                                        case_schema_version),
                 .file = path.string(),
                 .remedy = "Use a newer cotejo."};
  return version;
}

Result<fs::path> migrate(SQLite::Database& db, const fs::path& path, int from, const Views& views) {
  const fs::path copy = copy_name(path, from);
  const fs::path part = copy.string() + ".part";
  {
    // Nobody writes meanwhile: the caller's transaction has the lock.
    SQLite::Database source(path.string(), SQLite::OPEN_READONLY);
    SQLite::Database target(part.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup backup(target, source);
    backup.executeStep(-1);
    target.exec("PRAGMA journal_mode = DELETE");  // a copy of one file
    if (target.execAndGet("PRAGMA integrity_check").getString() != "ok")
      return Error{.code = ErrorCode::case_invalid,
                   .message = "the case is damaged and is left as it is",
                   .file = path.string(),
                   .remedy = "See `cotejo check-case`."};
  }
  std::error_code failed;
  fs::rename(part, copy, failed);
  if (failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the copy of the earlier version cannot be kept",
                 .file = copy.string(),
                 .remedy = "Check the folder and the free space."};
  std::vector<std::string> there;
  for (SQLite::Statement query(db, "SELECT name FROM sqlite_master WHERE type = 'view'"); query.executeStep();)
    there.push_back(query.getColumn(0).getString());
  for (const auto& view : there)
    if (views.contains(view)) db.exec("DROP VIEW " + quoted_name(view));
  apply_steps(db, from, case_schema_version);
  return copy;
}

}  // namespace cotejo
