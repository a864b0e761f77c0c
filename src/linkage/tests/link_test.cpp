#include "cotejo/linkage/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "../../methods/support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::small_count;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Row {
  std::string town, name, code{};
  double latitude = unknown, longitude = unknown;
};

LinkPlaces side(const std::vector<Row>& rows) {
  LinkPlaces out;
  out.above.resize(1);
  for (const auto& row : rows) {
    out.above[0].push_back(row.town);
    out.names.push_back(row.name);
    out.codes.push_back(row.code);
    out.latitude.push_back(row.latitude);
    out.longitude.push_back(row.longitude);
  }
  return out;
}

Linkage linked(const LinkPlaces& first, const LinkPlaces& second, LinkOptions options = {}, unsigned threads = 1) {
  Context context;
  context.threads = threads;
  auto result = link_places(first, second, options, context);
  EXPECT_TRUE(result) << (result ? "" : describe(result.error()));
  return *std::move(result);
}

const Link* link_of(const Linkage& linkage, std::uint32_t first) {
  for (const auto& link : linkage.links)
    if (link.first == first) return &link;
  return nullptr;
}

WhyUnlinked why(const std::vector<UnlinkedPlace>& unlinked, std::uint32_t place) {
  for (const auto& one : unlinked)
    if (one.place == place) return one.reason;
  ADD_FAILURE() << "place " << place << " is linked";
  return WhyUnlinked::no_candidate;
}

// Filler that makes the two files large enough to say what is common: schools with a word of their own in towns of
// eight.
std::vector<Row> schools(std::size_t n, std::size_t first = 0) {
  static constexpr const char* parts[] = {"ba", "ke", "mi", "lo", "ru", "sa", "te", "vi",
                                          "no", "zu", "da", "pe", "gi", "fo", "hu", "ja"};
  std::vector<Row> out;
  for (std::size_t k = first; k < first + n; ++k) {
    std::string word = "School ";
    for (std::size_t digit = 0, rest = k * 7919 + 65537; digit < 5; ++digit, rest /= 16) word += parts[rest % 16];
    std::string town = "Town ";
    for (std::size_t digit = 0, rest = k / 8 + 300; digit < 3; ++digit, rest /= 16) town += parts[15 - rest % 16];
    out.push_back({town, word, "", -20 + static_cast<double>(k % 97) * .1, -60 + static_cast<double>(k / 97) * .1});
  }
  return out;
}

// What is linked to what and why not, without regard to row numbers.
std::multiset<std::tuple<std::string, std::string, double, std::string>> story(const Linkage& linkage,
                                                                               const std::vector<Row>& first,
                                                                               const std::vector<Row>& second) {
  std::multiset<std::tuple<std::string, std::string, double, std::string>> out;
  const auto full = [](const Row& row) { return row.town + "/" + row.name + "/" + std::to_string(row.latitude); };
  for (const auto& link : linkage.links)
    out.emplace(full(first[link.first]), full(second[link.second]), link.score, to_text(link.evidence));
  for (const auto& one : linkage.unlinked_first)
    out.emplace(full(first[one.place]), one.best == UnlinkedPlace::nobody ? "" : full(second[one.best]), one.score,
                to_text(one.reason));
  for (const auto& one : linkage.unlinked_second)
    out.emplace(one.best == UnlinkedPlace::nobody ? "" : full(first[one.best]), full(second[one.place]), one.score,
                to_text(one.reason));
  return out;
}

TEST(NormalisedName, KeepsLettersAndDigitsOfAnyScriptWithoutAccentsCaseAndPunctuation) {
  EXPECT_EQ(normalised_name("U.E.  José  Ballivián"), "u e jose ballivian");
  EXPECT_EQ(normalised_name("u. e. jose ballivian"), "u e jose ballivian");
  EXPECT_EQ(normalised_name("Nuestra Señora de La Paz"), "nuestra senora de la paz");
  EXPECT_EQ(normalised_name("Łódź, ul. Żeromskiego 5"), "lodz ul zeromskiego 5");
  EXPECT_EQ(normalised_name("Straße"), "strasse");
  EXPECT_EQ(normalised_name("Ленинская"), normalised_name("ЛЕНИНСКАЯ"));
  EXPECT_EQ(normalised_name("Ｔｏｋｙｏ １２"), "tokyo 12");
  EXPECT_EQ(normalised_name("Jose\xCC\x81"), "jose");  // a combining accent
  EXPECT_EQ(normalised_name("--- "), "");
  EXPECT_EQ(normalised_name(""), "");
  EXPECT_FALSE(normalised_name("北京市").empty());
}

