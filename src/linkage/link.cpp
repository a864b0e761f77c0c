#include "cotejo/linkage/link.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "code_links.hpp"
#include "comparison.hpp"
#include "link_scores.hpp"

namespace cotejo {

std::string_view to_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::code:
      return "code";
    case Evidence::exact_name:
      return "exact name";
    case Evidence::similar_name:
      return "similar name";
    case Evidence::coordinates:
      return "coordinates";
  }
  return "";
}

std::string_view to_text(WhyUnlinked reason) {
  switch (reason) {
    case WhyUnlinked::no_candidate:
      return "no candidate";
    case WhyUnlinked::below_threshold:
      return "below threshold";
    case WhyUnlinked::ambiguous:
      return "ambiguous";
    case WhyUnlinked::lost:
      return "lost to a better pair";
    case WhyUnlinked::code_not_found:
      return "code not found";
    case WhyUnlinked::no_code:
      return "no code";
  }
  return "";
}

namespace {

using namespace linkage;

// The pairs that were compared, their scores, and the links that came of them.
struct Linked {
  const Sides& sides;
  const CodeLinks& codes;
  const LinkOptions& options;
  const Comparison& comparison;
  const LinkScores& scores;
  const std::vector<double>& links;  // a score a pair; 0: not linked
};

// Links, learns from the links how often records of one place agree, and again. False: cancelled.
bool learn_and_link(Comparison& comparison, LinkScores& scores, const LinkOptions& options, const Context& context,
                    std::vector<double>& linked) {
  for (int round = 0; round + 1 < rounds; ++round) {
    if (context.cancelled()) return false;
    scores.weigh(linked);
    linked = scores.link_once(learning_threshold);
    scores.learn(linked);
    if (round == 0 && comparison.follow_correspondences(linked) && !comparison.compare()) return false;
  }
  scores.weigh(linked);
  linked = scores.link_once(std::max(options.threshold, learning_threshold));
  return true;
}

Link link_of(const Linked& from, std::size_t q) {
  const Pairs& pairs = from.comparison.pairs();
  const Index i = pairs.first[q], j = pairs.second[q];
  const bool by_code = from.codes.fixed[i] == j;
  const Evidence by_name = pairs.name[q] == 0                 ? Evidence::exact_name
                           : from.scores.name_weight()[q] > 0 ? Evidence::similar_name
                                                              : Evidence::coordinates;
  return {.first = from.sides.first.original[i],
          .second = from.sides.second.original[j],
          .score = by_code ? 1 : from.links[q],
          .evidence = by_code ? Evidence::code : by_name,
          .name_similarity = static_cast<double>(pairs.similarity[q]),
          .distance_km = pairs.distance[q] == no_distance
                             ? std::numeric_limits<double>::quiet_NaN()
                             : arc_km(chord_km(from.sides.first.point[i], from.sides.second.point[j]))};
}

// One side's places that have no link, each with its best candidate and the reason. `mine`, `theirs`: the pairs' places on
// this side and on the other; `some_partner`: LinkScores::partner_of_first or _second.
struct Unlinked {
  const Side& side;
  const Side& other;
  const std::vector<Index>& mine;
  const std::vector<Index>& theirs;
  const std::vector<char>& linked;
  const std::vector<char>& other_linked;
  const std::vector<Index>& why;
  const std::vector<double>& some_partner;

  struct Best {
    double weight = -std::numeric_limits<double>::infinity();
    std::size_t pair = 0;
    bool several = false;
  };

  std::vector<Best> best_of(const std::vector<double>& weight) const {
    std::vector<Best> best(side.n);
    for (std::size_t q = 0; q < weight.size(); ++q) {
      if (linked[mine[q]]) continue;
      auto& so_far = best[mine[q]];
      if (weight[q] > so_far.weight)
        so_far = {weight[q], q, false};
      else if (weight[q] == so_far.weight)
        so_far.several = true;
    }
    return best;
  }

