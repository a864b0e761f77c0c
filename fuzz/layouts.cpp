// Counts from files of other shapes than a row for each unit with a column for each option. The first byte says which:
// groups of columns, corrections, corrections that the file names, lines of fixed width, rows and columns that have
// changed places. The rest is the file.
#include <array>

#include "cotejo/intake/reader.hpp"
#include "count_promises.hpp"

namespace {

constexpr const char* two_options = "[[option]]\nid = \"A\"\ncolumn = \"a\"\n[[option]]\nid = \"B\"\ncolumn = \"b\"\n";

cotejo::Profile profile(const std::string& file_keys, const std::string& tables) {
  auto parsed =
      cotejo::parse_profile("schema = \"cotejo.profile/1\"\n[file]\npath = \"x\"\nbad_rows = \"set-aside\"\n" +
                                file_keys + "[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\nkey = \"u\"\n" + tables,
                            "fuzz.toml");
  if (!parsed) {
    fmt::print(stderr, "{}\n", describe(parsed.error()));
    std::abort();
  }
  return *parsed;
}

const std::array<cotejo::Profile, 5>& profiles() {
  const std::string options = two_options, corrections = "[numbers]\nnegative = \"correction\"\n";
  static const std::array<cotejo::Profile, 5> all = {
      profile("",
              "[groups]\nname = \"n##\"\nvalue = \"v##\"\nrepeated = \"sum\"\nothers = \"ignore\"\n"
              "[columns]\nregistered = \"r\"\n" +
                  options),
      profile("optional = [\"r\"]\n", corrections +
                                          "[[place]]\nlevel = \"town\"\nname = \"t\"\n"
                                          "[columns]\nregistered = \"r\"\n" +
                                          options),
      profile("", corrections +
                      "[[correction]]\ncolumn = \"t\"\nequals = \"c\"\n[long]\nname = \"q\"\n"
                      "value = \"r\"\nabsent = \"zero\"\nothers = \"ignore\"\n" +
                      options),
      profile("layout = \"fixed\"\nheader = 1\n[[file.column]]\nname = \"u\"\nfrom = 1\nlength = 3\n"
              "[[file.column]]\nname = \"a\"\nfrom = 4\nlength = 3\n"
              "[[file.column]]\nname = \"b\"\nfrom = 8\nlength = 1000\n",
              options),
      profile("transposed = true\nheader = 2\nheader_rows = 2\n", options)};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 1) return 0;
  const auto file = fuzz::folder().write("layout", fuzz::text_of(data + 1, size - 1));
  const auto count = read_count(profiles()[data[0] % profiles().size()], file, {});
  if (!count)
    fuzz::check(count.error());
  else
    fuzz::check(*count);
  return 0;
}
