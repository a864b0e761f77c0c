#include "cotejo/methods/review/next_election.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::small_challenge;
using test::small_count;
using test::SmallUnit;
using ::testing::HasSubstr;

Finding finding_of(const Count& first, const Count& second, const Challenge& challenge,
                   NextElectionRequest request = {}, unsigned threads = 1) {
  request.challenges = {&challenge};
  request.other = &second;
  if (request.placebos == NextElectionRequest{}.placebos) request.placebos = 20;
  Context context;
  context.threads = threads;
  context.seed = 7;
  auto result = run(first, request, context);
  EXPECT_TRUE(result) << (result ? "" : describe(result.error()));
  return *std::move(result);
}

double value(const Finding& finding, std::string_view estimate) {
  const auto* found = finding.estimate(estimate);
  EXPECT_NE(found, nullptr) << estimate;
  return found ? found->value : 0;
}

// Eight precincts in two towns, ten in all, with codes; two units each before, one after. Shares before: 60 %
// everywhere but in `P0`.
struct Pair {
  Count before, after;
};
std::vector<SmallUnit> units_before() {
  std::vector<SmallUnit> out;
  for (int p = 0; p < 10; ++p)
    for (int k = 0; k < 2; ++k)
      out.push_back({.key = fmt::format("{}-{}", p, k),
                     .places = {fmt::format("Town {}", p / 5), fmt::format("School number {}", p)},
                     .votes = {p == 0 ? 62 : 60, p == 0 ? 38 : 40},
                     .registered = 120,
                     .code = fmt::format("c{}", p)});
  return out;
}
std::vector<SmallUnit> units_after(int lift_objected) {
  std::vector<SmallUnit> out;
  for (int p = 0; p < 10; ++p) {
    const int votes = p == 0 ? 124 + lift_objected : 120 + 2 * p;
    out.push_back({.key = fmt::format("after {}", p),
                   .places = {fmt::format("Town {}", p / 5), fmt::format("School number {}", p)},
                   .votes = {200 - votes, votes},
                   .registered = 250,
                   .code = fmt::format("c{}", p)});
  }
  return out;
}
Pair elections(int lift_objected) {
  return {small_count("before", {"town", "school"}, {"A", "B"}, units_before()),
          small_count("after", {"town", "school"}, {"B", "A"}, units_after(lift_objected))};
}

TEST(NextElection, SharesVotesAndDifferenceInDifferencesAreThoseComputedByHand) {
  const auto [before, after] = elections(10);
  const auto finding = finding_of(before, after, small_challenge({"0-1"}));
  EXPECT_EQ(value(finding, "precincts_objected"), 1);
  EXPECT_EQ(value(finding, "precincts_linked"), 1);
  EXPECT_DOUBLE_EQ(value(finding, "leader_share_before_percent"), 62)
      << "every unit of the precinct, not only the one objected to";
  EXPECT_DOUBLE_EQ(value(finding, "leader_share_after_percent"), 67);
  EXPECT_EQ(value(finding, "leader_votes_before"), 124);
  EXPECT_EQ(value(finding, "leader_votes_after"), 134);
  EXPECT_EQ(value(finding, "precincts_same_or_more_share"), 1);
  EXPECT_EQ(value(finding, "precincts_same_or_more_votes"), 1);
  // Controls: the four other schools of Town 0, which gained 1, 2, 3, 4 points.
  EXPECT_NEAR(value(finding, "difference_in_differences_points"), 5 - 2.5, 1e-9);
  EXPECT_NEAR(value(finding, "change_controls_points"), 2.5, 1e-9);
  EXPECT_EQ(finding.answer, Answer::yes);
  const auto* row = finding.table("objected")->row("Town 0 / School number 0");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(
      std::get<std::string>((*row)[static_cast<std::size_t>(finding.table("objected")->column("controls_level"))]),
      "town");
  const auto* estimate = finding.estimate("difference_in_differences_points");
  ASSERT_TRUE(estimate->low && estimate->high);
  EXPECT_GT(*estimate->low, 5 - 4);
  EXPECT_LT(*estimate->high, 5 - 1);
  EXPECT_LT(*estimate->low, 2.5);
  EXPECT_GT(*estimate->high, 2.5);
}

