// The founding case, figure by figure: the plan is run once on the published files; every row is a claim with its
// source.
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "support.hpp"

namespace cotejo::test {
namespace {

using nlohmann::json;

constexpr const char* published = "docs/published-figures.md, published";
constexpr const char* own = "docs/published-figures.md, recomputed";
constexpr const char* review = "docs/published-figures.md, review";

struct Row {
  const char* finding;
  const char* figure;  // an estimate, or TABLE/ROW/COLUMN
  double expected;
  double tolerance;  // half of the last printed digit; 0: exact
  const char* source;
};

const Row rows[] = {
    // count
    {"count-computo", "units", 34555, 0, published},
    {"count-computo", "units_with_valid_votes", 34551, 0, published},
    {"count-computo", "places/precinct/places", 5296, 0,
     "values.json bo.precincts (5,297 by id: two ids share every name)"},
    {"count-computo", "registered", 7315364, 0, published},
    {"count-computo", "tally/MAS/votes", 2889359, 0, published},
    {"count-computo", "tally/CC/votes", 2240920, 0, published},
    {"count-computo", "tally/PDC/votes", 539081, 0, "values.json bo.PDC"},
    {"count-computo", "tally/21F/votes", 260316, 0, "values.json bo.21F, recomputed"},
    {"count-computo", "tally/MTS/votes", 76827, 0, "values.json bo.MTS"},
    {"count-computo", "tally/MNR/votes", 42334, 0, "values.json bo.MNR"},
    {"count-computo", "tally/PAN-BOL/votes", 39826, 0, "values.json bo.PAN-BOL"},
    {"count-computo", "tally/UCS/votes", 25283, 0, "values.json bo.UCS"},
    {"count-computo", "tally/FPV/votes", 23725, 0, "values.json bo.FPV"},
    {"count-computo", "tally/MAS/share_percent", 47.075820779575835, 1e-12, "values.json bo.mas_pct"},
    {"count-computo", "tally/CC/share_percent", 36.51091757769356, 1e-12, "values.json bo.cc_pct"},
    {"count-computo", "valid", 6137671, 0, published},
    {"count-computo", "blank", 93507, 0, published},
    {"count-computo", "null", 229337, 0, published},
    {"count-computo", "cast", 6460515, 0, published},
    {"count-computo", "margin_votes", 648439, 0, "values.json bo.lead"},
    {"count-computo", "margin_points", 10.564903, 5e-7, published},
    {"count-computo", "turnout_percent", 88.314334, 5e-7, published},
    {"count-computo", "slack_votes", 34671.9, 1e-9, published},
    {"count-trep-1940", "units", 28975, 0, published},
    {"count-trep-1940", "tally/MAS/votes", 2355644, 0, published},
    {"count-trep-1940", "tally/CC/votes", 1950000, 0, published},
    {"count-trep-1940", "valid", 5152979, 0, published},
    {"count-trep-1940", "margin_points", 7.872029, 5e-7, published},
    {"count-2020", "valid", 6156839, 0, published},
    {"count-2020", "margin_points", 26.2661, 5e-5, published},
    {"count-trep-1829", "units", 32806, 0, published},
    {"count-trep-1829", "valid", 5841452, 0, published},
    {"count-trep-1829", "margin_points", 10.149857, 5e-7, published},
    // strike
    {"strike-oas-226", "units_objected", 226, 0, published},
    {"strike-oas-226", "precincts_objected", 86, 0, published},
    {"strike-oas-226", "units_in_precincts", 421, 0, published},
    {"strike-oas-226", "leader_votes_objected", 34718, 0, "values.json oas.226.votes"},
    {"strike-oas-226", "valid_objected", 38103, 0, "values.json oas.226.votes"},
    {"strike-oas-226", "readings/whole/margin_points", 10.078238, 5e-7, published},
    {"strike-oas-226", "readings/whole/slack_votes", 4772.2, 1e-9, published},
    {"strike-oas-226", "readings/whole/leader_percent", 46.80071, 5e-6, "values.json oas.226.struck"},
    {"strike-oas-226", "readings/whole/runner_up_percent", 36.72247, 5e-6, "values.json oas.226.struck"},
    {"strike-oas-226", "readings/winner-void/margin_points", 10.056132, 5e-7, published},
    {"strike-oas-226", "readings/winner-void-valid-kept/margin_points", 9.999249, 5e-7, published},
    {"strike-oas-226", "readings/transfer/margin_points", 9.433595, 5e-7, published},
    {"strike-oas-226", "readings/precinct/margin_points", 9.647984, 5e-7, published},
    {"strike-oas-226", "readings/precinct/units_struck", 421, 0, published},
    {"strike-oas-argentina-37", "readings/whole/margin_points", 10.510805, 5e-7, own},
    {"strike-both", "units_objected", 263, 0, "values.json oas.263.struck"},
    {"strike-both", "readings/whole/margin_points", 10.023375, 5e-7, own},
    {"strike-both", "readings/whole/slack_votes", 1424.5, 1e-9, own},
    // headroom
    {"headroom", "votes_void", 38524, 0, own},
    {"headroom", "votes_transfer", 17335, 0, own},
    // arrival
    {"arrival-curve", "margin_early_points", 7.88288, 5e-6, published},
    {"arrival-curve", "margin_early_snapshot_points", 7.872029, 5e-7, published},
    {"arrival-curve", "margin_needed_points", 21.135858, 5e-7, published},
    {"arrival-curve", "margin_late_points", 24.6509, 5e-5, own},
    {"arrival-curve", "classes/Early/units", 12463, 0, published},
    {"arrival-curve", "classes/Early/registered", 2504600, 0, published},
    {"arrival-curve", "classes/Early/valid", 2067788, 0, published},
    {"arrival-curve", "classes/Early/margin_points", 9.4660574, 5e-8, published},
    {"arrival-curve", "classes/Split-early/units", 16512, 0, published},
    {"arrival-curve", "classes/Split-early/registered", 3632628, 0, published},
    {"arrival-curve", "classes/Split-early/valid", 3088170, 0, published},
    {"arrival-curve", "classes/Split-early/margin_points", 6.8228109, 5e-8, published},
    {"arrival-curve", "classes/Split-late/units", 4462, 0, published},
    {"arrival-curve", "classes/Split-late/registered", 986459, 0, published},
    {"arrival-curve", "classes/Split-late/valid", 827823, 0, published},
    {"arrival-curve", "classes/Split-late/margin_points", 19.544154, 5e-7, published},
    {"arrival-curve", "classes/Late/units", 1118, 0, published},
    {"arrival-curve", "classes/Late/registered", 191677, 0, published},
    {"arrival-curve", "classes/Late/valid", 153890, 0, published},
    {"arrival-curve", "classes/Late/margin_points", 52.121645, 5e-7, published},
    {"arrival-projection", "impute_split_late_margin_points", 18.991233, 5e-7, published},
    {"arrival-projection", "impute_margin_points", 10.490328, 5e-7, published},
    {"arrival-projection", "impute_margin_snapshot_votes_points", 10.486039, 5e-7, "values.json wc.1049"},
    {"arrival-projection", "rate_margin_points", 10.088118, 5e-7, own},
    {"arrival-projection", "rate_levels/precinct/units", 4462, 0, "values.json proj.forecast"},
    {"arrival-projection", "rate_levels/municipality/units", 962, 0, "values.json proj.forecast"},
    {"arrival-projection", "rate_levels/locality/units", 127, 0, "values.json proj.forecast"},
    {"arrival-shift", "late_none_points", 16.274, 5e-4, own},
    {"arrival-shift", "margin_early_mean_points", 9.843, 5e-4, "values.json escobari.c3"},
    {"arrival-shift", "late_municipality_points", 7.214, 5e-4, own},
    {"arrival-shift", "late_locality_points", 6.721, 5e-4, own},
    {"arrival-shift", "late_precinct_points", 0.360, 5e-4, own},
    {"arrival-early-late", "distance_all", .02274, 5e-6, own},
    {"arrival-early-late", "comparisons/all/precincts", 1495, 0, own},
    {"arrival-early-late", "distance_early_negative", .09683, 5e-6, own},
    {"arrival-early-late", "distance_sum_negative", .04143, 5e-6, own},
    // the late count, as corrected (docs/published-figures.md, review)
    {"arrival-shift", "within_places_votes", 4577.2, 0.05, "counted apart, pandas"},
    {"arrival-shift", "within_places_points", 0.55292, 5e-6, "counted apart, pandas"},
    {"arrival-projection", "drift_margin_points", 10.365, 5e-3,
     "counted apart, pandas, at the late units' true valid votes"},
    {"headroom", "mechanisms/moved/votes", 17336, 0, published},
    {"headroom", "mechanisms/voided-valid-kept/votes", 34672, 0, published},
    {"headroom", "mechanisms/voided/votes", 38525, 0, published},
    // checks
    {"arithmetic", "units_without_valid_votes", 4, 0, published},
    {"collate-trep-1940", "units_in_both_percent", 83.85183, 5e-6, published},
    {"collate-trep-1940", "units_differing", 549, 0, own},
    {"collate-trep-1940", "units_only_first", 0, 0, own},
    {"collate-trep-1940", "margin_first_points", 7.872029, 5e-7, published},
    {"collate-trep-1940", "margin_second_points", 7.88288, 5e-6, published},
    {"collate-trep-1829", "units_differing", 706, 0, own},
    // review
    {"next-election-oas-226", "precincts_objected", 86, 0, published},
    {"next-election-oas-226", "precincts_linked", 86, 0, "every one of the 86 codes is in the 2020 file"},
    {"next-election-oas-226", "leader_votes_before", 66879, 0, "counted apart, pandas"},
    {"next-election-oas-226", "leader_votes_after", 71084, 0, "counted apart, pandas"},
    {"next-election-oas-226", "leader_share_before_percent", 89.0426, 5e-5, "counted apart, pandas"},
    {"next-election-oas-226", "leader_share_after_percent", 95.1784, 5e-5, "counted apart, pandas"},
    {"next-election-oas-226", "precincts_same_or_more_share", 77, 0, "counted apart, pandas"},
    {"next-election-oas-226", "precincts_same_or_more_votes", 64, 0, "counted apart, pandas"},
    // the review of version 0.1 (docs/published-figures.md, review)
    {"controls-oas-226", "nearest_difference_points", .69, .005, review},
    {"controls-oas-226", "nearest_excess_votes", 70, .5, review},
    {"controls-oas-226", "nearest_units", 48, 0, own},
    {"controls-oas-226", "levels/precinct/p_value", .19, .02, review},
    {"next-election-oas-226", "difference_in_differences_points", .29, .005, review},
    {"next-election-oas-226", "largest_influence_points", .33, .005, review},
    {"next-election-oas-226", "objected_same_or_more_share_percent", 89.5, .05, review},
    {"next-election-oas-226", "controls_same_or_more_share_percent", 96.2, .05, review},
    {"battery", "tests/repeated-returns/observed", 0, 0, review},
    {"battery", "tests/repeated-returns/fair_mean", .03, .005, review},
    {"battery", "tests/share-tails/observed", 142, 0, review},
    {"battery", "tests/share-tails/p_value", .09, .005, review},
};

bool whole_audit() {
  return std::getenv("COTEJO_FULL_AUDIT") != nullptr;
}

class Bolivia2019 : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!data_is_here()) return;
    folder_ = new TemporaryFolder;
    const Ran ran =
        run_program({"audit", plan().string(), "--data", data().string(), "--out", "out", "--json"}, folder_->path());
    ASSERT_EQ(ran.code, 0) << ran.err;
    findings_ = json::parse(ran.out);
  }
  static void TearDownTestSuite() { delete folder_; }
  // The plan without what takes minutes; whole where COTEJO_FULL_AUDIT is set (label validation).
  static std::filesystem::path plan() {
    const auto whole = root() / "plans/bolivia-2019.toml";
    if (whole_audit()) return whole;
    std::ifstream in(whole);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
      const auto next = std::min(text.find("\n[[", at + 1), text.size());
      const std::string block = text.substr(at, next - at);
      const bool asks =
          block.find("[[finding]]") != std::string::npos || block.find("[[question]]") != std::string::npos;
      const bool heavy =
          asks && (block.find("\"battery\"") != std::string::npos || block.find("\"mixture\"") != std::string::npos);
      if (!heavy) kept += block;
      at = next;
    }
    std::filesystem::copy(root() / "profiles", folder_->path() / "profiles", std::filesystem::copy_options::recursive);
    std::filesystem::create_directory(folder_->path() / "plans");
    const auto light = folder_->path() / "plans/light.toml";
    std::ofstream(light) << kept;
    return light;
  }
  static json finding(const std::string& id) {
    for (const auto& f : findings_)
      if (f["id"] == id) return f;
    ADD_FAILURE() << "the plan gives no finding " << id;
    return nullptr;
  }
  static double figure(const std::string& id, const std::string& path) {
    const auto f = finding(id);
    const auto a = path.find('/'), b = path.rfind('/');
    if (a == std::string::npos) return estimate(f, path);
    return cell(f, path.substr(0, a), path.substr(a + 1, b - a - 1), path.substr(b + 1)).get<double>();
  }
  static TemporaryFolder* folder_;
  static json findings_;
};
TemporaryFolder* Bolivia2019::folder_ = nullptr;
json Bolivia2019::findings_;

