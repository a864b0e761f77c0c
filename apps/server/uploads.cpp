#include "uploads.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

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

}  // namespace

Uploads::Uploads(const fs::path& case_path, std::size_t most_bytes)
    : folder_(fs::absolute(case_path).string() + ".files"), most_bytes_(most_bytes) {}

Uploads::~Uploads() {
  std::error_code ignored;
  for (const auto& [id, upload] : files_)
    if (!kept_.at(id)) fs::remove(upload.path, ignored);
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
    out.path_ = folder_ / fmt::format("incoming-{}", ++made_);
  }
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (!failed) out.file_ = std::fopen(out.path_.c_str(), "wbx");
  if (!out.file_) {
    Error error = cannot_write(out.path_);
    out.path_.clear();
    return error;
  }
  return out;
}

Result<Upload> Uploads::finish(Incoming incoming, const std::string& name) {
  const bool written = std::fclose(std::exchange(incoming.file_, nullptr)) == 0 && !incoming.failed_;
  if (!written) return cannot_write(incoming.path_);
  Upload out{.id = {}, .name = name, .sha256 = incoming.hash_.hex(), .bytes = incoming.bytes_, .path = {}};
  out.id = out.sha256.substr(0, 16);
  out.path = folder_ / (out.id + "-" + file_name(name));
  std::error_code failed;
  fs::rename(incoming.path_, out.path, failed);
  if (failed) return cannot_write(out.path);
  incoming.path_.clear();
  const std::lock_guard lock(mutex_);
  if (const auto known = files_.find(out.id); known != files_.end() && known->second.path != out.path) {
    // The same bytes under another name: the first name stays.
    fs::remove(out.path, failed);
    return known->second;
  }
  files_.insert_or_assign(out.id, out);
  kept_.try_emplace(out.id, false);
  return out;
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
  std::ofstream out(path, std::ios::binary);
  out << profile;
  if (!out.flush()) return cannot_write(path);
  const std::lock_guard lock(mutex_);
  kept_[id] = true;
  return path;
}

}  // namespace cotejo::server
