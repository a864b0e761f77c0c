#include "document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "html_text.hpp"
#include "manifest.hpp"

namespace cotejo {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t most_rows = 40;

// The page of a PDF: the title above, the hash of the manifest and the page's number below. Pandoc takes none of it.
constexpr std::string_view style = R"(
@page { size: A4; margin: 2.2cm 2cm 2.4cm;
  @top-left { content: string(title); font: 8pt sans-serif; color: #444 }
  @bottom-left { content: "manifest SHA-256 MANIFEST"; font: 7pt monospace; color: #444; white-space: nowrap }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #444; white-space: nowrap } }
body { font: 10.5pt/1.45 serif } h1, h2, h3, h4 { font-family: sans-serif; line-height: 1.25; break-after: avoid }
h1 { font-size: 20pt; string-set: title content(); bookmark-level: 1 } h2 { font-size: 14pt; bookmark-level: 2 }
h3 { font-size: 12pt; bookmark-level: 3 } h4 { font-size: 10.5pt; bookmark-level: none }
.annex { break-before: page } .manifest { font: 8pt monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font: 8pt/1.35 sans-serif; margin: 6pt 0 10pt }
th, td { text-align: left; vertical-align: top; padding: 2pt 5pt 2pt 0; border-bottom: 0.4pt solid #999; overflow-wrap: anywhere }
th { border-bottom: 1pt solid #000 } tr { break-inside: avoid } td.n, th.n { text-align: right }
.sign td { height: 26pt; vertical-align: bottom; font-size: 10pt } .sign td:first-child { width: 3.5cm; border: 0 }
)";

// A column's name in words, with its unit, which the end of the name does not tell again: "slack_votes" is "slack (votes)".
std::string heading_of(const Json& column) {
  std::string name = column.at("name");
  const std::string unit = column.value("unit", "");
  if (!unit.empty())
    for (const std::string_view end : {"_votes", "_seats", "_points", "_percent"})
      if (name.ends_with(end)) name.resize(name.size() - end.size());
  if (name == "p_value") name = "p-value";
  std::replace(name.begin(), name.end(), '_', ' ');
  return html_text(unit.empty() || unit == name ? name : fmt::format("{} ({})", name, unit));
}

// Votes and seats whole, but one of less than 1 as it is; other numbers with six digits at most.
std::string cell_text(const Json& cell, const std::string& unit) {
  static const std::set<std::string> whole{"votes", "seats", "ballots", "voters"};
  if (cell.is_string()) return html_text(cell.get_ref<const std::string&>());
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_number_integer()) return with_thousands(cell.get<std::int64_t>());
  if (!cell.is_number_float()) return "–";
  const double value = cell.get<double>();
  if (std::abs(value) >= 1 && std::abs(value) < 1e15 && (whole.contains(unit) || value == std::floor(value)))
    return with_thousands(std::llround(value));
  return fmt::format("{:.6g}", value);
}

class Document {
 public:
  Document(const Json& answers, const Json& findings, const Json& manifest, std::string manifest_sha256,
           const Plan& plan)
      : answers_(answers.at("answers")),
        findings_(findings),
        manifest_(manifest),
        sha256_(std::move(manifest_sha256)),
        plan_(plan) {}

  std::string text() {
    open();
    questions();
    limits();
    signature();
    annex_of_findings();
    annex_of_tests();
    annex_of_data();
    return out_ += "</body>\n</html>\n";
  }

 private:
  template <class... T>
  void put(fmt::format_string<T...> pattern, T&&... values) {
    fmt::format_to(std::back_inserter(out_), pattern, std::forward<T>(values)...);
  }
  static std::string text_of(const Json& json, const char* key) {
    return html_text(json.at(key).get_ref<const std::string&>());
  }

  void open() {
    put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n",
        html_text(plan_.title));
    if (!plan_.author.empty()) put("<meta name=\"author\" content=\"{}\">\n", html_text(plan_.author));
    if (!plan_.date.empty()) put("<meta name=\"dcterms.created\" content=\"{}\">\n", html_text(plan_.date));
    std::string rules(style);
    const std::string_view mark = "MANIFEST";
    rules.replace(rules.find(mark), mark.size(), sha256_);
    put("<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n", rules, html_text(plan_.title));
    if (manifest_.at("synthetic").get<bool>())
      put("<p><strong>SYNTHETIC: this election was drawn by the program. No real vote is in it.</strong></p>\n");
    if (!plan_.author.empty() || !plan_.date.empty())
      put("<p>{}{}{}</p>\n", html_text(plan_.author), plan_.author.empty() || plan_.date.empty() ? "" : ", ",
          html_text(plan_.date));
  }

  std::size_t number_of(const std::string& id) const {
    for (std::size_t i = 0; i < findings_.size(); ++i)
      if (findings_[i].at("id") == id) return i + 1;
    throw std::out_of_range("an answer names a finding that there is not");
  }

  void questions() {
    std::size_t n = 0;
    for (const auto& answer : answers_) {
      put("<h2>{}. {}</h2>\n<p><strong>{}</strong></p>\n", ++n, text_of(answer, "question"),
          text_of(answer, "sentence"));
      std::vector<std::string> from;
      for (const auto& id : answer.at("findings")) from.push_back(fmt::format("A{}", number_of(id.get<std::string>())));
      put("<p>From {} {}.</p>\n", from.size() == 1 ? "finding" : "findings", fmt::join(from, ", "));
      if (!answer.at("primary").get<bool>()) continue;
      for (const auto& id : answer.at("findings")) deciding_table(number_of(id.get<std::string>()));
    }
  }

  // The columns that decide of the finding's first table that has some.
  void deciding_table(std::size_t number) {
    for (const auto& table : findings_[number - 1].at("tables"))
      if (table.contains("brief") && !table.at("rows").empty() && table.at("rows").size() <= most_rows)
        return table_of(table, deciding(table), "h3", fmt::format(" (A{})", number));
  }

  // The names of the columns that decide; empty: all. What a reading does stands in the place of its name.
  static std::set<std::string> deciding(const Json& table) {
    if (!table.contains("brief")) return {};
    auto out = table.at("brief").get<std::set<std::string>>();
    const auto& columns = table.at("columns");
    const bool told = std::any_of(columns.begin(), columns.end(), [](const Json& c) { return c.at("name") == "what"; });
    if (told && out.erase("reading") > 0) out.insert("what");
    return out;
  }

  void table_of(const Json& table, const std::set<std::string>& only, const char* heading,
                const std::string& from = {}) {
    put("<{0}>{1}{2}</{0}>\n<table>\n<thead><tr>", heading, text_of(table, "title"), from);
    const auto& columns = table.at("columns");
    std::vector<std::size_t> shown;
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (only.empty() || only.contains(columns[c].at("name").get<std::string>())) shown.push_back(c);
    for (const auto c : shown) put("<th>{}</th>", heading_of(columns[c]));
    put("</tr></thead>\n<tbody>\n");
    for (const auto& row : table.at("rows")) {
      put("<tr>");
      for (const auto c : shown)
        put("<td{}>{}</td>", row.at(c).is_number() ? " class=\"n\"" : "",
            cell_text(row.at(c), columns[c].value("unit", "")));
      put("</tr>\n");
    }
    put("</tbody>\n</table>\n");
  }

  void list_of(const char* title, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    put("<h4>{}</h4>\n<ul>\n", title);
    for (const auto& text : texts) put("<li>{}</li>\n", text);
    put("</ul>\n");
  }

  void limits() {
    put("<h2>What this report does not show</h2>\n<p>No statistic proves fraud, and none here is offered as proof. "
        "Each "
        "finding in annex A says what its own figures do not show.</p>\n<ul>\n");
    std::set<std::string> told;
    for (const auto& answer : answers_)
      if (answer.at("primary").get<bool>())
        for (const auto& id : answer.at("findings"))
          for (const auto& limit : findings_[number_of(id.get<std::string>()) - 1].at("does_not_show"))
            if (const auto text = html_text(limit.get_ref<const std::string&>()); told.insert(text).second)
              put("<li>{}</li>\n", text);
    put("<li>Pictures: they are in report.html, beside the tables in full.</li>\n</ul>\n");
  }

  void signature() {
    put("<h2>Author, date and signature</h2>\n<table class=\"sign\">\n<tbody>\n<tr><td>Author</td><td>{}</td></tr>\n"
        "<tr><td>Date</td><td>{}</td></tr>\n<tr><td>Signature</td><td></td></tr>\n</tbody>\n</table>\n",
        html_text(plan_.author), html_text(plan_.date));
    put("<p>Made from plan {} (SHA-256 {}, seed {}) with Cotejo {}. SHA-256 of the dossier's manifest:</p>\n<p "
        "class=\"manifest\">{}</p>\n",
        html_text(plan_.id), plan_.sha256, plan_.seed,
        html_text(manifest_.at("program").at("version").get<std::string>()), sha256_);
  }

  void annex_of_findings() {
    put("<h2 class=\"annex\">Annex A. The findings</h2>\n");
    for (std::size_t i = 0; i < findings_.size(); ++i) finding(i + 1, findings_[i]);
  }

  void finding(std::size_t n, const Json& f) {
    put("<h3>A{}. {}</h3>\n<p>{} ({}, method {}). Answer: {}.</p>\n<p>{}</p>\n", n, text_of(f, "question"),
        text_of(f, "title"), text_of(f, "id"), text_of(f, "method"), text_of(f, "answer"), text_of(f, "headline"));
    const auto texts = [&](const char* key) {
      std::vector<std::string> out;
      for (const auto& text : f.at(key)) out.push_back(html_text(text.get_ref<const std::string&>()));
      return out;
    };
    std::vector<std::string> conditions;
    for (const auto& condition : f.at("conditions"))
      conditions.push_back(
          fmt::format("{}: {}", condition.at("met").get<bool>() ? "met" : "not met", text_of(condition, "text")));
    list_of("Conditions", conditions);
    list_of("What this does not show", texts("does_not_show"));
    list_of("What must be known of the data", texts("caveats"));
    std::vector<std::string> elsewhere;
    for (const auto& table : f.at("tables")) {
      const auto rows = table.at("rows").size();
      if (rows == 0) continue;
      if (rows <= most_rows)
        table_of(table, deciding(table), "h4");
      else
        elsewhere.push_back(fmt::format("{}: {} rows, in tables/{}.{}.csv", text_of(table, "title"),
                                        with_thousands(static_cast<long long>(rows)), text_of(f, "id"),
                                        text_of(table, "id")));
    }
    list_of("Longer tables", elsewhere);
    list_of("Sources", texts("references"));
  }

  void annex_of_tests() {
    put("<h2 class=\"annex\">Annex B. Every p-value, corrected for their number</h2>\n");
    std::string rows;
    for (std::size_t i = 0; i < findings_.size(); ++i) {
      const auto& test = findings_[i].at("test");
      if (test.is_null() || test.at("p_adjusted").is_null()) continue;
      rows += fmt::format("<tr><td>A{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>\n",
                          i + 1, cell_text(test.at("p_value"), ""), cell_text(test.at("p_adjusted"), ""),
                          text_of(test, "kind"), text_of(test, "null"));
    }
    if (rows.empty())
      put("<p>No finding has a p-value.</p>\n");
    else
      put("<table>\n<thead><tr><th>finding</th><th>p-value</th><th>corrected (Holm)</th><th>kind</th><th>if nothing is "
          "wrong</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n",
          rows);
  }

  void annex_of_data() {
    put("<h2 class=\"annex\">Annex C. What was read, and how to check "
        "it</h2>\n<table>\n<thead><tr><th>file</th><th>role</th>"
        "<th>bytes</th><th>SHA-256</th></tr></thead>\n<tbody>\n");
    for (const auto& input : manifest_.at("inputs"))
      put("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n", text_of(input, "path"),
          text_of(input, "role"), cell_text(input.at("bytes"), ""), text_of(input, "sha256"));
    put("</tbody>\n</table>\n<p><code>cotejo verify DIR</code> compares every file of the dossier and every input with "
        "the "
        "hashes in manifest.json; <code>cotejo verify DIR --rerun</code> computes every number again.</p>\n");
  }

  const Json& answers_;
  const Json& findings_;
  const Json& manifest_;
  std::string sha256_;
  const Plan& plan_;
  std::string out_;
};

}  // namespace

Result<std::string> document_html(const fs::path& dir) {
  std::vector<Json> parts;
  std::string sha256;
  for (const char* name : {answers_name, "findings.json", manifest_name}) {
    COTEJO_TRY(text, read_regular(dir / name, largest_file));
    parts.push_back(parse_bounded<Json>(text));
    sha256 = sha256_of(text);  // of the last one: the manifest
  }
  COTEJO_TRY(plan, read_plan(dir / "plan.toml"));
  try {
    return Document(parts[0], parts[1], parts[2], sha256, plan).text();
  } catch (const std::exception& e) {  // not of their schemas
    return Error{
        .code = ErrorCode::file_damaged,
        .message = fmt::format("the dossier's answers, findings and manifest do not fit together: {}", e.what()),
        .file = dir.string(),
        .remedy = "Get the dossier again from whoever made it."};
  }
}

}  // namespace cotejo
