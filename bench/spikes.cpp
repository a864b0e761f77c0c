// The resampling of Rozenas's spikes: reads N, t, v and mixtures that bench/spikes.R wrote, resamples, writes what it found.
//   bench_spikes FOLDER RESAMPLES THREADS
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "../src/methods/forensics/published_spikes.hpp"

using namespace cotejo;

namespace {

template <class T>
std::vector<T> numbers_in(const std::filesystem::path& path) {
  std::vector<T> out(std::filesystem::file_size(path) / sizeof(T));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size() * sizeof(T)));
  return out;
}

}  // namespace

int main(int, char** arguments) {
  const std::filesystem::path folder = arguments[1];
  const auto n = numbers_in<std::int32_t>(folder / "N"), t = numbers_in<std::int32_t>(folder / "t"),
             v = numbers_in<std::int32_t>(folder / "v");
  const auto mixture = [&](const char* name) {
    const auto all = numbers_in<double>(folder / name);
    const auto k = static_cast<std::ptrdiff_t>(all.size() / 3);
    return BetaMixture{
        {all.begin(), all.begin() + k}, {all.begin() + k, all.begin() + 2 * k}, {all.begin() + 2 * k, all.end()}};
  };
  const auto resamples = std::strtoull(arguments[2], nullptr, 10);
  const Context context{.seed = 1, .threads = static_cast<unsigned>(std::strtoul(arguments[3], nullptr, 10))};
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t from = std::clock();
  const auto found = published_spikes(n, t, v, mixture("turnout"), mixture("votes"), resamples, 1001, 1e-4, context);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double processor = static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC;
  if (!found) return 1;
  double envelope = 0, excess = 0;
  for (std::size_t g = 1; g + 1 < found->envelope.size(); ++g) envelope += found->envelope[g];
  for (const double x : found->excess) excess += x;
  fmt::print("{:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {:.6f}\n", wall / static_cast<double>(resamples),
             processor / static_cast<double>(resamples), found->fraud_percent, found->observed[500], envelope, excess);
}
