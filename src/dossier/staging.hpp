// A folder that a dossier is written into, beside its place, and that takes the place in one step.
//
// It is locked as long as it is being made (flock). A folder of this kind without a lock was left by a process that
// ended in mid-work: the next one removes it. Both happen under the lock of the parent folder, so that no folder is
// removed between its making and its locking.
#pragma once

#include <filesystem>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

class Staging {
 public:
  // Errors: file_write.
  static Result<Staging> make(const std::filesystem::path& place);
  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;
  ~Staging();  // removes the folder, unless it took its place

  const std::filesystem::path& path() const { return path_; }
  // A new file below the folder, on the disk. Errors: file_write.
  Result<void> write(const std::filesystem::path& name, std::string_view content) const;
  // Every folder is on the disk, then takes the place; what was there (if `replaces`) is removed afterwards.
  // Errors: file_write; conflict, when something took the place meanwhile.
  Result<void> take_place(const std::filesystem::path& place, bool replaces);

 private:
  Staging(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace cotejo
