#include "cotejo/sim/planted.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace cotejo {
namespace {

// Forty places of five units.
struct Made {
  Electorate electorate;
  Returns fair;
};
Made made() {
  Count count;
  count.hierarchy = Hierarchy({"place"});
  for (const char* id : {"A", "B", "C"}) count.contest.options.push_back({OptionId{id}, id});
  Stream stream(5, Purpose::synthetic_election);
  std::vector<std::vector<std::int32_t>> votes(3);
  for (int u = 0; u < 200; ++u) {
    count.unit_keys.push_back(std::to_string(u));
    count.unit_place.push_back(count.hierarchy.add(no_place, "P" + std::to_string(u / 5)));
    count.registered.push_back(150 + static_cast<std::int32_t>(stream.below(150)));
    count.blank.push_back(static_cast<std::int32_t>(stream.below(5)));
    const auto valid = count.registered.back() * 7 / 10;
    votes[0].push_back(valid / 2 + static_cast<std::int32_t>(stream.below(20)) - 10);
    votes[1].push_back((valid - votes[0].back()) * 2 / 3);
    votes[2].push_back(valid - votes[0].back() - votes[1].back());
  }
  for (const auto& column : votes) count.votes.insert(count.votes.end(), column.begin(), column.end());
  Made out{*electorate_of(count), {}};
  out.fair = returns_of(count, out.electorate);
  return out;
}

constexpr Plant kinds[] = {Plant::added_ballots, Plant::moved_votes, Plant::rounded_percentages,
                           Plant::invented_tallies, Plant::copied_returns};

PlantSpec spec_of(Plant kind, double dose, bool whole) {
  return {
      .kind = kind, .dose = dose, .intensity = kind == Plant::rounded_percentages ? 5.0 : 0.3, .whole_places = whole};
}

TEST(Planted, EveryReturnStaysPossibleAndTheTruthIsTheDifference) {
  const Made m = made();
  for (const Plant kind : kinds)
    for (const bool whole : {false, true})
      for (std::uint64_t replicate = 0; replicate < 20; ++replicate) {
        const auto planted = plant(m.electorate, m.fair, spec_of(kind, 0.2, whole), 7, replicate);
        ASSERT_TRUE(planted) << describe(planted.error());
        const auto& r = planted->returns;
        for (std::size_t i = 0; i < r.size(); ++i) {
          ASSERT_LE(r.turnout[i], m.electorate.registered[i]) << to_text(kind);
          ASSERT_LE(r.valid[i], r.cast[i]) << to_text(kind);
          ASSERT_LE(r.leader[i] + r.runner_up[i], r.valid[i]) << to_text(kind);
          ASSERT_GE(std::min({r.leader[i], r.runner_up[i], r.valid[i]}), 0) << to_text(kind);
          ASSERT_EQ(planted->leader_change[i], r.leader[i] - m.fair.leader[i]);
          ASSERT_EQ(planted->ballots_added[i], r.cast[i] - m.fair.cast[i]);
          if (!planted->touched[i]) {
            ASSERT_EQ(r.leader[i], m.fair.leader[i]);
            ASSERT_EQ(r.cast[i], m.fair.cast[i]);
          }
        }
        EXPECT_EQ(std::count(planted->touched.begin(), planted->touched.end(), 1), 40);
        if (whole) {
          std::map<std::uint32_t, int> in_place;
          for (std::size_t i = 0; i < r.size(); ++i) in_place[m.electorate.place[i]] += planted->touched[i];
          for (const auto& [place, touched] : in_place) EXPECT_TRUE(touched == 0 || touched == 5);
        }
      }
}

TEST(Planted, DoseZeroChangesNothingAndTheSameReplicateIsTheSame) {
  const Made m = made();
  for (const Plant kind : kinds) {
    EXPECT_EQ(plant(m.electorate, m.fair, spec_of(kind, 0, false), 7, 0)->returns.leader, m.fair.leader);
    const auto spec = spec_of(kind, 0.3, false);
    EXPECT_EQ(plant(m.electorate, m.fair, spec, 7, 1)->returns.leader,
              plant(m.electorate, m.fair, spec, 7, 1)->returns.leader);
  }
}

TEST(Planted, EachKindDoesWhatItsNameSays) {
  const Made m = made();
  const auto sum = [](const std::vector<std::int32_t>& v) {
    return std::accumulate(v.begin(), v.end(), std::int64_t{0});
  };
  const auto added = plant(m.electorate, m.fair, spec_of(Plant::added_ballots, 1, false), 7, 0);
  EXPECT_EQ(sum(added->leader_change), sum(added->ballots_added));
  EXPECT_GT(sum(added->ballots_added), 0);
  const auto moved = plant(m.electorate, m.fair, spec_of(Plant::moved_votes, 1, false), 7, 0);
  EXPECT_EQ(sum(moved->ballots_added), 0);
  EXPECT_NEAR(
      static_cast<double>(sum(moved->leader_change)) / static_cast<double>(sum(m.fair.valid) - sum(m.fair.leader)), 0.3,
      0.02);
  const auto rounded = plant(m.electorate, m.fair, spec_of(Plant::rounded_percentages, 1, false), 7, 0);
  for (std::size_t i = 0; i < rounded->returns.size(); ++i) {
    const double percent = 100.0 * rounded->returns.turnout[i] / m.electorate.registered[i];
    EXPECT_NEAR(percent, 5 * std::round(percent / 5), 50.0 / m.electorate.registered[i] + 1e-9)
        << "the nearest whole ballot";
  }
  for (const auto& [name, kind] : {std::pair{"moved-votes", Plant::moved_votes}}) EXPECT_EQ(*plant_named(name), kind);
}

TEST(Planted, RefusesWhatIsNoDoseOrLacksVoters) {
  Made m = made();
  EXPECT_EQ(plant(m.electorate, m.fair, {.dose = 1.5}, 7, 0).error().code, ErrorCode::option_invalid);
  EXPECT_EQ(plant(m.electorate, m.fair, {.intensity = -0.1}, 7, 0).error().code, ErrorCode::option_invalid);
  EXPECT_EQ(plant_named("stuffing").error().code, ErrorCode::option_invalid);
  m.electorate.registered.clear();
  EXPECT_EQ(plant(m.electorate, m.fair, spec_of(Plant::added_ballots, 0.1, false), 7, 0).error().code,
            ErrorCode::input_insufficient);
  EXPECT_TRUE(plant(m.electorate, m.fair, spec_of(Plant::moved_votes, 0.1, false), 7, 0));
}

}  // namespace
}  // namespace cotejo
