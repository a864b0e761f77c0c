// A file in a tar archive, plain or in gzip, through libarchive: read from front to back, and again from the front.
//
// Bounds: 10,000 entries, names of 1,000 characters; only regular files are seen, never a link or a device. Errors as those
// of a zip: file_missing (no such member, or several to choose from), file_damaged (cut short or damaged).
// Verified in src/intake/tests/formats_test.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gdal_files.hpp"

namespace cotejo {

// Does a file begin like a tar archive?
bool looks_like_tar(std::string_view first);

// The archive's bytes from their beginning.
using OpenArchive = std::function<std::unique_ptr<gdal::Bytes>()>;

// Its only file, or `wanted`. `name` is the archive's, for errors.
Result<gdal::Member> open_in_tar(const OpenArchive& open, std::string_view wanted, const std::string& name);

}  // namespace cotejo
