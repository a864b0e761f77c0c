#include "contest_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/role_words.hpp"
#include "cotejo/intake/slug.hpp"

namespace cotejo::exchange {

namespace {

constexpr std::uint32_t no_unit = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();

using Values = std::vector<std::optional<std::int64_t>>;  // one per unit; none: the unit has no such row

std::int64_t known(const Values& values, std::size_t unit) {
  return values[unit].value_or(0);
}

bool is_general_write_in(const std::string& folded_name) {
  static const std::set<std::string> names{"write in", "write ins", "writein", "writeins", "write in votes"};
  return names.contains(folded_name);
}

bool is_write_in(const std::string& folded_name) {
  return folded_name.starts_with("write in") || folded_name.starts_with("writein") ||
         folded_name.ends_with(" write in") || folded_name.ends_with(" writein") || folded_name == "scattered" ||
         folded_name == "scattering" || folded_name == "scatter";
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::string digits;
  text = trimmed(text);
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    if (point + 1 == text.size() || text.find_first_not_of('0', point + 1) != std::string_view::npos) return {};
    text = text.substr(0, point);
  }
  for (const char c : text)
    if (c != ',') digits += c;
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = !digits.empty() && status == std::errc{} && end == digits.data() + digits.size();
  return whole && value >= -most && value <= most ? std::optional(value) : std::nullopt;
}

std::uint32_t ContestRows::line_of(const NamedVotes& row) {
  std::string name = folded(row.name);
  if (is_general_write_in(name)) name = "write ins";
  const auto [line, fresh] = line_index_.emplace(std::pair{name, row.party}, static_cast<std::uint32_t>(lines_.size()));
  if (fresh) lines_.push_back({row.name, row.party, name});
  return line->second;
}

void ContestRows::set_aside(const NamedVotes& row) {
  above_.emplace_back(line_of(row), row);
}

void ContestRows::add(const NamedVotes& row) {
  const auto [unit, fresh] = unit_index_.emplace(row.unit, static_cast<std::uint32_t>(units_.size()));
  if (fresh) units_.push_back(row.unit);
  const auto line = line_of(row);
  const auto value = whole_number(row.text);
  entries_.push_back({unit->second, line, value.value_or(0), row.row, value.has_value(), row.of_all_modes,
                      value ? std::string() : row.text});
}

// The contest when all its rows are there.
class ContestResult {
 public:
  ContestResult(ContestRows& rows, Count& count) : rows_(rows), count_(count), n_(rows.units_.size()) {}

  void run(const ContestRows::OfUnits& registered, const ContestRows::OfUnits& cast) {
    add_up();
    drop_total_units();
    for (const auto& key : rows_.units_) count_.unit_keys.push_back(key);
    sort_lines();
    place_totals();
    fill_from(count_.registered, registered);
    fill_from(count_.cast, cast);
    drop_subtotals();
    write_options();
    write_rejected();
  }

 private:
  struct Option {
    std::string name, folded_name;
    std::vector<std::uint32_t> lines;
    Values votes;
    NameKind kind = NameKind::option;
    bool left_out = false;
  };
  using Entries = std::vector<ContestRows::Entry>;

  static bool same_cell(const ContestRows::Entry& a, const ContestRows::Entry& b) {
    return a.unit == b.unit && a.line == b.line;
  }

  void caveat(std::string text) { count_.caveats.push_back(std::move(text)); }

