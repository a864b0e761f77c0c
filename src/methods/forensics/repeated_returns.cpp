#include "cotejo/methods/forensics/repeated_returns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cotejo/base/text.hpp"
#include "cotejo/sim/samplers.hpp"
#include "cotejo/stats/dealt_repeats.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t most_total = 100'000;    // votes of a unit in the expectation; the work grows with their square
constexpr std::int64_t enough = 20;             // dealings with as many pairs, after which a false alarm is settled
constexpr std::int64_t dealings_of_fair = 399;  // for each fair election that has a pair

std::int32_t known(std::int32_t value) {
  return value == missing ? 0 : value;
}

// What a return holds: every option, blank and null ballots.
std::vector<std::span<const std::int32_t>> columns_of(const Count& count) {
  std::vector<std::span<const std::int32_t>> out;
  for (std::size_t i = 0; i < count.options(); ++i) out.push_back(count.option(i));
  for (const Column* column : {&count.blank, &count.null})
    if (!column->empty()) out.emplace_back(*column);
  return out;
}

struct Observed {
  std::vector<UnitIndex> units;  // with a place
  DealtRepeats repeats;
};

Observed repeats_of(const Count& count) {
  const auto columns = columns_of(count);
  std::vector<UnitIndex> units;
  std::vector<std::uint32_t> place;
  for (UnitIndex u = 0; u < count.unit_place.size(); ++u)
    if (count.unit_place[u] != no_place) {
      units.push_back(u);
      place.push_back(count.unit_place[u]);
    }
  std::vector<std::int32_t> values(columns.size() * units.size());
  for (std::size_t c = 0; c < columns.size(); ++c)
    for (std::size_t i = 0; i < units.size(); ++i) values[c * units.size() + i] = known(columns[c][units[i]]);
  DealtRepeats repeats(values, columns.size(), place, count.hierarchy.places().size());
  return {std::move(units), std::move(repeats)};
}

std::string refused(const ForensicCase& given) {
  const Count& count = *given.count;
  if (count.unit_place.empty()) return "the count has no places, and repeats are counted within a place";
  if (repeats_of(count).repeats.comparable() == 0) return "no place has two units with an equal total of votes";
  return "";
}

OwnAnswer answer_of_count(const ForensicCase& given, std::int64_t replicates, Seed seed, std::span<double> out) {
  const Observed observed = repeats_of(*given.count);
  const DealtRepeats& repeats = observed.repeats;
  double votes = 0, repeated = 0;
  std::vector<char> listed(given.count->units(), 0);
  for (const auto& [a, b] : repeats.which()) {
    const UnitIndex u = observed.units[b];
    if (listed[u]) continue;
    listed[u] = 1;
    ++repeated;
    votes += known(given.count->vote(given.electorate.leader, u));
  }
  out[0] = static_cast<double>(repeats.pairs());
  out[1] = repeats.expected(most_total);
  out[2] = static_cast<double>(repeats.comparable());
  out[3] = repeated;
  // As many as chance gives are no copies.
  out[4] = repeats.pairs() > 0 ? votes * std::max(0.0, 1 - out[1] / out[0]) : 0;
  const DealtP p = dealt_p(repeats, seed, 0, replicates, replicates + 1);
  return {.p_value = p.p_value,
          .kind = repeats.pairs() > 0 ? TestKind::calibrated : TestKind::exact,
          .replicates = p.dealings,
          .at_most = p.at_floor,
          .expected = out[1]};
}

// The other columns of a fair election: the rest of a unit's valid votes, and its invalid ballots, dealt by the shares
// that they have in the observed place; a return that was copied as it is has those of the unit it was copied from.
class MinorShares {
 public:
  MinorShares(const ForensicCase& given) {
    const Count& count = *given.count;
    const Electorate& e = given.electorate;
    const auto columns = columns_of(count);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (c != e.leader && c != e.runner_up) (c < count.options() ? valid_ : invalid_).push_back(c);
    sums_.assign((valid_.size() + invalid_.size()) * e.places.size(), 0);
    for (std::size_t i = 0; i < e.size(); ++i)
      for (std::size_t k = 0; k < width(); ++k)
        sums_[e.place[i] * width() + k] += known(columns[column(k)][e.units[i]]);
  }
  std::size_t width() const { return valid_.size() + invalid_.size(); }
  std::size_t valid_columns() const { return valid_.size(); }

  void deal(Stream& stream, std::uint32_t place, std::int32_t valid, std::int32_t invalid,
            std::span<std::int32_t> out) const {
    const double* weights = sums_.data() + place * width();
    part(stream, valid, {weights, valid_.size()}, out.first(valid_.size()));
    part(stream, invalid, {weights + valid_.size(), invalid_.size()}, out.subspan(valid_.size()));
  }

 private:
  std::size_t column(std::size_t k) const { return k < valid_.size() ? valid_[k] : invalid_[k - valid_.size()]; }
  static void part(Stream& stream, std::int32_t n, std::span<const double> weights, std::span<std::int32_t> out) {
    if (out.empty()) return;
    const bool any = std::any_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
    if (out.size() == 1 || !any) {
      std::fill(out.begin(), out.end(), 0);
      out[0] = n;
    } else {
      multinomial_rng(stream, n, weights, out);
    }
  }
  std::vector<std::size_t> valid_, invalid_;
  std::vector<double> sums_;  // places x columns
};

