// Counts that lack something, through every method: an answer, or the condition that fails, in words; never a number without
// its ground, and never a fault of the program.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cotejo/engine/registry.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {
namespace {

using ::testing::HasSubstr;

constexpr SyntheticSpec small{.units = 3000};

const SyntheticElection& invented() {
  static const SyntheticElection election = [] {
    auto drawn = draw_synthetic(small, {.seed = 1});
    for (std::uint64_t seed = 2; !drawn && seed < 50; ++seed) drawn = draw_synthetic(small, {.seed = seed});
    return *std::move(drawn);
  }();
  return election;
}

// A count, what it is compared with, and what is objected to.
struct Inputs {
  Count count = invented().official, quick = invented().quick, next = invented().next;
  Challenge objected = invented().objected;
};

// The units whose index is kept, in every column.
Count only(const Count& from, const std::vector<UnitIndex>& kept) {
  Count out = from;
  out.unit_keys = {};
  const auto take = [&](auto& column) {
    if (column.empty()) return;
    std::remove_reference_t<decltype(column)> chosen;
    for (const UnitIndex u : kept) chosen.push_back(column[u]);
    column = std::move(chosen);
  };
  for (const UnitIndex u : kept) out.unit_keys.push_back(from.unit_keys[u]);
  for (Column* column : {&out.registered, &out.cast, &out.valid, &out.blank, &out.null}) take(*column);
  take(out.unit_place);
  take(out.latitude);
  take(out.longitude);
  out.votes.clear();
  for (std::size_t o = 0; o < from.options(); ++o)
    for (const UnitIndex u : kept) out.votes.push_back(from.vote(o, u));
  return out;
}

Inputs one_unit_per_place() {
  Inputs in;
  for (Count* count : {&in.count, &in.quick, &in.next}) {
    std::set<PlaceIndex> seen;
    std::vector<UnitIndex> kept;
    for (UnitIndex u = 0; u < count->units(); ++u)
      if (seen.insert(count->unit_place[u]).second) kept.push_back(u);
    *count = only(*count, kept);
  }
  return in;
}

Inputs all_units_early() {
  Inputs in;
  in.quick = in.count;
  in.quick.id = CountId{"demo/quick"};
  in.quick.snapshot_of = in.count.id;
  return in;
}

Inputs one_option() {
  Inputs in;
  for (Count* count : {&in.count, &in.quick, &in.next}) {
    count->contest.options.resize(1);
    count->votes.resize(count->units());
    if (!count->valid.empty()) count->valid = Column(count->votes.begin(), count->votes.end());
  }
  return in;
}

Inputs no_register() {
  Inputs in;
  for (Count* count : {&in.count, &in.quick, &in.next}) count->registered.clear();
  return in;
}

Inputs two_units() {
  Inputs in;
  for (Count* count : {&in.count, &in.quick, &in.next}) *count = only(*count, {0, 1});
  return in;
}

// As little work as the options allow: the lowest bound of what is drawn.
OptionTexts cheap(const MethodEntry& method) {
  static const std::set<std::string> drawn{"replicates", "elections",   "placebos", "unlike",
                                           "planted",    "sets_to_try", "draws"};
  OptionTexts out;
  for (const auto& option : method.options)
    if (drawn.contains(option.name)) out.emplace_back(option.name, fmt::format("{:.0f}", option.low));
  return out;
}

struct BadInput {
  const char* name;
  Inputs (*make)();
  // Methods that cannot answer, each with a word of the condition that it names.
  std::map<std::string, const char*> refused_by;
};

class BadInputs : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, EveryMethodAnswersOrNamesTheConditionThatFails) {
  Inputs in = GetParam().make();
  for (Count* count : {&in.count, &in.quick, &in.next}) count->sha256 = count->content_hash();
  const UnitLookup units(in.count);
  std::erase_if(in.objected.unit_keys, [&](const std::string& key) { return !units.find(key); });
  if (in.objected.unit_keys.empty()) in.objected.unit_keys = {std::string(in.count.unit_keys[0])};
  const Rule rule = Rule::plurality();
  for (const auto& method : methods()) {
    if (method.takes_assembly || method.info.family == "mixture") continue;
    // These draw hundreds of elections: only where they have to refuse.
    const bool draws = method.info.id == "battery" || method.info.id == "false-alarms";
    if (draws && !GetParam().refused_by.contains(method.info.id)) continue;
    MethodInputs inputs{.count = &in.count};
    if (method.takes_rule) inputs.rule = &rule;
    if (method.takes_challenges) inputs.challenges = {&in.objected};
    if (method.takes_other) inputs.others = {method.info.id == "collate" ? &in.quick : &in.next};
    if (method.takes_others) inputs.others = {&in.quick, &in.next};
    if (method.info.id == "copies") inputs.others = {&in.quick};
    const auto finding = method.run(inputs, cheap(method), Context{.seed = 7, .threads = 2});
    if (!finding) {  // it says what it has to be given
      EXPECT_EQ(finding.error().code, ErrorCode::usage) << method.info.id << ": " << describe(finding.error());
      EXPECT_FALSE(finding.error().remedy.empty()) << method.info.id;
      continue;
    }
    EXPECT_TRUE(finding->for_outcome) << method.info.id;
    EXPECT_FALSE(finding->headline.empty()) << method.info.id;
    EXPECT_THAT(finding->headline, testing::Not(HasSubstr("nan"))) << method.info.id;
    const auto refused = GetParam().refused_by.find(method.info.id);
    const bool must = refused != GetParam().refused_by.end();
    if (finding->answer != Answer::undetermined) {
      EXPECT_FALSE(must) << method.info.id << " answers: " << finding->headline;
      continue;
    }
    const auto failed = std::find_if(finding->conditions.begin(), finding->conditions.end(),
                                     [](const Condition& c) { return !c.met && !c.text.empty(); });
    ASSERT_NE(failed, finding->conditions.end()) << method.info.id << " names no condition: " << finding->headline;
    if (must) {
      EXPECT_THAT(failed->text.english() + " " + finding->headline.english(), HasSubstr(refused->second))
          << method.info.id;
    }
  }
}

