// The command line as a person meets it (docs/command-line.md): width, colour, help, suggestions, formats, configuration.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cotejo/base/text.hpp"
#include "cotejo/engine/registry.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Words = std::vector<std::string>;

constexpr const char* escape = "\033[";

Words lines_of(const std::string& text) {
  Words out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::size_t widest(const std::string& text) {
  std::size_t out = 0;
  for (const auto& line : lines_of(text)) out = std::max(out, display_width(line));
  return out;
}

// What the program prints on a terminal of so many columns.
std::string on_a_terminal(const Words& arguments, const fs::path& folder, unsigned short columns,
                          const char* terminal = "xterm") {
  Words words{program_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1;
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    for (const char* name : {"COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"}) unsetenv(name);
    setenv("TERM", terminal, 1);
    if (chdir(folder.c_str()) != 0) _exit(126);
    execv(raw[0], raw.data());
    _exit(127);
  }
  std::string out;
  char bytes[4096];
  for (ssize_t got = 0; (got = read(master, bytes, sizeof bytes)) > 0;)
    out.append(bytes, static_cast<std::size_t>(got));
  waitpid(child, nullptr, 0);
  close(master);
  std::erase(out, '\r');
  return out;
}

// A case with an invented election, made once.
class CommandLine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new TemporaryFolder;
    const auto made =
        run_program({"simulate", "--out", "sim", "--option", "units=1000", "--seed", "5"}, shared_->path());
    ASSERT_EQ(made.code, 0) << made.err;
    for (const char* name : {"demo-official.toml", "demo-quick.toml"})
      fs::copy_file(root() / "profiles" / name, shared_->path() / "sim" / name);
    for (const Words& command :
         {Words{"import", "a.cotejo", "sim/demo-official.toml", "sim/demo-quick.toml"},
          Words{"challenge", "a.cotejo", "add", "--id", "objected", "--count", "demo/official", "--units",
                "sim/objected.csv", "--by", "Somebody | else", "--reason", "why", "--source", "page 1"},
          Words{"count", "a.cotejo", "--save"}, Words{"strike", "a.cotejo", "--challenge", "objected", "--save"}}) {
      const auto ran = run_program(command, shared_->path());
      ASSERT_EQ(ran.code, 0) << fmt::format("{}", fmt::join(command, " ")) << "\n" << ran.err;
    }
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }
  static const fs::path& folder() { return shared_->path(); }
  static Ran run(const Words& arguments, const Words& environment = {}) {
    return run_program(arguments, folder(), environment);
  }
  static std::string output(const Words& arguments, const Words& environment = {}) {
    const auto ran = run(arguments, environment);
    EXPECT_EQ(ran.code, 0) << fmt::format("cotejo {}", fmt::join(arguments, " ")) << "\n" << ran.err;
    return ran.out;
  }
  // The error of a command that the program refuses.
  static std::string refusal(const Words& arguments, int code = 2) {
    const auto ran = run(arguments);
    EXPECT_EQ(ran.code, code) << fmt::format("cotejo {}", fmt::join(arguments, " ")) << "\n" << ran.out << ran.err;
    return ran.err;
  }
  static Words commands() {
    Words out;
    for (const auto& line : lines_of(output({"help"})))
      if (line.starts_with("  ") && line[2] != ' ' && line[2] != '-' && !line.starts_with("  cotejo "))
        out.push_back(line.substr(2, line.find(' ', 2) - 2));
    return out;
  }
  static TemporaryFolder* shared_;
};
TemporaryFolder* CommandLine::shared_ = nullptr;

// ------------------------------------------------------------------------------------------------- width and colour

TEST_F(CommandLine, LinesFitTheWidthThatIsThere) {
  for (const int columns : {48, 80, 140})
    for (const Words& command : {Words{"list", "a.cotejo"}, Words{"count", "a.cotejo"},
                                 Words{"units", "a.cotejo", "--limit", "5"}, Words{"methods"}})
      EXPECT_LE(widest(output(command, {fmt::format("COLUMNS={}", columns)})), static_cast<std::size_t>(columns))
          << command[0];
  EXPECT_GT(widest(output({"units", "a.cotejo", "--limit", "5"}, {"COLUMNS=140"})), 80U) << "a wide terminal is used";
  EXPECT_LE(widest(output({"units", "a.cotejo", "--limit", "5"})), 80U) << "80 columns where nothing is known";
}

