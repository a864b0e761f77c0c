#include "published_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "cotejo/base/text.hpp"
#include "tar_archive.hpp"

namespace cotejo {

namespace {

constexpr std::size_t sniffed = 512;

Error damaged(const std::string& name, std::string message, std::string remedy) {
  return {.code = ErrorCode::file_damaged, .message = std::move(message), .file = name, .remedy = std::move(remedy)};
}

class Memory final : public gdal::Bytes {
 public:
  Memory(std::shared_ptr<const std::string> bytes, std::stop_token cancel)
      : bytes_(std::move(bytes)), cancel_(std::move(cancel)) {}
  std::size_t read(void* to, std::size_t bytes) override {
    if (at_ >= bytes_->size() || cancel_.stop_requested()) return 0;
    const std::size_t part = std::min<std::size_t>(bytes, bytes_->size() - at_);
    std::memcpy(to, bytes_->data() + at_, part);
    at_ += part;
    return part;
  }
  bool seek(std::uint64_t offset) override {
    at_ = offset;
    return true;
  }
  std::uint64_t tell() const override { return at_; }
  std::uint64_t size() const override { return bytes_->size(); }

 private:
  std::shared_ptr<const std::string> bytes_;
  std::stop_token cancel_;
  std::uint64_t at_ = 0;
};

// Counts how far a packed file has been read.
class Counted final : public gdal::Bytes {
 public:
  Counted(std::unique_ptr<gdal::Bytes> bytes, std::shared_ptr<std::atomic<std::uint64_t>> far)
      : bytes_(std::move(bytes)), far_(std::move(far)) {}
  std::size_t read(void* to, std::size_t bytes) override {
    const auto got = bytes_->read(to, bytes);
    far_->store(std::max(far_->load(), bytes_->tell()));
    return got;
  }
  bool seek(std::uint64_t offset) override { return bytes_->seek(offset); }
  std::uint64_t tell() const override { return bytes_->tell(); }
  std::uint64_t size() const override { return bytes_->size(); }

 private:
  std::unique_ptr<gdal::Bytes> bytes_;
  std::shared_ptr<std::atomic<std::uint64_t>> far_;
};

// A gzip file unpacked; its size is not known before its end.
class Gzip final : public gdal::Bytes {
 public:
  Gzip(std::unique_ptr<gdal::Mount> packed, gdal::File file) : packed_(std::move(packed)), file_(std::move(file)) {}
  std::size_t read(void* to, std::size_t bytes) override { return VSIFReadL(to, 1, bytes, file_.get()); }
  bool seek(std::uint64_t offset) override { return VSIFSeekL(file_.get(), offset, SEEK_SET) == 0; }
  std::uint64_t tell() const override { return VSIFTellL(file_.get()); }
  std::uint64_t size() const override { return UINT64_MAX; }

