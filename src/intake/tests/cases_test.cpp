// Small files with one difficulty each: the first proposal imports with the right totals, or asks the question whose
// answer makes it right. The files of ../shared/cases are read where they are present; the others are made here.
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <numeric>

#include "cotejo/intake/propose.hpp"
#include "intake_test_support.hpp"

namespace cotejo::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Totals = std::map<std::string, std::int64_t>;

std::filesystem::path cases() {
  return std::filesystem::path(COTEJO_REPOSITORY) / ".." / "shared" / "cases";
}

// Options by name, the standard numbers as "registered", ...
Totals totals_of(const Count& count) {
  Totals out;
  for (const auto& option : count.contest.options) out[option.name] = whole_sum(count, option.id.text);
  for (const auto name : {"registered", "cast", "valid", "blank", "null"})
    if (!count.column(name).empty()) out[name] = whole_sum(count, name);
  return out;
}

// What a proposal reads, or the question that it asks.
struct Outcome {
  Count count;
  Proposal proposal;
  Totals totals;
};
Outcome outcome(const std::filesystem::path& file, const ProposeOptions& options = {}) {
  Outcome out;
  auto proposal = propose(file, options, {});
  EXPECT_TRUE(proposal) << describe(proposal.error());
  if (!proposal) return out;
  out.proposal = *proposal;
  if (!proposal->questions.empty()) return out;
  auto parsed = parse_profile(proposal->toml, "proposed.toml");
  EXPECT_TRUE(parsed) << describe(parsed.error()) << "\n" << proposal->toml;
  if (!parsed) return out;
  auto count = read_count(*parsed, file, {});
  EXPECT_TRUE(count) << describe(count.error()) << "\n" << proposal->toml;
  if (!count) return out;
  out.count = *count;
  out.totals = totals_of(*count);
  return out;
}

// The option that answers the first question; empty when nothing is asked.
std::string option_of(const Outcome& read) {
  return read.proposal.questions.empty() ? std::string() : read.proposal.questions.front().option;
}

bool in_doubt(const Proposal& proposal, const std::string& what) {
  return std::any_of(proposal.guesses.begin(), proposal.guesses.end(),
                     [&](const Guess& guess) { return guess.what == what && guess.doubt > 0.25; });
}

// ---- the files of ../shared/cases ----

