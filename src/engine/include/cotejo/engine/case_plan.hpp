// A plan that asks of published files what was asked of a case, and the folder that it runs in.
//
// The files are those that the case was imported from, where they are found with the hashes that the case has, and their
// profiles. A count whose file or profile is not found, that came without a profile, or that was corrected is written
// out of the case instead (CSV and a profile that reads it back to the same content), and a note says so. The rules are
// those of the case, written into the plan. The tables of an assembly, and the files that they include, must be where
// they were imported from: an assembly is not written out.
// Errors: plan_invalid (an id twice, no finding; an assembly that did not come from tables, or was renamed), usage (an
// input that the method does not take), method_unknown, count_unknown, option_invalid, file_missing; conflict (a count
// that is written out is not read back the same: the column that differs is not told; tables that are not read as the
// case has them); those of the case and of writing.
// Verified in src/engine/tests/case_plan_test.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cotejo/engine/case_run.hpp"

namespace cotejo {

struct CasePlanRequest {
  struct Asked {
    std::string id;
    RunRequest run;
    bool required = true;
  };
  std::string id, title, question;
  Seed seed = 0;
  std::vector<Asked> findings;
};

struct CasePlan {
  std::string toml;
  std::vector<std::string> notes;  // what is where, in sentences
};

// Writes plan.toml and everything that it names into `folder`, which must exist and be empty: profiles/, data/,
// challenges/, bodies/. Files are looked for as they were named at the import, in `places`, and by their last name there.
Result<CasePlan> write_case_plan(const CaseFile& file, const CasePlanRequest& request,
                                 const std::vector<std::filesystem::path>& places, const std::filesystem::path& folder,
                                 const Context& context);

// What the findings of the case answered, to be asked again: of those named, else of all that it keeps and that are not
// retired; inputs by their ids, options that are not the defaults, the question of the first finding, their one seed.
// Without id and title. Errors: count_unknown (no such finding, with the nearest; none kept), plan_invalid (several seeds),
// method_unknown. Verified in src/engine/tests/plan_of_findings_test.cpp.
Result<CasePlanRequest> plan_of_findings(const CaseFile& file, const std::vector<std::string>& ids = {});

// The profile of a file that write_count_csv wrote, `path` being the file's.
std::string profile_of(const Count& count, const std::string& path);

}  // namespace cotejo
