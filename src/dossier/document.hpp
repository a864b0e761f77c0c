// The dossier as a document without scripts or pictures: what pandoc and WeasyPrint make DOCX and PDF of.
#pragma once

#include <filesystem>
#include <string>

#include "cotejo/base/result.hpp"

namespace cotejo {

// HTML with real headings and tables, from answers.json, findings.json, manifest.json and plan.toml of the dossier in
// `dir`: questions and answers with their tables, limits, author, date and place for a signature; then the findings, the
// p-values, the files and their hashes. The same bytes for the same dossier. Tables of more than 40 rows are named with
// their file in the dossier. Errors: those of reading the files; file_damaged (not of their schemas, or of a version
// without answers).
Result<std::string> document_html(const std::filesystem::path& dir);

}  // namespace cotejo
