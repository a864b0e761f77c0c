#include "cotejo/methods/support/assembly_finding.hpp"

#include <fmt/format.h>

namespace cotejo {

Input input_of(const Assembly& assembly) {
  return {.kind = "assembly",
          .id = assembly.id.text,
          .sha256 = assembly.sha256.empty() ? assembly.content_hash() : assembly.sha256,
          .units = static_cast<std::int64_t>(assembly.members.size()),
          .revision = assembly.revision,
          .revisions = assembly.revisions};
}

Finding open_finding(const MethodInfo& info, const Assembly& assembly, const Context& context) {
  Finding finding;
  finding.id = finding.method = info.id;
  finding.title = info.title;
  finding.question = info.question;
  finding.references = info.references;
  finding.see_also = info.see_also;
  finding.seed = context.seed;
  finding.inputs.push_back(input_of(assembly));
  for (const auto& caveat : assembly.caveats)
    finding.caveats.push_back(fmt::format("{}: {}", assembly.id.text, caveat));
  return finding;
}

}  // namespace cotejo
