#include "cotejo/methods/assembly/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "assembly_support.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/stats/voting_power.hpp"
#include "cotejo/vote/assembly_rule.hpp"
#include "recounting.hpp"

namespace cotejo {

namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

constexpr std::size_t most_ways = 4, most_disputed = 8;

// All indices of one pattern of members; entries as in the players.
struct Indices {
  std::vector<double> absolute, shapley, owen, banzhaf_owen;  // shapley: NaN where it would take too long
  double act = 0;
  bool exact = true;
  std::vector<cpp_int> swings;
  cpp_int total_swings;
  std::vector<cpp_rational> exact_shapley;
  std::vector<double> swing_values;
};

// Majorities with the same weights, up to a factor: the strictest is enough.
VotingGame joined(const std::vector<const VotingGame*>& ways) {
  VotingGame out{.majorities = {}, .veto = ways[0]->veto, .unions = ways[0]->unions};
  for (const VotingGame* way : ways)
    for (const auto& majority : way->majorities) {
      auto same = std::find_if(out.majorities.begin(), out.majorities.end(),
                               [&](const Majority& other) { return other.weights == majority.weights; });
      if (same == out.majorities.end())
        out.majorities.push_back(majority);
      else
        same->quota = std::max(same->quota, majority.quota);
    }
  return out;
}

Result<Indices> indices_of(const std::vector<VotingGame>& ways) {
  const std::size_t n = ways[0].majorities[0].weights.size();
  Indices out;
  out.absolute.resize(n);
  out.shapley.resize(n);
  out.swings.resize(n);
  out.exact_shapley.resize(n);
  out.swing_values.resize(n);
  const bool unions = !ways[0].unions.empty();
  if (unions) {
    out.owen.resize(n);
    out.banzhaf_owen.resize(n);
  }
  for (unsigned subset = 1; subset < 1U << ways.size(); ++subset) {
    std::vector<const VotingGame*> chosen;
    for (std::size_t w = 0; w < ways.size(); ++w)
      if (subset >> w & 1U) chosen.push_back(&ways[w]);
    const double sign = std::popcount(subset) % 2 ? 1 : -1;
    const VotingGame game = joined(chosen);
    COTEJO_TRY(banzhaf, banzhaf_power(game));
    auto shapley = shapley_shubik_power(game);
    if (!shapley && shapley.error().code != ErrorCode::option_invalid) return shapley.error();
    out.act += sign * banzhaf.act;
    out.exact = out.exact && !banzhaf.exact_swings.empty() && shapley && !shapley->exact.empty();
    for (std::size_t i = 0; i < n; ++i) {
      out.absolute[i] += sign * banzhaf.absolute[i];
      out.shapley[i] += shapley ? sign * shapley->value[i] : NAN;
      out.swing_values[i] += sign * banzhaf.swings[i];
      if (!out.exact) continue;
      out.swings[i] += (sign > 0 ? 1 : -1) * cpp_int(banzhaf.exact_swings[i]);
      out.exact_shapley[i] += (sign > 0 ? 1 : -1) * cpp_rational(shapley->exact[i]);
    }
    if (!unions) continue;
    COTEJO_TRY(owen, owen_value(game));
    COTEJO_TRY(banzhaf_owen, banzhaf_owen_value(game));
    for (std::size_t i = 0; i < n; ++i) {
      out.owen[i] += sign * owen[i];
      out.banzhaf_owen[i] += sign * banzhaf_owen[i];
    }
  }
  if (out.exact)
    for (std::size_t i = 0; i < n; ++i) {
      out.total_swings += out.swings[i];
      out.absolute[i] = static_cast<double>(cpp_rational(out.swings[i], cpp_int(1) << (n - 1)));
      out.shapley[i] = static_cast<double>(out.exact_shapley[i]);
      out.swing_values[i] = static_cast<double>(out.swings[i]);
    }
  return out;
}

// "2/3", ">1/2": a threshold and whether it must be exceeded.
Result<RequiredMajority> majority_of(const std::string& text, const std::string& weight) {
  std::string_view rest = trimmed(text);
  RequiredMajority out{.name = text, .strict = rest.starts_with('>'), .weight = weight};
  if (out.strict) rest.remove_prefix(1);
  const auto slash = rest.find('/');
  const auto whole = [](std::string_view part, std::int64_t& value) {
    const auto [end, status] = std::from_chars(part.data(), part.data() + part.size(), value);
    return status == std::errc{} && end == part.data() + part.size() && value > 0 && value <= 1'000'000;
  };
  std::int64_t over = 0, under = 0;
  if (slash == std::string_view::npos || !whole(rest.substr(0, slash), over) || !whole(rest.substr(slash + 1), under) ||
      over > under)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "expected `rule`, or a fraction such as 2/3 or >1/2",
                 .column = "majority",
                 .value = text,
                 .remedy = "Write the least share that adopts, with > in front where it must be exceeded."};
  out.threshold = Rational{over, under};
  return out;
}

