// The tables of an assembly: what is read, and how each kind of bad input is named.
#include "cotejo/intake/assembly_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cotejo/vote/seats.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Three members and one organ; `more` is appended.
std::string tables(const std::string& more = "", const std::string& head = "") {
  return R"(schema = "cotejo.assembly/1"
[assembly]
id = "council"
title = "The Council"
body = "COUNCIL"
)" + head +
         R"(
[[member]]
id = "A"
name = "Aland"
[[member]]
id = "B"
name = "Borland"
[[member]]
id = "C"
name = "Corland"
[[body]]
id = "COUNCIL"
name = "The Council"
founded = "1950-01-01"
source = "its statute"
[[organ]]
id = "PLENARY"
name = "The Plenary"
rule = "half"
[[rule]]
id = "half"
title = "More than half of the members"
majority = "1/2"
strict = true
[[event]]
members = ["A", "B"]
kind = "accession"
date = "1950-01-01"
[[event]]
member = "C"
kind = "accession"
date = "1960-01-01"
)" + more;
}

std::string vote(const std::string& more, const std::string& date = "1970-05-01") {
  return "[[roll_call]]\nid = \"V1\"\norgan = \"PLENARY\"\ndate = \"" + date + "\"\n" + more;
}

Error error_of(const std::string& text) {
  const auto assembly = parse_assembly(text, "council.toml");
  if (assembly) {
    ADD_FAILURE() << "was read:\n" << text;
    return {};
  }
  EXPECT_EQ(assembly.error().file, "council.toml");
  EXPECT_GT(assembly.error().row, 0) << describe(assembly.error());
  return assembly.error();
}

TEST(AssemblyReader, ReadsMembersRulesAndVotes) {
  const auto a = parse_assembly(tables(vote("yes = [\"A\"]\nno = [\"C\"]\nby_recall = [\"C\"]\n")), "council.toml");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(a->members.size(), 3u);
  EXPECT_EQ(a->ballot(0, 0), Ballot::yes);
  EXPECT_EQ(a->ballot(0, 1), Ballot::not_recorded) << "a member of whom nobody says how it voted";
  EXPECT_EQ(a->ballot(0, 2), Ballot::no);
  EXPECT_EQ(a->rule_of(a->roll_calls[0])->id, "half");
  EXPECT_EQ(a->roll_calls[0].marks[0].mark, Mark::recall);
  EXPECT_EQ(a->sha256, a->content_hash());
}

TEST(AssemblyReader, ARuleThatNamesNoBodyIsThatOfTheAssemblysBody) {
  const auto assembly = parse_assembly(tables(), "council.toml");
  ASSERT_TRUE(assembly) << describe(assembly.error());
  ASSERT_EQ(assembly->rules.size(), 1U);
  EXPECT_EQ(assembly->rules[0].body, "COUNCIL");
}

TEST(AssemblyReader, AVoteByANonMemberIsNamed) {
  const auto error = error_of(tables(vote("yes = [\"A\", \"C\"]\n", "1955-05-01")));
  EXPECT_THAT(error.message, HasSubstr("a vote by a non-member: Corland does not belong to COUNCIL on 1955-05-01"));
  EXPECT_EQ(error.value, "C");
}

TEST(AssemblyReader, AVoteOfAContestedMemberIsKept) {
  const auto a = parse_assembly(tables(R"([[event]]
member = "C"
kind = "denunciation"
date = "1968-01-01"
effective = "1970-01-01"
condition = "debts paid"
condition_state = "unmet"
)" + vote("yes = [\"A\", \"C\"]\n")),
                                "council.toml");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(a->ballot(0, 2), Ballot::yes);
  EXPECT_TRUE(seat_on(*a, "COUNCIL", 2, a->roll_calls[0].date.first).contested());
}

TEST(AssemblyReader, TwoVotesForOneSeatAreNamed) {
  const auto error = error_of(tables(vote("yes = [\"A\", \"B\"]\nabstain = [\"B\"]\n")));
  EXPECT_THAT(error.message, HasSubstr("two votes for one seat: Borland is listed as yes already"));
  EXPECT_THAT(error.remedy, HasSubstr("version"));
}

std::string delegates(const std::string& more_of_second) {
  return R"([[credential]]
id = "first"
member = "B"
accredited_by = "its government"
from = "1960-01-01"
until = "1965-01-01"
[[credential]]
id = "second"
member = "B"
accredited_by = "its parliament"
from = "1964-01-01"
)" + more_of_second;
}

TEST(AssemblyReader, OverlappingDelegatesWhomNobodyContestsAreNamed) {
  const auto error = error_of(tables(delegates("")));
  EXPECT_THAT(error.message, HasSubstr("two delegates sit for Borland at the same time ('first' and 'second')"));
}

TEST(AssemblyReader, OverlappingDelegatesThatAreContestedAreAReading) {
  const auto a = parse_assembly(tables(delegates("contested_by = [\"its government\"]\n")), "council.toml");
  ASSERT_TRUE(a) << describe(a.error());
  const auto seat = seat_on(*a, "COUNCIL", 1, parse_date("1964-06-01")->first);
  EXPECT_EQ(seat.credentials.size(), 2u);
  EXPECT_TRUE(seat.credential_contested());
}

TEST(AssemblyReader, ADateBeforeTheBodyExistedIsNamed) {
  const auto error = error_of(tables(vote("yes = [\"A\"]\n", "1949-12-31")));
  EXPECT_THAT(error.message, HasSubstr("The Council did not exist on this day; it was founded on 1950-01-01"));
}

