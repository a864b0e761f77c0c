// What is wrong with a command line, and the nearest that is right.
#pragma once

#include <CLI/CLI.hpp>

#include "cotejo/base/error.hpp"

namespace cotejo::app {

// Code: usage. A mistyped command, option or choice comes with the nearest one; an option that another method takes is
// refused by name.
Error explained(const CLI::App& cli, const CLI::ParseError& error);

// No command of this name: with the nearest one.
Error unknown_command(const CLI::App& cli, const std::string& name);

}  // namespace cotejo::app
