#include "cotejo/sim/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

#include "cotejo/sim/samplers.hpp"
#include "country.hpp"

namespace cotejo {

namespace {

constexpr std::size_t levels = country_levels.size(), precinct = levels - 1;
constexpr std::size_t most_options = 26, most_categories = most_options + 2;  // the options, blank, null
constexpr double blank_share = 0.0145, null_share = 0.0355;                   // of ballots cast
constexpr std::array<double, levels> place_sd = {0.4, 0.35, 0.5, 0.35, 0.35, 0.3};
constexpr std::array<double, levels> turnout_place_sd = {0.3, 0.17, 0.15, 0.13, 0.25, 0.2};
constexpr double turnout_unit_sd = 0.25, turnout_abroad = -1.2;
constexpr double rural_effect = 0.4;  // on the leader; the runner-up has as much less
constexpr double correlation = 0.93;  // of a place's effects in the two elections
constexpr std::size_t next_options = 5;
constexpr double closed_share = 0.005, renamed_share = 0.01;

// How the votes are to be shared out: of valid votes, in the order of the options.
std::vector<double> wanted_shares(std::size_t options, double leader, double second) {
  std::vector<double> out = {leader, second};
  double sum = 0;
  for (std::size_t k = 2; k < options; ++k) sum += std::pow(static_cast<double>(k - 1), -1.8);
  for (std::size_t k = 2; k < options; ++k)
    out.push_back((1 - leader - second) * std::pow(static_cast<double>(k - 1), -1.8) / sum);
  return out;
}

std::vector<double> official_shares(const SyntheticSpec& spec) {
  return wanted_shares(static_cast<std::size_t>(spec.options), spec.leader_share,
                       spec.leader_share - spec.lead_points / 100);
}

// The same proportions among the others as before.
std::vector<double> next_shares(const SyntheticSpec& spec) {
  auto out = official_shares(spec);
  out.resize(std::min(out.size(), next_options));
  const double others = std::accumulate(out.begin() + 1, out.end(), 0.0);
  for (std::size_t k = 1; k < out.size(); ++k) out[k] *= (1 - spec.next_leader_share) / others;
  out[0] = spec.next_leader_share;
  return out;
}

// One election's part numbers, sizes and wishes.
struct Election {
  bool is_next = false;
  std::vector<double> shares;  // of valid votes
  Part registered, turnout, votes;

  std::size_t categories() const { return shares.size() + 2; }
};

// What is drawn for every unit, category-major like Count::votes; the last two categories are blank and null.
struct Ballots {
  Column registered, cast;
  std::vector<std::int32_t> votes;
};

class Drawing {
 public:
  Drawing(const SyntheticSpec& spec, const Context& context)
      : spec_(spec), context_(context), n_(static_cast<std::size_t>(spec.units)) {
    const auto abroad = static_cast<std::uint32_t>(std::llround(spec.abroad_share * static_cast<double>(spec.units)));
    country_ = invent_country(static_cast<std::uint32_t>(spec.units) - abroad, abroad, context.seed);
    precinct_of_.reserve(n_);
    for (std::uint32_t p = 0; p < country_.units.size(); ++p)
      precinct_of_.insert(precinct_of_.end(), country_.units[p], p);
  }

  Result<SyntheticElection> draw() {
    const Election official{false, official_shares(spec_), Part::registered, Part::turnout, Part::votes};
    const Election following{true, next_shares(spec_), Part::next_registered, Part::next_turnout, Part::next_votes};
    context_.report("drawing the synthetic election", 0);
    COTEJO_TRY(ballots, draw_ballots(official));
    COTEJO_TRY(arrived, first_to_arrive(ballots));
    context_.report("drawing the synthetic election", 0.5);
    COTEJO_TRY(next_ballots, draw_ballots(following));

    SyntheticElection out;
    std::vector<UnitIndex> all(n_);
    std::iota(all.begin(), all.end(), 0U);
    out.official = assemble(official, ballots, all);
    describe_official(out.official);
    out.objected = object_to(out.official, ballots);
    slip(ballots, arrived);
    out.quick = assemble(official, ballots, arrived);
    describe_quick(out.quick);
    std::erase_if(all, [&](UnitIndex u) { return next_ballots.registered[u] == 0; });
    out.next = assemble(following, next_ballots, all);
    describe_next(out.next);
    for (Count* count : {&out.official, &out.quick, &out.next}) count->sha256 = count->content_hash();
    context_.report("drawing the synthetic election", 1);
    if (context_.cancelled()) return cancelled_error();
    return out;
  }

