#include "cotejo/methods/review/controls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/finding/figures.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/naming.hpp"
#include "cotejo/methods/support/outcome_words.hpp"

namespace cotejo {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

// One unit as the comparison sees it.
struct Unit {
  UnitIndex index = 0;
  std::int64_t size = 0, valid = 0, votes = 0;
  double share = 0;            // 0..1
  double turnout = not_known;  // 0..1, may exceed 1
};

struct Stratum {
  int level = -1;  // -1: the whole count
  PlaceIndex place = no_place;
  std::vector<Unit> units;  // the objected first, then the controls; each part by unit key
  std::size_t objected = 0;
  bool has_turnout = false;
  double sum_share = 0, sum_turnout = 0;  // over all units

  std::size_t controls() const { return units.size() - objected; }
};

double Unit::*const share = &Unit::share;
double Unit::*const turnout = &Unit::turnout;

double mean(const Stratum& stratum, std::size_t begin, std::size_t end, double Unit::*quantity) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += stratum.units[i].*quantity;
  return sum / static_cast<double>(end - begin);
}
double of_objected(const Stratum& s, double Unit::*quantity) {
  return mean(s, 0, s.objected, quantity);
}
double of_controls(const Stratum& s, double Unit::*quantity) {
  return mean(s, s.objected, s.units.size(), quantity);
}

// n (mean of the drawn - mean of the rest), from the sum over the drawn.
double contrast(const Stratum& stratum, double total, double drawn) {
  const auto n = static_cast<double>(stratum.objected), rest = static_cast<double>(stratum.controls());
  return drawn - n * (total - drawn) / rest;
}

void add_up(Stratum& stratum) {
  stratum.has_turnout = true;
  stratum.sum_share = stratum.sum_turnout = 0;
  for (const auto& unit : stratum.units) {
    stratum.sum_share += unit.share;
    stratum.sum_turnout += unit.turnout;
    stratum.has_turnout = stratum.has_turnout && !std::isnan(unit.turnout);
  }
}

class Matcher {
 public:
  Matcher(const Count& count, const ControlsRequest& request, std::size_t option,
          const std::vector<UnitIndex>& objected)
      : count_(count), request_(request) {
    std::vector<char> is_objected(count.units(), 0);
    for (const UnitIndex unit : objected) is_objected[unit] = 1;
    const auto reported = [](const Column& column, UnitIndex u) { return !column.empty() && column[u] != missing; };
    const auto cast_known = [&](UnitIndex u) {
      return reported(count.cast, u) || (reported(count.blank, u) && reported(count.null, u));
    };
    for (UnitIndex u = 0; u < count.units(); ++u) {
      Unit unit{.index = u, .size = size_of(count, u), .valid = count.valid_of(u), .votes = votes_of(count, option, u)};
      if (unit.valid <= 0) {
        if (is_objected[u]) not_compared.emplace_back(u, "no valid votes");
        continue;
      }
      unit.share = static_cast<double>(unit.votes) / static_cast<double>(unit.valid);
      if (cast_known(u) && count.registered_of(u) > 0)
        unit.turnout = static_cast<double>(count.cast_of(u)) / static_cast<double>(count.registered_of(u));
      (is_objected[u] ? open_ : free_).push_back(unit);
    }
    const auto by_key = [&](const Unit& a, const Unit& b) {
      return count.unit_keys[a.index] < count.unit_keys[b.index];
    };
    std::sort(open_.begin(), open_.end(), by_key);
    std::sort(free_.begin(), free_.end(), by_key);
  }

  // The lowest level first; `top` is the highest to be used, -1 for the whole count.
  void match(int top) {
    for (int level = static_cast<int>(count_.hierarchy.levels().size()) - 1;
         level >= std::max(top, 0) && !open_.empty(); --level) {
      const auto places = places_on_level(count_, count_.hierarchy.levels()[static_cast<std::size_t>(level)]);
      if (!places.empty()) match_level(level, [&](UnitIndex unit) { return places[unit]; });
    }
    if (top < 0 && !open_.empty()) match_level(-1, [](UnitIndex) { return PlaceIndex{0}; });
    for (const auto& unit : open_)
      not_compared.emplace_back(unit.index, "fewer controls of its size than min_controls at every level");
    for (auto& stratum : strata) add_up(stratum);
  }

  std::vector<Stratum> strata;
  std::vector<std::pair<UnitIndex, std::string>> not_compared;

 private:
  struct Group {
    std::vector<Unit> objected, controls;
    std::int64_t smallest = 0, largest = 0;
    double middle() const {
      return (std::log(static_cast<double>(smallest)) + std::log(static_cast<double>(largest))) / 2;
    }
  };

