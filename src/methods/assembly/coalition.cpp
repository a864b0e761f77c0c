#include "cotejo/methods/assembly/coalition.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "assembly_support.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "recounting.hpp"
#include "smallest_sets.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_names = 12;

// Where a member stands on the day, and the positions that say so.
struct Stand {
  MemberIndex member = 0;
  bool may_vote = false;
  const Position* last = nullptr;   // the last that is not neutral, of the holder that is seated
  const Position* other = nullptr;  // the last of another holder, where the seat is contested
};

enum class Side { in_favour, against, undeclared };

Side side_of(const Position* position, bool count_leaning) {
  if (!position) return Side::undeclared;
  switch (position->stance) {
    case Stance::in_favour:
      return Side::in_favour;
    case Stance::leans_in_favour:
      return count_leaning ? Side::in_favour : Side::undeclared;
    case Stance::neutral:
      return Side::undeclared;
    case Stance::leans_against:
      return count_leaning ? Side::against : Side::undeclared;
    case Stance::against:
      return Side::against;
  }
  return Side::undeclared;
}

std::string side_text(Side side) {
  return side == Side::in_favour ? "for" : side == Side::against ? "against" : "undeclared";
}

std::vector<Stand> stands_of(const Assembly& a, const Motion& motion, const BodyRoll& roll, std::int32_t day) {
  std::map<MemberIndex, const SeatState*> seats;
  for (const auto& seat : roll.seats) seats[seat.member] = &seat;
  std::vector<Stand> out;
  for (MemberIndex m = 0; m < a.members.size(); ++m) {
    if (!roll.on_roll[m]) continue;
    Stand stand{.member = m, .may_vote = roll.represented[m]};
    const auto seat = seats.find(m);
    const bool contested = seat != seats.end() && seat->second->credential_contested();
    std::set<std::string> seated;
    if (seat != seats.end())
      for (const auto* c : seat->second->credentials)
        if (c->status == CredentialStatus::seated) seated.insert({c->id, c->holder, c->accredited_by});
    const auto later = [](const Position* known, const Position& p) {
      return !known || p.date.first >= known->date.first;
    };
    for (const auto& p : a.positions) {
      if (p.motion != motion.id || p.member != m || p.stance == Stance::neutral) continue;
      if (p.date && p.date.first > day) continue;
      const bool own = !contested || p.holder.empty() || seated.contains(p.holder);
      const Position*& place = own ? stand.last : stand.other;
      if (later(place, p)) place = &p;
    }
    out.push_back(stand);
  }
  return out;
}

