// Assemblies in the case. JSON goes through fields(), so that a field of the domain is stored because it exists.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cotejo/finding/bounded_json.hpp"
#include "rows.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_members = 5'000, most_ballots = 50'000'000;

struct Writing {
  Json out = Json::object();

  template <class T>
  void operator()(const char* name, const T& value) {
    out[name] = of(value);
  }
  static Json of(const std::string& value) { return value; }
  static Json of(bool value) { return value; }
  static Json of(std::int64_t value) { return value; }
  static Json of(std::uint32_t value) { return value; }
  static Json of(const CivilDate& value) { return value ? Json{value.first, value.last} : Json(nullptr); }
  static Json of(const Rational& value) { return Json{value.numerator(), value.denominator()}; }
  template <class T>
  static Json of(const std::optional<T>& value) {
    return value ? of(*value) : Json(nullptr);
  }
  template <class T>
  static Json of(const std::vector<T>& values) {
    Json out = Json::array();
    for (const auto& value : values) out.push_back(of(value));
    return out;
  }
  template <class T>
  static Json of(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return std::string(to_text(value));
    } else {
      Writing inner;
      fields(inner, value);
      return std::move(inner.out);
    }
  }
};

// Throws on whatever is not as it was written; the case's guard turns that into an Error.
struct Reading {
  const Json& from;

  template <class T>
  void operator()(const char* name, T& value) {
    if (from.contains(name)) to(from.at(name), value);  // a field of a later version is left as it begins
  }
  static void to(const Json& json, std::string& value) { value = json.get<std::string>(); }
  static void to(const Json& json, bool& value) { value = json.get<bool>(); }
  static void to(const Json& json, std::int64_t& value) { value = json.get<std::int64_t>(); }
  static void to(const Json& json, std::uint32_t& value) { value = json.get<std::uint32_t>(); }
  static void to(const Json& json, CivilDate& value) {
    if (json.is_null()) return;
    value = {json.at(0).get<std::int32_t>(), json.at(1).get<std::int32_t>()};
    if (value.first > value.last || value.first < -3'000'000 || value.last > 3'000'000)
      throw std::runtime_error("a date is out of bounds");
  }
  static void to(const Json& json, Rational& value) {
    const auto denominator = json.at(1).get<std::int64_t>();
    if (denominator < 1 || denominator > 1'000'000) throw std::runtime_error("a fraction is out of bounds");
    value = Rational(json.at(0).get<std::int64_t>(), denominator);
  }
  template <class T>
  static void to(const Json& json, std::optional<T>& value) {
    if (json.is_null()) return;
    to(json, value.emplace());
  }
  template <class T>
  static void to(const Json& json, std::vector<T>& values) {
    for (const auto& one : json) to(one, values.emplace_back());
  }
  template <class T>
  static void to(const Json& json, T& value) {
    if constexpr (std::is_enum_v<T>) {
      const auto text = json.get<std::string>();
      for (const auto& [known, name] : names_of(T{}))
        if (name == text) {
          value = known;
          return;
        }
      throw std::runtime_error("unknown name in the case: " + text);
    } else {
      Reading inner{json};
      fields(inner, value);
    }
  }
};

// Every index in it is one of its members.
void check_indices(const Assembly& a) {
  const auto check = [&](MemberIndex member) {
    if (member >= a.members.size()) throw std::runtime_error("an assembly names a member that it does not have");
  };
  for (const auto& e : a.events) check(e.member);
  for (const auto& c : a.credentials) check(c.member);
  for (const auto& w : a.weights) check(w.member);
  for (const auto& r : a.rules)
    for (const auto m : r.veto) check(m);
  for (const auto& r : a.roll_calls) {
    for (const auto m : r.parties) check(m);
    for (const auto& u : r.credentials) check(u.member);
    for (const auto& k : r.marks) check(k.member);
    for (const auto& v : r.versions)
      for (const auto& c : v.changes) check(c.member);
  }
  for (const auto& p : a.positions)
    if (p.member) check(*p.member);
  for (const auto& b : a.blocs)
    for (const auto m : b.members) check(m);
  for (const auto& s : a.scenarios)
    for (const auto m : s.plus) check(m);
}

}  // namespace

