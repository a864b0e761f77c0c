// The formats under Records: spreadsheets, tables in files, packed files, encodings, and what hostile ones do.
#include <SQLiteCpp/SQLiteCpp.h>
#include <cpl_conv.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>

#include "intake_test_support.hpp"

namespace cotejo::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

struct Whole {
  std::vector<std::string> header;
  Rows rows;
  std::vector<std::int64_t> numbers;
  std::optional<Error> error;
};

Whole all_of(const std::filesystem::path& file, const SourceFormat& format = {}) {
  Whole out;
  auto records = Records::open(file, format);
  if (!records) {
    out.error = records.error();
    return out;
  }
  out.header = records->header();
  for (;;) {
    const auto more = records->next();
    if (!more) {
      out.error = more.error();
      return out;
    }
    if (!*more) return out;
    if (const auto fault = records->fault()) {
      out.error = Error{.code = fault->code, .message = fault->message, .row = records->row(), .column = fault->column};
      return out;
    }
    out.rows.emplace_back(records->cells().begin(), records->cells().end());
    out.numbers.push_back(records->row());
  }
}

// ---- spreadsheets, their XML written by hand ----

constexpr const char* content_types =
    R"(<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)";

std::string cell_name(std::size_t row, std::size_t column) {
  std::string letters;
  for (std::size_t c = column + 1; c > 0; c = (c - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (c - 1) % 26));
  return letters + std::to_string(row);
}

// Sheets by name with the XML of their sheetData and what follows it.
std::filesystem::path write_xlsx(const Folder& folder, const std::string& name,
                                 const std::vector<std::pair<std::string, std::string>>& sheets,
                                 const std::string& shared_strings = "") {
  std::string workbook =
      R"(<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>)";
  std::string rels =
      R"(<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)";
  std::vector<std::pair<std::string, std::string>> parts = {{"[Content_Types].xml", content_types}};
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const auto n = std::to_string(i + 1);
    workbook += "<sheet name=\"" + sheets[i].first + "\" sheetId=\"" + n + "\" r:id=\"rId" + n + "\"/>";
    rels += "<Relationship Id=\"rId" + n +
            "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" "
            "Target=\"worksheets/sheet" +
            n + ".xml\"/>";
    parts.emplace_back(
        "xl/worksheets/sheet" + n + ".xml",
        R"(<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">)" +
            sheets[i].second + "</worksheet>");
  }
  parts.emplace_back("xl/workbook.xml", workbook + "</sheets></workbook>");
  parts.emplace_back("xl/_rels/workbook.xml.rels", rels + "</Relationships>");
  if (!shared_strings.empty()) parts.emplace_back("xl/sharedStrings.xml", shared_strings);
  return folder.write_zip(name, parts);
}

// Text cells in quotes in `rows`, others as numbers; an empty text is no cell at all.
std::string sheet_data(const std::vector<std::pair<std::size_t, std::vector<std::string>>>& rows) {
  std::string out = "<sheetData>";
  for (const auto& [number, cells] : rows) {
    out += "<row r=\"" + std::to_string(number) + "\">";
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (cells[c].empty()) continue;
      if (cells[c][0] == '"')
        out += "<c r=\"" + cell_name(number, c) + "\" t=\"inlineStr\"><is><t>" + cells[c].substr(1) + "</t></is></c>";
      else
        out += "<c r=\"" + cell_name(number, c) + "\"><v>" + cells[c] + "</v></c>";
    }
    out += "</row>";
  }
  return out + "</sheetData>";
}