  template <class PlaceOf>
  void match_level(int level, PlaceOf&& place_of) {
    std::map<PlaceIndex, std::vector<Group>> groups;
    std::map<PlaceIndex, std::vector<Unit>> open;
    std::vector<Unit> still_open;
    for (const auto& unit : open_) {
      if (const PlaceIndex place = place_of(unit.index); place != no_place)
        open[place].push_back(unit);
      else
        still_open.push_back(unit);
    }
    for (auto& [place, units] : open) {
      std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) { return a.size < b.size; });
      for (const auto& unit : units) {
        auto& of_place = groups[place];
        if (of_place.empty() ||
            static_cast<double>(unit.size) > request_.size_ratio * static_cast<double>(of_place.back().smallest))
          of_place.push_back({.objected = {}, .controls = {}, .smallest = unit.size, .largest = unit.size});
        of_place.back().objected.push_back(unit);
        of_place.back().largest = unit.size;
      }
    }
    std::vector<Group*> taken_by(free_.size(), nullptr);
    for (std::size_t i = 0; i < free_.size(); ++i) {
      const auto found = groups.find(place_of(free_[i].index));
      if (found == groups.end()) continue;
      const auto size = static_cast<double>(free_[i].size);
      double nearest = std::numeric_limits<double>::infinity();
      for (auto& group : found->second) {
        if (size * request_.size_ratio < static_cast<double>(group.largest) ||
            size > request_.size_ratio * static_cast<double>(group.smallest))
          continue;
        const double distance = std::abs(std::log(size) - group.middle());
        if (distance < nearest) {
          nearest = distance;
          taken_by[i] = &group;
        }
      }
      if (taken_by[i]) taken_by[i]->controls.push_back(free_[i]);
    }
    const auto enough = [&](const Group& group) {
      return static_cast<std::int64_t>(group.controls.size()) >= request_.min_controls;
    };
    std::vector<Unit> still_free;
    for (std::size_t i = 0; i < free_.size(); ++i)
      if (!taken_by[i] || !enough(*taken_by[i])) still_free.push_back(free_[i]);
    const std::size_t before = strata.size();
    for (auto& [place, of_place] : groups)
      for (auto& group : of_place) {
        if (!enough(group)) {
          still_open.insert(still_open.end(), group.objected.begin(), group.objected.end());
          continue;
        }
        Stratum stratum{.level = level, .place = level < 0 ? no_place : place, .units = std::move(group.objected)};
        std::sort(stratum.units.begin(), stratum.units.end(),
                  [&](const Unit& a, const Unit& b) { return key(a) < key(b); });
        stratum.objected = stratum.units.size();
        stratum.units.insert(stratum.units.end(), group.controls.begin(), group.controls.end());
        strata.push_back(std::move(stratum));
      }
    // By the first unit's key: the numbering of places depends on the order of rows, this does not.
    std::sort(strata.begin() + static_cast<std::ptrdiff_t>(before), strata.end(),
              [&](const Stratum& a, const Stratum& b) { return key(a.units.front()) < key(b.units.front()); });
    std::sort(still_open.begin(), still_open.end(), [&](const Unit& a, const Unit& b) { return key(a) < key(b); });
    open_ = std::move(still_open);
    free_ = std::move(still_free);
  }

  std::string_view key(const Unit& unit) const { return count_.unit_keys[unit.index]; }

  const Count& count_;
  const ControlsRequest& request_;
  std::vector<Unit> open_, free_;
};

struct Difference {
  double points = not_known;
  double p_value = not_known;
  TestKind kind = TestKind::calibrated;
  std::int64_t replicates = 0;
};

// No draw reached what was observed: the p-value is below 1 / (replicates + 1), and no draw shows how far.
bool at_the_floor(const Difference& d) {
  return d.kind == TestKind::calibrated && d.replicates > 0 && d.p_value * static_cast<double>(d.replicates + 1) < 1.5;
}
std::string p_text(const Difference& d) {
  return fmt::format("{}{}", at_the_floor(d) ? "at most " : "", fixed(d.p_value, d.p_value < .01 ? 4 : 2));
}

// Sums of n_g x contrast, one per replicate, are told apart from the observed one only beyond rounding.
bool as_extreme(double drawn, double observed) {
  return std::abs(drawn) >= std::abs(observed) - 1e-9 * (1 + std::abs(observed));
}

// How many ways there are to choose the objected units, or more than `most`.
double arrangements(const std::vector<Stratum>& strata, double most) {
  double all = 1;
  for (const auto& stratum : strata)
    for (std::size_t k = 1; k <= std::min(stratum.objected, stratum.controls()); ++k) {
      all = all * static_cast<double>(stratum.units.size() - std::min(stratum.objected, stratum.controls()) + k) /
            static_cast<double>(k);
      if (all > 2 * most) return all;
    }
  return std::round(all);
}

// Every value of a stratum's contrast.
void enumerate(const Stratum& stratum, double Unit::*quantity, double total, std::size_t from, std::size_t left,
               double drawn, std::vector<double>& out) {
  if (left == 0) {
    out.push_back(contrast(stratum, total, drawn));
    return;
  }
  for (std::size_t i = from; i + left <= stratum.units.size(); ++i)
    enumerate(stratum, quantity, total, i + 1, left - 1, drawn + stratum.units[i].*quantity, out);
}

// The strata of one level follow one another: [begin, end) of each.
std::vector<std::pair<std::size_t, std::size_t>> levels_of(const std::vector<Stratum>& strata) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t g = 0; g < strata.size(); ++g) {
    if (g == 0 || strata[g].level != strata[g - 1].level) out.emplace_back(g, g);
    out.back().second = g + 1;
  }
  return out;
}

