#include "cotejo/intake/assembly_reader.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <unordered_map>

#include "cotejo/base/context.hpp"
#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/file_identity.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "cotejo/vote/seats.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = 16u << 20;
constexpr std::size_t most_members = 5'000, most_roll_calls = 100'000, most_ballots = 50'000'000, most_rows = 100'000,
                      most_credentials = 5'000, most_includes = 50, most_names = 200;
constexpr const char* document = "docs/formats/assembly.md";
constexpr const char* schema = "cotejo.assembly/1";
using Slash = TomlKeys::Slash;

template <class E>
std::vector<std::pair<std::string, E>> choices() {
  std::vector<std::pair<std::string, E>> out;
  for (const auto& [value, name] : names_of(E{})) out.emplace_back(std::string(name), value);
  return out;
}

// Reads one file after another into the same assembly.
class Tables {
 public:
  explicit Tables(Assembly& assembly) : a_(&assembly) {}

  // What can be named before it is defined is resolved in `second`, when all files' members and bodies are known.
  void first(TomlKeys& keys) {
    for (auto& t : keys.tables("member", most_members)) read_member(t);
    for (auto& t : keys.tables("body", most_names)) {
      Body b{.id = t.needed_id("id", Slash::refused), .name = t.needed_text("name")};
      b.founded = date(t, "founded");
      b.in_force = date(t, "in_force");
      b.ended = date(t, "ended");
      b.decision_rule = t.text("decision_rule");
      b.exit_rule = t.text("exit_rule");
      b.suspension_rule = t.text("suspension_rule");
      b.of_states = t.flag("of_states", true);
      b.fact = fact(t);
      unique(t, "body", b.id);
      a_->bodies.push_back(std::move(b));
    }
  }

  void second(TomlKeys& keys) {
    for (auto& t : keys.tables("organ", most_names)) {
      Organ o{.id = t.needed_id("id", Slash::refused),
              .body = body(t),
              .name = t.needed_text("name"),
              .rule = t.id("rule", Slash::refused)};
      o.fact = fact(t);
      unique(t, "organ", o.id);
      a_->organs.push_back(std::move(o));
    }
    for (auto& t : keys.tables("event", most_rows)) read_event(t);
    for (auto& t : keys.tables("credential", most_credentials)) read_credential(t);
    for (auto& t : keys.tables("weight", most_names)) read_weight(t);
    for (auto& t : keys.tables("rule", most_names)) read_rule(t);
  }

  // Once the memberships of all files are known.
  void votes(TomlKeys& keys) {
    for (auto& t : keys.tables("roll_call", most_roll_calls)) read_roll_call(t);
    for (auto& t : keys.tables("motion", most_names)) {
      Motion m{.id = t.needed_id("id", Slash::refused),
               .title = t.needed_text("title"),
               .organ = t.id("organ", Slash::refused),
               .rule = t.id("rule", Slash::refused)};
      m.fact = fact(t);
      unique(t, "motion", m.id);
      a_->motions.push_back(std::move(m));
    }
    for (auto& t : keys.tables("position", most_rows)) {
      Position p{.motion = t.needed_id("motion", Slash::refused)};
      if (t.has("member")) p.member = member(t, "member", t.text("member"));
      p.who = t.text("who", p.member ? a_->members[*p.member].name : "");
      if (p.who.empty()) t.refuse("", "the key `who` or `member` is missing", {}, see());
      p.holder = t.text("holder");
      p.stance = t.choice<Stance>("stance", choices<Stance>());
      if (!t.has("stance")) t.refuse("", "the key `stance` is missing", {}, see());
      p.date = date(t, "date");
      p.what = t.text("what");
      p.fact = fact(t);
      a_->positions.push_back(std::move(p));
    }
    for (auto& t : keys.tables("estimation", most_rows)) {
      Estimation e{.motion = t.needed_id("motion", Slash::refused), .by = t.needed_text("by")};
      e.in_favour = whole(t, "for");
      e.against = whole(t, "against");
      e.undeclared = whole(t, "undeclared");
      e.needed = whole(t, "needed");
      e.of = whole(t, "of");
      e.date = date(t, "date");
      e.fact = fact(t);
      a_->estimations.push_back(std::move(e));
    }
    for (auto& t : keys.tables("bloc", most_names)) {
      Bloc b{.id = t.needed_id("id", Slash::refused), .name = t.needed_text("name"), .members = members(t, "members")};
      b.fact = fact(t);
      unique(t, "bloc", b.id);
      a_->blocs.push_back(std::move(b));
    }
    for (auto& t : keys.tables("scenario", most_names)) {
      Scenario s{.id = t.needed_id("id", Slash::refused),
                 .motion = t.needed_id("motion", Slash::refused),
                 .title = t.needed_text("title")};
      s.yes_at = t.texts("yes_at", most_names);
      s.not_yes_at = t.texts("not_yes_at", most_names);
      s.without = t.texts("without", 2);
      s.without_until = date(t, "without_until");
      s.also = t.texts("also", most_names);
      s.plus = members(t, "plus");
      s.fact = fact(t);
      unique(t, "scenario", s.id);
      a_->scenarios.push_back(std::move(s));
    }
    for (auto& t : keys.tables("act", most_rows)) {
      Act act{.id = t.needed_id("id", Slash::refused)};
      act.date = date(t, "date");
      act.actor = t.needed_text("actor");
      act.organ = t.text("organ");
      act.title = t.needed_text("title");
      act.basis = t.text("basis");
      act.basis_stated = t.flag("basis_stated", false);
      act.motivation = t.text("motivation");
      if (!t.has("submitted")) t.refuse("", "the key `submitted` is missing", {}, see());
      act.submitted = t.choice<Submitted>("submitted", choices<Submitted>());
      act.submitted_to = t.text("submitted_to");
      act.submitted_on = date(t, "submitted_on");
      act.decision = t.text("decision");
      act.objections = t.texts("objections", most_names);
      act.fact = fact(t);
      unique(t, "act", act.id);
      a_->acts.push_back(std::move(act));
    }
    for (auto& t : keys.tables("conflict", most_rows)) {
      a_->conflicts.push_back({t.needed_text("about"), t.needed_text("field"), t.needed_text("claim_a"),
                               t.text("source_a"), t.needed_text("claim_b"), t.text("source_b"), t.text("assessment")});
      t.finish();
    }
  }

