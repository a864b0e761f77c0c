#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/bounded_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

Finding full() {
  Finding finding;
  finding.id = "strike-oas-226";
  finding.method = "strike";
  finding.title = "t";
  finding.question = "q?";
  finding.answer = Answer::depends;
  finding.headline = "h";
  finding.inputs = {{"count", "bo-2019/computo", "ab12", 34555}, {"challenge", "oas-226", "cd34", 226}};
  finding.options = {
      {"replicates", std::int64_t{9999}}, {"share", .25}, {"weighted", true}, {"level", std::string("precinct")}};
  finding.seed = 18446744073709551615ULL;
  finding.estimates = {{"margin_points", 10.078238, "points of valid votes", "100 (M - C) / V"},
                       {"f", 1, "", "", 0.5, 1.5, .95}};
  finding.test = cotejo::Test{
      .statistic = 2, .p_value = .03, .kind = TestKind::calibrated, .null = "n", .replicates = 999, .p_adjusted = .06};
  finding.at_stake = AtStake{.votes = 34718,
                             .of_slack = 34671.9,
                             .decisive = true,
                             .mechanism = "voided",
                             .votes_low = 30000,
                             .votes_high = 40000,
                             .needed = 38525};
  finding.conditions = {{"c", false}};
  finding.caveats = {"caveat"};
  finding.does_not_show = {"d"};
  finding.references = {"r"};
  finding.tables = {{.id = "readings",
                     .title = "tt",
                     .columns = {{"reading"}, {"margin_points", "points", "def"}},
                     .rows = {{std::string("whole"), 10.5}, {std::monostate{}, std::int64_t{3}}, {true, std::nan("")}},
                     .brief = {"reading"}}};
  finding.figures = {{"f1", "curve", "ft", R"({"x":[1,2]})"}};
  finding.runtime = {.seconds = 1.5, .threads = 2, .ranks = 1};
  return finding;
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> out;
  for (const auto& [key, value] : json.items()) out.push_back(key);
  return out;
}

TEST(FindingJson, HasTheKeysOfTheSchemaInItsOrder) {
  // docs/formats/finding.md.
  const Json json = to_json(full());
  EXPECT_THAT(keys_of(json), ElementsAre("schema", "id", "method", "title", "question", "answer", "for_outcome",
                                         "primary", "headline", "in_short", "inputs", "options", "seed", "estimates",
                                         "test", "at_stake", "conditions", "caveats", "does_not_show", "references",
                                         "see_also", "tables", "figures", "messages", "runtime"));
  EXPECT_THAT(keys_of(json["options"]), ElementsAre("replicates", "share", "weighted", "level"));
  EXPECT_THAT(keys_of(json["estimates"]), ElementsAre("margin_points", "f"));
  EXPECT_THAT(keys_of(json["estimates"]["f"]), ElementsAre("value", "low", "high", "level", "unit", "definition"));
  EXPECT_THAT(keys_of(json["test"]),
              ElementsAre("statistic", "p_value", "p_error", "at_most", "kind", "null", "replicates", "p_adjusted"));
  EXPECT_THAT(keys_of(json["at_stake"]),
              ElementsAre("votes", "votes_low", "votes_high", "mechanism", "needed", "of_slack", "decisive"));
  EXPECT_THAT(keys_of(json["conditions"][0]), ElementsAre("text", "met"));
  EXPECT_THAT(keys_of(json["tables"][0]), ElementsAre("id", "title", "columns", "rows", "brief"));
  EXPECT_THAT(keys_of(json["tables"][0]["columns"][0]), ElementsAre("name", "unit"));
  EXPECT_THAT(keys_of(json["tables"][0]["columns"][1]), ElementsAre("name", "unit", "definition"));
  EXPECT_THAT(keys_of(json["figures"][0]), ElementsAre("id", "kind", "title", "data"));
  EXPECT_THAT(keys_of(json["runtime"]), ElementsAre("seconds", "threads", "ranks"));
}

