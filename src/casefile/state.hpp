// What every part of the case file works with.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/Transaction.h>
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

#include "chain.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "holder.hpp"
#include "new_case.hpp"
#include "objects.hpp"
#include "schema.hpp"

namespace cotejo {

// The nearest key is named.
inline Error no_such_unit(const Count& count, const std::string& unit) {
  std::vector<std::string> keys;
  for (UnitIndex u = 0; u < count.units(); ++u) keys.emplace_back(count.unit_keys[u]);
  const auto near = nearest_name(unit, keys);
  return {.code = ErrorCode::unit_unknown,
          .message = fmt::format("the count '{}' has no such unit", count.id.text),
          .value = unit,
          .remedy = near.empty() ? "Check the unit's key." : fmt::format("Did you mean '{}'?", near)};
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
  static constexpr int first_version_with_events = 5, first_version_with_notes = 6;

  std::filesystem::path path;
  CaseOptions options;
  bool is_reader = false;
  int version = 0;                      // of the schema
  std::unique_ptr<NewCase> being_made;  // until the first command of a case that was not there
  // While another process has the lock.
  std::chrono::steady_clock::time_point waiting_since{};
  bool commits = false, told = false;
  std::unique_ptr<SQLite::Database> db;
  std::int64_t command = 0;
  std::optional<Views> views_before;                                       // where this command changes what they show
  mutable std::map<std::string, std::unique_ptr<SQLite::Statement>> kept;  // goes before `db` does

  Result<void> begin_new();
  Result<void> open_there();
  Result<void> bring_up_to_date();
  void connect(const std::string& name, int flags);
  void connect_reader();
  void disconnect();
  void log_command(std::string_view text, const std::string& at);
  Result<void> run_command(std::string_view text, const std::function<Result<void>()>& work);
  void commit(SQLite::Transaction& transaction);
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

  // As caught(), with the case open.
  template <class Work>
  auto guarded(Work work) const -> decltype(work()) {
    if (db) return caught(work);
    return Error{.code = ErrorCode::file_missing,
                 .message = "the case is not there: the command that made it did not end well",
                 .file = path.string(),
                 .remedy = "Import again."};
  }

  // Runs `work` and turns what the libraries throw about the user's file into an Error.
  template <class Work>
  auto caught(Work work) const -> decltype(work()) {
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

  // Objects (objects.cpp). A stored name is the one that an object was added by.
  std::string stored_name(std::string_view kind, const std::string& shown) const;
  std::string shown_name(std::string_view kind, const std::string& stored) const;
  std::string name_now(std::string_view kind, const std::string& ever) const {
    return shown_name(kind, stored_name(kind, ever));
  }
  std::vector<std::string> stored_names(std::string_view kind) const;
  std::vector<std::string> shown_names(std::string_view kind) const;  // without the retired
  std::optional<Retired> retired(std::string_view kind, const std::string& stored) const;
  struct Latest {
    std::int64_t row;
    int revision;
  };
  std::optional<Latest> latest(std::string_view kind, const std::string& stored) const;
  // The row id of "name" (latest) or "name@revision". Errors: count_unknown.
  Result<std::int64_t> find(std::string_view kind, std::string_view id) const;
  // The stored name of an object that there is, retired or not. Errors: usage, count_unknown.
  Result<std::string> known_object(const std::string& kind, const std::string& id) const;
  struct NewRevision {
    std::string name;
    int number;
  };
  // The revision that content under this id gets; none when the latest is the same. Errors: conflict, value_invalid.
  Result<std::optional<NewRevision>> new_revision(std::string_view kind, const std::string& id,
                                                  const std::string& replace,
                                                  const std::function<bool(std::int64_t row)>& is_same);
  void add_event(std::string_view kind, const std::string& stored, std::string_view event, int revision,
                 const std::string& new_name, const std::string& by, const std::string& reason);

  // Views (views.cpp): what they should be; keep_views() before a command changes that, renew_views() after it.
  Views expected_views() const;
  void keep_views();
  void renew_views();
  std::string select_of_returns(std::int64_t row, const Count& described) const;

  std::string stored_hash(const std::string& table, std::int64_t row) const {
    const auto asked = asked_often("SELECT sha256 FROM " + table + " WHERE id = ?");
    asked->bind(1, row);
    return asked->executeStep() ? asked->getColumn(0).getString() : std::string();
  }
  // The object under the name that it is stored by, where that is another: its hash is over its id too.
  template <class Object>
  std::optional<Object> as_stored(std::string_view kind, const Object& object) const {
    const std::string name = stored_name(kind, object.id.text);
    if (name == object.id.text) return std::nullopt;
    std::optional<Object> out = object;
    out->id.text = name;
    return out;
  }
  // A list as it was read, under its stored name: held against its hash, and named as it is shown. Errors: case_invalid.
  template <class List>
  Result<void> finish_list(const std::string& table, std::int64_t row, List& list) const {
    if (list.content_hash() != stored_hash(table, row))
      return Error{.code = ErrorCode::case_invalid,
                   .message = fmt::format("the {} does not match its hash: the case was changed from outside", table),
                   .file = path.string(),
                   .value = list.id.text,
                   .remedy = "See `cotejo check-case`."};
    tell_revision(table, row, list);
    list.id.text = shown_name(table, list.id.text);
    return {};
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
  std::int64_t insert_count(const Count& count, const NewRevision& as, std::int64_t file_row, std::int64_t base);
  bool is_same_count(const Count& count, std::int64_t row) const;
  Result<void> add_rule(const ContestId& contest, const Rule& rule, const std::string& replace);
};

}  // namespace cotejo
