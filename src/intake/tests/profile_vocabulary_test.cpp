// What a profile can express of files that are no clean table: each key of docs/formats/profile.md that was added for
// one kind of file, with a small file of that kind.
#include <cmath>

#include "cotejo/vote/tally.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "intake_test_support.hpp"

namespace cotejo::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// ---- numbers ----

TEST(Vocabulary, NumbersWithRoundingNoiseAreRoundedAndCounted) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,5643.00000000001,2003.99999999997\n2,7.0,8\n3,9.5,1\n");
  const auto count = read_whole(profile(set_aside, "[numbers]\nround = true"), file);
  EXPECT_THAT(count.votes, ElementsAre(5643, 7, 2004, 8));
  EXPECT_THAT(count.caveats, ElementsAre(HasSubstr("2 numbers in the file are not whole")));
  EXPECT_THAT(count.rejected, SizeIs(1)) << "a half vote is no noise";
}

TEST(Vocabulary, SeveralKindsOfThousandsInOneFile) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,14\u00A0583,1\n2,\"14\u2019818\",2\n3,1\u202F234,3\n");
  EXPECT_THAT(read_whole(profile("", "[numbers]\nthousands = [\" \", \"'\"]"), file).votes,
              ElementsAre(14583, 14818, 1234, 1, 2, 3));
}

// ---- text that stands above ----

TEST(Vocabulary, AnEmptyCellTakesTheTextAboveAlsoFromARowThatIsLeftOut) {
  const Folder folder;
  const auto file = folder.write("x.csv",
                                 "ward,station,a,b\nW0,subtotal,3,30\n,early,1,10\n,no 1,2,20\n"
                                 "W1,subtotal,4,40\n,early,4,40\n");
  auto text = profile_text("",
                           "[[place]]\nlevel = \"ward\"\nname = { column = \"ward\", fill = \"down\" }\n"
                           "[[where]]\ncolumn = \"station\"\nnot_equals = \"subtotal\"");
  text.replace(text.find("key = \"unit\""), 12, "key = { columns = [\"ward\", \"station\"], fill = \"down\" }");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, file);
  EXPECT_THAT(keys_of(count), ElementsAre("W0/early", "W0/no 1", "W1/early"));
  EXPECT_EQ(count.hierarchy.path(count.unit_place[2]), "W1");
}

TEST(Vocabulary, AnEmptyCellWithNothingAboveItIsStillEmpty) {
  const Folder folder;
  auto p = profile();
  p.unit_key = {.columns = {"ward", "no"}, .fill_down = true};
  expect_error(error_of(read(p, folder.write("x.csv", "ward,no,a,b\n,1,1,1\nW,2,2,2\n"))),
               {ErrorCode::value_invalid, 2, "ward", "", "expected text, found an empty cell"});
}

// ---- the long layout ----

std::string long_text(const std::string& keys) {
  return "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\n[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\n"
         "key = \"unit\"\n[long]\nname = \"who\"\n" +
         keys + "\n[[option]]\nid = \"A\"\ncolumn = \"Ana\"\n[[option]]\nid = \"B\"\ncolumn = \"Ben\"\n";
}

TEST(Vocabulary, TheNumberOfALongRowMayBeASumOfColumns) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,who,day,early,mail\n1,Ana,10,20,3\n1,Ben,5,6,0\n");
  const auto parsed = parse_profile(long_text("value = { sum = [\"day\", \"early\", \"mail\"] }"), "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_THAT(read_whole(*parsed, file).votes, ElementsAre(33, 11));
  const auto large = folder.write("y.csv", "unit,who,day,early,mail\n1,Ana,2147483647,1,0\n1,Ben,5,6,0\n");
  expect_error(error_of(read(*parsed, large)),
               {ErrorCode::value_invalid, 2, "day", "2147483648", "the sum of the columns is 2,147,483,648"});
}

// ---- filters ----

