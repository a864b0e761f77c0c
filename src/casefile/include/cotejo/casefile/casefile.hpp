// The case: one SQLite file with everything that was imported, objected to and found. Append-only.
//
// One transaction per command: a case is as it was before a command or as it is after it. Nothing is changed or
// deleted: importing a changed file gives its count a new revision; the earlier ones stay and can be read
// ("bo-2019/computo@1"). Importing the same content again changes nothing. Plain SQL reads it: tables `count`, `place`,
// `challenge`, `finding`, ... and, per count revision, a table returns_N and a view named after the count
// (docs/formats/case.md).
//
// The file is in WAL mode with synchronous = FULL: a command that said it is done is on the disk, readers go on while
// one process writes, a second writer waits five seconds and is then told who holds the case. Where nobody has the case
// open it is one file. A case of an earlier schema is read as it is, and migrated when it is opened for writing, a copy
// being kept.
// Errors of every function: case_invalid (not a case, newer schema, damaged), file_write (read-only, disk full),
// conflict (held by another process). Verified in src/casefile/tests/casefile_test.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
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

inline constexpr int case_schema_version = 5;

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
};

enum class Added { yes, already_there };

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

// What became of one unit, from the first revision on.
struct UnitEvent {
  CountId count;
  int revision = 0;
  std::string at;                  // when the command ran
  std::string how;                 // "import", "correction", "set aside", "challenge"
  std::string file, sha256;        // of an import
  std::string by, reason, source;  // of a correction or challenge
  struct Cell {
    std::string field;
    std::optional<std::int64_t> before, after;
  };
  std::vector<Cell> cells;  // that changed; all of them at the first revision
};

struct CaseCheck {
  std::vector<std::string> checked, problems, notes;
};

class CaseFile {
 public:
  enum class Mode { read, write, create };  // create: write, and make the file when it is not there
  static Result<CaseFile> open(const std::filesystem::path& path, Mode mode, CaseOptions options = {});
  CaseFile(CaseFile&&) noexcept;
  CaseFile& operator=(CaseFile&&) noexcept;
  ~CaseFile();

  // Runs `work` in one transaction, logged under `command`; rolls back when it returns an error or throws. A case that
  // was made by this call and got nothing is removed again.
  Result<void> transact(std::string_view command, const std::function<Result<void>()>& work);

  // Within transact:
  Result<Added> add_count(const Count& count, const std::optional<Rule>& rule, const SourceFile& file);
  Result<Added> add_crosswalk(const Crosswalk& crosswalk, const SourceFile& file);
  Result<Added> add_arrival(const Arrival& arrival, const SourceFile& file);
  Result<Added> add_assembly(const Assembly& assembly, const SourceFile& file);
  Result<Added> add_challenge(const Challenge& challenge, const SourceFile& file);
  Result<void> add_finding(const Finding& finding);
  // A new revision of the count with these cells changed, and who, why, from which document. Cells that have the value
  // already change nothing. Errors: unit_unknown, column_missing (with the nearest name), unit_duplicate (a cell twice),
  // value_invalid (votes cannot be missing).
  Result<Added> add_correction(const CountId& count, const Correction& correction);

  // Latest revisions, in the order of import.
  Result<std::vector<CountEntry>> counts() const;
  Result<std::vector<ChallengeEntry>> challenges() const;
  Result<std::vector<std::string>> crosswalks() const;
  Result<std::vector<std::string>> arrivals() const;
  Result<std::vector<AssemblyEntry>> assemblies() const;
  Result<std::vector<FindingEntry>> findings() const;
  // The findings as they were kept, in the order in which they were made.
  Result<std::vector<std::string>> findings_json() const;

  // Of a count, crosswalk, arrival or challenge ("count", ...). Errors: count_unknown.
  Result<Origin> origin_of(const std::string& kind, std::string_view id) const;

  // "bo-2019/computo" (its latest revision) or "bo-2019/computo@1". Errors: count_unknown (with the nearest name).
  Result<Count> load_count(std::string_view id) const;
  Result<Challenge> load_challenge(std::string_view id) const;
  Result<Crosswalk> load_crosswalk(std::string_view id) const;
  Result<Arrival> load_arrival(std::string_view id) const;
  Result<Assembly> load_assembly(std::string_view id) const;
  // Of every count that has or had the unit (or of the one named), in the order of the commands. Errors: unit_unknown.
  Result<std::vector<UnitEvent>> history(std::string_view unit, const std::optional<CountId>& count) const;
  // Hashes, foreign keys, revisions, corrections, views: whether everything is as it was stored.
  Result<CaseCheck> check() const;
  // The rule that came with the latest import of a count of this contest.
  Result<std::optional<Rule>> load_rule(const ContestId& contest) const;

 private:
  struct State;
  explicit CaseFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo
