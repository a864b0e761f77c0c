// Late counts made for the tests of the family: their truth is known.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../../support/tests/small_count.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo::test {

// A count that comes in in the order of its units, its first half early. Late units of every precinct lean to A by
// `shift` points more than its early ones; whole precincts of the last town are late.
struct Made {
  Count count;
  Count snapshot;
  Arrival arrival;
};
inline Made made(double shift, std::uint64_t seed, int precincts = 120) {
  Stream stream(seed, Purpose::synthetic_election);
  std::vector<SmallUnit> units, early;
  Made out;
  out.arrival.id = ArrivalId{"x/order"};
  out.arrival.kind = ArrivalKind::order;
  int key = 0;
  for (int p = 0; p < precincts; ++p) {
    const double here = 0.5 + 0.1 * stream.normal();
    const bool whole = p % 6 == 5;  // wholly late
    for (int t = 0; t < 8; ++t) {
      const bool late = whole || t >= 6;
      const double a = std::clamp(here + (late ? shift / 200 : 0), 0.05, 0.95);
      std::int32_t votes = 0;
      for (int v = 0; v < 200; ++v) votes += stream.uniform() < a;
      const SmallUnit unit{
          std::to_string(++key), {"T" + std::to_string(p / 10), "P" + std::to_string(p)}, {votes, 200 - votes}, 230};
      units.push_back(unit);
      if (!late) early.push_back(unit);
      out.arrival.unit_keys.push_back(unit.key);
      const double at = (late ? 1000 : 0) + 1000 * stream.uniform();
      out.arrival.from.push_back(at);
      out.arrival.to.push_back(at);
    }
  }
  out.count = small_count("x/final", {"town", "precinct"}, {"A", "B"}, units);
  out.snapshot = small_count("x/quick", {"town", "precinct"}, {"A", "B"}, early);
  return out;
}

inline ArrivalRequest with_arrival(const Made& m) {
  return {.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"};
}

// A count whose units lean further and further as they come in, within every place, as in Bolivia 2019: no cut is
// special.
inline Made drifting(std::uint64_t seed) {
  Made m = made(0, seed);
  Stream stream(seed, Purpose::hold_out);
  const UnitLookup lookup(m.count);
  for (std::size_t i = 0; i < m.arrival.units(); ++i) {
    const UnitIndex u = *lookup.find(m.arrival.unit_keys[i]);
    const double position = 2000 * stream.uniform();
    m.arrival.from[i] = m.arrival.to[i] = position;
    const auto moved =
        static_cast<std::int32_t>(std::floor(position / 2000 * 8 + stream.uniform()));  // up to 8 of 200 votes
    auto& a = m.count.votes[u];
    auto& b = m.count.votes[m.count.units() + u];
    const auto can = std::min(moved, b);
    a += can, b -= can;
  }
  m.count.sha256 = m.count.content_hash();
  return m;
}

}  // namespace cotejo::test