struct Case {
  const char* file;
  ProposeOptions answers;
  std::size_t units;
  Totals totals;
};
class ProposedCases : public testing::TestWithParam<Case> {};
TEST_P(ProposedCases, AreReadRightByTheFirstProposalOrItsAnswer) {
  if (!std::filesystem::exists(cases() / "README.md")) {
    ASSERT_EQ(std::getenv("COTEJO_REQUIRE_DATA"), nullptr);
    GTEST_SKIP() << "the small files are not in " << cases();
  }
  const auto& [file, answers, units, totals] = GetParam();
  const auto read = outcome(cases() / file, answers);
  for (const auto& question : read.proposal.questions) ADD_FAILURE() << question.option << ": " << question.text;
  EXPECT_EQ(read.count.units(), units) << read.proposal.toml;
  for (const auto& [name, sum] : totals) {
    ASSERT_TRUE(read.totals.contains(name)) << name << "\n" << read.proposal.toml;
    EXPECT_EQ(read.totals.at(name), sum) << name << "\n" << read.proposal.toml;
  }
  std::size_t options = 0;
  for (const auto& [name, sum] : totals)
    options += name != "registered" && name != "cast" && name != "valid" && name != "blank" && name != "null" ? 1U : 0U;
  EXPECT_EQ(read.count.options(), options) << read.proposal.toml;
}
INSTANTIATE_TEST_SUITE_P(
    Propose, ProposedCases,
    testing::Values(
        Case{"m02-wrong-sum-chosen/returns.csv",
             {},
             24,
             {{"ALBA-votes", 2975},
              {"DIASPORA UNITA-votes", 3212},
              {"CORA-votes", 2656},
              {"valid", 8843},
              {"null", 97}}},
        Case{"m02b-party-named-like-a-column/returns1.csv",
             {},
             20,
             {{"Alba", 2238}, {"Alianza PAIS", 2451}, {"Cora", 2374}, {"valid", 7063}}},
        Case{"m02b-party-named-like-a-column/returns2.csv",
             {},
             20,
             {{"Alba", 2388}, {"Provincias Unidas", 2447}, {"Cora", 2345}, {"valid", 7180}}},
        Case{"m02b-party-named-like-a-column/returns3.csv",
             {},
             20,
             {{"Alba", 2355}, {"Registered Nurses", 2462}, {"Cora", 2353}, {"valid", 7170}}},
        Case{"m02b-party-named-like-a-column/returns4.csv",
             {},
             20,
             {{"Alba", 2590}, {"Blanco", 2242}, {"Cora", 2568}, {"valid", 7400}}},
        Case{"m03-registered-is-turnout/returns.csv",
             {},
             28,
             {{"registered", 7924},
              {"cast", 7062},
              {"valid", 6946},
              {"null", 116},
              {"X PARTİ", 2561},
              {"Y PARTİ", 2301},
              {"Z PARTİ", 2084}}},
        Case{"m04-cast-is-registered/returns.csv",
             {},
             24,
             {{"votosA", 13465},
              {"votosB", 11627},
              {"votosOTHER", 238},
              {"registered", 41026},
              {"null", 40},
              {"valid", 25330}}},
        Case{"m05-blank-null-as-options/returns.csv",
             {},
             20,
             {{"votos_p1", 1855},
              {"votos_p2", 1986},
              {"blank", 34},
              {"null", 238},
              {"cast", 4113},
              {"registered", 6000}}},
        Case{"m06-empty-is-zero/returns.csv",
             {},
             24,
             {{"p1", 2385}, {"p2", 2371}, {"p3", 28}, {"blank", 31}, {"null", 46}, {"cast", 4861}}},
        Case{"m07-aux-field-drops-row/returns.csv", {}, 60, {{"Ana", 6220}, {"Ben", 6121}, {"valid", 12341}}},
        Case{"m08-modes-in-a-long-file/returns.csv", {}, 12, {{"Hera Wald", 12700}, {"Rolf Wegner", 11368}}},
        Case{"m09-key-made-of-counts/sezioni.csv",
             {},
             16,
             {{"registered", 3044},
              {"cast", 1836},
              {"blank", 32},
              {"null", 44},
              {"Lista Alfa", 855},
              {"Lista Beta", 905}}},
        Case{"m09-key-made-of-counts/casillas.csv",
             {},
             28,
             {{"PAN", 3147}, {"PRI", 2343}, {"PRD", 2679}, {"valid", 8169}}},
        Case{"m10-nested-totals/returns.csv",
             {},
             18,
             {{"registered", 11235}, {"X", 4590}, {"Y", 4521}, {"valid", 9111}}},
        Case{"m13-openelections-fusion-and-total-ballots/20310506__zz__general__alba__precinct.csv",
             {},
             4,
             {{"Mara Eddy", 1083}, {"Ned Gorse", 978}, {"Write-ins", 7}, {"null", 6}, {"blank", 27}, {"cast", 2101}}},
        Case{"m14-write-ins-twice/20310506__zz__general__frank__precinct.csv",
             {},
             4,
             {{"Una Ray", 1211},
              {"Wes Yale", 1141},
              {"Write-In: Kay Zorn", 9},
              {"Write-In: Scattered", 7},
              {"registered", 3600},
              {"cast", 2391},
              {"blank", 18},
              {"null", 5}}},
        Case{"m17-status-invalidated/stations.csv",
             {.leave_out = {"post_audit_status=Invalidated"}},
             10,
             {{"c1", 2026}, {"c2", 1549}}},
        Case{"m19-flag-as-a-place/boxes.csv", {}, 24, {{"A", 2026}, {"B", 2183}, {"valid", 4209}}},
        Case{"m20-no-list-of-its-own/returns.csv",
             {},
             16,
             {{"registered", 4739}, {"cast", 4253}, {"Pia", 2077}, {"Sam", 2134}, {"blank", 42}}},
        Case{"m21-repeated-groups-of-columns/bureaux.csv",
             {},
             12,
             {{"BREHIER", 523},
              {"CADALEN", 816},
              {"LARS", 679},
              {"LEGAC", 711},
              {"SMOL", 544},
              {"CADA", 624},
              {"DONVAL", 673},
              {"registered", 7309},
              {"cast", 4663},
              {"valid", 4570},
              {"blank", 71},
              {"null", 22}}},
        Case{"m22-fill-down-and-subtotals/wards.csv",
             {},
             12,
             {{"registered", 5571}, {"cast", 4971}, {"A", 2547}, {"B", 2392}, {"valid", 4939}, {"null", 32}}},
        Case{"m23-floats-with-rounding-noise/regions.tsv",
             {},
             12,
             {{"NPP", 60455},
              {"SJB", 60155},
              {"registered", 127194},
              {"cast", 121194},
              {"valid", 120610},
              {"null", 584}}},
        Case{"m24-totals-row/returns.csv", {}, 10, {{"Hale", 583}, {"Iven", 629}, {"Jory", 615}, {"valid", 1827}}},
        Case{"m31-negative-corrections/returns.csv", {}, 10, {{"Tarn", 915}, {"Usk", 1034}, {"valid", 1949}}},
        Case{"r01-total-rows-blank-precinct/returns.csv",
             {},
             7,
             {{"Ada Quill", 1658}, {"Bo Renner", 1462}, {"Cy Stroud", 1212}}},
        Case{"r03-excel-dates-and-lost-zeros/returns.csv",
             {},
             12,
             {{"Lena Marsh", 3640}, {"Otto Pine", 3168}, {"valid", 6808}}},
        Case{"r05-countywide-absentee-unit/returns.csv",
             {},
             18,
             {{"Pia Rook", 2784}, {"Sam Teal", 2509}, {"registered", 7138}, {"blank", 44}, {"null", 32}}},
        Case{"r06-over-under-writein-as-candidates/returns.csv",
             {},
             4,
             {{"Uma Vale", 983},
              {"Wes Yarrow", 1158},
              {"Write-In: K. Zane", 18},
              {"Write-In: Scattered", 13},
              {"registered", 3147},
              {"cast", 2234},
              {"null", 9},
              {"blank", 53}}},
        Case{"r08-thousands-separators/resultats.csv",
             {},
             10,
             {{"registered", 183834},
              {"cast", 106347},
              {"blank", 6300},
              {"null", 1927},
              {"valid", 98120},
              {"Liste A – Voix", 43071},
              {"Liste B – Voix", 55049}}},
        Case{"r08-thousands-separators/results_en.csv",
             {},
             10,
             {{"registered", 15674239}, {"X", 5034285}, {"Y", 3691960}}},
        Case{"r08-thousands-separators/results_de.csv",
             {},
             10,
             {{"registered", 15674239}, {"X", 5034285}, {"Y", 3691960}}},
        Case{"r10-printed-totals-that-do-not-add/returns.csv",
             {},
             10,
             {{"Hale", 498}, {"Iven", 678}, {"Jory", 269}, {"null", 10}, {"blank", 39}, {"cast", 1495}}},
        Case{"r13-swapped-columns-in-a-part/returns.csv",
             {},
             9,
             {{"Nia Oake", 1267}, {"Pol Quern", 1263}, {"Rhea Sill", 1325}}},
        Case{"r15-negative-adjustments/returns.csv",
             {},
             10,
             {{"Tarn", 1035}, {"Usk", 1160}, {"write_in", 25}, {"valid", 2220}}},
        Case{"r19-merged-heading-xlsx/canvass.xlsx",
             {},
             7,
             {{"Ora Peel (RED)", 761}, {"Quin Rush (BLU)", 903}, {"registered", 2363}, {"blank", 11}}},
        Case{"r19-merged-heading-xlsx/canvass_as_csv.csv",
             {},
             7,
             {{"Ora Peel (RED)", 761}, {"Quin Rush (BLU)", 903}, {"registered", 2363}, {"blank", 11}}},
        Case{"r20-units-in-columns/telling.csv",
             {},
             6,
             {{"Partij Wolk", 596},
              {"Lijst Duin", 862},
              {"valid", 1458},
              {"blank", 15},
              {"null", 3},
              {"registered", 2126}}}));

struct Asked {
  const char *file, *option, *choice;
};
class CasesAsked : public testing::TestWithParam<Asked> {};
TEST_P(CasesAsked, AreTheQuestionWhoseAnswerMakesThemRight) {
  if (!std::filesystem::exists(cases() / "README.md")) {
    ASSERT_EQ(std::getenv("COTEJO_REQUIRE_DATA"), nullptr);
    GTEST_SKIP() << "the small files are not in " << cases();
  }
  const auto read = outcome(cases() / GetParam().file);
  ASSERT_THAT(read.proposal.questions, testing::Not(IsEmpty())) << read.proposal.toml;
  EXPECT_EQ(read.proposal.questions[0].option, GetParam().option) << read.proposal.questions[0].text;
  EXPECT_THAT(read.proposal.questions[0].choices, Contains(GetParam().choice));
}
INSTANTIATE_TEST_SUITE_P(
    Propose, CasesAsked,
    testing::Values(Asked{"m15-first-data-row-taken-for-header/20310506__zz__general__frank__precinct.csv", "--contest",
                          "President"},
                    Asked{"m17-status-invalidated/stations.csv", "--leave-out", "post_audit_status=Invalidated"},
                    Asked{"m28-fixed-width/09.DAT", "--columns", "24-30"},
                    Asked{"r07-duplicates-true-and-apparent/returns.csv", "--repeated", "set-aside"}));

