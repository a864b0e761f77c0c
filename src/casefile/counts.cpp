// Counts and rules: into the case, and what it lists of them. Their rows: returns.cpp.
#include <algorithm>

#include "cotejo/vote/total_correction.hpp"
#include "encode.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

bool same_rows(const std::vector<RejectedRow>& a, const std::vector<RejectedRow>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const RejectedRow& x, const RejectedRow& y) { return x.row == y.row && x.text == y.text; });
}

bool same_cells(const std::vector<UnreadableCell>& a, const std::vector<UnreadableCell>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const UnreadableCell& x, const UnreadableCell& y) {
    return x.unit == y.unit && x.field == y.field && x.value == y.value;
  });
}

}  // namespace

std::int64_t CaseFile::State::insert_count(const Count& count, const NewRevision& as, std::int64_t file_row,
                                           std::int64_t base) {
  keep_views();
  SQLite::Statement insert(*db,
                           "INSERT INTO count (name, revision, sha256, contest, title, unit_name, snapshot_of, "
                           "as_of, official, units, rejected, description, "
                           "source_file, command, base, set_aside_accepted) VALUES "
                           "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,0),?)");
  SQLite::bind(insert, as.name, as.number, count.sha256, count.contest.id.text, count.title, count.unit_name,
               count.snapshot_of.text, count.as_of, static_cast<int>(count.official),
               static_cast<std::int64_t>(count.units()), static_cast<std::int64_t>(rows_set_aside(count).size()),
               encode_description(count), file_row, command, base, count.set_aside_accepted);
  insert.exec();
  const std::int64_t row = db->getLastInsertRowid();
  SQLite::Statement place(*db, "INSERT INTO place VALUES (?,?,?,?,?,?)");
  const auto places = count.hierarchy.places();
  for (PlaceIndex i = 0; i < places.size(); ++i) {
    place.reset();
    place.bind(1, row);
    place.bind(2, static_cast<std::int64_t>(i));
    if (places[i].parent == no_place)
      place.bind(3);
    else
      place.bind(3, static_cast<std::int64_t>(places[i].parent));
    place.bind(4, static_cast<std::int64_t>(places[i].level));
    place.bind(5, places[i].name);
    place.bind(6, places[i].code);
    place.exec();
  }
  SQLite::Statement rejected(*db, "INSERT INTO rejected_row VALUES (?,?,?,?,?,?,?,nullif(?,''))");
  for (const auto& r : count.rejected) {
    rejected.reset();
    SQLite::bind(rejected, row, r.file, r.row, r.column, r.value, r.reason, r.text, encode_votes(r.votes));
    rejected.exec();
  }
  SQLite::Statement unreadable(*db, "INSERT INTO unreadable_cell VALUES (?,?,?,?,?,?)");
  for (const auto& cell : count.unreadable) {
    unreadable.reset();
    SQLite::bind(unreadable, row, cell.unit, cell.field, cell.value, cell.reason, cell.row);
    unreadable.exec();
  }
  write_returns(count, row);
  return row;
}

// The same returns, and the same rows and cells left out: as it stands, or before corrections.
bool CaseFile::State::is_same_count(const Count& count, std::int64_t row) const {
  const auto asked = asked_often(
      "WITH RECURSIVE chain(id) AS (SELECT ?1 UNION SELECT base FROM count JOIN chain ON count.id = chain.id WHERE "
      "base "
      "IS NOT NULL) SELECT count.id, description FROM chain JOIN count ON count.id = chain.id WHERE sha256 = ?2");
  asked->bind(1, row);
  asked->bind(2, count.sha256);
  if (!asked->executeStep()) return false;
  Count there;
  read_what_was_not_used(asked->getColumn(0).getInt64(), there);
  if (!same_rows(count.rejected, there.rejected)) return false;
  // Programs before schema 5 kept no cells.
  if (!same_cells(count.unreadable, there.unreadable) && !there.unreadable.empty()) return false;
  if (encode_description(count) != asked->getColumn(1).getString() && options.notice)
    options.notice(
        fmt::format("{}: the same returns with other words (title, names, caveats or source); the case keeps its own",
                    count.id.text));
  return true;
}

Result<void> CaseFile::State::add_rule(const ContestId& contest, const Rule& rule, const std::string& replace) {
  const std::string json = encode(rule);
  const auto is_same = [&](std::int64_t row) {
    const auto asked = asked_often("SELECT json FROM rule WHERE id = ?");
    asked->bind(1, row);
    return asked->executeStep() && asked->getColumn(0).getString() == json;
  };
  if (const auto newest = latest("rule", contest.text);
      newest && is_same(newest->row) && retired("rule", contest.text)) {
    if (options.notice) options.notice(fmt::format("{}: the rule stays retired", contest.text));
    return {};
  }
  auto revision = new_revision("rule", contest.text, replace, is_same);
  if (!revision) {
    Error error = std::move(revision).error();
    error.message = fmt::format("the rule that came with the count: {}", error.message);
    return error;
  }
  if (!*revision) return {};
  SQLite::Statement insert(*db, "INSERT INTO rule (contest, json, command) VALUES (?,?,?)");
  SQLite::bind(insert, contest.text, json, command);
  insert.exec();
  return {};
}

Result<Added> CaseFile::add_count(const Count& count, const std::optional<Rule>& rule, const SourceFile& file,
                                  const std::string& replace) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (const auto named = s.as_stored("count", count)) return add_count(*named, rule, file, replace);
    if (rule) COTEJO_CHECK(s.add_rule(count.contest.id, *rule, replace));
    COTEJO_TRY(revision, s.new_revision("count", count.id.text, replace,
                                        [&](std::int64_t row) { return s.is_same_count(count, row); }));
    if (!revision) return Added::already_there;
    s.insert_count(count, *revision, s.add_file(file), 0);
    return Added::yes;
  });
}

Result<std::vector<CountEntry>> CaseFile::counts() const {
  return state_->guarded([&]() -> Result<std::vector<CountEntry>> {
    std::vector<CountEntry> out;
    const auto asked = state_->asked_often(R"sql(
      SELECT c.name, c.revision, c.title, c.sha256, c.unit_name, c.snapshot_of, c.as_of, f.name, k.at, c.contest, c.units, c.rejected, c.official
      FROM count c JOIN source_file f ON f.id = c.source_file JOIN command k ON k.id = c.command
      WHERE c.revision = (SELECT max(revision) FROM count WHERE name = c.name) ORDER BY c.id)sql");
    auto& query = *asked;
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      if (state_->retired("count", text(0))) continue;
      out.push_back({CountId{state_->shown_name("count", text(0))}, query.getColumn(1).getInt(), text(2), text(3),
                     text(4), text(5).empty() ? "" : state_->name_now("count", text(5)), text(6), text(7), text(8),
                     ContestId{text(9)}, query.getColumn(10).getInt64(), query.getColumn(11).getInt64(),
                     query.getColumn(12).getInt() != 0});
    }
    return out;
  });
}

Result<std::optional<Rule>> CaseFile::load_rule(const ContestId& contest) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::optional<Rule>> {
    if (s.retired("rule", contest.text)) return std::optional<Rule>{};
    SQLite::Statement latest(*s.db, "SELECT json FROM rule WHERE contest = ? ORDER BY id DESC LIMIT 1");
    latest.bind(1, contest.text);
    if (!latest.executeStep()) return std::optional<Rule>{};
    return std::optional<Rule>{decode_rule(latest.getColumn(0).getString())};
  });
}

}  // namespace cotejo
