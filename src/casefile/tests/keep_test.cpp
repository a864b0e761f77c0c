// Corrections, history, the check of a case, migration, a clock that goes backwards.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "cotejo/casefile/casefile.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class KeepTest : public testing::Test {
 protected:
  KeepTest() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-keep-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~KeepTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path path() const { return folder_ / "case.cotejo"; }

  static Count published(std::int32_t votes_of_first = 10) {
    Count count;
    count.id = CountId{"xx/final"};
    count.contest = {ContestId{"xx/president"}, "President", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
    count.hierarchy = Hierarchy({"town"});
    for (const char* key : {"1", "2", "3"}) {
      count.unit_keys.push_back(key);
      count.unit_place.push_back(count.hierarchy.add(no_place, std::string("T") + key));
    }
    count.votes = {votes_of_first, 20, 30, 1, 2, 3};
    count.registered = {100, 200, missing};
    count.rejected = {{"f.csv", 5, "a", "-1", "negative", "[\"4\",\"-1\"]"},
                      {"f.csv", 6, "unit", "2", "expected each unit once; row 3 is the same unit", "[\"2\",\"9\"]"}};
    count.sha256 = count.content_hash();
    return count;
  }
  CaseFile open(CaseFile::Mode mode = CaseFile::Mode::create, CaseOptions options = {}) const {
    auto file = CaseFile::open(path(), mode, std::move(options));
    if (!file) throw std::runtime_error(describe(file.error()));
    return std::move(*file);
  }
  static Added import(CaseFile& file, const Count& count, const std::string& replace = "another file") {
    Added out = Added::already_there;
    const auto result = file.transact("import", [&]() -> Result<void> {
      COTEJO_TRY(added, file.add_count(count, std::nullopt, {"f.csv", "abc", 3, "p.toml", "def"}, replace));
      out = added;
      return {};
    });
    EXPECT_TRUE(result) << describe(result.error());
    return out;
  }
  static Result<Added> correct(CaseFile& file, std::vector<CellChange> cells) {
    Added out = Added::already_there;
    auto result = file.transact("correct", [&]() -> Result<void> {
      COTEJO_TRY(added, file.add_correction(CountId{"xx/final"}, {"Court", "swapped", "Ruling 1", std::move(cells)}));
      out = added;
      return {};
    });
    if (!result) return std::move(result).error();
    return out;
  }
  std::vector<std::string> problems() const {
    const auto file = open(CaseFile::Mode::read);
    const auto found = file.check();
    EXPECT_TRUE(found);
    return found ? found->problems : std::vector<std::string>{"no check"};
  }
  void sql(const std::string& text) const {
    SQLite::Database db(path().string(), SQLite::OPEN_READWRITE);
    db.exec(text);
  }
  fs::path folder_;
};

TEST_F(KeepTest, ACorrectionIsARevisionAndTheOneBeforeStays) {
  auto file = open();
  import(file, published());
  ASSERT_EQ(*correct(file, {{"1", "A", 15}, {"3", "registered", 300}, {"2", "registered", std::nullopt}}), Added::yes);
  const auto now = file.load_count("xx/final"), before = file.load_count("xx/final@1");
  ASSERT_TRUE(now && before);
  EXPECT_THAT(now->votes, ElementsAre(15, 20, 30, 1, 2, 3));
  EXPECT_THAT(now->registered, ElementsAre(100, missing, 300));
  EXPECT_EQ(before->sha256, published().sha256);
  ASSERT_THAT(now->caveats, SizeIs(1));
  EXPECT_EQ(now->caveats[0],
            "3 cells of the published returns were corrected in revision 2 by Court (swapped; Ruling 1): see `cotejo "
            "history`.");
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(*correct(file, {{"1", "A", 15}}), Added::already_there) << "the same correction again changes nothing";
}

TEST_F(KeepTest, TheSamePublishedFileAgainKeepsTheCorrectionsAndANewOneIsANewRevision) {
  auto file = open();
  import(file, published());
  ASSERT_EQ(*correct(file, {{"1", "A", 15}}), Added::yes);
  ASSERT_EQ(*correct(file, {{"2", "B", 5}}), Added::yes);
  EXPECT_EQ(import(file, published()), Added::already_there);
  EXPECT_EQ(file.load_count("xx/final")->votes[0], 15);
  EXPECT_EQ(import(file, published(11)), Added::yes);
  EXPECT_EQ(file.counts()->at(0).revision, 4);
  EXPECT_EQ(import(file, published()), Added::yes) << "a commission may go back to what it published before";
  EXPECT_EQ(file.counts()->at(0).revision, 5);
}

