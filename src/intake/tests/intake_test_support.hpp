// A folder of its own for each test, files in it, small profiles, and what an error must say.
#pragma once

#include <cpl_error.h>
#include <cpl_vsi.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/intake/reader.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo::test {

class Folder {
 public:
  Folder() {
    static std::atomic<int> last = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("cotejo-intake-" + std::to_string(::getpid()) + "-" + std::to_string(++last));
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }
  // A zip with these files, packed with deflate.
  std::filesystem::path write_zip(const std::string& name,
                                  const std::vector<std::pair<std::string, std::string>>& files) const {
    const auto zip = path_ / name;
    const std::string root = "/vsizip/" + zip.string();
    VSILFILE* whole = VSIFOpenL(root.c_str(), "wb");
    for (const auto& [member, bytes] : files) {
      VSILFILE* out = VSIFOpenL((root + "/" + member).c_str(), "wb");
      VSIFWriteL(bytes.data(), 1, bytes.size(), out);
      VSIFCloseL(out);
    }
    VSIFCloseL(whole);
    return zip;
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

// A count of two options, units in the column `unit`; `more` is TOML after [unit], `file_keys` after [file] path.
inline std::string profile_text(std::string_view file_keys = "", std::string_view more = "") {
  return "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\n" + std::string(file_keys) +
         "\n[count]\nid = \"xx/final\"\ncontest = \"xx/president\"\n[unit]\nkey = \"unit\"\n" + std::string(more) +
         "\n[[option]]\nid = \"A\"\ncolumn = \"a\"\n[[option]]\nid = \"B\"\ncolumn = \"b\"\n";
}

inline Profile profile(std::string_view file_keys = "", std::string_view more = "") {
  auto parsed = parse_profile(profile_text(file_keys, more), "test.toml");
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return parsed ? *parsed : Profile{};
}

inline constexpr const char* set_aside = "bad_rows = \"set-aside\"";

inline Result<Count> read(const Profile& profile, const std::filesystem::path& file) {
  return read_count(profile, file, {});
}

// The count, or a failed test and an empty count.
inline Count read_whole(const Profile& profile, const std::filesystem::path& file) {
  auto count = read(profile, file);
  EXPECT_TRUE(count) << describe(count.error());
  return count ? *count : Count{};
}

template <class T>
Error error_of(Result<T> result) {
  EXPECT_FALSE(result) << "expected an error";
  return result ? Error{.code = ErrorCode::internal, .message = "no error"} : std::move(result).error();
}

// What every error about a cell must carry.
struct At {
  ErrorCode code;
  std::int64_t row;
  std::string column;
  std::string value;
  std::string message;  // a part of it
};
inline void expect_error(const Error& error, const At& at) {
  EXPECT_EQ(name_of(error.code), name_of(at.code)) << describe(error);
  EXPECT_EQ(error.row, at.row) << describe(error);
  EXPECT_EQ(error.column, at.column) << describe(error);
  EXPECT_EQ(error.value, at.value) << describe(error);
  EXPECT_THAT(error.message, testing::HasSubstr(at.message));
  EXPECT_FALSE(error.remedy.empty()) << describe(error);
}

inline std::vector<std::string> keys_of(const Count& count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count.units(); ++i) out.emplace_back(count.unit_keys[i]);
  return out;
}

// Of an option's id, a standard number or a field, in the whole count: units, and corrections of no unit.
inline std::int64_t whole_sum(const Count& count, std::string_view name) {
  std::int64_t sum = 0;
  for (const auto value : count.column(name)) sum += value == missing ? 0 : value;
  const auto option = count.contest.index_of(OptionId{std::string(name)});
  for (const auto& row : count.rejected)
    for (std::size_t i = 0; i < count.options() && corrects_the_whole(row); ++i)
      if (name == "cast" || name == "valid" || option == static_cast<int>(i)) sum += row.votes[i].least;
  return sum;
}

}  // namespace cotejo::test