TEST_F(Bolivia2019, EveryFigureOfTheReferenceIsReproduced) {
  COTEJO_NEEDS_DATA();
  for (const auto& row : rows) {
    if (!whole_audit() && std::string_view(row.finding) == "battery") continue;  // bolivia_whole, a validation, has it
    EXPECT_NEAR(figure(row.finding, row.figure), row.expected, row.tolerance)
        << row.finding << " " << row.figure << " (" << row.source << ")";
  }
}

TEST_F(Bolivia2019, TheFirstPageStatesTheOutcomeByNamesInWholeVotesAndPerObjector) {
  if (!data_is_here()) GTEST_SKIP();
  const auto answers = json::parse(read_text(folder_->path() / "out/answers.json"))["answers"];
  const std::string first = answers[0]["sentence"];
  for (const char* part :
       {"MAS - IPSP won without a runoff, by 34,672 votes to spare;",
        "excluding the 226 polling tables objected to (electoral observation mission of the OAS) "
        "does not change the outcome;",
        "cancelling MAS - IPSP's votes there while keeping the valid total forces a runoff, by 46 votes;",
        "no reading of the objection to 37 polling tables"})
    EXPECT_NE(first.find(part), std::string::npos) << part << "\n" << first;
  EXPECT_EQ(answers[0]["for_outcome"], "depends");
  for (const auto& answer : answers)
    for (const char* id : {"strike-", "oas-226", "winner-void", "bo-2019"})
      EXPECT_EQ(answer["sentence"].get<std::string>().find(id), std::string::npos) << answer["sentence"];
}

