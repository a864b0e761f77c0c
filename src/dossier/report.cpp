// The dossier's page: the template that web/ was built into, with the audit as data. The page draws itself from the data; without
// scripts the questions, every answer and every headline still stand there as text.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/evidence.hpp"
#include "cotejo/web/pages.hpp"
#include "html_text.hpp"
#include "outlines.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

// An argument as a POSIX shell reads it back.
std::string quoted(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789-_./:=,+@%") == std::string::npos;
  if (plain) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The command that computes the finding again on a case with the plan's inputs.
std::string command_of(const Plan& plan, const PlanFinding& asked) {
  std::string out = "cotejo run CASE " + quoted(asked.method);
  out += asked.assembly.text.empty() ? " --count " + quoted(asked.count.text)
                                     : " --assembly " + quoted(asked.assembly.text);
  const auto add = [&](std::string_view flag, const std::string& value) {
    out += fmt::format(" {} {}", flag, quoted(value));
  };
  for (const auto& challenge : asked.challenges) add("--challenge", challenge);
  for (const auto& against : asked.against) add("--against", against);
  for (const auto& arrival : asked.arrivals) add("--arrival", arrival);
  if (!asked.crosswalk.empty()) add("--crosswalk", asked.crosswalk);
  for (const auto& [name, value] : asked.options) add("--option", name + "=" + value);
  return out + fmt::format(" --seed {}", plan.seed);
}

Json data_of(const Audit& audit, const std::vector<std::string>& files) {
  const Plan& plan = audit.plan;
  Json out{{"schema", "cotejo.report/1"},
           {"program", {{"name", "cotejo"}, {"version", program_version()}}},
           {"plan",
            {{"id", plan.id},
             {"title", plan.title},
             {"question", plan.question},
             {"author", plan.author},
             {"date", plan.date},
             {"licence", plan.licence},
             {"seed", plan.seed},
             {"sha256", plan.sha256},
             {"language", plan.language.empty() ? Json(nullptr) : Json(plan.language)}}},
           {"synthetic", audit.synthetic},
           {"evidence", audit.evidence.rows.empty() ? Json(nullptr) : to_json(audit.evidence)},
           {"answers", to_json(audit.answers).at("answers")},
           {"findings", Json::array()},
           {"counts", Json::array()},
           {"assemblies", Json::array()},
           {"challenges", Json::array()},
           {"inputs", Json::array()},
           {"files", files}};
  for (std::size_t i = 0; i < audit.findings.size(); ++i) {
    auto finding = to_json(audit.findings[i]);
    finding.erase("runtime");  // the page is the same from run to run
    finding["command"] = command_of(plan, plan.findings[i]);
    out["findings"].push_back(std::move(finding));
  }
  if (auto outlines = outlines_of(out["findings"]); !outlines.empty()) out["outlines"] = std::move(outlines);
  for (const auto& count : audit.counts) {
    auto set_aside = Json::array();
    for (const auto& row : count.rejected)
      set_aside.push_back({{"row", row.row}, {"column", row.column}, {"value", row.value}, {"reason", row.reason}});
    out["counts"].push_back({{"id", count.id.text},
                             {"title", count.title},
                             {"source", count.source},
                             {"sha256", count.sha256},
                             {"file", count.file},
                             {"units", count.units},
                             {"set_aside", std::move(set_aside)},
                             {"votes_set_aside",
                              {{"rows", count.set_aside.rows},
                               {"votes_at_least", count.set_aside.votes_at_least},
                               {"votes_at_most", count.set_aside.votes_at_most},
                               {"could_decide", count.set_aside.could_decide}}},
                             {"set_aside_accepted", count.set_aside_accepted}});
  }
  for (const auto& assembly : audit.assemblies)
    out["assemblies"].push_back({{"id", assembly.id.text},
                                 {"title", assembly.title},
                                 {"source", assembly.source},
                                 {"sha256", assembly.sha256},
                                 {"file", assembly.file},
                                 {"members", assembly.members},
                                 {"roll_calls", assembly.roll_calls}});
  for (std::size_t i = 0; i < audit.challenges.size(); ++i) {
    const auto& challenge = audit.challenges[i];
    out["challenges"].push_back({{"id", challenge.id.text},
                                 {"count", challenge.count.text},
                                 {"by", challenge.by},
                                 {"reason", challenge.reason},
                                 {"source", challenge.source},
                                 {"units", to_json(audit.challenge_units[i])}});
  }
  for (const auto& input : audit.inputs)
    out["inputs"].push_back(
        {{"role", input.role}, {"path", input.path}, {"sha256", input.sha256}, {"bytes", input.bytes}});
  return out;
}

// JSON that may stand in a <script>: no '<', so nothing in it ends the element or opens a comment.
std::string inline_json(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
    out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

// The smallest corrected p-value of the dossier, in one sentence.
std::string smallest_corrected(const Audit& audit) {
  const Finding* best = strongest(audit.findings);
  if (!best) return "No finding has a p-value.";
  const auto tests = std::count_if(audit.findings.begin(), audit.findings.end(),
                                   [](const Finding& f) { return f.test && f.test->p_adjusted; });
  return fmt::format("The smallest of {} p-values is {:.3g} corrected for their number (Holm): {}.", tests,
                     *best->test->p_adjusted, best->id);
}

// What stands in the page before its script runs, and all there is where scripts do not run.
std::string core_of(const Audit& audit) {
  const Plan& plan = audit.plan;
  std::string out;
  if (audit.synthetic) out += "<p>SYNTHETIC: this election was drawn by the program. No real vote is in it.</p>\n";
  out += fmt::format("<h1>{}</h1>\n", html_text(plan.title));
  for (const auto& answer : audit.answers)
    out += fmt::format("<h2>{}</h2>\n<p>{}</p>\n", html_text(answer.text), html_text(answer.sentence));
  out +=
      "<table>\n<tr><th>question</th><th>answer</th><th>in one sentence</th>"
      "<th>could it change the outcome?</th></tr>\n";
  for (const auto& f : audit.findings)
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", html_text(f.question),
                       to_text(f.answer), html_text(f.headline),
                       !f.at_stake            ? "–"
                       : f.at_stake->decisive ? "yes"
                                              : "no");
  return out +
         fmt::format(
             "</table>\n<p>{}</p>\n<p>Pictures, tables, conditions and sources are drawn by this page's script; every "
             "number is also "
             "in findings.json and tables/. <code>cotejo verify DIR --rerun</code> computes them again. Plan {}, "
             "SHA-256 {}, seed {}.</p>\n",
             html_text(smallest_corrected(audit)), html_text(plan.id), plan.sha256, plan.seed);
}

}  // namespace

std::string render_report(const Audit& audit, const std::vector<std::string>& files) {
  std::string out;
  std::string_view rest = report_template();
  const auto put = [&](std::string_view mark, std::string_view value) {
    const auto at = rest.find(mark);
    out += rest.substr(0, at);
    out += value;
    rest.remove_prefix(at + mark.size());
  };
  put("{{title}}", html_text(audit.plan.title));
  put("{{core}}", core_of(audit));
  put("{{data}}", inline_json(data_of(audit, files)));
  return out += rest;
}

}  // namespace cotejo
