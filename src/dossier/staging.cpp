#include "staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "cotejo/base/durable_file.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view prefix = ".cotejo-dossier-";

Error cannot(const fs::path& path, const std::string& why) {
  return {.code = ErrorCode::file_write,
          .message = "the dossier cannot be written: " + why,
          .file = path.string(),
          .remedy = "Choose another folder with --out, or check its permissions and the free space."};
}
Error cannot(const fs::path& path) {
  return cannot(path, std::generic_category().message(errno));
}

// An open folder, locked by this process alone; -1 when another has the lock, or it is no folder of this user's.
int locked_folder(const fs::path& path, int wait) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && (wait == 0 || status.st_uid == ::geteuid()) &&
      ::flock(descriptor, LOCK_EX | wait) == 0)
    return descriptor;
  ::close(descriptor);
  return -1;
}

void remove_abandoned(const fs::path& parent) {
  std::error_code failed;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(parent, failed), end; !failed && entry != end; entry.increment(failed))
    if (entry->path().filename().string().starts_with(prefix)) found.push_back(entry->path());
  for (const auto& path : found)
    if (const int lock = locked_folder(path, LOCK_NB); lock >= 0) {
      fs::remove_all(path, failed);
      ::close(lock);
    }
}

// Files and folders of the tree, whoever wrote them.
Result<void> sync_tree(const fs::path& folder) {
  COTEJO_CHECK(sync_folder(folder));
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) {
      COTEJO_CHECK(sync_folder(entry.path()));
      continue;
    }
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    const int reason = errno;
    if (file >= 0) ::close(file);
    if (!synced) return cannot(entry.path(), std::generic_category().message(reason));
  }
  return {};
}

}  // namespace

Result<Staging> Staging::make(const fs::path& place) {
  std::error_code failed;
  const fs::path whole = fs::absolute(place).lexically_normal();
  const fs::path parent = (whole.has_filename() ? whole : whole.parent_path()).parent_path();
  fs::create_directories(parent, failed);
  if (failed) return cannot(parent, failed.message());
  // A file system without locks on folders keeps abandoned folders, and nothing else is lost.
  const int parent_lock = locked_folder(parent, 0);
  if (parent_lock >= 0) remove_abandoned(parent);
  std::string pattern = (parent / (std::string(prefix) + "XXXXXX")).string();
  const bool made = ::mkdtemp(pattern.data()) != nullptr;
  const int reason = errno;
  const int lock = made && parent_lock >= 0 ? locked_folder(pattern, LOCK_NB) : -1;
  if (parent_lock >= 0) ::close(parent_lock);
  if (!made) return cannot(parent, std::generic_category().message(reason));
  return Staging(pattern, lock);
}

Staging::Staging(Staging&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

Staging::~Staging() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

Result<void> Staging::write(const fs::path& name, std::string_view content) const {
  std::error_code failed;
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path(), failed);
  if (failed) return cannot(path.parent_path(), failed.message());
  return write_new_file(path, content);
}

Result<void> Staging::take_place(const fs::path& place, bool replaces) {
  if (::chmod(path_.c_str(), 0755) != 0) return cannot(path_);
  COTEJO_CHECK(sync_tree(path_));
  const fs::path whole = fs::absolute(place).lexically_normal();
  const fs::path target = whole.has_filename() ? whole : whole.parent_path();
  if (!replaces) {
    COTEJO_CHECK(publish(path_, target));
    path_.clear();
    return {};
  }
  return exchange(path_, target);  // what was there has this folder's name now: the destructor removes it
}

}  // namespace cotejo
