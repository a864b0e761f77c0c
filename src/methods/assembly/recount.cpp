#include "cotejo/methods/assembly/recount.hpp"

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

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_listed = 12, most_reading_rows = 20'000;

std::string outcome_text(const RecountRow& row) {
  return !row.decision ? "undetermined" : row.decision->adopted ? "adopted" : "rejected";
}

Table readings_table(const std::string& title) {
  return {.id = "readings",
          .title = title,
          .columns = {{"reading", "", "what the majority is a majority of"},
                      {"credential", "", "what is done with the contested seats"},
                      {"yes", "seats"},
                      {"no", "seats"},
                      {"abstain", "seats"},
                      {"absent", "seats"},
                      {"needed", "seats", "least whole number of votes that the threshold asks of the denominator"},
                      {"outcome"},
                      {"slack_seats", "seats", "yes - needed; negative: not met"},
                      {"denominator", "seats", "how many count in it"},
                      {"record", "", "which record of the vote"},
                      {"by_rule", "", "the reading is the one that the rule names"},
                      {"binding", "", "what decides"},
                      {"roll_call"}},
          .rows = {},
          .brief = {"reading", "credential", "yes", "no", "needed", "outcome", "slack_seats"}};
}

std::vector<Cell> cells_of(const RecountRow& row, const std::string& roll_call) {
  const auto number = [&](std::int64_t value) { return row.decision ? Cell{value} : Cell{}; };
  return {row.reading,
          row.credential,
          row.sums.yes,
          row.sums.no,
          row.sums.abstain,
          row.sums.absent,
          number(row.decision ? row.decision->needed : 0),
          outcome_text(row),
          number(row.decision ? row.decision->slack : 0),
          number(row.denominator),
          row.record,
          row.by_rule,
          row.decision ? Cell{row.decision->binding} : Cell{},
          roll_call};
}

std::string names_of_members(const Assembly& assembly, const std::vector<MemberIndex>& members) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < members.size() && i < most_listed; ++i)
    names.push_back(assembly.members[members[i]].name);
  std::string out = fmt::format("{}", fmt::join(names, ", "));
  if (members.size() > most_listed) out += fmt::format(" and {} more", members.size() - most_listed);
  return out;
}

// Where the outcome is another one: the readings, credentials and records that make it so, each once.
std::vector<std::string> against_own(const Recounted& r) {
  std::vector<std::string> out;
  const bool adopted = r.own().decision && r.own().decision->adopted;
  for (const auto& row : r.rows) {
    if (!row.decision || row.decision->adopted == adopted) continue;
    std::string text = row.reading;
    if (row.credential != "none-contested" && row.credential != "counted") text += " with " + row.credential;
    if (row.record != r.records[0]) text += " (" + row.record + ")";
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  }
  return out;
}

std::string first_few(const std::vector<std::string>& texts, std::size_t most) {
  const std::vector<std::string> some(texts.begin(),
                                      texts.begin() + static_cast<std::ptrdiff_t>(std::min(most, texts.size())));
  return fmt::format("{}{}", fmt::join(some, "; "),
                     texts.size() > most ? fmt::format("; and {} more", texts.size() - most) : "");
}

Answer answer_of(const Recounted& r) {
  if (r.adopted() == 0 && r.rejected() == 0) return Answer::undetermined;
  return r.rejected() == 0 ? Answer::yes : r.adopted() == 0 ? Answer::no : Answer::depends;
}

std::string describe_vote(const VoteSums& s) {
  return fmt::format("{}-{}-{}", s.yes, s.no, s.abstain);
}

std::string title_of(const RollCall& roll_call) {
  return roll_call.document.empty() ? roll_call.id : roll_call.document;
}

std::string abstentions(const VoteSums& sums) {
  return sums.abstain == 0 ? "" : " with " + counted(sums.abstain, "abstention");
}

// 'the decision of 21 October 2020 on "..."'.
std::string called(const RollCall& roll_call) {
  return fmt::format("the decision of {} on \"{}\"", day_words(roll_call.date),
                     roll_call.subject.empty() ? title_of(roll_call) : roll_call.subject);
}

