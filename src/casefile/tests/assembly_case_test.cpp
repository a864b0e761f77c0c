// An assembly in a case: once, by revisions, as it was, and refused when somebody else changed it.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cotejo/casefile/casefile.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

// Every kind of field once.
Assembly small() {
  Assembly a;
  a.id = AssemblyId{"council"};
  a.title = "The \"Council\"";
  a.body = "COUNCIL";
  a.caveats = {"invented"};
  a.members = {{.id = "A", .name = "Åland", .fact = {.source = "a list", .mark = Mark::recall}},
               {.id = "B", .name = "Borland"}};
  a.bodies = {{.id = "COUNCIL", .name = "The Council", .founded = *parse_date("1950"), .of_states = false}};
  a.events = {{.body = "COUNCIL",
               .member = 1,
               .kind = EventKind::denunciation,
               .date = *parse_date("2017-04-27"),
               .condition_state = ConditionState::disputed,
               .disputed_by = {"x", "y"}}};
  a.rules = {{.id = "double",
              .title = "Double",
              .ways = {{"w", {{.name = "people", .threshold = {13, 20}, .weight = "people"}}}},
              .veto = {1}}};
  a.weights = {{.name = "people", .member = 0, .value = 1'000'000'000'000}};
  a.roll_calls = {{.id = "V1",
                   .date = *parse_date("2020-10-21"),
                   .reported = {.yes = 1},
                   .declared_adopted = false,
                   .versions = {{.id = "other", .changes = {{0, Ballot::paired_no}}}}}};
  a.ballots = {1, 3};
  a.positions = {{.motion = "m", .who = "A person"},
                 {.motion = "m", .who = "B", .member = 1, .stance = Stance::leans_against}};
  a.acts = {{.id = "act", .title = "t", .submitted = Submitted::afterwards, .objections = {"o"}}};
  a.sha256 = a.content_hash();
  return a;
}

class AssemblyCase : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "cotejo-case-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  CaseFile open(CaseFile::Mode mode) {
    auto file = CaseFile::open(folder_ / "case.cotejo", mode);
    EXPECT_TRUE(file);
    return std::move(*file);
  }
  Added add(const Assembly& a) {
    auto file = open(CaseFile::Mode::create);
    Added added = Added::already_there;
    const auto done = file.transact("import", [&]() -> Result<void> {
      COTEJO_TRY(result, file.add_assembly(a, {"council.toml", "00", 1, "", ""}, "another vote"));
      added = result;
      return {};
    });
    EXPECT_TRUE(done);
    return added;
  }
  fs::path folder_;
};

TEST_F(AssemblyCase, ComesBackAsItWas) {
  EXPECT_EQ(add(small()), Added::yes);
  const auto file = open(CaseFile::Mode::read);
  const auto back = file.load_assembly("council");
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(back->sha256, small().sha256) << "the hash is over every field and every vote";
  EXPECT_EQ(back->members[0].name, "Åland");
  EXPECT_EQ(back->ballot(0, 1), Ballot::abstain);
  EXPECT_EQ(back->weights[0].value, 1'000'000'000'000);
  EXPECT_FALSE(back->positions[0].member);
  EXPECT_TRUE(file.check()->problems.empty());
}

TEST_F(AssemblyCase, TheSameContentIsThereOnceAndAChangeIsARevision) {
  EXPECT_EQ(add(small()), Added::yes);
  EXPECT_EQ(add(small()), Added::already_there);
  auto changed = small();
  changed.ballots[1] = 2;
  EXPECT_EQ(add(changed), Added::yes);
  const auto file = open(CaseFile::Mode::read);
  EXPECT_EQ(file.assemblies()->size(), 1u);
  EXPECT_EQ((*file.assemblies())[0].revision, 2);
  EXPECT_EQ(file.load_assembly("council")->ballot(0, 1), Ballot::no);
  EXPECT_EQ(file.load_assembly("council@1")->ballot(0, 1), Ballot::abstain);
  EXPECT_EQ(file.load_assembly("concil").error().code, ErrorCode::count_unknown);
}

TEST_F(AssemblyCase, AVoteChangedFromOutsideIsRefused) {
  add(small());
  SQLite::Database((folder_ / "case.cotejo").string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE assembly_vote SET ballot = 2 WHERE member = 1");
  const auto file = open(CaseFile::Mode::read);
  EXPECT_EQ(file.load_assembly("council").error().code, ErrorCode::case_invalid);
  EXPECT_THAT(file.check()->problems,
              testing::Contains(testing::HasSubstr("assembly 'council@1' does not match its hash")));
}

TEST_F(AssemblyCase, WhatIsOutOfBoundsIsDamageAndNotACrash) {
  add(small());
  for (const char* change :
       {"UPDATE assembly_vote SET ballot = 99", "UPDATE assembly_vote SET member = 7 WHERE member = 1",
        "UPDATE assembly SET description = '[]'", "UPDATE assembly SET description = '{'",
        "UPDATE assembly SET description = replace(description, '\"member\":1', '\"member\":99')",
        "UPDATE assembly SET description = replace(description, 'denunciation', 'leaving')"}) {
    fs::copy_file(folder_ / "case.cotejo", folder_ / "copy.cotejo", fs::copy_options::overwrite_existing);
    SQLite::Database((folder_ / "copy.cotejo").string(), SQLite::OPEN_READWRITE).exec(change);
    const auto file = CaseFile::open(folder_ / "copy.cotejo", CaseFile::Mode::read);
    ASSERT_TRUE(file);
    const auto read = file->load_assembly("council");
    ASSERT_FALSE(read) << change;
    EXPECT_EQ(read.error().code, ErrorCode::case_invalid) << change;
  }
}

}  // namespace
}  // namespace cotejo
