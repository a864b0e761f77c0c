#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "cotejo/base/hash.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/table_text.hpp"
#include "manifest.hpp"
#include "signature.hpp"
#include "timestamp.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

// A name that is safe as a file's on any system, and another one for every other name: what is not a letter, digit,
// "-", "_" or "." is written as "%" and its two hexadecimal digits.
std::string file_stem(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || (c == '.' && !out.empty());
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// Adds a file under a name that no other has, however the system compares names: the second of "a" and "A" is "A~2".
void add(Files& files, std::set<std::string>& lower_case, const std::string& stem, const std::string& ending,
         std::string content) {
  const auto lower = [](std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  };
  std::string name = stem + ending;
  for (int i = 2; !lower_case.insert(lower(name)).second; ++i) name = fmt::format("{}~{}{}", stem, i, ending);
  files[name] = std::move(content);
}

}  // namespace

std::string program_version() {
  return COTEJO_VERSION;
}

Files files_of_findings(const Json& findings) {
  Files files;
  std::set<std::string> lower_case;
  for (const auto& finding : findings) {
    const std::string stem = file_stem(finding.at("id").get_ref<const std::string&>());
    add(files, lower_case, "findings/" + stem, ".json", finding.dump(1) + "\n");
    for (const auto& table : finding.at("tables"))
      add(files, lower_case, "tables/" + stem + "." + file_stem(table.at("id").get_ref<const std::string&>()), ".csv",
          csv_of(table));
  }
  return files;
}

Files render(const Audit& audit) {
  auto all = Json::array();
  for (const auto& finding : audit.findings) {
    all.push_back(to_json(finding));
    all.back().erase("runtime");
  }
  Files files = files_of_findings(all);
  files["findings.json"] = all.dump(1) + "\n";
  files["plan.toml"] = audit.plan.text;
  files[answers_name] = to_json(audit.answers).dump(1) + "\n";
  files[evidence_name] = csv_of(to_json(audit.evidence));
  std::vector<std::string> listed;
  for (const auto& [path, content] : files) listed.push_back(path);
  files["report.html"] = render_report(audit, listed);
  return files;
}

const std::set<std::string>& names_beside_the_manifest() {
  static const std::set<std::string> names{manifest_name,      sums_name,       runtime_name,  minisign_name,
                                           raw_signature_name, signer_key_name, timestamp_name};
  return names;
}

std::string render_manifest(const Audit& audit, const Files& files) {
  Json inputs = Json::array(), counts = Json::array(), assemblies = Json::array(), listed = Json::array();
  for (const auto& i : audit.inputs)
    inputs.push_back({{"role", i.role}, {"path", i.path}, {"sha256", i.sha256}, {"bytes", i.bytes}});
  for (const auto& c : audit.counts)
    counts.push_back(
        {{"id", c.id.text}, {"sha256", c.sha256}, {"units", c.units}, {"rows_set_aside", c.rejected.size()}});
  for (const auto& a : audit.assemblies)
    assemblies.push_back(
        {{"id", a.id.text}, {"sha256", a.sha256}, {"members", a.members}, {"roll_calls", a.roll_calls}});
  for (const auto& [path, content] : files)
    listed.push_back({{"path", path}, {"sha256", sha256_of(content)}, {"bytes", content.size()}});
  Json manifest{{"schema", manifest_schema},
                {"program", {{"name", "cotejo"}, {"version", program_version()}}},
                {"plan", {{"id", audit.plan.id}, {"sha256", audit.plan.sha256}}},
                {"seed", audit.plan.seed},
                {"synthetic", audit.synthetic}};
  if (!audit.case_head.empty()) manifest["case_head"] = audit.case_head;
  manifest["inputs"] = std::move(inputs);
  manifest["counts"] = std::move(counts);
  manifest["assemblies"] = std::move(assemblies);
  manifest["files"] = std::move(listed);
  return manifest.dump(1) + "\n";
}

std::string render_runtime(const Audit& audit, const std::filesystem::path& dir) {
  const auto made_at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  Json findings = Json::object();
  for (const auto& finding : audit.findings)
    findings[finding.id] = {
        {"seconds", finding.runtime.seconds}, {"threads", finding.runtime.threads}, {"ranks", finding.runtime.ranks}};
  return Json{{"schema", "cotejo.runtime/1"},
              {"made_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(made_at))},
              {"data", audit.synthetic ? "inputs" : std::filesystem::proximate(audit.data, dir).generic_string()},
              {"findings", std::move(findings)}}
             .dump(1) +
         "\n";
}

std::string render_sums(const Files& files, const std::string& manifest) {
  std::string out = fmt::format("{}  {}\n", sha256_of(manifest), manifest_name);
  for (const auto& [path, content] : files) out += fmt::format("{}  {}\n", sha256_of(content), path);
  return out;
}

}  // namespace cotejo
