#include "cotejo/casefile/casefile.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>

namespace cotejo {
namespace {

namespace fs = std::filesystem;

class CaseFileTest : public testing::Test {
 protected:
  CaseFileTest() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-case-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~CaseFileTest() override {
    std::error_code ignored;
    fs::permissions(folder_, fs::perms::owner_all, ignored);
    fs::remove_all(folder_, ignored);
  }
  fs::path path() const { return folder_ / "case.cotejo"; }

  static Count small_count() {
    Count count;
    count.id = CountId{"xx-2020/final"};
    count.title = "Robert'); DROP TABLE count;--";
    count.contest = {ContestId{"xx-2020/president"},
                     "President",
                     {{OptionId{"A"}, "A"}, {OptionId{"a"}, "the same name to SQL"}, {OptionId{"B\""}, "quoted"}}};
    count.unit_name = "table";
    count.official = true;
    count.caveats = {"a caveat"};
    count.hierarchy = Hierarchy({"country", "precinct"});
    const auto country = count.hierarchy.add(no_place, "X");
    for (const char* key : {"1", "two", "3"}) {
      count.unit_keys.push_back(key);
      count.unit_place.push_back(count.hierarchy.add(country, std::string("school ") + key, key));
    }
    count.unit_place[2] = no_place;
    count.votes = {10, 20, missing, 5, 6, 7, 1, 2, 2147483647};
    count.registered = {100, missing, 300};
    count.null = {0, 1, 2};
    count.fields = {{"papers", "Papers", {9, 8, missing}}};
    count.checks = {{"c", {"papers"}, Relation::at_least, {"options"}, "papers >= votes"}};
    count.latitude = {1.5, std::nan(""), -3};
    count.longitude = {2.5, std::nan(""), 4};
    count.rejected = {{"f.csv", 7, "votes", "-1", "negative", "[\"4\",\"-1\"]"}};
    count.sha256 = count.content_hash();
    return count;
  }
  static Result<void> add(CaseFile& file, const Count& count, Added* added = nullptr, const std::string& replace = {}) {
    return file.transact("import", [&]() -> Result<void> {
      COTEJO_TRY(result, file.add_count(count, Rule::share_and_lead(Rational(2, 5), Rational(1, 10)),
                                        {"f.csv", "abc", 3, "p.toml", "def"}, replace));
      if (added) *added = result;
      return {};
    });
  }
  CaseFile create() {
    auto file = CaseFile::open(path(), CaseFile::Mode::create);
    EXPECT_TRUE(file) << describe(file.error());
    return std::move(*file);
  }

