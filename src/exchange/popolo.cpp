#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cotejo/exchange/roll_calls.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "roll_call_builder.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t largest_json = 64u << 20;

Error damaged(std::string_view file, std::string message, std::string place, std::string value = {}) {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = std::string(file),
          .column = std::move(place),
          .value = std::move(value)};
}

// A text or whole number as text; empty where there is none.
std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return std::to_string(found->get<std::int64_t>());
  return {};
}

// Popolo's options, and ours for what it has no word for.
constexpr std::pair<std::string_view, Ballot> options[] = {
    {"yes", Ballot::yes},
    {"no", Ballot::no},
    {"abstain", Ballot::abstain},
    {"absent", Ballot::absent},
    {"not voting", Ballot::present},
    {"paired", Ballot::present},
    {"paired-yes", Ballot::paired_yes},
    {"paired-no", Ballot::paired_no},
    {"not-recorded", Ballot::not_recorded},
    {"not-member", Ballot::not_member},
};

std::string_view option_of(Ballot ballot) {
  for (const auto& [name, value] : options)
    if (value == ballot) return name;
  return "not-recorded";
}

const nlohmann::json* array_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

void read_counts(const nlohmann::json& event, Totals& totals) {
  const auto* counts = array_of(event, "counts");
  if (!counts) return;
  for (const auto& count : *counts) {
    if (!count.is_object() || !count.contains("value") || !count["value"].is_number_integer()) continue;
    const auto value = count["value"].get<std::int64_t>();
    const auto option = text_at(count, "option");
    if (option == "yes") totals.yes = value;
    if (option == "no") totals.no = value;
    if (option == "abstain") totals.abstain = value;
    if (option == "absent") totals.absent = value;
  }
}

}  // namespace

bool looks_like_popolo(std::string_view json) {
  return json.find("\"vote_events\"") != std::string_view::npos;
}