struct Kept {
  const char* name;
  const char* keys;
  std::vector<std::string> units;
};
class Filters : public testing::TestWithParam<Kept> {};
TEST_P(Filters, KeepTheRowsWhoseCellIsSo) {
  const Folder folder;
  const auto file = folder.write(
      "x.csv", "unit,code,a,b\n1,N,1,1\n2,D0,1,1\n3,D0-1,1,1\n4,D0-12,1,1\n5,Total D0,1,1\n6,ñandú,1,1\n7,,1,1\n");
  const auto p = profile("", std::string("[[where]]\ncolumn = \"code\"\n") + GetParam().keys);
  EXPECT_EQ(keys_of(read_whole(p, file)), GetParam().units);
}
INSTANTIATE_TEST_SUITE_P(
    Vocabulary, Filters,
    testing::Values(Kept{"length_in_characters", "length = 5", {"4", "6"}},
                    Kept{"several_lengths", "length = [1, 4]", {"1", "3"}},
                    Kept{"none_of_several_lengths", "not_length = [0, 1, 2, 4]", {"4", "5", "6"}},
                    Kept{"not_length", "not_length = 1", {"2", "3", "4", "5", "6", "7"}},
                    Kept{"starts_with", "starts_with = \"D0\"", {"2", "3", "4"}},
                    Kept{"not_starts_with", "not_starts_with = \"D0\"", {"1", "5", "6", "7"}},
                    Kept{"ends_with", "ends_with = \"D0\"", {"2", "5"}},
                    Kept{"not_ends_with", "not_ends_with = \"D0\"", {"1", "3", "4", "6", "7"}},
                    Kept{"matches_the_whole_cell", "matches = \"D[0-9]-[0-9]\"", {"3"}},
                    Kept{"not_matches", "not_matches = \"[A-Z].*\"", {"6", "7"}},
                    Kept{"not_one_of", "not_one_of = [\"N\", \"D0\", \"\"]", {"3", "4", "5", "6"}},
                    Kept{"all_that_is_given", "starts_with = \"D\"\nnot_length = 2\nnot_ends_with = \"12\"", {"3"}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Vocabulary, APatternThatTakesTooLongIsAnErrorAndNotARowPassedOver) {
  const Folder folder;
  const auto p = profile("", "[[where]]\ncolumn = \"unit\"\nmatches = \"(a+)+(a+)+(a+)+b\"");
  const auto error = error_of(read(p, folder.write("x.csv", "unit,a,b\n" + std::string(5'000, 'a') + ",1,1\n")));
  expect_error(error, {ErrorCode::value_invalid, 2, "unit", error.value, "takes too long"});
}

// ---- cells that are not votes ----

constexpr const char* all_columns =
    "[columns]\nregistered = \"reg\"\ncast = \"cast\"\nvalid = \"valid\"\nblank = \"blank\"\nnull = \"null\"\n"
    "[[field]]\nid = \"cards\"\ncolumn = \"cards\"\n";

TEST(Vocabulary, ACellThatIsNoVoteNeverTakesItsRowAlong) {
  const Folder folder;
  const auto file = folder.write("x.csv",
                                 "unit,a,b,reg,cast,valid,blank,null,cards\n"
                                 "1,10,20,100,32,30,1,1,40\n"
                                 "2,10,20,?,32,30,1,1,40\n"
                                 "3,10,20,100,x,30,1,1,40\n"
                                 "4,10,20,100,32,-,1,1,40\n"
                                 "5,10,20,100,32,30,1.5,1,40\n"
                                 "6,10,20,100,32,30,1,-1,40\n"
                                 "7,10,20,100,32,30,1,1,\n"
                                 "8,10,20,,32,30,1,1,40.0\n");
  for (const char* keys : {"", set_aside}) {
    const auto count = read_whole(profile(keys, all_columns), file);
    EXPECT_THAT(keys_of(count), SizeIs(8));
    EXPECT_THAT(count.rejected, IsEmpty());
    EXPECT_THAT(count.registered, ElementsAre(100, missing, 100, 100, 100, 100, 100, missing));
    EXPECT_THAT(count.cast, ElementsAre(32, 32, missing, 32, 32, 32, 32, 32));
    EXPECT_THAT(count.fields[0].values, ElementsAre(40, 40, 40, 40, 40, 40, missing, 40));
    std::vector<std::string> unread;
    for (const auto& cell : count.unreadable)
      unread.push_back(cell.unit + " " + cell.field + " " + cell.value + " " + std::to_string(cell.row));
    EXPECT_THAT(unread, ElementsAre("2 registered ? 3", "3 cast x 4", "4 valid - 5", "5 blank 1.5 6", "6 null -1 7",
                                    "7 cards  8"))
        << "an empty register is a unit without a list of its own, and no defect";
    for (const auto& cell : count.unreadable) EXPECT_THAT(cell.reason, HasSubstr("expected a whole number"));
    EXPECT_THAT(count.caveats, testing::Contains(HasSubstr("One cell of 'registered' could not be read")));
  }
}

TEST(Vocabulary, CoordinatesThatAreNoneLeaveTheVotes) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b,lat,lon\n1,1,2,-16.5,-68\n2,3,4,south,-68\n3,5,6,91,0\n");
  const auto count = read_whole(profile("", "[columns]\nlatitude = \"lat\"\nlongitude = \"lon\""), file);
  EXPECT_THAT(count.votes, ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_TRUE(std::isnan(count.latitude[1]) && std::isnan(count.longitude[1])) << "half a position is none";
  ASSERT_THAT(count.unreadable, SizeIs(2));
  EXPECT_EQ(count.unreadable[0].field, "latitude");
  EXPECT_EQ(count.unreadable[0].value, "south");
}

TEST(Vocabulary, ASumThatIsNoNumberOfBallotsLeavesTheVotes) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b,box,bad\n1,10,5,40,5\n2,1,3,2,4\n");
  const auto count = read_whole(profile("", "[columns]\ncast = { sum = [\"box\"], minus = [\"bad\"] }"), file);
  EXPECT_THAT(count.cast, ElementsAre(35, missing));
  ASSERT_THAT(count.unreadable, SizeIs(1));
  EXPECT_THAT(count.unreadable[0].reason, HasSubstr("'cast' is -2"));
}

TEST(Vocabulary, AColumnWithoutAnyNumberIsTheWrongColumn) {
  const Folder folder;
  std::string rows = "unit,a,b,town\n";
  for (int i = 0; i < 10; ++i) rows += std::to_string(i) + ",1,2,Sucre\n";
  const auto p = profile("", "[columns]\nregistered = \"town\"");
  expect_error(error_of(read(p, folder.write("x.csv", rows))),
               {ErrorCode::value_invalid, 2, "registered", "Sucre", "none of the 10 cells for 'registered'"});
  EXPECT_THAT(read_whole(p, folder.write("y.csv", rows + "10,1,2,300\n")).unreadable, SizeIs(10));
}

TEST(Vocabulary, ALongRowThatIsNoVoteNeverTakesItsUnitAlong) {
  const Folder folder;
  auto text = long_text("value = \"n\"");
  text.insert(text.find("[[option]]"), "[columns]\nregistered = \"Voters\"\n");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(
      *parsed,
      folder.write("x.csv",
                   "unit,who,n\n1,Ana,1\n1,Ben,2\n1,Voters,none\n2,Ana,3\n2,Ben,4\n3,Ana,5\n3,Ben,6\n3,Voters,9\n"));
  EXPECT_THAT(count.votes, ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_THAT(count.registered, ElementsAre(missing, missing, 9));
  ASSERT_THAT(count.unreadable, SizeIs(2));
  EXPECT_EQ(count.unreadable[0].row, 4);
  EXPECT_EQ(count.unreadable[0].value, "none");
  EXPECT_THAT(count.unreadable[1].reason, HasSubstr("no row for 'Voters'"));
}

// ---- empty cells ----

constexpr const char* with_totals = "[columns]\ncast = \"total\"\nblank = \"blank\"\nnull = \"null\"\n";

TEST(Vocabulary, AnEmptyCellThatThePrintedTotalProvesToBeZeroIsZero) {
  const Folder folder;
  const auto file =
      folder.write("x.csv", "unit,total,a,b,blank,null\n1,10,4,3,2,1\n2,6,,5,1,\n3,0,,,,\n4,9,,5,1,\n5,,,5,1,1\n");
  const auto count = read_whole(profile(set_aside, with_totals), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2", "3"));
  EXPECT_THAT(count.votes, ElementsAre(4, 0, 0, 3, 5, 0));
  EXPECT_THAT(count.null, ElementsAre(1, 0, 0));
  EXPECT_THAT(count.caveats, ElementsAre("6 empty cells were read as 0: the printed total of the return proves it."));
  ASSERT_THAT(count.rejected, SizeIs(2)) << "a total that contradicts it, and none at all, prove nothing";
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{0, 3}, {5, 5}}));
}

TEST(Vocabulary, ATotalMadeOfTheSameCellsProvesNothing) {
  const Folder folder;
  const auto p = profile(set_aside, "[columns]\nvalid = { sum = [\"a\", \"b\"] }");
  EXPECT_THAT(keys_of(read_whole(p, folder.write("x.csv", "unit,a,b\n1,1,2\n2,,2\n"))), ElementsAre("1"));
}

TEST(Vocabulary, ACheckOfTheProfileIsAPrintedTotalToo) {
  const Folder folder;
  const auto p = profile(set_aside,
                         "[[field]]\nid = \"papers\"\ncolumn = \"papers\"\n[[check]]\nid = \"c\"\nleft = [\"papers\"]\n"
                         "is = \"=\"\nright = [\"options\"]\n");
  EXPECT_THAT(read_whole(p, folder.write("x.csv", "unit,papers,a,b\n1,3,1,2\n2,2,,2\n")).votes,
              ElementsAre(1, 0, 2, 2));
}

TEST(Vocabulary, EmptyIsZeroWhereTheProfileStatesItAndNoTotalContradicts) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,total,a,b,blank,null\n1,10,4,3,2,1\n2,6,,5,1,\n3,,7,,,\n4,9,,5,1,\n");
  const auto count = read_whole(profile(set_aside, std::string("[numbers]\nempty = \"zero\"\n") + with_totals), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2", "3"));
  EXPECT_THAT(count.votes, ElementsAre(4, 0, 7, 3, 5, 0));
  EXPECT_THAT(count.cast, ElementsAre(10, 6, missing)) << "a total that was left empty is not 0";
  EXPECT_THAT(count.caveats,
              testing::IsSupersetOf({HasSubstr("2 empty cells were read as 0: the printed total"),
                                     HasSubstr("3 empty cells were read as 0 because the import profile states it")}));
  ASSERT_THAT(count.rejected, SizeIs(1));
  EXPECT_THAT(count.rejected[0].reason, HasSubstr("contradicts that it is 0"));
}

TEST(Vocabulary, EmptyCellsOfTheLongLayoutAreProvedByTheirUnitsTotal) {
  const Folder folder;
  auto text = long_text("value = \"n\"");
  text.insert(text.find("[[option]]"), "[columns]\nvalid = \"Valid\"\n");
  text.replace(text.find("path = \"x.csv\""), 14, "path = \"x.csv\"\nbad_rows = \"set-aside\"");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(
      *parsed,
      folder.write(
          "x.csv",
          "unit,who,n\n1,Ana,\n1,Ben,2\n1,Valid,2\n2,Ana,\n2,Ben,4\n2,Valid,9\n3,Ana,5\n3,Ben,6\n3,Valid,11\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("1", "3"));
  EXPECT_THAT(count.votes, ElementsAre(0, 5, 2, 6));
  ASSERT_THAT(count.rejected, SizeIs(1));
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{0, 5}, {4, 4}}));
}

// ---- rows twice ----

TEST(Vocabulary, IdenticalCopiesOfARowAreDroppedAndOthersSetAside) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,1,2\n2,3,4\n1,1,2\n2,5,4\n");
  auto text = profile_text(set_aside);
  text.insert(text.find("key = \"unit\""), "duplicates = \"drop-identical\"\n");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, file);
  EXPECT_THAT(count.votes, ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(count.caveats, ElementsAre("One row is an identical copy of another, and was counted once."));
  ASSERT_THAT(count.rejected, SizeIs(1));
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{0, 2}, {0, 0}}))
      << "the difference that the other reading makes";
}

