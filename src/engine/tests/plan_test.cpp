#include "cotejo/engine/plan.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "cotejo/finding/catalogue.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-plan-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~PlanTest() override { fs::remove_all(folder_); }
  Result<Plan> read(const std::string& text) {
    std::ofstream(folder_ / "plan.toml") << text;
    return read_plan(folder_ / "plan.toml");
  }
  fs::path folder_;
};

const std::string head = "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"t\"\nquestion = \"q\"\nseed = 7\n";
const std::string input = "[[input]]\nprofile = \"profiles/a.toml\"\n";
const std::string challenge =
    "[[challenge]]\nid = \"c\"\ncount = \"x/f\"\nfile = \"c.csv\"\nby = \"b\"\nreason = \"r\"\nsource = \"s\"\n";
const std::string finding = "[[finding]]\nid = \"f\"\nmethod = \"count\"\ncount = \"x/f\"\n";

TEST_F(PlanTest, ReadsInputsChallengesRulesAndFindingsWithOptions) {
  const auto plan = read(head + input + challenge +
                         "[rule.\"x/p\"]\nuse = \"plurality\"\n"
                         "[[finding]]\nid = \"s\"\nmethod = \"collate\"\ncount = \"x/f\"\nagainst = \"x/q\"\n"
                         "options = { replicates = 500 }\n"
                         "[[finding]]\nid = \"t\"\nmethod = \"strike\"\ncount = \"x/f\"\nchallenges = [\"c\"]\n");
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->seed, 7U);
  EXPECT_EQ(plan->findings[0].options, (OptionTexts{{"replicates", "500"}}));
  EXPECT_EQ(plan->findings[0].against, std::vector<std::string>{"x/q"});
  EXPECT_EQ(plan->rules.at("x/p").id, "plurality");
  EXPECT_EQ(plan->data, "../shared/data");
  EXPECT_EQ(plan->sha256.size(), 64U);
}

TEST_F(PlanTest, TheReportOpensInAnyLanguageThatFindingsHaveTextsIn) {
  for (const auto& language : languages())
    EXPECT_TRUE(read(head + "language = \"" + language + "\"\n" + input + finding));
  const auto refused = read(head + "language = \"xx\"\n" + input + finding);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().remedy.find("es"), std::string::npos) << refused.error().remedy;
}

TEST_F(PlanTest, TheReasonForWhatWasSetAsideIsKept) {
  const auto plan = read(head + input + "accept_set_aside = \"the page is torn\"\n" + finding);
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->inputs[0].accept_set_aside, "the page is torn");
  EXPECT_FALSE(read(head + input + "accept_set_aside = \"\"\n" + finding)) << "no reason is no reason";
}

const std::string without_question = "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"t\"\nseed = 7\n";
std::string question(const std::string& id, const std::string& findings, bool primary = false) {
  return "[[question]]\nid = \"" + id + "\"\ntext = \"Is it so, " + id + "?\"\nfindings = [" + findings + "]\n" +
         (primary ? "primary = true\n" : "");
}

TEST_F(PlanTest, QuestionsNameTheFindingsThatAnswerThemAndThePrimaryOnesAreFirst) {
  const auto plan = read(without_question + question("a", "\"f\"") + question("b", "\"f\"", true) + input + finding);
  ASSERT_TRUE(plan) << describe(plan.error());
  ASSERT_EQ(plan->questions.size(), 2U);
  EXPECT_EQ(plan->questions[0].id, "b");
  EXPECT_EQ(plan->questions[1].findings, std::vector<std::string>{"f"});
  EXPECT_EQ(plan->question, "Is it so, b?");
}

TEST_F(PlanTest, APlanWithOneQuestionIsAnsweredByItsPrimaryFindings) {
  const auto plan =
      read(head + input + finding + "primary = true\n[[finding]]\nid = \"g\"\nmethod = \"count\"\ncount = \"x/f\"\n");
  ASSERT_TRUE(plan) << describe(plan.error());
  ASSERT_EQ(plan->questions.size(), 1U);
  EXPECT_EQ(plan->questions[0].text, "q");
  EXPECT_EQ(plan->questions[0].findings, std::vector<std::string>{"f"});
}

TEST_F(PlanTest, AuthorDayAndLicenceOfTheReportAreKept) {
  const auto plan =
      read(head + "author = \"The mission\"\ndate = \"2019-12-04\"\nlicence = \"CC BY 4.0\"\n" + input + finding);
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->licence, "CC BY 4.0");
  EXPECT_EQ(plan->author, "The mission");
  EXPECT_EQ(plan->date, "2019-12-04");
  EXPECT_FALSE(read(head + "date = \"December 2019\"\n" + input + finding));
  EXPECT_FALSE(read(head + "date = \"2019-12\"\n" + input + finding));
}

