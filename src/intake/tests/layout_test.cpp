// How numbers are written, sums, percentages, the long layout, filters and projected coordinates.
#include <cmath>

#include "../numbers.hpp"
#include "../projection.hpp"
#include "intake_test_support.hpp"

namespace cotejo::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Profile parsed(const std::string& text) {
  auto profile = parse_profile(text, "test.toml");
  EXPECT_TRUE(profile) << describe(profile.error());
  return profile ? *profile : Profile{};
}

Column column(const Count& count, std::string_view name) {
  const auto values = count.column(name);
  return {values.begin(), values.end()};
}

// ---- numbers ----

struct Written {
  const char* name;
  NumberFormat format;
  const char* cell;
  std::optional<std::int32_t> value;
};

class Numbers : public testing::TestWithParam<Written> {};

TEST_P(Numbers, AreReadAsTheProfileSaysTheyAreWritten) {
  const auto& [name, format, cell, value] = GetParam();
  EXPECT_EQ(NumberReader(format).whole(cell), value) << cell;
}

const NumberFormat plain{}, english{'.', ",", {}, {}}, german{',', ".", {}, {}}, swiss{'.', "'", {}, {}},
    french{',', " ", {}, {}}, marks{'\0', "", {"-", "N/A"}, {"nil"}}, german_without_decimal{'\0', ".", {}, {}},
    mixed{'\0', " ", {}, {}, {"'"}}, rounding{'.', "", {}, {}, {}, true};

INSTANTIATE_TEST_SUITE_P(
    Layout, Numbers,
    testing::Values(
        Written{"plain", plain, "1234", 1234}, Written{"largest", plain, "2147483647", 2147483647},
        Written{"too_large", plain, "2147483648", std::nullopt}, Written{"negative", plain, "-1", std::nullopt},
        Written{"a_point_is_ambiguous_unless_declared", plain, "1.000", std::nullopt},
        Written{"a_fraction_of_zeros_is_none", plain, "456.0", 456}, Written{"two_zeros", plain, "456.00", 456},
        Written{"six_zeros", plain, "456.000000", 456}, Written{"comma_and_zero", plain, "456,0", 456},
        Written{"a_fraction_without_a_number", plain, ".0", std::nullopt},
        Written{"a_negative_zero_fraction", plain, "-7.0", std::nullopt},
        Written{"a_fraction_that_is_no_zero", plain, "12.5", std::nullopt},
        Written{"zeros_behind_a_thousands_separator", german_without_decimal, "12.0", std::nullopt},
        Written{"zeros_behind_another_separator", german_without_decimal, "1.234,0", 1234},
        Written{"mixed_thousands_blank", mixed, "14\u202F583", 14583},
        Written{"mixed_thousands_apostrophe", mixed, "14\u2019818", 14818},
        Written{"two_kinds_in_one_number", mixed, "1 234'567", std::nullopt},
        Written{"noise_above", rounding, "19.00000000003", 19}, Written{"noise_below", rounding, "47.99999999998", 48},
        Written{"noise_carries", rounding, "9.9999999", 10},
        Written{"more_than_noise", rounding, "48.00001", std::nullopt},
        Written{"noise_over_the_largest", rounding, "2147483647.9999999", std::nullopt},
        Written{"noise_is_not_read_unless_asked", english, "19.00000000003", std::nullopt},
        Written{"comma_thousands", english, "1,234,567", 1234567}, Written{"no_group", english, "1234567", 1234567},
        Written{"zero_fraction", english, "1,234.00", 1234}, Written{"fraction", english, "1,234.50", std::nullopt},
        Written{"group_of_two_at_the_end", english, "1,23", std::nullopt},
        Written{"group_of_four", english, "1,2345", std::nullopt},
        Written{"first_group_of_four", english, "1234,567", std::nullopt},
        Written{"empty_group", english, "1,,234", std::nullopt}, Written{"leading", english, ",123", std::nullopt},
        Written{"lakhs", english, "12,34,567", 1234567},
        Written{"lakhs_first_of_three", english, "123,45,678", std::nullopt},
        Written{"mixed_groups", english, "1,23,456,789", std::nullopt},
        Written{"german", german, "1.234.567,00", 1234567}, Written{"german_small", german, "12,0", 12},
        Written{"german_as_english", german, "1,234.00", std::nullopt}, Written{"swiss", swiss, "1'234", 1234},
        Written{"swiss_typographic", swiss, "1\u2019234", 1234}, Written{"no_break_space", french, "1\u00A0234", 1234},
        Written{"narrow_space", french, "1\u202F234,0", 1234}, Written{"arabic_digits", plain, "١٢٣", 123},
        Written{"arabic_thousands", english, "١٬٢٣٤", 1234}, Written{"devanagari", plain, "१२", 12},
        Written{"dash", marks, "-", missing}, Written{"not_available", marks, "N/A", missing},
        Written{"nil", marks, "nil", 0}, Written{"empty", marks, "", missing},
        Written{"other_text", marks, "x", std::nullopt}, Written{"roman_numeral_sign", plain, "Ⅷ", std::nullopt},
        Written{"exponent", english, "1e3", std::nullopt}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Numbers, PlaceholdersAndThousandsAreReadInAFile) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit;a;b;reg\n1;\"1.234\";-;-\n2;nil;2;7\n3;N/A;3;9\n");
  const auto p = profile("separator = \";\"\nbad_rows = \"set-aside\"\noptional = [\"reg\"]",
                         "[numbers]\nthousands = \".\"\ndecimal = \",\"\nmissing = [\"N/A\"]\nzero = [\"nil\", \"-\"]\n"
                         "[columns]\nregistered = \"reg\"");
  const auto count = read_whole(p, file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2"));
  EXPECT_THAT(count.votes, ElementsAre(1234, 0, 0, 2));
  EXPECT_THAT(count.registered, ElementsAre(0, 7));
  ASSERT_THAT(count.rejected, SizeIs(1)) << "votes that are not available are not zero";
  EXPECT_THAT(count.rejected[0].reason, HasSubstr("stands for a missing number"));
}

