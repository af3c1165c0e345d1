// How a recording lies in the database.
#pragma once

#include "core/error.h"
#include "storage/recordings.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::storage::sql {

struct RecordingRow {
    static constexpr std::string_view table = "recordings";

    std::string call_session_id;
    std::string patient_id;
    std::string call_sid;
    std::string recording_sid;
    std::string state;
    std::string store_id;
    std::optional<long long> duration_seconds;
    long long words = 0;
    std::optional<double> word_agreement;
    long long asked_at = 0;
    std::optional<long long> settled_at;
    long long attempts = 0;
    long long next_attempt_at = 0;
    std::string leased_by;
    std::string last_error;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("patient_id", row.patient_id);
        visit("call_sid", row.call_sid);
        visit("recording_sid", row.recording_sid);
        visit("state", row.state);
        visit("store_id", row.store_id);
        visit("duration_seconds", row.duration_seconds);
        visit("words", row.words);
        visit("word_agreement", row.word_agreement);
        visit("asked_at", row.asked_at);
        visit("settled_at", row.settled_at);
        visit("attempts", row.attempts);
        visit("next_attempt_at", row.next_attempt_at);
        visit("leased_by", row.leased_by);
        visit("last_error", row.last_error);
    }
};

/// corrupt when a column breaks its rule.
Result<Recording> to_recording(const RecordingRow& row);

}  // namespace carevoice::storage::sql
