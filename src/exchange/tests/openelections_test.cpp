// OpenElections files of the shapes that volunteers of different states publish; all names and numbers are invented.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>

#include "cotejo/exchange/exchange.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class OpenElectionsFile : public testing::Test {
 protected:
  OpenElectionsFile() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-openelections-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~OpenElectionsFile() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::vector<Count> read(std::string_view text, const std::string& name = "20310506__zz__general__precinct.csv") {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    const auto format = *exchange_format_of(folder_ / name);
    EXPECT_EQ(format, ExchangeFormat::openelections);
    auto counts = read_exchange(folder_ / name, ExchangeFormat::openelections, "zz-2031", Context{});
    EXPECT_TRUE(counts) << (counts ? "" : counts.error().message);
    return counts ? *std::move(counts) : std::vector<Count>{};
  }
  fs::path folder_;
};

std::map<std::string, std::int64_t> votes_of(const Count& count) {
  std::map<std::string, std::int64_t> out;
  for (std::size_t o = 0; o < count.options(); ++o) {
    auto& sum = out[count.contest.options[o].name];
    for (const auto votes : count.option(o)) sum += votes == missing ? 0 : votes;
  }
  return out;
}

std::int64_t sum(const Column& column) {
  std::int64_t out = 0;
  for (const auto value : column) out += value == missing ? 0 : value;
  return out;
}

using Votes = std::map<std::string, std::int64_t>;

TEST_F(OpenElectionsFile, LinesOfOneCandidateAreOneOptionAndKeptAsFields) {
  const auto counts = read(
      "county,precinct,office,district,party,candidate,votes\n"
      "Ulm,1,Mayor,,Red,Ona Fir,100\nUlm,1,Mayor,,Sea,Ona Fir,30\nUlm,1,Mayor,,Blu,Pat Elm,120\n"
      "Ulm,2,Mayor,,Red,Ona Fir,50\nUlm,2,Mayor,,Sea,ONA FIR,5\nUlm,2,Mayor,,Blu,Pat Elm,60\n");
  ASSERT_THAT(counts, SizeIs(1));
  EXPECT_EQ(votes_of(counts[0]), (Votes{{"Ona Fir (Red, Sea)", 185}, {"Pat Elm (Blu)", 180}}));
  ASSERT_THAT(counts[0].fields, SizeIs(2));
  EXPECT_THAT(counts[0].fields[0].values, ElementsAre(100, 50));
  EXPECT_THAT(counts[0].fields[1].values, ElementsAre(30, 5));
  ASSERT_THAT(counts[0].checks, SizeIs(1));
  EXPECT_THAT(counts[0].checks[0].left, SizeIs(2));
}

TEST_F(OpenElectionsFile, CandidatesOfTwoPrimariesAreNotMerged) {
  const auto counts = read(
      "county,precinct,office,district,party,candidate,votes\n"
      "Ulm,1,Mayor,,Red,Uncommitted,10\nUlm,1,Mayor,,Blu,Uncommitted,20\n",
      "20310506__zz__primary__precinct.csv");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Uncommitted (Red)", 10}, {"Uncommitted (Blu)", 20}}));
}

TEST_F(OpenElectionsFile, TotalsOfAnyNameAreNeverOptions) {
  for (const char* name : {"Total Ballots", "Ballots Cast", "Total Votes", "Total", "TOTAL VOTES CAST",
                           "Total Ballots Cast", "Totals", "Votes Cast"}) {
    const auto counts =
        read(std::string("county,precinct,office,district,party,candidate,votes\n") +
             "Ulm,1,Mayor,,,Ona,10\nUlm,1,Mayor,,,Pat,12\nUlm,1,Mayor,,,Under Votes,3\nUlm,1,Mayor,,," + name +
             ",25\nUlm,2,Mayor,,,Ona,20\nUlm,2,Mayor,,,Pat,17\nUlm,2,Mayor,,,Under Votes,1\nUlm,2,Mayor,,," + name +
             ",38\n");
    ASSERT_THAT(counts, SizeIs(1)) << name;
    EXPECT_EQ(votes_of(counts[0]), (Votes{{"Ona", 30}, {"Pat", 29}})) << name;
    EXPECT_EQ(sum(counts[0].blank), 4) << name;
    EXPECT_EQ(sum(counts[0].cast), 63) << name << ": the rows say that it holds the undervotes too";
  }
}

