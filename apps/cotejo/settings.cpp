#include "settings.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "cotejo/intake/toml_keys.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_file = 1U << 20;
constexpr const char* document = "docs/command-line.md";

// The value of --config, whatever else is given.
std::string named_file(int argc, const char* const* argv) {
  CLI::App only;
  std::string out;
  only.set_help_flag();
  only.allow_extras();
  only.add_option("--config", out);
  try {
    only.parse(argc, argv);
  } catch (const CLI::ParseError&) {  // the whole command line is parsed later, and says what is wrong
    return {};
  }
  return out;
}

}  // namespace

unsigned default_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

fs::path usual_config_file() {
  const auto folder = [](const char* name) {
    const char* value = std::getenv(name);
    // The XDG specification: a relative path is ignored.
    return value && fs::path(value).is_absolute() ? fs::path(value) : fs::path();
  };
  if (const auto configured = folder("XDG_CONFIG_HOME"); !configured.empty()) return configured / "cotejo/config.toml";
  const auto home = folder("HOME");
  return home.empty() ? home : home / ".config/cotejo/config.toml";
}

Result<Settings> read_settings(int argc, const char* const* argv) {
  Settings out;
  const std::string named = named_file(argc, argv);
  const fs::path file = named.empty() ? usual_config_file() : fs::path(named);
  std::error_code ignored;
  if (named.empty() && !fs::exists(file, ignored)) return out;
  COTEJO_TRY(text, read_regular(file, largest_file));
  COTEJO_TRY(table, parse_toml(text, file.string(), document, ErrorCode::usage));
  TomlProblem problem{.file = file.string(), .code = ErrorCode::usage, .document = document};
  TomlKeys keys(table, "", problem);
  out.file = file;
  out.data = keys.text("data");
  out.threads = static_cast<unsigned>(keys.whole("threads", 1, 1024, out.threads));
  const auto format = keys.text("format", "text");
  if (const auto known = format_named(format))
    out.format = *known;
  else
    keys.refuse("format", known.error().message, format, known.error().remedy);
  out.language = keys.text("language", out.language);
  if (const auto known = languages(); std::find(known.begin(), known.end(), out.language) == known.end())
    keys.refuse("language", "the findings have no texts in this language", out.language,
                fmt::format("Languages: {}.", fmt::join(known, ", ")));
  keys.finish();
  if (problem.first) return *problem.first;
  return out;
}

}  // namespace cotejo::app
