#include "cotejo/methods/dispute/contested_ballots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cotejo/stats/hypergeometric.hpp"
#include "cotejo/vote/stakes.hpp"
#include "contested_mass.hpp"
#include "contested_rows.hpp"
#include "contested_strata.hpp"
#include "../rule_rows.hpp"

namespace cotejo {

namespace {

constexpr double most_terms = 4e8;

// The mass of each number of ballots of the favoured option, and how much of it reverses or ties the outcome.
struct ByFavoured {
  std::vector<double> log_mass, reversed, tied;  // k + 1; the last two as shares of the first
  ContestedResult::AtOdds at(double odds) const {
    double largest = -HUGE_VAL;
    const double step = std::log(odds);
    for (std::size_t x = 0; x < log_mass.size(); ++x)
      largest = std::max(largest, log_mass[x] + step * static_cast<double>(x));
    double all = 0, with = 0, even = 0;
    for (std::size_t x = 0; x < log_mass.size(); ++x) {
      const double mass = std::exp(log_mass[x] + step * static_cast<double>(x) - largest);
      all += mass;
      with += mass * reversed[x];
      even += mass * tied[x];
    }
    return {odds, with / all, even / all};
  }
  // The least odds with which the outcome is reversed with this probability; none up to a million.
  std::optional<double> odds_for(double probability) const {
    double low = 0, high = std::log(1e6);  // of the logarithm
    if (at(1).reversed >= probability) low = -high;
    if (at(1e6).reversed < probability || at(1e-6).reversed >= probability) return std::nullopt;
    for (int i = 0; i < 60; ++i) (at(std::exp((low + high) / 2)).reversed < probability ? low : high) = (low + high) / 2;
    return std::exp(high);
  }
};

// Could a third option reach one of the first two places, whatever the k ballots are?
bool third_may_reach(const ContestedResult& result, Treatment treatment) {
  std::int64_t third = -1;
  for (std::size_t o = 0; o < result.all.options.size(); ++o)
    if (o != result.leader && o != result.runner_up) third = std::max(third, result.all.options[o]);
  const std::int64_t second = result.all.options[result.runner_up];
  return third >= 0 && (treatment == Treatment::added ? third + result.ballots >= second : third >= second - result.ballots);
}

Result<ByFavoured> enumerate(const Count& count, const ContestedBallotsRequest& request, const Context& context,
                             const ContestedResult& result, const Changes& changes) {
  const auto treatment = treatment_of(request.kind);
  const std::int64_t k = result.ballots;
  const std::int64_t leader = result.all.options[result.leader], runner_up = result.all.options[result.runner_up];
  const bool added = treatment == Treatment::added;
  // First the ballots of the favoured option, then those of the opposed one, then the rest.
  const std::int64_t favoured = added ? runner_up : leader, opposed = added ? leader : runner_up;
  const auto total = static_cast<double>(result.pool);
  const LogMass first = added ? by_share(static_cast<double>(favoured) / total, 1, request.correlation)
                              : without_replacement(favoured, result.pool - favoured);
  const LogMass second =
      added ? by_share(static_cast<double>(opposed) / total, 1 - static_cast<double>(favoured) / total, request.correlation)
            : without_replacement(opposed, result.pool - favoured - opposed);
  const RuleRows rule(*request.rule, count.contest);
  const auto base = [&] {
    std::vector<std::int64_t> row(changes.layout().size());
    changes.write(0, 0, 0, 0, row.data());
    return rule.judge(row.data(), result.leader).outcome;
  }();
  ByFavoured out;
  out.log_mass.assign(static_cast<std::size_t>(k) + 1, -HUGE_VAL);
  out.reversed.assign(out.log_mass.size(), 0);
  out.tied.assign(out.log_mass.size(), 0);
  const bool finished = parallel_for(context, out.log_mass.size(), "applying the rule to every share", [&](std::size_t at) {
    const auto x = static_cast<std::int64_t>(at);
    out.log_mass[at] = first(x, k);
    if (out.log_mass[at] == -HUGE_VAL) return;
    std::vector<std::int64_t> row(changes.layout().size());
    const std::int64_t left = k - x;
    const double expected =
        result.pool > favoured ? static_cast<double>(opposed) / static_cast<double>(result.pool - favoured) : 0;
    const auto [low, high] = window(second, left, std::llround(expected * static_cast<double>(left)));
    const auto write = [&](std::int64_t y) { changes.write(added ? y : x, added ? x : y, left - y, 0, row.data()); };
    enum class Becomes { same, reversed, tied };
    const auto becomes = [&](std::int64_t y) {
      write(y);
      const auto judged = rule.judge(row.data(), result.leader).outcome;
      if (judged == base) return Becomes::same;
      if (judged != shared_place) return Becomes::reversed;
      // The rule names who shares, and whether that decides.
      const Outcome outcome = apply(*request.rule, count.contest, tally_of_row(result.all, row.data()));
      return outcome.same_as(result.base) ? Becomes::same : outcome.verdict == Verdict::tie ? Becomes::tied : Becomes::reversed;
    };
    const auto signature = [&](std::int64_t y) {
      write(y);
      return rule.signature(row.data());
    };
    // Stretches of y with one outcome: each ends where some part of the signature changes.
    struct Stretch {
      std::int64_t low, high;
      Becomes becomes;
    };
    std::vector<Stretch> stretches;
    for (std::int64_t begin = low; begin <= high;) {
      const auto here = signature(begin);
      std::int64_t end = begin, beyond = high + 1;
      if (here && signature(high) == here) end = high;
      while (here && end < high && beyond - end > 1) {
        const std::int64_t middle = end + (beyond - end) / 2;
        (signature(middle) == here ? end : beyond) = middle;
      }
      stretches.push_back({begin, end, becomes(begin)});
      begin = end + 1;
    }
    if (stretches.size() == 1) {
      out.reversed[at] = stretches[0].becomes == Becomes::reversed;
      out.tied[at] = stretches[0].becomes == Becomes::tied;
      return;
    }
    double all = 0, reversed = 0, tied = 0;
    for (const auto& stretch : stretches) {
      double mass = 0;
      for (std::int64_t y = stretch.low; y <= stretch.high; ++y) mass += std::exp(second(y, left));
      all += mass;
      if (stretch.becomes == Becomes::reversed) reversed += mass;
      if (stretch.becomes == Becomes::tied) tied += mass;
    }
    out.reversed[at] = reversed / all;
    out.tied[at] = tied / all;
  });
  if (!finished) return cancelled_error();
  return out;
}

// Does the rule look at an option that is neither the first nor the second?
bool looks_elsewhere(const Rule& rule, const Contest& contest, const ContestedResult& result) {
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses)
      for (const auto& term : clause.terms) {
        if (term.quantity != Quantity::option) continue;
        const auto option = static_cast<std::size_t>(contest.index_of(term.option));
        if (option != result.leader && option != result.runner_up) return true;
      }
  return false;
}

std::string why_no_probability(const Contest& contest, const ContestedBallotsRequest& request,
                               const ContestedResult& result) {
  if (request.contested != "at-random")
    return "Nothing is assumed of how the ballots came to be contested (option contested = unknown)";
  if (request.kind == "misread") return "Nothing is known of how often a ballot is misread: bounds only";
  if (request.pool == "cast" && request.kind != "shut-out" && result.pool != result.all.valid)
    return "How many contested ballots are blank or null is not known: bounds only (option pool = valid gives the "
           "probability among valid votes)";
  if (looks_elsewhere(*request.rule, contest, result))
    return "The rule looks at an option that is neither first nor second: bounds only";
  if (third_may_reach(result, treatment_of(request.kind)))
    return "A third option could reach the first two places by so many ballots: bounds only";
  const auto k = static_cast<double>(result.ballots);
  // Whole windows are summed only where the outcome changes within them: about 20 standard deviations squared.
  if (result.strata.empty() && (request.kind == "shut-out" && request.correlation > 0 ? k * k : 200 * k) > most_terms)
    return "There are too many contested ballots for the sum over all shares: bounds only";
  return "";
}

// The bounds: how many of the contested ballots of each place can be for each option, and what the rule makes of it.
class Directions {
 public:
  Directions(const Contest& contest, const Rule& rule, const ContestedResult& result, Treatment treatment)
      : contest_(contest), rule_(rule), result_(result), treatment_(treatment), places_(result.strata) {
    if (places_.empty()) places_.push_back({"", result.all, result.ballots});
  }

