// The proposal as a profile: TOML with the evidence beside each line.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/intake/slug.hpp"
#include "propose_meaning.hpp"
#include "sheet_parts.hpp"

namespace cotejo::proposing {

namespace {

constexpr double doubtful = 0.25;

// A TOML basic string; JSON's escapes are a part of TOML's.
std::string toml_text(std::string_view text) {
  std::string out = nlohmann::json(is_utf8(text) ? std::string(text) : printable(text)).dump();
  for (auto at = out.find('\x7F'); at != std::string::npos; at = out.find('\x7F')) out.replace(at, 1, "\\u007F");
  return out;
}

std::string list_of(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(toml_text(name));
  return fmt::format("[{}]", fmt::join(out, ", "));
}

std::vector<std::string> parts_of_title(std::string_view title) {
  std::vector<std::string> out;
  for (;;) {
    const auto bar = title.find(" / ");
    out.emplace_back(title.substr(0, bar));
    if (bar == std::string_view::npos) return out;
    title = title.substr(bar + 3);
  }
}

// Titles of options without what only a header of several rows needs: "Peel / Total", "SPD / Votes", the labels and line
// numbers of a sheet whose rows and columns have changed places. As they are where options would then have one name.
std::vector<std::string> clean_titles(const std::vector<Number>& options, const std::vector<std::string>& labels) {
  std::vector<std::string> out;
  for (const auto& option : options) {
    std::string title;
    const auto parts = parts_of_title(option.title);
    for (const auto& part : parts) {
      const auto words = words_of(part);
      const bool number = part.find_first_not_of("0123456789") == std::string::npos;
      const bool needless = number || is_total_word(part) || (words.role == Role::votes && words.whole) ||
                            std::find(labels.begin(), labels.end(), part) != labels.end();
      if (parts.size() > 1 && needless) continue;
      title += (title.empty() ? "" : " / ") + part;
    }
    out.push_back(std::move(title));
  }
  const std::set<std::string> different(out.begin(), out.end());
  if (different.size() < options.size() || different.contains(""))
    for (std::size_t i = 0; i < options.size(); ++i) out[i] = options[i].title;
  return out;
}

class Writer {
 public:
  Writer(const std::filesystem::path& file, const ProposeOptions& options, const Opening& opening, const Table& table,
         const Meaning& meaning, const std::vector<Guess>& guesses)
      : file_(options.path.empty() ? file : std::filesystem::path(options.path)),
        options_(options),
        opening_(opening),
        table_(table),
        meaning_(meaning),
        guesses_(guesses) {}

  std::string write() {
    line("# Proposed by `cotejo profile` from the file's own rows. Lines with \"?\" are in doubt: check them.");
    line("schema = \"cotejo.profile/1\"");
    if (is(Meaning::Layout::crosswalk)) line("kind   = \"crosswalk\"");
    line("\n[source]");
    line("title = " + toml_text(file_.filename().string()) +
         "   # ? what it is, who published it (publisher, url), what to know of it (caveats)");
    file();
    numbers();
    if (is(Meaning::Layout::crosswalk)) {
      said("kind");
      line("\n[crosswalk]\nid   = " + toml_text(id()) + "\nfrom = " + toml_text(name(*meaning_.from)) +
           "\nto   = " + toml_text(name(*meaning_.to)));
      return out_;
    }
    count();
    layout();
    places();
    columns();
    options();
    fields();
    filters();
    line(
        "\n# The rule is not in the file; docs/formats/rule.md has the forms. For example:\n# [rule]\n# use = "
        "\"plurality\"");
    return out_;
  }

 private:
  void line(const std::string& text) { out_ += text + "\n"; }
  const std::string& name(std::size_t c) const { return table_.columns[c].name; }
  bool is(Meaning::Layout layout) const { return meaning_.layout == layout; }

  // The evidence of a guess as a comment of its own.
  void said(std::string_view what) {
    for (const auto& guess : guesses_) {
      if (guess.what != what || guess.evidence.empty()) continue;
      line(fmt::format("# {}{}: {}", guess.doubt > doubtful ? "? " : "", what, printable(guess.evidence, 500)));
      if (!guess.alternatives.empty())
        line(fmt::format("#   or: {}", printable(fmt::format("{}", fmt::join(guess.alternatives, ", ")), 300)));
    }
  }

