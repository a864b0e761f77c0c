// The pages of a build without Node (-DCOTEJO_WEB=OFF): a dossier's report is its text, the workbench one sentence.
#include "cotejo/web/pages.hpp"

namespace cotejo {

std::string_view report_template() {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action "
         "'none'\">\n"
         "<title>{{title}}</title>\n</head>\n<body>\n<div id=\"app\">{{core}}</div>\n"
         "<script type=\"application/json\" id=\"data\">{{data}}</script>\n</body>\n</html>\n";
}

std::span<const WebFile> workbench_files() {
  static constexpr WebFile files[] = {
      {"index.html", "text/html; charset=utf-8",
       "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Cotejo</title>\n"
       "<p>This program was built without the workbench's pages. The API and the command line are complete; "
       "a build with COTEJO_WEB=ON has the pages.</p>\n</html>\n"}};
  return files;
}

std::string_view picture_style_hash() {
  return "";
}

std::string_view document_script() {
  return "";
}

}  // namespace cotejo
