// Spreadsheets and tables in files. The first byte says which: 0 to 99 an XLSX sheet, 100 to 149 an ODS sheet, each of
// whose XML is the rest; else the rest is the whole file (SQLite, GeoPackage, a zip). Every second value asks for all
// sheets, every fourth for all sections of a sheet made for print.
#include "packed.hpp"
#include "rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 1) return 0;
  const auto rest = fuzz::text_of(data + 1, size - 1);
  SourceFormat format;
  if (data[0] % 2 == 1) format.table = "*";
  if (data[0] % 4 == 3) format.section = "*";
  const auto file = fuzz::folder().path() / "layer.zip";  // GDAL writes a zip only under that name
  if (data[0] < 100)
    fuzz::write_zip(
        file,
        {{"[Content_Types].xml",
          R"(<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)"},
         {"xl/workbook.xml", R"(<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>)"},
         {"xl/_rels/workbook.xml.rels",
          R"(<Relationships><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>)"},
         {"xl/sharedStrings.xml", "<sst><si><t>unit</t></si><si><t>votes</t></si></sst>"},
         {"xl/worksheets/sheet1.xml", rest}});
  else if (data[0] < 150)
    fuzz::write_zip(file, {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", rest}});
  else
    fuzz::folder().write("layer.zip", rest);
  fuzz::check_rows(file, format);
  return 0;
}
