#include "cotejo/intake/rule_reader.hpp"

#include <nlohmann/json.hpp>

#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

Result<Rule> rule_of(std::string_view toml) {
  const auto table = toml::parse(toml);
  return parse_rule(*table["rule"].as_table(), "r.toml");
}

Contest contest_of(std::initializer_list<const char*> ids) {
  Contest contest{.id = ContestId{"c"}, .title = {}, .options = {}};
  for (const char* id : ids) contest.options.push_back({OptionId{id}, id});
  return contest;
}

constexpr const char* article_166 = R"(
[rule]
id        = "bo-constitution-166"
title     = "More than half of the valid votes, or 40 % and a lead of 10 points"
source    = "Constitution of Bolivia, article 166"
met       = "winner"
otherwise = "runoff"
[[rule.alternative]]
name = "absolute majority"
[[rule.alternative.clause]]
name = "more than half of the valid votes"
is   = ">"
terms = { leader = 1, valid = "-1/2" }
[[rule.alternative]]
name = "40 % and 10 points"
[[rule.alternative.clause]]
name = "40 % of the valid votes"
is   = ">="
terms = { leader = 1, valid = "-2/5" }
[[rule.alternative.clause]]
name = "10 points ahead of the second"
is   = ">="
terms = { leader = 1, runner_up = -1, valid = "-1/10" }
)";

TEST(RuleReader, TheRuleOfTheDocumentIsReadAsItStands) {
  const auto rule = rule_of(article_166);
  ASSERT_TRUE(rule) << describe(rule.error());
  EXPECT_EQ(rule->id, "bo-constitution-166");
  EXPECT_EQ(rule->source, "Constitution of Bolivia, article 166");
  EXPECT_EQ(rule->met, Verdict::winner);
  EXPECT_EQ(rule->otherwise, Verdict::runoff);
  ASSERT_EQ(rule->alternatives.size(), 2U);
  ASSERT_EQ(rule->alternatives[1].clauses.size(), 2U);
  EXPECT_EQ(rule->alternatives[0].clauses[0].comparison, Comparison::greater);
  EXPECT_EQ(rule->alternatives[1].clauses[1].terms.size(), 3U);
}