TEST(Link, SameNamesInTheSamePlacesAreLinkedAndTheRestIsExplained) {
  auto first = schools(200), second = schools(200);
  first.push_back({"Town dibisa", "Only Here Anywhere"});
  second.push_back({"Town fofofo", "Built Since Then"});
  for (auto* rows : {&first, &second})
    for (auto& row : *rows) row.latitude = row.longitude = unknown;
  const auto linkage = linked(side(first), side(second));
  ASSERT_EQ(linkage.links.size(), 200u);
  for (const auto& link : linkage.links) {
    EXPECT_EQ(link.first, link.second);
    EXPECT_EQ(link.evidence, Evidence::exact_name);
    EXPECT_GT(link.score, .9);
    EXPECT_EQ(link.name_similarity, 1);
    EXPECT_TRUE(std::isnan(link.distance_km));
  }
  EXPECT_EQ(why(linkage.unlinked_first, 200), WhyUnlinked::no_candidate);
  EXPECT_EQ(why(linkage.unlinked_second, 200), WhyUnlinked::no_candidate);
}

TEST(Link, AccentsCaseWordOrderAndOneTypoDoNotMatter) {
  auto first = schools(200), second = schools(200);
  const auto a = static_cast<std::uint32_t>(first.size());
  for (const auto& [here, there] : {std::pair("Escuela José Ballivián", "ESCUELA JOSE BALLIVIAN"),
                                    std::pair("Colegio Ayunatamiento Mayor", "Colegio Ayuntamiento Mayor"),
                                    std::pair("Bolivar, Simón (Liceo)", "Liceo Simón Bolivar")}) {
    first.push_back({"Villa Nueva", here});
    second.push_back({"VILLA NUEVA", there});
  }
  const auto linkage = linked(side(first), side(second));
  ASSERT_EQ(linkage.links.size(), 203u);
  EXPECT_EQ(link_of(linkage, a)->evidence, Evidence::exact_name);
  EXPECT_EQ(link_of(linkage, a + 1)->evidence, Evidence::similar_name);
  EXPECT_EQ(link_of(linkage, a + 2)->evidence, Evidence::similar_name);
  for (std::uint32_t k = a; k < a + 3; ++k) EXPECT_EQ(link_of(linkage, k)->second, k);
}

TEST(Link, TwoEqualCandidatesAreAmbiguousUntilCoordinatesTellThemApart) {
  auto first = schools(200), second = schools(200);
  for (const double south : {0.0, 1.0}) {
    first.push_back({"Twin Town", "Colegio Italia", "", -16.5 - south, -68});
    second.push_back({"Twin Town", "Colegio Italia", "", -16.5 - south, -68});
  }
  const auto with = linked(side(first), side(second));
  ASSERT_NE(link_of(with, 200), nullptr);
  EXPECT_EQ(link_of(with, 200)->second, 200u);
  EXPECT_EQ(link_of(with, 201)->second, 201u);
  EXPECT_NEAR(link_of(with, 200)->distance_km, 0, 1e-9);

  for (auto* rows : {&first, &second})
    for (auto& row : *rows) row.latitude = row.longitude = unknown;
  const auto without = linked(side(first), side(second));
  EXPECT_EQ(without.links.size(), 200u);
  for (const std::uint32_t k : {200u, 201u}) {
    EXPECT_EQ(why(without.unlinked_first, k), WhyUnlinked::ambiguous);
    EXPECT_EQ(why(without.unlinked_second, k), WhyUnlinked::ambiguous);
  }
  EXPECT_EQ(without.unlinked_first[0].best, UnlinkedPlace::nobody);
}

TEST(Link, TwoPlacesThatWantOnePartnerAreAmbiguous) {
  auto first = schools(200), second = schools(200);
  first.push_back({"Twin Town", "Colegio Italia"});
  first.push_back({"Twin Town", "Colegio Italia"});
  second.push_back({"Twin Town", "Colegio Italia"});
  const auto linkage = linked(side(first), side(second));
  EXPECT_EQ(link_of(linkage, 200), nullptr);
  EXPECT_EQ(link_of(linkage, 201), nullptr);
  EXPECT_EQ(why(linkage.unlinked_first, 200), WhyUnlinked::ambiguous);
  EXPECT_EQ(why(linkage.unlinked_second, 200), WhyUnlinked::ambiguous);
}