TEST(Xlsx, TitlesMergedHeadersAndRowNumbersAreThoseOfTheSheet) {
  const Folder folder;
  const auto file =
      write_xlsx(folder, "results.xlsx",
                 {{"Results", sheet_data({{1, {"\"Final results"}},
                                          {3, {"", "", "\"President", "", "\"Senate"}},
                                          {4, {"\"unit", "\"Registered", "\"Ana", "\"Ben", "\"Ana", "\"Ben"}},
                                          {5, {"1", "99", "10", "20", "1", "2"}},
                                          {8, {"\"0012", "100", "11", "21", "3"}}}) +
                                  "<mergeCells><mergeCell ref=\"C3:D3\"/></mergeCells>"}});
  const auto whole = all_of(file, {.member = {}, .table = {}, .header_row = 3, .header_rows = 2});
  ASSERT_FALSE(whole.error) << describe(*whole.error);
  EXPECT_THAT(whole.header,
              ElementsAre("unit", "Registered", "President / Ana", "President / Ben", "Senate / Ana", "Senate / Ben"));
  EXPECT_EQ(whole.rows, (Rows{{"1", "99", "10", "20", "1", "2"}, {"0012", "100", "11", "21", "3", ""}}));
  EXPECT_THAT(whole.numbers, ElementsAre(5, 8));
}

TEST(Xlsx, BecomesACountWithItsUnusableRowNamed) {
  const Folder folder;
  const auto file = write_xlsx(
      folder, "results.xlsx",
      {{"Results", sheet_data({{1, {"\"unit", "\"a", "\"b"}}, {2, {"7", "1", "2"}}, {3, {"8", "\"x", "3"}}})}});
  const auto error = error_of(read(profile(), file));
  expect_error(error, {ErrorCode::value_invalid, 3, "a", "x", "found text"});
  EXPECT_EQ(error.file, file.string());
}

TEST(Xlsx, SharedStringsFormulasAndBooleansAreTheirStoredValues) {
  const Folder folder;
  const auto file = write_xlsx(
      folder, "s.xlsx",
      {{"S", R"(<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>)"
             R"(<row r="2"><c r="A2"><f>SUM(1,2)</f><v>3</v></c><c r="B2" t="str"><f>"a"</f><v>a</v></c></row>)"
             R"(<row r="3"><c r="A3"><f>SUM(1,2)</f></c><c r="B3" t="e"><v>#REF!</v></c></row></sheetData>)"}},
      R"(<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>unit</t></si><si><r><t>Vo</t></r><r><t>tes</t></r></si></sst>)");
  const auto whole = all_of(file);
  ASSERT_FALSE(whole.error) << describe(*whole.error);
  EXPECT_THAT(whole.header, ElementsAre("unit", "Votes"));
  EXPECT_EQ(whole.rows, (Rows{{"3", "a"}, {"", "#REF!"}}));
}

TEST(Xlsx, TheSheetIsNamedWhereThereAreSeveral) {
  const Folder folder;
  const auto sheet = [](const char* value) { return sheet_data({{1, {"\"unit"}}, {2, {value}}}); };
  const auto file = write_xlsx(folder, "s.xlsx", {{"First", sheet("1")}, {"Second", sheet("2")}});
  const auto unnamed = all_of(file);
  ASSERT_TRUE(unnamed.error);
  EXPECT_EQ(unnamed.error->code, ErrorCode::file_missing);
  EXPECT_THAT(unnamed.error->message, HasSubstr("2 sheets: 'First', 'Second'"));
  EXPECT_EQ(all_of(file, {.member = {}, .table = "Second"}).rows, (Rows{{"2"}}));
  const auto wrong = all_of(file, {.member = {}, .table = "Secnd"});
  ASSERT_TRUE(wrong.error);
  EXPECT_EQ(wrong.error->remedy, "Did you mean 'Second'?");
}

TEST(Xlsx, InsideAZipIsRead) {
  const Folder folder;
  const auto inner = write_xlsx(folder, "s.xlsx", {{"S", sheet_data({{1, {"\"unit"}}, {2, {"5"}}})}});
  const auto outer = folder.write_zip("s.zip", {{"published/s.xlsx", bytes_of(inner)}});
  EXPECT_EQ(all_of(outer).rows, (Rows{{"5"}}));
  const auto nested =
      folder.write_zip("n.zip", {{"s.zip", bytes_of(folder.write_zip("i.zip", {{"x.csv", "unit\n1\n"}}))}});
  const auto whole = all_of(nested);
  ASSERT_TRUE(whole.error);
  EXPECT_THAT(whole.error->message, HasSubstr("a zip again"));
}

