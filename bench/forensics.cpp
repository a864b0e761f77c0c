// The statistic of `integer-percent` and the drawing of fair elections, on stations as large as Russia's and as Bolivia's.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/sim/samplers.hpp"
#include "cotejo/sim/unit_draws.hpp"

namespace {

using namespace cotejo;

struct Seconds {
  double wall = 0, processor = 0;  // of this thread
};
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Work>
Seconds median_seconds(Work work) {
  std::vector<double> wall, processor;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const double from = processor_seconds();
    work();
    processor.push_back(processor_seconds() - from);
    wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(wall.begin(), wall.end());
  std::sort(processor.begin(), processor.end());
  return {wall[2], processor[2]};
}

Count stations_of(std::size_t stations, std::size_t in_place, std::int32_t smallest, std::int32_t largest) {
  Count count;
  count.id = CountId{"bench/final"};
  count.hierarchy = Hierarchy({"region", "commission"});
  for (const char* id : {"A", "B", "C"}) count.contest.options.push_back({OptionId{id}, id});
  std::vector<std::vector<std::int32_t>> votes(3);
  for (std::size_t u = 0; u < stations; ++u) {
    Stream stream(1, Purpose::synthetic_election, u);
    count.unit_keys.push_back(std::to_string(u));
    const auto region = count.hierarchy.add(no_place, "R" + std::to_string(u / 1200));
    count.unit_place.push_back(count.hierarchy.add(region, "C" + std::to_string(u / in_place)));
    count.registered.push_back(static_cast<std::int32_t>(smallest + stream.below(largest - smallest)));
    const auto cast = static_cast<std::int32_t>(count.registered.back() * (0.4 + 0.4 * stream.uniform()));
    votes[0].push_back(static_cast<std::int32_t>(cast * (0.3 + 0.4 * stream.uniform())));
    votes[1].push_back((cast - votes[0].back()) * 2 / 3);
    votes[2].push_back(cast - votes[0].back() - votes[1].back());
    count.blank.push_back(0);
  }
  for (const auto& column : votes) count.votes.insert(count.votes.end(), column.begin(), column.end());
  return count;
}

}  // namespace

int main() {
  struct Size {
    std::size_t stations, in_place;
    std::int32_t smallest, largest;
  };
  for (const Size size : {Size{95'000, 35, 100, 3000}, Size{34'555, 7, 100, 260}}) {
    const Count count = stations_of(size.stations, size.in_place, size.smallest, size.largest);
    const auto electorate = electorate_of(count);
    if (!electorate) return 1;
    const Returns observed = returns_of(count, *electorate);
    fmt::print("{} stations of {} to {} voters, one thread, median of 5:\n", size.stations, size.smallest,
               size.largest);
    for (const auto& test : forensic_tests()) {
      std::vector<double> out(test.components.size());
      test.measure(*electorate, observed, out);
      // The result is checked before it is timed: 200,000 stations' worth of chance is what was counted, within 5 sd.
      if (test.id == std::string_view("integer-percent") && std::abs(out[0]) > 5 * std::sqrt(out[2])) return 1;
      const auto seconds = median_seconds([&] { test.measure(*electorate, observed, out); });
      fmt::print("  {:16} {:.3f} s, {:.3f} s of processor\n", test.id, seconds.wall, seconds.processor);
    }
    const FairModel model(*electorate, observed);
    std::uint64_t replicate = 0;
    for (const Depth depth : {Depth::units, Depth::places}) {
      const auto draw = median_seconds([&] { (void)model.draw(depth, 1, Purpose::fair_election, replicate++); });
      fmt::print("  a fair election  {:.3f} s, {:.3f} s of processor ({})\n", draw.wall, draw.processor,
                 depth == Depth::units ? "the units" : "units in their places");
    }
    const auto fit = median_seconds([&] { (void)FairModel(*electorate, observed); });
    fmt::print("  a fair model     {:.3f} s, {:.3f} s of processor\n", fit.wall, fit.processor);
  }
  // Binomials for all units at once beside one at a time; both are checked by their mean first.
  for (const auto& [n, logit] : {std::pair{200, -0.1}, std::pair{1000, 0.4}}) {
    constexpr std::size_t units = 100'000;
    const std::vector<std::int32_t> trials(units, n);
    const std::vector<double> mean(units, logit), sd(units, 0.4);
    std::vector<std::int32_t> together(units), apart(units);
    std::uint64_t replicate = 0;
    const auto many =
        median_seconds([&] { binomial_units({.seed = 1, .replicate = replicate++}, trials, mean, sd, {}, together); });
    Stream stream(1, Purpose::fair_election);
    const auto one = median_seconds([&] {
      for (std::size_t i = 0; i < units; ++i)
        apart[i] =
            static_cast<std::int32_t>(binomial_rng(stream, n, 1 / (1 + std::exp(-logit - 0.4 * stream.normal()))));
    });
    double difference = 0;
    for (std::size_t i = 0; i < units; ++i) difference += together[i] - apart[i];
    if (std::abs(difference / units) > 5 * n * 0.11 * std::sqrt(2.0 / units)) return 1;
    fmt::print("Bin({}, logistic-normal), all units at once {:.0f} ns a unit, one at a time {:.0f} ns: ratio {:.1f}\n",
               n, 1e9 * many.processor / units, 1e9 * one.processor / units, one.processor / many.processor);
  }
}
