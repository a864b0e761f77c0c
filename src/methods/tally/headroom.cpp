#include "cotejo/base/plural.hpp"
#include "cotejo/methods/tally/headroom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/vote/stakes.hpp"
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

// One way for votes to change: the most that leave the outcome as it is, and what one more makes of it.
struct Reach {
  const char* estimate;
  const char* change;
  std::optional<std::int64_t> harmless;
  Outcome becomes;
};

Reach reach_of(const Rule& rule, const Contest& contest, const Tally& all, std::size_t leader, std::size_t second,
               Shift shift) {
  Reach out;
  std::int64_t limit = 0;
  switch (shift) {
    case Shift::voided:
      out = {"votes_void", "voided, the valid total falling with them", {}, {}};
      limit = all.options[leader];
      break;
    case Shift::transferred:
      out = {"votes_transfer", "moved to the runner-up", {}, {}};
      limit = all.options[leader];
      break;
    case Shift::gained:
      out = {"votes_gain", "gained as further valid votes", {}, {}};
      limit = 2 * (all.valid + all.registered) + 1;
      break;
    case Shift::gained_from_second:
      out = {"votes_gain_transfer", "gained from the runner-up", {}, {}};
      limit = second == leader ? 0 : all.options[second];
      break;
  }
  const bool needs_second = shift == Shift::transferred || shift == Shift::gained_from_second;
  if (needs_second && second == leader) return out;
  out.harmless = largest_harmless(rule, contest, all, leader, second, shift, limit);
  if (out.harmless) out.becomes = apply(rule, contest, shifted(all, leader, second, shift, *out.harmless + 1));
  return out;
}

std::string quoted(const Outcome& outcome, const Contest& contest) {
  return fmt::format("\"{}\"", describe(outcome, contest));
}

// The votes of the leader, each way; and votes of anybody, by mechanism (vote/stakes.hpp).
void add_votes(Finding& finding, const std::vector<Reach>& reaches, const Rule& rule, const Contest& contest,
               const Tally& all, const std::string& leader_name) {
  Table table{.id = "votes",
              .title = fmt::format("Votes of {}: how many can change, and what one more makes of the outcome", leader_name),
              .columns = {{"change"},
                          {"most_without_effect", "votes"},
                          {"then", "", "the outcome when one more changes; empty: no number changes it"}},
              .rows = {}};
  for (const auto& reach : reaches) {
    table.rows.push_back({std::string(reach.change), reach.harmless ? Cell{*reach.harmless} : Cell{},
                          reach.harmless ? Cell{describe(reach.becomes, contest)} : Cell{}});
    if (reach.harmless)
      finding.estimates.push_back({reach.estimate, static_cast<double>(*reach.harmless), "votes",
                                   fmt::format("largest number of votes of {} that can be {} with the same outcome; one "
                                               "more makes it {}",
                                               leader_name, reach.change, quoted(reach.becomes, contest))});
  }
  finding.tables.push_back(std::move(table));
  Table mechanisms{.id = "mechanisms",
                   .title = "The fewest votes of anybody that change the outcome, by what happens to them",
                   .columns = {{"mechanism"},
                               {"votes", "votes", "the fewest; empty: no number of votes does"},
                               {"then", "", "the outcome then"},
                               {"proved", "", "no fewer do"}},
                   .rows = {}};
  for (const Mechanism mechanism : {Mechanism::moved, Mechanism::voided, Mechanism::voided_valid_kept, Mechanism::added,
                                    Mechanism::withdrawn, Mechanism::unknown}) {
    const FewestVotes fewest = fewest_votes(rule, contest, all, mechanism);
    mechanisms.rows.push_back({std::string(to_text(mechanism)), fewest.votes ? Cell{*fewest.votes} : Cell{},
                               fewest.becomes ? Cell{describe(*fewest.becomes, contest)} : Cell{}, fewest.proved});
  }
  finding.tables.push_back(std::move(mechanisms));
}

// The fewest votes between any two options, among those with most votes.
constexpr std::size_t most_options_in_pairs = 12;

Table table_of_pairs(const Rule& rule, const Contest& contest, const Tally& all) {
  auto order = ranking(all);
  Table table{.id = "pairs",
              .title = "The fewest votes moved from one option to another that change the outcome",
              .columns = {{"from"},
                          {"to"},
                          {"votes", "votes", "the fewest; pairs where no number of votes does are left out"},
                          {"then", "", "the outcome then"},
                          {"proved", "", "no fewer do"}},
              .rows = {}};
  if (order.size() > most_options_in_pairs) {
    order.resize(most_options_in_pairs);
    table.title += fmt::format(" (the {} options with most votes)", most_options_in_pairs);
  }
  for (const auto from : order)
    for (const auto to : order) {
      if (from == to) continue;
      const FewestVotes fewest = fewest_votes(rule, contest, all, Mechanism::moved, {.from = from, .to = to});
      if (fewest.votes)
        table.rows.push_back({contest.options[from].id.text, contest.options[to].id.text, *fewest.votes,
                              describe(*fewest.becomes, contest), fewest.proved});
    }
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [](const auto& a, const auto& b) { return std::get<std::int64_t>(a[2]) < std::get<std::int64_t>(b[2]); });
  return table;
}

