#include "cotejo/methods/tally/strike.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/methods/support/where.hpp"

namespace cotejo {

namespace {

struct Reading {
  std::string name, text;
  Tally after;
  std::int64_t units_struck = 0;
};

// Every unit that lies in a place of `place_of` that holds one of `units`, ascending; and how many such places there
// are.
std::pair<std::vector<UnitIndex>, std::size_t> whole_places(const std::vector<PlaceIndex>& place_of,
                                                            std::span<const UnitIndex> units, std::size_t places) {
  std::vector<bool> named(places);
  std::size_t count = 0;
  for (const UnitIndex unit : units) {
    const PlaceIndex place = place_of[unit];
    if (place == no_place || named[place]) continue;
    named[place] = true;
    ++count;
  }
  std::vector<UnitIndex> out;
  auto own = units.begin();  // a unit outside the hierarchy is its own place
  for (UnitIndex unit = 0; unit < place_of.size(); ++unit) {
    while (own != units.end() && *own < unit) ++own;
    const bool listed = own != units.end() && *own == unit;
    if (listed || (place_of[unit] != no_place && named[place_of[unit]])) out.push_back(unit);
  }
  return {std::move(out), count};
}

// The count, what is struck from it, and the places that may leave whole.
struct Struck {
  const Count& count;
  const Rule& rule;
  const Tally& all;
  std::size_t winner;
  std::optional<std::size_t> second;
  std::vector<PlaceIndex> place_of{};  // empty: no places
  std::string level{};                 // of those places
};

struct Readings {
  std::vector<Reading> all;  // the count as it is first
  std::size_t places = 0, units_in_places = 0;
};

Readings readings_of(const Struck& s, const std::vector<UnitIndex>& units) {
  const Tally struck = tally(s.count, units);
  const std::int64_t winner_votes = struck.options[s.winner];
  Readings out{.all = {{"as-counted", "nothing is struck", s.all}}};
  const auto add = [&](std::string name, std::string text, auto change) {
    Reading reading{std::move(name), std::move(text), s.all, static_cast<std::int64_t>(units.size())};
    change(reading);
    out.all.push_back(std::move(reading));
  };
  add("whole", "the units leave the count", [&](Reading& r) { r.after -= struck; });
  add("winner-void", "the winner's votes there leave, valid votes fall with them", [&](Reading& r) {
    r.after.options[s.winner] -= winner_votes;
    r.after.valid -= winner_votes;
    r.after.null += winner_votes;
  });
  add("winner-void-valid-kept", "the winner's votes there leave, valid votes stay",
      [&](Reading& r) { r.after.options[s.winner] -= winner_votes; });
  if (s.second)
    add("transfer", "the winner's votes there go to the runner-up", [&](Reading& r) {
      r.after.options[s.winner] -= winner_votes;
      r.after.options[*s.second] += winner_votes;
    });
  if (s.place_of.empty()) return out;
  const auto [in_places, places] = whole_places(s.place_of, units, s.count.hierarchy.places().size());
  out.places = places;
  out.units_in_places = in_places.size();
  add("precinct", fmt::format("every unit of the {} places ({}) of the units leaves", places, s.level),
      [&, &there = in_places](Reading& r) {
        r.after -= tally(s.count, there);
        r.units_struck = static_cast<std::int64_t>(there.size());
      });
  return out;
}

// What a reading does, as the subject of a clause; `again`: after one that has named the winner's votes.
std::string subject_of(const Struck& s, const Reading& reading, const Readings& readings, const std::string& objected,
                       bool again) {
  const std::string votes = again ? "them" : name_of(s.count.contest, s.winner) + "'s votes there";
  if (reading.name == "whole") return "excluding " + objected;
  if (reading.name == "winner-void") return "cancelling " + votes;
  if (reading.name == "winner-void-valid-kept")
    return fmt::format("cancelling {} while keeping the valid total", votes);
  if (reading.name == "transfer") return fmt::format("moving {} to {}", votes, name_of(s.count.contest, *s.second));
  return fmt::format("excluding every unit of their {} places",
                     with_thousands(static_cast<long long>(readings.places)));
}

// One objector's verdict: what excluding the units does, then each other reading that changes the outcome.
std::vector<std::string> verdict_on(const Struck& s, const std::vector<UnitIndex>& units, const std::string& who) {
  const Contest& contest = s.count.contest;
  const Outcome base = apply(s.rule, contest, s.all);
  const Readings readings = readings_of(s, units);
  const std::string objected =
      fmt::format("the {} objected to ({})",
                  units.size() == 1 ? "one " + s.count.unit_name : counted(units.size(), s.count.unit_name), who);
  std::vector<std::string> out;
  std::optional<Outcome> first;  // other outcome
  bool votes_named = false;
  for (const auto& reading : readings.all) {
    if (reading.name == "as-counted") continue;
    const Outcome outcome = apply(s.rule, contest, reading.after);
    const bool same = outcome.same_as(base);
    if (same && reading.name != "whole") continue;
    const std::string subject = subject_of(s, reading, readings, objected, votes_named);
    votes_named = votes_named || (reading.name != "whole" && reading.name != "precinct");
    if (same) {
      out.push_back(subject + " does not change the outcome");
    } else if (first && first->same_as(outcome) && outcome.verdict != Verdict::tie) {
      out.push_back(fmt::format("so does {}, by {}", subject, whole_votes(outcome.slack)));
    } else {
      out.push_back(fmt::format("{} {}", subject, does(outcome, contest, s.rule)));
      first = outcome;
    }
  }
  if (!first)
    out = {fmt::format("no reading of the objection to {} ({}) changes the outcome",
                       counted(units.size(), s.count.unit_name), who)};
  return out;
}

// Each unit once, ascending.
std::vector<UnitIndex> united(const std::vector<std::vector<UnitIndex>>& lists) {
  std::vector<UnitIndex> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// A verdict for each objector, then for all of them together. `named_by`: the units of each challenge.
std::vector<std::string> verdicts(const Struck& s, const std::vector<const Challenge*>& challenges,
                                  const std::vector<std::vector<UnitIndex>>& named_by) {
  std::vector<std::pair<std::string, std::vector<std::vector<UnitIndex>>>> objectors;
  for (std::size_t i = 0; i < challenges.size(); ++i) {
    auto found = std::find_if(objectors.begin(), objectors.end(),
                              [&](const auto& objector) { return objector.first == challenges[i]->by; });
    if (found == objectors.end()) found = objectors.insert(found, {challenges[i]->by, {}});
    found->second.push_back(named_by[i]);
  }
  if (objectors.size() > 1) objectors.emplace_back("all objectors together", named_by);
  std::vector<std::string> out;
  for (const auto& [who, theirs] : objectors) {
    auto verdict = verdict_on(s, united(theirs), who);
    std::move(verdict.begin(), verdict.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace

MethodInfo StrikeRequest::info() {
  return {.id = "strike",
          .family = "tally",
          .title = "The outcome without what was objected to",
          .question = "Does the outcome survive the objection, under every reading of it?",
          .assumes = "Nothing about whether the objection is justified; the other units are taken as published.",
          .cost = "one pass over the count",
          .references = {}};
}

const OptionTable<StrikeRequest>& StrikeRequest::table() {
  static const OptionTable<StrikeRequest> options = [] {
    OptionTable<StrikeRequest> t;
    t.add(&StrikeRequest::precinct_level,
          {.name = "precinct_level",
           .unit = "level",
           .text = "The level whose places leave under the reading `precinct`; empty: the lowest."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const StrikeRequest& request, const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  if (request.challenges.empty())
    return needs("a challenge", "Name one with --challenge; `cotejo list CASE` shows those there are.");
  COTEJO_CHECK(validate(*request.rule, count));
  std::vector<std::vector<UnitIndex>> named_by;  // each challenge's units
  for (const Challenge* challenge : request.challenges) {
    COTEJO_TRY(resolved, resolve(*challenge, count));
    named_by.push_back(std::move(resolved));
  }
  const auto units = united(named_by);

  const Tally all = tally(count);
  const auto order = ranking(all);
  const std::size_t winner = order[0];
  const bool has_second = order.size() > 1;
  const Tally struck = tally(count, units);
  const std::int64_t winner_votes = struck.options[winner];
  const Outcome base = apply(*request.rule, count.contest, all);

  Finding finding = open_finding(StrikeRequest::info(), count, context);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));

  name_shared_places(finding, count.contest, all);
  const auto& levels = count.hierarchy.levels();
  const std::string level = !request.precinct_level.empty() ? request.precinct_level
                            : levels.empty()                ? ""
                                                            : levels.back();
  const Struck strike{.count = count,
                      .rule = *request.rule,
                      .all = all,
                      .winner = winner,
                      .second = has_second ? std::optional(order[1]) : std::nullopt,
                      .place_of = places_on_level(count, level),
                      .level = level};
  const Readings readings = readings_of(strike, units);
  if (!strike.place_of.empty()) {
    finding.estimates.push_back({"precincts_objected", static_cast<double>(readings.places), "places",
                                 fmt::format("places of level '{}' with an objected unit", level)});
    finding.estimates.push_back(
        {"units_in_precincts", static_cast<double>(readings.units_in_places), "units", "all units of those places"});
  } else {
    if (!request.precinct_level.empty())
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the count has no such level",
                   .column = "precinct_level",
                   .value = level,
                   .remedy = fmt::format("Its levels: {}.", fmt::join(levels, ", "))};
    finding.conditions.push_back({"The count has a hierarchy, so that whole precincts can be struck", false});
  }

  Table table{.id = "readings",
              .title = "The rule applied again, under every reading",
              .columns = {{"reading"},
                          {"what", "", "what the reading does"},
                          {"units_struck", "units"},
                          {"leader_votes", "votes", "M"},
                          {"runner_up_votes", "votes", "C: the strongest other option"},
                          {"valid", "votes", "V"},
                          {"leader_percent", "% of valid votes"},
                          {"runner_up_percent", "% of valid votes"},
                          {"margin_points", "points of valid votes", "100 (M - C) / V"},
                          {"slack_votes", "votes", "value of the binding clause; negative: not met"},
                          {"binding", "", "the clause that binds"},
                          {"outcome"},
                          {"survives", "", "same outcome as counted"}},
              .rows = {},
              .brief = {"reading", "margin_points", "slack_votes", "outcome"}};
  std::vector<std::string> survive, fail;
  for (const auto& r : readings.all) {
    const Outcome outcome = apply(*request.rule, count.contest, r.after);
    std::int64_t other = 0;
    for (std::size_t i = 0; i < r.after.options.size(); ++i)
      if (i != winner) other = std::max(other, r.after.options[i]);
    const auto m = static_cast<double>(r.after.options[winner]), c = static_cast<double>(other),
               v = static_cast<double>(r.after.valid);
    const bool same = outcome.same_as(base);
    if (r.name != "as-counted") (same ? survive : fail).push_back(r.name);
    table.rows.push_back({r.name, r.text, r.units_struck, r.after.options[winner], other, r.after.valid,
                          percent_of(m, v).value, percent_of(c, v).value, percent_of(m - c, v).value,
                          outcome.slack.value(), outcome.binding, describe(outcome, count.contest), same});
  }

  finding.answer = fail.empty() ? Answer::yes : survive.empty() ? Answer::no : Answer::depends;
  finding.estimates.insert(
      finding.estimates.begin(),
      {{"units_objected", static_cast<double>(units.size()), "units",
        "units named by any of the challenges, each once"},
       {"leader_votes_objected", static_cast<double>(winner_votes), "votes",
        "votes of the count's leader in those units"},
       {"valid_objected", static_cast<double>(struck.valid), "votes", "valid votes in those units"},
       {"margin_points", std::get<double>(table.rows[1][8]), "points of valid votes",
        "100 (M - C) / V under the reading `whole`"},
       {"slack_votes", std::get<double>(table.rows[1][9]), "votes", "slack under the reading `whole`"}});
  const auto objected = [&](Mechanism mechanism, Direction direction) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = static_cast<double>(winner_votes),
                           .direction = direction,
                           .what = "the leader's votes in the units objected to"};
  };
  std::vector<VotesInQuestion> stakes{objected(Mechanism::voided, {.from = winner}),
                                      objected(Mechanism::voided_valid_kept, {.from = winner})};
  if (has_second) stakes.push_back(objected(Mechanism::moved, {.from = winner, .to = order[1]}));
  hold_against_rule(finding, *request.rule, count.contest, all, stakes);
  // The readings apply the rule to more than the leader's votes: they are what decides.
  finding.at_stake->decisive = !fail.empty();
  finding.for_outcome = fail.empty()      ? ForOutcome::holds
                        : survive.empty() ? ForOutcome::changes
                                          : ForOutcome::depends;

  Table named{
      .id = "challenges",
      .title = "The challenges",
      .columns =
          {{"challenge"}, {"units", "units"}, {"also_named_by_another", "units"}, {"by"}, {"reason"}, {"source"}},
      .rows = {}};
  std::size_t listed = 0;
  for (const Challenge* challenge : request.challenges) listed += challenge->unit_keys.size();
  for (const Challenge* challenge : request.challenges) {
    auto others = named_by;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(named.rows.size()));
    const std::size_t shared = united(others).size() + challenge->unit_keys.size() - units.size();
    named.rows.push_back({challenge->id.text, static_cast<std::int64_t>(challenge->unit_keys.size()),
                          static_cast<std::int64_t>(shared), challenge->by, challenge->reason, challenge->source});
  }
  if (listed != units.size())
    finding.conditions.push_back(
        {fmt::format("The challenges do not overlap ({} units are named more than once; each is struck once)",
                     listed - units.size()),
         false});

  const auto& name = count.contest.options[winner].id.text;
  const std::string verdict = describe(base, count.contest);
  finding.headline =
      finding.answer == Answer::depends
          ? fmt::format(
                "It depends on the reading: \"{}\" stands under {} and not under {} ({} {} votes in {}; slack {} "
                "votes).",
                verdict, fmt::join(survive, ", "), fmt::join(fail, ", "), with_thousands(winner_votes), name,
                counted(units.size(), "unit"), fixed(base.slack.value(), 1))
          : fmt::format(
                "\"{}\" stands under {} reading; without the units objected to ({}) the margin is {} points, slack {} "
                "votes.",
                verdict, fail.empty() ? "every" : "no", with_thousands(static_cast<long long>(units.size())),
                fixed(std::get<double>(table.rows[1][8]), 4), fixed(std::get<double>(table.rows[1][9]), 1));
  finding.in_short = verdicts(strike, request.challenges, named_by);
  finding.tables.insert(finding.tables.begin(), std::move(table));
  finding.tables.push_back(std::move(named));
  if (auto plane = objected_plane(count, units, winner)) finding.figures.push_back(std::move(*plane));
  if (auto map = objected_map(count, units)) finding.figures.push_back(std::move(*map));
  finding.does_not_show = {
      "That the objection is justified, or that it is not: this only asks whether it could matter.",
      "Which reading of the objection is right in law."};
  return finding;
}

}  // namespace cotejo
