// OpenElections and long CSV: whichever its header says.
#include "cotejo/exchange/exchange.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto file = fuzz::folder().write("exchange.csv", fuzz::text_of(data, size));
  const auto format = exchange_format_of(file);
  if (!format || !*format || **format == ExchangeFormat::nist || **format == ExchangeFormat::eml) return 0;
  const auto counts = read_exchange(file, **format, "in", {});
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
