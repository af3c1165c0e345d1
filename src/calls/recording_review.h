// A recording beside what the live call understood of it: how far the words agree, and what only the recording has.
// Pure.
#pragma once

#include "domain/alert.h"
#include "domain/call.h"
#include "domain/concepts.h"
#include "domain/patient.h"
#include "domain/transcript.h"
#include "domain/understanding.h"
#include "speech/recorded_speech.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace carevoice::calls {

/// What is known of the call that was recorded.
struct RecordedCall {
    domain::Call call;
    domain::Patient patient;
    std::vector<domain::Turn> turns;
    std::vector<domain::Alert> alerts;
    WallTime recording_began{};
};

struct RecordingReview {
    std::size_t words = 0;            ///< of the patient, in the recording
    std::optional<double> agreement;  ///< of those with the live transcript, 0 to 1; nullopt: neither has any
    /// Found by the same reader as in the call, in words that the call did not hear; new, or graver than the call's
    /// alert of that type. At most one per type, marked as from the recording.
    std::vector<domain::RaisedAlert> findings;
};

/// `second_reader` may be nullptr. Takes as long as the readers take: milliseconds an utterance.
RecordingReview review_recording(const domain::ClinicalReader& reader, const domain::SecondReader* second_reader,
                                 const RecordedCall& recorded, const std::vector<speech::RecordedUtterance>& heard);

/// True when the channel holds the assistant's words rather than the patient's.
bool is_assistants_channel(const RecordedCall& recorded, const std::vector<speech::RecordedUtterance>& heard);

}  // namespace carevoice::calls
