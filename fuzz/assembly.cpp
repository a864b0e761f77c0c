// Tables of an assembly, and every method on what could be read.
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/methods/assembly/coalition.hpp"
#include "cotejo/methods/assembly/mandate.hpp"
#include "cotejo/methods/assembly/recount.hpp"
#include "cotejo/methods/assembly/seats.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size > 100'000) return 0;
  const auto assembly = parse_assembly(fuzz::text_of(data, size), "tables.toml");
  if (!assembly) {
    fuzz::check(assembly.error());
    return 0;
  }
  if (assembly->members.size() * assembly->roll_calls.size() > 2'000 || assembly->members.size() > 60) return 0;
  const auto look = [](const Result<Finding>& finding) {
    if (!finding) fuzz::check(finding.error());
  };
  look(run(*assembly, SeatsRequest{}, Context{}));
  look(run(*assembly, RecountRequest{}, Context{}));
  for (const auto& roll_call : assembly->roll_calls)
    look(run(*assembly, RecountRequest{.roll_call = roll_call.id}, Context{}));
  for (const auto& motion : assembly->motions) look(run(*assembly, CoalitionRequest{.motion = motion.id}, Context{}));
  look(run(*assembly, MandateRequest{}, Context{}));
  (void)votes_csv(*assembly);
  (void)timeline_csv(*assembly);
  return 0;
}
