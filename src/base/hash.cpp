#include "cotejo/base/hash.hpp"

#include <sodium.h>

#include <bit>
#include <fstream>
#include <vector>

namespace cotejo {

static_assert(std::endian::native == std::endian::little, "hashes of columns are defined over little-endian bytes");

struct Sha256::State {
  crypto_hash_sha256_state value;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->value);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(&state_->value, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

void Sha256::update(std::string_view text) {
  const std::uint64_t size = text.size();
  update(std::as_bytes(std::span(&size, 1)));
  update(std::as_bytes(std::span(text)));
}

void Sha256::update(std::span<const std::int32_t> values) {
  const std::uint64_t size = values.size();
  update(std::as_bytes(std::span(&size, 1)));
  update(std::as_bytes(values));
}

std::string Sha256::hex() {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state_->value, digest);
  char text[2 * sizeof digest + 1];
  sodium_bin2hex(text, sizeof text, digest, sizeof digest);
  return text;
}

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    return Error{.code = ErrorCode::file_missing,
                 .message = "the file cannot be read",
                 .file = path.string(),
                 .remedy = "Check the path and the permissions."};
  Sha256 hash;
  std::vector<char> buffer(1 << 18);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(std::as_bytes(std::span(buffer.data(), static_cast<std::size_t>(in.gcount()))));
  }
  if (in.bad())
    return Error{
        .code = ErrorCode::file_damaged, .message = "the file could not be read to its end", .file = path.string()};
  return hash.hex();
}

}  // namespace cotejo
