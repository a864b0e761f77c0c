// OpenElections CSV and Cotejo's long CSV.
//
// Long CSV: one row per unit and quantity. Columns: unit, one per level, and LEVEL_code, latitude, longitude where the
// count has them; then quantity and value. Quantities: registered, cast, valid, blank, null, option:ID, field:ID.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <unordered_map>

#include "contest_rows.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/intake/role_words.hpp"
#include "cotejo/intake/slug.hpp"
#include "cotejo/intake/writer.hpp"
#include "parts.hpp"

namespace cotejo {

namespace {

using namespace exchange;

std::string lower(std::string_view text) {
  std::string out(trimmed(text));
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "1,234" as the archive's volunteers write it, or plain digits.
std::optional<std::int32_t> votes_of(std::string_view text) {
  std::string digits;
  for (const char c : trimmed(text))
    if (c != ',') digits += c;
  if (digits.empty()) return std::nullopt;
  std::int32_t value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return status == std::errc{} && end == digits.data() + digits.size() && value >= 0 ? std::optional(value)
                                                                                     : std::nullopt;
}

// Units in the order in which they are first met, and columns that grow with them.
class Gatherer {
 public:
  UnitIndex unit(const std::string& key) {
    const auto [found, fresh] = index_.emplace(key, static_cast<UnitIndex>(index_.size()));
    if (fresh) count.unit_keys.push_back(key);
    return found->second;
  }
  // Adds to a cell; false when the sum is too large.
  static bool add(Column& column, UnitIndex unit, std::int32_t value) {
    if (column.size() <= unit) column.resize(unit + 1, missing);
    const std::int64_t sum = (column[unit] == missing ? 0 : std::int64_t{column[unit]}) + value;
    if (sum > std::numeric_limits<std::int32_t>::max()) return false;
    column[unit] = static_cast<std::int32_t>(sum);
    return true;
  }
  Column& option(const std::string& id, const std::string& name) {
    const auto [found, fresh] = options_.emplace(id, votes_.size());
    if (fresh) {
      count.contest.options.push_back({OptionId{id}, name});
      votes_.emplace_back();
    }
    return votes_[found->second];
  }
  std::size_t options() const { return votes_.size(); }
  // Votes that were not listed are `absent`.
  Count finish(std::int32_t absent) {
    const auto n = count.units();
    for (auto& column : votes_) {
      column.resize(n, missing);
      for (const auto value : column) count.votes.push_back(value == missing ? absent : value);
    }
    for (auto& [name, column] : standard_columns(count))
      if (!column->empty()) column->resize(n, missing);
    count.sha256 = count.content_hash();
    return std::move(count);
  }
  Count count;

 private:
  std::unordered_map<std::string, UnitIndex> index_;
  std::map<std::string, std::size_t> options_;
  std::vector<Column> votes_;
};

Error bad_row(const Records& records, const std::string& column, std::string_view value, std::string message) {
  return {.code = ErrorCode::value_invalid,
          .message = std::move(message),
          .file = records.name(),
          .row = records.row(),
          .column = column,
          .value = std::string(value.substr(0, 200)),
          .remedy = "Correct the file."};
}

}  // namespace

namespace exchange {

namespace {

// The columns of an OpenElections file: its volunteers agree on most of their names.
struct OpenElectionsColumns {
  std::vector<std::size_t> places;  // county, town, ...; the last is the unit
  std::vector<std::string> levels;  // of `places`
  std::optional<std::size_t> office, district, party, candidate, votes, mode;
  std::vector<std::size_t> modes;  // votes of one mode of voting
};

std::optional<OpenElectionsColumns> openelections_columns(const std::vector<std::string>& header) {
  static const std::vector<std::vector<std::string_view>> levels{
      {"county", "parish"},
      {"jurisdiction", "municipality", "town", "city", "township", "borough"},
      {"ward"},
      {"precinct", "polling_place", "polling place", "reporting_unit", "reporting unit"}};
  OpenElectionsColumns out;
  std::vector<std::string> names;
  for (const auto& title : header) names.push_back(lower(title));
  const auto find = [&](std::initializer_list<std::string_view> wanted) -> std::optional<std::size_t> {
    for (const auto name : wanted)
      if (const auto at = std::find(names.begin(), names.end(), name); at != names.end())
        return static_cast<std::size_t>(at - names.begin());
    return std::nullopt;
  };
  for (const auto& level : levels)
    for (const auto name : level)
      if (const auto at = find({name})) {
        out.places.push_back(*at);
        out.levels.emplace_back(name);
        break;
      }
  out.office = find({"office", "contest"});
  out.district = find({"district"});
  out.party = find({"party"});
  out.candidate = find({"candidate", "candidate_name"});
  out.votes = find({"votes", "total_votes", "total votes", "vote_total", "votes_total"});
  out.mode = find({"mode", "vote_type", "votetype", "vote_mode", "method"});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (const auto words = words_of(names[i]); words.role == Role::mode && words.whole && out.mode != i)
      out.modes.push_back(i);
  if (out.places.empty() || !out.office || !out.candidate || (!out.votes && out.modes.empty())) return std::nullopt;
  return out;
}

// A row with nothing, or the word for a total, in the place of the precinct.
struct TotalRow {
  std::vector<std::string> places;
  std::string office, district, name, party, text, mode;
  std::int64_t row = 0;
};

struct OpenElectionsContest {
  std::string office, district;
  ContestRows rows;
};

class OpenElectionsReader {
 public:
  OpenElectionsReader(const std::filesystem::path& file, std::string prefix)
      : file_(file),
        prefix_(std::move(prefix)),
        primary_(file.filename().string().find("primary") != std::string::npos) {}

