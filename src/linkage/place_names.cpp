#include "place_names.hpp"

#include <algorithm>

#include "agreement.hpp"

namespace cotejo::linkage {

PlaceNames::PlaceNames(Sides& sides) {
  words_.resize(sides.levels);
  counts_.resize(sides.levels);
  std::vector<std::vector<std::string>> by_id(sides.levels);
  for (std::size_t l = 0; l < sides.levels; ++l) by_id[l].resize(sides.texts.places[l].size());
  const auto note = [&](const LinkPlaces& in, const Side& side) {
    for (std::size_t l = 0; l < sides.levels; ++l)
      for (Index i = 0; i < side.n; ++i)
        if (by_id[l][side.own[l][i]].empty())
          by_id[l][side.own[l][i]] = sides.texts.normal(in.above[l][side.original[i]]);
  };
  note(sides.in_first, sides.first);
  note(sides.in_second, sides.second);
  for (std::size_t l = 0; l < sides.levels; ++l) {
    on_first_.emplace_back(by_id[l].size(), char{0});
    on_second_.emplace_back(by_id[l].size(), char{0});
    for (const Index own : sides.first.own[l]) on_first_[l][own] = 1;
    for (const Index own : sides.second.own[l]) on_second_[l][own] = 1;
  }
  for (std::size_t l = 0; l < sides.levels; ++l)
    for (const auto& text : by_id[l]) words_[l].push_back(words_of(text, sides.texts));
  for (std::size_t l = 0; l < sides.levels; ++l) {
    auto& counts = counts_[l];
    counts.text = &sides.texts.word_text;
    const auto tally = [&](const Side& side, std::vector<double>& of_word, double& n) {
      std::vector<Index> own = side.own[l];
      std::sort(own.begin(), own.end());
      own.erase(std::unique(own.begin(), own.end()), own.end());
      of_word.assign(sides.texts.words.size(), 0);
      n = static_cast<double>(own.size()) + 1;  // so that a word of the only place still weighs something
      for (const Index place : own)
        for (const Index word : words_[l][place]) ++of_word[word];
    };
    tally(sides.first, counts.first, counts.n_first);
    tally(sides.second, counts.second, counts.n_second);
  }
}

PlaceClass PlaceNames::compare(std::size_t level, Index own_first, Index own_second) const {
  if (own_first == 0 || own_second == 0) return unknown_place;
  if (own_first == own_second) return same_place;
  // "District 1" and "District 2" are alike, but each has its own namesake on the other side.
  if (on_second_[level][own_first] || on_first_[level][own_second]) return other_place;
  const auto& a = words_[level][own_first];
  const auto& b = words_[level][own_second];
  return match(a, b, counts_[level]).similarity >= similar_place ? similar_place_name : other_place;
}

}  // namespace cotejo::linkage
