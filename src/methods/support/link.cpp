#include "cotejo/methods/support/link.hpp"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <cassert>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numbers>
#include <numeric>
#include <tuple>
#include <unordered_map>

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

// ----------------------------------------------------------------------------------------------------------------
// names

std::string normalised_name(std::string_view name) {
  std::string out;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  auto put = [&out, pending = false](bool is_word, std::string_view text) mutable {
    if (!is_word) {
      pending = !out.empty();
      return;
    }
    if (pending) out += ' ';
    pending = false;
    out += text;
  };
  if (plain) {
    for (const char c : name) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      put((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'), {&lower, 1});
    }
    return out;
  }
  // A transliterator takes long to construct and is not thread-safe: there is one, used under a lock.
  static std::mutex one_at_a_time;
  static const std::unique_ptr<icu::Transliterator> to_latin = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("NFKC; Any-Latin; NFKD; Latin-ASCII; Lower", UTRANS_FORWARD, status));
  }();
  auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  if (to_latin) {
    const std::scoped_lock lock(one_at_a_time);
    to_latin->transliterate(text);
  }
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR || c == 0x2B9 || c == 0x2BA ||
        c == 0x2BC)
      continue;
    std::string one;
    if (const int32_t digit = u_charDigitValue(c); digit >= 0)
      one = static_cast<char>('0' + digit);
    else if (u_isalnum(c))
      icu::UnicodeString(u_tolower(c)).toUTF8String(one);
    put(!one.empty(), one);
  }
  return out;
}

namespace {

using Index = std::uint32_t;
constexpr Index none = std::numeric_limits<Index>::max();
constexpr double earth_radius_km = 6371.0;

// The only numbers that are set by hand. Starting values of m are worth `damping` of the places of the first side.
constexpr std::array<double, 6> name_start = {.70, .10, .06, .04, .04, .06};
constexpr std::array<double, 5> name_edges = {1, .8, .6, .4, 0};
constexpr std::array<double, 10> distance_start = {.25, .10, .10, .15, .15, .10, .08, .04, .02, .01};
constexpr std::array<double, 9> distance_edges_km = {.002, .01, .03, .1, .3, 1, 3, 10, 30};
constexpr std::array<double, 3> place_start = {.90, .05, .05};
constexpr double partner_start = .8;
constexpr double damping = 1.0 / 20;
constexpr double fewest_damping = 10;
constexpr double place_damping = 2;  // links that a starting m(a -> b) is worth
constexpr int rounds = 6;
constexpr double learning_threshold = .5 + 1e-9;
constexpr std::size_t neighbours = 8;
constexpr std::size_t largest_block = 64;  // places a side that may share a key before the key says too little
constexpr double similar_place = .6;

constexpr std::array<double, 10> distance_start_normalised() {
  std::array<double, 10> out = distance_start;
  double sum = 0;
  for (const double v : out) sum += v;
  for (double& v : out) v /= sum;
  return out;
}

class Interner {
 public:
  Index operator()(const std::string& text) {
    return map_.try_emplace(text, static_cast<Index>(map_.size())).first->second;
  }
  std::size_t size() const { return map_.size(); }

 private:
  std::unordered_map<std::string, Index> map_;
};

// Numbers pairs of numbers in the order in which they are met.
class PairInterner {
 public:
  Index operator()(Index a, Index b) {
    return map_.try_emplace(static_cast<std::uint64_t>(a) << 32 | b, static_cast<Index>(map_.size())).first->second;
  }
  std::size_t size() const { return map_.size(); }

 private:
  std::unordered_map<std::uint64_t, Index> map_;
};

struct Point {
  double x = 0, y = 0, z = 0;
};

double chord_km(const Point& a, const Point& b) {
  return earth_radius_km * std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z));
}
double arc_km(double chord) {
  return 2 * earth_radius_km * std::asin(std::min(1.0, chord / (2 * earth_radius_km)));
}

// One side in canonical order: sorted by what its records say, so that row order cannot matter.
struct Side {
  std::size_t n = 0;
  std::vector<Index> original;            // canonical -> row
  std::vector<Index> name;                // normalised name
  std::vector<std::vector<Index>> words;  // ascending, each once
  std::vector<std::vector<Index>> own;    // per level: the place's own name; 0 = unknown
  std::vector<std::vector<Index>> path;   // per level: the place with those above it
  std::vector<Point> point;
  std::vector<char> has_point;
};

struct Texts {
  Interner names, words;
  std::vector<Interner> places;     // per level
  std::vector<PairInterner> paths;  // per level
  std::unordered_map<std::string, std::string> normalised;
  std::vector<std::string> word_text;

