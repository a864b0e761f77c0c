#include "objects.hpp"

#include <algorithm>
#include <map>

#include "state.hpp"

namespace cotejo {

std::string revisions_of(std::string_view kind) {
  // Rules and findings are numbered by their order; the others keep their numbers.
  if (kind == "rule")
    return "(SELECT id, contest AS name, row_number() OVER (PARTITION BY contest ORDER BY id) AS revision, command "
           "FROM "
           "rule)";
  if (kind == "finding")
    return "(SELECT id, name, row_number() OVER (PARTITION BY name ORDER BY id) AS revision, command FROM finding)";
  return std::string(kind);
}

NameAndRevision split_revision(std::string_view id) {
  const auto at = id.rfind('@');
  int number = 0;
  if (at != std::string_view::npos) {
    const auto [end, status] = std::from_chars(id.data() + at + 1, id.data() + id.size(), number);
    if (status == std::errc{} && end == id.data() + id.size()) return {std::string(id.substr(0, at)), number};
  }
  return {std::string(id), std::nullopt};
}

namespace {

// Names end up in files, pages and SQL: nothing that cannot be seen, and nothing that reads as a revision.
Result<void> check_name(std::string_view id) {
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (!id.empty() && plain && !split_revision(id).revision) return {};
  return Error{.code = ErrorCode::value_invalid,
               .message = "an id has at least one letter, no control characters and does not end in @NUMBER",
               .value = std::string(id),
               .remedy = "Choose another id."};
}

Error unknown_kind(std::string_view kind) {
  return {.code = ErrorCode::usage,
          .message = "there is no such kind of object",
          .value = std::string(kind),
          .remedy = fmt::format("Kinds: {}.", fmt::join(object_kinds, ", "))};
}

bool is_kind(std::string_view kind) {
  return std::find(object_kinds.begin(), object_kinds.end(), kind) != object_kinds.end();
}

}  // namespace

std::string CaseFile::State::stored_name(std::string_view kind, const std::string& shown) const {
  if (version < first_version_with_events) return shown;
  const auto asked = asked_often(
      "SELECT name FROM object_event WHERE kind = ? AND event = 'rename' AND new_name = ? ORDER BY id DESC LIMIT 1");
  asked->bind(1, std::string(kind));
  asked->bind(2, shown);
  return asked->executeStep() ? asked->getColumn(0).getString() : shown;
}

std::string CaseFile::State::shown_name(std::string_view kind, const std::string& stored) const {
  if (version < first_version_with_events) return stored;
  const auto asked = asked_often(
      "SELECT new_name FROM object_event WHERE kind = ? AND event = 'rename' AND name = ? ORDER BY id DESC LIMIT 1");
  asked->bind(1, std::string(kind));
  asked->bind(2, stored);
  return asked->executeStep() ? asked->getColumn(0).getString() : stored;
}

std::optional<Retired> CaseFile::State::retired(std::string_view kind, const std::string& stored) const {
  if (version < first_version_with_events) return std::nullopt;
  const auto asked = asked_often(
      "SELECT e.event, e.by, e.reason, c.at FROM object_event e JOIN command c ON c.id = e.command WHERE e.kind = ? "
      "AND e.name = ? AND e.event IN ('retire', 'restore') ORDER BY e.id DESC LIMIT 1");
  asked->bind(1, std::string(kind));
  asked->bind(2, stored);
  if (!asked->executeStep() || asked->getColumn(0).getString() != "retire") return std::nullopt;
  return Retired{asked->getColumn(1).getString(), asked->getColumn(2).getString(), asked->getColumn(3).getString()};
}

std::optional<CaseFile::State::Latest> CaseFile::State::latest(std::string_view kind, const std::string& stored) const {
  const auto asked =
      asked_often("SELECT id, revision FROM " + revisions_of(kind) + " WHERE name = ? ORDER BY revision DESC LIMIT 1");
  asked->bind(1, stored);
  if (!asked->executeStep()) return std::nullopt;
  return Latest{asked->getColumn(0).getInt64(), asked->getColumn(1).getInt()};
}

Result<std::int64_t> CaseFile::State::find(std::string_view kind, std::string_view id) const {
  auto [shown, revision] = split_revision(id);
  const std::string name = stored_name(kind, shown);
  if (!revision) {
    if (const auto gone = retired(kind, name))
      return Error{.code = ErrorCode::count_unknown,
                   .message = fmt::format("the {} was retired by {}: {}", kind, gone->by, gone->reason),
                   .file = path.string(),
                   .value = std::string(id),
                   .remedy = fmt::format("Name a revision, as in {0}@1, or restore it: cotejo restore CASE {1} {0}.",
                                         shown, kind)};
  }
  const auto asked = asked_often("SELECT id FROM " + revisions_of(kind) +
                                 " WHERE name = ?1 AND (?2 IS NULL OR revision = ?2) ORDER BY revision DESC LIMIT 1");
  asked->bind(1, name);
  if (revision) asked->bind(2, *revision);
  if (asked->executeStep()) return asked->getColumn(0).getInt64();
  const auto newest = latest(kind, name);
  const auto names = shown_names(kind);
  const auto near = nearest_name(shown, names);
  return Error{.code = ErrorCode::count_unknown,
               .message = fmt::format("the case has no such {}", kind),
               .file = path.string(),
               .value = std::string(id),
               .remedy = newest          ? fmt::format("'{}' has revisions 1 to {}.", shown, newest->revision)
                         : !near.empty() ? fmt::format("Did you mean '{}'?", near)
                         : names.empty() ? fmt::format("It has no {} at all: see `cotejo --help`.", kind)
                                         : fmt::format("It has: {}.", fmt::join(names, ", "))};
}

std::vector<std::string> CaseFile::State::stored_names(std::string_view kind) const {
  std::vector<std::string> out;
  SQLite::Statement query(*db, "SELECT name FROM " + revisions_of(kind) + " GROUP BY name ORDER BY min(id)");
  while (query.executeStep()) out.push_back(query.getColumn(0).getString());
  return out;
}

std::vector<std::string> CaseFile::State::shown_names(std::string_view kind) const {
  std::vector<std::string> out;
  for (const auto& name : stored_names(kind))
    if (!retired(kind, name)) out.push_back(shown_name(kind, name));
  return out;
}

void CaseFile::State::add_event(std::string_view kind, const std::string& stored, std::string_view event, int revision,
                                const std::string& new_name, const std::string& by, const std::string& reason) {
  SQLite::Statement insert(
      *db,
      "INSERT INTO object_event (kind, name, event, revision, new_name, by, reason, command) VALUES (?,?,?,?,?,?,?,?)");
  SQLite::bind(insert, std::string(kind), stored, std::string(event), revision, new_name, by, reason, command);
  insert.exec();
}

Result<std::optional<CaseFile::State::NewRevision>> CaseFile::State::new_revision(
    std::string_view kind, const std::string& id, const std::string& replace,
    const std::function<bool(std::int64_t)>& is_same) {
  COTEJO_CHECK(check_name(id));
  const std::string name = stored_name(kind, id);
  const auto newest = latest(kind, name);
  if (!newest) return std::optional(NewRevision{name, 1});
  if (const auto gone = retired(kind, name))
    return Error{.code = ErrorCode::conflict,
                 .message = fmt::format("the {} of this id was retired by {}: {}", kind, gone->by, gone->reason),
                 .file = path.string(),
                 .value = id,
                 .remedy = fmt::format("Choose another id, or restore it first: cotejo restore CASE {} {}.", kind, id)};
  if (is_same(newest->row)) return std::optional<NewRevision>();
  if (trimmed(replace).empty())
    return Error{.code = ErrorCode::conflict,
                 .message = fmt::format("the case has another {} under this id (revision {})", kind, newest->revision),
                 .file = path.string(),
                 .value = id,
                 .remedy =
                     "Choose another id, or make it a new revision and give the reason (--replace REASON; "
                     "`replace` in the API): the earlier one stays."};
  add_event(kind, name, "replace", newest->revision + 1, "", "", replace);
  return std::optional(NewRevision{name, newest->revision + 1});
}

Result<std::string> CaseFile::State::known_object(const std::string& kind, const std::string& id) const {
  if (!is_kind(kind)) return unknown_kind(kind);
  const std::string name = stored_name(kind, id);
  if (latest(kind, name)) return name;
  COTEJO_TRY(row, find(kind, id));  // names what there is
  (void)row;
  return Error{.code = ErrorCode::usage,
               .message = "an object is retired, restored and renamed as a whole",
               .value = id,
               .remedy = "Name it without @REVISION."};
}

namespace {

Result<void> check_why(const Why& why) {
  if (!trimmed(why.by).empty() && !trimmed(why.reason).empty()) return {};
  return Error{.code = ErrorCode::usage,
               .message = "who did it and why are kept with it, and may not be empty",
               .remedy = "Give both (--by WHO --reason WHY)."};
}

}  // namespace

Result<Added> CaseFile::retire(const std::string& kind, const std::string& id, const Why& why) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    COTEJO_CHECK(check_why(why));
    COTEJO_TRY(name, s.known_object(kind, id));
    if (s.retired(kind, name)) return Added::already_there;
    s.keep_views();
    s.add_event(kind, name, "retire", s.latest(kind, name)->revision, "", why.by, why.reason);
    return Added::yes;
  });
}