  // References between what any of the files defines, once all are read.
  void third(TomlKeys& keys) {
    std::vector<std::string> rules, organs, motions, roll_calls, scenarios;
    for (const auto& r : a_->rules) rules.push_back(r.id);
    for (const auto& o : a_->organs) organs.push_back(o.id);
    for (const auto& m : a_->motions) motions.push_back(m.id);
    for (const auto& r : a_->roll_calls) roll_calls.push_back(r.id);
    for (const auto& s : a_->scenarios) scenarios.push_back(s.id);
    const auto check = [&](const char* where, const std::string& id, const char* what,
                           const std::vector<std::string>& known) {
      if (id.empty() || std::find(known.begin(), known.end(), id) != known.end()) return;
      const auto near = nearest_name(id, known);
      keys.refuse("", fmt::format("{}: there is no such {}", where, what), id,
                  near.empty() ? see() : fmt::format("Did you mean '{}'?", near));
    };
    for (const auto& o : a_->organs) check("organ.rule", o.rule, "rule", rules);
    for (const auto& m : a_->motions) {
      check("motion.rule", m.rule, "rule", rules);
      check("motion.organ", m.organ, "organ", organs);
    }
    for (const auto& r : a_->roll_calls) check("roll_call.rule", r.rule, "rule", rules);
    for (const auto& p : a_->positions) check("position.motion", p.motion, "motion", motions);
    for (const auto& e : a_->estimations) check("estimation.motion", e.motion, "motion", motions);
    for (const auto& s : a_->scenarios) {
      check("scenario.motion", s.motion, "motion", motions);
      for (const auto& id : s.yes_at) check("scenario.yes_at", id, "roll call", roll_calls);
      for (const auto& id : s.not_yes_at) check("scenario.not_yes_at", id, "roll call", roll_calls);
      for (const auto& id : s.also) check("scenario.also", id, "scenario", scenarios);
      for (const auto& word : s.without)
        if (word != "for" && word != "against")
          keys.refuse("", "scenario.without: expected \"for\" or \"against\"", word, see());
    }
    if (!a_->body.empty() && !a_->find_body(a_->body))
      keys.refuse("", "assembly.body: there is no such body", a_->body, see());
  }

 private:
  static std::string see() { return fmt::format("See {}.", document); }

  void unique(TomlKeys& keys, const std::string& table, const std::string& id) {
    if (!seen_.insert(table + "\n" + id).second)
      keys.refuse("id", fmt::format("two {}s have this id", table), id, "Ids are given once.");
  }

  CivilDate date(TomlKeys& keys, const char* key) {
    if (!keys.has(key)) return {};
    const std::string text = keys.text(key);
    if (const auto parsed = parse_date(text)) return *parsed;
    keys.refuse(key, "expected a date such as \"2020-10-21\", or \"2020-10\" or \"2020\" where the day is not known",
                text, "Write it between quotation marks.");
    return {};
  }

