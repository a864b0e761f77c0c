#include "cotejo/methods/forensics/swing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cotejo/base/text.hpp"
#include "cotejo/sim/samplers.hpp"
#include "cotejo/stats/robust_tails.hpp"
#include "neighbours.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::uint32_t least_places = 5;  // of a group
constexpr double limit = 3;
constexpr double bloc_lean = 2.5;  // on the logit scale, as in sim/fair_election
constexpr double bloc_share = 0.05;
constexpr std::size_t components_of_neighbour = 4;

double logit_of(double x, double n) {
  return std::log((x + 0.5) / (n - x + 0.5));
}

// Votes of the count's places, in the numbering of a neighbour.
struct PlaceVotes {
  std::vector<double> votes, valid;
};
PlaceVotes votes_in_places(const Neighbour& other, const std::vector<std::int32_t>& votes,
                           const std::vector<std::int32_t>& valid) {
  PlaceVotes out{std::vector<double>(other.valid.size(), 0), std::vector<double>(other.valid.size(), 0)};
  for (std::size_t i = 0; i < votes.size(); ++i)
    if (const auto p = other.place[i]; p != Neighbour::nobody) {
      out.votes[p] += votes[i];
      out.valid[p] += valid[i];
    }
  return out;
}

struct Swings {
  std::vector<std::uint32_t> place;  // in the neighbour's numbering
  std::vector<double> expected;      // votes here, by the other places of the group
  RobustTails tails;
};

// `there`, `valid_there`: votes in the other election, one entry per place.
Swings swings_of(const Neighbour& other, const PlaceVotes& here, const std::vector<double>& there,
                 const std::vector<double>& valid_there) {
  std::size_t groups = 0;
  for (const auto g : other.group) groups = std::max<std::size_t>(groups, g + std::size_t{1});
  struct Sums {
    double here = 0, valid_here = 0, there = 0, valid_there = 0;
    std::uint32_t places = 0;
  };
  std::vector<Sums> sums(groups);
  const std::size_t n = other.group.size();
  for (std::size_t p = 0; p < n; ++p) {
    if (!(here.valid[p] > 0)) continue;
    Sums& s = sums[other.group[p]];
    s.here += here.votes[p];
    s.valid_here += here.valid[p];
    s.there += there[p];
    s.valid_there += valid_there[p];
    ++s.places;
  }
  Swings out;
  std::vector<double> deviation, variance;
  std::vector<std::uint32_t> size;
  for (std::uint32_t p = 0; p < n; ++p) {
    const Sums& s = sums[other.group[p]];
    if (!(here.valid[p] > 0) || s.places < least_places) continue;
    const double v1 = here.valid[p], v2 = valid_there[p];
    const double others1 = s.here - here.votes[p], all1 = s.valid_here - v1, others2 = s.there - there[p],
                 all2 = s.valid_there - v2;
    const double swing = logit_of(others1, all1) - logit_of(others2, all2);
    const double before = logit_of(there[p], v2);
    deviation.push_back(logit_of(here.votes[p], v1) - before - swing);
    const double q1 = (others1 + 0.5) / (all1 + 1), q2 = (others2 + 0.5) / (all2 + 1);
    variance.push_back(1 / (v1 * q1 * (1 - q1)) + 1 / (v2 * q2 * (1 - q2)));
    size.push_back(s.places);
    out.place.push_back(p);
    out.expected.push_back(v1 / (1 + std::exp(-(before + swing))));
  }
  out.tails = robust_tails(deviation, variance, size, limit);
  return out;
}

std::vector<double> as_doubles(const std::vector<std::int32_t>& values) {
  return {values.begin(), values.end()};
}

Swings leader_swings(const ForensicCase& given, const Neighbour& other) {
  return swings_of(other, votes_in_places(other, given.observed.leader, given.observed.valid), as_doubles(other.leader),
                   as_doubles(other.valid));
}

std::string refused(const ForensicCase& given) {
  if (given.neighbours.empty()) return given.why_no_neighbours;
  for (const auto& other : given.neighbours)
    if (leader_swings(given, other).place.size() < 50)
      return fmt::format("fewer than 50 places lie in a {} with four others that '{}' has too", other.group_level,
                         other.election);
  return "";
}

