#include "cotejo/exchange/roll_calls.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class RollCalls : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("roll_calls_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  Result<Assembly> read(const std::string& profile) {
    write("profile.toml",
          "schema = \"cotejo.roll-calls/1\"\nid = \"t\"\ntitle = \"Test\"\nsource = \"made here\"\n" + profile);
    return read_roll_calls(folder_ / "profile.toml", folder_, {});
  }
  Ballot ballot(const Assembly& a, const char* vote, const char* member) {
    return a.ballot(a.find_roll_call(vote).value(), a.find_member(member).value());
  }
  fs::path folder_;
};

constexpr const char* long_profile = R"(
unlisted = "span"
[votes]
path = "votes.csv"
roll_call = "rcid"
member = "code"
name = "country"
option = "vote"
[roll_calls]
path = "calls.csv"
roll_call = "rcid"
date = "date"
organ = "session"
[codes]
yes = ["yes"]
no = ["no"]
abstain = ["abstain"]
)";

TEST_F(RollCalls, LongSetsTellTheAbsentFromThoseWhoHadNotJoinedAndSayThatItIsInferred) {
  write("calls.csv", "rcid,session,date\n3,1,2001-01-01\n1,1,2000-01-01\n2,1,2000-06-01\n9,2,2002-01-01\n");
  write("votes.csv",
        "rcid,country,code,vote\n1,Alpha,A,yes\n2,Beta,B,no\n3,Alpha,A,abstain\n3,Beta,B,yes\n2,Gamma,,no\n");
  const auto a = read(long_profile);
  ASSERT_TRUE(a) << describe(a.error());
  ASSERT_EQ(a->roll_calls.size(), 3U);  // the one without votes is left out
  EXPECT_EQ(a->roll_calls[0].id, "1");  // in the order of dates
  EXPECT_EQ(ballot(*a, "2", "A"), Ballot::absent);
  EXPECT_EQ(ballot(*a, "1", "B"), Ballot::not_member);
  EXPECT_EQ(ballot(*a, "3", "Gamma"), Ballot::not_member);
  EXPECT_EQ(ballot(*a, "3", "A"), Ballot::abstain);
  EXPECT_EQ(a->roll_calls[2].organ, "1");
  ASSERT_EQ(a->caveats.size(), 2U);
  EXPECT_NE(a->caveats[0].find("inferred"), std::string::npos);
}

TEST_F(RollCalls, NamesTheRowColumnAndValueOfAVoteItCannotRead) {
  write("calls.csv", "rcid,session,date\n1,1,2000-01-01\n");
  write("votes.csv", "rcid,country,code,vote\n1,Alpha,A,yes\n1,Beta,B,perhaps\n");
  const auto unmapped = read(long_profile);
  ASSERT_FALSE(unmapped);
  EXPECT_EQ(unmapped.error().code, ErrorCode::value_invalid);
  EXPECT_EQ(unmapped.error().row, 3);
  EXPECT_EQ(unmapped.error().column, "vote");
  EXPECT_EQ(unmapped.error().value, "perhaps");
  write("votes.csv", "rcid,country,code,vote\n1,Alpha,A,yes\n1,Alpha,A,no\n");
  const auto twice = read(long_profile);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::unit_duplicate);
  EXPECT_EQ(twice.error().row, 3);
}

TEST_F(RollCalls, WideSetsHaveARowAMemberAndTheirOwnCodes) {
  write("votes.csv", "\"\",\"Vote 1\",\"Vote 2\"\n\"X\",1,9\n\"Y\",6,0\n");
  write("members.csv", "\"\",\"party\"\n\"X\",\"D\"\n\"Y\",\"R\"\n");
  const auto a = read(
      "layout = \"wide\"\n[votes]\npath = \"votes.csv\"\nmember = \"#1\"\n[members]\npath = \"members.csv\"\nmember = "
      "\"#1\"\ngroup = \"party\"\n"
      "[codes]\nyes = [\"1\"]\nno = [\"6\"]\nabsent = [\"9\"]\nnot-member = [\"0\"]\n");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(ballot(*a, "Vote 1", "X"), Ballot::yes);
  EXPECT_EQ(ballot(*a, "Vote 1", "Y"), Ballot::no);
  EXPECT_EQ(ballot(*a, "Vote 2", "X"), Ballot::absent);
  EXPECT_EQ(ballot(*a, "Vote 2", "Y"), Ballot::not_member);
  EXPECT_EQ(a->members[1].group, "R");
}