TEST_F(CommandLine, ATerminalIsAskedForItsWidth) {
  const auto wide = on_a_terminal({"units", "a.cotejo", "--limit", "5"}, folder(), 132, "dumb");
  EXPECT_GT(widest(wide), 80U);
  EXPECT_LE(widest(wide), 132U);
  EXPECT_LE(widest(on_a_terminal({"units", "a.cotejo", "--limit", "5"}, folder(), 60, "dumb")), 60U);
}

TEST_F(CommandLine, ColourIsForTerminalsAndCanBeRefusedOrForced) {
  EXPECT_THAT(on_a_terminal({"list", "a.cotejo"}, folder(), 80), HasSubstr(escape));
  EXPECT_THAT(on_a_terminal({"list", "a.cotejo"}, folder(), 80, "dumb"), Not(HasSubstr(escape)));
  EXPECT_THAT(output({"list", "a.cotejo"}), Not(HasSubstr(escape)));
  EXPECT_THAT(output({"list", "a.cotejo"}, {"CLICOLOR_FORCE=1"}), HasSubstr(escape));
  EXPECT_THAT(output({"list", "a.cotejo"}, {"CLICOLOR_FORCE=1", "NO_COLOR=1"}), Not(HasSubstr(escape)));
  EXPECT_THAT(output({"list", "a.cotejo", "--format", "csv"}, {"CLICOLOR_FORCE=1"}), Not(HasSubstr(escape)));
  EXPECT_THAT(run({"strke"}, {"CLICOLOR_FORCE=1"}).err, HasSubstr(escape));
}

// ------------------------------------------------------------------------------------------------------------- help

TEST_F(CommandLine, HelpListsEveryMethodAndCommandUnderAGroup) {
  const auto listed = commands();
  for (const auto& method : methods()) EXPECT_THAT(listed, testing::Contains(method.info.id));
  for (const char* name :
       {"import", "list", "challenge", "units", "query", "plan", "audit", "report", "help", "completion", "man"})
    EXPECT_THAT(listed, testing::Contains(name));
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()).size(), listed.size()) << "each once";
  EXPECT_THAT(output({"help"}), AllOf(HasSubstr("Read published files into a case:"), HasSubstr("The late count:")));
  EXPECT_THAT(output({"help"}), Not(HasSubstr("Other:"))) << "a command without a group in help.cpp";
  EXPECT_EQ(output({"help"}), output({"--help"}));
}

TEST_F(CommandLine, EveryCommandHasHelpWithAnExampleAndHelpOfItIsTheSame) {
  for (const auto& name : commands()) {
    const auto help = output({"help", name});
    EXPECT_EQ(help, output({name, "--help"})) << name;
    EXPECT_THAT(help, HasSubstr("Example:\n  cotejo ")) << name;
    EXPECT_THAT(help, HasSubstr("Usage: cotejo " + name)) << name;
  }
  EXPECT_THAT(output({"help", "challenge", "add"}),
              AllOf(HasSubstr("Usage: cotejo challenge CASE add"), HasSubstr("--where")));
}

TEST_F(CommandLine, HelpOfAMethodHasItsOwnOptionsFromTheRegistry) {
  for (const auto& method : methods()) {
    const auto help = output({"help", method.info.id}, {"COLUMNS=300"});
    for (const auto& option : method.options) {
      auto name = option.name;
      std::replace(name.begin(), name.end(), '_', '-');
      EXPECT_THAT(help, HasSubstr("--" + name)) << method.info.id;
    }
  }
}