TEST_F(Bolivia2019, EveryFindingSaysWhatItMeansForTheOutcome) {
  COTEJO_NEEDS_DATA();
  for (const auto& f : findings_) EXPECT_TRUE(says_what_it_means_for_the_outcome(f)) << f["id"];
}

TEST_F(Bolivia2019, OutcomesUnderEveryReadingAreThePublishedOnes) {
  COTEJO_NEEDS_DATA();
  const auto outcome = [](const char* id, const char* reading) {
    return cell(finding(id), "readings", reading, "outcome");
  };
  EXPECT_EQ(outcome("strike-oas-226", "as-counted"), "winner: MAS");
  EXPECT_EQ(outcome("strike-oas-226", "whole"), "winner: MAS");
  EXPECT_EQ(outcome("strike-oas-226", "winner-void"), "winner: MAS");
  for (const char* reading : {"winner-void-valid-kept", "transfer", "precinct"})
    EXPECT_EQ(outcome("strike-oas-226", reading), "runoff: CC and MAS") << reading;
  EXPECT_EQ(outcome("strike-both", "whole"), "winner: MAS");
  EXPECT_EQ(finding("strike-oas-226")["answer"], "depends");
  EXPECT_NE(finding("count-trep-1940")["headline"].get<std::string>().find("Runoff"), std::string::npos);
}

