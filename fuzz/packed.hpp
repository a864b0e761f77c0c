// Files in archives, as GDAL writes them.
#pragma once

#include <cpl_vsi.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz.hpp"

namespace cotejo::fuzz {

// `name` may lie in an archive: "/vsigzip/FILE", "/vsizip/FILE.zip/MEMBER".
inline void write_packed(const std::string& name, std::string_view bytes) {
  VSILFILE* out = VSIFOpenL(name.c_str(), "wb");
  if (out == nullptr) std::abort();
  VSIFWriteL(bytes.data(), 1, bytes.size(), out);
  VSIFCloseL(out);
}

inline void write_zip(const std::filesystem::path& zip,
                      std::initializer_list<std::pair<const char*, std::string_view>> members) {
  std::filesystem::remove(zip);
  const std::string root = "/vsizip/" + zip.string();
  VSILFILE* whole = VSIFOpenL(root.c_str(), "wb");
  for (const auto& [name, bytes] : members) write_packed(root + "/" + name, bytes);
  VSIFCloseL(whole);
}

}  // namespace cotejo::fuzz
