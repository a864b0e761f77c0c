// The dossier: the folder that an audit leaves, that anyone can check and re-run.
//
//   report.html  findings.json  findings/ID.json  tables/ID.TABLE.csv  plan.toml  profiles  manifest.json  [signature.json]  [inputs/]
// The manifest holds the SHA-256 of every file in the folder and of every input, the program's version, the plan and
// the seed; the signature (Ed25519) is over the manifest's bytes. `inputs/` is there only when the election was drawn
// by the program. A dossier appears whole or not at all: it is written beside its place and moved there.
// Verified in src/dossier/tests/dossier_test.cpp.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/engine/audit.hpp"

namespace cotejo {

struct AuditRequest {
  std::filesystem::path plan;
  std::filesystem::path out;
  std::optional<std::filesystem::path> data{};  // overrides the plan's folder
  std::optional<std::filesystem::path> key{};   // secret key that signs
  std::filesystem::path resume{};               // as in AuditPlaces; emptied when the dossier is there
};

struct AuditDone {
  Audit audit;
  std::string notice;  // not empty when a synthetic election stands in for data that is absent
};

// Called as soon as it is known that a synthetic election stands in.
using Notice = std::function<void(const std::string&)>;

// Reads, runs, writes. An existing dossier at `out` is replaced; a folder that holds anything else is left alone.
// Errors: those of run_plan; file_write; conflict (something else is at `out`). On any error nothing is written.
Result<AuditDone> audit_into(const AuditRequest& request, const Context& context, const Notice& notice = {});

// The contents of every file of the dossier but manifest and signature, by path. Findings carry their runtime.
std::map<std::string, std::string> render(const Audit& audit);

// report.html: the page of web/ with the audit as its data. `files` are the dossier's other files. The same bytes from
// run to run: findings stand in it without their runtime.
std::string render_report(const Audit& audit, const std::vector<std::string>& files);

struct VerifyRequest {
  std::filesystem::path dir;
  bool rerun = false;
  std::optional<std::filesystem::path> data{};  // where the inputs are; else where the manifest says
  std::optional<std::string> public_key{};      // hex; the signature must be by it
};

struct VerifyReport {
  std::vector<std::string> problems;   // each names a file, an input or a number; empty: the dossier holds
  std::vector<std::string> checked;    // what was checked, in words
  std::vector<std::string> unchecked;  // what could not be checked, and why
};

// Errors: file_missing, file_damaged (no manifest that can be read). What does not match is a problem in the report,
// not an error.
Result<VerifyReport> verify(const VerifyRequest& request, const Context& context);

// Makes a key pair: `path` (secret, readable by its owner only) and `path`.pub. Errors: conflict (exists), file_write.
Result<std::string> make_key(const std::filesystem::path& path);

std::string program_version();

}  // namespace cotejo
