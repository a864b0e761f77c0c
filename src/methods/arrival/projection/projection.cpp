#include "cotejo/methods/arrival/projection.hpp"

#include <algorithm>
#include <cmath>

#include "late_model.hpp"
#include "model_check.hpp"
#include "stopped_count.hpp"

namespace cotejo {

namespace {

using Totals = ProjectionResult::Totals;
using Interval = ProjectionResult::Interval;

constexpr int option_draws = 400;

// Votes of the early units: the snapshot's, or the count's own.
struct Votes {
  const std::vector<std::int64_t>*leader, *runner_up, *valid;

  void add(Totals& sum, std::size_t unit) const {
    sum.leader += static_cast<double>((*leader)[unit]);
    sum.runner_up += static_cast<double>((*runner_up)[unit]);
    sum.valid += static_cast<double>((*valid)[unit]);
  }
};
Votes snapshot_votes(const LateCount& late) {
  return {&late.snapshot_leader, &late.snapshot_runner_up, &late.snapshot_valid};
}
Votes count_votes(const LateCount& late) {
  return {&late.leader_votes, &late.runner_up_votes, &late.valid};
}

Totals totals_of(const LateCount& late) {
  Totals out;
  for (std::size_t u = 0; u < late.units(); ++u) count_votes(late).add(out, u);
  return out;
}

Totals early_totals(const LateCount& late, const Votes& votes) {
  Totals out;
  for (std::size_t u = 0; u < late.units(); ++u)
    if (!late.late[u]) votes.add(out, u);
  return out;
}

// Early votes and registered voters of every place, and of the whole count.
struct EarlySums {
  struct Sum {
    Totals votes;
    double registered = 0;
  };
  std::vector<std::vector<Sum>> by_level;
  Sum whole;

  EarlySums(const LateCount& late, const Votes& votes)
      : by_level(late.levels(), std::vector<Sum>(late.count->hierarchy.places().size())) {
    const auto add = [&](Sum& sum, std::size_t u) {
      votes.add(sum.votes, u);
      sum.registered += static_cast<double>(late.registered[u]);
    };
    for (std::size_t u = 0; u < late.units(); ++u) {
      if (late.late[u]) continue;
      add(whole, u);
      for (std::size_t l = 0; l < late.levels(); ++l)
        if (late.place[l][u] != no_place) add(by_level[l][late.place[l][u]], u);
    }
  }
};

// Votes per registered voter of the smallest place with early registered voters. `used[level]` counts late units; the
// last entry is the whole count.
Totals by_rate(const LateCount& late, const Votes& votes, std::vector<std::int64_t>& used) {
  const std::size_t levels = late.levels();
  const EarlySums sums(late, votes);
  Totals out = early_totals(late, votes);
  used.assign(levels + 1, 0);
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!late.late[u]) continue;
    const EarlySums::Sum* from = &sums.whole;
    std::size_t level = levels;
    for (std::size_t l = levels; l-- > 0;) {
      const auto place = late.place[l][u];
      if (place == no_place || !(sums.by_level[l][place].registered > 0)) continue;
      from = &sums.by_level[l][place];
      level = l;
      break;
    }
    ++used[level];
    const double scale = static_cast<double>(late.registered[u]) / from->registered;
    out.leader += scale * from->votes.leader;
    out.runner_up += scale * from->votes.runner_up;
    out.valid += scale * from->votes.valid;
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
    if (!late.late[u] && place[u] != no_place) votes.add(early[place[u]], u);
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

// What the rule makes of a projection: the other options keep their order and share what is left.
class Judge {
 public:
  Judge(const LateCount& late, const Rule* rule)
      : late_(late), rule_(rule), total_(tally(*late.count)), counted_(totals_of(late)) {}

  const Totals& counted() const { return counted_; }

  std::optional<Outcome> outcome(const Totals& t) const {
    if (!rule_) return std::nullopt;
    Tally made = total_;
    made.valid = static_cast<std::int64_t>(std::llround(t.valid));
    for (auto& votes : made.options)
      votes = static_cast<std::int64_t>(
          std::llround(static_cast<double>(votes) * t.valid / static_cast<double>(total_.valid)));
    made.options[late_.leader] = static_cast<std::int64_t>(std::llround(t.leader));
    made.options[late_.runner_up] = static_cast<std::int64_t>(std::llround(t.runner_up));
    return apply(*rule_, late_.count->contest, made);
  }
  // At the count's valid votes and the votes of the first two together.
  std::optional<Outcome> outcome(double margin) const {
    const double both = counted_.leader + counted_.runner_up, lead = margin / 100 * counted_.valid;
    return outcome(Totals{(lead + both) / 2, (both - lead) / 2, counted_.valid});
  }