TEST(Link, ThePlaceThatFitsBetterWinsAndTheOtherIsToldSo) {
  auto first = schools(200), second = schools(200);
  first.push_back({"Villa Nueva", "Colegio Juan de la Cruz Loma"});
  first.push_back({first[0].town, "Colegio Juan de la Cruz Loma"});  // the same name, elsewhere
  second.push_back({"Villa Nueva", "Colegio Juan de la Cruz Loma"});
  const auto linkage = linked(side(first), side(second));
  ASSERT_NE(link_of(linkage, 200), nullptr);
  EXPECT_EQ(link_of(linkage, 200)->second, 200u);
  EXPECT_EQ(why(linkage.unlinked_first, 201), WhyUnlinked::lost);
  EXPECT_EQ(linkage.unlinked_first.back().best, 200u);
}

TEST(Link, ARenamedTownIsLearnedFromItsOwnLinks) {
  auto first = schools(400), second = schools(400);
  // Common names, so that only the correspondence of the towns can tell; two rare ones to learn it from.
  for (auto* rows : {&first, &second}) {
    const std::string town = rows == &first ? "Colquechaca" : "San Pedro de Macha";
    for (const char* name : {"Jaime Mendoza Titiri", "Franz Tamayo Ayoma", "6 de Junio", "Elizardo Perez"})
      rows->push_back({town, name});
    for (std::size_t k = 0; k < 6; ++k) rows->push_back({(*rows)[k * 16].town, "6 de Junio"});
    for (auto& row : *rows) row.latitude = row.longitude = unknown;
  }
  const auto linkage = linked(side(first), side(second));
  for (std::uint32_t k = 400; k < 404; ++k) {
    ASSERT_NE(link_of(linkage, k), nullptr) << first[k].name;
    EXPECT_EQ(link_of(linkage, k)->second, k);
  }
}

TEST(Link, ATownWithAWordMoreIsTheSameTown) {
  auto first = schools(200), second = schools(200);
  for (std::size_t k = 0; k < 3; ++k) {
    first.push_back({"Charagua", schools(1, 900 + k)[0].name});
    second.push_back({"AIOC Charagua Iyambae", schools(1, 900 + k)[0].name});
  }
  for (auto* rows : {&first, &second})
    for (auto& row : *rows) row.latitude = row.longitude = unknown;
  const auto linkage = linked(side(first), side(second));
  EXPECT_EQ(linkage.links.size(), 203u);
}

TEST(Link, ARenamedSchoolIsFoundByItsCoordinates) {
  auto first = schools(300), second = schools(300);
  first.push_back({"Villa Nueva", "Nucleo San Ignacio", "", -15.111, -61.222});
  second.push_back({"Villa Nueva", "Milena Paz Antelo", "", -15.111, -61.222});
  const auto linkage = linked(side(first), side(second));
  ASSERT_NE(link_of(linkage, 300), nullptr);
  EXPECT_EQ(link_of(linkage, 300)->second, 300u);
  EXPECT_EQ(link_of(linkage, 300)->evidence, Evidence::coordinates);
}

TEST(Link, NoisyCoordinatesAreLearnedToBeNoisy) {
  auto first = schools(500);
  const auto second = schools(500);
  Stream stream(5, Purpose::permutation_test);
  for (auto& row : first) {
    row.latitude += .01 * stream.normal();  // about one kilometre
    row.longitude += .01 * stream.normal();
  }
  const auto linkage = linked(side(first), side(second));
  ASSERT_EQ(linkage.links.size(), 500u);
  for (const auto& link : linkage.links) EXPECT_EQ(link.first, link.second);
  const auto& m = linkage.model.distance;
  EXPECT_GT(m[5] + m[6], .7) << "0.3-3 km is where pairs should be expected";
  EXPECT_LT(m[0], .1);
}

