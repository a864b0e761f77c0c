#include "cotejo/methods/forensics/outliers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr double false_discovery = 0.05;

struct Residuals {
  std::vector<double> z;         // NaN: no two others in the place
  std::vector<double> expected;  // the leader's votes that the others of the place would give
  std::vector<char> flagged;
  double spread = NAN;  // s
  std::size_t flags = 0, units = 0;
};

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Residuals residuals_of(const Electorate& e, const Returns& r) {
  const std::size_t n = r.size();
  std::vector<double> y(n, NAN), v(n, NAN), sum(e.places.size(), 0), number(e.places.size(), 0),
      variance(e.places.size(), 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (r.valid[i] <= 0) continue;
    const double q = (r.leader[i] + 1.0) / (r.valid[i] + 2.0);
    y[i] = std::log((r.leader[i] + 0.5) / (r.valid[i] - r.leader[i] + 0.5));
    v[i] = 1 / (r.valid[i] * q * (1 - q));
    sum[e.place[i]] += y[i];
    variance[e.place[i]] += v[i];
    ++number[e.place[i]];
  }
  Residuals out{
      .z = std::vector<double>(n, NAN), .expected = std::vector<double>(n, NAN), .flagged = std::vector<char>(n, 0)};
  std::vector<double> excess;  // squared residual beyond sampling, per unit of freedom; its robust middle is s^2
  for (std::size_t i = 0; i < n; ++i) {
    const auto p = e.place[i];
    if (std::isnan(y[i]) || number[p] < 3) continue;
    const double others = (sum[p] - y[i]) / (number[p] - 1);
    out.z[i] = y[i] - others;
    out.expected[i] = r.valid[i] / (1 + std::exp(-others));
    excess.push_back(std::abs(y[i] - others));
  }
  out.units = excess.size();
  if (out.units == 0) return out;
  // s from the middle of |residual|: the median residual's sampling part is taken off.
  std::vector<double> sampling;
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isnan(out.z[i])) {
      const auto p = e.place[i];
      sampling.push_back(v[i] + (variance[p] - v[i]) / ((number[p] - 1) * (number[p] - 1)));
    }
  const double scale = 1.4826 * median_of(excess), part = median_of(sampling);
  const double s2 =
      std::max(0.0, scale * scale - part) / 1.1;  // the mean of the others has its share of s^2 (ten units a place)
  out.spread = std::sqrt(s2);
  std::vector<std::pair<double, std::size_t>> p_values;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(out.z[i])) continue;
    const auto p = e.place[i];
    const double others = number[p] - 1;
    out.z[i] /= std::sqrt(v[i] + s2 + (variance[p] - v[i]) / (others * others) + s2 / others);
    // The larger ones cannot be flagged, and need no place in the order.
    if (const double p_value = std::erfc(std::abs(out.z[i]) / std::sqrt(2.0)); p_value <= false_discovery)
      p_values.emplace_back(p_value, i);
  }
  std::sort(p_values.begin(), p_values.end());
  std::size_t last = 0;
  for (std::size_t k = 0; k < p_values.size(); ++k)
    if (p_values[k].first <= false_discovery * static_cast<double>(k + 1) / static_cast<double>(out.units))
      last = k + 1;
  for (std::size_t k = 0; k < last; ++k) out.flagged[p_values[k].second] = 1;
  out.flags = last;
  return out;
}

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  const Residuals residuals = residuals_of(e, r);
  out[0] = residuals.units > 0 ? static_cast<double>(residuals.flags) : NAN;
  out[1] = static_cast<double>(residuals.units);
  double above = 0, over = 0;
  for (std::size_t i = 0; i < residuals.z.size(); ++i) {
    if (!residuals.flagged[i]) continue;
    above += residuals.z[i] > 0;
    if (residuals.z[i] > 0) over += r.leader[i] - residuals.expected[i];
  }
  out[2] = above;
  out[3] = over;
  out[4] = residuals.spread;
}

}  // namespace