Result<Added> CaseFile::restore(const std::string& kind, const std::string& id, const Why& why) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    COTEJO_CHECK(check_why(why));
    COTEJO_TRY(name, s.known_object(kind, id));
    if (!s.retired(kind, name)) return Added::already_there;
    s.keep_views();
    s.add_event(kind, name, "restore", s.latest(kind, name)->revision, "", why.by, why.reason);
    return Added::yes;
  });
}

Result<Added> CaseFile::rename(const std::string& kind, const std::string& id, const std::string& new_name,
                               const Why& why) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    COTEJO_CHECK(check_why(why));
    COTEJO_TRY(name, s.known_object(kind, id));
    if (kind == "rule")
      return Error{.code = ErrorCode::usage,
                   .message = "a rule bears the id of its contest and cannot be renamed",
                   .value = id,
                   .remedy = "Retire it, or replace it by an import with another rule."};
    COTEJO_CHECK(check_name(new_name));
    if (s.shown_name(kind, name) == new_name) return Added::already_there;
    const std::string owner = s.stored_name(kind, new_name);
    if (owner != name && s.latest(kind, owner))
      return Error{.code = ErrorCode::conflict,
                   .message = fmt::format("another {} of the case has this id, or had it", kind),
                   .value = new_name,
                   .remedy = "Choose another id: objects that name the old id still lead to this one."};
    s.keep_views();
    s.add_event(kind, name, "rename", s.latest(kind, name)->revision, new_name, why.by, why.reason);
    return Added::yes;
  });
}

