#include "cotejo/exchange/exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-exchange-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path at(const std::string& name) const { return path_ / name; }
  fs::path write(const std::string& name, std::string_view text) const {
    std::ofstream(at(name), std::ios::binary) << text;
    return at(name);
  }

 private:
  fs::path path_;
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Everything that a count may have, with texts that formats trip over.
Count everything() {
  Count count;
  count.id = CountId{"xx-2020/final"};
  count.title = "=cmd|' /C calc'!A0 <b>\"Ñandú\"</b>";
  count.contest = {ContestId{"xx-2020/president"},
                   "President, first round",
                   {{OptionId{"A"}, "Ana & Co"}, {OptionId{"B"}, "Ben \"B\""}, {OptionId{"C"}, "Ψ"}}};
  count.unit_name = "polling table";
  count.date = "2020-10-18";
  count.as_of = "2020-10-19T01:02:03";
  count.snapshot_of = CountId{"xx-2020/official"};
  count.official = true;
  count.valid_basis = ValidBasis::reported;
  count.caveats = {"A caveat; with \"marks\""};
  count.source = "Commission; <https://example.org>";
  count.hierarchy = Hierarchy({"country", "state", "precinct"});
  const auto country = count.hierarchy.add(no_place, "X", "ocd-division/country:xx");
  const auto state = count.hierarchy.add(country, "S, the first");
  const auto other = count.hierarchy.add(country, "T");
  for (const char* key : {"ocd-division/country:xx/precinct:1", "two", "3", "4"}) count.unit_keys.push_back(key);
  count.unit_place = {count.hierarchy.add(state, "School", "p1"), count.hierarchy.add(other, "School", "p2"), no_place,
                      count.hierarchy.add(state, "Hall")};
  count.votes = {10, 20, 0, 2147483647, 5, 6, 7, 8, 0, 0, 1, 2};
  count.registered = {100, missing, 300, 1};
  count.cast = {15, 26, missing, 10};
  count.valid = {15, 26, 8, 10};
  count.blank = {missing, missing, missing, missing};
  count.null = {0, 1, 2, 3};
  count.fields = {{"papers", "Papers received", {9, 8, missing, 1}}, {"seals", "Seals", {1, 1, 1, 1}}};
  count.checks = {{"c", {"papers"}, Relation::at_least, {"options", "null"}, "papers >= votes"},
                  {"d", {"cast"}, Relation::at_most, {"registered"}, ""}};
  count.latitude = {-16.5, std::nan(""), 0.1, 89.999999};
  count.longitude = {-68.15, std::nan(""), -0.1, 179.5};
  count.sha256 = count.content_hash();
  return count;
}

std::vector<Count> read_file(const fs::path& file, const std::string& prefix = "in") {
  const auto format = *exchange_format_of(file);
  EXPECT_TRUE(format) << file;
  if (!format) return {};
  auto counts = read_exchange(file, *format, prefix, {});
  EXPECT_TRUE(counts) << describe(counts.error());
  return counts ? *counts : std::vector<Count>{};
}