// What is done with the one contested seat, as a condition.
std::string if_words(const std::string& credential, const std::string& member) {
  if (credential.starts_with("not-counted")) return fmt::format("without the contested vote of {}", member);
  if (credential.starts_with("not-a-member")) return fmt::format("with {} no longer a member", member);
  if (credential.starts_with("rival-yes")) return fmt::format("with a yes of the rival delegate of {}", member);
  if (credential.starts_with("rival-no")) return fmt::format("with a no of the rival delegate of {}", member);
  return fmt::format("with an abstention of the rival delegate of {}", member);
}

// The vote as recorded, without the one contested vote, and under the other readings.
std::vector<Text> in_short(const Assembly& a, const Recounted& r) {
  const auto& own = r.own();
  const bool adopted = own.decision->adopted;
  std::vector<Text> out{fmt::format("{} was {} by {} to {}{}", called(a.roll_calls[r.index]), outcome_text(own),
                                    own.sums.yes, own.sums.no, abstentions(own.sums))};
  for (const auto& row : r.rows) {
    if (r.contested.size() != 1 || row.record != r.records[0] || !row.by_rule || !row.decision ||
        !row.credential.starts_with("not-counted"))
      continue;
    out.push_back(fmt::format("without the contested vote of {} it would {}have been {} ({} in favour, {} needed)",
                              a.members[r.contested[0].member].name, row.decision->adopted == adopted ? "also " : "",
                              outcome_text(row), row.sums.yes, row.decision->needed));
  }
  const std::size_t others = adopted ? r.rejected() : r.adopted();
  out.push_back(
      others == 0
          ? std::string("the outcome is the same under every reading of the majority and of the contested seats")
          : fmt::format("it would have been {} under {} of {} readings of the majority, the contested seats and "
                        "the record",
                        adopted ? "rejected" : "adopted", others, r.rows.size()));
  return out;
}

// A decision in which what is done with a contested seat changes the outcome under the rule's own reading: how.
std::string decided_by_seat(const Assembly& a, const Recounted& r, const RecountRow& row) {
  const auto& own = r.own();
  return fmt::format("{} was {} with {} of {} votes needed and, {}, would be {} with {} of {}",
                     called(a.roll_calls[r.index]), outcome_text(own), own.sums.yes, own.decision->needed,
                     r.contested.size() == 1 ? if_words(row.credential, a.members[r.contested[0].member].name)
                                             : std::string("with its contested seats treated otherwise"),
                     outcome_text(row), row.sums.yes, row.decision->needed);
}

const std::vector<Text> does_not_show_texts{"Which reading of the rule or of the membership is right in law.",
                                            "Whether a vote was cast freely, or what it was cast for."};

void add_roll(Finding& finding, const Assembly& a, const Recounted& r) {
  const RollCall& roll_call = a.roll_calls[r.index];
  Table table{.id = "roll",
              .title = "Who voted how",
              .columns = {{"member"},
                          {"name"},
                          {"option"},
                          {"cast_by", "", "the delegate, where it is contested"},
                          {"known", "", "how the vote is known"},
                          {"status", "", "of the membership on that day"},
                          {"pivotal", "", "its vote alone decides"}},
              .rows = {},
              .brief = {"name", "option", "cast_by", "known", "status"}};
  Json seats = Json::array();
  const std::set<MemberIndex> pivotal(r.pivotal.begin(), r.pivotal.end());
  std::map<MemberIndex, const SeatState*> states;
  for (const auto& seat : r.roll.seats) states[seat.member] = &seat;
  std::set<MemberIndex> contested;
  for (const auto& seat : r.contested) contested.insert(seat.member);
  for (const auto option : {Ballot::yes, Ballot::no, Ballot::abstain, Ballot::absent, Ballot::present,
                            Ballot::paired_yes, Ballot::paired_no, Ballot::not_recorded})
    for (MemberIndex m = 0; m < a.members.size(); ++m) {
      if (a.ballot(r.index, m) != option) continue;
      std::string cast_by;
      for (const auto& used : roll_call.credentials)
        if (used.member == m) {
          const Credential* credential = a.find_credential(used.credential);
          cast_by = credential
                        ? fmt::format("{} ({})", credential->holder.empty() ? credential->id : credential->holder,
                                      credential->accredited_by)
                        : used.credential;
        }
      Mark mark = roll_call.fact.mark;
      for (const auto& marked : roll_call.marks)
        if (marked.member == m) mark = marked.mark;
      const auto state = states.find(m);
      table.rows.push_back({a.members[m].id, a.members[m].name, std::string(to_text(option)), cast_by,
                            mark == Mark::sourced ? std::string("from a source") : mark_text(mark),
                            state == states.end() ? std::string() : std::string(status_of(*state->second)),
                            pivotal.contains(m)});
      seats.push_back(Json::array({a.members[m].id, a.members[m].name, std::string(to_text(option)),
                                   contested.contains(m), std::string(to_text(mark))}));
    }
  finding.tables.push_back(std::move(table));
  if (r.by_member) {
    const auto& own = r.own();
    Json data{{"columns", {"id", "name", "option", "contested", "known"}},
              {"rows", std::move(seats)},
              {"yes", own.sums.yes},
              {"no", own.sums.no},
              {"abstain", own.sums.abstain},
              {"absent", own.sums.absent},
              {"needed", own.decision ? Json(own.decision->needed) : Json(nullptr)},
              {"denominator", own.denominator}};
    finding.figures.push_back({"hemicycle", "hemicycle", "The vote by option, contested seats marked",
                               data.dump(-1, ' ', false, Json::error_handler_t::replace)});
  }
}

