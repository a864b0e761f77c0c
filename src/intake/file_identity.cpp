#include "cotejo/intake/file_identity.hpp"

namespace cotejo {

FileIdentity::FileIdentity(std::filesystem::path path)
    : path_(std::move(path)), known_(stat(path_.c_str(), &status_) == 0) {}

Result<void> FileIdentity::still_so() const {
  if (!known_) return {};
  struct stat now {};
  if (stat(path_.c_str(), &now) == 0 && now.st_dev == status_.st_dev && now.st_ino == status_.st_ino &&
      now.st_size == status_.st_size && now.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == status_.st_mtim.tv_nsec)
    return {};
  return Error{.code = ErrorCode::file_damaged,
               .message = "the file changed while it was read; nothing of it is kept",
               .file = path_.string(),
               .remedy = "Wait until whoever writes it is done, or work on a copy."};
}

}  // namespace cotejo
