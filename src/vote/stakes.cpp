#include "cotejo/vote/stakes.hpp"

#include <algorithm>
#include <cassert>

#include "cotejo/vote/outcome_events.hpp"
#include "vote_program.hpp"

namespace cotejo {

namespace {

// The changes that mechanisms allow to one tally, and their effect on it.
class Changes {
 public:
  Changes(const Rule& rule, const Contest& contest, const Tally& tally)
      : rule_(rule),
        contest_(contest),
        tally_(tally),
        base_(apply(rule, contest, tally)),
        options_(contest.options.size()),
        losses_(options_) {}

  // The changes of one stake; returns the limit that their number obeys (an index of program.limits).
  std::size_t add(Mechanism mechanism, const Direction& direction, std::int64_t most) {
    program_.limits.push_back({{}, 0, most});
    budget_ = program_.limits.size() - 1;
    const std::size_t budget = budget_;
    switch (mechanism) {
      case Mechanism::moved:
        moved(direction);
        break;
      case Mechanism::miscounted:
        moved(direction);
        if (direction.from && direction.to) moved({direction.to, direction.from});
        break;
      case Mechanism::voided:
        each_loses(direction, {{valid(), -1}, {null(), 1}});
        break;
      case Mechanism::voided_valid_kept:
        each_loses(direction, {});
        break;
      case Mechanism::withdrawn:
        each_loses(direction, {{valid(), -1}, {cast(), -1}});
        break;
      case Mechanism::added:
        each_gains(direction, {{valid(), 1}, {cast(), 1}});
        break;
      case Mechanism::unknown:
        moved(direction);
        if (direction.from || !direction.to) {
          each_loses(direction, {{valid(), -1}, {null(), 1}});
          each_loses(direction, {});
          each_loses(direction, {{valid(), -1}, {cast(), -1}});
        }
        if (direction.to || !direction.from) each_gains(direction, {{valid(), 1}, {cast(), 1}});
        break;
    }
    return budget;
  }

  // Votes that come in: as many as the range allows, whatever else is known of them.
  void add(std::span<const VoteRange> ranges) {
    for (std::size_t option = 0; option < std::min(options_, ranges.size()); ++option)
      program_.changes.push_back({.effect = {{option, 1}, {valid(), 1}, {cast(), 1}},
                                  .least = std::max(ranges[option].least, -tally_.options[option]),
                                  .most = std::min(ranges[option].most, no_bound),
                                  .cost = 0});
    program_.changes.push_back({.effect = {{registered(), 1}}, .cost = 0});
    program_.changes.push_back({.effect = {{blank(), 1}, {cast(), 1}}, .cost = 0});
    program_.changes.push_back({.effect = {{null(), 1}, {cast(), 1}}, .cost = 0});
  }

  // No option loses more votes than it has.
  void close() {
    for (std::size_t option = 0; option < options_; ++option)
      if (losses_[option].size() > 1) program_.limits.push_back({losses_[option], 0, tally_.options[option]});
  }

  VoteProgram& program() { return program_; }
  const Outcome& base() const { return base_; }

  Tally after(const std::vector<std::int64_t>& times) const {
    Tally out = tally_;
    for (std::size_t k = 0; k < times.size(); ++k)
      for (const auto& [amount, effect] : program_.changes[k].effect) amount_of(out, amount) += effect * times[k];
    return out;
  }

  VoteSolution solve() const {
    const Events events = events_that_change(rule_, contest_, tally_, base_);
    const auto accepts = [&](const std::vector<std::int64_t>& times) {
      return !apply(rule_, contest_, after(times)).same_as(base_);
    };
    return cheapest(program_, events, accepts);
  }

 private:
  using Effect = std::vector<std::pair<std::size_t, std::int64_t>>;

  std::size_t valid() const { return options_; }
  std::size_t cast() const { return options_ + 1; }
  std::size_t registered() const { return options_ + 2; }
  std::size_t blank() const { return options_ + 3; }
  std::size_t null() const { return options_ + 4; }

  std::int64_t& amount_of(Tally& tally, std::size_t amount) const {
    if (amount < options_) return tally.options[amount];
    std::int64_t* const totals[] = {&tally.valid, &tally.cast, &tally.registered, &tally.blank, &tally.null};
    return *totals[amount - options_];
  }

  std::size_t loses(std::size_t option, Effect effect, bool counted) {
    effect.emplace_back(option, -1);
    program_.changes.push_back({.effect = std::move(effect), .most = tally_.options[option], .cost = counted ? 1 : 0});
    const std::size_t column = program_.changes.size() - 1;
    losses_[option].emplace_back(column, 1);
    if (counted) program_.limits[budget_].terms.emplace_back(column, 1);
    return column;
  }

  std::size_t gains(std::size_t option, Effect effect, bool counted) {
    effect.emplace_back(option, 1);
    program_.changes.push_back({.effect = std::move(effect), .cost = counted ? 1 : 0});
    const std::size_t column = program_.changes.size() - 1;
    if (counted) program_.limits[budget_].terms.emplace_back(column, 1);
    return column;
  }

  template <class Then>
  void each(const std::optional<std::size_t>& stated, Then then) {
    for (std::size_t option = 0; option < options_; ++option)
      if (!stated || *stated == option) then(option);
  }

  void each_loses(const Direction& direction, const Effect& effect) {
    each(direction.from, [&](std::size_t option) { loses(option, effect, true); });
  }

  void each_gains(const Direction& direction, const Effect& effect) {
    each(direction.to, [&](std::size_t option) { gains(option, effect, true); });
  }

