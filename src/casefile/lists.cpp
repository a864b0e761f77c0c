// Challenges, crosswalks, arrivals and findings: into the case and out of it.
#include <cassert>
#include <nlohmann/json.hpp>

#include "encode.hpp"
#include "state.hpp"

namespace cotejo {

Result<Added> CaseFile::add_crosswalk(const Crosswalk& crosswalk, const SourceFile& file, const std::string& replace) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (const auto named = s.as_stored("crosswalk", crosswalk)) return add_crosswalk(*named, file, replace);
    const std::string sha256 = crosswalk.content_hash();
    COTEJO_TRY(revision, s.new_revision("crosswalk", crosswalk.id.text, replace,
                                        [&](std::int64_t row) { return s.stored_hash("crosswalk", row) == sha256; }));
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(
        *s.db, "INSERT INTO crosswalk (name, revision, sha256, source, source_file, command) VALUES (?,?,?,?,?,?)");
    SQLite::bind(insert, revision->name, revision->number, sha256, crosswalk.source, file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement line(*s.db, "INSERT INTO crosswalk_row VALUES (?,?,?)");
    for (const auto& [unit, code] : crosswalk.rows) {
      line.reset();
      SQLite::bind(line, row, unit, code);
      line.exec();
    }
    return Added::yes;
  });
}

Result<Added> CaseFile::add_arrival(const Arrival& arrival, const SourceFile& file, const std::string& replace) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (const auto named = s.as_stored("arrival", arrival)) return add_arrival(*named, file, replace);
    const std::string sha256 = arrival.content_hash();
    COTEJO_TRY(revision, s.new_revision("arrival", arrival.id.text, replace,
                                        [&](std::int64_t row) { return s.stored_hash("arrival", row) == sha256; }));
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO arrival (name, revision, sha256, title, kind, source, caveats, source_file, "
                             "command) VALUES (?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, revision->name, revision->number, sha256, arrival.title, std::string(to_text(arrival.kind)),
                 arrival.source, encode_texts(arrival.caveats), file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement line(*s.db, "INSERT INTO arrival_row VALUES (?,?,?,?)");
    for (std::size_t i = 0; i < arrival.units(); ++i) {
      line.reset();
      SQLite::bind(line, row, std::string(arrival.unit_keys[i]), arrival.from[i], arrival.to[i]);
      line.exec();
    }
    return Added::yes;
  });
}

Result<Added> CaseFile::add_challenge(const Challenge& challenge, const SourceFile& file, const std::string& replace) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (const auto named = s.as_stored("challenge", challenge)) return add_challenge(*named, file, replace);
    const std::string sha256 = challenge.content_hash();
    const std::string count = s.stored_name("count", challenge.count.text);
    const auto is_same = [&](std::int64_t row) {
      const auto asked = s.asked_often("SELECT sha256, count, by, reason, source FROM challenge WHERE id = ?");
      asked->bind(1, row);
      const auto text = [&](int i) { return asked->getColumn(i).getString(); };
      return asked->executeStep() && text(0) == sha256 && text(1) == count && text(2) == challenge.by &&
             text(3) == challenge.reason && text(4) == challenge.source;
    };
    COTEJO_TRY(revision, s.new_revision("challenge", challenge.id.text, replace, is_same));
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO challenge (name, revision, count, by, reason, source, sha256, source_file, "
                             "command) VALUES (?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, revision->name, revision->number, count, challenge.by, challenge.reason, challenge.source,
                 sha256, file_row, s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    SQLite::Statement unit(*s.db, "INSERT INTO challenge_unit VALUES (?,?,?)");
    for (std::size_t i = 0; i < challenge.unit_keys.size(); ++i) {
      unit.reset();
      SQLite::bind(unit, row, static_cast<std::int64_t>(i), challenge.unit_keys[i]);
      unit.exec();
    }
    return Added::yes;
  });
}

