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
    Text reading;      // its name, "winner-void"
    double slack = 0;  // votes or seats; negative: not met
    bool survives = true;
    Text outcome;
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

// Kind `intervals`: a value a row, and the bounds that it is held against.
struct IntervalsFigure {
  struct Row {
    Text label;
    double value = 0, low = 0, high = 0;
  };
  std::vector<Row> rows;
  Text unit;
};
Figure figure(std::string id, Text title, const IntervalsFigure& data);

// Kind `line`: one line through points, from left to right.
struct LineFigure {
  struct Point {
    double x = 0, y = 0;
  };
  std::vector<Point> points;
  Text x_label, unit;                      // of x, of y
  bool logarithmic = false;                // x
  std::vector<std::int64_t> references{};  // values of y to compare with
};
Figure figure(std::string id, Text title, const LineFigure& data);

// Kind `lattice`: sets of a few members, each joined to the sets with one member more.
struct LatticeFigure {
  struct Row {
    Text set;
    std::uint32_t members = 0;  // bit m: member m is in it
    double slack = 0;
    bool survives = true, minimal = false;
  };
  std::vector<Row> rows;
  Text unit;  // of the slack
};
Figure figure(std::string id, Text title, const LatticeFigure& data);

// Kind `dumbbells`: each row beside what it is compared with. A row with a value missing is not drawn.
struct DumbbellsFigure {
  struct Row {
    Text label;
    std::optional<double> value, reference;
  };
  std::vector<Row> rows;
  Text unit;
};
Figure figure(std::string id, Text title, const DumbbellsFigure& data);

// Kind `slope`: places before and after, each beside its controls, in percent; missing where one is not known. Means are
// weighted.
struct SlopeFigure {
  struct Row {
    Text place;
    std::optional<double> before{}, after{}, controls_before{}, controls_after{};
    double weight = 1;
  };
  std::vector<Row> rows;
};
Figure figure(std::string id, Text title, const SlopeFigure& data);

// Kind `p-values`: the p-value of each test as it is and corrected for their number; missing where a test has none.
struct PValuesFigure {
  struct Row {
    Text method;
    std::optional<double> p_value, p_adjusted;
  };
  std::vector<Row> rows;
};
Figure figure(std::string id, Text title, const PValuesFigure& data);

}  // namespace cotejo