// Intervals of placebo lists alone hold zero in 76 %; the bound that is printed is wider, and the lists' mean is made by where they start.
TEST_F(Bolivia2019, TheBoundOfTheNextElectionHoldsZeroForPlaceboListsAndTheirMeanIsExplained) {
  COTEJO_NEEDS_DATA();
  const json next = finding("next-election-oas-226");
  EXPECT_GE(estimate(next, "placebo_bound_percent"), 90);
  EXPECT_GT(estimate(next, "placebo_share_gap_points"), .5);
  EXPECT_NEAR(estimate(next, "placebo_from_gap_points"), estimate(next, "placebo_centre_points"), .15);
}

// The mixture and the battery take minutes: the test bolivia_whole, a validation, has them.
TEST_F(Bolivia2019, DISABLED_TheMixtureHasMixedAndIdentifiesNoTotal) {
  COTEJO_NEEDS_DATA();
  const json mixture = finding("mixture");
  EXPECT_EQ(mixture["headline"].get<std::string>().rfind("No total of manipulated votes can be identified", 0), 0u)
      << mixture["headline"];
  EXPECT_EQ(mixture["answer"], "undetermined");
  for (const char* name : {"manufactured_votes", "stolen_votes"})
    EXPECT_TRUE(mixture["estimates"][name]["value"].is_null()) << name;
  EXPECT_TRUE(mixture["conditions"][0]["met"]) << mixture["conditions"][0];  // R-hat < 1.01, both ESS > 400
  // Where they have converged, fair elections of the same shape read more than this one; where not, nothing is given of them.
  const json fair = mixture["estimates"]["votes_in_fair_elections"]["value"];
  if (!fair.is_null()) {
    EXPECT_LT(estimate(mixture, "votes_read"), fair.get<double>());
  }
  for (const auto& table : mixture["tables"]) {
    if (table["id"] != "side_by_side") continue;
    for (const auto& row : table["rows"]) EXPECT_EQ(row[4].is_null(), !row[8].get<bool>()) << row;
  }
  // One planted election of every kind gives no bound: 57,205 votes were 230,102 with another order of adding up.
  EXPECT_NE(mixture["headline"].get<std::string>().find("No bound can be given"), std::string::npos)
      << mixture["headline"];
  EXPECT_TRUE(mixture["at_stake"].is_null());
  EXPECT_EQ(mixture["for_outcome"], "unknown");
}