  // Entries of each cell: rows of all modes give way to the modes; the same row twice counts once.
  void add_up() {
    auto& entries = rows_.entries_;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.unit != b.unit ? a.unit < b.unit : a.line < b.line; });
    lines_.assign(rows_.lines_.size(), Values(n_));
    std::int64_t corrections = 0, corrected = 0, added = 0;
    for (std::size_t begin = 0; begin < entries.size();) {
      std::size_t end = begin;
      while (end < entries.size() && entries[end].unit == entries[begin].unit) ++end;
      const bool copies = only_copies(begin, end);
      for (std::size_t i = begin; i < end;) {
        std::size_t last = i;
        while (last < end && same_cell(entries[last], entries[i])) ++last;
        const auto has_modes = std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(i),
                                           entries.begin() + static_cast<std::ptrdiff_t>(last),
                                           [](const auto& e) { return !e.of_all_modes; });
        auto& cell = lines_[entries[i].line][entries[i].unit];
        std::size_t counted_rows = 0;
        for (std::size_t k = i; k < last; ++k) {
          const auto& entry = entries[k];
          if (has_modes && entry.of_all_modes) continue;
          if (!entry.readable) {
            unreadable_.push_back(entry);
            continue;
          }
          if (copies && counted_rows > 0) {
            if (entry.value > 0) copies_.push_back(entry);
            continue;
          }
          added += counted_rows > 0;
          ++counted_rows;
          if (entry.value < 0) ++corrections, corrected += entry.value;
          cell = cell.value_or(0) + entry.value;
        }
        i = last;
      }
      begin = end;
    }
    if (corrections > 0)
      caveat(fmt::format("{} with a negative number correct the others of the same precinct and are added: {}.",
                         counted(corrections, "row"), counted(corrected, "vote")));
    if (added > 0)
      caveat(fmt::format("{} of a candidate who has a row in the same precinct already are added to it.",
                         counted(added, "further row")));
    if (!copies_.empty())
      caveat(fmt::format("{} of the same candidate, precinct and number as another are set aside.",
                         counted(copies_.size(), "row")));
  }

  // Are all repeated rows of this unit copies, not parts?
  bool only_copies(std::size_t begin, std::size_t end) const {
    const auto& entries = rows_.entries_;
    for (std::size_t i = begin; i + 1 < end; ++i)
      if (same_cell(entries[i], entries[i + 1]) && (entries[i].value != entries[i + 1].value || entries[i].value < 0))
        return false;
    return true;
  }

  // "Ward 3 Total" behind the precincts of ward 3.
  void drop_total_units() {
    std::vector<bool> left_out(n_);
    for (std::size_t u = 0; u < n_; ++u) {
      const std::string_view key = rows_.units_[u];
      const auto name = key.substr(key.rfind('/') == std::string_view::npos ? 0 : key.rfind('/') + 1);
      if (!has_total_word(name)) continue;
      left_out[u] = is_sum_of_units_before(u, left_out);
      caveat(left_out[u]
                 ? fmt::format("'{}' is the sum of the precincts before it and is no precinct.", key)
                 : fmt::format("'{}' is named as a total and is not the sum of precincts before it; it is counted "
                               "as a precinct.",
                               key));
    }
    if (std::find(left_out.begin(), left_out.end(), true) == left_out.end()) return;
    std::vector<std::uint32_t> at(n_);
    std::vector<std::string> units;
    for (std::size_t u = 0; u < n_; ++u) {
      at[u] = static_cast<std::uint32_t>(units.size());
      if (!left_out[u]) units.push_back(rows_.units_[u]);
    }
    for (auto& line : lines_) {
      for (std::size_t u = 0; u < n_; ++u)
        if (!left_out[u]) line[at[u]] = line[u];
      line.resize(units.size());
    }
    for (auto* entries : {&unreadable_, &copies_}) {
      std::erase_if(*entries, [&](const auto& entry) { return left_out[entry.unit]; });
      for (auto& entry : *entries) entry.unit = at[entry.unit];
    }
    rows_.units_ = std::move(units);
    n_ = rows_.units_.size();
  }

  bool is_sum_of_units_before(std::size_t total, const std::vector<bool>& left_out) const {
    std::vector<std::int64_t> sum(lines_.size());
    int taken = 0;
    for (std::size_t u = total; u-- > 0;) {
      if (left_out[u]) continue;
      bool equal = true;
      for (std::size_t line = 0; line < lines_.size(); ++line) {
        sum[line] += known(lines_[line], u);
        if (sum[line] > known(lines_[line], total)) return false;
        equal = equal && sum[line] == known(lines_[line], total);
      }
      if (++taken >= 2 && equal) return true;
    }
    return false;
  }

  // Lines become options, or columns that no option is.
  void sort_lines() {
    std::map<std::string, std::size_t> of_name;
    std::vector<std::pair<NameKind, std::uint32_t>> columns;
    for (std::uint32_t line = 0; line < rows_.lines_.size(); ++line) {
      const auto& [name, party, folded_name] = rows_.lines_[line];
      const auto kind = name.empty() ? NameKind::option : name_kind(name);
      if (kind != NameKind::option && kind != NameKind::write_in_total) {
        columns.emplace_back(kind, line);
        continue;
      }
      const auto key = (name.empty() ? party : folded_name) + (rows_.primary_ || name.empty() ? "\x1f" + party : "");
      const auto [found, fresh] = of_name.emplace(key, options_.size());
      if (fresh)
        options_.push_back(
            {name.empty() ? party : name, name.empty() ? folded(party) : folded_name, {}, Values(n_), kind});
      auto& option = options_[found->second];
      option.lines.push_back(line);
      add_to(option.votes, lines_[line]);
    }
    for (const auto& [kind, line] : columns) take_column(kind, line);
    if (over_ > 0 && under_ > 0)
      caveat("Null votes are the overvotes, blank votes the undervotes of the file.");
    else if (over_ > 0)
      caveat("Null votes are the overvotes of the file.");
    else if (under_ > 0)
      caveat("Blank votes are the undervotes of the file.");
  }

  void take_column(NameKind kind, std::uint32_t line) {
    const auto& values = lines_[line];
    switch (kind) {
      case NameKind::over_votes:
        ++over_;
        [[fallthrough]];
      case NameKind::null:
        return add_to(nulls_, values);
      case NameKind::under_votes:
        ++under_;
        [[fallthrough]];
      case NameKind::blank:
        return add_to(blanks_, values);
      case NameKind::registered:
        return registered_.empty() ? add_to(registered_, values) : keep_as_field(line);
      case NameKind::abstention:
        return keep_as_field(line);
      default:
        totals_.emplace_back(kind, line);
    }
  }

  void add_to(Values& sum, const Values& values) const {
    sum.resize(n_);
    for (std::size_t u = 0; u < n_; ++u)
      if (values[u]) sum[u] = sum[u].value_or(0) + *values[u];
  }

  void keep_as_field(std::uint32_t line) {
    const auto& name = rows_.lines_[line].name;
    count_.fields.push_back({ids_.of(name, "field"), name, as_column(lines_[line])});
  }

  // "Total Votes", "Ballots Cast": which sum they are is for the rows to say; the words break a tie.
  void place_totals() {
    for (const auto& [kind, line] : totals_) {
      const auto& values = lines_[line];
      std::int64_t as_valid = 0, as_cast = 0;
      for (std::size_t u = 0; u < n_; ++u) {
        if (!values[u]) continue;
        const auto valid = sum_of_options(u), spoilt = at(blanks_, u) + at(nulls_, u);
        as_valid += *values[u] == valid;
        as_cast += *values[u] == valid + spoilt;
      }
      const std::string words = rows_.lines_[line].folded_name;
      const bool named_cast = kind == NameKind::cast && words.find("ballot") != std::string::npos;
      const bool is_cast = kind != NameKind::valid && (as_cast != as_valid ? as_cast > as_valid : named_cast);
      Values& column = is_cast ? cast_ : valid_;
      if (column.empty())
        add_to(column, values);
      else
        keep_as_field(line);
    }
  }

  static std::int64_t at(const Values& values, std::size_t unit) { return values.empty() ? 0 : known(values, unit); }

  std::int64_t sum_of_options(std::size_t unit) const {
    std::int64_t sum = 0;
    for (const auto& option : options_)
      if (!option.left_out) sum += known(option.votes, unit);
    return sum;
  }

  // In how many units the options, blank and null votes add up to the ballots cast when `less` is taken off.
  std::int64_t units_that_add_up(const std::function<std::int64_t(std::size_t)>& less) const {
    std::int64_t units = 0;
    for (std::size_t u = 0; u < n_; ++u) {
      const auto stated = cast_.empty() ? std::nullopt : cast_[u];
      units += stated && *stated == sum_of_options(u) - less(u) + at(blanks_, u) + at(nulls_, u);
    }
    return units;
  }

  bool cast_contradicts(const Option& option) const {
    return units_that_add_up([](std::size_t) { return 0; }) >
           units_that_add_up([&](std::size_t u) { return known(option.votes, u); });
  }

  void drop_subtotals() {
    drop_totals_of_write_ins();
    constexpr std::size_t most_looked_at = 200;
    if (options_.size() > most_looked_at) return;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      auto& option = options_[i];
      if (option.left_out) continue;
      const auto positive =
          std::count_if(option.votes.begin(), option.votes.end(), [](const auto& v) { return v.value_or(0) > 0; });
      const bool named = has_total_word(option.name);
      constexpr std::int64_t fewest_units = 5;  // by chance so many sums do not agree
      if (positive < (named ? 1 : fewest_units)) continue;
      if (!(is_sum_of_run(i, -1) || is_sum_of_run(i, 1)) || cast_contradicts(option)) continue;
      option.left_out = true;
      caveat(fmt::format("'{}' is the sum of other names in every precinct and is no option.", option.name));
    }
  }

  // Is the option the sum of two or more neighbours on one side, in every unit?
  bool is_sum_of_run(std::size_t at, int step) const {
    std::vector<std::int64_t> sum(n_);
    const auto& total = options_[at].votes;
    int taken = 0;
    for (auto i = static_cast<std::ptrdiff_t>(at) + step; i >= 0 && i < static_cast<std::ptrdiff_t>(options_.size());
         i += step) {
      const auto& next = options_[static_cast<std::size_t>(i)];
      if (next.left_out) continue;
      bool equal = true;
      for (std::size_t u = 0; u < n_; ++u) {
        sum[u] += known(next.votes, u);
        if (sum[u] > known(total, u)) return false;
        equal = equal && sum[u] == known(total, u);
      }
      if (++taken >= 2 && equal) return true;
    }
    return false;
  }

  void drop_totals_of_write_ins() {
    std::vector<std::size_t> items;
    for (std::size_t i = 0; i < options_.size(); ++i)
      if (is_write_in(options_[i].folded_name) && !is_general_write_in(options_[i].folded_name) &&
          options_[i].kind == NameKind::option)
        items.push_back(i);
    if (items.empty()) return;
    std::vector<std::int64_t> itemised(n_);
    for (const auto i : items)
      for (std::size_t u = 0; u < n_; ++u) itemised[u] += known(options_[i].votes, u);
    for (auto& option : options_) {
      const bool total = option.kind == NameKind::write_in_total;
      if (!total && !is_general_write_in(option.folded_name)) continue;
      bool equal = true, covers = true, positive = false;
      for (std::size_t u = 0; u < n_; ++u) {
        equal = equal && known(option.votes, u) == itemised[u];
        covers = covers && known(option.votes, u) >= itemised[u];
        positive = positive || itemised[u] > 0;
      }
      if (equal && positive && !cast_contradicts(option)) {
        option.left_out = true;
        caveat(fmt::format("'{}' is the sum of the write-ins beside it and is no option.", option.name));
      } else if (total && covers && positive) {
        for (std::size_t u = 0; u < n_; ++u)
          if (option.votes[u]) *option.votes[u] -= itemised[u];
        caveat(fmt::format("Of '{}' only what the itemised write-ins leave of it is counted.", option.name));
        option.name += " (not itemised)";
      } else if (total && positive) {
        caveat(fmt::format("'{}' and the itemised write-ins do not agree; both are counted.", option.name));
      }
    }
  }

  Column as_column(const Values& values) const {
    Column out(n_, missing);
    for (std::size_t u = 0; u < n_ && u < values.size(); ++u)
      if (values[u] && *values[u] >= 0 && *values[u] <= most) out[u] = static_cast<std::int32_t>(*values[u]);
    return out;
  }

  // What the contest does not state of a unit, the file states of the unit as a whole.
  void fill_from(Column& column, const ContestRows::OfUnits& whole) {
    const bool registered = &column == &count_.registered;
    Values& own = registered ? registered_ : cast_;
    if (own.empty() && !whole.empty()) own.resize(n_);
    for (std::size_t u = 0; u < own.size(); ++u)
      if (const auto found = whole.find(rows_.units_[u]); !own[u] && found != whole.end()) own[u] = found->second;
    if (std::none_of(own.begin(), own.end(), [](const auto& v) { return v.has_value(); })) own.clear();
    if (!own.empty()) column = as_column(own);
  }

  std::string shown(const Option& option) const {
    std::vector<std::string> parties;
    for (const auto line : option.lines)
      if (const auto& party = rows_.lines_[line].party; !party.empty() && party != option.name)
        parties.push_back(party);
    return parties.empty() ? option.name : fmt::format("{} ({})", option.name, fmt::join(parties, ", "));
  }

  void write_options() {
    for (const auto& [values, column] :
         {std::pair{&valid_, &count_.valid}, std::pair{&blanks_, &count_.blank}, std::pair{&nulls_, &count_.null}})
      if (!values->empty()) *column = as_column(*values);
    std::int64_t merged = 0;
    for (const auto& option : options_) {
      if (option.left_out) continue;
      const auto id = ids_.of(option.name, "option");
      count_.contest.options.push_back({OptionId{id}, shown(option)});
      option_lines_.push_back(option.lines);
      for (std::size_t u = 0; u < n_; ++u) {
        const auto votes = known(option.votes, u);
        count_.votes.push_back(votes < 0 || votes > most ? missing : static_cast<std::int32_t>(votes));
      }
      if (option.lines.size() < 2) continue;
      ++merged;
      Identity lines{"lines-" + id, {}, Relation::equal, {id}, fmt::format("the lines of {} add up", option.name)};
      for (const auto line : option.lines) {
        const auto& party = rows_.lines_[line].party;
        const auto name = fmt::format("{} ({})", option.name, party.empty() ? "no party" : party);
        const auto field = ids_.of(option.name + " " + party, "line");
        Values values = lines_[line];
        for (auto& value : values) value = value.value_or(0);
        count_.fields.push_back({field, name, as_column(values)});
        lines.left.push_back(field);
      }
      count_.checks.push_back(std::move(lines));
    }
    if (merged > 0)
      caveat(fmt::format("{} on the lines of several parties: the lines are added, and kept as fields.",
                         counted(merged, "candidate stands", "candidates stand")));
  }

  // The rows set aside, each with the fewest and most votes that it can mean for its option.
  void write_rejected() {
    for (const auto& entry : copies_) reject(entry, "the same row stands in this precinct already", entry.value);
    for (const auto& [line, row] : rows_.above_) {
      const auto value = whole_number(row.text);
      reject({.unit = no_unit,
              .line = line,
              .value = value.value_or(0),
              .row = row.row,
              .readable = value.has_value(),
              .of_all_modes = false,
              .text = row.text},
             "votes of a whole county for a name that none of its precincts has", value);
    }
    for (const auto& entry : unreadable_) {
      std::optional<std::int64_t> room;
      const auto& total = !cast_.empty() && cast_[entry.unit] ? cast_ : registered_;
      if (!total.empty() && total[entry.unit])
        room = std::max<std::int64_t>(
            0, *total[entry.unit] - sum_of_options(entry.unit) - at(blanks_, entry.unit) - at(nulls_, entry.unit));
      if (const auto below = below_of(entry.text); below && (!room || *below < *room)) room = below;
      reject(entry, "expected a whole number of votes", room);
    }
    if (!unreadable_.empty())
      caveat(fmt::format("{} without a number that can be read, set aside.", counted(unreadable_.size(), "row")));
  }

  // "<10" means at most 9.
  static std::optional<std::int64_t> below_of(std::string_view text) {
    text = trimmed(text);
    if (!text.starts_with('<')) return {};
    const auto value = whole_number(text.substr(1));
    return value && *value > 0 ? std::optional(*value - 1) : std::nullopt;
  }

  void reject(const ContestRows::Entry& entry, std::string reason, std::optional<std::int64_t> at_most) {
    const auto& line = rows_.lines_[entry.line];
    const auto unit = entry.unit == no_unit ? std::string() : rows_.units_[entry.unit];
    RejectedRow row{
        .file = rows_.file_,
        .row = entry.row,
        .column = "votes",
        .value = entry.readable ? std::to_string(entry.value) : entry.text,
        .reason = std::move(reason),
        .text = nlohmann::json({unit, line.party, line.name, entry.readable ? std::to_string(entry.value) : entry.text})
                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
    std::optional<std::size_t> option;
    for (std::size_t i = 0; i < option_lines_.size(); ++i)
      if (std::find(option_lines_[i].begin(), option_lines_[i].end(), entry.line) != option_lines_[i].end()) option = i;
    if (!option) {  // no vote of an option: a cell of a column
      count_.unreadable.push_back({unit, line.name, row.value, row.reason, row.row});
      return;
    }
    if (at_most) {
      row.votes.resize(count_.contest.options.size());
      row.votes[*option] = {0, *at_most};
    }
    if (!entry.readable) count_.votes[*option * n_ + entry.unit] = missing;
    count_.rejected.push_back(std::move(row));
  }

  ContestRows& rows_;
  Count& count_;
  std::size_t n_;
  std::vector<Values> lines_;
  std::vector<Option> options_;
  std::vector<std::vector<std::uint32_t>> option_lines_;  // of the options that stayed
  std::vector<std::pair<NameKind, std::uint32_t>> totals_;
  Values registered_, cast_, valid_, blanks_, nulls_;
  int over_ = 0, under_ = 0;
  UniqueIds ids_{{"registered", "cast", "valid", "blank", "null", "options"}};
  Entries unreadable_, copies_;
};

void ContestRows::finish(Count& count, const OfUnits& registered, const OfUnits& cast) {
  ContestResult(*this, count).run(registered, cast);
}

}  // namespace cotejo::exchange
