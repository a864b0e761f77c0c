#include "cotejo/sim/fair_election.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "cotejo/sim/unit_draws.hpp"
#include "cotejo/stats/kolmogorov_smirnov.hpp"
#include "cotejo/vote/tally.hpp"

namespace cotejo {

namespace {

constexpr std::size_t least_units = 20;
// Of the units: two distributions farther apart do not resemble each other. Drawn around the units' own figures (depth
// `units`) a fair election is smooth where this one may be jagged, which is what the tests look for: twice as far.
constexpr double too_far[] = {0.10, 0.05};
constexpr std::size_t pooled_elections = 20;  // that the election and other fair ones are held against

std::int32_t known(std::int32_t value) {
  return value == missing ? 0 : value;
}

// log(k + 1/2), by table where counts are small.
double log_of_half_more(std::int32_t k) {
  static const auto table = [] {
    std::vector<double> out(1 << 13);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::log(static_cast<double>(i) + 0.5);
    return out;
  }();
  return static_cast<std::size_t>(k) < table.size() ? table[static_cast<std::size_t>(k)] : std::log(k + 0.5);
}

double logit_of(std::int32_t x, std::int32_t n) {
  return log_of_half_more(x) - log_of_half_more(n - x);
}

std::vector<std::int32_t> difference_of(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::vector<std::int32_t> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] - b[i];
  return out;
}

// Every unit's share less the mean of its place, on the logit scale; units alone in their place are left out.
std::vector<double> against_place(const Electorate& e, const std::vector<std::int32_t>& trials,
                                  const std::vector<std::int32_t>& successes) {
  std::vector<double> sum(e.places.size(), 0), n(e.places.size(), 0), out;
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (trials[i] > 0) {
      sum[e.place[i]] += logit_of(successes[i], trials[i]);
      ++n[e.place[i]];
    }
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (trials[i] > 0 && n[e.place[i]] > 1)
      out.push_back(logit_of(successes[i], trials[i]) - sum[e.place[i]] / n[e.place[i]]);
  return out;
}

std::vector<std::int32_t> cast_column(const Count& count) {
  if (!count.knows_cast()) return {};
  const auto cast = cast_of_units(count);
  return {cast.begin(), cast.end()};
}

// The sum of the fields that the options name; empty when they name none.
Result<std::vector<std::int32_t>> issued_column(const Count& count, const ElectorateOptions& options) {
  std::vector<std::int32_t> out(options.ballots.empty() ? 0 : count.units(), 0);
  for (const auto& name : options.ballots) {
    const auto column = count.column(name);
    if (column.empty())
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the count has no such field of ballots",
                   .value = name,
                   .remedy = "Fields are declared in the profile, under [[field]]."};
    for (std::size_t u = 0; u < out.size(); ++u) out[u] += known(column[u]);
  }
  return out;
}

}  // namespace

