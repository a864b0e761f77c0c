#include "cotejo/sim/planted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cotejo/sim/samplers.hpp"

namespace cotejo {

namespace {

constexpr std::array<std::pair<Plant, const char*>, 7> names = {{{Plant::added_ballots, "added-ballots"},
                                                                 {Plant::moved_votes, "moved-votes"},
                                                                 {Plant::rounded_percentages, "rounded-percentages"},
                                                                 {Plant::invented_tallies, "invented-tallies"},
                                                                 {Plant::copied_returns, "copied-returns"},
                                                                 {Plant::fingerprint, "fingerprint"},
                                                                 {Plant::repeated_returns, "repeated-returns"}}};

constexpr double extreme_sd = 0.075;  // Klimek et al.

template <class T>
void shuffle(std::vector<T>& items, Stream& stream) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[stream.below(i)]);
}

struct Unit {
  std::int32_t registered, turnout, cast, valid, leader, runner_up;

  void add(std::int32_t ballots) {
    turnout += ballots;
    cast += ballots;
    valid += ballots;
    leader += ballots;
  }
  // Of the others' votes, the runner-up's in proportion.
  void move(std::int32_t votes) {
    const std::int32_t others = valid - leader;
    if (others <= 0) return;
    const auto of_runner_up =
        std::min(runner_up, static_cast<std::int32_t>(std::lround(static_cast<double>(votes) * runner_up / others)));
    leader += votes;
    runner_up = std::min(runner_up - of_runner_up, valid - leader);
  }
  std::int32_t room() const { return std::max(0, registered - std::max(turnout, cast)); }
};

}  // namespace

std::string_view to_text(Plant plant) {
  for (const auto& [known, name] : names)
    if (known == plant) return name;
  return "";
}

Result<Plant> plant_named(std::string_view name) {
  std::string list;
  for (const auto& [known, text] : names) {
    if (name == text) return known;
    list += (list.empty() ? "" : ", ") + std::string(text);
  }
  return Error{.code = ErrorCode::option_invalid,
               .message = "no such irregularity",
               .value = std::string(name),
               .remedy = fmt::format("There are: {}.", list)};
}

void give_fraction(double x, double alpha, std::int32_t registered, std::int32_t& turnout, std::int32_t& cast,
                   std::int32_t& valid, std::int32_t& leader) {
  const auto moved = static_cast<std::int32_t>(std::lround(std::pow(x, alpha) * (valid - leader))),
             added = static_cast<std::int32_t>(std::lround(x * std::max(0, registered - std::max(turnout, cast))));
  turnout += added;
  cast += added;
  valid += added;
  leader += added + moved;
}