TEST(FindingJson, HoldsEveryValue) {
  const Json json = to_json(full());
  EXPECT_EQ(json["schema"], "cotejo.finding/2");
  EXPECT_EQ(json["id"], "strike-oas-226");
  EXPECT_EQ(json["method"], "strike");
  EXPECT_EQ(json["answer"], "depends");
  EXPECT_EQ(
      json["inputs"][0],
      (Json{{"count", "bo-2019/computo"}, {"sha256", "ab12"}, {"revision", 1}, {"revisions", 1}, {"units", 34555}}));
  EXPECT_EQ(json["inputs"][1]["challenge"], "oas-226");
  EXPECT_EQ(json["options"], (Json{{"replicates", 9999}, {"share", .25}, {"weighted", true}, {"level", "precinct"}}));
  EXPECT_EQ(json["seed"], 18446744073709551615ULL);
  EXPECT_EQ(json["estimates"]["margin_points"], (Json{{"value", 10.078238},
                                                      {"low", nullptr},
                                                      {"high", nullptr},
                                                      {"level", nullptr},
                                                      {"unit", "points of valid votes"},
                                                      {"definition", "100 (M - C) / V"}}));
  EXPECT_EQ(json["estimates"]["f"]["high"], 1.5);
  EXPECT_EQ(json["test"], (Json{{"statistic", 2.},
                                {"p_value", .03},
                                {"p_error", monte_carlo_error(*full().test)},
                                {"at_most", false},
                                {"kind", "calibrated"},
                                {"null", "n"},
                                {"replicates", 999},
                                {"p_adjusted", .06}}));
  EXPECT_EQ(json["at_stake"], (Json{{"votes", 34718.},
                                    {"votes_low", 30000.},
                                    {"votes_high", 40000.},
                                    {"mechanism", "voided"},
                                    {"needed", 38525.},
                                    {"of_slack", 34671.9},
                                    {"decisive", true}}));
  EXPECT_EQ(json["conditions"][0], (Json{{"text", "c"}, {"met", false}}));
  EXPECT_EQ(json["tables"][0]["rows"][0], (Json{"whole", 10.5}));
  EXPECT_EQ(json["tables"][0]["rows"][1], (Json{nullptr, 3}));
  EXPECT_EQ(json["figures"][0]["data"], (Json{{"x", {1, 2}}}));
  EXPECT_EQ(json["runtime"], (Json{{"seconds", 1.5}, {"threads", 2}, {"ranks", 1}}));
}

TEST(TestOfAFinding, APValueAtItsFloorIsAtMostThatAndOneThatWasComputedHasNoMonteCarloError) {
  const cotejo::Test drawn{.p_value = .001, .kind = TestKind::calibrated, .null = {}, .replicates = 999};
  EXPECT_TRUE(at_floor(drawn));
  EXPECT_EQ(p_text(drawn), "at most 0.001");
  EXPECT_NEAR(monte_carlo_error(drawn), .001, 1e-6);
  const cotejo::Test above{.p_value = .187, .kind = TestKind::calibrated, .null = {}, .replicates = 999};
  EXPECT_FALSE(at_floor(above));
  EXPECT_EQ(p_text(above), "0.187");
  EXPECT_NEAR(monte_carlo_error(above), .01234, 1e-5);  // sqrt(.187 x .813 / 999)
  const cotejo::Test computed{.p_value = 1e-9, .kind = TestKind::exact, .null = {}};
  EXPECT_FALSE(at_floor(computed));
  EXPECT_EQ(monte_carlo_error(computed), 0);
  EXPECT_EQ(p_text(computed), "below 0.001");
}

TEST(FindingJson, WhatIsAbsentIsNullOrEmpty) {
  const Json json = to_json(Finding{});
  EXPECT_EQ(keys_of(json), keys_of(to_json(full())));
  EXPECT_TRUE(json["test"].is_null());
  EXPECT_TRUE(json["at_stake"].is_null());
  for (const char* list : {"inputs", "conditions", "caveats", "does_not_show", "references", "tables", "figures"})
    EXPECT_EQ(json[list], Json::array()) << list;
  for (const char* object : {"options", "estimates"}) EXPECT_EQ(json[object], Json::object()) << object;
  EXPECT_EQ(json["answer"], "descriptive");
}

TEST(FindingJson, WhatIsNotANumberIsNull) {
  Finding finding = full();
  for (const double bad :
       {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    finding.estimates[1] = {"f", bad, "", "", bad, bad, bad};
    finding.test =
        cotejo::Test{.statistic = bad, .p_value = bad, .kind = TestKind::exact, .null = "", .p_adjusted = bad};
    finding.at_stake = AtStake{.votes = bad, .of_slack = bad};
    finding.tables[0].rows = {{bad, 1.0}};
    const Json json = to_json(finding);
    for (const char* key : {"value", "low", "high", "level"})
      EXPECT_TRUE(json["estimates"]["f"][key].is_null()) << key << " " << bad;
    for (const char* key : {"statistic", "p_value", "p_adjusted"})
      EXPECT_TRUE(json["test"][key].is_null()) << key << " " << bad;
    EXPECT_TRUE(json["at_stake"]["votes"].is_null());
    EXPECT_TRUE(json["tables"][0]["rows"][0][0].is_null());
    EXPECT_EQ(json["tables"][0]["rows"][0][1], 1.0);
  }
}

TEST(FindingJson, DoublesReadBackToTheLastBit) {
  Stream stream(3, Purpose::bootstrap);
  std::vector<double> values{.1,   1 / 3.0, 10.564903, 1e-308, 5e-324, 1.7976931348623157e308, 9007199254740993.0,
                             -0.0, 34671.9};
  for (int i = 0; i < 2000; ++i) {
    const double drawn = std::bit_cast<double>(stream());
    if (std::isfinite(drawn)) values.push_back(drawn);
  }
  Finding finding;
  finding.tables = {{.id = "t", .title = "", .columns = {{"x"}}, .rows = {}}};
  for (const double value : values) finding.tables[0].rows.push_back({value});
  const Json json = Json::parse(to_json(finding).dump());
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(json["tables"][0]["rows"][i][0].get<double>()),
              std::bit_cast<std::uint64_t>(values[i]))
        << values[i];
}