OwnAnswer answer_of_count(const ForensicCase& given, std::int64_t, Seed, std::span<double> out) {
  std::fill(out.begin(), out.end(), NAN);
  OwnAnswer answer{.p_value = 0, .kind = TestKind::exact, .replicates = 0, .at_most = false, .expected = NAN};
  double votes = INFINITY;
  for (const auto& other : given.neighbours) {
    const Swings leader = leader_swings(given, other);
    const Swings runner_up = swings_of(other, votes_in_places(other, given.observed.runner_up, given.observed.valid),
                                       as_doubles(other.runner_up), as_doubles(other.valid));
    const auto mine = out.subspan(other.before ? 0 : components_of_neighbour, components_of_neighbour);
    mine[0] = static_cast<double>(leader.tails.above);
    mine[1] = static_cast<double>(leader.tails.below);
    mine[2] = static_cast<double>(runner_up.tails.above);
    mine[3] = static_cast<double>(runner_up.tails.below);
    answer.p_value = std::max(answer.p_value, leader.tails.p_above);
    const auto here = votes_in_places(other, given.observed.leader, given.observed.valid);
    double beyond = 0;
    for (std::size_t k = 0; k < leader.place.size(); ++k)
      if (std::abs(leader.tails.z[k]) > limit) beyond += here.votes[leader.place[k]] - leader.expected[k];
    votes = std::min(votes, beyond);
  }
  out[2 * components_of_neighbour] = std::max(0.0, votes);
  return answer;
}

// Fair elections for this test: in the other elections every place votes as it did there, here as the mean of them after
// the swing of its group, and a deviation of its own that is as likely up as down. All ballots are drawn anew.
class FairSwings {
 public:
  FairSwings(const ForensicCase& given, Generator generator, Seed seed, std::uint64_t replicate)
      : given_(given), seed_(seed), replicate_(replicate), stream_(seed, Purpose::generator, replicate, 7) {
    const std::size_t units = given.electorate.size();
    theta_.assign(units, 0);
    known_.assign(units, 0);
    std::vector<double> spread;
    for (const auto& other : given.neighbours) {
      const Swings swings = leader_swings(given, other);
      spread.push_back(swings.tails.spread);
      there_.push_back(lean_of(other, generator));
      add(other, there_.back());
    }
    deviate(generator, *std::min_element(spread.begin(), spread.end()));
    draw_elsewhere();
  }

  // The count's own election, unit by unit.
  Returns here(const FairModel& model) {
    Returns out = given_.observed;
    const double sd = model.unit_sd(2);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (known_[i] == 0) continue;
      const double theta = theta_[i] + sd * stream_.normal();
      const auto others = out.valid[i] - out.leader[i];
      const double of_rest = others > 0 ? static_cast<double>(out.runner_up[i]) / others : 0;
      out.leader[i] = static_cast<std::int32_t>(binomial_rng(stream_, out.valid[i], 1 / (1 + std::exp(-theta))));
      const auto rest = out.valid[i] - out.leader[i];
      out.runner_up[i] = given_.electorate.two_options ? rest : static_cast<std::int32_t>(std::lround(of_rest * rest));
    }
    return out;
  }
  const std::vector<double>& elsewhere(std::size_t k) const { return votes_[k]; }

 private:
  // The logit of every place in the other election, with blocs where the generator has them.
  std::vector<double> lean_of(const Neighbour& other, Generator generator) {
    std::vector<double> out(other.valid.size());
    for (std::size_t p = 0; p < out.size(); ++p) out[p] = logit_of(other.leader[p], other.valid[p]);
    if (generator != Generator::blocs) return out;
    // A bloc is one in every election: told by the electorate's place, which all neighbours share.
    std::vector<std::uint32_t> place(out.size(), 0);
    for (std::size_t i = 0; i < other.place.size(); ++i)
      if (other.place[i] != Neighbour::nobody) place[other.place[i]] = given_.electorate.place[i];
    for (std::size_t p = 0; p < out.size(); ++p)
      if (Stream(seed_, Purpose::generator, replicate_, 1000 + place[p]).uniform() < bloc_share) out[p] += bloc_lean;
    return out;
  }
  // The mean over the elections of a place's logit there after the swing of its group.
  void add(const Neighbour& other, const std::vector<double>& lean) {
    const auto votes = votes_in_places(other, given_.observed.leader, given_.observed.valid);
    std::vector<std::array<double, 4>> sums;
    for (std::size_t p = 0; p < lean.size(); ++p) {
      if (sums.size() <= other.group[p]) sums.resize(other.group[p] + std::size_t{1}, {0, 0, 0, 0});
      auto& s = sums[other.group[p]];
      s[0] += votes.votes[p];
      s[1] += votes.valid[p];
      s[2] += other.leader[p];
      s[3] += other.valid[p];
    }
    for (std::size_t i = 0; i < theta_.size(); ++i) {
      const auto p = other.place[i];
      if (p == Neighbour::nobody) continue;
      const auto& s = sums[other.group[p]];
      theta_[i] += lean[p] + logit_of(s[0], s[1]) - logit_of(s[2], s[3]);
      ++known_[i];
    }
    for (std::size_t i = 0; i < theta_.size(); ++i)
      if (&other == &given_.neighbours.back() && known_[i] > 0) theta_[i] /= known_[i];
  }
  // Each place's own deviation, the same for its units.
  void deviate(Generator generator, double spread) {
    const Electorate& e = given_.electorate;
    std::vector<double> of_place(e.places.size(), NAN), last(e.places.size(), 0);
    for (std::size_t i = 0; i < theta_.size(); ++i) {
      double& d = of_place[e.place[i]];
      if (std::isnan(d)) {
        const auto above = e.places.parent[e.place[i]];
        d = spread * one_deviation(generator, above == NestedPlaces::top ? nullptr : &last[above]);
      }
      theta_[i] += d;
    }
  }
  double one_deviation(Generator generator, double* neighbour) {
    const double z = stream_.normal();
    switch (generator) {
      case Generator::heavy_tails: {
        double squares = 0;
        for (int k = 0; k < 3; ++k) {
          const double g = stream_.normal();
          squares += g * g;
        }
        return z / std::sqrt(squares / 3);
      }
      case Generator::correlated:
        if (!neighbour) return z;
        return *neighbour = 0.8 * *neighbour + 0.6 * z;
      case Generator::two_peaked:
        return (z > 0 ? 1 : -1) + 0.3 * stream_.normal();
      case Generator::blocs:
        return 1.5 * z;
      case Generator::model:
      case Generator::size_turnout:
        break;
    }
    return z;
  }
  void draw_elsewhere() {
    for (std::size_t k = 0; k < there_.size(); ++k) {
      const Neighbour& other = given_.neighbours[k];
      std::vector<double> votes(other.valid.size());
      for (std::size_t p = 0; p < votes.size(); ++p)
        votes[p] = static_cast<double>(binomial_rng(stream_, other.valid[p], 1 / (1 + std::exp(-there_[k][p]))));
      votes_.push_back(std::move(votes));
    }
  }

  const ForensicCase& given_;
  Seed seed_;
  std::uint64_t replicate_;
  Stream stream_;
  std::vector<double> theta_;
  std::vector<int> known_;
  std::vector<std::vector<double>> there_, votes_;
};

