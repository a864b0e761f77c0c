#include "cotejo/methods/arrival/projection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../within_places.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/stats/nested_effects.hpp"
#include "hold_out.hpp"
#include "rolling_origin.hpp"

namespace cotejo {

namespace {

constexpr std::array<double, 3> levels_checked = {0.50, 0.80, 0.95};
constexpr std::array<double, 3> normal_quantile = {0.6744897501960817, 1.2815515655446004, 1.959963984540054};
constexpr int check_draws = 60, option_draws = 400;
constexpr std::size_t least_at_origin = 30;  // early units

struct Totals {
  double leader = 0, runner_up = 0, valid = 0;
  double margin() const { return 100 * (leader - runner_up) / valid; }
};

// Votes of the early units: the snapshot's, or the count's own.
struct Votes {
  const std::vector<std::int64_t>*leader, *runner_up, *valid;
};
Votes snapshot_votes(const LateCount& late) {
  return {&late.snapshot_leader, &late.snapshot_runner_up, &late.snapshot_valid};
}
Votes count_votes(const LateCount& late) {
  return {&late.leader_votes, &late.runner_up_votes, &late.valid};
}

Totals early_totals(const LateCount& late, const Votes& votes) {
  Totals out;
  for (std::size_t u = 0; u < late.units(); ++u)
    if (!late.late[u]) {
      out.leader += static_cast<double>((*votes.leader)[u]);
      out.runner_up += static_cast<double>((*votes.runner_up)[u]);
      out.valid += static_cast<double>((*votes.valid)[u]);
    }
  return out;
}

// Votes per registered voter of the smallest place with early registered voters. `used[level]` counts late units; the
// last entry is the whole count.
Totals by_rate(const LateCount& late, const Votes& votes, std::vector<std::int64_t>& used) {
  struct Sum {
    double leader = 0, runner_up = 0, valid = 0, registered = 0;
  };
  const std::size_t levels = late.levels();
  std::vector<std::vector<Sum>> sums(levels, std::vector<Sum>(late.count->hierarchy.places().size()));
  Sum whole;
  const auto add = [&](Sum& sum, std::size_t u) {
    sum.leader += static_cast<double>((*votes.leader)[u]);
    sum.runner_up += static_cast<double>((*votes.runner_up)[u]);
    sum.valid += static_cast<double>((*votes.valid)[u]);
    sum.registered += static_cast<double>(late.registered[u]);
  };
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (late.late[u]) continue;
    add(whole, u);
    for (std::size_t l = 0; l < levels; ++l)
      if (late.place[l][u] != no_place) add(sums[l][late.place[l][u]], u);
  }
  Totals out = early_totals(late, votes);
  used.assign(levels + 1, 0);
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!late.late[u]) continue;
    const Sum* from = &whole;
    std::size_t level = levels;
    for (std::size_t l = levels; l-- > 0;) {
      const auto place = late.place[l][u];
      if (place == no_place || !(sums[l][place].registered > 0)) continue;
      from = &sums[l][place];
      level = l;
      break;
    }
    ++used[level];
    const double scale = static_cast<double>(late.registered[u]) / from->registered;
    out.leader += scale * from->leader;
    out.runner_up += scale * from->runner_up;
    out.valid += scale * from->valid;
  }
  return out;
}

struct Imputed {
  Totals split_late, all;
  std::int64_t units = 0;
};
Imputed by_imputation(const LateCount& late, const Votes& votes) {
  const auto& place = late.place.back();
  std::vector<Totals> early(late.count->hierarchy.places().size());
  for (std::size_t u = 0; u < late.units(); ++u)
    if (!late.late[u] && place[u] != no_place) {
      early[place[u]].leader += static_cast<double>((*votes.leader)[u]);
      early[place[u]].runner_up += static_cast<double>((*votes.runner_up)[u]);
      early[place[u]].valid += static_cast<double>((*votes.valid)[u]);
    }
  Imputed out;
  out.all = early_totals(late, votes);
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!late.late[u]) continue;
    const auto valid = static_cast<double>(late.valid[u]);
    out.all.valid += valid;
    if (place[u] == no_place || !(early[place[u]].valid > 0)) {
      out.all.leader += static_cast<double>(late.leader_votes[u]);
      out.all.runner_up += static_cast<double>(late.runner_up_votes[u]);
      continue;
    }
    const Totals& from = early[place[u]];
    ++out.units;
    for (auto* to : {&out.all, &out.split_late}) {
      to->leader += valid * from.leader / from.valid;
      to->runner_up += valid * from.runner_up / from.valid;
    }
    out.split_late.valid += valid;
  }
  return out;
}

