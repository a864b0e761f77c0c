// The statistic of `integer-percent` and the drawing of fair elections, on stations as large as Russia's.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace {

using namespace cotejo;

template <class Work>
double median_seconds(Work work) {
  std::vector<double> seconds;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[2];
}

}  // namespace

int main() {
  constexpr std::size_t stations = 95'000;
  Count count;
  count.id = CountId{"bench/final"};
  count.hierarchy = Hierarchy({"region", "commission"});
  for (const char* id : {"A", "B", "C"}) count.contest.options.push_back({OptionId{id}, id});
  std::vector<std::vector<std::int32_t>> votes(3);
  for (std::size_t u = 0; u < stations; ++u) {
    Stream stream(1, Purpose::synthetic_election, u);
    count.unit_keys.push_back(std::to_string(u));
    const auto region = count.hierarchy.add(no_place, "R" + std::to_string(u / 1200));
    count.unit_place.push_back(count.hierarchy.add(region, "C" + std::to_string(u / 35)));
    count.registered.push_back(static_cast<std::int32_t>(100 + stream.below(2900)));
    const auto cast = static_cast<std::int32_t>(count.registered.back() * (0.4 + 0.4 * stream.uniform()));
    votes[0].push_back(static_cast<std::int32_t>(cast * (0.3 + 0.4 * stream.uniform())));
    votes[1].push_back((cast - votes[0].back()) * 2 / 3);
    votes[2].push_back(cast - votes[0].back() - votes[1].back());
    count.blank.push_back(0);
  }
  for (const auto& column : votes) count.votes.insert(count.votes.end(), column.begin(), column.end());
  const auto electorate = electorate_of(count);
  if (!electorate) return 1;
  const Returns observed = returns_of(count, *electorate);
  const auto& test = forensic_test("integer-percent");
  std::vector<double> out(test.components.size());
  test.measure(*electorate, observed, out);
  // The result is checked before it is timed: 200,000 stations' worth of chance is what was counted, within 5 sd.
  if (std::abs(out[0]) > 5 * std::sqrt(out[2])) return 1;
  const double statistic = median_seconds([&] { test.measure(*electorate, observed, out); });
  const FairModel model(*electorate, observed);
  std::uint64_t replicate = 0;
  const double draw = median_seconds([&] { (void)model.draw(Depth::units, 1, Purpose::fair_election, replicate++); });
  const double fit = median_seconds([&] { (void)FairModel(*electorate, observed); });
  fmt::print(
      "integer-percent on {} stations: {:.3f} s for the statistic and its exact expectation; a fair model {:.3f} s, a "
      "fair election {:.3f} s (one thread)\n",
      stations, statistic, fit, draw);
}
