#include "cotejo/methods/dispute/contested_ballots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "cotejo/stats/hypergeometric.hpp"
#include "cotejo/vote/stakes.hpp"
#include "rule_rows.hpp"

namespace cotejo {

namespace {

constexpr double most_terms = 4e8;
constexpr double negligible = 1e-18;

enum class Treatment { withdrawn, added, moved };

Treatment treatment_of(std::string_view kind) {
  return kind == "shut-out" ? Treatment::added : kind == "misread" ? Treatment::moved : Treatment::withdrawn;
}

// What a number of ballots of the leader and of the runner-up make of the count; `rest` is spread over the other options
// in proportion to their votes, the remainder first where most votes are.
class Changes {
 public:
  Changes(const ContestedResult& result, Treatment treatment, std::size_t options)
      : layout_{options}, leader_(result.leader), runner_up_(result.runner_up), treatment_(treatment), all_(layout_.totals()) {
    write_row(result.all, all_.data());
    for (std::size_t o = 0; o < options; ++o)
      if (o != leader_ && o != runner_up_) others_ += all_[o];
  }
  std::int64_t others() const { return others_; }
  const RowLayout& layout() const { return layout_; }
  // `no_vote`: withdrawn ballots that are blank or null, or not known.
  void write(std::int64_t of_leader, std::int64_t of_runner_up, std::int64_t rest, std::int64_t no_vote,
             std::int64_t* row) const {
    std::copy(all_.begin(), all_.end(), row);
    const std::int64_t sign = treatment_ == Treatment::added ? 1 : -1;
    row[leader_] += sign * of_leader;
    if (treatment_ == Treatment::moved) {
      row[runner_up_] += of_leader;
      return;
    }
    row[runner_up_] += sign * of_runner_up;
    std::int64_t left = rest;
    for (std::size_t o = 0; others_ > 0 && o < layout_.options; ++o) {
      if (o == leader_ || o == runner_up_) continue;
      const auto part = static_cast<std::int64_t>(static_cast<Slack::Wide>(rest) * all_[o] / others_);
      row[o] += sign * part;
      left -= part;
    }
    for (std::size_t o = 0; left > 0 && o < layout_.options; ++o) {
      if (o == leader_ || o == runner_up_) continue;
      const std::int64_t part = sign > 0 ? left : std::min(left, row[o]);
      row[o] += sign * part;
      left -= part;
    }
    const std::int64_t votes = of_leader + of_runner_up + rest;
    row[layout_.valid()] += sign * votes;
    row[layout_.cast()] += sign * (votes + no_vote);
  }

 private:
  RowLayout layout_;
  std::size_t leader_, runner_up_;
  Treatment treatment_;
  std::vector<std::int64_t> all_;
  std::int64_t others_ = 0;
};

// How many of n drawn are of one class of weight a against the weight b of all other classes.
using LogMass = std::function<double(std::int64_t x, std::int64_t n)>;

LogMass without_replacement(std::int64_t marked, std::int64_t others) {
  return [=](std::int64_t x, std::int64_t n) {
    if (x < 0 || x > marked || n - x > others || n > marked + others) return -HUGE_VAL;
    return hypergeometric_lpmf(x, marked + others, marked, n);
  };
}

LogMass by_share(double share, double total, double correlation) {
  // `total` is the share that this class and the rest have together.
  const double a = share * (1 / correlation - 1), b = (total - share) * (1 / correlation - 1);
  return [=](std::int64_t x, std::int64_t n) {
    if (x < 0 || x > n) return -HUGE_VAL;
    const double choose = log_factorial(n) - log_factorial(x) - log_factorial(n - x);
    const auto dx = static_cast<double>(x), dn = static_cast<double>(n);
    if (correlation == 0) {
      const double p = total > 0 ? share / total : 0;
      if ((p == 0 && x > 0) || (p == 1 && x < n)) return -HUGE_VAL;
      return choose + (x > 0 ? dx * std::log(p) : 0) + (x < n ? (dn - dx) * std::log1p(-p) : 0);
    }
    if (a == 0 || b == 0) return (a == 0 ? x == 0 : x == n) ? 0 : -HUGE_VAL;
    return choose + std::lgamma(a + dx) + std::lgamma(b + dn - dx) - std::lgamma(a + b + dn) + std::lgamma(a + b) -
           std::lgamma(a) - std::lgamma(b);
  };
}

// The x of 0..n whose mass is above `negligible` of the largest; the mass is unimodal, or largest at an end.
std::pair<std::int64_t, std::int64_t> window(const LogMass& mass, std::int64_t n, std::int64_t near) {
  // From the middle outwards: first the mode by climbing, then the ends by doubling and bisection.
  std::int64_t low = 0, high = n;
  while (low < high && mass(low, n) == -HUGE_VAL) ++low;
  while (high > low && mass(high, n) == -HUGE_VAL) --high;
  std::int64_t mode = std::clamp(near, low, high);
  while (mode < high && mass(mode + 1, n) > mass(mode, n)) ++mode;
  while (mode > low && mass(mode - 1, n) > mass(mode, n)) --mode;
  const double floor = std::max({mass(mode, n), mass(low, n), mass(high, n)}) + std::log(negligible);
  if (mass(low, n) <= floor) {  // left of the mode it rises
    std::int64_t below = low, above = mode;
    while (above - below > 1) (mass((below + above) / 2, n) > floor ? above : below) = (below + above) / 2;
    low = above;
  }
  if (mass(high, n) <= floor) {
    std::int64_t above = high, below = mode;
    while (above - below > 1) (mass((below + above) / 2, n) > floor ? below : above) = (below + above) / 2;
    high = below;
  }
  return {low, high};
}

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
  if ((request.kind == "shut-out" && request.correlation > 0 ? k * k : 200 * k) > most_terms)
    return "There are too many contested ballots for the sum over all shares: bounds only";
  return "";
}

}  // namespace