// The tree of places with registered early voters as sizes, and one quantity per registered voter.
struct Model {
  NestedPlaces places;
  std::vector<std::uint32_t> of_unit;  // the lowest place of each unit; NestedPlaces::top: none
};
Model tree_of(const LateCount& late) {
  const auto all = late.count->hierarchy.places();
  Model out;
  out.places.levels = static_cast<std::uint32_t>(late.levels());
  out.places.place_size.assign(all.size(), 0);
  for (const auto& place : all) {
    out.places.parent.push_back(place.parent == no_place ? NestedPlaces::top : place.parent);
    out.places.level.push_back(place.level);
  }
  for (std::size_t u = 0; u < late.units(); ++u) {
    const PlaceIndex place = late.count->unit_place[u];
    out.of_unit.push_back(place == no_place ? NestedPlaces::top : place);
    for (PlaceIndex p = place; p != no_place; p = all[p].parent)
      out.places.place_size[p] += static_cast<double>(late.registered[u]);
  }
  for (auto& size : out.places.place_size) size = std::max(size, 1.0);
  // How large a place of the lowest level is goes with how it votes; the middle of the logarithms is 0.
  double middle = 0, lowest = 0;
  for (PlaceIndex p = 0; p < all.size(); ++p)
    if (all[p].level + 1 == out.places.levels) {
      middle += std::log(out.places.place_size[p]);
      ++lowest;
    }
  for (PlaceIndex p = 0; p < all.size(); ++p)
    out.places.covariate.push_back(
        all[p].level + 1 == out.places.levels ? std::log(out.places.place_size[p]) - middle / lowest : 0);
  return out;
}

// One response over the units that are marked as known.
struct Response {
  std::vector<double> y, size;
  std::vector<std::uint32_t> place;
  NestedObservations data() const { return {y, place, size}; }
};
template <class Value>
Response response(const LateCount& late, const Model& model, std::span<const char> known, Value value) {
  Response out;
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!known[u] || late.registered[u] <= 0 || model.of_unit[u] == NestedPlaces::top) continue;
    const auto size = static_cast<double>(late.registered[u]);
    out.y.push_back(value(u) / size);
    out.size.push_back(size);
    out.place.push_back(model.of_unit[u]);
  }
  return out;
}

// Sums of N (theta + b x) + unit errors over groups of units, drawn together.
class Drawer {
 public:
  Drawer(const LateCount& late, const Model& model, const std::vector<std::vector<std::uint32_t>>& groups)
      : model_(&model), marked_(model.places.size(), 0), groups_(groups.size()) {
    std::vector<double> size(model.places.size());
    for (std::size_t g = 0; g < groups.size(); ++g) {
      std::fill(size.begin(), size.end(), 0);
      for (const auto u : groups[g]) {
        if (model.of_unit[u] == NestedPlaces::top || late.registered[u] <= 0) continue;
        const auto n = static_cast<double>(late.registered[u]);
        size[model.of_unit[u]] += n;
        groups_[g].squares += n * n;
        groups_[g].linear += n;
        for (auto p = model.of_unit[u]; p != NestedPlaces::top && !marked_[p]; p = model.places.parent[p])
          marked_[p] = 1;
      }
      for (std::uint32_t p = 0; p < size.size(); ++p)
        if (size[p] > 0) groups_[g].sums.emplace_back(p, size[p]);
    }
  }

  // `theta` is room to work in; the sums of every group into `out`.
  void draw(const NestedPosterior& posterior, const NestedVariances& variances, Stream& stream,
            std::vector<double>& theta, std::vector<double>& out) const {
    posterior.draw(stream, marked_, theta);
    out.clear();
    for (const auto& group : groups_) {
      double sum = 0;
      for (const auto& [place, size] : group.sums)
        sum += size * (theta[place] + variances.slope * model_->places.covariate[place]);
      // Unit errors: variance N^2 (s^2 + k / N) each.
      out.push_back(sum +
                    std::sqrt(group.squares * variances.unit + group.linear * variances.sampling) * stream.normal());
    }
  }

 private:
  struct Group {
    std::vector<std::pair<std::uint32_t, double>> sums;
    double squares = 0, linear = 0;
  };
  const Model* model_;
  std::vector<char> marked_;
  std::vector<Group> groups_;
};

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

// Early units in their order of arrival; those without one are left out.
std::vector<std::uint32_t> early_in_order(const LateCount& late) {
  std::vector<std::uint32_t> out;
  if (late.from.empty()) return out;
  for (const auto u : arrival_order(late).units)
    if (!late.late[u] && std::isfinite(late.to[u])) out.push_back(u);
  return out;
}