Result<Electorate> electorate_of(const Count& count, const ElectorateOptions& options) {
  Electorate out;
  if (count.options() < 2)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "this needs two options",
                 .remedy = "With one option there is no share to speak of."};
  const auto order = ranking(tally(count));
  out.leader = order[0];
  out.runner_up = order[1];
  out.two_options = count.options() == 2 && count.valid_basis == ValidBasis::sum_of_options;
  const auto valid = valid_of_units(count);
  const auto cast = cast_column(count);
  COTEJO_TRY(issued, issued_column(count, options));
  out.has_cast = !cast.empty();
  out.has_issued = !issued.empty();
  bool any_registered = false;
  for (const auto n : count.registered) any_registered = any_registered || known(n) > 0;
  std::int64_t votes = 0;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    const auto v = static_cast<std::int32_t>(valid[u]);
    const auto t = out.has_cast ? cast[u] : v;
    const auto voters = out.has_issued ? issued[u] : t;
    const bool possible = v <= t && (!any_registered || voters <= known(count.registered[u])) &&
                          known(count.vote(out.leader, u)) + known(count.vote(out.runner_up, u)) <= v;
    if (!possible) {
      ++out.left_out;
      continue;
    }
    out.units.push_back(u);
    if (any_registered) out.registered.push_back(known(count.registered[u]));
    votes += v;
  }
  if (out.units.size() < least_units || votes == 0)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "there are too few units with votes to draw fair elections from",
                 .value = std::to_string(out.units.size()),
                 .remedy = "It takes 20 units whose ballots do not exceed their voters."};

  // Places, without levels on which each holds one unit.
  const auto& hierarchy = count.hierarchy;
  std::vector<std::uint32_t> kept;
  for (std::uint32_t level = 0; level < hierarchy.levels().size() && !count.unit_place.empty(); ++level) {
    std::map<PlaceIndex, std::size_t> units;
    for (const auto u : out.units)
      if (count.unit_place[u] != no_place)
        if (const auto p = hierarchy.ancestor(count.unit_place[u], level); p != no_place) ++units[p];
    const bool told_from_units = std::any_of(units.begin(), units.end(), [](const auto& e) { return e.second > 1; });
    // A level with few shared places (nine units in ten alone) is the unit with exceptions.
    std::size_t shared = 0;
    for (const auto& [place, n] : units) shared += n > 1 ? n : 0;
    if (told_from_units && 10 * shared >= out.units.size()) kept.push_back(level);
  }
  out.places.levels = static_cast<std::uint32_t>(std::max<std::size_t>(1, kept.size()));
  if (!kept.empty()) out.place_level = static_cast<int>(kept.back());
  // Of the place above and the count's place; units without a place share one under the place above.
  std::map<std::pair<std::uint32_t, PlaceIndex>, std::uint32_t> number;
  const auto add = [&](std::uint32_t parent, std::uint32_t level) {
    out.places.parent.push_back(parent);
    out.places.level.push_back(level);
    out.places.place_size.push_back(1);
    return static_cast<std::uint32_t>(out.places.parent.size() - 1);
  };
  const std::uint32_t everything = kept.empty() ? add(NestedPlaces::top, 0) : 0;
  for (const auto u : out.units) {
    std::uint32_t parent = NestedPlaces::top;
    for (std::uint32_t k = 0; k < kept.size(); ++k) {
      const PlaceIndex p =
          count.unit_place[u] == no_place ? no_place : hierarchy.ancestor(count.unit_place[u], kept[k]);
      const auto [at, is_new] = number.try_emplace({parent, p}, 0U);
      if (is_new) at->second = add(parent, k);
      parent = at->second;
    }
    out.place.push_back(kept.empty() ? everything : parent);
  }
  return out;
}

Returns returns_of(const Count& count, const Electorate& electorate, const ElectorateOptions& options) {
  Returns out;
  const auto valid = valid_of_units(count);
  const auto cast = cast_column(count);
  const auto issued = issued_column(count, options);
  for (const auto u : electorate.units) {
    out.valid.push_back(static_cast<std::int32_t>(valid[u]));
    out.cast.push_back(electorate.has_cast ? cast[u] : out.valid.back());
    out.turnout.push_back(electorate.has_issued && issued ? (*issued)[u] : out.cast.back());
    out.leader.push_back(known(count.vote(electorate.leader, u)));
    out.runner_up.push_back(known(count.vote(electorate.runner_up, u)));
  }
  return out;
}

