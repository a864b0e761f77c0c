#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/where.hpp"
#include "cotejo/methods/support/words.hpp"
#include "cotejo/methods/tally/strike.hpp"

namespace cotejo {

namespace {

const StruckCount& whole(const StrikeResult& result) {
  return result.united.all[1];
}

Message what_it_does(const StruckCount& struck, const StrikeResult& result) {
  switch (struck.reading) {
    case StrikeReading::as_counted:
      return {"strike.reading.as_counted"};
    case StrikeReading::whole:
      return {"strike.reading.whole"};
    case StrikeReading::winner_void:
      return {"strike.reading.winner_void"};
    case StrikeReading::winner_void_valid_kept:
      return {"strike.reading.winner_void_valid_kept"};
    case StrikeReading::transfer:
      return {"strike.reading.transfer"};
    case StrikeReading::precinct:
      break;
  }
  return {"strike.reading.precinct", {{"places", result.united.places}, {"level", result.level}}};
}

Table table_of_readings(const StrikeResult& result, const Contest& contest) {
  const Text votes = of_unit("votes"), percent = of_unit("percent_of_valid_votes");
  Table table{.id = "readings",
              .title = Message{"strike.readings"},
              .columns = {{"reading"},
                          {"what", "", Message{"strike.readings.what"}},
                          {"units_struck", of_unit("units")},
                          {"leader_votes", votes, Message{"strike.readings.leader_votes"}},
                          {"runner_up_votes", votes, Message{"strike.readings.runner_up_votes"}},
                          {"valid", votes, Message{"strike.readings.valid"}},
                          {"leader_percent", percent},
                          {"runner_up_percent", percent},
                          {"margin_points", of_unit("points_of_valid_votes"), Message{"strike.readings.margin_points"}},
                          {"slack_votes", votes, Message{"support.slack_votes"}},
                          {"binding", "", Message{"strike.readings.binding"}},
                          {"outcome"},
                          {"survives", "", Message{"support.survives"}}},
              .rows = {},
              .brief = {"reading", "margin_points", "slack_votes", "outcome"}};
  for (const StruckCount& r : result.united.all)
    table.rows.push_back({std::string(to_text(r.reading)), what_it_does(r, result), r.units_struck, r.leader_votes,
                          r.strongest_other, r.after.valid, r.of_valid(r.leader_votes), r.of_valid(r.strongest_other),
                          r.margin_points(), r.outcome.slack.value(), r.outcome.binding,
                          outcome_message(r.outcome, contest), r.survives});
  return table;
}

Figure figure_of_readings(const StrikeResult& result, const Contest& contest) {
  OutcomeFigure data{.rows = {}, .unit = of_unit("votes")};
  for (const StruckCount& r : result.united.all)
    data.rows.push_back(
        {std::string(to_text(r.reading)), r.outcome.slack.value(), r.survives, outcome_message(r.outcome, contest)});
  return figure("readings", Message{"strike.figure"}, data);
}

Table table_of_challenges(const StrikeResult& result, const StrikeRequest& request) {
  Table table{.id = "challenges",
              .title = Message{"strike.challenges"},
              .columns = {{"challenge"},
                          {"units", of_unit("units")},
                          {"also_named_by_another", of_unit("units")},
                          {"by"},
                          {"reason"},
                          {"source"}},
              .rows = {}};
  for (std::size_t i = 0; i < request.challenges.size(); ++i) {
    const Challenge& challenge = *request.challenges[i];
    const auto& named = result.challenges[i];
    table.rows.push_back({challenge.id.text, static_cast<std::int64_t>(named.units),
                          static_cast<std::int64_t>(named.also_named_by_another), challenge.by, challenge.reason,
                          challenge.source});
  }
  return table;
}

void add_conditions(Finding& finding, const StrikeResult& result) {
  if (!result.has_places) finding.conditions.push_back({Message{"strike.condition.hierarchy"}, false});
  std::size_t listed = 0;
  for (const auto& named : result.challenges) listed += named.units;
  const std::size_t twice = listed - result.united.units.size();
  if (twice > 0) finding.conditions.push_back({Message{"strike.condition.overlap", {{"n", twice}}}, false});
}

std::vector<Estimate> estimates_of(const StrikeResult& result) {
  const Text votes = of_unit("votes"), units = of_unit("units");
  const auto number = [](auto n) { return static_cast<double>(n); };
  std::vector<Estimate> out{
      {"units_objected", number(result.united.units.size()), units, Message{"strike.units_objected"}},
      {"leader_votes_objected", number(result.leader_votes_objected), votes, Message{"strike.leader_votes_objected"}},
      {"valid_objected", number(result.valid_objected), votes, Message{"strike.valid_objected"}},
      {"margin_points", whole(result).margin_points(), of_unit("points_of_valid_votes"),
       Message{"strike.margin_points"}},
      {"slack_votes", whole(result).outcome.slack.value(), votes, Message{"strike.slack_votes"}}};
  if (!result.has_places) return out;
  out.push_back({"precincts_objected", number(result.united.places), of_unit("places"),
                 Message{"strike.precincts_objected", {{"level", result.level}}}});
  out.push_back(
      {"units_in_precincts", number(result.united.units_in_places), units, Message{"strike.units_in_precincts"}});
  return out;
}

void hold_objected_votes(Finding& finding, const StrikeResult& result, const Count& count, const Rule& rule) {
  const auto objected = [&](Mechanism mechanism, Direction direction) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = static_cast<double>(result.leader_votes_objected),
                           .direction = direction,
                           .what = Message{"support.objected_votes"}};
  };
  std::vector<VotesInQuestion> stakes{objected(Mechanism::voided, {.from = result.leader}),
                                      objected(Mechanism::voided_valid_kept, {.from = result.leader})};
  if (result.second) stakes.push_back(objected(Mechanism::moved, {.from = result.leader, .to = *result.second}));
  hold_against_rule(finding, rule, count.contest, result.counted, stakes);
  // The readings apply the rule to more than the leader's votes: they are what decides.
  finding.at_stake->decisive = !result.survives_all();
  finding.for_outcome = result.survives_all()    ? ForOutcome::holds
                        : result.survives_none() ? ForOutcome::changes
                                                 : ForOutcome::depends;
}

