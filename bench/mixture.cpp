// Effective samples of pi_none a second: `mixture` beside JAGS with the published model qbl, on the same units in one run.
//
// The units: whole places of a count, evenly over it, until there are as many as wanted. Ours is fitted until every quantity has mixed
// (which is checked); counted are all its seconds, mode and picture of the posterior included. Of JAGS only the iterations that it keeps
// are counted: the seconds of a run less those of one that stops after its burn-in. Both are processor seconds, and both effective
// samples are cotejo's `ess_bulk`. The two models differ (docs/methods/mixture.md): what is compared is how fast the share of clean
// units is known under either.
// Usage: bench_mixture CASE COUNT [UNITS [BURN KEPT]]
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/stats/convergence.hpp"
#include "mixture_fit.hpp"
#include "published_fit.hpp"

namespace {

using namespace cotejo;
namespace fs = std::filesystem;

constexpr int jags_chains = 2;

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

double seconds_of(int who) {
  rusage used{};
  getrusage(who, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

MixtureData slice_of(const MixtureData& data, std::size_t wanted) {
  std::map<std::uint32_t, std::vector<std::size_t>> of_place;
  for (std::size_t u = 0; u < data.size(); ++u) of_place[data.place[u]].push_back(u);
  const std::size_t every = std::max<std::size_t>(1, data.size() / wanted);
  std::vector<std::size_t> chosen;
  std::size_t index = 0;
  for (const auto& [place, units] : of_place)
    if (index++ % every == 0) chosen.insert(chosen.end(), units.begin(), units.end());
  return only(data, chosen);
}

// Processor seconds of one run; it leaves CODAchain1.txt and CODAchain2.txt where something is kept.
double run_jags(const fs::path& folder, int burn, int kept) {
  std::ofstream commands(folder / "run.cmd");
  commands << "model in \"" << fs::absolute("src/methods/mixture/tests/jags/qbl.jags").string()
           << "\"\ndata in \"data.R\"\ncompile, nchains(" << jags_chains << ")\n";
  for (int c = 1; c <= jags_chains; ++c) {
    std::ofstream(folder / fmt::format("init{}.R", c))
        << ".RNG.name <- \"base::Mersenne-Twister\"\n.RNG.seed <- " << c << "\n";
    commands << "parameters in \"init" << c << ".R\", chain(" << c << ")\n";
  }
  commands << "initialize\nadapt " << burn << "\n";
  if (kept > 0) commands << "monitor pi\nupdate " << kept << "\ncoda *\n";
  commands.close();
  const double before = seconds_of(RUSAGE_CHILDREN);
  if (std::system(fmt::format("cd '{}' && jags run.cmd > log 2>&1", folder.string()).c_str()) != 0) std::exit(1);
  return seconds_of(RUSAGE_CHILDREN) - before;
}

// The first monitored quantity, pi[1], of both chains.
std::vector<double> first_of_coda(const fs::path& folder, std::size_t kept) {
  std::vector<double> out;
  for (int c = 1; c <= jags_chains; ++c) {
    std::ifstream in(folder / fmt::format("CODAchain{}.txt", c));
    double at = 0, value = 0;
    for (std::size_t t = 0; t < kept && in >> at >> value; ++t) out.push_back(value);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 1;
  const int burn = argc > 5 ? std::atoi(argv[4]) : 500, kept = argc > 5 ? std::atoi(argv[5]) : 2000;
  const Count count = must(must(CaseFile::open(argv[1], CaseFile::Mode::read)).load_count(argv[2]));
  const auto given = must(mixture_units(count, "cast", ""));
  const MixtureData voted = only(given.data, mixture::units_that_voted(given.data));
  const MixtureData data = slice_of(voted, argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 500);

  const double before = seconds_of(RUSAGE_SELF);
  const auto fit = must(mixture::fit_mixture(data, {}, {.chains = 4, .warmup = 20, .iterations = 4000, .block = 100},
                                             {.seed = 20191020, .threads = 2}));
  const double ours = seconds_of(RUSAGE_SELF) - before, our_ess = fit.draws.diagnostic("pi_none").ess_bulk;
  fmt::print("mixture: {} units, {} chains of {}, {}; {:.1f} s, effective sample of pi_none {:.0f}: {:.1f} a second\n",
             data.size(), fit.draws.chains, fit.draws.iterations, fit.draws.mixed() ? "all mixed" : "NOT mixed", ours,
             our_ess, our_ess / ours);
  if (std::system("command -v jags > /dev/null 2>&1") != 0) {
    fmt::print("jags: skipped, it is not installed\n");
    return 0;
  }
  const fs::path folder = fs::temp_directory_path() / fmt::format("cotejo-bench-mixture-{}", ::getpid());
  fs::create_directories(folder);
  std::ofstream(folder / "data.R") << fmt::format("N <- c({})\nA <- c({})\nW <- c({})\nn <- {}\n",
                                                  fmt::join(data.registered, ", "), fmt::join(data.abstained, ", "),
                                                  fmt::join(data.leader, ", "), data.size());
  const double set_up = run_jags(folder, burn, 0), theirs = run_jags(folder, burn, kept) - set_up;
  const auto pi = first_of_coda(folder, static_cast<std::size_t>(kept));
  const double their_ess = ess_bulk(pi, jags_chains), their_rhat = rhat(pi, jags_chains);
  fmt::print(
      "jags qbl: the same units, {} chains of {} after {}; {:.1f} s without the burn-in, effective sample of pi[1] "
      "{:.1f} (R-hat {:.2f}): {:.4f} a second; "
      "ratio {:.0f}\n",
      jags_chains, kept, burn, theirs, their_ess, their_rhat, their_ess / theirs,
      our_ess / ours / (their_ess / theirs));
  fs::remove_all(folder);
}