Table sources_table(const Assembly& a, const Recounted& r) {
  const RollCall& roll_call = a.roll_calls[r.index];
  Table table{.id = "records",
              .title = "The records of the vote and where they come from",
              .columns = {{"record"}, {"what"}, {"known", "", "how it is known"}, {"source"}},
              .rows = {}};
  table.rows.push_back(
      {r.records[0], roll_call.completeness.empty() ? std::string("as published") : roll_call.completeness,
       roll_call.fact.mark == Mark::sourced ? std::string("from a source") : mark_text(roll_call.fact.mark),
       roll_call.fact.source});
  for (const auto& version : roll_call.versions)
    table.rows.push_back(
        {version.id, version.text,
         version.fact.mark == Mark::sourced ? std::string("from a source") : mark_text(version.fact.mark),
         version.fact.source});
  for (const auto& conflict : a.conflicts)
    if (conflict.about == roll_call.id)
      table.rows.push_back({"sources disagree: " + conflict.field,
                            fmt::format("{} / {}{}", conflict.claim_a, conflict.claim_b,
                                        conflict.assessment.empty() ? "" : ": " + conflict.assessment),
                            "from a source", fmt::format("{} / {}", conflict.source_a, conflict.source_b)});
  return table;
}

Result<Finding> one(const Assembly& a, RollCallIndex index, const RecountRequest& request,
                    const std::vector<std::int64_t>& fixed, const Context& context) {
  COTEJO_TRY(r, recount_one(a, index, request.rule_id, fixed));
  const RollCall& roll_call = a.roll_calls[index];
  Finding finding = open_finding(RecountRequest::info(), a, context);
  finding.title = fmt::format("Was it adopted? {}", title_of(roll_call));
  finding.answer = answer_of(r);
  const auto& own = r.own();
  const auto& d = *own.decision;
  const std::string outcome = d.adopted ? "adopted" : "rejected";

  std::string without;  // what becomes of it without the contested votes
  for (const auto& seat : r.contested) {
    if (r.contested.size() > 1) break;
    for (const auto& row : r.rows)
      if (row.record == r.records[0] && row.by_rule && row.decision && row.credential.starts_with("not-counted"))
        without = fmt::format(" Without the contested vote of {}: {}, {}.", a.members[seat.member].name,
                              describe_vote(row.sums),
                              row.decision->adopted == d.adopted ? "still " + outcome : outcome_text(row));
  }
  const auto others = against_own(r);
  finding.for_outcome = others.empty() ? ForOutcome::holds : ForOutcome::depends;
  finding.headline = fmt::format(
      "{}: {}, {} ({} needed of {}, slack {}).{} {}", title_of(roll_call), describe_vote(own.sums), outcome, d.needed,
      own.denominator, d.slack, without,
      others.empty() ? fmt::format("The outcome is the same under all {} readings.", r.rows.size())
                     : fmt::format("It is not so under {} of {} readings: {}.", d.adopted ? r.rejected() : r.adopted(),
                                   r.rows.size(), first_few(others, 3)));

  finding.in_short = in_short(a, r);
  finding.estimates = {
      {"yes", static_cast<double>(own.sums.yes), "seats", "votes in favour, as recorded"},
      {"no", static_cast<double>(own.sums.no), "seats", "votes against"},
      {"abstain", static_cast<double>(own.sums.abstain), "seats", "abstentions"},
      {"absent", static_cast<double>(own.sums.absent), "seats", "absent"},
      {"needed", static_cast<double>(d.needed), "seats",
       "least whole number that the threshold asks, as the rule reads"},
      {"slack_seats", static_cast<double>(d.slack), "seats", "yes - needed"},
      {"members", static_cast<double>(own.sums.members), "seats", "on the roll on that day, disputed ones too"},
      {"contested_seats", static_cast<double>(r.contested.size()), "seats",
       "whose credential or membership is disputed"},
      {"readings_adopted", static_cast<double>(r.adopted()), "readings", "rows of `readings` with this outcome"},
      {"readings_rejected", static_cast<double>(r.rejected()), "readings", "rows of `readings` with this outcome"},
  };
  const double contested = static_cast<double>(r.contested.size());
  finding.at_stake = AtStake{contested, static_cast<double>(d.slack), !others.empty()};

  Table readings = readings_table("The rule applied under every reading");
  for (const auto& row : r.rows) readings.rows.push_back(cells_of(row, roll_call.id));
  finding.tables.push_back(std::move(readings));
  if (!r.contested.empty()) {
    Table table{.id = "contested",
                .title = "The contested seats",
                .columns = {{"member"},
                            {"name"},
                            {"option"},
                            {"cast_by"},
                            {"disputed"},
                            {"pivotal", "", "the outcome as recorded hangs on it, under the rule's own reading"},
                            {"why"}},
                .rows = {},
                .brief = {"name", "option", "cast_by", "disputed", "why"}};
    for (const auto& seat : r.contested) {
      bool pivotal = false;
      for (const auto& row : r.rows)
        pivotal = pivotal || (row.by_rule && row.record == r.records[0] && row.decision &&
                              row.decision->adopted != d.adopted && r.contested.size() == 1);
      table.rows.push_back({a.members[seat.member].id, a.members[seat.member].name,
                            seat.ballot ? std::string(to_text(*seat.ballot)) : std::string("unknown"), seat.cast_by,
                            std::string(seat.membership && seat.credential ? "membership and credential"
                                        : seat.membership                  ? "membership"
                                                                           : "credential"),
                            pivotal, seat.why});
    }
    finding.tables.push_back(std::move(table));
  }
  add_roll(finding, a, r);
  finding.tables.push_back(sources_table(a, r));
  {
    const AssemblyRule& rule = *r.rule;
    finding.tables.push_back(
        {.id = "rule",
         .title = "The rule",
         .columns = {{"rule"}, {"article"}, {"text"}, {"known", "", "how it is known"}, {"source"}},
         .rows = {{rule.id, rule.article, rule.text.empty() ? rule.title : rule.text,
                   rule.fact.mark == Mark::sourced ? std::string("from a source") : mark_text(rule.fact.mark),
                   rule.fact.source}}});
    if (!rule.article.empty()) finding.references.push_back(rule.article);
  }

  finding.conditions.push_back({"Every seat that could vote is listed by name", r.by_member});
  for (const auto& problem : r.problems) finding.conditions.push_back({problem, false});
  if (roll_call.needed_reported && *roll_call.needed_reported != d.needed)
    finding.conditions.push_back(
        {fmt::format("The number of votes needed that was reported ({}) is the one computed ({})",
                     *roll_call.needed_reported, d.needed),
         false});
  if (roll_call.declared_adopted && *roll_call.declared_adopted != d.adopted)
    finding.conditions.push_back({fmt::format("The outcome as declared ({}) is the one computed ({})",
                                              *roll_call.declared_adopted ? "adopted" : "rejected", outcome),
                                  false});
  if (!roll_call.marks.empty())
    finding.conditions.push_back(
        {fmt::format("Every vote is known from a source ({} are by recall or elimination)", roll_call.marks.size()),
         false});
  if (!roll_call.fact.note.empty()) finding.caveats.push_back(fmt::format("{}: {}", roll_call.id, roll_call.fact.note));
  if (!r.pivotal.empty())
    finding.caveats.push_back(fmt::format("As recorded, the vote of each of these members alone decides: {}.",
                                          names_of_members(a, r.pivotal)));
  finding.does_not_show = does_not_show_texts;
  return finding;
}

