#include "cotejo/finding/figures.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cotejo {
namespace {

const Message words{"texts.appended", {{"first", "a"}, {"then", "b"}}};

TEST(Figures, HoldTheDataOfTheirKindAndNameTheirMessages) {
  Finding finding;
  finding.figures = {figure("f", words, OutcomeFigure{.rows = {{"whole", 20.5, false, words}}, .unit = "votes"}),
                     figure("g", "t", BarsFigure{.rows = {{words, 3., 12.5}, {"B", std::nullopt}}, .unit = words})};
  const auto json = to_json(finding);
  EXPECT_EQ(json["figures"][0]["kind"], "outcome");
  EXPECT_EQ(json["figures"][0]["data"],
            nlohmann::json::parse(R"({"columns": ["reading", "slack", "survives", "outcome"],
      "rows": [["whole", 20.5, false, "a b"]], "unit": "votes"})"));
  EXPECT_EQ(json["figures"][1]["data"], nlohmann::json::parse(R"({"columns": ["label", "value", "note"],
      "rows": [["a b", 3.0, 12.5], ["B", null, null]], "unit": "a b"})"));
  std::vector<std::string> where;
  for (const auto& [at, message] : json["messages"].items()) where.push_back(at);
  EXPECT_EQ(where, (std::vector<std::string>{"/figures/0/title", "/figures/0/data/rows/0/3", "/figures/1/data/rows/0/0",
                                             "/figures/1/data/unit"}));
}

}  // namespace
}  // namespace cotejo