TEST_F(CommandLine, AnOptionOfAMethodIsGivenByItsNameOrAsAPair) {
  const auto by_name = Json::parse(output({"headroom", "a.cotejo", "--json"}));
  ASSERT_TRUE(by_name.contains("options"));
  const auto pair =
      output({"strike", "a.cotejo", "--challenge", "objected", "--option", "precinct_level=precinct", "--json"});
  const auto named =
      output({"strike", "a.cotejo", "--challenge", "objected", "--precinct-level", "precinct", "--json"});
  EXPECT_EQ(Json::parse(pair).at("options"), Json::parse(named).at("options"));
  EXPECT_EQ(Json::parse(named).at("options").at("precinct_level"), "precinct");
}

TEST_F(CommandLine, TheVersionIsOneLine) {
  EXPECT_EQ(output({"-V"}), output({"--version"}));
  EXPECT_THAT(output({"-V"}), StartsWith("cotejo "));
}

TEST_F(CommandLine, WithoutACommandTheHelpIsOnStderr) {
  const auto ran = run({});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("Usage: cotejo COMMAND"));
}

// ------------------------------------------------------------------------------------------------ mistakes and quiet

TEST_F(CommandLine, MistypedNamesComeWithTheNearest) {
  EXPECT_THAT(refusal({"strke", "a.cotejo"}), HasSubstr("Did you mean 'strike'?"));
  EXPECT_THAT(refusal({"help", "headrom"}), HasSubstr("Did you mean 'headroom'?"));
  EXPECT_THAT(refusal({"run", "a.cotejo", "strke"}, 3), HasSubstr("Did you mean 'strike'?"));
  EXPECT_THAT(refusal({"list", "a.cotejo", "--jsn"}), HasSubstr("Did you mean '--json'?"));
  EXPECT_THAT(refusal({"strike", "a.cotejo", "--chalenge", "objected"}), HasSubstr("Did you mean '--challenge'?"));
  EXPECT_THAT(refusal({"--vrsion"}), HasSubstr("Did you mean '--version'?"));
  EXPECT_THAT(refusal({"list", "a.cotejo", "--format", "cvs"}), HasSubstr("Did you mean 'csv'?"));
  EXPECT_THAT(refusal({"simulate", "--out", "x", "--depth", "unit"}), HasSubstr("Did you mean 'units'?"));
  EXPECT_THAT(refusal({"challenge", "a.cotejo", "lst"}), HasSubstr("Did you mean 'list'?"));
  EXPECT_THAT(refusal({"count", "a.cotejo", "--count", "demo/oficial"}, 3), HasSubstr("demo/official"));
  EXPECT_THAT(refusal({"audit", "demoo", "--out", "x"}, 3), HasSubstr("Did you mean 'demo'?"));
}

TEST_F(CommandLine, AnOptionThatDoesNotApplyIsRefusedByName) {
  EXPECT_THAT(refusal({"count", "a.cotejo", "--against", "demo/quick"}),
              HasSubstr("method 'count' takes no --against"));
  EXPECT_THAT(refusal({"run", "a.cotejo", "count", "--against", "demo/quick"}),
              HasSubstr("method 'count' takes no second count (--against)"));
  EXPECT_THAT(refusal({"export", "a.cotejo", "count", "demo/official", "--where", "cast > 1", "--out", "-"}),
              HasSubstr("--where goes with units"));
  EXPECT_THAT(refusal({"list", "a.cotejo", "more"}), HasSubstr("takes no further argument"));
  EXPECT_THAT(refusal({"strike"}), HasSubstr("Usage: cotejo strike CASE"));
}

TEST_F(CommandLine, QuietLeavesTheResultAndTheErrors) {
  const auto loud = run({"export", "a.cotejo", "count", "demo/official", "--out", "loud.csv"});
  EXPECT_THAT(loud.err, HasSubstr("Written to"));
  const auto quiet = run({"export", "a.cotejo", "count", "demo/official", "--out", "quiet.csv", "--quiet"});
  EXPECT_EQ(quiet.code, 0);
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(read_text(folder() / "quiet.csv"), read_text(folder() / "loud.csv"));
  EXPECT_NE(run({"--quiet", "export", "a.cotejo", "count", "demo/official", "--out", "quiet.csv"}).err, "")
      << "the file is there";
}

// ---------------------------------------------------------------------------------------------------------- formats

