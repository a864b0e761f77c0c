// The bytes of one published file: as it lies there, unpacked from gzip, or a member of a zip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "gdal_files.hpp"

namespace cotejo {

struct PublishedBytes {
  std::unique_ptr<gdal::Bytes> stream;  // at its beginning
  std::string first;                    // the first bytes, up to 512 of them
  std::string name, short_name;         // "FOLDER/FILE.zip/MEMBER" and "FILE.zip/MEMBER"
  bool packed = false;
  gdal::ZipKind zip = gdal::ZipKind::other;  // a spreadsheet: the stream is the zip's own
  std::function<double()> progress;          // how much of the file has been read, 0..1
};

// Streams end when `cancel` asks for it: whoever reads them then says "cancelled", not "cut short".
// Errors: file_missing, file_damaged (empty, no zip, no gzip).
Result<PublishedBytes> open_published(const std::filesystem::path& path, std::string_view member,
                                      const std::stop_token& cancel = {});

// The file once more; null when it is gone.
std::unique_ptr<gdal::Bytes> reopened(const std::filesystem::path& path, const std::stop_token& cancel = {});

// All bytes of a stream that is to be read at random, to `limit`. Errors: file_damaged.
Result<std::shared_ptr<std::string>> read_into_memory(PublishedBytes& bytes, std::uint64_t limit);
// A stream over them.
std::unique_ptr<gdal::Bytes> stream_of(std::shared_ptr<const std::string> bytes, const std::stop_token& cancel = {});

}  // namespace cotejo