TEST(Numbers, VotesAreNeverMissingUnderWhateverNameTheirColumnGoes) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,,2\n2,1,2\n");
  const auto p = profile("optional = [\"#2\"]\nbad_rows = \"set-aside\"", "[[field]]\nid = \"again\"\ncolumn = \"#2\"");
  EXPECT_THAT(keys_of(read_whole(p, file)), ElementsAre("2"));
}

// ---- sums and percentages ----

std::string with_options(const std::string& a, const std::string& more = "") {
  return "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n[count]\nid = \"x/y\"\n"
         "contest = \"x/c\"\n[unit]\nkey = \"unit\"\n" +
         more + "\n[[option]]\nid = \"A\"\ncolumn = " + a + "\n[[option]]\nid = \"B\"\ncolumn = \"b\"\n";
}

TEST(Sums, AreOfColumnsLessOthers) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,men,women,b,box,bad\n1,10,20,5,40,5\n2,1,2,3,2,4\n");
  const auto count = read_whole(parsed(with_options("{ sum = [\"men\", \"women\"] }",
                                                    "[columns]\ncast = { sum = [\"box\"], minus = [\"bad\"] }\n"
                                                    "registered = { constant = 300 }")),
                                file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2"));
  EXPECT_THAT(count.votes, ElementsAre(30, 3, 5, 3));
  EXPECT_THAT(count.cast, ElementsAre(35, missing)) << "it never takes the votes of its row along";
  EXPECT_THAT(count.registered, ElementsAre(300, 300));
  ASSERT_THAT(count.unreadable, SizeIs(1));
  EXPECT_THAT(count.unreadable[0].reason, HasSubstr("'cast' is -2"));
}

TEST(Sums, WithAMissingPartAreMissing) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b,men,women\n1,1,2,,20\n2,1,2,10,20\n");
  const auto p = profile("optional = [\"men\"]", "[columns]\nregistered = { sum = [\"men\", \"women\"] }");
  EXPECT_THAT(read_whole(p, file).registered, ElementsAre(missing, 30));
}

TEST(Sums, OverTheLargestNumberAreRefused) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,men,women,b\n1,2147483647,1,0\n2,1,1,1\n");
  const auto count = read_whole(parsed(with_options("{ sum = [\"men\", \"women\"] }")), file);
  EXPECT_THAT(keys_of(count), ElementsAre("2"));
}