// sum_g n_g (o_g - c_g) over strata [begin, end); strata without turnout count nothing to it.
double observed_sum(const std::vector<Stratum>& strata, std::size_t begin, std::size_t end, double Unit::*quantity) {
  double sum = 0;
  for (std::size_t g = begin; g < end; ++g)
    if (quantity == share || strata[g].has_turnout)
      sum += static_cast<double>(strata[g].objected) *
             (of_objected(strata[g], quantity) - of_controls(strata[g], quantity));
  return sum;
}

std::size_t objected_in(const std::vector<Stratum>& strata, double Unit::*quantity) {
  std::size_t n = 0;
  for (const auto& stratum : strata) n += quantity == share || stratum.has_turnout ? stratum.objected : 0;
  return n;
}

// Share of all arrangements that are as extreme as the one observed.
double exact_p(const std::vector<Stratum>& strata, std::size_t begin, std::size_t end, double Unit::*quantity) {
  const double observed = observed_sum(strata, begin, end, quantity);
  std::vector<double> sums = {0};
  for (std::size_t g = begin; g < end; ++g) {
    const auto& stratum = strata[g];
    if (quantity == turnout && !stratum.has_turnout) continue;
    std::vector<double> values, next;
    enumerate(stratum, quantity, quantity == share ? stratum.sum_share : stratum.sum_turnout, 0, stratum.objected, 0,
              values);
    for (const double sum : sums)
      for (const double value : values) next.push_back(sum + value);
    sums = std::move(next);
  }
  const auto extreme = std::count_if(sums.begin(), sums.end(), [&](double sum) { return as_extreme(sum, observed); });
  return static_cast<double>(extreme) / static_cast<double>(sums.size());
}

// The objected units redrawn in one stratum (Floyd's algorithm): calls each(position).
template <class Each>
void draw(Stream stream, const Stratum& stratum, std::vector<char>& taken, Each&& each) {
  const std::size_t all = stratum.units.size();
  std::vector<std::size_t> chosen;
  chosen.reserve(stratum.objected);
  for (std::size_t last = all - stratum.objected; last < all; ++last) {
    std::size_t position = stream.below(last + 1);
    if (taken[position]) position = last;
    taken[position] = 1;
    chosen.push_back(position);
    each(position);
  }
  for (const std::size_t position : chosen) taken[position] = 0;
}

struct Drawn {
  Difference share, turnout;
  std::vector<Difference> levels;  // of the share, per level
};

// The test of the header. `first_stream` tells the streams of two calls apart.
Result<Drawn> draw_anew(const std::vector<Stratum>& strata, const ControlsRequest& request, const Context& context,
                        std::uint64_t first_stream) {
  const auto levels = levels_of(strata);
  const auto n_share = objected_in(strata, share), n_turnout = objected_in(strata, turnout);
  const double sum_share = observed_sum(strata, 0, strata.size(), share),
               sum_turnout = observed_sum(strata, 0, strata.size(), turnout);
  Drawn out;
  out.levels.resize(levels.size());
  if (n_share == 0) return out;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    std::size_t n = 0;
    for (std::size_t g = levels[l].first; g < levels[l].second; ++g) n += strata[g].objected;
    out.levels[l].points =
        100 * observed_sum(strata, levels[l].first, levels[l].second, share) / static_cast<double>(n);
  }
  out.share.points = 100 * sum_share / static_cast<double>(n_share);
  if (n_turnout > 0) out.turnout.points = 100 * sum_turnout / static_cast<double>(n_turnout);

  const auto most = static_cast<double>(request.replicates);
  if (arrangements(strata, most) <= most) {
    out.share.p_value = exact_p(strata, 0, strata.size(), share);
    if (n_turnout > 0) out.turnout.p_value = exact_p(strata, 0, strata.size(), turnout);
    for (std::size_t l = 0; l < levels.size(); ++l) {
      out.levels[l].p_value = exact_p(strata, levels[l].first, levels[l].second, share);
      out.levels[l].kind = TestKind::exact;
    }
    out.share.kind = out.turnout.kind = TestKind::exact;
    return out;
  }

  std::vector<double> level_sum;
  for (const auto& [begin, end] : levels) level_sum.push_back(observed_sum(strata, begin, end, share));
  std::size_t largest = 0;
  for (const auto& stratum : strata) largest = std::max(largest, stratum.units.size());
  const auto replicates = static_cast<std::size_t>(request.replicates);
  std::vector<char> extreme_share(replicates), extreme_turnout(replicates), extreme_level(replicates * levels.size());
  const bool finished = parallel_for(context, replicates, "drawing objected units", [&](std::size_t replicate) {
    std::vector<char> taken(largest, 0);
    double all_share = 0, all_turnout = 0;
    for (std::size_t l = 0; l < levels.size(); ++l) {
      double of_level = 0;
      for (std::size_t g = levels[l].first; g < levels[l].second; ++g) {
        double drawn_share = 0, drawn_turnout = 0;
        draw(Stream(context.seed, Purpose::randomisation_test, replicate, first_stream + g), strata[g], taken,
             [&](std::size_t position) {
               drawn_share += strata[g].units[position].share;
               drawn_turnout += strata[g].units[position].turnout;
             });
        of_level += contrast(strata[g], strata[g].sum_share, drawn_share);
        if (strata[g].has_turnout) all_turnout += contrast(strata[g], strata[g].sum_turnout, drawn_turnout);
      }
      extreme_level[l * replicates + replicate] = as_extreme(of_level, level_sum[l]);
      all_share += of_level;
    }
    extreme_share[replicate] = as_extreme(all_share, sum_share);
    extreme_turnout[replicate] = as_extreme(all_turnout, sum_turnout);
  });
  if (!finished) return cancelled_error();
  const auto p_of = [&](const std::vector<char>& extreme, std::size_t part) {
    const auto begin = extreme.begin() + static_cast<std::ptrdiff_t>(part * replicates);
    return (1 + static_cast<double>(std::count(begin, begin + static_cast<std::ptrdiff_t>(replicates), 1))) /
           (1 + most);
  };
  out.share.p_value = p_of(extreme_share, 0);
  if (n_turnout > 0) out.turnout.p_value = p_of(extreme_turnout, 0);
  for (std::size_t l = 0; l < levels.size(); ++l) {
    out.levels[l].p_value = p_of(extreme_level, l);
    out.levels[l].replicates = request.replicates;
  }
  out.share.replicates = out.turnout.replicates = request.replicates;
  return out;
}