std::string some_names(const Assembly& a, const std::vector<MemberIndex>& members) {
  std::vector<std::string> names;
  for (const auto m : members) {
    if (names.size() == most_names) {
      names.push_back(fmt::format("and {} more", members.size() - most_names));
      break;
    }
    names.push_back(a.members[m].name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// The members a scenario means, ascending.
std::set<MemberIndex> members_of(const Assembly& a, const Scenario& scenario, const std::vector<Stand>& stands,
                                 const Motion& motion, std::set<std::string>& open,
                                 std::vector<std::string>& problems) {
  std::set<MemberIndex> out(scenario.plus.begin(), scenario.plus.end());
  const auto roll_call = [&](const std::string& id) {
    const auto found = a.find_roll_call(id);
    if (!found) problems.push_back(fmt::format("Scenario {}: the vote '{}' is not known", scenario.id, id));
    return found;
  };
  for (const auto& id : scenario.yes_at)
    if (const auto r = roll_call(id))
      for (MemberIndex m = 0; m < a.members.size(); ++m)
        if (a.ballot(*r, m) == Ballot::yes) out.insert(m);
  for (const auto& id : scenario.not_yes_at)
    if (const auto r = roll_call(id))
      for (MemberIndex m = 0; m < a.members.size(); ++m)
        if (const auto b = a.ballot(*r, m);
            b == Ballot::no || b == Ballot::abstain || b == Ballot::absent || b == Ballot::present)
          out.insert(m);
  for (const auto& word : scenario.without) {
    const Stance wanted = word == "for" ? Stance::in_favour : Stance::against;
    const std::int32_t until =
        scenario.without_until ? scenario.without_until.last : std::numeric_limits<std::int32_t>::max();
    for (const auto& stand : stands) {
      if (!stand.may_vote) continue;
      bool took = false;
      for (const auto& p : a.positions)
        took = took || (p.motion == motion.id && p.member == stand.member && p.stance == wanted &&
                        (!p.date || p.date.first <= until));
      if (!took) out.insert(stand.member);
    }
  }
  for (const auto& id : scenario.also) {
    if (!open.insert(id).second) continue;
    for (const auto& other : a.scenarios)
      if (other.id == id) {
        const auto more = members_of(a, other, stands, motion, open, problems);
        out.insert(more.begin(), more.end());
      }
  }
  return out;
}

}  // namespace

MethodInfo CoalitionRequest::info() {
  return {.id = "coalition",
          .family = "assembly",
          .title = "Can this motion reach its threshold?",
          .question = "Could the membership carry this motion, who declared what, and who is missing?",
          .assumes = "Members vote as they last spoke; the others could go either way.",
          .cost = "members squared",
          .references = {}};
}

const OptionTable<CoalitionRequest>& CoalitionRequest::table() {
  static const OptionTable<CoalitionRequest> options = [] {
    OptionTable<CoalitionRequest> t;
    t.add(&CoalitionRequest::motion, {.name = "motion", .unit = "id", .text = "The motion; empty: the only one."});
    t.add(&CoalitionRequest::on,
          {.name = "on", .unit = "day", .text = "Positions taken by this day; empty: by the last of them."});
    t.add(&CoalitionRequest::leaning, {.name = "leaning",
                                       .unit = "",
                                       .text = "Are members that only lean to one side undeclared, or counted there?",
                                       .choices = {"undeclared", "count"}});
    t.add(&CoalitionRequest::known,
          {.name = "known", .unit = "day", .text = "As known at the end of this day; empty: all that is known now."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& assembly, const CoalitionRequest& request, const Context& context) {
  COTEJO_TRY(known, day_option("known", request.known));
  COTEJO_TRY(asked, day_option("on", request.on));
  std::optional<Assembly> kept;
  const Assembly& a = known_on(assembly, known, kept);
  if (a.motions.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "the assembly has no motion",
                 .remedy = "Add a [[motion]] and its [[position]]s to the tables."};
  const Motion* motion = nullptr;
  std::vector<std::string> ids;
  for (const auto& m : a.motions) {
    ids.push_back(m.id);
    if (m.id == request.motion || (request.motion.empty() && a.motions.size() == 1)) motion = &m;
  }
  if (!motion)
    return Error{
        .code = ErrorCode::option_invalid,
        .message = request.motion.empty() ? "the assembly has several motions" : "the assembly has no such motion",
        .column = "motion",
        .value = request.motion,
        .remedy = fmt::format("It has: {}.", fmt::join(ids, ", "))};
  const Organ* organ = a.find_organ(motion->organ);
  const AssemblyRule* rule = a.find_rule(!motion->rule.empty() ? motion->rule : organ ? organ->rule : "");
  if (!rule || rule->ways.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("the motion '{}' has no rule that asks for a majority", motion->id),
                 .remedy = "Give it `rule` in the tables."};
  std::int32_t day = CivilDate::none;
  if (asked) {
    day = *asked;
  } else {
    for (const auto& p : a.positions)
      if (p.motion == motion->id && p.date) day = std::max(day, p.date.last);
    for (const auto& r : a.roll_calls)
      if (day == CivilDate::none) day = r.date.last;
  }
  if (day == CivilDate::none)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "no day is given, and no position has a date",
                 .remedy = "Name one: --option on=2020-10-21"};
  const std::string body = organ ? organ->body : a.body;
  COTEJO_TRY(roll, roll_of(a, body, day, {}));
  if (std::none_of(roll.on_roll.begin(), roll.on_roll.end(), [](bool in) { return in; }))
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("nobody belongs to {} on {}: the denominator is empty", body, day_text(day)),
                 .remedy = "Check the day and the memberships."};
  const bool leaning = request.leaning == "count";
  const auto stands = stands_of(a, *motion, roll, day);
  Finding finding = open_finding(CoalitionRequest::info(), a, context);
  finding.title = motion->title;

  // Blocs that vote together, of undeclared members only; a member is in the first bloc that names it.
  std::map<MemberIndex, std::size_t> bloc_of;
  for (std::size_t b = 0; b < a.blocs.size(); ++b)
    for (const auto m : a.blocs[b].members) bloc_of.emplace(m, b);

  std::set<MemberIndex> out_if(roll.contested.begin(), roll.contested.end());
  std::vector<MemberIndex> two_voices;
  for (const auto& stand : stands)
    if (stand.other && side_of(stand.other, leaning) != side_of(stand.last, leaning))
      two_voices.push_back(stand.member);

  struct Gap {
    std::int64_t needed = 0, in_favour = 0, against = 0, undeclared = 0, cannot = 0, denominator = 0;
    std::int64_t short_by() const { return std::max<std::int64_t>(0, needed - in_favour); }
    bool reachable = false, carried = false;
    std::vector<MemberIndex> for_members, against_members, undeclared_members;
    SmallestSets sets;
    std::vector<std::vector<MemberIndex>> players;
  };
  const auto evaluate = [&](const AdoptionWay& way, const DenominatorReading& by, bool without_disputed,
                            bool other_voice, bool count_sets) -> Result<Gap> {
    Gap o;
    Chamber chamber{std::vector<Ballot>(a.members.size(), Ballot::not_recorded), roll.on_roll, roll.good_standing,
                    roll.represented, std::vector<bool>(a.members.size())};
    if (without_disputed)
      for (const auto m : out_if) chamber.on_roll[m] = chamber.good_standing[m] = chamber.represented[m] = false;
    for (const auto& stand : stands) {
      if (!chamber.on_roll[stand.member]) continue;
      const Side side = side_of(other_voice && stand.other ? stand.other : stand.last, leaning);
      if (!stand.may_vote && side == Side::undeclared) {
        ++o.cannot;
        continue;
      }
      if (side == Side::in_favour) o.for_members.push_back(stand.member);
      if (side == Side::against) o.against_members.push_back(stand.member);
      if (side == Side::undeclared) o.undeclared_members.push_back(stand.member);
    }
    for (const auto m : o.for_members) chamber.ballots[m] = Ballot::yes;
    for (const auto m : o.against_members) chamber.ballots[m] = Ballot::no;
    o.in_favour = static_cast<std::int64_t>(o.for_members.size());
    o.against = static_cast<std::int64_t>(o.against_members.size());
    o.undeclared = static_cast<std::int64_t>(o.undeclared_members.size());
    // Players: the undeclared, in their blocs.
    std::map<std::size_t, std::vector<MemberIndex>> blocs;
    for (const auto m : o.undeclared_members) {
      const auto bloc = bloc_of.find(m);
      if (bloc == bloc_of.end())
        o.players.push_back({m});
      else
        blocs[bloc->second].push_back(m);
    }
    for (auto& [b, members] : blocs) o.players.push_back(std::move(members));
    std::vector<Player> players;
    for (const auto& members : o.players) players.push_back({static_cast<std::int64_t>(members.size()), {}});
    std::vector<std::int64_t> quotas;
    bool first = true;
    for (const auto& majority : way.majorities) {
      const auto weight = majority.weight.empty() ? std::vector<std::int64_t>{} : weights_on(a, majority.weight, day);
      const VoteSums sums = sums_of(chamber, weight);
      Denominator kind = by.of.value_or(majority.denominator);
      // Before the vote nobody is absent yet: those who can come are taken to be there.
      if (kind == Denominator::present || kind == Denominator::present_and_voting) kind = Denominator::represented;
      const auto denominator = sums.denominator(kind, by.of ? by.fixed : majority.fixed);
      if (denominator <= 0)
        return Error{
            .code = ErrorCode::input_insufficient,
            .message = fmt::format("the denominator \"{}\" of the rule '{}' is empty", to_text(kind), rule->id),
            .remedy = "Check the memberships on that day."};
      const auto need = needed(majority.threshold, majority.strict, denominator);
      quotas.push_back(need - sums.yes);
      if (first) {
        o.needed = need;
        o.denominator = denominator;
        if (!majority.weight.empty()) o.in_favour = sums.yes, o.against = sums.no;
      }
      first = false;
      for (std::size_t p = 0; p < players.size(); ++p) {
        std::int64_t w = 0;
        for (const auto m : o.players[p]) w += weight.empty() ? 1 : weight[m];
        players[p].weights.push_back(w);
      }
    }
    if (!way.majorities.empty() && !way.majorities[0].weight.empty()) {
      o.undeclared = 0;
      for (const auto& player : players) o.undeclared += player.weights[0];
    }
    o.carried = std::all_of(quotas.begin(), quotas.end(), [](auto q) { return q <= 0; });
    o.sets = smallest_sets(players, quotas, count_sets ? 10'000'000 : 0);
    // A veto holder that is declared against stops it whatever the numbers.
    const bool vetoed = std::any_of(rule->veto.begin(), rule->veto.end(),
                                    [&](MemberIndex m) { return chamber.ballots[m] == Ballot::no; });
    o.reachable = o.sets.possible && !vetoed && !(rule->consensus && o.against > 0);
    return o;
  };

  const AdoptionWay& way = rule->ways.front();
  COTEJO_TRY(own, evaluate(way, {}, false, false, true));

  Table readings{.id = "readings",
                 .title = "The threshold and what is missing, under every reading",
                 .columns = {{"reading", "", "what the majority is a majority of"},
                             {"membership", "", "disputed memberships: in or out"},
                             {"positions", "", "of contested seats: the seated delegate's, or the other side's"},
                             {"denominator", "members"},
                             {"needed", "votes"},
                             {"declared_for", "votes"},
                             {"declared_against", "votes"},
                             {"undeclared", "votes"},
                             {"cannot_vote", "members", "on the roll and unable to vote"},
                             {"short_by", "votes"},
                             {"reachable", "", "if every undeclared member joined"},
                             {"by_rule"}},
                 .rows = {},
                 .brief = {"reading", "membership", "needed", "declared_for", "undeclared", "short_by", "reachable"}};
  std::size_t yes = 0, all = 0, carried = 0;
  const bool has_events = !roll.seats.empty();
  for (const bool without : {false, true}) {
    if (without && out_if.empty()) continue;
    for (const bool other : {false, true}) {
      if (other && (two_voices.empty() || without)) continue;
      for (const auto kind : {Denominator::members, Denominator::good_standing, Denominator::represented}) {
        if (kind != Denominator::members && !has_events) continue;
        COTEJO_TRY(o, evaluate(way, {kind, 0}, without, other, false));
        const bool by_rule = way.majorities[0].denominator == kind && !without && !other;
        readings.rows.push_back({std::string(to_text(kind)),
                                 std::string(out_if.empty() ? "undisputed"
                                             : without      ? "disputed ones out"
                                                            : "disputed ones in"),
                                 std::string(two_voices.empty() ? "one voice each"
                                             : other            ? "other side's"
                                                                : "seated delegate's"),
                                 o.denominator, o.needed, o.in_favour, o.against, o.undeclared, o.cannot, o.short_by(),
                                 o.reachable, by_rule});
        ++all;
        yes += o.reachable;
        carried += o.carried;
      }
    }
  }
  finding.answer = carried == all && own.carried ? Answer::yes
                   : yes == 0 && !own.reachable  ? Answer::no
                                                 : Answer::depends;

  finding.headline =
      fmt::format("{}: {} of {} needed, {} declared for, {} against, {} undeclared; short by {}. {}", motion->title,
                  own.needed, own.denominator, own.in_favour, own.against, own.undeclared, own.short_by(),
                  own.carried      ? std::string("The declared votes carry it.")
                  : !own.reachable ? std::string("Even with every undeclared member it would not be carried.")

                  : !own.sets.size ? std::string("How few more members would do is too much to count.")
                                   : fmt::format("{} more members would do, in {} ways.", *own.sets.size,
                                                 own.sets.sets ? own.sets.sets->str() : std::string("uncounted")));
  finding.in_short = {
      fmt::format("\"{}\" needed {} of {} votes: {} had been declared for it, {} against and {} not at all",
                  motion->title, own.needed, own.denominator, own.in_favour, own.against, own.undeclared),
      own.carried      ? std::string("the declared votes carry it")
      : !own.reachable ? std::string("even with every undeclared member it would not have been carried")
                       : fmt::format("it was short by {}", counted(own.short_by(), "vote"))};
  finding.estimates = {
      {"needed", static_cast<double>(own.needed), "votes",
       "least whole number that the threshold asks, as the rule reads"},
      {"declared_for", static_cast<double>(own.in_favour), "votes", "members whose last position is for it"},
      {"declared_against", static_cast<double>(own.against), "votes", "members whose last position is against it"},
      {"undeclared", static_cast<double>(own.undeclared), "votes", "members that can vote and have not declared"},
      {"short_by", static_cast<double>(own.short_by()), "votes", "needed - declared_for, at least 0"},
      {"smallest_set", own.sets.size ? static_cast<double>(*own.sets.size) : std::nan(""), "members",
       "fewest undeclared members that reach the threshold, blocs whole"},
      {"smallest_sets", own.sets.sets ? own.sets.sets->convert_to<double>() : std::nan(""), "sets",
       "how many sets of that size reach it"}};
  finding.at_stake =
      AtStake{static_cast<double>(own.undeclared), static_cast<double>(own.short_by()), own.reachable && !own.carried};
  finding.tables.push_back(std::move(readings));

  Table positions{.id = "positions",
                  .title = fmt::format("Where every member stood on {}", day_text(day)),
                  .columns = {{"member"},
                              {"name"},
                              {"side", "", "for, against, undeclared; cannot-vote"},
                              {"stance", "", "for, leans-for, leans-against, against, none"},
                              {"date"},
                              {"what"},
                              {"holder"},
                              {"other_voice", "", "of a contested seat"},
                              {"in_smallest_sets", "%", "share of the smallest sets that the member is in"},
                              {"known"},
                              {"source"}},
                  .rows = {},
                  .brief = {"name", "side", "stance", "date", "in_smallest_sets"}};
  std::map<MemberIndex, double> share;
  if (own.sets.sets && !own.sets.with.empty() && *own.sets.sets > 0)
    for (std::size_t p = 0; p < own.players.size(); ++p)
      for (const auto m : own.players[p])
        share[m] = boost::multiprecision::cpp_rational(own.sets.with[p] * 100, *own.sets.sets).convert_to<double>();
  Json bars = Json::array();
  for (const Side wanted : {Side::in_favour, Side::undeclared, Side::against})
    for (const auto& stand : stands) {
      const Side side = side_of(stand.last, leaning);
      if (side != wanted) continue;
      const bool cannot = !stand.may_vote && side == Side::undeclared;
      const Position* p = stand.last;
      positions.rows.push_back(
          {a.members[stand.member].id, a.members[stand.member].name, cannot ? "cannot-vote" : side_text(side),
           p ? std::string(to_text(p->stance)) : std::string("none"), p ? to_text(p->date) : std::string(),
           p ? p->what : std::string(), p ? p->holder : std::string(),
           stand.other
               ? fmt::format("{}: {} ({})", stand.other->who, to_text(stand.other->stance), to_text(stand.other->date))
               : std::string(),
           share.contains(stand.member) ? Cell{share[stand.member]} : Cell{},
           p ? (p->fact.mark == Mark::sourced ? std::string("from a source") : mark_text(p->fact.mark)) : std::string(),
           p ? p->fact.source : std::string()});
      bars.push_back(Json::array({a.members[stand.member].id, a.members[stand.member].name,
                                  cannot ? "cannot-vote" : side_text(side),
                                  p ? std::string(to_text(p->stance)) : std::string("none")}));
    }
  finding.tables.push_back(std::move(positions));

  Table scenarios{
      .id = "scenarios",
      .title = "Sets of members, and what each lacks",
      .columns = {{"scenario"},
                  {"what"},
                  {"size", "members"},
                  {"short_of_members", "votes", "of the threshold of all members on the roll"},
                  {"short_of_good_standing", "votes"},
                  {"short_without_disputed", "votes",
                   "disputed memberships out of the set and of the members in good standing"},
                  {"reaches"},
                  {"members"},
                  {"source"}},
      .rows = {},
      .brief = {"scenario", "what", "size", "short_of_members", "short_of_good_standing", "short_without_disputed"}};
  std::vector<std::string> problems;
  const RequiredMajority& majority = way.majorities[0];
  const auto need = [&](const std::vector<bool>& in, bool without) {
    std::int64_t n = 0;
    for (MemberIndex m = 0; m < in.size(); ++m) n += in[m] && !(without && out_if.contains(m));
    return needed(majority.threshold, majority.strict, n);
  };
  for (const auto& scenario : a.scenarios) {
    if (scenario.motion != motion->id) continue;
    std::set<std::string> open{scenario.id};
    const auto set = members_of(a, scenario, stands, *motion, open, problems);
    std::int64_t size = 0, undisputed = 0;
    std::vector<std::string> names;
    for (const auto m : set) {
      if (!roll.on_roll[m]) continue;
      ++size;
      undisputed += !out_if.contains(m);
      names.push_back(a.members[m].id);
    }
    std::sort(names.begin(), names.end());
    const auto gap = [](std::int64_t needs, std::int64_t has) { return std::max<std::int64_t>(0, needs - has); };
    const auto g1 = gap(need(roll.on_roll, false), size), g2 = gap(need(roll.good_standing, false), size),
               g3 = gap(need(roll.good_standing, true), undisputed);
    scenarios.rows.push_back({scenario.id, scenario.title, size, g1, g2, g3,
                              std::string(g1 == 0 && g2 == 0 && g3 == 0 ? "yes"
                                          : g1 && g2 && g3              ? "no"
                                                                        : "depends"),
                              fmt::format("{}", fmt::join(names, " ")), scenario.fact.source});
  }
  if (!majority.weight.empty()) problems.push_back("The scenarios count members, the rule weighs them");
  Json scenario_bars = Json::array();
  for (const auto& row : scenarios.rows)
    scenario_bars.push_back({{"id", std::get<std::string>(row[0])},
                             {"title", std::get<std::string>(row[1])},
                             {"size", std::get<std::int64_t>(row[2])}});
  if (!scenarios.rows.empty()) finding.tables.push_back(std::move(scenarios));

  Table estimations{.id = "estimations",
                    .title = "What others counted",
                    .columns = {{"by"},
                                {"for", "votes"},
                                {"against", "votes"},
                                {"undeclared", "votes"},
                                {"needed_said", "votes"},
                                {"of", "members"},
                                {"needed_computed", "votes", "from the rule, of their number of members"},
                                {"agrees"},
                                {"note"},
                                {"source"}},
                    .rows = {},
                    .brief = {"by", "for", "against", "undeclared", "needed_said", "needed_computed"}};
  for (const auto& e : a.estimations) {
    if (e.motion != motion->id) continue;
    const auto cell = [](const std::optional<std::int64_t>& v) { return v ? Cell{*v} : Cell{}; };
    std::optional<std::int64_t> computed;
    if (e.of) computed = needed(majority.threshold, majority.strict, *e.of);
    estimations.rows.push_back(
        {e.by, cell(e.in_favour), cell(e.against), cell(e.undeclared), cell(e.needed), cell(e.of), cell(computed),
         computed && e.needed ? Cell{*computed == *e.needed} : Cell{}, e.fact.note, e.fact.source});
    if (computed && e.needed && *computed != *e.needed)
      finding.conditions.push_back({fmt::format("The number needed that {} gives ({} of {}) is the one computed ({})",
                                                e.by, *e.needed, *e.of, *computed),
                                    false});
  }
  if (!estimations.rows.empty()) finding.tables.push_back(std::move(estimations));
  Table voices{.id = "other_voices",
               .title = "Who else spoke, without a vote",
               .columns = {{"who"}, {"stance"}, {"date"}, {"what"}, {"source"}},
               .rows = {}};
  for (const auto& p : a.positions)
    if (p.motion == motion->id && !p.member && (!p.date || p.date.first <= day))
      voices.rows.push_back({p.who, std::string(to_text(p.stance)), to_text(p.date), p.what, p.fact.source});
  if (!voices.rows.empty()) finding.tables.push_back(std::move(voices));

  Json data{{"needed", own.needed},         {"denominator", own.denominator},
            {"for", own.in_favour},         {"against", own.against},
            {"undeclared", own.undeclared}, {"cannot_vote", own.cannot},
            {"short_by", own.short_by()},   {"columns", {"id", "name", "side", "stance"}},
            {"rows", std::move(bars)},      {"scenarios", std::move(scenario_bars)}};
  finding.figures.push_back({"coalition-gap", "coalition-gap", "Declared, undeclared, and the threshold",
                             data.dump(-1, ' ', false, Json::error_handler_t::replace)});

  finding.conditions.push_back({"Every seat speaks with one voice", two_voices.empty()});
  if (!two_voices.empty())
    finding.caveats.push_back(fmt::format("Two sides spoke for the seat of {}.", some_names(a, two_voices)));
  if (own.sets.possible && !own.sets.sets)
    finding.conditions.push_back({"The smallest sets could be counted (there are too many sums of weights)", false});
  if (rule->ways.size() > 1)
    finding.conditions.push_back(
        {fmt::format("The rule has one way to adopt (it has {}; the first is computed)", rule->ways.size()), false});
  for (const auto& problem : problems) finding.conditions.push_back({problem, false});
  if (!rule->article.empty()) finding.references.push_back(rule->article);
  finding.does_not_show = {"That anybody would vote as it spoke, or that a vote would be called.",
                           "Whether there would be grounds for it."};
  return finding;
}

}  // namespace cotejo
