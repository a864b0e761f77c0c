// OpenElections CSV and Cotejo's long CSV.
//
// Long CSV: one row per unit and quantity. Columns: unit, one per level, and LEVEL_code, latitude, longitude where the
// count has them; then quantity and value. Quantities: registered, cast, valid, blank, null, option:ID, field:ID.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <unordered_map>

#include "cotejo/base/text.hpp"
#include "cotejo/intake/records.hpp"
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

Result<std::vector<Count>> read_openelections(const std::filesystem::path& file, const std::string& prefix,
                                              const Context& context) {
  COTEJO_TRY(records, Records::open(file, {}));
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < records.header().size(); ++i) columns.emplace(lower(records.header()[i]), i);
  const auto cell = [&](const char* name) -> std::string {
    const auto found = columns.find(name);
    return found == columns.end() ? std::string() : std::string(trimmed(records.cells()[found->second]));
  };
  struct Contest {
    std::string office, district;
    Gatherer gathered;
    UniqueIds option_ids;
    std::map<std::string, std::string> id_of_name;
  };
  std::vector<std::unique_ptr<Contest>> contests;
  std::map<std::pair<std::string, std::string>, Contest*> by_name;
  std::map<std::string, std::map<std::string, std::int32_t>> whole;     // "registered" and so on, by unit
  std::map<std::string, std::pair<std::string, std::string>> place_of;  // county, precinct
  UniqueIds ids;
  std::int64_t row = 0;
  for (;;) {
    COTEJO_TRY(more, records.next());
    if (!more) break;
    if (row++ % 4'096 == 0) {
      if (context.cancelled()) return cancelled_error();
      context.report("reading " + file.filename().string(), records.fraction());
    }
    if (const auto fault = records.fault()) return bad_row(records, fault->column, fault->value, fault->message);
    const auto county = cell("county"), precinct = cell("precinct"), office = cell("office"),
               candidate = cell("candidate"), votes = cell("votes");
    if (precinct.empty() || lower(precinct) == "total" || lower(precinct) == "totals") continue;
    const auto key = county.empty() ? precinct : county + "/" + precinct;
    place_of.emplace(key, std::pair{county, precinct});
    const auto value = votes_of(votes);
    if (!value) {
      if (votes.empty()) continue;
      return bad_row(records, "votes", votes, "expected a whole number from 0 to 2,147,483,647");
    }
    const auto office_name = lower(office), name = lower(candidate);
    const char* number = office_name == "registered voters" || office_name == "registered"              ? "registered"
                         : office_name == "ballots cast" || office_name == "ballots cast total"         ? "cast"
                         : office_name == "ballots cast - blank" || office_name == "ballots cast blank" ? "blank"
                                                                                                        : nullptr;
    if (number != nullptr) {
      whole[number][key] += *value;
      continue;
    }
    const auto district = cell("district");
    auto& contest = by_name[{office, district}];
    if (contest == nullptr) {
      if (contests.size() == most_contests)
        return damaged(file.string(), fmt::format("more than {} contests", most_contests), "office");
      contests.push_back(std::make_unique<Contest>());
      contest = contests.back().get();
      contest->office = office;
      contest->district = district;
    }
    auto& gathered = contest->gathered;
    const auto unit = gathered.unit(key);
    bool fits = true;
    if (name == "over votes" || name == "overvotes")
      fits = Gatherer::add(gathered.count.null, unit, *value);
    else if (name == "under votes" || name == "undervotes")
      fits = Gatherer::add(gathered.count.blank, unit, *value);
    else if (name == "total" || name == "total votes" || name == "total votes cast")
      fits = Gatherer::add(gathered.count.valid, unit, *value);
    else {
      const auto party = cell("party");
      const auto shown = party.empty() ? candidate : candidate + " (" + party + ")";
      auto& id = contest->id_of_name[shown];
      if (id.empty()) {
        if (gathered.options() == most_options)
          return damaged(file.string(), fmt::format("more than {} candidates", most_options), "candidate", office);
        id = contest->option_ids.of(candidate.empty() ? party : candidate, "option");
      }
      fits = Gatherer::add(gathered.option(id, shown), unit, *value);
    }
    if (!fits)
      return bad_row(records, "votes", votes, "the sum of a candidate's rows in this precinct is over 2,147,483,647");
  }
  std::vector<Count> out;
  for (auto& contest : contests) {
    auto& gathered = contest->gathered;
    if (gathered.options() == 0) continue;
    Count& count = gathered.count;
    const auto name = contest->district.empty() ? contest->office : contest->office + " " + contest->district;
    count.id = CountId{prefix + "/" + ids.of(name, "contest")};
    count.title = name;
    count.contest.id = ContestId{count.id.text + "-contest"};
    count.contest.title = name;
    count.unit_name = "precinct";
    count.official = true;
    count.source = "OpenElections CSV " + file.filename().string();
    count.caveats = {"Candidates without a row in a precinct are read as having 0 votes there."};
    if (!count.null.empty())
      count.caveats.push_back("Null votes are the overvotes, blank votes the undervotes of the file.");
    for (const char* which : {"registered", "cast"}) {
      const auto found = whole.find(which);
      if (found == whole.end()) continue;
      Column& column = which == std::string_view("cast") ? count.cast : count.registered;
      column.assign(count.units(), missing);
      for (UnitIndex u = 0; u < count.units(); ++u)
        if (const auto value = found->second.find(std::string(count.unit_keys[u])); value != found->second.end())
          column[u] = value->second;
    }
    count.hierarchy = Hierarchy({"county"});
    for (UnitIndex u = 0; u < count.units(); ++u) {
      const auto& county = place_of.at(std::string(count.unit_keys[u])).first;
      count.unit_place.push_back(county.empty() ? no_place : count.hierarchy.add(no_place, county));
    }
    out.push_back(gathered.finish(0));
  }
  if (out.empty()) return damaged(file.string(), "the file has no votes for any office");
  return out;
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
