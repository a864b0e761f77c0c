// A case that a stranger sends: every count, challenge and finding in it is read.
#include "cotejo/casefile/casefile.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto path = fuzz::folder().write("x.cotejo", fuzz::text_of(data, size));
  const auto file = CaseFile::open(path, CaseFile::Mode::read);
  if (!file) {
    fuzz::check(file.error());
    return 0;
  }
  const auto each = [](const auto& entries, auto load) {
    if (!entries) return fuzz::check(entries.error());
    for (const auto& entry : *entries) load(entry);
  };
  const auto checked = [](const auto& result) {
    if (!result) fuzz::check(result.error());
  };
  each(file->counts(), [&](const CountEntry& entry) { checked(file->load_count(entry.id.text)); });
  each(file->challenges(), [&](const ChallengeEntry& entry) { checked(file->load_challenge(entry.id.text)); });
  each(file->arrivals(), [&](const std::string& id) { checked(file->load_arrival(id)); });
  each(file->crosswalks(), [&](const std::string& id) { checked(file->load_crosswalk(id)); });
  each(file->findings(), [](const FindingEntry&) {});
  return 0;
}
