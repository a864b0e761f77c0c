#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/dispute/tally_chain.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

namespace {

const std::string& id_of(const TallyChain& chain, std::size_t level) { return chain.levels[level].count.text; }

// Without `comparable`, outcomes of sums that lack some sheets of their level are left out.
Table table_of_levels(const TallyChain& chain, const Count& lowest, const Rule* rule, bool comparable) {
  Table out{.id = "levels",
            .title = "What each level's sheets count, the lowest first",
            .columns = {{"count"},
                        {"level"},
                        {"sheets", "sheets", "that belong to a unit or place of the lowest level"},
                        {"without", "places", "without a sheet: the sum below stands in"},
                        {"unplaced", "sheets", "that belong to none: in no sum"},
                        {"valid", "votes"}},
            .rows = {},
            .brief = {"count", "level", "sheets", "unplaced", rule ? "outcome" : "valid"}};
  for (const auto& option : lowest.contest.options) out.columns.push_back({option.id.text, "votes"});
  if (rule)
    out.columns.insert(out.columns.end(), {{"slack_votes", "votes", "value of the binding clause; negative: not met"}, {"outcome"}});
  for (const auto& level : chain.levels) {
    std::vector<Cell> row = {level.count.text, level.level, level.sheets, level.places_without, level.unplaced,
                             level.counted.valid};
    for (const auto votes : level.counted.options) row.emplace_back(votes);
    if (rule && comparable) {
      const Outcome outcome = apply(*rule, lowest.contest, level.counted);
      row.emplace_back(outcome.slack.value());
      row.emplace_back(describe(outcome, lowest.contest));
    } else if (rule) {
      row.insert(row.end(), 2, Cell{});
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

Table table_of_links(const TallyChain& chain) {
  Table out{.id = "links",
            .title = "Where votes appear, vanish or move between a count's sheets and the sums of the level below",
            .columns = {{"count"},
                        {"sheets", "sheets", "compared"},
                        {"differing", "sheets", "that differ from the sum below in some field"},
                        {"appear", "votes", "more on the sheet than below, all options together"},
                        {"vanish", "votes", "fewer on the sheet than below, all options together"},
                        {"moved", "votes", "from one option to another on the same sheet"}},
            .rows = {}};
  for (std::size_t l = 1; l < chain.levels.size(); ++l) {
    const auto& level = chain.levels[l];
    out.rows.push_back({id_of(chain, l), level.sheets, level.differing, level.appear, level.vanish, level.moved});
  }
  return out;
}

Table table_of_gains(const TallyChain& chain) {
  Table out{.id = "gains",
            .title = "Who gains at each level",
            .columns = {{"count"},
                        {"field"},
                        {"net", "votes", "sheets less the sums below"},
                        {"gained", "votes"},
                        {"lost", "votes"},
                        {"sheets", "sheets", "that differ"}},
            .rows = {}};
  for (std::size_t l = 1; l < chain.levels.size(); ++l)
    for (const auto& change : chain.levels[l].changes)
      out.rows.push_back({id_of(chain, l), change.field, change.gained - change.lost, change.gained, change.lost, change.sheets});
  return out;
}

Table table_of_differences(const TallyChain& chain, std::size_t limit) {
  Table out{.id = "differences",
            .title = "Sheets that differ from the sum below, the largest differences first",
            .columns = {{"count"}, {"place"}, {"field"}, {"below", "votes"}, {"sheet", "votes"}, {"difference", "votes"}},
            .rows = {}};
  for (std::size_t i = 0; i < std::min(limit, chain.differences.size()); ++i) {
    const auto& d = chain.differences[i];
    out.rows.push_back({id_of(chain, d.level), d.place, d.field, d.below, d.sheet, d.sheet - d.below});
  }
  return out;
}

Table table_of_lone(const TallyChain& chain, std::size_t limit) {
  Table out{.id = "one-level-only",
            .title = "Sheets of no place, and places without a sheet",
            .columns = {{"count"}, {"place"}, {"what"}, {"valid", "votes"}},
            .rows = {}};
  for (std::size_t i = 0; i < std::min(limit, chain.lone.size()); ++i) {
    const auto& lone = chain.lone[i];
    out.rows.push_back({id_of(chain, lone.level), lone.place,
                        std::string(lone.sheet ? "sheet of no place" : "no sheet"), lone.votes});
  }
  return out;
}

// A ladder of levels: the lead of the first option over the second, both as the lowest level ranks them.
void add_ladder(const TallyChain& chain, Finding& finding) {
  const auto order = ranking(chain.levels[0].counted);
  if (order.size() < 2) return;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& level : chain.levels)
    rows.push_back({level.count.text, level.counted.options[order[0]] - level.counted.options[order[1]]});
  const nlohmann::ordered_json data{{"columns", {"label", "value"}}, {"rows", rows}, {"unit", "votes"}};
  finding.figures.push_back({"ladder", "bars", "The lead of the first option over the second, as counted at each level",
                             data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)});
}

// Some differences resolved as on the sheet, the others as below: could that change the outcome of the lowest level?
bool differences_could_decide(const TallyChain& chain, const Count& lowest, const Rule& rule) {
  std::vector<VoteRange> ranges(lowest.options());
  for (const auto& level : chain.levels)
    for (const auto& change : level.changes)
      if (const int o = lowest.contest.index_of(OptionId{change.field}); o >= 0) {
        ranges[static_cast<std::size_t>(o)].least -= change.lost;
        ranges[static_cast<std::size_t>(o)].most += change.gained;
      }
  return could_decide(rule, lowest.contest, chain.levels[0].counted, ranges);
}

// `comparable`: no sheet, and no option of a sheet, is left out of the sums.
std::pair<ForOutcome, std::string> outcome_by_level(const TallyChain& chain, const Count& lowest, const Rule& rule, bool comparable) {
  if (!comparable) return {ForOutcome::unknown, "the outcomes of the levels cannot be compared"};
  const Outcome base = apply(rule, lowest.contest, chain.levels[0].counted);
  const bool same = std::all_of(chain.levels.begin(), chain.levels.end(), [&](const auto& level) {
    return apply(rule, lowest.contest, level.counted).same_as(base);
  });
  if (!same) return {ForOutcome::depends, "the outcome depends on the level that is counted"};
  if (!chain.differences.empty() && differences_could_decide(chain, lowest, rule))
    return {ForOutcome::depends, "the outcome is the same from every level, but some of the differences alone could change it"};
  return {ForOutcome::holds, "the outcome is the same from every level"};
}

}  // namespace

MethodInfo TallyChainRequest::info() {
  return {.id = "tally-chain",
          .family = "dispute",
          .title = "Every level's sheets against the sums below",
          .question = "Do the sheets of every level add up, and is the outcome the same from each level?",
          .assumes = "A sheet's key is that of a unit, or the code, path or name of a place, of the lowest level.",
          .cost = "linear in units, for each level",
          .references = {},
          .see_also = {"arithmetic", "collate"}};
}

const OptionTable<TallyChainRequest>& TallyChainRequest::table() {
  static const OptionTable<TallyChainRequest> options = [] {
    OptionTable<TallyChainRequest> t;
    t.add(&TallyChainRequest::list_limit, {.name = "list_limit",
                                           .unit = "rows",
                                           .text = "How many differences, and sheets at one level only, the tables list; all are counted.",
                                           .low = 0,
                                           .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& lowest, const TallyChainRequest& request, const Context& context) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, lowest));
  COTEJO_TRY(chain, compute_tally_chain(lowest, request));
  Finding finding = open_finding(TallyChainRequest::info(), lowest, context);
  for (const Count* other : request.others) add_input(finding, *other);
  std::int64_t sheets = 0, differing = 0, unplaced = 0, without = 0, appear = 0, vanish = 0, moved = 0;
  std::vector<std::string> strange;
  for (std::size_t l = 1; l < chain.levels.size(); ++l) {
    const auto& level = chain.levels[l];
    sheets += level.sheets, differing += level.differing, unplaced += level.unplaced, without += level.places_without;
    appear += level.appear, vanish += level.vanish, moved += level.moved;
    strange.insert(strange.end(), level.strange_options.begin(), level.strange_options.end());
  }
  finding.answer = differing > 0 ? Answer::no : sheets > 0 && unplaced == 0 && without == 0 ? Answer::yes : Answer::undetermined;
  finding.estimates = {
      {"levels", static_cast<double>(chain.levels.size()), "levels", "with the lowest"},
      {"sheets", static_cast<double>(sheets), "sheets", "above the lowest level, compared with the sum below"},
      {"sheets_differing", static_cast<double>(differing), "sheets", "that differ from the sum below in some field"},
      {"appear", static_cast<double>(appear), "votes", "more on sheets than below, all options together"},
      {"vanish", static_cast<double>(vanish), "votes", "fewer on sheets than below, all options together"},
      {"moved", static_cast<double>(moved), "votes", "from one option to another on the same sheet"},
      {"places_without_sheet", static_cast<double>(without), "places", "of a level that others of that level have a sheet for"},
      {"sheets_of_no_place", static_cast<double>(unplaced), "sheets", "in no sum"}};
  finding.conditions = {{fmt::format("Every sheet belongs to a unit or place of the lowest level ({} do not)", unplaced), unplaced == 0},
                        {fmt::format("Every place has a sheet on each level ({} have none)", without), without == 0},
                        {fmt::format("The lowest level has every option of the sheets above (not: {})",
                                     strange.empty() ? "0" : fmt::format("{}", fmt::join(strange, ", "))),
                         strange.empty()}};
  finding.tables = {table_of_levels(chain, lowest, request.rule, unplaced == 0 && strange.empty()), table_of_links(chain), table_of_gains(chain),
                    table_of_differences(chain, static_cast<std::size_t>(request.list_limit)),
                    table_of_lone(chain, static_cast<std::size_t>(request.list_limit))};
  add_ladder(chain, finding);
  finding.does_not_show = {"Which sheet is right.", "Whether a difference is a slip or intended.",
                           "Whether a unit that has no sheet at any level voted."};
  if (chain.differences.size() > finding.tables[3].rows.size())
    finding.tables[3].title += fmt::format(" (the first {} of {})", finding.tables[3].rows.size(), chain.differences.size());

  finding.headline =
      differing > 0
          ? fmt::format("{} of the {} differ from the sum below: {} votes appear, {} vanish and {} move between options.",
                        with_thousands(differing), counted(sheets, "sheet"), with_thousands(appear), with_thousands(vanish),
                        with_thousands(moved))
          : fmt::format("No sheet differs from the sum below ({}).", counted(sheets, "sheet"));
  finding.in_short = {differing > 0 ? fmt::format("{} of the {} differ from the sum below", with_thousands(differing), counted(sheets, "sheet"))
                                    : std::string("no sheet differs from the sum below")};
  if (unplaced > 0)
    finding.headline += fmt::format(" In no sum: {} whose unit or place the lowest level lacks.",
                                    counted(unplaced, "sheet"));
  if (request.rule) {
    const auto [for_outcome, clause] = outcome_by_level(chain, lowest, *request.rule, unplaced == 0 && strange.empty());
    finding.for_outcome = for_outcome;
    finding.in_short.emplace_back(clause);
    finding.headline += fmt::format(" {}.", capitalised(clause));
  }
  return finding;
}

}  // namespace cotejo
