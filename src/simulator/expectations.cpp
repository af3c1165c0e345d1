#include "simulator/expectations.h"

#include "core/text.h"
#include "simulator/voice_cache.h"
#include "simulator/words.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

using Broken = std::vector<std::string>;

std::string text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::array* list_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

bool holds(const std::vector<std::string>& texts, const std::string& text) {
    return std::ranges::find(texts, text) != texts.end();
}

const json::object& clinical_data(const CallEvidence& evidence) {
    static const json::object none;
    const auto* value = evidence.status.if_contains("clinical_data");
    const auto* object = value != nullptr ? value->if_object() : nullptr;
    return object != nullptr ? *object : none;
}

/// Flat spellings of nested facts are as good: "caregiver": {"name"} may be stored as "caregiver_name".
const json::value* find_fact(const json::object& data, const std::string& name, const std::string& outer) {
    if (const auto* value = data.if_contains(name)) return value;
    if (outer.empty()) return nullptr;
    if (const auto* inner = data.if_contains(outer); inner != nullptr && inner->is_object())
        if (const auto* value = inner->as_object().if_contains(name)) return value;
    std::string flat = outer;
    flat.append("_").append(name);
    return data.if_contains(flat);
}

void check_data(const json::object& wanted, const json::object& data, const std::string& outer, Broken& broken) {
    for (const auto& [key, value] : wanted) {
        const std::string name(key);
        if (value.is_object()) {
            check_data(value.as_object(), data, name, broken);
            continue;
        }
        const auto* actual = find_fact(data, name, outer);
        if (fact_matches(value, actual)) continue;
        std::string place = outer;
        if (!place.empty()) place += '.';
        broken.push_back("fact " + place + name + ": wanted " + json::serialize(value) + ", stored " +
                         (actual != nullptr ? json::serialize(*actual) : "nothing"));
    }
}

void check_outcome(const Expectations& expect, const CallEvidence& evidence, Broken& broken) {
    const auto outcome = text_at(evidence.status, "outcome");
    if (outcome != expect.outcome)
        broken.push_back("outcome: wanted " + expect.outcome + ", got " + (outcome.empty() ? "none" : outcome));
    const auto* verified = clinical_data(evidence).if_contains("identity_verified");
    const bool is_verified = verified != nullptr && verified->is_bool() && verified->as_bool();
    if (is_verified != expect.identity_verified)
        broken.push_back(expect.identity_verified ? "identity was not verified" : "identity counts as verified");
}

std::vector<std::string> channels_of(const json::object& alert) {
    std::vector<std::string> channels;
    const auto* list = list_at(alert, "channels");
    if (list == nullptr) return channels;
    for (const auto& entry : *list) {
        if (const auto* name = entry.if_string()) channels.emplace_back(name->begin(), name->end());
        if (const auto* object = entry.if_object()) channels.push_back(text_at(*object, "channel"));
    }
    return channels;
}

struct RaisedAlert {
    std::string type;
    std::string severity;
    std::vector<std::string> channels;
};

int rank(const std::string& severity) {
    static constexpr std::array<std::string_view, 5> ranks{"low", "moderate", "high", "urgent", "critical"};
    return static_cast<int>(std::ranges::find(ranks, severity) - ranks.begin());
}

std::vector<RaisedAlert> raised_alerts(const CallEvidence& evidence) {
    std::vector<RaisedAlert> raised;
    if (const auto* list = list_at(evidence.status, "alerts"))
        for (const auto& entry : *list)
            if (const auto* alert = entry.if_object())
                raised.push_back({text_at(*alert, "type"), text_at(*alert, "severity"), channels_of(*alert)});
    return raised;
}

void check_expected_alert(const ExpectedAlert& wanted, const std::vector<RaisedAlert>& raised, bool check_channels,
                          Broken& broken) {
    // Several rules may raise one type; the highest is what the team sees.
    const RaisedAlert* highest = nullptr;
    for (const auto& alert : raised)
        if (alert.type == wanted.type && (highest == nullptr || rank(alert.severity) > rank(highest->severity)))
            highest = &alert;
    if (highest == nullptr) {
        broken.push_back("alert " + wanted.type + " is missing");
        return;
    }
    if (!holds(wanted.accept, highest->severity))
        broken.push_back("alert " + wanted.type + ": wanted " + wanted.severity + ", got " + highest->severity);
    if (!check_channels || highest->severity != wanted.severity) return;
    for (const auto& channel : wanted.channels)
        if (!holds(highest->channels, channel)) broken.push_back("alert " + wanted.type + " did not go to " + channel);
}

void check_alerts(const Expectations& expect, const CallEvidence& evidence, bool check_channels, Broken& broken) {
    const auto raised = raised_alerts(evidence);
    for (const auto& wanted : expect.alerts) check_expected_alert(wanted, raised, check_channels, broken);
    std::set<std::string> reported;
    for (const auto& alert : raised) {
        const auto same = [&](const ExpectedAlert& wanted) { return wanted.type == alert.type; };
        const bool wanted = std::ranges::any_of(expect.alerts, same) || holds(expect.optional_alerts, alert.type);
        if (!wanted && reported.insert(alert.type).second)
            broken.push_back("false alarm: " + alert.type + " (" + alert.severity + ")");
    }
}

