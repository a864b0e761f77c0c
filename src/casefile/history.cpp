// What became of one unit: imports, corrections, rows set aside, challenges, notes, and what became of those.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "encode.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

// Why rows that may be this unit's were set aside. A second row of a unit is known by its key; a row of a unit that is
// not in the count, by a cell that is the key.
std::vector<std::string> rows_set_aside(SQLite::Statement& query, std::int64_t count, std::string_view unit,
                                        bool is_there) {
  std::vector<std::string> out;
  query.bind(1, count);
  while (query.executeStep()) {
    const auto cells = nlohmann::json::parse(query.getColumn(3).getString(), nullptr, false);
    const bool names_it =
        !is_there && cells.is_array() && std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
          return cell.is_string() && trimmed(cell.template get_ref<const std::string&>()) == unit;
        });
    const bool repeats_it =
        query.getColumn(4).getString() == unit && query.getColumn(2).getString().starts_with("expected each unit once");
    if (names_it || repeats_it)
      out.push_back(fmt::format("row {}, column '{}': {}", query.getColumn(0).getInt64(),
                                query.getColumn(1).getString(), query.getColumn(2).getString()));
  }
  return out;
}

using Cells = std::map<std::string, std::optional<std::int64_t>>;

// The cells of the row of returns on which the statement stands, by field or option.
Cells cells_of(SQLite::Statement& returns, const std::string& description) {
  constexpr int first_field = 5;  // after unit, key, place and coordinates
  Count described = decode_description(description);
  const auto standard = columns_of(described);
  Cells out;
  for (int i = first_field; i < returns.getColumnCount(); ++i) {
    const std::string column = returns.getColumnName(i);
    const auto index = static_cast<std::size_t>(std::stoul(column.substr(1)));
    const std::string name = column[0] == 'o' ? described.contest.options.at(index).id.text : standard.at(index).first;
    out[name] = returns.isColumnNull(i) ? std::nullopt : std::optional(returns.getColumn(i).getInt64());
  }
  return out;
}

std::vector<UnitEvent::Cell> changed(const Cells* before, const Cells& now) {
  std::vector<UnitEvent::Cell> out;
  for (const auto& [field, after] : now) {
    std::optional<std::int64_t> earlier;
    if (before) {
      const auto found = before->find(field);
      if (found != before->end()) {
        if (found->second == after) continue;
        earlier = found->second;
      }
    }
    out.push_back({field, earlier, after});
  }
  return out;
}

}  // namespace

// Collects the events of one unit from the tables of the case; they are put in the order of their commands at the end.
class CaseFile::UnitHistory {
 public:
  UnitHistory(const State& state, std::string_view unit, const std::optional<CountId>& only)
      : s_(state), unit_(unit), only_(only) {}

  void add_revisions() {
    const auto asked = s_.asked_often(
        fmt::format("SELECT c.id, c.name, c.revision, c.description, k.id, k.at, f.name, f.sha256, {} FROM count c "
                    "JOIN command k ON k.id = c.command JOIN source_file f ON f.id = c.source_file ORDER BY c.id",
                    s_.version >= 2 ? "c.base" : "NULL"));
    while (asked->executeStep()) {
      const auto text = [&](int i) { return asked->getColumn(i).getString(); };
      const auto row = asked->getColumn(0).getInt64(), command = asked->getColumn(4).getInt64();
      const std::string stored = text(1), shown = s_.shown_name("count", stored);
      if (left_out(stored, shown)) continue;
      const UnitEvent event{.count = CountId{shown}, .revision = asked->getColumn(2).getInt(), .at = text(5)};
      const auto returns = s_.asked_often(fmt::format("SELECT * FROM returns_{} WHERE key = ?", row));
      returns->bind(1, unit_);
      const bool is_there = returns->executeStep(), is_import = asked->getColumn(8).isNull();
      if (is_import) add_rows_set_aside(row, command, event, text(6), is_there, stored);
      if (is_there) {
        concerned_[{"count", stored}] = shown;
        add_revision(row, command, event, is_import ? std::optional(std::pair(text(6), text(7))) : std::nullopt,
                     cells_of(*returns, text(3)), stored);
      }
    }
  }

  void add_challenges() {
    const auto asked = s_.asked_often(
        "SELECT c.count, c.revision, k.id, k.at, c.by, c.reason, c.source, c.name FROM challenge c JOIN command k ON "
        "k.id = c.command WHERE EXISTS (SELECT 1 FROM challenge_unit u WHERE u.challenge = c.id AND u.unit = ?) ORDER "
        "BY c.id");
    asked->bind(1, unit_);
    while (asked->executeStep()) {
      const auto text = [&](int i) { return asked->getColumn(i).getString(); };
      const std::string shown = s_.name_now("count", text(0));
      if (left_out(text(0), shown)) continue;
      concerned_[{"challenge", text(7)}] = shown;
      add(asked->getColumn(2).getInt64(), {.count = CountId{shown},
                                           .revision = asked->getColumn(1).getInt(),
                                           .at = text(3),
                                           .how = "challenge",
                                           .file = s_.shown_name("challenge", text(7)),
                                           .by = text(4),
                                           .reason = text(5),
                                           .source = text(6)});
    }
  }

