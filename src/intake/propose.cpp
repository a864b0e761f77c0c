#include "cotejo/intake/propose.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/intake/slug.hpp"
#include "propose_parts.hpp"

namespace cotejo {

namespace {

using namespace proposing;

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

class Writer {
 public:
  Writer(const std::filesystem::path& file, const ProposeOptions& options, const Opening& opening, const Facts& facts,
         const Meaning& meaning, const std::vector<Guess>& guesses)
      : file_(file), options_(options), opening_(opening), facts_(facts), meaning_(meaning), guesses_(guesses) {}

  std::string write() {
    line("# Proposed by `cotejo profile` from the file's own rows. Lines with \"?\" are in doubt: check them.");
    line("schema = \"cotejo.profile/1\"");
    if (meaning_.from) line("kind   = \"crosswalk\"");
    line("\n[source]");
    line("title = " + toml_text(file_.filename().string()) +
         "   # ? what it is, who published it (publisher, url), what to know of it (caveats)");
    file();
    numbers();
    if (meaning_.from) {
      said("kind");
      line("\n[crosswalk]\nid   = " + toml_text(id()) + "\nfrom = " + toml_text(name(*meaning_.from)) +
           "\nto   = " + toml_text(name(*meaning_.to)));
      return out_;
    }
    count();
    if (meaning_.candidate) long_layout();
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
  const std::string& name(std::size_t c) const { return facts_.columns[c].name; }

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
    return (stem.empty() ? "election" : stem) +
           (meaning_.contest_value.empty() ? "" : "-" + slug(meaning_.contest_value)) + "/final";
  }

  void file() {
    const auto& format = opening_.format;
    line("\n[file]");
    line("path      = " + toml_text(options_.path.empty() ? file_.filename().string() : options_.path));
    if (!format.member.empty()) line("member    = " + toml_text(format.member));
    if (!format.table.empty()) line("table     = " + toml_text(format.table));
    if (opening_.is_text) {
      said("encoding");
      if (format.encoding != "UTF-8") line("encoding  = " + toml_text(format.encoding));
      said("separator");
      if (format.separator != ',') line("separator = " + toml_text(std::string(1, format.separator)));
    }
    said("header");
    if (format.header_row != 1) line(fmt::format("header    = {}", format.header_row));
    if (format.header_rows != 1) line(fmt::format("header_rows = {}", format.header_rows));
    if (meaning_.from) return;
    line(
        "bad_rows  = \"set-aside\"   # rows that cannot be used are kept apart and shown; \"refuse\" stops at the "
        "first");
    std::vector<std::string> optional;
    const auto add = [&](std::size_t c) {
      if (facts_.columns[c].filled < facts_.rows &&
          std::find(optional.begin(), optional.end(), name(c)) == optional.end())
        optional.push_back(name(c));
    };
    if (!meaning_.candidate) {
      for (const auto& c : {meaning_.registered, meaning_.cast, meaning_.valid, meaning_.blank, meaning_.null})
        if (c && few_empty(*c)) add(*c);
      for (const auto c : meaning_.fields) add(c);
    }
    for (const auto& place : meaning_.places) add(place.name);
    for (const auto c : meaning_.key)
      if (meaning_.key.size() > 1) add(c);
    if (!optional.empty()) line("optional  = " + list_of(optional) + "   # columns with empty cells");
  }
  // Some empty cells are units that do not report it; a row that is empty throughout is set aside anyway.
  bool few_empty(std::size_t c) const { return facts_.columns[c].filled + 1 < facts_.rows; }

  void numbers() {
    std::vector<std::string> empty;
    const auto note = [&](std::size_t c) {
      for (const auto& [text, times] : facts_.columns[c].placeholders)
        if (times >= 1 && std::none_of(text.begin(), text.end(), [](char d) { return d >= '0' && d <= '9'; }) &&
            text.size() <= 5 && std::find(empty.begin(), empty.end(), text) == empty.end() && empty.size() < 10)
          empty.push_back(text);
    };
    for (const auto c : meaning_.options) note(c);
    for (const auto& c : {meaning_.registered, meaning_.cast, meaning_.valid, meaning_.blank, meaning_.null})
      if (c) note(*c);
    const auto& numbers = facts_.numbers;
    if (numbers.thousands.empty() && numbers.decimal == '\0' && empty.empty()) return;
    line("\n[numbers]");
    said("thousands");
    if (!numbers.thousands.empty()) line("thousands = " + toml_text(numbers.thousands));
    said("decimal");
    if (numbers.decimal != '\0') line("decimal   = " + toml_text(std::string(1, numbers.decimal)));
    if (!empty.empty()) line("missing   = " + list_of(empty) + "   # ? if one of these means 0, list it as `zero`");
  }

  void count() {
    const std::string count_id = id();
    line("\n[count]");
    line("id       = " + toml_text(count_id));
    line("title    = " + toml_text(meaning_.contest_value.empty() ? file_.stem().string() : meaning_.contest_value));
    line("contest  = " + toml_text(count_id.substr(0, count_id.rfind('/')) + "/contest"));
    line("official = true   # ? the count that commands use when none is named");
    if (meaning_.valid_is_reported) line("valid    = \"reported\"");
    line("\n[unit]");
    said("unit key");
    if (meaning_.key.size() == 1) {
      line("key = " + toml_text(name(meaning_.key[0])));
    } else {
      std::vector<std::string> names;
      for (const auto c : meaning_.key) names.push_back(name(c));
      line("key = { columns = " + list_of(names) + ", join = \"/\" }");
    }
  }

