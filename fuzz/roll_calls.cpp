// Popolo JSON and fixed-width roll calls; what is read is written as Popolo and read again.
#include "cotejo/exchange/roll_calls.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size > 100'000) return 0;
  const auto text = fuzz::text_of(data, size);
  const auto fixed = parse_ord(text, "votes.ord", 1, 11, 12);
  if (!fixed) fuzz::check(fixed.error());
  const auto popolo = parse_popolo(text, "votes.json", "votes");
  if (!popolo) {
    fuzz::check(popolo.error());
    return 0;
  }
  if (popolo->ballots.size() > 100'000) return 0;
  const auto again = parse_popolo(popolo_json(*popolo), "again.json", "votes");
  if (!again || again->ballots != popolo->ballots) __builtin_trap();
  return 0;
}
