#include "cotejo/engine/case_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "cotejo/engine/audit.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/intake/writer.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class CasePlanTest : public ::testing::Test {
 protected:
  CasePlanTest() {
    std::string name = (fs::temp_directory_path() / "cotejo-plan-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    fs::create_directory(folder_ / "out");
  }
  ~CasePlanTest() override { fs::remove_all(folder_); }

  // A count with everything that a profile can say: places with codes, coordinates, missing cells, fields, checks.
  static Count everything() {
    Count count;
    count.id = CountId{"x-2020/final"};
    count.title = "The \"final\" count\nof x";
    count.contest = {
        ContestId{"x-2020/president"}, "President", {{OptionId{"A"}, "Party \\A"}, {OptionId{"B"}, "B, \"of\" B"}}};
    count.unit_name = "table";
    count.date = "2020-10-18";
    count.official = true;
    count.valid_basis = ValidBasis::reported;
    count.caveats = {"a caveat"};
    count.source = "A publisher";
    count.hierarchy = Hierarchy({"country", "precinct"});
    const auto country = count.hierarchy.add(no_place, "X");
    for (UnitIndex i = 0; i < 4; ++i) {
      count.unit_keys.push_back("k" + std::to_string(i));
      count.unit_place.push_back(
          count.hierarchy.add(country, "School; " + std::to_string(i / 2), "c" + std::to_string(i / 2)));
      count.latitude.push_back(i == 1 ? std::nan("") : -16.5 + i);
      count.longitude.push_back(i == 1 ? std::nan("") : -68.1 - 0.25 * i);
    }
    count.votes = {60, 10, 0, 3, 20, 10, 1, 4};
    count.registered = {100, 30, missing, 20};
    count.valid = {80, 20, 1, 7};
    count.fields = {{"cards", "Cards issued", {81, missing, 1, 8}}};
    count.checks = {{"cards", {"cards"}, Relation::at_least, {"valid"}, "cards >= valid"}};
    count.sha256 = count.content_hash();
    return count;
  }

  fs::path folder_;
};

TEST_F(CasePlanTest, ACountWrittenOutWithItsProfileIsReadBackToTheSameContent) {
  const Count count = everything();
  ASSERT_TRUE(write_count_csv(count, folder_ / "a.csv"));
  const auto profile = parse_profile(profile_of(count, "a.csv"), "a.toml");
  ASSERT_TRUE(profile) << describe(profile.error()) << "\n" << profile_of(count, "a.csv");
  const auto back = read_count(*profile, folder_ / "a.csv", Context{});
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(back->sha256, count.sha256);
  EXPECT_EQ(back->title, count.title);
  EXPECT_EQ(back->contest.options[1].name, count.contest.options[1].name);
  EXPECT_EQ(back->caveats, count.caveats);
}

TEST_F(CasePlanTest, ThePlanRunsByItselfWithTheRuleOfTheCaseAndTheUnitsOfTheChallenge) {
  const Count count = everything();
  auto file = CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create);
  Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  rule.id = "x-rule";
  rule.title = "40 % and 10 \"points\"";
  ASSERT_TRUE(file->transact("import", [&]() -> Result<void> {
    COTEJO_CHECK(file->add_count(count, rule, {"gone.csv", "00", 1, "gone.toml", "00"}));
    COTEJO_CHECK(file->add_challenge({ChallengeId{"c"}, count.id, "a\nb", "why \"so\"", "page \\1", {"k1", "k3"}},
                                     {"c.csv", "00", 1, "", ""}));
    return {};
  }));
  CasePlanRequest request{.id = "p", .title = "T \"t\"", .question = "Q?", .seed = 9, .findings = {}};
  request.findings.push_back({.id = "f",
                              .run = {.method = "strike",
                                      .count = {},
                                      .crosswalk = {},
                                      .against = {},
                                      .arrivals = {},
                                      .challenges = {"c"},
                                      .options = {{"precinct_level", "precinct"}}},
                              .required = false});
  const auto plan = write_case_plan(*file, request, {folder_}, folder_ / "out", Context{});
  ASSERT_TRUE(plan) << describe(plan.error());
  ASSERT_EQ(plan->notes.size(), 1U);
  EXPECT_NE(plan->notes[0].find("written out of the case"), std::string::npos);
  const auto read = read_plan(folder_ / "out/plan.toml");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->title, request.title);
  EXPECT_EQ(read->seed, 9U);
  EXPECT_EQ(read->challenges.at(0).reason, "why \"so\"");
  EXPECT_FALSE(read->findings.at(0).required);
  EXPECT_EQ(read->rules.at("x-2020/president").title, rule.title);
  const auto& read_rule = read->rules.at("x-2020/president");
  ASSERT_EQ(read_rule.alternatives.size(), rule.alternatives.size());
  for (std::size_t a = 0; a < rule.alternatives.size(); ++a)
    for (std::size_t c = 0; c < rule.alternatives[a].clauses.size(); ++c)
      EXPECT_EQ(read_rule.alternatives[a].clauses[c].terms.size(), rule.alternatives[a].clauses[c].terms.size());
  const auto challenged = read_unit_list(folder_ / "out" / read->challenges.at(0).file);
  ASSERT_TRUE(challenged);
  EXPECT_EQ(*challenged, (std::vector<std::string>{"k1", "k3"}));
}