  const std::string& normal(const std::string& raw) {
    const auto [entry, is_new] = normalised.try_emplace(raw);
    if (is_new) entry->second = normalised_name(raw);
    return entry->second;
  }
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

Side make_side(const LinkPlaces& in, Texts& texts) {
  Side side;
  side.n = in.size();
  const std::size_t levels = in.above.size();
  std::vector<const std::string*> normal(side.n);
  std::vector<std::vector<const std::string*>> above(levels, std::vector<const std::string*>(side.n));
  for (std::size_t i = 0; i < side.n; ++i) {
    normal[i] = &texts.normal(in.names[i]);
    for (std::size_t l = 0; l < levels; ++l) above[l][i] = &texts.normal(in.above[l][i]);
  }
  const auto coordinate = [](const std::vector<double>& column, Index i) {
    const double value = column.empty() ? std::numeric_limits<double>::quiet_NaN() : column[i];
    return std::isfinite(value) ? value : 1e9;
  };
  side.original.resize(side.n);
  std::iota(side.original.begin(), side.original.end(), 0);
  std::sort(side.original.begin(), side.original.end(), [&](Index a, Index b) {
    for (std::size_t l = 0; l < levels; ++l)
      if (const int order = above[l][a]->compare(*above[l][b])) return order < 0;
    if (const int order = normal[a]->compare(*normal[b])) return order < 0;
    const auto rest = [&](Index i) {
      return std::tuple(coordinate(in.latitude, i), coordinate(in.longitude, i), std::string_view(in.names[i]),
                        in.codes.empty() ? std::string_view{} : std::string_view(in.codes[i]));
    };
    const auto of_a = rest(a), of_b = rest(b);
    return of_a != of_b ? of_a < of_b : a < b;
  });

  side.name.resize(side.n);
  side.words.resize(side.n);
  side.own.assign(levels, std::vector<Index>(side.n));
  side.path.assign(levels, std::vector<Index>(side.n));
  side.point.resize(side.n);
  side.has_point.assign(side.n, 0);
  for (std::size_t i = 0; i < side.n; ++i) {
    const Index row = side.original[i];
    side.name[i] = texts.names(*normal[row]);
    for (const auto& word : split(*normal[row])) {
      side.words[i].push_back(texts.words(word));
      if (texts.words.size() > texts.word_text.size()) texts.word_text.push_back(word);
    }
    std::sort(side.words[i].begin(), side.words[i].end());
    side.words[i].erase(std::unique(side.words[i].begin(), side.words[i].end()), side.words[i].end());
    Index path = none;
    for (std::size_t l = 0; l < levels; ++l) {
      side.own[l][i] = texts.places[l](*above[l][row]);
      path = texts.paths[l](path, side.own[l][i]);
      side.path[l][i] = path;
    }
    const double latitude = coordinate(in.latitude, row), longitude = coordinate(in.longitude, row);
    if (std::abs(latitude) <= 90 && std::abs(longitude) <= 360) {
      const double phi = latitude * std::numbers::pi / 180, lambda = longitude * std::numbers::pi / 180;
      side.point[i] = {std::cos(phi) * std::cos(lambda), std::cos(phi) * std::sin(lambda), std::sin(phi)};
      side.has_point[i] = 1;
    }
  }
  return side;
}

// ---------------------------------------------------------------------------------------------------------- neighbours

using TreePoint = boost::geometry::model::point<double, 3, boost::geometry::cs::cartesian>;
using TreeEntry = std::pair<TreePoint, Index>;
using Tree = boost::geometry::index::rtree<TreeEntry, boost::geometry::index::linear<16>>;

TreePoint tree_point(const Point& p) {
  return {p.x, p.y, p.z};
}

Tree make_tree(const Side& side) {
  std::vector<TreeEntry> entries;
  for (Index i = 0; i < side.n; ++i)
    if (side.has_point[i]) entries.emplace_back(tree_point(side.point[i]), i);
  return Tree(entries.begin(), entries.end());
}

struct Near {
  std::vector<double> km;  // to the 2 x `count` nearest, ascending
  std::vector<Index>
      places;  // the `count` nearest; a tie at the end is taken whole or, when it is larger than the list, left out
};

Near nearest(const Tree& tree, const Side& side, const Point& at, std::size_t count) {
  std::vector<TreeEntry> found;
  tree.query(boost::geometry::index::nearest(tree_point(at), static_cast<unsigned>(2 * count)),
             std::back_inserter(found));
  std::vector<std::pair<double, Index>> sorted;
  sorted.reserve(found.size());
  for (const auto& entry : found) sorted.emplace_back(chord_km(at, side.point[entry.second]), entry.second);
  std::sort(sorted.begin(), sorted.end());
  const double last = sorted.size() <= count ? std::numeric_limits<double>::infinity() : sorted[count - 1].first;
  const bool cut = sorted.size() == 2 * count && sorted.back().first == last;
  Near out;
  for (const auto& [km, place] : sorted) {
    out.km.push_back(km);
    if (cut ? km < last : km <= last) out.places.push_back(place);
  }
  return out;
}

// -----------------------------------------------------------------------------------------------------------
// candidates

struct Keyed {
  std::uint64_t key;
  Index place;
  friend bool operator<(const Keyed& a, const Keyed& b) { return a.key != b.key ? a.key < b.key : a.place < b.place; }
};

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t h = a * 0x9E3779B97F4A7C15ULL ^ (b + 0x9E3779B97F4A7C15ULL + (a << 6) + (a >> 2));
  h ^= h >> 31;
  h *= 0xBF58476D1CE4E5B9ULL;
  return h ^ h >> 29;
}

class Candidates {
 public:
  void add(Index first, Index second) { pairs_.push_back(static_cast<std::uint64_t>(first) << 32 | second); }

  // Every pair that shares a key, unless more than `most` places of a side have it.
  void add_block(std::vector<Keyed> first, std::vector<Keyed> second, std::size_t most) {
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    for (std::size_t a = 0, b = 0; a < first.size() && b < second.size();) {
      if (first[a].key < second[b].key) {
        ++a;
      } else if (second[b].key < first[a].key) {
        ++b;
      } else {
        const std::uint64_t key = first[a].key;
        std::size_t a_end = a, b_end = b;
        while (a_end < first.size() && first[a_end].key == key) ++a_end;
        while (b_end < second.size() && second[b_end].key == key) ++b_end;
        if (a_end - a <= most && b_end - b <= most)
          for (std::size_t i = a; i < a_end; ++i)
            for (std::size_t j = b; j < b_end; ++j) add(first[i].place, second[j].place);
        a = a_end;
        b = b_end;
      }
    }
    settle();
  }

  void settle() {
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  }
  const std::vector<std::uint64_t>& pairs() const { return pairs_; }

 private:
  std::vector<std::uint64_t> pairs_;
};

// -----------------------------------------------------------------------------------------------------------
// similarity

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