  Result<std::vector<Count>> read(const Context& context) {
    COTEJO_TRY(records, Records::open(file_, {}));
    const auto columns = openelections_columns(records.header());
    if (!columns) return damaged(file_.string(), "the header has not the columns of an OpenElections file");
    columns_ = *columns;
    std::int64_t row = 0;
    for (;;) {
      COTEJO_TRY(more, records.next());
      if (!more) break;
      if (row++ % 4'096 == 0) {
        if (context.cancelled()) return cancelled_error();
        context.report("reading " + file_.filename().string(), records.fraction());
      }
      if (const auto fault = records.fault()) return bad_row(records, fault->column, fault->value, fault->message);
      COTEJO_CHECK(take(records));
    }
    COTEJO_CHECK(judge_totals());
    return counts();
  }

 private:
  static std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts)
      if (!part.empty()) out += (out.empty() ? "" : "/") + part;
    return out;
  }

  // The row's votes: the column `votes`, else the sum of the modes. Nothing: the row has no number.
  std::string votes_of_row(const std::function<std::string(std::optional<std::size_t>)>& cell) {
    std::string text = cell(columns_.votes);
    std::optional<std::int64_t> sum;
    for (const auto mode : columns_.modes) {
      const auto part = cell(mode);
      if (part.empty()) continue;
      const auto value = whole_number(part);
      if (!value) return text.empty() ? part : text;
      sum = sum.value_or(0) + *value;
    }
    if (text.empty()) return sum ? std::to_string(*sum) : std::string();
    if (const auto value = whole_number(text); sum && value && *value != *sum) ++modes_differ_;
    return text;
  }

  Result<void> take(const Records& records) {
    const auto cell = [&](std::optional<std::size_t> column) {
      return column ? std::string(trimmed(records.cells()[*column])) : std::string();
    };
    std::vector<std::string> places;
    for (const auto column : columns_.places) places.push_back(cell(column));
    const auto office = cell(columns_.office), candidate = cell(columns_.candidate), party = cell(columns_.party);
    const auto text = votes_of_row(cell);
    if (text.empty()) {
      without_number_ += !candidate.empty();
      return {};
    }
    const auto lowest = places.back();
    const bool total = is_total_word(lowest) || (lowest.empty() && columns_.places.size() > 1);
    if (total) {
      totals_.push_back({std::move(places), office, cell(columns_.district), candidate, party, text,
                         cell(columns_.mode), records.row()});
      return {};
    }
    const auto key = joined(places);
    if (key.empty()) return {};
    place_of_.emplace(key, places);
    if (is_quantity(key, office, candidate, party, text)) return {};
    return take_votes(
        {places, office, cell(columns_.district), candidate, party, text, cell(columns_.mode), records.row()});
  }

