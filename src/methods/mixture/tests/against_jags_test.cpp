// The published models and ours against JAGS, which this test starts: densities at fixed points, and posteriors.
// Skips where there is no JAGS (Debian package `jags`).
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "../mixture_fit.hpp"
#include "../published_fit.hpp"
#include "cotejo/sim/samplers.hpp"
#include "cotejo/stats/convergence.hpp"

namespace cotejo::mixture {
namespace {

namespace fs = std::filesystem;

// What JAGS monitored, by name: chain after chain.
std::map<std::string, std::vector<double>> run_jags(const fs::path& model, const std::string& data,
                                                    const std::string& monitored, int burn, int iterations,
                                                    int chains) {
  const fs::path folder = fs::temp_directory_path() / ("cotejo-jags-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "data.R") << data;
  std::ofstream commands(folder / "run.cmd");
  commands << "model in \"" << model.string() << "\"\ndata in \"data.R\"\ncompile, nchains(" << chains << ")\n";
  for (int c = 1; c <= chains; ++c) {
    std::ofstream(folder / ("init" + std::to_string(c) + ".R"))
        << ".RNG.name <- \"base::Mersenne-Twister\"\n.RNG.seed <- " << c << "\n";
    commands << "parameters in \"init" << c << ".R\", chain(" << c << ")\n";
  }
  commands << "initialize\n";
  if (burn > 0) commands << "adapt " << burn << "\nupdate " << burn << "\n";
  commands << monitored << "update " << iterations << "\ncoda *\n";
  commands.close();
  const std::string line = "cd '" + folder.string() + "' && jags run.cmd > log 2>&1";
  EXPECT_EQ(std::system(line.c_str()), 0);
  std::map<std::string, std::vector<double>> out;
  for (int c = 1; c <= chains; ++c) {
    std::vector<double> values;
    std::ifstream in(folder / ("CODAchain" + std::to_string(c) + ".txt"));
    for (double at, value; in >> at >> value;) values.push_back(value);
    std::ifstream index(folder / "CODAindex.txt");
    std::string name;
    for (std::size_t from, to; index >> name >> from >> to;)
      out[name].insert(out[name].end(), values.begin() + static_cast<std::ptrdiff_t>(from) - 1,
                       values.begin() + static_cast<std::ptrdiff_t>(to));
  }
  fs::remove_all(folder);
  return out;
}

bool jags_is_here() {
  return std::system("command -v jags > /dev/null 2>&1") == 0;
}

TEST(AgainstJags, LogDensitiesAndClassProbabilitiesAtFixedPointsToTheDigitsThatJagsWrites) {
  if (!jags_is_here()) {
    testing::Test::RecordProperty("may_be_skipped", "jags is not in packages.txt");
    GTEST_SKIP() << "jags is not installed";
  }
  const fs::path model = fs::temp_directory_path() / ("cotejo-density-" + std::to_string(::getpid()) + ".jags");
  std::ofstream(model) << R"(model {
  for (c in 1:3) {
    p[c] <- nu * (1 - s[c]) / (1 - m[c]) * (1 - m[c] - A / N) + A / N * (m[c] - s[c]) / (1 - m[c]) + s[c]
    ld[c] <- logdensity.bin(A, (1 - tau) * (1 - m[c]), N) + logdensity.bin(W, p[c], N)
    w[c] <- q[c] * exp(ld[c] - ld[1])
  }
  for (c in 1:3) { probability[c] <- w[c] / sum(w) }
  dummy ~ dnorm(0, 1)
}
)";
  for (const auto& [registered, absent, leader] : {std::array<double, 3>{210, 12, 130}, {87, 20, 40}, {640, 60, 400}}) {
    std::ostringstream data;
    data << "N <- " << registered << "\nA <- " << absent << "\nW <- " << leader
         << "\ntau <- 0.83\nnu <- 0.47\nm <- c(0, 0.35, 0.85)\ns <- c(0, 0.25, 0.8)\nq <- c(0.7, 0.2, 0.1)\n";
    const auto got = run_jags(model, data.str(), "monitor ld\nmonitor probability\n", 0, 1, 1);
    const auto probabilities =
        published_class_probabilities({0.7, 0.2, 0.1}, registered, absent, leader, 0.83, 0.47, 0.35, 0.25, 0.85, 0.8);
    const double m[3] = {0, 0.35, 0.85}, s[3] = {0, 0.25, 0.8};
    for (std::size_t c = 0; c < 3; ++c) {
      const std::string index = "[" + std::to_string(c + 1) + "]";
      const double density = published_log_likelihood(registered, absent, leader, 0.83, 0.47, m[c], s[c]);
      // JAGS writes six digits: half a unit of the last is up to 5e-6 of the value. The specification itself is held to 1e-10
      // in published_model_test.cpp.
      EXPECT_NEAR(got.at("ld" + index).at(0) / density, 1, 5e-6);
      EXPECT_NEAR(got.at("probability" + index).at(0), probabilities[c], 1e-6);
    }
  }
  fs::remove(model);
}

void posterior_of_pi_agrees(Published model, const char* file, int burn, int iterations, std::size_t own) {
  if (!jags_is_here()) {
    testing::Test::RecordProperty("may_be_skipped", "jags is not in packages.txt");
    GTEST_SKIP() << "jags is not installed";
  }
  MixtureData data;
  data.places.levels = 1;
  data.places.parent = {NestedPlaces::top};
  data.places.level = {0};
  Stream stream(18, Purpose::synthetic_election);
  std::ostringstream columns[3];
  for (int u = 0; u < 143; ++u) {
    const auto n = static_cast<std::int32_t>(100 + stream.below(150));
    const double e = model == Published::qbl ? 0.35 : 0, tau = 1 / (1 + std::exp(-1.2 - e * stream.normal())),
                 nu = 1 / (1 + std::exp(-0.1 - e * stream.normal()));
    const double m = u < 25 ? 0.3 : u < 35 ? 0.85 : 0, s = m;
    const auto absent = static_cast<std::int32_t>(binomial_rng(stream, n, (1 - tau) * (1 - m)));
    const auto leader = static_cast<std::int32_t>(std::min<std::int64_t>(
        n - absent, binomial_rng(stream, n, published_p(nu, m, s, static_cast<double>(absent) / n))));
    data.registered.push_back(n);
    data.abstained.push_back(absent);
    data.leader.push_back(leader);
    data.other.push_back(n - absent - leader);
    data.place.push_back(0);
    const char* comma = u > 0 ? ", " : "";
    columns[0] << comma << n;
    columns[1] << comma << absent;
    columns[2] << comma << leader;
  }
  const std::string text = "N <- c(" + columns[0].str() + ")\nA <- c(" + columns[1].str() + ")\nW <- c(" +
                           columns[2].str() + ")\nn <- 143\n";
  auto theirs = run_jags(fs::path(COTEJO_JAGS_MODELS) / file, text, "monitor pi\n", burn, iterations, 2);
  const ChainPlan plan{.chains = 4, .warmup = 500, .iterations = own, .block = own, .until_mixed = false};
  const auto ours = fit_published(data, model, plan, 7, {.threads = 2});
  ASSERT_TRUE(ours);
  const char* names[3] = {"pi_none", "pi_incremental", "pi_extreme"};
  for (std::size_t c = 0; c < 3; ++c) {
    const auto& x = theirs.at("pi[" + std::to_string(c + 1) + "]");
    double mean = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    const auto& d = ours->diagnostic(names[c]);
    const double error = std::hypot(mcse_mean(x, 2), d.mcse);
    std::printf("%s %s: JAGS %.5f (ESS %.0f), ours %.5f (ESS %.0f), difference %.2f standard errors\n", file, names[c],
                mean, ess_bulk(x, 2), d.mean, d.ess_bulk, (d.mean - mean) / error);
    EXPECT_LT(std::abs(d.mean - mean), 3.5 * error) << names[c];  // three classes: 0.14 % of false alarms in all
  }
}

TEST(AgainstJags, ThePosteriorOfPiOfBlAgreesWithinMonteCarloError) {
  posterior_of_pi_agrees(Published::bl, "bl.jags", 300, 2500, 2000);
}

TEST(AgainstJags, ThePosteriorOfPiOfQblAgreesWithinMonteCarloError) {
  posterior_of_pi_agrees(Published::qbl, "qbl.jags", 500, 8000, 4000);
}

// 504 units in 84 places of 12 groups drawn from our model: a dose of 6 % added, moved or both.
MixtureData drawn_for_jags() {
  MixtureData data;
  constexpr std::uint32_t groups = 12, places = 84, units = 504;
  data.places.levels = 2;
  Stream stream(21, Purpose::synthetic_election);
  std::vector<double> turnout, share;
  for (std::uint32_t p = 0; p < groups + places; ++p) {
    const bool lower = p >= groups;
    data.places.parent.push_back(lower ? (p - groups) % groups : NestedPlaces::top);
    data.places.level.push_back(lower);
    turnout.push_back((lower ? turnout[(p - groups) % groups] : 1.5) + 0.3 * stream.normal());
    share.push_back((lower ? share[(p - groups) % groups] : 0) + 0.5 * stream.normal());
  }
  for (std::uint32_t u = 0; u < units; ++u) {
    const std::uint32_t p = groups + u % places, kind = u < 30 ? 1 + u % 3 : 0;
    const auto n = static_cast<std::int32_t>(150 + stream.below(150));
    const double m = kind == 1 || kind == 3 ? 0.6 : 0, s = kind >= 2 ? 0.6 : 0;
    const double absent = 1 / (1 + std::exp(turnout[p] + 0.2 * stream.normal())),
                 other = 1 / (1 + std::exp(share[p] + 0.2 * stream.normal()));
    const double a = absent * (1 - m), o = (1 - absent) * other * (1 - s), split[3] = {a, o, 1 - a - o};
    std::int32_t counts[3];
    multinomial_rng(stream, n, split, counts);
    data.registered.push_back(n);
    data.abstained.push_back(counts[0]);
    data.other.push_back(counts[1]);
    data.leader.push_back(counts[2]);
    data.place.push_back(p);
  }
  return data;
}

std::string in_r(const char* name, std::size_t number, const std::function<std::int64_t(std::size_t)>& value) {
  std::string out = std::string(name) + " <- c(";
  for (std::size_t i = 0; i < number; ++i) out += (i > 0 ? ", " : "") + std::to_string(value(i));
  return out + ")\n";
}

TEST(AgainstJags, ThePosteriorOfOurMixtureAgreesOn500UnitsWithinMonteCarloError) {
  if (!jags_is_here()) {
    testing::Test::RecordProperty("may_be_skipped", "jags is not in packages.txt");
    GTEST_SKIP() << "jags is not installed";
  }
  const MixtureData data = drawn_for_jags();
  constexpr std::size_t groups = 12;
  std::string text = "n <- " + std::to_string(data.size()) +
                     "\ngroups <- 12\nplaces <- 84\nprior_pi <- c(9, 0.5, 0.5)\nones <- c(1, 1, 1)\n"
                     "node <- c(0.11666666666666667, 0.35, 0.58333333333333333)\nnode_weight <- c(1, 1, 1)\n";
  text += in_r("N", data.size(), [&](std::size_t u) { return data.registered[u]; });
  text += in_r("A", data.size(), [&](std::size_t u) { return data.abstained[u]; });
  text += in_r("O", data.size(), [&](std::size_t u) { return data.other[u]; });
  text += in_r("place", data.size(), [&](std::size_t u) { return data.place[u] - groups + 1; });
  text += in_r("group", 84, [&](std::size_t p) { return data.places.parent[groups + p] + 1; });
  const std::map<std::string, std::string> monitored = {{"pi[1]", "pi_none"},
                                                        {"pi[2]", "pi_incremental"},
                                                        {"pi[3]", "pi_extreme"},
                                                        {"manufactured", "manufactured_votes"},
                                                        {"stolen", "stolen_votes"},
                                                        {"sd[1]", "unit_sd_turnout"},
                                                        {"sd[2]", "unit_sd_share"},
                                                        {"df[1]", "tail_turnout"},
                                                        {"df[2]", "tail_share"},
                                                        {"place_sd[1]", "place_sd_turnout"},
                                                        {"place_sd[2]", "place_sd_share"},
                                                        {"alpha", "alpha"}};
  const auto theirs = run_jags(
      fs::path(COTEJO_JAGS_MODELS) / "mixture.jags", text,
      "monitor pi\nmonitor manufactured\nmonitor stolen\nmonitor sd\nmonitor df\nmonitor place_sd\nmonitor alpha\n",
      2000, 20000, 2);
  const ChainPlan plan{.chains = 4, .warmup = 50, .iterations = 2000, .block = 2000, .until_mixed = false};
  const auto ours = fit_mixture(data, {}, plan, {.seed = 7, .threads = 2});
  ASSERT_TRUE(ours);
  for (const auto& [their_name, our_name] : monitored) {
    const auto& x = theirs.at(their_name);
    double mean = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    const auto& d = ours->draws.diagnostic(our_name);
    const double error = std::hypot(mcse_mean(x, 2), d.mcse);
    std::printf("%s: JAGS %.5g (ESS %.0f), ours %.5g (ESS %.0f), difference %.2f standard errors\n", our_name.c_str(),
                mean, ess_bulk(x, 2), d.mean, d.ess_bulk, (d.mean - mean) / error);
    EXPECT_LT(std::abs(d.mean - mean), 3.5 * error) << our_name;  // twelve quantities: 0.6 % of false alarms in all
  }
}

}  // namespace
}  // namespace cotejo::mixture
