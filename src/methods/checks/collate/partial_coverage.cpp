#include "partial_coverage.hpp"

namespace cotejo {

CollateResult::WithTotals compare_with_totals(const Count& part, const Count& totals) {
  const Tally of_part = tally(part), of_totals = tally(totals);
  CollateResult::WithTotals out;
  for (std::size_t i = 0; i < part.options(); ++i) {
    const auto& option = part.contest.options[i];
    const int j = totals.contest.index_of(option.id);
    if (j < 0)
      out.alone.push_back(option.id.text);
    else
      out.compared.push_back(
          {option.id.text, option.name, of_part.options[i], of_totals.options[static_cast<std::size_t>(j)]});
  }
  for (const auto& option : totals.contest.options)
    if (part.contest.index_of(option.id) < 0) out.alone.push_back(option.id.text);
  for (const auto& compared : out.compared) out.impossible += compared.excess();
  if (of_part.valid > 0 && of_totals.valid > 0)
    out.compared.push_back({"valid", "valid", of_part.valid, of_totals.valid});
  return out;
}

}  // namespace cotejo
