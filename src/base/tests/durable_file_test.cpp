#include "cotejo/base/durable_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class DurableFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "cotejo-durable-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::ptrdiff_t entries() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }
  fs::path folder_;
};

TEST_F(DurableFileTest, ANewFileDoesNotReplaceOne) {
  ASSERT_TRUE(write_new_file(folder_ / "a", "one"));
  const auto second = write_new_file(folder_ / "a", "two");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_EQ(read(folder_ / "a"), "one");
}

TEST_F(DurableFileTest, ReplacingLeavesNothingBesideTheFile) {
  ASSERT_TRUE(replace_file(folder_ / "a", "one", 0600));
  ASSERT_TRUE(replace_file(folder_ / "a", std::string("two\0three", 9)));
  EXPECT_EQ(read(folder_ / "a"), std::string("two\0three", 9));
  EXPECT_EQ(entries(), 1);
}

TEST_F(DurableFileTest, AFileThatCannotBeWrittenWholeIsAnError) {
  const auto missing = write_new_file(folder_ / "no/a", "one");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::file_write);
  EXPECT_FALSE(write_new_file("/dev/full", "one"));
}

TEST_F(DurableFileTest, PublishingDoesNotReplace) {
  for (const bool folder : {false, true}) {
    const auto from = folder_ / (folder ? "f1" : "a1"), to = folder_ / (folder ? "f2" : "a2");
    for (const auto& path : {from, to}) {
      if (folder) {
        fs::create_directory(path);
        ASSERT_TRUE(write_new_file(path / "x", path.filename().string()));
      } else {
        ASSERT_TRUE(write_new_file(path, path.filename().string()));
      }
    }
    const auto taken = publish(from, to);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::conflict);
    EXPECT_TRUE(fs::exists(from));
    fs::remove_all(to);
    ASSERT_TRUE(publish(from, to));
    EXPECT_FALSE(fs::exists(from));
  }
}

TEST_F(DurableFileTest, OfManyWhoPublishUnderOneNameOneSucceeds) {
  constexpr int racers = 16;
  std::array<bool, racers> won{};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < racers; ++i) {
      const auto own = folder_ / std::to_string(i);
      ASSERT_TRUE(write_new_file(own, std::to_string(i)));
      threads.emplace_back(
          [&, own, i] { won[static_cast<std::size_t>(i)] = static_cast<bool>(publish(own, folder_ / "name")); });
    }
  }
  EXPECT_EQ(std::count(won.begin(), won.end(), true), 1);
  const auto winner = std::find(won.begin(), won.end(), true) - won.begin();
  EXPECT_EQ(read(folder_ / "name"), std::to_string(winner));
}

TEST_F(DurableFileTest, ExchangingLeavesBoth) {
  fs::create_directory(folder_ / "a");
  fs::create_directory(folder_ / "b");
  ASSERT_TRUE(write_new_file(folder_ / "a/x", "old"));
  ASSERT_TRUE(write_new_file(folder_ / "b/x", "new"));
  ASSERT_TRUE(exchange(folder_ / "b", folder_ / "a"));
  EXPECT_EQ(read(folder_ / "a/x"), "new");
  EXPECT_EQ(read(folder_ / "b/x"), "old");
}

}  // namespace
}  // namespace cotejo
