// What somebody wishes at enrollment: hours, days, voicemail, a caregiver, a language.
#pragma once

#include "domain/fact.h"

#include <optional>
#include <string_view>

namespace carevoice::domain::dialogue {

/// The facts in an answer to the enrollment topic `topic` (preferred_time, voicemail_ok, caregiver, language): an empty
/// set when there is none to keep ("no caregiver"), nullopt when the answer was not understood or the topic is another.
/// Times are "09:00", days "Sunday", languages ISO 639-1.
std::optional<Facts> hear_preference(std::string_view topic, std::string_view text, std::optional<bool> yes_no);

}  // namespace carevoice::domain::dialogue