TEST(NextElection, LessShareAndFewerVotesIsAPlainNo) {
  const auto [before, after] = elections(-20);
  const auto finding = finding_of(before, after, small_challenge({"0-1"}));
  EXPECT_EQ(finding.answer, Answer::no);
  EXPECT_EQ(value(finding, "precincts_same_or_more_share"), 0);
  EXPECT_NEAR(value(finding, "votes_above_later_share"), 124 - .52 * 200, 1e-9);
}

TEST(NextElection, EqualSharesCountAsTheSameShareExactly) {
  // 1/3 of 3 and 11/33: equal as fractions, not as rounded numbers.
  const auto first = small_count("a", {"p"}, {"A", "B"},
                                 {{.key = "1", .places = {"X"}, .votes = {2, 1}, .code = "x"},
                                  {.key = "2", .places = {"Y"}, .votes = {9, 1}, .code = "y"}});
  const auto second = small_count("b", {"p"}, {"A", "B"},
                                  {{.key = "1", .places = {"X"}, .votes = {22, 11}, .code = "x"},
                                   {.key = "2", .places = {"Y"}, .votes = {9, 1}, .code = "y"}});
  EXPECT_EQ(value(finding_of(first, second, small_challenge({"1"})), "precincts_same_or_more_share"), 1);
}

TEST(NextElection, ARawRiseWithoutMatchedPlacesAnswersNothing) {
  const auto first =
      small_count("a", {"p"}, {"A", "B"}, {{.key = "1", .places = {"X"}, .votes = {60, 40}, .code = "x"}});
  const auto second =
      small_count("b", {"p"}, {"A", "B"}, {{.key = "1", .places = {"X"}, .votes = {65, 35}, .code = "x"}});
  const auto finding = finding_of(first, second, small_challenge({"1"}));
  EXPECT_EQ(value(finding, "precincts_same_or_more_share"), 1);
  EXPECT_EQ(finding.answer, Answer::undetermined);
  EXPECT_THAT(finding.headline, HasSubstr("matched places"));
  auto partial = second;
  partial.snapshot_of = CountId{"whole"};
  EXPECT_THAT(finding_of(first, partial, small_challenge({"1"})).headline, HasSubstr("partial"));
}

TEST(NextElection, RisingLessThanMatchedPlacesIsANoThoughEveryPlaceRose) {
  auto [before, after] = elections(0);  // the objected place keeps its share, its four neighbours rise by 1 to 4 points
  const auto finding = finding_of(before, after, small_challenge({"0-1"}));
  EXPECT_EQ(value(finding, "precincts_same_or_more_share"), 1) << "the same share";
  EXPECT_EQ(finding.answer, Answer::no);
  EXPECT_NEAR(value(finding, "votes_above_controls"), 2.5 / 100 * 200, 1e-9);
  EXPECT_THAT(finding.headline, HasSubstr("at most"));
}

TEST(NextElection, ASecondCountWithFarFewerVotersThereIsTakenForPartial) {
  const auto first = small_count("a", {"p"}, {"A", "B"},
                                 {{.key = "1", .places = {"X"}, .votes = {60, 40}, .registered = 200, .code = "x"}});
  const auto second = small_count("b", {"p"}, {"A", "B"},
                                  {{.key = "1", .places = {"X"}, .votes = {35, 15}, .registered = 90, .code = "x"}});
  const auto finding = finding_of(first, second, small_challenge({"1"}));
  EXPECT_FALSE(finding.conditions[1].met);
  EXPECT_THAT(finding.conditions[1].text, HasSubstr("45.0 %"));
}

TEST(NextElection, TheCaveatOfTheSecondCountStandsBesideItsVotes) {
  auto [before, after] = elections(0);
  after.caveats = {"Votes carry a common factor."};
  const auto finding = finding_of(before, after, small_challenge({"0-1"}));
  EXPECT_THAT(finding.estimate("leader_votes_after")->definition, HasSubstr("common factor"));
  EXPECT_THAT(finding.estimate("precincts_same_or_more_votes")->definition, HasSubstr("common factor"));
  EXPECT_THAT(finding.table("objected")->title, HasSubstr("common factor"));
  EXPECT_THAT(finding.headline, HasSubstr("caveat"));
}

