// What a user sets once for every command: the configuration file (docs/command-line.md).
//
// $XDG_CONFIG_HOME/cotejo/config.toml, or ~/.config/cotejo/config.toml, or what --config names. Keys: data, threads,
// format, language. An option of the command line goes before the file.
// Errors: file_missing (a file that --config names), usage (not TOML, an unknown key, a value that is none of its key's).
#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include "cotejo/base/result.hpp"
#include "print.hpp"

namespace cotejo::app {

unsigned default_threads();

struct Settings {
  std::filesystem::path file;  // that was read; empty: none
  std::string data;            // the folder with the published files; empty: as the profile or plan has it
  unsigned threads = default_threads();
  Format format = Format::text;
  std::string language = "en";  // of the findings' texts
};

// The file that is read where --config names none; empty where neither XDG_CONFIG_HOME nor HOME is set.
std::filesystem::path usual_config_file();

// From the file that the arguments name, or the usual one where it is there.
Result<Settings> read_settings(int argc, const char* const* argv);

}  // namespace cotejo::app