std::filesystem::path write_ods(const Folder& folder, const std::string& table) {
  return folder.write_zip(
      "t.ods",
      {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
       {"content.xml",
        R"(<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="T">)" +
            table + "</table:table></office:spreadsheet></office:body></office:document-content>"}});
}
std::string ods_row(const std::vector<std::string>& cells, const std::string& attributes = "") {
  std::string out = "<table:table-row" + attributes + ">";
  for (const auto& cell : cells)
    out += cell.empty()     ? "<table:table-cell/>"
           : cell[0] == '"' ? "<table:table-cell office:value-type=\"string\"><text:p>" + cell.substr(1) +
                                  "</text:p></table:table-cell>"
                            : "<table:table-cell office:value-type=\"float\" office:value=\"" + cell + "\"><text:p>" +
                                  cell + "</text:p></table:table-cell>";
  return out + "</table:table-row>";
}

TEST(Ods, TitlesAndRowNumbersAreThoseOfTheSheet) {
  const Folder folder;
  const auto file =
      write_ods(folder, ods_row({"\"Title"}) + ods_row({""}) + ods_row({"\"unit", "\"a"}) + ods_row({"1", "10"}) +
                            ods_row({"", ""}, " table:number-rows-repeated=\"3\"") + ods_row({"2", "20"}));
  const auto whole = all_of(file, {.member = {}, .table = {}, .header_row = 3});
  ASSERT_FALSE(whole.error) << describe(*whole.error);
  EXPECT_THAT(whole.header, ElementsAre("unit", "a"));
  EXPECT_EQ(whole.rows, (Rows{{"1", "10"}, {"2", "20"}}));
  EXPECT_THAT(whole.numbers, ElementsAre(4, 8));
}

// ---- tables in files ----

