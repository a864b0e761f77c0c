#include "signature.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <vector>

#include "cotejo/base/durable_file.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view algorithm = "Ed";  // the signature is over the bytes themselves, not over their hash
constexpr std::size_t key_id_bytes = 8;
constexpr std::uint64_t largest_key_file = 4096;
// SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING }, before the 32 bytes of the key (RFC 8410).
constexpr std::string_view key_info_prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  return out;
}

// Nothing where the text is not base64 of exactly `size` bytes.
std::string from_base64(std::string_view text, std::size_t size) {
  std::string out(size, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const bool read = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), size, text.data(), text.size(), "",
                                      &length, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
                    length == size && end == text.data() + text.size();
  return read ? out : std::string();
}

std::string from_hex(std::string_view text, std::size_t size) {
  std::string out(size, '\0');
  std::size_t length = 0;
  const bool read = text.size() == 2 * size &&
                    sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), size, text.data(), text.size(),
                                   nullptr, &length, nullptr) == 0 &&
                    length == size;
  return read ? out : std::string();
}

std::string hex(std::string_view bytes) {
  std::string out(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
  out.pop_back();
  return out;
}

// The key's number in minisign's files: the first bytes of its BLAKE2b hash.
std::string key_id(std::string_view public_key) {
  std::string out(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes_of(public_key), public_key.size(),
                     nullptr, 0);
  return out.substr(0, key_id_bytes);
}

std::string public_key_file(std::string_view public_key) {
  const auto id = key_id(public_key);
  return fmt::format("untrusted comment: cotejo public key {}\n{}\n", hex(id),
                     base64(fmt::format("{}{}{}", algorithm, id, public_key)));
}

struct KeyPair {
  std::string public_key = std::string(crypto_sign_PUBLICKEYBYTES, '\0');
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  explicit KeyPair(std::string& seed) {
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret.data(), bytes_of(seed));
    sodium_memzero(seed.data(), seed.size());
  }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
  std::string sign(std::string_view bytes) const {
    std::string out(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr, bytes_of(bytes), bytes.size(),
                         secret.data());
    return out;
  }
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    if (out.back().ends_with('\r')) out.back().remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Result<std::map<std::string, std::string>> sign(std::string_view manifest, const fs::path& secret_key) {
  COTEJO_TRY(text, read_regular(secret_key, largest_key_file));
  std::string seed = from_hex(trimmed(text), crypto_sign_SEEDBYTES);
  sodium_memzero(text.data(), text.size());
  if (seed.empty())
    return Error{.code = ErrorCode::file_damaged,
                 .message = "this is not a secret key",
                 .file = secret_key.string(),
                 .remedy = "Make one with `cotejo keygen FILE`."};
  const KeyPair pair(seed);
  const std::string signature = pair.sign(manifest);
  const std::string comment = "file:manifest.json\tmade by cotejo " + program_version();
  return std::map<std::string, std::string>{
      {raw_signature_name, signature},
      {signer_key_name, public_key_file(pair.public_key)},
      {minisign_name,
       fmt::format("untrusted comment: verify with: minisign -Vm manifest.json -p manifest.json.pub\n{}\n"
                   "trusted comment: {}\n{}\n",
                   base64(fmt::format("{}{}{}", algorithm, key_id(pair.public_key), signature)), comment,
                   base64(pair.sign(signature + comment)))}};
}

Result<std::string> public_key_from(std::string_view text) {
  const auto lines = lines_of(trimmed(text));
  const std::string_view line = lines.empty() ? std::string_view() : trimmed(lines.back());
  if (auto key = from_hex(line, crypto_sign_PUBLICKEYBYTES); !key.empty()) return key;
  const auto file = from_base64(line, algorithm.size() + key_id_bytes + crypto_sign_PUBLICKEYBYTES);
  if (file.starts_with(algorithm)) return file.substr(algorithm.size() + key_id_bytes);
  return Error{.code = ErrorCode::option_invalid,
               .message = "this is not a public key",
               .value = std::string(line),
               .remedy = "Give the 64 hexadecimal digits, the line that begins with RW, or the file NAME.pub."};
}

std::string key_in_hex(std::string_view public_key) {
  return hex(public_key);
}

bool raw_signature_holds(std::string_view manifest, std::string_view signature, std::string_view public_key) {
  return signature.size() == crypto_sign_BYTES && public_key.size() == crypto_sign_PUBLICKEYBYTES &&
         crypto_sign_verify_detached(bytes_of(signature), bytes_of(manifest), manifest.size(), bytes_of(public_key)) ==
             0;
}

bool minisign_holds(std::string_view manifest, std::string_view minisig, std::string_view public_key) {
  constexpr std::string_view trusted = "trusted comment: ";
  const auto lines = lines_of(minisig);
  if (lines.size() != 4 || !lines[0].starts_with("untrusted comment: ") || !lines[2].starts_with(trusted)) return false;
  const auto signed_part = from_base64(lines[1], algorithm.size() + key_id_bytes + crypto_sign_BYTES);
  const auto whole = from_base64(lines[3], crypto_sign_BYTES);
  if (!signed_part.starts_with(algorithm)) return false;
  const auto signature = signed_part.substr(algorithm.size() + key_id_bytes);
  return raw_signature_holds(manifest, signature, public_key) &&
         raw_signature_holds(signature + std::string(lines[2].substr(trusted.size())), whole, public_key);
}

Result<std::string> make_key(const fs::path& path) {
  if (sodium_init() < 0) return Error{.code = ErrorCode::internal, .message = "no source of randomness"};
  std::string seed(crypto_sign_SEEDBYTES, '\0');
  randombytes_buf(seed.data(), seed.size());
  const std::string secret = hex(seed) + "\n";
  const KeyPair pair(seed);
  // The secret key comes last: where it stands, the others stand too.
  const std::vector<std::pair<fs::path, std::string>> files{
      {path.string() + ".pem", fmt::format("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
                                           base64(std::string(key_info_prefix) + pair.public_key))},
      {path.string() + ".pub", public_key_file(pair.public_key)},
      {path, secret}};
  for (const auto& [name, text] : files)
    if (fs::exists(fs::symlink_status(name)))
      return Error{.code = ErrorCode::conflict,
                   .message = "the file exists already; a key is never overwritten",
                   .file = name.string(),
                   .remedy = "Choose another name."};
  std::vector<fs::path> made;
  for (const auto& [name, text] : files) {
    const bool is_secret = name == path;
    auto written = write_new_file(name, text, is_secret ? 0600 : 0644);
    if (written) made.push_back(name);
    if (written && is_secret) written = sync_folder(name.has_parent_path() ? name.parent_path() : fs::path("."));
    if (!written) {
      std::error_code ignored;
      for (const auto& one : made) fs::remove(one, ignored);
      return std::move(written).error();
    }
  }
  return hex(pair.public_key);
}

}  // namespace cotejo
