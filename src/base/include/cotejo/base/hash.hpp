// SHA-256 of bytes and of files, in lower-case hexadecimal (64 characters). Through libsodium.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);  // the text's length is hashed too, so that neighbours cannot run together
  void update(std::span<const std::int32_t> values);  // little-endian, with its length
  std::string hex();                                  // ends the hash; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view bytes);
// Errors: file_missing.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace cotejo
