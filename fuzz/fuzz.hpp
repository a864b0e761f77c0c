// What every fuzzer needs: its input as a file, and what an error owes its reader.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "cotejo/base/error.hpp"
#include "cotejo/base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace cotejo::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool held, std::string_view claim) {
  if (held) return;
  fmt::print(stderr, "does not hold: {}\n", claim);
  std::abort();
}

// Every error has a sentence, and nothing in its description can act on a terminal.
inline void check(const Error& error) {
  require(!error.message.empty(), "an error says what is wrong");
  require(error.code != ErrorCode::internal, "bad input is not our own fault");
  const std::string shown = describe(error);
  require(is_utf8(shown), "a description is UTF-8");
  for (const char c : shown)
    require(static_cast<unsigned char>(c) >= 0x20 || c == '\n', "a description has no control characters");
}

// A folder in memory where there is one, else among the temporary files; removed at the end.
class Folder {
 public:
  Folder() {
    const std::filesystem::path memory = "/dev/shm";
    std::string name = ((std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
                        "cotejo-fuzz-XXXXXX")
                           .string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline const Folder& folder() {
  static const Folder one;
  return one;
}

}  // namespace cotejo::fuzz
