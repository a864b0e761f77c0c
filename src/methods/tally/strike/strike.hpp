// Does the outcome survive the objection? The rule applied again without what the challenges name, under every reading.
//
// Let S be the units of the challenges (united: a unit named twice counts once), L the leader of the whole count.
// Readings:
//   whole                  the units of S leave the count
//   winner-void            L's votes in S leave; valid votes fall with them (the ballots become null)
//   winner-void-valid-kept L's votes in S leave; valid votes stay
//   transfer               L's votes in S go to the runner-up of the whole count
//   precinct               every unit of the precincts of S leaves
// margin_points = 100 (M - C) / V with M the votes of L, C those of the strongest other option after the strike.
// Shapes: any count; `precinct` needs a hierarchy (else it is absent and a condition says so).
// Missing cells count as 0. V = 0 after a strike: shares are null and the outcome is what the rule says of no votes.
// Errors: input_insufficient (no rule, no challenge), unit_unknown, unit_duplicate, challenge_invalid, option_invalid (no
// such level).
// No randomness. Cost: one pass over the count, then linear in the challenged units and their precincts.
// Does not show: that the objection is justified. Source: the rule itself, applied to the count of each reading
// (strike.md).
// Verified in src/methods/tally/strike/strike_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

enum class StrikeReading { as_counted, whole, winner_void, winner_void_valid_kept, transfer, precinct };
std::string_view to_text(StrikeReading reading);  // "winner-void-valid-kept"

struct StrikeRequest {
  const Rule* rule = nullptr;
  std::vector<const Challenge*> challenges;
  std::string precinct_level{};  // empty: the lowest level

  static MethodInfo info();
  static const OptionTable<StrikeRequest>& table();
};

// The count under one reading of the objection.
struct StruckCount {
  StrikeReading reading = StrikeReading::as_counted;
  std::int64_t units_struck = 0;
  Tally after;
  std::int64_t leader_votes = 0;     // M
  std::int64_t strongest_other = 0;  // C
  Outcome outcome;
  bool survives = true;  // the same outcome as counted

  double of_valid(std::int64_t votes) const;  // percent of the valid votes after the strike; NaN of none
  double margin_points() const { return of_valid(leader_votes - strongest_other); }
};

// The readings of one set of units; as counted first.
struct StruckReadings {
  std::vector<UnitIndex> units;                 // objected to, ascending
  std::size_t places = 0, units_in_places = 0;  // of the reading `precinct`
  std::vector<StruckCount> all;
};

struct StrikeResult {
  Tally counted;
  Outcome outcome;  // as counted
  std::size_t leader = 0;
  std::optional<std::size_t> second;
  std::string level;        // of the reading `precinct`
  bool has_places = false;  // the count has that level
  StruckReadings united;    // of all challenges
  std::int64_t leader_votes_objected = 0, valid_objected = 0;

  struct Objector {
    std::string by;  // empty: all objectors together
    StruckReadings readings;
  };
  std::vector<Objector> objectors;

  struct Named {
    std::size_t units = 0;
    std::size_t also_named_by_another = 0;
  };
  std::vector<Named> challenges;  // in the order of the request

  // Does the outcome survive every reading, none, or some?
  bool survives_all() const;
  bool survives_none() const;
};

Result<StrikeResult> compute(const Count& count, const StrikeRequest& request, const Context& context);
Finding present(const StrikeResult& result, const Count& count, const StrikeRequest& request, const Context& context);

}  // namespace cotejo
