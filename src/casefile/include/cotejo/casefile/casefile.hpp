// The case: one SQLite file with everything that was imported, objected to and found. Append-only.
//
// One transaction per command: a case is as it was before a command or as it is after it. Nothing is changed or
// deleted: importing a changed file gives its count a new revision; the earlier ones stay and can be read
// ("bo-2019/computo@1"). Importing the same content again changes nothing. Plain SQL reads it: tables `count`, `place`,
// `challenge`, `finding`, ... and, per count revision, a table returns_N and a view named after the count
// (docs/formats/case.md).
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
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/crosswalk.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

inline constexpr int case_schema_version = 1;

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

struct FindingEntry {
  std::string id, method, answer, headline, made_at;
};

enum class Added { yes, already_there };

class CaseFile {
 public:
  enum class Mode { read, write, create };  // create: write, and make the file when it is not there
  static Result<CaseFile> open(const std::filesystem::path& path, Mode mode);
  CaseFile(CaseFile&&) noexcept;
  CaseFile& operator=(CaseFile&&) noexcept;
  ~CaseFile();

  // Runs `work` in one transaction, logged under `command`; rolls back when it returns an error or throws. A case that
  // was made by this call and got nothing is removed again.
  Result<void> transact(std::string_view command, const std::function<Result<void>()>& work);

  // Within transact:
  Result<Added> add_count(const Count& count, const std::optional<Rule>& rule, const SourceFile& file);
  Result<Added> add_crosswalk(const Crosswalk& crosswalk, const SourceFile& file);
  Result<Added> add_challenge(const Challenge& challenge, const SourceFile& file);
  Result<void> add_finding(const Finding& finding);

  // Latest revisions, in the order of import.
  Result<std::vector<CountEntry>> counts() const;
  Result<std::vector<ChallengeEntry>> challenges() const;
  Result<std::vector<std::string>> crosswalks() const;
  Result<std::vector<FindingEntry>> findings() const;

  // "bo-2019/computo" (its latest revision) or "bo-2019/computo@1". Errors: count_unknown (with the nearest name).
  Result<Count> load_count(std::string_view id) const;
  Result<Challenge> load_challenge(std::string_view id) const;
  Result<Crosswalk> load_crosswalk(std::string_view id) const;
  // The rule that came with the latest import of a count of this contest.
  Result<std::optional<Rule>> load_rule(const ContestId& contest) const;

 private:
  struct State;
  explicit CaseFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo
