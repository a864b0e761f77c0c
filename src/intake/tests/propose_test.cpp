// Files of shapes that no rule was written for: the proposal imports with the right totals, or asks what would make it.
#include "cotejo/intake/propose.hpp"

#include <numeric>

#include "cotejo/intake/role_words.hpp"
#include "intake_test_support.hpp"

namespace cotejo::test {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Proposal proposed(const std::filesystem::path& file, const ProposeOptions& options = {}) {
  auto proposal = propose(file, options, {});
  EXPECT_TRUE(proposal) << describe(proposal.error());
  return proposal ? *proposal : Proposal{};
}

struct Read {
  Count count;
  Profile profile;
};
Read imported(const std::filesystem::path& file, const ProposeOptions& options = {}) {
  const auto proposal = proposed(file, options);
  for (const auto& question : proposal.questions) ADD_FAILURE() << question.text;
  auto parsed = parse_profile(proposal.toml, "proposed.toml");
  EXPECT_TRUE(parsed) << describe(parsed.error()) << "\n" << proposal.toml;
  if (!parsed) return {};
  return {read_whole(*parsed, file), *parsed};
}

std::int64_t total(std::span<const std::int32_t> column) {
  std::int64_t sum = 0;
  for (const auto value : column) sum += value == missing ? 0 : value;
  return sum;
}

// A made-up election: town, station, registered, three options, blank, null.
struct Station {
  int town, number, registered, a, b, c, blank, null;
  int valid() const { return a + b + c; }
  int cast() const { return valid() + blank + null; }
};
std::vector<Station> stations(int n) {
  std::vector<Station> out;
  unsigned state = 12345;
  const auto draw = [&](int below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<int>((state >> 8U) % static_cast<unsigned>(below));
  };
  for (int i = 0; i < n; ++i) {
    Station s{i / 5, i % 5 + 1, 0, draw(1400), draw(900), draw(40), draw(20), draw(30)};
    s.registered = s.cast() + 30 + draw(500);
    out.push_back(s);
  }
  return out;
}
std::int64_t sum_of(const std::vector<Station>& all, int Station::*member) {
  return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                         [&](std::int64_t sum, const Station& s) { return sum + s.*member; });
}
void expect_totals(const Count& count, const std::vector<Station>& all) {
  ASSERT_EQ(count.options(), 3U);
  EXPECT_EQ(count.units(), all.size());
  EXPECT_EQ(total(count.option(0)), sum_of(all, &Station::a));
  EXPECT_EQ(total(count.option(1)), sum_of(all, &Station::b));
  EXPECT_EQ(total(count.option(2)), sum_of(all, &Station::c));
  EXPECT_EQ(total(count.registered), sum_of(all, &Station::registered));
  EXPECT_EQ(total(count.null), sum_of(all, &Station::null));
}

// ---- words ----

struct Word {
  const char* header;
  Role role;
};
class Words : public testing::TestWithParam<Word> {};
TEST_P(Words, OfAHeaderAreUnderstood) {
  EXPECT_EQ(words_of(GetParam().header).role, GetParam().role) << GetParam().header;
}
INSTANTIATE_TEST_SUITE_P(
    Propose, Words,
    testing::Values(Word{"Registered Voters", Role::registered}, Word{"Inscritos", Role::registered},
                    Word{"Électeurs inscrits", Role::registered}, Word{"Wahlberechtigte", Role::registered},
                    Word{"عدد الناخبين المسجلين", Role::registered}, Word{"Kayıtlı seçmen", Role::registered},
                    Word{"Invalid votes", Role::null}, Word{"Valid votes", Role::valid},
                    Word{"Votos no válidos", Role::null}, Word{"Ungültige", Role::null}, Word{"Gültige", Role::valid},
                    Word{"Недействительных бюллетеней", Role::null}, Word{"Действительных бюллетеней", Role::valid},
                    Word{"Votos en blanco", Role::blank}, Word{"NombreRecinto", Role::place},
                    Word{"Inhabilitados", Role::none}, Word{"NO", Role::none}, Word{"MAS - IPSP", Role::none},
                    Word{"Polling Station", Role::unit}, Word{"", Role::none}));

// ---- shapes ----

