#include "cotejo/base/durable_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace cotejo {

namespace fs = std::filesystem;

namespace {

Error cannot(const fs::path& path, int reason) {
  if (reason == EEXIST || reason == ENOTEMPTY)
    return {.code = ErrorCode::conflict,
            .message = "there is something of this name already",
            .file = path.string(),
            .remedy = "Choose another name, or move it away."};
  return {.code = ErrorCode::file_write,
          .message = "this cannot be written: " + std::generic_category().message(reason),
          .file = path.string(),
          .remedy = "Check the folder, its permissions and the free space."};
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  // Some systems report a write that failed only here.
  bool close() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

fs::path parent_of(const fs::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Not every file system has the flag. A file then gets its second name by a link, which does not replace either; a
// folder by a rename, which replaces an empty folder at most.
int move_without_flags(const fs::path& from, const fs::path& to) {
  if (fs::is_directory(from)) return ::rename(from.c_str(), to.c_str());
  return ::link(from.c_str(), to.c_str()) == 0 ? ::unlink(from.c_str()) : -1;
}

Result<void> rename_with(const fs::path& from, const fs::path& to, unsigned flags) {
  int failed = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags);
  if (failed != 0 && errno == EINVAL && flags == RENAME_NOREPLACE) failed = move_without_flags(from, to);
  if (failed != 0) return cannot(to, errno);
  COTEJO_CHECK(sync_folder(parent_of(to)));
  if (parent_of(from) != parent_of(to)) return sync_folder(parent_of(from));
  return {};
}

}  // namespace

Result<void> write_new_file(const fs::path& path, std::string_view content, mode_t mode) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.value() < 0) return cannot(path, errno);
  if (write_all(file.value(), content) && ::fsync(file.value()) == 0 && file.close()) return {};
  const int reason = errno;
  ::unlink(path.c_str());
  return cannot(path, reason);
}

Result<void> replace_file(const fs::path& path, std::string_view content, mode_t mode) {
  std::string beside = (parent_of(path) / ("." + path.filename().string() + "-XXXXXX")).string();
  const Descriptor made(::mkostemp(beside.data(), O_CLOEXEC));
  if (made.value() < 0) return cannot(path, errno);
  const bool written =
      write_all(made.value(), content) && ::fchmod(made.value(), mode) == 0 && ::fsync(made.value()) == 0;
  if (written && ::rename(beside.c_str(), path.c_str()) == 0) return sync_folder(parent_of(path));
  const int reason = errno;
  ::unlink(beside.c_str());
  return cannot(path, reason);
}

Result<void> sync_folder(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.value() < 0) return cannot(folder, errno);
  // Some file systems cannot sync a folder, and need not.
  if (::fsync(opened.value()) != 0 && errno != EINVAL && errno != ENOTSUP) return cannot(folder, errno);
  return {};
}

Result<void> publish(const fs::path& from, const fs::path& to) {
  return rename_with(from, to, RENAME_NOREPLACE);
}

Result<void> exchange(const fs::path& from, const fs::path& to) {
  return rename_with(from, to, RENAME_EXCHANGE);
}

}  // namespace cotejo