struct Setting {
  std::int32_t day = 0;
  std::string day_name, body;
  AssemblyRule rule;
  BodyRoll roll;
};

Result<Setting> setting_of(const Assembly& a, const PowerRequest& request) {
  Setting out;
  COTEJO_TRY(day, day_option("on", request.on));
  const AssemblyRule* rule = nullptr;
  if (!request.rule_id.empty()) {
    rule = a.find_rule(request.rule_id);
    if (!rule) {
      std::vector<std::string> ids;
      for (const auto& known : a.rules) ids.push_back(known.id);
      const auto near = nearest_name(request.rule_id, ids);
      return Error{
          .code = ErrorCode::option_invalid,
          .message = "the assembly has no such rule",
          .column = "rule",
          .value = request.rule_id,
          .remedy = near.empty() ? "`cotejo list CASE` shows the rules." : fmt::format("Did you mean '{}'?", near)};
    }
  }
  out.body = !request.body.empty() ? request.body : rule && !rule->body.empty() ? rule->body : a.body;
  if (!rule && request.majority == "rule") {
    for (const auto& known : a.rules)
      if (!rule && known.body == out.body && (known.consensus || !known.ways.empty())) rule = &known;
    if (!rule)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = "voting power needs a rule, and the assembly has none",
                   .remedy = "Give the option `majority`, as >1/2 or 2/3, and `weight` where votes are weighted."};
  }
  if (request.majority != "rule") {
    COTEJO_TRY(majority, majority_of(request.majority, request.weight));
    out.rule = {.id = "majority",
                .title = fmt::format("{} of {}", request.majority, request.weight.empty() ? "members" : request.weight),
                .ways = {{.name = "majority", .majorities = {majority}}}};
  } else {
    out.rule = *rule;
  }
  if (!request.weight.empty() && std::none_of(a.weights.begin(), a.weights.end(),
                                              [&](const Weight& weight) { return weight.name == request.weight; }))
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the assembly has no such weight",
                 .column = "weight",
                 .value = request.weight,
                 .remedy = "Weights stand under [[weight]] in the tables."};
  if (day) {
    out.day = *day;
  } else {  // the last day that anything is known of
    for (const auto& roll_call : a.roll_calls) out.day = std::max(out.day, roll_call.date.last);
    for (const auto& event : a.events)
      if (a.roll_calls.empty()) out.day = std::max(out.day, event.date.last);
    for (const auto& weight : a.weights)
      if (a.roll_calls.empty()) out.day = std::max(out.day, weight.from.last);
  }
  out.day_name = out.day ? day_text(out.day) : "any day";
  COTEJO_TRY(roll, roll_of(a, out.body, out.day, {}));
  out.roll = std::move(roll);
  return out;
}

