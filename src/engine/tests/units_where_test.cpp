#include "cotejo/engine/units_where.hpp"

#include <gtest/gtest.h>

#include "../../methods/support/tests/small_count.hpp"

namespace cotejo {
namespace {

Count small() {
  Count count;
  count.id = CountId{"c"};
  for (const char* id : {"A", "B", "cast"}) count.contest.options.push_back({OptionId{id}, id});
  count.hierarchy = Hierarchy({"province"});
  for (const char* key : {"u1", "u2", "u3", "u4"}) {
    count.unit_keys.push_back(key);
    count.unit_place.push_back(count.hierarchy.add(no_place, std::string(key) < "u3" ? "North" : "South"));
  }
  count.votes = {10, 20, 30, 40, /* B */ 9, 25, 5, missing, /* cast, a party */ 1, 0, 0, 50};
  count.registered = {15, 50, 60, 70};
  count.null = {2, 1, 0, 0};
  count.fields.push_back({"observers", "Observers", {0, 1, missing, 3}});
  return count;
}
std::vector<std::string> where(const std::string& condition) {
  const auto found = units_where(small(), condition, Context{});
  EXPECT_TRUE(found) << (found ? "" : describe(found.error()));
  return found ? *found : std::vector<std::string>{};
}
using Keys = std::vector<std::string>;

TEST(UnitsWhere, ComparesFieldsOptionsAndPlaces) {
  EXPECT_EQ(where("cast > registered"), (Keys{"u1", "u4"}));
  EXPECT_EQ(where("null > margin"), (Keys{"u1"}));
  EXPECT_EQ(where("\"null\" > margin and 'cast null' <> unit"), (Keys{"u1"}));
  EXPECT_EQ(where("CAST(A as text) = '10'"), (Keys{"u1"}));
  EXPECT_EQ(where("2 * A >= registered and province = 'South'"), (Keys{"u3", "u4"}));
  EXPECT_EQ(where("unit in ('u2', 'u3')"), (Keys{"u2", "u3"}));
  EXPECT_EQ(where("\"option:cast\" > 10"), (Keys{"u4"})) << "the ballots cast come first under the name";
}

TEST(UnitsWhere, AMissingCellSelectsNothing) {
  EXPECT_EQ(where("observers >= 0"), (Keys{"u1", "u2", "u4"}));
  EXPECT_EQ(where("observers is null"), (Keys{"u3"}));
  EXPECT_EQ(where("observers IS NOT NULL and registered > 40"), (Keys{"u2", "u4"}));
  EXPECT_EQ(where("B < 10"), (Keys{"u1", "u3"}));
}

// A second count of u1 and u3 beside it, in another order.
TEST(UnitsWhere, ASecondCountIsBesideItUnitByUnit) {
  const Count beside =
      test::small_count("beside", {}, {"A", "B"}, {{.key = "u3", .votes = {1, 2}}, {.key = "u1", .votes = {10, 12}}});
  const auto with = [&](const std::string& condition) {
    const auto found = units_where(small(), condition, Context{}, &beside);
    EXPECT_TRUE(found) << (found ? "" : describe(found.error()));
    return found ? *found : Keys{};
  };
  EXPECT_EQ(with("\"other:A\" = 10"), (Keys{"u1"}));
  EXPECT_EQ(with("difference >= 0"), (Keys{"u1", "u3"})) << "the others are not in it";
  const Count own = small();
  const auto expected = [&](UnitIndex mine, UnitIndex other) {
    return std::abs(own.vote(0, mine) - beside.vote(0, other)) + std::abs(own.vote(1, mine) - beside.vote(1, other));
  };
  EXPECT_EQ(with("difference = " + std::to_string(expected(0, 1)) + " and unit = 'u1'"), (Keys{"u1"}));
}

TEST(UnitsWhere, WhatIsNoConditionIsRefusedWithTheColumns) {
  for (const char* text :
       {"", "votes > 5", "\"votes\" > 5", "A >", "A > 5; DROP TABLE units", "A > (SELECT 1 FROM sqlite_schema)",
        "load_extension('x')", "A in (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r)",
        "length(zeroblob(1000000000)) > 0"}) {
    const auto found = units_where(small(), text, Context{});
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::option_invalid) << text;
    EXPECT_EQ(found.error().column, "where");
    EXPECT_NE(found.error().remedy.find("\"registered\""), std::string::npos);
  }
}

TEST(UnitsWhere, ALongExpressionEndsWhenItIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const auto found = units_where(small(), "A > 0", Context{.cancel = stop.get_token()});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::cancelled);
}

TEST(UnitsTable, HasTheSelectedUnitsWithTheirColumnsInTheOrderAskedFor) {
  const auto table = units_table(
      small(), {.condition = "registered > 20", .columns = {"unit", "province", "observers"}, .sort = "A DESC"},
      Context{});
  ASSERT_TRUE(table) << describe(table.error());
  ASSERT_EQ(table->rows.size(), 3U);
  EXPECT_EQ(std::get<std::string>(table->rows[0][0]), "u4");
  EXPECT_EQ(std::get<std::string>(table->rows[0][1]), "South");
  EXPECT_EQ(std::get<std::int64_t>(table->rows[0][2]), 3);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table->rows[1][2])) << "a missing cell";
}

TEST(UnitsTable, WithoutAConditionHasEveryUnitAndColumnUpToTheLimit) {
  const auto all = units_table(small(), {}, Context{});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->rows.size(), 4U);
  EXPECT_EQ(all->columns.front().name, "unit");
  EXPECT_EQ(all->columns.back().name, "option:cast");
  EXPECT_EQ(units_table(small(), {.most = 2}, Context{})->rows.size(), 2U);
}

TEST(UnitsTable, AMistypedColumnOrOrderIsRefusedByName) {
  const auto column = units_table(small(), {.columns = {"registred"}}, Context{});
  ASSERT_FALSE(column);
  EXPECT_EQ(column.error().column, "columns");
  EXPECT_EQ(column.error().remedy, "Did you mean 'registered'?");
  const auto sort = units_table(small(), {.sort = "turnout DESC"}, Context{});
  ASSERT_FALSE(sort);
  EXPECT_EQ(sort.error().column, "sort");
}

}  // namespace
}  // namespace cotejo
