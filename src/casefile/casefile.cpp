#include "cotejo/casefile/casefile.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "encode.hpp"

namespace cotejo {

namespace {

constexpr int busy_timeout_ms = 2000;       // how long a second process waits
constexpr int application_id = 0x436F7465;  // "Cote"

constexpr const char* schema = R"sql(
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

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

std::string quoted_name(std::string_view name) {
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

}  // namespace

struct CaseFile::State {
  std::filesystem::path path;
  bool is_new = false;
  std::unique_ptr<SQLite::Database> db;
  std::int64_t command = 0;

  Error error_of(const SQLite::Exception& e) const {
    const int code = e.getErrorCode();
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
      return {.code = ErrorCode::conflict,
              .message = "the case is held by another process",
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

  std::int64_t add_file(const SourceFile& file) {
    SQLite::Statement insert(
        *db,
        "INSERT INTO source_file (name, sha256, bytes, profile_name, profile_sha256, command) VALUES (?,?,?,?,?,?)");
    SQLite::bind(insert, file.name, file.sha256, file.bytes, file.profile_name, file.profile_sha256, command);
    insert.exec();
    return db->getLastInsertRowid();
  }

  // The revision the next thing of this name gets; nullopt when the latest has the same content.
  std::optional<int> next_revision(const std::string& table, const std::string& name, const std::string& sha256) {
    SQLite::Statement latest(
        *db, "SELECT revision, sha256 FROM " + table + " WHERE name = ? ORDER BY revision DESC LIMIT 1");
    latest.bind(1, name);
    if (!latest.executeStep()) return 1;
    if (latest.getColumn(1).getString() == sha256) return std::nullopt;
    return latest.getColumn(0).getInt() + 1;
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

  void write_returns(const Count& count, std::int64_t row) const {
    std::string columns = "unit INTEGER PRIMARY KEY, key TEXT NOT NULL, place INTEGER, latitude REAL, longitude REAL";
    std::string view = fmt::format("SELECT key AS {}", quoted_name("unit"));
    const auto& levels = count.hierarchy.levels();
    std::vector<std::string> taken{"unit"};
    const auto show = [&](std::string name, const std::string& stored) {
      // SQL folds case: a second column of the same name gets a number.
      std::string unique = name;
      const auto same = [&](const std::string& other) { return sqlite3_stricmp(other.c_str(), unique.c_str()) == 0; };
      for (int i = 2; std::any_of(taken.begin(), taken.end(), same); ++i) unique = fmt::format("{} ({})", name, i);
      taken.push_back(unique);
      view += fmt::format(", {} AS {}", stored, quoted_name(unique));
    };
    std::vector<std::span<const std::int32_t>> stored;
    const auto add = [&](const std::string& prefix, std::size_t i, std::span<const std::int32_t> values,
                         const std::string& name) {
      const std::string column = fmt::format("{}{}", prefix, i);
      columns += ", " + column + " INTEGER";
      stored.push_back(values);
      show(name, column);
    };
    const auto standard = columns_of(count);
    for (std::size_t i = 0; i < standard.size(); ++i)
      if (!standard[i].second->empty()) add("f", i, *standard[i].second, standard[i].first);
    for (std::size_t i = 0; i < count.options(); ++i) add("o", i, count.option(i), count.contest.options[i].id.text);
    if (!levels.empty())
      show(levels.back(),
           fmt::format("(SELECT name FROM place WHERE place.count = {} AND place.place = r.place)", row));
    db->exec(fmt::format("CREATE TABLE returns_{} ({})", row, columns));
    // The view shows the latest revision under the count's own name.
    db->exec(fmt::format("DROP VIEW IF EXISTS {}", quoted_name(count.id.text)));
    db->exec(fmt::format("CREATE VIEW {} AS {} FROM returns_{} AS r", quoted_name(count.id.text), view, row));

    std::string marks = "?,?,?,?,?";
    for (std::size_t i = 0; i < stored.size(); ++i) marks += ",?";
    SQLite::Statement insert(*db, fmt::format("INSERT INTO returns_{} VALUES ({})", row, marks));
    for (UnitIndex unit = 0; unit < count.units(); ++unit) {
      insert.reset();
      insert.bind(1, static_cast<std::int64_t>(unit));
      insert.bind(2, std::string(count.unit_keys[unit]));
      if (count.unit_place.empty() || count.unit_place[unit] == no_place)
        insert.bind(3);
      else
        insert.bind(3, static_cast<std::int64_t>(count.unit_place[unit]));
      int at = 4;
      for (const auto* coordinate : {&count.latitude, &count.longitude}) {
        if (coordinate->empty() || std::isnan((*coordinate)[unit]))
          insert.bind(at++);
        else
          insert.bind(at++, (*coordinate)[unit]);
      }
      for (const auto& column : stored) {
        if (column[unit] == missing)
          insert.bind(at++);
        else
          insert.bind(at++, column[unit]);
      }
      insert.exec();
    }
  }
};

CaseFile::CaseFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaseFile::CaseFile(CaseFile&&) noexcept = default;
CaseFile& CaseFile::operator=(CaseFile&&) noexcept = default;
CaseFile::~CaseFile() = default;

Result<CaseFile> CaseFile::open(const std::filesystem::path& path, Mode mode) {
  auto state = std::make_unique<State>();
  state->path = path;
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  if (!exists && mode != Mode::create)
    return Error{.code = ErrorCode::file_missing,
                 .message = "there is no such case",
                 .file = path.string(),
                 .remedy = "Make one with `cotejo import CASE PROFILE`."};
  state->is_new = !exists;
  const auto& raw = *state;
  COTEJO_CHECK(raw.guarded([&]() -> Result<void> {
    state->db = std::make_unique<SQLite::Database>(
        path.string(),
        mode == Mode::read ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | (exists ? 0 : SQLite::OPEN_CREATE),
        busy_timeout_ms);
    auto& db = *state->db;
    if (exists) {
      if (db.execAndGet("PRAGMA application_id").getInt() != application_id)
        return Error{.code = ErrorCode::case_invalid,
                     .message = "this is not a case file",
                     .file = path.string(),
                     .remedy = "Name a .cotejo file made by `cotejo import`."};
      const int version = db.execAndGet("PRAGMA user_version").getInt();
      if (version > case_schema_version)
        return Error{.code = ErrorCode::case_invalid,
                     .message = fmt::format("this case has schema {}, newer than the {} this program knows", version,
                                            case_schema_version),
                     .file = path.string(),
                     .remedy = "Use a newer cotejo."};
    }
    db.exec("PRAGMA foreign_keys = ON");
    return {};
  }));
  return CaseFile(std::move(state));
}

Result<void> CaseFile::transact(std::string_view command, const std::function<Result<void>()>& work) {
  State& s = *state_;
  auto result = s.guarded([&]() -> Result<void> {
    SQLite::Transaction transaction(*s.db, SQLite::TransactionBehavior::IMMEDIATE);
    if (s.is_new) {
      s.db->exec(schema);
      s.db->exec(
          fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, case_schema_version));
    }
    SQLite::Statement log(*s.db, "INSERT INTO command (at, text) VALUES (?, ?)");
    log.bind(1, now());
    log.bind(2, std::string(command));
    log.exec();
    s.command = s.db->getLastInsertRowid();
    const int before = s.db->getTotalChanges();
    COTEJO_CHECK(work());
    if (s.db->getTotalChanges() == before && !s.is_new) return {};  // nothing was added: leave no trace of the command
    transaction.commit();
    s.is_new = false;
    return {};
  });
  if (s.is_new) {  // it failed before anything was stored
    s.db.reset();
    std::error_code ignored;
    std::filesystem::remove(s.path, ignored);
    std::filesystem::remove(s.path.string() + "-journal", ignored);
  }
  return result;
}

Result<Added> CaseFile::add_count(const Count& count, const std::optional<Rule>& rule, const SourceFile& file) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (rule) {
      const std::string json = encode(*rule);
      SQLite::Statement latest(*s.db, "SELECT json FROM rule WHERE contest = ? ORDER BY id DESC LIMIT 1");
      latest.bind(1, count.contest.id.text);
      if (!latest.executeStep() || latest.getColumn(0).getString() != json) {
        SQLite::Statement insert(*s.db, "INSERT INTO rule (contest, json, command) VALUES (?,?,?)");
        SQLite::bind(insert, count.contest.id.text, json, s.command);
        insert.exec();
      }
    }
    const auto revision = s.next_revision("count", count.id.text, count.sha256);
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO count (name, revision, sha256, contest, title, unit_name, snapshot_of, "
                             "as_of, official, units, rejected, description, "
                             "source_file, command) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, count.id.text, *revision, count.sha256, count.contest.id.text, count.title, count.unit_name,
                 count.snapshot_of.text, count.as_of, static_cast<int>(count.official),
                 static_cast<std::int64_t>(count.units()), static_cast<std::int64_t>(count.rejected.size()),
                 encode_description(count), file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement place(*s.db, "INSERT INTO place VALUES (?,?,?,?,?,?)");
    const auto places = count.hierarchy.places();
    for (PlaceIndex i = 0; i < places.size(); ++i) {
      place.reset();
      place.bind(1, row);
      place.bind(2, static_cast<std::int64_t>(i));
      if (places[i].parent == no_place)
        place.bind(3);
      else
        place.bind(3, static_cast<std::int64_t>(places[i].parent));
      place.bind(4, static_cast<std::int64_t>(places[i].level));
      place.bind(5, places[i].name);
      place.bind(6, places[i].code);
      place.exec();
    }
    SQLite::Statement rejected(*s.db, "INSERT INTO rejected_row VALUES (?,?,?,?,?,?,?)");
    for (const auto& r : count.rejected) {
      rejected.reset();
      SQLite::bind(rejected, row, r.file, r.row, r.column, r.value, r.reason, r.text);
      rejected.exec();
    }
    s.write_returns(count, row);
    return Added::yes;
  });
}

Result<Added> CaseFile::add_crosswalk(const Crosswalk& crosswalk, const SourceFile& file) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    const std::string sha256 = crosswalk.content_hash();
    const auto revision = s.next_revision("crosswalk", crosswalk.id.text, sha256);
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(
        *s.db, "INSERT INTO crosswalk (name, revision, sha256, source, source_file, command) VALUES (?,?,?,?,?,?)");
    SQLite::bind(insert, crosswalk.id.text, *revision, sha256, crosswalk.source, file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement line(*s.db, "INSERT INTO crosswalk_row VALUES (?,?,?)");
    for (const auto& [unit, code] : crosswalk.rows) {
      line.reset();
      SQLite::bind(line, row, unit, code);
      line.exec();
    }
    return Added::yes;
  });
}