  void add_notes() {
    if (s_.version < State::first_version_with_notes) return;
    const auto asked = s_.asked_often(
        "SELECT n.count, n.revision, k.id, k.at, n.kind, n.by, n.text FROM note n JOIN command k ON k.id = n.command "
        "WHERE n.unit = ? ORDER BY n.id");
    asked->bind(1, unit_);
    while (asked->executeStep()) {
      const auto text = [&](int i) { return asked->getColumn(i).getString(); };
      const std::string shown = s_.shown_name("count", text(0));
      if (left_out(text(0), shown)) continue;
      add(asked->getColumn(2).getInt64(), {.count = CountId{shown},
                                           .revision = asked->getColumn(1).getInt(),
                                           .at = text(3),
                                           .how = text(4),
                                           .by = text(5),
                                           .reason = text(6)});
    }
  }

  // That a count with the unit, or a challenge of it, was retired or restored.
  void add_object_events() {
    if (s_.version < State::first_version_with_events) return;
    const auto asked = s_.asked_often(
        "SELECT e.kind, e.name, e.event, e.revision, e.by, e.reason, k.id, k.at FROM object_event e JOIN command k ON "
        "k.id = e.command WHERE e.event IN ('retire', 'restore') AND e.kind IN ('count', 'challenge') ORDER BY e.id");
    while (asked->executeStep()) {
      const auto text = [&](int i) { return asked->getColumn(i).getString(); };
      const auto count = concerned_.find({text(0), text(1)});
      if (count == concerned_.end()) continue;
      add(asked->getColumn(6).getInt64(),
          {.count = CountId{count->second},
           .revision = asked->getColumn(3).getInt(),
           .at = text(7),
           .how = text(0) + (text(2) == "retire" ? " retired" : " restored"),
           .file = text(0) == "challenge" ? s_.shown_name("challenge", text(1)) : std::string(),
           .by = text(4),
           .reason = text(5)});
    }
  }

  std::vector<UnitEvent> take() {
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<UnitEvent> out;
    for (auto& [command, event] : found_) out.push_back(std::move(event));
    return out;
  }

 private:
  bool left_out(const std::string& stored, const std::string& shown) const {
    return only_ && shown != only_->text && stored != only_->text;
  }
  void add(std::int64_t command, UnitEvent event) { found_.emplace_back(command, std::move(event)); }

  void add_rows_set_aside(std::int64_t row, std::int64_t command, const UnitEvent& revision, const std::string& file,
                          bool is_there, const std::string& stored) {
    const auto asked =
        s_.asked_often("SELECT row, \"column\", reason, text, value FROM rejected_row WHERE count = ? ORDER BY rowid");
    for (auto& aside : rows_set_aside(*asked, row, unit_, is_there)) {
      UnitEvent event = revision;
      event.how = "set aside";
      event.file = file;
      event.reason = std::move(aside);
      add(command, std::move(event));
      concerned_[{"count", stored}] = revision.count.text;
    }
  }

  // `file`: name and SHA-256, of an import; none of a correction. A later revision that leaves the unit as it was is none
  // of its events.
  void add_revision(std::int64_t row, std::int64_t command, UnitEvent event,
                    const std::optional<std::pair<std::string, std::string>>& file, Cells now,
                    const std::string& stored) {
    const auto known = before_.find(stored);
    const bool is_first = known == before_.end();
    event.cells = changed(is_first ? nullptr : &known->second, now);
    before_[stored] = std::move(now);
    if (event.cells.empty() && !is_first) return;
    if (file) {
      event.how = "import";
      std::tie(event.file, event.sha256) = *file;
    } else {
      event.how = "correction";
      const auto who = s_.asked_often("SELECT by, reason, source FROM correction WHERE count = ? AND unit = ? LIMIT 1");
      who->bind(1, row);
      who->bind(2, unit_);
      if (who->executeStep()) {
        event.by = who->getColumn(0).getString();
        event.reason = who->getColumn(1).getString();
        event.source = who->getColumn(2).getString();
      }
    }
    add(command, std::move(event));
  }

  const State& s_;
  std::string unit_;
  const std::optional<CountId>& only_;
  std::vector<std::pair<std::int64_t, UnitEvent>> found_;  // with the command that made it
  std::map<std::string, Cells> before_;                    // of the revision before, by stored name of the count
  // Stored kind and name of what has the unit -> its count, as shown.
  std::map<std::pair<std::string, std::string>, std::string> concerned_;
};

Result<std::vector<UnitEvent>> CaseFile::history(std::string_view unit, const std::optional<CountId>& only) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::vector<UnitEvent>> {
    if (only)
      if (auto row = s.find("count", only->text); !row) return std::move(row).error();
    UnitHistory history(s, unit, only);
    history.add_revisions();
    history.add_challenges();
    history.add_notes();
    history.add_object_events();
    auto out = history.take();
    if (out.empty())
      return Error{.code = ErrorCode::unit_unknown,
                   .message = only ? fmt::format("the count '{}' never had this unit", only->text)
                                   : std::string("no count of the case ever had this unit"),
                   .file = s.path.string(),
                   .value = std::string(unit),
                   .remedy = "Keys are as in the file; a key of several columns is joined with the profile's `join`."};
    return out;
  });
}

}  // namespace cotejo
