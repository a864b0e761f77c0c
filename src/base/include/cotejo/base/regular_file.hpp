// Files that strangers name or hand in: nothing but a regular file is ever read.
//
// A pipe, a device, a socket or a folder is refused before its first byte is asked for, which might never come; no more
// is read than the caller allows; and a name that a document gives stays inside the folder that it is about.
//
// Errors: file_missing (absent, not a regular file, not readable), file_damaged (larger than allowed, not read to its
// end), value_invalid (a name that leads out of its folder).
// Verified in src/base/tests/regular_file_test.cpp.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

struct CloseStream {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};

// Open for reading, at its beginning.
struct RegularFile {
  std::unique_ptr<std::FILE, CloseStream> stream;
  std::uint64_t size = 0;
};
Result<RegularFile> open_regular(const std::filesystem::path& path);

// The whole file, of at most `most_bytes`.
Result<std::string> read_regular(const std::filesystem::path& path, std::uint64_t most_bytes);

// As in hash.hpp, ended by `cancel` (Error: cancelled).
Result<std::string> sha256_of_file(const std::filesystem::path& path, const std::stop_token& cancel);

// `folder`/`name`, where `name` is relative and neither its dots nor symbolic links lead out of the folder. The file
// need not exist.
Result<std::filesystem::path> path_inside(const std::filesystem::path& folder, std::string_view name);

}  // namespace cotejo
