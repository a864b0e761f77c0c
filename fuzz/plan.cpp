// Plans, with the rules that they hold.
#include "cotejo/engine/plan.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto plan = read_plan(fuzz::folder().write("plan.toml", fuzz::text_of(data, size)));
  if (!plan) fuzz::check(plan.error());
  return 0;
}
