#include "cotejo/methods/dispute/contested_ballots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "../rule_rows.hpp"
#include "contested_mass.hpp"
#include "contested_rows.hpp"
#include "contested_strata.hpp"
#include "cotejo/stats/hypergeometric.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

namespace {

constexpr double most_terms = 4e8;

// The mass of each number of ballots of the favoured option, and how much of it reverses or ties the outcome.
struct ByFavoured {
  std::vector<double> log_mass, reversed, tied;  // k + 1; the last two as shares of the first
  ContestedBallotsResult::AtOdds at(double odds) const {
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
    for (int i = 0; i < 60; ++i)
      (at(std::exp((low + high) / 2)).reversed < probability ? low : high) = (low + high) / 2;
    return std::exp(high);
  }
};

// Could a third option reach one of the first two places, whatever the k ballots are?
bool third_may_reach(const ContestedBallotsResult& result, Treatment treatment) {
  std::int64_t third = -1;
  for (std::size_t o = 0; o < result.all.options.size(); ++o)
    if (o != result.leader && o != result.runner_up) third = std::max(third, result.all.options[o]);
  const std::int64_t second = result.all.options[result.runner_up];
  return third >= 0 &&
         (treatment == Treatment::added ? third + result.ballots >= second : third >= second - result.ballots);
}

// The rule applied at every (x, y): x ballots of the favoured option, whose share the odds tilt, and y of the opposed one.
class Enumeration {
 public:
  Enumeration(const Count& count, const ContestedBallotsRequest& request, const ContestedBallotsResult& result,
              const Changes& changes)
      : rule_(*request.rule),
        contest_(count.contest),
        result_(result),
        changes_(changes),
        forms_(*request.rule, count.contest),
        added_(treatment_of(request.kind) == Treatment::added) {
    const std::int64_t leader = result.all.options[result.leader], runner_up = result.all.options[result.runner_up];
    favoured_ = added_ ? runner_up : leader;
    opposed_ = added_ ? leader : runner_up;
    const double total = static_cast<double>(result.pool), share = static_cast<double>(favoured_) / total;
    first_ = added_ ? by_share(share, 1, request.correlation) : without_replacement(favoured_, result.pool - favoured_);
    second_ = added_ ? by_share(static_cast<double>(opposed_) / total, 1 - share, request.correlation)
                     : without_replacement(opposed_, result.pool - favoured_ - opposed_);
    auto row = empty_row();
    changes.write(0, 0, 0, 0, row.data());
    base_ = forms_.judge(row.data(), result.leader).outcome;
  }

  Result<ByFavoured> all(const Context& context) const {
    ByFavoured out;
    out.log_mass.assign(static_cast<std::size_t>(result_.ballots) + 1, -HUGE_VAL);
    out.reversed.assign(out.log_mass.size(), 0);
    out.tied.assign(out.log_mass.size(), 0);
    const bool finished = parallel_for(context, out.log_mass.size(), "applying the rule to every share",
                                       [&](std::size_t x) { fill(out, x); });
    if (!finished) return cancelled_error();
    return out;
  }

 private:
  enum class Becomes { same, reversed, tied };
  // Numbers y with one outcome.
  struct Stretch {
    std::int64_t low, high;
    Becomes becomes;
  };

  std::vector<std::int64_t> empty_row() const { return std::vector<std::int64_t>(changes_.layout().size()); }

  void write(std::int64_t x, std::int64_t y, std::int64_t* row) const {
    changes_.write(added_ ? y : x, added_ ? x : y, result_.ballots - x - y, 0, row);
  }

  Becomes becomes(std::int64_t x, std::int64_t y, std::int64_t* row) const {
    write(x, y, row);
    const auto judged = forms_.judge(row, result_.leader).outcome;
    if (judged == base_) return Becomes::same;
    if (judged != shared_place) return Becomes::reversed;
    // The rule names who shares, and whether that decides.
    const Outcome outcome = apply(rule_, contest_, tally_of_row(result_.all, row));
    if (outcome.same_as(result_.base)) return Becomes::same;
    return outcome.verdict == Verdict::tie ? Becomes::tied : Becomes::reversed;
  }

  // Each stretch ends where some part of the rule's signature changes.
  std::vector<Stretch> stretches(std::int64_t x, std::int64_t low, std::int64_t high) const {
    auto row = empty_row();
    const auto signature = [&](std::int64_t y) {
      write(x, y, row.data());
      return forms_.signature(row.data());
    };
    std::vector<Stretch> out;
    for (std::int64_t begin = low; begin <= high;) {
      const auto here = signature(begin);
      std::int64_t end = begin, beyond = high + 1;
      if (here && signature(high) == here) end = high;
      while (here && end < high && beyond - end > 1) {
        const std::int64_t middle = end + (beyond - end) / 2;
        (signature(middle) == here ? end : beyond) = middle;
      }
      out.push_back({begin, end, becomes(x, begin, row.data())});
      begin = end + 1;
    }
    return out;
  }

