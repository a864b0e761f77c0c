// The same answer on one process and on several; a lost one ends all, with nothing half-written.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support.hpp"

namespace cotejo::test {
namespace {

using nlohmann::json;

// `mpirun ARGUMENTS cotejo REST` in the folder; its exit code, and what it printed in files.
int run_ranks(const std::string& mpirun, const std::string& rest, const std::filesystem::path& folder) {
  const auto command = fmt::format(
      "cd {} && OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe {} "
      "{} {} > out.json 2> err.txt",
      folder.string(), mpirun, COTEJO_PROGRAM, rest);
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Ranks : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_program({"simulate", "--out", "election", "--option", "units=1500"}, folder_.path()).code, 0);
    const Ran import = run_program(
        {"import", "c.cotejo", (root() / "profiles/demo-official.toml").string(), "--input", "election/official.csv"},
        folder_.path());
    ASSERT_EQ(import.code, 0) << import.err;
  }
  json answer() const {
    json out = json::parse(read_text(folder_.path() / "out.json"));
    out.erase("runtime");
    return out;
  }
  TemporaryFolder folder_;
};

constexpr const char* battery =
    "run c.cotejo battery --threads 1 --seed 5 --option replicates=99 --option elections=100 --json";

TEST_F(Ranks, OneTwoAndThreeGiveTheSameBits) {
  const Ran alone = run_program({"run", "c.cotejo", "battery", "--threads", "1", "--seed", "5", "--option",
                                 "replicates=99", "--option", "elections=100", "--json"},
                                folder_.path());
  ASSERT_EQ(alone.code, 0) << alone.err;
  json expected = json::parse(alone.out);
  expected.erase("runtime");
  for (const char* ranks : {"-n 2", "-n 3"}) {
    ASSERT_EQ(run_ranks(ranks, battery, folder_.path()), 0) << read_text(folder_.path() / "err.txt");
    EXPECT_EQ(answer(), expected) << ranks;
  }
}

// Two hosts by name, which are one machine: what travels between them is the same as between two machines.
TEST_F(Ranks, TwoHostsGiveTheSameAnswer) {
  ASSERT_EQ(run_ranks("-n 1", battery, folder_.path()), 0) << read_text(folder_.path() / "err.txt");
  const json one = answer();
  ASSERT_EQ(
      run_ranks("--host localhost:1,127.0.0.1:1 -n 2 --mca pml ob1 --mca btl self,tcp --mca btl_tcp_if_include lo",
                battery, folder_.path()),
      0)
      << read_text(folder_.path() / "err.txt");
  EXPECT_EQ(answer(), one);
}

TEST_F(Ranks, ALostRankEndsAllWithAnErrorAndNothingHalfWritten) {
  // The second rank is killed while it computes.
  write_text(
      folder_.path() / "rank.sh",
      fmt::format(
          "run=\"{} run c.cotejo battery --threads 1 --seed 5 --save --option replicates=20000 --option "
          "elections=20000 --json\"\nif [ \"$OMPI_COMM_WORLD_RANK\" = 1 ]; then timeout -s KILL 0.7 $run; else exec "
          "$run; fi\n",
          COTEJO_PROGRAM));
  const auto command = fmt::format(
      "cd {} && OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout 60 mpirun --oversubscribe -n 2 sh "
      "rank.sh > "
      "out.json 2> err.txt",
      folder_.path().string());
  const int status = std::system(command.c_str());
  EXPECT_NE(status, 0);
  EXPECT_NE(WEXITSTATUS(status), 124) << "it hung";
  EXPECT_EQ(read_text(folder_.path() / "out.json"), "");
  EXPECT_FALSE(read_text(folder_.path() / "err.txt").empty());
  EXPECT_EQ(run_program({"check-case", "c.cotejo"}, folder_.path()).code, 0);
  EXPECT_EQ(run_program({"list", "c.cotejo", "--json"}, folder_.path()).out.find("battery"), std::string::npos);
}

// Killed, then stopped by Ctrl-C, then gone on with on two ranks, then to the end: as if nothing had happened.
TEST_F(Ranks, AnInterruptedRunGoesOnWithTheSameBits) {
  const std::string run =
      "run c.cotejo battery --threads 1 --seed 5 --option replicates=199 --option elections=1000 --json";
  const auto shell = [&](const std::string& how, const std::string& rest) {
    const int status = std::system(fmt::format("cd {} && OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
                                               "{} {} {} {} > out.json 2> err.txt",
                                               folder_.path().string(), how, COTEJO_PROGRAM, run, rest)
                                       .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  ASSERT_EQ(shell("", ""), 0);
  const json whole = answer();
  EXPECT_NE(shell("timeout -s KILL 1", "--resume rows"), 0);
  const auto kept =
      std::filesystem::exists(folder_.path() / "rows") ? std::filesystem::file_size(folder_.path() / "rows") : 0;
  // Where the run ends before the signal, there is nothing to go on from.
  const int stopped = shell("timeout --preserve-status -s INT 1.5", "--resume rows");
  if (stopped != 0) {
    EXPECT_NE(read_text(folder_.path() / "err.txt").find("the same command goes on from it"), std::string::npos)
        << read_text(folder_.path() / "err.txt");
    EXPECT_GE(std::filesystem::file_size(folder_.path() / "rows"), kept);
    // Another seed is another run: the rows are left alone.
    const Ran other = run_program({"run", "c.cotejo", "battery", "--seed", "6", "--resume", "rows"}, folder_.path());
    EXPECT_EQ(other.code, 3);
    EXPECT_NE(other.err.find("another run"), std::string::npos) << other.err;
    ASSERT_EQ(shell("mpirun --oversubscribe -n 2", "--resume rows"), 0) << read_text(folder_.path() / "err.txt");
  }
  EXPECT_EQ(answer()["tables"], whole["tables"]);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "rows"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "rows.1"));
  const Ran none = run_program({"run", "c.cotejo", "count", "--resume", "rows"}, folder_.path());
  EXPECT_EQ(none.code, 2) << none.err;
}

TEST_F(Ranks, OtherCommandsAreForTheFirstRankAlone) {
  ASSERT_EQ(run_ranks("-n 2", "list c.cotejo --json", folder_.path()), 0);
  EXPECT_EQ(json::parse(read_text(folder_.path() / "out.json"))["counts"].size(), 1U);
}

}  // namespace
}  // namespace cotejo::test
