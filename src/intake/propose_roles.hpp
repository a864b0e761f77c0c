// What the columns of whole numbers count: the sums that hold decide, words only where several readings hold alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "propose_sums.hpp"

namespace cotejo::proposing {

// What the user has said; indices of quantities.
struct GivenRoles {
  std::vector<std::size_t> options, not_options;
  std::optional<std::size_t> registered, cast, valid, blank, null;
};

struct Roles {
  std::vector<std::size_t> options, blank, null;  // several blank or null ones are added up
  std::optional<std::size_t> registered, cast, valid;
  std::vector<std::size_t> cast_parts;  // where no column but a sum of some states the ballots cast
  std::vector<std::size_t> others;      // whole numbers that none of these are
  bool valid_is_reported = false;       // the file states valid votes that the options do not add up to
  bool from_a_sum = false;              // or from words alone
  // Rows with an empty part, and those of them whose printed total proves the empty parts to be 0.
  std::size_t with_empty = 0, proved_zero = 0;
  std::vector<Guess> guesses;
  std::vector<Question> questions;
  bool found() const { return !options.empty(); }
};

Roles find_roles(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given);

// ---- shared by the parts ----

// "in all 24 rows", "in 23 of 24 rows".
std::string in_rows(std::size_t good, std::size_t of);
// "'a', 'b' and 3 more".
std::string listed(const std::vector<std::string>& names, std::size_t most = 6);
std::vector<std::string> names_of(const Matrix& matrix, const std::vector<std::size_t>& quantities);
// "a + ... + f = total in all 24 rows".
std::string equation(const Matrix& matrix, const Sum& sum);
// 2: the whole header is words of its role (or it is a long sentence with them); 1: some of it; 0: no word of a form.
int form_strength(const Quantity& quantity);
bool is_strong(const Quantity& quantity, Role role);

// The sum whose parts are the options, and the next best of other columns.
struct OptionsChoice {
  std::optional<Sum> sum;
  std::vector<std::size_t> options;  // where several totals without a grand total are the options
  std::vector<Sum> rivals;           // as good, of other columns: a question
};
OptionsChoice choose_options(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given);

}  // namespace cotejo::proposing
