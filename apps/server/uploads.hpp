// Files brought to be imported: kept in a folder beside the case (CASE.files), named by what they hold, so that a
// dossier finds them again. Those that this server received and that nothing was imported from go when it ends; a file
// that was there before, or that the case names, never does. What a crash left of a file on its way goes at the next
// start.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/result.hpp"

namespace cotejo::server {

struct Upload {
  std::string id, name, sha256;
  std::int64_t bytes = 0;
  std::filesystem::path path;
};

class Uploads {
 public:
  static constexpr std::size_t most = 64;  // that nothing was imported from

  // `is_named`: whether the case names this file as a source; true where that cannot be found out.
  Uploads(const std::filesystem::path& case_path, std::function<bool(const std::filesystem::path&)> is_named);
  ~Uploads();
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // A file that is being received; gone again unless it was finished.
  class Incoming {
   public:
    Incoming(Incoming&& other) noexcept;
    ~Incoming();
    bool write(const char* data, std::size_t size);

   private:
    friend class Uploads;
    Incoming() = default;
    std::filesystem::path path_;
    std::FILE* file_ = nullptr;
    Sha256 hash_;
    std::int64_t bytes_ = 0;
    bool failed_ = false;
  };

  // Errors: usage (a name that is no file's), busy, file_write.
  Result<Incoming> receive(const std::string& name);
  Result<Upload> finish(Incoming incoming, const std::string& name);
  // Errors: file_missing.
  Result<Upload> find(const std::string& id) const;
  // Something was imported from it: it stays, with the profile that read it beside it (as PROFILE.toml). The profile's
  // path.
  Result<std::filesystem::path> keep(const std::string& id, const std::string& profile);

 private:
  Result<Upload> put(Incoming incoming, Upload upload);

  std::filesystem::path folder_;
  std::function<bool(const std::filesystem::path&)> is_named_;
  mutable std::mutex mutex_;
  std::map<std::string, Upload> files_;
  std::map<std::string, bool> kept_;
};

}  // namespace cotejo::server