// What each reading does under which the outcome survives, or does not.
List readings_where(const StrikeResult& result, bool survives) {
  List out{.items = {}, .join = Join::and_};
  for (const StruckCount& r : result.united.all)
    if (r.reading != StrikeReading::as_counted && r.survives == survives)
      out.items.emplace_back(what_it_does(r, result));
  return out;
}

Message headline_of(const StrikeResult& result, const Contest& contest) {
  Message out{"strike.headline.depends",
              {{"outcome", outcome_message(result.outcome, contest)}, {"n", result.united.units.size()}}};
  const auto add = [&](const char* name, Argument value) { out.arguments.emplace_back(name, std::move(value)); };
  if (!result.survives_all() && !result.survives_none()) {
    add("survive", readings_where(result, true));
    add("fail", readings_where(result, false));
    add("votes", result.leader_votes_objected);
    add("leader", name_of(contest, result.leader));
    add("slack", whole_votes(result.outcome.slack));
    return out;
  }
  add("margin", decimal(whole(result).margin_points(), 4));
  if (result.survives_all()) {
    out.id = "strike.headline.survives";
    add("slack", whole_votes(whole(result).outcome.slack));
  } else {
    out.id = "strike.headline.fails";
    add("other", outcome_message(whole(result).outcome, contest));
  }
  return out;
}

// One objector's verdict, in clauses.
class ObjectorVerdict {
 public:
  ObjectorVerdict(const StrikeResult& result, const StrikeResult::Objector& objector, const Count& count,
                  const Rule& rule)
      : result_(result), readings_(objector.readings), count_(count), rule_(rule) {
    if (objector.by.empty())
      who_ = Message{"strike.all_objectors"};
    else
      who_ = objector.by;
  }

