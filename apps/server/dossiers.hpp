// Dossiers that lie beside the case.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cotejo/base/result.hpp"

namespace cotejo::server {

// A folder's name: letters, digits, - _ . and no dot first.
bool is_folder_name(const std::string& name);

// Names of the folders of `folder` that hold a dossier, sorted; at most a thousand.
std::vector<std::string> dossiers_in(const std::filesystem::path& folder);

// Errors: path_unknown (no such dossier; a way out of the folder), too_large.
Result<std::string> report_of(const std::filesystem::path& folder, const std::string& name);

}  // namespace cotejo::server