std::map<std::string, const char*> all_of(std::vector<const char*> ids, const char* words) {
  std::map<std::string, const char*> out;
  for (const char* id : ids) out[id] = words;
  return out;
}
std::map<std::string, const char*> both(std::map<std::string, const char*> a,
                                        const std::map<std::string, const char*>& b) {
  a.insert(b.begin(), b.end());
  return a;
}
const std::vector<const char*> of_arrival{"curve", "projection", "shift", "discontinuity", "early-late", "rivals"};
const std::vector<const char*> of_patterns{
    "battery",  "last-digit",  "second-digit", "integer-percent", "spikes",           "excess-turnout", "turnout-share",
    "outliers", "small-units", "fingerprint",  "false-alarms",    "repeated-returns", "share-tails",    "swing"};

INSTANTIATE_TEST_SUITE_P(
    All, BadInputs,
    testing::Values(
        BadInput{"OneUnitPerPlace",
                 one_unit_per_place,
                 {{"early-late", "units on both sides of the cut"},
                  {"repeated-returns", "no place has two units"},
                  {"share-tails", "holds one unit"},
                  {"controls", "in the same precinct (0 of"}}},
        BadInput{"AllUnitsEarly", all_units_early, all_of(of_arrival, "units on both sides of the cut")},
        BadInput{"OneOption", one_option, both(all_of(of_arrival, "two options"), all_of(of_patterns, "two options"))},
        BadInput{"NoRegister", no_register,
                 all_of({"integer-percent", "excess-turnout", "turnout-share", "fingerprint"}, "registered voters")},
        BadInput{"TwoUnits", two_units,
                 both(all_of(of_arrival, "units on both sides of the cut"), all_of(of_patterns, "too few units"))}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cotejo