TEST_F(OpenElectionsFile, ATotalWithoutOverAndUndervotesIsTheValidVotes) {
  const auto counts = read(
      "county,precinct,office,district,party,candidate,votes\n"
      "Ulm,1,Ballots "
      "Cast,,,,25\nUlm,1,Mayor,,,Ona,10\nUlm,1,Mayor,,,Pat,12\nUlm,1,Mayor,,,Over,1\nUlm,1,Mayor,,,Under,2\n"
      "Ulm,1,Mayor,,,Total Votes,22\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona", 10}, {"Pat", 12}}));
  EXPECT_EQ(sum(counts[0].valid), 22);
  EXPECT_EQ(sum(counts[0].cast), 25);
  EXPECT_EQ(sum(counts[0].null), 1);
  EXPECT_EQ(sum(counts[0].blank), 2);
}

TEST_F(OpenElectionsFile, NamesThatHoldSuchWordsStayOptions) {
  const auto counts = read(
      "county,precinct,office,district,party,candidate,votes\n"
      "Ulm,1,Registered Nurses Board,,,Overton,10\nUlm,1,Registered Nurses Board,,,Blank Page Party,12\n"
      "Ulm,1,Registered Nurses Board,,,Ana Total,3\n");
  ASSERT_THAT(counts, SizeIs(1));
  EXPECT_EQ(votes_of(counts[0]), (Votes{{"Overton", 10}, {"Blank Page Party", 12}, {"Ana Total", 3}}));
}

TEST_F(OpenElectionsFile, TheTotalOfItemisedWriteInsIsLeftOut) {
  const auto counts = read(
      "precinct,office,candidate,votes\n"
      "1,Mayor,Ona,10\n1,Mayor,Write-In: K. Zed,2\n1,Mayor,Write-In: Other,1\n1,Mayor,Write-In Totals,3\n"
      "2,Mayor,Ona,20\n2,Mayor,Write-In: K. Zed,0\n2,Mayor,Write-In: Other,4\n2,Mayor,Write-In Totals,4\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona", 30}, {"Write-In: K. Zed", 2}, {"Write-In: Other", 5}}));
  EXPECT_THAT(counts[0].caveats, Contains(HasSubstr("'Write-In Totals' is the sum of the write-ins beside it")));
}

TEST_F(OpenElectionsFile, OfATotalOfWriteInsThatHoldsMoreTheRestIsCounted) {
  const auto counts = read(
      "precinct,office,candidate,votes\n"
      "1,Mayor,Ona,10\n1,Mayor,Write-In: K. Zed,2\n1,Mayor,Write-In Totals,3\n"
      "2,Mayor,Ona,20\n2,Mayor,Write-In: K. Zed,1\n2,Mayor,Write-In Totals,4\n");
  EXPECT_EQ(votes_of(counts.at(0)),
            (Votes{{"Ona", 30}, {"Write-In: K. Zed", 3}, {"Write-In Totals (not itemised)", 4}}));
}

TEST_F(OpenElectionsFile, WriteInsBesideItemisedOnesThatAreNotTheirSumStay) {
  const auto counts = read(
      "precinct,office,candidate,votes\n1,Mayor,Ona,10\n1,Mayor,Write-In: Zed,9\n1,Mayor,Write-ins,5\n"
      "2,Mayor,Ona,10\n2,Mayor,Write-In: Zed,3\n2,Mayor,Write-ins,7\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona", 20}, {"Write-In: Zed", 12}, {"Write-ins", 12}}));
}

TEST_F(OpenElectionsFile, AnOptionThatIsTheSumOfItsNeighboursEverywhereIsASubtotal) {
  std::string text = "precinct,office,candidate,votes\n";
  for (int precinct = 1; precinct <= 8; ++precinct) {
    const int a = 7 * precinct % 11 + 3, b = 5 * precinct % 13 + 2, c = 3 * precinct % 7 + 1;
    for (const auto& [name, votes] :
         std::vector<std::pair<std::string, int>>{{"Ona", a}, {"Pat", b}, {"The Alliance", a + b}, {"Quin", c}})
      text += std::to_string(precinct) + ",Mayor," + name + "," + std::to_string(votes) + "\n";
  }
  const auto counts = read(text);
  EXPECT_THAT(votes_of(counts.at(0)), SizeIs(3));
  EXPECT_FALSE(votes_of(counts[0]).contains("The Alliance"));
  EXPECT_THAT(counts[0].caveats, Contains(HasSubstr("'The Alliance' is the sum of other names")));
}