void FairModel::fit(Step& step, const std::vector<std::int32_t>& trials, const std::vector<std::int32_t>& successes) {
  const Electorate& e = *electorate_;
  const std::size_t n = e.size();
  step.y.resize(n);
  step.weight.assign(n, 0);
  std::vector<double> y, size;
  std::vector<std::uint32_t> place;
  // The error of y is told by its place's share, not by its own: weights that go with y would pull the mean.
  std::vector<double> of_place(e.places.size(), 1), all_of_place(e.places.size(), 2);
  for (std::size_t i = 0; i < n; ++i) {
    of_place[e.place[i]] += successes[i];
    all_of_place[e.place[i]] += trials[i];
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (trials[i] <= 0) continue;
    const double q = of_place[e.place[i]] / all_of_place[e.place[i]];
    step.y[i] = logit_of(successes[i], trials[i]);
    step.weight[i] = trials[i] * q * (1 - q);
    y.push_back(step.y[i]);
    size.push_back(step.weight[i]);
    place.push_back(e.place[i]);
  }
  // Moments, from the units up: means and variances of the children of every place, pooled over places.
  struct Child {
    std::uint32_t parent;
    double mean, variance;
  };
  struct Pool {
    double w = 0, wy = 0, wyy = 0, ww = 0, count = 0;
  };
  step.variances = {.unit = 0,
                    .sampling = 1,
                    .effect = std::vector<double>(e.places.levels, 0.0),
                    .shrink = std::vector<double>(e.places.levels, 0.0)};
  std::vector<Child> children;
  for (std::size_t k = 0; k < y.size(); ++k) children.push_back({place[k], y[k], 1 / size[k]});
  for (std::uint32_t level = e.places.levels;; --level) {
    // `children` lie in places of `level` - 1 (the units first); their variance around the place.
    std::vector<Pool> pools(e.places.size());
    Pool above;
    const auto pool_of = [&](const Child& c) -> Pool& {
      return c.parent == NestedPlaces::top ? above : pools[c.parent];
    };
    double q = 0, freedom = 0, c = 0;
    const auto gather = [&](double extra) {
      std::fill(pools.begin(), pools.end(), Pool{});
      above = {};
      for (const auto& child : children) {
        Pool& pool = pool_of(child);
        const double w = 1 / (child.variance + extra);
        pool.w += w;
        pool.wy += w * child.mean;
        pool.wyy += w * child.mean * child.mean;
        pool.ww += w * w;
        ++pool.count;
      }
    };
    gather(0);
    const auto add = [&](const Pool& pool) {
      if (pool.count < 2) return;
      q += pool.wyy - pool.wy * pool.wy / pool.w;
      freedom += pool.count - 1;
      c += pool.w - pool.ww / pool.w;
    };
    for (const auto& pool : pools) add(pool);
    add(above);
    const double variance = c > 0 ? std::max(0.0, (q - freedom) / c) : 0;
    if (level == e.places.levels)
      step.variances.unit = variance;
    else
      step.variances.effect[level] = variance;
    if (level == 0) break;
    gather(variance);
    std::vector<Child> next;
    for (std::uint32_t p = 0; p < pools.size(); ++p)
      if (pools[p].count > 0) next.push_back({e.places.parent[p], pools[p].wy / pools[p].w, 1 / pools[p].w});
    children = std::move(next);
  }
  step.posterior.emplace(e.places, NestedObservations{y, place, size}, step.variances);
  step.place_mean = step.posterior->means();
  step.residuals.clear();
  std::vector<double> in_place(e.places.size(), 0);
  for (std::size_t i = 0; i < n; ++i)
    if (step.weight[i] > 0) ++in_place[e.place[i]];
  const double s2 = step.variances.unit;
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double k = in_place[e.place[i]];
    if (step.weight[i] <= 0 || k < 2) continue;
    const double r =
        (step.y[i] - step.place_mean[e.place[i]]) * std::sqrt(k / (k - 1)) * std::sqrt(s2 / (s2 + 1 / step.weight[i]));
    step.residuals.push_back(r);
    mean += r;
    square += r * r;
  }
  const auto count = static_cast<double>(step.residuals.size());
  if (count < least_units || !(square > 0)) {
    step.residuals.clear();
    return;
  }
  mean /= count;
  const double sd = std::sqrt(square / count - mean * mean);
  for (auto& r : step.residuals) r = sd > 0 ? (r - mean) * std::sqrt(s2) / sd : 0;
  step.mirrored = step.residuals;
  for (const double r : step.residuals) step.mirrored.push_back(-r);
}

FairModel::FairModel(const Electorate& electorate, const Returns& observed)
    : electorate_(&electorate), observed_(observed) {
  if (!electorate.registered.empty()) fit(steps_[0], electorate.registered, observed.turnout);
  if (electorate.has_cast) fit(steps_[1], observed.cast, observed.valid);
  fit(steps_[2], observed.valid, observed.leader);
  if (electorate.has_issued) {
    // A few more ballots in the box than were issued: as many as were issued.
    std::vector<std::int32_t> found(observed.cast);
    for (std::size_t i = 0; i < found.size(); ++i) found[i] = std::min(found[i], observed.turnout[i]);
    fit(steps_[4], observed.turnout, found);
  }
  if (!electorate.two_options) fit(steps_[3], difference_of(observed.valid, observed.leader), observed.runner_up);
}

double FairModel::unit_sd(std::size_t step) const {
  return std::sqrt(steps_[step].variances.unit);
}

std::vector<double> FairModel::place_sds(std::size_t step) const {
  std::vector<double> out;
  for (const double v : steps_[step].variances.effect) out.push_back(std::sqrt(v));
  return out;
}

