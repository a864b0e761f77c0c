// The time stamp of a manifest (RFC 3161), as an authority answered it, read and checked by OpenSSL.
//
// A stamp is of these bytes if the hash in it is theirs; who made it is known only where the authority's certificates are
// given: then its certificate must be meant for time stamps, lead to one of them, and be valid today, as
// `openssl ts -verify` demands. Hashes shorter than 256 bits are refused.
// Verified in src/dossier/tests/timestamp_test.cpp against stamps that the command `openssl` makes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

inline constexpr const char* timestamp_name = "manifest.json.tsr";
inline constexpr std::uint64_t largest_timestamp = 1 << 20;

struct TimeStamp {
  std::string at;      // "2026-03-01 12:00:00 UTC", as the stamp has it
  std::string serial;  // of the stamp, hexadecimal
  // Nothing known (the signer's certificate is not at hand); the stamp is whole; it leads to the certificates given.
  enum class Signature { not_checked, holds, by_the_authority } signature = Signature::not_checked;
};

// `authority`: a file with the certificates (PEM) that the stamp must lead to; without it, who made it stays open.
// Errors: file_damaged (not a stamp; of other bytes; not signed, or not by that authority), file_missing (no such
// authority's file), option_invalid (no certificate in it).
Result<TimeStamp> check_timestamp(std::string_view response, std::string_view stamped,
                                  const std::optional<std::filesystem::path>& authority);

}  // namespace cotejo