 private:
  // Sums of the place effects down to each precinct: entry p * (1 + categories) is turnout, then the categories.
  std::optional<std::vector<double>> place_effects(const Election& election) const {
    const std::size_t width = 1 + election.categories();
    const std::size_t options = election.shares.size();
    std::vector<double> above, here;
    for (std::size_t l = 0; l < levels; ++l) {
      const auto& places = country_.level[l];
      here.resize(places.size() * width);
      const bool done = parallel_for(context_, places.size(), "places of the synthetic election", [&](std::size_t i) {
        // The blank and null ballots come before the options, so that the options of both elections share their
        // numbers.
        auto earlier = stream_for(context_.seed, Part::effects, i * levels + l);
        auto later = stream_for(context_.seed, Part::next_effects, i * levels + l);
        for (std::size_t j = 0; j < width; ++j) {
          const std::size_t slot = j == 0 ? 0 : j <= 2 ? options + j : j - 2;
          double z = earlier.normal();
          if (election.is_next) z = correlation * z + std::sqrt(1 - correlation * correlation) * later.normal();
          const double sd = spec_.place_effect * (slot == 0 ? turnout_place_sd[l] : place_sd[l]);
          const double inherited = l > 0                ? above[places[i].parent * width + slot]
                                   : slot == 0 && i > 0 ? turnout_abroad
                                                        : 0;
          here[i * width + slot] = inherited + sd * z;
        }
      });
      if (!done) return std::nullopt;
      std::swap(above, here);
    }
    for (std::size_t p = 0; p < country_.units.size(); ++p) {
      above[p * width + 1] += spec_.place_effect * rural_effect * country_.rural[p];
      above[p * width + 2] -= spec_.place_effect * rural_effect * country_.rural[p];
    }
    return above;
  }

  // Units of a precinct are filled in turn; the last one has who is left.
  Column draw_registered() const {
    Column out(n_);
    const auto full = static_cast<std::uint64_t>(spec_.voters_per_unit);
    for (std::size_t u = 0; u < n_; ++u) {
      auto stream = stream_for(context_.seed, Part::registered, u);
      const bool last = u + 1 == n_ || precinct_of_[u + 1] != precinct_of_[u];
      const auto at_least = last ? full / 20 : full - full / 10;
      out[u] = static_cast<std::int32_t>(at_least + stream.below(full - at_least + 1));
    }
    return out;
  }

  bool closed(std::uint32_t p) const {
    return stream_for(context_.seed, Part::next_places, p).uniform() < closed_share;
  }

  Column draw_next_registered() const {
    Column out = draw_registered();
    for (std::size_t u = 0; u < n_; ++u) {
      auto stream = stream_for(context_.seed, Part::next_registered, u);
      const double grown = std::round(out[u] * std::exp(0.02 + 0.03 * stream.normal()));
      out[u] = closed(precinct_of_[u])
                   ? 0
                   : std::clamp(static_cast<std::int32_t>(grown), 1, static_cast<std::int32_t>(spec_.voters_per_unit));
    }
    return out;
  }