double p_of_fair(const ForensicCase& given, const FairModel& model, Generator generator, const PlantSpec* planted,
                 Seed seed, std::uint64_t replicate) {
  const Electorate& e = given.electorate;
  constexpr std::uint64_t apart = std::uint64_t{3} << 41;
  Returns returns = generator == Generator::model
                        ? model.draw(Depth::units, seed, Purpose::generator, apart + replicate)
                        : model.draw_from(generator, seed, replicate);
  std::vector<std::uint32_t> source(e.size());
  for (std::uint32_t i = 0; i < e.size(); ++i) source[i] = i;
  if (planted)
    if (auto made = plant(e, returns, *planted, seed, replicate)) {
      returns = std::move(made->returns);
      source = std::move(made->copied_from);
    }
  const MinorShares minor(given);
  const std::size_t n = e.size(), k = 2 + minor.width();
  std::vector<std::int32_t> values(k * n), row(minor.width());
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = returns.leader[i];
    values[n + i] = returns.runner_up[i];
    Stream stream(seed, Purpose::inner_election, apart + replicate, source[i]);
    minor.deal(stream, e.place[i], std::max(0, returns.valid[i] - returns.leader[i] - returns.runner_up[i]),
               std::max(0, returns.cast[i] - returns.valid[i]), row);
    for (std::size_t c = 0; c < row.size(); ++c) values[(2 + c) * n + i] = row[c];
  }
  const DealtRepeats repeats(values, k, e.place, e.places.size());
  return dealt_p(repeats, seed, 1 + replicate, dealings_of_fair, enough).p_value;
}

constexpr OwnNull own{.null = "the votes of each place were dealt at random among its units, each keeping its total",
                      .refused = refused,
                      .observed = answer_of_count,
                      .of_fair = p_of_fair};

}  // namespace

ForensicTest repeated_returns_test() {
  return {.id = "repeated-returns",
          .depth = Depth::units,
          .needs_registered = false,
          .descriptive_because = nullptr,
          .components =
              {{"repeated_pairs", "pairs", "units of one place with identical votes, blank and null ballots"},
               {"expected_pairs", "pairs",
                "if the votes of each place were dealt at random among its units, each keeping its total (exact)"},
               {"comparable_pairs", "pairs", "units of one place with an equal total"},
               {"repeated_units", "units", "that repeat another; of each group of identical ones all but the first"},
               {"implicated_votes", "votes of the leader", "in those, beyond what chance repeats"}},
          .votes = 4,
          .measure = nullptr,
          .own = &own};
}

MethodInfo RepeatedReturnsRequest::info() {
  return {.id = "repeated-returns",
          .family = "forensics",
          .title = "Identical returns within a place",
          .question = "Are there more identical returns within a place than chance gives?",
          .assumes = "Places have two or more units with an equal total, whose votes chance could have dealt alike",
          .cost = "linear in units x columns, and in replicates where there is a repeat",
          .references = {"Besag, J., & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78:301.",
                         "Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Stat. Appl. "
                         "Genet. Mol. Biol. 9:39."}};
}

const OptionTable<RepeatedReturnsRequest>& RepeatedReturnsRequest::table() {
  static const OptionTable<RepeatedReturnsRequest> options = [] {
    OptionTable<RepeatedReturnsRequest> t;
    add_forensic_options(t);
    t.add(&RepeatedReturnsRequest::list_limit, {.name = "list_limit",
                                                .unit = "rows",
                                                .text = "How many repeated pairs the table lists; all are counted.",
                                                .low = 0,
                                                .high = 1e5});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const RepeatedReturnsRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made,
             with_own_null(RepeatedReturnsRequest::info(), forensic_test("repeated-returns"), given, request, context));
  Finding& finding = made.finding;
  finding.does_not_show = {"Which return is the copy, or who copied it: a sheet typed twice leaves a pair too.",
                           "Copies that were changed, however little, or that went to another place."};
  if (finding.answer == Answer::undetermined) return std::move(made.finding);
  const Observed observed = repeats_of(count);
  Table table{.id = "repeated",
              .title = "Units of one place with identical votes",
              .columns = {{"unit"}, {"repeats_unit"}, {"place"}, {"leader", "votes"}, {"valid", "votes"}},
              .rows = {}};
  for (const auto& [a, b] : observed.repeats.which()) {
    if (static_cast<std::int64_t>(table.rows.size()) >= request.list_limit) break;
    const UnitIndex first = observed.units[a], second = observed.units[b];
    table.rows.push_back({std::string(count.unit_keys[second]), std::string(count.unit_keys[first]),
                          count.hierarchy.path(count.unit_place[second]),
                          std::int64_t{known(count.vote(given.electorate.leader, second))}, count.valid_of(second)});
  }
  finding.tables.push_back(std::move(table));
  finding.headline = fmt::format(
      "{} pairs of units of one place have identical votes; dealing each place's votes at random gives {} (p {}).",
      with_thousands(static_cast<long long>(made.observed[0])), fixed(made.observed[1], made.observed[1] < 1 ? 4 : 1),
      p_value_text(made.answer));
  return std::move(made.finding);
}

}  // namespace cotejo