Result<void> CaseFile::add_finding(const Finding& finding) {
  State& s = *state_;
  return s.guarded([&]() -> Result<void> {
    SQLite::Statement insert(
        *s.db, "INSERT INTO finding (name, method, answer, headline, json, command) VALUES (?,?,?,?,?,?)");
    const std::string name = s.stored_name("finding", finding.id);
    if (const auto gone = s.retired("finding", name))
      return Error{.code = ErrorCode::conflict,
                   .message = fmt::format("the finding of this id was retired by {}: {}", gone->by, gone->reason),
                   .value = finding.id,
                   .remedy = fmt::format("Restore it first: cotejo restore CASE finding {}.", finding.id)};
    SQLite::bind(insert, name, finding.method, std::string(to_text(finding.answer)), finding.headline.english(),
                 to_json(finding).dump(), s.command);
    insert.exec();
    return {};
  });
}

Result<std::vector<ChallengeEntry>> CaseFile::challenges() const {
  return state_->guarded([&]() -> Result<std::vector<ChallengeEntry>> {
    std::vector<ChallengeEntry> out;
    SQLite::Statement query(*state_->db, R"sql(
      SELECT c.name, c.count, c.revision, (SELECT count(*) FROM challenge_unit WHERE challenge = c.id), c.by, c.reason, c.source
      FROM challenge c WHERE c.revision = (SELECT max(revision) FROM challenge WHERE name = c.name) ORDER BY c.id)sql");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      if (state_->retired("challenge", text(0))) continue;
      out.push_back({ChallengeId{state_->shown_name("challenge", text(0))}, CountId{state_->name_now("count", text(1))},
                     query.getColumn(2).getInt(), query.getColumn(3).getInt64(), text(4), text(5), text(6)});
    }
    return out;
  });
}

Result<std::vector<std::string>> CaseFile::crosswalks() const {
  return state_->guarded([&]() -> Result<std::vector<std::string>> { return state_->shown_names("crosswalk"); });
}

Result<std::vector<std::string>> CaseFile::arrivals() const {
  if (state_->version < 3) return std::vector<std::string>{};
  return state_->guarded([&]() -> Result<std::vector<std::string>> { return state_->shown_names("arrival"); });
}

Result<std::vector<FindingEntry>> CaseFile::findings() const {
  return state_->guarded([&]() -> Result<std::vector<FindingEntry>> {
    std::vector<FindingEntry> out;
    SQLite::Statement query(
        *state_->db,
        "SELECT f.name, f.method, f.answer, f.headline, k.at, row_number() OVER (PARTITION BY f.name ORDER BY f.id), "
        "count(*) OVER (PARTITION BY f.name), CASE WHEN json_valid(f.json) THEN json_extract(f.json, "
        "'$.messages.\"/headline\"') END FROM finding f JOIN command k ON k.id = f.command ORDER BY f.id");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      if (state_->retired("finding", text(0))) continue;
      out.push_back({state_->shown_name("finding", text(0)), text(1), text(2), text(3), text(4),
                     query.getColumn(5).getInt(), query.getColumn(6).getInt(), text(7)});
    }
    return out;
  });
}

namespace {

// The id that the finding has now.
std::string with_id(std::string json, const std::string& id) {
  auto finding = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!finding.is_object()) return json;
  finding["id"] = id;
  return finding.dump();
}

}  // namespace

Result<std::vector<std::string>> CaseFile::findings_json() const {
  return state_->guarded([&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    SQLite::Statement query(*state_->db, "SELECT json, name FROM finding ORDER BY id");
    while (query.executeStep()) {
      const std::string name = query.getColumn(1).getString(), shown = state_->shown_name("finding", name);
      if (state_->retired("finding", name)) continue;
      std::string json = query.getColumn(0).getString();
      out.push_back(shown == name ? std::move(json) : with_id(std::move(json), shown));
    }
    return out;
  });
}

Result<std::string> CaseFile::finding_json(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<std::string> {
    COTEJO_TRY(row, s.find("finding", id));
    SQLite::Statement query(*s.db, "SELECT json, name FROM finding WHERE id = ?");
    query.bind(1, row);
    query.executeStep();
    const std::string name = query.getColumn(1).getString(), shown = s.shown_name("finding", name);
    return shown == name ? query.getColumn(0).getString() : with_id(query.getColumn(0).getString(), shown);
  });
}

