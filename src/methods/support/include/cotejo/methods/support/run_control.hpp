// How a long run talks to the face that started it: when to stop, what to keep for later, what was kept before.
// Methods read no clock and no files; the face does it for them. Any of the three may be empty.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cotejo {

struct RunControl {
  std::function<bool()> out_of_time = {};
  // Called with what is to be kept: "checkpoint" (a state to go on from) or "draws.csv"; on the first rank only.
  std::function<void(std::string_view name, std::string_view bytes)> keep = {};
  // What was kept under "checkpoint" by an earlier run.
  std::optional<std::string> checkpoint = {};
};

}  // namespace cotejo
