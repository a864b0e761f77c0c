// The case: one SQLite file with everything that was imported, objected to and found. Append-only.
//
// One transaction per command: a case is as it was before a command or as it is after it. Nothing is changed or
// deleted, and nothing is replaced unasked: other content under an id that the case has is refused, unless a reason for
// a new revision is given; the earlier ones stay and can be read ("bo-2019/computo@1"). Importing the same content again
// changes nothing. Retiring, restoring and renaming are events with who and why. Plain SQL reads it: tables `count`,
// `place`, `challenge`, `finding`, ... and, per count revision, a table returns_N and a view named after the count
// (docs/formats/case.md). Every command adds a link to one hash chain over all of it (chain.hpp).
//
// At rest a case is one file, and readers make none beside it: SQLite's rollback journal with synchronous = EXTRA. A
// command that said it is done is on the disk; readers go on while one process writes and wait for its commit; a second
// writer waits five seconds and is then told who holds the case. A case that is not there yet is built under another name
// and published whole, without replacing (new_case.hpp). A case of an earlier schema is read as it is, and migrated when
// it is opened for writing, a copy being kept. A file whose tables, triggers or views are not a case's own is refused.
// Errors of every function: case_invalid (not a case, newer schema, damaged), file_write (read-only, disk full),
// conflict (held by another process; another object has the id). Verified in src/casefile/tests.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/arrival.hpp"
#include "cotejo/vote/assembly.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/crosswalk.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

inline constexpr int case_schema_version = 6;

// A file that something was read from.
struct SourceFile {
  std::string name;  // as the user named it
  std::string sha256;
  std::int64_t bytes = 0;
  std::string profile_name, profile_sha256;  // the profile that read it; empty for unit lists
};

struct CountEntry {
  CountId id;
  int revision = 1;
  std::string title, sha256, unit_name, snapshot_of, as_of, file, imported_at;
  ContestId contest;
  std::int64_t units = 0, rejected = 0;
  bool official = false;
};

// `revision` of an entry is its latest, and therefore how many there are.
struct ChallengeEntry {
  ChallengeId id;
  CountId count;
  int revision = 1;
  std::int64_t units = 0;
  std::string by, reason, source;
};

struct AssemblyEntry {
  AssemblyId id;
  int revision = 1;
  std::string title, sha256, file, imported_at;
  std::int64_t members = 0, bodies = 0, roll_calls = 0;
};

// Where a thing of the case came from.
struct Origin {
  SourceFile file;
  bool corrected = false;  // a count with corrections: the file no longer says what the case does
};

struct FindingEntry {
  std::string id, method, answer, headline, made_at;
  int revision = 1, revisions = 1;  // a finding that is kept again under its id is the next revision
  std::string headline_message{};   // as JSON (cotejo/finding/message.hpp); empty: the headline is a text alone
};

// Who did something to an object, and why.
struct Why {
  std::string by, reason;
};

struct Retired {
  std::string by, reason, at;
};

// Whatever has an id: kind "count", "challenge", "crosswalk", "arrival", "assembly", "rule" (its id is its contest's) or
// "finding".
struct ObjectEntry {
  std::string kind, id;
  int revisions = 1;
  std::optional<Retired> retired{};
};

struct ObjectEvent {
  std::string at, what;  // "add", "replace", "correct", "retire", "restore", "rename"
  int revision = 1;      // that it made, or that was the latest
  std::string by{}, reason{}, file{}, sha256{};
  std::string new_name{};  // of a rename
};

// The end of the hash chain over everything in the case; empty in a case of an earlier schema.
struct ChainHead {
  std::int64_t commands = 0;
  std::string head{};
};

enum class Added { yes, already_there };

// What one query may cost. `memory` bounds SQLite's own and, apart from it, the answer's.
struct QueryLimits {
  double seconds = 60;
  std::int64_t memory = std::int64_t{512} << 20;  // bytes
};

// What a case asks of its caller; all may be empty.
struct CaseOptions {
  std::function<void(const std::string&)> notice{};  // one line for the user: waiting for whom, a migration
  std::function<std::string()> clock{};              // ISO 8601; the system's, where there is none
};

// One cell of one return, corrected. Fields: registered, cast, valid, blank, null, an id of a field or of an option.
struct CellChange {
  std::string unit, field;
  std::optional<std::int32_t> value;  // nothing: the cell is missing
};
struct Correction {
  std::string by, reason, source;
  std::vector<CellChange> cells;
};

// What somebody wrote of one return, or that they have gone through it and sign it off. It is of the revision that is the
// count's latest when it is written.
struct Note {
  CountId count;
  std::string unit, by, text;
  bool signs_off = false;  // then the text may be empty
};

// One command that wrote to the case.
struct Activity {
  std::int64_t command = 0;
  std::string at, text;    // when, and what was asked for
  std::string by, reason;  // of a correction, a note, a challenge, a change of an object; else empty
};

// What became of one unit, from the first revision on.
struct UnitEvent {
  CountId count;
  int revision = 0;
  std::string at{};  // when the command ran
  // "import", "correction", "note", "signed off", "set aside", "challenge", "count retired", "challenge restored"
  std::string how{};
  std::string file{}, sha256{};          // of an import; the id of a challenge
  std::string by{}, reason{}, source{};  // of a correction, a challenge, or a retirement; of a note its text
  struct Cell {
    std::string field;
    std::optional<std::int64_t> before, after;
  };
  std::vector<Cell> cells{};  // that changed; all of them at the first revision
};