// How many early units there are at each origin: the instants asked for, or 1/6 to 5/6 of the early units.
Result<std::vector<std::size_t>> origins_of(const LateCount& late, const std::vector<std::uint32_t>& order,
                                            const ProjectionRequest& request) {
  std::vector<std::size_t> out;
  if (request.origins.empty()) {
    for (std::size_t j = 1; j <= 5; ++j) out.push_back(order.size() * j / 6);
  } else {
    std::string_view rest = request.origins;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      std::string_view one = rest.substr(0, comma);
      while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
      while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
      COTEJO_TRY(at, arrival_point(*late.arrival, "origins", std::string(one)));
      out.push_back(static_cast<std::size_t>(std::count_if(
          order.begin(), order.end(), [&](std::uint32_t u) { return (late.from[u] + late.to[u]) / 2 <= at; })));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  std::erase_if(out, [&](std::size_t units) { return units < least_at_origin || units >= order.size(); });
  return out;
}

// The model's own interval at an origin: what the first version printed.
Result<std::array<double, 2>> model_at_origin(const LateCount& late, const Model& model,
                                              const std::vector<std::uint32_t>& order, std::size_t units,
                                              const ProjectionRequest& request, const Context& context) {
  std::vector<char> known(late.units(), 0);
  std::vector<std::uint32_t> asked(order.begin() + static_cast<std::ptrdiff_t>(units), order.end());
  Totals sums;
  for (std::size_t i = 0; i < units; ++i) {
    known[order[i]] = 1;
    sums.leader += static_cast<double>(late.snapshot_leader[order[i]]);
    sums.runner_up += static_cast<double>(late.snapshot_runner_up[order[i]]);
    sums.valid += static_cast<double>(late.snapshot_valid[order[i]]);
  }
  const Response d = response(late, model, known, [&](std::size_t u) {
    return static_cast<double>(late.snapshot_leader[u] - late.snapshot_runner_up[u]);
  });
  const Response v =
      response(late, model, known, [&](std::size_t u) { return static_cast<double>(late.snapshot_valid[u]); });
  COTEJO_TRY(vd, fit_nested(model.places, d.data()));
  COTEJO_TRY(vv, fit_nested(model.places, v.data()));
  const NestedPosterior pd(model.places, d.data(), vd), pv(model.places, v.data(), vv);
  const Drawer drawer(late, model, {asked});
  std::vector<double> margins, theta, drawn_d, drawn_v;
  Stream stream(context.seed, Purpose::posterior_draw, (std::uint64_t{1} << 40) + units);
  for (std::int64_t i = 0; i < request.draws; ++i) {
    drawer.draw(pd, vd, stream, theta, drawn_d);
    drawer.draw(pv, vv, stream, theta, drawn_v);
    margins.push_back(100 * (sums.leader - sums.runner_up + drawn_d[0]) / (sums.valid + drawn_v[0]));
  }
  return std::array<double, 2>{quantile(margins, 0.025), quantile(margins, 0.975)};
}

struct Rolling {
  std::vector<Origin> origins;
  std::int64_t held = 0, model_held = 0, model_tried = 0;
  std::optional<Estimate> interval;  // of the whole count; nothing: none can be given
  bool supported() const { return origins.size() >= 5 && 5 * held >= 4 * static_cast<std::int64_t>(origins.size()); }
};

// Stops the count at the origins; adds the table and the condition, and makes the interval that they support.
Result<Rolling> roll_origins(Finding& finding, const LateCount& late, const Model& model,
                             const ProjectionRequest& request, const Context& context) {
  Rolling out;
  if (!late.arrival || late.parts) {
    finding.conditions.push_back(
        {"There is an order of arrival of the units, so that the count can be stopped at earlier instants (no interval "
         "is "
         "given without that check)",
         false});
    return out;
  }
  const auto order = early_in_order(late);
  const UnitVotes votes{&late.snapshot_leader, &late.snapshot_runner_up, &late.snapshot_valid};
  COTEJO_TRY(stops, origins_of(late, order, request));
  double lead = 0, valid = 0;
  for (const auto u : order) {
    lead += static_cast<double>(late.snapshot_leader[u] - late.snapshot_runner_up[u]);
    valid += static_cast<double>(late.snapshot_valid[u]);
  }
  const double truth = 100 * lead / valid;
  Table table{
      .id = "origins",
      .title = "The count stopped at earlier instants: the state at the cut, as projected then",
      .columns = {{"stopped_at"},
                  {"units", "units"},
                  {"projected_points", "points", "from the units so far, per registered voter of the smallest place"},
                  {"with_drift_points", "points", "the same with the drift that the units so far showed"},
                  {"low_95", "points"},
                  {"high_95", "points"},
                  {"held", "", "the interval holds what it was at the cut"},
                  {"model_low_95", "points", "of partial pooling without the drift"},
                  {"model_high_95", "points"},
                  {"model_held"},
                  {"at_cut_points", "points", "what it was"}},
      .rows = {},
      .brief = {"stopped_at", "with_drift_points", "low_95", "high_95", "held"}};
  std::vector<std::optional<std::array<double, 2>>> model_interval(stops.size());
  if (!parallel_for(context, stops.size(), "stopping the count at earlier instants", [&](std::size_t i) {
        if (auto fitted = model_at_origin(late, model, order, stops[i], request, context)) model_interval[i] = *fitted;
      }))
    return cancelled_error();
  for (std::size_t i = 0; i < stops.size(); ++i) {
    const Origin o = at_origin(late, votes, order, stops[i], truth);
    const auto& m = model_interval[i];
    const bool model_held = m && (*m)[0] <= truth && truth <= (*m)[1];
    table.rows.push_back({describe_arrival(late.arrival->kind, o.arrival), static_cast<std::int64_t>(o.units),
                          o.projected, o.has_interval ? Cell{o.centre} : Cell{}, o.has_interval ? Cell{o.low} : Cell{},
                          o.has_interval ? Cell{o.high} : Cell{}, o.has_interval ? Cell{o.held} : Cell{},
                          m ? Cell{(*m)[0]} : Cell{}, m ? Cell{(*m)[1]} : Cell{}, m ? Cell{model_held} : Cell{},
                          truth});
    out.held += o.held;
    out.model_held += model_held;
    out.model_tried += m.has_value();
    out.origins.push_back(o);
  }
  finding.tables.push_back(std::move(table));
  finding.conditions.push_back(
      {fmt::format(
           "Stopped at five earlier instants or more, an interval made the same way holds the state at the cut in at "
           "least four of five ({} of {}{})",
           out.held, out.origins.size(), out.supported() ? "" : "; no interval is given"),
       out.supported()});
  finding.conditions.push_back(
      {fmt::format("The model's interval without the drift holds the state at the cut at earlier instants "
                   "({} of {}; it is not printed where it does not in four of five)",
                   out.model_held, out.model_tried),
       out.model_tried >= 5 && 5 * out.model_held >= 4 * out.model_tried});
  const auto drift = drift_of(late, votes, order, order.size());
  if (!out.supported() || !drift) return out;
  std::vector<char> marks(late.units(), 2);
  for (std::size_t u = 0; u < late.units(); ++u)
    if (!late.late[u]) marks[u] = 1;
  const RateSums sums = rate_projection(late, votes, marks);
  Estimate interval{"drift_margin_points", sums.margin_with(drift->mean), "points of valid votes",
                    fmt::format("`rate` with the drift that the early units showed ({} points of the late votes)",
                                fixed(drift->mean, 2))};
  interval.low = sums.margin_with(drift->mean - drift->half_width);
  interval.high = sums.margin_with(drift->mean + drift->half_width);
  interval.level = 0.95;
  finding.estimates.push_back({"drift_points", drift->mean, "points of the late votes",
                               "how far units still out were above their projection at five earlier states, on average",
                               drift->mean - drift->half_width, drift->mean + drift->half_width, 0.95});
  finding.estimates.push_back(interval);
  out.interval = std::move(interval);
  return out;
}

}  // namespace