  void fill(ByFavoured& out, std::size_t at) const {
    const auto x = static_cast<std::int64_t>(at);
    out.log_mass[at] = first_(x, result_.ballots);
    if (out.log_mass[at] == -HUGE_VAL) return;
    const std::int64_t left = result_.ballots - x;
    const double expected =
        result_.pool > favoured_ ? static_cast<double>(opposed_) / static_cast<double>(result_.pool - favoured_) : 0;
    const auto [low, high] = window(second_, left, std::llround(expected * static_cast<double>(left)));
    const auto parts = stretches(x, low, high);
    if (parts.size() == 1) {
      out.reversed[at] = parts[0].becomes == Becomes::reversed;
      out.tied[at] = parts[0].becomes == Becomes::tied;
      return;
    }
    double all = 0, reversed = 0, tied = 0;
    for (const auto& stretch : parts) {
      double mass = 0;
      for (std::int64_t y = stretch.low; y <= stretch.high; ++y) mass += std::exp(second_(y, left));
      all += mass;
      if (stretch.becomes == Becomes::reversed) reversed += mass;
      if (stretch.becomes == Becomes::tied) tied += mass;
    }
    out.reversed[at] = reversed / all;
    out.tied[at] = tied / all;
  }

  const Rule& rule_;
  const Contest& contest_;
  const ContestedBallotsResult& result_;
  const Changes& changes_;
  RuleRows forms_;
  bool added_;
  std::int64_t favoured_ = 0, opposed_ = 0;  // votes
  LogMass first_, second_;                   // of the favoured option; of the opposed one among the rest
  std::uint64_t base_ = 0;                   // the outcome as counted
};

// Does the rule look at an option that is neither the first nor the second?
bool looks_elsewhere(const Rule& rule, const Contest& contest, const ContestedBallotsResult& result) {
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses)
      for (const auto& term : clause.terms) {
        if (term.quantity != Quantity::option) continue;
        const auto option = static_cast<std::size_t>(contest.index_of(term.option));
        if (option != result.leader && option != result.runner_up) return true;
      }
  return false;
}

std::optional<NoProbability> why_no_probability(const Contest& contest, const ContestedBallotsRequest& request,
                                                const ContestedBallotsResult& result) {
  if (request.contested != "at-random") return NoProbability::not_assumed;
  if (request.kind == "misread") return NoProbability::misread;
  if (request.pool == "cast" && request.kind != "shut-out" && result.pool != result.all.valid)
    return NoProbability::blank_or_null;
  if (looks_elsewhere(*request.rule, contest, result)) return NoProbability::other_option;
  if (third_may_reach(result, treatment_of(request.kind))) return NoProbability::third_option;
  const auto k = static_cast<double>(result.ballots);
  // Whole windows are summed only where the outcome changes within them: about 20 standard deviations squared.
  if (result.strata.empty() && (request.kind == "shut-out" && request.correlation > 0 ? k * k : 200 * k) > most_terms)
    return NoProbability::too_many;
  return std::nullopt;
}

// The bounds: how many of the contested ballots of each place can be for each option, and what the rule makes of it.
class Directions {
 public:
  Directions(const Contest& contest, const Rule& rule, const ContestedBallotsResult& result, Treatment treatment)
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

