#include "cotejo/casefile/casefile.hpp"

#include <fmt/chrono.h>

#include <cassert>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "encode.hpp"
#include "schema.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

constexpr auto patience = std::chrono::seconds(5);  // how long a second process waits
constexpr auto silence = std::chrono::seconds(1);   // and how long it says nothing

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

// A path as a part of a URI: SQLite's own characters escaped.
std::string uri_of(const std::filesystem::path& path) {
  std::string out;
  for (const char c : std::filesystem::absolute(path).string())
    out += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  return out;
}

}  // namespace

CaseFile::CaseFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaseFile::CaseFile(CaseFile&&) noexcept = default;
CaseFile& CaseFile::operator=(CaseFile&&) noexcept = default;
CaseFile::~CaseFile() = default;

Result<CaseFile> CaseFile::open(const std::filesystem::path& path, Mode mode, CaseOptions options) {
  auto state = std::make_unique<State>();
  state->path = path;
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  // Nobody asks SQLite how much memory it holds, and to know it every allocation of every thread would take one lock (20
  // clients of a served case waited on it). Refused where another library has started SQLite already: then it counts.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)uncounted;
  if (!exists && mode != Mode::create)
    return Error{.code = ErrorCode::file_missing,
                 .message = "there is no such case",
                 .file = path.string(),
                 .remedy = "Make one with `cotejo import CASE PROFILE`."};
  state->options = std::move(options);
  auto& raw = *state;
  COTEJO_CHECK(raw.guarded([&]() -> Result<void> {
    // A case belongs to one thread: SQLite's own lock around every cell would be a tenth of the time to load it.
    const int flags =
        SQLite::OPEN_NOMUTEX |
        (mode == Mode::read ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | (exists ? 0 : SQLite::OPEN_CREATE));
    state->db = std::make_unique<SQLite::Database>(path.string(), flags);
    sqlite3_busy_handler(state->db->getHandle(), &State::wait, state.get());
    auto& db = *state->db;
    try {
      COTEJO_TRY(version, schema_version_of(db, path));
      state->version = version;
    } catch (const SQLite::Exception& e) {
      // A reader needs a file beside a case in WAL mode, which a folder that cannot be written to does not allow. Without
      // a log beside it the file is all there is.
      if (mode != Mode::read || (e.getErrorCode() != SQLITE_CANTOPEN && e.getErrorCode() != SQLITE_READONLY) ||
          std::filesystem::exists(path.string() + "-wal"))
        throw;
      state->db = std::make_unique<SQLite::Database>("file:" + uri_of(path) + "?immutable=1", flags | SQLite::OPEN_URI);
      COTEJO_TRY(version, schema_version_of(*state->db, path));
      state->version = version;
    }
    if (state->version == 0) {
      if (mode == Mode::read)
        return Error{.code = ErrorCode::file_missing,
                     .message = "the case is empty: the command that made it was ended before it was done",
                     .file = path.string(),
                     .remedy = "Run `cotejo import` again."};
      state->is_new = true;
    }
    state->db->exec("PRAGMA foreign_keys = ON");
    if (mode == Mode::read) return {};
    // A commit that was reported is on the disk, and readers go on while it is made.
    state->db->exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    if (state->version > 0 && state->version < case_schema_version) {
      COTEJO_TRY(copy, migrate(*state->db, path, state->version));
      if (state->options.notice && !copy.empty())
        state->options.notice(fmt::format("the case had schema {} and has {} now; the earlier one is kept as {}",
                                          state->version, case_schema_version, copy.filename().string()));
      state->version = case_schema_version;
    }
    return {};
  }));
  return CaseFile(std::move(state));
}

