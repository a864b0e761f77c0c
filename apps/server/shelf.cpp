#include "shelf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/http_status.hpp"

namespace cotejo::server {

namespace {
// Bytes that a count and what is looked up in it take, roughly.
std::size_t size_of(const Count& count) {
  return count.units() * (4 * (count.options() + count.fields.size() + 6) + 120) +
         count.hierarchy.places().size() * (8 * count.options() + 200);
}
}  // namespace

Shelved::Shelved(std::shared_ptr<const Count> count, int revision, std::optional<Rule> rule)
    : count_(std::move(count)),
      revision_(revision),
      rule_(std::move(rule)),
      lookup_(*count_),
      valid_(valid_of_units(*count_)),
      cast_(cast_of_units(*count_)) {
  const auto places = count_->hierarchy.places();
  const std::size_t top = places.size();
  Tally none;
  none.options.assign(count_->options(), 0);
  totals_.assign(top + 1, none);
  own_units_.assign(top + 1, 0);
  children_.resize(top + 1);
  for (UnitIndex unit = 0; unit < count_->units(); ++unit) {
    const PlaceIndex place = count_->unit_place.empty() ? no_place : count_->unit_place[unit];
    const std::size_t at = place == no_place ? top : place;
    add(totals_[at], unit);
    ++own_units_[at];
  }
  // A place comes after the one above it.
  for (std::size_t i = top; i-- > 0;) {
    const std::size_t above = places[i].parent == no_place ? top : places[i].parent;
    Tally& sum = totals_[above];
    const Tally& part = totals_[i];
    for (std::size_t k = 0; k < sum.options.size(); ++k) sum.options[k] += part.options[k];
    sum.units += part.units;
    sum.valid += part.valid;
    sum.cast += part.cast;
    sum.registered += part.registered;
    sum.blank += part.blank;
    sum.null += part.null;
  }
  for (PlaceIndex i = 0; i < top; ++i) children_[places[i].parent == no_place ? top : places[i].parent].push_back(i);
}

void Shelved::add(Tally& tally, UnitIndex unit) const {
  const auto cell = [&](const Column& column) -> std::int64_t {
    return column.empty() || column[unit] == missing ? 0 : column[unit];
  };
  for (std::size_t k = 0; k < count_->options(); ++k) {
    const auto votes = count_->vote(k, unit);
    tally.options[k] += votes == missing ? 0 : votes;
  }
  ++tally.units;
  tally.valid += valid_[unit];
  tally.cast += cast_.empty() ? 0 : cast_[unit];
  tally.registered += cell(count_->registered);
  tally.blank += cell(count_->blank);
  tally.null += cell(count_->null);
}

const std::vector<PlaceIndex>& Shelved::children(PlaceIndex place) const {
  return place == no_place ? children_.back() : children_[place];
}
const Tally& Shelved::total(PlaceIndex place) const {
  return place == no_place ? totals_.back() : totals_[place];
}
std::size_t Shelved::own_units(PlaceIndex place) const {
  return place == no_place ? own_units_.back() : own_units_[place];
}

Tally Shelved::total_of(const std::vector<UnitIndex>& units) const {
  Tally out;
  out.options.assign(count_->options(), 0);
  for (const auto unit : units) add(out, unit);
  return out;
}

Result<const std::vector<Defect>*> Shelved::defects(std::string_view key, const Context& context) const {
  static const std::vector<Defect> none;
  const std::lock_guard lock(defects_mutex_);
  if (!defects_known_) {
    COTEJO_TRY(method, find_method("arithmetic"));
    const MethodInputs inputs{.count = count_.get(), .rule = rule_ ? &*rule_ : nullptr};
    COTEJO_TRY(finding, method->run(inputs, {}, context));
    if (const auto* table = finding.table("defects")) {
      const int unit = table->column("unit"), field = table->column("field"), value = table->column("value"),
                rule = table->column("rule");
      const auto text = [](const std::vector<Cell>& row, int column) {
        if (column < 0) return std::string();
        return std::visit(
            [](const auto& v) -> std::string {
              using T = std::decay_t<decltype(v)>;
              if constexpr (std::is_same_v<T, std::monostate>)
                return {};
              else if constexpr (std::is_same_v<T, Message>)
                return words_of(v);
              else
                return fmt::format("{}", v);
            },
            row[static_cast<std::size_t>(column)]);
      };
      for (const auto& row : table->rows)
        defects_[text(row, unit)].push_back({text(row, field), text(row, value), text(row, rule)});
    }
    defects_known_ = true;
  }
  const auto found = defects_.find(std::string(key));
  return found == defects_.end() ? &none : &found->second;
}

Result<std::string> Shelved::picture(const std::string& x, const std::string& y,
                                     const std::function<Result<std::string>()>& draw) const {
  constexpr std::size_t most = 16;
  const std::lock_guard lock(pictures_mutex_);
  const auto known = pictures_.find({x, y});
  if (known != pictures_.end()) return known->second;
  COTEJO_TRY(drawn, draw());
  if (pictures_.size() >= most) pictures_.clear();
  pictures_[{x, y}] = drawn;
  return drawn;
}

Result<CaseFile> Shelf::borrow() {
  {
    const std::lock_guard lock(connections_mutex_);
    if (!connections_.empty()) {
      CaseFile out = std::move(connections_.back());
      connections_.pop_back();
      return out;
    }
  }
  return CaseFile::open(path_, CaseFile::Mode::read);
}

void Shelf::give_back(CaseFile connection) {
  const std::lock_guard lock(connections_mutex_);
  if (connections_.size() < 8) connections_.push_back(std::move(connection));
}

Result<void> Shelf::write(std::string_view command, const std::function<Result<void>(CaseFile&)>& work) {
  if (read_only_)
    return Error{.code = forbidden,
                 .message = "the case is served read-only",
                 .file = path_.filename().string(),
                 .remedy = "Serve it again without --read-only."};
  const std::lock_guard lock(writer_);
  COTEJO_TRY(file, CaseFile::open(path_, CaseFile::Mode::write));
  COTEJO_CHECK(file.transact(command, [&] { return work(file); }));
  // The first command that writes may have brought the case to a newer schema.
  const std::lock_guard connections(connections_mutex_);
  connections_.clear();
  return {};
}

bool Shelf::names_source(const std::filesystem::path& path) {
  const auto named = read<bool>([&](const CaseFile& file) { return file.names_file(path); });
  return !named || *named;  // in doubt it stays
}

Result<std::shared_ptr<const Shelved>> Shelf::count(const std::string& id) {
  return read<std::shared_ptr<const Shelved>>([&](const CaseFile& file) { return count(file, id); });
}

Result<std::shared_ptr<const Shelved>> Shelf::count(const CaseFile& file, const std::string& id) {
  std::string exact = id, key;
  COTEJO_TRY(entries, file.counts());
  for (const auto& entry : entries) {
    if (entry.id.text == id) exact = fmt::format("{}@{}", id, entry.revision);
    // A count that is loaded carries how many revisions there are: one more, and it is loaded again.
    if (exact.starts_with(entry.id.text + "@")) key = fmt::format("{} of {}", exact, entry.revision);
  }
  auto slot = std::make_shared<Slot>();
  // Under an earlier name, retired, or not there: not kept.
  if (!key.empty()) {
    const std::lock_guard lock(slots_mutex_);
    auto& place = slots_[key];
    if (!place) place = std::make_shared<Slot>();
    place->used = ++uses_;
    slot = place;
  }
  const std::lock_guard lock(slot->mutex);
  if (!slot->shelved) {
    auto loaded = file.load_count(exact);
    if (!loaded) {
      const std::lock_guard slots(slots_mutex_);
      slots_.erase(key);
      Error error = std::move(loaded).error();
      if (error.value == exact) error.value = id;
      return error;
    }
    COTEJO_TRY(rule, file.load_rule(loaded->contest.id));
    const int revision = loaded->revision;
    slot->shelved =
        std::make_shared<const Shelved>(std::make_shared<const Count>(std::move(*loaded)), revision, std::move(rule));
    make_room(*slot, size_of(slot->shelved->count()));
  }
  return slot->shelved;
}

void Shelf::warm_up(const Context& context, const std::atomic<bool>& stop) {
  const auto entries = read<std::vector<CountEntry>>([](const CaseFile& file) { return file.counts(); });
  if (!entries) return;
  std::size_t bytes = 0;
  for (const auto& entry : *entries) {
    if (stop || bytes > most_bytes / 2) return;
    if (const auto loaded = count(fmt::format("{}@{}", entry.id.text, entry.revision))) {
      bytes += size_of((*loaded)->count());
      if (!stop) (void)(*loaded)->defects("", context);
    }
  }
}

// Lets the counts go that were asked for longest ago; who still works with one keeps it.
void Shelf::make_room(const Slot& newest, std::size_t bytes) {
  const std::lock_guard lock(slots_mutex_);
  std::size_t all = bytes;
  for (auto& [id, slot] : slots_) {
    if (slot.get() == &newest)
      slot->bytes = bytes;
    else
      all += slot->bytes;
  }
  while (all > most_bytes) {
    auto oldest = slots_.end();
    for (auto slot = slots_.begin(); slot != slots_.end(); ++slot)
      if (slot->second.get() != &newest && slot->second->bytes > 0 &&
          (oldest == slots_.end() || slot->second->used < oldest->second->used))
        oldest = slot;
    if (oldest == slots_.end()) return;
    all -= oldest->second->bytes;
    slots_.erase(oldest);
  }
}

}  // namespace cotejo::server