TEST(Propose, ArabicHeadersAndEasternDigits) {
  const Folder folder;
  const auto digits = [](int value) {
    std::string out;
    for (const char c : std::to_string(value)) {
      out += '\xD9';
      out += static_cast<char>(0xA0 + (c - '0'));
    }
    return out;
  };
  const auto all = stations(60);
  std::string csv = "المحافظة;رقم المكتب;عدد الناخبين المسجلين;حسن;ليلى;عمر;الأوراق الباطلة;الأصوات الصحيحة\n";
  for (const auto& s : all)
    csv += "محافظة " + std::to_string(s.town) + ";" + digits(s.town * 10 + s.number) + ";" + digits(s.registered) +
           ";" + digits(s.a) + ";" + digits(s.b) + ";" + digits(s.c) + ";" + digits(s.null) + ";" + digits(s.valid()) +
           "\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  expect_totals(count, all);
  EXPECT_EQ(profile.format.separator, ';');
  EXPECT_EQ(count.hierarchy.levels(), std::vector<std::string>{"province"});
}

TEST(Propose, GermanWithTitlesTotalsThousandsAndCommas) {
  const Folder folder;
  const auto all = stations(80);
  const auto grouped = [](std::int64_t value) {
    auto out = std::to_string(value);
    for (int at = static_cast<int>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<std::size_t>(at), ".");
    return out;
  };
  std::string csv =
      "Endgültiges "
      "Ergebnis;;;;;;;;\n;;;;;;;;\nGemeinde;Wahlbezirk;Wahlberechtigte;Ungültige;Gültige;A-Partei;B-Partei;C-Partei;"
      "Beteiligung %\n";
  for (const auto& s : all)
    csv += "Gemeinde " + std::to_string(s.town) + ";" + std::to_string(100 * s.town + s.number) + ";" +
           grouped(s.registered) + ";" + grouped(s.null) + ";" + grouped(s.valid()) + ";" + grouped(s.a) + ";" +
           grouped(s.b) + ";" + grouped(s.c) + ";56,7\n";
  csv += "Gesamt;;" + grouped(sum_of(all, &Station::registered)) + ";" + grouped(sum_of(all, &Station::null)) + ";0;" +
         grouped(sum_of(all, &Station::a)) + ";" + grouped(sum_of(all, &Station::b)) + ";" +
         grouped(sum_of(all, &Station::c)) + ";56,7\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  expect_totals(count, all);
  EXPECT_EQ(profile.format.header_row, 3);
  EXPECT_EQ(profile.numbers.thousands, ".");
  EXPECT_THAT(count.rejected, IsEmpty()) << "the row of totals is filtered, not set aside";
}

TEST(Propose, IndianSeparatorsAndNoWordForTheOptions) {
  const Folder folder;
  const auto lakhs = [](std::int64_t value) {
    auto out = std::to_string(value);
    for (int at = static_cast<int>(out.size()) - 3; at > 0; at -= 2) out.insert(static_cast<std::size_t>(at), ",");
    return "\"" + out + "\"";
  };
  auto all = stations(90);
  for (auto& s : all) {
    s.a += 150'000;
    s.registered += 160'000;
  }
  std::string csv = "State,Constituency Code,Electors,Lotus,Hand,Broom,NOTA,Rejected,Total Votes\n";
  for (const auto& s : all)
    csv += "State " + std::to_string(s.town) + "," + std::to_string(s.town * 7 + s.number * 1000) + "," +
           lakhs(s.registered) + "," + lakhs(s.a) + "," + lakhs(s.b) + "," + lakhs(s.c) + "," + lakhs(s.blank) + "," +
           lakhs(s.null) + "," + lakhs(s.cast()) + "\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  ASSERT_EQ(count.options(), 4U) << "none of the above is an option like the others";
  EXPECT_EQ(total(count.option(0)), sum_of(all, &Station::a));
  EXPECT_EQ(total(count.null), sum_of(all, &Station::null));
  EXPECT_EQ(total(count.registered), sum_of(all, &Station::registered));
}

TEST(Propose, FrenchInWindows1252) {
  const Folder folder;
  const auto all = stations(60);
  std::string csv =
      "D\xE9partement;Libell\xE9 de la commune;Code B.Vote;Inscrits;Votants;Blancs;Nuls;Exprim\xE9s;L\xE9"
      "a H\xE9lo\xEFse;No\xEBl;Fran\xE7ois\n";
  for (const auto& s : all)
    csv += "Sa\xF4ne;Ville \xE9toile " + std::to_string(s.town) + ";" + std::to_string(s.town * 100 + s.number) + ";" +
           std::to_string(s.registered) + ";" + std::to_string(s.cast()) + ";" + std::to_string(s.blank) + ";" +
           std::to_string(s.null) + ";" + std::to_string(s.valid()) + ";" + std::to_string(s.a) + ";" +
           std::to_string(s.b) + ";" + std::to_string(s.c) + "\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  expect_totals(count, all);
  EXPECT_EQ(total(count.cast), sum_of(all, &Station::registered) == 0
                                   ? 0
                                   : std::accumulate(all.begin(), all.end(), std::int64_t{0},
                                                     [](auto sum, const auto& s) { return sum + s.cast(); }));
  EXPECT_EQ(count.contest.options[0].name, "Léa Héloïse");
}