TEST_F(OpenElectionsFile, WhereTheBallotsCastSayThatItIsNoSubtotalTheOptionStays) {
  std::string text = "precinct,office,candidate,votes\n";
  for (int precinct = 1; precinct <= 8; ++precinct) {
    const int a = 7 * precinct % 11 + 3, b = 5 * precinct % 13 + 2;
    for (const auto& [name, votes] : std::vector<std::pair<std::string, int>>{
             {"Ona", a}, {"Pat", b}, {"Quin", a + b}, {"Ballots Cast", 2 * (a + b)}})
      text += std::to_string(precinct) + ",Mayor," + name + "," + std::to_string(votes) + "\n";
  }
  EXPECT_TRUE(votes_of(read(text).at(0)).contains("Quin"));
}

TEST_F(OpenElectionsFile, PrintedTotalsOfACountyAreNoPrecinctAndTheirDifferenceIsTold) {
  for (const char* precinct : {"", "Total", "TOTALS", "County Total"}) {
    const auto counts =
        read(std::string("county,precinct,office,party,candidate,votes\nUlm,") + precinct + ",Mayor,Red,Ona,31\nUlm," +
             precinct + ",Mayor,Blu,Pat,22\nUlm,1,Mayor,Red,Ona,10\nUlm,2,Mayor,Red,Ona,20\nUlm,1,Mayor,Blu,Pat,22\n");
    EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona (Red)", 30}, {"Pat (Blu)", 22}})) << precinct;
    EXPECT_EQ(counts[0].units(), 2U) << precinct;
    EXPECT_THAT(counts[0].caveats, Contains(HasSubstr("Ona: 31 printed, 30 in the precincts"))) << precinct;
  }
}

TEST_F(OpenElectionsFile, WhereACountyHasNoPrecinctsItIsTheUnit) {
  const auto counts = read(
      "county,precinct,office,party,candidate,votes\nUlm,1,Mayor,Red,Ona,10\nUlm,2,Mayor,Red,Ona,20\n"
      "Elm,,Mayor,Red,Ona,500\nElm,,Mayor,Blu,Pat,400\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona (Red)", 530}, {"Pat (Blu)", 400}}));
  EXPECT_EQ(counts[0].units(), 3U);
}

TEST_F(OpenElectionsFile, VotesOfAWholeCountyThatNoPrecinctHasAreSetAsideWithTheirNumber) {
  const auto counts = read(
      "county,precinct,office,party,candidate,votes\nUlm,1,Mayor,Red,Ona,10\nUlm,2,Mayor,Red,Ona,20\n"
      "Ulm,,Mayor,,Write-ins,7\n");
  ASSERT_THAT(counts.at(0).rejected, SizeIs(1));
  ASSERT_THAT(counts[0].rejected[0].votes, SizeIs(2));
  EXPECT_EQ(counts[0].rejected[0].votes[1], (VoteRange{0, 7}));
}

TEST_F(OpenElectionsFile, ASubtotalAmongThePrecinctsIsNone) {
  const auto counts = read(
      "county,precinct,office,candidate,votes\nUlm,W1-1,Mayor,Ona,10\nUlm,W1-1,Mayor,Pat,5\nUlm,W1-2,Mayor,Ona,20\n"
      "Ulm,W1-2,Mayor,Pat,6\nUlm,Ward 1 Total,Mayor,Ona,30\nUlm,Ward 1 Total,Mayor,Pat,11\nUlm,W2-1,Mayor,Ona,1\n"
      "Ulm,W2-1,Mayor,Pat,2\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona", 31}, {"Pat", 13}}));
  EXPECT_EQ(counts[0].units(), 3U);
}

