#include "cotejo/methods/arrival/discontinuity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../linked_margin.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/stats/local_linear.hpp"

namespace cotejo {

namespace {

struct Series {
  std::string outcome;
  std::vector<double> x, y;
  std::vector<std::uint32_t> cluster;
};

struct Placebo {
  double cut = 0;
  std::optional<Jump> jump;
};

constexpr double normal_975 = 1.959963984540054;
constexpr double most_rejected = 0.075;  // of placebo cuts at 5 %, for an asymptotic interval to be printed

// How far the order reaches on the shorter side of the cut.
double support_of(const Series& s, double cut) {
  return std::min(cut - s.x.front(), s.x.back() - cut);
}

Result<Jump> jump_with(const Series& s, double cut, double bandwidth) {
  return jump_at({.x = s.x, .y = s.y, .clusters = s.cluster}, cut, bandwidth);
}

struct Bandwidth {
  double from_data = 0, used = 0;  // used: at most the support
};
Result<Bandwidth> bandwidth_of(const Series& s, double cut) {
  COTEJO_TRY(h, ik_bandwidth({.x = s.x, .y = s.y, .clusters = s.cluster}, cut));
  return Bandwidth{h, std::min(h, support_of(s, cut))};
}

Result<Jump> estimate_jump(const Series& s, double cut) {
  COTEJO_TRY(h, bandwidth_of(s, cut));
  return jump_with(s, cut, h.used);
}

double z_of(const Jump& jump) {
  return jump.error > 0 ? std::abs(jump.jump) / jump.error : 0;
}

// The jump at the cut with every bandwidth, and how often the same bandwidth finds one at placebo cuts.
struct BandwidthTable {
  Table table;
  bool one_sign = true;
};
std::optional<BandwidthTable> over_bandwidths(const Series& s, double cut, const Bandwidth& chosen,
                                              const Context& context) {
  BandwidthTable out{
      .table = {.id = "bandwidths",
                .title = "The jump at the cut, by bandwidth",
                .columns = {{"bandwidth_percent", "% of units"},
                            {"jump_points", "points"},
                            {"error", "points"},
                            {"units_before", "units"},
                            {"units_after", "units"},
                            {"placebos", "cuts", "whose support holds the bandwidth, at least as far from the cut"},
                            {"placebos_rejected_percent", "%", "of them have |jump| > 1.96 errors; 5 is right"}},
                .rows = {}}};
  std::vector<double> widths;
  for (const double h : {1., 2., 3., 5., 8.})
    if (h < support_of(s, cut)) widths.push_back(h);
  widths.push_back(chosen.used);
  std::sort(widths.begin(), widths.end());
  widths.erase(std::unique(widths.begin(), widths.end()), widths.end());
  constexpr std::size_t placebo_cuts = 180;  // every half percent from 5 to 95
  double sign = 0;
  for (const double h : widths) {
    const auto jump = jump_with(s, cut, h);
    if (!jump) continue;
    std::vector<char> result(placebo_cuts, 0);  // 1: tried, 2: rejected
    if (!parallel_for(context, placebo_cuts, "placebo cuts by bandwidth", [&](std::size_t i) {
          const double at = 5.25 + 0.5 * static_cast<double>(i);
          if (std::abs(at - cut) < h || support_of(s, at) < h) return;
          if (const auto placebo = jump_with(s, at, h)) result[i] = z_of(*placebo) > normal_975 ? 2 : 1;
        }))
      return std::nullopt;
    const auto rejected = std::count(result.begin(), result.end(), 2),
               tried = rejected + std::count(result.begin(), result.end(), 1);
    auto& row = out.table.rows.emplace_back();
    for (const double value : {h, jump->jump, jump->error}) row.emplace_back(value);
    for (const auto number : {static_cast<std::int64_t>(jump->left), static_cast<std::int64_t>(jump->right),
                              static_cast<std::int64_t>(tried)})
      row.emplace_back(number);
    row.emplace_back();
    if (tried > 0) row.back() = 100 * static_cast<double>(rejected) / static_cast<double>(tried);
    // Where an estimate is clear of its error on one side and another on the other, the sign is not identified.
    const double clear = z_of(*jump) > 1 ? (jump->jump > 0 ? 1 : -1) : 0;
    if (clear != 0 && sign != 0 && clear != sign) out.one_sign = false;
    if (clear != 0) sign = clear;
  }
  return out;
}

}  // namespace

const OptionTable<DiscontinuityRequest>& DiscontinuityRequest::table() {
  static const OptionTable<DiscontinuityRequest> options = [] {
    OptionTable<DiscontinuityRequest> t;
    add_arrival_options(t);
    add_linked_options(t);
    t.add(&DiscontinuityRequest::placebos, {.name = "placebos",
                                            .unit = "cuts",
                                            .text = "How many placebo cuts the whole order is given.",
                                            .low = 50,
                                            .high = 100000});
    t.add(&DiscontinuityRequest::level, {.name = "level",
                                         .unit = "share 0..1",
                                         .text = "The p-value at which the answer is \"yes\".",
                                         .low = 0.0001,
                                         .high = 0.5});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const DiscontinuityRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  if (!late.arrival) return needs("an arrival", "Name one with --arrival: times, an order or percentiles.");
  Finding finding = open_arrival_finding(DiscontinuityRequest::info(), count, late, request, context);

  // x: percent of units before, batches in the middle of themselves.
  std::vector<std::size_t> order;
  for (std::size_t u = 0; u < late.units(); ++u)
    if (std::isfinite(late.to[u]) && late.valid[u] > 0) order.push_back(u);
  const auto at = [&](std::size_t u) { return (late.from[u] + late.to[u]) / 2; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
  std::vector<double> x(order.size());
  std::size_t before_cut = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && at(order[j]) == at(order[i])) ++j;
    for (std::size_t k = i; k < j; ++k) x[k] = 100 * static_cast<double>(i + j) / 2 / static_cast<double>(order.size());
    if (at(order[i]) <= late.cut) before_cut = j;
    i = j;
  }
  // The point of x between what arrived up to the cut and what came after.
  const double cut = 100 * static_cast<double>(before_cut) / static_cast<double>(order.size());
  if (before_cut < 100 || order.size() - before_cut < 100)
    return needs("a hundred units with an arrival on both sides of the cut",
                 fmt::format("{} arrived up to it, {} after it.", before_cut, order.size() - before_cut));

  std::vector<Series> all;
  const auto series = [&](std::string name, const auto& value) {
    Series s{.outcome = std::move(name), .x = {}, .y = {}, .cluster = {}};
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double y = value(order[i]);
      if (std::isnan(y)) continue;
      s.x.push_back(x[i]);
      s.y.push_back(y);
      if (!late.place.empty()) {
        const auto place = late.place.back()[order[i]];
        s.cluster.push_back(
            place == no_place ? static_cast<std::uint32_t>(late.count->hierarchy.places().size() + order[i]) : place);
      }
    }
    all.push_back(std::move(s));
  };
  series("margin", [&](std::size_t u) { return margin_of(late, u); });
  for (const Count* election : late.elections) {
    const auto linked =
        linked_margin(late, *election, request, request.leader_elsewhere, request.runner_up_elsewhere, context);
    if (!linked) {
      if (linked.error().code == ErrorCode::cancelled) return linked.error();
      finding.conditions.push_back({fmt::format("{} can be compared with ({} {})", election->id.text,
                                                linked.error().message, linked.error().remedy),
                                    false});
      continue;
    }
    series(fmt::format("placebo election {}", election->id.text), [&](std::size_t u) { return linked->margin[u]; });
    series(fmt::format("margin - that of {}", election->id.text),
           [&](std::size_t u) { return margin_of(late, u) - linked->margin[u]; });
  }

