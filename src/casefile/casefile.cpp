#include "cotejo/casefile/casefile.hpp"

#include <fmt/chrono.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "chain.hpp"
#include "schema.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

namespace fs = std::filesystem;

// How long one waits for another: a writer for the writer before it; a reader for a commit, and a commit for the readers,
// which are short.
constexpr auto patience = std::chrono::seconds(5), patience_of_readers = std::chrono::seconds(60);
constexpr auto silence = std::chrono::seconds(1);  // and how long it says nothing
// Pages that a command keeps in memory (256 MB) before it writes them into the file, from when on readers wait for it.
constexpr int pages_in_memory = 65'536;

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

// A path as a part of a URI: SQLite's own characters escaped.
std::string uri_of(const fs::path& path, std::string_view parameter) {
  std::string out = "file:";
  for (const char c : fs::absolute(path).string())
    out += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  return fmt::format("{}?{}", out, parameter);
}

// A case belongs to one thread: SQLite's own lock around every cell would be a tenth of the time to load it.
constexpr int reading = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY,
              writing = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;

std::atomic<bool> counts_memory = false;

// SQLite waits for ever for a pipe in the place of the case or of its journal. Nothing is opened here: to close a file of
// one's own drops the locks that SQLite has on it.
Result<void> check_regular(const fs::path& path) {
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
    const fs::path file = path.string() + ending;
    std::error_code failed;
    const auto status = fs::status(file, failed);
    if (fs::exists(status) && !fs::is_regular_file(status))
      return Error{.code = ErrorCode::file_missing,
                   .message = *ending == '\0' ? "this is no regular file, and a case was expected"
                                              : "this is no regular file, and it has the name of a case's journal",
                   .file = file.string(),
                   .remedy = *ending == '\0' ? "Name the case's file." : "Move it away from the case."};
  }
  return {};
}

bool cannot_write(const SQLite::Exception& e) {
  return e.getErrorCode() == SQLITE_CANTOPEN || e.getErrorCode() == SQLITE_READONLY;
}

}  // namespace

void count_query_memory() {
  counts_memory = true;
}

CaseFile::CaseFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaseFile::CaseFile(CaseFile&&) noexcept = default;
CaseFile& CaseFile::operator=(CaseFile&&) noexcept = default;
CaseFile::~CaseFile() = default;

Result<CaseFile> CaseFile::open(const fs::path& path, Mode mode, CaseOptions options) {
  // Only a bounded query asks SQLite how much memory it holds, and to know it every allocation of every thread would take one lock (20
  // clients of a served case waited on it). Refused where another library has started SQLite already: then it counts.
  static const int uncounted = counts_memory ? 0 : sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)uncounted;
  auto state = std::make_unique<State>();
  state->path = path;
  state->options = std::move(options);
  state->is_reader = mode == Mode::read;
  std::error_code ignored;
  const bool exists = fs::exists(path, ignored);
  if (!exists && mode != Mode::create)
    return Error{.code = ErrorCode::file_missing,
                 .message = "there is no such case",
                 .file = path.string(),
                 .remedy = "Make one with `cotejo import CASE PROFILE`."};
  COTEJO_CHECK(check_regular(path));
  if (mode == Mode::create) remove_stale(path);
  COTEJO_CHECK(exists ? state->open_there() : state->begin_new());
  return CaseFile(std::move(state));
}

void CaseFile::State::connect(const std::string& name, int flags) {
  disconnect();
  db = std::make_unique<SQLite::Database>(name, flags);
  sqlite3_busy_handler(db->getHandle(), &State::wait, this);
  harden(*db);
}

void CaseFile::State::disconnect() {
  kept.clear();
  db.reset();
}

Result<void> CaseFile::State::begin_new() {
  COTEJO_TRY(made, NewCase::beside(path));
  being_made = std::make_unique<NewCase>(std::move(made));
  return caught([&]() -> Result<void> {
    // Nobody else has it, and whatever happens to it before it is published does not matter.
    connect(uri_of(being_made->path(), "nolock=1"), writing | SQLite::OPEN_URI);
    db->exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON");
    make_schema(*db);
    version = case_schema_version;
    return {};
  });
}

// A reader never writes to a case and makes no file beside it, but for two: what a killed command left is put right, and
// a case of an earlier version in WAL mode is read as SQLite reads such a file.
void CaseFile::State::connect_reader() {
  const auto try_it = [&] { db->execAndGet("PRAGMA user_version"); };
  try {
    connect(path.string(), reading);
    try_it();
    if (db->execAndGet("PRAGMA journal_mode").getString() != "wal") return;
  } catch (const SQLite::Exception& e) {
    if (!cannot_write(e)) throw;
  }
  try {
    connect(path.string(), writing);
    try_it();
    if (db->execAndGet("PRAGMA journal_mode").getString() == "wal") {
      db->exec("PRAGMA query_only = ON");  // the last connection to close removes -wal and -shm
      return;
    }
    connect(path.string(), reading);
    try_it();
  } catch (const SQLite::Exception& e) {
    // In a folder that cannot be written to. Without a log beside it the file is all there is.
    if (!cannot_write(e) || fs::exists(path.string() + "-wal") || fs::exists(path.string() + "-journal")) throw;
    connect(uri_of(path, "immutable=1"), reading | SQLite::OPEN_URI);
  }
}