TEST_F(OpenElectionsFile, ANumberThatCannotBeReadSetsItsRowAsideAndNoOther) {
  const auto counts = read(
      "county,precinct,office,party,candidate,votes\nUlm,1,Ballots "
      "Cast,,,40\nUlm,1,Mayor,Red,Ona,10\nUlm,1,Mayor,Blu,Pat,*\n"
      "Ulm,2,Mayor,Red,Ona,20\nUlm,2,Mayor,Blu,Pat,<10\nUlm,3,Mayor,Red,Ona,456.0\nUlm,3,Mayor,Blu,Pat,\"1,001\"\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona (Red)", 486}, {"Pat (Blu)", 1001}}));
  ASSERT_THAT(counts[0].rejected, SizeIs(2));
  EXPECT_EQ(counts[0].rejected[0].votes[1], (VoteRange{0, 30})) << "the ballots cast leave room for 30";
  EXPECT_EQ(counts[0].rejected[1].votes[1], (VoteRange{0, 9}));
  EXPECT_EQ(counts[0].vote(1, 0), missing);
}

TEST_F(OpenElectionsFile, TheSameRowTwiceCountsOnceAndItsCopyIsSetAside) {
  const auto counts = read(
      "county,precinct,office,party,candidate,votes\nUlm,1,Mayor,Red,Ona,10\nUlm,1,Mayor,Blu,Pat,7\nUlm,1,Mayor,Red,"
      "Ona,10\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona (Red)", 10}, {"Pat (Blu)", 7}}));
  ASSERT_THAT(counts[0].rejected, SizeIs(1));
  EXPECT_EQ(counts[0].rejected[0].votes[0], (VoteRange{0, 10}));
}

TEST_F(OpenElectionsFile, FurtherRowsOfAPrecinctAreAddedAndTold) {
  const auto counts = read(
      "county,precinct,office,party,candidate,votes\nUlm,1,Mayor,Red,Ona,10\nUlm,1,Mayor,Blu,Pat,7\nUlm,1,Mayor,Red,"
      "Ona,5\n"
      "Ulm,1,Mayor,Blu,Pat,7\nUlm,1,Mayor,Blu,Pat,-1\n");
  EXPECT_EQ(votes_of(counts.at(0)), (Votes{{"Ona (Red)", 15}, {"Pat (Blu)", 13}}));
  EXPECT_THAT(counts[0].caveats, Contains(HasSubstr("further row")));
  EXPECT_THAT(counts[0].caveats, Contains(HasSubstr("1 row with a negative number")));
}

TEST_F(OpenElectionsFile, ModesOfVotingAddUp) {
  const auto in_columns = read(
      "county,precinct,office,party,candidate,votes,election_day,mail,provisional\n"
      "Ulm,1,Mayor,Red,Ona,,10,5,1\nUlm,1,Mayor,Blu,Pat,9,4,4,0\n");
  EXPECT_EQ(votes_of(in_columns.at(0)), (Votes{{"Ona (Red)", 16}, {"Pat (Blu)", 9}}));
  EXPECT_THAT(in_columns[0].caveats, Contains(HasSubstr("do not add up to the votes")));
  const auto in_rows = read(
      "county,precinct,office,party,candidate,mode,votes\n"
      "Ulm,1,Mayor,Red,Ona,Election Day,10\nUlm,1,Mayor,Red,Ona,Mail,5\nUlm,1,Mayor,Red,Ona,Total,15\n"
      "Ulm,2,Mayor,Red,Ona,Total,8\n");
  EXPECT_EQ(votes_of(in_rows.at(0)), (Votes{{"Ona (Red)", 23}})) << "a total stands in only where it is alone";
}

TEST_F(OpenElectionsFile, OtherColumnsForPlacesAreRead) {
  const auto wards = read(
      "county,ward,office,district,totalvotes,party,candidate,votes\nUlm,Town Of Ada Wards 1-3,Mayor,,15,Red,Ona,10\n"
      "Ulm,Town Of Ada Wards 1-3,Mayor,,15,,Scattering,5\n");
  EXPECT_EQ(votes_of(wards.at(0)), (Votes{{"Ona (Red)", 10}, {"Scattering", 5}}));
  const auto towns = read(
      "county,town,precinct,office,party,candidate,votes\nUlm,Ada,1,Mayor,Red,Ona,10\nUlm,Bel,1,Mayor,Red,Ona,5\n");
  EXPECT_EQ(towns.at(0).units(), 2U);
  EXPECT_EQ(towns[0].hierarchy.path(towns[0].unit_place[1]), "Ulm / Bel");
  const auto counties =
      read("county,office,district,party,candidate,votes\nUlm,Mayor,,Red,Ona,10\nElm,Mayor,,Red,Ona,5\n");
  EXPECT_EQ(counties.at(0).units(), 2U);
  EXPECT_EQ(counties[0].unit_name, "county");
}

