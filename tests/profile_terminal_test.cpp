// `cotejo profile` in a terminal: it asks what it does not know, takes the answers, and writes nothing when it is left.
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "support.hpp"

namespace cotejo::test {
namespace {

using testing::HasSubstr;

struct Talk {
  int code = -1;
  std::string said;
};

// Runs the program in a terminal of its own; answers[i] is typed once the i-th prompt ("): ") is there.
Talk talk(const std::vector<std::string>& arguments, const std::vector<std::string>& answers,
          const std::filesystem::path& folder) {
  std::vector<std::string> words{COTEJO_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    if (chdir(folder.c_str()) != 0) _exit(126);
    execv(raw[0], raw.data());
    _exit(127);
  }
  Talk out;
  std::size_t answered = 0, looked = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end) {
    pollfd waiting{terminal, POLLIN, 0};
    if (poll(&waiting, 1, 100) > 0) {
      char bytes[4096];
      const auto got = read(terminal, bytes, sizeof bytes);
      if (got <= 0) break;
      out.said.append(bytes, static_cast<std::size_t>(got));
    }
    if (const auto prompt = out.said.find("): ", looked); prompt != std::string::npos && answered < answers.size()) {
      looked = prompt + 3;
      const std::string line = answers[answered++] + "\n";
      if (write(terminal, line.data(), line.size()) < 0) break;
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::erase(out.said, '\r');
  return out;
}

class InATerminal : public testing::Test {
 protected:
  InATerminal() {
    std::string csv = "unit,inscritos,MAS,CC,zona,nulos\n";
    for (int i = 0; i < 60; ++i)
      csv += std::to_string(1000 + i * 3) + "," + std::to_string(900 + (i * 13) % 70) + "," +
             std::to_string((i * 37) % 300 + 50) + "," + std::to_string((i * 11) % 250) + "," +
             std::to_string((i * 7) % 50) + "," + std::to_string(i % 7) + "\n";
    write_text(folder_.path() / "x.csv", csv);
    write_text(folder_.path() / "codes.csv", "unit,a\n1,2\n2,3\n3,1\n4,2\n");
  }
  bool written(const char* name) const { return std::filesystem::exists(folder_.path() / name); }
  TemporaryFolder folder_;
};

TEST_F(InATerminal, EnterAcceptsADoubtfulGuess) {
  const auto done = talk({"profile", "x.csv", "--out", "p.toml"}, {""}, folder_.path());
  EXPECT_EQ(done.code, 0) << done.said;
  EXPECT_THAT(done.said, HasSubstr("? options: 'MAS', 'CC'"));
  EXPECT_TRUE(written("p.toml"));
}

TEST_F(InATerminal, AnotherAnswerIsTakenAndShownAgain) {
  const auto done = talk({"profile", "x.csv", "--out", "p.toml"}, {"MAS, CC, zona"}, folder_.path());
  EXPECT_EQ(done.code, 0) << done.said;
  EXPECT_THAT(read_text(folder_.path() / "p.toml"), HasSubstr("column = \"zona\""));
}

TEST_F(InATerminal, QLeavesWithoutWriting) {
  const auto left = talk({"profile", "x.csv", "--out", "p.toml"}, {"q"}, folder_.path());
  EXPECT_EQ(left.code, 5) << left.said;
  EXPECT_FALSE(written("p.toml"));
}

TEST_F(InATerminal, AQuestionIsAskedAndItsAnswerTaken) {
  const auto left = talk({"profile", "codes.csv", "--out", "p.toml"}, {"q"}, folder_.path());
  EXPECT_EQ(left.code, 5) << left.said;
  EXPECT_THAT(left.said, HasSubstr("Which columns count the votes"));
  const auto piped = run_program({"profile", "codes.csv", "--yes"}, folder_.path());
  EXPECT_EQ(piped.code, 3) << "--yes asks nothing and guesses nothing unsafe";
  EXPECT_THAT(piped.err, HasSubstr("Answer with --option, for example --option 'unit'."));
}

}  // namespace
}  // namespace cotejo::test
