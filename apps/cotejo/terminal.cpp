#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace cotejo::app {

namespace {

constexpr std::size_t usual_width = 80, least_width = 40, most_width = 300, most_of_prose = 100;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::string_view(value) : std::string_view();
}

std::size_t measured_width() {
  const auto columns = variable("COLUMNS");
  std::size_t width = 0;
  const auto [end, status] = std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (status == std::errc{} && end == columns.data() + columns.size() && width > 0) return width;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return usual_width;
}

}  // namespace

std::size_t line_width() {
  static const std::size_t width = std::clamp(measured_width(), least_width, most_width);
  return width;
}

std::size_t prose_width() {
  return std::min(line_width(), most_of_prose);
}

bool has_colour(Stream stream) {
  if (!variable("NO_COLOR").empty()) return false;
  if (const auto force = variable("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  return variable("CLICOLOR") != "0" && variable("TERM") != "dumb" &&
         isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

std::string styled(Style style, std::string_view text, Stream stream) {
  if (text.empty() || !has_colour(stream)) return std::string(text);
  const char* code = style == Style::heading   ? "1"
                     : style == Style::good    ? "32"
                     : style == Style::warning ? "33"
                                               : "31";
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

}  // namespace cotejo::app
