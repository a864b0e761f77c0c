#include "run_chains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cotejo/stats/convergence.hpp"

namespace cotejo::mixture {

namespace {

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

std::vector<Diagnostic> diagnose(const ChainDraws& draws, const ChainPlan& plan) {
  std::vector<Diagnostic> out;
  for (std::size_t q = 0; q < draws.names.size(); ++q) {
    const auto& x = draws.draws[q];
    Diagnostic d{.quantity = draws.names[q]};
    d.mean = mean_of(x);
    for (const double v : x) d.sd += (v - d.mean) * (v - d.mean);
    d.sd = std::sqrt(d.sd / static_cast<double>(x.size() - 1));
    d.rhat = rhat(x, draws.chains);
    d.ess_bulk = ess_bulk(x, draws.chains);
    d.ess_tail = ess_tail(x, draws.chains);
    if (std::isnan(d.ess_tail)) d.ess_tail = d.ess_bulk;
    d.mcse = mcse_mean(x, draws.chains);
    const bool nothing = std::all_of(x.begin(), x.end(),
                                     [](double v) { return v == 0; });  // votes in no draw: what the shares say decides
    d.mixed = nothing || (d.rhat < plan.wanted_rhat && d.ess_bulk > plan.wanted_ess && d.ess_tail > plan.wanted_ess);
    out.push_back(std::move(d));
  }
  return out;
}

constexpr std::string_view checkpoint_magic = "cotejo.checkpoint/1\n";

// Text header, then numbers as they lie in memory: a checkpoint is for this machine.
std::string pack(const std::string& identity, const ChainDraws& draws, const std::vector<std::vector<double>>& states) {
  nlohmann::json head{{"identity", identity},
                      {"chains", draws.chains},
                      {"iterations", draws.iterations},
                      {"quantities", draws.names.size()},
                      {"state", states.empty() ? 0 : states[0].size()}};
  std::string out(checkpoint_magic);
  out += head.dump() + "\n";
  const auto put = [&](const std::vector<double>& x) {
    out.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(double));
  };
  for (const auto& x : draws.draws) put(x);
  for (const auto& x : states) put(x);
  return out;
}

Result<std::size_t> unpack(const std::string& bytes, const std::string& identity, ChainDraws& draws,
                           std::vector<std::vector<double>>& states) {
  const Error other{.code = ErrorCode::conflict,
                    .message = "the checkpoint is not of this run: data, options or seed differ, or it is damaged",
                    .remedy = "Remove it, or name another file."};
  if (!bytes.starts_with(checkpoint_magic)) return other;
  const auto end = bytes.find('\n', checkpoint_magic.size());
  if (end == std::string::npos) return other;
  const auto head =
      nlohmann::json::parse(bytes.substr(checkpoint_magic.size(), end - checkpoint_magic.size()), nullptr, false);
  if (head.is_discarded() || !head.is_object() || head.value("identity", "") != identity ||
      head.value("chains", std::size_t{0}) != draws.chains ||
      head.value("quantities", std::size_t{0}) != draws.names.size() ||
      head.value("state", std::size_t{0}) != states[0].size())
    return other;
  const auto iterations = head.value("iterations", std::size_t{0});
  if (iterations > 10000000) return other;
  const std::size_t numbers = draws.names.size() * draws.chains * iterations + draws.chains * states[0].size();
  if (bytes.size() != end + 1 + numbers * sizeof(double)) return other;
  const char* at = bytes.data() + end + 1;
  const auto take = [&](std::vector<double>& x, std::size_t n) {
    x.resize(n);
    std::memcpy(x.data(), at, n * sizeof(double));
    at += n * sizeof(double);
  };
  for (auto& x : draws.draws) take(x, draws.chains * iterations);
  for (auto& x : states) take(x, x.size());
  return iterations;
}

// Draws of one more block behind those of every chain.
void append(ChainDraws& draws, const std::vector<double>& rows, std::size_t block, std::size_t width) {
  const std::size_t before = draws.iterations, after = before + block;
  for (std::size_t q = 0; q < draws.names.size(); ++q) {
    std::vector<double> longer(draws.chains * after);
    for (std::size_t c = 0; c < draws.chains; ++c) {
      for (std::size_t t = 0; t < before; ++t) longer[c * after + t] = draws.draws[q][c * before + t];
      for (std::size_t t = 0; t < block; ++t)
        longer[c * after + before + t] = rows[c * width + t * draws.names.size() + q];
    }
    draws.draws[q] = std::move(longer);
  }
  draws.iterations = after;
}

}  // namespace

const std::vector<double>& ChainDraws::of(std::string_view name) const {
  const auto at = std::find(names.begin(), names.end(), name);
  assert(at != names.end());
  return draws[static_cast<std::size_t>(at - names.begin())];
}

const Diagnostic& ChainDraws::diagnostic(std::string_view name) const {
  return *std::find_if(diagnostics.begin(), diagnostics.end(), [&](const auto& d) { return d.quantity == name; });
}