struct BadCell {
  const char* name;
  CellChange cell;
  ErrorCode code;
  const char* remedy;
};
class BadCorrections : public KeepTest, public testing::WithParamInterface<BadCell> {};
TEST_P(BadCorrections, AreRefusedAndLeaveNoTrace) {
  auto file = open();
  import(file, published());
  const auto result = correct(file, {{"2", "B", 99}, GetParam().cell});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, GetParam().code) << describe(result.error());
  EXPECT_THAT(result.error().remedy, HasSubstr(GetParam().remedy));
  EXPECT_EQ(file.counts()->at(0).revision, 1);
  EXPECT_THAT(problems(), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Keep, BadCorrections,
    testing::Values(BadCell{"unit", {"11", "A", 1}, ErrorCode::unit_unknown, "Did you mean '1'?"},
                    BadCell{"field", {"1", "registred", 1}, ErrorCode::column_missing, "Did you mean 'registered'?"},
                    BadCell{"not_reported", {"1", "blank", 1}, ErrorCode::column_missing, "A, B, registered"},
                    BadCell{"twice", {"2", "B", 98}, ErrorCode::unit_duplicate, "Leave one"},
                    BadCell{"missing_votes", {"1", "A", std::nullopt}, ErrorCode::value_invalid, "Give a number"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(KeepTest, HistoryTellsImportsCorrectionsChallengesAndRowsSetAside) {
  auto file = open();
  import(file, published());
  ASSERT_TRUE(file.transact("challenge", [&]() -> Result<void> {
    COTEJO_TRY(added, file.add_challenge({ChallengeId{"c"}, CountId{"xx/final"}, "W", "R", "S", {"2"}},
                                         {"u.csv", "", 0, "", ""}));
    (void)added;
    return {};
  }));
  ASSERT_EQ(*correct(file, {{"2", "A", 21}}), Added::yes);
  import(file, published(11));  // changes unit 1, and takes the correction of unit 2 back
  const auto events = file.history("2", std::nullopt);
  ASSERT_TRUE(events);
  std::vector<std::string> how;
  for (const auto& event : *events) how.push_back(event.how);
  EXPECT_THAT(how, ElementsAre("set aside", "import", "challenge", "correction", "set aside", "import"));
  const auto& correction = (*events)[3];
  EXPECT_EQ(correction.by + correction.reason + correction.source, "CourtswappedRuling 1");
  ASSERT_THAT(correction.cells, SizeIs(1));
  EXPECT_EQ(correction.cells[0].before, 20);
  EXPECT_EQ(correction.cells[0].after, 21);
  EXPECT_EQ((*events)[5].cells[0].after, 20);
  EXPECT_EQ(file.history("4", std::nullopt)->at(0).how, "set aside") << "a unit that never was a unit";
  EXPECT_EQ(file.history("77", std::nullopt).error().code, ErrorCode::unit_unknown);
  EXPECT_EQ(file.history("2", CountId{"xx/fnal"}).error().remedy, "Did you mean 'xx/final'?");
}

TEST_F(KeepTest, HistoryTellsThatAUnitsCountOrChallengeWasRetiredAndRestored) {
  auto file = open();
  import(file, published());
  const auto run = [&](const std::string& command, const auto& work) {
    ASSERT_TRUE(file.transact(command, [&]() -> Result<void> {
      COTEJO_TRY(done, work());
      EXPECT_EQ(done, Added::yes) << command;
      return {};
    })) << command;
  };
  run("challenge", [&] {
    return file.add_challenge({ChallengeId{"c"}, CountId{"xx/final"}, "W", "R", "S", {"2"}}, {"u.csv", "", 0, "", ""});
  });
  run("withdraw", [&] { return file.retire("challenge", "c", {"Clerk", "withdrawn"}); });
  run("again", [&] { return file.restore("challenge", "c", {"Clerk", "upheld"}); });
  run("out", [&] { return file.retire("count", "xx/final", {"Court", "of another contest"}); });
  const auto named = *file.history("2", std::nullopt), other = *file.history("1", std::nullopt);
  ASSERT_GE(named.size(), 4U);
  const auto& withdrawn = named[named.size() - 3];
  EXPECT_EQ(withdrawn.how + ": " + withdrawn.file + ", " + withdrawn.by + ", " + withdrawn.reason,
            "challenge retired: c, Clerk, withdrawn");
  EXPECT_EQ(named[named.size() - 2].how, "challenge restored");
  EXPECT_EQ(named.back().how + ": " + named.back().reason, "count retired: of another contest");
  for (const auto& event : other)
    EXPECT_EQ(event.how.find("challenge"), std::string::npos) << "it does not name unit 1";
  EXPECT_EQ(other.back().how, "count retired");
}

// Every kind of damage is named.
struct Damage {
  const char *name, *sql, *says;
};
class Damaged : public KeepTest, public testing::WithParamInterface<Damage> {};
TEST_P(Damaged, CasesAreNamedByTheirCheck) {
  {
    auto file = open();
    import(file, published());
    ASSERT_TRUE(file.transact("challenge", [&]() -> Result<void> {
      COTEJO_TRY(added, file.add_challenge({ChallengeId{"c"}, CountId{"xx/final"}, "W", "R", "S", {"2", "3"}},
                                           {"u.csv", "", 0, "", ""}));
      COTEJO_TRY(walk, file.add_crosswalk({CrosswalkId{"w"}, "", {{"1", "X"}}}, {"w.csv", "", 0, "", ""}));
      (void)added;
      (void)walk;
      Finding finding;
      finding.id = "f";
      return file.add_finding(finding);
    }));
    ASSERT_EQ(*correct(file, {{"2", "A", 21}}), Added::yes);
  }
  ASSERT_THAT(problems(), IsEmpty());
  sql(GetParam().sql);
  EXPECT_THAT(problems(), testing::Contains(HasSubstr(GetParam().says)));
}
INSTANTIATE_TEST_SUITE_P(
    Keep, Damaged,
    testing::Values(
        Damage{"a_vote", "UPDATE returns_1 SET o0 = 11 WHERE unit = 0", "do not match the hash"},
        Damage{"a_missing_row", "DELETE FROM returns_1 WHERE unit = 1", "are not numbered as they were"},
        Damage{"a_place", "UPDATE place SET name = 'elsewhere' WHERE count = 1 AND place = 0", "do not match the hash"},
        Damage{"a_place_of_nowhere", "UPDATE returns_1 SET place = 99 WHERE unit = 0",
               "places that the case does not have"},
        Damage{"the_hash", "UPDATE count SET sha256 = 'x' WHERE id = 1", "its two hashes differ"},
        Damage{"a_challenge", "DELETE FROM challenge_unit WHERE unit = '3'", "challenge 'c@1' does not match"},
        Damage{"a_crosswalk", "UPDATE crosswalk_row SET code = 'Y'", "crosswalk 'w@1' does not match"},
        Damage{"a_name_with_a_zero_byte", "UPDATE count SET name = name || char(0) || 'x' WHERE id = 1",
               "revisions, numbered"},
        Damage{"a_revision", "UPDATE count SET revision = 7 WHERE id = 2", "2 revisions, numbered 1 to 7"},
        Damage{"a_correction", "UPDATE correction SET old = 19", "is not what its revisions hold"},
        Damage{"a_lost_correction", "DELETE FROM correction", "1 cell differs from the revision before, 0 corrections"},
        Damage{"a_reference", "PRAGMA foreign_keys = OFF; DELETE FROM source_file", "refers to a row"},
        Damage{"a_rejected_row", "DELETE FROM rejected_row WHERE count = 1", "2 rows set aside, there 0"},
        Damage{"a_finding", "UPDATE finding SET json = '{'", "it is not JSON"},
        Damage{"a_view", "DROP VIEW \"xx/final\"", "its view is not there"},
        Damage{"a_table", "DROP TABLE returns_1", "no such table"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(KeepTest, BytesFlippedInTheFileAreNamed) {
  {
    auto file = open();
    import(file, published());
  }
  std::string bytes;
  {
    std::ifstream in(path(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  // The last bytes of each page, where SQLite keeps a table's first rows.
  std::size_t named = 0, tried = 0;
  for (std::size_t at = 2 * 4'096 - 60; at + 60 <= bytes.size(); at += 4'096) {
    std::string broken = bytes;
    for (std::size_t i = at; i < at + 60; ++i) broken[i] = static_cast<char>(broken[i] ^ 0x55);
    if (bytes.substr(at, 60) == std::string(60, '\0')) continue;  // an empty table has no rows to lose
    std::ofstream(path(), std::ios::binary) << broken;
    ++tried;
    auto file = CaseFile::open(path(), CaseFile::Mode::read);
    if (!file) {
      ++named;
      continue;
    }
    const auto found = file->check();
    named += !found || !found->problems.empty() ? 1U : 0U;
  }
  EXPECT_GT(tried, 4U);
  EXPECT_GE(named * 2, tried) << "of " << tried << " pages; what commands were called is under no hash";
}

// A case of schema 1 as SQL, made by version 0.1.0 of the program: one count, one challenge, one finding.
TEST_F(KeepTest, ACaseOfSchemaOneIsReadAsItIsAndMigratedWithACopyKept) {
  {
    std::ifstream in(fs::path(COTEJO_TESTS) / "schema-1.sql");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    SQLite::Database db(path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(text);
  }
  std::string sha256;
  {
    const auto file = open(CaseFile::Mode::read);
    const auto count = file.load_count("x/y");
    ASSERT_TRUE(count) << describe(count.error());
    EXPECT_THAT(count->votes, ElementsAre(1, 3, 2, 4));
    sha256 = count->sha256;
    EXPECT_THAT(file.check()->problems, IsEmpty());
    EXPECT_EQ(file.history("1", std::nullopt)->size(), 2U);
  }
  EXPECT_FALSE(fs::exists(folder_ / "case.schema1.cotejo")) << "reading does not migrate";
  std::vector<std::string> notices;
  {
    auto file =
        open(CaseFile::Mode::write, {.notice = [&](const std::string& text) { notices.push_back(text); }, .clock = {}});
    EXPECT_EQ(file.load_count("x/y")->sha256, sha256);
    EXPECT_THAT(file.check()->problems, IsEmpty());
  }
  ASSERT_THAT(notices, SizeIs(1));
  EXPECT_THAT(notices[0], HasSubstr("kept as case.schema1.cotejo"));
  SQLite::Database copy((folder_ / "case.schema1.cotejo").string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(copy.execAndGet("PRAGMA user_version").getInt(), 1);
  SQLite::Database now(path().string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(now.execAndGet("PRAGMA user_version").getInt(), case_schema_version);

  // Migrated and new cases have the same tables.
  const auto tables = [](const fs::path& file) {
    SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
    SQLite::Statement query(db,
                            "SELECT m.name, p.name, p.type FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE "
                            "m.type = 'table' AND m.name NOT LIKE 'returns%' ORDER BY 1, p.cid");
    std::vector<std::string> out;
    while (query.executeStep())
      out.push_back(query.getColumn(0).getString() + "." + query.getColumn(1).getString() + " " +
                    query.getColumn(2).getString());
    return out;
  };
  const auto migrated = tables(path());
  fs::remove(path());
  {
    auto file = open();
    import(file, published());
  }
  EXPECT_EQ(migrated, tables(path()));
}

// A case as schema 5 had it: without notes, under a chain.
void to_schema_5(const fs::path& path, const std::string& edit = {}) {
  SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
  db.exec("DROP TABLE note; PRAGMA user_version = 5;" + edit);
}

TEST_F(KeepTest, MigratingAChainedCaseKeepsItsLinks) {
  {
    auto file = open();
    import(file, published());
  }
  to_schema_5(path());
  std::vector<std::pair<std::int64_t, std::string>> before;
  {
    const auto file = open(CaseFile::Mode::read);
    const auto found = *file.check();
    EXPECT_THAT(found.problems, IsEmpty());
    before = found.heads;
  }
  auto file = open(CaseFile::Mode::write);
  const auto found = *file.check();
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(found.notes, IsEmpty()) << "no link was made anew";
  ASSERT_EQ(found.heads.size(), before.size() + 1);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), found.heads.begin()));
}

TEST_F(KeepTest, ACountCalledAsATableThatCameLaterIsShownBeforeAndAfterMigration) {
  Count count = published();
  count.id = CountId{"note"};
  count.sha256 = count.content_hash();
  {
    auto file = open();
    import(file, count);
  }
  // Schema 5 has no table of this name, so that the view has the count's own.
  std::string view;
  {
    SQLite::Database db(path().string(), SQLite::OPEN_READONLY);
    view = db.execAndGet("SELECT sql FROM sqlite_master WHERE name = 'note (2)'").getString();
  }
  view.replace(view.find("\"note (2)\""), 10, "\"note\"");
  to_schema_5(path(), "DROP VIEW \"note (2)\"; " + view);
  EXPECT_THAT(problems(), IsEmpty());
  open(CaseFile::Mode::write);
  EXPECT_THAT(problems(), IsEmpty());
  SQLite::Database db(path().string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM \"note (2)\"").getInt(), 3);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM note").getInt(), 0);
}

TEST_F(KeepTest, ARenamedCountIsMigrated) {
  {
    auto file = open();
    import(file, published());
    ASSERT_TRUE(file.transact("rename", [&]() -> Result<void> {
      COTEJO_TRY(added, file.rename("count", "xx/final", "xx/official", {"Clerk", "clearer"}));
      EXPECT_EQ(added, Added::yes);
      return {};
    }));
  }
  to_schema_5(path());
  open(CaseFile::Mode::write);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_TRUE(open(CaseFile::Mode::read).load_count("xx/official"));
}

TEST_F(KeepTest, MigratingDoesNotMendABrokenChain) {
  {
    auto file = open();
    import(file, published());
  }
  to_schema_5(path(), "UPDATE command SET text = 'something else' WHERE id = 1");
  auto file = open(CaseFile::Mode::write);
  EXPECT_THAT(file.check()->problems, Contains(HasSubstr("the chain breaks at command 1")));
}

TEST_F(KeepTest, NotesAndSignOffsAreEventsOfTheirUnitAndOfNoOther) {
  auto file = open();
  const Count count = published();
  import(file, count);
  const std::string unit(count.unit_keys[0]), other(count.unit_keys[1]);
  ASSERT_TRUE(file.transact("note", [&] {
    return file.add_note({.count = count.id, .unit = unit, .by = "Clerk", .text = "the copy is illegible"});
  }));
  ASSERT_TRUE(file.transact("note", [&] {
    return file.add_note({.count = count.id, .unit = unit, .by = "Judge", .text = "", .signs_off = true});
  }));
  const auto events = *file.history(unit, std::nullopt);
  ASSERT_GE(events.size(), 3U);
  EXPECT_EQ(events[events.size() - 2].how, "note");
  EXPECT_EQ(events[events.size() - 2].reason, "the copy is illegible");
  EXPECT_EQ(events.back().how, "signed off");
  EXPECT_EQ(events.back().by, "Judge");
  EXPECT_EQ(events.back().revision, 1);
  for (const auto& event : *file.history(other, std::nullopt)) EXPECT_NE(event.how, "note");
  const auto activity = *file.activity(2);
  ASSERT_THAT(activity, SizeIs(2));
  EXPECT_EQ(activity[0].by, "Judge");
  EXPECT_EQ(activity[1].reason, "the copy is illegible");
}

TEST_F(KeepTest, ANoteNeedsAUnitOfTheCountATextAndAName) {
  auto file = open();
  const Count count = published();
  import(file, count);
  const std::string unit(count.unit_keys[0]);
  for (const auto& [note, code] :
       {std::pair{Note{.count = count.id, .unit = "no such", .by = "Clerk", .text = "x"}, ErrorCode::unit_unknown},
        {Note{.count = count.id, .unit = unit, .by = "Clerk", .text = " "}, ErrorCode::value_invalid},
        {Note{.count = count.id, .unit = unit, .by = "", .text = "x"}, ErrorCode::value_invalid},
        {Note{.count = CountId{"no/such"}, .unit = unit, .by = "Clerk", .text = "x"}, ErrorCode::count_unknown}}) {
    const auto written = file.transact("note", [&] { return file.add_note(note); });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, code);
  }
}

TEST_F(KeepTest, AClockThatGoesBackwardsChangesNoOrderAndIsNoted) {
  std::vector<std::string> times = {"2019-10-20T10:00:00Z", "2019-10-20T09:00:00Z"};
  std::size_t next = 0;
  auto file = open(CaseFile::Mode::create, {.notice = {}, .clock = [&] { return times[next++ % 2]; }});
  import(file, published());
  ASSERT_EQ(*correct(file, {{"1", "A", 15}}), Added::yes);
  EXPECT_EQ(file.load_count("xx/final")->votes[0], 15) << "the later command is the later revision";
  const auto events = file.history("1", std::nullopt);
  EXPECT_EQ(events->back().how, "correction");
  const auto found = file.check();
  EXPECT_THAT(found->problems, IsEmpty());
  ASSERT_THAT(found->notes, SizeIs(1));
  EXPECT_THAT(found->notes[0], HasSubstr("the clock was set back"));
}

TEST_F(KeepTest, ACaseThatWasEndedBeforeItsFirstCommitIsEmptyAndCanBeUsed) {
  {
    SQLite::Database db(path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA journal_mode = WAL");
  }
  const auto read = CaseFile::open(path(), CaseFile::Mode::read);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("the case is empty"));
  auto file = open();
  EXPECT_EQ(import(file, published()), Added::yes);
  EXPECT_THAT(problems(), IsEmpty());
}

}  // namespace
}  // namespace cotejo
