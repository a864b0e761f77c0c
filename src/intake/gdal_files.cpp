#include "gdal_files.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::gdal {

namespace fs = std::filesystem;

// ---- silence ----

struct Collector {
  static void CPL_STDCALL receive(CPLErr level, CPLErrorNum, const char* message) {
    auto& scope = *static_cast<Scope*>(CPLGetErrorHandlerUserData());
    if (level >= CE_Failure && scope.failure_.empty()) scope.failure_ = message;
  }
};

namespace {
// Option -> the value it has here, whatever the environment says.
constexpr std::pair<const char*, const char*> fixed_options[] = {
    {"CPL_DEBUG", "OFF"},
    {"CPL_ZIP_ENCODING", "CP437"},
    {"CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"},
    {"OGR_XLSX_HEADERS", "DISABLE"},
    {"OGR_XLSX_FIELD_TYPES", "STRING"},
    {"OGR_ODS_HEADERS", "DISABLE"},
    {"OGR_ODS_FIELD_TYPES", "STRING"},
    {"OGR_ODS_MAX_FIELD_COUNT", "16384"},  // a sheet's own bound: columns are refused by us, never left out by GDAL
    {"OGR_XLSX_MAX_FIELD_COUNT", "16384"},
    {"OGR_SQLITE_STATIC_VIRTUAL_OGR", "NO"},
    {"OGR_SQLITE_LOAD_EXTENSIONS", ""},
    {"SQLITE_LIST_ALL_TABLES", "NO"},
};
}  // namespace

Scope::Scope() {
  for (const auto& [name, value] : fixed_options) {
    const char* before = CPLGetThreadLocalConfigOption(name, nullptr);
    previous_.push_back({name, {before != nullptr, before != nullptr ? before : ""}});
    CPLSetThreadLocalConfigOption(name, value);
  }
  CPLPushErrorHandlerEx(&Collector::receive, this);
}

Scope::~Scope() {
  CPLReadLineL(nullptr);  // frees the line that GDAL keeps for this thread
  CPLPopErrorHandler();
  for (const auto& [name, before] : previous_)
    CPLSetThreadLocalConfigOption(name, before.first ? before.second.c_str() : nullptr);
  CPLErrorReset();
}

// ---- streams ----

namespace {

class PlainFile final : public Bytes {
 public:
  PlainFile(RegularFile file, std::stop_token cancel)
      : file_(std::move(file.stream)), size_(file.size), cancel_(std::move(cancel)) {}
  std::size_t read(void* to, std::size_t bytes) override {
    if (cancel_.stop_requested()) return 0;
    const std::size_t got = std::fread(to, 1, bytes, file_.get());
    at_ += got;
    return got;
  }
  bool seek(std::uint64_t offset) override {
    if (offset == at_) return true;
    if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) return false;
    at_ = offset;
    return true;
  }
  std::uint64_t tell() const override { return at_; }
  std::uint64_t size() const override { return size_; }

 private:
  std::unique_ptr<std::FILE, CloseStream> file_;
  std::uint64_t size_, at_ = 0;
  std::stop_token cancel_;
};

struct Mounted {
  std::uint64_t size;
  Mount::Open open;
};
struct Mounts {
  std::mutex mutex;
  std::unordered_map<std::string, Mounted> by_name;
};
Mounts& mounts() {
  static auto& all = *new Mounts;  // outlives GDAL's own end
  return all;
}

constexpr const char* prefix = "/vsicotejo/";