ForensicTest outliers_test() {
  return {
      .id = "outliers",
      .depth = Depth::places,
      .needs_registered = false,
      .descriptive_because = "real units have heavier tails around their place than any spread tells, fairly",
      .components = {{"flagged_units", "units", "by Benjamini & Hochberg at 5 % over all units that can be compared"},
                     {"compared_units", "units", "with two or more others in their place"},
                     {"flagged_high_units", "units", "flagged with more for the leader than their place"},
                     {"excess_votes", "votes of the leader",
                      "in those, above what the others of their place would give"},
                     {"spread", "logit", "s, robust, of units around their place"}},
      .votes = 3,
      .measure = measure};
}

MethodInfo OutliersRequest::info() {
  return {.id = "outliers",
          .family = "forensics",
          .title = "Units unlike their neighbours",
          .question = "Which units differ from the others of their place more than chance allows?",
          .assumes =
              "Units of a place differ from each other as a normal distribution on the logit scale says: real ones "
              "have heavier tails, and why this is descriptive.",
          .cost = "linear in units x replicates, and a sort",
          .references = {"Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57:289 "
                         "(the residual is ours)."}};
}

const OptionTable<OutliersRequest>& OutliersRequest::table() {
  static const OptionTable<OutliersRequest> options = [] {
    OptionTable<OutliersRequest> t;
    add_forensic_options(t);
    t.add(&OutliersRequest::list_limit, {.name = "list_limit",
                                         .unit = "rows",
                                         .text = "How many flagged units the table lists; all are counted.",
                                         .low = 0,
                                         .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const OutliersRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(OutliersRequest::info(), forensic_test("outliers"), given, request, context));
  Finding& finding = made.finding;
  const Residuals residuals = residuals_of(given.electorate, given.observed);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < residuals.z.size(); ++i)
    if (residuals.flagged[i]) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::abs(residuals.z[a]) > std::abs(residuals.z[b]); });
  Table table{.id = "flagged",
              .title = fmt::format("Units flagged, {} in all", order.size()),
              .columns = {{"unit"},
                          {"z", "", "standardised residual"},
                          {"leader", "votes"},
                          {"expected", "votes", "by the others of the place"},
                          {"valid", "votes"},
                          {"place"}},
              .rows = {}};
  nlohmann::ordered_json data{{"columns", {"latitude", "longitude", "z"}}, {"rows", nlohmann::ordered_json::array()}};
  for (const auto i : order) {
    const UnitIndex u = given.electorate.units[i];
    if (static_cast<std::int64_t>(table.rows.size()) < request.list_limit)
      table.rows.push_back({std::string(count.unit_keys[u]), residuals.z[i], std::int64_t{given.observed.leader[i]},
                            residuals.expected[i], std::int64_t{given.observed.valid[i]},
                            count.unit_place.empty() || count.unit_place[u] == no_place
                                ? std::string()
                                : count.hierarchy.path(count.unit_place[u])});
    if (!count.latitude.empty() && !std::isnan(count.latitude[u]))
      data["rows"].push_back({count.latitude[u], count.longitude[u], residuals.z[i]});
  }
  finding.tables.push_back(std::move(table));
  finding.figures.push_back({"outliers", "outlier-map", "Units flagged, where they lie", data.dump()});
  finding.headline = fmt::format(
      "{} of {} differ from the others of their place more than a normal spread allows; fair elections drawn "
      "with that spread flag {:.1f}. Of these units {} have more for the leader, {} more than their place.",
      with_thousands(static_cast<long long>(made.calibration.observed[0])),
      counted(made.calibration.observed[1], "unit"), made.calibration.mean(0),
      with_thousands(static_cast<long long>(made.calibration.observed[2])),
      counted(std::llround(made.calibration.observed[3]), "vote"));
  finding.does_not_show = {"Manipulation: barracks, hospitals and new quarters vote apart from their neighbours.",
                           "Anything of units with fewer than two others in their place."};
  return std::move(made.finding);
}

}  // namespace cotejo