struct CaseCheck {
  std::vector<std::string> checked, problems, notes;
  ChainHead chain{};                                          // as computed from the rows
  std::vector<std::pair<std::int64_t, std::string>> heads{};  // after each command, as stored
};

class CaseFile {
 public:
  enum class Mode { read, write, create };  // create: write, and make the file when it is not there
  static Result<CaseFile> open(const std::filesystem::path& path, Mode mode, CaseOptions options = {});
  CaseFile(CaseFile&&) noexcept;
  CaseFile& operator=(CaseFile&&) noexcept;
  ~CaseFile();

  // Runs `work` in one transaction, logged under `command`; rolls back when it returns an error or throws. Of a new case
  // nothing is seen before it is whole; where another process makes the same case meanwhile, `work` runs a second time,
  // on that one.
  Result<void> transact(std::string_view command, const std::function<Result<void>()>& work);

  // Within transact. `replace`: the reason for a new revision where the case has other content under the id. Errors:
  // conflict (other content and no reason; the object is retired), value_invalid (an id that cannot be one).
  Result<Added> add_count(const Count& count, const std::optional<Rule>& rule, const SourceFile& file,
                          const std::string& replace = {});
  Result<Added> add_crosswalk(const Crosswalk& crosswalk, const SourceFile& file, const std::string& replace = {});
  Result<Added> add_arrival(const Arrival& arrival, const SourceFile& file, const std::string& replace = {});
  Result<Added> add_assembly(const Assembly& assembly, const SourceFile& file, const std::string& replace = {});
  Result<Added> add_challenge(const Challenge& challenge, const SourceFile& file, const std::string& replace = {});
  Result<void> add_finding(const Finding& finding);
  // A new revision of the count with these cells changed, and who, why, from which document. Cells that have the value
  // already change nothing. Errors: unit_unknown, column_missing (with the nearest name), unit_duplicate (a cell twice),
  // value_invalid (votes cannot be missing).
  Result<Added> add_correction(const CountId& count, const Correction& correction);

  // Errors: unit_unknown (with the nearest key), value_invalid (neither a text nor a sign-off; nobody's name).
  Result<void> add_note(const Note& note);

  // An object that is retired is left out of every list but objects(), and is read by "ID@REVISION" alone; a renamed one is
  // found under every name that it had. Errors: count_unknown, conflict (the new name is another's), usage.
  Result<Added> retire(const std::string& kind, const std::string& id, const Why& why);
  Result<Added> restore(const std::string& kind, const std::string& id, const Why& why);
  Result<Added> rename(const std::string& kind, const std::string& id, const std::string& new_id, const Why& why);

  Result<std::vector<ObjectEntry>> objects() const;
  // Its revisions and what else was done to it, in the order of the commands. Errors: count_unknown.
  Result<std::vector<ObjectEvent>> object_history(const std::string& kind, const std::string& id) const;

  // Latest revisions, in the order of import.
  Result<std::vector<CountEntry>> counts() const;
  Result<std::vector<ChallengeEntry>> challenges() const;
  Result<std::vector<std::string>> crosswalks() const;
  Result<std::vector<std::string>> arrivals() const;
  Result<std::vector<AssemblyEntry>> assemblies() const;
  Result<std::vector<FindingEntry>> findings() const;
  // The findings as they were kept, in the order in which they were made.
  Result<std::vector<std::string>> findings_json() const;
  // "ID" (the latest) or "ID@REVISION". Errors: count_unknown.
  Result<std::string> finding_json(std::string_view id) const;

  // Of a count, crosswalk, arrival, challenge or assembly ("count", ...). Errors: count_unknown.
  Result<Origin> origin_of(const std::string& kind, std::string_view id) const;

  // Whether any revision of anything in the case came from a file of this name, in whichever folder it then lay, or was
  // read by a profile of this name: then the file is nobody's to delete.
  Result<bool> names_file(const std::filesystem::path& path) const;

  // "bo-2019/computo" (its latest revision) or "bo-2019/computo@1". Errors: count_unknown (with the nearest name).
  Result<Count> load_count(std::string_view id) const;
  Result<Challenge> load_challenge(std::string_view id) const;
  Result<Crosswalk> load_crosswalk(std::string_view id) const;
  Result<Arrival> load_arrival(std::string_view id) const;
  Result<Assembly> load_assembly(std::string_view id) const;
  // Of every count that has or had the unit (or of the one named), in the order of the commands. Errors: unit_unknown.
  Result<std::vector<UnitEvent>> history(std::string_view unit, const std::optional<CountId>& count) const;
  // Who did what when: the last `most` commands, newest first.
  Result<std::vector<Activity>> activity(std::int64_t most) const;
  // The chain, hashes, references, revisions, corrections, tables, views: whether everything is as it was stored.
  Result<CaseCheck> check() const;
  // As stored; check() computes it from the rows.
  Result<ChainHead> chain_head() const;
  // One SELECT over the tables and views of docs/formats/case.md: nothing is written, no pragma, no file, no schema table, no
  // function that reaches a file. Texts as they are, numbers as numbers, blobs in hexadecimal. The limit on memory is of the
  // process while the query runs. Errors: usage (no SELECT, not SQL over these, more than one, over a limit), cancelled.
  // Verified in src/casefile/tests/query_test.cpp.
  Result<Table> query(const std::string& sql, const QueryLimits& limits, const std::stop_token& cancel) const;
  // The tables and views that a query can select from, the views first: name, kind, columns.
  Result<Table> queryable() const;
  // The rule that came with the latest import of a count of this contest.
  Result<std::optional<Rule>> load_rule(const ContestId& contest) const;

 private:
  struct State;
  class UnitHistory;
  explicit CaseFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo
