// When, or in which order, the returns of a count were published: one interval per unit on one axis.
//
// Shapes: one row per unit; from <= to. Units of the axis by `kind`:
//   time: seconds since 1970-01-01T00:00:00 on the clock the file was written by (no time zone is assumed);
//   order: the position, 1, 2, ...; equal positions are a batch;
//   percentile: 0..100; published percentiles are steps, so that from < to.
// A point has from = to. Units may lack a row; rows may name units that a count lacks (methods say how many).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

enum class ArrivalKind { time, order, percentile };
std::string_view to_text(ArrivalKind kind);

struct Arrival {
  ArrivalId id;
  std::string title;
  ArrivalKind kind = ArrivalKind::time;
  std::string source;
  std::vector<std::string> caveats;
  TextColumn unit_keys;  // unique
  std::vector<double> from, to;
  int revision = 1;  // of the case that holds it, and how many it has there
  int revisions = 1;

  std::size_t units() const { return unit_keys.size(); }
  std::string content_hash() const;
};

// "2019-10-20T19:40:57" (ISO 8601, to the second; a zone is ignored) as seconds since 1970; nothing when it is none.
std::optional<double> seconds_of(std::string_view instant);
// The other way round; positions and percentiles as numbers.
std::string describe_arrival(ArrivalKind kind, double value);

}  // namespace cotejo