  // The intercept at which expected turnout is as wanted, `odds` being exp of everything else.
  double turnout_intercept(const Column& registered, std::span<const double> odds) const {
    const double wanted = spec_.turnout * std::accumulate(registered.begin(), registered.end(), 0.0);
    double low = -40, high = 40;
    while (high - low > 1e-9) {
      const double middle = (low + high) / 2, factor = std::exp(middle);
      double expected = 0;
      for (std::size_t u = 0; u < n_; ++u) expected += registered[u] * (1 - 1 / (1 + factor * odds[u]));
      (expected < wanted ? low : high) = middle;
    }
    return (low + high) / 2;
  }

  // exp of the intercepts at which the expected shares of the ballots cast are as wanted; `odds` is unit-major, exp of
  // everything else.
  std::vector<double> share_factors(const Column& cast, std::span<const double> odds,
                                    std::span<const double> wanted) const {
    const std::size_t k = wanted.size();
    const double total = std::accumulate(cast.begin(), cast.end(), 0.0);
    std::vector<double> factor(wanted.begin(), wanted.end()), expected(k);
    for (int round = 0; round < 10'000; ++round) {
      std::fill(expected.begin(), expected.end(), 0.0);
      for (std::size_t u = 0; u < n_; ++u) {
        const double* of_unit = odds.data() + u * k;
        double sum = 0;
        for (std::size_t j = 0; j < k; ++j) sum += of_unit[j] * factor[j];
        const double weight = cast[u] / sum;
        for (std::size_t j = 0; j < k; ++j) expected[j] += weight * of_unit[j];
      }
      double farthest = 0;
      for (std::size_t j = 0; j < k; ++j) {
        const double ratio = wanted[j] * total / (expected[j] * factor[j]);
        farthest = std::max(farthest, std::abs(ratio - 1));
        factor[j] *= ratio;
      }
      if (farthest < 1e-9) break;
    }
    return factor;
  }

  Result<Ballots> draw_ballots(const Election& election) const {
    const std::size_t k = election.categories(), width = 1 + k;
    const auto effects = place_effects(election);
    if (!effects) return cancelled_error();
    Ballots out;
    out.registered = election.is_next ? draw_next_registered() : draw_registered();
    out.cast.resize(n_);
    out.votes.resize(n_ * k);
    std::vector<double> odds(n_), category_odds(n_ * k);
    const bool prepared = parallel_for(context_, n_, "units of the synthetic election", [&](std::size_t u) {
      const double* place = effects->data() + precinct_of_[u] * width;
      auto turnout = stream_for(context_.seed, election.turnout, u);
      odds[u] = std::exp(place[0] + turnout_unit_sd * turnout.normal());
      auto votes = stream_for(context_.seed, election.votes, u);
      for (std::size_t j = 0; j < k; ++j)
        category_odds[u * k + j] = std::exp(place[1 + j] + spec_.unit_effect * votes.normal());
    });
    if (!prepared) return cancelled_error();
    const double factor = std::exp(turnout_intercept(out.registered, odds));
    const bool voted = parallel_for(context_, n_, "turnout of the synthetic election", [&](std::size_t u) {
      auto stream = stream_for(context_.seed, election.turnout, u + n_);
      out.cast[u] = static_cast<std::int32_t>(binomial_rng(stream, out.registered[u], 1 - 1 / (1 + factor * odds[u])));
    });
    if (!voted) return cancelled_error();
    std::vector<double> wanted;
    for (const double share : election.shares) wanted.push_back(share * (1 - blank_share - null_share));
    wanted.push_back(blank_share);
    wanted.push_back(null_share);
    const auto factors = share_factors(out.cast, category_odds, wanted);
    const bool counted = parallel_for(context_, n_, "votes of the synthetic election", [&](std::size_t u) {
      auto stream = stream_for(context_.seed, election.votes, u + n_);
      std::array<double, most_categories> weights{};
      std::array<std::int32_t, most_categories> votes{};
      for (std::size_t j = 0; j < k; ++j) weights[j] = category_odds[u * k + j] * factors[j];
      multinomial_rng(stream, out.cast[u], std::span(weights).first(k), std::span(votes).first(k));
      for (std::size_t j = 0; j < k; ++j) out.votes[j * n_ + u] = votes[j];
    });
    if (!counted) return cancelled_error();
    return out;
  }

