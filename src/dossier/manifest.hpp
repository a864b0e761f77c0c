// The manifest, and the files beside it that it does not name.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "cotejo/engine/audit.hpp"

namespace cotejo {

inline constexpr const char* manifest_schema = "cotejo.manifest/2";
inline constexpr const char* manifest_name = "manifest.json";
inline constexpr const char* sums_name = "SHA256SUMS";
inline constexpr const char* runtime_name = "runtime.json";
inline constexpr const char* evidence_name = "tables/evidence.csv";  // every p-value of the dossier
inline constexpr const char* answers_name = "answers.json";          // to the plan's questions

// What is read of a stranger's dossier at the most.
inline constexpr std::uint64_t largest_manifest = 16 << 20, largest_file = 256 << 20;
inline constexpr std::size_t most_files = 20'000;

// The names that a dossier may have besides the files of its manifest.
const std::set<std::string>& names_beside_the_manifest();

using Files = std::map<std::string, std::string>;  // path -> content

// Every file of the manifest: what is computed, with copies of the plan's profiles and, of a drawn election, of its
// inputs in `data`. Errors: those of reading them; plan_invalid, where an input has the name of another file.
Result<Files> all_files(const Audit& audit, const std::filesystem::path& data);

// The manifest's text: the same from run to run, wherever the dossier is made.
std::string render_manifest(const Audit& audit, const Files& files);

// What differs from run to run: when and how fast it was made, and where the inputs lay as seen from the dossier.
std::string render_runtime(const Audit& audit, const std::filesystem::path& dir);

// The lines that `sha256sum -c SHA256SUMS` reads: every file of the manifest, and the manifest.
std::string render_sums(const Files& files, const std::string& manifest);

// From findings.json alone: the files that hold its findings and tables one by one, with their contents.
// Throws nlohmann::json::exception where `findings` is not a list of findings.
Files files_of_findings(const nlohmann::ordered_json& findings);

}  // namespace cotejo