struct Rounded {
  const char* name;
  Percentage percentage;
  std::int64_t base, low, high;
};
class Percentages : public testing::TestWithParam<Rounded> {};
// Every vote is tried: the bounds are those of the votes whose share rounds (either way at a half) to the percentage.
TEST_P(Percentages, StandForTheVotesThatRoundToThem) {
  const auto& [name, percentage, base, low, high] = GetParam();
  const auto found = votes_of(percentage, base);
  EXPECT_EQ(found.low, low);
  EXPECT_EQ(found.high, high);
  const double scale = std::pow(10.0, percentage.digits);
  std::int64_t first = -1, last = -1;
  for (std::int64_t v = 0; v <= 2 * base + 2; ++v) {
    const double share = 100.0 * static_cast<double>(v) / static_cast<double>(base) * scale;
    if (std::abs(share - static_cast<double>(percentage.value)) > 0.5 + 1e-9) continue;
    if (first < 0) first = v;
    last = v;
  }
  if (first >= 0) {
    EXPECT_EQ(found.low, first);
    EXPECT_EQ(found.high, last);
  } else {
    EXPECT_GT(found.low, found.high);
  }
}
INSTANTIATE_TEST_SUITE_P(Layout, Percentages,
                         testing::Values(Rounded{"one", {4530, 2}, 200, 91, 90}, Rounded{"whole", {45, 0}, 200, 89, 91},
                                         Rounded{"exact", {4550, 2}, 200, 91, 91}, Rounded{"none", {0, 2}, 300, 0, 0},
                                         Rounded{"all", {10000, 2}, 217, 217, 217},
                                         Rounded{"third", {3333, 2}, 3, 1, 1},
                                         Rounded{"tenths", {125, 1}, 240, 30, 30}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Percentages, BecomeVotesOnlyWhereOneNumberFits) {
  const Folder folder;
  const auto file = folder.write(
      "x.csv", "unit,share,valid,b\n1,\"45,50 %\",200,109\n2,45 %,2000,1\n3,\"33,33\",3,2\n4,\"12,34%\",3,2\n");
  const auto count =
      read_whole(parsed(with_options("{ percent = \"share\", of = [\"valid\"] }", "[numbers]\ndecimal = \",\"")), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "3"));
  EXPECT_THAT(count.votes, ElementsAre(91, 1, 109, 2));
  ASSERT_THAT(count.rejected, SizeIs(2));
  EXPECT_THAT(count.rejected[0].reason, HasSubstr("any of 890 to 910 votes out of 2,000"));
  EXPECT_THAT(count.rejected[1].reason, HasSubstr("no number of votes out of 3"));
  ASSERT_THAT(count.caveats, SizeIs(1));
  EXPECT_THAT(count.caveats[0], HasSubstr("computed from the published percentages 'share'"));
}

// ---- the long layout ----

std::string long_profile(const std::string& keys, const std::string& more = "", const std::string& file = "") {
  return "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\n" + file +
         "\n[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\nkey = \"unit\"\n[long]\nname = \"who\"\nvalue = \"n\"\n" +
         keys + "\n" + more + "\n[[option]]\nid = \"A\"\ncolumn = \"Ana\"\n[[option]]\nid = \"B\"\ncolumn = \"Ben\"\n";
}
constexpr const char* town_and_registered =
    "[[place]]\nlevel = \"town\"\nname = \"town\"\n[columns]\nregistered = \"Voters\"\n";

TEST(LongLayout, GathersAUnitFromItsRowsInAnyOrder) {
  const Folder folder;
  const auto file = folder.write("x.csv",
                                 "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,20\n2,T,Ben,40\n1,T,Voters,100\n"
                                 "2,T,Voters,200\n2,T,Ana,30\n");
  const auto count = read_whole(parsed(long_profile("", town_and_registered)), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "2"));
  EXPECT_THAT(count.votes, ElementsAre(10, 30, 20, 40));
  EXPECT_THAT(count.registered, ElementsAre(100, 200));
  EXPECT_EQ(count.hierarchy.path(count.unit_place[1]), "T");
}

TEST(LongLayout, GivesTheSameCountAsTheWideOne) {
  const Folder folder;
  const auto wide = folder.write("w.csv", "unit,town,Ana,Ben,Voters\n1,T,10,20,100\n2,U,30,40,200\n");
  const auto tall = folder.write(
      "l.csv", "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,20\n1,T,Voters,100\n2,U,Ana,30\n2,U,Ben,40\n2,U,Voters,200\n");
  auto p = parsed(long_profile("", town_and_registered));
  const auto from_long = read_whole(p, tall);
  p.long_layout.reset();
  const auto from_wide = read_whole(p, wide);
  EXPECT_EQ(from_long.sha256, from_wide.sha256);
}

TEST(LongLayout, AMissingRowIsRefusedZeroOrMissingAsTheProfileSays) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,20\n1,T,Voters,50\n2,T,Ana,7\n");
  const auto error = error_of(read(parsed(long_profile("", town_and_registered)), file));
  expect_error(error, {ErrorCode::value_invalid, 5, "", "2", "no row for 'Ben'"});
}