TEST(CasesInDoubt, SayWhatIsInDoubt) {
  if (!std::filesystem::exists(cases() / "README.md")) {
    ASSERT_EQ(std::getenv("COTEJO_REQUIRE_DATA"), nullptr);
    GTEST_SKIP() << "the small files are not in " << cases();
  }
  const std::pair<const char*, const char*> doubts[] = {
      {"m02b-party-named-like-a-column/returns4.csv", "options"},
      {"m04-cast-is-registered/returns.csv", "registered voters"},
      {"r03-excel-dates-and-lost-zeros/returns.csv", "unit key"},
      {"r10-printed-totals-that-do-not-add/returns.csv", "total rows"},
      {"r13-swapped-columns-in-a-part/returns.csv", "swapped columns"}};
  for (const auto& [file, what] : doubts) EXPECT_TRUE(in_doubt(outcome(cases() / file).proposal, what)) << file;
}

// ---- others of the same kinds, made here ----

// A whole number from 10 to 209 for a cell, the same in every run.
int votes(int row, int column) {
  return 10 + (row * 7919 + column * 104729 + row * row * 31 + row * column * 17) % 200;
}

TEST(Kinds, NamesBehindTheFirstTwoHundredThousandRowsAreOptions) {
  const Folder folder;
  std::string csv = "pc,booth,candidate,votes\n";
  for (int b = 0; b < 100'001; ++b)
    for (const char* name : {"Ram", "Lal"}) csv += "1," + std::to_string(b) + "," + name + ",1\n";
  csv += "1,100001,Ram,1\n1,100001,Lal,2\n1,100001,Late Name,70\n";
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 100'002U);
  EXPECT_EQ(read.totals, (Totals{{"Ram", 100'002}, {"Lal", 100'003}, {"Late Name", 70}}));
}

TEST(Kinds, ConstituenciesWithNamesOfTheirOwnAreAskedAbout) {
  const Folder folder;
  std::string csv = "constituency,station,candidate,party,votes\n";
  for (int c = 0; c < 6; ++c)
    for (int s = 0; s < 5; ++s)
      for (const char* party : {"Red", "Blue"})
        csv += "C" + std::to_string(c) + ",S" + std::to_string(s) + "," + party + " candidate of " + std::to_string(c) +
               "," + party + "," + std::to_string(votes(c * 5 + s, party[0])) + "\n";
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  ASSERT_THAT(asked.proposal.questions, SizeIs(1)) << asked.proposal.toml;
  EXPECT_EQ(asked.proposal.questions[0].option, "--contest");
  EXPECT_EQ(outcome(file, {.contest_value = "C3"}).count.options(), 2U);
  const auto all = outcome(file, {.contest_value = "*"});
  EXPECT_EQ(all.count.options(), 12U);
  EXPECT_EQ(all.count.units(), 30U);
  const auto by_party = outcome(file, {.names = "party"});
  EXPECT_EQ(by_party.count.options(), 2U);
  EXPECT_EQ(by_party.count.units(), 30U);
}

TEST(Kinds, MoreContestsThanAnyoneExpectedAreAskedAbout) {
  const Folder folder;
  std::string csv = "county_name,contest_name,choice,votes\n";
  for (int c = 0; c < 6; ++c)
    for (int k = 0; k < 700; ++k)
      for (const char* choice : {"Yes", "No"})
        csv += "County " + std::to_string(c) + ",Measure " + std::to_string(k) + "," + choice + "," +
               std::to_string(votes(k, c)) + "\n";
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(outcome(file).proposal.questions.at(0).choices.size(), 700U);
  const auto one = outcome(file, {.contest_value = "Measure 3"});
  EXPECT_EQ(one.count.units(), 6U);
  EXPECT_EQ(one.totals.size(), 2U);
}

TEST(Kinds, AContestThatIsOfNoUseIsAnError) {
  const Folder folder;
  std::string csv = "unit,Ana,Ben,valid\n";
  for (int i = 0; i < 20; ++i)
    csv += "U" + std::to_string(i) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + "\n";
  const auto error = error_of(propose(folder.write("x.csv", csv), {.contest_value = "President"}, {}));
  EXPECT_EQ(error.code, ErrorCode::option_invalid);
  EXPECT_EQ(error.column, "--contest");
}

TEST(Kinds, ScatteredColumnsWithoutAKnownWordAreToldBySumsAlone) {
  const Folder folder;
  std::string csv = "Alba,qq,Cora,ii,rr,station,vv,Zeta\n";
  Totals totals{{"Alba", 0}, {"Cora", 0}, {"Zeta", 0}, {"valid", 0}, {"null", 0}, {"cast", 0}};
  for (int i = 0; i < 40; ++i) {
    const int a = votes(i, 1), c = votes(i, 2), z = votes(i, 3), n = votes(i, 4) % 9, v = a + c + z;
    csv += std::to_string(a) + "," + std::to_string(v + n) + "," + std::to_string(c) + "," + std::to_string(n) + "," +
           std::to_string(v + n + votes(i, 5)) + ",S" + std::to_string(i) + "," + std::to_string(v) + "," +
           std::to_string(z) + "\n";
    for (const auto& [name, value] :
         Totals{{"Alba", a}, {"Cora", c}, {"Zeta", z}, {"valid", v}, {"null", n}, {"cast", v + n}})
      totals[name] += value;
  }
  EXPECT_EQ(outcome(folder.write("x.csv", csv)).totals, totals);
}

TEST(Kinds, TwoContestsInColumnsAreAskedAbout) {
  const Folder folder;
  std::string csv = "station,Pres Ana,Pres Ben,Pres total,Sen Cid,Sen Dov,Sen total\n";
  for (int i = 0; i < 20; ++i) {
    csv += "S" + std::to_string(i);
    for (int contest = 0; contest < 2; ++contest) {
      const int a = votes(i, 2 * contest), b = votes(i, 2 * contest + 1);
      csv += "," + std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(a + b);
    }
    csv += "\n";
  }
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  ASSERT_THAT(asked.proposal.questions, SizeIs(1)) << asked.proposal.toml;
  EXPECT_EQ(asked.proposal.questions[0].option, "--valid");
  EXPECT_THAT(asked.proposal.questions[0].choices, testing::UnorderedElementsAre("Pres total", "Sen total"));
  EXPECT_TRUE(outcome(file, {.valid = "Sen total"}).totals.contains("Sen Dov"));
}

TEST(Kinds, ACodesTotalsInAnyOrderAndAnAccidentThatIsNone) {
  const Folder folder;
  std::string csv = "kod,Ana,Ben,valid\n";
  std::map<std::string, std::pair<int, int>> sums;
  for (int p = 1; p <= 3; ++p)
    for (int m = 1; m <= 3; ++m)
      for (int s = 1; s <= 4; ++s) {
        const std::string code = "0" + std::to_string(p) + "0" + std::to_string(m) + "0" + std::to_string(s);
        for (const std::size_t length : {2, 4, 6}) {
          sums[code.substr(0, length)].first += votes(p * 100 + m * 10 + s, 1);
          sums[code.substr(0, length)].second += votes(p * 100 + m * 10 + s, 2);
        }
      }
  for (const auto& [code, sum] : sums)
    csv += code + "," + std::to_string(sum.first) + "," + std::to_string(sum.second) + "," +
           std::to_string(sum.first + sum.second) + "\n";
  EXPECT_EQ(outcome(folder.write("x.csv", csv)).count.units(), 36U);
  const auto accident =
      outcome(folder.write("y.csv", "unit,Ana,Ben,total\nA,5,3,8\nB,2,2,4\nC,7,5,12\nD,9,1,10\nE,4,6,10\nF,1,8,9\n"));
  EXPECT_EQ(accident.count.units(), 6U) << "C is the sum of A and B, and a unit";
}

TEST(Kinds, ARegisterOfMenAndWomenIsNoCount) {
  const Folder folder;
  std::string csv = "station,men,women,registered voters\n";
  for (int i = 0; i < 20; ++i)
    csv += "S" + std::to_string(i) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + "\n";
  const auto asked = outcome(folder.write("x.csv", csv));
  ASSERT_THAT(asked.proposal.questions, SizeIs(1)) << asked.proposal.toml;
  EXPECT_EQ(asked.proposal.questions[0].option, "--option");
}

TEST(Kinds, ACapitalWithHalfOfAllVotesIsAUnit) {
  const Folder folder;
  std::string csv = "province,Ana,Ben,valid\n";
  int a = 0, b = 0;
  for (int i = 0; i < 8; ++i) {
    csv += "P" + std::to_string(i) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + "\n";
    a += votes(i, 1);
    b += votes(i, 2);
  }
  csv += "Capital," + std::to_string(a + 7) + "," + std::to_string(b - 5) + "," + std::to_string(a + b + 2) + "\n";
  EXPECT_EQ(outcome(folder.write("x.csv", csv)).count.units(), 9U);
}

TEST(Kinds, AHeaderOnEveryPageAndNotesAreNoUnits) {
  const Folder folder;
  std::string csv = "Results of the election,,,\n,,,\nstation,Ana,Ben,valid\n";
  for (int i = 0; i < 40; ++i) {
    if (i > 0 && i % 10 == 0) csv += "station,Ana,Ben,valid\n";
    csv += std::to_string(i + 1) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + "\n";
  }
  csv += "Source: the commission,,,\n";
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 40U) << read.proposal.toml;
  EXPECT_THAT(read.count.rejected, IsEmpty());
}

