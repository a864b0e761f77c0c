// The dossier's page: one file, no script, nothing fetched; every text escaped.
#include <fmt/format.h>

#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"

namespace cotejo {

namespace {

constexpr std::size_t rows_shown = 40;

constexpr const char* style = R"css(
:root { --ink:#1b1f24; --soft:#57606a; --line:#d0d7de; --paper:#fff; --band:#f6f8fa; --mind:#9a4d00; --mark:#0550ae }
@media (prefers-color-scheme: dark) { :root { --ink:#e6edf3; --soft:#9da7b3; --line:#3d444d; --paper:#0d1117; --band:#151b23; --mind:#e3913a; --mark:#79c0ff } }
@media print { :root { --ink:#000; --soft:#333; --line:#999; --paper:#fff; --band:#fff } section { break-inside: avoid-page } }
* { box-sizing:border-box } body { margin:0 auto; max-width:72rem; padding:1.5rem; background:var(--paper); color:var(--ink); font:16px/1.55 system-ui,sans-serif }
h1 { font-size:1.7rem; line-height:1.25; margin:.2em 0 } h2 { font-size:1.25rem; margin:0 0 .3em } h3 { font-size:1rem; margin:1.2em 0 .3em }
p { margin:.4em 0; max-width:52rem } .soft { color:var(--soft) } .lead { font-size:1.15rem } code { font:.85em ui-monospace,monospace; overflow-wrap:anywhere }
section { border-top:1px solid var(--line); padding:1.4rem 0 } .wide { overflow-x:auto }
table { border-collapse:collapse; font-size:.875rem; margin:.4em 0 } th,td { border-bottom:1px solid var(--line); padding:.3em .7em; text-align:left; vertical-align:top; overflow-wrap:break-word }
th { background:var(--band); font-weight:600 } td.n,th.n { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap } td.t { max-width:34rem }
.tag { display:inline-block; border:1px solid currentColor; border-radius:1em; padding:0 .6em; font-size:.8rem; white-space:nowrap } .depends, .undetermined { color:var(--mind) }
.notice { border:2px solid var(--mind); padding:.6em 1em; font-weight:600 } a { color:var(--mark) } ul { margin:.3em 0; padding-left:1.3em } li { max-width:52rem }
)css";

std::string escape(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw, 100000)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

std::string cell(const Cell& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return "<td class=n>–</td>";
        else if constexpr (std::is_same_v<T, bool>)
          return v ? "<td>yes</td>" : "<td>no</td>";
        else if constexpr (std::is_same_v<T, std::string>)
          return fmt::format("<td class=t>{}</td>", escape(v));
        else
          return fmt::format("<td class=n>{}</td>", readable(static_cast<double>(v)));
      },
      value);
}

std::string list(std::string_view title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string out = fmt::format("<h3>{}</h3>\n<ul>\n", title);
  for (const auto& item : items) out += fmt::format("<li>{}</li>\n", escape(item));
  return out + "</ul>\n";
}

std::string tag(Answer answer) {
  return fmt::format("<span class=\"tag {0}\">{0}</span>", to_text(answer));
}

std::string decisive(const Finding& finding) {
  if (!finding.at_stake) return "–";
  return finding.at_stake->decisive ? "yes" : "no";
}

std::string render_table(const Finding& finding, const Table& table) {
  std::string out = fmt::format("<h3>{}</h3>\n<div class=wide><table>\n<tr>", escape(table.title));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    const bool numeric = !table.rows.empty() && (std::holds_alternative<double>(table.rows[0][i]) ||
                                                 std::holds_alternative<std::int64_t>(table.rows[0][i]));
    out += fmt::format("<th{}{}>{}{}</th>", numeric ? " class=n" : "",
                       column.definition.empty() ? "" : fmt::format(" title=\"{}\"", escape(column.definition)),
                       escape(column.name),
                       column.unit.empty() ? "" : fmt::format("<br><span class=soft>{}</span>", escape(column.unit)));
  }
  out += "</tr>\n";
  for (std::size_t i = 0; i < table.rows.size() && i < rows_shown; ++i) {
    out += "<tr>";
    for (const auto& value : table.rows[i]) out += cell(value);
    out += "</tr>\n";
  }
  out += "</table></div>\n";
  if (table.rows.size() > rows_shown)
    out += fmt::format("<p class=soft>The first {} of {} rows; all are in <code>tables/{}.{}.csv</code>.</p>\n",
                       rows_shown, with_thousands(static_cast<long long>(table.rows.size())), escape(finding.id),
                       escape(table.id));
  return out;
}

std::string render_finding(const Audit& audit, const PlanFinding& planned, const Finding& f) {
  std::string out = fmt::format(
      "<section id=\"{0}\">\n<h2>{1}</h2>\n<p class=soft>{2} · <code>{0}</code> · method <code>{3}</code></p>\n<p "
      "class=lead>{4} {5}</p>\n",
      escape(f.id), escape(f.question), escape(f.title), escape(f.method), tag(f.answer), escape(f.headline));
  if (f.at_stake)
    out += fmt::format(
        "<p>At stake: <b>{}</b> votes, against a slack of <b>{}</b>: {}</p>\n", readable(f.at_stake->votes),
        readable(f.at_stake->of_slack),
        f.at_stake->decisive ? "it could change the outcome." : "it could not change the outcome by itself.");
  if (f.test) {
    out += fmt::format("<p>Test ({}{}): statistic {}, p = {}{}. Under the null: {}.</p>\n",
                       f.test->kind == TestKind::exact        ? "exact"
                       : f.test->kind == TestKind::calibrated ? "calibrated"
                                                              : "asymptotic",
                       f.test->replicates ? fmt::format(", {} replicates", with_thousands(f.test->replicates)) : "",
                       readable(f.test->statistic), readable(f.test->p_value),
                       f.test->p_adjusted ? fmt::format(", adjusted {}", readable(*f.test->p_adjusted)) : "",
                       escape(f.test->null));
  }
  if (!f.estimates.empty()) {
    out +=
        "<h3>Figures</h3>\n<div class=wide><table>\n<tr><th>figure</th><th class=n>value</th><th>unit</th><th>what it "
        "is</th></tr>\n";
    for (const auto& e : f.estimates)
      out += fmt::format("<tr><td><code>{}</code></td><td class=n>{}{}</td><td>{}</td><td class=t>{}</td></tr>\n",
                         escape(e.name), readable(e.value),
                         e.low && e.high ? fmt::format("<br>[{}, {}]", readable(*e.low), readable(*e.high)) : "",
                         escape(e.unit), escape(e.definition));
    out += "</table></div>\n";
  }
  for (const auto& table : f.tables)
    if (!table.rows.empty()) out += render_table(f, table);
  if (!f.conditions.empty()) {
    out += "<h3>Conditions</h3>\n<ul>\n";
    for (const auto& c : f.conditions)
      out += fmt::format("<li><b>{}</b> {}</li>\n", c.met ? "met:" : "NOT MET:", escape(c.text));
    out += "</ul>\n";
  }
  out += list("What must be known of the data", f.caveats) + list("What this does not show", f.does_not_show) +
         list("Sources", f.references);
  out += "<h3>How it was computed</h3>\n<p>";
  for (const auto& input : f.inputs)
    out += fmt::format("{} <code>{}</code> ({} units, SHA-256 <code>{}</code>); ", escape(input.kind), escape(input.id),
                       with_thousands(input.units), input.sha256.substr(0, 16));
  out += fmt::format("seed {}", f.seed);
  for (const auto& [name, value] : f.options) out += fmt::format("; {} = {}", escape(name), escape(to_text(value)));
  out += fmt::format(".</p>\n<p><code>cotejo run CASE {}", escape(f.method));
  out += fmt::format(" --count {}", escape(planned.count.text));
  for (const auto& challenge : planned.challenges) out += fmt::format(" --challenge {}", escape(challenge));
  for (const auto& against : planned.against) out += fmt::format(" --against {}", escape(against));
  for (const auto& arrival : planned.arrivals) out += fmt::format(" --arrival {}", escape(arrival));
  if (!planned.crosswalk.empty()) out += fmt::format(" --crosswalk {}", escape(planned.crosswalk));
  for (const auto& [name, value] : planned.options) out += fmt::format(" --option {}={}", escape(name), escape(value));
  out += fmt::format(" --seed {}</code></p>\n</section>\n", audit.plan.seed);
  return out;
}

}  // namespace

std::string render_report(const Audit& audit) {
  const auto& plan = audit.plan;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<meta name=viewport "
      "content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
      escape(plan.title), style);
  if (audit.synthetic)
    out += "<p class=notice>SYNTHETIC: this election was drawn by the program. No real vote is in it.</p>\n";
  out += fmt::format(
      "<header><p class=soft>Cotejo {} · plan <code>{}</code></p>\n<h1>{}</h1>\n<p class=lead>{}</p></header>\n",
      program_version(), escape(plan.id), escape(plan.title), escape(plan.question));

