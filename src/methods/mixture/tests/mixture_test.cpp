#include "cotejo/methods/mixture/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cotejo/methods/mixture/mixture_data.hpp"
#include "cotejo/methods/mixture/mixture_eforensics.hpp"
#include "cotejo/methods/mixture/votes_in_question.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {
namespace {

const Count& election() {
  static const Count count = [] {
    SyntheticSpec spec;
    spec.units = 1000;
    spec.objected_units = 6;
    spec.objected_precincts = 3;
    auto made = draw_synthetic(spec, {.seed = 4});
    EXPECT_TRUE(made);
    return made->official;
  }();
  return count;
}

Count with_field(std::string id, std::vector<std::int32_t> values) {
  Count count = election();
  count.fields.push_back({.id = std::move(id), .name = "", .values = std::move(values)});
  return count;
}

std::int64_t left_out(const MixtureUnits& units, std::string_view reason) {
  for (const auto& [text, number] : units.left_out)
    if (text.find(reason) != std::string::npos) return number;
  return 0;
}

// Mebane (2019) on Bolivia: F = 22,519.8 against a lead of 648,439 of 6,137,778 valid votes. His .10198 takes F from the
// leader once; votes that were moved change the lead by 2 F: .09831.
TEST(VotesInQuestion, ThePublishedMarginsAreTwoReadingsOfTheSameVotes) {
  Tally tally{.options = {2889359, 2240920}, .units = 34555, .valid = 6137778};
  const auto margin = [&](VoteReading reading) {
    const Tally after = without_votes(tally, 0, 1, reading, 5296, 22520 - 5296);
    return static_cast<double>(after.options[0] - after.options[1]) / static_cast<double>(after.valid);
  };
  EXPECT_NEAR(margin(VoteReading::subtracted_once), 0.10198, 5e-6);
  EXPECT_NEAR(margin(VoteReading::moved), 0.09831, 5e-6);
  EXPECT_NEAR(margin(VoteReading::voided), (648439.0 - 22520) / (6137778.0 - 22520), 1e-12);
  EXPECT_NEAR(margin(VoteReading::as_modelled), (648439.0 - 22520 - (22520 - 5296)) / (6137778.0 - 5296), 1e-12);
}

TEST(VotesInQuestion, NeverTakesMoreThanTheLeaderHas) {
  const Tally tally{.options = {100, 90}, .units = 1, .valid = 190};
  const Tally after = without_votes(tally, 0, 1, VoteReading::moved, 80, 80);
  EXPECT_EQ(after.options[0], 0);
  EXPECT_EQ(after.options[1], 190);
}

TEST(MixtureUnits, EveryUnitLeftOutIsCountedUnderItsReason) {
  Count count = election();
  const std::size_t leader = mixture_units(count, "valid", "")->leader;
  count.registered[0] = 0;
  count.registered[1] = missing;
  count.registered[2] = 3;  // fewer than ballots
  count.votes[leader * count.units() + 3] = count.registered[3] + 5;  // A + W > N
  count.cast.clear();
  count.valid_basis = ValidBasis::reported;
  const auto units = mixture_units(count, "valid", "");
  ASSERT_TRUE(units);
  EXPECT_EQ(left_out(*units, "no registered voters"), 2);
  EXPECT_EQ(left_out(*units, "more ballots than registered"), 1);
  EXPECT_EQ(left_out(*units, "A + W > N"), 1);
  EXPECT_EQ(units->data.size() + 4, count.units());
  for (std::size_t u = 0; u < units->data.size(); ++u)
    EXPECT_EQ(units->data.abstained[u] + units->data.leader[u] + units->data.other[u], units->data.registered[u]);
}

TEST(MixtureUnits, WithoutRegisteredVotersTheAnswerIsThatTheDataLackThem) {
  Count count = election();
  count.registered.clear();
  const auto units = mixture_units(count, "cast", "");
  ASSERT_FALSE(units);
  EXPECT_EQ(units.error().code, ErrorCode::input_insufficient);
}

TEST(MixtureUnits, ACovariateThatIsConstantCollinearMissingSeparatingOrUnknownIsNamed) {
  const std::size_t n = election().units();
  std::vector<std::int32_t> constant(n, 7), absent(n, missing), halves(n), some(n);
  for (std::size_t u = 0; u < n; ++u) {
    halves[u] = u % 2 == 0;
    some[u] = u < 10 ? missing : static_cast<std::int32_t>(u % 17);
  }
  const auto error_of = [](const Count& count, const std::string& names) {
    const auto units = mixture_units(count, "cast", names);
    EXPECT_FALSE(units);
    return units ? std::string() : units.error().message;
  };
  EXPECT_NE(error_of(with_field("x", constant), "x").find("same in every unit"), std::string::npos);
  EXPECT_NE(error_of(with_field("x", absent), "x").find("missing in every unit"), std::string::npos);
  EXPECT_NE(error_of(with_field("x", halves), "x, x").find("collinear"), std::string::npos);
  EXPECT_NE(error_of(election(), "nothing").find("no such field"), std::string::npos);
  Count separated = with_field("x", halves);
  for (std::size_t u = 0; u < n; u += 2) separated.registered[u] = static_cast<std::int32_t>(separated.cast_of(static_cast<UnitIndex>(u)));
  EXPECT_NE(error_of(separated, "x").find("separates"), std::string::npos);
  const auto units = mixture_units(with_field("x", some), "cast", "x, registered");
  ASSERT_TRUE(units);
  EXPECT_EQ(left_out(*units, "covariate 'x' is missing"), 10);
  EXPECT_EQ(units->data.covariates.size(), 2U);
}

MixtureRequest short_run() {
  MixtureRequest request;
  request.chains = 2;
  request.warmup = 20;
  request.iterations = 50;
  request.side_iterations = 50;
  request.fair_elections = 1;
  return request;
}

TEST(Mixture, ChainsTooShortToMixGiveUndeterminedAndNameTheOffenders) {
  const auto finding = run(election(), short_run(), {.seed = 4, .threads = 2});
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->answer, Answer::undetermined);
  EXPECT_NE(finding->headline.find("R-hat"), std::string::npos);
  for (const char* name : {"pi_none", "pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"}) {
    ASSERT_NE(finding->estimate(name), nullptr) << name;
    EXPECT_TRUE(std::isnan(finding->estimate(name)->value)) << name;  // no total is identified
  }
  EXPECT_FALSE(finding->at_stake);
  for (const char* id : {"diagnostics", "units", "prior_sensitivity", "side_by_side", "left_out"})
    EXPECT_NE(finding->table(id), nullptr) << id;
  EXPECT_EQ(finding->table("diagnostics")->columns[1].name, "rhat");
  EXPECT_FALSE(finding->conditions[0].met);
}

TEST(Mixture, CancellingIsAnError) {
  std::stop_source stop;
  stop.request_stop();
  const auto finding = run(election(), short_run(), {.seed = 4, .cancel = stop.get_token()});
  ASSERT_FALSE(finding);
  EXPECT_EQ(finding.error().code, ErrorCode::cancelled);
}

TEST(MixtureEforensics, BothModelsRunAndSayThatTheyAreNotCoherent) {
  for (const char* model : {"bl", "qbl"}) {
    MixtureEforensicsRequest request;
    request.model = model;
    request.chains = 2;
    request.warmup = 20;
    request.iterations = 50;
    request.covariates = "registered";
    const auto finding = run(election(), request, {.seed = 4, .threads = 2});
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->answer, Answer::undetermined);
    EXPECT_NE(finding->table("chains"), nullptr);
  }
}

}  // namespace
}  // namespace cotejo