Result<Finding> all(const Assembly& a, const RecountRequest& request, const std::vector<std::int64_t>& fixed,
                    const Context& context) {
  COTEJO_TRY(from, day_option("from", request.from));
  COTEJO_TRY(to, day_option("to", request.to));
  Finding finding = open_finding(RecountRequest::info(), a, context);
  Table decisions{.id = "decisions",
                  .title = "Every decision, and whether it hangs on the reading",
                  .columns = {{"roll_call"},
                              {"date"},
                              {"organ"},
                              {"document"},
                              {"subject", "", "what it is about"},
                              {"yes", "seats"},
                              {"no", "seats"},
                              {"abstain", "seats"},
                              {"absent", "seats"},
                              {"needed", "seats", "as the rule reads"},
                              {"outcome", "", "as the rule reads and the vote is recorded"},
                              {"answer", "", "yes: adopted under all readings; no: under none; depends"},
                              {"readings", "readings"},
                              {"adopted_under", "readings"},
                              {"where_not", "", "readings with another outcome"},
                              {"contested_seats", "seats"},
                              {"by", "", "member by member, or by totals"},
                              {"source"}},
                  .rows = {},
                  .brief = {"date", "subject", "yes", "no", "abstain", "needed", "outcome", "answer"}};
  Table readings = readings_table("The readings of the decisions that depend on them");
  bool left_out = false;
  std::size_t depend = 0, credential_decides = 0, computed = 0;
  std::vector<std::string> which, by_seat;
  std::optional<std::int32_t> first_day;
  for (RollCallIndex i = 0; i < a.roll_calls.size(); ++i) {
    if (context.cancelled()) return cancelled_error();
    const RollCall& roll_call = a.roll_calls[i];
    if ((from && roll_call.date.last < *from) || (to && roll_call.date.first > *to)) continue;
    context.report("recounting", static_cast<double>(i) / static_cast<double>(a.roll_calls.size()));
    auto r = recount_one(a, i, request.rule_id, fixed);
    if (!r) {
      if (r.error().code != ErrorCode::input_insufficient) return std::move(r).error();
      finding.conditions.push_back({r.error().message, false});
      decisions.rows.push_back({roll_call.id,
                                to_text(roll_call.date),
                                roll_call.organ,
                                roll_call.document,
                                roll_call.subject,
                                {},
                                {},
                                {},
                                {},
                                {},
                                "undetermined",
                                "undetermined",
                                std::int64_t{0},
                                std::int64_t{0},
                                r.error().message,
                                std::int64_t{0},
                                "",
                                roll_call.fact.source});
      continue;
    }
    ++computed;
    first_day = std::min(first_day.value_or(roll_call.date.first), roll_call.date.first);
    const auto& own = r->own();
    const Answer answer = answer_of(*r);
    const auto others = against_own(*r);
    decisions.rows.push_back({roll_call.id, to_text(roll_call.date), roll_call.organ, roll_call.document,
                              roll_call.subject, own.sums.yes, own.sums.no, own.sums.abstain, own.sums.absent,
                              own.decision->needed, outcome_text(own), std::string(to_text(answer)),
                              static_cast<std::int64_t>(r->rows.size()), static_cast<std::int64_t>(r->adopted()),
                              first_few(others, 6), static_cast<std::int64_t>(r->contested.size()),
                              std::string(r->by_member ? "member" : "totals"), roll_call.fact.source});
    if (answer == Answer::depends) {
      ++depend;
      which.push_back(roll_call.id);
      if (readings.rows.size() + r->rows.size() <= most_reading_rows)
        for (const auto& row : r->rows) readings.rows.push_back(cells_of(row, roll_call.id));
      else
        left_out = true;
      const auto decides = std::find_if(r->rows.begin(), r->rows.end(), [&](const RecountRow& row) {
        return row.by_rule && row.record == r->records[0] && row.decision &&
               row.decision->adopted != own.decision->adopted;
      });
      if (decides != r->rows.end()) {
        ++credential_decides;
        by_seat.push_back(decided_by_seat(a, *r, *decides));
      }
    }
    for (const auto& problem : r->problems)
      finding.conditions.push_back({fmt::format("{}: {}", roll_call.id, problem), false});
    if (roll_call.declared_adopted && *roll_call.declared_adopted != own.decision->adopted)
      finding.conditions.push_back(
          {fmt::format("{}: the outcome as declared ({}) is the one computed ({})", roll_call.id,
                       *roll_call.declared_adopted ? "adopted" : "rejected", outcome_text(own)),
           false});
  }
  if (left_out)
    finding.conditions.push_back(
        {"The table of readings holds every decision that depends on them (ask for one with roll_call)", false});
  if (decisions.rows.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "the assembly has no votes to recount in these days",
                 .remedy = "See `from` and `to`."};
  finding.title = "Which decisions hang on the reading";
  finding.question = "Which decisions depend on the reading of the rule, of a credential, or of the record?";
  finding.answer = computed == 0        ? Answer::undetermined
                   : depend == 0        ? Answer::no
                   : depend == computed ? Answer::yes
                                        : Answer::depends;
  finding.for_outcome = computed == 0 ? ForOutcome::unknown : depend == 0 ? ForOutcome::holds : ForOutcome::depends;
  finding.headline = fmt::format(
      "{} of {} decisions depend on a reading{}; in {} of them a contested seat alone decides, under the "
      "rule's own reading.",
      depend, computed, which.empty() ? "" : fmt::format(" ({})", first_few(which, 8)), credential_decides);
  finding.in_short = {fmt::format("{} of {}{} depend on the reading of the rule, of a seat or of the record", depend,
                                  counted(computed, "decision"),
                                  first_day ? " since " + day_text(*first_day).substr(0, 4) : "")};
  constexpr std::size_t most_by_seat = 3;
  if (credential_decides > 0)
    finding.in_short.push_back(fmt::format("in {} of them a contested seat alone decides", credential_decides));
  for (std::size_t i = 0; i < std::min(most_by_seat, by_seat.size()); ++i) finding.in_short.push_back(by_seat[i]);
  finding.estimates = {
      {"decisions", static_cast<double>(decisions.rows.size()), "decisions", "votes in the tables in these days"},
      {"decisions_depending", static_cast<double>(depend), "decisions",
       "adopted under some readings and rejected under others"},
      {"decisions_by_contested_seat", static_cast<double>(credential_decides), "decisions",
       "where what is done with contested seats changes the outcome under the rule's own reading"}};
  finding.tables.push_back(std::move(decisions));
  finding.tables.push_back(std::move(readings));
  finding.does_not_show = does_not_show_texts;
  return finding;
}

}  // namespace