TEST(NextElection, FewerThanHalfLinkedIsUndetermined) {
  const auto [before, after] = elections(0);
  auto moved = units_after(0);
  moved[0].code = "elsewhere";
  const auto second = small_count("after", {"town", "school"}, {"B", "A"}, moved);
  const auto finding = finding_of(before, second, small_challenge({"0-0"}));
  EXPECT_EQ(finding.answer, Answer::undetermined);
  const auto& unlinked = finding.table("unlinked")->rows;
  ASSERT_FALSE(unlinked.empty());
  EXPECT_EQ(std::get<std::string>(unlinked[0][1]), "Town 0 / School number 0");
  EXPECT_EQ(std::get<std::string>(unlinked[0][3]), "code not found");
}

TEST(NextElection, ACrosswalkGivesTheCodes) {
  auto plain = units_before();
  for (auto& unit : plain) unit.code = "";
  const auto before = small_count("before", {"town", "school"}, {"A", "B"}, plain);
  const auto after = elections(10).after;
  Crosswalk crosswalk;
  for (const auto& unit : units_before())
    crosswalk.rows.emplace_back(unit.key, unit.code == "c0" ? "c9" : unit.code == "c9" ? "c0" : unit.code);
  const auto finding = finding_of(before, after, small_challenge({"0-1"}), {.crosswalk = &crosswalk});
  EXPECT_DOUBLE_EQ(value(finding, "leader_share_after_percent"), 69) << "the code is followed, whatever the name";
  EXPECT_EQ(finding.inputs.back().kind, "crosswalk");
}

// A country of `n` precincts in towns of ten, with distinct names and coordinates; objected ones gain `lift` points
// more than the rest.
struct Country {
  std::vector<SmallUnit> before, after;
  std::vector<std::string> objected;
};
Country country(int n, double lift) {
  static constexpr const char* parts[] = {"ba", "ke", "mi", "lo", "ru", "sa", "te", "vi", "no", "zu"};
  Country out;
  for (int p = 0; p < n; ++p) {
    Stream stream(17, Purpose::synthetic_election, static_cast<std::uint64_t>(p));
    std::string name = "School ";
    for (int digit = 0, rest = p * 7 + 12345; digit < 5; ++digit, rest /= 10) name += parts[rest % 10];
    const std::string town = fmt::format("Town {}", p / 10);
    const double share = .3 + .4 * stream.uniform();
    const bool is_objected = p % 9 == 4;
    const double later = share + .05 + .02 * stream.normal() + (is_objected ? lift / 100 : 0);
    for (int k = 0; k < 3; ++k) {
      const auto votes = static_cast<std::int32_t>(std::lround(200 * share));
      out.before.push_back({.key = fmt::format("{}-{}", p, k),
                            .places = {town, name},
                            .votes = {votes, 200 - votes},
                            .registered = 240,
                            .code = fmt::format("c{}", p),
                            .latitude = -10 - p * .01,
                            .longitude = -60 + (p % 7) * .02});
    }
    const auto votes = static_cast<std::int32_t>(std::lround(600 * later));
    out.after.push_back({.key = fmt::format("n{}", p),
                         .places = {town, p % 20 == 0 ? name + " anexo" : name},
                         .votes = {votes, 600 - votes},
                         .registered = 720,
                         .code = fmt::format("c{}", p),
                         .latitude = -10 - p * .01,
                         .longitude = -60 + (p % 7) * .02});
    if (is_objected) out.objected.push_back(fmt::format("{}-1", p));
  }
  return out;
}
Count first_of(const Country& c) {
  return small_count("first", {"town", "precinct"}, {"A", "B"}, c.before);
}
Count second_of(const Country& c) {
  return small_count("second", {"town", "precinct"}, {"A", "B"}, c.after);
}

TEST(NextElection, APlantedChangeIsInsideItsIntervalAndZeroIsNot) {
  const auto c = country(300, 6);
  const auto finding = finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A"});
  const auto* did = finding.estimate("difference_in_differences_points");
  EXPECT_NEAR(did->value, 6, 1.2);
  EXPECT_GT(*did->low, 3);
  EXPECT_LT(*did->low, 6);
  EXPECT_GT(*did->high, 6);
  EXPECT_GT(value(finding, "precincts_matched"), 25);
}