  // Registered voters and ballots cast of a whole unit: in the place of an office, or of a name without an office.
  bool is_quantity(const std::string& key, const std::string& office, const std::string& candidate,
                   const std::string& party, const std::string& text) {
    const auto& name = office.empty() ? candidate : office;
    const auto words = words_of(name);
    const auto kind = name_kind(name);
    // "Registered Voters - Democratic" is a part of them; a word alone ("Registered Nurses") is not enough.
    const bool begins = words.words.find(' ') != std::string::npos && folded(name).starts_with(folded(words.words));
    const bool registered = kind == NameKind::registered || (begins && words.role == Role::registered);
    const bool cast = kind == NameKind::cast || (begins && words.role == Role::cast);
    const bool blank = cast && folded(name).ends_with(" blank");
    if ((!registered && !cast) || (office.empty() && candidate.empty())) return false;
    const auto value = whole_number(text);
    if (!value || *value < 0) return true;  // a percentage
    if (blank) {
      blank_[key] += *value;
      return true;
    }
    auto& quantity = (registered ? registered_ : cast_)[key];
    const bool whole = kind != NameKind::option && party.empty() &&
                       (office.empty() || candidate.empty() || name_kind(candidate) != NameKind::option);
    auto& to = whole ? quantity.whole : quantity.parts;
    to = whole ? *value : to.value_or(0) + *value;
    return true;
  }

  Result<void> take_votes(const TotalRow& row) {
    COTEJO_TRY(contest, contest_of(row));
    contest->rows.add(
        {joined(row.places), row.name, row.party, row.text, row.row, columns_.mode && is_total_word(row.mode)});
    const auto of_county = std::pair{county_of(row), row.office + "\x1f" + row.district};
    has_precincts_.insert(of_county);
    if (const auto value = whole_number(row.text); value && !(columns_.mode && is_total_word(row.mode)))
      for (const auto& county : std::set<std::string>{of_county.first, ""})  // of the county, and of all
        sums_[{county, of_county.second, row.name, row.party}] += *value;
    return {};
  }

  std::string county_of(const TotalRow& row) const {
    return row.places.size() > 1 ? row.places.front() : std::string();
  }

  Result<OpenElectionsContest*> contest_of(const TotalRow& row) {
    auto& contest = by_name_[{row.office, row.district}];
    if (contest == nullptr) {
      if (contests_.size() == most_contests)
        return damaged(file_.string(), fmt::format("more than {} contests", most_contests), "office");
      contests_.push_back(std::make_unique<OpenElectionsContest>(
          OpenElectionsContest{row.office, row.district, ContestRows(file_.string(), primary_)}));
      contest = contests_.back().get();
    }
    if (contest->rows.names() >= most_options)
      return damaged(file_.string(), fmt::format("more than {} candidates", most_options), "candidate", row.office);
    return contest;
  }

  // Where a county has precincts for the office, such a row is their printed total and no unit: where it is not their
  // sum, that is told, and a name that no precinct has is set aside with its votes. Elsewhere the county is the unit.
  Result<void> judge_totals() {
    std::int64_t printed = 0;
    const auto precincts = has_precincts_;
    for (auto& total : totals_) {
      const auto county = county_of(total), office = total.office + "\x1f" + total.district;
      const bool of_all = county.empty() && std::any_of(precincts.begin(), precincts.end(),
                                                        [&](const auto& have) { return have.second == office; });
      if (!precincts.contains({county, office}) && !of_all) {
        total.places.back().clear();
        if (joined(total.places).empty()) total.places.back() = "total";
        place_of_.emplace(joined(total.places), total.places);
        if (is_quantity(joined(total.places), total.office, total.name, total.party, total.text)) continue;
        COTEJO_CHECK(take_votes(total));
        continue;
      }
      ++printed;
      const auto found = sums_.find({county, office, total.name, total.party});
      const bool summed = found != sums_.end();
      const auto value = whole_number(total.text);
      if (!value || (summed && found->second == *value) || name_kind(total.office) != NameKind::option) continue;
      if (summed) {
        total_differs_.push_back(fmt::format("{}: {} printed, {} in the precincts",
                                             total.name.empty() ? total.party : total.name, with_thousands(*value),
                                             with_thousands(found->second)));
      } else if (*value > 0) {
        COTEJO_TRY(contest, contest_of(total));
        contest->rows.set_aside({county, total.name, total.party, total.text, total.row, false});
      }
    }
    if (printed > 0)
      caveats_.push_back(fmt::format("{} no precinct: a printed total, which is not counted.",
                                     counted(printed, "row names", "rows name")));
    if (!total_differs_.empty()) {
      constexpr std::size_t most_named = 5;
      const auto all = total_differs_.size();
      total_differs_.resize(std::min(all, most_named));
      caveats_.push_back(fmt::format("{} from the sum of the precincts ({}{}).",
                                     counted(all, "printed total differs", "printed totals differ"),
                                     fmt::join(total_differs_, "; "), all > most_named ? "; …" : ""));
    }
    if (without_number_ > 0)
      caveats_.push_back(
          fmt::format("{} without a number of votes and read as 0.", counted(without_number_, "row is", "rows are")));
    if (modes_differ_ > 0)
      caveats_.push_back(fmt::format("In {} the modes of voting do not add up to the votes; the votes are taken.",
                                     counted(modes_differ_, "row")));
    return {};
  }

