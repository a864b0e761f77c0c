#include "false_alarm_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

namespace cotejo {

namespace {

// Every test's statistic, the first of its components.
void statistics_of(const Electorate& electorate, const Returns* of_units, const Returns* of_places,
                   std::span<double> out) {
  const auto& tests = forensic_tests();
  std::vector<double> room;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    const Returns* returns = tests[t].depth == Depth::units ? of_units : of_places;
    out[t] = NAN;
    if (!returns || tests[t].own || (tests[t].needs_registered && electorate.registered.empty())) continue;
    room.assign(tests[t].components.size(), NAN);
    tests[t].measure(electorate, *returns, room);
    out[t] = room[0];
  }
}

}  // namespace

RateInterval binomial_interval(double percent, std::int64_t elections) {
  if (std::isnan(percent) || elections == 0) return {NAN, NAN};
  using Binomial = boost::math::binomial_distribution<double>;
  const auto n = static_cast<double>(elections), flagged = std::round(percent / 100 * n);
  return {100 * Binomial::find_lower_bound_on_p(n, flagged, 0.025),
          100 * Binomial::find_upper_bound_on_p(n, flagged, 0.025)};
}

std::int64_t elections_of_places(std::int64_t elections) {
  return std::max(std::min<std::int64_t>(elections, 100), elections / 10);
}

std::optional<std::vector<FalseAlarmRate>> false_alarm_rates(const Electorate& electorate, const FairModel& model,
                                                             Generator generator, const PlantSpec* planted,
                                                             std::int64_t elections, std::int64_t inner, RowStore* kept,
                                                             const Context& context) {
  const std::size_t tests = forensic_tests().size(), inners = static_cast<std::size_t>(inner);
  const std::size_t width = tests * (1 + inners);
  const auto rows = kept_rows_over_ranks(
      context, kept, static_cast<std::size_t>(elections), width,
      fmt::format("false alarms on fair elections ({})", to_text(generator)),
      [&](std::size_t r, std::span<double> row) {
        // Each test is measured on elections of its own depth.
        const bool with_places = static_cast<std::int64_t>(r) < elections_of_places(elections);
        const auto treat = [&](Returns observed, bool units, bool places) {
          if (planted)
            if (auto touched = plant(electorate, observed, *planted, context.seed, r))
              observed = std::move(touched->returns);
          std::vector<double> mine(tests);
          statistics_of(electorate, units ? &observed : nullptr, places ? &observed : nullptr, mine);
          const auto wanted = [&](std::size_t t) {
            return (forensic_tests()[t].depth == Depth::units) ? units : places;
          };
          for (std::size_t t = 0; t < tests; ++t)
            if (wanted(t)) row[t] = mine[t];
          const FairModel own(electorate, observed);
          for (std::size_t k = 0; k < inners; ++k) {
            const auto draw = [&](Depth depth) {
              return own.draw(depth, context.seed, Purpose::inner_election, r * inners + k);
            };
            std::optional<Returns> u, p;
            if (units) u = draw(Depth::units);
            if (places) p = draw(Depth::places);
            statistics_of(electorate, u ? &*u : nullptr, p ? &*p : nullptr, mine);
            for (std::size_t t = 0; t < tests; ++t)
              if (wanted(t)) row[(1 + k) * tests + t] = mine[t];
          }
        };
        std::fill(row.begin(), row.end(), NAN);
        constexpr std::uint64_t apart = std::uint64_t{1} << 41;
        if (generator != Generator::model) {
          treat(model.draw_from(generator, context.seed, r), true, with_places);
          return;
        }
        treat(model.draw(Depth::units, context.seed, Purpose::generator, apart + r), true, false);
        if (with_places && !planted)
          treat(model.draw(Depth::places, context.seed, Purpose::generator, 2 * apart + r), false, true);
      });
  if (!rows) return std::nullopt;
  std::vector<FalseAlarmRate> out(tests);
  const auto n = static_cast<std::size_t>(elections);
  for (std::size_t t = 0; t < tests; ++t) {
    std::vector<double> pooled;
    for (std::size_t r = 0; r < n; ++r)
      if (const double x = (*rows)[r * width + tests + t]; !std::isnan(x)) pooled.push_back(x);
    std::sort(pooled.begin(), pooled.end());
    std::int64_t used = 0, at_5 = 0, at_1 = 0;
    for (std::size_t r = 0; r < n; ++r) {
      const double x = (*rows)[r * width + t];
      if (std::isnan(x) || pooled.empty()) continue;
      ++used;
      double p = 0;
      if (inners == 1) {
        const auto as_large = static_cast<double>(pooled.end() - std::lower_bound(pooled.begin(), pooled.end(), x));
        p = (1 + as_large) / (1 + static_cast<double>(pooled.size()));
      } else {
        double as_large = 0;
        for (std::size_t k = 0; k < inners; ++k) as_large += (*rows)[r * width + (1 + k) * tests + t] >= x;
        p = (1 + as_large) / (1 + static_cast<double>(inners));
      }
      at_5 += p <= 0.05;
      at_1 += p <= 0.01;
    }
    out[t] = {used > 0 ? 100.0 * static_cast<double>(at_5) / static_cast<double>(used) : NAN,
              used > 0 ? 100.0 * static_cast<double>(at_1) / static_cast<double>(used) : NAN, used};
  }
  return out;
}

std::optional<std::vector<FalseAlarmRate>> own_false_alarm_rates(const ForensicCase& given, const FairModel& model,
                                                                 Generator generator, const PlantSpec* planted,
                                                                 std::int64_t elections, RowStore* kept,
                                                                 const Context& context) {
  const auto& tests = forensic_tests();
  std::vector<std::size_t> used;
  for (std::size_t t = 0; t < tests.size(); ++t)
    if (tests[t].own && tests[t].own->refused(given).empty()) used.push_back(t);
  std::vector<FalseAlarmRate> out(tests.size(), {NAN, NAN, 0});
  if (used.empty()) return out;
  const auto rows =
      kept_rows_over_ranks(context, kept, static_cast<std::size_t>(elections), used.size(),
                           fmt::format("false alarms of tests with a null of their own ({})", to_text(generator)),
                           [&](std::size_t r, std::span<double> row) {
                             for (std::size_t k = 0; k < used.size(); ++k)
                               row[k] = tests[used[k]].own->of_fair(given, model, generator, planted, context.seed, r);
                           });
  if (!rows) return std::nullopt;
  for (std::size_t k = 0; k < used.size(); ++k) {
    double n = 0, at_5 = 0, at_1 = 0;
    for (std::size_t r = 0; r < static_cast<std::size_t>(elections); ++r) {
      const double p = (*rows)[r * used.size() + k];
      if (std::isnan(p)) continue;
      ++n;
      at_5 += p <= 0.05;
      at_1 += p <= 0.01;
    }
    if (n > 0) out[used[k]] = {100 * at_5 / n, 100 * at_1 / n, static_cast<std::int64_t>(n)};
  }
  return out;
}

}  // namespace cotejo