  Table table{.id = "jumps",
              .title = "The jump at the cut, and its rank among placebo cuts",
              .columns = {{"outcome"},
                          {"jump_points", "points"},
                          {"error", "points"},
                          {"bandwidth_percent", "% of units"},
                          {"units_before", "units"},
                          {"units_after", "units"},
                          {"placebos", "cuts"},
                          {"p_value", "", "rank of |jump / error| among the placebos"},
                          {"placebo_5_percent", "points", "5 % of the placebo jumps are larger in size"}},
              .rows = {}};
  nlohmann::ordered_json data{{"cut", cut},
                              {"columns", {"cut_percent", "jump_points", "error"}},
                              {"placebos", nlohmann::ordered_json::array()}};
  std::optional<double> p_margin, jump_margin;
  bool one_sign = true;
  std::optional<Table> by_bandwidth;
  for (const auto& s : all) {
    const auto observed = estimate_jump(s, cut);
    if (!observed) {
      finding.conditions.push_back(
          {fmt::format("{}: there is enough on both sides of the cut ({})", s.outcome, observed.error().message),
           false});
      continue;
    }
    std::vector<Placebo> placebos(static_cast<std::size_t>(request.placebos));
    if (!parallel_for(context, placebos.size(), "placebo cuts: " + s.outcome, [&](std::size_t i) {
          auto& one = placebos[i];
          one.cut = 5 + 90 * (static_cast<double>(i) + 0.5) / static_cast<double>(placebos.size());
          if (std::abs(one.cut - cut) < observed->bandwidth) return;
          if (auto jump = estimate_jump(s, one.cut)) one.jump = *jump;
        }))
      return cancelled_error();
    std::int64_t used = 0, as_large = 0, rejected = 0;
    std::vector<double> sizes;
    for (const auto& one : placebos) {
      if (!one.jump) continue;
      ++used;
      as_large += z_of(*one.jump) >= z_of(*observed);
      rejected += z_of(*one.jump) > normal_975;
      sizes.push_back(std::abs(one.jump->jump));
      if (&s == all.data()) data["placebos"].push_back({one.cut, one.jump->jump, one.jump->error});
    }
    std::sort(sizes.begin(), sizes.end());
    const bool enough = used >= 39;
    const double p = static_cast<double>(1 + as_large) / static_cast<double>(1 + used);
    table.rows.push_back(
        {s.outcome, observed->jump, observed->error, observed->bandwidth, static_cast<std::int64_t>(observed->left),
         static_cast<std::int64_t>(observed->right), used, enough ? Cell{p} : Cell{},
         sizes.empty() ? Cell{} : Cell{sizes[static_cast<std::size_t>(0.95 * static_cast<double>(sizes.size() - 1))]}});
    if (&s != all.data()) continue;
    jump_margin = observed->jump;
    data["jump"] = {cut, observed->jump, observed->error};
    const auto chosen = bandwidth_of(s, cut);
    auto bandwidths = over_bandwidths(s, cut, *chosen, context);
    if (!bandwidths) return cancelled_error();
    one_sign = bandwidths->one_sign;
    by_bandwidth = std::move(bandwidths->table);
    const double rejects = used > 0 ? static_cast<double>(rejected) / static_cast<double>(used) : 1;
    Estimate jump{"jump_points", observed->jump, "points of valid votes",
                  "jump of the unit's margin at the cut, local linear"};
    if (rejects <= most_rejected) {
      jump.low = observed->jump - normal_975 * observed->error;
      jump.high = observed->jump + normal_975 * observed->error;
      jump.level = 0.95;
    }
    finding.estimates.push_back(std::move(jump));
    finding.estimates.push_back(
        {"placebos_rejected_percent", 100 * rejects, "% of placebo cuts",
         "placebo cuts whose jump is more than 1.96 of its errors from 0; 5 if the errors were right"});
    finding.conditions.push_back(
        {fmt::format("The asymptotic error can be believed: at most 7.5 % of placebo cuts are rejected at 5 % ({} %{})",
                     fixed(100 * rejects, 1), rejects <= most_rejected ? "" : "; no interval is given"),
         rejects <= most_rejected});
    finding.conditions.push_back(
        {fmt::format("The bandwidth from the data ({} % of units) fits on both sides of the cut ({} %{})",
                     fixed(chosen->from_data, 2), fixed(support_of(s, cut), 2),
                     chosen->from_data <= chosen->used ? "" : ", which is taken instead"),
         chosen->from_data <= chosen->used});
    finding.conditions.push_back({"The jump has one sign with every bandwidth (table `bandwidths`)", one_sign});
    finding.estimates.push_back(
        {"bandwidth_percent", observed->bandwidth, "% of units",
         "half-width, Imbens & Kalyanaraman (2012), at most the support on either side of the cut"});
    finding.estimates.push_back({"cut_percent", cut, "% of units", "units with an arrival that came up to the cut"});
    finding.conditions.push_back(
        {fmt::format("There are placebo cuts enough to rank among (39 or more; {})", used), enough});
    if (!enough) continue;
    p_margin = p;
    finding.test = Test{.statistic = observed->error > 0 ? observed->jump / observed->error : 0,
                        .p_value = p,
                        .kind = TestKind::calibrated,
                        .null = "the margin jumps at the cut as it does at other points of the order of arrival",
                        .replicates = used};
  }
  finding.figures.push_back({"placebo-jumps", "placebo-jumps", "The jump at the cut among placebo cuts", data.dump()});
  finding.tables.push_back(std::move(table));
  if (by_bandwidth) finding.tables.push_back(std::move(*by_bandwidth));
  finding.caveats.emplace_back(
      "Neighbouring placebo cuts use the same units: they are many fewer than their number in independent ones.");
  finding.answer = !p_margin                   ? Answer::undetermined
                   : *p_margin > request.level ? Answer::no
                   : one_sign                  ? Answer::yes
                                               : Answer::undetermined;
  if (request.rule) finding.for_outcome = ForOutcome::unknown;  // a jump at a point is no number of votes
  finding.headline =
      !p_margin
          ? "Undetermined: there is not enough on both sides of the cut, or too few placebo cuts."
          : fmt::format(
                "The margin {} at the cut by {} points; {:.1f} % of placebo cuts have as clear a jump (p = {:.3f}).",
                *jump_margin >= 0 ? "jumps up" : "jumps down", fixed(std::abs(*jump_margin), 2), 100 * *p_margin,
                *p_margin);
  finding.does_not_show = {
      "That what jumps is the counting: other places begin to report after an interruption, and they jump with it. The "
      "placebo elections show how much of it is places.",
      "Anything far from the cut: the estimate is local.", "That the order of arrival was not itself chosen."};
  return finding;
}

}  // namespace cotejo
