#include "cotejo/methods/assembly/seats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "assembly_support.hpp"
#include "cotejo/vote/assembly_rule.hpp"
#include "cotejo/vote/seats.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_combinations = 2'000, most_listed = 10;

std::string names_of_seats(const Assembly& a, const std::vector<const SeatState*>& seats) {
  std::vector<std::string> out;
  for (const auto* seat : seats) {
    if (out.size() == most_listed) {
      out.push_back(fmt::format("and {} more", seats.size() - most_listed));
      break;
    }
    out.push_back(a.members[seat->member].name);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string last_day(const Assembly& a, std::string_view body) {
  std::int32_t last = CivilDate::none;
  for (const auto& r : a.roll_calls)
    if (a.body_of(r) == body) last = std::max(last, r.date.last);
  if (last == CivilDate::none)
    for (const auto& e : a.events)
      if (e.body == body) last = std::max(last, e.date.last);
  return last == CivilDate::none ? "" : day_text(last);
}

std::string holders(const SeatState& seat) {
  std::vector<std::string> out;
  for (const auto* c : seat.credentials)
    out.push_back(fmt::format("{} ({}{})", c->holder.empty() ? c->id : c->holder, c->accredited_by,
                              c->status == CredentialStatus::claimant ? ", claimant" : ""));
  return fmt::format("{}", fmt::join(out, "; "));
}

std::string contested_by(const SeatState& seat) {
  std::set<std::string> who;
  for (const auto* c : seat.credentials) who.insert(c->contested_by.begin(), c->contested_by.end());
  return fmt::format("{}", fmt::join(who, ", "));
}

struct RollReading {
  std::string name;
  std::int64_t members = 0, good = 0, represented = 0, may_vote = 0;
};

std::vector<RollReading> roll_readings(const Assembly& a, const std::vector<SeatState>& seats) {
  RollReading base;
  std::vector<const SeatState*> disputed;
  const auto add = [](RollReading& r, const SeatState& seat, std::int64_t by) {
    r.members += by;
    if (seat.good_standing()) r.good += by;
    if (seat.good_standing() && !seat.vacant) r.represented += by, r.may_vote += by;
  };
  for (const auto& seat : seats) {
    if (seat.surely_member()) add(base, seat, 1);
    if (seat.contested()) disputed.push_back(&seat);
  }
  // Per disputed seat: its readings by name; the same name twice counts once.
  std::size_t total = 1;
  for (const auto* seat : disputed) total = std::min(most_combinations + 1, total * seat->readings.size());
  std::vector<RollReading> out;
  const auto make = [&](const std::vector<std::size_t>& picked) {
    RollReading r = base;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < disputed.size(); ++i) {
      const auto& reading = disputed[i]->readings[picked[i]];
      if (reading.member) add(r, *disputed[i], 1);
      names.push_back(fmt::format("{} {} ({})", a.members[disputed[i]->member].id,
                                  reading.member ? "a member" : "no member", reading.id));
    }
    r.name = names.empty() ? "undisputed" : fmt::format("{}", fmt::join(names, ", "));
    out.push_back(std::move(r));
  };
  std::vector<std::size_t> picked(disputed.size());
  if (total <= most_combinations) {
    for (;;) {
      make(picked);
      std::size_t i = disputed.size();
      while (i > 0 && ++picked[i - 1] == disputed[i - 1]->readings.size()) picked[--i] = 0;
      if (i == 0) break;
    }
  } else {
    make(picked);
    for (std::size_t i = 0; i < disputed.size(); ++i)
      for (std::size_t c = 1; c < disputed[i]->readings.size(); ++c) {
        auto one = picked;
        one[i] = c;
        make(one);
      }
  }
  return out;
}

Table seat_table(const Assembly& a, const std::vector<SeatState>& seats) {
  Table table{.id = "seats",
              .title = "Who belongs, and who holds each seat",
              .columns = {{"member"},
                          {"name"},
                          {"status", "", "member, suspended, excluded, inactive, vacant, contested or out"},
                          {"may_vote", "", "yes, no, or disputed"},
                          {"holder", "", "the delegate, where the tables name one"},
                          {"credential_contested_by"},
                          {"readings", "", "of a disputed membership"},
                          {"since", "", "date of the accession"},
                          {"why", "", "the last event that counts"},
                          {"known", "", "how it is known"},
                          {"source"}},
              .rows = {},
              .brief = {"name", "status", "may_vote", "holder"}};
  // What is out of the ordinary first.
  std::vector<const SeatState*> order;
  for (const auto& seat : seats) order.push_back(&seat);
  std::stable_sort(order.begin(), order.end(), [](const SeatState* x, const SeatState* y) {
    const auto rank = [](const SeatState* s) {
      const auto status = status_of(*s);
      return status == "contested" || s->credential_contested() ? 0 : status == "member" ? 2 : status == "out" ? 3 : 1;
    };
    return rank(x) < rank(y);
  });
  for (const auto* seat : order) {
    const bool may = seat->perhaps_member() && seat->good_standing() && !seat->vacant;
    std::vector<std::string> readings;
    if (seat->contested())
      for (const auto& r : seat->readings)
        readings.push_back(fmt::format("{} ({}): {}", r.id, r.member ? "in" : "out", r.text));
    const MembershipEvent* accession = nullptr;
    for (const auto* e : seat->because)
      if (e->kind == EventKind::accession) accession = e;
    const MembershipEvent* last = seat->because.empty() ? nullptr : seat->because.back();
    Mark mark = last ? last->fact.mark : Mark::sourced;
    for (const auto* e : seat->because)
      if (e->fact.mark != Mark::sourced) mark = e->fact.mark;
    table.rows.push_back({a.members[seat->member].id, a.members[seat->member].name, std::string(status_of(*seat)),
                          std::string(!may                                                ? "no"
                                      : seat->contested() || seat->credential_contested() ? "disputed"
                                                                                          : "yes"),
                          holders(*seat), contested_by(*seat), fmt::format("{}", fmt::join(readings, "; ")),
                          accession ? to_text(accession->date) : std::string(), last ? last->text : std::string(),
                          mark == Mark::sourced ? std::string("from a source") : mark_text(mark),
                          last ? last->fact.source : std::string()});
  }
  return table;
}

void add_map(Finding& finding, const Assembly& a, std::int32_t day) {
  const auto spans = timeline(a);
  Table table{.id = "timeline",
              .title = "Who belonged to what, when",
              .columns = {{"body"},
                          {"member"},
                          {"name"},
                          {"from"},
                          {"until", "", "first day after it; empty: still"},
                          {"status"},
                          {"why"},
                          {"known"},
                          {"source"}},
              .rows = {},
              .brief = {"body", "name", "from", "until", "status"}};
  Json rows = Json::array();
  for (const auto& span : spans) {
    table.rows.push_back({span.body, a.members[span.member].id, a.members[span.member].name, to_text(span.from),
                          to_text(span.until), span.status, span.why,
                          span.mark == Mark::sourced ? std::string("from a source") : mark_text(span.mark),
                          span.source});
    rows.push_back(Json::array(
        {span.body, a.members[span.member].id, a.members[span.member].name, day_text(span.from.first),
         span.until ? Json(day_text(span.until.first)) : Json(nullptr), span.status, std::string(to_text(span.mark))}));
  }
  Json bodies = Json::array();
  for (const auto& b : a.bodies) bodies.push_back({{"id", b.id}, {"name", b.name}, {"founded", to_text(b.founded)}});

  // At a day: who is in (whatever the status but out), and who takes part.
  const auto in = [&](const Body& body, std::int32_t on) {
    std::pair<std::set<MemberIndex>, std::set<MemberIndex>> out;
    for (const auto& span : spans) {
      if (span.body != body.id || span.from.first > on || (span.until && span.until.first <= on)) continue;
      out.first.insert(span.member);
      if (span.status == "member" || span.status == "contested") out.second.insert(span.member);
    }
    return out;
  };
  Table years{.id = "bodies_over_time",
              .title = "How many belonged to each body, year by year, where the number changed",
              .columns = {{"body"},
                          {"year_end"},
                          {"members", "members", "on the roll on 31 December, disputed ones too"},
                          {"taking_part", "members", "not suspended, excluded, inactive or vacant"},
                          {"joined"},
                          {"left_or_ceased", "", "left, or stopped taking part"}},
              .rows = {}};
  Json counts = Json::array();
  const auto year_of = [](std::int32_t d) { return std::stoi(day_text(d).substr(0, 4)); };
  std::int32_t last_change = day;
  for (const auto& span : spans)
    last_change = std::max({last_change, span.from.first, span.until ? span.until.first : span.from.first});
  for (const auto& body : a.bodies) {
    std::pair<std::set<MemberIndex>, std::set<MemberIndex>> before;
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (const auto& span : spans)
      if (span.body == body.id) first = std::min(first, span.from.first);
    if (first == std::numeric_limits<std::int32_t>::max()) continue;
    for (int year = year_of(first); year <= year_of(last_change); ++year) {
      const auto end = parse_date(fmt::format("{:04}-12-31", year));
      if (!end) break;
      auto now = in(body, end->first);
      if (now == before) continue;
      std::vector<std::string> joined, left;
      for (const auto m : now.second)
        if (!before.second.contains(m)) joined.push_back(a.members[m].id);
      for (const auto m : before.second)
        if (!now.second.contains(m)) left.push_back(a.members[m].id);
      years.rows.push_back({body.id, fmt::format("{:04}", year), static_cast<std::int64_t>(now.first.size()),
                            static_cast<std::int64_t>(now.second.size()), fmt::format("{}", fmt::join(joined, " ")),
                            fmt::format("{}", fmt::join(left, " "))});
      counts.push_back(
          {{"body", body.id}, {"year", year}, {"members", now.first.size()}, {"taking_part", now.second.size()}});
      before = std::move(now);
    }
  }
  Table shared{
      .id = "bodies_at_once",
      .title = fmt::format("Members taking part in two bodies at once on {}", day_text(day)),
      .columns =
          {{"body"}, {"other"}, {"shared", "members"}, {"only_body", "members"}, {"only_other", "members"}, {"who"}},
      .rows = {},
      .brief = {"body", "other", "shared", "only_body", "only_other"}};
  for (std::size_t i = 0; i < a.bodies.size(); ++i)
    for (std::size_t j = i + 1; j < a.bodies.size(); ++j) {
      const auto x = in(a.bodies[i], day).second, y = in(a.bodies[j], day).second;
      if (x.empty() || y.empty()) continue;
      std::vector<std::string> both;
      for (const auto m : x)
        if (y.contains(m)) both.push_back(a.members[m].id);
      shared.rows.push_back({a.bodies[i].id, a.bodies[j].id, static_cast<std::int64_t>(both.size()),
                             static_cast<std::int64_t>(x.size() - both.size()),
                             static_cast<std::int64_t>(y.size() - both.size()),
                             fmt::format("{}", fmt::join(both, " "))});
    }
  Json data{{"bodies", std::move(bodies)},
            {"columns", {"body", "member", "name", "from", "until", "status", "known"}},
            {"rows", std::move(rows)},
            {"day", day_text(day)},
            {"counts", std::move(counts)}};
  finding.figures.push_back({"membership-timeline", "membership-timeline", "Who belonged to what, when",
                             data.dump(-1, ' ', false, Json::error_handler_t::replace)});
  finding.tables.push_back(std::move(shared));
  finding.tables.push_back(std::move(years));
  finding.tables.push_back(std::move(table));
}

}  // namespace