TEST_F(RollCalls, ReadsTheThreeFilesOfVoteview) {
  write(
      "v.csv",
      "congress,chamber,rollnumber,icpsr,cast_code,prob\n90,Senate,1,99,1,100\n90,Senate,1,5,6,90\n90,Senate,2,5,9,\n");
  write("m.csv",
        "congress,chamber,icpsr,party_code,bioname\n90,Senate,99,100,\"DOE, Jane\"\n90,Senate,5,200,\"ROE, Max\"\n");
  write("r.csv",
        "congress,chamber,rollnumber,date,vote_desc\n90,Senate,1,1967-01-18,First\n90,Senate,2,1967-01-19,Second\n");
  const auto a = read(
      "layout = \"voteview\"\n[votes]\npath = \"v.csv\"\n[members]\npath = \"m.csv\"\n[roll_calls]\npath = "
      "\"r.csv\"\n");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(ballot(*a, "90-Senate-1", "99"), Ballot::yes);
  EXPECT_EQ(ballot(*a, "90-Senate-2", "5"), Ballot::absent);
  EXPECT_EQ(ballot(*a, "90-Senate-2", "99"), Ballot::not_recorded);
  EXPECT_EQ(a->members[0].name, "DOE, Jane");
  EXPECT_EQ(to_text(a->roll_calls[1].date), "1967-01-19");
}

TEST_F(RollCalls, ReadsFixedWidth) {
  write("s.ord", " 90  99 D DOE        1690\n 90   5 R ROE        6129\n");
  const auto a = read("layout = \"ord\"\n[votes]\npath = \"s.ord\"\nname_from = 11\nname_length = 10\ndigits = 22\n");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(a->members[0].name, "DOE");
  EXPECT_EQ(a->ballot(0, 0), Ballot::yes);
  EXPECT_EQ(a->ballot(2, 0), Ballot::absent);
  EXPECT_EQ(a->ballot(3, 0), Ballot::not_member);
  EXPECT_EQ(a->ballot(2, 1), Ballot::paired_yes);
  EXPECT_EQ(parse_ord("AB 1x", "f", 1, 2, 4).error().column, "5");
  EXPECT_EQ(parse_ord("AB", "f", 1, 2, 4).error().code, ErrorCode::file_damaged);
}

TEST_F(RollCalls, PopoloKeepsEveryVoteThereAndBack) {
  Assembly a{.id = AssemblyId{"p"}, .title = "Popolo", .source = "made here"};
  for (const char* id : {"A", "B", "C", "D", "E", "F", "G"})
    a.members.push_back({.id = id, .name = std::string("Member ") + id, .group = "g"});
  a.roll_calls.push_back(
      {.id = "v", .date = *parse_date("2020-10-21"), .organ = "GA", .document = "RES 1", .subject = "On \"x\""});
  a.organs.push_back({.id = "GA", .name = "GA"});
  a.roll_calls[0].reported = {.yes = 2, .no = 1, .abstain = 1, .absent = 1};
  a.roll_calls[0].declared_adopted = true;
  a.roll_calls[0].fact.source = "minutes, p. 3";
  a.roll_calls[0].fact.mark = Mark::recall;
  for (const auto b : {Ballot::yes, Ballot::no, Ballot::abstain, Ballot::absent, Ballot::present, Ballot::paired_yes,
                       Ballot::not_member})
    a.ballots.push_back(static_cast<std::int8_t>(b));
  const auto json = popolo_json(a);
  EXPECT_TRUE(looks_like_popolo(json));
  const auto again = parse_popolo(json, "f.json", "p");
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->ballots, a.ballots);
  EXPECT_EQ(again->members[3].name, "Member D");
  EXPECT_EQ(again->members[3].group, "g");
  EXPECT_EQ(again->roll_calls[0].date, a.roll_calls[0].date);
  EXPECT_EQ(again->roll_calls[0].subject, "On \"x\"");
  EXPECT_EQ(again->roll_calls[0].reported.yes, 2);
  EXPECT_EQ(again->roll_calls[0].declared_adopted, true);
  EXPECT_EQ(again->roll_calls[0].fact.source, "minutes, p. 3");
  EXPECT_EQ(again->roll_calls[0].fact.mark, Mark::recall);
  EXPECT_EQ(again->title, "Popolo");
  EXPECT_EQ(popolo_json(*again), json);
}

TEST_F(RollCalls, RefusesPopoloThatIsNone) {
  EXPECT_EQ(parse_popolo("[]", "f", "x").error().code, ErrorCode::file_damaged);
  EXPECT_EQ(parse_popolo("{\"vote_events\":[]}", "f", "x").error().code, ErrorCode::file_damaged);
  EXPECT_EQ(parse_popolo("{\"vote_events\":[{\"votes\":[{\"voter_id\":\"A\",\"option\":\"maybe\"}]}]}", "f", "x")
                .error()
                .code,
            ErrorCode::value_invalid);
  EXPECT_EQ(parse_popolo(std::string(200, '['), "f", "x").error().code, ErrorCode::file_damaged);
}

}  // namespace
}  // namespace cotejo
