// Positions from votes: our sampler on a matrix of answers, for bench/roll_calls.py, which lays it beside the peers.
// Usage: bench_roll_calls FILE DIMENSIONS WARMUP DRAWS CHAINS THREADS ITEM_SD OUT
// FILE holds matrices one after the other: subjects, items, then cells 1, -1, 0. Prints per matrix: subjects, items, answers, CPU
// seconds, wall seconds, smallest and median bulk ESS, largest R-hat, share told right. OUT gets the means of the last one.
#include <fmt/format.h>
#include <fmt/os.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "cotejo/stats/convergence.hpp"
#include "cotejo/stats/item_response.hpp"

int main(int argc, char** argv) {
  if (argc != 9) return 2;
  const auto number = [&](int at) { return static_cast<std::size_t>(std::atoll(argv[at])); };
  std::ifstream file(argv[1]);
  cotejo::ItemResponseOptions options{
      .dimensions = number(2), .chains = number(5), .warmup = number(3), .draws = number(4)};
  options.item_sd = std::atof(argv[7]);
  for (std::size_t subjects = 0, items = 0; file >> subjects >> items; ++options.unit) {
    cotejo::ResponseMatrix all{.subjects = subjects, .items = items, .cells = {}};
    for (std::size_t c = 0; c < subjects * items; ++c) {
      int cell = 0;
      file >> cell;
      all.cells.push_back(static_cast<std::int8_t>(cell));
    }
    const auto kept = cotejo::keep_informative(all, 0.025, 10);
    const auto wall = std::chrono::steady_clock::now();
    const auto cpu = std::clock();
    const auto fit =
        cotejo::item_response(kept.responses, options, {.seed = 1, .threads = static_cast<unsigned>(number(6))});
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    if (!fit) {
      fmt::print("0 0 0 0 0 0 0 0 0\n");
      continue;
    }
    std::vector<double> ess;
    double rhat = 0;
    for (const auto& draws : fit->coordinate_draws) {
      ess.push_back(cotejo::ess_bulk(draws, options.chains));
      rhat = std::max(rhat, cotejo::rhat(draws, options.chains));
    }
    std::sort(ess.begin(), ess.end());
    fmt::print("{} {} {} {:.4f} {:.4f} {:.1f} {:.1f} {:.4f} {:.4f}\n", fit->subjects, fit->items,
               kept.responses.answers(), cpu_seconds, seconds, ess.front(), ess[ess.size() / 2], rhat,
               cotejo::answer_fit(kept.responses, cotejo::utilities(*fit)).right_share);
    auto out = fmt::output_file(argv[8]);
    for (std::size_t i = 0; i < fit->subjects; ++i)
      out.print("{} {}\n", kept.subject[i], fit->mean[i * fit->dimensions]);
  }
}
