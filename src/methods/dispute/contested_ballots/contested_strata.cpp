#include "contested_strata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "../sheet_places.hpp"
#include "contested_mass.hpp"

namespace cotejo {

namespace {

constexpr double most_terms = 8e9;
constexpr double negligible = 1e-18;
constexpr int halvings = 40;  // of the logarithm of the odds
constexpr double most_odds = 1e6;
constexpr double odds_of_curve[] = {1, 1.1, 1.25, 1.5, 2, 3, 5, 10};

// Probabilities of (x, y) = (ballots of the favoured option, of the opposed one), or of x - y alone, where h is 1.
struct Grid {
  std::int64_t x0 = 0, y0 = 0;
  std::size_t w = 1, h = 1;
  std::vector<double> p{1};
};

Grid of_lead(const Grid& grid) {
  const auto h = static_cast<std::int64_t>(grid.h);
  Grid out{.x0 = grid.x0 - (grid.y0 + h - 1), .y0 = 0, .w = grid.w + grid.h - 1, .h = 1, .p = {}};
  out.p.assign(out.w, 0);
  for (std::size_t i = 0; i < grid.w; ++i)
    for (std::size_t j = 0; j < grid.h; ++j) out.p[i + grid.h - 1 - j] += grid.p[i * grid.h + j];
  return out;
}

Grid convolved(const Grid& a, const Grid& b) {
  Grid out{.x0 = a.x0 + b.x0, .y0 = a.y0 + b.y0, .w = a.w + b.w - 1, .h = a.h + b.h - 1, .p = {}};
  out.p.assign(out.w * out.h, 0);
  for (std::size_t i = 0; i < b.w; ++i)
    for (std::size_t j = 0; j < b.h; ++j) {
      const double weight = b.p[i * b.h + j];
      if (weight == 0) continue;
      for (std::size_t k = 0; k < a.w; ++k) {
        double* const to = &out.p[(k + i) * out.h + j];
        const double* const from = &a.p[k * a.h];
        for (std::size_t l = 0; l < a.h; ++l) to[l] += weight * from[l];
      }
    }
  return out;
}

// Without the outer rows and columns whose mass is negligible.
Grid trimmed(const Grid& grid) {
  std::vector<double> rows(grid.w), columns(grid.h);
  for (std::size_t i = 0; i < grid.w; ++i)
    for (std::size_t j = 0; j < grid.h; ++j) rows[i] += grid.p[i * grid.h + j], columns[j] += grid.p[i * grid.h + j];
  const auto ends = [](const std::vector<double>& mass) {
    std::size_t low = 0, high = mass.size() - 1;
    while (low < high && mass[low] < negligible) ++low;
    while (high > low && mass[high] < negligible) --high;
    return std::pair{low, high + 1};
  };
  const auto [left, right] = ends(rows);
  const auto [bottom, top] = ends(columns);
  Grid out{.x0 = grid.x0 + static_cast<std::int64_t>(left),
           .y0 = grid.y0 + static_cast<std::int64_t>(bottom),
           .w = right - left,
           .h = top - bottom,
           .p = {}};
  for (std::size_t i = left; i < right; ++i)
    out.p.insert(out.p.end(), grid.p.begin() + static_cast<std::ptrdiff_t>(i * grid.h + bottom),
                 grid.p.begin() + static_cast<std::ptrdiff_t>(i * grid.h + top));
  return out;
}

// Every way to be for the one or the other: the corners of what (x, y) can be, as (leader, runner-up).
std::vector<std::pair<std::int64_t, std::int64_t>> corners(const ContestedBallotsResult& result, bool added) {
  std::int64_t x = 0, y = 0;
  for (const auto& stratum : result.strata) {
    x += added ? stratum.ballots : std::min(stratum.ballots, stratum.all.options[result.leader]);
    y += added ? stratum.ballots : std::min(stratum.ballots, stratum.all.options[result.runner_up]);
  }
  const std::int64_t k = result.ballots;
  return {{0, 0}, {x, 0}, {x, std::min(y, k - x)}, {std::min(x, k - y), y}, {0, y}};
}

// Does the outcome depend on the lead of one of the two over the other, and on nothing else that changes? A clause that is
// met, or not met, at every corner is so everywhere between, as long as the leader stays first.
bool looks_at_lead_alone(const Rule& rule, const Contest& contest, const ContestedBallotsResult& result,
                         const Changes& changes, bool added) {
  std::vector<Tally> tallies;
  std::vector<std::int64_t> row(changes.layout().size());
  for (const auto& [x, y] : corners(result, added)) {
    changes.write(x, y, result.ballots - x - y, 0, row.data());
    tallies.push_back(tally_of_row(result.all, row.data()));
  }
  const bool leads = std::all_of(tallies.begin(), tallies.end(), [&](const Tally& tally) {
    return tally.options[result.leader] > tally.options[result.runner_up];
  });
  const auto settled = [&](const Clause& clause) {
    if (!leads) return false;
    std::size_t above = 0, below = 0;
    for (const auto& tally : tallies) {
      const auto value = value_of(clause, contest, tally, result.leader, result.runner_up).numerator;
      above += value > 0, below += value < 0;
    }
    return above == tallies.size() || below == tallies.size();
  };
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses) {
      if (settled(clause)) continue;
      Rational sum(0);
      for (const auto& term : clause.terms) {
        const bool of_two = term.quantity == Quantity::leader || term.quantity == Quantity::runner_up ||
                            (term.quantity == Quantity::option &&
                             (contest.index_of(term.option) == static_cast<int>(result.leader) ||
                              contest.index_of(term.option) == static_cast<int>(result.runner_up)));
        if (of_two) sum = sum + term.coefficient;
      }
      if (!(sum == Rational(0))) return false;
    }
  return true;
}

class Convolution {
 public:
  Convolution(const Count& count, const ContestedBallotsRequest& request, const Changes& changes,
              const ContestedBallotsResult& result)
      : count_(count),
        request_(request),
        changes_(changes),
        result_(result),
        rows_(*request.rule, count.contest),
        added_(treatment_of(request.kind) == Treatment::added),
        lead_alone_(looks_at_lead_alone(*request.rule, count.contest, result, changes, added_)) {
    std::vector<std::int64_t> row(changes.layout().size());
    changes.write(0, 0, 0, 0, row.data());
    base_ = rows_.judge(row.data(), result.leader).outcome;
  }