  std::string id() const {
    if (!options_.id.empty()) return options_.id;
    std::string stem = slug(file_.stem().string());
    return (stem.empty() ? "election" : stem) + (meaning_.contest.empty() ? "" : "-" + slug(meaning_.contest)) +
           "/final";
  }

  void file() {
    const auto& format = opening_.format;
    line("\n[file]");
    line("path      = " + toml_text(options_.path.empty() ? file_.filename().string() : options_.path));
    if (!format.member.empty()) line("member    = " + toml_text(format.member));
    if (!format.table.empty()) line("table     = " + toml_text(format.table));
    if (!format.section.empty()) line("section   = " + toml_text(format.section));
    if (opening_.is_text) {
      said("encoding");
      if (format.encoding != "UTF-8") line("encoding  = " + toml_text(format.encoding));
      said("separator");
      if (format.separator != ',' && format.fixed.empty())
        line("separator = " + toml_text(std::string(1, format.separator)));
    }
    if (!format.fixed.empty()) line("layout    = \"fixed\"");
    if (format.transposed) line("transposed = true   # rows and columns change places");
    said("header");
    if (format.header_row != (format.fixed.empty() ? 1 : 0)) line(fmt::format("header    = {}", format.header_row));
    if (format.header_rows != 1) line(fmt::format("header_rows = {}", format.header_rows));
    if (!is(Meaning::Layout::crosswalk)) {
      line(
          "bad_rows  = \"set-aside\"   # rows that cannot be used are kept apart and shown; \"refuse\" stops at the "
          "first");
      optional();
    }
    for (const auto& column : format.fixed)
      line(fmt::format("[[file.column]]\nname   = {}\nfrom   = {}\nlength = {}", toml_text(column.name), column.from,
                       column.length));
  }

  // Columns with empty cells, of those that are read.
  void optional() {
    std::vector<std::string> names;
    const auto add = [&](std::size_t c) {
      if (table_.columns[c].filled < table_.rows && !meaning_.filled_down.contains(c) &&
          std::find(names.begin(), names.end(), name(c)) == names.end())
        names.push_back(name(c));
    };
    if (is(Meaning::Layout::names_in_rows)) {
      for (const auto& [key, number] : meaning_.standard)
        for (std::size_t c = 0; c < table_.columns.size() && number.beside; ++c)
          if (name(c) == number.columns.front()) add(c);
    } else {
      const auto add_number = [&](const Number& number) {
        for (const auto c : meaning_.number_columns)
          if (std::find(number.columns.begin(), number.columns.end(), name(c)) != number.columns.end()) add(c);
      };
      for (const auto& [key, number] : meaning_.standard) add_number(number);
      for (const auto& field : meaning_.fields) add_number(field);
    }
    for (const auto& place : meaning_.places) {
      add(place.name);
      if (place.code) add(*place.code);
    }
    for (const auto c : meaning_.key)
      if (meaning_.key.size() > 1) add(c);
    if (meaning_.name_columns.size() > 1)
      for (const auto c : meaning_.name_columns) add(c);
    if (!names.empty()) line("optional  = " + list_of(names) + "   # columns with empty cells");
  }

  // Short texts without a digit in columns of numbers.
  std::vector<std::string> placeholders() const {
    std::vector<std::string> out;
    for (const auto c : meaning_.number_columns) {
      const auto& column = table_.columns[c];
      for (TextId id = 1; id < column.texts.size() && out.size() < 10; ++id) {
        const auto text = column.texts[id];
        if (column.kinds[id] == CellKind::text && text.size() <= 5 &&
            text.find_first_of("0123456789") == std::string_view::npos &&
            std::find(out.begin(), out.end(), text) == out.end() &&
            std::find(meaning_.dashes.begin(), meaning_.dashes.end(), text) == meaning_.dashes.end())
          out.emplace_back(text);
      }
    }
    return out;
  }