TEST_F(CasePlanTest, FindingsOfADossierNameTheRevisionsThatTheCaseHad) {
  auto file = CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create);
  Count count = everything();
  Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  rule.id = "x-rule";
  rule.title = "40 % and 10 points";
  const auto import = [&](const std::string& reason) {
    count.sha256 = count.content_hash();
    ASSERT_TRUE(file->transact("import", [&]() -> Result<void> {
      COTEJO_CHECK(file->add_count(count, rule, {"gone.csv", "00", 1, "gone.toml", "00"}, reason));
      return {};
    }));
  };
  import("");
  count.votes[0] = 61;
  import("the page was torn");
  const auto challenge = [&](std::vector<std::string> units, const std::string& reason) {
    ASSERT_TRUE(file->transact("challenge", [&]() -> Result<void> {
      COTEJO_CHECK(file->add_challenge({ChallengeId{"c"}, count.id, "w", "r", "s", std::move(units)},
                                       {"c.csv", "00", 1, "", ""}, reason));
      return {};
    }));
  };
  challenge({"k1"}, "");
  challenge({"k1", "k2"}, "one more");
  challenge({"k2"}, "one withdrawn");
  for (const auto& [asked, number] : {std::pair{"x-2020/final", 2}, {"x-2020/final@1", 1}}) {
    fs::remove_all(folder_ / "out");
    fs::create_directory(folder_ / "out");
    CasePlanRequest request{.id = "p", .title = "T", .question = "Q?", .seed = 9, .findings = {}};
    request.findings.push_back({.id = "f",
                                .run = {.method = "strike",
                                        .count = asked,
                                        .crosswalk = {},
                                        .against = {},
                                        .arrivals = {},
                                        .challenges = {"c"},
                                        .options = {{"precinct_level", "precinct"}}}});
    const auto plan = write_case_plan(*file, request, {folder_}, folder_ / "out", Context{});
    if (number == 1) {
      EXPECT_FALSE(plan) << "the challenge is of the latest";
      continue;
    }
    ASSERT_TRUE(plan) << describe(plan.error());
    const auto read = read_plan(folder_ / "out/plan.toml");
    ASSERT_TRUE(read) << describe(read.error());
    const auto audit = run_plan(*read, {folder_ / "out", folder_ / "out"}, Context{});
    ASSERT_TRUE(audit) << describe(audit.error());
    std::string named;
    for (const auto& input : audit->findings.at(0).inputs)
      named += input.kind + " " + std::to_string(input.revision) + " of " + std::to_string(input.revisions) + "; ";
    EXPECT_EQ(named, "count 2 of 2; challenge 3 of 3; ");
  }
}

