// Times as commissions write them, through ICU, and the guard against times that were sorted as text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cotejo {

// Empty, or what is wrong with an ICU date pattern ("dd/MM/yyyy hh:mm:ss a").
std::string time_format_problem(const std::string& format);

// Does the text look like a time on a 12-hour clock ("01:00 p.m.")? Sorted as text, such times are out of order.
bool has_half_day_mark(std::string_view text);

class TimeReader {
 public:
  // `formats` empty: ISO 8601, with "T" or a blank between date and time.
  explicit TimeReader(const std::vector<std::string>& formats);
  ~TimeReader();
  TimeReader(TimeReader&&) noexcept;

  // Seconds since 1970 on the file's own clock; nothing when the text is no time of these formats, to its last
  // character, or is one of several that give different times (03/04 is two days).
  std::optional<double> read(std::string_view text) const;

 private:
  struct Icu;
  std::unique_ptr<Icu> icu_;
};

// Rows in an order that is that of their times written as text, and not that of the times: the index of a row whose
// time is earlier than that of the row before it although its text comes later or is equal. Nothing when at most
// `tolerance` of the neighbours are out of time order, or when text does not explain the order better.
std::optional<std::size_t> sorted_as_text(const std::vector<std::string>& texts, const std::vector<double>& times,
                                          double tolerance = 0.005);

}  // namespace cotejo