  // The least x such that withdrawing x ballots of the leader and all others of the runner-up changes the outcome.
  std::optional<std::int64_t> least_voided() const {
    std::int64_t fewest = 0, most = 0;
    for (const auto& place : places_) {
      const std::int64_t leader = of(place, result_.leader), second = of(place, result_.runner_up);
      if (place.ballots > leader + second) return std::nullopt;
      fewest += std::max<std::int64_t>(0, place.ballots - second), most += std::min(place.ballots, leader);
    }
    const auto changed = [&](std::int64_t x) {
      return !outcome_of(after(Treatment::withdrawn, {x, result_.ballots - x, 0})).same_as(result_.base);
    };
    if (!changed(most)) return std::nullopt;
    std::int64_t low = fewest - 1, high = most;  // the outcome changes from some x on, as the lead falls by 2 each
    while (high - low > 1) (changed((low + high) / 2) ? high : low) = (low + high) / 2;
    return high;
  }

  std::vector<ContestedResult::Direction> readings() const {
    std::vector<ContestedResult::Direction> out;
    const auto add = [&](std::string name, const Split& split) {
      const Tally tally = after(treatment_, split);
      out.push_back({std::move(name), split.leader, tally, outcome_of(tally)});
    };
    add("as-counted", {});
    Split first, rata, second;
    for (const auto& place : places_) {
      first += one_way(place, result_.leader, result_.runner_up), rata += in_proportion(place);
      Split reversed = one_way(place, result_.runner_up, result_.leader);
      std::swap(reversed.leader, reversed.runner_up);
      second += reversed;
    }
    if (treatment_ == Treatment::moved) {
      add("all-leader", {first.leader, 0, 0});
      return out;
    }
    add("all-leader", first), add("pro-rata", rata), add("all-runner-up", second);
    return out;
  }

