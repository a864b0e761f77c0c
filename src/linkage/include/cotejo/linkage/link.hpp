// Which place of one count is which place of another: record linkage of precincts, one-to-one, each link with its score
// and evidence.
//
// By codes where both sides carry them; else by names through the hierarchy and by coordinates (Fellegi & Sunter 1969,
// JASA 64:1183): a pair's weight is  log L = log L_name + log L_geo,  each term log(m / u), where
//   m = how often two records of one place agree in this way, learned from the links themselves (a few rounds of
//       expectation-maximisation, each from damped starting values), and
//   u = how often two different places of the second file would: a name's share of that file (once-seen names by Good &
//       Turing), the joint share of the shared words for similar names, a place's share of its parent, and the number
//       of other places at that distance. Rare words therefore count much and common words ("school") hardly.
//   L_geo: shared places and coordinates say the same thing twice, so when both speak for the pair the stronger counts, else
//       both. A renamed municipality is learned: m(a -> b) moves to b as links from a to b appear.
//   score = L / (L + other L of the row + other L of the column + n2 (1 - pi) / pi), pi = share of first places with a
//       partner. Pairs with score >= threshold (> 1/2, so at most one per row and column) are linked; they leave, the
//       scores are taken again, until nothing changes.
// Shapes: n1 and n2 places. score, name_similarity in 0..1; distance in km; latitude, longitude in degrees.
// Null: an empty name of a shared level, a missing coordinate (NaN) or an empty code says nothing. Ties: equal
// candidates share the score, none reaches the threshold, all are reported as ambiguous. The result does not depend on
// the order of rows.
// Errors: cancelled. No randomness, any thread count gives the same bits. Cost: n log n; candidates are pairs that
// share a name, a word in a place, a rare word, or are among the 8 nearest; 100,000 places a side take seconds.
// Does not show: that a place kept its voters; a link says that two records name the same place.
// Verified in src/linkage/tests/link_test.cpp, and against published codes in tests/bolivia_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

// Places of one side, as columns with n entries (or none, where the side does not have them).
struct LinkPlaces {
  std::vector<std::string> names;    // as published
  std::vector<std::string> codes{};  // "" = none
  std::vector<std::vector<std::string>>
      above{};  // one column per level that both sides share, the topmost first; "" = unknown
  std::vector<double> latitude{}, longitude{};  // degrees; NaN = unknown

  std::size_t size() const { return names.size(); }
};

enum class LinkBy {
  automatic,  // by codes; places of the first side without a code by names among what the codes left
  codes,      // by codes only
  names       // by names and coordinates only, as if there were no codes
};

struct LinkOptions {
  LinkBy by = LinkBy::automatic;
  double threshold = 0.8;  // 0.5..1
};

enum class Evidence { code, exact_name, similar_name, coordinates };
std::string_view to_text(Evidence evidence);

struct Link {
  std::uint32_t first = 0, second = 0;
  double score = 0;  // 1 for codes
  Evidence evidence = Evidence::code;
  double name_similarity = 0;  // 1 = the same normalised name
  double distance_km = 0;      // NaN where a side has no coordinates
};

enum class WhyUnlinked {
  no_candidate,     // nothing on the other side speaks for it
  below_threshold,  // the best candidate's score is too low
  ambiguous,        // it is surely one of several, and nothing tells which
  lost,             // its best candidate was linked to another place that fits better
  code_not_found,   // it has a code that the other side does not have
  no_code           // it has none, and only codes were to be used
};
std::string_view to_text(WhyUnlinked reason);

struct UnlinkedPlace {
  static constexpr std::uint32_t nobody = 0xFFFFFFFF;
  std::uint32_t place = 0;
  WhyUnlinked reason = WhyUnlinked::no_candidate;
  std::uint32_t best =
      nobody;        // the best candidate on the other side; nobody when there is none or several are equally good
  double score = 0;  // its score
};

// What was learned, for the record.
struct LinkModel {
  double partner_share = 0;  // pi
  std::vector<double> name;  // m of: same name, similarity >= .8, >= .6, >= .4, > 0, 0
  std::vector<double>
      distance;  // m of: <= 2 m, 10 m, 30 m, 100 m, 300 m, 1 km, 3 km, 10 km, 30 km, farther; empty without coordinates
  std::vector<std::vector<double>> place;  // per shared level, m of: same name, similar name, other name
  std::size_t candidate_pairs = 0;
};

struct Linkage {
  std::vector<Link> links;                                     // ascending in `first`
  std::vector<UnlinkedPlace> unlinked_first, unlinked_second;  // ascending in `place`
  LinkModel model;
};

Result<Linkage> link_places(const LinkPlaces& first, const LinkPlaces& second, const LinkOptions& options,
                            const Context& context);

// A name as it is compared: transliterated to Latin letters without accents, lower case, words separated by one blank.
std::string normalised_name(std::string_view name);

// The places of one level of a count, and the place of every unit.
struct PlaceSet {
  LinkPlaces places;
  std::vector<std::string> paths;  // n, "Bolivia / La Paz / El Alto / ...", for people
  std::vector<std::uint32_t>
      of_unit;  // the count's units -> index of a place, UnlinkedPlace::nobody where the unit has none
};

// `level`: a level of the count's hierarchy, or "unit". `shared`: the levels above it that the other count has too. A
// place's coordinates are the middle one (sorted) of its units' coordinates. With a crosswalk, a place's code is the
// one that all its units with a row agree on (none when they do not). The order of the places does not depend on the
// order of the units.
PlaceSet places_to_link(const Count& count, std::string_view level, const std::vector<std::string>& shared,
                        const Crosswalk* crosswalk = nullptr);

// The levels that both counts have, topmost first as in `first`.
std::vector<std::string> shared_levels(const Count& first, const Count& second);

}  // namespace cotejo
