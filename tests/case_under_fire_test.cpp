// The case when things go wrong: processes killed at any moment, a full disk, a folder that cannot be written to, two
// processes at once, a file that changes while it is read.
//
// "Killed" runs each command many times and ends it by SIGKILL after a delay drawn over its own duration: the case is then
// as it was before the command or as after it, and passes its own check. The number of kills: COTEJO_KILLS, 40 by default;
// the label validation asks for 1,000.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/intake/file_identity.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

constexpr const char* profile = R"(schema = "cotejo.profile/1"
[file]
path = "x.csv"
bad_rows = "set-aside"
[count]
id = "xx/ID"
contest = "xx/c"
[unit]
key = "unit"
[[place]]
level = "town"
name = "town"
[columns]
registered = "registered"
[[option]]
id = "A"
column = "a"
[[option]]
id = "B"
column = "b"
[rule]
use = "majority-runoff"
)";

std::string with_id(const std::string& id) {
  std::string out = profile;
  out.replace(out.find("ID"), 2, id);
  return out;
}

std::string file_of(int units, int shift) {
  std::string csv = "unit,town,registered,a,b\n";
  for (int i = 0; i < units; ++i)
    csv +=
        fmt::format("{},T{},{},{},{}\n", 100000 + i, i / 50, 400 + i % 7, (i * 7 + shift) % 150, (i * 3 + shift) % 140);
  return csv + "bad,T,-1,1,1\n";
}