double p_of_fair(const ForensicCase& given, const FairModel& model, Generator generator, const PlantSpec* planted,
                 Seed seed, std::uint64_t replicate) {
  FairSwings fair(given, generator, seed, replicate);
  Returns here = fair.here(model);
  if (planted)
    if (auto made = plant(given.electorate, here, *planted, seed, replicate)) here = std::move(made->returns);
  double p = 0;
  for (std::size_t k = 0; k < given.neighbours.size(); ++k) {
    const Neighbour& other = given.neighbours[k];
    p = std::max(
        p, swings_of(other, votes_in_places(other, here.leader, here.valid), fair.elsewhere(k), as_doubles(other.valid))
               .tails.p_above);
  }
  return p;
}

constexpr OwnNull own{.null =
                          "a place that swings far from its group does so up or down with equal chance, against either "
                          "neighbour in time",
                      .refused = refused,
                      .observed = answer_of_count,
                      .of_fair = p_of_fair};

}  // namespace

ForensicTest swing_test() {
  return {.id = "swing",
          .depth = Depth::mirrored,
          .needs_registered = false,
          .descriptive_because = nullptr,
          .components = {{"above_against_before", "places",
                          "that swing more than 3 robust deviations above their group, against the election before"},
                         {"below_against_before", "places", "as far below"},
                         {"runner_up_above_against_before", "places", "the same for the runner-up"},
                         {"runner_up_below_against_before", "places", "as far below"},
                         {"above_against_after", "places",
                          "that swing more than 3 robust deviations above their group, against the election after"},
                         {"below_against_after", "places", "as far below"},
                         {"runner_up_above_against_after", "places", "the same for the runner-up"},
                         {"runner_up_below_against_after", "places", "as far below"},
                         {"implicated_votes", "votes of the leader",
                          "in places above beyond what their group gives, less what those below lack; the smaller of "
                          "the two neighbours"}},
          .votes = 8,
          .measure = nullptr,
          .own = &own};
}

MethodInfo SwingRequest::info() {
  return {.id = "swing",
          .family = "forensics",
          .title = "Places that swing apart from their municipality",
          .question =
              "Do more places swing far above their municipality than far below, against the elections before and "
              "after?",
          .assumes = "Places of one municipality change their minds alike, and apart as often up as down",
          .cost = "n log n in places for the links, then linear in units",
          .references = {"Dixon, W. J., & Mood, A. M. (1946). The statistical sign test. JASA 41:557 (the residual is "
                         "ours)."}};
}