  void numbers() {
    const auto missing_texts = placeholders();
    const auto& numbers = table_.numbers;
    const auto keep = out_.size();
    line("\n[numbers]");
    const auto begun = out_.size();
    if (!numbers.thousands.empty()) {
      said("thousands");
      auto all = std::vector<std::string>{numbers.thousands};
      all.insert(all.end(), numbers.other_thousands.begin(), numbers.other_thousands.end());
      line("thousands = " + (all.size() == 1 ? toml_text(all.front()) : list_of(all)));
    }
    if (numbers.decimal != '\0') {
      said("decimal");
      line("decimal   = " + toml_text(std::string(1, numbers.decimal)));
    }
    if (!meaning_.dashes.empty())
      line("zero      = " + list_of(meaning_.dashes) + "   # ? not on the ballot there, or no votes");
    if (!missing_texts.empty())
      line("missing   = " + list_of(missing_texts) + "   # ? if one of these means 0, list it as `zero`");
    if (meaning_.round) {
      said("rounding");
      line("round     = true");
    }
    if (meaning_.empty_is_zero) {
      said("empty cells");
      line("empty     = \"zero\"");
    }
    if (meaning_.negative_is_correction) {
      said("corrections");
      line("negative  = \"correction\"");
    }
    if (out_.size() == begun) out_.resize(keep);
  }

  std::string text_expression(const std::vector<std::size_t>& columns) const {
    std::vector<std::string> names;
    bool filled = false;
    for (const auto c : columns) {
      names.push_back(name(c));
      filled = filled || meaning_.filled_down.contains(c);
    }
    const std::string fill = filled ? ", fill = \"down\"" : "";
    if (names.size() == 1 && !filled) return toml_text(names.front());
    if (names.size() == 1) return "{ column = " + toml_text(names.front()) + fill + " }";
    return "{ columns = " + list_of(names) + ", join = \"/\"" + fill + " }";
  }

  static std::string number_expression(const Number& number) {
    if (number.columns.size() > 1) return "{ sum = " + list_of(number.columns) + " }";
    if (number.beside) return "{ column = " + toml_text(number.columns.front()) + " }";
    return toml_text(number.columns.front());
  }

  void count() {
    const std::string count_id = id();
    line("\n[count]");
    line("id       = " + toml_text(count_id));
    line("title    = " + toml_text(meaning_.contest.empty() ? file_.stem().string() : meaning_.contest));
    line("contest  = " + toml_text(count_id.substr(0, count_id.rfind('/')) + "/contest"));
    line("official = true   # ? the count that commands use when none is named");
    if (meaning_.valid_is_reported) line("valid    = \"reported\"");
    line("\n[unit]");
    said("unit key");
    said("merged cells");
    const auto whole = opening_.format.table.empty() || opening_.format.table == all_parts ? file_.stem().string()
                                                                                           : opening_.format.table;
    line("key = " + (meaning_.one_unit ? "{ constant = " + toml_text(whole) + " }" : text_expression(meaning_.key)));
    if (meaning_.repeated_is_sum && !is(Meaning::Layout::names_in_rows) && !is(Meaning::Layout::names_in_groups)) {
      said("conflicting rows");
      line("duplicates = \"sum\"");
    } else if (meaning_.drop_identical) {
      said("repeated rows");
      said("conflicting rows");
      line(
          "duplicates = \"drop-identical\"   # ? copies of a row are dropped; of rows with one key and other figures "
          "the first stands");
    }
  }

  void layout() {
    if (is(Meaning::Layout::names_in_groups)) {
      line("\n[groups]");
      said("layout");
      line("name     = " + toml_text(meaning_.group_name));
      line("value    = " + toml_text(meaning_.group_value));
      line("absent   = \"zero\"");
      if (meaning_.repeated_is_sum) line("repeated = \"sum\"");
      return;
    }
    if (!is(Meaning::Layout::names_in_rows)) return;
    line("\n[long]");
    said("layout");
    said("swapped columns");
    line("name     = " + text_expression(meaning_.name_columns));
    said("votes");
    line("value    = " + (meaning_.values.size() == 1 ? toml_text(meaning_.values.front())
                                                      : "{ sum = " + list_of(meaning_.values) + " }"));
    if (meaning_.repeated_is_sum) {
      said("repeated names");
      line("repeated = \"sum\"");
    }
    if (meaning_.absent_is_zero) {
      said("absent names");
      line("absent   = \"zero\"");
    }
    line("others   = \"refuse\"   # a name that is not below makes its unit unusable");
  }

  void places() {
    if (meaning_.places.empty()) return;
    line("");
    said("places");
    for (const auto& place : meaning_.places) {
      line("[[place]]\nlevel = " + toml_text(place.level) + "\nname  = " + text_expression({place.name}));
      if (place.code) line("code  = " + toml_text(name(*place.code)));
    }
  }

