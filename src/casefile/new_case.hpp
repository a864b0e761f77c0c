// A case that is not there yet: built under another name in its folder, where nobody looks for it, and published whole by
// a rename that does not replace. Nobody ever unlinks a case that others may hold.
//
// The other name is ".NAME.new-XXXXXX". Its maker holds a lock on it; one without a lock was left by a process that was
// killed, and whoever makes a case of that name next removes it.
#pragma once

#include <filesystem>
#include <string>

#include "cotejo/base/result.hpp"

namespace cotejo {

enum class Published { yes, another_was_there };

class NewCase {
 public:
  // Errors: file_write.
  static Result<NewCase> beside(const std::filesystem::path& case_path);
  NewCase(NewCase&& other) noexcept;
  NewCase& operator=(NewCase&&) = delete;
  ~NewCase();  // removes the file, unless it was published

  const std::filesystem::path& path() const { return path_; }
  // On the disk, then under the case's own name. Nobody may have the file open any more. Errors: file_write.
  Result<Published> publish();

 private:
  NewCase(std::filesystem::path case_path, std::filesystem::path path, int file);

  std::filesystem::path case_path_, path_;
  int file_ = -1;  // carries the lock
};

// Removes what killed makers of this case left behind.
void remove_stale(const std::filesystem::path& case_path);

}  // namespace cotejo