Result<Origin> CaseFile::origin_of(const std::string& kind, std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Origin> {
    assert(kind == "count" || kind == "crosswalk" || kind == "arrival" || kind == "challenge" || kind == "assembly");
    COTEJO_TRY(row, s.find(kind, id));
    SQLite::Statement query(
        *s.db, fmt::format("SELECT f.name, f.sha256, f.bytes, f.profile_name, f.profile_sha256, {} FROM {} t JOIN "
                           "source_file f ON f.id = t.source_file WHERE t.id = ?",
                           kind == "count" && s.version >= 2 ? "t.base IS NOT NULL" : "0", kind));
    query.bind(1, row);
    query.executeStep();
    const auto text = [&](int i) { return query.getColumn(i).getString(); };
    return Origin{{text(0), text(1), query.getColumn(2).getInt64(), text(3), text(4)},
                  query.getColumn(5).getInt() != 0};
  });
}

Result<bool> CaseFile::names_file(const std::filesystem::path& path) const {
  return state_->guarded([&]() -> Result<bool> {
    SQLite::Statement query(*state_->db, "SELECT name FROM source_file UNION SELECT profile_name FROM source_file");
    while (query.executeStep())
      if (std::filesystem::path(query.getColumn(0).getString()).filename() == path.filename()) return true;
    return false;
  });
}

Result<Challenge> CaseFile::load_challenge(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Challenge> {
    COTEJO_TRY(row, s.find("challenge", id));
    SQLite::Statement head(*s.db, "SELECT name, count, by, reason, source FROM challenge WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    const auto text = [&](int i) { return head.getColumn(i).getString(); };
    Challenge challenge{ChallengeId{text(0)}, CountId{text(1)}, text(2), text(3), text(4), {}};
    SQLite::Statement units(*s.db, "SELECT unit FROM challenge_unit WHERE challenge = ? ORDER BY position");
    units.bind(1, row);
    while (units.executeStep()) challenge.unit_keys.push_back(units.getColumn(0).getString());
    COTEJO_CHECK(s.finish_list("challenge", row, challenge));
    challenge.count.text = s.name_now("count", challenge.count.text);
    return challenge;
  });
}

Result<Crosswalk> CaseFile::load_crosswalk(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Crosswalk> {
    COTEJO_TRY(row, s.find("crosswalk", id));
    SQLite::Statement head(*s.db, "SELECT name, source FROM crosswalk WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    Crosswalk crosswalk{CrosswalkId{head.getColumn(0).getString()}, head.getColumn(1).getString(), {}};
    SQLite::Statement rows(*s.db, "SELECT unit, code FROM crosswalk_row WHERE crosswalk = ? ORDER BY unit");
    rows.bind(1, row);
    while (rows.executeStep())
      crosswalk.rows.emplace_back(rows.getColumn(0).getString(), rows.getColumn(1).getString());
    COTEJO_CHECK(s.finish_list("crosswalk", row, crosswalk));
    return crosswalk;
  });
}

Result<Arrival> CaseFile::load_arrival(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Arrival> {
    if (s.version < 3)
      return Error{.code = ErrorCode::count_unknown,
                   .message = "the case has no arrivals: it is of an earlier schema",
                   .file = s.path.string(),
                   .value = std::string(id),
                   .remedy = "Import one; the case is then migrated, a copy being kept."};
    COTEJO_TRY(row, s.find("arrival", id));
    SQLite::Statement head(*s.db, "SELECT name, title, kind, source, caveats FROM arrival WHERE id = ?");
    head.bind(1, row);
    head.executeStep();
    Arrival arrival;
    arrival.id = ArrivalId{head.getColumn(0).getString()};
    arrival.title = head.getColumn(1).getString();
    const std::string kind = head.getColumn(2).getString();
    for (const auto known : {ArrivalKind::time, ArrivalKind::order, ArrivalKind::percentile})
      if (kind == to_text(known)) arrival.kind = known;
    arrival.source = head.getColumn(3).getString();
    arrival.caveats = decode_texts(head.getColumn(4).getString());
    SQLite::Statement rows(*s.db, "SELECT unit, \"from\", \"to\" FROM arrival_row WHERE arrival = ? ORDER BY unit");
    rows.bind(1, row);
    while (rows.executeStep()) {
      arrival.unit_keys.push_back(rows.getColumn(0).getString());
      arrival.from.push_back(rows.getColumn(1).getDouble());
      arrival.to.push_back(rows.getColumn(2).getDouble());
    }
    COTEJO_CHECK(s.finish_list("arrival", row, arrival));
    return arrival;
  });
}

}  // namespace cotejo