  fs::path folder_;
};

TEST_F(CaseFileTest, GivesBackACountWithHostileNamesCellByCell) {
  auto file = create();
  const Count count = small_count();
  ASSERT_TRUE(add(file, count));
  const auto loaded = file.load_count("xx-2020/final");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->content_hash(), count.content_hash());
  EXPECT_EQ(loaded->votes, count.votes);
  EXPECT_EQ(loaded->registered, count.registered);
  EXPECT_TRUE(loaded->cast.empty()) << "a column that was not reported must not come back as zeros";
  EXPECT_EQ(loaded->fields[0].values, count.fields[0].values);
  EXPECT_EQ(loaded->title, count.title);
  EXPECT_EQ(loaded->unit_place, count.unit_place);
  ASSERT_EQ(loaded->rejected.size(), 1U);
  EXPECT_EQ(loaded->rejected[0].reason, "negative");
  const auto rule = file.load_rule(count.contest.id);
  ASSERT_TRUE(rule && *rule);
  EXPECT_EQ((*rule)->alternatives.size(), 2U);
}

TEST_F(CaseFileTest, KeepsTheVotesOfRowsSetAsideTheCellsThatCouldNotBeReadAndWhyTheImportWentOn) {
  auto file = create();
  Count count = small_count();
  count.rejected[0].votes = {{0, 7}, {1, 1}, {0, 4'000'000'000}};
  count.rejected.push_back({"f.csv", 8, "votes", "?", "no number", "[]"});
  count.unreadable = {{"two", "registered", "3oo", "expected a whole number", 4}, {"3", "papers", "n/a", "no", 5}};
  count.set_aside_accepted = "the commission's own note";
  ASSERT_TRUE(add(file, count));
  const auto loaded = file.load_count("xx-2020/final");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->rejected[0].votes, count.rejected[0].votes);
  EXPECT_TRUE(loaded->rejected[1].votes.empty()) << "nothing is known of them";
  ASSERT_EQ(loaded->unreadable.size(), 2U);
  EXPECT_EQ(loaded->unreadable[0].value, "3oo");
  EXPECT_EQ(loaded->unreadable[0].row, 4);
  EXPECT_EQ(loaded->unreadable[1].unit + loaded->unreadable[1].field, "3papers");
  EXPECT_EQ(loaded->set_aside_accepted, count.set_aside_accepted);
  ASSERT_TRUE(file.transact("correct", [&]() -> Result<void> {
    COTEJO_TRY(added, file.add_correction(count.id, {"W", "R", "S", {{"two", "registered", 300}}}));
    EXPECT_EQ(added, Added::yes);
    return {};
  }));
  EXPECT_EQ(file.load_count("xx-2020/final")->rejected[0].votes, count.rejected[0].votes) << "a correction keeps them";
  EXPECT_EQ(file.load_count("xx-2020/final")->unreadable.size(), 2U);
}

TEST_F(CaseFileTest, WhatIsLoadedCarriesItsRevisionAndHowManyThereAre) {
  auto file = create();
  Count count = small_count();
  ASSERT_TRUE(add(file, count));
  EXPECT_EQ(file.load_count("xx-2020/final")->revisions, 1);
  count.votes[0] = 11;
  count.sha256 = count.content_hash();
  ASSERT_TRUE(add(file, count, nullptr, "corrected file"));
  Challenge challenge{ChallengeId{"c"}, count.id, "who", "why", "where", {"two"}};
  for (const char* key : {"1", "3"}) {
    ASSERT_TRUE(file.transact("add", [&]() -> Result<void> {
      COTEJO_TRY(a, file.add_challenge(challenge, {}, "a longer list"));
      EXPECT_EQ(a, Added::yes);
      return {};
    }));
    challenge.unit_keys.emplace_back(key);
  }
  for (const auto& [id, revision] : {std::pair{"xx-2020/final", 2}, std::pair{"xx-2020/final@1", 1}}) {
    EXPECT_EQ(file.load_count(id)->revision, revision);
    EXPECT_EQ(file.load_count(id)->revisions, 2);
  }
  EXPECT_EQ(file.load_challenge("c@1")->revision, 1);
  EXPECT_EQ(file.load_challenge("c")->revision, 2);
  EXPECT_EQ(file.load_challenge("c")->revisions, 2);
}

TEST_F(CaseFileTest, ImportingTheSameAgainChangesNothingAndAChangedFileIsANewRevision) {
  auto file = create();
  Count count = small_count();
  Added added = Added::already_there;
  ASSERT_TRUE(add(file, count, &added));
  EXPECT_EQ(added, Added::yes);
  ASSERT_TRUE(add(file, count, &added));
  EXPECT_EQ(added, Added::already_there);
  EXPECT_EQ(SQLite::Database(path().string()).execAndGet("SELECT count(*) FROM command").getInt(), 1)
      << "a command that added nothing leaves no trace";
  count.votes[0] = 11;
  count.sha256 = count.content_hash();
  const auto unasked = add(file, count);
  ASSERT_FALSE(unasked) << "nothing is replaced in silence";
  EXPECT_EQ(unasked.error().code, ErrorCode::conflict);
  EXPECT_NE(unasked.error().remedy.find("--replace"), std::string::npos);
  EXPECT_EQ(file.counts()->front().revision, 1);
  ASSERT_TRUE(add(file, count, &added, "corrected file"));
  EXPECT_EQ(added, Added::yes);
  EXPECT_EQ(file.load_count("xx-2020/final")->votes[0], 11);
  EXPECT_EQ(file.load_count("xx-2020/final@1")->votes[0], 10) << "what was imported is never lost";
  EXPECT_EQ(file.counts()->front().revision, 2);
}

TEST_F(CaseFileTest, IsReadableWithPlainSql) {
  auto file = create();
  ASSERT_TRUE(add(file, small_count()));
  SQLite::Database db(path().string());
  EXPECT_EQ(db.execAndGet("SELECT sum(\"A\") FROM \"xx-2020/final\"").getInt(), 30);
  EXPECT_EQ(db.execAndGet("SELECT sum(\"a (2)\") FROM \"xx-2020/final\"").getInt(), 18);
  EXPECT_EQ(db.execAndGet("SELECT reason FROM rejected_row").getString(), "negative");
  EXPECT_EQ(db.execAndGet("PRAGMA user_version").getInt(), case_schema_version);
}

TEST_F(CaseFileTest, ACommandThatFailsLeavesTheCaseAsItWas) {
  auto file = create();
  ASSERT_TRUE(add(file, small_count()));
  const auto before = file.counts()->size();
  const auto failed = file.transact("import", [&]() -> Result<void> {
    Count other = small_count();
    other.id = CountId{"xx-2020/other"};
    COTEJO_TRY(added, file.add_count(other, std::nullopt, {}));
    (void)added;
    return Error{.code = ErrorCode::value_invalid, .message = "the second file is damaged"};
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(file.counts()->size(), before);
  EXPECT_FALSE(file.load_count("xx-2020/other"));
}

TEST_F(CaseFileTest, ACaseThatGotNothingIsNotLeftBehind) {
  {
    auto file = create();
    EXPECT_FALSE(file.transact(
        "import", []() -> Result<void> { return Error{.code = ErrorCode::value_invalid, .message = "no"}; }));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(CaseFileTest, RowsChangedFromOutsideAreRefused) {
  {
    auto file = create();
    ASSERT_TRUE(add(file, small_count()));
  }
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE).exec("UPDATE returns_1 SET o0 = o0 + 1 WHERE unit = 0");
  const auto file = CaseFile::open(path(), CaseFile::Mode::read);
  const auto loaded = file->load_count("xx-2020/final");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::case_invalid);
}

TEST_F(CaseFileTest, WhatIsNotACaseIsRefusedByName) {
  std::ofstream(path())
      << "this is not a database at all, but long enough to look like one...........................................";
  const auto text = CaseFile::open(path(), CaseFile::Mode::read);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::case_invalid);
  fs::remove(path());
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
  EXPECT_EQ(CaseFile::open(path(), CaseFile::Mode::write).error().code, ErrorCode::case_invalid)
      << "another program's database must not be written to";
  fs::remove(path());
  EXPECT_EQ(CaseFile::open(path(), CaseFile::Mode::read).error().code, ErrorCode::file_missing);
}

TEST_F(CaseFileTest, APipeOrAFolderInThePlaceOfTheCaseOrOfItsJournalIsRefusedWithoutWaiting) {
  const auto refused = [&](CaseFile::Mode mode, const fs::path& named) {
    const auto file = CaseFile::open(path(), mode);
    ASSERT_FALSE(file) << named;
    EXPECT_EQ(file.error().code, ErrorCode::file_missing) << describe(file.error());
    EXPECT_EQ(file.error().file, named.string());
  };
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
    const fs::path file = path().string() + ending;
    for (const auto mode : {CaseFile::Mode::create, CaseFile::Mode::read, CaseFile::Mode::write}) {
      ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
      refused(mode, file);
      fs::remove(file);
      fs::create_directory(file);
      refused(mode, file);
      fs::remove(file);
    }
    if (*ending != '\0') continue;
    auto made = create();
    ASSERT_TRUE(add(made, small_count()));
  }
  EXPECT_TRUE(CaseFile::open(path(), CaseFile::Mode::read));
}

TEST_F(CaseFileTest, ANewerSchemaIsRefused) {
  {
    auto file = create();
    ASSERT_TRUE(add(file, small_count()));
  }
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  const auto file = CaseFile::open(path(), CaseFile::Mode::read);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("99"), std::string::npos);
}

TEST_F(CaseFileTest, AnUnknownCountIsAnsweredWithTheNearestName) {
  auto file = create();
  ASSERT_TRUE(add(file, small_count()));
  const auto loaded = file.load_count("xx-2020/finel");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::count_unknown);
  EXPECT_NE(loaded.error().remedy.find("xx-2020/final"), std::string::npos);
}