// SQLite asks whether to go on waiting for the lock.
int CaseFile::State::wait(void* self, int times) {
  auto& s = *static_cast<State*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (times == 0) {
    s.waiting_since = now;
    s.told = false;
  }
  if (now - s.waiting_since > patience) return 0;
  if (!s.told && now - s.waiting_since > silence && s.options.notice) {
    s.told = true;
    s.options.notice(fmt::format("waiting: the case is held by {}", holder_of(s.path)));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return 1;
}

Result<void> CaseFile::transact(std::string_view command, const std::function<Result<void>()>& work) {
  State& s = *state_;
  auto result = s.guarded([&]() -> Result<void> {
    const std::string at = s.options.clock ? s.options.clock() : now();
    SQLite::Transaction transaction(*s.db, SQLite::TransactionBehavior::IMMEDIATE);
    const HolderNote note(s.path, command, at);
    if (s.is_new) {
      COTEJO_TRY(version, schema_version_of(*s.db, s.path));
      if (version == 0) make_schema(*s.db);
      s.is_new = version == 0;  // else another process made it meanwhile
      s.version = case_schema_version;
    }
    SQLite::Statement log(*s.db, "INSERT INTO command (at, text) VALUES (?, ?)");
    log.bind(1, at);
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
    s.kept.clear();
    s.db.reset();
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(s.path.string() + ending, ignored);
  }
  return result;
}

std::int64_t CaseFile::State::insert_count(const Count& count, int revision, std::int64_t file_row, std::int64_t base) {
  SQLite::Statement insert(*db,
                           "INSERT INTO count (name, revision, sha256, contest, title, unit_name, snapshot_of, "
                           "as_of, official, units, rejected, description, "
                           "source_file, command, base, set_aside_accepted) VALUES "
                           "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,0),?)");
  SQLite::bind(insert, count.id.text, revision, count.sha256, count.contest.id.text, count.title, count.unit_name,
               count.snapshot_of.text, count.as_of, static_cast<int>(count.official),
               static_cast<std::int64_t>(count.units()), static_cast<std::int64_t>(count.rejected.size()),
               encode_description(count), file_row, command, base, count.set_aside_accepted);
  insert.exec();
  const std::int64_t row = db->getLastInsertRowid();
  SQLite::Statement place(*db, "INSERT INTO place VALUES (?,?,?,?,?,?)");
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
  SQLite::Statement rejected(*db, "INSERT INTO rejected_row VALUES (?,?,?,?,?,?,?,nullif(?,''))");
  for (const auto& r : count.rejected) {
    rejected.reset();
    SQLite::bind(rejected, row, r.file, r.row, r.column, r.value, r.reason, r.text, encode_votes(r.votes));
    rejected.exec();
  }
  SQLite::Statement unreadable(*db, "INSERT INTO unreadable_cell VALUES (?,?,?,?,?,?)");
  for (const auto& cell : count.unreadable) {
    unreadable.reset();
    SQLite::bind(unreadable, row, cell.unit, cell.field, cell.value, cell.reason, cell.row);
    unreadable.exec();
  }
  write_returns(count, row);
  return row;
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
    s.insert_count(count, *revision, file_row, 0);
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

Result<Added> CaseFile::add_arrival(const Arrival& arrival, const SourceFile& file) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    const std::string sha256 = arrival.content_hash();
    const auto revision = s.next_revision("arrival", arrival.id.text, sha256);
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO arrival (name, revision, sha256, title, kind, source, caveats, source_file, "
                             "command) VALUES (?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, arrival.id.text, *revision, sha256, arrival.title, std::string(to_text(arrival.kind)),
                 arrival.source, encode_texts(arrival.caveats), file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement line(*s.db, "INSERT INTO arrival_row VALUES (?,?,?,?)");
    for (std::size_t i = 0; i < arrival.units(); ++i) {
      line.reset();
      SQLite::bind(line, row, std::string(arrival.unit_keys[i]), arrival.from[i], arrival.to[i]);
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
    const auto asked = state_->asked_often(R"sql(
      SELECT c.name, c.revision, c.title, c.sha256, c.unit_name, c.snapshot_of, c.as_of, f.name, k.at, c.contest, c.units, c.rejected, c.official
      FROM count c JOIN source_file f ON f.id = c.source_file JOIN command k ON k.id = c.command
      WHERE c.revision = (SELECT max(revision) FROM count WHERE name = c.name) ORDER BY c.id)sql");
    auto& query = *asked;
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
  return state_->names_in("crosswalk");
}

Result<std::vector<std::string>> CaseFile::arrivals() const {
  if (state_->version < 3) return std::vector<std::string>{};
  return state_->names_in("arrival");
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

Result<std::vector<std::string>> CaseFile::findings_json() const {
  return state_->guarded([&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    SQLite::Statement query(*state_->db, "SELECT json FROM finding ORDER BY id");
    while (query.executeStep()) out.push_back(query.getColumn(0).getString());
    return out;
  });
}

Result<Origin> CaseFile::origin_of(const std::string& kind, std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Origin> {
    assert(kind == "count" || kind == "crosswalk" || kind == "arrival" || kind == "challenge");
    COTEJO_TRY(row, s.find(kind, id));
    SQLite::Statement query(
        *s.db, fmt::format("SELECT f.name, f.sha256, f.bytes, f.profile_name, f.profile_sha256, {} FROM {} t JOIN "
                           "source_file f ON f.id = t.source_file WHERE t.id = ?",
                           kind == "count" && s.version >= 2 ? "t.base IS NOT NULL" : "0", kind));
    query.bind(1, row);
    query.executeStep();
    const auto text = [&](int i) { return query.getColumn(i).getString(); };
    return Origin{{text(0), text(1), query.getColumn(2).getInt64(), text(3), text(4)},
                  query.getColumn(5).getInt() != 0};
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
    s.tell_revision("challenge", row, challenge);
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
    s.tell_revision("crosswalk", row, crosswalk);
    return crosswalk;
  });
}

Result<Arrival> CaseFile::load_arrival(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Arrival> {
    if (s.version < 3)
      return Error{.code = ErrorCode::count_unknown,
                   .message = "the case has no arrivals: it is of an earlier schema",
                   .file = s.path.string(),
                   .value = std::string(id),
                   .remedy = "Import one; the case is then migrated, a copy being kept."};
    COTEJO_TRY(row, s.find("arrival", id));
    SQLite::Statement head(*s.db, "SELECT name, title, kind, source, caveats FROM arrival WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    Arrival arrival;
    arrival.id = ArrivalId{head.getColumn(0).getString()};
    arrival.title = head.getColumn(1).getString();
    const std::string kind = head.getColumn(2).getString();
    for (const auto known : {ArrivalKind::time, ArrivalKind::order, ArrivalKind::percentile})
      if (kind == to_text(known)) arrival.kind = known;
    arrival.source = head.getColumn(3).getString();
    arrival.caveats = decode_texts(head.getColumn(4).getString());
    SQLite::Statement rows(*s.db, "SELECT unit, \"from\", \"to\" FROM arrival_row WHERE arrival = ? ORDER BY unit");
    rows.bind(1, row);
    while (rows.executeStep()) {
      arrival.unit_keys.push_back(rows.getColumn(0).getString());
      arrival.from.push_back(rows.getColumn(1).getDouble());
      arrival.to.push_back(rows.getColumn(2).getDouble());
    }
    s.tell_revision("arrival", row, arrival);
    return arrival;
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
