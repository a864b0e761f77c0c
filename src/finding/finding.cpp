#include "cotejo/finding/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/finding/catalogue.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

Json to_json(const Cell& cell) {
  return std::visit(
      [](const auto& v) -> Json {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return nullptr;
        else if constexpr (std::is_same_v<T, double>)
          return number(v);
        else if constexpr (std::is_same_v<T, Message>)
          return render(v);
        else
          return v;
      },
      cell);
}

// Where the texts of a finding's JSON stand, and which messages they are.
class Messages {
 public:
  using Path = Json::json_pointer;

  void add(const Path& at, const Text& text) {
    if (text.message()) out_[at.to_string()] = cotejo::to_json(*text.message());
  }
  void add(const Path& at, const std::vector<Text>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) add(at / i, texts[i]);
  }
  void add(const Path& at, const Table& table) {
    add(at / "title", table.title);
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      add(at / "columns" / c / "unit", table.columns[c].unit);
      add(at / "columns" / c / "definition", table.columns[c].definition);
    }
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      for (std::size_t c = 0; c < table.rows[r].size(); ++c)
        if (const auto* words = std::get_if<Message>(&table.rows[r][c]))
          out_[(at / "rows" / r / c).to_string()] = cotejo::to_json(*words);
  }
  void add(const Path& at, const Figure& figure) {
    add(at / "title", figure.title);
    for (const auto& [pointer, message] : figure.messages)
      out_[(at / "data" / Path(pointer)).to_string()] = cotejo::to_json(message);
  }
  Json take() { return std::move(out_); }

 private:
  Json out_ = Json::object();
};

Json messages_of(const Finding& finding) {
  Messages out;
  const Messages::Path root;
  out.add(root / "title", finding.title);
  out.add(root / "question", finding.question);
  out.add(root / "headline", finding.headline);
  out.add(root / "in_short", finding.in_short);
  for (const auto& e : finding.estimates) {
    out.add(root / "estimates" / e.name / "unit", e.unit);
    out.add(root / "estimates" / e.name / "definition", e.definition);
  }
  if (finding.test) out.add(root / "test" / "null", finding.test->null);
  for (std::size_t i = 0; i < finding.conditions.size(); ++i)
    out.add(root / "conditions" / i / "text", finding.conditions[i].text);
  out.add(root / "caveats", finding.caveats);
  out.add(root / "does_not_show", finding.does_not_show);
  for (std::size_t i = 0; i < finding.tables.size(); ++i) out.add(root / "tables" / i, finding.tables[i]);
  for (std::size_t i = 0; i < finding.figures.size(); ++i) out.add(root / "figures" / i, finding.figures[i]);
  return out.take();
}

Json to_json(const Input& input) {
  Json out{{input.kind, input.id},
           {"sha256", input.sha256},
           {"revision", input.revision},
           {"revisions", input.revisions},
           {"units", input.units}};
  if (input.set_aside)
    out["set_aside"] = {{"rows", input.set_aside->rows},
                        {"votes_at_least", input.set_aside->votes_at_least},
                        {"votes_at_most", input.set_aside->votes_at_most},
                        {"could_decide", input.set_aside->could_decide}};
  return out;
}

std::string_view to_text(TestKind kind) {
  return kind == TestKind::exact ? "exact" : kind == TestKind::calibrated ? "calibrated" : "asymptotic";
}

// Text that is not UTF-8 (from a command line, say) would not be JSON.
void make_utf8(Json& json) {
  if (json.is_string()) {
    if (const auto& text = json.get_ref<const std::string&>(); !is_utf8(text)) json = printable(text, text.size());
  } else if (json.is_structured()) {
    for (auto& part : json) make_utf8(part);
  }
}

}  // namespace

std::string_view to_text(Answer answer) {
  switch (answer) {
    case Answer::yes:
      return "yes";
    case Answer::no:
      return "no";
    case Answer::depends:
      return "depends";
    case Answer::undetermined:
      return "undetermined";
    case Answer::descriptive:
      return "descriptive";
  }
  return "undetermined";
}

std::string_view to_text(ForOutcome for_outcome) {
  switch (for_outcome) {
    case ForOutcome::holds:
      return "holds";
    case ForOutcome::changes:
      return "changes";
    case ForOutcome::depends:
      return "depends";
    case ForOutcome::unknown:
      return "unknown";
  }
  return "unknown";
}

double monte_carlo_error(const Test& test) {
  if (test.replicates <= 0 || test.kind == TestKind::exact || !(test.p_value >= 0 && test.p_value <= 1)) return 0;
  return std::sqrt(test.p_value * (1 - test.p_value) / static_cast<double>(test.replicates));
}

bool at_floor(const Test& test) {
  return test.replicates > 0 && test.kind != TestKind::exact &&
         test.p_value * static_cast<double>(test.replicates + 1) <= 1 + 1e-9;
}

