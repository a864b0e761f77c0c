#include "cotejo/methods/checks/collate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/stats/sign_test.hpp"
#include "partial_coverage.hpp"

namespace cotejo {

namespace {

struct SharedColumn {
  std::string name;
  std::span<const std::int32_t> first, second;
};

std::vector<SharedColumn> shared_columns(const Count& first, const Count& second) {
  std::vector<SharedColumn> out;
  for (std::size_t i = 0; i < first.options(); ++i) {
    const int j = second.contest.index_of(first.contest.options[i].id);
    if (j >= 0)
      out.push_back({first.contest.options[i].id.text, first.option(i), second.option(static_cast<std::size_t>(j))});
  }
  for (const char* name : {"registered", "cast", "valid", "blank", "null"})
    if (!first.column(name).empty() && !second.column(name).empty())
      out.push_back({name, first.column(name), second.column(name)});
  return out;
}

// How many of B random sign patterns give a sum at least as far from 0 as the one observed. The same for any thread
// count: each replicate has its own stream.
std::int64_t as_extreme(const std::vector<std::int64_t>& change, std::int64_t observed, std::int64_t replicates,
                        const Context& context, bool& finished) {
  std::vector<char> extreme(static_cast<std::size_t>(replicates));
  finished = parallel_for(context, extreme.size(), "permutation of signs", [&](std::size_t replicate) {
    Stream stream(context.seed, Purpose::permutation_test, replicate);
    std::int64_t sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < change.size(); ++i) {
      if (i % 64 == 0) bits = stream();
      sum += bits & 1 ? change[i] : -change[i];
      bits >>= 1;
    }
    extreme[replicate] = std::abs(sum) >= std::abs(observed);
  });
  return std::count(extreme.begin(), extreme.end(), 1);
}

}  // namespace