  out +=
      "<section>\n<h2>The findings</h2>\n<div class=wide><table>\n<tr><th>question</th><th>answer</th><th>in one "
      "sentence</th><th>could it change the outcome?</th></tr>\n";
  for (const auto& f : audit.findings)
    out += fmt::format(
        "<tr><td class=t><a href=\"#{}\">{}</a><br><code>{}</code></td><td>{}</td><td "
        "class=t>{}</td><td>{}</td></tr>\n",
        escape(f.id), escape(f.question), escape(f.id + (f.inputs.empty() ? "" : " · " + f.inputs[0].id)),
        tag(f.answer), escape(f.headline), decisive(f));
  out +=
      "</table></div>\n<p class=soft>No statistic proves fraud, and none here is offered as proof. Each section says "
      "what its figures do not show.</p>\n</section>\n";

  for (std::size_t i = 0; i < audit.findings.size(); ++i)
    out += render_finding(audit, plan.findings[i], audit.findings[i]);

  out +=
      "<section>\n<h2>What was read</h2>\n<div class=wide><table>\n<tr><th>count</th><th class=n>units</th><th "
      "class=n>rows set aside</th><th>source</th></tr>\n";
  for (const auto& c : audit.counts)
    out += fmt::format(
        "<tr><td>{}<br><code>{}</code></td><td class=n>{}</td><td class=n>{}</td><td class=t>{}</td></tr>\n",
        escape(c.title), escape(c.id.text), with_thousands(c.units), c.rejected.size(), escape(c.source));
  out += "</table></div>\n";
  for (const auto& c : audit.counts) {
    if (c.rejected.empty()) continue;
    out += fmt::format(
        "<h3>Rows of {} that could not be used</h3>\n<div class=wide><table>\n<tr><th "
        "class=n>row</th><th>column</th><th>value</th><th>reason</th></tr>\n",
        escape(c.file));
    for (std::size_t i = 0; i < c.rejected.size() && i < rows_shown; ++i)
      out += fmt::format("<tr><td class=n>{}</td><td>{}</td><td>{}</td><td class=t>{}</td></tr>\n", c.rejected[i].row,
                         escape(c.rejected[i].column), escape(c.rejected[i].value), escape(c.rejected[i].reason));
    out += "</table></div>\n";
    if (c.rejected.size() > rows_shown)
      out += fmt::format("<p class=soft>The first {} of {}.</p>\n", rows_shown, c.rejected.size());
  }
  if (!audit.challenges.empty()) {
    out +=
        "<h3>Challenges</h3>\n<div class=wide><table>\n<tr><th>id</th><th "
        "class=n>units</th><th>by</th><th>reason</th><th>source</th></tr>\n";
    for (const auto& c : audit.challenges)
      out += fmt::format(
          "<tr><td><code>{}</code></td><td class=n>{}</td><td class=t>{}</td><td class=t>{}</td><td "
          "class=t>{}</td></tr>\n",
          escape(c.id.text), c.unit_keys.size(), escape(c.by), escape(c.reason), escape(c.source));
    out += "</table></div>\n";
  }
  out +=
      "<h3>Files</h3>\n<div class=wide><table>\n<tr><th>file</th><th>role</th><th "
      "class=n>bytes</th><th>SHA-256</th></tr>\n";
  for (const auto& i : audit.inputs)
    out += fmt::format("<tr><td>{}</td><td>{}</td><td class=n>{}</td><td><code>{}</code></td></tr>\n", escape(i.path),
                       i.role, with_thousands(i.bytes), i.sha256);
  out += fmt::format(
      "</table></div>\n</section>\n<section>\n<h2>Check it yourself</h2>\n<p><code>cotejo verify DIR --rerun</code> "
      "checks every file and input against <code>manifest.json</code> "
      "and computes every number again. Plan <code>{}</code>, SHA-256 <code>{}</code>, seed "
      "{}.</p>\n</section>\n</body>\n</html>\n",
      escape(plan.id), plan.sha256, plan.seed);
  return out;
}

}  // namespace cotejo