const OptionTable<SwingRequest>& SwingRequest::table() {
  static const OptionTable<SwingRequest> options = [] {
    OptionTable<SwingRequest> t;
    add_forensic_options(t);
    add_neighbour_options(t);
    t.add(&SwingRequest::list_limit, {.name = "list_limit",
                                      .unit = "rows",
                                      .text = "How many places in the tails the table lists; all are counted.",
                                      .low = 0,
                                      .high = 1e6});
    return t;
  }();
  return options;
}

namespace {

Table neighbours_table(const ForensicCase& given) {
  Table out{.id = "neighbours",
            .title = "The elections that places are compared with",
            .columns = {{"election"},
                        {"date"},
                        {"places_linked", "places"},
                        {"places", "places"},
                        {"compared", "places"},
                        {"above", "places"},
                        {"below", "places"},
                        {"p_value"},
                        {"spread", "logit"},
                        {"group_level"}},
            .rows = {}};
  for (const auto& other : given.neighbours) {
    const Swings s = leader_swings(given, other);
    out.rows.push_back({other.election, other.date, static_cast<std::int64_t>(other.valid.size()), other.places,
                        static_cast<std::int64_t>(s.place.size()), s.tails.above, s.tails.below, s.tails.p_above,
                        s.tails.spread, other.group_level});
  }
  return out;
}

// The places beyond the limit against either neighbour, the farthest first.
Table places_in_tails(const ForensicCase& given, std::size_t most) {
  const Count& count = *given.count;
  Table out{.id = "tails",
            .title = "Places that swing more than 3 robust deviations from their group",
            .columns = {{"place"}, {"against"}, {"z"}, {"leader", "votes"}, {"expected", "votes"}, {"valid", "votes"}},
            .rows = {}};
  for (const auto& other : given.neighbours) {
    const Swings s = leader_swings(given, other);
    const auto here = votes_in_places(other, given.observed.leader, given.observed.valid);
    std::vector<std::string> path(other.valid.size());
    for (std::size_t i = 0; i < other.place.size(); ++i)
      if (const auto p = other.place[i]; p != Neighbour::nobody && path[p].empty())
        if (const PlaceIndex at = count.hierarchy.ancestor(
                count.unit_place[given.electorate.units[i]],
                static_cast<std::uint32_t>(std::max(0, count.hierarchy.level_index(other.level))));
            at != no_place)
          path[p] = count.hierarchy.path(at);
    for (std::size_t k = 0; k < s.place.size(); ++k)
      if (std::abs(s.tails.z[k]) > limit)
        out.rows.push_back({path[s.place[k]], other.election, s.tails.z[k], here.votes[s.place[k]], s.expected[k],
                            here.valid[s.place[k]]});
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const auto& a, const auto& b) {
    return std::abs(std::get<double>(a[2])) > std::abs(std::get<double>(b[2]));
  });
  if (out.rows.size() > most) out.rows.resize(most);
  return out;
}

}  // namespace

Result<Finding> run(const Count& count, const SwingRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_CHECK(find_neighbours(given,
                               {.others = request.others,
                                .crosswalk = request.crosswalk,
                                .leader_elsewhere = request.leader_elsewhere,
                                .runner_up_elsewhere = request.runner_up_elsewhere,
                                .level = {},
                                .group_level = request.group_level},
                               context));
  COTEJO_TRY(made, with_own_null(SwingRequest::info(), forensic_test("swing"), given, request, context));
  Finding& finding = made.finding;
  for (const Count* other : request.others) add_input(finding, *other);
  if (request.crosswalk) finding.inputs.push_back(input_of(*request.crosswalk));
  finding.does_not_show = {
      "Manipulation: places that change their mind as one, by a leader's word or for a road, swing apart too.",
      "Anything that both neighbours share: a place lifted in all three elections does not swing."};
  if (finding.answer == Answer::undetermined) return std::move(made.finding);
  finding.conditions.push_back(
      {"There is an election before and one after, and both must agree", given.neighbours.size() == 2});
  finding.tables = {neighbours_table(given), places_in_tails(given, static_cast<std::size_t>(request.list_limit))};
  std::string sides;
  for (const auto& row : finding.tables[0].rows)
    sides += fmt::format("{}against {} {} above and {} below", sides.empty() ? "" : ", ", std::get<std::string>(row[0]),
                         std::get<std::int64_t>(row[5]), std::get<std::int64_t>(row[6]));
  finding.headline =
      fmt::format("Places that swing far from their group: {} (p {}).", sides, p_value_text(made.answer));
  return std::move(made.finding);
}

}  // namespace cotejo
