// What this module asks of GDAL besides parsing a record: silence, archives, and byte streams of ours that GDAL reads
// like files.
//
// GDAL never sees a path of the user's. It reads "/vsicotejo/N", which leads back to the functions below, so that
// nothing beside the file can be found (.csvt, .vrt, .prj), no path can name a network driver, and no cache outlives
// the file. No driver is registered and no plug-in is loaded: only libgdal's file layer and its CSV record parser are
// used.
#pragma once

#include <cpl_vsi.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cotejo/base/result.hpp"

namespace cotejo::gdal {

// While it lives, on this thread: GDAL prints nothing, its messages are kept here, and the options that matter do not
// come from the user's environment or configuration file. Scopes end in the reverse order of their beginning.
class Scope {
 public:
  Scope();
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // The first failure that GDAL reported, or "".
  const std::string& failure() const { return failure_; }

 private:
  friend struct Collector;
  std::string failure_;
  std::vector<std::pair<const char*, std::pair<bool, std::string>>> previous_;
};

// A stream of bytes that GDAL reads. Offsets count from 0.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual std::size_t read(void* to, std::size_t bytes) = 0;
  virtual bool seek(std::uint64_t offset) = 0;
  virtual std::uint64_t tell() const = 0;
  virtual std::uint64_t size() const = 0;
};

// Its bytes end when `cancel` asks for it. Errors: file_missing (absent, not a regular file, not readable).
Result<std::unique_ptr<Bytes>> open_file(const std::filesystem::path& path, const std::stop_token& cancel = {});

// A name under which GDAL finds a stream for as long as this object lives.
class Mount {
 public:
  using Open = std::function<std::unique_ptr<Bytes>()>;
  // `suffix` ends the name (".xlsx"): some drivers go by it.
  Mount(std::uint64_t size, Open open, std::string_view suffix = {});
  ~Mount();
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct CloseFile {
  void operator()(VSILFILE* file) const { VSIFCloseL(file); }
};
using File = std::unique_ptr<VSILFILE, CloseFile>;

// The first 20 names, each in quotation marks, and how many more there are.
std::string listed(const std::vector<std::string>& names);

// Whether a zip may list more than 10,000 entries: GDAL's work grows with their square. Every listed entry begins with
// its mark, so that no reading of the archive can find more than are counted here.
bool lists_too_many(Bytes& zip);

// What a zip is by what it holds. `open` gives its bytes.
enum class ZipKind { other, xlsx, ods };
ZipKind zip_kind_of(std::uint64_t size, Mount::Open open);

// One file inside a zip.
struct Member {
  std::string name;
  std::unique_ptr<Bytes> bytes;
};
// `wanted` may be empty when the zip holds one file. Directories and the notes that macOS adds do not count.
// Errors: file_damaged (not a whole zip), file_missing (no such member, or several to choose from;
// lists them).
Result<Member> open_member(const std::filesystem::path& zip, std::string_view wanted,
                           const std::stop_token& cancel = {});

// The 128 upper bytes of a single-byte encoding, each as UTF-8 (the byte itself where the encoding has no character).
// Empty for UTF-8 and for encodings of several bytes.
std::vector<std::string> upper_half_of(std::string_view encoding);
// The names that `[file] encoding` may take, "UTF-8" first.
const std::vector<std::string>& encodings();

}  // namespace cotejo::gdal
