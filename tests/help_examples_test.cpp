// Every example that `cotejo COMMAND --help` gives is run, in a folder with an invented election and assembly under the
// names that the examples use, and must succeed. `serve` does not end by itself and is left to server_test.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "cotejo/engine/registry.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// As a shell would take it: quotes, a line that goes on behind a backslash, "> FILE" left out.
std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> out;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : line + " ") {
    if (quote ? c == quote : c == '"' || c == '\'') {
      quote = quote ? '\0' : c;
      any = true;
    } else if (c == ' ' && !quote) {
      if (any || !word.empty()) out.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
    }
  }
  if (const auto redirected = std::find(out.begin(), out.end(), ">"); redirected != out.end())
    out.erase(redirected, out.end());
  return out;
}

std::vector<std::string> examples_of(const std::string& help) {
  std::vector<std::string> out;
  std::istringstream in(replaced(help, "\\\n", " "));
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    inside = inside || line == "Example:";
    for (std::string part = line; inside && part.starts_with("  cotejo ");) {
      const auto next = part.find(" && ");
      out.push_back(part.substr(2, next == std::string::npos ? next : next - 2));
      part = next == std::string::npos ? "" : "  " + part.substr(next + 4);
    }
  }
  return out;
}

class HelpExamples : public testing::Test {
 protected:
  // The demo election with the ids and names of the examples.
  void SetUp() override {
    run({"simulate", "--out", "sim", "--option", "units=1000", "--seed", "5"});
    rename_election();
    fs::create_directories(at("data"));
    fs::copy(root() / "data/bodies", at("data/bodies"));
    run({"import", "bolivia.cotejo", "profiles/bolivia-2019-computo.toml", "profiles/bolivia-2019-trep-1940.toml"});
    run({"import", "oas.cotejo", "data/bodies/oas.toml"});
    run({"export", "bolivia.cotejo", "count", "bo-2019/computo", "--format", "nist", "--out", "results.json"});
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  Ran run(const std::vector<std::string>& arguments) {
    Ran ran = run_program(arguments, folder_.path());
    EXPECT_EQ(ran.code, 0) << fmt::format("cotejo {}", fmt::join(arguments, " ")) << "\n" << ran.err;
    return ran;
  }

  void rename_election() {
    fs::create_directories(at("profiles"));
    fs::create_directories(at("plans"));
    const auto key = first_key();
    const auto renamed = [&](const std::string& text) { return replaced(text, key, "51546"); };
    for (const char* name : {"official", "quick", "objected"})
      write_text(at(fmt::format("profiles/{}.csv", name)), renamed(read_text(at(fmt::format("sim/{}.csv", name)))));
    const auto profile = [&](const std::string& from, const std::string& id, const std::string& file) {
      auto text = read_text(root() / "profiles" / from);
      text = replaced(text, "demo/official", "bo-2019/computo");
      text = replaced(text, "demo/quick", "bo-2019/trep-1940");
      text = replaced(text, "id     = \"A\"", "id     = \"MAS\"");
      write_text(at("profiles/" + id + ".toml"),
                 replaced(text, from == "demo-quick.toml" ? "quick.csv" : "official.csv", file));
    };
    profile("demo-official.toml", "bolivia-2019-computo", "official.csv");
    profile("demo-quick.toml", "bolivia-2019-trep-1940", "quick.csv");
    profile("demo-official.toml", "uganda-2016", "official.csv");
    profile("demo-official.toml", "poland-2020-1", "official.csv");
    fs::copy_file(at("profiles/objected.csv"), at("oas-226.csv"));
    fs::copy_file(at("profiles/official.csv"), at("results.csv"));
    ASSERT_EQ(std::system(fmt::format("cd '{}' && cmake -E tar cf results.zip --format=zip results.csv",
                                      folder_.path().string())
                              .c_str()),
              0);
    fs::copy_file(at("results.zip"), at("results-2.zip"));
    write_text(at("results.csv"), with_status(read_text(at("results.csv"))));
    write_text(at("plans/bolivia-2019.toml"), R"(schema = "cotejo.plan/1"
id = "help"
title = "The examples"
question = "Do they work?"
seed = 1
data = "profiles"
[[input]]
profile = "profiles/bolivia-2019-computo.toml"
[[finding]]
id = "count"
method = "count"
count = "bo-2019/computo"
)");
  }

  // A column `status`, in which one return is annulled.
  static std::string with_status(const std::string& text) {
    std::string out, line;
    std::istringstream in(text);
    for (int row = 0; std::getline(in, line); ++row) {
      if (line.ends_with('\r')) line.pop_back();
      out += line + (row == 0 ? ",status" : row == 1 ? ",Annulled" : ",Counted") + "\n";
    }
    return out;
  }

  // The first unit's key in the official file: its first column that holds keys is the one the profile names.
  std::string first_key() {
    std::istringstream in(read_text(at("sim/objected.csv")));
    std::string line;
    std::getline(in, line);
    std::getline(in, line);
    return line.substr(0, line.find_first_of(",\r"));
  }

  TemporaryFolder folder_;
};

TEST_F(HelpExamples, OfEveryCommandAreRun) {
  // What the examples leave behind, in the order in which they need each other.
  std::vector<std::string> commands{"import",     "list",    "challenge add", "challenge",  "challenge list", "correct",
                                    "note",       "history", "activity",      "check-case", "profile",        "export",
                                    "run",        "methods", "check",         "units",      "query",          "plan",
                                    "simulate",   "keygen",  "audit",         "verify",     "report",         "help",
                                    "completion", "man",     "revisions"};
  for (const auto& method : methods()) commands.push_back(method.info.id);
  for (const char* change : {"retire", "restore", "rename", "challenge retire", "challenge restore"})
    commands.emplace_back(change);
  // These take minutes by what they are; their own tests run them.
  const std::set<std::string> long_runs{"false-alarms", "mixture", "mixture-eforensics"};
  int examples = 0;
  for (const auto& command : commands) {
    if (command == "export") run({"strike", "bolivia.cotejo", "--challenge", "oas-226", "--save"});
    if (command == "verify") run({"audit", "plans/bolivia-2019.toml", "--out", "out", "--key", "mission.key"});
    auto asked = words(command);
    asked.insert(asked.begin(), "help");
    const auto help = run(asked);
    const auto found = examples_of(help.out);
    EXPECT_FALSE(found.empty()) << command << " has no example\n" << help.out;
    for (const auto& example : found) {
      auto arguments = words(example);
      ASSERT_EQ(arguments.at(0), "cotejo") << example;
      arguments.erase(arguments.begin());
      const auto given =
          std::find_if(arguments.begin(), arguments.end(), [](const auto& word) { return word.ends_with(".xlsx"); });
      if (given != arguments.end()) continue;  // a spreadsheet; profile_terminal_test and formats_test read those
      if (long_runs.contains(command)) continue;
      if (const auto out = std::find(arguments.begin(), arguments.end(), "--out");
          command == "profile" && out != arguments.end())
        fs::remove(at(out[1]));  // an earlier example wrote it
      const auto ran = run_program(arguments, folder_.path());
      EXPECT_EQ(ran.code, 0) << example << "\n" << ran.err;
      ++examples;
    }
  }
  EXPECT_GE(examples, static_cast<int>(commands.size() - long_runs.size()));
}

TEST_F(HelpExamples, EveryCommandOfTheProgramIsAmongThem) {
  std::istringstream in(run({"--help"}).out);
  std::string line;
  int commands = 0;
  while (std::getline(in, line)) {
    std::istringstream parts(line);
    std::string name;
    parts >> name;
    if (!line.starts_with("  ") || line[2] == ' ' || line[2] == '-' || name == "cotejo" || name == "serve") continue;
    ++commands;
    EXPECT_FALSE(examples_of(run({name, "--help"}).out).empty()) << name;
  }
  EXPECT_GE(commands, 25 + static_cast<int>(methods().size()));
}

}  // namespace
}  // namespace cotejo::test