bool ChainDraws::mixed() const {
  return std::all_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.mixed; });
}

bool ChainDraws::mixed(const std::vector<std::string>& needed) const {
  return needed.empty() ? mixed() : std::all_of(needed.begin(), needed.end(), [&](const std::string& name) {
    return diagnostic(name).mixed;
  });
}

double quantile_of(std::vector<double> draws, double p) {
  std::sort(draws.begin(), draws.end());
  const double at = static_cast<double>(draws.size() - 1) * p, below = std::floor(at);
  const auto i = static_cast<std::size_t>(below);
  return i + 1 < draws.size() ? draws[i] + (at - below) * (draws[i + 1] - draws[i]) : draws[i];
}

double ChainDraws::quantile(std::string_view name, double p) const {
  return quantile_of(of(name), p);
}

Result<ChainDraws> run_chains(const ChainFactory& factory, std::vector<std::string> names, std::size_t units,
                              const ChainPlan& plan, const Context& context, const RunControl* control) {
  const std::size_t own = (plan.chains + context.ranks - 1 - context.rank) / context.ranks;
  const unsigned inner = std::max(1U, context.threads / static_cast<unsigned>(std::max<std::size_t>(1, own)));
  Blocks blocks = [&, inner](std::size_t number, const std::function<void(std::size_t)>& body) {
    if (inner == 1) {
      for (std::size_t b = 0; b < number; ++b) body(b);
    } else {
      parallel_for(Context{.threads = inner}, number, "", body);
    }
  };
  std::vector<std::unique_ptr<Chain>> chains(plan.chains);
  for (std::size_t c = context.rank; c < plan.chains; c += context.ranks) chains[c] = factory(c, blocks);

  ChainDraws out{.names = std::move(names),
                 .chains = plan.chains,
                 .iterations = 0,
                 .draws = {},
                 .diagnostics = {},
                 .units = {},
                 .out_of_time = false};
  const std::size_t quantities = out.names.size();
  out.draws.resize(quantities);

  // Progress by iterations, from whichever chain; one call at a time.
  std::atomic<std::size_t> done = 0;
  std::mutex reporting;
  const std::size_t all = (plan.warmup + plan.iterations) * own;
  const auto stepped = [&] {
    const std::size_t so_far = ++done;
    if (!context.progress || so_far % 8 != 0) return;
    const std::scoped_lock lock(reporting);
    context.report(plan.stage, std::min(1.0, static_cast<double>(so_far) / static_cast<double>(all)));
  };
  Context quiet = context;
  quiet.progress = {};

  std::vector<std::vector<double>> states(plan.chains);
  bool resumed = false;
  if (control && control->checkpoint) {
    for (auto& state : states) state.resize(chains[context.rank]->state().size());
    COTEJO_TRY(iterations, unpack(*control->checkpoint, plan.identity, out, states));
    out.iterations = iterations;
    for (std::size_t c = 0; c < plan.chains; ++c)
      if (chains[c]) chains[c]->restore(states[c]);
    resumed = true;
    done = iterations * own;
    out.diagnostics = diagnose(out, plan);
  }
  if (!resumed) {
    const auto warmed = rows_over_ranks(quiet, plan.chains, 1, "", [&](std::size_t c, std::span<double>) {
      for (std::size_t t = 1; t <= plan.warmup && !context.cancelled(); ++t) {
        chains[c]->step(t, true, false);
        stepped();
      }
    });
    if (!warmed) return cancelled_error();
  }

  while (out.iterations < plan.iterations && !(resumed && plan.until_mixed && out.mixed(plan.needed))) {
    resumed = false;
    const std::size_t block = std::min(plan.block, plan.iterations - out.iterations);
    const std::size_t width = block * quantities + 1;
    const auto rows = rows_over_ranks(quiet, plan.chains, width, "", [&](std::size_t c, std::span<double> row) {
      for (std::size_t t = 0; t < block && !context.cancelled(); ++t) {
        chains[c]->step(plan.warmup + out.iterations + t + 1, false, true);
        const auto values = chains[c]->quantities();
        std::copy(values.begin(), values.end(), row.begin() + static_cast<std::ptrdiff_t>(t * quantities));
        stepped();
      }
      row.back() = control && control->out_of_time && control->out_of_time() ? 1 : 0;
    });
    if (!rows) return cancelled_error();
    append(out, *rows, block, width);
    out.diagnostics = diagnose(out, plan);
    for (std::size_t c = 0; c < plan.chains; ++c)
      out.out_of_time = out.out_of_time || (*rows)[c * width + width - 1] > 0;
    if (control && control->keep) {
      const std::size_t size = chains[context.rank] ? chains[context.rank]->state().size() : 0;
      const auto packed = rows_over_ranks(quiet, plan.chains, size, "", [&](std::size_t c, std::span<double> row) {
        const auto state = chains[c]->state();
        std::copy(state.begin(), state.end(), row.begin());
      });
      if (!packed) return cancelled_error();
      for (std::size_t c = 0; c < plan.chains; ++c)
        states[c].assign(packed->begin() + static_cast<std::ptrdiff_t>(c * size),
                         packed->begin() + static_cast<std::ptrdiff_t>((c + 1) * size));
      if (context.rank == 0) control->keep("checkpoint", pack(plan.identity, out, states));
    }
    if ((plan.until_mixed && out.mixed(plan.needed)) || out.out_of_time) break;
  }

  // Of every unit: the chains' sums, in the order of the chains.
  const auto sums = rows_over_ranks(quiet, plan.chains, 4 * units, "", [&](std::size_t c, std::span<double> row) {
    const UnitSums& s = chains[c]->sums();
    std::copy(s.incremental.begin(), s.incremental.end(), row.begin());
    std::copy(s.extreme.begin(), s.extreme.end(), row.begin() + static_cast<std::ptrdiff_t>(units));
    std::copy(s.manufactured.begin(), s.manufactured.end(), row.begin() + static_cast<std::ptrdiff_t>(2 * units));
    std::copy(s.stolen.begin(), s.stolen.end(), row.begin() + static_cast<std::ptrdiff_t>(3 * units));
  });
  if (!sums) return cancelled_error();
  const double kept = static_cast<double>(plan.chains * out.iterations);
  const auto average = [&](std::size_t part) {
    std::vector<double> mean(units, 0);
    for (std::size_t c = 0; c < plan.chains; ++c)
      for (std::size_t u = 0; u < units; ++u) mean[u] += (*sums)[(4 * c + part) * units + u];
    for (double& x : mean) x /= kept;
    return mean;
  };
  out.units = {average(0), average(1), average(2), average(3)};
  return out;
}

