#include "signature.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <fstream>

#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"

namespace cotejo {

namespace {

template <std::size_t n>
std::string hex(const std::array<unsigned char, n>& bytes) {
  std::string out(2 * n + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), n);
  out.pop_back();
  return out;
}

template <std::size_t n>
bool from_hex(std::string_view text, std::array<unsigned char, n>& bytes) {
  std::size_t length = 0;
  return sodium_hex2bin(bytes.data(), n, text.data(), text.size(), nullptr, &length, nullptr) == 0 && length == n;
}

using Seed32 = std::array<unsigned char, crypto_sign_SEEDBYTES>;
using PublicKey = std::array<unsigned char, crypto_sign_PUBLICKEYBYTES>;
using SecretKey = std::array<unsigned char, crypto_sign_SECRETKEYBYTES>;
using Bytes64 = std::array<unsigned char, crypto_sign_BYTES>;

}  // namespace

Result<Signature> sign(std::string_view bytes, const std::filesystem::path& secret_key) {
  std::ifstream in(secret_key);
  std::string text;
  std::getline(in, text);
  Seed32 seed;
  if (!in && text.empty())
    return Error{.code = ErrorCode::file_missing,
                 .message = "the key cannot be read",
                 .file = secret_key.string(),
                 .remedy = "Make one with `cotejo keygen FILE`."};
  if (!from_hex(trimmed(text), seed))
    return Error{.code = ErrorCode::file_damaged,
                 .message = "this is not a secret key",
                 .file = secret_key.string(),
                 .remedy = "Make one with `cotejo keygen FILE`."};
  PublicKey public_key;
  SecretKey secret;
  crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.data());
  Bytes64 signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                       secret.data());
  sodium_memzero(secret.data(), secret.size());
  sodium_memzero(seed.data(), seed.size());
  return Signature{hex(public_key), hex(signature)};
}

bool signature_holds(std::string_view bytes, const Signature& signature) {
  PublicKey public_key;
  Bytes64 raw;
  return from_hex(signature.public_key, public_key) && from_hex(signature.signature, raw) &&
         crypto_sign_verify_detached(raw.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                                     public_key.data()) == 0;
}

Result<std::string> make_key(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  const fs::path public_path = path.string() + ".pub";
  for (const auto& p : {path, public_path})
    if (fs::exists(p))
      return Error{.code = ErrorCode::conflict,
                   .message = "the file exists already; a key is never overwritten",
                   .file = p.string(),
                   .remedy = "Choose another name."};
  if (sodium_init() < 0) return Error{.code = ErrorCode::internal, .message = "no source of randomness"};
  Seed32 seed;
  randombytes_buf(seed.data(), seed.size());
  PublicKey public_key;
  SecretKey secret;
  crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.data());
  const auto write = [](const fs::path& p, const std::string& text) {
    std::ofstream out(p);
    std::error_code ignored;
    fs::permissions(p, fs::perms::owner_read | fs::perms::owner_write, ignored);
    out << text << "\n";
    return static_cast<bool>(out.flush());
  };
  if (!write(path, hex(seed)) || !write(public_path, hex(public_key)))
    return Error{.code = ErrorCode::file_write,
                 .message = "the key cannot be written",
                 .file = path.string(),
                 .remedy = "Check the folder and its permissions."};
  sodium_memzero(secret.data(), secret.size());
  sodium_memzero(seed.data(), seed.size());
  return hex(public_key);
}

}  // namespace cotejo