TEST(Link, CodesDecideWhereThereAreCodesAndNamesElsewhere) {
  std::vector<Row> first = schools(100), second = schools(100);
  for (std::size_t k = 0; k < 100; ++k) first[k].code = second[k].code = "c" + std::to_string(k);
  first[0].name = "Quite Another Name";  // linked by its code all the same
  first[1].code = "gone";                // its code is not on the other side: no link, although the name is
  first[2].code = "";                    // no code: by name
  second[2].code = "new";
  first[3].code = first[4].code = "c3";  // one code twice
  const auto linkage = linked(side(first), side(second));
  EXPECT_EQ(link_of(linkage, 0)->second, 0u);
  EXPECT_EQ(link_of(linkage, 0)->evidence, Evidence::code);
  EXPECT_EQ(link_of(linkage, 0)->score, 1);
  EXPECT_LT(link_of(linkage, 0)->name_similarity, .5);
  EXPECT_EQ(why(linkage.unlinked_first, 1), WhyUnlinked::code_not_found);
  ASSERT_NE(link_of(linkage, 2), nullptr);
  EXPECT_EQ(link_of(linkage, 2)->evidence, Evidence::exact_name);
  EXPECT_EQ(why(linkage.unlinked_first, 3), WhyUnlinked::ambiguous);
  EXPECT_EQ(why(linkage.unlinked_first, 4), WhyUnlinked::ambiguous);

  const auto by_codes = linked(side(first), side(second), {.by = LinkBy::codes});
  EXPECT_EQ(by_codes.links.size(), 96u);
  EXPECT_EQ(why(by_codes.unlinked_first, 2), WhyUnlinked::no_code);
  const auto by_names = linked(side(first), side(second), {.by = LinkBy::names});
  for (const auto& link : by_names.links) EXPECT_NE(link.evidence, Evidence::code);
  ASSERT_NE(link_of(by_names, 1), nullptr) << "codes are not looked at";
}

// Files with every difficulty at once: duplicates, renamed towns and schools, places of one side only, noise.
std::pair<std::vector<Row>, std::vector<Row>> difficult(std::size_t n) {
  auto first = schools(n), second = schools(n);
  Stream stream(11, Purpose::permutation_test);
  for (std::size_t k = 0; k < n; ++k) {
    if (k % 17 == 0) second[k].name = schools(1, 5000 + k)[0].name;
    if (k % 13 == 0) first[k].name += " anexo";
    if (k % 19 == 0) first[k].name = second[k].name = "Plaza Principal";
    if (k % 80 < 8) second[k].town = "AIOC " + second[k].town;
    if (k % 23 == 0) first[k].latitude = first[k].longitude = unknown;
    if (k % 7 == 0) second[k].latitude += .002 * stream.normal();
  }
  for (std::size_t k = 0; k < n / 20; ++k) {
    first.push_back(schools(1, 7000 + k)[0]);
    second.push_back(schools(1, 9000 + k)[0]);
  }
  return {first, second};
}

TEST(Link, TheOrderOfRowsDoesNotMatterToTheLastBit) {
  const auto [first, second] = difficult(600);
  const auto straight = linked(side(first), side(second));
  EXPECT_GT(straight.links.size(), 500u);
  EXPECT_FALSE(straight.unlinked_first.empty());
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto first_again = test::shuffled(first, seed), second_again = test::shuffled(second, seed + 100);
    const auto again = linked(side(first_again), side(second_again));
    EXPECT_EQ(story(straight, first, second), story(again, first_again, second_again)) << "seed " << seed;
  }
}

TEST(Link, AnyNumberOfThreadsGivesTheSameBits) {
  const auto [first, second] = difficult(600);
  EXPECT_EQ(story(linked(side(first), side(second), {}, 1), first, second),
            story(linked(side(first), side(second), {}, 4), first, second));
}

TEST(Link, EveryPlaceIsEitherLinkedOnceOrUnlinkedWithAReason) {
  const auto [first, second] = difficult(600);
  const auto linkage = linked(side(first), side(second));
  std::map<std::uint32_t, int> seen_first, seen_second;
  for (const auto& link : linkage.links) {
    ++seen_first[link.first];
    ++seen_second[link.second];
    EXPECT_GE(link.score, .8);
    EXPECT_LE(link.score, 1);
  }
  for (const auto& one : linkage.unlinked_first) ++seen_first[one.place];
  for (const auto& one : linkage.unlinked_second) ++seen_second[one.place];
  EXPECT_EQ(seen_first.size(), first.size());
  EXPECT_EQ(seen_second.size(), second.size());
  for (const auto* seen : {&seen_first, &seen_second})
    for (const auto& [place, times] : *seen) EXPECT_EQ(times, 1) << place;
}

TEST(Link, ALowerThresholdNeverLosesALinkOfAHigherOne) {
  const auto [first, second] = difficult(400);
  std::set<std::pair<std::uint32_t, std::uint32_t>> strict, loose;
  for (const auto& link : linked(side(first), side(second), {.threshold = .99}).links)
    strict.emplace(link.first, link.second);
  for (const auto& link : linked(side(first), side(second), {.threshold = .5}).links)
    loose.emplace(link.first, link.second);
  for (const auto& link : strict) EXPECT_TRUE(loose.contains(link));
}

