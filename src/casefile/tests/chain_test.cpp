// Nothing in a case is changed unseen: edits by SQL, each on a whole case, each of which check-case has to name.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cotejo/base/hash.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "schema.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Count final_count() {
  Count count;
  count.id = CountId{"xx/final"};
  count.title = "The final count";
  count.contest = {ContestId{"xx/president"}, "President", {{OptionId{"A"}, "Ana"}, {OptionId{"B"}, "Bruno"}}};
  count.official = true;
  count.caveats = {"three tables were destroyed"};
  count.source = "the commission";
  count.hierarchy = Hierarchy({"country", "town"});
  const auto country = count.hierarchy.add(no_place, "X", "x");
  for (const char* key : {"1", "2", "3"}) {
    count.unit_keys.push_back(key);
    count.unit_place.push_back(count.hierarchy.add(country, std::string("T") + key, key));
  }
  count.votes = {10, 20, 30, 1, 2, missing};
  count.registered = {100, 200, missing};
  count.null = {1, 2, 3};
  count.fields = {{"papers", "Papers", {11, 22, 33}}};
  count.latitude = {1.5, 2, 3};
  count.longitude = {4, 5, 6.25};
  count.rejected = {{"f.csv", 5, "a", "-1", "negative", "[\"4\",\"-1\"]", {{0, 9}, {0, 9}}}};
  count.unreadable = {{"3", "registered", "3oo", "expected a whole number", 4}};
  count.set_aside_accepted = "the commission's note";
  count.sha256 = count.content_hash();
  return count;
}

Assembly council() {
  Assembly a;
  a.id = AssemblyId{"council"};
  a.members = {{.id = "A", .name = "Aland"}, {.id = "B", .name = "Borland"}};
  a.roll_calls = {{.id = "V1", .date = *parse_date("2020-10-21")}};
  a.ballots = {1, 2};
  a.sha256 = a.content_hash();
  return a;
}

class Chain : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-chain-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    auto opened = CaseFile::open(whole(), CaseFile::Mode::create);
    ASSERT_TRUE(opened) << describe(opened.error());
    CaseFile& file = *opened;
    const SourceFile source{"f.csv", "abc", 3, "p.toml", "def"};
    const auto run = [&](const char* text, const std::function<Result<Added>()>& work) {
      const auto result = file.transact(text, [&]() -> Result<void> {
        COTEJO_TRY(added, work());
        EXPECT_EQ(added, Added::yes) << text;
        return {};
      });
      ASSERT_TRUE(result) << text << ": " << describe(result.error());
    };
    Count count = final_count();
    Count quick = final_count();
    quick.id = CountId{"xx/quick"};
    quick.snapshot_of = count.id;
    Count changed = quick;
    changed.votes[0] = 9;
    changed.sha256 = changed.content_hash();
    Arrival arrival;
    arrival.id = ArrivalId{"times"};
    arrival.caveats = {"by the minute"};
    arrival.unit_keys.push_back("1");
    arrival.unit_keys.push_back("2");
    arrival.from = {1, 2.5};
    arrival.to = {1, 2.5};
    Finding finding;
    finding.id = "f";
    finding.headline = "no change";
    const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
    const Challenge c{ChallengeId{"c"}, count.id, "Mission", "one hand", "Report", {"3", "2"}};
    const Challenge d{ChallengeId{"d"}, count.id, "Party", "late", "Letter", {"1"}};
    run("import", [&] { return file.add_count(count, rule, source); });
    run("import quick", [&] { return file.add_count(quick, rule, source); });
    run("import quick again", [&] { return file.add_count(changed, rule, source, "corrected file of 24 October"); });
    run("challenge add c", [&] { return file.add_challenge(c, source); });
    run("challenge add d", [&]() -> Result<Added> {
      COTEJO_CHECK(file.add_note({.count = count.id, .unit = "1", .by = "Clerk", .text = "illegible total"}));
      return file.add_challenge(d, source);
    });
    run("import crosswalk", [&] { return file.add_crosswalk({CrosswalkId{"w"}, "", {{"1", "X"}}}, source); });
    run("import arrival", [&] { return file.add_arrival(arrival, source); });
    run("import assembly", [&] { return file.add_assembly(council(), source); });
    run("correct", [&] {
      return file.add_correction(count.id, {"Court", "swapped", "Ruling 1", {{"2", "A", 21}, {"3", "B", 4}}});
    });
    run("run count", [&]() -> Result<Added> {
      COTEJO_CHECK(file.add_finding(finding));
      return Added::yes;
    });
    run("rename challenge d", [&] { return file.rename("challenge", "d", "late-tables", {"Clerk", "clearer"}); });
    run("retire challenge", [&] { return file.retire("challenge", "late-tables", {"Clerk", "withdrawn"}); });
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  static fs::path whole() { return folder_ / "whole.cotejo"; }
  static fs::path edited(const std::string& sql) {
    const auto path = folder_ / "edited.cotejo";
    fs::copy_file(whole(), path, fs::copy_options::overwrite_existing);
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA foreign_keys = OFF");
    db.exec(sql);
    return path;
  }
  // What the case's check says, or why the case is not opened at all.
  static std::vector<std::string> problems_of(const fs::path& path) {
    const auto file = CaseFile::open(path, CaseFile::Mode::read);
    if (!file) return {describe(file.error())};
    const auto found = file->check();
    return found ? found->problems : std::vector<std::string>{describe(found.error())};
  }
  static fs::path folder_;
};
fs::path Chain::folder_;