TEST_F(CasePlanTest, AnAssemblyIsReadFromItsTablesAndFromNothingElse) {
  const auto tables = [](const std::string& title) {
    return "schema = \"cotejo.assembly/1\"\n[assembly]\nid = \"council\"\nbody = \"C\"\ntitle = \"" + title +
           "\"\n[[member]]\nid = \"A\"\nname = \"Aland\"\n[[body]]\nid = \"C\"\nname = \"Council\"\nfounded = "
           "\"1950\"\n[[event]]\nmember = \"A\"\nkind = \"accession\"\ndate = \"1950\"\n";
  };
  const auto put = [&](const std::string& text) {
    std::ofstream(folder_ / "council.toml") << text;
    return folder_ / "council.toml";
  };
  const auto read = read_assembly(put(tables("The Council")));
  ASSERT_TRUE(read) << describe(read.error());
  auto file = CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create);
  ASSERT_TRUE(file->transact("import", [&]() -> Result<void> {
    const auto& table = read->files[0];
    COTEJO_CHECK(file->add_assembly(read->assembly, {"council.toml", table.sha256, table.bytes, "", ""}));
    Assembly other = read->assembly;
    other.id = AssemblyId{"archive"};
    COTEJO_CHECK(file->add_assembly(other, {"council.toml", table.sha256, table.bytes, "", ""}));
    other.id = AssemblyId{"lost"};
    COTEJO_CHECK(file->add_assembly(other, {"nowhere.toml", "00", 1, "", ""}));
    return {};
  }));
  const auto plan = [&](const std::string& assembly, const std::string& method = "seats") {
    fs::remove_all(folder_ / "out");
    fs::create_directory(folder_ / "out");
    CasePlanRequest request{.id = "p", .title = "T", .question = "Q?", .seed = 9, .findings = {}};
    request.findings.push_back({.id = "f", .run = {.method = method, .assembly = assembly}});
    return write_case_plan(*file, request, {folder_}, folder_ / "out", Context{});
  };
  ASSERT_TRUE(plan("council")) << describe(plan("council").error());
  const auto written = read_plan(folder_ / "out/plan.toml");
  ASSERT_TRUE(written) << describe(written.error());
  EXPECT_EQ(written->findings.at(0).assembly.text, "council");
  const auto audit = run_plan(*written, {folder_ / "out", folder_ / "out"}, Context{});
  ASSERT_TRUE(audit) << describe(audit.error());
  EXPECT_EQ(audit->assemblies.at(0).sha256, read->assembly.sha256);
  EXPECT_EQ(plan("archive").error().code, ErrorCode::plan_invalid) << "the tables have another id";
  EXPECT_EQ(plan("lost").error().code, ErrorCode::file_missing);
  EXPECT_EQ(plan("council", "count").error().code, ErrorCode::usage) << "it takes a count";
  put(tables("Another Council"));
  EXPECT_EQ(plan("council").error().code, ErrorCode::file_missing) << "no file has the hash of the import";
}

TEST_F(CasePlanTest, AnUnknownMethodCountOrOptionIsToldBeforeAnythingRuns) {
  auto file = CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create);
  ASSERT_TRUE(file->transact("import", [&]() -> Result<void> {
    COTEJO_CHECK(file->add_count(everything(), std::nullopt, {"gone.csv", "00", 1, "", ""}));
    return {};
  }));
  const auto asked = [&](RunRequest run) {
    fs::remove_all(folder_ / "out");
    fs::create_directory(folder_ / "out");
    return write_case_plan(
        *file, {.id = "p", .title = "T", .question = "Q", .seed = 1, .findings = {{.id = "f", .run = std::move(run)}}},
        {}, folder_ / "out", Context{});
  };
  const auto run = [](std::string method, std::string count, OptionTexts options) {
    return RunRequest{.method = std::move(method),
                      .count = std::move(count),
                      .crosswalk = {},
                      .against = {},
                      .arrivals = {},
                      .challenges = {},
                      .options = std::move(options)};
  };
  EXPECT_EQ(asked(run("strke", "", {})).error().code, ErrorCode::method_unknown);
  EXPECT_EQ(asked(run("count", "y", {})).error().code, ErrorCode::count_unknown);
  EXPECT_EQ(asked(run("arithmetic", "", {{"defect_limi", "1"}})).error().code, ErrorCode::option_invalid);
  EXPECT_TRUE(asked(run("arithmetic", "", {{"defect_limit", "1"}})));
}

}  // namespace
}  // namespace cotejo