Returns FairModel::draw(Depth depth, Seed seed, Purpose purpose, std::uint64_t replicate, const Tilt* tilt) const {
  const Electorate& e = *electorate_;
  const std::size_t n = e.size();
  Returns out = observed_;
  std::vector<double> theta, mean(n), sd(n);
  const std::vector<char> all(e.places.size(), 1);
  const auto step = [&](std::size_t k, const std::vector<std::int32_t>& trials, std::vector<std::int32_t>& into) {
    const Step& s = steps_[k];
    Stream stream(seed, purpose, replicate, k);
    s.posterior->draw(stream, all, theta);
    const double variance = s.variances.unit;
    const bool around_place = depth != Depth::units || !(variance > 0);
    for (std::size_t i = 0; i < n; ++i) {
      const double of_place = theta[e.place[i]], w = around_place ? 0 : s.weight[i];
      const double precision = 1 + variance * w;  // of theta_u, in units of 1 / s^2
      mean[i] = (of_place + variance * w * s.y[i]) / precision;
      sd[i] = std::sqrt(variance / precision);
    }
    if (tilt && (k == 0 || k == 2)) {
      const auto& by = k == 0 ? tilt->turnout : tilt->share;
      for (std::size_t i = 0; i < n; ++i) mean[i] += by[i];
    }
    const auto& residuals = depth == Depth::mirrored ? s.mirrored : s.residuals;
    const bool resampled = depth != Depth::units && variance > 0 && !residuals.empty();
    binomial_units({.seed = seed, .purpose = purpose, .replicate = replicate, .step = k}, trials, mean, sd,
                   resampled ? std::span<const double>(residuals) : std::span<const double>{}, into);
  };
  if (has(0)) step(0, e.registered, out.turnout);
  if (has(4))
    step(4, out.turnout, out.cast);
  else if (has(0))
    out.cast = out.turnout;
  if (has(1))
    step(1, out.cast, out.valid);
  else if (has(0))
    out.valid = out.cast;
  step(2, out.valid, out.leader);
  const auto rest = difference_of(out.valid, out.leader);
  if (e.two_options)
    out.runner_up = rest;
  else
    step(3, rest, out.runner_up);
  return out;
}

std::string_view to_text(Generator generator) {
  switch (generator) {
    case Generator::model:
      return "model";
    case Generator::heavy_tails:
      return "heavy-tails";
    case Generator::correlated:
      return "correlated";
    case Generator::two_peaked:
      return "two-peaked";
    case Generator::blocs:
      return "blocs";
    case Generator::size_turnout:
      return "size-turnout";
  }
  return "";
}

Returns FairModel::draw_from(Generator generator, Seed seed, std::uint64_t replicate, Depth depth) const {
  const Electorate& e = *electorate_;
  const std::size_t n = e.size();
  Tilt tilt{std::vector<double>(n, 0.0), std::vector<double>(n, 0.0)};
  Stream stream(seed, Purpose::generator, replicate);
  const double turnout_sd = has(0) ? unit_sd(0) : 0, share_sd = unit_sd(2);
  const auto place_draws = [&](auto draw) {
    std::vector<double> out(e.places.size());
    for (auto& value : out) value = draw();
    return out;
  };
  switch (generator) {
    case Generator::model:
      break;
    case Generator::heavy_tails:
      for (std::size_t i = 0; i < n; ++i)
        for (auto* to : {&tilt.turnout, &tilt.share}) {
          const double z = stream.normal();
          double squares = 0;
          for (int k = 0; k < 3; ++k) {
            const double g = stream.normal();
            squares += g * g;
          }
          (*to)[i] = (to == &tilt.turnout ? turnout_sd : share_sd) * z / std::sqrt(squares / 3) / std::sqrt(3.0);
        }
      break;
    case Generator::correlated: {
      constexpr double alike = 0.8;
      const double fresh = std::sqrt(1 - alike * alike);
      std::vector<double> last_turnout = place_draws([&] { return stream.normal(); }),
                          last_share = place_draws([&] { return stream.normal(); });
      for (std::size_t i = 0; i < n; ++i) {
        auto &a = last_turnout[e.place[i]], &b = last_share[e.place[i]];
        a = alike * a + fresh * stream.normal();
        b = alike * b + fresh * stream.normal();
        tilt.turnout[i] = turnout_sd * a;
        tilt.share[i] = share_sd * b;
      }
      break;
    }
    case Generator::two_peaked: {
      const auto lean = place_draws([&] { return stream.uniform() < 0.5 ? -0.6 : 0.6; });
      for (std::size_t i = 0; i < n; ++i) tilt.share[i] = lean[e.place[i]];
      break;
    }
    case Generator::blocs: {
      const auto bloc = place_draws([&] { return stream.uniform() < 0.05 ? 1.0 : 0.0; });
      for (std::size_t i = 0; i < n; ++i) {
        tilt.share[i] = 2.5 * bloc[e.place[i]];
        tilt.turnout[i] = 0.8 * bloc[e.place[i]];
      }
      break;
    }
    case Generator::size_turnout: {
      if (e.registered.empty()) break;
      double middle = 0;
      for (const auto voters : e.registered) middle += std::log2(std::max(1, voters)) / static_cast<double>(n);
      for (std::size_t i = 0; i < n; ++i) tilt.turnout[i] = -0.15 * (std::log2(std::max(1, e.registered[i])) - middle);
      break;
    }
  }
  return draw(depth, seed, Purpose::fair_election, (std::uint64_t{1} << 40) + replicate, &tilt);
}