TEST_F(Chain, AWholeCaseIsWholeAndItsHeadIsTheStoredOne) {
  EXPECT_THAT(problems_of(whole()), IsEmpty());
  const auto file = CaseFile::open(whole(), CaseFile::Mode::read);
  const auto head = file->chain_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->commands, 12);
  const auto found = file->check();
  EXPECT_EQ(found->chain.head, head->head);
  EXPECT_EQ(found->heads.size(), 12U);
}

// The first link by hand, as docs/formats/case.md describes it.
TEST_F(Chain, ALinkIsTheHashThatThePageDescribes) {
  SQLite::Database db(whole().string(), SQLite::OPEN_READONLY);
  std::string text = "cotejo.link/5\n" + std::string(64, '0') + "\n";
  const auto add = [&](const std::string& table, const std::string& columns) {
    SQLite::Statement rows(db, "SELECT " + columns + " FROM \"" + table + "\" LIMIT 1");
    while (rows.executeStep()) {
      text += table + "\n" + std::to_string(rows.getColumnCount()) + "\n";
      for (int i = 0; i < rows.getColumnCount(); ++i) {
        const auto value = rows.getColumn(i).getString();
        text += rows.getColumn(i).isNull()      ? std::string("n\n")
                : rows.getColumn(i).isInteger() ? "i" + value + "\n"
                                                : "t" + std::to_string(value.size()) + ":" + value + "\n";
      }
    }
  };
  add("command", "*");
  add("source_file", "*");
  add("rule", "*");
  add("count",
      "id, name, revision, sha256, contest, title, unit_name, snapshot_of, as_of, official, units, rejected, "
      "description, source_file, command, base, set_aside_accepted");
  add("rejected_row", "*");
  add("unreadable_cell", "*");
  EXPECT_EQ(sha256_of(text), db.execAndGet("SELECT head FROM link WHERE command = 1").getString());
}

struct Edit {
  const char *name, *sql, *says;
};
class Edits : public Chain, public testing::WithParamInterface<Edit> {};
TEST_P(Edits, AreNamed) {
  EXPECT_THAT(problems_of(edited(GetParam().sql)), Contains(HasSubstr(GetParam().says)));
}

#define SCHEMA(change) \
  "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET " change "; PRAGMA writable_schema = RESET"
constexpr const char* count_link = "the chain breaks at command 1 ('import'";