Result<ContestedResult> compute_contested_ballots(const Count& count, const ContestedBallotsRequest& request,
                                                  const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.options() < 2) return needs("two options", "With one option no ballot can change who is first.");
  if (request.ballots == 0) return needs("the number of contested ballots", "Give it with --option ballots=NUMBER.");
  ContestedResult out;
  out.all = tally(count);
  out.base = apply(*request.rule, count.contest, out.all);
  const auto order = ranking(out.all);
  out.leader = order[0];
  out.runner_up = order[1];
  out.ballots = request.ballots;
  out.pool = request.pool == "cast" ? out.all.cast : out.all.valid;
  const auto treatment = treatment_of(request.kind);
  if (out.pool == 0) return needs(request.pool == "cast" ? "ballots cast" : "valid votes", "The count has none.");
  if (treatment != Treatment::added && request.ballots > out.pool)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "more ballots are contested than there are",
                 .column = "ballots",
                 .value = std::to_string(request.ballots),
                 .remedy = fmt::format("'{}' has {} {}.", count.id.text, out.pool,
                                       request.pool == "cast" ? "ballots cast" : "valid votes")};

  // The least that must have gone one way.
  const auto apply_to = [&](Treatment how, std::int64_t of_leader, std::int64_t of_runner_up, std::int64_t rest) {
    const Changes changes(out, how, count.options());
    std::vector<std::int64_t> row(changes.layout().size());
    changes.write(of_leader, of_runner_up, rest, 0, row.data());
    return tally_of_row(out.all, row.data());
  };
  const auto changed = [&](const Tally& after) {
    return !apply(*request.rule, count.contest, after).same_as(out.base);
  };
  const std::int64_t leader = out.all.options[out.leader], second = out.all.options[out.runner_up];
  const std::int64_t k = out.ballots;
  const std::int64_t fewest = std::max<std::int64_t>(0, k - second), most = std::min(k, leader);
  const auto withdrawn = [&](std::int64_t x) { return apply_to(Treatment::withdrawn, x, std::min(k - x, second), 0); };
  if (most >= fewest && k <= leader + second) {
    if (changed(withdrawn(most))) {
      std::int64_t low = fewest - 1, high = most;  // the outcome changes from some x on, as the lead falls by 2 each
      while (high - low > 1) (changed(withdrawn((low + high) / 2)) ? high : low) = (low + high) / 2;
      out.least_voided = high;
    }
  }
  context.report("the fewest votes that change the outcome", 0);
  out.least_moved = fewest_votes(*request.rule, count.contest, out.all, Mechanism::moved).votes;
  out.least_added = fewest_votes(*request.rule, count.contest, out.all, Mechanism::added).votes;
  const Stake stake{.mechanism = treatment == Treatment::added   ? Mechanism::added
                                 : treatment == Treatment::moved ? Mechanism::moved
                                                                 : Mechanism::withdrawn,
                    .low = k,
                    .high = k};
  out.could = could_change(*request.rule, count.contest, out.all, stake);

  const Changes changes(out, treatment, count.options());
  const auto add = [&](std::string name, std::int64_t of_leader, const Tally& after) {
    out.directions.push_back({std::move(name), of_leader, after, apply(*request.rule, count.contest, after)});
  };
  const auto part = [&](std::int64_t votes) {
    return static_cast<std::int64_t>(std::llround(static_cast<double>(k) * static_cast<double>(votes) /
                                                  static_cast<double>(out.all.valid)));
  };
  add("as-counted", 0, out.all);
  if (treatment == Treatment::moved) {
    add("all-leader", most, apply_to(treatment, most, 0, 0));
  } else {
    const bool in = treatment == Treatment::withdrawn;
    const std::int64_t other_votes = out.all.valid - leader - second;
    const std::int64_t all_leader = in ? most : k, all_second = in ? std::min(k, second) : k;
    add("all-leader", all_leader, apply_to(treatment, all_leader, in ? std::min(k - all_leader, second) : 0,
                                           in ? std::max<std::int64_t>(0, k - all_leader - second) : 0));
    const std::int64_t mine = part(leader), theirs = part(second);
    add("pro-rata", mine, apply_to(treatment, mine, theirs, std::clamp<std::int64_t>(k - mine - theirs, 0, in ? other_votes : k)));
    const std::int64_t first_of_rest = in ? std::min(k - all_second, leader) : 0;
    add("all-runner-up", first_of_rest,
        apply_to(treatment, first_of_rest, all_second, in ? std::max<std::int64_t>(0, k - all_second - leader) : 0));
  }

  out.without_probability = why_no_probability(count.contest, request, out);
  if (!out.without_probability.empty()) return out;
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
