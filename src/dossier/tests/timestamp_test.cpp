// Time stamps as an authority of the command `openssl` makes them.
#include "../timestamp.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class TimeStampTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "cotejo-stamp-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    if (!runs("openssl version")) GTEST_SKIP() << "the command openssl is not here";
    write("tsa.cnf",
          "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\ncrypto_device = builtin\nsigner_cert = tsa.pem\ncerts = "
          "root.pem\nsigner_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha1, sha256, "
          "sha512\n[ext]\nextendedKeyUsage = critical,timeStamping\nbasicConstraints = critical,CA:FALSE\n");
    for (const char* name : {"root", "other"})
      ASSERT_TRUE(runs("openssl req -x509 -newkey rsa:2048 -nodes -keyout " + std::string(name) + ".key -out " + name +
                       ".pem -days 3 -subj /CN=" + name));
    ASSERT_TRUE(runs("openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=clock"));
    ASSERT_TRUE(
        runs("openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 3 "
             "-extfile tsa.cnf -extensions ext"));
    write("m", manifest_);
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  bool runs(const std::string& command) const {
    return std::system(("cd '" + folder_.string() + "' && " + command + " >log 2>&1").c_str()) == 0;
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::string stamp(const std::string& query = "-sha256 -cert") const {
    EXPECT_TRUE(runs("openssl ts -query -data m " + query + " -out q"));
    runs("openssl ts -reply -config tsa.cnf -section one -queryfile q -out r");
    std::ifstream in(folder_ / "r", std::ios::binary);
    return {(std::istreambuf_iterator<char>(in)), {}};
  }

  fs::path folder_;
  const std::string manifest_ = "{\"schema\": \"cotejo.manifest/2\"}\n";
};

TEST_F(TimeStampTest, IsOfTheManifestAndByTheAuthorityWhoseCertificatesAreGiven) {
  const auto response = stamp();
  const auto alone = check_timestamp(response, manifest_, std::nullopt);
  ASSERT_TRUE(alone) << describe(alone.error());
  EXPECT_EQ(alone->signature, TimeStamp::Signature::holds);
  EXPECT_EQ(alone->at.size(), std::string("2026-03-01 12:00:00 UTC").size()) << alone->at;
  EXPECT_EQ(alone->serial, "01");
  const auto by = check_timestamp(response, manifest_, folder_ / "root.pem");
  ASSERT_TRUE(by) << describe(by.error());
  EXPECT_EQ(by->signature, TimeStamp::Signature::by_the_authority);
}

TEST_F(TimeStampTest, OfOtherBytesOrByAnotherAuthorityIsRefused) {
  const auto response = stamp();
  const auto other_bytes = check_timestamp(response, manifest_ + " ", std::nullopt);
  ASSERT_FALSE(other_bytes);
  EXPECT_NE(other_bytes.error().message.find("not of this manifest"), std::string::npos);
  const auto other_authority = check_timestamp(response, manifest_, folder_ / "other.pem");
  ASSERT_FALSE(other_authority);
  EXPECT_EQ(other_authority.error().code, ErrorCode::file_damaged);
  // A certificate of the authority that is not for time stamps.
  EXPECT_FALSE(check_timestamp(response, manifest_ + " ", folder_ / "root.pem"));
  EXPECT_EQ(check_timestamp(response, manifest_, folder_ / "m").error().code, ErrorCode::option_invalid);
  EXPECT_EQ(check_timestamp(response, manifest_, folder_ / "none").error().code, ErrorCode::file_missing);
}

TEST_F(TimeStampTest, WithoutTheSignersCertificateIsNotTakenForOneThatWasChecked) {
  const auto response = stamp("-sha256");
  const auto alone = check_timestamp(response, manifest_, std::nullopt);
  ASSERT_TRUE(alone) << describe(alone.error());
  EXPECT_EQ(alone->signature, TimeStamp::Signature::not_checked);
  EXPECT_FALSE(check_timestamp(response, manifest_, folder_ / "root.pem")) << "nobody knows by whom";
  ASSERT_TRUE(runs("sh -c 'cat root.pem tsa.pem > both.pem'"));
  const auto by = check_timestamp(response, manifest_, folder_ / "both.pem");
  ASSERT_TRUE(by) << describe(by.error());
  EXPECT_EQ(by->signature, TimeStamp::Signature::by_the_authority);
}

TEST_F(TimeStampTest, OverAShortHashIsRefused) {
  EXPECT_FALSE(check_timestamp(stamp("-sha1 -cert"), manifest_, std::nullopt));
}

TEST_F(TimeStampTest, EveryByteChangedOrCutIsRefusedOrLeavesWhatItSays) {
  const auto response = stamp();
  const auto whole = check_timestamp(response, manifest_, folder_ / "root.pem");
  ASSERT_TRUE(whole);
  for (std::size_t i = 0; i < response.size(); i += 7) {
    EXPECT_FALSE(check_timestamp(response.substr(0, i), manifest_, std::nullopt)) << i;
    std::string changed = response;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    // Certificates beside the signer's, and attributes that nobody signs, may change: never the time.
    if (const auto read = check_timestamp(changed, manifest_, folder_ / "root.pem")) {
      EXPECT_EQ(read->at + read->serial, whole->at + whole->serial) << i;
    }
  }
  EXPECT_FALSE(check_timestamp(response + "x", manifest_, std::nullopt));
  EXPECT_FALSE(check_timestamp("", manifest_, std::nullopt));
}

}  // namespace
}  // namespace cotejo