TEST(Vocabulary, WithoutThatStatementARowOfTheSameKeyMayBeAUnitOfItsOwn) {
  const Folder folder;
  const auto count = read_whole(profile(set_aside), folder.write("x.csv", "unit,a,b\n1,1,2\n2,3,4\n1,1,2\n2,2,4\n"));
  ASSERT_THAT(count.rejected, SizeIs(2));
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{0, 1}, {0, 2}}));
  EXPECT_EQ(count.rejected[1].votes, (std::vector<VoteRange>{{-1, 2}, {0, 4}}));
}

TEST(Vocabulary, ARepeatedNameOfTheLongLayoutIsACopyOrAnotherReading) {
  const Folder folder;
  auto text = long_text("value = \"n\"");
  text.insert(text.find("key = \"unit\""), "duplicates = \"drop-identical\"\n");
  text.replace(text.find("path = \"x.csv\""), 14, "path = \"x.csv\"\nbad_rows = \"set-aside\"");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, folder.write("x.csv", "unit,who,n\n1,Ana,1\n1,Ben,97\n1,Ana,1\n1,Ben,79\n"));
  EXPECT_THAT(count.votes, ElementsAre(1, 97)) << "the unit stays with its first reading";
  ASSERT_THAT(count.rejected, SizeIs(1));
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{0, 0}, {-18, 0}}));
}

