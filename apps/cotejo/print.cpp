#include "print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/table_text.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo::app {

namespace {

constexpr std::size_t rows_shown = 15;

// Too long: the middle gives way, because keys and paths differ at their ends.
std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::vector<std::string_view> characters;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0U) == 0x80U) ++length;
    characters.push_back(text.substr(i, length));
    i += length;
  }
  std::string head, tail;
  for (std::size_t front = 0, back = characters.size(); front < back;) {
    const bool at_front = display_width(head) <= display_width(tail);
    const auto next = at_front ? characters[front] : characters[back - 1];
    if (display_width(head) + display_width(tail) + display_width(next) + 1 > width) break;
    if (at_front)
      head += next;
    else
      tail.insert(0, next);
    if (at_front)
      ++front;
    else
      --back;
  }
  return head + "…" + tail;
}

std::string pad(std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

// A number as the program writes it, with the marks of the language: 34,672.5 is 34.672,5 in Spanish.
std::string in_marks(std::string number, std::string_view language) {
  if (language == english_language || number.find_first_of("e∞") != std::string::npos) return number;
  std::erase(number, ',');
  if (number.find_first_not_of("-0123456789.") != std::string::npos) return number;  // a dash, "nan"
  return render({"labels.number", {{"n", Decimal{std::move(number)}}}}, language);
}

std::string text_of(const Cell& cell, Digits digits, std::string_view language) {
  return std::visit(
      [digits, language](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return "–";
        else if constexpr (std::is_same_v<T, bool>)
          return render({v ? "labels.yes" : "labels.no"}, language);
        else if constexpr (std::is_same_v<T, std::string>)
          return printable(v);
        else if constexpr (std::is_same_v<T, Message>)
          return printable(render(v, language));
        else if constexpr (std::is_same_v<T, std::int64_t>)
          return digits == Digits::grouped ? in_marks(with_thousands(v), language) : std::to_string(v);
        else
          return in_marks(readable(static_cast<double>(v)), language);
      },
      cell);
}

// Beside its interval: three digits, or whole.
std::string short_of(double value) {
  return std::abs(value) < 1000 ? fmt::format("{:.3g}", value) : with_thousands(std::llround(value));
}

std::vector<std::size_t> wanted_columns(const Table& table) {
  std::vector<std::size_t> out;
  if (table.brief.empty()) {
    out.resize(table.columns.size());
    std::iota(out.begin(), out.end(), 0);
  } else {
    for (const auto& name : table.brief) out.push_back(static_cast<std::size_t>(table.column(name)));
  }
  return out;
}

// Columns from the left as long as they fit at a width at which they can still be read.
std::string columns_that_fit(const Table& table, Digits digits, std::size_t most, std::string_view remedy,
                             std::string_view language) {
  constexpr std::size_t readable_width = 22;
  const auto wanted = wanted_columns(table);
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows(std::min(table.rows.size(), most));
  std::size_t used = 0, dropped = table.columns.size() - wanted.size();
  for (const auto c : wanted) {
    std::vector<std::string> cells;
    std::size_t width = display_width(table.columns[c].name);
    bool numeric = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Cell& cell = table.rows[i][c];
      numeric = numeric || std::holds_alternative<double>(cell) || std::holds_alternative<std::int64_t>(cell);
      cells.push_back(text_of(cell, digits, language));
      width = std::max(width, display_width(cells.back()));
    }
    width = std::min<std::size_t>(width, numeric ? width : readable_width) + 2;
    if (!header.empty() && used + width > line_width()) {
      ++dropped;
      continue;
    }
    used += width;
    header.push_back(printable(table.columns[c].name) + (numeric ? ">" : ""));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(std::move(cells[i]));
  }
  std::string out = text_table(std::move(header), std::move(rows));
  std::vector<std::string> more;
  if (table.rows.size() > most)
    more.push_back(render({"labels.more_rows", {{"n", table.rows.size() - most}}}, language));
  if (dropped > 0) more.push_back(render({"labels.more_columns", {{"n", dropped}}}, language));
  if (!more.empty()) out += fmt::format("  … {}: {}\n", fmt::join(more, ", "), remedy);
  return out;
}

