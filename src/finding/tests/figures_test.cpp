#include "cotejo/finding/figures.hpp"

#include <gtest/gtest.h>

#include <cmath>
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

TEST(Figures, WhatIsComparedHasNullWhereOneSideIsNotKnown) {
  Finding finding;
  finding.figures = {
      figure("d", "t", DumbbellsFigure{.rows = {{"u1", 60, 55.5}, {"u2", NAN, 50}}, .unit = "%"}),
      figure("s", words, SlopeFigure{.rows = {{"A", 80, 82, std::nullopt, std::nullopt, 300}}}),
      figure("p", "t", PValuesFigure{.rows = {{"spikes", 0.02, 0.1}, {"fingerprint", std::nullopt, std::nullopt}}})};
  const auto json = to_json(finding);
  EXPECT_EQ(json["figures"][0]["kind"], "dumbbells");
  EXPECT_EQ(json["figures"][0]["data"], nlohmann::json::parse(R"({"columns": ["label", "value", "reference"],
      "rows": [["u1", 60.0, 55.5], ["u2", null, 50.0]], "unit": "%"})"));
  EXPECT_EQ(json["figures"][1]["kind"], "slope");
  EXPECT_EQ(
      json["figures"][1]["data"],
      nlohmann::json::parse(R"({"columns": ["place", "before", "after", "controls_before", "controls_after", "weight"],
      "rows": [["A", 80.0, 82.0, null, null, 300.0]]})"));
  EXPECT_TRUE(json["messages"].contains("/figures/1/title"));
  EXPECT_EQ(json["figures"][2]["kind"], "p-values");
  EXPECT_EQ(json["figures"][2]["data"], nlohmann::json::parse(R"({"columns": ["method", "p_value", "p_adjusted"],
      "rows": [["spikes", 0.02, 0.1], ["fingerprint", null, null]]})"));
}

}  // namespace
}  // namespace cotejo
