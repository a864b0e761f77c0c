#include "cotejo/methods/arrival/early_late.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "../split_places.hpp"
#include "../within_places.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/stats/kolmogorov_smirnov.hpp"

namespace cotejo {

namespace {

constexpr std::array<const char*, 3> conditions = {"all", "early < 0", "early + late < 0"};

bool kept(std::size_t condition, double early, double late) {
  return condition == 0 || (condition == 1 && early < 0) || (condition == 2 && early + late < 0);
}

struct Distances {
  std::array<double, 3> distance{};
  std::array<std::int64_t, 3> places{};
};

Distances distances(const std::vector<double>& early, const std::vector<double>& late) {
  Distances out;
  for (std::size_t c = 0; c < conditions.size(); ++c) {
    std::vector<double> a, b;
    for (std::size_t i = 0; i < early.size(); ++i)
      if (!std::isnan(early[i]) && !std::isnan(late[i]) && kept(c, early[i], late[i])) {
        a.push_back(early[i]);
        b.push_back(late[i]);
      }
    out.places[c] = static_cast<std::int64_t>(a.size());
    out.distance[c] = ks_distance(std::move(a), std::move(b));
  }
  return out;
}

}  // namespace

const OptionTable<EarlyLateRequest>& EarlyLateRequest::table() {
  static const OptionTable<EarlyLateRequest> options = [] {
    OptionTable<EarlyLateRequest> t;
    add_arrival_options(t);
    t.add(&EarlyLateRequest::replicates, {.name = "replicates",
                                          .unit = "relabellings",
                                          .text = "How many times early and late are permuted within precincts.",
                                          .low = 99,
                                          .high = 1e6});
    return t;
  }();
  return options;
}

namespace {

constexpr double threshold = 0.05;

// Draws on where the p-value of the first comparison is within two Monte-Carlo errors of the threshold, up to sixteen
// times as many: `drawn` grows.
Result<void> draw_relabellings(const SplitPlaces& split, double observed, const Context& context,
                               std::vector<Distances>& drawn) {
  const std::size_t most = 16 * drawn.size();
  std::size_t done = 0;
  for (;;) {
    if (!parallel_for(context, drawn.size() - done, "permuting early and late", [&](std::size_t i) {
          Stream stream(context.seed, Purpose::permutation_test, done + i);
          std::vector<double> e, l;
          split.margins(split.relabelled(stream), e, l);
          drawn[done + i] = distances(e, l);
        }))
      return cancelled_error();
    done = drawn.size();
    const auto as_far =
        std::count_if(drawn.begin(), drawn.end(), [&](const Distances& d) { return d.distance[0] >= observed; });
    const double p = static_cast<double>(1 + as_far) / static_cast<double>(done + 1);
    if (std::abs(p - threshold) > 2 * std::sqrt(p * (1 - p) / static_cast<double>(done)) || 2 * done > most) return {};
    drawn.resize(2 * done);
  }
}

// The rank of the distance at the cut among placebo cuts, scaled by the number of places: sqrt(places) D.
struct PlaceboRank {
  double p = 1;
  std::int64_t placebos = 0;
};
std::optional<PlaceboRank> rank_among_placebos(const LateCount& late, const Distances& observed) {
  if (late.from.empty() || late.parts) return std::nullopt;
  const ArrivalOrder order = arrival_order(late);
  LateCount moved = late;
  const double scaled = observed.distance[0] * std::sqrt(static_cast<double>(observed.places[0]));
  std::int64_t placebos = 0, as_far = 0;
  for (std::size_t percent = 5; percent <= 95; ++percent) {
    moved.late = late_after(order, order.units.size() * percent / 100);
    const SplitPlaces split(moved, late.levels() - 1);
    if (split.places() < 20) continue;
    std::vector<double> e, l;
    split.margins(split.as_reported(), e, l);
    const Distances d = distances(e, l);
    ++placebos;
    as_far += d.distance[0] * std::sqrt(static_cast<double>(d.places[0])) >= scaled;
  }
  if (placebos < 39) return std::nullopt;
  return PlaceboRank{static_cast<double>(1 + as_far) / static_cast<double>(1 + placebos), placebos};
}

}  // namespace

Result<Finding> run(const Count& count, const EarlyLateRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  if (late.levels() == 0) return needs("places", "The count has none; its profile may name them.");
  const SplitPlaces split(late, late.levels() - 1);
  if (split.places() < 5) return needs("precincts with units on both sides of the cut", "There are fewer than five.");
  std::vector<double> early, rest;
  split.margins(split.as_reported(), early, rest);
  const Distances observed = distances(early, rest);
  std::vector<Distances> drawn(static_cast<std::size_t>(request.replicates));
  COTEJO_CHECK(draw_relabellings(split, observed.distance[0], context, drawn));
  Finding finding = open_arrival_finding(EarlyLateRequest::info(), count, late, request, context);
  Table table{.id = "comparisons",
              .title = "The distance between early and late margins, and what chance alone gives",
              .columns = {{"condition"},
                          {"precincts", "precincts"},
                          {"distance", "", "Kolmogorov-Smirnov D"},
                          {"p_asymptotic", "", "of independent samples: not what these are"},
                          {"expected_by_chance", "", "mean D over the relabellings"},
                          {"p_value", "", "rank of D among the relabellings"}},
              .rows = {}};
  double p_all = 1;
  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value, std::move(unit), std::move(definition)});
  };
  const char* names[] = {"distance_all", "distance_early_negative", "distance_sum_negative"};
  double chance[3] = {0, 0, 0};
  double p_of[3] = {1, 1, 1};
  for (std::size_t c = 0; c < conditions.size(); ++c) {
    std::int64_t as_far = 0, usable = 0;
    for (const auto& d : drawn) {
      if (std::isnan(d.distance[c])) continue;
      ++usable;
      chance[c] += d.distance[c];
      as_far += d.distance[c] >= observed.distance[c];
    }
    chance[c] /= static_cast<double>(std::max<std::int64_t>(usable, 1));
    p_of[c] = static_cast<double>(1 + as_far) / static_cast<double>(usable + 1);
    const auto places = static_cast<std::size_t>(observed.places[c]);
    table.rows.push_back({std::string(conditions[c]), observed.places[c],
                          std::isnan(observed.distance[c]) ? Cell{} : Cell{observed.distance[c]},
                          places > 0 ? Cell{ks_asymptotic_p(observed.distance[c], places, places)} : Cell{}, chance[c],
                          places > 0 ? Cell{p_of[c]} : Cell{}});
    estimate(names[c], observed.distance[c], "distance 0..1",
             fmt::format("Kolmogorov-Smirnov distance of early and late margins, {}: {} precincts",
                         c == 0 ? "all split precincts" : conditions[c], observed.places[c]));
  }
  p_all = p_of[0];
  double me = 0, ml = 0, see = 0, sll = 0, sel = 0, n = 0;
  for (std::size_t i = 0; i < early.size(); ++i)
    if (!std::isnan(early[i]) && !std::isnan(rest[i])) {
      me += early[i];
      ml += rest[i];
      ++n;
    }
  for (std::size_t i = 0; i < early.size(); ++i)
    if (!std::isnan(early[i]) && !std::isnan(rest[i])) {
      see += (early[i] - me / n) * (early[i] - me / n);
      sll += (rest[i] - ml / n) * (rest[i] - ml / n);
      sel += (early[i] - me / n) * (rest[i] - ml / n);
    }
  estimate("correlation", sel / std::sqrt(see * sll), "correlation",
           "of early and late margins over the split precincts, unweighted");
  finding.tables.push_back(std::move(table));
  nlohmann::ordered_json data{{"columns", {"early_points", "late_points"}}, {"rows", nlohmann::ordered_json::array()}};
  for (std::size_t i = 0; i < early.size(); ++i)
    if (!std::isnan(early[i]) && !std::isnan(rest[i])) data["rows"].push_back({early[i], rest[i]});
  finding.figures.push_back({"early-late", "early-late", "Early and late margin of every split precinct", data.dump()});
  finding.test = Test{.statistic = observed.distance[0],
                      .p_value = p_all,
                      .kind = TestKind::calibrated,
                      .null = "within every precinct, which units were late was by chance",
                      .replicates = static_cast<std::int64_t>(drawn.size())};
  const bool near = std::abs(p_all - threshold) <= 2 * monte_carlo_error(*finding.test);
  finding.conditions.push_back(
      {fmt::format("The p-value is more than two Monte-Carlo errors from {} ({:.4f} of {} draws)", threshold, p_all,
                   with_thousands(finding.test->replicates)),
       !near});
  finding.answer = near ? Answer::undetermined : p_all <= threshold ? Answer::no : Answer::yes;
  const auto rank = rank_among_placebos(late, observed);
  if (rank) {  // an order of arrival: what other cuts of it show decides, not a dealing that supposes a random order
    estimate(
        "relabelling_p", p_all, "probability",
        "share of random relabellings within precincts with as large a distance; units of a precinct do not arrive at "
        "random, so that it is no test of the cut");
    finding.conditions.pop_back();
    finding.test =
        Test{.statistic = observed.distance[0],
             .p_value = rank->p,
             .kind = TestKind::calibrated,
             .null = "early and late margins are as far apart at the cut as at other points of the order of arrival",
             .replicates = rank->placebos};
    finding.answer = rank->p <= threshold ? Answer::no : Answer::yes;
  }
  if (request.rule) finding.for_outcome = ForOutcome::unknown;  // a distance is no number of votes
  if (late.parts) withhold_test(finding);
  finding.headline = fmt::format(
      "Over all {} split precincts the early and late margins {} (D = {:.5f}; chance alone gives {:.5f} on average, p "
      "= "
      "{:.3f}). Among precincts chosen because their early margin was negative D is {:.5f}, but relabelling at random "
      "gives "
      "{:.5f} there too: regression to the mean. Chosen by both sides, D is {:.5f}.",
      with_thousands(observed.places[0]),
      p_all <= threshold ? "differ by more than chance gives" : "are as alike as chance makes them",
      observed.distance[0], chance[0], p_all, observed.distance[1], chance[1], observed.distance[2]);
  if (rank)
    finding.headline += fmt::format(
        " Of {} placebo cuts of the order of arrival {:.1f} % have early and late margins as far apart (p {}): that "
        "decides.",
        rank->placebos,
        100 * (rank->p * static_cast<double>(rank->placebos + 1) - 1) / static_cast<double>(rank->placebos),
        p_text(*finding.test));
  finding.does_not_show = {"Anything of precincts that were wholly early or wholly late.",
                           "That a difference is manipulation: units of one precinct need not report in random order.",
                           "With D over all precincts, a shift that goes up in some and down in others."};
  return finding;
}

}  // namespace cotejo