  // About how many multiplications one convolution takes.
  double terms() const {
    double w = 0, h = 0, each = 0;
    for (const auto& stratum : result_.strata) {
      const Grid grid = projected(grid_of(stratum, 1));
      const auto gw = static_cast<double>(grid.w), gh = static_cast<double>(grid.h);
      w += gw * gw, h += gh * gh, each += gw * gh;
    }
    return std::sqrt(w) * (lead_alone_ ? 1 : std::sqrt(h)) * each;
  }

  ContestedBallotsResult::AtOdds at(double odds) {
    Grid sum;
    for (const auto& stratum : result_.strata) sum = trimmed(convolved(sum, projected(grid_of(stratum, odds))));
    ContestedBallotsResult::AtOdds out{odds, 0, 0};
    double all = 0;
    for (std::size_t i = 0; i < sum.w; ++i)
      for (std::size_t j = 0; j < sum.h; ++j) {
        const double mass = sum.p[i * sum.h + j];
        if (mass == 0) continue;
        all += mass;
        const auto becomes = becomes_at(sum.x0 + static_cast<std::int64_t>(i), sum.y0 + static_cast<std::int64_t>(j));
        if (becomes == Becomes::reversed) out.reversed += mass;
        if (becomes == Becomes::tied) out.tied += mass;
      }
    out.reversed /= all, out.tied /= all;
    return out;
  }

 private:
  enum class Becomes { same, reversed, tied };

  Grid projected(Grid grid) const { return lead_alone_ ? of_lead(grid) : grid; }