// The removals of each level, solved one after the other.
class Levels {
 public:
  Levels(const Count& count, const HeadroomRequest& request, const Tally& all, const Outcome& base)
      : count_(count), request_(request), all_(all), base_(base), order_(ranking(all)) {
    events_ = events_that_change(*request.rule, count.contest, all, base);
  }

  struct Minimum {
    std::size_t size = 0;
    Outcome becomes;
  };

  // A row of `levels`, and a list of what is removed.
  template <class NameOf>
  std::optional<Minimum> solve(std::string_view level, const removal::Pool& pool, NameOf name_of, Finding& finding) {
    const auto answer =
        removal::smallest(*request_.rule, count_.contest, all_, base_, events_, pool, request_.sets_to_try);
    const auto number = [](std::size_t n) { return Cell{static_cast<std::int64_t>(n)}; };
    const bool found = !answer.found.empty();
    Minimum minimum{answer.found.size(), found ? after(pool, answer.found) : Outcome{}};
    table_.rows.push_back({std::string(level), number(pool.size), found ? number(answer.found.size()) : Cell{},
                           answer.impossible ? Cell{} : number(answer.lower), answer.proved(),
                           found ? Cell{describe(minimum.becomes, count_.contest)} : Cell{}});
    if (!answer.proved())
      finding.conditions.push_back(
          {fmt::format("Level '{}': no smaller removal exists (between the lower bound and the minimum it is open)",
                       level),
           false});
    if (!found) return std::nullopt;
    finding.tables.push_back(list_of(level, pool, answer.found, minimum, name_of));
    return minimum;
  }

  Table take_table() { return std::move(table_); }

 private:
  Outcome after(const removal::Pool& pool, const std::vector<std::uint32_t>& removed) const {
    Tally rest = all_;
    const std::size_t options = rest.options.size();
    std::int64_t* const totals[] = {&rest.valid, &rest.cast, &rest.registered, &rest.blank, &rest.null};
    for (std::size_t c = 0; c < pool.columns.size(); ++c) {
      if (pool.columns[c].empty()) continue;
      for (const auto i : removed) (c < options ? rest.options[c] : *totals[c - options]) -= pool.columns[c][i];
    }
    return apply(*request_.rule, count_.contest, rest);
  }

  template <class NameOf>
  Table list_of(std::string_view level, const removal::Pool& pool, const std::vector<std::uint32_t>& removed,
                const Minimum& minimum, NameOf name_of) const {
    const auto& options = count_.contest.options;
    const std::size_t leader = order_[0], second = order_.size() > 1 ? order_[1] : order_[0];
    Table list{.id = fmt::format("smallest_set_{}", level),
               .title = fmt::format("Removing these {} ({}) makes the outcome {}", removed.size(), level,
                                    quoted(minimum.becomes, count_.contest)),
               .columns = {{"rank"},
                           {std::string(level)},
                           {"leader_votes", "votes", options[leader].id.text},
                           {"runner_up_votes", "votes", options[second].id.text},
                           {"lead", "votes", "leader_votes - runner_up_votes"}},
               .rows = {}};
    const auto shown = std::min(removed.size(), static_cast<std::size_t>(request_.list_limit));
    for (std::size_t i = 0; i < shown; ++i) {
      const std::int64_t m = pool.columns[leader][removed[i]], c = pool.columns[second][removed[i]];
      list.rows.push_back({static_cast<std::int64_t>(i + 1), name_of(removed[i]), m, c, m - c});
    }
    if (shown < removed.size()) list.title += fmt::format("; the first {} are shown", shown);
    return list;
  }

  const Count& count_;
  const HeadroomRequest& request_;
  const Tally& all_;
  const Outcome& base_;
  std::vector<std::size_t> order_;
  Events events_;
  Table table_{.id = "levels",
               .title = "The fewest whose removal changes the outcome",
               .columns = {{"level"},
                           {"places", "places"},
                           {"minimum", "places", "the smallest removal found; empty: none was found"},
                           {"lower_bound", "places",
                            "no smaller removal exists; empty: no removal at all changes the outcome"},
                           {"proved", "", "no smaller removal exists (or none at all)"},
                           {"then", "", "the outcome without them"}},
               .rows = {},
               .brief = {"level", "places", "minimum", "then"}};
};

