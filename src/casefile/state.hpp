// What every part of the case file works with.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "holder.hpp"

namespace cotejo {

inline std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// The columns of a count's returns, under the names they are stored by.
template <class C>  // Count or const Count
auto columns_of(C& count) {
  std::vector<std::pair<std::string, decltype(&count.registered)>> out;
  for (auto [name, column] :
       {std::pair{"registered", &count.registered}, std::pair{"cast", &count.cast}, std::pair{"valid", &count.valid},
        std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
    out.emplace_back(name, column);
  for (auto& field : count.fields) out.emplace_back(field.id, &field.values);
  return out;
}

struct CaseFile::State {
  std::filesystem::path path;
  bool is_new = false;
  CaseOptions options;
  int version = 0;  // of the schema
  // While a second process waits for the lock.
  std::chrono::steady_clock::time_point waiting_since{};
  bool waits = false, told = false;
  std::unique_ptr<SQLite::Database> db;
  std::int64_t command = 0;
  mutable std::map<std::string, std::unique_ptr<SQLite::Statement>> kept;  // goes before `db` does

  static int wait(void* self, int times);

  Error error_of(const SQLite::Exception& e) const {
    const int code = e.getErrorCode();
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
      return {.code = ErrorCode::conflict,
              .message = fmt::format("the case is held by {}", holder_of(path)),
              .file = path.string(),
              .remedy = "Wait until it is done, or end it."};
    if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_FULL || code == SQLITE_IOERR ||
        code == SQLITE_PERM)
      return {.code = ErrorCode::file_write,
              .message = fmt::format("the case cannot be written or opened: {}", e.what()),
              .file = path.string(),
              .remedy = "Check the folder, its permissions and the free space."};
    return {.code = ErrorCode::case_invalid,
            .message = fmt::format("the case cannot be read: {}", e.what()),
            .file = path.string(),
            .remedy = "Is this a .cotejo file?"};
  }

  // Runs `work` and turns what the libraries throw about the user's file into an Error.
  template <class Work>
  auto guarded(Work work) const -> decltype(work()) {
    try {
      return work();
    } catch (const SQLite::Exception& e) {
      return error_of(e);
    } catch (const std::exception& e) {
      return Error{.code = ErrorCode::case_invalid,
                   .message = fmt::format("the case is damaged: {}", e.what()),
                   .file = path.string()};
    }
  }

  // A statement that is prepared once a connection, for what is asked again and again: preparing takes longer than the
  // answer. It is reset when the handle goes.
  auto asked_often(const std::string& sql) const {
    auto& place = kept[sql];
    auto* statement = place ? place.release() : new SQLite::Statement(*db, sql);
    const auto back = [&place](SQLite::Statement* done) {
      done->tryReset();
      done->clearBindings();
      place.reset(done);
    };
    return std::unique_ptr<SQLite::Statement, decltype(back)>(statement, back);
  }

  std::int64_t add_file(const SourceFile& file) {
    SQLite::Statement insert(
        *db,
        "INSERT INTO source_file (name, sha256, bytes, profile_name, profile_sha256, command) VALUES (?,?,?,?,?,?)");
    SQLite::bind(insert, file.name, file.sha256, file.bytes, file.profile_name, file.profile_sha256, command);
    insert.exec();
    return db->getLastInsertRowid();
  }

  // The revision the next thing of this name gets; nullopt when the latest has the same content, or is the same content
  // with corrections on it.
  std::optional<int> next_revision(const std::string& table, const std::string& name, const std::string& sha256) {
    SQLite::Statement latest(
        *db, "SELECT revision, sha256, id FROM " + table + " WHERE name = ? ORDER BY revision DESC LIMIT 1");
    latest.bind(1, name);
    if (!latest.executeStep()) return 1;
    const int revision = latest.getColumn(0).getInt();
    if (latest.getColumn(1).getString() == sha256) return std::nullopt;
    if (table == "count") {
      SQLite::Statement earlier(
          *db,
          "WITH RECURSIVE chain(id) AS (SELECT ?1 UNION SELECT base FROM count JOIN chain ON count.id = chain.id "
          "WHERE base IS NOT NULL) SELECT 1 FROM chain JOIN count ON count.id = chain.id WHERE sha256 = ?2");
      earlier.bind(1, latest.getColumn(2).getInt64());
      earlier.bind(2, sha256);
      if (earlier.executeStep()) return std::nullopt;
    }
    return revision + 1;
  }

  // The row id of "name" (latest) or "name@revision".
  Result<std::int64_t> find(const std::string& table, std::string_view id) const {
    std::string name(id);
    std::optional<int> revision;
    if (const auto at = name.rfind('@'); at != std::string::npos) {
      int number = 0;
      const auto [end, status] = std::from_chars(name.data() + at + 1, name.data() + name.size(), number);
      if (status == std::errc{} && end == name.data() + name.size()) {
        revision = number;
        name.resize(at);
      }
    }
    SQLite::Statement query(*db,
                            "SELECT id FROM " + table +
                                " WHERE name = ?1 AND (?2 IS NULL OR revision = ?2) ORDER BY revision DESC LIMIT 1");
    query.bind(1, name);
    if (revision) query.bind(2, *revision);
    if (query.executeStep()) return query.getColumn(0).getInt64();
    std::vector<std::string> names;
    SQLite::Statement all(*db, "SELECT DISTINCT name FROM " + table + " ORDER BY id");
    while (all.executeStep()) names.push_back(all.getColumn(0).getString());
    const auto near = nearest_name(name, names);
    return Error{.code = ErrorCode::count_unknown,
                 .message = fmt::format("the case has no such {}", table),
                 .file = path.string(),
                 .value = std::string(id),
                 .remedy = !near.empty()   ? fmt::format("Did you mean '{}'?", near)
                           : names.empty() ? fmt::format("It has no {} at all: see `cotejo --help`.", table)
                                           : fmt::format("It has: {}.", fmt::join(names, ", "))};
  }

  Result<std::vector<std::string>> names_in(const std::string& table) const {
    return guarded([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> out;
      SQLite::Statement query(*db, "SELECT name FROM " + table + " GROUP BY name ORDER BY min(id)");
      while (query.executeStep()) out.push_back(query.getColumn(0).getString());
      return out;
    });
  }

  // Which revision this row of the table is, and how many its object has.
  template <class Object>
  void tell_revision(const std::string& table, std::int64_t row, Object& object) const {
    const auto asked = asked_often("SELECT revision, (SELECT max(revision) FROM " + table +
                                   " WHERE name = t.name) FROM " + table + " t WHERE id = ?");
    asked->bind(1, row);
    if (!asked->executeStep()) return;
    object.revision = asked->getColumn(0).getInt();
    object.revisions = asked->getColumn(1).getInt();
  }

  void write_returns(const Count& count, std::int64_t row) const;
  // The count with this row id; `id` is for errors.
  Result<Count> read_count(std::int64_t row, std::string_view id) const;
  void read_what_was_not_used(std::int64_t row, Count& count) const;
  // A revision of a count; `base` is the revision that it corrects, or 0.
  std::int64_t insert_count(const Count& count, int revision, std::int64_t file_row, std::int64_t base);
};

}  // namespace cotejo
