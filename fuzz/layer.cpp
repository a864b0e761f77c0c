// Spreadsheets and tables in files. The first byte says which: 0 to 99 an XLSX sheet, 100 to 149 an ODS sheet, each of
// whose XML is the rest; else the rest is the whole file (SQLite, GeoPackage, a zip).
#include <cpl_vsi.h>

#include "cotejo/intake/records.hpp"
#include "fuzz.hpp"

namespace {

void write_zip(const std::filesystem::path& zip,
               std::initializer_list<std::pair<const char*, std::string_view>> members) {
  std::filesystem::remove(zip);
  const std::string root = "/vsizip/" + zip.string();
  VSILFILE* whole = VSIFOpenL(root.c_str(), "wb");
  for (const auto& [name, bytes] : members) {
    VSILFILE* out = VSIFOpenL((root + "/" + name).c_str(), "wb");
    VSIFWriteL(bytes.data(), 1, bytes.size(), out);
    VSIFCloseL(out);
  }
  VSIFCloseL(whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 1) return 0;
  const auto rest = fuzz::text_of(data + 1, size - 1);
  const auto file = fuzz::folder().path() / "layer.zip";  // GDAL writes a zip only under that name
  if (data[0] < 100)
    write_zip(
        file,
        {{"[Content_Types].xml",
          R"(<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)"},
         {"xl/workbook.xml", R"(<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>)"},
         {"xl/_rels/workbook.xml.rels",
          R"(<Relationships><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>)"},
         {"xl/sharedStrings.xml", "<sst><si><t>unit</t></si><si><t>votes</t></si></sst>"},
         {"xl/worksheets/sheet1.xml", rest}});
  else if (data[0] < 150)
    write_zip(file, {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", rest}});
  else
    fuzz::folder().write("layer.zip", rest);
  auto records = Records::open(file, {});
  if (!records) {
    fuzz::check(records.error());
    return 0;
  }
  for (int i = 0; i < 100'000; ++i) {
    const auto more = records->next();
    if (!more) {
      fuzz::check(more.error());
      break;
    }
    if (!*more) break;
    if (records->fault()) continue;
    fuzz::require(records->cells().size() == records->header().size(), "a row without a fault has a cell per column");
  }
  return 0;
}
