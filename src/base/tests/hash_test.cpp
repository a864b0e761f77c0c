#include "cotejo/base/hash.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace cotejo {
namespace {

struct Vector {
  std::string message;
  const char* digest;
  const char* source;
};

// FIPS 180-4 example messages (NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values",
// SHA-256), and RFC 6234.
const Vector vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "NIST CAVP, SHA256ShortMsg, Len = 0"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-4 example, one block"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "FIPS 180-4 example, two blocks"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
     "FIPS 180-4, a million times 'a'"},
    {std::string("\xbd", 1), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b",
     "RFC 6234, test 8 (1 byte)"},
};

TEST(Sha256, GivesThePublishedDigests) {
  for (const auto& row : vectors) EXPECT_EQ(sha256_of(row.message), row.digest) << row.source;
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const auto path = std::filesystem::temp_directory_path() / ("cotejo-hash-test-" + std::to_string(::getpid()));
  for (const auto& row : vectors) {
    std::ofstream(path, std::ios::binary) << row.message;
    const auto digest = sha256_of_file(path);
    ASSERT_TRUE(digest) << describe(digest.error());
    EXPECT_EQ(*digest, row.digest) << row.source;
  }
  std::filesystem::remove(path);
}

TEST(Sha256, OfAFileThatIsNotThereIsAnErrorThatNamesIt) {
  for (const std::filesystem::path path : {"/nonexistent/file", "/"}) {
    const auto digest = sha256_of_file(path);
    ASSERT_FALSE(digest) << path;
    EXPECT_EQ(digest.error().code, ErrorCode::file_missing);
    EXPECT_EQ(digest.error().file, path.string());
  }
}

TEST(Sha256, BytesMayComeInAnyPieces) {
  const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text).first(cut)));
    hash.update(std::as_bytes(std::span(text).subspan(cut)));
    EXPECT_EQ(hash.hex(), vectors[2].digest) << "cut at " << cut;
  }
}

TEST(Sha256, NeighbouringTextsCannotRunTogether) {
  const auto of = [](const std::vector<std::string>& texts) {
    Sha256 hash;
    for (const auto& text : texts) hash.update(std::string_view(text));
    return hash.hex();
  };
  const std::set<std::string> digests{of({"ab", "c"}), of({"a", "bc"}), of({"abc"}), of({"abc", ""}), of({"", "abc"})};
  EXPECT_EQ(digests.size(), 5U);
}

TEST(Sha256, NeighbouringColumnsCannotRunTogether) {
  const auto of = [](const std::vector<std::vector<std::int32_t>>& columns) {
    Sha256 hash;
    for (const auto& column : columns) hash.update(std::span<const std::int32_t>(column));
    return hash.hex();
  };
  const std::set<std::string> digests{of({{1, 2}, {3}}), of({{1}, {2, 3}}), of({{1, 2, 3}}), of({{1, 2, 3}, {}}),
                                      of({{3, 2, 1}})};
  EXPECT_EQ(digests.size(), 5U);
}

}  // namespace
}  // namespace cotejo