Result<Assembly> parse_popolo(std::string_view json, std::string_view file, const std::string& id,
                              const std::stop_token& cancel) {
  if (json.size() > largest_json) return damaged(file, fmt::format("more than {} bytes of JSON", largest_json), "");
  const auto document = parse_bounded(json, cancel);
  if (cancel.stop_requested()) return cancelled_error();
  if (document.is_discarded() || !document.is_object())
    return damaged(file, "this is no JSON object, or it is nested too deeply", "");
  const auto* events = array_of(document, "vote_events");
  if (!events) return damaged(file, "there is no array `vote_events`", "vote_events");
  std::map<std::string, std::string> names, kinds, motions, motion_texts;
  for (const char* key : {"organizations", "persons"})
    if (const auto* list = array_of(document, key))
      for (const auto& one : *list)
        if (one.is_object()) {
          names[text_at(one, "id")] = text_at(one, "name");
          const auto kind = text_at(one, "classification");
          kinds[text_at(one, "id")] = kind.empty() && key[0] == 'p' ? "person" : kind;
        }
  if (const auto* list = array_of(document, "motions"))
    for (const auto& one : *list)
      if (one.is_object()) {
        motions[text_at(one, "id")] = text_at(one, "identifier");
        motion_texts[text_at(one, "id")] = text_at(one, "text");
      }
  RollCallBuilder builder;
  std::int64_t lost = 0;
  for (std::size_t e = 0; e < events->size(); ++e) {
    const auto& event = (*events)[e];
    const std::string place = fmt::format("vote_events[{}]", e);
    if (cancel.stop_requested()) return cancelled_error();
    if (!event.is_object()) return damaged(file, "this is no object", place);
    RollCall roll_call;
    roll_call.id = text_at(event, "id");
    if (roll_call.id.empty()) roll_call.id = text_at(event, "identifier");
    if (roll_call.id.empty()) roll_call.id = std::to_string(e + 1);
    roll_call.organ = text_at(event, "organization_id");
    const auto motion = text_at(event, "motion_id");
    roll_call.document = text_at(event, "identifier");
    if (const auto found = motions.find(motion); roll_call.document.empty() && found != motions.end())
      roll_call.document = found->second;
    if (const auto found = motion_texts.find(motion); found != motion_texts.end()) roll_call.subject = found->second;
    if (const auto* embedded = event.contains("motion") && event["motion"].is_object() ? &event["motion"] : nullptr) {
      roll_call.subject = text_at(*embedded, "text");
      roll_call.rule_text = text_at(*embedded, "requirement");
    }
    if (auto date = text_at(event, "start_date"); !date.empty()) {
      const auto parsed = parse_date(std::string_view(date).substr(0, 10));
      if (!parsed)
        return Error{.code = ErrorCode::value_invalid,
                     .message = "expected a date such as 2020-10-21",
                     .file = std::string(file),
                     .column = place + ".start_date",
                     .value = date.substr(0, 60)};
      roll_call.date = *parsed;
    }
    read_counts(event, roll_call.reported);
    const auto result = text_at(event, "result");
    if (result == "pass" || result == "passed" || result == "adopted") roll_call.declared_adopted = true;
    if (result == "fail" || result == "failed" || result == "rejected") roll_call.declared_adopted = false;
    if (const auto* sources = array_of(event, "sources"); sources && !sources->empty() && (*sources)[0].is_object()) {
      roll_call.fact.source = text_at((*sources)[0], "url");
      if (roll_call.fact.source.empty()) roll_call.fact.source = text_at((*sources)[0], "note");
    }
    const auto own = event.find("cotejo");  // what Popolo has no place for
    if (own != event.end() && own->is_object()) {
      for (const auto& [mark, name] : names_of(Mark{}))
        if (text_at(*own, "mark") == name) roll_call.fact.mark = mark;
      if (own->contains("complete") && (*own)["complete"].is_boolean())
        roll_call.complete = (*own)["complete"].get<bool>();
      for (const auto& [method, name] : names_of(VotingMethod{}))
        if (text_at(*own, "method") == name) roll_call.method = method;
    }
    const auto* votes = array_of(event, "votes");
    const std::string name = roll_call.id;
    if (!votes || votes->empty()) {
      ++lost;
      continue;
    }
    COTEJO_CHECK(builder.add_roll_call(std::move(roll_call), file, static_cast<std::int64_t>(e + 1)));
    COTEJO_TRY(j, builder.roll_call(name, file, 0));
    for (std::size_t v = 0; v < votes->size(); ++v) {
      const auto& vote = (*votes)[v];
      const std::string at = fmt::format("{}.votes[{}]", place, v);
      if (!vote.is_object()) return damaged(file, "this is no object", at);
      auto voter = text_at(vote, "voter_id");
      std::string voter_name;
      if (const auto embedded = vote.find("voter"); embedded != vote.end() && embedded->is_object()) {
        if (voter.empty()) voter = text_at(*embedded, "id");
        voter_name = text_at(*embedded, "name");
      }
      if (voter.empty()) voter = voter_name;
      if (const auto found = names.find(voter); found != names.end() && voter_name.empty()) voter_name = found->second;
      if (voter.empty()) return damaged(file, "the vote has no voter", at);
      const auto option = text_at(vote, "option");
      const auto* known =
          std::find_if(std::begin(options), std::end(options), [&](const auto& o) { return o.first == option; });
      if (known == std::end(options))
        return Error{.code = ErrorCode::value_invalid,
                     .message = "this option is none of Popolo's",
                     .file = std::string(file),
                     .column = at + ".option",
                     .value = option.substr(0, 60),
                     .remedy = "Options: yes, no, abstain, absent, not voting, paired."};
      std::string group = text_at(vote, "group_id");
      COTEJO_TRY(i, builder.member(voter, voter_name, group, file, static_cast<std::int64_t>(v + 1)));
      COTEJO_CHECK(builder.vote(j, i, known->second, file, static_cast<std::int64_t>(v + 1)));
    }
  }
  COTEJO_TRY(made, builder.finish(Unlisted::not_recorded, file));
  for (auto& member : made.members)
    if (const auto found = kinds.find(member.id); found != kinds.end()) member.kind = found->second;
  made.id = AssemblyId{id};
  made.title = id;
  made.source = std::string(file);
  if (const auto own = document.find("cotejo"); own != document.end() && own->is_object()) {
    if (const auto title = text_at(*own, "title"); !title.empty()) made.title = title;
    if (const auto source = text_at(*own, "source"); !source.empty()) made.source = source;
    if (const auto* caveats = array_of(*own, "caveats"))
      for (const auto& caveat : *caveats)
        if (caveat.is_string() && made.caveats.size() < 50) made.caveats.push_back(caveat.get<std::string>());
  }
  if (lost) made.caveats.push_back(fmt::format("{} vote events without votes by name were left out.", lost));
  made.sha256 = made.content_hash();
  return made;
}

