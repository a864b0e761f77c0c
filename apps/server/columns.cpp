#include "columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::server {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view share_prefix = "share_percent:";
constexpr std::size_t most_listed = 2'000'000;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view lowered) {
  return std::search(text.begin(), text.end(), lowered.begin(), lowered.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

std::string_view key_of(const Count& count, UnitIndex unit) {
  return count.unit_keys[unit];
}

}  // namespace

std::string_view to_text(ColumnKind kind) {
  static constexpr std::string_view names[] = {"whole", "percent", "degrees"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<ColumnInfo> columns_of(const Shelved& shelved) {
  const Count& count = shelved.count();
  std::vector<ColumnInfo> out;
  const std::pair<const char*, const Column*> standard[] = {{"registered", &count.registered},
                                                            {"cast", &count.cast},
                                                            {"valid", &count.valid},
                                                            {"blank", &count.blank},
                                                            {"null", &count.null}};
  for (const auto& [name, column] : standard)
    if (!column->empty()) out.push_back({name, ColumnKind::whole, name});
  for (const auto& field : count.fields) out.push_back({field.id, ColumnKind::whole, field.name});
  for (const auto& option : count.contest.options) out.push_back({option.id.text, ColumnKind::whole, option.name});
  if (count.knows_cast() && !count.registered.empty())
    out.push_back({"turnout_percent", ColumnKind::percent, "100 cast / registered"});
  for (const auto& option : count.contest.options)
    out.push_back({std::string(share_prefix) + option.id.text, ColumnKind::percent,
                   fmt::format("100 {} / valid votes", option.name)});
  if (!count.latitude.empty() && !count.longitude.empty()) {
    out.push_back({"latitude", ColumnKind::degrees, "latitude"});
    out.push_back({"longitude", ColumnKind::degrees, "longitude"});
  }
  return out;
}

Result<ColumnInfo> column_named(const Shelved& shelved, const std::string& name) {
  std::vector<std::string> names;
  for (auto& info : columns_of(shelved)) {
    if (info.name == name) return info;
    names.push_back(std::move(info.name));
  }
  const auto near = nearest_name(name, names);
  return Error{.code = ErrorCode::column_missing,
               .message = fmt::format("the count '{}' has no such column", shelved.count().id.text),
               .column = name,
               .remedy = near.empty() ? "GET /api/count lists its columns." : fmt::format("Did you mean '{}'?", near)};
}

Result<std::vector<double>> values_of(const Shelved& shelved, const std::string& name) {
  COTEJO_TRY(info, column_named(shelved, name));
  const Count& count = shelved.count();
  const std::size_t n = count.units();
  std::vector<double> out(n, none);
  if (info.kind == ColumnKind::degrees) {
    out = name == "latitude" ? count.latitude : count.longitude;
  } else if (name == "turnout_percent") {
    for (std::size_t i = 0; i < n; ++i)
      if (count.registered[i] != missing && count.registered[i] > 0)
        out[i] = 100.0 * static_cast<double>(shelved.cast()[i]) / count.registered[i];
  } else if (info.kind == ColumnKind::percent) {
    const auto votes =
        count.option(static_cast<std::size_t>(count.contest.index_of(OptionId{name.substr(share_prefix.size())})));
    for (std::size_t i = 0; i < n; ++i)
      if (votes[i] != missing && shelved.valid()[i] > 0)
        out[i] = 100.0 * votes[i] / static_cast<double>(shelved.valid()[i]);
  } else {
    const auto cells = count.column(name);
    for (std::size_t i = 0; i < n; ++i)
      if (cells[i] != missing) out[i] = cells[i];
  }
  return out;
}

Selection read_selection(std::optional<Body> body) {
  Selection out;
  if (!body) return out;
  out.place = body->whole("place", 0, no_place - 1LL);
  out.challenge = body->text("challenge", 100);
  out.not_challenge = body->text("not_challenge", 100);
  out.text = body->text("text", 1000);
  out.by_keys = body->has("keys");
  out.keys = body->texts("keys", most_listed);
  out.by_units = body->has("units");
  out.units = body->positions("units", most_listed);
  for (auto& bound : body->objects("where", 100)) {
    out.where.push_back({bound.needed_text("column", 200), bound.number("at_least"), bound.number("at_most"),
                         bound.flag("missing").value_or(false)});
    bound.finish();
  }
  body->finish();
  return out;
}

Result<std::vector<UnitIndex>> select(const CaseFile& file, const Shelved& shelved, const Selection& selection) {
  const Count& count = shelved.count();
  const std::size_t n = count.units();
  std::vector<char> in(n, 1), mark;
  const auto keep_marked = [&](bool wanted) {
    for (std::size_t i = 0; i < n; ++i) in[i] = in[i] && (mark[i] != 0) == wanted;
  };

  if (selection.by_units) {
    mark.assign(n, 0);
    for (const auto unit : selection.units) {
      if (unit >= n)
        return Error{.code = ErrorCode::unit_unknown,
                     .message = fmt::format("the count has {}", counted(n, "unit")),
                     .value = std::to_string(unit),
                     .remedy = "Numbers of units are positions in one revision; ask for them again."};
      mark[unit] = 1;
    }
    keep_marked(true);
  }
  if (selection.by_keys) {
    mark.assign(n, 0);
    for (const auto& key : selection.keys) {
      const auto unit = shelved.find(key);
      if (!unit)
        return Error{.code = ErrorCode::unit_unknown,
                     .message = "the count has no such unit",
                     .value = key,
                     .remedy = "Keys are as in the file."};
      mark[*unit] = 1;
    }
    keep_marked(true);
  }
  for (const bool wanted : {true, false}) {
    const auto& id = wanted ? selection.challenge : selection.not_challenge;
    if (id.empty()) continue;
    COTEJO_TRY(challenge, file.load_challenge(id));
    mark.assign(n, 0);
    for (const auto& key : challenge.unit_keys)  // of another count perhaps: units it does not have are not here
      if (const auto unit = shelved.find(key)) mark[*unit] = 1;
    keep_marked(wanted);
  }
  const auto places = count.hierarchy.places();
  if (selection.place) {
    if (static_cast<std::size_t>(*selection.place) >= places.size())
      return Error{.code = ErrorCode::value_invalid,
                   .message = fmt::format("the count has {} places", places.size()),
                   .column = "place",
                   .value = std::to_string(*selection.place),
                   .remedy = "Numbers of places are positions in one revision; ask for them again."};
    std::vector<char> inside(places.size(), 0);
    inside[static_cast<std::size_t>(*selection.place)] = 1;
    for (std::size_t i = static_cast<std::size_t>(*selection.place); i < places.size(); ++i)
      if (places[i].parent != no_place && inside[places[i].parent]) inside[i] = 1;
    for (std::size_t i = 0; i < n; ++i) in[i] = in[i] && count.unit_place[i] != no_place && inside[count.unit_place[i]];
  }
  if (!selection.text.empty()) {
    std::string wanted = selection.text;
    std::transform(wanted.begin(), wanted.end(), wanted.begin(), lower);
    std::vector<char> named(places.size(), 0);
    for (std::size_t i = 0; i < places.size(); ++i) named[i] = contains(places[i].name, wanted);
    for (std::size_t i = 0; i < n; ++i)
      in[i] = in[i] && ((!count.unit_place.empty() && count.unit_place[i] != no_place && named[count.unit_place[i]]) ||
                        contains(count.unit_keys[i], wanted));
  }
  for (const auto& bound : selection.where) {
    COTEJO_TRY(values, values_of(shelved, bound.column));
    const double low = bound.at_least.value_or(-std::numeric_limits<double>::infinity());
    const double high = bound.at_most.value_or(std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < n; ++i)
      in[i] = in[i] && (bound.is_missing ? std::isnan(values[i]) : values[i] >= low && values[i] <= high);
  }
  std::vector<UnitIndex> out;
  for (UnitIndex i = 0; i < n; ++i)
    if (in[i]) out.push_back(i);
  return out;
}

Result<Bins> bin(const Shelved& shelved, const std::vector<UnitIndex>& units, const Axis& x, const Axis& y) {
  Bins out;
  std::vector<double> values[2];
  double low[2], width[2];
  const Axis* axes[2] = {&x, &y};
  for (int a = 0; a < 2; ++a) {
    COTEJO_TRY(info, column_named(shelved, axes[a]->column));
    COTEJO_TRY(all, values_of(shelved, axes[a]->column));
    values[a] = std::move(all);
    double least = std::numeric_limits<double>::infinity(), most = -least;
    if (!axes[a]->low || !axes[a]->high)
      for (const auto unit : units)
        if (const double v = values[a][unit]; !std::isnan(v)) {
          least = std::min(least, v);
          most = std::max(most, v);
        }
    if (info.kind == ColumnKind::percent) {
      least = 0;
      most = 100;
    }
    low[a] = axes[a]->low.value_or(least);
    const double high = axes[a]->high.value_or(most);
    if (!std::isfinite(low[a]) || !std::isfinite(high))
      return Error{.code = ErrorCode::input_insufficient,
                   .message = "no unit of the selection has a value to draw",
                   .column = axes[a]->column,
                   .remedy = "Choose another column, or other units."};
    width[a] = high - low[a];
    if (width[a] < 0)
      return Error{.code = ErrorCode::value_invalid,
                   .message = "the lower end of the axis lies above its upper end",
                   .column = axes[a]->column,
                   .value = fmt::format("{} and {}", low[a], high),
                   .remedy = "Exchange them."};
    (a == 0 ? out.x_low : out.y_low) = low[a];
    (a == 0 ? out.x_high : out.y_high) = high;
  }
  out.counts.assign(x.bins * y.bins, 0);
  for (const auto unit : units) {
    std::size_t cell[2];
    bool inside = true, known = true;
    for (int a = 0; a < 2; ++a) {
      const double v = values[a][unit];
      known = known && !std::isnan(v);
      const double share = width[a] > 0 ? (v - low[a]) / width[a] : (v == low[a] ? 0 : -1);
      inside = inside && share >= 0 && share <= 1;
      if (known && inside)
        cell[a] = std::min(axes[a]->bins - 1, static_cast<std::size_t>(share * static_cast<double>(axes[a]->bins)));
    }
    if (!known)
      ++out.missing;
    else if (!inside)
      ++out.outside;
    else
      ++out.counts[cell[1] * x.bins + cell[0]];
  }
  return out;
}

Result<std::vector<UnitIndex>> page(const Shelved& shelved, std::vector<UnitIndex> units, const std::string& sort,
                                    bool descending, std::size_t offset, std::size_t limit) {
  const std::size_t begin = std::min(offset, units.size()), end = begin + std::min(limit, units.size() - begin);
  const auto order = [&](const auto& before) {
    const auto from = units.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = units.begin() + static_cast<std::ptrdiff_t>(end);
    if (begin > 0 && begin < units.size()) std::nth_element(units.begin(), from, units.end(), before);
    std::partial_sort(from, to, units.end(), before);
  };
  if (sort == "key") {
    order([&](UnitIndex a, UnitIndex b) {
      const auto left = key_of(shelved.count(), a), right = key_of(shelved.count(), b);
      return descending ? right < left : left < right;  // keys are unique
    });
  } else if (!sort.empty()) {
    COTEJO_TRY(values, values_of(shelved, sort));
    order([&](UnitIndex a, UnitIndex b) {
      const bool unknown_a = std::isnan(values[a]), unknown_b = std::isnan(values[b]);
      if (unknown_a != unknown_b) return unknown_b;
      if (!unknown_a && values[a] != values[b]) return descending ? values[b] < values[a] : values[a] < values[b];
      return a < b;
    });
  } else if (descending) {
    std::reverse(units.begin(), units.end());
  }
  return std::vector<UnitIndex>(units.begin() + static_cast<std::ptrdiff_t>(begin),
                                units.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace cotejo::server
