#include "recounting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace cotejo {

namespace {

constexpr std::size_t most_combinations = 500, most_alone = 40, most_rows = 20'000;

// One way to treat one contested seat.
struct Choice {
  std::string name;
  std::optional<Ballot> ballot;  // instead of the recorded one
  bool member = true, represented = true;
};

std::vector<Choice> choices_of(const ContestedSeat& seat) {
  std::vector<Choice> out{{"counted", {}, true, true}};
  if (seat.credential) {
    out.push_back({"not-counted", Ballot::not_recorded, true, false});
    for (const auto rival : {Ballot::yes, Ballot::no, Ballot::abstain})
      if (seat.ballot && seat.ballot != rival)
        out.push_back({fmt::format("rival-{}", to_text(rival)), rival, true, true});
  }
  if (seat.membership) out.push_back({"not-a-member", Ballot::not_member, false, false});
  return out;
}

// All combinations; where they are too many, three kinds only: every seat counted, one seat's other choices at a time (the
// first seats), and the last choice of all seats at once, in which no contested seat is counted.
std::vector<std::vector<std::size_t>> combinations(const std::vector<std::vector<Choice>>& choices) {
  std::size_t total = 1;
  for (const auto& c : choices) total = std::min(most_combinations + 1, total * c.size());
  std::vector<std::vector<std::size_t>> out;
  if (total <= most_combinations) {
    std::vector<std::size_t> now(choices.size());
    for (;;) {
      out.push_back(now);
      std::size_t i = choices.size();
      while (i > 0 && ++now[i - 1] == choices[i - 1].size()) now[--i] = 0;
      if (i == 0) return out;
    }
  }
  out.emplace_back(choices.size());
  for (std::size_t i = 0; i < std::min(choices.size(), most_alone); ++i)
    for (std::size_t c = 1; c < choices[i].size(); ++c) {
      out.emplace_back(choices.size());
      out.back()[i] = c;
    }
  out.emplace_back();
  for (const auto& c : choices) out.back().push_back(c.size() - 1);
  return out;
}

std::string name_of(const Assembly& assembly, const std::vector<ContestedSeat>& seats,
                    const std::vector<std::vector<Choice>>& choices, const std::vector<std::size_t>& picked) {
  if (seats.empty()) return "none-contested";
  if (seats.size() == 1) return choices[0][picked[0]].name;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < seats.size(); ++i)
    if (picked[i] > 0)
      parts.push_back(fmt::format("{} {}", assembly.members[seats[i].member].id, choices[i][picked[i]].name));
  if (parts.size() > 12) return fmt::format("{} seats not as counted", parts.size());
  return parts.empty() ? "counted" : fmt::format("{}", fmt::join(parts, ", "));
}

struct Reading {
  std::string name;
  DenominatorReading by;
  bool own = false;
};

std::vector<Reading> readings_of(const AssemblyRule& rule, const RollCall& roll_call, bool has_events,
                                 const std::vector<std::int64_t>& fixed) {
  std::vector<const RequiredMajority*> all;
  for (const auto& way : rule.ways)
    for (const auto& majority : way.majorities) all.push_back(&majority);
  std::vector<Reading> out;
  if (all.empty()) return {{"consensus", {}, true}};
  const bool one = std::all_of(all.begin(), all.end(), [&](const auto* m) {
    return m->denominator == all[0]->denominator && m->fixed == all[0]->fixed;
  });
  const Denominator own = all[0]->denominator;
  if (!one) out.push_back({"as-written", {}, true});
  if (one && own == Denominator::fixed) out.push_back({fmt::format("of-{}", all[0]->fixed), {}, true});
  for (const auto kind : {Denominator::members, Denominator::good_standing, Denominator::represented,
                          Denominator::present, Denominator::present_and_voting, Denominator::less_parties}) {
    const bool is_own = one && kind == own;
    if (!is_own && !has_events && (kind == Denominator::good_standing || kind == Denominator::represented)) continue;
    if (!is_own && kind == Denominator::less_parties && roll_call.parties.empty()) continue;
    out.push_back({std::string(to_text(kind)), {kind, 0}, is_own});
  }
  for (const auto n : fixed) out.push_back({fmt::format("of-{}", n), {Denominator::fixed, n}, false});
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.own > b.own; });
  return out;
}

