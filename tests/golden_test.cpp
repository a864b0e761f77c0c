// The dossier of a small synthetic election, number for number. COTEJO_UPDATE_GOLDEN rewrites the golden file.
#include "support.hpp"

namespace cotejo::test {
namespace {

TEST(GoldenDossier, OfTheSmallDemoElectionIsTheOneKept) {
  const TemporaryFolder folder;
  std::string plan = read_text(root() / "plans/demo.toml");
  const auto at = plan.find("units = 34555");
  ASSERT_NE(at, std::string::npos) << "plans/demo.toml no longer says how many units it draws";
  plan.replace(at, 13, "units = 3000");
  write_text(folder.path() / "plans/demo.toml", plan);
  std::filesystem::copy(root() / "profiles", folder.path() / "profiles");
  const Ran ran = run_program({"audit", "plans/demo.toml", "--out", "out", "--json"}, folder.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  auto findings = nlohmann::ordered_json::parse(ran.out);
  for (auto& finding : findings) {
    EXPECT_TRUE(says_what_it_means_for_the_outcome(finding)) << finding["id"];
    finding.erase("runtime");
    finding.erase("tables");  // the estimates and the test say enough, and keep the file readable
    finding.erase("figures");
    auto& messages = finding["messages"];
    for (auto message = messages.begin(); message != messages.end();) {
      const bool gone = message.key().starts_with("/tables/") || message.key().starts_with("/figures/");
      message = gone ? messages.erase(message) : std::next(message);
    }
  }
  const auto golden = root() / "tests/golden/demo-findings.json";
  if (updating_golden()) write_text(golden, findings.dump(1) + "\n");
  EXPECT_EQ(findings.dump(1) + "\n", read_text(golden));

  const Ran verified = run_program({"verify", "out", "--rerun"}, folder.path());
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace cotejo::test