TEST_F(OpenElectionsFile, QuantitiesStandInTheOfficeOrInTheName) {
  const auto counts = read(
      "county,precinct,office,district,party,candidate,votes\n"
      "Ulm,1,,,,Registered Voters,90\nUlm,1,,,,Ballots Cast,40\nUlm,1,Mayor,,Red,Ona,10\n"
      "Ulm,2,Registered Voters - Total,,,,80\nUlm,2,Registered Voters,,Red,,30\nUlm,2,Registered Voters,,Blu,,45\n"
      "Ulm,2,Voter Turnout,,,,56.30%\nUlm,2,Mayor,,Red,Ona,12\nUlm,3,Mayor,,,Registered "
      "Voters,70\nUlm,3,Mayor,,Red,Ona,1\n");
  ASSERT_THAT(counts, SizeIs(1)) << "none of them is an office";
  EXPECT_EQ(votes_of(counts[0]), (Votes{{"Ona (Red)", 23}}));
  EXPECT_EQ(counts[0].registered[0], 90);
  EXPECT_EQ(counts[0].registered[2], 70);
  EXPECT_EQ(counts[0].cast[0], 40);
}

// The cases that people who process such files reported.
TEST(OpenElectionsCases, HoldTheRightValues) {
  const fs::path cases = fs::path(COTEJO_REPOSITORY) / "../shared/cases";
  if (!fs::exists(cases)) {
    if (std::getenv("COTEJO_REQUIRE_DATA")) FAIL() << "no " << cases;
    GTEST_SKIP() << "the reported cases are not in " << cases;
  }
  const auto read = [&](const std::string& name) {
    for (const auto& entry : fs::directory_iterator(cases / name))
      if (entry.path().extension() == ".csv") {
        auto counts = read_exchange(entry.path(), ExchangeFormat::openelections, "m", Context{});
        if (counts) return *std::move(counts);
      }
    ADD_FAILURE() << name;
    return std::vector<Count>{};
  };
  const auto fusion = read("m13-openelections-fusion-and-total-ballots");
  ASSERT_THAT(fusion, SizeIs(1));
  EXPECT_EQ(votes_of(fusion[0])["Mara Eddy (Dem, Wor)"], 1083);
  EXPECT_EQ(votes_of(fusion[0])["Ned Gorse (Rep, Con)"], 978);
  EXPECT_EQ(sum(fusion[0].null), 6);
  EXPECT_EQ(sum(fusion[0].blank), 27);
  EXPECT_EQ(sum(fusion[0].cast), 2101);
  const auto twice = read("m14-write-ins-twice");
  ASSERT_THAT(twice, SizeIs(1));
  std::int64_t valid = 0;
  for (const auto& [name, votes] : votes_of(twice[0])) valid += votes;
  EXPECT_EQ(valid, 2368);
  std::vector<std::string> titles;
  for (const auto& count : read("m15-first-data-row-taken-for-header")) titles.push_back(count.title);
  EXPECT_THAT(titles, ElementsAre("President", "Attorney General", "Treasurer", "House"));
  const auto over = read("r06-over-under-writein-as-candidates");
  ASSERT_THAT(over, SizeIs(1));
  EXPECT_EQ(votes_of(over[0]),
            (Votes{{"Uma Vale", 983}, {"Wes Yarrow", 1158}, {"Write-In: K. Zane", 18}, {"Write-In: Scattered", 13}}));
  EXPECT_EQ(sum(over[0].registered), 3147);
  EXPECT_EQ(sum(over[0].cast), 2234);
  EXPECT_EQ(sum(over[0].null), 9);
  EXPECT_EQ(sum(over[0].blank), 53);
  const auto blank = read("r01-total-rows-blank-precinct");
  ASSERT_THAT(blank, SizeIs(1));
  EXPECT_EQ(blank[0].units(), 7U);
  EXPECT_THAT(blank[0].rejected, IsEmpty());
  std::int64_t all = 0;
  for (const auto& [name, votes] : votes_of(blank[0])) all += votes;
  EXPECT_EQ(all, 1658 + 1462 + 1212);
}

}  // namespace
}  // namespace cotejo
