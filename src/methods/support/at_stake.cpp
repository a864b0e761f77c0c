#include "cotejo/methods/support/at_stake.hpp"

#include <algorithm>
#include <cmath>

#include "cotejo/methods/support/words.hpp"

namespace cotejo {

namespace {

constexpr double most_votes = 1e15;

std::int64_t whole_below(double votes) {
  return static_cast<std::int64_t>(std::floor(std::clamp(votes, 0., most_votes) + 1e-9));
}
std::int64_t whole_above(double votes) {
  return static_cast<std::int64_t>(std::ceil(std::clamp(votes, 0., most_votes) - 1e-9));
}

struct Held {
  Stake stake;
  FewestVotes fewest;
  CouldChange could;
};

Held hold(const Rule& rule, const Contest& contest, const Tally& tally, const VotesInQuestion& entry) {
  Held out;
  out.stake = {entry.mechanism, whole_below(entry.low.value_or(entry.votes)),
               whole_above(entry.high.value_or(entry.votes)), entry.direction};
  out.stake.low = std::min(out.stake.low, out.stake.high);
  out.fewest = fewest_votes(rule, contest, tally, entry.mechanism, entry.direction);
  out.could = could_change(out.fewest, out.stake);
  return out;
}

Cell name_of(const Contest& contest, const std::optional<std::size_t>& option) {
  return option ? Cell(contest.options[*option].id.text) : Cell(Message{"support.stakes.any"});
}

// The key of a select has no hyphens.
Message mechanism_words(Mechanism mechanism) {
  const std::string name(to_text(mechanism));
  std::string key = name;
  std::replace(key.begin(), key.end(), '-', '_');
  return {"support.mechanism", {{"key", key}, {"name", name}}};
}

std::string_view text_of(CouldChange could) {
  switch (could) {
    case CouldChange::no:
      return "no";
    case CouldChange::yes:
      return "yes";
    case CouldChange::depends:
      return "depends";
    case CouldChange::unknown:
      break;
  }
  return "unknown";
}

// How far the upper bound is towards the fewest votes that change the outcome.
double closeness(const Held& held) {
  if (!held.fewest.votes) return held.fewest.proved ? -1 : 0;
  return static_cast<double>(held.stake.high) / static_cast<double>(*held.fewest.votes);
}

}  // namespace

ForOutcome for_outcome_of(CouldChange could) {
  switch (could) {
    case CouldChange::no:
      return ForOutcome::holds;
    case CouldChange::yes:
      return ForOutcome::changes;
    case CouldChange::depends:
      return ForOutcome::depends;
    case CouldChange::unknown:
      break;
  }
  return ForOutcome::unknown;
}

void hold_against_rule(Finding& finding, const Rule& rule, const Contest& contest, const Tally& tally,
                       std::span<const VotesInQuestion> entries) {
  if (entries.empty()) return;
  Table table{.id = "stakes",
              .title = Message{"support.stakes"},
              .columns = {{"mechanism"},
                          {"from", "", Message{"support.stakes.from"}},
                          {"to", "", Message{"support.stakes.to"}},
                          {"votes", of_unit("votes"), Message{"support.stakes.votes"}},
                          {"votes_low", of_unit("votes"), Message{"support.stakes.votes_low"}},
                          {"votes_high", of_unit("votes"), Message{"support.stakes.votes_high"}},
                          {"needed", of_unit("votes"), Message{"support.stakes.needed"}},
                          {"could_change", "", Message{"support.stakes.could_change"}},
                          {"what"}},
              .rows = {},
              .brief = {"mechanism", "votes", "needed", "could_change"}};
  std::vector<Held> held;
  std::string mechanisms;
  for (const auto& entry : entries) {
    held.push_back(hold(rule, contest, tally, entry));
    const Held& h = held.back();
    const auto number = [](std::int64_t n) { return Cell{n}; };
    table.rows.push_back({mechanism_words(entry.mechanism), name_of(contest, entry.direction.from),
                          name_of(contest, entry.direction.to), entry.votes, entry.low ? number(h.stake.low) : Cell{},
                          entry.high ? number(h.stake.high) : Cell{}, h.fewest.votes ? number(*h.fewest.votes) : Cell{},
                          Message{"support.could_change", {{"is", text_of(h.could)}}}, cell_of(entry.what)});
    const auto name = to_text(entry.mechanism);
    if (mechanisms.find(name) == std::string::npos) mechanisms += (mechanisms.empty() ? "" : ", ") + std::string(name);
  }
  const auto all = [&](CouldChange could) {
    return std::all_of(held.begin(), held.end(), [&](const Held& h) { return h.could == could; });
  };
  const auto some = [&](CouldChange could) {
    return std::any_of(held.begin(), held.end(), [&](const Held& h) { return h.could == could; });
  };
  const std::size_t closest = static_cast<std::size_t>(
      std::max_element(held.begin(), held.end(),
                       [](const Held& a, const Held& b) { return closeness(a) < closeness(b); }) -
      held.begin());
  const VotesInQuestion& entry = entries[closest];
  const FewestVotes& fewest = held[closest].fewest;
  finding.at_stake = AtStake{.votes = entry.votes,
                             .of_slack = apply(rule, contest, tally).slack.value(),
                             .decisive = some(CouldChange::yes) || some(CouldChange::depends),
                             .mechanism = std::move(mechanisms),
                             .votes_low = entry.low,
                             .votes_high = entry.high,
                             .needed = fewest.votes ? std::optional(static_cast<double>(*fewest.votes)) : std::nullopt};
  finding.for_outcome = all(CouldChange::no)         ? ForOutcome::holds
                        : all(CouldChange::yes)      ? ForOutcome::changes
                        : finding.at_stake->decisive ? ForOutcome::depends
                                                     : ForOutcome::unknown;
  std::erase_if(finding.tables, [](const Table& t) { return t.id == "stakes"; });
  finding.tables.push_back(std::move(table));
}

void hold_against_rule(Finding& finding, const Rule& rule, const Contest& contest, const Tally& tally,
                       const VotesInQuestion& entry) {
  hold_against_rule(finding, rule, contest, tally, std::span(&entry, 1));
}

std::vector<VotesInQuestion> lead_in_question(double lead, std::optional<double> low, std::optional<double> high,
                                              std::size_t leader, std::size_t runner_up) {
  const bool to_leader = lead >= 0;
  const double sign = to_leader ? 1 : -1;
  if (!to_leader) std::swap(low, high);
  const auto part = [&](std::optional<double> bound, double share) -> std::optional<double> {
    return bound ? std::optional(std::max(0., sign * *bound * share)) : std::nullopt;
  };
  const std::size_t gained = to_leader ? leader : runner_up, lost = to_leader ? runner_up : leader;
  const auto entry = [&](Mechanism mechanism, double share, Direction direction) {
    return VotesInQuestion{mechanism, std::abs(lead) * share, part(low, share), part(high, share),
                           direction, Message{"support.lead"}};
  };
  return {entry(Mechanism::moved, 0.5, {.from = gained, .to = lost}), entry(Mechanism::voided, 1, {.from = gained}),
          entry(Mechanism::added, 1, {.to = lost})};
}

}  // namespace cotejo
