// Findings kept in a case become the plan that asks for them again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cotejo/engine/case_plan.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class PlanOfFindings : public testing::Test {
 protected:
  PlanOfFindings() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-findings-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    file_ = std::move(*CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create));
    Count count;
    count.id = CountId{"x/final"};
    count.contest = {ContestId{"x/president"}, "President", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
    count.hierarchy = Hierarchy({"town"});
    for (const char* key : {"1", "2", "3"}) {
      count.unit_keys.push_back(key);
      count.unit_place.push_back(count.hierarchy.add(no_place, std::string("T") + key));
    }
    count.votes = {60, 10, 5, 20, 10, 1};
    count.sha256 = count.content_hash();
    add([&]() -> Result<void> {
      COTEJO_CHECK(file_->add_count(count, Rule::plurality(), {"gone.csv", "00", 1, "gone.toml", "00"}));
      COTEJO_CHECK(
          file_->add_challenge({ChallengeId{"c"}, count.id, "by", "why", "page 1", {"1"}}, {"c.csv", "00", 1, "", ""}));
      return {};
    });
  }
  ~PlanOfFindings() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void add(const std::function<Result<void>()>& work) {
    const auto done = file_->transact("test", work);
    ASSERT_TRUE(done) << describe(done.error());
  }
  void keep(const RunRequest& request, Seed seed = 7) {
    auto inputs = load_inputs(*file_, request);
    ASSERT_TRUE(inputs) << describe(inputs.error());
    const auto finding = inputs->method->run(inputs->view(), request.options, Context{.seed = seed});
    ASSERT_TRUE(finding) << describe(finding.error());
    add([&] { return file_->add_finding(*finding); });
  }
  fs::path folder_;
  std::optional<CaseFile> file_;
};

TEST_F(PlanOfFindings, AsksForEachWithItsInputsAndTheOptionsThatWereChosen) {
  keep({.method = "count"});
  keep({.method = "strike", .challenges = {"c"}, .options = {{"precinct_level", "town"}}});
  const auto plan = plan_of_findings(*file_);
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->seed, 7U);
  EXPECT_FALSE(plan->question.empty());
  ASSERT_EQ(plan->findings.size(), 2U);
  EXPECT_EQ(plan->findings[0].run.method, "count");
  EXPECT_THAT(plan->findings[0].run.options, IsEmpty());
  EXPECT_EQ(plan->findings[1].run.count, "x/final");
  EXPECT_THAT(plan->findings[1].run.challenges, ElementsAre("c"));
  EXPECT_THAT(plan->findings[1].run.options, ElementsAre(Pair("precinct_level", "town")));
}

TEST_F(PlanOfFindings, OfTheNamedFindingsAlone) {
  keep({.method = "count"});
  keep({.method = "headroom"});
  const auto plan = plan_of_findings(*file_, {"headroom"});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->findings.size(), 1U);
  EXPECT_EQ(plan->findings[0].id, "headroom");
  const auto none = plan_of_findings(*file_, {"headrom"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().remedy, "Did you mean 'headroom'?");
}

TEST_F(PlanOfFindings, ACaseWithoutFindingsOrWithSeveralSeedsIsRefused) {
  const auto none = plan_of_findings(*file_);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().remedy.find("--save"), std::string::npos);
  keep({.method = "count"}, 1);
  keep({.method = "headroom"}, 2);
  const auto two = plan_of_findings(*file_);
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().column, "seed");
}

}  // namespace
}  // namespace cotejo
