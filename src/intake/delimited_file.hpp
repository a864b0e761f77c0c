// Records of a text file, delimited or of fixed width, each checked before anyone sees it.
//
// GDAL parses: every record comes from CSVReadParseLine3L, the parser under GDAL's own CSV driver. The driver's layer
// is not used; why is in docs/decisions/0003-delimited-text-through-gdal.md. This class adds what a recount needs: an
// unclosed quotation mark, a byte that is not of the encoding, NUL, a damaged zip are named, never read over. Lines of
// fixed width are cut by characters; a line that ends within a number is a fault, one that ends before a column has an
// empty cell there.
#pragma once

#include <memory>

#include "cotejo/intake/records.hpp"
#include "published_bytes.hpp"

namespace cotejo {

class DelimitedFile final : public RawRecords {
 public:
  static Result<std::unique_ptr<RawRecords>> open(PublishedBytes bytes, const SourceFormat& format);
  ~DelimitedFile() override;

  Result<bool> read() override;
  // Quotation marks removed, blanks kept.
  std::span<const std::string_view> cells() const override;
  std::optional<RowFault> fault(std::size_t& cell) const override;
  std::int64_t row() const override;
  double fraction() const override;
  // Of lines of fixed width, whose columns the profile names.
  std::vector<std::string> names() const override;
  const std::string& name() const override;
  const std::string& short_name() const override;

 private:
  struct State;
  explicit DelimitedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo
