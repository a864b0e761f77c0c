#include "sides.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

namespace cotejo::linkage {

namespace {

constexpr double earth_radius_km = 6371.0;

// Unknown coordinates come last.
double coordinate(const std::vector<double>& column, Index i) {
  const double value = column.empty() ? std::numeric_limits<double>::quiet_NaN() : column[i];
  return std::isfinite(value) ? value : 1e9;
}

// Rows in the order of their places, names, coordinates and codes.
std::vector<Index> canonical_order(const LinkPlaces& in, const std::vector<const std::string*>& normal,
                                   const std::vector<std::vector<const std::string*>>& above) {
  std::vector<Index> out(in.size());
  std::iota(out.begin(), out.end(), 0);
  std::sort(out.begin(), out.end(), [&](Index a, Index b) {
    for (std::size_t l = 0; l < above.size(); ++l)
      if (const int order = above[l][a]->compare(*above[l][b])) return order < 0;
    if (const int order = normal[a]->compare(*normal[b])) return order < 0;
    const auto rest = [&](Index i) {
      return std::tuple(coordinate(in.latitude, i), coordinate(in.longitude, i), std::string_view(in.names[i]),
                        in.codes.empty() ? std::string_view{} : std::string_view(in.codes[i]));
    };
    const auto of_a = rest(a), of_b = rest(b);
    return of_a != of_b ? of_a < of_b : a < b;
  });
  return out;
}

}  // namespace

double chord_km(const Point& a, const Point& b) {
  return earth_radius_km * std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z));
}
double arc_km(double chord) {
  return 2 * earth_radius_km * std::asin(std::min(1.0, chord / (2 * earth_radius_km)));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::vector<Index> words_of(const std::string& text, Texts& texts) {
  std::vector<Index> out;
  for (const auto& word : split(text)) {
    out.push_back(texts.words(word));
    if (texts.words.size() > texts.word_text.size()) texts.word_text.push_back(word);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Side make_side(const LinkPlaces& in, Texts& texts) {
  Side side;
  side.n = in.size();
  const std::size_t levels = in.above.size();
  std::vector<const std::string*> normal(side.n);
  std::vector<std::vector<const std::string*>> above(levels, std::vector<const std::string*>(side.n));
  for (std::size_t i = 0; i < side.n; ++i) {
    normal[i] = &texts.normal(in.names[i]);
    for (std::size_t l = 0; l < levels; ++l) above[l][i] = &texts.normal(in.above[l][i]);
  }
  side.original = canonical_order(in, normal, above);
  side.name.resize(side.n);
  side.words.resize(side.n);
  side.own.assign(levels, std::vector<Index>(side.n));
  side.path.assign(levels, std::vector<Index>(side.n));
  side.point.resize(side.n);
  side.has_point.assign(side.n, 0);
  for (std::size_t i = 0; i < side.n; ++i) {
    const Index row = side.original[i];
    side.name[i] = texts.names(*normal[row]);
    side.words[i] = words_of(*normal[row], texts);
    Index path = none;
    for (std::size_t l = 0; l < levels; ++l) {
      side.own[l][i] = texts.places[l](*above[l][row]);
      path = texts.paths[l](path, side.own[l][i]);
      side.path[l][i] = path;
    }
    const double latitude = coordinate(in.latitude, row), longitude = coordinate(in.longitude, row);
    if (std::abs(latitude) <= 90 && std::abs(longitude) <= 360) {
      const double phi = latitude * std::numbers::pi / 180, lambda = longitude * std::numbers::pi / 180;
      side.point[i] = {std::cos(phi) * std::cos(lambda), std::cos(phi) * std::sin(lambda), std::sin(phi)};
      side.has_point[i] = 1;
    }
  }
  return side;
}

Sides::Sides(const LinkPlaces& of_first, const LinkPlaces& of_second)
    : in_first(of_first), in_second(of_second), levels(of_first.above.size()) {
  texts.places.resize(levels);
  texts.paths.resize(levels);
  for (auto& level : texts.places) level("");  // 0 is the unknown place
  first = make_side(in_first, texts);
  second = make_side(in_second, texts);
  const auto known = [](const Side& side) { return std::count(side.has_point.begin(), side.has_point.end(), 1); };
  has_points = known(first) > 0 && known(second) > 0;
}

}  // namespace cotejo::linkage