std::string table_of(const Table& table, std::string_view language) {
  return wrapped(printable(table.title.in(language))) +
         columns_that_fit(table, Digits::grouped, rows_shown, "--format md", language);
}

const std::vector<std::pair<std::string, Format>>& formats() {
  static const std::vector<std::pair<std::string, Format>> all{
      {"text", Format::text}, {"csv", Format::csv}, {"md", Format::markdown}, {"json", Format::json}};
  return all;
}

}  // namespace

Result<Format> format_named(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [known, format] : formats()) {
    if (known == name) return format;
    names.push_back(known);
  }
  const auto near = nearest_name(name, names);
  return Error{.code = ErrorCode::usage,
               .message = "no such format",
               .value = printable(name),
               .remedy = near.empty() ? fmt::format("Formats: {}.", fmt::join(names, ", "))
                                      : fmt::format("Did you mean '{}'?", near)};
}

void add_format(CLI::App& command, Format& format) {
  auto* named = command
                    .add_option_function<std::string>(
                        "--format", [&format](const std::string& name) { format = *format_named(name); },
                        "How it is printed: for people, or whole as CSV, Markdown or JSON")
                    ->check([](const std::string& name) {
                      const auto known = format_named(name);
                      return known ? std::string() : describe(known.error());
                    })
                    ->option_text("text|csv|md|json");
  command
      .add_flag_function(
          "--json", [&format](std::int64_t) { format = Format::json; }, "The same as --format json")
      ->excludes(named);
}

std::string in_format(const Table& table, Format format, Digits digits, std::size_t most) {
  switch (format) {
    case Format::csv:
      return csv_of(table);
    case Format::markdown:
      return (table.title.empty() ? std::string() : fmt::format("**{}**\n\n", markdown_text(table.title))) +
             markdown_of(table);
    case Format::json:
      return rows_of(table).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    case Format::text:
      break;
  }
  return columns_that_fit(table, digits, most, "--format csv", english_language);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out, line;
  const std::string margin(indent, ' ');
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto word = text.substr(begin, end - begin);
    if (!line.empty() && indent + display_width(line) + 1 + display_width(word) > width) {
      out += margin + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    begin = end + 1;
  }
  return line.empty() ? out : out + margin + line + "\n";
}

std::string text_table(std::vector<std::string> header, std::vector<std::vector<std::string>> rows) {
  const std::size_t n = header.size();
  if (n == 0) return "";
  std::vector<bool> right(n);
  std::vector<std::size_t> width(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (header[i].ends_with('>')) {
      right[i] = true;
      header[i].pop_back();
    }
    width[i] = display_width(header[i]);
    for (const auto& row : rows) width[i] = std::max(width[i], display_width(row[i]));
  }
  // Too wide: the widest column of words gives way, again and again; figures never do.
  const std::size_t room = line_width() - std::min(line_width(), 2 * n);
  while (std::accumulate(width.begin(), width.end(), std::size_t{0}) > room) {
    std::size_t widest = n;
    for (std::size_t i = 0; i < n; ++i)
      if (!right[i] && width[i] > 6 && (widest == n || width[i] > width[widest])) widest = i;
    if (widest == n) break;
    --width[widest];
  }
  const auto line = [&](const std::vector<std::string>& cells, bool heading = false) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += "  " + pad(cut(cells[i], width[i]), width[i], right[i]);
    while (out.ends_with(' ')) out.pop_back();
    return (heading ? styled(Style::heading, out) : out) + "\n";
  };
  std::string out = line(header, true);
  for (const auto& row : rows) out += line(row);
  return out;
}

