#include "cotejo/methods/assembly/ideal_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "assembly_support.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/stats/convergence.hpp"
#include "cotejo/stats/item_response.hpp"
#include "cotejo/stats/nominate.hpp"

namespace cotejo {

namespace {

constexpr std::size_t chains = 4, most_pairs_of = 200, most_items_listed = 5000;
constexpr double most_rhat = 1.01, least_ess = 400;

std::int8_t answer_of(Ballot ballot, bool abstain_is_no) {
  switch (ballot) {
    case Ballot::yes:
    case Ballot::paired_yes:
      return 1;
    case Ballot::no:
    case Ballot::paired_no:
      return -1;
    case Ballot::abstain:
      return abstain_is_no ? -1 : 0;
    default:
      return 0;
  }
}

// One set of roll calls that is fitted by itself.
struct Period {
  std::string name;
  std::vector<RollCallIndex> roll_calls;
};

struct Diagnosis {
  double rhat = 0, ess_bulk = 0, ess_tail = 0;
  bool mixed() const { return rhat < most_rhat && ess_bulk > least_ess && ess_tail > least_ess; }
};

struct Fitted {
  KeptResponses kept;
  std::optional<ItemResponseFit> positions;
  std::optional<NominateFit> spatial;
  std::vector<Diagnosis> diagnoses;  // per coordinate
  std::size_t thin = 1;
  bool mixed = false;
  std::vector<std::size_t> poles;  // in the kept subjects
  std::optional<Error> error;
};

ResponseMatrix responses_of(const Assembly& a, const Period& period, bool abstain_is_no) {
  ResponseMatrix out{.subjects = a.members.size(), .items = period.roll_calls.size(), .cells = {}};
  out.cells.reserve(out.subjects * out.items);
  for (MemberIndex i = 0; i < a.members.size(); ++i)
    for (const auto j : period.roll_calls) out.cells.push_back(answer_of(a.ballot(j, i), abstain_is_no));
  return out;
}

Fitted fit_period(const Assembly& a, const Period& period, const IdealPointsRequest& request,
                  const std::vector<MemberIndex>& polarity, std::uint64_t unit, const Context& context) {
  Fitted out;
  out.kept = keep_informative(responses_of(a, period, request.abstain == "no"), request.lopsided,
                              static_cast<std::size_t>(request.min_votes));
  for (const auto member : polarity) {
    const auto at = std::find(out.kept.subject.begin(), out.kept.subject.end(), member);
    if (at == out.kept.subject.end()) break;  // a dimension cannot be skipped
    out.poles.push_back(static_cast<std::size_t>(at - out.kept.subject.begin()));
  }
  // Leaving members out may leave a roll call without votes or a minority: the fits need neither.
  ItemResponseOptions options{.dimensions = static_cast<std::size_t>(request.dimensions),
                              .chains = chains,
                              .warmup = static_cast<std::size_t>(request.warmup),
                              .draws = static_cast<std::size_t>(request.draws),
                              .item_sd = request.item_sd,
                              .polarity = out.poles,
                              .unit = unit};
  for (std::size_t thin = 1;; thin = std::min(thin * 4, static_cast<std::size_t>(request.most_thin))) {
    options.thin = thin;
    options.warmup = static_cast<std::size_t>(request.warmup) * std::min<std::size_t>(thin, 4);
    auto fit = item_response(out.kept.responses, options, context);
    if (!fit) {
      out.error = fit.error();
      return out;
    }
    out.thin = thin;
    out.diagnoses.clear();
    for (const auto& draws : fit->coordinate_draws)
      out.diagnoses.push_back({rhat(draws, chains), ess_bulk(draws, chains), ess_tail(draws, chains)});
    out.mixed = std::all_of(out.diagnoses.begin(), out.diagnoses.end(), [](const auto& d) { return d.mixed(); });
    out.positions = std::move(*fit);
    if (out.mixed || thin >= static_cast<std::size_t>(request.most_thin)) break;
  }
  if (!request.nominate) return out;
  auto spatial =
      nominate(out.kept.responses, {.dimensions = options.dimensions, .starts = 3, .polarity = out.poles, .unit = unit},
               context);
  if (!spatial) {
    out.error = spatial.error();
    return out;
  }
  out.spatial = std::move(*spatial);
  return out;
}

double quantile(std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Error bad_option(const char* name, std::string value, std::string message, std::string remedy) {
  return {.code = ErrorCode::option_invalid,
          .message = std::move(message),
          .column = name,
          .value = std::move(value),
          .remedy = std::move(remedy)};
}

Result<std::vector<MemberIndex>> polarity_of(const Assembly& a, const IdealPointsRequest& request) {
  std::vector<MemberIndex> out;
  std::string_view rest = request.polarity;
  while (!trimmed(rest).empty()) {
    const auto comma = rest.find(',');
    const std::string id(trimmed(rest.substr(0, comma)));
    auto member = a.find_member(id);
    if (!member)
      for (MemberIndex i = 0; i < a.members.size() && !member; ++i)
        if (a.members[i].name == id) member = i;
    if (!member) {
      std::vector<std::string> ids;
      for (const auto& known : a.members) ids.push_back(known.id);
      const auto near = nearest_name(id, ids);
      return bad_option("polarity", id, "no such member",
                        near.empty() ? "Give ids of members, with commas." : fmt::format("Did you mean '{}'?", near));
    }
    out.push_back(*member);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  if (out.size() > static_cast<std::size_t>(request.dimensions))
    return bad_option("polarity", request.polarity, "more members fix the polarity than there are dimensions",
                      "Name at most one a dimension.");
  return out;
}

Result<std::vector<Period>> periods_of(const Assembly& a, const IdealPointsRequest& request) {
  COTEJO_TRY(from, day_option("from", request.from));
  COTEJO_TRY(to, day_option("to", request.to));
  std::map<std::string, Period> periods;
  std::size_t secret = 0;
  for (RollCallIndex j = 0; j < a.roll_calls.size(); ++j) {
    const RollCall& roll_call = a.roll_calls[j];
    if (roll_call.method != VotingMethod::recorded) {
      ++secret;
      continue;
    }
    if (!request.organ.empty() && roll_call.organ != request.organ) continue;
    if ((from || to) && !roll_call.date) continue;
    if ((from && roll_call.date.last < *from) || (to && roll_call.date.first > *to)) continue;
    std::string key, name = "whole";
    if (request.by == "organ") key = name = roll_call.organ.empty() ? "none" : roll_call.organ;
    if (request.by == "year") key = name = roll_call.date ? day_text(roll_call.date.first).substr(0, 4) : "undated";
    auto& period = periods[key];
    period.name = name;
    period.roll_calls.push_back(j);
  }
  std::vector<Period> out;
  for (auto& [key, period] : periods) out.push_back(std::move(period));
  // In time, by the first roll call of each; those without dates by name.
  std::stable_sort(out.begin(), out.end(), [&](const Period& x, const Period& y) {
    return a.roll_calls[x.roll_calls.front()].date.first < a.roll_calls[y.roll_calls.front()].date.first;
  });
  if (out.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("the assembly has no recorded roll calls{}{}",
                                        request.organ.empty() && !from && !to ? "" : " of that organ and time",
                                        secret ? fmt::format(" ({} are known by totals only)", secret) : ""),
                 .remedy = "Positions need to know who voted how."};
  if (out.size() > 1000) return bad_option("by", request.by, "more than 1,000 periods", "Choose a coarser one.");
  return out;
}

// Without a pole the sign of a period is the one that agrees with the period before, over the members they share.
void orient(Fitted& now, const Fitted& before) {
  const std::size_t d = now.positions->dimensions;
  for (std::size_t k = now.poles.size(); k < d; ++k) {
    double along = 0;
    for (std::size_t i = 0; i < now.kept.subject.size(); ++i) {
      const auto at = std::find(before.kept.subject.begin(), before.kept.subject.end(), now.kept.subject[i]);
      if (at == before.kept.subject.end()) continue;
      along += now.positions->mean[i * d + k] *
               before.positions->mean[static_cast<std::size_t>(at - before.kept.subject.begin()) * d + k];
    }
    if (along >= 0) continue;
    for (std::size_t i = 0; i < now.kept.subject.size(); ++i) {
      now.positions->mean[i * d + k] *= -1;
      for (double& value : now.positions->coordinate_draws[i * d + k]) value *= -1;
    }
    for (std::size_t j = 0; j < now.kept.item.size(); ++j) now.positions->discrimination[j * d + k] *= -1;
  }
}

// The spatial fit's axes have signs of their own: the positions'.
void orient_spatial(Fitted& fitted) {
  if (!fitted.spatial || !fitted.positions) return;
  const std::size_t d = fitted.positions->dimensions;
  for (std::size_t k = 0; k < d; ++k) {
    double along = 0;
    for (std::size_t i = 0; i < fitted.kept.subject.size(); ++i)
      along += fitted.positions->mean[i * d + k] * fitted.spatial->coordinates[i * d + k];
    if (along >= 0) continue;
    for (std::size_t i = 0; i < fitted.kept.subject.size(); ++i) fitted.spatial->coordinates[i * d + k] *= -1;
  }
}

using Json = nlohmann::ordered_json;
std::string dumped(const Json& data) {
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

MethodInfo IdealPointsRequest::info() {
  return {
      .id = "ideal-points",
      .family = "assembly",
      .title = "Where do members stand?",
      .question = "Judged by how they voted, who stands where, how surely, and who votes with whom?",
      .assumes = "Votes follow positions on a few dimensions, and chance; votes are independent given the positions.",
      .cost = "members x roll calls x iterations",
      .references = {
          "Clinton, J., Jackman, S., & Rivers, D. (2004). The statistical analysis of roll call data. American "
          "Political Science Review 98:355.",
          "Poole, K. T., & Rosenthal, H. (1985). A spatial model for legislative roll call analysis. American "
          "Journal of Political Science 29:357.",
          "Vehtari, A., Gelman, A., Simpson, D., Carpenter, B., & Burkner, P.-C. (2021). Rank-normalization, "
          "folding, and localization. Bayesian Analysis 16:667."}};
}

const OptionTable<IdealPointsRequest>& IdealPointsRequest::table() {
  static const OptionTable<IdealPointsRequest> options = [] {
    OptionTable<IdealPointsRequest> t;
    t.add(&IdealPointsRequest::dimensions,
          {.name = "dimensions", .unit = "", .text = "How many dimensions.", .low = 1, .high = 6});
    t.add(&IdealPointsRequest::polarity,
          {.name = "polarity", .unit = "ids", .text = "Members on the positive side, one a dimension, with commas."});
    t.add(&IdealPointsRequest::abstain,
          {.name = "abstain", .unit = "", .text = "Is an abstention missing, or a no?", .choices = {"missing", "no"}});
    t.add(&IdealPointsRequest::lopsided, {.name = "lopsided",
                                          .unit = "share 0..1",
                                          .text = "Leave out roll calls with a smaller minority.",
                                          .low = 0,
                                          .high = 0.5});
    t.add(&IdealPointsRequest::min_votes, {.name = "min_votes",
                                           .unit = "votes",
                                           .text = "Leave out members with fewer votes.",
                                           .low = 1,
                                           .high = 100000});
    t.add(&IdealPointsRequest::from,
          {.name = "from", .unit = "day", .text = "Roll calls from this day on; empty: all."});
    t.add(&IdealPointsRequest::to, {.name = "to", .unit = "day", .text = "Roll calls to this day; empty: all."});
    t.add(&IdealPointsRequest::organ, {.name = "organ", .unit = "id", .text = "Only of this organ; empty: all."});
    t.add(&IdealPointsRequest::by, {.name = "by",
                                    .unit = "",
                                    .text = "One fit of the whole, or one a year or an organ.",
                                    .choices = {"whole", "year", "organ"}});
    t.add(&IdealPointsRequest::item_sd, {.name = "item_sd",
                                         .unit = "",
                                         .text = "Prior standard deviation of a roll call's parameters.",
                                         .low = 0.1,
                                         .high = 100});
    t.add(&IdealPointsRequest::warmup,
          {.name = "warmup", .unit = "iterations", .text = "Thrown away, per chain.", .low = 10, .high = 1e6});
    t.add(&IdealPointsRequest::draws,
          {.name = "draws", .unit = "draws", .text = "Kept, per chain, of four.", .low = 100, .high = 100000});
    t.add(&IdealPointsRequest::most_thin, {.name = "most_thin",
                                           .unit = "iterations",
                                           .text = "Per kept draw at most, where fewer do not mix.",
                                           .low = 1,
                                           .high = 1024});
    t.add(&IdealPointsRequest::nominate,
          {.name = "nominate", .unit = "", .text = "Fit the spatial model of NOMINATE too."});
    t.add(&IdealPointsRequest::level,
          {.name = "level", .unit = "share 0..1", .text = "Of the intervals.", .low = 0.5, .high = 0.999});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& a, const IdealPointsRequest& request, const Context& context) {
  COTEJO_TRY(polarity, polarity_of(a, request));
  COTEJO_TRY(periods, periods_of(a, request));
  const auto d = static_cast<std::size_t>(request.dimensions);
  const bool many = periods.size() > 1;

  std::vector<Fitted> fits(periods.size());
  if (many) {
    const Context inner{.seed = context.seed, .threads = 1, .cancel = context.cancel};
    if (!parallel_for(context, periods.size(), "positions",
                      [&](std::size_t p) { fits[p] = fit_period(a, periods[p], request, polarity, p, inner); }))
      return cancelled_error();
  } else {
    fits[0] = fit_period(a, periods[0], request, polarity, 0, context);
    if (fits[0].error) return *fits[0].error;
  }
  for (const auto& fit : fits)
    if (fit.error && fit.error->code != ErrorCode::input_insufficient) return *fit.error;
  const Fitted* before = nullptr;
  std::size_t mixed = 0, answered = 0;
  for (auto& fit : fits) {
    if (!fit.positions || fit.error) continue;
    ++answered;
    if (before) orient(fit, *before);
    orient_spatial(fit);
    if (fit.mixed) before = &fit;
    mixed += fit.mixed;
  }
  if (answered == 0) return *fits[0].error;

  Finding finding = open_finding(IdealPointsRequest::info(), a, context);
  finding.answer = mixed ? Answer::descriptive : Answer::undetermined;
  const std::string level = fmt::format("{:g}", 100 * request.level);
  const auto with_period = [&](std::vector<TableColumn> columns) {
    if (many) columns.insert(columns.begin(), {"period"});
    return columns;
  };
  const auto in_period = [&](std::size_t p, std::vector<Cell> row) {
    if (many) row.insert(row.begin(), Cell{periods[p].name});
    return row;
  };

  // ---- positions ----
  std::vector<TableColumn> columns{
      {"member"}, {"name"}, {"group"}, {"votes", "votes", "on the roll calls that are used"}};
  std::vector<std::string> brief{"name", "votes"};
  for (std::size_t k = 1; k <= d; ++k) {
    const auto name = fmt::format("dimension_{}", k);
    columns.push_back({name, "standard deviations", "posterior mean; all members have mean 0 and variance 1"});
    columns.push_back({name + "_low", "standard deviations", level + " % interval"});
    columns.push_back({name + "_high", "standard deviations", level + " % interval"});
    columns.push_back({name + "_error", "standard deviations", "posterior standard deviation"});
    brief.insert(brief.end(), {name, name + "_low", name + "_high"});
  }
  if (request.nominate)
    for (std::size_t k = 1; k <= d; ++k) {
      columns.push_back({fmt::format("nominate_{}", k), "-1..1", "of the spatial model"});
      columns.push_back(
          {fmt::format("nominate_{}_error", k), "-1..1", "given the roll calls; empty on the unit circle"});
    }
  if (many) brief.insert(brief.begin(), "period");
  Table positions{
      .id = "positions", .title = "Where members stand", .columns = with_period(columns), .rows = {}, .brief = brief};
  Table diagnostics{.id = "diagnostics",
                    .title = "Have the coordinates converged?",
                    .columns = with_period({{"quantity"},
                                            {"rhat", "", "below 1.01"},
                                            {"ess_bulk", "draws", "above 400"},
                                            {"ess_tail", "draws", "above 400"}}),
                    .rows = {}};
  Table fit_table{.id = "fit",
                  .title = "How well positions tell the votes",
                  .columns = with_period(
                      {{"model"},
                       {"votes", "votes"},
                       {"right", "votes"},
                       {"right_percent", "% of votes", "told right"},
                       {"reduction_percent", "%", "APRE: errors fewer than if all voted as each roll call's majority"},
                       {"geometric_mean", "chance", "GMP: of the chances given to the votes cast"}}),
                  .rows = {},
                  .brief = {"model", "votes", "right_percent", "reduction_percent", "geometric_mean"}};
  Table period_table{.id = "periods",
                     .title = "The periods",
                     .columns = {{"period"},
                                 {"members"},
                                 {"roll_calls", "", "used"},
                                 {"lopsided", "roll calls", "left out"},
                                 {"few_votes", "members", "left out"},
                                 {"votes"},
                                 {"mixed"},
                                 {"rhat", "", "the largest"},
                                 {"ess_bulk", "draws", "the smallest"},
                                 {"thin", "iterations", "per kept draw"},
                                 {"reason"}},
                     .rows = {},
                     .brief = {"period", "members", "roll_calls", "mixed", "rhat", "ess_bulk"}};
  Table items{
      .id = "roll_calls",
      .title = "What the roll calls say",
      .columns = with_period(
          {{"roll_call"}, {"date"}, {"yes"}, {"no"}, {"used"}, {"difficulty", "", "alpha: yes where beta x > alpha"}}),
      .rows = {},
      .brief = {"roll_call", "yes", "no", "used"}};
  for (std::size_t k = 1; k <= d; ++k)
    items.columns.push_back({fmt::format("discrimination_{}", k), "", "beta: the sign tells which side says yes"});

  Json scatter_rows = Json::array();
  std::size_t lopsided = 0, few = 0, used = 0, votes = 0;
  double worst_rhat = 0, worst_ess = 1e300;
  std::string worst;
  for (std::size_t p = 0; p < fits.size(); ++p) {
    Fitted& fit = fits[p];
    lopsided += fit.kept.lopsided_items.size();
    few += fit.kept.silent_subjects.size();
    if (!fit.positions || fit.error) {
      period_table.rows.push_back({periods[p].name, static_cast<std::int64_t>(fit.kept.subject.size()),
                                   static_cast<std::int64_t>(fit.kept.item.size()),
                                   static_cast<std::int64_t>(fit.kept.lopsided_items.size()),
                                   static_cast<std::int64_t>(fit.kept.silent_subjects.size()),
                                   static_cast<std::int64_t>(fit.kept.responses.answers()), false, Cell{}, Cell{},
                                   Cell{}, fit.error ? fit.error->message : std::string()});
      continue;
    }
    const ItemResponseFit& x = *fit.positions;
    used += fit.kept.item.size();
    votes += fit.kept.responses.answers();
    double here_rhat = 0, here_ess = 1e300;
    for (std::size_t i = 0; i < x.subjects; ++i)
      for (std::size_t k = 0; k < d; ++k) {
        const Diagnosis& diagnosis = fit.diagnoses[i * d + k];
        const std::string quantity = fmt::format("{} {}", a.members[fit.kept.subject[i]].id, k + 1);
        if (!many || !diagnosis.mixed())
          diagnostics.rows.push_back(in_period(p, {quantity, diagnosis.rhat, diagnosis.ess_bulk, diagnosis.ess_tail}));
        here_rhat = std::max(here_rhat, diagnosis.rhat);
        here_ess = std::min(here_ess, diagnosis.ess_bulk);
        if (diagnosis.rhat > worst_rhat) worst = quantity;
        worst_rhat = std::max(worst_rhat, diagnosis.rhat);
        worst_ess = std::min(worst_ess, diagnosis.ess_bulk);
      }
    period_table.rows.push_back(
        {periods[p].name, static_cast<std::int64_t>(x.subjects), static_cast<std::int64_t>(x.items),
         static_cast<std::int64_t>(fit.kept.lopsided_items.size()),
         static_cast<std::int64_t>(fit.kept.silent_subjects.size()),
         static_cast<std::int64_t>(fit.kept.responses.answers()), fit.mixed, here_rhat, here_ess,
         static_cast<std::int64_t>(fit.thin), std::string(fit.mixed ? "" : "not converged: more draws are needed")});
    const auto add_fit = [&](const std::string& model, const AnswerFit& f) {
      fit_table.rows.push_back(
          in_period(p, {model, static_cast<std::int64_t>(f.answers), static_cast<std::int64_t>(f.right),
                        100 * f.right_share, 100 * f.proportional_reduction, f.geometric_mean}));
    };
    if (fit.mixed) add_fit("item-response", answer_fit(fit.kept.responses, utilities(x)));
    if (fit.spatial) add_fit("nominate", fit.spatial->fit);
    if (!fit.mixed) continue;
    for (std::size_t i = 0; i < x.subjects; ++i) {
      const Member& member = a.members[fit.kept.subject[i]];
      std::int64_t own = 0;
      for (std::size_t j = 0; j < x.items; ++j) own += fit.kept.responses.at(i, j) != 0;
      std::vector<Cell> row{member.id, member.name, member.group, own};
      Json point{member.name, member.group};
      for (std::size_t k = 0; k < d; ++k) {
        auto draws = x.coordinate_draws[i * d + k];
        std::sort(draws.begin(), draws.end());
        const double low = quantile(draws, (1 - request.level) / 2), high = quantile(draws, (1 + request.level) / 2);
        row.insert(row.end(), {x.mean[i * d + k], low, high, x.sd[i * d + k]});
        for (const double value : {x.mean[i * d + k], low, high}) point.push_back(value);
      }
      if (fit.spatial)
        for (std::size_t k = 0; k < d; ++k) {
          row.push_back(fit.spatial->coordinates[i * d + k]);
          const double error = fit.spatial->error[i * d + k];
          row.push_back(std::isfinite(error) ? Cell{error} : Cell{});
        }
      positions.rows.push_back(in_period(p, std::move(row)));
      scatter_rows.push_back(std::move(point));
    }
    if (items.rows.size() + periods[p].roll_calls.size() <= most_items_listed) {
      std::vector<std::optional<std::size_t>> at(periods[p].roll_calls.size());
      for (std::size_t j = 0; j < fit.kept.item.size(); ++j) at[fit.kept.item[j]] = j;
      for (std::size_t q = 0; q < periods[p].roll_calls.size(); ++q) {
        const RollCallIndex index = periods[p].roll_calls[q];
        std::int64_t yes = 0, no = 0;
        for (const auto ballot : a.row(index)) {
          const auto answer = answer_of(static_cast<Ballot>(ballot), request.abstain == "no");
          yes += answer > 0;
          no += answer < 0;
        }
        std::vector<Cell> row{a.roll_calls[index].id,
                              a.roll_calls[index].date ? Cell{day_text(a.roll_calls[index].date.first)} : Cell{},
                              yes,
                              no,
                              at[q].has_value(),
                              at[q] ? Cell{x.difficulty[*at[q]]} : Cell{}};
        for (std::size_t k = 0; k < d; ++k) row.push_back(at[q] ? Cell{x.discrimination[*at[q] * d + k]} : Cell{});
        items.rows.push_back(in_period(p, std::move(row)));
      }
    }
  }
  if (!many)
    std::stable_sort(positions.rows.begin(), positions.rows.end(),
                     [](const auto& x, const auto& y) { return std::get<double>(x[4]) < std::get<double>(y[4]); });

  // ---- who took part, and who voted with whom ----
  Table part{.id = "participation",
             .title = "How members took part",
             .columns = {{"member"},
                         {"name"},
                         {"yes"},
                         {"no"},
                         {"abstain"},
                         {"absent", "", "a member, and not there"},
                         {"present", "", "there, without an option"},
                         {"not_recorded", "", "a member; nobody says"},
                         {"not_member", "", "no member on that day"}},
             .rows = {},
             .brief = {"name", "yes", "no", "abstain", "absent", "not_member"}};
  std::vector<std::vector<std::int64_t>> took(a.members.size(), std::vector<std::int64_t>(7));
  for (const auto& period : periods)
    for (const auto j : period.roll_calls)
      for (MemberIndex i = 0; i < a.members.size(); ++i) {
        const Ballot ballot = a.ballot(j, i);
        const std::size_t kind = ballot == Ballot::yes || ballot == Ballot::paired_yes ? 0
                                 : ballot == Ballot::no || ballot == Ballot::paired_no ? 1
                                 : ballot == Ballot::abstain                           ? 2
                                 : ballot == Ballot::absent                            ? 3
                                 : ballot == Ballot::present                           ? 4
                                 : ballot == Ballot::not_recorded                      ? 5
                                                                                       : 6;
        ++took[i][kind];
      }
  for (MemberIndex i = 0; i < a.members.size(); ++i) {
    std::vector<Cell> row{a.members[i].id, a.members[i].name};
    for (const auto count : took[i]) row.push_back(count);
    part.rows.push_back(std::move(row));
  }
  Period all{.name = "all", .roll_calls = {}};
  for (const auto& period : periods)
    all.roll_calls.insert(all.roll_calls.end(), period.roll_calls.begin(), period.roll_calls.end());
  Table pairs{.id = "agreement",
              .title = "Who votes with whom",
              .columns = {{"member"},
                          {"other"},
                          {"both_voted", "roll calls", "both yes or no"},
                          {"alike", "roll calls"},
                          {"agreement_percent", "% of both voted", "empty where they never voted on the same"},
                          {"one_away", "roll calls", "both members, one or both without a yes or no"},
                          {"one_no_member", "roll calls", "one or both were no members"}},
              .rows = {},
              .brief = {"member", "other", "both_voted", "alike", "agreement_percent"}};
  std::vector<MemberIndex> voters;
  for (MemberIndex i = 0; i < a.members.size(); ++i)
    if (took[i][0] + took[i][1] > 0) voters.push_back(i);
  const bool pairs_shown = voters.size() <= most_pairs_of;
  if (pairs_shown) {
    // Agreement is of yes and no alone, also of unanimous roll calls; membership is a matrix of its own.
    const auto agreement = agreement_of(responses_of(a, all, false));
    ResponseMatrix belongs{.subjects = a.members.size(), .items = all.roll_calls.size(), .cells = {}};
    for (MemberIndex i = 0; i < a.members.size(); ++i)
      for (const auto j : all.roll_calls) belongs.cells.push_back(a.ballot(j, i) != Ballot::not_member);
    const auto together = agreement_of(belongs);
    const std::size_t n = a.members.size();
    for (std::size_t x = 0; x < voters.size(); ++x)
      for (std::size_t y = x + 1; y < voters.size(); ++y) {
        const std::size_t at = voters[x] * n + voters[y];
        const std::int64_t both = agreement.both[at], alike = agreement.alike[at], members = together.both[at];
        pairs.rows.push_back({a.members[voters[x]].id, a.members[voters[y]].id, both, alike,
                              both ? Cell{100.0 * static_cast<double>(alike) / static_cast<double>(both)} : Cell{},
                              members - both, static_cast<std::int64_t>(all.roll_calls.size()) - members});
      }
  }

  // ---- in words ----
  const std::size_t members_placed = many ? 0 : fits[0].kept.subject.size();
  if (mixed == 0) {
    finding.headline = fmt::format(
        "Undetermined: the sampler has not converged ({} has R-hat {:.3f}; the smallest bulk ESS is {:.0f}), so no "
        "position is given.",
        worst, worst_rhat, worst_ess);
  } else if (many) {
    finding.headline = fmt::format(
        "Positions in {} of {} periods, from {} votes on {} contested roll calls; the others have not converged or say "
        "too "
        "little.",
        mixed, periods.size(), votes, used);
  } else {
    const AnswerFit f = answer_fit(fits[0].kept.responses, utilities(*fits[0].positions));
    const auto text = [&](std::size_t at) {
      return fmt::format("{} ({:.2f} [{:.2f}, {:.2f}])", std::get<std::string>(positions.rows[at][1]),
                         std::get<double>(positions.rows[at][4]), std::get<double>(positions.rows[at][5]),
                         std::get<double>(positions.rows[at][6]));
    };
    finding.headline = fmt::format(
        "{} members placed from {} votes on {} contested roll calls; {} dimension{} {:.2f} % of the votes right. "
        "Farthest apart: {} and {}.",
        members_placed, votes, used, d, d == 1 ? " tells" : "s tell", 100 * f.right_share, text(0),
        text(positions.rows.size() - 1));
    finding.in_short = {
        fmt::format("of the {} members placed, {} and {} are farthest apart over {} contested roll calls",
                    members_placed, std::get<std::string>(positions.rows[0][1]),
                    std::get<std::string>(positions.rows[positions.rows.size() - 1][1]), used)};
    finding.estimates.push_back(
        {"right_percent", 100 * f.right_share, "% of votes", "told right by the posterior means"});
    finding.estimates.push_back({"reduction_percent", 100 * f.proportional_reduction, "%",
                                 "errors fewer than if all voted as each roll call's majority (APRE)"});
    finding.estimates.push_back(
        {"geometric_mean", f.geometric_mean, "chance", "of the chances given to the votes cast (GMP)"});
  }
  if (!many && fits[0].spatial) {
    finding.estimates.push_back({"nominate_right_percent", 100 * fits[0].spatial->fit.right_share, "% of votes",
                                 "told right by the spatial model"});
    finding.estimates.push_back({"nominate_reduction_percent", 100 * fits[0].spatial->fit.proportional_reduction, "%",
                                 "the same as reduction_percent, of the spatial model"});
    finding.estimates.push_back({"nominate_geometric_mean", fits[0].spatial->fit.geometric_mean, "chance",
                                 "the same as geometric_mean, of the spatial model"});
  }
  finding.estimates.push_back(
      {"votes", static_cast<double>(votes), "votes", "yes or no, on the roll calls that are used"});
  finding.estimates.push_back({"roll_calls", static_cast<double>(used), "roll calls", "that are used"});
  finding.estimates.push_back(
      {"lopsided", static_cast<double>(lopsided), "roll calls", "left out: too small a minority"});
  finding.estimates.push_back(
      {"few_votes", static_cast<double>(few), "members", "left out: too few votes, all periods added up"});
  if (answered) {
    finding.estimates.push_back({"rhat", worst_rhat, "", "the largest of any coordinate"});
    finding.estimates.push_back({"ess_bulk", worst_ess, "draws", "the smallest of any coordinate"});
  }

  if (!positions.rows.empty()) finding.tables.push_back(std::move(positions));
  if (!fit_table.rows.empty()) finding.tables.push_back(std::move(fit_table));
  if (many) finding.tables.push_back(std::move(period_table));
  finding.tables.push_back(std::move(diagnostics));
  if (!items.rows.empty()) finding.tables.push_back(std::move(items));
  finding.tables.push_back(std::move(part));
  if (!pairs.rows.empty()) finding.tables.push_back(std::move(pairs));

  if (mixed && !many) {
    // One picture of intervals a dimension, and the plane of the first two.
    for (std::size_t k = 1; k <= d; ++k) {
      Json rows = Json::array();
      for (const auto& point : scatter_rows)
        rows.push_back({point[0], point[3 * k - 1], point[3 * k], point[3 * k + 1]});
      std::stable_sort(rows.begin(), rows.end(), [](const Json& x, const Json& y) { return x[1] < y[1]; });
      finding.figures.push_back({fmt::format("dimension_{}", k), "ideal-points",
                                 fmt::format("Where members stand: dimension {}", k),
                                 dumped({{"columns", {"label", "value", "low", "high"}},
                                         {"rows", rows},
                                         {"unit", fmt::format("dimension {}", k)},
                                         {"level", request.level}})});
    }
    if (d >= 2) {
      Json rows = Json::array();
      for (const auto& point : scatter_rows)
        rows.push_back({point[0], point[1], point[2], point[3], point[4], point[5], point[6], point[7]});
      finding.figures.push_back(
          {"plane", "ideal-points-plane", "Where members stand: dimensions 1 and 2",
           dumped({{"columns", {"label", "group", "x", "x_low", "x_high", "y", "y_low", "y_high"}},
                   {"rows", rows},
                   {"level", request.level}})});
    }
  }

  finding.conditions = {
      {"Every coordinate has converged: R-hat below 1.01, bulk and tail ESS above 400", mixed == periods.size()},
      {"The roll calls are whole: every member's vote is listed",
       std::all_of(all.roll_calls.begin(), all.roll_calls.end(), [&](auto j) { return a.roll_calls[j].complete; })},
      {"The polarity is fixed by a named member in every dimension", polarity.size() == d},
  };
  if (!many && fits[0].spatial)
    finding.conditions.push_back({"The spatial model has converged", fits[0].spatial->converged});
  if (!pairs_shown)
    finding.conditions.push_back(
        {fmt::format("At most {} members, so that every pair is listed", most_pairs_of), false});
  finding.caveats.push_back(
      fmt::format("{} roll calls were left out because less than {:g} % of the votes were on the smaller side; "
                  "near-unanimous votes say little of "
                  "positions.",
                  lopsided, 100 * request.lopsided));
  finding.does_not_show = {"What a dimension means: it is the line along which members part, whatever the reason.",
                           "Why a member voted so, or what it would do on another question.",
                           "Distances between periods: each has its own scale."};
  return finding;
}

}  // namespace cotejo
