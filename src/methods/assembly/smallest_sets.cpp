#include "smallest_sets.hpp"

#include <algorithm>
#include <map>

namespace cotejo {

namespace {

using Sums = std::vector<std::int64_t>;
// size -> sums, each capped at its quota -> how many sets
using Polynomial = std::map<std::int64_t, std::map<Sums, BigCount>>;

// Sets larger than `largest` are not kept. False when more sums are formed than are left.
bool multiply(Polynomial& p, const Player& player, const Sums& quotas, std::int64_t largest, std::size_t& left) {
  std::vector<std::int64_t> sizes;  // from the largest down, so that the player joins each set once
  for (auto it = p.rbegin(); it != p.rend(); ++it) sizes.push_back(it->first);
  for (const auto before : sizes) {
    const std::int64_t size = before + player.size;
    if (size > largest) continue;
    const auto& from = p[before];
    if (from.size() > left) return false;
    left -= from.size();
    auto& into = p[size];
    for (const auto& [sums, count] : from) {
      Sums next = sums;
      for (std::size_t j = 0; j < next.size(); ++j) next[j] = std::min(quotas[j], next[j] + player.weights[j]);
      into[std::move(next)] += count;
    }
  }
  return true;
}

// Number of sets of exactly `size` members that reach the quotas, without one player; nothing when it is too much.
std::optional<BigCount> count_of(const std::vector<Player>& players, std::size_t without, const Sums& quotas,
                                 std::int64_t size, std::size_t& left) {
  Polynomial p;
  p[0][Sums(quotas.size())] = 1;
  for (std::size_t i = 0; i < players.size(); ++i)
    if (i != without && !multiply(p, players[i], quotas, size, left)) return std::nullopt;
  const auto at = p.find(size);
  if (at == p.end()) return BigCount(0);
  const auto found = at->second.find(quotas);
  return found == at->second.end() ? BigCount(0) : found->second;
}

// The least size: a knapsack over sizes for one majority, else the sums themselves.
std::optional<std::int64_t> least_size(const std::vector<Player>& players, const Sums& quotas, std::size_t& left) {
  std::int64_t all = 0;
  for (const auto& player : players) all += player.size;
  if (quotas.size() == 1) {
    std::vector<std::int64_t> best(static_cast<std::size_t>(all) + 1, -1);  // the most that so many members can bring
    best[0] = 0;
    for (const auto& player : players)
      for (std::int64_t s = all - player.size; s >= 0; --s)
        if (best[static_cast<std::size_t>(s)] >= 0) {
          auto& into = best[static_cast<std::size_t>(s + player.size)];
          into = std::max(into, best[static_cast<std::size_t>(s)] + player.weights[0]);
        }
    for (std::int64_t s = 0; s <= all; ++s)
      if (best[static_cast<std::size_t>(s)] >= quotas[0]) return s;
    return all;
  }
  Polynomial p;
  p[0][Sums(quotas.size())] = 1;
  for (const auto& player : players)
    if (!multiply(p, player, quotas, all, left)) return std::nullopt;
  for (const auto& [size, sums] : p)
    if (sums.contains(quotas)) return size;
  return all;
}

}  // namespace

SmallestSets smallest_sets(const std::vector<Player>& players, const std::vector<std::int64_t>& quotas_given,
                           std::size_t operations) {
  SmallestSets out;
  Sums quotas = quotas_given;
  for (auto& quota : quotas) quota = std::max<std::int64_t>(0, quota);
  Sums total(quotas.size());
  for (const auto& player : players)
    for (std::size_t j = 0; j < quotas.size(); ++j) total[j] += player.weights[j];
  out.possible = std::equal(quotas.begin(), quotas.end(), total.begin(), [](auto q, auto t) { return t >= q; });
  if (!out.possible) return out;
  std::size_t left = operations;
  out.size = least_size(players, quotas, left);
  if (!out.size || operations == 0) return out;
  out.sets = count_of(players, players.size(), quotas, *out.size, left);
  if (!out.sets) return out;
  for (std::size_t i = 0; i < players.size(); ++i) {
    // Players that are alike are in equally many sets.
    bool alike = false;
    for (std::size_t j = 0; j < i && !alike; ++j)
      if (players[j].size == players[i].size && players[j].weights == players[i].weights) {
        out.with.push_back(out.with[j]);
        alike = true;
      }
    if (alike) continue;
    const auto without = count_of(players, i, quotas, *out.size, left);
    if (!without) {
      out.with.clear();
      return out;
    }
    out.with.push_back(*out.sets - *without);
  }
  return out;
}

}  // namespace cotejo