// ---- corrections ----

TEST(Vocabulary, ARowWithANegativeNumberAddsToTheUnitThatItNames) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b,total\n3,0,-7,-7\n1,10,20,30\n3,50,60,110\n1,4,-4,0\n");
  const auto count = read_whole(profile("", "[numbers]\nnegative = \"correction\"\n[columns]\ncast = \"total\""), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "3"));
  EXPECT_THAT(count.votes, ElementsAre(14, 50, 16, 53));
  EXPECT_THAT(count.cast, ElementsAre(30, 103));
  EXPECT_THAT(count.caveats,
              ElementsAre("2 corrections in the file were added to the units that they name: A +4, B -11."));
}

TEST(Vocabulary, CorrectionsAreTheRowsThatTheProfileNames) {
  const Folder folder;
  const auto file = folder.write("x.csv",
                                 "unit,kind,a,b\n1,count,10,20\n2,count,5,-1\n1,correction,2,-3\nALL,correction,4,0\n"
                                 "1,correction,-50,0\nNONE,correction,0,-2\n");
  const auto p = profile(set_aside,
                         "[numbers]\nnegative = \"correction\"\n[[correction]]\ncolumn = \"kind\"\nequals = "
                         "\"correction\"\n[[place]]\nlevel = \"kind\"\nname = \"kind\"");
  const auto count = read_whole(p, file);
  EXPECT_THAT(keys_of(count), ElementsAre("1"));
  EXPECT_THAT(count.votes, ElementsAre(12, 17));
  ASSERT_THAT(rows_set_aside(count), SizeIs(2)) << "a negative count, one that takes too much";
  EXPECT_EQ(rows_set_aside(count)[1]->votes, (std::vector<VoteRange>{{-50, 0}, {0, 0}}));
  EXPECT_THAT(error_of(read(profile("", "[numbers]\nnegative = \"correction\""), file)).message,
              HasSubstr("a correction that takes votes away and names no unit"));
}