Result<Added> CaseFile::add_challenge(const Challenge& challenge, const SourceFile& file) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    const std::string sha256 = challenge.content_hash();
    const auto revision = s.next_revision("challenge", challenge.id.text, sha256);
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO challenge (name, revision, count, by, reason, source, sha256, source_file, "
                             "command) VALUES (?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, challenge.id.text, *revision, challenge.count.text, challenge.by, challenge.reason,
                 challenge.source, sha256, file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement unit(*s.db, "INSERT INTO challenge_unit VALUES (?,?,?)");
    for (std::size_t i = 0; i < challenge.unit_keys.size(); ++i) {
      unit.reset();
      SQLite::bind(unit, row, static_cast<std::int64_t>(i), challenge.unit_keys[i]);
      unit.exec();
    }
    return Added::yes;
  });
}

Result<void> CaseFile::add_finding(const Finding& finding) {
  State& s = *state_;
  return s.guarded([&]() -> Result<void> {
    SQLite::Statement insert(
        *s.db, "INSERT INTO finding (name, method, answer, headline, json, command) VALUES (?,?,?,?,?,?)");
    SQLite::bind(insert, finding.id, finding.method, std::string(to_text(finding.answer)), finding.headline,
                 to_json(finding).dump(), s.command);
    insert.exec();
    return {};
  });
}

