// Running a plan: from published files to findings.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/engine/answers.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

// A file that the audit read.
struct AuditInput {
  std::string role;  // "data", "profile" or "challenge"
  std::string path;  // as the plan names it: relative to the data folder, or to the root for profiles
  std::string sha256;
  std::int64_t bytes = 0;
};

// What was read, in short; the rejected rows with their reasons.
struct AuditCount {
  CountId id;
  std::string title, source, sha256, file;
  std::int64_t units = 0;
  std::vector<RejectedRow> rejected;
  SetAside set_aside{};              // what the rejected rows can mean
  std::string set_aside_accepted{};  // why the count was taken without them
};

// An assembly that was read, in short.
struct AuditAssembly {
  AssemblyId id;
  std::string title, source, sha256, file;
  std::int64_t members = 0, roll_calls = 0;
};

struct Audit {
  Plan plan;
  std::filesystem::path root, data;
  std::vector<AuditInput> inputs;
  std::vector<AuditCount> counts;
  std::vector<AuditAssembly> assemblies{};
  std::vector<Challenge> challenges;
  std::vector<Table>
      challenge_units{};  // for every challenge, in the same order: its units as listed, with their places and tallies
  std::vector<Finding> findings;      // in plan order
  Table evidence{};                   // every p-value of the dossier, corrected for their number (evidence.hpp)
  std::vector<PlanAnswer> answers{};  // to the plan's questions (answers.hpp)
  bool synthetic = false;
  std::string case_head{};  // of the chain of the case that the inputs came from; empty: they came from no case
};

struct AuditPlaces {
  std::filesystem::path root;  // profiles are relative to it
  std::filesystem::path
      data;  // data files and challenge lists; for [simulate]: an existing empty folder to write them to
  // A folder for the rows of long findings, ID.rows each, to go on from after an interruption; empty: none are kept.
  std::filesystem::path resume{};
  // The SHA-256 of every file that may be read, by role and path as in AuditInput; nothing: any. Another file is an error before
  // a byte of it is parsed.
  std::optional<std::map<std::pair<std::string, std::string>, std::string>> allowed{};
};

// Reads everything, then runs every finding of the plan. Nothing is written but the files of [simulate].
// Errors: those of the readers and methods; conflict when a file does not have the plan's hash; cancelled.
Result<Audit> run_plan(Plan plan, const AuditPlaces& places, const Context& context);

}  // namespace cotejo