TEST(Vocabulary, ACorrectionOfNoUnitIsPartOfTheTotalAndNoUnit) {
  const Folder folder;
  const auto file =
      folder.write("x.csv",
                   "unit,kind,a,b,total\n1,count,10,20,30\nALL,correction,4,0,4\nNONE,correction,0,-2,-2\n"
                   "WHOLE,correction,0,-30,-30\n");
  const auto count =
      read_whole(profile(set_aside,
                         "[numbers]\nnegative = \"correction\"\n[[correction]]\ncolumn = \"kind\"\nequals = "
                         "\"correction\"\n[columns]\ncast = \"total\""),
                 file);
  EXPECT_THAT(keys_of(count), ElementsAre("1"));
  EXPECT_THAT(count.votes, ElementsAre(10, 20));
  const auto whole = tally(count);
  EXPECT_THAT(whole.options, ElementsAre(14, 18));
  EXPECT_EQ(whole.valid, 32);
  EXPECT_EQ(whole.cast, 32);
  EXPECT_EQ(whole.units, 1);
  EXPECT_THAT(count.caveats,
              testing::Contains("2 corrections name 'ALL', 'NONE', which is no unit of the file: they are "
                                "part of the total and of no unit (A +4, B -2)."));
  ASSERT_THAT(rows_set_aside(count), SizeIs(1)) << "it takes more than all units have";
  EXPECT_THAT(rows_set_aside(count)[0]->reason, HasSubstr("a correction by -30 of 'B', which has 18 in all"));
}