TEST_F(CommandLine, EveryCommandThatPrintsTablesPrintsThemAsCsvMarkdownAndJson) {
  const std::pair<Words, std::string> tables[] = {
      {{"list", "a.cotejo"}, "kind,id,revisions"},
      {{"challenge", "a.cotejo", "list"}, "challenge,units,count,by"},
      {{"revisions", "a.cotejo", "challenge", "objected"}, "at,what,revision"},
      {{"history", "a.cotejo", Json::parse(output({"units", "a.cotejo", "--limit", "1", "--json"}))[0].at("unit")},
       "at,count,revision,how"},
      {{"methods"}, "family,method,question"},
      {{"units", "a.cotejo", "--limit", "3"}, "unit,registered"},
      {{"query", "a.cotejo"}, "name,kind,columns"},
      {{"query", "a.cotejo", "SELECT 1 AS one"}, "one"},
      {{"count", "a.cotejo"}, ""},
      {{"plan"}, "plan,title"},
      {{"import", "a.cotejo", "sim/demo-official.toml"}, "id,units"}};
  for (const auto& [command, header] : tables) {
    const auto in = [&, &words = command](const char* format) {
      auto all = words;
      all.insert(all.end(), {"--format", format});
      return output(all);
    };
    EXPECT_THAT(in("csv"), StartsWith(header)) << command[0];
    EXPECT_THAT(in("csv"), HasSubstr("\r\n")) << command[0];
    EXPECT_THAT(in("md"), HasSubstr("| ---")) << command[0];
    EXPECT_FALSE(Json::parse(in("json"), nullptr, false).is_discarded()) << command[0];
  }
  EXPECT_THAT(output({"challenge", "a.cotejo", "list", "--format", "md"}), HasSubstr("Somebody \\| else"));
  EXPECT_EQ(output({"units", "a.cotejo", "--json"}), output({"units", "a.cotejo", "--format", "json"}));
}

TEST_F(CommandLine, ATableOfAFindingIsChosenByName) {
  const auto finding = Json::parse(output({"strike", "a.cotejo", "--challenge", "objected", "--json"}));
  const std::string id = finding.at("tables").at(0).at("id");
  EXPECT_EQ(output({"strike", "a.cotejo", "--challenge", "objected", "--format", "csv", "--table", id}),
            output({"export", "a.cotejo", "table", "strike", id, "--out", "-"}));
  EXPECT_THAT(output({"strike", "a.cotejo", "--challenge", "objected", "--format", "csv", "--table", "figures"}),
              StartsWith("figure,value,low,high,unit"));
  EXPECT_THAT(refusal({"strike", "a.cotejo", "--challenge", "objected", "--table", "figurs"}),
              HasSubstr("Did you mean 'figures'?"));
}

// ------------------------------------------------------------------------------------------------- units, query, plan

TEST_F(CommandLine, UnitsAreSelectedByACondition) {
  const auto some = Json::parse(output(
      {"units", "a.cotejo", "--where", "cast > 0.8 * registered", "--columns", "unit,cast,registered", "--json"}));
  ASSERT_FALSE(some.empty());
  for (const auto& unit : some) EXPECT_GT(unit.at("cast").get<double>(), 0.8 * unit.at("registered").get<double>());
  EXPECT_EQ(some[0].size(), 3U);
  EXPECT_THAT(output({"units", "a.cotejo", "--where", "cast < 0"}), HasSubstr("0 units of 1,000 of demo/official"));
  EXPECT_THAT(refusal({"units", "a.cotejo", "--columns", "registred"}, 3), HasSubstr("Did you mean 'registered'?"));
}

TEST_F(CommandLine, AQueryIsReadOnly) {
  const auto before = read_text(folder() / "a.cotejo");
  const auto sums = Json::parse(output({"query", "a.cotejo", "SELECT count(*) AS n FROM \"demo/official\"", "--json"}));
  EXPECT_EQ(sums.at(0).at("n"), 1000);
  EXPECT_THAT(refusal({"query", "a.cotejo", "DELETE FROM finding"}), HasSubstr("only SELECT"));
  EXPECT_THAT(refusal({"query", "a.cotejo",
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                       "--seconds", "0.1"}),
              HasSubstr("longer than 0.1 seconds"));
  EXPECT_EQ(read_text(folder() / "a.cotejo"), before);
  EXPECT_THAT(output({"query", "a.cotejo"}), HasSubstr("view \"demo/official\""));
}