Result<Planted> plant(const Electorate& electorate, const Returns& fair, const PlantSpec& spec, Seed seed,
                      std::uint64_t replicate) {
  const std::size_t n = electorate.size();
  const bool rounds = spec.kind == Plant::rounded_percentages;
  if (!(spec.dose >= 0 && spec.dose <= 1) || !(spec.intensity >= 0 && spec.intensity <= (rounds ? 100 : 1)) ||
      (rounds && spec.intensity < 0.1) || !(spec.extreme >= 0 && spec.dose + spec.extreme <= 1) || !(spec.alpha > 0))
    return Error{.code = ErrorCode::option_invalid,
                 .message =
                     "a dose (with the extreme one) and an intensity are shares from 0 to 1; rounding is to 0.1 to 100 "
                     "percent; alpha is above 0",
                 .value = fmt::format("dose {}, extreme {}, intensity {}, alpha {}", spec.dose, spec.extreme,
                                      spec.intensity, spec.alpha),
                 .remedy = "0.05 is one unit in twenty."};
  const bool needs_voters = spec.kind == Plant::added_ballots || rounds || spec.kind == Plant::invented_tallies ||
                            spec.kind == Plant::fingerprint;
  if (needs_voters && electorate.registered.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format("{} needs registered voters", to_text(spec.kind)),
                 .remedy = "The count does not report them; moved-votes and copied-returns do without."};

  Planted out{.returns = fair,
              .touched = std::vector<char>(n, 0),
              .leader_change = std::vector<std::int32_t>(n, 0),
              .ballots_added = std::vector<std::int32_t>(n, 0),
              .copied_from = std::vector<std::uint32_t>(n, 0)};
  std::iota(out.copied_from.begin(), out.copied_from.end(), 0U);
  const double touched = spec.dose + (spec.kind == Plant::fingerprint ? spec.extreme : 0);
  const auto wanted = static_cast<std::size_t>(std::lround(touched * static_cast<double>(n)));
  std::vector<std::vector<std::uint32_t>> of_place(electorate.places.size());
  for (std::uint32_t i = 0; i < n; ++i) of_place[electorate.place[i]].push_back(i);
  Stream choice(seed, Purpose::planted, replicate, 0);
  std::vector<std::uint32_t> chosen;
  if (spec.whole_places) {
    std::vector<std::uint32_t> order(of_place.size());
    std::iota(order.begin(), order.end(), 0U);
    shuffle(order, choice);
    for (const auto p : order) {
      if (chosen.size() >= wanted) break;
      chosen.insert(chosen.end(), of_place[p].begin(), of_place[p].end());
    }
  } else {
    chosen.resize(n);
    std::iota(chosen.begin(), chosen.end(), 0U);
    shuffle(chosen, choice);
    chosen.resize(wanted);
  }
  for (const auto i : chosen) {
    Stream stream(seed, Purpose::planted, replicate, 1 + i);
    Unit u{.registered = electorate.registered.empty() ? fair.cast[i] : electorate.registered[i],
           .turnout = fair.turnout[i],
           .cast = fair.cast[i],
           .valid = fair.valid[i],
           .leader = fair.leader[i],
           .runner_up = fair.runner_up[i]};
    const Unit before = u;
    switch (spec.kind) {
      case Plant::added_ballots:
        u.add(static_cast<std::int32_t>(binomial_rng(stream, u.room(), spec.intensity)));
        break;
      case Plant::moved_votes:
        u.move(static_cast<std::int32_t>(binomial_rng(stream, u.valid - u.leader, spec.intensity)));
        break;
      case Plant::rounded_percentages: {
        if (u.registered <= 0 || u.valid <= 0) break;
        const double step = spec.intensity / 100;
        const double turnout =
            std::min(1.0, step * std::ceil(static_cast<double>(u.turnout) / u.registered / step - 1e-9));
        u.add(std::clamp(static_cast<std::int32_t>(std::lround(turnout * u.registered)) - u.turnout, 0, u.room()));
        const double share = std::min(1.0, step * std::ceil(static_cast<double>(u.leader) / u.valid / step - 1e-9));
        u.move(std::clamp(static_cast<std::int32_t>(std::lround(share * u.valid)) - u.leader, 0, u.valid - u.leader));
        break;
      }
      case Plant::invented_tallies: {
        if (u.registered <= 0) break;
        const auto turnout = 85 + static_cast<std::int32_t>(stream.below(15)),
                   share = 70 + static_cast<std::int32_t>(stream.below(26));
        u.turnout = u.cast = u.valid = u.registered * turnout / 100;
        u.leader = u.valid * share / 100;
        u.runner_up = (u.valid - u.leader) / 2 / 5 * 5;
        if (electorate.two_options) u.runner_up = u.valid - u.leader;
        break;
      }
      case Plant::fingerprint: {
        const bool incremental = stream.uniform() * touched < spec.dose;
        const double z = std::abs(stream.normal());
        const double x = std::clamp(incremental ? spec.intensity * z : 1 - extreme_sd * z, 0.0, 1.0);
        std::int32_t turnout = u.turnout, cast = u.cast, valid = u.valid, leader = u.leader;
        give_fraction(x, spec.alpha, u.registered, turnout, cast, valid, leader);
        const std::int32_t added = valid - u.valid;
        u.move(leader - u.leader - added);
        u.add(added);
        break;
      }
      case Plant::repeated_returns: {
        std::vector<std::uint32_t> fits;
        for (const auto j : of_place[electorate.place[i]])
          if (j != i && fair.valid[j] > 0 &&
              (electorate.registered.empty() || std::max(fair.turnout[j], fair.cast[j]) <= u.registered))
            fits.push_back(j);
        if (fits.empty()) break;
        const auto from = fits[stream.below(fits.size())];
        u = {u.registered,     fair.turnout[from], fair.cast[from],
             fair.valid[from], fair.leader[from],  fair.runner_up[from]};
        out.copied_from[i] = from;
        break;
      }
      case Plant::copied_returns: {
        const auto& neighbours = of_place[electorate.place[i]];
        const auto from = neighbours.size() > 1 ? neighbours[stream.below(neighbours.size())]
                                                : static_cast<std::uint32_t>(stream.below(n));
        const double voters = electorate.registered.empty() ? fair.cast[from] : electorate.registered[from];
        const double scale = voters > 0 ? u.registered / voters : 0;
        const auto scaled = [&](std::int32_t x) {
          return static_cast<std::int32_t>(scale >= 1 && voters == u.registered ? x : std::lround(scale * x));
        };
        u.turnout = std::min(u.registered, scaled(fair.turnout[from]));
        u.cast = std::min(u.registered, scaled(fair.cast[from]));
        u.valid = std::min(u.cast, scaled(fair.valid[from]));
        u.leader = std::min(u.valid, scaled(fair.leader[from]));
        u.runner_up =
            electorate.two_options ? u.valid - u.leader : std::min(u.valid - u.leader, scaled(fair.runner_up[from]));
        break;
      }
    }
    out.touched[i] = 1;
    out.leader_change[i] = u.leader - before.leader;
    out.ballots_added[i] = u.cast - before.cast;
    out.returns.turnout[i] = u.turnout;
    out.returns.cast[i] = u.cast;
    out.returns.valid[i] = u.valid;
    out.returns.leader[i] = u.leader;
    out.returns.runner_up[i] = u.runner_up;
  }
  return out;
}

}  // namespace cotejo