TEST(NextElection, WithoutAPlantedChangeTheIntervalHoldsZero) {
  const auto c = country(300, 0);
  for (const std::string level : {"", "town"}) {
    const auto finding =
        finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A", .cluster_level = level});
    const auto* did = finding.estimate("difference_in_differences_points");
    EXPECT_LT(*did->low, 0) << level;
    EXPECT_GT(*did->high, 0) << level;
    EXPECT_LT(*did->high - *did->low, 4);
  }
}

TEST(NextElection, TheIntervalHoldsZeroForListsOfOtherPlacesChosenInTheSameWay) {
  const auto c = country(300, 6);
  const auto finding =
      finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A", .placebos = 100});
  EXPECT_EQ(value(finding, "placebo_lists"), 100);
  // 95 %, and three standard errors of 2.2: the bootstrap of few places is a little narrow.
  EXPECT_GE(value(finding, "placebo_coverage_percent"), 87);
  EXPECT_NEAR(value(finding, "placebo_centre_points"), 0, .7);
  EXPECT_LE(value(finding, "placebo_as_low_percent"), 100);
  EXPECT_GE(value(finding, "difference_in_differences_points"), *finding.estimate("placebo_centre_points")->high)
      << "the planted six points lie outside all of them";
}

TEST(NextElection, LeaveOneOutNamesThePlaceThatMakesTheDifference) {
  auto c = country(300, 0);
  // One objected place, ten times as large as the others, falls by 30 points.
  const auto listed = static_cast<std::size_t>(std::stoi(c.objected[3]));
  for (std::size_t k = 0; k < 3; ++k)
    for (auto& votes : c.before[3 * listed + k].votes) votes *= 10;
  c.after[listed].votes[0] -= 180;
  c.after[listed].votes[1] += 180;
  const auto finding = finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A"});
  const Table& influence = *finding.table("influence");
  EXPECT_EQ(std::get<std::string>(influence.rows[0][0]),
            fmt::format("{} / {}", c.before[3 * listed].places[0], c.before[3 * listed].places[1]));
  const double all = value(finding, "difference_in_differences_points");
  EXPECT_LT(all, -3);
  EXPECT_NEAR(value(finding, "difference_without_largest_points"), 0, 1.5);
  EXPECT_TRUE(std::any_of(finding.conditions.begin(), finding.conditions.end(), [](const Condition& condition) {
    return !condition.met && condition.text.find("No single place") != std::string::npos;
  }));
  EXPECT_THAT(finding.headline, HasSubstr("One place makes"));
  // Each row: what it adds, and the difference without it.
  for (const auto& row : influence.rows) {
    const double weight = std::get<double>(row[1]) / 100, without = std::get<double>(row[4]);
    EXPECT_NEAR(all, weight * std::get<double>(row[2]) + (1 - weight) * without, 1e-9);
  }
}

TEST(NextElection, MatchesFromTheWholeCountAreFlagged) {
  const auto c = country(300, 0);
  const auto near =
      finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A", .caliper_points = 50});
  EXPECT_EQ(value(near, "matched_from_whole_count"), 0);
  const auto far =
      finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.option = "A", .caliper_points = 1});
  EXPECT_GT(value(far, "matched_from_whole_count"), 10);
  EXPECT_THAT(far.headline, HasSubstr("matched from the whole count"));
}

TEST(NextElection, NamesAndCoordinatesReachWhatTheCodesReach) {
  const auto c = country(300, 0);
  const auto by_names = finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.link = "names"});
  EXPECT_EQ(value(by_names, "link_reached_percent"), 100);
  EXPECT_EQ(value(by_names, "link_false_percent"), 0);
  const auto by_codes = finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.link = "codes"});
  EXPECT_EQ(value(by_names, "difference_in_differences_points"), value(by_codes, "difference_in_differences_points"));
  EXPECT_EQ(by_codes.table("link_evidence")->rows.size(), 1u);
}

nlohmann::ordered_json without_inputs(const Finding& finding) {
  auto json = to_json(finding);
  json.erase("runtime");
  json.erase("inputs");
  return json;
}