TEST_F(CommandLine, ThePlanOfACaseIsAuditedAndAnswersTheSame) {
  output({"plan", "--from", "a.cotejo", "--out", "planned", "--title", "From a case"});
  output({"audit", "planned/plan.toml", "--out", "dossier"});
  const auto kept = Json::parse(output({"strike", "a.cotejo", "--challenge", "objected", "--json"}));
  const auto findings = Json::parse(read_text(folder() / "dossier/findings.json"));
  const auto& list = findings.is_array() ? findings : findings.at("findings");
  const auto strike = std::find_if(list.begin(), list.end(), [](const auto& f) { return f.at("id") == "strike"; });
  ASSERT_NE(strike, list.end());
  EXPECT_EQ(strike->at("headline"), kept.at("headline"));
  EXPECT_THAT(refusal({"plan", "--from", "a.cotejo", "--out", "planned"}, 3), HasSubstr("the folder is not empty"));
  EXPECT_THAT(output({"plan"}), HasSubstr("bolivia-2019"));
}

TEST_F(CommandLine, ChallengesAreListedRetiredRestoredAndRenamed) {
  fs::copy_file(folder() / "a.cotejo", folder() / "b.cotejo");
  const Words who{"--by", "Clerk", "--reason", "superseded"};
  const auto act = [&](Words words) {
    words.insert(words.begin(), {"challenge", "b.cotejo"});
    words.insert(words.end(), who.begin(), who.end());
    return output(words);
  };
  EXPECT_THAT(act({"retire", "objected"}), HasSubstr("retired"));
  EXPECT_THAT(output({"challenge", "b.cotejo", "list"}, {"COLUMNS=200"}), HasSubstr("by Clerk: superseded"));
  EXPECT_THAT(act({"restore", "objected"}), HasSubstr("restored"));
  EXPECT_THAT(act({"rename", "objected", "second"}), HasSubstr("renamed"));
  EXPECT_THAT(output({"challenge", "b.cotejo", "list"}), HasSubstr("second"));
}

TEST_F(CommandLine, UnitsAreExportedAsALayerOrRefusedWhereThereAreNoCoordinates) {
  write_text(folder() / "p.csv", "unit,lat,lon,A,B\n1,-16.5,-68.1,10,5\n2,-17.5,-66.1,20,8\n");
  const std::string profile = R"(schema = "cotejo.profile/1"
kind = "count"
[source]
title = "Points"
[file]
path = "p.csv"
[count]
id = "pp/final"
contest = "pp/president"
[unit]
key = "unit"
[columns]
latitude = "lat"
longitude = "lon"
[[option]]
id = "A"
name = "A"
column = "A"
[[option]]
id = "B"
name = "B"
column = "B"
)";
  write_text(folder() / "p.toml", profile);
  output({"import", "p.cotejo", "p.toml"});
  const auto json =
      Json::parse(output({"export", "p.cotejo", "units", "--to", "geojson", "--out", "-", "--where", "A > 10"}));
  ASSERT_EQ(json.at("features").size(), 1U);
  EXPECT_EQ(json["features"][0].at("properties").at("A"), 20);
  output({"export", "p.cotejo", "units", "pp/final", "--to", "gpkg", "--out", "p.gpkg"});
  EXPECT_THAT(read_text(folder() / "p.gpkg"), StartsWith("SQLite format 3"));
  const auto begin = profile.find("[columns]"), end = profile.find("[[option]]");
  write_text(folder() / "q.toml", profile.substr(0, begin) + profile.substr(end));
  output({"import", "q.cotejo", "q.toml"});
  EXPECT_THAT(refusal({"export", "q.cotejo", "units", "--to", "geojson", "--out", "q.geojson"}, 3),
              AllOf(HasSubstr("the count has no coordinates"), HasSubstr("`latitude` and `longitude`")));
  EXPECT_FALSE(fs::exists(folder() / "q.geojson"));
}

