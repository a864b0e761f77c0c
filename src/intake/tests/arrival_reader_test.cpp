#include <gmock/gmock.h>

#include "cotejo/intake/reader.hpp"
#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::Folder;

std::string arrival_profile(std::string_view keys) {
  return "schema = \"cotejo.profile/1\"\nkind = \"arrival\"\n[file]\npath = \"x.csv\"\n[arrival]\nid = "
         "\"xx/times\"\nunit = "
         "\"unit\"\n" +
         std::string(keys) + "\n";
}

Result<Arrival> read_text(std::string_view keys, std::string_view csv) {
  const Folder folder;
  auto profile = parse_profile(arrival_profile(keys), "test.toml");
  if (!profile) return std::move(profile).error();
  return read_arrival(*profile, folder.write("x.csv", csv), {});
}

TEST(ReadArrival, TimesAreSecondsWhateverTheirFormat) {
  const auto iso = read_text("at = \"t\"", "unit,t\n1,2019-10-20T19:40:57\n2,2019-10-20 19:40:58\n");
  ASSERT_TRUE(iso) << describe(iso.error());
  EXPECT_EQ(iso->kind, ArrivalKind::time);
  EXPECT_EQ(iso->from, (std::vector<double>{1571600457, 1571600458}));
  const auto clock =
      read_text("at = \"t\"\ntime_format = \"dd/MM/yyyy hh:mm:ss a\"",
                "unit,t\n1,20/10/2019 07:40:57 p. m.\n2,20/10/2019 07:40:58 PM\n3,20/10/2019 12:00:00 a.m.\n");
  ASSERT_TRUE(clock) << describe(clock.error());
  EXPECT_EQ(clock->from, (std::vector<double>{1571600457, 1571600458, 1571529600}));
  EXPECT_EQ(clock->to, clock->from);
}

TEST(ReadArrival, ATimeThatCannotBeReadIsMissingAndCountedAndRefusesNoOtherRow) {
  std::string csv = "unit,t\n";
  for (int unit = 1; unit <= 9; ++unit)
    csv += std::to_string(unit) + ",2019-10-20T19:40:0" + std::to_string(unit) + "\n";
  const auto read = read_text("at = \"t\"", csv + "10,20-X-2019\n11,\n");
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->units(), 9U);
  EXPECT_THAT(read->caveats, testing::ElementsAre(
                                 testing::AllOf(testing::HasSubstr("2 of 11 rows are without a time that can be read"),
                                                testing::HasSubstr("row 11: '20-X-2019'"))));
  EXPECT_FALSE(read_text("at = \"t\"", csv + "10,x\n11,y\n12,z\n")) << "one in four: the profile is wrong";
  EXPECT_EQ(error_of(read_text("at = \"t\"", csv + "10,x\n10,2019-10-20T19:40:57\n")).code, ErrorCode::unit_duplicate);
}

TEST(ReadArrival, TwelveHourClockWithoutAFormatIsRefusedWithTheReason) {
  const auto error = error_of(read_text("at = \"t\"", "unit,t\n1,01:00 p.m.\n"));
  EXPECT_EQ(error.code, ErrorCode::value_invalid);
  EXPECT_THAT(error.remedy, testing::HasSubstr("12-hour"));
}

TEST(ReadArrival, TwelveHourPatternNeedsTheHalfOfTheDay) {
  const auto error = error_of(read_text("at = \"t\"\ntime_format = \"dd/MM/yyyy hh:mm\"", "unit,t\n1,x\n"));
  EXPECT_EQ(error.code, ErrorCode::profile_invalid);
  EXPECT_THAT(error.message, testing::HasSubstr("twice a day"));
}

// The known error: rows sorted by the text of their times, and the row number taken for the order of arrival.
TEST(ReadArrival, OrderThatIsTheTextOrderOfItsTimesIsRefused) {
  std::string sorted = "unit,t\n", true_order = "unit,t\n";
  int unit = 0;
  for (const char* half : {"AM", "PM"})
    for (const char* hour : {"12", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"})
      true_order += std::to_string(++unit) + ",20/10/2019 " + hour + ":00 " + half + "\n";
  for (const char* hour : {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"})
    for (const char* half : {"AM", "PM"})
      sorted += std::to_string(++unit) + ",20/10/2019 " + hour + ":00 " + half + "\n";
  constexpr const char* keys = "kind = \"order\"\ntime = \"t\"\ntime_format = \"dd/MM/yyyy hh:mm a\"";
  EXPECT_TRUE(read_text(keys, true_order));
  const auto error = error_of(read_text(keys, sorted));
  EXPECT_EQ(error.code, ErrorCode::value_invalid);
  EXPECT_THAT(error.message, testing::HasSubstr("sorted as text"));
  EXPECT_EQ(error.value, "20/10/2019 02:00 AM");
  EXPECT_EQ(error.row, 4);
}

TEST(ReadArrival, OrderIsTheRowOrAColumnAndNeverATime) {
  const auto rows = read_text("kind = \"order\"", "unit\nb\na\n");
  ASSERT_TRUE(rows) << describe(rows.error());
  EXPECT_EQ(rows->from, (std::vector<double>{1, 2}));
  const auto error = error_of(read_text("kind = \"order\"\nat = \"t\"", "unit,t\n1,01:00 p.m.\n"));
  EXPECT_THAT(error.remedy, testing::HasSubstr("out of order"));
}

TEST(ReadArrival, PercentilesAreIntervals) {
  const auto percentiles =
      read_text("kind = \"percentile\"\nat = \"p\"\nuntil = \"q\"", "unit,p,q\n1,6.8,9.8\n2,9.8,100\n");
  ASSERT_TRUE(percentiles) << describe(percentiles.error());
  EXPECT_EQ(percentiles->to, (std::vector<double>{9.8, 100}));
  EXPECT_EQ(error_of(read_text("kind = \"percentile\"\nat = \"p\"", "unit,p\n1,101\n")).row, 2);
  EXPECT_THAT(error_of(read_text("kind = \"percentile\"\nat = \"p\"\nuntil = \"q\"", "unit,p,q\n1,9,8\n")).message,
              testing::HasSubstr("ends before"));
}

TEST(ReadArrival, AUnitTwiceIsRefused) {
  const auto error = error_of(read_text("at = \"t\"", "unit,t\n1,2019-10-20T19:40:57\n1,2019-10-20T19:40:58\n"));
  EXPECT_EQ(error.code, ErrorCode::unit_duplicate);
  EXPECT_THAT(error.message, testing::HasSubstr("row 2"));
}

TEST(TextExpression, WidthsAndPrefixBuildACodeFromItsParts) {
  const auto profile = parse_profile(
      "schema = \"cotejo.profile/1\"\nkind = \"arrival\"\n[file]\npath = \"x.csv\"\n[arrival]\nid = \"x\"\nkind = "
      "\"order\"\nunit = { columns = [\"a\", \"b\"], join = \"\", widths = [2, 5], prefix = \"100\" }\n",
      "test.toml");
  ASSERT_TRUE(profile) << describe(profile.error());
  const Folder folder;
  const auto read = read_arrival(*profile, folder.write("x.csv", "a,b\n7,423\n"), {});
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->unit_keys[0], "1000700423");
}

}  // namespace
}  // namespace cotejo
