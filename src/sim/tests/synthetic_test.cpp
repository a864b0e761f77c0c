// The synthetic election: what its header says of it. Statistical claims hold at fixed seeds, with margins of five
// standard deviations.
#include "cotejo/sim/synthetic.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>

#include "cotejo/vote/rule.hpp"

namespace cotejo {
namespace {

using testing::HasSubstr;

Context context_of(Seed seed, unsigned threads = 2) {
  Context out;
  out.seed = seed;
  out.threads = threads;
  return out;
}

SyntheticSpec small_spec() {
  SyntheticSpec spec;
  spec.units = 3000;
  spec.objected_units = 40;
  spec.objected_precincts = 15;
  return spec;
}

SyntheticElection drawn(const SyntheticSpec& spec, Seed seed, unsigned threads = 2) {
  auto election = draw_synthetic(spec, context_of(seed, threads));
  if (!election) throw std::runtime_error(describe(election.error()));
  return std::move(*election);
}

// The default election, drawn once.
const SyntheticElection& default_election() {
  static const auto election = drawn({}, 20191020);
  return election;
}

Outcome outcome_of(const Count& count) {
  return apply(Rule::share_and_lead({2, 5}, {1, 10}), count.contest, tally(count));
}

double lead_points(const Count& count) {
  const auto sums = tally(count);
  return 100 * static_cast<double>(sums.options[0] - sums.options[1]) / static_cast<double>(sums.valid);
}

std::size_t places_on(const Count& count, std::uint32_t level) {
  const auto places = count.hierarchy.places();
  return std::count_if(places.begin(), places.end(), [&](const Place& place) { return place.level == level; });
}

TEST(Synthetic, TheSameSeedGivesTheSameBitsOnOneThreadAndOnFour) {
  const auto one = drawn(small_spec(), 7, 1), four = drawn(small_spec(), 7, 4);
  EXPECT_EQ(one.official.sha256, four.official.sha256);
  EXPECT_EQ(one.quick.sha256, four.quick.sha256);
  EXPECT_EQ(one.next.sha256, four.next.sha256);
  EXPECT_EQ(one.objected.unit_keys, four.objected.unit_keys);
  EXPECT_EQ(one.official.sha256, one.official.content_hash());
}

TEST(Synthetic, AnotherSeedGivesAnotherElection) {
  const auto first = drawn(small_spec(), 7), second = drawn(small_spec(), 8);
  EXPECT_NE(first.official.votes, second.official.votes);
  EXPECT_NE(first.objected.unit_keys, second.objected.unit_keys);
}

TEST(Synthetic, TheTwoElectionsOfOneSeedShareNoDraws) {
  const auto& e = default_election();
  // Same places, so the same shares roughly, but not the same ballots.
  std::size_t same = 0;
  for (UnitIndex u = 0; u < 1000; ++u) same += e.official.vote(0, u) == e.next.vote(0, u) ? 1 : 0;
  EXPECT_LT(same, 100U);
}

TEST(Synthetic, TheDefaultHasTheSizeAndShapeOfANationalElection) {
  const auto& count = default_election().official;
  EXPECT_EQ(count.units(), 34'555U);
  EXPECT_EQ(count.options(), 9U);
  EXPECT_EQ(count.hierarchy.levels(),
            (std::vector<std::string>{"country", "department", "province", "municipality", "locality", "precinct"}));
  // As in Bolivia 2019: 34 countries, 86 departments, 221 provinces, 455 municipalities, 3,652 localities, 5,296
  // precincts.
  const std::array<double, 6> about = {34, 86, 221, 455, 3652, 5296};
  for (std::uint32_t l = 0; l < 6; ++l)
    EXPECT_NEAR(static_cast<double>(places_on(count, l)), about[l], 2) << count.hierarchy.levels()[l];
  EXPECT_EQ(*std::max_element(count.registered.begin(), count.registered.end()), 240);
  EXPECT_GE(*std::min_element(count.registered.begin(), count.registered.end()), 12);
  const auto sums = tally(count);
  EXPECT_NEAR(static_cast<double>(sums.registered), 7.3e6, 0.1e6);
  EXPECT_NEAR(static_cast<double>(sums.cast) / static_cast<double>(sums.registered), 0.88, 0.002);
}

TEST(Synthetic, EveryPlaceHasUnitsAndEveryUnitAPathOfSixNames) {
  for (const Count* count : {&default_election().official, &default_election().quick, &default_election().next}) {
    std::vector<bool> has_units(count->hierarchy.places().size());
    for (UnitIndex u = 0; u < count->units(); ++u) {
      std::uint32_t depth = 0;
      for (PlaceIndex p = count->unit_place[u]; p != no_place; p = count->hierarchy[p].parent, ++depth) {
        has_units[p] = true;
        ASSERT_FALSE(count->hierarchy[p].name.empty());
      }
      ASSERT_EQ(depth, 6U);
      ASSERT_FALSE(count->hierarchy[count->unit_place[u]].code.empty());
    }
    EXPECT_EQ(std::count(has_units.begin(), has_units.end(), false), 0) << count->id.text;
  }
}

TEST(Synthetic, SizeAndPlacesFollowTheUnitsAskedFor) {
  auto spec = small_spec();
  for (const std::int64_t units : {1000, 2222, 12'345}) {
    spec.units = units;
    const auto count = drawn(spec, 3).official;
    EXPECT_EQ(count.units(), static_cast<std::size_t>(units));
    EXPECT_NEAR(static_cast<double>(units) / static_cast<double>(places_on(count, 5)), 6.5, 0.3);
    for (std::uint32_t l = 1; l < 6; ++l) EXPECT_LE(places_on(count, l - 1), places_on(count, l));
  }
}

TEST(Synthetic, UnitKeysAreUnique) {
  for (const Count* count : {&default_election().official, &default_election().quick, &default_election().next}) {
    std::set<std::string_view> keys;
    for (UnitIndex u = 0; u < count->units(); ++u) keys.insert(count->unit_keys[u]);
    EXPECT_EQ(keys.size(), count->units()) << count->id.text;
  }
}

TEST(Synthetic, EveryReturnAddsUp) {
  for (const Count* count : {&default_election().official, &default_election().quick, &default_election().next})
    for (UnitIndex u = 0; u < count->units(); ++u) {
      std::int64_t options = 0;
      for (std::size_t k = 0; k < count->options(); ++k) {
        ASSERT_GE(count->vote(k, u), 0);
        options += count->vote(k, u);
      }
      ASSERT_EQ(count->valid[u], options) << count->id.text << " " << count->unit_keys[u];
      ASSERT_EQ(count->cast[u], options + count->blank[u] + count->null[u])
          << count->id.text << " " << count->unit_keys[u];
      ASSERT_LE(count->cast[u], count->registered[u]) << count->id.text << " " << count->unit_keys[u];
    }
}

TEST(Synthetic, TheOfficialCountIsANarrowWinAndTheQuickCountIsNotWhateverTheSeed) {
  for (const Seed seed : {Seed{1}, Seed{2}, Seed{3}, Seed{20191020}, Seed{0xFFFFFFFFFFFFFFFF}}) {
    const auto election = drawn({}, seed);
    const auto official = outcome_of(election.official), quick = outcome_of(election.quick);
    EXPECT_EQ(official.verdict, Verdict::winner) << "seed " << seed;
    EXPECT_EQ(official.options, std::vector<std::size_t>{0}) << "seed " << seed;
    EXPECT_NEAR(lead_points(election.official), 10.6, 5 * 0.037) << "seed " << seed;
    EXPECT_EQ(quick.verdict, Verdict::runoff) << "seed " << seed;
    EXPECT_NEAR(lead_points(election.quick), 8, 0.05) << "seed " << seed;
  }
}

TEST(Synthetic, SharesAndTurnoutAreSolvedForNotHitByLuck) {
  auto spec = small_spec();
  spec.units = 10'000;
  spec.abroad_share = 0;
  const std::vector<std::array<double, 3>> wishes = {{0.38, 4, 0.4}, {0.42, 2, 0.95}, {0.55, 15, 0.6}, {0.6, 30, 0.8}};
  for (const auto& [leader, lead, turnout] : wishes) {
    spec.leader_share = leader;
    spec.lead_points = lead;
    spec.quick_lead_points = lead - 1;
    spec.turnout = turnout;
    const auto count = drawn(spec, 5).official;
    const auto sums = tally(count);
    const auto valid = static_cast<double>(sums.valid), registered = static_cast<double>(sums.registered);
    EXPECT_NEAR(static_cast<double>(sums.options[0]) / valid, leader, 5 * 0.5 / std::sqrt(valid));
    EXPECT_NEAR(lead_points(count), lead, 5 * 100 / std::sqrt(valid)) << "leader " << leader;
    EXPECT_NEAR(static_cast<double>(sums.cast) / registered, turnout, 5 * 0.5 / std::sqrt(registered));
    EXPECT_EQ(places_on(count, 0), 1U) << "nobody abroad";
  }
}

TEST(Synthetic, TheQuickCountIsNestedAndDiffersOnlyBySlips) {
  const auto& official = default_election().official;
  const auto& quick = default_election().quick;
  EXPECT_EQ(quick.units(), 29'026U);  // 84 % of 34,555
  EXPECT_EQ(quick.snapshot_of, official.id);
  const UnitLookup units(official);
  std::size_t differing = 0;
  std::vector<std::int64_t> net(official.options());
  std::optional<UnitIndex> before;
  for (UnitIndex q = 0; q < quick.units(); ++q) {
    const auto u = units.find(quick.unit_keys[q]);
    ASSERT_TRUE(u) << quick.unit_keys[q];
    ASSERT_TRUE(!before || *before < *u) << "the order of the official count";
    before = u;
    ASSERT_EQ(quick.hierarchy.path(quick.unit_place[q]), official.hierarchy.path(official.unit_place[*u]));
    ASSERT_EQ(quick.registered[q], official.registered[*u]);
    ASSERT_EQ(quick.cast[q], official.cast[*u]);
    std::int64_t moved = std::abs(quick.blank[q] - official.blank[*u]) + std::abs(quick.null[q] - official.null[*u]);
    for (std::size_t k = 0; k < official.options(); ++k) {
      const auto change = official.vote(k, *u) - quick.vote(k, q);
      net[k] += change;
      moved += std::abs(change);
    }
    ASSERT_LE(moved, 18) << "one slip of at most 9 votes";
    differing += moved > 0 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(differing), 0.015 * 29'026, 5 * std::sqrt(0.015 * 29'026));
  // A slip moves 5 votes or so, either way: the sum over about 435 is a matter of 5 sqrt(435) votes at most, for any
  // option.
  for (std::size_t k = 0; k < net.size(); ++k) EXPECT_LT(std::abs(net[k]), 5 * 5 * std::sqrt(435)) << "option " << k;
}

TEST(Synthetic, LatePrecinctsAreFriendlierToTheLeaderButLateUnitsOfAPrecinctAreNot) {
  const auto& official = default_election().official;
  const auto& quick = default_election().quick;
  std::set<std::string_view> early;
  for (UnitIndex q = 0; q < quick.units(); ++q) early.insert(quick.unit_keys[q]);
  struct Sums {
    double units[2] = {0, 0}, share[2] = {0, 0};
  };
  std::map<PlaceIndex, Sums> precincts;
  double leader[2] = {0, 0}, valid[2] = {0, 0};
  for (UnitIndex u = 0; u < official.units(); ++u) {
    if (official.valid[u] == 0) continue;
    const int late = early.contains(official.unit_keys[u]) ? 0 : 1;
    leader[late] += official.vote(0, u);
    valid[late] += official.valid[u];
    auto& sums = precincts[official.unit_place[u]];
    sums.units[late] += 1;
    sums.share[late] += static_cast<double>(official.vote(0, u)) / official.valid[u];
  }
  EXPECT_GT(leader[1] / valid[1], leader[0] / valid[0] + 0.05);
  double sum = 0, square = 0, split = 0;
  for (const auto& [place, s] : precincts) {
    if (s.units[0] == 0 || s.units[1] == 0) continue;
    const double difference = s.share[1] / s.units[1] - s.share[0] / s.units[0];
    sum += difference;
    square += difference * difference;
    split += 1;
  }
  EXPECT_GT(split, 500);
  EXPECT_LT(std::abs(sum), 4 * std::sqrt(square)) << "within precincts: " << sum / split << " over " << split;
}

// Pearson's dispersion of the leader's votes within precincts: 1 when units are multinomial draws with the precinct's
// shares.
double dispersion(const Count& count) {
  std::map<PlaceIndex, std::pair<double, double>> precincts;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    precincts[count.unit_place[u]].first += count.vote(0, u);
    precincts[count.unit_place[u]].second += count.valid[u];
  }
  double statistic = 0, freedom = -static_cast<double>(precincts.size());
  for (UnitIndex u = 0; u < count.units(); ++u) {
    const auto [leader, valid] = precincts[count.unit_place[u]];
    const double share = leader / valid, expected = count.valid[u] * share;
    if (expected == 0 || share == 1) continue;
    statistic += (count.vote(0, u) - expected) * (count.vote(0, u) - expected) / (expected * (1 - share));
    freedom += 1;
  }
  return statistic / freedom;
}

TEST(Synthetic, UnitsAreOverdispersedAgainstTheBinomialUnlessAskedNotToBe) {
  auto spec = small_spec();
  spec.units = 10'000;
  const auto overdispersed = dispersion(drawn(spec, 11).official);
  spec.unit_effect = 0;
  const auto binomial = dispersion(drawn(spec, 11).official);
  // 8,400 degrees of freedom: the standard deviation of the dispersion is sqrt(2 / 8400) = 0.015.
  EXPECT_NEAR(binomial, 1, 5 * 0.016);
  EXPECT_GT(overdispersed, 1.3);
}

TEST(Synthetic, PlacesOfEveryLevelDifferMoreThanTheirUnits) {
  // Between-place variance of the leader's share, level by level, each within the level above.
  const auto& count = default_election().official;
  std::vector<double> within;
  for (const auto& level : count.hierarchy.levels()) {
    const auto of_unit = places_on_level(count, level);
    std::map<PlaceIndex, std::array<double, 3>> sums;
    for (UnitIndex u = 0; u < count.units(); ++u) {
      if (count.valid[u] == 0) continue;
      const double share = static_cast<double>(count.vote(0, u)) / count.valid[u];
      auto& s = sums[of_unit[u]];
      s[0] += 1, s[1] += share, s[2] += share * share;
    }
    double square = 0;
    for (const auto& [place, s] : sums) square += s[2] - s[1] * s[1] / s[0];
    within.push_back(square);
  }
  for (std::size_t l = 1; l < within.size(); ++l)
    EXPECT_LT(within[l], 0.97 * within[l - 1]) << count.hierarchy.levels()[l];
  EXPECT_LT(within.back(), 0.2 * within.front());
}

TEST(Synthetic, TheObjectedUnitsAreAsManyAsAskedAndHighestForTheLeader) {
  const auto& e = default_election();
  EXPECT_EQ(e.objected.count, e.official.id);
  const auto units = resolve(e.objected, e.official);
  ASSERT_TRUE(units) << describe(units.error());
  EXPECT_EQ(units->size(), 226U);
  std::set<PlaceIndex> precincts;
  for (const auto u : *units) precincts.insert(e.official.unit_place[u]);
  EXPECT_EQ(precincts.size(), 86U);
  const auto there = tally(e.official, *units);
  EXPECT_GT(static_cast<double>(there.options[0]) / static_cast<double>(there.valid), 0.9);
}

TEST(Synthetic, MoreObjectedUnitsThanThosePrecinctsHaveSpillIntoTheNextOnes) {
  auto spec = small_spec();
  spec.objected_units = 500;
  spec.objected_precincts = 2;
  EXPECT_EQ(drawn(spec, 1).objected.unit_keys.size(), 500U);
  spec.objected_units = spec.units;
  EXPECT_EQ(drawn(spec, 1).objected.unit_keys.size(), 3000U);
}

TEST(Synthetic, TheNextElectionKeepsPlacesCodesAndMostNames) {
  const auto& e = default_election();
  const auto shares_by_code = [](const Count& count) {
    std::map<std::string, std::array<double, 2>> out;
    for (UnitIndex u = 0; u < count.units(); ++u) {
      auto& sums = out[count.hierarchy[count.unit_place[u]].code];
      sums[0] += count.vote(0, u);
      sums[1] += count.valid[u];
    }
    return out;
  };
  const auto before = shares_by_code(e.official), after = shares_by_code(e.next);
  std::map<std::string, std::string> names;
  for (const auto& place : e.official.hierarchy.places())
    if (!place.code.empty()) names[place.code] = place.name;
  double n = 0, renamed = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (const auto& place : e.next.hierarchy.places()) {
    if (place.code.empty()) continue;
    ASSERT_TRUE(names.contains(place.code));
    renamed += names[place.code] != place.name ? 1 : 0;
    const auto b = before.at(place.code), a = after.at(place.code);
    if (b[1] == 0 || a[1] == 0) continue;
    const double x = b[0] / b[1], y = a[0] / a[1];
    n += 1, sx += x, sy += y, sxx += x * x, syy += y * y, sxy += x * y;
  }
  const double places = static_cast<double>(names.size());
  EXPECT_NEAR(n, 0.995 * places, 5 * std::sqrt(0.005 * places)) << "0.5 % stay closed";
  EXPECT_NEAR(renamed, 0.01 * places, 5 * std::sqrt(0.01 * places));
  const double correlation = (n * sxy - sx * sy) / std::sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
  EXPECT_GT(correlation, 0.85);
  EXPECT_LT(correlation, 0.98);
  const auto sums = tally(e.next);
  EXPECT_EQ(e.next.options(), 5U);
  EXPECT_NEAR(static_cast<double>(sums.options[0]) / static_cast<double>(sums.valid), 0.52, 0.002);
}

TEST(Synthetic, TheCountsSayThatTheyAreInventedAndWhatTheTruthIs) {
  const auto& e = default_election();
  for (const Count* count : {&e.official, &e.quick, &e.next}) {
    EXPECT_THAT(count->title, HasSubstr("synthetic"));
    ASSERT_FALSE(count->caveats.empty());
    EXPECT_THAT(count->caveats.front(), HasSubstr("Synthetic"));
    EXPECT_THAT(count->source, HasSubstr("seed 20191020"));
  }
  EXPECT_THAT(e.official.caveats, testing::Contains(HasSubstr("The truth about it: the election was fair")));
}

TEST(Synthetic, OptionsOutOfBoundsAreRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"units", "999"},     {"units", "5000001"},    {"options", "2"},          {"options", "27"},
      {"turnout", "1"},     {"leader_share", "0.1"}, {"quick_share", "0.99"},   {"abroad_share", "-0.1"},
      {"units", "34555.5"}, {"slip_share", "nan"},   {"place_effect", "3"},     {"voters_per_unit", "19"},
      {"lead_points", "0"}, {"unit_effect", "-1"},   {"next_leader_share", "1"}};
  for (const auto& [name, value] : bad) {
    SyntheticSpec spec;
    const auto set = SyntheticSpec::table().set(spec, name, value);
    ASSERT_FALSE(set) << name << " = " << value;
    EXPECT_EQ(set.error().code, ErrorCode::option_invalid);
    EXPECT_THAT(set.error().message, HasSubstr(name));
  }
}

TEST(Synthetic, ASpecFilledByHandIsCheckedToo) {
  const auto refused = [](auto change) {
    SyntheticSpec spec;
    change(spec);
    const auto election = draw_synthetic(spec, context_of(1));
    return !election && election.error().code == ErrorCode::option_invalid ? describe(election.error()) : "accepted";
  };
  EXPECT_THAT(refused([](auto& s) { s.units = 10; }), HasSubstr("'units'"));
  EXPECT_THAT(refused([](auto& s) { s.turnout = std::nan(""); }), HasSubstr("'turnout'"));
  EXPECT_THAT(refused([](auto& s) { s.lead_points = 50; }), HasSubstr("'lead_points'"));
  EXPECT_THAT(refused([](auto& s) {
                s.leader_share = 0.7;
                s.lead_points = 5;
              }),
              HasSubstr("over 40.000"));
  EXPECT_THAT(refused([](auto& s) { s.leader_share = 0.3; }), HasSubstr("ahead of the second"));
  EXPECT_THAT(refused([](auto& s) { s.objected_precincts = 227; }), HasSubstr("'objected_precincts'"));
  EXPECT_THAT(refused([](auto& s) { s.objected_units = 34'556; }), HasSubstr("'objected_units'"));
  EXPECT_THAT(refused([](auto& s) { s.quick_lead_points = -30; }), HasSubstr("'quick_lead_points'"));
  EXPECT_THAT(refused([](auto& s) { s.quick_lead_points = 30; }), HasSubstr("'quick_lead_points'"));
}

TEST(Synthetic, ExtremeSpecsStillAddUp) {
  auto spec = small_spec();
  spec.options = 26;
  spec.place_effect = 2;
  spec.unit_effect = 1;
  spec.abroad_share = 0.5;
  spec.quick_lead_points = 10;
  spec.voters_per_unit = 4000;
  const auto election = drawn(spec, 2);
  const auto sums = tally(election.official);
  EXPECT_EQ(sums.cast, sums.valid + sums.blank + sums.null);
  EXPECT_EQ(outcome_of(election.official).verdict, Verdict::winner);
}

TEST(Synthetic, ACancelledDrawEndsInAnErrorNotInAnElection) {
  std::stop_source stop;
  stop.request_stop();
  auto context = context_of(1);
  context.cancel = stop.get_token();
  const auto election = draw_synthetic(small_spec(), context);
  ASSERT_FALSE(election);
  EXPECT_EQ(election.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace cotejo
