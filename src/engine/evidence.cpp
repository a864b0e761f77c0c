#include "cotejo/engine/evidence.hpp"

#include <cmath>

#include "cotejo/stats/multiplicity.hpp"

namespace cotejo {

namespace {

std::string_view kind_of(TestKind kind) {
  return kind == TestKind::exact ? "exact" : kind == TestKind::calibrated ? "calibrated" : "asymptotic";
}

double own_p(const Finding& finding) {
  if (!finding.test) return std::nan("");
  return finding.test->p_adjusted.value_or(finding.test->p_value);
}

}  // namespace

Table weigh_evidence(std::vector<Finding>& findings) {
  Table table{.id = "evidence",
              .title = "Every p-value of the dossier, corrected for their number (Holm)",
              .columns = {{"finding"},
                          {"primary", "", "the plan names it as one that its conclusion rests on"},
                          {"answer"},
                          {"for_outcome", "", "what it implies for the outcome"},
                          {"p_value", "", "of the finding; one that runs several tests brings its own corrected one"},
                          {"p_error", "", "standard error that drawing leaves in it"},
                          {"at_most", "", "no replicate was as far: the p-value is at most this"},
                          {"p_corrected", "", "by Holm, over all rows"},
                          {"kind"},
                          {"null", "", "what the p-value supposes"}},
              .rows = {},
              .brief = {"finding", "p_value", "p_corrected", "for_outcome"}};
  std::vector<double> p;
  for (const auto& finding : findings) p.push_back(own_p(finding));
  const auto corrected = holm_adjusted(p);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    Finding& finding = findings[i];
    std::vector<Cell> row{finding.id, finding.primary, std::string(to_text(finding.answer)),
                          finding.for_outcome ? Cell{std::string(to_text(*finding.for_outcome))} : Cell{}};
    if (finding.test && !std::isnan(p[i])) {
      finding.test->p_adjusted = corrected[i];
      row.insert(row.end(), {p[i], monte_carlo_error(*finding.test), at_floor(*finding.test), corrected[i],
                             std::string(kind_of(finding.test->kind)), finding.test->null});
    } else {
      row.resize(table.columns.size());
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

const Finding* strongest(const std::vector<Finding>& findings) {
  const Finding* out = nullptr;
  for (const auto& finding : findings)
    if (finding.test && finding.test->p_adjusted && (!out || *finding.test->p_adjusted < *out->test->p_adjusted))
      out = &finding;
  return out;
}

}  // namespace cotejo