TEST(AssemblyReader, ARuleWithAnEmptyDenominatorIsNamed) {
  const auto error =
      error_of(tables("[[rule]]\nid = \"none\"\ntitle = \"x\"\nmajority = \"1/2\"\nof = \"fixed\"\nfixed = 0\n"));
  EXPECT_THAT(error.message, HasSubstr("the denominator is empty"));
}

TEST(AssemblyReader, TotalsThatDoNotMatchAreKeptForTheReading) {
  const auto a = parse_assembly(tables(vote("yes = [\"A\"]\nreported = { yes = 2, no = 0 }\n")), "council.toml");
  ASSERT_TRUE(a) << describe(a.error());
  EXPECT_EQ(a->roll_calls[0].reported.yes, 2);
}

TEST(AssemblyReader, ReferencesThatLeadNowhereAreNamedWithTheNearest) {
  EXPECT_THAT(error_of(tables(vote("yes = [\"D\"]\n"))).message, HasSubstr("no such member"));
  EXPECT_THAT(error_of(tables(vote("yes = [\"A\"]\nrule = \"hafl\"\n"))).remedy, HasSubstr("half"));
  EXPECT_THAT(
      error_of(tables("[[event]]\nbody = \"CONCIL\"\nmember = \"A\"\nkind = \"withdrawal\"\ndate = \"1970\"\n")).remedy,
      HasSubstr("COUNCIL"));
  EXPECT_THAT(error_of(tables("[[position]]\nmotion = \"m\"\nmember = \"A\"\nstance = \"for\"\n")).message,
              HasSubstr("no such motion"));
  EXPECT_THAT(error_of(tables("[[member]]\nid = \"A\"\nname = \"Another\"\n")).message, HasSubstr("another name"));
  EXPECT_THAT(error_of(tables("[[event]]\nmember = \"A\"\nkind = \"leaving\"\ndate = \"1970\"\n")).message,
              HasSubstr("expected one of"));
  EXPECT_THAT(error_of(tables("[[event]]\nmember = \"A\"\nkind = \"withdrawal\"\ndate = \"last year\"\n")).message,
              HasSubstr("expected a date"));
  EXPECT_THAT(error_of(tables("[[vote]]\nid = \"x\"\n")).message, HasSubstr("no such key"));
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "cotejo-assembly-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path put(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  fs::path folder_;
};

TEST_F(Files, IncludedFilesBringTheirBodies) {
  put("league.toml", R"(schema = "cotejo.assembly/1"
[assembly]
id = "league"
title = "The League"
body = "LEAGUE"
[[member]]
id = "A"
name = "Aland"
[[body]]
id = "LEAGUE"
name = "The League"
[[event]]
member = "A"
kind = "accession"
date = "1970"
)");
  const auto read = read_assembly(put("council.toml", tables("", "include = [\"league.toml\"]\n")));
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->files.size(), 2u);
  EXPECT_EQ(read->assembly.bodies.size(), 2u);
  EXPECT_EQ(read->assembly.events.back().body, "LEAGUE") << "a row means the body of its own file";
  EXPECT_EQ(read->assembly.body, "COUNCIL");
  EXPECT_TRUE(is_assembly_table(folder_ / "council.toml"));
  EXPECT_FALSE(is_assembly_table(folder_ / "nothing.toml"));
}

TEST_F(Files, NothingOutsideTheFolderIsRead) {
  const auto read = read_assembly(put("council.toml", tables("", "include = [\"../x.toml\"]\n")));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("in the same folder"));
}

TEST_F(Files, TheLongFileOfVotesReadsBackAsItWasWritten) {
  const auto first = parse_assembly(
      tables(vote("yes = [\"A\"]\nno = [\"C\"]\nby_recall = [\"C\"]\ncredentials = { A = \"x\" }\n")), "council.toml");
  ASSERT_TRUE(first) << describe(first.error());
  put("votes.csv", votes_csv(*first));
  const auto read = read_assembly(put("council.toml", tables("", "votes = \"votes.csv\"\n")));
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->assembly.ballots, first->ballots);
  EXPECT_EQ(read->assembly.roll_calls[0].organ, "PLENARY");
  EXPECT_EQ(read->assembly.roll_calls[0].credentials[0].credential, "x");
  EXPECT_EQ(read->assembly.roll_calls[0].marks[0].mark, Mark::recall);
  EXPECT_THAT(timeline_csv(*first), HasSubstr("COUNCIL,C,Corland,1960-01-01,,member"));
}

TEST_F(Files, TheLongFileNamesTheRowOfABadVote) {
  const auto read = [&](const std::string& row) {
    put("votes.csv", "roll_call,date,organ,member,option\nV1,1970-05-01,PLENARY,A,yes\n" + row + "\n");
    return read_assembly(put("council.toml", tables("", "votes = \"votes.csv\"\n")));
  };
  const auto twice = read("V1,1970-05-01,PLENARY,A,no");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().row, 3);
  EXPECT_EQ(twice.error().code, ErrorCode::unit_duplicate);
  EXPECT_THAT(read("V1,1970-05-01,PLENARY,D,no").error().message, HasSubstr("no such member"));
  EXPECT_THAT(read("V1,1970-05-01,PLENARY,B,maybe").error().message, HasSubstr("expected yes, no"));
  EXPECT_THAT(read("V2,1955-05-01,PLENARY,C,no").error().message, HasSubstr("a vote by a non-member"));
  EXPECT_THAT(read("V2,,PLENARY,C,no").error().message, HasSubstr("no such roll call"));
}

}  // namespace
}  // namespace cotejo
