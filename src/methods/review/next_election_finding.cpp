#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <limits>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/naming.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "next_election_result.hpp"

namespace cotejo {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

double as_double(std::int64_t n) {
  return static_cast<double>(n);
}

std::string plural(std::int64_t n, std::string_view what) {
  return fmt::format("{} {}{}", with_thousands(n), what, n == 1 ? "" : "s");
}

void add_estimates(const NextElectionResult& r, Finding& finding) {
  finding.estimates = {
      {"precincts_objected", as_double(r.precincts_objected), r.level,
       fmt::format("places of level {} with an objected unit", r.level)},
      {"precincts_linked", as_double(r.precincts_linked), r.level, "of these, linked to a place of the second count"},
      {"precincts_compared", as_double(r.compared), r.level, "of these, with valid votes in both"},
      {"leader_share_before_percent", r.share_before, "% of valid votes",
       fmt::format("{} in every unit of the linked objected places, first count", r.option_id)},
      {"leader_share_after_percent", r.share_after, "% of valid votes",
       fmt::format("{} in the same places, second count", r.second.contest.options[r.option_after].id.text)},
      {"leader_votes_before", as_double(r.objected_before.votes), "votes",
       "votes in every unit of the linked objected places, first count"},
      {"leader_votes_after", as_double(r.objected_after.votes), "votes",
       "votes in the same places, second count." + r.votes_caveat},
      {"precincts_same_or_more_share", as_double(r.same_share), r.level,
       "compared places whose share after is at least that before"},
      {"precincts_same_or_more_votes", as_double(r.same_votes), r.level,
       "linked places whose votes after are at least those before." + r.votes_caveat},
      {"difference_in_differences_points", r.comparison.difference, "points of valid votes",
       "change in the objected places minus change in their matched controls, weighted by valid votes before", r.low,
       r.high, r.low ? std::optional(r.request.confidence) : std::nullopt},
      {"difference_in_differences_equal_points", r.comparison.equal, "points of valid votes",
       "the same, each objected place counted once"},
      {"precincts_matched", as_double(r.matched.size()), r.level, "compared objected places with enough controls"},
      {"change_objected_points", r.comparison.change_objected, "points of valid votes",
       "weighted mean change of the matched objected places"},
      {"change_controls_points", r.comparison.change_controls, "points of valid votes",
       "weighted mean change of their controls"},
      {"matched_share_before_percent", r.comparison.percent_objected, "% of valid votes",
       "weighted mean share before of the matched objected places"},
      {"controls_share_before_percent", r.comparison.percent_controls, "% of valid votes",
       "weighted mean share before of their controls"},
      {"controls_same_or_more_share_percent",
       r.matched.empty() ? not_known : 100 * r.controls_up / as_double(r.matched.size()), "% of controls",
       "controls whose share after is at least that before, mean over the objected places"},
      {"objected_same_or_more_share_percent", percent_of(as_double(r.same_share), as_double(r.compared)).value,
       "% of compared places", "objected places whose share after is at least that before"},
      {"votes_above_controls", r.votes_above(r.comparison.difference), "votes",
       "-D sum V_i / 100: votes before above what the change of the matched places gives; negative: below",
       r.high ? std::optional(r.votes_above(r.bound_high)) : std::nullopt, r.most_above,
       r.low ? std::optional(r.request.confidence) : std::nullopt},
      {"largest_influence_points", r.weights.empty() ? not_known : r.weights[0].contribution, "points of valid votes",
       "the largest part that one place has in the difference in differences (table influence)"},
      {"difference_without_largest_points", r.weights.empty() ? not_known : r.weights[0].without,
       "points of valid votes", "the difference in differences without that place"},
      {"matched_from_whole_count", as_double(r.from_everywhere), r.level,
       "matched objected places whose controls had to be taken from the whole count"},
      {"placebo_lists", as_double(r.placebos.lists), "lists",
       "lists of as many places nobody objected to, of nearly the shares and sizes of the objected ones"},
      {"placebo_coverage_percent", r.placebos_known ? r.placebos.coverage_percent : not_known, "% of placebo lists",
       "placebo lists whose interval holds zero"},
      {"placebo_centre_points", r.placebos_known ? r.placebos.centre : not_known, "points of valid votes",
       "mean difference in differences of the placebo lists: regression to the mean, which matching did not take out",
       r.placebos_known ? std::optional(r.placebos.low) : std::nullopt,
       r.placebos_known ? std::optional(r.placebos.high) : std::nullopt,
       r.placebos_known ? std::optional(r.request.confidence) : std::nullopt},
      {"placebo_bound_percent", r.placebos_known ? r.placebos.bound_percent : not_known, "% of placebo lists",
       "placebo lists where the wider of their interval and the spread of all other lists holds zero, as the bound "
       "here is drawn"},
      {"placebo_share_gap_points", r.placebos_known ? r.placebos.share_gap : not_known, "points of valid votes",
       "share before of the places of the placebo lists less that of their controls: places are more extreme than "
       "those around them"},
      {"placebo_from_gap_points", r.placebos_known ? r.placebos.from_gap : not_known, "points of valid votes",
       "the part of the placebo lists' mean that this gap makes (regression of a place's difference on its own gap)"},
      {"placebo_as_low_percent", r.placebos_known ? r.placebos.as_low_percent : not_known, "% of placebo lists",
       "placebo lists whose difference is at most that of the objected places"},
      {"bootstrap_clusters", as_double(r.clusters), "clusters", "clusters among the matched places"},
      {"links", as_double(static_cast<std::int64_t>(r.linkage.links.size())), r.level, "links in all"},
      {"leader_votes_before_all", as_double(r.all_objected_before.votes), "votes",
       "votes in every unit of all objected places, linked or not"},
      {"votes_above_later_share", r.later_share_deficit, "votes",
       "sum of M_before - s_after V_before: votes above what the later share gives; negative: below"},
      {"votes_above_later_share_where_less", r.later_share_deficit_where_less, "votes",
       "the same, only over places whose share fell"}};
}

// The answer is about the difference to matched places; the raw "same or more" has a ceiling and answers nothing.
void answer(const NextElectionResult& r, Finding& finding) {
  if (r.enough() && r.has_controls() && r.request.rule) {
    const auto above = [&](Mechanism mechanism) {
      return VotesInQuestion{.mechanism = mechanism,
                             .votes = std::max(0.0, r.votes_above(r.comparison.difference)),
                             .low = std::max(0.0, r.votes_above(r.bound_high)),
                             .high = std::max(0.0, *r.most_above),
                             .direction = {.from = r.option},
                             .what = "votes above what the matched places give"};
    };
    const std::array entries{above(Mechanism::moved), above(Mechanism::withdrawn)};
    hold_against_rule(finding, *r.request.rule, r.first.contest, tally(r.first), entries);
  }
  const bool too_wide = finding.at_stake && finding.at_stake->decisive && r.bound_high >= 0;
  finding.answer = !r.enough() || !r.has_controls() || too_wide ? Answer::undetermined
                   : r.bound_high < 0                           ? Answer::no
                                                                : Answer::yes;
}

void add_conditions(const NextElectionResult& r, Finding& finding) {
  finding.conditions = {
      {fmt::format("At least half of the objected places are linked ({} of {})", r.precincts_linked,
                   r.precincts_objected),
       2 * r.precincts_linked >= r.precincts_objected && r.precincts_linked > 0},
      {std::isnan(r.coverage)
           ? (r.second.snapshot_of.text.empty()
                  ? std::string(
                        "The second count holds the linked places whole (registered voters are not known in both)")
                  : fmt::format("The second count is complete (it is a snapshot of {})", r.second.snapshot_of.text))
           : fmt::format("The second count holds the linked places whole: registered voters there are {} % of the "
                         "first count's",
                         fixed(100 * r.coverage, 1)),
       r.second_complete},
      {fmt::format("Most compared places have matched controls ({} of {})", r.matched.size(), r.compared),
       2 * static_cast<std::int64_t>(r.matched.size()) >= r.compared && r.compared > 0}};
  if (!r.matched.empty()) {
    finding.conditions.push_back(
        {fmt::format("Controls lie near the objected places, none in the whole count ({} of {} are matched from the "
                     "whole count)",
                     r.from_everywhere, r.matched.size()),
         r.from_everywhere == 0});
    finding.conditions.push_back(
        {r.placebos_known
             ? fmt::format("The interval holds zero for lists of other places chosen in the same way ({} % of {} "
                           "placebo lists; their mean is {} points)",
                           fixed(r.placebos.coverage_percent, 1), r.placebos.lists, fixed(r.placebos.centre, 2))
             : std::string("The interval holds zero for lists of other places chosen in the same way (there are too "
                           "few other places for placebo lists)"),
         r.interval_holds});
    finding.conditions.push_back(
        {fmt::format("No single place makes the difference ({} points of {} come from one place; without it {})",
                     fixed(r.weights[0].contribution, 2), fixed(r.comparison.difference, 2),
                     fixed(r.weights[0].without, 2)),
         std::abs(r.weights[0].contribution) <= .5 * std::abs(r.comparison.difference)});
    finding.conditions.push_back(
        {fmt::format(
             "Controls had the same share before as the objected places, to within {} point ({} % against {} %)",
             fixed(balanced_points, 0), fixed(r.comparison.percent_controls, 2),
             fixed(r.comparison.percent_objected, 2)),
         std::abs(r.comparison.percent_controls - r.comparison.percent_objected) <= balanced_points});
  }
  if (r.without_place > 0)
    finding.conditions.push_back(
        {fmt::format("Every objected unit has a place on level {} ({} have none)", r.level, r.without_place), false});
  if (r.request.crosswalk && r.request.link != "names")
    finding.conditions.push_back(
        {fmt::format("The crosswalk's codes are those of the second count ({} places linked by code)", r.by_code),
         r.by_code > 0});
  if (r.by_code > 0)
    finding.conditions.push_back({fmt::format("Codes name the same places: names agree for {} of {} links by code",
                                              r.codes_and_names_agree, r.by_code),
                                  2 * r.codes_and_names_agree >= r.by_code});
}

void add_limits(const NextElectionResult& r, Finding& finding) {
  finding.does_not_show = {
      "That either count is right: a fault may repeat, and opinions change between elections.",
      "That the objection was unfounded or founded for a single unit: places are compared, not units.",
      "What votes mean where turnout, boundaries or the number of voters changed: shares are compared first, votes "
      "beside them.",
      "Cause: the difference in differences says how objected places changed beside places that looked alike before; "
      "the objected ones were chosen for a reason, "
      "and matching on the share before removes only what that share carries."};
  if (!r.second.caveats.empty())
    finding.does_not_show.push_back("More about votes than the second count can say:" + r.votes_caveat);
}

// "at most 500 votes ... against 17,336 needed": how many would have to be.
std::string against_needed(const Finding& finding) {
  if (!finding.at_stake || !finding.at_stake->needed) return "";
  return fmt::format(", against {} needed", with_thousands(std::llround(*finding.at_stake->needed)));
}

// "86 of 86 objected places link (86 by code)"
std::string linked_words(const NextElectionResult& r, const Finding& finding) {
  std::string how;
  for (const auto& row : finding.table("link_evidence")->rows)
    if (const auto n = std::get<std::int64_t>(row[2]); n > 0)
      how += fmt::format("{}{} by {}", how.empty() ? "" : ", ", n, std::get<std::string>(row[0]));
  return fmt::format("{} of {} link{}", r.precincts_linked, plural(r.precincts_objected, "objected place"),
                     how.empty() ? "" : fmt::format(" ({})", how));
}

std::string beside_matched_places(const NextElectionResult& r, const Finding& finding) {
  std::string out = fmt::format(
      "Beside matched places the objected ones changed by {} points [{}, {}]: at most {} for {} above what "
      "the matched places give{}.",
      fixed(r.comparison.difference, 2), fixed(r.bound_low, 2), fixed(r.bound_high, 2),
      counted(std::llround(std::max(0.0, *r.most_above)), "vote"), r.option_id, against_needed(finding));
  out += fmt::format(" The same share or more: {} of {} objected places ({} %), and {} % of their matched places.",
                     r.same_share, r.compared, fixed(100 * as_double(r.same_share) / as_double(r.compared), 1),
                     fixed(100 * r.controls_up / as_double(r.matched.size()), 1));
  if (std::abs(r.weights[0].contribution) > .5 * std::abs(r.comparison.difference))
    out += fmt::format(" One place makes {} points of the difference; without it {}.",
                       fixed(r.weights[0].contribution, 2), fixed(r.weights[0].without, 2));
  if (r.from_everywhere > 0)
    out += fmt::format(" {} of {} are matched from the whole count.", r.from_everywhere, r.matched.size());
  return out;
}

std::string before_and_after(const NextElectionResult& r, const std::string& linked) {
  return fmt::format(
      " {}: {} {} % before, {} % after{}.", linked, r.option_id, fixed(r.share_before, 2), fixed(r.share_after, 2),
      !r.second_complete ? "; votes cannot be compared, the second count is partial"
                         : fmt::format("; votes {} and {}{}", with_thousands(r.objected_before.votes),
                                       with_thousands(r.objected_after.votes),
                                       r.second.caveats.empty() ? "" : ", with the second count's caveat"));
}

void add_headline(const NextElectionResult& r, Finding& finding) {
  const std::string linked = linked_words(r, finding);
  if (!r.enough()) {
    finding.headline = fmt::format("Undetermined: {}.", linked);
    return;
  }
  if (!r.has_controls()) {
    finding.headline = fmt::format(
                           "Undetermined: only {} of {} compared places have matched places beside them, and a share "
                           "that rises or falls "
                           "alone says nothing.",
                           r.matched.size(), r.compared) +
                       before_and_after(r, linked);
    return;
  }
  finding.headline = beside_matched_places(r, finding) + before_and_after(r, linked);
  finding.in_short = {
      fmt::format("{} had the same share or more in {} of {} objected places in the next election ({} % before, {} % "
                  "after), and in {} % of matched places",
                  name_of(r.first.contest, r.option), r.same_share, r.compared, fixed(r.share_before, 1),
                  fixed(r.share_after, 1), fixed(100 * r.controls_up / as_double(r.matched.size()), 1)),
      fmt::format("at most {} for it are above what the matched places give{}",
                  counted(std::llround(std::max(0.0, *r.most_above)), "vote"), against_needed(finding))};
}

}  // namespace

Finding present(const NextElectionResult& r, const Context& context) {
  Finding finding = open_finding(NextElectionRequest::info(), r.first, context);
  add_input(finding, r.second);
  for (const Challenge* challenge : r.request.challenges) finding.inputs.push_back(input_of(*challenge));
  if (r.request.crosswalk) finding.inputs.push_back(input_of(*r.request.crosswalk));
  add_estimates(r, finding);
  add_tables(r, finding);
  answer(r, finding);
  add_conditions(r, finding);
  add_limits(r, finding);
  add_headline(r, finding);
  return finding;
}

}  // namespace cotejo
