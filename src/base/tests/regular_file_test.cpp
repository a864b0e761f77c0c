#include "cotejo/base/regular_file.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include "cotejo/base/hash.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class RegularFileTest : public ::testing::Test {
 protected:
  RegularFileTest() {
    std::string name = (fs::temp_directory_path() / "cotejo-regular-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~RegularFileTest() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  fs::path folder_;
};

TEST_F(RegularFileTest, AWholeFileIsReadUpToItsBound) {
  const auto path = file("ten", "0123456789");
  const auto whole = read_regular(path, 10);
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, "0123456789");
  const auto cut = read_regular(path, 9);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::file_damaged);
  EXPECT_EQ(*read_regular(file("none", ""), 0), "");
}

TEST_F(RegularFileTest, PipesDevicesSocketsAndFoldersAreRefusedBeforeAnyRead) {
  const auto pipe = folder_ / "pipe", socket_path = folder_ / "socket";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  fs::create_symlink("/dev/zero", folder_ / "link");
  const auto begin = std::chrono::steady_clock::now();
  for (const fs::path& path : {pipe, socket_path, folder_, fs::path("/dev/zero"), fs::path("/dev/tty"),
                               folder_ / "link", folder_ / "absent"}) {
    const auto read = read_regular(path, 1u << 20);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, ErrorCode::file_missing) << path;
    EXPECT_FALSE(read.error().remedy.empty()) << path;
    EXPECT_FALSE(sha256_of_file(path)) << path;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << "something waited for bytes";
  ::close(socket);
}

TEST_F(RegularFileTest, ANameStaysInItsFolder) {
  file("data/inner/a.csv", "a");
  file("secret.csv", "s");
  fs::create_symlink("../../secret.csv", folder_ / "data/inner/link.csv");
  fs::create_directory_symlink("..", folder_ / "data/up");
  fs::create_symlink("inner/a.csv", folder_ / "data/fine.csv");
  fs::create_directory_symlink(folder_ / "data", folder_ / "alias");
  const auto data = folder_ / "data";
  for (const char* name : {"inner/a.csv", "inner/../inner/a.csv", "fine.csv", "not-there.csv", "./inner/a.csv"}) {
    EXPECT_TRUE(path_inside(data, name)) << name;
    EXPECT_TRUE(path_inside(folder_ / "alias", name)) << name;
    EXPECT_TRUE(path_inside(data / "", name)) << name;
  }
  for (const char* name : {"", "/etc/passwd", "../secret.csv", "inner/../../secret.csv", "inner/link.csv",
                           "up/secret.csv", "up/data/inner/link.csv"}) {
    const auto path = path_inside(data, name);
    ASSERT_FALSE(path) << name;
    EXPECT_EQ(path.error().code, ErrorCode::value_invalid) << name;
  }
  EXPECT_FALSE(path_inside(data, std::string_view("inner/a.csv\0b", 13)));
}

}  // namespace
}  // namespace cotejo