 private:
  struct Split {
    std::int64_t leader = 0, runner_up = 0, rest = 0;
    Split& operator+=(const Split& other) {
      leader += other.leader, runner_up += other.runner_up, rest += other.rest;
      return *this;
    }
  };
  static std::int64_t of(const ContestedResult::Stratum& place, std::size_t option) { return place.all.options[option]; }

  // As many as there are of the first, then of the second, then of the others; what is added can all be of the first.
  Split one_way(const ContestedResult::Stratum& place, std::size_t first, std::size_t then) const {
    if (treatment_ == Treatment::added) return {place.ballots, 0, 0};
    const std::int64_t x = std::min(place.ballots, of(place, first)), y = std::min(place.ballots - x, of(place, then));
    return {x, y, place.ballots - x - y};
  }

  Split in_proportion(const ContestedResult::Stratum& place) const {
    const std::int64_t leader = of(place, result_.leader), second = of(place, result_.runner_up);
    const auto part = [&](std::int64_t votes) -> std::int64_t {
      if (place.all.valid == 0) return 0;
      return std::llround(static_cast<double>(place.ballots) * static_cast<double>(votes) / static_cast<double>(place.all.valid));
    };
    const std::int64_t mine = part(leader), theirs = part(second);
    const std::int64_t others = treatment_ == Treatment::withdrawn ? place.all.valid - leader - second : place.ballots;
    return {mine, theirs, std::clamp<std::int64_t>(place.ballots - mine - theirs, 0, others)};
  }

  Tally after(Treatment how, const Split& split) const {
    const Changes changes(result_, how, contest_.options.size());
    std::vector<std::int64_t> row(changes.layout().size());
    changes.write(split.leader, split.runner_up, split.rest, 0, row.data());
    return tally_of_row(result_.all, row.data());
  }
  Outcome outcome_of(const Tally& tally) const { return apply(rule_, contest_, tally); }

  const Contest& contest_;
  const Rule& rule_;
  const ContestedResult& result_;
  Treatment treatment_;
  std::vector<ContestedResult::Stratum> places_;
};

// Some direction of the ballots. In places, no option loses more than it has there: where that is what decides, and none of the
// directions tried changes the outcome, it is not known.
CouldChange could_change(const Count& count, const Rule& rule, Treatment treatment, const ContestedResult& result) {
  const Stake stake{.mechanism = treatment == Treatment::added   ? Mechanism::added
                                 : treatment == Treatment::moved ? Mechanism::moved
                                                                 : Mechanism::withdrawn,
                    .low = result.ballots,
                    .high = result.ballots};
  const CouldChange anywhere = could_change(rule, count.contest, result.all, stake);
  if (result.strata.empty() || treatment == Treatment::added || anywhere == CouldChange::no) return anywhere;
  const auto changes = [&](const auto& direction) { return !direction.outcome.same_as(result.base); };
  if (result.least_voided && treatment == Treatment::withdrawn) return CouldChange::yes;
  if (std::any_of(result.directions.begin(), result.directions.end(), changes)) return CouldChange::yes;
  if (treatment == Treatment::moved) return CouldChange::unknown;
  std::vector<VoteRange> ranges(count.options());
  for (const auto& stratum : result.strata)
    for (std::size_t o = 0; o < ranges.size(); ++o) ranges[o].least -= std::min(stratum.ballots, stratum.all.options[o]);
  return could_decide(rule, count.contest, result.all, ranges) ? CouldChange::unknown : CouldChange::no;
}

}  // namespace