// Units of one lowest place are alike: where a stratum spans several such places, each place's objected units become
// one observation (their mean), and so its controls.
std::vector<Stratum> by_whole_places(const Count& count, const std::vector<Stratum>& strata) {
  const auto& levels = count.hierarchy.levels();
  if (levels.empty()) return strata;
  const auto place_of = places_on_level(count, levels.back());
  if (place_of.empty()) return strata;
  std::vector<Stratum> out;
  for (const auto& stratum : strata) {
    if (stratum.level == static_cast<int>(levels.size()) - 1) {
      out.push_back(stratum);
      continue;
    }
    Stratum merged{.level = stratum.level, .place = stratum.place, .units = {}};
    const auto merge = [&](std::size_t begin, std::size_t end) {
      std::map<PlaceIndex, std::size_t> position;
      std::vector<double> n;
      const std::size_t first = merged.units.size();
      for (std::size_t i = begin; i < end; ++i) {
        const Unit& unit = stratum.units[i];
        const PlaceIndex place = place_of[unit.index];
        const auto [entry, is_new] =
            place == no_place ? std::pair(position.end(), true) : position.try_emplace(place, n.size());
        if (is_new) {
          merged.units.push_back(unit);
          n.push_back(1);
          continue;
        }
        merged.units[first + entry->second].share += unit.share;
        merged.units[first + entry->second].turnout += unit.turnout;
        ++n[entry->second];
      }
      for (std::size_t k = 0; k < n.size(); ++k) {
        merged.units[first + k].share /= n[k];
        merged.units[first + k].turnout /= n[k];
      }
    };
    merge(0, stratum.objected);
    merged.objected = merged.units.size();
    merge(stratum.objected, stratum.units.size());
    add_up(merged);
    out.push_back(std::move(merged));
  }
  return out;
}

// Takes out every p-value: the test would test how the list was chosen.
void withhold_p_values(Finding& finding) {
  finding.test.reset();
  for (auto& table : finding.tables)
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (table.columns[c].name.starts_with("p_value"))
        for (auto& row : table.rows) row[c] = Cell{};
}

}  // namespace

MethodInfo ControlsRequest::info() {
  return {.id = "controls",
          .family = "review",
          .title = "The objected units and their neighbours",
          .question = "Are the objected units unusual for where they are?",
          .assumes =
              "Within a place, units of like size would have had exchangeable results, and the list was not chosen by "
              "those results.",
          .cost = "n log n in units, plus replicates x objected units",
          .references = {"Fisher, R. A. (1935). The Design of Experiments, section 21.",
                         "Rosenbaum, P. R. (2002). Observational Studies, 2nd ed., ch. 2-3.",
                         "Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Stat. Appl. "
                         "Genet. Mol. Biol. 9:39."},
          .see_also = {"next-election"}};
}