  // The units of the quick count, ascending.
  Result<std::vector<UnitIndex>> first_to_arrive(const Ballots& ballots) const {
    std::vector<double> noise(n_), arrival(n_);
    for (std::size_t u = 0; u < n_; ++u) {
      auto of_precinct = stream_for(context_.seed, Part::arrival, precinct_of_[u]);
      auto of_unit = stream_for(context_.seed, Part::arrival, country_.units.size() + u);
      noise[u] = 0.5 * of_precinct.normal() + of_unit.normal();
    }
    const auto options = static_cast<std::size_t>(spec_.options);
    std::vector<std::int64_t> valid(n_), lead(n_);
    for (std::size_t u = 0; u < n_; ++u) {
      for (std::size_t j = 0; j < options; ++j) valid[u] += ballots.votes[j * n_ + u];
      lead[u] = ballots.votes[u] - ballots.votes[n_ + u];
    }
    const auto arrived = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::llround(spec_.quick_share * static_cast<double>(n_))), 1, n_ - 1);
    std::vector<UnitIndex> order(n_);
    const auto lead_with = [&](double slope) {
      for (std::size_t u = 0; u < n_; ++u) arrival[u] = slope * country_.rural[precinct_of_[u]] + noise[u];
      std::iota(order.begin(), order.end(), 0U);
      std::nth_element(
          order.begin(), order.begin() + static_cast<std::ptrdiff_t>(arrived), order.end(),
          [&](UnitIndex a, UnitIndex b) { return arrival[a] != arrival[b] ? arrival[a] < arrival[b] : a < b; });
      std::int64_t ahead = 0, of = 0;
      for (std::size_t i = 0; i < arrived; ++i) {
        ahead += lead[order[i]];
        of += valid[order[i]];
      }
      return 100 * static_cast<double>(ahead) / static_cast<double>(of);
    };
    double low = 0, high = 16;
    const double most = lead_with(low), least = lead_with(high);
    if (spec_.quick_lead_points < least || spec_.quick_lead_points > most)
      return Error{.code = ErrorCode::option_invalid,
                   .message = fmt::format(
                       "option 'quick_lead_points' is out of reach in this election: the quick count's lead is {:.2f} "
                       "when units arrive in any order, and {:.2f} when the most rural ones arrive last",
                       most, least),
                   .value = fmt::format("{}", spec_.quick_lead_points),
                   .remedy = "Ask for a lead between these, or for another quick_share."};
    while (high - low > 1e-9) {
      const double middle = (low + high) / 2;
      (lead_with(middle) > spec_.quick_lead_points ? low : high) = middle;
    }
    lead_with(high);
    order.resize(arrived);
    std::sort(order.begin(), order.end());
    return order;
  }

  // Slips of transcription in the units of the quick count. A slip and its opposite are equally likely; nothing is
  // added or lost.
  void slip(Ballots& ballots, std::span<const UnitIndex> units) const {
    const std::size_t k = ballots.votes.size() / n_;
    for (const UnitIndex u : units) {
      auto stream = stream_for(context_.seed, Part::slips, u);
      if (stream.uniform() >= spec_.slip_share) continue;
      std::vector<std::size_t> with_votes;
      for (std::size_t j = 0; j < k; ++j)
        if (ballots.votes[j * n_ + u] > 0) with_votes.push_back(j);
      if (with_votes.size() < 2) continue;
      const std::size_t a = stream.below(with_votes.size());
      const std::size_t b = (a + 1 + stream.below(with_votes.size() - 1)) % with_votes.size();
      auto& from = ballots.votes[with_votes[a] * n_ + u];
      auto& to = ballots.votes[with_votes[b] * n_ + u];
      const auto size =
          1 + static_cast<std::int32_t>(stream.below(static_cast<std::uint64_t>(std::min({9, from, to}))));
      from -= size;
      to += size;
    }
  }