TEST(Vocabulary, ALongRowMayBeACorrection) {
  const Folder folder;
  const auto parsed = parse_profile(long_text("value = \"n\"\n[numbers]\nnegative = \"correction\""), "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, folder.write("x.csv", "unit,who,n\n1,Ana,10\n1,Ben,20\n1,Ana,-3\n"));
  EXPECT_THAT(count.votes, ElementsAre(7, 20));
}

// ---- columns beside the rows of the long layout ----

TEST(Vocabulary, AColumnBesideHasTheUnitsNumberInEachOfItsRows) {
  const Folder folder;
  auto text = long_text("value = \"n\"");
  text.insert(text.find("[[option]]"), "[columns]\nregistered = { column = \"electors\" }\n");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count =
      read_whole(*parsed, folder.write("x.csv",
                                       "unit,who,n,electors\n1,Ana,1,90\n1,Ben,2,90\n2,Ana,3,\n2,Ben,4,80\n"
                                       "3,Ana,5,70\n3,Ben,6,71\n"));
  EXPECT_THAT(count.registered, ElementsAre(90, 80, missing));
  ASSERT_THAT(count.unreadable, SizeIs(1));
  EXPECT_THAT(count.unreadable[0].reason, HasSubstr("the rows of this unit have 70 and 71"));
}

// ---- groups of columns ----

std::string groups_text(const std::string& keys = "", const std::string& name = "\"Name #\"") {
  return "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n[count]\nid = \"x/y\"\n"
         "contest = \"x/c\"\n[unit]\nkey = \"unit\"\n[columns]\nvalid = \"valid\"\n[groups]\nname = " +
         name + "\nvalue = \"Votes #\"\n" + keys +
         "\n[[option]]\nid = \"A\"\ncolumn = \"Ana\"\n[[option]]\nid = \"B\"\ncolumn = \"Ben\"\n";
}

TEST(Vocabulary, GroupsOfColumnsHaveTheirOptionsNameInACell) {
  const Folder folder;
  const auto file =
      folder.write("x.csv",
                   "unit,valid,Name 1,Votes 1,Name 2,Votes 2\n1,30,Ana,10,Ben,20\n2,7,Ben,7,,\n3,9,Ben,,Ana,9\n"
                   "4,5,Eve,3,Ana,2\n5,4,,4,,\n6,6,Ana,2,Ana,4\n7,9,Ana,x,Ben,5\n");
  const auto parsed = parse_profile(groups_text(), "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2", "3"));
  EXPECT_THAT(count.votes, ElementsAre(10, 0, 9, 20, 7, 0)) << "unit 3: the printed total proves that Ben has 0";
  ASSERT_THAT(count.rejected, SizeIs(4));
  EXPECT_THAT(count.rejected[0].reason, HasSubstr("no option of this name"));
  EXPECT_EQ(count.rejected[0].votes, (std::vector<VoteRange>{{2, 5}, {0, 3}}));
  EXPECT_THAT(count.rejected[1].reason, HasSubstr("votes and no name"));
  EXPECT_THAT(count.rejected[2].reason, HasSubstr("each name once"));
  EXPECT_EQ(count.rejected[3].votes, (std::vector<VoteRange>{{0, 4}, {5, 5}}));
}

TEST(Vocabulary, GroupsMayBeAddedUpAndNamesJoined) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,valid,N 1,V 1,Votes 1,N 2,V 2,Votes 2\n1,6,A,na,2,A,na,4\n");
  auto text = groups_text("repeated = \"sum\"", "{ columns = [\"N #\", \"V #\"], join = \"\" }");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_THAT(read_whole(*parsed, file).votes, ElementsAre(6, 0));
  const auto strict = parse_profile(groups_text("absent = \"refuse\""), "t.toml");
  ASSERT_TRUE(strict);
  EXPECT_THAT(error_of(read(*strict, folder.write("y.csv", "unit,valid,Name 1,Votes 1\n1,6,Ana,6\n"))).message,
              HasSubstr("no group for 'Ben'"));
}

