#include "tar_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_entries = 10'000, longest_name = 1000, most_named = 10;

// libarchive over the archive's bytes, entry by entry.
class Tar {
 public:
  explicit Tar(std::unique_ptr<gdal::Bytes> bytes) : bytes_(std::move(bytes)), archive_(archive_read_new()) {
    if (!bytes_ || !archive_) return;
    archive_read_support_format_tar(archive_.get());
    opened_ = archive_read_open(archive_.get(), this, nullptr, &Tar::more, nullptr) == ARCHIVE_OK;
  }
  // The name of the next regular file; empty at the end, or where the archive is damaged (whole() tells which).
  std::string next() {
    archive_entry* entry = nullptr;
    while (opened_ && entries_++ < most_entries) {
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status < ARCHIVE_WARN) break;
      const char* name = archive_entry_pathname(entry);
      const bool regular = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
      if (!regular || !name || !*name || std::string_view(name).size() > longest_name) continue;
      size_ = archive_entry_size_is_set(entry) ? static_cast<std::uint64_t>(archive_entry_size(entry)) : UINT64_MAX;
      const std::string_view plain(name);
      return std::string(plain.starts_with("./") ? plain.substr(2) : plain);
    }
    whole_ = false;
    return {};
  }
  bool whole() const { return whole_; }
  std::uint64_t size() const { return size_; }
  std::size_t read(void* to, std::size_t bytes) {
    const auto got = archive_read_data(archive_.get(), to, bytes);
    whole_ = whole_ && got >= 0;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  static la_ssize_t more(archive*, void* self, const void** buffer) {
    auto& tar = *static_cast<Tar*>(self);
    *buffer = tar.buffer_.data();
    return static_cast<la_ssize_t>(tar.bytes_->read(tar.buffer_.data(), tar.buffer_.size()));
  }
  struct Free {
    void operator()(archive* a) const { archive_read_free(a); }
  };
  std::unique_ptr<gdal::Bytes> bytes_;
  std::array<char, 1 << 16> buffer_{};
  std::unique_ptr<archive, Free> archive_;
  bool opened_ = false, whole_ = true;
  std::size_t entries_ = 0;
  std::uint64_t size_ = 0;
};

// Names that systems put beside the content.
bool is_content(std::string_view name) {
  const auto last = name.substr(name.rfind('/') + 1);
  return !last.starts_with("._") && last != ".DS_Store" && !name.starts_with("__MACOSX/");
}

class TarMember final : public gdal::Bytes {
 public:
  TarMember(OpenArchive open, std::string name) : open_(std::move(open)), name_(std::move(name)) { rewind(); }
  std::size_t read(void* to, std::size_t bytes) override {
    const auto got = tar_ ? tar_->read(to, bytes) : 0;
    at_ += got;
    return got;
  }
  // Forwards by reading on, backwards from the front.
  bool seek(std::uint64_t offset) override {
    if (offset < at_) rewind();
    std::array<char, 1 << 14> passed;
    while (at_ < offset)
      if (read(passed.data(), static_cast<std::size_t>(std::min<std::uint64_t>(passed.size(), offset - at_))) == 0)
        return false;
    return true;
  }
  std::uint64_t tell() const override { return at_; }
  std::uint64_t size() const override { return tar_ ? tar_->size() : 0; }

 private:
  void rewind() {
    at_ = 0;
    tar_ = std::make_unique<Tar>(open_());
    for (std::string name = tar_->next(); name != name_; name = tar_->next())
      if (name.empty()) {
        tar_.reset();
        return;
      }
  }
  OpenArchive open_;
  std::string name_;
  std::unique_ptr<Tar> tar_;
  std::uint64_t at_ = 0;
};

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i)
    out += fmt::format("{}'{}'", i > 0 ? ", " : "", printable(names[i]));
  return names.size() > most_named ? out + ", ..." : out;
}

}  // namespace

bool looks_like_tar(std::string_view first) {
  constexpr std::size_t mark = 257;
  return first.size() > mark && first.substr(mark).starts_with("ustar");
}

Result<gdal::Member> open_in_tar(const OpenArchive& open, std::string_view wanted, const std::string& name) {
  Tar tar(open());
  std::vector<std::string> names;
  for (std::string entry = tar.next(); !entry.empty(); entry = tar.next())
    if (is_content(entry)) names.push_back(entry);
  if (!tar.whole() || names.empty())
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the tar archive is cut short, damaged or empty, or has more than 10,000 entries",
                 .file = name,
                 .remedy = "Get the file again and compare its size and SHA-256."};
  if (!wanted.empty() && std::find(names.begin(), names.end(), wanted) == names.end()) {
    const auto near = nearest_name(wanted, names);
    return Error{.code = ErrorCode::file_missing,
                 .message = fmt::format("the archive has no such member; it holds {}", listed(names)),
                 .file = name,
                 .value = std::string(wanted),
                 .remedy = near.empty() ? "Name one of them as `member` under [file]."
                                        : fmt::format("Did you mean '{}'?", printable(near))};
  }
  if (wanted.empty() && names.size() > 1)
    return Error{.code = ErrorCode::file_missing,
                 .message = fmt::format("the archive holds {} files: {}", names.size(), listed(names)),
                 .file = name,
                 .remedy = "Name one of them as `member` under [file]."};
  gdal::Member member;
  member.name = wanted.empty() ? names.front() : std::string(wanted);
  member.bytes = std::make_unique<TarMember>(open, member.name);
  return member;
}

}  // namespace cotejo
