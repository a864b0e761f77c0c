#include "late_count_parts.hpp"

#include <algorithm>
#include <unordered_map>

#include "cotejo/methods/support/naming.hpp"

namespace cotejo {

namespace {

bool every_unit_is_a_place(const Count& count) {
  if (count.unit_place.empty()) return false;
  std::vector<char> seen(count.hierarchy.places().size(), 0);
  for (const auto place : count.unit_place)
    if (place == no_place || seen[place]++) return false;
  return true;
}

class SplitCount {
 public:
  SplitCount(const Count& count, const Count& snapshot, LateCount& late)
      : count_(count),
        snapshot_(snapshot),
        late_(late),
        unit_is_place_(every_unit_is_a_place(count)),
        out_(std::make_shared<Count>()),
        votes_(count.options()) {
    out_->id = count.id;
    out_->contest = count.contest;
    out_->unit_name = snapshot.unit_name;
    out_->date = count.date;
    out_->valid_basis = ValidBasis::reported;
    out_->caveats = count.caveats;
    out_->sha256 = count.sha256;
    // Below the lowest place of a unit lies the unit itself, so that its parts share it.
    auto levels = count.hierarchy.levels();
    if (!unit_is_place_) levels.push_back(count.unit_name.empty() ? "unit" : count.unit_name);
    out_->hierarchy = Hierarchy(levels);
    for (const auto& option : count.contest.options) in_snapshot_.push_back(snapshot.contest.index_of(option.id));
  }

  // A unit of the count by its early parts and what is left of it.
  void add(UnitIndex unit, const std::vector<UnitIndex>& parts) {
    const Row rest = rest_of(unit, parts);
    const bool all_early = !parts.empty() && rest.registered == 0;
    const bool possible = rest.registered >= 0 && rest.valid >= 0 &&
                          *std::min_element(rest.votes.begin(), rest.votes.end()) >= 0 &&
                          (rest.valid > 0 || parts.empty());
    if (!possible && !all_early) {
      late_.left_out.emplace_back(count_.unit_keys[unit]);
      return;
    }
    const PlaceIndex place = place_of(unit);
    for (const auto part : parts) take(snapshot_.unit_keys[part], place, row_of(part), false);
    if (!all_early) take(count_.unit_keys[unit], place, rest, true);
  }

  std::shared_ptr<const Count> finished() {
    for (const auto& column : votes_) out_->votes.insert(out_->votes.end(), column.begin(), column.end());
    return out_;
  }

 private:
  struct Row {
    std::int64_t registered = 0, valid = 0;
    std::vector<std::int64_t> votes;  // by option of the count
  };

  Row row_of(UnitIndex part) const {
    Row out{snapshot_.registered_of(part), snapshot_.valid_of(part), std::vector<std::int64_t>(in_snapshot_.size())};
    for (std::size_t option = 0; option < in_snapshot_.size(); ++option)
      if (in_snapshot_[option] >= 0)
        out.votes[option] = votes_of(snapshot_, static_cast<std::size_t>(in_snapshot_[option]), part);
    return out;
  }

  Row rest_of(UnitIndex unit, const std::vector<UnitIndex>& parts) const {
    Row out{count_.registered_of(unit), count_.valid_of(unit), {}};
    for (std::size_t option = 0; option < in_snapshot_.size(); ++option)
      out.votes.push_back(votes_of(count_, option, unit));
    for (const auto part : parts) {
      const Row early = row_of(part);
      out.registered -= early.registered;
      out.valid -= early.valid;
      for (std::size_t option = 0; option < out.votes.size(); ++option) out.votes[option] -= early.votes[option];
    }
    return out;
  }

  PlaceIndex copied(PlaceIndex at) {
    if (at == no_place) return no_place;
    const Place& place = count_.hierarchy[at];
    return out_->hierarchy.add(copied(place.parent), place.name, place.code);
  }

  PlaceIndex place_of(UnitIndex unit) {
    const PlaceIndex above = count_.unit_place.empty() ? no_place : copied(count_.unit_place[unit]);
    return unit_is_place_ ? above : out_->hierarchy.add(above, count_.unit_keys[unit], count_.unit_keys[unit]);
  }

  void take(std::string_view key, PlaceIndex place, const Row& row, bool is_late) {
    out_->unit_keys.push_back(key);
    out_->unit_place.push_back(place);
    out_->registered.push_back(static_cast<std::int32_t>(row.registered));
    out_->valid.push_back(static_cast<std::int32_t>(row.valid));
    for (std::size_t option = 0; option < row.votes.size(); ++option)
      votes_[option].push_back(static_cast<std::int32_t>(row.votes[option]));
    late_.late.push_back(is_late);
  }

  const Count& count_;
  const Count& snapshot_;
  LateCount& late_;
  bool unit_is_place_;
  std::shared_ptr<Count> out_;
  std::vector<std::vector<std::int32_t>> votes_;  // by option
  std::vector<int> in_snapshot_;                  // the snapshot's option, or -1
};

}  // namespace

std::optional<PartsOf> parts_of(const Count& count, const UnitLookup& lookup, const Count& snapshot) {
  std::size_t same = 0;
  for (UnitIndex u = 0; u < snapshot.units(); ++u) same += lookup.find(snapshot.unit_keys[u]).has_value();
  if (2 * same >= snapshot.units() || snapshot.unit_place.empty()) return std::nullopt;
  std::unordered_map<std::string, UnitIndex> by_code;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    by_code.emplace(std::string(count.unit_keys[u]), u);
    if (!count.unit_place.empty() && count.unit_place[u] != no_place)
      if (const auto& code = count.hierarchy[count.unit_place[u]].code; !code.empty()) by_code.emplace(code, u);
  }
  PartsOf out(snapshot.units(), no_place);
  std::size_t found = 0;
  for (UnitIndex u = 0; u < snapshot.units(); ++u)
    for (PlaceIndex p = snapshot.unit_place[u]; p != no_place && out[u] == no_place; p = snapshot.hierarchy[p].parent)
      if (const auto at = by_code.find(snapshot.hierarchy[p].code); at != by_code.end()) {
        out[u] = at->second;
        ++found;
      }
  if (found <= same) return std::nullopt;
  return out;
}

std::shared_ptr<const Count> split_into_parts(const Count& count, const Count& snapshot, const PartsOf& parts,
                                              LateCount& late) {
  std::vector<std::vector<UnitIndex>> early(count.units());
  for (UnitIndex u = 0; u < snapshot.units(); ++u)
    if (parts[u] != no_place)
      early[parts[u]].push_back(u);
    else
      late.vanished.emplace_back(snapshot.unit_keys[u]);
  SplitCount split(count, snapshot, late);
  for (UnitIndex u = 0; u < count.units(); ++u) split.add(u, early[u]);
  return split.finished();
}

}  // namespace cotejo
