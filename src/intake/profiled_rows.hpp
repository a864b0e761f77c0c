// The rows of a file that a profile's filters keep, and its text expressions with their columns found.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/profile.hpp"

namespace cotejo {

// A text expression with its columns found.
struct BoundText {
  const TextExpression* expression = nullptr;
  std::vector<std::size_t> columns;
  std::vector<bool> may_be_empty;  // per column
};

std::optional<RowFault> evaluate(const BoundText& bound, const Records& file, std::string& out);

struct BoundFilter {
  const RowFilter* filter;
  std::size_t column;

  bool keeps(const Records& file) const;
};

class ProfiledRows {
 public:
  static Result<ProfiledRows> open(const Profile& profile, const std::filesystem::path& path);

  Result<BoundText> bind(const TextExpression& expression) const;
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
      auto fault = file_.fault();
      if (!fault) {
        if (!std::all_of(filters_.begin(), filters_.end(),
                         [&](const BoundFilter& filter) { return filter.keeps(file_); }))
          continue;
        fault = use(std::as_const(file_));
      }
      ++kept_;
      if (fault) COTEJO_CHECK(set_aside(*fault));
    }
    context.report(stage, 1.0);
    COTEJO_CHECK(judge());
    return std::move(rejected_);
  }

  Error error_of(const RowFault& fault, std::int64_t row) const;
  RejectedRow rejected_row(const RowFault& fault, std::int64_t row, std::string text) const;

 private:
  ProfiledRows(const Profile& profile, Records file) : profile_(&profile), file_(std::move(file)) {}
  Result<void> begin_row(const Context& context, const std::string& stage);
  Result<void> set_aside(const RowFault& fault);
  Result<void> judge();
  Error nothing(std::string message, std::string remedy) const;

  const Profile* profile_;
  Records file_;
  std::vector<std::size_t> optional_;
  std::vector<BoundFilter> filters_;
  std::vector<RejectedRow> rejected_;
  std::optional<Error> first_;
  std::int64_t rows_ = 0, kept_ = 0, bad_ = 0;
};

}  // namespace cotejo