const OptionTable<CollateRequest>& CollateRequest::table() {
  static const OptionTable<CollateRequest> options = [] {
    OptionTable<CollateRequest> t;
    t.add(&CollateRequest::replicates, {.name = "replicates",
                                        .unit = "sign patterns",
                                        .text = "How many random sign patterns the permutation test draws.",
                                        .low = 99,
                                        .high = 1e6});
    t.add(&CollateRequest::list_limit, {.name = "list_limit",
                                        .unit = "rows",
                                        .text = "How many differences the table lists; all are counted.",
                                        .low = 0,
                                        .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& first, const CollateRequest& request, const Context& context) {
  if (!request.other)
    return needs("a second count", "Name it with --against; `cotejo list CASE` shows those there are.");
  const Count& second = *request.other;
  const auto columns = shared_columns(first, second);
  const auto options_shared =
      static_cast<std::size_t>(std::count_if(columns.begin(), columns.end(), [&](const SharedColumn& c) {
        return first.contest.index_of(OptionId{c.name}) >= 0;
      }));
  if (options_shared == 0)
    return needs("an option that both counts have",
                 fmt::format("Give the options of '{}' and '{}' the same ids in their profiles.", first.id.text,
                             second.id.text));

  const UnitLookup lookup(second);
  std::vector<std::pair<UnitIndex, UnitIndex>> both;
  std::vector<UnitIndex> only_first;
  std::vector<bool> matched(second.units());
  for (UnitIndex unit = 0; unit < first.units(); ++unit) {
    if (const auto other = lookup.find(first.unit_keys[unit])) {
      both.emplace_back(unit, *other);
      matched[*other] = true;
    } else {
      only_first.push_back(unit);
    }
  }
  if (both.empty() && (first.units() == 1) != (second.units() == 1)) {
    Finding finding = open_finding(CollateRequest::info(), first, context);
    add_input(finding, second);
    const bool second_is_totals = second.units() == 1;
    compare_with_totals(finding, second_is_totals ? first : second, second_is_totals ? second : first, request.rule);
    return finding;
  }
  if (both.empty())
    return needs("units that both counts have",
                 fmt::format("'{}' and '{}' share no unit key; check [unit] key in their profiles.", first.id.text,
                             second.id.text));

  Finding finding = open_finding(CollateRequest::info(), first, context);
  add_input(finding, second);

  Table differences{
      .id = "differences",
      .title = "Every field that differs",
      .columns = {{"unit"}, {"field"}, {"first", "votes"}, {"second", "votes"}, {"change", "votes", "second - first"}},
      .rows = {}};
  Table fields{.id = "fields",
               .title = "How often each field differs, and the net change",
               .columns = {{"field"},
                           {"units_differing", "units"},
                           {"increases", "units"},
                           {"decreases", "units"},
                           {"net", "votes", "second - first"},
                           {"gross", "votes", "sum of the absolute changes"}},
               .rows = {}};
  struct Sum {
    std::int64_t differing = 0, up = 0, down = 0, net = 0, gross = 0;
  };
  std::vector<Sum> sums(columns.size());
  std::vector<char> differs(both.size());
  std::int64_t listed = 0;
  const auto cell = [](std::int32_t value) { return value == missing ? Cell{} : Cell{std::int64_t{value}}; };
  for (std::size_t i = 0; i < both.size(); ++i) {
    const auto [a, b] = both[i];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::int32_t x = columns[c].first[a], y = columns[c].second[b];
      if (x == y) continue;
      differs[i] = 1;
      const std::int64_t change = std::int64_t{y == missing ? 0 : y} - (x == missing ? 0 : x);
      Sum& sum = sums[c];
      ++sum.differing;
      sum.up += change > 0;
      sum.down += change < 0;
      sum.net += change;
      sum.gross += std::abs(change);
      if (++listed <= request.list_limit)
        differences.rows.push_back({std::string(first.unit_keys[a]), columns[c].name, cell(x), cell(y),
                                    x == missing || y == missing ? Cell{} : Cell{change}});
    }
  }
  if (listed > request.list_limit)
    differences.title += fmt::format(" (the first {} of {})", request.list_limit, listed);
  const auto units_differing = std::count(differs.begin(), differs.end(), 1);

  // The margin of the units that both have, as each count tells it: first two options of the second count.
  std::vector<UnitIndex> in_first, in_second;
  for (const auto& [a, b] : both) {
    in_first.push_back(a);
    in_second.push_back(b);
  }
  const Tally common_first = tally(first, in_first), common_second = tally(second, in_second);
  std::vector<std::size_t> shared_order;  // the second count's options that the first has too, most votes first
  for (const auto option : ranking(tally(second)))
    if (first.contest.index_of(second.contest.options[option].id) >= 0) shared_order.push_back(option);
  const std::size_t leader = shared_order[0];
  const auto in = [&](std::size_t option) {
    return static_cast<std::size_t>(first.contest.index_of(second.contest.options[option].id));
  };
  const bool has_second = shared_order.size() > 1;
  const auto known = [](std::int32_t value) { return std::int64_t{value == missing ? 0 : value}; };
  std::vector<std::int64_t> change;  // of M - C, in units where it is not 0
  std::int64_t net = 0, toward = 0, away = 0;
  for (const auto& [a, b] : both) {
    std::int64_t d = known(second.vote(leader, b)) - known(first.vote(in(leader), a));
    if (has_second) d -= known(second.vote(shared_order[1], b)) - known(first.vote(in(shared_order[1]), a));
    if (d == 0) continue;
    change.push_back(d);
    net += d;
    (d > 0 ? toward : away) += 1;
  }
  const auto margin = [&](const Tally& t, std::size_t m, std::size_t c) {
    return percent_of(static_cast<double>(t.options[m] - (has_second ? t.options[c] : 0)), static_cast<double>(t.valid))
        .value;
  };
  const std::size_t runner_up = has_second ? shared_order[1] : leader;

  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value, std::move(unit), std::move(definition)});
  };
  const auto only_second = static_cast<std::size_t>(std::count(matched.begin(), matched.end(), false));
  estimate("units_in_both", static_cast<double>(both.size()), "units", "units whose key is in both counts");
  estimate("units_in_both_percent",
           percent_of(static_cast<double>(both.size()), static_cast<double>(second.units())).value, "% of units",
           fmt::format("of the units of {}", second.id.text));
  estimate("units_differing", static_cast<double>(units_differing), "units",
           "units in both with at least one field that differs");
  estimate("units_only_first", static_cast<double>(only_first.size()), "units",
           fmt::format("units of {} that {} does not have", first.id.text, second.id.text));
  estimate("units_only_second", static_cast<double>(only_second), "units",
           fmt::format("units of {} that {} does not have", second.id.text, first.id.text));
  const auto valid_in = [](const Count& count, const std::vector<UnitIndex>& units) { return tally(count, units).valid; };
  std::vector<UnitIndex> only_in_second;
  for (UnitIndex unit = 0; unit < second.units(); ++unit)
    if (!matched[unit]) only_in_second.push_back(unit);
  const std::int64_t votes_only_first = valid_in(first, only_first), votes_only_second = valid_in(second, only_in_second);
  estimate("votes_only_first", static_cast<double>(votes_only_first), "votes",
           fmt::format("valid votes in the units of {} that {} does not have", first.id.text, second.id.text));
  estimate("votes_only_second", static_cast<double>(votes_only_second), "votes",
           fmt::format("valid votes in the units of {} that {} does not have", second.id.text, first.id.text));
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (first.contest.index_of(OptionId{columns[c].name}) >= 0)
      estimate("net_" + columns[c].name, static_cast<double>(sums[c].net), "votes",
               "second - first, summed over the units in both");
  estimate("margin_first_points", margin(common_first, in(leader), in(runner_up)), "points of valid votes",
           fmt::format("100 (M - C) / V over the units in both, as {} has them", first.id.text));
  estimate("margin_second_points", margin(common_second, leader, runner_up), "points of valid votes",
           fmt::format("100 (M - C) / V over the same units, as {} has them", second.id.text));
  estimate("margin_votes_change", static_cast<double>(net), "votes",
           fmt::format("change of M - C over the units in both, M = {}", second.contest.options[leader].id.text));

  // Places that are named differently (shared levels).
  if (!first.unit_place.empty() && !second.unit_place.empty()) {
    std::int64_t renamed = 0;
    std::vector<std::pair<std::vector<PlaceIndex>, std::vector<PlaceIndex>>> levels;
    for (const auto& level : first.hierarchy.levels())
      if (second.hierarchy.level_index(level) >= 0)
        levels.emplace_back(places_on_level(first, level), places_on_level(second, level));
    for (const auto& [a, b] : both)
      renamed += std::any_of(levels.begin(), levels.end(), [&, &a = a, &b = b](const auto& level) {
        const PlaceIndex p = level.first[a], q = level.second[b];
        return (p == no_place) != (q == no_place) ||
               (p != no_place && first.hierarchy[p].name != second.hierarchy[q].name);
      });
    estimate("units_place_differs", static_cast<double>(renamed), "units",
             "units in both whose place has another name on a level that both have (not counted as differing)");
  }

  if (!change.empty()) {
    bool finished = true;
    const auto extreme = as_extreme(change, net, request.replicates, context, finished);
    if (!finished) return cancelled_error();
    const double p = static_cast<double>(1 + extreme) / static_cast<double>(request.replicates + 1);
    finding.test = Test{.statistic = static_cast<double>(net),
                        .p_value = p,
                        .kind = TestKind::calibrated,
                        .null = "in each unit whose margin differs, the difference was as likely to lean the other way",
                        .replicates = request.replicates};
    finding.tables.push_back(
        {.id = "tests",
         .title = "Do the differences lean to one side?",
         .columns = {{"test"}, {"kind"}, {"statistic"}, {"p_value"}, {"what"}},
         .rows = {
             {std::string("permutation"), std::string("calibrated"), static_cast<double>(net), p,
              fmt::format("net change of M - C over {}, {} random sign patterns", counted(change.size(), "unit"),
                          request.replicates)},
             {std::string("sign"), std::string("exact"), static_cast<double>(toward), sign_test_p(toward, away),
              fmt::format("{} {} toward {}, {} away", counted(toward, "unit"), toward == 1 ? "moves" : "move", second.contest.options[leader].id.text, away)}}});
  } else {
    finding.conditions.push_back({"Some unit's margin differs, so that there is something to test", false});
  }

  for (std::size_t c = 0; c < columns.size(); ++c)
    fields.rows.push_back({columns[c].name, sums[c].differing, sums[c].up, sums[c].down, sums[c].net, sums[c].gross});
  Table lonely{.id = "unmatched",
               .title = "Units in one count only",
               .columns = {{"unit"}, {"in"}, {"valid", "votes"}},
               .rows = {}};
  for (const auto unit : only_first)
    lonely.rows.push_back({std::string(first.unit_keys[unit]), first.id.text, first.valid_of(unit)});
  const bool expected_partial = first.snapshot_of == second.id;
  if (!expected_partial)
    for (UnitIndex unit = 0; unit < second.units(); ++unit)
      if (!matched[unit])
        lonely.rows.push_back({std::string(second.unit_keys[unit]), second.id.text, second.valid_of(unit)});
  if (static_cast<std::int64_t>(lonely.rows.size()) > request.list_limit)
    lonely.rows.resize(static_cast<std::size_t>(request.list_limit));

  if (request.rule) {
    COTEJO_CHECK(validate(*request.rule, second));
    // Units of a later, fuller state are expected; all other unmatched ones put their votes in question.
    const auto unmatched = votes_only_first + (expected_partial ? 0 : votes_only_second);
    hold_against_rule(finding, *request.rule, second.contest, tally(second),
                      {.mechanism = Mechanism::unknown,
                       .votes = static_cast<double>(std::abs(net) + unmatched),
                       .what = "the net change of the lead, and the votes of unmatched units"});
  }
  const bool agree = units_differing == 0 && only_first.empty() && (only_second == 0 || expected_partial);
  finding.answer = agree ? Answer::yes : Answer::no;
  const auto& leader_name = second.contest.options[leader].id.text;
  const auto lacking = [](std::size_t units, std::int64_t votes, const Count& with, const Count& without) {
    return units == 0 ? std::string()
                      : fmt::format("; {} of {}, with {}, {} not in {}", counted(units, "unit"), with.id.text,
                                    counted(votes, "valid vote"), units == 1 ? "is" : "are", without.id.text);
  };
  finding.headline =
      agree ? fmt::format("The two counts agree in all {} they share.", counted(both.size(), "unit"))
            : fmt::format("{} of {} {}; the lead of {} changes by {} ({} toward it, {} away){}{}.",
                          with_thousands(units_differing), counted(both.size(), "shared unit"),
                          units_differing == 1 ? "differs" : "differ", leader_name, counted(net, "vote"),
                          counted(toward, "unit"), with_thousands(away),
                          lacking(only_first.size(), votes_only_first, first, second),
                          expected_partial ? "" : lacking(only_second, votes_only_second, second, first));
  const std::string counts = fmt::format("\"{}\" and \"{}\"", first.title, second.title);
  finding.in_short = {agree ? fmt::format("{} agree in all {} they share", counts, counted(both.size(), "unit"))
                            : fmt::format("{} differ in {} of {}, and the lead of {} is {}", counts,
                                          with_thousands(units_differing), counted(both.size(), "shared unit"),
                                          name_of(second.contest, leader),
                                          net == 0 ? std::string("the same")
                                                   : fmt::format("{} {} in the second", counted(std::abs(net), "vote"),
                                                                 net > 0 ? "larger" : "smaller"))};
  finding.tables.insert(finding.tables.begin(), std::move(fields));
  finding.tables.push_back(std::move(differences));
  finding.tables.push_back(std::move(lonely));
  finding.does_not_show = {"Which of the two counts is right.",
                           "Intent: corrections of one kind of slip lean to one side too."};
  return finding;
}

}  // namespace cotejo