MethodInfo RecountRequest::info() {
  return {.id = "recount",
          .family = "assembly",
          .title = "Was it adopted?",
          .question = "Was it adopted, under every reading of the majority and of every contested seat?",
          .assumes = "The votes are those in the tables; where sources disagree, each record is recounted.",
          .cost = "readings x members, per vote",
          .references = {}};
}

const OptionTable<RecountRequest>& RecountRequest::table() {
  static const OptionTable<RecountRequest> options = [] {
    OptionTable<RecountRequest> t;
    t.add(&RecountRequest::roll_call, {.name = "roll_call", .unit = "id", .text = "The vote; empty: all of them."});
    t.add(&RecountRequest::rule_id,
          {.name = "rule", .unit = "id", .text = "The rule to apply; empty: each vote's own, or its organ's."});
    t.add(
        &RecountRequest::of,
        {.name = "of", .unit = "seats, comma between", .text = "Further denominators to try, as the readings `of-N`."});
    t.add(&RecountRequest::from, {.name = "from", .unit = "day", .text = "With all votes: from this day on."});
    t.add(&RecountRequest::to, {.name = "to", .unit = "day", .text = "With all votes: up to this day."});
    t.add(&RecountRequest::known,
          {.name = "known", .unit = "day", .text = "As known at the end of this day; empty: all that is known now."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& assembly, const RecountRequest& request, const Context& context) {
  COTEJO_TRY(known, day_option("known", request.known));
  COTEJO_TRY(fixed, numbers_option("of", request.of));
  std::optional<Assembly> kept;
  const Assembly& a = known_on(assembly, known, kept);
  if (request.roll_call.empty()) return all(a, request, fixed, context);
  const auto index = a.find_roll_call(request.roll_call);
  if (!index) {
    std::vector<std::string> ids;
    for (const auto& r : a.roll_calls) ids.push_back(r.id);
    const auto near = nearest_name(request.roll_call, ids);
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the assembly has no such vote",
                 .column = "roll_call",
                 .value = request.roll_call,
                 .remedy = near.empty() ? "Leave the option out to see all." : fmt::format("Did you mean '{}'?", near)};
  }
  return one(a, *index, request, fixed, context);
}

}  // namespace cotejo