TEST(NextElection, TheOrderOfUnitsDoesNotMatterToTheLastBit) {
  const auto c = country(150, 3);
  const auto finding =
      finding_of(first_of(c), second_of(c), small_challenge(c.objected), {.link = "names", .cluster_level = "town"});
  for (const std::uint64_t seed : {1, 2, 3}) {
    Country again = c;
    again.before = test::shuffled(again.before, seed);
    again.after = test::shuffled(again.after, seed + 10);
    EXPECT_EQ(without_inputs(finding), without_inputs(finding_of(first_of(again), second_of(again),
                                                                 small_challenge(test::shuffled(c.objected, seed)),
                                                                 {.link = "names", .cluster_level = "town"})))
        << seed;
  }
}

TEST(NextElection, AnyNumberOfThreadsGivesTheSameBits) {
  const auto c = country(150, 3);
  EXPECT_EQ(without_inputs(finding_of(first_of(c), second_of(c), small_challenge(c.objected), {}, 1)),
            without_inputs(finding_of(first_of(c), second_of(c), small_challenge(c.objected), {}, 4)));
}

TEST(NextElection, MergingTheUnitsOfAPrecinctChangesNothing) {
  const auto c = country(150, 3);
  Country merged = c;
  merged.before.clear();
  for (std::size_t k = 0; k < c.before.size(); k += 3) {
    auto unit = c.before[k + 1];  // keeps the key that the list may name
    for (auto& votes : unit.votes) votes *= 3;
    unit.registered *= 3;
    merged.before.push_back(unit);
  }
  const auto a = finding_of(first_of(c), second_of(c), small_challenge(c.objected)),
             b = finding_of(first_of(merged), second_of(c), small_challenge(c.objected));
  for (const auto& estimate : a.estimates) {
    if (estimate.name.starts_with("placebo_")) continue;  // placebo lists are drawn by units
    EXPECT_DOUBLE_EQ(estimate.value, value(b, estimate.name)) << estimate.name;
  }
}

TEST(NextElection, LevelUnitLinksByUnitKeys) {
  const auto first = small_count("a", {}, {"A", "B"}, {{.key = "1", .votes = {6, 4}}, {.key = "2", .votes = {5, 5}}});
  const auto second = small_count("b", {}, {"A", "B"}, {{.key = "2", .votes = {5, 5}}, {.key = "1", .votes = {7, 3}}});
  const auto finding = finding_of(first, second, small_challenge({"1"}), {.level = "unit"});
  EXPECT_DOUBLE_EQ(value(finding, "leader_share_after_percent"), 70);
}

TEST(NextElection, BadRequestsAreNamed) {
  const auto [before, after] = elections(0);
  const auto list = small_challenge({"0-1"});
  const auto error_of = [&](NextElectionRequest request) {
    const auto result = run(before, request, Context{});
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  };
  EXPECT_EQ(error_of({.challenges = {&list}}).code, ErrorCode::input_insufficient);
  EXPECT_EQ(error_of({.other = &after}).code, ErrorCode::input_insufficient);
  EXPECT_EQ(error_of({.challenges = {&list}, .other = &after, .level = "county"}).code, ErrorCode::option_invalid);
  EXPECT_EQ(error_of({.challenges = {&list}, .other = &after, .cluster_level = "county"}).code,
            ErrorCode::option_invalid);
  EXPECT_EQ(error_of({.challenges = {&list}, .other = &after, .option = "Z"}).code, ErrorCode::option_invalid);
  auto renamed = after;
  renamed.contest.options[1].id.text = "new name of A";
  const auto absent = error_of({.challenges = {&list}, .other = &renamed});
  EXPECT_EQ(absent.code, ErrorCode::option_invalid);
  EXPECT_THAT(absent.remedy, HasSubstr("option_after"));
  EXPECT_EQ(finding_of(before, renamed, list, {.option_after = "new name of A"}).answer, Answer::no);
  Crosswalk useless;
  useless.rows = {{"other unit", "c0"}};
  EXPECT_EQ(error_of({.challenges = {&list}, .other = &after, .crosswalk = &useless}).code,
            ErrorCode::input_insufficient);
  const auto elsewhere =
      small_count("x", {"constituency"}, {"A", "B"}, {{.key = "1", .places = {"C"}, .votes = {1, 2}}});
  EXPECT_THAT(error_of({.challenges = {&list}, .other = &elsewhere}).message, HasSubstr("common level"));
}

}  // namespace
}  // namespace cotejo
