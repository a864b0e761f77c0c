#include "country.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace cotejo {

namespace {

constexpr std::size_t levels = country_levels.size();
constexpr std::size_t locality = levels - 2, precinct = levels - 1;

using Numbers = std::array<std::uint32_t, levels>;
constexpr Numbers numbers_at_home = {1, 9, 112, 340, 3532, 5131};
constexpr Numbers numbers_abroad = {33, 77, 109, 115, 120, 165};

// Few upper places even in a large country; from the municipality down, in proportion to the units.
Numbers places_for(std::uint32_t units, const Numbers& reference, double reference_units) {
  constexpr std::array<double, levels> power = {0.5, 0.5, 0.75, 1, 1, 1};
  Numbers out{};
  for (std::size_t l = 0; l < levels; ++l) {
    const double scaled = std::round(reference[l] * std::pow(units / reference_units, power[l]));
    const std::uint32_t wanted = reference[l] == 1 ? 1 : static_cast<std::uint32_t>(std::min<double>(scaled, units));
    out[l] = std::max(wanted, l == 0 ? 1 : out[l - 1]);
  }
  return out;
}

std::vector<double> random_weights(std::size_t n, double spread, Stream& stream) {
  std::vector<double> out(n);
  for (auto& weight : out) weight = std::exp(spread * stream.normal());
  return out;
}

// Localities are as unequal as towns: by rank as in Zipf's law, blurred, in random order.
std::vector<double> town_weights(std::size_t n, Stream& stream) {
  auto out = random_weights(n, 0.7, stream);
  for (std::size_t i = 0; i < n; ++i) out[i] *= std::pow(static_cast<double>(i + 1), -1.1);
  for (std::size_t i = n; i > 1; --i) std::swap(out[i - 1], out[stream.below(i)]);
  return out;
}

std::string name_of_place(std::size_t level, std::size_t number, bool abroad) {
  switch (level) {
    case 0:
      return abroad ? fmt::format("Farland {:02}", number) : "Synthetia";
    case 1:
      return fmt::format("Region {:02}", number + 1);
    case 2:
      return fmt::format("Province {:03}", number + 1);
    case 3:
      return fmt::format("Municipality {:03}", number + 1);
    case 4:
      return fmt::format("Locality {:04}", number + 1);
    default:
      return fmt::format("School {:04}", number + 1);
  }
}

// Adds places for `units` units below new countries.
void grow(InventedCountry& country, const Numbers& places, std::uint32_t units, bool abroad, Stream& shape, Seed seed) {
  Numbers first{};
  for (std::size_t l = 0; l < levels; ++l) first[l] = static_cast<std::uint32_t>(country.level[l].size());
  const auto town = town_weights(places[locality], shape);
  for (std::size_t l = 0; l < levels; ++l) {
    const auto children = l == 0          ? std::vector<std::uint32_t>{places[0]}
                          : l == precinct ? share_out(places[l], town)
                                          : share_out(places[l], random_weights(places[l - 1], 0.6, shape));
    for (std::uint32_t i = 0; i < children.size(); ++i)
      for (std::uint32_t j = 0; j < children[i]; ++j) {
        const std::size_t number = country.level[l].size();
        InventedPlace place;
        double centre_latitude = abroad ? 38 : -25, centre_longitude = abroad ? -42 : -15;  // no land there
        if (l > 0) {
          place.parent = first[l - 1] + i;
          auto& parent = country.level[l - 1][place.parent];
          parent.children = children[i];
          place.code = fmt::format("{}.{}", parent.code, j + 1);
          centre_latitude = parent.latitude;
          centre_longitude = parent.longitude;
        } else {
          place.code = fmt::format("{}", number);
        }
        place.name = name_of_place(l, number, abroad);
        constexpr std::array<double, levels> degrees = {1, 1.5, 0.6, 0.25, 0.1, 0.01};
        auto stream = stream_for(seed, Part::places, number * levels + l);
        const auto micro = [](double value) { return std::round(value * 1e6) / 1e6; };
        place.latitude = micro(centre_latitude + degrees[l] * stream.normal());
        place.longitude = micro(centre_longitude + degrees[l] * stream.normal());
        country.level[l].push_back(std::move(place));
      }
  }
  auto weights = random_weights(places[precinct], 0.5, shape);
  for (std::size_t p = 0; p < weights.size(); ++p) {
    const auto parent = country.level[precinct][first[precinct] + p].parent;
    weights[p] *= town[parent - first[locality]] / country.level[locality][parent].children;
  }
  const auto of_precinct = share_out(units, weights);
  country.units.insert(country.units.end(), of_precinct.begin(), of_precinct.end());
}

}  // namespace

std::vector<std::uint32_t> share_out(std::uint32_t total, const std::vector<double>& weights) {
  assert(total >= weights.size());
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const double rest = total - static_cast<double>(weights.size());
  std::vector<std::uint32_t> out(weights.size());
  std::vector<double> remainder(weights.size());
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double exact = rest * weights[i] / sum;
    out[i] = 1 + static_cast<std::uint32_t>(exact);
    remainder[i] = exact - std::floor(exact);
    given += out[i];
  }
  std::vector<std::uint32_t> order(out.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return remainder[a] > remainder[b]; });
  for (std::size_t i = 0; given < total; ++given, ++i) ++out[order[i % order.size()]];
  return out;
}

InventedCountry invent_country(std::uint32_t units_at_home, std::uint32_t units_abroad, Seed seed) {
  InventedCountry country;
  auto shape = stream_for(seed, Part::shape);
  grow(country, places_for(units_at_home, numbers_at_home, 33048), units_at_home, false, shape, seed);
  const std::size_t precincts_at_home = country.units.size();
  if (units_abroad > 0) grow(country, places_for(units_abroad, numbers_abroad, 1507), units_abroad, true, shape, seed);

  std::vector<double> units_of_locality(country.level[locality].size());
  for (std::size_t p = 0; p < country.units.size(); ++p)
    units_of_locality[country.level[precinct][p].parent] += country.units[p];
  country.rural.resize(country.units.size());
  double mean = 0, square = 0;
  for (std::size_t p = 0; p < precincts_at_home; ++p) {
    country.rural[p] = -std::log(units_of_locality[country.level[precinct][p].parent]) + 0.7 * shape.normal();
    mean += country.units[p] * country.rural[p] / units_at_home;
    square += country.units[p] * country.rural[p] * country.rural[p] / units_at_home;
  }
  const double spread = std::sqrt(std::max(square - mean * mean, 1e-12));
  for (std::size_t p = 0; p < precincts_at_home; ++p) country.rural[p] = (country.rural[p] - mean) / spread;
  return country;
}

}  // namespace cotejo
