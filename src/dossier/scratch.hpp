// A temporary folder, gone at the end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>

#include "cotejo/base/result.hpp"

namespace cotejo {

class Scratch {
 public:
  static Result<Scratch> make(const std::string& name) {
    std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
    if (!mkdtemp(pattern.data()))
      return Error{.code = ErrorCode::file_write,
                   .message = "no temporary folder can be made",
                   .file = pattern,
                   .remedy = "Set TMPDIR to a folder that can be written."};
    return Scratch(pattern);
  }
  Scratch(Scratch&& other) noexcept : path(std::exchange(other.path, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;

 private:
  explicit Scratch(std::filesystem::path made) : path(std::move(made)) {}
};

}  // namespace cotejo
