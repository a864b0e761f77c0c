#include <cotejo/vote/rule.hpp>

// A runoff under the installed library's own rule: 48 of 100 is not more than half.
int main() {
  const cotejo::Contest contest{
      .id = cotejo::ContestId{"c"},
      .title = "c",
      .options = {{cotejo::OptionId{"A"}, "A"}, {cotejo::OptionId{"B"}, "B"}, {cotejo::OptionId{"C"}, "C"}}};
  const cotejo::Tally tally{.options = {48, 30, 22}, .units = 1, .valid = 100, .cast = 100, .registered = 120};
  return cotejo::apply(cotejo::Rule::majority_with_runoff(), contest, tally).verdict == cotejo::Verdict::runoff ? 0 : 1;
}