TEST(Kinds, AFileWithoutAHeaderIsAskedAbout) {
  const Folder folder;
  std::string csv;
  for (int i = 0; i < 20; ++i)
    csv += "S" + std::to_string(i) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + "\n";
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  ASSERT_THAT(asked.proposal.questions, SizeIs(1));
  EXPECT_EQ(asked.proposal.questions[0].option, "--header");
  EXPECT_EQ(outcome(file, {.header = 0}).count.units(), 20U);
}

TEST(Kinds, EmptyCellsThatNoTotalProvesAreAskedAbout) {
  const Folder folder;
  std::string csv = "booth,electors,Ana,Ben,Cid\n";
  for (int i = 0; i < 20; ++i)
    csv += std::to_string(i + 1) + "," + std::to_string(500 + i) + "," + std::to_string(votes(i, 1)) + "," +
           std::to_string(votes(i, 2)) + "," + (i % 3 == 0 ? "" : std::to_string(votes(i, 3) % 9)) + "\n";
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  ASSERT_THAT(asked.proposal.questions, SizeIs(1)) << asked.proposal.toml;
  EXPECT_EQ(asked.proposal.questions[0].option, "--empty");
  EXPECT_EQ(outcome(file, {.empty = "zero"}).count.units(), 20U);
}

TEST(Kinds, FixedWidthIsReadOnceItsColumnsAreNamed) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 30; ++i)
    text += fmt::format("0620{:04}  {:07}{:07}{:07}\n", i, votes(i, 1) + votes(i, 2) + 50, votes(i, 1), votes(i, 2));
  const auto file = folder.write("x.dat", text);
  EXPECT_EQ(outcome(file).proposal.questions.at(0).option, "--columns");
  const auto read = outcome(file, {.columns = {"key=1-8", "registered=11-17", "Ana=18-24", "Ben=25-31"}});
  EXPECT_EQ(read.count.units(), 30U) << read.proposal.toml;
  EXPECT_EQ(read.count.options(), 2U);
}

TEST(Kinds, AFlagOfAnnulmentIsAskedAboutAndKeptWhenTheAnswerSaysSo) {
  const Folder folder;
  std::string csv = "polling unit,APC,PDP,total,quarantined\n";
  for (int i = 0; i < 30; ++i)
    csv += "PU" + std::to_string(i) + "," + std::to_string(votes(i, 1)) + "," + std::to_string(votes(i, 2)) + "," +
           std::to_string(votes(i, 1) + votes(i, 2)) + (i == 3 ? ",TRUE\n" : ",FALSE\n");
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(outcome(file).proposal.questions.at(0).option, "--leave-out");
  EXPECT_EQ(outcome(file, {.leave_out = {"quarantined=TRUE"}}).count.units(), 29U);
  EXPECT_EQ(outcome(file, {.keep = {"quarantined=TRUE"}}).count.units(), 30U);
}

TEST(Kinds, NamesAndVotesUnderUnknownWordsAreFoundByTheirStructure) {
  const Folder folder;
  std::string csv = "qqa,qqb,qqc,qqd,qqe\n";
  int ana = 0;
  for (int u = 0; u < 12; ++u)
    for (const char* name : {"Ana", "Ben", "Cid", "null votes", "registered voters"}) {
      const bool form = name[0] == 'n', list = name[0] == 'r';
      const int n = list ? 900 : form ? u % 5 : votes(u, name[0]);
      csv += fmt::format("T{},{},{},{},{}\n", u / 4, 500 + u, name, n, 2000 + 3 * u);
      if (name[0] == 'A') ana += n;
    }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 12U) << read.proposal.toml;
  EXPECT_EQ(read.count.options(), 3U);
  EXPECT_EQ(read.totals.at("Ana"), ana);
  EXPECT_EQ(read.totals.at("registered"), 12 * 900);
  EXPECT_TRUE(in_doubt(read.proposal, "names"));
}