std::int64_t denominator_of(const AssemblyDecision& decision) {
  for (const auto& m : decision.majorities)
    if (m.name == decision.binding) return m.denominator;
  return decision.majorities.empty() ? 0 : decision.majorities[0].denominator;
}

std::string totals_text(const Totals& t) {
  const auto text = [](const std::optional<std::int64_t>& v) { return v ? std::to_string(*v) : std::string("?"); };
  return fmt::format("{}-{}-{}-{}", text(t.yes), text(t.no), text(t.abstain), text(t.absent));
}

// One record of the vote: by member, or by its totals.
struct Record {
  std::string name;
  std::vector<Ballot> ballots;  // empty: totals
  Totals totals;
};

}  // namespace

Result<BodyRoll> roll_of(const Assembly& assembly, std::string_view body, std::int32_t day,
                         std::span<const std::int8_t> row) {
  const std::size_t m = assembly.members.size();
  BodyRoll out;
  out.on_roll.resize(m);
  out.good_standing.resize(m);
  out.represented.resize(m);
  const bool has_events = !body.empty() && std::any_of(assembly.events.begin(), assembly.events.end(),
                                                       [&](const auto& e) { return e.body == body; });
  if (!has_events) {
    for (MemberIndex i = 0; i < m; ++i)
      out.on_roll[i] = out.good_standing[i] = out.represented[i] =
          row.empty() || static_cast<Ballot>(row[i]) != Ballot::not_member;
    return out;
  }
  COTEJO_TRY(seats, seats_on(assembly, body, day));
  for (auto& seat : seats) {
    if (!seat.perhaps_member()) continue;
    out.on_roll[seat.member] = true;
    out.good_standing[seat.member] = seat.good_standing();
    out.represented[seat.member] = seat.good_standing() && !seat.vacant;
    if (seat.contested()) out.contested.push_back(seat.member);
    out.seats.push_back(std::move(seat));
  }
  return out;
}

const RecountRow& Recounted::own() const {
  return rows.front();
}
std::size_t Recounted::adopted() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.decision && r.decision->adopted; }));
}
std::size_t Recounted::rejected() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.decision && !r.decision->adopted; }));
}