TEST(LongLayout, AbsentZeroAndAbsentMissing) {
  const Folder folder;
  const auto file =
      folder.write("x.csv", "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,20\n1,T,Voters,50\n2,T,Ana,7\n2,T,Ben,8\n");
  EXPECT_THAT(read_whole(parsed(long_profile("absent = \"zero\"", town_and_registered)), file).registered,
              ElementsAre(50, 0));
  EXPECT_THAT(read_whole(parsed(long_profile("absent = \"missing\"", town_and_registered)), file).registered,
              ElementsAre(50, missing));
  const auto no_ben = folder.write("y.csv", "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,20\n1,T,Voters,50\n2,T,Ana,7\n");
  const auto kept = read_whole(parsed(long_profile("absent = \"missing\"", town_and_registered, set_aside)), no_ben);
  EXPECT_THAT(keys_of(kept), ElementsAre("1")) << "votes of an option are never missing";
  ASSERT_THAT(kept.rejected, SizeIs(1));
  EXPECT_THAT(kept.rejected[0].reason, HasSubstr("no number for the option 'B'"));
}

TEST(LongLayout, RepeatedRowsAreRefusedOrAddedUp) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,who,n\n1,Ana,10\n1,Ben,20\n1,Ana,5\n");
  expect_error(error_of(read(parsed(long_profile("")), file)),
               {ErrorCode::value_invalid, 4, "who", "Ana", "each name once per unit"});
  EXPECT_THAT(read_whole(parsed(long_profile("repeated = \"sum\"")), file).votes, ElementsAre(15, 20));
  const auto large = folder.write("y.csv", "unit,who,n\n1,Ana,2147483647\n1,Ben,20\n1,Ana,1\n");
  expect_error(error_of(read(parsed(long_profile("repeated = \"sum\"")), large)),
               {ErrorCode::value_invalid, 4, "who", "Ana", "over 2,147,483,647"});
}

TEST(LongLayout, OtherNamesAreRefusedOrPassedOver) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,who,n\n1,Ana,10\n1,Ben,20\n1,Eve,5\n");
  expect_error(error_of(read(parsed(long_profile("")), file)),
               {ErrorCode::value_invalid, 4, "who", "Eve", "of this name"});
  EXPECT_THAT(read_whole(parsed(long_profile("others = \"ignore\"")), file).votes, ElementsAre(10, 20));
}

TEST(LongLayout, AnUnusableRowMakesItsUnitUnusable) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,town,who,n\n1,T,Ana,10\n1,T,Ben,x\n2,T,Ana,7\n2,T,Ben,8\n");
  const auto p = parsed(long_profile("absent = \"zero\"", "[[place]]\nlevel = \"town\"\nname = \"town\"\n", set_aside));
  const auto count = read_whole(p, file);
  EXPECT_THAT(keys_of(count), ElementsAre("2"));
  EXPECT_THAT(count.votes, ElementsAre(7, 8));
  ASSERT_THAT(count.rejected, SizeIs(2)) << "the row, and the unit that lacks it";
  EXPECT_THAT(count.rejected[1].reason, HasSubstr("row 3 of this unit cannot be used"));
}

TEST(LongLayout, ARowOfAnUnknownUnitForbidsToTakeAbsenceForZero) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,who,n\n1,Ana,10\n1,Ben\n2,Ana,7\n2,Ben,8\n");
  const auto error = error_of(read(parsed(long_profile("absent = \"zero\"", "", set_aside)), file));
  expect_error(error, {ErrorCode::value_invalid, 3, "", error.value, "cannot be told to belong to a unit"});
}

TEST(LongLayout, AUnitInTwoPlacesIsRefused) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,town,who,n\n1,T,Ana,10\n1,U,Ben,20\n");
  const auto error = error_of(read(parsed(long_profile("", "[[place]]\nlevel = \"town\"\nname = \"town\"\n")), file));
  expect_error(error, {ErrorCode::value_invalid, 3, "unit", "1", "row 2 has the same unit in another place"});
  EXPECT_THAT(error.remedy, HasSubstr("[unit] key"));
}

