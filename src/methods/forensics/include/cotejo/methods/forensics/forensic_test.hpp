// What every test of patterns in the figures has, and how it is calibrated.
//
// A test gives numbers for an election, the first of which is its statistic (large = unusual). Its p-value is the rank of
// the observed statistic among those of B fair elections drawn from the election's own units (sim/fair_election.hpp):
//   p = (1 + #{fair >= observed}) / (B + 1).
// Which depth is drawn anew (the unit's own votes, or units around their place) belongs to the test.
// A test may have a null of its own instead (OwnNull): votes dealt at random within a place, signs that fall either way. Its
// p-value is exact or simulated from that null, and the fair elections measure how often it flags them.
// Shapes, null, errors: as fair_election.hpp. Seed: context.seed; the same bits for any number of threads and ranks.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "cotejo/base/row_store.hpp"
#include "cotejo/methods/support/support.hpp"
#include "cotejo/sim/fair_election.hpp"
#include "cotejo/sim/planted.hpp"

namespace cotejo {

struct Component {
  const char* name;
  const char* unit;
  const char* definition;
};

struct ForensicCase;

// The p-value of a test with a null of its own.
struct OwnAnswer {
  double p_value = NAN;  // NaN: it cannot be told
  TestKind kind = TestKind::exact;
  std::int64_t replicates = 0;
  bool at_most = false;   // no simulation reached what was observed
  double expected = NAN;  // of the first component, under the null
};
struct OwnNull {
  const char* null;  // in words
  // Why the test cannot be run on this count; empty: it can.
  std::string (*refused)(const ForensicCase& given);
  // The test's numbers into `out`, and its p-value, for the count itself.
  OwnAnswer (*observed)(const ForensicCase& given, std::int64_t replicates, Seed seed, std::span<double> out);
  // The p-value for one fair election, with irregularities planted in it where `planted` is given.
  double (*of_fair)(const ForensicCase& given, const FairModel& model, Generator generator, const PlantSpec* planted,
                    Seed seed, std::uint64_t replicate);
};

struct ForensicTest {
  const char* id;
  Depth depth;
  bool needs_registered;
  const char* descriptive_because;  // never shown with a p-value, for this reason; null: calibrated
  std::vector<Component> components;
  std::size_t votes;  // the component that is in votes; the test implicates what it has beyond fair elections
  // NaN: cannot be told for this election.
  void (*measure)(const Electorate& electorate, const Returns& returns, std::span<double> out);
  const OwnNull* own = nullptr;  // then `measure` is null
};

// What every request of the family has.
struct ForensicRequest {
  const Rule* rule = nullptr;
  std::int64_t replicates = 1000;
  std::string ballots{};     // fields whose sum is the turnout, with "+"
  RowStore* kept = nullptr;  // where rows are kept, to go on from after an interruption
};

template <class Request>
void add_forensic_options(OptionTable<Request>& table) {
  table.add(static_cast<std::int64_t Request::*>(&ForensicRequest::replicates),
            {.name = "replicates",
             .unit = "fair elections",
             .text = "How many fair elections the statistic is ranked among.",
             .low = 99,
             .high = 1e6});
  table.add(static_cast<std::string Request::*>(&ForensicRequest::ballots),
            {.name = "ballots",
             .unit = "field ids",
             .text = "Fields of the count whose sum is the turnout, with + (ballots issued); none: the ballots cast."});
}

// Another election in the same places, the nearest in time on its side. Columns have one entry per linked place.
struct Neighbour {
  static constexpr std::uint32_t nobody = 0xFFFFFFFF;
  std::string election, date, level, group_level;
  bool before = false;               // held before the count's own
  std::vector<std::uint32_t> place;  // of every unit of the electorate; nobody: its place is not linked
  std::vector<std::uint32_t> group;  // of every place, on group_level
  std::vector<std::int32_t> leader, runner_up, valid;  // in the other election
  std::int64_t places = 0;                             // of the count, linked or not
};

// An election, its units that can be drawn, and the model.
struct ForensicCase {
  const Count* count = nullptr;
  ElectorateOptions options;
  Electorate electorate;
  Returns observed;
  std::string building{};               // is a place one building: yes, no; empty: told from the count
  std::vector<Neighbour> neighbours{};  // for `swing`
  std::string why_no_neighbours{};
};
Result<ForensicCase> forensic_case(const Count& count, const ForensicRequest& request);

// A test's numbers for the observed election and for the fair ones.
struct Calibration {
  std::vector<double> observed;
  std::vector<double> fair;  // replicates x components
  std::size_t width = 0;
  double p_value(std::size_t component = 0) const;
  double mean(std::size_t component) const;
  double quantile(std::size_t component, double share) const;
  // max(0, observed - mean of the fair elections) of the component in votes.
  double votes_beyond_fair(const ForensicTest& test) const;
};

// A calibrated finding: opens it, draws the fair elections, says whether the model resembles the election, fills in
// estimates, the table `statistics`, the test and the votes at stake. The caller adds what is its own.
struct CalibratedFinding {
  Finding finding;
  Calibration calibration;
};
Result<CalibratedFinding> calibrated(const MethodInfo& info, const ForensicTest& test, const ForensicCase& given,
                                     const ForensicRequest& request, const Context& context);

// A test with a null of its own, as a finding; nothing else than `calibrated` above.
struct OwnFinding {
  Finding finding;
  std::vector<double> observed;
  OwnAnswer answer;
};
Result<OwnFinding> with_own_null(const MethodInfo& info, const ForensicTest& test, const ForensicCase& given,
                                 const ForensicRequest& request, const Context& context);

// "0.043", "at most 0.0001".
std::string p_value_text(const OwnAnswer& answer);

// Votes put in question against the slack of the rule's outcome, when there is a rule.
Result<void> put_at_stake(Finding& finding, const ForensicCase& given, const ForensicRequest& request, double votes);

// Every test, in the order of the family: the battery runs them.
const std::vector<ForensicTest>& forensic_tests();
const ForensicTest& forensic_test(std::string_view id);

}  // namespace cotejo