// The game of those who can vote, where `out_of_it` are no members; `players` are their indices.
Result<std::vector<VotingGame>> games_of(const Assembly& a, const Setting& s, const std::set<MemberIndex>& out_of_it,
                                         const std::vector<std::uint32_t>& unions, std::vector<MemberIndex>& players,
                                         std::vector<std::int64_t>& needed_votes) {
  const std::size_t m = a.members.size();
  Chamber chamber{std::vector<Ballot>(m, Ballot::not_recorded), s.roll.on_roll, s.roll.good_standing,
                  s.roll.represented, std::vector<bool>(m)};
  for (const auto i : out_of_it) chamber.on_roll[i] = chamber.good_standing[i] = chamber.represented[i] = false;
  players.clear();
  for (MemberIndex i = 0; i < m; ++i)
    if (chamber.on_roll[i] && chamber.represented[i]) players.push_back(i);
  if (players.empty())
    return Error{
        .code = ErrorCode::input_insufficient,
        .message = fmt::format("nobody can vote in {} on {}", s.body.empty() ? "the assembly" : s.body, s.day_name),
        .remedy = "Check the day and the memberships."};
  std::vector<std::uint32_t> veto, bound;
  for (std::size_t p = 0; p < players.size(); ++p) {
    if (s.rule.consensus || std::find(s.rule.veto.begin(), s.rule.veto.end(), players[p]) != s.rule.veto.end())
      veto.push_back(static_cast<std::uint32_t>(p));
    if (!unions.empty()) bound.push_back(unions[players[p]]);
  }
  std::vector<AdoptionWay> ways = s.rule.ways;
  if (ways.empty()) {
    if (!s.rule.consensus)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = fmt::format("the rule '{}' names no majority", s.rule.id),
                   .remedy = "Give the option `majority`."};
    ways.push_back(
        {.name = "consensus",
         .majorities = {{.name = "consensus", .threshold = Rational{1, 1}, .denominator = Denominator::represented}}});
  }
  if (ways.size() > most_ways)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("voting power takes a rule with at most {} ways to adopt", most_ways),
                 .value = std::to_string(ways.size()),
                 .remedy = "Leave out ways that others contain."};
  std::vector<VotingGame> out;
  needed_votes.clear();
  for (const auto& way : ways) {
    VotingGame game{.majorities = {}, .veto = veto, .unions = bound};
    bool possible = true;
    for (const auto& majority : way.majorities) {
      const auto weight = majority.weight.empty() ? std::vector<std::int64_t>{} : weights_on(a, majority.weight, s.day);
      Denominator kind = majority.denominator;
      if (kind == Denominator::present || kind == Denominator::present_and_voting) kind = Denominator::represented;
      const std::int64_t denominator = sums_of(chamber, weight).denominator(kind, majority.fixed);
      if (denominator <= 0)
        return Error{
            .code = ErrorCode::input_insufficient,
            .message = fmt::format("the denominator of the rule '{}' is empty{}", s.rule.id,
                                   majority.weight.empty() ? "" : ": no member has the weight " + majority.weight),
            .remedy = "Check the memberships and weights on that day."};
      Majority row{.weights = {},
                   .quota = std::max<std::int64_t>(1, needed(majority.threshold, majority.strict, denominator))};
      std::int64_t sum = 0;
      for (const auto i : players) {
        row.weights.push_back(weight.empty() ? 1 : weight[i]);
        sum += row.weights.back();
      }
      needed_votes.push_back(row.quota);
      possible = possible && sum >= row.quota;
      game.majorities.push_back(std::move(row));
    }
    if (possible && !game.majorities.empty()) out.push_back(std::move(game));
  }
  if (out.empty())
    return Error{
        .code = ErrorCode::input_insufficient,
        .message = fmt::format("nothing can be adopted under the rule '{}': all who can vote are too few", s.rule.id),
        .remedy = "Check the memberships on that day."};
  return out;
}

struct Spread {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

}  // namespace

MethodInfo PowerRequest::info() {
  return {
      .id = "power",
      .family = "assembly",
      .title = "How much does each member's vote weigh?",
      .question = "Under this rule, how often does each member decide, and how much can each one block?",
      .assumes =
          "Every pattern of yes and no is as likely (Banzhaf), or every order in which members join (Shapley-Shubik).",
      .cost = "members x weights",
      .references = {
          "Banzhaf, J. F. (1965). Weighted voting doesn't work. Rutgers Law Review 19:317.",
          "Shapley, L. S., & Shubik, M. (1954). A method for evaluating the distribution of power in a committee "
          "system. American Political Science Review 48:787.",
          "Coleman, J. S. (1971). Control of collectivities and the power of a collectivity to act.",
          "Owen, G. (1977). Values of games with a priori unions."}};
}

