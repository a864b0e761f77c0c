// Files that are not whole, not text or not tables: each is named for what it is, none is read as if it were whole.
#include <algorithm>
#include <chrono>
#include <random>

#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

std::string many_rows(int n) {
  std::string out = "unit,a,b\n";
  for (int i = 0; i < n; ++i)
    out += std::to_string(100'000 + i) + "," + std::to_string(i * 79 % 1000) + "," + std::to_string(i % 997) + "\n";
  return out;
}

void expect_damaged(const Result<Count>& result, std::string_view part, std::int64_t row = 0) {
  ASSERT_FALSE(result);
  EXPECT_EQ(name_of(result.error().code), "file_damaged") << describe(result.error());
  EXPECT_THAT(result.error().message, HasSubstr(std::string(part)));
  EXPECT_EQ(result.error().row, row) << describe(result.error());
  EXPECT_FALSE(result.error().remedy.empty());
  EXPECT_FALSE(result.error().file.empty());
}

TEST(Damage, MissingFilesAndFoldersAreNamed) {
  const Folder folder;
  auto error = error_of(read(profile(), folder.path() / "absent.csv"));
  EXPECT_EQ(error.code, ErrorCode::file_missing);
  EXPECT_THAT(error.message, HasSubstr("no such file"));
  error = error_of(read(profile(), folder.path()));
  EXPECT_EQ(error.code, ErrorCode::file_missing);
  EXPECT_THAT(error.message, HasSubstr("folder"));
  EXPECT_EQ(error_of(read(profile(), "/dev/null")).code, ErrorCode::file_missing);
}

TEST(Damage, AnEmptyFileAndAHeaderWithoutRowsAreNotCounts) {
  const Folder folder;
  expect_damaged(read(profile(), folder.write("x.csv", "")), "the file is empty");
  expect_damaged(read(profile(), folder.write("x.csv", "unit,a,b\n")), "no rows");
  expect_damaged(read(profile(), folder.write("x.csv", "unit,a,b")), "no rows");
  expect_damaged(read(profile(), folder.write("x.csv", "\nunit,a,b\n1,2,3\n")), "header row is empty", 1);
  expect_damaged(read(profile(), folder.write("x.csv", "\xEF\xBB\xBF")), "header row is empty", 1);
  expect_damaged(read(profile(), folder.write_zip("x.zip", {{"x.csv", ""}})), "empty");
}

// Only the very last bytes (the length of a remark that is not there, zeros of an offset) can be missing without harm.
TEST(Damage, AZipCutShortAnywhereIsDamagedOrItsContentIsWhole) {
  const Folder folder;
  const auto zip = folder.write_zip("x.zip", {{"x.csv", many_rows(2'000)}});
  const auto bytes = bytes_of(zip);
  const auto whole = read_whole(profile(), zip).content_hash();
  for (std::size_t missing_bytes = 1; missing_bytes < bytes.size() - 4; missing_bytes += missing_bytes < 100 ? 1 : 97) {
    const auto result =
        read(profile(set_aside), folder.write("cut.zip", bytes.substr(0, bytes.size() - missing_bytes)));
    SCOPED_TRACE(missing_bytes);
    if (missing_bytes < 10 && result)
      EXPECT_EQ(result->content_hash(), whole);
    else
      expect_damaged(result, "zip");
  }
}

TEST(Damage, AZipWhoseStreamIsDamagedIsNamedAtOneByteAnywhere) {
  const Folder folder;
  const auto text = many_rows(3'000);
  const auto whole = bytes_of(folder.write_zip("x.zip", {{"x.csv", text}}));
  const auto begin = whole.find("x.csv") + 5;
  const auto end = whole.rfind("PK\1\2");
  for (int i = 0; i < 40; ++i) {
    auto bytes = whole;
    const auto at = begin + 40 + (end - begin - 60) * static_cast<std::size_t>(i) / 40;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto result = read(profile(set_aside), folder.write("damaged.zip", bytes));
    ASSERT_FALSE(result) << "byte " << at;
    EXPECT_EQ(name_of(result.error().code), "file_damaged") << "byte " << at << ": " << describe(result.error());
  }
}

TEST(Damage, WhatIsNotDelimitedTextIsNamed) {
  const Folder folder;
  expect_damaged(read(profile(), folder.write("x.csv.gz", "\x1F\x8B\x08\x00garbage")), "gzip");
  expect_damaged(
      read(profile(), folder.write_zip("x.xlsx", {{"[Content_Types].xml", "<x/>"}, {"xl/workbook.xml", "<x/>"}})),
      "opened as XLSX");
  expect_damaged(read(profile(), folder.write("x.csv", std::string("\xFF\xFEu\0n\0i\0t\0,\0", 12))), "UTF-16", 1);
  expect_damaged(read(profile(), folder.write("x.xls", std::string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0", 12))),
                 "NUL", 1);
}

TEST(Damage, ANulByteIsNamedWithItsRow) {
  const Folder folder;
  expect_damaged(read(profile(set_aside), folder.write("x.csv", std::string("unit,a,b\n1,1,1\n2,2\0,2\n3,3,3\n", 28))),
                 "NUL", 3);
  expect_damaged(read(profile(set_aside), folder.write("x.csv", std::string("unit,a,b\n1,1,1\n\0,2,2\n", 21))), "NUL",
                 3);
  expect_damaged(read(profile(set_aside), folder.write("x.csv", std::string("un\0it,a,b\n1,1,1\n", 16))), "NUL", 1);
  const auto late = many_rows(50'000) + std::string("9,1\0,1\n", 7);
  expect_damaged(read(profile(set_aside), folder.write("x.csv", late)), "NUL", 50'002);
}

TEST(Damage, BytesThatAreNotUtf8AreNamedWithRowAndColumn) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,town,a,b\n1,Potos\xED,1,1\n2,Sucre,2,2\n3,\xC3,3,3\n");
  const auto error = error_of(read(profile(), file));
  expect_error(error, {ErrorCode::file_damaged, 2, "town", "Potos\\xED", "expected text in UTF-8"});
  EXPECT_THAT(error.message, HasSubstr("(and 1 more unusable row)"));
  EXPECT_THAT(error.remedy, HasSubstr("encoding"));
  const auto count = read_whole(profile(set_aside), file);
  EXPECT_THAT(keys_of(count), ElementsAre("2"));
  EXPECT_EQ(count.rejected[0].text, R"(["1","Potos\\xED","1","1"])") << "JSON must be UTF-8: the byte is shown";
  expect_damaged(read(profile(), folder.write("x.csv", "unit,\xF1,a,b\n1,2,3,4\n")), "in the header", 1);
}

TEST(Damage, RowsWithTooFewOrTooManyCellsAreUnusable) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,1,1\n2,2\n3,3,3,3\n4,4,4,\n5\n6,6,6\n");
  const auto error = error_of(read(profile(), file));
  expect_error(error, {ErrorCode::file_damaged, 3, "", "",
                       "expected 3 cells, as in the header, found 2 (and 3 more unusable rows)"});
  const auto count = read_whole(profile(set_aside), file);
  EXPECT_THAT(keys_of(count), ElementsAre("1", "6"));
  ASSERT_EQ(count.rejected.size(), 4U);
  EXPECT_EQ(count.rejected[1].text, R"(["3","3","3","3"])") << "every cell is kept, also the one too many";
}

// ---- quotation marks ----

Profile with_town(std::string_view file_keys = "") {
  return profile(file_keys, "[[place]]\nlevel = \"town\"\nname = \"town\"");
}

TEST(QuotationMarks, InsideACellThatIsNotQuotedAreText) {
  const Folder folder;
  const auto p = with_town("separator = \"|\"");
  const auto count = read_whole(p, folder.write("x.csv",
                                                "unit|town|a|b\n1|ESC. \"SOROMA\"|1|1\n2|\"A\" y \"B\"|1|1\n3|\"Esc. "
                                                "\"\"X\"\"|Y\"|1|1\n4|\"Vila \\\"A\\\"\"|1|1\n"));
  std::vector<std::string> towns;
  for (const auto& place : count.hierarchy.places()) towns.push_back(place.name);
  EXPECT_THAT(towns, ElementsAre("ESC. \"SOROMA\"", "A\" y \"B", "Esc. \"X\"|Y", "Vila \\\"A\\\""));
}

TEST(QuotationMarks, ThatSwallowRowsAreFoundAndNotReadOver) {
  const Folder folder;
  // Rows 2 and 4 each have one stray mark: a parser joins rows 2 to 4 into one record with the right number of cells.
  const auto file =
      folder.write("x.csv", "unit,town,a,b\n1,the 12\" hall,1,1\n2,x,1,1\n3,the 10\" hall,1,1\n4,y,1,1\n");
  const auto error = error_of(read(with_town(), file));
  expect_error(error, {ErrorCode::file_damaged, 2, "town", "the 12\" hall,1,1\n2,x,1,1\n3,the 10\" hall",
                       "takes in separators or line breaks"});
}

TEST(QuotationMarks, ThatJoinQuotedRowsAreFound) {
  const Folder folder;
  const auto file =
      folder.write("x.csv", "unit,town,a,b\n1,\"La Paz,1,1\n2,\"Oruro\",1,1\n3,Beni\",1,1\n4,\"y\",1,1\n");
  EXPECT_EQ(error_of(read(with_town(), file)).code, ErrorCode::file_damaged);
  const auto legal =
      folder.write("y.csv", "unit,town,a,b\n1,\"La Paz,1,1\n2,\"\"Oruro\"\",1,1\n3,Beni\",1,1\n4,\"y\",1,1\n");
  EXPECT_EQ(read_whole(with_town(), legal).units(), 2U) << "the same text with doubled marks is one cell";
}

TEST(QuotationMarks, OpenedAndNeverClosedAreDamageEvenWhereRowsAreSetAside) {
  const Folder folder;
  expect_damaged(read(with_town(set_aside), folder.write("x.csv", "unit,town,a,b\n1,x,1,1\n2,\"La Paz,1,1\n3,y,1,1\n")),
                 "never closed", 3);
  expect_damaged(read(with_town(set_aside), folder.write("x.csv", "unit,town,a,b\n1,x,1,1\n2,La Paz,1,\"1")),
                 "never closed", 3);
}

TEST(QuotationMarks, MayHoldLineBreaksWhereTheWholeCellIsQuoted) {
  const Folder folder;
  const auto count = read_whole(
      with_town(),
      folder.write("x.csv",
                   "unit,town,a,b\n1,\"Escuela\r\nLa Paz, nueva\",1,1\n2,\"say \"\"hello\"\"\nand go\",1,1\n"));
  EXPECT_EQ(count.hierarchy[count.unit_place[0]].name, "Escuela\nLa Paz, nueva");
  EXPECT_EQ(count.hierarchy[count.unit_place[1]].name, "say \"hello\"\nand go");
  const auto error = error_of(read(with_town(), folder.write("x.csv", "unit,town,a,b\n1,\"x\ny\",1,1\n2,z,1,?\n")));
  EXPECT_EQ(error.row, 3) << "a line break in a cell does not begin a row";
}

// ---- sizes ----

TEST(Sizes, ARecordOfAHundredMegabytesIsNamed) {
  const Folder folder;
  const auto file = folder.write("x.csv", "unit,a,b\n1,1,1\n2," + std::string(100'000'000, '7') + ",1\n");
  expect_damaged(read(profile(set_aside), file), "a record of more than 4,194,304 bytes", 3);
  const auto quoted = folder.write("y.csv", "unit,a,b\n1,1,1\n2,\"" + std::string(50'000'000, '\n') + "\",1\n");
  expect_damaged(read(profile(set_aside), quoted), "a record of more than 4,194,304 bytes", 3);
}

TEST(Sizes, AHeaderOfAMillionColumnsIsNamed) {
  const Folder folder;
  std::string header = "unit,a,b";
  for (int i = 0; i < 1'000'000; ++i) header += ",c";
  expect_damaged(read(profile(), folder.write("x.csv", header + "\n1,1,1\n")),
                 "1,000,003 columns; at most 10,000 are read", 1);
  std::string wide = "unit,a,b", row = "1,2,3";
  for (int i = 0; i < 5'000; ++i) {
    wide += ",c" + std::to_string(i);
    row += ",";
  }
  EXPECT_EQ(read_whole(profile(), folder.write("x.csv", wide + "\n" + row + "\n")).votes[0], 2);
}

TEST(Sizes, AFileOfWhichNothingCanBeUsedIsGivenUpAndNotKeptRowByRow) {
  const Folder folder;
  std::string bytes = "unit,a,b\n";
  for (int i = 0; i < 30'000; ++i) bytes += std::to_string(i) + ",?,?\n";
  const auto error = error_of(read(profile(set_aside), folder.write("x.csv", bytes)));
  expect_error(error, {ErrorCode::value_invalid, 2, "a", "?", "none of the first 10,000 rows can be used"});
}

TEST(Sizes, WhereEveryRowIsSetAsideThereIsNoCount) {
  const Folder folder;
  const auto error = error_of(read(profile(set_aside), folder.write("x.csv", "unit,a,b\n1,?,1\n2,?,1\n")));
  expect_error(error, {ErrorCode::value_invalid, 2, "a", "?", "(and 1 more unusable row)"});
}

TEST(Sizes, RowsOfAnyLengthAcrossTheReadersBlocksAreWhole) {
  const Folder folder;
  // Blocks are 65,536 bytes; names of every length move the borders through every position of a record.
  std::string bytes = "unit,town,a,b\r\n";
  for (int i = 0; i < 3'000; ++i)
    bytes += std::to_string(i) + ",\"" + std::string(static_cast<std::size_t>(i % 211), i % 3 == 0 ? '\n' : 'x') +
             "ñ\"," + std::to_string(i) + ",1\r\n";
  const auto count = read_whole(with_town(), folder.write("x.csv", bytes));
  ASSERT_EQ(count.units(), 3'000U);
  for (int i = 0; i < 3'000; ++i) ASSERT_EQ(count.votes[static_cast<std::size_t>(i)], i);
}

// ---- anything ----

// Damages a good input at random; whatever comes out is a count or an error with a message and a file, never a crash or
// a hang.
TEST(Anything, GivesACountOrAnErrorThatSaysWhatIsWrong) {
  const Folder folder;
  const std::string csv =
      "\xEF\xBB\xBFunit,\"town\",a,b,lat\r\n1,\"La \"\"Paz\"\", "
      "x\",10,20,-16.5\r\n2,Peñé,30,40,\r\n3,\"a\nb\",50,60,90\r\n";
  const auto zip = bytes_of(folder.write_zip("good.zip", {{"x.csv", csv}}));
  std::mt19937 random(20191020);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  constexpr std::string_view salt("\",;|\t\r\n\0\xFF\xC3-9 #", 15);
  int good = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes = round % 2 == 0 ? csv : zip;
    for (std::size_t i = 0; i <= below(4); ++i) {
      const auto at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = salt[below(salt.size())];
          break;
        case 1:
          bytes.insert(at, 1, salt[below(salt.size())]);
          break;
        case 2:
          bytes.erase(at, 1 + below(8));
          break;
        default:
          bytes[at] = static_cast<char>(below(256));
          break;
      }
      if (bytes.empty()) bytes.push_back('x');
    }
    const auto result = read(with_town(round % 4 < 2 ? "" : set_aside), folder.write("any", bytes));
    if (result) {
      ++good;
      ASSERT_EQ(result->votes.size(), 2 * result->units());
      continue;
    }
    ASSERT_FALSE(result.error().message.empty());
    ASSERT_FALSE(result.error().file.empty()) << result.error().message;
    ASSERT_NE(result.error().code, ErrorCode::internal) << describe(result.error());
  }
  EXPECT_GT(good, 50) << "the damage is so heavy that nothing is tested";
}

}  // namespace
}  // namespace cotejo
