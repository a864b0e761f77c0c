#include "cotejo/engine/case_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cotejo {

using Json = nlohmann::ordered_json;

std::string takes(const MethodEntry& m) {
  std::vector<std::string> out{m.takes_assembly ? "an assembly (--assembly)" : "a count"};
  if (m.takes_other) out.emplace_back("a second count (--against)");
  if (m.takes_others) out.emplace_back("further counts (--against, several)");
  if (m.takes_arrivals) out.emplace_back("arrivals (--arrival, several)");
  if (m.takes_challenges)
    out.emplace_back(m.needs_challenges ? "challenges (--challenge)" : "challenges, if there are any (--challenge)");
  if (m.takes_crosswalk) out.emplace_back("a crosswalk of codes, if there is one (--crosswalk)");
  if (m.takes_rule) out.emplace_back("the contest's rule");
  return fmt::format("{}", fmt::join(out, ", "));
}

namespace {
std::string_view type_of(const OptionValue& value) {
  static constexpr std::string_view names[] = {"whole", "real", "flag", "text"};
  return names[value.index()];
}
}  // namespace

Json to_json(const MethodEntry& m) {
  Json out{{"id", m.info.id},
           {"family", m.info.family},
           {"title", m.info.title},
           {"question", m.info.question},
           {"takes", takes(m)},
           {"needs",
            {{"rule", m.takes_rule},
             {"challenges", m.takes_challenges},
             {"challenges_required", m.needs_challenges},
             {"against", m.takes_other    ? "one"
                         : m.takes_others ? "several"
                                          : "none"},
             {"arrivals", m.takes_arrivals},
             {"crosswalk", m.takes_crosswalk},
             {"assembly", m.takes_assembly}}},
           {"assumes", m.info.assumes},
           {"cost", m.info.cost},
           {"references", m.info.references},
           {"see_also", m.info.see_also},
           {"options", Json::array()},
           {"messages", Json::object()}};
  const std::pair<const char*, const Text*> texts[] = {{"/title", &m.info.title},
                                                       {"/question", &m.info.question},
                                                       {"/assumes", &m.info.assumes},
                                                       {"/cost", &m.info.cost}};
  for (const auto& [pointer, text] : texts)
    if (text->message()) out["messages"][pointer] = to_json(*text->message());
  for (const auto& o : m.options) {
    Json option{{"name", o.name}, {"unit", o.unit}, {"text", o.text}, {"type", type_of(o.initial)}, {"default", {}}};
    std::visit([&](const auto& v) { option["default"] = v; }, o.initial);
    if (std::isfinite(o.low)) option["low"] = o.low;
    if (std::isfinite(o.high)) option["high"] = o.high;
    if (!o.choices.empty()) option["choices"] = o.choices;
    out["options"].push_back(std::move(option));
  }
  return out;
}

Json to_json(const CountEntry& c) {
  return {{"id", c.id.text},
          {"revision", c.revision},
          {"title", c.title},
          {"contest", c.contest.text},
          {"units", c.units},
          {"unit", c.unit_name},
          {"rows_set_aside", c.rejected},
          {"official", c.official},
          {"snapshot_of", c.snapshot_of},
          {"as_of", c.as_of},
          {"sha256", c.sha256},
          {"file", c.file},
          {"imported_at", c.imported_at}};
}

Json to_json(const ChallengeEntry& c) {
  return {{"id", c.id.text}, {"revision", c.revision}, {"count", c.count.text}, {"units", c.units},
          {"by", c.by},      {"reason", c.reason},     {"source", c.source}};
}

Json to_json(const AssemblyEntry& a) {
  return {{"id", a.id.text},      {"revision", a.revision}, {"title", a.title},
          {"members", a.members}, {"bodies", a.bodies},     {"roll_calls", a.roll_calls},
          {"sha256", a.sha256},   {"file", a.file},         {"imported_at", a.imported_at}};
}

Json to_json(const FindingEntry& f) {
  Json messages = Json::object();
  if (auto message = Json::parse(f.headline_message, nullptr, false); message.is_object())
    messages["/headline"] = std::move(message);
  return {{"id", f.id},         {"revision", f.revision}, {"revisions", f.revisions},        {"method", f.method},
          {"answer", f.answer}, {"headline", f.headline}, {"messages", std::move(messages)}, {"made_at", f.made_at}};
}

Json to_json(const ObjectEntry& o) {
  Json out{{"kind", o.kind}, {"id", o.id}, {"revisions", o.revisions}, {"retired", nullptr}};
  if (o.retired) out["retired"] = {{"by", o.retired->by}, {"reason", o.retired->reason}, {"at", o.retired->at}};
  return out;
}

Json to_json(const ObjectEvent& e) {
  return {{"at", e.at},         {"what", e.what}, {"revision", e.revision}, {"by", e.by},
          {"reason", e.reason}, {"file", e.file}, {"sha256", e.sha256},     {"new_id", e.new_name}};
}

Json to_json(const Activity& a) {
  return {{"command", a.command}, {"at", a.at}, {"what", a.text}, {"by", a.by}, {"reason", a.reason}};
}

Json to_json(const UnitEvent& e) {
  Json cells = Json::array();
  for (const auto& cell : e.cells) {
    Json one{{"field", cell.field}, {"before", nullptr}, {"after", nullptr}};
    if (cell.before) one["before"] = *cell.before;
    if (cell.after) one["after"] = *cell.after;
    cells.push_back(std::move(one));
  }
  return {{"count", e.count.text}, {"revision", e.revision},   {"at", e.at}, {"how", e.how},
          {"file", e.file},        {"sha256", e.sha256},       {"by", e.by}, {"reason", e.reason},
          {"source", e.source},    {"cells", std::move(cells)}};
}

Json to_json(const Proposal& proposal) {
  Json out{{"guesses", Json::array()}, {"questions", Json::array()}, {"toml", proposal.toml}};
  for (const auto& guess : proposal.guesses)
    out["guesses"].push_back({{"what", guess.what},
                              {"value", guess.value},
                              {"evidence", guess.evidence},
                              {"doubt", guess.doubt},
                              {"alternatives", guess.alternatives}});
  for (const auto& question : proposal.questions)
    out["questions"].push_back({{"text", question.text}, {"option", question.option}, {"choices", question.choices}});
  return out;
}

Result<Json> contents_of(const CaseFile& file) {
  COTEJO_TRY(counts, file.counts());
  COTEJO_TRY(challenges, file.challenges());
  COTEJO_TRY(crosswalks, file.crosswalks());
  COTEJO_TRY(arrivals, file.arrivals());
  COTEJO_TRY(assemblies, file.assemblies());
  COTEJO_TRY(findings, file.findings());
  COTEJO_TRY(objects, file.objects());
  COTEJO_TRY(chain, file.chain_head());
  Json out{{"counts", Json::array()},     {"challenges", Json::array()},
           {"crosswalks", crosswalks},    {"arrivals", arrivals},
           {"assemblies", Json::array()}, {"findings", Json::array()},
           {"objects", Json::array()},    {"chain", {{"commands", chain.commands}, {"head", chain.head}}}};
  for (const auto& c : counts) out["counts"].push_back(to_json(c));
  for (const auto& c : challenges) out["challenges"].push_back(to_json(c));
  for (const auto& a : assemblies) out["assemblies"].push_back(to_json(a));
  for (const auto& f : findings) out["findings"].push_back(to_json(f));
  for (const auto& o : objects) out["objects"].push_back(to_json(o));
  return out;
}

}  // namespace cotejo
