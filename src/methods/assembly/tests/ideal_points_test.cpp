#include "cotejo/methods/assembly/ideal_points.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/base/random.hpp"
#include "cotejo/finding/finding.hpp"

namespace cotejo {
namespace {

double phi(double t) {
  return 0.5 * std::erfc(-t / std::sqrt(2.0));
}

// Members on a line from left to right; every tenth vote absent; the last member joins after half of the votes.
Assembly planted(std::size_t n, std::size_t votes, Seed seed, double sharp = 1.5) {
  Assembly a{.id = AssemblyId{"planted"}, .title = "Planted", .source = "made here"};
  for (std::size_t i = 0; i < n; ++i)
    a.members.push_back({.id = "m" + std::to_string(i), .name = "Member " + std::to_string(i)});
  Stream stream(seed, Purpose::planted);
  for (std::size_t j = 0; j < votes; ++j) {
    const int year = 2000 + static_cast<int>(4 * j / votes);
    a.roll_calls.push_back({.id = "v" + std::to_string(j), .date = *parse_date(std::to_string(year) + "-06-01")});
    const double beta = sharp * (stream.uniform() < 0.5 ? -1 : 1), alpha = 1.2 * stream.normal();
    for (std::size_t i = 0; i < n; ++i) {
      const double x = 3.4 * static_cast<double>(i) / static_cast<double>(n - 1) - 1.7;
      const bool yes = stream.uniform() < phi(beta * x - alpha);
      const bool away = stream.uniform() < 0.1, out = i + 1 == n && j < votes / 2;
      a.ballots.push_back(static_cast<std::int8_t>(out    ? Ballot::not_member
                                                   : away ? Ballot::absent
                                                   : yes  ? Ballot::yes
                                                          : Ballot::no));
    }
  }
  a.sha256 = a.content_hash();
  return a;
}

const Context two_threads{.seed = 20201021, .threads = 2};

Finding found(const Assembly& a, const IdealPointsRequest& request) {
  auto finding = run(a, request, two_threads);
  EXPECT_TRUE(finding) << (finding ? "" : describe(finding.error()));
  return finding ? std::move(*finding) : Finding{};
}

TEST(IdealPoints, PutsMembersInTheirOrderWithIntervalsAndThePoleOnTheRight) {
  const auto a = planted(21, 80, 1);
  for (const bool last : {true, false}) {
    const auto finding = found(a, {.polarity = last ? "m20" : "m0", .nominate = last});
    ASSERT_EQ(finding.answer, Answer::descriptive) << finding.headline;
    const Table& table = *finding.table("positions");
    const auto at = static_cast<std::size_t>(table.column("dimension_1"));
    const auto place = [&](int i) { return std::get<double>((*table.row("m" + std::to_string(i)))[at]); };
    EXPECT_GT((last ? 1 : -1) * (place(18) - place(2)), 1.5);
    EXPECT_LT(std::abs(place(10)), 0.7);
    int in_order = 0;
    for (int i = 0; i + 4 < 21; ++i) in_order += (place(i + 4) - place(i)) * (last ? 1 : -1) > 0;
    EXPECT_GE(in_order, 16);
    const auto data = nlohmann::json::parse(finding.figures.at(0).data_json);
    EXPECT_EQ(data["columns"], (nlohmann::json{"label", "value", "low", "high"}));
    EXPECT_EQ(data["rows"].size(), 21U);
    EXPECT_GT(finding.estimate("right_percent")->value, 75);
    if (last) {
      EXPECT_GT(finding.estimate("nominate_right_percent")->value, 75);
    }
  }
}

TEST(IdealPoints, TellsTheAbsentFromThoseWhoWereNoMembers) {
  const auto a = planted(12, 60, 2);
  const auto finding = found(a, {.nominate = false});
  const auto& row = *finding.table("participation")->row("m11");
  const auto column = [&](const char* name) {
    return std::get<std::int64_t>(row[static_cast<std::size_t>(finding.table("participation")->column(name))]);
  };
  EXPECT_EQ(column("not_member"), 30);
  EXPECT_GT(column("absent"), 0);
  EXPECT_EQ(column("yes") + column("no") + column("absent"), 30);
  // Of every pair the votes are in exactly one of: both voted, one away, one no member.
  for (const auto& pair : finding.table("agreement")->rows)
    EXPECT_EQ(std::get<std::int64_t>(pair[2]) + std::get<std::int64_t>(pair[5]) + std::get<std::int64_t>(pair[6]), 60);
}

TEST(IdealPoints, LeavesOutAndCountsNearUnanimousVotes) {
  auto a = planted(12, 60, 3);
  for (std::size_t j = 0; j < 10; ++j)
    for (std::size_t i = 0; i < 12; ++i) a.ballots[j * 12 + i] = static_cast<std::int8_t>(Ballot::yes);
  const auto finding = found(a, {.nominate = false});
  EXPECT_GE(finding.estimate("lopsided")->value, 10);
  EXPECT_EQ(finding.estimate("lopsided")->value + finding.estimate("roll_calls")->value, 60);
}

TEST(IdealPoints, SaysUndeterminedWhereTheDrawsAreTooFewAndGivesNoPosition) {
  const auto finding = found(planted(15, 40, 4), {.warmup = 10, .draws = 100, .most_thin = 1, .nominate = false});
  EXPECT_EQ(finding.answer, Answer::undetermined);
  EXPECT_EQ(finding.table("positions"), nullptr);
  EXPECT_TRUE(finding.figures.empty());
  EXPECT_EQ(finding.table("diagnostics")->rows.size(), 15U);
  EXPECT_NE(finding.headline.find("not converged"), std::string::npos);
}

TEST(IdealPoints, FitsEveryYearByItselfAndIsTheSameForAnyNumberOfThreads) {
  const auto a = planted(12, 200, 5);
  const IdealPointsRequest request{.by = "year", .draws = 200, .most_thin = 1, .nominate = false};
  const auto one = run(a, request, {.seed = 1, .threads = 1});
  const auto two = run(a, request, {.seed = 1, .threads = 3});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->table("periods")->rows.size(), 4U);
  EXPECT_EQ(to_json(*one), to_json(*two));
}

TEST(IdealPoints, RefusesWhatHasNoPositions) {
  const auto code = [](const Assembly& a, const IdealPointsRequest& request) {
    const auto finding = run(a, request, two_threads);
    EXPECT_FALSE(finding);
    return finding ? ErrorCode::internal : finding.error().code;
  };
  const auto a = planted(12, 60, 6);
  EXPECT_EQ(code(a, {.polarity = "nobody"}), ErrorCode::option_invalid);
  EXPECT_EQ(code(a, {.polarity = "m1,m2"}), ErrorCode::option_invalid);
  EXPECT_EQ(code(a, {.from = "2040-01-01"}), ErrorCode::input_insufficient);
  EXPECT_EQ(code(planted(2, 60, 7), {}), ErrorCode::input_insufficient);
  auto alike = a;
  for (auto& ballot : alike.ballots) ballot = static_cast<std::int8_t>(Ballot::yes);
  EXPECT_EQ(code(alike, {}), ErrorCode::input_insufficient);
}

}  // namespace
}  // namespace cotejo