const OptionTable<ProjectionRequest>& ProjectionRequest::table() {
  static const OptionTable<ProjectionRequest> options = [] {
    OptionTable<ProjectionRequest> t;
    add_arrival_options(t);
    t.add(&ProjectionRequest::draws, {.name = "draws",
                                      .unit = "draws",
                                      .text = "How many times the late units are drawn from the model.",
                                      .low = 200,
                                      .high = 100000});
    t.add(&ProjectionRequest::holdouts,
          {.name = "holdouts",
           .unit = "hold-outs",
           .text = "How many times early units are hidden to check the model's intervals.",
           .low = 40,
           .high = 100000});
    t.add(&ProjectionRequest::origins, {.name = "origins",
                                        .unit = "",
                                        .text = "Earlier instants, separated by commas, at which the count is stopped "
                                                "to check the interval, written as `cut` "
                                                "is; empty: after 1/6 to 5/6 of the early units."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const ProjectionRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  if (late.levels() == 0) return needs("places", "The count has none; its profile may name them.");
  Finding finding = open_arrival_finding(ProjectionRequest::info(), count, late, request, context);
  const Contest& contest = late.count->contest;
  const Tally total = tally(*late.count);
  if (request.rule) COTEJO_CHECK(validate(*request.rule, contest));
  const auto outcome_of = [&](const Totals& t) -> Cell {
    if (!request.rule) return {};
    // The other options keep their order and share what is left.
    Tally made = total;
    made.valid = static_cast<std::int64_t>(std::llround(t.valid));
    for (auto& votes : made.options)
      votes = static_cast<std::int64_t>(
          std::llround(static_cast<double>(votes) * t.valid / static_cast<double>(total.valid)));
    made.options[late.leader] = static_cast<std::int64_t>(std::llround(t.leader));
    made.options[late.runner_up] = static_cast<std::int64_t>(std::llround(t.runner_up));
    return describe(apply(*request.rule, contest, made), contest);
  };
  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value, std::move(unit), std::move(definition)});
  };
  Table projections{.id = "projections",
                    .title = "Each projection beside the count, and the assumption that parts them",
                    .columns = {{"projection"},
                                {"margin_points", "points"},
                                {"low_95", "points"},
                                {"high_95", "points"},
                                {"outcome"},
                                {"uses_late_votes"},
                                {"assumes"}},
                    .rows = {}};
  const auto add = [&](const char* name, const Totals& t, Cell low, Cell high, bool uses_late, std::string assumes) {
    projections.rows.push_back(
        {std::string(name), t.margin(), std::move(low), std::move(high), outcome_of(t), uses_late, std::move(assumes)});
  };
  Totals all;
  for (std::size_t u = 0; u < late.units(); ++u) {
    all.leader += static_cast<double>(late.leader_votes[u]);
    all.runner_up += static_cast<double>(late.runner_up_votes[u]);
    all.valid += static_cast<double>(late.valid[u]);
  }
  add("count", all, {}, {}, true, "the count itself");
  add("early", early_totals(late, snapshot_votes(late)), {}, {}, false,
      "late units are like the early ones of the whole count");
  estimate("margin_points", all.margin(), "points of valid votes", "of the count");

  const bool has_registered = std::any_of(late.registered.begin(), late.registered.end(), [](auto n) { return n > 0; });
  finding.conditions.push_back({"The count reports registered voters (needed by `rate` and `model`)", has_registered});
  const bool two_sources = late.snapshot && !late.parts;
  if (has_registered) {
    std::vector<std::int64_t> used;
    const Totals rate = by_rate(late, snapshot_votes(late), used);
    add("rate", rate, {}, {}, false,
        "turnout and votes per registered voter are those of the early units of the smallest place that has some");
    estimate(
        "rate_margin_points", rate.margin(), "points of valid votes",
        "early units' votes per registered voter in the smallest shared place, on the late units' registered voters");
    Table levels{.id = "rate_levels",
                 .title = "The smallest place with early units, for the late units",
                 .columns = {{"level"}, {"units", "units"}},
                 .rows = {}};
    for (std::size_t l = late.levels(); l-- > 0;) levels.rows.push_back({late.level_name(l), used[l]});
    levels.rows.push_back({std::string("whole count"), used[late.levels()]});
    finding.tables.push_back(std::move(levels));
    if (two_sources) {
      std::vector<std::int64_t> ignored;
      const Totals own = by_rate(late, count_votes(late), ignored);
      add("rate, final votes", own, {}, {}, false, "the same, with the count's own votes for the early units");
      estimate("rate_margin_final_votes_points", own.margin(), "points of valid votes",
               "the same with the count's votes of the early units");
    }
  }
  const Imputed own = by_imputation(late, count_votes(late));
  const std::string lowest = late.level_name(late.levels() - 1);
  add("impute", own.all, {}, {}, true,
      fmt::format(
          "late units of split {}s have its early margin; wholly late ones their own result; valid votes as counted",
          lowest));
  if (own.split_late.valid > 0)
    estimate("impute_split_late_margin_points", own.split_late.margin(), "points of valid votes",
             fmt::format("the {} late units of split {}s at their {}'s early margin (the count's votes)",
                         with_thousands(own.units), lowest, lowest));
  estimate("impute_margin_points", own.all.margin(), "points of valid votes",
           "the whole count with those units imputed (the count's votes; recipe inferred)");
  if (two_sources) {
    const Imputed snap = by_imputation(late, snapshot_votes(late));
    add("impute, snapshot votes", snap.all, {}, {}, true, "the same, with the snapshot's votes for the early units");
    estimate("impute_margin_snapshot_votes_points", snap.all.margin(), "points of valid votes",
             "the same with the snapshot's votes of the early units");
  }
  finding.caveats.emplace_back(
      "The recipe of `impute` is inferred from published figures; it uses late votes and is no forecast.");

  double model_margin = NAN, low = NAN, high = NAN;
  bool calibrated = false;
  Rolling rolling;
  if (has_registered) {
    const Model model = tree_of(late);
    std::vector<char> early(late.units());
    std::vector<std::uint32_t> late_units;
    for (std::uint32_t u = 0; u < late.units(); ++u) {
      early[u] = !late.late[u];
      if (late.late[u]) late_units.push_back(u);
    }
    const auto difference = [&](std::size_t u) {
      return static_cast<double>(late.snapshot_leader[u] - late.snapshot_runner_up[u]);
    };
    const auto valid = [&](std::size_t u) { return static_cast<double>(late.snapshot_valid[u]); };
    const Response d = response(late, model, early, difference), v = response(late, model, early, valid);
    context.report("fitting the nested model", 0.1);
    std::array<std::optional<Result<NestedVariances>>, 2> fits;
    if (!parallel_for(context, 2, "fitting the nested model",
                      [&](std::size_t i) { fits[i] = fit_nested(model.places, (i == 0 ? d : v).data()); }))
      return cancelled_error();
    if (!*fits[0]) return std::move(*fits[0]).error();
    if (!*fits[1]) return std::move(*fits[1]).error();
    const NestedVariances &vd = **fits[0], &vv = **fits[1];
    const NestedPosterior pd(model.places, d.data(), vd), pv(model.places, v.data(), vv);
    const Drawer drawer(late, model, {late_units});
    const Totals known = early_totals(late, snapshot_votes(late));
    std::vector<double> margins(static_cast<std::size_t>(request.draws)), late_margins(margins.size());
    if (!parallel_for(context, margins.size(), "drawing the late units", [&](std::size_t i) {
          Stream stream(context.seed, Purpose::posterior_draw, i);
          std::vector<double> theta, difference_drawn, valid_drawn;
          drawer.draw(pd, vd, stream, theta, difference_drawn);
          drawer.draw(pv, vv, stream, theta, valid_drawn);
          margins[i] = 100 * (known.leader - known.runner_up + difference_drawn[0]) / (known.valid + valid_drawn[0]);
          late_margins[i] = 100 * difference_drawn[0] / valid_drawn[0];
        }))
      return cancelled_error();
    low = quantile(margins, 0.025);
    high = quantile(margins, 0.975);
    for (const double m : margins)
      model_margin = (std::isnan(model_margin) ? 0 : model_margin) + m / static_cast<double>(margins.size());
    COTEJO_TRY(rolled, roll_origins(finding, late, model, request, context));
    rolling = std::move(rolled);
    const bool model_holds = rolling.model_tried >= 5 && 5 * rolling.model_held >= 4 * rolling.model_tried;
    Estimate pooled{"model_margin_points", model_margin, "points of valid votes",
                    "partial pooling over all levels of places: posterior mean"};
    if (model_holds) pooled.low = low, pooled.high = high, pooled.level = 0.95;
    finding.estimates.push_back(std::move(pooled));
    double late_mean = 0;
    for (const double m : late_margins) late_mean += m / static_cast<double>(late_margins.size());
    Estimate late_pooled{"model_late_margin_points", late_mean, "points of valid votes",
                         "the same, of the late units alone"};
    if (model_holds)
      late_pooled.low = quantile(late_margins, 0.025), late_pooled.high = quantile(late_margins, 0.975),
      late_pooled.level = 0.95;
    finding.estimates.push_back(std::move(late_pooled));

    // Every option and turnout, per registered voter.
    Table shares{.id = "model_options",
                 .title = "What the model predicts of the late units, and what they had",
                 .columns = {{"quantity"},
                             {"predicted_percent", "% of registered voters"},
                             {"low_95", "%"},
                             {"high_95", "%"},
                             {"counted_percent", "%"}},
                 .rows = {}};
    double registered = 0;
    for (const auto u : late_units) registered += static_cast<double>(late.registered[u]);
    const std::size_t quantities = contest.options.size() + 1;
    std::vector<std::vector<Cell>> rows(quantities);
    std::optional<UnitLookup> lookup;
    if (two_sources) lookup.emplace(*late.snapshot);
    std::vector<std::optional<UnitIndex>> in_snapshot(late.units());
    if (lookup)
      for (std::size_t u = 0; u < late.units(); ++u)
        if (!late.late[u]) in_snapshot[u] = lookup->find(late.count->unit_keys[u]);
    if (!parallel_for(context, quantities, "options of the late units", [&](std::size_t q) {
          const bool turnout = q + 1 == quantities;
          const int snapshot_option =
              turnout || !two_sources ? -1 : late.snapshot->contest.index_of(contest.options[q].id);
          const auto value = [&](std::size_t u) -> double {
            if (turnout) return valid(u);
            if (snapshot_option >= 0 && in_snapshot[u]) {
              const auto votes = late.snapshot->vote(static_cast<std::size_t>(snapshot_option), *in_snapshot[u]);
              return votes == missing ? 0 : votes;
            }
            const auto votes = late.count->vote(q, static_cast<UnitIndex>(u));
            return votes == missing ? 0 : votes;
          };
          const Response r = response(late, model, early, value);
          const auto variances = turnout ? Result<NestedVariances>(vv) : fit_nested(model.places, r.data());
          if (!variances) return;
          const NestedPosterior posterior(model.places, r.data(), *variances);
          std::vector<double> sums;
          Stream stream(context.seed, Purpose::posterior_draw, static_cast<std::uint64_t>(request.draws) + q);
          std::vector<double> theta, drawn;
          for (int i = 0; i < option_draws; ++i) {
            drawer.draw(posterior, *variances, stream, theta, drawn);
            sums.push_back(100 * drawn[0] / registered);
          }
          double mean = 0, counted = 0;
          for (const double s : sums) mean += s / static_cast<double>(sums.size());
          for (const auto u : late_units) {
            if (turnout) {
              counted += static_cast<double>(late.valid[u]);
              continue;
            }
            const auto votes = late.count->vote(q, u);
            counted += votes == missing ? 0 : votes;
          }
          rows[q] = {turnout ? std::string("valid votes") : contest.options[q].id.text, mean, quantile(sums, 0.025),
                     quantile(sums, 0.975), 100 * counted / registered};
        }))
      return cancelled_error();
    for (auto& row : rows)
      if (!row.empty()) shares.rows.push_back(std::move(row));
    finding.tables.push_back(std::move(shares));

    // The check: hide early units as the late ones are missing.
    const HoldOut hold_out(late);
    struct Trial {
      std::array<double, 3> error{}, sd{};  // of all hidden, of whole places, of parts of places
      std::array<bool, 3> there{};
    };
    std::vector<Trial> trials(static_cast<std::size_t>(request.holdouts));
    if (!parallel_for(context, trials.size(), "hiding early units as the late ones are missing", [&](std::size_t i) {
          Stream stream(context.seed, Purpose::hold_out, i);
          const auto hidden = hold_out.draw(stream);
          std::vector<char> seen = early;
          std::vector<std::vector<std::uint32_t>> asked{hidden.whole_places, hidden.parts};
          std::array<double, 3> truth_d{}, truth_v{};
          for (std::size_t g = 0; g < 2; ++g) {
            std::erase_if(asked[g], [&](std::uint32_t u) { return late.registered[u] <= 0; });
            for (const auto u : asked[g]) {
              seen[u] = 0;
              truth_d[g + 1] += difference(u);
              truth_v[g + 1] += valid(u);
            }
            truth_d[0] += truth_d[g + 1];
            truth_v[0] += truth_v[g + 1];
          }
          const Response hd = response(late, model, seen, difference), hv = response(late, model, seen, valid);
          if (hd.y.size() < 2) return;
          const NestedPosterior qd(model.places, hd.data(), vd), qv(model.places, hv.data(), vv);
          const Drawer of_hidden(late, model, asked);
          std::array<double, 3> mean{}, square{};
          std::vector<double> theta, dd, dv;
          for (int j = 0; j < check_draws; ++j) {
            of_hidden.draw(qd, vd, stream, theta, dd);
            of_hidden.draw(qv, vv, stream, theta, dv);
            const std::array<double, 3> drawn{(dd[0] + dd[1]) / (dv[0] + dv[1]), dd[0] / dv[0], dd[1] / dv[1]};
            for (std::size_t k = 0; k < 3; ++k) {
              mean[k] += 100 * drawn[k] / check_draws;
              square[k] += 1e4 * drawn[k] * drawn[k] / check_draws;
            }
          }
          for (std::size_t k = 0; k < 3; ++k) {
            trials[i].there[k] = truth_v[k] > 0;
            trials[i].error[k] = 100 * truth_d[k] / truth_v[k] - mean[k];
            trials[i].sd[k] =
                std::sqrt(std::max(0.0, square[k] - mean[k] * mean[k]) * check_draws / (check_draws - 1.0));
          }
        }))
      return cancelled_error();
    Table coverage{
        .id = "coverage",
        .title = "How often the model's intervals held what was hidden",
        .columns = {{"hidden"},
                    {"hold_outs"},
                    {"reached_50", "%"},
                    {"reached_80", "%"},
                    {"reached_95", "%"},
                    {"mean_error_points", "points", "hidden margin - predicted"},
                    {"error_over_sd", "", "standard deviation of (hidden - predicted) / predicted sd; 1 is right"}},
        .rows = {}};
    const char* patterns[] = {"both", "whole places", "parts of places"};
    for (std::size_t k = 0; k < 3; ++k) {
      std::array<double, 3> reached{};
      double n = 0, mean = 0, z2 = 0;
      for (const auto& t : trials) {
        if (!t.there[k]) continue;
        ++n;
        mean += t.error[k];
        z2 += t.error[k] * t.error[k] / (t.sd[k] * t.sd[k]);
        for (std::size_t q = 0; q < 3; ++q) reached[q] += std::abs(t.error[k]) <= normal_quantile[q] * t.sd[k];
      }
      if (n == 0) continue;
      coverage.rows.push_back({std::string(patterns[k]), static_cast<std::int64_t>(n), 100 * reached[0] / n,
                               100 * reached[1] / n, 100 * reached[2] / n, mean / n, std::sqrt(z2 / n)});
      if (k > 0) continue;
      calibrated = true;
      double widest_error = 0;
      for (std::size_t q = 0; q < 3; ++q) {
        const double share = 100 * reached[q] / n;
        const double error = 100 * std::sqrt(levels_checked[q] * (1 - levels_checked[q]) / n);
        widest_error = std::max(widest_error, error);
        estimate(fmt::format("coverage_{:.0f}_percent", 100 * levels_checked[q]), share, "% of hold-outs",
                 fmt::format("{:.0f} % intervals of the model that held the margin of hidden early units, {:.0f} times "
                             "hidden as the late ones are missing; bounds: two standard errors of so many hold-outs",
                             100 * levels_checked[q], n));
        Estimate& covered = finding.estimates.back();
        covered.low = std::max(0., share - 2 * error);
        covered.high = std::min(100., share + 2 * error);
        covered.level = 0.95;
        calibrated = calibrated && std::abs(share - 100 * levels_checked[q]) <= 2 * error;
      }
      finding.conditions.push_back(
          {fmt::format("The model's 50, 80 and 95 % intervals hold what is hidden that often, "
                       "within two standard errors ({:.1f}, {:.1f}, {:.1f} % of {:.0f} hold-outs; "
                       "standard errors up to {:.1f} points)",
                       100 * reached[0] / n, 100 * reached[1] / n, 100 * reached[2] / n, n, widest_error),
           calibrated});
    }
    finding.tables.push_back(std::move(coverage));
    projections.rows.push_back(
        {std::string("model"), model_margin, model_holds ? Cell{low} : Cell{}, model_holds ? Cell{high} : Cell{},
         outcome_of(Totals{(model_margin / 100 * all.valid + all.leader + all.runner_up) / 2,
                           (all.leader + all.runner_up - model_margin / 100 * all.valid) / 2, all.valid}),
         false,
         std::string("late units differ from early ones of the same place as early ones differ among themselves; late "
                     "places as early places do")});
    // Only what was shown to hold is drawn.
    if (rolling.interval) {
      const nlohmann::ordered_json fan{
          {"early", known.margin()},
          {"count", all.margin()},
          {"quantiles",
           {{0.025, *rolling.interval->low}, {0.5, rolling.interval->value}, {0.975, *rolling.interval->high}}}};
      finding.figures.push_back({"projection", "projection", "Projections of the final margin", fan.dump()});
    }
  }
  finding.tables.insert(finding.tables.begin(), std::move(projections));
  finding.answer = Answer::descriptive;
  finding.headline = fmt::format("The count came to {} points.", fixed(all.margin(), 2));
  if (has_registered) {
    finding.headline += fmt::format(
        " From the early units alone, votes per registered voter of the smallest place give {}, partial pooling over "
        "all levels {}, both without the drift that the early units themselves showed.",
        fixed(finding.estimate("rate_margin_points")->value, 2), fixed(model_margin, 2));
    finding.headline += rolling.interval
                            ? fmt::format(
                                  " With that drift it is {} [{}, {}]; stopped at {} earlier instants, an interval "
                                  "made the same way held "
                                  "the state at the cut {} times.",
                                  fixed(rolling.interval->value, 2), fixed(*rolling.interval->low, 2),
                                  fixed(*rolling.interval->high, 2), rolling.origins.size(), rolling.held)
                            : std::string(" No interval can be given: none was shown to hold at earlier instants.");
  }
  finding.headline +=
      fmt::format(" With the {} late units of split {}s at their early margin, and late votes elsewhere, {}.",
                  with_thousands(own.units), lowest, fixed(own.all.margin(), 2));
  if (request.rule) {
    finding.for_outcome = ForOutcome::unknown;
    if (rolling.interval) {
      const auto at = [&](double margin) {
        return outcome_of(Totals{(margin / 100 * all.valid + all.leader + all.runner_up) / 2,
                                 (all.leader + all.runner_up - margin / 100 * all.valid) / 2, all.valid});
      };
      const Cell counted = outcome_of(all);
      const bool low_same = at(*rolling.interval->low) == counted, high_same = at(*rolling.interval->high) == counted;
      finding.for_outcome = low_same && high_same   ? ForOutcome::holds
                            : low_same || high_same ? ForOutcome::depends
                                                    : ForOutcome::changes;
    }
  }
  finding.does_not_show = {
      "That late places are like the early places near them: every projection assumes it, and hiding early places "
      "cannot test it.",
      "That a difference between a projection and the count is manipulation: at earlier instants, before anything was "
      "interrupted, every projection was off in the same direction.",
      "With `impute`, anything about wholly late places: they keep their own result."};
  return finding;
}

}  // namespace cotejo