INSTANTIATE_TEST_SUITE_P(
    Case, Edits,
    testing::Values(
        // Rules: the winner becomes a runoff.
        Edit{"rule_of_eleven_points",
             "UPDATE rule SET json = replace(json, '\"1/10\"', '\"11/100\"'); UPDATE rule SET json = replace(json, "
             "'-1/10', '-11/100')",
             count_link},
        Edit{"rule_title", "UPDATE rule SET json = replace(json, 'valid', 'cast')", count_link},
        Edit{"rule_of_another_contest", "UPDATE rule SET contest = 'xx/mayor'", count_link},
        Edit{"rule_deleted", "DELETE FROM rule", count_link},
        Edit{"rule_added",
             "INSERT INTO rule (contest, json, command) SELECT contest, replace(json, '2/5', '1/2'), 12 FROM rule",
             "breaks at command 12"},
        // Counts: what they are called, and what they hold.
        Edit{"option_names_swapped",
             "UPDATE count SET description = replace(replace(replace(description, 'Ana', '#'), 'Bruno', 'Ana'), '#', "
             "'Bruno') WHERE id = 1",
             count_link},
        Edit{"caveat_deleted",
             "UPDATE count SET description = replace(description, '\"three tables were destroyed\"', '') WHERE id = 1",
             count_link},
        Edit{"official_no_longer", "UPDATE count SET official = 0 WHERE id = 1", count_link},
        Edit{"count_title", "UPDATE count SET title = 'provisional' WHERE id = 1", count_link},
        Edit{"count_source",
             "UPDATE count SET description = replace(description, 'the commission', 'a party') WHERE id = 1",
             count_link},
        Edit{"count_of_another_file", "UPDATE count SET source_file = 2 WHERE id = 1", count_link},
        Edit{"count_renamed", "UPDATE count SET name = 'xx/other' WHERE id = 1", count_link},
        Edit{"snapshot_of_another", "UPDATE count SET snapshot_of = '' WHERE id = 2", "breaks at command 2"},
        Edit{"accepted_without_reason", "UPDATE count SET set_aside_accepted = '' WHERE id = 1", count_link},
        Edit{"revision_deleted", "DELETE FROM count WHERE id = 3", "breaks at command 3"},
        Edit{"vote", "UPDATE returns_1 SET o0 = 11 WHERE unit = 0", "do not match the hash"},
        Edit{"vote_of_the_first_revision", "UPDATE returns_2 SET o0 = 11 WHERE unit = 0", "do not match the hash"},
        Edit{"vote_that_wraps", "UPDATE returns_1 SET o0 = o0 + 4294967296 WHERE unit = 0", "no whole number"},
        Edit{"vote_as_text", "UPDATE returns_1 SET o0 = '10 votes' WHERE unit = 0", "no whole number"},
        Edit{"vote_as_real", "UPDATE returns_1 SET o0 = 10.5 WHERE unit = 0", "no whole number"},
        Edit{"vote_missing", "UPDATE returns_1 SET o0 = NULL WHERE unit = 0", "do not match the hash"},
        Edit{"field", "UPDATE returns_1 SET f0 = 90 WHERE unit = 0", "do not match the hash"},
        Edit{"unit_key", "UPDATE returns_1 SET key = '9' WHERE unit = 0", "do not match the hash"},
        Edit{"unit_key_as_blob", "UPDATE returns_1 SET key = x'31' WHERE unit = 0", "numbered"},
        Edit{"unit_number", "UPDATE returns_1 SET unit = 7 WHERE unit = 2", "numbered"},
        Edit{"unit_deleted", "DELETE FROM returns_1 WHERE unit = 2", "do not match the hash"},
        Edit{"unit_added", "INSERT INTO returns_1 (unit, key, place) VALUES (3, '4', 1)", "do not match the hash"},
        Edit{"unit_in_another_place", "UPDATE returns_1 SET place = 2 WHERE unit = 0", "do not match the hash"},
        Edit{"coordinate", "UPDATE returns_1 SET latitude = 1.6 WHERE unit = 0", "do not match the hash"},
        Edit{"coordinate_gone", "UPDATE returns_1 SET latitude = NULL WHERE unit = 0", "do not match the hash"},
        Edit{"place_renamed", "UPDATE place SET name = 'elsewhere' WHERE count = 1 AND place = 1",
             "do not match the hash"},
        Edit{"place_on_another_level", "UPDATE place SET level = 0 WHERE count = 1 AND place = 1", "other levels"},
        Edit{"place_in_another", "UPDATE place SET parent = NULL WHERE count = 1 AND place = 1", "other levels"},
        // Rows set aside and cells that could not be read.
        Edit{"row_set_aside_deleted",
             "DELETE FROM rejected_row WHERE count = 1; UPDATE count SET rejected = 0 WHERE id = 1", count_link},
        Edit{"row_set_aside_without_votes", "UPDATE rejected_row SET votes = '[[0,0],[0,0]]' WHERE count = 1",
             count_link},
        Edit{"row_set_aside_for_another_reason", "UPDATE rejected_row SET reason = 'empty' WHERE count = 1",
             count_link},
        Edit{"row_set_aside_before_all",
             "INSERT INTO rejected_row (rowid, count, file, row, \"column\", value, reason, text) VALUES (-5, 1, 'f', "
             "1, 'a', '', '', '[]')",
             count_link},
        Edit{"unreadable_cell_deleted", "DELETE FROM unreadable_cell WHERE count = 1", count_link},
        Edit{"unreadable_cell_of_another_unit", "UPDATE unreadable_cell SET unit = '2' WHERE count = 1", count_link},
        // Challenges.
        Edit{"challenge_deleted", "DELETE FROM challenge_unit WHERE challenge = 1; DELETE FROM challenge WHERE id = 1",
             "breaks at command 4 ('challenge add c'"},
        Edit{"challenge_deleted_with_its_command",
             "DELETE FROM challenge_unit WHERE challenge = 1; DELETE FROM challenge WHERE id = 1; DELETE FROM command "
             "WHERE id = 4",
             "breaks at command 4"},
        Edit{"challenge_deleted_with_command_and_link",
             "DELETE FROM challenge_unit WHERE challenge = 1; DELETE FROM challenge WHERE id = 1; DELETE FROM command "
             "WHERE id = 4; DELETE FROM link WHERE command = 4",
             "commands 4 to 4 are gone"},
        Edit{"challenge_of_another", "UPDATE challenge SET by = 'nobody' WHERE id = 1", "breaks at command 4"},
        Edit{"challenge_for_another_reason", "UPDATE challenge SET reason = '' WHERE id = 1", "breaks at command 4"},
        Edit{"challenge_of_another_count", "UPDATE challenge SET count = 'xx/quick' WHERE id = 1",
             "breaks at command 4"},
        Edit{"challenge_in_another_order", "UPDATE challenge_unit SET position = 5 - position WHERE challenge = 1",
             "breaks at command 4"},
        Edit{"challenge_with_a_unit_more", "INSERT INTO challenge_unit VALUES (1, 2, '1')", "breaks at command 4"},
        // Corrections.
        Edit{"last_correction_deleted", "DELETE FROM correction WHERE id = 2", "breaks at command 9 ('correct'"},
        Edit{"last_correction_undone",
             "DELETE FROM correction WHERE id = 2; UPDATE returns_4 SET o1 = NULL WHERE unit = 2",
             "breaks at command 9"},
        Edit{"correction_by_another", "UPDATE correction SET by = 'Party'", "breaks at command 9"},
        Edit{"correction_of_another_value", "UPDATE correction SET old = 19 WHERE id = 1",
             "is not what its revisions hold"},
        // Crosswalks, arrivals, assemblies.
        Edit{"crosswalk", "UPDATE crosswalk_row SET code = 'Y'", "crosswalk 'w@1'"},
        Edit{"crosswalk_with_a_row_more", "INSERT INTO crosswalk_row VALUES (1, '2', 'Z')", "crosswalk 'w@1'"},
        Edit{"arrival", "UPDATE arrival_row SET \"from\" = 0 WHERE unit = '1'", "arrival 'times@1'"},
        Edit{"arrival_without_caveat", "UPDATE arrival SET caveats = '[]'", "breaks at command 7"},
        Edit{"assembly_vote", "UPDATE assembly_vote SET ballot = 1 WHERE member = 1", "assembly 'council@1'"},
        Edit{"assembly_member", "UPDATE assembly SET description = replace(description, 'Borland', 'Land')",
             "breaks at command 8"},
        // Findings, files, commands, events.
        Edit{"finding_forged",
             "UPDATE finding SET headline = 'reversed', json = replace(json, 'no change', 'reversed')",
             "breaks at command 10"},
        Edit{"finding_added",
             "INSERT INTO finding (name, method, answer, headline, json, command) SELECT 'g', method, 'yes', "
             "'reversed', json, 12 FROM finding",
             "breaks at command 12"},
        Edit{"finding_deleted", "DELETE FROM finding", "breaks at command 10"},
        Edit{"file_of_another_hash", "UPDATE source_file SET sha256 = 'fff' WHERE id = 1", count_link},
        Edit{"file_of_another_name", "UPDATE source_file SET name = 'g.csv' WHERE id = 1", count_link},
        Edit{"profile_of_another_hash", "UPDATE source_file SET profile_sha256 = 'fff' WHERE id = 1", count_link},
        Edit{"command_text", "UPDATE command SET text = 'import something' WHERE id = 2", "breaks at command 2"},
        Edit{"command_time", "UPDATE command SET at = '2001-01-01T00:00:00Z' WHERE id = 1", count_link},
        Edit{"command_added", "INSERT INTO command (at, text) VALUES ('2030-01-01T00:00:00Z', 'nothing')",
             "the command has no link"},
        Edit{"last_command_deleted", "DELETE FROM object_event WHERE command = 12; DELETE FROM command WHERE id = 12",
             "the command is gone and its link is there"},
        Edit{"retirement_deleted", "DELETE FROM object_event WHERE event = 'retire'", "breaks at command 12"},
        Edit{"replacement_for_another_reason",
             "UPDATE object_event SET reason = 'typing error' WHERE event = 'replace'", "breaks at command 3"},
        Edit{"rename_to_another", "UPDATE object_event SET new_name = 'c2' WHERE event = 'rename'",
             "breaks at command 11"},
        Edit{"note_of_another_text", "UPDATE note SET text = 'in order'", "breaks at command 5"},
        Edit{"note_as_sign_off", "UPDATE note SET kind = 'signed off'", "breaks at command 5"},
        Edit{"note_deleted", "DELETE FROM note", "breaks at command 5"},
        Edit{"sign_off_forged",
             "INSERT INTO note (count, revision, unit, kind, by, text, command) VALUES ('xx/final', 1, '2', 'signed "
             "off', "
             "'Court', '', 12)",
             "breaks at command 12"},
        Edit{"link", "UPDATE link SET head = substr(head, 2) || substr(head, 1, 1) WHERE command = 5",
             "breaks at command 5"},
        Edit{"links_deleted", "DELETE FROM link", "the command has no link"},
        // The schema.
        Edit{"view_redefined",
             "DROP VIEW \"xx/final\"; CREATE VIEW \"xx/final\" AS SELECT key AS unit, o1 AS A, o0 AS B FROM returns_4",
             "does not show what the count holds"},
        Edit{"view_of_an_earlier_revision",
             "DROP VIEW \"xx/quick\"; CREATE VIEW \"xx/quick\" AS SELECT * FROM returns_2",
             "does not show what the count holds"},
        Edit{"view_dropped", "DROP VIEW \"xx/final\"", "its view is not there"},
        Edit{"view_added", "CREATE VIEW results AS SELECT 1", "the view 'results' is not of the case"},
        Edit{"trigger", "CREATE TRIGGER t AFTER INSERT ON finding BEGIN UPDATE finding SET answer = 'yes'; END",
             "the trigger 't' on 'finding' is not of the case"},
        Edit{"trigger_on_returns", "CREATE TRIGGER t AFTER INSERT ON returns_1 BEGIN DELETE FROM returns_1; END",
             "the trigger 't'"},
        Edit{"table_added", "CREATE TABLE notes (text)", "the table 'notes' is not of the case"},
        Edit{"returns_of_no_count",
             "CREATE TABLE returns_77 (unit INTEGER PRIMARY KEY, key TEXT NOT NULL, place INTEGER, latitude REAL, "
             "longitude REAL, o0 INTEGER)",
             "returns_77"},
        Edit{"index_added", "CREATE INDEX i ON finding (lower(name))", "the index 'i' on 'finding' is not of the case"},
        Edit{"column_added", "ALTER TABLE finding ADD COLUMN note TEXT", "is not defined as schema 6 has it"},
        Edit{"constraint_added",
             SCHEMA("sql = replace(sql, 'answer TEXT NOT NULL', 'answer TEXT NOT NULL DEFAULT ''yes''') WHERE name = "
                    "'finding'"),
             "is not defined as schema 6 has it"},
        Edit{"table_gone", "DROP TABLE object_event", "are not there"},
        Edit{"name_with_a_nul", "UPDATE count SET name = name || char(0) || 'x' WHERE base IS NOT NULL",
             "the chain breaks at command"},
        Edit{"place_as_bytes", "UPDATE place SET name = CAST(name AS BLOB)", "table place, column name"},
        Edit{"number_with_a_tail", "UPDATE place SET level = level || char(0) || 'x'", "table place, column level"},
        Edit{"votes_as_bytes", "UPDATE returns_1 SET o0 = CAST(o0 AS BLOB)", "table returns_1, column o0"},
        Edit{"key_as_bytes", "UPDATE returns_1 SET key = CAST(key AS BLOB)", "table returns_1, column key"},
        Edit{"unit_as_bytes", "UPDATE challenge_unit SET unit = CAST(unit AS BLOB)",
             "table challenge_unit, column unit"},
        Edit{"returns_gone", "DROP TABLE returns_1", "returns_1"},
        Edit{"user_version_of_before", "PRAGMA user_version = 4", "the case was changed from outside"},
        Edit{"user_version_without_notes", "PRAGMA user_version = 5", "the table 'note' is not of the case"},
        Edit{"user_version_of_later", "PRAGMA user_version = 7", "newer than the 6"},
        Edit{"application_id", "PRAGMA application_id = 7", "this is not a case file"},
        Edit{"virtual_table", "CREATE VIRTUAL TABLE v USING fts5(x)", "is not of the case"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Chain, TheSchemasThatOpeningComparesWithAreTheOnesThatAreMade) {
  for (int version = 1; version <= case_schema_version; ++version) {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    make_schema(db, version);
    EXPECT_EQ(schema_hash(db), known_schema_hash(version)) << "schema " << version;
  }
}

TEST_F(Chain, AShorterChainThatIsWholeHasAnotherHead) {
  // Whoever takes the last command back with everything that belongs to it leaves a whole, earlier case: only a head that
  // somebody kept shows it (docs/trust.md).
  const auto file = CaseFile::open(whole(), CaseFile::Mode::read);
  const auto kept = *file->chain_head();
  const auto path = edited(
      "DELETE FROM object_event WHERE command = 12; DELETE FROM link WHERE command = 12; "
      "DELETE FROM command WHERE id = 12");
  EXPECT_THAT(problems_of(path), IsEmpty());
  const auto earlier = CaseFile::open(path, CaseFile::Mode::read);
  EXPECT_NE(earlier->chain_head()->head, kept.head);
  EXPECT_EQ(earlier->chain_head()->head, file->check()->heads[10].second);
}

TEST_F(Chain, ATriggerThatSomebodyPlantedDoesNotRunAndIsNotOpened) {
  const auto path = edited("CREATE TRIGGER t AFTER INSERT ON challenge BEGIN UPDATE challenge SET by = 'nobody'; END");
  for (const auto mode : {CaseFile::Mode::read, CaseFile::Mode::write, CaseFile::Mode::create}) {
    const auto file = CaseFile::open(path, mode);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::case_invalid);
  }
}

TEST_F(Chain, OneByteAnywhereIsNamedOrIsNotOfTheCase) {
  std::ifstream in(whole(), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const std::string content = [&] {
    SQLite::Database db(whole().string(), SQLite::OPEN_READONLY);
    return db.execAndGet("SELECT group_concat(head) FROM link").getString();
  }();
  std::size_t tried = 0, unnamed = 0;
  for (std::size_t at = 101; at < bytes.size(); at += 197) {
    if (bytes[at] == '\0') continue;  // mostly room between rows
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x01);
    const auto path = folder_ / "flipped.cotejo";
    std::ofstream(path, std::ios::binary) << broken;
    ++tried;
    if (problems_of(path).empty()) ++unnamed;
  }
  EXPECT_GT(tried, 50U);
  EXPECT_LE(unnamed * 20, tried) << unnamed << " of " << tried << ": bytes of rows that were deleted before";
}

}  // namespace
}  // namespace cotejo