// ---- files that are no table with a header ----

TEST(Vocabulary, AFileWithoutAHeaderHasNumberedColumns) {
  const Folder folder;
  auto p = profile("header = 0\nbad_rows = \"set-aside\"");
  p.unit_key.columns = {"#1"};
  p.options[0].column.plus = {"#2"};
  p.options[1].column.plus = {"#3"};
  const auto count = read_whole(p, folder.write("x.csv", "\n1,10,20\n2,30,40\n3,x,5\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2"));
  EXPECT_THAT(count.votes, ElementsAre(10, 30, 20, 40));
  ASSERT_THAT(count.rejected, SizeIs(1));
  EXPECT_EQ(count.rejected[0].row, 4);
  EXPECT_EQ(count.rejected[0].column, "#2");
}

TEST(Vocabulary, LinesOfFixedWidthAreCutByCharacters) {
  const Folder folder;
  auto text = profile_text(
      "layout = \"fixed\"\nheader = 1\nbad_rows = \"set-aside\"\n[[file.column]]\nname = \"unit\"\nfrom = 1\nlength = "
      "3\n[[file.column]]\nname = \"town\"\nfrom = 4\nlength = 6\n[[file.column]]\nname = \"a\"\nfrom = 10\nlength = "
      "4\n[[file.column]]\nname = \"b\"\nfrom = 14\nlength = 4\n",
      "[[place]]\nlevel = \"town\"\nname = \"town\"");
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto file = folder.write(
      "x.dat",
      "\xEF\xBB\xBFwritten on Monday\n001Ñuflo 00100020\r\n002\"Sur\" 00300040\n003Sucre 001\n004Sucre 00100\n");
  const auto count = read_whole(*parsed, file);
  EXPECT_THAT(keys_of(count), ElementsAre("001", "002"));
  EXPECT_THAT(count.votes, ElementsAre(10, 30, 20, 40));
  EXPECT_EQ(count.hierarchy[count.unit_place[0]].name, "Ñuflo");
  EXPECT_EQ(count.hierarchy[count.unit_place[1]].name, "\"Sur\"") << "a quotation mark is a character";
  ASSERT_THAT(count.rejected, SizeIs(2));
  EXPECT_THAT(count.rejected[0].reason, HasSubstr("ends within a number"));
}

