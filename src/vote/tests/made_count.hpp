// Counts for tests: written by hand, one line a unit; drawn at random; and the changes under which results must not, or
// must, change.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo::test {

struct Row {
  std::string key;
  std::vector<std::int32_t> votes;
  std::vector<std::string>
      places{};  // from the top level down; fewer than there are levels: attached higher up; none: outside
  Column registered{}, cast{}, valid{}, blank{}, null{};  // one value, or none: the count does not report it
};

inline Count made_count(const std::vector<std::string>& options, const std::vector<Row>& rows,
                        std::vector<std::string> levels = {}, std::string id = "made/count") {
  Count count;
  count.id = CountId{std::move(id)};
  count.contest.id = ContestId{"made/contest"};
  for (const auto& option : options) count.contest.options.push_back({OptionId{option}, "Option " + option});
  count.hierarchy = Hierarchy(std::move(levels));
  count.votes.resize(options.size() * rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    count.unit_keys.push_back(row.key);
    for (std::size_t o = 0; o < options.size(); ++o) count.votes[o * rows.size() + i] = row.votes.at(o);
    if (!count.hierarchy.levels().empty()) {
      PlaceIndex place = no_place;
      for (const auto& name : row.places) place = count.hierarchy.add(place, name);
      count.unit_place.push_back(place);
    }
    for (const auto& [column, value] : {std::pair{&count.registered, &row.registered},
                                        {&count.cast, &row.cast},
                                        {&count.valid, &row.valid},
                                        {&count.blank, &row.blank},
                                        {&count.null, &row.null}})
      column->insert(column->end(), value->begin(), value->end());
  }
  return count;
}

inline Challenge made_challenge(std::vector<std::string> keys, std::string id = "list") {
  Challenge challenge;
  challenge.id = ChallengeId{std::move(id)};
  challenge.unit_keys = std::move(keys);
  return challenge;
}

struct Drawn {
  std::size_t units = 10, options = 3;
  std::uint64_t most_votes = 30;  // per option and unit, the first ones more, the last ones less
  bool reports_ballots = true;    // registered, blank and null
  std::size_t places = 0;         // 0: no hierarchy; else two levels, `region` and `precinct`
  double first_option = 1;        // how much stronger the first option is
};

// A small election drawn at random: the same for the same seed.
inline Count drawn_count(Seed seed, const Drawn& how) {
  Stream stream(seed, Purpose::synthetic_election);
  std::vector<std::string> options;
  for (std::size_t o = 0; o < how.options; ++o) options.push_back(std::string(1, static_cast<char>('A' + o)));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < how.units; ++i) {
    Row row{.key = "u" + std::to_string(i + 1), .votes = {}};
    std::int32_t valid = 0;
    for (std::size_t o = 0; o < how.options; ++o) {
      const double strength = (o == 0 ? how.first_option : 1) / (1 + .4 * static_cast<double>(o));
      row.votes.push_back(static_cast<std::int32_t>(strength * static_cast<double>(stream.below(how.most_votes + 1))));
      valid += row.votes.back();
    }
    if (how.reports_ballots) {
      row.blank = {static_cast<std::int32_t>(stream.below(4))};
      row.null = {static_cast<std::int32_t>(stream.below(4))};
      row.registered = {
          static_cast<std::int32_t>(static_cast<double>(valid + row.blank[0] + row.null[0]) * (1 + stream.uniform())) +
          1};
    }
    if (how.places > 0) {
      const auto place = stream.below(how.places);
      row.places = {"region " + std::to_string(place % 3), "precinct " + std::to_string(place)};
    }
    rows.push_back(std::move(row));
  }
  return made_count(options, rows,
                    how.places > 0 ? std::vector<std::string>{"region", "precinct"} : std::vector<std::string>{});
}

template <class T>
std::vector<T> shuffled(std::vector<T> items, Seed seed) {
  Stream stream(seed, Purpose::permutation_test, 1);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[stream.below(i)]);
  return items;
}

inline std::vector<std::size_t> drawn_order(std::size_t n, Seed seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return shuffled(std::move(order), seed);
}

// The units `order` of the count, in that order: all of them in another order, or some of them.
inline Count with_units_in(const Count& count, const std::vector<std::size_t>& order) {
  Count out = count;
  const auto chosen = [&](const auto& column, std::size_t begin, auto& into) {
    for (const auto unit : order) into.push_back(column[begin + unit]);
  };
  out.unit_keys = {};
  for (const auto unit : order) out.unit_keys.push_back(count.unit_keys[unit]);
  out.votes.clear();
  for (std::size_t o = 0; o < count.options(); ++o) chosen(count.votes, o * count.units(), out.votes);
  out.unit_place.clear();
  if (!count.unit_place.empty()) chosen(count.unit_place, 0, out.unit_place);
  for (Column Count::*column : {&Count::registered, &Count::cast, &Count::valid, &Count::blank, &Count::null}) {
    (out.*column).clear();
    if (!(count.*column).empty()) chosen(count.*column, 0, out.*column);
  }
  return out;
}

// The same count with its options listed in another order.
inline Count with_options_in(const Count& count, const std::vector<std::size_t>& order) {
  Count out = count;
  for (std::size_t o = 0; o < order.size(); ++o) {
    out.contest.options[o] = count.contest.options[order[o]];
    std::copy_n(count.option(order[o]).begin(), count.units(),
                out.votes.begin() + static_cast<std::ptrdiff_t>(o * count.units()));
  }
  return out;
}

// Every number times `factor`.
inline Count scaled(Count count, std::int32_t factor) {
  for (Column* column : {&count.votes, &count.registered, &count.cast, &count.valid, &count.blank, &count.null})
    for (auto& value : *column)
      if (value != missing) value *= factor;
  return count;
}

// The units of every lowest place merged into one unit, whose key is the place's path.
inline Count with_precincts_merged(const Count& count) {
  std::vector<Row> rows;
  std::vector<PlaceIndex> place_of_row;
  std::vector<std::string> options;
  for (const auto& option : count.contest.options) options.push_back(option.id.text);
  const auto add = [](Column& to, const Column& from, UnitIndex unit) {
    if (from.empty()) return;
    if (to.empty()) to = {0};
    to[0] += from[unit];
  };
  for (UnitIndex unit = 0; unit < count.units(); ++unit) {
    const auto found = std::find(place_of_row.begin(), place_of_row.end(), count.unit_place[unit]);
    const auto i = static_cast<std::size_t>(found - place_of_row.begin());
    if (found == place_of_row.end()) {
      place_of_row.push_back(count.unit_place[unit]);
      rows.push_back(
          {.key = count.hierarchy.path(count.unit_place[unit]), .votes = std::vector<std::int32_t>(count.options())});
    }
    for (std::size_t o = 0; o < count.options(); ++o) rows[i].votes[o] += count.vote(o, unit);
    add(rows[i].registered, count.registered, unit);
    add(rows[i].cast, count.cast, unit);
    add(rows[i].blank, count.blank, unit);
    add(rows[i].null, count.null, unit);
  }
  Count merged = made_count(options, rows);
  merged.hierarchy = count.hierarchy;
  merged.unit_place = place_of_row;
  return merged;
}

}  // namespace cotejo::test
