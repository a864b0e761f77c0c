// What the tests of the whole share: where things are, running the program, a folder that goes away.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cotejo::test {

std::filesystem::path root();  // of the repository
std::filesystem::path data();  // the published files; may be absent
bool data_is_here();           // absent although COTEJO_REQUIRE_DATA is set: a test failure

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string program_path();

struct Ran {
  int code = -1;
  std::string out, err;
};
// The program, with these arguments, in this folder. Nothing of the user's reaches it: no configuration file, no variable that
// sets the width or colour of the output; `environment` ("NAME=VALUE") is added.
Ran run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                const std::vector<std::string>& environment = {});

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

// The value of an estimate in a finding's JSON; NaN (and a test failure) when it is not there.
double estimate(const nlohmann::json& finding, const std::string& name);
// The cell of a table: the row whose first cell is `row`, the named column.
nlohmann::json cell(const nlohmann::json& finding, const std::string& table, const std::string& row,
                    const std::string& column);

// `for_outcome` of a finding's JSON is one of the four words (templates: nlohmann's ordered objects too).
template <class Json>
bool says_what_it_means_for_the_outcome(const Json& finding) {
  const auto& word = finding.at("for_outcome");
  return word == "holds" || word == "changes" || word == "depends" || word == "unknown";
}

// Golden files are rewritten, not compared, when COTEJO_UPDATE_GOLDEN is set.
bool updating_golden();

}  // namespace cotejo::test

#define COTEJO_NEEDS_DATA()                                                          \
  if (!cotejo::test::data_is_here())                                                 \
  GTEST_SKIP() << "the published files are not in " << cotejo::test::data().string() \
               << "; README.md says where they were published"
