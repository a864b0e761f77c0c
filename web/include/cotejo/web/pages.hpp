// The pages made from web/, held in the program: nothing is read from disk or fetched at run time.
#pragma once

#include <span>
#include <string_view>

namespace cotejo {

struct WebFile {
  std::string_view path;     // "index.html", "assets/index-1a2b3c.js"
  std::string_view type;     // for Content-Type
  std::string_view content;  // its bytes
};

// report.html with the marks {{title}}, {{core}} and {{data}}, each once: text and core must be escaped as HTML, data as
// JSON without '<'.
std::string_view report_template();

// The script that makes the document to file: it defines cotejo_document(input), which gives HTML; input as in
// web/src/document/input.ts. It needs no browser. Empty in a build without pages.
std::string_view document_script();

// Every file of the workbench; "index.html" is the page, all others are named by it with relative paths.
std::span<const WebFile> workbench_files();

// The pictures write one constant <style>: a Content-Security-Policy without 'unsafe-inline' names this hash,
// "'sha256-...'", in style-src.
std::string_view picture_style_hash();

}  // namespace cotejo