TEST(Link, FilesOfDifferentPlacesAreNotForcedTogether) {
  const auto first = schools(500);
  auto second = schools(500, 20000);
  for (auto& row : second) row.latitude = row.longitude = unknown;
  EXPECT_LT(linked(side(first), side(second)).links.size(), 5u) << "of 500";
}

TEST(Link, EmptySidesAndEmptyNamesAreFine) {
  EXPECT_THAT(linked(side({}), side({})).links, IsEmpty());
  const auto one_sided = linked(side(schools(3)), side({}));
  EXPECT_EQ(one_sided.unlinked_first.size(), 3u);
  const std::vector<Row> nameless = {{"", ""}, {"", ""}, {"", ""}};
  const auto linkage = linked(side(nameless), side(nameless));
  EXPECT_THAT(linkage.links, IsEmpty());
}

TEST(Link, ManyPlacesOnOnePointAreNotTakenForOne) {
  auto first = schools(100), second = schools(100);
  for (auto* rows : {&first, &second})
    for (auto& row : *rows) row.latitude = -16, row.longitude = -68;
  first.push_back({"Villa Nueva", "Nucleo San Ignacio", "", -16, -68});
  second.push_back({"Villa Nueva", "Milena Paz Antelo", "", -16, -68});
  const auto linkage = linked(side(first), side(second));
  for (const auto& link : linkage.links) EXPECT_EQ(link.first, link.second);
  EXPECT_EQ(link_of(linkage, 100), nullptr) << "a point that a hundred places share says nothing";
}

TEST(Link, IsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  Context context;
  context.cancel = stop.get_token();
  const auto result = link_places(side(schools(10)), side(schools(10)), {}, context);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST(Link, CandidatesGrowWithPlacesNotWithTheirSquare) {
  std::map<std::size_t, double> pairs_per_place;
  for (const std::size_t n : {2000, 20000}) {
    const auto rows = schools(n);
    const auto linkage = linked(side(rows), side(rows), {}, 2);
    pairs_per_place[n] = static_cast<double>(linkage.model.candidate_pairs) / static_cast<double>(n);
    EXPECT_GE(linkage.links.size(), n - n / 1000);
    for (const auto& link : linkage.links) ASSERT_EQ(link.first, link.second);
  }
  EXPECT_LT(pairs_per_place[20000], 1.5 * pairs_per_place[2000]);
  EXPECT_LT(pairs_per_place[20000], 64);
}

TEST(PlacesToLink, GathersUnitsPlacesCodesAndPoints) {
  const auto count = small_count("c", {"town", "precinct"}, {"A"},
                                 {{.key = "1", .places = {"Z", "School"}, .votes = {1}, .latitude = 1, .longitude = 2},
                                  {.key = "2", .places = {"Z", "School"}, .votes = {1}, .latitude = 3, .longitude = 4},
                                  {.key = "3", .places = {"Z", "School"}, .votes = {1}, .latitude = 1, .longitude = 2},
                                  {.key = "4", .places = {"A", "School"}, .votes = {1}}});
  Crosswalk crosswalk;
  crosswalk.rows = {{"1", "x"}, {"2", "x"}, {"4", "y"}, {"99", "z"}};
  const auto set = places_to_link(count, "precinct", {"town"}, &crosswalk);
  EXPECT_THAT(set.paths, ElementsAre("A / School", "Z / School"));
  EXPECT_THAT(set.places.names, ElementsAre("School", "School"));
  EXPECT_THAT(set.places.above[0], ElementsAre("A", "Z"));
  EXPECT_THAT(set.places.codes, ElementsAre("y", "x"));
  EXPECT_THAT(set.of_unit, ElementsAre(1, 1, 1, 0));
  EXPECT_TRUE(std::isnan(set.places.latitude[0]));
  EXPECT_EQ(set.places.latitude[1], 1);

  crosswalk.rows.emplace_back("3", "other");
  EXPECT_THAT(places_to_link(count, "precinct", {"town"}, &crosswalk).places.codes, ElementsAre("y", ""))
      << "units that disagree give no code";

  const auto units = places_to_link(count, "unit", {"town", "precinct"});
  EXPECT_THAT(units.places.names, ElementsAre("4", "1", "2", "3"));
  EXPECT_THAT(units.of_unit, ElementsAre(1, 2, 3, 0));
}

}  // namespace
}  // namespace cotejo