  void columns() {
    const auto keep = out_.size();
    line("\n[columns]");
    const auto begun = out_.size();
    const std::pair<std::string_view, std::string_view> what[] = {{"registered", "registered voters"},
                                                                  {"cast", "ballots cast"},
                                                                  {"valid", "valid votes"},
                                                                  {"blank", "blank votes"},
                                                                  {"null", "null votes"}};
    for (const auto& [key, guess] : what)
      for (const auto& [standard, number] : meaning_.standard) {
        if (standard != key) continue;
        said(guess);
        line(fmt::format("{:<10} = {}", key, number_expression(number)));
      }
    if (meaning_.latitude && meaning_.longitude) {
      said("coordinates");
      line("latitude   = " + toml_text(name(*meaning_.latitude)));
      line("longitude  = " + toml_text(name(*meaning_.longitude)));
    }
    if (out_.size() == begun) out_.resize(keep);
  }

  void options() {
    line("");
    said("options");
    const auto labels = opening_.format.transposed && meaning_.key.size() == 1
                            ? parts_of_title(table_.columns[meaning_.key.front()].title)
                            : std::vector<std::string>{};
    const auto titles = clean_titles(meaning_.options, labels);
    for (std::size_t i = 0; i < titles.size(); ++i) {
      const auto& option = meaning_.options[i];
      const auto& title = titles[i].empty() ? option.columns.front() : titles[i];
      line("[[option]]\nid     = " + toml_text(ids_.of(title, fmt::format("option-{}", ++numbered_))) +
           "\nname   = " + toml_text(title) + "\ncolumn = " + number_expression(option));
    }
  }

  void fields() {
    if (!meaning_.fields.empty()) line("\n# Other whole numbers of the file, for `check`.");
    for (const auto& field : meaning_.fields) {
      const auto& title = field.title.empty() ? field.columns.front() : field.title;
      line("[[field]]\nid     = " + toml_text(ids_.of(title, fmt::format("field-{}", ++numbered_))) +
           "\nname   = " + toml_text(title) + "\ncolumn = " + number_expression(field));
    }
    std::vector<std::size_t> unused;
    for (std::size_t c = 0; c < table_.columns.size(); ++c)
      if (!meaning_.used.contains(c)) unused.push_back(c);
    if (unused.empty()) return;
    line("\n# Columns that are not read:");
    for (std::size_t i = 0; i < std::min<std::size_t>(unused.size(), 100); ++i)
      line("#   " + printable(name(unused[i]), 100));
  }

  void filters() {
    for (const auto& where : meaning_.where) {
      line("");
      if (!where.comment.empty()) line("# " + where.comment);
      const bool many = where.key == "one_of" || where.key == "not_one_of" || where.values.size() > 1;
      line("[[where]]\ncolumn = " + toml_text(where.column));
      if (where.numbers)
        line(fmt::format("{} = {}", where.key, where.values.front()));
      else
        line(fmt::format("{} = {}", where.key, many ? list_of(where.values) : toml_text(where.values.front())));
    }
    for (const auto& [column, text] : meaning_.correction_rows)
      line("\n[[correction]]\ncolumn = " + toml_text(name(column)) + "\nequals = " + toml_text(text));
  }

  std::filesystem::path file_;  // by the name that its reader knows
  const ProposeOptions& options_;
  const Opening& opening_;
  const Table& table_;
  const Meaning& meaning_;
  const std::vector<Guess>& guesses_;
  std::string out_;
  int numbered_ = 0;
  // Names that mean something of their own in a profile.
  UniqueIds ids_{[this] {
    std::set<std::string> taken = {"unit",    "registered", "cast",      "valid",  "blank",     "null",
                                   "options", "latitude",   "longitude", "leader", "runner_up", "constant"};
    for (const auto& place : meaning_.places) taken.insert(place.level);
    return taken;
  }()};
};

}  // namespace

std::string write_profile(const std::filesystem::path& file, const ProposeOptions& options, const Opening& opening,
                          const Table& table, const Meaning& meaning, const std::vector<Guess>& guesses) {
  return Writer(file, options, opening, table, meaning, guesses).write();
}

}  // namespace cotejo::proposing