void check_wording(const Scenario& scenario, const CallEvidence& evidence, Broken& broken) {
    std::string all;
    std::string before_identity;
    bool identified = false;
    for (const auto& piece : evidence.conversation) {
        if (!piece.by_voice) identified = identified || piece.topic == "identity";
        if (!piece.by_voice) continue;
        all += piece.text + '\n';
        if (!identified || !scenario.expect.identity_verified) before_identity += piece.text + '\n';
    }
    // A message that was left before the beep was not left.
    std::string heard = all;
    if (scenario.behaviour.answered_by == WhoAnswers::machine) {
        heard.clear();
        for (const auto& piece : evidence.recorded) heard += piece + '\n';
    }
    for (const auto& any : scenario.expect.must_say) {
        const auto said = [&](const std::string& piece) { return contains_phrase(heard, piece); };
        if (!std::ranges::any_of(any, said)) broken.push_back("never said: " + (any.empty() ? "" : any.front()));
    }
    for (const auto& piece : scenario.expect.must_not_say)
        if (contains_phrase(all, piece)) broken.push_back("must not say: " + piece);
    for (const auto& piece : scenario.expect.must_not_say_before_identity)
        if (contains_phrase(before_identity, piece)) broken.push_back("said before identity: " + piece);
}

void check_questions(const Expectations& expect, const CallEvidence& evidence, Broken& broken) {
    std::set<std::string> asked;
    if (const auto* topics = list_at(evidence.status, "topics"))
        for (const auto& entry : *topics)
            if (const auto* topic = entry.if_object()) {
                const auto state = text_at(*topic, "state");
                if (state != "pending" && state != "skipped") asked.insert(text_at(*topic, "topic"));
            }
    if (const auto* turns = list_at(evidence.transcript, "turns"))
        for (const auto& entry : *turns)
            if (const auto* turn = entry.if_object()) asked.insert(text_at(*turn, "topic"));
    for (const auto& piece : evidence.conversation)
        if (!piece.by_voice) asked.insert(piece.topic);
    for (const auto& topic : expect.must_ask)
        if (!asked.contains(topic) && !holds(expect.may_skip, topic)) broken.push_back("never asked: " + topic);
}

void check_hearing(const Scenario& scenario, const CallEvidence& evidence, double overlap_min, Broken& broken) {
    if (scenario.mumbles() || scenario.behaviour.answered_by == WhoAnswers::machine) return;
    for (const auto& piece : evidence.conversation) {
        if (piece.by_voice || !is_speakable(piece.text)) continue;
        const auto heard = find_heard(evidence.transcript, piece.text);
        if (heard.overlap >= overlap_min) continue;
        broken.push_back("not heard: \"" + piece.text + "\" (nearest: \"" + heard.text + "\")");
    }
}

std::vector<std::string> patient_turns(const json::object& transcript) {
    std::vector<std::string> turns;
    if (const auto* list = list_at(transcript, "turns"))
        for (const auto& entry : *list)
            if (const auto* turn = entry.if_object(); turn != nullptr && text_at(*turn, "speaker") == "patient")
                turns.push_back(text_at(*turn, "text"));
    return turns;
}

bool texts_match(std::string_view wanted, std::string_view actual) {
    return equals_ignoring_case(wanted, actual) || normal_words(wanted) == normal_words(actual);
}

bool list_matches(const json::array& wanted, const json::value* actual) {
    const auto* list = actual != nullptr ? actual->if_array() : nullptr;
    if (wanted.empty()) return actual == nullptr || actual->is_null() || (list != nullptr && list->empty());
    if (list == nullptr) return false;
    return std::ranges::all_of(wanted, [&](const json::value& entry) {
        return std::ranges::any_of(*list, [&](const json::value& stored) { return fact_matches(entry, &stored); });
    });
}

}  // namespace

bool fact_matches(const json::value& wanted, const json::value* actual) {
    if (wanted.is_null()) return actual == nullptr || actual->is_null();
    if (wanted.is_array()) return list_matches(wanted.as_array(), actual);
    if (actual == nullptr) return false;
    if (wanted.is_number())
        return actual->is_number() && std::abs(wanted.to_number<double>() - actual->to_number<double>()) <= 0.0501;
    if (wanted.is_string() && actual->is_string()) return texts_match(wanted.as_string(), actual->as_string());
    return wanted == *actual;
}

HeardWords find_heard(const json::object& transcript, const std::string& said) {
    HeardWords best;
    const auto turns = patient_turns(transcript);
    const auto consider = [&](std::string text, double better_by) {
        const double overlap = word_overlap(said, text);
        if (overlap > 0 && overlap >= best.overlap + better_by) best = {std::move(text), overlap};
    };
    // Of turns that fit alike, the latest: patients repeat themselves.
    for (const auto& turn : turns) consider(turn, 0);
    // A pause for breath may have cut one answer into two turns.
    for (std::size_t i = 0; i + 1 < turns.size(); ++i) consider(turns[i] + " " + turns[i + 1], 0.2);
    return best;
}

std::vector<std::string> check_expectations(const Scenario& scenario, const CallEvidence& evidence,
                                            const CheckOptions& options) {
    Broken broken;
    check_outcome(scenario.expect, evidence, broken);
    check_data(scenario.expect.data, clinical_data(evidence), "", broken);
    check_alerts(scenario.expect, evidence, options.channels, broken);
    check_wording(scenario, evidence, broken);
    check_questions(scenario.expect, evidence, broken);
    check_hearing(scenario, evidence, options.overlap_min, broken);
    return broken;
}

}  // namespace carevoice::simulator
