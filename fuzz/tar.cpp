// Archives by tar. The first byte says what the rest is: 0 to 99 an archive as it stands, 100 to 199 one whose headers
// get the mark and the checksum that let the reader go on to what they announce, else that in a gzip.
#include "packed.hpp"
#include "rows.hpp"

namespace {

constexpr std::size_t block = 512;

// Every block that could be a header is one.
std::string with_headers(std::string_view from) {
  constexpr std::size_t mark = 257, checksum = 148, checksum_size = 8;
  std::string out(from);
  out.resize((out.size() + block - 1) / block * block);
  for (std::size_t at = 0; at < out.size(); at += block) {
    if (at > 0 && out.compare(at + mark, 5, "ustar") != 0) continue;
    out.replace(at + mark, 5, "ustar");
    out.replace(at + checksum, checksum_size, checksum_size, ' ');
    unsigned sum = 0;
    for (std::size_t i = 0; i < block; ++i) sum += static_cast<unsigned char>(out[at + i]);
    out.replace(at + checksum, checksum_size, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  }
  return out;
}

std::filesystem::path packed(const std::string& bytes) {
  const auto file = cotejo::fuzz::folder().path() / "x.tgz";
  cotejo::fuzz::write_packed("/vsigzip/" + file.string(), bytes);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 1) return 0;
  const auto rest = fuzz::text_of(data + 1, size - 1);
  const auto file = data[0] < 100   ? fuzz::folder().write("x.tar", rest)
                    : data[0] < 200 ? fuzz::folder().write("x.tar", with_headers(rest))
                                    : packed(with_headers(rest));
  SourceFormat format;
  if (data[0] % 2 == 1) format.member = "a.csv";
  fuzz::check_rows(file, format);
  return 0;
}
