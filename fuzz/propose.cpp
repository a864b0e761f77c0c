// Proposals: whatever the file, the profile that is proposed can be read, and holds no rule.
#include "cotejo/intake/propose.hpp"

#include "cotejo/intake/profile.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto proposal = propose(fuzz::folder().write("published.csv", fuzz::text_of(data, size)), {}, {});
  if (!proposal) {
    fuzz::check(proposal.error());
    return 0;
  }
  if (!proposal->questions.empty()) return 0;
  const auto profile = parse_profile(proposal->toml, "proposed.toml");
  if (!profile) {
    fmt::print(stderr, "{}\n{}\n", describe(profile.error()), proposal->toml);
    fuzz::require(false, "a proposed profile can be read");
  } else {
    fuzz::require(!profile->rule, "a file cannot propose a rule");
  }
  return 0;
}