TEST_F(CaseFileTest, KeepsChallengesCrosswalksAndFindings) {
  auto file = create();
  ASSERT_TRUE(add(file, small_count()));
  const Challenge challenge{ChallengeId{"c"}, CountId{"xx-2020/final"}, "who", "why", "where", {"two", "1"}};
  const Crosswalk crosswalk{CrosswalkId{"x"}, "src", {{"1", "code1"}, {"two", "code2"}}};
  Finding finding;
  finding.id = "f";
  finding.headline = "h";
  ASSERT_TRUE(file.transact("add", [&]() -> Result<void> {
    COTEJO_TRY(a, file.add_challenge(challenge, {}));
    COTEJO_TRY(b, file.add_crosswalk(crosswalk, {}));
    EXPECT_EQ(a, Added::yes);
    EXPECT_EQ(b, Added::yes);
    return file.add_finding(finding);
  }));
  EXPECT_EQ(file.load_challenge("c")->unit_keys, challenge.unit_keys) << "the list is kept in its order";
  EXPECT_EQ(file.load_challenge("c")->content_hash(), challenge.content_hash());
  EXPECT_EQ(file.load_crosswalk("x")->content_hash(), crosswalk.content_hash());
  EXPECT_EQ(file.findings()->front().headline, "h");
}

