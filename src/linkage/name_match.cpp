#include "name_match.hpp"

#include <algorithm>
#include <cmath>

namespace cotejo::linkage {

namespace {

bool one_edit_apart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t k = 0;
  while (k < a.size() && a[k] == b[k]) ++k;
  if (a.size() < b.size()) return a.substr(k) == b.substr(k + 1);
  if (k == a.size()) return true;
  if (a.substr(k + 1) == b.substr(k + 1)) return true;
  return k + 1 < a.size() && a[k] == b[k + 1] && a[k + 1] == b[k] && a.substr(k + 2) == b.substr(k + 2);
}

bool may_be_misspelt(const std::string& word) {
  return word.size() >= 5 && std::none_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

NameMatch match(const std::vector<Index>& a, const std::vector<Index>& b, const WordCounts& counts) {
  std::vector<Index> only_a, only_b;
  double log_chance = 0;
  bool shares = false;
  const auto share_of = [&](Index word, Index as) {
    const double second = std::max({counts.second[as], counts.second[word], 1.0});
    return std::min(1.0, std::max(second / counts.n_second, counts.first[word] / counts.n_first));
  };
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (j == b.size() || (i < a.size() && a[i] < b[j])) {
      only_a.push_back(a[i++]);
    } else if (i == a.size() || b[j] < a[i]) {
      only_b.push_back(b[j++]);
    } else {
      log_chance += std::log(share_of(a[i], b[j]));
      shares = true;
      ++i;
      ++j;
    }
  }
  // Words one edit apart agree too. The lists are short; each word is used once, in the order of the text.
  for (auto word = only_a.begin(); word != only_a.end();) {
    const std::string& text = (*counts.text)[*word];
    const auto twin =
        !may_be_misspelt(text) ? only_b.end() : std::find_if(only_b.begin(), only_b.end(), [&](Index other) {
          return may_be_misspelt((*counts.text)[other]) && one_edit_apart(text, (*counts.text)[other]);
        });
    if (twin == only_b.end()) {
      ++word;
      continue;
    }
    log_chance += std::log(share_of(*word, *twin));
    shares = true;
    only_b.erase(twin);
    word = only_a.erase(word);
  }
  if (!shares || log_chance == 0) return {};
  double weight_a = -log_chance, weight_b = -log_chance;
  for (const Index word : only_a)
    if (counts.second[word] > 0) weight_a -= std::log(std::min(1.0, counts.second[word] / counts.n_second));
  for (const Index word : only_b)
    if (counts.first[word] > 0) weight_b -= std::log(std::min(1.0, counts.first[word] / counts.n_first));
  return {2 * -log_chance / (weight_a + weight_b), std::max(std::exp(log_chance), 1 / counts.n_second)};
}

}  // namespace cotejo::linkage
