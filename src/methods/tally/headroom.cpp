#include "cotejo/methods/tally/headroom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "cotejo/base/text.hpp"
#include "removal.hpp"

namespace cotejo {

namespace {

using removal::Wide;

// ---------------------------------------------------------------------------------------------------------------------
// Votes: how many of the leader's votes can go before the outcome changes.

enum class Shift { voided, transferred, gained, gained_from_second };

Tally shifted(const Tally& all, std::size_t leader, std::size_t second, Shift shift, std::int64_t votes) {
  Tally out = all;
  switch (shift) {
    case Shift::voided:
      out.options[leader] -= votes;
      out.valid -= votes;
      out.null += votes;
      break;
    case Shift::transferred:
      out.options[leader] -= votes;
      out.options[second] += votes;
      break;
    case Shift::gained:
      out.options[leader] += votes;
      out.valid += votes;
      out.cast += votes;
      break;
    case Shift::gained_from_second:
      out.options[leader] += votes;
      out.options[second] -= votes;
      break;
  }
  return out;
}

// The largest x in 0..limit with the outcome of x = 0, if some x up to `limit` changes it. Along x every clause is
// linear between the points where two options tie, so only those points and the zeros of the clauses need looking at.
std::optional<std::int64_t> largest_harmless(const Rule& rule, const Contest& contest, const Tally& all,
                                             std::size_t leader, std::size_t second, Shift shift, std::int64_t limit) {
  const auto at = [&](std::int64_t x) { return shifted(all, leader, second, shift, x); };
  std::set<std::int64_t> points{0, limit};
  const auto add = [&](Wide x) {
    for (const Wide candidate : {x - 1, x, x + 1})
      if (candidate >= 0 && candidate <= limit) points.insert(static_cast<std::int64_t>(candidate));
  };
  const Tally one = at(1);
  for (std::size_t i = 0; i < all.options.size(); ++i)
    for (std::size_t j = i + 1; j < all.options.size(); ++j) {
      const std::int64_t gap = all.options[i] - all.options[j];
      const std::int64_t slope = (one.options[i] - one.options[j]) - gap;
      if (slope != 0) add(-static_cast<Wide>(gap) / slope);
    }
  const std::vector<std::int64_t> ties(points.begin(), points.end());
  for (std::size_t k = 0; k + 1 < ties.size(); ++k) {
    const std::int64_t x = ties[k];
    const Tally here = at(x), next = at(x + 1);
    const auto order = ranking(at(x + (ties[k + 1] - x) / 2));
    const std::size_t runner_up = order.size() > 1 ? order[1] : contest.options.size();
    for (const auto& alternative : rule.alternatives)
      for (const auto& clause : alternative.clauses) {
        const Wide value = value_of(clause, contest, here, order[0], runner_up).numerator;
        const Wide slope = value_of(clause, contest, next, order[0], runner_up).numerator - value;
        if (slope != 0 && -value / slope >= 0) add(x + -value / slope);
      }
  }
  const Outcome base = apply(rule, contest, all);
  for (const std::int64_t x : points)
    if (!apply(rule, contest, at(x)).same_as(base)) return x - 1;
  return std::nullopt;
}

}  // namespace

MethodInfo HeadroomRequest::info() {
  return {.id = "headroom",
          .family = "tally",
          .title = "How wrong the count would have to be",
          .question = "How many votes, units or places would have to be wrong before the outcome changes?",
          .assumes = "The rule's clauses are linear in votes (all rules here are).",
          .cost = "linear in units x options, and a partial sort",
          .references = {"Stark, P. B. (2010). Super-simple simultaneous single-ballot risk-limiting audits. EVT/WOTE "
                         "(diluted margin)."}};
}

const OptionTable<HeadroomRequest>& HeadroomRequest::table() {
  static const OptionTable<HeadroomRequest> options = [] {
    OptionTable<HeadroomRequest> t;
    t.add(&HeadroomRequest::list_limit, {.name = "list_limit",
                                         .unit = "rows",
                                         .text = "How many units and places the lists show.",
                                         .low = 0,
                                         .high = 1e6});
    t.add(&HeadroomRequest::sets_to_try,
          {.name = "sets_to_try",
           .unit = "sets",
           .text = "How many sets may be tried one by one on a level, where the bounds alone prove no minimum.",
           .low = 0,
           .high = 1e8});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const HeadroomRequest& request, const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.units() == 0) return needs("at least one unit", "Import a count that has returns.");
  const Rule& rule = *request.rule;
  const Tally all = tally(count);
  const auto order = ranking(all);
  const std::size_t leader = order[0], second = order.size() > 1 ? order[1] : order[0];
  const Outcome base = apply(rule, count.contest, all);
  const auto& leader_name = count.contest.options[leader].id.text;

  Finding finding = open_finding(HeadroomRequest::info(), count, context);
  finding.references.push_back(rule.title);
  name_shared_places(finding, count.contest, all);
  const auto votes = [&](std::string name, Shift shift, std::int64_t limit,
                         std::string definition) -> std::optional<std::int64_t> {
    if (second == leader && (shift == Shift::transferred || shift == Shift::gained_from_second)) return std::nullopt;
    const auto x = largest_harmless(rule, count.contest, all, leader, second, shift, limit);
    if (x) finding.estimates.push_back({std::move(name), static_cast<double>(*x), "votes", std::move(definition)});
    return x;
  };
  const auto voided = votes(
      "votes_void", Shift::voided, all.options[leader],
      fmt::format("largest number of votes of {} that can be voided (valid votes fall with them) with the same outcome",
                  leader_name));
  const auto transferred =
      votes("votes_transfer", Shift::transferred, all.options[leader],
            fmt::format("largest number of votes of {} that can be moved to the runner-up with the same outcome",
                        leader_name));
  const auto gained =
      votes("votes_gain", Shift::gained, 2 * (all.valid + all.registered) + 1,
            fmt::format("largest number of votes that can be added to {} with the same outcome", leader_name));
  votes("votes_gain_transfer", Shift::gained_from_second, second == leader ? 0 : all.options[second],
        fmt::format("largest number of votes of the runner-up that can be moved to {} with the same outcome",
                    leader_name));

  Table levels{
      .id = "levels",
      .title = "The fewest whose removal changes the outcome",
      .columns = {{"level"},
                  {"places", "places"},
                  {"minimum", "places", "the smallest removal found; empty: none was found"},
                  {"lower_bound", "places", "no smaller removal exists; empty: no removal at all changes the outcome"},
                  {"proved", "", "no smaller removal exists (or none at all)"}},
      .rows = {}};
  if (base.verdict == Verdict::tie)
    finding.conditions.push_back(
        {"The count decides: the outcome is a tie, so that a single vote can change it", false});
  const removal::Events events = removal::events_that_change(rule, count.contest, all, base);
  // The smallest removal on one level, as a row of `levels` and a list of its own.
  const auto solve_level = [&](std::string_view level, const removal::Pool& pool,
                               const std::function<std::string(std::uint32_t)>& name_of) -> std::optional<std::size_t> {
    const auto answer = removal::smallest(rule, count.contest, all, base, events, pool, request.sets_to_try);
    const auto number = [](std::size_t n) { return Cell{static_cast<std::int64_t>(n)}; };
    levels.rows.push_back({std::string(level), number(pool.size),
                           answer.found.empty() ? Cell{} : number(answer.found.size()),
                           answer.impossible ? Cell{} : number(answer.lower), answer.proved()});
    if (answer.found.empty()) return std::nullopt;
    Table list{.id = fmt::format("smallest_set_{}", level),
               .title = fmt::format("Removing these {} ({}) changes the outcome", answer.found.size(), level),
               .columns = {{"rank"},
                           {std::string(level)},
                           {"leader_votes", "votes", leader_name},
                           {"runner_up_votes", "votes", count.contest.options[second].id.text},
                           {"lead", "votes", "leader_votes - runner_up_votes"}},
               .rows = {}};
    const auto shown = std::min(answer.found.size(), static_cast<std::size_t>(request.list_limit));
    for (std::size_t i = 0; i < shown; ++i) {
      const std::int64_t m = pool.columns[leader][answer.found[i]], c = pool.columns[second][answer.found[i]];
      list.rows.push_back({static_cast<std::int64_t>(i + 1), name_of(answer.found[i]), m, c, m - c});
    }
    if (shown < answer.found.size()) list.title += fmt::format("; the first {} are shown", shown);
    finding.tables.push_back(std::move(list));
    return answer.found.size();
  };
  const removal::Pool units = removal::units_of(count, rule);
  const auto units_minimum =
      solve_level("unit", units, [&](std::uint32_t i) { return std::string(count.unit_keys[i]); });
  if (units_minimum)
    finding.estimates.push_back({"units_minimum", static_cast<double>(*units_minimum), "units",
                                 "smallest number of units found whose removal changes the outcome"});
  if (const auto& names = count.hierarchy.levels(); !names.empty() && !count.unit_place.empty()) {
    const removal::Pool places = removal::places_of(count, units);
    for (std::size_t level = names.size(); level-- > 0;) {
      if (context.cancelled()) return cancelled_error();
      context.report("headroom by level",
                     static_cast<double>(names.size() - level) / static_cast<double>(names.size() + 1));
      const removal::Pool pool = removal::level_of(count, places, static_cast<std::uint32_t>(level));
      if (pool.size < 2) continue;
      const auto minimum = solve_level(names[level], pool, [&](std::uint32_t i) {
        return pool.place[i] == no_place ? std::string("(outside the hierarchy)") : count.hierarchy.path(pool.place[i]);
      });
      if (minimum && level + 1 == names.size())
        finding.estimates.push_back(
            {"precincts_minimum", static_cast<double>(*minimum), "places",
             fmt::format("smallest number of places of level '{}' found whose removal changes the outcome",
                         names[level])});
    }
  }
  for (const auto& row : levels.rows)
    if (!std::get<bool>(row[4]))
      finding.conditions.push_back(
          {fmt::format("Level '{}': no smaller removal exists (between the lower bound and the minimum it is open)",
                       std::get<std::string>(row[0])),
           false});
  finding.tables.insert(finding.tables.begin(), std::move(levels));

  std::string headline = fmt::format("\"{}\" changes", describe(base, count.contest));
  if (!voided && !transferred && !gained && !units_minimum)
    headline = fmt::format("Nothing was found that changes \"{}\": no removal of units, no shift of votes of {}",
                           describe(base, count.contest), leader_name);
  if (voided)
    headline += fmt::format(" when more than {} votes of {} are voided", with_thousands(*voided), leader_name);
  if (transferred)
    headline +=
        fmt::format("{} more than {} moved to the runner-up", voided ? ", or" : " when", with_thousands(*transferred));
  if (!voided && !transferred && gained)
    headline += fmt::format(" when {} gains more than {} votes", leader_name, with_thousands(*gained));
  if (units_minimum)
    headline += fmt::format("{} removing {} units can do it", voided || transferred || gained ? ";" : ":",
                            with_thousands(static_cast<long long>(*units_minimum)));
  finding.headline = headline + ".";
  finding.does_not_show = {"That any vote is wrong: it says how many would have to be.",
                           "That the units listed are suspicious: they are the ones that weigh most."};
  return finding;
}

}  // namespace cotejo
