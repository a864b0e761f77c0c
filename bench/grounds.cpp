// Every set of 20 overlapping objections on 1,000,000 units, against the plain enumeration (unite the lists, sum the units,
// apply the rule), which is timed on some sets and extrapolated to all. The same sets must have the same outcome.
//   bench_grounds [UNITS [OBJECTIONS]]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "cotejo/base/random.hpp"
#include "cotejo/methods/dispute/grounds.hpp"

using namespace cotejo;

namespace {

double seconds_of(auto&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int arguments, char** argument) {
  const auto units = static_cast<std::size_t>(arguments > 1 ? std::atol(argument[1]) : 1'000'000);
  const auto objections = static_cast<std::size_t>(arguments > 2 ? std::atol(argument[2]) : 20);
  Stream stream(1, Purpose::permutation_test);
  Count count;
  count.id = CountId{"bench"};
  constexpr std::size_t options = 9;
  for (std::size_t o = 0; o < options; ++o) {
    const std::string name(1, static_cast<char>('A' + o));
    count.contest.options.push_back({OptionId{name}, name});
  }
  for (std::size_t u = 0; u < units; ++u) count.unit_keys.push_back(fmt::format("{}", u));
  count.votes.resize(options * units);
  for (std::size_t o = 0; o < options; ++o)
    for (std::size_t u = 0; u < units; ++u)
      count.votes[o * units + u] = static_cast<std::int32_t>(stream.below(o == 0 ? 101 : o == 1 ? 100 : 20));
  std::vector<Challenge> lists(objections);
  for (std::size_t g = 0; g < objections; ++g) {
    lists[g].id = ChallengeId{fmt::format("g{}", g)};
    for (std::size_t u = 0; u < units; ++u)
      if (stream.below(20) == 0) lists[g].unit_keys.push_back(std::string(count.unit_keys[u]));
  }
  const Rule rule = Rule::plurality();
  GroundsRequest request{.rule = &rule};
  for (const auto& list : lists) request.challenges.push_back(&list);

  const Context context{.threads = std::max(1U, std::thread::hardware_concurrency())};
  Result<GroundsResult> result = cancelled_error();
  const double ours = seconds_of([&] { result = compute(count, request, context); });
  if (!result) {
    fmt::print(stderr, "{}\n", describe(result.error()));
    return 1;
  }

  constexpr std::size_t tried = 8;
  bool same = true;
  const double plain = seconds_of([&] {
    for (std::size_t i = 0; i < tried; ++i) {
      const auto set = static_cast<GroundSet>(stream.below(result->units.size()));
      std::vector<const Challenge*> accepted;
      for (std::size_t g = 0; g < objections; ++g)
        if (((set >> g) & 1U) != 0) accepted.push_back(&lists[g]);
      Tally after = result->all;
      if (!accepted.empty()) after -= tally(count, *resolve_union(accepted, count));
      const Outcome outcome = apply(rule, count.contest, after);
      same = same && outcome.same_as(result->outcomes[result->readings[0].outcome[set]]);
    }
  });
  const double all_sets = plain / tried * static_cast<double>(result->units.size());
  fmt::print(
      "grounds: {} units, {} objections, {} sets x {} readings: {:.2f} s on {} threads; plain enumeration of one "
      "reading {:.0f} s (from {} sets): {:.0f}x; the same outcomes: {}\n",
      units, objections, result->units.size(), result->readings.size(), ours, context.threads, all_sets, tried,
      all_sets / ours, same);
  return same ? 0 : 1;
}
