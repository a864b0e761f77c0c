// Fixed effects of many groups absorbed: the time, and the data and estimates for the peer (bench/arrival.py).
#include <fmt/format.h>
#include <fmt/os.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/stats/absorbed_regression.hpp"

// Usage: bench_absorbed_regression UNITS GROUPS FILE.csv
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto units = static_cast<std::size_t>(std::atoll(argv[1]));
  const auto groups = static_cast<std::uint64_t>(std::atoll(argv[2]));
  std::vector<double> y, late;
  std::vector<std::uint32_t> group;
  for (std::size_t i = 0; i < units; ++i) {
    cotejo::Stream stream(20191020, cotejo::Purpose::synthetic_election, i);
    group.push_back(static_cast<std::uint32_t>(stream.below(groups)));
    late.push_back(stream.uniform() < 0.1 + 0.2 * (group.back() % 3));
    y.push_back(0.5 * late.back() + group.back() % 40 + 10 * stream.normal());
  }
  auto file = fmt::output_file(argv[3]);
  file.print("y,late,g\n");
  for (std::size_t i = 0; i < units; ++i) file.print("{},{},{}\n", y[i], late[i], group[i]);
  file.close();
  std::vector<double> seconds;
  cotejo::Result<cotejo::Regression> fit = cotejo::Error{};
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    fit = cotejo::absorbed_regression({.y = y, .x = {late}, .factors = {group}, .clusters = group});
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  if (!fit) return 1;
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{} {} {}\n", fit->coefficients[0], fit->errors_uncorrected[0], seconds[2]);
}
