// Arrivals of units: times by a pattern, ISO times, positions with times beside them, percentiles; by the first byte.
#include <array>
#include <cmath>

#include "cotejo/intake/reader.hpp"
#include "fuzz.hpp"

namespace {

cotejo::Profile profile(const std::string& keys) {
  auto parsed = cotejo::parse_profile(
      "schema = \"cotejo.profile/1\"\nkind = \"arrival\"\n[file]\npath = \"x\"\n[arrival]\nid = \"x/a\"\nunit = "
      "{ columns = [\"u\"], widths = [3], prefix = \"p\" }\n" +
          keys,
      "fuzz.toml");
  if (!parsed) {
    fmt::print(stderr, "{}\n", describe(parsed.error()));
    std::abort();
  }
  return *parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  static const std::array profiles = {profile("at = \"t\"\n"),
                                      profile("at = \"t\"\ntime_format = \"dd/MM/yyyy hh:mm:ss a\"\n"),
                                      profile("kind = \"order\"\ntime = \"t\"\ntime_format = \"hh:mm a\"\n"),
                                      profile("kind = \"percentile\"\nat = \"p\"\nuntil = \"q\"\n")};
  if (size < 1) return 0;
  const auto file = fuzz::folder().write("arrival", fuzz::text_of(data + 1, size - 1));
  const auto arrival = read_arrival(profiles[data[0] % profiles.size()], file, {});
  if (!arrival) {
    fuzz::check(arrival.error());
    return 0;
  }
  fuzz::require(arrival->from.size() == arrival->units() && arrival->to.size() == arrival->units(),
                "one interval per unit");
  for (std::size_t i = 0; i < arrival->units(); ++i)
    fuzz::require(std::isfinite(arrival->from[i]) && arrival->from[i] <= arrival->to[i], "an interval is one");
  return 0;
}