std::string draws_csv(const ChainDraws& draws) {
  std::string out = ".chain,.iteration,.draw";
  for (const auto& name : draws.names) out += "," + name;
  out += "\n";
  for (std::size_t c = 0; c < draws.chains; ++c)
    for (std::size_t t = 0; t < draws.iterations; ++t) {
      out += fmt::format("{},{},{}", c + 1, t + 1, c * draws.iterations + t + 1);
      for (const auto& x : draws.draws) out += fmt::format(",{}", x[c * draws.iterations + t]);
      out += "\n";
    }
  return out;
}

Table diagnostics_table(const ChainDraws& draws, const ChainPlan& plan) {
  Table table{.id = "diagnostics",
              .title = fmt::format("Has it converged? {} chains of {} draws; wanted: R-hat < {}, both ESS > {}",
                                   draws.chains, draws.iterations, plan.wanted_rhat, plan.wanted_ess),
              .columns = {{"quantity"},
                          {"rhat", "", "split, rank-normalised"},
                          {"ess_bulk", "draws"},
                          {"ess_tail", "draws"},
                          {"mixed"},
                          {"mean"},
                          {"sd"},
                          {"mcse", "", "Monte Carlo standard error of the mean"}},
              .rows = {},
              .brief = {"quantity", "rhat", "ess_bulk", "ess_tail", "mixed"}};
  const auto number = [](double x) { return std::isnan(x) ? Cell{} : Cell{x}; };
  for (const auto& d : draws.diagnostics)
    table.rows.push_back(
        {d.quantity, number(d.rhat), number(d.ess_bulk), number(d.ess_tail), d.mixed, d.mean, d.sd, number(d.mcse)});
  return table;
}

Figure densities_figure(const ChainDraws& draws, const std::vector<std::string>& names) {
  nlohmann::ordered_json data{{"columns", {"quantity", "from", "to", "density"}},
                              {"rows", nlohmann::ordered_json::array()}};
  constexpr std::size_t bins = 40;
  for (const auto& name : names) {
    const auto& x = draws.of(name);
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    if (*low == *high) continue;
    const double width = (*high - *low) / bins;
    std::array<double, bins> number{};
    for (const double v : x) number[std::min(bins - 1, static_cast<std::size_t>((v - *low) / width))] += 1;
    for (std::size_t b = 0; b < bins; ++b)
      data["rows"].push_back({name, *low + width * static_cast<double>(b), *low + width * static_cast<double>(b + 1),
                              number[b] / (static_cast<double>(x.size()) * width)});
  }
  return {"posterior", "posterior-density", "Posterior distributions", data.dump()};
}

Figure traces_figure(const ChainDraws& draws, const std::vector<std::string>& names) {
  nlohmann::ordered_json data{{"columns", {"quantity", "chain", "iteration", "value"}},
                              {"rows", nlohmann::ordered_json::array()}};
  const std::size_t stride = std::max<std::size_t>(1, (draws.iterations + 199) / 200);
  for (const auto& name : names)
    for (std::size_t c = 0; c < draws.chains; ++c)
      for (std::size_t t = 0; t < draws.iterations; t += stride)
        data["rows"].push_back({name, c + 1, t + 1, draws.of(name)[c * draws.iterations + t]});
  return {"traces", "trace", "Traces of the chains", data.dump()};
}

}  // namespace cotejo::mixture
