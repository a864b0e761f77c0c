// Ed25519 signatures through libsodium, in the formats of minisign (0.11) and of openssl.
//
// A key pair is three files: FILE (32 secret bytes in hexadecimal, readable by its owner alone), FILE.pub (as minisign
// writes public keys) and FILE.pem (SubjectPublicKeyInfo, RFC 8410). A signature is over the bytes of the manifest:
// manifest.json.minisig (for `minisign -V`), manifest.json.sig (the 64 bytes, for `openssl pkeyutl`), and
// manifest.json.pub (the public key that they are by, in minisign's format).
// Verified in tests/trust_test.cpp, with both programs where they are installed.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

inline constexpr const char* minisign_name = "manifest.json.minisig";
inline constexpr const char* raw_signature_name = "manifest.json.sig";
inline constexpr const char* signer_key_name = "manifest.json.pub";

// The three files of a signature, by name. Errors: file_missing, file_damaged (not a secret key).
Result<std::map<std::string, std::string>> sign(std::string_view manifest, const std::filesystem::path& secret_key);

// A public key as 32 bytes: from 64 hexadecimal digits, from a line of minisign's ("RW..."), or from its file's text.
// Errors: option_invalid.
Result<std::string> public_key_from(std::string_view text);
std::string key_in_hex(std::string_view public_key);

// Does the minisign signature, with its trusted comment, and do the 64 bytes hold for the manifest under the key?
bool minisign_holds(std::string_view manifest, std::string_view minisig, std::string_view public_key);
bool raw_signature_holds(std::string_view manifest, std::string_view signature, std::string_view public_key);

}  // namespace cotejo