  Grid grid_of(const ContestedBallotsResult::Stratum& stratum, double odds) const {
    const std::int64_t k = stratum.ballots, pool = stratum.all.valid;
    const std::int64_t leader = stratum.all.options[result_.leader], second = stratum.all.options[result_.runner_up];
    const std::int64_t favoured = added_ ? second : leader, opposed = added_ ? leader : second;
    const auto total = static_cast<double>(pool);
    const LogMass first = added_ ? by_share(static_cast<double>(favoured) / total, 1, request_.correlation)
                                 : without_replacement(favoured, pool - favoured);
    const LogMass then = added_ ? by_share(static_cast<double>(opposed) / total,
                                           1 - static_cast<double>(favoured) / total, request_.correlation)
                                : without_replacement(opposed, pool - favoured - opposed);
    const double step = std::log(odds);
    const LogMass tilted = [&](std::int64_t x, std::int64_t n) { return first(x, n) + step * static_cast<double>(x); };
    const auto guess = [](std::int64_t n, std::int64_t part, std::int64_t of) {
      return of > 0 ? std::llround(static_cast<double>(n) * static_cast<double>(part) / static_cast<double>(of)) : 0;
    };
    const auto [low, high] = window(tilted, k, guess(k, favoured, pool));
    double largest = -HUGE_VAL;
    for (std::int64_t x = low; x <= high; ++x) largest = std::max(largest, tilted(x, k));
    std::vector<std::pair<std::int64_t, std::int64_t>> windows;
    std::int64_t least = k, most = 0;
    for (std::int64_t x = low; x <= high; ++x) {
      windows.push_back(window(then, k - x, guess(k - x, opposed, pool - favoured)));
      least = std::min(least, windows.back().first), most = std::max(most, windows.back().second);
    }
    Grid out{.x0 = low, .y0 = least, .w = windows.size(), .h = static_cast<std::size_t>(most - least + 1), .p = {}};
    out.p.assign(out.w * out.h, 0);
    double all = 0;
    for (std::size_t i = 0; i < out.w; ++i) {
      const std::int64_t x = low + static_cast<std::int64_t>(i);
      for (std::int64_t y = windows[i].first; y <= windows[i].second; ++y) {
        const double mass = std::exp(tilted(x, k) - largest + then(y, k - x));
        out.p[i * out.h + static_cast<std::size_t>(y - least)] = mass;
        all += mass;
      }
    }
    for (double& mass : out.p) mass /= all;
    return trimmed(out);
  }

  // The outcome with x ballots of the favoured and y of the opposed option; of the lead alone, with any x and y that make it.
  Becomes becomes_at(std::int64_t x, std::int64_t y) {
    if (lead_alone_) y = std::max<std::int64_t>(0, -x), x = std::max<std::int64_t>(0, x);
    const auto key = static_cast<std::uint64_t>(x) << 32U ^ static_cast<std::uint64_t>(y);
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    std::vector<std::int64_t> row(changes_.layout().size());
    changes_.write(added_ ? y : x, added_ ? x : y, std::max<std::int64_t>(0, result_.ballots - x - y), 0, row.data());
    const auto judged = rows_.judge(row.data(), result_.leader).outcome;
    Becomes out = judged == base_ ? Becomes::same : Becomes::reversed;
    if (judged == shared_place) {
      const Outcome outcome = apply(*request_.rule, count_.contest, tally_of_row(result_.all, row.data()));
      out = outcome.same_as(result_.base)     ? Becomes::same
            : outcome.verdict == Verdict::tie ? Becomes::tied
                                              : Becomes::reversed;
    }
    known_.emplace(key, out);
    return out;
  }

  const Count& count_;
  const ContestedBallotsRequest& request_;
  const Changes& changes_;
  const ContestedBallotsResult& result_;
  RuleRows rows_;
  std::uint64_t base_ = 0;
  bool added_, lead_alone_;
  std::unordered_map<std::uint64_t, Becomes> known_;
};

}  // namespace

namespace {

// No more ballots of a stratum are contested than are there; those shut out are not among them.
Result<void> fits(const Count& count, const ContestedBallotsRequest& request,
                  const ContestedBallotsResult::Stratum& stratum) {
  const bool cast = request.pool == "cast";
  const std::int64_t pool = cast ? stratum.all.cast : stratum.all.valid;
  if (treatment_of(request.kind) == Treatment::added || stratum.ballots <= pool) return {};
  return Error{
      .code = ErrorCode::option_invalid,
      .message = "more ballots are contested than there are",
      .column = stratum.place,
      .value = std::to_string(stratum.ballots),
      .remedy = fmt::format("'{}' has {} {} there.", count.id.text, pool, cast ? "ballots cast" : "valid votes")};
}

}  // namespace

