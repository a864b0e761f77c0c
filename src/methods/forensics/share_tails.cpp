#include "cotejo/methods/forensics/share_tails.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cotejo/base/text.hpp"
#include "cotejo/stats/robust_tails.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::uint32_t least_units = 5;  // of a building
constexpr std::size_t least_compared = 50;
constexpr double limit = 3;          // robust deviations
constexpr double same_point = 5e-4;  // degrees, some 50 m
constexpr double most_places = 0.9;  // of the places with two units or more, those that share one point

struct Tails {
  std::vector<std::uint32_t> unit;  // of the electorate
  std::vector<double> expected;     // votes, by the other units of the place
  RobustTails tails;
};

Tails tails_of(const Electorate& e, const std::vector<std::int32_t>& votes, const std::vector<std::int32_t>& valid) {
  const std::size_t n = votes.size();
  std::vector<double> of_place(e.places.size(), 0), all_of_place(e.places.size(), 0);
  std::vector<std::uint32_t> units(e.places.size(), 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (valid[i] <= 0) continue;
    of_place[e.place[i]] += votes[i];
    all_of_place[e.place[i]] += valid[i];
    ++units[e.place[i]];
  }
  Tails out;
  std::vector<double> deviation, variance;
  std::vector<std::uint32_t> group;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto p = e.place[i];
    if (valid[i] <= 0 || units[p] < least_units) continue;
    const double others = of_place[p] - votes[i], all_others = all_of_place[p] - valid[i];
    const double q = (others + 0.5) / (all_others + 1);
    deviation.push_back(std::log((votes[i] + 0.5) / (valid[i] - votes[i] + 0.5)) - std::log(q / (1 - q)));
    variance.push_back(1 / (valid[i] * q * (1 - q)));
    group.push_back(units[p]);
    out.unit.push_back(i);
    out.expected.push_back(valid[i] * q);
  }
  out.tails = robust_tails(deviation, variance, group, limit);
  return out;
}

// The share of places with two units or more whose units all lie at one point; NaN: no coordinates.
double at_one_point(const ForensicCase& given) {
  const Count& count = *given.count;
  if (count.latitude.empty()) return NAN;
  struct Box {
    double south = INFINITY, north = -INFINITY, west = INFINITY, east = -INFINITY;
    int units = 0;
  };
  std::vector<Box> boxes(given.electorate.places.size());
  for (std::size_t i = 0; i < given.electorate.size(); ++i) {
    const UnitIndex u = given.electorate.units[i];
    if (std::isnan(count.latitude[u]) || std::isnan(count.longitude[u])) continue;
    Box& box = boxes[given.electorate.place[i]];
    box.south = std::min(box.south, count.latitude[u]);
    box.north = std::max(box.north, count.latitude[u]);
    box.west = std::min(box.west, count.longitude[u]);
    box.east = std::max(box.east, count.longitude[u]);
    ++box.units;
  }
  double several = 0, one_point = 0;
  for (const Box& box : boxes) {
    if (box.units < 2) continue;
    ++several;
    one_point += box.north - box.south <= same_point && box.east - box.west <= same_point;
  }
  return several > 0 ? one_point / several : NAN;
}

std::string why_no_building(const ForensicCase& given) {
  const auto& levels = given.count->hierarchy.levels();
  if (levels.empty() || given.electorate.place_level < 0)
    return "the count has no places with several units, and a unit is compared with its own building";
  if (given.building == "yes") return "";
  if (given.building == "no") return "a place is not one building (option building = no)";
  if (given.electorate.place_level + 1 != static_cast<int>(levels.size()))
    return fmt::format("nearly every {} holds one unit, so that units cannot be compared with their own building",
                       levels.back());
  const double together = at_one_point(given);
  if (!std::isnan(together))
    return together >= most_places
               ? ""
               : fmt::format(
                     "units of one {} lie at different points ({} % of the places share one), so that a place is "
                     "not one building",
                     levels.back(), fixed(100 * together, 0));
  if (levels.back() == "precinct") return "";
  return fmt::format("nothing says that a {} is one building; where it is, option building = yes says so",
                     levels.back());
}

std::string refused(const ForensicCase& given) {
  std::string why = why_no_building(given);
  if (!why.empty()) return why;
  if (tails_of(given.electorate, given.observed.leader, given.observed.valid).unit.size() < least_compared)
    return fmt::format("fewer than {} units lie in places of {} units or more", least_compared, least_units);
  return "";
}

OwnAnswer answer_of_count(const ForensicCase& given, std::int64_t, Seed, std::span<double> out) {
  const Returns& r = given.observed;
  const Tails leader = tails_of(given.electorate, r.leader, r.valid),
              runner_up = tails_of(given.electorate, r.runner_up, r.valid);
  double votes = 0;
  for (std::size_t k = 0; k < leader.unit.size(); ++k)
    if (std::abs(leader.tails.z[k]) > limit) votes += r.leader[leader.unit[k]] - leader.expected[k];
  out[0] = static_cast<double>(leader.tails.above);
  out[1] = static_cast<double>(leader.tails.below);
  out[2] = static_cast<double>(runner_up.tails.above);
  out[3] = static_cast<double>(runner_up.tails.below);
  out[4] = runner_up.tails.p_above;
  out[5] = static_cast<double>(leader.unit.size());
  out[6] = leader.tails.spread;
  out[7] = std::max(0.0, votes);
  return {.p_value = leader.tails.p_above,
          .kind = TestKind::exact,
          .replicates = 0,
          .at_most = false,
          .expected = (out[0] + out[1]) / 2};
}

