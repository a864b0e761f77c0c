#include "cotejo/exchange/roll_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "roll_call_builder.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_text = 64u << 20, largest_profile = 1u << 20;
constexpr const char* schema = "cotejo.roll-calls/1";

// One file of a set: where it is and which of its columns are read.
struct Part {
  std::string path;
  std::map<std::string, std::string> columns;
};

struct Profile {
  std::string id, title, source, layout, unlisted, member_group;
  std::vector<std::string> caveats;
  Part votes, members, roll_calls;
  std::map<std::string, Ballot> codes;
  std::size_t name_from = 1, name_length = 1, digits = 1;
};

Part part_of(TomlKeys keys, const std::vector<std::string>& needed, const std::vector<std::string>& may) {
  Part out{.path = keys.needed_text("path"), .columns = {}};
  for (const auto& name : needed) out.columns[name] = keys.needed_text(name);
  for (const auto& name : may)
    if (keys.has(name)) out.columns[name] = keys.needed_text(name);
  keys.finish();
  return out;
}

Result<Profile> profile_of(const fs::path& path) {
  COTEJO_TRY(text, read_regular(path, largest_profile));
  COTEJO_TRY(table, parse_toml(text, path.string(), "docs/formats/roll-calls.md"));
  TomlProblem problem{.file = path.string(), .document = "docs/formats/roll-calls.md"};
  TomlKeys keys(table, "", problem);
  Profile out;
  (void)keys.needed_text("schema");
  out.id = keys.needed_id("id", TomlKeys::Slash::refused);
  out.title = keys.needed_text("title");
  out.source = keys.needed_text("source");
  out.layout = keys.choice<std::string>("layout",
                                        {{"long", "long"}, {"wide", "wide"}, {"voteview", "voteview"}, {"ord", "ord"}});
  out.unlisted =
      keys.choice<std::string>("unlisted", {{"not-recorded", "not-recorded"}, {"span", "span"}, {"absent", "absent"}});
  out.caveats = keys.texts("caveats", 50);
  if (auto votes = keys.table("votes")) {
    if (out.layout == "long") out.votes = part_of(*votes, {"roll_call", "member", "option"}, {"name", "group"});
    if (out.layout == "wide") out.votes = part_of(*votes, {"member"}, {});
    if (out.layout == "voteview") out.votes = part_of(*votes, {}, {});
    if (out.layout == "ord") {
      out.votes.path = votes->needed_text("path");
      out.name_from = static_cast<std::size_t>(votes->whole("name_from", 1, 10'000, 1));
      out.name_length = static_cast<std::size_t>(votes->whole("name_length", 1, 200, 11));
      out.digits = static_cast<std::size_t>(votes->whole("digits", 1, 10'000, 37));
      votes->finish();
    }
  } else {
    keys.refuse("votes", "the table `votes` is missing");
  }
  if (auto members = keys.table("members"))
    out.members =
        out.layout == "voteview" ? part_of(*members, {}, {}) : part_of(*members, {"member"}, {"name", "group"});
  if (auto roll_calls = keys.table("roll_calls"))
    out.roll_calls = out.layout == "voteview"
                         ? part_of(*roll_calls, {}, {})
                         : part_of(*roll_calls, {"roll_call"}, {"date", "organ", "document", "subject"});
  if (auto codes = keys.table("codes"))
    for (const auto& name : codes->all_keys()) {
      std::optional<Ballot> ballot;
      for (const auto& [value, known] : names_of(Ballot{}))
        if (known == name) ballot = value;
      if (!ballot)
        codes->refuse(name, "this is no option", name,
                      "Options: yes, no, abstain, absent, present, not-recorded, paired-yes, paired-no, not-member.");
      for (const auto& code : codes->texts(name, 100))
        if (ballot && !out.codes.emplace(code, *ballot).second) codes->refuse(name, "one code is given twice", code);
    }
  keys.finish();
  if (!problem.first && out.layout != "ord" && out.layout != "voteview" && out.codes.empty())
    keys.refuse("codes", "the table `codes` is missing", {}, "Say which text means yes, no and the rest.");
  if (problem.first) return *problem.first;
  return out;
}

// The named columns of one file, read row by row.
Result<void> each_row(const fs::path& path, const std::vector<std::string>& columns, const Context& context,
                      const std::function<Result<void>(const std::vector<std::string_view>&, const Records&)>& use) {
  COTEJO_TRY(records, Records::open(path, {.member = {}, .table = {}, .cancel = context.cancel}));
  std::vector<std::size_t> at;
  for (const auto& name : columns) {
    COTEJO_TRY(column, records.column(name));
    at.push_back(column);
  }
  std::vector<std::string_view> cells(at.size());
  for (std::int64_t row = 0;; ++row) {
    if (row % 16384 == 0) {
      if (context.cancelled()) return cancelled_error();
      context.report("reading " + path.filename().string(), records.fraction());
    }
    COTEJO_TRY(more, records.next());
    if (!more) return {};
    if (const auto fault = records.fault())
      return Error{.code = fault->code,
                   .message = fault->message,
                   .file = records.name(),
                   .row = records.row(),
                   .column = fault->column,
                   .value = fault->value,
                   .remedy = fault->remedy};
    for (std::size_t k = 0; k < at.size(); ++k) cells[k] = trimmed(records.cells()[at[k]]);
    COTEJO_CHECK(use(cells, records));
  }
}

Error unmapped(std::string file, std::int64_t row, std::string column, std::string_view value) {
  return {.code = ErrorCode::value_invalid,
          .message = "the profile does not say what this vote means",
          .file = std::move(file),
          .row = row,
          .column = std::move(column),
          .value = std::string(value),
          .remedy = "Add the code under [codes] in the profile."};
}

// Names of the optional columns that a part has, in order; the needed ones first.
struct Columns {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> at;
  Columns(const Part& part, const std::vector<std::string>& keys) {
    for (const auto& key : keys)
      if (const auto found = part.columns.find(key); found != part.columns.end()) {
        at[key] = names.size();
        names.push_back(found->second);
      }
  }
  std::string of(const std::vector<std::string_view>& cells, const char* key) const {
    const auto found = at.find(key);
    return found == at.end() ? std::string() : std::string(cells[found->second]);
  }
};

Result<void> read_tables_of_votes(const Profile& profile, const fs::path& data, RollCallBuilder& builder,
                                  const Context& context) {
  if (!profile.roll_calls.path.empty()) {
    const Columns columns(profile.roll_calls, {"roll_call", "date", "organ", "document", "subject"});
    COTEJO_CHECK(each_row(data / profile.roll_calls.path, columns.names, context,
                          [&](const auto& cells, const Records& records) -> Result<void> {
                            RollCall roll_call{.id = columns.of(cells, "roll_call")};
                            roll_call.organ = columns.of(cells, "organ");
                            roll_call.document = columns.of(cells, "document");
                            roll_call.subject = columns.of(cells, "subject");
                            if (const auto date = columns.of(cells, "date"); !date.empty()) {
                              const auto parsed = parse_date(date);
                              if (!parsed)
                                return Error{.code = ErrorCode::value_invalid,
                                             .message = "expected a date such as 2020-10-21",
                                             .file = records.name(),
                                             .row = records.row(),
                                             .column = profile.roll_calls.columns.at("date"),
                                             .value = date};
                              roll_call.date = *parsed;
                            }
                            return builder.add_roll_call(std::move(roll_call), records.name(), records.row());
                          }));
  }
  if (!profile.members.path.empty()) {
    const Columns columns(profile.members, {"member", "name", "group"});
    COTEJO_CHECK(
        each_row(data / profile.members.path, columns.names, context, [&](const auto& cells, const Records& records) {
          return builder.add_member(columns.of(cells, "member"), columns.of(cells, "name"), columns.of(cells, "group"),
                                    records.name(), records.row());
        }));
  }
  return {};
}

Result<void> read_long(const Profile& profile, const fs::path& data, RollCallBuilder& builder, const Context& context) {
  const Columns columns(profile.votes, {"roll_call", "member", "option", "name", "group"});
  return each_row(data / profile.votes.path, columns.names, context,
                  [&](const auto& cells, const Records& records) -> Result<void> {
                    const auto code = profile.codes.find(std::string(cells[2]));
                    if (code == profile.codes.end())
                      return unmapped(records.name(), records.row(), columns.names[2], cells[2]);
                    std::string member(cells[1]);
                    const std::string name = columns.of(cells, "name");
                    if (member.empty()) member = name;  // a code that was lost, as where NA was read as missing
                    COTEJO_TRY(i,
                               builder.member(member, name, columns.of(cells, "group"), records.name(), records.row()));
                    COTEJO_TRY(j, builder.roll_call(std::string(cells[0]), records.name(), records.row()));
                    return builder.vote(j, i, code->second, records.name(), records.row());
                  });
}

Result<void> read_wide(const Profile& profile, const fs::path& data, RollCallBuilder& builder, const Context& context) {
  const fs::path path = data / profile.votes.path;
  COTEJO_TRY(records, Records::open(path, {}));
  COTEJO_TRY(key, records.column(profile.votes.columns.at("member")));
  std::vector<std::optional<RollCallIndex>> index(records.header().size());
  for (std::size_t c = 0; c < index.size(); ++c) {
    if (c == key) continue;
    if (records.header()[c].empty())
      return Error{.code = ErrorCode::column_missing,
                   .message = "a column of votes has no name",
                   .file = records.name(),
                   .column = fmt::format("#{}", c + 1)};
    COTEJO_TRY(j, builder.roll_call(records.header()[c], records.name(), 1));
    index[c] = j;
  }
  for (;;) {
    if (context.cancelled()) return cancelled_error();
    COTEJO_TRY(more, records.next());
    if (!more) return {};
    if (const auto fault = records.fault())
      return Error{.code = fault->code,
                   .message = fault->message,
                   .file = records.name(),
                   .row = records.row(),
                   .column = fault->column,
                   .value = fault->value,
                   .remedy = fault->remedy};
    const std::string id(trimmed(records.cells()[key]));
    COTEJO_TRY(i, builder.member(id, id, "", records.name(), records.row()));
    for (std::size_t c = 0; c < index.size(); ++c) {
      if (!index[c]) continue;
      const auto cell = trimmed(records.cells()[c]);
      const auto code = profile.codes.find(std::string(cell));
      if (code == profile.codes.end()) return unmapped(records.name(), records.row(), records.header()[c], cell);
      COTEJO_CHECK(builder.vote(*index[c], i, code->second, records.name(), records.row()));
    }
  }
}

Result<void> read_voteview(const Profile& profile, const fs::path& data, RollCallBuilder& builder,
                           const Context& context) {
  const auto number_of = [](std::string_view congress, std::string_view chamber, std::string_view number) {
    return fmt::format("{}-{}-{}", congress, chamber, number);
  };
  if (!profile.roll_calls.path.empty())
    COTEJO_CHECK(each_row(data / profile.roll_calls.path, {"congress", "chamber", "rollnumber", "date", "vote_desc"},
                          context, [&](const auto& cells, const Records& records) -> Result<void> {
                            RollCall roll_call{.id = number_of(cells[0], cells[1], cells[2])};
                            roll_call.organ = fmt::format("{}-{}", cells[0], cells[1]);
                            roll_call.subject = std::string(cells[4]);
                            if (!cells[3].empty()) {
                              const auto date = parse_date(cells[3]);
                              if (!date)
                                return Error{.code = ErrorCode::value_invalid,
                                             .message = "expected a date such as 2020-10-21",
                                             .file = records.name(),
                                             .row = records.row(),
                                             .column = "date",
                                             .value = std::string(cells[3])};
                              roll_call.date = *date;
                            }
                            return builder.add_roll_call(std::move(roll_call), records.name(), records.row());
                          }));
  if (!profile.members.path.empty())
    COTEJO_CHECK(each_row(data / profile.members.path, {"icpsr", "bioname", "party_code"}, context,
                          [&](const auto& cells, const Records& records) {
                            return builder.add_member(std::string(cells[0]), std::string(cells[1]),
                                                      std::string(cells[2]), records.name(), records.row());
                          }));
  return each_row(
      data / profile.votes.path, {"congress", "chamber", "rollnumber", "icpsr", "cast_code"}, context,
      [&](const auto& cells, const Records& records) -> Result<void> {
        if (cells[4].size() != 1 || cells[4][0] < '0' || cells[4][0] > '9')
          return unmapped(records.name(), records.row(), "cast_code", cells[4]);
        COTEJO_TRY(i, builder.member(std::string(cells[3]), std::string(cells[3]), "", records.name(), records.row()));
        COTEJO_TRY(j, builder.roll_call(number_of(cells[0], cells[1], cells[2]), records.name(), records.row()));
        return builder.vote(j, i, ballot_of_digit(cells[4][0]), records.name(), records.row());
      });
}

}  // namespace

Ballot ballot_of_digit(char digit) {
  switch (digit) {
    case '1':
      return Ballot::yes;
    case '2':
    case '3':
      return Ballot::paired_yes;
    case '4':
    case '5':
      return Ballot::paired_no;
    case '6':
      return Ballot::no;
    case '7':
    case '8':
      return Ballot::present;
    case '9':
      return Ballot::absent;
    default:
      return Ballot::not_member;
  }
}

std::optional<Result<Assembly>> read_popolo(const fs::path& path, const std::string& id,
                                            const std::stop_token& cancel) {
  const auto text = read_regular(path, largest_text);
  if (!text || !trimmed(*text).starts_with('{') || !looks_like_popolo(*text)) return {};
  return parse_popolo(*text, path.string(), id, cancel);
}

bool is_roll_call_profile(const fs::path& path) {
  const auto text = read_regular(path, largest_profile);
  if (!text) return false;
  const auto table = parse_toml(*text, path.string(), "docs/formats/roll-calls.md");
  return table && (*table)["schema"].value<std::string>() == schema;
}

Result<Assembly> parse_ord(std::string_view text, std::string_view file_name, std::size_t name_from,
                           std::size_t name_length, std::size_t digits) {
  RollCallBuilder builder;
  std::int64_t row = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    ++row;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.size() < digits || line.size() < name_from)
      return Error{.code = ErrorCode::file_damaged,
                   .message = fmt::format("the line has no votes: it ends before column {}", digits),
                   .file = std::string(file_name),
                   .row = row,
                   .value = std::string(line.substr(0, 60)),
                   .remedy = "Check `digits` in the profile."};
    const std::string name(trimmed(line.substr(name_from - 1, name_length)));
    // Names repeat: a member is its line's first columns, all that stands before the votes.
    const std::string id(trimmed(line.substr(0, digits - 1)));
    COTEJO_TRY(i, builder.member(id.empty() ? fmt::format("line {}", row) : id, name, "", file_name, row));
    for (std::size_t c = digits - 1; c < line.size(); ++c) {
      if (line[c] < '0' || line[c] > '9')
        return Error{.code = ErrorCode::value_invalid,
                     .message = "expected a digit 0 to 9 for a vote",
                     .file = std::string(file_name),
                     .row = row,
                     .column = std::to_string(c + 1),
                     .value = std::string(1, line[c])};
      COTEJO_TRY(j, builder.roll_call(std::to_string(c - digits + 2), file_name, row));
      COTEJO_CHECK(builder.vote(j, i, ballot_of_digit(line[c]), file_name, row));
    }
  }
  return builder.finish(Unlisted::not_recorded, file_name);
}

Result<Assembly> read_roll_calls(const fs::path& path, const fs::path& data, const Context& context) {
  COTEJO_TRY(profile, profile_of(path));
  for (const auto* part : {&profile.votes, &profile.members, &profile.roll_calls})
    if (!part->path.empty()) COTEJO_CHECK(path_inside(data, part->path));
  RollCallBuilder builder;
  const Unlisted unlisted = profile.unlisted == "span"     ? Unlisted::span
                            : profile.unlisted == "absent" ? Unlisted::absent
                                                           : Unlisted::not_recorded;
  Result<Assembly> made = Error{};
  if (profile.layout == "ord") {
    COTEJO_TRY(text, read_regular(data / profile.votes.path, largest_text));
    made =
        parse_ord(text, (data / profile.votes.path).string(), profile.name_from, profile.name_length, profile.digits);
  } else {
    if (profile.layout != "voteview") COTEJO_CHECK(read_tables_of_votes(profile, data, builder, context));
    if (profile.layout == "long") COTEJO_CHECK(read_long(profile, data, builder, context));
    if (profile.layout == "wide") COTEJO_CHECK(read_wide(profile, data, builder, context));
    if (profile.layout == "voteview") COTEJO_CHECK(read_voteview(profile, data, builder, context));
    made = builder.finish(unlisted, (data / profile.votes.path).string());
  }
  if (!made) return made;
  made->id = AssemblyId{profile.id};
  made->title = profile.title;
  made->source = profile.source;
  made->caveats.insert(made->caveats.begin(), profile.caveats.begin(), profile.caveats.end());
  made->sha256 = made->content_hash();
  return made;
}

}  // namespace cotejo
