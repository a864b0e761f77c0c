// Whether a file is still the one that was hashed, once it has been read.
#pragma once

#include <sys/stat.h>

#include <filesystem>

#include "cotejo/base/result.hpp"

namespace cotejo {

// Taken before a file is hashed, asked after it was read: the hash is then that of what was read. A database has none.
class FileIdentity {
 public:
  explicit FileIdentity(std::filesystem::path path);
  // Errors: file_damaged, when the file was replaced, truncated or written to meanwhile.
  Result<void> still_so() const;

 private:
  std::filesystem::path path_;
  struct stat status_ {};
  bool known_ = false;
};

}  // namespace cotejo