void install_handler() {
  static const bool installed = [] {
    auto* calls = VSIAllocFilesystemPluginCallbacksStruct();
    calls->stat = [](void*, const char* name, VSIStatBufL* status, int) {
      auto& all = mounts();
      const std::scoped_lock lock(all.mutex);
      const auto found = all.by_name.find(name);
      if (found == all.by_name.end()) return -1;
      status->st_mode = S_IFREG;
      status->st_size = static_cast<decltype(status->st_size)>(found->second.size);
      return 0;
    };
    calls->open = [](void*, const char* name, const char* access) -> void* {
      auto& all = mounts();
      const std::scoped_lock lock(all.mutex);
      const auto found = all.by_name.find(name);
      if (found == all.by_name.end() || std::strpbrk(access, "wa+") != nullptr) {
        errno = ENOENT;
        return nullptr;
      }
      return found->second.open().release();
    };
    calls->tell = [](void* stream) { return static_cast<vsi_l_offset>(static_cast<Bytes*>(stream)->tell()); };
    calls->seek = [](void* stream, vsi_l_offset offset, int whence) {
      auto& bytes = *static_cast<Bytes*>(stream);
      const std::uint64_t base = whence == SEEK_CUR ? bytes.tell() : whence == SEEK_END ? bytes.size() : 0;
      return bytes.seek(base + offset) ? 0 : -1;
    };
    calls->read = [](void* stream, void* to, std::size_t size, std::size_t number) -> std::size_t {
      return size == 0 ? 0 : static_cast<Bytes*>(stream)->read(to, size * number) / size;
    };
    calls->eof = [](void* stream) {
      return static_cast<Bytes*>(stream)->tell() >= static_cast<Bytes*>(stream)->size() ? 1 : 0;
    };
    calls->close = [](void* stream) {
      delete static_cast<Bytes*>(stream);
      return 0;
    };
    const bool done = VSIInstallPluginHandler(prefix, calls) == 0;
    VSIFreeFilesystemPluginCallbacksStruct(calls);
    return done;
  }();
  (void)installed;
}

}  // namespace

Result<std::unique_ptr<Bytes>> open_file(const fs::path& path, const std::stop_token& cancel) {
  COTEJO_TRY(file, open_regular(path));
  return std::unique_ptr<Bytes>(std::make_unique<PlainFile>(std::move(file), cancel));
}

Mount::Mount(std::uint64_t size, Open open, std::string_view suffix) {
  install_handler();
  static std::atomic<std::uint64_t> last = 0;
  const std::string name = fmt::format("{}{}", ++last, suffix);
  path_ = prefix + name;
  auto& all = mounts();
  const std::scoped_lock lock(all.mutex);
  all.by_name.emplace(name, Mounted{size, std::move(open)});
}

Mount::~Mount() {
  auto& all = mounts();
  const std::scoped_lock lock(all.mutex);
  all.by_name.erase(path_.substr(std::strlen(prefix)));
}

// ---- zip ----

namespace {

// A member of a zip; keeps the archive mounted.
class ZipMember final : public Bytes {
 public:
  ZipMember(std::unique_ptr<Mount> archive, File file, std::uint64_t size)
      : archive_(std::move(archive)), file_(std::move(file)), size_(size) {}
  std::size_t read(void* to, std::size_t bytes) override { return VSIFReadL(to, 1, bytes, file_.get()); }
  bool seek(std::uint64_t offset) override { return VSIFSeekL(file_.get(), offset, SEEK_SET) == 0; }
  std::uint64_t tell() const override { return VSIFTellL(file_.get()); }
  std::uint64_t size() const override { return size_; }

 private:
  std::unique_ptr<Mount> archive_;
  File file_;
  std::uint64_t size_;
};

bool is_content(std::string_view name) {
  const auto slash = name.rfind('/');
  const auto base = slash == std::string_view::npos ? name : name.substr(slash + 1);
  return !name.ends_with('/') && !name.starts_with("__MACOSX/") && base != ".DS_Store" && !base.starts_with("._");
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 20;
  std::vector<std::string> quoted;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i)
    quoted.push_back(fmt::format("'{}'", printable(names[i], 120)));
  return fmt::format("{}{}", fmt::join(quoted, ", "),
                     names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

bool lists_too_many(Bytes& zip) {
  constexpr std::string_view mark = "PK\1\2";
  constexpr std::size_t most = 10'000;
  std::vector<char> chunk(1u << 16);
  std::size_t kept = 0, marks = 0;
  zip.seek(0);
  while (const auto got = zip.read(chunk.data() + kept, chunk.size() - kept)) {
    const std::string_view text(chunk.data(), kept + got);
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + mark.size()))
      if (++marks > most) return true;
    kept = std::min(text.size(), mark.size() - 1);  // a mark may be cut by the chunk's end
    std::copy(text.end() - static_cast<std::ptrdiff_t>(kept), text.end(), chunk.begin());
  }
  zip.seek(0);
  return false;
}

