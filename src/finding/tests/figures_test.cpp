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

TEST(Figures, LinesIntervalsAndLatticesHaveTheKeysThatThePagesRead) {
  Finding finding;
  finding.figures = {
      figure("l", "t",
             LineFigure{.points = {{1, 2.5}}, .x_label = words, .unit = "%", .logarithmic = true, .references = {5}}),
      figure("i", "t", IntervalsFigure{.rows = {{"A", 3, 1, 4}}, .unit = "votes"}),
      figure("s", "t", LatticeFigure{.rows = {{words, 3, -2, false, true}}, .unit = "votes"})};
  const auto json = to_json(finding);
  EXPECT_EQ(json["figures"][0]["kind"], "line");
  EXPECT_EQ(json["figures"][0]["data"], nlohmann::ordered_json::parse(R"({"columns": ["x", "y"], "rows": [[1.0, 2.5]],
      "x_label": "a b", "unit": "%", "log": true, "references": [5]})"));
  EXPECT_EQ(json["figures"][1]["kind"], "intervals");
  EXPECT_EQ(json["figures"][1]["data"], nlohmann::json::parse(R"({"columns": ["label", "value", "low", "high"],
      "rows": [["A", 3.0, 1.0, 4.0]], "unit": "votes"})"));
  EXPECT_EQ(json["figures"][2]["kind"], "lattice");
  EXPECT_EQ(json["figures"][2]["data"],
            nlohmann::json::parse(R"({"columns": ["set", "members", "slack", "survives", "minimal"],
      "rows": [["a b", 3, -2.0, false, true]], "unit": "votes"})"));
  EXPECT_TRUE(json["messages"].contains("/figures/0/data/x_label"));
  EXPECT_TRUE(json["messages"].contains("/figures/2/data/rows/0/0"));
}

}  // namespace
}  // namespace cotejo
