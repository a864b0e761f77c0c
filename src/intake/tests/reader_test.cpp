#include "cotejo/intake/reader.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- forms that published files come in ----

struct Form {
  const char* name;
  const char* bytes;
  const char* file_keys = "";
};
class Forms : public testing::TestWithParam<Form> {};

TEST_P(Forms, GiveTheSameCount) {
  const Folder folder;
  const auto plain = read_whole(profile(), folder.write("plain.csv", "unit,a,b\n1,10,20\n2,30,40\n"));
  const auto count = read_whole(profile(GetParam().file_keys), folder.write("x.csv", GetParam().bytes));
  EXPECT_EQ(count.content_hash(), plain.content_hash());
  EXPECT_EQ(count.sha256, count.content_hash());
}

INSTANTIATE_TEST_SUITE_P(
    ReadCount, Forms,
    testing::Values(Form{"byte_order_mark", "\xEF\xBB\xBFunit,a,b\n1,10,20\n2,30,40\n"},
                    Form{"byte_order_mark_before_quotes", "\xEF\xBB\xBF\"unit\",\"a\",\"b\"\n1,10,20\n2,30,40\n"},
                    Form{"windows_line_ends", "unit,a,b\r\n1,10,20\r\n2,30,40\r\n"},
                    Form{"old_mac_line_ends", "unit,a,b\r1,10,20\r2,30,40"},
                    Form{"no_line_end_at_the_end", "unit,a,b\n1,10,20\n2,30,40"},
                    Form{"blank_lines_at_the_end", "unit,a,b\n1,10,20\n2,30,40\n\n\n"},
                    Form{"empty_rows_of_a_spreadsheet", "unit,a,b\n1,10,20\n,,\n2,30,40\n , ,\n"},
                    Form{"semicolons", "unit;a;b\n1;10;20\n2;30;40\n", "separator = \";\""},
                    Form{"bars", "unit|a|b\n1|10|20\n2|30|40\n", "separator = \"|\""},
                    Form{"tabs", "unit\ta\tb\n1\t10\t20\n2\t30\t40\n", "separator = \"\\t\""},
                    Form{"everything_quoted", "\"unit\",\"a\",\"b\"\n\"1\",\"10\",\"20\"\n\"2\",\"30\",\"40\"\n"},
                    Form{"blanks_around_cells",
                         " unit , a , b \n 1 , 10 , 20 \n\xC2\xA0"
                         "2,30\xC2\xA0,40\n"},
                    Form{"blanks_before_quotes", "unit, a, b\n\"1\", \"10\", \"20\"\n2, \"30\", 40\n"},
                    Form{"leading_zeros", "unit,a,b\n1,010,20\n2,30,0000000000040\n"},
                    Form{"other_columns_between",
                         "unit,x,a,\"y, z\",b\n1,?,10,\"p\nq\",20\n2,!,30,\"r \"\"s\"\"\",40\n"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ReadCount, ALongNumberInAKeyStaysTextDigitForDigit) {
  const Folder folder;
  const auto count = read_whole(
      profile(), folder.write("x.csv", "unit,a,b\n110046138042512901,1,2\n110046138042512902,3,4\n0001,5,6\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("110046138042512901", "110046138042512902", "0001"));
}

TEST(ReadCount, ColumnsLieOptionByOption) {
  const Folder folder;
  const auto count = read_whole(profile("", "[columns]\nregistered = \"r\""),
                                folder.write("x.csv", "b,r,unit,a\n20,100,u1,10\n40,200,u2,30\n"));
  EXPECT_THAT(count.votes, ElementsAre(10, 30, 20, 40));
  EXPECT_THAT(count.registered, ElementsAre(100, 200));
  EXPECT_THAT(count.cast, IsEmpty()) << "a column that is not reported is empty, not zero";
}

TEST(ReadCount, EverythingThatTheProfileSaysIsInTheCount) {
  const Folder folder;
  const std::string toml = R"(
schema = "cotejo.profile/1"
[source]
title = "T"
publisher = "P"
url = "https://example.org"
caveats = ["one", "two"]
[file]
path = "x.csv"
[count]
id = "xx-2020/final"
title = "Final"
contest = "xx-2020/president"
contest_title = "President"
date = "2020-02-29"
official = true
as_of = "2020-03-01T10:00:00"
snapshot_of = "xx-2020/later"
valid = "reported"
[unit]
name = "polling table"
key = "unit"
[columns]
registered = "r"
cast = "c"
valid = "v"
blank = "bl"
null = "nu"
[[option]]
id = "A"
name = "Party A"
column = "a"
[[field]]
id = "cards"
name = "Cards issued"
column = "k"
[[check]]
id = "cards-cast"
left = ["cards"]
is = ">="
right = ["cast"]
text = "no more ballots than cards"
)";
  const auto parsed = parse_profile(toml, "p.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, folder.write("x.csv", "unit,r,c,v,bl,nu,a,k\nu1,100,50,40,6,4,33,51\n"));
  EXPECT_EQ(count.id.text, "xx-2020/final");
  EXPECT_EQ(count.title, "Final");
  EXPECT_EQ(count.contest.id.text, "xx-2020/president");
  EXPECT_EQ(count.contest.title, "President");
  EXPECT_EQ(count.contest.options.at(0).name, "Party A");
  EXPECT_EQ(count.unit_name, "polling table");
  EXPECT_EQ(count.date, "2020-02-29");
  EXPECT_EQ(count.as_of, "2020-03-01T10:00:00");
  EXPECT_EQ(count.snapshot_of.text, "xx-2020/later");
  EXPECT_TRUE(count.official);
  EXPECT_EQ(count.valid_basis, ValidBasis::reported);
  EXPECT_EQ(count.source, "P; T; https://example.org");
  EXPECT_THAT(count.caveats, ElementsAre("one", "two"));
  EXPECT_EQ(count.valid_of(0), 40);
  EXPECT_EQ(count.column("cards")[0], 51);
  EXPECT_THAT(count.blank, ElementsAre(6));
  EXPECT_THAT(count.null, ElementsAre(4));
  ASSERT_EQ(count.checks.size(), 1U);
  EXPECT_EQ(count.checks[0].relation, Relation::at_least);
  EXPECT_THAT(count.rejected, IsEmpty());
}

// ---- places ----

TEST(ReadCount, PlacesAreSharedAndTheCodeTellsPrecinctsOfOneNameApart) {
  const Folder folder;
  const auto places = R"(
[[place]]
level = "country"
name = { constant = "Bolivia" }
[[place]]
level = "town"
name = "town"
[[place]]
level = "precinct"
name = "school"
code = { column = "code", drop_last = 2 })";
  const auto count = read_whole(profile("", places), folder.write("x.csv",
                                                                  "unit,town,school,code,a,b\n"
                                                                  "1,El Alto,La Paz,1001,1,1\n"
                                                                  "2,El Alto,La Paz,1002,1,1\n"
                                                                  "3,El Alto,La Paz,2001,1,1\n"
                                                                  "4,Sucre,La Paz,1001,1,1\n"
                                                                  "5,El Alto,La Paz,1003,1,1\n"));
  EXPECT_THAT(count.hierarchy.levels(), ElementsAre("country", "town", "precinct"));
  EXPECT_EQ(count.hierarchy.places().size(), 1U + 2U + 3U);
  EXPECT_EQ(count.unit_place[0], count.unit_place[1]);
  EXPECT_EQ(count.unit_place[0], count.unit_place[4]) << "a place that comes back is the same place";
  EXPECT_NE(count.unit_place[0], count.unit_place[2]);
  EXPECT_NE(count.unit_place[0], count.unit_place[3]) << "the same code under another town is another place";
  EXPECT_EQ(count.hierarchy.path(count.unit_place[3]), "Bolivia / Sucre / La Paz");
  EXPECT_EQ(count.hierarchy[count.unit_place[2]].code, "20");
}

TEST(ReadCount, TextExpressionsJoinColumnsAndDropCharactersNotBytes) {
  const Folder folder;
  auto p = profile();
  p.unit_key = {.columns = {"x", "y"}, .join = " · ", .drop_last = 2, .constant = {}};
  const auto count = read_whole(p, folder.write("x.csv", "x,y,a,b\n01, Peñé ,1,2\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("01 · Pe"));
}

TEST(ReadCount, AKeyThatIsAllDroppedIsAnUnusableRow) {
  const Folder folder;
  auto p = profile();
  p.unit_key.drop_last = 2;
  const auto error = error_of(read(p, folder.write("x.csv", "unit,a,b\n123,1,2\n12,3,4\n")));
  expect_error(error, {ErrorCode::value_invalid, 3, "unit", "12", "expected more than 2 characters"});
}

TEST(ReadCount, CoordinatesAreNaNWhereTheCellIsEmpty) {
  const Folder folder;
  const auto p = profile("", "[columns]\nlatitude = \"lat\"\nlongitude = \"lon\"");
  const auto count =
      read_whole(p, folder.write("x.csv", "unit,a,b,lat,lon\n1,1,1,-16.5,-68.15\n2,1,1,,\n3,1,1,90,-180\n"));
  EXPECT_DOUBLE_EQ(count.latitude[0], -16.5);
  EXPECT_TRUE(std::isnan(count.latitude[1]));
  EXPECT_DOUBLE_EQ(count.longitude[2], -180);
}

TEST(ReadCount, CoordinatesThatAreNotDegreesAreNotReadAndLeaveTheVotes) {
  const Folder folder;
  const auto p = profile("", "[columns]\nlatitude = \"lat\"\nlongitude = \"lon\"");
  for (const std::string bad : {"91", "-90.0001", "nan", "inf", "south", "-16.5S", "1e400", "\"-16,5\""}) {
    const auto count = read_whole(p, folder.write("x.csv", "unit,a,b,lat,lon\n1,1,1," + bad + ",0\n"));
    EXPECT_EQ(count.votes[0], 1);
    EXPECT_TRUE(std::isnan(count.latitude[0])) << bad;
    ASSERT_EQ(count.unreadable.size(), 1U) << bad;
    EXPECT_EQ(count.unreadable[0].field, "latitude");
    EXPECT_EQ(count.unreadable[0].row, 2);
    EXPECT_THAT(count.unreadable[0].reason, HasSubstr("expected degrees from -90 to 90"));
  }
  const auto count = read_whole(p, folder.write("x.csv", "unit,a,b,lat,lon\n1,1,1,91,180.5\n2,1,1,0,180.5\n"));
  EXPECT_EQ(count.unreadable.size(), 3U);
}

// ---- columns by name ----

TEST(Columns, AHeaderWithALineBreakIsNamedWithItOrWithABlank) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,\"votes\r\nfor  A\",b\n1,10,20\n");
  auto p = profile();
  p.options[0].column.plus = {"votes\nfor  A"};
  EXPECT_EQ(read_whole(p, file).votes[0], 10);
  p.options[0].column.plus = {"votes for A"};
  EXPECT_EQ(read_whole(p, file).votes[0], 10);
}

TEST(Columns, CyrillicAndPolishNamesAreFound) {
  const Folder folder;
  auto p = profile();
  p.options[0].column.plus = {"Путин Владимир Владимирович"};
  p.options[1].column.plus = {"Szymon Franciszek HOŁOWNIA"};
  const auto count = read_whole(
      p, folder.write("x.csv", "unit,Путин Владимир Владимирович,\"Szymon Franciszek HOŁOWNIA\"\n1,10,20\n"));
  EXPECT_THAT(count.votes, ElementsAre(10, 20));
}

TEST(Columns, AMissingColumnIsNamedWithTheNearestOne) {
  const Folder folder;
  auto p = profile();
  p.options[1].column.plus = {"Votos válidos"};
  const auto error = error_of(read(p, folder.write("x.csv", "unit,a,Votos validos\n1,2,3\n")));
  expect_error(error, {ErrorCode::column_missing, 1, "Votos válidos", "", "no such column"});
  EXPECT_EQ(error.remedy, "Did you mean 'Votos validos'?");
}

TEST(Columns, AMissingColumnWithoutANearOneListsWhatThereIs) {
  const Folder folder;
  auto p = profile();
  p.options[1].column.plus = {"Komorowski"};
  const auto error = error_of(read(p, folder.write("x.csv", "unit,a,c\n1,2,3\n")));
  EXPECT_EQ(error.remedy, "It has 'unit', 'a', 'c'.");
}

TEST(Columns, AWrongSeparatorIsNamed) {
  const Folder folder;
  const auto error = error_of(read(profile(), folder.write("x.csv", "unit;a;b\n1;2;3\n")));
  expect_error(error, {ErrorCode::column_missing, 1, "unit", "", "no such column"});
  EXPECT_THAT(error.remedy, HasSubstr("separator = \";\""));
}

TEST(Columns, ANameThatSeveralColumnsHaveIsRefusedUntilItSaysWhich) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,votes,votes,,b\n1,10,11,12,20\n");
  auto p = profile();
  p.options[0].column.plus = {"votes"};
  const auto error = error_of(read(p, file));
  expect_error(error, {ErrorCode::column_missing, 1, "votes", "", "2 columns have this name"});
  EXPECT_THAT(error.remedy, HasSubstr("'votes#1'"));
  const std::pair<const char*, int> which[] = {{"votes#1", 10}, {"votes#2", 11}, {"#4", 12}};
  for (const auto& [name, value] : which) {
    p.options[0].column.plus = {name};
    EXPECT_EQ(read_whole(p, file).votes[0], value) << name;
  }
  for (const char* name : {"votes#3", "votes#0", "#6", "#", "votes#-1"}) {
    p.options[0].column.plus = {name};
    EXPECT_EQ(error_of(read(p, file)).code, ErrorCode::column_missing) << name;
  }
}

TEST(Columns, ANameAsItStandsInTheHeaderComesBeforeItsReadingAsANumber) {
  const Folder folder;
  auto p = profile();
  p.options[0].column.plus = {"votes#2"};
  EXPECT_EQ(read_whole(p, folder.write("x.csv", "unit,votes,votes,votes#2,b\n1,10,11,12,20\n")).votes[0], 12);
}

// ---- cells that are not numbers ----

struct BadCell {
  const char* name;
  const char* cell;   // as in the file
  const char* value;  // as in the error
  const char* found;
};
class BadCells : public testing::TestWithParam<BadCell> {};

TEST_P(BadCells, AreRefusedWithRowColumnValueAndWhatWasExpected) {
  const Folder folder;
  const std::string bytes = "unit,a,b\n1,10,20\n2,30," + std::string(GetParam().cell) + "\n3,50,60\n";
  const auto file = folder.write("x.csv", bytes);
  const auto error = error_of(read(profile(), file));
  expect_error(error, {ErrorCode::value_invalid, 3, "b", GetParam().value,
                       "expected a whole number from 0 to 2,147,483,647, found " + std::string(GetParam().found)});
  EXPECT_EQ(error.file, file.string());
}

TEST_P(BadCells, AreSetAsideWithTheirReasonAndTheWholeRow) {
  const Folder folder;
  const auto count =
      read_whole(profile(set_aside),
                 folder.write("x.csv", "unit,a,b\n1,10,20\n2,30," + std::string(GetParam().cell) + "\n3,50,60\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("1", "3"));
  EXPECT_THAT(count.votes, ElementsAre(10, 50, 20, 60));
  ASSERT_EQ(count.rejected.size(), 1U);
  EXPECT_EQ(count.rejected[0].row, 3);
  EXPECT_EQ(count.rejected[0].column, "b");
  EXPECT_EQ(count.rejected[0].value, GetParam().value);
  EXPECT_EQ(count.rejected[0].file, "x.csv") << "no folder of one machine";
  EXPECT_THAT(count.rejected[0].reason, HasSubstr(GetParam().found));
  EXPECT_THAT(count.rejected[0].text, testing::StartsWith("[\"2\",\"30\",\""));
}

INSTANTIATE_TEST_SUITE_P(
    ReadCount, BadCells,
    testing::Values(BadCell{"negative", "-5", "-5", "a negative one"}, BadCell{"fraction", "1.5", "1.5", "a fraction"},
                    BadCell{"a_thousand_or_one", "1.000", "1.000", "a fraction"},
                    BadCell{"one_more_than_fits", "2147483648", "2147483648", "a larger one"},
                    BadCell{"far_too_large", "99999999999999999999999", "99999999999999999999999", "a larger one"},
                    BadCell{"text", "doce", "doce", "text"}, BadCell{"dash", "-", "-", "text"},
                    BadCell{"plus", "+5", "+5", "text"},
                    BadCell{"thousands_separator", "\"1,234\"", "1,234",
                            "a fraction or a number with thousands separators"},
                    BadCell{"thousands_blank", "1 234", "1 234", "a fraction or a number with thousands separators"},
                    BadCell{"empty", "", "", "an empty cell"}, BadCell{"blank", "\"  \"", "", "an empty cell"},
                    BadCell{"hexadecimal", "0x1F", "0x1F", "text"}, BadCell{"exponent", "1e3", "1e3", "text"},
                    BadCell{"minus_zero", "-0", "-0", "a negative one"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ReadCount, TheLargestNumberThatFitsIsRead) {
  const Folder folder;
  EXPECT_EQ(read_whole(profile(), folder.write("x.csv", "unit,a,b\n1,2147483647,0\n")).votes[0], 2147483647);
}

TEST(ReadCount, TheFirstUnusableRowIsNamedAndTheOthersAreCounted) {
  const Folder folder;
  const auto error =
      error_of(read(profile(), folder.write("x.csv", "unit,a,b\n1,1,1\n2,x,1\n3,1,1\n4,1,-1\n4,1,1\n3,1,1\n5,1\n")));
  expect_error(error, {ErrorCode::value_invalid, 3, "a", "x", "found text (and 3 more unusable rows)"});
}

TEST(ReadCount, BlankRecordsCountAsRowsSoThatTheNumberIsThatOfTheSpreadsheet) {
  const Folder folder;
  const auto error = error_of(read(profile(), folder.write("x.csv", "unit,a,b\n\n1,1,1\n,,\n2,x,1\n")));
  EXPECT_EQ(error.row, 5);
}

TEST(ReadCount, ACellThatMayBeEmptyIsMissingAndNotZero) {
  const Folder folder;
  const auto count = read_whole(profile("optional = [\"r\", \"town\"]",
                                        "[[place]]\nlevel = \"town\"\nname = \"town\"\n[columns]\nregistered = \"r\""),
                                folder.write("x.csv", "unit,town,r,a,b\n1,,,1,2\n2,La Paz,0,3,4\n"));
  EXPECT_THAT(count.registered, ElementsAre(missing, 0));
  EXPECT_EQ(count.hierarchy[count.unit_place[0]].name, "");
}

TEST(ReadCount, AnEmptyCellOfAPlaceOrAKeyIsUnusableUnlessItMayBeEmpty) {
  const Folder folder;
  const auto p = profile("", "[[place]]\nlevel = \"town\"\nname = \"town\"");
  expect_error(error_of(read(p, folder.write("x.csv", "unit,town,a,b\n1, ,1,2\n"))),
               {ErrorCode::value_invalid, 2, "town", "", "expected text, found an empty cell"});
  expect_error(error_of(read(p, folder.write("x.csv", "unit,town,a,b\n,La Paz,1,2\n"))),
               {ErrorCode::value_invalid, 2, "unit", "", "expected text, found an empty cell"});
  const auto keyless = profile("optional = [\"unit\"]");
  expect_error(error_of(read(keyless, folder.write("x.csv", "unit,a,b\n,1,2\n"))),
               {ErrorCode::value_invalid, 2, "unit", "", "expected the unit's key"});
}

// ---- units twice ----

TEST(ReadCount, AUnitTwiceIsRefusedAndBothRowsAreNamed) {
  const Folder folder;
  const auto error = error_of(read(profile(), folder.write("x.csv", "unit,a,b\n1,1,1\n2,1,1\n 1 ,5,5\n")));
  expect_error(error, {ErrorCode::unit_duplicate, 4, "unit", "1", "row 2 is the same unit"});
}

TEST(ReadCount, AUnitTwiceIsSetAsideAfterTheFirst) {
  const Folder folder;
  const auto count = read_whole(profile(set_aside), folder.write("x.csv", "unit,a,b\n1,1,1\n1,5,5\n1,6,6\n2,2,2\n"));
  EXPECT_THAT(count.votes, ElementsAre(1, 2, 1, 2));
  EXPECT_EQ(count.rejected.size(), 2U);
}

TEST(ReadCount, ARowThatCannotBeUsedDoesNotClaimItsUnit) {
  const Folder folder;
  const auto count = read_whole(profile(set_aside), folder.write("x.csv", "unit,a,b\n1,x,1\n1,5,5\n"));
  EXPECT_THAT(count.votes, ElementsAre(5, 5));
}

// ---- filters ----

TEST(ReadCount, OnlyRowsThatSatisfyEveryFilterAreReadAndTheOthersAreNotUnusable) {
  const Folder folder;
  const auto file =
      folder.write("x.csv", "unit,t,k,a,b\n1,20201020,p,1,1\n2,20201021,p,x,x\n3,20201019,q,3,3\n4,20201020,p,4,4\n");
  auto p = profile();
  p.where = {{.column = "t", .equals = {}, .not_equals = {}, .at_least = {}, .at_most = "20201020"},
             {.column = "k", .equals = "p", .not_equals = {}, .at_least = {}, .at_most = {}}};
  EXPECT_THAT(keys_of(read_whole(p, file)), ElementsAre("1", "4"));
  p.where = {{.column = "k", .equals = {}, .not_equals = "p", .at_least = "q", .at_most = {}}};
  EXPECT_THAT(keys_of(read_whole(p, file)), ElementsAre("3"));
  p.where = {{.column = "k", .equals = "z", .not_equals = {}, .at_least = {}, .at_most = {}}};
  const auto error = error_of(read(p, file));
  EXPECT_EQ(error.code, ErrorCode::file_damaged);
  EXPECT_THAT(error.message, HasSubstr("none of the 4 rows satisfies [[where]]"));
}

// ---- progress and cancel ----

TEST(ReadCount, ReportsProgressUpToOneAndStopsWhenCancelled) {
  const Folder folder;
  std::string bytes = "unit,a,b\n";
  for (int i = 0; i < 20'000; ++i) bytes += std::to_string(i) + ",1,2\n";
  const auto file = folder.write("x.csv", bytes);
  std::vector<double> seen;
  Context context;
  context.progress = [&](std::string_view, double fraction) { seen.push_back(fraction); };
  ASSERT_TRUE(read_count(profile(), file, context));
  EXPECT_GE(seen.size(), 5U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1.0);

  std::stop_source stop;
  context.cancel = stop.get_token();
  context.progress = [&](std::string_view, double fraction) {
    if (fraction > 0.2) stop.request_stop();
  };
  EXPECT_EQ(error_of(read_count(profile(), file, context)).code, ErrorCode::cancelled);
}

TEST(ReadCount, CountsCanBeReadOnSeveralThreadsAtOnce) {
  const Folder folder;
  std::string bytes = "unit,a,b\n";
  for (int i = 0; i < 5'000; ++i) bytes += std::to_string(i) + ",1,2\n";
  const auto good = folder.write_zip("x.zip", {{"x.csv", bytes}});
  const auto bad = folder.write("cut.zip", bytes_of(good).substr(0, 5'000));
  const auto p = profile();
  const auto hash = read_whole(p, good).content_hash();
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 10; ++round) {
        const auto count = read(p, (t + round) % 3 == 0 ? bad : good);
        right += (t + round) % 3 == 0 ? !count && count.error().code == ErrorCode::file_damaged
                                      : count && count->sha256 == hash;
      }
    });
  threads.clear();
  EXPECT_EQ(right, 40);
}

// ---- zip ----

TEST(Zip, ItsOnlyFileIsTakenAndTheMemberIsInTheErrors) {
  const Folder folder;
  const auto zip = folder.write_zip("count.zip", {{"trep - acta.2019.10.20.19.40.57.csv", "unit,a,b\n1,10,20\n"}});
  EXPECT_EQ(read_whole(profile(), zip).units(), 1U);
  const auto bad = folder.write_zip("bad.zip", {{"- x.csv", "unit,a,b\n1,10,x\n"}});
  EXPECT_EQ(error_of(read(profile(), bad)).file, bad.string() + "/- x.csv");
}

TEST(Zip, IsKnownByItsContentNotItsName) {
  const Folder folder;
  const auto zip = folder.write_zip("count.zip", {{"x.csv", "unit,a,b\n1,10,20\n"}});
  std::filesystem::rename(zip, folder.path() / "count.csv");
  EXPECT_EQ(read_whole(profile(), folder.path() / "count.csv").units(), 1U);
}

TEST(Zip, WithSeveralFilesNeedsAMemberAndListsThem) {
  const Folder folder;
  const auto zip =
      folder.write_zip("count.zip", {{"a.csv", "unit,a,b\n1,10,20\n"}, {"sub/b.csv", "unit,a,b\n1,30,40\n"}});
  auto error = error_of(read(profile(), zip));
  EXPECT_EQ(error.code, ErrorCode::file_missing);
  EXPECT_THAT(error.message, HasSubstr("the zip holds 2 files: 'a.csv', 'sub/b.csv'"));
  EXPECT_EQ(read_whole(profile("member = \"sub/b.csv\""), zip).votes[0], 30);
  error = error_of(read(profile("member = \"sub/c.csv\""), zip));
  EXPECT_EQ(error.code, ErrorCode::file_missing);
  EXPECT_EQ(error.value, "sub/c.csv");
  EXPECT_THAT(error.remedy, HasSubstr("sub/b.csv"));
}

TEST(Zip, WhatMacOSAddsDoesNotCount) {
  const Folder folder;
  const auto zip = folder.write_zip(
      "count.zip", {{"x.csv", "unit,a,b\n1,10,20\n"}, {"__MACOSX/._x.csv", "junk"}, {".DS_Store", "junk"}});
  EXPECT_EQ(read_whole(profile(), zip).units(), 1U);
}

TEST(Zip, AMemberNamedForAFileThatWasUnpackedIsNotNeeded) {
  const Folder folder;
  EXPECT_EQ(read_whole(profile("member = \"x.csv\""), folder.write("other.csv", "unit,a,b\n1,10,20\n")).units(), 1U);
}

TEST(Zip, OfTheSameNameSizeAndSecondIsReadAnew) {
  const Folder folder;
  const auto first = read_whole(profile(), folder.write_zip("x.zip", {{"x.csv", "unit,a,b\n1,10,20\n"}}));
  std::filesystem::remove(folder.path() / "x.zip");
  const auto second = read_whole(profile(), folder.write_zip("x.zip", {{"y.csv", "unit,a,b\n1,10,21\n"}}));
  EXPECT_NE(first.content_hash(), second.content_hash());
}

TEST(Zip, ItsPathMayHoldAnyCharacters) {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "a}b {c");
  const auto zip = folder.write_zip("x.zip", {{"n}ame{.csv", "unit,a,b\n1,10,20\n"}});
  std::filesystem::rename(zip, folder.path() / "a}b {c" / "x.zip");
  EXPECT_EQ(read_whole(profile(), folder.path() / "a}b {c" / "x.zip").units(), 1U);
}

// ---- nothing beside the file, nothing from the environment, nothing printed ----

TEST(Isolation, FilesBesideTheFileAreNotRead) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n0001,10,20\n0002,30,40\n");
  const auto alone = read_whole(profile(), file);
  folder.write("x.csvt", "Integer,Real,String(1)\n");
  folder.write("x.prj", "nonsense");
  folder.write("x.vrt", "<OGRVRTDataSource/>");
  folder.write("x.csv.aux.xml", "<PAMDataset/>");
  EXPECT_EQ(read_whole(profile(), file).content_hash(), alone.content_hash());
  EXPECT_THAT(keys_of(read_whole(profile(), file)), ElementsAre("0001", "0002"));
}

TEST(Isolation, GdalOptionsOfTheEnvironmentChangeNothing) {
  const Folder folder;
  const auto file = folder.write_zip("x.zip", {{"x.csv", "unit,a,b\n1,10,20\n2,30,40\n"}});
  const auto before = read_whole(profile(), file).content_hash();
  const std::pair<const char*, const char*> options[] = {{"OGR_CSV_MAX_LINE_SIZE", "5"},
                                                         {"OGR_CSV_MAX_FIELD_COUNT", "1"},
                                                         {"CPL_ZIP_ENCODING", "nonsense"},
                                                         {"CPL_DEBUG", "ON"},
                                                         {"VSI_CACHE", "TRUE"},
                                                         {"CPL_VSIL_ZIP_ALLOWED_EXTENSIONS", "xyz"}};
  for (const auto& [name, value] : options) ::setenv(name, value, 1);
  testing::internal::CaptureStderr();
  const auto after = read_whole(profile(), file).content_hash();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  for (const auto& [name, value] : options) ::unsetenv(name);
  EXPECT_EQ(after, before);
}

TEST(Isolation, PathsThatNameGdalsOwnDriversAreJustMissingFiles) {
  for (const char* path : {"/vsicurl/http://127.0.0.1:9/x.csv", "/vsizip//vsicurl/http://127.0.0.1:9/x.zip/x.csv",
                           "CSV:x.csv", "/vsistdin/", "/vsicotejo/1"})
    EXPECT_EQ(error_of(read(profile(), path)).code, ErrorCode::file_missing) << path;
}

TEST(Isolation, TheCallersErrorHandlerIsThereAgainAfterwards) {
  static int heard;
  heard = 0;
  CPLPushErrorHandler([](CPLErr, CPLErrorNum, const char*) { ++heard; });
  const Folder folder;
  auto bytes = bytes_of(folder.write_zip("x.zip", {{"x.csv", "unit,a,b\n1,10,20\n"}}));
  (void)read(profile(), folder.write("cut.zip", bytes.substr(0, bytes.size() / 2)));
  EXPECT_EQ(heard, 0);
  CPLError(CE_Failure, CPLE_AppDefined, "after");
  EXPECT_EQ(heard, 1);
  CPLPopErrorHandler();
}

// ---- encodings ----

TEST(Encoding, ASingleByteEncodingIsReadAsWhatItMeans) {
  const Folder folder;
  const auto utf8 = read_whole(profile("", "[[place]]\nlevel = \"town\"\nname = \"Región\""),
                               folder.write("x.csv", "unit,Región,a,b\n1,Ñuflo,1,2\n"));
  const auto latin = read_whole(profile("encoding = \"ISO-8859-1\"", "[[place]]\nlevel = \"town\"\nname = \"Región\""),
                                folder.write("y.csv", "unit,Regi\xF3n,a,b\n1,\xD1uflo,1,2\n"));
  EXPECT_EQ(latin.content_hash(), utf8.content_hash());
  const auto cyrillic =
      read_whole(profile("encoding = \"windows-1251\"", "[[place]]\nlevel = \"town\"\nname = \"town\""),
                 folder.write("z.csv", "unit,town,a,b\n1,\xCC\xEE\xF1\xEA\xE2\xE0,1,2\n"));
  EXPECT_EQ(cyrillic.hierarchy.places()[0].name, "Москва");
}

TEST(Encoding, AByteThatTheEncodingDoesNotHaveIsNamed) {
  const Folder folder;
  const auto p = profile("encoding = \"windows-1252\"", "[[place]]\nlevel = \"town\"\nname = \"town\"");
  const auto error = error_of(read(p, folder.write("x.csv", "unit,town,a,b\n1,a\x81z,1,2\n")));
  expect_error(error, {ErrorCode::file_damaged, 2, "town", "a\\x81z", "expected text in windows-1252"});
}

// ---- crosswalks ----

Profile crosswalk_profile() {
  const auto parsed = parse_profile(
      "schema = \"cotejo.profile/1\"\nkind = \"crosswalk\"\n[source]\ntitle = \"T\"\n[file]\npath = \"x.csv\"\n"
      "[crosswalk]\nid = \"xx/codes\"\nfrom = \"n\"\nto = { column = \"code\", drop_last = 2 }\n",
      "c.toml");
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return parsed ? *parsed : Profile{};
}

TEST(ReadCrosswalk, LinksKeysToCodes) {
  const Folder folder;
  const auto read = read_crosswalk(
      crosswalk_profile(), folder.write("x.csv", "n,code\n70533,100320722340100801\n70534,100320722340100802\n"), {});
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->id.text, "xx/codes");
  EXPECT_EQ(read->source, "T");
  EXPECT_THAT(read->rows, ElementsAre(std::pair("70533", "1003207223401008"), std::pair("70534", "1003207223401008")));
}

TEST(ReadCrosswalk, AUnitTwiceAnEmptyCellAndAFileWithoutRowsAreRefused) {
  const Folder folder;
  const auto p = crosswalk_profile();
  expect_error(error_of(read_crosswalk(p, folder.write("x.csv", "n,code\n1,1234\n1,1234\n"), {})),
               {ErrorCode::unit_duplicate, 3, "n", "1", "each unit once"});
  expect_error(error_of(read_crosswalk(p, folder.write("x.csv", "n,code\n1,\n"), {})),
               {ErrorCode::value_invalid, 2, "code", "", "empty cell"});
  EXPECT_EQ(error_of(read_crosswalk(p, folder.write("x.csv", "n,code\n"), {})).code, ErrorCode::file_damaged);
}

// ---- unit lists ----

std::vector<std::string> unit_list(const std::filesystem::path& file) {
  auto list = read_unit_list(file);
  EXPECT_TRUE(list) << describe(list.error());
  return list ? *list : std::vector<std::string>{};
}

TEST(ReadUnitList, KeepsOrderAndDuplicates) {
  const Folder folder;
  EXPECT_THAT(unit_list(folder.write("x.csv", "unit\n51547\n51546\n\n51547\n")),
              ElementsAre("51547", "51546", "51547"));
}

TEST(ReadUnitList, TakesTheColumnUnitOrTheOnlyOneWithAnySeparator) {
  const Folder folder;
  EXPECT_THAT(unit_list(folder.write("x.csv", "reason,unit\n\"late, twice\",7\nx,8\n")), ElementsAre("7", "8"));
  EXPECT_THAT(unit_list(folder.write("x.csv", "unit;reason\n7;x\n8;y\n")), ElementsAre("7", "8"));
  EXPECT_THAT(unit_list(folder.write("x.csv", "Número Mesa\n7\n8\n")), ElementsAre("7", "8"));
  EXPECT_THAT(unit_list(folder.write_zip("x.zip", {{"l.csv", "unit\n7\n"}})), ElementsAre("7"));
}

TEST(ReadUnitList, WithoutAHeaderIsRefusedSoThatTheFirstUnitIsNotLost) {
  const Folder folder;
  expect_error(error_of(read_unit_list(folder.write("x.csv", "51546\n51547\n"))),
               {ErrorCode::column_missing, 1, "unit", "51546", "expected the header 'unit'"});
}

TEST(ReadUnitList, WithoutTheColumnOrWithAnEmptyCellIsRefused) {
  const Folder folder;
  EXPECT_EQ(error_of(read_unit_list(folder.write("x.csv", "units,reason\n7,x\n"))).remedy, "Did you mean 'units'?");
  expect_error(error_of(read_unit_list(folder.write("x.csv", "unit,reason\n7,x\n,y\n"))),
               {ErrorCode::value_invalid, 3, "unit", "", "empty cell"});
  EXPECT_EQ(error_of(read_unit_list(folder.write("x.csv", "unit\n"))).code, ErrorCode::file_damaged);
  EXPECT_EQ(error_of(read_unit_list(folder.path() / "absent.csv")).code, ErrorCode::file_missing);
}

}  // namespace
}  // namespace cotejo
