#include "cotejo/methods/mixture/mixture_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "cotejo/vote/tally.hpp"

namespace cotejo {

namespace {

constexpr std::size_t least_units = 20;

Error unusable(std::string_view name, std::string message, std::string remedy) {
  return {.code = ErrorCode::input_insufficient,
          .message = std::move(message),
          .column = std::string(name),
          .remedy = std::move(remedy)};
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (!name.empty()) out.emplace_back(name);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

// On one side of some value of the covariate one of the three outcomes never occurs, on the other it does.
bool separates(const std::vector<double>& column, const MixtureData& data) {
  std::map<double, std::array<std::int64_t, 3>> by_value;
  for (std::size_t u = 0; u < data.size(); ++u) {
    auto& sums = by_value[column[u]];
    sums[0] += data.abstained[u];
    sums[1] += data.leader[u];
    sums[2] += data.other[u];
  }
  if (by_value.size() > 12) return false;  // a measure, not groups
  std::array<std::int64_t, 3> all{};
  for (const auto& [value, sums] : by_value)
    for (std::size_t k = 0; k < 3; ++k) all[k] += sums[k];
  for (const auto& [value, sums] : by_value)
    for (std::size_t k = 0; k < 3; ++k)
      if (sums[k] == 0 && all[k] > 0) return true;
  return false;
}

Result<void> add_covariates(const Count& count, MixtureUnits& out, const std::vector<std::string>& names) {
  MixtureData& data = out.data;
  for (const auto& name : names) {
    std::vector<double> column;
    if (name == "registered") {
      for (const auto n : data.registered) column.push_back(std::log(n));
    } else {
      const auto cells = count.column(name);
      for (const auto u : out.units) column.push_back(cells[u]);
    }
    if (std::all_of(column.begin(), column.end(), [&](double x) { return x == column[0]; }))
      return unusable(name, fmt::format("the covariate '{}' is the same in every unit", name),
                      "Leave it out: it has one value everywhere.");
    if (separates(column, data))
      return unusable(
          name,
          fmt::format("the covariate '{}' separates: at one of its values nobody stayed away, or nobody voted "
                      "for the leader or for others",
                      name),
          "Leave it out: its effect would come from the prior alone.");
    const auto n = static_cast<double>(column.size());
    double mean = 0, square = 0;
    for (const double x : column) mean += x / n;
    for (const double x : column) square += (x - mean) * (x - mean) / n;
    for (double& x : column) x = (x - mean) / std::sqrt(square);
    // What is left of it beside those before (Gram and Schmidt).
    std::vector<double> rest = column;
    for (int round = 0; round < 2; ++round)
      for (const auto& other : data.covariates) {
        double product = 0, size = 0;
        for (std::size_t u = 0; u < rest.size(); ++u) {
          product += rest[u] * other[u];
          size += other[u] * other[u];
        }
        for (std::size_t u = 0; u < rest.size(); ++u) rest[u] -= product / size * other[u];
      }
    double left = 0;
    for (const double x : rest) left += x * x / n;
    if (left < 1e-6)
      return unusable(name, fmt::format("the covariate '{}' is collinear with those before it", name), "Leave it out.");
    data.covariates.push_back(std::move(column));
    data.covariate_names.push_back(name);
  }
  return {};
}

}  // namespace

Result<MixtureUnits> mixture_units(const Count& count, const std::string& ballots, const std::string& covariates) {
  if (std::all_of(count.registered.begin(), count.registered.end(), [](auto n) { return n == missing || n <= 0; }))
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "the mixture needs registered voters, which the count does not report",
                 .remedy = "Abstention is computed from them."};
  COTEJO_TRY(electorate, electorate_of(count));
  MixtureUnits out{.data = {},
                   .units = {},
                   .leader = electorate.leader,
                   .runner_up = electorate.runner_up,
                   .of_valid = ballots == "valid" || !electorate.has_cast,
                   .left_out = {},
                   .electorate = {},
                   .returns = {}};
  const auto names = names_in(covariates);
  for (const auto& name : names) {
    if (name == "registered") continue;
    const auto cells = count.column(name);
    if (cells.empty())
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the count has no such field for a covariate",
                   .value = name,
                   .remedy = "Fields are declared in the profile, under [[field]]; 'registered' is always there."};
    if (std::all_of(cells.begin(), cells.end(), [](auto x) { return x == missing; }))
      return unusable(name, fmt::format("the covariate '{}' is missing in every unit", name), "Leave it out.");
  }

