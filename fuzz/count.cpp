// A count from a file, wide or long by the first byte: what is read satisfies what a count promises.
#include "cotejo/intake/reader.hpp"
#include "count_promises.hpp"

namespace {

cotejo::Profile profile(bool is_long) {
  std::string text =
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"x\"\nbad_rows = \"set-aside\"\noptional = [\"r\", \"k\"]\n"
      "[numbers]\nthousands = \".\"\ndecimal = \",\"\nmissing = [\"-\"]\nzero = [\"nil\"]\n"
      "[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\nkey = { columns = [\"u\", \"k\"] }\n"
      "[[place]]\nlevel = \"town\"\nname = \"t\"\ncode = { column = \"k\", drop_last = 1 }\n";
  text += is_long
              ? "[long]\nname = \"q\"\nvalue = \"r\"\nabsent = \"zero\"\nrepeated = \"sum\"\n"
              : "[columns]\nregistered = \"r\"\ncast = { sum = [\"a\", \"b\"], minus = [\"n\"] }\nlatitude = \"y\"\n"
                "longitude = \"x\"\n";
  text += "[[option]]\nid = \"A\"\ncolumn = \"a\"\n[[option]]\nid = \"B\"\ncolumn = " +
          std::string(is_long ? "{ sum = [\"b\", \"a\"] }" : "{ percent = \"p\", of = [\"b\"] }") + "\n";
  auto parsed = cotejo::parse_profile(text, "fuzz.toml");
  if (!parsed) {
    fmt::print(stderr, "{}\n", describe(parsed.error()));
    std::abort();
  }
  return *parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  static const Profile wide = profile(false), tall = profile(true);
  if (size < 1) return 0;
  const auto file = fuzz::folder().write("count", fuzz::text_of(data + 1, size - 1));
  const auto count = read_count(data[0] % 2 == 0 ? wide : tall, file, {});
  if (!count) {
    fuzz::check(count.error());
    return 0;
  }
  fuzz::check(*count);
  return 0;
}
