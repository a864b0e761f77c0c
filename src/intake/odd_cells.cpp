#include "odd_cells.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

bool has(const BoundNumber& number, const OddCell& cell) {
  if (cell.is_percentage) return number.percentage == cell.slot;
  return std::find(number.plus.begin(), number.plus.end(), cell.slot) != number.plus.end() ||
         std::find(number.minus.begin(), number.minus.end(), cell.slot) != number.minus.end();
}

const OddCell* cell_of(std::span<const OddCell> odd, const BoundNumber& number, std::span<const std::int32_t> values) {
  for (const auto& cell : odd)
    if (has(number, cell) && (cell.is_percentage || values[cell.slot] == missing)) return &cell;
  return nullptr;
}

}  // namespace

// Every empty cell that may be 0 is tried as 0 at once; what the totals then say of each decides.
void OddCells::write_zeros(std::span<const OddCell> odd, std::vector<std::int32_t>& values,
                           std::span<const std::optional<Percentage>> percentages) {
  const auto may_be_zero = [&](const OddCell& cell) {
    return cell.kind == OddCell::Kind::empty && !cell.is_percentage && slots_->slots[cell.slot].of_part;
  };
  if (std::none_of(odd.begin(), odd.end(), may_be_zero)) return;
  trial_ = values;
  for (const auto& cell : odd)
    if (may_be_zero(cell)) trial_[cell.slot] = 0;
  trial_results_.assign(slots_->numbers.size(), missing);
  for (std::size_t i = 0; i < slots_->numbers.size(); ++i)
    if (evaluate(slots_->numbers[i], trial_, percentages, trial_results_[i])) trial_results_[i] = missing;
  for (const auto& cell : odd) {
    if (!may_be_zero(cell) || values[cell.slot] != missing) continue;
    const auto proof = totals_.of_slot(cell.slot, trial_results_);
    if (proof == Proof::contradicted || (proof == Proof::none && !empty_is_zero_)) continue;
    values[cell.slot] = 0;
    ++(proof == Proof::holds ? proved_ : stated_);
  }
}

// Why a return without this cell of an option cannot be used.
RowFault OddCells::fault_of_option(const OddCell& cell) const {
  auto fault = cell.fault;
  if (cell.kind == OddCell::Kind::empty && empty_is_zero_)
    fault.message += ", and the printed total of the return contradicts that it is 0";
  return fault;
}

std::optional<RowFault> OddCells::resolve(std::span<const OddCell> odd, std::vector<std::int32_t>& values,
                                          std::span<const std::optional<Percentage>> percentages,
                                          std::vector<std::int32_t>& results, std::vector<UnreadNumber>& unread) {
  const auto proved = proved_, stated = stated_;
  const std::size_t unread_before = unread.size();
  write_zeros(odd, values, percentages);
  for (std::size_t i = 0; i < slots_->numbers.size(); ++i) {
    const auto& number = slots_->numbers[i];
    auto fault = evaluate(number, values, percentages, results[i]);
    if (!fault && results[i] != missing) continue;
    results[i] = missing;
    const OddCell* cell = nullptr;
    if (!fault) {
      cell = cell_of(odd, number, values);
      if (cell == nullptr && !number.is_option) continue;  // a cell that may be empty
    }
    if (!number.is_option) {
      unread.push_back({static_cast<std::uint32_t>(i), fault ? std::move(*fault) : cell->fault, cell ? cell->row : 0});
      continue;
    }
    // The return is not used, and neither are its zeros.
    proved_ = proved;
    stated_ = stated;
    unread.resize(unread_before);
    if (fault) return fault;
    if (cell != nullptr) return fault_of_option(*cell);
    return RowFault{.message = fmt::format("the unit has no number for the option '{}'", number.what),
                    .column = {},
                    .value = {},
                    .remedy = {}};
  }
  return std::nullopt;
}

std::vector<std::string> OddCells::caveats() const {
  std::vector<std::string> out;
  const auto cells = [](std::int64_t n) {
    return n == 1 ? std::string("One empty cell was read as 0") : with_thousands(n) + " empty cells were read as 0";
  };
  if (proved_ > 0) out.push_back(fmt::format("{}: the printed total of the return proves it.", cells(proved_)));
  if (stated_ > 0)
    out.push_back(fmt::format("{} because the import profile states it; no printed total of the return proves it.",
                              cells(stated_)));
  return out;
}

}  // namespace cotejo
