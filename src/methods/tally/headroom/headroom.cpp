#include "cotejo/methods/tally/headroom.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "removal.hpp"

namespace cotejo {

namespace {

using removal::Wide;

// ---------------------------------------------------------------------------------------------------------------------
// Votes: how many of the leader's votes can go before the outcome changes.

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

// So many votes there are to change.
std::int64_t limit_of(const HeadroomResult& result, Shift shift) {
  const Tally& all = result.counted;
  switch (shift) {
    case Shift::voided:
    case Shift::transferred:
      return all.options[result.leader];
    case Shift::gained:
      return 2 * (all.valid + all.registered) + 1;
    case Shift::gained_from_second:
      break;
  }
  return all.options[result.second];
}

HeadroomResult::Reach reach_of(const Rule& rule, const Contest& contest, const HeadroomResult& result, Shift shift) {
  HeadroomResult::Reach out;
  out.shift = shift;
  const bool needs_second = shift == Shift::transferred || shift == Shift::gained_from_second;
  if (needs_second && result.second == result.leader) return out;
  const Tally& all = result.counted;
  out.harmless = largest_harmless(rule, contest, all, result.leader, result.second, shift, limit_of(result, shift));
  if (out.harmless)
    out.becomes = apply(rule, contest, shifted(all, result.leader, result.second, shift, *out.harmless + 1));
  return out;
}

void find_fewest(HeadroomResult& result, const Rule& rule, const Contest& contest) {
  for (const Mechanism mechanism : {Mechanism::moved, Mechanism::voided, Mechanism::voided_valid_kept, Mechanism::added,
                                    Mechanism::withdrawn, Mechanism::unknown})
    result.mechanisms.push_back({mechanism, {}, {}, fewest_votes(rule, contest, result.counted, mechanism)});
}

// The fewest votes between any two options, among those with most votes.
constexpr std::size_t most_options_in_pairs = 12;

void find_pairs(HeadroomResult& result, const Rule& rule, const Contest& contest) {
  auto order = ranking(result.counted);
  if (order.size() > most_options_in_pairs) {
    order.resize(most_options_in_pairs);
    result.options_in_pairs = most_options_in_pairs;
  }
  for (const auto from : order)
    for (const auto to : order) {
      if (from == to) continue;
      FewestVotes fewest = fewest_votes(rule, contest, result.counted, Mechanism::moved, {.from = from, .to = to});
      if (fewest.votes) result.pairs.push_back({Mechanism::moved, from, to, std::move(fewest)});
    }
  std::stable_sort(result.pairs.begin(), result.pairs.end(),
                   [](const auto& a, const auto& b) { return *a.votes.votes < *b.votes.votes; });
}

// ---------------------------------------------------------------------------------------------------------------------
// Units and places.

Tally without(const Tally& all, const removal::Pool& pool, const std::vector<std::uint32_t>& removed) {
  Tally rest = all;
  const std::size_t options = rest.options.size();
  std::int64_t* const totals[] = {&rest.valid, &rest.cast, &rest.registered, &rest.blank, &rest.null};
  for (std::size_t c = 0; c < pool.columns.size(); ++c) {
    if (pool.columns[c].empty()) continue;
    for (const auto i : removed) (c < options ? rest.options[c] : *totals[c - options]) -= pool.columns[c][i];
  }
  return rest;
}

HeadroomResult::Level removals_of(const HeadroomResult& result, const Contest& contest, const HeadroomRequest& request,
                                  const Events& events, const removal::Pool& pool) {
  const auto answer =
      removal::smallest(*request.rule, contest, result.counted, result.outcome, events, pool, request.sets_to_try);
  HeadroomResult::Level out;
  out.members = pool.size;
  out.minimum = answer.found.size();
  out.lower_bound = answer.lower;
  out.impossible = answer.impossible;
  out.proved = answer.proved();
  if (answer.found.empty()) return out;
  out.becomes = apply(*request.rule, contest, without(result.counted, pool, answer.found));
  const auto listed = std::min(answer.found.size(), static_cast<std::size_t>(request.list_limit));
  for (std::size_t i = 0; i < listed; ++i) {
    const auto member = answer.found[i];
    out.removed.push_back({pool.place.empty() ? member : pool.place[member], pool.columns[result.leader][member],
                           pool.columns[result.second][member]});
  }
  return out;
}

Result<void> find_removals(HeadroomResult& result, const Count& count, const HeadroomRequest& request,
                           const Context& context) {
  const Events events = events_that_change(*request.rule, count.contest, result.counted, result.outcome);
  const removal::Pool units = removal::units_of(count, *request.rule);
  result.levels.push_back(removals_of(result, count.contest, request, events, units));
  const auto& names = count.hierarchy.levels();
  if (names.empty() || count.unit_place.empty()) return {};
  const removal::Pool places = removal::places_of(count, units);
  for (std::size_t level = names.size(); level-- > 0;) {
    if (context.cancelled()) return cancelled_error();
    context.report("headroom by level",
                   static_cast<double>(names.size() - level) / static_cast<double>(names.size() + 1));
    const removal::Pool pool = removal::level_of(count, places, static_cast<std::uint32_t>(level));
    if (pool.size < 2) continue;
    result.levels.push_back(removals_of(result, count.contest, request, events, pool));
    result.levels.back().level = level;
  }
  return {};
}

}  // namespace

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

Result<HeadroomResult> compute(const Count& count, const HeadroomRequest& request, const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.units() == 0) return needs("at least one unit", "Import a count that has returns.");
  const Rule& rule = *request.rule;
  HeadroomResult out;
  out.counted = tally(count);
  const auto order = ranking(out.counted);
  out.leader = order[0];
  out.second = order.size() > 1 ? order[1] : order[0];
  out.outcome = apply(rule, count.contest, out.counted);
  for (const Shift shift : {Shift::voided, Shift::transferred, Shift::gained, Shift::gained_from_second})
    out.reaches.push_back(reach_of(rule, count.contest, out, shift));
  find_fewest(out, rule, count.contest);
  find_pairs(out, rule, count.contest);
  COTEJO_CHECK(find_removals(out, count, request, context));
  return out;
}

}  // namespace cotejo