Result<ContestedBallotsResult::Stratum> stratum_within(const Count& count, const ContestedBallotsRequest& request) {
  std::vector<UnitIndex> units;
  std::string names;
  for (const Challenge* challenge : request.within) {
    COTEJO_TRY(named, resolve(*challenge, count));
    units.insert(units.end(), named.begin(), named.end());
    names += (names.empty() ? "" : ", ") + challenge->id.text;
  }
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  ContestedBallotsResult::Stratum out{names, tally(count, units), request.ballots};
  if (out.ballots == 0) out.ballots = request.pool == "cast" ? out.all.cast : out.all.valid;
  COTEJO_CHECK(fits(count, request, out));
  return out;
}

Result<std::vector<ContestedBallotsResult::Stratum>> strata_of(const Count& count, const Count& contested,
                                                               const ContestedBallotsRequest& request) {
  const SheetPlaces places(count);
  const auto placed = places.place(contested, SheetPlaces::OneSheet::by_its_key);
  if (!placed || !placed->unplaced.empty())
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("a unit of '{}' is no unit or place of '{}'", contested.id.text, count.id.text),
                 .column = "against",
                 .value = std::string(contested.unit_keys[placed ? placed->unplaced[0] : 0]),
                 .remedy =
                     "All must be units, or places of one level, by code, path or a name that one place alone has; for "
                     "the whole "
                     "count there is --option ballots=NUMBER."};
  std::vector<std::vector<UnitIndex>> units(placed->size);
  for (UnitIndex u = 0; u < count.units(); ++u)
    if (placed->sheet_of[placed->of_unit[u]] != no_sheet) units[placed->of_unit[u]].push_back(u);
  std::vector<ContestedBallotsResult::Stratum> out;
  for (std::size_t p = 0; p < placed->size; ++p) {
    if (placed->sheet_of[p] == no_sheet) continue;
    std::int64_t ballots = 0;
    for (std::size_t o = 0; o < contested.options(); ++o)
      ballots += std::max(0, contested.vote(o, static_cast<UnitIndex>(placed->sheet_of[p])));
    if (ballots == 0) continue;
    ContestedBallotsResult::Stratum stratum{places.label(*placed, p), tally(count, units[p]), ballots};
    COTEJO_CHECK(fits(count, request, stratum));
    out.push_back(std::move(stratum));
  }
  return out;
}

Result<void> convolve_strata(const Count& count, const ContestedBallotsRequest& request, const Context& context,
                             const Changes& changes, ContestedBallotsResult& out) {
  for (const auto& stratum : out.strata)
    if (stratum.all.valid == 0) {
      out.without_probability = NoProbability::no_valid_votes;
      return {};
    }
  if (out.could == CouldChange::no) return {};  // nothing is reversed or tied, with whatever odds
  Convolution convolution(count, request, changes, out);
  const double terms = convolution.terms();
  if (terms * static_cast<double>(std::size(odds_of_curve)) > most_terms) {
    out.without_probability = NoProbability::too_many;
    return {};
  }
  for (const double odds : odds_of_curve) {
    context.report("adding up the places",
                   static_cast<double>(out.curve.size()) / static_cast<double>(std::size(odds_of_curve)));
    if (context.cancelled()) return cancelled_error();
    out.curve.push_back(convolution.at(odds));
  }
  out.reversed = out.curve[0].reversed, out.tied = out.curve[0].tied;
  if (terms * 2 * halvings > most_terms) return {};
  const auto odds_for = [&](double probability) -> std::optional<double> {
    double low = -std::log(most_odds), high = std::log(most_odds);
    if (convolution.at(std::exp(high)).reversed < probability || convolution.at(std::exp(low)).reversed >= probability)
      return std::nullopt;
    for (int i = 0; i < halvings && !context.cancelled(); ++i)
      (convolution.at(std::exp((low + high) / 2)).reversed < probability ? low : high) = (low + high) / 2;
    return std::exp(high);
  };
  out.odds_5 = odds_for(.05), out.odds_50 = odds_for(.5);
  if (context.cancelled()) return cancelled_error();
  return {};
}

}  // namespace cotejo