const OptionTable<ControlsRequest>& ControlsRequest::table() {
  static const OptionTable<ControlsRequest> options = [] {
    OptionTable<ControlsRequest> t;
    t.add(&ControlsRequest::option, {.name = "option",
                                     .unit = "option id",
                                     .text = "The option whose share is compared; empty: the leader of the count."});
    t.add(&ControlsRequest::chosen, {.name = "chosen",
                                     .unit = "",
                                     .text = "How the list was drawn up: independently of the shares, by the shares "
                                             "(then no test is shown), or not known.",
                                     .choices = {"unknown", "independent", "by-share"}});
    t.add(&ControlsRequest::min_controls,
          {.name = "min_controls",
           .unit = "units",
           .text = "How many unobjected units a place must have; with fewer, the next level up is taken.",
           .low = 1,
           .high = 1e6});
    t.add(&ControlsRequest::size_ratio,
          {.name = "size_ratio",
           .unit = "factor",
           .text =
               "Controls have a size (registered voters, else valid votes) within this factor of the objected unit's.",
           .low = 1,
           .high = 1e6});
    t.add(&ControlsRequest::top_level,
          {.name = "top_level",
           .unit = "level",
           .text = "The highest level at which controls may be taken; empty: up to the whole count."});
    t.add(&ControlsRequest::replicates, {.name = "replicates",
                                         .unit = "draws",
                                         .text = "How many times the objected units are drawn anew; all arrangements "
                                                 "are taken when there are no more than this.",
                                         .low = 99,
                                         .high = 1e6});
    t.add(&ControlsRequest::significance, {.name = "significance",
                                           .unit = "share 0..1",
                                           .text = "The answer is yes when both two-sided p of the share (unit by "
                                                   "unit, and by whole places) are at most this.",
                                           .low = 0,
                                           .high = 1});
    return t;
  }();
  return options;
}

namespace {

// Everything that is computed; what is written of it is below.
struct Compared {
  const Count& count;
  const ControlsRequest& request;
  std::string option, name{};
  std::size_t objected = 0, controls = 0, compared = 0, with_turnout = 0, nearest = 0, nearest_controls = 0;
  double objected_sum = 0, controls_sum = 0, excess = 0, nearest_excess = 0, votes_not_compared = 0;
  std::vector<std::pair<std::size_t, std::size_t>> level_parts{};
  Drawn by_unit{}, by_place{};
  std::size_t whole_units = 0, whole_with_turnout = 0;  // observations when whole places are drawn
  Difference fairest{};                                 // of the nearest level that has controls
  int fairest_level = -1;