TEST(Kinds, NumbersOfTheUnitInEachOfItsRowsAreItsRegisterAndBallots) {
  const Folder folder;
  std::string csv = "Comune;Sezione;Elettori;Votanti;Schede bianche;Schede nulle;Lista;Voti\n";
  Totals totals{{"Alfa", 0}, {"Beta", 0}, {"registered", 0}, {"cast", 0}, {"blank", 0}, {"null", 0}};
  for (int u = 0; u < 15; ++u) {
    const Totals unit{{"Alfa", votes(u, 1)},   {"Beta", votes(u, 2)},
                      {"registered", 700 + u}, {"cast", votes(u, 1) + votes(u, 2) + u % 3 + u % 4},
                      {"blank", u % 3},        {"null", u % 4}};
    for (const auto& [name, value] : unit) totals[name] += value;
    for (const char* list : {"Alfa", "Beta"})
      csv += fmt::format("C{};{};{};{};{};{};{};{}\n", u / 5, u + 1, unit.at("registered"), unit.at("cast"),
                         unit.at("blank"), unit.at("null"), list, unit.at(list));
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.totals, totals) << read.proposal.toml;
  EXPECT_EQ(read.count.units(), 15U);
}

TEST(Kinds, TwoNumbersOfOneNameInAUnitAreAskedAbout) {
  const Folder folder;
  std::string csv = "station,candidate,votes\n";
  for (int u = 0; u < 12; ++u)
    for (const char* name : {"Ana", "Ben"}) csv += fmt::format("S{},{},{}\n", u, name, votes(u, name[0]));
  csv += fmt::format("S5,Ben,{}\n", votes(5, 'B') + 3);
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  ASSERT_THAT(asked.proposal.questions, SizeIs(1)) << asked.proposal.toml;
  EXPECT_EQ(asked.proposal.questions[0].option, "--repeated");
  EXPECT_THAT(asked.proposal.questions[0].text, HasSubstr("1 row has the same name of the same unit"));
  const auto sum = outcome(file, {.repeated = "sum"});
  EXPECT_EQ(sum.count.units(), 12U);
  EXPECT_THAT(sum.count.rejected, IsEmpty());
  const auto apart = outcome(file, {.repeated = "set-aside"});
  EXPECT_THAT(apart.count.rejected, testing::Not(IsEmpty()));
}

TEST(Kinds, CorrectionsOfALongFileAddToTheUnitOrToTheWholeCount) {
  const Folder folder;
  std::string csv = "booth,type,party,n\n";
  Totals totals{{"Ana", 0}, {"Ben", 0}};
  for (int u = 0; u < 10; ++u)
    for (const char* name : {"Ana", "Ben"}) {
      csv += fmt::format("K{},result,{},{}\n", u, name, votes(u, name[0]));
      totals[name] += votes(u, name[0]);
    }
  csv += "K3,adjustment,Ana,-2\nK4,adjustment,Ben,5\nALL,adjustment,Ana,7\nALL,adjustment,Ben,-1\n";
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 10U) << read.proposal.toml;
  EXPECT_EQ(read.totals, (Totals{{"Ana", totals["Ana"] + 5}, {"Ben", totals["Ben"] + 4}}));
}

TEST(Kinds, PapersThatInvalidVotesAndCandidatesMakeUpAreNotValidVotes) {
  const Folder folder;
  std::string csv = "gmina,karty,niewazne,z powodu x,z powodu y,glosy wazne,Ana,Ben\n";
  Totals totals{{"Ana", 0}, {"Ben", 0}};
  for (int u = 0; u < 30; ++u) {
    const int a = votes(u, 1), b = votes(u, 2), x = votes(u, 3) % 9, y = votes(u, 4) % 7;
    csv += fmt::format("G{},{},{},{},{},{},{},{}\n", u, a + b + x + y, x + y, x, y, a + b, a, b);
    totals["Ana"] += a;
    totals["Ben"] += b;
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.options(), 2U) << read.proposal.toml;
  for (const auto& [name, sum] : totals) EXPECT_EQ(read.totals.at(name), sum);
}

TEST(Kinds, AColumnThatIsNearlyAllZeroMakesUpNoBalance) {
  const Folder folder;
  std::string csv = "booth,men voted,women voted,Ana,Ben,Cid,valid votes,third\n";
  for (int u = 0; u < 60; ++u) {
    const int a = votes(u, 1), b = votes(u, 2), c = votes(u, 3), men = (a + b + c) / 2;
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", u + 1, men, a + b + c - men, a, b, c, a + b + c, u == 7 ? 1 : 0);
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.options(), 3U) << read.proposal.toml;
  EXPECT_TRUE(read.count.null.empty()) << read.proposal.toml;
}

TEST(Kinds, OfSeveralColumnsOfBallotsCastTheOneThatAddsUpIsTaken) {
  const Folder folder;
  std::string csv = "station,participated by noon,participated,Ana,Ben,total votes,invalid ballots,registered voters\n";
  std::int64_t cast = 0;
  for (int u = 0; u < 40; ++u) {
    const int a = votes(u, 1), b = votes(u, 2), x = votes(u, 3) % 9, all = a + b + x + (u % 3 == 0 ? 1 : 0);
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", u + 1, all / 2, all, a, b, a + b, x, all + 300);
    cast += all;
  }
  const auto read = outcome(folder.write("x.csv", csv));
  ASSERT_TRUE(read.totals.contains("cast")) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("cast"), cast);
}

TEST(Kinds, CellsThatSayThatNothingIsKnownHideNoColumn) {
  const Folder folder;
  std::string csv = "station,Ana,Ben,total\n";
  int ana = 0;
  for (int u = 0; u < 30; ++u) {
    csv += u % 7 == 0 ? fmt::format("{},NA,NA,NA\n", u + 1)
                      : fmt::format("{},{},{},{}\n", u + 1, votes(u, 1), votes(u, 2), votes(u, 1) + votes(u, 2));
    ana += u % 7 == 0 ? 0 : votes(u, 1);
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.totals.at("Ana"), ana) << read.proposal.toml;
  EXPECT_EQ(read.count.units(), 25U);
  EXPECT_THAT(read.count.rejected, SizeIs(5));
}

TEST(Kinds, LinesThatBlanksFillUpAreOfFixedWidth) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += fmt::format("{:<14}{:>5}{:>6}{:>6}   \n", i % 2 ? "Old Town" : "Rye, Lower", i, votes(i, 1), votes(i, 2));
  EXPECT_EQ(outcome(folder.write("x.txt", text)).proposal.questions.at(0).option, "--columns");
}

