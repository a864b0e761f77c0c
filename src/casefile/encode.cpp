#include "encode.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

template <class Enum, std::size_t n>
using Names = std::array<std::pair<Enum, const char*>, n>;

constexpr Names<Quantity, 9> quantities{{{Quantity::leader, "leader"},
                                         {Quantity::runner_up, "runner_up"},
                                         {Quantity::option, "option"},
                                         {Quantity::valid, "valid"},
                                         {Quantity::cast, "cast"},
                                         {Quantity::registered, "registered"},
                                         {Quantity::blank, "blank"},
                                         {Quantity::null, "null"},
                                         {Quantity::constant, "constant"}}};
constexpr Names<Verdict, 6> verdicts{{{Verdict::winner, "winner"},
                                      {Verdict::runoff, "runoff"},
                                      {Verdict::adopted, "adopted"},
                                      {Verdict::rejected, "rejected"},
                                      {Verdict::none, "none"},
                                      {Verdict::tie, "tie"}}};
constexpr Names<Relation, 3> relations{{{Relation::equal, "="}, {Relation::at_most, "<="}, {Relation::at_least, ">="}}};

template <class Enum, std::size_t n>
std::string name_in(const Names<Enum, n>& names, Enum value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "";
}

template <class Enum, std::size_t n>
Enum value_in(const Names<Enum, n>& names, const Json& json) {
  for (const auto& [value, name] : names)
    if (json == name) return value;
  throw std::runtime_error("unknown name in the case: " + json.dump());
}

}  // namespace

std::string encode(const Rule& rule) {
  Json out{{"id", rule.id},
           {"title", rule.title},
           {"source", rule.source},
           {"met", name_in(verdicts, rule.met)},
           {"otherwise", name_in(verdicts, rule.otherwise)},
           {"alternatives", Json::array()}};
  for (const auto& alternative : rule.alternatives) {
    Json clauses = Json::array();
    for (const auto& clause : alternative.clauses) {
      Json terms = Json::array();
      for (const auto& term : clause.terms)
        terms.push_back({{"quantity", name_in(quantities, term.quantity)},
                         {"coefficient", to_text(term.coefficient)},
                         {"option", term.option.text}});
      clauses.push_back({{"name", clause.name},
                         {"is", clause.comparison == Comparison::greater ? ">" : ">="},
                         {"terms", std::move(terms)}});
    }
    out["alternatives"].push_back({{"name", alternative.name}, {"clauses", std::move(clauses)}});
  }
  return out.dump();
}

Rule decode_rule(const std::string& text) {
  const Json json = Json::parse(text);
  Rule rule{json.at("id"),
            json.at("title"),
            json.at("source"),
            value_in(verdicts, json.at("met")),
            value_in(verdicts, json.at("otherwise")),
            {}};
  for (const auto& alternative : json.at("alternatives")) {
    Alternative& a = rule.alternatives.emplace_back(Alternative{alternative.at("name"), {}});
    for (const auto& clause : alternative.at("clauses")) {
      Clause& c = a.clauses.emplace_back(
          Clause{clause.at("name"), {}, clause.at("is") == ">" ? Comparison::greater : Comparison::at_least});
      for (const auto& term : clause.at("terms")) {
        const auto coefficient = parse_rational(term.at("coefficient").get<std::string>());
        if (!coefficient) throw std::runtime_error("a coefficient in the case cannot be read");
        c.terms.push_back(
            {value_in(quantities, term.at("quantity")), *coefficient, OptionId{term.at("option").get<std::string>()}});
      }
    }
  }
  return rule;
}

std::string encode_texts(const std::vector<std::string>& texts) {
  return Json(texts).dump();
}

std::vector<std::string> decode_texts(const std::string& text) {
  return Json::parse(text).get<std::vector<std::string>>();
}

std::string encode_votes(const std::vector<VoteRange>& votes) {
  if (votes.empty()) return {};
  Json out = Json::array();
  for (const auto& range : votes) out.push_back({range.least, range.most});
  return out.dump();
}

std::vector<VoteRange> decode_votes(const std::string& text) {
  std::vector<VoteRange> out;
  if (text.empty()) return out;
  for (const auto& range : Json::parse(text))
    out.push_back({range.at(0).get<std::int64_t>(), range.at(1).get<std::int64_t>()});
  return out;
}

std::string encode_description(const Count& count) {
  Json out{{"id", count.id.text},
           {"title", count.title},
           {"contest", {{"id", count.contest.id.text}, {"title", count.contest.title}}},
           {"unit_name", count.unit_name},
           {"date", count.date},
           {"as_of", count.as_of},
           {"snapshot_of", count.snapshot_of.text},
           {"official", count.official},
           {"valid", count.valid_basis == ValidBasis::reported ? "reported" : "sum"},
           {"caveats", count.caveats},
           {"source", count.source},
           {"levels", count.hierarchy.levels()},
           {"sha256", count.sha256}};
  out["options"] = Json::array();  // there too where there are none: a register
  for (const auto& option : count.contest.options)
    out["options"].push_back({{"id", option.id.text}, {"name", option.name}});
  out["fields"] = Json::array();
  for (const auto& field : count.fields) out["fields"].push_back({{"id", field.id}, {"name", field.name}});
  out["checks"] = Json::array();
  for (const auto& check : count.checks)
    out["checks"].push_back({{"id", check.id},
                             {"left", check.left},
                             {"is", name_in(relations, check.relation)},
                             {"right", check.right},
                             {"text", check.text}});
  return out.dump();
}

Count decode_description(const std::string& text) {
  const Json json = Json::parse(text);
  Count count;
  count.id = CountId{json.at("id").get<std::string>()};
  count.title = json.at("title");
  count.contest.id = ContestId{json.at("contest").at("id").get<std::string>()};
  count.contest.title = json.at("contest").at("title");
  for (const auto& option : json.at("options"))
    count.contest.options.push_back({OptionId{option.at("id").get<std::string>()}, option.at("name")});
  count.unit_name = json.at("unit_name");
  count.date = json.at("date");
  count.as_of = json.at("as_of");
  count.snapshot_of = CountId{json.at("snapshot_of").get<std::string>()};
  count.official = json.at("official");
  count.valid_basis = json.at("valid") == "reported" ? ValidBasis::reported : ValidBasis::sum_of_options;
  count.caveats = json.at("caveats");
  count.source = json.at("source");
  count.hierarchy = Hierarchy(json.at("levels").get<std::vector<std::string>>());
  count.sha256 = json.at("sha256");
  for (const auto& field : json.at("fields")) count.fields.push_back({field.at("id"), field.at("name"), {}});
  for (const auto& check : json.at("checks"))
    count.checks.push_back(
        {check.at("id"), check.at("left"), value_in(relations, check.at("is")), check.at("right"), check.at("text")});
  return count;
}

}  // namespace cotejo
