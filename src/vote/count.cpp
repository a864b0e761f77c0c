#include "cotejo/vote/count.hpp"

#include <algorithm>

#include "cotejo/base/hash.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

int Contest::index_of(const OptionId& wanted) const {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const Option& option) { return option.id == wanted; });
  return found == options.end() ? -1 : static_cast<int>(found - options.begin());
}

void TextColumn::reserve(std::size_t texts, std::size_t bytes) {
  ends_.reserve(texts);
  bytes_.reserve(bytes);
}

void TextColumn::push_back(std::string_view text) {
  bytes_ += text;
  ends_.push_back(bytes_.size());
}

namespace {
std::int64_t known(const Column& column, UnitIndex unit) {
  return column.empty() || column[unit] == missing ? 0 : column[unit];
}
}  // namespace

std::int64_t Count::valid_of(UnitIndex unit) const {
  // A gap in the reported column does not take the unit's votes along.
  if (valid_basis == ValidBasis::reported && (valid.empty() || valid[unit] != missing)) return known(valid, unit);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < options(); ++i) sum += vote(i, unit) == missing ? 0 : vote(i, unit);
  return sum;
}

std::int64_t Count::cast_of(UnitIndex unit) const {
  if (!knows_cast()) return 0;
  if (!cast.empty() && cast[unit] != missing) return cast[unit];
  return valid_of(unit) + known(blank, unit) + known(null, unit);
}

std::int64_t Count::registered_of(UnitIndex unit) const {
  return known(registered, unit);
}

std::span<const std::int32_t> Count::column(std::string_view name) const {
  if (name == "registered") return registered;
  if (name == "cast") return cast;
  if (name == "valid") return valid;
  if (name == "blank") return blank;
  if (name == "null") return null;
  for (const auto& field : fields)
    if (field.id == name) return field.values;
  const int index = contest.index_of(OptionId{std::string(name)});
  return index < 0 ? std::span<const std::int32_t>{} : option(static_cast<std::size_t>(index));
}

std::string Count::content_hash() const {
  Sha256 hash;
  hash.update("cotejo.count/1");
  const auto list_of = [&](std::size_t size) {  // so that lists cannot run into each other
    const auto n = static_cast<std::uint64_t>(size);
    hash.update(std::as_bytes(std::span(&n, 1)));
  };
  hash.update(contest.id.text);
  list_of(options());
  for (const auto& o : contest.options) hash.update(o.id.text);
  hash.update(valid_basis == ValidBasis::reported ? "reported" : "sum");
  list_of(units());
  for (std::size_t i = 0; i < units(); ++i) hash.update(unit_keys[i]);
  list_of(hierarchy.levels().size());
  for (const auto& level : hierarchy.levels()) hash.update(level);
  list_of(hierarchy.places().size());
  for (const auto& place : hierarchy.places()) {
    const std::int32_t parent = static_cast<std::int32_t>(place.parent);
    hash.update(std::span(&parent, 1));
    hash.update(place.name);
    hash.update(place.code);
  }
  const auto bytes = [&](const auto& values) {
    hash.update(std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])));
  };
  bytes(unit_place);
  hash.update(std::span<const std::int32_t>(votes));
  for (const Column* column : {&registered, &cast, &valid, &blank, &null})
    hash.update(std::span<const std::int32_t>(*column));
  list_of(fields.size());
  for (const auto& field : fields) {
    hash.update(field.id);
    hash.update(std::span<const std::int32_t>(field.values));
  }
  bytes(latitude);
  bytes(longitude);
  list_of(checks.size());
  for (const auto& check : checks) {
    hash.update(check.id);
    list_of(check.left.size());
    for (const auto& name : check.left) hash.update(name);
    hash.update(check.relation == Relation::equal ? "=" : check.relation == Relation::at_most ? "<=" : ">=");
    list_of(check.right.size());
    for (const auto& name : check.right) hash.update(name);
  }
  for (const auto& row : rejected) {  // nothing where there are none: hashes of earlier programs stay
    if (!corrects_the_whole(row)) continue;
    hash.update(of_the_whole);
    hash.update(row.value);
    for (const auto& exact : row.votes) hash.update(std::as_bytes(std::span(&exact.least, 1)));
  }
  return hash.hex();
}

UnitLookup::UnitLookup(const Count& count) {
  index_.reserve(count.units());
  for (UnitIndex i = 0; i < count.units(); ++i) index_.emplace(count.unit_keys[i], i);
}

std::optional<UnitIndex> UnitLookup::find(std::string_view key) const {
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

namespace {
void add_known(std::span<const std::int32_t> column, std::size_t begin, std::size_t end,
               std::vector<std::int64_t>& sums) {
  if (column.empty()) return;
  for (std::size_t i = begin; i < end; ++i) sums[i] += column[i] == missing ? 0 : column[i];
}
}  // namespace

std::vector<std::int64_t> valid_of_units(const Count& count) {
  std::vector<std::int64_t> sums(count.units());
  constexpr std::size_t block = 4096;  // so that the sums stay in the cache while the columns pass
  for (std::size_t begin = 0; begin < sums.size(); begin += block) {
    const std::size_t end = std::min(sums.size(), begin + block);
    if (count.valid_basis == ValidBasis::reported) {
      add_known(count.valid, begin, end, sums);
      for (std::size_t i = begin; i < end; ++i)
        if (!count.valid.empty() && count.valid[i] == missing) sums[i] = count.valid_of(static_cast<UnitIndex>(i));
    } else {
      for (std::size_t i = 0; i < count.options(); ++i) add_known(count.option(i), begin, end, sums);
    }
  }
  return sums;
}

std::vector<std::int64_t> cast_of_units(const Count& count) {
  if (!count.knows_cast()) return std::vector<std::int64_t>(count.units());
  auto sums = valid_of_units(count);
  for (const Column* column : {&count.blank, &count.null}) add_known(*column, 0, sums.size(), sums);
  for (std::size_t i = 0; i < count.cast.size(); ++i)
    if (count.cast[i] != missing) sums[i] = count.cast[i];
  return sums;
}

std::vector<PlaceIndex> places_on_level(const Count& count, std::string_view level) {
  const int index = count.hierarchy.level_index(level);
  if (index < 0 || count.unit_place.empty()) return {};
  const auto places = count.hierarchy.places();
  std::vector<PlaceIndex> of_place(places.size());
  for (PlaceIndex p = 0; p < places.size(); ++p)
    of_place[p] = count.hierarchy.ancestor(p, static_cast<std::uint32_t>(index));
  std::vector<PlaceIndex> out(count.units());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = count.unit_place[i] == no_place ? no_place : of_place[count.unit_place[i]];
  return out;
}

}  // namespace cotejo
