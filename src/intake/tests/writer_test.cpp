#include "cotejo/intake/writer.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;

TEST(CsvCell, IsQuotedWhereItMustBe) {
  EXPECT_EQ(csv_cell("La Paz"), "La Paz");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell("La Paz, zona 1"), "\"La Paz, zona 1\"");
  EXPECT_EQ(csv_cell("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_cell("a;b"), "\"a;b\"") << "another separator, for programs that guess";
  EXPECT_EQ(csv_cell(" x"), "\" x\"");
}

TEST(CsvCell, ThatASpreadsheetWouldRunGetsAnApostropheUnlessItIsANumber) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_cell("+cmd"), "'+cmd");
  EXPECT_EQ(csv_cell("-VU/AJIVU"), "'-VU/AJIVU");
  EXPECT_EQ(csv_cell("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(csv_cell("-16.5"), "-16.5");
  EXPECT_EQ(csv_cell("+16.5"), "+16.5");
  EXPECT_EQ(csv_cell("-inf"), "'-inf");
  EXPECT_EQ(csv_cell("-1+cmd"), "'-1+cmd");
}

Count small_count() {
  Count count;
  count.id = CountId{"xx/final"};
  count.contest = {
      .id = ContestId{"xx/president"}, .title = {}, .options = {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
  count.hierarchy = Hierarchy({"town", "precinct"});
  const auto town = count.hierarchy.add(no_place, "La Paz, x");
  count.unit_place = {count.hierarchy.add(town, "Esc. \"X\"", "0101"), count.hierarchy.add(town, "Esc. \"X\"", "0102"),
                      count.hierarchy.add(town, "-", "")};
  for (const char* key : {"001", "110046138042512901", "3"}) count.unit_keys.push_back(key);
  count.votes = {1, 2, 3, 4, 5, missing};
  count.registered = {10, missing, 30};
  count.latitude = {-16.5, std::numeric_limits<double>::quiet_NaN(), 0.1};
  count.longitude = {-68.15, std::numeric_limits<double>::quiet_NaN(), 0.2};
  count.fields.push_back({.id = "cards", .name = "Cards", .values = {7, 8, 9}});
  return count;
}

TEST(WriteCount, HasTheDocumentedColumnsAndLineEnds) {
  const Folder folder;
  const auto file = folder.path() / "out.csv";
  ASSERT_TRUE(write_count_csv(small_count(), file));
  EXPECT_EQ(bytes_of(file),
            "unit,town,precinct,precinct_code,latitude,longitude,registered,A,B,cards\r\n"
            "001,\"La Paz, x\",\"Esc. \"\"X\"\"\",0101,-16.5,-68.15,10,1,4,7\r\n"
            "110046138042512901,\"La Paz, x\",\"Esc. \"\"X\"\"\",0102,,,,2,5,8\r\n"
            "3,\"La Paz, x\",'-,,0.1,0.2,30,3,,9\r\n");
}

constexpr const char* profile_of_what_was_written = R"(
[[place]]
level = "town"
name = "town"
[[place]]
level = "precinct"
name = "precinct"
code = "precinct_code"
[columns]
registered = "registered"
cast = "cast"
valid = "valid"
latitude = "latitude"
longitude = "longitude"
[[field]]
id = "cards"
column = "cards"
)";

// Write, read, compare the content hash: over random counts with whatever text may stand in a published file.
TEST(WriteCount, AProfileReadsTheSameCountBack) {
  const Folder folder;
  auto p = profile("optional = [\"registered\", \"precinct_code\", \"town\"]", profile_of_what_was_written);
  p.options[0].column.plus = {"A"};
  p.options[1].column.plus = {"B"};
  std::mt19937 random(20191020);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  const std::vector<std::string> pieces = {"La Paz", ",", "\"", "\n", "ñ",  "Москва", ";",  "|",
                                           " ",      "'", "0",  "#2", "\\", "Ł",      "\t", "x"};
  const auto text = [&] {
    std::string out = "t";
    for (int i = below(6); i > 0; --i) out += pieces[static_cast<std::size_t>(below(static_cast<int>(pieces.size())))];
    return out + "t";
  };
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    Count count;
    count.contest = {
        .id = ContestId{"xx/president"}, .title = {}, .options = {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
    count.hierarchy = Hierarchy({"town", "precinct"});
    const auto n = static_cast<std::size_t>(20 + below(30));
    Field cards{.id = "cards", .name = "cards", .values = {}};
    for (std::size_t i = 0; i < n; ++i) {
      count.unit_keys.push_back(std::to_string(i) + text());
      const auto town = count.hierarchy.add(no_place, below(5) == 0 ? "" : text());
      count.unit_place.push_back(
          count.hierarchy.add(town, text(), i > 0 && below(2) == 0 ? "" : std::to_string(below(9))));
      count.registered.push_back(below(4) == 0 ? missing : below(2'000'000'000));
      count.cast.push_back(below(300));
      count.valid.push_back(below(300));
      cards.values.push_back(below(300));
      const bool placed = below(3) != 0;
      count.latitude.push_back(placed ? std::uniform_real_distribution<>(-90, 90)(random)
                                      : std::numeric_limits<double>::quiet_NaN());
      count.longitude.push_back(placed ? std::uniform_real_distribution<>(-180, 180)(random)
                                       : std::numeric_limits<double>::quiet_NaN());
    }
    for (std::size_t i = 0; i < 2 * n; ++i) count.votes.push_back(below(1'000));
    count.fields.push_back(cards);
    const auto file = folder.path() / "out.csv";
    ASSERT_TRUE(write_count_csv(count, file));
    const auto back = read_count(p, file, {});
    ASSERT_TRUE(back) << describe(back.error()) << "\n" << bytes_of(file);
    ASSERT_EQ(back->content_hash(), count.content_hash()) << bytes_of(file);
  }
}

TEST(WriteUnitList, IsReadBackInOrder) {
  const Folder folder;
  const auto file = folder.path() / "units.csv";
  const std::vector<std::string> keys = {"51546", "a, b", "\"q\"", "x\ny", "51546"};
  ASSERT_TRUE(write_unit_list(keys, file));
  const auto back = read_unit_list(file);
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(*back, keys);
}

TEST(Write, WhereItCannotLeavesNothingBehind) {
  const Folder folder;
  auto error = error_of(write_unit_list({"1"}, folder.path() / "absent" / "x.csv"));
  EXPECT_EQ(name_of(error.code), "file_write");
  EXPECT_FALSE(error.remedy.empty());
  std::filesystem::create_directories(folder.path() / "taken" / "inside");
  error = error_of(write_unit_list({"1"}, folder.path() / "taken"));
  EXPECT_EQ(name_of(error.code), "file_write");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "taken.part"));
  if (std::filesystem::exists("/dev/full")) {
    std::filesystem::create_symlink("/dev/full", folder.path() / "full.csv.part");
    error = error_of(write_unit_list(std::vector<std::string>(100'000, "123456789"), folder.path() / "full.csv"));
    EXPECT_EQ(name_of(error.code), "file_write");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "full.csv"));
  }
}

}  // namespace
}  // namespace cotejo