std::string set_aside(const Count& count, const Rule* rule) {
  const auto votes = set_aside_of(count, rule);
  if (votes.rows == 0) return "";
  std::string out = wrapped(
      fmt::format("{}{}.", describe(votes, count), votes.could_decide ? ", which could decide the outcome" : ""));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t option = 0; option < votes.options.size(); ++option)
    if (const auto& [least, most] = votes.options[option]; most > 0)
      rows.push_back({printable(count.contest.options[option].name, 60), with_thousands(least), with_thousands(most)});
  constexpr std::size_t most_named = 20, most_rows = 5;
  const auto unnamed = rows.size() - std::min(rows.size(), most_named);
  rows.resize(rows.size() - unnamed);
  if (!rows.empty()) out += text_table({"option", "fewest votes>", "most votes>"}, std::move(rows));
  if (unnamed > 0) out += fmt::format("  … and {}\n", counted(unnamed, "more option"));
  const auto rows_aside = rows_set_aside(count);
  for (std::size_t i = 0; i < rows_aside.size() && i < most_rows; ++i) {
    const auto& row = *rows_aside[i];
    out += wrapped(
        fmt::format("set aside: row {}, column '{}': {}", row.row, printable(row.column), printable(row.reason)), 2);
  }
  if (rows_aside.size() > most_rows)
    out += wrapped(fmt::format("… and {} more; `cotejo check` lists them", rows_aside.size() - most_rows), 2);
  return out;
}

namespace {

// What a finding is printed as, in one language: its texts, labels and the marks of its numbers.
class FindingText {
 public:
  FindingText(const Finding& finding, std::string_view language) : finding_(finding), language_(language) {}

  std::string whole() const {
    return wrapped(in(finding_.question, 400)) +
           wrapped(label("answer", {{"answer", Message{"labels." + std::string(to_text(finding_.answer))}},
                                    {"headline", in(finding_.headline, 2000)}}),
                   2) +
           "\n" + figures() + test() + at_stake() + tables() + revisions() + conditions() + set_aside() + limits();
  }

 private:
  using Arguments = std::vector<std::pair<std::string, Argument>>;

  std::string in(const Text& text, std::size_t most) const { return printable(text.in(language_), most); }
  std::string label(const std::string& name, Arguments arguments = {}) const {
    return render({"labels." + name, std::move(arguments)}, language_);
  }
  std::string number(std::string text) const { return in_marks(std::move(text), language_); }
  static const char* yes_if(bool is_so) { return is_so ? "yes" : "no"; }

  std::string figures() const {
    if (finding_.estimates.empty()) return "";
    std::vector<std::vector<std::string>> rows;
    for (const auto& e : finding_.estimates) {
      const bool has_interval = e.low && e.high;
      rows.push_back({e.name,
                      has_interval ? fmt::format("{} [{}{} {}]", number(short_of(e.value)), number(short_of(*e.low)),
                                                 language_ == english_language ? "," : ";", number(short_of(*e.high)))
                                   : number(readable(e.value)),
                      e.unit.in(language_)});
    }
    return text_table({label("figure"), label("value") + ">", label("unit")}, std::move(rows)) + "\n";
  }

  std::string test() const {
    if (!finding_.test) return "";
    const Test& test = *finding_.test;
    const char* kind = test.kind == TestKind::exact        ? "exact"
                       : test.kind == TestKind::calibrated ? "calibrated"
                                                           : "asymptotic";
    return wrapped(label("test", {{"p", number(readable(test.p_value))},
                                  {"kind", kind},
                                  {"replicates", test.replicates},
                                  {"null", test.null.in(language_)}})) +
           "\n";
  }