  // Every vote that one option loses, another gains; each is counted once, where it is lost.
  void moved(const Direction& direction) {
    Limit balance;
    each(direction.from, [&](std::size_t option) { balance.terms.emplace_back(loses(option, {}, true), 1); });
    each(direction.to, [&](std::size_t option) { balance.terms.emplace_back(gains(option, {}, false), -1); });
    program_.limits.push_back(std::move(balance));
  }

  const Rule& rule_;
  const Contest& contest_;
  const Tally& tally_;
  Outcome base_;
  std::size_t options_;
  std::vector<Effect> losses_;  // of each option: the changes in which it loses a vote
  VoteProgram program_;
  std::size_t budget_ = 0;
};

// A tie is broken by single votes; the events do not list every other way out of it.
bool single_vote_changes(const Changes& changes, const Rule& rule, const Contest& contest, VoteProgram& program,
                         FewestVotes& out) {
  std::vector<std::int64_t> times(program.changes.size());
  const auto tries = [&] {
    const bool within = std::all_of(program.limits.begin(), program.limits.end(), [&](const Limit& limit) {
      std::int64_t sum = 0;
      for (const auto& [column, coefficient] : limit.terms) sum += coefficient * times[column];
      return sum >= limit.low && sum <= limit.high;
    });
    if (!within) return false;
    Outcome then = apply(rule, contest, changes.after(times));
    if (then.same_as(changes.base())) return false;
    out = {.votes = 1, .at_least = 1, .proved = true, .becomes = std::move(then)};
    return true;
  };
  for (std::size_t a = 0; a < times.size(); ++a) {
    if (program.changes[a].cost == 0 || program.changes[a].most < 1) continue;
    times[a] = 1;
    if (tries()) return true;
    for (std::size_t b = 0; b < times.size(); ++b) {  // what a moved vote goes to
      if (program.changes[b].cost != 0) continue;
      times[b] = 1;
      if (tries()) return true;
      times[b] = 0;
    }
    times[a] = 0;
  }
  return false;
}

}  // namespace

std::string_view to_text(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::moved:
      return "moved";
    case Mechanism::voided:
      return "voided";
    case Mechanism::voided_valid_kept:
      return "voided-valid-kept";
    case Mechanism::added:
      return "added";
    case Mechanism::withdrawn:
      return "withdrawn";
    case Mechanism::miscounted:
      return "miscounted";
    case Mechanism::unknown:
      break;
  }
  return "unknown";
}

FewestVotes fewest_votes(const Rule& rule, const Contest& contest, const Tally& tally, Mechanism mechanism,
                         const Direction& direction) {
  assert(validate(rule, contest));
  Changes changes(rule, contest, tally);
  changes.add(mechanism, direction, no_bound);
  changes.close();
  FewestVotes out;
  if (changes.base().verdict == Verdict::tie && single_vote_changes(changes, rule, contest, changes.program(), out))
    return out;
  const VoteSolution solution = changes.solve();
  const bool impossible = solution.lower == std::numeric_limits<std::int64_t>::max();
  out.at_least = impossible ? 1 : std::max<std::int64_t>(1, solution.lower);
  out.proved = impossible || (!solution.times.empty() && solution.lower == solution.cost);
  if (solution.times.empty()) return out;
  out.votes = solution.cost;
  out.becomes = apply(rule, contest, changes.after(solution.times));
  return out;
}

CouldChange could_change(const Rule& rule, const Contest& contest, const Tally& tally, const Stake& stake) {
  return could_change(fewest_votes(rule, contest, tally, stake.mechanism, stake.direction), stake);
}

CouldChange could_change(const FewestVotes& fewest, const Stake& stake) {
  if (!fewest.votes) return fewest.proved || stake.high < fewest.at_least ? CouldChange::no : CouldChange::unknown;
  if (stake.low >= *fewest.votes) return CouldChange::yes;
  if (stake.high < fewest.at_least) return CouldChange::no;
  return stake.high >= *fewest.votes && stake.low < fewest.at_least ? CouldChange::depends : CouldChange::unknown;
}

namespace {

// With up to so many votes each: could they?
CouldChange together_up_to(const Rule& rule, const Contest& contest, const Tally& tally, std::span<const Stake> stakes,
                           std::int64_t Stake::*votes) {
  Changes changes(rule, contest, tally);
  for (const Stake& stake : stakes) changes.add(stake.mechanism, stake.direction, stake.*votes);
  changes.close();
  const VoteSolution solution = changes.solve();
  if (!solution.times.empty()) return CouldChange::yes;
  return solution.lower == std::numeric_limits<std::int64_t>::max() ? CouldChange::no : CouldChange::unknown;
}

}  // namespace

CouldChange could_change(const Rule& rule, const Contest& contest, const Tally& tally,
                         std::span<const Stake> together) {
  if (together.size() == 1) return could_change(rule, contest, tally, together.front());
  const CouldChange low = together_up_to(rule, contest, tally, together, &Stake::low);
  if (low == CouldChange::yes) return low;
  const CouldChange high = together_up_to(rule, contest, tally, together, &Stake::high);
  if (high == CouldChange::no) return high;
  return high == CouldChange::yes && low == CouldChange::no ? CouldChange::depends : CouldChange::unknown;
}

bool could_decide(const Rule& rule, const Contest& contest, const Tally& tally, std::span<const VoteRange> added) {
  assert(validate(rule, contest));
  const bool no_votes = std::all_of(added.begin(), added.end(),
                                    [](const VoteRange& range) { return range.least == 0 && range.most == 0; });
  if (no_votes && !looks_at(rule, {Quantity::cast, Quantity::registered, Quantity::blank, Quantity::null}))
    return false;
  Changes changes(rule, contest, tally);
  changes.add(added);
  const VoteSolution solution = changes.solve();
  return !solution.times.empty() || solution.lower != std::numeric_limits<std::int64_t>::max();
}

}  // namespace cotejo