TEST(Nist, ACountComesBackAsItWas) {
  const Folder folder;
  const Count count = everything();
  ASSERT_TRUE(write_nist(count, folder.at("x.json")));
  const auto back = read_file(folder.at("x.json"));
  ASSERT_THAT(back, SizeIs(1));
  const Count& b = back[0];
  EXPECT_EQ(b.content_hash(), count.content_hash());
  EXPECT_EQ(b.sha256, count.sha256);
  EXPECT_EQ(b.id, count.id);
  EXPECT_EQ(b.title, count.title);
  EXPECT_EQ(b.contest.id, count.contest.id);
  EXPECT_EQ(b.contest.title, count.contest.title);
  EXPECT_EQ(b.contest.options[1].name, count.contest.options[1].name);
  EXPECT_EQ(b.unit_name, count.unit_name);
  EXPECT_EQ(b.date + b.as_of + b.snapshot_of.text, count.date + count.as_of + count.snapshot_of.text);
  EXPECT_EQ(b.official, count.official);
  EXPECT_EQ(b.valid_basis, count.valid_basis);
  EXPECT_EQ(b.caveats, count.caveats);
  EXPECT_EQ(b.source, count.source);
  EXPECT_EQ(b.hierarchy.levels(), count.hierarchy.levels());
  EXPECT_EQ(b.hierarchy.path(b.unit_place[1]), "X / T / School");
  ASSERT_EQ(b.checks.size(), 2U);
  EXPECT_EQ(b.checks[0].relation, Relation::at_least);
  EXPECT_EQ(b.fields[0].name, "Papers received");
  EXPECT_DOUBLE_EQ(b.latitude[3], 89.999999);
  EXPECT_TRUE(std::isnan(b.longitude[1]));
  EXPECT_EQ(b.blank, count.blank) << "a column that is reported and empty throughout";
  // And the file is the same again: nothing was lost on the way.
  ASSERT_TRUE(write_nist(b, folder.at("y.json")));
  EXPECT_EQ(text_of(folder.at("x.json")), text_of(folder.at("y.json")));
}

TEST(Nist, OpenCivicDataIdsAreMarkedAsSuch) {
  const Folder folder;
  ASSERT_TRUE(write_nist(everything(), folder.at("x.json")));
  const auto json = Json::parse(text_of(folder.at("x.json")));
  std::vector<std::string> ocd;
  for (const auto& unit : json["GpUnit"])
    for (const auto& id : unit.value("ExternalIdentifier", Json::array()))
      if (id["Type"] == "ocd-id") ocd.push_back(id["Value"]);
  EXPECT_THAT(ocd, ElementsAre("ocd-division/country:xx", "ocd-division/country:xx/precinct:1"));
}

