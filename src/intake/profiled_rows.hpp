// The rows of a file that a profile's filters keep, and its text expressions with their columns found.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cell_pattern.hpp"
#include "cotejo/base/context.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/profile.hpp"

namespace cotejo {

// A text expression with its columns found.
struct BoundText {
  const TextExpression* expression = nullptr;
  std::vector<std::size_t> columns;
  std::vector<bool> may_be_empty;         // per column
  std::vector<const std::string*> above;  // per column, where empty cells take the text above them; else empty
};

std::optional<RowFault> evaluate(const BoundText& bound, std::span<const std::string_view> cells,
                                 const std::vector<std::string>& header, std::string& out);
inline std::optional<RowFault> evaluate(const BoundText& bound, const Records& file, std::string& out) {
  return evaluate(bound, file.cells(), file.header(), out);
}

// A filter with its column found.
class BoundFilter {
 public:
  static Result<BoundFilter> bind(const RowFilter& filter, const Records& file);
  // Errors: value_invalid, a pattern that takes too long.
  Result<bool> keeps(const Records& file) const;

 private:
  BoundFilter(const RowFilter& filter, std::size_t column) : filter_(&filter), column_(column) {}
  bool keeps_text(std::string_view cell) const;

  const RowFilter* filter_;
  std::size_t column_;
  bool compares_parts_ = false;  // any of the keys besides equals, one_of, at_least and at_most
  std::optional<CellPattern> matches_, not_matches_;
};

class ProfiledRows {
 public:
  static Result<ProfiledRows> open(const Profile& profile, const std::filesystem::path& path, const Context& context);

  Result<BoundText> bind(const TextExpression& expression);
  bool is_optional(std::size_t column) const {
    return std::find(optional_.begin(), optional_.end(), column) != optional_.end();
  }
  const Records& file() const { return file_; }

  // Calls use(row) -> optional<RowFault> for every row that the filters keep; a row with a fault leaves no trace in
  // what `use` fills. Returns the rows that were set aside. Errors: the first unusable row with how many more there are
  // (BadRows::refuse), or no usable row at all.
  template <class Use>
  Result<std::vector<RejectedRow>> for_each_row(const Context& context, Use use) {
    const std::string stage = "reading " + file_.short_name();
    for (;;) {
      COTEJO_TRY(more, file_.next());
      if (!more) break;
      COTEJO_CHECK(begin_row(context, stage));
      if (!above_.empty()) remember_texts();
      auto fault = file_.fault();
      const bool damaged = fault.has_value();
      if (!fault) {
        COTEJO_TRY(kept, keeps(filters_));
        if (!kept) continue;
        fault = use(std::as_const(file_));
      }
      ++kept_;
      if (fault) COTEJO_CHECK(set_aside(*fault, damaged));
    }
    context.report(stage, 1.0);
    COTEJO_CHECK(judge());
    return std::move(rejected_);
  }

  // Does the row satisfy all of them?
  Result<bool> keeps(const std::vector<BoundFilter>& filters) const {
    for (const auto& filter : filters) {
      auto kept = filter.keeps(file_);
      if (!kept || !*kept) return kept;
    }
    return true;
  }

  // Of the rows that were set aside: was the record damaged, so that its cells may not be where they belong?
  const std::vector<bool>& damaged() const { return damaged_; }

  Error error_of(const RowFault& fault, std::int64_t row) const;
  RejectedRow rejected_row(const RowFault& fault, std::int64_t row, std::string text) const;

 private:
  ProfiledRows(const Profile& profile, Records file) : profile_(&profile), file_(std::move(file)) {}
  Result<void> begin_row(const Context& context, const std::string& stage);
  void remember_texts();
  const std::string* text_above(std::size_t column);
  Result<void> set_aside(const RowFault& fault, bool damaged);
  Result<void> judge();
  Error nothing(std::string message, std::string remedy) const;

  const Profile* profile_;
  Records file_;
  std::vector<std::size_t> optional_;
  std::vector<BoundFilter> filters_;
  // The last text of the columns whose empty cells take it, at fixed addresses.
  std::vector<std::pair<std::size_t, std::unique_ptr<std::string>>> above_;
  std::vector<RejectedRow> rejected_;
  std::vector<bool> damaged_;
  std::optional<Error> first_;
  std::int64_t rows_ = 0, kept_ = 0, bad_ = 0;
};

}  // namespace cotejo
