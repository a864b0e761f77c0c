// EML 510 documents.
#include "cotejo/exchange/exchange.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto counts = read_eml(fuzz::text_of(data, size), "fuzz.xml", "in");
  if (!counts) {
    fuzz::check(counts.error());
    return 0;
  }
  for (const auto& count : *counts) {
    fuzz::require(count.sha256 == count.content_hash(), "the hash is that of the content");
    fuzz::require(count.votes.size() == count.units() * count.options(), "every unit has every option");
  }
  return 0;
}
