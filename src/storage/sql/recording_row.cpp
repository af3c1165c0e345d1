#include "storage/sql/recording_row.h"

#include "storage/sql/row_text.h"

#include <algorithm>
#include <array>
#include <limits>

namespace carevoice::storage {

namespace {

constexpr std::array<std::string_view, 10> state_names = {
    "asked", "running", "refused", "absent", "to_fetch", "to_transcribe", "kept", "failed", "to_delete", "deleted"};

std::optional<int> count(long long stored) {
    if (stored < 0 || stored > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(stored);
}

}  // namespace

std::string_view to_string(RecordingState state) noexcept {
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<RecordingState> parse_recording_state(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(state_names, text);
    if (found == state_names.end()) return std::nullopt;
    return static_cast<RecordingState>(found - state_names.begin());
}

namespace sql {

Result<Recording> to_recording(const RecordingRow& row) {
    RowCheck check("recordings");
    Recording recording;
    recording.call_session_id = CallSessionId(row.call_session_id);
    recording.patient_id = PatientId(row.patient_id);
    recording.call_sid = CallSid(row.call_sid);
    recording.recording_sid = row.recording_sid;
    recording.state = check.take("state", parse_recording_state(row.state));
    recording.store_id = row.store_id;
    if (row.duration_seconds) recording.duration_seconds = check.take("duration_seconds", count(*row.duration_seconds));
    recording.words = row.words;
    recording.word_agreement = row.word_agreement;
    recording.asked_at = to_time(row.asked_at);
    recording.settled_at = to_time(row.settled_at);
    recording.attempts = check.take("attempts", count(row.attempts));
    recording.next_attempt_at = to_time(row.next_attempt_at);
    recording.last_error = row.last_error;
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return recording;
}

}  // namespace sql

}  // namespace carevoice::storage
