// What one method answers: plain data, and its JSON (schema "cotejo.finding/2", docs/formats/finding.md).
// Everything but `runtime` is identical from run to run on the same inputs, options and seed.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/finding/text.hpp"

namespace cotejo {

enum class Answer { yes, no, depends, undetermined, descriptive };
std::string_view to_text(Answer answer);

// What the finding implies for the outcome of the contest; a finding that implies nothing has none.
enum class ForOutcome { holds, changes, depends, unknown };
std::string_view to_text(ForOutcome for_outcome);

// Rows of a count's file that were set aside, with the votes that they can mean.
struct SetAside {
  std::int64_t rows = 0;
  std::int64_t votes_at_least = 0;
  std::int64_t votes_at_most = 0;
  bool could_decide = false;
};

struct Input {
  std::string kind;  // "count", "challenge", "crosswalk" or "arrival"
  std::string id;
  std::string sha256;
  std::int64_t units = 0;
  int revision = 1;  // in the case, and how many the case has
  int revisions = 1;
  std::optional<SetAside> set_aside{};  // of a count
};

struct Estimate {
  std::string name;                              // "margin_points"
  double value = 0;                              // NaN is written as null
  Text unit;                                     // "points of valid votes"
  Text definition;                               // "100 (M - C) / V"
  std::optional<double> low{}, high{}, level{};  // an interval and its level, 0..1
};

enum class TestKind { exact, calibrated, asymptotic };

struct Test {
  double statistic = 0;
  double p_value = 0;
  TestKind kind = TestKind::exact;
  Text null;                           // the null hypothesis, in words
  std::int64_t replicates = 0;         // 0 for exact
  std::optional<double> p_adjusted{};  // by Holm, over every finding of the dossier
};

// The standard error that drawing `replicates` times leaves in the p-value: sqrt(p (1 - p) / replicates); 0 without draws.
double monte_carlo_error(const Test& test);
// No replicate was as far as what was observed: the p-value is 1 / (replicates + 1), and that is all it can be.
bool at_floor(const Test& test);
// "0.187", "at most 0.001" at the floor, "below 0.001" for a computed one.
std::string p_text(const Test& test);

struct AtStake {
  double votes = 0;         // that the finding puts in question
  double of_slack = 0;      // the slack of the outcome as counted
  bool decisive = false;    // could they change the outcome? By the rule, under the mechanism, at votes_high
  std::string mechanism{};  // "moved", "voided", ... (vote/stakes.hpp); several, separated by ", "
  std::optional<double> votes_low{}, votes_high{};  // the bounds of `votes`, where there are any
  std::optional<double> needed{};  // the fewest votes that change the outcome under the mechanism; none: no number does
};

struct Condition {
  Text text;
  bool met = true;
};

// A string is a name (of a unit, an option, a reading), shown as it is; words are a message.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string, bool, Message>;

// A name or, in the language, a message; empty for any other cell.
std::string words_of(const Cell& cell, std::string_view language = "en");

struct TableColumn {
  std::string name;
  Text unit{};  // "votes", "%", ...
  Text definition{};
};

struct Table {
  std::string id;
  Text title;
  std::vector<TableColumn> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<std::string>
      brief{};  // the columns to show where there is little room; empty: as many as fit from the left

  // The row whose first cell is this text, or nullptr; the column's index, or -1.
  const std::vector<Cell>* row(std::string_view first_cell) const;
  int column(std::string_view name) const;
};

// Data for a picture; the faces draw it. `data_json` is a JSON object as text.
struct Figure {
  std::string id, kind;
  Text title;
  std::string data_json = "{}";
  std::vector<std::pair<std::string, Message>>
      messages{};  // texts of the data that are messages, by their JSON pointer
};

struct Runtime {
  double seconds = 0;
  unsigned threads = 1;
  unsigned ranks = 1;
};

struct Finding {
  std::string id, method;
  Text title, question;
  Answer answer = Answer::descriptive;
  std::optional<ForOutcome> for_outcome{};
  bool primary = false;  // the plan names it as one of the findings that its conclusion rests on
  Text headline;
  // The same in clauses that the answer to a question of the plan is made of: names instead of ids, whole votes, no full
  // stop; a verdict for each objector. Empty: the headline stands in their place.
  std::vector<Text> in_short{};
  std::vector<Input> inputs;
  std::vector<std::pair<std::string, OptionValue>> options;
  std::uint64_t seed = 0;
  std::vector<Estimate> estimates;
  std::optional<Test> test{};
  std::optional<AtStake> at_stake{};
  std::vector<Condition> conditions;
  std::vector<Text> caveats;  // of the data, from the counts used
  std::vector<Text> does_not_show;
  std::vector<std::string> references;
  std::vector<std::string> see_also{};  // methods that answer what this finding does not show (MethodInfo::see_also)
  std::vector<Table> tables;
  std::vector<Figure> figures;
  Runtime runtime{};

  const Estimate* estimate(std::string_view name) const;  // nullptr when there is none
  const Table* table(std::string_view id) const;
};

// Keys in the order of the schema; texts in English, and under `messages` (JSON pointer -> message) what they are.
// Doubles are written with the fewest digits that read back the same.
nlohmann::ordered_json to_json(const Finding& finding);
nlohmann::ordered_json to_json(const Table& table);
// { "id", "method", "answer", "headline", "messages" }: what a list of findings shows of one.
nlohmann::ordered_json summary(const Finding& finding);

}  // namespace cotejo