Result<std::vector<CountEntry>> CaseFile::counts() const {
  return state_->guarded([&]() -> Result<std::vector<CountEntry>> {
    std::vector<CountEntry> out;
    SQLite::Statement query(*state_->db, R"sql(
      SELECT c.name, c.revision, c.title, c.sha256, c.unit_name, c.snapshot_of, c.as_of, f.name, k.at, c.contest, c.units, c.rejected, c.official
      FROM count c JOIN source_file f ON f.id = c.source_file JOIN command k ON k.id = c.command
      WHERE c.revision = (SELECT max(revision) FROM count WHERE name = c.name) ORDER BY c.id)sql");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      out.push_back({CountId{text(0)}, query.getColumn(1).getInt(), text(2), text(3), text(4), text(5), text(6),
                     text(7), text(8), ContestId{text(9)}, query.getColumn(10).getInt64(),
                     query.getColumn(11).getInt64(), query.getColumn(12).getInt() != 0});
    }
    return out;
  });
}

Result<std::vector<ChallengeEntry>> CaseFile::challenges() const {
  return state_->guarded([&]() -> Result<std::vector<ChallengeEntry>> {
    std::vector<ChallengeEntry> out;
    SQLite::Statement query(*state_->db, R"sql(
      SELECT c.name, c.count, c.revision, (SELECT count(*) FROM challenge_unit WHERE challenge = c.id), c.by, c.reason, c.source
      FROM challenge c WHERE c.revision = (SELECT max(revision) FROM challenge WHERE name = c.name) ORDER BY c.id)sql");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      out.push_back({ChallengeId{text(0)}, CountId{text(1)}, query.getColumn(2).getInt(), query.getColumn(3).getInt64(),
                     text(4), text(5), text(6)});
    }
    return out;
  });
}

