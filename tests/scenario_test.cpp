// Scenarios: text files that a domain expert can read. Each is a list of steps:
//   --- file NAME        the lines that follow become this file
//   --- run ARGUMENTS    the program must succeed and print the lines that follow
//   --- fails CODE ARGUMENTS   the program must end with this code and say the lines that follow on stderr
// Set COTEJO_UPDATE_GOLDEN to write what the program prints into the scenarios; read the difference before you keep it.
#include <fmt/format.h>

#include <sstream>

#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;

struct Step {
  std::string head, body;
};

struct Scenario {
  std::string title;
  std::vector<Step> steps;
};

Scenario parse(const std::string& text) {
  Scenario out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("--- "))
      out.steps.push_back({line.substr(4), ""});
    else if (out.steps.empty())
      out.title += line + "\n";
    else
      out.steps.back().body += line + "\n";
  }
  return out;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : text + " ") {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any || !word.empty()) out.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
    }
  }
  return out;
}

class Scenarios : public testing::TestWithParam<fs::path> {};

TEST_P(Scenarios, PrintWhatTheySay) {
  Scenario scenario = parse(read_text(GetParam()));
  const TemporaryFolder folder;
  std::string updated = scenario.title;
  for (const Step& step : scenario.steps) {
    updated += "--- " + step.head + "\n";
    const auto head = words(step.head);
    ASSERT_GE(head.size(), 2U) << step.head;
    if (head[0] == "file") {
      write_text(folder.path() / head[1], step.body);
      updated += step.body;
      continue;
    }
    const bool fails = head[0] == "fails";
    ASSERT_TRUE(fails || head[0] == "run") << "unknown step: " << step.head;
    const Ran ran = run_program({head.begin() + (fails ? 2 : 1), head.end()}, folder.path());
    EXPECT_EQ(ran.code, fails ? std::stoi(head[1]) : 0) << step.head << "\n" << ran.err;
    const std::string& said = fails ? ran.err : ran.out;
    if (!updating_golden()) {
      EXPECT_EQ(said, step.body) << GetParam().filename() << ": " << step.head;
    }
    updated += said;
  }
  if (updating_golden()) write_text(GetParam(), updated);
}

std::vector<fs::path> all_scenarios() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(root() / "tests/scenarios"))
    if (entry.path().extension() == ".scenario") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, Scenarios, testing::ValuesIn(all_scenarios()), [](const auto& parameter) {
  std::string name = parameter.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace cotejo::test
