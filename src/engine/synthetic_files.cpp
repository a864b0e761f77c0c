#include "cotejo/engine/synthetic_files.hpp"

#include "cotejo/intake/writer.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {

namespace fs = std::filesystem;

std::vector<OptionInfo> synthetic_options() {
  return SyntheticSpec::table().infos();
}

Result<SyntheticUnits> write_synthetic(const OptionTexts& options, const fs::path& folder, const Context& context) {
  for (const auto* name : {"official.csv", "quick.csv", "next.csv", "objected.csv"})
    if (fs::exists(folder / name))
      return Error{.code = ErrorCode::conflict,
                   .message = "there is a file of that name already",
                   .file = (folder / name).string(),
                   .remedy = "Choose an empty folder."};
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

}  // namespace cotejo
