#include "cotejo/finding/figures.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

// A figure whose data grow a text at a time.
class Made {
 public:
  Made(std::string id, std::string kind, Text title, std::vector<std::string> columns) {
    figure_.id = std::move(id);
    figure_.kind = std::move(kind);
    figure_.title = std::move(title);
    data_ = {{"columns", std::move(columns)}, {"rows", Json::array()}};
  }

  // A row of the data, whose texts that are messages get their pointers.
  void row(std::vector<Cell> cells) {
    Json out = Json::array();
    for (const auto& cell : cells) {
      if (const auto* message = std::get_if<Message>(&cell))
        note(fmt::format("/rows/{}/{}", data_["rows"].size(), out.size()), *message);
      out.push_back(json_of(cell));
    }
    data_["rows"].push_back(std::move(out));
  }
  void text(const std::string& key, const Text& text) {
    if (text.message()) note("/" + key, *text.message());
    data_[key] = text.english();
  }
  void value(const std::string& key, Json value) { data_[key] = std::move(value); }
  Figure take() {
    figure_.data_json = data_.dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::move(figure_);
  }

 private:
  void note(std::string pointer, const Message& message) { figure_.messages.emplace_back(std::move(pointer), message); }
  static Json json_of(const Cell& cell) {
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return *whole;
    if (const auto* real = std::get_if<double>(&cell)) return *real;
    if (const auto* flag = std::get_if<bool>(&cell)) return *flag;
    return std::holds_alternative<std::monostate>(cell) ? Json(nullptr) : Json(words_of(cell));
  }

  Figure figure_;
  Json data_;
};

Cell cell(const Text& text) {
  return text.message() ? Cell(*text.message()) : Cell(text.english());
}
// NaN is not known.
Cell cell(const std::optional<double>& value) {
  return value && !std::isnan(*value) ? Cell(*value) : Cell();
}

}  // namespace

Figure figure(std::string id, Text title, const OutcomeFigure& data) {
  Made out(std::move(id), "outcome", std::move(title), {"reading", "slack", "survives", "outcome"});
  for (const auto& row : data.rows) out.row({cell(row.reading), row.slack, row.survives, cell(row.outcome)});
  out.text("unit", data.unit);
  return out.take();
}

Figure figure(std::string id, Text title, const BarsFigure& data) {
  Made out(std::move(id), "bars", std::move(title), {"label", "value", "note"});
  for (const auto& row : data.rows) out.row({cell(row.label), cell(row.value), cell(row.note_percent)});
  out.text("unit", data.unit);
  return out.take();
}

Figure figure(std::string id, Text title, const IntervalsFigure& data) {
  Made out(std::move(id), "intervals", std::move(title), {"label", "value", "low", "high"});
  for (const auto& row : data.rows) out.row({cell(row.label), row.value, row.low, row.high});
  out.text("unit", data.unit);
  return out.take();
}

Figure figure(std::string id, Text title, const LineFigure& data) {
  Made out(std::move(id), "line", std::move(title), {"x", "y"});
  for (const auto& point : data.points) out.row({point.x, point.y});
  out.text("x_label", data.x_label);
  out.text("unit", data.unit);
  out.value("log", data.logarithmic);
  out.value("references", data.references);
  return out.take();
}

Figure figure(std::string id, Text title, const LatticeFigure& data) {
  Made out(std::move(id), "lattice", std::move(title), {"set", "members", "slack", "survives", "minimal"});
  for (const auto& row : data.rows)
    out.row({cell(row.set), std::int64_t{row.members}, row.slack, row.survives, row.minimal});
  out.text("unit", data.unit);
  return out.take();
}

Figure figure(std::string id, Text title, const DumbbellsFigure& data) {
  Made out(std::move(id), "dumbbells", std::move(title), {"label", "value", "reference"});
  for (const auto& row : data.rows) out.row({cell(row.label), cell(row.value), cell(row.reference)});
  out.text("unit", data.unit);
  return out.take();
}

Figure figure(std::string id, Text title, const SlopeFigure& data) {
  Made out(std::move(id), "slope", std::move(title),
           {"place", "before", "after", "controls_before", "controls_after", "weight"});
  for (const auto& row : data.rows)
    out.row({cell(row.place), cell(row.before), cell(row.after), cell(row.controls_before), cell(row.controls_after),
             row.weight});
  return out.take();
}

Figure figure(std::string id, Text title, const PValuesFigure& data) {
  Made out(std::move(id), "p-values", std::move(title), {"method", "p_value", "p_adjusted"});
  for (const auto& row : data.rows) out.row({cell(row.method), cell(row.p_value), cell(row.p_adjusted)});
  return out.take();
}

}  // namespace cotejo