  const auto valid = valid_of_units(count);
  const auto cast = electorate.has_cast ? cast_of_units(count) : valid;
  std::vector<char> usable(count.units(), 0);
  std::map<std::string, std::int64_t> reasons;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    const auto n = count.registered[u];
    const std::int64_t leader = count.vote(out.leader, u), turnout = out.of_valid ? valid[u] : cast[u];
    const auto reason = [&]() -> std::string {
      if (n == missing || n <= 0) return "no registered voters";
      if (leader == missing) return "the leader's votes are missing";
      if (leader < 0 || turnout < 0) return "a negative number";
      if (cast[u] > n || turnout > n) return "more ballots than registered voters";
      if (leader > turnout || valid[u] > cast[u]) return "more votes than ballots (A + W > N)";
      for (const auto& name : names)
        if (name != "registered" && count.column(name)[u] == missing)
          return fmt::format("the covariate '{}' is missing", name);
      return {};
    }();
    if (reason.empty())
      usable[u] = 1;
    else
      ++reasons[reason];
  }
  const auto kept = electorate.units;
  std::vector<std::uint32_t> place;
  std::int64_t other_units = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const UnitIndex u = kept[i];
    if (!usable[u]) continue;
    const auto n = count.registered[u];
    const auto turnout = static_cast<std::int32_t>(out.of_valid ? valid[u] : cast[u]);
    const auto leader = count.vote(out.leader, u);
    out.units.push_back(u);
    out.data.registered.push_back(n);
    out.data.abstained.push_back(n - turnout);
    out.data.leader.push_back(leader);
    out.data.other.push_back(turnout - leader);
    place.push_back(electorate.place[i]);
    usable[u] = 0;
  }
  for (const char left : usable) other_units += left;
  if (other_units > 0) reasons["the votes do not add up"] += other_units;
  out.left_out.assign(reasons.begin(), reasons.end());
  if (out.units.size() < least_units)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "too few units can be used for the mixture",
                 .value = std::to_string(out.units.size()),
                 .remedy = "It takes 20 units with registered voters whose votes do not exceed them."};
  out.data.place = std::move(place);
  out.data.places = electorate.places;
  // The electorate of the same units, for fair elections.
  Electorate same = electorate;
  same.units = out.units;
  same.place = out.data.place;
  same.registered = out.data.registered;
  out.returns = returns_of(count, same);
  out.electorate = std::move(same);
  COTEJO_CHECK(add_covariates(count, out, names));
  return out;
}

MixtureData data_of(const Electorate& electorate, const Returns& returns, bool of_valid) {
  MixtureData out{.registered = electorate.registered,
                  .abstained = {},
                  .leader = returns.leader,
                  .other = {},
                  .place = electorate.place,
                  .places = electorate.places};
  const auto& turnout = of_valid ? returns.valid : returns.cast;
  for (std::size_t u = 0; u < turnout.size(); ++u) {
    out.abstained.push_back(out.registered[u] - turnout[u]);
    out.other.push_back(turnout[u] - returns.leader[u]);
  }
  return out;
}

MixtureData only(const MixtureData& data, const std::vector<std::size_t>& units) {
  MixtureData out{.registered = {}, .abstained = {}, .leader = {}, .other = {}, .place = {}, .places = data.places};
  out.covariate_names = data.covariate_names;
  out.covariates.resize(data.covariates.size());
  for (const auto u : units) {
    out.registered.push_back(data.registered[u]);
    out.abstained.push_back(data.abstained[u]);
    out.leader.push_back(data.leader[u]);
    out.other.push_back(data.other[u]);
    out.place.push_back(data.place[u]);
    for (std::size_t c = 0; c < data.covariates.size(); ++c) out.covariates[c].push_back(data.covariates[c][u]);
  }
  return out;
}

}  // namespace cotejo