TEST_F(PlanTest, WhatAMethodDoesNotTakeIsRefused) {
  for (const char* key : {"challenges = [\"c\"]", "against = \"x/q\"", "arrivals = [\"a\"]", "crosswalk = \"k\""}) {
    const auto plan = read(head + input + challenge + finding + key + "\n");
    ASSERT_FALSE(plan) << key;
    EXPECT_EQ(plan.error().code, ErrorCode::plan_invalid) << key;
    EXPECT_NE(plan.error().message.find("the method 'count' takes no"), std::string::npos) << plan.error().message;
  }
}

struct Bad {
  const char* claim;
  std::string text;
  ErrorCode code;
  const char* says;
};

TEST_F(PlanTest, NamesWhatIsWrongWithItsLine) {
  const std::string seedless = "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"t\"\nquestion = \"q\"\n";
  const Bad bad[] = {
      {"not TOML", "schema = ", ErrorCode::plan_invalid, ""},
      {"another schema",
       "schema = \"cotejo.plan/9\"\nid = \"p\"\ntitle = \"t\"\nquestion = \"q\"\nseed = 1\n" + input + finding,
       ErrorCode::plan_invalid, "cotejo.plan/1"},
      {"no seed", seedless + input + finding, ErrorCode::plan_invalid, "seed"},
      {"an unknown key", head + "sede = 1\n" + input + finding, ErrorCode::plan_invalid, "sede"},
      {"a method that does not exist", head + input + "[[finding]]\nid = \"f\"\nmethod = \"strik\"\ncount = \"x/f\"\n",
       ErrorCode::method_unknown, "strike"},
      {"a challenge that the plan does not have",
       head + input + "[[finding]]\nid = \"f\"\nmethod = \"strike\"\ncount = \"x/f\"\nchallenges = [\"d\"]\n",
       ErrorCode::plan_invalid, "challenge"},
      {"two findings of one id", head + input + finding + finding, ErrorCode::plan_invalid, "same id"},
      {"a path that leaves the folder", head + "[[input]]\nprofile = \"../../etc/passwd\"\n" + finding,
       ErrorCode::plan_invalid, ".."},
      {"an absolute path", head + "[[input]]\nprofile = \"/etc/passwd\"\n" + finding, ErrorCode::plan_invalid,
       "absolute"},
      {"a data folder beside the root", head + "data = \"../elsewhere\"\n" + input + finding, ErrorCode::plan_invalid,
       ".."},
      {"a data folder anywhere", head + "data = \"/etc\"\n" + input + finding, ErrorCode::plan_invalid, "absolute"},
      {"a way out behind the custom folder", head + "data = \"../shared/data/../../x\"\n" + input + finding,
       ErrorCode::plan_invalid, ".."},
      {"an id that is not a file's name",
       head + input + "[[finding]]\nid = \"../f\"\nmethod = \"count\"\ncount = \"x/f\"\n", ErrorCode::plan_invalid,
       "id"},
      {"a question that names a finding the plan does not have",
       without_question + question("a", "\"f\", \"g\"") + input + finding, ErrorCode::plan_invalid, "Its findings: f."},
      {"a question without findings", without_question + question("a", "") + input + finding, ErrorCode::plan_invalid,
       "no answer"},
      {"a finding twice in a question", without_question + question("a", "\"f\", \"f\"") + input + finding,
       ErrorCode::plan_invalid, "twice"},
      {"two questions of one id", without_question + question("a", "\"f\"") + question("a", "\"f\"") + input + finding,
       ErrorCode::plan_invalid, "same id"},
      {"no question", without_question + input + finding, ErrorCode::plan_invalid, "question"},
      {"a hash that is none", head + input + "sha256 = \"abc\"\n" + finding, ErrorCode::plan_invalid, "64"},
      {"no input", head + finding, ErrorCode::plan_invalid, "[[input]]"},
      {"no finding", head + input, ErrorCode::plan_invalid, "[[finding]]"},
  };
  for (const auto& b : bad) {
    const auto plan = read(b.text);
    ASSERT_FALSE(plan) << b.claim;
    EXPECT_EQ(plan.error().code, b.code) << b.claim << ": " << describe(plan.error());
    EXPECT_NE(describe(plan.error()).find(b.says), std::string::npos) << b.claim << ": " << describe(plan.error());
    EXPECT_FALSE(plan.error().file.empty()) << b.claim;
  }
}

TEST_F(PlanTest, TheRootIsThePlansOwnFolderOrTheOneAboveItsPlans) {
  fs::create_directories(folder_ / "profiles");
  fs::create_directories(folder_ / "plans/deep");
  fs::create_directories(folder_ / "downloads/plans");
  EXPECT_EQ(root_of(folder_ / "p.toml"), folder_);
  EXPECT_EQ(root_of(folder_ / "plans/deep/p.toml"), folder_);
  EXPECT_EQ(root_of(folder_ / "profiles/p.toml"), folder_);
  // Not a folder further above, whose files are somebody's own.
  EXPECT_EQ(root_of(folder_ / "downloads/p.toml"), folder_ / "downloads");
  EXPECT_EQ(root_of(folder_ / "downloads/plans/p.toml"), folder_ / "downloads/plans");
}

}  // namespace
}  // namespace cotejo