  std::string level_name(int level) const {
    return level < 0 ? std::string("whole count") : count.hierarchy.levels()[static_cast<std::size_t>(level)];
  }
  int lowest() const { return static_cast<int>(count.hierarchy.levels().size()) - 1; }
  std::string lowest_name() const { return lowest() < 0 ? "unit" : level_name(lowest()); }
  bool enough() const { return 2 * compared >= objected && compared > 0; }
  bool most_are_near() const { return 2 * nearest >= objected; }
};

// Sums over strata [begin, end): of the objected units, and of the votes above their controls' share.
struct StrataSums {
  std::size_t units = 0, controls = 0;
  double own = 0, usual = 0, excess = 0;
};
StrataSums sums_of(const std::vector<Stratum>& strata, std::size_t begin, std::size_t end) {
  StrataSums out;
  for (std::size_t g = begin; g < end; ++g) {
    const Stratum& stratum = strata[g];
    const auto n = static_cast<double>(stratum.objected);
    const double usual = of_controls(stratum, share);
    out.units += stratum.objected;
    out.controls += stratum.controls();
    out.own += n * of_objected(stratum, share);
    out.usual += n * usual;
    for (std::size_t i = 0; i < stratum.objected; ++i)
      out.excess += static_cast<double>(stratum.units[i].votes) - usual * static_cast<double>(stratum.units[i].valid);
  }
  return out;
}

Result<Compared> compare(const Count& count, const ControlsRequest& request, const Context& context, Matcher& matcher,
                         std::size_t option, std::size_t objected) {
  const auto& strata = matcher.strata;
  Compared out{.count = count,
               .request = request,
               .option = count.contest.options[option].id.text,
               .name = name_of(count.contest, option)};
  const StrataSums all = sums_of(strata, 0, strata.size());
  out.objected = objected;
  out.controls = all.controls;
  out.compared = all.units;
  out.objected_sum = all.own;
  out.controls_sum = all.usual;
  out.excess = all.excess;
  out.with_turnout = objected_in(strata, turnout);
  for (const auto& [unit, reason] : matcher.not_compared)
    out.votes_not_compared += static_cast<double>(votes_of(count, option, unit));
  out.level_parts = levels_of(strata);
  const auto whole = by_whole_places(count, strata);
  out.whole_units = objected_in(whole, share);
  out.whole_with_turnout = objected_in(whole, turnout);
  COTEJO_TRY(by_unit, draw_anew(strata, request, context, 0));
  COTEJO_TRY(by_place, draw_anew(whole, request, context, std::uint64_t{1} << 32));
  out.by_unit = std::move(by_unit);
  out.by_place = std::move(by_place);
  if (strata.empty()) return out;
  // The fairest comparison is the nearest one: units of the same place, where there are any.
  out.fairest_level = strata.front().level;
  const StrataSums near = sums_of(strata, out.level_parts[0].first, out.level_parts[0].second);
  out.nearest = near.units;
  out.nearest_controls = near.controls;
  out.nearest_excess = near.excess;
  const Difference &unit_wise = out.by_unit.levels[0], &place_wise = out.by_place.levels[0];
  const bool places_decide = out.fairest_level != out.lowest() && place_wise.p_value > unit_wise.p_value;
  out.fairest = places_decide ? place_wise : unit_wise;
  out.fairest.points = unit_wise.points;
  return out;
}

std::string kind_of(const Difference& d) {
  return d.kind == TestKind::exact ? "exact" : "calibrated";
}

std::vector<Estimate> estimates_of(const Compared& c, std::size_t strata) {
  const auto number = [](std::size_t n) { return static_cast<double>(n); };
  const auto n_compared = number(c.compared);
  const bool any = c.compared > 0;
  std::vector<Estimate> out = {
      {"units_objected", number(c.objected), "units", "units that the challenges name, each once"},
      {"units_compared", n_compared, "units", "of these, those with enough controls of their size at some level"},
      {"controls", number(c.controls), "units", "unobjected units they are compared with, each used once"},
      {"strata", number(strata), "strata", "groups of a place and a size"},
      {"nearest_units", number(c.nearest), "units",
       fmt::format("objected units compared within the same {}, the fairest comparison there is",
                   c.level_name(c.fairest_level))},
      {"nearest_difference_points", any ? c.fairest.points : not_known, "points of valid votes",
       "D over these units alone"},
      {"nearest_excess_votes", any ? c.nearest_excess : not_known, "votes",
       fmt::format("votes of {} in these units above their controls' share", c.option)},
      {"objected_share_percent", any ? 100 * c.objected_sum / n_compared : not_known, "% of valid votes",
       fmt::format("mean share of {} in the compared units", c.option)},
      {"controls_share_percent", any ? 100 * c.controls_sum / n_compared : not_known, "% of valid votes",
       "sum n_g c_g / sum n_g: mean share in their controls, stratum by stratum"},
      {"leader_share_difference_points", any ? c.by_unit.share.points : not_known, "points of valid votes",
       "D = sum n_g (o_g - c_g) / sum n_g"},
      {"excess_votes", any ? c.excess : not_known, "votes",
       fmt::format("sum (M_g - c_g V_g): votes of {} in the compared units above their controls' share", c.option)}};
  if (c.with_turnout > 0)
    out.push_back({"turnout_difference_points", c.by_unit.turnout.points, "points of registered",
                   "the same D for 100 cast / registered"});
  return out;
}

Table tests_table(const Compared& c) {
  Table out{.id = "tests",
            .title = "The objected units drawn anew in their strata",
            .columns = {{"quantity"},
                        {"difference_points", "points"},
                        {"p_value", "", "two-sided"},
                        {"kind"},
                        {"units", "units"},
                        {"at_most", "", "no draw was as extreme: the p-value is at most this"}},
            .rows = {}};
  const auto row = [&](std::string quantity, const Difference& difference, std::size_t n) {
    out.rows.push_back({std::move(quantity), difference.points, difference.p_value, kind_of(difference),
                        static_cast<std::int64_t>(n), at_the_floor(difference)});
  };
  if (c.compared == 0) return out;
  const std::string place = c.lowest_name();
  row("leader share", c.by_unit.share, c.compared);
  row(fmt::format("leader share, whole {}s outside their own", place), c.by_place.share, c.whole_units);
  if (c.with_turnout == 0) return out;
  row("turnout", c.by_unit.turnout, c.with_turnout);
  row(fmt::format("turnout, whole {}s outside their own", place), c.by_place.turnout, c.whole_with_turnout);
  return out;
}

// One row per level that controls were found on.
Table levels_table(const Compared& c, const std::vector<Stratum>& strata) {
  Table out{.id = "levels",
            .title = "Where the controls lie",
            .columns = {{"level"},
                        {"strata", "strata"},
                        {"units", "units"},
                        {"controls", "units"},
                        {"leader_share_difference_points", "points"},
                        {"p_value", "", "two-sided, of the share, these strata alone"},
                        {"p_value_whole_places", "", "the same, whole places drawn"},
                        {"turnout_difference_points", "points"},
                        {"excess_votes", "votes"}},
            .rows = {}};
  for (std::size_t l = 0; l < c.level_parts.size(); ++l) {
    const auto [begin, end] = c.level_parts[l];
    const StrataSums sums = sums_of(strata, begin, end);
    double turnout_sum = 0, n_turnout = 0;
    for (std::size_t g = begin; g < end; ++g)
      if (strata[g].has_turnout) {
        const auto n = static_cast<double>(strata[g].objected);
        n_turnout += n;
        turnout_sum += n * (of_objected(strata[g], turnout) - of_controls(strata[g], turnout));
      }
    out.rows.push_back({c.level_name(strata[begin].level), static_cast<std::int64_t>(end - begin),
                        static_cast<std::int64_t>(sums.units), static_cast<std::int64_t>(sums.controls),
                        c.by_unit.levels[l].points, c.by_unit.levels[l].p_value, c.by_place.levels[l].p_value,
                        n_turnout > 0 ? 100 * turnout_sum / n_turnout : not_known, sums.excess});
  }
  return out;
}

void sort_by_unit(Table& table) {
  std::sort(table.rows.begin(), table.rows.end(), [](const std::vector<Cell>& a, const std::vector<Cell>& b) {
    return std::get<std::string>(a[0]) < std::get<std::string>(b[0]);
  });
}

Table units_table(const Compared& c, const std::vector<Stratum>& strata) {
  Table out{.id = "units",
            .title = "Each objected unit and its controls",
            .columns = {{"unit"},
                        {"level"},
                        {"place"},
                        {"size", "voters", "registered, else valid votes"},
                        {"valid", "votes"},
                        {"leader_votes", "votes"},
                        {"leader_share_percent", "%"},
                        {"turnout_percent", "%"},
                        {"controls", "units"},
                        {"controls_share_percent", "%"},
                        {"controls_turnout_percent", "%"},
                        {"difference_points", "points"},
                        {"excess_votes", "votes"}},
            .rows = {}};
  for (const Stratum& stratum : strata) {
    const double usual = of_controls(stratum, share);
    const double usual_turnout = stratum.has_turnout ? of_controls(stratum, turnout) : not_known;
    for (std::size_t i = 0; i < stratum.objected; ++i) {
      const Unit& unit = stratum.units[i];
      out.rows.push_back({std::string(c.count.unit_keys[unit.index]), c.level_name(stratum.level),
                          stratum.place == no_place ? std::string() : c.count.hierarchy.path(stratum.place), unit.size,
                          unit.valid, unit.votes, 100 * unit.share, 100 * unit.turnout,
                          static_cast<std::int64_t>(stratum.controls()), 100 * usual, 100 * usual_turnout,
                          100 * (unit.share - usual),
                          static_cast<double>(unit.votes) - usual * static_cast<double>(unit.valid)});
    }
  }
  sort_by_unit(out);
  return out;
}

Figure units_figure(const Compared& c, const std::vector<Stratum>& strata) {
  DumbbellsFigure data{.rows = {}, .unit = "% of valid votes"};
  for (const Stratum& stratum : strata)
    for (std::size_t i = 0; i < stratum.objected; ++i) {
      const Unit& unit = stratum.units[i];
      data.rows.push_back(
          {std::string(c.count.unit_keys[unit.index]), 100 * unit.share, 100 * of_controls(stratum, share)});
    }
  std::sort(data.rows.begin(), data.rows.end(),
            [](const auto& a, const auto& b) { return a.label.english() < b.label.english(); });
  return figure("units", "Objected units beside their controls", data);
}

Table not_compared_table(const Count& count, const Matcher& matcher) {
  Table out{
      .id = "not_compared", .title = "Objected units without controls", .columns = {{"unit"}, {"reason"}}, .rows = {}};
  for (const auto& [unit, reason] : matcher.not_compared)
    out.rows.push_back({std::string(count.unit_keys[unit]), reason});
  sort_by_unit(out);
  return out;
}

// A difference answers the question only when the list was not chosen by it; and only the nearest comparison holds the
// place fixed: what differs further away may be geography.
Answer answer_of(const Compared& c) {
  if (!c.enough()) return Answer::undetermined;
  if (c.request.chosen == "by-share") return Answer::descriptive;
  const double significance = c.request.significance;
  const Answer differs = c.request.chosen == "independent" ? Answer::yes : Answer::undetermined;
  if (c.fairest.p_value <= significance) return differs;
  if (c.most_are_near()) return Answer::no;
  const bool all_differ = std::max(c.by_unit.share.p_value, c.by_place.share.p_value) <= significance;
  return all_differ ? Answer::undetermined : Answer::no;
}

std::vector<Condition> conditions_of(const Compared& c) {
  const bool by_share = c.request.chosen == "by-share", independent = c.request.chosen == "independent";
  const std::size_t at_lowest = c.fairest_level == c.lowest() && c.lowest() >= 0 ? c.nearest : 0;
  return {
      {fmt::format("At least half of the objected units have controls ({} of {})", c.compared, c.objected), c.enough()},
      {c.lowest() < 0 ? std::string("Controls lie in the same place (the count has no places)")
                      : fmt::format("Controls lie in the same {} ({} of {} units; the rest further away, table levels)",
                                    c.lowest_name(), at_lowest, c.compared),
       at_lowest == c.compared && c.compared > 0},
      {fmt::format("The list was drawn up without looking at the shares it is compared by (option chosen = {}{})",
                   c.request.chosen,
                   by_share      ? ": a test would test the choice, so none is shown"
                   : independent ? ""
                                 : ": nobody has said so"),
       independent},
      {fmt::format("Turnout is known (for {} of {} units)", c.with_turnout, c.compared),
       c.with_turnout == c.compared && c.compared > 0}};
}

// The fairest comparison in votes; empty where there is none.
std::vector<Text> in_short(const Compared& c, const Finding& finding) {
  if (!c.enough()) return {};
  std::vector<Text> out{fmt::format(
      "{} objected {} differ from {} others {} by {} for {}{}", c.nearest, c.count.unit_name + "s", c.nearest_controls,
      c.fairest_level < 0 ? std::string("of the whole count")
                          : fmt::format("of the same {}", c.level_name(c.fairest_level)),
      counted(std::llround(c.nearest_excess), "vote"), c.name,
      finding.at_stake && finding.at_stake->needed
          ? fmt::format(", against {} needed", with_thousands(std::llround(*finding.at_stake->needed)))
          : "")};
  if (c.objected > c.nearest)
    out.push_back(fmt::format("for {} of {} there is no comparison so near", c.objected - c.nearest, c.objected));
  if (c.request.chosen == "by-share")
    out.emplace_back("the list was chosen for its share, so that a difference is no evidence");
  return out;
}

// The fairest comparison first, then for how many units there is none.
std::string headline_of(const Compared& c, const Finding& finding) {
  if (!c.enough())
    return fmt::format("Undetermined: of {} objected units only {} have at least {} controls of their size.",
                       c.objected, c.compared, c.request.min_controls);
  const bool by_share = c.request.chosen == "by-share";
  const auto p = [&](const Difference& d) { return by_share ? "" : fmt::format(" (two-sided p {})", p_text(d)); };
  std::string out =
      fmt::format("{}, the fairest comparison there is: {} differ from {} by {} points for {}{}, {}{}.",
                  c.fairest_level < 0 ? std::string("Within the whole count")
                                      : fmt::format("Within the same {}", c.level_name(c.fairest_level)),
                  counted(c.nearest, "objected unit"), counted(c.nearest_controls, "other"), fixed(c.fairest.points, 2),
                  c.option, p(c.fairest), counted(std::llround(c.nearest_excess), "vote"),
                  finding.at_stake && finding.at_stake->needed
                      ? fmt::format(" against {} needed", with_thousands(std::llround(*finding.at_stake->needed)))
                      : "");
  const std::size_t without = c.objected - c.nearest;
  if (without > 0) out += fmt::format(" For {} of {} objected units there is none so near.", without, c.objected);
  if (c.compared > c.nearest)
    out += fmt::format(" With controls further away, which mixes in geography: {}, {} points{}, {}.",
                       counted(c.compared, "unit"), fixed(c.by_unit.share.points, 2),
                       p(c.by_place.share.p_value > c.by_unit.share.p_value ? c.by_place.share : c.by_unit.share),
                       counted(std::llround(c.excess), "vote"));
  if (by_share)
    out += " The list was chosen for its share, so this difference is the criterion of the choice, not evidence.";
  else if (c.request.chosen != "independent")
    out += " Where the list was chosen because the share was high, a difference is not evidence.";
  return out;
}

}  // namespace