TEST(Sqlite, TablesAndViewsAreReadWithWhateverNamesTheyHave) {
  const Folder folder;
  const auto path = folder.path() / "votes.db";
  {
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(
        R"sql(CREATE TABLE "returns; DROP TABLE x" (id INTEGER PRIMARY KEY, "Unit ""key""" TEXT, a INTEGER, b REAL, c);
      INSERT INTO "returns; DROP TABLE x" VALUES (1, 'u1', 10, 20.0, NULL), (2, 'u2''; DROP', 30, 40.5, 7);
      CREATE VIEW v AS SELECT a FROM "returns; DROP TABLE x" WHERE a > 10;)sql");
  }
  const auto several = all_of(path);
  ASSERT_TRUE(several.error);
  EXPECT_THAT(several.error->message, HasSubstr("2 tables"));
  const auto whole = all_of(path, {.member = {}, .table = "returns; DROP TABLE x"});
  ASSERT_FALSE(whole.error) << describe(*whole.error);
  EXPECT_THAT(whole.header, ElementsAre("id", "Unit \"key\"", "a", "b", "c"));
  EXPECT_EQ(whole.rows, (Rows{{"1", "u1", "10", "20", ""}, {"2", "u2'; DROP", "30", "40.5", "7"}}));
  EXPECT_THAT(whole.numbers, ElementsAre(1, 2));
  EXPECT_EQ(all_of(path, {.member = {}, .table = "v"}).rows, (Rows{{"30"}}));
  const auto zipped = folder.write_zip("votes.zip", {{"votes.db", bytes_of(path)}});
  EXPECT_EQ(all_of(zipped, {.member = {}, .table = "v"}).rows, (Rows{{"30"}}));
}

TEST(Sqlite, HostileSchemasAreBoundedAndNamed) {
  const Folder folder;
  const auto path = folder.path() / "hostile.db";
  {
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(
        "CREATE TABLE t (unit TEXT, a BLOB); INSERT INTO t VALUES ('1', zeroblob(6000000));"
        "CREATE VIEW loop AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i AS "
        "unit FROM n;"
        "CREATE VIEW ext AS SELECT load_extension('x') AS unit;");
  }
  const auto large = all_of(path, {.member = {}, .table = "t"});
  ASSERT_TRUE(large.error);
  EXPECT_THAT(large.error->message, HasSubstr("more than 4,194,304 bytes"));
  EXPECT_EQ(all_of(path, {.member = {}, .table = "loop"}).rows, (Rows{{"1"}, {"2"}, {"3"}}));
  EXPECT_TRUE(all_of(path, {.member = {}, .table = "ext"}).error) << "no extension is loaded";
}

TEST(Sqlite, ADamagedFileIsNamed) {
  const Folder folder;
  std::string bytes = "SQLite format 3";
  bytes += '\0';
  bytes += std::string(4000, 'x');
  const auto whole = all_of(folder.write("x.db", bytes));
  ASSERT_TRUE(whole.error);
  EXPECT_EQ(whole.error->code, ErrorCode::file_damaged);
}

TEST(GeoPackage, PointsBecomeDegreesWhateverTheirSystem) {
  const Folder folder;
  const auto path = folder.path() / "stations.gpkg";
  {
    RegisterOGRGeoPackage();
    auto* driver = GetGDALDriverManager()->GetDriverByName("GPKG");
    ASSERT_NE(driver, nullptr);
    GDALDataset* dataset = driver->Create(path.c_str(), 0, 0, 0, GDT_Unknown, nullptr);
    OGRSpatialReference utm;
    utm.importFromEPSG(32719);
    OGRLayer* layer = dataset->CreateLayer("stations \"2024\"", &utm, wkbPoint, nullptr);
    OGRFieldDefn unit("unit", OFTString), votes("a", OFTInteger);
    layer->CreateField(&unit);
    layer->CreateField(&votes);
    for (int i = 0; i < 2; ++i) {
      OGRFeature feature(layer->GetLayerDefn());
      feature.SetField("unit", i == 0 ? "u1" : "u2");
      feature.SetField("a", 10 + i);
      OGRPoint point(500'000, 8'000'000);  // on the meridian of zone 19: 69 degrees west
      if (i == 0) feature.SetGeometry(&point);
      ASSERT_EQ(layer->CreateFeature(&feature), OGRERR_NONE);
    }
    GDALClose(dataset);
  }
  const auto whole = all_of(path);
  ASSERT_FALSE(whole.error) << describe(*whole.error);
  EXPECT_THAT(whole.header, ElementsAre("fid", "unit", "a", "@longitude", "@latitude"));
  ASSERT_EQ(whole.rows.size(), 2U);
  EXPECT_EQ(whole.rows[0][1], "u1");
  EXPECT_EQ(whole.rows[0][2], "10");
  EXPECT_EQ(whole.rows[0][3], "-69.000000000");
  // The arc of the meridian from the equator (WGS 84) is 111132.95 d - 16038.5 sin 2d + 16.8 sin 4d metres; the point lies
  // (10,000,000 - 8,000,000) / 0.9996 metres south.
  const double d = -std::stod(whole.rows[0][4]), degree = std::acos(-1.0) / 180;
  EXPECT_NEAR(111132.95 * d - 16038.5 * std::sin(2 * d * degree) + 16.8 * std::sin(4 * d * degree), 2e6 / 0.9996, 5);
  EXPECT_EQ(whole.rows[1][3], "") << "a station without a point";
}

// ---- packed files and encodings ----

std::filesystem::path write_gzip(const Folder& folder, const std::string& name, std::string_view bytes) {
  const auto path = folder.path() / name;
  VSILFILE* out = VSIFOpenL(("/vsigzip/" + path.string()).c_str(), "wb");
  VSIFWriteL(bytes.data(), 1, bytes.size(), out);
  VSIFCloseL(out);
  return path;
}

TEST(Gzip, IsUnpackedAndItsDamageNamed) {
  const Folder folder;
  std::string csv = "unit,a\n";
  for (int i = 0; i < 20'000; ++i) csv += std::to_string(i) + "," + std::to_string((i * 7919) % 1000) + "\n";
  const auto file = write_gzip(folder, "x.csv.gz", csv);
  EXPECT_EQ(all_of(file).rows.size(), 20'000U);
  const std::string packed = bytes_of(file);
  const auto cut = all_of(folder.write("cut.gz", packed.substr(0, packed.size() / 2)));
  ASSERT_TRUE(cut.error) << "half a file must not pass for a whole one";
  EXPECT_EQ(cut.error->code, ErrorCode::file_damaged);
  std::string flipped = packed;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x10);
  EXPECT_TRUE(all_of(folder.write("flipped.gz", flipped)).error);
  std::string checksum = packed;
  checksum[checksum.size() - 6] = static_cast<char>(checksum[checksum.size() - 6] ^ 0x01);
  EXPECT_TRUE(all_of(folder.write("checksum.gz", checksum)).error) << "the checksum at the end is compared";
  EXPECT_TRUE(all_of(folder.write("short.gz", packed.substr(0, 2))).error);
}

std::string utf16(std::u16string_view text, bool big, bool mark) {
  std::string out;
  const auto put = [&](char16_t c) {
    const char low = static_cast<char>(c & 0xFF), high = static_cast<char>(c >> 8);
    out += big ? high : low;
    out += big ? low : high;
  };
  if (mark) put(0xFEFF);
  for (const auto c : text) put(c);
  return out;
}

// `tar` over files of the folder, with what makes an archive unpleasant: a folder, a link, a note of macOS.
std::filesystem::path write_tar(const Folder& folder, const std::string& name, const std::string& flags,
                                const std::vector<std::pair<std::string, std::string>>& files) {
  const auto in = folder.path() / (name + ".d");
  for (const auto& [member, bytes] : files) {
    std::filesystem::create_directories((in / member).parent_path());
    std::ofstream(in / member, std::ios::binary) << bytes;
  }
  std::filesystem::create_symlink("/etc/passwd", in / "link.csv");
  std::ofstream(in / "._note") << "x";
  const auto out = folder.path() / name;
  const std::string command = "tar -C '" + in.string() + "' " + flags + " -cf '" + out.string() + "' .";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return out;
}

TEST(Formats, ATarArchiveIsReadPlainOrPacked) {
  const Folder folder;
  std::string csv = "unit,a,b\n";
  for (int i = 0; i < 20'000; ++i) csv += std::to_string(i) + ",1,2\n";
  for (const auto& [name, flags] : {std::pair{"x.tar", ""}, {"x.tgz", "-z"}, {"x.tar.gz", "-z"}}) {
    const auto one = all_of(write_tar(folder, name, flags, {{"deep/results.csv", csv}}));
    ASSERT_FALSE(one.error) << name << ": " << describe(*one.error);
    EXPECT_EQ(one.rows.size(), 20'000U) << name;
  }
  const auto two = all_of(write_tar(folder, "two.tgz", "-z", {{"a.csv", csv}, {"b.csv", csv}}));
  ASSERT_TRUE(two.error);
  EXPECT_EQ(two.error->code, ErrorCode::file_missing);
  EXPECT_NE(two.error->message.find("holds 2 files"), std::string::npos) << two.error->message;
  const auto whole = bytes_of(folder.path() / "x.tgz");
  EXPECT_TRUE(all_of(folder.write("cut.tgz", whole.substr(0, whole.size() / 2))).error);
  const auto plain = bytes_of(folder.path() / "x.tar");
  EXPECT_TRUE(all_of(folder.write("cut.tar", plain.substr(0, plain.size() / 2))).error);
}

TEST(Encodings, Utf16IsReadWithAndWithoutItsMark) {
  const Folder folder;
  const std::u16string_view text = u"unit,Ñandú,Путин,𝒳\r\n1,10,20,30\r\n";
  const std::vector<std::string> header = {"unit", "Ñandú", "Путин", "𝒳"};
  struct Case {
    const char* encoding;
    bool big, mark;
  };
  for (const auto& c : {Case{"UTF-16", false, true}, Case{"UTF-16", true, true}, Case{"UTF-16LE", false, false},
                        Case{"UTF-16BE", true, false}, Case{"UTF-16LE", false, true}}) {
    const auto whole =
        all_of(folder.write("x.csv", utf16(text, c.big, c.mark)), {.member = {}, .table = {}, .encoding = c.encoding});
    ASSERT_FALSE(whole.error) << describe(*whole.error);
    EXPECT_EQ(whole.header, header) << c.encoding << c.big << c.mark;
    EXPECT_EQ(whole.rows, (Rows{{"1", "10", "20", "30"}}));
  }
  const auto undeclared = all_of(folder.write("x.csv", utf16(text, false, true)));
  ASSERT_TRUE(undeclared.error);
  EXPECT_THAT(undeclared.error->remedy, HasSubstr("encoding = \"UTF-16\""));
  std::string odd = utf16(text, false, true);
  odd.pop_back();
  EXPECT_TRUE(all_of(folder.write("x.csv", odd), {.member = {}, .table = {}, .encoding = "UTF-16"}).error)
      << "half a character";
}

TEST(Encodings, OfSeveralBytesAreReadAndTheirFaultsNamed) {
  const Folder folder;
  struct Case {
    const char *encoding, *bytes, *text;
  };
  // "中文" and "日本" as iconv writes them.
  for (const auto& c : {Case{"GB18030", "\xD6\xD0\xCE\xC4", "中文"}, Case{"Big5", "\xA4\xA4\xA4\xE5", "中文"},
                        Case{"Shift_JIS", "\x93\xFA\x96\x7B", "日本"}, Case{"EUC-JP", "\xC6\xFC\xCB\xDC", "日本"},
                        Case{"EUC-KR", "\xC7\xD1\xB1\xB9", "한국"}}) {
    const auto whole = all_of(folder.write("x.csv", std::string("unit,") + c.bytes + "\n1,2\n"),
                              {.member = {}, .table = {}, .encoding = c.encoding});
    ASSERT_FALSE(whole.error) << describe(*whole.error);
    EXPECT_EQ(whole.header[1], c.text) << c.encoding;
    const auto broken = all_of(folder.write("y.csv", std::string("unit,a\n1,") + c.bytes[0] + " x\n"),
                               {.member = {}, .table = {}, .encoding = c.encoding});
    ASSERT_TRUE(broken.error) << c.encoding;
    EXPECT_THAT(broken.error->message, HasSubstr("found bytes that are not"));
  }
}

TEST(Encodings, ThatAreNotKnownAreNamed) {
  const Folder folder;
  const auto whole =
      all_of(folder.write("x.csv", "unit,a\n1,2\n"), {.member = {}, .table = {}, .encoding = "windows-1225"});
  ASSERT_TRUE(whole.error);
  EXPECT_THAT(whole.error->remedy, HasSubstr("windows-125"));
}

TEST(Encodings, CharactersCutByTheEndOfABufferAreWhole) {
  const Folder folder;
  for (const std::size_t before : {65'529U, 65'530U, 65'531U, 65'532U}) {
    std::string csv = "unit,a\n" + std::string(before - 7, 'x') + ",\xD6\xD0\n";
    const auto whole = all_of(folder.write("x.csv", csv), {.member = {}, .table = {}, .encoding = "GB18030"});
    ASSERT_FALSE(whole.error) << describe(*whole.error);
    EXPECT_EQ(whole.rows.at(0).at(1), "中") << before;
  }
}

// ---- hostile spreadsheets: bounded in memory, named ----

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Hostile {
  const char* name;
  std::function<std::filesystem::path(const Folder&)> make;
  bool refused;
};

class HostileSheets : public testing::TestWithParam<Hostile> {};
TEST_P(HostileSheets, StayWithinBounds) {
  const Folder folder;
  const auto file = GetParam().make(folder);
  const double before = peak_mib();
  const auto whole = all_of(file);
  EXPECT_LT(peak_mib() - before, 900) << "MiB more than before, the 200 of the largest input among them";
  if (GetParam().refused) {
    ASSERT_TRUE(whole.error);
    EXPECT_EQ(whole.error->code, ErrorCode::file_damaged);
    EXPECT_FALSE(whole.error->remedy.empty());
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, HostileSheets,
    testing::Values(
        Hostile{"declared_dimension",
                [](const Folder& f) {
                  return write_xlsx(
                      f, "x.xlsx",
                      {{"S", "<dimension ref=\"A1:XFD1048576\"/>" + sheet_data({{1, {"\"unit"}}, {2, {"1"}}})}});
                },
                false},
        Hostile{"last_row",
                [](const Folder& f) {
                  return write_xlsx(f, "x.xlsx",
                                    {{"S",
                                      "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c "
                                      "r=\"XFD1048576\"><v>1</v></c></row></sheetData>"}});
                },
                true},
        Hostile{"row_beyond_every_sheet",
                [](const Folder& f) {
                  return write_xlsx(f, "x.xlsx",
                                    {{"S",
                                      "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2000000000\"><c "
                                      "r=\"A2000000000\"><v>1</v></c></row></sheetData>"}});
                },
                true},
        Hostile{"column_beyond_every_sheet",
                [](const Folder& f) {
                  return write_xlsx(f, "x.xlsx",
                                    {{"S", "<sheetData><row r=\"1\"><c r=\"ZZZZZZ1\"><v>1</v></c></row></sheetData>"}});
                },
                true},
        Hostile{"million_columns",
                [](const Folder& f) {
                  std::string row = "<sheetData><row r=\"1\">";
                  for (std::size_t c = 0; c < 200'000; ++c) row += "<c r=\"" + cell_name(1, c) + "\"><v>1</v></c>";
                  return write_xlsx(f, "x.xlsx", {{"S", row + "</row></sheetData>"}});
                },
                true},
        Hostile{"cell_of_100_mb",
                [](const Folder& f) {
                  return write_xlsx(f, "x.xlsx",
                                    {{"S", "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>" +
                                               std::string(100'000'000, 'x') + "</t></is></c></row></sheetData>"}});
                },
                true},
        Hostile{"billion_laughs",
                [](const Folder& f) {
                  std::string dtd = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"ha\">";
                  for (int i = 1; i < 30; ++i)
                    dtd += "<!ENTITY a" + std::to_string(i) + " \"" + repeated("&a" + std::to_string(i - 1) + ";", 10) +
                           "\">";
                  return write_xlsx(f, "x.xlsx", {{"S", sheet_data({{1, {"\"unit"}}})}},
                                    dtd + "]><sst><si><t>&a29;</t></si></sst>");
                },
                false},
        Hostile{"ods_rows_repeated",
                [](const Folder& f) {
                  return write_ods(f,
                                   ods_row({"\"unit"}) + ods_row({"1"}, " table:number-rows-repeated=\"1000000000\""));
                },
                false},
        Hostile{"ods_columns_repeated",
                [](const Folder& f) {
                  return write_ods(f,
                                   "<table:table-row><table:table-cell table:number-columns-repeated=\"1000000000\" "
                                   "office:value-type=\"float\" "
                                   "office:value=\"1\"><text:p>1</text:p></table:table-cell></table:table-row>");
                },
                false},
        Hostile{"ods_both_repeated",
                [](const Folder& f) {
                  return write_ods(f,
                                   "<table:table-row table:number-rows-repeated=\"60000\"><table:table-cell "
                                   "table:number-columns-repeated=\"9000\" office:value-type=\"float\" "
                                   "office:value=\"1\"><text:p>1</text:p></table:table-cell></table:table-row>");
                },
                true}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cotejo::test