  void long_layout() {
    line("\n[long]");
    said("layout");
    line("name     = " + toml_text(name(*meaning_.candidate)));
    line("value    = " + toml_text(name(*meaning_.votes)));
    line("repeated = \"sum\"      # ? a name twice in a unit is added up (modes of voting); \"refuse\" names it");
    line("absent   = \"zero\"     # ? a unit without a row for a name has 0; \"refuse\" sets the unit aside");
    line("others   = \"ignore\"   # names that are not listed below");
  }

  void places() {
    if (meaning_.places.empty()) return;
    line("");
    said("places");
    for (const auto& place : meaning_.places) {
      line("[[place]]\nlevel = " + toml_text(place.level) + "\nname  = " + toml_text(name(place.name)));
      if (place.code) line("code  = " + toml_text(name(*place.code)));
    }
  }

  void columns() {
    std::string lines;
    const auto keep = out_.size();
    line("\n[columns]");
    const auto begun = out_.size();
    const std::pair<const char*, std::pair<const char*, std::optional<std::size_t>>> all[] = {
        {"registered", {"registered voters", meaning_.registered}},
        {"cast", {"ballots cast", meaning_.cast}},
        {"valid", {"valid votes", meaning_.valid}},
        {"blank", {"blank votes", meaning_.blank}},
        {"null", {"null votes", meaning_.null}},
        {"latitude", {"coordinates", meaning_.latitude}},
        {"longitude", {"", meaning_.longitude}}};
    for (const auto& [key, column] : all) {
      if (!column.second) continue;
      said(column.first);
      line(fmt::format("{:<10} = {}", key, toml_text(name(*column.second))));
    }
    for (const auto& [key, text] : meaning_.long_standard) line(fmt::format("{:<10} = {}", key, toml_text(text)));
    if (out_.size() == begun) out_.resize(keep);
  }

  void options() {
    line("");
    said("options");
    if (meaning_.candidate) {
      for (const auto& text : meaning_.names) option(text, text);
      return;
    }
    for (const auto c : meaning_.options) option(facts_.columns[c].title, name(c));
  }
  void option(const std::string& title, const std::string& column) {
    line("[[option]]\nid     = " + toml_text(ids_.of(title, fmt::format("option-{}", ++numbered_))) +
         "\nname   = " + toml_text(title.empty() ? column : title) + "\ncolumn = " + toml_text(column));
  }

  void fields() {
    if (!meaning_.fields.empty()) line("\n# Other whole numbers of the file, for `check`.");
    for (const auto c : meaning_.fields)
      line("[[field]]\nid     = " + toml_text(ids_.of(facts_.columns[c].title, fmt::format("field-{}", ++numbered_))) +
           "\nname   = " + toml_text(facts_.columns[c].title.empty() ? name(c) : facts_.columns[c].title) +
           "\ncolumn = " + toml_text(name(c)));
    if (meaning_.unused.empty()) return;
    line("\n# Columns that are not read:");
    for (std::size_t i = 0; i < std::min<std::size_t>(meaning_.unused.size(), 100); ++i)
      line("#   " + printable(name(meaning_.unused[i]), 100));
  }

  void filters() {
    if (meaning_.contest)
      line("\n[[where]]\ncolumn = " + toml_text(name(*meaning_.contest)) +
           "\nequals = " + toml_text(meaning_.contest_value));
    for (const auto& [column, text] : meaning_.filters) {
      line("\n# rows that add up others");
      line("[[where]]\ncolumn = " + toml_text(column) + "\nnot_equals = " + toml_text(text));
    }
  }

  const std::filesystem::path& file_;
  const ProposeOptions& options_;
  const Opening& opening_;
  const Facts& facts_;
  const Meaning& meaning_;
  const std::vector<Guess>& guesses_;
  std::string out_;
  int numbered_ = 0;
  // Names that mean something of their own in a profile; levels are added by the constructor's caller through places.
  UniqueIds ids_{[this] {
    std::set<std::string> taken = {"unit",    "registered", "cast",      "valid",  "blank",     "null",
                                   "options", "latitude",   "longitude", "leader", "runner_up", "constant"};
    for (const auto& place : meaning_.places) taken.insert(place.level);
    return taken;
  }()};
};

template <class T>
void move_into(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Result<Proposal> propose(const std::filesystem::path& file, const ProposeOptions& options, const Context& context) {
  Proposal out;
  COTEJO_TRY(opening, sniff(file, options));
  move_into(out.guesses, opening.guesses);
  move_into(out.questions, opening.questions);
  if (!out.questions.empty()) return out;
  COTEJO_TRY(facts, examine(file, opening.format, context));
  move_into(out.guesses, facts.guesses);
  if (!facts.all_rows)
    out.guesses.push_back({"rows", with_thousands(static_cast<long long>(facts.rows)),
                           "the file has more; the proposal rests on these", 0.1});
  COTEJO_TRY(meaning, interpret(facts, options));
  move_into(out.guesses, meaning.guesses);
  move_into(out.questions, meaning.questions);
  if (out.questions.empty()) out.toml = Writer(file, options, opening, facts, meaning, out.guesses).write();
  return out;
}

}  // namespace cotejo
