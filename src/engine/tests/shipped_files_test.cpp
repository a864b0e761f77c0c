#include "cotejo/engine/shipped_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ShippedFiles : public testing::Test {
 protected:
  ShippedFiles() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-shipped-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    for (const char* sub : {"plans", "profiles", "data/bodies"}) fs::create_directories(folder_ / sub);
    for (const char* name :
         {"plans/demo.toml", "plans/bolivia-2019.toml", "profiles/uganda-2016.toml", "data/bodies/oas.toml"})
      std::ofstream(folder_ / name) << "x = 1\n";
  }
  ~ShippedFiles() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path folder_;
};

TEST_F(ShippedFiles, AreFoundByNameWithOrWithoutTheEnding) {
  EXPECT_EQ(*find_shipped(Shipped::plan, "demo", folder_), folder_ / "plans/demo.toml");
  EXPECT_EQ(*find_shipped(Shipped::plan, "demo.toml", folder_), folder_ / "plans/demo.toml");
  EXPECT_EQ(*find_shipped(Shipped::profile, "oas", folder_), folder_ / "data/bodies/oas.toml");
  EXPECT_THAT(shipped_names(Shipped::plan, folder_), ElementsAre("bolivia-2019", "demo"));
}

TEST_F(ShippedFiles, AFileOfTheUserGoesFirst) {
  const auto own = folder_ / "own.toml";
  std::ofstream(own) << "x = 1\n";
  EXPECT_EQ(*find_shipped(Shipped::plan, own.string(), folder_), own);
  EXPECT_EQ(*find_shipped(Shipped::plan, "plans/not-there.toml", folder_), "plans/not-there.toml")
      << "a path is the user's: its reader refuses it";
}

TEST_F(ShippedFiles, AFolderOfTheNameIsNoPlan) {
  const auto before = fs::current_path();
  fs::create_directory(folder_ / "demo");
  fs::current_path(folder_);
  const auto found = find_shipped(Shipped::plan, "demo", folder_);
  fs::current_path(before);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, folder_ / "plans/demo.toml");
}

TEST_F(ShippedFiles, AMistypedNameIsRefusedWithTheNearest) {
  const auto found = find_shipped(Shipped::plan, "bolivia-209", folder_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::file_missing);
  EXPECT_EQ(found.error().remedy, "Did you mean 'bolivia-2019'?");
}

}  // namespace
}  // namespace cotejo
