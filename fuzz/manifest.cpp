// A dossier whose manifest is the input, and whose findings, runtime and signature are too.
#include "cotejo/dossier/dossier.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  for (const char* name :
       {"manifest.json", "findings.json", "runtime.json", "manifest.json.minisig", "manifest.json.pub"})
    fuzz::folder().write(name, fuzz::text_of(data, size));
  const auto report = verify({.dir = fuzz::folder().path()}, {});
  if (!report)
    fuzz::check(report.error());
  else
    for (const auto& problem : report->problems) fuzz::require(!problem.empty(), "a problem says what it is");
  return 0;
}
