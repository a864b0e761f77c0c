#include "cotejo/vote/count.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "cotejo/vote/crosswalk.hpp"
#include "cotejo/vote/tally.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "made_count.hpp"

namespace cotejo {
namespace {

using test::drawn_count;
using test::made_count;
using test::Row;
using testing::ElementsAre;
using testing::IsEmpty;

// Every kind of thing that a result can depend on.
Count full() {
  Count count = made_count({"A", "B"},
                           {{.key = "1",
                             .votes = {10, 5},
                             .places = {"X", "P"},
                             .registered = {30},
                             .cast = {20},
                             .valid = {15},
                             .blank = {3},
                             .null = {2}},
                            {.key = "2",
                             .votes = {7, 8},
                             .places = {"X", "Q"},
                             .registered = {30},
                             .cast = {16},
                             .valid = {15},
                             .blank = {1},
                             .null = {0}},
                            {.key = "3",
                             .votes = {0, missing},
                             .places = {"Y", "P"},
                             .registered = {30},
                             .cast = {0},
                             .valid = {0},
                             .blank = {0},
                             .null = {0}}},
                           {"region", "precinct"});
  count.fields.push_back({"issued", "Ballot papers issued", {20, 16, 1}});
  count.latitude = {-16.5, std::nan(""), -19};
  count.longitude = {-68.1, std::nan(""), -65};
  count.checks.push_back({"cards", {"cast"}, Relation::at_most, {"issued"}, "cast <= issued"});
  return count;
}

RejectedRow row_apart(std::string_view column, std::vector<VoteRange> votes) {
  RejectedRow out;
  out.column = column;
  out.votes = std::move(votes);
  return out;
}

TEST(ContentHash, ChangesWithEverythingThatAResultCanDependOn) {
  std::map<std::string, std::function<void(Count&)>> changes{
      {"nothing", [](Count&) {}},
      {"contest", [](Count& c) { c.contest.id = ContestId{"other"}; }},
      {"an option's id", [](Count& c) { c.contest.options[1].id = OptionId{"C"}; }},
      {"the options' order", [](Count& c) { std::swap(c.contest.options[0], c.contest.options[1]); }},
      {"a unit's key",
       [](Count& c) {
         c.unit_keys = {};
         for (const char* key : {"1", "2", "4"}) c.unit_keys.push_back(key);
       }},
      {"where one key ends",
       [](Count& c) {
         c.unit_keys = {};
         for (const char* key : {"12", "", "3"}) c.unit_keys.push_back(key);
       }},
      {"a unit's place", [](Count& c) { c.unit_place[0] = c.unit_place[1]; }},
      {"no place", [](Count& c) { c.unit_place[2] = no_place; }},
      {"what valid means", [](Count& c) { c.valid_basis = ValidBasis::reported; }},
      {"a level's name",
       [](Count& c) {
         Hierarchy other({"province", "precinct"});
         for (const auto& p : c.hierarchy.places()) other.add(p.parent, p.name, p.code);
         c.hierarchy = other;
       }},
      {"a place's name",
       [](Count& c) {
         Hierarchy other({"region", "precinct"});
         for (const auto& p : c.hierarchy.places()) other.add(p.parent, p.name == "Q" ? "R" : p.name, p.code);
         c.hierarchy = other;
       }},
      {"a place's code",
       [](Count& c) {
         Hierarchy other({"region", "precinct"});
         for (const auto& p : c.hierarchy.places()) other.add(p.parent, p.name, p.name == "Q" ? "77" : p.code);
         c.hierarchy = other;
       }},
      {"a place more", [](Count& c) { c.hierarchy.add(no_place, "Z"); }},
      {"a latitude", [](Count& c) { c.latitude[0] = -16.6; }},
      {"a longitude", [](Count& c) { c.longitude[2] = 0; }},
      {"a column that is not reported", [](Count& c) { c.null.clear(); }},
      {"a column under another name", [](Count& c) { std::swap(c.blank, c.null); }},
      {"a field's id", [](Count& c) { c.fields[0].id = "received"; }},
      {"a field's value", [](Count& c) { c.fields[0].values[1] = 17; }},
      {"a field more",
       [](Count& c) {
         c.fields.push_back({"more", "", {0, 0, 0}});
       }},
      {"a correction of the whole count",
       [](Count& c) {
         c.rejected = {row_apart(of_the_whole, {{1, 1}, {0, 0}})};
       }},
      {"another correction of the whole count",
       [](Count& c) {
         c.rejected = {row_apart(of_the_whole, {{0, 0}, {1, 1}})};
       }},
      {"a check's id", [](Count& c) { c.checks[0].id = "x"; }},
      {"a check's left side", [](Count& c) { c.checks[0].left = {"valid"}; }},
      {"a check's relation", [](Count& c) { c.checks[0].relation = Relation::equal; }},
      {"a check's right side", [](Count& c) { c.checks[0].right.push_back("valid"); }},
      {"no check", [](Count& c) { c.checks.clear(); }},
  };
  // Every cell of every column, by one vote.
  for (std::size_t i = 0; i < full().votes.size(); ++i)
    changes[fmt::format("cell {} of the votes", i)] = [i](Count& c) {
      c.votes[i] = c.votes[i] == missing ? 0 : c.votes[i] + 1;
    };
  for (const auto& [name, column] : {std::pair{"registered", &Count::registered},
                                     {"cast", &Count::cast},
                                     {"valid", &Count::valid},
                                     {"blank", &Count::blank},
                                     {"null", &Count::null}})
    for (std::size_t i = 0; i < 3; ++i)
      changes[fmt::format("cell {} of {}", i, name)] = [i, column = column](Count& c) { ++(c.*column)[i]; };
  changes["a missing cell"] = [](Count& c) { c.registered[1] = missing; };

  std::map<std::string, std::string> seen;  // hash -> the change that gave it
  for (const auto& [name, change] : changes) {
    Count count = full();
    change(count);
    const auto [entry, is_new] = seen.emplace(count.content_hash(), name);
    EXPECT_TRUE(is_new) << "\"" << name << "\" gives the same hash as \"" << entry->second << "\"";
  }
}

TEST(ContentHash, DoesNotChangeWithWhatIsOnlySaidAboutTheCount) {
  const auto base = full().content_hash();
  Count count = full();
  count.id = CountId{"another/name"};
  count.title = "t";
  count.contest.title = "t";
  count.unit_name = "mesa";
  count.date = "2019-10-20";
  count.as_of = "2019-10-20T19:40";
  count.official = true;
  count.caveats = {"c"};
  count.source = "s";
  count.rejected.push_back({"f", 2, "c", "v", "r", "[]"});
  count.sha256 = "something kept";
  EXPECT_EQ(count.content_hash(), base);
}

TEST(ContentHash, IsTheSameOnEveryMachine) {
  // Recorded; a change of what is hashed makes every case and dossier on disk unverifiable and needs a new schema name.
  EXPECT_EQ(made_count({"A"}, {{"1", {5}}}).content_hash(),
            "9167944401b5b68de5007752aa04652bd0afa430d89d2302c78a03889ae0d06e");
}

TEST(ContentHash, ListsCannotRunIntoEachOther) {
  // An option named like the word that follows the list of options, against a unit of that name.
  const auto one = made_count({"A", "sum"}, {{"k", {1, 2}}});
  auto two = made_count({"A"}, {{"sum", {1}}, {"k", {2}}});
  EXPECT_NE(one.content_hash(), two.content_hash());
}

TEST(Count, ValidVotesAreTheSumOfOptionsOrWhatIsReported) {
  Count count = full();
  EXPECT_EQ(count.valid_of(0), 15);
  EXPECT_EQ(count.valid_of(2), 0);  // a missing cell counts as 0
  count.valid[0] = 14;
  EXPECT_EQ(count.valid_of(0), 15);
  count.valid_basis = ValidBasis::reported;
  EXPECT_EQ(count.valid_of(0), 14);
  EXPECT_EQ(tally(count).valid, 14 + count.valid_of(1) + count.valid_of(2));
  count.valid[0] = missing;  // a gap is filled from the options, whose votes are counted
  EXPECT_EQ(count.valid_of(0), 15);
  EXPECT_EQ(valid_of_units(count)[0], 15);
  EXPECT_EQ(tally(count).valid, 15 + count.valid_of(1) + count.valid_of(2));
  const UnitIndex only[] = {0};
  EXPECT_EQ(tally(count, only).valid, 15);
}

TEST(Count, BallotsCastAreReportedOrDerivedOrUnknown) {
  Count count = full();
  EXPECT_TRUE(count.knows_cast());
  EXPECT_EQ(count.cast_of(0), 20);
  count.cast[0] = missing;  // a gap is filled from the parts
  EXPECT_EQ(count.cast_of(0), 15 + 3 + 2);
  count.cast.clear();
  EXPECT_TRUE(count.knows_cast());
  EXPECT_EQ(count.cast_of(1), 15 + 1 + 0);
  count.null.clear();
  EXPECT_TRUE(count.knows_cast());
  EXPECT_EQ(count.cast_of(1), 15 + 1);
  count.blank.clear();
  EXPECT_FALSE(count.knows_cast());  // valid votes alone are not the ballots cast
  EXPECT_EQ(count.cast_of(1), 0);
}

TEST(Count, RegisteredIsZeroWhereNotReported) {
  Count count = full();
  EXPECT_EQ(count.registered_of(0), 30);
  count.registered[0] = missing;
  EXPECT_EQ(count.registered_of(0), 0);
  count.registered.clear();
  EXPECT_EQ(count.registered_of(1), 0);
}

TEST(Count, ColumnsAreFoundByTheNamesOfTheProfile) {
  const Count count = full();
  EXPECT_THAT(count.column("registered"), ElementsAre(30, 30, 30));
  EXPECT_THAT(count.column("null"), ElementsAre(2, 0, 0));
  EXPECT_THAT(count.column("issued"), ElementsAre(20, 16, 1));
  EXPECT_THAT(count.column("A"), ElementsAre(10, 7, 0));
  EXPECT_THAT(count.column("options"), IsEmpty());
  EXPECT_THAT(count.column("nothing"), IsEmpty());
}

TEST(Count, WholeColumnsSayWhatSingleUnitsSay) {
  for (Seed seed = 0; seed < 40; ++seed) {
    Count count = drawn_count(seed, {.units = 30, .options = 1 + seed % 5, .reports_ballots = seed % 3 != 0});
    Stream stream(seed, Purpose::bootstrap);
    if (seed % 2) {
      count.valid_basis = ValidBasis::reported;
      for (UnitIndex u = 0; u < count.units(); ++u) count.valid.push_back(static_cast<std::int32_t>(stream.below(50)));
    }
    if (seed % 4 > 1)
      for (UnitIndex u = 0; u < count.units(); ++u) count.cast.push_back(static_cast<std::int32_t>(stream.below(90)));
    for (int gap = 0; gap < 10; ++gap)
      for (Column* column : {&count.votes, &count.valid, &count.cast, &count.blank})
        if (!column->empty()) (*column)[stream.below(column->size())] = missing;
    const auto valid = valid_of_units(count), cast = cast_of_units(count);
    for (UnitIndex u = 0; u < count.units(); ++u) {
      EXPECT_EQ(valid[u], count.valid_of(u)) << "seed " << seed << " unit " << u;
      EXPECT_EQ(cast[u], count.cast_of(u)) << "seed " << seed << " unit " << u;
    }
  }
}

TEST(Tally, IsTheSumOverUnitsWhateverIsReported) {
  for (Seed seed = 0; seed < 40; ++seed) {
    Count count = drawn_count(seed, {.units = 25, .options = 3, .reports_ballots = seed % 3 != 0});
    Stream stream(seed, Purpose::bootstrap);
    if (seed % 4 > 1)
      for (UnitIndex u = 0; u < count.units(); ++u)
        count.cast.push_back(u % 7 == 0 ? missing : static_cast<std::int32_t>(stream.below(90)));
    for (int gap = 0; gap < 5; ++gap) count.votes[stream.below(count.votes.size())] = missing;
    std::vector<UnitIndex> some;
    Tally all_by_hand, some_by_hand;
    all_by_hand.options.resize(3);
    some_by_hand.options.resize(3);
    for (UnitIndex u = 0; u < count.units(); ++u) {
      const bool chosen = stream.below(2) == 1;
      if (chosen) some.push_back(u);
      for (Tally* t : {&all_by_hand, chosen ? &some_by_hand : nullptr}) {
        if (!t) continue;
        for (std::size_t o = 0; o < 3; ++o) t->options[o] += count.vote(o, u) == missing ? 0 : count.vote(o, u);
        ++t->units;
        t->valid += count.valid_of(u);
        t->cast += count.cast_of(u);
        t->registered += count.registered_of(u);
      }
    }
    const auto same = [&](const Tally& a, const Tally& b, const char* what) {
      EXPECT_EQ(a.options, b.options) << what << " seed " << seed;
      EXPECT_EQ(a.units, b.units) << what << " seed " << seed;
      EXPECT_EQ(a.valid, b.valid) << what << " seed " << seed;
      EXPECT_EQ(a.cast, b.cast) << what << " seed " << seed;
      EXPECT_EQ(a.registered, b.registered) << what << " seed " << seed;
    };
    same(tally(count), all_by_hand, "all");
    same(tally(count, some), some_by_hand, "some");
    Tally rest = tally(count);
    rest -= tally(count, some);
    EXPECT_EQ(rest.valid, all_by_hand.valid - some_by_hand.valid) << "seed " << seed;
  }
}

TEST(Tally, HoldsSumsFarBeyond32Bits) {
  std::vector<Row> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({std::to_string(i), {2147483647, 2147483646}});
  const Tally total = tally(made_count({"A", "B"}, rows));
  EXPECT_EQ(total.options[0], 2147483647000);
  EXPECT_EQ(total.valid, 4294967293000);
}

TEST(Tally, OfNoUnitsIsZero) {
  const Tally nothing = tally(full(), std::vector<UnitIndex>{});
  EXPECT_THAT(nothing.options, ElementsAre(0, 0));
  EXPECT_EQ(nothing.units + nothing.valid + nothing.cast + nothing.registered, 0);
}

TEST(Ranking, ListsTiesInTheOrderOfTheContest) {
  Tally tally;
  tally.options = {3, 7, 7, 9, 3};
  EXPECT_THAT(ranking(tally), ElementsAre(3, 1, 2, 0, 4));
}

TEST(PlacesOnLevel, GivesEveryUnitItsPlaceOrNone) {
  Count count = full();
  count.unit_place[2] = no_place;
  const auto region = places_on_level(count, "region");
  EXPECT_EQ(region[0], region[1]);
  EXPECT_EQ(count.hierarchy[region[0]].name, "X");
  EXPECT_EQ(region[2], no_place);
  const auto precinct = places_on_level(count, "precinct");
  EXPECT_NE(precinct[0], precinct[1]);
  EXPECT_EQ(count.hierarchy.path(precinct[1]), "X / Q");
}

TEST(PlacesOnLevel, AUnitAttachedHigherUpHasNoLowerPlace) {
  Count count = full();
  count.unit_place[0] = count.hierarchy.add(no_place, "X");
  EXPECT_EQ(places_on_level(count, "precinct")[0], no_place);
  EXPECT_EQ(places_on_level(count, "region")[0], count.unit_place[0]);
}

TEST(PlacesOnLevel, IsEmptyForALevelThatTheCountDoesNotHave) {
  EXPECT_THAT(places_on_level(full(), "planet"), IsEmpty());
  EXPECT_THAT(places_on_level(made_count({"A"}, {{"1", {1}}}), "region"), IsEmpty());
}

TEST(UnitLookup, FindsEveryKeyAndNothingElse) {
  const Count count = full();
  const UnitLookup lookup(count);
  EXPECT_EQ(lookup.find("1"), std::optional<UnitIndex>(0));
  EXPECT_EQ(lookup.find("3"), std::optional<UnitIndex>(2));
  EXPECT_EQ(lookup.find("01"), std::nullopt);
  EXPECT_EQ(lookup.find(""), std::nullopt);
}

TEST(Contest, FindsAnOptionByItsId) {
  const auto contest = full().contest;
  EXPECT_EQ(contest.index_of(OptionId{"B"}), 1);
  EXPECT_EQ(contest.index_of(OptionId{"b"}), -1);
}

TEST(CrosswalkHash, ChangesWithAnyRow) {
  const auto of = [](std::vector<std::pair<std::string, std::string>> rows) {
    return Crosswalk{CrosswalkId{"x"}, "s", std::move(rows)}.content_hash();
  };
  const auto base = of({{"1", "a"}, {"2", "b"}});
  EXPECT_EQ(of({{"1", "a"}, {"2", "b"}}), base);
  EXPECT_NE(of({{"1", "b"}, {"2", "b"}}), base);
  EXPECT_NE(of({{"1", "a"}}), base);
  EXPECT_NE(of({{"1a", ""}, {"2", "b"}}), base);
}

TEST(Tally, OfTheWholeCountHasTheCorrectionsThatNameNoUnit) {
  Count count = full();
  const auto units = tally(count);
  count.rejected = {row_apart(of_the_whole, {{4, 4}, {-1, -1}}), row_apart("A", {{0, 7}, {0, 0}})};
  ASSERT_EQ(rows_set_aside(count).size(), 1U);
  EXPECT_EQ(rows_set_aside(count)[0]->column, "A");
  const auto whole = tally(count);
  EXPECT_THAT(whole.options, ElementsAre(units.options[0] + 4, units.options[1] - 1));
  EXPECT_EQ(whole.valid, units.valid + 3);
  EXPECT_EQ(whole.cast, units.cast + 3);
  EXPECT_EQ(whole.units, units.units);
  const std::vector<UnitIndex> all{0, 1, 2};
  EXPECT_EQ(tally(count, all).options, units.options) << "no unit has them";
}

}  // namespace
}  // namespace cotejo
