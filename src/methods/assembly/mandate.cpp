#include "cotejo/methods/assembly/mandate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "assembly_support.hpp"
#include "recounting.hpp"

namespace cotejo {

MethodInfo MandateRequest::info() {
  return {.id = "mandate",
          .family = "assembly",
          .title = "What was put to the membership",
          .question = "Which acts were put to the membership, on what basis, and with what decision?",
          .assumes = "The ledger holds the acts in question; what no source says stays unknown.",
          .cost = "acts",
          .references = {}};
}

const OptionTable<MandateRequest>& MandateRequest::table() {
  static const OptionTable<MandateRequest> options = [] {
    OptionTable<MandateRequest> t;
    t.add(&MandateRequest::actor,
          {.name = "actor", .unit = "", .text = "Only acts of this actor, as the ledger names it; empty: all."});
    t.add(&MandateRequest::from, {.name = "from", .unit = "day", .text = "From this day on."});
    t.add(&MandateRequest::to, {.name = "to", .unit = "day", .text = "Up to this day."});
    t.add(&MandateRequest::known,
          {.name = "known", .unit = "day", .text = "As known at the end of this day; empty: all that is known now."});
    return t;
  }();
  return options;
}

Result<Finding> run(const Assembly& assembly, const MandateRequest& request, const Context& context) {
  COTEJO_TRY(known, day_option("known", request.known));
  COTEJO_TRY(from, day_option("from", request.from));
  COTEJO_TRY(to, day_option("to", request.to));
  std::optional<Assembly> kept;
  const Assembly& a = known_on(assembly, known, kept);
  std::vector<const Act*> acts;
  for (const auto& act : a.acts) {
    if (!request.actor.empty() && act.actor != request.actor) continue;
    if ((from && (!act.date || act.date.last < *from)) || (to && (!act.date || act.date.first > *to))) continue;
    acts.push_back(&act);
  }
  if (acts.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "the ledger has no acts of this actor in these days",
                 .remedy = "Acts stand in the tables under [[act]]."};
  std::stable_sort(acts.begin(), acts.end(), [](const Act* x, const Act* y) { return x->date.first < y->date.first; });

  Finding finding = open_finding(MandateRequest::info(), a, context);
  Table ledger{.id = "acts",
               .title = "The ledger of acts",
               .columns = {{"act"},
                           {"date"},
                           {"actor"},
                           {"organ"},
                           {"what"},
                           {"basis", "", "the article or mandate, in the tables' words; empty: none found"},
                           {"basis_stated", "", "the actor named it"},
                           {"motivation"},
                           {"submitted", "", "yes: before it took effect; afterwards; no; unknown: no source says"},
                           {"submitted_to"},
                           {"submitted_on"},
                           {"decision"},
                           {"objections"},
                           {"known", "", "how it is known"},
                           {"source"},
                           {"note"}},
               .rows = {},
               .brief = {"date", "what", "basis_stated", "submitted", "known"}};
  Table without{
      .id = "without",
      .title = "Acts that were not put to the membership beforehand, or of which no source says so",
      .columns = {{"act"}, {"date"}, {"what"}, {"submitted"}, {"basis_stated"}, {"basis"}, {"known"}, {"source"}},
      .rows = {},
      .brief = {"date", "what", "submitted", "basis_stated"}};
  Table decisions{.id = "decisions",
                  .title = "The decisions of the membership, recounted",
                  .columns = {{"act"},
                              {"roll_call"},
                              {"date"},
                              {"yes", "seats"},
                              {"no", "seats"},
                              {"abstain", "seats"},
                              {"needed", "seats"},
                              {"outcome"},
                              {"answer", "", "yes: adopted under all readings; no: under none; depends"}},
                  .rows = {}};
  std::size_t yes = 0, afterwards = 0, no = 0, unknown = 0, no_basis = 0, recalled = 0;
  for (const Act* act : acts) {
    yes += act->submitted == Submitted::yes;
    afterwards += act->submitted == Submitted::afterwards;
    no += act->submitted == Submitted::no;
    unknown += act->submitted == Submitted::unknown;
    no_basis += !act->basis_stated;
    recalled += act->fact.mark != Mark::sourced;
    const std::string how = act->fact.mark == Mark::sourced ? "from a source" : mark_text(act->fact.mark);
    const auto index = a.find_roll_call(act->decision);
    const std::string decision =
        index && !a.roll_calls[*index].document.empty() ? a.roll_calls[*index].document : act->decision;
    ledger.rows.push_back({act->id, to_text(act->date), act->actor, act->organ, act->title, act->basis,
                           act->basis_stated, act->motivation, std::string(to_text(act->submitted)), act->submitted_to,
                           to_text(act->submitted_on), decision, fmt::format("{}", fmt::join(act->objections, "; ")),
                           how, act->fact.source, act->fact.note});
    if (act->submitted != Submitted::yes)
      without.rows.push_back({act->id, to_text(act->date), act->title, std::string(to_text(act->submitted)),
                              act->basis_stated, act->basis, how, act->fact.source});
    if (!index) continue;
    const auto r = recount_one(a, *index, "", {});
    if (!r) {
      finding.conditions.push_back(
          {fmt::format("{}: the decision can be recounted ({})", act->id, r.error().message), false});
      continue;
    }
    const auto& own = r->own();
    decisions.rows.push_back({act->id, act->decision, to_text(a.roll_calls[*index].date), own.sums.yes, own.sums.no,
                              own.sums.abstain, own.decision->needed,
                              std::string(own.decision->adopted ? "adopted" : "rejected"),
                              std::string(r->rejected() == 0  ? "yes"
                                          : r->adopted() == 0 ? "no"
                                                              : "depends")});
  }
  const std::size_t n = acts.size();
  finding.answer = unknown == n                      ? Answer::undetermined
                   : yes == n                        ? Answer::yes
                   : yes + afterwards + unknown == 0 ? Answer::no
                                                     : Answer::depends;
  finding.headline = fmt::format(
      "Of {} acts, {} were put to the membership beforehand, {} afterwards, {} not; of {} no source says. {} stated no "
      "legal basis that was found.",
      n, yes, afterwards, no, unknown, no_basis);
  finding.in_short = {
      fmt::format("of {} acts the membership was asked about {} beforehand, {} afterwards and {} not at all", n, yes,
                  afterwards, no)};
  if (unknown > 0) finding.in_short.push_back(fmt::format("for {} no source says whether it was asked", unknown));
  if (no_basis > 0) finding.in_short.push_back(fmt::format("for {} no stated legal basis was found", no_basis));
  finding.estimates = {{"acts", static_cast<double>(n), "acts", "in the ledger"},
                       {"submitted", static_cast<double>(yes), "acts", "put to the membership before they took effect"},
                       {"submitted_afterwards", static_cast<double>(afterwards), "acts", "put to it afterwards"},
                       {"not_submitted", static_cast<double>(no), "acts", "a source says that they were not"},
                       {"unknown", static_cast<double>(unknown), "acts", "no source says either"},
                       {"without_stated_basis", static_cast<double>(no_basis), "acts",
                        "no article or mandate named by the actor was found"}};
  finding.conditions.push_back(
      {recalled == 0 ? std::string("Every act is known from a source")
                     : fmt::format("Every act is known from a source ({} are by recall or elimination)", recalled),
       recalled == 0});
  finding.conditions.push_back(
      {unknown == 0 ? std::string("Of every act a source says whether it was submitted")
                    : fmt::format("Of every act a source says whether it was submitted (of {} none does)", unknown),
       unknown == 0});
  finding.tables.push_back(std::move(ledger));
  if (!without.rows.empty()) finding.tables.push_back(std::move(without));
  if (!decisions.rows.empty()) finding.tables.push_back(std::move(decisions));
  finding.does_not_show = {"That an act had to be put to the membership, or that it was lawful or not.",
                           "Acts that nobody has put into the ledger."};
  return finding;
}

}  // namespace cotejo