TEST(LongLayout, SumsMayShareNames) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,who,n\n1,Ana,10\n1,Ben,20\n1,Men,3\n1,Women,4\n");
  const auto count = read_whole(
      parsed(long_profile(
          "", "[columns]\nregistered = { sum = [\"Men\", \"Women\"] }\n[[field]]\nid = \"men\"\ncolumn = \"Men\"")),
      file);
  EXPECT_THAT(count.registered, ElementsAre(7));
  EXPECT_THAT(column(count, "men"), ElementsAre(3));
}

TEST(LongLayout, SeveralContestsAreSeveralProfiles) {
  const Folder folder;
  const auto file = folder.write(
      "x.csv",
      "unit,office,who,n\n1,President,Ana,10\n1,President,Ben,20\n1,Senate,Ana,1\n1,Senate,Ben,2\n1,Mayor,Ana,5\n");
  const auto of = [&](const std::string& values) {
    return read_whole(parsed(long_profile("", "[[where]]\ncolumn = \"office\"\n" + values)), file).votes;
  };
  EXPECT_THAT(of("equals = \"Senate\""), ElementsAre(1, 2));
  EXPECT_THAT(of("one_of = [\"President\"]"), ElementsAre(10, 20));
}

// ---- headers ----

TEST(Headers, StandBelowTitlesAndMayHaveSeveralRows) {
  const Folder folder;
  const auto file =
      folder.write("x.csv", "Final results\n\n,,President,,Senate,\nunit,Registered,Ana,Ben,Ana,Ben\n1,99,10,20,1,2\n");
  auto p = profile("header = 3\nheader_rows = 2", "[columns]\nregistered = \"Registered\"");
  p.options[0].column.plus = {"President / Ana"};
  p.options[1].column.plus = {"Senate / Ben"};
  const auto count = read_whole(p, file);
  EXPECT_THAT(count.votes, ElementsAre(10, 2));
  EXPECT_THAT(count.registered, ElementsAre(99));
}

TEST(Headers, BelowTheEndOfTheFileAreNamed) {
  const Folder folder;
  const auto error = error_of(read(profile("header = 5"), folder.write("x.csv", "unit,a,b\n1,2,3\n")));
  EXPECT_THAT(error.message, HasSubstr("ends above its header"));
}

// ---- coordinates ----

// Mount Illimani's summit (16.654 S, 67.784 W) and the Salar de Uyuni's centre (20.13 S, 67.49 W) lie in zone 19 south;
// computed back from degrees to within a metre by the transverse Mercator series (Snyder 1987, USGS PP 1395, eq. 8-9 to
// 8-15).
void utm(double longitude, double latitude, double meridian, double& easting, double& northing) {
  constexpr double a = 6378137.0, f = 1 / 298.257223563, k0 = 0.9996;
  const double degree = std::acos(-1.0) / 180;
  const double e2 = f * (2 - f), ep2 = e2 / (1 - e2), phi = latitude * degree;
  const double N = a / std::sqrt(1 - e2 * std::sin(phi) * std::sin(phi)), T = std::tan(phi) * std::tan(phi);
  const double C = ep2 * std::cos(phi) * std::cos(phi), A = (longitude - meridian) * degree * std::cos(phi);
  const double M = a * ((1 - e2 / 4 - 3 * e2 * e2 / 64 - 5 * e2 * e2 * e2 / 256) * phi -
                        (3 * e2 / 8 + 3 * e2 * e2 / 32 + 45 * e2 * e2 * e2 / 1024) * std::sin(2 * phi) +
                        (15 * e2 * e2 / 256 + 45 * e2 * e2 * e2 / 1024) * std::sin(4 * phi) -
                        (35 * e2 * e2 * e2 / 3072) * std::sin(6 * phi));
  easting =
      500000 +
      k0 * N * (A + (1 - T + C) * A * A * A / 6 + (5 - 18 * T + T * T + 72 * C - 58 * ep2) * std::pow(A, 5) / 120);
  northing = 1e7 + k0 * (M + N * std::tan(phi) *
                                 (A * A / 2 + (5 - T + 9 * C + 4 * C * C) * std::pow(A, 4) / 24 +
                                  (61 - 58 * T + T * T + 600 * C - 330 * ep2) * std::pow(A, 6) / 720));
}

TEST(Coordinates, OfAProjectedSystemBecomeDegrees) {
  const std::pair<double, double> points[] = {{-67.784, -16.654}, {-67.49, -20.13}, {-71.9, -12.0}};
  for (const auto& [longitude, latitude] : points) {
    double x[] = {0, std::nan("")}, y[] = {0, 5};
    utm(longitude, latitude, -69, x[0], y[0]);
    const auto done = to_degrees("EPSG:32719", x, y);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_NEAR(x[0], longitude, 1e-6);
    EXPECT_NEAR(y[0], latitude, 1e-6);
    EXPECT_TRUE(std::isnan(x[1])) << "an unknown coordinate stays unknown";
  }
}