struct WordCounts {
  std::vector<double> first, second;  // how many names of each side hold a word
  double n_first = 0, n_second = 0;
  const std::vector<std::string>* text = nullptr;
};

bool may_be_misspelt(const std::string& word) {
  return word.size() >= 5 && std::none_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct NameMatch {
  double similarity =
      0;  // shared weight of the words that both sides know: 2 S / (A + B), weights -log(share of names with it)
  double chance = 1;  // of a name that shares as much
};

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

std::uint8_t name_class(double similarity, bool same) {
  if (same) return 0;
  for (std::uint8_t k = 1; k < name_edges.size() - 1; ++k)
    if (similarity >= name_edges[k]) return k;
  return similarity > 0 ? 4 : 5;
}

std::uint8_t distance_class(double km) {
  return static_cast<std::uint8_t>(std::lower_bound(distance_edges_km.begin(), distance_edges_km.end(), km) -
                                   distance_edges_km.begin());
}

// --------------------------------------------------------------------------------------------------------------
// linking

enum PlaceClass : std::uint8_t { same_place, similar_place_name, other_place, unknown_place };

// A place of the first side and one of the second, as some candidate pair has them.
struct Correspondence {
  Index first_path = 0;
  PlaceClass kind = unknown_place;
  double chance = 1;  // the second place's share of its parent
};

struct Pairs {
  std::vector<Index> first, second;
  std::vector<std::uint8_t> name, distance;  // classes; distance: no_distance when unknown
  std::vector<double> name_chance, distance_chance;
  std::vector<float> similarity;
  std::vector<std::vector<Index>> correspondence;            // per level, per pair
  std::vector<std::vector<Correspondence>> correspondences;  // per level
  std::size_t size() const { return first.size(); }
};
constexpr std::uint8_t no_distance = 255;

class Linker {
 public:
  Linker(const LinkPlaces& first, const LinkPlaces& second, const LinkOptions& options, const Context& context)
      : in_first_(first), in_second_(second), options_(options), context_(context), levels_(first.above.size()) {
    texts_.places.resize(levels_);
    texts_.paths.resize(levels_);
    for (auto& level : texts_.places) level("");  // 0 is the unknown place
  }

  Result<Linkage> run() {
    first_ = make_side(in_first_, texts_);
    second_ = make_side(in_second_, texts_);
    dead_first_.assign(first_.n, 0);
    dead_second_.assign(second_.n, 0);
    fixed_.assign(first_.n, none);
    why_first_.assign(first_.n, none);
    why_second_.assign(second_.n, none);
    if (options_.by != LinkBy::names) link_codes();
    if (first_.n > 0 && second_.n > 0) {
      prepare();
      find_candidates();
      if (!compare()) return cancelled_error();
      if (!learn_and_link()) return cancelled_error();
    }
    return result();
  }

 private:
  const std::string& code(const LinkPlaces& in, const Side& side, Index i) const {
    static const std::string empty;
    return in.codes.empty() ? empty : in.codes[side.original[i]];
  }

  void link_codes() {
    const auto by_code = [&](const LinkPlaces& in, const Side& side) {
      std::unordered_map<std::string_view, std::vector<Index>> out;
      for (Index i = 0; i < side.n; ++i)
        if (const auto& c = code(in, side, i); !c.empty()) out[c].push_back(i);
      return out;
    };
    const auto of_first = by_code(in_first_, first_), of_second = by_code(in_second_, second_);
    for (Index i = 0; i < first_.n; ++i) {
      const auto& c = code(in_first_, first_, i);
      if (c.empty()) {
        if (options_.by != LinkBy::codes) continue;
        dead_first_[i] = 1;
        why_first_[i] = static_cast<Index>(WhyUnlinked::no_code);
        continue;
      }
      if (of_second.empty() && options_.by != LinkBy::codes) continue;  // the other side has no codes at all: names
      dead_first_[i] = 1;
      const auto found = of_second.find(c);
      if (found == of_second.end()) {
        why_first_[i] = static_cast<Index>(WhyUnlinked::code_not_found);
      } else if (found->second.size() > 1 || of_first.at(c).size() > 1) {
        why_first_[i] = static_cast<Index>(WhyUnlinked::ambiguous);
        for (const Index j : found->second) {
          dead_second_[j] = 1;
          why_second_[j] = static_cast<Index>(WhyUnlinked::ambiguous);
        }
      } else {
        fixed_[i] = found->second.front();
        dead_second_[found->second.front()] = 1;
      }
    }
    if (options_.by != LinkBy::codes) return;
    for (Index j = 0; j < second_.n; ++j) {
      if (!dead_second_[j])
        why_second_[j] = static_cast<Index>(code(in_second_, second_, j).empty() ? WhyUnlinked::no_code
                                                                                 : WhyUnlinked::code_not_found);
      dead_second_[j] = 1;
    }
  }

  void prepare() {
    counts_.text = &texts_.word_text;
    counts_.first.assign(texts_.words.size(), 0);
    counts_.second.assign(texts_.words.size(), 0);
    counts_.n_first = static_cast<double>(first_.n);
    counts_.n_second = static_cast<double>(second_.n);
    for (const auto& words : first_.words)
      for (const Index word : words) ++counts_.first[word];
    for (const auto& words : second_.words)
      for (const Index word : words) ++counts_.second[word];
    name_count_.assign(texts_.names.size(), 0);
    for (const Index name : second_.name) ++name_count_[name];
    // Good & Turing: a name seen once among the second side's is expected again 2 n_2 / n_1 times, not once.
    const auto seen = [&](double times) {
      return static_cast<double>(std::count(name_count_.begin(), name_count_.end(), times));
    };
    seen_once_ = std::clamp(2 * (seen(2) + .5) / (seen(1) + .5), .02, 1.0);
    for (std::size_t l = 0; l < levels_; ++l) {
      path_count_.emplace_back(texts_.paths[l].size(), 0.0);
      for (const Index path : second_.path[l]) ++path_count_[l][path];
    }
    const auto known = [](const Side& side) { return std::count(side.has_point.begin(), side.has_point.end(), 1); };
    has_points_ = known(first_) > 0 && known(second_) > 0;
  }

  void find_candidates() {
    const auto keys = [](const Side& side, auto&& each) {
      std::vector<Keyed> out;
      for (Index i = 0; i < side.n; ++i) each(i, [&](std::uint64_t key) { out.push_back({key, i}); });
      return out;
    };
    const auto block = [&](auto&& each, std::size_t most) {
      candidates_.add_block(keys(first_, [&](Index i, auto&& emit) { each(first_, i, emit); }),
                            keys(second_, [&](Index i, auto&& emit) { each(second_, i, emit); }), most);
    };
    reach_km_.assign(first_.n, 0);
    found_.assign(first_.n, 0);
    farthest_km_.assign(first_.n, 0);
    near_.assign(first_.n, {});
    for (Index i = 0; i < first_.n; ++i)
      if (fixed_[i] != none) candidates_.add(i, fixed_[i]);
    candidates_.settle();
    if (options_.by == LinkBy::codes) return;
    block([](const Side& side, Index i, auto&& emit) { emit(side.name[i]); }, largest_block / 4);
    block(
        [](const Side& side, Index i, auto&& emit) {
          for (const Index word : side.words[i]) emit(word);
        },
        largest_block / 4);
    for (std::size_t l = 0; l < levels_; ++l) {
      block([l](const Side& side, Index i, auto&& emit) { emit(mixed(side.path[l][i], side.name[i])); }, largest_block);
      block(
          [l](const Side& side, Index i, auto&& emit) {
            for (const Index word : side.words[i]) emit(mixed(side.path[l][i], word));
          },
          largest_block / 2);
      block([l](const Side& side, Index i, auto&& emit) { emit(side.path[l][i]); }, largest_block / 4);
    }
    if (has_points_) find_neighbours();
  }

  void find_neighbours() {
    const Tree of_first = make_tree(first_), of_second = make_tree(second_);
    for (Index i = 0; i < first_.n; ++i) {
      if (!first_.has_point[i]) continue;
      const Near found = nearest(of_second, second_, first_.point[i], neighbours);
      for (const Index j : found.places) candidates_.add(i, j);
      for (const double km : found.km) ++near_[i][distance_class(km)];
      found_[i] = static_cast<double>(std::min(neighbours, found.km.size()));
      reach_km_[i] = found.km.empty() ? 0 : found.km[static_cast<std::size_t>(found_[i]) - 1];
      farthest_km_[i] = found.km.empty() ? 0 : found.km.back();
    }
    double known = 0;
    for (Index j = 0; j < second_.n; ++j) {
      if (!second_.has_point[j]) continue;
      ++known;
      for (const Index i : nearest(of_first, first_, second_.point[j], neighbours).places) candidates_.add(i, j);
      for (const double km : nearest(of_second, second_, second_.point[j], neighbours).km)
        ++usual_near_[distance_class(km)];
      --usual_near_[0];  // itself
    }
    for (double& count : usual_near_) count /= std::max(known, 1.0);
    candidates_.settle();
  }

  // How many other places of the second side lie at such a distance from place i: what is seen there, what is usual
  // between its places, and what the density around i would give; the largest.
  double others_at(Index i, std::uint8_t distance, double km) const {
    const double seen = near_[i][distance] - (km <= farthest_km_[i] + 1e-9 ? 1 : 0);
    const double radius = std::max(reach_km_[i], .05);
    const double density = found_[i] / (std::numbers::pi * radius * radius);
    const double inner = distance == 0 ? 0 : distance_edges_km[distance - 1];
    const double outer = distance == distance_edges_km.size() ? 1e5 : distance_edges_km[distance];
    const double expected = density * std::numbers::pi * (outer * outer - inner * inner);
    return std::clamp(std::max({seen, usual_near_[distance], expected}), 1e-3, counts_.n_second);
  }

  PlaceClass place_class(std::size_t level, Index own_first, Index own_second) {
    if (own_first == 0 || own_second == 0) return unknown_place;
    if (own_first == own_second) return same_place;
    // "District 1" and "District 2" are alike, but each has its own namesake on the other side.
    if (on_second_[level][own_first] || on_first_[level][own_second]) return other_place;
    const auto& a = place_words_[level][own_first];
    const auto& b = place_words_[level][own_second];
    return match(a, b, place_counts_[level]).similarity >= similar_place ? similar_place_name : other_place;
  }

  // The words of the places' own names, counted once per place and side.
  void prepare_places() {
    place_words_.resize(levels_);
    place_counts_.resize(levels_);
    std::vector<std::vector<std::string>> by_id(levels_);
    for (std::size_t l = 0; l < levels_; ++l) by_id[l].resize(texts_.places[l].size());
    const auto note = [&](const LinkPlaces& in, const Side& side) {
      for (std::size_t l = 0; l < levels_; ++l)
        for (Index i = 0; i < side.n; ++i)
          if (by_id[l][side.own[l][i]].empty()) by_id[l][side.own[l][i]] = texts_.normal(in.above[l][side.original[i]]);
    };
    note(in_first_, first_);
    note(in_second_, second_);
    for (std::size_t l = 0; l < levels_; ++l) {
      on_first_.emplace_back(by_id[l].size(), char{0});
      on_second_.emplace_back(by_id[l].size(), char{0});
      for (const Index own : first_.own[l]) on_first_[l][own] = 1;
      for (const Index own : second_.own[l]) on_second_[l][own] = 1;
    }
    for (std::size_t l = 0; l < levels_; ++l)
      for (const auto& text : by_id[l]) {
        std::vector<Index> words;
        for (const auto& word : split(text)) {
          words.push_back(texts_.words(word));
          if (texts_.words.size() > texts_.word_text.size()) texts_.word_text.push_back(word);
        }
        std::sort(words.begin(), words.end());
        words.erase(std::unique(words.begin(), words.end()), words.end());
        place_words_[l].push_back(std::move(words));
      }
    for (std::size_t l = 0; l < levels_; ++l) {
      auto& counts = place_counts_[l];
      counts.text = &texts_.word_text;
      const auto tally = [&](const Side& side, std::vector<double>& of_word, double& n) {
        std::vector<Index> own = side.own[l];
        std::sort(own.begin(), own.end());
        own.erase(std::unique(own.begin(), own.end()), own.end());
        of_word.assign(texts_.words.size(), 0);
        n = static_cast<double>(own.size()) + 1;  // so that a word of the only place still weighs something
        for (const Index place : own)
          for (const Index word : place_words_[l][place]) ++of_word[word];
      };
      tally(first_, counts.first, counts.n_first);
      tally(second_, counts.second, counts.n_second);
    }
  }

  bool compare() {
    if (place_words_.empty() && levels_ > 0) prepare_places();
    const auto& list = candidates_.pairs();
    pairs_ = {};
    pairs_.first.resize(list.size());
    pairs_.second.resize(list.size());
    pairs_.name.resize(list.size());
    pairs_.distance.assign(list.size(), no_distance);
    pairs_.name_chance.resize(list.size());
    pairs_.distance_chance.assign(list.size(), 1);
    pairs_.similarity.resize(list.size());
    constexpr std::size_t chunk = 4096;
    const bool complete =
        parallel_for(context_, (list.size() + chunk - 1) / chunk, "comparing places", [&](std::size_t part) {
          for (std::size_t q = part * chunk; q < std::min(list.size(), (part + 1) * chunk); ++q) {
            const Index i = pairs_.first[q] = static_cast<Index>(list[q] >> 32),
                        j = pairs_.second[q] = static_cast<Index>(list[q]);
            const bool same = first_.name[i] == second_.name[j] && !first_.words[i].empty();
            const NameMatch words = same ? NameMatch{1, 1} : match(first_.words[i], second_.words[j], counts_);
            pairs_.similarity[q] = static_cast<float>(words.similarity);
            pairs_.name[q] = name_class(words.similarity, same);
            const double times = name_count_[second_.name[j]];
            // Whoever has the second place's name shares as much.
            pairs_.name_chance[q] = same ? (times > 1 ? times : seen_once_) / counts_.n_second
                                         : std::max(words.chance, times / counts_.n_second);
            if (has_points_ && first_.has_point[i] && second_.has_point[j]) {
              const double km = chord_km(first_.point[i], second_.point[j]);
              pairs_.distance[q] = distance_class(km);
              pairs_.distance_chance[q] = others_at(i, pairs_.distance[q], km) / counts_.n_second;
            }
          }
        });
    if (!complete) return false;
    pairs_.correspondence.assign(levels_, std::vector<Index>(list.size()));
    pairs_.correspondences.assign(levels_, {});
    for (std::size_t l = 0; l < levels_; ++l) {
      PairInterner number;
      for (std::size_t q = 0; q < list.size(); ++q) {
        const Index i = pairs_.first[q], j = pairs_.second[q];
        const Index which = pairs_.correspondence[l][q] = number(first_.path[l][i], second_.path[l][j]);
        if (which < pairs_.correspondences[l].size()) continue;
        const double parent = l == 0 ? counts_.n_second : path_count_[l - 1][second_.path[l - 1][j]];
        pairs_.correspondences[l].push_back({first_.path[l][i], place_class(l, first_.own[l][i], second_.own[l][j]),
                                             path_count_[l][second_.path[l][j]] / parent});
      }
    }
    return true;
  }

  // log L of every pair. `linked` holds the last round's link scores (empty in the first round).
  void weigh(const std::vector<double>& linked) {
    weight_.assign(pairs_.size(), 0);
    name_weight_.assign(pairs_.size(), 0);
    std::vector<double> own(first_.n, 0);
    if (!linked.empty())
      for (std::size_t q = 0; q < pairs_.size(); ++q) own[pairs_.first[q]] += linked[q];
    for (std::size_t l = 0; l < levels_; ++l) {
      std::vector<double> from(texts_.paths[l].size(), 0), along(pairs_.correspondences[l].size(), 0);
      if (!linked.empty())
        for (std::size_t q = 0; q < pairs_.size(); ++q) {
          if (linked[q] == 0) continue;
          from[first_.path[l][pairs_.first[q]]] += linked[q];
          along[pairs_.correspondence[l][q]] += linked[q];
        }
      for (std::size_t q = 0; q < pairs_.size(); ++q) {
        const auto& place = pairs_.correspondences[l][pairs_.correspondence[l][q]];
        if (place.kind == unknown_place) continue;
        const auto& m = m_place_[l];
        const double start = place.kind == same_place           ? m[0] / place.chance
                             : place.kind == similar_place_name ? std::max(m[1] / place.chance, m[2])
                                                                : m[2];
        // A pair's own link does not count as evidence for itself.
        const double others_from = linked.empty() ? 0 : std::max(0.0, from[place.first_path] - own[pairs_.first[q]]);
        const double others_along = linked.empty() ? 0 : std::max(0.0, along[pairs_.correspondence[l][q]] - linked[q]);
        weight_[q] += std::log((place_damping * start + others_along / place.chance) / (place_damping + others_from));
      }
    }
    for (std::size_t q = 0; q < pairs_.size(); ++q) {
      name_weight_[q] = std::log(m_name_[pairs_.name[q]] / pairs_.name_chance[q]);
      const double by_place = weight_[q];
      const double by_distance =
          pairs_.distance[q] == no_distance ? 0 : std::log(m_distance_[pairs_.distance[q]] / pairs_.distance_chance[q]);
      const double geo = by_place > 0 && by_distance > 0 ? std::max(by_place, by_distance) : by_place + by_distance;
      // A place alone ("the only precinct of that town") is no evidence that a precinct is the same: the name or the
      // point must speak for it.
      weight_[q] = name_weight_[q] > 0 || by_distance > 0 ? std::min(name_weight_[q] + geo, 80.0)
                                                          : -std::numeric_limits<double>::infinity();
    }
  }

  // Links what reaches the threshold, takes it away, and again. Scores of the links; 0 for the rest. Leaves the last
  // scores in score_.
  std::vector<double> link_once(double threshold) {
    std::vector<double> linked(pairs_.size(), 0);
    std::vector<char> gone_first = dead_first_, gone_second = dead_second_;
    std::vector<std::size_t> open;
    for (std::size_t q = 0; q < pairs_.size(); ++q) {
      if (fixed_[pairs_.first[q]] == pairs_.second[q])
        linked[q] = 1;
      else if (!gone_first[pairs_.first[q]] && !gone_second[pairs_.second[q]])
        open.push_back(q);
    }
    score_.assign(pairs_.size(), 0);
    std::vector<double> likelihood(pairs_.size());
    for (const std::size_t q : open) likelihood[q] = std::exp(weight_[q]);
    row_.assign(first_.n, 0);
    column_.assign(second_.n, 0);
    const double nobody = counts_.n_second * (1 - partner_) / partner_;
    for (bool changed = true; changed;) {
      changed = false;
      for (const std::size_t q : open) row_[pairs_.first[q]] = column_[pairs_.second[q]] = 0;
      for (const std::size_t q : open) {
        row_[pairs_.first[q]] += likelihood[q];
        column_[pairs_.second[q]] += likelihood[q];
      }
      for (const std::size_t q : open) {
        score_[q] = likelihood[q] / (row_[pairs_.first[q]] + column_[pairs_.second[q]] - likelihood[q] + nobody);
        if (score_[q] < threshold) continue;
        linked[q] = score_[q];
        gone_first[pairs_.first[q]] = gone_second[pairs_.second[q]] = 1;
        changed = true;
      }
      std::erase_if(open, [&](std::size_t q) { return gone_first[pairs_.first[q]] || gone_second[pairs_.second[q]]; });
    }
    // What is left open on either side, for the reasons.
    std::fill(row_.begin(), row_.end(), 0);
    std::fill(column_.begin(), column_.end(), 0);
    for (const std::size_t q : open) {
      row_[pairs_.first[q]] += likelihood[q];
      column_[pairs_.second[q]] += likelihood[q];
    }
    for (double& sum : row_) sum /= sum + nobody;
    for (double& sum : column_) sum /= sum + nobody;
    return linked;
  }

  void learn(const std::vector<double>& linked) {
    const double n = counts_.n_first, worth = std::max(fewest_damping, damping * n);
    std::array<double, 6> name{};
    std::array<double, 10> distance{};
    double sum = 0, sum_distance = 0;
    for (std::size_t q = 0; q < pairs_.size(); ++q) {
      sum += linked[q];
      name[pairs_.name[q]] += linked[q];
      if (pairs_.distance[q] == no_distance) continue;
      sum_distance += linked[q];
      distance[pairs_.distance[q]] += linked[q];
    }
    const auto start = distance_start_normalised();
    for (std::size_t k = 0; k < name.size(); ++k) m_name_[k] = (worth * name_start[k] + name[k]) / (worth + sum);
    for (std::size_t k = 0; k < distance.size(); ++k)
      m_distance_[k] = (worth * start[k] + distance[k]) / (worth + sum_distance);
    for (std::size_t l = 0; l < levels_; ++l) {
      std::array<double, 3> place{};
      double known = 0;
      for (std::size_t q = 0; q < pairs_.size(); ++q) {
        const auto kind = pairs_.correspondences[l][pairs_.correspondence[l][q]].kind;
        if (kind == unknown_place) continue;
        place[kind] += linked[q];
        known += linked[q];
      }
      for (std::size_t k = 0; k < place.size(); ++k)
        m_place_[l][k] = (worth * place_start[k] + place[k]) / (worth + known);
    }
    partner_ = std::min((worth * partner_start + sum) / (worth + n), .999);
  }

  // New candidates: places whose lowest shared place corresponds, as two links or more say. Returns whether there are
  // any.
  bool follow_correspondences(std::vector<double>& linked) {
    if (levels_ == 0) return false;
    const std::size_t l = levels_ - 1;
    std::map<std::pair<Index, Index>, int> links;
    for (std::size_t q = 0; q < pairs_.size(); ++q)
      if (linked[q] > 0) ++links[{first_.path[l][pairs_.first[q]], second_.path[l][pairs_.second[q]]}];
    std::unordered_map<Index, std::vector<Index>> to;
    for (const auto& [which, count] : links)
      if (count >= 2 && which.first != which.second) to[which.first].push_back(which.second);
    if (to.empty()) return false;
    const auto before = candidates_.pairs();
    std::vector<Keyed> of_first, of_second;
    for (Index i = 0; i < first_.n; ++i)
      if (const auto found = to.find(first_.path[l][i]); found != to.end())
        for (const Index path : found->second) {
          of_first.push_back({mixed(path, first_.name[i]), i});
          for (const Index word : first_.words[i]) of_first.push_back({mixed(mixed(path, word), 1), i});
        }
    for (Index j = 0; j < second_.n; ++j) {
      of_second.push_back({mixed(second_.path[l][j], second_.name[j]), j});
      for (const Index word : second_.words[j]) of_second.push_back({mixed(mixed(second_.path[l][j], word), 1), j});
    }
    candidates_.add_block(std::move(of_first), std::move(of_second), largest_block / 2);
    const auto& after = candidates_.pairs();
    if (after.size() == before.size()) return false;
    std::vector<double> moved(after.size(), 0);
    for (std::size_t q = 0, k = 0; k < before.size(); ++q)
      if (after[q] == before[k]) moved[q] = linked[k++];
    linked = std::move(moved);
    return true;
  }

  bool learn_and_link() {
    m_name_ = name_start;
    m_distance_ = distance_start_normalised();
    m_place_.assign(levels_, place_start);
    partner_ = partner_start;
    std::vector<double> linked;
    for (int round = 0; round + 1 < rounds; ++round) {
      if (context_.cancelled()) return false;
      weigh(linked);
      linked = link_once(learning_threshold);
      learn(linked);
      if (round == 0 && follow_correspondences(linked) && !compare()) return false;
    }
    weigh(linked);
    linked_ = link_once(std::max(options_.threshold, learning_threshold));
    return true;
  }

  Evidence evidence_of(std::size_t q) const {
    if (pairs_.name[q] == 0) return Evidence::exact_name;
    return name_weight_[q] > 0 ? Evidence::similar_name : Evidence::coordinates;
  }

  double distance_km(std::size_t q) const {
    return pairs_.distance[q] == no_distance
               ? std::numeric_limits<double>::quiet_NaN()
               : arc_km(chord_km(first_.point[pairs_.first[q]], second_.point[pairs_.second[q]]));
  }

  Linkage result() const {
    Linkage out;
    std::vector<char> has_link_first(first_.n, 0), has_link_second(second_.n, 0);
    for (std::size_t q = 0; q < pairs_.size(); ++q) {
      if (linked_[q] == 0) continue;
      const Index i = pairs_.first[q], j = pairs_.second[q];
      has_link_first[i] = has_link_second[j] = 1;
      const bool by_code = fixed_[i] == j;
      out.links.push_back({first_.original[i], second_.original[j], by_code ? 1 : linked_[q],
                           by_code ? Evidence::code : evidence_of(q), static_cast<double>(pairs_.similarity[q]),
                           distance_km(q)});
    }
    std::sort(out.links.begin(), out.links.end(), [](const Link& a, const Link& b) { return a.first < b.first; });
    out.unlinked_first =
        unlinked(first_, second_, pairs_.first, pairs_.second, has_link_first, has_link_second, why_first_, row_);
    out.unlinked_second =
        unlinked(second_, first_, pairs_.second, pairs_.first, has_link_second, has_link_first, why_second_, column_);
    out.model.candidate_pairs = pairs_.size();
    if (pairs_.size() > 0) {
      out.model.partner_share = partner_;
      out.model.name.assign(m_name_.begin(), m_name_.end());
      if (has_points_) out.model.distance.assign(m_distance_.begin(), m_distance_.end());
      for (const auto& m : m_place_) out.model.place.emplace_back(m.begin(), m.end());
    }
    return out;
  }

  std::vector<UnlinkedPlace> unlinked(const Side& side, const Side& other, const std::vector<Index>& mine,
                                      const std::vector<Index>& theirs, const std::vector<char>& linked,
                                      const std::vector<char>& other_linked, const std::vector<Index>& why,
                                      const std::vector<double>& some_partner) const {
    struct Best {
      double weight = -std::numeric_limits<double>::infinity();
      std::size_t pair = 0;
      bool several = false;
    };
    std::vector<Best> best(side.n);
    const bool by_names = options_.by != LinkBy::codes && !weight_.empty();
    if (by_names)
      for (std::size_t q = 0; q < pairs_.size(); ++q) {
        if (linked[mine[q]]) continue;
        auto& so_far = best[mine[q]];
        if (weight_[q] > so_far.weight)
          so_far = {weight_[q], q, false};
        else if (weight_[q] == so_far.weight)
          so_far.several = true;
      }
    std::vector<UnlinkedPlace> out;
    for (Index i = 0; i < side.n; ++i) {
      if (linked[i]) continue;
      UnlinkedPlace place{.place = side.original[i]};
      const auto& candidate = best[i];
      if (candidate.weight > 0) {
        if (!candidate.several) place.best = other.original[theirs[candidate.pair]];
        place.score = score_[candidate.pair];
      }
      if (why[i] != none)
        place.reason = static_cast<WhyUnlinked>(why[i]);
      else if (!(candidate.weight > 0))
        place.reason = WhyUnlinked::no_candidate;
      else if (some_partner[i] >= options_.threshold)
        place.reason = WhyUnlinked::ambiguous;
      else if (other_linked[theirs[candidate.pair]])
        place.reason = WhyUnlinked::lost;
      else
        place.reason = WhyUnlinked::below_threshold;
      out.push_back(place);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    return out;
  }

  const LinkPlaces& in_first_;
  const LinkPlaces& in_second_;
  const LinkOptions& options_;
  const Context& context_;
  std::size_t levels_;

  Texts texts_;
  Side first_, second_;
  std::vector<char> dead_first_, dead_second_;  // take no part in the linking by names
  std::vector<Index> fixed_;                    // first -> second by code
  std::vector<Index> why_first_, why_second_;   // a WhyUnlinked that the codes decided, or none

  WordCounts counts_;
  std::vector<double> name_count_;
  double seen_once_ = 1;
  std::vector<std::vector<double>> path_count_;  // per level: places of the second side
  std::vector<std::vector<std::vector<Index>>> place_words_;
  std::vector<WordCounts> place_counts_;
  std::vector<std::vector<char>> on_first_, on_second_;  // per level and own name: does the side have it?
  bool has_points_ = false;
  std::vector<double> reach_km_, found_,
      farthest_km_;  // how far and how many the nearest are, and the farthest looked at
  std::vector<std::array<double, 10>> near_;
  std::array<double, 10> usual_near_{};

  Candidates candidates_;
  Pairs pairs_;
  std::array<double, 6> m_name_{};
  std::array<double, 10> m_distance_{};
  std::vector<std::array<double, 3>> m_place_;
  double partner_ = partner_start;
  std::vector<double> weight_, name_weight_, score_, row_, column_, linked_;
};

}  // namespace

Result<Linkage> link_places(const LinkPlaces& first, const LinkPlaces& second, const LinkOptions& options,
                            const Context& context) {
  assert(first.above.size() == second.above.size());
  return Linker(first, second, options, context).run();
}

// --------------------------------------------------------------------------------------------------------- from a
// count

std::vector<std::string> shared_levels(const Count& first, const Count& second) {
  std::vector<std::string> out;
  for (const auto& level : first.hierarchy.levels())
    if (second.hierarchy.level_index(level) >= 0) out.push_back(level);
  return out;
}

PlaceSet places_to_link(const Count& count, std::string_view level, const std::vector<std::string>& shared,
                        const Crosswalk* crosswalk) {
  const Hierarchy& hierarchy = count.hierarchy;
  const bool units = level == "unit" && hierarchy.level_index(level) < 0;
  const auto place_of_unit = units ? count.unit_place : places_on_level(count, level);
  const std::size_t n = count.units();

  // The places that hold a unit, or every unit as its own place; sorted by what they are called.
  struct Entry {
    std::string path, code;
    PlaceIndex place;
    UnitIndex unit;
  };
  std::vector<Entry> entries;
  if (units) {
    for (UnitIndex u = 0; u < n; ++u) {
      const PlaceIndex place = count.unit_place.empty() ? no_place : count.unit_place[u];
      std::string path = place == no_place ? "" : hierarchy.path(place) + " / ";
      path += count.unit_keys[u];
      entries.push_back({std::move(path), std::string(count.unit_keys[u]), place, u});
    }
  } else {
    std::vector<char> used(hierarchy.places().size(), 0);
    for (const PlaceIndex place : place_of_unit)
      if (place != no_place) used[place] = 1;
    for (PlaceIndex place = 0; place < used.size(); ++place)
      if (used[place]) entries.push_back({hierarchy.path(place), hierarchy[place].code, place, 0});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.path, a.code) < std::tie(b.path, b.code); });

  PlaceSet out;
  out.of_unit.assign(n, UnlinkedPlace::nobody);
  std::vector<std::uint32_t> index_of_place(hierarchy.places().size(), UnlinkedPlace::nobody);
  out.places.above.resize(shared.size());
  std::vector<int> shared_index;
  for (const auto& name : shared) shared_index.push_back(hierarchy.level_index(name));
  bool has_codes = units;
  for (std::uint32_t e = 0; e < entries.size(); ++e) {
    auto& entry = entries[e];
    if (units)
      out.of_unit[entry.unit] = e;
    else
      index_of_place[entry.place] = e;
    out.places.names.push_back(units ? entry.code : hierarchy[entry.place].name);
    has_codes = has_codes || !entry.code.empty();
    out.places.codes.push_back(entry.code);
    for (std::size_t l = 0; l < shared.size(); ++l) {
      const PlaceIndex up =
          shared_index[l] < 0 ? no_place : hierarchy.ancestor(entry.place, static_cast<std::uint32_t>(shared_index[l]));
      out.places.above[l].push_back(up == no_place ? "" : hierarchy[up].name);
    }
    out.paths.push_back(std::move(entry.path));
  }
  if (!units)
    for (UnitIndex u = 0; u < n; ++u)
      if (!place_of_unit.empty() && place_of_unit[u] != no_place) out.of_unit[u] = index_of_place[place_of_unit[u]];
  if (!has_codes) out.places.codes.clear();

  if (!count.latitude.empty() && !count.longitude.empty()) {
    std::vector<std::vector<std::pair<double, double>>> at(entries.size());
    for (UnitIndex u = 0; u < n; ++u)
      if (out.of_unit[u] != UnlinkedPlace::nobody && std::isfinite(count.latitude[u]) &&
          std::isfinite(count.longitude[u]))
        at[out.of_unit[u]].emplace_back(count.latitude[u], count.longitude[u]);
    for (auto& points : at) {
      std::sort(points.begin(), points.end());
      const auto middle = points.empty() ? std::pair(std::nan(""), std::nan("")) : points[points.size() / 2];
      out.places.latitude.push_back(middle.first);
      out.places.longitude.push_back(middle.second);
    }
  }

  if (crosswalk) {
    std::unordered_map<std::string_view, std::string_view> code_of;
    for (const auto& [unit, code] : crosswalk->rows) code_of.emplace(unit, code);
    std::vector<std::string> codes(entries.size());
    std::vector<char> conflict(entries.size(), 0);
    for (UnitIndex u = 0; u < n; ++u) {
      const auto e = out.of_unit[u];
      const auto found = code_of.find(count.unit_keys[u]);
      if (e == UnlinkedPlace::nobody || found == code_of.end() || found->second.empty()) continue;
      if (codes[e].empty()) codes[e] = found->second;
      conflict[e] = conflict[e] || codes[e] != found->second;
    }
    for (std::size_t e = 0; e < codes.size(); ++e)
      if (conflict[e]) codes[e].clear();
    out.places.codes = std::move(codes);
  }
  return out;
}

}  // namespace cotejo