Result<std::vector<std::string>> CaseFile::crosswalks() const {
  return state_->guarded([&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    SQLite::Statement query(*state_->db, "SELECT name FROM crosswalk GROUP BY name ORDER BY min(id)");
    while (query.executeStep()) out.push_back(query.getColumn(0).getString());
    return out;
  });
}

Result<std::vector<FindingEntry>> CaseFile::findings() const {
  return state_->guarded([&]() -> Result<std::vector<FindingEntry>> {
    std::vector<FindingEntry> out;
    SQLite::Statement query(*state_->db,
                            "SELECT f.name, f.method, f.answer, f.headline, k.at FROM finding f JOIN command k ON k.id "
                            "= f.command ORDER BY f.id");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      out.push_back({text(0), text(1), text(2), text(3), text(4)});
    }
    return out;
  });
}

Result<Count> CaseFile::load_count(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Count> {
    COTEJO_TRY(row, s.find("count", id));
    SQLite::Statement head(*s.db, "SELECT description, units FROM count WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    Count count = decode_description(head.getColumn(0).getString());
    const auto n = static_cast<std::size_t>(head.getColumn(1).getInt64());

    SQLite::Statement place(*s.db, "SELECT parent, name, code FROM place WHERE count = ? ORDER BY place");
    place.bind(1, row);
    bool has_places = false;
    while (place.executeStep()) {
      has_places = true;
      count.hierarchy.add(
          place.getColumn(0).isNull() ? no_place : static_cast<PlaceIndex>(place.getColumn(0).getInt64()),
          place.getColumn(1).getString(), place.getColumn(2).getString());
    }

    // Which columns this count has is told by the table itself.
    SQLite::Statement returns(*s.db, fmt::format("SELECT * FROM returns_{} ORDER BY unit", row));
    count.votes.assign(n * count.options(), missing);
    std::vector<std::int32_t*> target;
    const auto standard = columns_of(count);
    for (int i = 5; i < returns.getColumnCount(); ++i) {
      const std::string name = returns.getColumnName(i);
      const auto index = static_cast<std::size_t>(std::stoul(name.substr(1)));
      if (name[0] == 'o') {
        target.push_back(count.votes.data() + index * n);
      } else {
        standard.at(index).second->assign(n, missing);
        target.push_back(standard[index].second->data());
      }
    }
    if (has_places) count.unit_place.assign(n, no_place);
    std::vector<double> latitude(n, std::numeric_limits<double>::quiet_NaN()), longitude = latitude;
    bool has_coordinates = false;
    count.unit_keys.reserve(n, 8 * n);
    for (std::size_t unit = 0; unit < n && returns.executeStep(); ++unit) {
      const auto key = returns.getColumn(1);
      count.unit_keys.push_back(std::string_view(key.getText(), static_cast<std::size_t>(key.getBytes())));
      if (has_places && !returns.isColumnNull(2))
        count.unit_place[unit] = static_cast<PlaceIndex>(returns.getColumn(2).getInt64());
      if (!returns.isColumnNull(3) && !returns.isColumnNull(4)) {
        has_coordinates = true;
        latitude[unit] = returns.getColumn(3).getDouble();
        longitude[unit] = returns.getColumn(4).getDouble();
      }
      for (std::size_t i = 0; i < target.size(); ++i)
        if (!returns.isColumnNull(static_cast<int>(i) + 5))
          target[i][unit] = returns.getColumn(static_cast<int>(i) + 5).getInt();
    }
    if (has_coordinates) {
      count.latitude = std::move(latitude);
      count.longitude = std::move(longitude);
    }
    SQLite::Statement rejected(
        *s.db, "SELECT file, row, \"column\", value, reason, text FROM rejected_row WHERE count = ? ORDER BY rowid");
    rejected.bind(1, row);
    while (rejected.executeStep()) {
      const auto text = [&](int i) { return rejected.getColumn(i).getString(); };
      count.rejected.push_back({text(0), rejected.getColumn(1).getInt64(), text(2), text(3), text(4), text(5)});
    }
    if (count.units() != n || count.content_hash() != count.sha256)
      return Error{
          .code = ErrorCode::case_invalid,
          .message = "the rows of this count do not match the hash stored with it: the case was changed from outside",
          .file = s.path.string(),
          .value = std::string(id),
          .remedy = "Import the published file into a new case."};
    return count;
  });
}