MethodInfo SeatsRequest::info() {
  return {.id = "seats",
          .family = "assembly",
          .title = "Who belongs, and who may vote",
          .question = "Who was a member on that day, and who may vote for each seat?",
          .assumes = "The events in the tables are all there were; what is disputed is shown under each reading.",
          .cost = "events x members",
          .references = {}};
}

const OptionTable<SeatsRequest>& SeatsRequest::table() {
  static const OptionTable<SeatsRequest> options = [] {
    OptionTable<SeatsRequest> t;
    t.add(&SeatsRequest::body, {.name = "body", .unit = "id", .text = "The body; empty: the main one."});
    t.add(&SeatsRequest::on,
          {.name = "on", .unit = "day", .text = "The day; empty: that of the last vote in the tables."});
    t.add(&SeatsRequest::known,
          {.name = "known", .unit = "day", .text = "As known at the end of this day; empty: all that is known now."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& assembly, const SeatsRequest& request, const Context& context) {
  COTEJO_TRY(known, day_option("known", request.known));
  std::optional<Assembly> kept;
  const Assembly& a = known_on(assembly, known, kept);
  std::string body = request.body.empty() ? a.body : request.body;
  if (body.empty() && a.bodies.size() == 1) body = a.bodies[0].id;
  if (body.empty() || a.events.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "the assembly has no memberships over time",
                 .remedy = "Add a [[body]] and its [[event]]s to the tables."};
  const std::string day_asked = request.on.empty() ? last_day(a, body) : request.on;
  COTEJO_TRY(asked, day_option("on", day_asked));
  if (!asked)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "no day is given, and the body has neither votes nor events",
                 .remedy = "Name one: --option on=2020-10-21"};
  const std::int32_t day = *asked;
  auto found = seats_on(a, body, day);
  if (!found) {
    Error error = std::move(found).error();
    error.column = error.code == ErrorCode::value_invalid ? "on" : "body";
    if (error.code == ErrorCode::count_unknown) error.code = ErrorCode::option_invalid;
    if (error.code == ErrorCode::value_invalid) error.code = ErrorCode::option_invalid;
    return error;
  }
  const auto& seats = *found;
  const std::string name = a.find_body(body)->name;

  Finding finding = open_finding(SeatsRequest::info(), a, context);
  finding.title = fmt::format("Who belonged to {} on {}", name, day_text(day));
  std::vector<const SeatState*> disputed, credentials, no_part;
  for (const auto& seat : seats) {
    if (seat.contested()) disputed.push_back(&seat);
    if (seat.perhaps_member() && seat.credential_contested()) credentials.push_back(&seat);
    if (seat.perhaps_member() && (!seat.good_standing() || seat.vacant)) no_part.push_back(&seat);
  }
  const auto readings = roll_readings(a, seats);
  const auto [low, high] = std::minmax_element(readings.begin(), readings.end(),
                                               [](const auto& x, const auto& y) { return x.members < y.members; });
  Table rolls{.id = "readings",
              .title = "The roll under every reading of what is disputed",
              .columns = {{"reading"},
                          {"members", "members", "on the roll"},
                          {"good_standing", "members", "not suspended, excluded or inactive"},
                          {"represented", "members", "in good standing, with a filled seat"},
                          {"half_of_members", "votes", "more than half of the members"},
                          {"two_thirds_of_members", "votes", "at least two thirds of the members"},
                          {"two_thirds_of_good_standing", "votes", "at least two thirds of those in good standing"}},
              .rows = {},
              .brief = {"reading", "members", "good_standing", "half_of_members", "two_thirds_of_members"}};
  for (const auto& r : readings)
    rolls.rows.push_back({r.name, r.members, r.good, r.represented, needed(Rational(1, 2), true, r.members),
                          needed(Rational(2, 3), false, r.members), needed(Rational(2, 3), false, r.good)});

  finding.answer = disputed.empty() && credentials.empty() ? Answer::descriptive : Answer::depends;
  finding.headline = fmt::format(
      "{} on {}: {} on the roll{}{}{}.", name, day_text(day),
      low->members == high->members ? fmt::format("{} members", low->members)
                                    : fmt::format("{} or {} members", low->members, high->members),
      disputed.empty() ? "" : fmt::format(", by the reading of the membership of {}", names_of_seats(a, disputed)),
      no_part.empty() ? "" : fmt::format("; without a vote: {}", names_of_seats(a, no_part)),
      credentials.empty() ? "" : fmt::format("; the credential is contested of {}", names_of_seats(a, credentials)));
  finding.estimates = {
      {"members_least", static_cast<double>(low->members), "members", "on the roll under the narrowest reading"},
      {"members_most", static_cast<double>(high->members), "members", "on the roll under the widest reading"},
      {"good_standing", static_cast<double>(high->good), "members",
       "not suspended, excluded or inactive, under the widest reading"},
      {"represented", static_cast<double>(high->represented), "members",
       "in good standing, with a filled seat, under the widest reading"},
      {"disputed_memberships", static_cast<double>(disputed.size()), "members", "members under some readings only"},
      {"contested_credentials", static_cast<double>(credentials.size()), "seats",
       "seats for which more than one side claims the vote"}};
  finding.conditions.push_back({"Every membership on that day is undisputed", disputed.empty()});
  finding.conditions.push_back({"Every credential on that day is uncontested", credentials.empty()});
  std::size_t recalled = 0;
  for (const auto& seat : seats)
    for (const auto* e : seat.because) recalled += e->fact.mark != Mark::sourced;
  finding.conditions.push_back(
      {recalled == 0
           ? std::string("Every event that counts is known from a source")
           : fmt::format("Every event that counts is known from a source ({} are by recall or elimination)", recalled),
       recalled == 0});
  finding.tables.push_back(std::move(rolls));
  finding.tables.push_back(seat_table(a, seats));
  Table sources{.id = "conflicts",
                .title = "Where sources disagree",
                .columns = {{"about"}, {"field"}, {"claim_a"}, {"source_a"}, {"claim_b"}, {"source_b"}, {"assessment"}},
                .rows = {},
                .brief = {"about", "field", "claim_a", "claim_b"}};
  for (const auto& c : a.conflicts)
    sources.rows.push_back({c.about, c.field, c.claim_a, c.source_a, c.claim_b, c.source_b, c.assessment});
  add_map(finding, a, day);
  if (!sources.rows.empty()) finding.tables.push_back(std::move(sources));
  finding.does_not_show = {"Which reading of a disputed membership or credential is right in law."};
  return finding;
}

}  // namespace cotejo