// Bolivia 2019, official count: CC 2,240,920, MAS 2,889,359, valid 6,137,671 (docs/published-figures.md); the long and the short form
// must agree.
TEST(RuleReader, TheLongAndTheShortFormGiveTheSameOutcome) {
  const auto written = rule_of(article_166);
  const auto named = rule_of("[rule]\nuse = \"share-and-lead\"\nshare = \"2/5\"\nlead = \"1/10\"\n");
  ASSERT_TRUE(written);
  ASSERT_TRUE(named) << describe(named.error());
  const auto contest = contest_of({"CC", "MAS", "other"});
  for (const std::int64_t moved : {0, 2'000, 50'000, 800'000}) {
    Tally tally;
    tally.options = {2'240'920 + moved, 2'889'359 - moved, 1'007'392};
    tally.valid = 6'137'671;
    const auto a = apply(*written, contest, tally), b = apply(*named, contest, tally);
    EXPECT_TRUE(a.same_as(b)) << moved;
    EXPECT_DOUBLE_EQ(a.slack.value(), b.slack.value()) << moved;
  }
}

TEST(RuleReader, EveryShortFormIsKnown) {
  EXPECT_EQ(rule_of("rule = { use = \"plurality\" }")->otherwise, Verdict::none);
  EXPECT_EQ(rule_of("rule = { use = \"majority-runoff\" }")->otherwise, Verdict::runoff);
  const auto referendum = rule_of("rule = { use = \"referendum\", yes = \"SI\", no = \"NO\", quorum = \"1/2\" }");
  ASSERT_TRUE(referendum) << describe(referendum.error());
  EXPECT_EQ(referendum->alternatives[0].clauses.size(), 2U);
  EXPECT_EQ(rule_of("rule = { use = \"referendum\", yes = \"SI\", no = \"NO\" }")->alternatives[0].clauses.size(), 1U)
      << "no quorum is no clause";
  const auto named = rule_of("rule = { use = \"majority-runoff\", id = \"pl-127\", title = \"T\", source = \"S\" }");
  ASSERT_TRUE(named) << describe(named.error());
  EXPECT_EQ(named->id, "pl-127");
  EXPECT_EQ(named->title, "T");
  EXPECT_EQ(named->source, "S");
}

// The gallery of the workbench's page of imports.
TEST(RuleReader, EveryRuleOfTheGalleryIsReadAndIsAboutTheContestsOptions) {
  std::ifstream file(COTEJO_REPOSITORY "/web/src/workbench/import/rules.json");
  const auto gallery = nlohmann::json::parse(file);
  EXPECT_GE(gallery.size(), 5U);
  for (const auto& entry : gallery) {
    const auto rule = rule_of(entry.at("toml").get<std::string>());
    ASSERT_TRUE(rule) << entry << describe(rule.error());
    EXPECT_TRUE(validate(*rule, contest_of({"YES", "NO"}))) << entry;
    EXPECT_FALSE(rule->title.empty()) << entry;
  }
}

TEST(RuleReader, ATermMayBeAnOption) {
  const auto rule = rule_of(
      "[rule]\nid = \"r\"\nmet = \"adopted\"\notherwise = \"rejected\"\n[[rule.alternative]]\nname = "
      "\"yes\"\n[[rule.alternative.clause]]\nis = \">\"\n"
      "terms = { \"option:SI\" = 1, \"option:NO\" = -1, constant = -10 }\n");
  ASSERT_TRUE(rule) << describe(rule.error());
  EXPECT_EQ(rule->alternatives[0].clauses[0].name, "yes") << "a clause without a name has its alternative's";
  Tally tally;
  tally.options = {60, 50};
  EXPECT_EQ(apply(*rule, contest_of({"SI", "NO"}), tally).verdict, Verdict::rejected);
  tally.options = {61, 50};
  EXPECT_EQ(apply(*rule, contest_of({"SI", "NO"}), tally).verdict, Verdict::adopted);
}

struct BadRule {
  const char* name;
  const char* toml;
  const char* key;
  const char* message;
};
class BadRules : public testing::TestWithParam<BadRule> {};

TEST_P(BadRules, AreRefusedWithTheirKeyAndLine) {
  const auto error = error_of(rule_of(GetParam().toml));
  EXPECT_EQ(name_of(error.code), "profile_invalid");
  EXPECT_EQ(error.file, "r.toml");
  EXPECT_EQ(error.column, GetParam().key) << describe(error);
  EXPECT_THAT(error.message, HasSubstr(GetParam().message));
  EXPECT_GT(error.row, 0);
}

INSTANTIATE_TEST_SUITE_P(
    RuleReader, BadRules,
    testing::Values(
        BadRule{"empty", "[rule]\n", "rule", "the key `id` is missing"},
        BadRule{"no_alternative", "[rule]\nid = \"r\"\n", "rule", "no [[rule.alternative]]"},
        BadRule{"no_clause", "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n", "rule.alternative[1]",
                "no [[rule.alternative.clause]]"},
        BadRule{"no_terms",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = \">\"\n",
                "rule.alternative[1].clause[1]", "the key `terms` is missing"},
        BadRule{"empty_terms",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\">\"\nterms = {}\n",
                "rule.alternative[1].clause[1].terms", "expected 1 to"},
        BadRule{"unknown_quantity",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\">\"\nterms = { leeder = 1 }\n",
                "rule.alternative[1].clause[1].terms.leeder", "no such quantity"},
        BadRule{"floating_point",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\">\"\nterms = { leader = 0.5 }\n",
                "rule.alternative[1].clause[1].terms.leader", "found a number with a point"},
        BadRule{"division_by_zero",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\">\"\nterms = { leader = \"1/0\" }\n",
                "rule.alternative[1].clause[1].terms.leader", "fraction"},
        BadRule{"huge_coefficient",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\">\"\nterms = { leader = 99999999999 }\n",
                "rule.alternative[1].clause[1].terms.leader", "at most 1,000,000"},
        BadRule{"another_comparison",
                "[rule]\nid = \"r\"\n[[rule.alternative]]\nname = \"x\"\n[[rule.alternative.clause]]\nis = "
                "\"=\"\nterms = { leader = 1 }\n",
                "rule.alternative[1].clause[1].is", "expected one of \">\", \">=\""},
        BadRule{"another_verdict",
                "[rule]\nid = \"r\"\nmet = \"runoff\"\n[[rule.alternative]]\nname = "
                "\"x\"\n[[rule.alternative.clause]]\nis = \">\"\nterms = { leader = 1 }\n",
                "rule.met", "expected one of \"winner\", \"adopted\""},
        BadRule{"short_and_long", "[rule]\nuse = \"plurality\"\n[[rule.alternative]]\nname = \"x\"\n",
                "rule.alternative", "no such key"},
        BadRule{"share_missing", "[rule]\nuse = \"share-and-lead\"\nlead = \"1/10\"\n", "rule",
                "the key `share` is missing"},
        BadRule{"share_not_a_fraction", "[rule]\nuse = \"share-and-lead\"\nshare = \"forty\"\nlead = \"1/10\"\n",
                "rule.share", "fraction"},
        BadRule{"yes_and_no_the_same", "[rule]\nuse = \"referendum\"\nyes = \"A\"\nno = \"A\"\n", "rule.no",
                "the same option"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cotejo