TEST_F(CaseFileTest, NamesEveryFileThatAnyRevisionCameFrom) {
  auto file = create();
  Count count = small_count();
  ASSERT_TRUE(add(file, count));
  EXPECT_TRUE(*file.names_file("elsewhere/f.csv"));
  EXPECT_TRUE(*file.names_file("p.toml"));
  EXPECT_FALSE(*file.names_file("g.csv"));
  count.votes[0] = 11;
  count.sha256 = count.content_hash();
  ASSERT_TRUE(file.transact("import", [&]() -> Result<void> {
    COTEJO_TRY(added, file.add_count(count, std::nullopt, {"g.csv", "abc", 3, "q.toml", "def"}, "corrected file"));
    EXPECT_EQ(added, Added::yes);
    COTEJO_TRY(retired, file.retire("count", "xx-2020/final", {"who", "why"}));
    (void)retired;
    return {};
  }));
  EXPECT_TRUE(*file.names_file("f.csv")) << "of the earlier revision";
  EXPECT_TRUE(*file.names_file("g.csv")) << "of what is retired";
}

TEST_F(CaseFileTest, NamesOfCountsThatSqlTakesForOneDoNotCollide) {
  auto file = create();
  const char* ids[] = {"x/official", "x/Official", "command", "COMMAND", "returns_1", "sqlite_x", "a.b", "a_b"};
  for (int i = 0; i < 8; ++i) {
    Count count = small_count();
    count.id = CountId{ids[i]};
    count.votes[0] = 100 + i;
    count.sha256 = count.content_hash();
    ASSERT_TRUE(add(file, count)) << ids[i];
  }
  SQLite::Database db(path().string());
  const char* views[] = {"x/official",      "x/Official (2)", "command (2)", "COMMAND (3)",
                         "count returns_1", "count sqlite_x", "a.b",         "a_b"};
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(file.load_count(ids[i])->votes[0], 100 + i);
    EXPECT_EQ(db.execAndGet(std::string("SELECT \"A\" FROM \"") + views[i] + "\" WHERE unit = '1'").getInt(), 100 + i)
        << views[i];
  }
  EXPECT_TRUE(file.check()->problems.empty());
  EXPECT_FALSE(add(file,
                   [] {
                     Count count = small_count();
                     count.id = CountId{"x/official@1"};
                     return count;
                   }()))
      << "that is the name of a revision";
}

