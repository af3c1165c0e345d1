// What an utterance is as an answer: yes or no, consent, a wish about the call, or no answer at all.
#pragma once

#include "domain/clinical/reading.h"
#include "domain/understanding.h"

#include <optional>

namespace carevoice::domain::clinical {

/// A leading (or closing) yes or no. "No, that's fine" is still a no here; consent() knows better.
std::optional<bool> yes_or_no(const Reading& reading);

/// Yes or no with nothing else of weight: "Yeah", "no sir", "yes, a little".
std::optional<bool> bare_answer(const Reading& reading);

/// The agreement to what was asked, for consent questions: only a clear yes is true. "No, that's fine" agrees.
std::optional<bool> agreement(const Reading& reading);

/// As agreement, but to an offer: "No, that's okay" declines it.
std::optional<bool> wants_call_back(const Reading& reading);

bool is_consent_question(std::string_view question);

Wish wish_of(const Reading& reading);

/// Whether the question asked still has no usable answer. `understood` holds what was read so far.
bool is_unclear(const Reading& reading, const Understanding& understood, bool finding_beside_no_answer);

}  // namespace carevoice::domain::clinical
