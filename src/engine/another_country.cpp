#include "cotejo/engine/another_country.hpp"

#include <fmt/format.h>

namespace cotejo {

namespace {

// "bo" of "bo-2019/computo": two letters of a-z, then "-" and a digit. Nothing of other ids.
std::string country_of(const std::string& id) {
  const auto letter = [&](std::size_t at) { return id[at] >= 'a' && id[at] <= 'z'; };
  const bool named = id.size() > 3 && letter(0) && letter(1) && id[2] == '-' && id[3] >= '0' && id[3] <= '9';
  return named ? id.substr(0, 2) : std::string();
}

}  // namespace

std::string another_country(const std::vector<CountEntry>& counts, const CountId& id) {
  const std::string own = country_of(id.text);
  std::string other;
  if (own.empty()) return "";
  for (const auto& count : counts) {
    const auto country = country_of(count.id.text);
    if (country == own) return "";
    if (!country.empty()) other = count.id.text;
  }
  if (other.empty()) return "";
  return fmt::format("The case holds {}, of another country than {}.", other, id.text);
}

}  // namespace cotejo
