#include "uploads.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "cotejo/base/durable_file.hpp"
#include "cotejo/base/http_status.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::server {

namespace fs = std::filesystem;

namespace {

Error cannot_write(const fs::path& path) {
  return {.code = ErrorCode::file_write,
          .message = "the file cannot be kept beside the case",
          .file = path.string(),
          .remedy = "Check the folder, its permissions and the free space."};
}

// Letters, digits, - _ . of the name as it was; the rest as _; never hidden, never a way out of the folder.
std::string file_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(name.size() > 80 ? name.size() - 80 : 0)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? c : '_';
  }
  return out;
}

constexpr const char* incoming_prefix = "incoming-";

}  // namespace

Uploads::Uploads(const fs::path& case_path, std::function<bool(const fs::path&)> is_named)
    : folder_(fs::absolute(case_path).string() + ".files"), is_named_(std::move(is_named)) {
  // Whoever receives a file holds a lock on it: what can be locked was left by a crash.
  std::error_code failed;
  for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (!entry->path().filename().string().starts_with(incoming_prefix)) continue;
    const int file = ::open(entry->path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) continue;
    std::error_code ignored;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) fs::remove(entry->path(), ignored);
    ::close(file);
  }
}

Uploads::~Uploads() {
  std::error_code ignored;
  for (const auto& [id, upload] : files_)
    if (!kept_.at(id) && !is_named_(upload.path)) fs::remove(upload.path, ignored);
  if (fs::is_directory(folder_, ignored) && fs::is_empty(folder_, ignored)) fs::remove(folder_, ignored);
}

Uploads::Incoming::Incoming(Incoming&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, nullptr)),
      hash_(std::move(other.hash_)),
      bytes_(other.bytes_),
      failed_(other.failed_) {
  other.path_.clear();
}

Uploads::Incoming::~Incoming() {
  if (file_) std::fclose(file_);
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

bool Uploads::Incoming::write(const char* data, std::size_t size) {
  hash_.update(std::as_bytes(std::span(data, size)));
  bytes_ += static_cast<std::int64_t>(size);
  failed_ = failed_ || std::fwrite(data, 1, size, file_) != size;
  return !failed_;
}

Result<Uploads::Incoming> Uploads::receive(const std::string& name) {
  if (trimmed(name).empty() || name.size() > 200)
    return Error{.code = ErrorCode::usage,
                 .message = "a file's name has 1 to 200 bytes",
                 .column = "name",
                 .value = name,
                 .remedy = "Say it in the query: ?name=results.csv."};
  Incoming out;
  {
    const std::lock_guard lock(mutex_);
    std::size_t waiting = 0;
    for (const auto& [id, kept] : kept_) waiting += !kept;
    if (waiting >= most)
      return Error{.code = busy,
                   .message = fmt::format("{} files are here that nothing was imported from", waiting),
                   .remedy = "Import them, or end the server and start it again."};
  }
  std::error_code failed;
  fs::create_directories(folder_, failed);
  std::string path = (folder_ / incoming_prefix).string() + "XXXXXX";
  const int file = failed ? -1 : ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return cannot_write(folder_);
  out.path_ = path;
  ::flock(file, LOCK_EX | LOCK_NB);
  ::fchmod(file, 0644);
  out.file_ = ::fdopen(file, "wb");
  if (out.file_) return out;
  ::close(file);
  return cannot_write(path);
}

Result<Upload> Uploads::finish(Incoming incoming, const std::string& name) {
  const bool written = !incoming.failed_ && std::fflush(incoming.file_) == 0 && ::fsync(fileno(incoming.file_)) == 0;
  if (!written) return cannot_write(incoming.path_);
  Upload out{.id = {}, .name = name, .sha256 = incoming.hash_.hex(), .bytes = incoming.bytes_, .path = {}};
  out.id = out.sha256.substr(0, 16);
  const std::lock_guard lock(mutex_);
  if (const auto known = files_.find(out.id); known != files_.end()) return known->second;  // under its first name
  return put(std::move(incoming), std::move(out));
}

// Nothing that lies in the folder is replaced: it may be what the case was made from.
Result<Upload> Uploads::put(Incoming incoming, Upload upload) {
  for (int attempt = 1;; ++attempt) {
    const std::string number = attempt == 1 ? "" : fmt::format("{}-", attempt);
    upload.path = folder_ / fmt::format("{}-{}{}", upload.id, number, file_name(upload.name));
    const auto published = publish(incoming.path_, upload.path);
    const bool placed = static_cast<bool>(published);
    if (!placed && published.error().code != ErrorCode::conflict) return cannot_write(upload.path);
    const auto there = placed ? Result<std::string>(upload.sha256) : sha256_of_file(upload.path);
    if (!there || *there != upload.sha256) {  // somebody has changed it since
      if (attempt == most) return cannot_write(upload.path);
      continue;
    }
    files_.emplace(upload.id, upload);
    kept_.emplace(upload.id, !placed);  // what was there before is not this server's to remove
    return upload;
  }
}

Result<Upload> Uploads::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = files_.find(id); found != files_.end()) return found->second;
  return Error{.code = ErrorCode::file_missing,
               .message = "no such file was brought to this server",
               .value = id,
               .remedy = "Bring it again: POST /api/uploads."};
}

Result<fs::path> Uploads::keep(const std::string& id, const std::string& profile) {
  COTEJO_TRY(upload, find(id));
  const fs::path path = upload.path.string() + ".profile." + sha256_of(profile).substr(0, 8) + ".toml";
  if (!replace_file(path, profile)) return cannot_write(path);
  const std::lock_guard lock(mutex_);
  kept_[id] = true;
  return path;
}

}  // namespace cotejo::server
