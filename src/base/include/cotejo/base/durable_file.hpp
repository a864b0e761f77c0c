// Files and folders that survive a crash of the machine: written, synced, then published under their name in one step.
//
// A name is given by rename, so that a reader meets the old content or the new one and nothing between. `path` names
// the place in every error.
// Errors of every function: file_write (with the system's reason); conflict where something has the name already.
// Verified in src/base/tests/durable_file_test.cpp.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

// A new file with this content, on the disk; its entry in the folder is there for certain after sync_folder, so that a
// folder of many files is synced once. Nothing is left of a file that could not be written whole. It must not exist.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode = 0644);

// The same under a name that may exist: the content is exchanged in one step.
Result<void> replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode = 0644);

// The folder's own entries (names that were added or removed) are on the disk.
Result<void> sync_folder(const std::filesystem::path& folder);

// Gives `from` the name `to` in one step, and both folders are on the disk. Nothing may have the name.
Result<void> publish(const std::filesystem::path& from, const std::filesystem::path& to);

// `from` and `to` change places in one step; both exist.
Result<void> exchange(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace cotejo
