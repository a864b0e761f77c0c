#include "cotejo/intake/rule_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/intake/toml_keys.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_alternatives = 50, most_clauses = 50, most_terms = 1'000;
constexpr std::string_view option_prefix = "option:";

const std::vector<std::pair<std::string, Quantity>>& quantities() {
  static const std::vector<std::pair<std::string, Quantity>> all = {
      {"leader", Quantity::leader}, {"runner_up", Quantity::runner_up},   {"valid", Quantity::valid},
      {"cast", Quantity::cast},     {"registered", Quantity::registered}, {"blank", Quantity::blank},
      {"null", Quantity::null},     {"constant", Quantity::constant}};
  return all;
}

Term term_of(TomlKeys& terms, const std::string& key) {
  Term out;
  out.coefficient = terms.rational(key);
  if (key.starts_with(option_prefix)) {
    out.quantity = Quantity::option;
    out.option = OptionId{std::string(trimmed(std::string_view(key).substr(option_prefix.size())))};
    if (out.option.text.empty()) terms.refuse(key, "expected an option's id after `option:`", key);
    return out;
  }
  std::vector<std::string> names;
  for (const auto& [name, quantity] : quantities()) {
    if (name == key) {
      out.quantity = quantity;
      return out;
    }
    names.push_back(name);
  }
  const auto near = nearest_name(key, names);
  terms.refuse(
      key, "no such quantity; expected leader, runner_up, valid, cast, registered, blank, null, constant or option:ID",
      key, near.empty() ? "See docs/formats/rule.md." : fmt::format("Did you mean `{}`?", near));
  return out;
}

Rational bounded(TomlKeys& keys, std::string_view key) {
  const auto value = keys.rational(key);
  if (value < Rational(0) || value > Rational(1))
    keys.refuse(key, "expected a share from 0 to 1", to_text(value), "Write it as in \"2/5\".");
  return value;
}

// A name for a common rule; the rest of its keys are its own.
Rule short_form(TomlKeys& keys) {
  const auto use = keys.text("use");
  if (use == "plurality") return Rule::plurality();
  if (use == "majority-runoff") return Rule::majority_with_runoff();
  if (use == "share-and-lead") {
    const auto share = bounded(keys, "share");
    return Rule::share_and_lead(share, bounded(keys, "lead"));
  }
  if (use == "referendum") {
    OptionId yes{keys.needed_text("yes")}, no{keys.needed_text("no")};
    if (yes == no) keys.refuse("no", "`yes` and `no` are the same option", no.text);
    if (keys.has("quorum")) return Rule::referendum(std::move(yes), std::move(no), bounded(keys, "quorum"));
    Rule rule = Rule::referendum(std::move(yes), std::move(no), Rational(0));
    rule.title = "More yes than no";
    rule.alternatives.front().clauses.resize(1);  // without the quorum
    return rule;
  }
  keys.refuse("use", "expected one of \"plurality\", \"majority-runoff\", \"share-and-lead\", \"referendum\"", use,
              "See docs/formats/rule.md.");
  return {};
}

Rule long_form(TomlKeys& keys) {
  Rule rule;
  rule.id = keys.needed_id("id", TomlKeys::Slash::refused);
  rule.met = keys.choice<Verdict>("met", {{"winner", Verdict::winner}, {"adopted", Verdict::adopted}});
  rule.otherwise = keys.choice<Verdict>(
      "otherwise", {{"runoff", Verdict::runoff}, {"rejected", Verdict::rejected}, {"none", Verdict::none}});
  if (!keys.has("alternative"))
    keys.refuse("", "the rule has no [[rule.alternative]], and no `use`", {}, "See docs/formats/rule.md.");
  for (auto& alternative_keys : keys.tables("alternative", most_alternatives)) {
    Alternative alternative{.name = alternative_keys.needed_text("name"), .clauses = {}};
    if (!alternative_keys.has("clause"))
      alternative_keys.refuse("", "the alternative has no [[rule.alternative.clause]]", alternative.name);
    for (auto& clause_keys : alternative_keys.tables("clause", most_clauses)) {
      Clause clause{.name = clause_keys.text("name", alternative.name), .terms = {}};
      clause_keys.needed_text("is");
      clause.comparison =
          clause_keys.choice<Comparison>("is", {{">", Comparison::greater}, {">=", Comparison::at_least}});
      if (auto terms = clause_keys.table("terms")) {
        const auto names = terms->all_keys();
        if (names.empty() || names.size() > most_terms)
          terms->refuse("", fmt::format("expected 1 to {} terms, found {}", most_terms, names.size()));
        else
          for (const auto& name : names) clause.terms.push_back(term_of(*terms, name));
      } else {
        clause_keys.refuse("", "the key `terms` is missing", clause.name, "See docs/formats/rule.md.");
      }
      clause_keys.finish();
      alternative.clauses.push_back(std::move(clause));
    }
    alternative_keys.finish();
    rule.alternatives.push_back(std::move(alternative));
  }
  return rule;
}

}  // namespace

Result<Rule> parse_rule(const toml::table& table, std::string_view file_name) {
  TomlProblem problem{.file = std::string(file_name)};
  TomlKeys keys(table, "rule", problem);
  Rule rule = keys.has("use") ? short_form(keys) : long_form(keys);
  if (keys.has("id")) rule.id = keys.needed_id("id", TomlKeys::Slash::refused);
  if (keys.has("title")) rule.title = keys.needed_text("title");
  rule.source = keys.text("source", rule.source);
  if (rule.title.empty()) rule.title = rule.id;
  keys.finish();
  if (problem.first) return std::move(*problem.first);
  return rule;
}

}  // namespace cotejo