  WhyUnlinked reason_of(Index i, const Best& candidate, double threshold) const {
    if (why[i] != none) return static_cast<WhyUnlinked>(why[i]);
    if (!(candidate.weight > 0)) return WhyUnlinked::no_candidate;
    if (some_partner[i] >= threshold) return WhyUnlinked::ambiguous;
    return other_linked[theirs[candidate.pair]] ? WhyUnlinked::lost : WhyUnlinked::below_threshold;
  }

  // `weight` and `score` of every pair; both empty where no names were compared.
  std::vector<UnlinkedPlace> places(const std::vector<double>& weight, const std::vector<double>& score,
                                    double threshold) const {
    const auto best = best_of(weight);
    std::vector<UnlinkedPlace> out;
    for (Index i = 0; i < side.n; ++i) {
      if (linked[i]) continue;
      const Best& candidate = best[i];
      UnlinkedPlace place{.place = side.original[i], .reason = reason_of(i, candidate, threshold)};
      if (candidate.weight > 0) {
        if (!candidate.several) place.best = other.original[theirs[candidate.pair]];
        place.score = score[candidate.pair];
      }
      out.push_back(place);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    return out;
  }
};

Linkage result_of(const Linked& from) {
  const Sides& sides = from.sides;
  const Pairs& pairs = from.comparison.pairs();
  Linkage out;
  std::vector<char> has_link_first(sides.first.n, 0), has_link_second(sides.second.n, 0);
  for (std::size_t q = 0; q < pairs.size(); ++q) {
    if (from.links[q] == 0) continue;
    has_link_first[pairs.first[q]] = has_link_second[pairs.second[q]] = 1;
    out.links.push_back(link_of(from, q));
  }
  std::sort(out.links.begin(), out.links.end(), [](const Link& a, const Link& b) { return a.first < b.first; });
  const bool by_names = from.options.by != LinkBy::codes;
  const std::vector<double> nothing;
  const auto& weight = by_names ? from.scores.weight() : nothing;
  const Unlinked of_first{sides.first,    sides.second,    pairs.first,          pairs.second,
                          has_link_first, has_link_second, from.codes.why_first, from.scores.partner_of_first()};
  const Unlinked of_second{sides.second,    sides.first,    pairs.second,          pairs.first,
                           has_link_second, has_link_first, from.codes.why_second, from.scores.partner_of_second()};
  out.unlinked_first = of_first.places(weight, from.scores.score(), from.options.threshold);
  out.unlinked_second = of_second.places(weight, from.scores.score(), from.options.threshold);
  out.model.candidate_pairs = pairs.size();
  if (pairs.size() > 0) from.scores.describe(out.model);
  return out;
}

// Where a side is empty nothing is compared.
Linkage nobody_to_link(const Sides& sides, const CodeLinks& codes) {
  Linkage out;
  const auto add = [](const Side& side, const std::vector<Index>& why, std::vector<UnlinkedPlace>& to) {
    for (Index i = 0; i < side.n; ++i)
      to.push_back({.place = side.original[i],
                    .reason = why[i] == none ? WhyUnlinked::no_candidate : static_cast<WhyUnlinked>(why[i])});
    std::sort(to.begin(), to.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
  };
  add(sides.first, codes.why_first, out.unlinked_first);
  add(sides.second, codes.why_second, out.unlinked_second);
  return out;
}

}  // namespace

Result<Linkage> link_places(const LinkPlaces& first, const LinkPlaces& second, const LinkOptions& options,
                            const Context& context) {
  assert(first.above.size() == second.above.size());
  Sides sides(first, second);
  const CodeLinks codes = link_codes(sides, options.by);
  if (first.size() == 0 || second.size() == 0) return nobody_to_link(sides, codes);
  Comparison comparison(sides, codes, options.by, context);
  if (!comparison.compare()) return cancelled_error();
  LinkScores scores(sides, codes, comparison);
  std::vector<double> linked;
  if (!learn_and_link(comparison, scores, options, context, linked)) return cancelled_error();
  return result_of({sides, codes, options, comparison, scores, linked});
}

}  // namespace cotejo