TEST(Kinds, OneRowOfProclaimedTotalsIsACount) {
  const Folder folder;
  const auto read = outcome(folder.write("x.csv", "area,Ana,Ben,valid\nall,4100,3900,8000\n"), {.key = {"area"}});
  EXPECT_EQ(read.totals, (Totals{{"Ana", 4100}, {"Ben", 3900}, {"valid", 8000}})) << read.proposal.toml;
}

TEST(Kinds, OptionsOfAFileWithoutAHeaderAreInDoubtAndUnitsCalledPartiesAreAskedAbout) {
  const Folder folder;
  std::string bare, parties = "Party name,North,South,West,Total\n";
  for (int i = 0; i < 20; ++i) {
    const int a = votes(i, 1), b = votes(i, 2), c = votes(i, 3) % 9;
    bare += fmt::format("S{},{},{},{},{}\n", i, a, b, c, a + b + c);
    parties += fmt::format("Party {},{},{},{},{}\n", i, a, b, c, a + b + c);
  }
  EXPECT_TRUE(in_doubt(outcome(folder.write("x.csv", bare), {.header = 0}).proposal, "options"));
  const auto file = folder.write("y.csv", parties);
  EXPECT_EQ(option_of(outcome(file)), "--transposed");
  const auto turned = outcome(file, {.options = {"*"}, .transposed = "yes"});
  EXPECT_EQ(turned.count.units(), 3U) << turned.proposal.toml;  // the total left out
  EXPECT_EQ(turned.count.options(), 20U);
  EXPECT_EQ(turned.totals.at("Party 4"), votes(4, 1) + votes(4, 2) + votes(4, 3) % 9);
}

// The rows of the form have no district, those of a contest all have one: that tells no units apart.
TEST(Kinds, AColumnThatTellsTheVotesFromTheFormIsNoPartOfTheKey) {
  const Folder folder;
  std::string csv = "precinct,office,candidate,district,votes\n";
  Totals totals{{"Ana", 0}, {"Ben", 0}};
  for (int u = 0; u < 30; ++u) {
    csv += fmt::format("{0},REGISTERED VOTERS - TOTAL,,,{1}\n{0},BALLOTS CAST - TOTAL,,,{2}\n", u, 1000 + u, 900 + u);
    for (const char* name : {"Ana", "Ben"}) {
      csv += fmt::format("{},MAYOR,{},STATEWIDE,{}\n", u, name, votes(u, name[0]));
      totals[name] += votes(u, name[0]);
    }
    for (const char* name : {"Cem", "Dan"})
      csv += fmt::format("{},COUNCIL MEMBER,{},WARD {},{}\n", u, name, u % 3, votes(u, name[0]));
  }
  const auto read = outcome(folder.write("x.csv", csv), {.contest_value = "MAYOR"});
  EXPECT_EQ(read.count.units(), 30U) << read.proposal.toml;
  totals["registered"] = 30 * 1000 + 29 * 30 / 2;
  totals["cast"] = 30 * 900 + 29 * 30 / 2;
  EXPECT_EQ(read.totals, totals);
}

TEST(Kinds, AListThatIsCalledBlankIsInDoubtInALongFile) {
  const Folder folder;
  std::string csv = "constituency,party,votes\n";
  for (int u = 0; u < 11; ++u)
    for (const char* party : {"Ana", "Ben", "BLANCO"})
      csv += fmt::format("C{},{},{}\n", u, party, votes(u, party[1]) / (party[1] == 'L' ? 20 : 1));
  EXPECT_TRUE(in_doubt(outcome(folder.write("x.csv", csv)).proposal, "blank votes"));
}

TEST(Kinds, ASummaryOfOneContestIsOneUnit) {
  const Folder folder;
  std::string csv = "line number,contest name,choice name,total votes,registered voters\n";
  for (int contest = 0; contest < 8; ++contest)
    for (int k = 0; k < 3; ++k)
      csv += fmt::format("{},Office {},Person {} {},{},5000\n", contest * 3 + k + 1, contest, contest, k,
                         votes(contest, k));
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(outcome(file).proposal.questions.at(0).option, "--contest");
  const auto read = outcome(file, {.contest_value = "Office 3"});
  EXPECT_EQ(read.count.units(), 1U) << read.proposal.toml;
  EXPECT_EQ(read.count.options(), 3U);
  EXPECT_EQ(read.totals.at("Person 3 1"), votes(3, 1));
}

// ---- summaries, several elections, sheets made for print ----

TEST(Kinds, TheColumnOfVotesOfALongFileInUnknownWordsIsAskedForAndTheAnswerRead) {
  const Folder folder;
  std::string csv = "zone,klub,ekhani,dvane,rank\n";
  Totals totals;
  for (int u = 0; u < 12; ++u)
    for (int k = 0; k < 4; ++k) {
      csv += fmt::format("Z{},Klub {},{},{},{}\n", u, k, votes(u, k), votes(u, k + 7), k == 0 ? 2 : 0);
      totals[fmt::format("Klub {}", k)] += votes(u, k + 7);
    }
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(option_of(outcome(file)), "--option");
  EXPECT_EQ(option_of(outcome(file, {.options = {"dvane"}})), "--names");
  const auto read = outcome(file, {.options = {"dvane"}, .names = "klub"});
  EXPECT_EQ(read.count.units(), 12U) << read.proposal.toml;
  EXPECT_EQ(read.totals, totals);
}

TEST(Kinds, SeveralColumnsOfVotesInUnknownWordsAreAskedForAndAllCanBeTaken) {
  const Folder folder;
  std::string csv = "zone,Aru,Bela,Cimo\n";
  Totals totals;
  for (int u = 0; u < 30; ++u) {
    csv += fmt::format("Z{},{},{},{}\n", u, votes(u, 1), votes(u, 2), votes(u, 3));
    totals["Aru"] += votes(u, 1);
    totals["Bela"] += votes(u, 2);
    totals["Cimo"] += votes(u, 3);
  }
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(option_of(outcome(file)), "--option");
  EXPECT_EQ(outcome(file, {.options = {"*"}}).totals, totals);
}

TEST(Kinds, ANumberOfTheRowTellsNoUnitsApart) {
  const Folder folder;
  std::string csv = "zone,list,seats,place on the ballot,voti\n";
  for (int u = 0; u < 15; ++u)
    for (int k = 0; k < 4; ++k) csv += fmt::format("Z{},List {},{},{},{}\n", u, k, (u + k) % 3, 9 - k, votes(u, k));
  const auto read = outcome(folder.write("x.csv", csv), {.options = {"voti"}, .names = "list"});
  EXPECT_EQ(read.count.units(), 15U) << read.proposal.toml;
}

