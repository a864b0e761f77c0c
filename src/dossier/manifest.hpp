// The manifest: what a dossier is made of and from.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "cotejo/engine/audit.hpp"

namespace cotejo {

inline constexpr const char* manifest_name = "manifest.json";
inline constexpr const char* signature_name = "signature.json";

// The manifest's text for a dossier at `dir` with these files; the only part that changes from run to run is `runtime`.
std::string render_manifest(const Audit& audit, const std::map<std::string, std::string>& files,
                            const std::filesystem::path& dir);

}  // namespace cotejo