  // The name a precinct has in the next election.
  std::string next_name(std::uint32_t p) const {
    const auto& name = country_.level[precinct][p].name;
    auto stream = stream_for(context_.seed, Part::next_places, p);
    stream.uniform();  // decided whether it is closed
    if (stream.uniform() >= renamed_share) return name;
    const auto number = name.substr(name.find(' ') + 1);
    switch (stream.below(4)) {
      case 0:
        return fmt::format("Primary School {}", number);
      case 1:
        return fmt::format("School No. {}", number);
      case 2:
        return fmt::format("Sch. {} (new building)", number);
      default:
        return fmt::format("School {}, Hall", number);
    }
  }

  // The count of these units (ascending), without its names.
  Count assemble(const Election& election, const Ballots& ballots, std::span<const UnitIndex> units) const {
    Count count;
    const std::size_t options = election.shares.size(), n = units.size();
    for (std::size_t k = 0; k < options; ++k) {
      const auto letter = static_cast<char>('A' + k);
      count.contest.options.push_back({OptionId{std::string(1, letter)}, fmt::format("List {}", letter)});
    }
    count.unit_name = "polling table";
    count.source = fmt::format("Drawn by Cotejo (module sim), seed {}; no real place, party or vote.", context_.seed);
    count.caveats = {"Synthetic: drawn by this program from a statistical model. No real place, party or vote."};
    count.hierarchy = Hierarchy(std::vector<std::string>(country_levels.begin(), country_levels.end()));
    count.votes.resize(options * n);
    for (Column* column : {&count.registered, &count.cast, &count.valid, &count.blank, &count.null}) column->resize(n);
    count.unit_keys.reserve(n, 8 * n);
    count.unit_place.reserve(n);
    count.latitude.reserve(n);
    count.longitude.reserve(n);

    const std::size_t digits = std::to_string(n_).size();
    auto here = std::numeric_limits<std::uint32_t>::max();
    PlaceIndex place = no_place;
    for (std::size_t i = 0; i < n; ++i) {
      const UnitIndex u = units[i];
      if (precinct_of_[u] != here) {
        here = precinct_of_[u];
        place = add_place(count.hierarchy, here, election.is_next);
      }
      count.unit_keys.push_back(fmt::format("{}{:0{}}", election.is_next ? 'U' : 'T', u + 1, digits));
      count.unit_place.push_back(place);
      count.latitude.push_back(country_.level[precinct][here].latitude);
      count.longitude.push_back(country_.level[precinct][here].longitude);
      count.registered[i] = ballots.registered[u];
      count.cast[i] = ballots.cast[u];
      for (std::size_t k = 0; k < options; ++k) {
        count.votes[k * n + i] = ballots.votes[k * n_ + u];
        count.valid[i] += ballots.votes[k * n_ + u];
      }
      count.blank[i] = ballots.votes[options * n_ + u];
      count.null[i] = ballots.votes[(options + 1) * n_ + u];
    }
    return count;
  }

  PlaceIndex add_place(Hierarchy& hierarchy, std::uint32_t p, bool is_next) const {
    std::array<std::uint32_t, levels> path{};
    path[precinct] = p;
    for (std::size_t l = precinct; l > 0; --l) path[l - 1] = country_.level[l][path[l]].parent;
    PlaceIndex place = no_place;
    for (std::size_t l = 0; l < levels; ++l) {
      const auto& invented = country_.level[l][path[l]];
      place = l < precinct ? hierarchy.add(place, invented.name)
                           : hierarchy.add(place, is_next ? next_name(p) : invented.name, invented.code);
    }
    return place;
  }

  void describe_official(Count& count) const {
    count.id = CountId{"demo/official"};
    count.title = "Official count (synthetic)";
    count.contest.id = ContestId{"demo/president"};
    count.contest.title = "President of Synthetia (an invented country)";
    count.date = "2001-01-07";
    count.official = true;
    count.caveats.push_back(
        "The truth about it: the election was fair and every return is right. Nothing was added, moved or invented. "
        "The objected units are those where the leader's share is among the highest, and for no other reason; where "
        "the quick count differs, it is a slip of transcription, as likely to help as to hurt any option.");
  }