Result<ContestedResult> compute_contested_ballots(const Count& count, const ContestedBallotsRequest& request,
                                                  const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.options() < 2) return needs("two options", "With one option no ballot can change who is first.");
  if (request.others.size() > 1)
    return needs("one count of contested ballots", "Name it with --against, once; its units are the places.");
  if (request.ballots == 0 && request.others.empty() && request.within.empty())
    return needs("the number of contested ballots",
                 "Give it with --option ballots=NUMBER, or name a count of contested ballots by place with --against.");
  if (!request.within.empty() && !request.others.empty())
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the contested ballots are given both by units objected to and by place",
                 .column = "against",
                 .value = request.others[0]->id.text,
                 .remedy = "Leave out --challenge, or --against."};
  if (request.ballots > 0 && !request.others.empty())
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the number of contested ballots is given twice",
                 .column = "ballots",
                 .value = std::to_string(request.ballots),
                 .remedy = "Leave out --option ballots, or --against."};
  ContestedResult out;
  out.all = tally(count);
  out.base = apply(*request.rule, count.contest, out.all);
  const auto order = ranking(out.all);
  out.leader = order[0];
  out.runner_up = order[1];
  out.ballots = request.ballots;
  if (!request.within.empty()) {
    COTEJO_TRY(stratum, stratum_within(count, request));
    out.ballots = stratum.ballots;
    out.strata.push_back(std::move(stratum));
    if (out.ballots == 0) return needs("contested ballots", "The units objected to have none.");
  }
  if (!request.others.empty()) {
    COTEJO_TRY(strata, strata_of(count, *request.others[0], request));
    out.strata = std::move(strata);
    for (const auto& stratum : out.strata) out.ballots += stratum.ballots;
    if (out.ballots == 0) return needs("contested ballots", fmt::format("'{}' has none.", request.others[0]->id.text));
  }
  out.pool = request.pool == "cast" ? out.all.cast : out.all.valid;
  const auto treatment = treatment_of(request.kind);
  if (out.pool == 0) return needs(request.pool == "cast" ? "ballots cast" : "valid votes", "The count has none.");
  if (treatment != Treatment::added && out.ballots > out.pool)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "more ballots are contested than there are",
                 .column = "ballots",
                 .value = std::to_string(out.ballots),
                 .remedy = fmt::format("'{}' has {} {}.", count.id.text, out.pool,
                                       request.pool == "cast" ? "ballots cast" : "valid votes")};

  const Directions directions(count.contest, *request.rule, out, treatment);
  out.least_voided = directions.least_voided();
  context.report("the fewest votes that change the outcome", 0);
  out.least_moved = fewest_votes(*request.rule, count.contest, out.all, Mechanism::moved).votes;
  out.least_added = fewest_votes(*request.rule, count.contest, out.all, Mechanism::added).votes;
  out.directions = directions.readings();
  out.could = could_change(count, *request.rule, treatment, out);

  out.without_probability = why_no_probability(count.contest, request, out);
  if (!out.without_probability.empty()) return out;
  const Changes changes(out, treatment, count.options());
  if (!out.strata.empty()) {
    COTEJO_CHECK(convolve_strata(count, request, context, changes, out));
    return out;
  }
  COTEJO_TRY(by_favoured, enumerate(count, request, context, out, changes));
  const auto plain = by_favoured.at(1);
  out.reversed = plain.reversed;
  out.tied = plain.tied;
  for (const double odds : {1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0}) out.curve.push_back(by_favoured.at(odds));
  out.odds_5 = by_favoured.odds_for(.05);
  out.odds_50 = by_favoured.odds_for(.5);
  return out;
}

}  // namespace cotejo
