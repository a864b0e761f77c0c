// count, strike and headroom on N units x 20 options, each beside its baseline in the same run, after the results were
// compared. Baselines: SQLite's own SUM over the same case (count, strike under `whole`); sorting every unit by
// contribution (headroom).
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/methods/tally/count.hpp"
#include "cotejo/methods/tally/headroom.hpp"
#include "cotejo/methods/tally/strike.hpp"

namespace {

using namespace cotejo;

constexpr std::size_t options = 20;

Count make_count(std::size_t n) {
  Count count;
  count.id = CountId{"bench/count"};
  count.contest.id = ContestId{"bench/contest"};
  for (std::size_t i = 0; i < options; ++i) count.contest.options.push_back({OptionId{fmt::format("O{}", i)}, ""});
  count.hierarchy = Hierarchy({"country", "province", "municipality", "precinct"});
  count.votes.resize(n * options);
  count.unit_keys.reserve(n, 8 * n);
  const auto country = count.hierarchy.add(no_place, "C");
  for (UnitIndex unit = 0; unit < n; ++unit) {
    count.unit_keys.push_back(fmt::format("{}", unit));
    const auto province = count.hierarchy.add(country, fmt::format("p{}", unit / 20000));
    const auto municipality = count.hierarchy.add(province, fmt::format("m{}", unit / 500));
    count.unit_place.push_back(count.hierarchy.add(municipality, fmt::format("r{}", unit / 7)));
    Stream stream(1, Purpose::synthetic_election, 0, unit);
    for (std::size_t i = 0; i < options; ++i)
      count.votes[i * n + unit] = static_cast<std::int32_t>(stream.below(i == 0 ? 200 : i == 1 ? 147 : 8));
    count.registered.push_back(400);
  }
  count.sha256 = count.content_hash();
  return count;
}

template <class Work>
double seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// Ours and the baseline in turn, A B A B ...
template <class Ours, class Baseline>
void pair_of(std::size_t n, std::string_view name, std::string_view baseline_name, Ours ours, Baseline baseline) {
  std::vector<double> a, b;
  for (int i = 0; i < 5; ++i) {
    a.push_back(seconds(ours));
    b.push_back(seconds(baseline));
  }
  fmt::print("{:>9} units  {:9} {:8.4f} s   baseline {:8.4f} s   ratio {:6.3f}   ({})\n", n, name, median(a), median(b),
             median(a) / median(b), baseline_name);
}

void check(bool holds, std::string_view what) {
  if (holds) return;
  fmt::print(stderr, "bench: {} differs from its baseline\n", what);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto n = static_cast<std::size_t>(argc > 1 ? std::stoul(argv[1]) : 100000);
  const auto path = std::filesystem::temp_directory_path() / fmt::format("cotejo-bench-{}.cotejo", getpid());
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  {
    auto file = CaseFile::open(path, CaseFile::Mode::create);
    const Count made = make_count(n);
    if (!file->transact("bench", [&]() -> Result<void> {
          COTEJO_TRY(added, file->add_count(made, rule, {"bench", "", 0, "", ""}));
          (void)added;
          return {};
        }))
      return 1;
  }
  const auto file = CaseFile::open(path, CaseFile::Mode::read);
  const double load = seconds([&] { check(static_cast<bool>(file->load_count("bench/count")), "load"); });
  const auto loaded = file->load_count("bench/count");
  const Count& count = *loaded;
  SQLite::Database db(path.string(), SQLite::OPEN_READONLY);
  std::string sums = "SELECT sum(o0)";
  for (std::size_t i = 1; i < options; ++i) sums += fmt::format(", sum(o{})", i);
  const auto sql_sum = [&](const std::string& where) {
    SQLite::Statement query(db, sums + " FROM returns_1" + where);
    query.executeStep();
    return query.getColumn(0).getInt64();
  };
  const Context context{.seed = 1};

  const CountRequest count_request{&rule};
  const auto counted = run(count, count_request, context);
  check(std::get<std::int64_t>((*counted->table("tally")->row("O0"))[2]) == sql_sum(""), "count");
  pair_of(
      n, "count", "SQLite SUM over the same case", [&] { (void)run(count, count_request, context); },
      [&] { sql_sum(""); });

  Challenge challenge{ChallengeId{"c"}, count.id, "", "", "", {}};
  const std::size_t step = 100;
  for (std::size_t unit = 0; unit < n; unit += step) challenge.unit_keys.push_back(std::string(count.unit_keys[unit]));
  const StrikeRequest strike_request{&rule, {&challenge}, ""};
  const auto struck = run(count, strike_request, context);
  const std::string where = fmt::format(" WHERE unit % {} <> 0", step);
  check(std::get<std::int64_t>((*struck->table("readings")->row("whole"))[3]) == sql_sum(where), "strike");
  pair_of(
      n, "strike", "SQLite SUM without 1 % of the units; one reading of five",
      [&] { (void)run(count, strike_request, context); }, [&] { sql_sum(where); });

  const HeadroomRequest headroom_request{&rule, 500};
  const auto headroom = run(count, headroom_request, context);
  // The baseline sorts all contributions to the clause that binds (lead of a tenth over the second) and adds from the
  // top.
  const auto sorted = [&] {
    std::vector<std::int64_t> contribution(n);
    std::int64_t value = 0;
    for (UnitIndex unit = 0; unit < n; ++unit) {
      contribution[unit] = 10 * (std::int64_t{count.vote(0, unit)} - count.vote(1, unit)) - count.valid_of(unit);
      value += contribution[unit];
    }
    std::sort(contribution.begin(), contribution.end(), std::greater<>());
    std::size_t removed = 0;
    while (value >= 0) value -= contribution[removed++];
    return removed;
  };
  check(headroom->estimate("units_minimum")->value == static_cast<double>(sorted()), "headroom");
  pair_of(
      n, "headroom", "sorting every unit by contribution; units only, no places",
      [&] { (void)run(count, headroom_request, context); }, [&] { sorted(); });

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "{:>9} units  loading the count from the case {:.3f} s; peak memory {} MB (the count made, stored and loaded "
      "twice)\n",
      n, load, usage.ru_maxrss / 1024);
  std::filesystem::remove(path);
}