  void describe_quick(Count& count) const {
    count.id = CountId{"demo/quick"};
    count.title = "Quick count (synthetic)";
    count.contest.id = ContestId{"demo/president"};
    count.contest.title = "President of Synthetia (an invented country)";
    count.date = "2001-01-07";
    count.as_of = "2001-01-07T20:00:00";
    count.snapshot_of = CountId{"demo/official"};
    count.caveats.push_back(
        "A quick count is preliminary and partial, and the part is not random: rural precincts, friendlier to the "
        "leader, arrive later.");
  }

  void describe_next(Count& count) const {
    count.id = CountId{"demo-next/final"};
    count.title = "Following election (synthetic)";
    count.contest.id = ContestId{"demo-next/president"};
    count.contest.title = "President of Synthetia (an invented country), the following election";
    count.date = "2002-01-06";
    count.official = true;
    count.caveats.push_back(
        "Of the precincts of the first election about 0.5 % stayed closed and 1 % have another name; a precinct keeps "
        "its code.");
  }

  Challenge object_to(const Count& count, const Ballots& ballots) const {
    struct Candidate {
      std::uint32_t precinct;
      bool small;  // fewer than 3 units: only when there is nothing else
      double share;
    };
    const auto share = [](std::int64_t leader, std::int64_t valid) {
      return valid == 0 ? 0.0 : static_cast<double>(leader) / static_cast<double>(valid);
    };
    std::vector<Candidate> candidates;
    std::vector<UnitIndex> first_unit;  // of each precinct
    UnitIndex unit = 0;
    for (std::uint32_t p = 0; p < country_.units.size(); ++p) {
      first_unit.push_back(unit);
      std::int64_t leader = 0, valid = 0;
      for (const UnitIndex end = unit + country_.units[p]; unit < end; ++unit) {
        leader += ballots.votes[unit];
        valid += count.valid[unit];
      }
      candidates.push_back({p, country_.units[p] < 3, share(leader, valid)});
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.small != b.small ? b.small : a.share > b.share;
    });

    // In each of the first precincts its highest unit, then the next highest of them all; more precincts where these
    // have too few units.
    const auto wanted = static_cast<std::size_t>(spec_.objected_units);
    const auto higher = [&](UnitIndex a, UnitIndex b) {
      const double share_a = share(ballots.votes[a], count.valid[a]), share_b = share(ballots.votes[b], count.valid[b]);
      return share_a != share_b ? share_a > share_b : a < b;
    };
    std::vector<UnitIndex> chosen, others;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (i >= static_cast<std::size_t>(spec_.objected_precincts) && chosen.size() + others.size() >= wanted) break;
      std::vector<UnitIndex> here(country_.units[candidates[i].precinct]);
      std::iota(here.begin(), here.end(), first_unit[candidates[i].precinct]);
      std::sort(here.begin(), here.end(), higher);
      chosen.push_back(here.front());
      others.insert(others.end(), here.begin() + 1, here.end());
    }
    std::sort(others.begin(), others.end(), higher);
    chosen.insert(chosen.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(wanted - chosen.size()));
    std::sort(chosen.begin(), chosen.end());

    Challenge out;
    out.id = ChallengeId{"objected"};
    out.count = count.id;
    out.by = "An invented observation mission";
    out.reason = "The leader's share in these polling tables is very high";
    out.source = "objected.csv, drawn with the election";
    for (const UnitIndex u : chosen) out.unit_keys.emplace_back(count.unit_keys[u]);
    return out;
  }

  const SyntheticSpec& spec_;
  const Context& context_;
  std::size_t n_;
  InventedCountry country_;
  std::vector<std::uint32_t> precinct_of_;  // of each unit
};

}  // namespace