TEST(Propose, Utf16WithTabs) {
  const Folder folder;
  const auto all = stations(40);
  std::string text = "unit\tregistered\tAna\tBen\tEve\tinvalid\tvalid\n";
  for (const auto& s : all)
    text += std::to_string(s.town * 100 + s.number) + "\t" + std::to_string(s.registered) + "\t" + std::to_string(s.a) +
            "\t" + std::to_string(s.b) + "\t" + std::to_string(s.c) + "\t" + std::to_string(s.null) + "\t" +
            std::to_string(s.valid()) + "\n";
  std::string bytes = "\xFF\xFE";
  for (const char c : text) bytes += std::string{c, '\0'};
  const auto [count, profile] = imported(folder.write("x.txt", bytes));
  expect_totals(count, all);
  EXPECT_EQ(profile.format.encoding, "UTF-16");
}

TEST(Propose, MergedHeadersAskForNothing) {
  const Folder folder;
  const auto all = stations(40);
  std::string csv =
      "National Electoral "
      "Commission,,,,,,,\n,,,President,,,,\nDistrict,Station,Registered,Ana,Ben,Eve,Valid,Rejected\n";
  for (const auto& s : all)
    csv += "D" + std::to_string(s.town) + "," + std::to_string(s.number) + "," + std::to_string(s.registered) + "," +
           std::to_string(s.a) + "," + std::to_string(s.b) + "," + std::to_string(s.c) + "," +
           std::to_string(s.valid()) + "," + std::to_string(s.null) + "\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  expect_totals(count, all);
  EXPECT_THAT(profile.unit_key.columns, SizeIs(2)) << "stations are numbered anew in every district";
}

TEST(Propose, TheLongLayoutOfSeveralContestsAsksWhich) {
  const Folder folder;
  std::string csv = "county,precinct,office,party,candidate,votes\n";
  const auto all = stations(50);
  for (const auto& s : all) {
    const std::string at = "County " + std::to_string(s.town) + ",P" + std::to_string(s.number) + ",";
    csv += at + "Registered Voters,,Registered Voters," + std::to_string(s.registered) + "\n";
    csv += at + "President,X,Ana," + std::to_string(s.a) + "\n" + at + "President,Y,Ben," + std::to_string(s.b) + "\n";
    csv += at + "Senate,X,Cid," + std::to_string(s.b) + "\n" + at + "Senate,Y,Dov," + std::to_string(s.c) + "\n";
  }
  const auto file = folder.write("x.csv", csv);
  const auto asked = proposed(file);
  ASSERT_THAT(asked.questions, SizeIs(1));
  EXPECT_EQ(asked.questions[0].option, "--contest");
  EXPECT_THAT(asked.questions[0].choices, ElementsAre("Registered Voters", "President", "Senate"));
  const auto [count, profile] = imported(file, {.contest_value = "Senate"});
  EXPECT_EQ(count.units(), all.size());
  ASSERT_EQ(count.options(), 2U);
  EXPECT_EQ(total(count.option(0)), sum_of(all, &Station::b));
  EXPECT_EQ(total(count.option(1)), sum_of(all, &Station::c));
}

TEST(Propose, ASheetAndAZipWithSeveralFilesAskWhich) {
  const Folder folder;
  const auto zip = folder.write_zip("x.zip", {{"a.csv", "unit,a\n1,2\n"}, {"b.csv", "unit,a\n1,2\n"}});
  const auto asked = proposed(zip);
  ASSERT_THAT(asked.questions, SizeIs(1));
  EXPECT_EQ(asked.questions[0].option, "--member");
  EXPECT_THAT(asked.questions[0].text, HasSubstr("'a.csv', 'b.csv'"));
}

TEST(Propose, PlaceholdersAreListedAndTheirRowsSetAside) {
  const Folder folder;
  const auto all = stations(60);
  std::string csv = "town,station,registered,Ana,Ben,Eve,null,valid\n";
  for (const auto& s : all)
    csv += "T" + std::to_string(s.town) + ",S" + std::to_string(s.town) + "-" + std::to_string(s.number) + "," +
           std::to_string(s.registered) + "," + std::to_string(s.a) + "," + std::to_string(s.b) + "," +
           std::to_string(s.c) + "," + std::to_string(s.null) + "," + std::to_string(s.valid()) + "\n";
  csv += "T99,S99-1,-,-,-,-,-,-\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  expect_totals(count, all);
  EXPECT_THAT(profile.numbers.empty, ElementsAre("-"));
  EXPECT_THAT(count.rejected, SizeIs(1));
}