TEST(Kinds, ConstituenciesInNumbersStayApartWhenAllAreTaken) {
  const Folder folder;
  std::string csv = "pc,booth,candidate,votes\n";
  for (int pc = 1; pc <= 2; ++pc)
    for (int b = 0; b < 30; ++b)
      for (int k = 0; k < 2; ++k) csv += fmt::format("{},{},Person {} {},{}\n", pc, b, pc, k, votes(b, k + pc));
  const auto read = outcome(folder.write("x.csv", csv), {.contest_value = "*"});
  EXPECT_EQ(read.count.units(), 60U) << read.proposal.toml;
}

TEST(Kinds, SeveralElectionsInAFileAreAskedAboutAndOneIsRead) {
  const Folder folder;
  std::string csv = "year,region,party,votes\n", codes = "vote,region,party,votes\n";
  std::int64_t red = 0;
  for (int year : {2012, 2016, 2020})
    for (int u = 0; u < 20; ++u)
      for (const char* party : {"Red", "Blue"}) {
        csv += fmt::format("{},R{},{},{}\n", year, u, party, votes(u + year, party[0]));
        if (year == 2016 && party[0] == 'R') red += votes(u + year, party[0]);
        if (year < 2020)
          codes += fmt::format("{},R{},{},{}\n", year == 2012 ? 1 : 2, u, party, votes(u + year, party[0]));
      }
  const auto file = folder.write("x.csv", csv), coded = folder.write("y.csv", codes);
  for (const auto& asked : {outcome(file), outcome(coded)}) EXPECT_EQ(option_of(asked), "--only");
  const auto read = outcome(file, {.only = {"year=2016"}});
  EXPECT_EQ(read.count.units(), 20U) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("Red"), red);
  EXPECT_EQ(outcome(coded, {.only = {"vote=2"}}).totals.at("Red"), red);
}

TEST(Kinds, ValidPlusRejectedIsNoContest) {
  const Folder folder;
  std::string csv = "station,valid votes,rejected votes,votes cast\n", rows = "station,item,count\n";
  for (int u = 0; u < 20; ++u) {
    csv += fmt::format("S{},{},{},{}\n", u, votes(u, 1), votes(u, 2) % 7, votes(u, 1) + votes(u, 2) % 7);
    rows += fmt::format("S{0},valid votes,{1}\nS{0},rejected votes,{2}\nS{0},votes cast,{3}\n", u, votes(u, 1),
                        votes(u, 2) % 7, votes(u, 1) + votes(u, 2) % 7);
  }
  EXPECT_EQ(option_of(outcome(folder.write("x.csv", csv))), "--option");
  EXPECT_EQ(option_of(outcome(folder.write("y.csv", rows))), "--option");
}

TEST(Kinds, ManyColumnsOfOptionsAddUpToTheColumnCalledValid) {
  const Folder folder;
  std::string csv = "station,valid,rejected,cast";
  for (int k = 0; k < 320; ++k) csv += fmt::format(",Group {}", k);
  for (int u = 0; u < 24; ++u) {
    std::string cells;
    int valid = 0;
    for (int k = 0; k < 320; ++k) {
      const int cell = (u + k) % 8 == 0 ? votes(u, k) : 0;
      cells += fmt::format(",{}", cell);
      valid += cell;
    }
    csv += fmt::format("\nS{},{},{},{}{}", u, valid, u % 5, valid + u % 5, cells);
  }
  const auto read = outcome(folder.write("x.csv", csv + "\n"));
  EXPECT_EQ(read.count.options(), 320U);
  EXPECT_TRUE(read.totals.contains("cast"));
}

TEST(Kinds, RowsBelowATitleAreAPartThatIsAskedFor) {
  const Folder folder;
  std::string csv;
  for (const char* contest : {"Mayor", "Clerk"}) {
    csv += fmt::format("{}\nVote For 1\n,TOTAL,VOTE %\n", contest);
    int sum = 0;
    for (int k = 0; k < 3; ++k) {
      csv += fmt::format("{} {},{},0.3\n", contest, k, votes(k, contest[0]));
      sum += votes(k, contest[0]);
    }
    csv += fmt::format("Total Votes Cast,{},1\nOvervotes,2,\nUndervotes,5,\n\n", sum);
  }
  const auto file = folder.write("x.csv", csv);
  const auto asked = outcome(file);
  EXPECT_EQ(option_of(asked), "--section");
  EXPECT_THAT(asked.proposal.questions.at(0).choices, testing::ElementsAre("Mayor", "Clerk", "*"));
  EXPECT_EQ(option_of(outcome(file, {.section = "Clerk", .options = {"TOTAL"}})), "--names");
  const auto read = outcome(file, {.section = "Clerk", .options = {"TOTAL"}, .names = "#1"});
  EXPECT_EQ(read.count.units(), 1U) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("Clerk 1"), votes(1, 'C'));
  EXPECT_EQ(read.totals.at("blank"), 5);
}

TEST(Kinds, ATitleThatNoRowHasIsAnError) {
  const Folder folder;
  const auto file = folder.write("x.csv", "Mayor\nname,votes\nAna,3\nBen,4\n");
  const auto read = propose(file, {.section = "Sheriff"}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::file_missing);
}

TEST(Kinds, RowsOfAWideFileWithOneKeyAndOtherFiguresAreAskedAbout) {
  const Folder folder;
  std::string csv = "station,Ana,Ben,valid votes\n";
  for (int u = 0; u < 30; ++u)
    csv += fmt::format("S{},{},{},{}\n", u, votes(u, 1), votes(u, 2), votes(u, 1) + votes(u, 2));
  const auto whole = outcome(folder.write("x.csv", csv)).totals;
  const auto file = folder.write("y.csv", csv + "S7,5,6,11\n");
  EXPECT_EQ(option_of(outcome(file)), "--repeated");
  const auto first = outcome(file, {.repeated = "set-aside"});
  EXPECT_EQ(first.totals, whole);
  EXPECT_THAT(first.count.rejected, SizeIs(1));
  const auto sum = outcome(file, {.repeated = "sum"});
  EXPECT_EQ(sum.count.units(), 30U);
  EXPECT_EQ(sum.totals.at("Ana"), whole.at("Ana") + 5);
  EXPECT_EQ(sum.totals.at("valid"), whole.at("valid") + 11);
  EXPECT_THAT(sum.count.rejected, IsEmpty());
}

// The unit's register beside each party and once more as a total: the numbers of parties are not added up.
TEST(Kinds, ARegisterGivenPerPartyIsNoNumberOfTheUnit) {
  const Folder folder;
  std::string csv = "precinct,office,party,candidate,votes\n";
  for (int u = 0; u < 20; ++u) {
    csv += fmt::format(
        "{0},REGISTERED VOTERS - TOTAL,,,{1}\n{0},REGISTERED VOTERS - TOTAL,RED,,{2}\n"
        "{0},REGISTERED VOTERS - TOTAL,BLUE,,{3}\n",
        u, 1000, 600, 400);
    for (const char* party : {"RED", "BLUE"})
      csv += fmt::format("{},MAYOR,{},{} Candidate,{}\n", u, party, party, votes(u, party[0]));
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 20U) << read.proposal.toml;
  EXPECT_FALSE(read.totals.contains("registered"));
  EXPECT_TRUE(in_doubt(read.proposal, "registered voters"));
}