  // What excluding the units does, then each other reading that changes the outcome.
  std::vector<Text> clauses() {
    std::vector<Text> out;
    const Outcome* first = nullptr;  // other outcome
    for (const StruckCount& r : readings_.all) {
      if (r.survives && r.reading != StrikeReading::whole) continue;
      const Message subject = subject_of(r.reading);
      if (r.survives) {
        out.push_back(Message{"strike.verdict.unchanged", {{"subject", subject}}});
      } else if (first && first->same_as(r.outcome) && r.outcome.verdict != Verdict::tie) {
        out.push_back(Message{"strike.verdict.so_does", {{"subject", subject}, {"n", whole_votes(r.outcome.slack)}}});
      } else {
        out.push_back(does(subject, r.outcome, count_.contest, rule_));
        first = &r.outcome;
      }
    }
    if (!first) out = {Message{"strike.verdict.no_reading", {{"units", units()}, {"who", who_}}}};
    return out;
  }

 private:
  Message units() const { return units_of(readings_.units.size(), count_.unit_name); }

  // What a reading does, as the subject of a clause; after one that has named the winner's votes they are "them".
  Message subject_of(StrikeReading reading) {
    if (reading == StrikeReading::whole) return {"strike.subject.whole", {{"objected", objected()}}};
    if (reading == StrikeReading::precinct) return {"strike.subject.precinct", {{"places", readings_.places}}};
    Message out{reading == StrikeReading::winner_void ? "strike.subject.winner_void"
                : reading == StrikeReading::transfer  ? "strike.subject.transfer"
                                                      : "strike.subject.winner_void_valid_kept",
                {{"again", votes_named_ ? "yes" : "no"}, {"winner", name_of(count_.contest, result_.leader)}}};
    if (reading == StrikeReading::transfer)
      out.arguments.emplace_back("second", name_of(count_.contest, *result_.second));
    votes_named_ = true;
    return out;
  }
  Message objected() const {
    return {"strike.objected",
            {{"n", readings_.units.size()}, {"unit", one_unit(count_.unit_name)}, {"units", units()}, {"who", who_}}};
  }

  const StrikeResult& result_;
  const StruckReadings& readings_;
  const Count& count_;
  const Rule& rule_;
  Argument who_ = "";
  bool votes_named_ = false;
};

}  // namespace

MethodInfo StrikeRequest::info() {
  return {.id = "strike",
          .family = "tally",
          .title = Message{"strike.title"},
          .question = Message{"strike.question"},
          .assumes = Message{"strike.assumes"},
          .cost = Message{"strike.cost"},
          .references = {},
          .see_also = {"headroom", "contested-ballots", "grounds"}};
}

Finding present(const StrikeResult& result, const Count& count, const StrikeRequest& request, const Context& context) {
  Finding finding = open_finding(StrikeRequest::info(), count, context);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));
  name_shared_places(finding, count.contest, result.counted);
  add_conditions(finding, result);
  finding.answer = result.survives_all() ? Answer::yes : result.survives_none() ? Answer::no : Answer::depends;
  finding.estimates = estimates_of(result);
  finding.headline = headline_of(result, count.contest);
  for (const auto& objector : result.objectors) {
    auto clauses = ObjectorVerdict(result, objector, count, *request.rule).clauses();
    finding.in_short.insert(finding.in_short.end(), clauses.begin(), clauses.end());
  }
  finding.tables.push_back(table_of_readings(result, count.contest));
  hold_objected_votes(finding, result, count, *request.rule);
  finding.tables.push_back(table_of_challenges(result, request));
  if (auto plane = objected_plane(count, result.united.units, result.leader))
    finding.figures.push_back(std::move(*plane));
  if (auto map = objected_map(count, result.united.units)) finding.figures.push_back(std::move(*map));
  finding.figures.push_back(figure_of_readings(result, count.contest));
  finding.does_not_show = {Message{"strike.not_shown.justified"}, Message{"strike.not_shown.law"},
                           Message{"strike.not_shown.part"}};
  return finding;
}

}  // namespace cotejo
