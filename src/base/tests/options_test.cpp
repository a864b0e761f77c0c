#include "cotejo/base/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cotejo {
namespace {

using testing::HasSubstr;

struct Request {
  std::int64_t replicates = 9999;
  double share = .5;
  bool weighted = false;
  std::string level = "precinct";
  std::string mode = "exact";
};

const OptionTable<Request>& table() {
  static const OptionTable<Request> options = [] {
    OptionTable<Request> t;
    t.add(&Request::replicates, {.name = "replicates", .unit = "draws", .text = "How many.", .low = 99, .high = 1e6});
    t.add(&Request::share, {.name = "share", .unit = "share 0..1", .text = "Which share.", .low = 0, .high = 1});
    t.add(&Request::weighted, {.name = "weighted", .unit = "", .text = "Whether."});
    t.add(&Request::level, {.name = "level", .unit = "level", .text = "Which level."});
    t.add(&Request::mode, {.name = "mode", .unit = "", .text = "How.", .choices = {"exact", "drawn"}});
    return t;
  }();
  return options;
}

Error refused(std::string_view name, std::string_view value) {
  Request request;
  const auto result = table().set(request, name, value);
  EXPECT_FALSE(result) << name << " = " << value << " was taken";
  EXPECT_EQ(request.replicates, 9999);
  EXPECT_EQ(request.share, .5);
  EXPECT_EQ(request.weighted, false);
  EXPECT_EQ(request.level, "precinct");
  EXPECT_EQ(request.mode, "exact");
  return result ? Error{} : result.error();
}

TEST(OptionTable, TakesTheDefaultFromTheRequestItself) {
  const auto infos = table().infos();
  ASSERT_EQ(infos.size(), 5U);
  EXPECT_EQ(infos[0].initial, OptionValue{std::int64_t{9999}});
  EXPECT_EQ(infos[1].initial, OptionValue{.5});
  EXPECT_EQ(infos[2].initial, OptionValue{false});
  EXPECT_EQ(infos[3].initial, OptionValue{std::string("precinct")});
}

TEST(OptionTable, SetsEveryKindAndReadsItBackInOrder) {
  Request request;
  for (const auto& [name, value] : {std::pair{"replicates", "500"},
                                    {"share", "0.25"},
                                    {"weighted", "yes"},
                                    {"level", "municipality"},
                                    {"mode", "drawn"}}) {
    const auto set = table().set(request, name, value);
    EXPECT_TRUE(set) << describe(set.error());
  }
  const auto values = table().values(request);
  ASSERT_EQ(values.size(), 5U);
  EXPECT_EQ(values[0], (std::pair<std::string, OptionValue>{"replicates", std::int64_t{500}}));
  EXPECT_EQ(values[1], (std::pair<std::string, OptionValue>{"share", .25}));
  EXPECT_EQ(values[2], (std::pair<std::string, OptionValue>{"weighted", true}));
  EXPECT_EQ(values[3], (std::pair<std::string, OptionValue>{"level", std::string("municipality")}));
  EXPECT_EQ(values[4], (std::pair<std::string, OptionValue>{"mode", std::string("drawn")}));
}

TEST(OptionTable, BoundsAreInclusive) {
  Request request;
  EXPECT_TRUE(table().set(request, "replicates", "99"));
  EXPECT_TRUE(table().set(request, "replicates", "1000000"));
  EXPECT_TRUE(table().set(request, "share", "0"));
  EXPECT_TRUE(table().set(request, "share", "1"));
}

TEST(OptionTable, RefusesValuesOutOfBoundsOrOfAnotherType) {
  for (const auto& [name, value] : {std::pair{"replicates", "98"},
                                    {"replicates", "1000001"},
                                    {"replicates", "500.5"},
                                    {"replicates", "5e2"},
                                    {"replicates", ""},
                                    {"replicates", "500 "},
                                    {"replicates", "99999999999999999999"},
                                    {"share", "1.0000001"},
                                    {"share", "-0.1"},
                                    {"share", "nan"},
                                    {"share", "inf"},
                                    {"share", "half"},
                                    {"weighted", "1"},
                                    {"weighted", "True"},
                                    {"mode", "approximate"}}) {
    const auto error = refused(name, value);
    EXPECT_EQ(error.code, ErrorCode::option_invalid);
    EXPECT_THAT(error.message, HasSubstr(name));
    EXPECT_EQ(error.value, value);
    EXPECT_THAT(error.remedy, HasSubstr("default")) << "the remedy names the default";
  }
}

TEST(OptionTable, SaysWhatWouldHaveBeenRight) {
  EXPECT_THAT(refused("replicates", "5").message, HasSubstr("a whole number from 99 to 1000000"));
  EXPECT_THAT(refused("weighted", "maybe").message, HasSubstr("true or false"));
  EXPECT_THAT(refused("mode", "x").message, HasSubstr("exact, drawn"));
}

TEST(ParseOption, AnUnboundedNumberIsStillANumber) {
  const OptionInfo info{.name = "x", .unit = "", .text = "", .initial = 0.0};
  EXPECT_TRUE(parse_option(info, "-1e300"));
  EXPECT_FALSE(parse_option(info, "inf"));
  EXPECT_FALSE(parse_option(info, "-inf"));
  EXPECT_FALSE(parse_option(info, "nan"));
}

TEST(OptionTable, AnUnknownNameIsAnsweredWithTheNearest) {
  const auto slip = refused("replicatse", "100");
  EXPECT_EQ(slip.code, ErrorCode::option_invalid);
  EXPECT_EQ(slip.value, "replicatse");
  EXPECT_THAT(slip.remedy, HasSubstr("'replicates'"));
  const auto foreign = refused("bandwidth", "1");
  EXPECT_THAT(foreign.remedy, HasSubstr("replicates, share, weighted, level, mode"));
}

TEST(ToText, GivesEveryDigit) {
  EXPECT_EQ(to_text(OptionValue{.1}), "0.1");
  EXPECT_EQ(to_text(OptionValue{std::int64_t{-3}}), "-3");
  EXPECT_EQ(to_text(OptionValue{true}), "true");
  EXPECT_EQ(to_text(OptionValue{std::string("x")}), "x");
}

}  // namespace
}  // namespace cotejo