Result<void> CaseFile::State::open_there() {
  return caught([&]() -> Result<void> {
    if (is_reader)
      connect_reader();
    else
      connect(path.string(), writing);
    COTEJO_TRY(found, schema_version_of(*db, path));
    version = found;
    if (version == 0 && is_reader)
      return Error{.code = ErrorCode::file_missing,
                   .message = "the case is empty: the command that made it was ended before it was done",
                   .file = path.string(),
                   .remedy = "Run `cotejo import` again."};
    if (version > 0) COTEJO_CHECK(refuse_foreign(*db, path, version));
    db->exec("PRAGMA foreign_keys = ON");
    if (is_reader) return {};
    // A commit that was reported is on the disk, and the case is one file.
    db->exec(fmt::format("PRAGMA synchronous = EXTRA; PRAGMA cache_spill = {}", pages_in_memory));
    try {
      db->exec("PRAGMA journal_mode = DELETE");
    } catch (const SQLite::Exception& e) {
      // A case of an earlier version that somebody reads just now stays in WAL mode until the next command.
      if (e.getErrorCode() != SQLITE_BUSY && e.getErrorCode() != SQLITE_LOCKED) throw;
    }
    if (version > 0 && version < case_schema_version) return bring_up_to_date();
    return {};
  });
}

Result<void> CaseFile::State::bring_up_to_date() {
  const int from = version;
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  COTEJO_TRY(current, schema_version_of(*db, path));
  version = current;
  if (version == case_schema_version) return {};  // another process did it meanwhile
  COTEJO_CHECK(refuse_foreign(*db, path, version));
  COTEJO_TRY(copy, migrate(*db, path, version, expected_views()));
  version = case_schema_version;
  views_before.emplace();
  renew_views();
  const auto marks = chain_marks(*db);
  log_command(fmt::format("migrate from schema {} to {}", from, case_schema_version),
              options.clock ? options.clock() : now());
  if (from < first_chained_schema)
    add_links(*db);
  else
    add_link(*db, command, marks);
  commit(transaction);
  if (options.notice)
    options.notice(fmt::format("the case had schema {} and has {} now; the earlier one is kept as {}", from,
                               case_schema_version, copy.filename().string()));
  return {};
}

// SQLite asks whether to go on waiting for the lock.
int CaseFile::State::wait(void* self, int times) {
  auto& s = *static_cast<State*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (times == 0) {
    s.waiting_since = now;
    s.told = false;
  }
  if (now - s.waiting_since > (s.is_reader || s.commits ? patience_of_readers : patience)) return 0;
  if (!s.told && now - s.waiting_since > silence && s.options.notice) {
    s.told = true;
    s.options.notice(s.commits ? "waiting for those who read the case"
                               : fmt::format("waiting: the case is held by {}", holder_of(s.path)));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return 1;
}

void CaseFile::State::log_command(std::string_view text, const std::string& at) {
  SQLite::Statement log(*db, "INSERT INTO command (at, text) VALUES (?, ?)");
  log.bind(1, at);
  log.bind(2, std::string(text));
  log.exec();
  command = db->getLastInsertRowid();
}

void CaseFile::State::commit(SQLite::Transaction& transaction) {
  commits = true;
  try {
    transaction.commit();
  } catch (...) {
    commits = false;
    throw;
  }
  commits = false;
}

Result<void> CaseFile::State::run_command(std::string_view text, const std::function<Result<void>()>& work) {
  views_before.reset();
  const std::string at = options.clock ? options.clock() : now();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  std::optional<HolderNote> note;
  if (!being_made) {
    note.emplace(path, text, at);
    if (version == 0) {
      COTEJO_TRY(found, schema_version_of(*db, path));
      if (found == 0) make_schema(*db);  // else another process made it meanwhile
      version = case_schema_version;
    }
  }
  const bool is_first = stored_head(*db) == std::string(64, '0');
  const auto marks = chain_marks(*db);
  log_command(text, at);
  const int before = db->getTotalChanges();
  COTEJO_CHECK(work());
  if (db->getTotalChanges() == before && !is_first) return {};  // nothing was added: leave no trace of the command
  renew_views();
  add_link(*db, command, marks);
  commit(transaction);
  return {};
}

Result<void> CaseFile::transact(std::string_view command, const std::function<Result<void>()>& work) {
  State& s = *state_;
  if (!s.db) COTEJO_CHECK(s.begin_new());  // after a first command that failed
  auto result = s.guarded([&] { return s.run_command(command, work); });
  if (!s.being_made) return result;
  s.disconnect();
  const auto made = std::move(s.being_made);
  if (!result) return result;
  COTEJO_TRY(published, made->publish());
  COTEJO_CHECK(s.open_there());
  // Another process made the case meanwhile: the command adds to it.
  if (published == Published::another_was_there) return s.guarded([&] { return s.run_command(command, work); });
  return {};
}

Result<ChainHead> CaseFile::chain_head() const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<ChainHead> {
    if (s.version < first_chained_schema) return ChainHead{};
    SQLite::Statement last(*s.db, "SELECT command, head FROM link ORDER BY command DESC LIMIT 1");
    if (!last.executeStep()) return ChainHead{};
    return ChainHead{last.getColumn(0).getInt64(), last.getColumn(1).getString()};
  });
}

}  // namespace cotejo