const OptionTable<PowerRequest>& PowerRequest::table() {
  static const OptionTable<PowerRequest> options = [] {
    OptionTable<PowerRequest> t;
    t.add(&PowerRequest::rule_id, {.name = "rule", .unit = "id", .text = "The rule; empty: the first of the body."});
    t.add(&PowerRequest::body, {.name = "body", .unit = "id", .text = "The body; empty: the rule's, or the main one."});
    t.add(&PowerRequest::on,
          {.name = "on", .unit = "day", .text = "Who belongs on this day; empty: the last day known."});
    t.add(&PowerRequest::majority,
          {.name = "majority", .unit = "", .text = "In the place of the rule: the share that adopts, as 2/3 or >1/2."});
    t.add(&PowerRequest::weight,
          {.name = "weight", .unit = "name", .text = "With `majority`: of this weight; empty: one each."});
    t.add(&PowerRequest::unions,
          {.name = "unions",
           .unit = "",
           .text = "Members that negotiate as one: none, the blocs of the tables, or the groups of the members.",
           .choices = {"none", "blocs", "groups"}});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& a, const PowerRequest& request, const Context& context) {
  COTEJO_TRY(s, setting_of(a, request));
  const std::size_t m = a.members.size();
  std::vector<std::uint32_t> unions;
  if (request.unions != "none") {
    std::map<std::string, std::uint32_t> labels;
    const auto label = [&](const std::string& name) {
      return labels.try_emplace(name, static_cast<std::uint32_t>(labels.size())).first->second;
    };
    for (MemberIndex i = 0; i < m; ++i) {
      std::string name = request.unions == "groups" && !a.members[i].group.empty() ? "group " + a.members[i].group
                                                                                   : "member " + std::to_string(i);
      if (request.unions == "blocs")
        for (const auto& bloc : a.blocs)
          if (std::find(bloc.members.begin(), bloc.members.end(), i) != bloc.members.end()) {
            name = "bloc " + bloc.id;
            break;
          }
      unions.push_back(label(name));
    }
    if (labels.size() == m)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = fmt::format("the assembly has no {}: every member stands alone", request.unions),
                   .remedy = "Name [[bloc]]s in the tables, or a `group` per member."};
  }
  std::vector<MemberIndex> players;
  std::vector<std::int64_t> needed_votes;
  COTEJO_TRY(games, games_of(a, s, {}, unions, players, needed_votes));
  COTEJO_TRY(whole, indices_of(games));

  // Every pattern of disputed members.
  std::vector<MemberIndex> disputed = s.roll.contested;
  const bool all_patterns = disputed.size() <= most_disputed;
  if (!all_patterns) disputed.resize(most_disputed);
  std::vector<Spread> banzhaf(m), shapley(m);
  Spread act, quota;
  std::size_t impossible = 0;
  const std::size_t patterns = std::size_t{1} << disputed.size();
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    if (context.cancelled()) return cancelled_error();
    context.report("voting power", static_cast<double>(pattern) / static_cast<double>(patterns));
    std::set<MemberIndex> gone;
    for (std::size_t k = 0; k < disputed.size(); ++k)
      if (pattern >> k & 1U) gone.insert(disputed[k]);
    std::vector<MemberIndex> there;
    std::vector<std::int64_t> votes;
    auto ways = games_of(a, s, gone, unions, there, votes);
    if (!ways) {
      ++impossible;
      continue;
    }
    const auto one = pattern == 0 ? Result<Indices>(whole) : indices_of(*ways);
    if (!one) return one.error();
    double total = 0;
    for (const double value : one->absolute) total += value;
    std::vector<double> banzhaf_here(m), shapley_here(m);
    for (std::size_t p = 0; p < there.size(); ++p) {
      banzhaf_here[there[p]] = total > 0 ? 100 * one->absolute[p] / total : 0;
      shapley_here[there[p]] = 100 * one->shapley[p];
    }
    for (std::size_t i = 0; i < m; ++i) {
      banzhaf[i].take(banzhaf_here[i]);
      shapley[i].take(shapley_here[i]);
    }
    act.take(one->act);
    quota.take(static_cast<double>(votes.front()));
  }

  Finding finding = open_finding(PowerRequest::info(), a, context);
  finding.title = fmt::format("Voting power: {}", s.rule.title.empty() ? s.rule.id : s.rule.title);
  finding.answer = Answer::descriptive;
  const bool uncertain = patterns > 1;

  double total = 0;
  for (const double value : whole.absolute) total += value;
  std::vector<double> percent(players.size());
  for (std::size_t p = 0; p < players.size(); ++p) percent[p] = total > 0 ? 100 * whole.absolute[p] / total : 0;
  std::vector<std::size_t> order(players.size());
  for (std::size_t p = 0; p < order.size(); ++p) order[p] = p;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t p, std::size_t q) { return percent[p] > percent[q]; });

  std::vector<std::string> weight_names;
  for (const auto& way : s.rule.ways)
    for (const auto& majority : way.majorities)
      if (!majority.weight.empty() &&
          std::find(weight_names.begin(), weight_names.end(), majority.weight) == weight_names.end())
        weight_names.push_back(majority.weight);
  std::vector<std::vector<std::int64_t>> weights;
  for (const auto& name : weight_names) weights.push_back(weights_on(a, name, s.day));

  Table table{.id = "power",
              .title = "The power of every member",
              .columns = {{"member"}, {"name"}},
              .rows = {},
              .brief = {"name", "banzhaf_percent", "shapley_shubik_percent", "prevent", "initiate"}};
  for (const auto& name : weight_names) table.columns.push_back({"weight_" + name, "", "as the tables give it"});
  for (auto& column : std::vector<TableColumn>{
           {"banzhaf_percent", "% of swings", "share of all decisive votes"},
           {"shapley_shubik_percent", "%", "share of the orders of joining in which the member decides"},
           {"banzhaf", "chance", "that the member decides, all others voting yes or no at random"},
           {"prevent", "share", "of the adopting sets that lose without the member (Coleman)"},
           {"initiate", "share", "of the losing sets that adopt with the member (Coleman)"},
           {"swings", "sets", "of the others in which the member decides"},
           {"shapley_shubik", "", "the same as an exact fraction"},
           {"veto", "", "nothing is adopted without the member"}})
    table.columns.push_back(column);
  if (uncertain)
    for (auto& column :
         std::vector<TableColumn>{{"banzhaf_low_percent", "% of swings", "lowest over who is a member"},
                                  {"banzhaf_high_percent", "% of swings", "highest over who is a member"},
                                  {"shapley_shubik_low_percent", "%", "lowest over who is a member"},
                                  {"shapley_shubik_high_percent", "%", "highest over who is a member"}})
      table.columns.push_back(column);
  if (!unions.empty()) {
    table.columns.push_back({"owen_percent", "%", "Shapley-Shubik where unions join as one"});
    table.columns.push_back({"banzhaf_owen", "chance", "Banzhaf where the other unions vote as one"});
  }
  nlohmann::ordered_json bars = nlohmann::ordered_json::array();
  const auto known = [](double value) { return std::isfinite(value) ? Cell{value} : Cell{}; };
  const bool no_shapley = std::isnan(whole.shapley.front());
  const auto add_row = [&](MemberIndex i, std::optional<std::size_t> p) {
    std::vector<Cell> row{a.members[i].id, a.members[i].name};
    for (const auto& weight : weights) row.push_back(weight[i]);
    const double absolute = p ? whole.absolute[*p] : 0;
    row.push_back(p ? percent[*p] : 0.0);
    row.push_back(p ? known(100 * whole.shapley[*p]) : Cell{0.0});
    row.push_back(absolute);
    row.push_back(whole.act > 0 ? absolute / (2 * whole.act) : 0.0);
    row.push_back(whole.act < 1 ? absolute / (2 * (1 - whole.act)) : 0.0);
    row.push_back(!p            ? Cell{std::string("0")}
                  : whole.exact ? Cell{whole.swings[*p].str()}
                                : Cell{fmt::format("{:.6g}", whole.swing_values[*p])});
    row.push_back(!p ? Cell{std::string("0")} : whole.exact ? Cell{whole.exact_shapley[*p].str()} : Cell{});
    row.push_back(s.rule.consensus || std::find(s.rule.veto.begin(), s.rule.veto.end(), i) != s.rule.veto.end());
    if (uncertain)
      for (const double value : {banzhaf[i].low, banzhaf[i].high, shapley[i].low, shapley[i].high})
        row.push_back(known(value));
    if (!unions.empty()) {
      row.push_back(p ? 100 * whole.owen[*p] : 0.0);
      row.push_back(p ? whole.banzhaf_owen[*p] : 0.0);
    }
    table.rows.push_back(std::move(row));
    if (uncertain)
      bars.push_back({a.members[i].name, p ? percent[*p] : 0.0, banzhaf[i].low, banzhaf[i].high});
    else
      bars.push_back({a.members[i].name, p ? percent[*p] : 0.0});
  };
  for (const std::size_t p : order) add_row(players[p], p);
  std::size_t without_vote = 0;
  for (MemberIndex i = 0; i < m; ++i)
    if (s.roll.on_roll[i] && std::find(players.begin(), players.end(), i) == players.end()) {
      add_row(i, {});
      ++without_vote;
    }
  finding.tables.push_back(std::move(table));
  nlohmann::ordered_json data{{"columns", uncertain ? nlohmann::ordered_json{"label", "value", "low", "high"}
                                                    : nlohmann::ordered_json{"label", "value"}},
                              {"rows", bars},
                              {"unit", "% of swings"}};
  finding.figures.push_back({"power", uncertain ? "intervals" : "bars", "Voting power by member (Banzhaf)",
                             data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)});

  const double most = percent[order.front()], least = percent[order.back()];
  const std::string equal =
      most - least < 1e-9
          ? fmt::format("all {} members who can vote weigh the same: {:.4g} % of the decisive votes each",
                        players.size(), most)
      : no_shapley
          ? fmt::format("{} weighs most, {:.4g} % of the decisive votes; {} least, {:.4g} %",
                        a.members[players[order.front()]].name, most, a.members[players[order.back()]].name, least)
          : fmt::format(
                "{} weighs most, {:.4g} % of the decisive votes ({:.4g} % by Shapley-Shubik); {} least, {:.4g} %",
                a.members[players[order.front()]].name, most, 100 * whole.shapley[order.front()],
                a.members[players[order.back()]].name, least);
  std::string disputed_text;
  if (uncertain) {
    Spread own;
    for (const auto i : disputed) {
      own.take(banzhaf[i].low);
      own.take(banzhaf[i].high);
    }
    disputed_text =
        fmt::format(" The disputed membership of {} makes {:.4g} to {:.4g} %.",
                    disputed.size() == 1 ? a.members[disputed[0]].name : fmt::format("{} members", disputed.size()),
                    own.low, own.high);
  }
  finding.headline = fmt::format("On {}, {}. {:.3g} % of all patterns of yes and no adopt.{}", s.day_name, equal,
                                 100 * whole.act, disputed_text);
  finding.in_short = {equal};
  if (no_shapley)
    finding.caveats.push_back(
        "Shapley-Shubik is left out: so many members of different weights would take more than 10,000,000,000 steps. "
        "Weights in larger units are computed.");
  finding.estimates = {
      {"members", static_cast<double>(players.size() + without_vote), "seats",
       "on the roll on that day, disputed ones too"},
      {"voters", static_cast<double>(players.size()), "seats", "of them, those who can vote"},
      {"needed", static_cast<double>(needed_votes.front()), "votes", "of the rule's first majority, as the rule reads"},
      {"act", whole.act, "share", "of all patterns of yes and no that adopt (Coleman's power to act)"},
      {"total_swings", whole.exact ? static_cast<double>(whole.total_swings) : std::numeric_limits<double>::quiet_NaN(),
       "sets", "decisive votes, all members added up; exact for up to 127 members, else empty"},
      {"largest_banzhaf_percent", most, "% of swings", "of the member with the most"},
      {"smallest_banzhaf_percent", least, "% of swings", "of the member with the least that can vote"},
      {"patterns", static_cast<double>(patterns), "patterns", "of who is a member, that were worked out"},
  };
  if (uncertain) {
    finding.estimates[2].low = quota.low;
    finding.estimates[2].high = quota.high;
    finding.estimates[3].low = act.low;
    finding.estimates[3].high = act.high;
  }
  finding.conditions = {
      {"Every member votes yes or no; nobody abstains or is absent", true},
      {"Disputed memberships are few enough to work out every pattern", all_patterns},
      {"Something can be adopted under every pattern of membership", impossible == 0},
      {"Powers are exact integers and fractions, not rounded", whole.exact},
  };
  if (s.rule.fact.mark != Mark::sourced)
    finding.caveats.push_back(fmt::format("The rule is known {}.", mark_text(s.rule.fact.mark)));
  finding.does_not_show = {"Who decides in fact: opinions, alliances and who speaks first are not in it.",
                           "That a member with little power has little influence.",
                           "What abstaining does where a veto is not used by abstaining."};
  if (!s.rule.article.empty()) finding.references.push_back(s.rule.article);
  return finding;
}

}  // namespace cotejo