// A report of another program, after the specification: two contests, modes of voting, a county that adds its precincts
// up, parties, a write-in, overvotes.
Json foreign() {
  const auto text = [](const char* content) {
    return Json{{"@type", "ElectionResults.InternationalizedText"},
                {"Text", {{{"@type", "ElectionResults.LanguageString"}, {"Content", content}, {"Language", "en"}}}}};
  };
  const auto unit = [&](const char* id, const char* type, const char* name, const char* ocd) {
    return Json{{"@type", "ElectionResults.ReportingUnit"},
                {"@id", id},
                {"Type", type},
                {"Name", text(name)},
                {"ExternalIdentifier",
                 {{{"@type", "ElectionResults.ExternalIdentifier"}, {"Type", "ocd-id"}, {"Value", ocd}}}}};
  };
  const auto votes = [](const char* unit_id, const char* type, int count) {
    return Json{{"@type", "ElectionResults.VoteCounts"}, {"GpUnitId", unit_id}, {"Type", type}, {"Count", count}};
  };
  Json state = unit("s", "state", "Washington", "ocd-division/country:us/state:wa");
  state["ComposingGpUnitIds"] = {"c"};
  Json county = unit("c", "county", "King", "ocd-division/country:us/state:wa/county:king");
  county["ComposingGpUnitIds"] = {"p1", "p2"};
  Json p1 = unit("p1", "precinct", "Precinct 1", "ocd-division/country:us/state:wa/county:king/precinct:1");
  p1["VotersRegistered"] = 500;
  Json p2 = unit("p2", "precinct", "Precinct 2", "ocd-division/country:us/state:wa/county:king/precinct:2");
  p2["VotersRegistered"] = 600;
  const Json ana = {{"@type", "ElectionResults.CandidateSelection"},
                    {"@id", "sa"},
                    {"CandidateIds", {"ana"}},
                    {"VoteCounts",
                     {votes("p1", "election-day", 100), votes("p1", "absentee", 20), votes("p2", "total", 50),
                      votes("c", "total", 170)}}};
  const Json ben = {{"@type", "ElectionResults.CandidateSelection"},
                    {"@id", "sb"},
                    {"CandidateIds", {"ben"}},
                    {"VoteCounts",
                     {votes("p1", "total", 80), votes("p1", "election-day", 70), votes("p2", "total", 90),
                      votes("c", "total", 170)}}};
  const Json written = {{"@type", "ElectionResults.CandidateSelection"},
                        {"@id", "sw"},
                        {"IsWriteIn", true},
                        {"VoteCounts", {votes("p1", "total", 3)}}};
  const Json yes = {{"@type", "ElectionResults.BallotMeasureSelection"},
                    {"@id", "y"},
                    {"Selection", text("Yes")},
                    {"VoteCounts", {votes("p1", "total", 111), votes("p2", "total", 112)}}};
  const Json no = {{"@type", "ElectionResults.BallotMeasureSelection"},
                   {"@id", "n"},
                   {"Selection", text("No")},
                   {"VoteCounts", {votes("p1", "total", 90), votes("p2", "total", 20)}}};
  return {
      {"@type", "ElectionResults.ElectionReport"},
      {"Format", "precinct-level"},
      {"GeneratedDate", "2024-11-06T08:00:00Z"},
      {"Issuer", "Elections Office"},
      {"Status", "certified"},
      {"Person", Json::array({{{"@type", "ElectionResults.Person"}, {"@id", "x"}}})},
      {"GpUnit", {state, county, p1, p2}},
      {"Election",
       {{{"@type", "ElectionResults.Election"},
         {"StartDate", "2024-11-05"},
         {"EndDate", "2024-11-05"},
         {"ElectionScopeId", "s"},
         {"Name", text("General")},
         {"Type", "general"},
         {"Candidate",
          {{{"@type", "ElectionResults.Candidate"}, {"@id", "ana"}, {"BallotName", text("Ana")}},
           {{"@type", "ElectionResults.Candidate"}, {"@id", "ben"}, {"BallotName", text("Ben")}}}},
         {"BallotCounts",
          {{{"@type", "ElectionResults.BallotCounts"}, {"GpUnitId", "p1"}, {"Type", "total"}, {"BallotsCast", 210}}}},
         {"Contest",
          {{{"@type", "ElectionResults.CandidateContest"},
            {"@id", "g"},
            {"Name", "Governor"},
            {"ElectionDistrictId", "s"},
            {"VotesAllowed", 1},
            {"ContestSelection", {ana, ben, written}},
            {"OtherCounts",
             {{{"@type", "ElectionResults.OtherCounts"}, {"GpUnitId", "p1"}, {"Overvotes", 2}, {"Undervotes", 5}}}}},
           {{"@type", "ElectionResults.BallotMeasureContest"},
            {"@id", "m"},
            {"Name", "Measure 1"},
            {"ElectionDistrictId", "s"},
            {"ContestSelection", {yes, no}}}}}}}}};
}

TEST(Nist, AForeignReportBecomesACountPerContest) {
  const Folder folder;
  const auto counts = read_file(folder.write("x.json", foreign().dump()), "wa-2024");
  ASSERT_THAT(counts, SizeIs(2));
  const Count& governor = counts[0];
  EXPECT_EQ(governor.id.text, "wa-2024/Governor");
  EXPECT_EQ(governor.unit_keys[1], "ocd-division/country:us/state:wa/county:king/precinct:2");
  EXPECT_THAT(governor.votes, ElementsAre(120, 50, 80, 90, 3, 0));
  EXPECT_EQ(governor.contest.options[2].name, "Write-in");
  EXPECT_THAT(governor.registered, ElementsAre(500, 600));
  EXPECT_THAT(governor.cast, ElementsAre(210, missing));
  EXPECT_THAT(governor.hierarchy.levels(), ElementsAre("state", "county"));
  EXPECT_EQ(governor.hierarchy.path(governor.unit_place[0]), "Washington / King");
  std::string caveats;
  for (const auto& caveat : governor.caveats) caveats += caveat + "\n";
  EXPECT_THAT(caveats, HasSubstr("1 larger areas state votes as well"));
  EXPECT_THAT(caveats, HasSubstr("1 numbers of votes have no total"));
  EXPECT_THAT(caveats, HasSubstr("1 numbers of votes are not the sum of their modes"));
  EXPECT_THAT(caveats, HasSubstr("1 numbers of votes are not in the report"));
  EXPECT_THAT(caveats, HasSubstr("ElectionReport.Person"));
  ASSERT_THAT(governor.fields, SizeIs(2));
  EXPECT_EQ(governor.fields[0].name, "overvotes");
  EXPECT_THAT(governor.fields[1].values, ElementsAre(5, missing));
  EXPECT_THAT(counts[1].votes, ElementsAre(111, 112, 90, 20));
  EXPECT_EQ(counts[1].contest.options[0].name, "Yes");
}