 private:
  std::unique_ptr<gdal::Mount> packed_;
  gdal::File file_;
};

std::string first_of(gdal::Bytes& bytes) {
  std::string first(sniffed, '\0');
  std::size_t got = 0;
  while (got < first.size()) {
    const auto part = bytes.read(first.data() + got, first.size() - got);
    if (part == 0) break;
    got += part;
  }
  first.resize(got);
  bytes.seek(0);
  return first;
}

using Far = std::shared_ptr<std::atomic<std::uint64_t>>;

// Nothing where it cannot be opened.
std::unique_ptr<gdal::Bytes> open_gzip(const std::filesystem::path& path, std::uint64_t size, const Far& far,
                                       const std::stop_token& cancel) {
  auto mount = std::make_unique<gdal::Mount>(size, [path, far, cancel]() -> std::unique_ptr<gdal::Bytes> {
    auto opened = reopened(path, cancel);
    return opened ? std::make_unique<Counted>(std::move(opened), far) : nullptr;
  });
  gdal::File file(VSIFOpenL(("/vsigzip/" + mount->path()).c_str(), "rb"));
  return file ? std::make_unique<Gzip>(std::move(mount), std::move(file)) : nullptr;
}

// The archive's member in place of the archive.
Result<void> enter_tar(PublishedBytes& out, std::string_view member, OpenArchive open) {
  COTEJO_TRY(found, open_in_tar(open, member, out.name));
  out.name += "/" + found.name;
  out.short_name += "/" + found.name;
  out.packed = true;
  out.stream = std::move(found.bytes);
  out.first = first_of(*out.stream);
  if (out.first.empty()) return damaged(out.name, "the file in the archive is empty", "Get the file again.");
  return {};
}

}  // namespace

std::unique_ptr<gdal::Bytes> reopened(const std::filesystem::path& path, const std::stop_token& cancel) {
  auto opened = gdal::open_file(path, cancel);
  return opened ? std::move(*opened) : nullptr;
}

Result<PublishedBytes> open_published(const std::filesystem::path& path, std::string_view member,
                                      const std::stop_token& cancel) {
  const gdal::Scope scope;
  PublishedBytes out;
  out.name = path.string();
  out.short_name = path.filename().string();
  COTEJO_TRY(plain, gdal::open_file(path, cancel));
  out.first = first_of(*plain);
  if (out.first.empty()) return damaged(out.name, "the file is empty", "Get the file again.");
  const auto size = plain->size();
  const auto far = std::make_shared<std::atomic<std::uint64_t>>(0);
  out.progress = [far, size] {
    return size > 0 ? std::min(1.0, static_cast<double>(*far) / static_cast<double>(size)) : 1.0;
  };

  const std::string_view first = out.first;
  if (first.starts_with("\x1F\x8B")) {
    out.stream = open_gzip(path, size, far, cancel);
    if (!out.stream)
      return damaged(out.name, "the gzip file cannot be opened", "Get the file again and compare its SHA-256.");
    out.packed = true;
    out.first = first_of(*out.stream);
    if (out.first.empty())
      return damaged(out.name, "the gzip file is damaged, or holds nothing",
                     "Get the file again and compare its SHA-256.");
    if (looks_like_tar(out.first))
      COTEJO_CHECK(enter_tar(out, member, [=] { return open_gzip(path, size, far, cancel); }));
  } else if (looks_like_tar(first)) {
    COTEJO_CHECK(enter_tar(out, member, [=]() -> std::unique_ptr<gdal::Bytes> {
      auto opened = reopened(path, cancel);
      return opened ? std::make_unique<Counted>(std::move(opened), far) : nullptr;
    }));
  } else if (first.starts_with("PK\3\4") || first.starts_with("PK\5\6")) {
    if (gdal::lists_too_many(*plain))
      return damaged(out.name, "the zip lists more than 10,000 files", "Unpack it and name the file that is wanted.");
    out.zip = gdal::zip_kind_of(size, [path, cancel] { return reopened(path, cancel); });
    if (out.zip != gdal::ZipKind::other) {
      out.stream = std::make_unique<Counted>(std::move(plain), far);
      return out;
    }
    plain.reset();
    COTEJO_TRY(found, gdal::open_member(path, member, cancel));
    out.name += "/" + found.name;
    out.short_name += "/" + found.name;
    out.packed = true;
    out.stream = std::move(found.bytes);
    out.first = first_of(*out.stream);
    const auto unpacked = out.stream->size();
    if (unpacked == 0) return damaged(out.name, "the file in the zip is empty", "Get the file again.");
    out.stream = std::make_unique<Counted>(std::move(out.stream), far);
    out.progress = [far, unpacked] { return std::min(1.0, static_cast<double>(*far) / static_cast<double>(unpacked)); };
  } else {
    out.stream = std::make_unique<Counted>(std::move(plain), far);
  }
  return out;
}

Result<std::shared_ptr<std::string>> read_into_memory(PublishedBytes& bytes, std::uint64_t limit) {
  auto all = std::make_shared<std::string>();
  std::string chunk(1u << 20, '\0');
  while (const auto got = bytes.stream->read(chunk.data(), chunk.size())) {
    if (all->size() + got > limit)
      return damaged(bytes.name,
                     fmt::format("the packed file has more than {} bytes, and must be read at random",
                                 with_thousands(static_cast<long long>(limit))),
                     "Unpack it and name the file inside.");
    all->append(chunk, 0, got);
  }
  return all;
}

std::unique_ptr<gdal::Bytes> stream_of(std::shared_ptr<const std::string> bytes, const std::stop_token& cancel) {
  return std::make_unique<Memory>(std::move(bytes), cancel);
}

}  // namespace cotejo