// What the outcome as counted lacks, or can lose, in one sentence.
std::string headline_of(const std::vector<Reach>& reaches, const std::optional<Levels::Minimum>& units, const Rule& rule,
                        const Outcome& base, const Contest& contest, const std::string& leader) {
  const auto& [voided, moved, gained, gained_from_second] =
      std::tie(reaches[0], reaches[1], reaches[2], reaches[3]);
  const auto count_of = [](std::int64_t n) { return with_thousands(n); };
  std::string out;
  const bool lacks = base.verdict != rule.met && base.verdict != Verdict::tie;
  if (lacks && gained.harmless && gained.becomes.verdict == rule.met) {
    out = fmt::format("{} lacks votes for {}: more than {} gained", leader, quoted(gained.becomes, contest),
                      count_of(*gained.harmless));
    if (gained_from_second.harmless && gained_from_second.becomes.verdict == rule.met)
      out += fmt::format(", or more than {} moved from the runner-up", count_of(*gained_from_second.harmless));
    out += fmt::format("; as counted it is {}", quoted(base, contest));
  } else if (voided.harmless || moved.harmless) {
    out = fmt::format("{} changes when", quoted(base, contest));
    if (voided.harmless)
      out += fmt::format(" more than {} of {} are voided ({})", counted(*voided.harmless, "vote"), leader,
                         describe(voided.becomes, contest));
    if (moved.harmless)
      out += fmt::format("{} more than {} {}moved to the runner-up ({})", voided.harmless ? ", or" : "",
                         count_of(*moved.harmless), voided.harmless ? "" : "votes of " + leader + " are ",
                         describe(moved.becomes, contest));
  } else if (gained.harmless) {
    out = fmt::format("{} changes when {} gains more than {} ({})", quoted(base, contest), leader,
                      counted(*gained.harmless, "vote"), describe(gained.becomes, contest));
  } else if (!units) {
    return fmt::format("Nothing was found that changes {}: no removal of units, no shift of votes of {}.",
                       quoted(base, contest), leader);
  } else {
    out = fmt::format("{} changes with no number of votes of {}", quoted(base, contest), leader);
  }
  if (units)
    out += fmt::format("; removing {} makes it {}", counted(units->size, "unit"),
                       quoted(units->becomes, contest));
  return out + ".";
}

// The same in clauses; empty where the outcome as counted lacks votes, or no number of votes changes it.
std::vector<std::string> in_short(const std::vector<Reach>& reaches, const std::optional<Levels::Minimum>& units,
                                  const Count& count, std::size_t leader, std::size_t second) {
  const auto& [voided, moved] = std::tie(reaches[0], reaches[1]);
  if (!voided.harmless || !moved.harmless) return {};
  std::vector<std::string> out{fmt::format(
      "more than {} of {} would have to be cancelled, or more than {} moved to {}, before the outcome changes",
      counted(*voided.harmless, "vote"), name_of(count.contest, leader), with_thousands(*moved.harmless),
      name_of(count.contest, second))};
  if (units)
    out.push_back(
        fmt::format("excluding the {} that weigh most would change it", counted(units->size, count.unit_name)));
  return out;
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
  if (base.verdict == Verdict::tie)
    finding.conditions.push_back(
        {"The count decides: the outcome is a tie, so that a single vote can change it", false});
  std::vector<Reach> reaches;
  for (const Shift shift : {Shift::voided, Shift::transferred, Shift::gained, Shift::gained_from_second})
    reaches.push_back(reach_of(rule, count.contest, all, leader, second, shift));
  add_votes(finding, reaches, rule, count.contest, all, leader_name);
  finding.tables.push_back(table_of_pairs(rule, count.contest, all));

  Levels levels(count, request, all, base);
  const removal::Pool units = removal::units_of(count, rule);
  const auto units_minimum =
      levels.solve("unit", units, [&](std::uint32_t i) { return std::string(count.unit_keys[i]); }, finding);
  if (units_minimum)
    finding.estimates.push_back({"units_minimum", static_cast<double>(units_minimum->size), "units",
                                 fmt::format("smallest number of units found whose removal makes the outcome {}",
                                             quoted(units_minimum->becomes, count.contest))});
  if (const auto& names = count.hierarchy.levels(); !names.empty() && !count.unit_place.empty()) {
    const removal::Pool places = removal::places_of(count, units);
    for (std::size_t level = names.size(); level-- > 0;) {
      if (context.cancelled()) return cancelled_error();
      context.report("headroom by level",
                     static_cast<double>(names.size() - level) / static_cast<double>(names.size() + 1));
      const removal::Pool pool = removal::level_of(count, places, static_cast<std::uint32_t>(level));
      if (pool.size < 2) continue;
      const auto name_of = [&](std::uint32_t i) {
        return pool.place[i] == no_place ? std::string("(outside the hierarchy)") : count.hierarchy.path(pool.place[i]);
      };
      const auto minimum = levels.solve(names[level], pool, name_of, finding);
      if (minimum && level + 1 == names.size())
        finding.estimates.push_back(
            {"precincts_minimum", static_cast<double>(minimum->size), "places",
             fmt::format("smallest number of places of level '{}' found whose removal makes the outcome {}",
                         names[level], quoted(minimum->becomes, count.contest))});
    }
  }
  finding.tables.insert(finding.tables.begin(), levels.take_table());
  finding.for_outcome = ForOutcome::depends;  // on how many votes are wrong: that is what is asked
  finding.headline = headline_of(reaches, units_minimum, rule, base, count.contest, leader_name);
  finding.in_short = in_short(reaches, units_minimum, count, leader, second);
  finding.does_not_show = {"That any vote is wrong: it says how many would have to be.",
                           "That the units listed are suspicious: they are the ones that weigh most."};
  return finding;
}

}  // namespace cotejo
