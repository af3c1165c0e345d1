// Who speaks: the patient, a caregiver whom the patient named to the hospital, or somebody who must hear nothing.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/identity.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::dialogue {
namespace {

/// To walk to another room and back with somebody who was operated on.
constexpr milliseconds fetching_patience{30000};

}  // namespace

bool Conversation::caregiver_may_answer() const {
    // Whether they want these calls is for the patients themselves to say.
    return context_.call_type != CallType::enrollment && context_.patient->caregiver &&
           context_.patient->caregiver->authorised;
}

void Conversation::hear_who(const std::string& text) {
    const auto person = hear_identity(text, *context_.patient);
    if (person.self && !person.introduced) state_.caregiver_claims = false;
    if (person.other_person) state_.caregiver_claims = caregiver_may_answer();
    // What a stranger knows about the patient is no proof of anything.
    if (person.other_person && !state_.caregiver_claims) return;
    const bool digits = state_.digits_asked && hear_last_digits(text, context_.patient->phone);
    state_.name_heard = state_.name_heard || person.name;
    state_.date_heard = state_.date_heard || person.date_of_birth == DateHeard::matching || digits;
    state_.caregiver_named = state_.caregiver_named || (state_.caregiver_claims && person.caregiver_name);
    const bool known = !state_.caregiver_claims || state_.caregiver_named;
    state_.identity_verified = state_.name_heard && state_.date_heard && known;
    state_.by_caregiver = state_.identity_verified && state_.caregiver_claims;
}

void Conversation::take_other_person(bool absent) {
    if (state_.caregiver_claims) return ask_identity();
    if (absent || state_.fetch_asked) {
        speech_.say("other_person");
        return end(CallOutcome::call_later);
    }
    state_.fetch_asked = true;
    patience_ = fetching_patience;
    speech_.say("fetch_patient");
}

bool Conversation::wait_for_patient(std::string_view padded) {
    constexpr int waits_max = 2;
    if (!state_.fetch_asked || state_.name_heard || state_.repeats >= waits_max) return false;
    const auto says = [&](std::string_view phrase) { return has_phrase(padded, phrase); };
    constexpr std::array<std::string_view, 11> phrases{"hold on", "hang on", "moment", "second", "minute",  "get her",
                                                       "get him", "okay",    "sure",   "just a", "here she"};
    if (std::ranges::none_of(phrases, says)) return false;
    ++state_.repeats;
    patience_ = fetching_patience;
    speech_.say("waiting");
    return true;
}

bool Conversation::take_over_by_other(const std::string& text) {
    if (state_.by_caregiver || !hear_identity(text, *context_.patient).introduced) return false;
    if (caregiver_may_answer()) {
        // The patient, whom we know by now, handed over the phone.
        state_.by_caregiver = true;
        put("answered_by", std::string("caregiver"));
        return false;
    }
    const auto* topic = current();
    if (topic != nullptr)
        set_state(topic->name, state_.asked[topic->name] < topic->asks ? TopicState::pending : TopicState::unclear);
    speech_.clear();
    state_.identity_verified = false;
    state_.name_heard = false;
    state_.date_heard = false;
    state_.read_back.clear();
    if (state_.fetch_asked || state_.asked["identity"] >= asks_max) {
        speech_.say("other_person");
        end(CallOutcome::partial);
        return true;
    }
    state_.fetch_asked = true;
    state_.phase = DialoguePhase::identity;
    state_.topic = "identity";
    patience_ = fetching_patience;
    speech_.say("hand_back");
    return true;
}

}  // namespace carevoice::domain::dialogue