std::string popolo_json(const Assembly& a) {
  Json organizations = Json::array(), persons = Json::array(), memberships = Json::array(), events = Json::array();
  for (const auto& body : a.bodies)
    organizations.push_back({{"id", body.id}, {"name", body.name}, {"classification", "body"}});
  for (const auto& organ : a.organs) {
    Json one{{"id", organ.id}, {"name", organ.name}, {"classification", "organ"}};
    if (!organ.body.empty()) one["parent_id"] = organ.body;
    organizations.push_back(std::move(one));
  }
  for (const auto& member : a.members) {
    Json one{{"id", member.id}, {"name", member.name}};
    if (member.kind == "person") {
      persons.push_back(std::move(one));
      continue;
    }
    one["classification"] = member.kind;
    organizations.push_back(std::move(one));
  }
  for (const auto& event : a.events) {
    Json one{{"member_id", a.members[event.member].id},
             {"organization_id", event.body},
             {"role", "member"},
             {"cotejo", {{"event", to_text(event.kind)}, {"mark", to_text(event.fact.mark)}, {"text", event.text}}}};
    if (event.date) one[event.kind == EventKind::accession ? "start_date" : "end_date"] = to_text(event.date);
    if (event.effective) one["cotejo"]["effective"] = to_text(event.effective);
    if (!event.disputed_by.empty()) one["cotejo"]["disputed_by"] = event.disputed_by;
    if (!event.fact.source.empty()) one["sources"] = Json::array({{{"note", event.fact.source}}});
    memberships.push_back(std::move(one));
  }
  for (RollCallIndex j = 0; j < a.roll_calls.size(); ++j) {
    const RollCall& roll_call = a.roll_calls[j];
    Json one{{"id", roll_call.id}};
    if (!roll_call.document.empty()) one["identifier"] = roll_call.document;
    if (!roll_call.organ.empty()) one["organization_id"] = roll_call.organ;
    if (roll_call.date) one["start_date"] = to_text(roll_call.date);
    if (!roll_call.subject.empty() || !roll_call.rule_text.empty()) {
      one["motion"] = {{"text", roll_call.subject}};
      if (!roll_call.rule_text.empty()) one["motion"]["requirement"] = roll_call.rule_text;
    }
    if (roll_call.declared_adopted) one["result"] = *roll_call.declared_adopted ? "pass" : "fail";
    Json counts = Json::array();
    const auto count = [&](const char* option, const std::optional<std::int64_t>& value) {
      if (value) counts.push_back({{"option", option}, {"value", *value}});
    };
    count("yes", roll_call.reported.yes);
    count("no", roll_call.reported.no);
    count("abstain", roll_call.reported.abstain);
    count("absent", roll_call.reported.absent);
    if (!counts.empty()) one["counts"] = std::move(counts);
    Json votes = Json::array();
    for (MemberIndex i = 0; i < a.members.size(); ++i) {
      Json vote{{"voter_id", a.members[i].id}, {"option", option_of(a.ballot(j, i))}};
      if (!a.members[i].group.empty()) vote["group_id"] = a.members[i].group;
      for (const auto& used : roll_call.credentials)
        if (used.member == i) vote["role"] = used.credential;
      for (const auto& marked : roll_call.marks)
        if (marked.member == i) vote["cotejo"] = {{"mark", to_text(marked.mark)}};
      votes.push_back(std::move(vote));
    }
    one["votes"] = std::move(votes);
    if (!roll_call.fact.source.empty()) one["sources"] = Json::array({{{"note", roll_call.fact.source}}});
    Json own{{"mark", to_text(roll_call.fact.mark)},
             {"complete", roll_call.complete},
             {"method", to_text(roll_call.method)}};
    for (const auto& version : roll_call.versions) {
      Json changes = Json::object();
      for (const auto& change : version.changes) changes[a.members[change.member].id] = to_text(change.ballot);
      own["versions"].push_back(
          {{"id", version.id}, {"text", version.text}, {"changes", changes}, {"source", version.fact.source}});
    }
    one["cotejo"] = std::move(own);
    events.push_back(std::move(one));
  }
  const Json document{{"cotejo",
                       {{"schema", "cotejo.popolo/1"},
                        {"id", a.id.text},
                        {"title", a.title},
                        {"source", a.source},
                        {"caveats", a.caveats}}},
                      {"organizations", std::move(organizations)},
                      {"persons", std::move(persons)},
                      {"memberships", std::move(memberships)},
                      {"vote_events", std::move(events)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cotejo