  Result<std::vector<Count>> counts() {
    std::vector<Count> out;
    UniqueIds ids;
    for (auto& contest : contests_) {
      Count count;
      const auto name = contest->district.empty() ? contest->office : contest->office + " " + contest->district;
      count.caveats = caveats_;
      count.caveats.insert(count.caveats.begin(),
                           "Candidates without a row in a precinct are read as having 0 votes there.");
      contest->rows.finish(count, whole(registered_), whole(cast_));
      if (count.contest.options.empty()) continue;
      count.id = CountId{prefix_ + "/" + ids.of(name, "contest")};
      count.title = name;
      count.contest.id = ContestId{count.id.text + "-contest"};
      count.contest.title = name;
      count.unit_name = columns_.levels.back() == "county" || columns_.levels.back() == "parish"
                            ? columns_.levels.back()
                            : "precinct";
      count.official = true;
      count.source = "OpenElections CSV " + file_.filename().string();
      add_places(count);
      if (!blank_.empty() && count.blank.empty()) {
        count.blank.assign(count.units(), missing);
        for (UnitIndex u = 0; u < count.units(); ++u)
          if (const auto found = blank_.find(std::string(count.unit_keys[u])); found != blank_.end())
            count.blank[u] = static_cast<std::int32_t>(std::min<std::int64_t>(found->second, INT32_MAX));
      }
      count.sha256 = count.content_hash();
      out.push_back(std::move(count));
    }
    if (out.empty()) return damaged(file_.string(), "the file has no votes for any office");
    return out;
  }

  struct Quantity {
    std::optional<std::int64_t> whole, parts;
  };
  static ContestRows::OfUnits whole(const std::map<std::string, Quantity>& of) {
    ContestRows::OfUnits out;
    for (const auto& [unit, quantity] : of)
      if (const auto value = quantity.whole ? quantity.whole : quantity.parts) out.emplace(unit, *value);
    return out;
  }

  void add_places(Count& count) const {
    const std::size_t levels = columns_.places.size() - 1;
    if (levels == 0) {
      count.hierarchy = Hierarchy(std::vector<std::string>{});
      return;
    }
    count.hierarchy = Hierarchy(std::vector<std::string>(columns_.levels.begin(), columns_.levels.end() - 1));
    for (UnitIndex u = 0; u < count.units(); ++u) {
      const auto& places = place_of_.at(std::string(count.unit_keys[u]));
      PlaceIndex at = no_place;
      for (std::size_t level = 0; level < levels && !places[level].empty(); ++level)
        at = count.hierarchy.add(at, places[level]);
      count.unit_place.push_back(at);
    }
  }

