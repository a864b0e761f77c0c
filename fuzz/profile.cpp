// Profiles. What is read has what its documentation promises; what is refused says the key.
#include "cotejo/intake/profile.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto profile = parse_profile(fuzz::text_of(data, size), "fuzz.toml");
  if (!profile) {
    fuzz::check(profile.error());
    return 0;
  }
  if (profile->kind == ProfileKind::count) {
    fuzz::require(!profile->options.empty(), "a count has options");
    fuzz::require(!profile->unit_key.columns.empty(), "a unit has a key");
    for (const auto& option : profile->options) fuzz::require(option.column.given(), "an option has a column");
  }
  return 0;
}
