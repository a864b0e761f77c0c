#include "outlines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cotejo/web/pages.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

// In degrees.
struct Frame {
  double west = std::numeric_limits<double>::infinity(), east = -west, south = west, north = -west;

  void add(double longitude, double latitude) {
    west = std::min(west, longitude), east = std::max(east, longitude);
    south = std::min(south, latitude), north = std::max(north, latitude);
  }
  void widen() {
    const double margin = 0.04 * std::max(east - west, north - south);
    west -= margin, east += margin, south -= margin, north += margin;
  }
  bool touches(const Frame& other) const {
    return west <= other.east && other.west <= east && south <= other.north && other.south <= north;
  }
};

Frame frame_of(const Json& data) {
  Frame out;
  const auto columns = data.value("columns", std::vector<std::string>{});
  const auto place = [&](const char* name) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  const auto add = [&](const Json& row, std::size_t longitude, std::size_t latitude) {
    if (row.size() > std::max(longitude, latitude) && row[longitude].is_number() && row[latitude].is_number())
      out.add(row[longitude].get<double>(), row[latitude].get<double>());
  };
  for (const auto& row : data.value("rows", Json::array())) add(row, place("longitude"), place("latitude"));
  for (const auto& cell : data.value("cells", Json::array())) add(cell, 0, 1);
  out.widen();
  return out;
}

Frame frame_of_ring(const Json& ring) {
  Frame out;
  for (std::size_t i = 0; i + 1 < ring.size(); i += 2)
    out.add(ring[i].get<double>() / 100, ring[i + 1].get<double>() / 100);
  return out;
}

Json countries() {
  for (const auto& file : workbench_files())
    if (file.path == "assets/outlines.json") return Json::parse(file.content);
  return Json::array();
}

}  // namespace

Json outlines_of(const Json& findings) {
  std::vector<Frame> frames;
  for (const auto& finding : findings)
    for (const auto& figure : finding.at("figures"))
      if (figure.at("kind") == "objected-map" || figure.at("kind") == "outlier-map")
        frames.push_back(frame_of(figure.at("data")));
  Json out = Json::array();
  if (frames.empty()) return out;
  for (const auto& country : countries()) {
    Json rings = Json::array();
    for (const auto& ring : country.at("rings")) {
      const Frame own = frame_of_ring(ring);
      if (std::any_of(frames.begin(), frames.end(), [&](const Frame& frame) { return frame.touches(own); }))
        rings.push_back(ring);
    }
    if (!rings.empty()) out.push_back({{"name", country.at("name")}, {"rings", std::move(rings)}});
  }
  return out;
}

}  // namespace cotejo