// ---------------------------------------------------------------------------------------------------- configuration

TEST_F(CommandLine, TheConfigurationSetsDefaultsThatOptionsOverrule) {
  write_text(folder() / "home/cotejo/config.toml", "format = \"json\"\nthreads = 1\ndata = \"/nowhere\"\n");
  const Words home{fmt::format("XDG_CONFIG_HOME={}", (folder() / "home").string())};
  EXPECT_FALSE(Json::parse(output({"methods"}, home), nullptr, false).is_discarded());
  EXPECT_THAT(output({"methods", "--format", "csv"}, home), StartsWith("family,method"));
  EXPECT_THAT(output({"help", "count"}, home), HasSubstr("default: 1]"));
  write_text(folder() / "mine.toml", "format = \"md\"\n");
  EXPECT_THAT(output({"--config", "mine.toml", "methods"}, home), StartsWith("| family"));
  EXPECT_THAT(output({"methods", "--config", "mine.toml"}, home), StartsWith("| family"));
  write_text(folder() / "spanish.toml", "language = \"es\"\n");
  const Words count{"--config", "spanish.toml", "count", "a.cotejo"};
  EXPECT_EQ(output(count), output({"count", "a.cotejo", "--language", "es"}));
  Words english = count;
  english.insert(english.end(), {"--language", "en"});
  EXPECT_EQ(output(english), output({"count", "a.cotejo"}));
}

TEST_F(CommandLine, ASpanishFindingHasSpanishLabelsAndMarksOfNumbers) {
  const Words strike{"strike", "a.cotejo", "--challenge", "objected"};
  Words spanish = strike;
  spanish.insert(spanish.end(), {"--language", "es"});
  const auto english_text = output(strike), spanish_text = output(spanish);
  for (const char* label : {"Does not show:", "See also:", "figure", "At stake:", "more column"}) {
    EXPECT_THAT(english_text, HasSubstr(label));
    EXPECT_THAT(spanish_text, Not(HasSubstr(label)));
  }
  EXPECT_THAT(spanish_text, AllOf(HasSubstr("No muestra:"), HasSubstr("cifra"), HasSubstr("En juego:")));
  // 12,345 is 12.345 in Spanish; the votes of the demonstration are of that size.
  EXPECT_THAT(english_text, ContainsRegex("[0-9],[0-9][0-9][0-9]"));
  EXPECT_THAT(spanish_text, ContainsRegex("[0-9]\\.[0-9][0-9][0-9]"));
}

TEST_F(CommandLine, AConfigurationThatCannotBeReadIsNamedWithItsLineAndKey) {
  write_text(folder() / "bad.toml", "threads = 2\nformta = \"csv\"\n");
  EXPECT_THAT(refusal({"--config", "bad.toml", "methods"}),
              AllOf(HasSubstr("bad.toml, row 2"), HasSubstr("Did you mean `format`?")));
  write_text(folder() / "bad2.toml", "format = \"cvs\"\n");
  EXPECT_THAT(refusal({"--config", "bad2.toml", "methods"}), HasSubstr("Did you mean 'csv'?"));
  write_text(folder() / "bad3.toml", "language = \"xx\"\n");
  EXPECT_THAT(refusal({"--config", "bad3.toml", "methods"}), HasSubstr("language"));
  EXPECT_THAT(refusal({"--config", "none.toml", "methods"}, 3), HasSubstr("none.toml"));
}

// ------------------------------------------------------------------------------------------- completion, manual pages

// What a shell prints for a script; nothing where the shell is not installed.
std::optional<std::string> shell(const std::string& name, const std::string& script, const fs::path& in) {
  if (std::system(fmt::format("command -v {} >/dev/null 2>&1", name).c_str()) != 0) {
    fmt::print(stderr, "NOT CHECKED: {} is not installed (./dev setup)\n", name);
    return std::nullopt;
  }
  write_text(in / "script", script);
  const int status = std::system(fmt::format("cd '{}' && {} script > said 2>&1", in.string(), name).c_str());
  EXPECT_EQ(status, 0) << read_text(in / "said");
  return read_text(in / "said");
}

