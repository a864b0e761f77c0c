// Notes on returns, their sign-off, and who did what in the case.
#include "state.hpp"

namespace cotejo {

Result<void> CaseFile::add_note(const Note& note) {
  State& s = *state_;
  return s.guarded([&]() -> Result<void> {
    if (trimmed(note.by).empty() || (trimmed(note.text).empty() && !note.signs_off))
      return Error{.code = ErrorCode::value_invalid,
                   .message = trimmed(note.by).empty() ? "a note needs who writes it" : "a note without text",
                   .column = trimmed(note.by).empty() ? "by" : "text",
                   .value = note.unit,
                   .remedy = "Give both; only a sign-off needs no text."};
    COTEJO_TRY(row, s.find("count", note.count.text));
    COTEJO_TRY(count, s.read_count(row, note.count.text));
    if (!UnitLookup(count).find(note.unit)) return no_such_unit(count, note.unit);
    SQLite::Statement insert(
        *s.db, "INSERT INTO note (count, revision, unit, kind, by, text, command) VALUES (?,?,?,?,?,?,?)");
    SQLite::bind(insert, s.stored_name("count", split_revision(note.count.text).name), count.revision, note.unit,
                 note.signs_off ? "signed off" : "note", note.by, note.text, s.command);
    insert.exec();
    return {};
  });
}

Result<std::vector<Activity>> CaseFile::activity(std::int64_t most) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::vector<Activity>> {
    // Who and why, from whichever table of this schema has them; one command adds to one of them.
    std::string sources = "SELECT command, by, reason FROM challenge";
    if (s.version >= 2) sources += " UNION ALL SELECT command, by, reason FROM correction";
    if (s.version >= State::first_version_with_events)
      sources += " UNION ALL SELECT command, by, reason FROM object_event";
    if (s.version >= State::first_version_with_notes) sources += " UNION ALL SELECT command, by, text FROM note";
    SQLite::Statement query(
        *s.db,
        fmt::format("SELECT k.id, k.at, k.text, w.by, w.reason FROM command k LEFT JOIN (SELECT command, by, reason, "
                    "max(length(by)) FROM ({}) GROUP BY command) w ON w.command = k.id ORDER BY k.id DESC LIMIT ?",
                    sources));
    query.bind(1, most);
    std::vector<Activity> out;
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      out.push_back({query.getColumn(0).getInt64(), text(1), text(2), text(3), text(4)});
    }
    return out;
  });
}

}  // namespace cotejo
