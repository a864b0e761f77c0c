#include "new_case.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>

#include "cotejo/base/durable_file.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

fs::path folder_of(const fs::path& case_path) {
  const auto folder = case_path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

std::string beginning(const fs::path& case_path) {
  return fmt::format(".{}.new-", case_path.filename().string());
}

std::string random_letters() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string out;
  for (int i = 0; i < 6; ++i) out += letters[random() % letters.size()];
  return out;
}

Error cannot(std::string message, const fs::path& path, int error) {
  return {.code = ErrorCode::file_write,
          .message = fmt::format("{}: {}", message, std::strerror(error)),
          .file = path.string(),
          .remedy = "Check the folder, its permissions and the free space."};
}

}  // namespace

NewCase::NewCase(fs::path case_path, fs::path path, int file)
    : case_path_(std::move(case_path)), path_(std::move(path)), file_(file) {}
NewCase::NewCase(NewCase&& other) noexcept
    : case_path_(std::move(other.case_path_)),
      path_(std::exchange(other.path_, {})),
      file_(std::exchange(other.file_, -1)) {}

NewCase::~NewCase() {
  if (!path_.empty()) unlink(path_.c_str());
  if (file_ >= 0) close(file_);
}

Result<NewCase> NewCase::beside(const fs::path& case_path) {
  const auto folder = folder_of(case_path);
  constexpr int tries = 100;  // a cleaner may have taken a file between its making and its lock
  for (int i = 0; i < tries; ++i) {
    const auto path = folder / (beginning(case_path) + random_letters());
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0 && errno == EEXIST) continue;
    if (file < 0) return cannot("the case cannot be made", case_path, errno);
    NewCase out(case_path, path, file);
    struct stat state {};
    if (flock(file, LOCK_EX | LOCK_NB) != 0 || fstat(file, &state) != 0 || state.st_nlink == 0) continue;
    return out;
  }
  return cannot("the case cannot be made", case_path, EAGAIN);
}

Result<Published> NewCase::publish() {
  if (fsync(file_) != 0) return cannot("the case cannot be written", case_path_, errno);
  auto published = cotejo::publish(path_, case_path_);
  if (!published && published.error().code == ErrorCode::conflict) return Published::another_was_there;
  if (!published) return std::move(published).error();
  path_.clear();
  // Before SQLite opens it again: to close a file of one's own drops the locks that SQLite has on it.
  close(std::exchange(file_, -1));
  return Published::yes;
}

void remove_stale(const fs::path& case_path) {
  const std::string begins = beginning(case_path);
  std::error_code failed;
  for (fs::directory_iterator entry(folder_of(case_path), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(begins) || name.size() != begins.size() + 6) continue;
    const int file = open(entry->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) continue;
    struct stat state {};
    if (fstat(file, &state) == 0 && S_ISREG(state.st_mode) && flock(file, LOCK_EX | LOCK_NB) == 0)
      unlink(entry->path().c_str());
    close(file);
  }
}

}  // namespace cotejo