std::vector<FitCheck> fit_of(const Electorate& electorate, const Returns& observed, const FairModel& model, Depth depth,
                             std::int64_t replicates, const Context& context) {
  // Each measure is a set of values over the units; the check is the distance of the observed set from that of all fair
  // elections together, beside what one fair election shows.
  using Measure = std::vector<double> (*)(const Electorate&, const Returns&, const FairModel&);
  struct Named {
    const char* what;
    Measure measure;
  };
  std::vector<Named> measures;
  if (model.has(0))
    measures.push_back({"turnout of units", [](const Electorate& e, const Returns& r, const FairModel&) {
                          std::vector<double> out;
                          for (std::size_t i = 0; i < r.size(); ++i)
                            if (e.registered[i] > 0) out.push_back(static_cast<double>(r.turnout[i]) / e.registered[i]);
                          return out;
                        }});
  measures.push_back({"the leader's share in units", [](const Electorate&, const Returns& r, const FairModel&) {
                        std::vector<double> out;
                        for (std::size_t i = 0; i < r.size(); ++i)
                          if (r.valid[i] > 0) out.push_back(static_cast<double>(r.leader[i]) / r.valid[i]);
                        return out;
                      }});
  // Digits and round figures do not depend on how units lie around their place.
  if (depth != Depth::units) {
    if (model.has(0))
      measures.push_back(
          {"turnout of units against their place (logit)", [](const Electorate& e, const Returns& r, const FairModel&) {
             return against_place(e, e.registered, r.turnout);
           }});
    measures.push_back(
        {"the leader's share in units against their place (logit)",
         [](const Electorate& e, const Returns& r, const FairModel&) { return against_place(e, r.valid, r.leader); }});
  }
  const std::size_t elections = pooled_elections + static_cast<std::size_t>(replicates);
  std::vector<std::vector<std::vector<double>>> drawn(measures.size(), std::vector<std::vector<double>>(elections));
  if (!parallel_for(context, elections, "does the fair model resemble the election", [&](std::size_t b) {
        const Returns fair = model.draw(depth, context.seed, Purpose::generator, b);
        for (std::size_t k = 0; k < measures.size(); ++k) {
          drawn[k][b] = measures[k].measure(electorate, fair, model);
          std::sort(drawn[k][b].begin(), drawn[k][b].end());
        }
      }))
    return {};
  std::vector<FitCheck> out;
  for (std::size_t k = 0; k < measures.size(); ++k) {
    std::vector<double> all;
    for (std::size_t b = 0; b < pooled_elections; ++b) all.insert(all.end(), drawn[k][b].begin(), drawn[k][b].end());
    std::sort(all.begin(), all.end());
    std::vector<double> seen = measures[k].measure(electorate, observed, model);
    std::sort(seen.begin(), seen.end());
    FitCheck check{.what = measures[k].what, .limit = too_far[depth != Depth::units]};
    check.observed = check.difference = ks_distance_sorted(seen, all);
    std::vector<double> own;
    for (std::size_t b = pooled_elections; b < elections; ++b) own.push_back(ks_distance_sorted(drawn[k][b], all));
    std::sort(own.begin(), own.end());
    for (const double d : own) check.expected += d / static_cast<double>(own.size());
    check.low = own[static_cast<std::size_t>(0.025 * static_cast<double>(own.size()))];
    check.high = own[std::min(own.size() - 1, static_cast<std::size_t>(0.975 * static_cast<double>(own.size())))];
    const auto as_far = own.end() - std::lower_bound(own.begin(), own.end(), check.observed);
    check.p_value = static_cast<double>(1 + as_far) / static_cast<double>(own.size() + 1);
    check.at_most = as_far == 0;
    out.push_back(check);
  }
  return out;
}

}  // namespace cotejo
