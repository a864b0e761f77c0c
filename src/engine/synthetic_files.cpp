#include "cotejo/engine/synthetic_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "cotejo/intake/writer.hpp"
#include "cotejo/sim/fair_election.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

Result<void> none_of(const fs::path& folder, std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (fs::exists(folder / name))
      return Error{.code = ErrorCode::conflict,
                   .message = "there is a file of that name already",
                   .file = (folder / name).string(),
                   .remedy = "Choose an empty folder."};
  return {};
}

// The profile of a file that write_count_csv wrote.
std::string profile_of(const Count& count) {
  std::string out = fmt::format(
      "schema = \"cotejo.profile/1\"\nkind   = \"count\"\n\n[source]\ntitle = \"Drawn by cotejo simulate: no real vote "
      "is in it\"\n\n[file]\npath = \"election.csv\"\n\n[count]\nid      = \"{}\"\ncontest = \"{}\"\nvalid   = "
      "\"reported\"\n\n[unit]\nkey = \"unit\"\n",
      count.id.text, count.contest.id.text);
  for (const auto& level : count.hierarchy.levels()) {
    const bool codes =
        std::any_of(count.hierarchy.places().begin(), count.hierarchy.places().end(),
                    [&](const Place& p) { return count.hierarchy.levels()[p.level] == level && !p.code.empty(); });
    out += fmt::format("\n[[place]]\nlevel = \"{0}\"\nname  = \"{0}\"\n{1}", level,
                       codes ? fmt::format("code  = \"{}_code\"\n", level) : "");
  }
  out += "\n[columns]\nvalid = \"valid\"\n";
  if (!count.registered.empty()) out += "registered = \"registered\"\n";
  if (!count.cast.empty()) out += "cast = \"cast\"\n";
  for (const auto& option : count.contest.options)
    out += fmt::format("\n[[option]]\nid     = \"{0}\"\ncolumn = \"{0}\"\n", option.id.text);
  return out;
}

}  // namespace

std::vector<OptionInfo> synthetic_options() {
  return SyntheticSpec::table().infos();
}

Result<SyntheticUnits> write_synthetic(const OptionTexts& options, const fs::path& folder, const Context& context) {
  COTEJO_CHECK(none_of(folder, {"official.csv", "quick.csv", "next.csv", "objected.csv"}));
  SyntheticSpec spec;
  for (const auto& [name, value] : options) COTEJO_CHECK(SyntheticSpec::table().set(spec, name, value));
  COTEJO_TRY(election, draw_synthetic(spec, context));
  COTEJO_CHECK(write_count_csv(election.official, folder / "official.csv"));
  COTEJO_CHECK(write_count_csv(election.quick, folder / "quick.csv"));
  COTEJO_CHECK(write_count_csv(election.next, folder / "next.csv"));
  COTEJO_CHECK(write_unit_list(election.objected.unit_keys, folder / "objected.csv"));
  return SyntheticUnits{election.official.units(), election.quick.units(), election.next.units(),
                        election.objected.unit_keys.size()};
}

Result<std::size_t> write_fair_election(const Count& count, const FairElectionSpec& spec, const fs::path& folder,
                                        const Context& context) {
  COTEJO_CHECK(none_of(folder, {"election.csv", "election.toml", "truth.csv"}));
  COTEJO_TRY(electorate, electorate_of(count));
  const FairModel model(electorate, returns_of(count, electorate));
  Returns returns = spec.generator == Generator::model
                        ? model.draw(spec.depth, context.seed, Purpose::fair_election, spec.replicate)
                        : model.draw_from(spec.generator, context.seed, spec.replicate);
  std::optional<Planted> planted;
  if (spec.planted) {
    COTEJO_TRY(made, plant(electorate, returns, *spec.planted, context.seed, spec.replicate));
    returns = made.returns;
    planted = std::move(made);
  }
  Count out;
  out.id = CountId{"simulated/" + (count.id.text.empty() ? std::string("count") : count.id.text)};
  out.contest.id = count.contest.id;
  out.contest.options = {count.contest.options[electorate.leader], count.contest.options[electorate.runner_up]};
  if (!electorate.two_options) out.contest.options.push_back({OptionId{"others"}, "others"});
  out.valid_basis = ValidBasis::reported;
  out.hierarchy = count.hierarchy;
  const std::size_t n = electorate.size();
  for (std::size_t i = 0; i < n; ++i) {
    const UnitIndex u = electorate.units[i];
    out.unit_keys.push_back(count.unit_keys[u]);
    if (!count.unit_place.empty()) out.unit_place.push_back(count.unit_place[u]);
    if (!count.latitude.empty()) {
      out.latitude.push_back(count.latitude[u]);
      out.longitude.push_back(count.longitude[u]);
    }
  }
  out.registered = electorate.registered;
  if (electorate.has_cast) out.cast = returns.cast;
  out.valid = returns.valid;
  out.votes = returns.leader;
  out.votes.insert(out.votes.end(), returns.runner_up.begin(), returns.runner_up.end());
  if (!electorate.two_options)
    for (std::size_t i = 0; i < n; ++i)
      out.votes.push_back(returns.valid[i] - returns.leader[i] - returns.runner_up[i]);
  COTEJO_CHECK(write_count_csv(out, folder / "election.csv"));
  std::ofstream profile(folder / "election.toml", std::ios::binary);
  profile << profile_of(out);
  if (planted) {
    std::ofstream truth(folder / "truth.csv", std::ios::binary);
    truth << "unit,touched,leader_change,ballots_added\r\n";
    for (std::size_t i = 0; i < n; ++i)
      truth << csv_cell(out.unit_keys[i]) << ',' << int{planted->touched[i]} << ',' << planted->leader_change[i] << ','
            << planted->ballots_added[i] << "\r\n";
    if (!truth.flush())
      return Error{.code = ErrorCode::file_write,
                   .message = "the file cannot be written",
                   .file = (folder / "truth.csv").string(),
                   .remedy = "Check the folder and the free space."};
  }
  if (!profile.flush())
    return Error{.code = ErrorCode::file_write,
                 .message = "the file cannot be written",
                 .file = (folder / "election.toml").string(),
                 .remedy = "Check the folder and the free space."};
  return n;
}

}  // namespace cotejo