TEST(Coordinates, AreProjectedAndMayHaveDecimalCommas) {
  const Folder folder;
  double x = 0, y = 0;
  utm(-67.784, -16.654, -69, x, y);
  auto comma = [](double v) {
    std::string text = std::to_string(v);
    std::replace(text.begin(), text.end(), '.', ',');
    return text;
  };
  const auto file = folder.write("x.csv", "unit;a;b;E;N\n1;1;2;" + comma(x) + ";" + comma(y) + "\n2;1;2;;\n");
  const auto p =
      profile("separator = \";\"",
              "[numbers]\ndecimal = \",\"\n[columns]\nlatitude = \"N\"\nlongitude = \"E\"\ncrs = \"EPSG:32719\"");
  const auto count = read_whole(p, file);
  EXPECT_NEAR(count.longitude[0], -67.784, 1e-6);
  EXPECT_NEAR(count.latitude[0], -16.654, 1e-6);
  EXPECT_TRUE(std::isnan(count.longitude[1]));
}

TEST(Coordinates, OfAnUnknownOrForeignSystemAreRefused) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b,E,N\n1,1,2,500000,8000000\n");
  for (const char* crs : {"EPSG:1", "utm19", "EPSG:", "http://localhost/x", "EPSG:32719x", "/etc/passwd"}) {
    const auto p = profile("", std::string("[columns]\nlatitude = \"N\"\nlongitude = \"E\"\ncrs = \"") + crs + "\"");
    const auto error = error_of(read(p, file));
    expect_error(error, {ErrorCode::profile_invalid, 0, "crs", crs, "no such coordinate system"});
    EXPECT_EQ(error.file, "test.toml");
  }
}

// ---- profiles that contradict themselves ----

struct Refused {
  const char* name;
  const char* more;
  const char* column;
  const char* message;
};
class NewKeys : public testing::TestWithParam<Refused> {};
TEST_P(NewKeys, AreRefusedWhenTheyContradict) {
  const auto& [name, more, column, message] = GetParam();
  const auto result = parse_profile(profile_text("", more), "test.toml");
  const auto error = error_of(result);
  EXPECT_EQ(error.code, ErrorCode::profile_invalid);
  EXPECT_EQ(error.column, column) << describe(error);
  EXPECT_THAT(error.message, HasSubstr(message)) << describe(error);
}
INSTANTIATE_TEST_SUITE_P(
    Layout, NewKeys,
    testing::Values(
        Refused{"one_meaning", "[numbers]\nmissing = [\"-\"]\nzero = [\"-\"]", "numbers.zero", "stands for a missing"},
        Refused{"one_separator", "[numbers]\nthousands = \",\"\ndecimal = \",\"", "numbers.thousands",
                "also the decimal"},
        Refused{"letters_are_no_separator", "[numbers]\nthousands = \"x\"", "numbers.thousands", "expected one of"},
        Refused{"crs_without_coordinates", "[columns]\ncrs = \"EPSG:32719\"", "columns.crs", "no coordinates"},
        Refused{"minus_without_sum", "[columns]\ncast = { constant = 1, minus = [\"x\"] }", "columns.cast.minus",
                "goes with"},
        Refused{"two_ways", "[columns]\ncast = { constant = 1, sum = [\"x\"] }", "columns.cast", "exactly one of"},
        Refused{"percent_of_nothing", "[columns]\ncast = { percent = \"x\" }", "columns.cast.of",
                "expected one or more"},
        Refused{"percent_when_long",
                "[long]\nname = \"w\"\nvalue = \"n\"\n[columns]\ncast = { percent = \"x\", of = [\"y\"] }", "long",
                "only where a unit is one row"},
        Refused{"constant_name", "[long]\nname = { constant = \"w\" }\nvalue = \"n\"", "long.name",
                "cannot be a constant"},
        Refused{"empty_filter", "[[where]]\ncolumn = \"x\"", "where[1]", "expected one of"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(NewKeys, APasswordDoesNotBelongIntoAProfile) {
  const auto error = error_of(parse_profile(
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"postgresql:dbname=x password=secret\"\ntable = \"t\"\n",
      "t.toml"));
  EXPECT_EQ(error.column, "file.path");
  EXPECT_THAT(describe(error), testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace cotejo::test
