// The kinds of figure as typed values: what a face draws, and nothing that it has to guess (docs/formats/finding.md,
// "Figures"). One struct is one kind. Texts of the data that are messages are named in Figure::messages.
// Verified in src/finding/tests/figures_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/finding/finding.hpp"

namespace cotejo {

// Kind `outcome`: how far each reading is from another outcome.
struct OutcomeFigure {
  struct Row {
    std::string reading;  // its name, "winner-void"
    double slack = 0;     // votes or seats; negative: not met
    bool survives = true;
    Message outcome;
  };
  std::vector<Row> rows;
  Text unit;  // of the slack
};
Figure figure(std::string id, Text title, const OutcomeFigure& data);

// Kind `bars`: one bar a row, in the order given.
struct BarsFigure {
  struct Row {
    Text label;
    std::optional<double> value;
    std::optional<double> note_percent{};  // shown behind the value
  };
  std::vector<Row> rows;
  Text unit;
};
Figure figure(std::string id, Text title, const BarsFigure& data);

}  // namespace cotejo
