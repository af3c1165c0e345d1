// What somebody wishes at enrollment: hours, days, voicemail, a caregiver, a language.
#pragma once

#include "domain/fact.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::domain::dialogue {

/// The facts in an answer to the enrollment topic `topic` (preferred_time, voicemail_ok, caregiver, caregiver_name,
/// caregiver_phone, caregiver_permission, language); nullopt when the answer was not understood or the topic is
/// another. Times are "09:00", days "Sunday", languages ISO 639-1, phone numbers as they were said ("555-0142").
std::optional<Facts> hear_preference(std::string_view topic, std::string_view text, std::optional<bool> yes_no);

/// What somebody may mention at any enrollment question: hearing_difficulty, preferred_way ("text message", "e-mail",
/// "letter") and, outside of the questions about a caregiver, best_phone. Empty when nothing of it was said.
Facts hear_asides(std::string_view topic, std::string_view text);

/// What of the earlier answers these words correct ("no, afternoons, and don't leave messages"): the facts of
/// hear_preference, and consent_recording. Empty when they correct nothing.
Facts hear_corrections(std::string_view text, std::optional<bool> yes_no);

/// "es" -> "Spanish"; the code itself when it is not known.
std::string language_name(std::string_view code);

}  // namespace carevoice::domain::dialogue