  std::optional<std::int64_t> whole(TomlKeys& keys, const char* key) {
    if (!keys.has(key)) return std::nullopt;
    return keys.whole(key, 0, 1'000'000'000, 0);
  }

  // The keys that every row has, and the end of the row.
  Fact fact(TomlKeys& keys) {
    Fact out;
    out.source = keys.text("source");
    out.mark = keys.choice<Mark>("mark", choices<Mark>());
    out.known_from = date(keys, "known_from");
    out.note = keys.text("note");
    keys.finish();
    return out;
  }

  void read_member(TomlKeys& t) {
    Member m{.id = t.needed_id("id", Slash::refused), .name = t.needed_text("name")};
    m.kind = t.text("kind");
    m.group = t.text("group");
    m.fact = fact(t);
    if (const auto known = members_.find(m.id); known != members_.end()) {
      if (a_->members[known->second].name != m.name)
        t.refuse("name", fmt::format("this member has another name elsewhere: \"{}\"", a_->members[known->second].name),
                 m.name, "One member, one name.");
      return;  // another file names it too
    }
    if (a_->members.size() >= most_members) {
      t.refuse("", fmt::format("more than {} members", most_members));
      return;
    }
    members_.emplace(m.id, static_cast<MemberIndex>(a_->members.size()));
    a_->members.push_back(std::move(m));
  }

  MemberIndex member(TomlKeys& keys, std::string_view key, const std::string& id) {
    if (const auto found = members_.find(id); found != members_.end()) return found->second;
    std::vector<std::string> ids;
    for (const auto& m : a_->members) ids.push_back(m.id);
    const auto near = nearest_name(id, ids);
    keys.refuse(key, "there is no such member", id,
                near.empty() ? "Add it as a [[member]]." : fmt::format("Did you mean '{}'?", near));
    return 0;
  }

  std::vector<MemberIndex> members(TomlKeys& keys, const char* key) {
    std::vector<MemberIndex> out;
    for (const auto& id : keys.texts(key, most_members)) out.push_back(member(keys, key, id));
    return out;
  }

  std::string body(TomlKeys& keys) {
    const std::string id = keys.has("body") ? keys.text("body") : a_->body;
    if (a_->find_body(id)) return id;
    std::vector<std::string> ids;
    for (const auto& b : a_->bodies) ids.push_back(b.id);
    const auto near = nearest_name(id, ids);
    keys.refuse("body", "there is no such body", id,
                near.empty() ? "Add it as a [[body]]." : fmt::format("Did you mean '{}'?", near));
    return id;
  }

  // A date cannot lie before the body existed; a signature may.
  void after_founding(TomlKeys& keys, const char* key, const std::string& body_id, const CivilDate& when) {
    const Body* b = a_->find_body(body_id);
    if (b && when && b->founded && when.last < b->founded.first)
      keys.refuse(key, fmt::format("{} did not exist on this day; it was founded on {}", b->name, to_text(b->founded)),
                  to_text(when), "Correct the date, or `founded` of the body.");
  }

  void read_event(TomlKeys& t) {
    MembershipEvent e{.body = body(t)};
    std::vector<MemberIndex> who;
    if (t.has("members")) who = members(t, "members");
    if (t.has("member")) who.push_back(member(t, "member", t.text("member")));
    if (who.empty()) t.refuse("", "the key `member` or `members` is missing", {}, see());
    if (!t.has("kind")) t.refuse("", "the key `kind` is missing", {}, see());
    e.kind = t.choice<EventKind>("kind", choices<EventKind>());
    e.date = date(t, "date");
    if (!e.date) t.refuse("", "the key `date` is missing", {}, see());
    e.effective = date(t, "effective");
    e.until = date(t, "until");
    if (e.until && e.until.last < e.date.first) t.refuse("until", "it ends before it begins", to_text(e.until), see());
    e.text = t.text("text");
    e.condition = t.text("condition");
    e.condition_state = t.choice<ConditionState>("condition_state", choices<ConditionState>());
    e.disputed_by = t.texts("disputed_by", most_names);
    e.fact = fact(t);
    after_founding(t, "date", e.body, e.date);
    if (a_->events.size() + who.size() > most_rows) {
      t.refuse("", fmt::format("more than {} events", most_rows));
      return;
    }
    for (const auto m : who) {
      e.member = m;
      a_->events.push_back(e);
    }
  }

  void read_credential(TomlKeys& t) {
    Credential c{.id = t.needed_id("id", Slash::refused), .body = body(t)};
    c.member = member(t, "member", t.needed_text("member"));
    c.holder = t.text("holder");
    c.accredited_by = t.needed_text("accredited_by");
    c.status = t.choice<CredentialStatus>("status", choices<CredentialStatus>());
    c.from = date(t, "from");
    if (!c.from) t.refuse("", "the key `from` is missing", {}, see());
    c.until = date(t, "until");
    c.accepted_by = t.text("accepted_by");
    c.contested_by = t.texts("contested_by", most_names);
    c.fact = fact(t);
    unique(t, "credential", c.id);
    after_founding(t, "from", c.body, c.from);
    for (const auto& other : a_->credentials) {
      if (other.member != c.member || other.body != c.body || other.status != CredentialStatus::seated ||
          c.status != CredentialStatus::seated || !other.contested_by.empty() || !c.contested_by.empty())
        continue;
      const auto ends = [](const Credential& of) {
        return of.until ? of.until.first : std::numeric_limits<std::int32_t>::max();
      };
      if (c.from.last < ends(other) && other.from.last < ends(c))
        t.refuse("from",
                 fmt::format("two delegates sit for {} at the same time ('{}' and '{}'), and nobody contests either",
                             a_->members[c.member].name, other.id, c.id),
                 to_text(c.from), "Correct the dates, or say who contests one of them (contested_by).");
    }
    a_->credentials.push_back(std::move(c));
  }

  void read_weight(TomlKeys& t) {
    Weight w{.name = t.needed_id("name", Slash::refused)};
    w.from = date(t, "from");
    auto values = t.table("values");
    if (!values) t.refuse("", "the key `values` is missing", {}, see());
    std::vector<std::pair<MemberIndex, std::int64_t>> given;
    if (values)
      for (const auto& id : values->all_keys())
        given.emplace_back(member(*values, id, id), values->whole(id, 0, 1'000'000'000'000, 0));
    w.fact = fact(t);
    for (const auto& [m, value] : given) {
      w.member = m;
      w.value = value;
      a_->weights.push_back(w);
    }
  }

  RequiredMajority majority(TomlKeys& t, const char* threshold_key, const std::string& name) {
    RequiredMajority m;
    m.name = name;
    m.threshold = t.rational(threshold_key);
    if (m.threshold < Rational(0) || m.threshold > Rational(1))
      t.refuse(threshold_key, "expected a share from 0 to 1", to_text(m.threshold), "Write it as in \"2/3\".");
    m.strict = t.flag("strict", false);
    m.denominator = t.choice<Denominator>("of", choices<Denominator>());
    m.fixed = t.whole("fixed", 0, 1'000'000'000'000, 0);
    if (m.denominator == Denominator::fixed && m.fixed < 1)
      t.refuse("fixed", "the denominator is empty: of = \"fixed\" needs a number above 0", std::to_string(m.fixed),
               see());
    m.weight = t.id("weight", Slash::refused);
    if (m.name.empty())
      m.name = fmt::format("{} {} of {}{}", m.strict ? "more than" : "at least", to_text(m.threshold),
                           to_text(m.denominator), m.weight.empty() ? "" : " by " + m.weight);
    return m;
  }

  void read_rule(TomlKeys& t) {
    AssemblyRule r{.id = t.needed_id("id", Slash::refused),
                   .body = t.has("body") || !a_->body.empty() ? body(t) : std::string(),
                   .title = t.needed_text("title")};
    r.subject = t.text("subject");
    r.article = t.text("article");
    r.text = t.text("text");
    r.veto = members(t, "veto");
    r.consensus = t.flag("consensus", false);
    if (t.has("majority")) r.ways.push_back({"", {majority(t, "majority", "")}});
    for (auto& way_keys : t.tables("way", 20)) {
      AdoptionWay way{.name = way_keys.text("name")};
      for (auto& m : way_keys.tables("majority", 20)) {
        way.majorities.push_back(majority(m, "threshold", m.text("name")));
        m.finish();
      }
      if (way.majorities.empty()) way_keys.refuse("", "the way has no [[rule.way.majority]]", way.name, see());
      way_keys.finish();
      r.ways.push_back(std::move(way));
    }
    if (auto quorum = t.table("quorum")) {
      r.quorum.push_back(majority(*quorum, "threshold", "quorum"));
      quorum->finish();
    }
    r.fact = fact(t);
    unique(t, "rule", r.id);
    a_->rules.push_back(std::move(r));
  }

  Totals totals(TomlKeys& t, const char* key) {
    Totals out;
    if (auto inner = t.table(key)) {
      out.yes = whole(*inner, "yes");
      out.no = whole(*inner, "no");
      out.abstain = whole(*inner, "abstain");
      out.absent = whole(*inner, "absent");
      inner->finish();
    }
    return out;
  }

  void read_roll_call(TomlKeys& t) {
    RollCall r{.id = t.needed_id("id", Slash::refused)};
    unique(t, "roll call", r.id);
    r.date = date(t, "date");
    if (!r.date) t.refuse("", "the key `date` is missing", {}, see());
    r.organ = t.id("organ", Slash::refused);
    if (!r.organ.empty() && !a_->find_organ(r.organ))
      t.refuse("organ", "there is no such organ", r.organ, "Add it as an [[organ]].");
    r.document = t.text("document");
    r.subject = t.text("subject");
    r.rule = t.id("rule", Slash::refused);
    r.rule_text = t.text("rule_text");
    r.method = t.choice<VotingMethod>("method", choices<VotingMethod>());
    r.complete = t.flag("complete", true);
    r.completeness = t.text("completeness");
    r.reported = totals(t, "reported");
    r.needed_reported = whole(t, "needed");
    if (t.has("adopted")) r.declared_adopted = t.flag("adopted", false);
    for (auto& c : t.tables("candidates", most_names)) {
      r.candidates.push_back({c.needed_text("name"), c.whole("votes", 0, 1'000'000'000, 0)});
      c.finish();
    }
    r.parties = members(t, "parties");
    const std::string body_id(a_->body_of(r));
    after_founding(t, "date", body_id, r.date);
    std::vector<std::int8_t> row(a_->members.size(), 0);
    if (row.size() * (a_->roll_calls.size() + 1) > most_ballots) {
      t.refuse("", fmt::format("more than {} votes", most_ballots));
      return;
    }
    // Who could vote and is not listed: nobody says how.
    const bool has_events =
        std::any_of(a_->events.begin(), a_->events.end(), [&](const auto& e) { return e.body == body_id; });
    if (has_events && r.date) {
      const auto& belongs = on_roll(body_id, r.date.last);
      for (MemberIndex m = 0; m < row.size(); ++m)
        if (belongs[m]) row[m] = static_cast<std::int8_t>(Ballot::not_recorded);
    }
    std::vector<bool> listed(row.size());
    for (const auto& [key, ballot] :
         std::initializer_list<std::pair<const char*, Ballot>>{{"yes", Ballot::yes},
                                                               {"no", Ballot::no},
                                                               {"abstain", Ballot::abstain},
                                                               {"absent", Ballot::absent},
                                                               {"present", Ballot::present},
                                                               {"paired_yes", Ballot::paired_yes},
                                                               {"paired_no", Ballot::paired_no}})
      for (const auto m : members(t, key)) {
        if (m >= row.size()) continue;
        if (listed[m])
          t.refuse(key,
                   fmt::format("two votes for one seat: {} is listed as {} already", a_->members[m].name,
                               to_text(static_cast<Ballot>(row[m]))),
                   a_->members[m].id, "Keep one, and the other as a [[roll_call.version]] with its source.");
        if (has_events && row[m] == 0)
          t.refuse(key,
                   fmt::format("a vote by a non-member: {} does not belong to {} on {}", a_->members[m].name, body_id,
                               to_text(r.date)),
                   a_->members[m].id, "Check its [[event]]s: accession, denunciation, withdrawal.");
        listed[m] = true;
        row[m] = static_cast<std::int8_t>(ballot);
      }
    if (auto used = t.table("credentials"))
      for (const auto& id : used->all_keys()) r.credentials.push_back({member(*used, id, id), used->scalar(id)});
    for (const auto m : members(t, "by_recall")) r.marks.push_back({m, Mark::recall});
    for (const auto m : members(t, "by_elimination")) r.marks.push_back({m, Mark::elimination});
    for (auto& v : t.tables("version", most_names)) {
      RecordVersion version{.id = v.needed_id("id", Slash::refused), .text = v.text("text")};
      if (auto changes = v.table("changes"))
        for (const auto& id : changes->all_keys())
          version.changes.push_back({member(*changes, id, id), changes->choice<Ballot>(id, choices<Ballot>())});
      version.totals = totals(v, "reported");
      version.superseded_on = date(v, "superseded_on");
      version.fact = fact(v);
      r.versions.push_back(std::move(version));
    }
    r.fact = fact(t);
    a_->roll_calls.push_back(std::move(r));
    a_->ballots.insert(a_->ballots.end(), row.begin(), row.end());
  }

  // Who belongs to a body on a day; votes of one day come one after the other.
  const std::vector<bool>& on_roll(const std::string& body_id, std::int32_t day) {
    if (body_id != roll_of_ || day != roll_on_ || roll_.empty()) {
      roll_of_ = body_id;
      roll_on_ = day;
      roll_ = perhaps_members(*a_, body_id, day);
    }
    return roll_;
  }

  Assembly* a_;
  std::unordered_map<std::string, MemberIndex> members_;
  std::set<std::string> seen_;
  std::string roll_of_;
  std::int32_t roll_on_ = 0;
  std::vector<bool> roll_;
};

struct Parsed {
  toml::table table;
  TomlProblem problem;
  AssemblyFile file;
  std::string text;
};

Result<std::string> text_of(const fs::path& path) {
  auto text = read_regular(path, largest_file);
  if (!text && text.error().code == ErrorCode::file_damaged) {
    Error error = std::move(text).error();
    error.remedy = "Put the votes into a CSV file and name it with `votes`.";
    return error;
  }
  return text;
}

// The head of a file; the includes and the votes file that it names.
struct Head {
  std::vector<std::string> includes;
  std::string votes;
};

Head read_head(TomlKeys& keys, Assembly* into) {
  Head head;
  if (keys.needed_text("schema") != schema)
    keys.refuse("schema", fmt::format("expected \"{}\"", schema), keys.text("schema"),
                fmt::format("See {}.", document));
  auto t = keys.table("assembly");
  if (!t) {
    keys.refuse("", "the file has no [assembly]", {}, fmt::format("See {}.", document));
    return head;
  }
  const std::string id = t->needed_id("id", Slash::refused), title = t->needed_text("title"),
                    source = t->text("source"), body = t->id("body", Slash::refused);
  const auto caveats = t->texts("caveats", most_names);
  head.includes = t->texts("include", most_includes);
  head.votes = t->text("votes");
  for (const auto& name : head.includes)
    if (fs::path(name).filename() != name || !name.ends_with(".toml"))
      t->refuse("include", "expected the name of a .toml file in the same folder", name, "Without a path.");
  if (!head.votes.empty() && (fs::path(head.votes).filename() != head.votes || !head.votes.ends_with(".csv")))
    t->refuse("votes", "expected the name of a .csv file in the same folder", head.votes, "Without a path.");
  t->finish();
  if (into) {
    into->id = AssemblyId{id};
    into->title = title;
    into->source = source;
    into->body = body;
  }
  Assembly* all = into;
  if (all)
    for (const auto& caveat : caveats) all->caveats.push_back(caveat);
  return head;
}

Result<void> read_votes_file(const fs::path& path, Assembly& a, const Context& context) {
  COTEJO_TRY(rows, Records::open(path, {.member = {}, .table = {}, .cancel = context.cancel}));
  std::map<std::string, std::size_t> at;
  for (const char* name : {"roll_call", "member", "option"}) {
    COTEJO_TRY(column, rows.column(name));
    at[name] = column;
  }
  for (const char* name : {"date", "organ", "cast_by", "mark"})
    if (auto column = rows.column(name)) at[name] = *column;
  std::unordered_map<std::string, RollCallIndex> roll_calls;
  for (RollCallIndex i = 0; i < a.roll_calls.size(); ++i) roll_calls.emplace(a.roll_calls[i].id, i);
  std::unordered_map<std::string, MemberIndex> members;
  for (MemberIndex i = 0; i < a.members.size(); ++i) members.emplace(a.members[i].id, i);
  const std::size_t m = a.members.size();
  std::vector<bool> listed(a.ballots.size());
  for (std::size_t i = 0; i < a.ballots.size(); ++i) {
    const auto b = static_cast<Ballot>(a.ballots[i]);
    listed[i] = b != Ballot::not_member && b != Ballot::not_recorded;
  }
  std::string key;
  const auto bad = [&](ErrorCode code, const char* column, std::string message, std::string value, std::string remedy) {
    return Error{.code = code,
                 .message = std::move(message),
                 .file = rows.name(),
                 .row = rows.row(),
                 .column = column,
                 .value = std::move(value),
                 .remedy = std::move(remedy)};
  };
  for (;;) {
    COTEJO_TRY(more, rows.next());
    if (!more) break;
    if (const auto fault = rows.fault())
      return bad(fault->code, fault->column.c_str(), fault->message, fault->value, fault->remedy);
    const auto cell = [&](const char* name) {
      const auto found = at.find(name);
      return found == at.end() ? std::string() : std::string(trimmed(rows.cells()[found->second]));
    };
    const std::string id = cell("roll_call"), who = cell("member"), option = cell("option");
    auto found = roll_calls.find(id);
    if (found == roll_calls.end()) {
      const auto day = parse_date(cell("date"));
      if (!day || id.empty())
        return bad(ErrorCode::unit_unknown, "roll_call",
                   "there is no such roll call in the tables, and the row gives no `date` to make one", id,
                   "Add it as a [[roll_call]], or give the rows a column `date`.");
      RollCall r{.id = id, .date = *day, .organ = cell("organ")};
      if (!r.organ.empty() && !a.find_organ(r.organ))
        return bad(ErrorCode::unit_unknown, "organ", "there is no such organ", r.organ, "Add it as an [[organ]].");
      if (a.roll_calls.size() >= most_roll_calls || (a.roll_calls.size() + 1) * m > most_ballots)
        return bad(ErrorCode::file_damaged, "roll_call", "too many roll calls", id, "Divide the set.");
      const std::string body_id(a.body_of(r));
      found = roll_calls.emplace(id, static_cast<RollCallIndex>(a.roll_calls.size())).first;
      for (const bool belongs : perhaps_members(a, body_id, day->last))
        a.ballots.push_back(static_cast<std::int8_t>(belongs ? Ballot::not_recorded : Ballot::not_member));
      listed.resize(a.ballots.size());
      a.roll_calls.push_back(std::move(r));
    }
    const auto member = members.find(who);
    if (member == members.end())
      return bad(ErrorCode::unit_unknown, "member", "there is no such member", who, "Add it as a [[member]].");
    std::optional<Ballot> ballot;
    for (const auto& [value, name] : names_of(Ballot{}))
      if (name == option) ballot = value;
    if (!ballot)
      return bad(ErrorCode::value_invalid, "option",
                 "expected yes, no, abstain, absent, present, paired-yes, paired-no, not-recorded or not-member",
                 option, "Write it exactly so.");
    const std::size_t place = static_cast<std::size_t>(found->second) * m + member->second;
    RollCall& roll_call = a.roll_calls[found->second];
    if (listed[place])
      return bad(ErrorCode::unit_duplicate, "member",
                 fmt::format("two votes for one seat: this member's vote in '{}' is given already", id), who,
                 "Keep one, and the other as a [[roll_call.version]] with its source.");
    const std::string body_id(a.body_of(roll_call));
    const bool has_events =
        std::any_of(a.events.begin(), a.events.end(), [&](const auto& e) { return e.body == body_id; });
    if (has_events && *ballot != Ballot::not_member && static_cast<Ballot>(a.ballots[place]) == Ballot::not_member)
      return bad(
          ErrorCode::value_invalid, "member",
          fmt::format("a vote by a non-member: it does not belong to {} on {}", body_id, to_text(roll_call.date)), who,
          "Check its [[event]]s: accession, denunciation, withdrawal.");
    listed[place] = true;
    a.ballots[place] = static_cast<std::int8_t>(*ballot);
    if (const auto by = cell("cast_by"); !by.empty()) roll_call.credentials.push_back({member->second, by});
    const auto mark = cell("mark");
    for (const auto& [value, name] : names_of(Mark{}))
      if (name == mark && value != Mark::sourced) roll_call.marks.push_back({member->second, value});
  }
  return {};
}

Result<AssemblyTables> read_all(std::vector<std::pair<fs::path, std::string>> texts, bool follow,
                                const Context& context = {}) {
  AssemblyTables out;
  Tables tables(out.assembly);
  std::vector<std::unique_ptr<Parsed>> files;
  Head head;
  const auto add = [&](const fs::path& path, std::string text) -> Result<void> {
    COTEJO_TRY(table, parse_toml(text, path.string(), document));
    auto file = std::make_unique<Parsed>();
    file->table = std::move(table);
    file->problem = {.file = path.string(), .document = document};
    file->file = {path, sha256_of(text), static_cast<std::int64_t>(text.size())};
    files.push_back(std::move(file));
    return {};
  };
  COTEJO_CHECK(add(texts[0].first, std::move(texts[0].second)));
  {
    TomlKeys keys(files[0]->table, "", files[0]->problem);
    head = read_head(keys, &out.assembly);
    if (files[0]->problem.first) return *files[0]->problem.first;
  }
  if (!follow && (!head.includes.empty() || !head.votes.empty()))
    return Error{.code = ErrorCode::profile_invalid,
                 .message = "the tables name other files, which cannot be read here",
                 .file = texts[0].first.string()};
  const fs::path folder = texts[0].first.parent_path();
  for (const auto& name : head.includes) {
    COTEJO_TRY(path, path_inside(folder, name));
    COTEJO_TRY(text, text_of(path));
    COTEJO_CHECK(add(path, std::move(text)));
  }
  // Every file in the same order, stage after stage; the first fault of each file stops.
  std::vector<TomlKeys> keys;
  for (auto& file : files) keys.emplace_back(file->table, "", file->problem);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Head inner = read_head(keys[i], nullptr);
    if (i > 0 && (!inner.includes.empty() || !inner.votes.empty()))
      keys[i].refuse("assembly", "an included file names further files", {}, "Name them in the first file.");
    tables.first(keys[i]);
    if (files[i]->problem.first) return *files[i]->problem.first;
  }
  const std::string main_body = out.assembly.body;
  for (const bool votes : {false, true})
    for (std::size_t i = 0; i < files.size(); ++i) {
      // A row that names no body means the body of its own file.
      if (i > 0) {
        TomlKeys own(*files[i]->table["assembly"].as_table(), "assembly", files[i]->problem);
        out.assembly.body = own.text("body");
      }
      if (votes)
        tables.votes(keys[i]);
      else
        tables.second(keys[i]);
      out.assembly.body = main_body;
      if (votes) keys[i].finish();
      if (files[i]->problem.first) return *files[i]->problem.first;
    }
  tables.third(keys[0]);
  if (files[0]->problem.first) return *files[0]->problem.first;
  for (auto& file : files) out.files.push_back(file->file);
  if (!head.votes.empty()) {
    COTEJO_TRY(path, path_inside(folder, head.votes));
    const FileIdentity before(path);
    COTEJO_TRY(sha256, sha256_of_file(path, context.cancel));
    std::error_code ignored;
    out.files.push_back({path, sha256, static_cast<std::int64_t>(fs::file_size(path, ignored))});
    COTEJO_CHECK(read_votes_file(path, out.assembly, context));
    COTEJO_CHECK(before.still_so());
  }
  if (out.assembly.members.empty())
    return Error{.code = ErrorCode::profile_invalid,
                 .message = "the assembly has no members",
                 .file = texts[0].first.string(),
                 .remedy = fmt::format("See {}.", document)};
  out.assembly.sha256 = out.assembly.content_hash();
  return out;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

template <class... Cells>
std::string csv_line(const Cells&... cells) {
  std::string out;
  ((out += (out.empty() ? "" : ",") + csv_cell(cells)), ...);
  return out + "\r\n";
}

}  // namespace

bool is_assembly_table(const fs::path& path) {
  const auto text = text_of(path);
  if (!text) return false;
  const auto table = parse_toml(*text, path.string(), document);
  return table && (*table)["schema"].value<std::string>() == schema;
}

Result<AssemblyTables> read_assembly(const fs::path& path, const Context& context) {
  COTEJO_TRY(text, text_of(path));
  return read_all({{path, std::move(text)}}, true, context);
}

Result<Assembly> parse_assembly(std::string_view text, std::string_view name) {
  COTEJO_TRY(tables, read_all({{fs::path(name), std::string(text)}}, false));
  return std::move(tables.assembly);
}

std::string votes_csv(const Assembly& a) {
  std::string out = csv_line("roll_call", "date", "organ", "member", "name", "option", "cast_by", "mark", "source");
  for (RollCallIndex r = 0; r < a.roll_calls.size(); ++r) {
    const RollCall& roll_call = a.roll_calls[r];
    for (MemberIndex m = 0; m < a.members.size(); ++m) {
      const Ballot ballot = a.ballot(r, m);
      if (ballot == Ballot::not_member) continue;
      std::string by;
      for (const auto& used : roll_call.credentials)
        if (used.member == m) by = used.credential;
      Mark mark = roll_call.fact.mark;
      for (const auto& marked : roll_call.marks)
        if (marked.member == m) mark = marked.mark;
      out += csv_line(roll_call.id, to_text(roll_call.date), roll_call.organ, a.members[m].id, a.members[m].name,
                      to_text(ballot), by, to_text(mark), roll_call.fact.source);
    }
  }
  return out;
}

std::string timeline_csv(const Assembly& a) {
  std::string out = csv_line("body", "member", "name", "from", "until", "status", "why", "mark", "source");
  for (const auto& span : timeline(a))
    out += csv_line(span.body, a.members[span.member].id, a.members[span.member].name, to_text(span.from),
                    to_text(span.until), span.status, span.why, to_text(span.mark), span.source);
  return out;
}

}  // namespace cotejo