Result<std::vector<ObjectEntry>> CaseFile::objects() const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::vector<ObjectEntry>> {
    std::vector<ObjectEntry> out;
    for (const auto kind : object_kinds) {
      if ((kind == "arrival" && s.version < 3) || (kind == "assembly" && s.version < 4)) continue;
      for (const auto& name : s.stored_names(kind))
        out.push_back(
            {std::string(kind), s.shown_name(kind, name), s.latest(kind, name)->revision, s.retired(kind, name)});
    }
    return out;
  });
}

Result<std::vector<ObjectEvent>> CaseFile::object_history(const std::string& kind, const std::string& id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::vector<ObjectEvent>> {
    COTEJO_TRY(name, s.known_object(kind, id));
    const bool from_file = kind != "rule" && kind != "finding";
    const bool has_events = s.version >= State::first_version_with_events;
    std::vector<std::pair<std::int64_t, ObjectEvent>> found;
    SQLite::Statement revisions(
        *s.db,
        fmt::format("SELECT t.revision, k.id, k.at, {}, {}, t.id FROM {} t JOIN command k ON k.id = t.command {} "
                    "WHERE t.name = ? ORDER BY t.revision",
                    from_file ? "f.name" : "''", from_file ? "t.sha256" : "''", revisions_of(kind),
                    from_file ? "JOIN source_file f ON f.id = t.source_file" : ""));
    revisions.bind(1, name);
    while (revisions.executeStep()) {
      ObjectEvent event{.at = revisions.getColumn(2).getString(),
                        .what = revisions.getColumn(0).getInt() == 1 ? "add" : "replace",
                        .revision = revisions.getColumn(0).getInt(),
                        .file = revisions.getColumn(3).getString(),
                        .sha256 = revisions.getColumn(4).getString()};
      if (kind == "finding") event.what = "add";
      if (kind == "count" && s.version >= 2) {
        SQLite::Statement correction(*s.db, "SELECT by, reason FROM correction WHERE count = ? LIMIT 1");
        correction.bind(1, revisions.getColumn(5).getInt64());
        if (correction.executeStep()) {
          event.what = "correct";
          event.by = correction.getColumn(0).getString();
          event.reason = correction.getColumn(1).getString();
        }
      }
      found.emplace_back(revisions.getColumn(1).getInt64(), std::move(event));
    }
    if (has_events) {
      SQLite::Statement events(*s.db,
                               "SELECT e.event, e.revision, e.new_name, e.by, e.reason, k.id, k.at FROM object_event e "
                               "JOIN command k ON k.id = e.command WHERE e.kind = ? AND e.name = ? ORDER BY e.id");
      events.bind(1, kind);
      events.bind(2, name);
      while (events.executeStep()) {
        const auto text = [&](int i) { return events.getColumn(i).getString(); };
        if (text(0) == "replace") {
          for (auto& [command, event] : found)
            if (event.revision == events.getColumn(1).getInt() && event.what == "replace") event.reason = text(4);
          continue;
        }
        found.emplace_back(events.getColumn(5).getInt64(), ObjectEvent{.at = text(6),
                                                                       .what = text(0),
                                                                       .revision = events.getColumn(1).getInt(),
                                                                       .by = text(3),
                                                                       .reason = text(4),
                                                                       .new_name = text(2)});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ObjectEvent> out;
    for (auto& [command, event] : found) out.push_back(std::move(event));
    return out;
  });
}

}  // namespace cotejo