TEST(Propose, APartyNamedLikeBlankVotesIsAnOptionWhereTheSumSaysSo) {
  const Folder folder;
  std::string csv = "unit,inscritos,MAS,NU,CC,validos\n";
  for (const auto& s : stations(60))
    csv += std::to_string(s.town * 100 + s.number) + "," + std::to_string(s.registered) + "," + std::to_string(s.a) +
           "," + std::to_string(s.b) + "," + std::to_string(s.c) + "," + std::to_string(s.valid()) + "\n";
  const auto [count, profile] = imported(folder.write("x.csv", csv));
  EXPECT_EQ(count.options(), 3U);
  EXPECT_TRUE(count.null.empty());
}

// ---- what is no count ----

TEST(Propose, WhatIsNoCountIsAskedAbout) {
  const Folder folder;
  const auto asks = [&](const std::string& csv, const std::string& about) {
    const auto proposal = proposed(folder.write("x.csv", csv));
    ASSERT_THAT(proposal.questions, SizeIs(1)) << proposal.toml;
    EXPECT_EQ(proposal.questions[0].option, "--option");
    EXPECT_THAT(proposal.questions[0].text, HasSubstr(about));
    EXPECT_EQ(proposal.toml, "");
  };
  std::string list = "unit\n", codes = "unit,v1,v2,v3\n", growing = "time,a,b,valid\n", roll = "id,country,vote\n";
  for (int i = 0; i < 60; ++i) {
    list += std::to_string(i) + "\n";
    codes += std::to_string(i) + "," + std::to_string(i % 7) + "," + std::to_string(i % 3) + "," +
             std::to_string(i % 5) + "\n";
    growing += "2019-10-20T" + std::to_string(i) + "," + std::to_string(10 * i) + "," + std::to_string(7 * i) + "," +
               std::to_string(17 * i) + "\n";
    roll += std::to_string(i / 3) + ",C" + std::to_string(i % 3) + "," + (i % 2 == 0 ? "yes" : "no") + "\n";
  }
  asks(list, "a list, not a count");
  asks(codes, "as codes do");
  asks(growing, "only grow from row to row");
  asks(roll, "roll call");
}

TEST(Propose, ACrosswalkIsProposedAsOne) {
  const Folder folder;
  std::string csv = "numero_mesa,codigo_recinto\n";
  for (int i = 0; i < 60; ++i) csv += std::to_string(1000 + i) + ",R" + std::to_string(i / 4) + "\n";
  const auto proposal = proposed(folder.write("x.csv", csv));
  const auto parsed = parse_profile(proposal.toml, "p.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_EQ(parsed->kind, ProfileKind::crosswalk);
}

// ---- safety ----

TEST(Propose, HostileHeadersAreInertInTheProfile) {
  const Folder folder;
  std::string csv = "unit,\"reg\n[rule]\nuse = \"\"plurality\"\"\",\"a\"\"\"\"\",\x1B[31mred,<script>,null,valid\n";
  for (const auto& s : stations(40))
    csv += std::to_string(s.town * 100 + s.number) + "," + std::to_string(s.registered) + "," + std::to_string(s.a) +
           "," + std::to_string(s.b) + "," + std::to_string(s.c) + "," + std::to_string(s.null) + "," +
           std::to_string(s.valid()) + "\n";
  const auto proposal = proposed(folder.write("x.csv", csv));
  const auto parsed = parse_profile(proposal.toml, "p.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error()) << proposal.toml;
  EXPECT_FALSE(parsed->rule) << "a header cannot write a rule";
  EXPECT_EQ(proposal.toml.find('\x1B'), std::string::npos);
}

TEST(Propose, TheSameFileGivesTheSameProposal) {
  const Folder folder;
  std::string csv = "unit,inscritos,MAS,CC,FPV,nulos\n";
  for (const auto& s : stations(300))
    csv += std::to_string(s.town * 100 + s.number) + "," + std::to_string(s.registered) + "," + std::to_string(s.a) +
           "," + std::to_string(s.b) + "," + std::to_string(s.c) + "," + std::to_string(s.null) + "\n";
  const auto file = folder.write("x.csv", csv);
  EXPECT_EQ(proposed(file).toml, proposed(file).toml);
}

TEST(Propose, UnknownColumnsAreNamedWithTheNearest) {
  const Folder folder;
  const auto error =
      error_of(propose(folder.write("x.csv", "unit,Ana,Ben\n1,2,3\n2,3,4\n"), {.options = {"Anna", "Ben"}}, {}));
  EXPECT_EQ(error.code, ErrorCode::option_invalid);
  EXPECT_EQ(error.remedy, "Did you mean 'Ana'?");
}

}  // namespace
}  // namespace cotejo::test
