// TOML before anybody asks what it means: what the bound on its depth lets through does not overflow the stack of the
// library's parser, and a text that the library takes alone is refused for nothing but its depth.
#include <toml++/toml.h>

#include "cotejo/intake/toml_keys.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto text = fuzz::text_of(data, size);
  const auto table = parse_toml(text, "fuzz.toml", "docs/formats/profile.md");
  if (table) return 0;
  fuzz::check(table.error());
  if (table.error().message.find("levels deep") == std::string::npos) return 0;
  // A refusal for depth needs 50 of the marks that make it.
  std::size_t marks = 0;
  for (const char c : text) marks += c == '[' || c == '{' || c == '.' ? 1U : 0U;
  fuzz::require(marks > 50, "what is not deep is not refused for its depth");
  return 0;
}