// The review of version 0.1 (docs/published-figures.md).
TEST_F(Bolivia2019, ObjectedPlacesAreAnsweredByTheFairestComparisonAndByMatchedPlaces) {
  COTEJO_NEEDS_DATA();
  const json controls = finding("controls-oas-226"), next = finding("next-election-oas-226");
  const auto headline = controls["headline"].get<std::string>();
  EXPECT_EQ(headline.rfind("Within the same precinct, the fairest comparison there is: 48 objected units", 0), 0u)
      << headline;
  EXPECT_NE(headline.find("For 178 of 226 objected units there is none so near."), std::string::npos) << headline;
  EXPECT_EQ(controls["answer"], "undetermined") << "for most units the neighbours lie in another village";
  // At most about 450 votes above the matched places, against 17,336 that would have to be moved.
  const double most = next["estimates"]["votes_above_controls"]["high"].get<double>();
  EXPECT_NEAR(most, 450, 60) << "the end of an interval that 1,999 draws give to about 30 votes";
  EXPECT_EQ(next["at_stake"]["needed"], 17336);
  EXPECT_EQ(next["at_stake"]["decisive"], false);
  EXPECT_EQ(next["for_outcome"], "holds");
  EXPECT_EQ(next["answer"], "yes");
  // The reference has 94.5 % of 200 placebo lists, this program fewer: the finding has to show the condition as not met.
  const double coverage = estimate(next, "placebo_coverage_percent");
  const auto& conditions = next["conditions"];
  EXPECT_TRUE(std::any_of(conditions.begin(), conditions.end(), [&](const json& condition) {
    return condition["text"].get<std::string>().starts_with("The interval holds zero for lists of other places") &&
           condition["met"] == (coverage >= 90);
  })) << coverage;
}