double p_of_fair(const ForensicCase& given, const FairModel& model, Generator generator, const PlantSpec* planted,
                 Seed seed, std::uint64_t replicate) {
  constexpr std::uint64_t apart = std::uint64_t{4} << 41;
  Returns returns = generator == Generator::model
                        ? model.draw(Depth::mirrored, seed, Purpose::generator, apart + replicate)
                        : model.draw_from(generator, seed, replicate, Depth::mirrored);
  if (planted)
    if (auto made = plant(given.electorate, returns, *planted, seed, replicate)) returns = std::move(made->returns);
  return tails_of(given.electorate, returns.leader, returns.valid).tails.p_above;
}

constexpr OwnNull own{.null = "a unit that stands out from its building does so on either side with equal chance",
                      .refused = refused,
                      .observed = answer_of_count,
                      .of_fair = p_of_fair};

}  // namespace

ForensicTest share_tails_test() {
  return {.id = "share-tails",
          .depth = Depth::mirrored,
          .needs_registered = false,
          .descriptive_because = nullptr,
          .components = {{"units_above", "units", "more than 3 robust deviations above their own building, the leader"},
                         {"units_below", "units", "as far below"},
                         {"runner_up_above", "units", "the same for the runner-up"},
                         {"runner_up_below", "units", "as far below"},
                         {"runner_up_p_value", "", "of the runner-up's tails, one-sided"},
                         {"compared_units", "units", "in places of 5 units or more"},
                         {"spread", "logit", "s, robust, of units around their building beyond sampling"},
                         {"implicated_votes", "votes of the leader",
                          "in the units above, beyond what their building gives, less what those below lack"}},
          .votes = 7,
          .measure = nullptr,
          .own = &own};
}

MethodInfo ShareTailsRequest::info() {
  return {.id = "share-tails",
          .family = "forensics",
          .title = "Units far above and far below their own building",
          .question = "Do more units lie far above their own building than far below?",
          .assumes = "A place is one building, whose voters are dealt to its units without regard to how they vote",
          .cost = "linear in units",
          .references = {"Cantu, F. (2014). Identifying irregularities in Mexican local elections. American Journal of "
                         "Political Science (units of one place, whose voters are dealt by surname).",
                         "Dixon, W. J., & Mood, A. M. (1946). The statistical sign test. JASA 41:557 (the residual is "
                         "ours)."}};
}

const OptionTable<ShareTailsRequest>& ShareTailsRequest::table() {
  static const OptionTable<ShareTailsRequest> options = [] {
    OptionTable<ShareTailsRequest> t;
    add_forensic_options(t);
    add_building_option(t);
    t.add(&ShareTailsRequest::list_limit, {.name = "list_limit",
                                           .unit = "rows",
                                           .text = "How many units in the tails the table lists; all are counted.",
                                           .low = 0,
                                           .high = 1e6});
    return t;
  }();
  return options;
}

namespace {

// The leader's tails, the farthest first.
Table units_in_tails(const ForensicCase& given, std::size_t limit_of_rows) {
  const Count& count = *given.count;
  const Tails leader = tails_of(given.electorate, given.observed.leader, given.observed.valid);
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < leader.unit.size(); ++k)
    if (std::abs(leader.tails.z[k]) > limit) order.push_back(k);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::abs(leader.tails.z[a]) > std::abs(leader.tails.z[b]); });
  Table out{.id = "tails",
            .title = "Units more than 3 robust deviations from their own building",
            .columns = {{"unit"},
                        {"z"},
                        {"leader", "votes"},
                        {"expected", "votes", "by the other units of the building"},
                        {"valid", "votes"},
                        {"place"}},
            .rows = {}};
  for (const std::size_t k : order) {
    if (out.rows.size() >= limit_of_rows) break;
    const auto i = leader.unit[k];
    const UnitIndex u = given.electorate.units[i];
    out.rows.push_back({std::string(count.unit_keys[u]), leader.tails.z[k], std::int64_t{given.observed.leader[i]},
                        leader.expected[k], std::int64_t{given.observed.valid[i]},
                        count.hierarchy.path(count.unit_place[u])});
  }
  return out;
}

}  // namespace

Result<Finding> run(const Count& count, const ShareTailsRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  given.building = request.building;
  COTEJO_TRY(made, with_own_null(ShareTailsRequest::info(), forensic_test("share-tails"), given, request, context));
  Finding& finding = made.finding;
  finding.does_not_show = {
      "Who moved votes: a barracks, a hospital or an old people's home that votes in one unit of a building does it "
      "too.",
      "What happened to whole buildings: a unit is compared with its own."};
  if (finding.answer == Answer::undetermined) return std::move(made.finding);
  finding.tables.push_back(units_in_tails(given, static_cast<std::size_t>(request.list_limit)));
  const auto whole = [&](std::size_t k) { return with_thousands(static_cast<long long>(made.observed[k])); };
  finding.headline = fmt::format(
      "Of {} units in buildings of 5 or more, {} lie far above their own building for the leader and {} far below (p "
      "{}); "
      "for the runner-up {} and {} (p {:.3f}).",
      whole(5), whole(0), whole(1), p_value_text(made.answer), whole(2), whole(3), made.observed[4]);
  return std::move(made.finding);
}

}  // namespace cotejo