  std::filesystem::path file_;
  std::string prefix_;
  bool primary_;
  OpenElectionsColumns columns_;
  std::vector<std::unique_ptr<OpenElectionsContest>> contests_;
  std::map<std::pair<std::string, std::string>, OpenElectionsContest*> by_name_;
  std::map<std::string, Quantity> registered_, cast_;  // by unit
  std::map<std::string, std::int64_t> blank_;
  std::map<std::string, std::vector<std::string>> place_of_;
  std::set<std::pair<std::string, std::string>> has_precincts_;  // county, office
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> sums_;
  std::vector<TotalRow> totals_;
  std::vector<std::string> total_differs_, caveats_;
  std::int64_t without_number_ = 0, modes_differ_ = 0;
};

}  // namespace

bool is_openelections(const std::vector<std::string>& header) {
  return openelections_columns(header).has_value();
}

Result<std::vector<Count>> read_openelections(const std::filesystem::path& file, const std::string& prefix,
                                              const Context& context) {
  return OpenElectionsReader(file, prefix).read(context);
}

// A quantity by its words in any of the languages of the proposal ("Total Ballots", "Under Votes"), as in OpenElections.
static Column* column_of_words(Count& count, const std::string& name) {
  switch (name_kind(name)) {
    case NameKind::registered:
      return &count.registered;
    case NameKind::cast:
      return &count.cast;
    case NameKind::valid:
    case NameKind::total:
      return &count.valid;
    case NameKind::blank:
    case NameKind::under_votes:
      return &count.blank;
    case NameKind::null:
    case NameKind::over_votes:
      return &count.null;
    default:
      return nullptr;
  }
}

Result<std::vector<Count>> read_long_csv(const std::filesystem::path& file, const std::string& prefix,
                                         const Context& context) {
  COTEJO_TRY(records, Records::open(file, {}));
  const auto& header = records.header();
  std::size_t quantity = 0, value = 0, unit = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == "unit") unit = i;
    if (header[i] == "quantity") quantity = i;
    if (header[i] == "value") value = i;
  }
  struct Level {
    std::size_t name;
    std::optional<std::size_t> code;
  };
  std::vector<std::string> levels;
  std::vector<Level> columns;
  std::optional<std::size_t> latitude, longitude;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (i == unit || i == quantity || i == value) continue;
    if (header[i] == "latitude")
      latitude = i;
    else if (header[i] == "longitude")
      longitude = i;
    else if (header[i].ends_with("_code") && !levels.empty() && header[i] == levels.back() + "_code")
      columns.back().code = i;
    else {
      levels.push_back(header[i]);
      columns.push_back({i, {}});
    }
  }
  Gatherer gathered;
  Count& count = gathered.count;
  count.hierarchy = Hierarchy(levels);
  const auto stem = slug(file.stem().string());
  count.id = CountId{prefix + "/" + (stem.empty() ? "count" : stem)};
  count.title = file.stem().string();
  count.contest.id = ContestId{count.id.text + "-contest"};
  count.source = "long CSV " + file.filename().string();
  count.official = true;
  std::map<std::string, std::size_t> fields;
  std::int64_t row = 0;
  for (;;) {
    COTEJO_TRY(more, records.next());
    if (!more) break;
    if (row++ % 4'096 == 0 && context.cancelled()) return cancelled_error();
    if (const auto fault = records.fault()) return bad_row(records, fault->column, fault->value, fault->message);
    const auto text = [&](std::size_t i) { return std::string(trimmed(records.cells()[i])); };
    const auto key = text(unit), name = text(quantity);
    if (key.empty()) return bad_row(records, "unit", "", "expected a unit's key");
    const auto before = count.units();
    const auto u = gathered.unit(key);
    if (count.units() > before) {
      PlaceIndex at = no_place;
      for (const auto& level : columns) {
        const auto place = text(level.name);
        if (place.empty()) break;
        at = count.hierarchy.add(at, place, level.code ? text(*level.code) : std::string());
      }
      if (!levels.empty()) count.unit_place.push_back(at);
      if (latitude && longitude)
        for (const auto& [column, to] :
             {std::pair{*latitude, &count.latitude}, std::pair{*longitude, &count.longitude}}) {
          const auto cell = text(column);
          double degrees = std::numeric_limits<double>::quiet_NaN();
          if (!cell.empty() && std::from_chars(cell.data(), cell.data() + cell.size(), degrees).ec != std::errc{})
            return bad_row(records, header[column], cell, "expected degrees");
          to->push_back(degrees);
        }
    }
    const auto number = votes_of(text(value));
    if (!number) return bad_row(records, "value", text(value), "expected a whole number from 0 to 2,147,483,647");
    Column* column = nullptr;
    for (auto& [standard, to] :
         {std::pair{"registered", &count.registered}, std::pair{"cast", &count.cast}, std::pair{"valid", &count.valid},
          std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
      if (name == standard) column = to;
    if (name.starts_with("option:")) {
      if (gathered.options() == most_options) return damaged(file.string(), "too many options", "quantity");
      column = &gathered.option(name.substr(7), name.substr(7));
    } else if (name.starts_with("field:")) {
      const auto [found, fresh] = fields.emplace(name.substr(6), count.fields.size());
      if (fresh) count.fields.push_back({name.substr(6), name.substr(6), {}});
      if (count.fields.size() > most_options) return damaged(file.string(), "too many fields", "quantity");
      column = &count.fields[found->second].values;
    }
    if (column == nullptr) column = column_of_words(count, name);
    if (column == nullptr)
      return bad_row(records, "quantity", name, "expected registered, cast, valid, blank, null, option:ID or field:ID");
    if (column->size() > u && (*column)[u] != missing)
      return bad_row(records, "quantity", name, "the unit has this quantity already");
    Gatherer::add(*column, u, *number);
  }
  std::vector<Count> out;
  out.push_back(gathered.finish(missing));
  if (const auto fault = fault_of(out[0]); !fault.empty()) return damaged(file.string(), fault);
  return out;
}

}  // namespace exchange

Result<void> write_openelections(const Count& count, const std::filesystem::path& to) {
  const auto office = count.contest.title.empty() ? count.contest.id.text : count.contest.title;
  return write_whole(to, [&](std::ostream& out) {
    out << "county,precinct,office,district,party,candidate,votes\r\n";
    const auto row = [&](UnitIndex u, const std::string& of, const std::string& candidate, std::int32_t votes) {
      if (votes == missing) return;
      const auto place = count.unit_place.empty() ? no_place : count.unit_place[u];
      const int county = count.hierarchy.level_index("county");
      const auto where = place == no_place ? no_place
                         : county < 0      ? place
                                           : count.hierarchy.ancestor(place, static_cast<std::uint32_t>(county));
      std::string_view key = count.unit_keys[u];
      const std::string name = where == no_place ? std::string()
                               : county < 0      ? count.hierarchy.path(where)
                                                 : count.hierarchy[where].name;
      if (!name.empty() && key.starts_with(name + "/")) key.remove_prefix(name.size() + 1);
      out << csv_cell(name) << ',' << csv_cell(key) << ',' << csv_cell(of) << ",,," << csv_cell(candidate) << ','
          << votes << "\r\n";
    };
    for (UnitIndex u = 0; u < count.units(); ++u) {
      if (!count.registered.empty()) row(u, "Registered Voters", "", count.registered[u]);
      if (!count.cast.empty()) row(u, "Ballots Cast", "", count.cast[u]);
      for (std::size_t o = 0; o < count.options(); ++o) row(u, office, count.contest.options[o].name, count.vote(o, u));
      if (!count.blank.empty()) row(u, office, "Under Votes", count.blank[u]);
      if (!count.null.empty()) row(u, office, "Over Votes", count.null[u]);
    }
  });
}

Result<void> write_long_csv(const Count& count, const std::filesystem::path& to) {
  const auto& levels = count.hierarchy.levels();
  std::vector<bool> has_code(levels.size());
  for (const auto& place : count.hierarchy.places())
    has_code[place.level] = has_code[place.level] || !place.code.empty();
  return write_whole(to, [&](std::ostream& out) {
    out << "unit";
    for (std::size_t i = 0; i < levels.size(); ++i)
      out << ',' << csv_cell(levels[i]) << (has_code[i] ? "," + csv_cell(levels[i] + "_code") : std::string());
    if (!count.latitude.empty()) out << ",latitude,longitude";
    out << ",quantity,value\r\n";
    for (UnitIndex u = 0; u < count.units(); ++u) {
      std::string about = csv_cell(count.unit_keys[u]);
      for (std::size_t i = 0; i < levels.size(); ++i) {
        const auto lowest = count.unit_place.empty() ? no_place : count.unit_place[u];
        const auto place =
            lowest == no_place ? no_place : count.hierarchy.ancestor(lowest, static_cast<std::uint32_t>(i));
        about += "," + (place == no_place ? std::string() : csv_cell(count.hierarchy[place].name));
        if (has_code[i]) about += "," + (place == no_place ? std::string() : csv_cell(count.hierarchy[place].code));
      }
      if (!count.latitude.empty())
        for (const double degrees : {count.latitude[u], count.longitude[u]})
          about += "," + (std::isnan(degrees) ? std::string() : fmt::format("{}", degrees));
      const auto row = [&](const std::string& name, std::int32_t value) {
        if (value != missing) out << about << ',' << csv_cell(name) << ',' << value << "\r\n";
      };
      for (std::size_t o = 0; o < count.options(); ++o)
        row("option:" + count.contest.options[o].id.text, count.vote(o, u));
      for (const auto& [name, column] :
           {std::pair{"registered", &count.registered}, std::pair{"cast", &count.cast},
            std::pair{"valid", &count.valid}, std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
        if (!column->empty()) row(name, (*column)[u]);
      for (const auto& field : count.fields) row("field:" + field.id, field.values[u]);
    }
  });
}

}  // namespace cotejo
