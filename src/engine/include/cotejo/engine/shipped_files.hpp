// The files that come with the program: plans, profiles and the tables of assemblies, in share/cotejo beside the folder of the
// program (/usr/share/cotejo of /usr/bin/cotejo); in a build tree, the repository.
// Verified in src/engine/tests/shipped_files_test.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/result.hpp"

namespace cotejo {

enum class Shipped { plan, profile };

// With no links in it; empty where it is not there.
std::filesystem::path shipped_folder();

// The names by which files of a kind are found: "demo" for plans/demo.toml.
std::vector<std::string> shipped_names(Shipped kind, const std::filesystem::path& folder = shipped_folder());

// `given` where such a file (no folder: a dossier may have the plan's name) is there, or where it has a folder in it; else the file that comes with the program under this
// name, with or without ".toml". Errors: file_missing, with the nearest name.
Result<std::filesystem::path> find_shipped(Shipped kind, const std::string& given,
                                           const std::filesystem::path& folder = shipped_folder());

}  // namespace cotejo