  std::vector<ContestedBallotsResult::Direction> readings() const {
    std::vector<ContestedBallotsResult::Direction> out;
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
  static std::int64_t of(const ContestedBallotsResult::Stratum& place, std::size_t option) {
    return place.all.options[option];
  }

  // As many as there are of the first, then of the second, then of the others; what is added can all be of the first.
  Split one_way(const ContestedBallotsResult::Stratum& place, std::size_t first, std::size_t then) const {
    if (treatment_ == Treatment::added) return {place.ballots, 0, 0};
    const std::int64_t x = std::min(place.ballots, of(place, first)), y = std::min(place.ballots - x, of(place, then));
    return {x, y, place.ballots - x - y};
  }

  Split in_proportion(const ContestedBallotsResult::Stratum& place) const {
    const std::int64_t leader = of(place, result_.leader), second = of(place, result_.runner_up);
    const auto part = [&](std::int64_t votes) -> std::int64_t {
      if (place.all.valid == 0) return 0;
      return std::llround(static_cast<double>(place.ballots) * static_cast<double>(votes) /
                          static_cast<double>(place.all.valid));
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
  const ContestedBallotsResult& result_;
  Treatment treatment_;
  std::vector<ContestedBallotsResult::Stratum> places_;
};

// Some direction of the ballots. In places, no option loses more than it has there: where that is what decides, and none of the
// directions tried changes the outcome, it is not known.
CouldChange could_change(const Count& count, const Rule& rule, Treatment treatment,
                         const ContestedBallotsResult& result) {
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
    for (std::size_t o = 0; o < ranges.size(); ++o)
      ranges[o].least -= std::min(stratum.ballots, stratum.all.options[o]);
  return could_decide(rule, count.contest, result.all, ranges) ? CouldChange::unknown : CouldChange::no;
}

Error given_twice(std::string_view message, std::string_view column, std::string value, std::string_view remedy) {
  return {.code = ErrorCode::option_invalid,
          .message = std::string(message),
          .column = std::string(column),
          .value = std::move(value),
          .remedy = std::string(remedy)};
}

Result<void> check(const Count& count, const ContestedBallotsRequest& request) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.options() < 2) return needs("two options", "With one option no ballot can change who is first.");
  if (request.others.size() > 1)
    return needs("one count of contested ballots", "Name it with --against, once; its units are the places.");
  if (request.ballots == 0 && request.others.empty() && request.within.empty())
    return needs("the number of contested ballots",
                 "Give it with --option ballots=NUMBER, or name a count of contested ballots by place with --against.");
  if (!request.within.empty() && !request.others.empty())
    return given_twice("the contested ballots are given both by units objected to and by place", "against",
                       request.others[0]->id.text, "Leave out --challenge, or --against.");
  if (request.ballots > 0 && !request.others.empty())
    return given_twice("the number of contested ballots is given twice", "ballots", std::to_string(request.ballots),
                       "Leave out --option ballots, or --against.");
  return {};
}

// How many ballots are contested, and where.
Result<void> take_ballots(ContestedBallotsResult& out, const Count& count, const ContestedBallotsRequest& request) {
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
  const bool cast = request.pool == "cast";
  out.pool = cast ? out.all.cast : out.all.valid;
  if (out.pool == 0) return needs(cast ? "ballots cast" : "valid votes", "The count has none.");
  if (treatment_of(request.kind) != Treatment::added && out.ballots > out.pool)
    return Error{
        .code = ErrorCode::option_invalid,
        .message = "more ballots are contested than there are",
        .column = "ballots",
        .value = std::to_string(out.ballots),
        .remedy = fmt::format("'{}' has {} {}.", count.id.text, out.pool, cast ? "ballots cast" : "valid votes")};
  return {};
}

// The probability, the curve and the odds.
Result<void> find_probability(ContestedBallotsResult& out, const Count& count, const ContestedBallotsRequest& request,
                              const Context& context) {
  out.without_probability = why_no_probability(count.contest, request, out);
  if (out.without_probability) return {};
  const Changes changes(out, treatment_of(request.kind), count.options());
  if (!out.strata.empty()) return convolve_strata(count, request, context, changes, out);
  COTEJO_TRY(by_favoured, Enumeration(count, request, out, changes).all(context));
  const auto plain = by_favoured.at(1);
  out.reversed = plain.reversed;
  out.tied = plain.tied;
  for (const double odds : {1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0}) out.curve.push_back(by_favoured.at(odds));
  out.odds_5 = by_favoured.odds_for(.05);
  out.odds_50 = by_favoured.odds_for(.5);
  return {};
}

}  // namespace

const OptionTable<ContestedBallotsRequest>& ContestedBallotsRequest::table() {
  static const OptionTable<ContestedBallotsRequest> options = [] {
    OptionTable<ContestedBallotsRequest> t;
    t.add(&ContestedBallotsRequest::ballots,
          {.name = "ballots",
           .unit = "ballots",
           .text = "How many ballots are contested, of the whole count; by place they are a second count (--against).",
           .low = 0,
           .high = 1e9});
    t.add(&ContestedBallotsRequest::kind,
          {.name = "kind",
           .unit = "",
           .text = "Irregular or surplus ballots would be withdrawn, shut-out ones added, misread ones read otherwise.",
           .choices = {"irregular", "surplus", "shut-out", "misread"}});
    t.add(&ContestedBallotsRequest::pool,
          {.name = "pool",
           .unit = "",
           .text = "What irregular ballots are among: the valid votes, or all ballots cast.",
           .choices = {"valid", "cast"}});
    t.add(&ContestedBallotsRequest::contested,
          {.name = "contested",
           .unit = "",
           .text = "How the ballots came to be contested: at random, without regard to the vote, or not known.",
           .choices = {"unknown", "at-random"}});
    t.add(&ContestedBallotsRequest::correlation,
          {.name = "correlation",
           .unit = "share 0..1",
           .text = "Of ballots that were shut out: how much more alike their votes are than those of all voters.",
           .low = 0,
           .high = .99});
    return t;
  }();
  return options;
}

Result<ContestedBallotsResult> compute(const Count& count, const ContestedBallotsRequest& request,
                                       const Context& context) {
  COTEJO_CHECK(check(count, request));
  const Rule& rule = *request.rule;
  ContestedBallotsResult out;
  out.all = tally(count);
  out.base = apply(rule, count.contest, out.all);
  const auto order = ranking(out.all);
  out.leader = order[0];
  out.runner_up = order[1];
  COTEJO_CHECK(take_ballots(out, count, request));
  const auto treatment = treatment_of(request.kind);
  const Directions directions(count.contest, rule, out, treatment);
  out.least_voided = directions.least_voided();
  context.report("the fewest votes that change the outcome", 0);
  out.least_moved = fewest_votes(rule, count.contest, out.all, Mechanism::moved).votes;
  out.least_added = fewest_votes(rule, count.contest, out.all, Mechanism::added).votes;
  out.directions = directions.readings();
  out.could = could_change(count, rule, treatment, out);
  COTEJO_CHECK(find_probability(out, count, request, context));
  return out;
}

}  // namespace cotejo