 private:
  const LateCount& late_;
  const Rule* rule_;
  Tally total_;
  Totals counted_;
};

void add(ProjectionResult& out, const Judge& judge, ProjectionKind kind, const Totals& totals) {
  out.projections.push_back({.kind = kind, .margin = totals.margin(), .outcome = judge.outcome(totals)});
}

// Without the model. The snapshot and the count are two sources for the votes of early units, unless its units are parts.
void project(ProjectionResult& out, const Judge& judge) {
  const LateCount& late = *out.late;
  const bool two_sources = late.snapshot && !late.parts;
  add(out, judge, ProjectionKind::count, judge.counted());
  add(out, judge, ProjectionKind::early, early_totals(late, snapshot_votes(late)));
  if (out.has_registered) {
    add(out, judge, ProjectionKind::rate, by_rate(late, snapshot_votes(late), out.rate_levels));
    std::vector<std::int64_t> ignored;
    if (two_sources) add(out, judge, ProjectionKind::rate_final_votes, by_rate(late, count_votes(late), ignored));
  }
  const Imputed own = by_imputation(late, count_votes(late));
  out.imputed_units = own.units;
  out.imputed_split_late = own.split_late.margin();
  add(out, judge, ProjectionKind::impute, own.all);
  if (two_sources)
    add(out, judge, ProjectionKind::impute_snapshot_votes, by_imputation(late, snapshot_votes(late)).all);
}

Interval middle_95(const std::vector<double>& values) {
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

double mean_of(const std::vector<double>& values) {
  double out = 0;
  for (const double v : values) out += v / static_cast<double>(values.size());
  return out;
}

// The margins of the whole count and of the late units, drawn.
Result<ProjectionResult::Model> draw_margins(const LateCount& late, const FittedModel& fitted, std::int64_t draws,
                                             const Context& context) {
  const LeadAndValid known(late, fitted.tree, fitted.early);
  const MarginDrawer drawer(late, fitted.tree, known, fitted.lead, fitted.valid, {fitted.late_units});
  const Totals early = early_totals(late, snapshot_votes(late));
  std::vector<double> margins(static_cast<std::size_t>(draws)), late_margins(margins.size());
  if (!parallel_for(context, margins.size(), "drawing the late units", [&](std::size_t i) {
        Stream stream(context.seed, Purpose::posterior_draw, i);
        MarginDrawer::Drawn drawn;
        drawer.draw(stream, drawn);
        const double lead = drawn.lead[0], valid = drawn.valid[0];
        margins[i] = 100 * (early.leader - early.runner_up + lead) / (early.valid + valid);
        late_margins[i] = 100 * lead / valid;
      }))
    return cancelled_error();
  return ProjectionResult::Model{.margin = mean_of(margins),
                                 .late_margin = mean_of(late_margins),
                                 .interval = middle_95(margins),
                                 .late_interval = middle_95(late_margins)};
}

double votes_or_none(const Count& count, std::size_t option, std::size_t unit) {
  const auto votes = count.vote(option, static_cast<UnitIndex>(unit));
  return votes == missing ? 0 : votes;
}

// The votes of every option, as the snapshot has them of its units and the count of the others.
class OptionVotes {
 public:
  explicit OptionVotes(const LateCount& late) : late_(late), in_snapshot_(late.units()) {
    if (!late.snapshot || late.parts) return;
    const UnitLookup lookup(*late.snapshot);
    for (std::size_t u = 0; u < late.units(); ++u)
      if (!late.late[u]) in_snapshot_[u] = lookup.find(late.count->unit_keys[u]);
    for (const auto& option : late.count->contest.options)
      snapshot_option_.push_back(late.snapshot->contest.index_of(option.id));
  }
  double of(std::size_t option, std::size_t unit) const {
    const int there = snapshot_option_.empty() ? -1 : snapshot_option_[option];
    if (there >= 0 && in_snapshot_[unit])
      return votes_or_none(*late_.snapshot, static_cast<std::size_t>(there), *in_snapshot_[unit]);
    return votes_or_none(*late_.count, option, unit);
  }

 private:
  const LateCount& late_;
  std::vector<std::optional<UnitIndex>> in_snapshot_;
  std::vector<int> snapshot_option_;  // of each option of the count; empty: one source
};

// Every option and the valid votes, per registered voter of the late units.
class LateShares {
 public:
  LateShares(const LateCount& late, const FittedModel& fitted)
      : late_(late), fitted_(fitted), votes_(late), drawer_(late, fitted.tree, {fitted.late_units}) {
    for (const auto u : fitted.late_units) registered_ += static_cast<double>(late.registered[u]);
  }

  // Nothing where the model cannot be fitted.
  std::optional<ProjectionResult::OptionShare> of(std::optional<std::size_t> option, Stream stream) const {
    const Response known = response(late_, fitted_.tree, fitted_.early,
                                    [&](std::size_t u) { return option ? votes_.of(*option, u) : valid_of(late_, u); });
    const auto variances =
        option ? fit_nested(fitted_.tree.places, known.data()) : Result<NestedVariances>(fitted_.valid);
    if (!variances) return std::nullopt;
    const NestedPosterior posterior(fitted_.tree.places, known.data(), *variances);
    std::vector<double> percents, theta, drawn;
    for (int i = 0; i < option_draws; ++i) {
      drawer_.draw(posterior, *variances, stream, theta, drawn);
      percents.push_back(100 * drawn[0] / registered_);
    }
    return ProjectionResult::OptionShare{option, mean_of(percents), middle_95(percents),
                                         100 * counted(option) / registered_};
  }

 private:
  double counted(std::optional<std::size_t> option) const {
    double out = 0;
    for (const auto u : fitted_.late_units)
      out += option ? votes_or_none(*late_.count, *option, u) : static_cast<double>(late_.valid[u]);
    return out;
  }

  const LateCount& late_;
  const FittedModel& fitted_;
  OptionVotes votes_;
  Drawer drawer_;
  double registered_ = 0;
};

Result<std::vector<ProjectionResult::OptionShare>> options_of(const LateCount& late, const FittedModel& fitted,
                                                              std::int64_t draws, const Context& context) {
  const LateShares shares(late, fitted);
  const std::size_t options = late.count->contest.options.size();
  std::vector<std::optional<ProjectionResult::OptionShare>> of(options + 1);
  if (!parallel_for(context, of.size(), "options of the late units", [&](std::size_t q) {
        const auto option = q < options ? std::optional(q) : std::nullopt;
        of[q] = shares.of(option, Stream(context.seed, Purpose::posterior_draw, static_cast<std::uint64_t>(draws) + q));
      }))
    return cancelled_error();
  std::vector<ProjectionResult::OptionShare> out;
  for (const auto& share : of)
    if (share) out.push_back(*share);
  return out;
}

// The model, what it would have projected at earlier instants, and what its intervals are worth.
Result<void> run_model(ProjectionResult& out, const Judge& judge, const ProjectionRequest& request,
                       const Context& context) {
  const LateCount& late = *out.late;
  COTEJO_TRY(fitted, fit_model(late, context));
  COTEJO_TRY(drawn, draw_margins(late, fitted, request.draws, context));
  if (late.arrival && !late.parts) {
    COTEJO_TRY(stops, stop_count(late, fitted.tree, request, context));
    out.stops = std::move(stops);
    if (out.stops->supported()) out.drift = drift_of_the_count(late);
  }
  if (out.drift) {
    out.drift->low_outcome = judge.outcome(out.drift->margin_interval.low);
    out.drift->high_outcome = judge.outcome(out.drift->margin_interval.high);
  }
  COTEJO_TRY(options, options_of(late, fitted, request.draws, context));
  drawn.options = std::move(options);
  COTEJO_TRY(coverage, check_model(late, fitted, request.holdouts, context));
  drawn.coverage = coverage;
  out.model = std::move(drawn);
  out.projections.push_back({.kind = ProjectionKind::model,
                             .margin = out.model->margin,
                             .interval = out.model_interval_given() ? std::optional(out.model->interval) : std::nullopt,
                             .outcome = judge.outcome(out.model->margin)});
  return {};
}

}  // namespace

const ProjectionResult::Projection* ProjectionResult::find(ProjectionKind kind) const {
  for (const auto& projection : projections)
    if (projection.kind == kind) return &projection;
  return nullptr;
}

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

Result<ProjectionResult> compute(const Count& count, const ProjectionRequest& request, const Context& context) {
  ProjectionResult out;
  COTEJO_TRY(late, shared_late_count(count, request));
  out.late = late;
  if (late->levels() == 0) return needs("places", "The count has none; its profile may name them.");
  if (request.rule) COTEJO_CHECK(validate(*request.rule, late->count->contest));
  out.has_registered = std::any_of(late->registered.begin(), late->registered.end(), [](auto n) { return n > 0; });
  const Judge judge(*late, request.rule);
  project(out, judge);
  if (out.has_registered) COTEJO_CHECK(run_model(out, judge, request, context));
  return out;
}

}  // namespace cotejo
