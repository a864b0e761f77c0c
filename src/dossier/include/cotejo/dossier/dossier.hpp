// The dossier: the folder that an audit leaves, that anyone can check and re-run.
//
//   report.html  answers.json  findings.json  findings/ID.json  tables/ID.TABLE.csv  tables/evidence.csv  plan.toml  profiles  [inputs/]
//   manifest.json  SHA256SUMS  runtime.json  [manifest.json.minisig  manifest.json.sig  manifest.json.pub]
//   [manifest.json.tsr]
// The manifest holds the SHA-256 of every file in the first line and of every input, the program's version, the plan
// and the seed: two runs on the same inputs have the same manifest, byte for byte. runtime.json has what differs. The
// signature (Ed25519) is over the manifest's bytes, the time stamp (RFC 3161) is somebody else's over them. `inputs/`
// is there only when the election was drawn by the program. A dossier appears whole or not at all, and stays after a
// crash of the machine: it is written and synced beside its place and exchanged in one step. What each of these
// promises is in docs/trust.md.
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
  std::filesystem::path usual_data{};           // in the place of Plan::custom_data, where the plan has that
  std::string case_head{};                      // of the chain of the case that the plan was made from
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

// The contents of every file that is computed, by path.
std::map<std::string, std::string> render(const Audit& audit);

// report.html: the page of web/ with the audit as its data. `files` are the dossier's other files. The same bytes from
// run to run: findings stand in it without their runtime.
std::string render_report(const Audit& audit, const std::vector<std::string>& files);

struct VerifyRequest {
  std::filesystem::path dir;
  bool rerun = false;
  std::optional<std::filesystem::path> data{};  // where the inputs are; else where the manifest says
  std::optional<std::string> public_key{};      // as minisign writes it, or hexadecimal: the signature must be by it
  // Certificates (PEM) that the time stamp must lead to; a dossier without a stamp then does not hold.
  std::optional<std::filesystem::path> authority{};
};

struct VerifyReport {
  std::string standing;                // who made the dossier, as far as its signature shows: to be read first
  std::vector<std::string> problems;   // each names a file, an input or a number; empty: the dossier holds
  std::vector<std::string> checked;    // what was checked, in words
  std::vector<std::string> unchecked;  // what could not be checked, and why
};

// Errors: file_missing, file_damaged (no manifest that can be read). What does not match is a problem in the report,
// not an error.
Result<VerifyReport> verify(const VerifyRequest& request, const Context& context);

enum class DocumentKind { html, pdf, docx };

struct DocumentRequest {
  std::filesystem::path dir;  // the dossier
  DocumentKind to = DocumentKind::pdf;
  std::filesystem::path out;  // the file
  std::string language{};     // one of languages(); empty: the plan's, else English
};

// The dossier as a document to file: questions, answers with the picture and the table that decide, limits, place for a
// signature; annexes: findings with their pictures, p-values, words used, what was read. HTML comes from the script of
// the pages, run by jsc or node; PDF (PDF/A-3b as WeasyPrint writes it, with outline, page numbers and the manifest's
// hash on every page) and DOCX of it by weasyprint and pandoc: each where it is installed. The same bytes for the same
// dossier and the same versions of these. Tables of more than 40 rows are named with their file in the dossier. Errors:
// conflict (a file is there), verification_failed (the dossier does not hold), file_missing (a program is not
// installed), file_damaged, file_write; those of verify. Nothing is written on an error. Verified in
// tests/document_test.cpp.
Result<void> write_document(const DocumentRequest& request, const Context& context);

// Makes a key pair: `path` (secret, readable by its owner only), `path`.pub (for minisign) and `path`.pem (for openssl),
// all or none. The public key in hexadecimal. Errors: conflict (exists), file_write.
Result<std::string> make_key(const std::filesystem::path& path);

std::string program_version();

}  // namespace cotejo