const OptionTable<SyntheticSpec>& SyntheticSpec::table() {
  static const OptionTable<SyntheticSpec> options = [] {
    using S = SyntheticSpec;
    OptionTable<S> t;
    const auto add = [&t](auto member, const char* name, const char* unit, double low, double high, const char* text) {
      t.add(member, {.name = name, .unit = unit, .text = text, .low = low, .high = high});
    };
    const char* share = "share 0..1";
    const char* points = "points of valid votes";
    add(&S::units, "units", "units", 1000, 5e6, "How many units report; places grow with them.");
    add(&S::voters_per_unit, "voters_per_unit", "voters", 20, 4000, "The most voters that one unit has registered.");
    add(&S::abroad_share, "abroad_share", share, 0, 0.5, "Share of the units that lie abroad.");
    add(&S::options, "options", "options", 3, most_options, "How many options there are, A first, B second.");
    add(&S::turnout, "turnout", share, 0.1, 0.99, "Ballots cast of registered voters.");
    add(&S::leader_share, "leader_share", share, 0.2, 0.9, "The leader's share of valid votes.");
    add(&S::lead_points, "lead_points", points, 0.1, 80, "The leader's lead over the second in the official count.");
    add(&S::quick_share, "quick_share", share, 0.3, 0.98, "Share of the units that are in the quick count.");
    add(&S::quick_lead_points, "quick_lead_points", points, -80, 80, "The leader's lead in the quick count.");
    add(&S::slip_share, "slip_share", share, 0, 1, "Share of the quick count's units with a slip of transcription.");
    add(&S::objected_units, "objected_units", "units", 1, 5e6, "How many units are objected to.");
    add(&S::objected_precincts, "objected_precincts", "precincts", 1, 5e6, "In how many precincts they lie.");
    add(&S::next_leader_share, "next_leader_share", share, 0.05, 0.95,
        "The leader's share of valid votes in the next election.");
    add(&S::place_effect, "place_effect", "factor", 0, 2, "How much places differ; 1 is about as in Bolivia 2019.");
    add(&S::unit_effect, "unit_effect", "log odds", 0, 1,
        "Standard deviation of the units of a precinct; 0 is multinomial.");
    return t;
  }();
  return options;
}

Result<void> validate(const SyntheticSpec& spec) {
  // Each value goes the way of a typed one, so that bounds have one judge.
  SyntheticSpec scratch;
  for (const auto& [name, value] : SyntheticSpec::table().values(spec))
    COTEJO_CHECK(SyntheticSpec::table().set(scratch, name, to_text(value)));
  const auto refuse = [](std::string name, std::string must, double value) {
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("option '{}' must be {}", name, must),
                 .value = fmt::format("{}", value),
                 .remedy = "Shares of all options add up to 1, with A first and B second."};
  };
  const double second = spec.leader_share - spec.lead_points / 100;
  if (second <= 0)
    return refuse("lead_points", fmt::format("less than the leader's {} points", 100 * spec.leader_share),
                  spec.lead_points);
  if (spec.leader_share + second >= 1)
    return refuse("lead_points",
                  fmt::format("over {:.3f} for this leader_share, to leave votes for the others",
                              100 * (2 * spec.leader_share - 1)),
                  spec.lead_points);
  if (official_shares(spec)[2] >= second)
    return refuse("lead_points", "smaller, or leader_share larger: the third option would be ahead of the second",
                  spec.lead_points);
  if (spec.objected_precincts > spec.objected_units)
    return refuse("objected_precincts", fmt::format("at most objected_units ({})", spec.objected_units),
                  static_cast<double>(spec.objected_precincts));
  if (spec.objected_units > spec.units)
    return refuse("objected_units", fmt::format("at most units ({})", spec.units),
                  static_cast<double>(spec.objected_units));
  return {};
}

Result<SyntheticElection> draw_synthetic(const SyntheticSpec& spec, const Context& context) {
  COTEJO_CHECK(validate(spec));
  return Drawing(spec, context).draw();
}

}  // namespace cotejo
