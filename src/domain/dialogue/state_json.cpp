// DialogueState as JSON: stored after each turn and read by whichever instance takes the next one.
#include "domain/dialogue.h"
#include "domain/json_check.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace carevoice::domain {
namespace {

namespace json = boost::json;
using data::DataFault;
using data::Entry;

json::array to_array(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts) out.emplace_back(text);
    return out;
}

json::array to_array(const std::vector<std::uint32_t>& numbers) {
    json::array out;
    for (const auto number : numbers) out.emplace_back(static_cast<std::int64_t>(number));
    return out;
}

json::value to_value(const FactValue& fact) {
    if (const auto* flag = std::get_if<bool>(&fact)) return *flag;
    if (const auto* number = std::get_if<double>(&fact)) return *number;
    if (const auto* text = std::get_if<std::string>(&fact)) return json::value(*text);
    return to_array(std::get<std::vector<std::string>>(fact));
}

FactValue fact_from(const json::value& value, const Entry& entry) {
    if (value.is_bool()) return value.get_bool();
    if (value.is_number()) return value.to_number<double>();
    if (value.is_string()) return std::string(value.get_string());
    if (!value.is_array()) entry.fail("holds a fact of no known kind");
    std::vector<std::string> texts;
    for (const auto& text : value.get_array()) {
        if (!text.is_string()) entry.fail("holds a list of other things than texts");
        texts.emplace_back(text.get_string());
    }
    return texts;
}

DialoguePhase phase_from(std::string_view text, const Entry& entry) {
    for (const auto phase : {DialoguePhase::opening, DialoguePhase::identity, DialoguePhase::consent,
                             DialoguePhase::questions, DialoguePhase::closing, DialoguePhase::ended})
        if (to_string(phase) == text) return phase;
    entry.fail("phase is unknown");
}

int count(Entry& entry, std::string_view name) {
    return static_cast<int>(entry.number_or(name, 0, 0, 1000000));
}

void read_topics(Entry& entry, DialogueState& state) {
    for (auto& topic : entry.entries_or_none("topics")) {
        const auto progress = parse_topic_state(topic.text("state"));
        if (!progress) topic.fail("state is unknown");
        state.topics.push_back({topic.text("topic"), *progress});
        topic.finish();
    }
}

void read_maps(Entry& entry, DialogueState& state) {
    if (const auto asked = entry.entry_or_none("asked"))
        for (const auto& member : asked->object()) {
            if (!member.value().is_int64()) asked->fail("must hold numbers only");
            state.asked[std::string(member.key())] = static_cast<int>(member.value().get_int64());
        }
    if (const auto facts = entry.entry_or_none("facts"))
        for (const auto& member : facts->object())
            state.facts[std::string(member.key())] = fact_from(member.value(), *facts);
    if (const auto raised = entry.entry_or_none("raised"))
        for (const auto& member : raised->object()) {
            if (!member.value().is_string()) raised->fail("must hold texts only");
            state.raised[std::string(member.key())] = std::string(member.value().get_string());
        }
}

void read_said(Entry& entry, DialogueState& state) {
    for (const auto number : entry.numbers_or_none("said", 0, 0xFFFFFFFFLL))
        state.said.push_back(static_cast<std::uint32_t>(number));
}