Result<Added> CaseFile::add_assembly(const Assembly& assembly, const SourceFile& file, const std::string& replace) {
  State& s = *state_;
  return s.guarded([&]() -> Result<Added> {
    if (const auto named = s.as_stored("assembly", assembly)) return add_assembly(*named, file, replace);
    const std::string sha256 = assembly.content_hash();
    COTEJO_TRY(revision, s.new_revision("assembly", assembly.id.text, replace,
                                        [&](std::int64_t row) { return s.stored_hash("assembly", row) == sha256; }));
    if (!revision) return Added::already_there;
    const auto file_row = s.add_file(file);
    SQLite::Statement insert(*s.db,
                             "INSERT INTO assembly (name, revision, sha256, title, members, bodies, roll_calls, "
                             "description, source_file, command) VALUES (?,?,?,?,?,?,?,?,?,?)");
    SQLite::bind(insert, revision->name, revision->number, sha256, assembly.title,
                 static_cast<std::int64_t>(assembly.members.size()), static_cast<std::int64_t>(assembly.bodies.size()),
                 static_cast<std::int64_t>(assembly.roll_calls.size()), Writing::of(assembly).dump(), file_row,
                 s.command);
    insert.exec();
    const std::int64_t row = s.db->getLastInsertRowid();
    Rows vote(s.db->getHandle(), "INSERT INTO assembly_vote VALUES (?,?,?,?)");
    for (RollCallIndex r = 0; r < assembly.roll_calls.size(); ++r)
      for (MemberIndex m = 0; m < assembly.members.size(); ++m) {
        const Ballot ballot = assembly.ballot(r, m);
        if (ballot == Ballot::not_member) continue;
        vote.bind(1, row);
        vote.bind(2, static_cast<std::int64_t>(r));
        vote.bind(3, static_cast<std::int64_t>(m));
        vote.bind(4, static_cast<std::int64_t>(ballot));
        vote.run();
      }
    return Added::yes;
  });
}

Result<std::vector<AssemblyEntry>> CaseFile::assemblies() const {
  if (state_->version < 4) return std::vector<AssemblyEntry>{};
  return state_->guarded([&]() -> Result<std::vector<AssemblyEntry>> {
    std::vector<AssemblyEntry> out;
    SQLite::Statement query(*state_->db, R"sql(
      SELECT a.name, a.revision, a.title, a.sha256, f.name, k.at, a.members, a.bodies, a.roll_calls
      FROM assembly a JOIN source_file f ON f.id = a.source_file JOIN command k ON k.id = a.command
      WHERE a.revision = (SELECT max(revision) FROM assembly WHERE name = a.name) ORDER BY a.id)sql");
    while (query.executeStep()) {
      const auto text = [&](int i) { return query.getColumn(i).getString(); };
      if (state_->retired("assembly", text(0))) continue;
      out.push_back({AssemblyId{state_->shown_name("assembly", text(0))}, query.getColumn(1).getInt(), text(2), text(3),
                     text(4), text(5), query.getColumn(6).getInt64(), query.getColumn(7).getInt64(),
                     query.getColumn(8).getInt64()});
    }
    return out;
  });
}

Result<Assembly> CaseFile::load_assembly(std::string_view id) const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<Assembly> {
    if (s.version < 4)
      return Error{.code = ErrorCode::count_unknown,
                   .message = "the case has no assemblies: it is of an earlier schema",
                   .file = s.path.string(),
                   .value = std::string(id),
                   .remedy = "Import one; the case is then migrated, a copy being kept."};
    COTEJO_TRY(row, s.find("assembly", id));
    Rows head(s.db->getHandle(), fmt::format("SELECT description, sha256 FROM assembly WHERE id = {}", row));
    if (!head.next()) throw std::runtime_error("an assembly is gone");
    Assembly assembly;
    const Json description = parse_bounded<Json>(head.text(0));
    if (!description.is_object()) throw std::runtime_error("an assembly cannot be read");
    Reading::to(description, assembly);
    const std::string stored(head.text(1));
    const std::size_t m = assembly.members.size();
    if (m > most_members || m * assembly.roll_calls.size() > most_ballots)
      throw std::runtime_error("an assembly is too large");
    check_indices(assembly);
    assembly.ballots.assign(m * assembly.roll_calls.size(), 0);
    Rows votes(s.db->getHandle(),
               fmt::format("SELECT roll_call, member, ballot FROM assembly_vote WHERE assembly = {}", row));
    while (votes.next()) {
      const auto r = votes.whole(0), member = votes.whole(1), ballot = votes.whole(2);
      if (r < 0 || static_cast<std::size_t>(r) >= assembly.roll_calls.size() || member < 0 ||
          static_cast<std::size_t>(member) >= m || ballot < 1 || ballot > 8)
        throw std::runtime_error("a vote is out of bounds");
      assembly.ballots[static_cast<std::size_t>(r) * m + static_cast<std::size_t>(member)] =
          static_cast<std::int8_t>(ballot);
    }
    assembly.sha256 = assembly.content_hash();
    if (assembly.sha256 != stored)
      return Error{.code = ErrorCode::case_invalid,
                   .message = "the assembly does not match its hash",
                   .file = s.path.string(),
                   .value = std::string(id),
                   .remedy = "See `cotejo check-case`."};
    s.tell_revision("assembly", row, assembly);
    assembly.id.text = s.shown_name("assembly", assembly.id.text);
    return assembly;
  });
}

}  // namespace cotejo