TEST(Nist, WhatWasReadFromAForeignReportIsWrittenAndReadTheSame) {
  const Folder folder;
  for (const auto& count : read_file(folder.write("x.json", foreign().dump()), "wa-2024")) {
    ASSERT_TRUE(write_nist(count, folder.at("again.json")));
    const auto back = read_file(folder.at("again.json"));
    ASSERT_THAT(back, SizeIs(1));
    EXPECT_EQ(back[0].content_hash(), count.content_hash());
    EXPECT_EQ(back[0].caveats, count.caveats);
  }
}

struct Fault {
  const char* name;
  std::function<void(Json&)> damage;
  const char* says;
};
class NistFaults : public testing::TestWithParam<Fault> {};
TEST_P(NistFaults, AreNamed) {
  Json report = foreign();
  GetParam().damage(report);
  const auto counts = read_nist(report.dump(), "x.json", "in");
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, ErrorCode::file_damaged);
  EXPECT_THAT(describe(counts.error()), HasSubstr(GetParam().says));
}
Json& first_votes(Json& report) {
  return report["Election"][0]["Contest"][0]["ContestSelection"][0]["VoteCounts"][0];
}
INSTANTIATE_TEST_SUITE_P(
    Exchange, NistFaults,
    testing::Values(
        Fault{"negative", [](Json& r) { first_votes(r)["Count"] = -1; }, "expected a whole number"},
        Fault{"fraction", [](Json& r) { first_votes(r)["Count"] = 1.5; }, "expected a whole number"},
        Fault{"too_large", [](Json& r) { first_votes(r)["Count"] = 1e12; }, "expected a whole number"},
        Fault{"text", [](Json& r) { first_votes(r)["Count"] = "9"; }, "no number"},
        Fault{"dangling_unit", [](Json& r) { first_votes(r)["GpUnitId"] = "nowhere"; }, "no GpUnit has this id"},
        Fault{"dangling_candidate",
              [](Json& r) { r["Election"][0]["Contest"][0]["ContestSelection"][0]["CandidateIds"][0] = "x"; },
              "no candidate or party"},
        Fault{"unit_twice", [](Json& r) { r["GpUnit"].push_back(r["GpUnit"][2]); }, "two GpUnits have this id"},
        Fault{"circle", [](Json& r) { r["GpUnit"][2]["ComposingGpUnitIds"] = {"s"}; }, "in a circle"},
        Fault{"total_twice",
              [](Json& r) {
                auto& v = r["Election"][0]["Contest"][0]["ContestSelection"][1]["VoteCounts"];
                v.push_back(v[0]);
              },
              "two totals"},
        Fault{"no_contest", [](Json& r) { r["Election"][0]["Contest"] = Json::array(); }, "no contest"},
        Fault{"list_for_object", [](Json& r) { r["Election"][0]["Contest"][0] = Json::array(); }, "Name is missing"},
        Fault{"object_for_list",
              [](Json& r) {
                r["GpUnit"] = Json::object({{"a", 1}});
              },
              "expected a list"},
        Fault{"another_type", [](Json& r) { r["@type"] = "CVR.CastVoteRecordReport"; }, "no ElectionReport"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Nist, DeepJsonAndCutJsonAreNamed) {
  const std::string deep = "{\"@type\":\"ElectionResults.ElectionReport\",\"GpUnit\":" + std::string(2'000'000, '[') +
                           std::string(2'000'000, ']') + "}";
  const auto counts = read_nist(deep, "x.json", "in");
  ASSERT_FALSE(counts);
  EXPECT_THAT(counts.error().message, HasSubstr("64 levels deep"));
  const auto text = foreign().dump();
  EXPECT_FALSE(read_nist(text.substr(0, text.size() - 5), "x.json", "in"));
}

// ---- EML ----

// After the standard (OASIS EML 5.0, 510): two reporting units, two affiliations with candidates, rejected votes.
const char* eml_document = R"(<?xml version="1.0" encoding="UTF-8"?>
<EML xmlns="urn:oasis:names:tc:evs:schema:eml" xmlns:kr="http://example.org/extension" Id="510b" SchemaVersion="5">
  <Count><EventIdentifier/><Election>
    <ElectionIdentifier Id="E1"><ElectionName>Council</ElectionName><ElectionDate>2020-01-01</ElectionDate></ElectionIdentifier>
    <Contests><Contest><ContestIdentifier Id="geen"/>
      <TotalVotes>
        <Selection><AffiliationIdentifier Id="1"><RegisteredName>List One</RegisteredName></AffiliationIdentifier><ValidVotes>30</ValidVotes></Selection>
        <Selection><Candidate><CandidateIdentifier Id="1"/></Candidate><ValidVotes>30</ValidVotes></Selection>
        <Selection><AffiliationIdentifier Id="2"><RegisteredName>List Two &amp; Co</RegisteredName></AffiliationIdentifier><ValidVotes>51</ValidVotes></Selection>
        <Cast>200</Cast><TotalCounted>80</TotalCounted>
      </TotalVotes>
      <ReportingUnitVotes><ReportingUnitIdentifier Id="0001::SB1">Unit 1</ReportingUnitIdentifier>
        <Selection><AffiliationIdentifier Id="1"><RegisteredName>List One</RegisteredName></AffiliationIdentifier><ValidVotes>10</ValidVotes></Selection>
        <Selection><Candidate><CandidateIdentifier Id="1"/></Candidate><ValidVotes>10</ValidVotes></Selection>
        <Selection><AffiliationIdentifier Id="2"/><ValidVotes>20</ValidVotes></Selection>
        <Cast>100</Cast><TotalCounted>30</TotalCounted>
        <RejectedVotes ReasonCode="blanco">1</RejectedVotes><RejectedVotes ReasonCode="ongeldig">2</RejectedVotes>
        <UncountedVotes ReasonCode="geldige stempassen">33</UncountedVotes>
      </ReportingUnitVotes>
      <ReportingUnitVotes><ReportingUnitIdentifier Id="0001::SB2">Unit 2</ReportingUnitIdentifier>
        <Selection><AffiliationIdentifier Id="1"/><ValidVotes>20</ValidVotes></Selection>
        <Selection><AffiliationIdentifier Id="2"/><ValidVotes>30</ValidVotes></Selection>
        <Cast>100</Cast><TotalCounted>50</TotalCounted>
        <RejectedVotes ReasonCode="blanco">0</RejectedVotes><RejectedVotes ReasonCode="ongeldig">1</RejectedVotes>
      </ReportingUnitVotes>
    </Contest></Contests></Election></Count></EML>)";

TEST(Eml, AContestBecomesACountOfItsAffiliations) {
  const Folder folder;
  const auto counts = read_file(folder.write("x.eml.xml", eml_document), "nl");
  ASSERT_THAT(counts, SizeIs(1));
  const Count& count = counts[0];
  EXPECT_EQ(count.id.text, "nl/Council");
  EXPECT_EQ(count.unit_keys[0], "0001::SB1");
  EXPECT_EQ(count.contest.options[1].name, "List Two & Co");
  EXPECT_THAT(count.votes, ElementsAre(10, 20, 20, 30));
  EXPECT_THAT(count.valid, ElementsAre(30, 50));
  EXPECT_THAT(count.blank, ElementsAre(1, 0));
  EXPECT_THAT(count.null, ElementsAre(2, 1));
  EXPECT_THAT(count.registered, ElementsAre(100, 100));
  ASSERT_THAT(count.fields, SizeIs(1));
  EXPECT_THAT(count.fields[0].values, ElementsAre(33, missing));
  EXPECT_THAT(count.caveats,
              Contains(HasSubstr("states 51 votes for 'List Two & Co' in all; its reporting units have 50")));
}

struct EmlFault {
  const char *name, *from, *to, *says;
};
class EmlFaults : public testing::TestWithParam<EmlFault> {};
TEST_P(EmlFaults, AreNamed) {
  std::string xml = eml_document;
  const auto at = xml.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  xml.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const auto counts = read_eml(xml, "x.xml", "nl");
  ASSERT_FALSE(counts);
  EXPECT_THAT(describe(counts.error()), HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Exchange, EmlFaults,
    testing::Values(EmlFault{"another_document", "Id=\"510b\"", "Id=\"230\"", "no EML document of type 510"},
                    EmlFault{"a_negative_number", "<ValidVotes>10<", "<ValidVotes>-1<", "expected a whole number"},
                    EmlFault{"a_unit_twice", "0001::SB2", "0001::SB1", "there twice"},
                    EmlFault{"cut_short", "</Contest></Contests>", "", "not XML, or it is cut short"},
                    EmlFault{"no_units", "<Contest><ContestIdentifier Id=\"geen\"/>",
                             "<Contest><ContestIdentifier Id=\"geen\"/></Contest><Contest>", "no ReportingUnitVotes"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Eml, EntitiesOfADocumentsOwnAreNotExpandedAndDepthIsBounded) {
  std::string laughs = "<!DOCTYPE x [<!ENTITY a0 \"ha\">";
  for (int i = 1; i < 30; ++i)
    laughs +=
        "<!ENTITY a" + std::to_string(i) + " \"&a" + std::to_string(i - 1) + ";&a" + std::to_string(i - 1) + ";\">";
  std::string xml = eml_document;
  xml.insert(xml.find("<EML"), laughs + "]>");
  xml.replace(xml.find("Council"), 7, "&a29;");
  const auto counts = read_eml(xml, "x.xml", "nl");
  if (counts) {
    EXPECT_LT(counts->at(0).contest.title.size(), 100U);
  }
  std::string deep = "<EML Id=\"510\">";
  for (int i = 0; i < 300'000; ++i) deep += "<a>";
  EXPECT_FALSE(read_eml(deep, "x.xml", "nl"));
}

// ---- CSV ----

TEST(OpenElections, EveryContestBecomesACount) {
  const Folder folder;
  const auto counts = read_file(folder.write("20201103__xx__general__precinct.csv",
                                             "county,precinct,office,district,party,candidate,votes,early_voting\n"
                                             "Adams,P1,Registered Voters,,,,\"1,200\",\n"
                                             "Adams,P1,Ballots Cast,,,,900,\n"
                                             "Adams,P1,President,,DEM,Ana,500,1\n"
                                             "Adams,P1,President,,REP,Ben,390,1\n"
                                             "Adams,P1,President,,,Over Votes,3,\n"
                                             "Adams,P1,President,,,Under Votes,7,\n"
                                             "Adams,P2,President,,DEM,Ana,10,\n"
                                             "Adams,Total,President,,DEM,Ana,510,\n"
                                             "Adams,P1,State House,4,DEM,Cid,300,\n"
                                             "Brown,P1,State House,5,DEM,Dov,77,\n"),
                                "us-2020");
  ASSERT_THAT(counts, SizeIs(3));
  const Count& president = counts[0];
  EXPECT_EQ(president.id.text, "us-2020/President");
  EXPECT_EQ(president.unit_keys[1], "Adams/P2");
  EXPECT_THAT(president.votes, ElementsAre(500, 10, 390, 0));
  EXPECT_EQ(president.contest.options[0].name, "Ana (DEM)");
  EXPECT_THAT(president.registered, ElementsAre(1200, missing));
  EXPECT_THAT(president.cast, ElementsAre(900, missing));
  EXPECT_THAT(president.null, ElementsAre(3, missing));
  EXPECT_THAT(president.blank, ElementsAre(7, missing));
  EXPECT_EQ(counts[2].id.text, "us-2020/State-House-5");
  EXPECT_EQ(counts[2].hierarchy.path(counts[2].unit_place[0]), "Brown");
}

TEST(OpenElections, WhatIsWrittenKeepsEveryVote) {
  const Folder folder;
  ASSERT_TRUE(write_openelections(everything(), folder.at("x.csv")));
  const auto back = read_file(folder.at("x.csv"));
  ASSERT_THAT(back, SizeIs(1));
  EXPECT_THAT(back[0].votes, ElementsAre(10, 20, 0, 2147483647, 5, 6, 7, 8, 0, 0, 1, 2));
  EXPECT_THAT(back[0].registered, ElementsAre(100, missing, 300, 1));
  EXPECT_EQ(text_of(folder.at("x.csv")).find("\n=cmd"), std::string::npos);
}

TEST(LongCsv, WhatIsWrittenKeepsEveryNumberAndPlace) {
  const Folder folder;
  const Count count = everything();
  ASSERT_TRUE(write_long_csv(count, folder.at("x.csv")));
  const auto back = read_file(folder.at("x.csv"));
  ASSERT_THAT(back, SizeIs(1));
  EXPECT_EQ(back[0].votes, count.votes);
  EXPECT_EQ(back[0].registered, count.registered);
  EXPECT_EQ(back[0].valid, count.valid);
  EXPECT_EQ(back[0].fields[0].values, count.fields[0].values);
  EXPECT_EQ(back[0].hierarchy.path(back[0].unit_place[0]), "X / S, the first / School");
  EXPECT_EQ(back[0].hierarchy[back[0].unit_place[0]].code, "p1");
  EXPECT_EQ(back[0].unit_place[2], no_place);
  EXPECT_DOUBLE_EQ(back[0].latitude[3], 89.999999);
}

TEST(LongCsv, FaultsAreNamedWithRowAndColumn) {
  const Folder folder;
  const auto error_of = [&](const std::string& rows) {
    const auto file = folder.write("x.csv", "unit,town,quantity,value\n" + rows);
    const auto counts = read_exchange(file, ExchangeFormat::long_csv, "in", {});
    EXPECT_FALSE(counts) << rows;
    return counts ? Error{} : counts.error();
  };
  EXPECT_EQ(error_of("1,T,option:A,x\n").column, "value");
  EXPECT_EQ(error_of("1,T,colour,1\n").column, "quantity");
  EXPECT_EQ(error_of("1,T,option:A,1\n1,T,option:A,2\n").row, 3);
  EXPECT_EQ(error_of(",T,option:A,1\n").column, "unit");
  EXPECT_THAT(error_of("1,T,registered,1\n").message, HasSubstr("no options"));
}

TEST(Formats, AreKnownByContent) {
  const Folder folder;
  EXPECT_EQ(*exchange_format_of(folder.write("a", "\xEF\xBB\xBF {\"@type\": 1}")), ExchangeFormat::nist);
  EXPECT_EQ(*exchange_format_of(folder.write("a", "<?xml version=\"1.0\"?><EML/>")), ExchangeFormat::eml);
  EXPECT_EQ(*exchange_format_of(folder.write("a", "County,Precinct,Office,District,Party,Candidate,Votes\n")),
            ExchangeFormat::openelections);
  EXPECT_EQ(*exchange_format_of(folder.write("a", "unit,quantity,value\n")), ExchangeFormat::long_csv);
  EXPECT_EQ(*exchange_format_of(folder.write("a", "unit,a,b\n1,2,3\n")), std::nullopt);
  EXPECT_EQ(*exchange_format_of(folder.write("a", "")), std::nullopt);
  EXPECT_EQ(*exchange_format_of(folder.at("absent")), std::nullopt);
}

TEST(Formats, ARecognitionThatIsStoppedIsNoUnknownFormat) {
  const Folder folder;
  std::stop_source stop;
  stop.request_stop();
  const auto format = exchange_format_of(folder.write("a", "unit,quantity,value\n"), stop.get_token());
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace cotejo