  std::string at_stake() const {
    if (!finding_.at_stake) return "";
    const AtStake& stake = *finding_.at_stake;
    // Votes are whole in a sentence; one of less than 1 stands as it is, so that it is never written as none.
    const auto whole = [](double votes) { return std::abs(votes) < 1 ? votes : std::round(votes); };
    return wrapped(label("at_stake", {{"votes", number(readable(whole(stake.votes)))},
                                      {"single", yes_if(whole(stake.votes) == 1)},
                                      {"slack", number(readable(whole(stake.of_slack)))},
                                      {"decisive", yes_if(stake.decisive)}})) +
           "\n";
  }

  std::string tables() const {
    std::string out;
    std::size_t shown = 0;
    for (const auto& table : finding_.tables)
      if (!table.rows.empty() && shown++ < 3) out += table_of(table, language_) + "\n";
    return out;
  }

  std::string revisions() const {
    std::string out;
    for (const auto& input : finding_.inputs)
      if (input.revisions > 1)
        out += wrapped(label("revision", {{"kind", input.kind},
                                          {"id", printable(input.id, 200)},
                                          {"revision", input.revision},
                                          {"revisions", input.revisions}}));
    return out;
  }

  std::string conditions() const {
    std::string out;
    for (const auto& condition : finding_.conditions)
      if (!condition.met) out += wrapped(label("condition_not_met", {{"text", in(condition.text, 1000)}}));
    return out;
  }

  // Of the finding's counts.
  std::string set_aside() const {
    std::string out;
    for (const auto& input : finding_.inputs)
      if (input.set_aside && input.set_aside->rows > 0)
        out += wrapped(label("set_aside", {{"id", printable(input.id)},
                                           {"rows", input.set_aside->rows},
                                           {"least", input.set_aside->votes_at_least},
                                           {"most", input.set_aside->votes_at_most},
                                           {"decides", yes_if(input.set_aside->could_decide)}}));
    return out;
  }

  std::string limits() const {
    std::string out;
    for (const auto& caveat : finding_.caveats) out += wrapped(label("of_the_data", {{"text", in(caveat, 1000)}}));
    for (const auto& text : finding_.does_not_show) out += wrapped(label("does_not_show", {{"text", in(text, 1000)}}));
    if (!finding_.see_also.empty())
      out += wrapped(label("see_also", {{"methods", fmt::format("{}", fmt::join(finding_.see_also, ", "))}}));
    return out;
  }

  const Finding& finding_;
  std::string_view language_;
};

}  // namespace

std::string plain(const Finding& finding, std::string_view language) {
  return FindingText(finding, language).whole();
}

Table figures_of(const Finding& finding) {
  Table out{.id = "figures",
            .title = "",
            .columns = {{"figure"}, {"value"}, {"low"}, {"high"}, {"unit"}, {"definition"}},
            .rows = {}};
  const auto bound = [](const std::optional<double>& value) { return value ? Cell(*value) : Cell(); };
  for (const auto& e : finding.estimates)
    out.rows.push_back({e.name, e.value, bound(e.low), bound(e.high), e.unit.english(), e.definition.english()});
  return out;
}

std::string markdown(const Finding& finding) {
  std::string out = fmt::format("# {}\n\n**{}.** {}\n", markdown_text(finding.question), to_text(finding.answer),
                                markdown_text(finding.headline));
  if (!finding.estimates.empty()) out += "\n" + markdown_of(figures_of(finding));
  if (finding.test)
    out += fmt::format("\np: {}. Null: {}.\n", markdown_text(p_text(*finding.test)), markdown_text(finding.test->null));
  for (const auto& table : finding.tables)
    if (!table.rows.empty()) out += fmt::format("\n## {}\n\n{}", markdown_text(table.title), markdown_of(table));
  const auto list = [&](std::string_view label, const std::vector<Text>& texts) {
    for (const auto& text : texts) out += fmt::format("\n*{}* {}\n", label, markdown_text(text));
  };
  for (const auto& condition : finding.conditions)
    if (!condition.met) list("Condition not met:", {condition.text});
  list("Of the data:", finding.caveats);
  list("Does not show:", finding.does_not_show);
  return out;
}

}  // namespace cotejo::app
