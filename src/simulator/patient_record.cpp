#include "simulator/patient_record.h"

#include <boost/json/array.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

/// Central Standard Time. One hour off in summer, which moves the day only between 23:00 and midnight there.
constexpr std::chrono::hours zone_offset{-6};

std::string text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace

json::object patient_record(const Scenario& scenario, const std::string& phone, WallTime now) {
    const auto today = std::chrono::floor<std::chrono::days>(now + zone_offset);
    const auto surgery = today - std::chrono::days{scenario.post_op_day};
    json::array medications;
    for (const auto& name : scenario.medications) medications.emplace_back(name);
    json::object record{{"patient_id", "sim-" + scenario.id},
                        {"first_name", scenario.persona.first_name},
                        {"last_name", scenario.persona.last_name},
                        {"date_of_birth", scenario.persona.date_of_birth},
                        {"phone", phone},
                        {"procedure", scenario.procedure},
                        {"procedure_family", scenario.procedure_family},
                        {"surgery_date", format_date(std::chrono::year_month_day{surgery})},
                        {"time_zone", "America/Chicago"},
                        {"language", "en"},
                        {"lives_alone", scenario.persona.lives_alone},
                        {"consents", {{"calls", true}, {"recording", false}, {"voicemail", true}}}};
    record["medications"] = std::move(medications);
    return record;
}

void take_voice_from_transcript(CallEvidence& evidence) {
    const auto* turns = evidence.transcript.if_contains("turns");
    if (turns == nullptr || !turns->is_array()) return;
    std::vector<SpokenPiece> conversation;
    for (const auto& entry : turns->as_array()) {
        const auto* turn = entry.if_object();
        if (turn == nullptr) continue;
        const bool by_voice = text_at(*turn, "speaker") == "assistant";
        // The patient's own words are judged as they were spoken, so only their place is taken from here.
        conversation.push_back({by_voice, by_voice ? text_at(*turn, "text") : "", text_at(*turn, "topic"), {}});
    }
    for (auto& piece : evidence.conversation)
        if (!piece.by_voice) conversation.push_back(std::move(piece));
    evidence.conversation = std::move(conversation);
}

}  // namespace carevoice::simulator
