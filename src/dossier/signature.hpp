// Ed25519 through libsodium; keys and signatures as lower-case hexadecimal.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

struct Signature {
  std::string public_key, signature;
};

Result<Signature> sign(std::string_view bytes, const std::filesystem::path& secret_key);
bool signature_holds(std::string_view bytes, const Signature& signature);

}  // namespace cotejo
