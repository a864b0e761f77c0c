#include <cotejo/base/hash.hpp>
#include <cotejo/stats/sign_test.hpp>
#include <cotejo/vote/rule.hpp>

// One call of each component: 48 of 100 is not more than half; five pluses of five have p = 2 / 2^5.
int main() {
  const cotejo::Contest contest{
      .id = cotejo::ContestId{"c"},
      .title = "c",
      .options = {{cotejo::OptionId{"A"}, "A"}, {cotejo::OptionId{"B"}, "B"}, {cotejo::OptionId{"C"}, "C"}}};
  const cotejo::Tally tally{.options = {48, 30, 22}, .units = 1, .valid = 100, .cast = 100, .registered = 120};
  const bool vote =
      cotejo::apply(cotejo::Rule::majority_with_runoff(), contest, tally).verdict == cotejo::Verdict::runoff;
  const double difference = cotejo::sign_test_p(5, 0) - 0.0625;
  const bool stats = difference < 1e-12 && difference > -1e-12;
  const bool base = cotejo::sha256_of("abc").size() == 64;
  return vote && stats && base ? 0 : 1;
}
