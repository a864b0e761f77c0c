// What every method on an assembly does in the same way: opening its finding.
#pragma once

#include "cotejo/base/context.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/method_info.hpp"
#include "cotejo/vote/assembly.hpp"

namespace cotejo {

Input input_of(const Assembly& assembly);  // kind "assembly"; units: its members

// A finding with title, question, references and seed filled in, and the assembly with its caveats as first input.
Finding open_finding(const MethodInfo& info, const Assembly& assembly, const Context& context);

}  // namespace cotejo