Result<Challenge> CaseFile::load_challenge(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Challenge> {
    COTEJO_TRY(row, s.find("challenge", id));
    SQLite::Statement head(*s.db, "SELECT name, count, by, reason, source FROM challenge WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    const auto text = [&](int i) { return head.getColumn(i).getString(); };
    Challenge challenge{ChallengeId{text(0)}, CountId{text(1)}, text(2), text(3), text(4), {}};
    SQLite::Statement units(*s.db, "SELECT unit FROM challenge_unit WHERE challenge = ? ORDER BY position");
    units.bind(1, row);
    while (units.executeStep()) challenge.unit_keys.push_back(units.getColumn(0).getString());
    return challenge;
  });
}

Result<Crosswalk> CaseFile::load_crosswalk(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Crosswalk> {
    COTEJO_TRY(row, s.find("crosswalk", id));
    SQLite::Statement head(*s.db, "SELECT name, source FROM crosswalk WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    Crosswalk crosswalk{CrosswalkId{head.getColumn(0).getString()}, head.getColumn(1).getString(), {}};
    SQLite::Statement rows(*s.db, "SELECT unit, code FROM crosswalk_row WHERE crosswalk = ? ORDER BY unit");
    rows.bind(1, row);
    while (rows.executeStep())
      crosswalk.rows.emplace_back(rows.getColumn(0).getString(), rows.getColumn(1).getString());
    return crosswalk;
  });
}

Result<std::optional<Rule>> CaseFile::load_rule(const ContestId& contest) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::optional<Rule>> {
    SQLite::Statement latest(*s.db, "SELECT json FROM rule WHERE contest = ? ORDER BY id DESC LIMIT 1");
    latest.bind(1, contest.text);
    if (!latest.executeStep()) return std::optional<Rule>{};
    return std::optional<Rule>{decode_rule(latest.getColumn(0).getString())};
  });
}

}  // namespace cotejo