Result<Finding> run(const Count& count, const ControlsRequest& request, const Context& context) {
  if (request.challenges.empty())
    return needs("a challenge", "Name one with --challenge; `cotejo list CASE` shows those there are.");
  COTEJO_TRY(objected, resolve_union(request.challenges, count));
  if (objected.size() == count.units())
    return needs("units that nobody objected to", "The challenges list every unit of the count.");
  COTEJO_TRY(option, option_or_leader(count, request.option));
  int top = -1;
  if (!request.top_level.empty()) {
    COTEJO_TRY(level, level_named(count, "top_level", request.top_level));
    top = static_cast<int>(level);
  }
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count.contest));

  Matcher matcher(count, request, option, objected);
  matcher.match(top);
  COTEJO_TRY(c, compare(count, request, context, matcher, option, objected.size()));

  Finding finding = open_finding(ControlsRequest::info(), count, context);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));
  finding.estimates = estimates_of(c, matcher.strata.size());
  if (c.compared > 0)
    finding.test = Test{c.fairest.points, c.fairest.p_value, c.fairest.kind,
                        fmt::format("within every {} and size, each choice of equally many units was as likely to be "
                                    "objected to",
                                    c.level_name(c.fairest_level)),
                        c.fairest.replicates};
  finding.tables = {tests_table(c), levels_table(c, matcher.strata), units_table(c, matcher.strata),
                    not_compared_table(count, matcher)};
  if (c.compared > 0) finding.figures.push_back(units_figure(c, matcher.strata));
  if (c.compared > 0 && request.rule) {
    // At least nothing, at most what lies above the controls' share further away too, and every vote of units without controls.
    const double most = std::max({0.0, c.excess, c.nearest_excess}) + c.votes_not_compared;
    const auto above = [&](Mechanism mechanism) {
      return VotesInQuestion{.mechanism = mechanism,
                             .votes = std::max(0.0, c.excess),
                             .low = 0,
                             .high = most,
                             .direction = {.from = option},
                             .what = "votes above the controls' share"};
    };
    const std::array entries{above(Mechanism::moved), above(Mechanism::withdrawn)};
    hold_against_rule(finding, *request.rule, count.contest, tally(count), entries);
    if (!c.enough()) finding.for_outcome = ForOutcome::unknown;
  }
  finding.answer = answer_of(c);
  if (request.chosen == "by-share") withhold_p_values(finding);
  finding.conditions = conditions_of(c);
  finding.does_not_show = {
      "Anything about the votes, where the list was chosen because the share was high: then the difference is the "
      "criterion of the choice, not evidence. "
      "How a list was chosen has to be read in its source.",
      "Why units differ: voters of one building are assigned to tables by name or by street, and neighbours in one "
      "village vote alike.",
      "That units with an ordinary result were counted rightly."};
  finding.headline = headline_of(c, finding);
  finding.in_short = in_short(c, finding);
  return finding;
}

}  // namespace cotejo