DialogueState read_state(Entry entry) {
    DialogueState state;
    state.phase = phase_from(entry.text("phase"), entry);
    state.topic = entry.text_or("topic", "");
    state.topic_before = entry.text_or("topic_before", "");
    state.attempts = count(entry, "attempts");
    state.silences = count(entry, "silences");
    state.unclear_in_a_row = count(entry, "unclear_in_a_row");
    state.identity_verified = entry.flag_or("identity_verified", false);
    read_topics(entry, state);
    read_maps(entry, state);
    state.read_back = entry.text_or("read_back", "");
    state.emergency_spoken = entry.flag_or("emergency_spoken", false);
    state.nurse_call_promised = entry.flag_or("nurse_call_promised", false);
    const auto outcome = parse_call_outcome(entry.text_or("outcome", "none"));
    if (!outcome) entry.fail("outcome is unknown");
    state.outcome = *outcome;
    state.wording_seed = static_cast<std::uint32_t>(entry.number_or("wording_seed", 0, 0, 0xFFFFFFFFLL));
    state.wordings_used = entry.texts_or_none("wordings_used");
    read_said(entry, state);
    state.last_spoken = entry.text_or("last_spoken", "");
    state.name_heard = entry.flag_or("name_heard", false);
    state.date_heard = entry.flag_or("date_heard", false);
    state.digits_asked = entry.flag_or("digits_asked", false);
    state.fetch_asked = entry.flag_or("fetch_asked", false);
    state.caregiver_claims = entry.flag_or("caregiver_claims", false);
    state.caregiver_named = entry.flag_or("caregiver_named", false);
    state.by_caregiver = entry.flag_or("by_caregiver", false);
    state.keys_heard = entry.text_or("keys_heard", "");
    state.minimised = entry.flag_or("minimised", false);
    state.troubles = entry.texts_or_none("troubles");
    state.machine = entry.flag_or("machine", false);
    state.slower = entry.flag_or("slower", false);
    state.repeats = count(entry, "repeats");
    state.events = count(entry, "events");
    state.told = entry.texts_or_none("told");
    (void)entry.texts_or_none("points_heard");  // of an earlier release
    state.checking = entry.text_or("checking", "");
    state.checked_answer = entry.flag_or("checked_answer", false);
    entry.finish();
    return state;
}

}  // namespace

std::string to_json(const DialogueState& state) {
    json::array topics;
    for (const auto& progress : state.topics)
        topics.push_back(json::object{{"topic", progress.topic}, {"state", to_string(progress.state)}});
    json::object asked;
    for (const auto& [topic, times] : state.asked) asked[topic] = times;
    json::object facts;
    for (const auto& [name, value] : state.facts) facts[name] = to_value(value);
    json::object raised;
    for (const auto& [type, severity] : state.raised) raised[type] = severity;
    const json::object out{{"phase", to_string(state.phase)},
                           {"topic", state.topic},
                           {"topic_before", state.topic_before},
                           {"attempts", state.attempts},
                           {"silences", state.silences},
                           {"unclear_in_a_row", state.unclear_in_a_row},
                           {"identity_verified", state.identity_verified},
                           {"asked", std::move(asked)},
                           {"topics", std::move(topics)},
                           {"facts", std::move(facts)},
                           {"read_back", state.read_back},
                           {"emergency_spoken", state.emergency_spoken},
                           {"nurse_call_promised", state.nurse_call_promised},
                           {"outcome", to_string(state.outcome)},
                           {"wording_seed", static_cast<std::int64_t>(state.wording_seed)},
                           {"wordings_used", to_array(state.wordings_used)},
                           {"said", to_array(state.said)},
                           {"last_spoken", state.last_spoken},
                           {"name_heard", state.name_heard},
                           {"date_heard", state.date_heard},
                           {"digits_asked", state.digits_asked},
                           {"fetch_asked", state.fetch_asked},
                           {"caregiver_claims", state.caregiver_claims},
                           {"caregiver_named", state.caregiver_named},
                           {"by_caregiver", state.by_caregiver},
                           {"keys_heard", state.keys_heard},
                           {"minimised", state.minimised},
                           {"troubles", to_array(state.troubles)},
                           {"machine", state.machine},
                           {"slower", state.slower},
                           {"repeats", state.repeats},
                           {"events", state.events},
                           {"raised", std::move(raised)},
                           {"told", to_array(state.told)},
                           {"checking", state.checking},
                           {"checked_answer", state.checked_answer}};
    return json::serialize(out);
}

Result<DialogueState> dialogue_state_from_json(std::string_view text) {
    try {
        json::value storage;
        return read_state(Entry(data::parse_document("dialogue state", text, storage), "dialogue state"));
    } catch (const DataFault& fault) {
        return Error{.code = Errc::corrupt, .detail = fault.what()};
    }
}

}  // namespace carevoice::domain
