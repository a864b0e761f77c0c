#include "cotejo/base/hash.hpp"

#include <sodium.h>

#include <bit>
#include <cstdio>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/regular_file.hpp"

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
  return sha256_of_file(path, std::stop_token());
}

Result<std::string> sha256_of_file(const std::filesystem::path& path, const std::stop_token& cancel) {
  COTEJO_TRY(file, open_regular(path));
  Sha256 hash;
  std::vector<char> buffer(1 << 18);
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), file.stream.get())) {
    hash.update(std::as_bytes(std::span(buffer.data(), got)));
    if (cancel.stop_requested()) return cancelled_error();
  }
  if (std::ferror(file.stream.get()) != 0)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file could not be read to its end",
                 .file = path.string(),
                 .remedy = "Copy it to another disk and try again."};
  return hash.hex();
}

}  // namespace cotejo