TEST(Kinds, ADifferenceOfTwoColumnsIsNoOption) {
  const Folder folder;
  std::string csv = "county,votes_red,votes_blue,total_votes,diff\n";
  for (int u = 0; u < 30; ++u) {
    const int blue = votes(u, 1), red = blue + votes(u, 2);
    csv += fmt::format("C{},{},{},{},{}\n", u, red, blue, red + blue + u % 4, red - blue);
  }
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.options(), 2U) << read.proposal.toml;
  EXPECT_FALSE(read.totals.contains("diff"));
}

TEST(Kinds, CodesWithoutLettersAreNoNames) {
  const Folder folder;
  std::string csv = "zone,klub,voti\n";
  for (int u = 0; u < 40; ++u)
    for (int k = 0; k < 3; ++k) csv += fmt::format("01-{:03},Klub {},{}\n", u, k, votes(u, k));
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 40U) << read.proposal.toml;
  EXPECT_EQ(read.count.options(), 3U);
}

TEST(Kinds, SeatsBesideValidVotesAreNoVotes) {
  const Folder folder;
  std::string csv = "entity,valid,rejected,Aru,Bela\n";
  for (int u = 0; u < 30; ++u)
    csv += fmt::format("E{},{},{},{},{}\n", u, 5000 + votes(u, 1), votes(u, 2), u % 13, u % 11);
  EXPECT_EQ(option_of(outcome(folder.write("x.csv", csv))), "--option");
}

// The total is nearly the sum of one level; some rows of a finer one stand beside it.
TEST(Kinds, LevelsThatNearlyAddUpAreReadOnceAndInDoubt) {
  const Folder folder;
  std::string rows;
  int aru = 0, bela = 0;
  for (int u = 10; u < 20; ++u) {
    const int a = 1000 + 7 * votes(u, 1), b = 900 + 5 * votes(u, 2);
    rows += fmt::format("E-{},{},{},{}\n", u, a + b, a, b);
    aru += a;
    bela += b;
    if (u < 13) rows += fmt::format("E-{}A,{},{},{}\n", u, a / 2 + b / 2, a / 2, b / 2);
  }
  const auto file = folder.write(
      "x.csv", "entity,valid,Aru,Bela\n" + rows + fmt::format("E,{},{},{}\n", aru + bela + 1, aru + 2, bela - 1));
  const auto read = outcome(file);
  EXPECT_EQ(read.count.units(), 10U) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("Aru"), aru);
  EXPECT_TRUE(in_doubt(read.proposal, "total rows"));
}

TEST(Kinds, TotalsOfDistrictsWithTheLastCodesAreLeftOut) {
  const Folder folder;
  std::string csv = "section,Ana,Ben,valid votes\n";
  int ana[4] = {}, ben[4] = {}, all_ana = 0, all_ben = 0;
  for (int u = 1; u <= 20; ++u) {
    const int a = votes(u, 1), b = votes(u, 2), d = (u * 7) % 4;
    csv += fmt::format("{:03},{},{},{}\n", u, a, b, a + b);
    ana[d] += a;
    ben[d] += b;
    all_ana += a;
    all_ben += b;
  }
  for (int d = 0; d < 4; ++d) csv += fmt::format("99{},{},{},{}\n", d + 1, ana[d], ben[d], ana[d] + ben[d]);
  csv += fmt::format("999,{},{},{}\n", all_ana, all_ben, all_ana + all_ben);
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 20U) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("Ana"), all_ana);
}

TEST(Kinds, TheSexOfACandidateIsNoName) {
  const Folder folder;
  std::string csv = "pc,candidate name,candidate sex,party abbreviation,total votes polled,position\n";
  for (int u = 0; u < 30; ++u)
    for (int k = 0; k < 4; ++k)
      csv += fmt::format("PC {},Person {} {},{},P{},{},{}\n", u, u, k, k == 2 ? 'F' : 'M', k, votes(u, k), k + 1);
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_TRUE(option_of(read) == "--contest" || read.count.options() == 4U) << read.proposal.toml;
}

TEST(Kinds, AColumnOfHundredsBesidePercentagesHoldsNoVotes) {
  const Folder folder;
  std::string csv = "Party,Aru,Bela,Votes\n";
  for (int u = 0; u < 30; ++u)
    csv += fmt::format("Town {0},{1}.5,{2}.5,100.0\n", u, votes(u, 1) % 60, 99 - votes(u, 1) % 60);
  EXPECT_EQ(option_of(outcome(folder.write("x.csv", csv))), "--option");
}

TEST(Kinds, AllColumnsIncludeThoseOfFewVotes) {
  const Folder folder;
  std::string csv = "zone,Aru,Bela,Dim\n";
  for (int u = 0; u < 30; ++u) csv += fmt::format("Z{},{},{},{}\n", u, votes(u, 1), votes(u, 2), u == 12 ? 1 : 0);
  EXPECT_EQ(outcome(folder.write("x.csv", csv), {.options = {"*"}}).totals.at("Dim"), 1);
}

TEST(Kinds, ATotalThatStandsTwiceIsLeftOutTwice) {
  const Folder folder;
  std::string csv = "station,Ana,Ben,valid votes\n";
  int ana = 0, ben = 0;
  for (int u = 0; u < 20; ++u) {
    csv += fmt::format("S{},{},{},{}\n", u, votes(u, 1), votes(u, 2), votes(u, 1) + votes(u, 2));
    ana += votes(u, 1);
    ben += votes(u, 2);
  }
  for (const char* name : {"all stations", ""}) csv += fmt::format("{},{},{},{}\n", name, ana, ben, ana + ben);
  const auto read = outcome(folder.write("x.csv", csv));
  EXPECT_EQ(read.count.units(), 20U) << read.proposal.toml;
  EXPECT_EQ(read.totals.at("Ana"), ana);
}

TEST(Kinds, CountriesWithPartiesOfTheirOwnAreAskedAboutBesideOneOffice) {
  const Folder folder;
  std::string csv = "country,election,region,party,votes\n";
  for (int c = 0; c < 3; ++c)
    for (int u = 0; u < 10; ++u)
      for (int k = 0; k < 3; ++k)
        csv += fmt::format("Land {},parliament,R{}-{},Party {} of {},{}\n", c, c, u, k, c, votes(u, k + c));
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(option_of(outcome(file)), "--contest");
  EXPECT_EQ(outcome(file, {.contest_value = "Land 1"}).count.units(), 10U);
}

}  // namespace
}  // namespace cotejo::test
