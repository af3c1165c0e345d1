#include "domain/call.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::domain {
namespace {

template <class Enum>
using Name = std::pair<Enum, std::string_view>;

constexpr std::array<Name<CallType>, 3> call_types{
    {{CallType::followup, "followup"}, {CallType::enrollment, "enrollment"}, {CallType::education, "education"}}};

constexpr std::array<Name<CallMode>, 3> call_modes{
    {{CallMode::updates, "updates"}, {CallMode::stream, "stream"}, {CallMode::gather, "gather"}}};

constexpr std::array<Name<CallStatus>, 11> call_statuses{{{CallStatus::scheduled, "scheduled"},
                                                          {CallStatus::unknown, "unknown"},
                                                          {CallStatus::queued, "queued"},
                                                          {CallStatus::initiated, "initiated"},
                                                          {CallStatus::ringing, "ringing"},
                                                          {CallStatus::in_progress, "in-progress"},
                                                          {CallStatus::completed, "completed"},
                                                          {CallStatus::busy, "busy"},
                                                          {CallStatus::no_answer, "no-answer"},
                                                          {CallStatus::failed, "failed"},
                                                          {CallStatus::canceled, "canceled"}}};

constexpr std::array<Name<CallOutcome>, 11> call_outcomes{{{CallOutcome::none, "none"},
                                                           {CallOutcome::completed, "completed"},
                                                           {CallOutcome::partial, "partial"},
                                                           {CallOutcome::escalated, "escalated"},
                                                           {CallOutcome::wrong_person, "wrong_person"},
                                                           {CallOutcome::voicemail, "voicemail"},
                                                           {CallOutcome::refused, "refused"},
                                                           {CallOutcome::call_later, "call_later"},
                                                           {CallOutcome::dropped, "dropped"},
                                                           {CallOutcome::no_answer, "no_answer"},
                                                           {CallOutcome::failed, "failed"}}};

constexpr std::array<Name<AnsweredBy>, 4> answerers{{{AnsweredBy::human, "human"},
                                                     {AnsweredBy::machine, "machine"},
                                                     {AnsweredBy::fax, "fax"},
                                                     {AnsweredBy::unknown, "unknown"}}};

constexpr std::array<Name<TopicState>, 6> topic_states{{{TopicState::pending, "pending"},
                                                        {TopicState::asked, "asked"},
                                                        {TopicState::answered, "answered"},
                                                        {TopicState::unclear, "unclear"},
                                                        {TopicState::declined, "declined"},
                                                        {TopicState::skipped, "skipped"}}};

template <class Enum, std::size_t size>
std::string_view name_of(const std::array<Name<Enum>, size>& names, Enum value) noexcept {
    const auto* found = std::ranges::find(names, value, &Name<Enum>::first);
    return found == names.end() ? std::string_view("?") : found->second;
}

template <class Enum, std::size_t size>
std::optional<Enum> value_of(const std::array<Name<Enum>, size>& names, std::string_view text) noexcept {
    const auto* found = std::ranges::find(names, text, &Name<Enum>::second);
    if (found == names.end()) return std::nullopt;
    return found->first;
}

/// How far along a status is; all final ones are equally far.
int progress(CallStatus status) noexcept {
    return is_final(status) ? static_cast<int>(CallStatus::completed) : static_cast<int>(status);
}

}  // namespace

std::string_view to_string(CallType type) noexcept {
    return name_of(call_types, type);
}
std::string_view to_string(CallMode mode) noexcept {
    return name_of(call_modes, mode);
}
std::string_view to_string(CallStatus status) noexcept {
    return name_of(call_statuses, status);
}
std::string_view to_string(CallOutcome outcome) noexcept {
    return name_of(call_outcomes, outcome);
}
std::string_view to_string(AnsweredBy who) noexcept {
    return name_of(answerers, who);
}
std::string_view to_string(TopicState state) noexcept {
    return name_of(topic_states, state);
}

std::optional<CallType> parse_call_type(std::string_view text) noexcept {
    return value_of(call_types, text);
}
std::optional<CallMode> parse_call_mode(std::string_view text) noexcept {
    return value_of(call_modes, text);
}

std::optional<CallStatus> parse_call_status(std::string_view text) noexcept {
    if (text == "answered") return CallStatus::in_progress;
    if (text == "cancelled") return CallStatus::canceled;
    return value_of(call_statuses, text);
}

std::optional<CallOutcome> parse_call_outcome(std::string_view text) noexcept {
    return value_of(call_outcomes, text);
}

AnsweredBy parse_answered_by(std::string_view text) noexcept {
    for (const auto& [who, name] : answerers)
        if (text.size() >= name.size() && equals_ignoring_case(text.substr(0, name.size()), name)) return who;
    return AnsweredBy::unknown;
}

std::optional<TopicState> parse_topic_state(std::string_view text) noexcept {
    return value_of(topic_states, text);
}

bool is_final(CallStatus status) noexcept {
    return status >= CallStatus::completed;
}

CallStatus advance(CallStatus current, CallStatus reported) noexcept {
    return progress(reported) > progress(current) ? reported : current;
}

std::optional<std::int64_t> duration_seconds(const Call& call) {
    if (!call.answered_at || !call.ended_at) return std::nullopt;
    const auto span = std::chrono::duration_cast<std::chrono::seconds>(*call.ended_at - *call.answered_at);
    return std::max<std::int64_t>(span.count(), 0);
}

}  // namespace carevoice::domain