// Everything in a case but times and run times, as text.
std::string content_of(const fs::path& path) {
  if (!fs::exists(path)) return "no case";
  SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
  std::string out;
  SQLite::Statement tables(
      db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
  std::size_t found = 0;
  while (tables.executeStep()) {
    ++found;
    const std::string table = tables.getColumn(0).getString();
    const std::string columns = table == "command"   ? "id, text"
                                : table == "finding" ? "name, method, answer, headline"
                                : table == "link"    ? "command, schema"  // heads are over times too
                                                     : "*";
    out += "== " + table + "\n";
    SQLite::Statement rows(db, "SELECT " + columns + " FROM \"" + table + "\"");
    while (rows.executeStep()) {
      for (int i = 0; i < rows.getColumnCount(); ++i) out += rows.getColumn(i).getString() + "\x1f";
      out += "\n";
    }
  }
  return found == 0 ? "no case" : sha256_of(out) + fmt::format(" ({} bytes)", out.size());
}

pid_t start(const std::vector<std::string>& arguments, const fs::path& folder,
            const std::function<void()>& in_child = {}) {
  std::vector<std::string> words{COTEJO_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  if (chdir(folder.c_str()) != 0) _exit(126);
  const int out = open((folder / "said").c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0666);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (in_child) in_child();
  execv(raw[0], raw.data());
  _exit(127);
}

int code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class UnderFire : public testing::Test {
 protected:
  UnderFire() {
    write_text(at("first.toml"), with_id("first"));
    write_text(at("second.toml"), with_id("second"));
    write_text(at("first.csv"), file_of(8'000, 0));
    write_text(at("second.csv"), file_of(8'000, 11));
    write_text(at("changed.csv"), file_of(8'000, 5));
    write_text(at("units.csv"), "unit\n100001\n100002\n100777\n");
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  int run(const std::vector<std::string>& arguments) const { return code_of(start(arguments, folder_.path())); }
  std::string said() const { return read_text(at("said")); }
  static std::vector<std::string> import(const std::string& id, const std::string& file) {
    return {"import", "x.cotejo", id + ".toml", "--input", file};
  }
  void copy_case(const std::string& from, const std::string& to) const {
    for (const char* ending : {"", "-wal", "-shm", "-journal", ".holder"}) fs::remove(at(to + ending));
    if (fs::exists(at(from))) fs::copy_file(at(from), at(to));
  }
  // What lies in the folder and has to do with x.cotejo, but for itself.
  std::string beside_the_case() const {
    std::string out;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (const auto name = entry.path().filename().string(); name != "x.cotejo" && name.find("x.cotejo") != name.npos)
        out += name + " ";
    return out;
  }
  TemporaryFolder folder_;
};

int kills_asked_for(int unasked) {
  const char* asked = std::getenv("COTEJO_KILLS");
  return asked != nullptr ? std::atoi(asked) : unasked;
}

TEST_F(UnderFire, OfTwoFirstImportsAtOnceNeitherIsLost) {
  const int races = kills_asked_for(50) / 5;
  int both = 0;
  for (int i = 0; i < races; ++i) {
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (entry.path().filename().string().find("x.cotejo") != std::string::npos) fs::remove(entry.path());
    const pid_t one = start(import("first", "first.csv"), folder_.path());
    const pid_t other = start(import("second", "second.csv"), folder_.path());
    const int codes[] = {code_of(one), code_of(other)};
    std::set<std::string> there;
    const auto file = CaseFile::open(at("x.cotejo"), CaseFile::Mode::read);
    ASSERT_TRUE(file) << describe(file.error());
    const auto counts = file->counts();
    for (const auto& count : *counts) there.insert(count.id.text);
    EXPECT_EQ(codes[0] == 0, there.contains("xx/first")) << "race " << i;
    EXPECT_EQ(codes[1] == 0, there.contains("xx/second")) << "race " << i;
    EXPECT_TRUE(file->check()->problems.empty());
    both += there.size() == 2 ? 1 : 0;
    EXPECT_EQ(beside_the_case(), "");
  }
  fmt::print("{} of {} races: both imports are in the case\n", both, races);
  EXPECT_EQ(both, races);
}

TEST_F(UnderFire, AKilledFirstImportLeavesNoCaseOrAWholeOneAndWhatItLeftIsCleaned) {
  const auto begin = Clock::now();
  ASSERT_EQ(run(import("first", "first.csv")), 0) << said();
  const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
  const int kills = kills_asked_for(40) / 2;
  int cases = 0, left = 0;
  for (int i = 0; i < kills; ++i) {
    fs::remove(at("x.cotejo"));
    auto stream = Stream(20191020, Purpose::randomisation_test, static_cast<std::uint64_t>(i), 7);
    const pid_t child = start(import("first", "first.csv"), folder_.path());
    // Most of the kills in the second half, where the case is written.
    const double share = 0.3 + 0.75 * static_cast<double>(stream() >> 11U) * 0x1.0p-53;
    std::this_thread::sleep_for(std::chrono::duration<double>(share * took));
    kill(child, SIGKILL);
    code_of(child);
    left += beside_the_case().empty() ? 0 : 1;
    if (fs::exists(at("x.cotejo"))) {
      ++cases;
      EXPECT_EQ(run({"check-case", "x.cotejo"}), 0) << said();
    }
    EXPECT_EQ(run(import("first", "first.csv")), 0) << said();
    EXPECT_EQ(beside_the_case(), "") << "the next import removes what a killed one left";
  }
  fmt::print("{} kills of a first import: {} whole cases, {} left a file that the next removed\n", kills, cases, left);
}

TEST_F(UnderFire, ReadingMakesNoFileAndChangesNone) {
  ASSERT_EQ(run(import("first", "first.csv")), 0) << said();
  const auto before = sha256_of_file(at("x.cotejo"));
  for (const auto& command : std::vector<std::vector<std::string>>{{"list", "x.cotejo"},
                                                                   {"check-case", "x.cotejo"},
                                                                   {"count", "x.cotejo"},
                                                                   {"activity", "x.cotejo"},
                                                                   {"history", "x.cotejo", "100001"}}) {
    EXPECT_EQ(run(command), 0) << said();
    EXPECT_EQ(beside_the_case(), "") << command[0];
    EXPECT_EQ(*sha256_of_file(at("x.cotejo")), *before) << command[0];
  }
}

TEST_F(UnderFire, ThePythonOfThePageComputesTheHeadThatTheCheckPrints) {
  if (std::system("python3 -c 'import sqlite3'") != 0) GTEST_SKIP() << "there is no Python with sqlite3";
  ASSERT_EQ(run(import("first", "first.csv")), 0) << said();
  ASSERT_EQ(run({"correct", "x.cotejo", "xx/first", "--unit", "100001", "--set", "A=8", "--by", "W", "--reason", "R",
                 "--source", "S"}),
            0);
  ASSERT_EQ(run({"note", "x.cotejo", "xx/first", "--unit", "100001", "--by", "W", "--sign-off"}), 0);
  ASSERT_EQ(run({"challenge", "x.cotejo", "add", "--id", "c", "--count", "xx/first", "--units", "units.csv", "--by",
                 "W", "--reason", "R", "--source", "S"}),
            0);
  const std::string page = read_text(root() / "docs/formats/case.md");
  const auto begin = page.find("```python\n") + 10;
  write_text(at("chain.py"), page.substr(begin, page.find("```", begin) - begin));
  const std::string command = fmt::format("cd '{}' && python3 chain.py x.cotejo > head && ", folder_.path().string()) +
                              "sqlite3 x.cotejo 'UPDATE rule SET json = 1' && ! python3 chain.py x.cotejo 2> broken";
  ASSERT_EQ(run({"check-case", "x.cotejo"}), 0);
  const auto checked = said();
  const bool has_shell = std::system("sqlite3 --version > /dev/null") == 0;
  EXPECT_EQ(std::system(has_shell ? command.c_str() : command.substr(0, command.find(" && sqlite3")).c_str()), 0);
  EXPECT_THAT(checked, HasSubstr(read_text(at("head")).substr(0, 64)));
  if (has_shell) {
    EXPECT_THAT(read_text(at("broken")), HasSubstr("the chain breaks at command 1"));
  }
}

TEST_F(UnderFire, KilledAtAnyMomentTheCaseIsAsBeforeOrAsAfter) {
  const std::vector<std::vector<std::string>> commands = {
      import("first", "first.csv"),
      import("second", "second.csv"),
      {"challenge", "x.cotejo", "add", "--id", "c", "--count", "xx/first", "--units", "units.csv", "--by", "W",
       "--reason", "R", "--source", "S"},
      {"run", "x.cotejo", "strike", "--count", "xx/first", "--challenge", "c", "--save"},
      {"correct", "x.cotejo", "xx/first", "--unit", "100001", "--set", "A=8", "--by", "W", "--reason", "R", "--source",
       "S"},
      {"import", "x.cotejo", "first.toml", "--input", "changed.csv", "--replace", "a corrected file"},
  };
  const int kills = kills_asked_for(40);
  int killed = 0, before_seen = 0, after_seen = 0;
  // The case before each command, after it, and how long it takes.
  for (std::size_t step = 0; step < commands.size(); ++step) {
    const std::string before_name = fmt::format("before-{}", step), after_name = fmt::format("before-{}", step + 1);
    const std::string before = content_of(at(before_name));
    copy_case(before_name, "x.cotejo");
    const auto begin = Clock::now();
    ASSERT_EQ(run(commands[step]), 0) << said();
    const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
    const std::string after = content_of(at("x.cotejo"));
    ASSERT_NE(before, after);
    copy_case("x.cotejo", after_name);

    for (int i = 0; i < (kills + static_cast<int>(commands.size()) - 1) / static_cast<int>(commands.size()); ++i) {
      copy_case(before_name, "x.cotejo");
      auto stream = Stream(20191020, Purpose::randomisation_test, static_cast<std::uint64_t>(i), step);
      const double share = static_cast<double>(stream() >> 11U) * 0x1.0p-53;
      const pid_t child = start(commands[step], folder_.path());
      std::this_thread::sleep_for(std::chrono::duration<double>(share * took * 1.05));
      kill(child, SIGKILL);
      const int code = code_of(child);
      killed += code == 128 + SIGKILL ? 1 : 0;
      const std::string now = content_of(at("x.cotejo"));
      ASSERT_TRUE(now == before || now == after)
          << "command " << step << ", kill " << i << " after " << share * took << " s: " << now;
      (now == before ? before_seen : after_seen) += 1;
      if (now != "no case") {
        ASSERT_EQ(run({"check-case", "x.cotejo"}), 0) << said();
      }
      // What a killed command leaves behind does not stand in the way of the next.
      ASSERT_EQ(run(commands[step]), 0) << said();
      if (commands[step][0] != "run") {  // `run --save` keeps every finding
        ASSERT_EQ(content_of(at("x.cotejo")), after);
      }
      ASSERT_EQ(beside_the_case(), "") << "a case is one file";
    }
  }
  fmt::print("{} of {} commands were killed before their end; {} cases as before, {} as after\n", killed,
             before_seen + after_seen, before_seen, after_seen);
  EXPECT_GT(killed, kills / 2) << "the delays must fall within the commands";
  EXPECT_GT(before_seen, 0);
}

TEST_F(UnderFire, AKilledAuditLeavesTheFolderAsItWasOrWhole) {
  const fs::path plan = root() / "plans/demo.toml";
  const auto begin = Clock::now();
  ASSERT_EQ(run({"audit", plan.string(), "--out", "out"}), 0) << said();
  const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
  const char* asked = std::getenv("COTEJO_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) / 10 : 6;
  for (int i = 0; i < kills; ++i) {
    if (i % 2 == 0) fs::remove_all(at("out"));  // a first audit, and one that replaces another
    const bool was_there = fs::exists(at("out"));
    auto stream = Stream(20191020, Purpose::randomisation_test, static_cast<std::uint64_t>(i), 99);
    const pid_t child = start({"audit", plan.string(), "--out", "out"}, folder_.path());
    std::this_thread::sleep_for(
        std::chrono::duration<double>(static_cast<double>(stream() >> 11U) * 0x1.0p-53 * took * 1.05));
    kill(child, SIGKILL);
    code_of(child);
    if (fs::exists(at("out"))) {
      EXPECT_EQ(run({"verify", "out"}), 0) << said();
    } else {
      EXPECT_FALSE(was_there) << "an audit that was there is never lost";
    }
  }
  EXPECT_EQ(run({"audit", plan.string(), "--out", "out"}), 0) << said();
  EXPECT_EQ(run({"verify", "out"}), 0) << said();
}

TEST_F(UnderFire, ASecondProcessWaitsAndIsToldWhoHoldsTheCase) {
  ASSERT_EQ(run(import("first", "first.csv")), 0) << said();
  {
    auto held = CaseFile::open(at("x.cotejo"), CaseFile::Mode::write);
    ASSERT_TRUE(held);
    const auto result = held->transact("holding for the test", [&]() -> Result<void> {
      EXPECT_EQ(run({"list", "x.cotejo"}), 0) << "readers go on: " << said();
      EXPECT_EQ(run(import("second", "second.csv")), 3);
      EXPECT_THAT(said(), HasSubstr(fmt::format("waiting: the case is held by process {} on ", getpid())));
      EXPECT_THAT(said(), HasSubstr("holding for the test"));
      EXPECT_THAT(said(), HasSubstr("Wait until it is done"));
      return Error{.code = ErrorCode::cancelled, .message = "done"};
    });
    EXPECT_FALSE(result);
  }
  ASSERT_EQ(run(import("second", "second.csv")), 0) << said();
  EXPECT_FALSE(fs::exists(at("x.cotejo-wal"))) << "closed, a case is one file";
  EXPECT_FALSE(fs::exists(at("x.cotejo.holder")));
}

TEST_F(UnderFire, AHolderThatWasKilledIsNotBlamed) {
  ASSERT_EQ(run(import("first", "first.csv")), 0);
  write_text(at("x.cotejo.holder"), "process 1 on elsewhere (a lie)");
  ASSERT_EQ(run(import("second", "second.csv")), 0) << said();
  EXPECT_FALSE(fs::exists(at("x.cotejo.holder")));
}

// The file may not grow: what a full disk does.
TEST_F(UnderFire, AFullDiskLeavesTheCaseAsItWas) {
  ASSERT_EQ(run(import("first", "first.csv")), 0);
  const auto before = content_of(at("x.cotejo"));
  const auto at_most = [](rlim_t bytes) {
    return [bytes] {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{bytes, bytes};
      setrlimit(RLIMIT_FSIZE, &limit);
    };
  };
  for (const rlim_t bytes : {rlim_t{4'096}, rlim_t{100'000}, rlim_t{200'000}}) {
    EXPECT_EQ(code_of(start(import("second", "second.csv"), folder_.path(), at_most(bytes))), 3) << bytes;
    EXPECT_THAT(said(), HasSubstr("free space")) << bytes;
    EXPECT_EQ(content_of(at("x.cotejo")), before) << bytes;
    EXPECT_EQ(run({"check-case", "x.cotejo"}), 0) << said();
  }
  EXPECT_EQ(
      code_of(start({"import", "new.cotejo", "second.toml", "--input", "second.csv"}, folder_.path(), at_most(8'192))),
      3);
  EXPECT_FALSE(fs::exists(at("new.cotejo"))) << "nothing half-made stays";
}

// As a user who may read and not write (root may always write: then as the user `nobody`).
TEST_F(UnderFire, AFolderThatCannotBeWrittenToCanBeRead) {
  ASSERT_EQ(run(import("first", "first.csv")), 0);
  const auto before = content_of(at("x.cotejo"));
  fs::create_directories(at("sealed"));
  fs::copy_file(at("x.cotejo"), at("sealed/x.cotejo"));
  chmod(at("sealed/x.cotejo").c_str(), 0444);
  chmod(at("sealed").c_str(), 0555);
  chmod(folder_.path().c_str(), 0777);
  write_text(at("said"), "");
  chmod(at("said").c_str(), 0666);
  const auto as_nobody = [] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(125);
    if (access(COTEJO_PROGRAM, X_OK) != 0) _exit(124);
  };
  const int listed = code_of(start({"list", "sealed/x.cotejo"}, folder_.path(), as_nobody));
  if (listed == 124 || listed == 127) RecordProperty("may_be_skipped", "depends on where the checkout lies");
  if (listed == 124) GTEST_SKIP() << "the program lies where the user nobody may not go";
  if (listed == 127) GTEST_SKIP() << "the program's libraries lie where the user nobody may not go: " << said();
  EXPECT_EQ(listed, 0) << said();
  EXPECT_EQ(code_of(start({"check-case", "sealed/x.cotejo"}, folder_.path(), as_nobody)), 0) << said();
  EXPECT_EQ(
      code_of(start({"import", "sealed/x.cotejo", "second.toml", "--input", "second.csv"}, folder_.path(), as_nobody)),
      3)
      << said();
  EXPECT_THAT(said(), HasSubstr("permissions"));
  EXPECT_EQ(content_of(at("x.cotejo")), before);
  chmod(at("sealed").c_str(), 0755);
}

TEST_F(UnderFire, AFileThatChangesWhileItIsReadIsRefused) {
  const FileIdentity same(at("first.csv"));
  EXPECT_TRUE(same.still_so());
  for (const std::function<void(const fs::path&)>& change : std::vector<std::function<void(const fs::path&)>>{
           [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); },
           [](const fs::path& file) { std::ofstream(file, std::ios::app) << "1,2\n"; },
           [](const fs::path& file) {
             fs::copy_file(file, file.string() + ".new");
             fs::rename(file.string() + ".new", file);
           },
           [](const fs::path& file) { fs::remove(file); }}) {
    write_text(at("changing.csv"), file_of(100, 0));
    const FileIdentity before(at("changing.csv"));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    change(at("changing.csv"));
    const auto result = before.still_so();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::file_damaged);
  }
}

}  // namespace
}  // namespace cotejo::test