TEST(Vocabulary, UnitsInColumnsChangePlacesWithTheQuantities) {
  const Folder folder;
  const auto parsed = parse_profile(
      profile_text("transposed = true\nheader = 2\n", "[[where]]\ncolumn = \"unit\"\nnot_equals = \"Total\""),
      "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count =
      read_whole(*parsed, folder.write("x.csv", "Election\nNo,unit,Total,S1,S2\n1,a,30,10,20\n2,b,7,3,4\n"));
  EXPECT_THAT(keys_of(count), ElementsAre("S1", "S2"));
  EXPECT_THAT(count.votes, ElementsAre(10, 20, 3, 4));
}

TEST(Vocabulary, AFileThatIsTooLargeToChangePlacesIsNamed) {
  const Folder folder;
  std::string rows;
  for (int i = 0; i < 10'001; ++i) rows += "a,b\n";
  const auto parsed = parse_profile(profile_text("transposed = true"), "t.toml");
  ASSERT_TRUE(parsed);
  EXPECT_THAT(error_of(read(*parsed, folder.write("x.csv", rows))).message, HasSubstr("more than can change places"));
}

// ---- keys that are refused ----

struct Refused {
  const char* name;
  std::string text;
  const char* column;
  const char* message;
};
class Vocabularies : public testing::TestWithParam<Refused> {};
TEST_P(Vocabularies, AreRefusedWhereTheyCannotBeMeant) {
  const auto error = error_of(parse_profile(GetParam().text, "test.toml"));
  EXPECT_EQ(error.code, ErrorCode::profile_invalid);
  EXPECT_EQ(error.column, GetParam().column) << describe(error);
  EXPECT_GT(error.row, 0) << describe(error);
  EXPECT_THAT(error.message, HasSubstr(GetParam().message)) << describe(error);
}
INSTANTIATE_TEST_SUITE_P(
    Vocabulary, Vocabularies,
    testing::Values(
        Refused{"fill_up", profile_text("", "[[place]]\nlevel = \"w\"\nname = { column = \"w\", fill = \"up\" }"),
                "place[1].name.fill", "expected \"down\""},
        Refused{"fill_of_a_constant",
                profile_text("", "[[place]]\nlevel = \"w\"\nname = { constant = \"w\", fill = \"down\" }"),
                "place[1].name.fill", "beside `column`"},
        Refused{"no_separator", profile_text("", "[numbers]\nthousands = []"), "numbers.thousands", "expected 1 to"},
        Refused{"the_point_is_the_decimal_of_round", profile_text("", "[numbers]\nround = true\nthousands = \".\""),
                "numbers.thousands", "also the decimal separator"},
        Refused{"sum_of_nothing", long_text("value = { sum = [] }"), "long.value.sum", "one or more names"},
        Refused{"sum_of_a_column_twice", long_text("value = { sum = [\"a\", \"a\"] }"), "long.value.sum", "twice"},
        Refused{"value_of_something_else", long_text("value = { columns = [\"a\"] }"), "long.value", "expected `sum`"},
        Refused{"empty_is_something_else", profile_text("", "[numbers]\nempty = \"0\""), "numbers.empty",
                "expected one of"},
        Refused{"negative_is_something_else", profile_text("", "[numbers]\nnegative = \"yes\""), "numbers.negative",
                "expected one of"},
        Refused{"corrections_that_are_refused", profile_text("", "[[correction]]\ncolumn = \"k\"\nequals = \"c\""),
                "correction[1]", "negative numbers are refused"},
        Refused{"groups_and_long", long_text("value = \"n\"\n[groups]\nname = \"N #\"\nvalue = \"V #\""), "groups",
                "not both"},
        Refused{"groups_without_a_number", groups_text("", "\"Name\""), "groups.name", "expected \"#\""},
        Refused{"option_of_a_column_in_groups", groups_text("[[option]]\nid = \"C\"\ncolumn = { column = \"c\" }"),
                "groups", "those of its name"},
        Refused{"fixed_without_columns", profile_text("layout = \"fixed\""), "file.layout", "no columns"},
        Refused{"columns_of_a_delimited_file", profile_text("[[file.column]]\nname = \"a\"\nfrom = 1\nlength = 1"),
                "file.column", "only of lines of fixed width"},
        Refused{"fixed_column_without_a_length",
                profile_text("layout = \"fixed\"\n[[file.column]]\nname = \"a\"\nfrom = 1"), "file.column[1]",
                "`length` is missing"},
        Refused{"fixed_column_from_zero",
                profile_text("layout = \"fixed\"\n[[file.column]]\nname = \"a\"\nfrom = 0\nlength = 1"),
                "file.column[1].from", "from 1 to"},
        Refused{"transposed_database",
                "schema = \"cotejo.profile/1\"\n[file]\npath = \"postgresql:\"\ntable = \"t\"\ntransposed = true\n",
                "file.transposed", "do not change places"},
        Refused{"no_pattern", profile_text("", "[[where]]\ncolumn = \"x\"\nmatches = \"(\""), "where[1].matches",
                "no regular expression"},
        Refused{"pattern_too_long",
                profile_text("", "[[where]]\ncolumn = \"x\"\nmatches = \"" + std::string(201, 'a') + "\""),
                "where[1].matches", "at most 200"},
        Refused{"no_lengths", profile_text("", "[[where]]\ncolumn = \"x\"\nlength = []"), "where[1].length",
                "an array of"},
        Refused{"header_rows_of_no_header", profile_text("header = 0\nheader_rows = 2"), "file.header_rows",
                "without a header"},
        Refused{"length_below_zero", profile_text("", "[[where]]\ncolumn = \"x\"\nlength = -1"), "where[1].length",
                "from 0 to"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cotejo::test