ZipKind zip_kind_of(std::uint64_t size, Mount::Open open) {
  const Scope scope;
  const Mount mount(size, std::move(open));
  const std::string inside = "/vsizip/{" + mount.path() + "}/";
  VSIStatBufL status;
  const auto has = [&](const char* name) { return VSIStatL((inside + name).c_str(), &status) == 0; };
  if (has("[Content_Types].xml") && has("xl")) return ZipKind::xlsx;
  if (has("mimetype") && has("content.xml")) return ZipKind::ods;
  return ZipKind::other;
}

Result<Member> open_member(const fs::path& zip, std::string_view wanted, const std::stop_token& cancel) {
  const auto damaged = [&](std::string message, std::string remedy) {
    return Error{.code = ErrorCode::file_damaged,
                 .message = std::move(message),
                 .file = zip.string(),
                 .remedy = std::move(remedy)};
  };
  COTEJO_TRY(bytes, open_file(zip, cancel));
  auto archive = std::make_unique<Mount>(bytes->size(), [zip, cancel]() -> std::unique_ptr<Bytes> {
    auto opened = open_file(zip, cancel);
    return opened ? std::move(*opened) : nullptr;
  });
  const std::string inside = "/vsizip/{" + archive->path() + "}";
  const CPLStringList found(VSIReadDirRecursive(inside.c_str()), TRUE);
  std::vector<std::string> names;
  for (int i = 0; i < found.Count(); ++i)
    if (is_content(found[i])) names.emplace_back(found[i]);
  if (names.empty())
    return damaged("the zip has no list of files: it is cut short, damaged or empty",
                   "Get the file again and compare its size and SHA-256.");
  Member member;
  if (!wanted.empty()) {
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
      const auto near = nearest_name(wanted, names);
      return Error{.code = ErrorCode::file_missing,
                   .message = fmt::format("the zip has no such member; it holds {}", listed(names)),
                   .file = zip.string(),
                   .value = std::string(wanted),
                   .remedy = near.empty() ? "Name one of them as `member` under [file]."
                                          : fmt::format("Did you mean '{}'?", printable(near))};
    }
    member.name = wanted;
  } else if (names.size() > 1) {
    return Error{.code = ErrorCode::file_missing,
                 .message = fmt::format("the zip holds {} files: {}", names.size(), listed(names)),
                 .file = zip.string(),
                 .remedy = "Name one of them as `member` under [file]."};
  } else {
    member.name = names.front();
  }

  const std::string path = inside + "/" + member.name;
  VSIStatBufL status;
  File file(VSIFOpenL(path.c_str(), "rb"));
  if (!file || VSIStatL(path.c_str(), &status) != 0)
    return damaged(fmt::format("the zip's member '{}' cannot be opened", printable(member.name)),
                   "Get the file again and compare its SHA-256.");
  member.bytes =
      std::make_unique<ZipMember>(std::move(archive), std::move(file), static_cast<std::uint64_t>(status.st_size));
  return member;
}

// ---- encodings ----

const std::vector<std::string>& encodings() {
  static const std::vector<std::string> names = {
      "UTF-8",        "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-9",   "ISO-8859-15",
      "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1256", "windows-1257",
      "KOI8-R",       "KOI8-U",       "CP850",        "CP852",        "CP866",        "UTF-16",       "UTF-16LE",
      "UTF-16BE",     "GB18030",      "Big5",         "Shift_JIS",    "EUC-JP",       "EUC-KR"};
  return names;
}

std::vector<std::string> upper_half_of(std::string_view encoding) {
  const bool single_byte = encoding.starts_with("ISO-8859-") || encoding.starts_with("windows-") ||
                           encoding.starts_with("KOI8-") || encoding.starts_with("CP");
  if (!single_byte) return {};
  std::string name(encoding);
  if (name.starts_with("windows-")) name.replace(0, 8, "CP");
  std::vector<std::string> out;
  for (int byte = 0x80; byte < 0x100; ++byte) {
    const char text[] = {static_cast<char>(byte), '\0'};
    CPLErrorReset();
    char* recoded = CPLRecode(text, name.c_str(), CPL_ENC_UTF8);
    const bool known_character = recoded != nullptr && *recoded != '\0' && CPLGetLastErrorType() == CE_None;
    out.emplace_back(known_character ? recoded : text);
    CPLFree(recoded);
  }
  return out;
}

}  // namespace cotejo::gdal