std::string p_text(const Test& test) {
  if (at_floor(test)) return fmt::format("at most {:.2g}", test.p_value);
  if (test.p_value < 0.001) return "below 0.001";
  return fmt::format("{:.3f}", test.p_value);
}

std::string words_of(const Cell& cell, std::string_view language) {
  if (const auto* name = std::get_if<std::string>(&cell)) return *name;
  const auto* message = std::get_if<Message>(&cell);
  return message ? render(*message, language) : std::string();
}

const std::vector<Cell>* Table::row(std::string_view first_cell) const {
  for (const auto& cells : rows)
    if (!cells.empty() && words_of(cells[0]) == first_cell) return &cells;
  return nullptr;
}

int Table::column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const TableColumn& c) { return c.name == name; });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

const Estimate* Finding::estimate(std::string_view wanted) const {
  for (const auto& entry : estimates)
    if (entry.name == wanted) return &entry;
  return nullptr;
}

const Table* Finding::table(std::string_view wanted) const {
  for (const auto& entry : tables)
    if (entry.id == wanted) return &entry;
  return nullptr;
}

Json to_json(const Table& table) {
  Json columns = Json::array(), rows = Json::array();
  for (const auto& column : table.columns) {
    Json entry{{"name", column.name}, {"unit", column.unit}};
    if (!column.definition.empty()) entry["definition"] = column.definition;
    columns.push_back(std::move(entry));
  }
  for (const auto& row : table.rows) {
    Json cells = Json::array();
    for (const auto& cell : row) cells.push_back(to_json(cell));
    rows.push_back(std::move(cells));
  }
  Json out{{"id", table.id}, {"title", table.title}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
  if (!table.brief.empty()) out["brief"] = table.brief;
  return out;
}

Json summary(const Finding& finding) {
  Messages messages;
  messages.add(Messages::Path() / "headline", finding.headline);
  Json out{{"id", finding.id},
           {"method", finding.method},
           {"answer", to_text(finding.answer)},
           {"headline", finding.headline.english()},
           {"messages", messages.take()}};
  make_utf8(out);
  return out;
}

Json to_json(const Finding& finding) {
  Json out{{"schema", "cotejo.finding/2"},
           {"id", finding.id},
           {"method", finding.method},
           {"title", finding.title},
           {"question", finding.question},
           {"answer", to_text(finding.answer)},
           {"for_outcome", finding.for_outcome ? Json(to_text(*finding.for_outcome)) : Json(nullptr)},
           {"primary", finding.primary},
           {"headline", finding.headline},
           {"in_short", finding.in_short},
           {"inputs", Json::array()},
           {"options", Json::object()},
           {"seed", finding.seed},
           {"estimates", Json::object()},
           {"test", nullptr},
           {"at_stake", nullptr},
           {"conditions", Json::array()},
           {"caveats", finding.caveats},
           {"does_not_show", finding.does_not_show},
           {"references", finding.references},
           {"see_also", finding.see_also},
           {"tables", Json::array()},
           {"figures", Json::array()},
           {"messages", messages_of(finding)},
           {"runtime", nullptr}};
  for (const auto& input : finding.inputs) out["inputs"].push_back(to_json(input));
  for (const auto& [name, value] : finding.options)
    std::visit([&, &key = name](const auto& v) { out["options"][key] = v; }, value);
  for (const auto& e : finding.estimates)
    out["estimates"][e.name] = {{"value", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)},
                                {"level", number(e.level)}, {"unit", e.unit},       {"definition", e.definition}};
  if (finding.test) {
    const auto& test = *finding.test;
    out["test"] = {{"statistic", number(test.statistic)}, {"p_value", number(test.p_value)},
                   {"p_error", monte_carlo_error(test)},  {"at_most", at_floor(test)},
                   {"kind", to_text(test.kind)},          {"null", test.null},
                   {"replicates", test.replicates},       {"p_adjusted", number(test.p_adjusted)}};
  }
  if (finding.at_stake)
    out["at_stake"] = {{"votes", number(finding.at_stake->votes)},
                       {"votes_low", number(finding.at_stake->votes_low)},
                       {"votes_high", number(finding.at_stake->votes_high)},
                       {"mechanism", finding.at_stake->mechanism},
                       {"needed", number(finding.at_stake->needed)},
                       {"of_slack", number(finding.at_stake->of_slack)},
                       {"decisive", finding.at_stake->decisive}};
  for (const auto& condition : finding.conditions)
    out["conditions"].push_back({{"text", condition.text}, {"met", condition.met}});
  for (const auto& table : finding.tables) out["tables"].push_back(to_json(table));
  for (const auto& figure : finding.figures)
    out["figures"].push_back(
        {{"id", figure.id}, {"kind", figure.kind}, {"title", figure.title}, {"data", Json::parse(figure.data_json)}});
  out["runtime"] = {
      {"seconds", finding.runtime.seconds}, {"threads", finding.runtime.threads}, {"ranks", finding.runtime.ranks}};
  make_utf8(out);
  return out;
}

}  // namespace cotejo