TEST_F(CommandLine, BashCompletesCommandsOptionsChoicesAndIds) {
  write_text(folder() / "cotejo.bash", output({"completion", "bash"}));
  const auto complete = [&](const std::string& words) {
    const auto said = shell(
        "bash",
        fmt::format("source ./cotejo.bash\nCOMP_WORDS=({} {})\nCOMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n_cotejo\n"
                    "((${{#COMPREPLY[@]}} == 0)) || printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                    program_path(), words),
        folder());
    return lines_of(said.value_or(""));
  };
  EXPECT_THAT(complete("stri"), testing::ElementsAre("strike"));
  EXPECT_THAT(complete("strike a.cotejo --chal"), testing::ElementsAre("--challenge"));
  EXPECT_THAT(complete("strike a.cotejo --challenge ob"), testing::ElementsAre("objected"));
  EXPECT_THAT(complete("count a.cotejo --count demo/o"), testing::ElementsAre("demo/official"));
  EXPECT_THAT(complete("list a.cotejo --format c"), testing::ElementsAre("csv"));
  EXPECT_THAT(complete("challenge a.cotejo re"), testing::UnorderedElementsAre("rename", "restore", "retire"));
  EXPECT_THAT(complete("challenge a.cotejo add --wh"), testing::ElementsAre("--where"));
  EXPECT_THAT(complete("challenge a.cotejo retire ob"), testing::ElementsAre("objected"));
  EXPECT_THAT(complete("run a.cotejo headr"), testing::ElementsAre("headroom"));
  EXPECT_THAT(complete("list a.cot"), testing::ElementsAre("a.cotejo"));
  EXPECT_THAT(complete("audit bolivia-2"), testing::ElementsAre("bolivia-2019"));
  EXPECT_THAT(complete("help streak"), testing::IsEmpty());
}

TEST_F(CommandLine, FishCompletesAndZshReadsItsScript) {
  write_text(folder() / "cotejo.fish", output({"completion", "fish"}));
  write_text(folder() / "_cotejo", output({"completion", "zsh"}));
  if (const auto said =
          shell("fish",
                "source cotejo.fish\ncomplete -C 'cotejo stri'\ncomplete -C 'cotejo strike a.cotejo --chal'\n"
                "complete -C 'cotejo challenge a.cotejo ret'\ncomplete -C 'cotejo list a.cotejo --format c'\n",
                folder())) {
    EXPECT_THAT(*said,
                AllOf(HasSubstr("strike\t"), HasSubstr("--challenge\t"), HasSubstr("retire\t"), HasSubstr("csv")));
  }
  if (const auto said = shell("zsh",
                              "zsh -n _cotejo\nautoload -U compinit\ncompinit -u -d dump\nsource ./_cotejo\n[[ "
                              "$_comps[cotejo] == _cotejo ]] && echo loaded\n",
                              folder())) {
    EXPECT_EQ(*said, "loaded\n");
  }
}

TEST_F(CommandLine, ManualPagesAreWellFormedAndHaveTheOptions) {
  output({"man", "--out", "man1"});
  EXPECT_EQ(read_text(folder() / "man1/cotejo-strike.1"), output({"man", "strike"}));
  for (const auto& name : commands()) EXPECT_TRUE(fs::exists(folder() / fmt::format("man1/cotejo-{}.1", name))) << name;
  if (const auto said =
          shell("bash", "command -v mandoc >/dev/null || exit 0\nmandoc -Tlint -Wwarning man1/*.1\n", folder())) {
    EXPECT_EQ(*said, "");
  }
  if (const auto said = shell(
          "bash", "command -v man >/dev/null || exit 0\nMANWIDTH=100 man -l man1/cotejo-strike.1 | col -b\n", folder());
      said && !said->empty()) {
    EXPECT_THAT(*said, AllOf(HasSubstr("--precinct-level"), HasSubstr("SYNOPSIS"), HasSubstr("cotejo strike CASE")));
  }
}

}  // namespace
}  // namespace cotejo::test