TEST_F(Bolivia2019, DISABLED_SevenTestsAreCalibratedAndNoneDisagrees) {
  COTEJO_NEEDS_DATA();
  const json battery = finding("battery");
  // Four are at their level; the three with a null of their own flag fewer fair elections and are not called calibrated (docs/methods/battery.md).
  EXPECT_GE(estimate(battery, "tests_calibrated"), 4) << battery["headline"];
  EXPECT_GE(estimate(battery, "tests_calibrated") + estimate(battery, "tests_conservative"), 7) << battery["headline"];
  EXPECT_EQ(estimate(battery, "tests_disagreeing"), 0) << battery["headline"];
}

TEST_F(Bolivia2019, TheBandwidthIsCappedAndTheJumpIsShownForSeveral) {
  COTEJO_NEEDS_DATA();
  const json jump = finding("arrival-discontinuity");
  EXPECT_NEAR(estimate(jump, "bandwidth_percent"), 10.92,
              0.02);  // the support right of the cut; from the data it would be 16.286
  EXPECT_TRUE(jump["estimates"]["jump_points"]["low"].is_null()) << "no interval where placebo cuts reject too often";
  const std::pair<double, double> published_jumps[] = {{1, -15.8}, {2, -5.2}, {3, -2.3},
                                                       {5, -5.0},  {8, -5.1}, {10.9, -1.8}};
  for (const auto& table : jump["tables"]) {
    if (table["id"] != "bandwidths") continue;
    ASSERT_EQ(table["rows"].size(), std::size(published_jumps));
    for (std::size_t i = 0; i < std::size(published_jumps); ++i) {
      EXPECT_NEAR(table["rows"][i][0].get<double>(), published_jumps[i].first, 0.05);
      EXPECT_NEAR(table["rows"][i][1].get<double>(), published_jumps[i].second, 0.05);
    }
  }
}

TEST_F(Bolivia2019, TheIntervalOfTheProjectionHeldAtFiveEarlierInstantsAndTheModelsDidNot) {
  COTEJO_NEEDS_DATA();
  const json projection = finding("arrival-projection");
  EXPECT_FALSE(projection["estimates"]["drift_margin_points"]["low"].is_null());
  EXPECT_TRUE(projection["estimates"]["model_margin_points"]["low"].is_null());
  // src/methods/arrival/projection/projection.md: the first version's intervals, from 2,000 draws; these are from 400.
  const std::pair<double, double> first_version[] = {
      {4.98, 9.52}, {5.61, 7.41}, {6.92, 7.67}, {7.39, 7.76}, {7.71, 7.88}};
  for (const auto& table : projection["tables"]) {
    if (table["id"] != "origins") continue;
    ASSERT_EQ(table["rows"].size(), 5U);
    int held = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      held += table["rows"][i][6].get<bool>();
      const double width = first_version[i].second - first_version[i].first;
      // Up to 14 % of the width apart; draws alone explain some 8 % (two Monte-Carlo errors of both).
      EXPECT_NEAR(table["rows"][i][7].get<double>(), first_version[i].first, 0.15 * width) << i;
      EXPECT_NEAR(table["rows"][i][8].get<double>(), first_version[i].second, 0.15 * width) << i;
    }
    EXPECT_GE(held, 4);
  }
}

TEST_F(Bolivia2019, VotesWithinPrecinctsDoNotStandOutAmongPlaceboCuts) {
  COTEJO_NEEDS_DATA();
  const json shift = finding("arrival-shift");
  EXPECT_EQ(shift["answer"], "no");
  EXPECT_EQ(shift["for_outcome"], "holds");
  EXPECT_GT(shift["test"]["p_value"].get<double>(), 0.5);
  EXPECT_GT(estimate(shift, "permutation_rejects_percent"), 50);
  EXPECT_FALSE(shift["at_stake"]["decisive"].get<bool>());
}

