#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "cotejo/base/hash.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/intake/writer.hpp"
#include "manifest.hpp"

namespace cotejo {

namespace {

std::string csv_of(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += (i ? "," : "") + csv_cell(table.columns[i].name);
  out += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i) out += ',';
      std::visit(
          [&](const auto& v) {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::string>)
              out += csv_cell(v);
            else if constexpr (!std::is_same_v<T, std::monostate>)
              out += fmt::format("{}", v);
          },
          row[i]);
    }
    out += "\r\n";
  }
  return out;
}

// A name that is safe as a file's on any system.
std::string file_stem(std::string_view name) {
  std::string out;
  for (const char c : name)
    out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ? c : '_';
  return out;
}

}  // namespace

std::string program_version() {
  return COTEJO_VERSION;
}

std::map<std::string, std::string> render(const Audit& audit) {
  std::map<std::string, std::string> files;
  auto all = nlohmann::ordered_json::array();
  for (const auto& finding : audit.findings) {
    auto json = to_json(finding);
    files["findings/" + file_stem(finding.id) + ".json"] = json.dump(1) + "\n";
    for (const auto& table : finding.tables)
      files["tables/" + file_stem(finding.id) + "." + file_stem(table.id) + ".csv"] = csv_of(table);
    all.push_back(std::move(json));
  }
  files["findings.json"] = all.dump(1) + "\n";
  files["plan.toml"] = audit.plan.text;
  std::vector<std::string> listed;
  for (const auto& [path, content] : files) listed.push_back(path);
  files["report.html"] = render_report(audit, listed);
  return files;
}

std::string render_manifest(const Audit& audit, const std::map<std::string, std::string>& files,
                            const std::filesystem::path& dir) {
  using Json = nlohmann::ordered_json;
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
  const auto made_at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const Json manifest{
      {"schema", "cotejo.manifest/1"},
      {"program", {{"name", "cotejo"}, {"version", program_version()}}},
      {"plan", {{"id", audit.plan.id}, {"sha256", audit.plan.sha256}}},
      {"seed", audit.plan.seed},
      {"synthetic", audit.synthetic},
      {"data", audit.synthetic ? "inputs" : std::filesystem::proximate(audit.data, dir).generic_string()},
      {"inputs", std::move(inputs)},
      {"counts", std::move(counts)},
      {"assemblies", std::move(assemblies)},
      {"files", std::move(listed)},
      {"runtime", {{"made_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(made_at))}}}};
  return manifest.dump(1) + "\n";
}

}  // namespace cotejo