Result<Recounted> recount_one(const Assembly& assembly, RollCallIndex index, std::string_view rule_id,
                              const std::vector<std::int64_t>& fixed) {
  const RollCall& roll_call = assembly.roll_calls[index];
  Recounted out;
  out.index = index;
  out.rule = rule_id.empty() ? assembly.rule_of(roll_call) : assembly.find_rule(rule_id);
  if (!out.rule) {
    if (!rule_id.empty())
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the assembly has no such rule",
                   .column = "rule",
                   .value = std::string(rule_id),
                   .remedy = "Its tables have them under [[rule]]."};
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("the vote '{}' has no rule, and neither has its organ", roll_call.id),
                 .remedy = "Give it one in the tables, or name one with --option rule=ID."};
  }
  const AssemblyRule& rule = *out.rule;
  if (rule.ways.empty() && !rule.consensus)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("the rule '{}' asks for no majority, so nothing can be adopted by it", rule.id),
                 .remedy = "Give it a `majority`, or name another rule with --option rule=ID."};
  const std::int32_t day = roll_call.date.last;
  COTEJO_TRY(roll, roll_of(assembly, assembly.body_of(roll_call), day, assembly.row(index)));
  out.roll = std::move(roll);
  const bool has_events = !out.roll.seats.empty();

  // The records: as listed (or, where the list is not whole, as reported), and what others say.
  const std::size_t m = assembly.members.size();
  std::vector<Ballot> listed(m);
  for (MemberIndex i = 0; i < m; ++i) listed[i] = assembly.ballot(index, i);
  VoteSums listed_sums;
  {
    Chamber chamber{listed, out.roll.on_roll, out.roll.good_standing, out.roll.represented, std::vector<bool>(m)};
    listed_sums = sums_of(chamber);
  }
  const auto differs = [](const std::optional<std::int64_t>& stated, std::int64_t counted) {
    return stated && *stated != counted;
  };
  const Totals& reported = roll_call.reported;
  const bool mismatch = differs(reported.yes, listed_sums.yes) || differs(reported.no, listed_sums.no) ||
                        differs(reported.abstain, listed_sums.abstain) || differs(reported.absent, listed_sums.absent);
  std::vector<Record> records;
  out.by_member = roll_call.method == VotingMethod::recorded && roll_call.complete;
  const std::string what = roll_call.method == VotingMethod::secret ? "as-announced" : "as-reported";
  if (out.by_member) {
    records.push_back({"listed", listed, {}});
    if (mismatch) {
      out.problems.push_back(fmt::format(
          "The totals that were reported ({}, yes-no-abstain-absent) are not those of the list ({}-{}-{}-{})",
          totals_text(reported), listed_sums.yes, listed_sums.no, listed_sums.abstain, listed_sums.absent));
      records.push_back({"as-reported", {}, reported});
    }
  } else {
    Totals totals = reported;
    if (!roll_call.candidates.empty()) {
      std::int64_t best = 0, all = 0;
      for (const auto& c : roll_call.candidates) best = std::max(best, c.votes), all += c.votes;
      totals.yes = best;
      totals.no = all - best;
    }
    if (!totals.yes)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = fmt::format("the vote '{}' has neither a whole roll call nor totals", roll_call.id),
                   .remedy = "Give `reported = { yes = ..., no = ... }` in the tables."};
    records.push_back({what, {}, totals});
  }
  for (const auto& version : roll_call.versions) {
    Record record{version.id, {}, version.totals};
    if (!version.changes.empty() && out.by_member) {
      record.ballots = listed;
      for (const auto& change : version.changes) record.ballots[change.member] = change.ballot;
    } else if (!version.totals.yes) {
      continue;
    }
    records.push_back(std::move(record));
  }
  for (const auto& record : records) out.records.push_back(record.name);

  // The contested seats.
  std::set<MemberIndex> disputed(out.roll.contested.begin(), out.roll.contested.end());
  const auto used_by = [&](MemberIndex member) -> std::string {
    for (const auto& used : roll_call.credentials)
      if (used.member == member) return used.credential;
    return "";
  };
  for (const auto& seat : out.roll.seats) {
    ContestedSeat c{.member = seat.member,
                    .membership = disputed.contains(seat.member),
                    .ballot = {},
                    .cast_by = used_by(seat.member),
                    .why = {}};
    const Credential* used = assembly.find_credential(c.cast_by);
    c.credential = seat.credential_contested() ||
                   (used && (!used->contested_by.empty() || used->status == CredentialStatus::claimant));
    if (!c.membership && !c.credential) continue;
    if (out.by_member || listed[seat.member] != Ballot::not_recorded) c.ballot = listed[seat.member];
    std::vector<std::string> why;
    if (c.membership)
      for (const auto& reading : seat.readings)
        why.push_back(fmt::format("{}: {}", reading.member ? "a member" : "no member", reading.text));
    if (c.credential)
      for (const auto* credential : seat.credentials)
        why.push_back(fmt::format("{}, accredited by {}{}",
                                  credential->holder.empty() ? credential->id : credential->holder,
                                  credential->accredited_by,
                                  credential->contested_by.empty()
                                      ? ""
                                      : fmt::format(", contested by {}", fmt::join(credential->contested_by, ", "))));
    c.why = fmt::format("{}", fmt::join(why, "; "));
    out.contested.push_back(std::move(c));
  }
  for (const auto& used : roll_call.credentials)  // no events: the roll call itself says whose credential was contested
    if (!has_events)
      if (const Credential* credential = assembly.find_credential(used.credential);
          credential && !credential->contested_by.empty())
        out.contested.push_back({used.member, false, true, listed[used.member], used.credential,
                                 fmt::format("contested by {}", fmt::join(credential->contested_by, ", "))});

  std::vector<std::vector<Choice>> choices;
  for (const auto& seat : out.contested) choices.push_back(choices_of(seat));
  const auto combos = combinations(choices);
  const auto readings = readings_of(rule, roll_call, has_events, fixed);
  std::vector<bool> party(m);
  for (const auto p : roll_call.parties) party[p] = true;

  std::size_t all_ways = 1;
  for (const auto& c : choices) all_ways = std::min(most_combinations + 1, all_ways * c.size());
  if (all_ways > most_combinations)
    out.problems.push_back(
        fmt::format("Every combination of the contested seats is recounted (too many: the first {} are tried alone, "
                    "then all at once)",
                    most_alone));
  const bool every_record = combos.size() * readings.size() * records.size() <= most_rows;
  if (!every_record)
    out.problems.push_back(
        "Every record is recounted under every treatment of the contested seats (the others than the "
        "first with all seats counted)");
  for (std::size_t r = 0; r < records.size(); ++r)
    for (std::size_t c = 0; c < (r == 0 || every_record ? combos.size() : 1); ++c)
      for (const auto& reading : readings) {
        const Record& record = records[r];
        const auto& picked = combos[c];
        Chamber chamber{record.ballots.empty() ? listed : record.ballots, out.roll.on_roll, out.roll.good_standing,
                        out.roll.represented, party};
        std::int64_t unknown = 0;  // contested seats taken out whose vote nobody knows: counted against adoption
        VoteSums removed;          // from totals, of seats whose vote is known
        for (std::size_t i = 0; i < out.contested.size(); ++i) {
          const Choice& choice = choices[i][picked[i]];
          if (!choice.ballot) continue;
          const MemberIndex seat = out.contested[i].member;
          if (!choice.member) chamber.on_roll[seat] = chamber.good_standing[seat] = chamber.represented[seat] = false;
          if (!choice.represented) chamber.represented[seat] = false;
          if (record.ballots.empty()) {
            const auto move = [&](std::optional<Ballot> ballot, std::int64_t by) {
              if (ballot == Ballot::yes) removed.yes += by;
              if (ballot == Ballot::no) removed.no += by;
              if (ballot == Ballot::abstain) removed.abstain += by;
              if (ballot == Ballot::absent) removed.absent += by;
            };
            if (out.contested[i].ballot)
              move(out.contested[i].ballot, 1), move(choice.ballot, -1);
            else
              ++unknown;
          }
          chamber.ballots[seat] = *choice.ballot;
        }
        RecountRow row{.reading = reading.name,
                       .credential = name_of(assembly, out.contested, choices, picked),
                       .record = record.name,
                       .sums = sums_of(chamber),
                       .decision = {},
                       .by_rule = reading.own};
        Result<AssemblyDecision> decision = [&]() -> Result<AssemblyDecision> {
          if (!record.ballots.empty()) return decide(assembly, rule, chamber, day, reading.by);
          row.sums.yes = record.totals.yes.value_or(0) - removed.yes - unknown;
          row.sums.no = record.totals.no.value_or(0) - removed.no;
          row.sums.abstain = record.totals.abstain.value_or(0) - removed.abstain;
          row.sums.absent = record.totals.absent.value_or(0) - removed.absent;
          row.sums.present = 0;
          if (unknown > 0) row.credential += " (if it was a yes)";
          return decide(rule, row.sums, reading.by);
        }();
        if (!decision) {
          if (decision.error().code != ErrorCode::input_insufficient || out.rows.empty())
            return std::move(decision).error();
          out.problems.push_back(
              fmt::format("Under the reading \"{}\", {}: {}", reading.name, row.credential, decision.error().message));
        } else {
          row.denominator = denominator_of(*decision);
          row.decision = std::move(*decision);
        }
        out.rows.push_back(std::move(row));
      }

  // Whose vote alone decides, as recorded and under the rule's own reading.
  if (out.by_member && out.own().decision) {
    Chamber chamber{listed, out.roll.on_roll, out.roll.good_standing, out.roll.represented, party};
    for (MemberIndex i = 0; i < m; ++i) {
      const Ballot cast = listed[i];
      if (cast == Ballot::not_member || cast == Ballot::not_recorded) continue;
      bool changes = false;
      for (const auto other : {Ballot::yes, Ballot::no, Ballot::absent}) {
        if (other == cast || changes) continue;
        // Only what the member itself could have done against the outcome.
        if (out.own().decision->adopted == (other == Ballot::yes)) continue;
        chamber.ballots[i] = other;
        const auto decision = decide(assembly, rule, chamber, day, readings.front().by);
        changes = decision && decision->adopted != out.own().decision->adopted;
      }
      chamber.ballots[i] = cast;
      if (changes) out.pivotal.push_back(i);
    }
  }
  return out;
}

}  // namespace cotejo
