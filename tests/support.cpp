#include "support.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

namespace cotejo::test {

namespace fs = std::filesystem;

fs::path root() {
  return COTEJO_ROOT;
}
fs::path data() {
  return root() / "../shared/data";
}

bool data_is_here() {
  if (fs::is_directory(data())) return true;
  EXPECT_EQ(std::getenv("COTEJO_REQUIRE_DATA"), nullptr) << "the published files must be in " << data();
  return false;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "cotejo-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) std::abort();
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(path_, ignored))
    if (fs::is_directory(entry.symlink_status())) fs::permissions(entry.path(), fs::perms::owner_all, ignored);
  fs::permissions(path_, fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

std::string program_path() {
  return COTEJO_PROGRAM;
}

Ran run_program(const std::vector<std::string>& arguments, const fs::path& folder,
                const std::vector<std::string>& environment) {
  const TemporaryFolder output;
  const std::string out = output.path() / "out", err = output.path() / "err";
  std::vector<std::string> words{program_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const auto redirect = [](const std::string& path, int to) {
      dup2(open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), to);
    };
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(126);
    for (const char* name : {"COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"}) unsetenv(name);
    setenv("XDG_CONFIG_HOME", output.path().c_str(), 1);
    for (const auto& assignment : environment) putenv(const_cast<char*>(assignment.c_str()));
    execv(raw[0], raw.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(out), read_text(err)};
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

void write_text(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

double estimate(const nlohmann::json& finding, const std::string& name) {
  if (!finding.at("estimates").contains(name) || !finding["estimates"][name]["value"].is_number()) {
    ADD_FAILURE() << "finding " << finding.value("id", "?") << " has no estimate " << name;
    return std::nan("");
  }
  return finding["estimates"][name]["value"];
}

nlohmann::json cell(const nlohmann::json& finding, const std::string& table, const std::string& row,
                    const std::string& column) {
  for (const auto& t : finding.at("tables")) {
    if (t.at("id") != table) continue;
    for (std::size_t c = 0; c < t["columns"].size(); ++c) {
      if (t["columns"][c]["name"] != column) continue;
      for (const auto& cells : t["rows"])
        if (cells[0] == row) return cells[c];
    }
  }
  ADD_FAILURE() << "no cell " << table << " / " << row << " / " << column;
  return nullptr;
}

bool updating_golden() {
  return std::getenv("COTEJO_UPDATE_GOLDEN") != nullptr;
}

}  // namespace cotejo::test