TEST_F(CaseFileTest, ObjectsAreRetiredRestoredAndRenamedAsEvents) {
  auto file = create();
  Count count = small_count();
  ASSERT_TRUE(add(file, count));
  const auto change = [&](auto work) {
    Added out = Added::already_there;
    const auto done = file.transact("change", [&]() -> Result<void> {
      COTEJO_TRY(added, work());
      out = added;
      return {};
    });
    EXPECT_TRUE(done) << describe(done.error());
    return out;
  };
  const Challenge challenge{ChallengeId{"c"}, count.id, "who", "why", "where", {"two"}};
  change([&] { return file.add_challenge(challenge, {}); });
  EXPECT_EQ(change([&] {
              return file.rename("count", "xx-2020/final", "xx-2020/official", {"Clerk", "its name"});
            }),
            Added::yes);
  EXPECT_EQ(file.counts()->front().id.text, "xx-2020/official");
  EXPECT_EQ(file.load_challenge("c")->count.text, "xx-2020/official") << "what refers to it goes on leading to it";
  EXPECT_EQ(file.load_count("xx-2020/final")->id.text, "xx-2020/official");
  Added added = Added::yes;
  ASSERT_TRUE(add(file, count, &added));
  EXPECT_EQ(added, Added::already_there) << "the same file under its earlier name is still the same count";
  EXPECT_EQ(SQLite::Database(path().string()).execAndGet("SELECT count(*) FROM \"xx-2020/official\"").getInt(), 3);

  EXPECT_EQ(change([&] {
              return file.retire("count", "xx-2020/official", {"Clerk", "of another contest"});
            }),
            Added::yes);
  EXPECT_EQ(change([&] { return file.retire("count", "xx-2020/official", {"Clerk", "again"}); }), Added::already_there);
  EXPECT_TRUE(file.counts()->empty());
  EXPECT_FALSE(file.load_count("xx-2020/official"));
  EXPECT_EQ(file.load_count("xx-2020/official@1")->votes, count.votes);
  const auto refused = add(file, count);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("of another contest"), std::string::npos);
  EXPECT_EQ(change([&] { return file.restore("count", "xx-2020/official", {"Clerk", "it was not"}); }), Added::yes);
  EXPECT_EQ(file.counts()->size(), 1U);

  std::vector<std::string> what;
  const auto events = file.object_history("count", "xx-2020/official");
  for (const auto& event : *events) what.push_back(event.what);
  EXPECT_EQ(what, (std::vector<std::string>{"add", "rename", "retire", "restore"}));
  EXPECT_FALSE(file.transact("change", [&]() -> Result<void> {
    COTEJO_TRY(done, file.retire("count", "xx-2020/official", {"", "nobody"}));
    (void)done;
    return {};
  })) << "who and why are kept, and never empty";
  EXPECT_TRUE(file.check()->problems.empty());
}

TEST_F(CaseFileTest, ASecondWriterIsToldWhoHoldsTheCase) {
  auto file = create();
  ASSERT_TRUE(add(file, small_count()));
  SQLite::Database other(path().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN EXCLUSIVE");
  Count count = small_count();
  count.id = CountId{"xx-2020/other"};
  const auto result = add(file, count);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::conflict);
}

TEST_F(CaseFileTest, ANoteOfTheHolderThatIsAPipeIsNotWaitedFor) {
  {
    auto file = create();
    ASSERT_TRUE(add(file, small_count()));
  }
  const fs::path note = path().string() + ".holder";
  fs::remove(note);
  ASSERT_EQ(mkfifo(note.c_str(), 0600), 0);
  SQLite::Database other(path().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN EXCLUSIVE");
  std::vector<std::string> notices;
  auto file = CaseFile::open(path(), CaseFile::Mode::write,
                             {.notice = [&](const std::string& line) { notices.push_back(line); }});
  Count count = small_count();
  count.id = CountId{"xx-2020/other"};
  const auto result = file ? add(*file, count) : Result<void>(file.error());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::conflict);
  EXPECT_EQ(notices, std::vector<std::string>{"waiting: the case is held by another process"});
}

}  // namespace
}  // namespace cotejo
