#include "cotejo/casefile/entered_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace cotejo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Count returns() {
  Count out;
  out.id = CountId{"xx/copies"};
  out.contest = {ContestId{"xx/president"},
                 "President",
                 {{OptionId{"A"}, "Ana"}, {OptionId{"B"}, "Berta"}, {OptionId{"C"}, "Carla"}}};
  out.unit_name = "station";
  out.unit_keys.push_back("1");
  out.votes = {1, 2, 3};
  out.sha256 = out.content_hash();
  return out;
}

EnteredCount typed(Entered kind, std::vector<CellChange> cells) {
  return {CountId{"xx/typed"}, "", kind, "Clerk", "", "Bulletin 2", std::move(cells)};
}

Error error_of(Entered kind, std::vector<CellChange> cells) {
  const auto result = entered_count(typed(kind, std::move(cells)), returns());
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

TEST(EnteredCount, TotalsHaveTheOptionsThatWereTypedInTheOrderOfTheContest) {
  const auto count = entered_count(
      typed(Entered::totals, {{"all", "B", 20}, {"all", "A", 30}, {"all", "registered", 90}, {"all", "valid", 55}}),
      returns());
  ASSERT_TRUE(count) << describe(count.error());
  ASSERT_EQ(count->options(), 2);
  EXPECT_EQ(count->contest.options[0].name, "Ana");
  EXPECT_THAT(count->votes, ElementsAre(30, 20));
  EXPECT_THAT(count->registered, ElementsAre(90));
  EXPECT_EQ(count->valid_of(0), 55);
  EXPECT_EQ(count->contest.id.text, "xx/president");
  EXPECT_THAT(count->caveats.front(), HasSubstr("typed by Clerk from Bulletin 2"));
}

TEST(EnteredCount, ARegisterHasVotersAndNoOptions) {
  const auto count =
      entered_count(typed(Entered::units, {{"1", "registered", 100}, {"2", "registered", 200}}), returns());
  ASSERT_TRUE(count) << describe(count.error());
  EXPECT_EQ(count->options(), 0);
  EXPECT_THAT(count->registered, ElementsAre(100, 200));
  EXPECT_EQ(error_of(Entered::units, {{"1", "cast", 5}}).column, "registered");
  EXPECT_EQ(error_of(Entered::units, {{"1", "registered", 5}, {"1", "A", 5}}).column, "A");
}

TEST(EnteredCount, ContestedBallotsAreAContestOfTheirOwn) {
  const auto count = entered_count(typed(Entered::contested, {{"1", "contested", 7}}), returns());
  ASSERT_TRUE(count) << describe(count.error());
  EXPECT_THAT(count->votes, ElementsAre(7));
  EXPECT_EQ(count->contest.id.text, "xx/president/contested");
}

TEST(EnteredCount, BadFiguresAreNamed) {
  EXPECT_EQ(error_of(Entered::totals, {}).code, ErrorCode::value_invalid);
  const Error near = error_of(Entered::totals, {{"all", "A", 1}, {"all", "registred", 1}});
  EXPECT_EQ(near.column, "registred");
  EXPECT_THAT(near.remedy, HasSubstr("registered"));
  EXPECT_EQ(error_of(Entered::totals, {{"all", "A", 1}, {"all", "A", 2}}).code, ErrorCode::unit_duplicate);
  EXPECT_EQ(error_of(Entered::totals, {{"n", "A", 1}, {"s", "B", 2}}).code, ErrorCode::value_invalid) << "n has no B";
  EXPECT_EQ(error_of(Entered::totals, {{"n", "A", std::nullopt}}).code, ErrorCode::value_invalid);
  EXPECT_EQ(error_of(Entered::totals, {{"n", "cast", 4}}).code, ErrorCode::input_insufficient);
}

TEST(EnteredCount, APartThatExceedsItsWholeIsNamedWithItsPlace) {
  const Error valid = error_of(Entered::totals, {{"north", "A", 30}, {"north", "valid", 29}});
  EXPECT_EQ(valid.column, "valid");
  EXPECT_THAT(valid.message, HasSubstr("north"));
  EXPECT_EQ(error_of(Entered::totals, {{"all", "A", 30}, {"all", "cast", 29}}).column, "cast");
  EXPECT_EQ(error_of(Entered::totals, {{"all", "A", 30}, {"all", "registered", 29}}).column, "registered");
  EXPECT_EQ(error_of(Entered::units, {{"1", "registered", 5}, {"1", "cast", 6}}).column, "registered");
}

// What was typed is a revision of the case like any other count, and is not replaced without a reason.
TEST(EnteredCount, IsKeptInTheCaseAndNotReplacedInSilence) {
  std::string pattern = (std::filesystem::temp_directory_path() / "cotejo-typed-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  {
    auto file = CaseFile::open(folder / "c.cotejo", CaseFile::Mode::create);
    ASSERT_TRUE(file) << describe(file.error());
    const auto keep = [&](Entered kind, std::vector<CellChange> cells, const std::string& replace) {
      const auto entered = typed(kind, std::move(cells));
      return file->transact("enter", [&]() -> Result<void> {
        COTEJO_TRY(count, entered_count(entered, returns()));
        COTEJO_CHECK(file->add_count(count, std::nullopt, source_of(entered), replace));
        return {};
      });
    };
    const auto first = keep(Entered::units, {{"1", "registered", 100}}, "");
    ASSERT_TRUE(first) << describe(first.error());
    const auto refused = keep(Entered::units, {{"1", "registered", 101}}, "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    ASSERT_TRUE(keep(Entered::units, {{"1", "registered", 101}}, "a second bulletin"));
    const auto count = file->load_count("xx/typed");
    ASSERT_TRUE(count) << describe(count.error());
    EXPECT_EQ(count->revision, 2);
    EXPECT_THAT(count->registered, ElementsAre(101));
    const auto check = file->check();
    ASSERT_TRUE(check) << describe(check.error());
    EXPECT_THAT(check->problems, IsEmpty());
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cotejo
