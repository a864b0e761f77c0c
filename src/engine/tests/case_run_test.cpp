#include "cotejo/engine/case_run.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cotejo/engine/case_json.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

Count count_named(const std::string& id, bool official) {
  Count count;
  count.id = CountId{id};
  count.contest = {ContestId{"x"}, "x", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
  count.unit_keys.push_back("1");
  count.unit_keys.push_back("2");
  count.votes = {60, 10, 20, 10};
  count.official = official;
  count.sha256 = count.content_hash();
  return count;
}

class CaseRun : public ::testing::Test {
 protected:
  CaseRun() {
    std::string name = (fs::temp_directory_path() / "cotejo-run-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~CaseRun() override { fs::remove_all(folder_); }

  CaseFile with(const std::vector<Count>& counts) const {
    auto file = CaseFile::open(folder_ / "a.cotejo", CaseFile::Mode::create);
    EXPECT_TRUE(file->transact("import", [&]() -> Result<void> {
      for (const auto& count : counts)
        COTEJO_CHECK(file->add_count(count, Rule::plurality(), {"a.csv", "00", 1, "", ""}));
      COTEJO_CHECK(file->add_challenge({ChallengeId{"c"}, counts[0].id, "me", "why", "where", {"1"}},
                                       {"c.csv", "00", 1, "", ""}));
      return {};
    }));
    return std::move(*file);
  }
  fs::path folder_;
};

TEST_F(CaseRun, ACountMayBeLeftUnnamedWhereOneIsOfficial) {
  const CaseFile file = with({count_named("x/quick", false), count_named("x/final", true)});
  RunRequest request;
  request.method = "headroom";
  const auto inputs = load_inputs(file, request);
  ASSERT_TRUE(inputs) << describe(inputs.error());
  EXPECT_EQ(inputs->count->id.text, "x/final");
  const auto view = inputs->view();
  EXPECT_EQ(view.count, inputs->count.get());
  EXPECT_NE(view.rule, nullptr) << "the rule came with the import";
}

TEST_F(CaseRun, SeveralCountsNoneOfThemOfficialAreAskedFor) {
  const CaseFile file = with({count_named("x/quick", false), count_named("x/other", false)});
  const auto inputs = load_inputs(file, {.method = "count",
                                         .count = {},
                                         .crosswalk = {},
                                         .against = {},
                                         .arrivals = {},
                                         .challenges = {},
                                         .options = {}});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_NE(inputs.error().remedy.find("x/other"), std::string::npos);
}

TEST_F(CaseRun, AChallengeNamesItsOwnCount) {
  const CaseFile file = with({count_named("x/quick", false), count_named("x/other", false)});
  RunRequest request;
  request.method = "strike";
  request.challenges = {"c"};
  const auto inputs = load_inputs(file, request);
  ASSERT_TRUE(inputs) << describe(inputs.error());
  EXPECT_EQ(inputs->count->id.text, "x/quick");
  EXPECT_EQ(inputs->view().challenges.size(), 1U);
}

TEST_F(CaseRun, WhatAMethodDoesNotTakeIsRefusedForEveryMethod) {
  const CaseFile file = with({count_named("x/final", true)});
  for (const auto& method : methods()) {
    const auto refused = [&](auto change) {
      RunRequest request;
      request.method = method.info.id;
      change(request);
      const auto checked = check_inputs(method, request);
      if (!checked) {
        EXPECT_EQ(checked.error().code, ErrorCode::usage) << method.info.id;
        EXPECT_FALSE(load_inputs(file, request)) << method.info.id;
      }
      return !checked;
    };
    EXPECT_EQ(refused([](RunRequest& r) { r.against = {"x/final"}; }), !method.takes_other && !method.takes_others)
        << method.info.id;
    EXPECT_EQ(refused([](RunRequest& r) { r.challenges = {"c"}; }), !method.takes_challenges) << method.info.id;
    EXPECT_EQ(refused([](RunRequest& r) { r.arrivals = {"a"}; }), !method.takes_arrivals) << method.info.id;
    EXPECT_EQ(refused([](RunRequest& r) { r.crosswalk = "c"; }), !method.takes_crosswalk) << method.info.id;
    EXPECT_EQ(refused([](RunRequest& r) { r.assembly = "a"; }), !method.takes_assembly) << method.info.id;
    EXPECT_EQ(refused([](RunRequest& r) { r.count = "x/final"; }), method.takes_assembly) << method.info.id;
  }
}

TEST_F(CaseRun, ACountThatWasLoadedBeforeIsShared) {
  const CaseFile file = with({count_named("x/final", true)});
  const auto shared = std::make_shared<const Count>(count_named("x/final", true));
  const auto inputs = load_inputs(file,
                                  {.method = "collate",
                                   .count = "x/final",
                                   .crosswalk = {},
                                   .against = {"x/final"},
                                   .arrivals = {},
                                   .challenges = {},
                                   .options = {}},
                                  [&](const std::string&) -> Result<std::shared_ptr<const Count>> { return shared; });
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->view().count, shared.get());
  EXPECT_EQ(inputs->view().others.at(0), shared.get());
}

TEST_F(CaseRun, TheRegistrySaysOfWhichTypeAnOptionIsAndWhatAMethodNeeds) {
  for (const auto& method : methods()) {
    const auto json = to_json(method);
    EXPECT_EQ(json["needs"]["challenges"].get<bool>(), method.takes_challenges) << method.info.id;
    for (std::size_t i = 0; i < method.options.size(); ++i) {
      const auto& option = json["options"][i];
      const std::string type = option["type"];
      const auto& initial = option["default"];
      EXPECT_TRUE(type == "whole"  ? initial.is_number_integer()
                  : type == "real" ? initial.is_number()
                  : type == "flag" ? initial.is_boolean()
                                   : initial.is_string())
          << method.info.id << " " << option.dump();
    }
  }
}

}  // namespace
}  // namespace cotejo