// src/methods/arrival/shift/shift.md: on data from before the suspension alone no placebo cut answers "yes" more often than 5 %.
TEST(LateCount2019, BeforeTheSuspensionAtMostOneOfTwentyCutsAnswersYes) {
  COTEJO_NEEDS_DATA();
  const TemporaryFolder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    const Ran ran = run_program(arguments, folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  run({"import", "case.cotejo", (root() / "profiles/bolivia-2019-trep-1940.toml").string(),
       (root() / "profiles/bolivia-2019-trep-times.toml").string()});
  int yes = 0, permutation = 0, tried = 0;
  for (int minutes = 17 * 60 + 50; tried < 20; minutes += 5, ++tried) {
    const auto cut = fmt::format("2019-10-20T{:02}:{:02}:00", minutes / 60, minutes % 60);
    const json shift =
        json::parse(run({"shift", "case.cotejo", "--count", "bo-2019/trep-1940", "--arrival", "bo-2019/trep-times",
                         "--option", "cut=" + cut, "--option", "replicates=99", "--seed", "20191020", "--json"}));
    yes += shift["answer"] == "yes";
    permutation += estimate(shift, "permutation_p") <= 0.05;
  }
  EXPECT_LE(yes, 1);
  EXPECT_GT(permutation, 10) << "the permutation test takes the drift for a shift";
}

// docs/methods/swing.md: against the referendum of 2016 the signs lean one way, against the election of 2020 the other.
TEST(Swing2019, TheTwoNeighboursInTimeDisagreeInDirection) {
  COTEJO_NEEDS_DATA();
  const TemporaryFolder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    const Ran ran = run_program(arguments, folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  std::vector<std::string> import{"import", "case.cotejo"};
  for (const char* name :
       {"bolivia-2019-computo", "bolivia-2016-referendum", "bolivia-2020-precincts", "bolivia-2019-codes"})
    import.push_back((root() / "profiles" / (std::string(name) + ".toml")).string());
  run(import);
  const json swing =
      json::parse(run({"swing", "case.cotejo", "--count", "bo-2019/computo", "--against", "bo-2016/referendum",
                       "--against", "bo-2020/precincts", "--crosswalk", "bo-2019/codes", "--leader-elsewhere", "MAS,SI",
                       "--runner-up-elsewhere", "CC,NO", "--json"}));
  std::vector<std::array<std::int64_t, 2>> signs;
  for (const auto& table : swing["tables"])
    if (table["id"] == "neighbours")
      for (const auto& row : table["rows"]) signs.push_back({row[5].get<std::int64_t>(), row[6].get<std::int64_t>()});
  EXPECT_EQ(signs, (std::vector<std::array<std::int64_t, 2>>{{170, 131}, {33, 139}}));
  EXPECT_EQ(swing["answer"], "no");
  EXPECT_GT(swing["test"]["p_value"].get<double>(), 0.99);
}

TEST_F(Bolivia2019, TheFourUnitsWithoutValidVotesAreNamed) {
  COTEJO_NEEDS_DATA();
  std::vector<std::string> units;
  const json arithmetic = finding("arithmetic");
  for (const auto& table : arithmetic["tables"])
    if (table["id"] == "defects")
      for (const auto& row : table["rows"])
        if (row[3] == "no-valid-votes") units.push_back(row[0]);
  EXPECT_EQ(units, (std::vector<std::string>{"1321", "21189", "21260", "26773"}));  // published
}

// A second late count with nothing but profiles: the first snapshots of 2020 against the complete count, whose units are
// precincts while the snapshot's are polling tables.
TEST(LateCount2020, WorksWithNothingButProfiles) {
  COTEJO_NEEDS_DATA();
  const TemporaryFolder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    const Ran ran = run_program(arguments, folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  std::vector<std::string> import{"import", "case.cotejo"};
  for (const char* name :
       {"bolivia-2020-precincts", "bolivia-2020-partial", "bolivia-2020-partial-0218", "bolivia-2020-first-seen"})
    import.push_back((root() / "profiles" / (std::string(name) + ".toml")).string());
  run(import);
  const json curve = json::parse(
      run({"curve", "case.cotejo", "--count", "bo-2020/precincts", "--against", "bo-2020/partial-0218", "--json"}));
  // Counted apart with pandas: the units of the snapshot whose precinct is in the complete file and has no more early
  // than in the end; the margin of the complete count without the precincts left out.
  EXPECT_EQ(estimate(curve, "units_early"), 18529);
  EXPECT_NEAR(estimate(curve, "change_points"),
              estimate(curve, "composition_points") + estimate(curve, "within_points") +
                  estimate(curve, "without_early_points"),
              1e-9);
  EXPECT_LT(std::abs(estimate(curve, "within_points")), 0.2);
  // What remains of a precinct is several tables in one: the permutation test is withheld, and says so.
  const json shift = json::parse(
      run({"shift", "case.cotejo", "--count", "bo-2020/precincts", "--against", "bo-2020/partial-0218", "--json"}));
  EXPECT_EQ(shift["answer"], "undetermined");
  EXPECT_TRUE(shift["test"].is_null());
  // Within the partial count itself, by the snapshot that first held each table.
  const json jump =
      json::parse(run({"discontinuity", "case.cotejo", "--count", "bo-2020/partial", "--arrival", "bo-2020/first-seen",
                       "--option", "cut=2020-10-20T02:18:35", "--option", "placebos=100", "--json"}));
  EXPECT_EQ(estimate(jump, "units_early"), 18561);
}

// Another reading of the same question, through a case: the state of the 2020 count that docs/methods/next-election.md quotes.
class Bolivia2020 : public testing::Test {
 protected:
  static json next_election(const TemporaryFolder& folder, const std::string& against,
                            const std::vector<std::string>& more) {
    const auto run = [&](std::vector<std::string> arguments) {
      const Ran ran = run_program(arguments, folder.path());
      EXPECT_EQ(ran.code, 0) << ran.err;
      return ran.out;
    };
    std::vector<std::string> import{"import", "case.cotejo"};
    for (const char* name :
         {"bolivia-2019-computo", "bolivia-2019-codes", "bolivia-2020-partial-0218", "bolivia-2020-precincts"})
      import.push_back((root() / "profiles" / (std::string(name) + ".toml")).string());
    run(import);
    run({"challenge", "case.cotejo", "add", "--id", "oas-226", "--count", "bo-2019/computo", "--units",
         (data() / "bolivia-2019/challenges/oas-226.csv").string(), "--by", "b", "--reason", "r", "--source", "s"});
    std::vector<std::string> arguments{"next-election", "case.cotejo", "--count",     "bo-2019/computo",
                                       "--against",     against,       "--crosswalk", "bo-2019/codes",
                                       "--challenge",   "oas-226",     "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(run(arguments));
  }
};

TEST_F(Bolivia2020, ThePartialFileGivesThe48PrecinctsAndSharesOfTheReference) {
  COTEJO_NEEDS_DATA();
  const TemporaryFolder folder;
  const json finding = next_election(folder, "bo-2020/partial-0218", {});
  EXPECT_EQ(estimate(finding, "precincts_objected"), 86);
  EXPECT_EQ(estimate(finding, "precincts_linked"), 48);
  EXPECT_NEAR(estimate(finding, "leader_share_after_percent"), 95.507, 5e-4) << "values.json 2020.partial";
  EXPECT_NEAR(estimate(finding, "leader_share_before_percent"), 88.374, 5e-4) << "values.json 2020.partial";
  std::int64_t units = 0;
  for (const auto& table : finding["tables"])
    if (table["id"] == "objected")
      for (const auto& row : table["rows"]) units += row[2].is_number() ? row[2].get<std::int64_t>() : 0;
  EXPECT_EQ(units, 124) << "values.json 2020.partial";
}

TEST_F(Bolivia2020, WithoutCodesTheLinksReach99PercentOfTheCodesWithAtMost3In1000False) {
  COTEJO_NEEDS_DATA();
  const TemporaryFolder folder;
  const json finding = next_election(folder, "bo-2020/precincts", {"--option", "link=names"});
  EXPECT_GE(estimate(finding, "link_reached_percent"), 99.0);
  EXPECT_LE(estimate(finding, "link_false_percent"), 0.3);
}

TEST_F(Bolivia2019, TheDossierHolds) {
  COTEJO_NEEDS_DATA();
  const Ran ran = run_program({"verify", "out"}, folder_->path());
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
}

// As long as the audit again, on one thread: for validation. The demo's dossier is recomputed in every run (golden_test.cpp).
TEST_F(Bolivia2019, DISABLED_EveryNumberIsTheSameAgainOnOneThread) {
  COTEJO_NEEDS_DATA();
  const Ran ran = run_program({"verify", "out", "--rerun", "--threads", "1"}, folder_->path());
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
}

}  // namespace
}  // namespace cotejo::test