TEST(FindingJson, WholeNumbersStayWholeNumbers) {
  Finding finding = full();
  finding.tables[0].rows = {{std::int64_t{9223372036854775807}, std::int64_t{-3}}};
  const Json json = Json::parse(to_json(finding).dump());
  EXPECT_EQ(json["tables"][0]["rows"][0][0].get<std::int64_t>(), 9223372036854775807);
  EXPECT_TRUE(json["tables"][0]["rows"][0][1].is_number_integer());
}

TEST(FindingJson, TextThatIsNotUtf8IsShownAndDoesNotThrow) {
  Finding finding = full();
  finding.headline = "Bogot\xE1";
  finding.tables[0].rows = {{std::string("\xff\xfe"), std::string("Bogotá")}};
  finding.options = {{"level", std::string("\xC0")}};
  const auto text = to_json(finding).dump();
  const Json json = Json::parse(text);
  EXPECT_EQ(json["headline"], "Bogot\\xE1");
  EXPECT_EQ(json["tables"][0]["rows"][0], (Json{"\\xFF\\xFE", "Bogotá"}));
  EXPECT_EQ(json["options"]["level"], "\\xC0");
}

TEST(FindingJson, IsTheSameTextEveryTime) {
  EXPECT_EQ(to_json(full()).dump(1), to_json(full()).dump(1));
}

TEST(Finding, FindsEstimatesAndTablesByName) {
  const Finding finding = full();
  ASSERT_NE(finding.estimate("f"), nullptr);
  EXPECT_EQ(finding.estimate("f")->low, .5);
  EXPECT_EQ(finding.estimate("g"), nullptr);
  const Table* table = finding.table("readings");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(finding.table("other"), nullptr);
  EXPECT_EQ(table->column("margin_points"), 1);
  EXPECT_EQ(table->column("nothing"), -1);
  ASSERT_NE(table->row("whole"), nullptr);
  EXPECT_EQ(std::get<double>((*table->row("whole"))[1]), 10.5);
  EXPECT_EQ(table->row("precinct"), nullptr);
}

TEST(Answer, HasTheFiveNamesOfTheSchema) {
  EXPECT_EQ(to_text(Answer::yes), "yes");
  EXPECT_EQ(to_text(Answer::no), "no");
  EXPECT_EQ(to_text(Answer::depends), "depends");
  EXPECT_EQ(to_text(Answer::undetermined), "undetermined");
  EXPECT_EQ(to_text(Answer::descriptive), "descriptive");
}

TEST(BoundedJson, IsDiscardedWhenItIsDeeperThanRecursionCanBear) {
  const auto nested = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
  };
  EXPECT_FALSE(parse_bounded(nested(deepest_json)).is_discarded());
  EXPECT_TRUE(parse_bounded(nested(deepest_json + 2)).is_discarded());
  EXPECT_TRUE(parse_bounded(nested(2'000'000)).is_discarded());
  EXPECT_TRUE(parse_bounded("{").is_discarded());
}

TEST(BoundedJson, IsTheTreeThatTheLibraryItselfMakes) {
  for (const char* text :
       {"null", "-3", "3", "0.5", "\"x\"", "[]", "{}", "[1,[2,{\"a\":[]}],{}]", "{\"b\":1,\"a\":{\"c\":[true,null]}}",
        "{\"a\":1,\"a\":[2]}", "[18446744073709551615,-9223372036854775808,1e300]", " [ \"\\u00f1\" ] "}) {
    EXPECT_EQ(parse_bounded(text), nlohmann::json::parse(text)) << text;
    EXPECT_EQ(parse_bounded<Json>(text).dump(), Json::parse(text).dump()) << text;
  }
  for (const char* text : {"", "[1,]", "[1] 2", "{\"a\"}", "\"\xff\"", "[1}", "nul"})
    EXPECT_TRUE(parse_bounded(text).is_discarded()) << text;
}

TEST(BoundedJson, TakesTimeInProportionToItsValues) {
  std::string objects = "[{}", keys = "{\"k\":0";
  for (int i = 1; i < 1'000'000; ++i) objects += ",{}";
  for (int i = 1; i < 1'000'000; ++i) keys += ",\"" + std::to_string(i) + "\":0";
  const auto begin = std::clock();
  EXPECT_EQ(parse_bounded(objects + "]").size(), 1'000'000U);
  EXPECT_EQ(parse_bounded(keys + "}").size(), 1'000'000U);
  EXPECT_TRUE(parse_bounded<Json>(keys + "}").is_discarded()) << "keys whose order is kept are searched one by one";
  EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC) << "each step with all earlier ones: a quarter of an hour";
}

TEST(BoundedJson, EndsWhenItIsCancelled) {
  std::stop_source stop;
  EXPECT_FALSE(parse_bounded("[1]", stop.get_token()).is_discarded());
  stop.request_stop();
  EXPECT_TRUE(parse_bounded("[1]", stop.get_token()).is_discarded());
}

}  // namespace
}  // namespace cotejo
